//! runtime

pub mod blas;
pub mod small;
