//! Inverse trigonometric functions.
//!
//! Arcsine and arccosine: a polynomial up to 1/2, and from there acos(x) = 2 asin(sqrt((1 - x) / 2)). Arctangent of a ratio a/b
//! in [0, 1]: atan(c) + atan((a - c b) / (b + c a)) with the c of 0, 1/2 and 1 that leaves a small ratio.

use super::{BinaryKernel, UnaryKernel};
use crate::dd::{Dd, flip_sign, ordered_sum, power_of_two, sum};
use crate::polynomials::{ASIN, ATAN, at};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// What the nearest floats leave of pi and its parts.
pub(super) const PI_LO: f64 = 1.2246467991473532e-16;
const FRAC_PI_2_LO: f64 = 6.123233995736766e-17;
const FRAC_PI_4_LO: f64 = 3.061616997868383e-17;
/// atan(1/2) in two floats.
const ATAN_HALF: (f64, f64) = (0.4636476090008061, 2.2698777452961687e-17);

/// asin(root) where `root` is |x|, or for a `large` one sqrt((1 - |x|) / 2).
#[inline(always)]
fn arcsine(x: f64) -> (bool, Dd) {
    let a = x.abs();
    let large = a >= 0.5;
    let square = if large { 0.5 * (1.0 - a) } else { a * a };
    let root = square.sqrt();
    let error = (-root).mul_add(root, square) / (root + root);
    let error = if large && root != 0.0 { error } else { 0.0 };
    let root = if large { root } else { a };
    let error = error.mul_add(0.5 * square, error);
    (large, Dd { hi: root, lo: (root * square).mul_add(at(&ASIN, square), error) })
}

/// Inverse sine.
pub(crate) struct Asin;

impl UnaryKernel<f64> for Asin {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let (large, part) = arcsine(x);
        let rest = ordered_sum(FRAC_PI_2, -2.0 * part.hi);
        let rest = rest.hi + (rest.lo + (-2.0f64).mul_add(part.lo, FRAC_PI_2_LO));
        flip_sign(if large { rest } else { part.round() }, x.to_bits())
    }
}

/// Inverse cosine.
pub(crate) struct Acos;

impl UnaryKernel<f64> for Acos {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let (large, part) = arcsine(x);
        let negative = x < 0.0;
        let (base, base_lo) = if large { (PI, PI_LO) } else { (FRAC_PI_2, FRAC_PI_2_LO) };
        // Small: pi/2 - asin(x). Large: twice the part, or pi less that.
        let by = if large {
            -2.0
        } else if negative {
            1.0
        } else {
            -1.0
        };
        let rest = ordered_sum(base, by * part.hi);
        let rest = rest.hi + (rest.lo + by.mul_add(part.lo, base_lo));
        if large && !negative { 2.0 * part.round() } else { rest }
    }
}

/// atan(a / b) for 0 <= a <= b, with the ratio rounded.
#[inline(always)]
fn arctangent(a: f64, b: f64, ratio: f64) -> Dd {
    let (half, one) = (ratio >= 0.25, ratio >= 0.75);
    let c: f64 = if half { 0.5 } else { 0.0 };
    let c = if one { 1.0 } else { c };
    let (base, base_lo) = if half { ATAN_HALF } else { (0.0, 0.0) };
    let (base, base_lo) = if one { (FRAC_PI_4, FRAC_PI_4_LO) } else { (base, base_lo) };
    // Exact: the terms are within a factor of two.
    let numerator = Dd { hi: (-c).mul_add(b, a), lo: 0.0 };
    let z = numerator.over(sum(b, c * a));
    let square = z.hi * z.hi;
    let tail = (z.hi * square).mul_add(at(&ATAN, square), z.lo);
    let angle = ordered_sum(base, z.hi);
    Dd { hi: angle.hi, lo: angle.lo + (base_lo + tail) }
}

/// Inverse tangent.
pub(crate) struct Atan;

impl UnaryKernel<f64> for Atan {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let size = x.abs();
        let steep = size > 1.0;
        let (a, b) = if steep { (1.0, size) } else { (size, 1.0) };
        let b = if b > 1e300 { 1e300 } else { b };
        let angle = arctangent(a, b, a / b);
        let other = ordered_sum(FRAC_PI_2, -angle.hi);
        let other = other.hi + (other.lo + (FRAC_PI_2_LO - angle.lo));
        flip_sign(if steep { other } else { angle.round() }, x.to_bits())
    }
}

/// Angle of the point (`y`, `x`).
pub(crate) struct Atan2;

impl BinaryKernel<f64> for Atan2 {
    #[inline(always)]
    fn fast(y: f64, x: f64) -> f64 {
        let (height, width) = (y.abs(), x.abs());
        let steep = height > width;
        let (a, b) = if steep { (width, height) } else { (height, width) };
        // Infinities: the ratio is that of 1 and 1, or 0. The origin: 0.
        let (a, b) = if b == f64::INFINITY { (if a == b { 1.0 } else { 0.0 }, 1.0) } else { (a, b) };
        let b = if b == 0.0 { 1.0 } else { b };
        let ratio = a / b;
        // Inside, so that inverses and residues are floats; below 2^-30 the ratio is its own arctangent.
        let by = if b < 1e-270 { power_of_two(900.0) } else { 1.0 };
        let by = if b > 1e300 { power_of_two(-100.0) } else { by };
        let angle = arctangent(a * by, b * by, ratio);
        let tiny = ratio < 9e-10;
        let angle = if tiny { (ratio, 0.0) } else { (angle.hi, angle.lo) };
        let other = ordered_sum(FRAC_PI_2, -angle.0);
        let angle = if steep { (other.hi, other.lo + (FRAC_PI_2_LO - angle.1)) } else { angle };
        let behind = ordered_sum(PI, -angle.0);
        let angle = if x.is_sign_negative() { (behind.hi, behind.lo + (PI_LO - angle.1)) } else { angle };
        let value = flip_sign(angle.0 + angle.1, y.to_bits());
        if x.is_nan() || y.is_nan() { x + y } else { value }
    }
}
