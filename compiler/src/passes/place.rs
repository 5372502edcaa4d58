//! Gives every buffer its memory: results in place of what is dead, temporaries in one arena.
//!
//! ```ir
//! program
//! $0: f64[1000] input a donated
//! $1: f64[1000] output
//! kernel $1 <- $0 [1000] {
//!   t0 = load $0[i0]
//!   t1 = sqrt t0
//!   store $1[i0], t1
//! }
//! return $1
//! ```
//! becomes
//! ```ir
//! program arena=0
//! $0: f64[1000] input a donated
//! kernel $0 <- $0 [1000] {
//!   t0 = load $0[i0]
//!   t1 = sqrt t0
//!   store $0[i0], t1
//! }
//! return $0
//! ```
//! One buffer can take the memory of another when the other is last read before the first is written, or wherever it is read
//! later nothing has changed yet: by the iteration that writes the element, or where the steps before wrote what was there. So
//! an array of which a slice is replaced is not copied when the old one is dead, the slice alone is written. In this way an update of an input loses its copy, an output takes the memory of a donated input, and
//! a step overwrites its operand. What is left lies in the arena, first fit by size, buffers of disjoint lives over each
//! other.

use super::fuse::{self, drop_unused_buffers};
use crate::body::{collapse, tidy};
use crate::overwrite::{Over, keeps, may_overwrite};
use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::program::{Access, Buffer, BufferKind, CopyReason, Kernel, Program, Step, Stmt, Value};
use evanesce_ir::types::row_major;
use evanesce_ir::verify::ALIGN;

/// Bytes of the largest arena: its end and the next multiple of the alignment are in the address space.
const MAX_BYTES: usize = isize::MAX as usize - ALIGN;

/// Places every buffer.
pub fn run(mut program: Program) -> Program {
    let mut sharing = Sharing::new(&program);
    sharing.updates(&mut program);
    sharing.donations(&mut program);
    sharing.overwrites(&program);
    sharing.apply(&mut program);
    drop_unused_buffers(&mut program);
    arena(&mut program);
    program
}

/// Which buffer's memory each buffer takes, and the lives of those that hold their own.
struct Sharing {
    into: Vec<BufferId>,
    lives: Vec<Option<(usize, usize)>>,
    /// The steps that write each buffer.
    writers: Vec<Vec<usize>>,
    /// Of each that holds memory: the buffer whose elements are there last.
    occupant: Vec<BufferId>,
    /// Whether some that share its memory do so by their shape, or a kernel touches parts of it that its shape tells apart.
    shaped: Vec<bool>,
    dropped: Vec<bool>,
}

impl Sharing {
    fn new(program: &Program) -> Self {
        let mut writers = vec![Vec::new(); program.buffers.len()];
        for (at, step) in program.steps.iter().enumerate() {
            step.writes(|id| {
                if writers[id.index()].last() != Some(&at) {
                    writers[id.index()].push(at);
                }
            });
        }
        let mut shaped = vec![false; program.buffers.len()];
        for step in &program.steps {
            if let Step::Kernel(kernel) = step {
                by_shape(kernel, |id| shaped[id.index()] = true);
            }
        }
        Self {
            into: (0..program.buffers.len()).map(BufferId::new).collect(),
            lives: program.lifetimes(),
            writers,
            occupant: (0..program.buffers.len()).map(BufferId::new).collect(),
            shaped,
            dropped: vec![false; program.steps.len()],
        }
    }

    /// The buffer whose memory a buffer has.
    fn root(&self, mut id: BufferId) -> BufferId {
        while self.into[id.index()] != id {
            id = self.into[id.index()];
        }
        id
    }

    /// Gives `id` the memory of `host`.
    fn share(&mut self, id: BufferId, host: BufferId) {
        self.into[id.index()] = host;
        let both = [self.lives[id.index()], self.lives[host.index()]];
        let first = both.iter().flatten().map(|l| l.0).min();
        let last = both.iter().flatten().map(|l| l.1).max();
        self.lives[host.index()] = first.zip(last);
    }

