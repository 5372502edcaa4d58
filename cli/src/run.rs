//! `evanesce run`: arrays in, arrays out, by one of three engines.

use crate::engine::{Engine, Session};
use crate::failure::Failure;
use crate::source::Source;
use crate::{inputs, npy};
use evanesce_ir::parse::File;
use evanesce_ir::tensor::Tensor;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Arguments of `run`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The graph or program; `-` is standard input.
    file: PathBuf,
    /// An input of the file, in C or Fortran order; the flag may be repeated or followed by several
    ///
    /// Every input of the file is given once. Dtypes are bool, integers of 8 to 64 bits, f32, f64, c64 and c128.
    #[arg(long = "input", value_name = "NAME=FILE.npy")]
    inputs: Vec<OsString>,
    #[arg(value_name = "NAME=FILE.npy", hide = true)]
    more: Vec<OsString>,
    /// Write the outputs as DIR/0.npy, DIR/1.npy ...
    ///
    /// They are in the order of `return`, updates of inputs included. DIR is made when it is
    /// missing. Without this option the outputs are printed, a line each.
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
    /// What runs it
    #[arg(long, value_enum, default_value_t = Engine::Jit)]
    engine: Engine,
    /// Threads that share the loops of a large kernel; the bits are the same with any number
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,
    /// Allow rewrites that change rounding
    ///
    /// None of this version does: results are those of the strict mode.
    #[arg(long)]
    relaxed: bool,
    /// Print one object instead of the outputs, with counts, times and allocations
    ///
    ///   naive, optimised, compile_us, passes
    ///                as `opt --json` prints them; of a file that is a program, `naive` is
    ///                the program as written, and there is no compile_us and passes
    ///   run_us       median time of a steady-state call
    ///   run_calls    calls measured: up to 101 calls after one to warm up, fewer when
    ///                they take more than a second together
    ///   allocations  the most that any of these calls made
    ///
    /// A call writes into arrays that exist. Inputs that it updates are restored between
    /// calls, outside of the measurement.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    let Args { relaxed: _, threads, engine, .. } = *args;
    let source = Source::read(&args.file)?;
    let file = source.parse()?;
    if engine == Engine::Graph {
        graph_wanted(&file, &source, "--engine graph")?;
    }
    let wanted = source.inputs(&file);
    let given: Vec<OsString> = args.inputs.iter().chain(&args.more).cloned().collect();
    let arrays = inputs::read(&source, &wanted, &given)?;
    let mut session = Session::new(engine, file, &source, threads.into())?;
    let outputs = session.run(&arrays)?;
    if let Some(dir) = &args.out_dir {
        write(dir, &outputs)?;
    }
    if args.json {
        let mut object = session.report()?;
        let steady = session.steady(&arrays)?;
        object.insert(String::from("run_us"), json!(steady.run_us));
        object.insert(String::from("run_calls"), json!(steady.calls));
        object.insert(String::from("allocations"), json!(steady.allocations));
        writeln!(out, "{}", Value::Object(object))?;
    } else if args.out_dir.is_none() {
        for output in &outputs {
            writeln!(out, "{} {output}", output.ty())?;
        }
    }
    Ok(())
}

fn write(dir: &Path, outputs: &[Tensor]) -> Result<(), Failure> {
    std::fs::create_dir_all(dir).map_err(|error| Failure::write(dir, error))?;
    outputs.iter().enumerate().try_for_each(|(i, output)| npy::write(&dir.join(format!("{i}.npy")), output))
}

/// A file that only some engines take.
pub(crate) fn graph_wanted(file: &File, source: &Source, what: &str) -> Result<(), Failure> {
    match file {
        File::Graph(_) => Ok(()),
        File::Program(_) => Err(Failure::user(format!("{} holds a program, {what} takes a graph", source.name))),
    }
}
