//! The naive schedule: one node, one kernel or call, one buffer. Nothing is saved here but views, which are accesses; what
//! can be saved is then visible in the program and taken by the passes after it.
//!
//! A view of a buffer is other strides on it, so only a reshape that no strides express copies. A routine's matrices are
//! given as they lie; a product whose operand has no unit stride copies it. Copies say why they exist.

use crate::passes::canonicalise::reshape_strides;
use evanesce_ir::custom::Custom;
use evanesce_ir::error::Loc;
use evanesce_ir::facts::{self, Facts};
use evanesce_ir::graph::{Graph, Node, SliceAxis, View};
use evanesce_ir::ids::{BufferId, LocalId, NodeId, ValueId};
use evanesce_ir::ops::{ElementwiseOp, LinalgOp, OrderOp, Routine};
use evanesce_ir::program::{
    Access, Buffer, BufferKind, Call, CopyReason, CustomCall, Indexed, Kernel, Matrix, Program, Scatter, Stacked, Step,
    Stmt, Value,
};
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{Axes, Shape, Strides, Type, row_major};
use evanesce_ir::verify;
use smallvec::{SmallVec, smallvec};
use std::sync::Arc;

/// Element strides of the caller's arrays; `None` is row-major. Missing entries are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Layouts {
    /// Of the inputs, in the graph's order.
    pub inputs: Vec<Option<Strides>>,
    /// Of the outputs, in order.
    pub outputs: Vec<Option<Strides>>,
}

/// Where a value's elements are.
#[derive(Clone, Debug)]
enum Place {
    /// In a buffer, at these strides over the value's shape.
    Buffer(BufferId, Access),
    /// Every element is this scalar.
    Scalar(Scalar),
}

/// Schedules a verified graph.
pub fn run(graph: &Graph, layouts: &Layouts) -> Program {
    let mut scheduler = Scheduler {
        graph,
        facts: facts::infer(graph),
        program: Program::default(),
        places: vec![None; graph.value_count()],
        outputs: vec![None; graph.value_count()],
    };
    scheduler.inputs(layouts);
    scheduler.outputs(layouts);
    for id in graph.node_ids() {
        scheduler.node(id);
    }
    scheduler.finish();
    scheduler.program
}

struct Scheduler<'g> {
    graph: &'g Graph,
    facts: Vec<Facts>,
    program: Program,
    places: Vec<Option<Place>>,
    /// The output buffer a value is computed into.
    outputs: Vec<Option<BufferId>>,
}

fn local(i: usize) -> LocalId {
    LocalId::new(i)
}

fn define(i: usize, value: Value, loc: Option<Loc>) -> Stmt {
    Stmt::Let { local: local(i), value, loc }
}

/// The scalar that every element of a constant is.
fn uniform(tensor: &Tensor) -> Option<Scalar> {
    let scalars = tensor.scalars();
    let &first = scalars.first()?;
    scalars.iter().all(|scalar| *scalar == first).then_some(first)
}

/// Where the elements of a slice are.
fn sliced(access: &Access, axes: &[SliceAxis]) -> Access {
    let both = || axes.iter().zip(&access.strides);
    Access {
        offset: access.offset + both().map(|(s, stride)| s.start as isize * stride).sum::<isize>(),
        strides: both().map(|(s, stride)| s.step * stride).collect(),
    }
}

/// The loops over what indices take of an array.
struct Places {
    axis: usize,
    along: bool,
    /// How many axes are indexed.
    count: usize,
    /// The loops that walk the indices: of `along` all of them.
    taken: std::ops::Range<usize>,
    /// Number of loops.
    rank: usize,
    shape: Shape,
}

impl Places {
    fn new(axis: usize, along: bool, count: usize, shape: &[usize], rank: usize) -> Places {
        let taken = if along { 0..rank } else { axis..axis + rank - (shape.len() - count) };
        Places { axis, along, count, taken, rank, shape: shape.into() }
    }

    /// Where an index is read.
    fn index(&self, own: &Access) -> Access {
        let mut strides = Strides::from_elem(0, self.rank);
        strides[self.taken.clone()].copy_from_slice(&own.strides);
        Access { offset: own.offset, strides }
    }

