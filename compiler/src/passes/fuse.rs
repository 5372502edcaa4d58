//! Fuses kernels: a temporary that one kernel writes and another reads becomes a scalar of one loop nest.
//!
//! ```ir
//! program
//! $0: f64[1000] input a
//! $1: f64[1000] temp
//! $2: f64[1000] output
//! kernel $1 <- $0 [1000] {
//!   t0 = load $0[i0]
//!   t1 = multiply t0, t0
//!   store $1[i0], t1
//! }
//! kernel $2 <- $1 [1000] {
//!   t0 = load $1[i0]
//!   t1 = sqrt t0
//!   store $2[i0], t1
//! }
//! return $2
//! ```
//! becomes
//! ```ir
//! program
//! $0: f64[1000] input a
//! $1: f64[1000] output
//! kernel $1 <- $0 [1000] {
//!   t0 = load $0[i0]
//!   t1 = multiply t0, t0
//!   t2 = sqrt t1
//!   store $1[i0], t2
//! }
//! return $1
//! ```
//! There are two ways. Kernels of equal loops whose accesses to the temporary agree are joined, statement after statement;
//! so are kernels whose loops become equal when one of them is cut, as `[800]` into `[8, 100]`.
//! Otherwise the producer's body moves to the reader's load, its indices substituted; that happens only where nothing is
//! computed more often than before, or what is repeated is cheaper than a load and a store.
//! What may fail moves only where all of it is computed. A kernel never moves past a write of what it touches.

use crate::body::{
    collapse, fails, indices_of, local_count, map_accesses, map_locals, size, store_to, substitute, tidy,
};
use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::ops::elementwise::Lowering;
use evanesce_ir::program::{Access, Buffer, BufferKind, Kernel, Program, Step, Stmt, Touch, Value, walk};
use evanesce_ir::types::{Shape, Strides};
use evanesce_ir::verify::injective;
use smallvec::SmallVec;
use std::collections::BTreeSet;

/// Statements of the largest body that fusion makes: beyond, registers and compile time are lost and no memory is saved.
pub const BODY_LIMIT: usize = 512;
/// Iterations of an inner loop too short for vectors.
const SHORT_LOOP: usize = 16;
/// Elements of a nest that is short as a whole.
const FEW_ELEMENTS: usize = 1024;
/// Scalar ops that may be repeated to save a temporary.
const CHEAP_OPS: usize = 2;

/// Fuses every kernel into its reader where that is allowed.
pub fn run(mut program: Program) -> Program {
    for step in &mut program.steps {
        if let Step::Kernel(kernel) = step {
            collapse(kernel);
        }
    }
    let mut fuser = Fuser::new(program);
    for at in 0..fuser.steps.len() {
        fuser.consume(at);
    }
    fuser.finish()
}

/// Takes every temporary out of the arena: steps that move change lives, and so who may share memory.
pub(super) fn unplace(program: &mut Program) {
    program.arena = None;
    for buffer in &mut program.buffers {
        if buffer.is_temp() {
            buffer.kind = BufferKind::Temp(None);
        }
    }
}

/// Removes buffers of the program's own and constants that no step touches, and renumbers the rest.
pub fn drop_unused_buffers(program: &mut Program) {
    let lives = program.lifetimes();
    let mut map = vec![BufferId::new(0); program.buffers.len()];
    let mut kept = Vec::with_capacity(program.buffers.len());
    for (i, buffer) in std::mem::take(&mut program.buffers).into_iter().enumerate() {
        let own = matches!(buffer.kind, BufferKind::Temp(_) | BufferKind::Constant(_));
        let replaced = buffer.kind == BufferKind::Output && !program.outputs.contains(&BufferId::new(i));
        if lives[i].is_some() || !(own || replaced) {
            map[i] = BufferId::new(kept.len());
            kept.push(buffer);
        }
    }
    program.buffers = kept;
    program.steps.iter_mut().for_each(|step| step.map_buffers(&mut |id| map[id.index()]));
    program.outputs.iter_mut().for_each(|id| *id = map[id.index()]);
}

