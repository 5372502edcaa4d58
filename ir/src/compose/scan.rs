//! Running sums and what is made of neighbours along an axis.

use super::{Part, binary, select, unary};
use crate::build::{self, Build, Operand, WeakScalar, normalise_axis};
use crate::error::Problem;
use crate::graph::{SliceAxis, View};
use crate::ops::{ElementwiseOp, ElementwiseOp::*, ReduceOp};
use crate::tensor::Scalar;
use crate::types::{DType, Shape};

/// `cumsum` and `cumprod`: an accumulation in a dtype; without an axis, of the flattened array.
pub fn cumulate<B: Build>(
    b: &mut B,
    op: ElementwiseOp,
    x: &B::Value,
    axis: Option<isize>,
    dtype: Option<DType>,
) -> Result<B::Value, Problem> {
    let x = build::cast(b, x, dtype.unwrap_or(b.ty(x).dtype))?;
    let (x, axis) = match axis {
        Some(axis) => (x, axis),
        None => (super::ravel(b, &x)?, 0),
    };
    let result = build::accumulate(b, op, &x, axis)?;
    let dtype = dtype.unwrap_or(b.ty(&result).dtype);
    build::cast(b, &result, dtype)
}

/// `nancumsum` and `nancumprod`: what is NaN adds nothing.
pub fn nancumulate<B: Build>(
    b: &mut B,
    op: ElementwiseOp,
    x: &B::Value,
    axis: Option<isize>,
    dtype: Option<DType>,
) -> Result<B::Value, Problem> {
    let mut x = x.clone();
    if b.ty(&x).dtype.is_inexact() {
        let nan = unary(b, Isnan, &x)?;
        x = select(b, &nan, if op == Multiply { 1.0 } else { 0.0 }, &x)?;
    }
    cumulate(b, op, &x, axis, dtype)
}

/// `cumulative_sum` and `cumulative_prod`: an accumulation, with `include_initial` after what is made of nothing. A list needs
/// no axis.
pub fn cumulative<B: Build>(
    b: &mut B,
    op: ElementwiseOp,
    x: &B::Value,
    axis: Option<isize>,
    dtype: Option<DType>,
    include_initial: bool,
) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    let axis = match axis {
        Some(axis) => axis,
        None if rank <= 1 => 0,
        None => return Err(Problem::Usage(String::from("needs an axis, as the array has several"))),
    };
    let result = cumulate(b, op, x, Some(axis), dtype)?;
    if !include_initial {
        return Ok(result);
    }
    let mut ty = b.ty(&result);
    ty.shape[normalise_axis(axis, rank)?] = 1;
    let first = if op == Multiply { Scalar::one(ty.dtype) } else { Scalar::zero(ty.dtype) };
    let first = build::scalar(b, first)?;
    let first = build::broadcast_to(b, &first, &ty.shape)?;
    build::concat(b, &[(&first).part(), (&result).part()], axis)
}

/// The elements from `start` on along an axis, `len` of them, `step` apart.
pub(super) fn part<B: Build>(
    b: &mut B,
    x: &B::Value,
    axis: usize,
    (start, len, step): (usize, usize, isize),
) -> Result<B::Value, Problem> {
    let shape = b.ty(x).shape;
    let (start, step) = if len == 0 { (0, 1) } else { (start, if len == 1 { 1 } else { step }) };
    let slices = shape.iter().enumerate().map(|(a, &n)| match a == axis {
        true => SliceAxis { start, len, step },
        false => SliceAxis::full(n),
    });
    let slices = slices.collect();
    build::view(b, x, View::Slice(slices))
}

/// `diff`: each element less the one before it along an axis, `n` times; of bools whether they differ.
pub fn diff<B: Build>(b: &mut B, x: &B::Value, n: usize, axis: isize) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    let axis = normalise_axis(axis, ty.rank())?;
    let op = if ty.dtype == DType::Bool { NotEqual } else { Subtract };
    let mut x = x.clone();
    // More differences than there are elements are none.
    for _ in 0..n.min(ty.shape[axis]) {
        let len = b.ty(&x).shape[axis] - 1;
        let (later, earlier) = (part(b, &x, axis, (1, len, 1))?, part(b, &x, axis, (0, len, 1))?);
        x = binary(b, op, &later, &earlier)?;
    }
    Ok(x)
}

/// `ediff1d`: the differences of the flattened array.
pub fn ediff1d<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let flat = super::ravel(b, x)?;
    let len = b.ty(&flat).len().saturating_sub(1);
    let (later, earlier) = (part(b, &flat, 0, (1, len, 1))?, part(b, &flat, 0, (0, len, 1))?);
    binary(b, Subtract, &later, &earlier)
}

/// Where samples along an axis stand.
#[derive(Clone, Debug)]
pub enum Spacing<V> {
    /// All at this distance from the next.
    Even(Operand<V>),
    /// At these places, a list, or an array that broadcasts to the samples.
    At(V),
}

