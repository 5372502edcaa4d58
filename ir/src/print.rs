//! The text of both languages, as `FORMAT.md` defines it; [`crate::parse`] reads it back.
//!
//! Values are numbered in the order of their definition, so an edit far away changes no line but its own. A rank-0
//! constant has no line: it stands as a literal where it is used.

use crate::graph::{Graph, Node, SliceAxis, View};
use crate::ids::{BufferId, LocalId, ValueId};
use crate::ops::{LinalgOp, OrderOp};
use crate::program::{
    Access, Buffer, BufferKind, Call, CustomCall, Kernel, Matrix, Program, Scatter, Stacked, Step, Stmt, Value,
};
use crate::tensor::Scalar;
use crate::types::{Weak, list, row_major};
use std::fmt::{self, Formatter, Write};

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut printer = GraphPrinter { graph: self, names: Vec::with_capacity(self.value_count()), next: 0, f };
        printer.print()
    }
}

struct GraphPrinter<'a, 'f, 'g> {
    graph: &'g Graph,
    /// The number of each value printed so far; that of inputs and of rank-0 constants means nothing.
    names: Vec<u32>,
    next: u32,
    f: &'a mut Formatter<'f>,
}

impl GraphPrinter<'_, '_, '_> {
    fn print(&mut self) -> fmt::Result {
        let graph = self.graph;
        for id in graph.node_ids() {
            let node = graph.node(id);
            let numbered = match node {
                Node::Input(_) => false,
                Node::Constant(tensor) => !tensor.shape().is_empty(),
                _ => true,
            };
            for _ in graph.results(id) {
                self.names.push(self.next);
                self.next += u32::from(numbered);
            }
            if let Node::Input(input) = node {
                let donated = if input.donated { " donated" } else { "" };
                writeln!(self.f, "%{}: {}{donated}{}", input.name, input.ty, input.facts)?;
            } else if numbered {
                for (i, result) in graph.results(id).enumerate() {
                    let separator = if i > 0 { ", " } else { "" };
                    let value = ValueId::new(result);
                    write!(self.f, "{separator}%{}: {}", self.names[result], graph.ty(value))?;
                }
                match node {
                    Node::Custom { function, .. } => write!(self.f, " = {function}")?,
                    _ => write!(self.f, " = {}", node.name())?,
                }
                self.node(node)?;
                self.f.write_char('\n')?;
            }
        }
        self.f.write_str("return")?;
        for (i, output) in graph.outputs.iter().enumerate() {
            self.f.write_str(if i > 0 { ", " } else { " " })?;
            self.value(output.value)?;
            if let Some(input) = &output.into {
                write!(self.f, " -> %{input}")?;
            }
        }
        self.f.write_char('\n')
    }

    fn value(&mut self, value: ValueId) -> fmt::Result {
        match self.graph.def(value) {
            Node::Input(input) => write!(self.f, "%{}", input.name),
            Node::Constant(tensor) if let Some(scalar) = tensor.as_scalar() => write!(self.f, "{scalar}"),
            _ => write!(self.f, "%{}", self.names[value.index()]),
        }
    }

    /// Operands and parameters.
    fn node(&mut self, node: &Node) -> fmt::Result {
        for (i, &arg) in node.args().iter().enumerate() {
            if let (Node::WithSlice { axes, args }, 1) = (node, i) {
                self.slices(axes, args[0])?;
            }
            self.f.write_str(if i > 0 { ", " } else { " " })?;
            match (node, self.graph.as_scalar(arg)) {
                (Node::Custom { .. }, Some(scalar)) => self.f.write_str(&typed(scalar))?,
                _ => self.value(arg)?,
            }
        }
        match node {
            Node::Input(_) | Node::Elementwise { .. } | Node::Custom { .. } | Node::WithSlice { .. } => Ok(()),
            Node::Constant(tensor) => write!(self.f, " {tensor}"),
            Node::Cast { dtype, .. } => write!(self.f, ", dtype={dtype}"),
            Node::View { view, args } => self.view(view, args[0]),
            Node::Concat { axis, .. } | Node::Take { axis, along: false, .. } => write!(self.f, ", axis={axis}"),
            Node::Take { axis, along: true, .. } => write!(self.f, ", axis={axis}, along=true"),
            Node::Put { axis, along, op, .. } => {
                let along = if *along { ", along=true" } else { "" };
                write!(self.f, ", axis={axis}{along}")?;
                op.map_or(Ok(()), |op| write!(self.f, ", op={}", op.name()))
            }
            Node::Reduce { axes, .. } => match axes[..] {
                [axis] => write!(self.f, ", axis={axis}"),
                _ => self.parameter("axis", axes),
            },
            Node::Scan { op, axis, .. } => write!(self.f, ", op={}, axis={axis}", op.name()),
            Node::Order { op: OrderOp::Reduceat(op), args } => {
                let last = self.graph.ty(args[0]).rank().saturating_sub(1);
                write!(self.f, ", op={}, axis={last}", op.name())
            }
            Node::Order { op, .. } => match op.side() {
                Some(side) => write!(self.f, ", side={side}"),
                None => Ok(()),
            },
            Node::Linalg { op: LinalgOp::SolveTriangular, lower, .. } => write!(self.f, ", lower={lower}"),
            Node::Linalg { op, .. } => match op.parameter() {
                Some((key, value)) => write!(self.f, ", {key}={value}"),
                None => Ok(()),
            },
        }
    }

    fn view(&mut self, view: &View, arg: ValueId) -> fmt::Result {
        match view {
            View::Transpose(axes) => self.parameter("axes", axes),
            View::Reshape(shape) | View::Broadcast(shape) => self.parameter("shape", shape),
            View::Slice(axes) => self.slices(axes, arg),
            View::Diagonal => Ok(()),
            View::Assume(facts) => {
                let names: Vec<String> = facts.to_string().split_whitespace().map(String::from).collect();
                self.parameter("facts", &names)
            }
        }
    }

    fn slices(&mut self, axes: &[SliceAxis], arg: ValueId) -> fmt::Result {
        let axes = axes.iter().zip(&self.graph.ty(arg).shape);
        let slices: Vec<Slice> = axes.map(|(&axis, &size)| Slice { axis, size }).collect();
        self.f.write_str(", [")?;
        list(self.f, &slices)?;
        self.f.write_char(']')
    }

    fn parameter(&mut self, name: &str, items: &[impl fmt::Display]) -> fmt::Result {
        write!(self.f, ", {name}=[")?;
        list(self.f, items)?;
        self.f.write_char(']')
    }
}

