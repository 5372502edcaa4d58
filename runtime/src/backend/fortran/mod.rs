//! The Fortran routines of whatever library is linked in.
#![allow(clippy::undocumented_unsafe_blocks, clippy::too_many_arguments)]
// SAFETY, all of it: the caller's pointers span their matrices, which is what the slices say.

mod decompositions;

use super::{Lapack, Number, Work};
use num_complex::Complex;
use std::slice::{from_raw_parts as slice, from_raw_parts_mut as slice_mut};

/// The backend that calls BLAS and LAPACK.
#[derive(Clone, Copy, Debug)]
pub struct Fortran;

#[cfg(any(library = "openblas-system", library = "openblas-static"))]
use super::openblas::running;

/// What is held while a routine runs: nothing.
#[cfg(not(any(library = "openblas-system", library = "openblas-static")))]
fn running() -> impl Sized {
    struct Nothing;
    Nothing
}

/// The elements that a column-major matrix spans.
fn span(rows: i32, cols: i32, ld: i32) -> usize {
    if rows == 0 || cols == 0 { 0 } else { ld as usize * (cols as usize - 1) + rows as usize }
}

/// [`span`] of op(A), given as A is stored.
fn span_op(trans: u8, rows: i32, cols: i32, ld: i32) -> usize {
    if trans == b'N' { span(rows, cols, ld) } else { span(cols, rows, ld) }
}

fn int(n: usize) -> i32 {
    i32::try_from(n).expect("checked by the caller: LAPACK counts in 32 bits")
}

impl<T: Number> Work<T> {
    /// Its slices.
    unsafe fn slices<'w>(self) -> (&'w mut [T], &'w mut [T::Part], &'w mut [i32]) {
        unsafe {
            (
                slice_mut(self.numbers, self.numbers_len),
                slice_mut(self.parts, self.parts_len),
                slice_mut(self.integers, self.integers_len),
            )
        }
    }
}