/// Steps with who writes and who reads each buffer, while kernels are joined.
pub(super) struct Fuser {
    pub(super) program: Program,
    steps: Vec<Option<Step>>,
    /// Statements and locals of each kernel, to join without counting again.
    pub(super) sizes: Vec<(usize, usize)>,
    changed: Vec<bool>,
    /// The step that writes a buffer, when there is one.
    pub(super) writers: Vec<SmallVec<[usize; 1]>>,
    /// The steps that read a buffer: sets, since a buffer may be read by all of a million steps.
    readers: Vec<BTreeSet<usize>>,
}

impl Fuser {
    pub(super) fn new(mut program: Program) -> Self {
        unplace(&mut program);
        let steps: Vec<Option<Step>> = std::mem::take(&mut program.steps).into_iter().map(Some).collect();
        let (mut writers, mut readers) =
            (vec![SmallVec::new(); program.buffers.len()], vec![BTreeSet::new(); program.buffers.len()]);
        let mut sizes = Vec::with_capacity(steps.len());
        for (at, step) in steps.iter().flatten().enumerate() {
            note(step, at, &mut writers, &mut readers);
            sizes.push(match step {
                Step::Kernel(kernel) => (size(&kernel.body), local_count(&kernel.body)),
                Step::Call(_) | Step::Custom(_) | Step::Scatter(_) => (0, 0),
            });
        }
        let changed = vec![false; steps.len()];
        Self { program, steps, sizes, changed, writers, readers }
    }

    pub(super) fn kernel(&self, at: usize) -> Option<&Kernel> {
        match &self.steps[at] {
            Some(Step::Kernel(kernel)) => Some(kernel),
            _ => None,
        }
    }

    /// Fuses what the kernel at a step reads into it, until nothing more can be.
    fn consume(&mut self, at: usize) {
        // Inputs are written last, by updates: moving a read past such a write would change it.
        let Some(kernel) = self.kernel(at) else { return };
        if self.writes_input(kernel) {
            return;
        }
        let mut pending: Vec<BufferId> = Vec::new();
        kernel.reads(|id, _, _| pending.push(id));
        while let Some(id) = pending.pop() {
            let &[from] = &self.writers[id.index()][..] else { continue };
            if !self.program.buffer(id).is_temp() && !matches!(self.program.buffer(id).kind, BufferKind::Output) {
                continue;
            }
            if from >= at || self.kernel(from).is_none_or(|k| self.writes_input(k)) {
                continue;
            }
            if self.join(from, at) || self.inline(from, at, id) {
                // What the producer read is now read here.
                self.kernel(at).expect("still a kernel").reads(|id, _, _| {
                    if self.writers[id.index()].len() == 1 && !pending.contains(&id) {
                        pending.push(id);
                    }
                });
            }
        }
    }

    pub(super) fn writes_input(&self, kernel: &Kernel) -> bool {
        let mut found = false;
        kernel.writes(|id, _, _| found |= matches!(self.program.buffer(id).kind, BufferKind::Input { .. }));
        found
    }

    /// Whether a step can move down to a later one: nothing between reads what it writes, or writes what it touches.
    pub(super) fn can_sink(&self, from: usize, at: usize) -> bool {
        let mut free = self.reads_last(from, at);
        self.kernel(from).expect("a kernel").writes(|id, _, _| {
            free &= self.readers[id.index()].first().is_none_or(|&reader| reader >= at);
            free &= !self.writers[id.index()].iter().any(|&writer| from < writer && writer < at);
        });
        free
    }

    /// Whether what a step reads stays the same up to a later one.
    fn reads_last(&self, from: usize, at: usize) -> bool {
        let mut last = true;
        self.kernel(from).expect("a kernel").reads(|id, _, _| {
            last &= !self.writers[id.index()].iter().any(|&writer| from < writer && writer < at);
        });
        last
    }

