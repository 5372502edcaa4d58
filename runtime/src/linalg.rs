//! Linear algebra whose results have shapes that only the numbers tell: evaluated at once.

use crate::engine::Eval;
use crate::error::Error;
use evanesce_ir::error::{self, Loc, Problem};
use evanesce_ir::expr::Expr;
use evanesce_ir::tensor::Tensor;

/// An orthonormal basis, in columns, of the null space of a matrix. Singular values up to `rcond` times the largest (by
/// default epsilon times the larger size) count as 0.
///
/// # Errors
/// As [`Eval::eval`]; of a stack, whose matrices may differ in rank.
#[track_caller]
pub fn null_space(a: &Expr<'_>, rcond: Option<f64>) -> Result<Tensor, Error> {
    let rank = rank("linalg.null_space", a, rcond, Loc::caller())?;
    a.null_space(rank).eval()
}

/// An orthonormal basis, in columns, of the range of a matrix. Singular values up to `rcond` times the largest (by default
/// epsilon times the larger size) count as 0.
///
/// # Errors
/// As [`Eval::eval`]; of a stack, whose matrices may differ in rank.
#[track_caller]
pub fn orth(a: &Expr<'_>, rcond: Option<f64>) -> Result<Tensor, Error> {
    let rank = rank("linalg.orth", a, rcond, Loc::caller())?;
    a.orth(rank).eval()
}

fn rank(op: &str, a: &Expr<'_>, rcond: Option<f64>, loc: Loc) -> Result<usize, Error> {
    let ty = a.ty().map_err(Clone::clone)?;
    if ty.rank() != 2 {
        let problem = Problem::Usage(format!("is of one matrix, not of an array of {} axes", ty.rank()));
        let error = error::Error { op: op.to_string(), operands: vec![ty.clone()], problem, loc: Some(loc) };
        return Err(Error::Expr(error));
    }
    let rank = a.matrix_rank(rcond).eval()?;
    let rank = rank.as_i64().and_then(|rank| rank.first().copied());
    Ok(rank.and_then(|rank| usize::try_from(rank).ok()).expect("a rank is a count"))
}
