//! Innermost loops that call evaluators run in tiles.
//!
//! An evaluator called for each element stands between two vectors. So the loop is cut into tiles of a few hundred
//! elements, and the body into stages: what comes before the first calls runs over the whole tile, in vectors, and leaves
//! the calls' operands in scratch arrays on the stack; one call each computes its results from there to another array;
//! then comes the next stage. Scalars of one stage that a later one needs wait in scratch arrays too. All of them fit the
//! first cache. The block of a reduction whose elements are called for is such a tile.

use super::emit::{Emitter, Index, Span};
use super::plan::{Item, bit};
use super::scalar::on_vectors;
use super::width::Width;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, StackSlot, Value as Reg, types};
use evanesce_ir::ids::LocalId;
use evanesce_ir::ops::ElementwiseOp;
use evanesce_ir::ops::reduce::BLOCK;
use evanesce_ir::program::Value;
use evanesce_ir::types::DType;

/// The shortest loop that is cut.
const SHORTEST: usize = 32;
/// Elements of the largest tile: a block of a reduction.
const TILE: usize = BLOCK;
/// Bytes of all scratch arrays.
const SCRATCH: usize = 32 << 10;
/// Elements of the smallest tile that is worth its calls.
const SMALLEST_TILE: usize = 64;

/// A body cut at its calls.
pub(super) struct Tiling<'i, 'k> {
    stages: Vec<Stage<'i, 'k>>,
    scratch: Vec<Scratch>,
    /// Number of arrays.
    arrays: usize,
    depth: usize,
}

/// What runs over a tile before the calls of the same stage.
#[derive(Default)]
struct Stage<'i, 'k> {
    items: Vec<&'i Item<'k>>,
    calls: Vec<Call<'i>>,
}

struct Call<'i> {
    op: ElementwiseOp,
    args: &'i [LocalId],
    result: LocalId,
}

/// A local that waits in an array. Times are twice the stage, and one more for its calls.
struct Scratch {
    local: LocalId,
    from: usize,
    to: usize,
    array: usize,
}

impl Tiling<'_, '_> {
    /// Elements of a tile.
    pub(super) fn elements(&self) -> usize {
        let mut elements = TILE;
        while self.arrays * elements * 8 > SCRATCH {
            elements /= 2;
        }
        elements
    }

    /// The array of a local that waits.
    pub(super) fn array(&self, local: LocalId) -> Option<usize> {
        self.scratch.iter().find(|s| s.local == local).map(|s| s.array)
    }
}