    /// Joins two kernels of equal loops, the reader's loads of what the producer stores forwarded.
    fn join(&mut self, from: usize, at: usize) -> bool {
        let (Some(producer), Some(reader)) = (self.kernel(from), self.kernel(at)) else { return false };
        if self.sizes[from].0 + self.sizes[at].0 > BODY_LIMIT
            || !self.can_sink(from, at)
            || kept_apart(producer, reader)
        {
            return false;
        }
        if producer.dims == reader.dims {
            if !agrees(&self.program.buffers, producer, reader) {
                return false;
            }
        } else {
            // The same elements in the same order, but one of them in fewer loops.
            let Some(dims) = refinement(&producer.dims, &reader.dims) else { return false };
            if [producer, reader].iter().any(|kernel| kernel.scans() && kernel.dims.last() != dims.last()) {
                return false;
            }
            let (producer, reader) = (split(producer, &dims), split(reader, &dims));
            if !agrees(&self.program.buffers, &producer, &reader) {
                return false;
            }
            self.steps[from] = Some(Step::Kernel(producer));
            self.steps[at] = Some(Step::Kernel(reader));
        }
        self.join_kernels(from, at, at);
        true
    }

    /// Joins two kernels, in order, as the step `to`.
    fn join_kernels(&mut self, from: usize, at: usize, to: usize) {
        let (mut first, second) = (self.take(from), self.take(at));
        let shift = self.sizes[from].1;
        let mut body = second.body;
        map_locals(&mut body, &mut |l| LocalId::new(l.index() + shift));
        // Loads of what is stored become the stored scalars. Stores of temporaries that nobody else reads go.
        let stored = first.body.iter().filter_map(|stmt| match stmt {
            Stmt::Store { buffer, access, value } => Some((*buffer, access.clone(), *value)),
            _ => None,
        });
        let stored: Vec<(BufferId, Access, LocalId)> = stored.collect();
        if !stored.is_empty() {
            let mut forward: Vec<(LocalId, LocalId)> = Vec::new();
            forward_loads(&mut body, &stored, &mut forward);
            if !forward.is_empty() {
                forward.sort_unstable();
                map_locals(&mut body, &mut |l| match forward.binary_search_by_key(&l, |(from, _)| *from) {
                    Ok(found) => forward[found].1,
                    Err(_) => l,
                });
            }
        }
        let needed = |id: BufferId| !self.program.buffer(id).is_temp() || !self.readers[id.index()].is_empty();
        retain_stores(&mut first.body, &needed);
        first.body.append(&mut body);
        // Moving what was moved is one move.
        first.copy = second.copy.filter(|_| first.copy.is_some());
        self.sizes[to] = (self.sizes[from].0 + self.sizes[at].0, shift + self.sizes[at].1);
        self.put(to, first);
    }

    /// Joins two kernels of equal loops that share a read, write parts of one buffer, or have no loops; which step they are then.
    pub(super) fn join_siblings(&mut self, from: usize, at: usize) -> Option<usize> {
        let (first, second) = (self.kernel(from)?, self.kernel(at)?);
        let (mut reads, mut writes): (Vec<BufferId>, Vec<BufferId>) = (Vec::new(), Vec::new());
        first.reads(|id, _, _| reads.push(id));
        first.writes(|id, _, _| writes.push(id));
        let mut shares = first.dims.is_empty();
        second.reads(|id, _, _| shares |= reads.contains(&id));
        second.writes(|id, _, _| shares |= writes.contains(&id));
        let fits = self.sizes[from].0 + self.sizes[at].0 <= BODY_LIMIT;
        if !shares
            || !fits
            || first.scans() != second.scans()
            || self.writes_input(first)
            || self.writes_input(second)
            || !agrees(&self.program.buffers, first, second)
        {
            return None;
        }
        let to = if self.can_sink(from, at) {
            at
        } else if self.can_rise(at, from) {
            from
        } else {
            return None;
        };
        self.join_kernels(from, at, to);
        Some(to)
    }

