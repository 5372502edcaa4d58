//! Functions of the user's end to end: dispatch, broadcasting, strides, panics, on both doors and in the interpreters.

use evanesce::ir::expr::lower;
use evanesce::ir::interp;
use evanesce::ir::parse;
use evanesce::ir::tensor::Element;
use evanesce::ir::tensor::element::{C64, C128};
use evanesce::prelude::*;
use evanesce::runtime::{self, CallError};
use evanesce::{Engine, RunErrorKind, TensorView, TensorViewMut};
use ndarray::{Array, Array1, Array2, Array3, ArrayD, ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis};
use ndarray::{ArrayView0, arr0, arr1, arr2};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn floats(x: &Expr<'_>) -> ArrayD<f64> {
    everywhere(x).as_f64().expect("f64").clone()
}

/// The value by the engine, which the interpreters of graph and program give, too.
fn everywhere(x: &Expr<'_>) -> Tensor {
    let value = x.eval().expect("it runs");
    let lowered = lower(&[x]).expect("no mistake");
    let inputs: Vec<Tensor> = lowered.inputs.iter().map(|data| data.view().to_tensor()).collect();
    let by_graph = interp::graph(&lowered.graph, &inputs).expect("it runs").swap_remove(0);
    let program = evanesce::compiler::pipeline::run(&lowered.graph, &Default::default(), |_| {}).expect("no bug");
    let by_program = interp::program(&program, &inputs).expect("it runs").swap_remove(0);
    assert_eq!((&value, &value), (&by_graph, &by_program));
    value
}

fn dtype(x: &Expr<'_>) -> DType {
    x.ty().expect("no mistake").dtype
}

/// `x * y + 1` by elements and by blocks.
fn both() -> [Ufunc; 2] {
    let scalar = Ufunc::new("scalar").scalar(|x: f64, y: f64| x * y + 1.0);
    let block = Ufunc::new("block").block(|x: &[f64], y: &[f64], out: &mut [f64]| {
        assert!(x.len() == out.len() && y.len() == out.len() && (1..=512).contains(&out.len()));
        out.iter_mut().zip(x.iter().zip(y)).for_each(|(out, (x, y))| *out = x * y + 1.0);
    });
    [scalar, block]
}

#[test]
fn operands_of_any_strides_broadcast() {
    let a = Array2::from_shape_fn((37, 60), |(i, j)| i as f64 - 0.25 * j as f64);
    let b = Array1::linspace(-1.0, 1.0, 60);
    for f in both() {
        let views =
            [a.view(), a.slice(s![..;-1, ..]), a.slice(s![.., ..;-1]), a.slice(s![3..30;2, ..]), a.slice(s![5.., ..])];
        for view in views {
            let found = floats(&f.call((Expr::from(view), Expr::from(&b))));
            assert_eq!(found, (&view * &b + 1.0).into_dyn());
        }
        let columns = a.slice(s![.., 7..8]);
        assert_eq!(floats(&f.call((Expr::from(&a), Expr::from(columns)))), (&a * &columns + 1.0).into_dyn());
        assert_eq!(floats(&f.call((Expr::from(a.t()), 3.0))), (&a.t() * 3.0 + 1.0).into_dyn());
        assert_eq!(floats(&f.call((2, 3.0))), arr0(7.0).into_dyn());
        let deep = Array3::from_shape_fn((5, 7, 60), |(i, j, k)| (i + 2 * j) as f64 - k as f64);
        let turned = deep.view().permuted_axes([2, 0, 1]);
        let found = floats(&f.call((Expr::from(turned), Expr::from(a.slice(s![..5, ..7])))));
        assert_eq!(found, (&turned * &a.slice(s![..5, ..7]) + 1.0).into_dyn());
    }
}

#[test]
fn every_length_of_the_last_block() {
    for f in both() {
        for n in (0..20).chain(500..530).chain([1023, 1024, 1025]) {
            let (x, y) = (Array1::linspace(0.0, 1.0, n), Array1::linspace(3.0, 4.0, 2 * n));
            let y = y.slice(s![..;-2]);
            let found = f.call((Expr::from(&x), Expr::from(y))).eval().unwrap();
            assert_eq!(found.as_f64().unwrap(), &(&x * &y + 1.0).into_dyn(), "{n} elements");
        }
    }
}

#[test]
fn results_of_any_strides_are_written_where_they_lie() {
    let x = Array2::from_shape_fn((9, 70), |(i, j)| (i * 70 + j) as f64);
    for f in both() {
        let y = f.call((Expr::from(&x), 0.5));
        let mut memory = Array2::<f64>::from_elem((200, 30), -7.0);
        let target = memory.slice_mut(s![3..143;2, 2..29;3]).reversed_axes();
        y.eval_into(TensorViewMut::F64(target.into_dyn())).unwrap();
        let expected = &x * 0.5 + 1.0;
        assert_eq!(memory.slice(s![3..143;2, 2..29;3]).t(), expected);
        assert_eq!(memory.iter().filter(|x| **x == -7.0).count(), 200 * 30 - 9 * 70);
    }
}

