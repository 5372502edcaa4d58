//! The lines of a graph's text that are small functions of NumPy's: [`crate::compose`], `forms` and `neighbours`.

use super::functions::{Made, one, two, value};
use super::{Line, Parameter, Result};
use crate::build::{self, At, Operand, WeakScalar};
use crate::compose::{self, Frame, IndexMode, PadMode, PadStatistic};
use crate::error::Problem;
use crate::ids::ValueId;
use crate::ops::OrderOp;

/// The nodes of a line whose op is one of these; `None` when it is none.
pub(super) fn build(b: &mut At<'_>, name: &str, line: &mut Line<'_>) -> Result<Option<Made>> {
    let made = match name {
        "diff" => {
            let (n, axis) = (line.count("n")?.unwrap_or(1), line.int("axis")?.unwrap_or(-1));
            let ends = [line.operand_or_none("prepend")?, line.operand_or_none("append")?];
            value(b, line, |b, x| {
                one(match [ends[0].as_ref(), ends[1].as_ref()] {
                    [None, None] => compose::diff(b, x, n, axis),
                    ends => compose::diff_with(b, x, n, axis, ends),
                })
            })
        }
        "ediff1d" => {
            let ends = [line.operand_or_none("to_begin")?, line.operand_or_none("to_end")?];
            value(b, line, |b, x| {
                one(match [ends[0].as_ref(), ends[1].as_ref()] {
                    [None, None] => compose::ediff1d(b, x),
                    ends => compose::ediff1d_with(b, x, ends),
                })
            })
        }
        "unwrap" => {
            let (discont, axis) = (line.float("discont")?, line.int("axis")?.unwrap_or(-1));
            let period = line.weak("period")?.unwrap_or(WeakScalar::Float(std::f64::consts::TAU));
            value(b, line, |b, x| one(compose::unwrap(b, x, discont, axis, period)))
        }
        "pad" => return pad(b, line).map(Some),
        "partition" | "argpartition" => {
            let (kth, axis) = (line.int("kth")?, line.int("axis")?.unwrap_or(-1));
            let kth = line.required("kth", kth)?;
            let op = if name == "partition" { OrderOp::Sort } else { OrderOp::Argsort };
            value(b, line, |b, x| one(compose::partition(b, op, x, kth, Some(axis))))
        }
        "lexsort" => one(compose::lexsort(b, &line.operands)),
        "isclose" | "allclose" => {
            let (rtol, atol) = (line.float("rtol")?.unwrap_or(1e-5), line.float("atol")?.unwrap_or(1e-8));
            let equal_nan = line.flag("equal_nan", false)?;
            let make = if name == "allclose" { compose::allclose } else { compose::isclose };
            two(line, |operands| one(make(b, operands, rtol, atol, equal_nan)))
        }
        "nan_to_num" => {
            let nan = line.float("nan")?.unwrap_or(0.0);
            let ends = [line.float("posinf")?, line.float("neginf")?];
            value(b, line, |b, x| one(compose::nan_to_num(b, x, nan, ends)))
        }
        "unravel_index" => {
            let shape = line.counts("shape")?;
            match &line.operands[..] {
                [indices] => compose::unravel_index(b, indices, &shape).map(Into::into),
                other => Err(Problem::Arity { expected: 1, found: other.len() }),
            }
        }
        "ravel_multi_index" => {
            let (shape, mode) = (line.counts("dims")?, line.mode()?);
            one(compose::ravel_multi_index(b, &line.operands, &shape, mode))
        }
        "tril_indices" | "triu_indices" => {
            let (n, m, k) = (line.count("n")?, line.count("m")?, line.int("k")?.unwrap_or(0));
            let n = line.required("n", n)?;
            let made = compose::triangle(n, m.unwrap_or(n), k, name == "triu_indices");
            match line.operands.len() {
                0 => made.and_then(|lists| lists.into_iter().map(|list| build::constant(b, list)).collect()),
                found => Err(Problem::Arity { expected: 0, found }),
            }
        }
        "select" => {
            let default = line.operand_or_none("default")?.unwrap_or(Operand::Weak(WeakScalar::Int(0)));
            let (conditions, choices) = line.operands.split_at(line.operands.len() / 2);
            one(compose::choose_first(b, conditions, choices, &default))
        }
        "iscomplex" | "isreal" => value(b, line, |b, x| one(compose::iscomplex(b, x, name == "isreal"))),
        "polyval" => two(line, |[p, x]| {
            let (p, x) = (build::value(b, p)?, build::value(b, x)?);
            one(compose::polyval(b, &p, &x))
        }),
        "vander" => {
            let (n, increasing) = (line.count("N")?, line.flag("increasing", false)?);
            value(b, line, |b, x| {
                let n = n.unwrap_or(b.graph.ty(*x).len());
                one(compose::vander(b, x, n, increasing))
            })
        }
        "resize" => {
            let shape = line.counts("shape")?;
            value(b, line, |b, x| one(compose::resize(b, x, &shape)))
        }
        _ => return Ok(None),
    };
    Ok(Some(made))
}

