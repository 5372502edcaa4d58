//! Text to graphs and programs: the inverse of [`crate::print`], in the grammar of `FORMAT.md`.
//!
//! The text of a graph goes through [`crate::build`], so it means what the same words mean in NumPy: operands promote,
//! literals without suffix are weak, axes count from the end. What comes out is verified. Every mistake is a
//! [`ParseError`] with its place; no input makes the parser panic, and nesting is bounded.
//!
//! A text names functions of the user's, but does not hold them: `file_with` and its kin are given those it may name.

mod custom;
mod graph;
mod lex;
mod literal;
mod program;

use crate::custom::Custom;
use crate::error::Error;
use crate::graph::Graph;
use crate::program::Program;
use crate::tensor::Tensor;
use crate::types::Type;
use crate::verify::Violation;
use lex::{Kind, Lexer, Token};
use std::fmt;
use std::str::FromStr;

/// What a file holds.
#[derive(Clone, Debug)]
pub enum File {
    /// A graph.
    Graph(Graph),
    /// A program; the file begins with the word `program`.
    Program(Program),
}

/// Reads a graph or a program.
pub fn file(source: &str) -> Result<File, ParseError> {
    file_with(source, &[])
}

/// [`file()`] that may name these functions.
pub fn file_with(source: &str, functions: &[Custom]) -> Result<File, ParseError> {
    let mut parser = Parser::new(source)?;
    parser.newlines()?;
    if parser.token.is(Kind::Name, "program") {
        program_with(source, functions).map(File::Program)
    } else {
        graph_with(source, functions).map(File::Graph)
    }
}

/// Reads a graph.
pub fn graph(source: &str) -> Result<Graph, ParseError> {
    graph_with(source, &[])
}

/// [`graph()`] that may name these functions.
pub fn graph_with(source: &str, functions: &[Custom]) -> Result<Graph, ParseError> {
    graph::parse(Parser { functions, ..Parser::new(source)? })
}

/// Reads a program and verifies it.
pub fn program(source: &str) -> Result<Program, ParseError> {
    program_with(source, &[])
}

/// [`program()`] that may name these functions.
pub fn program_with(source: &str, functions: &[Custom]) -> Result<Program, ParseError> {
    let (program, places) = program::parse(Parser { functions, ..Parser::new(source)? })?;
    match crate::verify::program(&program) {
        Ok(()) => Ok(program),
        Err(violation) => Err(places.locate(violation)),
    }
}

/// Reads a program that may break the verifier's rules.
pub fn unverified_program(source: &str) -> Result<Program, ParseError> {
    program::parse(Parser::new(source)?).map(|(program, _)| program)
}

/// Reads an array of a known type: brackets of literals, or one literal.
pub fn tensor(source: &str, ty: &Type) -> Result<Tensor, ParseError> {
    let mut parser = Parser::new(source)?;
    let tensor = literal::tensor(&mut parser, Some(ty))?;
    parser.newlines()?;
    parser.end("the end")?;
    Ok(tensor)
}

impl FromStr for Graph {
    type Err = ParseError;

    fn from_str(source: &str) -> Result<Self, ParseError> {
        graph(source)
    }
}

impl FromStr for Program {
    type Err = ParseError;

    fn from_str(source: &str) -> Result<Self, ParseError> {
        program(source)
    }
}

/// A mistake in a text, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Line of the file, from 1.
    pub line: u32,
    /// Column of the line in characters, from 1.
    pub column: u32,
    /// Characters that are wrong.
    pub width: u32,
    /// What is wrong.
    pub kind: ParseErrorKind,
}

