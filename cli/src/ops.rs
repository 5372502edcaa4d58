//! `evanesce ops`: the op tables.

use crate::failure::Failure;
use evanesce_ir::ops::{self, OpInfo};
use evanesce_ir::types::DType;
use serde_json::{Value, json};
use std::io::Write;

/// Arguments of `ops`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Print a list of objects
    ///
    /// Each has `name`, `numpy`, `arity` (null: any number), `dtypes` (those with a loop of their
    /// own), `kind` (the node format) and `doc`.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    let ops = ops::all();
    if args.json {
        let objects: Vec<Value> = ops.iter().map(object).collect();
        writeln!(out, "{}", Value::Array(objects))?;
        return Ok(());
    }
    let header = ["name", "numpy", "arity", "dtypes", "kind", "doc"].map(String::from);
    let rows: Vec<[String; 6]> = std::iter::once(header).chain(ops.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..5).map(width).collect();
    for row in &rows {
        for (cell, &width) in row.iter().zip(&widths) {
            write!(out, "{cell:width$}  ")?;
        }
        writeln!(out, "{}", row[5])?;
    }
    Ok(())
}

fn dtypes(op: &OpInfo) -> Vec<&'static str> {
    op.dtypes.iter().copied().map(DType::name).collect()
}

fn object(op: &OpInfo) -> Value {
    json!({
        "name": op.name, "numpy": op.numpy, "arity": op.arity, "dtypes": dtypes(op), "kind": op.kind, "doc": op.doc,
    })
}

fn row(op: &OpInfo) -> [String; 6] {
    let arity = op.arity.map_or(String::from("any"), |arity| arity.to_string());
    let numpy = if op.numpy.is_empty() { "-" } else { op.numpy };
    [op.name.to_string(), numpy.to_string(), arity, dtypes(op).join(" "), op.kind.to_string(), op.doc.to_string()]
}
