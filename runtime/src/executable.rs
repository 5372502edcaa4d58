//! A program that can run: its machine code, its constants, and a plan for each step.
#![allow(unsafe_code, reason = "calls machine code and BLAS on the addresses of a memory")]

use crate::blas::{self, Failure, MatMut, MatRef, Real};
use crate::custom;
use crate::memory::Memory;
use crate::order;
use crate::scatter;
use evanesce_compiler::jit::{self, Code, Fault, KernelFn};
use evanesce_compiler::pipeline::{self, Event};
use evanesce_ir::error::{Bug, RunError, RunErrorKind};
use evanesce_ir::graph::Graph;
use evanesce_ir::ids::BufferId;
use evanesce_ir::ops::Routine;
use evanesce_ir::program::{Buffer, BufferKind, Call, Kernel, Matrix, Program, Scatter, Step};
use evanesce_ir::tensor::Tensor;
use evanesce_ir::types::DType;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// How to compile and run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How to compile.
    pub pipeline: evanesce_compiler::Options,
    /// Threads that share the loops of a large kernel; 0 and 1 are the caller's own. The bits are the same with any number.
    pub threads: usize,
    /// Iterations of a kernel's body from which on threads share its loop; by default [`PARALLEL`].
    pub parallel: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { pipeline: Default::default(), threads: 0, parallel: PARALLEL }
    }
}

/// Iterations of a kernel's body below which more threads cost more than they bring: starting one takes tens of
/// microseconds.
pub const PARALLEL: usize = 1 << 18;

/// A compiled program. It can run in several memories at once.
pub struct Executable {
    program: Program,
    code: Code,
    steps: Vec<Plan>,
    /// By constant buffer, its elements in row-major order.
    constants: Vec<(BufferId, Tensor)>,
    inputs: Vec<BufferId>,
    workspace: usize,
    threads: usize,
    compile_time: Duration,
}

enum Plan {
    Kernel { run: KernelFn, extent: usize, parallel: bool },
    Call { call: Box<Call>, run: CallFn },
    Custom(Box<custom::Plan>),
    Scatter(Box<Scatter>),
}

type CallFn = unsafe fn(&Call, &[*mut u8], *mut u8) -> Result<(), RunErrorKind>;

