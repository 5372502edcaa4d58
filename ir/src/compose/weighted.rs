//! Statistics of weighted elements: NumPy's `weights=`, `fweights=` and `aweights=`.

use super::count::{bin_edges, list, piece};
use super::quantile::{
    fraction, nan_where_any, number, plain, quantiles_first, row_element, shaped, take_along_rows, unsorted,
};
use super::{Options, Part, binary, complex, diff, floating, select, unary};
use crate::build::{self, Build, Operand, normalise_axis};
use crate::error::Problem;
use crate::graph::View;
use crate::ops::{ElementwiseOp::*, LinalgOp, OrderOp, ReduceOp};
use crate::tensor::Scalar;
use crate::types::{Axes, DType, Shape};

/// Weights that have the shape of the array, or that of the axes they are for, in a shape that broadcasts to the array.
pub(super) fn along_axes<B: Build>(
    b: &mut B,
    x: &B::Value,
    weights: &B::Value,
    axes: Option<&[isize]>,
) -> Result<B::Value, Problem> {
    let (shape, given) = (b.ty(x).shape, b.ty(weights).shape);
    if given == shape {
        return Ok(weights.clone());
    }
    let Some(axes) = axes else { return Err(Problem::Broadcast) };
    let axes: Axes = axes.iter().map(|&axis| normalise_axis(axis, shape.len())).collect::<Result<_, _>>()?;
    if !axes.iter().map(|&axis| shape[axis]).eq(given.iter().copied()) {
        return Err(Problem::Broadcast);
    }
    let mut order: Axes = (0..axes.len()).collect();
    order.sort_by_key(|&i| axes[i]);
    if let Some(pair) = order.windows(2).find(|pair| axes[pair[0]] == axes[pair[1]]) {
        return Err(Problem::DuplicateAxis { axis: axes[pair[0]] });
    }
    let sorted = order.iter().copied().eq(0..axes.len());
    let weights = if sorted { weights.clone() } else { build::view(b, weights, View::Transpose(order))? };
    let wide: Shape = (0..shape.len()).map(|axis| if axes.contains(&axis) { shape[axis] } else { 1 }).collect();
    build::view(b, &weights, View::Reshape(wide))
}

/// [`average`](super::average), and the sum of the weights that it is divided by, in the shape of the result.
pub fn average_returned<B: Build>(
    b: &mut B,
    x: &B::Value,
    weights: &B::Value,
    axes: Option<&[isize]>,
    keepdims: bool,
) -> Result<[B::Value; 2], Problem> {
    let weights = along_axes(b, x, weights, axes)?;
    let (x, weights) = (floating(b, x)?, floating(b, &weights)?);
    let product = binary(b, Multiply, &x, &weights)?;
    let sum = build::reduce(b, ReduceOp::Sum, &product, axes, keepdims)?;
    let mut total = build::reduce(b, ReduceOp::Sum, &weights, axes, true)?;
    if !keepdims {
        // Weights for some axes have one total, which the other axes share.
        total = build::squeeze(b, &total, axes)?;
    }
    let average = binary(b, Divide, &sum, &total)?;
    let ty = b.ty(&average);
    let total = build::cast(b, &total, ty.dtype)?;
    let total = if b.ty(&total).shape == ty.shape { total } else { build::broadcast_to(b, &total, &ty.shape)? };
    Ok([average, total])
}

/// The weights of the elements in each of `length` bins, added in order; `bins` are `i64`, those outside are not counted.
fn add_up<B: Build>(b: &mut B, bins: &B::Value, weights: &B::Value, length: usize) -> Result<B::Value, Problem> {
    let (low, high) = (binary(b, GreaterEqual, bins, 0)?, binary(b, Less, bins, length as i64)?);
    let inside = binary(b, LogicalAnd, &low, &high)?;
    // What is outside falls into a bin behind the others.
    let bins = select(b, &inside, bins, length as i64)?;
    let all = length.checked_add(1).ok_or_else(|| Problem::Usage(String::from("the length is too large")))?;
    let nothing = build::scalar(b, Scalar::zero(b.ty(weights).dtype))?;
    let nothing = build::broadcast_to(b, &nothing, &[all])?;
    let operands = [&nothing, &bins, weights].map(|value| value.part());
    let sums = super::put(b, &operands, Some(0), false, Some(Add))?;
    piece(b, &sums, 0, length)
}

