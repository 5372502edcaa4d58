//! The elementary functions, one definition each: the interpreters, constant folding and compiled code all call these, so
//! they agree bit for bit. They are `evanesce-math`'s, at most 1 ULP off everywhere, and for compiled loops there are block
//! functions of the same bits.

use super::ElementwiseOp;
use evanesce_math::{double, single};

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
    ($ty:ident, $functions:ident, $($name:ident = $function:ident ($($arg:ident),*);)*) => {
        impl Math for $ty {
            $(fn $name(self $(, $arg: $ty)*) -> $ty { $functions::$function(self $(, $arg)*) })*

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

math! { f64, double,
    exp = exp(); exp2 = exp2(); expm1 = expm1(); log = log(); log2 = log2(); log10 = log10(); log1p = log1p();
    sin = sin(); cos = cos(); tan = tan(); asin = arcsin(); acos = arccos(); atan = arctan();
    sinh = sinh(); cosh = cosh(); tanh = tanh(); cbrt = cbrt(); atan2 = arctan2(x); hypot = hypot(y); pow = power(y);
}

math! { f32, single,
    exp = exp(); exp2 = exp2(); expm1 = expm1(); log = log(); log2 = log2(); log10 = log10(); log1p = log1p();
    sin = sin(); cos = cos(); tan = tan(); asin = arcsin(); acos = arccos(); atan = arctan();
    sinh = sinh(); cosh = cosh(); tanh = tanh(); cbrt = cbrt(); atan2 = arctan2(x); hypot = hypot(y); pow = power(y);
}

/// An evaluator of many elements: the same bits as the row's evaluator of each.
#[derive(Clone, Copy, Debug)]
pub enum Block<T> {
    /// One operand.
    Unary(fn(&[T], &mut [T])),
    /// Two operands.
    Binary(fn(&[T], &[T], &mut [T])),
}

/// Dtypes of which some ops have block evaluators.
pub trait Blocks: Sized {
    /// The block evaluator of an op; `None` when a loop over the row's evaluator is all there is.
    fn block(op: ElementwiseOp) -> Option<Block<Self>>;
}

macro_rules! no_blocks {
    ($($ty:ident)*) => {
        $(impl Blocks for $ty {
            fn block(_: ElementwiseOp) -> Option<Block<$ty>> {
                None
            }
        })*
    };
}

no_blocks!(bool i8 i16 i32 i64 u8 u16 u32 u64);

macro_rules! blocks {
    ($ty:ident, $functions:ident) => {
        impl Blocks for $ty {
            // Both tables have NumPy's names.
            fn block(op: ElementwiseOp) -> Option<Block<$ty>> {
                let unary = $functions::UNARY.iter().find(|f| f.name == op.name()).map(|f| Block::Unary(f.block));
                let binary = || $functions::BINARY.iter().find(|f| f.name == op.name()).map(|f| Block::Binary(f.block));
                unary.or_else(binary)
            }
        }
    };
}

blocks!(f32, single);
blocks!(f64, double);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::elementwise::Loop;

    /// Each function of the tables belongs to the op of its name, and gives the bits of the op's evaluator.
    #[test]
    fn blocks_belong_to_rows() {
        let x: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.37 - 11.0).chain([0.0, -0.0, 1e300, -5e-324]).collect();
        let mut with_blocks = 0;
        for &op in ElementwiseOp::ALL {
            let mut out = vec![0.0; x.len()];
            let expected: Vec<f64> = match (f64::block(op), op.loops().f64) {
                (Some(Block::Unary(block)), Some(Loop::Unary(f))) => {
                    block(&x, &mut out);
                    x.iter().map(|&x| f(x)).collect()
                }
                (Some(Block::Binary(block)), Some(Loop::Binary(f))) => {
                    let y: Vec<f64> = x.iter().rev().copied().collect();
                    block(&x, &y, &mut out);
                    x.iter().zip(&y).map(|(&x, &y)| f(x, y)).collect()
                }
                (Some(block), row) => panic!("{}: {block:?} for {row:?}", op.name()),
                (None, _) => continue,
            };
            let same = |x: f64, y: f64| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
            assert!(out.iter().zip(&expected).all(|(&x, &y)| same(x, y)), "{}", op.name());
            assert!(f32::block(op).is_some(), "{} of f32", op.name());
            with_blocks += 1;
        }
        assert_eq!(with_blocks, double::UNARY.len() + double::BINARY.len(), "a function without its op");
    }
}
