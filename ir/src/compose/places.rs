//! Places in arrays as numbers: indices of flattened arrays and of each axis, those of triangles, choices by conditions.

use super::{IndexMode, Part, binary, select};
use crate::build::{self, Build, Operand};
use crate::error::Problem;
use crate::ops::ElementwiseOp::*;
use crate::tensor::{Element, Scalar, Tensor};
use crate::types::{DType, Shape};
use ndarray::Array1;

/// The number of elements of a shape of an array of indices.
fn elements(shape: &[usize]) -> Result<usize, Problem> {
    crate::types::check_size(DType::I64, shape)?;
    Ok(shape.iter().product())
}

/// Indices of an axis of `n` elements; those that are out of bounds by a mode, and by none an error of the run. The others are
/// counted from the beginning.
fn bounded<B: Build>(b: &mut B, indices: &Operand<B::Value>, n: usize, mode: IndexMode) -> Result<B::Value, Problem> {
    // Nothing is there but the number of elements: one that is repeated.
    let one = build::scalar(b, Scalar::I64(0))?;
    let axis = build::broadcast_to(b, &one, &[n])?;
    let indices = super::indices_by(b, &(&axis).part(), indices, Some(0), mode)?;
    let indices = build::indices(b, &indices)?;
    if mode != IndexMode::Raise {
        return Ok(indices);
    }
    let there = build::take(b, &[(&axis).part(), (&indices).part()], Some(0), false)?;
    let checked = binary(b, Add, &indices, &there)?;
    binary(b, Remainder, &checked, n.max(1) as i64)
}

/// `unravel_index`: of indices of a flattened array the indices of each axis of its shape. An index out of bounds is an error of
/// the run; negative ones count from the end.
pub fn unravel_index<B: Build>(
    b: &mut B,
    indices: &Operand<B::Value>,
    shape: &[usize],
) -> Result<Vec<B::Value>, Problem> {
    let mut rest = bounded(b, indices, elements(shape)?, IndexMode::Raise)?;
    let mut found = Vec::with_capacity(shape.len());
    for &n in shape.iter().skip(1).rev() {
        let n = n.max(1) as i64;
        found.push(binary(b, Remainder, &rest, n)?);
        rest = binary(b, FloorDivide, &rest, n)?;
    }
    if !shape.is_empty() {
        found.push(rest);
    }
    found.reverse();
    Ok(found)
}

/// `ravel_multi_index`: of indices of each axis of a shape, which broadcast, those of the flattened array.
pub fn ravel_multi_index<B: Build>(
    b: &mut B,
    indices: &[Operand<B::Value>],
    shape: &[usize],
    mode: IndexMode,
) -> Result<B::Value, Problem> {
    elements(shape)?;
    if indices.len() != shape.len() || indices.is_empty() {
        return Err(Problem::Arity { expected: shape.len().max(1), found: indices.len() });
    }
    let mut result: Option<B::Value> = None;
    for (indices, &n) in indices.iter().zip(shape) {
        let own = bounded(b, indices, n, mode)?;
        result = Some(match result {
            None => own,
            Some(before) => {
                let rows = binary(b, Multiply, &before, n as i64)?;
                binary(b, Add, &rows, &own)?
            }
        });
    }
    Ok(result.expect("an array of indices for each axis"))
}

/// The rows and columns of the triangle of a matrix up to its `k`-th diagonal, or with `upper` from it on: `tril_indices` and
/// `triu_indices`.
pub fn triangle(rows: usize, cols: usize, k: isize, upper: bool) -> Result<[Tensor; 2], Problem> {
    elements(&[rows, cols])?;
    let column = |row: usize, diagonal: isize| (row as isize).saturating_add(diagonal).clamp(0, cols as isize) as usize;
    let row = |row: usize| match upper {
        true => column(row, k)..cols,
        false => 0..column(row, k.saturating_add(1)),
    };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for i in 0..rows {
        first.extend(row(i).map(|_| i as i64));
        second.extend(row(i).map(|j| j as i64));
    }
    Ok([first, second].map(|list| i64::wrap(Array1::from_vec(list).into_dyn())))
}

/// NumPy's `select`: of the choices the one whose condition is the first to be true, where none is `default`.
pub fn choose_first<B: Build>(
    b: &mut B,
    conditions: &[Operand<B::Value>],
    choices: &[Operand<B::Value>],
    default: &Operand<B::Value>,
) -> Result<B::Value, Problem> {
    if conditions.len() != choices.len() || choices.is_empty() {
        return Err(Problem::Usage(format!("{} conditions for {} choices", conditions.len(), choices.len())));
    }
    let all: Vec<Operand<B::Value>> = choices.iter().chain([default]).cloned().collect();
    let mut values = build::values(b, &all)?;
    let mut result = values.pop().expect("the default");
    for (condition, choice) in conditions.iter().zip(&values).rev() {
        let condition = build::value(b, condition)?;
        let dtype = b.ty(&condition).dtype;
        if dtype != DType::Bool {
            return Err(Problem::Usage(format!("a condition is {dtype}, not bool")));
        }
        result = select(b, &condition, choice, &result)?;
    }
    // Choices without a shape of their own have that of all conditions.
    let mut shapes: Vec<Shape> = Vec::with_capacity(conditions.len() + 1);
    for condition in conditions {
        let condition = build::value(b, condition)?;
        shapes.push(b.ty(&condition).shape);
    }
    shapes.push(b.ty(&result).shape);
    let shape = crate::types::broadcast(shapes.iter().map(|shape| &shape[..])).ok_or(Problem::Broadcast)?;
    if b.ty(&result).shape == shape { Ok(result) } else { build::broadcast_to(b, &result, &shape) }
}
