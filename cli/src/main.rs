//! The `evanesce` command: runs `.ir` files, shows what the compiler makes of them, formats them, lists the ops.
//!
//! Results go to standard output, messages to standard error; the exit code says who is at fault ([`failure`]). A reader that
//! stops reading, as `head` does, is no failure. [`run`] reads arrays ([`inputs`], [`npy`]) and gives them to an [`engine`];
//! [`opt`] observes the pipeline; [`report`] is what `--json` says of programs.

mod counting;
mod dot;
mod engine;
mod failure;
mod format;
mod inputs;
mod memory;
mod npy;
mod ops;
mod opt;
mod report;
mod run;
mod source;

use clap::{Parser, Subcommand};
use evanesce_ir::error::Bug;
use failure::Failure;
use std::io::{self, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;

const EXIT_CODES: &str = "\
Exit codes:
  0  success
  1  the numbers, the memory or the disk do not allow it; `fmt --check` would change the file
  2  a mistake in the file, an input or an argument
  3  a bug in Evanesce";

/// Compiles and runs array expressions in `.ir` text
#[derive(Parser)]
#[command(name = "evanesce", version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a graph or a program on arrays
    #[command(after_help = EXIT_CODES)]
    Run(run::Args),
    /// Print what the compiler makes of a graph: the optimised program, or another stage of it
    #[command(after_help = EXIT_CODES)]
    Opt(opt::Args),
    /// Print a file in the one form that printing has; comments are not kept
    #[command(after_help = EXIT_CODES)]
    Fmt(format::Args),
    /// List the ops
    #[command(after_help = EXIT_CODES)]
    Ops(ops::Args),
}

fn dispatch(command: &Command) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match command {
        Command::Run(args) => run::run(args, &mut out),
        Command::Opt(args) => opt::run(args, &mut out),
        Command::Fmt(args) => format::run(args, &mut out),
        Command::Ops(args) => ops::run(args, &mut out),
    }?;
    Ok(out.flush()?)
}

/// What a panic said and where: a panic is a bug, told as one.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

fn guarded(command: &Command) -> Result<(), Failure> {
    std::panic::set_hook(Box::new(|info| {
        let mut said = PANIC.lock().unwrap_or_else(|poison| poison.into_inner());
        said.get_or_insert_with(|| info.to_string());
    }));
    catch_unwind(AssertUnwindSafe(|| dispatch(command))).unwrap_or_else(|_| {
        let said = PANIC.lock().unwrap_or_else(|poison| poison.into_inner()).take();
        let message = said.unwrap_or_else(|| String::from("a panic"));
        Err(Bug { stage: String::from("a panic"), message }.into())
    })
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let Err(failure) = guarded(&cli.command) else { return ExitCode::SUCCESS };
    if let Some(message) = failure.message() {
        // Where even that cannot be written, the exit code remains.
        let _ = writeln!(io::stderr(), "{message}");
    }
    ExitCode::from(failure.code())
}
