//! Correlation of sequences.

use super::count::iota;
use super::{Part, binary, complex, select};
use crate::build::{self, Build, Operand};
use crate::error::Problem;
use crate::graph::View;
use crate::ops::{ElementwiseOp::*, ReduceOp};
use crate::types::{DType, Shape};

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
