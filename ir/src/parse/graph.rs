//! The text of a graph.

mod composed;
mod forms;
mod functions;
mod linalg;
mod masks;
mod orders;
mod scans;
mod shapes;
mod ufuncs;

use super::lex::{Kind, Token};
use super::literal::{self, Literal};
use super::{ParseErrorKind, Parser, Result, custom};
use crate::build::{self, At, Index, Operand, WeakScalar};
use crate::compose::{self, Item};
use crate::custom::Custom;
use crate::error::{Error, Problem};
use crate::facts::Facts;
use crate::graph::{Graph, Input, Node, Output, SliceAxis, View, is_name};
use crate::ids::ValueId;
use crate::ops::{ALIASES, COMPOSED, ElementwiseOp, LinalgOp, OrderOp, ReduceOp, STRUCTURAL};
use crate::tensor::Tensor;
use crate::types::{DType, Type};
use crate::verify::{self, Place, Rule, Violation};
use smallvec::{SmallVec, smallvec};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Every name an op may have in text.
fn op_names() -> impl Iterator<Item = &'static str> {
    let tables = ElementwiseOp::ALL.iter().map(|op| op.name()).chain(ReduceOp::ALL.iter().map(|op| op.name()));
    let tables = tables.chain(OrderOp::ALL.iter().map(|op| op.name()));
    let tables = tables.chain(LinalgOp::ALL.iter().map(|op| op.name())).chain(STRUCTURAL.iter().map(|row| row.0));
    tables
        .chain(COMPOSED.iter().map(|row| row.0))
        .chain(ALIASES.iter().map(|row| row.0))
        .filter(|name| *name != "input")
}

pub(super) fn parse(parser: Parser<'_>) -> Result<Graph> {
    let mut reader = GraphReader { p: parser, graph: Graph::new(), names: HashMap::new() };
    reader.p.newlines()?;
    while !reader.p.token.is(Kind::Name, "return") {
        reader.statement()?;
        reader.p.newlines()?;
    }
    reader.outputs()?;
    Ok(reader.graph)
}

struct GraphReader<'s> {
    p: Parser<'s>,
    graph: Graph,
    names: HashMap<&'s str, ValueId>,
}

/// What stands behind the `=` of a parameter.
enum Parameter<'s> {
    Int(isize),
    Float(f64),
    Ints(Vec<isize>),
    Floats(Vec<f64>),
    Lists(Vec<Vec<isize>>),
    Name(&'s str),
    Names(Vec<Token<'s>>),
    Operand(Operand<ValueId>),
}

/// An op's line, read but not understood.
struct Line<'s> {
    op: Token<'s>,
    operands: Vec<Operand<ValueId>>,
    indices: Option<Vec<Item<ValueId>>>,
    /// Of `einsum`, without quotation marks.
    subscripts: Option<&'s str>,
    /// Of `custom`.
    function: Option<Custom>,
    parameters: Vec<(Token<'s>, Parameter<'s>)>,
}

impl<'s> Line<'s> {
    fn take(&mut self, name: &str) -> Option<(Token<'s>, Parameter<'s>)> {
        let at = self.parameters.iter().position(|(key, _)| key.text == name)?;
        Some(self.parameters.remove(at))
    }

    fn wrong<T>(key: &Token<'s>, expected: &str) -> Result<T> {
        let expected = format!("{}={expected}", key.text);
        key.fail(ParseErrorKind::Expected { expected, found: String::from("another value") })
    }

