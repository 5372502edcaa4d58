//! Lazy expressions: what a user writes. An [`Expr`] is a handle of a value that is not computed; operators and methods named
//! as NumPy's make new ones at the cost of a small node. [`lower`] turns expressions into a [`Graph`].
//!
//! A wrong shape, dtype or axis does not panic: the result is an expression that carries the [`Error`], with the place of
//! the call, and so is everything made of it; evaluating or compiling it gives the error.

mod compose;
mod create;
mod custom;
mod factors;
mod forms;
mod linalg;
mod mask;
mod methods;
mod operators;
mod order;
mod over;
mod scan;
mod shapes;
mod trace;
mod ufunc;

pub use crate::build::linalg::NormOrder;
pub use crate::compose::{Bins, Covariance, Frame, IndexMode, Overlap, PadMode, PadStatistic, QuantileMethod};
pub use compose::{hstack, meshgrid, tri, vstack};
pub use create::{arange, block, complex, concat, constant, eye, full, linspace, ones, select, stack, zeros};
pub use custom::{BlockLoop, CoreViews, Gufunc, Operands, ReturnedArrays, ReturnedElements, ReturningViews};
pub use custom::{ScalarLoop, TracedResults, TracedUfunc, Ufunc};
pub use factors::block_diag;
pub use forms::{lexsort, ravel_multi_index, select_first, tril_indices, triu_indices};
pub use linalg::{ELLIPSIS, einsum, einsum_numbered, einsum_path, multi_dot};
pub use methods::Axes;
pub use operators::IntoOperand;
pub use over::Over;
pub use shapes::{
    IntoNumber, Pick, arange_step, broadcast_arrays, column_stack, dstack, eye_at, geomspace, linspace_open, logspace,
};
pub use trace::{Signature, Tracer};

use crate::build::{Build, Operand};
use crate::error::{Error, Loc, Problem};
use crate::facts::Facts;
use crate::graph::{Args, Graph, Input, Node, Output};
use crate::ids::ValueId;
use crate::tensor::{Element, Tensor, TensorView};
use crate::types::{Type, check_size};
use ndarray::{Array, ArrayBase, ArrayView, Dimension};
use smallvec::{SmallVec, smallvec};
use std::fmt;
use std::sync::Arc;

/// A value that is not computed yet: an array of the caller's, or an op over other expressions.
///
/// `'a` is the lifetime of the arrays it borrows. Cloning is cheap; an expression used twice is computed once.
#[derive(Clone)]
pub struct Expr<'a> {
    def: Arc<Def<'a>>,
    /// Which result of the definition.
    result: usize,
}

struct Def<'a> {
    kind: Kind<'a>,
    args: SmallVec<[Expr<'a>; 3]>,
    /// Of each result; none of an error.
    types: SmallVec<[Type; 1]>,
    loc: Loc,
}

enum Kind<'a> {
    /// The node's own operands are placeholders for `args`.
    Node(Node),
    Data(Data<'a>),
    Error(Box<Error>),
}

/// The elements of a leaf.
#[derive(Clone)]
pub enum Data<'a> {
    /// Borrowed from the caller.
    View(TensorView<'a>),
    /// Given by the caller.
    Owned(Arc<Tensor>),
}

impl Data<'_> {
    /// The elements, wherever they are.
    pub fn view(&self) -> TensorView<'_> {
        match self {
            Data::View(view) => view.reborrow(),
            Data::Owned(tensor) => tensor.view(),
        }
    }
}

/// A chain of a million expressions is dropped by this loop, not by as many nested calls.
impl Drop for Def<'_> {
    fn drop(&mut self) {
        let mut pending = std::mem::take(&mut self.args);
        while let Some(expr) = pending.pop() {
            if let Some(mut def) = Arc::into_inner(expr.def) {
                pending.append(&mut def.args);
            }
        }
    }
}

/// The place expressions go to: nodes with a location.
struct Lazy<'a> {
    loc: Loc,
    lifetime: std::marker::PhantomData<Expr<'a>>,
}

impl<'a> Build for Lazy<'a> {
    type Value = Expr<'a>;

    fn ty(&self, value: &Expr<'a>) -> Type {
        value.def.types[value.result].clone()
    }

