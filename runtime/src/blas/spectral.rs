//! Eigenvalues of symmetric matrices and singular values, by divide and conquer.
//!
//! The rows of a row-major matrix are the columns that LAPACK sees, so the lower triangle is its upper one, and from
//! A' = V S U' it writes U and V' row-major where they belong. Eigenvectors come out in rows and are transposed in place.
//! A is moved into the result or the workspace first, for LAPACK destroys it. NaN and infinity are refused: the iterations
//! make of them an error, NaN, or numbers that look like results.

use super::mat::store;
use super::{BLOCK, Failure, MatMut, MatRef, Real, Routine, Scalar, Work, identity, square};

/// The parts of the workspace, in elements: integers first, then what LAPACK works in, then a copy of A.
struct Parts {
    integers: usize,
    liwork: usize,
    lwork: usize,
    copy: usize,
}

/// LAPACK's documented least sizes, and room for blocks beyond them.
fn parts<T: Real>(routine: Routine, m: usize, n: usize) -> Parts {
    let (k, long) = (m.min(n), m.max(n));
    let [k2, copy] = [k.saturating_mul(k), m.saturating_mul(n)];
    let (liwork, lwork, copy) = match routine {
        Routine::Eigh => (3 + 5 * n, k2.saturating_mul(2).saturating_add(1 + (6 + BLOCK) * n), 0),
        Routine::Eigvalsh => (1, 1 + (2 + BLOCK) * n, copy),
        Routine::Svd => (8 * k, k2.saturating_mul(4).saturating_add(7 * k + BLOCK * (long + k)), copy),
        _ => (8 * k, 10 * k + BLOCK * (long + k), copy),
    };
    Parts { integers: (liwork * size_of::<i32>()).div_ceil(size_of::<T>()), liwork, lwork, copy }
}

/// All of it.
pub(super) fn workspace<T: Real>(routine: Routine, m: usize, n: usize) -> usize {
    let Parts { integers, lwork, copy, .. } = parts::<T>(routine, m, n);
    integers.saturating_add(lwork).saturating_add(copy)
}

/// What LAPACK works in.
fn scratch<T: Real>(work: *mut T, integers: usize, lwork: usize, liwork: usize) -> Work<T> {
    Work::new(work.wrapping_add(integers), lwork).integers(work.cast(), liwork)
}

/// A size as LAPACK counts.
fn count(n: usize) -> Result<i32, Failure> {
    i32::try_from(n).map_err(|_| Failure::TooLarge)
}

pub(super) fn converged(info: i32) -> Result<(), Failure> {
    debug_assert!(info >= 0);
    if info == 0 { Ok(()) } else { Err(Failure::NoConvergence) }
}

/// Whether every element is a number, of the lower triangle alone where only that is read.
pub(super) unsafe fn check_finite<T: Scalar>(a: MatRef<T>, lower: bool) -> Result<(), Failure> {
    let row = |i: usize| 0..if lower { i + 1 } else { a.cols };
    // SAFETY: elements of the caller's matrix.
    let finite = (0..a.rows).all(|i| row(i).all(|j| unsafe { (*a.at(i, j)).is_finite() }));
    if finite { Ok(()) } else { Err(Failure::NotFinite) }
}

/// A V = V diag(w) of a symmetric A, of which it reads the lower triangle: w ascending, V orthogonal. A may be V itself.
///
/// # Safety
/// The rules of the module; w is n elements, `work` for [`Routine::Eigh`].
pub unsafe fn eigh<T: Real>(a: MatRef<T>, w: *mut T, v: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(v.rows == n && v.cols == n && v.is_row_major());
    // SAFETY: the results and the workspace are the caller's, of the sizes that are used.
    unsafe {
        check_finite(a, true)?;
        symmetric(a, w, v.ptr, work, Routine::Eigh)?;
        for i in 0..n {
            for j in 0..i {
                std::ptr::swap(v.ptr.add(i * n + j), v.ptr.add(j * n + i));
            }
        }
    }
    Ok(())
}

