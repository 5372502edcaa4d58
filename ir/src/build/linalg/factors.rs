//! What SciPy's `linalg` makes of factorisations.

use super::*;

/// An array of zeros, which no memory holds.
fn zeros<B: Build>(b: &mut B, dtype: DType, shape: &[usize]) -> Result<B::Value, Problem> {
    let zero = scalar(b, Scalar::zero(dtype))?;
    broadcast_to(b, &zero, shape)
}

/// `block_diag`: the matrices along the diagonal, 0 elsewhere. A list is a row, a number 1 x 1; stacks broadcast.
pub fn block_diag<B: Build>(b: &mut B, blocks: &[B::Value]) -> Result<B::Value, Problem> {
    if blocks.is_empty() {
        return Err(Problem::Arity { expected: 1, found: 0 });
    }
    let mut matrices = blocks.to_vec();
    for matrix in &mut matrices {
        while b.ty(matrix).rank() < 2 {
            *matrix = expand_dims(b, matrix, 0)?;
        }
    }
    let shapes: Vec<Shape> = matrices.iter().map(|matrix| b.ty(matrix).shape).collect();
    let stacks = shapes.iter().map(|shape| &shape[..shape.len() - 2]);
    let stack = crate::types::broadcast(stacks).ok_or(Problem::Broadcast)?;
    let columns = shapes.iter().fold(0usize, |sum, shape| sum.saturating_add(shape[shape.len() - 1]));
    let (mut rows, mut before) = (Vec::with_capacity(matrices.len()), 0);
    for (matrix, shape) in matrices.iter().zip(&shapes) {
        let [.., m, n] = shape[..] else { unreachable!("two axes at least") };
        let of = |columns: usize| -> Shape { stack.iter().copied().chain([m, columns]).collect() };
        let dtype = b.ty(matrix).dtype;
        let left = zeros(b, dtype, &of(before))?;
        let middle = broadcast_to(b, matrix, &of(n))?;
        before += n;
        let right = zeros(b, dtype, &of(columns - before))?;
        rows.push(Operand::Value(concat(b, &[left, middle, right].map(Operand::Value), -1)?));
    }
    concat(b, &rows, -2)
}

/// `null_space` of matrices whose rank is known: the right singular vectors beyond it, in columns.
pub fn null_space<B: Build>(b: &mut B, a: &B::Value, rank: usize) -> Result<B::Value, Problem> {
    check_rank(b, a, rank)?;
    let [_, _, vt] = op(b, LinalgOp::SvdFull, &[a], false)?;
    let v = adjoint(b, &vt)?;
    last(b, &v, rank as isize, None)
}

/// `orth` of matrices whose rank is known: as many left singular vectors, in columns.
pub fn orth<B: Build>(b: &mut B, a: &B::Value, rank: usize) -> Result<B::Value, Problem> {
    check_rank(b, a, rank)?;
    let [u, _, _] = op(b, LinalgOp::Svd, &[a], false)?;
    last(b, &u, 0, Some(rank as isize))
}

fn check_rank<B: Build>(b: &B, a: &B::Value, rank: usize) -> Result<(), Problem> {
    let [m, n] = core(b, a)?;
    match rank <= m.min(n) {
        true => Ok(()),
        false => Err(Problem::Usage(format!("a matrix of {m} by {n} has no rank of {rank}"))),
    }
}

/// `polar`: `u` with orthonormal columns or rows and a positive semidefinite `p` with `u @ p = a`, or `p @ u` with `left`.
pub fn polar<B: Build>(b: &mut B, a: &B::Value, left: bool) -> Result<[B::Value; 2], Problem> {
    let [w, s, vt] = op(b, LinalgOp::Svd, &[a], false)?;
    let u = matmul(b, &w, &vt)?;
    let v = if left { w } else { adjoint(b, &vt)? };
    let row = expand_dims(b, &s, -2)?;
    let scaled = call(b, ElementwiseOp::Multiply, &[&v, &row])?;
    let vt = adjoint(b, &v)?;
    Ok([u, matmul(b, &scaled, &vt)?])
}

