//! Functions of the user's in both languages: `custom "name"`, looked up among those that the reader was given.

use super::lex::{Kind, Token};
use super::program::{Affine, affine, buffer_id};
use super::{ParseErrorKind, Parser, Result};
use crate::custom::Custom;
use crate::ids::BufferId;
use crate::program::{Access, Buffer, CustomCall, Stacked};
use crate::types::{MAX_RANK, Shape, Strides};

/// The function of a name after the word `custom`.
pub(super) fn function(p: &mut Parser<'_>) -> Result<Custom> {
    let token = p.take(Kind::Text, "the name of a function such as \"f\"")?;
    let name = &token.text[1..token.text.len() - 1];
    p.eat(",")?;
    match p.functions.iter().find(|function| function.name() == name) {
        Some(function) => Ok(function.clone()),
        None => token.fail(ParseErrorKind::Function(super::lex::short(name))),
    }
}

/// `$0[4*i0 + c0] [4]`, its strides still to be laid out.
struct Array<'s> {
    buffer: BufferId,
    core: Shape,
    sum: Affine,
    place: Token<'s>,
}

fn arrays<'s>(p: &mut Parser<'s>) -> Result<Vec<Array<'s>>> {
    let mut arrays = Vec::new();
    loop {
        let place = p.token;
        let buffer = buffer_id(p)?;
        let (sum, open) = p.brackets(|p| affine(p, None))?;
        sum.plain(true, &open)?;
        let core: Shape = if p.at("[") { p.list(|p| p.unsigned("a size"))?.into() } else { Shape::new() };
        arrays.push(Array { buffer, core, sum, place });
        if !p.eat(",")? {
            return Ok(arrays);
        }
    }
}

/// `"f" $1[3*i0 + c0] [3] <- $0[4*i0 + c0] [4] stack=[2]` after the words `call custom`; the buffers' dtypes say which
/// implementation it is.
pub(super) fn call(p: &mut Parser<'_>, word: &Token<'_>, buffers: &[Buffer]) -> Result<CustomCall> {
    let function = function(p)?;
    let results = arrays(p)?;
    p.expect("<-")?;
    let operands = arrays(p)?;
    let mut stack = Shape::new();
    if p.eat_name("stack")? {
        p.expect("=")?;
        stack = p.list(|p| p.unsigned("a size"))?.into();
    }
    let dtypes = operands.iter().map(|array| match buffers.get(array.buffer.index()) {
        Some(buffer) => Ok(buffer.ty.dtype),
        None => array.place.unknown("buffer", []),
    });
    let dtypes = dtypes.collect::<Result<Vec<_>>>()?;
    let Some(implementation) = function.implementations().iter().position(|i| i.operands == dtypes) else {
        let known: Vec<String> = function.implementations().iter().map(|i| i.to_string()).collect();
        let found = dtypes.iter().map(|dtype| dtype.name()).collect::<Vec<_>>().join(", ");
        let expected = format!("operands of an implementation: {}", known.join(", "));
        return word.fail(ParseErrorKind::Expected { expected, found: format!("({found})") });
    };
    let lay = |array: Array<'_>| {
        let fits = array.sum.strides.len() <= stack.len() && array.sum.axes.len() <= array.core.len();
        if !fits || stack.len() + array.core.len() > MAX_RANK {
            let expected = String::from("indices of the axes of the stack and the array");
            return array.place.fail(ParseErrorKind::Expected { expected, found: String::from("others") });
        }
        let mut strides: Strides = array.sum.strides.into();
        strides.resize(stack.len(), 0);
        strides.extend(array.sum.axes);
        strides.resize(stack.len() + array.core.len(), 0);
        let access = Access { offset: array.sum.offset, strides };
        Ok(Stacked { buffer: array.buffer, core: array.core, access })
    };
    let results = results.into_iter().map(lay).collect::<Result<_>>()?;
    let operands = operands.into_iter().map(lay).collect::<Result<_>>()?;
    Ok(CustomCall { function, implementation, stack, results, operands, loc: Some(word.loc()) })
}
