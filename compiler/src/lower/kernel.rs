//! A kernel as a function: its loops, and the statements at their places.
//!
//! Loops test at their end and count elements, so an address is a base with a scaled index. The innermost parallel loop
//! runs over vectors when every access moves by one element or not at all: first four at a time, then one, then single
//! elements, all by the same code at another width.

use super::plan::{self, Deps, Item, Plan, bit};
use super::scalar::{casts_on_vectors, on_vectors};
use super::width::{FLAGS, Width};
use super::{Host, Site};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    Block, BlockArg, Function, InstBuilder, SigRef, Signature, StackSlot, StackSlotData, StackSlotKind, Value as Reg,
    types,
};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::ops::ElementwiseOp;
use evanesce_ir::program::{Access, Kernel, Program, Value};
use evanesce_ir::types::{DType, Shape};

/// Statements of the largest body that is repeated four times in one iteration.
const UNROLLED_BODY: usize = 24;
/// Vectors in an iteration of the unrolled loop.
const UNROLL: usize = 4;
/// Vectors of the shortest loop that is unrolled: a shorter one takes longer to compile than it may save.
const LONG: usize = 16;

/// Emits a kernel into an empty function of [`Host::signature`]; notes what may fail in `sites`.
pub(crate) fn lower(
    function: &mut Function,
    context: &mut FunctionBuilderContext,
    host: Host,
    program: &Program,
    kernel: &Kernel,
    sites: &mut Vec<Site>,
) {
    let types = kernel.local_types(&program.buffers);
    let plan = Plan::new(program, kernel, &types);
    let mut b = FunctionBuilder::new(function, context);
    let entry = b.create_block();
    b.append_block_params_for_function_params(entry);
    b.switch_to_block(entry);
    let &[buffers, start, end, fault] = b.block_params(entry) else { unreachable!("a kernel has four parameters") };
    let (run, done, fail) = (b.create_block(), b.create_block(), b.create_block());
    if kernel.is_empty() {
        b.ins().jump(done, []);
    } else {
        let some = b.ins().icmp(IntCC::SignedLessThan, start, end);
        b.ins().brif(some, run, [], done, []);
    }
    b.switch_to_block(run);
    let mut emitter = Emitter {
        values: vec![None; types.len()],
        types,
        deps: plan.deps,
        bases: vec![None; program.buffers.len()],
        indices: Vec::new(),
        width: Width::One,
        lanes: None,
        signatures: Vec::new(),
        slots: Vec::new(),
        b,
        host,
        program,
        fail,
        sites,
    };
    if !kernel.is_empty() {
        emitter.load_bases(kernel, buffers);
        emitter.nest(&plan.levels, &kernel.dims, (start, end));
    }
    let mut b = emitter.b;
    b.ins().jump(done, []);
    b.switch_to_block(done);
    let success = b.ins().iconst(types::I32, 0);
    b.ins().return_(&[success]);
    let site = b.append_block_param(fail, types::I32);
    let index = b.append_block_param(fail, types::I64);
    b.switch_to_block(fail);
    b.set_cold_block(fail);
    b.ins().store(FLAGS, site, fault, FAULT_SITE);
    b.ins().store(FLAGS, index, fault, FAULT_INDEX);
    let failure = b.ins().iconst(types::I32, 1);
    b.ins().return_(&[failure]);
    b.seal_all_blocks();
    b.finalize(host.frontend);
}

/// Offsets of the fields of `jit::Fault`.
const FAULT_SITE: i32 = std::mem::offset_of!(crate::jit::Fault, site) as i32;
const FAULT_INDEX: i32 = std::mem::offset_of!(crate::jit::Fault, index) as i32;

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
    program: &'a Program,
    pub(super) types: Vec<DType>,
    pub(super) deps: Vec<Deps>,
    /// The address of each buffer that the kernel touches.
    bases: Vec<Option<Reg>>,
    /// Of the loops in scope, outermost first; `None` of those that a hoisted reduction has left.
    pub(super) indices: Vec<Option<Index>>,
    /// Each local in scope, at the width it was computed.
    values: Vec<Option<(Reg, Width)>>,
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

impl Emitter<'_, '_> {
    fn load_bases(&mut self, kernel: &Kernel, buffers: Reg) {
        let mut used: Vec<BufferId> = Vec::new();
        kernel.reads(|id, _, _| used.push(id));
        kernel.writes(|id, _| used.push(id));
        for id in used {
            if self.bases[id.index()].is_none() {
                let place = self.b.ins().iadd_imm_s(buffers, 8 * id.index() as i64);
                let base = self.b.ins().load(types::I64, FLAGS.with_readonly().with_can_move(), place, 0);
                self.bases[id.index()] = Some(base);
            }
        }
    }

