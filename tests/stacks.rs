//! Stacks of small matrices, which kernels take several at a time: every matrix has the numbers that it has alone, whatever
//! the stack, its strides, and what else is in it; of several that fail the first one is named.

#[path = "common/held.rs"]
mod held;

use evanesce::prelude::*;
use evanesce::{RunErrorKind, evaluate};
use held::{Num, floats, matrices};
use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn, Slice, s};

/// Small stacks, whole groups of either precision, and what is left over.
const COUNTS: [usize; 8] = [0, 1, 3, 4, 7, 8, 9, 17];

fn number<T: Num>(x: T) -> f64 {
    floats(&T::wrap(ArrayD::from_elem(IxDyn(&[]), x)))[[]]
}

/// The results of every routine: of `a` alone, of the definite matrix that it makes, and with a right-hand side.
fn expressions<'a>(a: &Expr<'a>, spd: &Expr<'a>, b: &Expr<'a>) -> Vec<(&'static str, Expr<'a>)> {
    let spd = spd.assume(Facts::SPD);
    let factor = spd.cholesky();
    let (sign, logarithm) = a.slogdet();
    vec![
        ("inv", a.inv()),
        ("solve", a.solve(b)),
        ("det", a.det()),
        ("sign", sign),
        ("logarithm", logarithm),
        ("spd inv", spd.inv()),
        ("spd solve", spd.solve(b)),
        ("cholesky", factor.clone()),
        ("lower", factor.solve_triangular(b, true)),
        ("upper", factor.matrix_transpose().solve_triangular(b, false)),
        ("product", a.matmul(b)),
        ("symmetric product", a.matmul(a.matrix_transpose())),
        ("symmetric product of rows", b.matrix_transpose().matmul(b)),
    ]
}

fn values<T: Num>(
    a: ArrayViewD<'_, T>,
    spd: ArrayViewD<'_, T>,
    b: ArrayViewD<'_, T>,
) -> Vec<(&'static str, ArrayD<f64>)> {
    let named = expressions(&Expr::from(a), &Expr::from(spd), &Expr::from(b));
    let tensors = evaluate(&named.iter().map(|(_, x)| x).collect::<Vec<_>>()).expect("they are regular");
    named.into_iter().map(|(name, _)| name).zip(tensors.iter().map(floats)).collect()
}

/// Of stacks of the same arrays, broadcast or not.
fn check<T: Num>(n: usize, cols: usize, a: ArrayViewD<'_, T>, b: ArrayViewD<'_, T>, what: &str) {
    let count = a.shape()[0].max(b.shape()[0]);
    let (a_all, b_all) = (a.broadcast(IxDyn(&[count, n, n])), b.broadcast(IxDyn(&[count, n, cols])));
    let (Some(a_all), Some(b_all)) = (a_all, b_all) else { panic!("{what}: they broadcast") };
    let spd = |a: &ArrayViewD<'_, T>| {
        let mut spd = ArrayD::from_elem(a.shape(), T::of(0.0));
        for (mut s, a) in spd.outer_iter_mut().zip(a.outer_iter()) {
            for i in 0..n {
                for j in 0..n {
                    let sum: f64 = (0..n).map(|k| number(a[[i, k]]) * number(a[[j, k]])).sum();
                    s[[i, j]] = T::of(sum + f64::from(i == j));
                }
            }
        }
        spd
    };
    let definite = spd(&a);
    let stacked = values(a.view(), definite.view(), b.view());
    for k in 0..count {
        let one = |all: &ArrayViewD<'_, T>| all.slice_axis(Axis(0), Slice::from(k..k + 1)).to_owned();
        let (a, b) = (one(&a_all), one(&b_all));
        let definite = spd(&a.view());
        let alone = values(a.view(), definite.view(), b.view());
        for ((name, all), (_, one)) in stacked.iter().zip(&alone) {
            let part = all.index_axis(Axis(0), if all.shape()[0] == 1 { 0 } else { k });
            assert_eq!(part, one.index_axis(Axis(0), 0), "{name} of matrix {k} of order {n}, {what}");
        }
        let find = |what: &str| {
            let (_, x) = alone.iter().find(|(name, _)| *name == what).expect("a name");
            x.index_axis(Axis(0), 0).to_owned()
        };
        // |A X - B| / (|A| |X| n eps)
        for (what, left, x) in [("solve", &a, "solve"), ("spd solve", &definite, "spd solve")] {
            let (left, x) = (left.index_axis(Axis(0), 0).mapv(number), find(x));
            let b = b.index_axis(Axis(0), 0).mapv(number);
            let (mut residual, norm) = (0.0, |a: &ArrayD<f64>| a.iter().map(|x| x * x).sum::<f64>().sqrt());
            for i in 0..n {
                for j in 0..cols {
                    residual += ((0..n).map(|k| left[[i, k]] * x[[k, j]]).sum::<f64>() - b[[i, j]]).powi(2);
                }
            }
            let scale = norm(&left) * norm(&x) * n as f64 * T::EPS;
            assert!(residual.sqrt() <= 30.0 * scale, "{what} of order {n}: {}", residual.sqrt() / scale);
        }
    }
}

