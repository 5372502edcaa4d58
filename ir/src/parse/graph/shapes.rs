//! The lines of a graph's text that make, cut and index arrays: functions of [`crate::compose`] over shapes.

use super::functions::{Made, one, two, value};
use super::{Line, Parameter, Result};
use crate::build::{self, At, Operand, WeakScalar};
use crate::compose::{self, create};
use crate::error::Problem;
use crate::ids::ValueId;
use crate::tensor::{Scalar, Tensor};
use crate::types::DType;
use smallvec::{SmallVec, smallvec};

impl Line<'_> {
    /// A number as it is written, or a default.
    fn number(&mut self, name: &str, default: Option<WeakScalar>) -> Result<WeakScalar> {
        match self.take(name) {
            Some((_, Parameter::Int(x))) => Ok(WeakScalar::Int(x as i64)),
            Some((_, Parameter::Float(x))) => Ok(WeakScalar::Float(x)),
            Some((key, _)) => Self::wrong(&key, "a number"),
            None => self.required(name, default),
        }
    }

    fn real(&mut self, name: &str, default: Option<f64>) -> Result<f64> {
        match self.take(name) {
            Some((_, Parameter::Int(x))) => Ok(x as f64),
            Some((_, Parameter::Float(x))) => Ok(x),
            Some((key, _)) => Self::wrong(&key, "a number"),
            None => self.required(name, default),
        }
    }
}

/// The nodes of a line whose op is one of these; `None` when it is none.
pub(super) fn build(b: &mut At<'_>, name: &str, line: &mut Line<'_>) -> Result<Option<Made>> {
    let made = match name {
        "take_along_axis" => {
            let axis = line.int("axis")?;
            two(line, |operands| one(compose::take_along_axis(b, operands, axis)))
        }
        "compress" => {
            let (condition, axis) = (line.flags("condition")?, line.int("axis")?);
            value(b, line, |b, x| one(compose::compress(b, x, &condition, axis)))
        }
        "delete" => {
            let (indices, axis) = (line.ints("indices")?, line.int("axis")?);
            let indices = line.required("indices", indices)?;
            value(b, line, |b, x| one(compose::delete(b, x, &indices, axis)))
        }
        "insert" => {
            let (index, axis) = (line.int("index")?, line.int("axis")?);
            let index = line.required("index", index)?;
            two(line, |[x, y]| {
                let x = build::value(b, x)?;
                one(compose::insert(b, &x, index, y, axis))
            })
        }
        "append" => {
            let axis = line.int("axis")?;
            two(line, |operands| one(compose::append(b, operands, axis)))
        }
        "split" | "array_split" => {
            let (sections, axis) = (line.count("sections")?, line.int("axis")?.unwrap_or(0));
            let places = if sections.is_none() { line.ints("indices")? } else { None };
            value(b, line, |b, x| parts(b, x, (sections, places), axis, name == "split"))
        }
        "unstack" => {
            let axis = line.int("axis")?.unwrap_or(0);
            value(b, line, |b, x| {
                let shape = b.graph.ty(*x).shape.clone();
                let size = shape[build::normalise_axis(axis, shape.len())?];
                (0..size).map(|i| compose::element(b, x, i, axis)).collect()
            })
        }
        "meshgrid" => {
            let xy = line.word("indexing", &["xy", "ij"])? != Some("ij");
            values(b, line).and_then(|lists| grid(b, lists, xy))
        }
        "broadcast_arrays" => values(b, line).and_then(|arrays| {
            let shapes = arrays.iter().map(|&x| &b.graph.ty(x).shape[..]);
            let shape = crate::types::broadcast(shapes).ok_or(Problem::Broadcast)?;
            arrays.iter().map(|x| build::broadcast_to(b, x, &shape)).collect()
        }),
        "column_stack" => one(compose::column_stack(b, &line.operands)),
        "dstack" => one(compose::dstack(b, &line.operands)),
        "block" => {
            let columns = line.count("columns")?;
            let columns = line.required("columns", columns)?;
            blocks(b, &line.operands, columns)
        }
        "atleast_1d" => value(b, line, |b, x| one(compose::atleast(b, x, 1))),
        "atleast_2d" => value(b, line, |b, x| one(compose::atleast(b, x, 2))),
        "atleast_3d" => value(b, line, |b, x| one(compose::atleast(b, x, 3))),
        "fliplr" => value(b, line, |b, x| one(compose::flip(b, x, Some(&[1])))),
        "flipud" => value(b, line, |b, x| one(compose::flip(b, x, Some(&[0])))),
        "diagflat" => {
            let k = line.int("k")?.unwrap_or(0);
            value(b, line, |b, x| {
                let flat = compose::ravel(b, x)?;
                one(compose::diag(b, &flat, k))
            })
        }
        "full" => {
            let (shape, dtype) = (line.counts("shape")?, line.dtype_or_none()?);
            value(b, line, |b, x| {
                let x = build::cast(b, x, dtype.unwrap_or(b.graph.ty(*x).dtype))?;
                one(build::broadcast_to(b, &x, &shape))
            })
        }
        "full_like" => two(line, |[x, number]| like(b, x, number)),
        "zeros_like" => value(b, line, |b, x| like(b, &Operand::Value(*x), &Operand::Weak(WeakScalar::Int(0)))),
        "ones_like" => value(b, line, |b, x| like(b, &Operand::Value(*x), &Operand::Weak(WeakScalar::Int(1)))),
        _ => return created(b, name, line),
    };
    Ok(Some(made))
}

