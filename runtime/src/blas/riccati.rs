//! Riccati's equation, of real matrices.

use super::mat::transpose;
use super::workspace::{BLOCK, workspace as workspace_of};
use super::{Failure, MatMut, MatRef, Real, Routine, Work, check_finite, gemm, int, qr, solve, square};

/// The workspace in elements, for a state of m numbers and a control of n.
pub(super) fn workspace<T: Real>(m: usize, n: usize) -> usize {
    Pencil::new(m, n).workspace::<T>()
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
        let triangle = workspace_of::<T>(Routine::Qr, &[[self.rows, self.n]]);
        let schur = (4 + 8 + BLOCK) * self.cols + 16;
        triangle.max(schur).max(workspace_of::<T>(Routine::Solve, &[[self.m, self.m]]))
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
/// The rules of [`super`]; `work` for [`Routine::SolveDiscreteAre`].
pub(super) unsafe fn solve_discrete_are<T: Real>(
    [a, b, q, r]: [MatRef<T>; 4],
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
        for operand in [a, b, q, r] {
            check_finite(operand, false)?;
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
        transpose(left.ptr, left, |x| x);
        transpose(right.ptr, right, |x| x);
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
        if !is_symmetric(product) || check_finite(solved.as_ref(), false).is_err() {
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
