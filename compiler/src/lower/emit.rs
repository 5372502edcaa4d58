//! The state of a kernel being emitted, and what all lowering is made of: loops, addresses, checks, stack slots.

use super::plan::Deps;
use super::width::{FLAGS, Width};
use super::{Host, Site};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    Block, BlockArg, InstBuilder, SigRef, Signature, StackSlot, StackSlotData, StackSlotKind, Value as Reg, types,
};
use cranelift_frontend::FunctionBuilder;
use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::program::{Access, Kernel, Program};
use evanesce_ir::types::DType;
use std::collections::HashMap;

/// The index of a loop in scope: a register and a constant to add.
#[derive(Clone, Copy)]
pub(super) struct Index {
    pub(super) value: Reg,
    pub(super) shift: isize,
}

/// A range of a loop.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: Reg,
    pub(super) end: Reg,
    /// Both bounds, when they are constants.
    pub(super) known: Option<(i64, i64)>,
}

/// What an iteration does: given its index and the values of the one before, it gives the next ones.
type Body<'b, E> = dyn FnMut(&mut E, Index, &[Reg]) -> Vec<Reg> + 'b;

/// A kernel being emitted.
pub(super) struct Emitter<'a, 'f> {
    pub(super) b: FunctionBuilder<'f>,
    pub(super) host: Host,
    pub(super) program: &'a Program,
    pub(super) types: Vec<DType>,
    pub(super) deps: Vec<Deps>,
    /// The address of each buffer that the kernel touches.
    bases: HashMap<BufferId, Reg>,
    /// Of the loops in scope, outermost first; `None` of those that a hoisted reduction has left.
    pub(super) indices: Vec<Option<Index>>,
    /// Each local in scope, at the width it was computed.
    values: Vec<Option<(Reg, Width)>>,
    /// The same for the other vectors that are computed together with this one, neighbours in the loop of the lanes.
    pub(super) others: Vec<Vec<Option<(Reg, Width)>>>,
    /// What each scan was in the iteration before; none in the first.
    pub(super) carried: Vec<(LocalId, Reg)>,
    /// The width of what is being computed.
    pub(super) width: Width,
    /// The loop whose neighbouring iterations share vectors, and the width of what depends on it.
    pub(super) lanes: Option<(usize, Width)>,
    pub(super) signatures: Vec<(Signature, SigRef)>,
    /// Stack slots not in use.
    slots: Vec<StackSlot>,
    /// Takes a site and an index, stores them and returns.
    fail: Block,
    sites: &'a mut Vec<Site>,
}

