//! Methods of expressions for linear algebra: factorisations with several results, and what is made of other ops.

use super::operators::IntoOperand;
use super::{Axes, Expr};
pub use crate::build::ELLIPSIS;
use crate::build::linalg::{self as la, NormOrder};
use crate::build::{self, Operand};
use crate::error::Problem;
use crate::ops::LinalgOp;

impl<'a> Expr<'a> {
    /// Orthogonal `q` and upper triangular `r` of this shape with `q @ r = self`: NumPy's `mode="complete"`.
    #[track_caller]
    pub fn qr_complete(&self) -> (Expr<'a>, Expr<'a>) {
        let [q, r] = self.linalg(LinalgOp::QrComplete, None, false);
        (q, r)
    }

    /// The `r` of [`qr`](Self::qr) alone: NumPy's `mode="r"`.
    #[track_caller]
    pub fn qr_r(&self) -> Expr<'a> {
        let [_, r] = self.linalg(LinalgOp::Qr, None, false);
        r
    }

    /// The sign of the determinant and the logarithm of its magnitude, which neither overflow nor vanish; 0 and minus
    /// infinity of a singular matrix.
    #[track_caller]
    pub fn slogdet(&self) -> (Expr<'a>, Expr<'a>) {
        let [sign, logarithm] = self.linalg(LinalgOp::Slogdet, None, false);
        (sign, logarithm)
    }

    /// Eigenvalues in ascending order and orthonormal eigenvectors, in columns and up to sign, of a symmetric matrix, of
    /// which only the lower triangle is read. NaN or infinity in it is an error when it is run.
    #[track_caller]
    pub fn eigh(&self) -> (Expr<'a>, Expr<'a>) {
        let [values, vectors] = self.linalg(LinalgOp::Eigh, None, false);
        (values, vectors)
    }

    /// The eigenvalues of [`eigh`](Self::eigh) alone.
    #[track_caller]
    pub fn eigvalsh(&self) -> Expr<'a> {
        let [values] = self.linalg(LinalgOp::Eigvalsh, None, false);
        values
    }

    /// Eigenvalues, in no order, and eigenvectors of length 1, in columns and up to a direction, of any square matrix: complex,
    /// also of a real one. NaN or infinity in it is an error when it is run.
    #[track_caller]
    pub fn eig(&self) -> (Expr<'a>, Expr<'a>) {
        let [values, vectors] = self.linalg(LinalgOp::Eig, None, false);
        (values, vectors)
    }

    /// The eigenvalues of [`eig`](Self::eig) alone.
    #[track_caller]
    pub fn eigvals(&self) -> Expr<'a> {
        let [values] = self.linalg(LinalgOp::Eigvals, None, false);
        values
    }

    /// Left singular vectors in columns, singular values in descending order, right singular vectors in rows; vectors are
    /// determined up to sign. With `full_matrices` they are bases of both spaces, else as many as there are values. NaN or
    /// infinity in the matrix is an error when it is run.
    #[track_caller]
    pub fn svd(&self, full_matrices: bool) -> (Expr<'a>, Expr<'a>, Expr<'a>) {
        let op = if full_matrices { LinalgOp::SvdFull } else { LinalgOp::Svd };
        let [u, s, vt] = self.linalg(op, None, false);
        (u, s, vt)
    }

    /// The singular values of [`svd`](Self::svd) alone.
    #[track_caller]
    pub fn svdvals(&self) -> Expr<'a> {
        let [values] = self.linalg(LinalgOp::Svdvals, None, false);
        values
    }
}

/// The results of a builder over expressions.
macro_rules! composed {
    ($op:literal, [$($operand:expr),*], |$lazy:ident, $args:ident| $build:expr) => {
        Expr::apply($op, &[$($operand.into_operand()),*], |$lazy, operands| {
            let $args = la::operands($lazy, $op, operands)?;
            $build
        })
    };
}

impl<'a> Expr<'a> {
    /// Least squares: the shortest `x` that minimises `|b - self @ x|`, the sums of squared residuals, the rank, and the
    /// singular values. Those up to `rcond` times the largest (by default epsilon times the larger size) count as 0. There
    /// are residuals only of a tall matrix, and they are NaN where it turns out to be of lower rank.
    #[track_caller]
    pub fn lstsq(&self, b: impl IntoOperand<'a>, rcond: Option<f64>) -> [Expr<'a>; 4] {
        composed!("linalg.lstsq", [self, b], |lazy, args| la::lstsq(lazy, &args[0], &args[1], rcond))
    }

