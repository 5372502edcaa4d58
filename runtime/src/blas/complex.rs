//! Linear algebra on complex matrices, by LAPACK at every size.
//!
//! As for real ones LAPACK sees the transposes of row-major matrices. What it makes of them is what is wanted but for
//! conjugates: of a Hermitian A it sees the conjugate, whose eigenvectors are conjugates.
//!
//! LAPACK works in the workspace alone, from which results are moved: the complex `gemv` of some versions of OpenBLAS (0.3.21
//! among them, issue 4013 there) reads up to two columns beyond the end of a matrix, where the workspace goes on.

use super::complex_factors;
use super::mat::store;
use super::spectral::{check_finite, converged};
use super::{BLOCK, Failure, MatMut, MatRef, Real, Routine, Scalar, Work, int, singular};
use std::slice::from_raw_parts_mut as slice_mut;

/// The sizes of what a routine works in beside copies of its operand: numbers, parts, integers. LAPACK's documented least
/// ones, and room for blocks beyond them.
fn sizes(routine: Routine, m: usize, n: usize) -> [usize; 3] {
    let (k, long) = (m.min(n), m.max(n));
    match routine {
        Routine::Solve | Routine::Det | Routine::Slogdet => [0, 0, n],
        Routine::Inv => [BLOCK * n, 0, n],
        Routine::Qr => [k + BLOCK * long, 0, 0],
        Routine::Eigh => [n * (n + 2 + BLOCK), 1 + 5 * n + 2 * n * n, 3 + 5 * n],
        Routine::Eigvalsh => [n * (1 + BLOCK) + 1, n.max(1), 1],
        Routine::Svd => {
            let parts = (5 * k * k + 5 * k).max(2 * long * k + 2 * k * k + k);
            [2 * k * k + 3 * k + long + BLOCK * (m + n), parts, 8 * k]
        }
        Routine::Svdvals => [2 * k + long + BLOCK * (m + n), 7 * k, 8 * k],
        Routine::Eig | Routine::Eigvals => [n * (2 + BLOCK), 2 * n, 0],
        Routine::LuFactor | Routine::Lu => [0, 0, k],
        Routine::Ldl => [BLOCK * n, 0, n],
        Routine::Schur | Routine::Sqrtm => [n * (3 + BLOCK), n, 0],
        Routine::TryInv => sizes(Routine::Inv, m, n),
        Routine::TrySolve => [2 * n, 2 * n, 0],
        _ => [0; 3],
    }
}

/// How many elements of operands and results a routine works in.
fn copies(routine: Routine, m: usize, n: usize) -> usize {
    match routine {
        Routine::Matmul | Routine::Gram => 0,
        Routine::Qr => m * m + m * n,
        Routine::Svd => m * n + m * m + n * n,
        Routine::Eig | Routine::Eigvals | Routine::Schur => 2 * m * n,
        Routine::Sqrtm => 4 * m * n,
        _ => m * n,
    }
}

/// The workspace of a routine in complex elements, for operands of these rows and columns.
pub fn workspace(routine: Routine, operands: &[[usize; 2]]) -> usize {
    let [m, n] = operands[0];
    let beyond = 4 * m.max(n) + BLOCK;
    let more = match routine {
        Routine::Trsyl => operands[1][0] * (operands[1][0] + m),
        Routine::Gbsv => (m + 2 * operands[1][0] + operands[2][1]) * n + n.div_ceil(2),
        Routine::TrySolve => workspace(Routine::Solve, operands),
        Routine::Expm | Routine::SolveDiscreteAre => complex_factors::doubled(routine, operands),
        _ => 0,
    };
    own(routine, m, n) + more + beyond
}

/// What a routine works in.
pub(super) fn own(routine: Routine, m: usize, n: usize) -> usize {
    let [numbers, parts, integers] = sizes(routine, m, n);
    // An integer takes as much as half an element at most.
    copies(routine, m, n) + numbers + parts.div_ceil(2) + integers.div_ceil(2)
}