    /// A copy into an updated input goes when the value can be computed in the input's memory.
    /// Not before the last step that may fail: a call that fails leaves the caller's state as it was.
    fn updates(&mut self, program: &mut Program) {
        let last_failure = program.steps.iter().rposition(may_fail);
        for at in (0..program.steps.len()).rev() {
            let Step::Kernel(kernel) = &program.steps[at] else { break };
            if kernel.copy != Some(CopyReason::Update) {
                continue;
            }
            let (mut from, mut to) = (None, None);
            kernel.reads(|id, _, _| from = Some(id));
            kernel.writes(|id, _, _| to = Some(id));
            let (Some(from), Some(to)) = (from, to) else { continue };
            let (value, input) = (program.buffer(from), program.buffer(to));
            if !value.is_temp() || value.ty != input.ty || value.strides != input.strides || self.root(from) != from {
                continue;
            }
            // The copy reads all of the value at its own place: no two iterations write the same element, so as many
            // iterations as elements are all of them.
            let covers = kernel.len() == value.ty.len() && self.writers[to.index()] == [at];
            let whole = covers
                && match &kernel.body[..] {
                    [Stmt::Let { value: Value::Load { access: load, .. }, .. }, Stmt::Store { access: store, .. }] => {
                        load == store
                    }
                    _ => false,
                };
            // Other touches of the input: reads before this step; no one else writes it.
            let mut last_read = None;
            let mut reads_after = false;
            for (other, step) in program.steps.iter().enumerate() {
                if other != at {
                    step.reads(|id| {
                        if id == to {
                            last_read = Some(other);
                            reads_after |= other > at;
                        }
                    });
                }
            }
            if self.writers[from.index()].is_empty() {
                continue;
            }
            // The value must not be needed unchanged after the input's other readers: it is what the input becomes.
            let safe = last_read
                .is_none_or(|last| may_overwrite(program, &self.writers[from.index()], (from, to), last).is_some());
            // Copying what is there writes nothing; a scatter fails before it writes.
            let kept = |step: &Step| matches!(step, Step::Kernel(kernel) if keeps(kernel, to, from));
            let writers = self.writers[from.index()].iter();
            let change = { writers }.find(|&&writer| !kept(&program.steps[writer])).copied().unwrap_or(at);
            let scatters = matches!(program.steps[change], Step::Scatter(_));
            let in_time = |last: usize| last < change || (last == change && scatters);
            if whole && safe && !reads_after && last_failure.is_none_or(in_time) {
                self.dropped[at] = true;
                self.share(from, to);
            }
        }
    }

    /// An output takes the memory of a donated input of its type.
    fn donations(&mut self, program: &mut Program) {
        let donated: Vec<BufferId> = (0..program.buffers.len())
            .map(BufferId::new)
            .filter(|&id| matches!(program.buffer(id).kind, BufferKind::Input { donated: true, .. }))
            .filter(|id| !program.outputs.contains(id))
            .collect();
        let mut taken: Vec<BufferId> = Vec::new();
        for i in 0..program.outputs.len() {
            let output = program.outputs[i];
            let buffer = program.buffer(output);
            let fits = |id: &BufferId| {
                let input = program.buffer(*id);
                input.ty == buffer.ty && input.strides == buffer.strides && !taken.contains(id)
            };
            let host = donated.iter().copied().filter(fits).find(|&input| self.can_take(program, output, input));
            if let (BufferKind::Output, Some(host)) = (&buffer.kind, host) {
                taken.push(host);
                self.share(output, host);
                program.outputs[i] = host;
            }
        }
    }

    /// Whether `id` can be written in the memory of `host`, which is dead then or dies in the step that writes.
    fn can_take(&self, program: &Program, id: BufferId, host: BufferId) -> bool {
        let writers = &self.writers[id.index()];
        !writers.is_empty()
            && self.lives[host.index()]
                .is_none_or(|(_, last)| may_overwrite(program, writers, (id, host), last).is_some())
    }

    /// A step overwrites an operand that dies in it, or in the steps that write the rest of its result.
    fn overwrites(&mut self, program: &Program) {
        for at in 0..program.steps.len() {
            let step = &program.steps[at];
            let (mut reads, mut writes): (Vec<BufferId>, Vec<BufferId>) = (Vec::new(), Vec::new());
            step.reads(|id| {
                if !reads.contains(&id) {
                    reads.push(id)
                }
            });
            step.writes(|id| {
                if !writes.contains(&id) {
                    writes.push(id)
                }
            });
            for &id in &writes {
                let own = self.root(id);
                let fits = |host: BufferId| {
                    let (a, b) = (program.buffer(host), program.buffer(id));
                    let root = self.root(host);
                    let (_, last) = self.lives[root.index()]?;
                    let dead = a.is_temp()
                        && program.buffer(root).is_temp()
                        && self.occupant[root.index()] == host
                        && a.ty.bytes() == b.ty.bytes()
                        && a.ty.dtype == b.ty.dtype
                        && last >= at
                        && self.writers[host.index()].last().is_none_or(|&writer| writer < at)
                        && self.writers[id.index()].first() == Some(&at)
                        && !writes.iter().any(|w| *w != id && self.root(*w) == root);
                    if !dead {
                        return None;
                    }
                    let over = may_overwrite(program, &self.writers[id.index()], (id, host), last)?;
                    // What was told apart by a shape is checked against the buffer that stays.
                    let shaped = over == Over::ByShape || self.shaped[root.index()] || self.shaped[own.index()];
                    let stays = program.buffer(if program.buffer(own).is_temp() { root } else { own });
                    (!shaped || (stays.ty == a.ty && stays.ty == b.ty)).then_some((host, shaped))
                };
                let Some((host, shaped)) = reads.iter().copied().find_map(fits) else { continue };
                let root = self.root(host);
                let buffer = program.buffer(own);
                let holder = if buffer.is_temp() {
                    self.share(own, root);
                    root
                } else if buffer.kind == BufferKind::Output
                    && buffer.strides == row_major(&buffer.ty.shape)
                    && self.lives[own.index()].is_some_and(|(first, _)| first == at)
                {
                    // The result has the caller's memory: the operand lives there all its life.
                    self.share(root, own);
                    own
                } else {
                    continue;
                };
                self.occupant[holder.index()] = id;
                self.shaped[holder.index()] |= shaped;
            }
        }
    }