    /// The Moore-Penrose inverse; singular values up to `rcond` times the largest (by default 1e-15) count as 0.
    #[track_caller]
    pub fn pinv(&self, rcond: Option<f64>) -> Expr<'a> {
        self.unary("linalg.pinv", |lazy, x| la::pinv(lazy, x, rcond))
    }

    /// The number of singular values above `rtol` times the largest, by default epsilon times the larger size.
    #[track_caller]
    pub fn matrix_rank(&self, rtol: Option<f64>) -> Expr<'a> {
        self.unary("linalg.matrix_rank", |lazy, x| la::matrix_rank(lazy, x, None, rtol))
    }

    /// The number of singular values above `tol`.
    #[track_caller]
    pub fn matrix_rank_tol(&self, tol: f64) -> Expr<'a> {
        self.unary("linalg.matrix_rank", |lazy, x| la::matrix_rank(lazy, x, Some(tol), None))
    }

    /// The condition number, by default in the 2-norm.
    #[track_caller]
    pub fn cond(&self, p: Option<NormOrder>) -> Expr<'a> {
        self.unary("linalg.cond", |lazy, x| la::cond(lazy, x, p))
    }

    /// The norm of vectors along one axis or of matrices along two; without order, the square root of the sum of squares.
    #[track_caller]
    pub fn norm(&self, ord: Option<NormOrder>, axes: impl Axes) -> Expr<'a> {
        self.unary("linalg.norm", |lazy, x| la::norm(lazy, x, ord, axes.axes().as_deref(), false))
    }

    /// [`norm`](Self::norm) that keeps the axes with size 1.
    #[track_caller]
    pub fn norm_keepdims(&self, ord: Option<NormOrder>, axes: impl Axes) -> Expr<'a> {
        self.unary("linalg.norm", |lazy, x| la::norm(lazy, x, ord, axes.axes().as_deref(), true))
    }

    /// The p-norm over axes, `()` for all.
    #[track_caller]
    pub fn vector_norm(&self, p: f64, axes: impl Axes) -> Expr<'a> {
        self.unary("linalg.vector_norm", |lazy, x| {
            la::vector_norm(lazy, x, NormOrder::P(p), axes.axes().as_deref(), false)
        })
    }

    /// [`vector_norm`](Self::vector_norm) that keeps the axes with size 1.
    #[track_caller]
    pub fn vector_norm_keepdims(&self, p: f64, axes: impl Axes) -> Expr<'a> {
        self.unary("linalg.vector_norm", |lazy, x| {
            la::vector_norm(lazy, x, NormOrder::P(p), axes.axes().as_deref(), true)
        })
    }

    /// The norm of the matrices in the last two axes.
    #[track_caller]
    pub fn matrix_norm(&self, ord: NormOrder) -> Expr<'a> {
        self.unary("linalg.matrix_norm", |lazy, x| la::matrix_norm(lazy, x, ord, false))
    }

    /// [`matrix_norm`](Self::matrix_norm) that keeps the axes with size 1.
    #[track_caller]
    pub fn matrix_norm_keepdims(&self, ord: NormOrder) -> Expr<'a> {
        self.unary("linalg.matrix_norm", |lazy, x| la::matrix_norm(lazy, x, ord, true))
    }

    /// An integer power of a square matrix, a negative one of its inverse.
    #[track_caller]
    pub fn matrix_power(&self, n: i64) -> Expr<'a> {
        self.unary("linalg.matrix_power", |lazy, x| la::matrix_power(lazy, x, n))
    }

    /// The diagonals of the last two axes above (`offset > 0`) or below the main one.
    #[track_caller]
    pub fn diagonal_at(&self, offset: isize) -> Expr<'a> {
        self.unary("diagonal", |lazy, x| la::diagonal_at(lazy, x, offset))
    }

    /// The sums of the diagonals of the last two axes above (`offset > 0`) or below the main one.
    #[track_caller]
    pub fn trace_at(&self, offset: isize) -> Expr<'a> {
        self.unary("trace", |lazy, x| la::trace_at(lazy, x, offset))
    }

    /// The upper triangular `u` with `u.T @ u = self`, of which only the upper triangle is read.
    #[track_caller]
    pub fn cholesky_upper(&self) -> Expr<'a> {
        self.unary("linalg.cholesky", la::cholesky_upper)
    }

    /// The lower or the upper Cholesky factor, of which only that triangle is read, for [`cho_solve`](Self::cho_solve).
    #[track_caller]
    pub fn cho_factor(&self, lower: bool) -> Expr<'a> {
        self.unary("linalg.cho_factor", |lazy, x| la::cho_factor(lazy, x, lower))
    }

    /// `x` with `c @ c.T @ x = b`, this being the lower factor `c` (or `c.T @ c @ x = b` by an upper one).
    #[track_caller]
    pub fn cho_solve(&self, b: impl IntoOperand<'a>, lower: bool) -> Expr<'a> {
        let [x] = composed!("linalg.cho_solve", [self, b], |lazy, args| {
            Ok([la::cho_solve(lazy, &args[0], &args[1], lower)?])
        });
        x
    }

    /// Sums of products over pairs of axes, `axes[0]` of this and `axes[1]` of the other.
    #[track_caller]
    pub fn tensordot(&self, other: impl IntoOperand<'a>, axes: [&[isize]; 2]) -> Expr<'a> {
        let [x] = composed!("tensordot", [self, other], |lazy, args| {
            Ok([la::tensordot(lazy, &args[0], &args[1], axes)?])
        });
        x
    }

    /// `x` with `tensordot(self, x, x.ndim) = b`; `axes` of this are moved to its end first.
    #[track_caller]
    pub fn tensorsolve(&self, b: impl IntoOperand<'a>, axes: impl Axes) -> Expr<'a> {
        let [x] = composed!("linalg.tensorsolve", [self, b], |lazy, args| {
            Ok([la::tensorsolve(lazy, &args[0], &args[1], axes.axes().as_deref())?])
        });
        x
    }

    /// The inverse of `tensordot` over the first `ind` axes.
    #[track_caller]
    pub fn tensorinv(&self, ind: usize) -> Expr<'a> {
        self.unary("linalg.tensorinv", |lazy, x| la::tensorinv(lazy, x, ind))
    }

    /// The sum of products along an axis of both; the others broadcast.
    #[track_caller]
    pub fn vecdot(&self, other: impl IntoOperand<'a>, axis: isize) -> Expr<'a> {
        let [x] = composed!("vecdot", [self, other], |lazy, args| Ok([la::vecdot(lazy, &args[0], &args[1], axis)?]));
        x
    }

    /// The cross product of vectors of three along an axis of both; the others broadcast.
    #[track_caller]
    pub fn cross(&self, other: impl IntoOperand<'a>, axis: isize) -> Expr<'a> {
        let [x] =
            composed!("linalg.cross", [self, other], |lazy, args| Ok([la::cross(lazy, &args[0], &args[1], axis)?]));
        x
    }
}

macro_rules! products {
    ($($name:ident $op:literal $doc:literal)*) => {
        impl<'a> Expr<'a> {
            $(
                #[doc = $doc]
                #[track_caller]
                pub fn $name(&self, other: impl IntoOperand<'a>) -> Expr<'a> {
                    let [x] = composed!($op, [self, other], |lazy, args| Ok([la::$name(lazy, &args[0], &args[1])?]));
                    x
                }
            )*
        }
    };
}

products! {
    dot "dot" "NumPy's `dot`: a sum over the last axis of this and the last but one of the other."
    vdot "vdot" "The sum of the products of all elements."
    inner "inner" "Sums of products over the last axes."
    outer "outer" "The products of all pairs of elements."
    kron "kron" "The Kronecker product: blocks of the other, scaled by the elements of this."
    matvec "matvec" "Matrices times vectors, both in stacks."
    vecmat "vecmat" "Vectors times matrices, both in stacks."
}

pub(super) fn operands<'a>(parts: &[Expr<'a>]) -> Vec<Operand<Expr<'a>>> {
    parts.iter().map(IntoOperand::into_operand).collect()
}

/// NumPy's `einsum`: products summed over the subscripts that the output lacks, in the cheapest order of pairs.
#[track_caller]
pub fn einsum<'a>(subscripts: &str, parts: &[Expr<'a>]) -> Expr<'a> {
    let [x] = Expr::apply("einsum", &operands(parts), |lazy, parts| Ok([build::einsum(lazy, subscripts, parts)?]));
    x
}

