//! The product of a matrix and its own conjugate transpose, of which BLAS computes one triangle.

use super::mat::Layout;
use super::{Kernels, MatMut, MatRef, Scalar, gemm_conj, int, kernels};

/// Rows and columns of a block that is mirrored at once, in registers.
const BLOCK: usize = 4;

/// From this order on half of a product and its mirror image are faster than all of it: `examples/small_vs_lapack.rs`, all /
/// half, 0.85 at 32, 1.02 at 48, 1.17 at 64, 1.36 at 96, 1.50 at 128, 1.66 at 256; in `f32` 0.89 at 48, 1.01 at 64, 1.36 at 128.
const HALF: usize = 48;
/// The same of complex numbers: 0.94 at 12, 1.16 at 16, 1.31 at 24, 1.50 at 48, 1.65 at 96; in `c64` 1.03 at 16.
const HALF_COMPLEX: usize = 16;

/// C = A A*, or conj(A A*) where A is to be conjugated. C is exactly Hermitian.
///
/// # Safety
/// The rules of [`super`]; A lies by rows or by columns, C by rows, disjoint from A.
pub unsafe fn gram<T: Scalar>(a: MatRef<T>, conj: bool, c: MatMut<T>) {
    debug_assert!(a.rows == c.rows && c.rows == c.cols);
    let (n, k) = (a.rows, a.cols);
    // In a kernel of ours, elements (i, j) and (j, i) are the same sum.
    // SAFETY: the caller's.
    if n == 0 || unsafe { T::small_gemm(a, a.t(), c, [conj, T::COMPLEX && !conj]) } {
        return;
    }
    let layout = a.layout().expect("verified: BLAS takes the operand");
    let by_rows = matches!(layout, Layout::Rows { .. });
    let half = if T::COMPLEX { n >= HALF_COMPLEX } else { n >= HALF && kernels() != Kernels::Outdated };
    // SAFETY: the caller's, the strides as checked; the triangle is the lower one by rows.
    unsafe {
        match layout {
            // BLAS conjugates what it transposes.
            _ if !half => gemm_conj(a, a.t(), c, [T::COMPLEX && !by_rows, T::COMPLEX && by_rows]),
            // To Fortran A' by columns.
            Layout::Rows { ld } => T::herk(b'C', int(n), int(k), a.ptr, ld, c.ptr, c.ld()),
            Layout::Cols { ld } => T::herk(b'N', int(n), int(k), a.ptr, ld, c.ptr, c.ld()),
        }
        // Of A by rows this is A A*, to Fortran the transpose of A* A; of A by columns it is the conjugate.
        mirror(c, by_rows == conj);
    }
}

/// Makes the strict upper triangle the conjugate of the lower one, of which the conjugate is taken first where it is asked for,
/// and the diagonal real.
unsafe fn mirror<T: Scalar>(c: MatMut<T>, conj: bool) {
    let n = c.rows;
    if T::COMPLEX {
        for i in 0..n {
            // SAFETY: an element of the diagonal.
            unsafe { *c.row(i).add(i) = T::new((*c.row(i).add(i)).parts()[0], T::Part::ZERO) };
        }
    }
    for top in (0..n).step_by(BLOCK) {
        for left in (0..=top).step_by(BLOCK) {
            if left < top && top + BLOCK <= n {
                // SAFETY: whole rows of two blocks, which are not the same.
                unsafe { mirror_block(c, top, left, conj) };
                continue;
            }
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

/// The same of a block of the lower triangle that the diagonal does not meet, row by row on either side.
unsafe fn mirror_block<T: Scalar>(c: MatMut<T>, top: usize, left: usize, conj: bool) {
    // SAFETY: the caller's.
    let rows: [[T; BLOCK]; BLOCK] =
        std::array::from_fn(|i| unsafe { c.row(top + i).add(left).cast::<[T; BLOCK]>().read_unaligned() });
    let turned: [[T; BLOCK]; BLOCK] =
        std::array::from_fn(|j| std::array::from_fn(|i| if conj { rows[i][j] } else { rows[i][j].conj() }));
    for (j, row) in turned.into_iter().enumerate() {
        // SAFETY: the caller's.
        unsafe { c.row(left + j).add(top).cast::<[T; BLOCK]>().write_unaligned(row) };
    }
    if T::COMPLEX && conj {
        for (i, row) in rows.iter().enumerate() {
            // SAFETY: the caller's.
            unsafe { c.row(top + i).add(left).cast::<[T; BLOCK]>().write_unaligned(row.map(T::conj)) };
        }
    }
}
