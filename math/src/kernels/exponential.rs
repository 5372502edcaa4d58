//! Exponentials and hyperbolic functions: x = k ln 2 + r, and a polynomial in r.
//!
//! With exp(r) = 1 + r + r^2 q(r), only the last term carries rounding errors, and it is a sixteenth of the result or less.

use super::UnaryKernel;
use crate::dd::{Dd, flip_sign, nearest, ordered_sum, power_of_bits, power_of_two, scale, sum};
use crate::polynomials::{EXP, at};
use std::f64::consts::{LN_2, LOG2_E};

/// ln 2 less its nearest float.
const LN_2_LO: f64 = 2.3190468138462996e-17;

/// The parts of exp(x) = 2^k (1 + r + rest).
pub(super) struct Parts {
    pub(super) k: f64,
    /// Bits that end in those of the integer k.
    pub(super) bits: u64,
    pub(super) r: f64,
    pub(super) rest: f64,
}

impl Parts {
    /// Of e to a power of magnitude below 2^40.
    #[inline(always)]
    pub(super) fn of(x: f64) -> Parts {
        Parts::near(x, 0.0)
    }

    /// Of e^(hi + lo) for a `lo` that is a rounding error of `hi`.
    #[inline(always)]
    pub(super) fn of_sum(hi: f64, lo: f64) -> Parts {
        let (k, bits) = nearest(hi * LOG2_E);
        let most = (-k).mul_add(LN_2, hi);
        // `lo` may be large beside what is left: it joins r. What this rounds is nothing beside 1.
        let r = ordered_sum(most, (-k).mul_add(LN_2_LO, lo));
        Parts::at((k, bits), r.hi, r.lo)
    }

    /// Of e^(hi + lo) for a `lo` of less than 2^-50.
    #[inline(always)]
    pub(super) fn near(hi: f64, lo: f64) -> Parts {
        let (k, r) = reduce(hi);
        Parts::at(k, r.hi, r.lo + lo)
    }

    /// Of 2^k e^(r + error).
    #[inline(always)]
    fn at((k, bits): (f64, u64), r: f64, error: f64) -> Parts {
        Parts { k, bits, r, rest: (r * r).mul_add(at(&EXP, r), error.mul_add(r, error)) }
    }

    /// 1 + r + rest.
    #[inline(always)]
    pub(super) fn significand(&self) -> Dd {
        let sum = ordered_sum(1.0, self.r);
        Dd { hi: sum.hi, lo: sum.lo + self.rest }
    }

    /// scale * (1 + r + rest) - less, where the terms that cancel are exact.
    #[inline(always)]
    fn less(&self, scale: f64, less: f64) -> Dd {
        let most = scale - less;
        let error = (scale - most) - less;
        // At k = 0 `most` is 0, else it is the larger.
        let sum = ordered_sum(most, scale * self.r);
        Dd { hi: sum.hi, lo: sum.lo + scale.mul_add(self.rest, error) }
    }
}

/// k, also as bits, and r of a number of magnitude below 2^40.
#[inline(always)]
fn reduce(x: f64) -> ((f64, u64), Dd) {
    let (k, bits) = nearest(x * LOG2_E);
    // Exact: both terms are multiples of 2^-54, and little is left.
    let most = (-k).mul_add(LN_2, x);
    let r = (-k).mul_add(LN_2_LO, most);
    ((k, bits), Dd { hi: r, lo: (-k).mul_add(LN_2_LO, most - r) })
}

/// e^(hi + lo) for a `lo` that is a rounding error of `hi` or NaN where `hi` is beyond all floats' logarithms.
#[inline(always)]
pub(super) fn exp_of_sum(hi: f64, lo: f64) -> f64 {
    let x = clamp(hi, -746.0, 710.0);
    let parts = Parts::of_sum(x, if x == hi { lo } else { 0.0 });
    scale(parts.significand().round(), parts.bits)
}

/// `x` within the bounds; NaN stays.
#[inline(always)]
fn clamp(x: f64, low: f64, high: f64) -> f64 {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// e to the x.
pub(crate) struct Exp;

impl UnaryKernel<f64> for Exp {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let parts = Parts::of(clamp(x, -746.0, 710.0));
        scale(parts.significand().round(), parts.bits)
    }
}

/// 2 to the x.
pub(crate) struct Exp2;

impl UnaryKernel<f64> for Exp2 {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let x = clamp(x, -1076.0, 1025.0);
        let (k, bits) = nearest(x);
        let part = x - k;
        let r = part * LN_2;
        let error = part.mul_add(LN_2, -r) + part * LN_2_LO;
        scale(Parts::at((k, bits), r, error).significand().round(), bits)
    }
}

/// e to the x, less 1.
pub(crate) struct Expm1;

impl UnaryKernel<f64> for Expm1 {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let parts = Parts::of(clamp(x, -40.0, 710.0));
        // 2^1024 is no float.
        let over = if parts.k > 1023.0 { 1.0 } else { 0.0 };
        let value = parts.less(power_of_two(parts.k - over), 1.0).round() * (1.0 + over);
        if x.abs() < 5.6e-17 { x } else { value }
    }
}

/// Hyperbolic sine: with m = e^|x| - 1 it is (m + m / (m + 1)) / 2.
pub(crate) struct Sinh;

impl UnaryKernel<f64> for Sinh {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let parts = Parts::of(clamp(x.abs(), 0.0, 711.0));
        let over = if parts.k > 1023.0 { parts.k - 1023.0 } else { 0.0 };
        let half = parts.less(0.5 * power_of_two(parts.k - over), 0.5);
        let whole = Dd { hi: 2.0 * half.hi, lo: 2.0 * half.lo };
        let quotient = half.over(whole.plus(1.0));
        let sum = sum(half.hi, quotient.hi);
        let value = (sum.hi + (sum.lo + (half.lo + quotient.lo))) * power_of_two(over);
        if x.abs() < 3e-9 { x } else { flip_sign(value, x.to_bits()) }
    }
}

/// Hyperbolic cosine: e^|x| / 2 and a quarter of its inverse.
pub(crate) struct Cosh;

impl UnaryKernel<f64> for Cosh {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let parts = Parts::of(clamp(x.abs(), 0.0, 711.0));
        let over = if parts.k > 1023.0 { parts.k - 1023.0 } else { 0.0 };
        let half = parts.less(0.5 * power_of_two(parts.k - over), 0.0);
        let inverse = Dd { hi: 0.25, lo: 0.0 }.over(half);
        let sum = sum(half.hi, inverse.hi);
        (sum.hi + (sum.lo + (half.lo + inverse.lo))) * power_of_two(over)
    }
}

/// Hyperbolic tangent: with m = e^(2|x|) - 1 it is m / (m + 2).
pub(crate) struct Tanh;

impl UnaryKernel<f64> for Tanh {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let parts = Parts::of(2.0 * clamp(x.abs(), 0.0, 22.0));
        let less = parts.less(power_of_bits(parts.bits), 1.0);
        let value = less.over(less.plus(2.0)).round();
        if x.abs() < 3e-9 { x } else { flip_sign(value, x.to_bits()) }
    }
}