/// `bincount` with weights: for each of the numbers below `length` the sum of the weights where the list has it, as `f64`.
/// Others are not counted.
pub fn bincount_weighted<B: Build>(
    b: &mut B,
    x: &B::Value,
    weights: &B::Value,
    length: usize,
) -> Result<B::Value, Problem> {
    list(b, x, "what is counted")?;
    let (dtype, kind) = (b.ty(x).dtype, b.ty(weights).dtype);
    if let Some(dtype) = [(dtype, !dtype.fits(DType::I64)), (kind, kind.is_complex())].iter().find(|x| x.1) {
        return Err(Problem::NoLoop { dtype: dtype.0 });
    }
    if b.ty(weights).shape != b.ty(x).shape {
        return Err(Problem::Broadcast);
    }
    let (x, weights) = (build::cast(b, x, DType::I64)?, build::cast(b, weights, DType::F64)?);
    add_up(b, &x, &weights, length)
}

/// `histogram` with weights, which have the shape of the array: the sum of those in each bin, in their dtype.
pub fn histogram_weighted<B: Build>(
    b: &mut B,
    x: &B::Value,
    edges: &B::Value,
    weights: &B::Value,
) -> Result<B::Value, Problem> {
    let n = list(b, edges, "the edges")?;
    if n == 0 {
        return Err(Problem::Usage(String::from("there are no edges")));
    }
    if b.ty(weights).shape != b.ty(x).shape {
        return Err(Problem::Broadcast);
    }
    let (x, weights) = (super::ravel(b, x)?, super::ravel(b, weights)?);
    let after = build::searchsorted(b, [&edges.part(), &(&x).part()], true)?;
    let bin = binary(b, Subtract, &after, 1)?;
    // The last edge belongs to the last bin; beyond it, and where there is no number, is none.
    let last = piece(b, edges, n - 1, 1)?;
    let last = build::view(b, &last, View::Reshape(Shape::new()))?;
    let at_end = binary(b, Equal, &x, &last)?;
    let bin = select(b, &at_end, n as i64 - 2, &bin)?;
    add_up(b, &bin, &weights, n - 1)
}

/// The bins of a histogram.
#[derive(Clone, Debug)]
pub enum Bins<V> {
    /// As many equal ones, over a range, or over that of the data.
    Equal(usize, Option<[f64; 2]>),
    /// Between increasing edges.
    Between(V),
}

/// `histogram` with weights, and with `density` as a density, whose integral is 1; and the edges.
pub fn histogram_with<B: Build>(
    b: &mut B,
    x: &B::Value,
    bins: &Bins<B::Value>,
    weights: Option<&B::Value>,
    density: bool,
) -> Result<[B::Value; 2], Problem> {
    let edges = match bins {
        Bins::Between(edges) => edges.clone(),
        Bins::Equal(bins, range) => bin_edges(b, x, *bins, *range)?,
    };
    let mut counts = match weights {
        Some(weights) => histogram_weighted(b, x, &edges, weights)?,
        None => super::histogram(b, x, &edges)?,
    };
    if density {
        let widths = diff(b, &edges, 1, 0)?;
        let widths = build::cast(b, &widths, DType::F64)?;
        let each = binary(b, Divide, &counts, &widths)?;
        let total = build::reduce(b, ReduceOp::Sum, &counts, None, false)?;
        counts = binary(b, Divide, &each, &total)?;
    }
    Ok([counts, edges])
}

