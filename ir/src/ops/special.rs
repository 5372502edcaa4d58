//! The scalar functions behind the rarer ops: bits of floats and special functions. As in [`super::math`] each
//! has one definition. The inverse hyperbolic, error and logistic functions, gamma and gammaln are `evanesce-math`'s; digamma is
//! `pxfm`'s, with the limits mended where they differ from SciPy's.

use super::math::Math;
use evanesce_math::{double, single};

/// Functions of `f32` and `f64` beside the elementary ones.
pub trait Special: Math {
    /// Inverse hyperbolic sine.
    fn asinh(self) -> Self;
    /// Inverse hyperbolic cosine.
    fn acosh(self) -> Self;
    /// Inverse hyperbolic tangent.
    fn atanh(self) -> Self;
    /// `1 / (1 + exp(-x))`.
    fn expit(self) -> Self;
    /// `log(x / (1 - x))`.
    fn logit(self) -> Self;
    /// The error function.
    fn erf(self) -> Self;
    /// 1 less the error function.
    fn erfc(self) -> Self;
    /// The gamma function.
    fn gamma(self) -> Self;
    /// The logarithm of the gamma function's absolute value.
    fn gammaln(self) -> Self;
    /// The derivative of [`gammaln`](Self::gammaln).
    fn digamma(self) -> Self;
    /// `log(exp(x) + exp(y))`, without overflow.
    fn logaddexp(self, y: Self) -> Self;
    /// `log2(2^x + 2^y)`, without overflow.
    fn logaddexp2(self, y: Self) -> Self;
    /// The step function: 0 below 0, 1 above, `y` at 0.
    fn heaviside(self, y: Self) -> Self;
    /// The neighbour of `self` towards `y`.
    fn nextafter(self, y: Self) -> Self;
    /// The distance to the neighbour away from 0, with the sign of `self`.
    fn spacing(self) -> Self;
    /// `self * 2^n` for the integer `n` that `y` is.
    fn ldexp(self, y: Self) -> Self;
    /// The mantissa in `0.5..1` of `self = mantissa * 2^exponent`, and the exponent.
    fn frexp(self) -> (Self, Self);
    /// The larger; of a NaN and a number the number.
    fn number_maximum(self, y: Self) -> Self;
    /// The smaller; of a NaN and a number the number.
    fn number_minimum(self, y: Self) -> Self;
}

