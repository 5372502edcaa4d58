//! What is made of neighbours, in NumPy's further forms: differences with ends, phases unwrapped, gradients that are exact to the
//! second order at the ends too.

use super::scan::{Spacing, along, diff, part};
use super::{Part, binary, ravel, select, unary};
use crate::build::{self, Build, Operand, WeakScalar, normalise_axis};
use crate::error::Problem;
use crate::ops::ElementwiseOp::*;
use crate::types::DType;

/// `ediff1d` with what comes before and after the differences, cast to their dtype.
pub fn ediff1d_with<B: Build>(
    b: &mut B,
    x: &B::Value,
    [begin, end]: [Option<&Operand<B::Value>>; 2],
) -> Result<B::Value, Problem> {
    let middle = super::ediff1d(b, x)?;
    let dtype = b.ty(&middle).dtype;
    let mut parts = Vec::with_capacity(3);
    for (given, own) in [(begin, None), (None, Some(middle)), (end, None)] {
        if let Some(own) = own {
            parts.push(Operand::Value(own));
        }
        if let Some(given) = given {
            let given = match given {
                Operand::Weak(weak) => build::scalar(b, weak.to_scalar(dtype)?)?,
                Operand::Value(value) => build::cast(b, value, dtype)?,
            };
            parts.push(Operand::Value(ravel(b, &given)?));
        }
    }
    build::concat(b, &parts, 0)
}

/// `diff` of an array with others, or numbers, joined to its beginning and end along the axis.
pub fn diff_with<B: Build>(
    b: &mut B,
    x: &B::Value,
    n: usize,
    axis: isize,
    [prepend, append]: [Option<&Operand<B::Value>>; 2],
) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    let place = normalise_axis(axis, ty.rank())?;
    let operands: Vec<Operand<B::Value>> =
        [prepend.cloned(), Some(x.part()), append.cloned()].into_iter().flatten().collect();
    let mut parts = Vec::with_capacity(3);
    for value in build::values(b, &operands)? {
        let number = b.ty(&value).rank() == 0;
        let mut shape = ty.shape.clone();
        shape[place] = 1;
        parts.push(Operand::Value(if number { build::broadcast_to(b, &value, &shape)? } else { value }));
    }
    let joined = build::concat(b, &parts, place as isize)?;
    diff(b, &joined, n, axis)
}

/// `unwrap`: what is known up to a period, with multiples of it added so that neighbours along an axis differ by no more than
/// `discont`, which is half a period at least.
pub fn unwrap<B: Build>(
    b: &mut B,
    x: &B::Value,
    discont: Option<f64>,
    axis: isize,
    period: WeakScalar,
) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    if dtype.is_complex() {
        return Err(Problem::NoLoop { dtype });
    }
    let axis = normalise_axis(axis, b.ty(x).rank())?;
    let step = diff(b, x, 1, axis as isize)?;
    let integer = b.ty(&step).dtype.is_integer();
    let (period, high, ambiguous) = match period {
        WeakScalar::Int(period) if integer => {
            (Operand::Weak(WeakScalar::Int(period)), WeakScalar::Int(period.div_euclid(2)), period % 2 == 0)
        }
        WeakScalar::Int(period) => ((period as f64).part(), WeakScalar::Float(period as f64 / 2.0), true),
        WeakScalar::Float(period) => (period.part(), WeakScalar::Float(period / 2.0), true),
        WeakScalar::Bool(_) | WeakScalar::Complex(_) => {
            return Err(Problem::Usage(String::from("the period is a number")));
        }
    };
    let (low, half) = match high {
        WeakScalar::Int(n) => (n.wrapping_neg().part(), n as f64),
        WeakScalar::Float(x) => ((-x).part(), x),
        _ => unreachable!("a number"),
    };
    // The whole period, of which half of an integer may have lost a part.
    let default = match &period {
        Operand::Weak(WeakScalar::Int(n)) => *n as f64 / 2.0,
        _ => half,
    };
    let shifted = build::elementwise(b, Subtract, &[Operand::Value(step.clone()), low.clone()])?;
    let rest = build::elementwise(b, Remainder, &[Operand::Value(shifted), period])?;
    let mut wrapped = build::elementwise(b, Add, &[Operand::Value(rest), low.clone()])?;
    if ambiguous {
        // A step of just half a period keeps its sign.
        let at_low = build::elementwise(b, Equal, &[(&wrapped).part(), low])?;
        let up = binary(b, Greater, &step, 0)?;
        let turn = binary(b, LogicalAnd, &at_low, &up)?;
        wrapped = build::elementwise(b, Where, &[(&turn).part(), Operand::Weak(high), (&wrapped).part()])?;
    }
    let correction = binary(b, Subtract, &wrapped, &step)?;
    let size = unary(b, Absolute, &step)?;
    let small = binary(b, Less, &size, discont.unwrap_or(default))?;
    let nothing = build::scalar(b, crate::tensor::Scalar::zero(b.ty(&correction).dtype))?;
    let correction = select(b, &small, &nothing, &correction)?;
    let running = super::cumulate(b, Add, &correction, Some(axis as isize), None)?;
    let n = b.ty(x).shape[axis];
    if n == 0 {
        return build::cast(b, x, b.ty(&running).dtype);
    }
    let (first, later) = (part(b, x, axis, (0, 1, 1))?, part(b, x, axis, (1, n - 1, 1))?);
    let later = binary(b, Add, &later, &running)?;
    // Of the dtype of the steps, as sums of narrow integers are wider.
    let dtype = b.ty(&correction).dtype;
    let parts = [build::cast(b, &first, dtype)?, build::cast(b, &later, dtype)?];
    build::concat(b, &parts.map(Operand::Value), axis as isize)
}

