//! Functions: traced once, compiled once, called thousands of times into the caller's memory without an allocation.
#![allow(unsafe_code, reason = "puts the addresses of checked arrays into the table of a run")]

use crate::args::Arg;
use crate::error::{CallError, CallProblem, Error};
use crate::executable::{Executable, Options};
use crate::memory::{Memory, zeros};
use evanesce_compiler::Layouts;
use evanesce_ir::error::{Bug, Loc, RunError};
use evanesce_ir::expr::{Signature, Tracer};
use evanesce_ir::facts::Facts;
use evanesce_ir::graph::{Graph, Input};
use evanesce_ir::ids::BufferId;
use evanesce_ir::program::{Buffer, BufferKind, Program};
use evanesce_ir::tensor::{Element, Tensor, TensorViewMut};
use evanesce_ir::types::{Strides, Type, row_major};
use evanesce_ir::with_element;
use ndarray::{ArrayD, IxDyn};
use std::collections::HashSet;
use std::panic::Location;
use std::sync::Arc;

/// A traced function.
///
/// It is compiled for row-major arrays when it is traced; the first call with arrays of other strides compiles it once more
/// for those. Every other call allocates nothing. A call that fails leaves the arrays it updates as they were.
pub struct Function {
    source: Source,
    signature: Signature,
    /// By input, whether a call updates it.
    updated: Vec<bool>,
    options: Options,
    variants: Vec<Variant>,
    /// The one that ran last.
    current: usize,
    /// Strides of the arrays of this call, normal ones.
    given: Vec<Strides>,
    /// Whether they may be other than the current variant's.
    stale: bool,
    /// Their addresses.
    addresses: Vec<Address>,
}

/// What a function is compiled from.
#[derive(Clone)]
enum Source {
    /// Compiled once more for every other layout of the arrays.
    Graph(Graph),
    /// Compiled once: a program says the strides of its arrays.
    Program,
}

#[derive(Clone, Copy)]
struct Address(*mut u8);

// SAFETY: an address is used only within the call that put it there.
unsafe impl Send for Address {}
// SAFETY: as above.
unsafe impl Sync for Address {}

/// The function compiled for some strides.
struct Variant {
    /// Of inputs, then of outputs.
    strides: Vec<Strides>,
    /// Whether results may take the memory of donated inputs that are not updated.
    donates: bool,
    executable: Arc<Executable>,
    memory: Memory,
}

impl Function {
    /// Runs the closure once and compiles what it declares.
    ///
    /// ```
    /// # use evanesce_ir::types::DType;
    /// # use evanesce_runtime::{Error, Function, args};
    /// let mut step = Function::trace(|f| {
    ///     let x = f.input("x", DType::F64, [3]);
    ///     let u = f.input("u", DType::F64, [3]);
    ///     f.update(&x, &(&x + 0.5 * &u));
    ///     f.output("square", &(&x * &x).sum(()));
    /// })?;
    /// let (mut x, u, mut square) = (ndarray::arr1(&[1.0, 2.0, 2.0]), ndarray::arr1(&[2.0, 0.0, -2.0]), 0.0);
    /// step.call(args![&mut x, &u], args![&mut square])?;
    /// assert_eq!((square, x), (9.0, ndarray::arr1(&[2.0, 2.0, 1.0])));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// The first mistake of the closure; a [`Bug`] of ours.
    pub fn trace(closure: impl FnOnce(&mut Tracer)) -> Result<Function, Error> {
        Self::trace_with(&Options::default(), closure)
    }

    /// [`trace`](Self::trace) with options; their layouts are not used.
    ///
    /// # Errors
    /// As [`trace`](Self::trace).
    pub fn trace_with(options: &Options, closure: impl FnOnce(&mut Tracer)) -> Result<Function, Error> {
        let mut tracer = Tracer::default();
        closure(&mut tracer);
        let (graph, signature) = tracer.finish()?;
        Self::new(graph, signature, options)
    }

    /// The function of a graph; its outputs other than updates are named by their numbers.
    ///
    /// # Errors
    /// A graph that breaks a rule of the verifier, and what goes wrong in compiling it, are [`Bug`]s.
    pub fn from_graph(graph: Graph, options: &Options) -> Result<Function, Error> {
        evanesce_ir::verify::graph(&graph)
            .map_err(|violation| Bug { stage: String::from("the graph given"), message: violation.to_string() })?;
        let inputs = graph.inputs().map(|(_, input)| input.clone()).collect();
        let own = graph.outputs.iter().enumerate().filter(|(_, output)| output.into.is_none());
        let outputs = own.map(|(i, output)| (i.to_string().into(), graph.ty(output.value).clone())).collect();
        Self::new(graph, Signature { inputs, outputs }, options)
    }

