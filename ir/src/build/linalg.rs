//! Linear algebra made of other ops: what `numpy.linalg` computes from singular values, products and solutions.

pub mod equations;
pub mod factors;

use super::*;

/// How a norm is taken: NumPy's `ord`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NormOrder {
    /// The square root of the sum of squares, of a vector or a matrix.
    Frobenius,
    /// The sum of the singular values of a matrix.
    Nuclear,
    /// The p-norm; infinity is the largest magnitude (or row sum), minus infinity the smallest.
    P(f64),
}

fn call<B: Build>(b: &mut B, op: ElementwiseOp, args: &[&B::Value]) -> Result<B::Value, Problem> {
    let operands: SmallVec<[Operand<B::Value>; 3]> = args.iter().map(|&arg| Operand::Value(arg.clone())).collect();
    elementwise(b, op, &operands)
}

fn with<B: Build>(b: &mut B, op: ElementwiseOp, x: &B::Value, y: f64) -> Result<B::Value, Problem> {
    elementwise(b, op, &[Operand::Value(x.clone()), Operand::Weak(WeakScalar::Float(y))])
}

/// The element, or 0 where the condition is false.
fn or_zero<B: Build>(b: &mut B, condition: &B::Value, x: &B::Value) -> Result<B::Value, Problem> {
    let operands =
        [Operand::Value(condition.clone()), Operand::Value(x.clone()), Operand::Weak(WeakScalar::Float(0.0))];
    elementwise(b, ElementwiseOp::Where, &operands)
}

fn op<B: Build, const N: usize>(
    b: &mut B,
    op: LinalgOp,
    args: &[&B::Value],
    lower: bool,
) -> Result<[B::Value; N], Problem> {
    let operands: SmallVec<[Operand<B::Value>; 2]> = args.iter().map(|&arg| Operand::Value(arg.clone())).collect();
    let mut results = linalg(b, op, &operands, lower)?.into_iter();
    Ok(std::array::from_fn(|_| results.next().expect("as many results as the table says")))
}

/// The conjugate transpose; of a real matrix the transpose.
fn adjoint<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let turned = matrix_transpose(b, x)?;
    conj(b, &turned)
}

fn conj<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    if b.ty(x).dtype.is_complex() { complex::conjugate(b, x) } else { Ok(x.clone()) }
}

/// What is made of factorisations of the first of several operands.
const SOLVERS: [&str; 7] = [
    "linalg.lstsq",
    "linalg.cho_solve",
    "linalg.tensorsolve",
    "linalg.solve_banded",
    "linalg.solve_sylvester",
    "linalg.solve_continuous_lyapunov",
    "linalg.solve_discrete_lyapunov",
];

/// Operands of a composition, by its name, as values of their common dtype. NumPy makes `f64` of integers and bools before they
/// are factorised, so `f64` it is also beside `f32`.
pub fn operands<B: Build>(
    b: &mut B,
    name: &str,
    operands: &[Operand<B::Value>],
) -> Result<SmallVec<[B::Value; 3]>, Problem> {
    if !SOLVERS.contains(&name) {
        return values(b, operands);
    }
    let dtype = promoted_from(b, operands, DType::to_float).to_float();
    operands.iter().map(|o| realise(b, o, dtype)).collect()
}

/// The sum of products over axes. Unlike the sums of `sum` it has the dtype of what is summed, where integers wrap; of bools it
/// is whether any is true.
pub(super) fn sum_products<B: Build>(b: &mut B, x: &B::Value, axes: &[isize]) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    let op = if dtype == DType::Bool { ReduceOp::Any } else { ReduceOp::Sum };
    let sum = reduce(b, op, x, Some(axes), false)?;
    cast(b, &sum, dtype)
}

/// The largest along axes of magnitudes, 0 of none.
fn largest<B: Build>(b: &mut B, x: &B::Value, axes: Option<&[isize]>, keepdims: bool) -> Result<B::Value, Problem> {
    let op = if b.ty(x).is_empty() { ReduceOp::Sum } else { ReduceOp::Max };
    reduce(b, op, x, axes, keepdims)
}

/// The product as [`linalg()`] takes it.
pub fn matmul<B: Build>(b: &mut B, x: &B::Value, y: &B::Value) -> Result<B::Value, Problem> {
    let [product] = op(b, LinalgOp::Matmul, &[x, y], false)?;
    Ok(product)
}

/// The sizes of the last two axes.
fn core<B: Build>(b: &B, x: &B::Value) -> Result<[usize; 2], Problem> {
    let shape = b.ty(x).shape;
    match shape[..] {
        [.., m, n] => Ok([m, n]),
        _ => Err(Problem::Axis { axis: -2, rank: shape.len() }),
    }
}

