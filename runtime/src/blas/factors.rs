//! Factorisations that are results themselves.
//!
//! LAPACK has its choice of rows to exchange as it sees them, in columns: so a matrix is moved to the workspace transposed,
//! where LAPACK sees the matrix itself, and the factors are moved back.

use super::mat::store;
use super::{Failure, MatMut, MatRef, Real, int, substitute};

/// The factors of A as LAPACK leaves them, column-major in the workspace, with the pivots, from 1, behind them.
unsafe fn packed<T: Real>(a: MatRef<T>, work: *mut T) -> (MatRef<T>, *const i32) {
    let (m, n) = (a.rows, a.cols);
    // SAFETY: the workspace is the caller's, m x n and the pivots.
    unsafe {
        let pivots: *mut i32 = work.add(m * n).cast();
        store(a.t(), work);
        if m > 0 && n > 0 {
            // A pivot of 0 is a factor like any other.
            T::getrf(int(m), int(n), work, pivots);
        }
        (MatRef::row_major(work, n, m).t(), pivots)
    }
}

/// The packed factors of A, P A = L U, and for each of its rows that with which it was exchanged, from 0.
///
/// # Safety
/// The rules of the module; `pivots` is min(m, n) elements, `work` for [`super::Routine::LuFactor`].
pub unsafe fn lu_factor<T: Real>(a: MatRef<T>, lu: MatMut<T>, pivots: *mut i64, work: *mut T) {
    debug_assert!(lu.is_row_major() && (lu.rows, lu.cols) == (a.rows, a.cols));
    // SAFETY: the results and the workspace are the caller's.
    unsafe {
        let (factors, exchanged) = packed(a, work);
        store(factors, lu.ptr);
        for i in 0..a.rows.min(a.cols) {
            *pivots.add(i) = i64::from(*exchanged.add(i)) - 1;
        }
    }
}

/// P L U = A: P m x m, L m x k with a unit diagonal, U k x n, k = min(m, n).
///
/// # Safety
/// The rules of the module; `work` for [`super::Routine::Lu`].
pub unsafe fn lu<T: Real>(a: MatRef<T>, p: MatMut<T>, l: MatMut<T>, u: MatMut<T>, work: *mut T) {
    let (m, n, k) = (a.rows, a.cols, l.cols);
    debug_assert!(p.is_row_major() && l.is_row_major() && u.is_row_major());
    debug_assert!((p.rows, p.cols, l.rows, k, u.rows, u.cols) == (m, m, m, m.min(n), k, n));
    // SAFETY: the results and the workspace are the caller's.
    unsafe {
        let (factors, exchanged) = packed(a, work);
        for i in 0..m {
            for j in 0..k {
                *l.row(i).add(j) = match i.cmp(&j) {
                    std::cmp::Ordering::Less => T::ZERO,
                    std::cmp::Ordering::Equal => T::ONE,
                    std::cmp::Ordering::Greater => *factors.at(i, j),
                };
            }
        }
        for i in 0..k {
            for j in 0..n {
                *u.row(i).add(j) = if i <= j { *factors.at(i, j) } else { T::ZERO };
            }
        }
        super::identity(p);
        for i in (0..k).rev() {
            exchange(p, i, *exchanged.add(i) as usize - 1);
        }
    }
}

/// X with A X = B from what [`lu_factor`] made of A; B may be X itself.
///
/// # Safety
/// The rules of the module; `pivots` is a row of n.
pub unsafe fn lu_solve<T: Real>(lu: MatRef<T>, pivots: MatRef<i64>, b: MatRef<T>, x: MatMut<T>) -> Result<(), Failure> {
    let n = super::square(lu);
    debug_assert!(x.rows == n && x.is_row_major() && pivots.cols == n);
    // SAFETY: the views are the caller's; rows are exchanged with rows there are.
    unsafe {
        for i in 0..n {
            let pivot = *pivots.at(0, i);
            if !(0..n as i64).contains(&pivot) {
                return Err(Failure::Index { index: pivot, size: n });
            }
        }
        if let Some(i) = (0..n).find(|&i| *lu.at(i, i) == T::ZERO) {
            return Err(Failure::Singular { pivot: i + 1 });
        }
        store(b, x.ptr);
        for i in 0..n {
            exchange(x, i, *pivots.at(0, i) as usize);
        }
        substitute(lu, x, true, true);
        substitute(lu, x, false, false);
    }
    Ok(())
}

/// Exchanges two rows.
unsafe fn exchange<T: Real>(x: MatMut<T>, i: usize, j: usize) {
    if i != j {
        // SAFETY: rows of the caller's matrix, which do not overlap.
        unsafe { std::ptr::swap_nonoverlapping(x.row(i), x.row(j), x.cols) };
    }
}
