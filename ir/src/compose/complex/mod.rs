//! Complex numbers, made of their parts: a complex function is a composition of real ones that ends in `complex`. What is
//! complex in a graph is storage (inputs, results, operands of linear algebra) and what moves elements; so arithmetic
//! fuses, vectorises and keeps its bits as real arithmetic does, and there is nothing to teach the later stages.

mod functions;
mod real;
mod reduce;
mod scan;

pub use reduce::{arg_extreme, reduce};
pub use scan::accumulate;

use super::Part;
use crate::build::{self, Build, Operand, WeakScalar};
use crate::error::Problem;
use crate::graph::View;
use crate::ops::ElementwiseOp::{self, *};
use crate::tensor::Scalar;
use crate::types::DType;
use real::{Parts, Sheet};

/// Whether an op without a loop for complex operands is defined here.
pub fn defines(op: ElementwiseOp) -> bool {
    matches!(
        op,
        Add | Subtract
            | Multiply
            | Divide
            | Power
            | Negative
            | Absolute
            | Sign
            | Square
            | Reciprocal
            | Sqrt
            | Exp
            | Exp2
            | Expm1
            | Log
            | Log2
            | Log10
            | Log1p
            | Sin
            | Cos
            | Tan
            | Arcsin
            | Arccos
            | Arctan
            | Sinh
            | Cosh
            | Tanh
            | Arcsinh
            | Arccosh
            | Arctanh
            | Rint
            | Maximum
            | Minimum
            | Fmax
            | Fmin
            | Equal
            | NotEqual
            | Less
            | LessEqual
            | Greater
            | GreaterEqual
            | Isfinite
            | Isnan
            | Isinf
    )
}

/// An op that [`defines`] knows, of complex operands of one dtype.
pub fn elementwise<B: Build>(b: &mut B, op: ElementwiseOp, args: &[B::Value]) -> Result<B::Value, Problem> {
    use functions as f;
    let dtype = b.ty(&args[0]).dtype;
    let sheet = Sheet::new(b, dtype.real());
    let z = sheet.parts(&args[0]);
    let [x, y] = z;
    let w = args.get(1).map_or(z, |w| sheet.parts(w));
    let result: Parts<'_, '_, B> = match op {
        // One real result, or one truth value.
        Absolute => return sheet.finish(x.hypot(y)),
        Equal => return sheet.finish(x.equal(w[0]).and(y.equal(w[1]))),
        NotEqual => return sheet.finish(x.not_equal(w[0]).or(y.not_equal(w[1]))),
        Less => return sheet.finish(f::less(z, w, false)),
        LessEqual => return sheet.finish(f::less(z, w, true)),
        Greater => return sheet.finish(f::less(w, z, false)),
        GreaterEqual => return sheet.finish(f::less(w, z, true)),
        Isfinite => return sheet.finish(x.is_finite().and(y.is_finite())),
        Isnan => return sheet.finish(x.is_nan().or(y.is_nan())),
        Isinf => return sheet.finish(x.is_infinite().or(y.is_infinite())),
        Add => [x + w[0], y + w[1]],
        Subtract => [x - w[0], y - w[1]],
        Multiply => f::multiply(z, w),
        Square => f::multiply(z, z),
        Divide => f::divide(z, w),
        Reciprocal => f::reciprocal(z),
        Negative => [-x, -y],
        Sign => f::sign(z),
        Rint => [x.rint(), y.rint()],
        Maximum => f::extreme(z, w, true, false),
        Minimum => f::extreme(z, w, false, false),
        Fmax => f::extreme(z, w, true, true),
        Fmin => f::extreme(z, w, false, true),
        Power => f::power(z, w),
        Sqrt => f::sqrt(z),
        Exp => f::exp(z),
        Exp2 => f::exp2(z),
        Expm1 => f::expm1(z),
        Log => f::log(z),
        Log2 => f::log2(z),
        Log10 => f::log10(z),
        Log1p => f::log1p(z),
        Sin => f::sin(z),
        Cos => f::cos(z),
        Tan => f::tan(z),
        Arcsin => f::arcsin(z),
        Arccos => f::arccos(z),
        Arctan => f::arctan(z),
        Sinh => f::sinh(z),
        Cosh => f::cosh(z),
        Tanh => f::tanh(z),
        Arcsinh => f::arcsinh(z),
        Arccosh => f::arccosh(z),
        Arctanh => f::arctanh(z),
        _ => return Err(Problem::NoLoop { dtype }),
    };
    sheet.join(result)
}