    fn new(graph: Graph, signature: Signature, options: &Options) -> Result<Function, Error> {
        let types = signature.inputs.iter().map(|i| &i.ty).chain(signature.outputs.iter().map(|(_, ty)| ty));
        let given: Vec<Strides> = types.map(|ty| row_major(&ty.shape)).collect();
        let addresses = vec![Address(std::ptr::null_mut()); given.len()];
        let updated = signature.inputs.iter().map(|input| graph.updates(input)).collect();
        let options = options.clone();
        let source = Source::Graph(graph);
        let mut function = Function {
            source,
            signature,
            updated,
            options,
            variants: vec![],
            current: 0,
            given,
            stale: true,
            addresses,
        };
        function.specialise(false, Location::caller())?;
        Ok(function)
    }

    /// The function of a program; its outputs that are not inputs are named by their numbers. It takes arrays of the
    /// program's strides only, and those that the program writes by `&mut`.
    ///
    /// # Errors
    /// As [`from_graph`](Self::from_graph), and [`OutOfMemory`](evanesce_ir::error::RunErrorKind::OutOfMemory).
    pub fn from_program(program: Program, options: &Options) -> Result<Function, Error> {
        let executable = Executable::new(program, options.threads)?;
        let (program, memory) = (executable.program(), executable.memory()?);
        let mut written: Vec<BufferId> = program.outputs.clone();
        program.steps.iter().for_each(|step| step.writes(|id| written.push(id)));
        let written: HashSet<BufferId> = written.into_iter().collect();
        let own = program.outputs.iter().enumerate().filter(|(_, id)| program.buffer(**id).kind == BufferKind::Output);
        let (inputs, outputs): (Vec<BufferId>, Vec<(usize, BufferId)>) =
            (executable.inputs().to_vec(), own.map(|(i, id)| (i, *id)).collect());
        let input = |id: &BufferId| {
            let Buffer { kind: BufferKind::Input { name, donated }, ty, .. } = program.buffer(*id) else {
                unreachable!("an input of the program")
            };
            Input { name: name.clone(), ty: ty.clone(), donated: *donated, facts: Facts::NONE }
        };
        let signature = Signature {
            inputs: inputs.iter().map(input).collect(),
            outputs: outputs.iter().map(|(i, id)| (i.to_string().into(), program.buffer(*id).ty.clone())).collect(),
        };
        let arrays = inputs.iter().chain(outputs.iter().map(|(_, id)| id));
        let strides = arrays.map(|id| {
            let (buffer, mut normal) = (program.buffer(*id), Strides::new());
            normalise(&buffer.ty, &buffer.strides, &mut normal);
            normal
        });
        let given: Vec<Strides> = strides.collect();
        let executable = Arc::new(executable);
        Ok(Function {
            source: Source::Program,
            updated: inputs.iter().map(|id| written.contains(id)).collect(),
            signature,
            options: options.clone(),
            addresses: vec![Address(std::ptr::null_mut()); given.len()],
            variants: vec![Variant { strides: given.clone(), donates: true, executable, memory }],
            current: 0,
            given,
            stale: false,
        })
    }

    /// Names and types of inputs and outputs.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// What was traced; `None` of a function made from a program.
    pub fn graph(&self) -> Option<&Graph> {
        match &self.source {
            Source::Graph(graph) => Some(graph),
            Source::Program => None,
        }
    }

    /// The program that ran last, at first that for row-major arrays; its text shows kernels, calls and copies.
    pub fn program(&self) -> &Program {
        self.executable().program()
    }

    /// The compiled program that ran last.
    pub fn executable(&self) -> &Executable {
        &self.variants[self.current].executable
    }

