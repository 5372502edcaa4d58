//! Ops of linear algebra that are made of others: their parameters, and the builder of each.

use super::{Line, Parameter, Result};
use crate::build::linalg::{self as la, equations, factors};
use crate::build::{self, At};
use crate::error::Problem;
use crate::ids::ValueId;
use crate::ops::COMPOSED;
use smallvec::{SmallVec, smallvec};

/// The parameters of each op that is read here.
const PARAMETERS: &[(&str, &[&str])] = &[
    ("diagonal", &["offset"]),
    ("trace", &["offset"]),
    ("linalg.lstsq", &["rcond"]),
    ("linalg.pinv", &["rcond", "rtol"]),
    ("linalg.matrix_rank", &["tol", "rtol"]),
    ("linalg.cond", &["p"]),
    ("linalg.norm", &["ord", "axis", "keepdims"]),
    ("linalg.vector_norm", &["ord", "axis", "keepdims"]),
    ("linalg.matrix_norm", &["ord", "keepdims"]),
    ("linalg.matrix_power", &["n"]),
    ("linalg.multi_dot", &[]),
    ("linalg.tensorsolve", &["axes"]),
    ("linalg.tensorinv", &["ind"]),
    ("linalg.cho_factor", &["lower"]),
    ("linalg.cho_solve", &["lower"]),
    ("linalg.block_diag", &[]),
    ("linalg.null_space", &["rank"]),
    ("linalg.orth", &["rank"]),
    ("linalg.polar", &["side"]),
    ("linalg.solve_banded", &["l", "u"]),
    ("linalg.solve_sylvester", &[]),
    ("linalg.solve_continuous_lyapunov", &[]),
    ("linalg.solve_discrete_lyapunov", &[]),
    ("linalg.cross", &["axis"]),
    ("tensordot", &["axes"]),
    ("einsum", &[]),
    ("dot", &[]),
    ("vdot", &[]),
    ("inner", &[]),
    ("outer", &[]),
    ("kron", &[]),
    ("vecdot", &["axis"]),
    ("matvec", &[]),
    ("vecmat", &[]),
];

/// Whether the op is built here.
pub(super) fn knows(name: &str) -> bool {
    PARAMETERS.iter().any(|(known, _)| *known == name)
}

impl<'s> Line<'s> {
    pub(super) fn float(&mut self, name: &str) -> Result<Option<f64>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Parameter::Int(x))) => Ok(Some(x as f64)),
            Some((_, Parameter::Float(x))) => Ok(Some(x)),
            Some((key, _)) => Self::wrong(&key, "a number"),
        }
    }

    fn ord(&mut self, name: &str) -> Result<Option<la::NormOrder>> {
        match self.take(name) {
            None => Ok(None),
            Some((_, Parameter::Int(p))) => Ok(Some(la::NormOrder::P(p as f64))),
            Some((_, Parameter::Float(p))) => Ok(Some(la::NormOrder::P(p))),
            Some((_, Parameter::Name("fro"))) => Ok(Some(la::NormOrder::Frobenius)),
            Some((_, Parameter::Name("nuc"))) => Ok(Some(la::NormOrder::Nuclear)),
            Some((key, _)) => Self::wrong(&key, "a number, inf, fro or nuc"),
        }
    }
}

/// How the axes of `tensordot` are given.
enum Pairs {
    Last(usize),
    Axes([Vec<isize>; 2]),
}

fn pairs(line: &mut Line<'_>) -> Result<Pairs> {
    const FORM: &str = "a count, or two lists of axes";
    match line.take("axes") {
        None => Ok(Pairs::Last(2)),
        Some((_, Parameter::Int(n))) if n >= 0 => Ok(Pairs::Last(n as usize)),
        Some((_, Parameter::Ints(axes))) if axes.len() == 2 => Ok(Pairs::Axes([vec![axes[0]], vec![axes[1]]])),
        Some((key, Parameter::Lists(lists))) => match <[Vec<isize>; 2]>::try_from(lists) {
            Ok(lists) => Ok(Pairs::Axes(lists)),
            Err(_) => Line::wrong(&key, FORM),
        },
        Some((key, _)) => Line::wrong(&key, FORM),
    }
}

