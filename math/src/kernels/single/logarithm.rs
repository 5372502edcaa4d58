//! Logarithms: x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)) or [2/3, 4/3), and a polynomial in f.

use super::exponential::LN_2_SPLIT;
use super::{Pair, ordered_sum, sum};
use crate::kernels::UnaryKernel;
use crate::polynomials::{LOG_SINGLE, LOG2_SINGLE, LOG10_SINGLE, at_single, at_single_halves};
use std::f32::consts::{LOG2_E, LOG10_E};

/// log2(e) less its nearest float.
const LOG2_E_LO: f32 = 1.925963e-8;
/// log10(e) less its nearest float.
const LOG10_E_LO: f32 = -1.010305e-8;
/// The first 16 bits of log10(2), exact in products with an exponent, and the rest.
const LOG10_2_SPLIT: (f32, f32) = (0.301_025_4, 4.605_039e-6);
/// The bits of the least 1 + f: of that to base 2 another, because of its error at 1.41, where the value has a small unit.
const SQRT_HALF: u32 = 0x3f35_04f3;
const TWO_THIRDS: u32 = 0x3f2a_aaab;

/// A positive normal number as 2^k (1 + f).
pub(super) struct Split {
    pub(super) k: f32,
    pub(super) f: f32,
    /// The bits of 1 + f.
    bits: u32,
}

impl Split {
    #[inline(always)]
    pub(super) fn of(x: f32) -> Split {
        Split::from(x, SQRT_HALF)
    }

    /// With `least` the bits of the least 1 + f.
    #[inline(always)]
    fn from(x: f32, least: u32) -> Split {
        let above = x.to_bits().wrapping_sub(least);
        let bits = (above & 0x007f_ffff) + least;
        Split { k: (above as i32 >> 23) as f32, f: f32::from_bits(bits) - 1.0, bits }
    }
}

/// The logarithm of 2^k (1 + f + g) for a small `g`.
#[inline(always)]
fn log(k: f32, f: f32, g: f32) -> f32 {
    // log(1 + f) = f + f^2 (-1/2 + ...).
    let rest = (f * f).mul_add(at_single(&LOG_SINGLE, f), g);
    let sum = ordered_sum(k * LN_2_SPLIT.0, f);
    sum.hi + (sum.lo + k.mul_add(LN_2_SPLIT.1, rest))
}

/// The logarithm to base 2.
#[inline(always)]
fn log2(k: f32, f: f32) -> f32 {
    let most = f * LOG2_E;
    let error = f.mul_add(LOG2_E_LO, f.mul_add(LOG2_E, -most));
    let rest = (f * f).mul_add(at_single_halves(&LOG2_SINGLE, f), error);
    let sum = ordered_sum(k, most);
    sum.hi + (sum.lo + rest)
}

/// The logarithm to base 10.
#[inline(always)]
fn log10(k: f32, f: f32) -> f32 {
    let most = f * LOG10_E;
    let error = f.mul_add(LOG10_E_LO, f.mul_add(LOG10_E, -most));
    let rest = (f * f).mul_add(at_single_halves(&LOG10_SINGLE, f), error);
    let sum = ordered_sum(k * LOG10_2_SPLIT.0, most);
    sum.hi + (sum.lo + k.mul_add(LOG10_2_SPLIT.1, rest))
}

/// Whether a number is not positive and normal.
#[inline(always)]
pub(super) fn is_odd(x: f32) -> bool {
    let least = f32::MIN_POSITIVE.to_bits();
    x.to_bits().wrapping_sub(least) >= f32::INFINITY.to_bits() - least
}

/// A logarithm of a number that [`is_odd`], by that of 2^24 times a subnormal one.
#[inline(always)]
fn log_of_odd(x: f32, subnormal: impl Fn(f32) -> f32) -> f32 {
    if x == 0.0 {
        f32::NEG_INFINITY
    } else if x < 0.0 {
        f32::NAN
    } else if x < f32::MIN_POSITIVE {
        subnormal(x * 16_777_216.0)
    } else {
        // Infinity and NaN are their own logarithms.
        x + x
    }
}

macro_rules! kernels {
    ($(#[doc = $doc:literal] $name:ident from $least:ident: |$k:ident, $f:ident| $log:expr;)*) => {$(
        #[doc = $doc]
        pub(crate) struct $name;

        impl UnaryKernel<f32> for $name {
            #[inline(always)]
            fn fast(x: f32) -> f32 {
                let Split { k: $k, f: $f, .. } = Split::from(x, $least);
                $log
            }

            #[inline(always)]
            fn is_rare(x: f32) -> bool {
                is_odd(x)
            }

            #[inline(always)]
            fn rare(x: f32) -> f32 {
                log_of_odd(x, |x| {
                    let Split { k, f: $f, .. } = Split::from(x, $least);
                    let $k = k - 24.0;
                    $log
                })
            }
        }
    )*};
}

kernels! {
    /// Natural logarithm.
    Log from SQRT_HALF: |k, f| log(k, f, 0.0);
    /// Logarithm to base 2.
    Log2 from TWO_THIRDS: |k, f| log2(k, f);
    /// Logarithm to base 10.
    Log10 from SQRT_HALF: |k, f| log10(k, f);
}

/// Natural logarithm of 1 + x.
pub(crate) struct Log1p;

impl UnaryKernel<f32> for Log1p {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let u = sum(1.0, x);
        let Split { k, f, bits } = Split::of(u.hi);
        // What the sum lost, in units of 2^k; half of it by 2^(1-k), which is a float at any k.
        let unit = f32::from_bits(bits.wrapping_sub(u.hi.to_bits()).wrapping_add(2.0f32.to_bits()));
        let lost = (0.5 * u.lo) * unit;
        let Pair { hi: f, lo } = ordered_sum(f, lost);
        let value = log(k, f, (-f).mul_add(lo, lo));
        if x.abs() < 5.9e-8 { x } else { value }
    }

    #[inline(always)]
    fn is_rare(x: f32) -> bool {
        is_odd(1.0 + x)
    }

    #[inline(always)]
    fn rare(x: f32) -> f32 {
        // 1 + x is no subnormal number.
        log_of_odd(1.0 + x, |x| x)
    }
}
