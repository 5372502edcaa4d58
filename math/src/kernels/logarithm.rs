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
#[derive(Clone, Copy)]
pub(super) struct Split {
    pub(super) k: f64,
    pub(super) f: f64,
}

impl Split {
    /// Of a normal number.
    #[inline(always)]
    pub(super) fn of_normal(x: f64) -> Split {
        let bits = x.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - SQRT_HALF);
        let m = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + SQRT_HALF);
        Split { k: float(bits >> 52, 1023.0), f: m - 1.0 }
    }

    /// Of any finite positive number.
    #[inline(always)]
    pub(super) fn of(x: f64) -> Split {
        let subnormal = x < f64::MIN_POSITIVE;
        let split = Split::of_normal(if subnormal { x * 18_014_398_509_481_984.0 } else { x });
        Split { k: if subnormal { split.k - 54.0 } else { split.k }, f: split.f }
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

/// log(2^more u) for a normal `u.hi` above 2^-54, of which `u.lo` is a rounding error.
#[inline(always)]
pub(super) fn log_of_pair(u: Dd, more: f64) -> f64 {
    let Split { k, f } = Split::of_normal(u.hi);
    let lost = u.lo * power_of_two(-k.min(1022.0));
    // lost / (1 + f), to the few bits that count.
    let inverse = (-f).mul_add((-f).mul_add((-f).mul_add(1.0 - f, 1.0), 1.0), 1.0);
    let log = log_of_sum(f, lost * inverse);
    let k = k + more;
    let sum = ordered_sum(k * LN_2_SPLIT.0, log.hi);
    sum.hi + (sum.lo + k.mul_add(LN_2_SPLIT.1, log.lo))
}

/// log(1 + f) times a constant.
#[inline(always)]
fn times(f: f64, by: f64, by_lo: f64) -> Dd {
    let log = log_of_sum(f, 0.0).normal();
    let hi = log.hi * by;
    Dd { hi, lo: log.hi.mul_add(by, -hi) + log.hi.mul_add(by_lo, log.lo * by) }
}

/// The natural logarithm.
#[inline(always)]
pub(super) fn log(Split { k, f }: Split) -> f64 {
    let log = log_of_sum(f, 0.0);
    let sum = ordered_sum(k * LN_2_SPLIT.0, log.hi);
    sum.hi + (sum.lo + k.mul_add(LN_2_SPLIT.1, log.lo))
}

/// The logarithm to base 2.
#[inline(always)]
fn log2(Split { k, f }: Split) -> f64 {
    let log = times(f, LOG2_E, LOG2_E_LO);
    let sum = ordered_sum(k, log.hi);
    sum.hi + (sum.lo + log.lo)
}

/// The logarithm to base 10.
#[inline(always)]
fn log10(Split { k, f }: Split) -> f64 {
    let log = times(f, LOG10_E, LOG10_E_LO);
    let sum = ordered_sum(k * LOG10_2.0, log.hi);
    sum.hi + (sum.lo + k.mul_add(LOG10_2.1, log.lo))
}

/// Whether a number is not positive and normal.
#[inline(always)]
pub(super) fn is_odd(x: f64) -> bool {
    let least = f64::MIN_POSITIVE.to_bits();
    x.to_bits().wrapping_sub(least) >= f64::INFINITY.to_bits() - least
}

/// A logarithm by its value for a positive finite number.
#[inline(always)]
fn of_any(x: f64, value: f64) -> f64 {
    let value = if x > 0.0 { value } else { f64::NAN };
    let value = if x == 0.0 { f64::NEG_INFINITY } else { value };
    // Infinity and NaN are their own logarithms.
    if x < f64::INFINITY { value } else { x + x }
}

macro_rules! kernels {
    ($(#[doc = $doc:literal] $name:ident = $log:ident;)*) => {$(
        #[doc = $doc]
        pub(crate) struct $name;

        impl UnaryKernel<f64> for $name {
            #[inline(always)]
            fn fast(x: f64) -> f64 {
                $log(Split::of_normal(x))
            }

            #[inline(always)]
            fn is_rare(x: f64) -> bool {
                is_odd(x)
            }

            #[inline(always)]
            fn rare(x: f64) -> f64 {
                of_any(x, $log(Split::of(x)))
            }
        }
    )*};
}

kernels! {
    /// Natural logarithm.
    Log = log;
    /// Logarithm to base 2.
    Log2 = log2;
    /// Logarithm to base 10.
    Log10 = log10;
}

/// Natural logarithm of 1 + x.
pub(crate) struct Log1p;

impl UnaryKernel<f64> for Log1p {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        // 1 + x is at least 2^-53, or is_rare.
        let value = log_of_pair(sum(1.0, x), 0.0);
        if x.abs() < 5.6e-17 { x } else { value }
    }

    #[inline(always)]
    fn is_rare(x: f64) -> bool {
        is_odd(1.0 + x)
    }

    #[inline(always)]
    fn rare(x: f64) -> f64 {
        of_any(1.0 + x, Self::fast(x))
    }
}
