//! Evanesce: the temporaries vanish.
pub use evanesce_compiler as compiler;
pub use evanesce_ir as ir;
pub use evanesce_runtime as runtime;

pub use evanesce_ir::error::{Bug, RunError, RunErrorKind};
pub use evanesce_ir::expr::{self, Expr, Tracer};
pub use evanesce_ir::facts::Facts;
pub use evanesce_ir::tensor::{Tensor, TensorView, TensorViewMut};
pub use evanesce_ir::types::DType;
pub use evanesce_runtime::{Arg, Engine, Error, Eval, Function, args, evaluate};

/// What nearly every program uses.
pub mod prelude {
    pub use crate::expr::{arange, block, concat, constant, eye, full, linspace, ones, select, stack, zeros};
    pub use crate::{Arg, DType, Error, Eval, Expr, Facts, Function, Tensor, Tracer, args, evaluate};
    pub use ndarray::{self, s};
}
