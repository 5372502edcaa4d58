//! Cube root: an inverse root by the exponent, and a residue computed exactly.

use super::flip_sign;
use crate::kernels::{UnaryKernel, narrow};
use crate::polynomials::{CBRT_SINGLE, at_single};

/// 2^23 and a 512th of 4/3 of the bits of 1, so little less that the inverse root's error is as large below as above.
const INVERSE_OF_BITS: f32 = (8_388_608 + 0x54a2_0000 / 512) as f32;

/// Cube root.
pub(crate) struct Cbrt;

impl UnaryKernel<f32> for Cbrt {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let a = x.abs();
        // An inverse root to 4 %: bits are nearly logarithms. Added to 2^23 a number stands in the low bits.
        let bits = (a.to_bits() as i32 as f32).mul_add(-1.0 / (3.0 * 512.0), INVERSE_OF_BITS);
        let y = f32::from_bits(bits.to_bits() << 9);
        let h = (-a * y).mul_add(y * y, 1.0);
        let y = (y * h).mul_add(at_single(&CBRT_SINGLE, h), y);
        let square = y * y;
        let root = a * square;
        let squared = root * root;
        let error = root.mul_add(root, -squared);
        let residue = error.mul_add(root, squared.mul_add(root, -a));
        flip_sign((residue * square).mul_add(-1.0 / 3.0, root), x.to_bits())
    }

    /// Whether it is 0, subnormal or no finite number.
    #[inline(always)]
    fn is_rare(x: f32) -> bool {
        super::logarithm::is_odd(x.abs())
    }

    #[inline(always)]
    fn rare(x: f32) -> f32 {
        narrow::cbrt(x)
    }
}
