//! The program: how a graph is computed. Buffers, and steps over them in order: loop nests ([`Kernel`]), writes at computed
//! places ([`Scatter`]) and calls of linear-algebra routines ([`Call`]).
//!
//! A buffer is addressed by element offsets from its first logical element, so any strides will do: an access is an affine
//! function of the loop indices. A kernel is a nest of parallel loops around a straight-line body whose statements are
//! loads, scalar ops, stores and nested reductions; an index of a reduction extends the indices of the nest around it. A
//! reduction may store what its elements are made of, and computes each of them once.
//! The innermost loop of a kernel with a scan is in order: each iteration has the scan's value of the one before.
//! Views cost nothing here: they are other accesses to the same buffer.

use crate::custom::Custom;
use crate::error::Loc;
use crate::ids::{BufferId, LocalId};
use crate::ops::{ElementwiseOp, LinalgOp, ReduceOp, Routine};
use crate::tensor::{Scalar, Tensor};
use crate::types::{DType, Shape, Strides, Type};
use smallvec::SmallVec;
use std::sync::Arc;

/// What a buffer's memory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BufferKind {
    /// The caller's; written only when it is donated.
    Input {
        /// The graph's name for it.
        name: Arc<str>,
        /// Whether it may be overwritten.
        donated: bool,
    },
    /// Known at compile time.
    Constant(Arc<Tensor>),
    /// The caller's, written.
    Output,
    /// The program's own; its byte offset in the arena once placed.
    Temp(Option<usize>),
}

/// Memory of one array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// What it is.
    pub kind: BufferKind,
    /// Dtype and shape.
    pub ty: Type,
    /// Element strides from the first logical element; row-major for all but inputs and outputs.
    pub strides: Strides,
}

/// An affine element offset: `offset + sum(strides[d] * i[d])` over the loop indices in scope, outermost first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// At index zero.
    pub offset: isize,
    /// One coefficient for each loop in scope.
    pub strides: Strides,
}

/// What a computed index indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Indexed {
    /// Elements between consecutive indices.
    pub stride: isize,
    /// Number of indices.
    pub size: usize,
}

/// A scalar computed in a kernel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A literal.
    Constant(Scalar),
    /// An element of a buffer.
    Load {
        /// The buffer.
        buffer: BufferId,
        /// The element.
        access: Access,
    },
    /// An element of a buffer by computed indices, which count from the end when negative; outside `-size..size` one is a
    /// run-time error.
    Gather {
        /// The buffer.
        buffer: BufferId,
        /// The element where every computed index is 0.
        access: Access,
        /// The `i64` indices, at least one.
        indices: SmallVec<[LocalId; 1]>,
        /// What each of them indexes.
        axes: SmallVec<[Indexed; 1]>,
    },
    /// A row of the elementwise table.
    Elementwise {
        /// The row.
        op: ElementwiseOp,
        /// Its operands.
        args: SmallVec<[LocalId; 3]>,
    },
    /// Conversion.
    Cast {
        /// To this dtype.
        dtype: DType,
        /// The operand.
        arg: LocalId,
    },
    /// In the first iteration of the kernel's innermost loop the operand; in every other one the op of this value in the
    /// iteration before and of the operand.
    Scan {
        /// Of two operands of one dtype, which is the result's.
        op: ElementwiseOp,
        /// The operand.
        arg: LocalId,
    },
}

/// One statement of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stmt {
    /// Defines a scalar.
    Let {
        /// Its name.
        local: LocalId,
        /// Its value.
        value: Value,
        /// Where the op was written, for run-time errors.
        loc: Option<Loc>,
    },
    /// Defines a scalar by reducing a nested body over one more index, in the order of [`crate::ops::reduce`].
    Reduce {
        /// Its name.
        local: LocalId,
        /// The row of the table.
        op: ReduceOp,
        /// Range of the new index.
        extent: usize,
        /// The dtype of the result when the extent is 0, and of `value`.
        dtype: DType,
        /// Computes the element; may use scalars defined before, and store.
        body: Vec<Stmt>,
        /// The element, defined in the body or around it.
        value: LocalId,
    },
    /// Writes an element.
    Store {
        /// The buffer.
        buffer: BufferId,
        /// The element.
        access: Access,
        /// The scalar.
        value: LocalId,
    },
}

