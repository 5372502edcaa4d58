//! What truth values choose, which is as long as there are true ones: computed at once, as [`unique`](crate::unique()) is. With
//! a size that is given a graph has it: [`Expr::nonzero`].

use crate::engine::{Eval, evaluate};
use crate::error::Error;
use evanesce_ir::error::{self as ir, Loc, Problem};
use evanesce_ir::expr::Expr;
use evanesce_ir::tensor::Tensor;
use evanesce_ir::types::{DType, Type};
use evanesce_ir::with_array;
use ndarray::{Array1, Array2, ArrayD, Axis};

/// A mistake in the call of a function of this file.
#[track_caller]
fn mistake(op: &str, operands: &[&Type], problem: Problem) -> Error {
    let operands = operands.iter().map(|&ty| ty.clone()).collect();
    Error::Expr(ir::Error { op: op.to_string(), operands, problem, loc: Some(Loc::caller()) })
}

/// The truth of each element.
fn truth(x: &Expr<'_>) -> Result<ArrayD<bool>, Error> {
    let found = x.astype(DType::Bool).eval()?;
    Ok(found.into_array().unwrap_or_else(|_| unreachable!("cast to bool")))
}

/// The places of what is true in the flattened array.
fn places(mask: &ArrayD<bool>) -> Vec<usize> {
    mask.iter().enumerate().filter(|(_, chosen)| **chosen).map(|(i, _)| i).collect()
}

/// The indices of the elements that are true (nonzero), in order, for each axis a list: NumPy's `nonzero`.
///
/// # Errors
/// The mistake the expression carries, an array without axes, or a failure of the numbers.
#[track_caller]
pub fn nonzero(x: &Expr<'_>) -> Result<Vec<Array1<i64>>, Error> {
    let ty = x.ty().map_err(Clone::clone)?;
    if ty.rank() == 0 {
        let problem = Problem::Usage(String::from("a number has no axes along which there are places"));
        return Err(mistake("nonzero", &[ty], problem));
    }
    let found = argwhere(x)?;
    Ok(found.columns().into_iter().map(|column| column.to_owned()).collect())
}

/// The indices of the elements that are true (nonzero), in order, a row for each: NumPy's `argwhere`.
///
/// # Errors
/// The mistake the expression carries, or a failure of the numbers.
#[track_caller]
pub fn argwhere(x: &Expr<'_>) -> Result<Array2<i64>, Error> {
    let mask = truth(x)?;
    let (rank, places) = (mask.ndim(), places(&mask));
    let mut found = Array2::zeros((places.len(), rank));
    for (mut place, mut row) in places.into_iter().zip(found.rows_mut()) {
        for (index, &n) in row.iter_mut().zip(mask.shape()).rev() {
            *index = (place % n) as i64;
            place /= n;
        }
    }
    Ok(found)
}

/// The places in the flattened array of the elements that are true (nonzero): NumPy's `flatnonzero`.
///
/// # Errors
/// The mistake the expression carries, or a failure of the numbers.
#[track_caller]
pub fn flatnonzero(x: &Expr<'_>) -> Result<Array1<i64>, Error> {
    Ok(places(&truth(x)?).into_iter().map(|place| place as i64).collect())
}

/// The subarrays at places of an axis.
fn picked(x: Tensor, axis: usize, places: &[usize]) -> Tensor {
    with_array!(Tensor, x, array => Tensor::from(array.select(Axis(axis), places)))
}

/// Evaluates an array and the truth of another together.
fn beside<'a>(x: &Expr<'a>, mask: &Expr<'a>) -> Result<(Tensor, ArrayD<bool>), Error> {
    let mut found = evaluate(&[x, &mask.astype(DType::Bool)])?.into_iter();
    let mut next = || found.next().expect("two results");
    let (x, mask) = (next(), next());
    Ok((x, mask.into_array().unwrap_or_else(|_| unreachable!("cast to bool"))))
}

