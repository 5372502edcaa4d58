//! Numbers as unevaluated sums of two floats, and other exact steps that the kernels share.

/// 1.5 * 2^52: a number of magnitude below 2^51 added to it is rounded to an integer, which stands in the low bits.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// A number `hi + lo`, of which `lo` is a rounding error of `hi` or little more.
#[derive(Clone, Copy)]
pub(crate) struct Dd {
    pub(crate) hi: f64,
    pub(crate) lo: f64,
}

impl Dd {
    /// The float nearest to the sum, if `lo` is that small.
    #[inline(always)]
    pub(crate) fn round(self) -> f64 {
        self.hi + self.lo
    }

    /// The same sum with `lo` a rounding error of `hi`.
    #[inline(always)]
    pub(crate) fn normal(self) -> Dd {
        ordered_sum(self.hi, self.lo)
    }

    /// `self / d` with one division.
    #[inline(always)]
    pub(crate) fn over(self, d: Dd) -> Dd {
        let (n, d) = (self.normal(), d.normal());
        let inverse = 1.0 / d.hi;
        let hi = n.hi * inverse;
        let rest = (-hi).mul_add(d.hi, n.hi) + (-hi).mul_add(d.lo, n.lo);
        Dd { hi, lo: rest * inverse }
    }

    /// `self + y` for a `y` of any size.
    #[inline(always)]
    pub(crate) fn plus(self, y: f64) -> Dd {
        let sum = sum(self.hi, y);
        Dd { hi: sum.hi, lo: sum.lo + self.lo }
    }
}

/// `a + b` exactly, for `|a| >= |b|` or `a` 0.
#[inline(always)]
pub(crate) fn ordered_sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    Dd { hi, lo: (a - hi) + b }
}

/// `a + b` exactly.
#[inline(always)]
pub(crate) fn sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    let b_there = hi - a;
    Dd { hi, lo: (a - (hi - b_there)) + (b - b_there) }
}

/// `a * b` exactly, unless the error underflows.
#[inline(always)]
pub(crate) fn product(a: f64, b: f64) -> Dd {
    let hi = a * b;
    Dd { hi, lo: a.mul_add(b, -hi) }
}

/// The integer nearest to `x` of magnitude below 2^51, as a float, and bits that end in the integer's.
#[inline(always)]
pub(crate) fn nearest(x: f64) -> (f64, u64) {
    let shifted = x + SHIFT;
    (shifted - SHIFT, shifted.to_bits())
}

/// 2 to the integer `k` in [-1022, 1023].
#[inline(always)]
pub(crate) fn power_of_two(k: f64) -> f64 {
    f64::from_bits((k + SHIFT).to_bits().wrapping_add(1023) << 52)
}

/// 2 to the integer in [-1022, 1023] that `bits` of [`nearest`] end in.
#[inline(always)]
pub(crate) fn power_of_bits(bits: u64) -> f64 {
    f64::from_bits(bits.wrapping_add(1023) << 52)
}

/// `x` times 2 to the integer in [-2044, 2046] that `bits` of [`nearest`] end in, rounded once.
#[inline(always)]
pub(crate) fn scale(x: f64, bits: u64) -> f64 {
    // 4096 more, so that the halves are natural numbers.
    let more = bits.wrapping_add(4096);
    let half = more >> 1;
    let power = |half: u64| f64::from_bits(half.wrapping_sub(2048 - 1023) << 52);
    x * power(half) * power(more.wrapping_sub(half))
}

/// An integer in [0, 2^52) as a float, less another below 2^52.
#[inline(always)]
pub(crate) fn float(integer: u64, less: f64) -> f64 {
    f64::from_bits(0x4330_0000_0000_0000 | integer) - (4_503_599_627_370_496.0 + less)
}

/// `x` with its sign bit flipped where the sign bit of `bits` is set.
#[inline(always)]
pub(crate) fn flip_sign(x: f64, bits: u64) -> f64 {
    f64::from_bits(x.to_bits() ^ (bits & SIGN))
}

/// The sign bit.
pub(crate) const SIGN: u64 = 1 << 63;