    /// One number or several; one is a list of one.
    fn ints(&mut self, name: &str) -> Result<Option<Vec<isize>>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Parameter::Int(x))) => Ok(Some(vec![x])),
            Some((_, Parameter::Ints(xs))) => Ok(Some(xs)),
            Some((key, _)) => Self::wrong(&key, "an integer or a list of integers"),
        }
    }

    fn int(&mut self, name: &str) -> Result<Option<isize>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Parameter::Int(x))) => Ok(Some(x)),
            Some((key, _)) => Self::wrong(&key, "an integer"),
        }
    }

    /// A number that is not negative.
    fn count(&mut self, name: &str) -> Result<Option<usize>> {
        match self.take(name) {
            None => Ok(None),
            Some((key, Parameter::Int(x))) => match usize::try_from(x) {
                Ok(n) => Ok(Some(n)),
                Err(_) => Self::wrong(&key, "a count"),
            },
            Some((key, _)) => Self::wrong(&key, "a count"),
        }
    }

    /// `true` and `false`.
    fn flags(&mut self, name: &str) -> Result<Vec<bool>> {
        match self.take(name) {
            Some((key, Parameter::Names(names))) => {
                let flag = |name: &Token<'s>| match name.text {
                    "true" => Ok(true),
                    "false" => Ok(false),
                    _ => Self::wrong(&key, "a list of true and false"),
                };
                names.iter().map(flag).collect()
            }
            Some((_, Parameter::Ints(none))) if none.is_empty() => Ok(Vec::new()),
            Some((key, _)) => Self::wrong(&key, "a list of true and false"),
            None => self.required(name, None),
        }
    }

    /// Numbers that are not negative.
    fn counts(&mut self, name: &str) -> Result<Vec<usize>> {
        let ints = self.ints(name)?;
        let counts = ints.and_then(|ints| ints.into_iter().map(|n| usize::try_from(n).ok()).collect());
        self.required(name, counts)
    }

    fn flag(&mut self, name: &str, default: bool) -> Result<bool> {
        match self.take(name) {
            None => Ok(default),
            Some((_, Parameter::Name("false"))) => Ok(false),
            Some((_, Parameter::Name("true"))) => Ok(true),
            Some((key, _)) => Self::wrong(&key, "true or false"),
        }
    }

    /// One of several words.
    fn word(&mut self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>> {
        match self.take(name) {
            None => Ok(None),
            Some((key, Parameter::Name(found))) => match words.iter().find(|word| **word == found) {
                Some(word) => Ok(Some(word)),
                None => Token { text: found, ..key }.unknown("choice", words.iter().copied()),
            },
            Some((key, _)) => Self::wrong(&key, &words.join(" or ")),
        }
    }

    fn required<T>(&self, name: &str, value: Option<T>) -> Result<T> {
        let expected = || format!("the parameter {name}=");
        let missing = || ParseErrorKind::Expected { expected: expected(), found: String::from("none") };
        value.ok_or_else(|| self.op.error(missing()))
    }

    fn shape(&mut self) -> Result<Vec<isize>> {
        let shape = self.ints("shape")?;
        self.required("shape", shape)
    }

    fn dtype(&mut self) -> Result<DType> {
        match self.take("dtype") {
            Some((key, Parameter::Name(name))) => match name.parse() {
                Ok(dtype) => Ok(dtype),
                Err(()) => Token { text: name, ..key }.unknown("dtype", DType::ALL.map(DType::name)),
            },
            Some((key, _)) => Self::wrong(&key, "a dtype"),
            None => self.required("dtype", None),
        }
    }

    fn dtype_or_none(&mut self) -> Result<Option<DType>> {
        let given = self.parameters.iter().any(|(key, _)| key.text == "dtype");
        given.then(|| self.dtype()).transpose()
    }

    fn facts(&mut self) -> Result<Facts> {
        match self.take("facts") {
            Some((_, Parameter::Ints(none))) if none.is_empty() => Ok(Facts::NONE),
            Some((_, Parameter::Names(names))) => {
                names.iter().try_fold(Facts::NONE, |facts, name| Ok(facts | fact(name)?))
            }
            Some((key, _)) => Self::wrong(&key, "a list of facts"),
            None => self.required("facts", None),
        }
    }
}

fn fact(token: &Token<'_>) -> Result<Facts> {
    match Facts::from_name(token.text) {
        Some(fact) => Ok(fact),
        None => token.unknown("fact", Facts::NAMES.iter().map(|(name, _)| *name)),
    }
}

