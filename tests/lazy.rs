//! The lazy door end to end: arrays and views of any strides in, arrays out, programs kept by structure.

use evanesce::prelude::*;
use evanesce::{Engine, RunErrorKind, TensorViewMut};
use ndarray::{Array, Array1, Array2, ArrayD, Axis, arr0, arr1, arr2};

fn close(found: &Tensor, expected: &ArrayD<f64>) {
    let found = found.as_f64().expect("f64");
    assert_eq!(found.shape(), expected.shape());
    let near = |(x, y): (&f64, &f64)| (x - y).abs() <= 1e-13 * y.abs().max(1.0);
    assert!(found.iter().zip(expected).all(near), "{found} is not {expected}");
}

#[test]
fn the_front_page_expression() {
    let a = Array2::from_shape_fn((7, 13), |(i, j)| i as f64 - 0.3 * j as f64);
    let b = Array1::linspace(-1.0, 1.0, 13);
    let y = (2.0 * Expr::from(&a) + Expr::from(&b)).sin().sum(0);
    let expected = (2.0 * &a + &b).mapv(f64::sin).sum_axis(Axis(0));
    close(&y.eval().unwrap(), &expected.into_dyn());
}

#[test]
fn views_of_any_strides_are_read_where_they_lie() {
    let a = Array2::from_shape_fn((6, 9), |(i, j)| (10 * i + j) as f64);
    let b = Array1::linspace(0.0, 1.0, 6);
    let views = [a.view(), a.slice(s![..;-1, ..]), a.slice(s![1..5;2, 2..8;-1]), a.slice(s![.., ..;3]), a.t()];
    for view in views {
        let doubled = (Expr::from(view) * 2.0 + 1.0).eval().unwrap();
        close(&doubled, &(&view * 2.0 + 1.0).into_dyn());
    }
    let repeated = b.broadcast((4, 6)).unwrap();
    close(&Expr::from(repeated).sum(0).eval().unwrap(), &(&b * 4.0).into_dyn());
    let product = Expr::from(a.t()).matmul(Expr::from(a.slice(s![..;-1, ..;2])));
    close(&product.eval().unwrap(), &a.t().dot(&a.slice(s![..;-1, ..;2])).into_dyn());
}

#[test]
fn results_are_written_into_views() {
    let a = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let mut out = Array2::from_elem((4, 6), -1.0);
    {
        let view = out.slice_mut(s![1..3, 1..6;-2]);
        (Expr::from(&a) * 10.0).eval_into(TensorViewMut::F64(view.into_dyn())).unwrap();
    }
    let mut expected = Array2::from_elem((4, 6), -1.0);
    expected.slice_mut(s![1..3, 1..6;-2]).assign(&(&a * 10.0));
    assert_eq!(out, expected);
    let error = Expr::from(&a).eval_into(TensorViewMut::F64(out.view_mut().into_dyn())).unwrap_err();
    assert!(error.to_string().contains("f64[2, 3], not f64[4, 6]"), "{error}");
}

#[test]
fn scalars_and_empty_arrays_are_arrays() {
    let (zero_d, empty) = (arr0(2.5), Array2::<f64>::zeros((0, 4)));
    close(&(Expr::from(&zero_d) + 1.0).eval().unwrap(), &arr0(3.5).into_dyn());
    close(&Expr::from(&empty).sum(0).eval().unwrap(), &Array1::<f64>::zeros(4).into_dyn());
    close(&Expr::from(&empty).exp().eval().unwrap(), &empty.clone().into_dyn());
    close(&Expr::from(&empty).t().matmul(Expr::from(&empty)).eval().unwrap(), &Array2::<f64>::zeros((4, 4)).into_dyn());
    close(&Expr::from(&Array2::<f64>::zeros((0, 0))).det().eval().unwrap(), &arr0(1.0).into_dyn());
    assert!(Expr::from(&empty).max(0).error().is_some());
    assert!(Expr::from(&empty).max(1).error().is_none());
}

#[test]
fn one_dtype_for_each_rule() {
    let (b, i, f) = (arr1(&[true, false]), arr1(&[3i64, -4]), arr1(&[0.5f32, 2.0]));
    let (b, i, f) = (Expr::from(&b), Expr::from(&i), Expr::from(&f));
    let dtype = |e: Expr<'_>| e.eval().unwrap().dtype();
    assert_eq!(dtype(&b + &b), DType::Bool);
    assert_eq!(dtype(b.sum(0)), DType::I64);
    assert_eq!(dtype(&i / 2), DType::F64);
    assert_eq!(dtype(&f * 2.0), DType::F32);
    assert_eq!(dtype(&f + &i), DType::F64);
    assert_eq!(dtype(f.less(&i)), DType::Bool);
    assert_eq!(dtype(f.mean(())), DType::F32);
    assert_eq!(i.floor_divide(0).eval().unwrap(), Tensor::from(arr1(&[0i64, 0]).into_dyn()));
    assert_eq!((&i % 3).eval().unwrap(), Tensor::from(arr1(&[0i64, 2]).into_dyn()));
    assert!((&b - &b).error().is_some());
}