fn epsilon(dtype: DType) -> f64 {
    if dtype.real() == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON }
}

/// `x[..., range]` of the last axis.
fn last<B: Build>(b: &mut B, x: &B::Value, start: isize, stop: Option<isize>) -> Result<B::Value, Problem> {
    let mut indices = vec![Index::ALL; b.ty(x).rank().saturating_sub(1)];
    indices.push(Index::Slice { start: Some(start), stop, step: 1 });
    index(b, x, &indices)
}

/// Which singular values, in descending order, exceed a part of the largest.
fn significant<B: Build>(b: &mut B, s: &B::Value, part: f64) -> Result<B::Value, Problem> {
    // Of no values none: the largest is then no axis of size 1 but an empty one.
    let largest = last(b, s, 0, Some(1))?;
    let least = with(b, ElementwiseOp::Multiply, &largest, part)?;
    call(b, ElementwiseOp::Greater, &[s, &least])
}

/// The reciprocals of the significant singular values, 0 for the others.
fn reciprocals<B: Build>(b: &mut B, s: &B::Value, part: f64) -> Result<B::Value, Problem> {
    let kept = significant(b, s, part)?;
    let inverse = call(b, ElementwiseOp::Reciprocal, &[s])?;
    or_zero(b, &kept, &inverse)
}

/// `V diag(values) (U' y)`, what a pseudo-inverse does to `y`.
fn apply_inverse<B: Build>(
    b: &mut B,
    [u, values, vt]: [&B::Value; 3],
    y: Option<&B::Value>,
) -> Result<B::Value, Problem> {
    let ut = adjoint(b, u)?;
    let inner = match y {
        Some(y) => matmul(b, &ut, y)?,
        None => ut,
    };
    let column = expand_dims(b, values, -1)?;
    let scaled = call(b, ElementwiseOp::Multiply, &[&column, &inner])?;
    let v = adjoint(b, vt)?;
    matmul(b, &v, &scaled)
}

/// `lstsq`: the shortest `x` that minimises `|y - a x|`, sums of squared residuals, rank, singular values. Values up to
/// `rcond` times the largest (by default epsilon times the larger size) count as 0. As in NumPy there are no residuals
/// unless `a` is tall; where it is of lower rank, which is known only when it is run, they are NaN.
pub fn lstsq<B: Build>(b: &mut B, a: &B::Value, y: &B::Value, rcond: Option<f64>) -> Result<[B::Value; 4], Problem> {
    let vector = b.ty(y).rank() == 1;
    let y = if vector { expand_dims(b, y, 1)? } else { y.clone() };
    let [m, n] = core(b, a)?;
    if core(b, &y)?[0] != m {
        return Err(Problem::Signature { signature: "(m,n),(m,k)->(n,k),(k),(),(p)" });
    }
    let [u, s, vt] = op(b, LinalgOp::Svd, &[a], false)?;
    let part = rcond.unwrap_or(epsilon(b.ty(&s).dtype) * m.max(n) as f64);
    let kept = significant(b, &s, part)?;
    let values = reciprocals(b, &s, part)?;
    let x = apply_inverse(b, [&u, &values, &vt], Some(&y))?;
    let rank = reduce(b, ReduceOp::Sum, &kept, Some(&[-1]), false)?;
    let residuals = if m > n {
        let ax = matmul(b, a, &x)?;
        let difference = call(b, ElementwiseOp::Subtract, &[&y, &ax])?;
        let sizes = if b.ty(&difference).dtype.is_complex() {
            call(b, ElementwiseOp::Absolute, &[&difference])?
        } else {
            difference
        };
        let squares = call(b, ElementwiseOp::Square, &[&sizes])?;
        let sums = reduce(b, ReduceOp::Sum, &squares, Some(&[-2]), false)?;
        let rank = expand_dims(b, &rank, -1)?;
        let full = [Operand::Value(rank), Operand::Weak(WeakScalar::Int(n as i64))];
        let full = elementwise(b, ElementwiseOp::Equal, &full)?;
        let nan = Operand::Weak(WeakScalar::Float(f64::NAN));
        elementwise(b, ElementwiseOp::Where, &[Operand::Value(full), Operand::Value(sums), nan])?
    } else {
        constant(b, Tensor::from_scalars(&Type::new(b.ty(&s).dtype, [0]), []))?
    };
    let x = if vector { squeeze(b, &x, Some(&[-1]))? } else { x };
    Ok([x, residuals, rank, s])
}

