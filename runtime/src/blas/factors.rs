//! Factorisations that are results themselves.
//!
//! LAPACK has its choice of rows to exchange as it sees them, in columns: so a matrix is moved to the workspace transposed,
//! where LAPACK sees the matrix itself, and the factors are moved back.

use super::mat::store;
use super::workspace::{readable, split};
use super::{Failure, MatMut, MatRef, Real, Routine, Scalar, Triangle, check_finite, exchange, int, substitute};

/// The factors of A as LAPACK leaves them, column-major in the workspace, with the pivots, from 1.
unsafe fn packed<T: Scalar>(routine: Routine, a: MatRef<T>, work: *mut T) -> (MatRef<T>, *const i32) {
    let (m, n) = (a.rows, a.cols);
    let (copy, rest) = split(routine, m, n, work);
    // SAFETY: the workspace is the caller's, m x n and the pivots.
    unsafe {
        store(a.t(), copy);
        if m > 0 && n > 0 {
            // A pivot of 0 is a factor like any other.
            T::getrf(int(m), int(n), copy, rest.integers);
        }
    }
    (MatRef::row_major(copy, n, m).t(), rest.integers)
}

/// The packed factors of A, P A = L U, and for each of its rows that with which it was exchanged, from 0. A may be the factors
/// themselves.
///
/// # Safety
/// The rules of the module; `pivots` is min(m, n) elements, `work` for [`Routine::LuFactor`].
pub unsafe fn lu_factor<T: Scalar>(a: MatRef<T>, lu: MatMut<T>, pivots: *mut i64, work: *mut T) {
    debug_assert!(lu.is_row_major() && (lu.rows, lu.cols) == (a.rows, a.cols));
    // SAFETY: the results and the workspace are the caller's.
    unsafe {
        let (factors, exchanged) = packed(Routine::LuFactor, a, work);
        store(factors, lu.ptr);
        for i in 0..a.rows.min(a.cols) {
            *pivots.add(i) = i64::from(*exchanged.add(i)) - 1;
        }
    }
}

