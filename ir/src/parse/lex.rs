//! Tokens with their places.

use super::{ParseError, ParseErrorKind, Result};
use crate::error::Loc;
use std::str::FromStr;

/// The kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `%x`, `%3`
    Value,
    /// `$3`
    Buffer,
    /// A word; dots are part of it, as in `linalg.solve`.
    Name,
    /// What begins with a digit: `3`, `2.5e-3f32`, and the size `3x4` of a matrix.
    Number,
    /// Between quotation marks, which are part of it: the subscripts of `einsum`.
    Text,
    /// One of [`PUNCTUATION`].
    Punctuation,
    /// The end of a line outside of brackets.
    Newline,
    /// The end of the text.
    End,
}

/// Longer ones first.
const PUNCTUATION: [&str; 12] = ["<-", "->", "<", "-", "+", "*", ",", ":", "=", "{", "}", "["];

/// What a message shows of a token, which may be as long as the text.
pub(super) fn short(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_string(),
    }
}

/// A piece of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'s> {
    pub(super) kind: Kind,
    pub(super) text: &'s str,
    pub(super) line: u32,
    pub(super) column: u32,
}

impl<'s> Token<'s> {
    pub(super) fn is(&self, kind: Kind, text: &str) -> bool {
        self.kind == kind && self.text == text
    }

    /// The text without its sigil.
    pub(super) fn name(&self) -> &'s str {
        match self.kind {
            Kind::Value | Kind::Buffer => &self.text[1..],
            _ => self.text,
        }
    }

    pub(super) fn loc(&self) -> Loc {
        Loc::text(self.line, self.column)
    }

    pub(super) fn error(&self, kind: ParseErrorKind) -> ParseError {
        let width = self.text.chars().count().clamp(1, 200) as u32;
        ParseError { line: self.line, column: self.column, width, kind }
    }

    pub(super) fn fail<T>(&self, kind: ParseErrorKind) -> Result<T> {
        Err(self.error(kind))
    }

    /// That there is nothing of this name, with the known name that is nearest.
    pub(super) fn unknown<'k, T>(&self, what: &'static str, known: impl IntoIterator<Item = &'k str>) -> Result<T> {
        let near = known.into_iter().map(|name| (distance(name, self.text), name)).min();
        let meant = near.filter(|(d, _)| *d <= 1 + self.text.len() / 4).map(|(_, name)| name.to_string());
        self.fail(ParseErrorKind::Unknown { what, name: short(self.text), meant })
    }

    pub(super) fn parse<T: FromStr>(&self) -> Result<T> {
        let digits = self.name();
        let decimal = digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| decimal).ok_or_else(|| {
            let what = if decimal { "is too large" } else { "is no integer" };
            self.error(ParseErrorKind::Number(format!("the number {} {what}", self.text)))
        })
    }
}

/// Edits between two words (Levenshtein); words too long to be a slip are far from everything.
fn distance(a: &str, b: &str) -> usize {
    if b.len() > 40 {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// Cuts a text into tokens.
pub(super) struct Lexer<'s> {
    rest: &'s str,
    line: u32,
    column: u32,
    /// Open square brackets: a line end inside of them is a space.
    brackets: u32,
}

impl<'s> Lexer<'s> {
    /// Whether the next token begins with a text.
    pub(super) fn comes(&self, text: &str) -> bool {
        self.rest.trim_start_matches([' ', '\t']).starts_with(text)
    }

    pub(super) fn new(source: &'s str) -> Self {
        Self { rest: source.trim_start_matches('\u{feff}'), line: 1, column: 1, brackets: 0 }
    }

    fn advance(&mut self, bytes: usize) -> &'s str {
        let (text, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        self.column = self.column.saturating_add(text.chars().count() as u32);
        text
    }

    fn make(&mut self, kind: Kind, bytes: usize) -> Token<'s> {
        let (line, column) = (self.line, self.column);
        let text = self.advance(bytes);
        Token { kind, text, line, column }
    }

    fn run(&self, inside: impl Fn(char) -> bool) -> usize {
        self.rest.find(|c| !inside(c)).unwrap_or(self.rest.len())
    }

    pub(super) fn token(&mut self) -> Result<Token<'s>> {
        loop {
            let Some(first) = self.rest.chars().next() else { return Ok(self.make(Kind::End, 0)) };
            match first {
                ' ' | '\t' | '\r' => drop(self.advance(1)),
                '#' => drop(self.advance(self.run(|c| c != '\n'))),
                '\n' => {
                    let token = self.make(Kind::Newline, 1);
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                    if self.brackets == 0 {
                        return Ok(token);
                    }
                }
                _ => return self.word(first),
            }
        }
    }

    fn word(&mut self, first: char) -> Result<Token<'s>> {
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        match first {
            '%' | '$' => {
                let length = 1 + self.rest[1..].find(|c| !letter(c)).unwrap_or(self.rest.len() - 1);
                let kind = if first == '%' { Kind::Value } else { Kind::Buffer };
                if length == 1 {
                    return self.make(kind, 1).fail(ParseErrorKind::Character(first));
                }
                Ok(self.make(kind, length))
            }
            '0'..='9' => Ok(self.make(Kind::Number, number(self.rest))),
            c if c.is_alphabetic() || c == '_' => {
                let length = self.run(|c| letter(c) || c == '.');
                Ok(self.make(Kind::Name, length))
            }
            '"' => match self.rest[1..].find(['"', '\n']) {
                Some(end) if self.rest[1 + end..].starts_with('"') => Ok(self.make(Kind::Text, end + 2)),
                _ => self.make(Kind::Text, 1).fail(ParseErrorKind::Character(first)),
            },
            ']' => {
                self.brackets = self.brackets.saturating_sub(1);
                Ok(self.make(Kind::Punctuation, 1))
            }
            _ => {
                let Some(mark) = PUNCTUATION.iter().find(|mark| self.rest.starts_with(**mark)) else {
                    let token = self.make(Kind::Punctuation, first.len_utf8());
                    return token.fail(ParseErrorKind::Character(first));
                };
                self.brackets += u32::from(first == '[');
                Ok(self.make(Kind::Punctuation, mark.len()))
            }
        }
    }
}

/// Bytes of the number a text begins with: letters, digits and dots, and a sign after the `e` of an exponent.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let hexadecimal = bytes.get(1) == Some(&b'x');
    let mut end = 1;
    while let Some(&byte) = bytes.get(end) {
        let exponent = !hexadecimal && matches!(bytes[end - 1], b'e' | b'E');
        let sign = matches!(byte, b'+' | b'-') && exponent;
        if !(byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' || sign) {
            break;
        }
        end += 1;
    }
    end
}
