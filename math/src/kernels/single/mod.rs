//! Functions of `f32` computed in `f32`, in vectors of twice as many elements as `f64` has: the methods of the wide kernels, with
//! the large terms as sums of two floats, so that little more than the last rounding is left of the error.

mod exponential;
mod inverse;
mod logarithm;
mod power;
mod root;
mod trigonometric;

pub(crate) use exponential::{Cosh, Exp, Exp2, Expit, Expm1, Sinh, Tanh};
pub(crate) use inverse::{Acos, Asin, Atan, Atan2};
pub(crate) use logarithm::{Log, Log1p, Log2, Log10};
pub(crate) use power::Pow;
pub(crate) use root::Cbrt;
pub(crate) use trigonometric::{Cos, Sin, Tan};

/// 1.5 * 2^23: a number of magnitude below 2^22 added to it is rounded to an integer, which stands in the low bits.
const SHIFT: f32 = 12_582_912.0;

/// The sign bit.
const SIGN: u32 = 1 << 31;

/// A number `hi + lo`, of which `lo` is a rounding error of `hi` or little more.
#[derive(Clone, Copy)]
struct Pair {
    hi: f32,
    lo: f32,
}

/// `a + b` exactly, for `|a| >= |b|` or `a` 0.
#[inline(always)]
fn ordered_sum(a: f32, b: f32) -> Pair {
    let hi = a + b;
    Pair { hi, lo: (a - hi) + b }
}

/// `a + b` exactly.
#[inline(always)]
fn sum(a: f32, b: f32) -> Pair {
    let hi = a + b;
    let b_there = hi - a;
    Pair { hi, lo: (a - (hi - b_there)) + (b - b_there) }
}

/// The integer nearest to `x * by`, of magnitude below 2^22, as a float, and bits that end in the integer's.
#[inline(always)]
fn nearest(x: f32, by: f32) -> (f32, u32) {
    let shifted = x.mul_add(by, SHIFT);
    (shifted - SHIFT, shifted.to_bits())
}

/// 2 to the integer in [-126, 127] that `bits` of [`nearest`] end in.
#[inline(always)]
fn power_of_bits(bits: u32) -> f32 {
    f32::from_bits(bits.wrapping_add(127) << 23)
}

/// `x` times 2 to the integer in [-252, 254] that `bits` of [`nearest`] end in.
#[inline(always)]
fn scale(x: f32, bits: u32) -> f32 {
    // 512 more, so that the halves are natural numbers.
    let more = bits.wrapping_add(512);
    let half = more >> 1;
    let power = |half: u32| f32::from_bits(half.wrapping_sub(256 - 127) << 23);
    x * power(half) * power(more.wrapping_sub(half))
}

/// `x` with its sign bit flipped where the sign bit of `bits` is set.
#[inline(always)]
fn flip_sign(x: f32, bits: u32) -> f32 {
    f32::from_bits(x.to_bits() ^ (bits & SIGN))
}

/// `x` within the bounds; NaN stays.
#[inline(always)]
fn clamp(x: f32, low: f32, high: f32) -> f32 {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}
