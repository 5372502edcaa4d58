//! The Fortran routines by element type, on raw column-major memory. Sizes are checked by the callers:
//! every leading dimension is at least 1 and covers its rows, so `xerbla` is never reached.

pub(super) use std::slice::{from_raw_parts as slice, from_raw_parts_mut as slice_mut};

/// The routines. Each writes only what its Fortran namesake writes; `info` comes back as a value.
///
/// # Safety
/// As for the Fortran routine: pointers span their matrices, dimensions are consistent.
#[allow(missing_docs, clippy::missing_safety_doc, clippy::too_many_arguments)]
pub trait Lapack: Sized {
    /// C = op(A) op(B), C is m x n.
    unsafe fn gemm(
        ta: u8,
        tb: u8,
        m: i32,
        n: i32,
        k: i32,
        a: *const Self,
        lda: i32,
        b: *const Self,
        ldb: i32,
        c: *mut Self,
        ldc: i32,
    );
    /// y = op(A) x, A is m x n.
    unsafe fn gemv(trans: u8, m: i32, n: i32, a: *const Self, lda: i32, x: *const Self, incx: i32, y: *mut Self);
    /// B := B op(A)^-1, B is m x n with leading dimension m.
    unsafe fn trsm_right(uplo: u8, trans: u8, diag: u8, m: i32, n: i32, a: *const Self, lda: i32, b: *mut Self);
    /// x := op(A)^-1 x.
    unsafe fn trsv(uplo: u8, trans: u8, diag: u8, n: i32, a: *const Self, lda: i32, x: *mut Self);
    /// A = P L U in place, A is m x n.
    unsafe fn getrf(m: i32, n: i32, a: *mut Self, pivots: *mut i32) -> i32;
    /// A^-1 from `getrf`.
    unsafe fn getri(n: i32, a: *mut Self, pivots: *const i32, work: *mut Self, lwork: i32) -> i32;
    /// A = U' U in place, the upper triangle only.
    unsafe fn potrf(n: i32, a: *mut Self) -> i32;
    /// A^-1 from `potrf`, the upper triangle only.
    unsafe fn potri(n: i32, a: *mut Self) -> i32;
    /// A = L Q in place, A is m x n.
    unsafe fn gelqf(m: i32, n: i32, a: *mut Self, tau: *mut Self, work: *mut Self, lwork: i32) -> i32;
    /// The m x n matrix Q of the k vectors of `gelqf`, k <= m <= n.
    unsafe fn orglq(m: i32, n: i32, k: i32, a: *mut Self, tau: *const Self, work: *mut Self, lwork: i32) -> i32;
    /// A = V diag(w) V' from the upper triangle; V in place of A where `jobz` is `V`.
    unsafe fn syevd(
        jobz: u8,
        n: i32,
        a: *mut Self,
        w: *mut Self,
        work: *mut Self,
        lwork: i32,
        iwork: *mut i32,
        liwork: i32,
    ) -> i32;
    /// A = U diag(s) V', A is m x n and destroyed; U has `ucol` columns, V' has `vrow` rows, none where `jobz` is `N`.
    unsafe fn gesdd(
        jobz: u8,
        m: i32,
        n: i32,
        a: *mut Self,
        s: *mut Self,
        u: *mut Self,
        ucol: i32,
        vt: *mut Self,
        vrow: i32,
        work: *mut Self,
        lwork: i32,
        iwork: *mut i32,
    ) -> i32;
}

/// The elements that a column-major matrix spans.
pub(super) fn span(rows: i32, cols: i32, ld: i32) -> usize {
    if rows == 0 || cols == 0 { 0 } else { ld as usize * (cols as usize - 1) + rows as usize }
}

/// [`span`] of op(A), given as A is stored.
fn span_op(trans: u8, rows: i32, cols: i32, ld: i32) -> usize {
    if trans == b'N' { span(rows, cols, ld) } else { span(cols, rows, ld) }
}

