//! Counting, binning and interpolation: what sorting and searching make.

use super::{Part, binary, diff, select, unary};
use crate::build::{self, Build, Operand};
use crate::error::Problem;
use crate::graph::{SliceAxis, View};
use crate::ops::{ElementwiseOp::*, OrderOp, ReduceOp};
use crate::tensor::Scalar;
use crate::types::DType;

/// `arange(n)`, as a running sum of ones: no constant of `n` elements.
pub(super) fn iota<B: Build>(b: &mut B, n: usize) -> Result<B::Value, Problem> {
    let one = build::scalar(b, Scalar::I64(1))?;
    let ones = build::broadcast_to(b, &one, &[n])?;
    let counted = build::accumulate(b, Add, &ones, 0)?;
    binary(b, Subtract, &counted, 1)
}

/// The elements of a list from `start` on.
pub(super) fn piece<B: Build>(b: &mut B, list: &B::Value, start: usize, len: usize) -> Result<B::Value, Problem> {
    let slice = if len == 0 { SliceAxis::full(0) } else { SliceAxis { start, len, step: 1 } };
    build::view(b, list, View::Slice([slice].into_iter().collect()))
}

/// The size of a list, which an array of other axes is not.
pub(super) fn list<B: Build>(b: &B, x: &B::Value, what: &str) -> Result<usize, Problem> {
    match b.ty(x).shape[..] {
        [n] => Ok(n),
        ref shape => Err(Problem::Usage(format!("{what} is a list, no array of {} axes", shape.len()))),
    }
}

/// `bincount` of a list: how often each of the numbers below `length` is in it. Others are not counted.
pub fn bincount<B: Build>(b: &mut B, x: &B::Value, length: usize) -> Result<B::Value, Problem> {
    list(b, x, "what is counted")?;
    let dtype = b.ty(x).dtype;
    if !dtype.fits(DType::I64) {
        return Err(Problem::NoLoop { dtype });
    }
    let x = build::cast(b, x, DType::I64)?;
    let sorted = build::sort(b, OrderOp::Sort, &x, Some(0))?;
    let size = length.checked_add(1).ok_or_else(|| Problem::Usage(String::from("the length is too large")))?;
    let numbers = iota(b, size)?;
    let places = build::searchsorted(b, [&(&sorted).part(), &(&numbers).part()], false)?;
    diff(b, &places, 1, 0)
}

/// `digitize`: the number of the bin of each element, between increasing edges: 0 below the first one. An element on an edge
/// is in the bin above it, with `right` in the one below.
pub fn digitize<B: Build>(b: &mut B, x: &B::Value, edges: &B::Value, right: bool) -> Result<B::Value, Problem> {
    build::searchsorted(b, [&edges.part(), &x.part()], !right)
}

/// `histogram`: how many elements are in each bin between increasing edges, the last one included.
pub fn histogram<B: Build>(b: &mut B, x: &B::Value, edges: &B::Value) -> Result<B::Value, Problem> {
    let n = list(b, edges, "the edges")?;
    if n == 0 {
        return Err(Problem::Usage(String::from("there are no edges")));
    }
    let sorted = build::sort(b, OrderOp::Sort, x, None)?;
    let (inner, last) = (piece(b, edges, 0, n - 1)?, piece(b, edges, n - 1, 1)?);
    let left = build::searchsorted(b, [&(&sorted).part(), &(&inner).part()], false)?;
    let right = build::searchsorted(b, [&(&sorted).part(), &(&last).part()], true)?;
    let places = build::concat(b, &[(&left).part(), (&right).part()], 0)?;
    diff(b, &places, 1, 0)
}

