//! Reductions with options: `x.over(axes)`, what NumPy's keywords say, then the reduction.

use super::Expr;
use super::methods::Axes;
use super::operators::IntoOperand;
use crate::build::{self, Operand};
use crate::compose::{self, Options};
use crate::error::Problem;
use crate::ops::ReduceOp;
use crate::types::DType;

/// A reduction to be: axes of an array, and NumPy's keywords `keepdims`, `dtype`, `where` and `initial`.
///
/// `x.over(0).where_(x.greater(0.0)).initial(1.0).sum()` is NumPy's `x.sum(0, where=x > 0, initial=1)`.
#[derive(Clone, Debug)]
#[must_use = "it ends with the reduction, such as `sum()`"]
pub struct Over<'a> {
    x: Expr<'a>,
    axes: Option<Vec<isize>>,
    keepdims: bool,
    dtype: Option<DType>,
    mask: Option<Operand<Expr<'a>>>,
    initial: Option<Operand<Expr<'a>>>,
}

impl<'a> Expr<'a> {
    /// Axes to reduce, `()` for all of them, by a reduction with options: see [`Over`].
    pub fn over(&self, axes: impl Axes) -> Over<'a> {
        Over { x: self.clone(), axes: axes.axes(), keepdims: false, dtype: None, mask: None, initial: None }
    }
}

macro_rules! reductions {
    ($($name:ident $op:ident)*) => {
        impl<'a> Over<'a> {
            $(
                #[doc = concat!("NumPy's `", stringify!($name), "`: see [`ReduceOp::", stringify!($op), "`].")]
                #[track_caller]
                pub fn $name(self) -> Expr<'a> {
                    self.reduce(ReduceOp::$op)
                }
            )*
        }
    };
}

reductions! {
    sum Sum prod Prod max Max min Min any Any all All argmax Argmax argmin Argmin nanmax Nanmax nanmin Nanmin
}

impl<'a> Over<'a> {
    /// The axes stay, with size 1.
    pub fn keepdims(mut self) -> Self {
        self.keepdims = true;
        self
    }

    /// Computed in this dtype, which is the result's.
    pub fn dtype(mut self, dtype: DType) -> Self {
        self.dtype = Some(dtype);
        self
    }

    /// Elements are left out where the mask, which broadcasts to the array, is false. What has no identity needs an
    /// [`initial`](Self::initial) value then.
    pub fn where_(mut self, mask: impl IntoOperand<'a>) -> Self {
        self.mask = Some(mask.into_operand());
        self
    }

    /// What the elements are combined with: a scalar, cast to the dtype. Of `sum`, `prod`, `max`, `min` and kin.
    pub fn initial(mut self, initial: impl IntoOperand<'a>) -> Self {
        self.initial = Some(initial.into_operand());
        self
    }

    #[track_caller]
    fn apply(
        self,
        name: &'static str,
        make: impl FnOnce(&mut super::Lazy<'a>, &Expr<'a>, &Options<Expr<'a>>) -> Result<Expr<'a>, Problem>,
    ) -> Expr<'a> {
        self.with(name, [], make)
    }

    /// A reduction with further operands.
    #[track_caller]
    pub(super) fn with<const N: usize>(
        self,
        name: &'static str,
        others: [Operand<Expr<'a>>; N],
        make: impl FnOnce(&mut super::Lazy<'a>, &Expr<'a>, &Options<Expr<'a>>) -> Result<Expr<'a>, Problem>,
    ) -> Expr<'a> {
        let Over { x, axes, keepdims, dtype, mask, initial } = self;
        let operands: Vec<Operand<Expr<'a>>> =
            [x.into_operand()].into_iter().chain(others).chain(mask.clone()).chain(initial.clone()).collect();
        let [result] = Expr::apply(name, &operands, |lazy, operands| {
            let mask = match &mask {
                Some(mask) => Some(build::value(lazy, mask)?),
                None => None,
            };
            let x = build::value(lazy, &operands[0])?;
            Ok([make(lazy, &x, &Options { axes, keepdims, dtype, mask, initial })?])
        });
        result
    }

    /// A reduction of the table.
    #[track_caller]
    pub fn reduce(self, op: ReduceOp) -> Expr<'a> {
        self.apply(op.name(), |lazy, x, options| compose::reduce_with(lazy, op, x, options))
    }

    /// The mean: the sum divided by the count.
    #[track_caller]
    pub fn mean(self) -> Expr<'a> {
        self.apply("mean", compose::mean_with)
    }

    /// The mean of squared distances from the mean, divided by the count less `ddof`.
    #[track_caller]
    pub fn var(self, ddof: usize) -> Expr<'a> {
        self.apply("var", |lazy, x, options| compose::var_with(lazy, x, ddof, options))
    }

    /// The square root of [`var`](Self::var).
    #[track_caller]
    pub fn std(self, ddof: usize) -> Expr<'a> {
        self.apply("std", |lazy, x, options| compose::std_with(lazy, x, ddof, options))
    }
}
