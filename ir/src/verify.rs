//! What must hold of a graph and of a program, a rule each. Passes are checked after every run in debug builds and tests;
//! what is verified cannot make a later stage panic. Every rule has a filetest that breaks it.

mod custom;

use crate::graph::{Graph, Input, Node, is_name};
use crate::ids::{BufferId, LocalId, ValueId};
use crate::ops::{Routine, scan};
use crate::program::{Access, Buffer, BufferKind, Call, Kernel, Matrix, Program, Scatter, Step, Stmt, Touch, Value};
use crate::types::{DType, Shape, Type, row_major};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// Alignment of the arena and of every buffer in it, in bytes: one cache line.
pub const ALIGN: usize = 64;

macro_rules! rules {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// The rules.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Rule { $($(#[doc = $doc])* $variant,)* }

        impl Rule {
            /// Every rule.
            pub const ALL: &[Rule] = &[$(Rule::$variant,)*];

            /// Its name.
            pub fn name(self) -> &'static str { match self { $(Rule::$variant => $name,)* } }

            /// What it demands.
            pub fn doc(self) -> &'static str { match self { $(Rule::$variant => concat!($($doc),*),)* } }
        }
    };
}

rules! {
    /// Inputs have different names.
    InputNames = "input-names",
    /// A node's operands fit it.
    NodeTypes = "node-types",
    /// An output is written into a donated input of its own type, each at most once.
    OutputInto = "output-into",
    /// A buffer has one stride for each axis; only inputs and outputs are other than row-major. Its bytes are in the
    /// address space.
    BufferStrides = "buffer-strides",
    /// Temporaries are aligned, lie in the arena, and share memory only when their lives do not meet.
    Arena = "arena",
    /// The results are outputs or donated inputs, each once, and every output is a result.
    Outputs = "outputs",
    /// A buffer id is one of the program's.
    BufferIds = "buffer-ids",
    /// Only outputs, temporaries and donated inputs are written.
    WriteTarget = "write-target",
    /// What is read was written before.
    ReadAfterWrite = "read-after-write",
    /// A local is defined once, before its uses, in their scope.
    Locals = "locals",
    /// Operands have a loop of the op and agree in dtype; a stored scalar has the buffer's dtype.
    ScalarTypes = "scalar-types",
    /// An access has one stride for each loop around it.
    AccessRank = "access-rank",
    /// An access stays inside its buffer.
    AccessBounds = "access-bounds",
    /// No two iterations of a kernel, nor two calls of a stack, write the same element.
    Injective = "injective",
    /// A kernel reads of what it writes only what it writes in none of its iterations, or, before it, the same element by equal
    /// loops.
    InPlace = "in-place",
    /// No elements are reduced only where there is an identity.
    Reductions = "reductions",
    /// A scan is along the innermost loop of a kernel, so in no reduction, of an op that gives the dtype of its operands.
    Scans = "scans",
    /// Only copies are marked as such.
    Copies = "copies",
    /// The matrices of a call fit its routine, results are row-major, of products with a unit stride; the arrays of a function fit its signature.
    CallShapes = "call-shapes",
    /// A call writes over an operand only where its routine may, at the same element; that of a function over none.
    CallOverlap = "call-overlap",
    /// A product's operands have a unit stride, as BLAS needs.
    UnitStride = "unit-stride",
}

/// What a rule is broken by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A value of a graph.
    Value(ValueId),
    /// A buffer of a program.
    Buffer(BufferId),
    /// A step of a program, by number.
    Step(usize),
    /// A program as a whole.
    Whole,
}

/// A rule that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub rule: Rule,
    /// What breaks it.
    pub place: Place,
    /// Where: a value, a buffer, a step by number and first line.
    pub at: String,
    /// What is the matter.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}\n  at {}\n  rule {}:{}",
            self.rule.name(),
            self.message,
            self.at,
            self.rule.name(),
            self.rule.doc()
        )
    }
}

impl std::error::Error for Violation {}

