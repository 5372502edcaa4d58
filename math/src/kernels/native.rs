//! Functions of `f32` computed in `f32`, in vectors of twice as many elements: the methods of the wide kernels, with the large
//! terms as sums of two floats, so that little more than the last rounding is left of the error.

use super::UnaryKernel;
use crate::polynomials::{EXP_SINGLE, LOG_SINGLE, TANH_SINGLE, at_single};
use std::f32::consts::LOG2_E;

/// The first 15 bits of ln 2, exact in products with an exponent, and the rest.
const LN_2_SPLIT: (f32, f32) = (0.69314575, 1.4286068e-6);
/// 1.5 * 2^23: a number of magnitude below 2^22 added to it is rounded to an integer, which stands in the low bits.
const SHIFT: f32 = 12_582_912.0;
const SQRT_HALF: u32 = 0x3f35_04f3;
const SIGN: u32 = 1 << 31;

/// The logarithm of 2^k x for a normal x.
#[inline(always)]
fn log(x: f32, k: f32) -> f32 {
    let bits = x.to_bits().wrapping_add(0x3f80_0000 - SQRT_HALF);
    let f = f32::from_bits((bits & 0x007f_ffff) + SQRT_HALF) - 1.0;
    let exponent = f32::from_bits(0x4b00_0000 | (bits >> 23)) - 8_388_608.0;
    let k = k + (exponent - 127.0);
    // log(1 + f) = f + f^2 (-1/2 + ...).
    let rest = f * f * at_single(&LOG_SINGLE, f);
    let most = k * LN_2_SPLIT.0;
    let sum = most + f;
    sum + (((most - sum) + f) + k.mul_add(LN_2_SPLIT.1, rest))
}

/// Natural logarithm.
pub(crate) struct Log;

impl UnaryKernel<f32> for Log {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        log(x, 0.0)
    }

    #[inline(always)]
    fn is_rare(x: f32) -> bool {
        let least = f32::MIN_POSITIVE.to_bits();
        x.to_bits().wrapping_sub(least) >= f32::INFINITY.to_bits() - least
    }

    #[inline(always)]
    fn rare(x: f32) -> f32 {
        if x == 0.0 {
            f32::NEG_INFINITY
        } else if x < 0.0 {
            f32::NAN
        } else if x < f32::MIN_POSITIVE {
            log(x * 16_777_216.0, -24.0)
        } else {
            x + x
        }
    }
}

/// Hyperbolic tangent: x + x^3 p(x^2), and from 0.7 on 1 - 2 / (e^2|x| + 1).
pub(crate) struct Tanh;

impl UnaryKernel<f32> for Tanh {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let a = f32::from_bits(x.to_bits() & !SIGN);
        let z = a * a;
        let near = (a * z).mul_add(at_single(&TANH_SINGLE, z), a);
        // From here on it is 1.
        let size = if a > 10.0 { 10.0 } else { a };
        let twice = size + size;
        let shifted = twice.mul_add(LOG2_E, SHIFT);
        let k = shifted - SHIFT;
        let r = (-k).mul_add(LN_2_SPLIT.1, (-k).mul_add(LN_2_SPLIT.0, twice));
        let part = (r * r).mul_add(at_single(&EXP_SINGLE, r), r);
        let scale = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
        // e^2|x| + 1 as a sum of two.
        let most = scale + 1.0;
        let d = scale.mul_add(part, most);
        let rest = scale.mul_add(part, most - d);
        let inverse = 1.0 / d;
        let quotient = inverse + inverse;
        let residue = (-quotient).mul_add(rest, (-quotient).mul_add(d, 2.0));
        let far = 1.0 - residue.mul_add(inverse, quotient);
        let value = if a < 0.7 { near } else { far };
        f32::from_bits(value.to_bits() | (x.to_bits() & SIGN))
    }
}
