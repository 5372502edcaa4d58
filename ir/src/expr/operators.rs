//! Rust's operators on expressions and scalars. `%` is NumPy's remainder (the sign of the divisor); `&`, `|`, `^`, `!`,
//! `<<` and `>>` are bitwise. On the left of an operator stand `f64`, `i64` and `Complex64` only (`bool` beside bitwise ones): with
//! more, Rust could not infer `2.0 * &x`.

use super::Expr;
use crate::build::{self, Operand, WeakScalar};
use crate::error::Loc;
use crate::ops::ElementwiseOp;
use crate::tensor::{Element, Tensor};
use num_complex::{Complex32, Complex64};
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Shl, Shr, Sub};

/// What stands beside an expression: another one, or a scalar. `f64`, `i32`, `i64`, `bool` and `Complex64` are weak, as Python's
/// scalars are in NumPy: they take the array's dtype. Scalars of other types are arrays of theirs: an `f32` is an `f32`.
pub trait IntoOperand<'a> {
    /// The operand.
    fn into_operand(self) -> Operand<Expr<'a>>;
}

impl<'a> IntoOperand<'a> for Expr<'a> {
    fn into_operand(self) -> Operand<Expr<'a>> {
        Operand::Value(self)
    }
}

impl<'a> IntoOperand<'a> for &Expr<'a> {
    fn into_operand(self) -> Operand<Expr<'a>> {
        Operand::Value(self.clone())
    }
}

macro_rules! strong {
    ($($ty:ty)*) => {$(
        impl<'a> IntoOperand<'a> for $ty {
            #[track_caller]
            fn into_operand(self) -> Operand<Expr<'a>> {
                let tensor = Tensor::scalar(self.to_scalar());
                Operand::Value(super::create::from_tensor(tensor, Loc::caller()))
            }
        }
    )*};
}

strong!(i8 i16 u8 u16 u32 u64 f32 Complex32);

macro_rules! weak {
    ($($ty:ty => $variant:ident $kind:ty;)*) => {$(
        impl<'a> IntoOperand<'a> for $ty {
            fn into_operand(self) -> Operand<Expr<'a>> {
                Operand::Weak(WeakScalar::$variant(<$kind>::from(self)))
            }
        }
    )*};
}

weak! {
    f64 => Float f64;
    i64 => Int i64;
    i32 => Int i64;
    bool => Bool bool;
    Complex64 => Complex Complex64;
}

/// An op of the elementwise table.
#[track_caller]
pub(super) fn elementwise<'a, const N: usize>(op: ElementwiseOp, operands: [Operand<Expr<'a>>; N]) -> Expr<'a> {
    let [result] = Expr::apply(op.name(), &operands, |lazy, operands| Ok([build::elementwise(lazy, op, operands)?]));
    result
}

macro_rules! binary {
    ($($trait:ident $method:ident $build:ident $op:ident [$($scalar:ty),*];)*) => {$(
        impl<'a, R: IntoOperand<'a>> $trait<R> for Expr<'a> {
            type Output = Expr<'a>;
            #[track_caller]
            fn $method(self, right: R) -> Expr<'a> {
                $build(ElementwiseOp::$op, [self.into_operand(), right.into_operand()])
            }
        }

        impl<'a, R: IntoOperand<'a>> $trait<R> for &Expr<'a> {
            type Output = Expr<'a>;
            #[track_caller]
            fn $method(self, right: R) -> Expr<'a> {
                $build(ElementwiseOp::$op, [self.into_operand(), right.into_operand()])
            }
        }

        $(
            impl<'a> $trait<Expr<'a>> for $scalar {
                type Output = Expr<'a>;
                #[track_caller]
                fn $method(self, right: Expr<'a>) -> Expr<'a> {
                    $build(ElementwiseOp::$op, [self.into_operand(), right.into_operand()])
                }
            }

            impl<'a> $trait<&Expr<'a>> for $scalar {
                type Output = Expr<'a>;
                #[track_caller]
                fn $method(self, right: &Expr<'a>) -> Expr<'a> {
                    $build(ElementwiseOp::$op, [self.into_operand(), right.into_operand()])
                }
            }
        )*
    )*};
}

binary! {
    Add add elementwise Add [f64, i64, Complex64];
    Sub sub elementwise Subtract [f64, i64, Complex64];
    Mul mul elementwise Multiply [f64, i64, Complex64];
    Div div elementwise Divide [f64, i64, Complex64];
    Rem rem elementwise Remainder [f64, i64];
    BitAnd bitand elementwise BitwiseAnd [bool, i64];
    BitOr bitor elementwise BitwiseOr [bool, i64];
    BitXor bitxor elementwise BitwiseXor [bool, i64];
    Shl shl elementwise LeftShift [i64];
    Shr shr elementwise RightShift [i64];
}

macro_rules! unary {
    ($($trait:ident $method:ident $build:ident $op:ident;)*) => {$(
        impl<'a> $trait for Expr<'a> {
            type Output = Expr<'a>;
            #[track_caller]
            fn $method(self) -> Expr<'a> {
                $build(ElementwiseOp::$op, [self.into_operand()])
            }
        }

        impl<'a> $trait for &Expr<'a> {
            type Output = Expr<'a>;
            #[track_caller]
            fn $method(self) -> Expr<'a> {
                $build(ElementwiseOp::$op, [self.into_operand()])
            }
        }
    )*};
}

unary! {
    Neg neg elementwise Negative;
    Not not elementwise Invert;
}