    fn nest(&mut self, levels: &[Vec<Item<'_>>], dims: &Shape, outermost: (Reg, Reg)) {
        let level = self.indices.len();
        self.items(&levels[level]);
        if level == dims.len() {
            return;
        }
        let span = match level {
            0 => Span { start: outermost.0, end: outermost.1, known: None },
            _ => self.span(0, dims[level]),
        };
        if level + 1 == dims.len() {
            self.innermost(&levels[level + 1], span, dims[level]);
        } else {
            self.each(span, 1, &[], &mut |e, i, _| {
                e.indices.push(Some(i));
                e.nest(levels, dims, outermost);
                e.indices.pop();
                Vec::new()
            });
        }
    }

    /// The innermost parallel loop.
    fn innermost(&mut self, items: &[Item<'_>], mut span: Span, extent: usize) {
        let depth = self.indices.len();
        if let Some(tiling) = self.tiling(items, depth, extent) {
            return self.tiles(&tiling, span);
        }
        if let Some(width) = self.vector_width(items, depth, [])
            && extent >= width.count()
        {
            let small = plan::size(items) <= UNROLLED_BODY && !items.iter().any(plan::is_reduction);
            let simple = small && extent >= LONG * width.count();
            let lanes = width.count();
            self.lanes = Some((depth, width));
            for copies in if simple { &[UNROLL, 1][..] } else { &[1] } {
                span = self
                    .each(span, copies * lanes, &[], &mut |e, i, _| {
                        for copy in 0..*copies {
                            e.indices.push(Some(Index { shift: (copy * lanes) as isize, ..i }));
                            e.items(items);
                            e.indices.pop();
                        }
                        Vec::new()
                    })
                    .0;
            }
            self.lanes = None;
        }
        self.each(span, 1, &[], &mut |e, i, _| {
            e.indices.push(Some(i));
            e.items(items);
            e.indices.pop();
            Vec::new()
        });
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

    /// Statements in order.
    pub(super) fn items(&mut self, items: &[Item<'_>]) {
        items.iter().for_each(|item| self.item(item));
    }

    /// One statement, at the width of what depends on the loop of the lanes.
    pub(super) fn item(&mut self, item: &Item<'_>) {
        let deps = match item {
            Item::Let { local, .. } => self.deps[local.index()],
            Item::Reduce(reduction) => self.deps[reduction.local.index()],
            Item::Store { access, value, .. } => plan::access_deps(access) | self.deps[value.index()],
        };
        // What is the same in every lane is computed once.
        let lanes = self.lanes.filter(|(depth, _)| deps & bit(*depth) != 0);
        let outer = (self.width, self.lanes);
        (self.width, self.lanes) = (lanes.map_or(Width::One, |(_, width)| width), lanes);
        match item {
            Item::Let { local, value, loc } => {
                let register = match value {
                    Value::Constant(scalar) => self.constant(*scalar),
                    Value::Load { buffer, access } => {
                        let address = self.address(*buffer, access);
                        self.load(self.program.buffer(*buffer).ty.dtype, address)
                    }
                    Value::Gather { buffer, access, index, stride, size } => {
                        let site = Site { op: "take", size: Some(*size), loc: *loc };
                        self.gather(*buffer, access, *index, *stride, site)
                    }
                    Value::Elementwise { op, args } => {
                        let registers: Vec<Reg> = args.iter().map(|&arg| self.get(arg)).collect();
                        let dtype = self.types[args.last().expect("an operand").index()];
                        if (*op, dtype) == (ElementwiseOp::Power, DType::I64) {
                            let zero = self.b.ins().iconst(types::I64, 0);
                            let valid = self.b.ins().icmp(IntCC::SignedGreaterThanOrEqual, registers[1], zero);
                            self.check(valid, Site { op: op.name(), size: None, loc: *loc }, registers[1]);
                        }
                        self.elementwise(*op, dtype, &registers)
                    }
                    Value::Cast { dtype, arg } => {
                        let x = self.get(*arg);
                        self.cast(x, self.types[arg.index()], *dtype)
                    }
                };
                self.set(*local, register);
            }
            Item::Reduce(reduction) => {
                let register = self.reduce(reduction);
                self.set(reduction.local, register);
            }
            Item::Store { buffer, access, value } => {
                let register = self.get(*value);
                let address = self.address(*buffer, access);
                self.store(self.types[value.index()], register, address);
            }
        }
        (self.width, self.lanes) = outer;
    }

    /// A local at the current width.
    pub(super) fn get(&mut self, local: LocalId) -> Reg {
        let (value, width) = self.values[local.index()].expect("verified: defined before use");
        if width == self.width { value } else { self.widen(value, self.types[local.index()]) }
    }

    pub(super) fn set(&mut self, local: LocalId, value: Reg) {
        self.values[local.index()] = Some((value, self.width));
    }

    /// The address of an element and a constant to add.
    fn address(&mut self, buffer: BufferId, access: &Access) -> (Reg, i32) {
        let size = self.program.buffer(buffer).ty.dtype.size() as isize;
        let mut address = self.bases[buffer.index()].expect("every buffer in use has its address loaded");
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

    fn gather(&mut self, buffer: BufferId, access: &Access, index: LocalId, stride: isize, site: Site) -> Reg {
        let dtype = self.program.buffer(buffer).ty.dtype;
        let size = site.size.expect("a gather has a size") as i64;
        let index = self.get(index);
        let from_first = self.b.ins().iadd_imm_s(index, size);
        let limit = self.b.ins().iconst(types::I64, size.wrapping_mul(2));
        let valid = self.b.ins().icmp(IntCC::UnsignedLessThan, from_first, limit);
        self.check(valid, site, index);
        let zero = self.b.ins().iconst(types::I64, 0);
        let negative = self.b.ins().icmp(IntCC::SignedLessThan, index, zero);
        let taken = self.b.ins().select(negative, from_first, index);
        let (address, offset) = self.address(buffer, access);
        let bytes = self.b.ins().imul_imm_s(taken, stride.wrapping_mul(dtype.size() as isize) as i64);
        let address = self.b.ins().iadd(address, bytes);
        self.load(dtype, (address, offset))
    }

    /// Leaves the kernel unless `valid`.
    fn check(&mut self, valid: Reg, site: Site, index: Reg) {
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

    /// The width of a loop's body on vectors, when it has one: whatever depends on the loop moves by one element in it, has
    /// instructions on vectors, and is of dtypes of one size, as those of `others` (bools adapt).
    pub(super) fn vector_width<'i, 'k: 'i>(
        &self,
        items: impl IntoIterator<Item = &'i Item<'k>>,
        depth: usize,
        others: impl IntoIterator<Item = DType>,
    ) -> Option<Width> {
        let mut lane = None;
        let fits = self.host.vectors
            && others.into_iter().all(|dtype| agree(&mut lane, dtype))
            && items.into_iter().all(|item| self.fits(item, depth, &mut lane));
        fits.then(|| Width::Lanes(lane.unwrap_or(1)))
    }

    fn fits(&self, item: &Item<'_>, depth: usize, lane: &mut Option<usize>) -> bool {
        let moves = |local: LocalId| self.deps[local.index()] & bit(depth) != 0;
        let unit = |access: &Access| matches!(access.strides.get(depth), Some(0 | 1));
        match item {
            Item::Let { local, .. } if !moves(*local) => true,
            Item::Let { local, value, .. } => {
                agree(lane, self.types[local.index()])
                    && match value {
                        Value::Constant(_) => true,
                        Value::Load { access, .. } => unit(access),
                        Value::Gather { .. } => false,
                        Value::Elementwise { op, args } => {
                            on_vectors(*op) && args.iter().all(|arg| agree(lane, self.types[arg.index()]))
                        }
                        Value::Cast { dtype, arg } => {
                            let from = self.types[arg.index()];
                            casts_on_vectors(from, *dtype) && agree(lane, from)
                        }
                    }
            }
            Item::Reduce(reduction) if !moves(reduction.local) => true,
            Item::Reduce(reduction) => {
                agree(lane, self.types[reduction.local.index()])
                    && agree(lane, reduction.dtype)
                    && reduction.items.iter().all(|item| self.fits(item, depth, lane))
            }
            Item::Store { access, value, .. } => unit(access) && agree(lane, self.types[value.index()]),
        }
    }
}

/// Whether a dtype has the size of the others; a bool has any.
fn agree(lane: &mut Option<usize>, dtype: DType) -> bool {
    dtype == DType::Bool || *lane.get_or_insert(dtype.size()) == dtype.size()
}
