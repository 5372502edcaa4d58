//! The op tables. A row reaches everything that is known of an op: text name, NumPy name, dtype rule, shape rule, reference
//! evaluator, lowering kind. Node formats are few ([`crate::graph::Node`]); ops are many.

pub mod elementwise;
pub mod linalg;
pub mod math;
pub mod reduce;

pub use elementwise::ElementwiseOp;
pub use linalg::LinalgOp;
pub use reduce::ReduceOp;

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
];

/// The ops that are made of others: name, NumPy name, arity, doc.
pub const COMPOSITE: &[(&str, &str, Option<usize>, &str)] = &[
    ("mean", "numpy.mean", Some(1), "The sum divided by the count"),
    ("trace", "numpy.linalg.trace", Some(1), "The sum of a diagonal of the last two axes"),
    ("stack", "numpy.stack", None, "Arrays joined along a new axis"),
    ("expand_dims", "numpy.expand_dims", Some(1), "A new axis of size 1"),
    ("squeeze", "numpy.squeeze", Some(1), "Axes of size 1 removed"),
    ("matrix_transpose", "numpy.matrix_transpose", Some(1), "The last two axes exchanged"),
    ("einsum", "numpy.einsum", None, "Sums over subscripts of products, in the cheapest order of pairs"),
    ("dot", "numpy.dot", Some(2), "Sums over the last axis of one and the last but one of the other"),
    ("vdot", "numpy.vdot", Some(2), "The sum of the products of all elements"),
    ("inner", "numpy.inner", Some(2), "Sums of products over the last axes"),
    ("outer", "numpy.outer", Some(2), "The products of all pairs of elements"),
    ("kron", "numpy.kron", Some(2), "Blocks of the second, scaled by the elements of the first"),
    ("tensordot", "numpy.tensordot", Some(2), "Sums of products over pairs of axes"),
    ("vecdot", "numpy.vecdot", Some(2), "Sums of products along an axis of both"),
    ("matvec", "numpy.matvec", Some(2), "Matrices times vectors"),
    ("vecmat", "numpy.vecmat", Some(2), "Vectors times matrices"),
    ("linalg.cross", "numpy.linalg.cross", Some(2), "The cross product of vectors of three"),
    ("linalg.multi_dot", "numpy.linalg.multi_dot", None, "A chain of products in the cheapest order"),
    ("linalg.matrix_power", "numpy.linalg.matrix_power", Some(1), "An integer power, a negative one of the inverse"),
    (
        "linalg.lstsq",
        "numpy.linalg.lstsq",
        Some(2),
        "Least squares by singular values: solution, residuals, rank, values",
    ),
    ("linalg.pinv", "numpy.linalg.pinv", Some(1), "The Moore-Penrose inverse"),
    ("linalg.matrix_rank", "numpy.linalg.matrix_rank", Some(1), "The number of singular values that are not small"),
    ("linalg.cond", "numpy.linalg.cond", Some(1), "The condition number in a norm"),
    ("linalg.norm", "numpy.linalg.norm", Some(1), "The norm of vectors or matrices"),
    ("linalg.vector_norm", "numpy.linalg.vector_norm", Some(1), "The p-norm over axes"),
    ("linalg.matrix_norm", "numpy.linalg.matrix_norm", Some(1), "The norm of the matrices in the last two axes"),
    ("linalg.tensorsolve", "numpy.linalg.tensorsolve", Some(2), "The solution of a tensor equation"),
    ("linalg.tensorinv", "numpy.linalg.tensorinv", Some(1), "The inverse of a tensor as a linear map"),
    ("linalg.cho_solve", "scipy.linalg.cho_solve", Some(2), "The solution by a Cholesky factor"),
];

/// Every op of every table, in the order of the tables.
pub fn all() -> Vec<OpInfo> {
    let mut ops: Vec<OpInfo> = ElementwiseOp::ALL.iter().map(|op| op.info()).collect();
    ops.extend(ReduceOp::ALL.iter().map(|op| op.info()));
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
    ops.extend(COMPOSITE.iter().map(|&(name, numpy, arity, doc)| OpInfo {
        name,
        numpy,
        arity,
        dtypes: DType::ALL.into_iter().filter(|d| d.is_float() || !name.starts_with("linalg.")).collect(),
        kind: "composite",
        doc,
    }));
    ops
}
