//! Methods of expressions by the names of SciPy's `linalg`.

use super::operators::IntoOperand;
use super::{Expr, linalg};
use crate::build::linalg::{self as build_linalg, equations, factors as la};
use crate::build::{self, Operand};
use crate::error::Problem;
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

    /// [`lu_solve`](Self::lu_solve) with `trans=1`: `x` with `a.T @ x = b`.
    #[track_caller]
    pub fn lu_solve_transposed(&self, pivots: impl IntoOperand<'a>, b: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), pivots.into_operand(), b.into_operand()];
        let [x] = Expr::apply(LinalgOp::LuSolveTransposed.name(), &operands, |lazy, operands| {
            Ok([build::linalg(lazy, LinalgOp::LuSolveTransposed, operands, false)?.swap_remove(0)])
        });
        x
    }

    /// [`lu_solve`](Self::lu_solve) with `trans=2`: `x` with `a.T.conj() @ x = b`.
    #[track_caller]
    pub fn lu_solve_adjoint(&self, pivots: impl IntoOperand<'a>, b: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), pivots.into_operand(), b.into_operand()];
        let [x] = Expr::apply(LinalgOp::LuSolve.name(), &operands, |lazy, operands| {
            Ok([la::lu_solve_adjoint(lazy, operands)?])
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

    /// `l`, `d` with blocks of order 1 and 2 on its diagonal, and `perm` with `l @ d @ l.T.conj() = self` and `l[perm]` triangular,
    /// of a symmetric or Hermitian matrix, of which only the lower triangle is read. NaN or infinity in it is an error when it is run.
    #[track_caller]
    pub fn ldl(&self) -> (Expr<'a>, Expr<'a>, Expr<'a>) {
        let [l, d, perm] = self.linalg(LinalgOp::Ldl, None, false);
        (l, d, perm)
    }

    /// Quasi-triangular `t`, with a 2 x 2 block for each pair of complex eigenvalues, and orthogonal `z` with `z @ t @ z.T =
    /// self`; of a complex matrix a triangular `t` and a unitary `z` with `z @ t @ z.T.conj() = self`. NaN or infinity in the
    /// matrix is an error when it is run.
    #[track_caller]
    pub fn schur(&self) -> (Expr<'a>, Expr<'a>) {
        let [t, z] = self.linalg(LinalgOp::Schur, None, false);
        (t, z)
    }

    /// The exponential of a matrix.
    #[track_caller]
    pub fn expm(&self) -> Expr<'a> {
        let [x] = self.linalg(LinalgOp::Expm, None, false);
        x
    }

    /// The principal square root of a matrix. Where the matrix has an eigenvalue at 0, or a real one has any on the negative real
    /// axis, there is none of its dtype, or more than one: an error when it is run.
    #[track_caller]
    pub fn sqrtm(&self) -> Expr<'a> {
        let [x] = self.linalg(LinalgOp::Sqrtm, None, false);
        x
    }

    /// `x` with `a @ x = b`, this being the diagonals of `a`, `upper` of them above the main one and `lower` below, the highest
    /// first, each element in its column: `self[upper + i - j, j] = a[i, j]`.
    #[track_caller]
    pub fn solve_banded(&self, b: impl IntoOperand<'a>, lower: usize, upper: usize) -> Expr<'a> {
        let operands = [self.into_operand(), b.into_operand()];
        let [x] = Expr::apply("linalg.solve_banded", &operands, |lazy, operands| {
            let args = build_linalg::operands(lazy, "linalg.solve_banded", operands)?;
            Ok([equations::solve_banded(lazy, &args[0], &args[1], [lower, upper])?])
        });
        x
    }

    /// `x` with `self @ x + x @ b = q`. Where eigenvalues of the two add up to 0 it is an error when it is run.
    #[track_caller]
    pub fn solve_sylvester(&self, b: impl IntoOperand<'a>, q: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), b.into_operand(), q.into_operand()];
        let [x] = Expr::apply("linalg.solve_sylvester", &operands, |lazy, operands| {
            let args = build_linalg::operands(lazy, "linalg.solve_sylvester", operands)?;
            Ok([equations::solve_sylvester(lazy, &args[0], &args[1], &args[2])?])
        });
        x
    }

    /// `x` with `self @ x + x @ self.T.conj() = q`.
    #[track_caller]
    pub fn solve_continuous_lyapunov(&self, q: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), q.into_operand()];
        let [x] = Expr::apply("linalg.solve_continuous_lyapunov", &operands, |lazy, operands| {
            let args = build_linalg::operands(lazy, "linalg.solve_continuous_lyapunov", operands)?;
            Ok([equations::solve_continuous_lyapunov(lazy, &args[0], &args[1])?])
        });
        x
    }

    /// `x` with `self @ x @ self.T.conj() - x + q = 0`.
    #[track_caller]
    pub fn solve_discrete_lyapunov(&self, q: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), q.into_operand()];
        let [x] = Expr::apply("linalg.solve_discrete_lyapunov", &operands, |lazy, operands| {
            let args = build_linalg::operands(lazy, "linalg.solve_discrete_lyapunov", operands)?;
            Ok([equations::solve_discrete_lyapunov(lazy, &args[0], &args[1])?])
        });
        x
    }

    /// The stabilising `x` with `x = a.T x a - a.T x b (r + b.T x b)^-1 b.T x a + q`, `a` being this: the cost to go of the
    /// linear-quadratic regulator, transposes conjugated, and the covariance of the stationary Kalman filter. Where there is none it is an error when
    /// it is run.
    #[track_caller]
    pub fn solve_discrete_are(
        &self,
        b: impl IntoOperand<'a>,
        q: impl IntoOperand<'a>,
        r: impl IntoOperand<'a>,
    ) -> Expr<'a> {
        let operands = [self.into_operand(), b.into_operand(), q.into_operand(), r.into_operand()];
        let [x] = Expr::apply(LinalgOp::SolveDiscreteAre.name(), &operands, |lazy, operands| {
            Ok([build::linalg(lazy, LinalgOp::SolveDiscreteAre, operands, false)?.swap_remove(0)])
        });
        x
    }

    /// [`solve_triangular`](Self::solve_triangular) of a matrix whose diagonal is 1, whatever stands there.
    #[track_caller]
    pub fn solve_unit_triangular(&self, b: impl IntoOperand<'a>, lower: bool) -> Expr<'a> {
        let operands = [self.into_operand(), b.into_operand()];
        let [x] = Expr::apply(LinalgOp::SolveTriangular.name(), &operands, |lazy, operands| {
            let [a, b] = operands else { return Err(Problem::Arity { expected: 2, found: operands.len() }) };
            let triangle = la::Triangle { lower, unit: true, trans: 0 };
            Ok([la::solve_triangular(lazy, &[a.clone(), b.clone()], triangle)?])
        });
        x
    }

    /// [`schur`](Self::schur) with triangular and unitary factors, which are complex, also of a real matrix.
    #[track_caller]
    pub fn schur_complex(&self) -> (Expr<'a>, Expr<'a>) {
        let [t, z] = Expr::apply(LinalgOp::Schur.name(), &[self.into_operand()], |lazy, operands| {
            let a = build::value(lazy, &operands[0])?;
            la::schur_complex(lazy, &a)
        });
        (t, z)
    }

    /// [`ldl`](Self::ldl) of the matrix whose upper triangle is read: upper triangular `u[perm]`.
    #[track_caller]
    pub fn ldl_upper(&self) -> (Expr<'a>, Expr<'a>, Expr<'a>) {
        let [u, d, perm] = Expr::apply(LinalgOp::Ldl.name(), &[self.into_operand()], |lazy, operands| {
            let a = build::value(lazy, &operands[0])?;
            la::ldl_upper(lazy, &a)
        });
        (u, d, perm)
    }

    /// [`inv`](Self::inv) that does not fail: the inverse, and the reciprocal of the condition number in the norm of column sums,
    /// by which to choose. Of a singular matrix NaN and 0; of one in a stack, that one alone.
    #[track_caller]
    pub fn try_inv(&self) -> (Expr<'a>, Expr<'a>) {
        let [inverse, rcond] = self.linalg(LinalgOp::TryInv, None, false);
        (inverse, rcond)
    }

    /// [`solve`](Self::solve) that does not fail: the solution, and LAPACK's estimate of the reciprocal of the condition number
    /// in the norm of column sums, by which to choose. Of a singular matrix NaN and 0; of one in a stack, that one alone.
    #[track_caller]
    pub fn try_solve(&self, b: impl IntoOperand<'a>) -> (Expr<'a>, Expr<'a>) {
        let [x, rcond] = self.linalg(LinalgOp::TrySolve, Some(b.into_operand()), false);
        (x, rcond)
    }

    /// [`cholesky`](Self::cholesky) that does not fail: the factor and 0, or NaN and the order of the leading minor that is not
    /// positive. Of a stack each matrix has its own.
    #[track_caller]
    pub fn try_cholesky(&self) -> (Expr<'a>, Expr<'a>) {
        let [factor, order] = self.linalg(LinalgOp::TryCholesky, None, false);
        (factor, order)
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