impl<'s> GraphReader<'s> {
    /// An input, or an op with its results.
    fn statement(&mut self) -> Result<()> {
        let mut results: Vec<(Token<'s>, Option<(Token<'s>, Type)>)> = Vec::new();
        loop {
            let name = self.p.take(Kind::Value, "a value such as `%x`, or `return`")?;
            let mut declared = None;
            if self.p.eat(":")? {
                declared = Some((self.p.token, self.p.ty()?));
            }
            results.push((name, declared));
            if !self.p.eat(",")? {
                break;
            }
        }
        if let [(name, Some((_, ty)))] = &results[..]
            && !self.p.at("=")
        {
            let (name, ty) = (*name, ty.clone());
            return self.input(name, ty);
        }
        self.p.expect("=")?;
        let values = self.op(results.first().and_then(|(_, declared)| declared.as_ref().map(|(_, ty)| ty)))?;
        self.p.end_of_line()?;
        if values.len() != results.len() {
            let expected =
                if values.len() == 1 { String::from("1 result") } else { format!("{} results", values.len()) };
            return results[0].0.fail(ParseErrorKind::Expected { expected, found: results.len().to_string() });
        }
        for (value, (name, declared)) in values.into_iter().zip(results) {
            if let Some((place, declared)) = declared.filter(|(_, declared)| declared != self.graph.ty(value)) {
                let found = self.graph.ty(value).clone();
                return place.fail(ParseErrorKind::ResultType { declared, found });
            }
            self.define(name, value)?;
        }
        Ok(())
    }

    fn define(&mut self, name: Token<'s>, value: ValueId) -> Result<()> {
        match self.names.insert(name.name(), value) {
            Some(_) => name.fail(ParseErrorKind::Duplicate(name.text.to_string())),
            None => Ok(()),
        }
    }

    fn input(&mut self, token: Token<'s>, ty: Type) -> Result<()> {
        let name = token.name();
        if !is_name(name) {
            let expected = String::from("an input's name that begins with a letter, or ` = ` and an op");
            return token.fail(ParseErrorKind::Expected { expected, found: format!("`{}`", token.text) });
        }
        if self.names.contains_key(name) {
            return token.fail(ParseErrorKind::Duplicate(token.text.to_string()));
        }
        let (mut donated, mut facts) = (false, Facts::NONE);
        while self.p.token.kind == Kind::Name {
            let word = self.p.bump()?;
            if word.text == "donated" {
                donated = true;
            } else {
                facts = facts | fact(&word)?;
            }
        }
        self.p.end_of_line()?;
        let node = Node::Input(Input { name: name.into(), ty: ty.clone(), donated, facts });
        let pushed = self.graph.push(node, Some(token.loc()));
        let value = pushed.map_err(|problem| token.error(op_error("input", vec![ty], problem, &token)))?;
        self.define(token, value)
    }

    /// A value or a literal.
    fn operand(&mut self) -> Result<Operand<ValueId>> {
        match self.p.token.kind {
            Kind::Value => {
                let token = self.p.bump()?;
                match self.names.get(token.name()) {
                    Some(&value) => Ok(Operand::Value(value)),
                    None => {
                        let names: Vec<String> = self.names.keys().map(|name| format!("%{name}")).collect();
                        token.unknown("value", names.iter().map(|name| &**name).filter(|name| name.len() > 3))
                    }
                }
            }
            _ if self.p.at("[") => {
                let start = self.p.token;
                let tensor = literal::tensor(&mut self.p, None)?;
                Ok(Operand::Value(self.constant(tensor, &start)?))
            }
            _ if literal::starts(&self.p) => {
                let start = self.p.token;
                match literal::scalar(&mut self.p)? {
                    Literal::Weak(weak) => Ok(Operand::Weak(weak)),
                    Literal::Strong(scalar) => Ok(Operand::Value(self.constant(Tensor::scalar(scalar), &start)?)),
                }
            }
            _ => self.p.expected("a value or a literal"),
        }
    }

    fn constant(&mut self, tensor: Tensor, place: &Token<'s>) -> Result<ValueId> {
        let pushed = self.graph.push(Node::Constant(Arc::new(tensor)), Some(place.loc()));
        pushed.map_err(|problem| place.error(op_error("constant", Vec::new(), problem, place)))
    }

    fn op(&mut self, declared: Option<&Type>) -> Result<SmallVec<[ValueId; 2]>> {
        let op = self.p.take(Kind::Name, "an op")?;
        if op.text == "input" {
            let expected = String::from("an op; an input is a line such as `%x: f64[3]`");
            return op.fail(ParseErrorKind::Expected { expected, found: String::from("`input`") });
        }
        if op.text == "constant" {
            let tensor = literal::tensor(&mut self.p, declared)?;
            return Ok(smallvec![self.constant(tensor, &op)?]);
        }
        let mut line =
            Line { op, operands: Vec::new(), indices: None, subscripts: None, function: None, parameters: Vec::new() };
        if op.text == "custom" {
            line.function = Some(custom::function(&mut self.p)?);
        }
        if op.text == "einsum" {
            let text = self.p.take(Kind::Text, "subscripts such as \"ij,jk->ik\"")?.text;
            line.subscripts = Some(&text[1..text.len() - 1]);
            self.p.eat(",")?;
        }
        let mut first = true;
        while !matches!(self.p.token.kind, Kind::Newline | Kind::End) {
            if !first && !self.p.eat(",")? {
                return self.p.expected("`,` or the end of the line");
            }
            first = false;
            if self.p.token.kind == Kind::Name && !literal::starts(&self.p) {
                let (key, value) = self.parameter()?;
                if line.parameters.iter().any(|(other, _)| other.text == key.text) {
                    return key.fail(ParseErrorKind::Duplicate(key.text.to_string()));
                }
                line.parameters.push((key, value));
            } else if matches!(op.text, "slice" | "with_slice") && line.operands.len() == 1 && line.indices.is_none() {
                line.indices = Some(self.indices()?);
            } else {
                line.operands.push(self.operand()?);
            }
        }
        let types: Vec<Type> = line.operands.iter().map(|o| self.operand_type(o)).collect();
        let values = self.build(&mut line, types)?;
        match line.parameters.first() {
            Some((key, _)) => {
                let what = "parameter";
                key.fail(ParseErrorKind::Unknown { what, name: format!("{} of {}", key.text, op.text), meant: None })
            }
            None => Ok(values),
        }
    }

    fn operand_type(&self, operand: &Operand<ValueId>) -> Type {
        match operand {
            Operand::Value(value) => self.graph.ty(*value).clone(),
            Operand::Weak(weak) => Type::new(weak.kind().default_dtype(), []),
        }
    }

    fn parameter(&mut self) -> Result<(Token<'s>, Parameter<'s>)> {
        let key = self.p.bump()?;
        self.p.expect("=")?;
        let value = match self.p.token.kind {
            Kind::Value => Parameter::Operand(self.operand()?),
            Kind::Name if self.p.token.text != "inf" => Parameter::Name(self.p.bump()?.text),
            _ if self.p.at("[") => {
                let (mut names, mut lists) = (Vec::new(), Vec::new());
                // Every number, and whether one is no integer.
                let (mut numbers, mut float) = (Vec::new(), false);
                let ints = self.p.list(|p| match p.token.kind {
                    Kind::Name => {
                        names.push(p.bump()?);
                        Ok(0)
                    }
                    _ if p.at("[") && names.is_empty() => {
                        lists.push(p.list(|p| p.signed("an integer"))?);
                        Ok(0)
                    }
                    _ if names.is_empty() => {
                        let number = number(p)?;
                        float |= matches!(number, Parameter::Float(_));
                        numbers.push(match number {
                            Parameter::Float(x) => x,
                            Parameter::Int(x) => x as f64,
                            _ => unreachable!("a number"),
                        });
                        Ok(if let Parameter::Int(x) = number { x } else { 0 })
                    }
                    _ => p.expected("a name"),
                })?;
                if float && names.is_empty() && lists.is_empty() {
                    return Ok((key, Parameter::Floats(numbers)));
                }
                if !lists.is_empty() {
                    return match lists.len() == ints.len() {
                        true => Ok((key, Parameter::Lists(lists))),
                        false => key.fail(ParseErrorKind::Literal(String::from("integers and lists are mixed"))),
                    };
                }
                match names.len() {
                    0 => Parameter::Ints(ints),
                    n if n == ints.len() => Parameter::Names(names),
                    _ => return names[0].fail(ParseErrorKind::Literal(String::from("integers and names are mixed"))),
                }
            }
            _ => number(&mut self.p)?,
        };
        Ok((key, value))
    }

    /// `[0:3, ::-1, 2, newaxis, %i]`
    fn indices(&mut self) -> Result<Vec<Item<ValueId>>> {
        let names = &self.names;
        self.p.list(|p| {
            if p.eat_name("newaxis")? {
                return Ok(Item::Basic(Index::NewAxis));
            }
            if p.token.kind == Kind::Value {
                let token = p.bump()?;
                return match names.get(token.name()) {
                    Some(&value) => Ok(Item::Array(value)),
                    None => token.unknown("value", []),
                };
            }
            let bound = |p: &mut Parser<'s>| match p.at(":") || p.at(",") || p.at("]") {
                true => Ok(None),
                false => p.signed("an index").map(Some),
            };
            if p.at(",") || p.at("]") {
                return p.expected("an index, a slice, `newaxis` or an array of indices");
            }
            let start = bound(p)?;
            if !p.eat(":")? {
                return Ok(Item::Basic(Index::At(start.expect("a token that is no colon is an index"))));
            }
            let stop = bound(p)?;
            let step = if p.eat(":")? { bound(p)? } else { None };
            Ok(Item::Basic(Index::Slice { start, stop, step: step.unwrap_or(1) }))
        })
    }

    /// The line's nodes; its problems get the line's place.
    fn build(&mut self, line: &mut Line<'s>, types: Vec<Type>) -> Result<SmallVec<[ValueId; 2]>> {
        let op = line.op;
        let name = ALIASES.iter().find(|(alias, _)| *alias == op.text).map_or(op.text, |(_, name)| name);
        let label = line.function.as_ref().map_or(name.to_string(), |function| function.name().to_string());
        let fail = |problem| op.error(op_error(&label, types.clone(), problem, &op));
        let composed = COMPOSED.iter().map(|row| row.0).find(|known| *known == name);
        let loc = composed.map_or(op.loc(), |name| op.loc().within(name));
        let mut at = At { graph: &mut self.graph, loc: Some(loc) };
        let b = &mut at;
        if let Some(row) = ElementwiseOp::from_name(name) {
            return build::elementwise(b, row, &line.operands).map(|v| smallvec![v]).map_err(fail);
        }
        if let Some(row) = LinalgOp::from_name(name) {
            return linalg::build(b, row, line)?.map_err(fail);
        }
        if let Some(function) = &line.function {
            return build::custom(b, function, &line.operands).map_err(fail);
        }
        if composed::knows(name) {
            return composed::build(b, name, line)?.map_err(fail);
        }
        if let Some(made) = ufuncs::build(b, name, line)? {
            return made.map_err(fail);
        }
        // Any number of operands, or two.
        match name {
            "concat" | "stack" => {
                let axis = line.int("axis")?.unwrap_or(0);
                let make = if name == "stack" { build::stack } else { build::concat };
                return make(b, &line.operands, axis).map(|v| smallvec![v]).map_err(fail);
            }
            "take" => {
                let (axis, along) = (line.int("axis")?, line.flag("along", false)?);
                by_mode(b, line, axis)?.map_err(fail)?;
                return build::take(b, &line.operands, axis, along).map(|v| smallvec![v]).map_err(fail);
            }
            "put" | "put_along_axis" => {
                let along = if name == "put" { line.flag("along", false)? } else { true };
                let combine = line.elementwise_or_none("op")?;
                let axis = line.int("axis")?;
                by_mode(b, line, axis)?.map_err(fail)?;
                return compose::put(b, &line.operands, axis, along, combine).map(|v| smallvec![v]).map_err(fail);
            }
            _ if !op_names().any(|known| known == name) => return op.unknown("op", op_names()),
            _ => {}
        }
        if let Some(made) = forms::build(b, name, line)? {
            return made.map_err(fail);
        }
        if let Some(made) = functions::build(b, name, line)? {
            return made.map_err(fail);
        }
        if let Some(made) = scans::build(b, name, line)? {
            return made.map_err(fail);
        }
        if let Some(made) = orders::build(b, name, line)? {
            return made.map_err(fail);
        }
        if let Some(made) = masks::build(b, name, line)? {
            return made.map_err(fail);
        }
        if let Some(made) = shapes::build(b, name, line)? {
            return made.map_err(fail);
        }
        let [operand] = &line.operands[..] else {
            return Err(fail(Problem::Arity { expected: 1, found: line.operands.len() }));
        };
        let arg = build::value(b, operand).map_err(fail)?;
        let made = if let Some(row) = ReduceOp::from_name(name) {
            compose::reduce_with(b, row, &arg, &line.options()?)
        } else {
            match name {
                "astype" => {
                    // The cast stands in the text, so it stands in the graph even where it changes nothing.
                    let dtype = line.dtype()?;
                    let real = !dtype.is_complex() && !b.graph.ty(arg).dtype.is_complex();
                    match real {
                        true => b.graph.push(Node::Cast { dtype, args: smallvec![arg] }, b.loc),
                        false => build::cast(b, &arg, dtype),
                    }
                }
                "transpose" => {
                    let axes = line.ints("axes")?;
                    build::transpose(b, &arg, axes.as_deref())
                }
                "matrix_transpose" => build::matrix_transpose(b, &arg),
                "reshape" => build::reshape(b, &arg, &line.shape()?),
                "broadcast_to" => {
                    let shape: Vec<isize> = line.shape()?;
                    match shape.iter().map(|&n| usize::try_from(n)).collect::<Result<Vec<usize>, _>>() {
                        Ok(shape) => build::broadcast_to(b, &arg, &shape),
                        Err(_) => Err(Problem::Reshape { shape }),
                    }
                }
                "slice" => {
                    let indices = line.indices.take();
                    let indices = line.required("slice [start:stop:step, ...]", indices)?;
                    slice(b, &arg, &indices)
                }
                "assume" => build::assume(b, &arg, line.facts()?),
                "expand_dims" => {
                    let axis = line.int("axis")?;
                    build::expand_dims(b, &arg, line.required("axis", axis)?)
                }
                "squeeze" => {
                    let axes = line.ints("axis")?;
                    build::squeeze(b, &arg, axes.as_deref())
                }
                "mean" => compose::mean_with(b, &arg, &line.options()?),
                _ => return op.unknown("op", op_names()),
            }
        };
        made.map(|v| smallvec![v]).map_err(fail)
    }

    /// `return %a, %b -> %x`, the last line.
    fn outputs(&mut self) -> Result<()> {
        self.p.bump()?;
        let mut updated = HashSet::new();
        while !matches!(self.p.token.kind, Kind::Newline | Kind::End) {
            if !self.graph.outputs.is_empty() {
                self.p.expect(",")?;
            }
            let place = self.p.token;
            let operand = self.operand()?;
            let mut at = At { graph: &mut self.graph, loc: Some(place.loc()) };
            let value = build::value(&mut at, &operand)
                .map_err(|problem| place.error(op_error("return", Vec::new(), problem, &place)))?;
            let mut into = None;
            if self.p.eat("->")? {
                let token = self.p.take(Kind::Value, "the input to update")?;
                let name: Arc<str> = token.name().into();
                let input = self.names.get(token.name()).and_then(|&v| match self.graph.def(v) {
                    Node::Input(input) => Some(input),
                    _ => None,
                });
                let checked = verify::output_into(input, &name, self.graph.ty(value), &mut updated);
                checked.map_err(|message| {
                    let at = format!("{} -> {}", place.text, token.text);
                    let violation = Violation { rule: Rule::OutputInto, place: Place::Value(value), at, message };
                    token.error(ParseErrorKind::Rule(Box::new(violation)))
                })?;
                into = Some(name);
            }
            self.graph.outputs.push(Output { value, into });
        }
        self.p.newlines()?;
        self.p.end("the end of the file after `return`")
    }
}