/// The w of [`eigh`] alone.
///
/// # Safety
/// The rules of the module; w is n elements, `work` for [`Routine::Eigvalsh`].
pub unsafe fn eigvalsh<T: Real>(a: MatRef<T>, w: *mut T, work: *mut T) -> Result<(), Failure> {
    let Parts { integers, lwork, .. } = parts::<T>(Routine::Eigvalsh, a.rows, a.cols);
    // SAFETY: as above; the copy is the last part of the workspace.
    unsafe {
        check_finite(a, true)?;
        symmetric(a, w, work.add(integers + lwork), work, Routine::Eigvalsh)
    }
}

/// Eigenvalues from a copy of A, where its eigenvectors are left in rows if they are asked for.
unsafe fn symmetric<T: Real>(
    a: MatRef<T>,
    w: *mut T,
    copy: *mut T,
    work: *mut T,
    routine: Routine,
) -> Result<(), Failure> {
    let n = square(a);
    if n == 0 {
        return Ok(());
    }
    let Parts { integers, liwork, lwork, .. } = parts::<T>(routine, n, n);
    let (order, _, _) = (count(n)?, count(lwork)?, count(liwork)?);
    let jobz = if routine == Routine::Eigh { b'V' } else { b'N' };
    // SAFETY: the caller's memory, n x n, n and the parts of the workspace.
    unsafe {
        store(a, copy);
        converged(T::heevd(jobz, order, copy, w, scratch(work, integers, lwork, liwork)))
    }
}

/// A = U diag(s) V', s descending: reduced, U m x k and V' k x n, k = min(m, n), or full, U m x m and V' n x n. A may be U or
/// V' itself.
///
/// # Safety
/// The rules of the module; s is k elements, `work` for [`Routine::Svd`].
pub unsafe fn svd<T: Real>(a: MatRef<T>, u: MatMut<T>, s: *mut T, vt: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let k = a.rows.min(a.cols);
    debug_assert!(u.is_row_major() && vt.is_row_major() && u.rows == a.rows && vt.cols == a.cols);
    let full = u.cols != k || vt.rows != k;
    debug_assert!(!full || (u.cols == a.rows && vt.rows == a.cols));
    // SAFETY: the results and the workspace are the caller's.
    unsafe { singular(a, Some((u, vt)), s, work, if full { b'A' } else { b'S' }) }
}

/// The s of [`svd`] alone.
///
/// # Safety
/// The rules of the module; s is min(m, n) elements, `work` for [`Routine::Svdvals`].
pub unsafe fn svdvals<T: Real>(a: MatRef<T>, s: *mut T, work: *mut T) -> Result<(), Failure> {
    // SAFETY: the result and the workspace are the caller's.
    unsafe { singular(a, None, s, work, b'N') }
}

unsafe fn singular<T: Real>(
    a: MatRef<T>,
    vectors: Option<(MatMut<T>, MatMut<T>)>,
    s: *mut T,
    work: *mut T,
    jobz: u8,
) -> Result<(), Failure> {
    let (m, n) = (a.rows, a.cols);
    if m == 0 || n == 0 {
        // SAFETY: one of the two is empty, and any basis is one of the other's space.
        vectors.into_iter().flat_map(|(u, vt)| [u, vt]).for_each(|basis| unsafe { identity(basis) });
        return Ok(());
    }
    let routine = if vectors.is_some() { Routine::Svd } else { Routine::Svdvals };
    let Parts { integers, liwork, lwork, .. } = parts::<T>(routine, m, n);
    let (rows, cols, _, _) = (count(m)?, count(n)?, count(lwork)?, count(liwork)?);
    let nowhere = std::ptr::NonNull::dangling().as_ptr();
    let (u, ucol, vt, vrow) = match vectors {
        Some((u, vt)) => (u.ptr, count(u.cols)?, vt.ptr, count(vt.rows)?),
        None => (nowhere, 0, nowhere, 0),
    };
    // SAFETY: the caller's memory: to Fortran the n x m matrix A', whose U is V and whose V' is U'.
    unsafe {
        check_finite(a, false)?;
        let copy = work.add(integers + lwork);
        store(a, copy);
        let scratch = scratch(work, integers, lwork, liwork);
        converged(T::gesdd(jobz, cols, rows, copy, s, vt, vrow, u, ucol, scratch))
    }
}
