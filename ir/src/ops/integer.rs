//! The integers' own functions: each has one defined result, NumPy's, where C has none.

/// Functions of `i8` to `u64`.
pub trait Integer: Copy {
    /// The largest integer not above `x / y`, which wraps; 0 when `y` is 0.
    fn floor_divide(self, y: Self) -> Self;
    /// `x - floor_divide(x, y) * y`, with the sign of `y`; 0 when `y` is 0.
    fn remainder(self, y: Self) -> Self;
    /// C's `fmod`: the sign of `x`; 0 when `y` is 0.
    fn fmod(self, y: Self) -> Self;
    /// `x` to the power `y`, which wraps; a negative `y` is refused before (see `ElementwiseOp::check`).
    fn power(self, y: Self) -> Self;
    /// `|x|`, of the least integer itself.
    fn absolute(self) -> Self;
    /// -1, 0 or 1.
    fn sign(self) -> Self;
    /// `1 / x` truncated.
    fn reciprocal(self) -> Self;
    /// The number of bits set in `|x|`.
    fn bitwise_count(self) -> u8;
    /// The greatest common divisor, which wraps; of 0 and 0 it is 0.
    fn gcd(self, y: Self) -> Self;
    /// The least common multiple, which wraps; 0 when either is 0.
    fn lcm(self, y: Self) -> Self;
    /// `x << n`; 0 for a distance that is no place of a bit.
    fn left_shift(self, n: Self) -> Self;
    /// `x >> n`, with the sign; all sign bits for a distance that is no place of a bit.
    fn right_shift(self, n: Self) -> Self;
}

macro_rules! integers {
    ($($ty:ident $unsigned:ident, $reciprocal_of_0:expr;)*) => {
        $(
            // Of unsigned types some comparisons have one answer.
            #[allow(unused_comparisons, clippy::allow_attributes, reason = "one definition for all integers")]
            impl Integer for $ty {
                fn floor_divide(self, y: $ty) -> $ty {
                    if y == 0 {
                        return 0;
                    }
                    let quotient = self.wrapping_div(y);
                    let inexact = self.wrapping_rem(y) != 0;
                    if inexact && (self < 0) != (y < 0) { quotient - 1 } else { quotient }
                }

                fn remainder(self, y: $ty) -> $ty {
                    if y == 0 {
                        return 0;
                    }
                    let rem = self.wrapping_rem(y);
                    if rem != 0 && (rem < 0) != (y < 0) { rem + y } else { rem }
                }

                fn fmod(self, y: $ty) -> $ty {
                    if y == 0 { 0 } else { self.wrapping_rem(y) }
                }

                fn power(self, y: $ty) -> $ty {
                    let (mut result, mut x, mut y): ($ty, $ty, $ty) = (1, self, y.max(0));
                    while y > 0 {
                        if y & 1 == 1 {
                            result = result.wrapping_mul(x);
                        }
                        x = x.wrapping_mul(x);
                        y >>= 1;
                    }
                    result
                }

                fn absolute(self) -> $ty {
                    if self < 0 { self.wrapping_neg() } else { self }
                }

                fn sign(self) -> $ty {
                    if self == 0 {
                        0
                    } else if self < 0 {
                        (0 as $ty).wrapping_sub(1)
                    } else {
                        1
                    }
                }

                fn reciprocal(self) -> $ty {
                    if self == 0 { $reciprocal_of_0 } else { (1 as $ty).wrapping_div(self) }
                }

                fn bitwise_count(self) -> u8 {
                    (self.absolute() as $unsigned).count_ones() as u8
                }

                fn gcd(self, y: $ty) -> $ty {
                    let (mut x, mut y) = (self.absolute() as $unsigned, y.absolute() as $unsigned);
                    while y != 0 {
                        (x, y) = (y, x % y);
                    }
                    x as $ty
                }

                fn lcm(self, y: $ty) -> $ty {
                    match Integer::gcd(self, y) as $unsigned {
                        0 => 0,
                        gcd => (self.absolute() as $unsigned / gcd).wrapping_mul(y.absolute() as $unsigned) as $ty,
                    }
                }

                fn left_shift(self, n: $ty) -> $ty {
                    if n < 0 || n >= <$ty>::BITS as $ty { 0 } else { self << n }
                }

                fn right_shift(self, n: $ty) -> $ty {
                    let last = <$ty>::BITS as $ty - 1;
                    if n < 0 || n > last { if self < 0 { self >> last } else { 0 } } else { self >> n }
                }
            }
        )*
    };
}

// What x86's conversion of infinity leaves in each.
integers! {
    i8 u8, 0;
    i16 u16, 0;
    i32 u32, i32::MIN;
    i64 u64, i64::MIN;
    u8 u8, 0;
    u16 u16, 0;
    u32 u32, 0;
    u64 u64, 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_at_their_limits() {
        assert_eq!((i64::MIN.gcd(i64::MIN), 0i64.gcd(0), (-4i64).gcd(6)), (i64::MIN, 0, 2));
        assert_eq!((4i64.lcm(-6), 0i64.lcm(5)), (12, 0));
        assert_eq!((1i64.left_shift(64), 1i64.left_shift(-1), (-8i64).right_shift(64)), (0, 0, -1));
        assert_eq!((1u8.left_shift(8), 200u8.right_shift(8), (-128i8).right_shift(7)), (0, 0, -1));
        assert_eq!(((-7i64).fmod(2), 7i64.fmod(-2), 7i64.fmod(0), i64::MIN.fmod(-1)), (-1, 1, 0, 0));
        assert_eq!((i8::MIN.floor_divide(-1), i8::MIN.remainder(-1), i8::MIN.absolute()), (-128, 0, -128));
        assert_eq!((u8::MAX.sign(), 7u8.floor_divide(0), 3u8.power(5)), (1, 0, 243));
        assert_eq!((i8::MIN.bitwise_count(), u64::MAX.bitwise_count(), (-1i32).bitwise_count()), (1, 64, 1));
    }
}
