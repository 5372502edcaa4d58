//! NumPy's methods of ufuncs, with the ufunc as an [`ElementwiseOp`]: `np.hypot.outer(x, y)` is
//! `x.outer_by(ElementwiseOp::Hypot, y)`. The one that scans is [`Expr::accumulate`].

use super::operators::IntoOperand;
use super::{Expr, Over};
use crate::build::{Operand, WeakScalar};
use crate::compose;
use crate::ops::ElementwiseOp;

impl<'a> Expr<'a> {
    /// NumPy's `ufunc.reduceat`: an axis reduced from each index of a list to the next one, the last one to the end; where
    /// the next index is no larger, the element at the index. An index out of bounds, which a negative one is too, is an
    /// error when it is run.
    #[track_caller]
    pub fn reduceat(&self, op: ElementwiseOp, indices: impl IntoOperand<'a>, axis: isize) -> Expr<'a> {
        let operands = [self.into_operand(), indices.into_operand()];
        let [result] =
            Expr::apply("reduceat", &operands, |lazy, _| Ok([compose::reduceat(lazy, op, &operands, axis, None)?]));
        result
    }

    /// NumPy's `ufunc.outer`: an op of all pairs of elements, with the axes of this array before those of the other.
    #[track_caller]
    pub fn outer_by(&self, op: ElementwiseOp, other: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), other.into_operand()];
        let [result] = Expr::apply(op.name(), &operands, |lazy, _| Ok([compose::outer_by(lazy, op, &operands)?]));
        result
    }

    /// NumPy's `ufunc.at` of two operands: elements at indices of the first axes combined with `y`, which is cast to the
    /// array's dtype, as often as an index is there.
    #[track_caller]
    pub fn update_at<const N: usize>(
        &self,
        op: ElementwiseOp,
        indices: [&Expr<'a>; N],
        y: impl IntoOperand<'a>,
    ) -> Expr<'a> {
        let indices = indices.map(IntoOperand::into_operand);
        self.scatter("ufunc.at", indices, y.into_operand(), (Some(0), false, Some(op)))
    }

    /// NumPy's `ufunc.at` of one operand: an op of the elements at indices of the first axes, again and again where an index
    /// is there several times.
    #[track_caller]
    pub fn apply_at<const N: usize>(&self, op: ElementwiseOp, indices: [&Expr<'a>; N]) -> Expr<'a> {
        let (indices, unused) = (indices.map(IntoOperand::into_operand), Operand::Weak(WeakScalar::Int(0)));
        self.scatter("ufunc.at", indices, unused, (Some(0), false, Some(op)))
    }
}

impl<'a> Over<'a> {
    /// NumPy's `ufunc.reduce`: a reduction by any op of two operands that gives their dtype again.
    #[track_caller]
    pub fn reduce_by(self, op: ElementwiseOp) -> Expr<'a> {
        self.with("reduce", [], |lazy, x, options| compose::reduce_by(lazy, op, x, options))
    }
}
