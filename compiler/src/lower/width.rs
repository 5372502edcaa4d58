//! What a scalar of a kernel is in a register: one element, or the elements of neighbouring iterations of one loop.
//!
//! A bool is a byte 0 or 1 when it is alone, as in memory, and a lane of all zeros or all ones beside others; lanes of one
//! vector are as wide as the widest dtype of the body.

use super::emit::Emitter;
use super::plan::{Item, Reduction, bit};
use super::scalar::{casts_on_vectors, vector_op};
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlagsData, Type, Value, types};
use evanesce_ir::ids::LocalId;
use evanesce_ir::program::{Access, Value as Expr};
use evanesce_ir::tensor::Scalar;
use evanesce_ir::types::DType;

/// How many elements a value holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// One.
    One,
    /// A vector's, each of this many bytes: 1, 2, 4 or 8.
    Lanes(usize),
}

/// A register is a vector of 16 bytes.
const BYTES: usize = 16;
/// No access leaves its buffer (verified), none need be aligned.
pub(super) const FLAGS: MemFlagsData = MemFlagsData::new().with_notrap();

impl Width {
    /// Number of elements.
    pub(super) fn count(self) -> usize {
        match self {
            Width::One => 1,
            Width::Lanes(bytes) => BYTES / bytes,
        }
    }

    /// The type of a value.
    pub(super) fn ty(self, dtype: DType) -> Type {
        let element = match (self, dtype) {
            (Width::Lanes(bytes), DType::Bool) => Type::int_with_byte_size(bytes as u16).expect("as wide as a dtype"),
            (_, DType::F32) => types::F32,
            (_, DType::F64) => types::F64,
            (_, DType::C64 | DType::C128) => unreachable!("complex values are split into their parts"),
            _ => Type::int_with_byte_size(dtype.size() as u16).expect("1, 2, 4 or 8 bytes"),
        };
        match self {
            Width::One => element,
            Width::Lanes(_) => element.by(BYTES as u32 / element.bytes()).expect("a vector of 16 bytes"),
        }
    }

    /// Bytes of a value in a stack slot.
    pub(super) fn bytes(self, dtype: DType) -> usize {
        match self {
            Width::One => dtype.size(),
            Width::Lanes(_) => BYTES,
        }
    }
}

impl Emitter<'_, '_> {
    /// A literal.
    pub(super) fn constant(&mut self, scalar: Scalar) -> Value {
        let one = match scalar {
            Scalar::F32(x) => self.b.ins().f32const(x),
            Scalar::F64(x) => self.b.ins().f64const(x),
            // Zero-extended, as an immediate has to be.
            int => self.b.ins().iconst(Width::One.ty(int.dtype()), int.bits() as u64 as i64),
        };
        self.widen(one, scalar.dtype())
    }

    /// The same element in every lane.
    pub(super) fn widen(&mut self, one: Value, dtype: DType) -> Value {
        let Width::Lanes(_) = self.width else { return one };
        let ty = self.width.ty(dtype);
        if dtype != DType::Bool {
            return self.b.ins().splat(ty, one);
        }
        let lane = ty.lane_type();
        let int = if lane == types::I8 { one } else { self.b.ins().uextend(lane, one) };
        let mask = self.b.ins().ineg(int);
        self.b.ins().splat(ty, mask)
    }

    /// One lane of a vector, as a single element.
    pub(super) fn lane(&mut self, vector: Value, lane: usize, dtype: DType) -> Value {
        let element = self.b.ins().extractlane(vector, lane as u8);
        if dtype != DType::Bool {
            return element;
        }
        let byte = self.narrow(element);
        self.b.ins().band_imm_u(byte, 1)
    }

    fn narrow(&mut self, int: Value) -> Value {
        if self.b.func.dfg.value_type(int) == types::I8 { int } else { self.b.ins().ireduce(types::I8, int) }
    }

    /// Elements from memory, neighbours of the first when there are several.
    pub(super) fn load(&mut self, dtype: DType, (address, offset): (Value, i32)) -> Value {
        let Width::Lanes(bytes) = self.width else {
            return self.b.ins().load(self.width.ty(dtype), FLAGS, address, offset);
        };
        if dtype != DType::Bool {
            return self.b.ins().load(self.width.ty(dtype), FLAGS, address, offset);
        }
        // As many bytes as there are lanes, widened step by step to 0 or 1 in each lane.
        let (packed, steps) = match bytes {
            1 => {
                return {
                    let bytes = self.b.ins().load(types::I8X16, FLAGS, address, offset);
                    self.b.ins().ineg(bytes)
                };
            }
            2 => (self.b.ins().load(types::I64, FLAGS, address, offset), 1),
            4 => (self.b.ins().load(types::I32, FLAGS, address, offset), 2),
            _ => {
                let pair = self.b.ins().load(types::I16, FLAGS, address, offset);
                (self.b.ins().uextend(types::I32, pair), 3)
            }
        };
        let ty = if bytes == 2 { types::I64X2 } else { types::I32X4 };
        let vector = self.b.ins().scalar_to_vector(ty, packed);
        let mut vector = self.bitcast(types::I8X16, vector);
        for _ in 0..steps {
            vector = self.b.ins().uwiden_low(vector);
        }
        self.b.ins().ineg(vector)
    }

