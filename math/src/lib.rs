//! Elementary functions of `f64` and `f32`, at most 1 ULP from the truth (erfc, gamma and gammaln 2), for single numbers and for blocks.
//!
//! Each function has one definition, a kernel (`src/kernels/`): straight-line code of exact fused multiply-adds, bit operations
//! and selects. A compiler turns a loop over it into vectors of any width, and no width changes a bit of a result. So
//! [`double::exp`] of each element and [`double::block::exp`] of the slice agree everywhere: on every [`Target`], at every
//! length, in the remainder of a loop. Where the machine has no fused multiply-add, a routine computes it: slow and the same.
//!
//! The exact value is approximated by an unevaluated sum of two floats, rounded once at the end: errors stay below 0.6 ULP for
//! most functions (`README.md` has them measured). Subnormal numbers count, special cases are those of C99 Annex F, and
//! angles of any size are reduced by the digits of 2/pi that they need. Most of `f32` is computed in `f32`, in vectors of twice as many lanes.
//!
//! The target is the widest that the machine has, or a narrower one that the environment asks for: `EVANESCE_SIMD=avx512`, `avx2`
//! or `baseline` ([`Target::best`]).

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod dd;
mod kernels;
mod polynomials;
mod target;
mod widen;

pub use target::Target;
pub use widen::{Binary, Unary};

/// The functions of `f64`.
pub mod double {
    crate::widen::functions!(f64, wide);
}

/// The functions of `f32`.
pub mod single {
    crate::widen::functions!(f32, narrow);
}
