//! Powers: e^(y log x), with the logarithm to 68 bits, because the product with y multiplies its relative error.

use super::BinaryKernel;
use super::exponential::exp_of_sum;
use super::logarithm::{LN_2_SPLIT, Split};
use crate::dd::{Dd, ordered_sum, product, sum};
use crate::polynomials::{LOG_TAIL, at};

/// The first coefficients of atanh's series, twice, in two floats.
const TWO_THIRDS: Dd = Dd { hi: 0.6666666666666666, lo: 3.700743415417188e-17 };
const TWO_FIFTHS: Dd = Dd { hi: 0.4, lo: -2.2204460492503132e-17 };

/// The product of two sums.
#[inline(always)]
fn times(x: Dd, y: Dd) -> Dd {
    let hi = product(x.hi, y.hi);
    Dd { hi: hi.hi, lo: x.hi.mul_add(y.lo, x.lo.mul_add(y.hi, hi.lo)) }
}

/// `x + y` for `|x.hi| >= |y.hi|` or `x.hi` 0.
#[inline(always)]
fn plus(x: Dd, y: Dd) -> Dd {
    let hi = ordered_sum(x.hi, y.hi);
    Dd { hi: hi.hi, lo: hi.lo + (x.lo + y.lo) }
}

/// The logarithm of a positive finite number: with s = f / (2 + f) it is k ln 2 + 2s + s z (2/3 + z (2/5 + z tail(z))), z = s^2,
/// of which all but the tail is computed in sums of two.
#[inline(always)]
fn precise_log(x: f64) -> Dd {
    let Split { k, f } = Split::of(x);
    let s = Dd { hi: f, lo: 0.0 }.over(sum(2.0, f));
    let z = times(s, s);
    let tail = Dd { hi: z.hi * at(&LOG_TAIL, z.hi), lo: 0.0 };
    let series = plus(TWO_THIRDS, times(z, plus(TWO_FIFTHS, tail)));
    let log = plus(Dd { hi: 2.0 * s.hi, lo: 2.0 * s.lo }, times(s, times(z, series)));
    plus(Dd { hi: k * LN_2_SPLIT.0, lo: k * LN_2_SPLIT.1 }, log).normal()
}

/// `x` to the power `y`.
pub(crate) struct Pow;

impl BinaryKernel for Pow {
    #[inline(always)]
    fn fast(x: f64, y: f64) -> f64 {
        let size = x.abs();
        let log = precise_log(size);
        let log = if size == 0.0 { (f64::NEG_INFINITY, 0.0) } else { (log.hi, log.lo) };
        let log = if size < f64::INFINITY { log } else { (size, 0.0) };
        let exponent = product(y, log.0);
        let value = exp_of_sum(exponent.hi, y.mul_add(log.1, exponent.lo));
        with_special(x, y, value)
    }
}

/// `x` to the power `y` by that of |x|, which may be NaN where the logarithm is 0 and `y` infinite. Squares are exact products
/// and first powers the number itself, as in NumPy.
#[inline(always)]
pub(super) fn with_special(x: f64, y: f64, value: f64) -> f64 {
    // -1 to an infinite power.
    let value = if x.abs() == 1.0 && !y.is_nan() { 1.0 } else { value };
    let integer = y.trunc() == y;
    let odd = integer && (0.5 * y).trunc() != 0.5 * y;
    let value = if x.is_sign_negative() && odd { -value } else { value };
    let value = if x < 0.0 && x > f64::NEG_INFINITY && !integer { f64::NAN } else { value };
    let value = if y == 1.0 { x } else { value };
    let value = if y == 2.0 { x * x } else { value };
    // Even when the other operand is NaN.
    if x == 1.0 || y == 0.0 { 1.0 } else { value }
}
