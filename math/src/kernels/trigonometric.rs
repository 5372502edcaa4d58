//! Sine, cosine and tangent of a reduced angle r in [-pi/4, pi/4]: polynomials for sine and cosine, either for each quarter.

use super::UnaryKernel;
use super::reduction::{NEAR, Reduced, far, near};
use crate::dd::{Dd, flip_sign, ordered_sum, product};
use crate::polynomials::{COS, HALF_TAN, SIN, at};

/// sin(r).
#[inline(always)]
fn sine(r: Dd) -> Dd {
    let z = r.hi * r.hi;
    let slope = z.mul_add(-0.5, 1.0);
    Dd { hi: r.hi, lo: (r.hi * z).mul_add(at(&SIN, z), r.lo * slope) }
}

/// cos(r).
#[inline(always)]
fn cosine(r: Dd) -> Dd {
    let half = 0.5 * r.hi;
    let h = half * r.hi;
    let error = half.mul_add(r.hi, -h);
    let z = h + h;
    let most = ordered_sum(1.0, -h);
    Dd { hi: most.hi, lo: (most.lo - error) + (z * z).mul_add(at(&COS, z), -(r.hi * r.lo)) }
}

/// The sine of an angle of some quarters and a rest, as a sum of two.
#[inline(always)]
pub(super) fn sine_of_quarters(quarter: u64, rest: Dd) -> Dd {
    let (sine, cosine) = (sine(rest), cosine(rest));
    let (hi, lo) = if quarter & 1 == 0 { (sine.hi, sine.lo) } else { (cosine.hi, cosine.lo) };
    Dd { hi: flip_sign(hi, quarter << 62), lo: flip_sign(lo, quarter << 62) }
}

/// The sine of an angle `ahead` quarters after a reduced one.
#[inline(always)]
fn sine_ahead(angle: Reduced, ahead: u64) -> f64 {
    let quarter = angle.quarter.wrapping_add(ahead);
    let (sine, cosine) = (sine(angle.rest), cosine(angle.rest));
    let value = if quarter & 1 == 0 { sine.round() } else { cosine.round() };
    flip_sign(value, quarter << 62)
}

/// The tangent of a reduced angle: with u = 2 tan(r / 2) it is u / (1 - u^2 / 4), or less the inverse.
#[inline(always)]
fn tangent(Reduced { quarter, rest: Dd { hi: r, lo } }: Reduced) -> f64 {
    let z = r * r;
    let u = ordered_sum(r, (r * z).mul_add(at(&HALF_TAN, z), lo));
    let half = 0.5 * u.hi;
    let square = product(half, half);
    let less = ordered_sum(1.0, -square.hi);
    let less_lo = (-half).mul_add(u.lo, less.lo - square.lo);
    let odd = quarter & 1 == 1;
    let (n, n_lo) = if odd { (less.hi, less_lo) } else { (u.hi, u.lo) };
    let (d, d_lo) = if odd { (u.hi, u.lo) } else { (less.hi, less_lo) };
    let inverse = 1.0 / d;
    let quotient = n * inverse;
    let rest = (-quotient).mul_add(d, n) + (-quotient).mul_add(d_lo, n_lo);
    flip_sign(rest.mul_add(inverse, quotient), quarter << 63)
}

/// A value for a finite angle, NaN else.
#[inline(always)]
fn reduce_far(x: f64, value: impl Fn(Reduced) -> f64) -> f64 {
    if x.is_finite() { value(far(x.abs())) } else { f64::NAN }
}

macro_rules! kernels {
    ($(#[doc = $doc:literal] $name:ident: |$x:ident, $angle:ident| $value:expr;)*) => {$(
        #[doc = $doc]
        pub(crate) struct $name;

        impl UnaryKernel<f64> for $name {
            #[inline(always)]
            fn fast($x: f64) -> f64 {
                let $angle = near($x.abs());
                $value
            }

            #[inline(always)]
            fn is_rare(x: f64) -> bool {
                x.abs() > NEAR
            }

            #[inline(always)]
            fn rare($x: f64) -> f64 {
                reduce_far($x, |$angle| $value)
            }
        }
    )*};
}

kernels! {
    /// Sine.
    Sin: |x, angle| flip_sign(sine_ahead(angle, 0), x.to_bits());
    /// Cosine.
    Cos: |x, angle| sine_ahead(angle, 1);
    /// Tangent.
    Tan: |x, angle| flip_sign(tangent(angle), x.to_bits());
}
