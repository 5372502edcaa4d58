//! The three engines behind one interface: the compiled code and the two interpreters, which define what it must compute.

use crate::counting::{Sample, sample};
use crate::failure::Failure;
use crate::memory;
use crate::report::{self, Report};
use crate::source::Source;
use evanesce_compiler::{Layouts, pipeline};
use evanesce_ir::graph::Graph;
use evanesce_ir::interp;
use evanesce_ir::parse::File;
use evanesce_ir::program::{BufferKind, Program};
use evanesce_ir::tensor::Tensor;
use evanesce_runtime::{Arg, Function, Options};
use serde_json::{Map, Value};
use std::time::Duration;

/// What runs a file.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// Machine code and LAPACK.
    Jit,
    /// The interpreter of programs, on the optimised program of a graph.
    Program,
    /// The interpreter of graphs.
    Graph,
}

/// Calls that are measured at most.
const CALLS: usize = 101;
/// Time after which no further call is measured.
const BUDGET: Duration = Duration::from_secs(1);

/// A file, ready to run.
pub(crate) struct Session<'s> {
    source: &'s Source,
    file: File,
    runner: Runner,
}

enum Runner {
    Jit(Box<Function>),
    Program(Box<Program>),
    Graph,
}

/// What steady-state calls take.
pub(crate) struct Steady {
    /// The median.
    pub(crate) run_us: f64,
    /// How many there were.
    pub(crate) calls: usize,
    /// Of the call that made most.
    pub(crate) allocations: usize,
}

impl<'s> Session<'s> {
    /// Compiles a file as far as its engine needs; that of graphs takes a graph.
    pub(crate) fn new(engine: Engine, file: File, source: &'s Source, threads: usize) -> Result<Session<'s>, Failure> {
        let options = Options { threads, ..Options::default() };
        let runner = match (engine, &file) {
            (Engine::Jit, File::Graph(graph)) => {
                let function = Function::from_graph(graph.clone(), &options);
                Runner::Jit(Box::new(function.map_err(|error| Failure::runtime(error, source))?))
            }
            (Engine::Jit, File::Program(program)) => {
                let function = Function::from_program(program.clone(), &options);
                Runner::Jit(Box::new(function.map_err(|error| Failure::runtime(error, source))?))
            }
            (Engine::Program, File::Graph(graph)) => {
                let program = pipeline::run(graph, &options.pipeline, |_| {})?;
                Runner::Program(Box::new(program))
            }
            (Engine::Program, File::Program(program)) => Runner::Program(Box::new(program.clone())),
            (Engine::Graph, _) => Runner::Graph,
        };
        Ok(Session { source, file, runner })
    }

    /// The outputs.
    pub(crate) fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, Failure> {
        let Session { source, file, runner } = self;
        match (runner, file) {
            (Runner::Jit(function), File::Graph(graph)) if graph.inputs().any(|(_, input)| input.donated) => {
                function.apply(inputs.to_vec()).map_err(|error| Failure::runtime(error, source))
            }
            (Runner::Jit(function), _) => {
                let mut call = Call::new(function, inputs)?;
                call.run(source)?;
                Ok(call.results())
            }
            (Runner::Program(program), _) => interpret_program(program, inputs, source),
            (Runner::Graph, File::Graph(graph)) => interpret_graph(graph, inputs, source),
            (Runner::Graph, File::Program(_)) => unreachable!("refused by `run`"),
        }
    }

    /// What was compiled, counted.
    pub(crate) fn report(&self) -> Result<Map<String, Value>, Failure> {
        match (&self.file, &self.runner) {
            (File::Graph(graph), Runner::Jit(function)) => {
                // As it was run: for the strides of the arrays given.
                let program = function.program();
                let strides = program.inputs().map(|(id, _)| Some(program.buffer(id).strides.clone()));
                let layouts = Layouts { inputs: strides.collect(), outputs: Vec::new() };
                Ok(Report::compile(graph, &evanesce_compiler::Options { layouts, ..Default::default() })?.json())
            }
            (File::Graph(graph), _) => Ok(Report::compile(graph, &Default::default())?.json()),
            (File::Program(program), runner) => {
                let optimised = match runner {
                    Runner::Jit(function) => function.program().counts(),
                    _ => program.counts(),
                };
                Ok(Map::from_iter([
                    (String::from("naive"), report::counts(&program.counts())),
                    (String::from("optimised"), report::counts(&optimised)),
                ]))
            }
        }
    }

    /// Measures calls after the first.
    pub(crate) fn steady(&mut self, inputs: &[Tensor]) -> Result<Steady, Failure> {
        let Session { source, file, runner } = self;
        match (runner, &*file) {
            (Runner::Jit(function), _) => {
                let mut call = Call::new(function, inputs)?;
                measure(|| call.run(source))
            }
            (Runner::Program(program), _) => measure(|| timed(|| interpret_program(program, inputs, source))),
            (Runner::Graph, File::Graph(graph)) => measure(|| timed(|| interpret_graph(graph, inputs, source))),
            (Runner::Graph, File::Program(_)) => unreachable!("refused by `run`"),
        }
    }
}

fn timed<T>(f: impl FnOnce() -> Result<T, Failure>) -> Result<Sample, Failure> {
    let (result, taken) = sample(f);
    result.map(|_| taken)
}

fn measure(mut call: impl FnMut() -> Result<Sample, Failure>) -> Result<Steady, Failure> {
    call()?;
    let (mut samples, mut total) = (Vec::with_capacity(CALLS), Duration::ZERO);
    while samples.len() < CALLS && (samples.is_empty() || total < BUDGET) {
        let taken = call()?;
        total += taken.time;
        samples.push(taken);
    }
    let allocations = samples.iter().map(|s| s.allocations).max().unwrap_or(0);
    samples.sort_by_key(|s| s.time);
    let run_us = report::rounded(report::micros(samples[samples.len() / 2].time));
    Ok(Steady { run_us, calls: samples.len(), allocations })
}

fn interpret_graph(graph: &Graph, inputs: &[Tensor], source: &Source) -> Result<Vec<Tensor>, Failure> {
    memory::check_graph(graph)?;
    interp::graph(graph, inputs).map_err(|error| Failure::run(&error, source))
}

fn interpret_program(program: &Program, inputs: &[Tensor], source: &Source) -> Result<Vec<Tensor>, Failure> {
    memory::check_program(program)?;
    interp::program(program, inputs).map_err(|error| Failure::interp(error, source))
}

/// A call of compiled code into arrays of its own.
struct Call<'f> {
    function: &'f mut Function,
    /// As they were given.
    given: &'f [Tensor],
    /// As the function takes them.
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
    /// By input, whether a call changes it.
    written: Vec<bool>,
}

