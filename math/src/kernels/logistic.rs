//! The logistic function and its inverse.

use super::UnaryKernel;
use super::exponential::Parts;
use super::logarithm::{Split, log, log_of_pair};
use crate::dd::{Dd, ordered_sum, power_of_two, scale};

/// 1 / (1 + e^-x): with e = e^-|x| it is 1 / (1 + e), or e / (1 + e) of a negative number.
pub(crate) struct Expit;

impl UnaryKernel<f64> for Expit {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let a = x.abs();
        // From here on it is 1, or 0.
        let parts = Parts::of(-if a > 750.0 { 750.0 } else { a });
        let e = parts.significand();
        // So little beside 1 does not count.
        let by = power_of_two(if parts.k < -200.0 { -200.0 } else { parts.k });
        let d = ordered_sum(1.0, e.hi * by);
        let d = Dd { hi: d.hi, lo: d.lo + e.lo * by };
        let negative = x < 0.0;
        let (n, n_lo) = if negative { (e.hi, e.lo) } else { (1.0, 0.0) };
        let value = Dd { hi: n, lo: n_lo }.over(d).round();
        scale(value, if negative { parts.bits } else { 0 })
    }
}

/// log(x / (1 - x)).
pub(crate) struct Logit;

impl UnaryKernel<f64> for Logit {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        log_of_pair(Dd { hi: x, lo: 0.0 }.over(ordered_sum(1.0, -x)).normal(), 0.0)
    }

    /// Where 1 - x is 1, or x not between 0 and 1.
    #[inline(always)]
    fn is_rare(x: f64) -> bool {
        !(1e-20..1.0).contains(&x)
    }

    #[inline(always)]
    fn rare(x: f64) -> f64 {
        if x == 1.0 {
            f64::INFINITY
        } else if x == 0.0 {
            f64::NEG_INFINITY
        } else if x > 0.0 && x < 1.0 {
            log(Split::of(x))
        } else {
            f64::NAN
        }
    }
}
