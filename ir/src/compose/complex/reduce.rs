//! Reductions of complex numbers.

use super::elementwise;
use crate::build::{self, Build, Index};
use crate::compose::{binary, select};
use crate::error::Problem;
use crate::ops::ElementwiseOp::{self, Complex, Equal, Fmax, Fmin, Isnan, LogicalOr, Maximum, Minimum, Multiply};
use crate::ops::ReduceOp;
use crate::tensor::Scalar;
use crate::types::Shape;

/// A reduction of complex numbers over sorted axes, which go away. A sum is that of each part; products and extremes
/// combine halves of the axis until one element is left.
pub fn reduce<B: Build>(b: &mut B, op: ReduceOp, arg: &B::Value, axes: &[usize]) -> Result<B::Value, Problem> {
    let combine = match op {
        ReduceOp::Sum => {
            let over: Vec<isize> = axes.iter().map(|&axis| axis as isize).collect();
            let re = super::real(b, arg)?;
            let re = build::reduce(b, op, &re, Some(&over), false)?;
            let im = super::imag(b, arg)?;
            let im = build::reduce(b, op, &im, Some(&over), false)?;
            return binary(b, Complex, &re, &im);
        }
        ReduceOp::Prod => Multiply,
        ReduceOp::Max => Maximum,
        ReduceOp::Min => Minimum,
        ReduceOp::Nanmax => Fmax,
        ReduceOp::Nanmin => Fmin,
        _ => return Err(Problem::NoLoop { dtype: b.ty(arg).dtype }),
    };
    let mut result = arg.clone();
    for &axis in axes.iter().rev() {
        result = halve(b, op, combine, &result, axis)?;
    }
    Ok(result)
}

fn halve<B: Build>(
    b: &mut B,
    op: ReduceOp,
    combine: ElementwiseOp,
    arg: &B::Value,
    axis: usize,
) -> Result<B::Value, Problem> {
    let mut ty = b.ty(arg);
    if ty.shape[axis] == 0 {
        let mut shape: Shape = ty.shape.clone();
        shape.remove(axis);
        return match op {
            ReduceOp::Prod => {
                let one = build::scalar(b, Scalar::one(ty.dtype))?;
                build::broadcast_to(b, &one, &shape)
            }
            _ if shape.contains(&0) => build::reshape(b, arg, &shape.iter().map(|&n| n as isize).collect::<Vec<_>>()),
            _ => Err(Problem::EmptyReduction),
        };
    }
    let mut result = arg.clone();
    let along = |b: &mut B, x: &B::Value, start: usize, stop: usize| {
        let mut indices = vec![Index::ALL; axis];
        indices.push(Index::Slice { start: Some(start as isize), stop: Some(stop as isize), step: 1 });
        build::index(b, x, &indices)
    };
    while ty.shape[axis] > 1 {
        let n = ty.shape[axis];
        let half = n.div_ceil(2);
        let (first, second) = (along(b, &result, 0, n - half)?, along(b, &result, half, n)?);
        let combined = elementwise(b, combine, &[first, second])?;
        result = if n - half == half {
            combined
        } else {
            let middle = along(b, &result, n - half, half)?;
            build::concat(b, &[build::Operand::Value(combined), build::Operand::Value(middle)], axis as isize)?
        };
        ty = b.ty(&result);
    }
    build::squeeze(b, &result, Some(&[axis as isize]))
}

/// `argmax` and `argmin` along one axis: where the extreme, or a NaN, first is.
pub fn arg_extreme<B: Build>(b: &mut B, op: ReduceOp, arg: &B::Value, axis: usize) -> Result<B::Value, Problem> {
    let extreme = if op == ReduceOp::Argmax { ReduceOp::Max } else { ReduceOp::Min };
    let best = reduce(b, extreme, arg, &[axis])?;
    let best = build::expand_dims(b, &best, axis as isize)?;
    let equal = binary(b, Equal, arg, &best)?;
    let nan = elementwise(b, Isnan, std::slice::from_ref(arg))?;
    let any = elementwise(b, Isnan, &[best])?;
    let found = binary(b, LogicalOr, &equal, &nan)?;
    let first_nan = build::reduce(b, ReduceOp::Argmax, &nan, Some(&[axis as isize]), false)?;
    let first = build::reduce(b, ReduceOp::Argmax, &found, Some(&[axis as isize]), false)?;
    let any = build::squeeze(b, &any, Some(&[axis as isize]))?;
    select(b, &any, &first_nan, &first)
}
