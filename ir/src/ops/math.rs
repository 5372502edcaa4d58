//! The elementary functions, one definition each: the interpreters, constant folding and compiled code all call these, so
//! they agree bit for bit. They are `pxfm`'s, correctly rounded on nearly every input (at most 1 ULP everywhere).

/// Elementary functions of `f32` and `f64`.
///
/// Call them by path (`Math::exp(x)`): the floats' inherent methods of the same names are the platform's.
pub trait Math: Copy {
    /// e to the x.
    fn exp(self) -> Self;
    /// 2 to the x.
    fn exp2(self) -> Self;
    /// e to the x, less 1.
    fn expm1(self) -> Self;
    /// Natural logarithm.
    fn log(self) -> Self;
    /// Logarithm to base 2.
    fn log2(self) -> Self;
    /// Logarithm to base 10.
    fn log10(self) -> Self;
    /// Natural logarithm of 1 + x.
    fn log1p(self) -> Self;
    /// Sine of radians.
    fn sin(self) -> Self;
    /// Cosine of radians.
    fn cos(self) -> Self;
    /// Tangent of radians.
    fn tan(self) -> Self;
    /// Inverse sine in radians.
    fn asin(self) -> Self;
    /// Inverse cosine in radians.
    fn acos(self) -> Self;
    /// Inverse tangent in radians.
    fn atan(self) -> Self;
    /// Hyperbolic sine.
    fn sinh(self) -> Self;
    /// Hyperbolic cosine.
    fn cosh(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Cube root.
    fn cbrt(self) -> Self;
    /// `self` to the power `y`.
    fn pow(self, y: Self) -> Self;
    /// Angle of the point (`x`, `self`) in radians.
    fn atan2(self, x: Self) -> Self;
    /// Square root of the sum of squares, without overflow.
    fn hypot(self, y: Self) -> Self;
    /// NumPy's floor division and remainder: the quotient floored, the remainder with the divisor's sign.
    fn floor_divmod(self, y: Self) -> (Self, Self);
    /// IEEE 754-2019 maximum: NaN if either is NaN, `+0` above `-0`.
    fn ieee_maximum(self, y: Self) -> Self;
    /// IEEE 754-2019 minimum: NaN if either is NaN, `-0` below `+0`.
    fn ieee_minimum(self, y: Self) -> Self;
}

macro_rules! math {
    ($ty:ident, $pow:ident, $($name:ident = $function:ident ($($arg:ident),*);)*) => {
        impl Math for $ty {
            $(fn $name(self $(, $arg: $ty)*) -> $ty { pxfm::$function(self $(, $arg)*) })*

            // C99 F.10.4.4: 1 even when the other operand is NaN. Squares are exact products, as in NumPy.
            fn pow(self, y: $ty) -> $ty {
                if self == 1.0 || y == 0.0 {
                    1.0
                } else if y == 1.0 {
                    self
                } else if y == 2.0 {
                    self * self
                } else {
                    pxfm::$pow(self, y)
                }
            }

            // The algorithm of NumPy's npy_divmod.
            fn floor_divmod(self, y: $ty) -> ($ty, $ty) {
                if y == 0.0 {
                    return (self / y, <$ty>::NAN);
                }
                let mut modulus = self % y;
                let mut div = (self - modulus) / y;
                if modulus != 0.0 {
                    if (y < 0.0) != (modulus < 0.0) {
                        modulus += y;
                        div -= 1.0;
                    }
                } else {
                    modulus = (0.0 as $ty).copysign(y);
                }
                let floor = if div != 0.0 {
                    let floor = div.floor();
                    if div - floor > 0.5 { floor + 1.0 } else { floor }
                } else {
                    (0.0 as $ty).copysign(self / y)
                };
                (floor, modulus)
            }

            fn ieee_maximum(self, y: $ty) -> $ty {
                if self.is_nan() || y.is_nan() {
                    self + y
                } else if self == y {
                    if self.is_sign_negative() { y } else { self }
                } else if self > y { self } else { y }
            }

            fn ieee_minimum(self, y: $ty) -> $ty {
                if self.is_nan() || y.is_nan() {
                    self + y
                } else if self == y {
                    if self.is_sign_negative() { self } else { y }
                } else if self < y { self } else { y }
            }
        }
    };
}

math! { f64, f_pow,
    exp = f_exp(); exp2 = f_exp2(); expm1 = f_expm1(); log = f_log(); log2 = f_log2(); log10 = f_log10();
    log1p = f_log1p(); sin = f_sin(); cos = f_cos(); tan = f_tan(); asin = f_asin(); acos = f_acos(); atan = f_atan();
    sinh = f_sinh(); cosh = f_cosh(); tanh = f_tanh(); cbrt = f_cbrt(); atan2 = f_atan2(x);
    hypot = f_hypot(y);
}

math! { f32, f_powf,
    exp = f_expf(); exp2 = f_exp2f(); expm1 = f_expm1f(); log = f_logf(); log2 = f_log2f(); log10 = f_log10f();
    log1p = f_log1pf(); sin = f_sinf(); cos = f_cosf(); tan = f_tanf(); asin = f_asinf(); acos = f_acosf(); atan = f_atanf();
    sinh = f_sinhf(); cosh = f_coshf(); tanh = f_tanhf(); cbrt = f_cbrtf(); atan2 = f_atan2f(x);
    hypot = f_hypotf(y);
}