#[test]
fn dispatch_is_numpys() {
    let f = Ufunc::new("f")
        .scalar(|x: bool, _: bool| x)
        .scalar(|_: f32, _: f32| 32.0f32)
        .scalar(|_: i64, _: f64| true)
        .scalar(|_: f64, _: f64| 64.0f64);
    let (b, i, s, d) = (arr1(&[true]), arr1(&[1i64]), arr1(&[1f32]), arr1(&[1f64]));
    let exprs = || [Expr::from(&b), Expr::from(&i), Expr::from(&s), Expr::from(&d)];
    // Which implementation takes two operands of these dtypes: the result tells.
    use DType::*;
    let expected = [[Bool, Bool, F32, Bool], [Bool, Bool, Bool, Bool], [F32, F64, F32, F64], [F64, F64, F64, F64]];
    let found = exprs().map(|x| exprs().map(|y| dtype(&f.call((&x, &y)))));
    assert_eq!(found, expected);
    // A scalar without a dtype takes that of a float, not of an integer; between such there are the default dtypes.
    assert_eq!(dtype(&f.call((Expr::from(&s), 1e300))), F32);
    assert_eq!(dtype(&f.call((Expr::from(&s), 1))), F32);
    assert_eq!(dtype(&f.call((Expr::from(&i), 0.5))), Bool);
    assert_eq!(dtype(&f.call((true, Expr::from(&s)))), F32);
    assert_eq!(dtype(&f.call((0.5, Expr::from(&b)))), F32);
    assert_eq!(dtype(&f.call((0.5, 0.5))), F64);
    assert_eq!(dtype(&f.call((1, 2.0))), Bool);
    // The first that fits, not the best.
    let wide = Ufunc::new("wide").scalar(|x: f64| x).scalar(|x: f32| x);
    assert_eq!(dtype(&wide.call(Expr::from(&s))), F64);
    // Nothing fits: f64 to i64 is not safe.
    let whole = Ufunc::new("whole").scalar(|x: i64| x);
    let refused = whole.call(Expr::from(&d));
    let error = refused.error().expect("no implementation").to_string();
    assert!(error.starts_with("whole: no implementation takes these dtypes; there are (i64) -> i64"), "{error}");
    assert!(error.contains("tests/custom.rs"), "{error}");
    assert_eq!(everywhere(&whole.call(Expr::from(&b))).as_i64().unwrap(), &arr1(&[1]).into_dyn());
}

#[test]
fn results_have_the_first_operands_dtype_where_that_is_said() {
    let root = Ufunc::new("root").scalar(|x: f64| x.sqrt()).matching_dtype();
    let (s, i) = (arr1(&[2f32, 9.0]), arr1(&[2i64, 9]));
    assert_eq!(everywhere(&root.call(Expr::from(&s))).as_f32().unwrap(), &arr1(&[2f64.sqrt() as f32, 3.0]).into_dyn());
    assert_eq!(everywhere(&root.call(Expr::from(&i))).as_i64().unwrap(), &arr1(&[1, 3]).into_dyn());
    assert_eq!(dtype(&root.call(2.0)), DType::F64);
    let total = Gufunc::new("total", "(n)->()").returning(|x: ArrayView1<f64>| x.sum()).matching_dtype();
    assert_eq!(dtype(&total.call(Expr::from(&s))), DType::F32);
}

