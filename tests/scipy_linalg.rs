//! What `scipy.linalg` makes of matrices (`tests/numpy/scipy_linalg.txt`, written by `scipy_linalg.py` beside it): those of its
//! functions that are here, in every dtype, with their keywords.

#[path = "common/golden.rs"]
mod golden;

use evanesce::Function;
use evanesce_ir::interp;
use evanesce_ir::ops;
use evanesce_ir::parse;
use evanesce_ir::tensor::Tensor;
use golden::{array, floats};
use std::collections::{BTreeMap, BTreeSet};

const GOLDEN: &str = include_str!("numpy/scipy_linalg.txt");

struct Case<'g> {
    name: &'g str,
    tolerance: f64,
    lines: Vec<&'g str>,
    inputs: Vec<Tensor>,
    /// `None` where SciPy fails.
    outputs: Option<Vec<Tensor>>,
}

fn cases() -> Vec<Case<'static>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    for line in GOLDEN.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word == "case" {
            let (name, tolerance) = rest.split_once(' ').expect("a name and a tolerance");
            let tolerance = tolerance.parse().expect("a number");
            cases.push(Case { name, tolerance, lines: Vec::new(), inputs: Vec::new(), outputs: Some(Vec::new()) });
            continue;
        }
        let case = cases.last_mut().expect("a case");
        match word {
            "ir" => case.lines.push(rest),
            "in" => case.inputs.push(array(rest)),
            "out" => case.outputs.as_mut().expect("results").push(array(rest)),
            "fails" => case.outputs = None,
            other => panic!("{other}"),
        }
    }
    cases
}

/// What is wrong with results, if anything is.
fn difference(expected: &[Tensor], found: &[Tensor], tolerance: f64) -> Option<String> {
    assert_eq!(expected.len(), found.len());
    expected.iter().zip(found).find_map(|(x, y)| {
        if x.ty() != y.ty() {
            return Some(format!("{}, not {}", y.ty(), x.ty()));
        }
        let (numbers, others) = (floats(x), floats(y));
        let size = numbers.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * size;
        (!numbers.iter().zip(&others).all(near)).then(|| format!("{others:?}, not {numbers:?}"))
    })
}

#[test]
fn matrices_give_what_scipy_gives() {
    let (mut failures, mut counts) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for Case { name, tolerance, lines, inputs, outputs } in cases() {
        *counts.entry(name).or_default() += 1;
        let declared: String = inputs.iter().enumerate().map(|(i, x)| format!("%x{i}: {}\n", x.ty())).collect();
        let results: Vec<String> = (0..outputs.as_ref().map_or(1, Vec::len)).map(|i| format!("%r{i}")).collect();
        let source = format!("{declared}{}\nreturn {}\n", lines.join("\n"), results.join(", "));
        let graph = parse::graph(&source).unwrap_or_else(|error| panic!("{}", error.render("golden", &source)));
        let interpreted = interp::graph(&graph, &inputs).map_err(|error| error.to_string());
        let mut function = Function::from_graph(graph, &Default::default()).expect("it compiles");
        let compiled = function.apply(inputs.clone()).map_err(|error| error.to_string());
        for (engine, found) in [("the interpreter", interpreted), ("compiled code", compiled)] {
            let problem = match (&outputs, found) {
                (Some(expected), Ok(found)) => difference(expected, &found, tolerance),
                (Some(_), Err(error)) => Some(error),
                (None, Ok(found)) => Some(format!("{found:?} where SciPy fails")),
                (None, Err(_)) => None,
            };
            if let Some(problem) = problem {
                failures.push(format!("by {engine}:\n{source}{inputs:?}\n{problem}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
    assert!(counts.values().sum::<usize>() > 500, "too few cases: {counts:?}");
}

/// Those that NumPy does not have under the same name, but for LAPACK's own.
#[test]
fn every_function_of_scipys_that_is_here_is_compared() {
    let compared: BTreeSet<String> = cases().iter().map(|case| format!("scipy.linalg.{}", case.name)).collect();
    let here = ops::all().into_iter().map(|op| op.numpy).filter(|name| name.starts_with("scipy.linalg."));
    let here: BTreeSet<String> = here.filter(|name| !name.contains(".lapack.")).map(String::from).collect();
    assert_eq!(here, compared);
}