/// Checks a graph.
pub fn graph(graph: &Graph) -> Result<(), Violation> {
    let mut inputs: HashMap<&str, &Input> = HashMap::new();
    for id in graph.node_ids() {
        let (node, value) = (graph.node(id), graph.value(id));
        let fail = |rule, message: String| {
            Err(Violation { rule, place: Place::Value(value), at: format!("{value} {}", node.name()), message })
        };
        if let Node::Input(input) = node {
            if !is_name(&input.name) {
                return fail(Rule::InputNames, format!("{:?} is no name", input.name));
            }
            if inputs.insert(&input.name, input).is_some() {
                return fail(Rule::InputNames, format!("there are two inputs {}", input.name));
            }
        }
        if let Some(arg) = node.args().iter().find(|arg| arg.index() >= value.index()) {
            return fail(Rule::NodeTypes, format!("the operand {arg} is not defined before"));
        }
        let args: Vec<&Type> = node.args().iter().map(|&arg| graph.ty(arg)).collect();
        let results: Vec<&Type> = graph.results(id).map(|i| graph.ty(ValueId::new(i))).collect();
        match node.infer(&args) {
            Ok(types) if types.iter().eq(results.iter().copied()) => {}
            Ok(types) => {
                return fail(Rule::NodeTypes, format!("the results are {}, not {}", listed(&types), listed(&results)));
            }
            Err(problem) => return fail(Rule::NodeTypes, problem.to_string()),
        }
    }
    let mut updated = HashSet::new();
    for output in &graph.outputs {
        let Some(name) = &output.into else { continue };
        let input = inputs.get(&**name).copied();
        output_into(input, name, graph.ty(output.value), &mut updated).map_err(|message| Violation {
            rule: Rule::OutputInto,
            place: Place::Value(output.value),
            at: format!("{} -> %{name}", output.value),
            message,
        })?;
    }
    Ok(())
}

/// Checks that a value of type `ty` may be written into the input of this name; `updated` has the names written so far.
pub(crate) fn output_into(
    input: Option<&Input>,
    name: &Arc<str>,
    ty: &Type,
    updated: &mut HashSet<Arc<str>>,
) -> Result<(), String> {
    match input {
        None => Err(format!("there is no input {name}")),
        Some(input) if !input.donated => Err(format!("the input {name} is not donated")),
        Some(input) if input.ty != *ty => Err(format!("{ty} does not fit in {}", input.ty)),
        Some(_) if !updated.insert(name.clone()) => Err(format!("the input {name} is updated twice")),
        Some(_) => Ok(()),
    }
}

/// Checks a program.
pub fn program(program: &Program) -> Result<(), Violation> {
    Checker { program }.run()
}

struct Checker<'p> {
    program: &'p Program,
}

type Check = Result<(), (Rule, String)>;

/// `a, b, c`.
fn listed<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn fail<T>(rule: Rule, message: impl Into<String>) -> Result<T, (Rule, String)> {
    Err((rule, message.into()))
}

