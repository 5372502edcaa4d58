//! One spelling for each meaning, so that equal values are one node and later passes match less.
//!
//! ```ir
//! %x: f64[2, 3]
//! %0: f64[3, 2] = transpose %x, axes=[1, 0]
//! %1: f64[2, 3] = transpose %0, axes=[1, 0]
//! %2: f64[2, 3] = add 1.0, %1
//! %3: f64[2, 3] = square %2
//! return %3
//! ```
//! becomes
//! ```ir
//! %x: f64[2, 3]
//! %0: f64[2, 3] = add %x, 1.0
//! %1: f64[2, 3] = multiply %0, %0
//! return %1
//! ```

use evanesce_ir::graph::{Graph, Node, Rebuild, SliceAxis, View};
use evanesce_ir::ids::{NodeId, ValueId};
use evanesce_ir::ops::{ElementwiseOp, LinalgOp, OrderOp, ReduceOp};
use evanesce_ir::types::{DType, Shape, Strides};
use smallvec::smallvec;

/// Rewrites every node to its canonical form.
pub fn run(graph: &Graph) -> Graph {
    let mut rebuild = Rebuild::new(graph);
    for id in graph.node_ids() {
        let node = graph.node(id).clone().map_args(|arg| rebuild.get(arg));
        match rewrite(&mut rebuild, &node, id) {
            Some(value) => rebuild.set(graph.value(id), value),
            None => drop(rebuild.copy(id)),
        }
    }
    rebuild.finish().sweep()
}

/// The canonical value of a node over new operands, when it is another.
fn rewrite(rebuild: &mut Rebuild<'_>, node: &Node, id: NodeId) -> Option<ValueId> {
    match node {
        Node::Elementwise { op, args } => elementwise(rebuild, *op, args, id),
        // astype(x, dtype of x) = x
        Node::Cast { dtype, args } if rebuild.new.ty(args[0]).dtype == *dtype => Some(args[0]),
        Node::View { view, args } => canonical_view(rebuild, view, args[0], id),
        Node::Concat { axis, args } => {
            // Parts without elements add nothing.
            let full: Vec<ValueId> = args.iter().copied().filter(|&a| rebuild.new.ty(a).shape[*axis] > 0).collect();
            match full[..] {
                // concat(x) = x
                [one] => Some(one),
                [] => Some(args[0]),
                _ if full.len() < args.len() => Some(rebuild.push(Node::Concat { axis: *axis, args: full.into() }, id)),
                _ => None,
            }
        }
        Node::Reduce { op, axes, args } if !op.is_arg() => {
            let ty = rebuild.new.ty(args[0]).clone();
            // A reduction of one element is the element.
            let single = axes.iter().all(|&a| ty.shape[a] == 1);
            let kept: Shape = (0..ty.rank()).filter(|a| !axes.contains(a)).map(|a| ty.shape[a]).collect();
            single.then(|| view(rebuild, View::Reshape(kept), args[0], id))
        }
        // A scan of one element is the element.
        Node::Scan { axis, args, .. } if rebuild.new.ty(args[0]).shape[*axis] == 1 => Some(args[0]),
        // One element is sorted.
        Node::Order { op: OrderOp::Sort, args } if rebuild.new.ty(args[0]).shape.last() == Some(&1) => Some(args[0]),
        Node::Linalg { op: LinalgOp::Matmul, args, .. } if !rebuild.new.ty(args[0]).dtype.is_inexact() => {
            Some(integer_matmul(rebuild, args[0], args[1], id))
        }
        _ => None,
    }
}

fn elementwise(rebuild: &mut Rebuild<'_>, op: ElementwiseOp, args: &[ValueId], id: NodeId) -> Option<ValueId> {
    use ElementwiseOp::*;
    let is_constant = |v: ValueId| matches!(rebuild.new.def(v), Node::Constant(_));
    match op {
        // square(x) = x * x
        Square => Some(rebuild.push(Node::Elementwise { op: Multiply, args: smallvec![args[0], args[0]] }, id)),
        // x > y = y < x
        Greater => Some(rebuild.push(Node::Elementwise { op: Less, args: smallvec![args[1], args[0]] }, id)),
        // x >= y = y <= x
        GreaterEqual => Some(rebuild.push(Node::Elementwise { op: LessEqual, args: smallvec![args[1], args[0]] }, id)),
        // of bools the bitwise ops are the logical ones
        BitwiseAnd | BitwiseOr | BitwiseXor | Invert if rebuild.new.ty(args[0]).dtype == DType::Bool => {
            let op = match op {
                BitwiseAnd => LogicalAnd,
                BitwiseOr => LogicalOr,
                BitwiseXor => LogicalXor,
                _ => LogicalNot,
            };
            let logical = Node::Elementwise { op, args: args.into() };
            Some(match elementwise(rebuild, op, args, id) {
                Some(value) => value,
                None => rebuild.push(logical, id),
            })
        }
        // c + x = x + c, and so for every commutative op: constants last, then the older operand first
        Add | Multiply | Maximum | Minimum | Equal | NotEqual | LogicalAnd | LogicalOr | LogicalXor | BitwiseAnd
        | BitwiseOr | BitwiseXor => {
            let key = |v: ValueId| (is_constant(v), v);
            let swapped = key(args[1]) < key(args[0]);
            swapped.then(|| rebuild.push(Node::Elementwise { op, args: smallvec![args[1], args[0]] }, id))
        }
        _ => None,
    }
}

/// Pushes a view unless it changes nothing.
fn view(rebuild: &mut Rebuild<'_>, view: View, arg: ValueId, id: NodeId) -> ValueId {
    match canonical_view(rebuild, &view, arg, id) {
        Some(value) => value,
        None => rebuild.push(Node::View { view, args: smallvec![arg] }, id),
    }
}

