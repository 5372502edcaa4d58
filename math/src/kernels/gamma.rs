//! The gamma function by Stirling's series, from 8 on; below that by Γ(x) = Γ(x + 8) / (x (x + 1) ... (x + 7)), and of negative
//! numbers by Γ(x) Γ(-x) = -pi / (x sin(pi x)). Poles and limits are those of SciPy: NaN at negative integers and -infinity.

use super::UnaryKernel;
use super::exponential::Parts;
use super::inverse::PI_LO;
use super::logarithm::Split;
use super::power::{plus, precise_log, times};
use super::trigonometric::sine_of_quarters;
use crate::dd::{Dd, nearest, ordered_sum, product, scale, sum};
use crate::polynomials::{STIRLING, at};
use std::f64::consts::PI;

/// log(2 pi) / 2 in two floats.
const HALF_LOG_2_PI: Dd = Dd { hi: 0.9189385332046728, lo: -3.8782941580672414e-17 };
const EULER_GAMMA: f64 = 0.5772156649015329;

/// log Γ(y) for a y from 8 on.
#[inline(always)]
pub(super) fn exponent_of_large(y: Dd) -> Dd {
    let log = precise_log(Split::of_normal(y.hi));
    let most = times(ordered_sum(y.hi, -0.5), log);
    let less = ordered_sum(most.hi, -y.hi);
    let all = ordered_sum(less.hi, HALF_LOG_2_PI.hi);
    let inverse = 1.0 / y.hi;
    let series = inverse * at(&STIRLING, inverse * inverse);
    // By the slope, log y - 1/(2y), what the rounding of y lost.
    let lost = y.lo * (-0.5f64).mul_add(inverse, log.hi);
    let rest = (most.lo + less.lo) + (all.lo + HALF_LOG_2_PI.lo) + lost;
    ordered_sum(all.hi, series + rest)
}

/// Γ(y) for a y in [8, 200], as the parts of a power of e.
#[inline(always)]
fn gamma_of_large(y: Dd) -> Parts {
    let exponent = exponent_of_large(y);
    Parts::of_sum(exponent.hi, exponent.lo)
}

/// a (a + 1) ... (a + 7) for 0 <= a < 8, of pairs of factors a^2 + 7a + 0, 6, 10, 12.
#[inline(always)]
pub(super) fn rising(a: f64) -> Dd {
    let q = plus(product(7.0, a), product(a, a));
    let and = |more: f64| {
        let hi = sum(q.hi, more);
        Dd { hi: hi.hi, lo: hi.lo + q.lo }
    };
    times(times(q, and(6.0)), times(and(10.0), and(12.0)))
}

/// sin(pi a) for a positive number.
#[inline(always)]
pub(super) fn sine_of_turns(a: f64) -> Dd {
    let (halves, quarter) = nearest(a + a);
    let rest = (-0.5f64).mul_add(halves, a);
    let angle = product(PI, rest);
    sine_of_quarters(quarter, Dd { hi: angle.hi, lo: PI_LO.mul_add(rest, angle.lo) })
}

/// The gamma function.
pub(crate) struct Gamma;

impl UnaryKernel<f64> for Gamma {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let a = x.abs();
        let (small, negative) = (a < 8.0, x < 0.0);
        // From here on it is infinite, or 0.
        let large = if a > 200.0 { 200.0 } else { a };
        let shifted = ordered_sum(8.0, a);
        let (y, y_lo) = if small { (shifted.hi, shifted.lo) } else { (large, 0.0) };
        let parts = gamma_of_large(Dd { hi: y, lo: y_lo });
        let power = parts.significand();
        let factors = rising(a);
        let (p, p_lo) = if small { (factors.hi, factors.lo) } else { (1.0, 0.0) };
        let factors = Dd { hi: p, lo: p_lo };
        // Γ(a) = power / factors, and Γ(-a) = -pi / (a sin(pi a) Γ(a)).
        let over = times(Dd { hi: -PI, lo: -PI_LO }, factors);
        let under = times(times(Dd { hi: a, lo: 0.0 }, sine_of_turns(a).normal()), power);
        let (n, n_lo) = if negative { (over.hi, over.lo) } else { (power.hi, power.lo) };
        let (d, d_lo) = if negative { (under.hi, under.lo) } else { (p, p_lo) };
        let value = Dd { hi: n, lo: n_lo }.over(Dd { hi: d, lo: d_lo }).round();
        let value = scale(value, if negative { parts.bits.wrapping_neg() } else { parts.bits });
        // Γ(x) = 1/x - Euler's constant + ...
        let value = if a < 3.7e-9 { 1.0 / x - EULER_GAMMA } else { value };
        if negative && x.trunc() == x { f64::NAN } else { value }
    }
}