impl Checker<'_> {
    fn run(&self) -> Result<(), Violation> {
        for (i, buffer) in self.program.buffers.iter().enumerate() {
            self.buffer(buffer).map_err(|(rule, message)| {
                let id = BufferId::new(i);
                Violation { rule, place: Place::Buffer(id), at: format!("{id}: {}", buffer.ty), message }
            })?;
        }
        let mut written: Vec<bool> = self
            .program
            .buffers
            .iter()
            .map(|b| b.ty.is_empty() || matches!(b.kind, BufferKind::Input { .. } | BufferKind::Constant(_)))
            .collect();
        for (number, step) in self.program.steps.iter().enumerate() {
            self.step(step, &mut written).map_err(|(rule, message)| {
                let what = match step {
                    Step::Kernel(kernel) => format!("kernel {:?}", &kernel.dims[..]),
                    Step::Call(call) => format!("call {}", call.names().join(", ")),
                    Step::Custom(call) => format!("call {}", call.function),
                    Step::Scatter(scatter) => format!("scatter {:?}", &scatter.dims[..]),
                };
                Violation { rule, place: Place::Step(number), at: format!("step {number}: {what}"), message }
            })?;
        }
        let at = String::from("the program");
        let whole = |(rule, message)| Violation { rule, place: Place::Whole, at, message };
        self.outputs(&written).and_then(|()| self.arena()).map_err(whole)
    }

    fn buffer(&self, buffer: &Buffer) -> Check {
        if buffer.strides.len() != buffer.ty.rank() {
            return fail(Rule::BufferStrides, format!("{} strides", buffer.strides.len()));
        }
        let fixed = matches!(buffer.kind, BufferKind::Constant(_) | BufferKind::Temp(_));
        if fixed && buffer.strides != row_major(&buffer.ty.shape) {
            return fail(Rule::BufferStrides, format!("strides {:?}", &buffer.strides[..]));
        }
        let size = buffer.ty.dtype.size() as isize;
        if let Some((low, high)) = buffer.range()
            && (low.checked_mul(size).is_none() || high.checked_add(1).and_then(|n| n.checked_mul(size)).is_none())
        {
            return fail(Rule::BufferStrides, "the array is larger than the address space");
        }
        if let BufferKind::Output = buffer.kind
            && !injective(&buffer.strides, &buffer.ty.shape)
        {
            return fail(Rule::BufferStrides, "an output's elements overlap");
        }
        if let BufferKind::Constant(tensor) = &buffer.kind
            && tensor.ty() != buffer.ty
        {
            return fail(Rule::ScalarTypes, format!("the constant is {}", tensor.ty()));
        }
        Ok(())
    }

    fn outputs(&self, written: &[bool]) -> Check {
        let mut seen = HashSet::new();
        for &id in &self.program.outputs {
            let buffer = self.known(id)?;
            if !matches!(buffer.kind, BufferKind::Output | BufferKind::Input { donated: true, .. }) {
                return fail(Rule::Outputs, format!("{id} is neither an output nor a donated input"));
            }
            if !written[id.index()] {
                return fail(Rule::ReadAfterWrite, format!("the output {id} is never written"));
            }
            if !seen.insert(id) {
                return fail(Rule::Outputs, format!("{id} is two results"));
            }
        }
        let outputs = self.program.buffers.iter().enumerate().filter(|(_, b)| b.kind == BufferKind::Output);
        match outputs.map(|(i, _)| BufferId::new(i)).find(|id| !seen.contains(id)) {
            Some(id) => fail(Rule::Outputs, format!("{id} is no result")),
            None => Ok(()),
        }
    }

    fn arena(&self) -> Check {
        let Some(size) = self.program.arena else {
            let placed = |b: &Buffer| matches!(b.kind, BufferKind::Temp(Some(_)));
            return match self.program.buffers.iter().position(placed) {
                Some(i) => fail(Rule::Arena, format!("{} is placed in no arena", BufferId::new(i))),
                None => Ok(()),
            };
        };
        let mut placed: Vec<(usize, usize, usize, usize, BufferId)> = Vec::new();
        for (i, (buffer, life)) in self.program.buffers.iter().zip(self.program.lifetimes()).enumerate() {
            let (BufferKind::Temp(offset), id) = (&buffer.kind, BufferId::new(i)) else { continue };
            let Some((first, last)) = life else { continue };
            let Some(offset) = *offset else { return fail(Rule::Arena, format!("{id} has no place")) };
            let end = offset.saturating_add(buffer.ty.bytes());
            if !offset.is_multiple_of(ALIGN) || end > size {
                return fail(Rule::Arena, format!("{id} at {offset} is not aligned or ends after {size}"));
            }
            placed.push((first, last, offset, end, id));
        }
        placed.sort_unstable();
        let mut live: Vec<(usize, usize, usize, usize, BufferId)> = Vec::new();
        for this in placed {
            live.retain(|other| other.1 >= this.0);
            if let Some(other) = live.iter().find(|other| other.2 < this.3 && this.2 < other.3) {
                return fail(Rule::Arena, format!("{} and {} overlap while both live", other.4, this.4));
            }
            live.push(this);
        }
        Ok(())
    }

    fn known(&self, id: BufferId) -> Result<&Buffer, (Rule, String)> {
        match self.program.buffers.get(id.index()) {
            Some(buffer) => Ok(buffer),
            None => fail(Rule::BufferIds, format!("there is no {id}")),
        }
    }

    fn step(&self, step: &Step, written: &mut [bool]) -> Check {
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        step.reads(|id| reads.push(id));
        step.writes(|id| writes.push(id));
        for &id in reads.iter().chain(&writes) {
            self.known(id)?;
        }
        if let Some(id) = reads.iter().find(|id| !written[id.index()] && !writes.contains(id)) {
            return fail(Rule::ReadAfterWrite, format!("{id} was not written"));
        }
        for &id in &writes {
            match self.program.buffer(id).kind {
                BufferKind::Output | BufferKind::Temp(_) | BufferKind::Input { donated: true, .. } => {}
                _ => return fail(Rule::WriteTarget, format!("{id} may not be written")),
            }
        }
        match step {
            Step::Kernel(kernel) => self.kernel(kernel)?,
            Step::Call(call) => self.call(call)?,
            Step::Custom(call) => self.custom(call)?,
            Step::Scatter(scatter) => self.scatter(scatter, written)?,
        }
        if let Some(id) = reads.iter().find(|id| !written[id.index()]) {
            return fail(Rule::ReadAfterWrite, format!("{id} was not written"));
        }
        writes.iter().for_each(|id| written[id.index()] = true);
        Ok(())
    }

    fn kernel(&self, kernel: &Kernel) -> Check {
        let mut scope =
            KernelScope { program: self.program, types: Vec::new(), defined: Vec::new(), dims: kernel.dims.to_vec() };
        scope.body(&kernel.body, true)?;
        if kernel.is_empty() {
            return Ok(());
        }
        let mut seen: Vec<(BufferId, &Access, Shape, bool)> = Vec::new();
        let mut result = Ok(());
        kernel.touches(|touch| {
            if result.is_ok() && !touch.dims.contains(&0) {
                result = self.touch(&seen, touch);
                seen.push((touch.buffer, touch.access, touch.dims.into(), touch.writes));
            }
        });
        result?;
        if kernel.copy.is_some() {
            let copies = matches!(&kernel.body[..], [
                Stmt::Let { local, value: Value::Load { .. }, .. },
                Stmt::Store { value, .. }
            ] if local == value);
            if !copies {
                return fail(Rule::Copies, "a copy is one load and one store");
            }
        }
        Ok(())
    }

    /// A read or write after others of the same kernel: what is written is read before, by the same iteration of equal loops.
    fn touch(&self, seen: &[(BufferId, &Access, Shape, bool)], touch: Touch<'_, '_>) -> Check {
        let Touch { buffer, access, dims, writes } = touch;
        if writes && !injective(&access.strides, dims) {
            return fail(Rule::Injective, format!("iterations write the same elements of {buffer}"));
        }
        for (_, other, loops, written) in seen.iter().filter(|(id, ..)| *id == buffer) {
            let same = *other == access && loops[..] == *dims;
            let free = same || self.program.buffer(buffer).disjoint((access, dims), (other, loops));
            match (written, writes) {
                (true, true) if !free => {
                    return fail(Rule::Injective, format!("two stores may write the same element of {buffer}"));
                }
                (false, true) if !free => {
                    return fail(Rule::InPlace, format!("{buffer} is read at other elements than are written"));
                }
                (true, false) => return fail(Rule::InPlace, "an element is read after it is written"),
                _ => {}
            }
        }
        Ok(())
    }

    fn scatter(&self, scatter: &Scatter, written: &[bool]) -> Check {
        let (target, value) = (self.program.buffer(scatter.buffer), self.program.buffer(scatter.value.0));
        if value.ty.dtype != target.ty.dtype || scatter.op.is_some_and(|op| !scan::updates(op, target.ty.dtype)) {
            return fail(Rule::ScalarTypes, format!("{} into {}", value.ty, target.ty));
        }
        if !written[scatter.buffer.index()] {
            return fail(Rule::ReadAfterWrite, format!("{} was not written", scatter.buffer));
        }
        let (mut access, mut dims) = (scatter.access.clone(), scatter.dims.to_vec());
        if scatter.indices.is_empty() {
            return fail(Rule::ScalarTypes, "no index");
        }
        for (id, place, axis) in &scatter.indices {
            let buffer = self.program.buffer(*id);
            if buffer.ty.dtype != DType::I64 {
                return fail(Rule::ScalarTypes, "an index that is no i64");
            }
            check_access(buffer, *id, place, &scatter.dims)?;
            access.strides.push(axis.stride);
            dims.push(axis.size);
        }
        check_access(value, scatter.value.0, &scatter.value.1, &scatter.dims)?;
        check_access(target, scatter.buffer, &access, &dims)?;
        let mut operands = scatter.indices.iter().map(|(id, ..)| *id).chain([scatter.value.0]);
        match operands.find(|id| *id == scatter.buffer) {
            Some(id) => fail(Rule::InPlace, format!("{id} is read while it is written")),
            None => Ok(()),
        }
    }

    fn matrix(&self, call: &Call, m: &Matrix, dtype: DType) -> Check {
        let buffer = self.program.buffer(m.buffer);
        if buffer.ty.dtype != dtype {
            return fail(Rule::ScalarTypes, format!("{} is {}, not {dtype}", m.buffer, buffer.ty.dtype));
        }
        let dims = matrix_dims(call, m);
        check_access(buffer, m.buffer, &m.access, &dims)
    }

    fn call(&self, call: &Call) -> Check {
        if !call.dtype.is_inexact() && !matches!(call.routine, Routine::Order(_)) {
            return fail(Rule::ScalarTypes, format!("there are no routines for {}", call.dtype));
        }
        if (call.operands.len(), call.results.len()) != (call.routine.operands(), call.routine.results()) {
            return fail(Rule::CallShapes, "wrong number of matrices");
        }
        for (i, m) in call.operands.iter().enumerate() {
            self.matrix(call, m, call.routine.operand_dtype(i, call.dtype))?;
        }
        for (i, m) in call.results.iter().enumerate() {
            self.matrix(call, m, call.routine.result_dtype(i, call.dtype))?;
        }
        let fits = match call.routine {
            Routine::Order(_) => {
                let last = call.operands.last().expect("as many as the routine reads");
                let rows = call.operands.iter().chain(&call.results).all(|m| m.rows == 1);
                rows && call.results[0].cols == last.cols
            }
            _ => call.evaluates().is_some_and(|op| op.has_loop(call.dtype)),
        };
        if !fits {
            return fail(Rule::CallShapes, "the matrices do not fit the routine");
        }
        for m in &call.results {
            let dims = matrix_dims(call, m);
            let compact = row_major(&dims[dims.len() - 2..]);
            let core = &m.access.strides[call.stack.len()..];
            let row_major = (m.rows <= 1 || core[0] == compact[0]) && (m.cols <= 1 || core[1] == 1);
            if !row_major && !matches!(call.routine, Routine::Matmul | Routine::Gram) {
                return fail(Rule::CallShapes, format!("the result {} is not row-major", m.buffer));
            }
            if m.conj {
                return fail(Rule::CallShapes, format!("the result {} is a conjugate", m.buffer));
            }
            if !dims.contains(&0) && !injective(&m.access.strides, &dims) {
                return fail(Rule::Injective, format!("matrices of {} overlap", m.buffer));
            }
            for (i, operand) in call.operands.iter().enumerate() {
                let over = call.routine.overwrites() == Some(i) && operand.access == m.access;
                if operand.buffer == m.buffer && !over {
                    return fail(Rule::CallOverlap, format!("operand {i} is overwritten"));
                }
            }
        }
        if (1..call.results.len()).any(|i| call.results[..i].iter().any(|m| m.buffer == call.results[i].buffer)) {
            return fail(Rule::CallOverlap, "two results share a buffer");
        }
        let conjugate = |(i, m): (usize, &Matrix)| m.conj && !(call.dtype.is_complex() && call.routine.conjugates(i));
        if let Some(i) = call.operands.iter().enumerate().position(conjugate) {
            return fail(Rule::CallShapes, format!("the routine takes no conjugate of operand {i}"));
        }
        match call.routine {
            Routine::Gram if !call.operands[0].is_adjoint(&call.operands[1], call.dtype.is_complex()) => {
                fail(Rule::CallShapes, "the second matrix is not the first one transposed")
            }
            Routine::Gram | Routine::Matmul => product(call),
            _ => Ok(()),
        }
    }
}

