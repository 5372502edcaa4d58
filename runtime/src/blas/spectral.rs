//! Eigenvalues and singular values; those of Hermitian matrices and these by divide and conquer.
//!
//! The rows of a row-major matrix are the columns that LAPACK sees, so the lower triangle is its upper one, and from
//! A' = conj(V) S U' it writes U and V* row-major where they belong. Eigenvectors, of a Hermitian matrix their conjugates, come
//! out in rows. A is moved into the result or the workspace first, for LAPACK destroys it. NaN and infinity are refused: the
//! iterations make of them an error, NaN, or numbers that look like results.

use super::mat::{store, transpose};
use super::workspace::{place, split};
use super::{Failure, MatMut, MatRef, Routine, Scalar, Work, check_finite, identity, square};

/// A size as LAPACK counts.
fn count(n: usize) -> Result<i32, Failure> {
    i32::try_from(n).map_err(|_| Failure::TooLarge)
}

/// What LAPACK works in, if it can count it.
fn counted<T: Scalar>(work: Work<T>) -> Result<Work<T>, Failure> {
    let _ = (count(work.numbers_len)?, count(work.parts_len)?, count(work.integers_len)?);
    Ok(work)
}

fn converged(info: i32) -> Result<(), Failure> {
    debug_assert!(info >= 0);
    if info == 0 { Ok(()) } else { Err(Failure::NoConvergence) }
}

/// A V = V diag(w) of a Hermitian A, of which it reads the lower triangle: w ascending, V unitary. A may be V itself.
///
/// # Safety
/// The rules of the module; w is n elements, `work` for [`Routine::Eigh`].
pub unsafe fn eigh<T: Scalar>(a: MatRef<T>, w: *mut T::Part, v: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(v.rows == n && v.cols == n && v.is_row_major());
    let (copy, rest) = split(Routine::Eigh, n, n, work);
    let held = place(v.ptr, copy);
    // SAFETY: the results and the workspace are the caller's, of the sizes that are used.
    unsafe {
        symmetric(b'V', a, w, held, rest)?;
        transpose(held, v, T::conj);
    }
    Ok(())
}

/// The w of [`eigh`] alone.
///
/// # Safety
/// The rules of the module; w is n elements, `work` for [`Routine::Eigvalsh`].
pub unsafe fn eigvalsh<T: Scalar>(a: MatRef<T>, w: *mut T::Part, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    let (copy, rest) = split(Routine::Eigvalsh, n, n, work);
    // SAFETY: as above.
    unsafe { symmetric(b'N', a, w, copy, rest) }
}

/// Eigenvalues from a copy of A, where the conjugates of its eigenvectors are left in rows if they are asked for.
unsafe fn symmetric<T: Scalar>(
    jobz: u8,
    a: MatRef<T>,
    w: *mut T::Part,
    copy: *mut T,
    work: Work<T>,
) -> Result<(), Failure> {
    // SAFETY: the caller's memory, n x n, n and what LAPACK works in.
    unsafe {
        check_finite(a, true)?;
        if a.rows == 0 {
            return Ok(());
        }
        let (n, work) = (count(a.rows)?, counted(work)?);
        store(a, copy);
        converged(T::heevd(jobz, n, copy, w, work))
    }
}

