//! One number of each matrix: real ones are a vector, complex ones two, of the real and of the imaginary parts.

use super::lanes::get;
#[cfg(target_arch = "x86_64")]
use super::vector::{Pair, x86};
use super::vector::{Plain, Vector};
use crate::backend::Number;
use crate::blas::{Real, Scalar};
use crate::small::{AVX512, BASE, Element};
use num_complex::Complex;

/// Numbers of [`lanes`](super::lanes) matrices, with the operations of [`Element`] in all of them.
pub trait Numbers: Copy {
    /// The number of one matrix.
    type E: Scalar;
    /// A part of each, and masks.
    type V: Vector<E = <Self::E as Number>::Part>;
    /// What sums of products are collected in.
    type Sums: Copy;

    /// The same of each matrix.
    fn all(x: Self::E) -> Self;
    /// Real numbers.
    fn from_real(re: Self::V) -> Self;
    /// The real parts.
    fn real(self) -> Self::V;
    /// The conjugates.
    fn conj(self) -> Self;
    /// `self * b + c`.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// `c - self * b`.
    fn neg_mul_add(self, b: Self, c: Self) -> Self;
    /// `self - b`.
    fn sub(self, b: Self) -> Self;
    /// [`Element::times`].
    fn times(self, b: Self) -> Self;
    /// The product that the operator makes, in which nothing is fused.
    fn product(self, b: Self) -> Self;
    /// Times real numbers.
    fn scaled(self, by: Self::V) -> Self;
    /// [`Element::reciprocal`], and a bit for each lane without one.
    fn reciprocal(self) -> (Self, u32);
    /// [`Element::inverse`].
    fn inverse(self) -> Self;
    /// Divides each of `row` by `self`.
    fn divide(self, row: &mut [Self]);
    /// `a` where `mask` has bits, else `b`.
    fn select(mask: Self::V, a: Self, b: Self) -> Self;
    /// [`Vector::rank`] of [`Element::size`].
    fn rank(self, column: Self::V) -> Self::V;
    /// A bit for each lane that is 0.
    fn zeros(self) -> u32;
    /// Sums of nothing.
    fn no_sums() -> Self::Sums;
    /// Adds the products `f * self`.
    fn add_to(self, f: Self, sums: &mut Self::Sums);
    /// The sums, where `f`, and what it was multiplied by, were to be conjugated as it says.
    fn total(sums: Self::Sums, conj: [bool; 2]) -> Self;

    /// The number of one matrix.
    #[inline(always)]
    fn get(&self, lane: usize) -> Self::E {
        let part = |p: usize| {
            debug_assert!(lane < lanes::<Self>() && p < parts::<Self>());
            // SAFETY: numbers are vectors of their parts side by side, and these their elements in the order of the lanes.
            unsafe { *std::ptr::from_ref(self).cast::<Part<Self>>().add(p * lanes::<Self>() + lane) }
        };
        Self::E::new(part(0), if Self::E::COMPLEX { part(1) } else { Scalar::ZERO })
    }

    /// Replaces it.
    #[inline(always)]
    fn set(&mut self, lane: usize, x: Self::E) {
        debug_assert!(lane < lanes::<Self>());
        for (p, part) in x.parts().into_iter().enumerate().take(parts::<Self>()) {
            // SAFETY: as above.
            unsafe { *std::ptr::from_mut(self).cast::<Part<Self>>().add(p * lanes::<Self>() + lane) = part };
        }
    }
}

/// The part of a number.
pub(super) type Part<N> = <<N as Numbers>::E as Number>::Part;

/// How many matrices there are.
#[inline(always)]
pub(super) const fn lanes<N: Numbers>() -> usize {
    size_of::<N::V>() / size_of::<Part<N>>()
}

/// How many parts a number has.
#[inline(always)]
pub(super) const fn parts<N: Numbers>() -> usize {
    size_of::<N>() / size_of::<N::V>()
}

/// `row / d`: by the reciprocal, unless that could overflow.
#[inline(always)]
pub(super) fn over<N: Numbers>(row: &mut [N], d: N) {
    let (r, without) = d.reciprocal();
    if without != 0 {
        return each_over(row, &d);
    }
    for x in row {
        *x = x.times(r);
    }
}

/// The same of each matrix by itself.
#[cold]
fn each_over<N: Numbers>(row: &mut [N], d: &N) {
    for lane in 0..lanes::<N>() {
        let d = d.get(lane);
        for x in &mut *row {
            let y = x.get(lane);
            x.set(lane, if N::V::FUSED { quotient::<N::E, AVX512>(y, d) } else { quotient::<N::E, BASE>(y, d) });
        }
    }
}

