//! Every pass keeps the meaning of random graphs: after each, the interpreters compute what they computed before it.

#[path = "../../tests/common/random.rs"]
mod random;

use evanesce_compiler::{Layouts, Options, pipeline};
use evanesce_ir::interp;
use evanesce_ir::program::Counts;
use evanesce_ir::tensor::Tensor;
use pipeline::Stage;

/// Graphs tried.
const SEEDS: u64 = 2000;

/// Panics when a stage computes something else than the graph did, or fails where the graph did not.
fn compare<E: std::fmt::Debug, F: std::fmt::Debug>(
    expected: &Result<Vec<Tensor>, E>,
    found: &Result<Vec<Tensor>, F>,
    loose: &[f64],
    what: impl Fn() -> String,
) {
    match (expected, found) {
        (Ok(expected), Ok(found)) => {
            for (i, (expected, found)) in expected.iter().zip(found).enumerate() {
                let same = random::same(expected, found, loose[i]);
                assert!(same, "output {i}: expected {expected:?}, found {found:?}, {}", what());
            }
        }
        // Passes may reorder what fails.
        (Err(_), Err(_)) => {}
        _ => panic!("expected {expected:?}, found {found:?}, {}", what()),
    }
}

#[test]
fn passes_keep_the_meaning_of_graphs() {
    let (mut errors, mut naive, mut compiled) = (0, Counts::default(), Counts::default());
    let add = |sum: &mut Counts, counts: Counts| {
        sum.kernels += counts.kernels;
        sum.temporaries += counts.temporaries;
        sum.calls.extend(counts.calls);
    };
    for seed in 0..SEEDS {
        let case = random::case(seed);
        let expected = interp::graph(&case.graph, &case.inputs);
        errors += usize::from(expected.is_err());
        let layouts = Layouts { inputs: case.strides.clone(), outputs: vec![] };
        let options = Options { layouts, passes: None, verify: true };
        let program = pipeline::run(&case.graph, &options, |event| {
            let place = |stage: &dyn std::fmt::Display| format!("seed {seed}, after {}\n{stage}", event.pass);
            match event.stage {
                Stage::Graph(graph) => {
                    let found = interp::graph(graph, &case.inputs);
                    compare(&expected, &found, &case.loose, || place(graph));
                }
                Stage::Program(program) => {
                    let found = interp::program(program, &case.inputs);
                    assert!(!matches!(found, Err(interp::Failure::Bug(_))), "{found:?}, {}", place(program));
                    compare(&expected, &found, &case.loose, || place(program));
                }
            }
        });
        let program = program.unwrap_or_else(|bug| panic!("seed {seed}: {bug}"));
        add(&mut compiled, program.counts());
        add(&mut naive, pipeline::naive(&case.graph, &options).counts());
    }
    // The corpus must reach what it is for.
    assert!(errors > 0 && (errors as u64) < SEEDS / 10, "{errors} graphs fail at run time");
    assert!(compiled.kernels < naive.kernels, "{} kernels of {}", compiled.kernels, naive.kernels);
    assert!(compiled.temporaries < naive.temporaries, "{} temporaries of {}", compiled.temporaries, naive.temporaries);
    assert!(!compiled.calls.is_empty(), "no graph has linear algebra");
}
