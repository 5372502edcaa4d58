//! Methods that go by truth values, by NumPy's names, with results whose shapes these do not decide.

use super::Expr;
use super::operators::IntoOperand;
use crate::compose;

impl<'a> Expr<'a> {
    /// The indices along each axis of the first `size` elements that are true (nonzero), in order, and `fill` where there are
    /// not as many. Of all of them, however many there are: `evanesce::nonzero`.
    #[track_caller]
    pub fn nonzero(&self, size: usize, fill: i64) -> Vec<Expr<'a>> {
        // Of a mistake one that carries it.
        let axes = self.ty().map_or(1, |ty| ty.rank().max(1));
        let one =
            |axis: usize| self.unary("nonzero", |lazy, x| Ok(compose::nonzero(lazy, x, size, fill)?.swap_remove(axis)));
        (0..axes).map(one).collect()
    }

    /// The indices in the flattened array of the first `size` elements that are true (nonzero), in order, and `fill` where
    /// there are not as many.
    #[track_caller]
    pub fn flatnonzero(&self, size: usize, fill: i64) -> Expr<'a> {
        self.unary("flatnonzero", |lazy, x| compose::flatnonzero(lazy, x, size, fill))
    }

    /// [`nonzero`](Self::nonzero) with a row for each place.
    #[track_caller]
    pub fn argwhere(&self, size: usize, fill: i64) -> Expr<'a> {
        self.unary("argwhere", |lazy, x| compose::argwhere(lazy, x, size, fill))
    }

    /// The array with `y`, which broadcasts to it and is cast to its dtype, where a mask is true: NumPy's `x[mask] = y` of a
    /// number, and `copyto(x, y, where=mask)`.
    #[track_caller]
    pub fn copyto(&self, y: impl IntoOperand<'a>, mask: &Expr<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), y.into_operand(), mask.into_operand()];
        let [result] =
            Expr::apply("copyto", &operands, |lazy, operands| Ok([compose::copyto(lazy, self, &operands[1], mask)?]));
        result
    }

    /// The array with values of a list where a mask is true: the element at a place of the flattened array becomes the value
    /// at this place of the list, which goes round.
    #[track_caller]
    pub fn putmask(&self, mask: &Expr<'a>, values: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), mask.into_operand(), values.into_operand()];
        let [result] =
            Expr::apply("putmask", &operands, |lazy, operands| Ok([compose::putmask(lazy, self, mask, &operands[2])?]));
        result
    }

    /// The array with the values of a list where a mask is true, one after another: NumPy's `x[mask] = y` of a list, which
    /// goes round.
    #[track_caller]
    pub fn place(&self, mask: &Expr<'a>, values: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), mask.into_operand(), values.into_operand()];
        let [result] =
            Expr::apply("place", &operands, |lazy, operands| Ok([compose::place(lazy, self, mask, &operands[2])?]));
        result
    }

    /// Whether each element is among those of another array; NaN is among none.
    #[track_caller]
    pub fn isin(&self, others: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), others.into_operand()];
        let [result] = Expr::apply("isin", &operands, |lazy, _| Ok([compose::isin(lazy, &operands, false)?]));
        result
    }

    /// Whether another array has this one's shape and elements, with `equal_nan` NaN for NaN.
    #[track_caller]
    pub fn array_equal(&self, other: impl IntoOperand<'a>, equal_nan: bool) -> Expr<'a> {
        let operands = [self.into_operand(), other.into_operand()];
        let [result] =
            Expr::apply("array_equal", &operands, |lazy, _| Ok([compose::array_equal(lazy, &operands, equal_nan)?]));
        result
    }
}
