//! Linear algebra on single matrices: small ones by [`crate::small`], the others by LAPACK.
//!
//! Results are row-major; LAPACK is column-major and so sees their transposes. Flags make up for it,
//! never a transposed copy: the inverse of A' is the transposed inverse; the upper factor of A' is
//! the lower one of A; A X = B is X' A' = B', a solve from the right. A factorisation overwrites its
//! operand, so the operand first moves into the result or the workspace, unless it lies there.
//!
//! Real and complex matrices have the same text, where A* is the conjugate transpose, of a real A its transpose. What LAPACK
//! makes of the transpose is what is wanted but for conjugates: of a Hermitian A it sees the conjugate, whose eigenvectors are
//! conjugates. Where LAPACK works on them differs, as `workspace.rs` says.
//!
//! Rules for every function here. Views are valid for their elements; results are row-major and
//! contiguous; workspace is initialised memory of [`workspace`] elements, of any value. An operand
//! is either exactly the result (same pointer, same layout) or disjoint from it, where the function
//! says so, and disjoint otherwise. Sizes of 0 are ordinary; sizes above `i32::MAX` panic in `qr`.
#![allow(unsafe_code, reason = "raw strided views and the Fortran routines")]

mod doubled;
mod expm;
mod factors;
mod gemm;
mod gram;
mod mat;
mod riccati;
mod scalar;
mod schur;
mod spectral;
mod workspace;

#[doc(hidden)]
pub use crate::backend::{Decompositions, Lapack, Number, Work};
pub use crate::backend::{Kernels, init, kernels};
pub use doubled::{expm, solve_discrete_are};
pub use evanesce_ir::ops::Routine;
pub use factors::{gbsv, ldl, lu, lu_factor, lu_solve, try_cholesky, try_inv, try_solve};
pub use gemm::{gemm, gemm_conj, gemm_takes};
pub use gram::gram;
use mat::{Layout, store};
pub use mat::{MatMut, MatRef};
pub use scalar::{Real, Scalar};
pub use schur::{schur, sqrtm, trsyl};
pub use spectral::{eig, eigh, eigvalsh, svd, svdvals};
pub use workspace::workspace;
use workspace::{place, readable, split};

/// Why there is no result. Numbers count from 1, as LAPACK's `info`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Failure {
    /// A pivot is exactly 0.
    Singular {
        /// Which pivot.
        pivot: usize,
    },
    /// A leading minor is not positive.
    NotPositiveDefinite {
        /// The order of the minor.
        order: usize,
    },
    /// An element is NaN or infinite, of which the routine would make anything.
    NotFinite,
    /// An iteration did not end.
    NoConvergence,
    /// The workspace has more elements than LAPACK counts.
    TooLarge,
    /// There is no solution, or more than one.
    NoSolution,
    /// A pivot names no row.
    Index {
        /// The pivot.
        index: i64,
        /// The number of rows.
        size: usize,
    },
}

/// How a triangular matrix is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Triangle {
    /// The lower triangle, not the upper one.
    pub lower: bool,
    /// With ones on the diagonal, whatever lies there.
    pub unit: bool,
    /// As its transpose.
    pub transposed: bool,
    /// As its conjugate.
    pub conj: bool,
}

impl Triangle {
    const LOWER: Self = Self { lower: true, unit: false, transposed: false, conj: false };
    const UPPER: Self = Self { lower: false, ..Self::LOWER };

    const fn unit(self) -> Self {
        Self { unit: true, ..self }
    }

    const fn transposed(self) -> Self {
        Self { transposed: true, ..self }
    }

    const fn adjoint(self) -> Self {
        Self { transposed: true, conj: true, ..self }
    }
}

/// The inverse of A, which may be the result itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Inv`].
pub unsafe fn inv<T: Scalar>(a: MatRef<T>, out: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(out.rows == n && out.cols == n && out.is_row_major());
    // SAFETY: the result and the workspace are the caller's, of the sizes that are used.
    unsafe {
        if let Some(answer) = T::small_inv(a, out.ptr) {
            return answer;
        }
        let (copy, rest) = split(Routine::Inv, n, n, work);
        let held = place(out.ptr, copy);
        eliminate(a, held, rest.integers)?;
        if n > 0 {
            singular(T::getri(int(n), held, rest.integers, rest.numbers, int(rest.numbers_len)))?;
        }
        store(MatRef::row_major(held, n, n), out.ptr);
    }
    Ok(())
}

