//! The graph: pure values without memory. Nodes are few formats over tables of ops, interned in an append-only arena; an
//! operand has a smaller id than its user, so every analysis is a loop over [`Graph::node_ids`].

mod rebuild;

pub use rebuild::Rebuild;

use crate::custom::Custom;
use crate::error::{Loc, Problem};
use crate::facts::Facts;
use crate::ids::{NodeId, ValueId};
use crate::ops::{self, ElementwiseOp, LinalgOp, OrderOp, ReduceOp, elementwise::DTypeRule, scan};
use crate::tensor::{Scalar, Tensor};
use crate::types::{Axes, DType, Shape, Type, broadcast, check_size};
use indexmap::IndexSet;
use smallvec::{SmallVec, smallvec};
use std::ops::Range;
use std::sync::Arc;

/// Operands of a node.
pub type Args = SmallVec<[ValueId; 3]>;

/// An array the caller gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Input {
    /// Unique in its graph: letters, digits and `_`, not starting with a digit.
    pub name: Arc<str>,
    /// Dtype and shape.
    pub ty: Type,
    /// Whether its memory may be overwritten by a result.
    pub donated: bool,
    /// What the caller vouches for.
    pub facts: Facts,
}

/// Whether a word can name an input: letters, digits and `_`, not starting with a digit.
pub fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    starts && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// One axis of a slice: `len` elements from `start`, `step` apart. The step is not zero; an empty axis has `start` 0 and
/// `step` 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SliceAxis {
    /// First index taken.
    pub start: usize,
    /// Number of indices taken.
    pub len: usize,
    /// Distance between them.
    pub step: isize,
}

impl SliceAxis {
    /// Python's `start:stop:step` on an axis of `size` elements.
    pub fn new(start: Option<isize>, stop: Option<isize>, step: isize, size: usize) -> Option<SliceAxis> {
        let n = size as isize;
        if step == 0 {
            return None;
        }
        let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let clamp = |i: isize| (if i < 0 { i.saturating_add(n) } else { i }).clamp(low, high);
        let start = start.map_or(if step > 0 { low } else { high }, clamp);
        let stop = stop.map_or(if step > 0 { high } else { low }, clamp);
        let span = if step > 0 { stop - start } else { start - stop };
        if span <= 0 {
            return Some(SliceAxis { start: 0, len: 0, step: 1 });
        }
        let len = (span as usize).div_ceil(step.unsigned_abs());
        // One element has no distance to the next: one spelling for one meaning.
        let step = if len == 1 { 1 } else { step };
        Some(SliceAxis { start: start as usize, len, step })
    }

    /// Whether this takes the whole of an axis, in order.
    pub fn is_full(self, size: usize) -> bool {
        self == SliceAxis::full(size)
    }

    /// All of an axis.
    pub fn full(size: usize) -> SliceAxis {
        SliceAxis { start: 0, len: size, step: 1 }
    }

    /// Whether every index lies within an axis of `size` elements.
    pub fn fits(self, size: usize) -> bool {
        let last = self.len.checked_sub(1).map_or(Some(0), |n| (n as isize).checked_mul(self.step));
        let last = last.and_then(|d| isize::try_from(self.start).ok()?.checked_add(d));
        match self.len {
            0 => self.start == 0 && self.step == 1,
            1 => self.start < size && self.step == 1,
            _ => self.start < size && self.step != 0 && last.is_some_and(|l| (0..size as isize).contains(&l)),
        }
    }
}

/// The same elements seen in another way; never a computation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// Result axis `i` is operand axis `perm[i]`.
    Transpose(Axes),
    /// The same elements in row-major order.
    Reshape(Shape),
    /// Repeated along axes of size 1 and new leading axes.
    Broadcast(Shape),
    /// A slice of every axis.
    Slice(SmallVec<[SliceAxis; 4]>),
    /// The main diagonals of the last two axes, as the last axis.
    Diagonal,
    /// The operand, with facts the user vouches for.
    Assume(Facts),
}

