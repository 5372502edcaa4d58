//! Factorisations, functions and equations of complex matrices, by the rules of [`super::complex`]: LAPACK works in the
//! workspace alone.
//!
//! The exponential, and Riccati's equation, are those of real matrices of twice the order: what `[[x, -y], [y, x]]` stands for
//! `x + i y` in commutes with sums, products, inverses and conjugate transposes, and so with what is made of them. It takes
//! twice the arithmetic.

use super::complex::{inv, solve, split, substitute};
use super::mat::store;
use super::spectral::check_finite;
use super::{Failure, MatMut, MatRef, Real, Routine, Scalar, int};
use std::slice::{from_raw_parts, from_raw_parts_mut as slice_mut};

/// What the real matrices of twice the order need, in complex elements: those of operands and of a result of the first one's
/// order, and the workspace of their routine, of the elements that the fewest bytes make.
pub(super) fn doubled(routine: Routine, operands: &[[usize; 2]]) -> usize {
    let twice: Vec<[usize; 2]> = operands.iter().map(|shape| shape.map(|size| 2 * size)).collect();
    let elements = twice.iter().map(|[m, n]| m * n).sum::<usize>() + twice[0][0] * twice[0][0];
    (elements + super::workspace::<f32>(routine, &twice)).div_ceil(2)
}

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

/// As [`super::lu_factor`].
///
/// # Safety
/// The rules of the module; `pivots` is min(m, n) elements, `work` for [`Routine::LuFactor`].
pub unsafe fn lu_factor<T: Scalar>(a: MatRef<T>, lu: MatMut<T>, pivots: *mut i64, work: *mut T) {
    // SAFETY: the results and the workspace are the caller's.
    unsafe {
        let (factors, exchanged) = packed(Routine::LuFactor, a, work);
        store(factors, lu.ptr);
        for i in 0..a.rows.min(a.cols) {
            *pivots.add(i) = i64::from(*exchanged.add(i)) - 1;
        }
    }
}