/// Whether a product takes a matrix as it lies: one stride is 1, the other no smaller than what it steps over.
pub fn takes(m: &Matrix) -> bool {
    by_rows(m) || by_columns(m)
}

/// Whether rows are contiguous, one after another.
fn by_rows(m: &Matrix) -> bool {
    lies(m.access.strides[m.access.strides.len() - 1], m.cols, m.access.strides[m.access.strides.len() - 2], m.rows)
}

/// Whether columns are contiguous, one after another.
fn by_columns(m: &Matrix) -> bool {
    lies(m.access.strides[m.access.strides.len() - 2], m.rows, m.access.strides[m.access.strides.len() - 1], m.cols)
}

fn lies(inner: isize, length: usize, outer: isize, count: usize) -> bool {
    (length <= 1 || inner == 1) && (count <= 1 || outer >= length.max(1) as isize)
}

/// Whether BLAS multiplies matrices as they lie: each by rows or by columns, and a conjugate the other way than the result,
/// for only a transposed matrix can be conjugated. A symmetric product is written by rows.
///
/// # Errors
/// What does not lie so.
pub fn product(call: &Call) -> Check {
    if let Some(m) = call.operands.iter().chain(&call.results).find(|m| !takes(m)) {
        return fail(Rule::UnitStride, format!("{} has no unit stride", m.buffer));
    }
    let result = &call.results[0];
    if call.routine == Routine::Gram {
        let columns = || fail(Rule::UnitStride, format!("the columns of {} are contiguous", result.buffer));
        return if by_rows(result) { Ok(()) } else { columns() };
    }
    let fits = |result: bool, other: fn(&Matrix) -> bool| result && call.operands.iter().all(|m| !m.conj || other(m));
    if fits(by_rows(result), by_columns) || fits(by_columns(result), by_rows) {
        return Ok(());
    }
    fail(Rule::UnitStride, "a conjugate lies as the result does")
}