/// Quantiles of weighted elements by NumPy's `inverted_cdf`, the only method that has weights: the first element at which
/// the share of the weights up to it reaches the quantile. NaN of floats whose weights have no finite sum, or none but 0.
pub fn quantile_weighted<B: Build>(
    b: &mut B,
    x: &B::Value,
    q: &Operand<B::Value>,
    weights: &B::Value,
    nan: bool,
    options: &Options<B::Value>,
) -> Result<B::Value, Problem> {
    let (axes, keepdims) = plain(options)?;
    let dtype = b.ty(x).dtype;
    if let Some(dtype) = [dtype, b.ty(weights).dtype].into_iter().find(|dtype| dtype.is_complex()) {
        return Err(Problem::NoLoop { dtype });
    }
    let q = match q {
        Operand::Weak(weak) => {
            let q = number(*weak)?;
            if !(0.0..=1.0).contains(&q) {
                return Err(Problem::Usage(format!("the quantile {q} is not in 0 to 1")));
            }
            build::scalar(b, Scalar::F64(q))?
        }
        Operand::Value(value) => floating(b, value)?,
    };
    let shape = b.ty(x).shape;
    let weights = along_axes(b, x, weights, axes)?;
    let weights = build::cast(b, &weights, DType::F64)?;
    let mut weights = build::broadcast_to(b, &weights, &shape)?;
    let by_row = nan && dtype.is_float();
    if by_row {
        let nan = unary(b, Isnan, x)?;
        weights = select(b, &nan, 0.0, &weights)?;
    }
    let ((x, with_axes), (weights, _)) = (unsorted(b, x, axes)?, unsorted(b, &weights, axes)?);
    let wide = b.ty(&x).shape;
    let (stack, n) = (&wide[..wide.len() - 1], wide[wide.len() - 1]);
    if n == 0 {
        return Err(Problem::EmptyReduction);
    }
    let order = build::sort(b, OrderOp::Argsort, &x, Some(-1))?;
    let (sorted, weights) = (take_along_rows(b, &x, &order)?, take_along_rows(b, &weights, &order)?);
    let running = build::accumulate(b, Add, &weights, -1)?;
    let total = row_element(b, &running, n - 1)?;
    let all = build::expand_dims(b, &total, -1)?;
    let share = binary(b, Divide, &running, &all)?;
    let share = build::cast(b, &share, b.ty(&q).dtype)?;
    // Elements without weight at the beginning are none of the distribution.
    let nothing = binary(b, Equal, &share, 0.0)?;
    let share = select(b, &nothing, -1.0, &share)?;
    let behind = b.ty(&q).shape;
    let mut spread: Shape = stack.into();
    spread.extend(std::iter::repeat_n(1, behind.len()));
    spread.push(n);
    let share = build::view(b, &share, View::Reshape(spread))?;
    let asked = build::expand_dims(b, &q, -1)?;
    let before = binary(b, Less, &share, &asked)?;
    let place = build::reduce(b, ReduceOp::Sum, &before, Some(&[-1]), false)?;
    let place = binary(b, Minimum, &place, n as i64 - 1)?;
    let mut result = take_along_rows(b, &sorted, &place)?;
    if dtype.is_float() {
        let mut share = binary(b, Divide, &total, &total)?;
        for _ in &behind {
            share = build::expand_dims(b, &share, -1)?;
        }
        let wrong = unary(b, Isnan, &share)?;
        result = select(b, &wrong, f64::NAN, &result)?;
    }
    if !by_row {
        result = nan_where_any(b, &sorted, &result)?;
    }
    let result = quantiles_first(b, &result, stack.len(), behind.len())?;
    shaped(b, &result, behind.iter().chain(&with_axes).copied().collect(), keepdims)
}

/// [`quantile_weighted`] of percents.
pub fn percentile_weighted<B: Build>(
    b: &mut B,
    x: &B::Value,
    q: &Operand<B::Value>,
    weights: &B::Value,
    nan: bool,
    options: &Options<B::Value>,
) -> Result<B::Value, Problem> {
    let q = fraction(b, q)?;
    quantile_weighted(b, x, &q, weights, nan, options)
}

/// What a covariance is asked for beside its variables.
#[derive(Clone, Debug)]
pub struct Covariance<V> {
    /// Whether variables are rows, rather than columns.
    pub rowvar: bool,
    /// What the count is lessened by: 1 where neither this nor `bias` says otherwise.
    pub ddof: Option<usize>,
    /// Divided by the whole count.
    pub bias: bool,
    /// Further variables.
    pub y: Option<V>,
    /// How often each observation was made.
    pub fweights: Option<V>,
    /// How much each observation weighs.
    pub aweights: Option<V>,
}

impl<V> Covariance<V> {
    /// Of rows or columns, with nothing else.
    pub fn of(rowvar: bool, ddof: Option<usize>) -> Self {
        Covariance { rowvar, ddof, bias: false, y: None, fweights: None, aweights: None }
    }
}

/// Variables as the rows of a matrix.
fn variables<B: Build>(b: &mut B, x: &B::Value, rowvar: bool, dtype: DType) -> Result<B::Value, Problem> {
    let x = build::cast(b, x, dtype)?;
    match b.ty(&x).rank() {
        1 => build::expand_dims(b, &x, 0),
        2 if rowvar => Ok(x),
        2 => build::matrix_transpose(b, &x),
        rank => Err(Problem::Usage(format!("the variables are a list or a matrix, no array of {rank} axes"))),
    }
}

