//! Expressions from nothing and from several others.

use super::operators::{IntoOperand, elementwise};
use super::{Expr, Kind};
use crate::build::{self, Operand};
use crate::error::{Error, Loc, Problem};
use crate::graph::Node;
use crate::ops::ElementwiseOp;
use crate::tensor::{Element, Scalar, Tensor};
use crate::types::{DType, check_size};
use ndarray::{Array, Array1, Array2, Dimension};
use std::sync::Arc;

/// A constant of the graph.
pub(super) fn from_tensor<'a>(tensor: Tensor, loc: Loc) -> Expr<'a> {
    let ty = tensor.ty();
    Expr::leaf(Kind::Node(Node::Constant(Arc::new(tensor))), ty, loc)
}

/// An array that is known when the program is compiled: it is folded, and another value is another program. (An array
/// that merely enters a computation is `Expr::from(array)`.)
#[track_caller]
pub fn constant<'a, A: Element, D: Dimension>(array: Array<A, D>) -> Expr<'a> {
    let array = array.as_standard_layout().into_owned().into_dyn();
    from_tensor(A::wrap(array), Loc::caller())
}

/// `value` everywhere.
#[track_caller]
pub fn full<'a>(shape: impl AsRef<[usize]>, value: impl Element) -> Expr<'a> {
    let scalar = from_tensor(Tensor::scalar(value.to_scalar()), Loc::caller());
    scalar.broadcast_to(shape)
}

/// 0 everywhere.
#[track_caller]
pub fn zeros<'a>(dtype: DType, shape: impl AsRef<[usize]>) -> Expr<'a> {
    from_tensor(Tensor::scalar(Scalar::zero(dtype)), Loc::caller()).broadcast_to(shape)
}

/// 1 everywhere.
#[track_caller]
pub fn ones<'a>(dtype: DType, shape: impl AsRef<[usize]>) -> Expr<'a> {
    from_tensor(Tensor::scalar(Scalar::one(dtype)), Loc::caller()).broadcast_to(shape)
}

/// An error where a constant of this shape would not fit in memory.
fn sized<'a>(op: &str, shape: &[usize], loc: Loc, make: impl FnOnce() -> Tensor) -> Expr<'a> {
    match check_size(DType::F64, shape) {
        Ok(()) => from_tensor(make(), loc),
        Err(problem) => Expr::failed(Error { op: op.to_string(), operands: vec![], problem, loc: Some(loc) }),
    }
}

/// The `f64` identity matrix of order `n`.
#[track_caller]
pub fn eye<'a>(n: usize) -> Expr<'a> {
    let loc = Loc::caller();
    sized("eye", &[n, n], loc, || f64::wrap(Array2::<f64>::eye(n).into_dyn()))
}

/// `0, 1, ..., n - 1` as `i64`.
#[track_caller]
pub fn arange<'a>(n: usize) -> Expr<'a> {
    let loc = Loc::caller();
    sized("arange", &[n], loc, || i64::wrap(Array1::from_iter(0..n as i64).into_dyn()))
}

/// `n` values from `start` to `end`, both included, evenly spaced, as `f64`.
#[track_caller]
pub fn linspace<'a>(start: f64, end: f64, n: usize) -> Expr<'a> {
    let loc = Loc::caller();
    match crate::compose::create::linspace(start, end, n, true) {
        Ok(tensor) => from_tensor(tensor, loc),
        Err(problem) => Expr::failed(Error { op: String::from("linspace"), operands: vec![], problem, loc: Some(loc) }),
    }
}

/// NumPy's `where`: `x` where the condition is true, `y` elsewhere. Both are computed.
#[track_caller]
pub fn select<'a>(condition: impl IntoOperand<'a>, x: impl IntoOperand<'a>, y: impl IntoOperand<'a>) -> Expr<'a> {
    elementwise(ElementwiseOp::Where, [condition.into_operand(), x.into_operand(), y.into_operand()])
}

/// The complex array of a real and an imaginary part, which broadcast together.
#[track_caller]
pub fn complex<'a>(re: impl IntoOperand<'a>, im: impl IntoOperand<'a>) -> Expr<'a> {
    elementwise(ElementwiseOp::Complex, [re.into_operand(), im.into_operand()])
}

fn operands<'a>(parts: &[Expr<'a>]) -> Vec<Operand<Expr<'a>>> {
    parts.iter().map(IntoOperand::into_operand).collect()
}

/// Arrays joined along an existing axis.
#[track_caller]
pub fn concat<'a>(parts: &[Expr<'a>], axis: isize) -> Expr<'a> {
    let [result] = Expr::apply("concat", &operands(parts), |lazy, parts| Ok([build::concat(lazy, parts, axis)?]));
    result
}

/// Arrays joined along a new axis; they broadcast together.
#[track_caller]
pub fn stack<'a>(parts: &[Expr<'a>], axis: isize) -> Expr<'a> {
    let [result] = Expr::apply("stack", &operands(parts), |lazy, parts| Ok([build::stack(lazy, parts, axis)?]));
    result
}

/// A matrix of blocks: each row's blocks joined along the last axis, the rows along the one before.
#[track_caller]
pub fn block<'a, R: AsRef<[Expr<'a>]>>(rows: impl AsRef<[R]>) -> Expr<'a> {
    let rows = rows.as_ref();
    let all: Vec<Expr<'a>> = rows.iter().flat_map(|row| row.as_ref().iter().cloned()).collect();
    let [result] = Expr::apply("block", &operands(&all), |lazy, _| {
        let mut joined = Vec::with_capacity(rows.len());
        for row in rows {
            let row = operands(row.as_ref());
            if row.is_empty() {
                return Err(Problem::Arity { expected: 1, found: 0 });
            }
            joined.push(Operand::Value(build::concat(lazy, &row, -1)?));
        }
        Ok([build::concat(lazy, &joined, -2)?])
    });
    result
}
