//! Methods of expressions by the names of SciPy's `linalg`.

use super::operators::IntoOperand;
use super::{Expr, linalg};
use crate::build::linalg::factors as la;
use crate::build::{self, Operand};
use crate::ops::LinalgOp;

impl<'a> Expr<'a> {
    /// A permutation `p`, lower triangular `l` with a unit diagonal and upper triangular `u` with `p @ l @ u = self`, by LU
    /// with partial pivoting. A singular matrix has them too.
    #[track_caller]
    pub fn lu(&self) -> (Expr<'a>, Expr<'a>, Expr<'a>) {
        let [p, l, u] = self.linalg(LinalgOp::Lu, None, false);
        (p, l, u)
    }

    /// The factors of [`lu`](Self::lu) in one matrix, and the row with which each row was exchanged, for
    /// [`lu_solve`](Self::lu_solve).
    #[track_caller]
    pub fn lu_factor(&self) -> (Expr<'a>, Expr<'a>) {
        let [lu, pivots] = self.linalg(LinalgOp::LuFactor, None, false);
        (lu, pivots)
    }

    /// `x` with `a @ x = b`, this and `pivots` being what [`lu_factor`](Self::lu_factor) made of `a`. A zero pivot is an error
    /// when it is run.
    #[track_caller]
    pub fn lu_solve(&self, pivots: impl IntoOperand<'a>, b: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), pivots.into_operand(), b.into_operand()];
        let [x] = Expr::apply(LinalgOp::LuSolve.name(), &operands, |lazy, operands| {
            Ok([build::linalg(lazy, LinalgOp::LuSolve, operands, false)?.swap_remove(0)])
        });
        x
    }

    /// An orthonormal basis, in columns, of the null space of a matrix of this rank: what is computed has a known shape.
    #[track_caller]
    pub fn null_space(&self, rank: usize) -> Expr<'a> {
        self.unary("linalg.null_space", |lazy, x| la::null_space(lazy, x, rank))
    }

    /// An orthonormal basis, in columns, of the range of a matrix of this rank: what is computed has a known shape.
    #[track_caller]
    pub fn orth(&self, rank: usize) -> Expr<'a> {
        self.unary("linalg.orth", |lazy, x| la::orth(lazy, x, rank))
    }

    /// `u` with orthonormal columns or rows and a symmetric positive semidefinite `p` with `u @ p = self`.
    #[track_caller]
    pub fn polar(&self) -> (Expr<'a>, Expr<'a>) {
        let [u, p] = Expr::apply("linalg.polar", &[self.into_operand()], |lazy, _| la::polar(lazy, self, false));
        (u, p)
    }

    /// [`polar`](Self::polar) with `p @ u = self`.
    #[track_caller]
    pub fn polar_left(&self) -> (Expr<'a>, Expr<'a>) {
        let [u, p] = Expr::apply("linalg.polar", &[self.into_operand()], |lazy, _| la::polar(lazy, self, true));
        (u, p)
    }
}

/// Matrices along the diagonal, 0 elsewhere. A list is a row, a number 1 x 1; stacks broadcast.
#[track_caller]
pub fn block_diag<'a>(blocks: &[Expr<'a>]) -> Expr<'a> {
    let operands: Vec<Operand<Expr<'a>>> = linalg::operands(blocks);
    let [x] = Expr::apply("linalg.block_diag", &operands, |lazy, operands| {
        let args = build::values(lazy, operands)?;
        Ok([la::block_diag(lazy, &args)?])
    });
    x
}
