//! What `numpy.linalg` makes of matrices (`tests/numpy/linalg.txt`, written by `linalg.py` beside it): all of its functions.

#[path = "common/golden.rs"]
mod golden;

use evanesce::Function;
use evanesce_ir::interp;
use evanesce_ir::ops::{self, ALIASES};
use evanesce_ir::parse;
use evanesce_ir::tensor::Tensor;
use golden::{array, floats};
use std::collections::{BTreeMap, BTreeSet};

const GOLDEN: &str = include_str!("numpy/linalg.txt");

/// Complex numbers in the order of others, each of which takes the nearest that is left; lists along the last axis.
fn in_order_of(expected: &[f64], found: &mut [f64], length: usize) {
    for (expected, found) in expected.chunks(2 * length).zip(found.chunks_mut(2 * length)) {
        for i in 0..expected.len() / 2 {
            let distance = |j: usize| (found[2 * j] - expected[2 * i]).hypot(found[2 * j + 1] - expected[2 * i + 1]);
            let nearest = (i..found.len() / 2).min_by(|&j, &k| distance(j).total_cmp(&distance(k)));
            let nearest = nearest.expect("as many numbers");
            found.swap(2 * i, 2 * nearest);
            found.swap(2 * i + 1, 2 * nearest + 1);
        }
    }
}

struct Case<'g> {
    line: &'g str,
    inputs: Vec<Tensor>,
    /// `None` where NumPy fails.
    outputs: Option<Vec<Tensor>>,
}

fn cases() -> Vec<Case<'static>> {
    let mut cases: Vec<Case<'_>> = Vec::new();
    for line in GOLDEN.lines() {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "case" => cases.push(Case { line: rest, inputs: Vec::new(), outputs: Some(Vec::new()) }),
            "in" => cases.last_mut().expect("a case").inputs.push(array(rest)),
            "out" => cases.last_mut().expect("a case").outputs.as_mut().expect("results").push(array(rest)),
            "fails" => cases.last_mut().expect("a case").outputs = None,
            _ => {}
        }
    }
    cases
}

/// The columns (or rows) of the matrices of an array with their largest element positive, or with the signs of the vectors
/// that they belong to; `flips` has, for each matrix, which were turned.
fn free_of_sign(values: &mut [f64], shape: &[usize], columns: bool, flips: &mut Vec<Vec<bool>>) {
    let [.., m, n] = shape[..] else { panic!("a matrix has two axes") };
    let (count, length) = if columns { (n, m) } else { (m, n) };
    for (at, matrix) in values.chunks_mut((m * n).max(1)).enumerate() {
        flips.resize(flips.len().max(at + 1), Vec::new());
        for k in 0..count {
            let place = |i: usize| if columns { i * n + k } else { k * n + i };
            // The first of those that are largest but for rounding.
            let larger = |most: f64, x: f64| if x.abs() > most.abs() * (1.0 + 1e-3) { x } else { most };
            let own = (0..length).map(|i| matrix[place(i)]).fold(0.0, larger) < 0.0;
            if flips[at].len() <= k {
                flips[at].push(own);
            }
            if flips[at][k] {
                (0..length).for_each(|i| matrix[place(i)] *= -1.0);
            }
        }
    }
}

/// The results as numbers, free signs taken away.
fn normal(results: &[Tensor], signs: &str) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> = results.iter().map(floats).collect();
    let mut flips = Vec::new();
    for part in signs.split(',').filter(|part| !["-", "any"].contains(part)) {
        let (what, index) = part.split_once(':').expect("what has free signs");
        let index: usize = index.parse().expect("a result");
        free_of_sign(&mut values[index], results[index].shape(), what == "columns", &mut flips);
    }
    values
}

