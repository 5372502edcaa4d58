//! Reductions with NumPy's keywords: `where=` reduces the elements that a mask chooses, `initial=` begins with a value,
//! `dtype=` computes in another dtype, `keepdims=` keeps the axes with size 1.

use super::{Part, binary, floating, reduce::squared_size, select, unary};
use crate::build::{self, Build, Operand, normalise_axis};
use crate::error::Problem;
use crate::ops::{ElementwiseOp::*, ReduceOp};
use crate::tensor::Scalar;
use crate::types::DType;

/// What a reduction is asked for beside the array.
#[derive(Clone, Debug)]
pub struct Options<V> {
    /// The axes, `None` for all.
    pub axes: Option<Vec<isize>>,
    /// Whether the axes stay, with size 1.
    pub keepdims: bool,
    /// The dtype to compute in and of the result.
    pub dtype: Option<DType>,
    /// Truth values that broadcast to the array: what is false is left out.
    pub mask: Option<V>,
    /// What the elements are combined with, and the result where there are none.
    pub initial: Option<Operand<V>>,
}

impl<V> Options<V> {
    /// Axes alone.
    pub fn over(axes: Option<&[isize]>, keepdims: bool) -> Self {
        Options { axes: axes.map(<[isize]>::to_vec), keepdims, dtype: None, mask: None, initial: None }
    }

    fn axes(&self) -> Option<&[isize]> {
        self.axes.as_deref()
    }

    fn without_initial(&self, name: &str) -> Result<(), Problem> {
        match self.initial {
            Some(_) => Err(Problem::Usage(format!("{name} takes no initial value"))),
            None => Ok(()),
        }
    }
}

/// The mask in the shape of the array, as NumPy broadcasts it.
pub(super) fn mask<B: Build>(b: &mut B, x: &B::Value, mask: &B::Value) -> Result<B::Value, Problem> {
    let (shape, ty) = (b.ty(x).shape, b.ty(mask));
    if ty.dtype != DType::Bool {
        return Err(Problem::Usage(format!("the mask is {}, not bool", ty.dtype)));
    }
    if ty.shape == shape { Ok(mask.clone()) } else { build::broadcast_to(b, mask, &shape) }
}

/// The number of elements that each result is made of, when no mask chooses them.
fn count<B: Build>(b: &B, x: &B::Value, axes: Option<&[isize]>) -> Result<usize, Problem> {
    let shape = b.ty(x).shape;
    match axes {
        None => Ok(shape.iter().product()),
        Some(axes) => axes.iter().map(|&a| Ok(shape[normalise_axis(a, shape.len())?])).product(),
    }
}

/// A number to begin with, as a scalar of a dtype.
pub(super) fn number<B: Build>(b: &mut B, initial: &Operand<B::Value>, dtype: DType) -> Result<B::Value, Problem> {
    let value = match initial {
        Operand::Weak(weak) => {
            let number = weak.to_scalar(dtype)?;
            build::scalar(b, number)?
        }
        Operand::Value(value) => build::cast(b, value, dtype)?,
    };
    match b.ty(&value).rank() {
        0 => Ok(value),
        rank => Err(Problem::Usage(format!("the initial value is a scalar, no array of {rank} axes"))),
    }
}

/// A reduction of the table with options.
pub fn reduce_with<B: Build>(
    b: &mut B,
    op: ReduceOp,
    x: &B::Value,
    options: &Options<B::Value>,
) -> Result<B::Value, Problem> {
    let Options { keepdims, dtype, .. } = *options;
    let (Some(combine), axes) = (op.combine(), options.axes()) else {
        let plain = dtype.is_none() && options.mask.is_none() && options.initial.is_none();
        return match plain {
            true => build::reduce(b, op, x, options.axes(), keepdims),
            false => Err(Problem::Usage(String::from("takes axes and keepdims alone"))),
        };
    };
    if dtype.is_some() && matches!(op, ReduceOp::Any | ReduceOp::All) {
        return Err(Problem::Usage(String::from("is of bools, whatever the dtype")));
    }
    let mut x = build::cast(b, x, dtype.unwrap_or(b.ty(x).dtype))?;
    let operand = op.operand(b.ty(&x).dtype);
    x = build::cast(b, &x, operand)?;
    let initial = match &options.initial {
        Some(initial) => Some(number(b, initial, operand)?),
        None => None,
    };
    if let Some(chosen) = &options.mask {
        let chosen = mask(b, &x, chosen)?;
        let left_out = match (op.identity(operand), &initial) {
            (Some(identity), _) => build::scalar(b, identity)?,
            (None, Some(initial)) => initial.clone(),
            (None, None) => {
                return Err(Problem::Usage(String::from("has no identity, so with a mask it needs an initial value")));
            }
        };
        x = select(b, &chosen, &x, &left_out)?;
    }
    let result = match initial {
        None => build::reduce(b, op, &x, axes, keepdims)?,
        Some(initial) if op.identity(operand).is_none() && count(b, &x, axes)? == 0 => {
            // What has no identity is not reduced over nothing: the sum stands in for its shape.
            let zeros = build::reduce(b, ReduceOp::Sum, &x, axes, keepdims)?;
            let shape = b.ty(&zeros).shape;
            build::broadcast_to(b, &initial, &shape)?
        }
        Some(initial) => {
            let result = build::reduce(b, op, &x, axes, keepdims)?;
            binary(b, combine, &initial, &result)?
        }
    };
    build::cast(b, &result, dtype.unwrap_or(operand))
}

