//! Elementwise functions made of ops: a closure over scalar expressions, whose ops stand in for the call.

use super::{Operands, take};
use crate::build::{self, Build, Operand};
use crate::error::{Loc, Problem};
use crate::expr::{Expr, Kind, Lazy, lower_into};
use crate::facts::Facts;
use crate::graph::{Graph, Input, Node};
use crate::ids::ValueId;
use crate::types::{Shape, Type, broadcast};
use smallvec::SmallVec;
use std::fmt;
use std::sync::Arc;

/// A function of expressions that works element by element. The closure sees scalars; its ops are computed on the operands,
/// which broadcast, and fuse with what is around them.
///
/// ```
/// # use evanesce_ir::expr::{Expr, TracedUfunc};
/// let softplus = TracedUfunc::new("softplus", |[x]| (-x.abs()).exp().log1p() + x.maximum(0.0));
/// let x = ndarray::arr2(&[[-1.0, 0.0, 1000.0]]);
/// assert_eq!(softplus.call(Expr::from(&x)).ty().unwrap().to_string(), "f64[1, 3]");
/// ```
#[derive(Clone)]
pub struct TracedUfunc<const N: usize> {
    name: String,
    trace: Arc<Trace<N>>,
}

type Trace<const N: usize> = dyn Fn([Expr<'static>; N]) -> Vec<Expr<'static>> + Send + Sync;

/// What a traced closure returns: an expression, or an array of several.
pub trait TracedResults {
    /// All of them.
    fn results(self) -> Vec<Expr<'static>>;
}

impl TracedResults for Expr<'static> {
    fn results(self) -> Vec<Expr<'static>> {
        vec![self]
    }
}

impl<const M: usize> TracedResults for [Expr<'static>; M] {
    fn results(self) -> Vec<Expr<'static>> {
        self.into()
    }
}

impl<const N: usize> TracedUfunc<N> {
    /// A function that computes what the closure does with scalars of the operands' dtypes. It may use the ops that work
    /// element by element, and is run once for each call. The name is for messages.
    pub fn new<R: TracedResults>(
        name: &str,
        function: impl Fn([Expr<'static>; N]) -> R + Send + Sync + 'static,
    ) -> TracedUfunc<N> {
        TracedUfunc { name: name.to_string(), trace: Arc::new(move |operands| function(operands).results()) }
    }

    /// The result, of a function that has one. Scalars take the dtype that the operands promote to.
    #[track_caller]
    pub fn call<'a>(&self, operands: impl Operands<'a>) -> Expr<'a> {
        let [result] = self.results(operands);
        result
    }

    /// The results, as many as the function has.
    #[track_caller]
    pub fn results<'a, const M: usize>(&self, operands: impl Operands<'a>) -> [Expr<'a>; M] {
        let loc = Loc::caller();
        Expr::define(loc, &self.name, &operands.operands(), |lazy, operands| take(self.inline(lazy, operands, loc)?))
    }

    fn inline<'a>(
        &self,
        lazy: &mut Lazy<'a>,
        operands: &[Operand<Expr<'a>>],
        loc: Loc,
    ) -> Result<Vec<Expr<'a>>, Problem> {
        if operands.len() != N {
            return Err(Problem::Arity { expected: N, found: operands.len() });
        }
        let args = build::weak_as_common(lazy, operands)?;
        let types: SmallVec<[Type; 3]> = args.iter().map(|arg| lazy.ty(arg)).collect();
        let shape = broadcast(types.iter().map(|ty| &ty.shape[..])).ok_or(Problem::Broadcast)?;
        // The closure's own graph, on scalars.
        let node = |i: usize| {
            let ty = Type::new(types[i].dtype, []);
            Node::Input(Input { name: format!("x{i}").into(), ty, donated: false, facts: Facts::NONE })
        };
        let inputs: [Expr<'static>; N] =
            std::array::from_fn(|i| Expr::leaf(Kind::Node(node(i)), Type::new(types[i].dtype, []), loc));
        let mut graph = Graph::new();
        let placed = (0..N).map(|i| graph.push(node(i), Some(loc))).collect::<Result<Vec<ValueId>, Problem>>()?;
        let outputs = (self.trace)(inputs.clone());
        let values = lower_into(&mut graph, &outputs.iter().collect::<Vec<_>>(), |graph, def, data| match data {
            Some(data) => graph.push(Node::Constant(Arc::new(data.view().to_tensor())), Some(def.loc)),
            None => {
                let mine = inputs.iter().position(|input| std::ptr::eq(Arc::as_ptr(&input.def), def));
                let foreign = || Problem::Usage(String::from("an input of another function"));
                Ok(placed[mine.ok_or_else(foreign)?])
            }
        });
        let values = values.map_err(|error| Problem::Usage(format!("{}: {}", error.op, error.problem)))?;
        let inlined = inline(lazy, &graph, &args)?;
        let whole = |value: &ValueId| {
            let result = &inlined[value.index()];
            if lazy.ty(result).shape == shape { Ok(result.clone()) } else { broadcast_to(lazy, result, &shape) }
        };
        values.iter().map(whole).collect()
    }
}

fn broadcast_to<'a>(lazy: &mut Lazy<'a>, result: &Expr<'a>, shape: &Shape) -> Result<Expr<'a>, Problem> {
    build::broadcast_to(lazy, result, shape)
}

/// The values of a graph over scalars, computed on whole operands.
fn inline<'a>(lazy: &mut Lazy<'a>, graph: &Graph, args: &[Expr<'a>]) -> Result<Vec<Expr<'a>>, Problem> {
    let mut inlined: Vec<Expr<'a>> = Vec::with_capacity(graph.value_count());
    let mut given = args.iter();
    for id in graph.node_ids() {
        let node = graph.node(id);
        let elementwise = match node {
            Node::Input(_) => {
                inlined.push(given.next().expect("an operand for each input").clone());
                continue;
            }
            Node::Constant(tensor) => tensor.shape().is_empty(),
            Node::Elementwise { .. } | Node::Cast { .. } => true,
            Node::Custom { function, .. } => function.is_elementwise(),
            _ => false,
        };
        if !elementwise {
            return Err(Problem::Usage(format!("{} does not work element by element", node.label())));
        }
        let operands: SmallVec<[Expr<'a>; 3]> = node.args().iter().map(|arg| inlined[arg.index()].clone()).collect();
        inlined.extend(lazy.push(node.clone(), &operands)?);
    }
    Ok(inlined)
}

impl<const N: usize> fmt::Debug for TracedUfunc<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {N} operands", self.name)
    }
}