macro_rules! special {
    ($ty:ident, $functions:ident, $bits:ident, $mantissa:expr, $bias:expr, $ln_2:expr, $log2_e:expr,
     $($name:ident = $function:ident;)*) => {
        impl Special for $ty {
            $(fn $name(self) -> $ty { $functions::$function(self) })*

            fn digamma(self) -> $ty {
                match self {
                    x if x == 0.0 => -1.0 / x,
                    x if x < 0.0 && x.floor() == x => <$ty>::NAN,
                    // log(x) - 1/(2x) - ..., of which the first is all there is.
                    x if x > 1e18 => Math::log(x),
                    x => x.psi(),
                }
            }

            // Equal infinities have no difference.
            fn logaddexp(self, y: $ty) -> $ty {
                if self == y {
                    return self + $ln_2;
                }
                let (difference, larger) = (self - y, if self > y { self } else { y });
                if difference.is_nan() { difference } else { larger + Math::log1p(Math::exp(-difference.abs())) }
            }

            fn logaddexp2(self, y: $ty) -> $ty {
                if self == y {
                    return self + 1.0;
                }
                let (difference, larger) = (self - y, if self > y { self } else { y });
                let log2_1p = |x: $ty| $log2_e * Math::log1p(x);
                if difference.is_nan() { difference } else { larger + log2_1p(Math::exp2(-difference.abs())) }
            }

            fn heaviside(self, y: $ty) -> $ty {
                if self.is_nan() {
                    self
                } else if self == 0.0 {
                    y
                } else if self > 0.0 {
                    1.0
                } else {
                    0.0
                }
            }

            fn nextafter(self, y: $ty) -> $ty {
                if self.is_nan() || y.is_nan() {
                    self + y
                } else if self == y {
                    y
                } else if self < y {
                    self.next_up()
                } else {
                    self.next_down()
                }
            }

            fn spacing(self) -> $ty {
                if self.is_infinite() {
                    return <$ty>::NAN;
                }
                let away = if self == 0.0 { <$ty>::from_bits(1) } else { <$ty>::from_bits(self.to_bits() + 1) };
                if self.is_nan() { self } else { away - self }
            }

            fn ldexp(self, y: $ty) -> $ty {
                if self == 0.0 || !self.is_finite() || y.is_nan() {
                    return if y.is_nan() { self + y } else { self };
                }
                // Beyond this every result is 0 or infinite.
                let limit = 4 * $bias;
                let (mut x, mut n) = (self, y.trunc().clamp(-limit as $ty, limit as $ty) as i32);
                let power = |n: i32| <$ty>::from_bits(((n + $bias) as $bits) << $mantissa);
                while n > $bias {
                    x *= power($bias);
                    n -= $bias;
                }
                // Steps down leave the bits of a normal number alone, so that only the last one rounds.
                let step = 1 - $bias + $mantissa + 1;
                while n < 1 - $bias {
                    x *= power(step);
                    n -= step;
                }
                x * power(n)
            }

            fn frexp(self) -> ($ty, $ty) {
                if self == 0.0 || !self.is_finite() {
                    return (self, 0.0);
                }
                let scale = if self.is_normal() { 0 } else { $mantissa + 1 };
                let bits = Special::ldexp(self, scale as $ty).to_bits();
                let field = (bits >> $mantissa) & (2 * $bias + 1);
                let half = (bits & !((2 * $bias + 1) << $mantissa)) | (($bias - 1) << $mantissa);
                (<$ty>::from_bits(half), (field as i32 - ($bias - 1) - scale) as $ty)
            }

            fn number_maximum(self, y: $ty) -> $ty {
                if self.is_nan() { y } else if y.is_nan() { self } else { self.ieee_maximum(y) }
            }

            fn number_minimum(self, y: $ty) -> $ty {
                if self.is_nan() { y } else if y.is_nan() { self } else { self.ieee_minimum(y) }
            }
        }
    };
}

/// What `pxfm` has under the names above, before its limits are mended.
trait Raw {
    fn psi(self) -> Self;
}

macro_rules! raw {
    ($ty:ident, $psi:ident) => {
        impl Raw for $ty {
            fn psi(self) -> $ty {
                pxfm::$psi(self)
            }
        }
    };
}

raw!(f64, f_digamma);
raw!(f32, f_digammaf);

special! { f64, double, u64, 52, 1023, std::f64::consts::LN_2, std::f64::consts::LOG2_E,
    asinh = arcsinh; acosh = arccosh; atanh = arctanh; erf = erf; erfc = erfc; gamma = gamma; expit = expit; logit = logit; gammaln = gammaln;
}

special! { f32, single, u32, 23, 127, std::f32::consts::LN_2, std::f32::consts::LOG2_E,
    asinh = arcsinh; acosh = arccosh; atanh = arctanh; erf = erf; erfc = erfc; gamma = gamma; expit = expit; logit = logit; gammaln = gammaln;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_by_powers_of_two_rounds_once() {
        let tiny = f64::from_bits(1);
        assert_eq!(Special::ldexp(1.0, -1074.0), tiny);
        assert_eq!(Special::ldexp(tiny, 1074.0 + 1023.0), 2f64.powi(1023));
        assert_eq!(Special::ldexp(1.5, -1074.0), f64::from_bits(2));
        // Half of the least number goes to even, a bit more does not.
        assert_eq!(Special::ldexp(1.0, -1075.0), 0.0);
        assert_eq!(Special::ldexp(1.0f64.next_up(), -1075.0), tiny);
        assert_eq!(Special::ldexp(f64::MAX, -5000.0), 0.0);
        assert_eq!(Special::ldexp(1.0f64, f64::INFINITY), f64::INFINITY);
        assert_eq!(Special::ldexp(1.0f32.next_up(), -150.0), f32::from_bits(1));
        for x in [1.0, -0.75, 3e-310, f64::MAX, tiny, -1e-308] {
            let (mantissa, exponent) = Special::frexp(x);
            assert!((0.5..1.0).contains(&mantissa.abs()));
            assert_eq!(Special::ldexp(mantissa, exponent), x);
        }
    }
}
