//! Scalars and nested brackets of them.

use super::lex::{Kind, Token};
use super::{ParseErrorKind, Parser, Result};
use crate::build::WeakScalar;
use crate::ops::elementwise::common_dtype;
use crate::tensor::{Scalar, Tensor};
use crate::types::{DType, MAX_RANK, Shape, Type};

/// A scalar as written: with a suffix it has a dtype.
#[derive(Clone, Copy, Debug)]
pub(super) enum Literal {
    Weak(WeakScalar),
    Strong(Scalar),
}

/// The words that are numbers or truth values; `nan` and `inf` may have a suffix, and a `j` at the end.
fn is_word(text: &str) -> bool {
    let (text, _) = imaginary(text);
    let word = text.strip_suffix("f32").or(text.strip_suffix("f64")).unwrap_or(text);
    matches!(word, "nan" | "inf") || matches!(text, "true" | "false")
}

/// The text without the `j` of an imaginary number, and whether there is one.
fn imaginary(text: &str) -> (&str, bool) {
    text.strip_suffix('j').map_or((text, false), |text| (text, true))
}

/// Whether a scalar begins here, rather than the parameter `nan=`.
pub(super) fn starts(p: &Parser<'_>) -> bool {
    match p.token.kind {
        Kind::Number => true,
        Kind::Name => is_word(p.token.text) && !p.lexer.comes("="),
        _ => p.at("-"),
    }
}

/// A scalar: a real number or truth value, an imaginary number, or a real and an imaginary one with a sign between.
pub(super) fn scalar(p: &mut Parser<'_>) -> Result<Literal> {
    let start = p.token;
    let negative = p.eat("-")?;
    let (first, is_imaginary) = part(p, negative)?;
    if is_imaginary {
        return join(&start, Literal::Weak(WeakScalar::Float(0.0)), first);
    }
    let negative = match first {
        Literal::Weak(WeakScalar::Bool(_)) => return Ok(first),
        _ if p.eat("+")? => false,
        _ if p.at("-") => p.eat("-")?,
        _ => return Ok(first),
    };
    let second = p.token;
    match part(p, negative)? {
        (second, true) => join(&start, first, second),
        _ => second.fail(ParseErrorKind::Number(format!("the imaginary part {} has no j", second.text))),
    }
}

/// A complex number from its parts, of which one without a suffix has the dtype of the other.
fn join(start: &Token<'_>, re: Literal, im: Literal) -> Result<Literal> {
    let value = |literal: Literal, dtype: DType| match literal {
        Literal::Weak(weak) => weak.to_scalar(dtype).ok(),
        Literal::Strong(scalar) => Some(scalar),
    };
    let dtype = [re, im].into_iter().find_map(|literal| match literal {
        Literal::Strong(scalar) => Some(scalar.dtype()),
        Literal::Weak(_) => None,
    });
    let kind = dtype.unwrap_or(DType::F64);
    let z = value(re, kind).zip(value(im, kind)).and_then(|(re, im)| Scalar::complex(re, im));
    match (z, dtype) {
        (Some(Scalar::C128(z)), None) => Ok(Literal::Weak(WeakScalar::Complex(z))),
        (Some(z), _) => Ok(Literal::Strong(z)),
        (None, _) => start.fail(ParseErrorKind::Number(String::from("the parts are no floats of one dtype"))),
    }
}

/// A real number, and whether a `j` follows it.
fn part(p: &mut Parser<'_>, negative: bool) -> Result<(Literal, bool)> {
    match p.token.kind {
        Kind::Number => {
            let mut token = p.bump()?;
            let is_imaginary;
            (token.text, is_imaginary) = imaginary(token.text);
            Ok((number(&token, negative)?, is_imaginary))
        }
        Kind::Name if is_word(p.token.text) => {
            let token = p.bump()?;
            let (text, is_imaginary) = imaginary(token.text);
            let (word, f32) = match text.strip_suffix("f32") {
                Some(word) => (word, true),
                None => (text.trim_end_matches("f64"), false),
            };
            let float = |x: f64| match (f32, text == word) {
                (true, _) => Literal::Strong(Scalar::F32(x as f32)),
                (false, true) => Literal::Weak(WeakScalar::Float(x)),
                (false, false) => Literal::Strong(Scalar::F64(x)),
            };
            match (word, negative) {
                ("inf", _) => Ok((float(if negative { f64::NEG_INFINITY } else { f64::INFINITY }), is_imaginary)),
                ("nan", false) if token.text == "nan" && p.eat(":")? => nan_bits(p),
                ("nan", false) => Ok((float(f64::NAN), is_imaginary)),
                ("true" | "false", false) if !is_imaginary => {
                    Ok((Literal::Weak(WeakScalar::Bool(word == "true")), false))
                }
                _ => token.fail(ParseErrorKind::Number(format!("{} is no number", token.text))),
            }
        }
        _ => p.expected("a number"),
    }
}

/// The bits of a NaN: 16 digits of `f64`, or 8 digits and `f32`; and whether a `j` follows.
fn nan_bits(p: &mut Parser<'_>) -> Result<(Literal, bool)> {
    let token = p.take(Kind::Number, "the bits of a NaN")?;
    let (text, is_imaginary) = imaginary(token.text);
    let digits = text.strip_prefix("0x").unwrap_or("");
    let scalar = match (digits.len(), digits.strip_suffix("f32")) {
        (16, _) => u128::from_str_radix(digits, 16).ok().map(|bits| Scalar::from_bits(DType::F64, bits)),
        (11, Some(digits)) => u128::from_str_radix(digits, 16).ok().map(|bits| Scalar::from_bits(DType::F32, bits)),
        _ => None,
    };
    match scalar {
        Some(scalar @ Scalar::F64(x)) if x.is_nan() => Ok((Literal::Strong(scalar), is_imaginary)),
        Some(scalar @ Scalar::F32(x)) if x.is_nan() => Ok((Literal::Strong(scalar), is_imaginary)),
        _ => token.fail(ParseErrorKind::Number(format!("{} are not the bits of a NaN", token.text))),
    }
}

