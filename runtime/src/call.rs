//! A call of a program: its routine for every matrix of a stack.
#![allow(unsafe_code, reason = "calls BLAS on the addresses of a memory")]

use crate::blas::complex::{self, ComplexNumber};
use crate::blas::{self, Failure, MatMut, MatRef, Real};
use crate::order;
use evanesce_ir::error::RunErrorKind;
use evanesce_ir::ops::Routine;
use evanesce_ir::program::{Call, Matrix};
use evanesce_ir::types::DType;
use num_complex::Complex;

/// Runs a call of a verified program.
///
/// # Safety
/// The pointers are the program's buffers, the workspace has the bytes of [`workspace`].
pub(crate) type CallFn = unsafe fn(&Call, &[*mut u8], *mut u8) -> Result<(), RunErrorKind>;

/// How a call is run.
pub(crate) fn runner(call: &Call) -> CallFn {
    match call.dtype {
        _ if matches!(call.routine, Routine::Order(_)) => ordered,
        DType::F32 => each::<Reals<f32>>,
        DType::C64 => each::<Complexes<Complex<f32>>>,
        DType::C128 => each::<Complexes<Complex<f64>>>,
        _ => each::<Reals<f64>>,
    }
}

/// Bytes of the workspace of a call.
pub(crate) fn workspace(call: &Call) -> usize {
    let shapes: Vec<[usize; 2]> = call.operands.iter().map(|m| [m.rows, m.cols]).collect();
    match call.dtype {
        _ if matches!(call.routine, Routine::Order(_)) => 0,
        DType::F32 => blas::workspace::<f32>(call.routine, &shapes) * size_of::<f32>(),
        DType::C64 | DType::C128 => complex::workspace(call.routine, &shapes) * call.dtype.size(),
        _ => blas::workspace::<f64>(call.routine, &shapes) * size_of::<f64>(),
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
struct Matrices<'c> {
    call: &'c Call,
    pointers: &'c [*mut u8],
    batch_index: usize,
}

impl Matrices<'_> {
    fn address<E>(&self, m: &Matrix) -> *mut E {
        let (mut offset, mut rest) = (m.access.offset, self.batch_index);
        let depth = self.call.stack.len();
        for (&stride, &n) in m.access.strides[..depth].iter().zip(&self.call.stack).rev() {
            offset += stride * (rest % n) as isize;
            rest /= n;
        }
        self.pointers[m.buffer.index()].cast::<E>().wrapping_offset(offset)
    }

    /// An operand of elements `E`.
    fn read<E>(&self, i: usize) -> MatRef<E> {
        let m = &self.call.operands[i];
        let [.., rs, cs] = m.access.strides[..] else { unreachable!("verified: strides of rows and columns") };
        MatRef { ptr: self.address::<E>(m).cast_const(), rows: m.rows, cols: m.cols, rs, cs }
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

/// The routines in one element type.
trait Routines {
    /// The element.
    type Element;

    /// # Safety
    /// As for [`CallFn`].
    unsafe fn run(m: &Matrices<'_>, work: *mut Self::Element) -> Result<(), Failure>;
}

unsafe fn each<R: Routines>(call: &Call, pointers: &[*mut u8], work: *mut u8) -> Result<(), RunErrorKind> {
    for batch_index in 0..call.stack.iter().product() {
        let matrices = Matrices { call, pointers, batch_index };
        // SAFETY: verified matrices: in bounds, results row-major, overlapping only where the routine overwrites.
        let result = unsafe { R::run(&matrices, work.cast()) };
        result.map_err(|failure| match failure {
            Failure::Singular { pivot } => RunErrorKind::Singular { pivot, batch_index },
            Failure::NotPositiveDefinite { order } => RunErrorKind::NotPositiveDefinite { order, batch_index },
            Failure::NotFinite => RunErrorKind::NotFinite { batch_index },
            Failure::NoConvergence => RunErrorKind::NoConvergence { batch_index },
            Failure::NoSolution => RunErrorKind::NoSolution { batch_index },
            Failure::Index { index, size } => RunErrorKind::Index { index, size },
            Failure::TooLarge => RunErrorKind::OutOfMemory { bytes: workspace(call) },
        })?;
    }
    Ok(())
}

struct Reals<T>(std::marker::PhantomData<T>);

impl<T: Real> Routines for Reals<T> {
    type Element = T;

    unsafe fn run(m: &Matrices<'_>, work: *mut T) -> Result<(), Failure> {
        let a: MatRef<T> = m.read(0);
        // SAFETY: the caller's.
        unsafe {
            match m.call.routine {
                Routine::Matmul => {
                    blas::gemm(a, m.read(1), m.product());
                    Ok(())
                }
                Routine::Solve => blas::solve(a, m.read(1), m.write(0), work),
                Routine::SolveSpd => blas::solve_spd(a, m.read(1), m.write(0), work),
                Routine::Inv => blas::inv(a, m.write(0), work),
                Routine::InvSpd => blas::inv_spd(a, m.write(0)),
                Routine::Cholesky => blas::cholesky(a, m.write(0)),
                Routine::SolveTriangular => {
                    blas::solve_triangular(a, m.read(1), m.write(0), m.call.lower, false, false)
                }
                Routine::Qr => blas::qr(a, m.write(0), m.write(1), work),
                Routine::Det => {
                    m.pointer::<T>(0).write(blas::det(a, work));
                    Ok(())
                }
                Routine::Slogdet => {
                    let (sign, logarithm) = blas::slogdet(a, work);
                    m.pointer::<T>(0).write(sign);
                    m.pointer::<T>(1).write(logarithm);
                    Ok(())
                }
                Routine::Eigh => blas::eigh(a, m.pointer(0), m.write(1), work),
                Routine::Eigvalsh => blas::eigvalsh(a, m.pointer(0), work),
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
                Routine::Schur => blas::schur(a, m.write(0), m.write(1), work),
                Routine::Trsyl => blas::trsyl(a, m.read(1), m.read(2), m.write(0), work),
                Routine::Sqrtm => blas::sqrtm(a, m.write(0), work),
                Routine::SolveDiscreteAre => {
                    blas::solve_discrete_are(a, m.read(1), m.read(2), m.read(3), m.write(0), work)
                }
                Routine::Expm => {
                    blas::expm(a, m.write(0), work);
                    Ok(())
                }
                Routine::Ldl => blas::ldl(a, m.write(0), m.write(1), m.pointer::<i64>(2), work),
                Routine::Gbsv => blas::gbsv(a, m.read(1), m.read(2), m.write(0), work),
                Routine::TryInv => {
                    m.pointer::<T>(1).write(blas::try_inv(a, m.write(0), work));
                    Ok(())
                }
                Routine::TrySolve => {
                    m.pointer::<T>(1).write(blas::try_solve(a, m.read(1), m.write(0), work));
                    Ok(())
                }
                Routine::TryCholesky => {
                    m.pointer::<i64>(1).write(blas::try_cholesky(a, m.write(0)));
                    Ok(())
                }
                Routine::LuSolve => blas::lu_solve(a, m.read(1), m.read(2), m.write(0)),
                Routine::Eig => blas::eig(a, m.pointer(0), Some(m.pointer(1)), work),
                Routine::Eigvals => blas::eig(a, m.pointer(0), None, work),
                Routine::Order(_) => unreachable!("run by `ordered`"),
            }
        }
    }
}

struct Complexes<T>(std::marker::PhantomData<T>);

impl<T: ComplexNumber> Routines for Complexes<T> {
    type Element = T;

    unsafe fn run(m: &Matrices<'_>, work: *mut T) -> Result<(), Failure> {
        let a: MatRef<T> = m.read(0);
        // SAFETY: the caller's.
        unsafe {
            match m.call.routine {
                Routine::Matmul => {
                    complex::gemm(a, m.read(1), m.product());
                    Ok(())
                }
                Routine::Solve => complex::solve(a, m.read(1), m.write(0), work),
                Routine::Inv => complex::inv(a, m.write(0), work),
                Routine::Cholesky => complex::cholesky(a, m.write(0), work),
                Routine::SolveTriangular => complex::solve_triangular(a, m.read(1), m.write(0), m.call.lower, work),
                Routine::Qr => {
                    complex::qr(a, m.write(0), m.write(1), work);
                    Ok(())
                }
                Routine::Det => {
                    m.pointer::<T>(0).write(complex::det(a, work));
                    Ok(())
                }
                Routine::Slogdet => {
                    let (direction, logarithm) = complex::slogdet(a, work);
                    m.pointer::<T>(0).write(direction);
                    m.pointer::<T::Part>(1).write(logarithm);
                    Ok(())
                }
                Routine::Eigh => complex::eigh(a, m.pointer(0), Some(m.write(1)), work),
                Routine::Eigvalsh => complex::eigh(a, m.pointer(0), None, work),
                Routine::Svd => complex::svd(a, m.pointer(1), Some((m.write(0), m.write(2))), work),
                Routine::Svdvals => complex::svd(a, m.pointer(0), None, work),
                Routine::Eig => complex::eig(a, m.pointer(0), Some(m.write(1)), work),
                Routine::Eigvals => complex::eig(a, m.pointer(0), None, work),
                other => unreachable!("verified: {other:?} has no routine for complex matrices"),
            }
        }
    }
}