/// `pinv`: the Moore-Penrose inverse; singular values up to `rcond` times the largest (by default 1e-15) count as 0.
pub fn pinv<B: Build>(b: &mut B, a: &B::Value, rcond: Option<f64>) -> Result<B::Value, Problem> {
    let [u, s, vt] = op(b, LinalgOp::Svd, &[a], false)?;
    let values = reciprocals(b, &s, rcond.unwrap_or(1e-15))?;
    apply_inverse(b, [&u, &values, &vt], None)
}

/// `matrix_rank`: singular values above `tol`, or else `rtol` times the largest (by default epsilon times the larger size).
pub fn matrix_rank<B: Build>(
    b: &mut B,
    a: &B::Value,
    tol: Option<f64>,
    rtol: Option<f64>,
) -> Result<B::Value, Problem> {
    if b.ty(a).rank() < 2 {
        // Of a vector or a number: whether it is not 0.
        let any = reduce(b, ReduceOp::Any, a, None, false)?;
        return cast(b, &any, DType::I64);
    }
    let [m, n] = core(b, a)?;
    let [s] = op(b, LinalgOp::Svdvals, &[a], false)?;
    let above = match tol {
        Some(tol) => with(b, ElementwiseOp::Greater, &s, tol)?,
        None => {
            let part = rtol.unwrap_or(epsilon(b.ty(&s).dtype) * m.max(n) as f64);
            significant(b, &s, part)?
        }
    };
    reduce(b, ReduceOp::Sum, &above, Some(&[-1]), false)
}

/// `cond`: the quotient of the extreme singular values (`p` 2, the default, or -2), or `norm(a) * norm(inv(a))`; infinite
/// where that is undefined, as it is of a singular matrix, and NaN of a matrix that has one.
pub fn cond<B: Build>(b: &mut B, a: &B::Value, p: Option<NormOrder>) -> Result<B::Value, Problem> {
    if core(b, a)?.contains(&0) {
        return Err(Problem::EmptyReduction);
    }
    let quotient = match p.unwrap_or(NormOrder::P(2.0)) {
        NormOrder::P(p) if p.abs() == 2.0 => {
            let [s] = op(b, LinalgOp::Svdvals, &[a], false)?;
            let (largest, smallest) = (last(b, &s, 0, Some(1))?, last(b, &s, -1, None)?);
            let [top, bottom] = if p > 0.0 { [&largest, &smallest] } else { [&smallest, &largest] };
            let quotient = call(b, ElementwiseOp::Divide, &[top, bottom])?;
            squeeze(b, &quotient, Some(&[-1]))?
        }
        p => {
            let [inverse, _] = op(b, LinalgOp::TryInv, &[a], false)?;
            let norms = [matrix_norm(b, a, p, false)?, matrix_norm(b, &inverse, p, false)?];
            call(b, ElementwiseOp::Multiply, &[&norms[0], &norms[1]])?
        }
    };
    let undefined = call(b, ElementwiseOp::Isnan, &[&quotient])?;
    let unknown = call(b, ElementwiseOp::Isnan, &[a])?;
    let unknown = reduce(b, ReduceOp::Any, &unknown, Some(&[-2, -1]), false)?;
    let infinite = call(b, ElementwiseOp::Greater, &[&undefined, &unknown])?;
    let infinity = Operand::Weak(WeakScalar::Float(f64::INFINITY));
    elementwise(b, ElementwiseOp::Where, &[Operand::Value(infinite), infinity, Operand::Value(quotient)])
}

/// `vector_norm` over axes, of all elements without any.
pub fn vector_norm<B: Build>(
    b: &mut B,
    x: &B::Value,
    p: NormOrder,
    axes: Option<&[isize]>,
    keepdims: bool,
) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype.to_float();
    let x = &match dtype.is_complex() {
        true => call(b, ElementwiseOp::Absolute, &[x])?,
        false => cast(b, x, dtype)?,
    };
    let dtype = dtype.real();
    let p = match p {
        NormOrder::Frobenius => 2.0,
        NormOrder::P(p) => p,
        NormOrder::Nuclear => return Err(Problem::Usage(String::from("the nuclear norm is one of matrices"))),
    };
    if p == 0.0 {
        let nonzero = with(b, ElementwiseOp::NotEqual, x, 0.0)?;
        let count = reduce(b, ReduceOp::Sum, &nonzero, axes, keepdims)?;
        return cast(b, &count, dtype);
    }
    if p == 2.0 {
        let squares = call(b, ElementwiseOp::Square, &[x])?;
        let sum = reduce(b, ReduceOp::Sum, &squares, axes, keepdims)?;
        return call(b, ElementwiseOp::Sqrt, &[&sum]);
    }
    let magnitudes = call(b, ElementwiseOp::Absolute, &[x])?;
    if p.is_infinite() {
        return match p > 0.0 {
            true => largest(b, &magnitudes, axes, keepdims),
            false => reduce(b, ReduceOp::Min, &magnitudes, axes, keepdims),
        };
    }
    if p == 1.0 {
        return reduce(b, ReduceOp::Sum, &magnitudes, axes, keepdims);
    }
    let powers = with(b, ElementwiseOp::Power, &magnitudes, p)?;
    let sum = reduce(b, ReduceOp::Sum, &powers, axes, keepdims)?;
    with(b, ElementwiseOp::Power, &sum, 1.0 / p)
}