/// A = U diag(s) V*, s descending: reduced, U m x k and V* k x n, k = min(m, n), or full, U m x m and V* n x n. A may be U or
/// V* itself.
///
/// # Safety
/// The rules of the module; s is k elements, `work` for [`Routine::Svd`].
pub unsafe fn svd<T: Scalar>(
    a: MatRef<T>,
    u: MatMut<T>,
    s: *mut T::Part,
    vt: MatMut<T>,
    work: *mut T,
) -> Result<(), Failure> {
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
pub unsafe fn svdvals<T: Scalar>(a: MatRef<T>, s: *mut T::Part, work: *mut T) -> Result<(), Failure> {
    // SAFETY: the result and the workspace are the caller's.
    unsafe { singular(a, None, s, work, b'N') }
}

unsafe fn singular<T: Scalar>(
    a: MatRef<T>,
    vectors: Option<(MatMut<T>, MatMut<T>)>,
    s: *mut T::Part,
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
    let (copy, rest) = split(routine, m, n, work);
    let (rows, cols, rest) = (count(m)?, count(n)?, counted(rest)?);
    let nowhere = MatMut::row_major(std::ptr::NonNull::dangling().as_ptr(), 0, 0);
    let (u_out, vt_out) = vectors.unwrap_or((nowhere, nowhere));
    let u = MatMut { ptr: place(u_out.ptr, copy.wrapping_add(m * n)), ..u_out };
    let vt = MatMut { ptr: place(vt_out.ptr, copy.wrapping_add(m * n + m * m)), ..vt_out };
    let (ucol, vrow) = (count(u.cols)?, count(vt.rows)?);
    // SAFETY: the caller's memory: to Fortran the n x m matrix A', whose U is conj(V) and whose V* is U', which are V* and U
    // in rows.
    unsafe {
        check_finite(a, false)?;
        store(a, copy);
        converged(T::gesdd(jobz, cols, rows, copy, s, vt.ptr, vrow, u.ptr, ucol, rest))?;
        store(u.as_ref(), u_out.ptr);
        store(vt.as_ref(), vt_out.ptr);
    }
    Ok(())
}

/// A V = V diag(w), its eigenvalues and eigenvectors complex, in pairs of parts; eigenvectors have length 1, and of a complex A a
/// largest element that is real. Without V the eigenvalues alone.
///
/// # Safety
/// The rules of the module; w is n pairs, V n x n row-major pairs, `work` for [`Routine::Eig`].
pub unsafe fn eig<T: Scalar>(
    a: MatRef<T>,
    w: *mut [T::Part; 2],
    v: Option<*mut [T::Part; 2]>,
    work: *mut T,
) -> Result<(), Failure> {
    let n = square(a);
    let (copy, rest) = split(Routine::Eig, n, n, work);
    // SAFETY: the results and the workspace are the caller's: two matrices, eigenvalues and what LAPACK asks for. A complex
    // number is a pair.
    unsafe {
        check_finite(a, false)?;
        if n == 0 {
            return Ok(());
        }
        let (order, vectors) = (count(n)?, copy.add(n * n));
        store(a.t(), copy);
        let wanted = v.map(|_| vectors);
        if T::COMPLEX {
            converged(T::geev(order, copy, w.cast(), wanted, counted(rest)?))?;
            if let Some(v) = v {
                store(MatRef::row_major(vectors, n, n).t(), v.cast());
            }
            return Ok(());
        }
        let (values, len) = (rest.numbers, rest.numbers_len - 2 * n);
        converged(T::geev(order, copy, values, wanted, counted(Work::new(values.add(2 * n), len))?))?;
        pair(n, values.cast(), w, vectors.cast(), v);
    }
    Ok(())
}

/// The eigenvalues and eigenvectors of a real matrix from the parts that LAPACK makes of them.
unsafe fn pair<P: Scalar>(n: usize, values: *const P, w: *mut [P; 2], vectors: *const P, v: Option<*mut [P; 2]>) {
    // SAFETY: the caller's: 2 n values, n x n vectors in columns, and results of n and n x n.
    unsafe {
        for j in 0..n {
            *w.add(j) = [*values.add(j), *values.add(n + j)];
        }
        let Some(v) = v else { return };
        let column = |j: usize, i: usize| *vectors.add(j * n + i);
        let mut j = 0;
        while j < n {
            let pair = (*w.add(j))[1] != P::ZERO;
            for i in 0..n {
                let row = v.add(i * n);
                match pair {
                    true => {
                        let (re, im) = (column(j, i), column(j + 1, i));
                        (*row.add(j), *row.add(j + 1)) = ([re, im], [re, -im]);
                    }
                    false => *row.add(j) = [column(j, i), P::ZERO],
                }
            }
            j += if pair { 2 } else { 1 };
        }
    }
}
