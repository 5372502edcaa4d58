//! Products of matrices.

use super::mat::layout;
use super::{MatMut, MatRef, Scalar, int};

/// Whether BLAS multiplies a matrix of these strides as it is. Otherwise [`gemm`] runs a slower kernel
/// of its own unless the product is small, and a copy first may pay.
pub fn gemm_takes(rows: usize, cols: usize, rs: isize, cs: isize) -> bool {
    rows == 0 || cols == 0 || layout(rows, cols, rs, cs).is_some()
}

/// C = A B. An inner dimension of 0 writes zeros.
///
/// # Safety
/// The rules of [`super`]; C is disjoint from A and B, its rows or its columns are contiguous, one after another. Of complex
/// elements BLAS takes A and B as they are.
pub unsafe fn gemm<T: Scalar>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>) {
    // SAFETY: the caller's.
    unsafe { gemm_conj(a, b, c, [false; 2]) }
}

/// [`gemm`] of matrices or their conjugates.
///
/// # Safety
/// As for [`gemm`]; what is conjugated lies the other way than C.
pub unsafe fn gemm_conj<T: Scalar>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>, conj: [bool; 2]) {
    debug_assert!(a.rows == c.rows && b.cols == c.cols && b.rows == a.cols);
    debug_assert!(gemm_takes(c.rows, c.cols, c.rs, c.cs), "neither rows nor columns are contiguous");
    let (a, b, c, conj) = if c.is_by_rows() { (a, b, c, conj) } else { (b.t(), a.t(), c.t(), [conj[1], conj[0]]) };
    // SAFETY: the views are the caller's.
    if c.rows == 0 || c.cols == 0 || unsafe { T::small_gemm(a, b, c, conj) } {
        return;
    }
    // What is conjugated lies the other way than C, and that may be a row or a column, which lies both ways.
    let turned = |m: MatRef<T>, conj: bool| !conj || m.t().row_stride().is_some();
    let fits = c.as_ref().row_stride().is_some() && turned(a, conj[0]) && turned(b, conj[1]);
    let (a, b, c, conj) = if fits { (a, b, c, conj) } else { (b.t(), a.t(), c.t(), [conj[1], conj[0]]) };
    // To Fortran C' = B' A', and rows that are contiguous are a transposed matrix already.
    let flags = |m: MatRef<T>, conj: bool| match m.row_stride() {
        Some(ld) if !conj => (b'N', ld),
        _ => (if conj { b'C' } else { b'T' }, m.t().row_stride().expect("what BLAS does not take is ours")),
    };
    let ((ta, lda), (tb, ldb)) = (flags(a, conj[0]), flags(b, conj[1]));
    let (m, n, k, ldc) = (int(c.rows), int(c.cols), int(a.cols), c.ld());
    // Complex columns are products like any other: their gemv reads beyond A.
    let column = !T::COMPLEX && n == 1 && tb == b'N' && (m == 1 || c.rs == 1);
    // SAFETY: the strides are checked against the dimensions, which are positive. Some versions of gemv keep a NaN that they
    // find in y.
    unsafe {
        if !column {
            return T::gemm(tb, ta, n, m, k, b.ptr, ldb, a.ptr, lda, c.ptr, ldc);
        }
        std::slice::from_raw_parts_mut(c.ptr, c.rows).fill(T::ZERO);
        if ta == b'N' {
            T::gemv(b'T', k, m, a.ptr, lda, b.ptr, ldb, c.ptr);
        } else {
            T::gemv(b'N', m, k, a.ptr, lda, b.ptr, ldb, c.ptr);
        }
    }
}
