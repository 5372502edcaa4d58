//! Elementwise ops. A row is `/// doc`, name, NumPy name, form, dtype rule, lowering, and one loop per dtype; `int` is one
//! closure for all integers, `float` one for `f32` and `f64`.
//!
//! Complex numbers have no loops but for their parts: a complex function is made of real ones ([`crate::compose::complex`]),
//! so that it fuses, vectorises and agrees with the interpreter as they do.

use super::OpInfo;
use super::integer::Integer;
use super::math::Math;
use super::special::Special;
use crate::compose::complex;
use crate::error::Problem;
use crate::tensor::Scalar;
use crate::types::{DType, Weak};

/// How operand dtypes become the dtype of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DTypeRule {
    /// Promoted together, and then to the first dtype with a loop.
    Arithmetic,
    /// As arithmetic, but there is none of bools.
    Number,
    /// Promoted together, integers to `f64`.
    Division,
    /// Cast to `bool` by `!= 0`.
    Logical,
    /// The first to `bool`, the others promoted together.
    Select,
    /// The first to floating point, and the others cast to its dtype.
    Scale,
}

/// How compiled code computes an op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lowering {
    /// Instructions.
    Inst,
    /// A call to the evaluator of the row.
    Call,
}

/// The evaluator of one dtype.
#[derive(Clone, Copy, Debug)]
pub enum Loop<T> {
    /// One operand.
    Unary(fn(T) -> T),
    /// Two operands.
    Binary(fn(T, T) -> T),
    /// One operand, a truth value.
    Test(fn(T) -> bool),
    /// Two operands, a truth value.
    Compare(fn(T, T) -> bool),
    /// One operand, a number of bits.
    Count(fn(T) -> u8),
    /// A truth value and two operands.
    Select,
    /// One complex operand, its real part.
    Real,
    /// One complex operand, its imaginary part.
    Imag,
    /// Two real operands, a complex number.
    Join,
}

impl<T> Loop<T> {
    fn arity(&self) -> usize {
        match self {
            Loop::Unary(_) | Loop::Test(_) | Loop::Count(_) | Loop::Real | Loop::Imag => 1,
            Loop::Binary(_) | Loop::Compare(_) | Loop::Join => 2,
            Loop::Select => 3,
        }
    }

    /// The dtype of the result for operands of `dtype`.
    fn result(&self, dtype: DType) -> DType {
        match self {
            Loop::Test(_) | Loop::Compare(_) => DType::Bool,
            Loop::Count(_) => DType::U8,
            Loop::Real | Loop::Imag => dtype.real(),
            Loop::Join => dtype.to_complex(),
            Loop::Unary(_) | Loop::Binary(_) | Loop::Select => dtype,
        }
    }
}

/// Elements that ops have loops for.
pub trait Looped: Sized {
    /// The loop of these elements.
    fn of(loops: &Loops) -> Option<Loop<Self>>;
}