    /// Whether a step can move up to an earlier one: all it reads is written there, and nothing between touches what it
    /// writes.
    fn can_rise(&self, at: usize, to: usize) -> bool {
        let between = |step: &usize| to < *step && *step < at;
        let mut free = true;
        let kernel = self.kernel(at).expect("a kernel");
        kernel.reads(|id, _, _| free &= !self.writers[id.index()].iter().any(between));
        kernel.writes(|id, _, _| {
            free &= !self.writers[id.index()].iter().any(between) && !self.readers[id.index()].iter().any(between);
        });
        free
    }

    /// The loops of the kernel at a step.
    pub(super) fn dims(&self, at: usize) -> Option<&Shape> {
        self.kernel(at).map(|kernel| &kernel.dims)
    }

    /// Number of steps, fused ones included.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// Forgets what a kernel reads and writes.
    fn forget(&mut self, kernel: &Kernel, at: usize) {
        kernel.reads(|id, _, _| {
            self.readers[id.index()].remove(&at);
        });
        kernel.writes(|id, _, _| self.writers[id.index()].retain(|writer| *writer != at));
    }

    /// Takes a kernel out of the steps.
    pub(super) fn take(&mut self, at: usize) -> Kernel {
        let Some(Step::Kernel(kernel)) = self.steps[at].take() else { unreachable!("a kernel") };
        self.forget(&kernel, at);
        kernel
    }

    /// Puts a kernel where none is.
    pub(super) fn put(&mut self, at: usize, kernel: Kernel) {
        let step = Step::Kernel(kernel);
        note(&step, at, &mut self.writers, &mut self.readers);
        self.steps[at] = Some(step);
        self.changed[at] = true;
    }

    /// Moves the producer of a buffer to where the reader loads it.
    fn inline(&mut self, from: usize, at: usize, id: BufferId) -> bool {
        let (Some(producer), Some(reader)) = (self.kernel(from), self.kernel(at)) else { return false };
        // What a scan gives at one index is made of all before.
        if !self.program.buffer(id).is_temp()
            || !self.reads_last(from, at + 1)
            || producer.scans()
            || producer.stores_inside()
            || kept_apart(producer, reader)
        {
            return false;
        }
        let Some((store, _)) = store_to(producer, id) else { return false };
        let stores = producer.body.iter().filter(|stmt| as_store(stmt).is_some()).count();
        let (mut loads, mut executions) = (Vec::new(), 0);
        let mut extents: Vec<usize> = reader.dims.to_vec();
        let depth = reader.dims.len();
        walk(&reader.body, depth, &mut |stmt, d| {
            extents.truncate(d);
            match stmt {
                Stmt::Let { value: Value::Load { buffer, access }, .. } if *buffer == id => {
                    executions += extents.iter().product::<usize>();
                    loads.push((access.clone(), extents.clone()));
                }
                Stmt::Reduce { extent, .. } => extents.push(*extent),
                _ => {}
            }
        });
        let only = stores == 1 && self.readers[id.index()].len() == 1;
        let free = only && executions <= producer.len();
        // What may fail must be computed whole, or it would fail less often.
        let whole = match &loads[..] {
            [(access, loops)] => executions == producer.len() && injective(&access.strides, loops),
            _ => false,
        };
        if !whole && may_fail(producer) {
            return false;
        }
        let growth = self.sizes[from].0 * loads.len();
        // A gather is at an index nobody knows.
        if reader.gathers(id)
            || loads.is_empty()
            || !(free || cheap(producer))
            || self.sizes[at].0 + growth > BODY_LIMIT
        {
            return false;
        }
        let maps: Option<Vec<_>> =
            loads.iter().map(|(access, loops)| indices_of(store, &producer.dims, access, loops)).collect();
        let Some(maps) = maps else { return false };
        let producer = producer.clone();
        let mut reader = self.take(at);
        let mut splice = Splice { id, producer: &producer, maps: maps.into_iter(), next: self.sizes[at].1 };
        let mut forward = Vec::new();
        splice.body(&mut reader.body, depth, &mut forward);
        forward.sort_unstable();
        map_locals(&mut reader.body, &mut |l| match forward.binary_search_by_key(&l, |(from, _)| *from) {
            Ok(found) => forward[found].1,
            Err(_) => l,
        });
        self.sizes[at] = (self.sizes[at].0 + growth, splice.next);
        reader.copy = reader.copy.filter(|_| producer.copy.is_some());
        self.put(at, reader);
        if self.readers[id.index()].is_empty() {
            self.remove_store(from, id);
        }
        true
    }

