//! What can go wrong, from an expression to a result. A user's mistakes and a compiler bug are different types.

use evanesce_ir::error::{self as ir, Bug, Loc, RunError};
use evanesce_ir::types::{Strides, Type};
use std::fmt;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// An expression was built wrongly.
    Expr(ir::Error),
    /// A function was called wrongly.
    Call(CallError),
    /// The numbers do not allow it.
    Run(RunError),
    /// Evanesce is at fault.
    Bug(Bug),
}

/// A call that does not fit the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// What does not fit.
    pub problem: CallProblem,
    /// Where the call was written.
    pub loc: Loc,
}

/// How a call does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallProblem {
    /// Wrong number of arrays.
    Count {
        /// `inputs` or `outputs`.
        what: &'static str,
        /// Of the function.
        expected: usize,
        /// Of the call.
        found: usize,
    },
    /// Wrong dtype or shape.
    Type {
        /// The name of the array.
        name: String,
        /// The function's.
        expected: Type,
        /// The call's.
        found: Type,
    },
    /// Strides other than those a program says.
    Strides {
        /// The name of the array.
        name: String,
        /// The program's.
        expected: Strides,
        /// The call's.
        found: Strides,
    },
    /// An array that is written was given by `&`.
    ReadOnly {
        /// The name of the array.
        name: String,
    },
}

impl fmt::Display for CallProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallProblem::Count { what, expected, found } => {
                write!(f, "the function has {expected} {what}, not {found}")
            }
            CallProblem::Type { name, expected, found } => write!(f, "{name} is {expected}, not {found}"),
            CallProblem::Strides { name, expected, found } => {
                write!(f, "{name} has the strides {expected:?} in the program, not {found:?}")
            }
            CallProblem::ReadOnly { name } => write!(f, "{name} is written: give it by `&mut`"),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call: {}\n  at {}", self.problem, self.loc)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Expr(error) => error.fmt(f),
            Error::Call(error) => error.fmt(f),
            Error::Run(error) => error.fmt(f),
            Error::Bug(bug) => bug.fmt(f),
        }
    }
}

impl std::error::Error for CallError {}
impl std::error::Error for Error {}

macro_rules! from {
    ($($variant:ident $ty:ty;)*) => {$(
        impl From<$ty> for Error {
            fn from(error: $ty) -> Self {
                Error::$variant(error)
            }
        }
    )*};
}

from! {
    Expr ir::Error;
    Call CallError;
    Run RunError;
    Bug Bug;
}
