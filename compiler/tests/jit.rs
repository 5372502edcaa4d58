//! Compiled kernels against the program interpreter, bit for bit (NaN payloads aside).

#![allow(unsafe_code, reason = "compiled kernels are called through pointers")]

#[path = "common/execute.rs"]
mod execute;
#[path = "../../tests/common/random.rs"]
#[allow(unreachable_pub, dead_code, reason = "shared with other tests")]
mod random;

use evanesce_compiler::{Layouts, Options, pipeline};
use evanesce_ir::interp::{self, Failure};
use evanesce_ir::program::Program;
use evanesce_ir::tensor::Tensor;

/// Compares the engines on a program.
fn compare(program: &Program, inputs: &[Tensor], loose: &[bool], what: &dyn Fn() -> String) {
    match (interp::program(program, inputs), execute::run(program, inputs)) {
        (Ok(expected), Ok(found)) => {
            for (i, (expected, found)) in expected.iter().zip(&found).enumerate() {
                let same = random::same(expected, found, loose.get(i).copied().unwrap_or(false));
                assert!(same, "{}: output {i}\nexpected {expected:?}\nfound {found:?}\n{program}", what());
            }
        }
        (Err(Failure::Run(expected)), Err(Failure::Run(found))) => assert_eq!(expected, found, "{}", what()),
        (expected, found) => panic!("{}: expected {expected:?}, found {found:?}\n{program}", what()),
    }
}

#[test]
fn random_programs() {
    for seed in 0..1000 {
        let case = random::case(seed);
        let layouts = Layouts { inputs: case.strides.clone(), outputs: vec![] };
        let options = Options { layouts, passes: None, verify: true };
        let naive = pipeline::naive(&case.graph, &options);
        let program = pipeline::run(&case.graph, &options, |_| {}).unwrap_or_else(|bug| panic!("{bug}"));
        for (stage, program) in [("naive", &naive), ("final", &program)] {
            compare(program, &case.inputs, &case.loose, &|| format!("seed {seed}, {stage}"));
        }
    }
}