    /// Drops a store that nobody reads, and the kernel with it when it was the last.
    fn remove_store(&mut self, from: usize, id: BufferId) {
        let mut kernel = self.take(from);
        kernel.body.retain(|stmt| as_store(stmt).is_none_or(|(to, _)| to != id));
        if kernel.body.iter().any(|stmt| as_store(stmt).is_some()) {
            self.put(from, kernel);
        }
    }

    pub(super) fn finish(mut self) -> Program {
        for (step, changed) in self.steps.iter_mut().zip(&self.changed) {
            if let (Some(Step::Kernel(kernel)), true) = (step, changed) {
                tidy(kernel, &self.program.buffers);
                collapse(kernel);
            }
        }
        self.program.steps = self.steps.into_iter().flatten().collect();
        drop_unused_buffers(&mut self.program);
        self.program
    }
}

fn note(step: &Step, at: usize, writers: &mut [SmallVec<[usize; 1]>], readers: &mut [BTreeSet<usize>]) {
    step.writes(|id| {
        let writers = &mut writers[id.index()];
        if !writers.contains(&at) {
            writers.push(at);
        }
    });
    step.reads(|id| {
        readers[id.index()].insert(at);
    });
}

/// Drops the stores, in reductions too, of buffers that are not `needed`.
fn retain_stores(body: &mut Vec<Stmt>, needed: &impl Fn(BufferId) -> bool) {
    body.retain_mut(|stmt| match stmt {
        Stmt::Store { buffer, .. } => needed(*buffer),
        Stmt::Reduce { body, .. } => {
            retain_stores(body, needed);
            true
        }
        Stmt::Let { .. } => true,
    });
}

pub(super) fn as_store(stmt: &Stmt) -> Option<(BufferId, LocalId)> {
    match stmt {
        Stmt::Store { buffer, value, .. } => Some((*buffer, *value)),
        _ => None,
    }
}

/// The fewest loops from which both nests can be made by merging neighbours. Loops that would be cut short are kept whole
/// unless little is computed: vectors need long inner loops.
fn refinement(a: &[usize], b: &[usize]) -> Option<Shape> {
    if a.iter().product::<usize>() != b.iter().product() {
        return None;
    }
    let (mut a, mut b) = (a.to_vec(), b.to_vec());
    let mut inner_first = Shape::new();
    while let (Some(&x), Some(&y)) = (a.last(), b.last()) {
        a.pop();
        b.pop();
        let (small, large) = (x.min(y), x.max(y));
        if small == 0 || large % small != 0 {
            return None;
        }
        inner_first.push(small);
        if x > y {
            a.push(x / y);
        } else if y > x {
            b.push(y / x);
        }
    }
    let elements: usize = inner_first.iter().product();
    let long = inner_first.first().is_some_and(|&inner| inner >= SHORT_LOOP) || elements <= FEW_ELEMENTS;
    inner_first.reverse();
    (a.is_empty() && b.is_empty() && long).then_some(inner_first)
}

