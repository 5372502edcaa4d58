//! NumPy's methods of ufuncs, for every op of two operands that gives its operands' dtype again: `reduce`, `reduceat`, `outer`
//! and what `at` needs (`accumulate` is a node of its own).
//!
//! An op with a row among the reductions is reduced by it; another one combines the elements one after another, as NumPy does,
//! so that what depends on the order depends on nothing else.

use super::{Options, binary, complex, select};
use crate::build::{self, Build, Index, Operand, normalise_axis};
use crate::error::Problem;
use crate::graph::{Node, View};
use crate::ids::ValueId;
use crate::ops::{ElementwiseOp, ElementwiseOp::*, OrderOp, ReduceOp, scan};
use crate::tensor::Scalar;
use crate::types::{Axes, DType, Shape};

/// Whether an op can leave its results where it found an operand of this dtype: `ufunc.at`.
pub(super) fn updates(op: ElementwiseOp, dtype: DType) -> Result<(), Problem> {
    match op {
        Add | Subtract | Negative if dtype.is_complex() => Ok(()),
        Power if dtype.is_signed() => {
            let reason = "a negative power of an integer would be an error after others are written";
            Err(Problem::Usage(String::from(reason)))
        }
        _ if scan::updates(op, dtype) => Ok(()),
        _ => Err(Problem::NoLoop { dtype }),
    }
}

/// The reduction of the table that an op has.
fn row(op: ElementwiseOp) -> Option<ReduceOp> {
    ReduceOp::ALL.iter().copied().find(|reduction| reduction.combine() == Some(op))
}

/// What a reduction one by one begins with, where NumPy has it.
fn identity(op: ElementwiseOp) -> Option<Scalar> {
    match op {
        Hypot | Gcd => Some(Scalar::F64(0.0)),
        Logaddexp | Logaddexp2 => Some(Scalar::F64(f64::NEG_INFINITY)),
        _ => None,
    }
}

/// What changes nothing as the second operand.
fn neutral(op: ElementwiseOp) -> Option<Scalar> {
    match op {
        Subtract | LeftShift | RightShift => Some(Scalar::F64(0.0)),
        Divide | Power | Lcm => Some(Scalar::F64(1.0)),
        _ => identity(op),
    }
}

/// The dtype that an op runs in along an axis, of an array of a dtype.
fn operand(op: ElementwiseOp, dtype: DType) -> Result<DType, Problem> {
    if dtype.is_complex() && matches!(op, Add | Subtract) { Ok(dtype) } else { scan::operand(op, dtype) }
}

/// The reduced axes as the last one, flattened; and the shape of a result that keeps the axes.
fn gather_axes<B: Build>(b: &mut B, x: &B::Value, axes: &[usize]) -> Result<(B::Value, Shape), Problem> {
    let shape = b.ty(x).shape;
    let kept: Axes = (0..shape.len()).filter(|axis| !axes.contains(axis)).collect();
    let perm: Axes = kept.iter().chain(axes).copied().collect();
    let mut flat: Shape = kept.iter().map(|&axis| shape[axis]).collect();
    flat.push(axes.iter().map(|&axis| shape[axis]).product());
    let moved =
        if perm.iter().copied().eq(0..shape.len()) { x.clone() } else { build::view(b, x, View::Transpose(perm))? };
    let x = if b.ty(&moved).shape == flat { moved } else { build::view(b, &moved, View::Reshape(flat))? };
    Ok((x, (0..shape.len()).map(|axis| if axes.contains(&axis) { 1 } else { shape[axis] }).collect()))
}

