//! Order statistics: medians and quantiles of sorted rows.
//!
//! What is asked for lies at a place between two sorted elements; where exactly is the method's, and the numbers are NumPy's
//! for each of them. Quantiles are values like any other: the places are computed.

use super::{Options, Part, binary, floating, iota, select, unary};
use crate::build::{self, Build, Operand, WeakScalar, normalise_axis};
use crate::error::Problem;
use crate::graph::{SliceAxis, View};
use crate::ops::{ElementwiseOp::*, OrderOp, ReduceOp};
use crate::tensor::Scalar;
use crate::types::{Axes, DType, Shape};

macro_rules! methods {
    ($($(#[$meta:meta])* $variant:ident = $name:literal,)*) => {
        /// How a quantile that lies between two elements is made of them: NumPy's methods.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum QuantileMethod { $($(#[$meta])* $variant,)* }

        impl QuantileMethod {
            /// The names in text, NumPy's.
            pub const NAMES: &[&str] = &[$($name,)*];

            /// The method of a name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(QuantileMethod::$variant),)* _ => None }
            }
        }
    };
}

methods! {
    /// Between the two elements, the extremes being 0 and 1.
    #[default]
    Linear = "linear",
    /// The first element at which the distribution reaches the quantile.
    InvertedCdf = "inverted_cdf",
    /// The same, or the mean of two where it is reached exactly.
    AveragedInvertedCdf = "averaged_inverted_cdf",
    /// The nearest element, of two as near the one with an even number.
    ClosestObservation = "closest_observation",
    /// Between elements, by the distribution's steps.
    InterpolatedInvertedCdf = "interpolated_inverted_cdf",
    /// Between elements, by the middles of the steps.
    Hazen = "hazen",
    /// Between elements, n + 1 steps.
    Weibull = "weibull",
    /// Between elements, with an unbiased median.
    MedianUnbiased = "median_unbiased",
    /// Between elements, unbiased for a normal distribution.
    NormalUnbiased = "normal_unbiased",
    /// The lower of the two elements.
    Lower = "lower",
    /// The higher of the two elements.
    Higher = "higher",
    /// The mean of the two elements.
    Midpoint = "midpoint",
    /// The nearer of the two elements.
    Nearest = "nearest",
}

/// A weak number in the widest precision.
pub(super) fn number(weak: WeakScalar) -> Result<f64, Problem> {
    match weak.to_scalar(DType::F64)? {
        Scalar::F64(number) => Ok(number),
        other => Err(Problem::Usage(format!("{other} is no number"))),
    }
}

/// The rows that are reduced as the last axis, in order; and the shape of a result that keeps the axes.
fn rows<B: Build>(b: &mut B, x: &B::Value, axes: Option<&[isize]>) -> Result<(B::Value, Shape), Problem> {
    let (flat, with_axes) = unsorted(b, x, axes)?;
    Ok((build::sort(b, OrderOp::Sort, &flat, Some(-1))?, with_axes))
}

/// The rows that are reduced as the last axis; and the shape of a result that keeps the axes.
pub(super) fn unsorted<B: Build>(
    b: &mut B,
    x: &B::Value,
    axes: Option<&[isize]>,
) -> Result<(B::Value, Shape), Problem> {
    let shape = b.ty(x).shape;
    let rank = shape.len();
    let mut reduced: Axes = match axes {
        None => (0..rank).collect(),
        Some(axes) => axes.iter().map(|&a| normalise_axis(a, rank)).collect::<Result<_, _>>()?,
    };
    reduced.sort_unstable();
    if let Some(pair) = reduced.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Problem::DuplicateAxis { axis: pair[0] });
    }
    let kept: Axes = (0..rank).filter(|a| !reduced.contains(a)).collect();
    let perm: Axes = kept.iter().chain(&reduced).copied().collect();
    let mut wide: Shape = kept.iter().map(|&a| shape[a]).collect();
    wide.push(reduced.iter().map(|&a| shape[a]).product());
    let moved = if perm.iter().copied().eq(0..rank) { x.clone() } else { build::view(b, x, View::Transpose(perm))? };
    let flat = if b.ty(&moved).shape == wide { moved } else { build::view(b, &moved, View::Reshape(wide))? };
    let with_axes = (0..rank).map(|a| if reduced.contains(&a) { 1 } else { shape[a] }).collect();
    Ok((flat, with_axes))
}

/// The element of each row at a place.
pub(super) fn row_element<B: Build>(b: &mut B, rows: &B::Value, place: usize) -> Result<B::Value, Problem> {
    let mut shape = b.ty(rows).shape;
    let mut slices: smallvec::SmallVec<[SliceAxis; 4]> = shape.iter().map(|&n| SliceAxis::full(n)).collect();
    *slices.last_mut().expect("rows have an axis") = SliceAxis { start: place, len: 1, step: 1 };
    let one = build::view(b, rows, View::Slice(slices))?;
    shape.pop();
    build::view(b, &one, View::Reshape(shape))
}

