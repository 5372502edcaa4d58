//! Sets of the distinct elements of arrays, which are as large as the numbers say: NumPy's `union1d` and kin. Whether elements
//! are in an array a graph can say: [`Expr::isin`].

use crate::engine::Eval;
use crate::error::Error;
use crate::unique::unique_all;
use evanesce_ir::expr::{Expr, concat};
use evanesce_ir::ops::order::Order;
use evanesce_ir::tensor::Tensor;
use evanesce_ir::with_array;
use ndarray::{Array1, Axis};

/// Both arrays as lists of the dtype they promote to.
fn lists<'a>(x: &Expr<'a>, y: &Expr<'a>) -> Result<[Expr<'a>; 2], Error> {
    let dtype = x.ty().map_err(Clone::clone)?.dtype.promote(y.ty().map_err(Clone::clone)?.dtype);
    Ok([x, y].map(|array| array.ravel().astype(dtype)))
}

/// The distinct elements of a list, in order, that are (`inside`) or are not in another.
fn kept<'a>(x: &Expr<'a>, y: &Expr<'a>, inside: bool) -> Result<Tensor, Error> {
    let all = unique_all(x)?;
    let found = x.isin(y).eval()?;
    let found = found.as_bool().expect("truth values");
    let places: Vec<usize> = (0..all.indices.len()).filter(|&i| found[[all.indices[i] as usize]] == inside).collect();
    Ok(with_array!(Tensor, all.values, array => Tensor::from(array.select(Axis(0), &places))))
}

/// The distinct elements of two arrays together, in order: NumPy's `union1d`.
///
/// # Errors
/// A mistake the expressions carry, or a failure of the numbers.
#[track_caller]
pub fn union1d<'a>(x: &Expr<'a>, y: &Expr<'a>) -> Result<Tensor, Error> {
    let parts = lists(x, y)?;
    Ok(unique_all(&concat(&parts, 0))?.values)
}

/// The distinct elements that are in both arrays, in order: NumPy's `intersect1d`. NaN is in no other array.
///
/// # Errors
/// A mistake the expressions carry, or a failure of the numbers.
#[track_caller]
pub fn intersect1d<'a>(x: &Expr<'a>, y: &Expr<'a>) -> Result<Tensor, Error> {
    let [x, y] = lists(x, y)?;
    kept(&x, &y, true)
}

/// The distinct elements of the first array that are not in the second, in order: NumPy's `setdiff1d`.
///
/// # Errors
/// A mistake the expressions carry, or a failure of the numbers.
#[track_caller]
pub fn setdiff1d<'a>(x: &Expr<'a>, y: &Expr<'a>) -> Result<Tensor, Error> {
    // Of the first array's dtype, as NumPy has it; compared in the common one.
    kept(&x.ravel(), &y.ravel(), false)
}

/// The distinct elements that are in just one of two arrays, in order: NumPy's `setxor1d`.
///
/// # Errors
/// A mistake the expressions carry, or a failure of the numbers.
#[track_caller]
pub fn setxor1d<'a>(x: &Expr<'a>, y: &Expr<'a>) -> Result<Tensor, Error> {
    let [x, y] = lists(x, y)?;
    let (first, second) = (kept(&x, &y, false)?, kept(&y, &x, false)?);
    Ok(with_array!(Tensor, first, array => merged(array.into_iter().collect(), second)))
}

/// Elements of two lists of one dtype in order.
fn merged<A: Order>(mut first: Vec<A>, second: Tensor) -> Tensor {
    let second = A::unwrap(second).unwrap_or_else(|_| unreachable!("of the same dtype"));
    first.extend(second);
    first.sort_by(|x, y| x.order(*y));
    A::wrap(Array1::from_vec(first).into_dyn())
}