/// `histogram_bin_edges`: the edges of equal bins over a range, of the data where none is given.
pub fn bin_edges<B: Build>(b: &mut B, x: &B::Value, bins: usize, range: Option<[f64; 2]>) -> Result<B::Value, Problem> {
    if bins == 0 {
        return Err(Problem::Usage(String::from("there are no bins")));
    }
    let dtype = b.ty(x).dtype.to_float();
    let (first, last) = match range {
        Some([first, last]) if !(first <= last && first.is_finite() && last.is_finite()) => {
            return Err(Problem::Usage(format!("{first} to {last} is no range")));
        }
        Some(range) => {
            let [first, last] = range.map(|x| Scalar::F64(x).cast(dtype));
            (build::scalar(b, first)?, build::scalar(b, last)?)
        }
        // Of nothing from 0 to 1.
        None if b.ty(x).is_empty() => (build::scalar(b, Scalar::zero(dtype))?, build::scalar(b, Scalar::one(dtype))?),
        None => {
            let (first, last) =
                (build::reduce(b, ReduceOp::Min, x, None, false)?, build::reduce(b, ReduceOp::Max, x, None, false)?);
            (build::cast(b, &first, dtype)?, build::cast(b, &last, dtype)?)
        }
    };
    // A range without width is one wide.
    let flat = binary(b, Equal, &first, &last)?;
    let half = select(b, &flat, 0.5, 0.0)?;
    let half = build::cast(b, &half, dtype)?;
    let (first, last) = (binary(b, Subtract, &first, &half)?, binary(b, Add, &last, &half)?);
    let width = binary(b, Subtract, &last, &first)?;
    let step = binary(b, Divide, &width, bins as f64)?;
    let number = iota(b, bins + 1)?;
    let end = binary(b, Equal, &number, bins as i64)?;
    let number = build::cast(b, &number, dtype)?;
    let way = binary(b, Multiply, &number, &step)?;
    let edges = binary(b, Add, &way, &first)?;
    select(b, &end, &last, &edges)
}

/// `interp`: a function of straight lines between the points `places`, increasing, and `values`, which may be complex; beyond
/// them `left` and `right`, without which the first and the last value. Of a function that repeats itself after a period the
/// points are in any order, and nothing is beyond them.
pub fn interp<B: Build>(
    b: &mut B,
    x: &B::Value,
    [places, values]: [&B::Value; 2],
    ends: [Option<&Operand<B::Value>>; 2],
    period: Option<f64>,
) -> Result<B::Value, Problem> {
    let n = list(b, places, "of the points each part")?;
    if list(b, values, "of the points each part")? != n {
        return Err(Problem::Broadcast);
    }
    if n == 0 {
        return Err(Problem::Usage(String::from("there are no points")));
    }
    if let Some(dtype) = [x, places].map(|value| b.ty(value).dtype).into_iter().find(|dtype| dtype.is_complex()) {
        return Err(Problem::NoLoop { dtype });
    }
    let (mut x, mut places) = (build::cast(b, x, DType::F64)?, build::cast(b, places, DType::F64)?);
    let complex = b.ty(values).dtype.is_complex();
    let mut values = build::cast(b, values, if complex { DType::C128 } else { DType::F64 })?;
    if let Some(period) = period {
        if period == 0.0 || period.is_nan() {
            return Err(Problem::Usage(String::from("the period is a number other than 0")));
        }
        let period = period.abs();
        x = binary(b, Remainder, &x, period)?;
        places = binary(b, Remainder, &places, period)?;
        let order = build::sort(b, OrderOp::Argsort, &places, Some(0))?;
        let around = |b: &mut B, list: &B::Value, by: f64| {
            let list = build::take(b, &[list.part(), (&order).part()], Some(0), false)?;
            let (mut last, mut first) = (piece(b, &list, n - 1, 1)?, piece(b, &list, 0, 1)?);
            if by > 0.0 {
                (last, first) = (binary(b, Subtract, &last, by)?, binary(b, Add, &first, by)?);
            }
            build::concat(b, &[last, list, first].map(Operand::Value), 0)
        };
        (places, values) = (around(b, &places, period)?, around(b, &values, 0.0)?);
        return interp(b, &x, [&places, &values], [None, None], None);
    }
    if !complex {
        return lines(b, &x, [&places, &values], ends);
    }
    let mut parts = Vec::with_capacity(2);
    for part in [super::complex::real::<B>, super::complex::imag::<B>] {
        let mut own = [None, None];
        for (own, end) in own.iter_mut().zip(ends) {
            if let Some(end) = end {
                let end = match end {
                    Operand::Weak(weak) => build::scalar(b, weak.to_scalar(DType::C128)?)?,
                    Operand::Value(end) => build::cast(b, end, DType::C128)?,
                };
                *own = Some(Operand::Value(part(b, &end)?));
            }
        }
        let values = part(b, &values)?;
        parts.push(lines(b, &x, [&places, &values], [own[0].as_ref(), own[1].as_ref()])?);
    }
    if n > 1 {
        // At NaN the imaginary part is 0.
        let nan = unary(b, Isnan, &x)?;
        parts[1] = select(b, &nan, 0.0, &parts[1])?;
    }
    binary(b, Complex, &parts[0], &parts[1])
}