/// The inverse of a Hermitian positive definite A, of which it reads the lower triangle; A may be the result itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::InvSpd`].
pub unsafe fn inv_spd<T: Scalar>(a: MatRef<T>, out: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(out.rows == n && out.cols == n && out.is_row_major());
    // SAFETY: the result and the workspace are the caller's, n x n.
    unsafe {
        if let Some(answer) = T::small_inv_spd(a, out.ptr) {
            return answer;
        }
        let held = place(out.ptr, work);
        llt(a, held)?;
        if n > 0 {
            singular(T::potri(int(n), held))?;
        }
        for i in 0..n {
            for j in 0..=i {
                let z = *held.add(i * n + j);
                *out.row(j).add(i) = z.conj();
                *out.row(i).add(j) = z;
            }
        }
    }
    Ok(())
}

/// X with A X = B; B may be X itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Solve`].
pub unsafe fn solve<T: Scalar>(a: MatRef<T>, b: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let (factors, rest) = split(Routine::Solve, a.rows, a.cols, work);
    // SAFETY: the caller's.
    unsafe { solve_by(a, b, x, factors, rest.integers) }
}

/// [`solve`], which leaves the factors of A' as getrf does.
unsafe fn solve_by<T: Scalar>(
    a: MatRef<T>,
    b: MatRef<T>,
    x: MatMut<T>,
    factors: *mut T,
    pivots: *mut i32,
) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(x.rows == n && x.is_row_major());
    let lu = MatRef::row_major(factors, n, n);
    // SAFETY: the result is the caller's, and n x n factors and n pivots; A = L U P with a unit U, and P is undone by
    // exchanging rows of X, last one first.
    unsafe {
        eliminate(a, factors, pivots)?;
        store(b, x.ptr);
        substitute(lu, Triangle::LOWER, x, factors);
        substitute(lu, Triangle::UPPER.unit(), x, factors);
        for i in (0..n).rev() {
            exchange(x, i, *pivots.add(i) as usize - 1);
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

/// X with A X = B for a Hermitian positive definite A, of which it reads the lower triangle; B may be X itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::SolveSpd`].
pub unsafe fn solve_spd<T: Scalar>(a: MatRef<T>, b: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(x.rows == n && x.is_row_major());
    let l = MatRef::row_major(work, n, n);
    // SAFETY: the result and the workspace are the caller's, of the sizes that are used.
    unsafe {
        llt(a, work)?;
        store(b, x.ptr);
        substitute(l, Triangle::LOWER, x, work);
        substitute(l, Triangle::LOWER.adjoint(), x, work);
    }
    Ok(())
}

/// The lower L with A = L L*, its strict upper triangle 0; reads the lower triangle of A, which may be the
/// result itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Cholesky`].
pub unsafe fn cholesky<T: Scalar>(a: MatRef<T>, l: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(l.rows == n && l.cols == n && l.is_row_major());
    // SAFETY: the result and the workspace are the caller's, n x n.
    unsafe {
        let small = T::small_cholesky(a, l.ptr).transpose()?.is_some();
        let held = MatMut::row_major(if small { l.ptr } else { place(l.ptr, work) }, n, n);
        if !small && a.cs != 1 {
            store(a, held.ptr);
        }
        // What potrf reads, and beside it zeros that it leaves, in one walk over memory.
        for i in 0..n {
            let row = held.row(i);
            if !small && a.cs == 1 && a.ptr != held.ptr.cast_const() {
                row.copy_from_nonoverlapping(a.at(i, 0), i + 1);
            }
            std::slice::from_raw_parts_mut(row.add(i + 1), n - i - 1).fill(T::ZERO);
        }
        if !small {
            potrf(n, held.ptr)?;
            store(held.as_ref(), l.ptr);
        }
    }
    Ok(())
}

/// X with op(A) X = B for a triangular A, of which it reads only the triangle named, and not the diagonal where that is given.
/// B may be X itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::SolveTriangular`].
pub unsafe fn solve_triangular<T: Scalar>(
    a: MatRef<T>,
    b: MatRef<T>,
    x: MatMut<T>,
    op: Triangle,
    work: *mut T,
) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(x.rows == n && x.is_row_major());
    // SAFETY: the diagonal of A, views and the workspace of the caller's.
    unsafe {
        if let Some(i) = (0..n).find(|&i| !op.unit && *a.at(i, i) == T::ZERO) {
            return Err(Failure::Singular { pivot: i + 1 });
        }
        store(b, x.ptr);
        substitute(a, op, x, work);
    }
    Ok(())
}

/// A = Q R with the signs of LAPACK's Householder vectors: reduced, Q m x k, R k x n, k = min(m, n), or complete, Q m x m,
/// R m x n. A may be Q or R itself where it has that shape.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Qr`].
pub unsafe fn qr<T: Scalar>(a: MatRef<T>, q: MatMut<T>, r: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let (m, n) = (a.rows, a.cols);
    let k = m.min(n);
    debug_assert!(q.is_row_major() && r.is_row_major() && (q.rows, q.cols, r.rows, r.cols) == (m, r.rows, q.cols, n));
    if k == 0 {
        // SAFETY: the result is the caller's.
        unsafe { identity(q) };
        return Ok(());
    }
    let (copy, rest) = split(Routine::Qr, m, n, work);
    let (q_out, r_out) = (q, r);
    let q = MatMut::row_major(place(q.ptr, copy), m, q.cols);
    let r = MatMut::row_major(place(r.ptr, copy.wrapping_add(m * m)), r.rows, n);
    // A' = R' Q': to Fortran an LQ factorisation. The wider of Q and R has the shape of A and takes it.
    let (tall, full) = if q.cols == n { (true, q.ptr) } else { (false, r.ptr) };
    // SAFETY: Q and R are as checked, the workspace is the caller's: tau, then what LAPACK works in.
    unsafe {
        let (tau, scratch, lwork) = (rest.numbers, rest.numbers.add(k), int(rest.numbers_len - k));
        store(a, full);
        T::gelqf(int(n), int(m), full, tau, scratch, lwork);
        for i in 0..r.rows {
            // Row i of the factors: the vectors of Q left of the diagonal, R from there on.
            if tall {
                r.row(i).copy_from_nonoverlapping(q.row(i), n);
            } else {
                // Of a complete Q what is beyond them is not looked at.
                q.row(i).copy_from_nonoverlapping(r.row(i), if r.rows > k { k.min(i) } else { k });
            }
            std::slice::from_raw_parts_mut(r.row(i), n.min(i)).fill(T::ZERO);
        }
        T::unglq(int(q.cols), int(m), int(k), q.ptr, tau, scratch, lwork);
        store(q.as_ref(), q_out.ptr);
        store(r.as_ref(), r_out.ptr);
    }
    Ok(())
}

/// The pivots of A and whether each was exchanged, to `f`; whether A is not singular.
unsafe fn pivots<T: Scalar>(routine: Routine, a: MatRef<T>, work: *mut T, mut f: impl FnMut(T, bool)) -> bool {
    let n = square(a);
    let (factors, rest) = split(routine, n, n, work);
    // SAFETY: the workspace is the caller's, n x n and the pivots.
    unsafe {
        if eliminate(a, factors, rest.integers).is_err() {
            return false;
        }
        for i in 0..n {
            f(*factors.add(i * n + i), *rest.integers.add(i) != i as i32 + 1);
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
    let regular = |d: T, exchanged: bool| det *= if exchanged { -d } else { d };
    // SAFETY: the caller's.
    if unsafe { pivots(Routine::Det, a, work, regular) } { det } else { T::ZERO }
}

/// The direction of the determinant of A, of a real one the sign, and the logarithm of its magnitude; 0 and minus infinity where
/// A is singular.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Slogdet`].
pub unsafe fn slogdet<T: Scalar>(a: MatRef<T>, work: *mut T) -> (T, T::Part) {
    let zero = <T::Part as Scalar>::ZERO;
    let (mut direction, mut sum) = (T::ONE, zero);
    let add = |d: T, exchanged: bool| {
        let (size, [re, im]) = (d.abs(), d.parts());
        // Real numbers have a sign where they are infinite, too.
        let unit = match T::COMPLEX {
            true => T::new(re / size, im / size),
            false if re < zero => -T::ONE,
            false => T::ONE,
        };
        direction *= if exchanged { -unit } else { unit };
        sum += size.ln();
    };
    // SAFETY: the caller's.
    if unsafe { pivots(Routine::Slogdet, a, work, add) } { (direction, sum) } else { (T::ZERO, zero.ln()) }
}

/// A = L U P in row-major memory, U with a unit diagonal: to LAPACK, A' = P' U' L'.
unsafe fn eliminate<T: Scalar>(a: MatRef<T>, out: *mut T, pivots: *mut i32) -> Result<(), Failure> {
    // SAFETY: the caller's memory, n x n and n.
    unsafe {
        if let Some(answer) = T::small_lu(a, out, pivots) {
            return answer;
        }
        if a.rows == 0 {
            return Ok(());
        }
        store(a, out);
        singular(T::getrf(int(a.rows), int(a.rows), out, pivots))
    }
}

/// A = L L* in the lower triangle of row-major memory; what is above is anything.
unsafe fn llt<T: Scalar>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
    // SAFETY: the caller's memory, n x n.
    unsafe {
        if let Some(answer) = T::small_cholesky(a, out) {
            return answer;
        }
        store(a, out);
        potrf(a.rows, out)
    }
}

/// A = L L* in place, in the lower triangle of row-major memory: to Fortran U* U = conj(A), where U is L'.
unsafe fn potrf<T: Scalar>(n: usize, out: *mut T) -> Result<(), Failure> {
    // SAFETY: the caller's memory, n x n.
    unsafe {
        let info = if n == 0 { 0 } else { T::potrf(int(n), out) };
        // Some versions of potrf carry a NaN on.
        let nan = |i: &usize| (*out.add((i - 1) * (n + 1))).parts()[0].is_nan();
        let order = if info > 0 { Some(info as usize) } else { (1..=n).find(nan) };
        order.map_or(Ok(()), |order| Err(Failure::NotPositiveDefinite { order }))
    }
}

/// X := op(A)^-1 X for a triangular A. Of complex elements BLAS reads A in a copy: n x n elements, disjoint from A, or A itself,
/// row-major in the workspace.
unsafe fn substitute<T: Scalar>(a: MatRef<T>, op: Triangle, x: MatMut<T>, copy: *mut T) {
    let (n, k) = (a.rows, x.cols);
    let turned = |a: MatRef<T>| if op.transposed { (a.t(), !op.lower) } else { (a, op.lower) };
    let (view, lower) = turned(a);
    // SAFETY: the views are the caller's.
    if n == 0 || k == 0 || unsafe { T::small_solve_triangular(view, op.conj, x, lower, op.unit) } {
        return;
    }
    let diag = if op.unit { b'U' } else { b'N' };
    let trans = |yes| if yes { b'T' } else { b'N' };
    // SAFETY: the caller's; `layout` has checked the strides against the dimensions, which are positive.
    unsafe {
        let a = readable(a, copy);
        if T::COMPLEX && op.conj && op.transposed {
            // Rows are A' to Fortran, which has the other triangle, and X' := X' A*'^-1 from the right alone.
            let uplo = if op.lower { b'U' } else { b'L' };
            return T::trsm_right(uplo, b'C', diag, int(k), int(n), a.ptr, int(n), x.ptr);
        }
        if op.conj {
            // There is no flag for a conjugate that is not transposed.
            conjugate(copy, n * n);
        }
        let (view, lower) = turned(a);
        // To Fortran X' := X' A'^-1.
        let (transposed, ld) = match view.layout().expect("what BLAS does not take is ours") {
            Layout::Rows { ld } => (true, ld),
            Layout::Cols { ld } => (false, ld),
        };
        let uplo = if lower == transposed { b'U' } else { b'L' };
        if k == 1 {
            T::trsv(uplo, trans(transposed), diag, int(n), view.ptr, ld, x.ptr);
        } else {
            T::trsm_right(uplo, trans(!transposed), diag, int(k), int(n), view.ptr, ld, x.ptr);
        }
    }
}

/// Conjugates numbers in place.
unsafe fn conjugate<T: Scalar>(numbers: *mut T, count: usize) {
    if T::COMPLEX {
        // SAFETY: the caller's.
        unsafe { std::slice::from_raw_parts_mut(numbers, count) }.iter_mut().for_each(|z| *z = z.conj());
    }
}

/// Whether every element is a number, of the lower triangle alone where only that is read.
unsafe fn check_finite<T: Scalar>(a: MatRef<T>, lower: bool) -> Result<(), Failure> {
    let row = |i: usize| 0..if lower { i + 1 } else { a.cols };
    // SAFETY: elements of the caller's matrix.
    let finite = (0..a.rows).all(|i| row(i).all(|j| unsafe { (*a.at(i, j)).is_finite() }));
    if finite { Ok(()) } else { Err(Failure::NotFinite) }
}

/// The first columns of the identity.
unsafe fn identity<T: Scalar>(out: MatMut<T>) {
    for i in 0..out.rows {
        for j in 0..out.cols {
            // SAFETY: an element of the caller's result.
            unsafe { *out.row(i).add(j) = if i == j { T::ONE } else { T::ZERO } };
        }
    }
}

fn square<T: Scalar>(a: MatRef<T>) -> usize {
    debug_assert_eq!(a.rows, a.cols);
    a.rows
}

fn int(n: usize) -> i32 {
    i32::try_from(n).expect("LAPACK counts in 32 bits")
}

fn singular(info: i32) -> Result<(), Failure> {
    debug_assert!(info >= 0);
    if info == 0 { Ok(()) } else { Err(Failure::Singular { pivot: info as usize }) }
}