/// An integer power by squaring, which keeps what is exact.
pub fn integer_power<B: Build>(b: &mut B, z: &B::Value, exponent: i64) -> Result<B::Value, Problem> {
    let (mut left, mut square) = (exponent.unsigned_abs(), z.clone());
    let mut result: Option<B::Value> = None;
    while left > 0 {
        if left & 1 == 1 {
            result = Some(match result {
                None => square.clone(),
                Some(result) => elementwise(b, Multiply, &[result, square.clone()])?,
            });
        }
        left >>= 1;
        if left > 0 {
            square = elementwise(b, Square, &[square])?;
        }
    }
    match result {
        Some(result) if exponent < 0 => elementwise(b, Reciprocal, &[result]),
        Some(result) => Ok(result),
        None => {
            let ty = b.ty(z);
            let one = build::scalar(b, Scalar::one(ty.dtype))?;
            build::broadcast_to(b, &one, &ty.shape)
        }
    }
}

/// The largest exponent that is taken by squaring.
pub const LARGEST_INTEGER_POWER: u64 = 100;

/// `real`: the real part; a real array is its own.
pub fn real<B: Build>(b: &mut B, z: &B::Value) -> Result<B::Value, Problem> {
    if b.ty(z).dtype.is_complex() { build::elementwise(b, Real, &[z.part()]) } else { Ok(z.clone()) }
}

/// `imag`: the imaginary part; of a real array zeros.
pub fn imag<B: Build>(b: &mut B, z: &B::Value) -> Result<B::Value, Problem> {
    let ty = b.ty(z);
    if ty.dtype.is_complex() {
        return build::elementwise(b, Imag, &[z.part()]);
    }
    let zero = build::scalar(b, Scalar::zero(ty.dtype))?;
    if ty.rank() == 0 { Ok(zero) } else { build::view(b, &zero, View::Broadcast(ty.shape)) }
}

/// `conjugate`: the imaginary part negated; a real array is its own.
pub fn conjugate<B: Build>(b: &mut B, z: &B::Value) -> Result<B::Value, Problem> {
    let dtype = b.ty(z).dtype;
    if dtype == DType::Bool {
        return build::cast(b, z, DType::I8);
    }
    if !dtype.is_complex() {
        return Ok(z.clone());
    }
    let sheet = Sheet::new(b, dtype.real());
    let [x, y] = sheet.parts(z);
    sheet.join([x, -y])
}

/// `angle`: the argument in radians, in `-pi..pi`; of a real number 0 or pi. In degrees when asked for.
pub fn angle<B: Build>(b: &mut B, z: &B::Value, degrees: bool) -> Result<B::Value, Problem> {
    let dtype = b.ty(z).dtype;
    let (x, y) = if dtype.is_complex() {
        (real(b, z)?, imag(b, z)?)
    } else {
        let x = build::cast(b, z, if dtype == DType::Bool { DType::F64 } else { dtype.float_loop() })?;
        let y = imag(b, &x)?;
        (x, y)
    };
    let angle = super::binary(b, Arctan2, &y, &x)?;
    if degrees { super::rad2deg(b, &angle) } else { Ok(angle) }
}

/// A conversion from or to a complex dtype: a real number has the imaginary part 0, and a complex one loses it.
pub fn cast<B: Build>(b: &mut B, arg: &B::Value, dtype: DType) -> Result<B::Value, Problem> {
    let from = b.ty(arg).dtype;
    if !from.is_complex() {
        let re = build::cast(b, arg, dtype.real())?;
        return build::elementwise(b, Complex, &[re.part(), Operand::Weak(WeakScalar::Float(0.0))]);
    }
    let (re, im) = (real(b, arg)?, imag(b, arg)?);
    match dtype {
        DType::Bool => {
            let (re, im) = (build::cast(b, &re, DType::Bool)?, build::cast(b, &im, DType::Bool)?);
            super::binary(b, LogicalOr, &re, &im)
        }
        DType::C64 | DType::C128 => {
            let (re, im) = (build::cast(b, &re, dtype.real())?, build::cast(b, &im, dtype.real())?);
            super::binary(b, Complex, &re, &im)
        }
        _ => build::cast(b, &re, dtype),
    }
}