/// The shape a result has in the end.
pub(super) fn shaped<B: Build>(b: &mut B, x: &B::Value, with_axes: Shape, keepdims: bool) -> Result<B::Value, Problem> {
    if keepdims { build::view(b, x, View::Reshape(with_axes)) } else { Ok(x.clone()) }
}

/// Axes and `keepdims`, and nothing else.
pub(super) fn plain<V>(options: &Options<V>) -> Result<(Option<&[isize]>, bool), Problem> {
    if options.dtype.is_some() || options.mask.is_some() || options.initial.is_some() {
        return Err(Problem::Usage(String::from("takes axes and keepdims alone")));
    }
    Ok((options.axes.as_deref(), options.keepdims))
}

/// `median`: the middle element, or the mean of the two in the middle; NaN where any is.
pub fn median<B: Build>(b: &mut B, x: &B::Value, options: &Options<B::Value>) -> Result<B::Value, Problem> {
    let (axes, keepdims) = plain(options)?;
    let (sorted, with_axes) = rows(b, x, axes)?;
    let Some(last) = b.ty(&sorted).shape.last().and_then(|n| n.checked_sub(1)) else {
        return build::mean(b, x, axes, keepdims);
    };
    let mut middle = row_element(b, &sorted, last / 2)?;
    middle = floating(b, &middle)?;
    if last % 2 == 1 {
        let upper = row_element(b, &sorted, last / 2 + 1)?;
        let sum = binary(b, Add, &middle, &upper)?;
        middle = binary(b, Divide, &sum, 2.0)?;
    }
    let middle = nan_where_any(b, &sorted, &middle)?;
    shaped(b, &middle, with_axes, keepdims)
}

/// A result for each row, or the row's NaN, which is its last element.
pub(super) fn nan_where_any<B: Build>(b: &mut B, sorted: &B::Value, result: &B::Value) -> Result<B::Value, Problem> {
    let ty = b.ty(sorted);
    if !ty.dtype.is_inexact() {
        return Ok(result.clone());
    }
    let mut last = row_element(b, sorted, ty.shape[ty.rank() - 1] - 1)?;
    for _ in b.ty(&last).rank()..b.ty(result).rank() {
        last = build::expand_dims(b, &last, -1)?;
    }
    let nan = unary(b, Isnan, &last)?;
    select(b, &nan, &last, result)
}

/// How many elements of each sorted row are no NaN, with as many axes of size 1 behind as asked for.
fn numbers<B: Build>(b: &mut B, sorted: &B::Value, behind: usize) -> Result<B::Value, Problem> {
    let nan = unary(b, Isnan, sorted)?;
    let number = unary(b, LogicalNot, &nan)?;
    let mut count = build::reduce(b, ReduceOp::Sum, &number, Some(&[-1]), false)?;
    for _ in 0..behind {
        count = build::expand_dims(b, &count, -1)?;
    }
    Ok(count)
}

/// The elements of each row at places of its own: `places` has the axes of the rows, then others.
pub(crate) fn take_along_rows<B: Build>(b: &mut B, rows: &B::Value, places: &B::Value) -> Result<B::Value, Problem> {
    let shape = b.ty(rows).shape;
    let (stack, n) = (&shape[..shape.len() - 1], shape[shape.len() - 1]);
    let row = iota(b, stack.iter().product())?;
    let mut wide: Shape = stack.into();
    wide.resize(b.ty(places).rank(), 1);
    let row = build::view(b, &row, View::Reshape(wide))?;
    let start = binary(b, Multiply, &row, n as i64)?;
    let places = binary(b, Add, &start, places)?;
    build::take(b, &[rows.part(), (&places).part()], None, false)
}

/// `nanmedian`: the median of what is not NaN; NaN where all are.
pub fn nanmedian<B: Build>(b: &mut B, x: &B::Value, options: &Options<B::Value>) -> Result<B::Value, Problem> {
    let (axes, keepdims) = plain(options)?;
    let (sorted, with_axes) = rows(b, x, axes)?;
    if !b.ty(x).dtype.is_inexact() || b.ty(&sorted).shape.last() == Some(&0) {
        return median(b, x, options);
    }
    let count = numbers(b, &sorted, 0)?;
    let less = binary(b, Subtract, &count, 1)?;
    let low = binary(b, FloorDivide, &less, 2)?;
    let low = binary(b, Maximum, &low, 0)?;
    // Of no numbers the row's first NaN, of a whole row never one behind its end.
    let high = binary(b, FloorDivide, &count, 2)?;
    let (lower, upper) = (take_along_rows(b, &sorted, &low)?, take_along_rows(b, &sorted, &high)?);
    let sum = binary(b, Add, &lower, &upper)?;
    let mean = binary(b, Divide, &sum, 2.0)?;
    let same = binary(b, Equal, &low, &high)?;
    let middle = select(b, &same, &lower, &mean)?;
    shaped(b, &middle, with_axes, keepdims)
}

