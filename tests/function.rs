//! Functions: traced once, called into the caller's memory, state updated in place.

use evanesce::RunErrorKind;
use evanesce::prelude::*;
use evanesce::runtime::error::{CallError, CallProblem};
use ndarray::{Array1, Array2, arr1, arr2};

fn integrator() -> Function {
    Function::trace(|f| {
        let x = f.input("x", DType::F64, [4]);
        let u = f.input("u", DType::F64, [4]);
        f.update(&x, &(&x + 0.5 * &u));
        f.output("energy", &(&x * &x).sum(()));
    })
    .unwrap()
}

#[test]
fn state_is_carried_from_call_to_call() {
    let mut step = integrator();
    let (mut x, u, mut energy) = (arr1(&[0.0, 1.0, 2.0, 3.0]), arr1(&[2.0, 0.0, -2.0, 4.0]), 0.0);
    for k in 0..5 {
        let expected = x.dot(&x);
        step.call(args![&mut x, &u], args![&mut energy]).unwrap();
        assert_eq!(energy, expected, "the state before step {k}");
    }
    assert_eq!(x, arr1(&[5.0, 1.0, -3.0, 13.0]));
    let counts = step.program().counts();
    assert_eq!((counts.temporaries, counts.copies), (0, 0), "{}", step.program());
}

#[test]
fn other_strides_are_another_variant_and_give_the_same() {
    let mut step = integrator();
    let mut wide = Array2::from_shape_fn((4, 3), |(i, _)| i as f64);
    let u = arr1(&[2.0, 0.0, -2.0, 4.0]);
    let mut energy = ndarray::arr0(0.0);
    step.call(args![wide.column_mut(1), u.slice(s![..;-1])], args![&mut energy]).unwrap();
    assert_eq!(wide.column(1), arr1(&[2.0, 0.0, 2.0, 4.0]));
    assert_eq!(wide.column(0), arr1(&[0.0, 1.0, 2.0, 3.0]));
    let mut x = arr1(&[0.0, 1.0, 2.0, 3.0]);
    step.call(args![&mut x, &u], args![&mut energy]).unwrap();
    assert_eq!(x, arr1(&[1.0, 1.0, 1.0, 5.0]));
}

#[test]
fn matrices_of_any_layout() {
    let mut product = Function::trace(|f| {
        let (a, b) = (f.input("a", DType::F64, [3, 5]), f.input("b", DType::F64, [5, 4]));
        f.output("c", &a.matmul(&b));
    })
    .unwrap();
    let a = Array2::from_shape_fn((3, 5), |(i, j)| (i * 5 + j) as f64);
    let b = Array2::from_shape_fn((5, 4), |(i, j)| (i * 4 + j) as f64 - 7.0);
    let expected = a.dot(&b);
    let (at, bt) = (a.t().as_standard_layout().into_owned(), b.t().as_standard_layout().into_owned());
    for a in [a.view(), at.t()] {
        for b in [b.view(), bt.t()] {
            let mut row_major = Array2::<f64>::zeros((3, 4));
            product.call(args![a, b], args![&mut row_major]).unwrap();
            assert_eq!(row_major, expected);
            assert_eq!(product.program().counts().copies, 0, "{}", product.program());
            let mut column_major = Array2::<f64>::zeros((4, 3));
            product.call(args![a, b], args![column_major.view_mut().reversed_axes()]).unwrap();
            assert_eq!(column_major.t(), expected);
        }
    }
}

