//! Bad, hostile and special input through the lazy door: no panic, no trap, no wrong array. Every case is evaluated by compiled
//! code on values it cannot fold, and again as constants that are folded: the answers are the same.

use evanesce::prelude::*;
use evanesce::{RunErrorKind, ir};
use ndarray::{Array1, Array2, ArrayD, arr0, arr1, arr2};

fn f64s(values: &[f64]) -> Expr<'static> {
    Expr::from(Array1::from(values.to_vec()))
}

fn i64s(values: &[i64]) -> Expr<'static> {
    Expr::from(Array1::from(values.to_vec()))
}

/// Equal in bits, but any NaN equals any other.
fn same(found: &Tensor, expected: &[f64]) -> bool {
    let found = found.as_f64().expect("f64");
    let equal = |(x, y): (&f64, &f64)| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
    found.len() == expected.len() && found.iter().zip(expected).all(equal)
}

#[track_caller]
fn floats(f: impl Fn(&Expr<'static>, &Expr<'static>) -> Expr<'static>, cases: &[(f64, f64, f64)]) {
    let x: Vec<f64> = cases.iter().map(|c| c.0).collect();
    let y: Vec<f64> = cases.iter().map(|c| c.1).collect();
    let expected: Vec<f64> = cases.iter().map(|c| c.2).collect();
    let run = f(&f64s(&x), &f64s(&y)).eval().unwrap();
    assert!(same(&run, &expected), "{run} is not {expected:?}");
    let folded = f(&constant(Array1::from(x)), &constant(Array1::from(y))).eval().unwrap();
    assert!(same(&folded, &expected), "folded: {folded} is not {expected:?}");
}

#[track_caller]
fn integers(f: impl Fn(&Expr<'static>, &Expr<'static>) -> Expr<'static>, cases: &[(i64, i64, i64)]) {
    let x: Vec<i64> = cases.iter().map(|c| c.0).collect();
    let y: Vec<i64> = cases.iter().map(|c| c.1).collect();
    let expected: Vec<i64> = cases.iter().map(|c| c.2).collect();
    let expected = Tensor::from(Array1::from(expected).into_dyn());
    assert_eq!(f(&i64s(&x), &i64s(&y)).eval().unwrap(), expected);
    assert_eq!(f(&constant(Array1::from(x)), &constant(Array1::from(y))).eval().unwrap(), expected);
}

#[track_caller]
fn refused(expr: Expr<'_>, what: &str) {
    match expr.eval() {
        Err(Error::Expr(error)) => {
            let text = error.to_string();
            assert!(text.contains(what) && text.contains("tests/bad_input.rs"), "{text}");
        }
        Err(other) => panic!("{other}"),
        Ok(value) => panic!("it gave {value}"),
    }
}

#[test]
fn empty_and_huge_shapes() {
    let empty = Expr::from(Array1::<f64>::zeros(0));
    assert_eq!((&empty + f64s(&[1.0])).eval().unwrap().shape(), [0]);
    refused(&empty + f64s(&[1.0, 2.0]), "cannot be broadcast");
    assert!(same(&empty.sum(0).eval().unwrap(), &[0.0]) && same(&empty.prod(0).eval().unwrap(), &[1.0]));
    assert!(same(&empty.mean(()).eval().unwrap(), &[f64::NAN]));
    refused(empty.max(()), "no elements");
    refused(empty.argmax(0), "no elements");
    let wide = Expr::from(Array2::<f64>::zeros((0, 3)));
    assert_eq!(wide.max(1).eval().unwrap().shape(), [0]);
    refused(wide.argmax(0), "no elements");
    refused(wide.reshape([-1, 0]), "cannot reshape");
    let (a, b) = (Expr::from(Array2::<f64>::zeros((3, 0))), Expr::from(Array2::<f64>::zeros((0, 4))));
    assert!(same(&a.matmul(&b).eval().unwrap(), &[0.0; 12]));
    let none = Expr::from(Array2::<f64>::zeros((0, 0)));
    assert_eq!(none.inv().eval().unwrap().shape(), [0, 0]);
    assert_eq!(none.solve(Expr::from(Array1::<f64>::zeros(0))).eval().unwrap().shape(), [0]);
    refused(f64s(&[1.0]).reshape([1; 65]), "65 axes");
    refused(zeros(DType::F64, [1 << 40, 1 << 40]), "larger than the address space");
    refused(zeros(DType::F64, [0, 1 << 40, 1 << 40]), "larger than the address space");
    let error = zeros(DType::F64, [1 << 45]).eval().unwrap_err();
    assert!(matches!(&error, Error::Run(e) if matches!(e.kind, RunErrorKind::OutOfMemory { .. })), "{error}");
}

