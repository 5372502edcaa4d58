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
