//! Scans of complex numbers.

use super::elementwise;
use crate::build::{self, Build, Index, Operand};
use crate::error::Problem;
use crate::ops::ElementwiseOp::{self, Fmax, Fmin, Maximum, Minimum, Multiply};

/// A scan along an axis by an op for which it does not matter how elements are put together: after each step every result is
/// made of twice as many elements, those before it among them, until all are.
pub fn accumulate<B: Build>(b: &mut B, op: ElementwiseOp, z: &B::Value, axis: usize) -> Result<B::Value, Problem> {
    let ty = b.ty(z);
    if !matches!(op, Multiply | Maximum | Minimum | Fmax | Fmin) {
        return Err(Problem::NoLoop { dtype: ty.dtype });
    }
    let n = ty.shape[axis];
    let along = |b: &mut B, x: &B::Value, start: usize, stop: usize| {
        let mut indices = vec![Index::ALL; axis];
        indices.push(Index::Slice { start: Some(start as isize), stop: Some(stop as isize), step: 1 });
        build::index(b, x, &indices)
    };
    let (mut result, mut reach) = (z.clone(), 1);
    while reach < n {
        let (first, earlier) = (along(b, &result, 0, reach)?, along(b, &result, 0, n - reach)?);
        let later = along(b, &result, reach, n)?;
        let rest = elementwise(b, op, &[earlier, later])?;
        result = build::concat(b, &[first, rest].map(Operand::Value), axis as isize)?;
        reach *= 2;
    }
    Ok(result)
}
