//! The runtime: arrays in, arrays out.
//!
//! Two doors, one engine. [`Eval`] evaluates lazy expressions; [`Function`] is traced once and called thousands of times.
//! Behind both an [`Executable`] holds a program, its machine code and a plan of its calls; it runs in a [`Memory`] that is
//! allocated once. [`blas`] and [`small`] are the linear algebra; this crate alone knows BLAS and
//! LAPACK, which it reaches through `backend`.

pub mod args;
#[doc(hidden)]
pub mod backend;
pub mod blas;
mod call;
mod custom;
pub mod engine;
pub mod error;
pub mod executable;
pub mod function;
pub mod linalg;
pub mod masks;
pub mod memory;
mod order;
mod scatter;
pub mod sets;
pub mod small;
mod stacks;
pub mod unique;

pub use args::Arg;
pub use engine::{Engine, Eval, evaluate};
pub use error::{CallError, Error};
pub use executable::{Executable, Options};
pub use function::Function;
pub use masks::{argwhere, boolean_index, compress, extract, flatnonzero, nonzero, trim_zeros};
pub use memory::Memory;
pub use sets::{intersect1d, setdiff1d, setxor1d, union1d};
pub use unique::{Unique, unique, unique_all};
