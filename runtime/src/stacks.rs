//! Which calls take small matrices of a stack several at a time, and with which kernels of [`batch`].
#![allow(unsafe_code, reason = "calls kernels on the addresses of a memory")]

use crate::blas::{Failure, Routine, Scalar};
use crate::call::Matrices;
use crate::small::batch;
use evanesce_ir::program::Call;

/// How many of the `left` matrices to take at once.
pub(crate) fn at_once<T: Scalar>(call: &Call, left: usize) -> usize {
    let [m, n] = [call.operands[0].rows, call.operands[0].cols];
    let columns = call.operands.last().map_or(0, |last| last.cols);
    let least = match call.routine {
        Routine::Inv | Routine::InvSpd if n > 4 => batch::least_inverses::<T>(),
        _ => batch::LEAST,
    };
    if left < least || m == 0 || n == 0 || columns == 0 {
        return 1;
    }
    let takes = match call.routine {
        Routine::Inv => n <= batch::largest_inverse::<T>(),
        Routine::InvSpd | Routine::Cholesky | Routine::Det | Routine::Slogdet => n <= batch::largest(),
        Routine::Solve | Routine::SolveSpd | Routine::SolveTriangular => n <= batch::largest(),
        Routine::Matmul | Routine::Gram => {
            let most = batch::products::<T>(columns == 1);
            m.max(n).max(columns) <= batch::ORDER && m * n * columns <= most
        }
        _ => false,
    };
    if takes { left.min(batch::lanes::<T>()) } else { 1 }
}

/// Runs the next matrices of a stack of `count` where [`at_once`] says so.
///
/// # Safety
/// As for [`crate::call::CallFn`].
pub(crate) unsafe fn run<T: Scalar>(m: &Matrices<'_>, count: usize) -> Result<(), (usize, Failure)> {
    let (a, last) = (m.lanes::<T>(&m.call.operands[0], count), m.call.operands.last().expect("operands"));
    let b = || m.lanes::<T>(last, count);
    let out = m.lanes::<T>(&m.call.results[0], count);
    let conj = |operand: usize| m.call.operands[operand].conj;
    let singular = |(lane, pivot)| (lane, Failure::Singular { pivot });
    let indefinite = |(lane, order)| (lane, Failure::NotPositiveDefinite { order });
    // SAFETY: the caller's, of orders that `at_once` has compared.
    unsafe {
        match m.call.routine {
            Routine::Inv => batch::inv(&a, &out).map_err(singular),
            Routine::InvSpd => batch::inv_spd(&a, &out).map_err(indefinite),
            Routine::Cholesky => batch::cholesky(&a, &out).map_err(indefinite),
            Routine::Det => {
                batch::det(&a, &out);
                Ok(())
            }
            Routine::Slogdet => {
                batch::slogdet(&a, &out, &m.lanes::<T::Part>(&m.call.results[1], count));
                Ok(())
            }
            Routine::Solve => batch::solve(&a, &b(), &out).map_err(singular),
            Routine::SolveSpd => batch::solve_spd(&a, &b(), &out).map_err(indefinite),
            Routine::SolveTriangular => {
                batch::solve_triangular(&a, &b(), &out, m.call.lower, conj(0)).map_err(singular)
            }
            Routine::Matmul | Routine::Gram => {
                // Of a product columns may be contiguous: C' = B' A'.
                if out.cols > 1 && out.cs != 1 {
                    batch::matmul(&b().t(), &a.t(), &out.t(), [conj(1), conj(0)]);
                } else {
                    batch::matmul(&a, &b(), &out, [conj(0), conj(1)]);
                }
                Ok(())
            }
            other => unreachable!("{other:?} takes one matrix at a time"),
        }
    }
}