/// As [`super::lu`].
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Lu`].
pub unsafe fn lu<T: Scalar>(a: MatRef<T>, p: MatMut<T>, l: MatMut<T>, u: MatMut<T>, work: *mut T) {
    let k = l.cols;
    // SAFETY: the results and the workspace are the caller's.
    unsafe {
        let (factors, exchanged) = packed(Routine::Lu, a, work);
        for i in 0..a.rows {
            for j in 0..k {
                *l.row(i).add(j) = match i.cmp(&j) {
                    std::cmp::Ordering::Less => T::ZERO,
                    std::cmp::Ordering::Equal => T::ONE,
                    std::cmp::Ordering::Greater => *factors.at(i, j),
                };
            }
        }
        for i in 0..k {
            for j in 0..a.cols {
                *u.row(i).add(j) = if i <= j { *factors.at(i, j) } else { T::ZERO };
            }
        }
        super::complex::identity(p);
        for i in (0..k).rev() {
            exchange(p, i, *exchanged.add(i) as usize - 1);
        }
    }
}

/// As [`super::lu_solve`].
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
    let n = lu.rows;
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
        store(if transposed { lu.t() } else { lu }, work);
        store(b, x.ptr);
        let exchanged = |i: usize| exchange(x, i, *pivots.at(0, i) as usize);
        if transposed {
            substitute(work, x, true, false);
            substitute(work, x, false, true);
            (0..n).rev().for_each(exchanged);
        } else {
            (0..n).for_each(exchanged);
            substitute(work, x, true, true);
            substitute(work, x, false, false);
        }
    }
    Ok(())
}

/// Exchanges two rows.
unsafe fn exchange<T: Scalar>(x: MatMut<T>, i: usize, j: usize) {
    if i != j {
        // SAFETY: rows of the caller's matrix, which do not overlap.
        unsafe { std::ptr::swap_nonoverlapping(x.row(i), x.row(j), x.cols) };
    }
}

/// L D L* = A for a Hermitian A, of which it reads the lower triangle, as [`super::ldl`].
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
    let n = a.rows;
    let (copy, rest) = split(Routine::Ldl, n, n, work);
    // SAFETY: the results and the workspace are the caller's.
    unsafe {
        check_finite(a, true)?;
        if n == 0 {
            return Ok(());
        }
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

/// As [`super::gbsv`].
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
    // SAFETY: the result and the workspace are the caller's: the bands, right-hand sides in columns, and pivots.
    unsafe {
        let (columns, pivots) = (work.add(rows * n), work.add((rows + b.cols) * n).cast::<i32>());
        for j in 0..n {
            for row in 0..rows {
                // Row `below + above` is the main diagonal; those before `below` are LAPACK's.
                *work.add(j * rows + row) = match row.checked_sub(below) {
                    Some(band) if band < above && band + j >= above => *upper.at(band, j),
                    Some(band) if band >= above && j + band - above < n => *lower.at(band - above, j),
                    _ => T::ZERO,
                };
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

/// A = Z T Z* with unitary Z and upper triangular T, both in columns in the workspace; what is behind them.
unsafe fn columns<T: Scalar>(routine: Routine, a: MatRef<T>, work: *mut T) -> Result<[*mut T; 3], Failure> {
    let n = a.rows;
    let (t, rest) = split(routine, n, n, work);
    let (z, free) = (t.wrapping_add(n * n), t.wrapping_add(2 * n * n));
    // SAFETY: the workspace is the caller's: matrices, eigenvalues and what LAPACK asks for.
    unsafe {
        check_finite(a, false)?;
        if n > 0 {
            store(a.t(), t);
            if T::gees(int(n), t, z, rest) != 0 {
                return Err(Failure::NoConvergence);
            }
        }
    }
    Ok([t, z, free])
}

/// A = Z T Z* with unitary Z and upper triangular T.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Schur`].
pub unsafe fn schur<T: Scalar>(a: MatRef<T>, t: MatMut<T>, z: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = a.rows;
    // SAFETY: the results and the workspace are the caller's.
    unsafe {
        let [triangle, vectors, _] = columns(Routine::Schur, a, work)?;
        store(MatRef::row_major(triangle, n, n).t(), t.ptr);
        store(MatRef::row_major(vectors, n, n).t(), z.ptr);
    }
    Ok(())
}

/// Y with R Y + Y S* = F for upper triangular R and S; F may be Y itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Trsyl`].
pub unsafe fn trsyl<T: Scalar>(
    r: MatRef<T>,
    s: MatRef<T>,
    f: MatRef<T>,
    y: MatMut<T>,
    work: *mut T,
) -> Result<(), Failure> {
    let (m, n) = (r.rows, s.rows);
    if m == 0 || n == 0 {
        return Ok(());
    }
    // SAFETY: the result and the workspace are the caller's. To Fortran conj(S) Y' + Y' conj(R)* = F'.
    unsafe {
        let (r_columns, s_columns, rows) = (work, work.add(m * m), work.add(m * m + n * n));
        store(r.t(), r_columns);
        store(s.t(), s_columns);
        slice_mut(work, m * m + n * n).iter_mut().for_each(|z| *z = (*z).conj());
        store(f, rows);
        let (info, scale) = T::trsyl(b'N', b'C', int(n), int(m), s_columns, int(n), r_columns, int(m), rows, int(n));
        if info != 0 {
            return Err(Failure::NoSolution);
        }
        if scale != <T::Part as Scalar>::ONE {
            for z in slice_mut(rows, m * n) {
                let [re, im] = z.parts();
                *z = T::new(re / scale, im / scale);
            }
        }
        store(MatRef::row_major(rows, m, n), y.ptr);
    }
    Ok(())
}