/// The kernel with its loops cut into those of a refinement.
pub(super) fn split(kernel: &Kernel, dims: &[usize]) -> Kernel {
    let mut kernel = kernel.clone();
    // Of each new loop, the old one and how far it steps there.
    let mut steps: Vec<(usize, isize)> = Vec::with_capacity(dims.len());
    let mut rest = dims.iter().rev();
    for (old, &n) in kernel.dims.iter().enumerate().rev() {
        let mut step = 1;
        while step < n {
            steps.push((old, step as isize));
            step *= rest.next().expect("a refinement covers every loop");
        }
    }
    steps.reverse();
    let depth = kernel.dims.len();
    map_accesses(&mut kernel.body, &mut |access| {
        let mut strides: Strides = steps.iter().map(|&(old, step)| access.strides[old] * step).collect();
        strides.extend_from_slice(&access.strides[depth..]);
        access.strides = strides;
    });
    kernel.dims = dims.into();
    kernel
}

/// Whether a load, in a reduction or not, is of the element that the store of the same iteration writes.
fn own_element(load: &Access, store: &Access) -> bool {
    let (own, nested) = load.strides.split_at(store.strides.len());
    load.offset == store.offset && own == &store.strides[..] && nested.iter().all(|stride| *stride == 0)
}

/// Whether every reduction walks elements that lie nearer to each other than those of neighbouring iterations. Rows stay near
/// for the next reduction over them; columns are better reduced one after another, several at once.
fn walks_rows(kernel: &Kernel) -> bool {
    let (mut rows, loops) = (true, kernel.dims.len());
    walk(&kernel.body, loops, &mut |stmt, depth| {
        if let Stmt::Let { value: Value::Load { access, .. }, .. } = stmt
            && depth > loops
        {
            let step = access.strides[depth - 1].unsigned_abs();
            rows &= access.strides[..loops].iter().all(|stride| *stride == 0 || stride.unsigned_abs() >= step);
        }
    });
    rows
}

/// Removes the loads of what is stored, in reductions too, and notes the scalars they become.
fn forward_loads(body: &mut Vec<Stmt>, stored: &[(BufferId, Access, LocalId)], forward: &mut Vec<(LocalId, LocalId)>) {
    body.retain_mut(|stmt| match stmt {
        Stmt::Let { local, value: Value::Load { buffer, access }, .. } => {
            match stored.iter().find(|(id, store, _)| id == buffer && own_element(access, store)) {
                Some((.., value)) => {
                    forward.push((*local, *value));
                    false
                }
                None => true,
            }
        }
        Stmt::Reduce { body, .. } => {
            forward_loads(body, stored, forward);
            true
        }
        _ => true,
    });
}

/// Whether a later kernel of the same loops may follow in the body of an earlier one: it reads what that stores only at the
/// element of its own iteration, stores elsewhere, and stores what that reads only at the element of its own iteration.
fn agrees(buffers: &[Buffer], earlier: &Kernel, later: &Kernel) -> bool {
    let loops = earlier.dims.len();
    let mut before: Vec<(Access, Shape, BufferId, bool)> = Vec::new();
    earlier.touches(|t| before.push((t.access.clone(), t.dims.into(), t.buffer, t.writes)));
    let rows = || walks_rows(earlier) && walks_rows(later);
    let mut agrees = true;
    later.touches(|Touch { buffer, access, dims, writes }| {
        let apart = |other: &Access, loops: &Shape| buffers[buffer.index()].disjoint((other, loops), (access, dims));
        let mut of = before.iter().filter(|(_, _, id, wrote)| *id == buffer && (*wrote || writes));
        agrees &= if writes {
            of.all(|(other, loops, _, wrote)| apart(other, loops) || (!wrote && other == access && loops[..] == *dims))
        } else if dims.len() > loops {
            // Ranges of nested loops are not looked at: there one store is all there may be.
            match of.next() {
                Some((store, around, ..)) => {
                    around.len() == loops && own_element(access, store) && of.next().is_none() && rows()
                }
                None => true,
            }
        } else {
            let own = |(store, around, ..): &&(Access, Shape, BufferId, bool)| {
                around.len() == loops && own_element(access, store)
            };
            let (mine, others): (Vec<_>, Vec<_>) = of.partition(own);
            mine.len() + others.len() == 0
                || (mine.len() == 1 && others.iter().all(|(store, around, ..)| apart(store, around)))
        };
    });
    agrees && !gathers_what_is_stored(earlier, later)
}

