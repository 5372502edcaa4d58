//! The text of a program.

use super::lex::{Kind, Token};
use super::{ParseError, ParseErrorKind, Parser, Result, custom, literal};
use crate::graph::is_name;
use crate::ids::{BufferId, LocalId};
use crate::ops::{ElementwiseOp, LinalgOp, OrderOp, ReduceOp, Routine};
use crate::print::touched;
use crate::program::{
    Access, Buffer, BufferKind, Call, CopyReason, Indexed, Kernel, Matrix, Program, Scatter, Step, Stmt, Value,
};
use crate::tensor::Tensor;
use crate::types::{DType, MAX_RANK, Shape, Strides, row_major};
use crate::verify::{Place, Violation};
use smallvec::SmallVec;
use std::sync::Arc;

/// Loops around a statement, those of the kernel and of reductions together: far more than fusion makes.
const MAX_LOOPS: usize = 2 * MAX_RANK;

/// Where buffers and steps were written.
pub(super) struct Places<'s> {
    buffers: Vec<Token<'s>>,
    steps: Vec<Token<'s>>,
    end: Token<'s>,
}

impl Places<'_> {
    pub(super) fn locate(&self, violation: Violation) -> ParseError {
        let token = match violation.place {
            Place::Buffer(id) => self.buffers.get(id.index()),
            Place::Step(number) => self.steps.get(number),
            Place::Value(_) | Place::Whole => None,
        };
        token.unwrap_or(&self.end).error(ParseErrorKind::Rule(Box::new(violation)))
    }
}

pub(super) fn parse(mut p: Parser<'_>) -> Result<(Program, Places<'_>)> {
    p.newlines()?;
    let end = p.token;
    if !p.eat_name("program")? {
        return p.expected("`program`");
    }
    let mut places = Places { buffers: Vec::new(), steps: Vec::new(), end };
    let mut program = Program::default();
    if p.eat_name("arena")? {
        p.expect("=")?;
        program.arena = Some(p.unsigned("the bytes of the arena")?);
    }
    p.end_of_line()?;
    while p.token.kind == Kind::Buffer {
        places.buffers.push(p.token);
        let buffer = buffer(&mut p, program.buffers.len())?;
        program.buffers.push(buffer);
        p.end_of_line()?;
    }
    loop {
        let word = p.token;
        if p.eat_name("kernel")? {
            program.steps.push(Step::Kernel(kernel(&mut p, &word)?));
        } else if p.eat_name("call")? {
            let step = match p.eat_name("custom")? {
                true => Step::Custom(custom::call(&mut p, &word, &program.buffers)?),
                false => Step::Call(call(&mut p, &word, &program.buffers)?),
            };
            program.steps.push(step);
        } else if p.eat_name("scatter")? {
            program.steps.push(Step::Scatter(scatter(&mut p, &word)?));
        } else {
            break;
        }
        places.steps.push(word);
        p.end_of_line()?;
    }
    places.end = p.token;
    if !p.eat_name("return")? {
        return p.expected("`kernel`, `call`, `scatter` or `return`");
    }
    while !matches!(p.token.kind, Kind::Newline | Kind::End) {
        if !program.outputs.is_empty() {
            p.expect(",")?;
        }
        program.outputs.push(buffer_id(&mut p)?);
    }
    p.newlines()?;
    p.end("the end of the file after `return`")?;
    Ok((program, places))
}

pub(super) fn buffer_id(p: &mut Parser<'_>) -> Result<BufferId> {
    let token = p.take(Kind::Buffer, "a buffer such as `$0`")?;
    token.parse().map(BufferId)
}

