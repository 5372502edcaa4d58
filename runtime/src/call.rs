//! A call of a program: its routine for every matrix of a stack.
#![allow(unsafe_code, reason = "calls BLAS on the addresses of a memory")]

use crate::backend::{self, Number};
use crate::blas::{self, Failure, MatMut, MatRef, Scalar, Triangle};
use crate::order;
use crate::small::batch;
use crate::stacks;
use evanesce_ir::error::RunErrorKind;
use evanesce_ir::ops::Routine;
use evanesce_ir::program::{Call, Matrix};
use evanesce_ir::types::DType;
use num_complex::Complex;
use std::ptr::null_mut;

/// Runs a call of a verified program.
///
/// # Safety
/// The pointers are the program's buffers, the workspace has the bytes of [`workspace`].
pub(crate) type CallFn = unsafe fn(&Call, &[*mut u8], *mut u8) -> Result<(), RunErrorKind>;

/// Threads for the library when it runs a call: as many as are asked for where the call is for one matrix that is large.
pub(crate) fn threads(call: &Call, asked: usize) -> usize {
    let one = call.stack.iter().product::<usize>() == 1;
    if one && call.flops() >= backend::PARALLEL { asked } else { 1 }
}

/// Runs a call with threads for the library.
///
/// # Safety
/// As for [`CallFn`].
pub(crate) unsafe fn run(
    threads: usize,
    run: CallFn,
    call: &Call,
    pointers: &[*mut u8],
    work: *mut u8,
) -> Result<(), RunErrorKind> {
    if threads < 2 {
        // SAFETY: the caller's.
        return unsafe { run(call, pointers, work) };
    }
    struct Job<'c>(CallFn, &'c Call, &'c [*mut u8], *mut u8);
    // SAFETY: whoever starts it waits for its end and touches nothing meanwhile.
    unsafe impl Send for Job<'_> {}
    impl Job<'_> {
        fn run(self) -> Result<(), RunErrorKind> {
            // SAFETY: the caller's.
            unsafe { (self.0)(self.1, self.2, self.3) }
        }
    }
    let job = Job(run, call, pointers, work);
    backend::with_threads(threads, move || job.run())
}

/// How a call is run.
pub(crate) fn runner(call: &Call) -> CallFn {
    match call.dtype {
        _ if matches!(call.routine, Routine::Order(_)) => ordered,
        DType::F32 => each::<f32>,
        DType::C64 => each::<Complex<f32>>,
        DType::C128 => each::<Complex<f64>>,
        _ => each::<f64>,
    }
}

/// Bytes of the workspace of a call.
pub(crate) fn workspace(call: &Call) -> usize {
    fn bytes<T: Scalar>(call: &Call) -> usize {
        let shapes: Vec<[usize; 2]> = call.operands.iter().map(|m| [m.rows, m.cols]).collect();
        blas::workspace::<T>(call.routine, &shapes).saturating_mul(size_of::<T>())
    }
    match call.dtype {
        _ if matches!(call.routine, Routine::Order(_)) => 0,
        DType::F32 => bytes::<f32>(call),
        DType::C64 => bytes::<Complex<f32>>(call),
        DType::C128 => bytes::<Complex<f64>>(call),
        _ => bytes::<f64>(call),
    }
}

/// Sorts, searches or reduces every row of the stack.
unsafe fn ordered(call: &Call, pointers: &[*mut u8], _: *mut u8) -> Result<(), RunErrorKind> {
    if let Routine::Order(op) = call.routine {
        // SAFETY: the caller's.
        return unsafe { order::run(op, call, pointers) };
    }
    Ok(())
}

/// The matrices of a call at one place of the stack.
pub(crate) struct Matrices<'c> {
    pub(crate) call: &'c Call,
    pointers: &'c [*mut u8],
    batch_index: usize,
}