#[test]
fn several_results_share_their_parts() {
    let a = Array1::linspace(0.1, 1.0, 100);
    let x = Expr::from(&a);
    let e = x.exp();
    let results = evaluate(&[&(&e / e.sum(())), &e.sum(()), &x]).unwrap();
    let expected = a.mapv(f64::exp);
    close(&results[0], &(&expected / expected.sum()).into_dyn());
    close(&results[1], &arr0(expected.sum()).into_dyn());
    close(&results[2], &a.clone().into_dyn());
}

#[test]
fn linear_algebra() {
    let a = arr2(&[[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 2.0]]);
    let b = arr1(&[1.0, -2.0, 0.5]);
    let (x, y) = (Expr::from(&a), Expr::from(&b));
    let eye = Array2::<f64>::eye(3).into_dyn();
    close(&x.matmul(x.inv()).eval().unwrap(), &eye);
    close(&x.matmul(x.solve(&y)).eval().unwrap(), &b.clone().into_dyn());
    let l = x.cholesky();
    close(&l.matmul(l.t()).eval().unwrap(), &a.clone().into_dyn());
    let (q, r) = x.qr();
    close(&q.matmul(&r).eval().unwrap(), &a.clone().into_dyn());
    close(&q.t().matmul(&q).eval().unwrap(), &eye);
    close(&(x.det() * x.inv().det()).eval().unwrap(), &arr0(1.0).into_dyn());
    close(&y.matmul(&y).eval().unwrap(), &arr0(5.25).into_dyn());
}

#[test]
fn equal_structures_are_one_program() {
    let engine = Engine::default();
    let run = |data: &Array1<f64>| {
        let x = Expr::from(data);
        engine.evaluate(&[&(&x * 2.0 + 1.0)]).unwrap().swap_remove(0)
    };
    let arrays: Vec<Array1<f64>> = (1..5).map(|k| Array1::linspace(0.0, k as f64, 9)).collect();
    for data in &arrays {
        close(&run(data), &(data * 2.0 + 1.0).into_dyn());
    }
    assert_eq!(engine.programs(), 1);
    // Other constants, even 0.0 and -0.0, other shapes and other strides are other programs.
    let x = Expr::from(&arrays[0]);
    engine.evaluate(&[&(&x + 0.0)]).unwrap();
    engine.evaluate(&[&(&x + -0.0)]).unwrap();
    run(&Array1::<f64>::zeros(10));
    engine.evaluate(&[&(Expr::from(arrays[0].slice(s![..;-1])) * 2.0 + 1.0)]).unwrap();
    assert_eq!(engine.programs(), 5);
    // A changing number that is an array of rank 0 is no new program.
    for k in 0..4 {
        engine.evaluate(&[&(&x * Expr::from(arr0(k as f64)))]).unwrap();
    }
    assert_eq!(engine.programs(), 6);
}

#[test]
fn errors_of_the_same_structure_name_their_own_line() {
    let singular = arr2(&[[1.0, 2.0], [2.0, 4.0]]);
    let here = |expr: Expr<'_>| match expr.eval() {
        Err(Error::Run(error)) => {
            assert_eq!(error.kind, RunErrorKind::Singular { pivot: 2, batch_index: 0 });
            error.to_string()
        }
        other => panic!("{other:?}"),
    };
    let first = here(Expr::from(&singular).inv());
    let second = here(Expr::from(&singular).inv());
    assert!(first.contains("tests/lazy.rs") && second.contains("tests/lazy.rs"));
    assert_ne!(first, second);
}

#[test]
fn threads_share_an_engine() {
    let engine = Engine::default();
    let data = Array1::linspace(-1.0, 2.0, 1000);
    std::thread::scope(|scope| {
        for t in 0..16 {
            let (engine, data) = (&engine, &data);
            scope.spawn(move || {
                for k in 0..10 {
                    let x = Expr::from(data);
                    let y = if (t + k) % 2 == 0 { (&x * 3.0).sum(()) } else { (&x - x.mean(())).square() };
                    let found = engine.evaluate(&[&y]).unwrap().swap_remove(0);
                    let mean = data.mean().unwrap();
                    let expected = match (t + k) % 2 {
                        0 => arr0(data.sum() * 3.0).into_dyn(),
                        _ => data.mapv(|x| (x - mean) * (x - mean)).into_dyn(),
                    };
                    close(&found, &expected);
                }
            });
        }
    });
    assert_eq!(engine.programs(), 2);
}

#[test]
fn large_loops_have_the_same_bits_on_any_number_of_threads() {
    let a = Array::from_shape_fn((600, 700), |(i, j)| ((i * 31 + j * 17) % 1009) as f64 / 7.0);
    let run = |threads| {
        let engine = Engine::new(evanesce::runtime::Options { threads, ..Default::default() });
        let x = Expr::from(&a);
        engine.evaluate(&[&(x.exp() * 1e-60 + 1.0).sqrt(), &x.sum(1), &x.sum(0), &x.sum(())]).unwrap()
    };
    let one = run(1);
    assert!(one == run(2) && one == run(3) && one == run(7));
}
