//! Angles: which quarter turn, and the rest as a sum of two floats, right to the last place.

use crate::dd::{Dd, nearest, ordered_sum, product};
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// pi/2 as the nearest float, 31 bits of what is left, exact in products with quarters up to [`NEAR`], and the rest.
const HALF_PI: [f64; 3] = [FRAC_PI_2, 6.12323399409214e-17, 1.6446256936324258e-26];

/// What the nearest float leaves of pi/2.
const FRAC_PI_2_LO: f64 = 6.123233995736766e-17;

/// Up to here, less than 2^22 quarters, straight-line code reduces an angle.
pub(super) const NEAR: f64 = 4_194_304.0;

/// An angle less `quarter` quarter turns, of which the last two bits count.
#[derive(Clone, Copy)]
pub(super) struct Reduced {
    pub(super) quarter: u64,
    pub(super) rest: Dd,
}

/// Reduces an angle in [0, [`NEAR`]].
#[inline(always)]
pub(super) fn near(x: f64) -> Reduced {
    let (n, quarter) = nearest(x * FRAC_2_PI);
    // Exact: both terms are multiples of 2^-53 unless n is 0, and less than 1 is left.
    let most = (-n).mul_add(HALF_PI[0], x);
    // Exact: a multiple of 2^-84 below 2^-31, or `most` is the larger term.
    let hi = (-n).mul_add(HALF_PI[1], most);
    let lo = (-n).mul_add(HALF_PI[1], most - hi);
    Reduced { quarter, rest: Dd { hi, lo: (-n).mul_add(HALF_PI[2], lo) } }
}

/// Reduces any finite angle above 1, by Payne and Hanek: of x * 2/pi only the bits around its point are computed, from a
/// window of the digits of 2/pi. Those before the window give whole turns.
#[inline(always)]
pub(super) fn far(x: f64) -> Reduced {
    let bits = x.to_bits();
    let significand = (bits & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000;
    // x = significand * 2^e, and the window of 256 bits begins e - 2 bits after the point of 2/pi. The table begins
    // 64 zeros before it, and 1 < x means e > -53.
    let e = ((bits >> 52) & 0x7ff) as usize;
    let begin = (e + 64).saturating_sub(1075 + 2);
    let (word, shift) = (begin / 64, (begin % 64) as u32);
    let window = |i: usize| {
        let digits = |at: usize| TWO_OVER_PI.get(at).copied().unwrap_or(0);
        let pair = (u128::from(digits(word + i)) << 64) | u128::from(digits(word + i + 1));
        (pair << shift >> 64) as u64
    };
    // The product modulo 2^256: two bits before the point, 254 after it.
    let mut words = [0; 4];
    let mut carry = 0;
    for i in (0..4).rev() {
        let partial = u128::from(window(i)) * u128::from(significand) + carry;
        words[i] = partial as u64;
        carry = partial >> 64;
    }
    let high = (u128::from(words[0]) << 64) | u128::from(words[1]);
    let low = (u128::from(words[2]) << 64) | u128::from(words[3]);
    // The fraction of the nearest multiple: between -1/2 and 1/2, in units of 2^-128.
    let fraction = ((high << 2) | (low >> 126)) as i128;
    let quarter = ((high >> 126) as u64).wrapping_add(u64::from(fraction < 0));
    // Zeros at its front make room for later bits; one stays, so that rounding cannot overflow.
    let zeros = fraction.unsigned_abs().leading_zeros().clamp(2, 120) - 2;
    let fraction = (fraction << zeros) | ((low << 2) >> 1 >> (127 - zeros)) as i128;
    let hi = fraction as f64;
    let lo = (fraction - hi as i128) as f64;
    let unit = f64::from_bits(u64::from(1023 - 128 - zeros) << 52);
    let (hi, lo) = (hi * unit, lo * unit);
    let most = product(hi, FRAC_PI_2);
    Reduced { quarter, rest: ordered_sum(most.hi, most.lo + hi.mul_add(FRAC_PI_2_LO, lo * FRAC_PI_2)) }
}

/// The digits of 2/pi, after 64 zeros.
const TWO_OVER_PI: [u64; 21] = [
    0,
    0xa2f9_836e_4e44_1529,
    0xfc27_57d1_f534_ddc0,
    0xdb62_9599_3c43_9041,
    0xfe51_63ab_debb_c561,
    0xb724_6e3a_424d_d2e0,
    0x0649_2eea_09d1_921c,
    0xfe1d_eb1c_b129_a73e,
    0xe882_35f5_2ebb_4484,
    0xe99c_7026_b45f_7e41,
    0x3991_d639_8353_39f4,
    0x9c84_5f8b_bdf9_283b,
    0x1ff8_97ff_de05_980f,
    0xef2f_118b_5a0a_6d1f,
    0x6d36_7ecf_27cb_09b7,
    0x4f46_3f66_9e5f_ea2d,
    0x7527_bac7_ebe5_f17b,
    0x3d07_39f7_8a52_92ea,
    0x6bfb_5fb1_1f8d_5d08,
    0x5603_3046_fc7b_6bab,
    0xf0cf_bc20_9af4_361d,
];