/// `pad` in its modes.
fn pad(b: &mut At<'_>, line: &mut Line<'_>) -> Result<Made> {
    let widths = line.counts("widths")?;
    let (pairs, odd) = widths.as_chunks::<2>();
    let names = ["constant", "empty", "edge", "reflect", "symmetric", "wrap"];
    let names: Vec<&'static str> =
        names.into_iter().chain(["linear_ramp"]).chain(PadStatistic::ALL.map(|(_, name)| name)).collect();
    let mode = line.word("mode", &names)?.unwrap_or("constant");
    let negated = line.word("reflect_type", &["even", "odd"])? == Some("odd");
    let frame = match mode {
        "constant" => line.pairs("constant_values")?.map(Frame::Constant),
        "empty" => Some(Frame::Constant(vec![[0.0; 2]])),
        "linear_ramp" => Some(Frame::LinearRamp(line.pairs("end_values")?.unwrap_or(vec![[0.0; 2]]))),
        "reflect" | "symmetric" if negated => Some(Frame::Odd(mode == "symmetric")),
        _ => match PadStatistic::ALL.into_iter().find(|(_, name)| *name == mode) {
            None => None,
            Some((statistic, _)) => {
                let lengths = line.pairs("stat_length")?;
                // A count, or no use.
                let lengths = lengths.map(|pairs| pairs.into_iter().map(|pair| pair.map(|n| n as usize)).collect());
                Some(Frame::Statistic(statistic, lengths))
            }
        },
    };
    Ok(match (&line.operands[..], frame, PadMode::from_name(mode)) {
        _ if !odd.is_empty() => Err(Problem::Usage(String::from("a width before has none after it"))),
        ([x], Some(frame), _) => build::value(b, x).and_then(|x| one(compose::pad_with(b, &x, pairs, &frame))),
        ([x], None, Some(mode)) => build::value(b, x).and_then(|x| one(compose::pad_mode(b, &x, pairs, mode))),
        ([x], None, None) => {
            build::value(b, x).and_then(|x| one(compose::pad(b, &x, pairs, &Operand::Weak(WeakScalar::Int(0)))))
        }
        ([x, fill], None, None) => build::value(b, x).and_then(|x| one(compose::pad(b, &x, pairs, fill))),
        (other, ..) => Err(Problem::Arity { expected: 1, found: other.len() }),
    })
}

impl Line<'_> {
    /// A number, or a value of the graph.
    pub(super) fn operand_or_none(&mut self, name: &str) -> Result<Option<Operand<ValueId>>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Parameter::Operand(operand))) => Ok(Some(operand)),
            Some((_, Parameter::Int(x))) => Ok(Some(Operand::Weak(WeakScalar::Int(x as i64)))),
            Some((_, Parameter::Float(x))) => Ok(Some(Operand::Weak(WeakScalar::Float(x)))),
            Some((key, _)) => Self::wrong(&key, "a number or a value such as %start"),
        }
    }

    /// Numbers in pairs; one stands for both of its pair.
    fn pairs(&mut self, name: &str) -> Result<Option<Vec<[f64; 2]>>> {
        if let Some((_, Parameter::Int(_) | Parameter::Float(_))) =
            self.parameters.iter().find(|(key, _)| key.text == name)
        {
            return Ok(self.float(name)?.map(|both| vec![[both; 2]]));
        }
        let Some(numbers) = self.floats(name)? else { return Ok(None) };
        let (pairs, odd) = numbers.as_chunks::<2>();
        let pairs = if odd.is_empty() { Some(pairs.to_vec()) } else { None };
        self.required(name, pairs).map(Some)
    }

    /// What becomes of indices out of bounds.
    pub(super) fn mode(&mut self) -> Result<IndexMode> {
        Ok(self.word("mode", IndexMode::NAMES)?.and_then(IndexMode::from_name).unwrap_or_default())
    }
}
