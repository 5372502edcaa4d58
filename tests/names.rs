//! Every name of `tests/numpy/names.txt` is an op of the tables, or is named here with the reason why it is none.

use evanesce_ir::ops::{self, ALIASES, COMPOSITION};
use evanesce_ir::parse;
use evanesce_ir::types::DType;
use std::collections::BTreeSet;

const NAMES: &str = include_str!("numpy/names.txt");

/// What no graph can hold, and where it is instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("unique", "its shape depends on the elements: `evanesce::unique` takes an array that is there"),
    ("unique_all", "as `unique`: `evanesce::unique_all`"),
    ("extract", "its shape depends on the elements: `evanesce::extract`, in a graph `take` of `flatnonzero`"),
    ("trim_zeros", "its shape depends on the elements: `evanesce::trim_zeros`"),
    ("union1d", "its shape depends on the elements: `evanesce::union1d`"),
    ("intersect1d", "its shape depends on the elements: `evanesce::intersect1d`"),
    ("setdiff1d", "its shape depends on the elements: `evanesce::setdiff1d`"),
    ("setxor1d", "its shape depends on the elements: `evanesce::setxor1d`"),
    ("einsum_path", "it gives a plan, not an array: `evanesce::expr::einsum_path`"),
];

#[test]
fn every_name_of_numpy_is_an_op_or_accounted_for() {
    let ops = ops::all();
    let known: BTreeSet<&str> = ops.iter().map(|op| op.name).chain(ALIASES.iter().map(|(alias, _)| *alias)).collect();
    let rows = NAMES.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = rows.flat_map(|row| row.split_once(':').expect("a group").1.split_whitespace()).collect();
    assert!(names.len() > 230, "only {} names in the file", names.len());
    for name in &names {
        let elsewhere = ELSEWHERE.iter().any(|(other, _)| other == name);
        assert!(known.contains(name) != elsewhere, "{name} is no op, or accounted for though it is one");
    }
    for (name, reason) in ELSEWHERE {
        assert!(names.contains(name), "{name} ({reason}) is no name of the file");
    }
    for op in &ops {
        assert!(!op.dtypes.is_empty(), "{} has no dtypes", op.name);
    }
}

/// What a composition is said to take it takes, and nothing else: told by those that need one array and no parameter.
#[test]
fn dtypes_are_what_the_compositions_take() {
    let mut told = 0;
    for op in ops::all().into_iter().filter(|op| op.kind == COMPOSITION && op.arity == Some(1)) {
        let takes = |dtype: DType| {
            let read = |results: &str, shape: &str| {
                let text = format!("%x: {dtype}[{shape}]\n{results} = {} %x\nreturn %0\n", op.name);
                parse::graph(&text).is_ok()
            };
            ["%0", "%0, %1"].iter().any(|results| ["3, 3", "3"].iter().any(|shape| read(results, shape)))
        };
        if !takes(DType::F64) || !op.dtypes.contains(&DType::F64) {
            continue;
        }
        told += 1;
        for dtype in DType::ALL {
            // Linear algebra takes integers and bools, as `f64`.
            if op.name.starts_with("linalg.") && !dtype.is_inexact() {
                continue;
            }
            assert_eq!(op.dtypes.contains(&dtype), takes(dtype), "{} of {dtype}", op.name);
        }
    }
    assert!(told > 60, "only {told} compositions were told");
}
