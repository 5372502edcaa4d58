//! `pad` with what is computed: NumPy's modes beyond those that repeat elements.

use super::count::iota;
use super::shape::{part, wrong};
use super::{Options, Part, binary, select, unary};
use crate::build::{self, Build, Operand};
use crate::error::Problem;
use crate::ops::{ElementwiseOp::*, ReduceOp};
use crate::tensor::Scalar;
use crate::types::DType;

/// What `pad` computes of an axis for its two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PadStatistic {
    /// The largest element.
    Maximum,
    /// The mean, rounded of integers.
    Mean,
    /// The median, rounded of integers.
    Median,
    /// The smallest element.
    Minimum,
}

/// What `pad` puts around an array. Of pairs there is one for each axis, or one for all.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// A number before and one after each axis.
    Constant(Vec<[f64; 2]>),
    /// In even steps from the elements at the ends to a number before and one after.
    LinearRamp(Vec<[f64; 2]>),
    /// A statistic of so many elements at either end, `None` of all of them.
    Statistic(PadStatistic, Option<Vec<[usize; 2]>>),
    /// Mirrored at the last element with the differences from it negated, so that slopes go on; with `true` the last element
    /// is mirrored too.
    Odd(bool),
}

impl PadStatistic {
    /// Every statistic with its name in NumPy.
    pub const ALL: [(PadStatistic, &'static str); 4] = [
        (PadStatistic::Maximum, "maximum"),
        (PadStatistic::Mean, "mean"),
        (PadStatistic::Median, "median"),
        (PadStatistic::Minimum, "minimum"),
    ];
}

/// The pair of an axis.
fn pair<T: Copy>(pairs: &[[T; 2]], axis: usize, rank: usize) -> Result<[T; 2], Problem> {
    match pairs {
        [all] => Ok(*all),
        _ if pairs.len() == rank => Ok(pairs[axis]),
        _ => wrong(format!("{} pairs of values for {rank} axes", pairs.len())),
    }
}

/// `pad` by what is computed: widths before and after for each axis.
pub fn pad_with<B: Build>(b: &mut B, x: &B::Value, widths: &[[usize; 2]], frame: &Frame) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    let rank = ty.rank();
    if widths.len() != rank {
        return wrong(format!("{} pairs of widths for {rank} axes", widths.len()));
    }
    let mut shape = ty.shape.clone();
    for (n, &[before, after]) in shape.iter_mut().zip(widths) {
        *n = n.saturating_add(before).saturating_add(after);
    }
    crate::types::check_size(DType::I64, &shape)?;
    let mut result = x.clone();
    for (axis, &[before, after]) in widths.iter().enumerate().filter(|(_, width)| **width != [0, 0]) {
        if ty.shape[axis] == 0 && !matches!(frame, Frame::Constant(_)) {
            return wrong(format!("axis {axis} has no element to begin with"));
        }
        result = match frame {
            Frame::Odd(symmetric) => odd(b, result, axis, [before, after], *symmetric)?,
            _ => {
                let ends = ends(b, &result, axis, [before, after], frame, rank)?;
                let [first, last] = ends.map(Operand::Value);
                build::concat(b, &[first, Operand::Value(result), last], axis as isize)?
            }
        };
    }
    Ok(result)
}

/// What stands before and after an axis.
fn ends<B: Build>(
    b: &mut B,
    x: &B::Value,
    axis: usize,
    widths: [usize; 2],
    frame: &Frame,
    rank: usize,
) -> Result<[B::Value; 2], Problem> {
    let ty = b.ty(x);
    let n = ty.shape[axis];
    let mut made = Vec::with_capacity(2);
    for (end, &width) in widths.iter().enumerate() {
        let mut shape = ty.shape.clone();
        shape[axis] = width;
        let value = match frame {
            Frame::Constant(values) => build::scalar(b, Scalar::F64(pair(values, axis, rank)?[end]).cast(ty.dtype))?,
            Frame::LinearRamp(values) => {
                let edge = part(b, x, axis, if end == 0 { 0 } else { n - 1 }, if end == 0 { 1 } else { n })?;
                ramp(b, &edge, axis, width, pair(values, axis, rank)?[end], end == 1)?
            }
            Frame::Statistic(statistic, lengths) => {
                let length = match lengths {
                    None => n,
                    Some(lengths) => pair(lengths, axis, rank)?[end].min(n),
                };
                if length == 0 {
                    return wrong(String::from("a statistic is one of an element at least"));
                }
                let near = if end == 0 { part(b, x, axis, 0, length)? } else { part(b, x, axis, n - length, n)? };
                summary(b, &near, axis, *statistic)?
            }
            Frame::Odd(_) => unreachable!("has a function of its own"),
        };
        let value = build::cast(b, &value, ty.dtype)?;
        made.push(if b.ty(&value).shape == shape { value } else { build::broadcast_to(b, &value, &shape)? });
    }
    let last = made.pop().expect("two ends");
    Ok([made.pop().expect("two ends"), last])
}

