//! The element types.

use super::{MatMut, MatRef};
use crate::backend::{Decompositions, Lapack, Number};
use crate::small::batch::Lane;
use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub};

mod sealed {
    pub trait Sealed {}
}

/// An element type that LAPACK computes with: `f32` or `f64`. Sealed.
pub trait Real:
    sealed::Sealed
    + Number<Part = Self>
    + Lapack
    + Decompositions
    + Lane
    + Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + MulAssign
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
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
    /// Whether it is neither NaN nor infinite.
    fn is_finite(self) -> bool;
    /// Whether it is NaN.
    fn is_nan(self) -> bool;
    /// The magnitude.
    fn abs(self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// An integer ordered as the magnitude (to within 32 ULP, NaN above all), with `lane < 32` in its
    /// low bits, smaller lanes first: one integer maximum finds a pivot and its place.
    fn key(self, lane: usize) -> i64;
    /// C = A B by 512-bit vectors, where the machine, the sizes and the strides allow it; whether they did.
    ///
    /// # Safety
    /// The rules of [`crate::blas`]; C has contiguous rows and is disjoint from A and B.
    unsafe fn wide_product(a: MatRef<Self>, b: MatRef<Self>, c: MatMut<Self>) -> bool;
}

macro_rules! real {
    ($t:ident, $bits:ident, $key:expr) => {
        impl sealed::Sealed for $t {}

        impl Real for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
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
            fn is_finite(self) -> bool {
                $t::is_finite(self)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                $t::is_nan(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $t::abs(self)
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
            #[inline(always)]
            unsafe fn wide_product(a: MatRef<Self>, b: MatRef<Self>, c: MatMut<Self>) -> bool {
                #[cfg(target_arch = "x86_64")]
                // SAFETY: the caller's promise.
                return unsafe { <$t as crate::small::wide::Wide>::product(a, b, c) };
                #[cfg(not(target_arch = "x86_64"))]
                {
                    let _ = (a, b, c);
                    false
                }
            }
        }
    };
}

real!(f64, u64, |b| (b & !31) as i64);
real!(f32, u32, |b| i64::from(b & !31));
