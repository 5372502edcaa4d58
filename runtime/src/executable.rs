//! A program that can run: its machine code, its constants, and a plan for each step.
#![allow(unsafe_code, reason = "calls machine code and BLAS on the addresses of a memory")]

use crate::blas;
use crate::call::{self, CallFn};
use crate::custom;
use crate::memory::Memory;
use crate::scatter;
use evanesce_compiler::jit::{self, Code, Fault, KernelFn};
use evanesce_compiler::pipeline::{self, Event};
use evanesce_ir::error::{Bug, RunError, RunErrorKind};
use evanesce_ir::graph::Graph;
use evanesce_ir::ids::BufferId;
use evanesce_ir::program::{Buffer, BufferKind, Call, Kernel, Program, Scatter, Step};
use evanesce_ir::tensor::Tensor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// How to compile and run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How to compile.
    pub pipeline: evanesce_compiler::Options,
    /// Threads that share the loops of a large kernel, whose bits are the same with any number; 0 and 1 are the caller's own.
    /// OpenBLAS has as many for one large matrix, of which the last bits may differ.
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
    Call { call: Box<Call>, run: CallFn, threads: usize },
    Custom(Box<custom::Plan>),
    Scatter(Box<Scatter>),
}

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
                run: call::runner(call),
                threads: call::threads(call, threads),
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
        let bytes = |step: &Step| match step {
            Step::Call(call) => call::workspace(call),
            Step::Custom(call) => custom::Plan::new(call).scratch(),
            Step::Kernel(_) | Step::Scatter(_) => 0,
        };
        let workspace = program.steps.iter().map(bytes).max().unwrap_or(0);
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
        let fail = |kind| RunError::new("memory", kind, None);
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
                    unsafe { scatter::run(scatter, dtype, &memory.pointers) }
                        .map_err(|kind| RunError::new("put", kind, scatter.loc))?;
                }
                Plan::Call { call, run, threads } => {
                    // SAFETY: verified: the matrices lie in their buffers and overlap only as the routine allows.
                    unsafe { call::run(*threads, *run, call, &memory.pointers, workspace) }
                        .map_err(|kind| RunError::new(call.op, kind, call.loc))?;
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