fn number(token: &Token<'_>, negative: bool) -> Result<Literal> {
    let suffixes = DType::ALL.into_iter().filter(|d| d.is_float() || d.is_integer());
    let typed = suffixes.into_iter().find_map(|d| Some((token.text.strip_suffix(d.name())?, d)));
    let (digits, dtype) = typed.map_or((token.text, None), |(digits, dtype)| (digits, Some(dtype)));
    let integer = digits.bytes().all(|b| b.is_ascii_digit());
    let sign = if negative { "-" } else { "" };
    let signed = format!("{sign}{digits}");
    let too_large = || {
        let dtype = dtype.unwrap_or(if integer { DType::I64 } else { DType::F64 });
        token.error(ParseErrorKind::Number(format!("the number {signed} is too large for {dtype}")))
    };
    let malformed = || token.error(ParseErrorKind::Number(format!("{} is no number", token.text)));
    let finite = |x: f64| if x.is_finite() { Ok(x) } else { Err(too_large()) };
    match dtype {
        None if integer => {
            let x = signed.parse().map_err(|_| too_large())?;
            Ok(Literal::Weak(WeakScalar::Int(x)))
        }
        Some(dtype) if dtype.is_integer() && integer => {
            let x: i128 = signed.parse().map_err(|_| too_large())?;
            let scalar = Scalar::from_bits(dtype, x as u128);
            if scalar.as_integer() == Some(x) { Ok(Literal::Strong(scalar)) } else { Err(too_large()) }
        }
        Some(DType::F32) => {
            let x: f32 = signed.parse().map_err(|_| malformed())?;
            finite(f64::from(x))?;
            Ok(Literal::Strong(Scalar::F32(x)))
        }
        None | Some(DType::F64) => {
            let x = finite(signed.parse().map_err(|_| malformed())?)?;
            Ok(if dtype.is_some() { Literal::Strong(Scalar::F64(x)) } else { Literal::Weak(WeakScalar::Float(x)) })
        }
        Some(_) => Err(malformed()),
    }
}

/// An array: one scalar, or brackets. A declared type gives literals without suffix their dtype, and brackets without
/// elements their shape.
pub(super) fn tensor(p: &mut Parser<'_>, declared: Option<&Type>) -> Result<Tensor> {
    let start = p.token;
    let mut array = Array { sizes: Vec::new(), leaves: None, items: Vec::new() };
    if p.at("[") {
        array.brackets(p, 0)?;
    } else {
        array.items.push(scalar(p)?);
    }
    let strong = array.items.iter().filter_map(|item| match item {
        Literal::Strong(scalar) => Some(scalar.dtype()),
        Literal::Weak(_) => None,
    });
    let weak = array.items.iter().filter_map(|item| match item {
        Literal::Weak(weak) => Some(weak.kind()),
        Literal::Strong(_) => None,
    });
    let beside = declared.map(|ty| ty.dtype).filter(|_| strong.clone().next().is_none());
    let dtype = common_dtype(strong.chain(beside), weak);
    let mut shape: Shape = array.sizes.iter().map(|n| n.unwrap_or(0)).collect();
    if let Some(ty) = declared.filter(|ty| array.items.is_empty() && ty.is_empty()) {
        shape = ty.shape.clone();
    }
    let ty = Type { dtype, shape };
    if let Some(declared) = declared.filter(|declared| **declared != ty) {
        return start.fail(ParseErrorKind::ResultType { declared: declared.clone(), found: ty });
    }
    let mut scalars = Vec::with_capacity(array.items.len());
    for item in array.items {
        scalars.push(match item {
            Literal::Strong(scalar) => scalar.cast(dtype),
            Literal::Weak(weak) => match weak.to_scalar(dtype) {
                Ok(scalar) => scalar,
                Err(problem) => return start.fail(ParseErrorKind::Number(problem.to_string())),
            },
        });
    }
    Ok(Tensor::from_scalars(&ty, scalars))
}

struct Array {
    /// Items in the brackets of each depth.
    sizes: Vec<Option<usize>>,
    /// The depth of scalars.
    leaves: Option<usize>,
    items: Vec<Literal>,
}

impl Array {
    // As deep as an array has axes: the recursion is bounded.
    fn brackets(&mut self, p: &mut Parser<'_>, depth: usize) -> Result<()> {
        let open = p.expect("[")?;
        let ragged = |what: &str| open.fail(ParseErrorKind::Literal(what.to_string()));
        if depth == MAX_RANK {
            return ragged(&format!("brackets are nested deeper than the {MAX_RANK} axes an array may have"));
        }
        if self.sizes.len() == depth {
            self.sizes.push(None);
        }
        let mut count = 0;
        while !p.eat("]")? {
            if count > 0 {
                p.comma("]")?;
            }
            count += 1;
            if p.at("[") {
                self.brackets(p, depth + 1)?;
            } else {
                self.items.push(scalar(p)?);
                if *self.leaves.get_or_insert(depth) != depth {
                    return ragged("an element stands beside brackets");
                }
            }
        }
        if *self.sizes[depth].get_or_insert(count) != count {
            return ragged("brackets of one depth hold different numbers of elements");
        }
        if self.leaves.is_some_and(|leaves| leaves + 1 != self.sizes.len()) {
            return ragged("an element stands beside brackets");
        }
        Ok(())
    }
}
