//! The program, step by step, on bytes: temporaries that share memory share it here too, and memory nobody wrote is an error.

use super::graph::{at_batch, elementwise, index};
use super::linalg::{self, Matrix};
use super::{Failure, custom, for_each_index, room};
use crate::error::{Bug, RunError, RunErrorKind};
use crate::ids::{BufferId, LocalId};
use crate::ops::{LinalgOp, OrderOp, ReduceOp, Routine};
use crate::program::{Access, BufferKind, Call, Kernel, Program, Scatter, Step, Stmt, Value};
use crate::tensor::{Scalar, Tensor};
use crate::types::DType;

/// The outputs of a verified program for these inputs.
pub fn run(program: &Program, inputs: &[Tensor]) -> Result<Vec<Tensor>, Failure> {
    let mut memory = Memory::new(program)?;
    for ((id, _), tensor) in program.inputs().zip(inputs) {
        memory.fill(id, tensor);
    }
    for (i, buffer) in program.buffers.iter().enumerate() {
        if let BufferKind::Constant(tensor) = &buffer.kind {
            memory.fill(BufferId::new(i), tensor);
        }
    }
    for step in &program.steps {
        match step {
            Step::Kernel(kernel) => {
                let mut before: Vec<Option<Scalar>> = Vec::new();
                for_each_index(&kernel.dims, |index| {
                    if index.last() == Some(&0) {
                        before.clear();
                    }
                    let (memory, locals) = (&mut memory, Vec::new());
                    let mut scope = Scope { memory, locals, before: &before, index: index.to_vec(), kernel };
                    scope.body(&kernel.body)?;
                    before = scope.locals;
                    Ok::<(), Failure>(())
                })?;
            }
            Step::Call(call) => run_call(&mut memory, call)?,
            Step::Custom(call) => custom::step(&mut memory, call)?,
            Step::Scatter(scatter) => run_scatter(&mut memory, scatter)?,
        }
    }
    program.outputs.iter().map(|&id| memory.tensor(id)).collect()
}

fn bug(message: String) -> Failure {
    Failure::Bug(Bug { stage: String::from("the program interpreter"), message })
}

/// No op asks for memory here: the failure is the program's.
fn no_memory(kind: RunErrorKind) -> Failure {
    Failure::Run(RunError::new("program", kind, None))
}

/// Bytes with a note for each whether it was written.
pub(super) struct Memory<'p> {
    program: &'p Program,
    /// Of every buffer: which storage, and the byte of its first logical element there.
    places: Vec<(usize, usize)>,
    storages: Vec<Vec<Option<u8>>>,
}

impl<'p> Memory<'p> {
    fn new(program: &'p Program) -> Result<Self, Failure> {
        let storage = |bytes: usize| {
            let mut cells = room(bytes).map_err(no_memory)?;
            cells.resize(bytes, None);
            Ok::<_, Failure>(cells)
        };
        // Storage 0 is the arena.
        let mut storages = vec![storage(program.arena.unwrap_or(0))?];
        let mut places = Vec::with_capacity(program.buffers.len());
        for buffer in &program.buffers {
            places.push(match buffer.kind {
                BufferKind::Temp(Some(offset)) => (0, offset),
                _ => {
                    let (low, high) = buffer.range().unwrap_or((0, -1));
                    let size = buffer.ty.dtype.size();
                    storages.push(storage((high - low + 1) as usize * size)?);
                    (storages.len() - 1, (-low) as usize * size)
                }
            });
        }
        Ok(Memory { program, places, storages })
    }

    fn bytes(&mut self, id: BufferId, offset: isize) -> &mut [Option<u8>] {
        let (storage, first) = self.places[id.index()];
        let size = self.program.buffer(id).ty.dtype.size();
        let start = (first as isize + offset * size as isize) as usize;
        &mut self.storages[storage][start..start + size]
    }

    pub(super) fn load(&mut self, id: BufferId, offset: isize) -> Result<Scalar, Failure> {
        let dtype = self.program.buffer(id).ty.dtype;
        let mut bits = 0;
        for byte in self.bytes(id, offset).iter().rev() {
            let byte = byte.ok_or_else(|| bug(format!("element {offset} of {id} is read before it is written")))?;
            bits = bits << 8 | u128::from(byte);
        }
        Ok(Scalar::from_bits(dtype, bits))
    }