/// A number divided by a width, which stays without a dtype of its own when the width is.
fn over<B: Build>(b: &mut B, number: f64, width: &Operand<B::Value>) -> Result<Operand<B::Value>, Problem> {
    Ok(match width {
        Operand::Weak(WeakScalar::Int(n)) => (number / *n as f64).part(),
        Operand::Weak(WeakScalar::Float(x)) => (number / x).part(),
        _ => Operand::Value(build::elementwise(b, Divide, &[number.part(), width.clone()])?),
    })
}

/// `gradient` along an axis with `edge_order=2`: at both ends too exact of parabolas.
pub fn gradient_second_order<B: Build>(
    b: &mut B,
    x: &B::Value,
    spacing: &Spacing<B::Value>,
    axis: isize,
) -> Result<B::Value, Problem> {
    let x = super::floating(b, x)?;
    let ty = b.ty(&x);
    let place = normalise_axis(axis, ty.rank())?;
    let n = ty.shape[place];
    if n < 3 {
        return Err(Problem::Usage(format!("axis {place} has {n} elements; a gradient of the second order needs 3")));
    }
    let inner = super::gradient(b, &x, spacing, axis)?;
    let inner = part(b, &inner, place, (1, n - 2, 1))?;
    // What the three elements at each end are multiplied by.
    let factors: [[Operand<B::Value>; 3]; 2] = match spacing {
        Spacing::Even(width) => {
            let mut all = |numbers: [f64; 3]| -> Result<[Operand<B::Value>; 3], Problem> {
                let [p, q, r] = numbers;
                Ok([over(b, p, width)?, over(b, q, width)?, over(b, r, width)?])
            };
            [all([-1.5, 2.0, -0.5])?, all([0.5, -2.0, 1.5])?]
        }
        Spacing::At(places) => {
            let places = along(b, places, place, ty.rank())?;
            let widths = diff(b, &places, 1, place as isize - ty.rank() as isize)?;
            let own = b.ty(&widths).rank() + place - ty.rank();
            let mut end = |at: usize, last: bool| -> Result<[Operand<B::Value>; 3], Problem> {
                let (first, second) = (part(b, &widths, own, (at, 1, 1))?, part(b, &widths, own, (at + 1, 1, 1))?);
                // The width at the end, and the other one.
                let (near, far) = if last { (&second, &first) } else { (&first, &second) };
                let both = binary(b, Add, &first, &second)?;
                let (product, double) = (binary(b, Multiply, &first, &second)?, binary(b, Multiply, 2.0, near)?);
                let (top, bottom) = (binary(b, Add, &double, far)?, binary(b, Multiply, near, &both)?);
                let outer = binary(b, Divide, &top, &bottom)?;
                let middle = binary(b, Divide, &both, &product)?;
                let bottom = binary(b, Multiply, far, &both)?;
                let inner = binary(b, Divide, near, &bottom)?;
                let minus = |b: &mut B, x: &B::Value| unary(b, Negative, x);
                Ok(match last {
                    false => [minus(b, &outer)?, middle, minus(b, &inner)?],
                    true => [inner, minus(b, &middle)?, outer],
                }
                .map(Operand::Value))
            };
            [end(0, false)?, end(n - 3, true)?]
        }
    };
    let mut ends = Vec::with_capacity(2);
    for (at, [p, q, r]) in [0, n - 3].into_iter().zip(factors) {
        let mut terms = Vec::with_capacity(3);
        for (i, factor) in [p, q, r].into_iter().enumerate() {
            let element = part(b, &x, place, (at + i, 1, 1))?;
            terms.push(build::elementwise(b, Multiply, &[factor, Operand::Value(element)])?);
        }
        let sum = binary(b, Add, &terms[0], &terms[1])?;
        ends.push(binary(b, Add, &sum, &terms[2])?);
    }
    let parts = [(&ends[0]).part(), (&inner).part(), (&ends[1]).part()];
    let result = build::concat(b, &parts, place as isize)?;
    let dtype: DType = ty.dtype;
    build::cast(b, &result, dtype)
}
