//! NumPy's functions that are made of others, once for every front end. What a composition computes in between is fused
//! away like anything else.

mod bessel;
pub mod complex;
mod correlate;
mod count;
pub mod create;
mod elementwise;
mod forms;
mod frame;
mod mask;
mod neighbours;
mod options;
mod pick;
mod places;
mod quantile;
mod reduce;
mod scan;
mod shape;
mod ufunc;
mod weighted;

pub use bessel::i0;
pub use correlate::*;
pub use count::*;
pub use elementwise::*;
pub use forms::*;
pub use frame::{Frame, PadStatistic, pad_with};
pub use mask::*;
pub use neighbours::{diff_with, ediff1d_with, gradient_second_order, unwrap};
pub use options::*;
pub use pick::*;
pub use places::{choose_first, ravel_multi_index, triangle, unravel_index};
pub use quantile::*;
pub use reduce::*;
pub use scan::*;
pub use shape::*;
pub use ufunc::{outer_by, reduce_by, reduceat};
pub use weighted::*;

use count::iota;

use crate::build::{self, Build, Operand, WeakScalar};
use crate::error::Problem;
use crate::ops::ElementwiseOp;
use crate::tensor::Scalar;
use crate::types::DType;

/// An operand of a composition: a value that is there, or a weak number.
trait Part<V> {
    fn part(self) -> Operand<V>;
}

impl<V: Clone> Part<V> for &V {
    fn part(self) -> Operand<V> {
        Operand::Value(self.clone())
    }
}

impl<V> Part<V> for Operand<V> {
    fn part(self) -> Operand<V> {
        self
    }
}

impl<V> Part<V> for f64 {
    fn part(self) -> Operand<V> {
        Operand::Weak(WeakScalar::Float(self))
    }
}

impl<V> Part<V> for i64 {
    fn part(self) -> Operand<V> {
        Operand::Weak(WeakScalar::Int(self))
    }
}

fn unary<B: Build>(b: &mut B, op: ElementwiseOp, x: &B::Value) -> Result<B::Value, Problem> {
    build::elementwise(b, op, &[x.part()])
}

fn binary<B: Build>(
    b: &mut B,
    op: ElementwiseOp,
    x: impl Part<B::Value>,
    y: impl Part<B::Value>,
) -> Result<B::Value, Problem> {
    build::elementwise(b, op, &[x.part(), y.part()])
}

fn select<B: Build>(
    b: &mut B,
    condition: &B::Value,
    x: impl Part<B::Value>,
    y: impl Part<B::Value>,
) -> Result<B::Value, Problem> {
    build::elementwise(b, ElementwiseOp::Where, &[condition.part(), x.part(), y.part()])
}

/// The value in the inexact dtype of its mean: integers as `f64`.
fn floating<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    build::cast(b, x, dtype.to_float())
}

/// The value in the floating dtype of NumPy's loop for it; there is none for complex numbers.
fn real_loop<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let dtype = b.ty(x).dtype;
    if dtype.is_complex() {
        return Err(Problem::NoLoop { dtype });
    }
    build::cast(b, x, dtype.float_loop())
}

/// A number, computed in the precision of a floating dtype, as a value of that dtype.
fn number<B: Build>(b: &mut B, dtype: DType, f64: f64, f32: f32) -> Result<B::Value, Problem> {
    build::scalar(b, if dtype == DType::F32 { Scalar::F32(f32) } else { Scalar::F64(f64) })
}