/// P L U = A: P m x m, L m x k with a unit diagonal, U k x n, k = min(m, n).
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Lu`].
pub unsafe fn lu<T: Scalar>(a: MatRef<T>, p: MatMut<T>, l: MatMut<T>, u: MatMut<T>, work: *mut T) {
    let (m, n, k) = (a.rows, a.cols, l.cols);
    debug_assert!(p.is_row_major() && l.is_row_major() && u.is_row_major());
    debug_assert!((p.rows, p.cols, l.rows, k, u.rows, u.cols) == (m, m, m, m.min(n), k, n));
    // SAFETY: the results and the workspace are the caller's.
    unsafe {
        let (factors, exchanged) = packed(Routine::Lu, a, work);
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

/// X with A X = B, or A' X = B where it is `transposed`, from what [`lu_factor`] made of A; B may be X itself.
///
/// # Safety
/// The rules of the module; `pivots` is a row of n, `work` for [`Routine::LuSolve`].
pub unsafe fn lu_solve<T: Scalar>(
    lu: MatRef<T>,
    pivots: MatRef<i64>,
    b: MatRef<T>,
    x: MatMut<T>,
    transposed: bool,
    work: *mut T,
) -> Result<(), Failure> {
    let n = super::square(lu);
    debug_assert!(x.rows == n && x.is_row_major() && pivots.cols == n);
    // SAFETY: the views and the workspace are the caller's; rows are exchanged with rows there are.
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
        let lu = readable(lu, work);
        store(b, x.ptr);
        let exchanged = |i: usize| exchange(x, i, *pivots.at(0, i) as usize);
        if transposed {
            substitute(lu, Triangle::UPPER.transposed(), x, work);
            substitute(lu, Triangle::LOWER.unit().transposed(), x, work);
            (0..n).rev().for_each(exchanged);
        } else {
            (0..n).for_each(exchanged);
            substitute(lu, Triangle::LOWER.unit(), x, work);
            substitute(lu, Triangle::UPPER, x, work);
        }
    }
    Ok(())
}

/// L D L* = A for a Hermitian A, of which it reads the lower triangle: row `order[i]` of L is row i of a lower triangle with
/// a unit diagonal, D has blocks of order 1 and 2 (Bunch and Kaufman).
///
/// # Safety
/// The rules of the module; `order` is n elements, `work` for [`Routine::Ldl`].
pub unsafe fn ldl<T: Scalar>(
    a: MatRef<T>,
    l: MatMut<T>,
    d: MatMut<T>,
    order: *mut i64,
    work: *mut T,
) -> Result<(), Failure> {
    let n = super::square(a);
    debug_assert!(l.is_row_major() && d.is_row_major());
    // SAFETY: the results and the workspace are the caller's: n x n, blocks for each of n rows, and pivots.
    unsafe {
        check_finite(a, true)?;
        if n == 0 {
            return Ok(());
        }
        let (copy, rest) = split(Routine::Ldl, n, n, work);
        let pivots = rest.integers;
        store(a.t(), copy);
        // A block of D that is 0 is one like any other.
        T::hetrf(int(n), copy, pivots, rest.numbers, int(rest.numbers_len));
        let factors = MatRef::row_major(copy, n, n).t();
        (0..n).for_each(|i| *order.add(i) = i as i64);
        (0..n * n).for_each(|i| (*l.ptr.add(i), *d.ptr.add(i)) = (T::ZERO, T::ZERO));
        let mut k = 0;
        while k < n {
            let pivot = *pivots.add(k);
            let size = if pivot > 0 { 1 } else { 2 };
            // What a step exchanged it did not exchange in the columns before.
            let (from, to) = (k + size - 1, pivot.unsigned_abs() as usize - 1);
            if from != to {
                std::ptr::swap_nonoverlapping(l.row(from), l.row(to), k);
                std::ptr::swap(order.add(from), order.add(to));
            }
            for j in k..k + size {
                let [re, _] = (*factors.at(j, j)).parts();
                *l.row(j).add(j) = T::ONE;
                *d.row(j).add(j) = T::new(re, <T::Part as Scalar>::ZERO);
                (k + size..n).for_each(|i| *l.row(i).add(j) = *factors.at(i, j));
            }
            if size == 2 {
                let off = *factors.at(k + 1, k);
                (*d.row(k + 1).add(k), *d.row(k).add(k + 1)) = (off, off.conj());
            }
            k += size;
        }
        // The rows where the matrix has them.
        store(l.as_ref(), copy);
        for i in 0..n {
            l.row(*order.add(i) as usize).copy_from_nonoverlapping(copy.add(i * n), n);
        }
    }
    Ok(())
}

/// X with A X = B for a matrix of a few diagonals: the last row of `upper` is the main one, the rows before it are those
/// above, each element in the column that it has in A; the first row of `lower` is the main one, the others are below.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Gbsv`].
pub unsafe fn gbsv<T: Scalar>(
    upper: MatRef<T>,
    lower: MatRef<T>,
    b: MatRef<T>,
    x: MatMut<T>,
    work: *mut T,
) -> Result<(), Failure> {
    let (n, above, below) = (upper.cols, upper.rows - 1, lower.rows - 1);
    let rows = 2 * below + above + 1;
    debug_assert!(x.is_row_major() && lower.cols == n && x.rows == n);
    // SAFETY: the result and the workspace are the caller's: the bands, right-hand sides in columns, and pivots.
    unsafe {
        let (columns, pivots) = (work.add(rows * n), work.add((rows + b.cols) * n).cast::<i32>());
        for j in 0..n {
            for row in 0..rows {
                // Row `below + above` is the main diagonal; those before `below` are LAPACK's.
                let element = match row.checked_sub(below) {
                    Some(band) if band < above && band + j >= above => *upper.at(band, j),
                    Some(band) if band >= above && j + band - above < n => *lower.at(band - above, j),
                    _ => T::ZERO,
                };
                *work.add(j * rows + row) = element;
            }
        }
        store(b.t(), columns);
        let info = match n * b.cols {
            0 => 0,
            _ => T::gbsv(int(n), int(below), int(above), int(b.cols), work, pivots, columns),
        };
        super::singular(info)?;
        store(MatRef::row_major(columns, b.cols, n).t(), x.ptr);
    }
    Ok(())
}

