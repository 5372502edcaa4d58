//! Errors as data. A user's mistake ([`Error`]) names the op, the operand types and the place that built it; a failure of
//! the numbers at run time ([`RunError`]) names the op too; a broken invariant of ours is a [`Bug`], another type.

use crate::types::{DType, Type, display_shape};
use std::fmt;
use std::panic::Location;

/// Where a node was written, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Loc {
    /// The user's Rust code or a line of `.ir` text.
    pub place: Place,
    /// The op that the user wrote, where the node is a part of what it is made of.
    pub op: Option<&'static str>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Caught by `#[track_caller]`.
    Rust(&'static Location<'static>),
    /// 1-based.
    Text {
        /// Line of the file.
        line: u32,
        /// Column of the line, in characters.
        column: u32,
    },
}

impl Loc {
    /// The caller's place.
    #[track_caller]
    pub fn caller() -> Loc {
        Loc::from(Location::caller())
    }

    /// A place in `.ir` text.
    pub fn text(line: u32, column: u32) -> Loc {
        Loc { place: Place::Text { line, column }, op: None }
    }

    /// The place, of a part of an op.
    pub fn within(self, op: &'static str) -> Loc {
        Loc { op: Some(op), ..self }
    }
}

impl From<&'static Location<'static>> for Loc {
    fn from(at: &'static Location<'static>) -> Loc {
        Loc { place: Place::Rust(at), op: None }
    }
}

impl fmt::Display for Loc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Rust(at) => write!(f, "{}:{}:{}", at.file(), at.line(), at.column()),
            Place::Text { line, column } => write!(f, "line {line}, column {column}"),
        }
    }
}

