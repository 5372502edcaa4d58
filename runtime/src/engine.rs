//! The lazy door: expressions are lowered, their program is found or compiled, and it runs.
//!
//! Programs are kept by structure: nodes, types, constants by their bits, the strides of the arrays, and the places of ops
//! that can fail, since errors name them. The least recently used go when there are more than [`CAPACITY`].
#![allow(unsafe_code, reason = "puts the addresses of borrowed arrays into the table of a run")]

use crate::error::{CallError, CallProblem, Error};
use crate::executable::{Executable, Options};
use crate::function::{new_tensor, normalise, place_of};
use crate::memory::Memory;
use evanesce_compiler::Layouts;
use evanesce_ir::error::{Bug, Loc};
use evanesce_ir::expr::{Data, Expr, Lowered, lower};
use evanesce_ir::graph::{Graph, Node};
use evanesce_ir::ops::{ElementwiseOp, OrderOp};
use evanesce_ir::tensor::{Tensor, TensorViewMut};
use evanesce_ir::types::{Strides, Type};
use lru::LruCache;
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Programs that an engine keeps.
pub const CAPACITY: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");
/// Bytes of the largest memory that is kept for the next run.
const KEPT_BYTES: usize = 64 << 20;

/// Compiles and runs expressions, and keeps their programs. It may be shared between threads.
pub struct Engine {
    options: Options,
    programs: Mutex<LruCache<Key, Arc<Slot>, foldhash::fast::RandomState>>,
}

/// A program and memories that are free.
#[derive(Default)]
struct Slot {
    executable: OnceLock<Result<Executable, Bug>>,
    free: Mutex<Vec<Memory>>,
}

/// What makes two evaluations the same program.
struct Key {
    graph: Graph,
    layouts: Layouts,
}

impl Key {
    fn fields(&self) -> impl Iterator<Item = (&Node, Option<Loc>)> {
        self.graph.node_ids().map(|id| {
            let node = self.graph.node(id);
            let fails = matches!(
                node,
                Node::Linalg { .. }
                    | Node::Take { .. }
                    | Node::Custom { .. }
                    | Node::Put { .. }
                    | Node::Order { op: OrderOp::Reduceat(_), .. }
                    | Node::Elementwise { op: ElementwiseOp::Power, .. }
                    | Node::Scan { op: ElementwiseOp::Power, .. }
            );
            (node, self.graph.loc(id).filter(|_| fails))
        })
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fields().for_each(|field| field.hash(state));
        self.graph.outputs.iter().for_each(|output| output.value.hash(state));
        self.layouts.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.graph.outputs == other.graph.outputs && self.layouts == other.layouts && self.fields().eq(other.fields())
    }
}

impl Eq for Key {}

