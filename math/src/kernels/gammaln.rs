//! The logarithm of the gamma function's size. Up to 2.5 it is that of Γ(2 + t), t (1 - γ) + t^2 p(t), less the logarithms of factors,
//! so that the zeros at 1 and 2 are exact; from there on Stirling's series of x or of x + 8, as for the gamma function.
//!
//! Negative numbers, one by one, by log|Γ(x)| = log pi - log|x sin(pi x)| - log Γ(-x), and where that is small, next to zeros, by
//! |Γ(x)| itself in sums of two floats throughout. Infinite at 0, at negative integers and at both infinities, as SciPy's.

use super::UnaryKernel;
use super::gamma::{exponent_of_large, rising, sine_of_turns};
use super::logarithm::{Split, is_odd, log, log_of_pair};
use super::power::{plus, precise_log, times};
use crate::dd::{Dd, nearest, ordered_sum, power_of_two, product, sum};
use crate::polynomials::{GAMMALN, GAMMALN_AT_SIX, at_halves};

/// 1 less Euler's constant.
const SLOPE_AT_TWO: Dd = Dd { hi: 0.42278433509846713, lo: 4.942915152430645e-18 };
const LOG_PI: Dd = Dd { hi: 1.1447298858494002, lo: 1.0265951162707826e-17 };

/// The logarithm of a normal number, of which `lo` is a rounding error or little more.
#[inline(always)]
fn log_of(x: Dd) -> Dd {
    let log = precise_log(Split::of_normal(x.hi));
    Dd { hi: log.hi, lo: log.lo + x.lo / x.hi }
}

/// log Γ(x) for x in [2^-1022, 1e300].
#[inline(always)]
fn of_positive(x: f64) -> Dd {
    let (near, small) = (x < 2.5, x < 8.0);
    // Γ(x) of 1/2 to 1.5 by that of x + 1, below that of x + 2.
    let t = if x < 1.5 { x - 1.0 } else { x - 2.0 };
    let t = if x < 0.5 { x } else { t };
    let t = if near { t } else { 0.0 };
    let slope = ordered_sum(SLOPE_AT_TWO.hi, t * at_halves(&GAMMALN, t));
    let close = times(Dd { hi: t, lo: 0.0 }, Dd { hi: slope.hi, lo: slope.lo + SLOPE_AT_TWO.lo });
    let square = product(x, x);
    let factors = ordered_sum(x, square.hi);
    let (q, q_lo) = if x < 0.5 { (factors.hi, factors.lo + square.lo) } else { (x, 0.0) };
    let (q, q_lo) = if x < 1.5 { (q, q_lo) } else { (1.0, 0.0) };
    let shifted = ordered_sum(8.0, x);
    let (y, y_lo) = if small { (shifted.hi, shifted.lo) } else { (x, 0.0) };
    let far = exponent_of_large(Dd { hi: y, lo: y_lo });
    let p = rising(if small { x } else { 1.0 }).normal();
    let (p, p_lo) = if small { (p.hi, p.lo) } else { (1.0, 0.0) };
    let (by, by_lo) = if near { (q, q_lo) } else { (p, p_lo) };
    let (value, value_lo) = if near { (close.hi, close.lo) } else { (far.hi, far.lo) };
    let less = log_of(Dd { hi: by, lo: by_lo });
    let all = sum(value, -less.hi);
    Dd { hi: all.hi, lo: all.lo + (value_lo - less.lo) }
}

/// e^x for |x| below 1, to 2^-98: the series at a sixteenth, squared four times.
#[inline(always)]
fn exp_of(x: Dd) -> Dd {
    let part = Dd { hi: x.hi / 16.0, lo: x.lo / 16.0 };
    let mut value = Dd { hi: 1.0, lo: 0.0 };
    for i in (1..=18).rev() {
        let divisor = Dd { hi: f64::from(i), lo: 0.0 };
        value = plus(Dd { hi: 1.0, lo: 0.0 }, times(value, part).over(divisor)).normal();
    }
    for _ in 0..4 {
        value = times(value, value).normal();
    }
    value
}

/// |Γ(x)| for an x in (-20, 0) that is no integer, to 2^-96: Γ(6 + t) / (x (x + 1) ... ) with the t in [-1/2, 1/2] that leads there.
#[inline(always)]
fn size_of_gamma(x: f64) -> Dd {
    let (whole, _) = nearest(x);
    let t = Dd { hi: x - whole, lo: 0.0 };
    let log = GAMMALN_AT_SIX
        .iter()
        .rev()
        .fold(Dd { hi: 0.0, lo: 0.0 }, |log, &(hi, lo)| times(plus(Dd { hi, lo }, log).normal(), t).normal());
    let mut factors = Dd { hi: 1.0, lo: 0.0 };
    let mut left = whole;
    while left < 6.0 {
        factors = times(factors, ordered_sum(left, t.hi)).normal();
        left += 1.0;
    }
    let value = times(exp_of(log), Dd { hi: 120.0, lo: 0.0 }).over(factors).normal();
    if value.hi < 0.0 { Dd { hi: -value.hi, lo: -value.lo } } else { value }
}

/// log|Γ(x)| of a negative number.
#[inline(always)]
fn of_negative(x: f64) -> f64 {
    let a = -x;
    if a.trunc() == a {
        return f64::INFINITY;
    }
    if a < 1e-17 {
        // |Γ(x)| is hardly more than 1 / |x|.
        return -log(Split::of(a));
    }
    let positive = of_positive(a);
    let sine = sine_of_turns(a).normal();
    let sine = if sine.hi < 0.0 { Dd { hi: -sine.hi, lo: -sine.lo } } else { sine };
    let factors = log_of(times(Dd { hi: a, lo: 0.0 }, sine).normal());
    let less = sum(positive.hi, factors.hi);
    let all = sum(LOG_PI.hi, -less.hi);
    let value = all.hi + (all.lo + (LOG_PI.lo - (less.lo + (positive.lo + factors.lo))));
    if value.abs() < 0.125 && a < 20.0 { log_of_pair(size_of_gamma(x), 0.0) } else { value }
}

/// The logarithm of the gamma function's size.
pub(crate) struct Gammaln;

impl UnaryKernel<f64> for Gammaln {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        of_positive(x).round()
    }

    /// Where `x` is not positive and normal, or so large that the result may overflow.
    #[inline(always)]
    fn is_rare(x: f64) -> bool {
        is_odd(x) || x > 1e300
    }

    #[inline(always)]
    fn rare(x: f64) -> f64 {
        if x.is_nan() {
            x
        } else if x == 0.0 || x.is_infinite() {
            f64::INFINITY
        } else if x < 0.0 {
            of_negative(x)
        } else if x > 1e300 {
            // x (log x - 1), the rest is nothing beside it.
            let log = precise_log(Split::of_normal(x));
            let less = ordered_sum(log.hi, -1.0);
            let part = times(Dd { hi: x * power_of_two(-12.0), lo: 0.0 }, Dd { hi: less.hi, lo: less.lo + log.lo });
            part.round() * power_of_two(12.0)
        } else {
            -log(Split::of(x))
        }
    }
}