/// `i3` or `t3` as its number.
fn numbered(token: &Token<'_>, letter: char) -> Option<usize> {
    let digits = token.text.strip_prefix(letter)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn local(p: &mut Parser<'_>) -> Result<LocalId> {
    match (p.token.kind, numbered(&p.token, 't').map(u32::try_from)) {
        (Kind::Name, Some(Ok(number))) => {
            p.bump()?;
            Ok(LocalId(number))
        }
        _ => p.expected("a scalar such as `t0`"),
    }
}

/// `$0: f64[3] input x donated strides=[1]`
fn buffer(p: &mut Parser<'_>, number: usize) -> Result<Buffer> {
    let token = p.token;
    if buffer_id(p)?.index() != number {
        let expected = format!("`${number}`, since buffers are numbered in order");
        return token.fail(ParseErrorKind::Expected { expected, found: format!("`{}`", token.text) });
    }
    p.expect(":")?;
    let ty = p.ty()?;
    let word = p.take(Kind::Name, "`input`, `constant`, `output` or `temp`")?;
    let kind = match word.text {
        "input" => {
            let name = p.take(Kind::Name, "the input's name")?;
            if !is_name(name.text) {
                let expected = String::from("the input's name");
                return name.fail(ParseErrorKind::Expected { expected, found: format!("`{}`", name.text) });
            }
            let donated = p.eat_name("donated")?;
            BufferKind::Input { name: name.text.into(), donated }
        }
        "constant" => BufferKind::Constant(constant(p, &ty)?),
        "output" => BufferKind::Output,
        "temp" => {
            let mut offset = None;
            if p.eat_name("at")? {
                p.expect("=")?;
                offset = Some(p.unsigned("a byte of the arena")?);
            }
            BufferKind::Temp(offset)
        }
        _ => return word.unknown("kind of buffer", ["input", "constant", "output", "temp"]),
    };
    let mut strides = row_major(&ty.shape);
    if p.eat_name("strides")? {
        p.expect("=")?;
        strides = p.list(|p| p.signed("a stride"))?.into();
    }
    Ok(Buffer { kind, ty, strides })
}

fn constant(p: &mut Parser<'_>, ty: &crate::types::Type) -> Result<Arc<Tensor>> {
    literal::tensor(p, Some(ty)).map(Arc::new)
}

/// `$1, $2 <- $0 [1000] copy=layout { ... }` after the word `kernel`.
fn kernel(p: &mut Parser<'_>, word: &Token<'_>) -> Result<Kernel> {
    let mut sides: [Vec<BufferId>; 2] = Default::default();
    let mut side = 0;
    loop {
        if side == 0 && p.eat("<-")? {
            side = 1;
            continue;
        }
        if p.at("[") {
            break;
        }
        if !sides[side].is_empty() {
            p.expect(",")?;
        }
        sides[side].push(buffer_id(p)?);
    }
    let dims: SmallVec<[usize; 4]> = p.list(|p| p.unsigned("the range of a loop"))?.into();
    if dims.len() > MAX_LOOPS {
        return word.fail(ParseErrorKind::Literal(format!("there are more than {MAX_LOOPS} loops")));
    }
    let mut copy = None;
    if p.eat_name("copy")? {
        p.expect("=")?;
        let token = p.take(Kind::Name, "the reason of the copy")?;
        copy = match CopyReason::ALL.iter().find(|(_, name)| *name == token.text) {
            Some((reason, _)) => Some(*reason),
            None => return token.unknown("reason to copy", CopyReason::ALL.map(|(_, name)| name)),
        };
    }
    p.expect("{")?;
    p.end_of_line()?;
    let body = body(p, dims.len())?;
    let kernel = Kernel { dims, body, copy };
    let (writes, reads) = touched(&kernel);
    if sides != [writes, reads] {
        let list = |ids: &[BufferId]| ids.iter().map(BufferId::to_string).collect::<Vec<_>>().join(", ");
        let (writes, reads) = touched(&kernel);
        let expected = format!("the buffers of the body, `{} <- {}`", list(&writes), list(&reads));
        let found = format!("`{} <- {}`", list(&sides[0]), list(&sides[1]));
        return word.fail(ParseErrorKind::Expected { expected, found });
    }
    Ok(kernel)
}

/// The scalars of a kernel: they are numbered from 0 without gaps, so that tables of them stay small.
struct Scalars<'s> {
    defined: usize,
    largest: Option<(LocalId, Token<'s>)>,
}

impl<'s> Scalars<'s> {
    fn note(&mut self, local: LocalId, place: Token<'s>) {
        self.defined += 1;
        if self.largest.is_none_or(|(largest, _)| local > largest) {
            self.largest = Some((local, place));
        }
    }

    fn check(&self) -> Result<()> {
        match self.largest {
            Some((local, place)) if local.index() >= self.defined => {
                let expected = String::from("scalars numbered from t0 without gaps");
                place.fail(ParseErrorKind::Expected { expected, found: format!("`{local}`") })
            }
            _ => Ok(()),
        }
    }
}

/// A reduction whose body is being read.
struct Open {
    local: LocalId,
    op: ReduceOp,
    extent: usize,
    dtype: DType,
    /// The statements before it in the body around it.
    around: Vec<Stmt>,
}

/// The statements up to the closing brace, inside of `loops` loops. Reductions nest without recursion.
fn body(p: &mut Parser<'_>, loops: usize) -> Result<Vec<Stmt>> {
    let mut scalars = Scalars { defined: 0, largest: None };
    let mut open: Vec<Open> = Vec::new();
    let mut body = Vec::new();
    loop {
        let place = p.token;
        let depth = loops + open.len();
        if p.eat_name("store")? {
            let buffer = buffer_id(p)?;
            let access = p.brackets(|p| affine(p, None)).and_then(|(sum, place)| sum.access(depth, &place))?;
            p.expect(",")?;
            let value = local(p)?;
            body.push(Stmt::Store { buffer, access, value });
        } else if place.kind == Kind::Name && numbered(&place, 't').is_some() {
            let local = local(p)?;
            scalars.note(local, place);
            p.expect("=")?;
            let op = p.token;
            match ReduceOp::from_name(op.text).filter(|_| op.kind == Kind::Name) {
                Some(row) => {
                    let (dtype, extent) = reduction(p, depth)?;
                    let around = std::mem::take(&mut body);
                    open.push(Open { local, op: row, extent, dtype, around });
                }
                None => body.push(Stmt::Let { local, value: value(p, depth)?, loc: Some(op.loc()) }),
            }
        } else if let Some(Open { local: name, op, extent, dtype, around }) = open.pop() {
            if !p.eat_name("yield")? {
                return p.expected("`t0 = ...` or `yield`");
            }
            let value = local(p)?;
            p.end_of_line()?;
            p.expect("}")?;
            let nested = std::mem::replace(&mut body, around);
            body.push(Stmt::Reduce { local: name, op, extent, dtype, body: nested, value });
        } else if p.eat("}")? {
            scalars.check()?;
            return Ok(body);
        } else {
            return p.expected("`t0 = ...`, `store` or `}`");
        }
        p.end_of_line()?;
    }
}

/// `sum f64 i1 < 4 {`: the dtype of the elements and their number.
fn reduction(p: &mut Parser<'_>, depth: usize) -> Result<(DType, usize)> {
    p.bump()?;
    let token = p.take(Kind::Name, "the dtype of the elements")?;
    let Ok(dtype) = token.text.parse() else { return token.unknown("dtype", DType::ALL.map(DType::name)) };
    let index = p.take(Kind::Name, "the index of the reduction")?;
    if numbered(&index, 'i') != Some(depth) {
        let expected = format!("`i{depth}`, the index of the next loop");
        return index.fail(ParseErrorKind::Expected { expected, found: format!("`{}`", index.text) });
    }
    if depth >= MAX_LOOPS {
        return index.fail(ParseErrorKind::Literal(format!("there are more than {MAX_LOOPS} loops")));
    }
    p.expect("<")?;
    let extent = p.unsigned("the range of the reduction")?;
    p.expect("{")?;
    Ok((dtype, extent))
}

fn value(p: &mut Parser<'_>, depth: usize) -> Result<Value> {
    if literal::starts(p) {
        let tensor = literal::tensor(p, None)?;
        return Ok(Value::Constant(tensor.as_scalar().expect("a literal without brackets")));
    }
    let op = p.take(Kind::Name, "an op, `load`, `gather` or a literal")?;
    match op.text {
        "load" => {
            let buffer = buffer_id(p)?;
            let (sum, place) = p.brackets(|p| affine(p, None))?;
            Ok(Value::Load { buffer, access: sum.access(depth, &place)? })
        }
        "gather" => {
            let buffer = buffer_id(p)?;
            let mut computed = Vec::new();
            let (sum, place) = p.brackets(|p| affine(p, Some(&mut computed)))?;
            if computed.is_empty() {
                let expected = String::from("a computed index such as `t0`");
                return place.fail(ParseErrorKind::Expected { expected, found: String::from("none") });
            }
            p.expect(",")?;
            let key = p.token;
            if !p.eat_name("size")? {
                return key.fail(ParseErrorKind::Expected {
                    expected: String::from("`size=`"),
                    found: format!("`{}`", key.text),
                });
            }
            p.expect("=")?;
            let place_of_sizes = p.token;
            let sizes = sizes(p)?;
            if sizes.len() != computed.len() {
                let (expected, found) = (format!("{} sizes", computed.len()), sizes.len().to_string());
                return place_of_sizes.fail(ParseErrorKind::Expected { expected, found });
            }
            let axes = computed.iter().zip(sizes).map(|(&(_, stride), size)| Indexed { stride, size }).collect();
            let indices = computed.into_iter().map(|(local, _)| local).collect();
            Ok(Value::Gather { buffer, access: sum.access(depth, &place)?, indices, axes })
        }
        "astype" => {
            let arg = local(p)?;
            p.expect(",")?;
            if !p.eat_name("dtype")? {
                return p.expected("`dtype=`");
            }
            p.expect("=")?;
            let token = p.take(Kind::Name, "a dtype")?;
            match token.text.parse() {
                Ok(dtype) => Ok(Value::Cast { dtype, arg }),
                Err(()) => token.unknown("dtype", DType::ALL.map(DType::name)),
            }
        }
        "accumulate" => {
            let name = p.take(Kind::Name, "an op of two operands")?;
            match ElementwiseOp::from_name(name.text) {
                Some(row) => Ok(Value::Scan { op: row, arg: local(p)? }),
                None => name.unknown("op", ElementwiseOp::ALL.iter().map(|op| op.name())),
            }
        }
        name => {
            let Some(row) = ElementwiseOp::from_name(name) else {
                let known =
                    ElementwiseOp::ALL.iter().map(|op| op.name()).chain(ReduceOp::ALL.iter().map(|op| op.name()));
                return op.unknown("op", known.chain(["load", "gather", "astype", "accumulate"]));
            };
            let mut args = SmallVec::new();
            loop {
                args.push(local(p)?);
                if !p.eat(",")? {
                    break;
                }
            }
            Ok(Value::Elementwise { op: row, args })
        }
    }
}

/// `4*i0 - r + 3`: an offset, and coefficients of the indices `i0`, `i1`, ... and of row and column.
#[derive(Default)]
pub(super) struct Affine {
    pub(super) offset: isize,
    pub(super) strides: Vec<isize>,
    core: [isize; 2],
    /// Coefficients of `c0`, `c1`, ..., the core axes of a function's arrays.
    pub(super) axes: Vec<isize>,
}

impl Affine {
    /// That the sum has no indices of a row and a column, and none of core axes unless they are counted.
    pub(super) fn plain(&self, axes: bool, place: &Token<'_>) -> Result<()> {
        if self.core != [0, 0] || !(axes || self.axes.is_empty()) {
            let expected = String::from("indices of loops");
            return place.fail(ParseErrorKind::Expected { expected, found: String::from("those of a matrix") });
        }
        Ok(())
    }

    /// With a stride for each loop in scope. An index of no loop makes an access the verifier refuses.
    fn access(self, depth: usize, place: &Token<'_>) -> Result<Access> {
        self.plain(false, place)?;
        let mut strides: Strides = self.strides.into();
        strides.resize(depth.max(strides.len()), 0);
        Ok(Access { offset: self.offset, strides })
    }
}

/// `c3` as its number.
fn core_axis(text: &str) -> Option<usize> {
    let digits = text.strip_prefix('c').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
    digits.parse().ok().filter(|axis| *axis < MAX_RANK)
}

/// A sum; `computed` takes the computed indices of a gather.
pub(super) fn affine(p: &mut Parser<'_>, mut computed: Option<&mut Vec<(LocalId, isize)>>) -> Result<Affine> {
    let mut sum = Affine::default();
    let mut negative = p.eat("-")?;
    loop {
        let place = p.token;
        let mut coefficient: i128 = if negative { -1 } else { 1 };
        let mut named = true;
        if p.token.kind == Kind::Number {
            coefficient *= p.unsigned("a number")? as i128;
            named = p.eat("*")?;
        }
        let name = p.token;
        let add = |to: &mut isize| match isize::try_from(*to as i128 + coefficient) {
            Ok(total) => {
                *to = total;
                Ok(())
            }
            Err(_) => place.fail(ParseErrorKind::Number(String::from("the sum of these terms is too large"))),
        };
        if !named {
            add(&mut sum.offset)?;
        } else {
            p.take(Kind::Name, "an index such as `i0`")?;
            match (name.text, numbered(&name, 'i'), numbered(&name, 't'), &mut computed) {
                ("r", ..) => add(&mut sum.core[0])?,
                ("c", ..) => add(&mut sum.core[1])?,
                (text, None, None, _) if let Some(axis) = core_axis(text) => {
                    sum.axes.resize(sum.axes.len().max(axis + 1), 0);
                    add(&mut sum.axes[axis])?;
                }
                (_, Some(i), ..) if i < MAX_LOOPS => {
                    sum.strides.resize(sum.strides.len().max(i + 1), 0);
                    add(&mut sum.strides[i])?;
                }
                (_, _, Some(t), Some(computed)) if t <= u32::MAX as usize => {
                    let mut stride = 0;
                    add(&mut stride)?;
                    computed.push((LocalId::new(t), stride));
                }
                _ => {
                    let what = "index";
                    return name.fail(ParseErrorKind::Unknown { what, name: name.text.to_string(), meant: None });
                }
            }
        }
        negative = match (p.eat("+")?, p.eat("-")?) {
            (false, false) => return Ok(sum),
            (_, negative) => negative,
        };
    }
}

impl<'s> Parser<'s> {
    /// What `inner` reads between square brackets, and where they begin.
    pub(super) fn brackets<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<(T, Token<'s>)> {
        let open = self.expect("[")?;
        let value = inner(self)?;
        self.expect("]")?;
        Ok((value, open))
    }
}

/// `conj $0[3*r + c] 3x3`, its strides still to be laid out.
struct Operand<'s> {
    buffer: BufferId,
    conj: bool,
    sum: Affine,
    place: Token<'s>,
    rows: usize,
    cols: usize,
}