/// Why a kernel only moves elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CopyReason {
    /// A reshape that is not affine in its operand's layout.
    Reshape,
    /// A routine takes no matrix of these strides.
    Layout,
    /// An output that is an input, a constant, a view or another output.
    Output,
    /// An input updated with a value that could not be computed in its place.
    Update,
    /// The rest of an array of which a slice is replaced, while the old one is needed too.
    Slice,
}

impl CopyReason {
    /// Every reason with its name in text.
    pub const ALL: [(CopyReason, &'static str); 5] = [
        (CopyReason::Reshape, "reshape"),
        (CopyReason::Layout, "layout"),
        (CopyReason::Output, "output"),
        (CopyReason::Update, "update"),
        (CopyReason::Slice, "slice"),
    ];

    /// The name in text.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// Parallel loops around a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// Ranges of the loops, outermost first; none is a single execution.
    pub dims: Shape,
    /// The statements of one iteration; locals are numbered in order of definition.
    pub body: Vec<Stmt>,
    /// Set when the kernel only moves elements.
    pub copy: Option<CopyReason>,
}

/// A stack of matrices in a buffer: `access` has one stride for each stack axis, then the row's and the column's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Matrix {
    /// The buffer.
    pub buffer: BufferId,
    /// Rows of each matrix.
    pub rows: usize,
    /// Columns of each matrix.
    pub cols: usize,
    /// Where they are.
    pub access: Access,
    /// Whether their conjugates are read: of an operand that the routine can [conjugate](Routine::conjugates).
    pub conj: bool,
}

/// A call of a routine for every matrix of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The routine.
    pub routine: Routine,
    /// Of the matrices read, and of those written but for indices.
    pub dtype: DType,
    /// Sizes of the stack axes.
    pub stack: Shape,
    /// Matrices written, row-major but for a product's, which has a unit stride; a scalar result is 1 x 1.
    pub results: SmallVec<[Matrix; 2]>,
    /// Matrices read.
    pub operands: SmallVec<[Matrix; 2]>,
    /// Of `solve_triangular`: which triangle of the (strided) operand is read.
    pub lower: bool,
    /// The name of the op in the graph, for errors.
    pub op: &'static str,
    /// Where the op was written.
    pub loc: Option<Loc>,
}

/// A stack of arrays in a buffer: `access` has one stride for each stack axis, then one for each axis of an array.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stacked {
    /// The buffer.
    pub buffer: BufferId,
    /// The shape of each array; an element has none.
    pub core: Shape,
    /// Where they are.
    pub access: Access,
}

/// A call of a function of the user's for every index of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomCall {
    /// The function.
    pub function: Custom,
    /// Which of its implementations, by number.
    pub implementation: usize,
    /// Sizes of the stack axes.
    pub stack: Shape,
    /// Arrays written.
    pub results: SmallVec<[Stacked; 2]>,
    /// Arrays read.
    pub operands: SmallVec<[Stacked; 2]>,
    /// Where the call was written.
    pub loc: Option<Loc>,
}

/// Elements written one after another at computed places, so that of several at one place the last stays. Every index is
/// checked before the first element is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scatter {
    /// Ranges of the loops, outermost first.
    pub dims: Shape,
    /// The buffer that is written.
    pub buffer: BufferId,
    /// Where, when every index is 0.
    pub access: Access,
    /// The `i64` indices, which count from the end when negative: where they are, and what they index.
    pub indices: SmallVec<[(BufferId, Access, Indexed); 1]>,
    /// What is written.
    pub value: (BufferId, Access),
    /// The op that combines what is there with it; one of a single operand takes what is there alone.
    pub op: Option<ElementwiseOp>,
    /// Where the op was written.
    pub loc: Option<Loc>,
}

