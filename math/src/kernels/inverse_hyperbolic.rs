//! Inverse hyperbolic functions: logarithms of sums of two floats, so that little is lost where the logarithm is small.

use super::UnaryKernel;
use super::logarithm::log_of_pair;
use crate::dd::{Dd, flip_sign, ordered_sum, product, sum};

/// From here on arsinh and arcosh are log 2x, to 2^-60.
const LARGE: f64 = 1_073_741_824.0;

/// The square root of a sum.
#[inline(always)]
fn root(x: Dd) -> Dd {
    let hi = x.hi.sqrt();
    let lo = ((-hi).mul_add(hi, x.hi) + x.lo) / (hi + hi);
    Dd { hi, lo: if hi == 0.0 { 0.0 } else { lo } }
}

/// log(x + root), or log 2x of a large `x`.
#[inline(always)]
fn log_of_total(x: f64, root: Dd) -> f64 {
    let large = x >= LARGE;
    let most = sum(x, root.hi);
    let u = Dd { hi: most.hi, lo: most.lo + root.lo }.normal();
    let (hi, lo, more) = if large { (x, 0.0, 1.0) } else { (u.hi, u.lo, 0.0) };
    log_of_pair(Dd { hi, lo }, more)
}

/// Inverse hyperbolic sine: log(|x| + sqrt(x^2 + 1)).
pub(crate) struct Asinh;

impl UnaryKernel<f64> for Asinh {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let a = x.abs();
        let square = product(a, a);
        let most = sum(square.hi, 1.0);
        let value = log_of_total(a, root(Dd { hi: most.hi, lo: most.lo + square.lo }));
        let value = if a < 1e-8 { a } else { value };
        // Infinity and NaN are their own.
        flip_sign(if a < f64::INFINITY { value } else { a }, x.to_bits())
    }
}

/// Inverse hyperbolic cosine: with t = x - 1 it is log(x + sqrt(2t + t^2)).
pub(crate) struct Acosh;

impl UnaryKernel<f64> for Acosh {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        // Exact below 2^53.
        let t = x - 1.0;
        let square = product(t, t);
        let most = sum(t + t, square.hi);
        let value = log_of_total(x, root(Dd { hi: most.hi, lo: most.lo + square.lo }));
        let value = if x >= 1.0 { value } else { f64::NAN };
        if x < f64::INFINITY { value } else { x + x }
    }
}

/// Inverse hyperbolic tangent: log((1 + |x|) / (1 - |x|)) / 2.
pub(crate) struct Atanh;

impl UnaryKernel<f64> for Atanh {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let a = x.abs();
        let u = ordered_sum(1.0, a).over(ordered_sum(1.0, -a)).normal();
        let value = 0.5 * log_of_pair(u, 0.0);
        let value = if a < 1e-8 { a } else { value };
        let value = if a < 1.0 { value } else { f64::NAN };
        flip_sign(if a == 1.0 { f64::INFINITY } else { value }, x.to_bits())
    }
}
