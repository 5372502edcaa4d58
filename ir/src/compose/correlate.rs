//! Covariance and correlation, of variables and of sequences.

use super::count::iota;
use super::{Part, binary, complex, select, unary};
use crate::build::{self, Build, Operand};
use crate::error::Problem;
use crate::graph::View;
use crate::ops::{ElementwiseOp::*, LinalgOp, ReduceOp};
use crate::types::{DType, Shape};

/// `cov`: the covariances of the rows of a matrix, or of its columns, over the other axis, divided by their count less `ddof`.
pub fn cov<B: Build>(b: &mut B, x: &B::Value, rowvar: bool, ddof: usize) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    if ty.dtype.is_complex() {
        return Err(Problem::NoLoop { dtype: ty.dtype });
    }
    let mut x = build::cast(b, x, ty.dtype.promote(DType::F64))?;
    match ty.rank() {
        1 => x = build::expand_dims(b, &x, 0)?,
        2 if rowvar => {}
        2 => x = build::matrix_transpose(b, &x)?,
        rank => return Err(Problem::Usage(format!("the variables are a list or a matrix, no array of {rank} axes"))),
    }
    let count = b.ty(&x).shape[1];
    let mean = build::mean(b, &x, Some(&[1]), true)?;
    let distance = binary(b, Subtract, &x, &mean)?;
    let transposed = build::matrix_transpose(b, &distance)?;
    let products =
        build::linalg(b, LinalgOp::Matmul, &[(&distance).part(), (&transposed).part()], false)?.swap_remove(0);
    let scaled = binary(b, Multiply, &products, 1.0 / count.saturating_sub(ddof) as f64)?;
    // One variable has a variance.
    if b.ty(&scaled).shape[..] == [1, 1] { build::view(b, &scaled, View::Reshape(Shape::new())) } else { Ok(scaled) }
}

/// `corrcoef`: covariances divided by both standard deviations.
pub fn corrcoef<B: Build>(b: &mut B, x: &B::Value, rowvar: bool) -> Result<B::Value, Problem> {
    let cov = cov(b, x, rowvar, 1)?;
    if b.ty(&cov).rank() == 0 {
        return binary(b, Divide, &cov, &cov);
    }
    let variance = build::diagonal(b, &cov)?;
    let deviation = unary(b, Sqrt, &variance)?;
    let (column, row) = (build::expand_dims(b, &deviation, 1)?, build::expand_dims(b, &deviation, 0)?);
    let half = binary(b, Divide, &cov, &column)?;
    let whole = binary(b, Divide, &half, &row)?;
    super::clip(b, &(&whole).part(), Some(&(-1.0).part()), Some(&1.0.part()))
}

/// Which places of two sequences against each other give results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overlap {
    /// All where they overlap.
    Full,
    /// As many as the longer one has elements.
    Same,
    /// Those where the shorter one is inside of the longer one.
    #[default]
    Valid,
}

impl Overlap {
    /// The names in text, NumPy's, in order.
    pub const NAMES: &[&str] = &["full", "same", "valid"];

    /// The overlap of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Overlap::Full, Overlap::Same, Overlap::Valid]
            .into_iter()
            .zip(Self::NAMES)
            .find(|(_, n)| **n == name)
            .map(|x| x.0)
    }
}

/// `correlate`: for each place of the second list along the first one the sum of the products of what meets, the second
/// one conjugated.
pub fn correlate<B: Build>(
    b: &mut B,
    operands: &[Operand<B::Value>; 2],
    overlap: Overlap,
) -> Result<B::Value, Problem> {
    let values = build::values(b, operands)?;
    let conjugated =
        if b.ty(&values[1]).dtype.is_complex() { complex::conjugate(b, &values[1])? } else { values[1].clone() };
    slide(b, values[0].clone(), conjugated, overlap)
}

/// For each place of `y` along `x` the sum of the products of what meets.
fn slide<B: Build>(b: &mut B, mut x: B::Value, mut y: B::Value, overlap: Overlap) -> Result<B::Value, Problem> {
    let size = |b: &B, list: &B::Value| match b.ty(list).shape[..] {
        [] => Ok(1),
        [0] => Err(Problem::Usage(String::from("a list without elements correlates with nothing"))),
        [n] => Ok(n),
        ref shape => Err(Problem::Usage(format!("takes lists, no array of {} axes", shape.len()))),
    };
    let (mut n, mut m) = (size(b, &x)?, size(b, &y)?);
    // The shorter one moves; then the places are in reverse.
    let inverted = n < m;
    if inverted {
        (x, y) = (y, x);
        (n, m) = (m, n);
    }
    let (before, length) = match overlap {
        Overlap::Valid => (0, n - m + 1),
        Overlap::Same => (m / 2, n),
        Overlap::Full => (m - 1, n + m - 1),
    };
    let flat = |b: &mut B, list: &B::Value, n: usize| build::view(b, list, View::Reshape(Shape::from_elem(n, 1)));
    let (x, y) = (flat(b, &x, n)?, flat(b, &y, m)?);
    let (start, along) = (iota(b, length)?, iota(b, m)?);
    let start = build::expand_dims(b, &start, 1)?;
    let start = binary(b, Subtract, &start, before as i64)?;
    let index = binary(b, Add, &start, &along)?;
    let (low, high) = (binary(b, GreaterEqual, &index, 0)?, binary(b, Less, &index, n as i64)?);
    let meets = binary(b, LogicalAnd, &low, &high)?;
    let above = binary(b, Maximum, &index, 0)?;
    let inside = binary(b, Minimum, &above, n as i64 - 1)?;
    let taken = build::take(b, &[(&x).part(), (&inside).part()], Some(0), false)?;
    let product = binary(b, if b.ty(&x).dtype == DType::Bool { LogicalAnd } else { Multiply }, &taken, &y)?;
    let op = if b.ty(&x).dtype == DType::Bool { ReduceOp::Any } else { ReduceOp::Sum };
    let nothing = build::scalar(b, crate::tensor::Scalar::zero(b.ty(&product).dtype))?;
    let met = select(b, &meets, &product, &nothing)?;
    let result = build::reduce(b, op, &met, Some(&[1]), false)?;
    let result = build::cast(b, &result, b.ty(&x).dtype)?;
    if inverted { super::flip(b, &result, None) } else { Ok(result) }
}

/// `convolve`: [`correlate`] with the second list reversed.
pub fn convolve<B: Build>(b: &mut B, operands: &[Operand<B::Value>; 2], overlap: Overlap) -> Result<B::Value, Problem> {
    let values = build::values(b, operands)?;
    // The longer one stays, so that places are in order.
    let (long, short) = if b.ty(&values[0]).len() < b.ty(&values[1]).len() { (1, 0) } else { (0, 1) };
    let reversed =
        if b.ty(&values[short]).rank() == 0 { values[short].clone() } else { super::flip(b, &values[short], None)? };
    slide(b, values[long].clone(), reversed, overlap)
}
