//! The interface by `faer`, in pure Rust and on the caller's thread alone: products, triangular solves and spectra are faer's,
//! factorisations that promise LAPACK's pivots, signs or codes are ours on top of its products.
//!
//! What faer works in beside the operands is kept by thread, as large as it had to be so far, so that a steady-state call
//! allocates nothing. [`Work`](super::Work) is sized for LAPACK and is not used.

mod balance;
mod bands;
mod deflate;
mod eigen;
mod factors;
mod householder;
mod qz;
mod schur;
mod spectral;
mod sylvester;

use super::{Lapack, Number};
use crate::blas::{Real, Scalar};
use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::matmul::matmul_with_conj;
use faer::linalg::matmul::triangular::{BlockStructure, matmul_with_conj as multiply_triangle};
use faer::linalg::triangular_solve as triangular;
use faer::traits::ComplexField;
use faer::{Accum, Conj, MatMut, MatRef, Par};
use num_complex::Complex;
use std::cell::RefCell;
use std::mem::MaybeUninit;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The backend that needs no library.
#[derive(Clone, Copy, Debug)]
pub struct Faer;

/// An element, as the interface and faer know it.
pub(super) trait Element:
    Number
    + ComplexField<Real = <Self as Number>::Part>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
}

impl Element for f32 {}
impl Element for f64 {}
impl Element for Complex<f32> {}
impl Element for Complex<f64> {}

fn zero<T: Element>() -> T {
    T::zero_impl()
}

fn one<T: Element>() -> T {
    T::one_impl()
}

fn conj<T: Element>(x: T) -> T {
    T::conj_impl(&x)
}

fn re<T: Element>(x: T) -> T::Part {
    T::real_part_impl(&x)
}

fn im<T: Element>(x: T) -> T::Part {
    T::imag_part_impl(&x)
}

fn real<T: Element>(x: T::Part) -> T {
    T::from_real_impl(&x)
}

/// The modulus.
fn abs<T: Element>(x: T) -> T::Part {
    re(x).hypot(im(x))
}

/// The sum of the magnitudes of the parts, by which LAPACK compares pivots.
fn abs1<T: Element>(x: T) -> T::Part {
    re(x).abs() + im(x).abs()
}

/// Divided by a positive number that is no subnormal one; a division of complex numbers would square it, and lose it.
fn over<T: Element>(x: T, by: T::Part) -> T {
    T::mul_real_impl(&x, &(T::Part::ONE / by))
}

/// The cosine and the sine of the rotation that makes of `f` and `g` one number and 0.
fn rotation<T: Element>(f: T, g: T) -> (T::Part, T) {
    let (size, other) = (abs(f), abs(g));
    if other <= T::Part::MIN_POSITIVE {
        return (T::Part::ONE, zero());
    }
    if size <= T::Part::MIN_POSITIVE {
        return (T::Part::ZERO, over(conj(g), other));
    }
    let length = size.hypot(other);
    (size / length, over(f, size) * over(conj(g), length))
}

/// Two numbers rotated.
fn turn<T: Element>(x: T, y: T, c: T::Part, s: T) -> (T, T) {
    let c = real::<T>(c);
    (c * x + s * y, c * y - conj(s) * x)
}

/// A strided matrix in memory that others may view as well.
#[derive(Clone, Copy)]
struct View<T> {
    ptr: *mut T,
    rs: isize,
    cs: isize,
}

// SAFETY, all of it: the callers' views span the elements that are asked for.
#[allow(clippy::undocumented_unsafe_blocks)]
impl<T: Element> View<T> {
    /// In columns, `ld` apart.
    fn columns(ptr: *mut T, ld: i32) -> Self {
        View { ptr, rs: 1, cs: ld as isize }
    }

    fn t(self) -> Self {
        View { ptr: self.ptr, rs: self.cs, cs: self.rs }
    }

    fn place(self, i: usize, j: usize) -> *mut T {
        self.ptr.wrapping_offset(i as isize * self.rs + j as isize * self.cs)
    }

    unsafe fn at(self, i: usize, j: usize) -> T {
        unsafe { *self.place(i, j) }
    }

    unsafe fn set(self, i: usize, j: usize, x: T) {
        unsafe { *self.place(i, j) = x };
    }

    /// What begins at an element.
    fn from(self, i: usize, j: usize) -> Self {
        View { ptr: self.place(i, j), ..self }
    }

    unsafe fn read<'a>(self, rows: usize, cols: usize) -> MatRef<'a, T> {
        unsafe { MatRef::from_raw_parts(self.ptr, rows, cols, self.rs, self.cs) }
    }