impl<'a, 'f> Emitter<'a, 'f> {
    /// Starts a kernel in the current block: loads the addresses of the buffers it touches from the table `buffers`.
    pub(super) fn new(
        mut b: FunctionBuilder<'f>,
        host: Host,
        (program, kernel): (&'a Program, &Kernel),
        (types, deps): (Vec<DType>, Vec<Deps>),
        (fail, sites): (Block, &'a mut Vec<Site>),
        buffers: Reg,
    ) -> Self {
        let mut used: Vec<BufferId> = Vec::new();
        kernel.reads(|id, _, _| used.push(id));
        kernel.writes(|id, _, _| used.push(id));
        let mut bases = HashMap::new();
        for id in used {
            bases.entry(id).or_insert_with(|| {
                let place = b.ins().iadd_imm_s(buffers, 8 * i64::from(id.0));
                b.ins().load(types::I64, FLAGS.with_readonly().with_can_move(), place, 0)
            });
        }
        let values = vec![None; types.len()];
        let (indices, signatures, slots, others) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let carried = Vec::new();
        let (width, lanes) = (Width::One, None);
        Emitter {
            b,
            host,
            program,
            types,
            deps,
            bases,
            indices,
            values,
            others,
            carried,
            width,
            lanes,
            signatures,
            slots,
            fail,
            sites,
        }
    }

    /// A range of constants.
    pub(super) fn span(&mut self, start: usize, end: usize) -> Span {
        let known = (start as i64, end as i64);
        let start = self.b.ins().iconst(types::I64, known.0);
        let end = self.b.ins().iconst(types::I64, known.1);
        Span { start, end, known: Some(known) }
    }

    /// A loop by `step` while a whole step is left, over values that each iteration replaces. Gives what is left of the
    /// range, and the values.
    pub(super) fn each(
        &mut self,
        span: Span,
        step: usize,
        state: &[Reg],
        body: &mut Body<'_, Self>,
    ) -> (Span, Vec<Reg>) {
        let index = |value| Index { value, shift: 0 };
        let step = step as i64;
        let mut rest = span;
        let count = span.known.map(|(start, end)| (end - start).max(0) / step);
        if let (Some(count), Some((start, end))) = (count, span.known) {
            let next = start + count * step;
            if count == 0 {
                return (span, state.to_vec());
            }
            rest.start = self.b.ins().iconst(types::I64, next);
            rest.known = Some((next, end));
            if count == 1 {
                let state = body(self, index(span.start), state);
                return (rest, state);
            }
        }
        let limit = match rest.known {
            Some((next, _)) => self.b.ins().iconst(types::I64, next),
            None => self.b.ins().iadd_imm_s(span.end, 1 - step),
        };
        let (head, exit) = (self.b.create_block(), self.b.create_block());
        let i = self.b.append_block_param(head, types::I64);
        let left = self.b.append_block_param(exit, types::I64);
        let args = |i: Reg, state: &[Reg]| -> Vec<BlockArg> {
            std::iter::once(i).chain(state.iter().copied()).map(BlockArg::from).collect()
        };
        let [mut inside, mut after] = [Vec::new(), Vec::new()];
        for &value in state {
            let ty = self.b.func.dfg.value_type(value);
            inside.push(self.b.append_block_param(head, ty));
            after.push(self.b.append_block_param(exit, ty));
        }
        let first = args(span.start, state);
        if count.is_some() {
            self.b.ins().jump(head, &first);
        } else {
            let some = self.b.ins().icmp(IntCC::SignedLessThan, span.start, limit);
            self.b.ins().brif(some, head, &first, exit, &first);
        }
        self.b.switch_to_block(head);
        let state = body(self, index(i), &inside);
        let next = self.b.ins().iadd_imm_s(i, step);
        let more = self.b.ins().icmp(IntCC::SignedLessThan, next, limit);
        let again = args(next, &state);
        self.b.ins().brif(more, head, &again, exit, &again);
        self.b.switch_to_block(exit);
        if rest.known.is_none() {
            rest.start = left;
        }
        (rest, after)
    }

    /// Computes `count` neighbouring vectors together from here to [`Self::separate`].
    pub(super) fn together(&mut self, count: usize) {
        self.others = vec![self.values.clone(); count - 1];
    }

    /// Ends [`Self::together`].
    pub(super) fn separate(&mut self) {
        self.others.clear();
    }

    /// What `f` gives for each of the vectors that are computed together.
    pub(super) fn for_each_vector<T>(&mut self, mut f: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut results = vec![f(self)];
        let Some((depth, width)) = self.lanes else { return results };
        for k in 0..self.others.len() {
            let shift = |e: &mut Self, by: isize| {
                e.indices[depth].iter_mut().for_each(|index| index.shift += by * width.count() as isize);
                std::mem::swap(&mut e.values, &mut e.others[k]);
            };
            shift(self, k as isize + 1);
            results.push(f(self));
            shift(self, -(k as isize) - 1);
        }
        results
    }

    /// Runs `f`, which defines a local, for all vectors at once.
    pub(super) fn once(&mut self, f: impl FnOnce(&mut Self), local: Option<LocalId>) {
        let mut others = std::mem::take(&mut self.others);
        f(self);
        for values in &mut others {
            if let Some(local) = local {
                values[local.index()] = self.values[local.index()];
            }
        }
        self.others = others;
    }

    /// Defines a local in all vectors.
    pub(super) fn set_all(&mut self, local: LocalId, values: &[Reg]) {
        for (k, &value) in values.iter().enumerate() {
            let value = Some((value, self.width));
            match k {
                0 => self.values[local.index()] = value,
                _ => self.others[k - 1][local.index()] = value,
            }
        }
    }

    /// A local at the current width.
    pub(super) fn get(&mut self, local: LocalId) -> Reg {
        let (value, width) = self.values[local.index()].expect("verified: defined before use");
        if width == self.width { value } else { self.widen(value, self.types[local.index()]) }
    }

    /// Defines a local at the current width.
    pub(super) fn set(&mut self, local: LocalId, value: Reg) {
        self.values[local.index()] = Some((value, self.width));
    }

    /// The address of an element and a constant to add.
    pub(super) fn address(&mut self, buffer: BufferId, access: &Access) -> (Reg, i32) {
        let size = self.program.buffer(buffer).ty.dtype.size() as isize;
        let mut address = self.bases[&buffer];
        let mut offset = access.offset.wrapping_mul(size);
        // The outer loops' parts are the same for many accesses and invariant in inner loops: Cranelift shares and hoists.
        for (stride, index) in access.strides.iter().zip(&self.indices) {
            let stride = stride.wrapping_mul(size);
            if stride != 0
                && let Some(index) = index
            {
                let bytes = self.b.ins().imul_imm_s(index.value, stride as i64);
                address = self.b.ins().iadd(address, bytes);
                offset = offset.wrapping_add(stride.wrapping_mul(index.shift));
            }
        }
        // Room for the lanes of a vector.
        match i32::try_from(offset).ok().filter(|offset| *offset < i32::MAX - 16) {
            Some(offset) => (address, offset),
            None => (self.b.ins().iadd_imm_s(address, offset as i64), 0),
        }
    }

    /// Leaves the kernel unless `valid`.
    pub(super) fn check(&mut self, valid: Reg, site: Site, index: Reg) {
        let number = self.b.ins().iconst(types::I32, self.sites.len() as i64);
        self.sites.push(site);
        let next = self.b.create_block();
        self.b.ins().brif(valid, next, [], self.fail, &[number.into(), index.into()]);
        self.b.switch_to_block(next);
    }

    /// A stack slot of at least this size, to be given back.
    pub(super) fn take_slot(&mut self, bytes: usize) -> StackSlot {
        let Some(slot) = self.slots.pop() else {
            return self.b.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, bytes as u32, 4));
        };
        let size = &mut self.b.func.sized_stack_slots[slot].size;
        *size = (*size).max(bytes as u32);
        slot
    }

    /// Ends the use of a stack slot.
    pub(super) fn give_slot(&mut self, slot: StackSlot) {
        self.slots.push(slot);
    }
}
