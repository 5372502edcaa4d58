//! The product of a matrix and its own conjugate transpose, of which BLAS computes one triangle.

use super::mat::Layout;
use super::{MatMut, MatRef, Scalar, int};

/// Elements of a square block that is mirrored at once, so that both places of it stay in cache.
const BLOCK: usize = 16;

/// C = A A*, or conj(A A*) where A is to be conjugated.
///
/// # Safety
/// The rules of [`super`]; A lies by rows or by columns, C by rows, disjoint from A.
pub unsafe fn gram<T: Scalar>(a: MatRef<T>, conj: bool, c: MatMut<T>) {
    debug_assert!(a.rows == c.rows && c.rows == c.cols);
    let (n, k) = (a.rows, a.cols);
    if n == 0 {
        return;
    }
    let (trans, ld) = match a.layout().expect("verified: BLAS takes the operand") {
        // To Fortran A' by columns.
        Layout::Rows { ld } => (b'C', ld),
        Layout::Cols { ld } => (b'N', ld),
    };
    // SAFETY: the strides as checked; the triangle is the lower one by rows.
    unsafe {
        T::herk(trans, int(n), int(k), a.ptr, ld, c.ptr, c.ld());
        // To Fortran A* A, of A' by columns, is the transpose of A A*; A A* of A by columns is not, but its conjugate is.
        mirror(c, (trans == b'N') != conj);
    }
}

/// Makes the strict upper triangle the conjugate of the lower one, of which the conjugate is taken first where it is asked for.
unsafe fn mirror<T: Scalar>(c: MatMut<T>, conj: bool) {
    let n = c.rows;
    for top in (0..n).step_by(BLOCK) {
        for left in (0..=top).step_by(BLOCK) {
            for i in top..n.min(top + BLOCK) {
                for j in left..i.min(left + BLOCK) {
                    // SAFETY: j < i < n.
                    unsafe {
                        let (lower, upper) = (c.row(i).add(j), c.row(j).add(i));
                        *upper = if conj { *lower } else { (*lower).conj() };
                        *lower = if conj { (*lower).conj() } else { *lower };
                    }
                }
            }
        }
    }
}