    /// Runs the function. Inputs in order of declaration, those that are updated by `&mut`; outputs in order of
    /// declaration, by `&mut`.
    ///
    /// # Errors
    /// [`CallError`] when an array is missing or of another type, [`RunError`] when the numbers do not allow it. The arrays
    /// that are updated are as they were then; outputs may hold anything.
    #[track_caller]
    pub fn call<'a, 'b>(
        &mut self,
        inputs: impl IntoIterator<Item = Arg<'a>>,
        outputs: impl IntoIterator<Item = Arg<'b>>,
    ) -> Result<(), Error> {
        let loc = Location::caller();
        let (expected, results) = (self.signature.inputs.len(), self.signature.outputs.len());
        let mut found = 0;
        for (at, mut arg) in inputs.into_iter().enumerate() {
            if at < expected {
                let input = &self.signature.inputs[at];
                let place = (&mut self.given[at], &mut self.stale, &mut self.addresses[at]);
                take(&mut arg, &input.name, &input.ty, self.updated[at], place).map_err(|p| wrong(p, loc))?;
            }
            found += 1;
        }
        if found != expected {
            return Err(wrong(CallProblem::Count { what: "inputs", expected, found }, loc));
        }
        found = 0;
        for (at, mut arg) in outputs.into_iter().enumerate() {
            if at < results {
                let (name, ty) = &self.signature.outputs[at];
                let place = (&mut self.given[expected + at], &mut self.stale, &mut self.addresses[expected + at]);
                take(&mut arg, name, ty, true, place).map_err(|p| wrong(p, loc))?;
            }
            found += 1;
        }
        if found != results {
            return Err(wrong(CallProblem::Count { what: "outputs", expected: results, found }, loc));
        }
        self.specialise(false, loc)?;
        let Variant { executable, memory, .. } = &mut self.variants[self.current];
        for (id, address) in executable.inputs().iter().zip(&self.addresses) {
            memory.pointers[id.index()] = address.0;
        }
        let program = executable.program();
        let own = program.outputs.iter().filter(|id| program.buffer(**id).kind == BufferKind::Output);
        for (id, address) in own.zip(&self.addresses[expected..]) {
            memory.pointers[id.index()] = address.0;
        }
        // SAFETY: every array has its buffer's type and strides and is borrowed while this runs: the lifetimes 'a and 'b
        // outlive the call. What is written is borrowed mutably, so it overlaps nothing.
        unsafe { executable.run(memory) }?;
        Ok(())
    }

    /// [`call`](Self::call) into new arrays, in order of the outputs.
    ///
    /// # Errors
    /// As [`call`](Self::call), and [`OutOfMemory`](evanesce_ir::error::RunErrorKind::OutOfMemory).
    #[track_caller]
    pub fn eval<'a>(&mut self, inputs: impl IntoIterator<Item = Arg<'a>>) -> Result<Vec<Tensor>, Error> {
        let types = self.signature.outputs.iter().map(|(_, ty)| new_tensor(ty));
        let mut outputs: Vec<Tensor> = types.collect::<Result<_, _>>()?;
        self.call(inputs, outputs.iter_mut().map(Arg::from))?;
        Ok(outputs)
    }

    /// Runs on arrays that are given for good: a donated one may come back as a result, so nothing is allocated for that.
    /// All results in the order of the graph, updates included.
    ///
    /// # Errors
    /// As [`eval`](Self::eval).
    #[track_caller]
    pub fn apply(&mut self, mut inputs: Vec<Tensor>) -> Result<Vec<Tensor>, Error> {
        let loc = Location::caller();
        let expected = self.signature.inputs.len();
        if inputs.len() != expected {
            return Err(wrong(CallProblem::Count { what: "inputs", expected, found: inputs.len() }, loc));
        }
        for (at, (tensor, input)) in inputs.iter_mut().zip(&self.signature.inputs).enumerate() {
            let place = (&mut self.given[at], &mut self.stale, &mut self.addresses[at]);
            take(&mut Arg::from(tensor), &input.name, &input.ty, true, place).map_err(|p| wrong(p, loc))?;
        }
        self.stale = true;
        for (strides, (_, ty)) in self.given[expected..].iter_mut().zip(&self.signature.outputs) {
            *strides = row_major(&ty.shape);
        }
        self.specialise(true, loc)?;
        let Variant { executable, memory, .. } = &mut self.variants[self.current];
        for (id, address) in executable.inputs().iter().zip(&self.addresses) {
            memory.pointers[id.index()] = address.0;
        }
        let program = executable.program();
        let mut results: Vec<Result<Tensor, usize>> = Vec::with_capacity(program.outputs.len());
        for id in &program.outputs {
            results.push(match executable.inputs().iter().position(|input| input == id) {
                Some(input) => Err(input),
                None => {
                    let mut tensor = new_tensor(&program.buffer(*id).ty)?;
                    memory.pointers[id.index()] = tensor.view_mut().as_mut_ptr();
                    Ok(tensor)
                }
            });
        }
        // SAFETY: as in `call`; the inputs are owned, so all may be written.
        unsafe { executable.run(memory) }?;
        let mut inputs: Vec<Option<Tensor>> = inputs.into_iter().map(Some).collect();
        let mut own = |input: usize| inputs[input].take().expect("verified: an input is one result at most");
        Ok(results.into_iter().map(|result| result.unwrap_or_else(&mut own)).collect())
    }

    /// Makes the variant for the given strides the current one.
    fn specialise(&mut self, donates: bool, loc: &'static Location<'static>) -> Result<(), Error> {
        let same = self
            .variants
            .get(self.current)
            .is_some_and(|v| v.donates == donates || matches!(self.source, Source::Program));
        if same && !self.stale {
            return Ok(());
        }
        self.find_variant(donates, loc)?;
        self.stale = false;
        Ok(())
    }

    fn find_variant(&mut self, donates: bool, loc: &'static Location<'static>) -> Result<(), Error> {
        let Source::Graph(graph) = &self.source else {
            let strides = &self.variants[self.current].strides;
            let Some(at) = (0..strides.len()).find(|&at| strides[at] != self.given[at]) else { return Ok(()) };
            let names =
                self.signature.inputs.iter().map(|i| &i.name).chain(self.signature.outputs.iter().map(|o| &o.0));
            let name = names.into_iter().nth(at).map_or(String::new(), |name| name.to_string());
            let (expected, found) = (strides[at].clone(), self.given[at].clone());
            return Err(wrong(CallProblem::Strides { name, expected, found }, loc));
        };
        let fits = |v: &Variant| v.donates == donates && v.strides == self.given;
        if self.variants.get(self.current).is_some_and(fits) {
            return Ok(());
        }
        if let Some(found) = self.variants.iter().position(fits) {
            self.current = found;
            return Ok(());
        }
        let inputs = self.signature.inputs.len();
        let mut options = self.options.clone();
        // Updates among the outputs have no array of their own.
        let mut own = self.given[inputs..].iter().cloned();
        options.pipeline.layouts = Layouts {
            inputs: self.given[..inputs].iter().cloned().map(Some).collect(),
            outputs: graph.outputs.iter().map(|o| if o.into.is_none() { own.next() } else { None }).collect(),
        };
        // The outputs of a call have memory of their own: only updates go to inputs there.
        let graph = graph.donate(|input| donates || graph.updates(input));
        let executable = Arc::new(Executable::compile(&graph, &options, |_| {})?);
        let memory = executable.memory()?;
        self.variants.push(Variant { strides: self.given.clone(), donates, executable, memory });
        self.current = self.variants.len() - 1;
        Ok(())
    }
}

