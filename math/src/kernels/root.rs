//! Cube root and hypotenuse: a first result, and its residue computed exactly.

use super::{BinaryKernel, UnaryKernel};
use crate::dd::{Dd, flip_sign, float, nearest, ordered_sum, power_of_two, product};
use crate::polynomials::{CBRT, at};

/// Powers of 2 to -1/3 and -2/3.
const INVERSE_ROOTS: (f64, f64) = (0.7937005259840998, 0.6299605249474366);

/// m, n and 1 / cbrt(m) of a positive finite number m 2^(3n), but for a few roundings.
#[inline(always)]
pub(super) fn inverse_cube_root(size: f64) -> (f64, f64, f64) {
    let subnormal = size < f64::MIN_POSITIVE;
    let normal = if subnormal { size * 18_014_398_509_481_984.0 } else { size };
    let bits = normal.to_bits();
    let bias = if subnormal { 1023.0 + 54.0 } else { 1023.0 };
    let exponent = float(bits >> 52, bias);
    // exponent = 3 third + left with left in 0, 1, 2.
    let third = nearest((exponent - 1.0) * (1.0 / 3.0)).0;
    let left = (-3.0f64).mul_add(third, exponent);
    let fraction = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    let by = if left > 1.5 { INVERSE_ROOTS.1 } else { INVERSE_ROOTS.0 };
    let by = if left < 0.5 { 1.0 } else { by };
    let m = fraction * power_of_two(left);
    // Off by 2^-17, then by little more than rounding.
    let y = at(&CBRT, fraction) * by;
    let h = (-m * y).mul_add(y * y, 1.0);
    (m, third, y.mul_add(h * h.mul_add(h.mul_add(14.0 / 81.0, 2.0 / 9.0), 1.0 / 3.0), y))
}

/// Cube root.
pub(crate) struct Cbrt;

impl UnaryKernel<f64> for Cbrt {
    #[inline(always)]
    fn fast(x: f64) -> f64 {
        let size = x.abs();
        let (m, third, inverse) = inverse_cube_root(size);
        let square = inverse * inverse;
        let root = m * square;
        let squared = product(root, root);
        let residue = squared.lo.mul_add(root, squared.hi.mul_add(root, -m));
        let root = (residue * square).mul_add(-1.0 / 3.0, root);
        let value = flip_sign(root * power_of_two(third), x.to_bits());
        // Zeros, infinities and NaN are their own roots.
        if size > 0.0 && size < f64::INFINITY { value } else { x + x }
    }
}

/// Square root of the sum of squares.
pub(crate) struct Hypot;

impl BinaryKernel<f64> for Hypot {
    #[inline(always)]
    fn fast(x: f64, y: f64) -> f64 {
        let (x, y) = (x.abs(), y.abs());
        let (a, b) = if x > y { (x, y) } else { (y, x) };
        // 2^600 either way keeps squares and their errors within the range.
        let (by, back) = (power_of_two(600.0), power_of_two(-600.0));
        let (by, back) = if a > 1e150 { (back, by) } else { (by, back) };
        let (by, back) = if (1e-130..=1e150).contains(&a) { (1.0, 1.0) } else { (by, back) };
        let (a, b) = (product(a * by, a * by), product(b * by, b * by));
        let sum = ordered_sum(a.hi, b.hi);
        let rest = sum.lo + (a.lo + b.lo);
        let root = sum.hi.sqrt();
        let residue = (-root).mul_add(root, sum.hi) + rest;
        let value = (Dd { hi: root, lo: residue / (root + root) }).round() * back;
        let value = if root > 0.0 { value } else { root };
        let value = if x.is_nan() || y.is_nan() { x + y } else { value };
        if x == f64::INFINITY || y == f64::INFINITY { f64::INFINITY } else { value }
    }
}
