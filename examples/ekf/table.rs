//! Text files of numbers, read line by line.

use crate::data::DataError;
use std::path::Path;

/// The lines of a file with their 1-based numbers; empty ones are left out.
pub fn lines(path: &Path) -> Result<Vec<(usize, String)>, DataError> {
    let bytes = std::fs::read(path).map_err(|error| DataError::new(path, error))?;
    let text = String::from_utf8(bytes).map_err(|_| DataError::new(path, "this is not a text file"))?;
    let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line.to_string()));
    Ok(lines.filter(|(_, line)| !line.trim().is_empty()).collect())
}

/// A line cut into fields.
pub struct Line<'a> {
    path: &'a Path,
    number: usize,
    fields: Vec<&'a str>,
}

impl<'a> Line<'a> {
    /// Cuts a line.
    pub fn new(path: &'a Path, number: usize, text: &'a str, separator: char) -> Self {
        Line { path, number, fields: text.split(separator).map(str::trim).collect() }
    }

    /// An error in this line.
    pub fn error(&self, problem: String) -> DataError {
        DataError { path: self.path.to_path_buf(), line: Some(self.number), problem }
    }

    /// That there are as many fields as there should be.
    pub fn expect(&self, fields: usize) -> Result<(), DataError> {
        if self.fields.len() == fields {
            return Ok(());
        }
        Err(self.error(format!("{} fields, not {fields}", self.fields.len())))
    }

    /// A field as it is; empty when there is none.
    pub fn text(&self, field: usize) -> &'a str {
        self.fields.get(field).copied().unwrap_or("")
    }

    /// Fields as numbers, NaN included.
    pub fn numbers<const N: usize>(&self, first: usize) -> Result<[f64; N], DataError> {
        let mut numbers = [0.0; N];
        for (i, number) in numbers.iter_mut().enumerate() {
            let text = self.text(first + i);
            let wrong = |_| self.error(format!("field {}: {text:?} is no number", first + i + 1));
            *number = text.parse().map_err(wrong)?;
        }
        Ok(numbers)
    }

    /// Fields as finite numbers.
    pub fn finite<const N: usize>(&self, first: usize) -> Result<[f64; N], DataError> {
        let numbers = self.numbers(first)?;
        match numbers.iter().position(|x| !x.is_finite()) {
            Some(i) => Err(self.error(format!("field {}: {} is not finite", first + i + 1, self.text(first + i)))),
            None => Ok(numbers),
        }
    }
}