fn matrix<'s>(p: &mut Parser<'s>) -> Result<Operand<'s>> {
    let place = p.token;
    let conj = p.eat_name("conj")?;
    let buffer = buffer_id(p)?;
    let (sum, _) = p.brackets(|p| affine(p, None))?;
    if !sum.axes.is_empty() {
        let (expected, found) = (String::from("a row `r` and a column `c`"), String::from("other core axes"));
        return place.fail(ParseErrorKind::Expected { expected, found });
    }
    let token = p.take(Kind::Number, "the size of the matrix such as `3x4`")?;
    let size = token.text.split_once('x').and_then(|(rows, cols)| {
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        (digits(rows) && digits(cols)).then(|| Some((rows.parse().ok()?, cols.parse().ok()?)))?
    });
    match size {
        Some((rows, cols)) => Ok(Operand { buffer, conj, sum, place, rows, cols }),
        None => token.fail(ParseErrorKind::Number(format!("{} is no size of a matrix such as 3x4", token.text))),
    }
}

/// `dgetrf, dgetri $1[3*r + c] 3x3 <- $0[3*r + c] 3x3 op=linalg.inv stack=[2] lower=true` after the word `call`.
/// `scatter $1[i1 + 4*t0] <- $2[i0], $3[4*i0 + i1] [5, 4] size=3`
fn scatter(p: &mut Parser<'_>, word: &Token<'_>) -> Result<Scatter> {
    let buffer = buffer_id(p)?;
    let mut computed = Vec::new();
    let (target, place) = p.brackets(|p| affine(p, Some(&mut computed)))?;
    p.expect("<-")?;
    let mut operands = Vec::new();
    loop {
        let id = buffer_id(p)?;
        let (sum, place) = p.brackets(|p| affine(p, None))?;
        operands.push((id, sum, place));
        if !p.eat(",")? {
            break;
        }
    }
    let dims: Shape = p.list(|p| p.unsigned("the range of a loop"))?.into();
    let (mut given, mut op) = (None, None);
    while p.token.kind == Kind::Name {
        let key = p.bump()?;
        p.expect("=")?;
        match key.text {
            "size" => given = Some(sizes(p)?),
            "op" => {
                let token = p.take(Kind::Name, "the op that combines elements")?;
                op = match ElementwiseOp::from_name(token.text) {
                    Some(op) => Some(op),
                    None => return token.unknown("op", ElementwiseOp::ALL.iter().map(|op| op.name())),
                };
            }
            _ => return key.unknown("parameter", ["size", "op"]),
        }
    }
    let Some(sizes) = given else {
        let expected = String::from("`size=` and the number of indices");
        return word.fail(ParseErrorKind::Expected { expected, found: String::from("none") });
    };
    // The computed indices are named by the order in which they are read.
    let ordered = computed.iter().enumerate().all(|(i, (local, _))| local.index() == i);
    if computed.is_empty() || !ordered || sizes.len() != computed.len() || operands.len() != computed.len() + 1 {
        let expected = String::from("an index `t0`, `t1`, ... and a size for each operand but the last");
        return place.fail(ParseErrorKind::Expected { expected, found: String::from("another number of them") });
    }
    let access = target.access(dims.len(), &place)?;
    let read = |(id, sum, place): (BufferId, Affine, Token<'_>)| Ok((id, sum.access(dims.len(), &place)?));
    let value = operands.pop().expect("an operand more than indices");
    let value = read(value)?;
    let mut indices = SmallVec::new();
    for ((operand, (_, stride)), size) in operands.into_iter().zip(computed).zip(sizes) {
        let (id, access) = read(operand)?;
        indices.push((id, access, Indexed { stride, size }));
    }
    Ok(Scatter { dims, buffer, access, indices, value, op, loc: Some(word.loc()) })
}

/// A number of indices, or a list of them.
fn sizes(p: &mut Parser<'_>) -> Result<Vec<usize>> {
    match p.at("[") {
        true => p.list(|p| p.unsigned("the number of indices")),
        false => Ok(vec![p.unsigned("the number of indices")?]),
    }
}

fn call(p: &mut Parser<'_>, word: &Token<'_>, buffers: &[Buffer]) -> Result<Call> {
    let mut names: Vec<Token<'_>> = Vec::new();
    loop {
        names.push(p.take(Kind::Name, "the name of a routine")?);
        if !p.eat(",")? {
            break;
        }
    }
    let texts: Vec<&str> = names.iter().map(|n| n.text).collect();
    let unknown = || {
        let (what, name) = ("sequence of routines", texts.join(", "));
        names[0].error(ParseErrorKind::Unknown { what, name, meant: None })
    };
    let known = Routine::from_names("", &texts).ok_or_else(unknown)?;
    let (mut results, mut operands) = (Vec::new(), Vec::new());
    loop {
        results.push(matrix(p)?);
        if !p.eat(",")? {
            break;
        }
    }
    p.expect("<-")?;
    loop {
        operands.push(matrix(p)?);
        if !p.eat(",")? {
            break;
        }
    }
    let dtype = match known {
        Routine::Order(_) => buffers.get(operands[0].buffer.index()).map_or(DType::F64, |buffer| buffer.ty.dtype),
        _ => match texts[0].as_bytes().first() {
            Some(b's') => DType::F32,
            Some(b'c') => DType::C64,
            Some(b'z') => DType::C128,
            _ => DType::F64,
        },
    };
    let (mut op, mut stack, mut lower) = (None, SmallVec::new(), false);
    while p.token.kind == Kind::Name {
        let key = p.bump()?;
        p.expect("=")?;
        match key.text {
            "op" => {
                let token = p.take(Kind::Name, "the op that is computed")?;
                let order = OrderOp::from_name(token.text).map(|op| op.name());
                op = match order.or(LinalgOp::from_name(token.text).map(|op| op.name())) {
                    Some(op) => Some(op),
                    None => return token.unknown("op", LinalgOp::ALL.iter().map(|op| op.name())),
                };
            }
            "stack" => stack = p.list(|p| p.unsigned("a size"))?.into(),
            "lower" => {
                let token = p.take(Kind::Name, "true or false")?;
                lower = match token.text {
                    "true" => true,
                    "false" => false,
                    _ => return token.unknown("truth value", ["true", "false"]),
                };
            }
            _ => return key.unknown("parameter", ["op", "stack", "lower"]),
        }
    }
    let Some(op) = op else {
        let expected = String::from("`op=` and the op that is computed");
        return word.fail(ParseErrorKind::Expected { expected, found: String::from("none") });
    };
    let routine = Routine::from_names(op, &texts).ok_or_else(unknown)?;
    let lay = |m: Operand<'_>| {
        if m.sum.strides.len() > stack.len() {
            let name = format!("i{}", m.sum.strides.len() - 1);
            return m.place.fail(ParseErrorKind::Unknown { what: "axis of the stack", name, meant: None });
        }
        let mut strides: Strides = m.sum.strides.into();
        strides.resize(stack.len(), 0);
        strides.extend(m.sum.core);
        let access = Access { offset: m.sum.offset, strides };
        Ok(Matrix { buffer: m.buffer, rows: m.rows, cols: m.cols, access, conj: m.conj })
    };
    let results: SmallVec<[Matrix; 2]> = results.into_iter().map(lay).collect::<Result<_>>()?;
    let operands: SmallVec<[Matrix; 2]> = operands.into_iter().map(lay).collect::<Result<_>>()?;
    let call = Call { routine, dtype, stack, results, operands, lower, op, loc: Some(word.loc()) };
    if call.operands.len() == routine.operands() && call.names() != texts {
        let expected = format!("`{}`, which these matrices take", call.names().join(", "));
        return names[0].fail(ParseErrorKind::Expected { expected, found: format!("`{}`", texts.join(", ")) });
    }
    Ok(call)
}