    pub(super) fn store(&mut self, id: BufferId, offset: isize, scalar: Scalar) {
        let bytes = scalar.bits().to_le_bytes();
        self.bytes(id, offset).iter_mut().zip(bytes).for_each(|(cell, byte)| *cell = Some(byte));
    }

    fn fill(&mut self, id: BufferId, tensor: &Tensor) {
        let all = Access { offset: 0, strides: self.program.buffer(id).strides.clone() };
        let mut scalars = tensor.scalars().into_iter();
        let Ok(()) = for_each_index(tensor.shape(), |index| {
            self.store(id, all.at(index), scalars.next().expect("as many scalars as indices"));
            Ok::<(), std::convert::Infallible>(())
        });
    }

    fn tensor(&mut self, id: BufferId) -> Result<Tensor, Failure> {
        let buffer = self.program.buffer(id);
        let all = Access { offset: 0, strides: buffer.strides.clone() };
        let mut scalars = room(buffer.ty.len()).map_err(no_memory)?;
        for_each_index(&buffer.ty.shape, |index| {
            scalars.push(self.load(id, all.at(index))?);
            Ok(())
        })?;
        Ok(Tensor::from_scalars(&buffer.ty, scalars))
    }
}

/// One execution of a kernel's body.
struct Scope<'m, 'p> {
    memory: &'m mut Memory<'p>,
    locals: Vec<Option<Scalar>>,
    /// The locals of the iteration before, in the innermost loop; none in its first.
    before: &'m [Option<Scalar>],
    index: Vec<usize>,
    kernel: &'p Kernel,
}

impl Scope<'_, '_> {
    fn get(&self, local: LocalId) -> Scalar {
        self.locals[local.index()].expect("verified: defined before use")
    }

    fn set(&mut self, local: LocalId, scalar: Scalar) {
        if self.locals.len() <= local.index() {
            self.locals.resize(local.index() + 1, None);
        }
        self.locals[local.index()] = Some(scalar);
    }

    // Reductions nest as deep as an array has axes: recursion is bounded.
    fn body(&mut self, body: &[Stmt]) -> Result<(), Failure> {
        for stmt in body {
            match stmt {
                Stmt::Let { local, value: Value::Scan { op, arg }, loc } => {
                    let element = self.get(*arg);
                    let scalar = match self.before.get(local.index()) {
                        Some(Some(before)) => {
                            let fail = |kind| RunError::new("accumulate", kind, *loc);
                            elementwise(*op, &[*before, element]).map_err(|kind| Failure::Run(fail(kind)))?
                        }
                        _ => element,
                    };
                    self.set(*local, scalar);
                }
                Stmt::Let { local, value, loc } => {
                    let scalar = self.value(value, *loc)?;
                    self.set(*local, scalar);
                }
                Stmt::Reduce { local, op, extent, dtype, body, value } => {
                    let scalar = self.reduce(*op, *extent, *dtype, body, *value)?;
                    self.set(*local, scalar);
                }
                Stmt::Store { buffer, access, value } => {
                    let (offset, scalar) = (access.at(&self.index), self.get(*value));
                    self.memory.store(*buffer, offset, scalar);
                }
            }
        }
        Ok(())
    }

    fn reduce(
        &mut self,
        op: ReduceOp,
        extent: usize,
        dtype: DType,
        body: &[Stmt],
        value: LocalId,
    ) -> Result<Scalar, Failure> {
        let mut elements = room(extent).map_err(no_memory)?;
        for i in 0..extent {
            self.index.push(i);
            self.body(body)?;
            self.index.pop();
            elements.push(self.get(value));
        }
        match extent {
            0 => op.identity(dtype).ok_or_else(|| bug(format!("an empty {} in {:?}", op.name(), self.kernel.dims))),
            _ => Ok(op.eval(extent, |i| elements[i])),
        }
    }

    fn value(&mut self, value: &Value, loc: Option<crate::error::Loc>) -> Result<Scalar, Failure> {
        let fail = |op: &str, kind| Failure::Run(RunError::new(op, kind, loc));
        match value {
            Value::Constant(scalar) => Ok(*scalar),
            Value::Load { buffer, access } => self.memory.load(*buffer, access.at(&self.index)),
            Value::Gather { buffer, access, indices, axes } => {
                let mut offset = access.at(&self.index);
                for (local, axis) in indices.iter().zip(axes) {
                    let taken = index(self.get(*local), axis.size).map_err(|kind| fail("take", kind))?;
                    offset += axis.stride * taken as isize;
                }
                self.memory.load(*buffer, offset)
            }
            Value::Elementwise { op, args } => {
                let args: Vec<Scalar> = args.iter().map(|&arg| self.get(arg)).collect();
                elementwise(*op, &args).map_err(|kind| fail(op.name(), kind))
            }
            Value::Cast { dtype, arg } => Ok(self.get(*arg).cast(*dtype)),
            Value::Scan { .. } => Err(bug(String::from("a scan in a reduction"))),
        }
    }
}