impl View {
    /// The name in text.
    pub fn name(&self) -> &'static str {
        match self {
            View::Transpose(_) => "transpose",
            View::Reshape(_) => "reshape",
            View::Broadcast(_) => "broadcast_to",
            View::Slice(_) => "slice",
            View::Diagonal => "diagonal",
            View::Assume(_) => "assume",
        }
    }
}

/// The formats. `args` and `map_args` are the only ways to its operands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Given by the caller.
    Input(Input),
    /// Known at compile time.
    Constant(Arc<Tensor>),
    /// Operands of one dtype (but the condition of `where`), broadcast together.
    Elementwise {
        /// The row of the table.
        op: ElementwiseOp,
        /// Its operands.
        args: Args,
    },
    /// Conversion to another dtype.
    Cast {
        /// The result's.
        dtype: DType,
        /// One operand.
        args: Args,
    },
    /// The same elements seen in another way.
    View {
        /// The way.
        view: View,
        /// One operand.
        args: Args,
    },
    /// Operands of one dtype joined along an axis.
    Concat {
        /// The axis.
        axis: usize,
        /// At least one operand.
        args: Args,
    },
    /// Elements of the first operand by `i64` indices, which count from the end when negative.
    Take {
        /// The first axis that is indexed.
        axis: usize,
        /// Whether the indices lie along the axis beside the array, which broadcasts with them outside of it (NumPy's
        /// `take_along_axis`), instead of taking whole subarrays.
        along: bool,
        /// The array, and indices for one axis or several neighbours: these broadcast together.
        args: Args,
    },
    /// The first operand with the second in place of a slice of it.
    WithSlice {
        /// A slice of every axis.
        axes: SmallVec<[SliceAxis; 4]>,
        /// The array, and what replaces the slice, of its shape.
        args: Args,
    },
    /// The first operand with elements of the last one at `i64` indices, in order: of several at one place the last stays.
    Put {
        /// As of [`Node::Take`].
        axis: usize,
        /// As of [`Node::Take`].
        along: bool,
        /// The op that combines what is there with them; one of a single operand takes what is there alone.
        op: Option<ElementwiseOp>,
        /// The array, the indices as of [`Node::Take`], and the elements: as many as those indices take.
        args: Args,
    },
    /// Axes reduced away.
    Reduce {
        /// The row of the table.
        op: ReduceOp,
        /// Sorted; one axis for the arg-reductions.
        axes: Axes,
        /// One operand.
        args: Args,
    },
    /// An op combines the elements along an axis one by one, and every result is kept: [`crate::ops::scan`].
    Scan {
        /// Of two operands.
        op: ElementwiseOp,
        /// The axis.
        axis: usize,
        /// One operand.
        args: Args,
    },
    /// Rows of the last axis sorted or searched: [`crate::ops::order`].
    Order {
        /// The row of the table.
        op: OrderOp,
        /// Its operands.
        args: Args,
    },
    /// Matrices in the last two axes; may have several results.
    Linalg {
        /// The row of the table.
        op: LinalgOp,
        /// Of `solve_triangular`: which triangle.
        lower: bool,
        /// Its operands.
        args: Args,
    },
    /// A function of the user's, over arrays in the last axes; may have several results.
    Custom {
        /// The function.
        function: Custom,
        /// Which of its implementations, by number: operands have its dtypes.
        implementation: usize,
        /// Its operands.
        args: Args,
    },
}