#[test]
fn several_results_and_many_operands() {
    let divide = Ufunc::new("divide").scalar(|x: i64, y: i64| (x.div_euclid(y), x.rem_euclid(y) as f32, y < 0));
    let x = Array2::from_shape_fn((40, 50), |(i, j)| (i * 50 + j) as i64 - 1000);
    let [quotient, rest, negative] = divide.results((Expr::from(x.t()), -7));
    let sum = &quotient * -7 + &rest;
    assert_eq!(floats(&sum), x.t().mapv(|x| x as f64).into_dyn());
    assert!(everywhere(&negative.all(())).as_bool().unwrap()[[]]);
    let wrong: [Expr<'_>; 2] = divide.results((Expr::from(&x), 3));
    assert!(wrong[1].error().unwrap().to_string().starts_with("divide: has 3 results, not the 2 that the call takes"));

    let eight = Ufunc::new("eight").scalar(|a: f64, b: i64, c: bool, d: f32, e: f64, f: f64, g: f64, h: f64| {
        a + b as f64 + f64::from(u8::from(c)) + f64::from(d) + e + f + g + h
    });
    let (one, ones) = (arr1(&[1.0, 2.0]), arr1(&[true, false]));
    let one = Expr::from(&one);
    let found = floats(&eight.call((&one, 1, Expr::from(&ones), 0.5, &one, 1.0, &one, 0.25)));
    assert_eq!(found, arr1(&[6.75, 8.75]).into_dyn());
    let four = Ufunc::new("four").block(|x: &[f64], a: &mut [f64], b: &mut [bool], c: &mut [i64], d: &mut [f32]| {
        for (i, &x) in x.iter().enumerate() {
            (a[i], b[i], c[i], d[i]) = (x + 1.0, x > 0.0, x as i64, x as f32);
        }
    });
    let x = Array1::linspace(-2.0, 2.0, 700);
    let [a, b, c, d] = four.results(Expr::from(x.slice(s![..;-1])));
    let x = x.slice(s![..;-1]);
    assert_eq!(floats(&a), (&x + 1.0).into_dyn());
    assert_eq!(everywhere(&b).as_bool().unwrap(), &x.mapv(|x| x > 0.0).into_dyn());
    assert_eq!(everywhere(&c).as_i64().unwrap(), &x.mapv(|x| x as i64).into_dyn());
    assert_eq!(everywhere(&d).as_f32().unwrap(), &x.mapv(|x| x as f32).into_dyn());
}

/// Elements of every size and both kinds of call, in place and through scratch memory.
#[test]
fn every_dtype_is_an_element() {
    let mut seen = Vec::new();
    macro_rules! each {
        ($($ty:ty)*) => {$({
            let f = Ufunc::new("f").scalar(|x: $ty, y: $ty| if x == y { x } else { <$ty>::default() });
            let g = Gufunc::new("g", "(n)->(n)").returning(|x: ArrayView1<'_, $ty>| x.slice(s![..;-1]).to_owned());
            let numbers = Array2::from_shape_fn((40, 30), |(i, j)| (i * j % 2) as i64);
            let cast = Expr::from(&numbers).astype(<$ty as Element>::DTYPE).eval().unwrap();
            let x = cast.into_array::<$ty, ndarray::Ix2>().expect("the dtype");
            let exact = Expr::from(&numbers).astype(<$ty as Element>::DTYPE);
            let found = everywhere(&f.call((Expr::from(&x), Expr::from(&x))));
            assert_eq!(found, Tensor::from(x.clone().into_dyn()));
            let found = everywhere(&f.call((Expr::from(x.t()), exact.t())));
            assert_eq!(found, Tensor::from(x.t().as_standard_layout().into_owned().into_dyn()));
            let reversed = x.slice(s![.., ..;-1]);
            let found = everywhere(&g.call(Expr::from(reversed)));
            assert_eq!(found, Tensor::from(x.clone().into_dyn()));
            let one = f.call((<$ty>::default(), Expr::from(arr0(<$ty>::default()))));
            let text = one.to_string();
            let functions = [f.function().unwrap().clone()];
            assert_eq!(parse::graph_with(&text, &functions).unwrap().to_string(), text);
            seen.push(<$ty as Element>::DTYPE);
        })*};
    }
    each! { bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 C64 C128 }
    assert_eq!(seen, DType::ALL);
}

#[test]
fn a_function_pointer_is_a_function() {
    extern "C" fn cube(x: f64) -> f64 {
        x * x * x
    }
    let f = Ufunc::new("f").scalar(i64::wrapping_abs).scalar(f32::floor).scalar(|x: f64| cube(x));
    assert_eq!(floats(&f.call(3.0)), arr0(27.0).into_dyn());
    assert_eq!(everywhere(&f.call(-7)).as_i64().unwrap(), &arr0(7).into_dyn());
    assert_eq!(everywhere(&f.call(Expr::from(arr0(1.5f32)))).as_f32().unwrap(), &arr0(1.0).into_dyn());
}

#[test]
fn it_fuses_with_nothing_but_is_one_call_of_equal_ones() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let f = Ufunc::new("counted").scalar(move |x: f64| {
        counted.fetch_add(1, Ordering::Relaxed);
        x + 1.0
    });
    let mut function = Function::trace(|t| {
        let x = t.input("x", DType::F64, [10]);
        let unused = f.call(x.exp());
        t.output("y", &(f.call(2.0 * &x) * f.call(2.0 * &x) + f.clone().call(2.0 * &x)));
        drop(unused);
        t.output("c", &f.call(Expr::from(arr1(&[1.0, 2.0]))));
    })
    .unwrap();
    let counts = function.program().counts();
    assert_eq!(
        (counts.kernels, counts.copies, &counts.calls[..]),
        (2, 0, &["custom \"counted\"".to_string(), "custom \"counted\"".to_string()][..])
    );
    assert_eq!(calls.load(Ordering::Relaxed), 0, "compiling calls nothing");
    let x = Array1::linspace(0.0, 9.0, 10);
    let (mut y, mut c) = (Array1::zeros(10), Array1::zeros(2));
    function.call(args![&x], args![&mut y, &mut c]).unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 12);
    assert_eq!((y, c), (x.mapv(|x| (2.0 * x + 1.0) * (2.0 * x + 1.0) + 2.0 * x + 1.0), arr1(&[2.0, 3.0])));
    // Another function of the same name and code is another function.
    let other = Ufunc::new("counted").scalar(|x: f64| x + 1.0);
    let program = Function::trace(|t| {
        let x = t.input("x", DType::F64, [10]);
        t.output("y", &(f.call(&x) - other.call(&x)));
    });
    assert_eq!(program.unwrap().program().counts().calls.len(), 2);
}

#[test]
fn programs_are_kept_by_the_function_not_its_name() {
    let engine = Engine::default();
    let make = |k: f64| Ufunc::new("times").scalar(move |x: f64| k * x);
    let (two, three, x) = (make(2.0), make(3.0), arr1(&[1.0, 5.0]));
    let run = |f: &Ufunc| engine.evaluate(&[&f.call(Expr::from(&x))]).unwrap().swap_remove(0);
    for _ in 0..2 {
        for (f, k) in [(&two, 2.0), (&three, 3.0)] {
            assert_eq!(run(f).as_f64().unwrap(), &x.mapv(|x| k * x).into_dyn());
        }
    }
    assert_eq!(engine.programs(), 2, "a program for each function");
}

