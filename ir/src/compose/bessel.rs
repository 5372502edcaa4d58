//! The modified Bessel function of order 0.

use super::{binary, floating, number, select, unary};
use crate::build::Build;
use crate::error::Problem;
use crate::ops::ElementwiseOp::*;

/// Chebyshev coefficients of `exp(-x) i0(x)` in `x / 2 - 2`, for `x` up to 8: Cephes' `i0.c`, as in NumPy.
const NEAR: [f64; 30] = [
    -4.4153416464793395e-18,
    3.3307945188222384e-17,
    -2.431279846547955e-16,
    1.715391285555133e-15,
    -1.1685332877993451e-14,
    7.676185498604936e-14,
    -4.856446783111929e-13,
    2.95505266312964e-12,
    -1.726826291441556e-11,
    9.675809035373237e-11,
    -5.189795601635263e-10,
    2.6598237246823866e-09,
    -1.300025009986248e-08,
    6.046995022541919e-08,
    -2.670793853940612e-07,
    1.1173875391201037e-06,
    -4.4167383584587505e-06,
    1.6448448070728896e-05,
    -5.754195010082104e-05,
    0.00018850288509584165,
    -0.0005763755745385824,
    0.0016394756169413357,
    -0.004324309995050576,
    0.010546460394594998,
    -0.02373741480589947,
    0.04930528423967071,
    -0.09490109704804764,
    0.17162090152220877,
    -0.3046826723431984,
    0.6767952744094761,
];

/// Chebyshev coefficients of `exp(-x) sqrt(x) i0(x)` in `32 / x - 2`, for `x` from 8: the same.
const FAR: [f64; 25] = [
    -7.233180487874754e-18,
    -4.830504485944182e-18,
    4.46562142029676e-17,
    3.461222867697461e-17,
    -2.8276239805165836e-16,
    -3.425485619677219e-16,
    1.7725601330565263e-15,
    3.8116806693526224e-15,
    -9.554846698828307e-15,
    -4.150569347287222e-14,
    1.54008621752141e-14,
    3.8527783827421426e-13,
    7.180124451383666e-13,
    -1.7941785315068062e-12,
    -1.3215811840447713e-11,
    -3.1499165279632416e-11,
    1.1889147107846439e-11,
    4.94060238822497e-10,
    3.3962320257083865e-09,
    2.266668990498178e-08,
    2.0489185894690638e-07,
    2.8913705208347567e-06,
    6.889758346916825e-05,
    0.0033691164782556943,
    0.8044904110141088,
];

/// The sum of a Chebyshev series by Clenshaw's recurrence, highest coefficient first.
fn chebyshev<B: Build>(b: &mut B, x: &B::Value, coefficients: &[f64]) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    let term = |b: &mut B, c: f64| number(b, dtype, c, c as f32);
    let mut sum = term(b, coefficients[0])?;
    let mut before = term(b, 0.0)?;
    let mut last = before.clone();
    for &coefficient in &coefficients[1..] {
        last = before;
        before = sum;
        let product = binary(b, Multiply, x, &before)?;
        let difference = binary(b, Subtract, &product, &last)?;
        let coefficient = term(b, coefficient)?;
        sum = binary(b, Add, &difference, &coefficient)?;
    }
    let difference = binary(b, Subtract, &sum, &last)?;
    binary(b, Multiply, &difference, 0.5)
}

/// `i0`: the modified Bessel function of the first kind and order 0.
pub fn i0<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    if dtype.is_complex() {
        return Err(Problem::NoLoop { dtype });
    }
    let x = floating(b, x)?;
    let x = unary(b, Absolute, &x)?;
    let exp = unary(b, Exp, &x)?;
    let half = binary(b, Divide, &x, 2.0)?;
    let near = binary(b, Subtract, &half, 2.0)?;
    let near = chebyshev(b, &near, &NEAR)?;
    let near = binary(b, Multiply, &exp, &near)?;
    let inverse = binary(b, Divide, 32.0, &x)?;
    let far = binary(b, Subtract, &inverse, 2.0)?;
    let far = chebyshev(b, &far, &FAR)?;
    let far = binary(b, Multiply, &exp, &far)?;
    let root = unary(b, Sqrt, &x)?;
    let far = binary(b, Divide, &far, &root)?;
    let is_near = binary(b, LessEqual, &x, 8.0)?;
    select(b, &is_near, &near, &far)
}