/// A literal that says its dtype, even the one it would have by itself: among the operands of a user's function dtypes choose
/// the implementation.
fn typed(scalar: Scalar) -> String {
    let (text, dtype) = (scalar.to_string(), scalar.dtype());
    let weak = [Weak::Int, Weak::Float, Weak::Complex].into_iter().any(|kind| kind.default_dtype() == dtype);
    match text.strip_suffix('j') {
        // The bits of a NaN say it already.
        _ if !weak || text.contains(':') => text,
        Some(parts) => format!("{parts}{}j", dtype.real()),
        None => text + dtype.name(),
    }
}

/// Python's spelling of a slice: what is the default is left out.
struct Slice {
    axis: SliceAxis,
    size: usize,
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let SliceAxis { start, len, step } = self.axis;
        if len == 0 {
            return f.write_str("0:0");
        }
        let last = start as isize + step * (len as isize - 1);
        let first = if step > 0 { 0 } else { self.size - 1 };
        if start != first {
            write!(f, "{start}")?;
        }
        f.write_char(':')?;
        // A further step would leave the axis: no end need be said.
        if (0..self.size as isize).contains(&last.saturating_add(step)) {
            write!(f, "{}", last + step.signum())?;
        }
        if step == 1 { Ok(()) } else { write!(f, ":{step}") }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("program")?;
        if let Some(arena) = self.arena {
            write!(f, " arena={arena}")?;
        }
        f.write_char('\n')?;
        for (i, buffer) in self.buffers.iter().enumerate() {
            writeln!(f, "{}: {buffer}", BufferId::new(i))?;
        }
        for step in &self.steps {
            write!(f, "{step}")?;
        }
        f.write_str("return")?;
        for (i, id) in self.outputs.iter().enumerate() {
            write!(f, "{}{id}", if i > 0 { ", " } else { " " })?;
        }
        f.write_char('\n')
    }
}