impl Executable {
    /// Compiles a verified graph; `observe` sees what each pass makes.
    ///
    /// # Errors
    /// Only a fault of the compiler's, also where it panicked.
    pub fn compile(graph: &Graph, options: &Options, observe: impl FnMut(Event<'_>)) -> Result<Executable, Bug> {
        let start = Instant::now();
        let compiled = catch_unwind(AssertUnwindSafe(|| {
            let program = pipeline::run(graph, &options.pipeline, observe)?;
            Executable::with_threads(program, options.threads, options.parallel)
        }));
        let mut executable = compiled.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let message = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_string();
            Err(Bug { stage: String::from("a panic in the compiler"), message })
        })?;
        executable.compile_time = start.elapsed();
        Ok(executable)
    }

    /// Makes the code of a program, which is placed first when its temporaries have no place.
    ///
    /// # Errors
    /// A program that breaks a rule of the verifier is a bug of whoever made it.
    pub fn new(program: Program, threads: usize) -> Result<Executable, Bug> {
        Executable::with_threads(program, threads, PARALLEL)
    }

    fn with_threads(program: Program, threads: usize, from: usize) -> Result<Executable, Bug> {
        let start = Instant::now();
        let check = |program: &Program| {
            let bug =
                |violation| Bug { stage: String::from("the pipeline"), message: format!("{violation}\n{program}") };
            evanesce_ir::verify::program(program).map_err(bug)
        };
        check(&program)?;
        let mut program = program;
        if program.arena.is_none() && program.buffers.iter().any(Buffer::is_temp) {
            program = evanesce_compiler::passes::place::run(program);
            check(&program)?;
        }
        blas::init();
        let code = jit::compile(&program)?;
        let steps = program.steps.iter().enumerate().map(|(at, step)| match step {
            Step::Kernel(kernel) => Plan::Kernel {
                run: code.kernel(at).expect("every kernel has code"),
                extent: kernel.dims.first().copied().unwrap_or(1),
                parallel: threads > 1 && kernel.divides() && work(kernel) >= from,
            },
            Step::Call(call) => Plan::Call {
                call: Box::new(call.clone()),
                run: match call.routine {
                    Routine::Order(_) => run_order,
                    _ if call.dtype == DType::F32 => run_call::<f32>,
                    _ => run_call::<f64>,
                },
            },
            Step::Custom(call) => Plan::Custom(Box::new(custom::Plan::new(call))),
            Step::Scatter(scatter) => Plan::Scatter(Box::new(scatter.clone())),
        });
        let steps = steps.collect();
        let buffers = || (0..program.buffers.len()).map(BufferId::new);
        let constants = buffers().filter_map(|id| match &program.buffer(id).kind {
            BufferKind::Constant(tensor) => Some((id, tensor.view().to_tensor())),
            _ => None,
        });
        let constants = constants.collect();
        let inputs = program.inputs().map(|(id, _)| id).collect();
        let workspace = program.steps.iter().map(workspace_of).max().unwrap_or(0);
        let compile_time = start.elapsed();
        Ok(Executable { program, code, steps, constants, inputs, workspace, threads, compile_time })
    }

    /// What it runs.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// How long it took to compile.
    pub fn compile_time(&self) -> Duration {
        self.compile_time
    }

    /// Memory to run in.
    ///
    /// # Errors
    /// [`RunErrorKind::OutOfMemory`].
    pub fn memory(&self) -> Result<Memory, RunError> {
        let fail = |kind| RunError { op: String::from("memory"), kind, loc: None };
        let arena = self.program.arena.unwrap_or(0);
        let memory = Memory::new(arena, self.workspace, self.program.buffers.len());
        let mut memory = memory.map_err(fail)?;
        let start = memory.arena();
        for (buffer, pointer) in self.program.buffers.iter().zip(&mut memory.pointers) {
            if let BufferKind::Temp(offset) = buffer.kind {
                // Only what no address space holds has no place.
                let too_large = || fail(RunErrorKind::OutOfMemory { bytes: self.program.counts().temporary_bytes });
                let offset = offset.ok_or_else(too_large)?;
                *pointer = start.wrapping_add(offset);
            }
        }
        for (id, tensor) in &self.constants {
            memory.pointers[id.index()] = tensor.view().as_ptr().cast_mut();
        }
        Ok(memory)
    }

    /// The buffers of the inputs, in the graph's order.
    pub(crate) fn inputs(&self) -> &[BufferId] {
        &self.inputs
    }

    /// Runs every step.
    ///
    /// # Errors
    /// The first step that fails. No array that the caller updates was touched then; outputs may hold anything.
    ///
    /// # Safety
    /// The memory is one of this executable's, and its table holds an address for every input and output buffer: of its
    /// first logical element, its elements at the strides of the buffer, aligned and initialised; outputs and updated
    /// inputs may be written and overlap no other buffer.
    pub(crate) unsafe fn run(&self, memory: &mut Memory) -> Result<(), RunError> {
        let workspace = memory.workspace();
        for plan in &self.steps {
            match plan {
                Plan::Kernel { run, extent, parallel: false } => {
                    let mut fault = Fault::default();
                    // SAFETY: compiled from a verified program for the buffers that the table holds.
                    if unsafe { run(memory.pointers.as_ptr(), 0, *extent, &mut fault) } != 0 {
                        return Err(self.code.error(&fault));
                    }
                }
                // SAFETY: as above; iterations of the outermost loop write different elements.
                Plan::Kernel { run, extent, .. } => unsafe { self.run_parallel(*run, *extent, memory) }?,
                Plan::Scatter(scatter) => {
                    let dtype = self.program.buffer(scatter.buffer).ty.dtype;
                    // SAFETY: verified: indices, values and every place within the sizes lie in their buffers.
                    unsafe { scatter::run(scatter, dtype, &memory.pointers) }.map_err(|kind| RunError {
                        op: String::from("put"),
                        kind,
                        loc: scatter.loc,
                    })?;
                }
                Plan::Call { call, run } => {
                    // SAFETY: verified: the matrices lie in their buffers and overlap only as the routine allows.
                    unsafe { run(call, &memory.pointers, workspace) }.map_err(|kind| RunError {
                        op: call.op.to_string(),
                        kind,
                        loc: call.loc,
                    })?;
                }
                // SAFETY: verified: the arrays lie in their buffers, and results overlap nothing.
                Plan::Custom(plan) => unsafe { plan.run(&memory.pointers, workspace) }?,
            }
        }
        Ok(())
    }

    /// # Safety
    /// As for [`run`](Self::run).
    unsafe fn run_parallel(&self, run: KernelFn, extent: usize, memory: &Memory) -> Result<(), RunError> {
        struct Table(*const *mut u8);
        // SAFETY: the table is only read, and the parts of the loop write different elements.
        unsafe impl Sync for Table {}
        let (table, parts) = (Table(memory.pointers.as_ptr()), self.threads.min(extent));
        let part = |i: usize| {
            let table = &table;
            let mut fault = Fault::default();
            // SAFETY: as for the whole loop.
            let failed = unsafe { run(table.0, i * extent / parts, (i + 1) * extent / parts, &mut fault) };
            (failed != 0).then_some(fault)
        };
        let fault = std::thread::scope(|scope| {
            let part = &part;
            let others: Vec<_> = (1..parts).map(|i| scope.spawn(move || part(i))).collect();
            // The first fault in the order of the loop, as on one thread.
            let first = part(0);
            others.into_iter().fold(first, |first, other| {
                let fault = other.join().expect("compiled code does not panic");
                first.or(fault)
            })
        });
        fault.map_or(Ok(()), |fault| Err(self.code.error(&fault)))
    }
}

