//! A `.ir` file: its text, what it says, and messages that point into it.

use crate::failure::Failure;
use evanesce_ir::error::Place;
use evanesce_ir::parse::{self, File, ParseError, ParseErrorKind};
use evanesce_ir::program::BufferKind;
use evanesce_ir::types::Type;
use std::io::Read;
use std::path::Path;

/// A file as the user named it.
pub(crate) struct Source {
    /// Its path, `<stdin>` for `-`.
    pub(crate) name: String,
    /// Its text.
    pub(crate) text: String,
}

/// An array that a file wants.
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) name: String,
    /// Its type.
    pub(crate) ty: Type,
    /// Line and column of its declaration.
    place: (u32, u32),
}

impl Source {
    /// Reads a file, or standard input for `-`.
    pub(crate) fn read(path: &Path) -> Result<Source, Failure> {
        let (name, bytes) = if path == Path::new("-") {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            (String::from("<stdin>"), read.map(|_| bytes))
        } else {
            (path.display().to_string(), std::fs::read(path))
        };
        let bytes = bytes.map_err(|error| Failure::user(format!("cannot read {name}: {error}")))?;
        String::from_utf8(bytes).map(|text| Source { name: name.clone(), text }).map_err(|error| {
            let (valid, wrong) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
            let valid = String::from_utf8_lossy(valid);
            let line = 1 + valid.matches('\n').count() as u32;
            let column = 1 + valid.rsplit('\n').next().map_or(0, |last| last.chars().count()) as u32;
            let found = wrong.first().map_or(String::new(), |byte| format!("the byte {byte:#04x}"));
            let kind = ParseErrorKind::Expected { expected: String::from("UTF-8 text"), found };
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            Source { name, text }.error(&ParseError { line, column, width: 1, kind })
        })
    }

    /// What the text says.
    pub(crate) fn parse(&self) -> Result<File, Failure> {
        parse::file(&self.text).map_err(|error| self.error(&error))
    }

    fn error(&self, error: &ParseError) -> Failure {
        Failure::User(error.render(&self.name, &self.text).trim_end().to_string())
    }

    /// A message about the word at a place.
    pub(crate) fn mark(&self, line: u32, column: u32, message: &str) -> String {
        let rest = self.text.lines().nth(line as usize - 1).unwrap_or("").chars().skip(column as usize - 1);
        let word = rest.take_while(|&c| c.is_alphanumeric() || "_.%$".contains(c)).count();
        parse::mark(&self.name, &self.text, (line, column, word as u32), &message).trim_end().to_string()
    }

    /// A mistake about an input, at its declaration.
    pub(crate) fn at_input(&self, input: &Wanted, message: &str) -> Failure {
        Failure::User(self.mark(input.place.0, input.place.1, message))
    }

    /// The inputs of the file in its order.
    pub(crate) fn inputs(&self, file: &File) -> Vec<Wanted> {
        match file {
            File::Graph(graph) => {
                let wanted = graph.inputs().map(|(value, input)| {
                    let place = match graph.loc(graph.definition(value).0).map(|loc| loc.place) {
                        Some(Place::Text { line, column }) => (line, column),
                        _ => (1, 1),
                    };
                    Wanted { name: input.name.to_string(), ty: input.ty.clone(), place }
                });
                wanted.collect()
            }
            File::Program(program) => {
                // Buffers stand one to a line, in order.
                let numbered = self.text.lines().zip(1u32..);
                let lines = numbered.filter(|(line, _)| line.trim_start().starts_with('$')).map(|(_, number)| number);
                let buffers = program.buffers.iter().zip(lines.chain(std::iter::repeat(1)));
                let wanted = buffers.filter_map(|(buffer, line)| match &buffer.kind {
                    BufferKind::Input { name, .. } => {
                        Some(Wanted { name: name.to_string(), ty: buffer.ty.clone(), place: (line, 1) })
                    }
                    _ => None,
                });
                wanted.collect()
            }
        }
    }
}
