//! Methods along an axis, by NumPy's names: scans, and what is made of neighbours.

use super::Expr;
use super::operators::IntoOperand;
use crate::build;
use crate::compose::{self, Spacing};
use crate::ops::ElementwiseOp;
use crate::types::DType;

macro_rules! running {
    ($($(#[$doc:meta])* $name:ident $make:ident $op:ident;)*) => {
        impl<'a> Expr<'a> {
            $(
                $(#[$doc])*
                #[track_caller]
                pub fn $name(&self, axis: Option<isize>) -> Expr<'a> {
                    self.unary(stringify!($name), |lazy, x| compose::$make(lazy, ElementwiseOp::$op, x, axis, None))
                }
            )*
        }
    };
}

running! {
    /// Running sums along an axis, in order; without an axis, of the flattened array. Of bools they count.
    cumsum cumulate Add;
    /// Running products along an axis, in order; without an axis, of the flattened array.
    cumprod cumulate Multiply;
    /// [`cumsum`](Self::cumsum) of what is not NaN.
    nancumsum nancumulate Add;
    /// [`cumprod`](Self::cumprod) of what is not NaN.
    nancumprod nancumulate Multiply;
}

impl<'a> Expr<'a> {
    /// NumPy's `ufunc.accumulate`: every result of an op of two operands along an axis, each of the one before and the next
    /// element, as in `x.accumulate(ElementwiseOp::Maximum, 0)`.
    #[track_caller]
    pub fn accumulate(&self, op: ElementwiseOp, axis: isize) -> Expr<'a> {
        self.unary("accumulate", |lazy, x| build::accumulate(lazy, op, x, axis))
    }

    /// [`cumsum`](Self::cumsum) in a dtype, after a 0 if `include_initial`.
    #[track_caller]
    pub fn cumulative_sum(&self, axis: isize, dtype: Option<DType>, include_initial: bool) -> Expr<'a> {
        self.unary("cumulative_sum", |lazy, x| {
            compose::cumulative(lazy, ElementwiseOp::Add, x, Some(axis), dtype, include_initial)
        })
    }

    /// [`cumprod`](Self::cumprod) in a dtype, after a 1 if `include_initial`.
    #[track_caller]
    pub fn cumulative_prod(&self, axis: isize, dtype: Option<DType>, include_initial: bool) -> Expr<'a> {
        self.unary("cumulative_prod", |lazy, x| {
            compose::cumulative(lazy, ElementwiseOp::Multiply, x, Some(axis), dtype, include_initial)
        })
    }

    /// Each element less the one before it along an axis, `n` times; of bools, whether they differ.
    #[track_caller]
    pub fn diff(&self, n: usize, axis: isize) -> Expr<'a> {
        self.unary("diff", |lazy, x| compose::diff(lazy, x, n, axis))
    }

    /// The differences of neighbours in the flattened array.
    #[track_caller]
    pub fn ediff1d(&self) -> Expr<'a> {
        self.unary("ediff1d", compose::ediff1d)
    }

    /// The integral along an axis by trapezoids, of samples `dx` apart.
    #[track_caller]
    pub fn trapezoid(&self, dx: impl IntoOperand<'a>, axis: isize) -> Expr<'a> {
        let operands = [self.into_operand(), dx.into_operand()];
        let [result] = Expr::apply("trapezoid", &operands, |lazy, operands| {
            Ok([compose::trapezoid(lazy, self, &Spacing::Even(operands[1].clone()), axis)?])
        });
        result
    }

    /// The integral along an axis by trapezoids, of samples at `places`: a list, or an array that broadcasts to this one.
    #[track_caller]
    pub fn trapezoid_at(&self, places: &Expr<'a>, axis: isize) -> Expr<'a> {
        let [result] = Expr::apply("trapezoid", &[self.into_operand(), places.into_operand()], |lazy, _| {
            Ok([compose::trapezoid(lazy, self, &Spacing::At(places.clone()), axis)?])
        });
        result
    }

    /// The derivative along an axis by central differences, at both ends by those of neighbours, of samples `dx` apart.
    #[track_caller]
    pub fn gradient(&self, dx: impl IntoOperand<'a>, axis: isize) -> Expr<'a> {
        let operands = [self.into_operand(), dx.into_operand()];
        let [result] = Expr::apply("gradient", &operands, |lazy, operands| {
            Ok([compose::gradient(lazy, self, &Spacing::Even(operands[1].clone()), axis)?])
        });
        result
    }

    /// [`gradient`](Self::gradient) of samples at `places`: a list, or an array that broadcasts to this one.
    #[track_caller]
    pub fn gradient_at(&self, places: &Expr<'a>, axis: isize) -> Expr<'a> {
        let [result] = Expr::apply("gradient", &[self.into_operand(), places.into_operand()], |lazy, _| {
            Ok([compose::gradient(lazy, self, &Spacing::At(places.clone()), axis)?])
        });
        result
    }
}