impl Matrices<'_> {
    fn address<E>(&self, m: &Matrix) -> *mut E {
        self.address_at(m, self.batch_index)
    }

    fn address_at<E>(&self, m: &Matrix, batch_index: usize) -> *mut E {
        let (mut offset, mut rest) = (m.access.offset, batch_index);
        let axes = m.access.strides.iter().zip(&self.call.stack);
        for (&stride, &n) in axes.clone().skip(1).rev() {
            offset += stride * (rest % n) as isize;
            rest /= n;
        }
        // What is left is less than the length of the first axis.
        offset += axes.take(1).map(|(&stride, _)| stride * rest as isize).sum::<isize>();
        self.pointers[m.buffer.index()].cast::<E>().wrapping_offset(offset)
    }

    /// An operand of elements `E`.
    fn read<E>(&self, i: usize) -> MatRef<E> {
        let m = &self.call.operands[i];
        let [.., rs, cs] = m.access.strides[..] else { unreachable!("verified: strides of rows and columns") };
        MatRef { ptr: self.address::<E>(m).cast_const(), rows: m.rows, cols: m.cols, rs, cs }
    }

    /// A matrix as it is here and at the next places of the stack, the last one again where there are too few.
    pub(crate) fn lanes<E: Number>(&self, m: &Matrix, count: usize) -> batch::Matrices<E> {
        let [.., rs, cs] = m.access.strides[..] else { unreachable!("verified: strides of rows and columns") };
        let last = count - 1;
        let ptr = std::array::from_fn(|lane| {
            if lane < batch::lanes::<E>() { self.address_at(m, last.min(self.batch_index + lane)) } else { null_mut() }
        });
        batch::Matrices { ptr, rows: m.rows, cols: m.cols, rs, cs }
    }

    /// The first element of a result.
    fn pointer<E>(&self, i: usize) -> *mut E {
        self.address(&self.call.results[i])
    }

    /// The result of a product.
    fn product<E: Copy>(&self) -> MatMut<E> {
        let m = &self.call.results[0];
        let [.., rs, cs] = m.access.strides[..] else { unreachable!("verified: strides of rows and columns") };
        MatMut { ptr: self.address(m), rows: m.rows, cols: m.cols, rs, cs }
    }

    /// A result, which is row-major.
    fn write<E: Copy>(&self, i: usize) -> MatMut<E> {
        let m = &self.call.results[i];
        MatMut::row_major(self.address(m), m.rows, m.cols)
    }
}

/// Runs the routine for every matrix, small ones several at a time.
unsafe fn each<T: Scalar>(call: &Call, pointers: &[*mut u8], work: *mut u8) -> Result<(), RunErrorKind> {
    let count = call.stack.iter().product();
    let mut next = 0;
    while next < count {
        let matrices = Matrices { call, pointers, batch_index: next };
        let taken = stacks::at_once::<T>(call, count - next);
        // SAFETY: verified matrices: in bounds, results row-major, overlapping only where the routine overwrites.
        let result = unsafe {
            match taken {
                1 => one::<T>(&matrices, work.cast()).map_err(|failure| (0, failure)),
                _ => stacks::run::<T>(&matrices, count),
            }
        };
        result.map_err(|(lane, failure)| (next + lane, failure)).map_err(|(batch_index, failure)| match failure {
            Failure::Singular { pivot } => RunErrorKind::Singular { pivot, batch_index },
            Failure::NotPositiveDefinite { order } => RunErrorKind::NotPositiveDefinite { order, batch_index },
            Failure::NotFinite => RunErrorKind::NotFinite { batch_index },
            Failure::NoConvergence => RunErrorKind::NoConvergence { batch_index },
            Failure::NoSolution => RunErrorKind::NoSolution { batch_index },
            Failure::Index { index, size } => RunErrorKind::Index { index, size },
            Failure::TooLarge => RunErrorKind::OutOfMemory { bytes: workspace(call) },
        })?;
        next += taken;
    }
    Ok(())
}