    fn push(&mut self, node: Node, args: &[Expr<'a>]) -> Result<SmallVec<[Expr<'a>; 2]>, Problem> {
        let types: SmallVec<[Type; 1]> = {
            let operands: SmallVec<[&Type; 3]> = args.iter().map(|arg| &arg.def.types[arg.result]).collect();
            node.infer(&operands)?.into_iter().collect()
        };
        let results = types.len();
        let def = Arc::new(Def { kind: Kind::Node(node), args: args.into(), types, loc: self.loc });
        Ok((0..results).map(|result| Expr { def: def.clone(), result }).collect())
    }
}

impl<'a> Expr<'a> {
    fn leaf(kind: Kind<'a>, ty: Type, loc: Loc) -> Self {
        Expr { def: Arc::new(Def { kind, args: smallvec![], types: smallvec![ty], loc }), result: 0 }
    }

    fn failed(error: Error) -> Self {
        let loc = error.loc.expect("every error of an expression has a place");
        let kind = Kind::Error(Box::new(error));
        Expr { def: Arc::new(Def { kind, args: smallvec![], types: smallvec![], loc }), result: 0 }
    }

    fn data(data: Data<'a>, loc: Loc) -> Self {
        let ty = data.view().ty();
        match check_size(ty.dtype, &ty.shape) {
            Ok(()) => Self::leaf(Kind::Data(data), ty, loc),
            Err(problem) => {
                Self::failed(Error { op: String::from("input"), operands: vec![ty], problem, loc: Some(loc) })
            }
        }
    }

    /// What is wrong with it, if anything is.
    pub fn error(&self) -> Option<&Error> {
        match &self.def.kind {
            Kind::Error(error) => Some(error),
            _ => None,
        }
    }

    /// Dtype and shape.
    ///
    /// # Errors
    /// The mistake that the expression carries.
    pub fn ty(&self) -> Result<&Type, &Error> {
        match &self.def.kind {
            Kind::Error(error) => Err(error),
            _ => Ok(&self.def.types[self.result]),
        }
    }

    /// Where it was written.
    pub fn loc(&self) -> Loc {
        self.def.loc
    }

    /// The results of a builder function over operands, or the first error among the operands, or a new one.
    #[track_caller]
    fn apply<const N: usize>(
        op: &'static str,
        operands: &[Operand<Expr<'a>>],
        build: impl FnOnce(&mut Lazy<'a>, &[Operand<Expr<'a>>]) -> Result<[Expr<'a>; N], Problem>,
    ) -> [Expr<'a>; N] {
        Self::define(Loc::caller().within(op), op, operands, build)
    }

    /// As [`apply`](Self::apply), of nodes that keep their own names.
    fn define<const N: usize>(
        loc: Loc,
        op: &str,
        operands: &[Operand<Expr<'a>>],
        build: impl FnOnce(&mut Lazy<'a>, &[Operand<Expr<'a>>]) -> Result<[Expr<'a>; N], Problem>,
    ) -> [Expr<'a>; N] {
        let values = || {
            operands.iter().filter_map(|operand| match operand {
                Operand::Value(value) => Some(value),
                Operand::Weak(_) => None,
            })
        };
        if let Some(failed) = values().find(|value| value.error().is_some()) {
            return std::array::from_fn(|_| failed.clone());
        }
        build(&mut Lazy { loc, lifetime: std::marker::PhantomData }, operands).unwrap_or_else(|problem| {
            let operands = values().map(|value| value.def.types[value.result].clone()).collect();
            let failed = Expr::failed(Error { op: op.to_string(), operands, problem, loc: Some(loc) });
            std::array::from_fn(|_| failed.clone())
        })
    }
}

/// Borrows the array; nothing is copied.
impl<'a, A: Element, S: ndarray::Data<Elem = A>, D: Dimension> From<&'a ArrayBase<S, D>> for Expr<'a> {
    #[track_caller]
    fn from(array: &'a ArrayBase<S, D>) -> Self {
        Expr::from(array.view())
    }
}

/// Borrows what the view borrows; nothing is copied.
impl<'a, A: Element, D: Dimension> From<ArrayView<'a, A, D>> for Expr<'a> {
    #[track_caller]
    fn from(view: ArrayView<'a, A, D>) -> Self {
        Expr::data(Data::View(A::view(view.into_dyn())), Loc::caller())
    }
}

/// Takes the array; nothing is copied.
impl<A: Element, D: Dimension> From<Array<A, D>> for Expr<'_> {
    #[track_caller]
    fn from(array: Array<A, D>) -> Self {
        Expr::from(A::wrap(array.into_dyn()))
    }
}

