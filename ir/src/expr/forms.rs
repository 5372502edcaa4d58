//! Methods that are small functions of NumPy's, by its names, and further forms of others ([`crate::compose`]).

use super::Expr;
use super::operators::IntoOperand;
use crate::build::{self, Operand, WeakScalar};
use crate::compose::{self, Frame, IndexMode, Spacing};
use crate::ops::OrderOp;

/// An operand that may be missing.
fn given<'a>(operand: Option<&Expr<'a>>) -> Option<Operand<Expr<'a>>> {
    operand.map(IntoOperand::into_operand)
}

impl<'a> Expr<'a> {
    /// [`diff`](Self::diff) of the array with others, or numbers, joined to its beginning and its end along the axis.
    #[track_caller]
    pub fn diff_with(&self, n: usize, axis: isize, prepend: Option<&Expr<'a>>, append: Option<&Expr<'a>>) -> Expr<'a> {
        let ends = [given(prepend), given(append)];
        let operands: Vec<_> = std::iter::once(self.into_operand()).chain(ends.iter().flatten().cloned()).collect();
        let [result] = Expr::apply("diff", &operands, |lazy, _| {
            Ok([compose::diff_with(lazy, self, n, axis, [ends[0].as_ref(), ends[1].as_ref()])?])
        });
        result
    }

    /// [`ediff1d`](Self::ediff1d) with what comes before and behind it.
    #[track_caller]
    pub fn ediff1d_with(&self, begin: Option<&Expr<'a>>, end: Option<&Expr<'a>>) -> Expr<'a> {
        let ends = [given(begin), given(end)];
        let operands: Vec<_> = std::iter::once(self.into_operand()).chain(ends.iter().flatten().cloned()).collect();
        let [result] = Expr::apply("ediff1d", &operands, |lazy, _| {
            Ok([compose::ediff1d_with(lazy, self, [ends[0].as_ref(), ends[1].as_ref()])?])
        });
        result
    }

    /// Angles in radians with whole turns added so that neighbours along an axis differ by no more than half a turn.
    #[track_caller]
    pub fn unwrap(&self, axis: isize) -> Expr<'a> {
        self.unwrap_with(None, axis, std::f64::consts::TAU)
    }

    /// [`unwrap`](Self::unwrap) of what has another period, where neighbours differ by more than `discont`, half a period
    /// without it.
    #[track_caller]
    pub fn unwrap_with(&self, discont: Option<f64>, axis: isize, period: f64) -> Expr<'a> {
        self.unary("unwrap", |lazy, x| compose::unwrap(lazy, x, discont, axis, WeakScalar::Float(period)))
    }

    /// [`gradient`](Self::gradient) that is exact of parabolas at the ends too: NumPy's `edge_order=2`.
    #[track_caller]
    pub fn gradient_second_order(&self, dx: impl IntoOperand<'a>, axis: isize) -> Expr<'a> {
        let operands = [self.into_operand(), dx.into_operand()];
        let [result] = Expr::apply("gradient", &operands, |lazy, operands| {
            let spacing = Spacing::Even(operands[1].clone());
            Ok([compose::gradient_second_order(lazy, self, &spacing, axis)?])
        });
        result
    }

    /// [`gradient_second_order`](Self::gradient_second_order) of samples at places.
    #[track_caller]
    pub fn gradient_second_order_at(&self, places: &Expr<'a>, axis: isize) -> Expr<'a> {
        let [result] = Expr::apply("gradient", &[self.into_operand(), places.into_operand()], |lazy, _| {
            Ok([compose::gradient_second_order(lazy, self, &Spacing::At(places.clone()), axis)?])
        });
        result
    }

    /// Framed by what is computed: numbers that differ by the side, ramps, statistics, odd reflections. Widths before and after
    /// for each axis.
    #[track_caller]
    pub fn pad_with(&self, widths: impl AsRef<[[usize; 2]]>, frame: &Frame) -> Expr<'a> {
        self.unary("pad", |lazy, x| compose::pad_with(lazy, x, widths.as_ref(), frame))
    }

    /// [`take`](Self::take) where indices out of bounds go round or are clipped.
    #[track_caller]
    pub fn take_by(&self, indices: impl IntoOperand<'a>, axis: Option<isize>, mode: IndexMode) -> Expr<'a> {
        let operands = [self.into_operand(), indices.into_operand()];
        let [result] = Expr::apply("take", &operands, |lazy, operands| {
            let indices = compose::indices_by(lazy, &operands[0], &operands[1], axis, mode)?;
            Ok([build::take(lazy, &[operands[0].clone(), indices], axis, false)?])
        });
        result
    }

    /// [`put`](Self::put) where indices out of bounds go round or are clipped.
    #[track_caller]
    pub fn put_by(
        &self,
        indices: impl IntoOperand<'a>,
        y: impl IntoOperand<'a>,
        axis: Option<isize>,
        mode: IndexMode,
    ) -> Expr<'a> {
        let operands = [self.into_operand(), indices.into_operand(), y.into_operand()];
        let [result] = Expr::apply("put", &operands, |lazy, operands| {
            let indices = compose::indices_by(lazy, &operands[0], &operands[1], axis, mode)?;
            let operands = [operands[0].clone(), indices, operands[2].clone()];
            Ok([compose::put(lazy, &operands, axis, false, None)?])
        });
        result
    }

    /// [`searchsorted`](Self::searchsorted) in this list as indices sort it, such as those of [`argsort`](Self::argsort).
    #[track_caller]
    pub fn searchsorted_by(&self, values: impl IntoOperand<'a>, sorter: &Expr<'a>, right: bool) -> Expr<'a> {
        let operands = [self.into_operand(), values.into_operand(), sorter.into_operand()];
        let [result] = Expr::apply("searchsorted", &operands, |lazy, operands| {
            Ok([compose::searchsorted_by(lazy, [&operands[0], &operands[1]], sorter, right)?])
        });
        result
    }

    /// The elements along an axis, without one of the flattened array, with the `kth` where it is in the sorted order, no
    /// larger one before it and no smaller one behind it.
    #[track_caller]
    pub fn partition(&self, kth: isize, axis: Option<isize>) -> Expr<'a> {
        self.unary("partition", |lazy, x| compose::partition(lazy, OrderOp::Sort, x, kth, axis))
    }

    /// The indices of a [`partition`](Self::partition).
    #[track_caller]
    pub fn argpartition(&self, kth: isize, axis: Option<isize>) -> Expr<'a> {
        self.unary("argpartition", |lazy, x| compose::partition(lazy, OrderOp::Argsort, x, kth, axis))
    }

    /// Whether all elements are close to those of another array, with NumPy's default tolerances.
    #[track_caller]
    pub fn allclose(&self, other: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), other.into_operand()];
        let [result] =
            Expr::apply("allclose", &operands, |lazy, _| Ok([compose::allclose(lazy, &operands, 1e-5, 1e-8, false)?]));
        result
    }

    /// Whether the imaginary part is not 0.
    #[track_caller]
    pub fn iscomplex(&self) -> Expr<'a> {
        self.unary("iscomplex", |lazy, x| compose::iscomplex(lazy, x, false))
    }

    /// Whether the imaginary part is 0.
    #[track_caller]
    pub fn isreal(&self) -> Expr<'a> {
        self.unary("isreal", |lazy, x| compose::iscomplex(lazy, x, true))
    }

    /// The polynomial with these coefficients, a list with the highest power first, at `x`.
    #[track_caller]
    pub fn polyval(&self, x: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), x.into_operand()];
        let [result] = Expr::apply("polyval", &operands, |lazy, operands| {
            let x = build::value(lazy, &operands[1])?;
            Ok([compose::polyval(lazy, self, &x)?])
        });
        result
    }

    /// The first `n` powers of a list as the columns of a matrix, the highest one first, or last if `increasing`.
    #[track_caller]
    pub fn vander(&self, n: usize, increasing: bool) -> Expr<'a> {
        self.unary("vander", |lazy, x| compose::vander(lazy, x, n, increasing))
    }

    /// Of indices of a flattened array of a shape the indices along each of its axes, such as those of
    /// [`argmax`](Self::argmax). One that is out of bounds is an error when it is run.
    #[track_caller]
    pub fn unravel_index(&self, shape: impl AsRef<[usize]>) -> Vec<Expr<'a>> {
        let shape = shape.as_ref();
        let one = |axis: usize| {
            let operands = [self.into_operand()];
            let [result] = Expr::apply("unravel_index", &operands, |lazy, operands| {
                Ok([compose::unravel_index(lazy, &operands[0], shape)?.swap_remove(axis)])
            });
            result
        };
        (0..shape.len()).map(one).collect()
    }

    /// The elements in row-major order in another shape, going round where it has more.
    #[track_caller]
    pub fn resize(&self, shape: impl AsRef<[usize]>) -> Expr<'a> {
        self.unary("resize", |lazy, x| compose::resize(lazy, x, shape.as_ref()))
    }
}

