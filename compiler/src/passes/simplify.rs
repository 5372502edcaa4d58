//! Rewrites that keep every bit (NaN payloads aside), each under its equation.
//!
//! ```ir
//! %x: f64[3]
//! %0: f64[3] = multiply %x, 1.0
//! %1: f64[3] = negative %0
//! %2: f64[3] = subtract %x, %1
//! %3: f64[3] = divide %2, 4.0
//! return %3
//! ```
//! becomes
//! ```ir
//! %x: f64[3]
//! %0: f64[3] = add %x, %x
//! %1: f64[3] = multiply %0, 0.25
//! return %1
//! ```
//! Not here, because a bit would change: `x + 0.0` (of -0.0), `x * 0` (of NaN), `x - x`, `x / 3` by a reciprocal,
//! reassociation.

use evanesce_ir::graph::{Graph, Node, Rebuild, SliceAxis, View};
use evanesce_ir::ids::{NodeId, ValueId};
use evanesce_ir::ops::ElementwiseOp::{self, *};
use evanesce_ir::tensor::Scalar;
use evanesce_ir::types::DType;
use smallvec::smallvec;

/// Rewrites every node that a rule matches, operands first.
pub fn run(graph: &Graph) -> Graph {
    let mut rebuild = Rebuild::new(graph);
    for id in graph.node_ids() {
        let node = graph.node(id).clone().map_args(|arg| rebuild.get(arg));
        let value = match &node {
            Node::Elementwise { op, args } => elementwise(&mut rebuild, *op, args, id),
            Node::Cast { dtype, args } => cast(&rebuild.new, *dtype, args[0]),
            Node::View { view: View::Slice(axes), args } => slice(&mut rebuild, axes, args[0], id),
            Node::WithSlice { axes, args } => with_slice(&mut rebuild, axes, args, id),
            Node::Take { axis, along: false, args } if args.len() == 2 => take(&mut rebuild, *axis, args, id),
            _ => None,
        };
        // A rule for a whole operand holds only where nothing is broadcast.
        match value.filter(|&v| rebuild.new.ty(v) == graph.ty(graph.value(id))) {
            Some(value) => rebuild.set(graph.value(id), value),
            None => drop(rebuild.copy(id)),
        }
    }
    rebuild.finish().sweep()
}

fn elementwise(rebuild: &mut Rebuild<'_>, op: ElementwiseOp, args: &[ValueId], id: NodeId) -> Option<ValueId> {
    let graph = &rebuild.new;
    let number = |value: ValueId, x: f64| {
        graph.as_scalar(value).is_some_and(|s| match (s, s.as_integer()) {
            (Scalar::Bool(_), _) => false,
            (_, Some(integer)) => integer as f64 == x,
            _ => s == Scalar::F64(x).cast(s.dtype()),
        })
    };
    let negated = |value: ValueId| match graph.def(value) {
        Node::Elementwise { op: Negative, args } => Some(args[0]),
        _ => None,
    };
    let of = |wanted: ElementwiseOp| match graph.def(args[0]) {
        Node::Elementwise { op, args } if *op == wanted => Some(args[0]),
        _ => None,
    };
    let dtype = graph.ty(args[args.len() - 1]).dtype;
    let float = dtype.is_float();
    let new =
        |rebuild: &mut Rebuild<'_>, op, x, y| Some(rebuild.push(Node::Elementwise { op, args: smallvec![x, y] }, id));
    match (op, args) {
        // x * 1 = x
        (Multiply, &[x, y]) if number(y, 1.0) => Some(x),
        // x * -1 = -x
        (Multiply, &[x, y]) if number(y, -1.0) => {
            Some(rebuild.push(Node::Elementwise { op: Negative, args: smallvec![x] }, id))
        }
        // (-x) * (-y) = x * y
        (Multiply, &[x, y]) if negated(x).is_some() && negated(y).is_some() => {
            let (x, y) = (negated(x)?, negated(y)?);
            new(rebuild, Multiply, x, y)
        }
        // x / 1 = x
        (Divide, &[x, y]) if number(y, 1.0) => Some(x),
        // x / 2^k = x * 2^-k, both powers normal
        (Divide, &[x, y]) if let Some(inverse) = graph.as_scalar(y).and_then(exact_inverse) => {
            let tensor = evanesce_ir::tensor::Tensor::scalar(inverse);
            let inverse = rebuild.push(Node::Constant(std::sync::Arc::new(tensor)), id);
            new(rebuild, Multiply, x, inverse)
        }
        // x + -0.0 = x; of integers x + 0 = x
        (Add, &[x, y]) if number(y, if float { -0.0 } else { 0.0 }) => Some(x),
        // x - 0 = x
        (Subtract, &[x, y]) if number(y, 0.0) => Some(x),
        // x + (-y) = x - y
        (Add, &[x, y]) if let Some(y) = negated(y) => new(rebuild, Subtract, x, y),
        // (-x) + y = y - x
        (Add, &[x, y]) if let Some(x) = negated(x) => new(rebuild, Subtract, y, x),
        // x - (-y) = x + y
        (Subtract, &[x, y]) if let Some(y) = negated(y) => new(rebuild, Add, x, y),
        // -(-x) = x
        (Negative, _) if let Some(x) = of(Negative) => Some(x),
        // |-x| = |x|, where -x is no number above
        (Absolute, _)
            if !dtype.is_unsigned()
                && let Some(x) = of(Negative) =>
        {
            Some(rebuild.push(Node::Elementwise { op: Absolute, args: smallvec![x] }, id))
        }
        // ||x|| = |x|
        (Absolute, _) if of(Absolute).is_some() => Some(args[0]),
        // not not x = x
        (LogicalNot, _) if let Some(x) = of(LogicalNot) => Some(x),
        // x^1 = x
        (Power, &[x, y]) if number(y, 1.0) => Some(x),
        // x^2 = x * x, by the definition of power
        (Power, &[x, y]) if number(y, 2.0) => new(rebuild, Multiply, x, x),
        // real(complex(x, y)) = x, imag(complex(x, y)) = y
        (Real, _) if let Node::Elementwise { op: Complex, args } = graph.def(args[0]) => Some(args[0]),
        (Imag, _) if let Node::Elementwise { op: Complex, args } = graph.def(args[0]) => Some(args[1]),
        // complex(real(z), imag(z)) = z
        (Complex, &[x, y])
            if let Node::Elementwise { op: Real, args: re } = graph.def(x)
                && let Node::Elementwise { op: Imag, args: im } = graph.def(y)
                && re == im =>
        {
            Some(re[0])
        }
        // max(x, x) = x, and so on
        (Maximum | Minimum | LogicalAnd | LogicalOr, &[x, y]) if x == y => Some(x),
        // where(c, x, x) = x
        (Where, &[c, x, y]) if x == y && total(graph, c) => Some(x),
        // where(true, x, y) = x
        (Where, &[c, x, y]) if let Some(Scalar::Bool(c)) = graph.as_scalar(c) => {
            let (taken, left) = if c { (x, y) } else { (y, x) };
            total(graph, left).then_some(taken)
        }
        // floor of an integer, of a floor, ... = the operand
        (Floor | Ceil | Trunc, &[x]) if !float || of(Floor).or(of(Ceil)).or(of(Trunc)).or(of(Rint)).is_some() => {
            Some(x)
        }
        _ => None,
    }
}