/// Where a quantile lies in a sorted row: between two elements, and how far from the first to the second. Without a
/// distance the first is the quantile.
struct Place<V> {
    previous: V,
    next: V,
    distance: Option<V>,
}

/// Where the quantiles `q` of rows of `n` elements lie.
fn place<B: Build>(
    b: &mut B,
    method: QuantileMethod,
    q: &B::Value,
    n: &Operand<B::Value>,
) -> Result<Place<B::Value>, Problem> {
    use QuantileMethod::*;
    let times = |b: &mut B| build::elementwise(b, Multiply, &[n.clone(), q.part()]);
    let least = build::elementwise(b, Subtract, &[n.clone(), 1.0.part()])?;
    let whole = |b: &mut B| build::elementwise(b, Multiply, &[(&least).part(), q.part()]);
    // The place as a number, counted from 0.
    let between = |b: &mut B, alpha: f64, beta: f64| {
        let product = times(b)?;
        let slope = binary(b, Multiply, q, 1.0 - alpha - beta)?;
        let shift = binary(b, Add, alpha, &slope)?;
        let sum = binary(b, Add, &product, &shift)?;
        binary(b, Subtract, &sum, 1.0)
    };
    // The element before the place or the one after it.
    let discrete = |b: &mut B, at: &B::Value, odd: bool| {
        let floor = unary(b, Floor, at)?;
        let after = binary(b, Add, &floor, 1.0)?;
        let mut exact = binary(b, Equal, &floor, at)?;
        if odd {
            let rest = binary(b, Remainder, &floor, 2.0)?;
            let rest = binary(b, Equal, &rest, 1.0)?;
            exact = binary(b, LogicalAnd, &exact, &rest)?;
        }
        select(b, &exact, &floor, &after)
    };
    let at = match method {
        Linear => whole(b)?,
        InterpolatedInvertedCdf => between(b, 0.0, 1.0)?,
        Hazen => between(b, 0.5, 0.5)?,
        Weibull => between(b, 0.0, 0.0)?,
        MedianUnbiased => between(b, 1.0 / 3.0, 1.0 / 3.0)?,
        NormalUnbiased => between(b, 3.0 / 8.0, 3.0 / 8.0)?,
        Lower | Higher | Nearest => {
            let at = whole(b)?;
            unary(
                b,
                if method == Lower {
                    Floor
                } else if method == Higher {
                    Ceil
                } else {
                    Rint
                },
                &at,
            )?
        }
        Midpoint => {
            let at = whole(b)?;
            let (floor, ceil) = (unary(b, Floor, &at)?, unary(b, Ceil, &at)?);
            let sum = binary(b, Add, &floor, &ceil)?;
            binary(b, Multiply, 0.5, &sum)?
        }
        InvertedCdf | AveragedInvertedCdf | ClosestObservation => {
            let product = times(b)?;
            let at = binary(b, Subtract, &product, 1.0)?;
            match method {
                AveragedInvertedCdf => at,
                InvertedCdf => discrete(b, &at, false)?,
                _ => {
                    let at = binary(b, Subtract, &at, 0.5)?;
                    discrete(b, &at, true)?
                }
            }
        }
    };
    let index = |b: &mut B, at: &B::Value| {
        let above = binary(b, Minimum, at, &least)?;
        let inside = binary(b, Maximum, &above, 0.0)?;
        build::cast(b, &inside, DType::I64)
    };
    let floor = unary(b, Floor, &at)?;
    let after = binary(b, Add, &floor, 1.0)?;
    let (low, high) = (binary(b, Less, &at, 0.0)?, binary(b, GreaterEqual, &at, &least)?);
    let outside = binary(b, LogicalOr, &low, &high)?;
    let after = select(b, &outside, &floor, &after)?;
    let (previous, next) = (index(b, &floor)?, index(b, &after)?);
    if matches!(method, Lower | Higher | Nearest | InvertedCdf | ClosestObservation) {
        return Ok(Place { previous, next, distance: None });
    }
    // Before the first element NumPy's index of it is 0, behind the last one -1.
    let first = select(b, &low, 0.0, &floor)?;
    let reached = select(b, &high, -1.0, &first)?;
    let mut distance = binary(b, Subtract, &at, &reached)?;
    if method == Midpoint {
        let exact = binary(b, Equal, &floor, &at)?;
        distance = select(b, &exact, 0.0, 0.5)?;
    } else if method == AveragedInvertedCdf {
        let exact = binary(b, Equal, &distance, 0.0)?;
        distance = select(b, &exact, 0.5, 1.0)?;
    }
    let dtype = b.ty(q).dtype;
    let distance = build::cast(b, &distance, dtype)?;
    Ok(Place { previous, next, distance: Some(distance) })
}

