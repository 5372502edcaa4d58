//! The lines of a graph's text that go by truth values.

use super::functions::{Made, one, two, value};
use super::{Line, Result};
use crate::build::{self, At};
use crate::compose;
use crate::error::Problem;

/// The nodes of a line whose op is one of these; `None` when it is none.
pub(super) fn build(b: &mut At<'_>, name: &str, line: &mut Line<'_>) -> Result<Option<Made>> {
    let made = match name {
        "nonzero" | "flatnonzero" | "argwhere" => {
            let (size, fill) = (line.count("size")?, line.int("fill_value")?.unwrap_or(0) as i64);
            let size = line.required("size", size)?;
            value(b, line, |b, x| match name {
                "nonzero" => Ok(compose::nonzero(b, x, size, fill)?.into()),
                "argwhere" => one(compose::argwhere(b, x, size, fill)),
                _ => one(compose::flatnonzero(b, x, size, fill)),
            })
        }
        "copyto" => {
            let mask = line.value_or_none("where")?;
            let mask = line.required("where", mask)?;
            two(line, |[x, y]| {
                let x = build::value(b, x)?;
                one(compose::copyto(b, &x, y, &mask))
            })
        }
        "putmask" | "place" => match &line.operands[..] {
            [x, mask, values] => build::value(b, x).and_then(|x| {
                let mask = build::value(b, mask)?;
                let make = if name == "place" { compose::place } else { compose::putmask };
                one(make(b, &x, &mask, values))
            }),
            other => Err(Problem::Arity { expected: 3, found: other.len() }),
        },
        "isin" => {
            let invert = line.flag("invert", false)?;
            two(line, |operands| one(compose::isin(b, operands, invert)))
        }
        "array_equal" => {
            let equal_nan = line.flag("equal_nan", false)?;
            two(line, |operands| one(compose::array_equal(b, operands, equal_nan)))
        }
        _ => return Ok(None),
    };
    Ok(Some(made))
}
