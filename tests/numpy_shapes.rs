//! What NumPy makes of shapes, indices and arrays from nothing: `tests/numpy/shapes.txt`, written by `shapes.py` beside it.

use evanesce::Function;
use evanesce_ir::interp;
use evanesce_ir::ops::{self, ALIASES};
use evanesce_ir::parse;
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Type};

const GOLDEN: &str = include_str!("numpy/shapes.txt");

/// Powers are within a unit in the last place; all else moves elements or is exact.
const ROUNDED: &[&str] = &["logspace", "geomspace"];

/// The names of NumPy's functions for shapes, indices and creation.
const NAMES: &[&str] = &[
    "reshape",
    "ravel",
    "moveaxis",
    "swapaxes",
    "transpose",
    "permute_dims",
    "matrix_transpose",
    "broadcast_to",
    "broadcast_arrays",
    "expand_dims",
    "squeeze",
    "concat",
    "concatenate",
    "stack",
    "unstack",
    "hstack",
    "vstack",
    "dstack",
    "column_stack",
    "block",
    "split",
    "array_split",
    "tile",
    "repeat",
    "flip",
    "fliplr",
    "flipud",
    "roll",
    "rot90",
    "pad",
    "take",
    "take_along_axis",
    "put",
    "put_along_axis",
    "add.at",
    "compress",
    "delete",
    "insert",
    "append",
    "slice",
    "with_slice",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "diagonal",
    "diag",
    "diagflat",
    "tri",
    "tril",
    "triu",
    "arange",
    "linspace",
    "logspace",
    "geomspace",
    "eye",
    "identity",
    "full",
    "zeros",
    "ones",
    "full_like",
    "zeros_like",
    "ones_like",
    "meshgrid",
];

/// `f64[2,3] VALUE...`
fn tensor(text: &str) -> Tensor {
    let mut words = text.split(' ');
    let ty = words.next().expect("a type");
    let (dtype, shape) = ty.trim_end_matches(']').split_once('[').expect("a type");
    let shape: Vec<usize> = shape.split(',').filter(|n| !n.is_empty()).map(|n| n.parse().expect("a size")).collect();
    let dtype: DType = dtype.parse().expect("a dtype");
    let scalars = words.map(|word| match dtype.is_float() {
        true => Scalar::F64(word.parse().expect("a float")).cast(dtype),
        false => Scalar::I64(word.parse().expect("an integer")).cast(dtype),
    });
    Tensor::from_scalars(&Type::new(dtype, shape), scalars)
}

fn near(expected: &Tensor, found: &Tensor) -> bool {
    let (Some(x), Some(y)) = (expected.as_f64(), found.as_f64()) else { return false };
    x.shape() == y.shape() && x.iter().zip(y).all(|(x, y)| (x - y).abs() <= 2.0 * f64::EPSILON * x.abs())
}

#[test]
fn shapes_are_numpys() {
    let inputs: Vec<(&str, Tensor)> = GOLDEN
        .lines()
        .filter_map(|line| line.strip_prefix("input ")?.split_once(' '))
        .map(|(name, text)| (name, tensor(text)))
        .collect();
    let mut cases: Vec<(&str, Vec<Tensor>)> = Vec::new();
    for line in GOLDEN.lines() {
        if let Some(text) = line.strip_prefix("case ") {
            cases.push((text, Vec::new()));
        } else if let Some(text) = line.strip_prefix("result ") {
            cases.last_mut().expect("a case").1.push(tensor(text));
        }
    }
    assert!(cases.len() > 120, "only {} cases in the file", cases.len());
    let mut failures = Vec::new();
    for (text, expected) in &cases {
        let used =
            |name: &str| text.split(|c: char| !c.is_alphanumeric() && c != '%').any(|word| word == format!("%{name}"));
        let given: Vec<&(&str, Tensor)> = inputs.iter().filter(|(name, _)| used(name)).collect();
        let declared: String = given.iter().map(|(name, tensor)| format!("%{name}: {}\n", tensor.ty())).collect();
        let results: Vec<String> = (0..expected.len()).map(|i| format!("%r{i}")).collect();
        let results = results.join(", ");
        let source = format!("{declared}{results} = {text}\nreturn {results}\n");
        let graph = parse::graph(&source).unwrap_or_else(|error| panic!("{}", error.render("golden", &source)));
        let tensors: Vec<Tensor> = given.iter().map(|(_, tensor)| tensor.clone()).collect();
        let interpreted = interp::graph(&graph, &tensors).unwrap_or_else(|error| panic!("{text}: {error}"));
        let mut function = Function::from_graph(graph, &Default::default()).expect("it compiles");
        let compiled = function.apply(tensors).expect("it runs");
        let rounded = ROUNDED.iter().any(|name| text.starts_with(name));
        let same = |x: &Tensor, y: &Tensor| x == y || (rounded && near(x, y));
        let fits = expected.iter().zip(&interpreted).all(|(x, y)| same(x, y));
        if !fits || interpreted != compiled {
            failures.push(format!("{text}: NumPy {expected:?}, interpreted {interpreted:?}, compiled {compiled:?}"));
        }
    }
    assert!(failures.is_empty(), "{} of {} differ\n{}", failures.len(), cases.len(), failures.join("\n"));
}

#[test]
fn every_name_is_here() {
    let all = ops::all();
    for name in NAMES {
        let here = all.iter().any(|op| op.name == *name) || ALIASES.iter().any(|(alias, _)| alias == name);
        assert!(here, "{name} is missing");
    }
}