fn panicking() -> Ufunc {
    Ufunc::new("picky").scalar(|x: f64| {
        assert!(x != 600.0, "I do not like {x}");
        x
    })
}

#[test]
fn a_panic_is_an_error_and_everything_goes_on() {
    let (f, engine, bad) = (panicking(), Engine::default(), Array1::linspace(0.0, 999.0, 1000));
    let eval = |x: &Array1<f64>, line: &mut u32| {
        *line = line!() + 1;
        let y = 2.0 * f.call(Expr::from(x));
        engine.evaluate(&[&y]).map(|mut y| y.swap_remove(0))
    };
    let (good, mut line) = (&bad + 1000.0, 0);
    for _ in 0..3 {
        let Err(Error::Run(error)) = eval(&bad, &mut line) else { panic!("it fails") };
        assert_eq!(
            (&*error.op, &error.kind),
            ("picky", &RunErrorKind::Panicked { message: "I do not like 600".into() })
        );
        let text = error.to_string();
        assert!(text.contains(&format!("tests/custom.rs:{line}:")), "{text}");
        assert_eq!(eval(&good, &mut line).unwrap().as_f64().unwrap(), &(2.0 * &good).into_dyn());
    }
    let silent = Ufunc::new("silent").block(|_: &[f64], _: &mut [f64]| std::panic::panic_any(7));
    let Err(Error::Run(error)) = silent.call(1.0).eval() else { panic!("it fails") };
    assert_eq!(error.kind, RunErrorKind::Panicked { message: "it did not say why".into() });
}

#[test]
fn a_call_that_panics_leaves_the_state_as_it_was() {
    let f = panicking();
    let mut step = Function::trace(|t| {
        let x = t.input("x", DType::F64, [3]);
        let u = t.input("u", DType::F64, [3]);
        t.update(&x, &(f.call(&x) + &u));
        t.update(&u, &f.call(&u));
        t.output("sum", &f.call(&x + &u).sum(()));
    })
    .unwrap();
    let (mut x, mut u, mut sum) = (arr1(&[1.0, 2.0, 3.0]), arr1(&[1.0, 1.0, 1.0]), 0.0);
    step.call(args![&mut x, &mut u], args![&mut sum]).unwrap();
    assert_eq!((x.clone(), sum), (arr1(&[2.0, 3.0, 4.0]), 9.0));
    for wrong in [[600.0, 0.0, 0.0], [598.0, 0.0, 0.0]] {
        u.assign(&arr1(&wrong));
        let error = step.call(args![&mut x, &mut u], args![&mut sum]).unwrap_err();
        assert!(matches!(error, Error::Run(ref e) if e.op == "picky"), "{error}");
        assert_eq!((x.clone(), u.clone()), (arr1(&[2.0, 3.0, 4.0]), arr1(&wrong)));
    }
    u.fill(-1.0);
    step.call(args![&mut x, &mut u], args![&mut sum]).unwrap();
    assert_eq!((x, sum), (arr1(&[1.0, 2.0, 3.0]), 6.0));
}

#[test]
fn a_function_may_evaluate() {
    let nested = Ufunc::new("nested").block(|x: &[f64], y: &mut [f64]| {
        let inner = Ufunc::new("inner").scalar(|x: f64| x - 1.0);
        let value = (inner.call(Expr::from(ArrayView1::from(x))) * 2.0).eval().expect("it runs");
        y.copy_from_slice(value.as_f64().expect("f64").as_slice().expect("row-major"));
    });
    let x = Array1::linspace(0.0, 1.0, 600);
    assert_eq!(floats(&nested.call(Expr::from(&x))), ((&x - 1.0) * 2.0).into_dyn());
}

#[test]
fn donated_memory_and_temporaries_are_no_operands_overwritten() {
    let [f, _] = both();
    let mut function = Function::trace(|t| {
        let x = t.donated("x", DType::F64, [1000]);
        let once = f.call((&x, 2.0));
        t.output("y", &f.call((f.call((&once, &once)), &once)));
    })
    .unwrap();
    let x = Array1::linspace(0.0, 1.0, 1000);
    let found = function.apply(vec![x.clone().into_dyn().into()]).unwrap().swap_remove(0);
    let expected = x.mapv(|x| {
        let once = x * 2.0 + 1.0;
        (once * once + 1.0) * once + 1.0
    });
    assert_eq!(found.as_f64().unwrap(), &expected.into_dyn());
}

