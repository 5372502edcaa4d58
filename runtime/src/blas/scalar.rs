//! The element types.

use crate::backend::{Decompositions, Lapack};
use crate::small::across::Across;
use crate::small::batch::{Batched, Lane};
use crate::small::{Element, Small};
use num_complex::Complex;
use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub};

mod sealed {
    pub trait Sealed {}
}

/// An element type that LAPACK computes with: `f32`, `f64` or a complex number of one of them. Sealed.
pub trait Scalar:
    sealed::Sealed
    + Element
    + Batched
    + Lapack
    + Decompositions
    + Small
    + Debug
    + Default
    + PartialEq
    + Send
    + Sync
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + MulAssign
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Whether numbers have an imaginary part.
    const COMPLEX: bool;

    /// The number of these parts, of which a real one has the first.
    fn new(re: Self::Part, im: Self::Part) -> Self;
    /// Its parts, the second one of a real number 0.
    fn parts(self) -> [Self::Part; 2];
    /// The conjugate; of a real number itself.
    fn conj(self) -> Self;
    /// The magnitude.
    fn abs(self) -> Self::Part;
    /// Whether no part is NaN or infinite.
    fn is_finite(self) -> bool;
    /// Whether a part is NaN.
    fn is_nan(self) -> bool;
}

/// A real element type: `f32` or `f64`.
pub trait Real: Scalar<Part = Self> + Across + Lane + PartialOrd {
    /// The smallest normal number; its reciprocal is finite.
    const MIN_POSITIVE: Self;
    /// The distance from 1 to the next number.
    const EPSILON: Self;

    /// The nearest number.
    fn from_f64(x: f64) -> Self;
    /// The number itself.
    fn to_f64(self) -> f64;
    /// The length of the hypotenuse.
    fn hypot(self, other: Self) -> Self;
    /// `self * a + b`, rounded once. A library call where the target has no such instruction.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// The natural logarithm.
    fn ln(self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// An integer ordered as the magnitude (to within 32 ULP, NaN above all), with `lane < 32` in its
    /// low bits, smaller lanes first: one integer maximum finds a pivot and its place.
    fn key(self, lane: usize) -> i64;
}

macro_rules! real {
    ($t:ident, $bits:ident, $key:expr) => {
        impl sealed::Sealed for $t {}
        impl sealed::Sealed for Complex<$t> {}

        impl Scalar for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const COMPLEX: bool = false;

            #[inline(always)]
            fn new(re: $t, _: $t) -> Self {
                re
            }
            #[inline(always)]
            fn parts(self) -> [$t; 2] {
                [self, 0.0]
            }
            #[inline(always)]
            fn conj(self) -> Self {
                self
            }
            #[inline(always)]
            fn abs(self) -> $t {
                $t::abs(self)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                $t::is_finite(self)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                $t::is_nan(self)
            }
        }

        impl Scalar for Complex<$t> {
            const ZERO: Self = Complex { re: 0.0, im: 0.0 };
            const ONE: Self = Complex { re: 1.0, im: 0.0 };
            const COMPLEX: bool = true;

            #[inline(always)]
            fn new(re: $t, im: $t) -> Self {
                Complex { re, im }
            }
            #[inline(always)]
            fn parts(self) -> [$t; 2] {
                [self.re, self.im]
            }
            #[inline(always)]
            fn conj(self) -> Self {
                Complex { re: self.re, im: -self.im }
            }
            #[inline(always)]
            fn abs(self) -> $t {
                self.re.hypot(self.im)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                self.re.is_finite() && self.im.is_finite()
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                self.re.is_nan() || self.im.is_nan()
            }
        }

        impl Real for $t {
            const MIN_POSITIVE: Self = $t::MIN_POSITIVE;
            const EPSILON: Self = $t::EPSILON;

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $t
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn hypot(self, other: Self) -> Self {
                $t::hypot(self, other)
            }
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                $t::mul_add(self, a, b)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $t::ln(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $t::sqrt(self)
            }
            #[inline(always)]
            fn key(self, lane: usize) -> i64 {
                let bits: fn($bits) -> i64 = $key;
                bits(self.to_bits() & ($bits::MAX >> 1)) | (31 - lane as i64)
            }
        }
    };
}

real!(f64, u64, |b| (b & !31) as i64);
real!(f32, u32, |b| i64::from(b & !31));