#[test]
fn wrong_calls_name_the_array_and_the_line() {
    let mut step = integrator();
    let (mut x, u, mut energy) = (Array1::<f64>::zeros(4), Array1::<f64>::zeros(4), 0.0);
    let problem = |result: Result<(), Error>| match result {
        Err(Error::Call(CallError { problem, loc })) => {
            assert!(loc.to_string().contains("tests/function.rs"));
            problem
        }
        other => panic!("{other:?}"),
    };
    let count = |what, expected, found| CallProblem::Count { what, expected, found };
    assert_eq!(problem(step.call(args![&mut x], args![&mut energy])), count("inputs", 2, 1));
    assert_eq!(problem(step.call(args![&mut x, &u, &u], args![&mut energy])), count("inputs", 2, 3));
    assert_eq!(problem(step.call(args![&mut x, &u], args![])), count("outputs", 1, 0));
    assert_eq!(problem(step.call(args![&x, &u], args![&mut energy])), CallProblem::ReadOnly { name: "x".into() });
    assert_eq!(problem(step.call(args![&mut x, &u], args![&energy])), CallProblem::ReadOnly { name: "energy".into() });
    let short = Array1::<f64>::zeros(3);
    let text = step.call(args![&mut x, &short], args![&mut energy]).unwrap_err().to_string();
    assert!(text.starts_with("call: u is f64[4], not f64[3]\n  at tests/function.rs:"), "{text}");
    let narrow = Array1::<f32>::zeros(4);
    let text = step.call(args![&mut x, &narrow], args![&mut energy]).unwrap_err().to_string();
    assert!(text.starts_with("call: u is f64[4], not f32[4]"), "{text}");
    step.call(args![&mut x, &u], args![&mut energy]).unwrap();
}

#[test]
fn a_failing_call_leaves_the_state_as_it_was() {
    // The new state does not depend on the factor, so nothing but the rule keeps it from being written first.
    let mut step = Function::trace(|f| {
        let (x, s) = (f.input("x", DType::F64, [2]), f.input("s", DType::F64, [2, 2]));
        let next = &x * 2.0;
        f.update(&x, &next);
        f.output("l", &(s.cholesky() * next.sum(())));
    })
    .unwrap();
    let (mut x, mut l) = (arr1(&[1.0, 2.0]), Array2::<f64>::zeros((2, 2)));
    let error = step.call(args![&mut x, &arr2(&[[1.0, 2.0], [2.0, 1.0]])], args![&mut l]).unwrap_err();
    match error {
        Error::Run(error) => {
            assert_eq!(error.kind, RunErrorKind::NotPositiveDefinite { order: 2, batch_index: 0 });
            assert!(error.to_string().contains("tests/function.rs"), "{error}");
        }
        other => panic!("{other}"),
    }
    assert_eq!(x, arr1(&[1.0, 2.0]));
    step.call(args![&mut x, &Array2::<f64>::eye(2)], args![&mut l]).unwrap();
    assert_eq!((x, l), (arr1(&[2.0, 4.0]), arr2(&[[6.0, 0.0], [0.0, 6.0]])));
}

#[test]
fn a_donated_array_comes_back_as_the_result() {
    let mut f = Function::trace(|f| {
        let x = f.donated("x", DType::F64, [100]);
        f.output("y", &(&x * 2.0 + 1.0));
    })
    .unwrap();
    let x = Tensor::from(Array1::linspace(0.0, 1.0, 100).into_dyn());
    let (address, expected) = (x.view().as_ptr(), x.as_f64().unwrap() * 2.0 + 1.0);
    let y = f.apply(vec![x]).unwrap().swap_remove(0);
    assert_eq!(y.view().as_ptr(), address);
    assert_eq!(y.as_f64().unwrap(), &expected);
    // Given by `&`, it is only read.
    let x = Array1::linspace(0.0, 1.0, 100);
    let y = f.eval(args![&x]).unwrap().swap_remove(0);
    assert_eq!((x[99], y.as_f64().unwrap()), (1.0, &expected));
}

