//! Nested reductions, in the order that [`evanesce_ir::ops::reduce`] defines.
//!
//! Every combination has an exact identity (of a float sum it is `-0.0`), so lanes start there and a short block needs no
//! case of its own. The eight lanes of a block are registers: four vectors of two when the reduction runs along memory,
//! else eight values, each a vector itself when the loop around runs along memory. A body too large to be repeated eight
//! times keeps its lanes in a stack slot and is emitted once. Results of blocks combine in a slot too, as a binary counter.

use super::emit::{Emitter, Index, Span};
use super::plan::{self, Reduction};
use super::tile::Tiling;
use super::width::{FLAGS, Width, combines_on_vectors};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, StackSlot, Value, types};
use evanesce_ir::ops::reduce::{BLOCK, LANES};
use evanesce_ir::ops::{ElementwiseOp, ReduceOp};
use evanesce_ir::tensor::Scalar;
use evanesce_ir::types::DType;

/// Statements of the largest body that is repeated for each lane.
const REPEATED_BODY: usize = 16;

/// The scalar that changes nothing when combined from the left; of an arg-reduction, the worst there is.
fn neutral(op: ReduceOp, dtype: DType) -> Scalar {
    // Of a sign bit alone, and of all the others.
    let sign = 1u128 << (8 * dtype.size() - 1);
    let lowest = match dtype {
        _ if dtype.is_float() => Scalar::F64(f64::NEG_INFINITY).cast(dtype),
        _ if dtype.is_signed() => Scalar::from_bits(dtype, sign),
        _ => Scalar::zero(dtype),
    };
    let highest = match dtype {
        DType::Bool => Scalar::Bool(true),
        _ if dtype.is_float() => Scalar::F64(f64::INFINITY).cast(dtype),
        _ if dtype.is_signed() => Scalar::from_bits(dtype, sign - 1),
        _ => Scalar::from_bits(dtype, u128::MAX),
    };
    match op {
        ReduceOp::Sum if dtype.is_float() => Scalar::F64(-0.0).cast(dtype),
        ReduceOp::Sum | ReduceOp::Any => Scalar::zero(dtype),
        ReduceOp::Prod | ReduceOp::All => Scalar::one(dtype),
        ReduceOp::BitwiseAnd => ElementwiseOp::Invert.eval(&[Scalar::zero(dtype)]),
        ReduceOp::BitwiseOr | ReduceOp::BitwiseXor | ReduceOp::LogicalXor => Scalar::zero(dtype),
        ReduceOp::Nanmax | ReduceOp::Nanmin if dtype.is_float() => Scalar::F64(f64::NAN).cast(dtype),
        ReduceOp::Max | ReduceOp::Argmax | ReduceOp::Nanmax => lowest,
        ReduceOp::Min | ReduceOp::Argmin | ReduceOp::Nanmin => highest,
    }
}

/// What each of the vectors that are computed together has.
type Each = Vec<Value>;

/// Where the lanes of a block are while it runs.
#[derive(Clone, Copy)]
enum Lanes<'t> {
    /// One running value: what is short, or may be combined in any order.
    One,
    /// In vectors along the reduction.
    Along(Width),
    /// In vectors over an array of elements, which a tile with calls has left.
    Tile(&'t Tiling<'t, 't>, &'t [StackSlot]),
    /// In eight values.
    Registers,
    /// In a stack slot.
    Slot,
}

/// Where elements come from.
#[derive(Clone, Copy)]
enum Source {
    /// The reduction's body computes them.
    Body,
    /// They are in an array, this range of them.
    Array(StackSlot, Span),
}

impl Emitter<'_, '_> {
    /// The result of a reduction at the current width.
    pub(super) fn reduce(&mut self, r: &Reduction<'_>) -> Each {
        if r.extent == 0 {
            let identity =
                r.op.identity(r.dtype).expect("verified: nothing is reduced only where there is an identity");
            return self.for_each_vector(|e| e.constant(identity));
        }
        let Some(op) = r.op.combine() else { return self.reduce_arg(r) };
        let tiling = match self.width {
            Width::One => self.tiling(&r.items, r.depth, r.extent, Some(r.value)),
            Width::Lanes(_) => None,
        };
        if let Some(tiling) = tiling.filter(|tiling| tiling.elements() == BLOCK) {
            let slots = self.take_arrays(&tiling);
            let result = self.reduce_by(r, op, Lanes::Tile(&tiling, &slots));
            slots.into_iter().for_each(|slot| self.give_slot(slot));
            return result;
        }
        self.reduce_by(r, op, self.choose_lanes(r))
    }