/// `matrix_norm` of the last two axes.
pub fn matrix_norm<B: Build>(b: &mut B, x: &B::Value, p: NormOrder, keepdims: bool) -> Result<B::Value, Problem> {
    core(b, x)?;
    let values = |b: &mut B| op(b, LinalgOp::Svdvals, &[x], false).map(|[s]| s);
    let extreme = |b: &mut B, x: &B::Value| match p {
        NormOrder::P(p) if p < 0.0 => reduce(b, ReduceOp::Min, x, Some(&[-1]), false),
        _ => largest(b, x, Some(&[-1]), false),
    };
    let result = match p {
        NormOrder::Frobenius => return vector_norm(b, x, p, Some(&[-2, -1]), keepdims),
        NormOrder::Nuclear => {
            let s = values(b)?;
            reduce(b, ReduceOp::Sum, &s, Some(&[-1]), false)?
        }
        NormOrder::P(p) if p.abs() == 2.0 => {
            let s = values(b)?;
            extreme(b, &s)?
        }
        NormOrder::P(p) if p.abs() == 1.0 || p.is_infinite() => {
            // The largest or smallest sum of a column, or of a row.
            let sums = vector_norm(b, x, NormOrder::P(1.0), Some(&[if p.is_infinite() { -1 } else { -2 }]), false)?;
            extreme(b, &sums)?
        }
        NormOrder::P(p) => return Err(Problem::Usage(format!("there is no matrix norm of order {p}"))),
    };
    if !keepdims {
        return Ok(result);
    }
    let column = expand_dims(b, &result, -1)?;
    expand_dims(b, &column, -1)
}

/// `norm`: of a vector along one axis, of a matrix along two, of all elements without order and axes.
pub fn norm<B: Build>(
    b: &mut B,
    x: &B::Value,
    p: Option<NormOrder>,
    axes: Option<&[isize]>,
    keepdims: bool,
) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    let all: SmallVec<[isize; 2]> = (0..rank as isize).collect();
    let Some(p) = p else { return vector_norm(b, x, NormOrder::Frobenius, axes, keepdims) };
    match *axes.unwrap_or(&all) {
        [axis] if p == NormOrder::Frobenius => {
            Err(Problem::Usage(format!("the Frobenius norm is one of matrices, not of axis {axis}")))
        }
        [axis] => vector_norm(b, x, p, Some(&[axis]), keepdims),
        [row, column] => {
            let (row, column) = (normalise_axis(row, rank)?, normalise_axis(column, rank)?);
            if row == column {
                return Err(Problem::DuplicateAxis { axis: row });
            }
            let rest = (0..rank).filter(|&axis| axis != row && axis != column);
            let order: Vec<isize> = rest.chain([row, column]).map(|axis| axis as isize).collect();
            let turned = transpose(b, x, Some(&order))?;
            let result = matrix_norm(b, &turned, p, false)?;
            if !keepdims {
                return Ok(result);
            }
            let first = expand_dims(b, &result, row.min(column) as isize)?;
            expand_dims(b, &first, row.max(column) as isize)
        }
        ref axes => Err(Problem::Usage(format!("norms of an order are of one axis or two, not {}", axes.len()))),
    }
}