/// A copy that shares the code and has memory of its own.
impl Clone for Function {
    /// # Panics
    /// When there is no memory for the arena.
    fn clone(&self) -> Self {
        let variants = self.variants.iter().map(|v| Variant {
            strides: v.strides.clone(),
            donates: v.donates,
            executable: v.executable.clone(),
            memory: v.executable.memory().expect("memory for the arena"),
        });
        Function {
            source: self.source.clone(),
            signature: self.signature.clone(),
            updated: self.updated.clone(),
            options: self.options.clone(),
            variants: variants.collect(),
            current: self.current,
            given: self.given.clone(),
            stale: self.stale,
            addresses: self.addresses.clone(),
        }
    }
}

fn wrong(problem: CallProblem, loc: &'static Location<'static>) -> Error {
    Error::Call(CallError { problem, loc: Loc::from(loc) })
}

/// Checks an array and notes its address, and its strides where they are other than the known ones.
fn take(
    arg: &mut Arg<'_>,
    name: &str,
    ty: &Type,
    written: bool,
    (known, stale, place): (&mut Strides, &mut bool, &mut Address),
) -> Result<(), CallProblem> {
    if !arg.is(ty) {
        return Err(CallProblem::Type { name: name.to_string(), expected: ty.clone(), found: arg.ty() });
    }
    if arg.strides() != &known[..] {
        *stale = true;
        normalise(ty, arg.strides(), known);
    }
    let (address, writable) = arg.address();
    if written && !writable {
        return Err(CallProblem::ReadOnly { name: name.to_string() });
    }
    *place = Address(address);
    Ok(())
}

/// Strides in which a size of 0 or 1, where the stride means nothing, has the row-major one.
pub(crate) fn normalise(ty: &Type, strides: &[isize], normal: &mut Strides) {
    normal.clear();
    normal.extend_from_slice(strides);
    let mut compact = 1;
    for (stride, &n) in normal.iter_mut().zip(&ty.shape).rev() {
        if n <= 1 || ty.is_empty() {
            *stride = compact;
        }
        compact *= n.max(1) as isize;
    }
}

/// A row-major array of zeros.
pub(crate) fn new_tensor(ty: &Type) -> Result<Tensor, RunError> {
    fn make<A: Element>(ty: &Type) -> Result<Tensor, RunError> {
        let data = zeros::<A>(ty.len()).map_err(|kind| RunError::new("output", kind, None))?;
        Ok(A::wrap(ArrayD::from_shape_vec(IxDyn(&ty.shape), data).expect("as many elements as the shape has")))
    }
    with_element!(ty.dtype, E => make::<E>(ty))
}

/// The address and normal strides of a mutable view.
pub(crate) fn place_of(ty: &Type, view: &mut TensorViewMut<'_>) -> (Strides, *mut u8) {
    let mut strides = Strides::new();
    normalise(ty, view.strides(), &mut strides);
    (strides, view.as_mut_ptr())
}