/// Takes the array; nothing is copied.
impl From<Tensor> for Expr<'_> {
    #[track_caller]
    fn from(tensor: Tensor) -> Self {
        Expr::data(Data::Owned(Arc::new(tensor)), Loc::caller())
    }
}

/// The graph that computes it, as text; or its error.
impl fmt::Display for Expr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut graph, mut arrays) = (Graph::new(), 0);
        let leaf = |graph: &mut Graph, def: &Def<'_>, _: Option<&Data<'_>>| match &def.kind {
            Kind::Node(input) => graph.push(input.clone(), Some(def.loc)),
            _ => {
                arrays += 1;
                graph.push(array_input(arrays - 1, def), Some(def.loc))
            }
        };
        match lower_into(&mut graph, &[self], leaf) {
            Ok(values) => {
                graph.outputs = values.into_iter().map(|value| Output { value, into: None }).collect();
                graph.sweep().fmt(f)
            }
            Err(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for Expr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A graph with the arrays of its inputs.
pub struct Lowered<'a> {
    /// The graph; inputs are named `x0`, `x1`, ...
    pub graph: Graph,
    /// For each input, in order, its elements.
    pub inputs: Vec<Data<'a>>,
}

/// The graph that computes some expressions together. Arrays become inputs, so that equal computations on other arrays
/// are equal graphs; an array used in several places is one input.
///
/// # Errors
/// The first mistake in the order of the outputs; an input of a traced function has no value here.
pub fn lower<'a>(outputs: &[&Expr<'a>]) -> Result<Lowered<'a>, Error> {
    let mut graph = Graph::new();
    let mut inputs: Vec<Data<'a>> = Vec::new();
    let leaf = |graph: &mut Graph, def: &Def<'a>, data: Option<&Data<'a>>| match data {
        Some(data) => {
            inputs.push(data.clone());
            graph.push(array_input(inputs.len() - 1, def), Some(def.loc))
        }
        None => Err(Problem::Usage(String::from("an input of a traced function has no value outside of it"))),
    };
    let values = lower_into(&mut graph, outputs, leaf)?;
    graph.outputs = values.into_iter().map(|value| Output { value, into: None }).collect();
    Ok(Lowered { graph, inputs })
}

/// The input that the array of a leaf is.
fn array_input(number: usize, def: &Def<'_>) -> Node {
    let (name, ty) = (format!("x{number}").into(), def.types[0].clone());
    Node::Input(Input { name, ty, donated: false, facts: Facts::NONE })
}

/// The first value of each definition.
type Places<'a> = std::collections::HashMap<*const Def<'a>, ValueId, foldhash::fast::RandomState>;

/// Pushes expressions and what they need; `leaf` places arrays and traced inputs.
fn lower_into<'a>(
    graph: &mut Graph,
    outputs: &[&Expr<'a>],
    mut leaf: impl FnMut(&mut Graph, &Def<'a>, Option<&Data<'a>>) -> Result<ValueId, Problem>,
) -> Result<Vec<ValueId>, Error> {
    let mut first: Places<'a> = Places::default();
    let mut pending: Vec<&Def<'a>> = outputs.iter().rev().map(|output| &*output.def).collect();
    while let Some(&def) = pending.last() {
        if first.contains_key(&std::ptr::from_ref(def)) {
            pending.pop();
            continue;
        }
        let missing = pending.len();
        pending.extend(
            def.args.iter().rev().map(|arg| &*arg.def).filter(|d| !first.contains_key(&std::ptr::from_ref(*d))),
        );
        if pending.len() > missing {
            continue;
        }
        pending.pop();
        let placed = match &def.kind {
            Kind::Error(error) => return Err(Error::clone(error)),
            Kind::Data(data) => leaf(graph, def, Some(data)),
            Kind::Node(Node::Input(_)) => leaf(graph, def, None),
            Kind::Node(node) => {
                let args: Args = def.args.iter().map(|arg| value_of(&first, arg)).collect();
                let mut given = args.iter();
                let node = node.clone().map_args(|_| *given.next().expect("as many placeholders as operands"));
                graph.push(node, Some(def.loc))
            }
        };
        let value = placed.map_err(|problem| Error {
            op: String::from("input"),
            operands: def.types.to_vec(),
            problem,
            loc: Some(def.loc),
        })?;
        first.insert(std::ptr::from_ref(def), value);
    }
    Ok(outputs.iter().map(|output| value_of(&first, output)).collect())
}

