//! Complex values as two real ones.
//!
//! Complex arithmetic reached the program as arithmetic on parts, so what kernels do with complex values is to load and
//! store them, choose between them, and take them apart. In machine code a complex buffer is one of real numbers, the
//! imaginary part behind the real one, and a complex scalar is two.

use crate::body::map_args;
use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::ops::ElementwiseOp;
use evanesce_ir::program::{Access, Indexed, Kernel, Program, Step, Stmt, Value};
use evanesce_ir::types::DType;
use std::borrow::Cow;

/// The program with its kernels, and the buffers as these see them, in real numbers.
pub(crate) fn split(program: &Program) -> Cow<'_, Program> {
    let is_complex = |step: &Step| match step {
        Step::Kernel(kernel) => kernel.local_types(&program.buffers).iter().any(|dtype| dtype.is_complex()),
        Step::Call(_) | Step::Custom(_) | Step::Scatter(_) => false,
    };
    if !program.steps.iter().any(is_complex) {
        return Cow::Borrowed(program);
    }
    let mut result = program.clone();
    for step in &mut result.steps {
        if let Step::Kernel(kernel) = step {
            *kernel = Splitter::new(program, kernel).kernel(kernel);
        }
    }
    for buffer in &mut result.buffers {
        if buffer.ty.dtype.is_complex() {
            buffer.ty.dtype = buffer.ty.dtype.real();
            buffer.strides.iter_mut().for_each(|stride| *stride *= 2);
        }
    }
    Cow::Owned(result)
}

/// What a value becomes.
enum Split {
    /// What is known already.
    Known([LocalId; 2]),
    One(Value),
    Two([Value; 2]),
}

/// A part of the complex number at an access, counted in real numbers.
fn part_of(access: &Access, part: isize) -> Access {
    let strides = access.strides.iter().map(|stride| stride.wrapping_mul(2)).collect();
    Access { offset: access.offset.wrapping_mul(2).wrapping_add(part), strides }
}

struct Splitter<'p> {
    program: &'p Program,
    types: Vec<DType>,
    /// What each local has become: itself or another one, or two.
    parts: Vec<Option<[LocalId; 2]>>,
    next: usize,
}

impl<'p> Splitter<'p> {
    fn new(program: &'p Program, kernel: &Kernel) -> Self {
        let types = kernel.local_types(&program.buffers);
        let next = types.len();
        Self { program, parts: vec![None; next], types, next }
    }

    fn kernel(mut self, kernel: &Kernel) -> Kernel {
        Kernel { body: self.body(&kernel.body), ..kernel.clone() }
    }

    /// The real part, which a real scalar is.
    fn real(&self, local: LocalId) -> LocalId {
        self.parts[local.index()].map_or(local, |[re, _]| re)
    }

    fn both(&self, local: LocalId) -> [LocalId; 2] {
        self.parts[local.index()].expect("verified: a complex scalar, defined before")
    }

    fn is_complex(&self, buffer: BufferId) -> bool {
        self.program.buffer(buffer).ty.dtype.is_complex()
    }

    // Reductions nest as deep as an array has axes: recursion is bounded.
    fn body(&mut self, body: &[Stmt]) -> Vec<Stmt> {
        let mut result = Vec::with_capacity(body.len());
        for stmt in body {
            match stmt {
                Stmt::Let { local, value, loc } => match self.value(value) {
                    Split::Known(parts) => self.parts[local.index()] = Some(parts),
                    Split::One(value) => result.push(Stmt::Let { local: *local, value, loc: *loc }),
                    Split::Two(values) => {
                        let parts = values.map(|value| {
                            let part = LocalId::new(self.next);
                            self.next += 1;
                            result.push(Stmt::Let { local: part, value, loc: *loc });
                            part
                        });
                        self.parts[local.index()] = Some(parts);
                    }
                },
                Stmt::Reduce { local, op, extent, dtype, body, value } => {
                    let body = self.body(body);
                    let value = self.real(*value);
                    result.push(Stmt::Reduce { local: *local, op: *op, extent: *extent, dtype: *dtype, body, value });
                }
                Stmt::Store { buffer, access, value } if self.is_complex(*buffer) => {
                    for (part, value) in [0, 1].into_iter().zip(self.both(*value)) {
                        result.push(Stmt::Store { buffer: *buffer, access: part_of(access, part), value });
                    }
                }
                Stmt::Store { buffer, access, value } => {
                    result.push(Stmt::Store { buffer: *buffer, access: access.clone(), value: self.real(*value) });
                }
            }
        }
        result
    }

    fn value(&self, value: &Value) -> Split {
        match value {
            Value::Constant(scalar) if scalar.dtype().is_complex() => {
                let (re, im) = scalar.parts();
                Split::Two([re, im].map(Value::Constant))
            }
            Value::Load { buffer, access } if self.is_complex(*buffer) => {
                Split::Two([0, 1].map(|part| Value::Load { buffer: *buffer, access: part_of(access, part) }))
            }
            Value::Gather { buffer, access, indices, axes } if self.is_complex(*buffer) => {
                Split::Two([0, 1].map(|part| Value::Gather {
                    buffer: *buffer,
                    access: part_of(access, part),
                    indices: indices.iter().map(|index| self.real(*index)).collect(),
                    axes: axes.iter().map(|axis| Indexed { stride: axis.stride.wrapping_mul(2), ..*axis }).collect(),
                }))
            }
            Value::Elementwise { op: ElementwiseOp::Complex, args } => {
                Split::Known([self.real(args[0]), self.real(args[1])])
            }
            Value::Elementwise { op: ElementwiseOp::Real, args } => {
                let [re, _] = self.both(args[0]);
                Split::Known([re; 2])
            }
            Value::Elementwise { op: ElementwiseOp::Imag, args } => {
                let [_, im] = self.both(args[0]);
                Split::Known([im; 2])
            }
            Value::Elementwise { op: ElementwiseOp::Where, args } if self.types[args[1].index()].is_complex() => {
                let (condition, x, y) = (self.real(args[0]), self.both(args[1]), self.both(args[2]));
                let choice = |part: usize| [condition, x[part], y[part]].into_iter().collect();
                Split::Two([0, 1].map(|part| Value::Elementwise { op: ElementwiseOp::Where, args: choice(part) }))
            }
            other => {
                let mut value = other.clone();
                map_args(&mut value, &mut |arg| self.real(arg));
                Split::One(value)
            }
        }
    }
}