/// Of indices along each axis of a shape, which broadcast, those of the flattened array; out of bounds by a mode.
#[track_caller]
pub fn ravel_multi_index<'a>(indices: &[Expr<'a>], shape: impl AsRef<[usize]>, mode: IndexMode) -> Expr<'a> {
    let operands: Vec<_> = indices.iter().map(IntoOperand::into_operand).collect();
    let [result] = Expr::apply("ravel_multi_index", &operands, |lazy, _| {
        Ok([compose::ravel_multi_index(lazy, &operands, shape.as_ref(), mode)?])
    });
    result
}

#[track_caller]
fn triangle<'a>(op: &'static str, (rows, cols): (usize, usize), k: isize, upper: bool) -> [Expr<'a>; 2] {
    Expr::apply(op, &[], |lazy, _| {
        let [first, second] = compose::triangle(rows, cols, k, upper)?;
        Ok([build::constant(lazy, first)?, build::constant(lazy, second)?])
    })
}

/// The rows and the columns of the elements of a matrix up to its `k`-th diagonal.
#[track_caller]
pub fn tril_indices<'a>(rows: usize, cols: usize, k: isize) -> [Expr<'a>; 2] {
    triangle("tril_indices", (rows, cols), k, false)
}

/// The rows and the columns of the elements of a matrix from its `k`-th diagonal on.
#[track_caller]
pub fn triu_indices<'a>(rows: usize, cols: usize, k: isize) -> [Expr<'a>; 2] {
    triangle("triu_indices", (rows, cols), k, true)
}

/// NumPy's `select`: of the choices the one whose condition is the first to be true, where none is `default`.
#[track_caller]
pub fn select_first<'a>(conditions: &[Expr<'a>], choices: &[Expr<'a>], default: impl IntoOperand<'a>) -> Expr<'a> {
    let [conditions, choices] =
        [conditions, choices].map(|list| list.iter().map(IntoOperand::into_operand).collect::<Vec<_>>());
    let operands: Vec<_> = conditions.iter().chain(&choices).cloned().chain([default.into_operand()]).collect();
    let [result] = Expr::apply("select", &operands, |lazy, operands| {
        Ok([compose::choose_first(lazy, &conditions, &choices, &operands[operands.len() - 1])?])
    });
    result
}

/// The indices that sort several lists together, the last one first and where it is equal the one before.
#[track_caller]
pub fn lexsort<'a>(keys: &[Expr<'a>]) -> Expr<'a> {
    let operands: Vec<_> = keys.iter().map(IntoOperand::into_operand).collect();
    let [result] = Expr::apply("lexsort", &operands, |lazy, _| Ok([compose::lexsort(lazy, &operands)?]));
    result
}