fn canonical_view(rebuild: &mut Rebuild<'_>, this: &View, arg: ValueId, id: NodeId) -> Option<ValueId> {
    let shape = rebuild.new.ty(arg).shape.clone();
    let nothing = match this {
        View::Transpose(perm) => perm.iter().copied().eq(0..shape.len()),
        View::Reshape(to) | View::Broadcast(to) => *to == shape,
        View::Slice(axes) => axes.iter().zip(&shape).all(|(s, &n)| s.is_full(n)),
        View::Diagonal | View::Assume(_) => false,
    };
    if nothing {
        return Some(arg);
    }
    let Node::View { view: inner, args } = rebuild.new.def(arg).clone() else { return None };
    let composed = match (this, inner) {
        // transpose(transpose(x, p), q) = transpose(x, p[q])
        (View::Transpose(outer), View::Transpose(inner)) => View::Transpose(outer.iter().map(|&a| inner[a]).collect()),
        // reshape(reshape(x, s), t) = reshape(x, t)
        (View::Reshape(to), View::Reshape(_)) => View::Reshape(to.clone()),
        // broadcast_to(broadcast_to(x, s), t) = broadcast_to(x, t)
        (View::Broadcast(to), View::Broadcast(_)) => View::Broadcast(to.clone()),
        // x[a + b i][c + d j] = x[(a + b c) + (b d) j]
        (View::Slice(outer), View::Slice(inner)) => View::Slice(outer.iter().zip(&inner).map(compose_slices).collect()),
        (View::Assume(outer), View::Assume(inner)) => View::Assume(*outer | inner),
        _ => return None,
    };
    Some(view(rebuild, composed, args[0], id))
}

fn compose_slices((outer, inner): (&SliceAxis, &SliceAxis)) -> SliceAxis {
    match outer.len {
        0 => SliceAxis { start: 0, len: 0, step: 1 },
        len => SliceAxis {
            start: (inner.start as isize + inner.step * outer.start as isize) as usize,
            len,
            step: if len == 1 { 1 } else { inner.step * outer.step },
        },
    }
}

/// `a @ b` of integers is `sum(a[..., :, :, None] * b[..., None, :, :], axis=-2)`; of bools `any` of `logical_and`.
fn integer_matmul(rebuild: &mut Rebuild<'_>, a: ValueId, b: ValueId, id: NodeId) -> ValueId {
    let dtype = rebuild.new.ty(a).dtype;
    let (multiply, reduce) = match dtype {
        DType::Bool => (ElementwiseOp::LogicalAnd, ReduceOp::Any),
        _ => (ElementwiseOp::Multiply, ReduceOp::Sum),
    };
    let (mut left, mut right) = (rebuild.new.ty(a).shape.clone(), rebuild.new.ty(b).shape.clone());
    left.push(1);
    right.insert(right.len() - 2, 1);
    let left = view(rebuild, View::Reshape(left), a, id);
    let right = view(rebuild, View::Reshape(right), b, id);
    let products = rebuild.push(Node::Elementwise { op: multiply, args: smallvec![left, right] }, id);
    let axis = rebuild.new.ty(products).rank() - 2;
    rebuild.push(Node::Reduce { op: reduce, axes: smallvec![axis], args: smallvec![products] }, id)
}

/// The strides of a reshaped array that is not copied, NumPy's rule: runs of axes that are contiguous with each other may
/// be cut anew. `None` when the elements do not lie so.
pub fn reshape_strides(shape: &[usize], strides: &[isize], to: &[usize]) -> Option<Strides> {
    let mut result = Strides::from_elem(0, to.len());
    if shape.contains(&0) {
        return Some(result);
    }
    let old: Vec<(usize, isize)> =
        shape.iter().copied().zip(strides.iter().copied()).filter(|(n, _)| *n != 1).collect();
    let (mut i, mut j) = (0, 0);
    while i < old.len() {
        // Grow both groups until they hold the same number of elements.
        let (mut end_old, mut end_new) = (i + 1, j);
        let (mut count_old, mut count_new) = (old[i].0, 1);
        while count_old != count_new {
            if count_new < count_old {
                count_new *= to[end_new];
                end_new += 1;
            } else {
                count_old *= old[end_old].0;
                end_old += 1;
            }
        }
        let contiguous = |pair: &[(usize, isize)]| pair[0].1 == pair[1].1 * pair[1].0 as isize;
        if !old[i..end_old].windows(2).all(contiguous) {
            return None;
        }
        let mut stride = old[end_old - 1].1;
        for axis in (j..end_new).rev() {
            result[axis] = stride;
            stride *= to[axis] as isize;
        }
        (i, j) = (end_old, end_new);
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::reshape_strides;

    #[test]
    fn reshapes_without_copy() {
        let strides =
            |shape: &[usize], strides: &[isize], to: &[usize]| reshape_strides(shape, strides, to).map(|s| s.to_vec());
        assert_eq!(strides(&[2, 3], &[3, 1], &[6]), Some(vec![1]));
        assert_eq!(strides(&[2, 3], &[1, 2], &[6]), None);
        assert_eq!(strides(&[6], &[-1], &[2, 3]), Some(vec![-3, -1]));
        assert_eq!(strides(&[2, 1, 3], &[3, 7, 1], &[3, 2, 1]), Some(vec![2, 1, 0]));
        assert_eq!(strides(&[4, 6], &[0, 1], &[4, 2, 3]), Some(vec![0, 3, 1]));
        assert_eq!(strides(&[1, 1], &[5, 5], &[]), Some(vec![]));
        assert_eq!(strides(&[0, 3], &[3, 1], &[3, 0]), Some(vec![0, 0]));
    }
}