/// What is wrong with an op's operands or parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// More axes than [`MAX_RANK`](crate::types::MAX_RANK).
    Rank {
        /// Axes asked for.
        rank: usize,
        /// The limit.
        limit: usize,
    },
    /// The bytes of the array do not fit in `isize`.
    TooLarge {
        /// The type asked for.
        ty: Type,
    },
    /// Wrong number of operands.
    Arity {
        /// The op's number.
        expected: usize,
        /// The number given.
        found: usize,
    },
    /// Shapes that do not broadcast together.
    Broadcast,
    /// The op has no loop for this dtype.
    NoLoop {
        /// The promoted dtype of the operands.
        dtype: DType,
    },
    /// A weak integer beside an array whose dtype cannot hold it.
    OutOfRange {
        /// The integer.
        value: i64,
        /// The array's dtype.
        dtype: DType,
    },
    /// Operands that should have one dtype have several (text only; builders insert casts).
    MixedDTypes,
    /// An axis outside `-rank..rank`.
    Axis {
        /// As given.
        axis: isize,
        /// Of the operand.
        rank: usize,
    },
    /// An axis given twice.
    DuplicateAxis {
        /// The axis.
        axis: usize,
    },
    /// Not a permutation of the operand's axes.
    Permutation {
        /// As given.
        axes: Vec<isize>,
    },
    /// The number of elements differs, or `-1` cannot be resolved.
    Reshape {
        /// As given, `-1` included.
        shape: Vec<isize>,
    },
    /// The operand cannot be broadcast to this shape.
    BroadcastTo {
        /// The shape asked for.
        shape: Vec<usize>,
    },
    /// More slices than axes, a zero step, or an index out of bounds.
    Slice(String),
    /// Shapes differ outside the concatenation axis, or there is nothing to concatenate.
    Concat {
        /// The axis.
        axis: usize,
    },
    /// A reduction without identity over no elements.
    EmptyReduction,
    /// The operands' core shapes do not match the op's signature.
    Signature {
        /// Such as `(m,m),(m,n)->(m,n)`.
        signature: &'static str,
    },
    /// A scalar that the array's dtype cannot hold.
    ScalarRange {
        /// The scalar as written.
        scalar: String,
        /// The array's dtype.
        dtype: DType,
    },
    /// Integers cannot be raised to a negative power.
    NegativePower,
    /// An index of `take` is outside `-n..n`.
    Index {
        /// The index.
        index: i64,
        /// The size of the axis.
        size: usize,
    },
    /// Values of two tracers or of none were mixed, an input was declared twice, and kin.
    Usage(String),
    /// The operands' last axes do not match the signature of a function of the user's.
    CoreDimensions {
        /// Such as `(m,n),(n)->(m)`.
        signature: String,
        /// What does not match.
        what: String,
    },
    /// No implementation of a function of the user's takes operands of these dtypes.
    NoImplementation {
        /// Those there are, such as `(f64, f64) -> f64`.
        known: Vec<String>,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Rank { rank, limit } => write!(f, "{rank} axes are more than the {limit} an array may have"),
            Problem::TooLarge { ty } => write!(f, "an array {ty} is larger than the address space"),
            Problem::Arity { expected, found } => write!(f, "takes {expected} operands, not {found}"),
            Problem::Broadcast => f.write_str("the shapes cannot be broadcast together"),
            Problem::NoLoop { dtype } => write!(f, "not defined for {dtype}"),
            Problem::OutOfRange { value, dtype } => write!(f, "the integer {value} is out of range for {dtype}"),
            Problem::MixedDTypes => f.write_str("the operands have different dtypes"),
            Problem::Axis { axis, rank } => write!(f, "axis {axis} is out of bounds for an array with {rank} axes"),
            Problem::DuplicateAxis { axis } => write!(f, "axis {axis} is given twice"),
            Problem::Permutation { axes } => write!(f, "{axes:?} is not a permutation of the axes"),
            Problem::Reshape { shape } => write!(f, "cannot reshape to {shape:?}"),
            Problem::BroadcastTo { shape } => write!(f, "cannot broadcast to {}", display_shape(shape)),
            Problem::Slice(what) => f.write_str(what),
            Problem::Concat { axis } => write!(f, "the shapes must agree in every axis but axis {axis}"),
            Problem::EmptyReduction => f.write_str("no elements to reduce and the reduction has no identity"),
            Problem::Signature { signature } => write!(f, "the last axes do not fit the signature {signature}"),
            Problem::ScalarRange { scalar, dtype } => write!(f, "the scalar {scalar} is out of range for {dtype}"),
            Problem::NegativePower => f.write_str("integers to negative integer powers are not allowed"),
            Problem::Index { index, size } => write!(f, "index {index} is out of bounds for an axis of size {size}"),
            Problem::Usage(what) => f.write_str(what),
            Problem::CoreDimensions { signature, what } => write!(f, "{what}; the signature is {signature}"),
            Problem::NoImplementation { known } if known.is_empty() => {
                f.write_str("the function has no implementation")
            }
            Problem::NoImplementation { known } => {
                write!(f, "no implementation takes these dtypes; there are {}", known.join(", "))
            }
        }
    }
}