/// A read or write of a buffer in a kernel.
#[derive(Clone, Copy, Debug)]
pub struct Touch<'a, 'd> {
    /// The buffer.
    pub buffer: BufferId,
    /// The element; of a gather, where every computed index is 0.
    pub access: &'a Access,
    /// The ranges of the indices in scope.
    pub dims: &'d [usize],
    /// Whether it is a store.
    pub writes: bool,
}

/// One step of a program. A call is larger than a kernel, but steps are few beside the statements in them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant)]
pub enum Step {
    /// A loop nest.
    Kernel(Kernel),
    /// Calls of a routine.
    Call(Call),
    /// Calls of a function of the user's.
    Custom(CustomCall),
    /// Writes at computed places.
    Scatter(Scatter),
}

/// Buffers and steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The buffers, by id.
    pub buffers: Vec<Buffer>,
    /// In the order of execution.
    pub steps: Vec<Step>,
    /// Where each result is: an output, or a donated input.
    pub outputs: Vec<BufferId>,
    /// Bytes of the temporaries' memory once placed.
    pub arena: Option<usize>,
}

impl Access {
    /// Row-major over all loops.
    pub fn identity(dims: &[usize]) -> Access {
        Access { offset: 0, strides: crate::types::row_major(dims) }
    }

    /// The offset at these indices.
    pub fn at(&self, indices: &[usize]) -> isize {
        self.strides.iter().zip(indices).fold(self.offset, |sum, (s, &i)| sum + s * i as isize)
    }

    /// The smallest and the largest offset over these ranges, none of which is 0; what no `isize` holds is its bound.
    pub fn range(&self, dims: &[usize]) -> (isize, isize) {
        let start = (self.offset as i128, self.offset as i128);
        let (low, high) = self.strides.iter().zip(dims).fold(start, |(low, high), (&s, &n)| {
            let reach = s as i128 * (n as i128 - 1);
            (low.saturating_add(reach.min(0)), high.saturating_add(reach.max(0)))
        });
        let clamp = |x: i128| x.clamp(isize::MIN as i128, isize::MAX as i128) as isize;
        (clamp(low), clamp(high))
    }
}

impl Buffer {
    /// The smallest and the largest element offset, `None` when there is no element.
    pub fn range(&self) -> Option<(isize, isize)> {
        let all = Access { offset: 0, strides: self.strides.clone() };
        (!self.ty.is_empty()).then(|| all.range(&self.ty.shape))
    }

    /// For each axis the first and the last index that an access reaches, when the offset and every stride are multiples of
    /// the axes' strides that stay inside each axis.
    fn region(&self, access: &Access, dims: &[usize]) -> Option<SmallVec<[(isize, isize); 4]>> {
        let shape = &self.ty.shape;
        let mut order: SmallVec<[usize; 4]> = (0..shape.len()).filter(|&axis| shape[axis] > 1).collect();
        order.sort_unstable_by_key(|&axis| std::cmp::Reverse(self.strides[axis].unsigned_abs()));
        let mut region: SmallVec<[(isize, isize); 4]> = SmallVec::from_elem((0, 0), shape.len());
        let mut digits = |mut rest: isize, add: &dyn Fn((isize, isize), isize) -> Option<(isize, isize)>| {
            for &axis in order.iter().filter(|&&axis| self.strides[axis] != 0) {
                region[axis] = add(region[axis], rest / self.strides[axis])?;
                rest %= self.strides[axis];
            }
            (rest == 0).then_some(())
        };
        digits(access.offset, &|_, index| Some((index, index)))?;
        for (&stride, &n) in access.strides.iter().zip(dims).filter(|(_, n)| **n > 1) {
            digits(stride, &|(low, high), step| {
                let reach = step.checked_mul(n as isize - 1)?;
                Some((low.checked_add(reach.min(0))?, high.checked_add(reach.max(0))?))
            })?;
        }
        let inside = region.iter().zip(shape).all(|(&(low, high), &n)| 0 <= low && high < n.max(1) as isize);
        inside.then_some(region)
    }

