//! The Schur form of a matrix, and what follows from it: equations that are linear in a matrix on both sides, square roots,
//! Riccati's equation.
//!
//! What LAPACK makes triangular it has to see as it is, in columns: matrices move to the workspace or the result transposed.

use super::mat::store;
use super::{BLOCK, Failure, MatMut, MatRef, Real, Routine, Work, gemm, int, qr, solve, square};

/// The workspace in elements, for operands of these rows and columns.
pub(super) fn workspace<T: Real>(routine: Routine, operands: &[[usize; 2]]) -> usize {
    let [n, m] = operands[0];
    let eigenvalues = (2 + 3 + BLOCK) * n;
    match routine {
        Routine::Schur => eigenvalues,
        Routine::Eig | Routine::Eigvals => 2 * n * n + (2 + 4 + BLOCK) * n,
        Routine::Sqrtm => eigenvalues + 3 * n * n,
        Routine::Trsyl => n * m + operands[1][0] * operands[1][1],
        _ => Pencil::new(n, operands[1][1]).workspace::<T>(),
    }
}

/// Whether every element is a number.
pub(super) unsafe fn is_finite<T: Real>(a: MatRef<T>) -> bool {
    // SAFETY: elements of the caller's matrix.
    (0..a.rows).all(|i| (0..a.cols).all(|j| unsafe { (*a.at(i, j)).is_finite() }))
}

/// Exchanges what is above the diagonal with what is below.
unsafe fn transpose<T: Real>(a: MatMut<T>) {
    for i in 0..a.rows {
        for j in 0..i {
            // SAFETY: elements of the caller's matrix.
            unsafe { std::ptr::swap(a.row(i).add(j), a.row(j).add(i)) };
        }
    }
}

/// A = Z T Z' with orthogonal Z and quasi-triangular T: on the diagonal numbers, and 2 x 2 blocks of equal diagonal elements
/// for pairs of complex eigenvalues.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Schur`].
pub unsafe fn schur<T: Real>(a: MatRef<T>, t: MatMut<T>, z: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    debug_assert!(t.is_row_major() && z.is_row_major());
    // SAFETY: the results and the workspace are the caller's, of the sizes that are used.
    unsafe {
        columns(a, t.ptr, z.ptr, work)?;
        transpose(t);
        transpose(z);
    }
    Ok(())
}

/// [`schur`] with results in columns.
unsafe fn columns<T: Real>(a: MatRef<T>, t: *mut T, z: *mut T, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    // SAFETY: the caller's memory: n x n twice, and eigenvalues with as much as LAPACK asks for.
    unsafe {
        if !is_finite(a) {
            return Err(Failure::NotFinite);
        }
        if n == 0 {
            return Ok(());
        }
        store(a.t(), t);
        match T::gees(int(n), t, z, Work::new(work, (2 + 3 + BLOCK) * n)) {
            0 => Ok(()),
            _ => Err(Failure::NoConvergence),
        }
    }
}

/// Y with R Y + Y S' = F for quasi-triangular R and S, as [`schur`] makes them; F may be Y itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Trsyl`].
pub unsafe fn trsyl<T: Real>(
    r: MatRef<T>,
    s: MatRef<T>,
    f: MatRef<T>,
    y: MatMut<T>,
    work: *mut T,
) -> Result<(), Failure> {
    let (m, n) = (square(r), square(s));
    debug_assert!(y.is_row_major() && (y.rows, y.cols) == (m, n));
    if m == 0 || n == 0 {
        return Ok(());
    }
    // SAFETY: the result and the workspace are the caller's. To Fortran S Y' + Y' R' = F'.
    unsafe {
        let (r_columns, s_columns) = (work, work.add(m * m));
        store(r.t(), r_columns);
        store(s.t(), s_columns);
        store(f, y.ptr);
        let (m, n) = (int(m), int(n));
        let (info, scale) = T::trsyl(b'N', b'T', n, m, s_columns, n, r_columns, m, y.ptr, n);
        if info != 0 {
            return Err(Failure::NoSolution);
        }
        unscale(y, scale);
    }
    Ok(())
}

