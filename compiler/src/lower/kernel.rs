//! A kernel as a function: its loops, and the statements at their places.
//!
//! Loops test at their end and count elements, so an address is a base with a scaled index. The innermost parallel loop
//! runs over vectors when every access moves by one element or not at all: first four at a time, then one, then single
//! elements, all by the same code at another width.

use super::emit::{Emitter, Index, Span};
use super::plan::{self, Item, Plan, bit};
use super::width::{FLAGS, Width};
use super::{Host, Site};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Function, InstBuilder, Value as Reg, types};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use evanesce_ir::error::Loc;
use evanesce_ir::ids::LocalId;
use evanesce_ir::ops::ElementwiseOp;
use evanesce_ir::program::{Access, Kernel, Program, Value};
use evanesce_ir::types::{DType, Shape};

/// Statements of the largest body that is repeated four times in one iteration.
const UNROLLED_BODY: usize = 24;
/// Vectors in an iteration of the unrolled loop.
const UNROLL: usize = 4;
/// Vectors of the shortest loop that is unrolled: a shorter one takes longer to compile than it may save.
const LONG: usize = 16;

/// Vectors that are reduced together: of `f64` a cache line.
const TOGETHER: usize = 4;
/// Statements of the largest body that is reduced together.
const COLUMNS_BODY: usize = 8;
/// Bytes between the first and the last row of an array that is large for its columns to be reduced together.
const FAR: usize = 128 << 10;

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
    let mut emitter = Emitter::new(b, host, (program, kernel), (types, plan.deps), (fail, sites), buffers);
    if !kernel.is_empty() {
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

impl Emitter<'_, '_> {
    /// The loops from the current one inwards; `levels` are the statements at each depth.
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
        if items.iter().any(|item| matches!(item, Item::Let { value: Value::Scan { .. }, .. })) {
            return self.in_order(items, span);
        }
        if let Some(tiling) = self.tiling(items, depth, extent, None) {
            return self.tiles(&tiling, span);
        }
        if let Some(width) = self.vector_width(items, depth, [])
            && extent >= width.count()
        {
            let lanes = width.count();
            // Vectors in an iteration: one after another where the body is small, together where columns are reduced.
            let together = if extent >= TOGETHER * lanes && self.reduces_columns(items) { TOGETHER } else { 1 };
            let small = plan::size(items) <= UNROLLED_BODY && !items.iter().any(plan::is_reduction);
            let unroll = if small && extent >= LONG * lanes { UNROLL } else { 1 };
            self.lanes = Some((depth, width));
            if together * unroll > 1 {
                span = self.vectors(items, span, lanes, (unroll, together));
            }
            span = self.vectors(items, span, lanes, (1, 1));
            self.lanes = None;
        }
        self.each(span, 1, &[], &mut |e, i, _| {
            e.indices.push(Some(i));
            e.items(items);
            e.indices.pop();
            Vec::new()
        });
    }

    /// The innermost loop of a kernel that scans. Its first iteration, of which there is one, stands before the loop: there
    /// a scan is its operand.
    fn in_order(&mut self, items: &[Item<'_>], span: Span) {
        let scans: Vec<LocalId> = items
            .iter()
            .filter_map(|item| match item {
                Item::Let { local, value: Value::Scan { .. }, .. } => Some(*local),
                _ => None,
            })
            .collect();
        let iteration = |e: &mut Self, i: Index| -> Vec<Reg> {
            e.indices.push(Some(i));
            e.items(items);
            e.indices.pop();
            scans.iter().map(|&scan| e.get(scan)).collect()
        };
        let state = iteration(self, Index { value: span.start, shift: 0 });
        let start = self.b.ins().iadd_imm_s(span.start, 1);
        let rest = Span { start, end: span.end, known: span.known.map(|(start, end)| (start + 1, end)) };
        self.each(rest, 1, &state, &mut |e, i, state| {
            e.carried = scans.iter().copied().zip(state.iter().copied()).collect();
            iteration(e, i)
        });
        self.carried.clear();
    }

    /// A loop over vectors: `unroll` times in an iteration, `together` at once each time. Gives what is left.
    fn vectors(&mut self, items: &[Item<'_>], span: Span, lanes: usize, (unroll, together): (usize, usize)) -> Span {
        let step = unroll * together * lanes;
        let body = &mut |e: &mut Self, i: Index, _: &[Reg]| {
            for copy in 0..unroll {
                e.indices.push(Some(Index { shift: (copy * together * lanes) as isize, ..i }));
                e.together(together);
                e.items(items);
                e.separate();
                e.indices.pop();
            }
            Vec::new()
        };
        self.each(span, step, &[], body).0
    }

    /// Whether a small body reduces an array over rows far apart: then a cache line should be used whole when it is there.
    fn reduces_columns(&self, items: &[Item<'_>]) -> bool {
        let far = |r: &plan::Reduction<'_>| {
            let reach = r.items.iter().map(|item| match item {
                Item::Let { value: Value::Load { buffer, access }, .. } => {
                    let size = self.program.buffer(*buffer).ty.dtype.size();
                    access.strides[r.depth].unsigned_abs().saturating_mul(r.extent).saturating_mul(size)
                }
                _ => 0,
            });
            reach.max().unwrap_or(0) >= FAR
        };
        plan::size(items) <= COLUMNS_BODY && items.iter().any(|item| matches!(item, Item::Reduce(r) if far(r)))
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
        if lanes.is_none() {
            self.once(|e| e.define(item), item.local());
        } else {
            self.define(item);
        }
        (self.width, self.lanes) = outer;
    }

    /// One statement at the current width, in every vector.
    fn define(&mut self, item: &Item<'_>) {
        match item {
            Item::Let { local, value: Value::Scan { op, arg }, loc } => {
                let element = self.get(*arg);
                let before = self.carried.iter().find(|(scan, _)| scan == local).map(|(_, register)| *register);
                let dtype = self.types[arg.index()];
                let register =
                    before.map_or(element, |before| self.checked(*op, dtype, &[before, element], ("accumulate", *loc)));
                self.set(*local, register);
            }
            Item::Let { local, value, loc } => {
                self.for_each_vector(|e| {
                    let register = e.value(value, *loc);
                    e.set(*local, register);
                });
            }
            Item::Reduce(reduction) => {
                let registers = self.reduce(reduction);
                self.set_all(reduction.local, &registers);
            }
            Item::Store { buffer, access, value } => {
                self.for_each_vector(|e| {
                    let register = e.get(*value);
                    let address = e.address(*buffer, access);
                    let stride = e.lane_stride(access);
                    e.store_apart(e.types[value.index()], register, address, stride);
                });
            }
        }
    }

    fn value(&mut self, value: &Value, loc: Option<Loc>) -> Reg {
        match value {
            Value::Constant(scalar) => self.constant(*scalar),
            Value::Load { buffer, access } => {
                let address = self.address(*buffer, access);
                let stride = self.lane_stride(access);
                self.load_apart(self.program.buffer(*buffer).ty.dtype, address, stride)
            }
            Value::Gather { buffer, access, indices, axes } => {
                let size = self.program.buffer(*buffer).ty.dtype.size() as isize;
                let mut bytes = None;
                for (&index, axis) in indices.iter().zip(axes) {
                    let site = Site { op: "take", size: Some(axis.size), loc };
                    let taken = self.taken(index, axis.size, site);
                    let step = self.b.ins().imul_imm_s(taken, axis.stride.wrapping_mul(size) as i64);
                    bytes = Some(bytes.map_or(step, |bytes| self.b.ins().iadd(bytes, step)));
                }
                let (mut address, offset) = self.address(*buffer, access);
                if let Some(bytes) = bytes {
                    address = self.b.ins().iadd(address, bytes);
                }
                self.load(self.program.buffer(*buffer).ty.dtype, (address, offset))
            }
            Value::Elementwise { op, args } => {
                let registers: Vec<Reg> = args.iter().map(|&arg| self.get(arg)).collect();
                let dtype = self.types[args.last().expect("an operand").index()];
                self.checked(*op, dtype, &registers, (op.name(), loc))
            }
            Value::Scan { .. } => unreachable!("defined with what it was before"),
            Value::Cast { dtype, arg } => {
                let x = self.get(*arg);
                self.cast(x, self.types[arg.index()], *dtype)
            }
        }
    }

    /// Elements between neighbouring lanes of an access.
    fn lane_stride(&self, access: &Access) -> isize {
        self.lanes.and_then(|(depth, _)| access.strides.get(depth)).copied().unwrap_or(1)
    }

    /// An op that may fail for some operands.
    fn checked(
        &mut self,
        op: ElementwiseOp,
        dtype: DType,
        registers: &[Reg],
        (name, loc): (&'static str, Option<Loc>),
    ) -> Reg {
        if op == ElementwiseOp::Power && dtype.is_signed() {
            let exponent = self.cast(registers[1], dtype, DType::I64);
            let zero = self.b.ins().iconst(types::I64, 0);
            let valid = self.b.ins().icmp(IntCC::SignedGreaterThanOrEqual, exponent, zero);
            self.check(valid, Site { op: name, size: None, loc }, exponent);
        }
        self.elementwise(op, dtype, registers)
    }

    /// A computed index, checked and counted from the beginning.
    fn taken(&mut self, index: LocalId, size: usize, site: Site) -> Reg {
        let size = size as i64;
        let index = self.get(index);
        let from_first = self.b.ins().iadd_imm_s(index, size);
        let limit = self.b.ins().iconst(types::I64, size.wrapping_mul(2));
        let valid = self.b.ins().icmp(IntCC::UnsignedLessThan, from_first, limit);
        self.check(valid, site, index);
        let zero = self.b.ins().iconst(types::I64, 0);
        let negative = self.b.ins().icmp(IntCC::SignedLessThan, index, zero);
        self.b.ins().select(negative, from_first, index)
    }
}