fn matrix_dims(call: &Call, m: &Matrix) -> Vec<usize> {
    call.stack.iter().copied().chain([m.rows, m.cols]).collect()
}

fn check_access(buffer: &Buffer, id: BufferId, access: &Access, dims: &[usize]) -> Check {
    if access.strides.len() != dims.len() {
        return fail(
            Rule::AccessRank,
            format!("an access to {id} has {} strides in {} loops", access.strides.len(), dims.len()),
        );
    }
    if dims.contains(&0) {
        return Ok(());
    }
    let (low, high) = access.range(dims);
    match buffer.range() {
        Some((first, last)) if first <= low && high <= last => Ok(()),
        _ => fail(Rule::AccessBounds, format!("elements {low} to {high} of {id}: {}", buffer.ty)),
    }
}

/// Whether different indices give different offsets, by the sufficient condition that each stride steps over all that the
/// smaller ones reach.
pub fn injective(strides: &[isize], dims: &[usize]) -> bool {
    let mut loops: Vec<(usize, usize)> =
        strides.iter().zip(dims).filter(|(_, n)| **n > 1).map(|(s, &n)| (s.unsigned_abs(), n)).collect();
    loops.sort_unstable();
    let mut reach = 0;
    loops.iter().all(|&(stride, n)| {
        let steps_over = stride > reach;
        reach = stride.saturating_mul(n - 1).saturating_add(reach);
        steps_over
    })
}