    /// Whether two accesses over non-empty loops never meet in this buffer: by their ranges, by a distance that no stride can
    /// bridge, or because they keep to different indices of an axis.
    pub fn disjoint(&self, (a, dims_a): (&Access, &[usize]), (b, dims_b): (&Access, &[usize])) -> bool {
        let ((low, high), (other_low, other_high)) = (a.range(dims_a), b.range(dims_b));
        if high < other_low || other_high < low {
            return true;
        }
        let strides = a.strides.iter().chain(&b.strides).map(|s| s.unsigned_abs());
        let gcd = strides.fold(0, |x, y| {
            let (mut x, mut y) = (x, y);
            while y != 0 {
                (x, y) = (y, x % y);
            }
            x
        });
        if gcd != 0 && !a.offset.abs_diff(b.offset).is_multiple_of(gcd) {
            return true;
        }
        let (Some(a), Some(b)) = (self.region(a, dims_a), self.region(b, dims_b)) else { return false };
        // An index is unique to an element only if no two elements are one.
        crate::verify::injective(&self.strides, &self.ty.shape)
            && a.iter().zip(&b).any(|((low, high), (other_low, other_high))| high < other_low || other_high < low)
    }

    /// Whether this is the program's own memory.
    pub fn is_temp(&self) -> bool {
        matches!(self.kind, BufferKind::Temp(_))
    }
}

impl Stmt {
    /// The scalar it defines.
    pub fn local(&self) -> Option<LocalId> {
        match self {
            Stmt::Let { local, .. } | Stmt::Reduce { local, .. } => Some(*local),
            Stmt::Store { .. } => None,
        }
    }
}

impl Value {
    /// The scalars it uses.
    pub fn args(&self) -> &[LocalId] {
        match self {
            Value::Constant(_) | Value::Load { .. } => &[],
            Value::Gather { indices, .. } => indices,
            Value::Elementwise { args, .. } => args,
            Value::Cast { arg, .. } | Value::Scan { arg, .. } => std::slice::from_ref(arg),
        }
    }

    /// The buffer it reads, and where.
    pub fn read(&self) -> Option<(BufferId, &Access)> {
        match self {
            Value::Load { buffer, access } | Value::Gather { buffer, access, .. } => Some((*buffer, access)),
            _ => None,
        }
    }

    /// The dtype, for operands of these dtypes.
    pub fn dtype(&self, buffers: &[Buffer], of: impl Fn(LocalId) -> DType) -> DType {
        match self {
            Value::Constant(scalar) => scalar.dtype(),
            Value::Load { buffer, .. } | Value::Gather { buffer, .. } => buffers[buffer.index()].ty.dtype,
            Value::Elementwise { op, args } => op.result(of(*args.last().expect("an operand"))),
            Value::Cast { dtype, .. } => *dtype,
            Value::Scan { arg, .. } => of(*arg),
        }
    }
}

/// Calls `f` with every statement of a body, nested ones included, and the number of loops around it; a reduction comes
/// before its body.
pub fn walk<'a>(body: &'a [Stmt], depth: usize, f: &mut impl FnMut(&'a Stmt, usize)) {
    // Reductions nest once for each reduced axis, so this recursion is as deep as an array has axes.
    for stmt in body {
        f(stmt, depth);
        if let Stmt::Reduce { body, .. } = stmt {
            walk(body, depth + 1, f);
        }
    }
}

