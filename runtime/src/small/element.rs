//! What the kernels ask of an element type beside sums and products.
//!
//! A row of complex numbers has their parts apart, so that vectors are full of the one or of the other and a product takes four
//! fused operations on whole vectors. Of a number that is to divide the size decides how: squares of its parts must neither
//! overflow nor vanish, whatever the scale of a matrix.

use super::across::permuted;
use super::mul_add;
use super::tile::copy;
use crate::backend::Number;
use crate::blas::{MatMut, MatRef, Real, Scalar};
use num_complex::Complex;

/// An element type of the kernels.
pub trait Element: Number {
    /// A row of a tile.
    type Row<const S: usize>: Row<Self, S>;

    /// `a * b + c`, its products fused with the sums where that is one instruction.
    fn fused<const SET: u8>(a: Self, b: Self, c: Self) -> Self;
    /// `self * b`; the second product of a part fused with the first where that is one instruction.
    fn times<const SET: u8>(self, b: Self) -> Self;
    /// Both parts times a real number.
    fn scaled(self, by: Self::Part) -> Self;
    /// What pivots are compared by: the magnitude; of complex numbers the sum of the parts', as LAPACK has it.
    fn size(self) -> Self::Part;
    /// The reciprocal where products with it stand for quotients: not where it or they could overflow.
    fn reciprocal<const SET: u8>(self) -> Option<Self>;
    /// The reciprocal.
    fn inverse<const SET: u8>(self) -> Self;
    /// `self / d`.
    fn over<const SET: u8>(self, d: Self) -> Self;
    /// C = op(A) op(B) by 512-bit vectors, where the machine, the sizes and the strides allow it; whether they did. The operands
    /// named are conjugated.
    ///
    /// # Safety
    /// The rules of [`crate::blas`]; C has contiguous rows and is disjoint from A and B.
    unsafe fn wide(a: MatRef<Self>, b: MatRef<Self>, c: MatMut<Self>, conj: [bool; 2]) -> bool;
    /// C = A B likewise.
    ///
    /// # Safety
    /// As for [`Self::wide`].
    #[inline(always)]
    unsafe fn wide_product(a: MatRef<Self>, b: MatRef<Self>, c: MatMut<Self>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { Self::wide(a, b, c, [false; 2]) }
    }
}

/// Numbers in lanes.
pub trait Row<T, const S: usize>: Copy {
    /// What sums of products with rows are collected in.
    type Sums: Copy;

    /// The same in all lanes.
    fn splat(x: T) -> Self;
    /// The number in a lane.
    fn get(&self, l: usize) -> T;
    /// Replaces it.
    fn set(&mut self, l: usize, x: T);
    /// S numbers.
    ///
    /// # Safety
    /// They may be read.
    unsafe fn read(src: *const T) -> Self;
    /// The first `n` lanes.
    ///
    /// # Safety
    /// As many numbers may be read.
    unsafe fn load(&mut self, src: *const T, n: usize);
    /// Writes the first `n` lanes.
    ///
    /// # Safety
    /// As many numbers may be written.
    unsafe fn store(&self, dst: *mut T, n: usize);
    /// The numbers of the lanes that `order` names.
    fn permuted<const SET: u8>(&self, order: &[usize; S]) -> Self;
    /// Sums of nothing.
    fn no_sums() -> Self::Sums;
    /// Adds `f * self`.
    fn add_to<const SET: u8>(&self, f: T, sums: &mut Self::Sums);
    /// The sums, where `f`, and the rows, were to be conjugated as it says.
    fn total(sums: Self::Sums, conj: [bool; 2]) -> Self;
}

impl<T: Real, const S: usize> Row<T, S> for [T; S] {
    type Sums = [T; S];