/// `lu_solve` with `trans=2`: `x` with `a* @ x = b`, which is `a.T @ conj(x) = conj(b)`.
pub fn lu_solve_adjoint<B: Build>(b: &mut B, operands: &[Operand<B::Value>]) -> Result<B::Value, Problem> {
    let [lu, pivots, right] = operands else {
        return Err(Problem::Arity { expected: 3, found: operands.len() });
    };
    let right = values(b, std::slice::from_ref(right))?.swap_remove(0);
    let operands = [lu.clone(), pivots.clone(), Operand::Value(conj(b, &right)?)];
    let x = linalg(b, LinalgOp::LuSolveTransposed, &operands, false)?.swap_remove(0);
    conj(b, &x)
}

/// Which matrix the first operand of `solve_triangular` is, in SciPy's words.
#[derive(Clone, Copy, Debug)]
pub struct Triangle {
    /// Which triangle is read.
    pub lower: bool,
    /// Whether the diagonal is 1, whatever stands there.
    pub unit: bool,
    /// 0 for the matrix, 1 for its transpose, 2 for its conjugate transpose.
    pub trans: usize,
}

/// `solve_triangular` with SciPy's keywords.
pub fn solve_triangular<B: Build>(
    b: &mut B,
    operands: &[Operand<B::Value>; 2],
    Triangle { lower, unit, trans }: Triangle,
) -> Result<B::Value, Problem> {
    let mut a = value(b, &operands[0])?;
    if trans > 0 {
        a = if trans == 1 { matrix_transpose(b, &a)? } else { adjoint(b, &a)? };
    }
    if unit {
        let [m, n] = core(b, &a)?;
        let on = (0..m.saturating_mul(n)).map(|at| Scalar::Bool(at / n == at % n));
        crate::types::check_size(DType::Bool, &[m, n])?;
        let on = constant(b, Tensor::from_scalars(&Type::new(DType::Bool, [m, n]), on))?;
        let one = Operand::Weak(WeakScalar::Int(1));
        a = elementwise(b, ElementwiseOp::Where, &[Operand::Value(on), one, Operand::Value(a)])?;
    }
    let operands = [Operand::Value(a), operands[1].clone()];
    Ok(linalg(b, LinalgOp::SolveTriangular, &operands, lower != (trans > 0))?.swap_remove(0))
}

/// `eigh` and `eigvalsh` with `UPLO=U`: of the matrix whose upper triangle is read, which is the lower one of its adjoint.
pub fn of_upper_triangle<B: Build>(b: &mut B, op: LinalgOp, a: &B::Value) -> Result<SmallVec<[B::Value; 2]>, Problem> {
    core(b, a)?;
    let turned = adjoint(b, a)?;
    linalg(b, op, &[Operand::Value(turned)], false)
}

/// `schur` with `output=complex`: triangular and unitary factors, also of a real matrix.
pub fn schur_complex<B: Build>(b: &mut B, a: &B::Value) -> Result<[B::Value; 2], Problem> {
    let dtype = b.ty(a).dtype.to_float();
    let dtype = if dtype.real() == DType::F32 { DType::C64 } else { DType::C128 };
    let a = cast(b, a, dtype)?;
    op(b, LinalgOp::Schur, &[&a], false)
}

/// `ldl` with `lower=false`: `u`, `d` and `perm` with `u @ d @ u.T = a` (conjugated) and upper triangular `u[perm]`; only the
/// upper triangle of `a` is read. They are those of the lower triangle of the matrix turned by half a turn.
pub fn ldl_upper<B: Build>(b: &mut B, a: &B::Value) -> Result<[B::Value; 3], Problem> {
    let [_, n] = core(b, a)?;
    let turned = half_turn(b, a, 2)?;
    let [l, d, perm] = op(b, LinalgOp::Ldl, &[&turned], false)?;
    let (u, d, perm) = (half_turn(b, &l, 2)?, half_turn(b, &d, 2)?, half_turn(b, &perm, 1)?);
    let last = Operand::Weak(WeakScalar::Int(n as i64 - 1));
    let perm = elementwise(b, ElementwiseOp::Subtract, &[last, Operand::Value(perm)])?;
    Ok([u, d, perm])
}

/// The last axes backwards.
fn half_turn<B: Build>(b: &mut B, x: &B::Value, axes: usize) -> Result<B::Value, Problem> {
    let mut indices = vec![Index::ALL; b.ty(x).rank() - axes];
    indices.extend(vec![Index::Slice { start: None, stop: None, step: -1 }; axes]);
    index(b, x, &indices)
}
