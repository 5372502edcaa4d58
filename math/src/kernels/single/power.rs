//! Powers: 2^(y log2 x), the logarithm and the product in `f64`, because the product multiplies its relative error.

use super::flip_sign;
use super::logarithm::{Split, is_odd};
use crate::dd::nearest;
use crate::kernels::BinaryKernel;
use crate::kernels::power::with_special;
use crate::polynomials::{EXP2_NARROW, LOG2_NARROW, at};

/// log2(2^k (1 + f)).
#[inline(always)]
fn log2(k: f32, f: f32) -> f64 {
    let (k, f) = (f64::from(k), f64::from(f));
    let s = f / (2.0 + f);
    s.mul_add(at(&LOG2_NARROW, s * s), k)
}

/// 2 to the x.
#[inline(always)]
fn exp2(x: f64) -> f32 {
    let x = if x > 130.0 { 130.0 } else { x };
    let x = if x < -160.0 { -160.0 } else { x };
    let (k, bits) = nearest(x);
    let value = at(&EXP2_NARROW, x - k);
    // Next to 1, so that a number added to the exponent is a factor.
    f64::from_bits(value.to_bits().wrapping_add(bits << 52)) as f32
}

/// `x` to the power `y`.
pub(crate) struct Pow;

impl BinaryKernel<f32> for Pow {
    #[inline(always)]
    fn fast(x: f32, y: f32) -> f32 {
        let Split { k, f, .. } = Split::of(x.abs());
        let value = exp2(f64::from(y) * log2(k, f));
        let half = 0.5 * y;
        let value = if half.trunc() == half { value } else { flip_sign(value, x.to_bits()) };
        if y == 2.0 { x * x } else { value }
    }

    /// Where `x` is not normal, `y` not finite or the power no real number.
    #[inline(always)]
    fn is_rare(x: f32, y: f32) -> bool {
        is_odd(x.abs()) || !y.is_finite() || (x < 0.0 && y.trunc() != y)
    }

    #[inline(always)]
    fn rare(x: f32, y: f32) -> f32 {
        let size = x.abs();
        let subnormal = size < f32::MIN_POSITIVE;
        let Split { k, f, .. } = Split::of(if subnormal { size * 16_777_216.0 } else { size });
        let log = log2(if subnormal { k - 24.0 } else { k }, f);
        let log = if size == 0.0 { f64::NEG_INFINITY } else { log };
        let log = if size < f32::INFINITY { log } else { f64::from(size) };
        let (x, y) = (f64::from(x), f64::from(y));
        with_special(x, y, f64::from(exp2(y * log))) as f32
    }
}