macro_rules! dtypes {
    ($($field:ident $ty:ty, $variant:ident;)*) => {
        /// The evaluators of an op.
        #[derive(Clone, Copy, Debug)]
        pub struct Loops {
            $(#[doc = concat!("For `", stringify!($field), "`.")] pub $field: Option<Loop<$ty>>,)*
        }

        impl Loops {
            const NONE: Loops = Loops { $($field: None,)* };
            const SELECT: Loops = Loops { $($field: Some(Loop::Select),)* };

            /// The number of operands and the dtype of the result for operands of a dtype, when there is this loop.
            fn describe(&self, dtype: DType) -> Option<(usize, DType)> {
                match dtype {
                    $(DType::$variant => self.$field.as_ref().map(|l| (l.arity(), l.result(dtype))),)*
                }
            }
        }

        $(
            impl Looped for $ty {
                fn of(loops: &Loops) -> Option<Loop<$ty>> {
                    loops.$field
                }
            }
        )*

        fn eval(op: ElementwiseOp, args: &[Scalar]) -> Scalar {
            let loops = op.loops();
            match (args[0], args) {
                $((Scalar::$variant(x), _) => match (loops.$field, args) {
                    (Some(Loop::Unary(f)), _) => Scalar::$variant(f(x)),
                    (Some(Loop::Test(f)), _) => Scalar::Bool(f(x)),
                    (Some(Loop::Count(f)), _) => Scalar::U8(f(x)),
                    (Some(Loop::Binary(f)), [_, Scalar::$variant(y)]) => Scalar::$variant(f(x, *y)),
                    (Some(Loop::Compare(f)), [_, Scalar::$variant(y)]) => Scalar::Bool(f(x, *y)),
                    (Some(Loop::Real), _) => args[0].parts().0,
                    (Some(Loop::Imag), _) => args[0].parts().1,
                    (Some(Loop::Join), [x, y]) => Scalar::complex(*x, *y).expect("verified: two parts of one dtype"),
                    _ => panic!("{} has no loop for {args:?}", op.name()),
                },)*
            }
        }
    };
}

dtypes! {
    bool bool, Bool;
    i8 i8, I8;
    i16 i16, I16;
    i32 i32, I32;
    i64 i64, I64;
    u8 u8, U8;
    u16 u16, U16;
    u32 u32, U32;
    u64 u64, U64;
    f32 f32, F32;
    f64 f64, F64;
    c64 num_complex::Complex32, C64;
    c128 num_complex::Complex64, C128;
}

macro_rules! loops {
    (@set $loops:ident, $form:ident, float, $($e:expr)?) => {
        loops!(@each $loops, $form, (f32 f64), $($e)?)
    };
    (@set $loops:ident, $form:ident, int, $($e:expr)?) => {
        loops!(@each $loops, $form, (i8 i16 i32 i64 u8 u16 u32 u64), $($e)?)
    };
    (@set $loops:ident, $form:ident, $ty:ident, $($e:expr)?) => { loops!(@each $loops, $form, ($ty), $($e)?) };
    // One expression for each dtype: a closure is an instance of its own.
    (@each $loops:ident, $form:ident, ($($ty:ident)*), $e:expr) => { $($loops.$ty = Some(Loop::$form($e));)* };
    (@each $loops:ident, $form:ident, ($($ty:ident)*),) => { $($loops.$ty = Some(Loop::$form);)* };
    (Select,) => { Loops::SELECT };
    ($form:ident, $($ty:ident $($e:expr)?),*) => {{
        let mut loops = Loops::NONE;
        $(loops!(@set loops, $form, $ty, $($e)?);)*
        loops
    }};
}

macro_rules! elementwise {
    ($(#[doc = $doc:literal] $variant:ident = $name:literal $numpy:literal $form:ident $rule:ident $lowering:ident
        { $($loops:tt)* })*) => {
        /// An op that computes each element of its result from the corresponding elements of its operands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ElementwiseOp { $(#[doc = $doc] $variant,)* }

        impl ElementwiseOp {
            /// Every op, in the order of the table.
            pub const ALL: &[ElementwiseOp] = &[$(ElementwiseOp::$variant,)*];

            /// The name in text.
            pub fn name(self) -> &'static str { match self { $(ElementwiseOp::$variant => $name,)* } }

            /// The name in NumPy.
            pub fn numpy(self) -> &'static str { match self { $(ElementwiseOp::$variant => $numpy,)* } }

            /// One line about it.
            pub fn doc(self) -> &'static str { match self { $(ElementwiseOp::$variant => $doc,)* } }

            /// How operand dtypes are brought together.
            pub fn rule(self) -> DTypeRule { match self { $(ElementwiseOp::$variant => DTypeRule::$rule,)* } }

            /// How compiled code computes it.
            pub fn lowering(self) -> Lowering { match self { $(ElementwiseOp::$variant => Lowering::$lowering,)* } }

            /// The evaluators.
            // The closures are what gives each dtype its own instance.
            #[allow(clippy::redundant_closure)]
            pub fn loops(self) -> Loops {
                match self { $(ElementwiseOp::$variant => loops!($form, $($loops)*),)* }
            }
        }
    };
}

elementwise! {
    /// `x + y`; `or` of bools.
    Add = "add" "numpy.add" Binary Arithmetic Inst
        { bool |x, y| x | y, int |x, y| x.wrapping_add(y), float |x, y| x + y }
    /// `x - y`.
    Subtract = "subtract" "numpy.subtract" Binary Number Inst
        { int |x, y| x.wrapping_sub(y), float |x, y| x - y }
    /// `x * y`; `and` of bools.
    Multiply = "multiply" "numpy.multiply" Binary Arithmetic Inst
        { bool |x, y| x & y, int |x, y| x.wrapping_mul(y), float |x, y| x * y }
    /// `x / y`, in floating point.
    Divide = "divide" "numpy.divide" Binary Division Inst { float |x, y| x / y }
    /// The largest integer not above `x / y`; integers: 0 when `y` is 0.
    FloorDivide = "floor_divide" "numpy.floor_divide" Binary Arithmetic Call
        { int |x, y| Integer::floor_divide(x, y), float |x, y| x.floor_divmod(y).0 }
    /// `x - floor_divide(x, y) * y`, with the sign of `y`; integers: 0 when `y` is 0.
    Remainder = "remainder" "numpy.remainder" Binary Arithmetic Call
        { int |x, y| Integer::remainder(x, y), float |x, y| x.floor_divmod(y).1 }
    /// `x` to the power `y`; an integer to a negative power is an error.
    Power = "power" "numpy.power" Binary Arithmetic Call { int |x, y| Integer::power(x, y), float |x, y| Math::pow(x, y) }
    /// `-x`.
    Negative = "negative" "numpy.negative" Unary Number Inst { int |x| x.wrapping_neg(), float |x| -x }
    /// `|x|`; the smallest integer is its own.
    Absolute = "absolute" "numpy.absolute" Unary Arithmetic Inst
        { bool |x| x, int |x| Integer::absolute(x), float |x| x.abs() }
    /// -1, 0 or 1 by the sign of `x`; NaN stays.
    Sign = "sign" "numpy.sign" Unary Number Call
        { int |x| Integer::sign(x), float |x| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else if x == 0.0 { 0.0 } else { x } }
    /// `x * x`.
    Square = "square" "numpy.square" Unary Arithmetic Inst { int |x| x.wrapping_mul(x), float |x| x * x }
    /// `1 / x`; integers truncate, 0 gives the least `i32` or `i64`, 0 in the other dtypes.
    Reciprocal = "reciprocal" "numpy.reciprocal" Unary Arithmetic Call
        { int |x| Integer::reciprocal(x), float |x| 1.0 / x }
    /// The nonnegative square root.
    Sqrt = "sqrt" "numpy.sqrt" Unary Arithmetic Inst { float |x| x.sqrt() }
    /// The cube root.
    Cbrt = "cbrt" "numpy.cbrt" Unary Arithmetic Call { float |x| Math::cbrt(x) }
    /// e to the `x`.
    Exp = "exp" "numpy.exp" Unary Arithmetic Call { float |x| Math::exp(x) }
    /// 2 to the `x`.
    Exp2 = "exp2" "numpy.exp2" Unary Arithmetic Call { float |x| Math::exp2(x) }
    /// `exp(x) - 1`, accurate near 0.
    Expm1 = "expm1" "numpy.expm1" Unary Arithmetic Call { float |x| Math::expm1(x) }
    /// The natural logarithm.
    Log = "log" "numpy.log" Unary Arithmetic Call { float |x| Math::log(x) }
    /// The logarithm to base 2.
    Log2 = "log2" "numpy.log2" Unary Arithmetic Call { float |x| Math::log2(x) }
    /// The logarithm to base 10.
    Log10 = "log10" "numpy.log10" Unary Arithmetic Call { float |x| Math::log10(x) }
    /// `log(1 + x)`, accurate near 0.
    Log1p = "log1p" "numpy.log1p" Unary Arithmetic Call { float |x| Math::log1p(x) }
    /// The sine of radians.
    Sin = "sin" "numpy.sin" Unary Arithmetic Call { float |x| Math::sin(x) }
    /// The cosine of radians.
    Cos = "cos" "numpy.cos" Unary Arithmetic Call { float |x| Math::cos(x) }
    /// The tangent of radians.
    Tan = "tan" "numpy.tan" Unary Arithmetic Call { float |x| Math::tan(x) }
    /// The inverse sine, in radians.
    Arcsin = "arcsin" "numpy.arcsin" Unary Arithmetic Call { float |x| Math::asin(x) }
    /// The inverse cosine, in radians.
    Arccos = "arccos" "numpy.arccos" Unary Arithmetic Call { float |x| Math::acos(x) }
    /// The inverse tangent, in radians.
    Arctan = "arctan" "numpy.arctan" Unary Arithmetic Call { float |x| Math::atan(x) }
    /// The angle of the point (`y`, `x`) for operands `x, y` as in `arctan2(y, x)`, in radians.
    Arctan2 = "arctan2" "numpy.arctan2" Binary Arithmetic Call { float |y, x| Math::atan2(y, x) }
    /// The hyperbolic sine.
    Sinh = "sinh" "numpy.sinh" Unary Arithmetic Call { float |x| Math::sinh(x) }
    /// The hyperbolic cosine.
    Cosh = "cosh" "numpy.cosh" Unary Arithmetic Call { float |x| Math::cosh(x) }
    /// The hyperbolic tangent.
    Tanh = "tanh" "numpy.tanh" Unary Arithmetic Call { float |x| Math::tanh(x) }
    /// `sqrt(x*x + y*y)`, without overflow.
    Hypot = "hypot" "numpy.hypot" Binary Arithmetic Call { float |x, y| Math::hypot(x, y) }
    /// The largest integer not above `x`.
    Floor = "floor" "numpy.floor" Unary Arithmetic Inst { bool |x| x, int |x| x, float |x| x.floor() }
    /// The smallest integer not below `x`.
    Ceil = "ceil" "numpy.ceil" Unary Arithmetic Inst { bool |x| x, int |x| x, float |x| x.ceil() }
    /// The integer towards zero.
    Trunc = "trunc" "numpy.trunc" Unary Arithmetic Inst { bool |x| x, int |x| x, float |x| x.trunc() }
    /// The nearest integer, halves to even.
    Rint = "rint" "numpy.rint" Unary Arithmetic Inst { float |x| x.round_ties_even() }
    /// The larger; NaN if either is.
    Maximum = "maximum" "numpy.maximum" Binary Arithmetic Inst
        { bool |x, y| x | y, int |x, y| x.max(y), float |x, y| x.ieee_maximum(y) }
    /// The smaller; NaN if either is.
    Minimum = "minimum" "numpy.minimum" Binary Arithmetic Inst
        { bool |x, y| x & y, int |x, y| x.min(y), float |x, y| x.ieee_minimum(y) }
    /// `x == y`.
    Equal = "equal" "numpy.equal" Compare Arithmetic Inst
        { bool |x, y| x == y, int |x, y| x == y, float |x, y| x == y }
    /// `x != y`.
    NotEqual = "not_equal" "numpy.not_equal" Compare Arithmetic Inst
        { bool |x, y| x != y, int |x, y| x != y, float |x, y| x != y }
    /// `x < y`.
    Less = "less" "numpy.less" Compare Arithmetic Inst
        { bool |x, y| !x & y, int |x, y| x < y, float |x, y| x < y }
    /// `x <= y`.
    LessEqual = "less_equal" "numpy.less_equal" Compare Arithmetic Inst
        { bool |x, y| !x | y, int |x, y| x <= y, float |x, y| x <= y }
    /// `x > y`.
    Greater = "greater" "numpy.greater" Compare Arithmetic Inst
        { bool |x, y| x & !y, int |x, y| x > y, float |x, y| x > y }
    /// `x >= y`.
    GreaterEqual = "greater_equal" "numpy.greater_equal" Compare Arithmetic Inst
        { bool |x, y| x | !y, int |x, y| x >= y, float |x, y| x >= y }
    /// Both are true (nonzero).
    LogicalAnd = "logical_and" "numpy.logical_and" Binary Logical Inst { bool |x, y| x & y }
    /// Either is true (nonzero).
    LogicalOr = "logical_or" "numpy.logical_or" Binary Logical Inst { bool |x, y| x | y }
    /// Just one is true (nonzero).
    LogicalXor = "logical_xor" "numpy.logical_xor" Binary Logical Inst { bool |x, y| x ^ y }
    /// `x` is false (zero).
    LogicalNot = "logical_not" "numpy.logical_not" Unary Logical Inst { bool |x| !x }
    /// Neither NaN nor infinite.
    Isfinite = "isfinite" "numpy.isfinite" Test Arithmetic Inst { bool |_| true, int |_| true, float |x| x.is_finite() }
    /// Is NaN.
    Isnan = "isnan" "numpy.isnan" Test Arithmetic Inst { bool |_| false, int |_| false, float |x| x.is_nan() }
    /// `x` where the condition is true, `y` elsewhere.
    Where = "where" "numpy.where" Select Select Inst { }
    /// `x - trunc(x / y) * y`, with the sign of `x`; integers: 0 when `y` is 0.
    Fmod = "fmod" "numpy.fmod" Binary Arithmetic Call { int |x, y| Integer::fmod(x, y), float |x, y| x % y }
    /// The greatest common divisor.
    Gcd = "gcd" "numpy.gcd" Binary Number Call { int |x, y| Integer::gcd(x, y) }
    /// The least common multiple, which wraps.
    Lcm = "lcm" "numpy.lcm" Binary Number Call { int |x, y| Integer::lcm(x, y) }
    /// 0 below 0, 1 above, `y` at 0.
    Heaviside = "heaviside" "numpy.heaviside" Binary Arithmetic Call { float |x, y| Special::heaviside(x, y) }
    /// `log(exp(x) + exp(y))`, without overflow.
    Logaddexp = "logaddexp" "numpy.logaddexp" Binary Arithmetic Call { float |x, y| Special::logaddexp(x, y) }
    /// `log2(2^x + 2^y)`, without overflow.
    Logaddexp2 = "logaddexp2" "numpy.logaddexp2" Binary Arithmetic Call { float |x, y| Special::logaddexp2(x, y) }
    /// The inverse hyperbolic sine.
    Arcsinh = "arcsinh" "numpy.arcsinh" Unary Arithmetic Call { float |x| Special::asinh(x) }
    /// The inverse hyperbolic cosine.
    Arccosh = "arccosh" "numpy.arccosh" Unary Arithmetic Call { float |x| Special::acosh(x) }
    /// The inverse hyperbolic tangent.
    Arctanh = "arctanh" "numpy.arctanh" Unary Arithmetic Call { float |x| Special::atanh(x) }
    /// `x` with the sign of `y`, which of a NaN is positive: the sign it comes with is the machine's choice.
    Copysign = "copysign" "numpy.copysign" Binary Arithmetic Inst
        { float |x, y| if y.is_nan() { x.abs() } else { x.copysign(y) } }
    /// The neighbour of `x` towards `y`.
    Nextafter = "nextafter" "numpy.nextafter" Binary Arithmetic Call { float |x, y| Special::nextafter(x, y) }
    /// The distance from `x` to its neighbour away from 0, with the sign of `x`; NaN of infinities.
    Spacing = "spacing" "numpy.spacing" Unary Arithmetic Call { float |x| Special::spacing(x) }
    /// Below 0, or -0. No NaN is: the sign it comes with is the machine's choice.
    Signbit = "signbit" "numpy.signbit" Test Arithmetic Inst { float |x| x.is_sign_negative() && !x.is_nan() }
    /// Is infinite.
    Isinf = "isinf" "numpy.isinf" Test Arithmetic Inst { bool |_| false, int |_| false, float |x| x.is_infinite() }
    /// The larger; of a NaN and a number the number.
    Fmax = "fmax" "numpy.fmax" Binary Arithmetic Inst
        { bool |x, y| x | y, int |x, y| x.max(y), float |x, y| Special::number_maximum(x, y) }
    /// The smaller; of a NaN and a number the number.
    Fmin = "fmin" "numpy.fmin" Binary Arithmetic Inst
        { bool |x, y| x & y, int |x, y| x.min(y), float |x, y| Special::number_minimum(x, y) }
    /// The bits set in both.
    BitwiseAnd = "bitwise_and" "numpy.bitwise_and" Binary Arithmetic Inst { bool |x, y| x & y, int |x, y| x & y }
    /// The bits set in either.
    BitwiseOr = "bitwise_or" "numpy.bitwise_or" Binary Arithmetic Inst { bool |x, y| x | y, int |x, y| x | y }
    /// The bits set in just one.
    BitwiseXor = "bitwise_xor" "numpy.bitwise_xor" Binary Arithmetic Inst { bool |x, y| x ^ y, int |x, y| x ^ y }
    /// The bits not set; of a bool its opposite.
    Invert = "invert" "numpy.invert" Unary Arithmetic Inst { bool |x| !x, int |x| !x }
    /// `x` times 2 to the `y`, which wraps; 0 for a `y` outside of the bits.
    LeftShift = "left_shift" "numpy.left_shift" Binary Arithmetic Call { int |x, y| Integer::left_shift(x, y) }
    /// `x` shifted down by `y` bits with its sign; 0 or -1 for a `y` outside of the bits.
    RightShift = "right_shift" "numpy.right_shift" Binary Arithmetic Call { int |x, y| Integer::right_shift(x, y) }
    /// The number of bits set in `|x|`, as `u8`.
    BitwiseCount = "bitwise_count" "numpy.bitwise_count" Count Arithmetic Call
        { int |x| Integer::bitwise_count(x) }
    /// `x * 2^y` with one rounding; `y` are integers, of which the result's dtype does not depend.
    Ldexp = "ldexp" "numpy.ldexp" Binary Scale Call { float |x, y| Special::ldexp(x, y) }
    /// The mantissa in 0.5 to 1 of `x`: the first result of `frexp`.
    FrexpMantissa = "frexp_mantissa" "numpy.frexp" Unary Arithmetic Call { float |x| Special::frexp(x).0 }
    /// The exponent of 2 beside that mantissa, as a float: the second result of `frexp` before its cast.
    FrexpExponent = "frexp_exponent" "numpy.frexp" Unary Arithmetic Call { float |x| Special::frexp(x).1 }
    /// The logistic function, `1 / (1 + exp(-x))`.
    Expit = "expit" "scipy.special.expit" Unary Arithmetic Call { float |x| Special::expit(x) }
    /// The inverse of `expit`, `log(x / (1 - x))`.
    Logit = "logit" "scipy.special.logit" Unary Arithmetic Call { float |x| Special::logit(x) }
    /// The error function.
    Erf = "erf" "scipy.special.erf" Unary Arithmetic Call { float |x| Special::erf(x) }
    /// `1 - erf(x)`, accurate where that is small.
    Erfc = "erfc" "scipy.special.erfc" Unary Arithmetic Call { float |x| Special::erfc(x) }
    /// The gamma function; NaN at negative integers.
    Gamma = "gamma" "scipy.special.gamma" Unary Arithmetic Call { float |x| Special::gamma(x) }
    /// `log(|gamma(x)|)`.
    Gammaln = "gammaln" "scipy.special.gammaln" Unary Arithmetic Call { float |x| Special::gammaln(x) }
    /// The derivative of `gammaln`; NaN at negative integers.
    Digamma = "digamma" "scipy.special.digamma" Unary Arithmetic Call { float |x| Special::digamma(x) }
    /// The real part.
    Real = "real" "numpy.real" Real Arithmetic Inst { c64, c128 }
    /// The imaginary part.
    Imag = "imag" "numpy.imag" Imag Arithmetic Inst { c64, c128 }
    /// The complex number of a real and an imaginary part.
    Complex = "complex" "jax.lax.complex" Join Arithmetic Inst { f32, f64 }
}

impl ElementwiseOp {
    /// The op of a text name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// Number of operands.
    pub fn arity(self) -> usize {
        let loops = self.loops();
        DType::ALL.into_iter().find_map(|dtype| loops.describe(dtype)).expect("every op has a loop").0
    }

    /// Whether there is a loop for operands of this dtype.
    pub fn has_loop(self, dtype: DType) -> bool {
        self.loops().describe(dtype).is_some()
    }

    /// The dtype of the result of the loop for `dtype`; without such a loop, `dtype`.
    pub fn result(self, dtype: DType) -> DType {
        self.loops().describe(dtype).map_or(dtype, |(_, result)| result)
    }

    /// The dtype of the loop for operands promoted to `dtype`: the first that holds it, and `f32` where NumPy has `float16`.
    pub fn loop_dtype(self, dtype: DType) -> Result<DType, Problem> {
        if dtype.is_complex() && complex::defines(self) {
            return Ok(dtype);
        }
        let candidates = match self.rule() {
            DTypeRule::Logical => return Ok(DType::Bool),
            DTypeRule::Number if dtype == DType::Bool => return Err(Problem::NoLoop { dtype }),
            DTypeRule::Division => [dtype.to_float(), dtype, dtype],
            _ => [dtype, dtype.promote(DType::I8), dtype.float_loop()],
        };
        let found = candidates.into_iter().find(|&candidate| self.has_loop(candidate));
        found.ok_or(Problem::NoLoop { dtype })
    }

    /// What is wrong with these operand values, though their types are right.
    pub fn check(self, args: &[Scalar]) -> Result<(), Problem> {
        match (self, args) {
            (ElementwiseOp::Power, [_, exponent]) if exponent.is_negative_integer() => Err(Problem::NegativePower),
            _ => Ok(()),
        }
    }

    /// The reference evaluator.
    ///
    /// # Panics
    /// When the operands' dtypes have no loop; verified IR has none such.
    pub fn eval(self, args: &[Scalar]) -> Scalar {
        match *args {
            [Scalar::Bool(c), x, y] if self.rule() == DTypeRule::Select => {
                if c {
                    x
                } else {
                    y
                }
            }
            _ => eval(self, args),
        }
    }

    pub(crate) fn info(self) -> OpInfo {
        OpInfo {
            name: self.name(),
            numpy: self.numpy(),
            arity: Some(self.arity()),
            dtypes: DType::ALL
                .into_iter()
                .filter(|&d| {
                    self.has_loop(d) || self.rule() == DTypeRule::Logical || (d.is_complex() && complex::defines(self))
                })
                .collect(),
            kind: "elementwise",
            doc: self.doc().trim(),
        }
    }
}

/// The common dtype of strong dtypes and weak scalars (NEP 50): the strong ones decide, weak ones only raise the kind.
pub fn common_dtype(strong: impl Iterator<Item = DType>, weak: impl Iterator<Item = Weak> + Clone) -> DType {
    match strong.reduce(DType::promote) {
        Some(dtype) => weak.fold(dtype, DType::with_weak),
        None => weak.map(Weak::default_dtype).reduce(DType::promote).unwrap_or(DType::F64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn f(op: ElementwiseOp, x: f64, y: f64) -> f64 {
        match op.eval(&[Scalar::F64(x), Scalar::F64(y)]) {
            Scalar::F64(z) => z,
            other => panic!("{other:?}"),
        }
    }

    fn i(op: ElementwiseOp, x: i64, y: i64) -> i64 {
        match op.eval(&[Scalar::I64(x), Scalar::I64(y)]) {
            Scalar::I64(z) => z,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn integer_division_has_numpys_answers() {
        use ElementwiseOp::{FloorDivide, Power, Remainder};
        assert_eq!((i(FloorDivide, 5, 0), i(Remainder, 5, 0)), (0, 0));
        assert_eq!((i(FloorDivide, i64::MIN, -1), i(Remainder, i64::MIN, -1)), (i64::MIN, 0));
        assert_eq!((i(FloorDivide, -7, 2), i(Remainder, -7, 2)), (-4, 1));
        assert_eq!((i(FloorDivide, 7, -2), i(Remainder, 7, -2)), (-4, -1));
        assert_eq!(i(Power, 3, 5), 243);
        assert_eq!(Power.check(&[Scalar::I64(2), Scalar::I64(-1)]), Err(Problem::NegativePower));
    }

    #[test]
    fn floats_have_numpys_special_cases() {
        use ElementwiseOp::{FloorDivide, Maximum, Minimum, Power, Remainder};
        assert_eq!((f(Remainder, -7.5, 2.0), f(Remainder, 7.5, -2.0)), (0.5, -0.5));
        assert_eq!(f(Remainder, -5.0, f64::INFINITY), f64::INFINITY);
        assert_eq!(f(FloorDivide, 1.0, 0.0), f64::INFINITY);
        assert!(f(Maximum, 1.0, f64::NAN).is_nan() && f(Minimum, f64::NAN, 1.0).is_nan());
        assert!(f(Maximum, -0.0, 0.0).is_sign_positive() && f(Minimum, 0.0, -0.0).is_sign_negative());
        assert_eq!((f(Power, 0.0, 0.0), f(Power, f64::NAN, 0.0), f(Power, 1.0, f64::NAN)), (1.0, 1.0, 1.0));
        assert!(f(Power, -8.0, 1.0 / 3.0).is_nan());
        assert_eq!(f(Power, 0.0, -1.0), f64::INFINITY);
    }

    #[test]
    fn every_op_has_an_arity_and_a_loop() {
        for &op in ElementwiseOp::ALL {
            assert!((1..=3).contains(&op.arity()), "{}", op.name());
            assert!(DType::ALL.into_iter().any(|d| op.has_loop(d)), "{}", op.name());
            assert_eq!(ElementwiseOp::from_name(op.name()), Some(op));
        }
    }
}