/// Runs the routine for one matrix.
unsafe fn one<T: Scalar>(m: &Matrices<'_>, work: *mut T) -> Result<(), Failure> {
    let a: MatRef<T> = m.read(0);
    let conj = |operand: usize| m.call.operands[operand].conj;
    // SAFETY: the caller's.
    unsafe {
        match m.call.routine {
            Routine::Matmul => {
                blas::gemm_conj(a, m.read(1), m.product(), [conj(0), conj(1)]);
                Ok(())
            }
            Routine::Gram => {
                blas::gram(a, conj(0), m.product());
                Ok(())
            }
            Routine::Solve => blas::solve(a, m.read(1), m.write(0), work),
            Routine::SolveSpd => blas::solve_spd(a, m.read(1), m.write(0), work),
            Routine::Inv => blas::inv(a, m.write(0), work),
            Routine::InvSpd => blas::inv_spd(a, m.write(0), work),
            Routine::Cholesky => blas::cholesky(a, m.write(0), work),
            Routine::SolveTriangular => {
                let flags = Triangle { lower: m.call.lower, conj: conj(0), ..Triangle::default() };
                blas::solve_triangular(a, m.read(1), m.write(0), flags, work)
            }
            Routine::Qr => blas::qr(a, m.write(0), m.write(1), work),
            Routine::Det => {
                m.pointer::<T>(0).write(blas::det(a, work));
                Ok(())
            }
            Routine::Slogdet => {
                let (direction, logarithm) = blas::slogdet(a, work);
                m.pointer::<T>(0).write(direction);
                m.pointer::<T::Part>(1).write(logarithm);
                Ok(())
            }
            Routine::Eigh => blas::eigh(a, m.pointer(0), m.write(1), work),
            Routine::Eigvalsh => blas::eigvalsh(a, m.pointer(0), work),
            Routine::Eig => blas::eig(a, m.pointer(0), Some(m.pointer(1)), work),
            Routine::Eigvals => blas::eig(a, m.pointer(0), None, work),
            Routine::Svd => blas::svd(a, m.write(0), m.pointer(1), m.write(2), work),
            Routine::Svdvals => blas::svdvals(a, m.pointer(0), work),
            Routine::LuFactor => {
                blas::lu_factor(a, m.write(0), m.pointer::<i64>(1), work);
                Ok(())
            }
            Routine::Lu => {
                blas::lu(a, m.write(0), m.write(1), m.write(2), work);
                Ok(())
            }
            Routine::LuSolve => blas::lu_solve(a, m.read(1), m.read(2), m.write(0), false, work),
            Routine::LuSolveTransposed => blas::lu_solve(a, m.read(1), m.read(2), m.write(0), true, work),
            Routine::Ldl => blas::ldl(a, m.write(0), m.write(1), m.pointer::<i64>(2), work),
            Routine::Gbsv => blas::gbsv(a, m.read(1), m.read(2), m.write(0), work),
            Routine::Schur => blas::schur(a, m.write(0), m.write(1), work),
            Routine::Trsyl => blas::trsyl(a, m.read(1), m.read(2), m.write(0), work),
            Routine::Sqrtm => blas::sqrtm(a, m.write(0), work),
            Routine::Expm => blas::expm(a, m.write(0), work),
            Routine::SolveDiscreteAre => {
                blas::solve_discrete_are([a, m.read(1), m.read(2), m.read(3)], m.write(0), work)
            }
            Routine::TryInv => {
                m.pointer::<T::Part>(1).write(blas::try_inv(a, m.write(0), work));
                Ok(())
            }
            Routine::TrySolve => {
                m.pointer::<T::Part>(1).write(blas::try_solve(a, m.read(1), m.write(0), work));
                Ok(())
            }
            Routine::TryCholesky => {
                m.pointer::<i64>(1).write(blas::try_cholesky(a, m.write(0), work));
                Ok(())
            }
            Routine::Order(_) => unreachable!("run by `ordered`"),
        }
    }
}