impl Kernel {
    /// Every read and write of a buffer, in the order of the statements.
    pub fn touches<'a>(&'a self, mut f: impl FnMut(Touch<'a, '_>)) {
        let mut dims = self.dims.to_vec();
        walk(&self.body, self.dims.len(), &mut |stmt, depth| {
            dims.truncate(depth);
            match stmt {
                Stmt::Let { value, .. } => {
                    if let Some((buffer, access)) = value.read() {
                        f(Touch { buffer, access, dims: &dims, writes: false });
                    }
                }
                Stmt::Store { buffer, access, .. } => f(Touch { buffer: *buffer, access, dims: &dims, writes: true }),
                Stmt::Reduce { extent, .. } => dims.push(*extent),
            }
        });
    }

    /// Every buffer read, with the access and the ranges of the indices in scope.
    pub fn reads<'a>(&'a self, mut f: impl FnMut(BufferId, &'a Access, &[usize])) {
        self.touches(|t| {
            if !t.writes {
                f(t.buffer, t.access, t.dims);
            }
        });
    }

    /// Every buffer written, with the access and the ranges of the indices in scope.
    pub fn writes<'a>(&'a self, mut f: impl FnMut(BufferId, &'a Access, &[usize])) {
        self.touches(|t| {
            if t.writes {
                f(t.buffer, t.access, t.dims);
            }
        });
    }

    /// Whether it reads a buffer at computed indices.
    pub fn gathers(&self, id: BufferId) -> bool {
        let mut found = false;
        walk(&self.body, 0, &mut |stmt, _| {
            found |= matches!(stmt, Stmt::Let { value: Value::Gather { buffer, .. }, .. } if *buffer == id);
        });
        found
    }

    /// Whether a reduction stores.
    pub fn stores_inside(&self) -> bool {
        let mut found = false;
        walk(&self.body, 0, &mut |stmt, depth| found |= depth > 0 && matches!(stmt, Stmt::Store { .. }));
        found
    }

    /// Whether the innermost loop is in order, for a scan along it: it stays whole and innermost.
    pub fn scans(&self) -> bool {
        self.body.iter().any(|stmt| matches!(stmt, Stmt::Let { value: Value::Scan { .. }, .. }))
    }

    /// Whether the outermost loop may be divided among threads.
    pub fn divides(&self) -> bool {
        let in_order = self.dims.len() == 1 && self.scans();
        self.dims.first().is_some_and(|&n| n > 1) && !in_order
    }

    /// The dtype of every local, by index.
    pub fn local_types(&self, buffers: &[Buffer]) -> Vec<DType> {
        let mut types: Vec<DType> = Vec::new();
        walk(&self.body, 0, &mut |stmt, _| {
            let (local, dtype) = match stmt {
                Stmt::Let { local, value, .. } => (local, value.dtype(buffers, |l| types[l.index()])),
                Stmt::Reduce { local, op, dtype, .. } => (local, op.result(*dtype)),
                Stmt::Store { .. } => return,
            };
            if types.len() <= local.index() {
                types.resize(local.index() + 1, DType::Bool);
            }
            types[local.index()] = dtype;
        });
        types
    }

    /// Number of executions of the body.
    pub fn len(&self) -> usize {
        if self.is_empty() { 0 } else { self.dims.iter().fold(1, |len, &n| len.saturating_mul(n)) }
    }

    /// Whether the body is never executed.
    pub fn is_empty(&self) -> bool {
        self.dims.contains(&0)
    }
}

impl Step {
    /// The buffers read, each once for each access.
    pub fn reads(&self, mut f: impl FnMut(BufferId)) {
        match self {
            Step::Kernel(kernel) => kernel.reads(|buffer, _, _| f(buffer)),
            Step::Call(call) => call.operands.iter().for_each(|m| f(m.buffer)),
            Step::Custom(call) => call.operands.iter().for_each(|array| f(array.buffer)),
            Step::Scatter(scatter) => {
                // What is not written over stays.
                scatter.indices.iter().for_each(|(buffer, ..)| f(*buffer));
                f(scatter.value.0);
                f(scatter.buffer);
            }
        }
    }

    /// The buffers written, each once for each access.
    pub fn writes(&self, mut f: impl FnMut(BufferId)) {
        match self {
            Step::Kernel(kernel) => kernel.writes(|buffer, _, _| f(buffer)),
            Step::Call(call) => call.results.iter().for_each(|m| f(m.buffer)),
            Step::Custom(call) => call.results.iter().for_each(|array| f(array.buffer)),
            Step::Scatter(scatter) => f(scatter.buffer),
        }
    }