fn quotient<T: Scalar, const SET: u8>(x: T, d: T) -> T {
    match d.reciprocal::<SET>() {
        Some(r) => x.times::<SET>(r),
        None => x.over::<SET>(d),
    }
}

/// `row / d` of real `d`: by the reciprocal, unless that could overflow.
#[inline(always)]
pub(super) fn over_real<N: Numbers>(row: &mut [N], d: N::V) {
    let r = N::V::splat(Scalar::ONE).div(d);
    if d.below(Real::MIN_POSITIVE) != 0 {
        return each_over_real(row, &d);
    }
    for x in row {
        *x = x.scaled(r);
    }
}

#[cold]
fn each_over_real<N: Numbers>(row: &mut [N], d: &N::V) {
    for lane in 0..lanes::<N>() {
        let d: Part<N> = get(d, lane);
        for x in &mut *row {
            let y = x.get(lane);
            let [re, im] = y.parts();
            // By fusing no number changes here.
            x.set(lane, d.reciprocal::<BASE>().map_or(N::E::new(re / d, im / d), |r| y.scaled(r)));
        }
    }
}

impl<V: Vector<E: Real>> Numbers for V {
    type E = V::E;
    type V = V;
    type Sums = V;

    #[inline(always)]
    fn all(x: V::E) -> V {
        V::splat(x)
    }
    #[inline(always)]
    fn from_real(re: V) -> V {
        re
    }
    #[inline(always)]
    fn real(self) -> V {
        self
    }
    #[inline(always)]
    fn conj(self) -> V {
        self
    }
    #[inline(always)]
    fn mul_add(self, b: V, c: V) -> V {
        Vector::mul_add(self, b, c)
    }
    #[inline(always)]
    fn neg_mul_add(self, b: V, c: V) -> V {
        Vector::neg_mul_add(self, b, c)
    }
    #[inline(always)]
    fn sub(self, b: V) -> V {
        Vector::sub(self, b)
    }
    #[inline(always)]
    fn times(self, b: V) -> V {
        self.mul(b)
    }
    #[inline(always)]
    fn product(self, b: V) -> V {
        self.mul(b)
    }
    #[inline(always)]
    fn scaled(self, by: V) -> V {
        self.mul(by)
    }
    #[inline(always)]
    fn reciprocal(self) -> (V, u32) {
        (self.inverse(), self.below(Real::MIN_POSITIVE))
    }
    #[inline(always)]
    fn inverse(self) -> V {
        V::splat(Scalar::ONE).div(self)
    }
    #[inline(always)]
    fn divide(self, row: &mut [V]) {
        for x in row {
            *x = x.div(self);
        }
    }
    #[inline(always)]
    fn select(mask: V, a: V, b: V) -> V {
        Vector::select(mask, a, b)
    }
    #[inline(always)]
    fn rank(self, column: V) -> V {
        Vector::rank(self, column)
    }
    #[inline(always)]
    fn zeros(self) -> u32 {
        Vector::zeros(self)
    }
    #[inline(always)]
    fn no_sums() -> V {
        V::splat(Scalar::ZERO)
    }
    #[inline(always)]
    fn add_to(self, f: V, sums: &mut V) {
        *sums = Vector::mul_add(f, self, *sums);
    }
    #[inline(always)]
    fn total(sums: V, _: [bool; 2]) -> V {
        sums
    }
}

/// Complex numbers.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Complexes<V> {
    re: V,
    im: V,
}