/// The copy of the operand, and what LAPACK works in.
pub(super) fn split<T: Scalar>(routine: Routine, m: usize, n: usize, work: *mut T) -> (*mut T, Work<T>) {
    let [numbers_len, parts_len, integers_len] = sizes(routine, m, n);
    let numbers = work.wrapping_add(copies(routine, m, n));
    let parts = numbers.wrapping_add(numbers_len);
    let integers = parts.wrapping_add(parts_len.div_ceil(2)).cast();
    (work, Work::new(numbers, numbers_len).parts(parts.cast(), parts_len).integers(integers, integers_len))
}

/// C = A B of matrices or their conjugates.
///
/// # Safety
/// The rules of the module; C is disjoint from A and B, and BLAS takes all three as they are.
pub unsafe fn gemm<T: Scalar>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>, [conj_a, conj_b]: [bool; 2]) {
    // What is conjugated lies the other way than C, and that may be a row or a column, which lies both ways.
    let turned = |m: MatRef<T>, conj: bool| !conj || m.t().row_stride().is_some();
    let fits = c.as_ref().row_stride().is_some() && turned(a, conj_a) && turned(b, conj_b);
    let (a, b, c) = if fits { ((a, conj_a), (b, conj_b), c) } else { ((b.t(), conj_b), (a.t(), conj_a), c.t()) };
    let flags = |(m, conj): (MatRef<T>, bool)| match m.row_stride() {
        Some(ld) if !conj => (b'N', ld),
        _ => (if conj { b'C' } else { b'T' }, m.t().row_stride().expect("verified: BLAS takes the operands")),
    };
    let ((ta, lda), (tb, ldb)) = (flags(a), flags(b));
    let (m, n, k) = (int(c.rows), int(c.cols), int(a.0.cols));
    // SAFETY: to Fortran C' = B' A', the strides as checked.
    unsafe { T::gemm(tb, ta, n, m, k, b.0.ptr, ldb, a.0.ptr, lda, c.ptr, c.ld()) }
}

/// X := A^-1 X for a triangular A in row-major memory.
pub(super) unsafe fn substitute<T: Scalar>(a: *const T, x: MatMut<T>, lower: bool, unit: bool) {
    if x.rows > 0 && x.cols > 0 {
        let (uplo, diag) = (if lower { b'U' } else { b'L' }, if unit { b'U' } else { b'N' });
        let n = int(x.rows);
        // SAFETY: to Fortran X' := X' A'^-1, and A' has the other triangle.
        unsafe { T::trsm_right(uplo, b'N', diag, int(x.cols), n, a, n, x.ptr) };
    }
}

unsafe fn factor<T: Scalar>(a: MatRef<T>, out: *mut T, pivots: *mut i32) -> Result<(), Failure> {
    if a.rows == 0 {
        return Ok(());
    }
    // SAFETY: the caller's memory, n x n and n.
    unsafe {
        store(a, out);
        singular(T::getrf(int(a.rows), int(a.rows), out, pivots))
    }
}

/// X with A X = B; B may be X itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Solve`].
pub unsafe fn solve<T: Scalar>(a: MatRef<T>, b: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let (factors, rest) = split(Routine::Solve, a.rows, a.cols, work);
    // SAFETY: the caller's; A = L U P with a unit U, and P is undone by exchanging rows of X, last one first.
    unsafe {
        factor(a, factors, rest.integers)?;
        store(b, x.ptr);
        substitute(factors, x, true, false);
        substitute(factors, x, false, true);
        for i in (0..a.rows).rev() {
            let p = *rest.integers.add(i) as usize - 1;
            if p != i {
                std::ptr::swap_nonoverlapping(x.row(i), x.row(p), x.cols);
            }
        }
    }
    Ok(())
}