#[test]
fn updates_exchange_and_shift() {
    let mut f = Function::trace(|f| {
        let (a, b, c) = (f.input("a", DType::F64, [3]), f.input("b", DType::F64, [3]), f.input("c", DType::F64, [3]));
        f.update(&a, &b);
        f.update(&b, &a);
        f.update(&c, &c.slice(s![..;-1]));
    })
    .unwrap();
    let (mut a, mut b, mut c) = (arr1(&[1.0, 2.0, 3.0]), arr1(&[4.0, 5.0, 6.0]), arr1(&[7.0, 8.0, 9.0]));
    f.call(args![&mut a, &mut b, &mut c], args![]).unwrap();
    assert_eq!(a, arr1(&[4.0, 5.0, 6.0]));
    assert_eq!(b, arr1(&[1.0, 2.0, 3.0]));
    assert_eq!(c, arr1(&[9.0, 8.0, 7.0]));
}

#[test]
fn mistakes_in_a_closure_are_errors_of_the_trace() {
    let message = |closure: &dyn Fn(&mut Tracer)| match Function::trace(closure) {
        Err(Error::Expr(error)) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was accepted"),
    };
    let text = message(&|f| {
        let x = f.input("x", DType::F64, [3]);
        let y = f.input("y", DType::F64, [4]);
        f.output("z", &(&x + &y));
    });
    assert!(
        text.starts_with("add: the shapes cannot be broadcast together\n  operands: f64[3], f64[4]\n  at tests/"),
        "{text}"
    );
    let text = message(&|f| {
        f.input("x", DType::F64, [3]);
        f.input("x", DType::F64, [3]);
    });
    assert!(text.contains("there are two inputs x"), "{text}");
    let text = message(&|f| {
        let x = f.input("x", DType::F64, [3]);
        f.update(&x, &x.sum(()));
    });
    assert!(text.contains("f64[] does not fit in the input x: f64[3]"), "{text}");
    let text = message(&|f| {
        let x = f.input("x", DType::F64, [3]);
        f.update(&(&x + 1.0), &x);
    });
    assert!(text.contains("only an input of this function"), "{text}");
    let text = message(&|f| drop(f.input("2x", DType::F64, [3])));
    assert!(text.contains("is no name"), "{text}");
}

#[test]
fn clones_share_code_and_run_on_their_own_threads() {
    let step = integrator();
    std::thread::scope(|scope| {
        for t in 0..4 {
            let mut step = step.clone();
            scope.spawn(move || {
                let (mut x, u, mut energy) = (Array1::<f64>::zeros(4), Array1::from_elem(4, t as f64), 0.0);
                (0..100).for_each(|_| step.call(args![&mut x, &u], args![&mut energy]).unwrap());
                assert_eq!(x, Array1::from_elem(4, 50.0 * t as f64));
            });
        }
    });
}

#[test]
fn elements_are_put_into_the_state_or_none_is() {
    let mut step = Function::trace(|f| {
        let (table, rows) = (f.input("table", DType::F64, [5, 2]), f.input("rows", DType::I64, [3]));
        let y = f.input("y", DType::F64, [3, 2]);
        f.update(&table, &table.put(&rows, &y, Some(0)).add_at([&rows], 0.5));
    })
    .unwrap();
    let (mut table, y) = (Array2::<f64>::zeros((5, 2)), Array2::from_shape_fn((3, 2), |(i, j)| (2 * i + j + 1) as f64));
    step.call(args![&mut table, &arr1(&[4i64, 1, -1]), &y], args![]).unwrap();
    let expected = arr2(&[[0.0, 0.0], [3.5, 4.5], [0.0, 0.0], [0.0, 0.0], [6.0, 7.0]]);
    assert_eq!(table, expected);
    step.call(args![&mut table, &arr1(&[0i64, 1, 5]), &y], args![]).expect_err("5 is out of bounds");
    assert_eq!(table, expected);
    let mut columns = Array2::<f64>::zeros((2, 5));
    step.call(args![columns.t(), &arr1(&[0i64, 0, 2]), &y], args![]).expect_err("a view that may not be written");
    step.call(args![columns.view_mut().reversed_axes(), &arr1(&[0i64, 0, 2]), &y], args![]).unwrap();
    assert_eq!(columns.column(0), arr1(&[4.0, 5.0]));
}