impl Node {
    /// The name in text.
    pub fn name(&self) -> &'static str {
        match self {
            Node::Input(_) => "input",
            Node::Constant(_) => "constant",
            Node::Elementwise { op, .. } => op.name(),
            Node::Cast { .. } => "astype",
            Node::View { view, .. } => view.name(),
            Node::Concat { .. } => "concat",
            Node::Take { .. } => "take",
            Node::WithSlice { .. } => "with_slice",
            Node::Put { .. } => "put",
            Node::Reduce { op, .. } => op.name(),
            Node::Scan { .. } => "accumulate",
            Node::Order { op, .. } => op.name(),
            Node::Linalg { op, .. } => op.name(),
            Node::Custom { .. } => "custom",
        }
    }

    /// What messages call it: the name in text, or that of the user's function.
    pub fn label(&self) -> &str {
        match self {
            Node::Custom { function, .. } => function.name(),
            _ => self.name(),
        }
    }

    /// The operands.
    pub fn args(&self) -> &[ValueId] {
        match self {
            Node::Input(_) | Node::Constant(_) => &[],
            Node::Elementwise { args, .. }
            | Node::Cast { args, .. }
            | Node::View { args, .. }
            | Node::Concat { args, .. }
            | Node::Take { args, .. }
            | Node::WithSlice { args, .. }
            | Node::Put { args, .. }
            | Node::Reduce { args, .. }
            | Node::Scan { args, .. }
            | Node::Order { args, .. }
            | Node::Linalg { args, .. }
            | Node::Custom { args, .. } => args,
        }
    }

    /// The same node with other operands.
    pub fn map_args(mut self, mut map: impl FnMut(ValueId) -> ValueId) -> Node {
        match &mut self {
            Node::Input(_) | Node::Constant(_) => {}
            Node::Elementwise { args, .. }
            | Node::Cast { args, .. }
            | Node::View { args, .. }
            | Node::Concat { args, .. }
            | Node::Take { args, .. }
            | Node::WithSlice { args, .. }
            | Node::Put { args, .. }
            | Node::Reduce { args, .. }
            | Node::Scan { args, .. }
            | Node::Order { args, .. }
            | Node::Linalg { args, .. }
            | Node::Custom { args, .. } => args.iter_mut().for_each(|arg| *arg = map(*arg)),
        }
        self
    }

    /// The types of the results for operands of these types.
    pub fn infer(&self, args: &[&Type]) -> Result<SmallVec<[Type; 2]>, Problem> {
        let arity = |expected: usize| match args.len() {
            found if found == expected => Ok(()),
            found => Err(Problem::Arity { expected, found }),
        };
        let one = |ty: Type| -> Result<SmallVec<[Type; 2]>, Problem> {
            check_size(ty.dtype, &ty.shape)?;
            Ok(smallvec![ty])
        };
        match self {
            Node::Input(input) => {
                arity(0)?;
                if input.facts != Facts::NONE && input.ty.rank() < 2 {
                    return Err(Problem::Usage(String::from("facts are about matrices, so of two axes or more")));
                }
                one(input.ty.clone())
            }
            Node::Constant(tensor) => {
                arity(0)?;
                one(tensor.ty())
            }
            Node::Elementwise { op, .. } => {
                arity(op.arity())?;
                let shape = broadcast(args.iter().map(|ty| &ty.shape[..])).ok_or(Problem::Broadcast)?;
                let select = usize::from(op.rule() == DTypeRule::Select);
                let dtype = args[select].dtype;
                if args[select..].iter().any(|ty| ty.dtype != dtype) || (select == 1 && args[0].dtype != DType::Bool) {
                    return Err(Problem::MixedDTypes);
                }
                if !op.has_loop(dtype) {
                    return Err(Problem::NoLoop { dtype });
                }
                one(Type::new(op.result(dtype), shape))
            }
            Node::Cast { dtype, .. } => {
                arity(1)?;
                // The builders take complex numbers apart.
                if let Some(dtype) = [args[0].dtype, *dtype].into_iter().find(|dtype| dtype.is_complex()) {
                    return Err(Problem::NoLoop { dtype });
                }
                one(args[0].with_dtype(*dtype))
            }
            Node::View { view, .. } => {
                arity(1)?;
                one(Type::new(args[0].dtype, infer_view(view, args[0])?))
            }
            Node::Concat { axis, .. } => {
                let first = args.first().ok_or(Problem::Arity { expected: 1, found: 0 })?;
                let mut shape = first.shape.clone();
                let rank = shape.len();
                let size = shape.get_mut(*axis).ok_or(Problem::Axis { axis: *axis as isize, rank })?;
                *size = 0;
                for ty in args {
                    if ty.dtype != first.dtype {
                        return Err(Problem::MixedDTypes);
                    }
                    let rest = |s: &[usize]| {
                        s.iter().enumerate().filter(|(i, _)| i != axis).map(|(_, n)| *n).collect::<Shape>()
                    };
                    if ty.rank() != rank || rest(&ty.shape) != rest(&first.shape) {
                        return Err(Problem::Concat { axis: *axis });
                    }
                    shape[*axis] = shape[*axis].saturating_add(ty.shape[*axis]);
                }
                one(Type::new(first.dtype, shape))
            }
            Node::Take { axis, along, .. } => {
                let [array, indices @ ..] = args else { return Err(Problem::Arity { expected: 2, found: 0 }) };
                one(Type::new(array.dtype, taken_shape(*axis, *along, array, indices)?))
            }
            Node::Put { axis, along, op, .. } => {
                let [array, indices @ .., values] = args else {
                    return Err(Problem::Arity { expected: 3, found: args.len() });
                };
                let shape = taken_shape(*axis, *along, array, indices)?;
                if values.dtype != array.dtype {
                    return Err(Problem::MixedDTypes);
                }
                if op.is_some_and(|op| !scan::updates(op, array.dtype)) {
                    return Err(Problem::NoLoop { dtype: array.dtype });
                }
                if values.shape != shape {
                    return Err(Problem::BroadcastTo { shape: shape.to_vec() });
                }
                one((*array).clone())
            }
            Node::WithSlice { axes, .. } => {
                arity(2)?;
                if args[0].dtype != args[1].dtype {
                    return Err(Problem::MixedDTypes);
                }
                let shape = slice_shape(axes, &args[0].shape)?;
                if args[1].shape != shape {
                    return Err(Problem::BroadcastTo { shape: shape.to_vec() });
                }
                one(args[0].clone())
            }
            Node::Reduce { op, axes, .. } => {
                arity(1)?;
                let ty = args[0];
                check_axes(axes, ty.rank())?;
                if !op.has_loop(ty.dtype) {
                    return Err(Problem::NoLoop { dtype: ty.dtype });
                }
                if op.is_arg() && axes.len() != 1 {
                    return Err(Problem::Usage(format!("reduces one axis, not {}", axes.len())));
                }
                let kept = |i: usize| !axes.contains(&i);
                let shape: Shape = (0..ty.rank()).filter(|&i| kept(i)).map(|i| ty.shape[i]).collect();
                let empty = axes.iter().any(|&a| ty.shape[a] == 0);
                if empty && op.identity(ty.dtype).is_none() && !shape.contains(&0) {
                    return Err(Problem::EmptyReduction);
                }
                one(Type::new(op.result(ty.dtype), shape))
            }
            Node::Scan { op, axis, .. } => {
                arity(1)?;
                let ty = args[0];
                check_axes(&[*axis], ty.rank())?;
                if !scan::accumulates(*op, ty.dtype) {
                    return Err(Problem::NoLoop { dtype: ty.dtype });
                }
                one(ty.clone())
            }
            Node::Order { op, .. } => {
                arity(op.arity())?;
                let (row, ty) = (args[0], args[args.len() - 1]);
                if ty.dtype != op.operand(args.len() - 1, row.dtype) {
                    return Err(Problem::MixedDTypes);
                }
                if !op.has_loop(row.dtype) {
                    return Err(Problem::NoLoop { dtype: row.dtype });
                }
                if let OrderOp::Reduceat(_) = op {
                    let &[count] = &ty.shape[..] else {
                        return Err(Problem::Usage(format!("the indices are a list, no array of {} axes", ty.rank())));
                    };
                    let mut parts = row.clone();
                    *parts.shape.last_mut().ok_or(Problem::Axis { axis: -1, rank: 0 })? = count;
                    return one(parts);
                }
                match (op.arity(), row.rank()) {
                    (1, 0) => Err(Problem::Axis { axis: -1, rank: 0 }),
                    (2, rank) if rank != 1 => Err(Problem::Usage(format!("searches in a list, not in {rank} axes"))),
                    _ => one(ty.with_dtype(op.result(ty.dtype))),
                }
            }
            Node::Linalg { op, .. } => {
                arity(op.arity())?;
                let signature = || Problem::Signature { signature: op.signature() };
                let dtype = args[0].dtype;
                if args.iter().enumerate().any(|(i, ty)| ty.dtype != op.operand_dtype(i, dtype)) {
                    return Err(Problem::MixedDTypes);
                }
                if !op.has_loop(dtype) {
                    return Err(Problem::NoLoop { dtype });
                }
                let split = |(ty, core): (&&'_ Type, ops::linalg::Core)| ty.rank().checked_sub(core.len());
                let depths: Option<SmallVec<[usize; 4]>> = args.iter().zip(op.operands()).map(split).collect();
                let depths = depths.ok_or_else(signature)?;
                let parts = || args.iter().zip(&depths).map(|(ty, &depth)| ty.shape.split_at(depth));
                let cores: SmallVec<[&[usize]; 4]> = parts().map(|(_, core)| core).collect();
                let cores = op.infer(&cores).ok_or_else(signature)?;
                let stack = broadcast(parts().map(|(stack, _)| stack)).ok_or(Problem::Broadcast)?;
                cores
                    .into_iter()
                    .enumerate()
                    .map(|(i, core)| {
                        let shape: Shape = stack.iter().copied().chain(core).collect();
                        let dtype = op.result_dtype(i, dtype);
                        check_size(dtype, &shape)?;
                        Ok(Type { dtype, shape })
                    })
                    .collect()
            }
            Node::Custom { function, implementation, .. } => function.infer(*implementation, args),
        }
    }
}