#[test]
fn wrong_axes_and_ranks() {
    let x = Expr::from(arr2(&[[1.0, 2.0], [3.0, 4.0]]));
    refused(x.sum(2), "axis 2 is out of bounds");
    refused(x.sum([0, -2]), "axis 0 is given twice");
    refused(x.transpose([0, 0]), "not a permutation");
    refused(x.matmul(Expr::from(arr0(1.0))), "signature");
    refused(f64s(&[1.0, 2.0]).inv(), "signature");
    refused(Expr::from(Array2::<f64>::zeros((2, 3))).inv(), "signature");
    refused(Expr::from(arr1(&[true])) - Expr::from(arr1(&[false])), "not defined for bool");
    let far = x.take(Expr::from(arr1(&[0i64, 5])), Some(0)).eval().unwrap_err();
    assert!(matches!(&far, Error::Run(e) if e.kind == RunErrorKind::Index { index: 5, size: 2 }), "{far}");
}

#[test]
fn integers_wrap_and_never_trap() {
    let (min, max) = (i64::MIN, i64::MAX);
    integers(|x, y| x + y, &[(max, 1, min), (min, -1, max)]);
    integers(|x, y| x * y, &[(max, 2, -2), (min, -1, min)]);
    integers(|x, y| x.floor_divide(y), &[(5, 0, 0), (min, -1, min), (-7, 2, -4), (7, -2, -4), (0, 0, 0)]);
    integers(|x, y| x % y, &[(5, 0, 0), (min, -1, 0), (-7, 2, 1), (7, -2, -1)]);
    integers(|x, _| x.abs(), &[(min, 0, min), (-3, 0, 3)]);
    integers(|x, _| -x, &[(min, 0, min)]);
    integers(|x, y| x.power(y), &[(2, 62, 1 << 62), (3, 0, 1), (0, 0, 1), (2, 64, 0)]);
    let error = i64s(&[2]).power(i64s(&[-1])).eval().unwrap_err();
    assert!(matches!(&error, Error::Run(e) if e.kind == RunErrorKind::NegativePower), "{error}");
}

#[test]
fn floats_that_no_integer_holds_saturate() {
    let x = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, 300.7, -0.9];
    let expected = arr1(&[0, i64::MAX, i64::MIN, i64::MAX, i64::MIN, 300, 0]);
    assert_eq!(f64s(&x).astype(DType::I64).eval().unwrap(), Tensor::from(expected.clone().into_dyn()));
    let folded = constant(Array1::from(x.to_vec())).astype(DType::I64).eval().unwrap();
    assert_eq!(folded, Tensor::from(expected.into_dyn()));
}

#[test]
fn ieee_special_cases() {
    let (nan, inf, tiny) = (f64::NAN, f64::INFINITY, 5e-324);
    floats(|x, y| x / y, &[(1.0, 0.0, inf), (-1.0, 0.0, -inf), (0.0, 0.0, nan), (1.0, -0.0, -inf)]);
    floats(|x, y| x % y, &[(-7.5, 2.0, 0.5), (7.5, -2.0, -0.5), (-5.0, inf, inf)]);
    floats(|x, y| x.floor_divide(y), &[(1.0, 0.0, inf), (-7.5, 2.0, -4.0)]);
    floats(|x, y| x.maximum(y), &[(1.0, nan, nan), (nan, 1.0, nan), (0.0, -0.0, 0.0), (-0.0, 0.0, 0.0)]);
    floats(|x, y| x.minimum(y), &[(1.0, nan, nan), (nan, 1.0, nan), (0.0, -0.0, -0.0), (-0.0, 0.0, -0.0)]);
    // What must not be simplified away.
    floats(|x, _| x + 0.0, &[(-0.0, 0.0, 0.0)]);
    floats(|x, _| x * 0.0, &[(nan, 0.0, nan), (inf, 0.0, nan), (-1.0, 0.0, -0.0)]);
    floats(|x, _| x - x, &[(nan, 0.0, nan), (inf, 0.0, nan), (3.0, 0.0, 0.0)]);
    floats(|x, _| x / x, &[(0.0, 0.0, nan), (inf, 0.0, nan), (3.0, 0.0, 1.0)]);
    floats(|x, _| 0.0 - x, &[(0.0, 0.0, 0.0)]);
    floats(|x, _| -x, &[(0.0, 0.0, -0.0)]);
    floats(|x, _| x.rint(), &[(0.5, 0.0, 0.0), (1.5, 0.0, 2.0), (2.5, 0.0, 2.0), (-0.5, 0.0, -0.0)]);
    floats(
        |x, y| x.power(y),
        &[(0.0, 0.0, 1.0), (nan, 0.0, 1.0), (1.0, nan, 1.0), (-8.0, 1.0 / 3.0, nan), (0.0, -1.0, inf)],
    );
    floats(|x, _| x.sqrt(), &[(-0.0, 0.0, -0.0), (-1.0, 0.0, nan)]);
    floats(|x, _| x.log(), &[(0.0, 0.0, -inf), (-0.0, 0.0, -inf), (-1.0, 0.0, nan)]);
    // Subnormals are kept.
    floats(|x, y| x * y, &[(tiny, 1.0, tiny), (f64::MIN_POSITIVE, 0.5, f64::MIN_POSITIVE / 2.0)]);
    floats(|x, _| x.sin(), &[(1e22, 0.0, -0.8522008497671888)]);
    // Both branches are computed, neither traps.
    floats(|x, _| select(x.greater(0.0), x.log(), 0.0), &[(-1.0, 0.0, 0.0), (1.0, 0.0, 0.0)]);
    assert_eq!(f64s(&[1.0, nan, 3.0, nan]).argmax(0).eval().unwrap(), Tensor::from(arr0(1i64).into_dyn()));
    let narrow = (Expr::from(arr1(&[1.0f32])) * 1e300).eval().unwrap();
    assert_eq!(narrow.as_f32().unwrap(), &arr1(&[f32::INFINITY]).into_dyn());
}

