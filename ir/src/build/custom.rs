//! Calls of the user's functions: dispatch by dtypes, and casts to those of the implementation that is chosen.

use super::{Build, Operand, cast, placeholders, realise};
use crate::custom::{Custom, Kind};
use crate::error::Problem;
use crate::graph::Node;
use smallvec::SmallVec;

/// The results of a function in the dtypes that its implementation computes.
pub fn custom<B: Build>(
    b: &mut B,
    function: &Custom,
    operands: &[Operand<B::Value>],
) -> Result<SmallVec<[B::Value; 2]>, Problem> {
    let kinds: SmallVec<[Kind; 4]> = operands
        .iter()
        .map(|operand| match operand {
            Operand::Value(value) => Kind::Strong(b.ty(value).dtype),
            Operand::Weak(weak) => Kind::Weak(weak.kind()),
        })
        .collect();
    let implementation = function.choose(&kinds)?;
    let mut args: SmallVec<[B::Value; 4]> = SmallVec::new();
    for (operand, &dtype) in operands.iter().zip(&function.implementations()[implementation].operands) {
        args.push(realise(b, operand, dtype)?);
    }
    b.push(Node::Custom { function: function.clone(), implementation, args: placeholders(args.len()) }, &args)
}

/// [`custom`], with results of the first operand's dtype if the function says so.
pub fn custom_call<B: Build>(
    b: &mut B,
    function: &Custom,
    operands: &[Operand<B::Value>],
) -> Result<SmallVec<[B::Value; 2]>, Problem> {
    let results = custom(b, function, operands)?;
    match operands.first() {
        Some(Operand::Value(first)) if function.matches() => {
            let dtype = b.ty(first).dtype;
            results.iter().map(|result| cast(b, result, dtype)).collect()
        }
        _ => Ok(results),
    }
}