/// The thing itself even if a thread panicked while it held the lock: what is guarded is never half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl Engine {
    /// An engine with no program yet; the options' layouts are not used.
    pub fn new(options: Options) -> Self {
        Engine { options, programs: Mutex::new(LruCache::with_hasher(CAPACITY, Default::default())) }
    }

    /// The one behind [`Eval`].
    pub fn global() -> &'static Engine {
        static ENGINE: OnceLock<Engine> = OnceLock::new();
        ENGINE.get_or_init(Engine::default)
    }

    /// Number of programs it keeps.
    pub fn programs(&self) -> usize {
        lock(&self.programs).len()
    }

    /// Evaluates expressions together, so that what they share is computed once.
    ///
    /// # Errors
    /// The first mistake in the expressions; a failure of the numbers.
    pub fn evaluate(&self, expressions: &[&Expr<'_>]) -> Result<Vec<Tensor>, Error> {
        let lowered = lower(expressions)?;
        let types = lowered.graph.outputs.iter().map(|o| new_tensor(lowered.graph.ty(o.value)));
        let mut results: Vec<Tensor> = types.collect::<Result<_, _>>()?;
        let mut views: Vec<TensorViewMut<'_>> = results.iter_mut().map(Tensor::view_mut).collect();
        self.run(lowered, &mut views)?;
        Ok(results)
    }

    /// Evaluates an expression into an array of its dtype and shape, of any strides.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate), and [`CallError`] when the array is of another type.
    #[track_caller]
    pub fn evaluate_into(&self, expression: &Expr<'_>, mut out: TensorViewMut<'_>) -> Result<(), Error> {
        let loc = Loc::caller();
        let lowered = lower(&[expression])?;
        let expected = lowered.graph.ty(lowered.graph.outputs[0].value).clone();
        let found = Type::new(out.dtype(), out.shape());
        if found != expected {
            let problem = CallProblem::Type { name: String::from("the result"), expected, found };
            return Err(Error::Call(CallError { problem, loc }));
        }
        self.run(lowered, std::slice::from_mut(&mut out))
    }

    /// Runs a lowered graph into arrays of its outputs' types.
    fn run(&self, lowered: Lowered<'_>, outputs: &mut [TensorViewMut<'_>]) -> Result<(), Error> {
        let Lowered { graph, inputs } = lowered;
        let strides = |data: &Data<'_>| {
            let (view, mut normal) = (data.view(), Strides::new());
            normalise(&view.ty(), view.strides(), &mut normal);
            Some(normal)
        };
        let layouts_in = inputs.iter().map(strides).collect();
        let types: Vec<Type> = graph.outputs.iter().map(|o| graph.ty(o.value).clone()).collect();
        let (layouts_out, addresses): (Vec<_>, Vec<_>) =
            types.iter().zip(outputs).map(|(ty, view)| place_of(ty, view)).map(|(s, a)| (Some(s), a)).unzip();
        let slot = self.slot(Key { graph, layouts: Layouts { inputs: layouts_in, outputs: layouts_out } });
        let executable = match slot.executable.get().expect("compiled by `slot`") {
            Ok(executable) => executable,
            Err(bug) => return Err(Error::Bug(bug.clone())),
        };
        let free = lock(&slot.free).pop();
        let mut memory = free.map_or_else(|| executable.memory(), Ok)?;
        for (id, data) in executable.inputs().iter().zip(&inputs) {
            memory.pointers[id.index()] = data.view().as_ptr().cast_mut();
        }
        for (id, address) in executable.program().outputs.iter().zip(addresses) {
            memory.pointers[id.index()] = address;
        }
        // SAFETY: every array has its buffer's type and strides and is borrowed; outputs are borrowed mutably, so they
        // overlap nothing. No input of an expression is donated, so none is written.
        let result = unsafe { executable.run(&mut memory) };
        if memory.arena_bytes() <= KEPT_BYTES {
            lock(&slot.free).push(memory);
        }
        Ok(result?)
    }

    /// The slot of a key, compiled: by one thread, while others that want it wait, and others still go on.
    fn slot(&self, key: Key) -> Arc<Slot> {
        // What goes may hold a user's function, whose drop runs when nothing is locked.
        let (slot, graph, layouts, _gone) = {
            let mut programs = lock(&self.programs);
            match programs.get(&key) {
                Some(slot) if slot.executable.get().is_some() => return slot.clone(),
                Some(slot) => (slot.clone(), key.graph, key.layouts, None),
                None => {
                    let (slot, graph, layouts) = (Arc::<Slot>::default(), key.graph.clone(), key.layouts.clone());
                    let gone = programs.push(key, slot.clone());
                    (slot, graph, layouts, gone)
                }
            }
        };
        slot.executable.get_or_init(|| {
            let mut options = self.options.clone();
            options.pipeline.layouts = layouts;
            Executable::compile(&graph, &options, |_| {})
        });
        slot
    }
}

/// Evaluation of expressions by the global [`Engine`].
pub trait Eval {
    /// The value, in a new row-major array.
    ///
    /// # Errors
    /// The mistake the expression carries, or a failure of the numbers.
    fn eval(&self) -> Result<Tensor, Error>;

    /// The value, in an array of the caller's.
    ///
    /// # Errors
    /// As [`eval`](Self::eval), and when the array has another dtype or shape.
    #[track_caller]
    fn eval_into(&self, out: TensorViewMut<'_>) -> Result<(), Error>;
}

impl Eval for Expr<'_> {
    fn eval(&self) -> Result<Tensor, Error> {
        Ok(Engine::global().evaluate(&[self])?.swap_remove(0))
    }

    #[track_caller]
    fn eval_into(&self, out: TensorViewMut<'_>) -> Result<(), Error> {
        Engine::global().evaluate_into(self, out)
    }
}

/// Evaluates several expressions together, by the global [`Engine`].
///
/// # Errors
/// As [`Eval::eval`].
pub fn evaluate(expressions: &[&Expr<'_>]) -> Result<Vec<Tensor>, Error> {
    Engine::global().evaluate(expressions)
}