/// NumPy's `x[mask]`: what stands at the true places of a mask of bools that has the shape of the array, or of its first axes.
/// These become one.
///
/// # Errors
/// A mistake the expressions carry, a mask of another dtype or shape, or a failure of the numbers.
#[track_caller]
pub fn boolean_index<'a>(x: &Expr<'a>, mask: &Expr<'a>) -> Result<Tensor, Error> {
    let (ty, kind) = (x.ty().map_err(Clone::clone)?, mask.ty().map_err(Clone::clone)?);
    if kind.dtype != DType::Bool {
        let problem = Problem::Usage(format!("the mask is {}, not bool", kind.dtype));
        return Err(mistake("boolean_index", &[ty, kind], problem));
    }
    if !ty.shape.starts_with(&kind.shape) {
        let problem = Problem::Usage(String::from("the mask has not the shape of the array, nor of its first axes"));
        return Err(mistake("boolean_index", &[ty, kind], problem));
    }
    let chosen: usize = kind.shape.iter().product();
    let shape: Vec<isize> =
        std::iter::once(chosen).chain(ty.shape[kind.rank()..].iter().copied()).map(|n| n as isize).collect();
    let (x, mask) = beside(&x.reshape(&shape), mask)?;
    Ok(picked(x, 0, &places(&mask)))
}

/// The elements of an axis where a condition, a list, is true, without an axis those of the flattened array: NumPy's
/// `compress` with a condition that is computed. One that is too short is false beyond its end.
///
/// # Errors
/// A mistake the expressions carry, a condition that is no list or true beyond the axis, or a failure of the numbers.
#[track_caller]
pub fn compress<'a>(condition: &Expr<'a>, x: &Expr<'a>, axis: Option<isize>) -> Result<Tensor, Error> {
    let (kind, ty) = (condition.ty().map_err(Clone::clone)?, x.ty().map_err(Clone::clone)?);
    if kind.rank() != 1 {
        let problem = Problem::Usage(format!("the condition is a list, no array of {} axes", kind.rank()));
        return Err(mistake("compress", &[kind, ty], problem));
    }
    let (array, axis) = match axis {
        None => (x.ravel(), 0),
        Some(axis) => match evanesce_ir::build::normalise_axis(axis, ty.rank()) {
            Ok(axis) => (x.clone(), axis),
            Err(problem) => return Err(mistake("compress", &[kind, ty], problem)),
        },
    };
    let (array, mask) = beside(&array, condition)?;
    let (places, size) = (places(&mask), array.shape()[axis]);
    match places.last() {
        Some(&last) if last >= size => {
            Err(mistake("compress", &[kind, ty], Problem::Index { index: last as i64, size }))
        }
        _ => Ok(picked(array, axis, &places)),
    }
}

/// The elements of the flattened array where the flattened condition is true: NumPy's `extract`.
///
/// # Errors
/// As [`compress`].
#[track_caller]
pub fn extract<'a>(condition: &Expr<'a>, x: &Expr<'a>) -> Result<Tensor, Error> {
    compress(&condition.ravel(), x, None)
}

/// A list without the zeros at its beginning and end: NumPy's `trim_zeros`.
///
/// # Errors
/// The mistake the expression carries, an array that is no list, or a failure of the numbers.
#[track_caller]
pub fn trim_zeros(x: &Expr<'_>) -> Result<Tensor, Error> {
    let ty = x.ty().map_err(Clone::clone)?;
    if ty.rank() != 1 {
        let problem = Problem::Usage(format!("what is trimmed is a list, no array of {} axes", ty.rank()));
        return Err(mistake("trim_zeros", &[ty], problem));
    }
    let (list, mask) = beside(x, x)?;
    let places = places(&mask);
    let kept: Vec<usize> = match (places.first(), places.last()) {
        (Some(&first), Some(&last)) => (first..=last).collect(),
        _ => Vec::new(),
    };
    Ok(picked(list, 0, &kept))
}
