//! Random graphs over every node format: the interpreter of the graph, that of the program and compiled code agree, bit for
//! bit but for linear algebra. A failure prints a finished `.ir` file.

#[path = "common/random.rs"]
mod random;

use evanesce::compiler::{Layouts, Options as Pipeline, pipeline};
use evanesce::ir::interp::{self, Failure};
use evanesce::ir::tensor::Tensor;
use evanesce::ir::types::{Strides, row_major};
use evanesce::runtime::Options;
use evanesce::{Error, Function, RunError};
use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use random::{Case, same};
use std::collections::BTreeSet;

const CASES: u64 = 2000;

/// The same elements at other strides, with room between and around them.
fn lay_out(tensor: &Tensor, strides: &Option<Strides>) -> Tensor {
    fn lay<A: evanesce::ir::tensor::Element>(array: &ArrayD<A>, strides: &[isize]) -> Tensor {
        // ndarray makes arrays of positive strides; negative ones come from inverting axes.
        let positive: Vec<usize> = strides.iter().map(|s| s.unsigned_abs()).collect();
        let reach: usize = positive.iter().zip(array.shape()).map(|(s, n)| s * n.saturating_sub(1)).sum();
        let memory = vec![A::default(); if array.is_empty() { 0 } else { reach + 1 }];
        let shape = IxDyn(array.shape()).strides(IxDyn(&positive));
        let mut laid = ArrayD::from_shape_vec(shape, memory).expect("strides of an array without overlap");
        for (axis, &stride) in strides.iter().enumerate() {
            if stride < 0 {
                laid.invert_axis(ndarray::Axis(axis));
            }
        }
        laid.assign(array);
        A::wrap(laid)
    }
    let Some(strides) = strides.as_ref().filter(|_| !tensor.ty().is_empty()) else { return tensor.clone() };
    evanesce::ir::with_array!(Tensor, tensor, a => lay(a, strides))
}

fn compiled(case: &Case) -> Result<Vec<Tensor>, RunError> {
    let pipeline = Pipeline { verify: true, ..Pipeline::default() };
    let options = Options { pipeline, ..Options::default() };
    let mut function = Function::from_graph(case.graph.clone(), &options).expect("a valid graph compiles");
    let inputs = case.inputs.iter().zip(&case.strides).map(|(t, s)| lay_out(t, s)).collect();
    match function.apply(inputs) {
        Ok(results) => Ok(results),
        Err(Error::Run(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

/// The case as a file that can be put among the filetests.
fn file(case: &Case) -> String {
    let inputs = case.graph.inputs().zip(&case.inputs).map(|((_, i), t)| format!("{} = {t}", i.name));
    let run: Vec<String> = inputs.collect();
    format!("# test: all\n# Found by the fuzzer.\n{}# run: {}\n", case.graph, run.join("; "))
}

#[test]
fn engines_agree_on_random_graphs() {
    let (mut failures, mut fused, mut calls, mut functions) = (0, 0, 0, 0);
    let mut complex = BTreeSet::new();
    for seed in 0..CASES {
        let case = random::case(seed);
        let expected = interp::graph(&case.graph, &case.inputs);
        let options =
            Pipeline { layouts: Layouts { inputs: case.strides.clone(), outputs: vec![] }, passes: None, verify: true };
        let program = pipeline::run(&case.graph, &options, |_| {}).unwrap_or_else(|bug| panic!("{bug}"));
        let interpreted = interp::program(&program, &case.inputs);
        let interpreted = interpreted.map_err(|failure| match failure {
            Failure::Run(error) => error,
            Failure::Bug(bug) => panic!("seed {seed}: {bug}\n{}", file(&case)),
        });
        for (engine, found) in [("program", interpreted), ("compiled", compiled(&case))] {
            match (&expected, &found) {
                (Ok(expected), Ok(found)) => {
                    for (i, (x, y)) in expected.iter().zip(found).enumerate() {
                        assert!(
                            same(x, y, case.loose[i]),
                            "seed {seed}, {engine}, output {i} of
{}
{program}",
                            file(&case)
                        );
                    }
                }
                // Which of several failures is met first depends on the order of steps.
                (Err(_), Err(_)) => {}
                _ => panic!("seed {seed}, {engine}: {found:?}, not {expected:?}\n{}\n{program}", file(&case)),
            }
        }
        failures += usize::from(expected.is_err());
        let (counts, naive) = (program.counts(), pipeline::naive(&case.graph, &options).counts());
        fused += naive.kernels - counts.kernels.min(naive.kernels);
        let own = counts.calls.iter().filter(|name| name.starts_with("custom ")).count();
        functions += own;
        complex.extend(counts.calls.iter().filter(|name| name.starts_with(['c', 'z'])).cloned());
        calls += counts.calls.len() - own;
    }
    // The corpus means something: it fails, it fuses, it calls.
    let text = format!("{failures} failures, {fused} kernels fused, {calls} calls, {functions} of functions");
    assert!(failures > 10 && fused > 2000 && calls > 500 && functions > 50, "{text}");
    for stem in [
        "getrf", "getri", "potrf", "potri", "trsm", "gemm", "gelqf", "heevd", "gesdd", "hetrf", "gees", "trsyl", "gges",
    ] {
        assert!(complex.iter().any(|name| name[1..] == *stem), "of complex matrices only {complex:?}");
    }
}

#[test]
fn layouts_are_as_asked_for() {
    let tensor = Tensor::from(ArrayD::from_shape_vec(vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap());
    for strides in [[3, 1], [1, 2], [-3, 1], [6, 2]] {
        let laid = lay_out(&tensor, &Some(Strides::from_slice(&strides)));
        assert_eq!(laid.view().strides(), strides);
        assert_eq!(laid, tensor);
    }
    assert_eq!(row_major(tensor.shape())[..], [3, 1]);
}
