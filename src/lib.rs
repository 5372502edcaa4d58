#![doc = include_str!("../README.md")]
//!
//! # The numerical contract
//! 1. Elementwise results have the bits that evaluating node by node in the declared dtype gives. Fusion, common
//!    subexpressions, views and in-place writes never change one; there is no contraction to fused multiply-adds and no
//!    reassociation. (Payloads and signs of NaNs are not specified: `signbit` and
//!    `copysign` take every NaN as positive.)
//! 2. A reduction has one order, defined in [`ir::ops::reduce`]: blocked and pairwise, so accurate, and dependent on sizes
//!    alone. The bits are the same on any number of threads and at any vector width.
//! 3. Linear algebra is defined up to rounding: the routine follows the sizes and what is known of the matrix, its kernels may
//!    fuse multiply-adds, as BLAS does, and the library may sum in another order on more threads, where they are asked for.
//! 4. Elementary functions are within 1 ULP (`erfc`, the gamma family and `logaddexp` within 2 on the values of `tests/numpy`),
//!    with the special cases of C99 and NumPy. Constant folding, the interpreter and compiled code agree on every bit.
//! 5. NaN is never optimised away (`x * 0`, `x - x`). Integer arithmetic wraps; integer division by zero is 0, a float that is
//!    cast to an integer saturates and NaN becomes 0; nothing traps.

pub use evanesce_compiler as compiler;
pub use evanesce_ir as ir;
pub use evanesce_runtime as runtime;

pub use evanesce_ir::error::{Bug, RunError, RunErrorKind};
pub use evanesce_ir::expr::{self, Expr, Gufunc, TracedUfunc, Tracer, Ufunc};
pub use evanesce_ir::facts::Facts;
pub use evanesce_ir::num_complex;
pub use evanesce_ir::tensor::{Tensor, TensorView, TensorViewMut};
pub use evanesce_ir::types::DType;
pub use evanesce_runtime::linalg;
pub use evanesce_runtime::{Arg, Engine, Error, Eval, Function, Unique, args, evaluate, unique, unique_all};
pub use evanesce_runtime::{argwhere, boolean_index, compress, extract, flatnonzero, nonzero, trim_zeros};
pub use evanesce_runtime::{intersect1d, setdiff1d, setxor1d, union1d};

/// What nearly every program uses.
pub mod prelude {
    pub use crate::expr::{Gufunc, TracedUfunc, Ufunc, stack, tri, vstack, zeros};
    pub use crate::expr::{
        arange, block, complex, concat, constant, einsum, eye, full, hstack, linspace, meshgrid, ones, select,
    };
    pub use crate::{Arg, DType, Error, Eval, Expr, Facts, Function, Tensor, Tracer, args, evaluate};
    pub use evanesce_ir::num_complex::{Complex32, Complex64};
    pub use ndarray::{self, s};
}
