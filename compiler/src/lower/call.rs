//! Calls of the op table's evaluators from compiled code.
//!
//! An evaluator is a Rust function, whose calling convention is Rust's own affair: compiled code calls a trampoline of the
//! C convention and gives it the evaluator, so that one trampoline serves every op of its arity and dtypes. Arrays go to the
//! op's block evaluator, which has wider vectors than compiled code, if there is one.

use super::emit::Emitter;
use super::width::Width;
use crate::jit::{binary_block, binary_slices, unary_block, unary_slices};
use cranelift_codegen::ir::{AbiParam, Inst, InstBuilder, Signature, Value, types};
use evanesce_ir::ops::ElementwiseOp;
use evanesce_ir::ops::elementwise::Loop;
use evanesce_ir::ops::math::{Block, Blocks};
use evanesce_ir::types::DType;

#[allow(improper_ctypes_definitions, reason = "the function pointer is only passed on")]
extern "C" fn unary<T, R>(f: fn(T) -> R, x: T) -> R {
    f(x)
}

#[allow(improper_ctypes_definitions, reason = "the function pointer is only passed on")]
extern "C" fn binary<T, R>(f: fn(T, T) -> R, x: T, y: T) -> R {
    f(x, y)
}

/// A function and the trampoline that takes it first, as addresses.
#[derive(Clone, Copy)]
struct Reach {
    function: usize,
    trampoline: usize,
}

/// The evaluators of an op.
struct Callee {
    /// Takes the operands.
    one: Reach,
    /// Takes arrays of operands, an array for the results and the number of elements.
    block: Reach,
}

/// The evaluator of an op for operands of a dtype; `None` for a choice and for parts of complex numbers.
fn callee(op: ElementwiseOp, dtype: DType) -> Option<Callee> {
    macro_rules! reach {
        ($field:ident, $ty:ty) => {{
            let mut callee = match op.loops().$field? {
                Loop::Unary(f) => reach!(f, unary::<$ty, $ty>, unary_block::<$ty, $ty>),
                Loop::Binary(f) => reach!(f, binary::<$ty, $ty>, binary_block::<$ty, $ty>),
                Loop::Test(f) => reach!(f, unary::<$ty, bool>, unary_block::<$ty, bool>),
                Loop::Compare(f) => reach!(f, binary::<$ty, bool>, binary_block::<$ty, bool>),
                Loop::Count(f) => reach!(f, unary::<$ty, u8>, unary_block::<$ty, u8>),
                Loop::Select | Loop::Real | Loop::Imag | Loop::Join => return None,
            };
            match <$ty>::block(op) {
                Some(Block::Unary(f)) => callee.block = reach!(@ f, unary_slices::<$ty>),
                Some(Block::Binary(f)) => callee.block = reach!(@ f, binary_slices::<$ty>),
                None => {}
            }
            callee
        }};
        ($f:expr, $one:expr, $block:expr) => {
            Callee { one: reach!(@ $f, $one), block: reach!(@ $f, $block) }
        };
        (@ $f:expr, $trampoline:expr) => {
            Reach { function: $f as *const () as usize, trampoline: $trampoline as *const () as usize }
        };
    }
    Some(match dtype {
        DType::Bool => reach!(bool, bool),
        DType::I8 => reach!(i8, i8),
        DType::I16 => reach!(i16, i16),
        DType::I32 => reach!(i32, i32),
        DType::I64 => reach!(i64, i64),
        DType::U8 => reach!(u8, u8),
        DType::U16 => reach!(u16, u16),
        DType::U32 => reach!(u32, u32),
        DType::U64 => reach!(u64, u64),
        DType::F32 => reach!(f32, f32),
        DType::F64 => reach!(f64, f64),
        DType::C64 | DType::C128 => return None,
    })
}

impl Emitter<'_, '_> {
    /// The result of an op on single elements by its evaluator.
    pub(super) fn call(&mut self, op: ElementwiseOp, dtype: DType, args: &[Value]) -> Value {
        let Callee { one, .. } = callee(op, dtype).expect("verified: the op has this loop");
        let param = |dtype| match dtype {
            DType::Bool | DType::U8 | DType::U16 => AbiParam::new(Width::One.ty(dtype)).uext(),
            DType::I8 | DType::I16 => AbiParam::new(Width::One.ty(dtype)).sext(),
            _ => AbiParam::new(Width::One.ty(dtype)),
        };
        let mut signature = Signature::new(self.host.conv);
        signature.params.push(AbiParam::new(types::I64));
        signature.params.extend(args.iter().map(|_| param(dtype)));
        signature.returns.push(param(op.result(dtype)));
        let call = self.call_address(signature, one, args);
        self.b.inst_results(call)[0]
    }

    /// An op on `count` elements of each of the arrays but the last, which takes the results.
    pub(super) fn call_block(&mut self, op: ElementwiseOp, dtype: DType, arrays: &[Value], count: Value) {
        let Callee { block, .. } = callee(op, dtype).expect("verified: the op has this loop");
        let mut signature = Signature::new(self.host.conv);
        signature.params.extend(vec![AbiParam::new(types::I64); arrays.len() + 2]);
        let args: Vec<Value> = arrays.iter().copied().chain([count]).collect();
        self.call_address(signature, block, &args);
    }

    fn call_address(&mut self, signature: Signature, reach: Reach, args: &[Value]) -> Inst {
        let known = self.signatures.iter().find(|(known, _)| *known == signature).map(|(_, reference)| *reference);
        let reference = known.unwrap_or_else(|| {
            let reference = self.b.import_signature(signature.clone());
            self.signatures.push((signature, reference));
            reference
        });
        let address = self.b.ins().iconst(types::I64, reach.trampoline as i64);
        let function = self.b.ins().iconst(types::I64, reach.function as i64);
        let args: Vec<Value> = std::iter::once(function).chain(args.iter().copied()).collect();
        self.b.ins().call_indirect(reference, address, &args)
    }
}