    /// Gives every buffer another id.
    pub fn map_buffers(&mut self, map: &mut impl FnMut(BufferId) -> BufferId) {
        fn body(stmts: &mut [Stmt], map: &mut impl FnMut(BufferId) -> BufferId) {
            for stmt in stmts {
                match stmt {
                    Stmt::Let { value: Value::Load { buffer, .. } | Value::Gather { buffer, .. }, .. }
                    | Stmt::Store { buffer, .. } => *buffer = map(*buffer),
                    Stmt::Let { .. } => {}
                    Stmt::Reduce { body: nested, .. } => body(nested, map),
                }
            }
        }
        match self {
            Step::Kernel(kernel) => body(&mut kernel.body, map),
            Step::Call(call) => {
                call.results.iter_mut().chain(&mut call.operands).for_each(|m| m.buffer = map(m.buffer));
            }
            Step::Custom(call) => {
                call.results.iter_mut().chain(&mut call.operands).for_each(|array| array.buffer = map(array.buffer));
            }
            Step::Scatter(scatter) => {
                scatter.indices.iter_mut().for_each(|(buffer, ..)| *buffer = map(*buffer));
                scatter.value.0 = map(scatter.value.0);
                scatter.buffer = map(scatter.buffer);
            }
        }
    }
}

impl Matrix {
    /// Whether the matrices are the transposes of others, of `complex` numbers the conjugate ones, at every place of the stack.
    pub fn is_adjoint(&self, other: &Matrix, complex: bool) -> bool {
        let (stack, core) = self.access.strides.split_at(self.access.strides.len() - 2);
        let (other_stack, other_core) = other.access.strides.split_at(other.access.strides.len() - 2);
        (self.buffer, self.access.offset, stack) == (other.buffer, other.access.offset, other_stack)
            && (self.rows, self.cols, core[0], core[1]) == (other.cols, other.rows, other_core[1], other_core[0])
            && (self.conj != other.conj) == complex
    }
}

impl Call {
    /// The BLAS/LAPACK routines' names, in order.
    pub fn names(&self) -> Vec<String> {
        let column = match self.routine {
            Routine::Matmul if self.operands.first().is_some_and(|a| a.rows == 1) => true,
            _ => self.operands[1..].last().is_some_and(|b| b.cols == 1),
        };
        self.routine.names(self.dtype, column)
    }

    /// The op that the routine evaluates on these matrices, `None` when they do not fit it.
    pub fn evaluates(&self) -> Option<LinalgOp> {
        let shapes = |matrices: &[Matrix]| matrices.iter().map(|m| [m.rows, m.cols]).collect::<SmallVec<[_; 4]>>();
        self.routine.op(&shapes(&self.operands), &shapes(&self.results))
    }

    /// Floating-point operations of the whole stack.
    pub fn flops(&self) -> u128 {
        let columns = self.operands[1..].last().map_or(0, |b| b.cols);
        let stack = self.stack.iter().fold(1u128, |len, &n| len.saturating_mul(n as u128));
        stack.saturating_mul(self.routine.flops(self.operands[0].rows, self.operands[0].cols, columns))
    }
}

/// What a program costs, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Loop nests, copies and writes at computed places included.
    pub kernels: usize,
    /// BLAS/LAPACK routines and the user's functions in order.
    pub calls: Vec<String>,
    /// Kernels that only move elements.
    pub copies: usize,
    /// Buffers of the program's own.
    pub temporaries: usize,
    /// Their bytes, one after another.
    pub temporary_bytes: usize,
    /// Bytes needed at once: the arena when placed, else the largest sum of live temporaries.
    pub peak_bytes: usize,
    /// Floating-point operations, saturating: one for each op on floats and each combination of a reduction; calls by LAPACK's counts.
    pub flops: u128,
}

impl Program {
    /// A buffer.
    pub fn buffer(&self, id: BufferId) -> &Buffer {
        &self.buffers[id.index()]
    }

    /// Adds a buffer.
    pub fn push(&mut self, buffer: Buffer) -> BufferId {
        self.buffers.push(buffer);
        BufferId::new(self.buffers.len() - 1)
    }

    /// The inputs in the graph's order.
    pub fn inputs(&self) -> impl Iterator<Item = (BufferId, &str)> {
        self.buffers.iter().enumerate().filter_map(|(i, b)| match &b.kind {
            BufferKind::Input { name, .. } => Some((BufferId::new(i), &**name)),
            _ => None,
        })
    }

