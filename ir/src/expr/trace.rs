//! Tracing: a closure is run once over inputs without values and leaves a graph with named inputs and outputs.

use super::{Def, Expr, Kind, lower_into};
use crate::error::{Error, Loc, Problem};
use crate::facts::Facts;
use crate::graph::{Graph, Input, Node, Output};
use crate::ids::ValueId;
use crate::types::{DType, Type, check_size};
use std::sync::Arc;

/// The names of a traced function's arrays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The inputs, in order of declaration.
    pub inputs: Vec<Input>,
    /// The outputs other than updates, in order of declaration.
    pub outputs: Vec<(Arc<str>, Type)>,
}

/// Collects the inputs and outputs of a function while its closure runs.
#[derive(Default)]
pub struct Tracer {
    inputs: Vec<(Input, Expr<'static>)>,
    outputs: Vec<(Arc<str>, Expr<'static>)>,
    updates: Vec<(usize, Expr<'static>)>,
    error: Option<Error>,
}

impl Tracer {
    /// An array that the caller gives at each call. Its name is letters, digits and `_`, not starting with a digit.
    #[track_caller]
    pub fn input(&mut self, name: &str, dtype: DType, shape: impl AsRef<[usize]>) -> Expr<'static> {
        let loc = Loc::caller();
        let ty = Type::new(dtype, shape);
        let input = Input { name: name.into(), ty: ty.clone(), donated: false, facts: Facts::NONE };
        let mut letters = name.chars();
        let named = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
        let problem = if !named {
            Some(Problem::Usage(format!("{name:?} is no name: letters, digits and _, not starting with a digit")))
        } else if self.inputs.iter().any(|(other, _)| other.name == input.name) {
            Some(Problem::Usage(format!("there are two inputs {name}")))
        } else {
            check_size(dtype, &ty.shape).err()
        };
        if let Some(problem) = problem {
            let error = Error { op: String::from("input"), operands: vec![ty], problem, loc: Some(loc) };
            self.error.get_or_insert_with(|| error.clone());
            return Expr::failed(error);
        }
        let expr = Expr::leaf(Kind::Node(Node::Input(input.clone())), ty, loc);
        self.inputs.push((input, expr.clone()));
        expr
    }

    /// An input whose memory a result may take: see `Function::apply`. (An input that is updated need not be donated.)
    #[track_caller]
    pub fn donated(&mut self, name: &str, dtype: DType, shape: impl AsRef<[usize]>) -> Expr<'static> {
        let expr = self.input(name, dtype, shape);
        if let Some((input, own)) = self.inputs.last_mut()
            && Arc::ptr_eq(&own.def, &expr.def)
        {
            input.donated = true;
        }
        expr
    }

    /// A result, which the caller gives memory for at each call.
    pub fn output(&mut self, name: &str, value: &Expr<'static>) {
        self.outputs.push((name.into(), value.clone()));
    }

    /// What an input becomes when all is computed: the caller's array is overwritten, in place where that can be. This is
    /// how state is carried from call to call.
    #[track_caller]
    pub fn update(&mut self, input: &Expr<'static>, value: &Expr<'static>) {
        let found = self.inputs.iter().position(|(_, expr)| Arc::ptr_eq(&expr.def, &input.def));
        let problem = match found {
            _ if input.error().is_some() => return,
            Some(at) if self.updates.iter().any(|(other, _)| *other == at) => {
                Problem::Usage(format!("the input {} is updated twice", self.inputs[at].0.name))
            }
            Some(at) => match value.ty() {
                Ok(ty) if *ty != self.inputs[at].0.ty => {
                    let input = &self.inputs[at].0;
                    Problem::Usage(format!("{ty} does not fit in the input {}: {}", input.name, input.ty))
                }
                _ => return self.updates.push((at, value.clone())),
            },
            None => Problem::Usage(String::from("only an input of this function can be updated")),
        };
        let operands = [input, value].iter().filter_map(|e| e.ty().ok().cloned()).collect();
        let loc = Some(Loc::caller());
        self.error.get_or_insert(Error { op: String::from("update"), operands, problem, loc });
    }

    /// The graph and the names. Outputs come before updates.
    ///
    /// # Errors
    /// The first mistake: of the declarations, else of the expressions in the order of the outputs.
    pub fn finish(self) -> Result<(Graph, Signature), Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let mut graph = Graph::new();
        let mut inputs: Vec<Input> = self.inputs.iter().map(|(input, _)| input.clone()).collect();
        self.updates.iter().for_each(|(at, _)| inputs[*at].donated = true);
        let placed: Vec<ValueId> = inputs
            .iter()
            .zip(&self.inputs)
            .map(|(input, (_, expr))| {
                graph.push(Node::Input(input.clone()), Some(expr.loc())).expect("an input was checked when declared")
            })
            .collect();
        let leaf = |graph: &mut Graph, def: &Def<'static>, data: Option<&super::Data<'static>>| match data {
            // An array that the closure captured is known now.
            Some(data) => graph.push(Node::Constant(Arc::new(data.view().to_tensor())), Some(def.loc)),
            None => {
                let mine = self.inputs.iter().position(|(_, expr)| std::ptr::eq(Arc::as_ptr(&expr.def), def));
                let foreign = || Problem::Usage(String::from("an input of another traced function"));
                Ok(placed[mine.ok_or_else(foreign)?])
            }
        };
        let values: Vec<&Expr<'static>> =
            self.outputs.iter().map(|(_, e)| e).chain(self.updates.iter().map(|(_, e)| e)).collect();
        let lowered = lower_into(&mut graph, &values, leaf)?;
        let into = std::iter::repeat_n(None, self.outputs.len())
            .chain(self.updates.iter().map(|(at, _)| Some(inputs[*at].name.clone())));
        graph.outputs = lowered.iter().zip(into).map(|(&value, into)| Output { value, into }).collect();
        let outputs = self.outputs.iter().zip(&lowered);
        let outputs = outputs.map(|((name, _), &value)| (name.clone(), graph.ty(value).clone())).collect();
        Ok((graph.sweep(), Signature { inputs, outputs }))
    }
}
