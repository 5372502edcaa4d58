//! The lines of a graph's text that are scans, or made of neighbours along an axis.

use super::functions::{Made, one, value};
use super::{Line, Parameter, Result, Token};
use crate::build::{self, At, Operand, WeakScalar};
use crate::compose::{self, Spacing};
use crate::error::Problem;
use crate::ops::ElementwiseOp;

/// The nodes of a line whose op is one of these; `None` when it is none.
pub(super) fn build(b: &mut At<'_>, name: &str, line: &mut Line<'_>) -> Result<Option<Made>> {
    let made = match name {
        "accumulate" => {
            let (op, axis) = (line.elementwise("op")?, line.int("axis")?.unwrap_or(0));
            let dtype = line.dtype_or_none()?;
            value(b, line, |b, x| one(compose::cumulate(b, op, x, Some(axis), dtype)))
        }
        "cumsum" | "cumprod" | "nancumsum" | "nancumprod" => {
            let op = if name.ends_with("sum") { ElementwiseOp::Add } else { ElementwiseOp::Multiply };
            let (axis, dtype) = (line.int("axis")?, line.dtype_or_none()?);
            value(b, line, |b, x| {
                one(match name.starts_with("nan") {
                    true => compose::nancumulate(b, op, x, axis, dtype),
                    false => compose::cumulate(b, op, x, axis, dtype),
                })
            })
        }
        "cumulative_sum" | "cumulative_prod" => {
            let op = if name.ends_with("sum") { ElementwiseOp::Add } else { ElementwiseOp::Multiply };
            let (axis, dtype, initial) =
                (line.int("axis")?, line.dtype_or_none()?, line.flag("include_initial", false)?);
            value(b, line, |b, x| one(compose::cumulative(b, op, x, axis, dtype, initial)))
        }
        "trapezoid" | "gradient" => {
            let (axis, dx) = (line.int("axis")?.unwrap_or(-1), line.weak("dx")?);
            let order = if name == "gradient" { line.count("edge_order")?.unwrap_or(1) } else { 0 };
            let make = match order {
                0 => compose::trapezoid,
                1 => compose::gradient,
                2 => compose::gradient_second_order,
                _ => return Ok(Some(Err(Problem::Usage(String::from("the order at the edges is 1 or 2"))))),
            };
            match &line.operands[..] {
                [y] => {
                    let spacing = dx.map_or(Spacing::one(), |dx| Spacing::Even(Operand::Weak(dx)));
                    build::value(b, y).and_then(|y| one(make(b, &y, &spacing, axis)))
                }
                [y, x] if dx.is_none() => {
                    let values = build::value(b, y).and_then(|y| Ok((y, build::value(b, x)?)));
                    values.and_then(|(y, x)| one(make(b, &y, &Spacing::At(x), axis)))
                }
                [_, _] => Err(Problem::Usage(String::from("takes either places or dx="))),
                other => Err(Problem::Arity { expected: 1, found: other.len() }),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(made))
}

impl<'s> Line<'s> {
    /// The name of an elementwise op.
    pub(super) fn elementwise(&mut self, name: &str) -> Result<ElementwiseOp> {
        let op = self.elementwise_or_none(name)?;
        self.required(name, op)
    }

    pub(super) fn elementwise_or_none(&mut self, name: &str) -> Result<Option<ElementwiseOp>> {
        match self.take(name) {
            Some((key, Parameter::Name(found))) => match ElementwiseOp::from_name(found) {
                Some(op) => Ok(Some(op)),
                None => Token { text: found, ..key }.unknown("op", ElementwiseOp::ALL.iter().map(|op| op.name())),
            },
            Some((key, _)) => Self::wrong(&key, "an op of two operands"),
            None => Ok(None),
        }
    }

    /// A number without a dtype.
    pub(super) fn weak(&mut self, name: &str) -> Result<Option<WeakScalar>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Parameter::Int(x))) => Ok(Some(WeakScalar::Int(x as i64))),
            Some((_, Parameter::Float(x))) => Ok(Some(WeakScalar::Float(x))),
            Some((key, _)) => Self::wrong(&key, "a number"),
        }
    }
}