    /// Where the element is when every index is 0, for the strides of the array.
    fn element(&self, array: &Access) -> Access {
        let strides = if self.along {
            // Outside of the axis the array broadcasts; along it the index alone moves.
            let moves = |(a, (&s, &n)): (usize, (&isize, &usize))| if a == self.axis || n == 1 { 0 } else { s };
            array.strides.iter().zip(&self.shape).enumerate().map(moves).collect()
        } else {
            let mut strides: Strides = array.strides[..self.axis].into();
            strides.extend(std::iter::repeat_n(0, self.taken.len()));
            strides.extend_from_slice(&array.strides[self.axis + self.count..]);
            strides
        };
        Access { offset: array.offset, strides }
    }
}

impl Scheduler<'_> {
    fn inputs(&mut self, layouts: &Layouts) {
        for (i, (value, input)) in self.graph.inputs().enumerate() {
            let strides = layouts.inputs.get(i).cloned().flatten().unwrap_or_else(|| row_major(&input.ty.shape));
            let access = Access { offset: 0, strides: strides.clone() };
            let kind = BufferKind::Input { name: input.name.clone(), donated: input.donated };
            let id = self.program.push(Buffer { kind, ty: input.ty.clone(), strides });
            self.places[value.index()] = Some(Place::Buffer(id, access));
        }
    }

    /// Makes the output buffers; a value that a node computes goes straight to its first one.
    fn outputs(&mut self, layouts: &Layouts) {
        for (i, output) in self.graph.outputs.iter().enumerate() {
            let id = match &output.into {
                Some(name) => {
                    let position = self.program.inputs().find(|(_, n)| *n == &**name);
                    position.expect("verified: the input exists").0
                }
                None => {
                    let ty = self.graph.ty(output.value).clone();
                    let strides = layouts.outputs.get(i).cloned().flatten().unwrap_or_else(|| row_major(&ty.shape));
                    let direct = match self.graph.def(output.value) {
                        Node::Input(_) | Node::Constant(_) | Node::View { .. } => false,
                        Node::Linalg { .. } | Node::Order { .. } => strides == row_major(&ty.shape),
                        _ => true,
                    };
                    let id = self.program.push(Buffer { kind: BufferKind::Output, ty, strides });
                    let slot = &mut self.outputs[output.value.index()];
                    if direct && slot.is_none() {
                        *slot = Some(id);
                    }
                    id
                }
            };
            self.program.outputs.push(id);
        }
    }

    fn ty(&self, value: ValueId) -> &Type {
        self.graph.ty(value)
    }

    fn temp(&mut self, ty: Type) -> BufferId {
        let strides = row_major(&ty.shape);
        self.program.push(Buffer { kind: BufferKind::Temp(None), ty, strides })
    }

    /// The buffer a node's value is computed into, now its place.
    fn target(&mut self, value: ValueId) -> (BufferId, Access) {
        let id = match self.outputs[value.index()] {
            Some(id) => id,
            None => self.temp(self.ty(value).clone()),
        };
        let access = Access { offset: 0, strides: self.program.buffer(id).strides.clone() };
        self.places[value.index()] = Some(Place::Buffer(id, access.clone()));
        (id, access)
    }

    fn place(&self, value: ValueId) -> Place {
        self.places[value.index()].clone().expect("operands come before users")
    }

    /// The place of a value, in memory even when it is a scalar.
    fn memory(&mut self, value: ValueId) -> (BufferId, Access) {
        match self.place(value) {
            Place::Buffer(id, access) => (id, access),
            Place::Scalar(_) if let Node::Constant(tensor) = self.graph.def(value) => {
                let access = Access::identity(tensor.shape());
                let id = self.constant(tensor.clone());
                self.places[value.index()] = Some(Place::Buffer(id, access.clone()));
                (id, access)
            }
            Place::Scalar(_) => self.repeated(value),
        }
    }

    /// The place of a value in memory, one element of it when all are equal.
    fn repeated(&mut self, value: ValueId) -> (BufferId, Access) {
        match self.place(value) {
            Place::Buffer(id, access) => (id, access),
            Place::Scalar(scalar) => {
                let id = self.constant(Arc::new(Tensor::scalar(scalar)));
                (id, Access { offset: 0, strides: Strides::from_elem(0, self.ty(value).rank()) })
            }
        }
    }

    fn constant(&mut self, tensor: Arc<Tensor>) -> BufferId {
        let ty = tensor.ty();
        let strides = row_major(&ty.shape);
        self.program.push(Buffer { kind: BufferKind::Constant(tensor), ty, strides })
    }

    /// A read of an operand that broadcasts to `rank` loops.
    fn read(&self, value: ValueId, rank: usize) -> Value {
        match self.place(value) {
            Place::Scalar(scalar) => Value::Constant(scalar),
            Place::Buffer(buffer, access) => {
                let shape = &self.ty(value).shape;
                let mut strides = Strides::from_elem(0, rank - shape.len());
                strides.extend(access.strides.iter().zip(shape).map(|(&s, &n)| if n == 1 { 0 } else { s }));
                Value::Load { buffer, access: Access { offset: access.offset, strides } }
            }
        }
    }

    fn kernel(&mut self, dims: &[usize], body: Vec<Stmt>, copy: Option<CopyReason>) {
        if !dims.contains(&0) {
            self.program.steps.push(Step::Kernel(Kernel { dims: dims.into(), body, copy }));
        }
    }

    fn node(&mut self, id: NodeId) {
        let (value, loc) = (self.graph.value(id), self.graph.loc(id));
        let ty = self.ty(value).clone();
        let graph = self.graph;
        match graph.node(id) {
            Node::Input(_) => {}
            Node::Constant(tensor) => {
                let place = match uniform(tensor) {
                    Some(scalar) => Place::Scalar(scalar),
                    None => {
                        let id = self.constant(tensor.clone());
                        Place::Buffer(id, Access::identity(&ty.shape))
                    }
                };
                self.places[value.index()] = Some(place);
            }
            Node::Elementwise { op, args } => {
                self.pointwise(value, args, loc, |locals| Value::Elementwise { op: *op, args: locals });
            }
            Node::Cast { dtype, args } => {
                self.pointwise(value, args, loc, |locals| Value::Cast { dtype: *dtype, arg: locals[0] });
            }
            Node::View { view, args } => self.view(value, view, args[0]),
            Node::Concat { axis, args } => {
                let (buffer, mut access) = self.target(value);
                for &arg in args {
                    let shape = self.ty(arg).shape.clone();
                    let load = define(0, self.read(arg, shape.len()), loc);
                    let store = Stmt::Store { buffer, access: access.clone(), value: local(0) };
                    self.kernel(&shape, vec![load, store], None);
                    access.offset += access.strides[*axis] * shape[*axis] as isize;
                }
            }
            Node::Take { axis, along, args } => self.take(value, *axis, *along, args, loc),
            Node::Put { axis, along, op, args } => self.put(value, (*axis, *along, *op), args, loc),
            Node::WithSlice { axes, args } => {
                let (buffer, access) = self.target(value);
                let whole = define(0, self.read(args[0], ty.rank()), loc);
                let store = Stmt::Store { buffer, access: access.clone(), value: local(0) };
                let moves = matches!(whole, Stmt::Let { value: Value::Load { .. }, .. });
                self.kernel(&ty.shape, vec![whole, store], moves.then_some(CopyReason::Slice));
                let shape = self.ty(args[1]).shape.clone();
                let part = define(0, self.read(args[1], shape.len()), loc);
                let store = Stmt::Store { buffer, access: sliced(&access, axes), value: local(0) };
                self.kernel(&shape, vec![part, store], None);
            }
            Node::Reduce { op, axes, args } => {
                let (buffer, access) = self.target(value);
                let shape = self.ty(args[0]).shape.clone();
                let dtype = self.ty(args[0]).dtype;
                // The loops in scope: the kept axes, then the reduced ones in order.
                let order = (0..shape.len()).filter(|a| !axes.contains(a)).chain(axes.iter().copied());
                let element = match self.read(args[0], shape.len()) {
                    Value::Load { buffer, access } => {
                        let strides = order.map(|a| access.strides[a]).collect();
                        Value::Load { buffer, access: Access { offset: access.offset, strides } }
                    }
                    constant => constant,
                };
                // The innermost reduction is the last axis; locals are numbered from the outside in.
                let mut body = vec![define(axes.len(), element, loc)];
                for (i, &axis) in axes.iter().enumerate().rev() {
                    let extent = shape[axis];
                    let nested = Stmt::Reduce { local: local(i), op: *op, extent, dtype, body, value: local(i + 1) };
                    body = vec![nested];
                }
                body.push(Stmt::Store { buffer, access, value: local(0) });
                self.kernel(&ty.shape, body, None);
            }
            Node::Scan { op, axis, args } => {
                let (buffer, mut access) = self.target(value);
                // The loop in order is the innermost one.
                let order: Axes = (0..ty.rank()).filter(|a| a != axis).chain([*axis]).collect();
                let inward = |access: &mut Access| access.strides = order.iter().map(|&a| access.strides[a]).collect();
                let mut element = self.read(args[0], ty.rank());
                if let Value::Load { access, .. } = &mut element {
                    inward(access);
                }
                inward(&mut access);
                let scan = Value::Scan { op: *op, arg: local(0) };
                let store = Stmt::Store { buffer, access, value: local(1) };
                let dims: Shape = order.iter().map(|&a| ty.shape[a]).collect();
                self.kernel(&dims, vec![define(0, element, loc), define(1, scan, loc), store], None);
            }
            Node::Order { op, args } => self.order(value, *op, args, loc),
            Node::Linalg { op, lower, args } => self.linalg(id, *op, *lower, args),
            Node::Custom { function, implementation, args } => self.custom(id, function, *implementation, args),
        }
    }

    /// A kernel over the result's shape: operands loaded, one op, the result stored.
    fn pointwise(
        &mut self,
        value: ValueId,
        args: &[ValueId],
        loc: Option<Loc>,
        op: impl FnOnce(SmallVec<[LocalId; 3]>) -> Value,
    ) {
        let dims = self.ty(value).shape.clone();
        let (buffer, access) = self.target(value);
        let mut body: Vec<Stmt> = Vec::with_capacity(args.len() + 2);
        let mut locals: SmallVec<[LocalId; 3]> = SmallVec::new();
        for (i, arg) in args.iter().enumerate() {
            match args[..i].iter().position(|other| other == arg) {
                Some(same) => locals.push(locals[same]),
                None => {
                    locals.push(local(body.len()));
                    body.push(define(body.len(), self.read(*arg, dims.len()), loc));
                }
            }
        }
        let result = body.len();
        body.push(define(result, op(locals), loc));
        body.push(Stmt::Store { buffer, access, value: local(result) });
        self.kernel(&dims, body, None);
    }

    fn copy(&mut self, from: (BufferId, Access), to: (BufferId, Access), dims: &[usize], reason: CopyReason) {
        let load = define(0, Value::Load { buffer: from.0, access: from.1 }, None);
        let store = Stmt::Store { buffer: to.0, access: to.1, value: local(0) };
        self.kernel(dims, vec![load, store], Some(reason));
    }

    fn view(&mut self, value: ValueId, view: &View, arg: ValueId) {
        let shape = self.ty(arg).shape.clone();
        let (buffer, access) = match self.place(arg) {
            Place::Buffer(buffer, access) => (buffer, access),
            scalar @ Place::Scalar(_) => {
                self.places[value.index()] = Some(scalar);
                return;
            }
        };
        let Access { mut offset, strides } = access.clone();
        let strides: Strides = match view {
            View::Assume(_) => strides,
            View::Transpose(perm) => perm.iter().map(|&a| strides[a]).collect(),
            View::Broadcast(to) => {
                let kept = strides.iter().zip(&shape).map(|(&s, &n)| if n == 1 { 0 } else { s });
                std::iter::repeat_n(0, to.len() - shape.len()).chain(kept).collect()
            }
            View::Slice(axes) => {
                let slice = sliced(&access, axes);
                offset = slice.offset;
                slice.strides
            }
            View::Diagonal => {
                let (stack, core) = strides.split_at(strides.len() - 2);
                stack.iter().copied().chain([core[0] + core[1]]).collect()
            }
            View::Reshape(to) => match reshape_strides(&shape, &strides, to) {
                Some(strides) => strides,
                None => {
                    let (copy, target) = self.target(value);
                    self.copy((buffer, access), (copy, Access::identity(&shape)), &shape, CopyReason::Reshape);
                    self.places[value.index()] = Some(Place::Buffer(copy, target));
                    return;
                }
            },
        };
        self.places[value.index()] = Some(Place::Buffer(buffer, Access { offset, strides }));
    }

    /// A kernel over the result's shape: the indices loaded, one gather, the result stored.
    fn take(&mut self, value: ValueId, axis: usize, along: bool, args: &[ValueId], loc: Option<Loc>) {
        let ty = self.ty(value).clone();
        let shape = self.ty(args[0]).shape.clone();
        let (buffer, access) = self.memory(args[0]);
        let count = args.len() - 1;
        let places = Places::new(axis, along, count, &shape, ty.rank());
        let mut body = Vec::with_capacity(args.len() + 2);
        let (mut indices, mut axes) = (SmallVec::new(), SmallVec::new());
        for (i, &arg) in args[1..].iter().enumerate() {
            let index = match self.read(arg, places.taken.len()) {
                Value::Load { buffer, access } => Value::Load { buffer, access: places.index(&access) },
                constant => constant,
            };
            indices.push(local(i));
            axes.push(Indexed { stride: access.strides[axis + i], size: shape[axis + i] });
            body.push(define(i, index, loc));
        }
        let access = places.element(&access);
        body.push(define(count, Value::Gather { buffer, access, indices, axes }, loc));
        let (target, to) = self.target(value);
        body.push(Stmt::Store { buffer: target, access: to, value: local(count) });
        self.kernel(&ty.shape, body, None);
    }

    /// A call over the rows of the last axis; a list to search in is the same for every row of values.
    fn order(&mut self, value: ValueId, op: OrderOp, args: &[ValueId], loc: Option<Loc>) {
        let ty = self.ty(value).clone();
        let target = self.target(value);
        if ty.is_empty() {
            return;
        }
        let stack = &ty.shape[..ty.rank().saturating_sub(1)];
        let row = |shape: &[usize], (buffer, access): (BufferId, Access)| {
            let own = shape.len().saturating_sub(1);
            let mut strides = Strides::from_elem(0, stack.len() - own);
            strides.extend_from_slice(&access.strides[..own]);
            strides.extend([0, access.strides.last().copied().unwrap_or(0)]);
            let cols = shape.last().copied().unwrap_or(1);
            Matrix { buffer, rows: 1, cols, access: Access { offset: access.offset, strides }, conj: false }
        };
        let operands = args.iter().map(|&arg| {
            let place = self.memory(arg);
            row(&self.ty(arg).shape, place)
        });
        let operands = operands.collect();
        let results = smallvec![row(&ty.shape, target)];
        let (routine, dtype) = (Routine::Order(op), self.ty(args[0]).dtype);
        let call = Call { routine, dtype, stack: stack.into(), results, operands, lower: false, op: op.name(), loc };
        self.program.steps.push(Step::Call(call));
    }

    /// The array copied, then written at the indices.
    fn put(
        &mut self,
        value: ValueId,
        (axis, along, op): (usize, bool, Option<ElementwiseOp>),
        args: &[ValueId],
        loc: Option<Loc>,
    ) {
        let &[array, ref indices @ .., elements] = args else { unreachable!("verified: at least three operands") };
        let shape = self.ty(array).shape.clone();
        let dims = self.ty(elements).shape.clone();
        let places = Places::new(axis, along, indices.len(), &shape, dims.len());
        let read: Vec<(BufferId, Access)> = indices
            .iter()
            .map(|&arg| {
                let (buffer, access) = self.repeated(arg);
                let own = &self.ty(arg).shape;
                let mut strides = Strides::from_elem(0, places.taken.len() - own.len());
                strides.extend(access.strides.iter().zip(own).map(|(&s, &n)| if n == 1 { 0 } else { s }));
                (buffer, places.index(&Access { offset: access.offset, strides }))
            })
            .collect();
        let from = self.repeated(elements);
        let (buffer, access) = self.target(value);
        let whole = define(0, self.read(array, shape.len()), loc);
        let moves = matches!(whole, Stmt::Let { value: Value::Load { .. }, .. });
        let store = Stmt::Store { buffer, access: access.clone(), value: local(0) };
        self.kernel(&shape, vec![whole, store], moves.then_some(CopyReason::Slice));
        if dims.contains(&0) {
            return;
        }
        let indexed = |(i, (id, place)): (usize, (BufferId, Access))| {
            (id, place, Indexed { stride: access.strides[axis + i], size: shape[axis + i] })
        };
        let indices = read.into_iter().enumerate().map(indexed).collect();
        let access = places.element(&access);
        self.program.steps.push(Step::Scatter(Scatter { dims, buffer, access, indices, value: from, op, loc }));
    }

    fn linalg(&mut self, id: NodeId, op: LinalgOp, lower: bool, args: &[ValueId]) {
        let loc = self.graph.loc(id);
        let results: Vec<ValueId> = self.graph.results(id).map(ValueId::new).collect();
        let ty = self.ty(results[0]).clone();
        let core = op.cores().next().map_or(0, |core| core.len());
        let stack = &ty.shape[..ty.rank() - core];
        let targets: Vec<(BufferId, Access)> = results.iter().map(|&v| self.target(v)).collect();
        if results.iter().all(|&v| self.ty(v).is_empty()) {
            return;
        }
        if self.ty(args[0]).is_empty() {
            // A sum of no products is 0, a product of no pivots is 1; a basis of which nothing is asked is the identity.
            let basis = matches!(op, LinalgOp::SvdFull | LinalgOp::QrComplete | LinalgOp::Lu);
            for (i, (&value, (buffer, access))) in results.iter().zip(targets).enumerate() {
                let one = match op {
                    LinalgOp::Det | LinalgOp::Slogdet => i == 0,
                    LinalgOp::TryInv | LinalgOp::TrySolve => i == 1,
                    _ => false,
                };
                let Type { dtype, mut shape } = self.ty(value).clone();
                let fill = if one { Scalar::one(dtype) } else { Scalar::zero(dtype) };
                let stored = |fill: Scalar, access: Access| {
                    vec![define(0, Value::Constant(fill), loc), Stmt::Store { buffer, access, value: local(0) }]
                };
                self.kernel(&shape, stored(fill, access.clone()), None);
                if basis && shape.len() >= 2 && shape[shape.len() - 1] == shape[shape.len() - 2] {
                    shape.pop();
                    let Access { offset, mut strides } = access;
                    let column = strides.pop().expect("a matrix has columns");
                    *strides.last_mut().expect("a matrix has rows") += column;
                    self.kernel(&shape, stored(Scalar::one(dtype), Access { offset, strides }), None);
                }
            }
            return;
        }
        let known = self.facts[args[0].index()];
        let (routine, lower) = match op {
            LinalgOp::Solve if known.has(Facts::LOWER_TRIANGULAR) => (Routine::SolveTriangular, true),
            LinalgOp::Solve if known.has(Facts::UPPER_TRIANGULAR) => (Routine::SolveTriangular, false),
            LinalgOp::Solve if known.has(Facts::SPD) => (Routine::SolveSpd, false),
            LinalgOp::Inv if known.has(Facts::SPD) => (Routine::InvSpd, false),
            _ => (Routine::of(op), lower),
        };
        let cores = op.operands().map(|core| core.len());
        let operands = args.iter().zip(cores).map(|(&arg, core)| self.operand(arg, core, stack, routine)).collect();
        let results = results.iter().zip(targets).zip(op.cores()).map(|((&value, (buffer, mut access)), core)| {
            let (shape, depth) = (&self.ty(value).shape, stack.len());
            let [rows, cols] = match core[..] {
                [] => {
                    access.strides.extend([1, 1]);
                    [1, 1]
                }
                // A row.
                [_] => {
                    access.strides.insert(depth, 0);
                    [1, shape[depth]]
                }
                _ => [shape[depth], shape[depth + 1]],
            };
            Matrix { buffer, rows, cols, access, conj: false }
        });
        let call = Call {
            routine,
            dtype: self.ty(args[0]).dtype,
            stack: stack.into(),
            results: results.collect(),
            operands,
            lower,
            op: op.name(),
            loc,
        };
        self.program.steps.push(Step::Call(call));
    }

    /// A stack of matrices, or of vectors as rows, where it lies.
    fn operand(&mut self, value: ValueId, core: usize, stack: &[usize], routine: Routine) -> Matrix {
        let shape = self.ty(value).shape.clone();
        let (own_stack, sizes) = shape.split_at(shape.len() - core);
        let (buffer, access) = self.memory(value);
        let mut strides = Strides::from_elem(0, stack.len() - own_stack.len());
        let repeated = |(&s, &n): (&isize, &usize)| if n == 1 { 0 } else { s };
        strides.extend(access.strides.iter().zip(own_stack).map(repeated));
        let [rows, cols] = match *sizes {
            [n] => {
                strides.push(0);
                [1, n]
            }
            _ => [sizes[0], sizes[1]],
        };
        strides.extend_from_slice(&access.strides[own_stack.len()..]);
        let matrix = Matrix { buffer, rows, cols, access: Access { offset: access.offset, strides }, conj: false };
        if routine != Routine::Matmul || verify::takes(&matrix) {
            return matrix;
        }
        let dtype = self.ty(value).dtype;
        let copy = self.temp(Type::new(dtype, &shape));
        self.copy((buffer, access), (copy, Access::identity(&shape)), &shape, CopyReason::Layout);
        self.places[value.index()] = Some(Place::Buffer(copy, Access::identity(&shape)));
        self.operand(value, core, stack, routine)
    }

    /// A call over the whole stack, of arrays as they lie and of results of any strides.
    fn custom(&mut self, id: NodeId, function: &Custom, implementation: usize, args: &[ValueId]) {
        let values: Vec<ValueId> = self.graph.results(id).map(ValueId::new).collect();
        let signature = function.signature().expect("verified: the function has this implementation");
        let rank = self.ty(values[0]).rank() - signature.results().next().expect("a function has results");
        let stack: Shape = self.ty(values[0]).shape[..rank].into();
        let operands = args.iter().zip(signature.operands()).map(|(&arg, axes)| {
            let shape = self.ty(arg).shape.clone();
            let (own_stack, core) = shape.split_at(shape.len() - axes);
            let (buffer, access) = self.memory(arg);
            let mut strides = Strides::from_elem(0, rank - own_stack.len());
            let repeated = |(&s, &n): (&isize, &usize)| if n == 1 { 0 } else { s };
            strides.extend(access.strides.iter().zip(own_stack).map(repeated));
            strides.extend_from_slice(&access.strides[own_stack.len()..]);
            Stacked { buffer, core: core.into(), access: Access { offset: access.offset, strides } }
        });
        let operands = operands.collect();
        let results = values.iter().map(|&value| {
            let core = self.ty(value).shape[rank..].into();
            let (buffer, access) = self.target(value);
            Stacked { buffer, core, access }
        });
        let results = results.collect();
        if stack.contains(&0) {
            return;
        }
        let (function, loc) = (function.clone(), self.graph.loc(id));
        self.program.steps.push(Step::Custom(CustomCall { function, implementation, stack, results, operands, loc }));
    }

    /// Copies what was not computed in its place: first outputs, then updates of inputs, which other copies may still read.
    fn finish(&mut self) {
        let graph = self.graph;
        let mut updates: SmallVec<[(ValueId, BufferId); 4]> = smallvec![];
        for (output, id) in graph.outputs.iter().zip(self.program.outputs.clone()) {
            if output.into.is_some() {
                updates.push((output.value, id));
            } else if self.outputs[output.value.index()] != Some(id) {
                self.move_to(output.value, id, CopyReason::Output);
            }
        }
        // A value that lies in an input which another update overwrites is saved first.
        let overwritten: Vec<BufferId> = updates.iter().map(|(_, id)| *id).collect();
        for (value, id) in &updates {
            let shape = self.ty(*value).shape.clone();
            if let Place::Buffer(from, access) = self.place(*value)
                && overwritten.contains(&from)
                && (from != *id || access.strides != self.program.buffer(*id).strides)
            {
                let saved = self.temp(self.ty(*value).clone());
                self.copy((from, access), (saved, Access::identity(&shape)), &shape, CopyReason::Update);
                self.places[value.index()] = Some(Place::Buffer(saved, Access::identity(&shape)));
            }
        }
        for (value, id) in updates {
            if !matches!(self.place(value), Place::Buffer(from, _) if from == id) {
                self.move_to(value, id, CopyReason::Update);
            }
        }
    }

    fn move_to(&mut self, value: ValueId, to: BufferId, reason: CopyReason) {
        let shape = self.ty(value).shape.clone();
        let target = Access { offset: 0, strides: self.program.buffer(to).strides.clone() };
        match self.place(value) {
            Place::Buffer(buffer, access) => self.copy((buffer, access), (to, target), &shape, reason),
            Place::Scalar(scalar) => {
                let store = Stmt::Store { buffer: to, access: target, value: local(0) };
                self.kernel(&shape, vec![define(0, Value::Constant(scalar), None), store], None);
            }
        }
    }
}
