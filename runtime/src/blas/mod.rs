//! Linear algebra on single matrices: small ones by [`crate::small`], the others by LAPACK.
//!
//! Results are row-major; LAPACK is column-major and so sees their transposes. Flags make up for it,
//! never a transposed copy: the inverse of A' is the transposed inverse; the upper factor of A' is
//! the lower one of A; A X = B is X' A' = B', a solve from the right. A factorisation overwrites its
//! operand, so the operand first moves into the result or the workspace, unless it lies there.
//!
//! Rules for every function here. Views are valid for their elements; results are row-major and
//! contiguous; workspace is initialised memory of [`workspace`] elements, of any value. An operand
//! is either exactly the result (same pointer, same layout) or disjoint from it, where the function
//! says so, and disjoint otherwise. Sizes of 0 are ordinary; sizes above `i32::MAX` panic in `qr`.
#![allow(unsafe_code, reason = "raw strided views and the Fortran routines")]

pub mod complex;
pub mod complex_factors;
mod expm;
mod factors;
mod gram;
mod mat;
mod scalar;
mod schur;
mod spectral;

#[doc(hidden)]
pub use crate::backend::{Decompositions, Lapack, Number, Work};
pub use crate::backend::{Kernels, init, kernels};
pub use evanesce_ir::ops::Routine;
pub use expm::expm;
pub use factors::{gbsv, ldl, lu, lu_factor, lu_solve, try_cholesky, try_inv, try_solve};
pub use gram::gram;
use mat::{Layout, layout, store};
pub use mat::{MatMut, MatRef};
pub use scalar::{Real, Scalar};
pub use schur::{eig, schur, solve_discrete_are, sqrtm, trsyl};
pub use spectral::{eigh, eigvalsh, svd, svdvals};

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

/// LAPACK's block size, a bound on what its workspace queries answer per row.
const BLOCK: usize = 64;

/// The workspace of a routine in elements of `T`, pivots included, for operands of these rows and columns.
pub fn workspace<T: Real>(routine: Routine, operands: &[[usize; 2]]) -> usize {
    let [m, n] = operands[0];
    let pivots = (n * size_of::<i32>()).div_ceil(size_of::<T>());
    match routine {
        Routine::Inv => pivots + BLOCK * n,
        Routine::Solve | Routine::Det | Routine::Slogdet => pivots + n * n,
        Routine::SolveSpd => n * n,
        Routine::Qr => m.min(n) + BLOCK * m.max(n),
        Routine::Eigh | Routine::Eigvalsh | Routine::Svd | Routine::Svdvals => spectral::workspace::<T>(routine, m, n),
        Routine::LuFactor | Routine::Lu => pivots + m * n,
        Routine::Ldl => pivots + (n + BLOCK) * n,
        Routine::Gbsv => {
            let (bands, columns) = (m + 2 * operands[1][0], operands[2][1]);
            pivots + (bands + columns) * n
        }
        Routine::Schur
        | Routine::Trsyl
        | Routine::Sqrtm
        | Routine::SolveDiscreteAre
        | Routine::Eig
        | Routine::Eigvals => schur::workspace::<T>(routine, operands),
        Routine::Expm => expm::workspace::<T>(n),
        Routine::TryInv => workspace::<T>(Routine::Inv, operands),
        Routine::TrySolve => workspace::<T>(Routine::Solve, operands) + 4 * n + pivots,
        Routine::Matmul | Routine::Gram | Routine::InvSpd | Routine::Cholesky | Routine::SolveTriangular => 0,
        Routine::LuSolve | Routine::LuSolveTransposed | Routine::TryCholesky | Routine::Order(_) => 0,
    }
}

/// Whether BLAS multiplies a matrix of these strides as it is. Otherwise [`gemm`] runs a slower kernel
/// of its own unless the product is small, and a copy first may pay.
pub fn gemm_takes(rows: usize, cols: usize, rs: isize, cs: isize) -> bool {
    rows == 0 || cols == 0 || layout(rows, cols, rs, cs).is_some()
}