    fn apply(&self, program: &mut Program) {
        let mut at = 0;
        program.steps.retain(|_| {
            at += 1;
            !self.dropped[at - 1]
        });
        program.steps.iter_mut().for_each(|step| step.map_buffers(&mut |id| self.root(id)));
        program.steps.retain_mut(|step| match step {
            Step::Kernel(kernel) => !keeps_all(kernel, &program.buffers),
            Step::Call(_) | Step::Custom(_) | Step::Scatter(_) => true,
        });
    }
}

/// Drops the stores of what is there already, which is what copies become when both sides have one memory. Whether the kernel
/// did nothing else.
fn keeps_all(kernel: &mut Kernel, buffers: &[Buffer]) -> bool {
    let loaded = |local: LocalId, to: BufferId, store: &Access| {
        kernel.body.iter().any(|stmt| {
            matches!(stmt, Stmt::Let { local: defined, value: Value::Load { buffer, access }, .. }
                if *defined == local && *buffer == to && access == store)
        })
    };
    let idle = |stmt: &Stmt| match stmt {
        Stmt::Store { buffer, access, value } => loaded(*value, *buffer, access),
        _ => false,
    };
    let mut stores = 0;
    kernel.writes(|_, _, _| stores += 1);
    let kept: Vec<bool> = kernel.body.iter().map(|stmt| !idle(stmt)).collect();
    match kept.iter().filter(|kept| !**kept).count() {
        0 => return false,
        // A failure of what else is computed must stay.
        count if count == stores => return !fuse::may_fail(kernel),
        _ => {}
    }
    let mut kept = kept.into_iter();
    kernel.body.retain(|_| kept.next().expect("a decision for every statement"));
    tidy(kernel, buffers);
    collapse(kernel);
    false
}

/// Calls `f` with each buffer that a kernel writes at one place and touches at another.
fn by_shape(kernel: &Kernel, mut f: impl FnMut(BufferId)) {
    let mut stores: Vec<(BufferId, &Access)> = Vec::new();
    kernel.writes(|id, access, _| {
        if stores.iter().any(|(other, place)| *other == id && *place != access) {
            f(id);
        }
        stores.push((id, access));
    });
    kernel.reads(|id, access, _| {
        if stores.iter().any(|(other, place)| *other == id && *place != access) {
            f(id);
        }
    });
}

/// Whether a step can be a run-time error.
fn may_fail(step: &Step) -> bool {
    match step {
        Step::Kernel(kernel) => fuse::may_fail(kernel),
        Step::Call(call) => call.routine.may_fail(),
        // It may panic.
        Step::Custom(_) => true,
        Step::Scatter(_) => true,
    }
}

/// Lays the temporaries into one arena: largest first, each at the lowest place free during its life. Temporaries that no
/// address space holds stay without a place, and the program without an arena: it cannot run.
fn arena(program: &mut Program) {
    let lives = program.lifetimes();
    let mut order: Vec<usize> = (0..program.buffers.len()).filter(|&i| program.buffers[i].is_temp()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(program.buffers[i].ty.bytes()), i));
    let (mut size, mut offsets) = (0, Vec::with_capacity(order.len()));
    // By the step at which a life begins, the places taken: lives are short, so few steps are looked at.
    let mut placed: Vec<Vec<(usize, usize)>> = vec![Vec::new(); program.steps.len()];
    for &i in &order {
        let (first, last) = lives[i].expect("unused buffers were dropped");
        let bytes = program.buffers[i].ty.bytes();
        if bytes == 0 {
            program.buffers[i].kind = BufferKind::Temp(Some(0));
            continue;
        }
        let mut taken: Vec<(usize, usize)> = placed[first..=last].iter().flatten().copied().collect();
        taken.sort_unstable();
        let mut offset = 0usize;
        for (start, end) in taken {
            if bytes <= start.saturating_sub(offset) {
                break;
            }
            offset = offset.max(end.next_multiple_of(ALIGN));
        }
        let Some(end) = offset.checked_add(bytes).filter(|&end| end <= MAX_BYTES) else { return };
        size = size.max(end);
        placed[first..=last].iter_mut().for_each(|step| step.push((offset, end)));
        offsets.push(offset);
    }
    for (i, offset) in order.into_iter().zip(offsets) {
        program.buffers[i].kind = BufferKind::Temp(Some(offset));
    }
    program.arena = Some(size.next_multiple_of(ALIGN));
}