/// The shape of what indices take of an array.
pub(crate) fn taken_shape(axis: usize, along: bool, array: &Type, indices: &[&Type]) -> Result<Shape, Problem> {
    if indices.is_empty() || (along && indices.len() > 1) {
        return Err(Problem::Arity { expected: 2, found: 1 + indices.len() });
    }
    let end = axis + indices.len();
    if end > array.rank() {
        return Err(Problem::Axis { axis: end as isize - 1, rank: array.rank() });
    }
    if let Some(indices) = indices.iter().find(|ty| ty.dtype != DType::I64) {
        return Err(Problem::NoLoop { dtype: indices.dtype });
    }
    let (shape, taken) = take_shape(axis, along, &array.shape, indices)?;
    if array.shape[axis..end].contains(&0) && !taken.contains(&0) {
        return Err(Problem::Index { index: 0, size: 0 });
    }
    check_size(array.dtype, &shape)?;
    Ok(shape)
}

/// The shape of what is taken, and that of the indices.
fn take_shape(axis: usize, along: bool, array: &[usize], indices: &[&Type]) -> Result<(Shape, Shape), Problem> {
    let taken = broadcast(indices.iter().map(|ty| &ty.shape[..])).ok_or(Problem::Broadcast)?;
    if along {
        if taken.len() != array.len() {
            return Err(Problem::Usage(format!("indices of {} axes for an array of {}", taken.len(), array.len())));
        }
        let mut beside = Shape::from_slice(array);
        beside[axis] = 1;
        let mut shape = broadcast([&beside[..], &taken[..]].into_iter()).ok_or(Problem::Broadcast)?;
        shape[axis] = taken[axis];
        return Ok((shape.clone(), shape));
    }
    let mut shape = Shape::from_slice(&array[..axis]);
    shape.extend_from_slice(&taken);
    shape.extend_from_slice(&array[axis + indices.len()..]);
    Ok((shape, taken))
}