#[test]
fn mistakes_in_a_definition_are_carried_along() {
    let x = arr1(&[1.0, 2.0]);
    let message = |f: Result<&evanesce::ir::custom::Custom, &evanesce::ir::error::Error>| {
        let text = f.expect_err("a mistake").to_string();
        assert!(text.contains("at tests/custom.rs:"), "{text}");
        text.lines().next().unwrap_or_default().to_string()
    };
    let differing = Ufunc::new("f").scalar(|x: f64| x).scalar(|x: f32, y: f32| x * y);
    let expected = "f: an implementation has 2 operands and 1 result, the function 1 operand and 1 result";
    assert_eq!(message(differing.function()), expected);
    let called = (differing.call(Expr::from(&x)) + 1.0).eval().unwrap_err().to_string();
    assert!(called.starts_with(expected), "{called}");
    let twice = Ufunc::new("f").scalar(|x: f64| x).scalar(|x: f64| (x, x));
    assert!(message(twice.function()).starts_with("f: an implementation has 1 operand and 2 results"));
    let twice = Ufunc::new("f").scalar(|x: f64| x).block(|_: &[f64], _: &mut [f64]| ());
    assert_eq!(message(twice.function()), "f: there are two implementations for (f64)");
    assert!(message(Ufunc::new("say \"f\"").function()).contains("is no name"));
    let none = Ufunc::new("none").call(1.0);
    assert!(none.error().unwrap().to_string().starts_with("none: the function has no implementation"));
    let unary = Ufunc::new("f").scalar(|x: f64| x);
    assert!(unary.call((1.0, 2.0)).error().unwrap().to_string().starts_with("f: takes 1 operands, not 2"));

    assert!(message(Gufunc::new("g", "(n->()").function()).starts_with("g: the signature (n->(): expected"));
    let wrong = Gufunc::new("g", "(n,n)->()").returning(|x: ArrayView1<f64>| x.sum());
    assert_eq!(
        message(wrong.function()),
        "g: operand 0 of an implementation has 1 axes, not 2; the signature is (n,n)->()"
    );
    let wrong = Gufunc::new("g", "(n)->(n)").returning(|x: ArrayView1<f64>| x.sum());
    assert!(message(wrong.function()).starts_with("g: result 0 of an implementation has 0 axes, not 1"));
    let wrong = Gufunc::new("g", "(n),(n)->()").returning(|x: ArrayView1<f64>| x.sum());
    assert!(message(wrong.function()).contains("has 1 operand and 1 result, the function 2 operands and 1 result"));
}

#[test]
fn what_was_shared_does_not_change() {
    let f = Ufunc::new("f").scalar(|x: f64| x + 1.0);
    let y = f.call(1.0);
    let g = f.clone().scalar(|x: f32| x + 2.0);
    assert_eq!(floats(&y), arr0(2.0).into_dyn());
    assert_eq!(dtype(&g.call(Expr::from(arr1(&[1f32])))), DType::F64, "the first loop is f64's");
    assert_ne!(f.function().unwrap(), g.function().unwrap());
    assert_eq!(f.function().unwrap(), f.clone().function().unwrap());
}

#[test]
fn a_traced_function_leaves_its_ops_alone() {
    let softplus = TracedUfunc::new("softplus", |[x]| (-x.abs()).exp().log1p() + x.maximum(0.0));
    let mix = TracedUfunc::new("mix", |[x, y, t]| &x + (y - &x) * t);
    let function = Function::trace(|t| {
        let x = t.input("x", DType::F64, [20, 30]);
        let y = t.input("y", DType::F64, [20, 30]);
        t.output("z", &softplus.call(mix.call((&x, softplus.call(&y), 0.25))));
    })
    .unwrap();
    let counts = function.program().counts();
    assert_eq!((counts.kernels, counts.temporaries, counts.copies, counts.calls.len()), (1, 0, 0, 0));
    let (x, y) = (Array2::from_shape_fn((20, 30), |(i, j)| i as f64 - j as f64), Array1::linspace(-4.0, 4.0, 30));
    let (x, y) = (Expr::from(&x), Expr::from(&y));
    let by_hand = |x: &Expr<'_>| ((-x.abs()).exp().log1p() + x.maximum(0.0)).eval().unwrap();
    assert_eq!(everywhere(&softplus.call(&x)), by_hand(&x));
    assert_eq!(floats(&(mix.call((&x, &y, 0.25)) - (&x + (&y - &x) * 0.25))), Array2::zeros((20, 30)).into_dyn());
}

