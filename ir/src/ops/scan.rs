//! Scans: `ufunc.accumulate` of NumPy. Along an axis, the first result is the first element, and every other one the op of
//! the result before it and the next element, strictly in this order: a running sum has the bits of NumPy's.

use super::elementwise::DTypeRule;
use super::{ElementwiseOp, ReduceOp};
use crate::error::Problem;
use crate::types::DType;

/// Whether an op of two operands of a dtype gives that dtype again, so that it can run along an axis.
pub fn accumulates(op: ElementwiseOp, dtype: DType) -> bool {
    op.arity() == 2 && op.rule() != DTypeRule::Scale && op.has_loop(dtype) && op.result(dtype) == dtype
}

/// Whether an op of one operand or two of a dtype gives that dtype again, so that it can take what is at a place and leave its
/// result there. Powers of integers may fail, which is too late then.
pub fn updates(op: ElementwiseOp, dtype: DType) -> bool {
    let fails = op == ElementwiseOp::Power && dtype.is_signed();
    let alone = op.arity() == 1 && op.has_loop(dtype) && op.result(dtype) == dtype;
    (alone || accumulates(op, dtype)) && !fails
}

/// The dtype that an array of a dtype is accumulated in: as its reduction where there is one, of sums of bools `i64`.
pub fn operand(op: ElementwiseOp, dtype: DType) -> Result<DType, Problem> {
    let reduction = ReduceOp::ALL.iter().find(|reduction| reduction.combine() == Some(op));
    let dtype = match reduction {
        Some(reduction) => reduction.operand(dtype),
        None => op.loop_dtype(dtype)?,
    };
    if accumulates(op, dtype) { Ok(dtype) } else { Err(Problem::NoLoop { dtype }) }
}