    fn reduce_by(&mut self, r: &Reduction<'_>, op: ElementwiseOp, lanes: Lanes<'_>) -> Each {
        if r.extent <= BLOCK {
            let span = self.span(0, r.extent);
            return self.block(r, op, lanes, span);
        }
        self.blocks(r, op, lanes)
    }

    fn choose_lanes(&self, r: &Reduction<'_>) -> Lanes<'static> {
        let size = plan::size(&r.items);
        if r.extent < LANES {
            return Lanes::One;
        }
        if self.width == Width::One
            && size <= 4 * REPEATED_BODY
            && combines_on_vectors(r)
            && let Some(width) = self.vector_width(&r.items, r.depth, [r.dtype])
            && r.extent >= width.count()
        {
            return Lanes::Along(width);
        }
        // Integers and truth values combine to the same bits in any order.
        match r.dtype.is_float() {
            false => Lanes::One,
            true if size <= REPEATED_BODY && !r.items.iter().any(plan::is_reduction) => Lanes::Registers,
            true => Lanes::Slot,
        }
    }

    /// The element at an index of the reduction.
    fn element(&mut self, r: &Reduction<'_>, source: Source, index: Index) -> Each {
        if let Source::Array(slot, span) = source {
            let address = self.place(slot, r.dtype, span, index);
            return vec![self.load(r.dtype, (address, index.shift as i32 * r.dtype.size() as i32))];
        }
        let outer = self.indices.len();
        self.indices.resize(r.depth, None);
        self.indices.push(Some(index));
        self.items(&r.items);
        self.indices.truncate(outer);
        self.for_each_vector(|e| e.get(r.value))
    }

    fn combine(&mut self, op: ElementwiseOp, dtype: DType, x: &[Value], y: &[Value]) -> Each {
        x.iter().zip(y).map(|(&x, &y)| self.elementwise(op, dtype, &[x, y])).collect()
    }

    /// What changes nothing.
    fn start(&mut self, r: &Reduction<'_>) -> Each {
        self.for_each_vector(|e| e.constant(neutral(r.op, r.dtype)))
    }

    /// Combines elements one by one.
    fn fold(&mut self, r: &Reduction<'_>, source: Source, op: ElementwiseOp, run: &[Value], span: Span) -> Each {
        let body = &mut |e: &mut Self, i: Index, state: &[Value]| {
            let element = e.element(r, source, i);
            e.combine(op, r.dtype, state, &element)
        };
        self.each(span, 1, run, body).1
    }

    /// One block.
    fn block(&mut self, r: &Reduction<'_>, op: ElementwiseOp, lanes: Lanes<'_>, span: Span) -> Each {
        match lanes {
            Lanes::One => {
                let start = self.start(r);
                self.fold(r, Source::Body, op, &start, span)
            }
            Lanes::Slot => self.block_in_slot(r, op, span),
            Lanes::Along(width) => self.block_in_vectors(r, Source::Body, op, width, span),
            Lanes::Tile(tiling, slots) => {
                self.tile(tiling, slots, span);
                let array = slots[tiling.array(r.value).expect("the element waits")];
                self.block_in_vectors(r, Source::Array(array, span), op, Width::Lanes(r.dtype.size()), span)
            }
            Lanes::Registers => {
                let (rest, parts) = self.lanes(r, Source::Body, op, span, (LANES, 1));
                let run = self.pairwise(op, r.dtype, parts);
                self.fold(r, Source::Body, op, &run, rest)
            }
        }
    }

    /// One block whose lanes are in vectors along it.
    fn block_in_vectors(
        &mut self,
        r: &Reduction<'_>,
        source: Source,
        op: ElementwiseOp,
        width: Width,
        span: Span,
    ) -> Each {
        let outer = (self.width, self.lanes);
        let group = LANES.max(width.count());
        (self.width, self.lanes) = (width, Some((r.depth, width)));
        let (rest, parts) = self.lanes(r, source, op, span, (group / width.count(), width.count()));
        (self.width, self.lanes) = outer;
        let mut elements = Vec::with_capacity(group);
        for vector in parts {
            elements.extend((0..width.count()).map(|lane| vec![self.lane(vector[0], lane, r.dtype)]));
        }
        let run = self.pairwise(op, r.dtype, elements);
        self.fold(r, source, op, &run, rest)
    }

    /// Whole groups of elements, combined in `count` registers that are `apart` elements from each other.
    fn lanes(
        &mut self,
        r: &Reduction<'_>,
        source: Source,
        op: ElementwiseOp,
        span: Span,
        (count, apart): (usize, usize),
    ) -> (Span, Vec<Each>) {
        let start = self.start(r);
        let together = start.len();
        let body = &mut |e: &mut Self, i: Index, state: &[Value]| {
            let mut next = Vec::with_capacity(state.len());
            for (k, run) in state.chunks(together).enumerate() {
                let element = e.element(r, source, Index { shift: (k * apart) as isize, ..i });
                next.extend(e.combine(op, r.dtype, run, &element));
            }
            next
        };
        let (rest, state) = self.each(span, count * apart, &start.repeat(count), body);
        (rest, state.chunks(together).map(<[Value]>::to_vec).collect())
    }

    /// One block with its body emitted once: elements left over are kept in places of their own behind the lanes'.
    fn block_in_slot(&mut self, r: &Reduction<'_>, op: ElementwiseOp, span: Span) -> Each {
        let (ty, size) = (self.width.ty(r.dtype), self.width.bytes(r.dtype));
        let start = self.start(r);
        let row = start.len() * size;
        let slot = self.take_slot(2 * LANES * row);
        let place = |k: usize, vector: usize| (k * row + vector * size) as i32;
        for k in 0..2 * LANES {
            for (vector, &start) in start.iter().enumerate() {
                self.b.ins().stack_store(types::I64, start, slot, place(k, vector));
            }
        }
        // Blocks start at multiples of the lanes.
        let whole = self.b.ins().band_imm_s(span.end, -(LANES as i64));
        self.each(span, 1, &[], &mut |e, i, _| {
            let element = e.element(r, Source::Body, i);
            let lane = e.b.ins().band_imm_s(i.value, LANES as i64 - 1);
            let left = e.b.ins().iadd_imm_s(lane, LANES as i64);
            let is_whole = e.b.ins().icmp(IntCC::SignedLessThan, i.value, whole);
            let lane = e.b.ins().select(is_whole, lane, left);
            let bytes = e.b.ins().imul_imm_s(lane, row as i64);
            let slot = e.b.ins().stack_addr(types::I64, slot, 0);
            let address = e.b.ins().iadd(slot, bytes);
            for (vector, &element) in element.iter().enumerate() {
                let run = e.b.ins().load(ty, FLAGS, address, place(0, vector));
                let run = e.elementwise(op, r.dtype, &[run, element]);
                e.b.ins().store(FLAGS, run, address, place(0, vector));
            }
            Vec::new()
        });
        let load = |e: &mut Self, k: usize| -> Each {
            let vectors = 0..start.len();
            vectors.map(|vector| e.b.ins().stack_load(types::I64, ty, slot, place(k, vector))).collect()
        };
        let parts = (0..LANES).map(|k| load(self, k)).collect();
        let mut run = self.pairwise(op, r.dtype, parts);
        // Places that hold no element hold what changes nothing.
        let left = match span.known {
            Some((start, end)) => (end - start) as usize % LANES,
            None => LANES - 1,
        };
        for k in LANES..LANES + left {
            let element = load(self, k);
            run = self.combine(op, r.dtype, &run, &element);
        }
        self.give_slot(slot);
        run
    }

    /// `((0 1) (2 3)) ((4 5) (6 7))`.
    fn pairwise(&mut self, op: ElementwiseOp, dtype: DType, mut parts: Vec<Each>) -> Each {
        while parts.len() > 1 {
            parts = parts.chunks(2).map(|pair| self.combine(op, dtype, &pair[0], &pair[1])).collect();
        }
        parts.remove(0)
    }

    /// Several blocks, combined as a binary counter: the place of bit `k` holds the result of a run of `2^k` blocks.
    fn blocks(&mut self, r: &Reduction<'_>, op: ElementwiseOp, lanes: Lanes<'_>) -> Each {
        let (ty, size) = (self.width.ty(r.dtype), self.width.bytes(r.dtype));
        let row = size * (self.others.len() + 1);
        let count = r.extent.div_ceil(BLOCK);
        let levels = (usize::BITS - count.leading_zeros()) as usize;
        let slot = self.take_slot(levels * row);
        let load = |e: &mut Self, address: Value| -> Each {
            (0..row / size).map(|vector| e.b.ins().load(ty, FLAGS, address, (vector * size) as i32)).collect()
        };
        let span = self.span(0, count);
        self.each(span, 1, &[], &mut |e, block, _| {
            let start = e.b.ins().imul_imm_s(block.value, BLOCK as i64);
            let mut end = e.b.ins().iadd_imm_s(start, BLOCK as i64);
            if !r.extent.is_multiple_of(BLOCK) {
                let last = e.b.ins().iconst(types::I64, r.extent as i64);
                end = e.b.ins().smin(end, last);
            }
            let run = e.block(r, op, lanes, Span { start, end, known: None });
            let (carry, combine, store) = (e.b.create_block(), e.b.create_block(), e.b.create_block());
            let args = |level: Value, run: &[Value]| -> Vec<BlockArg> {
                std::iter::once(level).chain(run.iter().copied()).map(BlockArg::from).collect()
            };
            let level = e.b.append_block_param(carry, types::I64);
            let carried: Each = run.iter().map(|_| e.b.append_block_param(carry, ty)).collect();
            let zero = e.b.ins().iconst(types::I64, 0);
            e.b.ins().jump(carry, &args(zero, &run));
            e.b.switch_to_block(carry);
            let slot = e.b.ins().stack_addr(types::I64, slot, 0);
            let bytes = e.b.ins().imul_imm_s(level, row as i64);
            let place = e.b.ins().iadd(slot, bytes);
            let shifted = e.b.ins().ushr(block.value, level);
            let occupied = e.b.ins().band_imm_s(shifted, 1);
            e.b.ins().brif(occupied, combine, [], store, []);
            e.b.switch_to_block(combine);
            let older = load(e, place);
            let run = e.combine(op, r.dtype, &older, &carried);
            let next = e.b.ins().iadd_imm_s(level, 1);
            e.b.ins().jump(carry, &args(next, &run));
            e.b.switch_to_block(store);
            for (vector, &run) in carried.iter().enumerate() {
                e.b.ins().store(FLAGS, run, place, (vector * size) as i32);
            }
            Vec::new()
        });
        // The newest run is the shortest.
        let places = (0..levels).filter(|level| count >> level & 1 == 1).map(|level| (level * row) as i32);
        let mut run: Option<Each> = None;
        for place in places {
            let address = self.b.ins().stack_addr(types::I64, slot, place);
            let older = load(self, address);
            run = Some(match run {
                None => older,
                Some(newer) => self.combine(op, r.dtype, &older, &newer),
            });
        }
        self.give_slot(slot);
        run.expect("at least one block")
    }

    /// The first place of the extreme or of a NaN.
    fn reduce_arg(&mut self, r: &Reduction<'_>) -> Each {
        let better = if r.op == ReduceOp::Argmax { ElementwiseOp::Greater } else { ElementwiseOp::Less };
        let mut state = self.start(r);
        let together = state.len();
        state.extend(self.for_each_vector(|e| e.constant(Scalar::I64(0))));
        let span = self.span(0, r.extent);
        let body = &mut |e: &mut Self, i: Index, state: &[Value]| {
            let elements = e.element(r, Source::Body, i);
            let here = e.widen(i.value, DType::I64);
            let (bests, places) = state.split_at(together);
            let (mut next_bests, mut next_places) = (Vec::new(), Vec::new());
            for (k, &element) in elements.iter().enumerate() {
                let mut take = e.elementwise(better, r.dtype, &[element, bests[k]]);
                if r.dtype.is_float() {
                    let is_nan = e.elementwise(ElementwiseOp::Isnan, r.dtype, &[element]);
                    let was_nan = e.elementwise(ElementwiseOp::Isnan, r.dtype, &[bests[k]]);
                    let first = e.elementwise(ElementwiseOp::Greater, DType::Bool, &[is_nan, was_nan]);
                    take = e.b.ins().bor(take, first);
                }
                next_bests.push(e.choose(take, element, bests[k]));
                next_places.push(e.choose(take, here, places[k]));
            }
            next_bests.extend(next_places);
            next_bests
        };
        self.each(span, 1, &state, body).1.split_off(together)
    }
}
