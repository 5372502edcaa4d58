//! The lines of a graph's text that are methods of ufuncs: `hypot.outer %x, %y`, or `ufunc.outer %x, %y, op=hypot`.

use super::functions::{Made, one, two, value};
use super::{Line, Result};
use crate::build::{self, At, Operand, WeakScalar};
use crate::compose;
use crate::error::Problem;
use crate::ids::ValueId;
use crate::ops::{ALIASES, ElementwiseOp};
use crate::types::DType;

/// The methods, by NumPy's names.
const METHODS: &[&str] = &["reduce", "reduceat", "accumulate", "outer", "at"];

/// The op and the method of a line; `None` when it is no method of a ufunc. With `float_power` operands become floats.
fn method<'s>(name: &'s str, line: &mut Line<'_>) -> Result<Option<(ElementwiseOp, bool, &'s str)>> {
    if matches!(name, "reduce" | "reduceat" | "ufunc.outer" | "ufunc.at") {
        return Ok(Some((line.elementwise("op")?, false, name.trim_start_matches("ufunc."))));
    }
    let Some((ufunc, method)) = name.split_once('.').filter(|(_, method)| METHODS.contains(method)) else {
        return Ok(None);
    };
    let ufunc = ALIASES.iter().find(|(alias, _)| *alias == ufunc).map_or(ufunc, |(_, name)| name);
    let floats = ufunc == "float_power";
    let op = ElementwiseOp::from_name(if floats { "power" } else { ufunc });
    Ok(op.map(|op| (op, floats, method)))
}

/// The nodes of a line whose op is one of these; `None` when it is none.
pub(super) fn build(b: &mut At<'_>, name: &str, line: &mut Line<'_>) -> Result<Option<Made>> {
    let Some((op, floats, method)) = method(name, line)? else { return Ok(None) };
    if floats && method != "at" {
        for operand in line.operands.iter_mut().take(if method == "outer" { 2 } else { 1 }) {
            if let Operand::Value(x) = operand {
                let dtype = b.graph.ty(*x).dtype.promote(DType::F64);
                match build::cast(b, x, dtype) {
                    Ok(cast) => *x = cast,
                    Err(problem) => return Ok(Some(Err(problem))),
                }
            }
        }
    }
    Ok(Some(match method {
        "reduce" => {
            let mut options = line.options()?;
            value(b, line, |b, x| {
                // The first axis, as NumPy has it of its ufuncs; a number has none.
                if options.axes.is_none() && b.graph.ty(*x).rank() > 0 {
                    options.axes = Some(vec![0]);
                }
                one(compose::reduce_by(b, op, x, &options))
            })
        }
        "accumulate" => {
            let (axis, dtype) = (line.int("axis")?.unwrap_or(0), line.dtype_or_none()?);
            value(b, line, |b, x| one(compose::cumulate(b, op, x, Some(axis), dtype)))
        }
        "reduceat" => {
            let (axis, dtype) = (line.int("axis")?.unwrap_or(0), line.dtype_or_none()?);
            two(line, |operands| one(compose::reduceat(b, op, operands, axis, dtype)))
        }
        "outer" => two(line, |operands| one(compose::outer_by(b, op, operands))),
        _ => at(b, op, &line.operands),
    }))
}

/// `ufunc.at`, of one operand without the elements.
fn at(b: &mut At<'_>, op: ElementwiseOp, operands: &[Operand<ValueId>]) -> Made {
    let least = op.arity() + 1;
    if operands.len() < least {
        return Err(Problem::Arity { expected: least, found: operands.len() });
    }
    let mut operands = operands.to_vec();
    if op.arity() == 1 {
        operands.push(Operand::Weak(WeakScalar::Int(0)));
    }
    one(compose::put(b, &operands, Some(0), false, Some(op)))
}