#[test]
fn a_traced_function_broadcasts_and_promotes_by_itself() {
    let first = TracedUfunc::new("first", |[x, y]| [x.clone(), x + y]);
    let (x, y) = (arr2(&[[1f32], [2.0]]), arr1(&[1f32, 2.0, 3.0]));
    let [same, sum] = first.results((Expr::from(&x), Expr::from(&y)));
    assert_eq!(same.ty().unwrap().to_string(), "f32[2, 3]");
    assert_eq!(everywhere(&same).as_f32().unwrap(), &x.broadcast((2, 3)).unwrap().to_owned().into_dyn());
    assert_eq!(everywhere(&sum).as_f32().unwrap(), &(&x + &y).into_dyn());
    let [_, weak] = first.results((Expr::from(&x), 2.0));
    assert_eq!(dtype(&weak), DType::F32);
    let [_, strong] = first.results((Expr::from(arr1(&[1i64])), 2.5));
    assert_eq!(floats(&strong), arr1(&[3.5]).into_dyn());
    let opaque = Ufunc::new("opaque").scalar(|x: f64| x.floor());
    let around = TracedUfunc::new("around", move |[x]| opaque.call(x + 0.5));
    assert_eq!(floats(&around.call(Expr::from(&arr2(&[[0.4, 0.6]])))), arr2(&[[0.0, 1.0]]).into_dyn());
    let constant = TracedUfunc::new("constant", |[_]| Expr::from(arr0(7.0)));
    assert_eq!(floats(&constant.call(Expr::from(&x))), arr2(&[[7.0], [7.0]]).into_dyn());

    let text = |x: &Expr<'_>| x.error().expect("a mistake").to_string();
    let sums = TracedUfunc::new("sums", |[x]| x.sum(()));
    assert!(text(&sums.call(Expr::from(&y))).starts_with("sums: sum does not work element by element"));
    let captured = TracedUfunc::new("captured", |[x]| x + Expr::from(arr1(&[1.0, 2.0])));
    assert!(text(&captured.call(1.0)).starts_with("captured: constant does not work element by element"));
    let minus = TracedUfunc::new("minus", |[x, y]| x - y);
    let wrong = text(&minus.call((Expr::from(arr1(&[true])), true)));
    assert!(wrong.starts_with("minus: subtract: not defined for bool") && wrong.contains("tests/custom.rs"), "{wrong}");
    assert!(
        text(&minus.call((Expr::from(arr1(&[1.0, 2.0])), Expr::from(&y)))).contains("cannot be broadcast together")
    );
    assert!(text(&minus.call(1.0)).starts_with("minus: takes 2 operands, not 1"));
}

fn matvec() -> Gufunc {
    Gufunc::new("matvec", "(m,n),(n)->(m)")
        .views(|a: ArrayView2<f32>, x: ArrayView1<f32>, mut y: ArrayViewMut1<f32>| y.assign(&a.dot(&x)))
        .returning(|a: ArrayView2<f64>, x: ArrayView1<f64>| a.dot(&x))
}

#[test]
fn core_arrays_are_seen_as_they_lie() {
    let seen = Gufunc::new("seen", "(m,n)->(m,n),(2)").views(
        |a: ArrayView2<f64>, mut b: ArrayViewMut2<f64>, mut strides: ArrayViewMut1<f64>| {
            b.assign(&(&a * 2.0));
            strides.assign(&arr1(&[a.strides()[0] as f64, a.strides()[1] as f64]));
        },
    );
    let a = Array3::from_shape_fn((4, 6, 5), |(i, j, k)| (100 * i + 10 * j + k) as f64);
    let cases = [
        (a.view(), [5.0, 1.0]),
        (a.view().permuted_axes([0, 2, 1]), [1.0, 5.0]),
        (a.slice(s![.., ..;-1, ..]), [-5.0, 1.0]),
        (a.slice(s![..;-2, 1..5;3, ..;-2]), [15.0, -2.0]),
        (a.view().permuted_axes([2, 1, 0]), [5.0, 30.0]),
    ];
    for (view, strides) in cases {
        let [b, found] = seen.results(Expr::from(view));
        assert_eq!(floats(&b), (&view * 2.0).into_dyn());
        // The interpreters have the arrays in a row-major copy; the engine has them where they are.
        let found = found.eval().unwrap();
        assert!(found.as_f64().unwrap().rows().into_iter().all(|row| row == arr1(&strides)), "{found} {strides:?}");
    }
}

#[test]
fn stacks_broadcast_and_loops_are_chosen_by_dtype() {
    let a = Array::from_shape_fn((3, 1, 4, 5), |(i, _, j, k)| (i + 2 * j) as f64 - k as f64);
    let x = Array3::from_shape_fn((1, 2, 5), |(_, i, j)| (3 * i + j) as f64);
    let found = floats(&matvec().call((Expr::from(&a), Expr::from(&x))));
    assert_eq!(found.shape(), [3, 2, 4]);
    for i in 0..3 {
        for j in 0..2 {
            let (a, x): (ArrayView2<'_, f64>, ArrayView1<'_, f64>) = (a.slice(s![i, 0, .., ..]), x.slice(s![0, j, ..]));
            let expected = a.dot(&x);
            assert_eq!(found.slice(s![i, j, ..]), expected);
        }
    }
    let (a32, ai) = (a.mapv(|x| x as f32), a.mapv(|x| x as i64));
    let x32 = x.mapv(|x| x as f32);
    assert_eq!(dtype(&matvec().call((Expr::from(&a32), Expr::from(&x32)))), DType::F32);
    assert_eq!(floats(&matvec().call((Expr::from(&ai), Expr::from(&x32)))), found);
    let out = matvec().call((Expr::from(&a), Expr::from(&x)));
    let mut memory = Array3::<f64>::zeros((4, 3, 2));
    out.eval_into(TensorViewMut::F64(memory.view_mut().permuted_axes([1, 2, 0]).into_dyn())).unwrap();
    assert_eq!(memory.permuted_axes([1, 2, 0]).into_dyn(), found);
}

