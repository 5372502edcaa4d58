//! Logarithms: x = 2^k m with m in [sqrt(1/2), sqrt(2)), f = m - 1 exactly, s = f / (2 + f).
//!
//! log(1 + f) = f - h + s (h + z L(z)) with h = f^2 / 2 and z = s^2: f - h is kept as a sum of two, the rest is small.

use super::UnaryKernel;
use crate::dd::{Dd, float, ordered_sum, power_of_two, sum};
use crate::polynomials::{LOG, at};
use std::f64::consts::{LOG2_E, LOG10_E};

/// log2(e) less its nearest float.
const LOG2_E_LO: f64 = 2.0355273740931033e-17;
/// log10(e) less its nearest float.
const LOG10_E_LO: f64 = 1.098319650216765e-17;
/// The first 40 bits of log10(2), exact in products with an exponent, and the rest.
const LOG10_2: (f64, f64) = (0.30102999566361177, 3.694239077158931e-13);
/// The first 40 bits of ln 2, and the rest.
pub(super) const LN_2_SPLIT: (f64, f64) = (0.6931471805592082, 7.371002565167799e-13);
const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;

/// A positive number as 2^k (1 + f).
pub(super) struct Split {
    pub(super) k: f64,
    pub(super) f: f64,
}

impl Split {
    /// Of a finite positive number.
    #[inline(always)]
    pub(super) fn of(x: f64) -> Split {
        let subnormal = x < f64::MIN_POSITIVE;
        let normal = if subnormal { x * 18_014_398_509_481_984.0 } else { x };
        let bits = normal.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - SQRT_HALF);
        let bias = if subnormal { 1023.0 + 54.0 } else { 1023.0 };
        let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + SQRT_HALF);
        Split { k: float((bits >> 52) & 0xfff) - bias, f: m - 1.0 }
    }
}

/// log(1 + f + g) for a `g` that is a rounding error of 1 + f.
#[inline(always)]
fn log_of_sum(f: f64, g: f64) -> Dd {
    let s = f / (2.0 + f);
    let z = s * s;
    let h = 0.5 * f * f;
    let error = (0.5 * f).mul_add(f, -h);
    let rest = s * z.mul_add(at(&LOG, z), h);
    let most = ordered_sum(f, -h);
    Dd { hi: most.hi, lo: (most.lo - error) + (rest + g) }
}

/// The values where the argument is no positive finite number.
#[inline(always)]
fn with_special(x: f64, value: f64) -> f64 {
    let value = if x > 0.0 { value } else { f64::NAN };
    let value = if x == 0.0 { f64::NEG_INFINITY } else { value };
    // Infinity and NaN are their own logarithms.
    if x < f64::INFINITY { value } else { x + x }
}

/// Natural logarithm.
pub(crate) struct Log;

impl UnaryKernel for Log {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let Split { k, f } = Split::of(x);
        let log = log_of_sum(f, 0.0);
        let sum = ordered_sum(k * LN_2_SPLIT.0, log.hi);
        with_special(x, sum.hi + (sum.lo + k.mul_add(LN_2_SPLIT.1, log.lo)))
    }
}

/// log(1 + f) times a constant.
#[inline(always)]
fn times(f: f64, by: f64, by_lo: f64) -> Dd {
    let log = log_of_sum(f, 0.0);
    let log = ordered_sum(log.hi, log.lo);
    let hi = log.hi * by;
    Dd { hi, lo: log.hi.mul_add(by, -hi) + log.hi.mul_add(by_lo, log.lo * by) }
}

/// Logarithm to base 2.
pub(crate) struct Log2;

impl UnaryKernel for Log2 {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let Split { k, f } = Split::of(x);
        let log = times(f, LOG2_E, LOG2_E_LO);
        let sum = ordered_sum(k, log.hi);
        with_special(x, sum.hi + (sum.lo + log.lo))
    }
}

/// Logarithm to base 10.
pub(crate) struct Log10;

impl UnaryKernel for Log10 {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let Split { k, f } = Split::of(x);
        let log = times(f, LOG10_E, LOG10_E_LO);
        let sum = ordered_sum(k * LOG10_2.0, log.hi);
        with_special(x, sum.hi + (sum.lo + k.mul_add(LOG10_2.1, log.lo)))
    }
}

/// Natural logarithm of 1 + x.
pub(crate) struct Log1p;

impl UnaryKernel for Log1p {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let Dd { hi: u, lo: rounded } = sum(1.0, x);
        let Split { k, f } = Split::of(u);
        // Only a 1 + x that is at most 2^1024 and at least 2^-53: the scale of the error is a float.
        let lost = rounded * power_of_two(-k.min(1022.0));
        // lost / (1 + f), to the few bits that count.
        let inverse = (-f).mul_add((-f).mul_add((-f).mul_add(1.0 - f, 1.0), 1.0), 1.0);
        let log = log_of_sum(f, lost * inverse);
        let sum = ordered_sum(k * LN_2_SPLIT.0, log.hi);
        let value = sum.hi + (sum.lo + k.mul_add(LN_2_SPLIT.1, log.lo));
        let value = with_special(u, value);
        if x.abs() < 5.6e-17 { x } else { value }
    }
}