/// A statistic along an axis, which stays with size 1.
fn summary<B: Build>(b: &mut B, x: &B::Value, axis: usize, statistic: PadStatistic) -> Result<B::Value, Problem> {
    let axes = [axis as isize];
    let result = match statistic {
        PadStatistic::Maximum => return build::reduce(b, ReduceOp::Max, x, Some(&axes), true),
        PadStatistic::Minimum => return build::reduce(b, ReduceOp::Min, x, Some(&axes), true),
        PadStatistic::Mean => build::mean(b, x, Some(&axes), true)?,
        PadStatistic::Median => super::median(b, x, &Options::over(Some(&axes), true))?,
    };
    if b.ty(x).dtype.is_integer() { unary(b, Rint, &result) } else { Ok(result) }
}

/// Even steps from a number, which is the first of `width`, to the elements at an end, which are behind the last.
fn ramp<B: Build>(
    b: &mut B,
    edge: &B::Value,
    axis: usize,
    width: usize,
    from: f64,
    reversed: bool,
) -> Result<B::Value, Problem> {
    let ty = b.ty(edge);
    let edge = build::cast(b, edge, ty.dtype.promote(DType::F64))?;
    let way = binary(b, Subtract, &edge, from)?;
    let step = binary(b, Divide, &way, width.max(1) as f64)?;
    let mut number = iota(b, width)?;
    if reversed {
        number = super::flip(b, &number, None)?;
    }
    for _ in axis + 1..ty.rank() {
        number = build::expand_dims(b, &number, -1)?;
    }
    let number = build::cast(b, &number, DType::F64)?;
    let gone = binary(b, Multiply, &number, &step)?;
    // NumPy's `linspace` multiplies last where any step is 0 (or too small to be another number).
    let level = binary(b, Equal, &step, 0)?;
    let level = build::reduce(b, ReduceOp::Any, &level, None, false)?;
    let share = binary(b, Divide, &number, width.max(1) as f64)?;
    let other = binary(b, Multiply, &share, &way)?;
    let gone = select(b, &level, &other, &gone)?;
    let there = binary(b, Add, &gone, from)?;
    if ty.dtype.is_integer() { unary(b, Floor, &there) } else { Ok(there) }
}

/// An axis with its elements mirrored at both ends, the differences from the last ones negated. Where the frame is wider than
/// the axis, what is there by then is mirrored again.
fn odd<B: Build>(
    b: &mut B,
    mut x: B::Value,
    axis: usize,
    mut left: [usize; 2],
    symmetric: bool,
) -> Result<B::Value, Problem> {
    let period = b.ty(&x).shape[axis];
    if period == 1 {
        return super::pad_mode(b, &x, &frame_of(b, &x, axis, left), super::PadMode::Edge);
    }
    let skipped = usize::from(!symmetric);
    let twice = |b: &mut B, x: &B::Value| -> Result<B::Value, Problem> { binary(b, Multiply, 2, x) };
    while left != [0, 0] {
        let n = b.ty(&x).shape[axis];
        // A whole number of periods is mirrored.
        let whole = if symmetric { n / period * period } else { (n - 1) / (period - 1) * (period - 1) };
        let [before, after] = left.map(|width| width.min(whole));
        let mut parts = Vec::with_capacity(3);
        if before > 0 {
            let (chunk, edge) = (part(b, &x, axis, skipped, skipped + before)?, part(b, &x, axis, 0, 1)?);
            let (chunk, edge) = (super::flip(b, &chunk, Some(&[axis as isize]))?, twice(b, &edge)?);
            parts.push(binary(b, Subtract, &edge, &chunk)?);
        }
        parts.push(x.clone());
        if after > 0 {
            let (chunk, edge) = (part(b, &x, axis, n - skipped - after, n - skipped)?, part(b, &x, axis, n - 1, n)?);
            let (chunk, edge) = (super::flip(b, &chunk, Some(&[axis as isize]))?, twice(b, &edge)?);
            parts.push(binary(b, Subtract, &edge, &chunk)?);
        }
        let parts: Vec<_> = parts.iter().map(|part| part.part()).collect();
        x = build::concat(b, &parts, axis as isize)?;
        left = [left[0] - before, left[1] - after];
    }
    Ok(x)
}

/// Widths of one axis alone.
fn frame_of<B: Build>(b: &B, x: &B::Value, axis: usize, widths: [usize; 2]) -> Vec<[usize; 2]> {
    (0..b.ty(x).rank()).map(|other| if other == axis { widths } else { [0, 0] }).collect()
}