/// Executions of the innermost statements.
fn work(kernel: &Kernel) -> usize {
    let (mut most, mut times) = (1, vec![kernel.len()]);
    evanesce_ir::program::walk(&kernel.body, 0, &mut |stmt, depth| {
        times.truncate(depth + 1);
        most = most.max(times[depth]);
        if let evanesce_ir::program::Stmt::Reduce { extent, .. } = stmt {
            times.push(times[depth].saturating_mul(*extent));
        }
    });
    most
}

fn workspace_of(step: &Step) -> usize {
    let call = match step {
        Step::Kernel(_) | Step::Scatter(_) => return 0,
        Step::Call(call) => call,
        Step::Custom(call) => return custom::Plan::new(call).scratch(),
    };
    let shapes: Vec<[usize; 2]> = call.operands.iter().map(|m| [m.rows, m.cols]).collect();
    match call.dtype {
        DType::F32 => blas::workspace::<f32>(call.routine, &shapes) * size_of::<f32>(),
        _ => blas::workspace::<f64>(call.routine, &shapes) * size_of::<f64>(),
    }
}

/// The matrix of a stack that begins at an element offset.
fn view<E>(m: &Matrix, pointers: &[*mut u8], offset: isize) -> MatRef<E> {
    let [.., rs, cs] = m.access.strides[..] else { unreachable!("verified: strides of rows and columns") };
    let ptr = pointers[m.buffer.index()].cast::<E>().wrapping_offset(offset).cast_const();
    MatRef { ptr, rows: m.rows, cols: m.cols, rs, cs }
}

/// Sorts or searches every row of the stack.
///
/// # Safety
/// The call is of a verified program, `pointers` are its buffers.
unsafe fn run_order(call: &Call, pointers: &[*mut u8], _work: *mut u8) -> Result<(), RunErrorKind> {
    if let Routine::Order(op) = call.routine {
        // SAFETY: the caller's.
        unsafe { order::run(op, call, pointers) };
    }
    Ok(())
}