#[test]
fn updates_see_what_was_before() {
    // a[1:] += a[:-1], and a += a[::-1], as if the operands had been copied.
    let mut f = Function::trace(|f| {
        let (a, b) = (f.input("a", DType::F64, [5]), f.input("b", DType::F64, [5]));
        let shifted = concat(&[a.slice(s![..1]), a.slice(s![1..]) + a.slice(s![..-1])], 0);
        f.update(&a, &shifted);
        f.update(&b, &(&b + b.slice(s![..;-1])));
    })
    .unwrap();
    let (mut a, mut b) = (arr1(&[0.0, 1.0, 2.0, 3.0, 4.0]), arr1(&[0.0, 1.0, 2.0, 3.0, 4.0]));
    f.call(args![&mut a, &mut b], args![]).unwrap();
    assert_eq!((a, b), (arr1(&[0.0, 1.0, 3.0, 5.0, 7.0]), arr1(&[4.0; 5])));
    // The product of a matrix with itself into itself.
    let mut square = Function::trace(|f| {
        let a = f.input("a", DType::F64, [2, 2]);
        f.update(&a, &a.matmul(&a));
    })
    .unwrap();
    let mut a = arr2(&[[1.0, 2.0], [3.0, 4.0]]);
    square.call(args![&mut a], args![]).unwrap();
    assert_eq!(a, arr2(&[[7.0, 10.0], [15.0, 22.0]]));
}

#[test]
fn matrices_without_an_answer() {
    let kind = |expr: Expr<'_>| match expr.eval() {
        Err(Error::Run(error)) => error.kind,
        other => panic!("{other:?}"),
    };
    let singular = arr2(&[[1.0, 2.0], [2.0, 4.0]]);
    assert_eq!(kind(Expr::from(&singular).inv()), RunErrorKind::Singular { pivot: 2, batch_index: 0 });
    assert!(same(&Expr::from(&singular).det().eval().unwrap(), &[0.0]));
    let stack: ArrayD<f64> =
        ndarray::stack![ndarray::Axis(0), Array2::<f64>::eye(2), singular, Array2::<f64>::eye(2)].into_dyn();
    assert_eq!(kind(Expr::from(&stack).inv()), RunErrorKind::Singular { pivot: 2, batch_index: 1 });
    let indefinite = arr2(&[[1.0, 2.0], [2.0, 1.0]]);
    let order = RunErrorKind::NotPositiveDefinite { order: 2, batch_index: 0 };
    assert_eq!(kind(Expr::from(&indefinite).cholesky()), order);
    // Only the lower triangle is read.
    let lower = Expr::from(arr2(&[[4.0, 99.0], [2.0, 3.0]])).cholesky().eval().unwrap();
    let expected = [2.0, 0.0, 1.0, 2.0f64.sqrt()];
    let near = |(x, y): (&f64, &f64)| (x - y).abs() <= 4.0 * f64::EPSILON;
    assert!(lower.as_f64().unwrap().iter().zip(&expected).all(near), "{lower}");
    let nan = Expr::from(arr2(&[[f64::NAN, 0.0], [0.0, 1.0]]));
    assert_eq!(kind(nan.cholesky()), RunErrorKind::NotPositiveDefinite { order: 1, batch_index: 0 });
}

#[test]
fn a_tree_of_two_to_the_64_leaves_is_64_nodes() {
    let a = arr1(&[2f64.powi(-64)]);
    let mut x = Expr::from(&a);
    for _ in 0..64 {
        x = &x + &x;
    }
    assert_eq!(ir::expr::lower(&[&x]).unwrap().graph.node_count(), 65);
    assert!(same(&x.eval().unwrap(), &[a[0] * 2f64.powi(64)]));
}

#[test]
fn a_thousand_operands_and_a_small_stack() {
    let arrays: Vec<Array1<f64>> = (0..1000).map(|i| Array1::from_elem(7, i as f64)).collect();
    let sum = || {
        let sum = arrays.iter().map(Expr::from).reduce(|x, y| x + y).expect("a thousand");
        assert!(same(&sum.eval().unwrap(), &[499_500.0; 7]));
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new().stack_size(512 << 10).spawn_scoped(scope, sum).unwrap().join().unwrap();
    });
}