/// The reciprocal of a power of two, when both are normal numbers.
fn exact_inverse(scalar: Scalar) -> Option<Scalar> {
    macro_rules! inverse {
        ($x:expr, $variant:ident, $mantissa:expr) => {{
            let inverse = 1.0 / $x;
            let power_of_two = $x.to_bits() & ((1 << $mantissa) - 1) == 0;
            ($x.is_normal() && inverse.is_normal() && power_of_two).then_some(Scalar::$variant(inverse))
        }};
    }
    match scalar {
        Scalar::F32(x) => inverse!(x, F32, 23),
        Scalar::F64(x) => inverse!(x, F64, 52),
        _ => None,
    }
}

/// astype(astype(x, wide), dtype of x) = x, where the wide dtype holds every x.
fn cast(graph: &Graph, dtype: DType, arg: ValueId) -> Option<ValueId> {
    let Node::Cast { dtype: wide, args } = graph.def(arg) else { return None };
    let from = graph.ty(args[0]).dtype;
    // f64 passes for holding 64-bit integers, and does not.
    let rounds = wide.is_float() && from.is_integer() && from.size() == 8;
    let lossless = from.fits(*wide) && !rounds;
    (from == dtype && lossless).then_some(args[0])
}

/// take(x, [a, a + b, a + 2 b, ...]) = x[a::b], where every index is in bounds.
fn take(rebuild: &mut Rebuild<'_>, axis: usize, args: &[ValueId], id: NodeId) -> Option<ValueId> {
    let Node::Constant(indices) = rebuild.new.def(args[1]) else { return None };
    let shape = rebuild.new.ty(args[0]).shape.clone();
    let (rank, n) = (indices.shape().len(), shape[axis] as i64);
    let place = |i: &i64| (-n..n).contains(i).then(|| i.rem_euclid(n) as usize);
    let places: Vec<usize> = indices.as_i64()?.iter().map(place).collect::<Option<_>>()?;
    let (&start, len) = (places.first()?, places.len());
    let step = places.get(1).map_or(1, |&second| second as isize - start as isize);
    let even = places.windows(2).all(|pair| pair[1] as isize - pair[0] as isize == step);
    if !even || step == 0 || rank > 1 {
        return None;
    }
    let mut axes: Vec<SliceAxis> = shape.iter().map(|&size| SliceAxis::full(size)).collect();
    axes[axis] = SliceAxis { start, len, step };
    let taken = rebuild.push(Node::View { view: View::Slice(axes.into()), args: smallvec![args[0]] }, id);
    let mut kept = shape;
    kept.remove(axis);
    let reshape =
        |rebuild: &mut Rebuild<'_>| rebuild.push(Node::View { view: View::Reshape(kept), args: smallvec![taken] }, id);
    Some(if rank == 0 { reshape(rebuild) } else { taken })
}