fn check_axes(axes: &[usize], rank: usize) -> Result<(), Problem> {
    for (i, &axis) in axes.iter().enumerate() {
        if axis >= rank {
            return Err(Problem::Axis { axis: axis as isize, rank });
        }
        if i > 0 && axes[i - 1] >= axis {
            return Err(Problem::DuplicateAxis { axis });
        }
    }
    Ok(())
}

fn slice_shape(axes: &[SliceAxis], shape: &[usize]) -> Result<Shape, Problem> {
    if axes.len() != shape.len() {
        return Err(Problem::Slice(format!("{} slices for {} axes", axes.len(), shape.len())));
    }
    match axes.iter().zip(shape).position(|(s, &n)| !s.fits(n)) {
        Some(axis) => Err(Problem::Slice(format!("the slice of axis {axis} is out of bounds"))),
        None => Ok(axes.iter().map(|s| s.len).collect()),
    }
}

fn infer_view(view: &View, ty: &Type) -> Result<Shape, Problem> {
    match view {
        View::Transpose(perm) => {
            let mut sorted = perm.clone();
            sorted.sort_unstable();
            if !sorted.iter().copied().eq(0..ty.rank()) {
                return Err(Problem::Permutation { axes: perm.iter().map(|&a| a as isize).collect() });
            }
            Ok(perm.iter().map(|&a| ty.shape[a]).collect())
        }
        View::Reshape(shape) => {
            check_size(ty.dtype, shape)?;
            if shape.iter().product::<usize>() != ty.len() {
                return Err(Problem::Reshape { shape: shape.iter().map(|&n| n as isize).collect() });
            }
            Ok(shape.clone())
        }
        View::Broadcast(shape) => match broadcast([&ty.shape[..], &shape[..]].into_iter()) {
            Some(result) if result == *shape => Ok(result),
            _ => Err(Problem::BroadcastTo { shape: shape.to_vec() }),
        },
        View::Slice(axes) => slice_shape(axes, &ty.shape),
        View::Diagonal => match ty.shape[..] {
            [ref stack @ .., m, n] => Ok(stack.iter().copied().chain([m.min(n)]).collect()),
            _ => Err(Problem::Axis { axis: -2, rank: ty.rank() }),
        },
        View::Assume(_) => match ty.rank() {
            0 | 1 => Err(Problem::Axis { axis: -2, rank: ty.rank() }),
            _ => Ok(ty.shape.clone()),
        },
    }
}