impl<V> Spacing<V> {
    /// One apart.
    pub fn one() -> Self {
        Spacing::Even(Operand::Weak(WeakScalar::Float(1.0)))
    }
}

/// A list as an array that broadcasts along an axis of `rank` axes.
pub(super) fn along<B: Build>(b: &mut B, list: &B::Value, axis: usize, rank: usize) -> Result<B::Value, Problem> {
    let shape = b.ty(list).shape;
    let [n] = shape[..] else { return Ok(list.clone()) };
    let mut wide = Shape::from_elem(1, rank);
    wide[axis] = n;
    build::view(b, list, View::Reshape(wide))
}

/// `trapezoid`: the integral along an axis by trapezoids.
pub fn trapezoid<B: Build>(
    b: &mut B,
    y: &B::Value,
    spacing: &Spacing<B::Value>,
    axis: isize,
) -> Result<B::Value, Problem> {
    let ty = b.ty(y);
    let axis = normalise_axis(axis, ty.rank())?;
    let width = match spacing {
        Spacing::Even(width) => width.clone(),
        Spacing::At(places) => {
            let places = along(b, places, axis, ty.rank())?;
            Operand::Value(diff(b, &places, 1, axis as isize - ty.rank() as isize)?)
        }
    };
    let len = ty.shape[axis].saturating_sub(1);
    let (later, earlier) = (part(b, y, axis, (1, len, 1))?, part(b, y, axis, (0, len, 1))?);
    let sum = binary(b, Add, &later, &earlier)?;
    let area = build::elementwise(b, Multiply, &[width, Operand::Value(sum)])?;
    let area = binary(b, Divide, &area, 2.0)?;
    build::reduce(b, ReduceOp::Sum, &area, Some(&[axis as isize]), false)
}

/// `gradient` along an axis: central differences of the second order inside, of the first order at both ends.
pub fn gradient<B: Build>(
    b: &mut B,
    x: &B::Value,
    spacing: &Spacing<B::Value>,
    axis: isize,
) -> Result<B::Value, Problem> {
    let x = super::floating(b, x)?;
    let ty = b.ty(&x);
    let axis = normalise_axis(axis, ty.rank())?;
    let n = ty.shape[axis];
    if n < 2 {
        return Err(Problem::Usage(format!("axis {axis} has {n} elements; a gradient needs 2")));
    }
    let inner = n - 2;
    let parts = match spacing {
        Spacing::Even(width) => {
            let (later, earlier) = (part(b, &x, axis, (2, inner, 1))?, part(b, &x, axis, (0, inner, 1))?);
            let difference = binary(b, Subtract, &later, &earlier)?;
            let twice = build::elementwise(b, Multiply, &[2.0.part(), width.clone()])?;
            let middle = binary(b, Divide, &difference, &twice)?;
            let mut end = |at: usize| {
                let (later, earlier) = (part(b, &x, axis, (at + 1, 1, 1))?, part(b, &x, axis, (at, 1, 1))?);
                let difference = binary(b, Subtract, &later, &earlier)?;
                build::elementwise(b, Divide, &[Operand::Value(difference), width.clone()])
            };
            [end(0)?, middle, end(n - 2)?]
        }
        Spacing::At(places) => {
            let places = along(b, places, axis, ty.rank())?;
            let widths = diff(b, &places, 1, axis as isize - ty.rank() as isize)?;
            let own = b.ty(&widths).rank() + axis - ty.rank();
            let (before, after) = (part(b, &widths, own, (0, inner, 1))?, part(b, &widths, own, (1, inner, 1))?);
            let (left, centre, right) = (
                part(b, &x, axis, (0, inner, 1))?,
                part(b, &x, axis, (1, inner, 1))?,
                part(b, &x, axis, (2, inner, 1))?,
            );
            let both = binary(b, Add, &before, &after)?;
            let minus = unary(b, Negative, &after)?;
            let (low, high) = (binary(b, Multiply, &before, &both)?, binary(b, Multiply, &after, &both)?);
            let a = binary(b, Divide, &minus, &low)?;
            let (more, product) = (binary(b, Subtract, &after, &before)?, binary(b, Multiply, &before, &after)?);
            let m = binary(b, Divide, &more, &product)?;
            let c = binary(b, Divide, &before, &high)?;
            let (left, centre, right) =
                (binary(b, Multiply, &a, &left)?, binary(b, Multiply, &m, &centre)?, binary(b, Multiply, &c, &right)?);
            let sum = binary(b, Add, &left, &centre)?;
            let middle = binary(b, Add, &sum, &right)?;
            let mut end = |at: usize| {
                let (later, earlier) = (part(b, &x, axis, (at + 1, 1, 1))?, part(b, &x, axis, (at, 1, 1))?);
                let difference = binary(b, Subtract, &later, &earlier)?;
                let width = part(b, &widths, own, (at, 1, 1))?;
                binary(b, Divide, &difference, &width)
            };
            [end(0)?, middle, end(n - 2)?]
        }
    };
    build::concat(b, &parts.map(Operand::Value), axis as isize)
}
