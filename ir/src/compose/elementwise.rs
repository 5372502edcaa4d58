//! Elementwise functions.

use super::{binary, complex, floating, number, real_loop, select, unary};
use crate::build::{self, Build, Operand};
use crate::error::Problem;
use crate::ops::ElementwiseOp::{self, *};
use crate::types::DType;

/// `positive`: the value itself; of bools NumPy has none.
pub fn positive<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    match b.ty(x).dtype {
        DType::Bool => Err(Problem::NoLoop { dtype: DType::Bool }),
        _ => Ok(x.clone()),
    }
}

/// `fabs`: the absolute value in floating point.
pub fn fabs<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let x = real_loop(b, x)?;
    unary(b, Absolute, &x)
}

/// `float_power`: the power in `f64` or `c128`, whatever the operands are.
pub fn float_power<B: Build>(b: &mut B, operands: &[Operand<B::Value>; 2]) -> Result<B::Value, Problem> {
    let [x, y] = operands;
    let (x, y) = (build::value(b, x)?, build::value(b, y)?);
    let dtype = b.ty(&x).dtype.promote(b.ty(&y).dtype).promote(DType::F64);
    let (x, y) = (build::cast(b, &x, dtype)?, build::cast(b, &y, dtype)?);
    binary(b, Power, &x, &y)
}

/// `deg2rad`: degrees as radians.
pub fn deg2rad<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let x = real_loop(b, x)?;
    let dtype = b.ty(&x).dtype;
    let factor = number(b, dtype, std::f64::consts::PI / 180.0, std::f32::consts::PI / 180.0)?;
    binary(b, Multiply, &x, &factor)
}

/// `rad2deg`: radians as degrees.
pub fn rad2deg<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let x = real_loop(b, x)?;
    let dtype = b.ty(&x).dtype;
    let factor = number(b, dtype, 180.0 / std::f64::consts::PI, 180.0 / std::f32::consts::PI)?;
    binary(b, Multiply, &x, &factor)
}

/// `divmod`: `floor_divide` and `remainder`.
pub fn divmod<B: Build>(b: &mut B, operands: &[Operand<B::Value>; 2]) -> Result<[B::Value; 2], Problem> {
    Ok([build::elementwise(b, FloorDivide, operands)?, build::elementwise(b, Remainder, operands)?])
}

/// `modf`: the fraction and the integer towards zero, both with the sign of `x`.
pub fn modf<B: Build>(b: &mut B, x: &B::Value) -> Result<[B::Value; 2], Problem> {
    let x = real_loop(b, x)?;
    let integer = unary(b, Trunc, &x)?;
    let rest = binary(b, Subtract, &x, &integer)?;
    // inf - inf is no fraction.
    let infinite = unary(b, Isinf, &x)?;
    let rest = select(b, &infinite, 0.0, &rest)?;
    Ok([binary(b, Copysign, &rest, &x)?, integer])
}

/// `frexp`: the mantissa in 0.5 to 1 and the exponent of 2, as `i32`.
pub fn frexp<B: Build>(b: &mut B, x: &B::Value) -> Result<[B::Value; 2], Problem> {
    let exponent = unary(b, FrexpExponent, x)?;
    Ok([unary(b, FrexpMantissa, x)?, build::cast(b, &exponent, DType::I32)?])
}

/// `clip`: between bounds, either of which may be left out.
pub fn clip<B: Build>(
    b: &mut B,
    x: &Operand<B::Value>,
    low: Option<&Operand<B::Value>>,
    high: Option<&Operand<B::Value>>,
) -> Result<B::Value, Problem> {
    let operands: Vec<Operand<B::Value>> = [Some(x), low, high].into_iter().flatten().cloned().collect();
    let mut parts = build::values(b, &operands)?.into_iter();
    let mut result = parts.next().ok_or(Problem::Arity { expected: 1, found: 0 })?;
    for (op, _) in [(Maximum, low), (Minimum, high)].into_iter().filter(|(_, bound)| bound.is_some()) {
        let bound = parts.next().expect("a value of each operand");
        result = binary(b, op, &result, &bound)?;
    }
    Ok(result)
}