/// Sorts or searches every row of a stack.
fn run_order(memory: &mut Memory<'_>, call: &Call, op: OrderOp) -> Result<(), Failure> {
    for_each_index(&call.stack, |stack| {
        let place = |m: &crate::program::Matrix, i: usize| m.access.at(&[stack, &[0, i]].concat());
        let mut rows = Vec::new();
        for m in &call.operands {
            let row = (0..m.cols).map(|i| memory.load(m.buffer, place(m, i)));
            rows.push(row.collect::<Result<Vec<Scalar>, Failure>>()?);
        }
        let result = &call.results[0];
        let fail = |kind| Failure::Run(RunError::new(call.op, kind, call.loc));
        for (i, scalar) in op.eval(&rows).map_err(fail)?.into_iter().enumerate() {
            memory.store(result.buffer, place(result, i), scalar);
        }
        Ok(())
    })
}

/// Every index is checked before the first element is written.
fn run_scatter(memory: &mut Memory<'_>, scatter: &Scatter) -> Result<(), Failure> {
    let fail = |kind| Failure::Run(RunError::new("put", kind, scatter.loc));
    let mut offsets = Vec::new();
    for_each_index(&scatter.dims, |loops| {
        let mut offset = scatter.access.at(loops);
        for (buffer, access, axis) in &scatter.indices {
            let taken = index(memory.load(*buffer, access.at(loops))?, axis.size).map_err(fail)?;
            offset += axis.stride * taken as isize;
        }
        offsets.push(offset);
        Ok(())
    })?;
    let mut offsets = offsets.into_iter();
    for_each_index(&scatter.dims, |loops| {
        let offset = offsets.next().expect("as many places as iterations");
        let mut value = memory.load(scatter.value.0, scatter.value.1.at(loops))?;
        let old = memory.load(scatter.buffer, offset)?;
        if let Some(op) = scatter.op {
            value = elementwise(op, &[old, value][..op.arity()]).map_err(fail)?;
        }
        memory.store(scatter.buffer, offset, value);
        Ok(())
    })
}

fn run_call(memory: &mut Memory<'_>, call: &Call) -> Result<(), Failure> {
    if let Routine::Order(op) = call.routine {
        return run_order(memory, call, op);
    }
    let op = call.evaluates().ok_or_else(|| bug(format!("the matrices of {} do not fit", call.op)))?;
    let mut batch_index = 0;
    for_each_index(&call.stack, |stack| {
        let fail = |kind| {
            let kind = at_batch(kind, batch_index);
            Failure::Run(RunError::new(call.op, kind, call.loc))
        };
        let mut operands = Vec::new();
        for m in &call.operands {
            let mut data = room(m.rows.saturating_mul(m.cols)).map_err(fail)?;
            for_each_index(&[m.rows, m.cols], |core| {
                match memory.load(m.buffer, m.access.at(&[stack, core].concat()))?.cast(DType::C128) {
                    Scalar::C128(z) => data.push(if m.conj { z.conj() } else { z }),
                    _ => unreachable!("cast to c128"),
                }
                Ok(())
            })?;
            operands.push(Matrix { rows: m.rows, cols: m.cols, data });
        }
        if matches!(call.routine, Routine::SolveSpd | Routine::InvSpd) {
            // The symmetric routines read one triangle and insist on a positive definite matrix.
            linalg::eval(LinalgOp::Cholesky, true, call.dtype, &operands[..1]).map_err(fail)?;
        }
        let results = linalg::eval(op, call.lower, call.dtype, &operands).map_err(fail)?;
        for (m, result) in call.results.iter().zip(results) {
            let mut scalars = result.data.into_iter();
            let dtype = memory.program.buffer(m.buffer).ty.dtype;
            for_each_index(&[m.rows, m.cols], |core| {
                let scalar = Scalar::C128(scalars.next().expect("a full result")).cast(dtype);
                memory.store(m.buffer, m.access.at(&[stack, core].concat()), scalar);
                Ok::<(), Failure>(())
            })?;
        }
        batch_index += 1;
        Ok(())
    })
}
