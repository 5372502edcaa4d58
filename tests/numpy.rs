//! What NumPy makes of special values (`tests/numpy/golden.txt`, written by `make.py` beside it), and which of its ufuncs
//! are here.

#[path = "common/scalars.rs"]
mod scalars;

use evanesce::Function;
use evanesce_ir::interp;
use evanesce_ir::ops::{self, ALIASES};
use evanesce_ir::parse;
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Type};
use scalars::{distance, equal_bits, is_nan};
use std::collections::{BTreeSet, HashMap};

const GOLDEN: &str = include_str!("numpy/golden.txt");

/// NumPy's ufuncs that are not here: there are no dates.
const MISSING: &[&str] = &["isnat"];

/// Units in the last place that a function may be off; the others are exact.
const ULP: &[(&str, u64)] = &[
    ("exp", 1),
    ("exp2", 1),
    ("expm1", 1),
    ("log", 1),
    ("log1p", 1),
    ("log2", 1),
    ("log10", 1),
    ("cbrt", 1),
    ("sin", 1),
    ("cos", 1),
    ("tan", 1),
    ("arcsin", 1),
    ("arccos", 1),
    ("arctan", 1),
    ("sinh", 1),
    ("cosh", 1),
    ("tanh", 1),
    ("arcsinh", 1),
    ("arccosh", 1),
    ("arctanh", 1),
    ("power", 1),
    ("float_power", 1),
    ("arctan2", 1),
    ("hypot", 1),
    ("logaddexp", 2),
    ("logaddexp2", 2),
    ("expit", 1),
    ("logit", 1),
    ("erf", 1),
    ("erfc", 2),
    ("gamma", 2),
    ("gammaln", 2),
    ("digamma", 2),
];

/// The functions of complex numbers of which every bit is NumPy's.
const EXACT_COMPLEX: &[&str] =
    &["negative", "conjugate", "square", "rint", "add", "subtract", "multiply", "maximum", "minimum", "fmax", "fmin"];

/// Units in the last place of the size that other complex numbers may be from NumPy's, itself as far from the true ones.
const COMPLEX_PLACES: f64 = 8.0;

/// Of zeros of both signs these give the one IEEE 754-2019 says, NumPy whichever comes first.
const EITHER_ZERO: &[&str] = &["maximum", "minimum", "fmax", "fmin"];

fn lines(kind: &str) -> impl Iterator<Item = std::str::SplitWhitespace<'static>> {
    let words = move |line: &'static str| line.strip_prefix(kind).map(str::split_whitespace);
    GOLDEN.lines().filter_map(words)
}

/// A dtype and the bits of elements.
fn tensor(mut words: std::str::SplitWhitespace<'_>) -> Tensor {
    let dtype: DType = words.next().expect("a dtype").parse().expect("a dtype");
    let scalar = |word: &str| {
        let bits = || u128::from_str_radix(word, 16).unwrap_or_else(|_| panic!("{word} is not in hexadecimal"));
        if word == "nan" { Scalar::F64(f64::NAN).cast(dtype) } else { Scalar::from_bits(dtype, bits()) }
    };
    let scalars: Vec<Scalar> = words.map(scalar).collect();
    Tensor::from_scalars(&Type::new(dtype, [scalars.len()]), scalars)
}

fn is_finite(x: Scalar) -> bool {
    [x.parts().0, x.parts().1].iter().all(|part| matches!(part.cast(DType::F64), Scalar::F64(x) if x.is_finite()))
}

fn is_zero(x: Scalar) -> bool {
    x.cast(DType::F64) == Scalar::F64(0.0) || x.cast(DType::F64) == Scalar::F64(-0.0)
}

/// Complex numbers are near in the plane; infinite and special parts are the same.
fn same_complex(exact: bool, expected: Scalar, found: Scalar) -> bool {
    let part = |scalar: Scalar| match scalar.cast(DType::F64) {
        Scalar::F64(x) => x,
        _ => unreachable!("cast to f64"),
    };
    let pairs = [(expected.parts().0, found.parts().0), (expected.parts().1, found.parts().1)];
    if exact || pairs.iter().any(|(expected, _)| !part(*expected).is_finite()) {
        return equal_bits(expected, found);
    }
    let place = if expected.dtype() == DType::C64 { f64::from(f32::EPSILON) } else { f64::EPSILON };
    let size = pairs.iter().fold(0.0, |size: f64, (expected, _)| size.hypot(part(*expected)));
    let apart = pairs.iter().fold(0.0, |apart: f64, (x, y)| apart.hypot(part(*x) - part(*y)));
    let smallest = if expected.dtype() == DType::C64 { 1e-44 } else { 1e-322 };
    let signs = pairs.iter().all(|&(x, y)| !is_zero(x) || part(x).is_sign_negative() == part(y).is_sign_negative());
    signs && apart <= (COMPLEX_PLACES * place * size).max(smallest)
}