macro_rules! lapack {
    ($t:ty, $zero:expr, $one:expr, $gemm:ident $herk:ident $gemv:ident $trsm:ident $trsv:ident, $getrf:ident $getri:ident $potrf:ident $potri:ident $gelqf:ident $unglq:ident $gbsv:ident $hetrf:ident $trsyl:ident) => {
        impl Lapack<Fortran> for $t {
            unsafe fn gemm(
                ta: u8,
                tb: u8,
                m: i32,
                n: i32,
                k: i32,
                a: *const $t,
                lda: i32,
                b: *const $t,
                ldb: i32,
                c: *mut $t,
                ldc: i32,
            ) {
                unsafe {
                    let (a, b) = (slice(a, span_op(ta, m, k, lda)), slice(b, span_op(tb, k, n, ldb)));
                    let c = slice_mut(c, span(m, n, ldc));
                    let _running = running();
                    ::blas::$gemm(ta, tb, m, n, k, $one, a, lda, b, ldb, $zero, c, ldc);
                }
            }

            unsafe fn herk(trans: u8, n: i32, k: i32, a: *const $t, lda: i32, c: *mut $t, ldc: i32) {
                unsafe {
                    let (a, c) = (slice(a, span_op(trans, n, k, lda)), slice_mut(c, span(n, n, ldc)));
                    let _running = running();
                    ::blas::$herk(b'U', trans, n, k, 1.0, a, lda, 0.0, c, ldc);
                }
            }

            unsafe fn gemv(trans: u8, m: i32, n: i32, a: *const $t, lda: i32, x: *const $t, incx: i32, y: *mut $t) {
                let (inner, outer) = if trans == b'N' { (n, m) } else { (m, n) };
                unsafe {
                    let (a, x) = (slice(a, span(m, n, lda)), slice(x, span(1, inner, incx)));
                    let _running = running();
                    ::blas::$gemv(trans, m, n, $one, a, lda, x, incx, $zero, slice_mut(y, outer as usize), 1);
                }
            }

            unsafe fn trsm_right(uplo: u8, trans: u8, diag: u8, m: i32, n: i32, a: *const $t, lda: i32, b: *mut $t) {
                unsafe {
                    let (a, b) = (slice(a, span(n, n, lda)), slice_mut(b, span(m, n, m)));
                    let _running = running();
                    ::blas::$trsm(b'R', uplo, trans, diag, m, n, $one, a, lda, b, m);
                }
            }

            unsafe fn trsv(uplo: u8, trans: u8, diag: u8, n: i32, a: *const $t, lda: i32, x: *mut $t) {
                unsafe {
                    let _running = running();
                    ::blas::$trsv(uplo, trans, diag, n, slice(a, span(n, n, lda)), lda, slice_mut(x, n as usize), 1)
                };
            }

            unsafe fn getrf(m: i32, n: i32, a: *mut $t, pivots: *mut i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, pivots) = (slice_mut(a, span(m, n, m)), slice_mut(pivots, m.min(n) as usize));
                    let _running = running();
                    ::lapack::$getrf(m, n, a, m, pivots, &mut info);
                }
                info
            }

            unsafe fn getri(n: i32, a: *mut $t, pivots: *const i32, work: *mut $t, lwork: i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, work) = (slice_mut(a, span(n, n, n)), slice_mut(work, lwork as usize));
                    let _running = running();
                    ::lapack::$getri(n, a, n, slice(pivots, n as usize), work, lwork, &mut info);
                }
                info
            }

            unsafe fn potrf(n: i32, a: *mut $t) -> i32 {
                let mut info = 0;
                unsafe {
                    let _running = running();
                    ::lapack::$potrf(b'U', n, slice_mut(a, span(n, n, n)), n, &mut info)
                };
                info
            }

            unsafe fn potri(n: i32, a: *mut $t) -> i32 {
                let mut info = 0;
                unsafe {
                    let _running = running();
                    ::lapack::$potri(b'U', n, slice_mut(a, span(n, n, n)), n, &mut info)
                };
                info
            }

            unsafe fn gelqf(m: i32, n: i32, a: *mut $t, tau: *mut $t, work: *mut $t, lwork: i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, tau) = (slice_mut(a, span(m, n, m)), slice_mut(tau, m.min(n) as usize));
                    let _running = running();
                    ::lapack::$gelqf(m, n, a, m, tau, slice_mut(work, lwork as usize), lwork, &mut info);
                }
                info
            }

            unsafe fn unglq(m: i32, n: i32, k: i32, a: *mut $t, tau: *const $t, work: *mut $t, lwork: i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, tau) = (slice_mut(a, span(m, n, m)), slice(tau, k as usize));
                    let _running = running();
                    ::lapack::$unglq(m, n, k, a, m, tau, slice_mut(work, lwork as usize), lwork, &mut info);
                }
                info
            }

            unsafe fn gbsv(n: i32, kl: i32, ku: i32, nrhs: i32, ab: *mut $t, pivots: *mut i32, b: *mut $t) -> i32 {
                let (mut info, rows) = (0, 2 * kl + ku + 1);
                unsafe {
                    let (ab, b) = (slice_mut(ab, span(rows, n, rows)), slice_mut(b, span(n, nrhs, n)));
                    let _running = running();
                    ::lapack::$gbsv(n, kl, ku, nrhs, ab, rows, slice_mut(pivots, n as usize), b, n, &mut info);
                }
                info
            }

            unsafe fn hetrf(n: i32, a: *mut $t, pivots: *mut i32, work: *mut $t, lwork: i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, pivots) = (slice_mut(a, span(n, n, n)), slice_mut(pivots, n as usize));
                    let _running = running();
                    ::lapack::$hetrf(b'L', n, a, n, pivots, slice_mut(work, lwork as usize), lwork, &mut info);
                }
                info
            }

            unsafe fn trsyl(
                trana: u8,
                tranb: u8,
                m: i32,
                n: i32,
                a: *const $t,
                lda: i32,
                b: *const $t,
                ldb: i32,
                c: *mut $t,
                ldc: i32,
            ) -> (i32, <$t as Number>::Part) {
                let (mut info, mut scale) = (0, [1.0]);
                unsafe {
                    let (a, b) = (slice(a, span(m, m, lda)), slice(b, span(n, n, ldb)));
                    let c = slice_mut(c, span(m, n, ldc));
                    let _running = running();
                    ::lapack::$trsyl(trana, tranb, &[1], m, n, a, lda, b, ldb, c, ldc, &mut scale, &mut info);
                }
                (info, scale[0])
            }
        }
    };
}

lapack!(f64, 0.0, 1.0, dgemm dsyrk dgemv dtrsm dtrsv, dgetrf dgetri dpotrf dpotri dgelqf dorglq dgbsv dsytrf dtrsyl);
lapack!(f32, 0.0, 1.0, sgemm ssyrk sgemv strsm strsv, sgetrf sgetri spotrf spotri sgelqf sorglq sgbsv ssytrf strsyl);
lapack!(Complex<f64>, Complex::ZERO, Complex::ONE, zgemm zherk zgemv ztrsm ztrsv, zgetrf zgetri zpotrf zpotri zgelqf zunglq zgbsv zhetrf ztrsyl);
lapack!(Complex<f32>, Complex::ZERO, Complex::ONE, cgemm cherk cgemv ctrsm ctrsv, cgetrf cgetri cpotrf cpotri cgelqf cunglq cgbsv chetrf ctrsyl);