/// What is wrong with results, if anything is.
fn difference(name: &str, expected: &[Tensor], found: &[Tensor], signs: &str, tolerance: f64) -> Option<String> {
    if expected.len() != found.len() {
        return Some(format!("{} results, not {}", found.len(), expected.len()));
    }
    let pairs = normal(expected, signs).into_iter().zip(normal(found, signs));
    for ((x, y), (numbers, mut others)) in expected.iter().zip(found).zip(pairs) {
        if x.ty() != y.ty() {
            return Some(format!("{}, not {}", y.ty(), x.ty()));
        }
        if signs == "any" && x.shape() != [0] {
            in_order_of(&numbers, &mut others, x.shape()[x.shape().len() - 1]);
        }
        // A relative error of the determinant is an absolute one of its logarithm.
        let least = if name == "linalg.slogdet" { 1.0f64 } else { 0.0 };
        let size = numbers.iter().filter(|x| x.is_finite()).fold(least, |most, x| most.max(x.abs()));
        let near = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * size;
        if !numbers.iter().zip(&others).all(near) {
            return Some(format!("{others:?}, not {numbers:?}"));
        }
    }
    None
}

#[test]
fn matrices_give_what_numpy_gives() {
    let (mut failures, mut counts) = (Vec::new(), BTreeMap::<&str, usize>::new());
    for Case { line, inputs, outputs } in cases() {
        let [name, parameters, signs, tolerance] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        *counts.entry(name).or_default() += 1;
        let tolerance: f64 = tolerance.parse().expect("a number");
        let results = outputs.as_ref().map_or(1, Vec::len);
        let operands: Vec<String> = (0..inputs.len()).map(|i| format!("%x{i}")).collect();
        let declared: String = operands.iter().zip(&inputs).map(|(name, x)| format!("{name}: {}\n", x.ty())).collect();
        // Of a name that fails the number of results is not known: the first is asked for.
        let names = match (name, results) {
            ("linalg.svd", 1) => String::from("%0, %1, %2"),
            ("linalg.eig", 1) => String::from("%0, %1"),
            (_, n) => (0..n).map(|i| format!("%{i}")).collect::<Vec<_>>().join(", "),
        };
        let parameters = if parameters == "-" { String::new() } else { format!(", {}", parameters.replace(',', ", ")) };
        let source = format!("{declared}{names} = {name} {}{parameters}\nreturn {names}\n", operands.join(", "));
        let graph = parse::graph(&source).unwrap_or_else(|error| panic!("{}", error.render("golden", &source)));
        let interpreted = interp::graph(&graph, &inputs).map_err(|error| error.to_string());
        let mut function = Function::from_graph(graph, &Default::default()).expect("it compiles");
        let compiled = function.apply(inputs.clone()).map_err(|error| error.to_string());
        let engines = [("the interpreter", interpreted), ("compiled code", compiled)];
        for (engine, found) in engines {
            let problem = match (&outputs, found) {
                (Some(expected), Ok(found)) => difference(name, expected, &found, signs, tolerance),
                (Some(_), Err(error)) => Some(error),
                (None, Ok(found)) => Some(format!("{found:?} where NumPy fails")),
                (None, Err(_)) => None,
            };
            if let Some(problem) = problem {
                failures.push(format!("{line} by {engine}:\n{source}{inputs:?}\n{problem}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
    assert!(counts.len() > 30 && counts.values().sum::<usize>() > 400, "too few cases: {counts:?}");
}

#[test]
fn every_function_of_numpys_is_here_and_compared() {
    let all = ops::all();
    let here: BTreeSet<&str> = all.iter().map(|op| op.name).chain(ALIASES.iter().map(|(alias, _)| *alias)).collect();
    let functions = GOLDEN.lines().find_map(|line| line.strip_prefix("functions ")).expect("the functions");
    assert_eq!(functions.split(' ').count(), 31);
    let compared: BTreeSet<&str> = cases().iter().filter_map(|case| case.line.split(' ').next()).collect();
    for function in functions.split(' ') {
        let name = format!("linalg.{function}");
        assert!(here.contains(&*name) && compared.contains(&*name), "{name} is missing");
    }
}
