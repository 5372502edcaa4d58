//! What truth values choose, with results whose shapes they do not decide: places up to a number of them, elements replaced,
//! membership. (What is as long as there are true elements is computed at once: `evanesce::nonzero` and kin.)

use super::count::{iota, piece};
use super::shape::ravel;
use super::{Part, binary, select, unary};
use crate::build::{self, Build, Operand};
use crate::error::Problem;
use crate::graph::View;
use crate::ops::{ElementwiseOp::*, OrderOp, ReduceOp};
use crate::tensor::Scalar;
use crate::types::{DType, Shape};

/// A mask, which has to be one, in the shape of an array.
fn mask_of<B: Build>(b: &mut B, x: &B::Value, mask: &B::Value) -> Result<B::Value, Problem> {
    super::options::mask(b, x, mask)
}

/// How many elements before each one are chosen, in the flattened array.
fn chosen_before<B: Build>(b: &mut B, mask: &B::Value) -> Result<B::Value, Problem> {
    let counted = build::accumulate(b, Add, mask, 0)?;
    let own = build::cast(b, mask, DType::I64)?;
    binary(b, Subtract, &counted, &own)
}

/// `flatnonzero` with a number of places that is given: the indices in the flattened array of the first elements that are true
/// (nonzero), and `fill` where there are not as many.
pub fn flatnonzero<B: Build>(b: &mut B, x: &B::Value, size: usize, fill: i64) -> Result<B::Value, Problem> {
    let all = size.checked_add(1).ok_or_else(|| Problem::Usage(String::from("the size is too large")))?;
    let flat = ravel(b, x)?;
    let mask = build::cast(b, &flat, DType::Bool)?;
    let n = b.ty(&mask).len();
    let place = chosen_before(b, &mask)?;
    let (fits, indices) = (binary(b, Less, &place, size as i64)?, iota(b, n)?);
    let taken = binary(b, LogicalAnd, &mask, &fits)?;
    // What has no place goes behind the others.
    let place = select(b, &taken, &place, size as i64)?;
    let fill = build::scalar(b, Scalar::I64(fill))?;
    let empty = build::broadcast_to(b, &fill, &[all])?;
    let operands = [&empty, &place, &indices].map(|value| value.part());
    let found = super::put(b, &operands, Some(0), false, None)?;
    piece(b, &found, 0, size)
}

/// `nonzero` with a number of places that is given: their indices along each axis, and `fill` where there are not as many.
pub fn nonzero<B: Build>(b: &mut B, x: &B::Value, size: usize, fill: i64) -> Result<Vec<B::Value>, Problem> {
    let shape = b.ty(x).shape;
    if shape.is_empty() {
        return Err(Problem::Usage(String::from("a number has no axes along which there are places")));
    }
    let flat = flatnonzero(b, x, size, 0)?;
    let count = super::count_nonzero(b, x, None, false)?;
    let number = iota(b, size)?;
    let there = binary(b, Less, &number, &count)?;
    let (mut stride, mut found) = (1i64, Vec::with_capacity(shape.len()));
    for &n in shape.iter().rev() {
        // Of an axis without elements there are no places, whatever the quotient.
        let n = n.max(1) as i64;
        let quotient = binary(b, FloorDivide, &flat, stride)?;
        let index = binary(b, Remainder, &quotient, n)?;
        found.push(select(b, &there, &index, fill)?);
        stride = stride.saturating_mul(n);
    }
    found.reverse();
    Ok(found)
}

/// `copyto` with a mask, NumPy's `x[mask] = y` of what broadcasts: the array with `y`, cast to its dtype, where it is true.
pub fn copyto<B: Build>(b: &mut B, x: &B::Value, y: &Operand<B::Value>, mask: &B::Value) -> Result<B::Value, Problem> {
    let (chosen, ty) = (mask_of(b, x, mask)?, b.ty(x));
    let y = super::pick::elements(b, y, ty.dtype, &ty.shape)?;
    select(b, &chosen, &y, x)
}

