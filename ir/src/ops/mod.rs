//! The op tables. A row reaches everything that is known of an op: text name, NumPy name, dtype rule, shape rule, reference
//! evaluator, lowering kind. Node formats are few ([`crate::graph::Node`]); ops are many.

pub mod composed;
pub mod elementwise;
pub mod integer;
pub mod linalg;
pub mod math;
pub mod order;
pub mod reduce;
pub mod routine;
pub mod scan;
pub mod special;

pub use composed::{ALIASES, COMPOSED};
pub use elementwise::ElementwiseOp;
pub use linalg::LinalgOp;
pub use order::OrderOp;
pub use reduce::ReduceOp;
pub use routine::Routine;

use crate::types::DType;

/// One line of `evanesce ops`.
#[derive(Clone, Debug)]
pub struct OpInfo {
    /// The name in `.ir` text.
    pub name: &'static str,
    /// The name in NumPy.
    pub numpy: &'static str,
    /// Number of array operands; `None` when any number is taken.
    pub arity: Option<usize>,
    /// Operand dtypes with a loop of their own.
    pub dtypes: Vec<DType>,
    /// The node format.
    pub kind: &'static str,
    /// One line about it.
    pub doc: &'static str,
}

/// The ops that are node formats of their own: name, NumPy name, arity, kind, doc.
pub const STRUCTURAL: &[(&str, &str, Option<usize>, &str, &str)] = &[
    ("input", "", Some(0), "input", "An array given by the caller, `%x: f64[3]`, with facts after the type"),
    ("constant", "numpy.array", Some(0), "constant", "An array known at compile time"),
    (
        "astype",
        "numpy.astype",
        Some(1),
        "cast",
        "Conversion to another dtype; floats to integers saturate, NaN becomes 0",
    ),
    ("transpose", "numpy.transpose", Some(1), "view", "The axes permuted"),
    ("reshape", "numpy.reshape", Some(1), "view", "The same elements in row-major order in another shape"),
    ("broadcast_to", "numpy.broadcast_to", Some(1), "view", "The array repeated along axes of size 1"),
    ("slice", "ndarray.__getitem__", Some(1), "view", "`start:stop:step` per axis, steps of either sign"),
    ("diagonal", "numpy.linalg.diagonal", Some(1), "view", "The main diagonals of the last two axes"),
    ("assume", "", Some(1), "view", "The array itself, with facts the caller vouches for"),
    ("concat", "numpy.concat", None, "concat", "Arrays joined along an existing axis"),
    (
        "take",
        "numpy.take",
        Some(2),
        "gather",
        "Elements along an axis by integer index; negative indices count from the end",
    ),
    (
        "accumulate",
        "numpy.ufunc.accumulate",
        Some(1),
        "scan",
        "The results of an op of two operands, `op=`, along an axis, one by one",
    ),
    ("custom", "numpy.frompyfunc", None, "custom", "A function of the user's, by its name between quotation marks"),
    (
        "with_slice",
        "ndarray.__setitem__",
        Some(2),
        "update",
        "The array with another in place of a slice of it, `%x, [1:3], %y`",
    ),
    (
        "put",
        "numpy.put",
        None,
        "update",
        "The array with elements put (or combined by `op=`) at integer indices, in order",
    ),
];

/// The kind of what is made of other ops.
pub const COMPOSITION: &str = "composite";

/// Every op of every table, in the order of the tables, and the compositions.
pub fn all() -> Vec<OpInfo> {
    let mut ops: Vec<OpInfo> = ElementwiseOp::ALL.iter().map(|op| op.info()).collect();
    ops.extend(ReduceOp::ALL.iter().map(|op| op.info()));
    let first = |op: &&OrderOp| OrderOp::from_name(op.name()) == Some(**op);
    ops.extend(OrderOp::ALL.iter().filter(first).map(|op| op.info()));
    let first = |op: &&LinalgOp| LinalgOp::from_name(op.name()) == Some(**op);
    ops.extend(LinalgOp::ALL.iter().filter(first).map(|op| op.info()));
    ops.extend(STRUCTURAL.iter().map(|&(name, numpy, arity, kind, doc)| OpInfo {
        name,
        numpy,
        arity,
        dtypes: DType::ALL.to_vec(),
        kind,
        doc,
    }));
    ops.extend(COMPOSED.iter().map(|&(name, numpy, arity, doc)| OpInfo {
        name,
        numpy,
        arity,
        dtypes: composed::dtypes(name),
        kind: COMPOSITION,
        doc,
    }));
    ops
}
