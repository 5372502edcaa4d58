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

/// What a composition is said to take it takes, and nothing else: told by those of one array that need no parameter, and in
/// linear algebra of several.
#[test]
fn dtypes_are_what_the_compositions_take() {
    let mut told = 0;
    let told_by =
        |arity: Option<usize>, name: &str| arity == Some(1) || (arity != Some(0) && name.starts_with("linalg."));
    for op in ops::all().into_iter().filter(|op| op.kind == COMPOSITION && told_by(op.arity, op.name)) {
        let operands = vec!["%x"; op.arity.unwrap_or(2)].join(", ");
        let takes = |dtype: DType| {
            let read = |results: &str, shape: &str, parameters: &str| {
                let text = format!("%x: {dtype}[{shape}]\n{results} = {} {operands}{parameters}\nreturn %0\n", op.name);
                parse::graph(&text).is_ok()
            };
            let bands = if op.name == "linalg.solve_banded" { ", l=1, u=1" } else { "" };
            ["%0", "%0, %1"].iter().any(|results| ["3, 3", "3"].iter().any(|shape| read(results, shape, bands)))
        };
        if !takes(DType::F64) || !op.dtypes.contains(&DType::F64) {
            continue;
        }
        told += 1;
        for dtype in DType::ALL {
            // Most of linear algebra takes integers and bools as `f64`.
            if op.name.starts_with("linalg.") && !dtype.is_inexact() && !op.dtypes.contains(&DType::I64) {
                continue;
            }
            assert_eq!(op.dtypes.contains(&dtype), takes(dtype), "{} of {dtype}", op.name);
        }
    }
    assert!(told > 75, "only {told} compositions were told");
}