/// Every operand as a value of its own dtype.
fn values(b: &mut At<'_>, line: &Line<'_>) -> std::result::Result<Vec<ValueId>, Problem> {
    if line.operands.is_empty() {
        return Err(Problem::Arity { expected: 1, found: 0 });
    }
    line.operands.iter().map(|operand| build::value(b, operand)).collect()
}

/// The results of `split` and `array_split`.
fn parts(
    b: &mut At<'_>,
    x: &ValueId,
    (sections, places): (Option<usize>, Option<Vec<isize>>),
    axis: isize,
    equal: bool,
) -> Made {
    let shape = b.graph.ty(*x).shape.clone();
    let size = shape[build::normalise_axis(axis, shape.len())?];
    let places = match (sections, places) {
        (Some(sections), _) if equal => {
            return (0..sections.max(1)).map(|i| compose::section(b, x, sections, i, axis)).collect();
        }
        (Some(0), _) | (None, None) => return Err(Problem::Usage(String::from("parts are `sections=` or `indices=`"))),
        (Some(sections), _) => compose::uneven(size, sections).into_iter().map(|place| place as isize).collect(),
        (None, Some(places)) => places,
    };
    Ok(compose::split_at(b, x, &places, axis)?.into())
}

/// The coordinates of a grid; of `xy` the first two axes are exchanged.
fn grid(b: &mut At<'_>, mut lists: Vec<ValueId>, xy: bool) -> Made {
    let xy = xy && lists.len() > 1;
    if xy {
        lists.swap(0, 1);
    }
    let mut all: SmallVec<[ValueId; 2]> = SmallVec::new();
    for i in 0..lists.len() {
        all.push(compose::meshgrid(b, &lists, i)?);
    }
    if xy {
        all.swap(0, 1);
    }
    Ok(all)
}

/// Rows of as many blocks, joined along the last axis, then along the one before.
fn blocks(b: &mut At<'_>, operands: &[Operand<ValueId>], columns: usize) -> Made {
    if columns == 0 || operands.is_empty() || !operands.len().is_multiple_of(columns) {
        return Err(Problem::Usage(format!("{} blocks are no rows of {columns}", operands.len())));
    }
    let rows: std::result::Result<Vec<_>, Problem> =
        operands.chunks(columns).map(|row| Ok(Operand::Value(build::concat(b, row, -1)?))).collect();
    one(build::concat(b, &rows?, -2))
}

/// A number in the shape and dtype of an array.
fn like(b: &mut At<'_>, x: &Operand<ValueId>, number: &Operand<ValueId>) -> Made {
    let x = build::value(b, x)?;
    let ty = b.graph.ty(x).clone();
    let number = match number {
        Operand::Value(value) => build::cast(b, value, ty.dtype)?,
        Operand::Weak(weak) => build::scalar(b, weak.to_scalar(ty.dtype)?)?,
    };
    one(build::broadcast_to(b, &number, &ty.shape))
}

/// Arrays from nothing.
fn created(b: &mut At<'_>, name: &str, line: &mut Line<'_>) -> Result<Option<Made>> {
    let tensor: std::result::Result<Tensor, Problem> = match name {
        "arange" => {
            let start = line.number("start", Some(WeakScalar::Int(0)))?;
            let (stop, step) = (line.number("stop", None)?, line.number("step", Some(WeakScalar::Int(1)))?);
            create::arange(start, stop, step)
        }
        "linspace" | "logspace" | "geomspace" => {
            let (start, stop) = (line.real("start", None)?, line.real("stop", None)?);
            let (num, endpoint) = (line.count("num")?.unwrap_or(50), line.flag("endpoint", true)?);
            match name {
                "linspace" => create::linspace(start, stop, num, endpoint),
                "logspace" => create::logspace(start, stop, num, endpoint, line.real("base", Some(10.0))?),
                _ => create::geomspace(start, stop, num, endpoint),
            }
        }
        "eye" | "identity" | "tri" => {
            let (n, m) = (line.count("n")?, if name == "identity" { None } else { line.count("m")? });
            let n = line.required("n", n)?;
            let k = if name == "identity" { 0 } else { line.int("k")?.unwrap_or(0) };
            let (rows, cols) = (n, m.unwrap_or(n));
            if name == "tri" {
                let made = build::scalar(b, Scalar::F64(1.0))
                    .and_then(|x| build::broadcast_to(b, &x, &[rows, cols]))
                    .and_then(|x| compose::tril(b, &x, k));
                return Ok(Some(none(line).and_then(|()| one(made))));
            }
            create::eye(rows, cols, k)
        }
        "zeros" | "ones" => {
            let (shape, dtype) = (line.counts("shape")?, line.dtype_or_none()?.unwrap_or(DType::F64));
            let scalar = if name == "zeros" { Scalar::zero(dtype) } else { Scalar::one(dtype) };
            let made = build::scalar(b, scalar).and_then(|x| build::broadcast_to(b, &x, &shape));
            return Ok(Some(none(line).and_then(|()| one(made))));
        }
        _ => return Ok(None),
    };
    let dtype = line.dtype_or_none()?;
    Ok(Some(none(line).and_then(|()| {
        let x = build::constant(b, tensor?)?;
        Ok(smallvec![build::cast(b, &x, dtype.unwrap_or(b.graph.ty(x).dtype))?])
    })))
}

/// Nothing is made of operands.
fn none(line: &Line<'_>) -> std::result::Result<(), Problem> {
    match line.operands.len() {
        0 => Ok(()),
        found => Err(Problem::Arity { expected: 0, found }),
    }
}
