//! Runs a program with compiled kernels on memory full of canaries; other steps are the interpreter's.

use evanesce_compiler::jit::{self, Code, Fault};
use evanesce_ir::ids::BufferId;
use evanesce_ir::interp::{self, Failure};
use evanesce_ir::program::{Access, Buffer, BufferKind, Program, Step};
use evanesce_ir::tensor::{Scalar, Tensor};

/// What every byte is that nobody has written.
const CANARY: u8 = 0xc5;
/// Bytes before and behind each array.
const GUARD: usize = 64;

/// The outputs of a verified program, its kernels compiled.
///
/// Panics when compiled code writes where it must not.
pub(crate) fn run(program: &Program, inputs: &[Tensor]) -> Result<Vec<Tensor>, Failure> {
    let code = jit::compile(program).map_err(Failure::Bug)?;
    let mut memory = Memory::new(program, inputs);
    for (at, step) in program.steps.iter().enumerate() {
        match step {
            Step::Kernel(kernel) => {
                let end = kernel.dims.first().copied().unwrap_or(1);
                memory.kernel(&code, at, if kernel.divides() { end / 2 } else { 0 }, end)?;
            }
            Step::Call(_) | Step::Custom(_) | Step::Scatter(_) => memory.call(step.clone())?,
        }
        memory.check(&format!("step {at}"));
    }
    Ok(program.outputs.iter().map(|&id| memory.tensor(id)).collect())
}

/// Arrays between guards.
struct Memory<'p> {
    program: &'p Program,
    /// Of every buffer: which storage, and the byte of its first logical element there.
    places: Vec<(usize, usize)>,
    storages: Vec<Vec<u8>>,
    /// Of every storage: the bytes that may be written.
    writable: Vec<Vec<bool>>,
    /// The storages after the last step.
    before: Vec<Vec<u8>>,
}

impl<'p> Memory<'p> {
    fn new(program: &'p Program, inputs: &[Tensor]) -> Self {
        let arena = program.arena.unwrap_or(0);
        let mut memory = Memory {
            program,
            places: Vec::new(),
            storages: vec![vec![CANARY; arena + 2 * GUARD]],
            writable: vec![(0..arena + 2 * GUARD).map(|at| (GUARD..GUARD + arena).contains(&at)).collect()],
            before: Vec::new(),
        };
        for (i, buffer) in program.buffers.iter().enumerate() {
            if let BufferKind::Temp(Some(offset)) = buffer.kind {
                memory.places.push((0, GUARD + offset));
                continue;
            }
            let (low, high) = buffer.range().unwrap_or((0, -1));
            let size = buffer.ty.dtype.size();
            let bytes = (high - low + 1) as usize * size + 2 * GUARD;
            memory.places.push((memory.storages.len(), GUARD + (-low) as usize * size));
            memory.storages.push(vec![CANARY; bytes]);
            memory.writable.push(vec![false; bytes]);
            let written = !matches!(buffer.kind, BufferKind::Input { donated: false, .. } | BufferKind::Constant(_));
            memory.each_element(BufferId::new(i), |memory, storage, at| {
                memory.writable[storage][at..at + size].fill(written);
            });
        }
        for ((id, _), tensor) in program.inputs().zip(inputs) {
            memory.fill(id, tensor);
        }
        for (i, buffer) in program.buffers.iter().enumerate() {
            if let BufferKind::Constant(tensor) = &buffer.kind {
                memory.fill(BufferId::new(i), tensor);
            }
        }
        memory.before = memory.storages.clone();
        memory
    }

    /// Calls `f` with the storage and the byte of every element, in row-major order.
    fn each_element(&mut self, id: BufferId, mut f: impl FnMut(&mut Self, usize, usize)) {
        let buffer = &self.program.buffers[id.index()];
        let (storage, first) = self.places[id.index()];
        let access = Access { offset: 0, strides: buffer.strides.clone() };
        let shape = &buffer.ty.shape;
        for position in 0..buffer.ty.len() {
            let mut rest = position;
            let mut index = vec![0; shape.len()];
            for axis in (0..shape.len()).rev() {
                (index[axis], rest) = (rest % shape[axis], rest / shape[axis]);
            }
            f(self, storage, (first as isize + access.at(&index) * buffer.ty.dtype.size() as isize) as usize);
        }
    }

    fn fill(&mut self, id: BufferId, tensor: &Tensor) {
        let size = tensor.dtype().size();
        let mut scalars = tensor.scalars().into_iter();
        self.each_element(id, |memory, storage, at| {
            let bits = scalars.next().expect("the input fits its buffer").bits().to_le_bytes();
            memory.storages[storage][at..at + size].copy_from_slice(&bits[..size]);
        });
    }

    fn tensor(&mut self, id: BufferId) -> Tensor {
        let ty = self.program.buffer(id).ty.clone();
        let mut scalars = Vec::new();
        self.each_element(id, |memory, storage, at| {
            let mut bits = [0; 16];
            bits[..ty.dtype.size()].copy_from_slice(&memory.storages[storage][at..at + ty.dtype.size()]);
            scalars.push(Scalar::from_bits(ty.dtype, u128::from_le_bytes(bits)));
        });
        Tensor::from_scalars(&ty, scalars)
    }

    /// Runs a kernel's outermost loop in two parts.
    fn kernel(&mut self, code: &Code, step: usize, cut: usize, end: usize) -> Result<(), Failure> {
        let kernel = code.kernel(step).expect("the step is a kernel");
        let bases: Vec<*mut u8> = self.storages.iter_mut().map(|storage| storage.as_mut_ptr()).collect();
        let buffers: Vec<*mut u8> = self.places.iter().map(|&(at, first)| bases[at].wrapping_add(first)).collect();
        let mut fault = Fault::default();
        for (start, end) in [(0, cut), (cut, end)] {
            // SAFETY: every buffer of the program has memory of its extent between guards.
            match unsafe { kernel(buffers.as_ptr(), start, end, &mut fault) } {
                0 => {}
                _ => return Err(Failure::Run(code.error(&fault))),
            }
        }
        Ok(())
    }

    /// Runs a call as a program of its own, whose inputs are the buffers as they are.
    fn call(&mut self, mut step: Step) -> Result<(), Failure> {
        let mut alone = Program::default();
        let mut inputs = Vec::new();
        let mut map: Vec<BufferId> = Vec::new();
        step.map_buffers(&mut |id| match map.iter().position(|known| *known == id) {
            Some(at) => BufferId::new(at),
            None => {
                map.push(id);
                BufferId::new(map.len() - 1)
            }
        });
        for &id in &map {
            let kind = BufferKind::Input { name: id.to_string().into(), donated: true };
            alone.push(Buffer { kind, ..self.program.buffer(id).clone() });
            inputs.push(self.tensor(id));
        }
        step.writes(|id| alone.outputs.push(id));
        alone.steps.push(step);
        let results = interp::program(&alone, &inputs)?;
        for (id, result) in alone.outputs.iter().zip(results) {
            self.fill(map[id.index()], &result);
        }
        Ok(())
    }

    /// Panics when a byte changed that may not.
    fn check(&mut self, after: &str) {
        for ((storage, before), writable) in self.storages.iter().zip(&self.before).zip(&self.writable) {
            let changed = |at: &usize| storage[*at] != before[*at] && !writable[*at];
            assert_eq!(
                (0..storage.len()).find(changed),
                None,
                "{after} wrote outside of its buffers\n{}",
                self.program
            );
        }
        self.before.clone_from(&self.storages);
    }
}
