//! Writes parts where they are wanted: a temporary that is only copied is written where the copy puts it.
//!
//! ```ir
//! program
//! $0: f64[3] input a
//! $1: f64[2, 3] temp
//! $2: f64[2, 6] output
//! kernel $1 <- $0 [3] {
//!   t0 = load $0[i0]
//!   store $1[i0], t0
//! }
//! kernel $1 <- $0 [3] {
//!   t0 = load $0[-i0 + 2]
//!   store $1[i0 + 3], t0
//! }
//! kernel $2 <- $1 [2, 3] {
//!   t0 = load $1[3*i0 + i1]
//!   store $2[6*i0 + i1], t0
//! }
//! kernel $2 <- $0 [2, 3] {
//!   t0 = load $0[i1]
//!   store $2[6*i0 + i1 + 3], t0
//! }
//! return $2
//! ```
//! becomes
//! ```ir
//! program
//! $0: f64[3] input a
//! $1: f64[2, 6] output
//! kernel $1 <- $0 [3] {
//!   t0 = load $0[i0]
//!   store $1[i0], t0
//! }
//! kernel $1 <- $0 [3] {
//!   t0 = load $0[-i0 + 2]
//!   store $1[i0 + 6], t0
//! }
//! kernel $1 <- $0 [2, 3] {
//!   t0 = load $0[i1]
//!   store $1[6*i0 + i1 + 3], t0
//! }
//! return $1
//! ```
//! So a concatenation of concatenations, a matrix of blocks, is written once. What one kernel writes, fusion has moved to the
//! copy already; here are temporaries that several kernels write, and the results of calls. In this way an intermediate gets
//! the layout that its reader wants: a product is written by rows or by columns, with any leading dimension, and
//! `inv(A)' = inv(A')`. What a routine cannot write so keeps its copy.

use super::fuse::{drop_unused_buffers, split, unplace};
use crate::body::{collapse, indices_of, substitute};
use evanesce_ir::ids::BufferId;
use evanesce_ir::ops::Routine;
use evanesce_ir::program::{Access, Buffer, BufferKind, Call, Kernel, Matrix, Program, Step, Stmt, Value};
use evanesce_ir::types::Shape;
use evanesce_ir::verify::{injective, product};
use std::collections::BTreeSet;

/// Kernels that may write the parts of a temporary, or of its target meanwhile: each is compared with the copy.
const PARTS: usize = 64;

/// Forwards every temporary that a copy alone reads, the last copies first: theirs are the final places.
pub fn run(mut program: Program) -> Program {
    unplace(&mut program);
    let mut touches = Touches::new(&program);
    let mut dropped = vec![false; program.steps.len()];
    for at in (0..program.steps.len()).rev() {
        let Step::Kernel(kernel) = &program.steps[at] else { continue };
        let Some(copy) = Copy::of(kernel) else { continue };
        let Some(writers) = copy.forward(&program, &touches, at) else { continue };
        touches.forget(&copy, at);
        for (writer, step) in writers {
            touches.writers[copy.from.index()].remove(&writer);
            touches.writers[copy.to.index()].insert(writer);
            program.steps[writer] = step;
        }
        dropped[at] = true;
    }
    let mut dropped = dropped.into_iter();
    program.steps.retain(|_| !dropped.next().expect("a decision for every step"));
    drop_unused_buffers(&mut program);
    program
}

/// The steps that read and write each buffer.
struct Touches {
    readers: Vec<BTreeSet<usize>>,
    writers: Vec<BTreeSet<usize>>,
}

impl Touches {
    fn new(program: &Program) -> Self {
        let count = program.buffers.len();
        let mut touches = Touches { readers: vec![BTreeSet::new(); count], writers: vec![BTreeSet::new(); count] };
        for (at, step) in program.steps.iter().enumerate() {
            step.reads(|id| {
                touches.readers[id.index()].insert(at);
            });
            step.writes(|id| {
                touches.writers[id.index()].insert(at);
            });
        }
        touches
    }

    fn forget(&mut self, copy: &Copy, at: usize) {
        self.readers[copy.from.index()].remove(&at);
        self.writers[copy.to.index()].remove(&at);
    }
}

/// A kernel that only moves elements, each to one place.
struct Copy {
    dims: Shape,
    from: BufferId,
    load: Access,
    to: BufferId,
    store: Access,
}

impl Copy {
    fn of(kernel: &Kernel) -> Option<Copy> {
        match &kernel.body[..] {
            [
                Stmt::Let { local, value: Value::Load { buffer: from, access: load }, .. },
                Stmt::Store { buffer: to, access: store, value },
            ] if local == value && from != to && !kernel.is_empty() && injective(&load.strides, &kernel.dims) => {
                Some(Copy { dims: kernel.dims.clone(), from: *from, load: load.clone(), to: *to, store: store.clone() })
            }
            _ => None,
        }
    }

    /// The steps that write the temporary, writing the target instead; `None` where that could change anything.
    fn forward(&self, program: &Program, touches: &Touches, at: usize) -> Option<Vec<(usize, Step)>> {
        let (from, to) = (program.buffer(self.from), program.buffer(self.to));
        let (writers, readers) = (&touches.writers[self.from.index()], &touches.readers[self.from.index()]);
        let only = from.is_temp() && readers.len() == 1 && writers.last().is_some_and(|&last| last < at);
        if !only || !(to.is_temp() || to.kind == BufferKind::Output) || writers.len() > PARTS {
            return None;
        }
        // From the first write on nobody may read the target, nor write what the copy writes.
        let meanwhile = *writers.first()?..at;
        let others = touches.writers[self.to.index()].range(meanwhile.clone());
        if touches.readers[self.to.index()].range(meanwhile).next().is_some()
            || others.clone().count() > PARTS
            || !others.clone().all(|&other| self.apart(&program.steps[other], to))
        {
            return None;
        }
        writers.iter().map(|&writer| Some((writer, self.redirect(&program.steps[writer], to)?))).collect()
    }

