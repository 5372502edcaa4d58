//! The pipeline as a value: two lists of passes with the schedule between them, run by one loop with one observer.

use crate::passes::{absorb, canonicalise, fold, forward, fuse, merge, operands, place, simplify};
use crate::schedule::{self, Layouts};
use evanesce_ir::error::Bug;
use evanesce_ir::graph::Graph;
use evanesce_ir::program::Program;
use evanesce_ir::verify;
use std::time::{Duration, Instant};

/// A pass over graphs.
#[derive(Clone, Copy, Debug)]
pub struct GraphPass {
    /// Its name in options and dumps.
    pub name: &'static str,
    /// One line about it.
    pub doc: &'static str,
    /// The pass.
    pub run: fn(&Graph) -> Graph,
}

/// A pass over programs.
#[derive(Clone, Copy, Debug)]
pub struct ProgramPass {
    /// Its name in options and dumps.
    pub name: &'static str,
    /// One line about it.
    pub doc: &'static str,
    /// The pass.
    pub run: fn(Program) -> Program,
}

/// The graph passes in order. Folding and simplifying make nodes that have other canonical forms.
pub const GRAPH_PASSES: &[GraphPass] = &[
    GraphPass { name: "canonicalise", doc: "one spelling for each meaning", run: canonicalise::run },
    GraphPass { name: "fold", doc: "compute constants", run: fold::run },
    GraphPass { name: "simplify", doc: "rewrites that keep every bit", run: simplify::run },
    GraphPass { name: "canonicalise", doc: "again, over what is new", run: canonicalise::run },
];

/// The name of the step between the two lists.
pub const SCHEDULE: &str = "schedule";

/// The program passes in order.
pub const PROGRAM_PASSES: &[ProgramPass] = &[
    ProgramPass { name: "fuse", doc: "temporaries become scalars of one loop nest", run: fuse::run },
    ProgramPass { name: "forward", doc: "what is only copied is written where the copy puts it", run: forward::run },
    ProgramPass { name: "operands", doc: "calls take operands as they lie, conjugates by flags", run: operands::run },
    ProgramPass { name: "absorb", doc: "a reduction computes and stores what it reads", run: absorb::run },
    ProgramPass { name: "merge", doc: "kernels of equal loops over common data are one", run: merge::run },
    ProgramPass { name: "place", doc: "results in place, temporaries in one arena", run: place::run },
];

/// A stage of the language that a pass has just made.
#[derive(Clone, Copy, Debug)]
pub enum Stage<'a> {
    /// After a graph pass.
    Graph(&'a Graph),
    /// After the schedule or a program pass.
    Program(&'a Program),
}

/// What a pass did.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The pass, or [`SCHEDULE`].
    pub pass: &'static str,
    /// Its result.
    pub stage: Stage<'a>,
    /// How long it took.
    pub time: Duration,
}

/// How to run the pipeline.
#[derive(Clone, Debug)]
pub struct Options {
    /// Strides of the caller's arrays.
    pub layouts: Layouts,
    /// The passes to run, by name; `None` is all. Canonicalise always runs: it leaves no product of integers, for which
    /// there is no routine.
    pub passes: Option<Vec<String>>,
    /// Check every stage by the verifier.
    pub verify: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { layouts: Layouts::default(), passes: None, verify: cfg!(debug_assertions) }
    }
}

impl Options {
    fn runs(&self, pass: &str) -> bool {
        pass == "canonicalise" || self.passes.as_ref().is_none_or(|names| names.iter().any(|name| name == pass))
    }
}

/// The names of every pass, each once, in order.
pub fn pass_names() -> Vec<&'static str> {
    let graph = GRAPH_PASSES.iter().map(|p| p.name);
    let names = graph.chain([SCHEDULE]).chain(PROGRAM_PASSES.iter().map(|p| p.name));
    let mut unique: Vec<&str> = Vec::new();
    names.for_each(|name| {
        if !unique.contains(&name) {
            unique.push(name)
        }
    });
    unique
}

/// The program of a graph before any program pass.
pub fn naive(graph: &Graph, options: &Options) -> Program {
    schedule::run(graph, &options.layouts)
}

/// Runs every pass; `observe` sees each result.
///
/// # Errors
/// A pass that breaks a rule of the verifier is a [`Bug`]; checked when `options.verify` says so.
pub fn run(graph: &Graph, options: &Options, mut observe: impl FnMut(Event<'_>)) -> Result<Program, Bug> {
    let bug = |pass: &str, violation: verify::Violation, text: String| Bug {
        stage: pass.to_string(),
        message: format!("{violation}\n{text}"),
    };
    let mut graph = graph.sweep();
    for pass in GRAPH_PASSES.iter().filter(|p| options.runs(p.name)) {
        let start = Instant::now();
        graph = (pass.run)(&graph);
        let time = start.elapsed();
        if options.verify {
            verify::graph(&graph).map_err(|v| bug(pass.name, v, graph.to_string()))?;
        }
        observe(Event { pass: pass.name, stage: Stage::Graph(&graph), time });
    }
    let start = Instant::now();
    let mut program = schedule::run(&graph, &options.layouts);
    let mut done = (SCHEDULE, start.elapsed());
    for pass in PROGRAM_PASSES.iter().filter(|p| options.runs(p.name)).map(Some).chain([None]) {
        if options.verify {
            verify::program(&program).map_err(|v| bug(done.0, v, program.to_string()))?;
        }
        observe(Event { pass: done.0, stage: Stage::Program(&program), time: done.1 });
        let Some(pass) = pass else { break };
        let start = Instant::now();
        program = (pass.run)(program);
        done = (pass.name, start.elapsed());
    }
    Ok(program)
}