fn every_stack<T: Num>() {
    for n in [1, 2, 3, 4, 5, 7, 8, 10, 12, 13, 16, 17] {
        for count in COUNTS {
            let cols = 1 + (n + count) % 4;
            let (a, b) = (matrices::<T>(&[count, n, n], n as u64), matrices::<T>(&[count, n, cols], 7));
            check(n, cols, a.view(), b.view(), &format!("of {count}"));
            if count != 9 {
                continue;
            }
            // Columns, one matrix for all right-hand sides, one right-hand side for all matrices, backwards, every second.
            let mut turned = matrices::<T>(&[count, n, n], 3);
            turned.swap_axes(1, 2);
            check(n, cols, turned.view(), b.view(), "by columns");
            check(n, cols, a.slice_axis(Axis(0), Slice::from(2..3)), b.view(), "the same matrix");
            check(n, cols, a.view(), b.slice_axis(Axis(0), Slice::from(2..3)), "the same right-hand side");
            check(n, cols, a.slice(s![..;-1, ..;-1, ..;-1]).into_dyn(), b.view(), "backwards");
            let wide = matrices::<T>(&[2 * count, 2 * n, 3 * n], 5);
            check(n, cols, wide.slice(s![..;2, ..;2, ..;3]).into_dyn(), b.view(), "every second");
        }
    }
}

#[test]
fn a_matrix_has_the_same_numbers_in_every_stack_in_double() {
    every_stack::<f64>();
}

#[test]
fn a_matrix_has_the_same_numbers_in_every_stack_in_single() {
    every_stack::<f32>();
}

#[test]
fn stacks_of_two_axes_are_walked_in_order() {
    let n = 5;
    let a = matrices::<f64>(&[3, 7, n, n], 1);
    let x = Expr::from(&a).inv().eval().expect("they are regular");
    let flat = a.to_shape([21, n, n]).expect("row-major");
    let y = Expr::from(&flat).inv().eval().expect("they are regular");
    assert!(floats(&x).iter().eq(floats(&y).iter()));
    // Axes exchanged, so that no stride walks all of it.
    let mut turned = a.view();
    turned.swap_axes(0, 1);
    let z = Expr::from(turned.view()).inv().eval().expect("they are regular");
    let mut back = z.as_f64().expect("f64").view();
    back.swap_axes(0, 1);
    assert_eq!(back, *x.as_f64().expect("f64"));
}

#[test]
fn the_first_that_fails_is_named() {
    for n in [2, 3, 4, 8, 10, 12, 16, 17] {
        for bad in [0, 3, 6, 8, 15, 16] {
            // Numbers that elimination does not round.
            let mut a = ArrayD::from_shape_fn(vec![17, n, n], |at| f64::from(at[1] == at[2] || at[2] == at[1] + 1));
            for (k, mut matrix) in a.outer_iter_mut().enumerate() {
                if k < bad {
                    continue;
                }
                // Later ones fail too, and earlier in the elimination.
                let row = if k == bad { n - 1 } else { 1 };
                let first = matrix.index_axis(Axis(0), 0).to_owned();
                matrix.index_axis_mut(Axis(0), row).assign(&first);
            }
            let b = matrices::<f64>(&[17, n, 2], 3);
            let (matrices, right) = (Expr::from(&a), Expr::from(&b));
            for x in [matrices.inv(), matrices.solve(&right)] {
                let Err(Error::Run(error)) = x.eval() else { panic!("order {n}: singular") };
                assert_eq!(error.kind, RunErrorKind::Singular { pivot: n, batch_index: bad }, "order {n}");
            }
            // These do not fail.
            let (sign, logarithm) = matrices.slogdet();
            let values = evaluate(&[&matrices.det(), &sign, &logarithm]).expect("no error");
            let [det, sign, logarithm] = [0, 1, 2].map(|i| values[i].as_f64().expect("f64").clone());
            for k in 0..17 {
                let singular = k >= bad;
                assert_eq!([det[k] == 0.0, sign[k] == 0.0, logarithm[k] == f64::NEG_INFINITY], [singular; 3]);
            }
            let mut diagonal = ArrayD::zeros(a.raw_dim());
            for (k, mut matrix) in diagonal.outer_iter_mut().enumerate() {
                (0..n).for_each(|i| matrix[[i, i]] = 1.0);
                if k >= bad {
                    let at = if k == bad { n - 1 } else { 0 };
                    matrix[[at, at]] = 0.0;
                }
            }
            let (diagonal, right) = (Expr::from(&diagonal), Expr::from(&b));
            for lower in [true, false] {
                let Err(Error::Run(error)) = diagonal.solve_triangular(&right, lower).eval() else {
                    panic!("order {n}: singular")
                };
                assert_eq!(error.kind, RunErrorKind::Singular { pivot: n, batch_index: bad }, "order {n}");
            }
            let known = diagonal.assume(Facts::SPD);
            for x in [diagonal.cholesky(), known.inv(), known.solve(&right)] {
                let Err(Error::Run(error)) = x.eval() else { panic!("order {n}: not definite") };
                assert_eq!(error.kind, RunErrorKind::NotPositiveDefinite { order: n, batch_index: bad }, "order {n}");
            }
        }
    }
}

#[test]
fn a_stack_is_inverted_and_solved_in_place() {
    let (n, count) = (6, 21);
    let (a, b) = (matrices::<f64>(&[count, n, n], 4), matrices::<f64>(&[count, n, 2], 5));
    let apart = evaluate(&[&Expr::from(&a).inv(), &Expr::from(&a).solve(Expr::from(&b))]).expect("they are regular");
    let mut f = Function::trace(|f| {
        let (a, b) = (f.input("a", DType::F64, [count, n, n]), f.input("b", DType::F64, [count, n, 2]));
        f.update(&b, &a.solve(&b));
        f.update(&a, &a.inv());
    })
    .expect("it compiles");
    let (mut x, mut y) = (a.clone(), b.clone());
    f.call(args![&mut x, &mut y], args![]).expect("they are regular");
    assert_eq!([&x, &y], [apart[0].as_f64().expect("f64"), apart[1].as_f64().expect("f64")]);
}