/// The square root whose real part is not negative.
fn root<T: Scalar>(z: T) -> T {
    let [re, im] = z.parts();
    let (zero, half) = (<T::Part as Scalar>::ZERO, T::Part::from_f64(0.5));
    let larger = (half * re.hypot(im) + half * re.abs()).sqrt();
    if larger == zero {
        return T::ZERO;
    }
    let smaller = half * im / larger;
    match () {
        () if re >= zero => T::new(larger, smaller),
        () if im < zero => T::new(-smaller, -larger),
        () => T::new(smaller, larger),
    }
}

/// The principal square root of a matrix without an eigenvalue at 0: by the triangular form, whose root is triangular and has
/// its diagonal's roots on the diagonal (Bjorck, Hammarling 1983).
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Sqrtm`].
pub unsafe fn sqrtm<T: Scalar>(a: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = a.rows;
    // SAFETY: the result and the workspace are the caller's: four matrices, and what `columns` takes.
    unsafe {
        let [t, z, product] = columns(Routine::Sqrtm, a, work)?;
        if n == 0 {
            return Ok(());
        }
        for j in 0..n {
            let column = slice_mut(t.add(j * n), j + 1);
            column[j] = root(column[j]);
            if column[j] == T::ZERO {
                return Err(Failure::NoSolution);
            }
            for i in (0..j).rev() {
                let known = from_raw_parts(t.add(i * n), i + 1);
                let gap = known[i] + column[j];
                if gap == T::ZERO {
                    return Err(Failure::NoSolution);
                }
                let element = column[i] / gap;
                column[i] = element;
                column.iter_mut().zip(&known[..i]).for_each(|(x, r)| *x = *x - *r * element);
            }
            // LAPACK leaves zeros below the diagonal.
        }
        let (order, out) = (int(n), product.add(n * n));
        T::gemm(b'N', b'N', order, order, order, z, order, t, order, product, order);
        T::gemm(b'N', b'C', order, order, order, product, order, z, order, out, order);
        store(MatRef::row_major(out, n, n).t(), x.ptr);
    }
    Ok(())
}

/// `[[x, -y], [y, x]]`, row-major at the beginning of free memory; what is behind it.
unsafe fn double<T: Scalar>(a: MatRef<T>, free: &mut *mut T::Part) -> MatRef<T::Part> {
    let (to, m, n) = (MatMut::row_major(*free, 2 * a.rows, 2 * a.cols), a.rows, a.cols);
    for i in 0..m {
        for j in 0..n {
            // SAFETY: an element of the caller's matrix, and four of the memory.
            unsafe {
                let [re, im] = (*a.at(i, j)).parts();
                (*to.row(i).add(j), *to.row(i).add(n + j)) = (re, -im);
                (*to.row(m + i).add(j), *to.row(m + i).add(n + j)) = (im, re);
            }
        }
    }
    *free = free.wrapping_add(4 * m * n);
    to.as_ref()
}

/// The complex matrix of a real one.
unsafe fn halve<T: Scalar>(a: MatMut<T::Part>, x: MatMut<T>) {
    for i in 0..x.rows {
        for j in 0..x.cols {
            // SAFETY: an element of the caller's result, and two of the other matrix.
            unsafe { *x.row(i).add(j) = T::new(*a.row(i).add(j), *a.row(x.rows + i).add(j)) };
        }
    }
}

/// The exponential of A; NaN everywhere where A has an element that is NaN or infinite.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Expm`].
pub unsafe fn expm<T: Scalar>(a: MatRef<T>, x: MatMut<T>, work: *mut T) {
    let mut free = work.cast();
    // SAFETY: the result and the workspace are the caller's.
    unsafe {
        let a = double(a, &mut free);
        let out = MatMut::row_major(free, a.rows, a.rows);
        super::expm(a, out, free.add(a.rows * a.rows));
        halve(out, x);
    }
}