/// C = A B. An inner dimension of 0 writes zeros.
///
/// # Safety
/// The rules of the module; C is disjoint from A and B, its rows or its columns are contiguous, one after another.
pub unsafe fn gemm<T: Real>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>) {
    debug_assert!(a.rows == c.rows && b.cols == c.cols && b.rows == a.cols);
    debug_assert!(gemm_takes(c.rows, c.cols, c.rs, c.cs), "neither rows nor columns are contiguous");
    let (a, b, c) = c.by_rows(a, b);
    let (m, n, k) = (c.rows, c.cols, a.cols);
    // SAFETY: the views are the caller's.
    if m == 0 || n == 0 || unsafe { T::small_gemm(a, b, c) } {
        return;
    }
    let column = n == 1 && (m == 1 || c.rs == 1);
    let (la, lb) = a.layout().zip(b.layout()).expect("what BLAS does not take is ours");
    let (m, n, k, ldc) = (int(m), int(n), int(k), c.ld());
    // To Fortran C' = B' A', and rows that are contiguous are a transposed matrix already.
    let plain = |l| match l {
        Layout::Rows { ld } => (b'N', ld),
        Layout::Cols { ld } => (b'T', ld),
    };
    let ((ta, lda), (tb, ldb)) = (plain(la), plain(lb));
    // SAFETY: `layout` has checked the strides against the dimensions, which are positive. Some versions
    // of gemv keep a NaN that they find in y.
    unsafe {
        if column {
            std::slice::from_raw_parts_mut(c.ptr, c.rows).fill(T::ZERO);
        }
        match (la, lb) {
            (Layout::Rows { ld }, Layout::Rows { ld: incx }) if column => {
                T::gemv(b'T', k, m, a.ptr, ld, b.ptr, incx, c.ptr)
            }
            (Layout::Cols { ld }, Layout::Rows { ld: incx }) if column => {
                T::gemv(b'N', m, k, a.ptr, ld, b.ptr, incx, c.ptr)
            }
            _ => T::gemm(tb, ta, n, m, k, b.ptr, ldb, a.ptr, lda, c.ptr, ldc),
        }
    }
}

/// The inverse of A, which may be the result itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Inv`].
pub unsafe fn inv<T: Real>(a: MatRef<T>, out: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(out.rows == n && out.cols == n && out.is_row_major());
    // SAFETY: the result and the workspace are the caller's, of the sizes that are used.
    unsafe {
        if let Some(answer) = T::small_inv(a, out.ptr) {
            return answer;
        }
        let pivots = work.add(BLOCK * n).cast();
        eliminate(a, out.ptr, pivots)?;
        singular(T::getri(int(n), out.ptr, pivots, work, int(BLOCK * n)))
    }
}

/// The inverse of a symmetric positive definite A, of which it reads the lower triangle; A may be the
/// result itself.
///
/// # Safety
/// The rules of the module.
pub unsafe fn inv_spd<T: Real>(a: MatRef<T>, out: MatMut<T>) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(out.rows == n && out.cols == n && out.is_row_major());
    // SAFETY: the result is the caller's, n x n.
    unsafe {
        if let Some(answer) = T::small_inv_spd(a, out.ptr) {
            return answer;
        }
        llt(a, out.ptr)?;
        singular(T::potri(int(n), out.ptr))?;
        for i in 0..n {
            for j in 0..i {
                *out.ptr.add(j * n + i) = *out.ptr.add(i * n + j);
            }
        }
    }
    Ok(())
}

/// X with A X = B; B may be X itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Solve`].
pub unsafe fn solve<T: Real>(a: MatRef<T>, b: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(x.rows == n && x.is_row_major());
    let factors = MatRef::row_major(work, n, n);
    // SAFETY: the result and the workspace are the caller's, of the sizes that are used; A = L U P with a
    // unit U, and P is undone by exchanging rows of X, last one first.
    unsafe {
        let pivots: *mut i32 = work.add(n * n).cast();
        eliminate(a, work, pivots)?;
        store(b, x.ptr);
        substitute(factors, x, true, false);
        substitute(factors, x, false, true);
        for i in (0..n).rev() {
            let p = *pivots.add(i) as usize - 1;
            if p != i {
                std::ptr::swap_nonoverlapping(x.row(i), x.row(p), x.cols);
            }
        }
    }
    Ok(())
}

/// X with A X = B for a symmetric positive definite A, of which it reads the lower triangle; B may be
/// X itself.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::SolveSpd`].
pub unsafe fn solve_spd<T: Real>(a: MatRef<T>, b: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(x.rows == n && x.is_row_major());
    let l = MatRef::row_major(work, n, n);
    // SAFETY: the result and the workspace are the caller's, of the sizes that are used.
    unsafe {
        llt(a, work)?;
        store(b, x.ptr);
        substitute(l, x, true, false);
        substitute(l.t(), x, false, false);
    }
    Ok(())
}

