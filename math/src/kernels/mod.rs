//! The definitions: a kernel computes one element. Those of `f64` are [`wide`], those of `f32` [`narrow`].

mod error;
mod exponential;
mod gamma;
mod gammaln;
mod inverse;
mod inverse_hyperbolic;
mod logarithm;
mod logistic;
pub(crate) mod narrow;

mod power;
mod reduction;
mod root;
mod single;
mod trigonometric;

/// The kernels of `f64`.
pub(crate) mod wide {
    pub(crate) use super::error::{Erf, Erfc};
    pub(crate) use super::exponential::{Cosh, Exp, Exp2, Expm1, Sinh, Tanh};
    pub(crate) use super::gamma::Gamma;
    pub(crate) use super::gammaln::Gammaln;
    pub(crate) use super::inverse::{Acos, Asin, Atan, Atan2};
    pub(crate) use super::inverse_hyperbolic::{Acosh, Asinh, Atanh};
    pub(crate) use super::logarithm::{Log, Log1p, Log2, Log10};
    pub(crate) use super::logistic::{Expit, Logit};
    pub(crate) use super::power::Pow;
    pub(crate) use super::root::{Cbrt, Hypot};
    pub(crate) use super::trigonometric::{Cos, Sin, Tan};
}

/// A function of one operand.
pub(crate) trait UnaryKernel<T> {
    /// The value in straight-line code; anything where [`Self::is_rare`].
    fn fast(x: T) -> T;

    /// Whether only [`Self::rare`] is right.
    #[inline(always)]
    fn is_rare(_: T) -> bool {
        false
    }

    /// The value where it takes more than straight-line code.
    fn rare(x: T) -> T {
        Self::fast(x)
    }
}

/// A function of two operands.
pub(crate) trait BinaryKernel<T> {
    /// The value in straight-line code; anything where [`Self::is_rare`].
    fn fast(x: T, y: T) -> T;

    /// Whether only [`Self::rare`] is right.
    #[inline(always)]
    fn is_rare(_: T, _: T) -> bool {
        false
    }

    /// The value in more straight-line code, of any numbers.
    #[inline(always)]
    fn rare(x: T, y: T) -> T {
        Self::fast(x, y)
    }
}