/// NumPy's `einsum` with numbers for subscripts, each list beside its operand: `einsum_numbered(&[(a, &[0, 1]), (b, &[1, 2])],
/// Some(&[0, 2]))` is a product. [`ELLIPSIS`] stands for the axes that are not named. Without an output it has what is named
/// once, in ascending order.
#[track_caller]
pub fn einsum_numbered<'a>(operands: &[(Expr<'a>, &[usize])], output: Option<&[usize]>) -> Expr<'a> {
    let parts: Vec<Operand<Expr<'a>>> = operands.iter().map(|(part, _)| part.into_operand()).collect();
    let [x] = Expr::apply("einsum", &parts, |lazy, parts| {
        let lists: Vec<&[usize]> = operands.iter().map(|(_, list)| *list).collect();
        Ok([build::einsum(lazy, &build::einsum_subscripts(&lists, output)?, parts)?])
    });
    x
}

/// NumPy's `einsum_path`: which operands [`einsum`] multiplies, step by step, by their places in a list from which they are
/// taken and at whose end their product is put.
///
/// # Errors
/// Subscripts that do not fit the shapes.
pub fn einsum_path(subscripts: &str, shapes: &[&[usize]]) -> Result<Vec<Vec<usize>>, Problem> {
    build::einsum_path(subscripts, shapes)
}

/// A chain of products in the order that takes the fewest multiplications.
#[track_caller]
pub fn multi_dot<'a>(parts: &[Expr<'a>]) -> Expr<'a> {
    let [x] = Expr::apply("linalg.multi_dot", &operands(parts), |lazy, parts| {
        let args = build::values(lazy, parts)?;
        Ok([la::multi_dot(lazy, &args)?])
    });
    x
}