/// The inverse of A, which may be the result itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Inv`].
pub unsafe fn inv<T: Scalar>(a: MatRef<T>, out: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let (factors, rest) = split(Routine::Inv, a.rows, a.cols, work);
    // SAFETY: the caller's.
    unsafe {
        factor(a, factors, rest.integers)?;
        if a.rows > 0 {
            singular(T::getri(int(a.rows), factors, rest.integers, rest.numbers, int(rest.numbers_len)))?;
        }
        store(MatRef::row_major(factors, a.rows, a.rows), out.ptr);
    }
    Ok(())
}

/// A = L L* in the lower triangle of row-major memory, of which it reads that of A; what is above is anything.
unsafe fn llt<T: Scalar>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
    let n = a.rows;
    // SAFETY: the caller's memory, n x n. To Fortran the upper U with U* U = conj(A), which is L'.
    unsafe {
        store(a, out);
        let info = if n == 0 { 0 } else { T::potrf(int(n), out) };
        let nan = |i: &usize| (*out.add(i * (n + 1))).parts()[0].is_nan();
        let order = if info > 0 { Some(info as usize) } else { (0..n).find(nan).map(|i| i + 1) };
        order.map_or(Ok(()), |order| Err(Failure::NotPositiveDefinite { order }))
    }
}

/// X with A X = B for a Hermitian positive definite A, of which it reads the lower triangle; B may be X itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::SolveSpd`].
pub unsafe fn solve_spd<T: Scalar>(a: MatRef<T>, b: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let (n, columns) = (int(x.rows), int(x.cols));
    // SAFETY: the caller's. To Fortran, where U is L': L L* X = B is X' U* U = B'.
    unsafe {
        llt(a, work)?;
        store(b, x.ptr);
        if n > 0 && columns > 0 {
            let x = slice_mut(x.ptr, x.rows * x.cols);
            T::trsm_right(b'U', b'N', b'N', columns, n, work, n, x.as_mut_ptr());
            T::trsm_right(b'U', b'C', b'N', columns, n, work, n, x.as_mut_ptr());
        }
    }
    Ok(())
}

/// The inverse of a Hermitian positive definite A, of which it reads the lower triangle; A may be the result itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::InvSpd`].
pub unsafe fn inv_spd<T: Scalar>(a: MatRef<T>, out: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = a.rows;
    // SAFETY: the caller's. LAPACK's upper triangle is the lower one here.
    unsafe {
        llt(a, work)?;
        if n > 0 {
            singular(T::potri(int(n), work))?;
        }
        for i in 0..n {
            for j in 0..=i {
                let z = *work.add(i * n + j);
                *out.row(j).add(i) = z.conj();
                *out.row(i).add(j) = z;
            }
        }
    }
    Ok(())
}

/// The lower L with A = L L*, its strict upper triangle 0; reads the lower triangle of A, which may be the result itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Cholesky`].
pub unsafe fn cholesky<T: Scalar>(a: MatRef<T>, l: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = a.rows;
    // SAFETY: the result is the caller's.
    unsafe {
        llt(a, work)?;
        store(MatRef::row_major(work, n, n), l.ptr);
        for i in 0..n {
            slice_mut(l.row(i).add(i + 1), n - i - 1).fill(T::ZERO);
        }
    }
    Ok(())
}

/// X with A X = B for a triangular A or its conjugate, of which it reads only the triangle named. B may be X itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::SolveTriangular`].
pub unsafe fn solve_triangular<T: Scalar>(
    a: MatRef<T>,
    b: MatRef<T>,
    x: MatMut<T>,
    lower: bool,
    conj: bool,
    work: *mut T,
) -> Result<(), Failure> {
    // SAFETY: the caller's.
    unsafe {
        if let Some(i) = (0..a.rows).find(|&i| *a.at(i, i) == T::ZERO) {
            return Err(Failure::Singular { pivot: i + 1 });
        }
        store(a, work);
        if conj {
            slice_mut(work, a.rows * a.rows).iter_mut().for_each(|z| *z = z.conj());
        }
        store(b, x.ptr);
        substitute(work, x, lower, false);
    }
    Ok(())
}