/// The values of a list, cast to a dtype, at places which go round it.
fn around<B: Build>(
    b: &mut B,
    values: &Operand<B::Value>,
    places: &B::Value,
    x: &B::Value,
) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    let values = build::value(b, values)?;
    let values = build::cast(b, &values, ty.dtype)?;
    let values = ravel(b, &values)?;
    let n = match b.ty(&values).len() {
        0 if ty.is_empty() => return Ok(x.clone()),
        0 => return Err(Problem::Usage(String::from("there are no values to put where the mask is true"))),
        n => n,
    };
    let places = binary(b, Remainder, places, n as i64)?;
    let taken = build::take(b, &[(&values).part(), (&places).part()], Some(0), false)?;
    build::view(b, &taken, View::Reshape(ty.shape))
}

/// `putmask`: the array with the values where the mask is true, the element at a place of the flattened array with the value
/// at this place of the list, which goes round.
pub fn putmask<B: Build>(
    b: &mut B,
    x: &B::Value,
    mask: &B::Value,
    values: &Operand<B::Value>,
) -> Result<B::Value, Problem> {
    let chosen = mask_of(b, x, mask)?;
    let places = iota(b, b.ty(x).len())?;
    let values = around(b, values, &places, x)?;
    select(b, &chosen, &values, x)
}

/// `place`, and NumPy's `x[mask] = y` of a list: the array with the values where the mask is true, one after another; the
/// list goes round.
pub fn place<B: Build>(
    b: &mut B,
    x: &B::Value,
    mask: &B::Value,
    values: &Operand<B::Value>,
) -> Result<B::Value, Problem> {
    let chosen = mask_of(b, x, mask)?;
    let flat = ravel(b, &chosen)?;
    let places = chosen_before(b, &flat)?;
    let values = around(b, values, &places, x)?;
    select(b, &chosen, &values, x)
}

/// `isin`: whether each element is among those of a second array. NaN is among none.
pub fn isin<B: Build>(b: &mut B, operands: &[Operand<B::Value>; 2], invert: bool) -> Result<B::Value, Problem> {
    let values = build::values(b, operands)?;
    let (x, others) = (&values[0], ravel(b, &values[1])?);
    let sorted = build::sort(b, OrderOp::Sort, &others, Some(0))?;
    let before = build::searchsorted(b, [&(&sorted).part(), &x.part()], false)?;
    let after = build::searchsorted(b, [&(&sorted).part(), &x.part()], true)?;
    let mut found = binary(b, Less, &before, &after)?;
    if b.ty(x).dtype.is_inexact() {
        let nan = unary(b, Isnan, x)?;
        let number = unary(b, LogicalNot, &nan)?;
        found = binary(b, LogicalAnd, &found, &number)?;
    }
    if invert { unary(b, LogicalNot, &found) } else { Ok(found) }
}

/// `array_equal`: whether two arrays have one shape and the same elements, with `equal_nan` NaN for NaN.
pub fn array_equal<B: Build>(
    b: &mut B,
    operands: &[Operand<B::Value>; 2],
    equal_nan: bool,
) -> Result<B::Value, Problem> {
    let (x, y) = (build::value(b, &operands[0])?, build::value(b, &operands[1])?);
    if b.ty(&x).shape != b.ty(&y).shape {
        return build::scalar(b, Scalar::Bool(false));
    }
    let mut same = binary(b, Equal, &x, &y)?;
    if equal_nan && b.ty(&x).dtype.is_inexact() && b.ty(&y).dtype.is_inexact() {
        let (first, second) = (unary(b, Isnan, &x)?, unary(b, Isnan, &y)?);
        let both = binary(b, LogicalAnd, &first, &second)?;
        same = binary(b, LogicalOr, &same, &both)?;
    }
    build::reduce(b, ReduceOp::All, &same, None, false)
}

/// `argwhere` with a number of places that is given: [`nonzero`] with a row for each place.
pub fn argwhere<B: Build>(b: &mut B, x: &B::Value, size: usize, fill: i64) -> Result<B::Value, Problem> {
    if b.ty(x).rank() == 0 {
        let nothing = build::scalar(b, Scalar::I64(fill))?;
        return build::broadcast_to(b, &nothing, &Shape::from_slice(&[size, 0]));
    }
    let found: Vec<_> = nonzero(b, x, size, fill)?.into_iter().map(Operand::Value).collect();
    build::stack(b, &found, 1)
}