/// Nodes, their values' types, and the values asked for.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: IndexSet<Node, foldhash::fast::RandomState>,
    first: Vec<ValueId>,
    values: Vec<(NodeId, Type)>,
    locs: Vec<Option<Loc>>,
    /// The results, in order; a value may be asked for twice.
    pub outputs: Vec<Output>,
}

/// A value asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The value.
    pub value: ValueId,
    /// The donated input whose memory takes it when all is computed; the types are equal.
    pub into: Option<Arc<str>>,
}

/// The same nodes in the same order with the same outputs. Where a node was written does not matter, nor where a rank-0
/// constant stands among the nodes, which no text says.
impl PartialEq for Graph {
    fn eq(&self, other: &Self) -> bool {
        let counted = |graph: &Graph, id: &NodeId| graph.as_scalar(graph.value(*id)).is_none();
        let (mut mine, mut others) = (self.node_ids().filter(|id| counted(self, id)), other.node_ids());
        let mut map: Vec<Option<ValueId>> = vec![None; self.value_count()];
        // A value of this graph as one of the other: rank-0 constants by their scalars.
        let same = |map: &[Option<ValueId>], x: ValueId, y: ValueId| match self.as_scalar(x) {
            Some(scalar) => other.as_scalar(y) == Some(scalar),
            None => map[x.index()] == Some(y),
        };
        loop {
            let (a, b) = match (mine.next(), others.find(|id| counted(other, id))) {
                (Some(a), Some(b)) => (a, b),
                (None, None) => break,
                _ => return false,
            };
            let (x, y) = (self.node(a), other.node(b));
            let args =
                x.args().len() == y.args().len() && x.args().iter().zip(y.args()).all(|(&x, &y)| same(&map, x, y));
            let mut given = y.args().iter();
            if !args || x.clone().map_args(|_| *given.next().expect("as many operands")) != *y {
                return false;
            }
            for (x, y) in self.results(a).zip(other.results(b)) {
                map[x] = Some(ValueId::new(y));
            }
        }
        self.outputs.len() == other.outputs.len()
            && self.outputs.iter().zip(&other.outputs).all(|(x, y)| x.into == y.into && same(&map, x.value, y.value))
    }
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node, or finds the equal one; gives its first value, the others follow. Operands must be values of this graph.
    pub fn push(&mut self, node: Node, loc: Option<Loc>) -> Result<ValueId, Problem> {
        if let Some(found) = self.nodes.get_index_of(&node) {
            return Ok(self.first[found]);
        }
        let types = {
            let args: SmallVec<[&Type; 3]> = node.args().iter().map(|&arg| self.ty(arg)).collect();
            node.infer(&args)?
        };
        let (id, first) = (NodeId::new(self.nodes.len()), ValueId::new(self.values.len()));
        self.nodes.insert(node);
        self.first.push(first);
        self.locs.push(loc);
        self.values.extend(types.into_iter().map(|ty| (id, ty)));
        Ok(first)
    }

