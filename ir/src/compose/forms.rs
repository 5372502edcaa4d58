//! Small functions of NumPy's, and what its keywords say of indices and orders.

use super::{Part, binary, complex};
use crate::build::{self, Build, Operand, normalise_axis};
use crate::error::Problem;
use crate::graph::View;
use crate::ops::{ElementwiseOp::*, OrderOp, ReduceOp};
use crate::tensor::Scalar;
use crate::types::DType;

/// What `take` and `put` make of indices that are out of bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IndexMode {
    /// An error of the run; negative ones count from the end.
    #[default]
    Raise,
    /// They go round.
    Wrap,
    /// They are the first or the last; negative ones the first.
    Clip,
}

impl IndexMode {
    /// The names in text, NumPy's, in order.
    pub const NAMES: &[&str] = &["raise", "wrap", "clip"];

    /// The mode of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        let modes = [IndexMode::Raise, IndexMode::Wrap, IndexMode::Clip];
        modes.into_iter().zip(Self::NAMES).find(|(_, known)| **known == name).map(|(mode, _)| mode)
    }
}

/// Indices of an axis of an array, without an axis of the flattened array, by a mode.
pub fn indices_by<B: Build>(
    b: &mut B,
    x: &Operand<B::Value>,
    indices: &Operand<B::Value>,
    axis: Option<isize>,
    mode: IndexMode,
) -> Result<Operand<B::Value>, Problem> {
    if mode == IndexMode::Raise {
        return Ok(indices.clone());
    }
    let (x, indices) = (build::value(b, x)?, build::indices(b, indices)?);
    let ty = b.ty(&x);
    let n = match axis {
        None => ty.len(),
        Some(axis) => ty.shape[normalise_axis(axis, ty.rank())?],
    };
    if n == 0 {
        return if b.ty(&indices).is_empty() {
            Ok(Operand::Value(indices))
        } else {
            Err(Problem::Usage(String::from("there are no elements, whatever the index")))
        };
    }
    Ok(Operand::Value(match mode {
        IndexMode::Wrap => binary(b, Remainder, &indices, n as i64)?,
        _ => {
            let above = binary(b, Maximum, &indices, 0)?;
            binary(b, Minimum, &above, n as i64 - 1)?
        }
    }))
}

/// `searchsorted` in a list that indices sort.
pub fn searchsorted_by<B: Build>(
    b: &mut B,
    operands: [&Operand<B::Value>; 2],
    sorter: &B::Value,
    right: bool,
) -> Result<B::Value, Problem> {
    let [list, values] = operands;
    let sorted = build::take(b, &[list.clone(), sorter.part()], Some(0), false)?;
    build::searchsorted(b, [&Operand::Value(sorted), values], right)
}

/// `partition` and `argpartition`: an order in which the `kth` element is where it is in the sorted one, no smaller one behind
/// it and no larger one before it. It is the sorted order.
pub fn partition<B: Build>(
    b: &mut B,
    op: OrderOp,
    x: &B::Value,
    kth: isize,
    axis: Option<isize>,
) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    let size = match axis {
        None => ty.len(),
        Some(axis) => ty.shape[normalise_axis(axis, ty.rank())?],
    };
    normalise_axis(kth, size).map_err(|_| Problem::Index { index: kth as i64, size })?;
    build::sort(b, op, x, axis)
}

/// `lexsort`: the indices that sort several lists together, the last one first and where it is equal the one before.
pub fn lexsort<B: Build>(b: &mut B, keys: &[Operand<B::Value>]) -> Result<B::Value, Problem> {
    let mut order: Option<B::Value> = None;
    let mut size = None;
    for key in keys {
        let key = build::value(b, key)?;
        let &[n] = &b.ty(&key).shape[..] else {
            return Err(Problem::Usage(format!("the keys are lists, no arrays of {} axes", b.ty(&key).rank())));
        };
        if *size.get_or_insert(n) != n {
            return Err(Problem::Broadcast);
        }
        order = Some(match &order {
            None => build::sort(b, OrderOp::Argsort, &key, Some(0))?,
            Some(before) => {
                let moved = build::take(b, &[(&key).part(), before.part()], Some(0), false)?;
                let next = build::sort(b, OrderOp::Argsort, &moved, Some(0))?;
                build::take(b, &[before.part(), (&next).part()], Some(0), false)?
            }
        });
    }
    order.ok_or(Problem::Arity { expected: 1, found: 0 })
}