/// Makes of the indices of `take` and `put` what `mode=` says.
fn by_mode(b: &mut At<'_>, line: &mut Line<'_>, axis: Option<isize>) -> Result<std::result::Result<(), Problem>> {
    let mode = line.mode()?;
    Ok(match &mut line.operands[..] {
        [x, indices, ..] => {
            let made = compose::indices_by(b, x, indices, axis, mode);
            made.map(|made| *indices = made)
        }
        _ => Ok(()),
    })
}

/// `-1`, `1e-9`, `-inf`
fn number<'s>(p: &mut Parser<'s>) -> Result<Parameter<'s>> {
    let negative = p.eat("-")?;
    let token = p.token;
    let integer = token.text.bytes().all(|b| b.is_ascii_digit());
    if !token.is(Kind::Name, "inf") && (token.kind != Kind::Number || integer) {
        return Ok(Parameter::Int(p.magnitude(negative, "a value")?));
    }
    match literal::scalar(p)? {
        Literal::Weak(WeakScalar::Float(x)) => Ok(Parameter::Float(if negative { -x } else { x })),
        _ => token.fail(ParseErrorKind::Number(format!("{} has a dtype", token.text))),
    }
}

fn op_error(op: &str, operands: Vec<Type>, problem: Problem, place: &Token<'_>) -> ParseErrorKind {
    ParseErrorKind::Op(Box::new(Error { op: op.to_string(), operands, problem, loc: Some(place.loc()) }))
}

/// A slice of every axis is a slice even where it takes all; anything less or more is what NumPy makes of it.
fn slice(b: &mut At<'_>, arg: &ValueId, indices: &[Item<ValueId>]) -> Result<ValueId, Problem> {
    let shape = b.graph.ty(*arg).shape.clone();
    let slices = indices.iter().zip(&shape).map(|(index, &size)| match *index {
        Item::Basic(Index::Slice { start, stop, step }) => SliceAxis::new(start, stop, step, size),
        Item::Basic(Index::At(_) | Index::NewAxis) | Item::Array(_) => None,
    });
    match slices.collect::<Option<SmallVec<[SliceAxis; 4]>>>() {
        Some(axes) if indices.len() == shape.len() => build::view(b, arg, View::Slice(axes)),
        _ => compose::index_arrays(b, arg, indices),
    }
}
