//! What NumPy makes of whole arrays (`tests/numpy/arrays.txt` and `surface.txt`, written by the scripts beside them):
//! reductions with options, scans, sorting, order statistics, methods of ufuncs. The interpreter and compiled code must give NumPy's numbers, and both the same bits.

#[path = "common/scalars.rs"]
mod scalars;

use evanesce::Function;
use evanesce_ir::interp;
use evanesce_ir::parse;
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Type};
use scalars::{distance, equal_bits};

const CASES: [&str; 2] = [include_str!("numpy/arrays.txt"), include_str!("numpy/surface.txt")];

struct Case {
    ulp: u64,
    text: &'static str,
    inputs: Vec<(&'static str, Tensor)>,
    results: Vec<Tensor>,
}

/// A dtype, a shape and the bits of elements.
fn tensor<'a>(mut words: impl Iterator<Item = &'a str>) -> Tensor {
    let dtype: DType = words.next().expect("a dtype").parse().expect("a dtype");
    let shape = words.next().expect("a shape");
    let sizes = shape.split('x').filter(|n| *n != "-").map(|n| n.parse().expect("a size"));
    let shape: Vec<usize> = sizes.collect();
    let scalar = |word: &str| match word {
        "nan" => Scalar::F64(f64::NAN).cast(dtype),
        _ => Scalar::from_bits(dtype, u128::from_str_radix(word, 16).expect("bits in hexadecimal")),
    };
    Tensor::from_scalars(&Type::new(dtype, shape), words.map(scalar))
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in CASES.iter().flat_map(|text| text.lines()) {
        let (kind, rest) = line.split_once(' ').expect("words");
        let mut words = rest.split_whitespace();
        match kind {
            "case" => {
                let (ulp, text) = rest.split_once(' ').expect("a tolerance and an op");
                let ulp = ulp.parse().expect("a number");
                cases.push(Case { ulp, text, inputs: Vec::new(), results: Vec::new() });
            }
            "input" => {
                let name = words.next().expect("a name");
                cases.last_mut().expect("a case before").inputs.push((name, tensor(words)));
            }
            "result" => cases.last_mut().expect("a case before").results.push(tensor(words)),
            _ => {}
        }
    }
    cases
}

/// How many last places two results are apart, of complex numbers those of their size.
fn places(x: Scalar, y: Scalar) -> u64 {
    if !x.dtype().is_complex() {
        return distance(x, y);
    }
    let part = |x: Scalar| match x.cast(DType::F64) {
        Scalar::F64(x) => x,
        _ => unreachable!("cast to f64"),
    };
    let ([a, b], [c, d]) = ([x.parts().0, x.parts().1].map(part), [y.parts().0, y.parts().1].map(part));
    let place = if x.dtype() == DType::C64 { f64::from(f32::EPSILON) } else { f64::EPSILON } * a.hypot(b);
    // Of parts that are not finite no distance is near.
    let apart = (a - c).hypot(b - d) / place;
    if apart.is_finite() { apart.ceil() as u64 } else { u64::MAX }
}

#[test]
fn arrays_give_what_numpy_gives() {
    let (cases, mut failures) = (cases(), Vec::new());
    assert!(cases.len() > 100, "only {} cases in the file", cases.len());
    for Case { ulp, text, inputs, results } in &cases {
        let declared: String = inputs.iter().map(|(name, x)| format!("%{name}: {}\n", x.ty())).collect();
        let names: Vec<String> = (0..results.len()).map(|i| format!("%r{i}")).collect();
        let names = names.join(", ");
        let source = format!("{declared}{names} = {text}\nreturn {names}\n");
        let graph = parse::graph(&source).unwrap_or_else(|error| panic!("{}", error.render("arrays", &source)));
        let arrays: Vec<Tensor> = inputs.iter().map(|(_, x)| x.view().to_tensor()).collect();
        let found = interp::graph(&graph, &arrays).unwrap_or_else(|error| panic!("{text}: {error}"));
        let mut function = Function::from_graph(graph, &Default::default()).expect("it compiles");
        let compiled = function.apply(arrays).expect("it runs");
        for ((expected, found), compiled) in results.iter().zip(&found).zip(&compiled) {
            if expected.ty() != found.ty() {
                failures.push(format!("{text}: {} is not {}", found.ty(), expected.ty()));
                continue;
            }
            let scalars = expected.scalars().into_iter().zip(found.scalars()).zip(compiled.scalars());
            for (i, ((expected, found), compiled)) in scalars.enumerate() {
                let near = equal_bits(expected, found) || (*ulp > 0 && places(expected, found) <= *ulp);
                // Products of matrices are rounded as BLAS does.
                let products = text.starts_with("cov") || text.starts_with("corrcoef");
                let same = equal_bits(found, compiled) || (products && places(expected, compiled) <= *ulp);
                if !near || !same {
                    failures.push(format!(
                        "{text} [{i}]: NumPy {expected:?}, interpreted {found:?}, compiled {compiled:?}"
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} differ\n{}", failures.len(), failures.join("\n"));
}