/// The lower L with A = L L', its strict upper triangle 0; reads the lower triangle of A, which may be the
/// result itself.
///
/// # Safety
/// The rules of the module.
pub unsafe fn cholesky<T: Real>(a: MatRef<T>, l: MatMut<T>) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(l.rows == n && l.cols == n && l.is_row_major());
    // SAFETY: the result is the caller's, n x n.
    unsafe {
        let small = T::small_cholesky(a, l.ptr).transpose()?.is_some();
        if !small && a.cs != 1 {
            store(a, l.ptr);
        }
        // What potrf reads, and beside it zeros that it leaves, in one walk over memory.
        for i in 0..n {
            let row = l.row(i);
            if !small && a.cs == 1 && a.ptr != l.ptr.cast_const() {
                row.copy_from_nonoverlapping(a.at(i, 0), i + 1);
            }
            std::slice::from_raw_parts_mut(row.add(i + 1), n - i - 1).fill(T::ZERO);
        }
        if small { Ok(()) } else { potrf(n, l.ptr) }
    }
}

/// X with op(A) X = B for a triangular A, of which it reads only the triangle named, without the diagonal
/// where that is `unit`; op transposes where `transposed`. B may be X itself.
///
/// # Safety
/// The rules of the module.
pub unsafe fn solve_triangular<T: Real>(
    a: MatRef<T>,
    b: MatRef<T>,
    x: MatMut<T>,
    lower: bool,
    transposed: bool,
    unit: bool,
) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(x.rows == n && x.is_row_major());
    // SAFETY: the diagonal of A, and views of the caller's.
    unsafe {
        if let Some(i) = (0..n).find(|&i| !unit && *a.at(i, i) == T::ZERO) {
            return Err(Failure::Singular { pivot: i + 1 });
        }
        store(b, x.ptr);
        let (a, lower) = if transposed { (a.t(), !lower) } else { (a, lower) };
        substitute(a, x, lower, unit);
    }
    Ok(())
}

/// A = Q R with the signs of LAPACK's Householder vectors: reduced, Q m x k, R k x n, k = min(m, n), or complete, Q m x m,
/// R m x n. A may be Q or R itself where it has that shape.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Qr`].
pub unsafe fn qr<T: Real>(a: MatRef<T>, q: MatMut<T>, r: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let (m, n) = (a.rows, a.cols);
    let k = m.min(n);
    debug_assert!(q.is_row_major() && r.is_row_major() && (q.rows, q.cols, r.rows, r.cols) == (m, r.rows, q.cols, n));
    if k == 0 {
        // SAFETY: the result is the caller's.
        unsafe { identity(q) };
        return Ok(());
    }
    // A' = R' Q': to Fortran an LQ factorisation. The wider of Q and R has the shape of A and takes it.
    let (tall, full) = if q.cols == n { (true, q.ptr) } else { (false, r.ptr) };
    let lwork = int(BLOCK * m.max(n));
    // SAFETY: Q and R are as checked, the workspace k + 64 max(m, n), as the caller says.
    unsafe {
        let (tau, scratch) = (work, work.add(k));
        store(a, full);
        T::gelqf(int(n), int(m), full, tau, scratch, lwork);
        if r.rows > k {
            for i in 0..m {
                // The vectors of Q are the first columns.
                q.row(i).copy_from_nonoverlapping(r.row(i), k.min(i));
                std::slice::from_raw_parts_mut(r.row(i), n.min(i)).fill(T::ZERO);
            }
            T::unglq(int(m), int(m), int(k), q.ptr, tau, scratch, lwork);
            return Ok(());
        }
        for i in 0..k {
            // Row i of the factors: the vectors of Q left of the diagonal, R from there on.
            if tall {
                r.row(i).copy_from_nonoverlapping(q.row(i), n);
            }
            if !tall {
                q.row(i).copy_from_nonoverlapping(r.row(i), k);
            }
            std::slice::from_raw_parts_mut(r.row(i), i).fill(T::ZERO);
        }
        T::unglq(int(k), int(m), int(k), q.ptr, tau, scratch, lwork);
    }
    Ok(())
}