    #[inline(always)]
    fn splat(x: T) -> Self {
        [x; S]
    }
    #[inline(always)]
    fn get(&self, l: usize) -> T {
        self[l]
    }
    #[inline(always)]
    fn set(&mut self, l: usize, x: T) {
        self[l] = x;
    }
    #[inline(always)]
    unsafe fn read(src: *const T) -> Self {
        // SAFETY: the caller's numbers.
        unsafe { src.cast::<[T; S]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn load(&mut self, src: *const T, n: usize) {
        // SAFETY: the caller's numbers, at most S.
        unsafe { copy(src, self.as_mut_ptr(), n) };
    }
    #[inline(always)]
    unsafe fn store(&self, dst: *mut T, n: usize) {
        // SAFETY: the caller's memory, for at most S numbers.
        unsafe {
            if n == S {
                dst.cast::<[T; S]>().write_unaligned(*self);
            } else {
                copy(self.as_ptr(), dst, n);
            }
        }
    }
    #[inline(always)]
    fn permuted<const SET: u8>(&self, order: &[usize; S]) -> Self {
        permuted::<T, SET, S>(self, order)
    }
    #[inline(always)]
    fn no_sums() -> [T; S] {
        [T::ZERO; S]
    }
    #[inline(always)]
    fn add_to<const SET: u8>(&self, f: T, sums: &mut [T; S]) {
        for l in 0..S {
            sums[l] = mul_add::<T, SET>(f, self[l], sums[l]);
        }
    }
    #[inline(always)]
    fn total(sums: [T; S], _: [bool; 2]) -> Self {
        sums
    }
}

/// Complex numbers, their parts apart.
#[derive(Clone, Copy)]
pub struct Split<P, const S: usize> {
    re: [P; S],
    im: [P; S],
}

impl<P: Real, const S: usize> Split<P, S> {
    /// Lanes `at..at + W`.
    #[inline(always)]
    unsafe fn part<const W: usize>(&mut self, src: *const Complex<P>, at: usize) {
        // SAFETY: the caller's numbers, in lanes that there are.
        let from = unsafe { src.add(at).cast::<[[P; 2]; W]>().read_unaligned() };
        let (re, im) = (&mut self.re[at..][..W], &mut self.im[at..][..W]);
        for l in 0..W {
            re[l] = from[l][0];
            im[l] = from[l][1];
        }
    }

    /// Writes lanes `at..at + W`.
    #[inline(always)]
    unsafe fn put<const W: usize>(&self, dst: *mut Complex<P>, at: usize) {
        let (re, im) = (&self.re[at..][..W], &self.im[at..][..W]);
        let to: [[P; 2]; W] = std::array::from_fn(|l| [re[l], im[l]]);
        // SAFETY: the caller's memory.
        unsafe { dst.add(at).cast::<[[P; 2]; W]>().write_unaligned(to) };
    }
}

impl<P: Real, const S: usize> Row<Complex<P>, S> for Split<P, S>
where
    Complex<P>: Scalar<Part = P>,
{
    /// Of products with the real parts of the factors, and with the imaginary ones.
    type Sums = [Self; 2];

    #[inline(always)]
    fn splat(x: Complex<P>) -> Self {
        Split { re: [x.re; S], im: [x.im; S] }
    }
    #[inline(always)]
    fn get(&self, l: usize) -> Complex<P> {
        Complex { re: self.re[l], im: self.im[l] }
    }
    #[inline(always)]
    fn set(&mut self, l: usize, x: Complex<P>) {
        (self.re[l], self.im[l]) = (x.re, x.im);
    }
    #[inline(always)]
    unsafe fn read(src: *const Complex<P>) -> Self {
        let mut row = Self::splat(Scalar::ZERO);
        // SAFETY: the caller's numbers.
        unsafe { row.part::<S>(src, 0) };
        row
    }
    #[inline(always)]
    unsafe fn load(&mut self, src: *const Complex<P>, n: usize) {
        super::tile::pieces!(n, [16, 8, 4, 2, 1], |at, W| {
            // SAFETY: the caller's numbers.
            unsafe { self.part::<W>(src, at) };
        });
    }
    #[inline(always)]
    unsafe fn store(&self, dst: *mut Complex<P>, n: usize) {
        if n == S {
            // SAFETY: the caller's memory.
            return unsafe { self.put::<S>(dst, 0) };
        }
        super::tile::pieces!(n, [16, 8, 4, 2, 1], |at, W| {
            // SAFETY: the caller's memory.
            unsafe { self.put::<W>(dst, at) };
        });
    }
    #[inline(always)]
    fn permuted<const SET: u8>(&self, order: &[usize; S]) -> Self {
        Split { re: permuted::<P, SET, S>(&self.re, order), im: permuted::<P, SET, S>(&self.im, order) }
    }
    #[inline(always)]
    fn no_sums() -> [Self; 2] {
        [Self::splat(Scalar::ZERO); 2]
    }
    #[inline(always)]
    fn add_to<const SET: u8>(&self, f: Complex<P>, sums: &mut [Self; 2]) {
        for (f, sums) in [f.re, f.im].into_iter().zip(sums) {
            for l in 0..S {
                sums.re[l] = mul_add::<P, SET>(f, self.re[l], sums.re[l]);
            }
            for l in 0..S {
                sums.im[l] = mul_add::<P, SET>(f, self.im[l], sums.im[l]);
            }
        }
    }
    #[inline(always)]
    fn total([by_re, by_im]: [Self; 2], conj: [bool; 2]) -> Self {
        let mut to = by_re;
        for l in 0..S {
            let total = total([by_re.get(l), by_im.get(l)], conj);
            to.set(l, total);
        }
        to
    }
}

/// The sum of products `f * x`, from the sums of the products with the real and with the imaginary parts of `f`, where `f` and
/// `x` were to be conjugated as it says.
#[inline(always)]
pub(super) fn total<P: Real>([by_re, by_im]: [Complex<P>; 2], [f, x]: [bool; 2]) -> Complex<P> {
    let minus = |yes: bool, x: P| if yes { -x } else { x };
    Complex { re: by_re.re + minus(f == x, by_im.im), im: minus(x, by_re.im) + minus(f, by_im.re) }
}

macro_rules! element {
    ($t:ident, $up:literal) => {
        impl Element for $t {
            type Row<const S: usize> = [$t; S];

            #[inline(always)]
            fn fused<const SET: u8>(a: $t, b: $t, c: $t) -> $t {
                if super::has_fma(SET) { a.mul_add(b, c) } else { a * b + c }
            }
            #[inline(always)]
            fn times<const SET: u8>(self, b: $t) -> $t {
                self * b
            }
            #[inline(always)]
            fn scaled(self, by: $t) -> $t {
                self * by
            }
            #[inline(always)]
            fn size(self) -> $t {
                self.abs()
            }
            #[inline(always)]
            fn reciprocal<const SET: u8>(self) -> Option<$t> {
                (self.abs() >= $t::MIN_POSITIVE).then(|| 1.0 / self)
            }
            #[inline(always)]
            fn inverse<const SET: u8>(self) -> $t {
                1.0 / self
            }
            #[inline(always)]
            fn over<const SET: u8>(self, d: $t) -> $t {
                self / d
            }
            #[inline(always)]
            unsafe fn wide(a: MatRef<$t>, b: MatRef<$t>, c: MatMut<$t>, _: [bool; 2]) -> bool {
                #[cfg(target_arch = "x86_64")]
                // SAFETY: the caller's promise.
                return unsafe { <$t as super::wide::Wide>::product(a, b, c) };
                #[cfg(not(target_arch = "x86_64"))]
                {
                    let _ = (a, b, c);
                    false
                }
            }
        }

        impl Element for Complex<$t> {
            type Row<const S: usize> = Split<$t, S>;

            #[inline(always)]
            fn fused<const SET: u8>(a: Self, b: Self, c: Self) -> Self {
                let (re, im) = (mul_add::<$t, SET>(a.re, b.re, c.re), mul_add::<$t, SET>(a.re, b.im, c.im));
                Complex { re: mul_add::<$t, SET>(-a.im, b.im, re), im: mul_add::<$t, SET>(a.im, b.re, im) }
            }
            #[inline(always)]
            fn times<const SET: u8>(self, b: Self) -> Self {
                let (re, im) = (self.re * b.re, self.re * b.im);
                Complex { re: mul_add::<$t, SET>(-self.im, b.im, re), im: mul_add::<$t, SET>(self.im, b.re, im) }
            }
            #[inline(always)]
            fn scaled(self, by: $t) -> Self {
                Complex { re: self.re * by, im: self.im * by }
            }
            #[inline(always)]
            fn size(self) -> $t {
                self.re.abs() + self.im.abs()
            }
            #[inline(always)]
            fn reciprocal<const SET: u8>(self) -> Option<Self> {
                // Of numbers whose squares are far from the ends of the range, both ways.
                let square = mul_add::<$t, SET>(self.re, self.re, self.im * self.im);
                let plain = (Self::LEAST..=1.0 / Self::LEAST).contains(&square);
                let r = 1.0 / square;
                plain.then(|| Complex { re: self.re * r, im: -self.im * r })
            }
            #[inline(always)]
            fn inverse<const SET: u8>(self) -> Self {
                self.reciprocal::<SET>().unwrap_or_else(|| Complex { re: 1.0, im: 0.0 }.quotient::<SET>(self))
            }
            #[inline(always)]
            fn over<const SET: u8>(self, d: Self) -> Self {
                match d.reciprocal::<SET>() {
                    Some(r) => self.times::<SET>(r),
                    None => self.quotient::<SET>(d),
                }
            }
            #[inline(always)]
            unsafe fn wide(a: MatRef<Self>, b: MatRef<Self>, c: MatMut<Self>, conj: [bool; 2]) -> bool {
                #[cfg(target_arch = "x86_64")]
                // SAFETY: the caller's promise.
                return unsafe { <Self as super::wide_complex::Wide>::product(a, b, c, conj) };
                #[cfg(not(target_arch = "x86_64"))]
                {
                    let _ = (a, b, c, conj);
                    false
                }
            }
        }

        impl Quotient for Complex<$t> {
            type Part = $t;
            const LEAST: $t = $t::MIN_POSITIVE / $t::EPSILON;

            #[cold]
            fn quotient<const SET: u8>(self, d: Self) -> Self {
                // By a power of 2, twice, that brings squares of the numbers there are here into the range. Once before the
                // product and once after it, since it alone may leave the range where the quotient does not.
                let by: $t = if d.re.abs().max(d.im.abs()) < 1.0 { $up } else { 1.0 / $up };
                let d = d.scaled(by).scaled(by);
                let square = mul_add::<$t, SET>(d.re, d.re, d.im * d.im);
                let r = Complex { re: d.re / square, im: -d.im / square };
                self.scaled(by).times::<SET>(r).scaled(by)
            }
        }
    };
}

/// Division by numbers of any size.
trait Quotient {
    /// The part of a number.
    type Part;
    /// The least square of a magnitude to which underflow does nothing.
    const LEAST: Self::Part;

    /// `self / d` for a `d` whose square is at the ends of the range.
    fn quotient<const SET: u8>(self, d: Self) -> Self;
}

// 2^300 and 2^49.
element!(f64, 2.037035976334486e90);
element!(f32, 5.629_499_5e14);
