//! Inverse trigonometric functions: an odd polynomial for the arcsine up to 1/2, from there acos(x) = 2 asin(sqrt((1 - x) / 2)); one
//! for the arctangent of ratios up to 1.

use super::{Pair, flip_sign, ordered_sum};
use crate::kernels::{BinaryKernel, UnaryKernel, narrow};
use crate::polynomials::{ASIN_SINGLE, ATAN_SINGLE, at_single};
use std::f32::consts::{FRAC_PI_2, PI};

/// What the nearest floats leave of pi and its half.
const PI_LO: f32 = -8.742278e-8;
const FRAC_PI_2_LO: f32 = -4.371139e-8;

/// asin(root) where `root` is |x|, or for a `large` one sqrt((1 - |x|) / 2).
#[inline(always)]
fn arcsine(a: f32) -> (bool, Pair) {
    let large = a >= 0.5;
    let square = if large { (-0.5f32).mul_add(a, 0.5) } else { a * a };
    let root = square.sqrt();
    let error = (-root).mul_add(root, square) / root.mul_add(2.0, f32::MIN_POSITIVE);
    let (root, error) = if large { (root, error) } else { (a, 0.0) };
    (large, Pair { hi: root, lo: (root * square).mul_add(at_single(&ASIN_SINGLE, square), error) })
}

/// Inverse sine.
pub(crate) struct Asin;

impl UnaryKernel<f32> for Asin {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let (large, part) = arcsine(x.abs());
        let rest = ordered_sum(FRAC_PI_2, -2.0 * part.hi);
        let rest = rest.hi + (rest.lo + (-2.0f32).mul_add(part.lo, FRAC_PI_2_LO));
        flip_sign(if large { rest } else { part.hi + part.lo }, x.to_bits())
    }
}

/// Inverse cosine.
pub(crate) struct Acos;

impl UnaryKernel<f32> for Acos {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let (large, part) = arcsine(x.abs());
        // Small: pi/2 - asin(x). Large: twice the part, or pi less that.
        let (base, base_lo) = if large { (PI, PI_LO) } else { (FRAC_PI_2, FRAC_PI_2_LO) };
        let (base, base_lo) = if large && x >= 0.0 { (0.0, 0.0) } else { (base, base_lo) };
        let by = if large { 2.0 } else { 1.0 };
        let by = flip_sign(by, if large { !x.to_bits() } else { x.to_bits() });
        let by = -by;
        let rest = ordered_sum(base, by * part.hi);
        rest.hi + (rest.lo + by.mul_add(part.lo, base_lo))
    }
}

/// atan(ratio + error) for a ratio in [0, 1].
#[inline(always)]
fn arctangent(ratio: f32, error: f32) -> Pair {
    let z = ratio * ratio;
    // The error counts only beside ratios that the polynomial hardly changes, or as little.
    Pair { hi: ratio, lo: ratio.mul_add(z * at_single(&ATAN_SINGLE, z), error) }
}

/// Inverse tangent.
pub(crate) struct Atan;

impl UnaryKernel<f32> for Atan {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let a = x.abs();
        let steep = a > 1.0;
        // From here on it is pi/2.
        let a = if a > 1e30 { 1e30 } else { a };
        let inverse = 1.0 / a;
        let error = (-inverse).mul_add(a, 1.0) * inverse;
        let (ratio, error) = if steep { (inverse, error) } else { (a, 0.0) };
        let slope = (-ratio).mul_add(0.5 * ratio, 1.0);
        let angle = arctangent(ratio, error * slope);
        let other = ordered_sum(FRAC_PI_2, -angle.hi);
        let other = other.hi + (other.lo + (FRAC_PI_2_LO - angle.lo));
        flip_sign(if steep { other } else { angle.hi + angle.lo }, x.to_bits())
    }
}

/// Angle of the point (`y`, `x`).
pub(crate) struct Atan2;

impl BinaryKernel<f32> for Atan2 {
    #[inline(always)]
    fn fast(y: f32, x: f32) -> f32 {
        let (height, width) = (y.abs(), x.abs());
        let steep = height > width;
        let (a, b) = if steep { (width, height) } else { (height, width) };
        let inverse = 1.0 / b;
        let ratio = a * inverse;
        let error = (-ratio).mul_add(b, a) * inverse;
        let slope = (-ratio).mul_add(0.5 * ratio, 1.0);
        let angle = arctangent(ratio, error * slope);
        // 0 or pi, and less the angle; or pi/2 and the angle, or less it.
        let behind = x.is_sign_negative();
        let (base, base_lo) = if behind { (PI, PI_LO) } else { (0.0, 0.0) };
        let (base, base_lo) = if steep { (FRAC_PI_2, FRAC_PI_2_LO) } else { (base, base_lo) };
        let flip = if behind == steep { 0 } else { super::SIGN };
        let (hi, lo) = (flip_sign(angle.hi, flip), flip_sign(angle.lo, flip));
        let sum = ordered_sum(base, hi);
        flip_sign(sum.hi + (sum.lo + (base_lo + lo)), y.to_bits())
    }

    /// Where the larger is 0, no finite number, or so large or small that a step could leave the range.
    #[inline(always)]
    fn is_rare(y: f32, x: f32) -> bool {
        let (height, width) = (y.abs(), x.abs());
        let larger = if height > width { height } else { width };
        !((1e-18..=1e30).contains(&larger) && height + width < f32::INFINITY)
    }

    #[inline(always)]
    fn rare(y: f32, x: f32) -> f32 {
        narrow::arctan2(y, x)
    }
}
