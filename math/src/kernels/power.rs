//! Powers: e^(y log x), with the logarithm to 65 bits, because the product with y multiplies its relative error.

use super::BinaryKernel;
use super::exponential::{Parts, exp_of_sum};
use super::logarithm::{LN_2_SPLIT, Split, is_odd};
use crate::dd::{Dd, flip_sign, ordered_sum, product};
use crate::polynomials::{LOG_TAIL, at};

/// Twice the first coefficient of atanh's series, in two floats, and twice the second.
const TWO_THIRDS: Dd = Dd { hi: 0.6666666666666666, lo: 3.700743415417188e-17 };
const TWO_FIFTHS: f64 = 0.4;

/// The product of two sums.
#[inline(always)]
pub(super) fn times(x: Dd, y: Dd) -> Dd {
    let hi = product(x.hi, y.hi);
    Dd { hi: hi.hi, lo: x.hi.mul_add(y.lo, x.lo.mul_add(y.hi, hi.lo)) }
}

/// `x + y` for `|x.hi| >= |y.hi|` or `x.hi` 0.
#[inline(always)]
pub(super) fn plus(x: Dd, y: Dd) -> Dd {
    let hi = ordered_sum(x.hi, y.hi);
    Dd { hi: hi.hi, lo: hi.lo + (x.lo + y.lo) }
}

/// The logarithm of 2^k (1 + f): with s = f / (2 + f) it is k ln 2 + 2s + s z (2/3 + z (2/5 + z tail(z))), z = s^2, of which all
/// but the last bracket, at most 2^-9 of the whole, is computed in sums of two.
#[inline(always)]
pub(super) fn precise_log(Split { k, f }: Split) -> Dd {
    let d = ordered_sum(2.0, f);
    let inverse = 1.0 / d.hi;
    let hi = f * inverse;
    let s = Dd { hi, lo: (-hi).mul_add(d.lo, (-hi).mul_add(d.hi, f)) * inverse };
    let twice = Dd { hi: s.hi + s.hi, lo: s.lo + s.lo };
    let square = product(s.hi, s.hi);
    let z = Dd { hi: square.hi, lo: twice.hi.mul_add(s.lo, square.lo) };
    let rest = z.hi * z.hi.mul_add(at(&LOG_TAIL, z.hi), TWO_FIFTHS);
    let series = ordered_sum(TWO_THIRDS.hi, rest);
    let series = times(z, Dd { hi: series.hi, lo: series.lo + TWO_THIRDS.lo });
    let log = plus(twice, times(s, series));
    let sum = ordered_sum(k * LN_2_SPLIT.0, log.hi);
    Dd { hi: sum.hi, lo: sum.lo + k.mul_add(LN_2_SPLIT.1, log.lo) }
}

/// `x` to the power `y`.
pub(crate) struct Pow;

impl BinaryKernel<f64> for Pow {
    #[inline(always)]
    fn fast(x: f64, y: f64) -> f64 {
        let log = precise_log(Split::of_normal(x.abs()));
        let exponent = product(y, log.hi);
        let parts = Parts::of_sum(exponent.hi, y.mul_add(log.lo, exponent.lo));
        // Next to 1, so that a number added to the exponent is a factor.
        let value = parts.significand().round().to_bits().wrapping_add(parts.bits << 52);
        with_exact(x, y, with_sign(x, y, f64::from_bits(value)))
    }

    /// Where `x` or the result may not be normal.
    #[inline(always)]
    fn is_rare(x: f64, y: f64) -> bool {
        let Split { k, .. } = Split::of_normal(x.abs());
        let within = y.abs() * (k.abs() + 1.0) < 1000.0;
        is_odd(x.abs()) || !within || is_unreal(x, y)
    }

    #[inline(always)]
    fn rare(x: f64, y: f64) -> f64 {
        let size = x.abs();
        let log = precise_log(Split::of(size));
        let log = if size == 0.0 { (f64::NEG_INFINITY, 0.0) } else { (log.hi, log.lo) };
        let log = if size < f64::INFINITY { log } else { (size, 0.0) };
        let exponent = product(y, log.0);
        let value = exp_of_sum(exponent.hi, y.mul_add(log.1, exponent.lo));
        with_special(x, y, value)
    }
}

/// `x` to the power `y` by a value close to it: squares are exact products rounded once, as in NumPy. First powers, floats off by
/// less than half a place before they are rounded, need no such care.
#[inline(always)]
fn with_exact(x: f64, y: f64, value: f64) -> f64 {
    if y == 2.0 { x * x } else { value }
}

/// Whether `x` to the power `y` is no real number, for finite numbers.
#[inline(always)]
pub(super) fn is_unreal(x: f64, y: f64) -> bool {
    x < 0.0 && y.trunc() != y
}

/// A positive value with the sign of `x` where `y` is odd, for an integer `y` or a positive `x`.
#[inline(always)]
pub(super) fn with_sign(x: f64, y: f64, value: f64) -> f64 {
    let half = 0.5 * y;
    if half.trunc() == half { value } else { flip_sign(value, x.to_bits()) }
}

/// `x` to the power `y` by that of |x|, which may be NaN where the logarithm is 0 and `y` infinite.
#[inline(always)]
pub(super) fn with_special(x: f64, y: f64, value: f64) -> f64 {
    // -1 to an infinite power.
    let value = if x.abs() == 1.0 && !y.is_nan() { 1.0 } else { value };
    let value = with_sign(if y.trunc() == y { x } else { x.abs() }, y, value);
    let value = if is_unreal(x, y) && x > f64::NEG_INFINITY { f64::NAN } else { value };
    let value = with_exact(x, y, value);
    // Even when the other operand is NaN.
    if x == 1.0 || y == 0.0 { 1.0 } else { value }
}