/// `round` to a number of decimals, halves to even as NumPy finds them: by scaling, `rint` and scaling back. Integers are
/// rounded when there are fewer than 0 decimals; what is out of their range then is the nearest that is in it.
pub fn round<B: Build>(b: &mut B, x: &B::Value, decimals: i32) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    if dtype.is_integer() && decimals >= 0 {
        return Ok(x.clone());
    }
    if dtype.is_complex() {
        let (re, im) = (complex::real(b, x)?, complex::imag(b, x)?);
        let (re, im) = (round(b, &re, decimals)?, round(b, &im, decimals)?);
        return binary(b, Complex, &re, &im);
    }
    if decimals == 0 {
        return unary(b, Rint, x);
    }
    let (there, back): (ElementwiseOp, _) = if decimals > 0 { (Multiply, Divide) } else { (Divide, Multiply) };
    let x = floating(b, x)?;
    let scale = 10f64.powi(decimals.abs());
    let scaled = binary(b, there, &x, scale)?;
    let rounded = unary(b, Rint, &scaled)?;
    let result = binary(b, back, &rounded, scale)?;
    if dtype.is_integer() { build::cast(b, &result, dtype) } else { Ok(result) }
}

/// `nan_to_num`: NaN as a number, and infinities as others: the largest when none are given. Integers stay.
pub fn nan_to_num<B: Build>(
    b: &mut B,
    x: &B::Value,
    nan: f64,
    infinities: [Option<f64>; 2],
) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    if dtype.is_complex() {
        let (re, im) = (complex::real(b, x)?, complex::imag(b, x)?);
        let (re, im) = (nan_to_num(b, &re, nan, infinities)?, nan_to_num(b, &im, nan, infinities)?);
        return binary(b, Complex, &re, &im);
    }
    if !dtype.is_float() {
        return Ok(x.clone());
    }
    let is_nan = unary(b, Isnan, x)?;
    let mut result = select(b, &is_nan, nan, x)?;
    let [positive, negative] = infinities;
    for (infinity, value, f64, f32) in
        [(f64::INFINITY, positive, f64::MAX, f32::MAX), (f64::NEG_INFINITY, negative, f64::MIN, f32::MIN)]
    {
        let (f64, f32) = value.map_or((f64, f32), |x| (x, x as f32));
        let replacement = number(b, dtype, f64, f32)?;
        let found = binary(b, Equal, x, infinity)?;
        result = select(b, &found, &replacement, &result)?;
    }
    Ok(result)
}

/// `sinc`: `sin(pi x) / (pi x)`, 1 at 0.
pub fn sinc<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let x = floating(b, x)?;
    let dtype = b.ty(&x).dtype;
    let scaled = binary(b, Multiply, &x, std::f64::consts::PI)?;
    // A number so small that it is its own sine stands for 0.
    let small = number(b, dtype.real(), f64::EPSILON, f32::EPSILON)?;
    let zero = binary(b, Equal, &scaled, 0.0)?;
    let y = select(b, &zero, &small, &scaled)?;
    let sine = unary(b, Sin, &y)?;
    binary(b, Divide, &sine, &y)
}

/// `isclose`: `|x - y| <= atol + rtol |y|`; equal infinities are close, and NaN to NaN if that is asked for.
pub fn isclose<B: Build>(
    b: &mut B,
    operands: &[Operand<B::Value>; 2],
    rtol: f64,
    atol: f64,
    equal_nan: bool,
) -> Result<B::Value, Problem> {
    let values = build::values(b, operands)?;
    let (x, y) = (&values[0], &floating(b, &values[1])?);
    let difference = binary(b, Subtract, x, y)?;
    let distance = unary(b, Absolute, &difference)?;
    let size = unary(b, Absolute, y)?;
    let relative = binary(b, Multiply, &size, rtol)?;
    let tolerance = binary(b, Add, &relative, atol)?;
    let near = binary(b, LessEqual, &distance, &tolerance)?;
    let finite = unary(b, Isfinite, y)?;
    let near = binary(b, LogicalAnd, &near, &finite)?;
    let equal = binary(b, Equal, x, y)?;
    let close = binary(b, LogicalOr, &near, &equal)?;
    if !equal_nan {
        return Ok(close);
    }
    let (x, y) = (unary(b, Isnan, x)?, unary(b, Isnan, y)?);
    let both = binary(b, LogicalAnd, &x, &y)?;
    binary(b, LogicalOr, &close, &both)
}

/// `xlogy`: `x log(y)`, 0 where `x` is 0 and `y` is no NaN.
pub fn xlogy<B: Build>(b: &mut B, operands: &[Operand<B::Value>; 2]) -> Result<B::Value, Problem> {
    let values = build::values(b, operands)?;
    let (x, y) = (real_loop(b, &values[0])?, real_loop(b, &values[1])?);
    let log = unary(b, Log, &y)?;
    let product = binary(b, Multiply, &x, &log)?;
    let (zero, nan) = (binary(b, Equal, &x, 0.0)?, unary(b, Isnan, &y)?);
    let number = unary(b, LogicalNot, &nan)?;
    let nothing = binary(b, LogicalAnd, &zero, &number)?;
    select(b, &nothing, 0.0, &product)
}
