//! Reference interpreters of both languages: simple, slow, the definition of what compiled code must compute.

mod custom;
mod graph;
pub mod linalg;
mod program;

pub use graph::{node, run as graph};
pub use program::run as program;

use crate::error::{Bug, RunError, RunErrorKind};
use crate::types::row_major;
use std::fmt;

/// Why a program did not give results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The numbers do not allow it.
    Run(RunError),
    /// The program is wrong: it read memory nobody wrote.
    Bug(Bug),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Run(error) => error.fmt(f),
            Failure::Bug(bug) => bug.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

/// Room for a number of items, or the error that there is none.
fn room<T>(count: usize) -> Result<Vec<T>, RunErrorKind> {
    let mut items = Vec::new();
    let bytes = count.saturating_mul(size_of::<T>());
    items.try_reserve_exact(count).map_err(|_| RunErrorKind::OutOfMemory { bytes })?;
    Ok(items)
}

/// Calls `f` with every index of a shape in row-major order.
fn for_each_index<E>(shape: &[usize], mut f: impl FnMut(&[usize]) -> Result<(), E>) -> Result<(), E> {
    if shape.contains(&0) {
        return Ok(());
    }
    let mut index = vec![0; shape.len()];
    loop {
        f(&index)?;
        let Some(axis) = (0..shape.len()).rev().find(|&a| index[a] + 1 < shape[a]) else { return Ok(()) };
        index[axis] += 1;
        index[axis + 1..].fill(0);
    }
}

/// The row-major position, in an array of `shape`, of an index of what it broadcasts to.
fn broadcast_position(shape: &[usize], index: &[usize]) -> usize {
    let index = &index[index.len() - shape.len()..];
    let strides = row_major(shape);
    (0..shape.len()).map(|a| if shape[a] == 1 { 0 } else { index[a] * strides[a] as usize }).sum()
}
