//! The lines of a graph's text that sort, search, or go by the order of elements.

use super::functions::{Made, one, value};
use super::{Line, Parameter, Result};
use crate::build::{self, At, Operand};
use crate::compose::{self, Bins, Covariance, Overlap, QuantileMethod};
use crate::error::Problem;
use crate::ids::ValueId;
use crate::ops::OrderOp;

/// The nodes of a line whose op is one of these; `None` when it is none.
pub(super) fn build(b: &mut At<'_>, name: &str, line: &mut Line<'_>) -> Result<Option<Made>> {
    let made = match name {
        "sort" | "argsort" => {
            let op = if name == "sort" { OrderOp::Sort } else { OrderOp::Argsort };
            let axis = line.int("axis")?.unwrap_or(-1);
            value(b, line, |b, x| one(build::sort(b, op, x, Some(axis))))
        }
        "searchsorted" => {
            let right = line.word("side", &["left", "right"])? == Some("right");
            let sorter = line.value_or_none("sorter")?;
            match &line.operands[..] {
                [list, values] if let Some(sorter) = &sorter => {
                    one(compose::searchsorted_by(b, [list, values], sorter, right))
                }
                [sorted, values] => one(build::searchsorted(b, [sorted, values], right)),
                other => Err(Problem::Arity { expected: 2, found: other.len() }),
            }
        }
        "median" | "nanmedian" => {
            let options = line.options()?;
            value(b, line, |b, x| {
                one(match name {
                    "median" => compose::median(b, x, &options),
                    _ => compose::nanmedian(b, x, &options),
                })
            })
        }
        "quantile" | "percentile" | "nanquantile" | "nanpercentile" => {
            let method = line.word("method", QuantileMethod::NAMES)?.and_then(QuantileMethod::from_name);
            let (method, options, nan) = (method.unwrap_or_default(), line.options()?, name.starts_with("nan"));
            let weights = line.value_or_none("weights")?;
            match &line.operands[..] {
                _ if weights.is_some() && method != QuantileMethod::InvertedCdf => {
                    Err(Problem::Usage(String::from("has weights by method=inverted_cdf alone")))
                }
                [x, q] if let Some(weights) = &weights => build::value(b, x).and_then(|x| {
                    one(match name.ends_with("quantile") {
                        true => compose::quantile_weighted(b, &x, q, weights, nan, &options),
                        false => compose::percentile_weighted(b, &x, q, weights, nan, &options),
                    })
                }),
                [x, q] => build::value(b, x).and_then(|x| {
                    one(match name.ends_with("quantile") {
                        true => compose::quantile(b, &x, q, method, nan, &options),
                        false => compose::percentile(b, &x, q, method, nan, &options),
                    })
                }),
                other => Err(Problem::Arity { expected: 2, found: other.len() }),
            }
        }
        "bincount" => {
            let length = line.count("length")?;
            let length = line.required("length", length)?;
            let weights = line.value_or_none("weights")?;
            value(b, line, |b, x| {
                one(match &weights {
                    Some(weights) => compose::bincount_weighted(b, x, weights, length),
                    None => compose::bincount(b, x, length),
                })
            })
        }
        "digitize" => {
            let right = line.flag("right", false)?;
            pair(b, line, |b, x, edges| compose::digitize(b, x, edges, right))
        }
        "histogram" => {
            let (weights, density) = (line.value_or_none("weights")?, line.flag("density", false)?);
            let equal = if line.operands.len() == 2 { None } else { Some(bins(line)?) };
            let make = |b: &mut At<'_>, x: &Operand<ValueId>, bins: Bins<ValueId>| {
                let x = build::value(b, x)?;
                Ok(compose::histogram_with(b, &x, &bins, weights.as_ref(), density)?.into())
            };
            match (&line.operands[..], equal) {
                ([x], Some((bins, range))) => make(b, x, Bins::Equal(bins, range)),
                ([x, edges], _) => build::value(b, edges).and_then(|edges| make(b, x, Bins::Between(edges))),
                (other, _) => Err(Problem::Arity { expected: 1, found: other.len() }),
            }
        }
        "histogram_bin_edges" => {
            let (bins, range) = bins(line)?;
            value(b, line, |b, x| one(compose::bin_edges(b, x, bins, range)))
        }
        "interp" => {
            let period = line.float("period")?;
            let ends = [line.weak("left")?, line.weak("right")?].map(|end| end.map(Operand::Weak));
            match &line.operands[..] {
                [x, places, values] => {
                    let [x, places, values] = [x, places, values].map(|operand| build::value(b, operand));
                    x.and_then(|x| {
                        let points = [&places?, &values?];
                        one(compose::interp(b, &x, points, [ends[0].as_ref(), ends[1].as_ref()], period))
                    })
                }
                other => Err(Problem::Arity { expected: 3, found: other.len() }),
            }
        }
        "cov" => {
            let (rowvar, ddof) = (line.flag("rowvar", true)?, line.count("ddof")?);
            let (fweights, aweights) = (line.value_or_none("fweights")?, line.value_or_none("aweights")?);
            let bias = line.flag("bias", false)?;
            one_or_two(b, line, |b, x, y| {
                compose::cov_with(b, x, &Covariance { rowvar, ddof, bias, y: y.copied(), fweights, aweights })
            })
        }
        "corrcoef" => {
            let rowvar = line.flag("rowvar", true)?;
            one_or_two(b, line, |b, x, y| compose::corrcoef_with(b, x, y, rowvar))
        }
        "correlate" | "convolve" => {
            let mode = line.word("mode", Overlap::NAMES)?.and_then(Overlap::from_name);
            match <&[Operand<ValueId>; 2]>::try_from(&line.operands[..]) {
                Ok(operands) if name == "convolve" => {
                    one(compose::convolve(b, operands, mode.unwrap_or(Overlap::Full)))
                }
                Ok(operands) => one(compose::correlate(b, operands, mode.unwrap_or_default())),
                Err(_) => Err(Problem::Arity { expected: 2, found: line.operands.len() }),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(made))
}

/// The number of equal bins, and their range.
fn bins(line: &mut Line<'_>) -> Result<(usize, Option<[f64; 2]>)> {
    let (bins, range) = (line.count("bins")?.unwrap_or(10), line.floats("range")?);
    let range = match range {
        None => None,
        Some(range) => Some(line.required("range of two numbers", <[f64; 2]>::try_from(range).ok())?),
    };
    Ok((bins, range))
}

/// A composition of an array, and of another that may be missing.
fn one_or_two(
    b: &mut At<'_>,
    line: &Line<'_>,
    make: impl FnOnce(&mut At<'_>, &ValueId, Option<&ValueId>) -> std::result::Result<ValueId, Problem>,
) -> Made {
    match &line.operands[..] {
        [x] => {
            let x = build::value(b, x)?;
            one(make(b, &x, None))
        }
        [x, y] => {
            let (x, y) = (build::value(b, x)?, build::value(b, y)?);
            one(make(b, &x, Some(&y)))
        }
        other => Err(Problem::Arity { expected: 1, found: other.len() }),
    }
}

/// A composition of two arrays.
fn pair(
    b: &mut At<'_>,
    line: &Line<'_>,
    make: impl FnOnce(&mut At<'_>, &ValueId, &ValueId) -> std::result::Result<ValueId, Problem>,
) -> Made {
    match &line.operands[..] {
        [x, y] => {
            let (x, y) = (build::value(b, x)?, build::value(b, y)?);
            one(make(b, &x, &y))
        }
        other => Err(Problem::Arity { expected: 2, found: other.len() }),
    }
}

impl Line<'_> {
    /// A value of the graph, such as `%mask`.
    pub(super) fn value_or_none(&mut self, name: &str) -> Result<Option<ValueId>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Parameter::Operand(Operand::Value(value)))) => Ok(Some(value)),
            Some((key, _)) => Self::wrong(&key, "a value such as %mask"),
        }
    }

    /// Several numbers.
    pub(super) fn floats(&mut self, name: &str) -> Result<Option<Vec<f64>>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Parameter::Ints(xs))) => Ok(Some(xs.into_iter().map(|x| x as f64).collect())),
            Some((_, Parameter::Floats(xs))) => Ok(Some(xs)),
            Some((key, _)) => Self::wrong(&key, "a list of numbers"),
        }
    }
}