/// The straight lines of [`interp`], all of `f64`.
fn lines<B: Build>(
    b: &mut B,
    x: &B::Value,
    [places, values]: [&B::Value; 2],
    [left, right]: [Option<&Operand<B::Value>>; 2],
) -> Result<B::Value, Problem> {
    let n = list(b, places, "of the points each part")?;
    let (x, places, values) = (x.clone(), places.clone(), values.clone());
    let after = build::searchsorted(b, [&(&places).part(), &(&x).part()], true)?;
    let at = binary(b, Subtract, &after, 1)?;
    // The last point ends the last line; a single point is a line of its own.
    let low = binary(b, Minimum, &at, n.saturating_sub(2) as i64)?;
    let low = binary(b, Maximum, &low, 0)?;
    let high = binary(b, Add, &low, 1)?;
    let high = binary(b, Minimum, &high, n as i64 - 1)?;
    let mut take = |from: &B::Value, at: &B::Value| build::take(b, &[from.part(), at.part()], Some(0), false);
    let (x0, x1, y0, y1) = (take(&places, &low)?, take(&places, &high)?, take(&values, &low)?, take(&values, &high)?);
    let (rise, run) = (binary(b, Subtract, &y1, &y0)?, binary(b, Subtract, &x1, &x0)?);
    let slope = binary(b, Divide, &rise, &run)?;
    let line = |b: &mut B, x0: &B::Value, y0: &B::Value| {
        let way = binary(b, Subtract, &x, x0)?;
        let climb = binary(b, Multiply, &slope, &way)?;
        binary(b, Add, &climb, y0)
    };
    let (from_low, from_high) = (line(b, &x0, &y0)?, line(b, &x1, &y1)?);
    let nan = unary(b, Isnan, &from_low)?;
    let mut result = select(b, &nan, &from_high, &from_low)?;
    let (nan, level) = (unary(b, Isnan, &result)?, binary(b, Equal, &y0, &y1)?);
    let level = binary(b, LogicalAnd, &nan, &level)?;
    result = select(b, &level, &y0, &result)?;
    // At a point its value, whatever the line is; NaN is at the only point, and elsewhere at none.
    for (point, value) in [(&x1, &y1), (&x0, &y0)] {
        let here = binary(b, Equal, &x, point)?;
        result = select(b, &here, value, &result)?;
    }
    let (first, last) = (piece(b, &places, 0, 1)?, piece(b, &places, n - 1, 1)?);
    let (bottom, top) = (piece(b, &values, 0, 1)?, piece(b, &values, n - 1, 1)?);
    let ends = [(Less, &first, left, &bottom), (Greater, &last, right, &top)];
    for (beyond, end, given, value) in ends {
        let end = build::view(b, end, View::Reshape(Default::default()))?;
        let value = build::view(b, value, View::Reshape(Default::default()))?;
        let outside = binary(b, beyond, &x, &end)?;
        let given = given.cloned().unwrap_or((&value).part());
        result = build::elementwise(b, Where, &[(&outside).part(), given, (&result).part()])?;
    }
    if n == 1 {
        return Ok(result);
    }
    let nan = unary(b, Isnan, &x)?;
    select(b, &nan, &x, &result)
}
