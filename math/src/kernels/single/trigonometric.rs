//! Sine, cosine and tangent of an angle less quarter turns, r in [-pi/4, pi/4]; beyond [`NEAR`] in `f64`.

use super::{Pair, flip_sign, nearest, ordered_sum};
use crate::kernels::{UnaryKernel, narrow};
use crate::polynomials::{COS_SINGLE, HALF_TAN_SINGLE, SIN_SINGLE, at_single};
use std::f32::consts::FRAC_2_PI;

/// pi/2 as the nearest float, 12 bits of what is left, exact in products with quarters, and the rest.
const HALF_PI: [f32; 3] = [1.5707964, -4.3713953e-8, 2.563344e-12];

/// Up to here, 2^12 quarters, angles are reduced in `f32`.
const NEAR: f32 = 6400.0;

/// Quarter turns in an angle up to [`NEAR`], and the rest.
#[inline(always)]
fn reduce(x: f32) -> (u32, Pair) {
    let (n, quarter) = nearest(x, FRAC_2_PI);
    // Exact: both terms are multiples of 2^-24 unless n is 0, and less than 1 is left.
    let most = (-n).mul_add(HALF_PI[0], x);
    // Exact: a multiple of 2^-36 below 2^-12, or `most` is the larger term.
    let hi = (-n).mul_add(HALF_PI[1], most);
    let lo = (-n).mul_add(HALF_PI[1], most - hi);
    (quarter, Pair { hi, lo: (-n).mul_add(HALF_PI[2], lo) })
}

/// sin(r), the small part last.
#[inline(always)]
fn sine(Pair { hi: r, lo }: Pair) -> Pair {
    let z = r * r;
    Pair { hi: r, lo: (r * z).mul_add(at_single(&SIN_SINGLE, z), lo) }
}

/// cos(r), the small part last.
#[inline(always)]
fn cosine(Pair { hi: r, lo }: Pair) -> Pair {
    let half = 0.5 * r;
    let h = half * r;
    let most = ordered_sum(1.0, -h);
    // r times what is left of it and of the square.
    let rest = (-r).mul_add(lo, most.lo - half.mul_add(r, -h));
    let z = h + h;
    Pair { hi: most.hi, lo: (z * z).mul_add(at_single(&COS_SINGLE, z), rest) }
}

/// The sine of an angle of some quarters and a rest.
#[inline(always)]
fn sine_of(quarter: u32, r: Pair) -> f32 {
    let (sine, cosine) = (sine(r), cosine(r));
    let value = if quarter & 1 == 0 { sine.hi + sine.lo } else { cosine.hi + cosine.lo };
    flip_sign(value, quarter << 30)
}

/// The tangent of an angle of some quarters and a rest r: with u = 2 tan(r / 2) it is u / (1 - u^2 / 4), or less the inverse.
#[inline(always)]
fn tangent_of(quarter: u32, Pair { hi: r, lo }: Pair) -> f32 {
    let z = r * r;
    let u = ordered_sum(r, (r * z).mul_add(at_single(&HALF_TAN_SINGLE, z), lo));
    let half = 0.5 * u.hi;
    let square = half * half;
    let less = ordered_sum(1.0, -square);
    let less_lo = (-half).mul_add(u.lo, less.lo - half.mul_add(half, -square));
    let odd = quarter & 1 == 1;
    let (n, n_lo) = if odd { (less.hi, less_lo) } else { (u.hi, u.lo) };
    let (d, d_lo) = if odd { (u.hi, u.lo) } else { (less.hi, less_lo) };
    let inverse = 1.0 / d;
    let quotient = n * inverse;
    let rest = (-quotient).mul_add(d, n) + (-quotient).mul_add(d_lo, n_lo);
    flip_sign(rest.mul_add(inverse, quotient), quarter << 31)
}

macro_rules! kernels {
    ($(#[doc = $doc:literal] $name:ident: |$x:ident, $quarter:ident, $rest:ident| $value:expr, far |$y:ident| $far:expr;)*) => {$(
        #[doc = $doc]
        pub(crate) struct $name;

        impl UnaryKernel<f32> for $name {
            #[inline(always)]
            fn fast($x: f32) -> f32 {
                let ($quarter, $rest) = reduce($x.abs());
                $value
            }

            #[inline(always)]
            fn is_rare(x: f32) -> bool {
                x.abs() > NEAR
            }

            #[inline(always)]
            fn rare($y: f32) -> f32 {
                $far
            }
        }
    )*};
}

kernels! {
    /// Sine.
    Sin: |x, quarter, rest| flip_sign(sine_of(quarter, rest), x.to_bits()), far |x| narrow::sin(x);
    /// Cosine.
    Cos: |x, quarter, rest| sine_of(quarter.wrapping_add(1), rest), far |x| narrow::cos(x);
    /// Tangent.
    Tan: |x, quarter, rest| flip_sign(tangent_of(quarter, rest), x.to_bits()), far |x| narrow::tan(x);
}