    unsafe fn write<'a>(self, rows: usize, cols: usize) -> MatMut<'a, T> {
        unsafe { MatMut::from_raw_parts_mut(self.ptr, rows, cols, self.rs, self.cs) }
    }

    /// Exchanges two rows of as many columns.
    unsafe fn exchange(self, i: usize, j: usize, cols: usize) {
        if i != j {
            (0..cols).for_each(|k| unsafe { std::ptr::swap(self.place(i, k), self.place(j, k)) });
        }
    }
}

/// C = A B, or that taken from C.
fn multiply<T: Element>(c: MatMut<'_, T>, a: (MatRef<'_, T>, Conj), b: (MatRef<'_, T>, Conj), subtract: bool) {
    let (accum, alpha) = if subtract { (Accum::Add, -one::<T>()) } else { (Accum::Replace, one()) };
    matmul_with_conj(c, accum, a.0, a.1, b.0, b.1, alpha, Par::Seq);
}

/// X := A^-1 X for a triangular A.
fn substitute<T: Element>(a: MatRef<'_, T>, conj: Conj, x: MatMut<'_, T>, lower: bool, unit: bool) {
    match (lower, unit) {
        (true, true) => triangular::solve_unit_lower_triangular_in_place_with_conj(a, conj, x, Par::Seq),
        (true, false) => triangular::solve_lower_triangular_in_place_with_conj(a, conj, x, Par::Seq),
        (false, true) => triangular::solve_unit_upper_triangular_in_place_with_conj(a, conj, x, Par::Seq),
        (false, false) => triangular::solve_upper_triangular_in_place_with_conj(a, conj, x, Par::Seq),
    }
}

fn conjugates(trans: u8) -> Conj {
    if trans == b'C' { Conj::Yes } else { Conj::No }
}

/// Runs `f` with the memory of the thread, made larger first where it has to be.
fn scratch<R>(req: StackReq, f: impl FnOnce(&mut MemStack) -> R) -> R {
    thread_local! {
        // One more where `f` calls this again.
        static KEPT: RefCell<Vec<MemBuffer>> = const { RefCell::new(Vec::new()) };
    }
    let kept = KEPT.with(|kept| kept.borrow_mut().pop());
    let kept = kept.and_then(|mut buffer| MemStack::new(&mut buffer).can_hold(req).then_some(buffer));
    let mut buffer = kept.unwrap_or_else(|| MemBuffer::new(req));
    // Some of faer's iterations multiply what they have not written by 0, which NaN withstands.
    buffer.fill(MaybeUninit::zeroed());
    let result = f(MemStack::new(&mut buffer));
    KEPT.with(|kept| kept.borrow_mut().push(buffer));
    result
}

// SAFETY, all of it: the caller's pointers span their matrices.
#[allow(clippy::undocumented_unsafe_blocks)]
impl<T: Element> Lapack<Faer> for T {
    unsafe fn gemm(
        ta: u8,
        tb: u8,
        m: i32,
        n: i32,
        k: i32,
        a: *const T,
        lda: i32,
        b: *const T,
        ldb: i32,
        c: *mut T,
        ldc: i32,
    ) {
        let op = |trans: u8, x: *const T, ld: i32| match trans {
            b'N' => View::columns(x.cast_mut(), ld),
            _ => View::columns(x.cast_mut(), ld).t(),
        };
        let [m, n, k] = [m, n, k].map(|x| x as usize);
        unsafe {
            let (a, b) = (op(ta, a, lda).read(m, k), op(tb, b, ldb).read(k, n));
            multiply(View::columns(c, ldc).write(m, n), (a, conjugates(ta)), (b, conjugates(tb)), false);
        }
    }

    unsafe fn herk(trans: u8, n: i32, k: i32, a: *const T, lda: i32, c: *mut T, ldc: i32) {
        let (a, n, k) = (View::columns(a.cast_mut(), lda), n as usize, k as usize);
        let (triangle, full) = (BlockStructure::TriangularUpper, BlockStructure::Rectangular);
        unsafe {
            let (left, right) = if trans == b'N' { (a, a.t()) } else { (a.t(), a) };
            let conj = |side: u8| if side == trans { Conj::Yes } else { Conj::No };
            let (left, right) = (left.read(n, k), right.read(k, n));
            let c = View::columns(c, ldc).write(n, n);
            let (left_conj, right_conj) = (conj(b'C'), conj(b'N'));
            let one = one::<T>();
            multiply_triangle(
                c,
                triangle,
                Accum::Replace,
                left,
                full,
                left_conj,
                right,
                full,
                right_conj,
                one,
                Par::Seq,
            );
        }
    }