/// How many elements each result is made of, as a value of the dtype.
fn counted<B: Build>(
    b: &mut B,
    x: &B::Value,
    options: &Options<B::Value>,
    keepdims: bool,
) -> Result<Operand<B::Value>, Problem> {
    let Some(chosen) = &options.mask else {
        return Ok((count(b, x, options.axes())? as f64).part());
    };
    let chosen = mask(b, x, chosen)?;
    let count = build::reduce(b, ReduceOp::Sum, &chosen, options.axes(), keepdims)?;
    let dtype = b.ty(x).dtype.to_float().real();
    Ok(Operand::Value(build::cast(b, &count, dtype)?))
}

/// `mean` with options: the sum divided by the count.
pub fn mean_with<B: Build>(b: &mut B, x: &B::Value, options: &Options<B::Value>) -> Result<B::Value, Problem> {
    options.without_initial("mean")?;
    let dtype = options.dtype.unwrap_or(b.ty(x).dtype.to_float());
    let x = build::cast(b, x, dtype)?;
    let sum = reduce_with(b, ReduceOp::Sum, &x, &Options { dtype: Some(dtype), ..options.clone() })?;
    let count = counted(b, &x, options, options.keepdims)?;
    let mean = build::elementwise(b, Divide, &[Operand::Value(sum), count])?;
    build::cast(b, &mean, dtype)
}

/// `var` with options: the mean of squared distances from the mean, divided by the count less `ddof`.
pub fn var_with<B: Build>(
    b: &mut B,
    x: &B::Value,
    ddof: usize,
    options: &Options<B::Value>,
) -> Result<B::Value, Problem> {
    options.without_initial("var")?;
    let x = build::cast(b, x, options.dtype.unwrap_or(b.ty(x).dtype))?;
    let x = floating(b, &x)?;
    let inner = Options { dtype: None, ..options.clone() };
    let mean = mean_with(b, &x, &Options { keepdims: true, ..inner.clone() })?;
    let distance = binary(b, Subtract, &x, &mean)?;
    let square = squared_size(b, &distance)?;
    let sum = reduce_with(b, ReduceOp::Sum, &square, &inner)?;
    let degrees = match counted(b, &x, &inner, options.keepdims)? {
        Operand::Value(count) => {
            let less = binary(b, Subtract, &count, ddof as f64)?;
            Operand::Value(binary(b, Maximum, &less, 0.0)?)
        }
        Operand::Weak(_) => (count(b, &x, options.axes())?.saturating_sub(ddof) as f64).part(),
    };
    let var = build::elementwise(b, Divide, &[Operand::Value(sum), degrees])?;
    let dtype = options.dtype.unwrap_or(b.ty(&var).dtype).real();
    build::cast(b, &var, dtype)
}

/// `std` with options: the square root of [`var_with`].
pub fn std_with<B: Build>(
    b: &mut B,
    x: &B::Value,
    ddof: usize,
    options: &Options<B::Value>,
) -> Result<B::Value, Problem> {
    let var = var_with(b, x, ddof, options)?;
    unary(b, Sqrt, &var)
}

/// Which elements are no NaN; of integers all.
fn numbers<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let nan = unary(b, Isnan, x)?;
    unary(b, LogicalNot, &nan)
}

/// `nanvar`: the variance of what is not NaN; NaN where no more than `ddof` are left.
pub fn nanvar<B: Build>(
    b: &mut B,
    x: &B::Value,
    axes: Option<&[isize]>,
    ddof: usize,
    keepdims: bool,
) -> Result<B::Value, Problem> {
    let x = floating(b, x)?;
    let chosen = numbers(b, &x)?;
    let options = Options { mask: Some(chosen.clone()), ..Options::over(axes, keepdims) };
    let var = var_with(b, &x, ddof, &options)?;
    let count = build::reduce(b, ReduceOp::Sum, &chosen, axes, keepdims)?;
    let enough = binary(b, Greater, &count, ddof as i64)?;
    select(b, &enough, &var, f64::NAN)
}

/// `nanstd`: the square root of [`nanvar`].
pub fn nanstd<B: Build>(
    b: &mut B,
    x: &B::Value,
    axes: Option<&[isize]>,
    ddof: usize,
    keepdims: bool,
) -> Result<B::Value, Problem> {
    let var = nanvar(b, x, axes, ddof, keepdims)?;
    unary(b, Sqrt, &var)
}

/// `nanargmax` and `nanargmin`: the place of the extreme of what is not NaN; 0 where all are, of which NumPy makes an error.
pub fn nanarg<B: Build>(
    b: &mut B,
    op: ReduceOp,
    x: &B::Value,
    axes: Option<&[isize]>,
    keepdims: bool,
) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    let mut x = x.clone();
    if dtype.is_float() {
        let worst = if op == ReduceOp::Argmax { f64::NEG_INFINITY } else { f64::INFINITY };
        let nan = unary(b, Isnan, &x)?;
        let worst = build::scalar(b, Scalar::F64(worst).cast(dtype))?;
        x = select(b, &nan, &worst, &x)?;
    }
    build::reduce(b, op, &x, axes, keepdims)
}
