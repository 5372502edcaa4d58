//! Joins kernels of equal loops that read a common buffer, write parts of one, or have no loops at all: one walk over the
//! data, several results.
//!
//! ```ir
//! program
//! $0: f64[1000] input a
//! $1: f64[1000] output
//! $2: f64[1000] output
//! kernel $1 <- $0 [1000] {
//!   t0 = load $0[i0]
//!   t1 = exp t0
//!   store $1[i0], t1
//! }
//! kernel $2 <- $0 [1000] {
//!   t0 = load $0[i0]
//!   t1 = sqrt t0
//!   store $2[i0], t1
//! }
//! return $1, $2
//! ```
//! becomes
//! ```ir
//! program
//! $0: f64[1000] input a
//! $1: f64[1000] output
//! $2: f64[1000] output
//! kernel $1, $2 <- $0 [1000] {
//!   t0 = load $0[i0]
//!   t1 = exp t0
//!   t2 = sqrt t0
//!   store $1[i0], t1
//!   store $2[i0], t2
//! }
//! return $1, $2
//! ```

use super::fuse::Fuser;
use evanesce_ir::program::Program;
use evanesce_ir::types::Shape;
use std::collections::HashMap;

/// Joins each kernel to the last one of equal loops before it, where they have a buffer in common or no loops.
pub fn run(program: Program) -> Program {
    let mut fuser = Fuser::new(program);
    let mut last: HashMap<Shape, usize> = HashMap::new();
    for at in 0..fuser.len() {
        let Some(dims) = fuser.dims(at).cloned() else { continue };
        let to = last.get(&dims).and_then(|&from| fuser.join_siblings(from, at)).unwrap_or(at);
        last.insert(dims, to);
    }
    fuser.finish()
}