#[test]
fn sizes_are_computed_and_may_be_constant() {
    let cumulative = Gufunc::new("cumulative", "(n)->(n+1)").returning(|x: ArrayView1<f64>| {
        let mut sum = 0.0;
        std::iter::once(0.0)
            .chain(x.iter().map(|x| {
                sum += x;
                sum
            }))
            .collect::<Array1<f64>>()
    });
    let x = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let expected = arr2(&[[0.0, 1.0, 3.0, 6.0], [0.0, 4.0, 9.0, 15.0]]);
    assert_eq!(floats(&cumulative.call(Expr::from(&x))), expected.into_dyn());
    let powers = Gufunc::new("powers", "()->(3)")
        .views(|x: ArrayView0<f64>, mut y: ArrayViewMut1<f64>| y.assign(&arr1(&[1.0, x[()], x[()] * x[()]])));
    assert_eq!(floats(&powers.call(Expr::from(&arr1(&[2.0, 3.0])))), arr2(&[[1., 2., 4.], [1., 3., 9.]]).into_dyn());
    assert_eq!(floats(&powers.call(5)), arr1(&[1.0, 5.0, 25.0]).into_dyn());
    let kron = Gufunc::new("kron", "(n),(m)->(n*m)").returning(|x: ArrayView1<i64>, y: ArrayView1<i64>| {
        x.iter().flat_map(|x| y.iter().map(move |y| x * y)).collect::<Array1<i64>>()
    });
    let (x, y) = (arr1(&[1i64, 2]), arr1(&[10i64, 20, 30]));
    let found = everywhere(&kron.call((Expr::from(&x), Expr::from(&y))));
    assert_eq!(found.as_i64().unwrap(), &arr1(&[10, 20, 30, 20, 40, 60]).into_dyn());
    let norm = Gufunc::new("norm", "(3)->(),()").returning(|x: ArrayView1<f64>| (x.dot(&x).sqrt(), x[0] > 0.0));
    let [length, ahead] = norm.results(Expr::from(arr2(&[[3.0, 4.0, 0.0], [-1.0, 0.0, 0.0]])));
    assert_eq!(floats(&length), arr1(&[5.0, 1.0]).into_dyn());
    assert_eq!(everywhere(&ahead).as_bool().unwrap(), &arr1(&[true, false]).into_dyn());
    assert_eq!(powers.call(1.0).ty().unwrap().to_string(), "f64[3]");

    let text = |x: Expr<'_>| x.error().expect("a mistake").to_string();
    let wrong = text(norm.results::<2>(Expr::from(&arr1(&[1.0]))).into_iter().next().unwrap());
    assert!(wrong.starts_with("norm: a size of operand 0 is 1, not 3; the signature is (3)->(),()"), "{wrong}");
    assert!(wrong.contains("operands: f64[1]") && wrong.contains("tests/custom.rs"), "{wrong}");
    let (a, x) = (Array2::<f64>::zeros((2, 3)), Array1::<f64>::zeros(4));
    let wrong = text(matvec().call((Expr::from(&a), Expr::from(&x))));
    assert!(wrong.contains("n is 3 in operand 0 and 4 in operand 1; the signature is (m,n),(n)->(m)"), "{wrong}");
    assert!(wrong.contains("operands: f64[2, 3], f64[4]"), "{wrong}");
    let wrong = text(matvec().call((Expr::from(&x), Expr::from(&x))));
    assert!(wrong.contains("operand 0 has 1 axes, not 2 core axes"), "{wrong}");
    let stacks = (Array3::<f64>::zeros((2, 3, 3)), Array2::<f64>::zeros((3, 3)));
    assert!(text(matvec().call((Expr::from(&stacks.0), Expr::from(&stacks.1)))).contains("cannot be broadcast"));
}

#[test]
fn nothing_is_called_for_an_empty_stack_and_empty_cores_are_arrays() {
    let shape =
        Gufunc::new("shape", "(m,n)->(2)").returning(|a: ArrayView2<f64>| arr1(&[a.nrows() as i64, a.ncols() as i64]));
    let empty = Array3::<f64>::zeros((0, 2, 2));
    assert_eq!(shape.call(Expr::from(&empty)).eval().unwrap().shape(), [0, 2]);
    let thin = Array3::<f64>::zeros((2, 3, 0));
    let found = everywhere(&shape.call(Expr::from(thin.slice(s![..;-1, ..;-1, ..]))));
    assert_eq!(found.as_i64().unwrap(), &arr2(&[[3, 0], [3, 0]]).into_dyn());
    let [f, _] = both();
    assert_eq!(f.call((Expr::from(&empty), 1.0)).eval().unwrap().shape(), [0, 2, 2]);
}

#[test]
fn generalized_functions_fail_as_errors() {
    let wrong = Gufunc::new("wrong", "(n)->(n)").returning(|x: ArrayView1<f64>| x.slice(s![1..]).to_owned());
    let x = Array2::<f64>::zeros((2, 3));
    let Err(Error::Run(error)) = wrong.call(Expr::from(&x)).eval() else { panic!("it fails") };
    assert_eq!(error.kind, RunErrorKind::ResultShape { result: 0, expected: vec![3], found: vec![2] });
    assert!(
        error
            .to_string()
            .starts_with("wrong: result 0 of the function has the shape (2,), not (3,)\n  at tests/custom.rs")
    );
    let mut picky = Function::trace(|t| {
        let x = t.input("x", DType::F64, [2, 3]);
        let f = Gufunc::new("picky", "(n)->(n)").views(|x: ArrayView1<f64>, mut y: ArrayViewMut1<f64>| {
            assert!(x[0] > 0.0, "not positive: {}", x[0]);
            y.assign(&x);
        });
        t.update(&x, &f.call(&x + 1.0));
    })
    .unwrap();
    let mut x = arr2(&[[1.0, 2.0, 3.0], [-7.0, 5.0, 6.0]]);
    let error = picky.call(args![&mut x], args![]).unwrap_err();
    assert!(error.to_string().starts_with("picky: the function panicked: not positive: -6"), "{error}");
    assert_eq!(x, arr2(&[[1.0, 2.0, 3.0], [-7.0, 5.0, 6.0]]));
    x[[1, 0]] = 4.0;
    picky.call(args![&mut x], args![]).unwrap();
    assert_eq!(x, arr2(&[[2.0, 3.0, 4.0], [5.0, 6.0, 7.0]]));
    assert!(!matches!(error, Error::Call(CallError { .. })));
}