/// Calls the routine for every matrix of the stack.
///
/// # Safety
/// The call is of a verified program, `pointers` are its buffers, `work` has the bytes of [`workspace_of`].
unsafe fn run_call<T: Real>(call: &Call, pointers: &[*mut u8], work: *mut u8) -> Result<(), RunErrorKind> {
    let depth = call.stack.len();
    let count: usize = call.stack.iter().product();
    let work = work.cast::<T>();
    for batch_index in 0..count {
        let offset = |m: &Matrix| {
            let (mut offset, mut rest) = (m.access.offset, batch_index);
            for (&stride, &n) in m.access.strides[..depth].iter().zip(&call.stack).rev() {
                offset += stride * (rest % n) as isize;
                rest /= n;
            }
            offset
        };
        let read = |i: usize| view(&call.operands[i], pointers, offset(&call.operands[i]));
        let integers = |i: usize| view(&call.operands[i], pointers, offset(&call.operands[i]));
        let write = |i: usize| {
            let m = &call.results[i];
            MatMut::row_major(pointers[m.buffer.index()].cast::<T>().wrapping_offset(offset(m)), m.rows, m.cols)
        };
        let write_integers = |i: usize| {
            let m = &call.results[i];
            pointers[m.buffer.index()].cast::<i64>().wrapping_offset(offset(m))
        };
        // SAFETY: verified matrices: in bounds, results row-major, overlapping only where the routine overwrites.
        let result = unsafe {
            match call.routine {
                Routine::Matmul => {
                    blas::gemm(read(0), read(1), write(0));
                    Ok(())
                }
                Routine::Solve => blas::solve(read(0), read(1), write(0), work),
                Routine::SolveSpd => blas::solve_spd(read(0), read(1), write(0), work),
                Routine::Inv => blas::inv(read(0), write(0), work),
                Routine::InvSpd => blas::inv_spd(read(0), write(0)),
                Routine::Cholesky => blas::cholesky(read(0), write(0)),
                Routine::SolveTriangular => {
                    blas::solve_triangular(read(0), read(1), write(0), call.lower, false, false)
                }
                Routine::Qr => blas::qr(read(0), write(0), write(1), work),
                Routine::Det => {
                    write(0).ptr.write(blas::det(read(0), work));
                    Ok(())
                }
                Routine::Slogdet => {
                    let (sign, logarithm) = blas::slogdet(read(0), work);
                    write(0).ptr.write(sign);
                    write(1).ptr.write(logarithm);
                    Ok(())
                }
                Routine::Eigh => blas::eigh(read(0), write(0).ptr, write(1), work),
                Routine::Eigvalsh => blas::eigvalsh(read(0), write(0).ptr, work),
                Routine::Svd => blas::svd(read(0), write(0), write(1).ptr, write(2), work),
                Routine::Svdvals => blas::svdvals(read(0), write(0).ptr, work),
                Routine::LuFactor => {
                    blas::lu_factor(read(0), write(0), write_integers(1), work);
                    Ok(())
                }
                Routine::Lu => {
                    blas::lu(read(0), write(0), write(1), write(2), work);
                    Ok(())
                }
                Routine::Schur => blas::schur(read(0), write(0), write(1), work),
                Routine::Trsyl => blas::trsyl(read(0), read(1), read(2), write(0), work),
                Routine::Sqrtm => blas::sqrtm(read(0), write(0), work),
                Routine::SolveDiscreteAre => {
                    blas::solve_discrete_are(read(0), read(1), read(2), read(3), write(0), work)
                }
                Routine::Expm => {
                    blas::expm(read(0), write(0), work);
                    Ok(())
                }
                Routine::Ldl => blas::ldl(read(0), write(0), write(1), write_integers(2), work),
                Routine::Gbsv => blas::gbsv(read(0), read(1), read(2), write(0), work),
                Routine::TryInv => {
                    write(1).ptr.write(blas::try_inv(read(0), write(0), work));
                    Ok(())
                }
                Routine::TrySolve => {
                    write(1).ptr.write(blas::try_solve(read(0), read(1), write(0), work));
                    Ok(())
                }
                Routine::TryCholesky => {
                    write_integers(1).write(blas::try_cholesky(read(0), write(0)));
                    Ok(())
                }
                Routine::LuSolve => blas::lu_solve(read(0), integers(1), read(2), write(0)),
                Routine::Order(_) => unreachable!("run by `run_order`"),
            }
        };
        result.map_err(|failure| match failure {
            Failure::Singular { pivot } => RunErrorKind::Singular { pivot, batch_index },
            Failure::NotPositiveDefinite { order } => RunErrorKind::NotPositiveDefinite { order, batch_index },
            Failure::NotFinite => RunErrorKind::NotFinite { batch_index },
            Failure::NoConvergence => RunErrorKind::NoConvergence { batch_index },
            Failure::NoSolution => RunErrorKind::NoSolution { batch_index },
            Failure::Index { index, size } => RunErrorKind::Index { index, size },
            Failure::TooLarge => RunErrorKind::OutOfMemory { bytes: workspace_of(&Step::Call(call.clone())) },
        })?;
    }
    Ok(())
}