/// `allclose`: whether all elements are [close](super::isclose).
pub fn allclose<B: Build>(
    b: &mut B,
    operands: &[Operand<B::Value>; 2],
    rtol: f64,
    atol: f64,
    equal_nan: bool,
) -> Result<B::Value, Problem> {
    let close = super::isclose(b, operands, rtol, atol, equal_nan)?;
    build::reduce(b, ReduceOp::All, &close, None, false)
}

/// `iscomplex`: whether the imaginary part is not 0, which of a real array it is; with `real` whether it is 0: `isreal`.
pub fn iscomplex<B: Build>(b: &mut B, x: &B::Value, real: bool) -> Result<B::Value, Problem> {
    let imaginary = complex::imag(b, x)?;
    binary(b, if real { Equal } else { NotEqual }, &imaginary, 0)
}

/// `polyval`: a polynomial by its coefficients, a list with the highest power first, at each element.
pub fn polyval<B: Build>(b: &mut B, coefficients: &B::Value, x: &B::Value) -> Result<B::Value, Problem> {
    let &[n] = &b.ty(coefficients).shape[..] else {
        let rank = b.ty(coefficients).rank();
        return Err(Problem::Usage(format!("the coefficients are a list, no array of {rank} axes")));
    };
    let ty = b.ty(x);
    let nothing = build::scalar(b, Scalar::zero(ty.dtype))?;
    let mut result = build::broadcast_to(b, &nothing, &ty.shape)?;
    for i in 0..n {
        let coefficient = super::element(b, coefficients, i, 0)?;
        let product = binary(b, Multiply, &result, x)?;
        result = binary(b, Add, &product, &coefficient)?;
    }
    Ok(result)
}

/// `vander`: the powers of a list as the columns of a matrix, the highest one first, or with `increasing` last.
pub fn vander<B: Build>(b: &mut B, x: &B::Value, n: usize, increasing: bool) -> Result<B::Value, Problem> {
    let &[size] = &b.ty(x).shape[..] else {
        return Err(Problem::Usage(format!("takes a list, no array of {} axes", b.ty(x).rank())));
    };
    let dtype = b.ty(x).dtype.promote(DType::I64);
    let x = build::cast(b, x, dtype)?;
    let one = build::scalar(b, Scalar::one(dtype))?;
    let ones = build::broadcast_to(b, &one, &[size, n.min(1)])?;
    let mut columns = vec![Operand::Value(ones)];
    if n > 1 {
        // Running products of the list repeated, as NumPy has them.
        let column = build::view(b, &x, View::Reshape([size, 1].into_iter().collect()))?;
        let repeated = build::broadcast_to(b, &column, &[size, n - 1])?;
        columns.push(Operand::Value(build::accumulate(b, Multiply, &repeated, 1)?));
    }
    let powers = build::concat(b, &columns, 1)?;
    if increasing { Ok(powers) } else { super::flip(b, &powers, Some(&[1])) }
}

/// `resize`: the elements in row-major order in another shape, going round where it has more.
pub fn resize<B: Build>(b: &mut B, x: &B::Value, shape: &[usize]) -> Result<B::Value, Problem> {
    let (ty, flat) = (b.ty(x), super::ravel(b, x)?);
    crate::types::check_size(ty.dtype, shape)?;
    let (n, wanted) = (ty.len(), shape.iter().product::<usize>());
    let sizes: Vec<isize> = shape.iter().map(|&n| n as isize).collect();
    if n == 0 || wanted == 0 {
        let nothing = build::scalar(b, Scalar::zero(ty.dtype))?;
        return build::broadcast_to(b, &nothing, shape);
    }
    let whole = super::tile(b, &flat, &[wanted.div_ceil(n)])?;
    let used = super::shape::part(b, &whole, 0, 0, wanted)?;
    build::reshape(b, &used, &sizes)
}