/// Quantiles over axes, those of an array `q` along axes before the others. With `nan` those of what is not NaN.
pub fn quantile<B: Build>(
    b: &mut B,
    x: &B::Value,
    q: &Operand<B::Value>,
    method: QuantileMethod,
    nan: bool,
    options: &Options<B::Value>,
) -> Result<B::Value, Problem> {
    let (axes, keepdims) = plain(options)?;
    let dtype = b.ty(x).dtype;
    if dtype.is_complex() {
        return Err(Problem::NoLoop { dtype });
    }
    let weak = matches!(q, Operand::Weak(_));
    let q = match q {
        Operand::Weak(weak) => {
            let number = number(*weak)?;
            if !(0.0..=1.0).contains(&number) {
                return Err(Problem::Usage(format!("the quantile {number} is not in 0 to 1")));
            }
            build::scalar(b, Scalar::F64(number))?
        }
        Operand::Value(value) => floating(b, value)?,
    };
    let behind = b.ty(&q).shape;
    let (sorted, with_axes) = rows(b, x, axes)?;
    let shape = b.ty(&sorted).shape;
    let (stack, n) = (&shape[..shape.len() - 1], shape[shape.len() - 1]);
    if n == 0 {
        return Err(Problem::EmptyReduction);
    }
    let by_row = nan && dtype.is_float();
    let count = match by_row {
        true => {
            let count = numbers(b, &sorted, behind.len())?;
            let dtype = b.ty(&q).dtype;
            Operand::Value(build::cast(b, &count, dtype)?)
        }
        false => (n as f64).part(),
    };
    let at = place(b, method, &q, &count)?;
    let mut take = |places: &B::Value| match by_row {
        true => take_along_rows(b, &sorted, places),
        false => build::take(b, &[(&sorted).part(), places.part()], Some(-1), false),
    };
    let previous = take(&at.previous)?;
    let mut result = match &at.distance {
        None => previous,
        Some(distance) => {
            let next = take(&at.next)?;
            between(b, &previous, &next, distance, weak)?
        }
    };
    if !by_row {
        result = nan_where_any(b, &sorted, &result)?;
    }
    result = quantiles_first(b, &result, stack.len(), behind.len())?;
    shaped(b, &result, behind.iter().chain(&with_axes).copied().collect(), keepdims)
}

/// A result whose axes are those of the stack and then those of the quantiles, the other way round.
pub(super) fn quantiles_first<B: Build>(
    b: &mut B,
    result: &B::Value,
    own: usize,
    behind: usize,
) -> Result<B::Value, Problem> {
    match own > 0 && behind > 0 {
        true => build::view(b, result, View::Transpose((own..own + behind).chain(0..own).collect())),
        false => Ok(result.clone()),
    }
}

/// From `x` to `y` by a distance, from the nearer of the two. A weak distance leaves floats their dtype.
fn between<B: Build>(
    b: &mut B,
    x: &B::Value,
    y: &B::Value,
    distance: &B::Value,
    weak: bool,
) -> Result<B::Value, Problem> {
    let step = binary(b, Subtract, y, x)?;
    let dtype = b.ty(&step).dtype;
    let dtype = if weak { dtype.to_float() } else { b.ty(distance).dtype };
    let way = build::cast(b, distance, dtype)?;
    let part = binary(b, Multiply, &step, &way)?;
    let from_first = binary(b, Add, x, &part)?;
    let rest = binary(b, Subtract, 1.0, distance)?;
    let rest = build::cast(b, &rest, dtype)?;
    let part = binary(b, Multiply, &step, &rest)?;
    let from_second = binary(b, Subtract, y, &part)?;
    let second = binary(b, GreaterEqual, distance, 0.5)?;
    select(b, &second, &from_second, &from_first)
}

/// [`quantile`] of percents.
pub fn percentile<B: Build>(
    b: &mut B,
    x: &B::Value,
    q: &Operand<B::Value>,
    method: QuantileMethod,
    nan: bool,
    options: &Options<B::Value>,
) -> Result<B::Value, Problem> {
    let q = fraction(b, q)?;
    quantile(b, x, &q, method, nan, options)
}

/// Percents as fractions.
pub(super) fn fraction<B: Build>(b: &mut B, q: &Operand<B::Value>) -> Result<Operand<B::Value>, Problem> {
    Ok(match q {
        Operand::Weak(weak) => (number(*weak)? / 100.0).part(),
        Operand::Value(q) => Operand::Value(binary(b, Divide, q, 100.0)?),
    })
}
