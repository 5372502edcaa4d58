//! `evanesce opt`: what the compiler makes of a graph, stage by stage.

use crate::dot;
use crate::failure::Failure;
use crate::report::Report;
use crate::run::graph_wanted;
use crate::source::Source;
use evanesce_compiler::pipeline::{self, Event, Stage};
use evanesce_compiler::{Options, jit};
use evanesce_ir::graph::Graph;
use evanesce_ir::parse::File;
use evanesce_ir::program::Program;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `opt`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The graph; `-` is standard input
    file: PathBuf,
    /// The passes to run
    ///
    /// They run in the order of the pipeline: canonicalise, fold, simplify, fuse, forward, absorb, merge, place.
    /// Canonicalise and schedule always run; an empty list is these alone.
    #[arg(long, value_name = "PASS,PASS")]
    passes: Option<String>,
    /// Print what a pass makes; of `all` every stage under its name, or `(unchanged)`
    #[arg(long, value_name = "PASS|all", conflicts_with_all = ["emit", "json"])]
    print_after: Option<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Emit::Program)]
    emit: Emit,
    /// Print one object instead, with counts and times
    ///
    ///   naive, optimised  kernels, calls (routine names in order), copies, temporaries,
    ///                     temporary_bytes, peak_bytes, flops (a number, or a string of its
    ///                     digits when no u64 holds it)
    ///   compile_us        all of compiling
    ///   passes            compile_us by pass, both runs of canonicalise together; `code`
    ///                     is verifying the program and making its machine code
    #[arg(long, conflicts_with = "emit", verbatim_doc_comment)]
    json: bool,
}

/// What `opt` prints.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Emit {
    /// The optimised graph.
    Graph,
    /// The optimised program.
    Program,
    /// The Cranelift IR of its kernels.
    Clif,
    /// The machine code of its kernels.
    Asm,
    /// The optimised graph for Graphviz.
    Dot,
}

/// Runs the command.
pub(crate) fn run(args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    let passes = args.passes.as_deref().map(names).transpose()?;
    let after = args.print_after.as_deref();
    if let Some(pass) = after.filter(|&pass| pass != "all") {
        known(pass)?;
        let always = ["canonicalise", pipeline::SCHEDULE].contains(&pass);
        if !always && passes.as_ref().is_some_and(|names| !names.iter().any(|name| name == pass)) {
            return Err(Failure::user(format!("the pass {pass} does not run: --passes leaves it out")));
        }
    }
    let source = Source::read(&args.file)?;
    let file = source.parse()?;
    graph_wanted(&file, &source, "opt")?;
    let File::Graph(graph) = file else { unreachable!("a graph was wanted") };
    let options = Options { passes, ..Options::default() };
    if args.json {
        writeln!(out, "{}", Value::Object(Report::compile(&graph, &options)?.json()))?;
        return Ok(());
    }
    if let Some(pass) = after {
        return stages(&graph, &options, pass, out);
    }
    emit(args.emit, &graph, &options, out)
}

/// A list of passes.
fn names(list: &str) -> Result<Vec<String>, Failure> {
    let names = list.split(',').map(str::trim).filter(|_| !list.trim().is_empty());
    names.map(|name| known(name).map(|()| name.to_string())).collect()
}

/// Fails when there is no pass of this name.
fn known(name: &str) -> Result<(), Failure> {
    let names = pipeline::pass_names();
    if names.contains(&name) {
        return Ok(());
    }
    Err(Failure::user(format!("there is no pass {name:?}; the passes are {}", names.join(", "))))
}

/// Prints what one pass makes, or every stage.
fn stages(graph: &Graph, options: &Options, wanted: &str, out: &mut impl Write) -> Result<(), Failure> {
    let all = wanted == "all";
    let mut before = graph.sweep().to_string();
    let mut written = if all { writeln!(out, "# graph\n{before}") } else { Ok(()) };
    let mut first = true;
    pipeline::run(graph, options, |event: Event<'_>| {
        if written.is_err() || (!all && event.pass != wanted) {
            return;
        }
        let text = match event.stage {
            Stage::Graph(graph) => graph.to_string(),
            Stage::Program(program) => program.to_string(),
        };
        written = match () {
            () if all && text == before => writeln!(out, "# {} (unchanged)\n", event.pass),
            () if all => writeln!(out, "# {}\n{text}", event.pass),
            () if first => write!(out, "{text}"),
            () => write!(out, "\n{text}"),
        };
        (before, first) = (text, false);
    })?;
    Ok(written?)
}

fn emit(what: Emit, graph: &Graph, options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    let mut optimised = None;
    let program: Program = pipeline::run(graph, options, |event| {
        if let (Emit::Graph | Emit::Dot, Stage::Graph(graph)) = (what, event.stage) {
            optimised = Some(graph.clone());
        }
    })?;
    match (what, &optimised) {
        (Emit::Program, _) => write!(out, "{program}")?,
        (Emit::Clif, _) => write!(out, "{}", jit::clif(&program)?)?,
        (Emit::Asm, _) => write!(out, "{}", jit::asm(&program)?)?,
        (Emit::Graph, Some(graph)) => write!(out, "{graph}")?,
        (Emit::Dot, Some(graph)) => dot::write(graph, out)?,
        (Emit::Graph | Emit::Dot, None) => unreachable!("canonicalise always runs"),
    }
    Ok(())
}