impl<V: Vector<E: Real>> Numbers for Complexes<V>
where
    Complex<V::E>: Scalar<Part = V::E>,
{
    type E = Complex<V::E>;
    type V = V;
    /// With the real parts of the factors, and with the imaginary ones.
    type Sums = [Self; 2];

    #[inline(always)]
    fn all(x: Complex<V::E>) -> Self {
        Complexes { re: V::splat(x.re), im: V::splat(x.im) }
    }
    #[inline(always)]
    fn from_real(re: V) -> Self {
        Complexes { re, im: V::splat(Scalar::ZERO) }
    }
    #[inline(always)]
    fn real(self) -> V {
        self.re
    }
    #[inline(always)]
    fn conj(self) -> Self {
        Complexes { re: self.re, im: minus(self.im) }
    }
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        let (re, im) = (self.re.mul_add(b.re, c.re), self.re.mul_add(b.im, c.im));
        Complexes { re: self.im.neg_mul_add(b.im, re), im: self.im.mul_add(b.re, im) }
    }
    #[inline(always)]
    fn neg_mul_add(self, b: Self, c: Self) -> Self {
        let (re, im) = (self.re.neg_mul_add(b.re, c.re), self.re.neg_mul_add(b.im, c.im));
        Complexes { re: self.im.mul_add(b.im, re), im: self.im.neg_mul_add(b.re, im) }
    }
    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        Complexes { re: self.re.sub(b.re), im: self.im.sub(b.im) }
    }
    #[inline(always)]
    fn times(self, b: Self) -> Self {
        let (re, im) = (self.re.mul(b.re), self.re.mul(b.im));
        Complexes { re: self.im.neg_mul_add(b.im, re), im: self.im.mul_add(b.re, im) }
    }
    #[inline(always)]
    fn product(self, b: Self) -> Self {
        let re = self.re.mul(b.re).sub(self.im.mul(b.im));
        Complexes { re, im: self.re.mul(b.im).sub(minus(self.im.mul(b.re))) }
    }
    #[inline(always)]
    fn scaled(self, by: V) -> Self {
        Complexes { re: self.re.mul(by), im: self.im.mul(by) }
    }
    #[inline(always)]
    fn reciprocal(self) -> (Self, u32) {
        let square = self.re.mul_add(self.re, self.im.mul(self.im));
        let r = V::splat(Scalar::ONE).div(square);
        // The reciprocal is below it where the square is above its reciprocal: it is a power of 2.
        let least = V::E::MIN_POSITIVE / V::E::EPSILON;
        let without = square.below(least) | r.below(least);
        (Complexes { re: self.re.mul(r), im: minus(self.im).mul(r) }, without)
    }
    #[inline(always)]
    fn inverse(self) -> Self {
        let (mut r, without) = self.reciprocal();
        if without != 0 {
            each_inverse(&self, &mut r);
        }
        r
    }
    #[inline(always)]
    fn divide(self, row: &mut [Self]) {
        over(row, self);
    }
    #[inline(always)]
    fn select(mask: V, a: Self, b: Self) -> Self {
        Complexes { re: V::select(mask, a.re, b.re), im: V::select(mask, a.im, b.im) }
    }
    #[inline(always)]
    fn rank(self, column: V) -> V {
        self.re.size(self.im).rank(column)
    }
    #[inline(always)]
    fn zeros(self) -> u32 {
        self.re.zeros() & self.im.zeros()
    }
    #[inline(always)]
    fn no_sums() -> [Self; 2] {
        [Self::all(Scalar::ZERO); 2]
    }
    #[inline(always)]
    fn add_to(self, f: Self, sums: &mut [Self; 2]) {
        for (f, sums) in [f.re, f.im].into_iter().zip(sums) {
            *sums = Complexes { re: f.mul_add(self.re, sums.re), im: f.mul_add(self.im, sums.im) };
        }
    }
    #[inline(always)]
    fn total([by_re, by_im]: [Self; 2], [f, x]: [bool; 2]) -> Self {
        let sign = |yes: bool, v: V| if yes { minus(v) } else { v };
        let re = by_re.re.sub(sign(f != x, by_im.im));
        Complexes { re, im: sign(x, by_re.im).sub(sign(!f, by_im.re)) }
    }
}

#[inline(always)]
fn minus<V: Vector<E: Real>>(x: V) -> V {
    V::splat(Scalar::ZERO).sub(x)
}

#[cold]
fn each_inverse<N: Numbers>(d: &N, r: &mut N) {
    for lane in 0..lanes::<N>() {
        let d = d.get(lane);
        r.set(lane, if N::V::FUSED { d.inverse::<AVX512>() } else { d.inverse::<BASE>() });
    }
}

/// An element type, and several of it for each instruction set.
pub trait Batched: Number {
    /// With AVX-512.
    #[cfg(target_arch = "x86_64")]
    type Avx512: Numbers<E = Self>;
    /// With AVX2.
    #[cfg(target_arch = "x86_64")]
    type Avx2: Numbers<E = Self>;
    /// With what every machine has.
    type Base: Numbers<E = Self>;
}

macro_rules! batched {
    ($t:ident, $lanes:literal, $avx512:ident, $avx2:ident) => {
        impl Batched for $t {
            #[cfg(target_arch = "x86_64")]
            type Avx512 = x86::$avx512;
            #[cfg(target_arch = "x86_64")]
            type Avx2 = Pair<x86::$avx2>;
            type Base = Plain<$t, $lanes>;
        }
        impl Batched for Complex<$t> {
            #[cfg(target_arch = "x86_64")]
            type Avx512 = Complexes<x86::$avx512>;
            #[cfg(target_arch = "x86_64")]
            type Avx2 = Complexes<Pair<x86::$avx2>>;
            type Base = Complexes<Plain<$t, $lanes>>;
        }
    };
}

batched!(f64, 8, Wide64, Half64);
batched!(f32, 16, Wide32, Half32);
