//! Calls of the op table's evaluators from compiled code.
//!
//! An evaluator is a Rust function, whose calling convention is Rust's own affair: compiled code calls a trampoline of the
//! C convention and gives it the evaluator, so that one trampoline serves every op of its arity and dtypes.

use super::kernel::Emitter;
use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, Value, types};
use evanesce_ir::ops::ElementwiseOp;
use evanesce_ir::ops::elementwise::Loop;
use evanesce_ir::types::DType;

use super::width::Width;

#[allow(improper_ctypes_definitions, reason = "the function pointer is only passed on")]
extern "C" fn unary<T, R>(f: fn(T) -> R, x: T) -> R {
    f(x)
}

#[allow(improper_ctypes_definitions, reason = "the function pointer is only passed on")]
extern "C" fn binary<T, R>(f: fn(T, T) -> R, x: T, y: T) -> R {
    f(x, y)
}

/// An evaluator and how to reach it.
pub(super) struct Callee {
    trampoline: usize,
    evaluator: usize,
}

/// The evaluator of an op for operands of a dtype; `None` for a choice, which has none.
pub(super) fn callee(op: ElementwiseOp, dtype: DType) -> Option<Callee> {
    macro_rules! reach {
        ($field:ident, $ty:ty) => {
            match op.loops().$field? {
                Loop::Unary(f) => (unary::<$ty, $ty> as *const () as usize, f as *const () as usize),
                Loop::Binary(f) => (binary::<$ty, $ty> as *const () as usize, f as *const () as usize),
                Loop::Test(f) => (unary::<$ty, bool> as *const () as usize, f as *const () as usize),
                Loop::Compare(f) => (binary::<$ty, bool> as *const () as usize, f as *const () as usize),
                Loop::Select => return None,
            }
        };
    }
    let (trampoline, evaluator) = match dtype {
        DType::Bool => reach!(bool, bool),
        DType::I64 => reach!(i64, i64),
        DType::F32 => reach!(f32, f32),
        DType::F64 => reach!(f64, f64),
    };
    Some(Callee { trampoline, evaluator })
}

impl Emitter<'_, '_> {
    /// The result of an op on single elements by its evaluator.
    pub(super) fn call(&mut self, op: ElementwiseOp, dtype: DType, args: &[Value]) -> Value {
        let Callee { trampoline, evaluator } = callee(op, dtype).expect("verified: the op has this loop");
        let param = |dtype| match dtype {
            DType::Bool => AbiParam::new(types::I8).uext(),
            _ => AbiParam::new(Width::One.ty(dtype)),
        };
        let mut signature = Signature::new(self.host.conv);
        signature.params.push(AbiParam::new(types::I64));
        signature.params.extend(args.iter().map(|_| param(dtype)));
        signature.returns.push(param(op.result(dtype)));
        let known = self.signatures.iter().find(|(known, _)| *known == signature).map(|(_, reference)| *reference);
        let reference = known.unwrap_or_else(|| {
            let reference = self.b.import_signature(signature.clone());
            self.signatures.push((signature, reference));
            reference
        });
        let trampoline = self.b.ins().iconst(types::I64, trampoline as i64);
        let evaluator = self.b.ins().iconst(types::I64, evaluator as i64);
        let args: Vec<Value> = std::iter::once(evaluator).chain(args.iter().copied()).collect();
        let call = self.b.ins().call_indirect(reference, trampoline, &args);
        self.b.inst_results(call)[0]
    }
}