/// What can be wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// No token begins with this.
    Character(char),
    /// The grammar wants something else here.
    Expected {
        /// What may stand here.
        expected: String,
        /// What stands here.
        found: String,
    },
    /// There is nothing of this name.
    Unknown {
        /// What was looked for: `op`, `value`, `dtype`, ...
        what: &'static str,
        /// The name.
        name: String,
        /// The name that was perhaps meant.
        meant: Option<String>,
    },
    /// A name is defined twice.
    Duplicate(String),
    /// A number cannot be read, or is too large for its dtype.
    Number(String),
    /// Brackets that are no array.
    Literal(String),
    /// The type written beside a result is not its type.
    ResultType {
        /// As written.
        declared: Type,
        /// As computed.
        found: Type,
    },
    /// The op does not take these operands.
    Op(Box<Error>),
    /// A rule of the verifier does not hold.
    Rule(Box<Violation>),
    /// A function of the user's that the reader was not given.
    Function(String),
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseErrorKind::Character(c) => write!(f, "unexpected character {c:?}"),
            ParseErrorKind::Expected { expected, found } => write!(f, "expected {expected}, found {found}"),
            ParseErrorKind::Unknown { what, name, meant } => {
                write!(f, "there is no {what} {name}")?;
                meant.as_ref().map_or(Ok(()), |meant| write!(f, "; did you mean {meant}?"))
            }
            ParseErrorKind::Duplicate(name) => write!(f, "{name} is defined twice"),
            ParseErrorKind::Number(what) | ParseErrorKind::Literal(what) => f.write_str(what),
            ParseErrorKind::ResultType { declared, found } => write!(f, "the result is {found}, not {declared}"),
            // The place is said once, by the parse error.
            ParseErrorKind::Op(error) => Error { loc: None, ..(**error).clone() }.fmt(f),
            ParseErrorKind::Rule(violation) => violation.fmt(f),
            ParseErrorKind::Function(name) => {
                write!(f, "there is no function \"{name}\" here: it is Rust code of the program that wrote this text")
            }
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.kind)
    }
}

impl std::error::Error for ParseError {}

impl ParseError {
    /// The message for a terminal: place, message, and the line of the text with the place marked.
    ///
    /// ```
    /// let source = "%x: f64[3]\n%y: f64[4]\n%0 = add %x, %y\nreturn %0\n";
    /// let error = evanesce_ir::parse::graph(source).unwrap_err();
    /// assert_eq!(
    ///     error.render("sum.ir", source),
    ///     "\
    /// sum.ir:3:6: add: the shapes cannot be broadcast together
    ///   operands: f64[3], f64[4]
    ///   |
    /// 3 | %0 = add %x, %y
    ///   |      ^^^
    /// "
    /// );
    /// ```
    pub fn render(&self, file: &str, source: &str) -> String {
        mark(file, source, (self.line, self.column, self.width), &self.kind)
    }
}

/// Characters of a line that a message shows.
const SHOWN: usize = 160;

/// A message about a place of a text: line, column and width in characters, the first two from 1.
pub fn mark(file: &str, source: &str, (line, column, width): (u32, u32, u32), message: &impl fmt::Display) -> String {
    let text = source.trim_start_matches('\u{feff}').lines().nth(line as usize - 1).unwrap_or("");
    let before = column as usize - 1;
    // Of a long line, such as a large constant, the part around the place.
    let start = if before < SHOWN { 0 } else { before - SHOWN / 2 };
    let cut = |cut: bool| if cut { "..." } else { "" };
    let (left, right) = (cut(start > 0), cut(text.chars().nth(start + SHOWN).is_some()));
    // The text may be anything: what a terminal would obey is shown as a replacement character.
    let safe = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    let shown: String = text.chars().skip(start).take(SHOWN).map(safe).collect();
    let number = line.to_string();
    let (margin, space) = (" ".repeat(number.len()), " ".repeat(left.len() + before - start));
    let carets = "^".repeat((width as usize).clamp(1, SHOWN));
    format!(
        "{file}:{line}:{column}: {message}\n{margin} |\n{number} | {left}{shown}{right}\n{margin} | {space}{carets}\n"
    )
}

type Result<T, E = ParseError> = std::result::Result<T, E>;