/// `matrix_power`; a negative one is of the inverse.
pub fn matrix_power<B: Build>(b: &mut B, a: &B::Value, n: i64) -> Result<B::Value, Problem> {
    let [rows, cols] = core(b, a)?;
    if rows != cols {
        return Err(Problem::Signature { signature: "(m,m)->(m,m)" });
    }
    let base = if n < 0 {
        let [inverse] = op(b, LinalgOp::Inv, &[a], false)?;
        inverse
    } else {
        a.clone()
    };
    let mut rest = n.unsigned_abs();
    if rest == 0 {
        let ty = b.ty(a);
        let diagonal = (0..rows * rows).map(|at| if at / rows == at % rows { 1.0 } else { 0.0 });
        let scalars = diagonal.map(|x| Scalar::F64(x).cast(ty.dtype));
        let identity = Tensor::from_scalars(&Type::new(ty.dtype, [rows, rows]), scalars);
        let identity = constant(b, identity)?;
        return if ty.rank() == 2 { Ok(identity) } else { broadcast_to(b, &identity, &ty.shape) };
    }
    if rest == 3 {
        let square = matmul(b, &base, &base)?;
        return matmul(b, &square, &base);
    }
    // By repeated squaring, from the lowest bit.
    let (mut square, mut result): (B::Value, Option<B::Value>) = (base, None);
    loop {
        if rest & 1 == 1 {
            result = Some(match result {
                Some(result) => matmul(b, &result, &square)?,
                None => square.clone(),
            });
        }
        rest >>= 1;
        if rest == 0 {
            return Ok(result.expect("the highest bit is set"));
        }
        square = matmul(b, &square, &square)?;
    }
}

/// `multi_dot`: a chain of products in the order that takes the fewest multiplications. The first operand may be a row,
/// the last a column, as 1-d arrays.
pub fn multi_dot<B: Build>(b: &mut B, chain: &[B::Value]) -> Result<B::Value, Problem> {
    let n = chain.len();
    if n < 2 {
        return Err(Problem::Arity { expected: 2, found: n });
    }
    let mut matrices = chain.to_vec();
    let (row, column) = (b.ty(&chain[0]).rank() == 1, b.ty(&chain[n - 1]).rank() == 1);
    if row {
        matrices[0] = expand_dims(b, &chain[0], 0)?;
    }
    if column {
        matrices[n - 1] = expand_dims(b, &chain[n - 1], 1)?;
    }
    let mut sizes = Vec::with_capacity(n + 1);
    for matrix in &matrices {
        let shape = b.ty(matrix).shape;
        let [rows, cols] = shape[..] else { return Err(Problem::Axis { axis: -2, rank: shape.len() }) };
        if sizes.last().is_some_and(|&cols| cols != rows) {
            return Err(Problem::Signature { signature: "(m,n),(n,p)->(m,p)" });
        }
        if sizes.is_empty() {
            sizes.push(rows);
        }
        sizes.push(cols);
    }
    // The cheapest way to matrices i..=j splits them after some k.
    let mut best = vec![vec![(0u128, 0usize); n]; n];
    for length in 1..n {
        for i in 0..n - length {
            let j = i + length;
            let cost = |k: usize| {
                let product =
                    [sizes[i], sizes[k + 1], sizes[j + 1]].iter().fold(1u128, |p, &s| p.saturating_mul(s as u128));
                (best[i][k].0.saturating_add(best[k + 1][j].0).saturating_add(product), k)
            };
            best[i][j] = (i..j).map(cost).min().expect("there is a split");
        }
    }
    // Inner products first: ranges in the order they are found, computed from the last.
    let mut ranges = vec![(0, n - 1)];
    let mut at = 0;
    while let Some(&(i, j)) = ranges.get(at) {
        if i < j {
            let k = best[i][j].1;
            ranges.extend([(i, k), (k + 1, j)]);
        }
        at += 1;
    }
    let mut products: std::collections::HashMap<(usize, usize), B::Value> = std::collections::HashMap::new();
    for &(i, j) in ranges.iter().rev() {
        let product = if i == j {
            matrices[i].clone()
        } else {
            let k = best[i][j].1;
            matmul(b, &products[&(i, k)], &products[&(k + 1, j)])?
        };
        products.insert((i, j), product);
    }
    let product = products.remove(&(0, n - 1)).expect("the whole chain");
    let gone: SmallVec<[isize; 2]> = [(row, 0), (column, 1)].into_iter().filter(|(one, _)| *one).map(|x| x.1).collect();
    if gone.is_empty() { Ok(product) } else { squeeze(b, &product, Some(&gone)) }
}