impl fmt::Display for Buffer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ty)?;
        match &self.kind {
            BufferKind::Input { name, donated } => {
                write!(f, " input {name}{}", if *donated { " donated" } else { "" })?
            }
            BufferKind::Constant(tensor) => write!(f, " constant {tensor}")?,
            BufferKind::Output => f.write_str(" output")?,
            BufferKind::Temp(None) => f.write_str(" temp")?,
            BufferKind::Temp(Some(offset)) => write!(f, " temp at={offset}")?,
        }
        if self.strides != row_major(&self.ty.shape) {
            f.write_str(" strides=[")?;
            list(f, &self.strides)?;
            f.write_char(']')?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Step::Kernel(kernel) => write!(f, "{kernel}"),
            Step::Call(call) => writeln!(f, "{call}"),
            Step::Custom(call) => writeln!(f, "{call}"),
            Step::Scatter(scatter) => writeln!(f, "{scatter}"),
        }
    }
}

/// The buffers a kernel writes and those it reads, each once, in the order of the body.
pub(crate) fn touched(kernel: &Kernel) -> (Vec<BufferId>, Vec<BufferId>) {
    let (mut writes, mut reads) = (Vec::new(), Vec::new());
    let mut seen = std::collections::HashSet::new();
    kernel.writes(|id, _, _| {
        if seen.insert(id) {
            writes.push(id);
        }
    });
    seen.clear();
    kernel.reads(|id, _, _| {
        if seen.insert(id) {
            reads.push(id);
        }
    });
    (writes, reads)
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (writes, reads) = touched(self);
        f.write_str("kernel ")?;
        if !writes.is_empty() {
            list(f, &writes)?;
            f.write_char(' ')?;
        }
        if !reads.is_empty() {
            f.write_str("<- ")?;
            list(f, &reads)?;
            f.write_char(' ')?;
        }
        f.write_char('[')?;
        list(f, &self.dims)?;
        f.write_char(']')?;
        if let Some(reason) = self.copy {
            write!(f, " copy={}", reason.name())?;
        }
        f.write_str(" {\n")?;
        body(f, &self.body, self.dims.len(), 1)?;
        f.write_str("}\n")
    }
}

// Reductions nest once for each reduced axis, so this recursion is as deep as an array has axes.
fn body(f: &mut Formatter<'_>, stmts: &[Stmt], depth: usize, indent: usize) -> fmt::Result {
    let pad = "  ".repeat(indent);
    for stmt in stmts {
        match stmt {
            Stmt::Let { local, value, .. } => writeln!(f, "{pad}{local} = {value}")?,
            Stmt::Reduce { local, op, extent, dtype, body: nested, value } => {
                writeln!(f, "{pad}{local} = {} {dtype} i{depth} < {extent} {{", op.name())?;
                body(f, nested, depth + 1, indent + 1)?;
                writeln!(f, "{pad}  yield {value}")?;
                writeln!(f, "{pad}}}")?;
            }
            Stmt::Store { buffer, access, value } => writeln!(f, "{pad}store {buffer}[{access}], {value}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Value::Constant(scalar) => write!(f, "{scalar}"),
            Value::Load { buffer, access } => write!(f, "load {buffer}[{access}]"),
            Value::Gather { buffer, access, indices, axes } => {
                write!(f, "gather {buffer}[")?;
                let mut terms = Terms { f, any: false };
                terms.indices(&access.strides)?;
                // The coefficient of a computed index is said even when it is zero: it names the index.
                for (index, axis) in indices.iter().zip(axes) {
                    terms.term(axis.stride, Some(format_args!("{index}")))?;
                }
                terms.offset(access.offset)?;
                f.write_str("], ")?;
                sizes(f, axes.iter().map(|axis| axis.size))
            }
            Value::Elementwise { op, args } => {
                write!(f, "{} ", op.name())?;
                list(f, args)
            }
            Value::Cast { dtype, arg } => write!(f, "astype {arg}, dtype={dtype}"),
            Value::Scan { op, arg } => write!(f, "accumulate {} {arg}", op.name()),
        }
    }
}

/// `scatter $1[i1 + 4*t0] <- $2[i0], $3[4*i0 + i1] [5, 4] size=3`: the indices are `t0`, `t1`, ... in the order in which
/// they are read.
impl fmt::Display for Scatter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "scatter {}[", self.buffer)?;
        let mut terms = Terms { f, any: false };
        terms.indices(&self.access.strides)?;
        for (i, (.., axis)) in self.indices.iter().enumerate() {
            terms.term(axis.stride, Some(format_args!("{}", LocalId::new(i))))?;
        }
        terms.offset(self.access.offset)?;
        f.write_str("] <- ")?;
        for (buffer, access, _) in &self.indices {
            write!(f, "{buffer}[{access}], ")?;
        }
        write!(f, "{}[{}] [", self.value.0, self.value.1)?;
        list(f, &self.dims)?;
        f.write_str("] ")?;
        sizes(f, self.indices.iter().map(|(.., axis)| axis.size))?;
        self.op.map_or(Ok(()), |op| write!(f, " op={}", op.name()))
    }
}