/// A user's mistake in building an expression: `op: problem`, the operands, the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The op's name in text.
    pub op: String,
    /// The operands' types, in order.
    pub operands: Vec<Type>,
    /// What is wrong.
    pub problem: Problem,
    /// Where the op was written.
    pub loc: Option<Loc>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.op, self.problem)?;
        if !self.operands.is_empty() {
            f.write_str("\n  operands: ")?;
            crate::types::list(f, &self.operands)?;
        }
        if let Some(loc) = self.loc {
            write!(f, "\n  at {loc}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// A failure of the numbers while running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunError {
    /// The name in text of the op that the user wrote.
    pub op: String,
    /// What happened.
    pub kind: RunErrorKind,
    /// Where the op was written.
    pub loc: Option<Loc>,
}

impl RunError {
    /// The error of an op, or of the one that it is a part of.
    pub fn new(op: &str, kind: RunErrorKind, loc: Option<Loc>) -> RunError {
        RunError { op: loc.and_then(|loc| loc.op).unwrap_or(op).to_string(), kind, loc }
    }
}

/// What can happen while running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunErrorKind {
    /// A pivot is exactly zero.
    Singular {
        /// 1-based position of the zero pivot.
        pivot: usize,
        /// Which matrix of a stack, in row-major order of the leading axes.
        batch_index: usize,
    },
    /// A leading minor is not positive.
    NotPositiveDefinite {
        /// Order of the minor.
        order: usize,
        /// Which matrix of a stack, in row-major order of the leading axes.
        batch_index: usize,
    },
    /// A factorisation that iterates was given NaN or infinity.
    NotFinite {
        /// Which matrix of a stack, in row-major order of the leading axes.
        batch_index: usize,
    },
    /// An iteration for eigenvalues or singular values did not end.
    NoConvergence {
        /// Which matrix of a stack, in row-major order of the leading axes.
        batch_index: usize,
    },
    /// What is asked for has no real solution, or more than one.
    NoSolution {
        /// Which matrix of a stack, in row-major order of the leading axes.
        batch_index: usize,
    },
    /// An index outside `-size..size`.
    Index {
        /// The index.
        index: i64,
        /// The size of the axis.
        size: usize,
    },
    /// An integer was raised to a negative power.
    NegativePower,
    /// Memory for intermediates or results could not be had.
    OutOfMemory {
        /// The bytes asked for.
        bytes: usize,
    },
    /// A function of the user's panicked.
    Panicked {
        /// What it said.
        message: String,
    },
    /// A function of the user's returned an array of another shape.
    ResultShape {
        /// Which result.
        result: usize,
        /// By the signature.
        expected: Vec<usize>,
        /// The array's.
        found: Vec<usize>,
    },
}

impl fmt::Display for RunErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stack = |f: &mut fmt::Formatter<'_>, index: usize| match index {
            0 => Ok(()),
            _ => write!(f, " (matrix {index} of the stack)"),
        };
        match *self {
            RunErrorKind::Singular { pivot, batch_index } => {
                write!(f, "the matrix is singular: pivot {pivot} is zero")?;
                stack(f, batch_index)
            }
            RunErrorKind::NotPositiveDefinite { order, batch_index } => {
                write!(f, "the matrix is not positive definite: the leading minor of order {order} is not positive")?;
                stack(f, batch_index)
            }
            RunErrorKind::NotFinite { batch_index } => {
                f.write_str("the matrix has an element that is NaN or infinite")?;
                stack(f, batch_index)
            }
            RunErrorKind::NoConvergence { batch_index } => {
                f.write_str("the iteration did not converge")?;
                stack(f, batch_index)
            }
            RunErrorKind::NoSolution { batch_index } => {
                f.write_str("there is no real solution, or more than one")?;
                stack(f, batch_index)
            }
            RunErrorKind::Index { index, size } => {
                write!(f, "index {index} is out of bounds for an axis of size {size}")
            }
            RunErrorKind::NegativePower => f.write_str("integers to negative integer powers are not allowed"),
            RunErrorKind::OutOfMemory { bytes } => write!(f, "cannot allocate {bytes} bytes"),
            RunErrorKind::Panicked { ref message } => write!(f, "the function panicked: {message}"),
            RunErrorKind::ResultShape { result, ref expected, ref found } => {
                let (expected, found) = (display_shape(expected), display_shape(found));
                write!(f, "result {result} of the function has the shape {found}, not {expected}")
            }
        }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.op, self.kind)?;
        if let Some(loc) = self.loc {
            write!(f, "\n  at {loc}")?;
        }
        Ok(())
    }
}

impl std::error::Error for RunError {}

/// A broken invariant: never the user's fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bug {
    /// The pass or stage that broke it.
    pub stage: String,
    /// What is broken, with the text around it.
    pub message: String,
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is a bug in Evanesce, please report it: after {}: {}", self.stage, self.message)
    }
}

impl std::error::Error for Bug {}
