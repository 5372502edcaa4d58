//! Functions and equations of complex matrices by those of real matrices of twice the order: what `[[x, -y], [y, x]]` stands for
//! `x + i y` in commutes with sums, products, inverses and conjugate transposes, and so with what is made of them. One
//! algorithm each, for twice the arithmetic.

use super::{Failure, MatMut, MatRef, Routine, Scalar, riccati};

/// The workspace in elements, for operands of these rows and columns.
pub(super) fn workspace<T: Scalar>(routine: Routine, operands: &[[usize; 2]]) -> usize {
    let real = |operands: &[[usize; 2]]| match routine {
        Routine::Expm => super::expm::workspace::<T::Part>(operands[0][0]),
        _ => riccati::workspace::<T::Part>(operands[0][0], operands[1][1]),
    };
    if !T::COMPLEX {
        return real(operands);
    }
    let twice: Vec<[usize; 2]> = operands.iter().map(|shape| shape.map(|size| 2 * size)).collect();
    // The operands, a result of the first one's order, and the workspace, in parts.
    let matrices = twice.iter().map(|[m, n]| m * n).sum::<usize>() + twice[0][0] * twice[0][0];
    (matrices + real(&twice)).div_ceil(2)
}

/// A routine of real matrices, by its operands, its result and its workspace.
type OfReals<P, const N: usize> = unsafe fn([MatRef<P>; N], MatMut<P>, *mut P) -> Result<(), Failure>;

/// Runs a routine for matrices of the parts: those of real numbers themselves, those of complex ones by doubled ones.
unsafe fn run<T: Scalar, const N: usize>(
    operands: [MatRef<T>; N],
    x: MatMut<T>,
    work: *mut T,
    routine: OfReals<T::Part, N>,
) -> Result<(), Failure> {
    let mut free = work.cast::<T::Part>();
    // SAFETY: the result and the workspace are the caller's; a real number is its own part.
    unsafe {
        if !T::COMPLEX {
            let part = |a: MatRef<T>| MatRef { ptr: a.ptr.cast(), rows: a.rows, cols: a.cols, rs: a.rs, cs: a.cs };
            return routine(operands.map(part), MatMut::row_major(x.ptr.cast(), x.rows, x.cols), free);
        }
        let doubled = operands.map(|a| double(a, &mut free));
        let out = MatMut::row_major(free, 2 * x.rows, 2 * x.cols);
        routine(doubled, out, free.add(out.rows * out.cols))?;
        halve(out, x);
    }
    Ok(())
}

/// `[[x, -y], [y, x]]`, row-major at the beginning of free memory, which then begins behind it.
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
/// The rules of [`super`]; `work` for [`Routine::Expm`].
pub unsafe fn expm<T: Scalar>(a: MatRef<T>, x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    // SAFETY: the caller's.
    unsafe { run([a], x, work, super::expm::expm) }
}

/// The stabilising X with X = A* X A - A* X B (R + B* X B)^-1 B* X A + Q.
///
/// # Safety
/// The rules of [`super`]; `work` for [`Routine::SolveDiscreteAre`].
pub unsafe fn solve_discrete_are<T: Scalar>(
    operands: [MatRef<T>; 4],
    x: MatMut<T>,
    work: *mut T,
) -> Result<(), Failure> {
    // SAFETY: the caller's.
    unsafe { run(operands, x, work, riccati::solve_discrete_are) }
}