/// Whether one of two kernels gathers from what the other stores.
fn gathers_what_is_stored(a: &Kernel, b: &Kernel) -> bool {
    let mut found = false;
    for (gatherer, storer) in [(a, b), (b, a)] {
        storer.writes(|id, _, _| found |= gatherer.gathers(id));
    }
    found
}

/// Whether one of two kernels scans and the other has what a loop in order slows: ops that are called for in blocks, and
/// reductions, which vectors and threads share.
fn kept_apart(producer: &Kernel, reader: &Kernel) -> bool {
    let slowed = |kernel: &Kernel| {
        let mut found = false;
        walk(&kernel.body, 0, &mut |stmt, _| {
            found |= match stmt {
                Stmt::Let { value: Value::Elementwise { op, .. }, .. } => op.lowering() == Lowering::Call,
                Stmt::Reduce { .. } => true,
                _ => false,
            };
        });
        found
    };
    match (producer.scans(), reader.scans()) {
        (true, false) => slowed(reader),
        (false, true) => slowed(producer),
        _ => false,
    }
}

/// Whether a kernel can be a run-time error.
pub(super) fn may_fail(kernel: &Kernel) -> bool {
    let mut found = false;
    walk(&kernel.body, 0, &mut |stmt, _| found |= matches!(stmt, Stmt::Let { value, .. } if fails(value)));
    found
}

/// Whether repeating a kernel's body costs less than a trip through memory.
fn cheap(kernel: &Kernel) -> bool {
    let (mut ops, mut loads, mut simple) = (0, 0, true);
    for stmt in &kernel.body {
        match stmt {
            Stmt::Let { value: Value::Load { .. }, .. } => loads += 1,
            Stmt::Let { value: Value::Elementwise { op, .. }, .. } => {
                ops += 1;
                simple &= op.lowering() == Lowering::Inst;
            }
            Stmt::Let { value: Value::Cast { .. }, .. } => ops += 1,
            Stmt::Let { value: Value::Constant(_), .. } | Stmt::Store { .. } => {}
            Stmt::Let { value: Value::Gather { .. } | Value::Scan { .. }, .. } | Stmt::Reduce { .. } => simple = false,
        }
    }
    simple && ops <= CHEAP_OPS && loads <= 2
}

/// Puts a producer's body in the place of each load of its buffer.
struct Splice<'a, I> {
    id: BufferId,
    producer: &'a Kernel,
    maps: I,
    next: usize,
}

impl<I: Iterator<Item = Vec<crate::body::Affine>>> Splice<'_, I> {
    fn body(&mut self, body: &mut Vec<Stmt>, depth: usize, forward: &mut Vec<(LocalId, LocalId)>) {
        let mut result = Vec::with_capacity(body.len());
        for mut stmt in std::mem::take(body) {
            match &mut stmt {
                Stmt::Let { local, value: Value::Load { buffer, .. }, .. } if *buffer == self.id => {
                    let indices = self.maps.next().expect("one map for each load");
                    let mut copy = self.producer.body.clone();
                    let first = self.next;
                    map_locals(&mut copy, &mut |l| LocalId::new(l.index() + first));
                    map_accesses(&mut copy, &mut |access| substitute(access, &indices, depth));
                    self.next += local_count(&self.producer.body);
                    for stmt in copy {
                        match as_store(&stmt) {
                            Some((id, value)) if id == self.id => forward.push((*local, value)),
                            Some(_) => {}
                            None => result.push(stmt),
                        }
                    }
                    continue;
                }
                Stmt::Reduce { body, .. } => self.body(body, depth + 1, forward),
                _ => {}
            }
            result.push(stmt);
        }
        *body = result;
    }
}