/// `tensordot`: the products of `x` and `y` summed over pairs of axes.
pub fn tensordot<B: Build>(
    b: &mut B,
    x: &B::Value,
    y: &B::Value,
    [x_axes, y_axes]: [&[isize]; 2],
) -> Result<B::Value, Problem> {
    let (x_shape, y_shape) = (b.ty(x).shape, b.ty(y).shape);
    let normal = |axes: &[isize], rank: usize| -> Result<Axes, Problem> {
        let axes: Axes = axes.iter().map(|&axis| normalise_axis(axis, rank)).collect::<Result<_, _>>()?;
        match axes.iter().enumerate().find(|(i, axis)| axes[..*i].contains(axis)) {
            Some((_, &axis)) => Err(Problem::DuplicateAxis { axis }),
            None => Ok(axes),
        }
    };
    let (x_axes, y_axes) = (normal(x_axes, x_shape.len())?, normal(y_axes, y_shape.len())?);
    if !x_axes.iter().map(|&a| x_shape[a]).eq(y_axes.iter().map(|&a| y_shape[a])) {
        return Err(Problem::Usage(String::from("the sizes of the axes that are summed differ")));
    }
    let free = |shape: &Shape, axes: &Axes| (0..shape.len()).filter(|a| !axes.contains(a)).collect::<Axes>();
    let (x_free, y_free) = (free(&x_shape, &x_axes), free(&y_shape, &y_axes));
    let size = |shape: &Shape, axes: &Axes| axes.iter().map(|&a| shape[a]).product::<usize>();
    let inner = size(&x_shape, &x_axes);
    let mut matrix = |value: &B::Value, axes: [&Axes; 2], shape: [usize; 2]| {
        let order: Vec<isize> = axes.iter().flat_map(|axes| axes.iter()).map(|&a| a as isize).collect();
        let turned = transpose(b, value, Some(&order))?;
        view(b, &turned, View::Reshape(Shape::from_slice(&shape)))
    };
    let left = matrix(x, [&x_free, &x_axes], [size(&x_shape, &x_free), inner])?;
    let right = matrix(y, [&y_axes, &y_free], [inner, size(&y_shape, &y_free)])?;
    // Where nothing is summed, a column times a row is a loop.
    let product = match x_axes.len() {
        0 => call(b, ElementwiseOp::Multiply, &[&left, &right])?,
        _ => matmul(b, &left, &right)?,
    };
    let shape = x_free.iter().map(|&a| x_shape[a]).chain(y_free.iter().map(|&a| y_shape[a])).collect();
    view(b, &product, View::Reshape(shape))
}

/// `tensordot` over the last `n` axes of `x` and the first of `y`.
pub fn tensordot_last<B: Build>(b: &mut B, x: &B::Value, y: &B::Value, n: usize) -> Result<B::Value, Problem> {
    let (x_rank, y_rank) = (b.ty(x).rank(), b.ty(y).rank());
    if n > x_rank.min(y_rank) {
        return Err(Problem::Axis { axis: n as isize, rank: x_rank.min(y_rank) });
    }
    let x_axes: Vec<isize> = (x_rank - n..x_rank).map(|a| a as isize).collect();
    let y_axes: Vec<isize> = (0..n).map(|a| a as isize).collect();
    tensordot(b, x, y, [&x_axes, &y_axes])
}

/// `dot`: products of numbers, `matmul` of matrices, sums over the last axis of `x` and the last but one of `y` otherwise.
pub fn dot<B: Build>(b: &mut B, x: &B::Value, y: &B::Value) -> Result<B::Value, Problem> {
    match (b.ty(x).rank(), b.ty(y).rank()) {
        (0, _) | (_, 0) => call(b, ElementwiseOp::Multiply, &[x, y]),
        (1 | 2, 1 | 2) => matmul(b, x, y),
        (_, 1) => tensordot(b, x, y, [&[-1], &[-1]]),
        _ => tensordot(b, x, y, [&[-1], &[-2]]),
    }
}

/// `vdot`: the sum of the products of all elements.
pub fn vdot<B: Build>(b: &mut B, x: &B::Value, y: &B::Value) -> Result<B::Value, Problem> {
    let (x, y) = (ravel(b, x)?, ravel(b, y)?);
    vecdot(b, &x, &y, -1)
}

/// `inner`: sums over the last axes.
pub fn inner<B: Build>(b: &mut B, x: &B::Value, y: &B::Value) -> Result<B::Value, Problem> {
    match b.ty(x).rank().min(b.ty(y).rank()) {
        0 => call(b, ElementwiseOp::Multiply, &[x, y]),
        _ => tensordot(b, x, y, [&[-1], &[-1]]),
    }
}

fn ravel<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    if ty.rank() == 1 { Ok(x.clone()) } else { view(b, x, View::Reshape(Shape::from_elem(ty.len(), 1))) }
}

/// `outer`: the products of all pairs of elements, of arrays that are taken flat.
pub fn outer<B: Build>(b: &mut B, x: &B::Value, y: &B::Value) -> Result<B::Value, Problem> {
    let (x, y) = (ravel(b, x)?, ravel(b, y)?);
    let column = expand_dims(b, &x, 1)?;
    call(b, ElementwiseOp::Multiply, &[&column, &y])
}