/// A = Q R, reduced or complete by the shapes of the results, as [`super::qr`].
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Qr`].
pub unsafe fn qr<T: Scalar>(a: MatRef<T>, q: MatMut<T>, r: MatMut<T>, work: *mut T) {
    let (m, n) = (a.rows, a.cols);
    let k = m.min(n);
    if k == 0 {
        // SAFETY: the result is the caller's.
        unsafe { identity(q) };
        return;
    }
    let (copy, rest) = split(Routine::Qr, m, n, work);
    let (q_out, r_out) = (q, r);
    let q = MatMut::row_major(copy, m, q.cols);
    let r = MatMut::row_major(copy.wrapping_add(m * m), r.rows, n);
    // A' = R' Q': to Fortran an LQ factorisation. The wider of Q and R has the shape of A and takes it.
    let (tall, full) = if q.cols == n { (true, q.ptr) } else { (false, r.ptr) };
    // SAFETY: the caller's: tau, then what LAPACK works in.
    unsafe {
        let (tau, scratch, lwork) = (rest.numbers, rest.numbers.add(k), int(rest.numbers_len - k));
        store(a, full);
        T::gelqf(int(n), int(m), full, tau, scratch, lwork);
        for i in 0..r.rows {
            // Row i of the factors: the vectors of Q left of the diagonal, R from there on.
            if tall {
                r.row(i).copy_from_nonoverlapping(q.row(i), n);
            } else {
                q.row(i).copy_from_nonoverlapping(r.row(i), if r.rows > k { k.min(i) } else { k });
            }
            slice_mut(r.row(i), n.min(i)).fill(T::ZERO);
        }
        T::unglq(int(q.cols), int(m), int(k), q.ptr, tau, scratch, lwork);
        store(q.as_ref(), q_out.ptr);
        store(r.as_ref(), r_out.ptr);
    }
}

/// The first columns of the identity.
pub(super) unsafe fn identity<T: Scalar>(out: MatMut<T>) {
    for i in 0..out.rows {
        for j in 0..out.cols {
            // SAFETY: an element of the caller's result.
            unsafe { *out.row(i).add(j) = if i == j { T::ONE } else { T::ZERO } };
        }
    }
}

/// The pivots of A with the sign of each exchange, to `f`; whether A is not singular.
unsafe fn pivots<T: Scalar>(a: MatRef<T>, work: *mut T, routine: Routine, mut f: impl FnMut(T)) -> bool {
    let (factors, rest) = split(routine, a.rows, a.cols, work);
    // SAFETY: the caller's.
    unsafe {
        if factor(a, factors, rest.integers).is_err() {
            return false;
        }
        for i in 0..a.rows {
            let d = *factors.add(i * a.rows + i);
            f(if *rest.integers.add(i) == i as i32 + 1 { d } else { -d });
        }
    }
    true
}

/// The determinant of A; 0 where A is singular, 1 where it is empty.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Det`].
pub unsafe fn det<T: Scalar>(a: MatRef<T>, work: *mut T) -> T {
    let mut det = T::ONE;
    // SAFETY: the caller's.
    if unsafe { pivots(a, work, Routine::Det, |d| det *= d) } { det } else { T::ZERO }
}

/// The direction of the determinant of A, and the logarithm of its magnitude; 0 and minus infinity where A is singular.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Slogdet`].
pub unsafe fn slogdet<T: Scalar>(a: MatRef<T>, work: *mut T) -> (T, T::Part) {
    let (mut direction, mut sum) = (T::ONE, <T::Part as Scalar>::ZERO);
    let add = |d: T| {
        let [re, im] = d.parts();
        let size = re.hypot(im);
        direction *= T::new(re / size, im / size);
        sum += size.ln();
    };
    // SAFETY: the caller's.
    if unsafe { pivots(a, work, Routine::Slogdet, add) } {
        (direction, sum)
    } else {
        (T::ZERO, <T::Part as Scalar>::ZERO.ln())
    }
}

