//! The compiler: a graph becomes a program, a program becomes machine code.
//!
//! [`pipeline`] is the story: graph passes make equal things equal and drop what need not be computed; the [`schedule`]
//! gives each node a kernel or a call and a buffer of its own; program passes fuse the kernels and place the buffers. Every
//! saving is then text that can be read and counted. [`jit`] turns what is left into machine code; this crate alone knows
//! Cranelift.

pub mod body;
pub mod jit;
mod lower;
mod overwrite;
pub mod passes;
pub mod pipeline;
pub mod schedule;

pub use pipeline::Options;
pub use schedule::Layouts;