/// `kron`: blocks of `y`, scaled by the elements of `x`.
pub fn kron<B: Build>(b: &mut B, x: &B::Value, y: &B::Value) -> Result<B::Value, Problem> {
    let (x_shape, y_shape) = (b.ty(x).shape, b.ty(y).shape);
    let rank = x_shape.len().max(y_shape.len());
    let padded = |shape: &Shape| std::iter::repeat_n(1, rank - shape.len()).chain(shape.iter().copied()).collect();
    let (x_sizes, y_sizes): (Shape, Shape) = (padded(&x_shape), padded(&y_shape));
    let left = view(b, x, View::Reshape(x_sizes.iter().flat_map(|&n| [n, 1]).collect()))?;
    let right = view(b, y, View::Reshape(y_sizes.iter().flat_map(|&n| [1, n]).collect()))?;
    let product = call(b, ElementwiseOp::Multiply, &[&left, &right])?;
    let sizes = x_sizes.iter().zip(&y_sizes).map(|(m, n)| m.saturating_mul(*n)).collect();
    view(b, &product, View::Reshape(sizes))
}

/// `vecdot`: the sum of products along an axis of both; the other axes broadcast.
pub fn vecdot<B: Build>(b: &mut B, x: &B::Value, y: &B::Value, axis: isize) -> Result<B::Value, Problem> {
    let x = to_last(b, x, axis)?;
    let x = conj(b, &x)?;
    let y = to_last(b, y, axis)?;
    if b.ty(&x).shape.last() != b.ty(&y).shape.last() {
        return Err(Problem::Signature { signature: "(n),(n)->()" });
    }
    let bools = b.ty(&x).dtype == DType::Bool && b.ty(&y).dtype == DType::Bool;
    let op = if bools { ElementwiseOp::LogicalAnd } else { ElementwiseOp::Multiply };
    let products = call(b, op, &[&x, &y])?;
    sum_products(b, &products, &[-1])
}

fn to_last<B: Build>(b: &mut B, x: &B::Value, axis: isize) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    let axis = normalise_axis(axis, rank)?;
    if axis + 1 == rank {
        return Ok(x.clone());
    }
    let order: Vec<isize> = (0..rank).filter(|&a| a != axis).chain([axis]).map(|a| a as isize).collect();
    transpose(b, x, Some(&order))
}

/// `matvec`: matrices times vectors, both in stacks.
pub fn matvec<B: Build>(b: &mut B, a: &B::Value, x: &B::Value) -> Result<B::Value, Problem> {
    core(b, a)?;
    let column = expand_dims(b, x, -1)?;
    let product = matmul(b, a, &column)?;
    squeeze(b, &product, Some(&[-1]))
}

/// `vecmat`: vectors times matrices, both in stacks.
pub fn vecmat<B: Build>(b: &mut B, x: &B::Value, a: &B::Value) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    let row = expand_dims(b, x, if rank == 0 { 0 } else { -2 })?;
    let row = conj(b, &row)?;
    let product = matmul(b, &row, a)?;
    squeeze(b, &product, Some(&[-2]))
}

/// `cross`: the cross product of vectors of three along an axis of both; the other axes broadcast.
pub fn cross<B: Build>(b: &mut B, x: &B::Value, y: &B::Value, axis: isize) -> Result<B::Value, Problem> {
    let vectors = [to_last(b, x, axis)?, to_last(b, y, axis)?];
    if vectors.iter().any(|v| b.ty(v).shape.last() != Some(&3)) {
        return Err(Problem::Signature { signature: "(3),(3)->(3)" });
    }
    let mut product = |i: isize, j: isize| {
        let (x, y) = (last(b, &vectors[0], i, Some(i + 1))?, last(b, &vectors[1], j, Some(j + 1))?);
        call(b, ElementwiseOp::Multiply, &[&x, &y])
    };
    let mut parts = Vec::with_capacity(3);
    for (i, j) in [(1, 2), (2, 0), (0, 1)] {
        parts.push([product(i, j)?, product(j, i)?]);
    }
    let mut components = Vec::with_capacity(3);
    for [p, q] in &parts {
        components.push(Operand::Value(call(b, ElementwiseOp::Subtract, &[p, q])?));
    }
    let result = concat(b, &components, -1)?;
    let rank = b.ty(&result).rank();
    let axis = normalise_axis(axis, rank)?;
    if axis + 1 == rank {
        return Ok(result);
    }
    let mut order: Vec<isize> = (0..rank as isize - 1).collect();
    order.insert(axis, rank as isize - 1);
    transpose(b, &result, Some(&order))
}

