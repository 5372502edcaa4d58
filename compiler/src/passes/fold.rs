//! Computes at compile time what does not depend on inputs, by the interpreter, so the bits are those of run time.
//!
//! ```ir
//! %x: f64[3]
//! %0: f64[] = multiply 2.0, 3.0
//! %1: f64[3] = add %x, %0
//! return %1
//! ```
//! becomes
//! ```ir
//! %x: f64[3]
//! %0: f64[3] = add %x, 6.0
//! return %0
//! ```
//! Linear algebra is left to LAPACK, whose rounding is not the interpreter's; functions of the user's run when programs do;
//! what would fail is left to fail at run time;
//! what would grow past [`LIMIT`] elements is left to a loop.

use evanesce_ir::graph::{Graph, Node, Rebuild};
use evanesce_ir::interp;
use evanesce_ir::tensor::Tensor;
use std::sync::Arc;

/// Elements of the largest array that folding makes, unless its operands are as large.
pub const LIMIT: usize = 256;

/// Replaces nodes over constants by constants.
pub fn run(graph: &Graph) -> Graph {
    let mut rebuild = Rebuild::new(graph);
    for id in graph.node_ids() {
        let node = graph.node(id);
        let mut args: Vec<Arc<Tensor>> = Vec::with_capacity(node.args().len());
        for &arg in node.args() {
            let arg = rebuild.get(arg);
            match rebuild.new.def(arg) {
                Node::Constant(tensor) => args.push(tensor.clone()),
                _ => break,
            }
        }
        let constant = !node.args().is_empty() && args.len() == node.args().len();
        let elements = graph.ty(graph.value(id)).len();
        let small = elements <= LIMIT || elements <= args.iter().map(|a| a.ty().len()).sum::<usize>();
        if constant && small && !matches!(node, Node::Linalg { .. } | Node::Custom { .. }) {
            let args: Vec<&Tensor> = args.iter().map(|a| &**a).collect();
            if let Ok(mut results) = interp::node(node, &args) {
                let folded = rebuild.push(Node::Constant(Arc::new(results.swap_remove(0))), id);
                rebuild.set(graph.value(id), folded);
                continue;
            }
        }
        rebuild.copy(id);
    }
    rebuild.finish().sweep()
}