    /// The same program without the places where ops were written, which its text does not say.
    pub fn without_locs(mut self) -> Program {
        fn clear(stmts: &mut [Stmt]) {
            for stmt in stmts {
                match stmt {
                    Stmt::Let { loc, .. } => *loc = None,
                    Stmt::Reduce { body, .. } => clear(body),
                    Stmt::Store { .. } => {}
                }
            }
        }
        for step in &mut self.steps {
            match step {
                Step::Kernel(kernel) => clear(&mut kernel.body),
                Step::Call(call) => call.loc = None,
                Step::Custom(call) => call.loc = None,
                Step::Scatter(scatter) => scatter.loc = None,
            }
        }
        self
    }

    /// First and last step that touches each buffer, by buffer index.
    pub fn lifetimes(&self) -> Vec<Option<(usize, usize)>> {
        let mut lives: Vec<Option<(usize, usize)>> = vec![None; self.buffers.len()];
        for (at, step) in self.steps.iter().enumerate() {
            let mut touch = |id: BufferId| {
                let life = &mut lives[id.index()];
                *life = Some((life.map_or(at, |(first, _)| first), at));
            };
            step.reads(&mut touch);
            step.writes(&mut touch);
        }
        lives
    }

    /// What it costs.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for step in &self.steps {
            match step {
                Step::Kernel(kernel) => {
                    counts.kernels += 1;
                    counts.copies += usize::from(kernel.copy.is_some());
                    let flops = (kernel.len() as u128).saturating_mul(self.body_flops(kernel));
                    counts.flops = counts.flops.saturating_add(flops);
                }
                Step::Scatter(scatter) => {
                    counts.kernels += 1;
                    let float = scatter.op.is_some() && self.buffer(scatter.buffer).ty.dtype.is_float();
                    let elements = scatter.dims.iter().fold(1u128, |len, &n| len.saturating_mul(n as u128));
                    counts.flops = counts.flops.saturating_add(if float { elements } else { 0 });
                }
                Step::Call(call) => {
                    counts.calls.extend(call.names());
                    counts.flops = counts.flops.saturating_add(call.flops());
                }
                // What it computes is the user's affair.
                Step::Custom(call) => counts.calls.push(call.function.to_string()),
            }
        }
        let lives = self.lifetimes();
        let mut change = vec![0i128; self.steps.len() + 1];
        for (buffer, life) in self.buffers.iter().zip(&lives) {
            if let (true, Some((first, last))) = (buffer.is_temp(), life) {
                counts.temporaries += 1;
                let bytes = buffer.ty.bytes();
                counts.temporary_bytes = counts.temporary_bytes.saturating_add(bytes);
                change[*first] += bytes as i128;
                change[last + 1] -= bytes as i128;
            }
        }
        let mut live = 0;
        let peak = change
            .iter()
            .map(|c| {
                live += c;
                live
            })
            .max()
            .unwrap_or(0);
        counts.peak_bytes = self.arena.unwrap_or(usize::try_from(peak).unwrap_or(usize::MAX));
        counts
    }

    fn body_flops(&self, kernel: &Kernel) -> u128 {
        let types = kernel.local_types(&self.buffers);
        let (mut flops, mut times) = (0u128, vec![1u128]);
        walk(&kernel.body, 0, &mut |stmt, depth| {
            times.truncate(depth + 1);
            match stmt {
                Stmt::Let { local, value: Value::Elementwise { .. } | Value::Scan { .. }, .. } => {
                    let float = u128::from(types[local.index()].is_float());
                    flops = flops.saturating_add(times[depth] * float);
                }
                Stmt::Reduce { extent, dtype, .. } => {
                    let combined = u128::from(dtype.is_float()) * (*extent as u128).saturating_sub(1);
                    flops = flops.saturating_add(times[depth].saturating_mul(combined));
                    times.push(times[depth].saturating_mul(*extent as u128));
                }
                Stmt::Let { .. } | Stmt::Store { .. } => {}
            }
        });
        flops
    }
}