/// `tensorsolve`: `x` with `tensordot(a, x, x.ndim) = y`; `axes` of `a` are moved to its end first.
pub fn tensorsolve<B: Build>(
    b: &mut B,
    a: &B::Value,
    y: &B::Value,
    axes: Option<&[isize]>,
) -> Result<B::Value, Problem> {
    let rank = b.ty(a).rank();
    let moved: Axes = axes.unwrap_or(&[]).iter().map(|&axis| normalise_axis(axis, rank)).collect::<Result<_, _>>()?;
    let order: Vec<isize> =
        (0..rank).filter(|axis| !moved.contains(axis)).chain(moved.iter().copied()).map(|a| a as isize).collect();
    let a = if moved.is_empty() { a.clone() } else { transpose(b, a, Some(&order))? };
    let (ty, rows) = (b.ty(&a), b.ty(y));
    let wrong = || Problem::Signature { signature: "(m,m),(m)->(m)" };
    let unknowns = Shape::from_slice(ty.shape.get(rows.rank()..).ok_or_else(wrong)?);
    let n = rows.len();
    if unknowns.iter().product::<usize>() != n || ty.len() != n.saturating_mul(n) {
        return Err(wrong());
    }
    let matrix = view(b, &a, View::Reshape(Shape::from_slice(&[n, n])))?;
    let y = ravel(b, y)?;
    let [x] = op(b, LinalgOp::Solve, &[&matrix, &y], false)?;
    view(b, &x, View::Reshape(unknowns))
}

/// `tensorinv`: the inverse of `tensordot` over the first `n` axes.
pub fn tensorinv<B: Build>(b: &mut B, a: &B::Value, n: usize) -> Result<B::Value, Problem> {
    let ty = b.ty(a);
    let wrong = || Problem::Signature { signature: "(m,m)->(m,m)" };
    let (rows, columns) = ty.shape.split_at_checked(n).filter(|(rows, _)| !rows.is_empty()).ok_or_else(wrong)?;
    let order = rows.iter().product::<usize>();
    if columns.iter().product::<usize>() != order {
        return Err(wrong());
    }
    let matrix = view(b, a, View::Reshape(Shape::from_slice(&[order, order])))?;
    let [inverse] = op(b, LinalgOp::Inv, &[&matrix], false)?;
    view(b, &inverse, View::Reshape(columns.iter().chain(rows).copied().collect()))
}

/// [`diagonal`] above (`offset > 0`) or below the main one.
pub fn diagonal_at<B: Build>(b: &mut B, x: &B::Value, offset: isize) -> Result<B::Value, Problem> {
    if offset == 0 {
        return diagonal(b, x);
    }
    core(b, x)?;
    let from = |start: isize| Index::Slice { start: Some(start.min(isize::MAX - 1)), stop: None, step: 1 };
    let mut indices = vec![Index::ALL; b.ty(x).rank() - 2];
    indices.extend(if offset > 0 { [Index::ALL, from(offset)] } else { [from(offset.saturating_neg()), Index::ALL] });
    let part = index(b, x, &indices)?;
    diagonal(b, &part)
}

/// The sum of [`diagonal_at`].
pub fn trace_at<B: Build>(b: &mut B, x: &B::Value, offset: isize) -> Result<B::Value, Problem> {
    let diagonal = diagonal_at(b, x, offset)?;
    reduce(b, ReduceOp::Sum, &diagonal, Some(&[-1]), false)
}

/// The upper triangular `u` with `u.T @ u = a`; only the upper triangle of `a` is read.
pub fn cholesky_upper<B: Build>(b: &mut B, a: &B::Value) -> Result<B::Value, Problem> {
    let lower = matrix_transpose(b, a)?;
    let [l] = op(b, LinalgOp::Cholesky, &[&lower], false)?;
    matrix_transpose(b, &l)
}

/// `cho_factor`: the lower or the upper Cholesky factor, of which only that triangle is read. SciPy leaves what was there in the
/// other triangle, here it is 0.
pub fn cho_factor<B: Build>(b: &mut B, a: &B::Value, lower: bool) -> Result<B::Value, Problem> {
    if !lower {
        return cholesky_upper(b, a);
    }
    let [l] = op(b, LinalgOp::Cholesky, &[a], false)?;
    Ok(l)
}

/// `cho_solve`: `x` with `c @ c.T @ x = y` for a lower factor `c`, or `c.T @ c @ x = y` for an upper one.
pub fn cho_solve<B: Build>(b: &mut B, c: &B::Value, y: &B::Value, lower: bool) -> Result<B::Value, Problem> {
    let transposed = adjoint(b, c)?;
    let (first, second) = if lower { (c, &transposed) } else { (&transposed, c) };
    let [half] = op(b, LinalgOp::SolveTriangular, &[first, y], true)?;
    let [x] = op(b, LinalgOp::SolveTriangular, &[second, &half], false)?;
    Ok(x)
}