impl<'f> Call<'f> {
    fn new(function: &'f mut Function, given: &'f [Tensor]) -> Result<Call<'f>, Failure> {
        let program = function.program();
        let ids: Vec<_> = program.inputs().map(|(id, _)| id).collect();
        let mut written = vec![false; program.buffers.len()];
        program.steps.iter().for_each(|step| step.writes(|id| written[id.index()] = true));
        let written = ids.iter().map(|id| written[id.index()]).collect();
        // A graph is compiled for the strides it is given; a program says which it wants.
        let inputs: Result<Vec<Tensor>, Failure> = match function.graph() {
            Some(_) => Ok(given.to_vec()),
            None => {
                let laid_out = ids.iter().zip(given).map(|(&id, tensor)| {
                    let mut array = memory::array(program.buffer(id))?;
                    memory::assign(&mut array, tensor);
                    Ok(array)
                });
                laid_out.collect()
            }
        };
        let own = program.outputs.iter().map(|&id| program.buffer(id)).filter(|b| b.kind == BufferKind::Output);
        let outputs: Result<Vec<Tensor>, Failure> = own.map(memory::array).collect();
        let (inputs, outputs) = (inputs?, outputs?);
        Ok(Call { function, given, inputs, outputs, written })
    }

    /// One call; what it updates is restored before, outside of the measurement.
    fn run(&mut self, source: &Source) -> Result<Sample, Failure> {
        let Call { function, given, inputs, outputs, written } = self;
        let changed = inputs.iter_mut().zip(*given).zip(written).filter(|(_, written)| **written);
        changed.for_each(|((input, given), _)| memory::assign(input, given));
        let inputs: Vec<Arg<'_>> = inputs.iter_mut().map(Arg::from).collect();
        let outputs: Vec<Arg<'_>> = outputs.iter_mut().map(Arg::from).collect();
        let (result, taken) = sample(|| function.call(inputs, outputs));
        result.map_err(|error| Failure::runtime(error, source))?;
        Ok(taken)
    }

    /// The results in the order of `return`.
    fn results(self) -> Vec<Tensor> {
        let program = self.function.program();
        let inputs: Vec<_> = program.inputs().map(|(id, _)| id).collect();
        let mut own = self.outputs.into_iter();
        let result = |id| match inputs.iter().position(|input| input == id) {
            Some(at) => self.inputs[at].clone(),
            None => own.next().expect("an array for each output"),
        };
        program.outputs.iter().map(result).collect()
    }
}