/// A reader of tokens, one ahead.
struct Parser<'s> {
    lexer: Lexer<'s>,
    token: Token<'s>,
    /// Those of the user's that the text may name.
    functions: &'s [Custom],
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Result<Self> {
        let mut lexer = Lexer::new(source);
        let token = lexer.token()?;
        Ok(Self { lexer, token, functions: &[] })
    }

    /// The token, and on to the next.
    fn bump(&mut self) -> Result<Token<'s>> {
        let next = self.lexer.token()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn at(&self, punctuation: &str) -> bool {
        self.token.is(Kind::Punctuation, punctuation)
    }

    fn eat(&mut self, punctuation: &str) -> Result<bool> {
        let found = self.at(punctuation);
        if found {
            self.bump()?;
        }
        Ok(found)
    }

    fn eat_name(&mut self, name: &str) -> Result<bool> {
        let found = self.token.is(Kind::Name, name);
        if found {
            self.bump()?;
        }
        Ok(found)
    }

    fn expected<T>(&self, what: &str) -> Result<T> {
        let found = match self.token.kind {
            Kind::Newline => String::from("the end of the line"),
            Kind::End => String::from("the end of the file"),
            _ => format!("`{}`", lex::short(self.token.text)),
        };
        self.token.fail(ParseErrorKind::Expected { expected: what.to_string(), found })
    }

    fn expect(&mut self, punctuation: &str) -> Result<Token<'s>> {
        if self.at(punctuation) { self.bump() } else { self.expected(&format!("`{punctuation}`")) }
    }

    /// A comma between items; the items may also end, with `end`.
    fn comma(&mut self, end: &str) -> Result<Token<'s>> {
        if self.at(",") { self.bump() } else { self.expected(&format!("`,` or `{end}`")) }
    }

    /// A token of a kind, described by `what` when it is missing.
    fn take(&mut self, kind: Kind, what: &str) -> Result<Token<'s>> {
        if self.token.kind == kind { self.bump() } else { self.expected(what) }
    }

    fn newlines(&mut self) -> Result<()> {
        while self.token.kind == Kind::Newline {
            self.bump()?;
        }
        Ok(())
    }

    /// The end of a statement.
    fn end_of_line(&mut self) -> Result<()> {
        match self.token.kind {
            Kind::Newline | Kind::End => self.newlines(),
            _ => self.expected("the end of the line"),
        }
    }

    fn end(&mut self, what: &str) -> Result<()> {
        if self.token.kind == Kind::End { Ok(()) } else { self.expected(what) }
    }

    fn unsigned(&mut self, what: &str) -> Result<usize> {
        let token = self.take(Kind::Number, what)?;
        token.parse::<usize>()
    }

    fn signed(&mut self, what: &str) -> Result<isize> {
        let negative = self.eat("-")?;
        self.magnitude(negative, what)
    }

    /// An integer whose sign was read.
    fn magnitude(&mut self, negative: bool, what: &str) -> Result<isize> {
        let token = self.take(Kind::Number, what)?;
        let number = token.parse::<i128>()?;
        match isize::try_from(if negative { -number } else { number }) {
            Ok(number) => Ok(number),
            Err(_) => token.fail(ParseErrorKind::Number(format!("the number {} is too large", token.text))),
        }
    }

    /// `[item, item]`.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.expect("[")?;
        let mut items = Vec::new();
        while !self.eat("]")? {
            if !items.is_empty() {
                self.comma("]")?;
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `f64[3, 4]`.
    fn ty(&mut self) -> Result<Type> {
        let token = self.take(Kind::Name, "a type such as `f64[3, 4]`")?;
        let Ok(dtype) = token.text.parse() else { return token.unknown("dtype", ["bool", "i64", "f32", "f64"]) };
        let shape = self.list(|p| p.unsigned("a size"))?;
        match crate::types::check_size(dtype, &shape) {
            Ok(()) => Ok(Type::new(dtype, shape)),
            Err(problem) => {
                let error = Error { op: String::from("type"), operands: Vec::new(), problem, loc: Some(token.loc()) };
                token.fail(ParseErrorKind::Op(Box::new(error)))
            }
        }
    }
}
