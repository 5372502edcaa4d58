//! Functions of the user's: [`Ufunc`] works element by element, [`Gufunc`] on the last axes by a signature; both are Rust
//! code that is called when a program runs. [`TracedUfunc`] is a Rust closure over expressions, of which nothing remains but
//! its ops.
//!
//! A function is made once and called often: two calls of one function (or of its clones) are one computation when their
//! operands are the same; those of functions that are made anew each time are not, and compile anew. It must be pure: it may
//! be called more than once for an element, or not at all. A panic in it is an error of the run, after which everything can
//! be used as before (unless the program is compiled with `panic = "abort"`).

mod gufunc;
mod traced;
mod ufunc;

pub use gufunc::{CoreViews, Gufunc, ReturnedArrays, ReturningViews};
pub use traced::{TracedResults, TracedUfunc};
pub use ufunc::{BlockLoop, ReturnedElements, ScalarLoop, Ufunc};

use super::operators::IntoOperand;
use super::{Expr, Lazy};
use crate::build::{self, Operand};
use crate::custom::{Custom, Implementation};
use crate::error::{Error, Loc, Problem};
use smallvec::{SmallVec, smallvec};

/// Operands of a call: one, an array of some, or a tuple of expressions and scalars.
pub trait Operands<'a> {
    /// Each as an operand.
    fn operands(self) -> SmallVec<[Operand<Expr<'a>>; 3]>;
}

impl<'a, T: IntoOperand<'a>> Operands<'a> for T {
    #[track_caller]
    fn operands(self) -> SmallVec<[Operand<Expr<'a>>; 3]> {
        smallvec![self.into_operand()]
    }
}

impl<'a, T: IntoOperand<'a>, const N: usize> Operands<'a> for [T; N] {
    #[track_caller]
    fn operands(self) -> SmallVec<[Operand<Expr<'a>>; 3]> {
        let mut operands = SmallVec::new();
        for operand in self {
            operands.push(operand.into_operand());
        }
        operands
    }
}

macro_rules! tuples {
    ($(($($ty:ident $operand:ident)*))*) => {$(
        impl<'a, $($ty: IntoOperand<'a>),*> Operands<'a> for ($($ty,)*) {
            #[track_caller]
            fn operands(self) -> SmallVec<[Operand<Expr<'a>>; 3]> {
                let ($($operand,)*) = self;
                let mut operands = SmallVec::new();
                $(operands.push($operand.into_operand());)*
                operands
            }
        }
    )*};
}

tuples! {
    (A a)
    (A a B b)
    (A a B b C c)
    (A a B b C c D d)
    (A a B b C c D d E e)
    (A a B b C c D d E e F f)
    (A a B b C c D d E e F f G g)
    (A a B b C c D d E e F f G g H h)
}

/// The results of a builder, which must be as many as the caller takes.
fn take<'a, const N: usize>(results: impl IntoIterator<Item = Expr<'a>>) -> Result<[Expr<'a>; N], Problem> {
    let results: Vec<Expr<'a>> = results.into_iter().collect();
    results.try_into().map_err(|results: Vec<Expr<'a>>| {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let found = results.len();
        Problem::Usage(format!("has {found} result{}, not the {N} that the call takes", plural(found)))
    })
}

/// A function with its first mistake, which every call of it carries along.
#[derive(Clone, Debug)]
struct Checked {
    name: String,
    function: Result<Custom, Box<Error>>,
}

impl Checked {
    fn new(name: &str, function: Result<Custom, Problem>, loc: Loc) -> Self {
        let name = name.to_string();
        let function = function.map_err(|problem| Box::new(mistake(&name, problem, loc)));
        Checked { name, function }
    }

    fn implement(mut self, loc: Loc, implementation: impl FnOnce(&Custom) -> Result<Implementation, Problem>) -> Self {
        if let Ok(function) = &mut self.function {
            let added = implementation(function).and_then(|implementation| function.implement(implementation));
            if let Err(problem) = added {
                self.function = Err(Box::new(mistake(&self.name, problem, loc)));
            }
        }
        self
    }

    fn matching(mut self) -> Self {
        if let Ok(function) = &mut self.function {
            function.set_matches();
        }
        self
    }

    #[track_caller]
    fn results<'a, const N: usize>(&self, operands: impl Operands<'a>) -> [Expr<'a>; N] {
        match &self.function {
            Ok(function) => {
                let build = |lazy: &mut Lazy<'a>, operands: &[Operand<Expr<'a>>]| {
                    take(build::custom_call(lazy, function, operands)?)
                };
                Expr::define(Loc::caller(), &self.name, &operands.operands(), build)
            }
            Err(error) => {
                let failed = Expr::failed(Error::clone(error));
                std::array::from_fn(|_| failed.clone())
            }
        }
    }
}

fn mistake(name: &str, problem: Problem, loc: Loc) -> Error {
    Error { op: name.to_string(), operands: Vec::new(), problem, loc: Some(loc) }
}

/// What both kinds of function of Rust code have in common.
macro_rules! callable {
    ($name:ident) => {
        impl $name {
            /// The result, of a function that has one. An operand is an expression, or a scalar that takes the others' dtypes.
            ///
            /// The implementation is the first to whose dtypes all operands can be cast safely, as in NumPy.
            #[track_caller]
            pub fn call<'a>(&self, operands: impl super::Operands<'a>) -> super::Expr<'a> {
                let [result] = self.0.results(operands);
                result
            }

            /// The results, as many as the function has.
            #[track_caller]
            pub fn results<'a, const N: usize>(&self, operands: impl super::Operands<'a>) -> [super::Expr<'a>; N] {
                self.0.results(operands)
            }

            /// The function whose results have the dtype of the first operand, whatever the implementation computes: where
            /// it only has a loop for `f64`, an `f32` operand gives an `f32` result.
            pub fn matching_dtype(self) -> Self {
                Self(self.0.matching())
            }

            /// What nodes and programs hold, for readers of text.
            ///
            /// # Errors
            /// The first mistake in its definition.
            pub fn function(&self) -> Result<&crate::custom::Custom, &crate::error::Error> {
                self.0.function.as_ref().map_err(|error| &**error)
            }
        }
    };
}
use callable;
