//! Arrays from nothing, with the elements that NumPy gives them.

use super::shape::wrong;
use crate::build::WeakScalar;
use crate::error::Problem;
use crate::ops::ElementwiseOp;
use crate::tensor::{Element, Scalar, Tensor};
use crate::types::{DType, Type, check_size};
use ndarray::Array1;

/// As `f64`.
fn float(x: WeakScalar) -> Result<f64, Problem> {
    match x {
        WeakScalar::Bool(x) => Ok(f64::from(u8::from(x))),
        WeakScalar::Int(x) => Ok(x as f64),
        WeakScalar::Float(x) => Ok(x),
        WeakScalar::Complex(x) => wrong(format!("{x} has no place in order")),
    }
}

fn list(values: Vec<f64>) -> Tensor {
    f64::wrap(Array1::from_vec(values).into_dyn())
}

/// `arange`: from `start` by `step` before `stop`; `i64` of integers, otherwise `f64`.
pub fn arange(start: WeakScalar, stop: WeakScalar, step: WeakScalar) -> Result<Tensor, Problem> {
    if let (WeakScalar::Int(start), WeakScalar::Int(stop), WeakScalar::Int(step)) = (start, stop, step) {
        if step == 0 {
            return wrong(String::from("the step is zero"));
        }
        let span = if step > 0 { i128::from(stop) - i128::from(start) } else { i128::from(start) - i128::from(stop) };
        let distance = i128::from(step).abs();
        let count = if span <= 0 { 0 } else { (span + distance - 1) / distance };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        check_size(DType::I64, &[count])?;
        let values = (0..count).map(|i| start.wrapping_add(step.wrapping_mul(i as i64)));
        return Ok(i64::wrap(Array1::from_iter(values).into_dyn()));
    }
    let (start, stop, step) = (float(start)?, float(stop)?, float(step)?);
    let count = ((stop - start) / step).ceil();
    if step == 0.0 || !count.is_finite() {
        return wrong(format!("from {start} to {stop} by {step} is no list"));
    }
    let count = if count > 0.0 { count as usize } else { 0 };
    check_size(DType::F64, &[count])?;
    // The distance is that of the first two elements as they are rounded.
    let distance = (start + step) - start;
    let value = |i: usize| if i == 1 { start + step } else { start + i as f64 * distance };
    Ok(list((0..count).map(value).collect()))
}

/// `linspace`: evenly spaced from `start` to `stop`, which is the last element, or left out.
pub fn linspace(start: f64, stop: f64, count: usize, endpoint: bool) -> Result<Tensor, Problem> {
    check_size(DType::F64, &[count])?;
    let gaps = if endpoint { count.saturating_sub(1) } else { count };
    let (span, gaps) = (stop - start, gaps as f64);
    let step = span / gaps;
    let mut values: Vec<f64> = (0..count)
        .map(|i| match i as f64 {
            i if gaps == 0.0 => i * span + start,
            // A step that vanishes: divided later, the sum of the steps does not.
            i if step == 0.0 => i / gaps * span + start,
            i => i * step + start,
        })
        .collect();
    if endpoint && count > 1 {
        values[count - 1] = stop;
    }
    Ok(list(values))
}

/// An op of one or two `f64`, by the evaluator of its row.
fn eval(op: ElementwiseOp, args: &[f64]) -> f64 {
    let args: Vec<Scalar> = args.iter().map(|&x| Scalar::F64(x)).collect();
    match op.eval(&args) {
        Scalar::F64(x) => x,
        _ => unreachable!("an op of floats gives floats"),
    }
}

fn powers(base: f64, exponents: &Tensor) -> Vec<f64> {
    let exponents = exponents.as_f64().expect("a list of floats");
    exponents.iter().map(|&x| eval(ElementwiseOp::Power, &[base, x])).collect()
}

/// `logspace`: powers of a base, their exponents evenly spaced.
pub fn logspace(start: f64, stop: f64, count: usize, endpoint: bool, base: f64) -> Result<Tensor, Problem> {
    Ok(list(powers(base, &linspace(start, stop, count, endpoint)?)))
}

/// `geomspace`: from `start` to `stop` by even ratios.
pub fn geomspace(start: f64, stop: f64, count: usize, endpoint: bool) -> Result<Tensor, Problem> {
    if start == 0.0 || stop == 0.0 || (start < 0.0) != (stop < 0.0) {
        return wrong(format!("no ratio leads from {start} to {stop}"));
    }
    let sign = if start < 0.0 { -1.0 } else { 1.0 };
    let (first, last) = (start * sign, stop * sign);
    let [from, to] = [first, last].map(|x| eval(ElementwiseOp::Log10, &[x]));
    let mut values = powers(10.0, &linspace(from, to, count, endpoint)?);
    if let Some(value) = values.first_mut() {
        *value = first;
    }
    if endpoint && count > 1 {
        values[count - 1] = last;
    }
    values.iter_mut().for_each(|value| *value *= sign);
    Ok(list(values))
}

/// `eye`: 1 on the `k`-th diagonal, 0 elsewhere, as `f64`.
pub fn eye(rows: usize, cols: usize, k: isize) -> Result<Tensor, Problem> {
    check_size(DType::F64, &[rows, cols])?;
    let places = (0..rows).flat_map(|i| (0..cols).map(move |j| j as i128 - i as i128));
    let scalars = places.map(|distance| Scalar::F64(if distance == k as i128 { 1.0 } else { 0.0 }));
    Ok(Tensor::from_scalars(&Type::new(DType::F64, [rows, cols]), scalars))
}