/// `cov`: the covariances of variables, divided by the count of observations, or by the sum of their weights, less `ddof`.
pub fn cov_with<B: Build>(b: &mut B, x: &B::Value, options: &Covariance<B::Value>) -> Result<B::Value, Problem> {
    let given = [Some(x), options.y.as_ref()];
    let dtype = given.iter().flatten().fold(DType::F64, |dtype, value| dtype.promote(b.ty(value).dtype));
    let mut x = variables(b, x, options.rowvar, dtype)?;
    if let Some(y) = &options.y {
        let y = variables(b, y, options.rowvar, dtype)?;
        x = build::concat(b, &[x, y].map(Operand::Value), 0)?;
    }
    let count = b.ty(&x).shape[1];
    let ddof = options.ddof.unwrap_or(usize::from(!options.bias));
    let mut weights: Option<B::Value> = None;
    for given in [&options.fweights, &options.aweights].into_iter().flatten() {
        if b.ty(given).shape[..] != [count] {
            return Err(Problem::Usage(format!("weights are a list of {count}, as many as there are observations")));
        }
        if b.ty(given).dtype.is_complex() {
            return Err(Problem::NoLoop { dtype: b.ty(given).dtype });
        }
        let given = build::cast(b, given, DType::F64)?;
        weights = Some(match &weights {
            Some(others) => binary(b, Multiply, others, &given)?,
            None => given,
        });
    }
    let (mean, factor) = match &weights {
        None => (build::mean(b, &x, Some(&[1]), true)?, (1.0 / count.saturating_sub(ddof) as f64).part()),
        Some(weights) => {
            let product = binary(b, Multiply, &x, weights)?;
            let sum = build::reduce(b, ReduceOp::Sum, &product, Some(&[1]), true)?;
            let total = build::reduce(b, ReduceOp::Sum, weights, None, false)?;
            let less = match &options.aweights {
                Some(_) if ddof == 0 => 0.0.part(),
                None => (ddof as f64).part(),
                Some(own) => {
                    let square = binary(b, Multiply, weights, own)?;
                    let square = build::reduce(b, ReduceOp::Sum, &square, None, false)?;
                    let scaled = binary(b, Multiply, ddof as f64, &square)?;
                    Operand::Value(binary(b, Divide, &scaled, &total)?)
                }
            };
            let degrees = binary(b, Subtract, &total, less)?;
            let degrees = binary(b, Maximum, &degrees, 0.0)?;
            let factor = build::elementwise(b, Divide, &[1.0.part(), (&degrees).part()])?;
            (binary(b, Divide, &sum, &total)?, Operand::Value(factor))
        }
    };
    let distance = binary(b, Subtract, &x, &mean)?;
    let mut other = match &weights {
        Some(weights) => binary(b, Multiply, &distance, weights)?,
        None => distance.clone(),
    };
    if dtype.is_complex() {
        other = complex::conjugate(b, &other)?;
    }
    let transposed = build::matrix_transpose(b, &other)?;
    let products =
        build::linalg(b, LinalgOp::Matmul, &[(&distance).part(), (&transposed).part()], false)?.swap_remove(0);
    let scaled = build::elementwise(b, Multiply, &[Operand::Value(products), factor])?;
    // One variable has a variance.
    if b.ty(&scaled).shape[..] == [1, 1] { build::view(b, &scaled, View::Reshape(Shape::new())) } else { Ok(scaled) }
}

/// `corrcoef`: covariances divided by both standard deviations.
pub fn corrcoef_with<B: Build>(
    b: &mut B,
    x: &B::Value,
    y: Option<&B::Value>,
    rowvar: bool,
) -> Result<B::Value, Problem> {
    let cov = cov_with(b, x, &Covariance { y: y.cloned(), ..Covariance::of(rowvar, None) })?;
    if b.ty(&cov).rank() == 0 {
        return binary(b, Divide, &cov, &cov);
    }
    let variance = build::diagonal(b, &cov)?;
    let variance = complex::real(b, &variance)?;
    let deviation = unary(b, Sqrt, &variance)?;
    let (column, row) = (build::expand_dims(b, &deviation, 1)?, build::expand_dims(b, &deviation, 0)?);
    let half = binary(b, Divide, &cov, &column)?;
    let whole = binary(b, Divide, &half, &row)?;
    let clip = |b: &mut B, x: &B::Value| super::clip(b, &x.part(), Some(&(-1.0).part()), Some(&1.0.part()));
    if !b.ty(&whole).dtype.is_complex() {
        return clip(b, &whole);
    }
    let (re, im) = (complex::real(b, &whole)?, complex::imag(b, &whole)?);
    let (re, im) = (clip(b, &re)?, clip(b, &im)?);
    binary(b, Complex, &re, &im)
}