#[test]
fn results_that_feed_kernels_and_calls_lie_where_they_are_read() {
    let orthogonal =
        Gufunc::new("reverse", "(m,n)->(n,m)").returning(|a: ArrayView2<f64>| a.t().slice(s![..;-1, ..]).to_owned());
    let a = Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (i + j * k) as f64);
    let x = Expr::from(&a);
    let y = orthogonal.call(x.exp()).matmul(&x).sum(1) + orthogonal.call(&x).sum(2);
    fn reversed<'a>(x: &Expr<'a>) -> Expr<'a> {
        x.matrix_transpose().slice(s![.., ..;-1, ..])
    }
    let expected = (reversed(&x.exp()).matmul(&x).sum(1) + reversed(&x).sum(2)).eval().unwrap();
    let found = y.eval().unwrap();
    assert!(
        found.as_f64().unwrap().iter().zip(expected.as_f64().unwrap()).all(|(x, y)| (x - y).abs() <= 1e-9 * y.abs())
    );
}

#[test]
fn text_names_functions_and_readers_are_given_them() {
    let [f, _] = both();
    let function = Function::trace(|t| {
        let x = t.input("x", DType::F64, [3]);
        t.output("y", &f.call((x.exp(), 2.0)));
    })
    .unwrap();
    let graph = function.graph().unwrap().to_string();
    assert!(graph.contains("%1: f64[3] = custom \"scalar\" %0, 2.0f64"), "{graph}");
    let refused = parse::graph(&graph).unwrap_err().render("f.ir", &graph);
    let expected =
        "f.ir:3:21: there is no function \"scalar\" here: it is Rust code of the program that wrote this text";
    assert!(refused.starts_with(expected), "{refused}");
    let functions = [f.function().unwrap().clone()];
    assert_eq!(&parse::graph_with(&graph, &functions).unwrap(), function.graph().unwrap());
    let program = function.program().to_string();
    assert!(parse::program(&program).is_err());
    let read = parse::program_with(&program, &functions).unwrap();
    assert_eq!(read.clone().without_locs(), function.program().clone().without_locs());
    // What was read runs.
    let mut again = Function::from_program(read, &runtime::Options::default()).unwrap();
    let (x, mut y) = (arr1(&[0.0, 1.0, 2.0]), Array1::<f64>::zeros(3));
    again.call(args![&x], args![&mut y]).unwrap();
    assert_eq!(y, x.mapv(|x| Expr::from(arr0(x)).exp().eval().unwrap().as_f64().unwrap()[[]] * 2.0 + 1.0));
    let other = Ufunc::new("scalar").scalar(|x: f64| x);
    let wrong = parse::graph_with(&graph, &[other.function().unwrap().clone()]).unwrap_err();
    assert!(wrong.to_string().contains("scalar: takes 1 operands, not 2"), "{wrong}");
}

#[test]
fn functions_are_shared_by_threads() {
    let [f, g] = both();
    let x = Array1::linspace(0.0, 1.0, 2000);
    let expected = (&x * &x + 1.0) * &x + 1.0;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let x = Expr::from(&x);
                    let y = g.call((f.call((&x, &x)), &x)).eval().unwrap();
                    assert_eq!(y.as_f64().unwrap(), &expected.clone().into_dyn());
                }
            });
        }
    });
}

#[test]
fn axes_beyond_those_that_ndarray_holds_inline() {
    let flip = Gufunc::new("flip", "(a,b,c,d,e)->(e,d,c,b,a)")
        .views(|x: ndarray::ArrayView5<f64>, mut y: ndarray::ArrayViewMut5<f64>| y.assign(&x.reversed_axes()));
    let x = Array::from_shape_fn((2, 2, 1, 3, 2, 2), |(i, j, k, l, m, n)| {
        (i + 2 * j + 3 * k + 5 * l + 7 * m + 11 * n) as f64
    });
    let found = floats(&flip.call(Expr::from(x.slice(s![.., .., .., ..;-1, .., ..]))));
    let expected = x.slice(s![.., .., .., ..;-1, .., ..]).permuted_axes([0, 5, 4, 3, 2, 1]).to_owned();
    assert_eq!(found, expected.into_dyn());
    let any = TensorView::F64(x.view().into_dyn());
    assert_eq!(any.shape(), x.shape());
    assert_eq!(x.len_of(Axis(3)), 3);
}