/// `logaddexp` may lose what its larger operand has in size: its last place is the larger operand's.
fn same(name: &str, operands: &[Scalar], expected: Scalar, found: Scalar) -> bool {
    if expected.dtype().is_complex() {
        // Of infinite operands C leaves a power to its library, and NumPy's formula for `expm1` has NaN.
        if matches!(name, "power" | "expm1") && operands.iter().any(|x| !is_finite(*x)) {
            return true;
        }
        return same_complex(EXACT_COMPLEX.contains(&name), expected, found);
    }
    if is_nan(expected) || is_nan(found) {
        return is_nan(expected) && is_nan(found);
    }
    let of_complex = operands[0].dtype().is_complex() && expected.dtype().is_float();
    // NumPy's own `hypot` and `arctan2`, which may be off too.
    let known = if of_complex && matches!(name, "absolute" | "angle") { Some(2) } else { None };
    let ulp = known.or(ULP.iter().find(|(op, _)| *op == name).map(|(_, ulp)| *ulp)).unwrap_or(0);
    let near = distance(expected, found) <= ulp && (ulp > 0 || expected.bits() == found.bits());
    let value = |scalar: &Scalar| match scalar.cast(DType::F64) {
        Scalar::F64(x) => x,
        _ => unreachable!("cast to f64"),
    };
    let cancelled = name.starts_with("logaddexp") && {
        let place = if expected.dtype() == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
        let size = operands.iter().map(|x| value(x).abs()).fold(0.0, f64::max);
        (value(&expected) - value(&found)).abs() <= 2.0 * place * size
    };
    // Floats out of range become the nearest integer, NumPy's whatever the platform makes of them.
    let limit = |x: Scalar| [f64::MIN, f64::MAX].iter().any(|&limit| Scalar::F64(limit).cast(x.dtype()) == x);
    let saturated = name == "round" && expected.dtype().is_integer() && limit(found);
    near || cancelled || saturated || (EITHER_ZERO.contains(&name) && is_zero(expected) && is_zero(found))
}

#[test]
fn special_values_give_what_numpy_gives() {
    let values: HashMap<&str, Tensor> =
        lines("values ").map(|mut words| (words.next().expect("a name"), tensor(words))).collect();
    let mut wanted: Vec<(&str, &str, Vec<Tensor>)> = Vec::new();
    for mut words in lines("op ") {
        let (text, key) = (words.next().expect("an op"), words.next().expect("operands"));
        match wanted.last_mut().filter(|(other, of, _)| (*other, *of) == (text, key)) {
            Some((_, _, results)) => results.push(tensor(words)),
            None => wanted.push((text, key, vec![tensor(words)])),
        }
    }
    assert!(wanted.len() > 180, "only {} ops in the file", wanted.len());
    let mut failures = Vec::new();
    for (text, key, expected) in wanted {
        let (name, parameters) = text.split_once(',').map_or((text, String::new()), |(n, p)| (n, format!(", {p}")));
        let values = values[key].scalars();
        let dtype = values[0].dtype();
        let pairs = key.starts_with("pairs_");
        let columns: Vec<Vec<Scalar>> = match pairs {
            false => vec![values],
            true => vec![
                values.iter().flat_map(|&x| values.iter().map(move |_| x)).collect(),
                values.iter().flat_map(|_| values.iter().copied()).collect(),
            ],
        };
        let ty = Type::new(dtype, [columns[0].len()]);
        let inputs: Vec<Tensor> = columns.iter().map(|c| Tensor::from_scalars(&ty, c.iter().copied())).collect();
        let declared = ["%x", "%y"][..inputs.len()].iter().map(|name| format!("{name}: {ty}\n")).collect::<String>();
        let operands = if pairs { "%x, %y" } else { "%x" };
        let results = ["%a", "%b"][..expected.len()].join(", ");
        let source = format!("{declared}{results} = {name} {operands}{parameters}\nreturn {results}\n");
        let graph = parse::graph(&source).unwrap_or_else(|error| panic!("{}", error.render("golden", &source)));
        let found = interp::graph(&graph, &inputs).unwrap_or_else(|error| panic!("{text}: {error}"));
        let mut function = Function::from_graph(graph, &Default::default()).expect("it compiles");
        let compiled = function.apply(inputs).expect("it runs");
        for ((expected, found), compiled) in expected.iter().zip(&found).zip(&compiled) {
            if expected.dtype() != found.dtype() {
                failures.push(format!("{text} {key}: {} is not {}", found.dtype(), expected.dtype()));
                continue;
            }
            let results = expected.scalars().into_iter().zip(found.scalars()).zip(compiled.scalars());
            for (i, ((expected, found), compiled)) in results.enumerate() {
                let operands: Vec<Scalar> = columns.iter().map(|column| column[i]).collect();
                let bits = equal_bits(found, compiled);
                if !bits || !same(name, &operands, expected, found) {
                    failures.push(format!(
                        "{text} {operands:?}: NumPy {expected:?}, interpreted {found:?}, compiled {compiled:?}"
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} differ\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_ufunc_of_numpy_is_here_or_named_as_missing() {
    let here: BTreeSet<&str> =
        ops::all().iter().map(|op| op.name).chain(ALIASES.iter().map(|(alias, _)| *alias)).collect();
    let ufuncs: Vec<&str> = lines("ufuncs ").flatten().collect();
    assert!(ufuncs.len() > 90, "only {} ufuncs in the file", ufuncs.len());
    for name in &ufuncs {
        assert!(
            here.contains(name) != MISSING.contains(name),
            "{name} is missing without a word, or named though here"
        );
    }
    for name in MISSING {
        assert!(ufuncs.contains(name), "{name} is no ufunc");
    }
    for (alias, name) in ALIASES {
        assert!(here.contains(name) && alias != name, "{alias} stands for nothing");
    }
}