/// `size=3`, or `size=[3, 4]` of several.
fn sizes(f: &mut Formatter<'_>, sizes: impl Iterator<Item = usize>) -> fmt::Result {
    let sizes: Vec<usize> = sizes.collect();
    match sizes[..] {
        [size] => write!(f, "size={size}"),
        _ => {
            f.write_str("size=[")?;
            list(f, &sizes)?;
            f.write_char(']')
        }
    }
}

/// `4*i0 - i1 + 3`: loops whose stride is zero are left out.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut terms = Terms { f, any: false };
        terms.indices(&self.strides)?;
        terms.offset(self.offset)
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}[", if self.conj { "conj " } else { "" }, self.buffer)?;
        let mut terms = Terms { f, any: false };
        let (stack, core) = self.access.strides.split_at(self.access.strides.len().saturating_sub(2));
        terms.indices(stack)?;
        for (&stride, name) in core.iter().zip(["r", "c"]) {
            if stride != 0 {
                terms.term(stride, Some(format_args!("{name}")))?;
            }
        }
        terms.offset(self.access.offset)?;
        write!(f, "] {}x{}", self.rows, self.cols)
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "call {} ", self.names().join(", "))?;
        list(f, &self.results)?;
        f.write_str(" <- ")?;
        list(f, &self.operands)?;
        write!(f, " op={}", self.op)?;
        if !self.stack.is_empty() {
            f.write_str(" stack=[")?;
            list(f, &self.stack)?;
            f.write_char(']')?;
        }
        if self.routine == crate::ops::Routine::SolveTriangular {
            write!(f, " lower={}", self.lower)?;
        }
        Ok(())
    }
}

/// `$0[12*i0 + 4*c0 + c1] [3, 4]`; what has no core axes is an element.
impl fmt::Display for Stacked {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}[", self.buffer)?;
        let mut terms = Terms { f, any: false };
        let (stack, core) = self.access.strides.split_at(self.access.strides.len().saturating_sub(self.core.len()));
        terms.indices(stack)?;
        for (axis, &stride) in core.iter().enumerate().filter(|(_, stride)| **stride != 0) {
            terms.term(stride, Some(format_args!("c{axis}")))?;
        }
        terms.offset(self.access.offset)?;
        f.write_char(']')?;
        if !self.core.is_empty() {
            f.write_str(" [")?;
            list(f, &self.core)?;
            f.write_char(']')?;
        }
        Ok(())
    }
}

impl fmt::Display for CustomCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "call {} ", self.function)?;
        list(f, &self.results)?;
        f.write_str(" <- ")?;
        list(f, &self.operands)?;
        if !self.stack.is_empty() {
            f.write_str(" stack=[")?;
            list(f, &self.stack)?;
            f.write_char(']')?;
        }
        Ok(())
    }
}

/// A sum of terms as it is written.
struct Terms<'a, 'f> {
    f: &'a mut Formatter<'f>,
    any: bool,
}

impl Terms<'_, '_> {
    fn indices(&mut self, strides: &[isize]) -> fmt::Result {
        for (i, &stride) in strides.iter().enumerate() {
            if stride != 0 {
                self.term(stride, Some(format_args!("i{i}")))?;
            }
        }
        Ok(())
    }

    fn term(&mut self, coefficient: isize, name: Option<fmt::Arguments<'_>>) -> fmt::Result {
        let sign = match (self.any, coefficient < 0) {
            (true, true) => " - ",
            (true, false) => " + ",
            (false, true) => "-",
            (false, false) => "",
        };
        self.any = true;
        self.f.write_str(sign)?;
        match (name, coefficient.unsigned_abs()) {
            (Some(name), 1) => self.f.write_fmt(name),
            (Some(name), n) => write!(self.f, "{n}*{name}"),
            (None, n) => write!(self.f, "{n}"),
        }
    }

    fn offset(&mut self, offset: isize) -> fmt::Result {
        if offset != 0 || !self.any { self.term(offset, None) } else { Ok(()) }
    }
}
