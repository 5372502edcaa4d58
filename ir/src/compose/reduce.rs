//! Reductions. Each is at most one pass over the data for each reduction that the next one needs.

use super::{Options, binary, complex, floating, select, std_with, unary, var_with};
use crate::build::{self, Build};
use crate::error::Problem;
use crate::ops::{ElementwiseOp::*, ReduceOp};
use crate::types::DType;

/// Axes to reduce, `None` for all.
type Over<'a> = Option<&'a [isize]>;

/// `var`: the mean of squared distances from the mean, divided by the count less `ddof`.
pub fn var<B: Build>(
    b: &mut B,
    x: &B::Value,
    axes: Over<'_>,
    ddof: usize,
    keepdims: bool,
) -> Result<B::Value, Problem> {
    var_with(b, x, ddof, &Options::over(axes, keepdims))
}

/// `|x|^2`, which is real.
pub(super) fn squared_size<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    if !b.ty(x).dtype.is_complex() {
        return unary(b, Square, x);
    }
    let (re, im) = (complex::real(b, x)?, complex::imag(b, x)?);
    let (re, im) = (unary(b, Square, &re)?, unary(b, Square, &im)?);
    binary(b, Add, &re, &im)
}

/// The value in floating point, of a function that has no complex form.
fn real_floating<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    if dtype.is_complex() { Err(Problem::NoLoop { dtype }) } else { floating(b, x) }
}

/// `std`: the square root of [`var`].
pub fn std<B: Build>(
    b: &mut B,
    x: &B::Value,
    axes: Over<'_>,
    ddof: usize,
    keepdims: bool,
) -> Result<B::Value, Problem> {
    std_with(b, x, ddof, &Options::over(axes, keepdims))
}

/// `ptp`: the largest less the smallest.
pub fn ptp<B: Build>(b: &mut B, x: &B::Value, axes: Over<'_>, keepdims: bool) -> Result<B::Value, Problem> {
    let largest = build::reduce(b, ReduceOp::Max, x, axes, keepdims)?;
    let smallest = build::reduce(b, ReduceOp::Min, x, axes, keepdims)?;
    binary(b, Subtract, &largest, &smallest)
}

/// `average`: the sum weighted, divided by the sum of the weights. Weights have the shape of the array, or that of the axes.
pub fn average<B: Build>(
    b: &mut B,
    x: &B::Value,
    weights: &B::Value,
    axes: Over<'_>,
    keepdims: bool,
) -> Result<B::Value, Problem> {
    let [average, _] = super::average_returned(b, x, weights, axes, keepdims)?;
    Ok(average)
}

/// `count_nonzero`: how many are true (nonzero), as `i64`.
pub fn count_nonzero<B: Build>(b: &mut B, x: &B::Value, axes: Over<'_>, keepdims: bool) -> Result<B::Value, Problem> {
    let truth = build::cast(b, x, DType::Bool)?;
    build::reduce(b, ReduceOp::Sum, &truth, axes, keepdims)
}

/// The array with a number in place of each NaN.
fn without_nan<B: Build>(b: &mut B, x: &B::Value, number: f64) -> Result<B::Value, Problem> {
    if !b.ty(x).dtype.is_inexact() {
        return Ok(x.clone());
    }
    let nan = unary(b, Isnan, x)?;
    select(b, &nan, number, x)
}

/// `nansum`: the sum of what is not NaN.
pub fn nansum<B: Build>(b: &mut B, x: &B::Value, axes: Over<'_>, keepdims: bool) -> Result<B::Value, Problem> {
    let numbers = without_nan(b, x, 0.0)?;
    build::reduce(b, ReduceOp::Sum, &numbers, axes, keepdims)
}

/// `nanprod`: the product of what is not NaN.
pub fn nanprod<B: Build>(b: &mut B, x: &B::Value, axes: Over<'_>, keepdims: bool) -> Result<B::Value, Problem> {
    let numbers = without_nan(b, x, 1.0)?;
    build::reduce(b, ReduceOp::Prod, &numbers, axes, keepdims)
}

/// `nanmean`: the mean of what is not NaN; NaN when all are.
pub fn nanmean<B: Build>(b: &mut B, x: &B::Value, axes: Over<'_>, keepdims: bool) -> Result<B::Value, Problem> {
    let x = floating(b, x)?;
    let sum = nansum(b, &x, axes, keepdims)?;
    let nan = unary(b, Isnan, &x)?;
    let number = unary(b, LogicalNot, &nan)?;
    let count = build::reduce(b, ReduceOp::Sum, &number, axes, keepdims)?;
    let dtype = b.ty(&sum).dtype;
    let count = build::cast(b, &count, dtype)?;
    binary(b, Divide, &sum, &count)
}

/// The largest along axes that are kept, 0 where it is infinite: what may be taken from exponents.
fn shift<B: Build>(b: &mut B, x: &B::Value, axes: Over<'_>) -> Result<B::Value, Problem> {
    let largest = build::reduce(b, ReduceOp::Max, x, axes, true)?;
    let infinite = unary(b, Isinf, &largest)?;
    select(b, &infinite, 0.0, &largest)
}

/// `logsumexp`: the logarithm of the sum of exponentials, without overflow.
pub fn logsumexp<B: Build>(b: &mut B, x: &B::Value, axes: Over<'_>, keepdims: bool) -> Result<B::Value, Problem> {
    let x = real_floating(b, x)?;
    let shift = shift(b, &x, axes)?;
    let less = binary(b, Subtract, &x, &shift)?;
    let exp = unary(b, Exp, &less)?;
    let sum = build::reduce(b, ReduceOp::Sum, &exp, axes, true)?;
    let log = unary(b, Log, &sum)?;
    let result = binary(b, Add, &log, &shift)?;
    if keepdims { Ok(result) } else { build::squeeze(b, &result, axes) }
}

/// `softmax`: exponentials divided by their sum.
pub fn softmax<B: Build>(b: &mut B, x: &B::Value, axes: Over<'_>) -> Result<B::Value, Problem> {
    let x = real_floating(b, x)?;
    let largest = build::reduce(b, ReduceOp::Max, &x, axes, true)?;
    let less = binary(b, Subtract, &x, &largest)?;
    let exp = unary(b, Exp, &less)?;
    let sum = build::reduce(b, ReduceOp::Sum, &exp, axes, true)?;
    binary(b, Divide, &exp, &sum)
}

/// `log_softmax`: the logarithm of [`softmax`].
pub fn log_softmax<B: Build>(b: &mut B, x: &B::Value, axes: Over<'_>) -> Result<B::Value, Problem> {
    let x = real_floating(b, x)?;
    let shift = shift(b, &x, axes)?;
    let less = binary(b, Subtract, &x, &shift)?;
    let exp = unary(b, Exp, &less)?;
    let sum = build::reduce(b, ReduceOp::Sum, &exp, axes, true)?;
    let log = unary(b, Log, &sum)?;
    binary(b, Subtract, &less, &log)
}