/// The stabilising X with X = A* X A - A* X B (R + B* X B)^-1 B* X A + Q.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::SolveDiscreteAre`].
pub unsafe fn solve_discrete_are<T: Scalar>(
    [a, b, q, r]: [MatRef<T>; 4],
    x: MatMut<T>,
    work: *mut T,
) -> Result<(), Failure> {
    let mut free = work.cast();
    // SAFETY: the result and the workspace are the caller's.
    unsafe {
        let [a, b, q, r] = [double(a, &mut free), double(b, &mut free), double(q, &mut free), double(r, &mut free)];
        let out = MatMut::row_major(free, a.rows, a.rows);
        super::solve_discrete_are(a, b, q, r, out, free.add(a.rows * a.rows))?;
        halve(out, x);
    }
    Ok(())
}

/// NaN everywhere: what stands for a result that there is none of.
unsafe fn fill_nan<T: Scalar>(x: MatMut<T>) {
    let nan = T::Part::from_f64(f64::NAN);
    // SAFETY: elements of the caller's row-major matrix.
    (0..x.rows * x.cols).for_each(|i| unsafe { *x.ptr.add(i) = T::new(nan, nan) });
}

/// The largest sum of magnitudes of a column.
unsafe fn norm<T: Scalar>(a: MatRef<T>) -> T::Part {
    let zero = <T::Part as Scalar>::ZERO;
    let column = |j: usize| {
        (0..a.rows).fold(zero, |sum, i| {
            // SAFETY: an element of the caller's matrix.
            let [re, im] = unsafe { *a.at(i, j) }.parts();
            sum + re.hypot(im)
        })
    };
    (0..a.cols).map(column).fold(zero, |most, x| if x > most || x.is_nan() { x } else { most })
}

/// As [`super::try_inv`].
///
/// # Safety
/// The rules of the module; `work` for [`Routine::TryInv`].
pub unsafe fn try_inv<T: Scalar>(a: MatRef<T>, out: MatMut<T>, work: *mut T) -> T::Part {
    let one = <T::Part as Scalar>::ONE;
    // SAFETY: the caller's.
    unsafe {
        let size = norm(a);
        if inv(a, out, work).is_err() {
            fill_nan(out);
            return <T::Part as Scalar>::ZERO;
        }
        if a.rows == 0 { one } else { one / size / norm(out.as_ref()) }
    }
}

/// As [`super::try_solve`].
///
/// # Safety
/// The rules of the module; `work` for [`Routine::TrySolve`].
pub unsafe fn try_solve<T: Scalar>(a: MatRef<T>, b: MatRef<T>, x: MatMut<T>, work: *mut T) -> T::Part {
    let n = a.rows;
    let nan = T::Part::from_f64(f64::NAN);
    let (factors, rest) = split(Routine::TrySolve, n, n, work);
    // SAFETY: the result and the workspace are the caller's: what `solve` takes, which leaves its factors first, and 2 n numbers and
    // as many parts.
    unsafe {
        let size = norm(a);
        let apart = work.add(super::complex::own(Routine::TrySolve, n, n));
        if solve(a, b, x, apart).is_err() {
            fill_nan(x);
            return <T::Part as Scalar>::ZERO;
        }
        if n == 0 {
            return <T::Part as Scalar>::ONE;
        }
        if !size.is_finite() {
            return nan;
        }
        // The factors are those of A' to LAPACK, and sums of its rows are sums of A's columns.
        store(MatRef::row_major(apart, n, n), factors);
        match T::gecon(int(n), factors, size, rest) {
            (0, rcond) => rcond,
            _ => nan,
        }
    }
}

/// As [`super::try_cholesky`].
///
/// # Safety
/// The rules of the module; `work` for [`Routine::TryCholesky`].
pub unsafe fn try_cholesky<T: Scalar>(a: MatRef<T>, l: MatMut<T>, work: *mut T) -> i64 {
    // SAFETY: the caller's.
    unsafe {
        match super::complex::cholesky(a, l, work) {
            Err(Failure::NotPositiveDefinite { order }) => {
                fill_nan(l);
                order as i64
            }
            _ => 0,
        }
    }
}
