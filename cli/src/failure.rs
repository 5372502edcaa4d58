//! Why the command ends without success, and the exit code that says so.

use crate::source::Source;
use evanesce_ir::error::{Bug, Place, RunError};
use evanesce_ir::interp;
use std::fmt::Display;
use std::io;
use std::path::Path;

/// Why the command fails. The texts end without a line break.
pub(crate) enum Failure {
    /// What the user gave is wrong.
    User(String),
    /// The numbers, the memory or the disk do not allow it; `fmt --check` found something.
    Run(String),
    /// Evanesce is at fault.
    Bug(String),
    /// Nobody reads the output any more.
    Closed,
}

impl Failure {
    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Failure::Closed => 0,
            Failure::Run(_) => 1,
            Failure::User(_) => 2,
            Failure::Bug(_) => 3,
        }
    }

    /// What standard error is told.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Failure::User(text) | Failure::Run(text) | Failure::Bug(text) => Some(text),
            Failure::Closed => None,
        }
    }

    /// A mistake that has no place in a file.
    pub(crate) fn user(message: impl Display) -> Failure {
        Failure::User(format!("error: {message}"))
    }

    /// A failure while running, at the op's place in the file.
    pub(crate) fn run(error: &RunError, source: &Source) -> Failure {
        let message = format!("{}: {}", error.op, error.kind);
        Failure::Run(match error.loc.map(|loc| loc.place) {
            Some(Place::Text { line, column }) => source.mark(line, column, &message),
            _ => format!("{}: {message}", source.name),
        })
    }

    /// A failure of an interpreter.
    pub(crate) fn interp(error: interp::Failure, source: &Source) -> Failure {
        match error {
            interp::Failure::Run(error) => Failure::run(&error, source),
            interp::Failure::Bug(bug) => bug.into(),
        }
    }

    /// A failure of the runtime.
    pub(crate) fn runtime(error: evanesce::Error, source: &Source) -> Failure {
        match error {
            evanesce::Error::Run(error) => Failure::run(&error, source),
            evanesce::Error::Bug(bug) => bug.into(),
            // The arrays were checked before, and the graph was built by the parser.
            evanesce::Error::Expr(error) => Bug { stage: String::from("parsing"), message: error.to_string() }.into(),
            evanesce::Error::Call(error) => Bug { stage: String::from("reading"), message: error.to_string() }.into(),
        }
    }

    /// A file or directory that cannot be written.
    pub(crate) fn write(path: &Path, error: impl Display) -> Failure {
        Failure::Run(format!("error: cannot write {}: {error}", path.display()))
    }

    /// Memory that cannot be had.
    pub(crate) fn memory(bytes: u128, what: impl Display) -> Failure {
        Failure::Run(format!("error: cannot allocate {bytes} bytes for {what}"))
    }
}

impl From<Bug> for Failure {
    fn from(bug: Bug) -> Failure {
        Failure::Bug(bug.to_string())
    }
}

/// A failure to write to standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Closed,
            _ => Failure::Run(format!("error: cannot write the standard output: {error}")),
        }
    }
}