/// The determinant of A; 0 where A is singular, 1 where it is empty.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Det`].
pub unsafe fn det<T: Real>(a: MatRef<T>, work: *mut T) -> T {
    let n = square(a);
    // SAFETY: the workspace is the caller's, n x n and the pivots.
    unsafe {
        let pivots: *mut i32 = work.add(n * n).cast();
        if eliminate(a, work, pivots).is_err() {
            return T::ZERO;
        }
        (0..n).fold(T::ONE, |det, i| {
            let d = *work.add(i * n + i);
            det * if *pivots.add(i) == i as i32 + 1 { d } else { -d }
        })
    }
}

/// The sign of the determinant of A, and the logarithm of its magnitude; 0 and minus infinity where A is singular.
///
/// # Safety
/// The rules of the module; `work` for [`Routine::Slogdet`].
pub unsafe fn slogdet<T: Real>(a: MatRef<T>, work: *mut T) -> (T, T) {
    let n = square(a);
    // SAFETY: the workspace is the caller's, n x n and the pivots.
    unsafe {
        let pivots: *mut i32 = work.add(n * n).cast();
        if eliminate(a, work, pivots).is_err() {
            return (T::ZERO, T::ZERO.ln());
        }
        (0..n).fold((T::ONE, T::ZERO), |(sign, sum), i| {
            let d = *work.add(i * n + i);
            let exchanged = *pivots.add(i) != i as i32 + 1;
            (if exchanged != (d < T::ZERO) { -sign } else { sign }, sum + d.abs().ln())
        })
    }
}

/// A = L U P in row-major memory, U with a unit diagonal: to LAPACK, A' = P' U' L'.
unsafe fn eliminate<T: Real>(a: MatRef<T>, out: *mut T, pivots: *mut i32) -> Result<(), Failure> {
    // SAFETY: the caller's memory, n x n and n.
    unsafe {
        if let Some(answer) = T::small_lu(a, out, pivots) {
            return answer;
        }
        store(a, out);
        singular(T::getrf(int(a.rows), int(a.rows), out, pivots))
    }
}

/// A = L L' in the lower triangle of row-major memory; what is above is anything.
unsafe fn llt<T: Real>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
    // SAFETY: the caller's memory, n x n.
    unsafe {
        let n = a.rows;
        if let Some(answer) = T::small_cholesky(a, out) {
            return answer;
        }
        store(a, out);
        potrf(n, out)
    }
}

/// A = L L' in place, in the lower triangle of row-major memory.
unsafe fn potrf<T: Real>(n: usize, out: *mut T) -> Result<(), Failure> {
    // SAFETY: the caller's memory, n x n.
    unsafe {
        let info = T::potrf(int(n), out);
        // Some versions of potrf carry a NaN on.
        let order =
            if info > 0 { Some(info as usize) } else { (1..=n).find(|i| (*out.add((i - 1) * (n + 1))).is_nan()) };
        order.map_or(Ok(()), |order| Err(Failure::NotPositiveDefinite { order }))
    }
}

/// X := A^-1 X for a triangular A. To Fortran X' := X' A'^-1.
unsafe fn substitute<T: Real>(a: MatRef<T>, x: MatMut<T>, lower: bool, unit: bool) {
    let (n, k) = (a.rows, x.cols);
    if n == 0 || k == 0 {
        return;
    }
    // SAFETY: the views are the caller's.
    if unsafe { T::small_solve_triangular(a, false, x, lower, unit) } {
        return;
    }
    let layout = a.layout().expect("what BLAS does not take is ours");
    // Rows that are contiguous are A' to Fortran, which has the other triangle.
    let (transposed, ld) = match layout {
        Layout::Rows { ld } => (true, ld),
        Layout::Cols { ld } => (false, ld),
    };
    let uplo = if lower == transposed { b'U' } else { b'L' };
    let diag = if unit { b'U' } else { b'N' };
    let trans = |yes| if yes { b'T' } else { b'N' };
    // SAFETY: `layout` has checked the strides against the dimensions, which are positive.
    unsafe {
        if k == 1 {
            T::trsv(uplo, trans(transposed), diag, int(n), a.ptr, ld, x.ptr);
        } else {
            T::trsm_right(uplo, trans(!transposed), diag, int(k), int(n), a.ptr, ld, x.ptr);
        }
    }
}

/// The first columns of the identity.
unsafe fn identity<T: Real>(out: MatMut<T>) {
    for i in 0..out.rows {
        for j in 0..out.cols {
            // SAFETY: an element of the caller's result.
            unsafe { *out.row(i).add(j) = if i == j { T::ONE } else { T::ZERO } };
        }
    }
}

fn square<T: Real>(a: MatRef<T>) -> usize {
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
