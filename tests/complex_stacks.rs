//! Stacks of small complex matrices, which kernels take several at a time: every matrix has the numbers that it has alone,
//! whatever the stack and its strides; of several that fail the first one is named.

#[path = "common/held.rs"]
mod held;

use evanesce::prelude::*;
use evanesce::{RunErrorKind, Tensor, evaluate};
use evanesce_ir::num_complex::Complex;
use evanesce_ir::tensor::Scalar;
use held::{Num, matrices};
use ndarray::{ArrayD, Axis};

/// Small stacks, whole groups of either precision, and what is left over.
const COUNTS: [usize; 6] = [1, 3, 4, 8, 9, 17];

/// The orders of tiles, and those beside the crossovers.
const ORDERS: [usize; 12] = [1, 2, 3, 4, 5, 8, 10, 12, 13, 14, 16, 17];

fn numbers(tensor: &Tensor) -> Vec<Complex<f64>> {
    let number = |x: Scalar| match x.cast(DType::C128) {
        Scalar::C128(z) => z,
        _ => unreachable!("cast to c128"),
    };
    tensor.scalars().into_iter().map(number).collect()
}

/// Complex numbers whose parts are between -0.5 and 0.5.
fn random<T: Num>(shape: &[usize], seed: u64) -> Expr<'static> {
    let [re, im] = [seed, seed + 100].map(|seed| Expr::from(matrices::<T>(shape, seed)));
    complex(re, im)
}

/// The results of every routine: of `a` alone, of the definite matrix that it makes, and with a right-hand side.
fn expressions<'a>(a: &Expr<'a>, spd: &Expr<'a>, b: &Expr<'a>) -> Vec<(&'static str, Expr<'a>)> {
    let spd = spd.assume(Facts::SPD);
    let factor = spd.cholesky();
    let adjoint = |x: &Expr<'a>| x.matrix_transpose().conj();
    let (sign, logarithm) = a.slogdet();
    vec![
        ("inv", a.inv()),
        ("solve", a.solve(b)),
        ("det", a.det()),
        ("sign", sign),
        ("logarithm", logarithm),
        ("spd inv", spd.inv()),
        ("spd solve", spd.solve(b)),
        ("lower", factor.solve_triangular(b, true)),
        ("upper", adjoint(&factor).solve_triangular(b, false)),
        ("transposed", factor.matrix_transpose().solve_triangular(b, false)),
        ("cholesky", factor),
        ("product", a.matmul(b)),
        ("product of the adjoint", adjoint(a).matmul(b)),
        ("product with the adjoint", adjoint(b).matmul(a)),
    ]
}

fn values<'a>(a: &Expr<'a>, spd: &Expr<'a>, b: &Expr<'a>) -> Vec<(&'static str, Tensor)> {
    let named = expressions(a, spd, b);
    let tensors = evaluate(&named.iter().map(|(_, x)| x).collect::<Vec<_>>()).expect("they are regular");
    named.into_iter().map(|(name, _)| name).zip(tensors).collect()
}

fn every_stack<T: Num>() {
    for n in ORDERS {
        for count in COUNTS {
            let cols = 1 + (n + count) % 4;
            let (a, b) = (random::<T>(&[count, n, n], n as u64), random::<T>(&[count, n, cols], 7));
            // Columns, and rows backwards, are read where they lie.
            let a = match count {
                8 => a.matrix_transpose(),
                9 => a.flip([-2, -1]),
                _ => a,
            };
            let eye = Expr::from(ArrayD::from_shape_fn(vec![n, n], |at| T::of(f64::from(at[0] == at[1]))));
            let spd = a.matmul(a.matrix_transpose().conj()) + eye;
            let held = |x: &Expr<'static>| Expr::from(x.eval().expect("numbers"));
            let spd = held(&spd);
            let stacked = values(&a, &spd, &b);
            for k in 0..count {
                let one = |x: &Expr<'static>| held(&x.slice(s![k as isize..k as isize + 1, .., ..]));
                for ((name, all), (_, alone)) in stacked.iter().zip(values(&one(&a), &one(&spd), &one(&b))) {
                    let (all, alone) = (numbers(all), numbers(&alone));
                    let part = &all[k * alone.len()..][..alone.len()];
                    assert_eq!(part, alone, "{name} of matrix {k} of {count} of order {n}, {:?}", T::DTYPE);
                }
            }
        }
    }
}

#[test]
fn a_complex_matrix_has_the_same_numbers_in_every_stack_in_double() {
    every_stack::<f64>();
}

#[test]
fn a_complex_matrix_has_the_same_numbers_in_every_stack_in_single() {
    every_stack::<f32>();
}

#[test]
fn the_first_that_fails_is_named() {
    for n in [2, 3, 4, 8, 10, 12, 14, 16, 17, 33] {
        for bad in [0, 3, 6, 8, 15, 16] {
            // Numbers that elimination does not round.
            let element = |i: usize, j: usize| Complex::new(0.0, f64::from(i == j || j == i + 1));
            let mut a = ArrayD::from_shape_fn(vec![17, n, n], |at| element(at[1], at[2]));
            for (k, mut matrix) in a.outer_iter_mut().enumerate().skip(bad) {
                // Later ones fail too, and earlier in the elimination.
                let row = if k == bad { n - 1 } else { 1 };
                let first = matrix.index_axis(Axis(0), 0).to_owned();
                matrix.index_axis_mut(Axis(0), row).assign(&first);
            }
            let b = random::<f64>(&[17, n, 2], 3);
            let matrices = Expr::from(a.clone());
            for x in [matrices.inv(), matrices.solve(&b)] {
                let Err(Error::Run(error)) = x.eval() else { panic!("order {n}: singular") };
                assert_eq!(error.kind, RunErrorKind::Singular { pivot: n, batch_index: bad }, "order {n}");
            }
            // These do not fail.
            let (sign, _) = matrices.slogdet();
            for x in evaluate(&[&matrices.det(), &sign]).expect("no error") {
                let zero: Vec<bool> = numbers(&x).into_iter().map(|z| z == Complex::ZERO).collect();
                assert_eq!(zero, (0..17).map(|k| k >= bad).collect::<Vec<_>>(), "order {n}");
            }
            // The imaginary part of the diagonal of a Hermitian matrix is not looked at.
            let mut diagonal = ArrayD::zeros(a.raw_dim());
            for (k, mut matrix) in diagonal.outer_iter_mut().enumerate() {
                (0..n).for_each(|i| matrix[[i, i]] = Complex::new(1.0, 3.0));
                if k >= bad {
                    let at = if k == bad { n - 1 } else { 0 };
                    matrix[[at, at]] = Complex::new(0.0, 3.0);
                }
            }
            let known = Expr::from(diagonal).assume(Facts::SPD);
            for x in [known.cholesky(), known.inv(), known.solve(&b)] {
                let Err(Error::Run(error)) = x.eval() else { panic!("order {n}: not definite") };
                assert_eq!(error.kind, RunErrorKind::NotPositiveDefinite { order: n, batch_index: bad }, "order {n}");
            }
        }
    }
}
