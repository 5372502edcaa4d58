//! Which routines of [`crate::blas`] a kernel of ours answers to, by element type and size.

use super::complex;
use super::{CHOLESKY, GEMM, GEMM_LARGE, GEMM_WIDE, GEMV, INV, INV_SPD, LU, SUBSTITUTE};
use crate::backend::Number;
use crate::blas::{Failure, Kernels, MatMut, MatRef, Scalar, kernels};
use num_complex::Complex;

/// What became of a routine that may fail; none where LAPACK is faster, and then nothing is done.
pub type Answer = Option<Result<(), Failure>>;

/// The kernels of an element type where they are faster than LAPACK.
///
/// # Safety
/// The rules of [`crate::blas`].
#[allow(clippy::missing_safety_doc, reason = "of the trait")]
pub trait Small: Number {
    /// The inverse of A into row-major memory, which may be A's own.
    unsafe fn small_inv(a: MatRef<Self>, out: *mut Self) -> Answer;

    /// The inverse of a Hermitian positive definite A, of which it reads the lower triangle, into row-major memory, which may
    /// be A's own.
    unsafe fn small_inv_spd(a: MatRef<Self>, out: *mut Self) -> Answer;

    /// A = L U P in row-major memory, U with a unit diagonal: what getrf makes of A', with its pivots.
    unsafe fn small_lu(a: MatRef<Self>, out: *mut Self, pivots: *mut i32) -> Answer;

    /// The lower triangle of L with A = L L*, into row-major memory, which may be A's own. Reads the lower triangle of A; leaves
    /// anything above the diagonal of L.
    unsafe fn small_cholesky(a: MatRef<Self>, out: *mut Self) -> Answer;

    /// X := A^-1 X for a triangular A, or its conjugate; X has contiguous rows. Whether it is done.
    unsafe fn small_solve_triangular(a: MatRef<Self>, conj: bool, x: MatMut<Self>, lower: bool, unit: bool) -> bool;

    /// C = A B of matrices or their conjugates; C has contiguous rows and is not empty. Whether it is done.
    unsafe fn small_gemm(a: MatRef<Self>, b: MatRef<Self>, c: MatMut<Self>, conj: [bool; 2]) -> bool;
}

/// The crossover of real or of complex elements.
const fn most<T: Scalar>(real: usize, complex: usize) -> usize {
    if T::COMPLEX { complex } else { real }
}

macro_rules! small {
    ($($t:ty),*) => {$(
        impl Small for $t {
            #[inline(always)]
            unsafe fn small_inv(a: MatRef<$t>, out: *mut $t) -> Answer {
                // SAFETY: the caller's.
                (a.rows <= most::<$t>(INV, complex::INV)).then(|| unsafe { super::inv(a, out) })
            }

            #[inline(always)]
            unsafe fn small_inv_spd(a: MatRef<$t>, out: *mut $t) -> Answer {
                // SAFETY: the caller's.
                (a.rows <= most::<$t>(INV_SPD, complex::INV_SPD)).then(|| unsafe { super::inv_spd(a, out) })
            }

            #[inline(always)]
            unsafe fn small_lu(a: MatRef<$t>, out: *mut $t, pivots: *mut i32) -> Answer {
                // SAFETY: the caller's.
                (a.rows <= most::<$t>(LU, complex::LU)).then(|| unsafe { super::lu(a, out, pivots) })
            }

            #[inline(always)]
            unsafe fn small_cholesky(a: MatRef<$t>, out: *mut $t) -> Answer {
                // SAFETY: the caller's.
                (a.rows <= most::<$t>(CHOLESKY, complex::CHOLESKY)).then(|| unsafe { super::cholesky(a, out) })
            }

            #[inline(always)]
            unsafe fn small_solve_triangular(
                a: MatRef<$t>,
                conj: bool,
                x: MatMut<$t>,
                lower: bool,
                unit: bool,
            ) -> bool {
                // LAPACK reads a copy of a complex A.
                let strange = || !<$t as Scalar>::COMPLEX && a.layout().is_none();
                let own = a.rows <= most::<$t>(SUBSTITUTE, complex::SUBSTITUTE)
                    || i32::try_from(x.cols).is_err()
                    || strange();
                if own {
                    // SAFETY: the caller's.
                    unsafe { super::solve_triangular(a, conj, x, lower, unit) };
                }
                own
            }

            #[inline(always)]
            unsafe fn small_gemm(a: MatRef<$t>, b: MatRef<$t>, c: MatMut<$t>, conj: [bool; 2]) -> bool {
                // SAFETY: the caller's.
                unsafe { product(a, b, c, conj) }
            }
        }
    )*};
}

small!(f32, f64, Complex<f32>, Complex<f64>);

/// C = A B where a kernel of ours is faster, or BLAS does not take the strides.
#[inline(always)]
unsafe fn product<T: Scalar>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>, conj: [bool; 2]) -> bool {
    let (m, n, k) = (c.rows, c.cols, a.cols);
    let count = m.saturating_mul(n).saturating_mul(k);
    let wide = n > 1 && count <= most::<T>(GEMM_WIDE, complex::GEMM_WIDE);
    // SAFETY: the caller's.
    if wide && unsafe { T::wide(a, b, c, conj) } {
        return true;
    }
    let own = if n == 1 {
        count <= most::<T>(GEMV, complex::GEMV)
    } else {
        match kernels() {
            Kernels::Best => count <= most::<T>(GEMM, complex::GEMM),
            Kernels::Large => count <= most::<T>(GEMM_LARGE, complex::GEMM_LARGE),
            Kernels::Outdated => true,
        }
    };
    let own = own || a.layout().is_none() || b.layout().is_none() || c.as_ref().layout().is_none();
    if own {
        // SAFETY: the caller's.
        unsafe { super::gemm_conj(a, b, c, conj) };
    }
    own
}