    unsafe fn gemv(trans: u8, m: i32, n: i32, a: *const T, lda: i32, x: *const T, incx: i32, y: *mut T) {
        let a = View::columns(a.cast_mut(), lda);
        let (a, inner, outer) = if trans == b'N' { (a, n, m) } else { (a.t(), m, n) };
        let (inner, outer) = (inner as usize, outer as usize);
        unsafe {
            let x = View { ptr: x.cast_mut(), rs: incx as isize, cs: 1 }.read(inner, 1);
            let y = View::columns(y, outer as i32).write(outer, 1);
            multiply(y, (a.read(outer, inner), conjugates(trans)), (x, Conj::No), false);
        }
    }

    unsafe fn trsm_right(uplo: u8, trans: u8, diag: u8, m: i32, n: i32, a: *const T, lda: i32, b: *mut T) {
        let (upper, a, n) = (uplo == b'U', View::columns(a.cast_mut(), lda), n as usize);
        // op(A)^T X^T = B^T.
        let (a, lower) = if trans == b'N' { (a.t(), upper) } else { (a, !upper) };
        unsafe {
            let x = View::columns(b, m).t().write(n, m as usize);
            substitute(a.read(n, n), conjugates(trans), x, lower, diag == b'U');
        }
    }

    unsafe fn trsv(uplo: u8, trans: u8, diag: u8, n: i32, a: *const T, lda: i32, x: *mut T) {
        let (upper, a) = (uplo == b'U', View::columns(a.cast_mut(), lda));
        let (a, lower) = if trans == b'N' { (a, !upper) } else { (a.t(), upper) };
        unsafe {
            let x = View::columns(x, n).write(n as usize, 1);
            substitute(a.read(n as usize, n as usize), conjugates(trans), x, lower, diag == b'U');
        }
    }

    unsafe fn getrf(m: i32, n: i32, a: *mut T, pivots: *mut i32) -> i32 {
        unsafe { factors::lu(View::columns(a, m), m as usize, n as usize, pivots) }
    }

    unsafe fn getri(n: i32, a: *mut T, pivots: *const i32, _: *mut T, _: i32) -> i32 {
        unsafe { factors::lu_inverse(View::columns(a, n), n as usize, pivots) }
    }

    unsafe fn potrf(n: i32, a: *mut T) -> i32 {
        unsafe { factors::cholesky(View::columns(a, n).t(), n as usize) }
    }

    unsafe fn potri(n: i32, a: *mut T) -> i32 {
        unsafe { factors::cholesky_inverse(View::columns(a, n).t(), n as usize) }
    }

    unsafe fn gelqf(m: i32, n: i32, a: *mut T, tau: *mut T, _: *mut T, _: i32) -> i32 {
        // A' = Q R is as good: L is R transposed.
        unsafe { householder::factor(View::columns(a, m).t(), n as usize, m as usize, tau) };
        0
    }

    unsafe fn unglq(m: i32, n: i32, k: i32, a: *mut T, tau: *const T, _: *mut T, _: i32) -> i32 {
        unsafe { householder::generate(View::columns(a, m).t(), n as usize, m as usize, k as usize, tau) };
        0
    }

    unsafe fn gbsv(n: i32, kl: i32, ku: i32, nrhs: i32, ab: *mut T, pivots: *mut i32, b: *mut T) -> i32 {
        let [size, kl, ku, nrhs] = [n, kl, ku, nrhs].map(|x| x as usize);
        unsafe { bands::solve(size, kl, ku, ab, pivots, View::columns(b, n), nrhs) }
    }

    unsafe fn hetrf(n: i32, a: *mut T, pivots: *mut i32, _: *mut T, _: i32) -> i32 {
        unsafe { factors::indefinite(View::columns(a, n), n as usize, pivots) }
    }

    unsafe fn trsyl(
        trana: u8,
        tranb: u8,
        m: i32,
        n: i32,
        a: *const T,
        lda: i32,
        b: *const T,
        ldb: i32,
        c: *mut T,
        ldc: i32,
    ) -> (i32, T::Part) {
        let a = sylvester::Factor::new(View::columns(a.cast_mut(), lda), m as usize, trana != b'N');
        let b = sylvester::Factor::new(View::columns(b.cast_mut(), ldb), n as usize, tranb != b'N');
        let solved = unsafe { sylvester::solve(a, b, View::columns(c, ldc)) };
        (i32::from(!solved), T::Part::ONE)
    }
}
