//! What routines work in: copies of operands and results, then what LAPACK asks for beside them, in numbers, in parts of
//! complex numbers and in integers.
//!
//! LAPACK works on real matrices in the results, where that is possible. On complex ones it works in the workspace alone, from
//! which results are moved: the complex `gemv` of some versions of OpenBLAS (0.3.21 among them, issue 4013 there) reads up to
//! two columns beyond the end of a matrix, where the workspace goes on.

use super::mat::store;
use super::{MatRef, Routine, Scalar, Work, doubled};
use std::num::Saturating;

/// LAPACK's block size, a bound on what its workspace queries answer per row.
pub(super) const BLOCK: usize = 64;

type Size = Saturating<usize>;

const fn of(size: usize) -> Size {
    Saturating(size)
}

/// The sizes for an operand of these rows and columns: elements of copies, then numbers, parts and integers, of which LAPACK's
/// documented least ones, and room for blocks beyond them. Where it is called the routine is known, and the others go.
#[inline(always)]
fn sizes<T: Scalar>(routine: Routine, m: usize, n: usize) -> [Size; 4] {
    let [m, n, none] = [of(m), of(n), of(0)];
    let (k, long, blocks) = (m.min(n), m.max(n), of(BLOCK));
    let either = |real: Size, complex: Size| if T::COMPLEX { complex } else { real };
    let complex = |size: Size| either(none, size);
    match routine {
        Routine::InvSpd | Routine::Cholesky | Routine::TryCholesky => [complex(n * n), none, none, none],
        Routine::SolveTriangular | Routine::LuSolve | Routine::LuSolveTransposed => [complex(n * n), none, none, none],
        Routine::SolveSpd => [n * n, none, none, none],
        Routine::Solve | Routine::Det | Routine::Slogdet => [n * n, none, none, n],
        Routine::TrySolve => [n * n, either(of(4) * n, of(2) * n), complex(of(2) * n), n],
        Routine::Inv | Routine::TryInv => [complex(n * n), blocks * n, none, n],
        Routine::Qr => [complex(m * m + m * n), k + blocks * long, none, none],
        Routine::LuFactor | Routine::Lu => [m * n, none, none, k],
        Routine::Ldl => [n * n, blocks * n, none, n],
        Routine::Eigh => {
            let real = of(1) + (of(6) + blocks) * n + of(2) * n * n;
            let parts = complex(of(1) + of(5) * n + of(2) * n * n);
            [complex(n * n), either(real, (n + of(2) + blocks) * n), parts, of(3) + of(5) * n]
        }
        Routine::Eigvalsh => {
            let numbers = either(of(1) + (of(2) + blocks) * n, of(1) + (of(1) + blocks) * n);
            [n * n, numbers, complex(n.max(of(1))), of(1)]
        }
        Routine::Svd => {
            let real = of(4) * k * k + of(7) * k + blocks * (m + n);
            let numbers = either(real, of(2) * k * k + of(3) * k + long + blocks * (m + n));
            let parts = (of(5) * k * k + of(5) * k).max(of(2) * long * k + of(2) * k * k + k);
            [m * n + complex(m * m + n * n), numbers, complex(parts), of(8) * k]
        }
        Routine::Svdvals => {
            let numbers = either(of(10) * k, of(2) * k + long) + blocks * (m + n);
            [m * n, numbers, complex(of(7) * k), of(8) * k]
        }
        // The eigenvalues first, of which a real matrix has parts.
        Routine::Eig | Routine::Eigvals => {
            [of(2) * n * n, either(of(6) + blocks, of(2) + blocks) * n, complex(of(2) * n), none]
        }
        Routine::Schur => [complex(of(2) * n * n), either(of(5) + blocks, of(3) + blocks) * n, complex(n), none],
        Routine::Sqrtm => [of(3) * n * n, either(of(5) + blocks, of(3) + blocks) * n, complex(n), none],
        // These have a workspace of their own, or none.
        Routine::Trsyl | Routine::Gbsv | Routine::Expm | Routine::SolveDiscreteAre => [none; 4],
        Routine::Matmul | Routine::Gram | Routine::Order(_) => [none; 4],
    }
}

/// So many items of a type, in elements.
fn elements<T, E>(items: usize) -> usize {
    items.saturating_mul(size_of::<E>()).div_ceil(size_of::<T>())
}

/// The workspace of a routine in elements of `T` for operands of these rows and columns.
pub fn workspace<T: Scalar>(routine: Routine, operands: &[[usize; 2]]) -> usize {
    let [m, n] = operands[0];
    let [copies, numbers, parts, integers] = sizes::<T>(routine, m, n).map(|size| size.0);
    let own = match routine {
        Routine::Trsyl => {
            let order = operands[1][0];
            m * m + order * order + if T::COMPLEX { m * order } else { 0 }
        }
        Routine::Gbsv => (m + 2 * operands[1][0] + operands[2][1]) * n + elements::<T, i32>(n),
        Routine::Expm | Routine::SolveDiscreteAre => doubled::workspace::<T>(routine, operands),
        _ => 0,
    };
    // More than two columns of any matrix.
    let longest = operands.iter().flatten().copied().max().unwrap_or(0);
    let beyond = if T::COMPLEX { of(4) * of(longest) + of(BLOCK) } else { of(0) };
    let rest = [own, numbers, elements::<T, T::Part>(parts), elements::<T, i32>(integers), beyond.0];
    rest.into_iter().fold(copies, usize::saturating_add)
}

/// The workspace of a routine for an operand of m rows and n columns: its copies, and what LAPACK works in.
#[inline(always)]
pub(super) fn split<T: Scalar>(routine: Routine, m: usize, n: usize, work: *mut T) -> (*mut T, Work<T>) {
    let [copies, numbers_len, parts_len, integers_len] = sizes::<T>(routine, m, n).map(|size| size.0);
    let numbers = work.wrapping_add(copies);
    let parts = numbers.wrapping_add(numbers_len);
    let integers = parts.wrapping_add(elements::<T, T::Part>(parts_len)).cast();
    (work, Work::new(numbers, numbers_len).parts(parts.cast(), parts_len).integers(integers, integers_len))
}

/// Where LAPACK works on a matrix that is a result: there, or in a copy where it is complex.
pub(super) fn place<T: Scalar>(result: *mut T, copy: *mut T) -> *mut T {
    if T::COMPLEX { copy } else { result }
}

/// A square matrix where BLAS may read it: where it is, or in a copy where it is complex and does not lie there already.
///
/// # Safety
/// The rules of [`super`]; the copy is disjoint from A, or begins where it does.
pub(super) unsafe fn readable<T: Scalar>(a: MatRef<T>, copy: *mut T) -> MatRef<T> {
    if !T::COMPLEX || a.ptr == copy.cast_const() {
        return a;
    }
    // SAFETY: the caller's.
    unsafe { store(a, copy) };
    MatRef::row_major(copy, a.rows, a.cols)
}