impl<'k> Emitter<'_, '_> {
    /// How to cut a loop's body, of which `result` is left in an array; `None` when nothing is called or it cannot be cut.
    pub(super) fn tiling<'i>(
        &self,
        items: &'i [Item<'k>],
        depth: usize,
        extent: usize,
        result: Option<LocalId>,
    ) -> Option<Tiling<'i, 'k>> {
        if extent < SHORTEST || !self.host.vectors {
            return None;
        }
        let mut stages: Vec<Stage<'i, 'k>> = Vec::new();
        let mut defined = vec![0; self.types.len()];
        for item in items {
            let time = used(item).iter().map(|local| defined[local.index()]).max().unwrap_or(0);
            let at = usize::div_ceil(time, 2);
            if stages.len() < at + 2 {
                stages.resize_with(at + 2, Stage::default);
            }
            match item {
                Item::Let { value: Value::Gather { .. } | Value::Scan { .. }, .. } | Item::Reduce(_) => return None,
                Item::Let { local, value: Value::Elementwise { op, args }, .. } if !on_vectors(*op) => {
                    if *op == ElementwiseOp::Power && self.types[args[0].index()].is_signed() {
                        return None;
                    }
                    stages[at].calls.push(Call { op: *op, args, result: *local });
                    defined[local.index()] = 2 * at + 1;
                }
                Item::Let { local, .. } => {
                    stages[at].items.push(item);
                    defined[local.index()] = 2 * at;
                }
                Item::Store { .. } => stages[at].items.push(item),
            }
        }
        if stages.iter().all(|stage| stage.calls.is_empty()) {
            return None;
        }
        let moves = |local: LocalId| self.deps[local.index()] & bit(depth) != 0;
        let mut scratch: Vec<Scratch> = Vec::new();
        let mut wait = |local: LocalId, from: usize, to: usize| match scratch.iter_mut().find(|s| s.local == local) {
            Some(known) => known.to = known.to.max(to),
            None => scratch.push(Scratch { local, from, to, array: 0 }),
        };
        for (at, stage) in stages.iter().enumerate() {
            for &local in stage.items.iter().flat_map(|item| used(item)) {
                if moves(local) && defined[local.index()] < 2 * at {
                    wait(local, defined[local.index()], 2 * at);
                }
            }
            for call in &stage.calls {
                for &arg in call.args {
                    wait(arg, if moves(arg) { defined[arg.index()] } else { 2 * at }, 2 * at + 1);
                }
                wait(call.result, 2 * at + 1, 2 * at + 1);
            }
        }
        if let Some(local) = result {
            if !moves(local) {
                return None;
            }
            wait(local, defined[local.index()], 2 * stages.len());
        }
        let arrays = share_arrays(&mut scratch);
        (arrays * SMALLEST_TILE * 8 <= SCRATCH).then_some(Tiling { stages, scratch, arrays, depth })
    }

    /// The loop in tiles.
    pub(super) fn tiles(&mut self, tiling: &Tiling<'_, '_>, span: Span) {
        let tile = tiling.elements();
        let slots = self.take_arrays(tiling);
        let length = self.b.ins().isub(span.end, span.start);
        let rounded = self.b.ins().iadd_imm_s(length, tile as i64 - 1);
        let count = self.b.ins().ushr_imm_u(rounded, i64::from(tile.ilog2()));
        let zero = self.b.ins().iconst(types::I64, 0);
        self.each(Span { start: zero, end: count, known: None }, 1, &[], &mut |e, at, _| {
            let before = e.b.ins().imul_imm_s(at.value, tile as i64);
            let start = e.b.ins().iadd(span.start, before);
            let whole = e.b.ins().iadd_imm_s(start, tile as i64);
            let ends = e.b.ins().icmp(IntCC::SignedLessThan, whole, span.end);
            let end = e.b.ins().select(ends, whole, span.end);
            e.tile(tiling, &slots, Span { start, end, known: None });
            Vec::new()
        });
        slots.into_iter().for_each(|slot| self.give_slot(slot));
    }

    /// The scratch arrays of a tiling, to be given back.
    pub(super) fn take_arrays(&mut self, tiling: &Tiling<'_, '_>) -> Vec<StackSlot> {
        (0..tiling.arrays).map(|_| self.take_slot(tiling.elements() * 8)).collect()
    }

    /// One tile.
    pub(super) fn tile(&mut self, tiling: &Tiling<'_, '_>, slots: &[StackSlot], tile: Span) {
        for (at, stage) in tiling.stages.iter().enumerate() {
            self.stage(tiling, at, slots, tile);
            for call in &stage.calls {
                self.call_tile(tiling, call, slots, tile);
            }
        }
    }

    /// The statements of a stage over a tile.
    fn stage(&mut self, tiling: &Tiling<'_, '_>, at: usize, slots: &[StackSlot], tile: Span) {
        let items = &tiling.stages[at].items;
        let arrays = |found: &dyn Fn(&Scratch) -> bool| -> Vec<(LocalId, usize)> {
            tiling.scratch.iter().filter(|s| found(s)).map(|s| (s.local, s.array)).collect()
        };
        let uses = |local: LocalId| items.iter().any(|item| used(item).contains(&local));
        let moves = |local: LocalId| self.deps[local.index()] & bit(tiling.depth) != 0;
        let reloaded = arrays(&|s| s.from < 2 * at && moves(s.local) && uses(s.local));
        let kept = arrays(&|s| s.from == 2 * at);
        if items.is_empty() && kept.is_empty() {
            return;
        }
        let waiting = reloaded.iter().chain(&kept).map(|(local, _)| self.types[local.index()]);
        let mut left = tile;
        let width = self.vector_width(items.iter().copied(), tiling.depth, waiting);
        for width in width.into_iter().chain([Width::One]) {
            let lanes = (width != Width::One).then_some((tiling.depth, width));
            let outer = (self.width, self.lanes);
            left = self
                .each(left, width.count(), &[], &mut |e, i, _| {
                    (e.width, e.lanes) = (width, lanes);
                    for &(local, array) in &reloaded {
                        let address = e.place(slots[array], e.types[local.index()], tile, i);
                        let value = e.load(e.types[local.index()], (address, 0));
                        e.set(local, value);
                    }
                    let scope = e.indices.len();
                    e.indices.resize(tiling.depth, None);
                    e.indices.push(Some(i));
                    items.iter().for_each(|item| e.item(item));
                    e.indices.truncate(scope);
                    for &(local, array) in &kept {
                        let dtype = e.types[local.index()];
                        let address = e.place(slots[array], dtype, tile, i);
                        let value = e.get(local);
                        e.store(dtype, value, (address, 0));
                    }
                    (e.width, e.lanes) = outer;
                    Vec::new()
                })
                .0;
        }
    }

    /// The place of an element of a tile in a scratch array.
    pub(super) fn place(&mut self, slot: StackSlot, dtype: DType, tile: Span, i: Index) -> Reg {
        let size = dtype.size() as i64;
        let first = self.b.ins().stack_addr(types::I64, slot, 0);
        let before = self.b.ins().imul_imm_s(tile.start, size);
        let base = self.b.ins().isub(first, before);
        let bytes = self.b.ins().imul_imm_s(i.value, size);
        self.b.ins().iadd(base, bytes)
    }

    fn call_tile(&mut self, tiling: &Tiling<'_, '_>, call: &Call<'_>, slots: &[StackSlot], tile: Span) {
        let arrays = call
            .args
            .iter()
            .chain([&call.result])
            .map(|local| slots[tiling.array(*local).expect("operands and results wait")]);
        let arrays: Vec<StackSlot> = arrays.collect();
        let addresses: Vec<Reg> = arrays.iter().map(|slot| self.b.ins().stack_addr(types::I64, *slot, 0)).collect();
        let count = self.b.ins().isub(tile.end, tile.start);
        self.call_block(call.op, self.types[call.args[0].index()], &addresses, count);
    }
}

/// The locals a statement uses.
fn used<'i>(item: &'i Item<'_>) -> &'i [LocalId] {
    match item {
        Item::Let { value, .. } => value.args(),
        Item::Store { value, .. } => std::slice::from_ref(value),
        Item::Reduce(_) => &[],
    }
}

/// Gives every local an array, the same to those whose times do not meet. Returns the number of arrays.
fn share_arrays(scratch: &mut [Scratch]) -> usize {
    scratch.sort_by_key(|s| s.from);
    let mut ends: Vec<usize> = Vec::new();
    for s in scratch {
        s.array = ends.iter().position(|end| *end < s.from).unwrap_or(ends.len());
        match ends.get_mut(s.array) {
            Some(end) => *end = s.to,
            None => ends.push(s.to),
        }
    }
    ends.len()
}