/// The first and the last index of a slice that is not empty, in order.
fn reach(slice: SliceAxis) -> (usize, usize) {
    let last = (slice.start as isize + slice.step * (slice.len as isize - 1)) as usize;
    (slice.start.min(last), slice.start.max(last))
}

/// Whether a value is computed without a run-time error, as far as a short look can tell: what may fail is not left out, for
/// its error belongs to the meaning.
fn total(graph: &Graph, value: ValueId) -> bool {
    const LOOK: usize = 64;
    let mut seen = vec![value];
    let mut next = 0;
    while let Some(&value) = seen.get(next) {
        next += 1;
        let node = graph.def(value);
        let fails = match node {
            Node::Elementwise { op, .. } | Node::Scan { op, .. } => *op == Power,
            Node::Take { .. } | Node::Put { .. } | Node::Linalg { .. } | Node::Custom { .. } => true,
            Node::Order { op, .. } => op.may_fail(),
            _ => false,
        };
        if fails || seen.len() > LOOK {
            return false;
        }
        let new: Vec<ValueId> = node.args().iter().copied().filter(|arg| !seen.contains(arg)).collect();
        seen.extend(new);
    }
    true
}

/// What takes the place of the whole array, of nothing, or of what was put there before.
fn with_slice(rebuild: &mut Rebuild<'_>, axes: &[SliceAxis], args: &[ValueId], id: NodeId) -> Option<ValueId> {
    let graph = &rebuild.new;
    // with_slice(x, [:], y) = y
    if axes.iter().zip(&graph.ty(args[0]).shape).all(|(s, &n)| s.is_full(n)) && total(graph, args[0]) {
        return Some(args[1]);
    }
    // with_slice(x, [0:0], y) = x
    if graph.ty(args[1]).is_empty() && total(graph, args[1]) {
        return Some(args[0]);
    }
    match graph.def(args[0]) {
        // with_slice(with_slice(x, i, y), i, z) = with_slice(x, i, z)
        Node::WithSlice { axes: before, args: inner } if before[..] == *axes && total(graph, inner[1]) => {
            let args = smallvec![inner[0], args[1]];
            Some(rebuild.push(Node::WithSlice { axes: axes.into(), args }, id))
        }
        _ => None,
    }
}

/// A slice of an array of which a slice was replaced: with_slice(x, i, y)[i] = y, with_slice(x, i, y)[j] = x[j] where i and j
/// do not meet.
fn slice_of_update(rebuild: &mut Rebuild<'_>, axes: &[SliceAxis], arg: ValueId, id: NodeId) -> Option<ValueId> {
    let Node::WithSlice { axes: replaced, args } = rebuild.new.def(arg).clone() else { return None };
    let graph = &rebuild.new;
    if replaced[..] == *axes {
        return total(graph, args[0]).then_some(args[1]);
    }
    if !total(graph, args[1]) {
        return None;
    }
    let apart = |(a, b): (&SliceAxis, &SliceAxis)| {
        let ((low, high), (other_low, other_high)) = (reach(*a), reach(*b));
        high < other_low || other_high < low
    };
    let some = axes.iter().chain(&replaced).all(|s| s.len > 0);
    (some && axes.iter().zip(&replaced).any(apart))
        .then(|| rebuild.push(Node::View { view: View::Slice(axes.into()), args: smallvec![args[0]] }, id))
}

/// concat(x, y)[i] = x[i], where the slice lies in one part.
fn slice(rebuild: &mut Rebuild<'_>, axes: &[SliceAxis], arg: ValueId, id: NodeId) -> Option<ValueId> {
    let Node::Concat { axis, args } = rebuild.new.def(arg).clone() else {
        return slice_of_update(rebuild, axes, arg, id);
    };
    let mut slice = axes[axis];
    if slice.len == 0 {
        return None;
    }
    let (low, high) = reach(slice);
    let mut start = 0;
    for &part in &args {
        let size = rebuild.new.ty(part).shape[axis];
        if start <= low && high < start + size {
            if !args.iter().all(|&other| other == part || total(&rebuild.new, other)) {
                return None;
            }
            slice.start -= start;
            let mut axes = axes.to_vec();
            axes[axis] = slice;
            if axes.iter().zip(&rebuild.new.ty(part).shape).all(|(s, &n)| s.is_full(n)) {
                return Some(part);
            }
            return Some(rebuild.push(Node::View { view: View::Slice(axes.into()), args: smallvec![part] }, id));
        }
        start += size;
    }
    None
}
