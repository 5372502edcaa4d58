//! Formulas over real values, written as formulas: operators push nodes, and what goes wrong is kept until the end.

use crate::build::{self, Build, Operand, WeakScalar};
use crate::compose::Part;
use crate::error::Problem;
use crate::ops::ElementwiseOp;
use crate::types::DType;
use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The place formulas push to.
pub(super) struct Sheet<'b, B: Build> {
    state: RefCell<State<'b, B>>,
    /// The dtype of the parts.
    pub(super) dtype: DType,
}

struct State<'b, B: Build> {
    b: &'b mut B,
    values: Vec<B::Value>,
    failed: Option<Problem>,
}

/// A real value, or a truth value, of a sheet.
pub(super) struct Real<'s, 'b, B: Build> {
    sheet: &'s Sheet<'b, B>,
    at: usize,
}

impl<B: Build> Clone for Real<'_, '_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B: Build> Copy for Real<'_, '_, B> {}

/// A complex value as its parts.
pub(super) type Parts<'s, 'b, B> = [Real<'s, 'b, B>; 2];

impl<'b, B: Build> Sheet<'b, B> {
    pub(super) fn new(b: &'b mut B, dtype: DType) -> Self {
        Self { state: RefCell::new(State { b, values: Vec::new(), failed: None }), dtype }
    }

    fn keep(&self, result: Result<B::Value, Problem>) -> Real<'_, 'b, B> {
        let mut state = self.state.borrow_mut();
        match result {
            Ok(value) => state.values.push(value),
            // What follows is thrown away: any value will do.
            Err(problem) => drop(state.failed.get_or_insert(problem)),
        }
        Real { sheet: self, at: state.values.len().saturating_sub(1) }
    }

    /// The parts of a complex value.
    pub(super) fn parts(&self, z: &B::Value) -> Parts<'_, 'b, B> {
        [ElementwiseOp::Real, ElementwiseOp::Imag].map(|op| {
            let part = build::elementwise(self.state.borrow_mut().b, op, &[z.part()]);
            self.keep(part)
        })
    }

    /// A number in the dtype of the parts.
    pub(super) fn number(&self, f64: f64, f32: f32) -> Real<'_, 'b, B> {
        let number = super::super::number(self.state.borrow_mut().b, self.dtype, f64, f32);
        self.keep(number)
    }

    fn push(&self, op: ElementwiseOp, operands: &[Term<'_, '_, B>]) -> Real<'_, 'b, B> {
        let result = {
            let mut state = self.state.borrow_mut();
            match &state.failed {
                Some(problem) => Err(problem.clone()),
                None => {
                    let operands: Vec<Operand<B::Value>> = operands
                        .iter()
                        .map(|term| match term {
                            Term::Value(real) => Operand::Value(state.values[real.at].clone()),
                            Term::Number(x) => Operand::Weak(WeakScalar::Float(*x)),
                        })
                        .collect();
                    build::elementwise(state.b, op, &operands)
                }
            }
        };
        self.keep(result)
    }

    /// The first thing that went wrong, or the value.
    pub(super) fn finish(&self, result: Real<'_, '_, B>) -> Result<B::Value, Problem> {
        let state = self.state.borrow();
        match &state.failed {
            Some(problem) => Err(problem.clone()),
            None => Ok(state.values[result.at].clone()),
        }
    }

    /// The complex value of two parts.
    pub(super) fn join(&self, [re, im]: Parts<'_, '_, B>) -> Result<B::Value, Problem> {
        let z = self.push(ElementwiseOp::Complex, &[re.into(), im.into()]);
        self.finish(z)
    }
}

/// An operand of a formula.
pub(super) enum Term<'s, 'b, B: Build> {
    Value(Real<'s, 'b, B>),
    Number(f64),
}

impl<'s, 'b, B: Build> From<Real<'s, 'b, B>> for Term<'s, 'b, B> {
    fn from(real: Real<'s, 'b, B>) -> Self {
        Term::Value(real)
    }
}

impl<B: Build> From<f64> for Term<'_, '_, B> {
    fn from(x: f64) -> Self {
        Term::Number(x)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $op:ident;)*) => {
        $(
            impl<'s, 'b, B: Build, T: Into<Term<'s, 'b, B>>> $trait<T> for Real<'s, 'b, B> {
                type Output = Real<'s, 'b, B>;

                fn $method(self, other: T) -> Self {
                    self.sheet.push(ElementwiseOp::$op, &[self.into(), other.into()])
                }
            }

            impl<'s, 'b, B: Build> $trait<Real<'s, 'b, B>> for f64 {
                type Output = Real<'s, 'b, B>;

                fn $method(self, other: Real<'s, 'b, B>) -> Real<'s, 'b, B> {
                    other.sheet.push(ElementwiseOp::$op, &[self.into(), other.into()])
                }
            }
        )*
    };
}

operators! {
    Add add Add;
    Sub sub Subtract;
    Mul mul Multiply;
    Div div Divide;
}

impl<B: Build> Neg for Real<'_, '_, B> {
    type Output = Self;

    fn neg(self) -> Self {
        self.sheet.push(ElementwiseOp::Negative, &[self.into()])
    }
}

macro_rules! methods {
    ($(unary $name:ident $op:ident;)* $(=> binary $binary:ident $binary_op:ident;)*) => {
        impl<'s, 'b, B: Build> Real<'s, 'b, B> {
            $(pub(super) fn $name(self) -> Self { self.sheet.push(ElementwiseOp::$op, &[self.into()]) })*

            $(pub(super) fn $binary(self, other: impl Into<Term<'s, 'b, B>>) -> Self {
                self.sheet.push(ElementwiseOp::$binary_op, &[self.into(), other.into()])
            })*

            /// The place that formulas of this value push to.
            pub(super) fn sheet(self) -> &'s Sheet<'b, B> {
                self.sheet
            }

            /// `x` where this is true, `y` elsewhere.
            pub(super) fn choose(
                self,
                x: impl Into<Term<'s, 'b, B>>,
                y: impl Into<Term<'s, 'b, B>>,
            ) -> Self {
                let (x, y) = match (x.into(), y.into()) {
                    // Two weak numbers have no dtype to take.
                    (Term::Number(x), y @ Term::Number(_)) => (self.sheet.number(x, x as f32).into(), y),
                    terms => terms,
                };
                self.sheet.push(ElementwiseOp::Where, &[self.into(), x, y])
            }
        }
    };
}

methods! {
    unary abs Absolute;
    unary sqrt Sqrt;
    unary exp Exp;
    unary expm1 Expm1;
    unary log Log;
    unary log1p Log1p;
    unary sin Sin;
    unary cos Cos;
    unary tan Tan;
    unary sinh Sinh;
    unary cosh Cosh;
    unary asinh Arcsinh;
    unary rint Rint;
    unary is_finite Isfinite;
    unary is_infinite Isinf;
    unary is_nan Isnan;
    unary not LogicalNot;
    => binary hypot Hypot;
    => binary atan2 Arctan2;
    => binary copysign Copysign;
    => binary maximum Maximum;
    => binary minimum Minimum;
    => binary equal Equal;
    => binary not_equal NotEqual;
    => binary less Less;
    => binary less_equal LessEqual;
    => binary greater Greater;
    => binary greater_equal GreaterEqual;
    => binary and LogicalAnd;
    => binary or LogicalOr;
    => binary xor LogicalXor;
}