macro_rules! lapack {
    ($t:ty, $gemm:ident $gemv:ident $trsm:ident $trsv:ident, $getrf:ident $getri:ident $potrf:ident $potri:ident $gelqf:ident $orglq:ident $syevd:ident $gesdd:ident) => {
        // SAFETY, all of it: the caller's pointers span their matrices, which is what the slices say.
        #[allow(clippy::undocumented_unsafe_blocks, clippy::too_many_arguments)]
        impl Lapack for $t {
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
                    ::blas::$gemm(ta, tb, m, n, k, 1.0, a, lda, b, ldb, 0.0, c, ldc);
                }
            }

            unsafe fn gemv(trans: u8, m: i32, n: i32, a: *const $t, lda: i32, x: *const $t, incx: i32, y: *mut $t) {
                let (inner, outer) = if trans == b'N' { (n, m) } else { (m, n) };
                unsafe {
                    let (a, x) = (slice(a, span(m, n, lda)), slice(x, span(1, inner, incx)));
                    ::blas::$gemv(trans, m, n, 1.0, a, lda, x, incx, 0.0, slice_mut(y, outer as usize), 1);
                }
            }

            unsafe fn trsm_right(uplo: u8, trans: u8, diag: u8, m: i32, n: i32, a: *const $t, lda: i32, b: *mut $t) {
                unsafe {
                    let (a, b) = (slice(a, span(n, n, lda)), slice_mut(b, span(m, n, m)));
                    ::blas::$trsm(b'R', uplo, trans, diag, m, n, 1.0, a, lda, b, m);
                }
            }

            unsafe fn trsv(uplo: u8, trans: u8, diag: u8, n: i32, a: *const $t, lda: i32, x: *mut $t) {
                unsafe {
                    ::blas::$trsv(uplo, trans, diag, n, slice(a, span(n, n, lda)), lda, slice_mut(x, n as usize), 1)
                };
            }

            unsafe fn getrf(m: i32, n: i32, a: *mut $t, pivots: *mut i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, pivots) = (slice_mut(a, span(m, n, m)), slice_mut(pivots, m.min(n) as usize));
                    ::lapack::$getrf(m, n, a, m, pivots, &mut info);
                }
                info
            }

            unsafe fn getri(n: i32, a: *mut $t, pivots: *const i32, work: *mut $t, lwork: i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, work) = (slice_mut(a, span(n, n, n)), slice_mut(work, lwork as usize));
                    ::lapack::$getri(n, a, n, slice(pivots, n as usize), work, lwork, &mut info);
                }
                info
            }

            unsafe fn potrf(n: i32, a: *mut $t) -> i32 {
                let mut info = 0;
                unsafe { ::lapack::$potrf(b'U', n, slice_mut(a, span(n, n, n)), n, &mut info) };
                info
            }

            unsafe fn potri(n: i32, a: *mut $t) -> i32 {
                let mut info = 0;
                unsafe { ::lapack::$potri(b'U', n, slice_mut(a, span(n, n, n)), n, &mut info) };
                info
            }

            unsafe fn gelqf(m: i32, n: i32, a: *mut $t, tau: *mut $t, work: *mut $t, lwork: i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, tau) = (slice_mut(a, span(m, n, m)), slice_mut(tau, m.min(n) as usize));
                    ::lapack::$gelqf(m, n, a, m, tau, slice_mut(work, lwork as usize), lwork, &mut info);
                }
                info
            }

            unsafe fn orglq(m: i32, n: i32, k: i32, a: *mut $t, tau: *const $t, work: *mut $t, lwork: i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, tau) = (slice_mut(a, span(m, n, m)), slice(tau, k as usize));
                    ::lapack::$orglq(m, n, k, a, m, tau, slice_mut(work, lwork as usize), lwork, &mut info);
                }
                info
            }

            unsafe fn syevd(
                jobz: u8,
                n: i32,
                a: *mut $t,
                w: *mut $t,
                work: *mut $t,
                lwork: i32,
                iwork: *mut i32,
                liwork: i32,
            ) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, w) = (slice_mut(a, span(n, n, n)), slice_mut(w, n as usize));
                    let (work, iwork) = (slice_mut(work, lwork as usize), slice_mut(iwork, liwork as usize));
                    ::lapack::$syevd(jobz, b'U', n, a, n, w, work, lwork, iwork, liwork, &mut info);
                }
                info
            }

            unsafe fn gesdd(
                jobz: u8,
                m: i32,
                n: i32,
                a: *mut $t,
                s: *mut $t,
                u: *mut $t,
                ucol: i32,
                vt: *mut $t,
                vrow: i32,
                work: *mut $t,
                lwork: i32,
                iwork: *mut i32,
            ) -> i32 {
                let (mut info, k) = (0, m.min(n));
                unsafe {
                    let (a, s) = (slice_mut(a, span(m, n, m)), slice_mut(s, k as usize));
                    let (u, vt) = (slice_mut(u, span(m, ucol, m)), slice_mut(vt, span(vrow, n, vrow.max(1))));
                    let (work, iwork) = (slice_mut(work, lwork as usize), slice_mut(iwork, 8 * k as usize));
                    ::lapack::$gesdd(jobz, m, n, a, m, s, u, m, vt, vrow.max(1), work, lwork, iwork, &mut info);
                }
                info
            }
        }
    };
}

lapack!(f64, dgemm dgemv dtrsm dtrsv, dgetrf dgetri dpotrf dpotri dgelqf dorglq dsyevd dgesdd);
lapack!(f32, sgemm sgemv strsm strsv, sgetrf sgetri spotrf spotri sgelqf sorglq ssyevd sgesdd);
