//! Kernels of FPBench that IEEE 754 defines to the last bit (`tests/data/fpbench.tsv`): fused into one loop and compiled they
//! give every bit of the operations one after another.

use evanesce::prelude::*;
use ndarray::{Array1, arr0};
use std::collections::HashMap;

const KERNELS: &str = include_str!("data/fpbench.tsv");

/// An expression in parentheses.
enum Core<'s> {
    Word(&'s str),
    List(Vec<Core<'s>>),
}

/// Reads one expression and gives what follows.
fn read(text: &str) -> (Core<'_>, &str) {
    let text = text.trim_start();
    let Some(mut rest) = text.strip_prefix('(') else {
        let end = text.find(|c: char| c.is_whitespace() || c == ')').unwrap_or(text.len());
        return (Core::Word(&text[..end]), &text[end..]);
    };
    let mut items = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix(')') {
            return (Core::List(items), rest);
        }
        let (item, after) = read(rest);
        items.push(item);
        rest = after;
    }
}

type Scope<'s, 'a> = HashMap<&'s str, Expr<'a>>;

fn build<'s, 'a>(core: &Core<'s>, scope: &Scope<'s, 'a>) -> Expr<'a> {
    let items = match core {
        Core::Word(word) => {
            let number = || constant(arr0(word.parse::<f64>().unwrap_or_else(|_| panic!("{word} is not defined"))));
            return scope.get(word).cloned().unwrap_or_else(number);
        }
        Core::List(items) => items,
    };
    let [Core::Word(op), args @ ..] = &items[..] else { panic!("an op comes first") };
    if let ("let", [Core::List(bindings), body]) = (*op, args) {
        // All are evaluated outside, then bound together.
        let mut inner = scope.clone();
        for binding in bindings {
            let Core::List(pair) = binding else { panic!("a binding is a pair") };
            let [Core::Word(name), value] = &pair[..] else { panic!("a binding is a pair") };
            inner.insert(name, build(value, scope));
        }
        return build(body, &inner);
    }
    let args: Vec<Expr<'a>> = args.iter().map(|arg| build(arg, scope)).collect();
    match (*op, &args[..]) {
        ("+", [x, y]) => x + y,
        ("-", [x, y]) => x - y,
        ("-", [x]) => -x,
        ("*", [x, y]) => x * y,
        ("/", [x, y]) => x / y,
        ("sqrt", [x]) => x.sqrt(),
        ("<", [x, y]) => x.less(y),
        (">", [x, y]) => x.greater(y),
        (">=", [x, y]) => x.greater_equal(y),
        ("if", [c, x, y]) => select(c, x, y),
        _ => panic!("{op} of {} operands", args.len()),
    }
}

#[test]
fn kernels_are_exact_when_fused() {
    let (mut kernels, mut points) = (0, 0);
    for line in KERNELS.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, name, names, text, cases @ ..] = &fields[..] else { panic!("{line}") };
        let names: Vec<&str> = names.split(' ').filter(|name| !name.is_empty()).collect();
        let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).expect("bits in hexadecimal"));
        let rows: Vec<Vec<f64>> = cases.iter().map(|case| case.split(' ').map(bits).collect()).collect();
        let columns: Vec<Array1<f64>> =
            (0..names.len() + 1).map(|i| Array1::from_iter(rows.iter().map(|row| row[i]))).collect();
        let mut function = Function::trace(|f| {
            let mut scope = Scope::new();
            for (i, name) in names.iter().enumerate() {
                scope.insert(name, f.input(&format!("x{i}"), DType::F64, [rows.len()]));
            }
            let (core, rest) = read(text);
            assert!(rest.is_empty(), "{rest} follows the expression");
            f.output("y", &build(&core, &scope).broadcast_to([rows.len()]));
        })
        .expect("it compiles");
        let counts = function.program().counts();
        assert_eq!((counts.kernels, counts.temporaries), (1, 0), "{file} {name}\n{}", function.program());
        let inputs: Vec<Tensor> = columns[..names.len()].iter().map(|x| Tensor::from(x.clone().into_dyn())).collect();
        let results = function.apply(inputs).expect("it runs");
        let found = results[0].as_f64().expect("floats");
        for (i, (found, strict)) in found.iter().zip(&columns[names.len()]).enumerate() {
            assert_eq!(found.to_bits(), strict.to_bits(), "{file} {name}, point {i}: {found:?}, not {strict:?}");
            points += 1;
        }
        kernels += 1;
    }
    assert_eq!((kernels, points), (76, 1216));
}
