//! Which routines of [`crate::blas`] a kernel of ours answers to, by element type and size.

use super::{CHOLESKY, GEMM, GEMM_LARGE, GEMM_WIDE, GEMV, INV, INV_SPD, LU, SUBSTITUTE};
use crate::backend::Number;
use crate::blas::{Failure, Kernels, MatMut, MatRef, Real, kernels};
use num_complex::Complex;

/// What became of a routine that may fail; none where LAPACK is faster, and then nothing is done.
pub type Answer = Option<Result<(), Failure>>;

/// The kernels of an element type where they are faster than LAPACK. Without one LAPACK answers at every size.
///
/// # Safety
/// The rules of [`crate::blas`].
#[allow(clippy::missing_safety_doc, reason = "of the trait")]
pub trait Small: Number {
    /// The inverse of A into row-major memory, which may be A's own.
    #[inline(always)]
    unsafe fn small_inv(_a: MatRef<Self>, _out: *mut Self) -> Answer {
        None
    }

    /// The inverse of a Hermitian positive definite A, of which it reads the lower triangle, into row-major memory, which may
    /// be A's own.
    #[inline(always)]
    unsafe fn small_inv_spd(_a: MatRef<Self>, _out: *mut Self) -> Answer {
        None
    }

    /// A = L U P in row-major memory, U with a unit diagonal: what getrf makes of A', with its pivots.
    #[inline(always)]
    unsafe fn small_lu(_a: MatRef<Self>, _out: *mut Self, _pivots: *mut i32) -> Answer {
        None
    }

    /// The lower triangle of L with A = L L*, into row-major memory, which may be A's own. Reads the lower triangle of A; leaves
    /// anything above the diagonal of L.
    #[inline(always)]
    unsafe fn small_cholesky(_a: MatRef<Self>, _out: *mut Self) -> Answer {
        None
    }

    /// X := A^-1 X for a triangular A, or its conjugate; X has contiguous rows. Whether it is done.
    #[inline(always)]
    unsafe fn small_solve_triangular(
        _a: MatRef<Self>,
        _conj: bool,
        _x: MatMut<Self>,
        _lower: bool,
        _unit: bool,
    ) -> bool {
        false
    }

    /// C = A B of matrices or their conjugates; C has contiguous rows and is not empty. Whether it is done.
    #[inline(always)]
    unsafe fn small_gemm(_a: MatRef<Self>, _b: MatRef<Self>, _c: MatMut<Self>, _conj: [bool; 2]) -> bool {
        false
    }
}

macro_rules! real {
    ($($t:ty),*) => {$(
        impl Small for $t {
            #[inline(always)]
            unsafe fn small_inv(a: MatRef<$t>, out: *mut $t) -> Answer {
                // SAFETY: the caller's.
                (a.rows <= INV).then(|| unsafe { super::inv(a, out) })
            }

            #[inline(always)]
            unsafe fn small_inv_spd(a: MatRef<$t>, out: *mut $t) -> Answer {
                // SAFETY: the caller's.
                (a.rows <= INV_SPD).then(|| unsafe { super::inv_spd(a, out) })
            }

            #[inline(always)]
            unsafe fn small_lu(a: MatRef<$t>, out: *mut $t, pivots: *mut i32) -> Answer {
                // SAFETY: the caller's.
                (a.rows <= LU).then(|| unsafe { super::lu(a, out, pivots) })
            }

            #[inline(always)]
            unsafe fn small_cholesky(a: MatRef<$t>, out: *mut $t) -> Answer {
                // SAFETY: the caller's.
                (a.rows <= CHOLESKY).then(|| unsafe { super::cholesky(a, out) })
            }

            #[inline(always)]
            unsafe fn small_solve_triangular(
                a: MatRef<$t>,
                conj: bool,
                x: MatMut<$t>,
                lower: bool,
                unit: bool,
            ) -> bool {
                let own = a.rows <= SUBSTITUTE || i32::try_from(x.cols).is_err() || a.layout().is_none();
                if own {
                    // SAFETY: the caller's.
                    unsafe { super::solve_triangular(a, conj, x, lower, unit) };
                }
                own
            }

            #[inline(always)]
            unsafe fn small_gemm(a: MatRef<$t>, b: MatRef<$t>, c: MatMut<$t>, _: [bool; 2]) -> bool {
                // SAFETY: the caller's.
                unsafe { product(a, b, c) }
            }
        }
    )*};
}

real!(f32, f64);

impl Small for Complex<f32> {}
impl Small for Complex<f64> {}

/// C = A B where a kernel of ours is faster, or BLAS does not take the strides.
#[inline(always)]
unsafe fn product<T: Real>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>) -> bool {
    let (m, n, k) = (c.rows, c.cols, a.cols);
    let count = m.saturating_mul(n).saturating_mul(k);
    // SAFETY: the caller's.
    if n > 1 && count <= GEMM_WIDE && unsafe { T::wide_product(a, b, c) } {
        return true;
    }
    let own = if n == 1 {
        count <= GEMV
    } else {
        match kernels() {
            Kernels::Best => count <= GEMM,
            Kernels::Large => count <= GEMM_LARGE,
            Kernels::Outdated => true,
        }
    };
    let own = own || a.layout().is_none() || b.layout().is_none() || c.as_ref().layout().is_none();
    if own {
        // SAFETY: the caller's.
        unsafe { super::gemm(a, b, c) };
    }
    own
}
