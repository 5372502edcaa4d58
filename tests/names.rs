//! Every name of `tests/numpy/names.txt` is an op of the tables, or is named here with the reason why it is none.

use evanesce_ir::ops::{self, ALIASES};
use std::collections::BTreeSet;

const NAMES: &str = include_str!("numpy/names.txt");

/// What no graph can hold, and where it is instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("unique", "its shape depends on the elements: `evanesce::unique` takes an array that is there"),
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
