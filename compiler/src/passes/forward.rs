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
//! copy already; here are temporaries that several kernels write.

use super::fuse::{drop_unused_buffers, split, unplace};
use crate::body::{collapse, indices_of, substitute};
use evanesce_ir::ids::BufferId;
use evanesce_ir::program::{Access, Buffer, BufferKind, Kernel, Program, Step, Stmt, Value};
use evanesce_ir::types::Shape;
use evanesce_ir::verify::injective;
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
        for (writer, kernel) in writers {
            touches.writers[copy.from.index()].remove(&writer);
            touches.writers[copy.to.index()].insert(writer);
            program.steps[writer] = Step::Kernel(kernel);
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

    /// The kernels that write the temporary, writing the target instead; `None` where that could change anything.
    fn forward(&self, program: &Program, touches: &Touches, at: usize) -> Option<Vec<(usize, Kernel)>> {
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
        let Step::Kernel(kernel) = step else { return false };
        let mut apart = true;
        kernel.writes(|id, access, dims| {
            apart &= id != self.to || to.disjoint((access, dims), (&self.store, &self.dims));
        });
        apart
    }

    /// The step with its stores of the temporary made stores of the target.
    fn redirect(&self, step: &Step, to: &Buffer) -> Option<Kernel> {
        let Step::Kernel(kernel) = step else { return None };
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
