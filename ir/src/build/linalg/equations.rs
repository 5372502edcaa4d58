//! Equations that SciPy's `linalg` solves by factorisations.

use super::*;

/// Order below which the discrete equation of Lyapunov is solved as one system of as many equations as elements.
const DIRECT: usize = 10;

fn subtract<B: Build>(b: &mut B, x: &B::Value, y: &B::Value) -> Result<B::Value, Problem> {
    call(b, ElementwiseOp::Subtract, &[x, y])
}

fn eye<B: Build>(b: &mut B, dtype: DType, n: usize) -> Result<B::Value, Problem> {
    crate::types::check_size(dtype, &[n, n])?;
    let scalars = (0..n * n).map(|at| if at / n == at % n { Scalar::one(dtype) } else { Scalar::zero(dtype) });
    constant(b, Tensor::from_scalars(&Type::new(dtype, [n, n]), scalars))
}

/// `x @ y @ z*`
fn congruence<B: Build>(b: &mut B, [x, y, z]: [&B::Value; 3]) -> Result<B::Value, Problem> {
    let (xy, zt) = (matmul(b, x, y)?, adjoint(b, z)?);
    matmul(b, &xy, &zt)
}

/// `solve_banded`: `x` with `a @ x = y` for a matrix whose diagonals, the highest first, are the rows of `ab`, each element in
/// its column: `ab[upper + i - j, j] = a[i, j]`.
pub fn solve_banded<B: Build>(
    b: &mut B,
    ab: &B::Value,
    y: &B::Value,
    [lower, upper]: [usize; 2],
) -> Result<B::Value, Problem> {
    let [rows, _] = core(b, ab)?;
    if lower.checked_add(upper).and_then(|n| n.checked_add(1)) != Some(rows) {
        let what = format!("{rows} diagonals are not the main one, {lower} below and {upper} above");
        return Err(Problem::Usage(what));
    }
    let mut part = |start: usize, stop: usize| {
        let mut indices = vec![Index::ALL; b.ty(ab).rank() - 2];
        indices.push(Index::Slice { start: Some(start as isize), stop: Some(stop as isize), step: 1 });
        index(b, ab, &indices)
    };
    let (above, below) = (part(0, upper + 1)?, part(upper, rows)?);
    let [x] = op(b, LinalgOp::Gbsv, &[&above, &below, y], false)?;
    Ok(x)
}

/// `solve_sylvester`: `x` with `a @ x + x @ y = q`, by the Schur forms of `a` and `y*`.
pub fn solve_sylvester<B: Build>(b: &mut B, a: &B::Value, y: &B::Value, q: &B::Value) -> Result<B::Value, Problem> {
    let yt = adjoint(b, y)?;
    let [r, u] = op(b, LinalgOp::Schur, &[a], false)?;
    let [s, v] = op(b, LinalgOp::Schur, &[&yt], false)?;
    between(b, [&r, &u], [&s, &v], q)
}

/// `solve_continuous_lyapunov`: `x` with `a @ x + x @ a* = q`, by the Schur form of `a`.
pub fn solve_continuous_lyapunov<B: Build>(b: &mut B, a: &B::Value, q: &B::Value) -> Result<B::Value, Problem> {
    let [r, u] = op(b, LinalgOp::Schur, &[a], false)?;
    between(b, [&r, &u], [&r, &u], q)
}

/// `x` with `u @ r @ u* @ x + x @ (v @ s @ v*)* = q`.
fn between<B: Build>(
    b: &mut B,
    [r, u]: [&B::Value; 2],
    [s, v]: [&B::Value; 2],
    q: &B::Value,
) -> Result<B::Value, Problem> {
    let (ut, vt) = (adjoint(b, u)?, adjoint(b, v)?);
    let f = congruence(b, [&ut, q, &vt])?;
    let [y] = op(b, LinalgOp::Trsyl, &[r, s, &f], false)?;
    congruence(b, [u, &y, v])
}

/// `solve_discrete_lyapunov`: `x` with `a @ x @ a* - x + q = 0`: small ones as one system, the others by a bilinear
/// transformation to the continuous equation, as in SciPy.
pub fn solve_discrete_lyapunov<B: Build>(b: &mut B, a: &B::Value, q: &B::Value) -> Result<B::Value, Problem> {
    let ([m, n], wanted) = (core(b, a)?, core(b, q)?);
    if m != n || wanted != [n, n] {
        return Err(Problem::Signature { signature: "(m,m),(m,m)->(m,m)" });
    }
    let dtype = b.ty(a).dtype.promote(b.ty(q).dtype).to_float();
    let (a, q) = (cast(b, a, dtype)?, cast(b, q, dtype)?);
    if n >= DIRECT {
        let one = eye(b, dtype, n)?;
        let (above, below) = (call(b, ElementwiseOp::Add, &[&a, &one])?, subtract(b, &a, &one)?);
        let [inverse] = op(b, LinalgOp::Inv, &[&above], false)?;
        let left = matmul(b, &inverse, &below)?;
        let right = congruence(b, [&inverse, &q, &inverse])?;
        let right = with(b, ElementwiseOp::Multiply, &right, -2.0)?;
        return solve_continuous_lyapunov(b, &left, &right);
    }
    // Element (i, k) of `a @ x @ a*` is the sum of a[i, j] conj(a[k, l]) x[j, l].
    let stack: Shape = b.ty(&a).shape.iter().rev().skip(2).rev().copied().collect();
    let conjugate = conj(b, &a)?;
    let mut spread =
        |a: &B::Value, core: [usize; 4]| view(b, a, View::Reshape(stack.iter().copied().chain(core).collect()));
    let (outer, inner) = (spread(&a, [n, 1, n, 1])?, spread(&conjugate, [1, n, 1, n])?);
    let products = call(b, ElementwiseOp::Multiply, &[&outer, &inner])?;
    let square = n * n;
    let products = view(b, &products, View::Reshape(stack.iter().copied().chain([square, square]).collect()))?;
    let one = eye(b, dtype, square)?;
    let system = subtract(b, &one, &products)?;
    let shape = b.ty(&q).shape;
    let column = shape.iter().rev().skip(2).rev().copied().chain([square, 1]).collect();
    let column = view(b, &q, View::Reshape(column))?;
    let [x] = op(b, LinalgOp::Solve, &[&system, &column], false)?;
    let ty = b.ty(&x);
    view(b, &x, View::Reshape(ty.shape.iter().rev().skip(2).rev().copied().chain([n, n]).collect()))
}