/// `ufunc.reduce` with NumPy's keywords, of any op of two operands.
pub fn reduce_by<B: Build>(
    b: &mut B,
    op: ElementwiseOp,
    x: &B::Value,
    options: &Options<B::Value>,
) -> Result<B::Value, Problem> {
    if let Some(row) = row(op) {
        return super::reduce_with(b, row, x, options);
    }
    let dtype = operand(op, options.dtype.unwrap_or(b.ty(x).dtype))?;
    let mut x = build::cast(b, x, dtype)?;
    let shape = b.ty(&x).shape;
    let rank = shape.len();
    let mut axes: Axes = match &options.axes {
        None => (0..rank).collect(),
        Some(axes) => axes.iter().map(|&axis| normalise_axis(axis, rank)).collect::<Result<_, _>>()?,
    };
    axes.sort_unstable();
    if let Some(pair) = axes.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Problem::DuplicateAxis { axis: pair[0] });
    }
    if axes.len() > 1 && identity(op).is_none() && op != Lcm {
        return Err(Problem::Usage(String::from("goes by the order of the elements, so it reduces one axis at most")));
    }
    let mut start = match &options.initial {
        Some(initial) => Some(super::options::number(b, initial, dtype)?),
        None => None,
    };
    if let Some(chosen) = &options.mask {
        let chosen = super::options::mask(b, &x, chosen)?;
        if identity(op).is_none() && start.is_none() {
            return Err(Problem::Usage(String::from("has no identity, so with a mask it needs an initial value")));
        }
        let Some(nothing) = neutral(op) else {
            return Err(Problem::Usage(String::from("has no number that changes nothing, so it takes no mask")));
        };
        let nothing = build::scalar(b, nothing.cast(dtype))?;
        x = select(b, &chosen, &x, &nothing)?;
    }
    let (rows, with_axes) = gather_axes(b, &x, &axes)?;
    let mut rows = rows;
    let mut shape = b.ty(&rows).shape;
    let first = match identity(op) {
        Some(identity) => Some(build::scalar(b, identity.cast(dtype))?),
        None => None,
    };
    if shape.last() == Some(&0) {
        start = start.or(first.clone());
        if start.is_none() && !shape[..shape.len() - 1].contains(&0) {
            return Err(Problem::EmptyReduction);
        }
    }
    if let Some(start) = &start {
        if let Some(last) = shape.last_mut() {
            *last = 1;
        }
        let start = build::broadcast_to(b, start, &shape)?;
        rows = build::concat(b, &[Operand::Value(start), Operand::Value(rows)], -1)?;
    }
    let kept: Shape = b.ty(&rows).shape.iter().rev().skip(1).rev().copied().collect();
    let mut result = if kept.contains(&0) {
        build::view(b, &rows, View::Reshape(kept))?
    } else {
        let all = build::accumulate(b, op, &rows, -1)?;
        let mut last = vec![Index::ALL; kept.len()];
        last.push(Index::At(-1));
        build::index(b, &all, &last)?
    };
    if let (Some(first), None) = (&first, &start) {
        // Of one element too it is the op of the identity and the element.
        result = binary(b, op, first, &result)?;
    }
    result = if options.keepdims { build::view(b, &result, View::Reshape(with_axes))? } else { result };
    build::cast(b, &result, options.dtype.unwrap_or(dtype))
}

/// `ufunc.reduceat`: an axis reduced from each index to the next, the last one to the end; where the next index is no larger,
/// the element at the index. Indices do not count from the end.
pub fn reduceat<B: Build>(
    b: &mut B,
    op: ElementwiseOp,
    operands: &[Operand<B::Value>; 2],
    axis: isize,
    dtype: Option<DType>,
) -> Result<B::Value, Problem> {
    let [x, indices] = operands;
    let (x, indices) = (build::value(b, x)?, build::indices(b, indices)?);
    let dtype = operand(op, dtype.unwrap_or(b.ty(&x).dtype))?;
    let x = build::cast(b, &x, dtype)?;
    let rank = b.ty(&x).rank();
    let axis = normalise_axis(axis, rank)?;
    if dtype.is_complex() {
        // Part by part.
        let parts = [complex::real(b, &x)?, complex::imag(b, &x)?];
        let mut part = |x: &B::Value| {
            let operands = [Operand::Value(x.clone()), Operand::Value(indices.clone())];
            reduceat(b, op, &operands, axis as isize, None)
        };
        let (re, im) = (part(&parts[0])?, part(&parts[1])?);
        return binary(b, Complex, &re, &im);
    }
    if op == Power && dtype.is_signed() {
        return Err(Problem::Usage(String::from(
            "negative powers of integers are errors, which parts of an axis do not give",
        )));
    }
    let mut perm: Axes = (0..rank).collect();
    perm.swap(axis, rank - 1);
    let moves = axis + 1 < rank;
    let x = if moves { build::view(b, &x, View::Transpose(perm.clone()))? } else { x };
    let node = Node::Order { op: OrderOp::Reduceat(op), args: (0..2).map(ValueId::new).collect() };
    let result = b.push(node, &[x, indices])?.swap_remove(0);
    if moves { build::view(b, &result, View::Transpose(perm)) } else { Ok(result) }
}

/// `ufunc.outer`: an op of all pairs of elements, with the axes of the first operand before those of the second.
pub fn outer_by<B: Build>(
    b: &mut B,
    op: ElementwiseOp,
    operands: &[Operand<B::Value>; 2],
) -> Result<B::Value, Problem> {
    let [x, y] = operands;
    let axes = match y {
        Operand::Value(y) => b.ty(y).rank(),
        Operand::Weak(_) => 0,
    };
    let x = match x {
        Operand::Value(value) if axes > 0 => {
            let mut shape = b.ty(value).shape;
            shape.extend(std::iter::repeat_n(1, axes));
            Operand::Value(build::view(b, value, View::Reshape(shape))?)
        }
        x => x.clone(),
    };
    build::elementwise(b, op, &[x, y.clone()])
}
