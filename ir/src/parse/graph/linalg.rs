//! The ops of linear algebra with the keywords that NumPy and SciPy have for them.

use super::functions::{Made, one, two};
use super::{Line, Result};
use crate::build::linalg::{self as la, factors};
use crate::build::{self, At};
use crate::error::Problem;
use crate::ids::ValueId;
use crate::ops::LinalgOp;

/// The results of an op, or what is wrong with its operands.
pub(super) fn build(b: &mut At<'_>, row: LinalgOp, line: &mut Line<'_>) -> Result<Made> {
    let made = match row {
        LinalgOp::Cholesky if line.flag("upper", false)? => matrix(b, line, |b, a| one(la::cholesky_upper(b, a))),
        LinalgOp::SolveTriangular => {
            let (lower, unit) = (line.flag("lower", false)?, line.flag("unit_diagonal", false)?);
            match trans(line)? {
                Ok(trans) => two(line, |operands| {
                    one(factors::solve_triangular(b, operands, factors::Triangle { lower, unit, trans }))
                }),
                Err(problem) => Err(problem),
            }
        }
        LinalgOp::LuSolve => match trans(line)? {
            Ok(0) => build::linalg(b, row, &line.operands, false),
            Ok(1) => build::linalg(b, LinalgOp::LuSolveTransposed, &line.operands, false),
            Ok(_) => one(factors::lu_solve_adjoint(b, &line.operands)),
            Err(problem) => Err(problem),
        },
        LinalgOp::Qr => match line.word("mode", &["reduced", "complete", "r"])? {
            Some("complete") => build::linalg(b, LinalgOp::QrComplete, &line.operands, false),
            mode => build::linalg(b, row, &line.operands, false).map(|mut results| {
                if mode == Some("r") {
                    results.remove(0);
                }
                results
            }),
        },
        LinalgOp::Svd => {
            let (full, vectors) = (line.flag("full_matrices", true)?, line.flag("compute_uv", true)?);
            let row = match (vectors, full) {
                (false, _) => LinalgOp::Svdvals,
                (true, true) => LinalgOp::SvdFull,
                (true, false) => row,
            };
            build::linalg(b, row, &line.operands, false)
        }
        LinalgOp::Eigh | LinalgOp::Eigvalsh if line.word("UPLO", &["L", "U"])? == Some("U") => {
            matrix(b, line, |b, a| factors::of_upper_triangle(b, row, a))
        }
        LinalgOp::Ldl if !line.flag("lower", true)? => {
            matrix(b, line, |b, a| factors::ldl_upper(b, a).map(|results| results.into_iter().collect()))
        }
        LinalgOp::Schur if line.word("output", &["real", "complex"])? == Some("complex") => {
            matrix(b, line, |b, a| factors::schur_complex(b, a).map(|results| results.into_iter().collect()))
        }
        _ => build::linalg(b, row, &line.operands, false),
    };
    Ok(made)
}

/// SciPy's `trans`.
fn trans(line: &mut Line<'_>) -> Result<std::result::Result<usize, Problem>> {
    let trans = line.count("trans")?.unwrap_or(0);
    let known = trans <= 2;
    Ok(if known { Ok(trans) } else { Err(Problem::Usage(format!("trans is 0, 1 or 2, not {trans}"))) })
}

/// Of one matrix.
fn matrix(b: &mut At<'_>, line: &Line<'_>, make: impl FnOnce(&mut At<'_>, &ValueId) -> Made) -> Made {
    let [operand] = &line.operands[..] else {
        return Err(Problem::Arity { expected: 1, found: line.operands.len() });
    };
    let a = build::value(b, operand)?;
    make(b, &a)
}