    /// Elements from memory, `stride` of them apart.
    pub(super) fn load_apart(&mut self, dtype: DType, (address, offset): (Value, i32), stride: isize) -> Value {
        if self.width == Width::One || stride == 1 {
            return self.load(dtype, (address, offset));
        }
        let mut vector = None;
        for lane in 0..self.width.count() {
            let (address, offset) = self.lane_address((address, offset), dtype, stride, lane);
            let one = self.b.ins().load(Width::One.ty(dtype), FLAGS, address, offset);
            vector = Some(match vector {
                None => self.b.ins().scalar_to_vector(self.width.ty(dtype), one),
                Some(vector) => self.b.ins().insertlane(vector, one, lane as u8),
            });
        }
        vector.expect("a vector has lanes")
    }

    /// Elements to memory, `stride` of them apart.
    pub(super) fn store_apart(&mut self, dtype: DType, value: Value, address: (Value, i32), stride: isize) {
        if self.width == Width::One || stride == 1 {
            return self.store(dtype, value, address);
        }
        for lane in 0..self.width.count() {
            let (address, offset) = self.lane_address(address, dtype, stride, lane);
            let one = self.lane(value, lane, dtype);
            self.b.ins().store(FLAGS, one, address, offset);
        }
    }

    fn lane_address(
        &mut self,
        (address, offset): (Value, i32),
        dtype: DType,
        stride: isize,
        lane: usize,
    ) -> (Value, i32) {
        let bytes = (dtype.size() as isize).wrapping_mul(stride).wrapping_mul(lane as isize);
        let offset = (offset as isize).wrapping_add(bytes);
        match i32::try_from(offset) {
            Ok(offset) => (address, offset),
            Err(_) => (self.b.ins().iadd_imm_s(address, offset as i64), 0),
        }
    }

    /// Elements to memory.
    pub(super) fn store(&mut self, dtype: DType, value: Value, (address, offset): (Value, i32)) {
        let (Width::Lanes(bytes), DType::Bool) = (self.width, dtype) else {
            self.b.ins().store(FLAGS, value, address, offset);
            return;
        };
        if bytes == 1 {
            let bytes = self.b.ins().ineg(value);
            self.b.ins().store(FLAGS, bytes, address, offset);
            return;
        }
        for lane in 0..self.width.count() {
            let byte = self.lane(value, lane, dtype);
            self.b.ins().store(FLAGS, byte, address, offset + lane as i32);
        }
    }

    /// The same bits as another type of the same size.
    pub(super) fn bitcast(&mut self, ty: Type, value: Value) -> Value {
        if self.b.func.dfg.value_type(value) == ty {
            return value;
        }
        self.b.ins().bitcast(ty, MemFlagsData::new().with_endianness(Endianness::Little), value)
    }

    /// The width of a loop's body on vectors, when it has one: whatever depends on the loop has instructions on vectors and is
    /// of dtypes of one size, as those of `others` (bools adapt). Accesses move by one element in the loop; some may move by
    /// other distances, one lane after another, where there is more to compute than to gather.
    pub(super) fn vector_width<'i, 'k: 'i>(
        &self,
        items: impl IntoIterator<Item = &'i Item<'k>>,
        depth: usize,
        others: impl IntoIterator<Item = DType>,
    ) -> Option<Width> {
        let mut lane = None;
        let mut balance = 0;
        let fits = self.host.vectors
            && others.into_iter().all(|dtype| agree(&mut lane, dtype))
            && items.into_iter().all(|item| self.fits(item, depth, &mut lane, &mut balance));
        (fits && balance >= 0).then(|| Width::Lanes(lane.unwrap_or(1)))
    }

    /// Notes in `balance` what there is to compute, less the accesses that are made lane by lane.
    fn fits(&self, item: &Item<'_>, depth: usize, lane: &mut Option<usize>, balance: &mut isize) -> bool {
        let moves = |local: LocalId| self.deps[local.index()] & bit(depth) != 0;
        let reaches = |access: &Access, dtype: DType, balance: &mut isize| match access.strides.get(depth) {
            Some(0 | 1) => true,
            Some(_) => {
                *balance -= 1;
                dtype.size() >= 4
            }
            None => false,
        };
        match item {
            Item::Let { local, .. } if !moves(*local) => true,
            Item::Let { local, value, .. } => {
                agree(lane, self.types[local.index()])
                    && match value {
                        Expr::Constant(_) => true,
                        Expr::Load { access, .. } => reaches(access, self.types[local.index()], balance),
                        Expr::Gather { .. } | Expr::Scan { .. } => false,
                        Expr::Elementwise { op, args } => {
                            *balance += 1;
                            vector_op(*op, self.types[args.last().expect("an operand").index()])
                                && args.iter().all(|arg| agree(lane, self.types[arg.index()]))
                        }
                        Expr::Cast { dtype, arg } => {
                            let from = self.types[arg.index()];
                            casts_on_vectors(from, *dtype) && agree(lane, from)
                        }
                    }
            }
            Item::Reduce(reduction) if !moves(reduction.local) => true,
            Item::Reduce(reduction) => {
                agree(lane, self.types[reduction.local.index()])
                    && agree(lane, reduction.dtype)
                    && combines_on_vectors(reduction)
                    && reduction.items.iter().all(|item| self.fits(item, depth, lane, balance))
            }
            Item::Store { access, value, .. } => {
                let dtype = self.types[value.index()];
                reaches(access, dtype, balance) && agree(lane, dtype)
            }
        }
    }
}

/// Whether the elements of a reduction combine in vectors.
pub(super) fn combines_on_vectors(reduction: &Reduction<'_>) -> bool {
    reduction.op.combine().is_none_or(|op| vector_op(op, reduction.dtype))
}

/// Whether a dtype has the size of the others; a bool has any.
fn agree(lane: &mut Option<usize>, dtype: DType) -> bool {
    dtype == DType::Bool || *lane.get_or_insert(dtype.size()) == dtype.size()
}
