//! `evanesce fmt`: parse and print.

use crate::failure::Failure;
use crate::source::Source;
use evanesce_ir::parse::File;
use std::io::Write;
use std::path::PathBuf;

/// Arguments of `fmt`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The graph or program; `-` is standard input
    file: PathBuf,
    /// Print nothing, exit with 1 when the file is not as it would be printed
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    let source = Source::read(&args.file)?;
    let text = match source.parse()? {
        File::Graph(graph) => graph.to_string(),
        File::Program(program) => program.to_string(),
    };
    if !args.check {
        write!(out, "{text}")?;
    } else if text != source.text {
        return Err(Failure::Run(format!("{} is not as fmt prints it", source.name)));
    }
    Ok(())
}