struct KernelScope<'p> {
    program: &'p Program,
    /// Dtype of every local, and whether it is in scope.
    types: Vec<Option<(DType, bool)>>,
    /// The locals in scope, in order of definition.
    defined: Vec<LocalId>,
    dims: Vec<usize>,
}

impl KernelScope<'_> {
    fn get(&self, local: LocalId) -> Result<DType, (Rule, String)> {
        match self.types.get(local.index()) {
            Some(Some((dtype, true))) => Ok(*dtype),
            _ => fail(Rule::Locals, format!("{local} is not defined here")),
        }
    }

    fn define(&mut self, local: LocalId, dtype: DType) -> Check {
        if self.types.len() <= local.index() {
            if local.index() > self.types.len() + 1_000_000 {
                return fail(Rule::Locals, format!("{local} is out of order"));
            }
            self.types.resize(local.index() + 1, None);
        }
        if self.types[local.index()].is_some() {
            return fail(Rule::Locals, format!("{local} is defined twice"));
        }
        self.types[local.index()] = Some((dtype, true));
        self.defined.push(local);
        Ok(())
    }

    fn body(&mut self, body: &[Stmt], top: bool) -> Check {
        for stmt in body {
            match stmt {
                Stmt::Let { value: Value::Scan { op, .. }, .. } if !top || self.dims.is_empty() => {
                    return fail(Rule::Scans, format!("{} is along no loop of the kernel", op.name()));
                }
                Stmt::Let { local, value, .. } => {
                    let dtype = self.value(value)?;
                    self.define(*local, dtype)?;
                }
                Stmt::Reduce { local, op, extent, dtype, body, value } => {
                    self.dims.push(*extent);
                    let outer = self.defined.len();
                    self.body(body, false)?;
                    self.dims.pop();
                    let found = self.get(*value)?;
                    if found != *dtype || !op.has_loop(*dtype) {
                        return fail(Rule::ScalarTypes, format!("{} of {found} as {dtype}", op.name()));
                    }
                    if *extent == 0 && op.identity(*dtype).is_none() && !self.dims.contains(&0) {
                        return fail(Rule::Reductions, format!("{} of nothing", op.name()));
                    }
                    for local in self.defined.drain(outer..) {
                        self.types[local.index()] = self.types[local.index()].map(|(dtype, _)| (dtype, false));
                    }
                    self.define(*local, op.result(*dtype))?;
                }
                Stmt::Store { buffer, access, value } => {
                    let target = self.program.buffer(*buffer);
                    let found = self.get(*value)?;
                    if found != target.ty.dtype {
                        return fail(Rule::ScalarTypes, format!("{found} stored in {buffer}: {}", target.ty));
                    }
                    check_access(target, *buffer, access, &self.dims)?;
                }
            }
        }
        Ok(())
    }

    fn value(&self, value: &Value) -> Result<DType, (Rule, String)> {
        let args: Vec<DType> = value.args().iter().map(|&arg| self.get(arg)).collect::<Result<_, _>>()?;
        match value {
            Value::Load { buffer, access } => {
                check_access(self.program.buffer(*buffer), *buffer, access, &self.dims)?;
            }
            Value::Gather { buffer, access, axes, .. } => {
                if args.iter().any(|dtype| *dtype != DType::I64) {
                    return fail(Rule::ScalarTypes, "an index that is no i64");
                }
                let (mut access, mut dims) = (access.clone(), self.dims.clone());
                for axis in axes {
                    access.strides.push(axis.stride);
                    dims.push(axis.size);
                }
                check_access(self.program.buffer(*buffer), *buffer, &access, &dims)?;
            }
            Value::Elementwise { op, args: locals } => {
                if locals.len() != op.arity() {
                    return fail(Rule::ScalarTypes, format!("{} of {} operands", op.name(), locals.len()));
                }
                let select = usize::from(op.arity() == 3);
                let same = args[select..].iter().all(|d| *d == args[select]);
                let fits = same && op.has_loop(args[select]);
                if !fits || (select == 1 && args[0] != DType::Bool) {
                    return fail(Rule::ScalarTypes, format!("{} of {}", op.name(), listed(&args)));
                }
            }
            Value::Cast { dtype, .. } if dtype.is_complex() || args[0].is_complex() => {
                return fail(Rule::ScalarTypes, format!("{} to {dtype}", args[0]));
            }
            Value::Scan { op, .. } if !scan::accumulates(*op, args[0]) => {
                return fail(Rule::Scans, format!("{} of {}", op.name(), args[0]));
            }
            Value::Constant(_) | Value::Cast { .. } | Value::Scan { .. } => {}
        }
        let of = |local: LocalId| self.types[local.index()].expect("checked above").0;
        Ok(value.dtype(&self.program.buffers, of))
    }
}