/// A V = V diag(w) of a Hermitian A, of which it reads the lower triangle: w ascending, V unitary, none if it is not asked for.
/// A may be V itself.
///
/// # Safety
/// The rules of the module; w is n elements, `work` for [`Routine::Eigh`] or, without V, [`Routine::Eigvalsh`].
pub unsafe fn eigh<T: Scalar>(
    a: MatRef<T>,
    w: *mut T::Part,
    v: Option<MatMut<T>>,
    work: *mut T,
) -> Result<(), Failure> {
    let n = a.rows;
    let routine = if v.is_some() { Routine::Eigh } else { Routine::Eigvalsh };
    let (copy, rest) = split(routine, n, n, work);
    // SAFETY: the caller's.
    unsafe {
        check_finite(a, true)?;
        if n == 0 {
            return Ok(());
        }
        store(a, copy);
        converged(T::heevd(if v.is_some() { b'V' } else { b'N' }, int(n), copy, w, rest))?;
        // Eigenvectors of the conjugate, in rows.
        if let Some(v) = v {
            for i in 0..n {
                (0..n).for_each(|j| *v.row(i).add(j) = (*copy.add(j * n + i)).conj());
            }
        }
    }
    Ok(())
}

/// A = U diag(s) V*, s descending, reduced or full by the shapes of the results; values alone without them. A may be one of
/// the results itself.
///
/// # Safety
/// The rules of the module; s is min(m, n) elements, `work` for [`Routine::Svd`] or [`Routine::Svdvals`].
pub unsafe fn svd<T: Scalar>(
    a: MatRef<T>,
    s: *mut T::Part,
    vectors: Option<(MatMut<T>, MatMut<T>)>,
    work: *mut T,
) -> Result<(), Failure> {
    let (m, n) = (a.rows, a.cols);
    if m == 0 || n == 0 {
        // SAFETY: one of the two is empty, and any basis is one of the other's space.
        vectors.into_iter().flat_map(|(u, vt)| [u, vt]).for_each(|basis| unsafe { identity(basis) });
        return Ok(());
    }
    let routine = if vectors.is_some() { Routine::Svd } else { Routine::Svdvals };
    let (copy, rest) = split(routine, m, n, work);
    let (u, vt) = (copy.wrapping_add(m * n), copy.wrapping_add(m * n + m * m));
    let (jobz, ucol, vrow) = match vectors {
        Some((u, vt)) => {
            let full = u.cols != m.min(n) || vt.rows != m.min(n);
            (if full { b'A' } else { b'S' }, u.cols, vt.rows)
        }
        None => (b'N', 0, 0),
    };
    // SAFETY: the caller's: to Fortran the n x m matrix A' = conj(V) S U', whose U is conj(V) and whose V* is U', which are
    // V* and U in rows.
    unsafe {
        check_finite(a, false)?;
        store(a, copy);
        converged(T::gesdd(jobz, int(n), int(m), copy, s, vt, int(vrow), u, int(ucol), rest))?;
        if let Some((u_out, vt_out)) = vectors {
            store(MatRef::row_major(u, m, ucol), u_out.ptr);
            store(MatRef::row_major(vt, vrow, n), vt_out.ptr);
        }
    }
    Ok(())
}

/// A V = V diag(w): eigenvectors of length 1, their largest element real, none if they are not asked for.
///
/// # Safety
/// The rules of the module; w is n elements, `work` for [`Routine::Eig`] or [`Routine::Eigvals`].
pub unsafe fn eig<T: Scalar>(a: MatRef<T>, w: *mut T, v: Option<MatMut<T>>, work: *mut T) -> Result<(), Failure> {
    let n = a.rows;
    let (copy, rest) = split(Routine::Eig, n, n, work);
    // SAFETY: the caller's. LAPACK has to see the matrix itself.
    unsafe {
        check_finite(a, false)?;
        if n == 0 {
            return Ok(());
        }
        store(a.t(), copy);
        let vectors = copy.add(n * n);
        converged(T::geev(int(n), copy, w, v.map(|_| vectors), rest))?;
        if let Some(v) = v {
            store(MatRef::row_major(vectors, n, n).t(), v.ptr);
        }
    }
    Ok(())
}