    /// Whether a step writes the target elsewhere.
    fn apart(&self, step: &Step, to: &Buffer) -> bool {
        let mut apart = true;
        let mut writes = |id: BufferId, access: &Access, dims: &[usize]| {
            apart &= id != self.to || to.disjoint((access, dims), (&self.store, &self.dims));
        };
        match step {
            Step::Kernel(kernel) => kernel.writes(writes),
            Step::Call(call) => call.results.iter().for_each(|m| writes(m.buffer, &m.access, &dims_of(call, m))),
            Step::Custom(_) | Step::Scatter(_) => return false,
        }
        apart
    }

    /// The step with its stores of the temporary made stores of the target.
    fn redirect(&self, step: &Step, to: &Buffer) -> Option<Step> {
        match step {
            Step::Kernel(kernel) => self.redirect_kernel(kernel, to).map(Step::Kernel),
            Step::Call(call) => self.redirect_call(call).map(Step::Call),
            Step::Custom(_) | Step::Scatter(_) => None,
        }
    }

    /// The call with its result in the target, in a layout that the routine can write.
    fn redirect_call(&self, call: &Call) -> Option<Call> {
        let mut call = call.clone();
        let at = call.results.iter().position(|m| m.buffer == self.from)?;
        // No two results of a call share a buffer.
        if call.results.iter().any(|m| m.buffer == self.to) {
            return None;
        }
        let (result, depth) = (&call.results[at], call.stack.len());
        let dims = dims_of(&call, result);
        let indices = indices_of(&self.load, &self.dims, &result.access, &dims)?;
        let mut access = self.store.clone();
        substitute(&mut access, &indices, dims.len());
        // A loop of one iteration moves nothing: such strides stay what in-place results compare.
        for (axis, _) in dims.iter().enumerate().filter(|(_, n)| **n == 1) {
            access.strides[axis] = result.access.strides[axis];
        }
        let m = Matrix { buffer: self.to, access, ..*result };
        let (rs, cs) = (m.access.strides[depth], m.access.strides[depth + 1]);
        let compact = |rs: isize, cs: isize, rows: usize, cols: usize| {
            (rows <= 1 || rs == cols as isize) && (cols <= 1 || cs == 1)
        };
        if matches!(call.routine, Routine::Matmul | Routine::Gram) {
            call.results[at] = m;
            return product(&call).is_ok().then_some(call);
        }
        if compact(rs, cs, m.rows, m.cols) {
            call.results[at] = m;
            return Some(call);
        }
        // The columns of an inverse are the rows of the transposed matrix's.
        if call.routine == Routine::Inv && compact(cs, rs, m.cols, m.rows) {
            call.results[at] = m;
            for m in call.results.iter_mut().chain(&mut call.operands) {
                m.access.strides.swap(depth, depth + 1);
            }
            return Some(call);
        }
        None
    }

    fn redirect_kernel(&self, kernel: &Kernel, to: &Buffer) -> Option<Kernel> {
        let mut kernel = match self.moved(kernel) {
            Some(kernel) => kernel,
            None => self.moved(&self.cut(kernel)?)?,
        };
        // The verifier must see that no two stores meet.
        let mut stores: Vec<(Access, Shape)> = Vec::new();
        let mut apart = true;
        kernel.writes(|id, access, dims| {
            if id == self.to {
                apart &= stores.iter().all(|(other, loops)| to.disjoint((other, loops), (access, dims)));
                stores.push((access.clone(), dims.into()));
            }
        });
        collapse(&mut kernel);
        apart.then_some(kernel)
    }

    fn moved(&self, kernel: &Kernel) -> Option<Kernel> {
        let mut inside = false;
        kernel.writes(|id, _, dims| inside |= id == self.from && dims.len() > kernel.dims.len());
        if inside {
            return None;
        }
        let mut kernel = kernel.clone();
        let dims = kernel.dims.clone();
        for stmt in &mut kernel.body {
            if let Stmt::Store { buffer, access, .. } = stmt
                && *buffer == self.from
            {
                let indices = indices_of(&self.load, &self.dims, access, &dims)?;
                *access = self.store.clone();
                substitute(access, &indices, dims.len());
                *buffer = self.to;
            }
        }
        Some(kernel)
    }

    /// The kernel with its innermost loop cut into rows as long as the copy's: it may have been merged from them.
    fn cut(&self, kernel: &Kernel) -> Option<Kernel> {
        let (&row, &inner) = (self.dims.last()?, kernel.dims.last()?);
        if kernel.scans() || row < 2 || inner <= row || !inner.is_multiple_of(row) {
            return None;
        }
        let mut dims: Shape = kernel.dims[..kernel.dims.len() - 1].into();
        dims.extend([inner / row, row]);
        Some(split(kernel, &dims))
    }
}

/// The ranges of the indices of a matrix in a call.
fn dims_of(call: &Call, m: &Matrix) -> Vec<usize> {
    call.stack.iter().copied().chain([m.rows, m.cols]).collect()
}