unsafe fn unscale<T: Real>(y: MatMut<T>, scale: T) {
    if scale != T::ONE {
        for i in 0..y.rows * y.cols {
            // SAFETY: an element of the caller's row-major matrix.
            unsafe { *y.ptr.add(i) = *y.ptr.add(i) / scale };
        }
    }
}

/// The principal square root of a matrix without eigenvalues on the negative real axis or at 0: by the Schur form, halves
/// and Sylvester's equation (Deadman, Higham, Ralha 2013).
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Sqrtm`].
pub unsafe fn sqrtm<T: Real>(a: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(x.is_row_major() && x.rows == n && x.cols == n);
    let square = n * n;
    // SAFETY: the result and the workspace are the caller's: three matrices and what `columns` takes.
    unsafe {
        let (t, z, scratch, rest) = (work, work.add(square), work.add(2 * square), work.add(3 * square));
        columns(a, t, z, rest)?;
        root(t, n, 0, n, scratch)?;
        let (z, r) = (MatRef::row_major(z, n, n).t(), MatRef::row_major(t, n, n).t());
        gemm(z, r, MatMut::row_major(scratch, n, n));
        gemm(MatRef::row_major(scratch, n, n), z.t(), x);
    }
    Ok(())
}

/// The square root of the block `start..end` of a quasi-triangular matrix of order `n` in columns, in place.
unsafe fn root<T: Real>(t: *mut T, n: usize, start: usize, end: usize, scratch: *mut T) -> Result<(), Failure> {
    let at = |i: usize, j: usize| t.wrapping_add(i + j * n);
    // SAFETY: elements of the caller's matrix, and a scratch of as many. The recursion is as deep as the order has bits.
    unsafe {
        match end - start {
            0 => return Ok(()),
            1 => {
                let x = *at(start, start);
                if x <= T::ZERO {
                    return Err(Failure::NoSolution);
                }
                *at(start, start) = x.sqrt();
                return Ok(());
            }
            2 if *at(start + 1, start) != T::ZERO => {
                // Eigenvalues c +- i d; a + i b is the root of one of them, with a > 0.
                let (c, upper, lower) = (*at(start, start), *at(start, start + 1), *at(start + 1, start));
                let two = T::ONE + T::ONE;
                let d = upper.abs().sqrt() * lower.abs().sqrt();
                let modulus = c.hypot(d);
                let a = match c > T::ZERO {
                    true => ((modulus + c) / two).sqrt(),
                    false => d / (two * ((modulus - c) / two).sqrt()),
                };
                (*at(start, start), *at(start + 1, start + 1)) = (a, a);
                *at(start, start + 1) = upper / (two * a);
                *at(start + 1, start) = lower / (two * a);
                return Ok(());
            }
            _ => {}
        }
        // No 2 x 2 block is cut.
        let middle = start + (end - start) / 2;
        let middle = middle + usize::from(*at(middle, middle - 1) != T::ZERO);
        root(t, n, start, middle, scratch)?;
        root(t, n, middle, end, scratch)?;
        // R11 R12 + R12 R22 = T12.
        let (rows, cols) = (middle - start, end - middle);
        for j in 0..cols {
            scratch.add(j * rows).copy_from_nonoverlapping(at(start, middle + j), rows);
        }
        let (first, second) = (at(start, start), at(middle, middle));
        let order = int(n);
        let (info, scale) = T::trsyl(b'N', b'N', int(rows), int(cols), first, order, second, order, scratch, int(rows));
        if info != 0 {
            return Err(Failure::NoSolution);
        }
        unscale(MatMut::row_major(scratch, cols, rows), scale);
        for j in 0..cols {
            at(start, middle + j).copy_from_nonoverlapping(scratch.add(j * rows), rows);
        }
    }
    Ok(())
}

/// The sizes and places of the matrices of Riccati's equation.
struct Pencil {
    m: usize,
    n: usize,
    /// Rows of the extended pencil, and columns of the one that is left.
    rows: usize,
    cols: usize,
}

impl Pencil {
    fn new(m: usize, n: usize) -> Pencil {
        Pencil { m, n, rows: 2 * m + n, cols: 2 * m }
    }

    /// The largest of what the parts of the computation need beside the matrices.
    fn scratch<T: Real>(&self) -> usize {
        let triangle = super::workspace::<T>(Routine::Qr, &[[self.rows, self.n]]);
        let schur = (4 + 8 + BLOCK) * self.cols + 16;
        triangle.max(schur).max(super::workspace::<T>(Routine::Solve, &[[self.m, self.m]]))
    }

    fn workspace<T: Real>(&self) -> usize {
        2 * self.rows * self.cols
            + self.rows * (2 * self.n + self.rows)
            + 3 * self.cols * self.cols
            + self.scratch::<T>()
    }
}

/// The stabilising X with X = A' X A - A' X B (R + B' X B)^-1 B' X A + Q: from the eigenvectors of the extended pencil with
/// eigenvalues inside of the unit circle, of which a QR factorisation takes off what belongs to R (van Dooren 1981).
///
/// # Safety
/// The rules of the module; `work` for [`Routine::SolveDiscreteAre`].
pub unsafe fn solve_discrete_are<T: Real>(
    a: MatRef<T>,
    b: MatRef<T>,
    q: MatRef<T>,
    r: MatRef<T>,
    x: MatMut<T>,
    work: *mut T,
) -> Result<(), Failure> {
    let pencil = Pencil::new(square(a), b.cols);
    let Pencil { m, n, rows, cols } = pencil;
    debug_assert!(x.is_row_major() && x.rows == m);
    if m == 0 {
        return Ok(());
    }
    // SAFETY: the result and the workspace are the caller's, of the sizes that are used.
    unsafe {
        if ![a, b, q, r].into_iter().all(|matrix| is_finite(matrix)) {
            return Err(Failure::NotFinite);
        }
        let mut free = work;
        let mut take = |rows: usize, cols: usize| {
            let matrix = MatMut::row_major(free, rows, cols);
            free = free.add(rows * cols);
            matrix
        };
        let (h, j, last, basis) = (take(rows, cols), take(rows, cols), take(rows, n), take(rows, rows));
        let (triangle, left, right, vectors) = (take(rows, n), take(cols, cols), take(cols, cols), take(cols, cols));
        let element = |condition: bool| if condition { T::ONE } else { T::ZERO };
        for i in 0..rows {
            for k in 0..cols {
                let (mut first, mut second) = (T::ZERO, T::ZERO);
                match (i / m.max(1), k / m.max(1)) {
                    (0, 0) => (first, second) = (*a.at(i, k), element(i == k)),
                    (1, 0) => first = -*q.at(i - m, k),
                    (1, 1) => (first, second) = (element(i == k), *a.at(k - m, i - m)),
                    (0, _) => {}
                    _ if k >= m => second = -*b.at(k - m, i - cols),
                    _ => {}
                }
                (*h.row(i).add(k), *j.row(i).add(k)) = (first, second);
            }
            for k in 0..n {
                *last.row(i).add(k) = match i {
                    _ if i < m => *b.at(i, k),
                    _ if i < cols => T::ZERO,
                    _ => *r.at(i - cols, k),
                };
            }
        }
        qr(last.as_ref(), basis, triangle, free)?;
        // What is orthogonal to the last columns.
        let rest = MatRef { ptr: basis.ptr.add(n).cast_const(), rows, cols, rs: rows as isize, cs: 1 }.t();
        gemm(rest, h.as_ref(), left);
        gemm(rest, j.as_ref(), right);
        transpose(left);
        transpose(right);
        let room = Work::new(free.add(cols), (3 + 8 + BLOCK) * cols + 16).integers(free.cast(), cols);
        let (info, inside) = T::gges(int(cols), left.ptr, right.ptr, vectors.ptr, room);
        // Eigenvalues that rounding moves over the circle as they are put in order are counted by `info`.
        if info != 0 || inside != int(m) {
            return Err(Failure::NoSolution);
        }
        // In rows: the first m vectors, and of each the first and the second half of its elements.
        let part = |from: usize| MatRef {
            ptr: vectors.ptr.add(from).cast_const(),
            rows: m,
            cols: m,
            rs: cols as isize,
            cs: 1,
        };
        let (upper, lower) = (part(0), part(m));
        // X U = L, so U' X' = L', and vectors in rows are U' and L'.
        let solved = MatMut::row_major(left.ptr, m, m);
        solve(upper, lower, solved, free).map_err(|_| Failure::NoSolution)?;
        let product = MatMut::row_major(right.ptr, m, m);
        gemm(upper, lower.t(), product);
        if !is_symmetric(product) || !is_finite(solved.as_ref()) {
            return Err(Failure::NoSolution);
        }
        let half = T::ONE / (T::ONE + T::ONE);
        for i in 0..m {
            for k in 0..m {
                *x.row(i).add(k) = half * (*solved.row(i).add(k) + *solved.row(k).add(i));
            }
        }
    }
    Ok(())
}

/// Whether the eigenvectors are those of a solution, which is symmetric, as SciPy asks.
unsafe fn is_symmetric<T: Real>(a: MatMut<T>) -> bool {
    let (mut size, mut skew) = (T::ZERO, T::ZERO);
    for j in 0..a.cols {
        let (mut column, mut difference) = (T::ZERO, T::ZERO);
        for i in 0..a.rows {
            // SAFETY: elements of the caller's matrix.
            let (x, y) = unsafe { (*a.row(i).add(j), *a.row(j).add(i)) };
            column += x.abs();
            difference += (x - y).abs();
        }
        size = if column > size { column } else { size };
        skew = if difference > skew { difference } else { skew };
    }
    let part = T::from_f64(0.1) * size;
    let least = T::from_f64(512.0) * T::EPSILON;
    skew <= if part > least { part } else { least }
}

/// A V = V diag(w) of a real A, its eigenvalues and eigenvectors complex: real and imaginary parts side by side. Without V
/// the eigenvalues alone.
///
/// # Safety
/// The rules of the module; w is n pairs, V n x n row-major pairs, `work` for [`Routine::Eig`].
pub unsafe fn eig<T: Real>(a: MatRef<T>, w: *mut [T; 2], v: Option<*mut [T; 2]>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    // SAFETY: the results and the workspace are the caller's: two matrices, eigenvalues and what LAPACK asks for.
    unsafe {
        if !is_finite(a) {
            return Err(Failure::NotFinite);
        }
        if n == 0 {
            return Ok(());
        }
        let (copy, vectors, values) = (work, work.add(n * n), work.add(2 * n * n));
        store(a.t(), copy);
        let room = Work::new(values.add(2 * n), (4 + BLOCK) * n);
        if T::geev(int(n), copy, values, v.map(|_| vectors), room) != 0 {
            return Err(Failure::NoConvergence);
        }
        for j in 0..n {
            *w.add(j) = [*values.add(j), *values.add(n + j)];
        }
        let Some(v) = v else { return Ok(()) };
        let column = |j: usize, i: usize| *vectors.add(j * n + i);
        let mut j = 0;
        while j < n {
            let pair = (*w.add(j))[1] != T::ZERO;
            for i in 0..n {
                let row = v.add(i * n);
                match pair {
                    true => {
                        let (re, im) = (column(j, i), column(j + 1, i));
                        (*row.add(j), *row.add(j + 1)) = ([re, im], [re, -im]);
                    }
                    false => *row.add(j) = [column(j, i), T::ZERO],
                }
            }
            j += if pair { 2 } else { 1 };
        }
    }
    Ok(())
}