/// The results of an op that is [known](knows), or what is wrong with its operands.
pub(super) fn build(
    b: &mut At<'_>,
    name: &str,
    line: &mut Line<'_>,
) -> Result<std::result::Result<SmallVec<[ValueId; 2]>, Problem>> {
    let allowed = PARAMETERS.iter().find(|(known, _)| *known == name).map_or(&[][..], |row| row.1);
    let wants = |parameter: &str| allowed.contains(&parameter);
    let mut floats = [None; 3];
    for (value, key) in floats.iter_mut().zip(["rcond", "tol", "rtol"]) {
        *value = if wants(key) { line.float(key)? } else { None };
    }
    let [rcond, tol, rtol] = floats;
    let p = if wants("p") { line.ord("p")? } else { None };
    let ord = if wants("ord") { line.ord("ord")? } else { None };
    let axes = if wants("axis") { line.ints("axis")? } else { None };
    let keepdims = wants("keepdims") && line.flag("keepdims", false)?;
    let lower = wants("lower") && line.flag("lower", false)?;
    let offset = if wants("offset") { line.int("offset")?.unwrap_or(0) } else { 0 };
    let n = if wants("n") { line.int("n")? } else { None };
    let ind = if wants("ind") { line.int("ind")?.unwrap_or(2) } else { 2 };
    let rank = if wants("rank") { line.count("rank")? } else { None };
    let rank = if wants("rank") { line.required("rank", rank)? } else { 0 };
    let mut bands = [0; 2];
    if wants("u") {
        for (band, key) in bands.iter_mut().zip(["l", "u"]) {
            let count = line.count(key)?;
            *band = line.required(key, count)?;
        }
    }
    let left = wants("side") && line.word("side", &["right", "left"])? == Some("left");
    let moved = if name == "linalg.tensorsolve" { line.ints("axes")? } else { None };
    let pairs = if name == "tensordot" { Some(pairs(line)?) } else { None };
    let n = if name == "linalg.matrix_power" { line.required("n", n)? } else { 0 };
    let arity = COMPOSED.iter().find(|row| row.0 == name).and_then(|row| row.2).or((name == "diagonal").then_some(1));
    if let Some(expected) = arity.filter(|n| *n != line.operands.len()) {
        return Ok(Err(Problem::Arity { expected, found: line.operands.len() }));
    }
    let axis = axes.as_ref().map_or(-1, |axes| axes[..].first().copied().unwrap_or(-1));
    let mut make = || -> std::result::Result<SmallVec<[ValueId; 2]>, Problem> {
        if let Some(subscripts) = line.subscripts {
            return Ok(smallvec![build::einsum(b, subscripts, &line.operands)?]);
        }
        let args = la::operands(b, name, &line.operands)?;
        if name == "linalg.multi_dot" {
            return Ok(smallvec![la::multi_dot(b, &args)?]);
        }
        if name == "linalg.block_diag" {
            return Ok(smallvec![factors::block_diag(b, &args)?]);
        }
        let x = &args[0];
        let y = args.get(1).unwrap_or(x);
        let axes = axes.as_deref();
        let result = match name {
            "linalg.lstsq" => return Ok(la::lstsq(b, x, y, rcond)?.into_iter().collect()),
            "linalg.polar" => return Ok(factors::polar(b, x, left)?.into_iter().collect()),
            "linalg.solve_banded" => equations::solve_banded(b, x, y, bands),
            "linalg.solve_sylvester" => equations::solve_sylvester(b, x, y, &args[2]),
            "linalg.solve_continuous_lyapunov" => equations::solve_continuous_lyapunov(b, x, y),
            "linalg.solve_discrete_lyapunov" => equations::solve_discrete_lyapunov(b, x, y),
            "linalg.null_space" => factors::null_space(b, x, rank),
            "linalg.orth" => factors::orth(b, x, rank),
            "diagonal" => la::diagonal_at(b, x, offset),
            "trace" => la::trace_at(b, x, offset),
            "linalg.pinv" if rcond.is_some() && rtol.is_some() => {
                Err(Problem::Usage(String::from("rcond and rtol are two names of one number: give one")))
            }
            "linalg.pinv" => la::pinv(b, x, rcond.or(rtol)),
            "linalg.matrix_rank" => la::matrix_rank(b, x, tol, rtol),
            "linalg.cond" => la::cond(b, x, p),
            "linalg.norm" => la::norm(b, x, ord, axes, keepdims),
            "linalg.vector_norm" => la::vector_norm(b, x, ord.unwrap_or(la::NormOrder::P(2.0)), axes, keepdims),
            "linalg.matrix_norm" => la::matrix_norm(b, x, ord.unwrap_or(la::NormOrder::Frobenius), keepdims),
            "linalg.matrix_power" => la::matrix_power(b, x, n as i64),
            "linalg.tensorsolve" => la::tensorsolve(b, x, y, moved.as_deref()),
            "linalg.tensorinv" => la::tensorinv(b, x, usize::try_from(ind).unwrap_or(0)),
            "linalg.cho_factor" => la::cho_factor(b, x, lower),
            "linalg.cho_solve" => la::cho_solve(b, x, y, lower),
            "linalg.cross" => la::cross(b, x, y, axis),
            "tensordot" => match pairs.as_ref() {
                Some(Pairs::Axes([x_axes, y_axes])) => la::tensordot(b, x, y, [x_axes, y_axes]),
                Some(Pairs::Last(n)) => la::tensordot_last(b, x, y, *n),
                None => la::tensordot_last(b, x, y, 2),
            },
            "dot" => la::dot(b, x, y),
            "vdot" => la::vdot(b, x, y),
            "inner" => la::inner(b, x, y),
            "outer" => la::outer(b, x, y),
            "kron" => la::kron(b, x, y),
            "vecdot" => la::vecdot(b, x, y, axis),
            "matvec" => la::matvec(b, x, y),
            "vecmat" => la::vecmat(b, x, y),
            other => Err(Problem::Usage(format!("{other} is not built here"))),
        };
        Ok(smallvec![result?])
    };
    Ok(make())
}