fn value_of<'a>(first: &Places<'a>, expr: &Expr<'a>) -> ValueId {
    ValueId::new(first[&Arc::as_ptr(&expr.def)].index() + expr.result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;
    use crate::types::DType;
    use ndarray::{arr1, arr2, s};

    #[test]
    fn equal_parts_are_one_node_and_arrays_are_inputs() {
        let a = arr1(&[1.0, 2.0, 3.0]);
        let x = Expr::from(&a);
        let y = (&x + 1.0) * (&x + 1.0) - x.sum(0);
        let lowered = lower(&[&y]).unwrap();
        assert_eq!(lowered.inputs.len(), 1);
        let names: Vec<&str> = lowered.graph.node_ids().map(|id| lowered.graph.node(id).name()).collect();
        assert_eq!(names, ["input", "constant", "add", "multiply", "sum", "subtract"]);
        assert_eq!(y.ty().unwrap().to_string(), "f64[3]");
    }

    #[test]
    fn mistakes_name_the_op_the_shapes_and_the_line() {
        let (a, b) = (arr1(&[1.0, 2.0, 3.0]), arr1(&[1.0; 4]));
        let line = line!() + 1;
        let wrong = Expr::from(&a) + Expr::from(&b);
        let error = wrong.exp().sum(0).error().cloned().expect("the mistake is carried along");
        assert_eq!(error.op, "add");
        assert_eq!(error.operands.iter().map(Type::to_string).collect::<Vec<_>>(), ["f64[3]", "f64[4]"]);
        assert!(
            matches!(error.loc.map(|loc| loc.place), Some(Place::Rust(at)) if at.line() == line && at.file() == file!())
        );
        assert_eq!(lower(&[&wrong]).err(), Some(error));
    }

    #[test]
    fn slices_are_ndarrays() {
        let a = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
        let x = Expr::from(&a);
        let run = |expr: &Expr<'_>| {
            let lowered = lower(&[expr]).unwrap();
            let inputs: Vec<Tensor> = lowered.inputs.iter().map(|d| d.view().to_tensor()).collect();
            crate::interp::graph(&lowered.graph, &inputs).unwrap().swap_remove(0)
        };
        assert_eq!(run(&x.slice(s![.., 0..2;-1])).as_f64().unwrap(), &a.slice(s![.., 0..2;-1]).into_dyn());
        assert_eq!(run(&x.slice(s![1, ..;2])).as_f64().unwrap(), &a.slice(s![1, ..;2]).into_dyn());
        assert_eq!(run(&x.slice(s![-1.., 1..])).as_f64().unwrap(), &a.slice(s![-1.., 1..]).into_dyn());
        assert_eq!(run(&x.at(1).at(-1)).as_f64().unwrap().first(), Some(&6.0));
        assert!(x.slice(s![0..3, ..]).error().is_some());
    }

    #[test]
    fn scalars_are_weak() {
        let a = arr1(&[1.0f32, 2.0]);
        let x = Expr::from(&a);
        assert_eq!((2.0 * &x).ty().unwrap().dtype, DType::F32);
        assert_eq!((&x + Expr::from(arr1(&[1i64, 2]))).ty().unwrap().dtype, DType::F64);
        assert_eq!((Expr::from(arr1(&[true])) + 1).ty().unwrap().dtype, DType::I64);
    }

    #[test]
    fn a_long_chain_is_dropped_on_a_small_stack() {
        let drop_it = || {
            let a = arr1(&[1.0]);
            let mut x = Expr::from(&a);
            for _ in 0..100_000 {
                x = &x + &x;
            }
        };
        std::thread::Builder::new().stack_size(128 << 10).spawn(drop_it).unwrap().join().unwrap();
    }
}