/// NaN everywhere: what stands for a result that there is none of.
unsafe fn fill_nan<T: Scalar>(x: MatMut<T>) {
    // SAFETY: elements of the caller's row-major matrix.
    (0..x.rows * x.cols).for_each(|i| unsafe { *x.ptr.add(i) = T::new(nan::<T>(), nan::<T>()) });
}

fn nan<T: Scalar>() -> T::Part {
    T::Part::from_f64(f64::NAN)
}

/// The largest sum of magnitudes of a column.
unsafe fn norm<T: Scalar>(a: MatRef<T>) -> T::Part {
    let zero = <T::Part as Scalar>::ZERO;
    let column = |j: usize| {
        // SAFETY: elements of the caller's matrix.
        (0..a.rows).fold(zero, |sum, i| sum + unsafe { *a.at(i, j) }.abs())
    };
    (0..a.cols).map(column).fold(zero, |most, x| if x > most || x.is_nan() { x } else { most })
}

/// The inverse of A, which may be the result itself, and the reciprocal of its condition number in the norm of column sums;
/// NaN and 0 where A is singular.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::TryInv`].
pub unsafe fn try_inv<T: Scalar>(a: MatRef<T>, out: MatMut<T>, work: *mut T) -> T::Part {
    let one = <T::Part as Scalar>::ONE;
    // SAFETY: the caller's.
    unsafe {
        let size = norm(a);
        if super::inv(a, out, work).is_err() {
            fill_nan(out);
            return <T::Part as Scalar>::ZERO;
        }
        if a.rows == 0 { one } else { one / size / norm(out.as_ref()) }
    }
}

/// X with A X = B, and an estimate of the reciprocal of the condition number of A in the norm of column sums; NaN and 0 where
/// A is singular. B may be X itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::TrySolve`].
pub unsafe fn try_solve<T: Scalar>(a: MatRef<T>, b: MatRef<T>, x: MatMut<T>, work: *mut T) -> T::Part {
    let n = super::square(a);
    let (factors, rest) = split(Routine::TrySolve, n, n, work);
    // SAFETY: the result and the workspace are the caller's. Once A X = B is solved the pivots have served.
    unsafe {
        let size = norm(a);
        if super::solve_by(a, b, x, factors, rest.integers).is_err() {
            fill_nan(x);
            return <T::Part as Scalar>::ZERO;
        }
        if n == 0 {
            return <T::Part as Scalar>::ONE;
        }
        if !size.is_finite() {
            return nan::<T>();
        }
        // The factors are those of A' to LAPACK, and sums of its rows are sums of A's columns.
        match T::gecon(int(n), factors, size, rest) {
            (0, rcond) => rcond,
            _ => nan::<T>(),
        }
    }
}

/// The lower L with A = L L*, and 0; where there is none NaN, and the order of the minor that is not positive. A may be L.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::TryCholesky`].
pub unsafe fn try_cholesky<T: Scalar>(a: MatRef<T>, l: MatMut<T>, work: *mut T) -> i64 {
    // SAFETY: the caller's.
    unsafe {
        match super::cholesky(a, l, work) {
            Err(Failure::NotPositiveDefinite { order }) => {
                fill_nan(l);
                order as i64
            }
            _ => 0,
        }
    }
}
