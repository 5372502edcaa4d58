//! The lines of a graph's text that are functions of [`crate::compose`].

use super::{Line, Result};
use crate::build::{self, At, Index, Operand};
use crate::compose::{self, Item, Options, complex};
use crate::error::Problem;
use crate::ids::ValueId;
use crate::ops::ReduceOp;
use smallvec::{SmallVec, smallvec};

/// What a composition of [`crate::compose`] makes.
pub(super) type Made = std::result::Result<SmallVec<[ValueId; 2]>, Problem>;

/// The nodes of a line whose op is a composition; `None` when it is none of these.
pub(super) fn build(b: &mut At<'_>, name: &str, line: &mut Line<'_>) -> Result<Option<Made>> {
    let made = match name {
        "float_power" => two(line, |x| one(compose::float_power(b, x))),
        "divmod" => two(line, |x| compose::divmod(b, x).map(SmallVec::from)),
        "xlogy" => two(line, |x| one(compose::xlogy(b, x))),
        "clip" => match &line.operands[..] {
            [x, low, high] => one(compose::clip(b, x, Some(low), Some(high))),
            other => Err(Problem::Arity { expected: 3, found: other.len() }),
        },
        "conjugate" => value(b, line, |b, x| one(complex::conjugate(b, x))),
        "angle" => {
            let degrees = line.flag("deg", false)?;
            value(b, line, |b, x| one(complex::angle(b, x, degrees)))
        }
        "positive" => value(b, line, |b, x| one(compose::positive(b, x))),
        "fabs" => value(b, line, |b, x| one(compose::fabs(b, x))),
        "deg2rad" => value(b, line, |b, x| one(compose::deg2rad(b, x))),
        "rad2deg" => value(b, line, |b, x| one(compose::rad2deg(b, x))),
        "modf" => value(b, line, |b, x| compose::modf(b, x).map(SmallVec::from)),
        "frexp" => value(b, line, |b, x| compose::frexp(b, x).map(SmallVec::from)),
        "round" => {
            let decimals = line.int("decimals")?.unwrap_or(0);
            let decimals = i32::try_from(decimals).unwrap_or(if decimals < 0 { i32::MIN + 1 } else { i32::MAX });
            value(b, line, |b, x| one(compose::round(b, x, decimals)))
        }
        "i0" => value(b, line, |b, x| one(compose::i0(b, x))),
        "sinc" => value(b, line, |b, x| one(compose::sinc(b, x))),
        "var" | "std" => {
            let (ddof, options) = (line.count("ddof")?.unwrap_or(0), line.options()?);
            value(b, line, |b, x| {
                one(match name {
                    "var" => compose::var_with(b, x, ddof, &options),
                    _ => compose::std_with(b, x, ddof, &options),
                })
            })
        }
        "nanvar" | "nanstd" => {
            let (axes, keepdims) = (line.ints("axis")?, line.flag("keepdims", false)?);
            let ddof = line.count("ddof")?.unwrap_or(0);
            value(b, line, |b, x| {
                one(match name {
                    "nanvar" => compose::nanvar(b, x, axes.as_deref(), ddof, keepdims),
                    _ => compose::nanstd(b, x, axes.as_deref(), ddof, keepdims),
                })
            })
        }
        "nanargmax" | "nanargmin" => {
            let (axes, keepdims) = (line.ints("axis")?, line.flag("keepdims", false)?);
            let op = if name == "nanargmax" { ReduceOp::Argmax } else { ReduceOp::Argmin };
            value(b, line, |b, x| one(compose::nanarg(b, op, x, axes.as_deref(), keepdims)))
        }
        "ptp" | "count_nonzero" | "nansum" | "nanprod" | "nanmean" | "logsumexp" => {
            let (axes, keepdims) = (line.ints("axis")?, line.flag("keepdims", false)?);
            value(b, line, |b, x| {
                let axes = axes.as_deref();
                one(match name {
                    "ptp" => compose::ptp(b, x, axes, keepdims),
                    "count_nonzero" => compose::count_nonzero(b, x, axes, keepdims),
                    "nansum" => compose::nansum(b, x, axes, keepdims),
                    "nanprod" => compose::nanprod(b, x, axes, keepdims),
                    "nanmean" => compose::nanmean(b, x, axes, keepdims),
                    _ => compose::logsumexp(b, x, axes, keepdims),
                })
            })
        }
        "softmax" => {
            let axes = line.ints("axis")?;
            value(b, line, |b, x| one(compose::softmax(b, x, axes.as_deref())))
        }
        "log_softmax" => {
            let axes = line.ints("axis")?;
            value(b, line, |b, x| one(compose::log_softmax(b, x, axes.as_deref())))
        }
        "average" => {
            let (axes, keepdims) = (line.ints("axis")?, line.flag("keepdims", false)?);
            let returned = line.flag("returned", false)?;
            match &line.operands[..] {
                [x, weights] => {
                    let values = build::value(b, x).and_then(|x| Ok((x, build::value(b, weights)?)));
                    let both =
                        values.and_then(|(x, w)| compose::average_returned(b, &x, &w, axes.as_deref(), keepdims));
                    both.map(|both| both.into_iter().take(1 + usize::from(returned)).collect())
                }
                other => Err(Problem::Arity { expected: 2, found: other.len() }),
            }
        }
        "ravel" => value(b, line, |b, x| one(compose::ravel(b, x))),
        "moveaxis" => {
            let (source, destination) = (line.ints("source")?, line.ints("destination")?);
            let (source, destination) = (line.required("source", source)?, line.required("destination", destination)?);
            value(b, line, |b, x| one(compose::moveaxis(b, x, &source, &destination)))
        }
        "swapaxes" => {
            let [first, second] = plane(line)?;
            value(b, line, |b, x| one(compose::swapaxes(b, x, first, second)))
        }
        "flip" => {
            let axes = line.ints("axis")?;
            value(b, line, |b, x| one(compose::flip(b, x, axes.as_deref())))
        }
        "rot90" => {
            let (k, axes) = (line.int("k")?.unwrap_or(1), plane(line)?);
            value(b, line, |b, x| one(compose::rot90(b, x, k, axes)))
        }
        "roll" => {
            let (shift, axis) = (line.ints("shift")?, line.ints("axis")?);
            let shift = line.required("shift", shift)?;
            value(b, line, |b, x| {
                one(match (&shift[..], axis.as_deref()) {
                    (&[shift], None) => compose::roll(b, x, shift, None),
                    (shifts, axes) => compose::roll_axes(b, x, shifts, axes.unwrap_or(&[])),
                })
            })
        }
        "tile" => {
            let reps = line.counts("reps")?;
            value(b, line, |b, x| one(compose::tile(b, x, &reps)))
        }
        "repeat" => {
            let (repeats, axis) = (line.counts("repeats")?, line.int("axis")?);
            value(b, line, |b, x| {
                one(match repeats[..] {
                    [repeats] => compose::repeat(b, x, repeats, axis),
                    _ => compose::repeat_each(b, x, &repeats, axis),
                })
            })
        }
        "hstack" => one(compose::hstack(b, &line.operands)),
        "vstack" => one(compose::vstack(b, &line.operands)),
        "tril" | "triu" | "diag" => {
            let k = line.int("k")?.unwrap_or(0);
            value(b, line, |b, x| {
                one(match name {
                    "tril" => compose::tril(b, x, k),
                    "triu" => compose::triu(b, x, k),
                    _ => compose::diag(b, x, k),
                })
            })
        }
        "with_slice" => {
            let indices = line.indices.take();
            let indices = line.required("slice [start:stop:step, ...]", indices)?;
            match &line.operands[..] {
                [x, y] => basic(indices).and_then(|indices| {
                    let x = build::value(b, x)?;
                    one(compose::with_slice(b, &x, &indices, y))
                }),
                other => Err(Problem::Arity { expected: 2, found: other.len() }),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(made))
}

impl Line<'_> {
    /// NumPy's keywords of a reduction.
    pub(super) fn options(&mut self) -> Result<Options<ValueId>> {
        let (axes, keepdims) = (self.ints("axis")?, self.flag("keepdims", false)?);
        let dtype = self.dtype_or_none()?;
        let mask = self.value_or_none("where")?;
        let initial = self.operand_or_none("initial")?;
        Ok(Options { axes, keepdims, dtype, mask, initial })
    }
}

/// Indices without arrays among them.
fn basic(items: Vec<Item<ValueId>>) -> std::result::Result<Vec<Index>, Problem> {
    let index = |item| match item {
        Item::Basic(index) => Ok(index),
        Item::Array(_) => Err(Problem::Usage(String::from("a slice has no arrays of indices"))),
    };
    items.into_iter().map(index).collect()
}

/// Two axes, the first two by default.
pub(super) fn plane(line: &mut Line<'_>) -> Result<[isize; 2]> {
    let axes = line.ints("axes")?.unwrap_or(vec![0, 1]);
    let two = <[isize; 2]>::try_from(axes).ok();
    line.required("axes of two", two)
}

pub(super) fn one(made: std::result::Result<ValueId, Problem>) -> Made {
    made.map(|value| smallvec![value])
}

/// A composition of one array.
pub(super) fn value(b: &mut At<'_>, line: &Line<'_>, make: impl FnOnce(&mut At<'_>, &ValueId) -> Made) -> Made {
    let [operand] = &line.operands[..] else {
        return Err(Problem::Arity { expected: 1, found: line.operands.len() });
    };
    let x = build::value(b, operand)?;
    make(b, &x)
}

/// A composition of two operands.
pub(super) fn two(line: &Line<'_>, make: impl FnOnce(&[Operand<ValueId>; 2]) -> Made) -> Made {
    match <&[Operand<ValueId>; 2]>::try_from(&line.operands[..]) {
        Ok(operands) => make(operands),
        Err(_) => Err(Problem::Arity { expected: 2, found: line.operands.len() }),
    }
}
