//! The error function and what it leaves of 1. Close to 0 an odd polynomial; farther away erf(x) = 1 - e^-p(x), and
//! erfc(x) = e^(-x^2) q(t) / (1 + 2x) with t = (x - 4) / (x + 4), whose q hardly changes between 1/2 and infinity. Of p and q a
//! short number is split off, exact beside the polynomial of the rest.

use super::UnaryKernel;
use super::exponential::Parts;
use crate::dd::{Dd, flip_sign, ordered_sum, power_of_bits, power_of_two, product, scale};
use crate::polynomials::{ERF, ERF_FAR, ERFC, at, at_halves};
use std::f64::consts::FRAC_2_SQRT_PI;

/// 2 / sqrt(pi) less its nearest float.
const FRAC_2_SQRT_PI_LO: f64 = 1.533545961316588e-17;

/// What p is at 1, and q everywhere, but for a small rest.
const FAR: f64 = 1.875;
const SCALED: f64 = 1.25;

/// erf(x) for |x| up to 3/4.
#[inline(always)]
fn erf_near(x: f64) -> Dd {
    let z = x * x;
    let most = product(FRAC_2_SQRT_PI, x);
    Dd { hi: most.hi, lo: (x * z).mul_add(at(&ERF, z), FRAC_2_SQRT_PI_LO.mul_add(x, most.lo)) }
}

/// The error function.
pub(crate) struct Erf;

impl UnaryKernel<f64> for Erf {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let a = x.abs();
        // From here on it is 1.
        let size = if a > 6.0 { 6.0 } else { a };
        let p = ordered_sum(FAR, at(&ERF_FAR, size - 1.0));
        let parts = Parts::near(-p.hi, -p.lo);
        let less = power_of_bits(parts.bits);
        let far = (-less).mul_add(parts.r + parts.rest, 1.0 - less);
        flip_sign(if a < 0.75 { erf_near(a).round() } else { far }, x.to_bits())
    }
}

/// erfc(x) for `x` from 1/2 on, less a power of two, and the parts that know it.
#[inline(always)]
fn erfc_far(x: f64) -> (Dd, Parts) {
    let square = product(x, x);
    let power = Parts::of_sum(-square.hi, -square.lo);
    let e = power.significand();
    let q = ordered_sum(SCALED, at_halves(&ERFC, (x - 4.0) / (x + 4.0)));
    let d = ordered_sum(2.0 * x, 1.0);
    let inverse = 1.0 / d.hi;
    let quotient = q.hi * inverse;
    let rest = (-quotient).mul_add(d.hi, q.hi) + (-quotient).mul_add(d.lo, q.lo);
    let value = product(e.hi, quotient);
    (Dd { hi: value.hi, lo: value.lo + e.hi.mul_add(rest * inverse, e.lo * quotient) }, power)
}

/// 1 less the error function.
pub(crate) struct Erfc;

impl UnaryKernel<f64> for Erfc {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let a = x.abs();
        // From here on it is 0, or 2.
        let size = if a > 28.0 { 28.0 } else { a };
        let (far, power) = erfc_far(size);
        let near = erf_near(x);
        let small = a < 0.5;
        let (base, part, part_lo) = if small { (1.0, near.hi, near.lo) } else { (2.0, far.hi, far.lo) };
        let by = if small { 1.0 } else { power_of_two(if power.k < -200.0 { -200.0 } else { power.k }) };
        let behind = ordered_sum(base, -(part * by));
        let behind = behind.hi + (behind.lo - part_lo * by);
        if small || x < 0.0 { behind } else { scale(far.round(), power.bits) }
    }
}