    /// Every node, operands before users.
    pub fn node_ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(NodeId::new)
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The values a node defines.
    pub fn results(&self, id: NodeId) -> Range<usize> {
        let end = self.first.get(id.index() + 1).map_or(self.values.len(), |v| v.index());
        self.first[id.index()].index()..end
    }

    /// The node that defines a value, and which of its results it is.
    pub fn definition(&self, value: ValueId) -> (NodeId, usize) {
        let node = self.values[value.index()].0;
        (node, value.index() - self.first[node.index()].index())
    }

    /// The node that defines a value.
    pub fn def(&self, value: ValueId) -> &Node {
        self.node(self.definition(value).0)
    }

    /// The first value of a node.
    pub fn value(&self, node: NodeId) -> ValueId {
        self.first[node.index()]
    }

    /// Dtype and shape of a value.
    pub fn ty(&self, value: ValueId) -> &Type {
        &self.values[value.index()].1
    }

    /// The same graph with donations only of inputs that `keep` says.
    pub fn donate(&self, keep: impl Fn(&Input) -> bool) -> Graph {
        let mut graph = Graph::new();
        for (id, node) in self.nodes.iter().enumerate() {
            let node = match node {
                Node::Input(input) => Node::Input(Input { donated: input.donated && keep(input), ..input.clone() }),
                other => other.clone(),
            };
            graph.push(node, self.locs[id]).expect("a node of a valid graph");
        }
        graph.outputs = self.outputs.clone();
        graph
    }

    /// Whether an output is written into this input.
    pub fn updates(&self, input: &Input) -> bool {
        self.outputs.iter().any(|output| output.into.as_ref() == Some(&input.name))
    }

    /// Where a node was written.
    pub fn loc(&self, id: NodeId) -> Option<Loc> {
        self.locs[id.index()]
    }

    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Number of values.
    pub fn value_count(&self) -> usize {
        self.values.len()
    }

    /// The scalar of a rank-0 constant.
    pub fn as_scalar(&self, value: ValueId) -> Option<Scalar> {
        match self.def(value) {
            Node::Constant(tensor) => tensor.as_scalar(),
            _ => None,
        }
    }

    /// The inputs, in order.
    pub fn inputs(&self) -> impl Iterator<Item = (ValueId, &Input)> {
        self.node_ids().filter_map(|id| match self.node(id) {
            Node::Input(input) => Some((self.value(id), input)),
            _ => None,
        })
    }

    /// How often each value is an operand or an output, by value index.
    pub fn uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.values.len()];
        let args = self.nodes.iter().flat_map(Node::args);
        args.chain(self.outputs.iter().map(|o| &o.value)).for_each(|value| uses[value.index()] += 1);
        uses
    }

    /// The same graph without nodes no output needs, constants just before their first user; inputs stay and come first.
    pub fn sweep(&self) -> Graph {
        let mut live = vec![false; self.nodes.len()];
        self.outputs.iter().for_each(|o| live[self.definition(o.value).0.index()] = true);
        for id in self.node_ids().rev() {
            if live[id.index()] {
                self.node(id).args().iter().for_each(|&arg| live[self.definition(arg).0.index()] = true);
            }
        }
        let mut rebuild = Rebuild::new(self);
        for id in self.node_ids() {
            if matches!(self.node(id), Node::Input(_)) {
                rebuild.copy(id);
            }
        }
        for id in self.node_ids() {
            if live[id.index()] && !matches!(self.node(id), Node::Input(_) | Node::Constant(_)) {
                rebuild.copy(id);
            }
        }
        rebuild.finish()
    }
}
