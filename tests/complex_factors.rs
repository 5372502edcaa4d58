//! SciPy's linear algebra of complex matrices by what its results multiply to: LAPACK's ratios as in `complex_linalg.rs`, over
//! sizes, stacks and views, in both precisions.

#[path = "common/complex_cases.rs"]
mod complex_cases;
#[path = "common/held.rs"]
mod held;

use complex_cases::{SIZES, adjoint, cases, random, vanish};
use evanesce::evaluate;
use evanesce::expr::complex;
use evanesce::ir::tensor::Element;
use evanesce::num_complex::Complex64;
use evanesce::prelude::*;
use evanesce::{Error, RunErrorKind};
use held::{Num, floats, matrices};
use ndarray::{Array2, ArrayD};

fn factors<T: Num>() {
    cases::<T>(|name, n, a| {
        let one = eye(n).astype(T::DTYPE);
        let b = random::<T>(&[n, 3], 7);
        let (p, l, u) = a.lu();
        let (packed, pivots) = a.lu_factor();
        let x = packed.lu_solve(&pivots, &b);
        let (xt, xh) = (packed.lu_solve_transposed(&pivots, &b), packed.lu_solve_adjoint(&pivots, &b));
        let hermitian = &a + adjoint(&a);
        let (outer, d, _) = hermitian.ldl();
        let (t, z) = a.schur();
        let definite = a.matmul(adjoint(&a)) + &one;
        let known = definite.assume(Facts::SPD);
        let (y, inverse) = (known.solve(&b), known.inv());
        let (upper, lower) = (definite.cho_factor(false), definite.cho_factor(true));
        let (w, v) = (upper.cho_solve(&b, false), lower.cho_solve(&b, true));
        let (unitary, positive) = a.polar();
        vanish::<T>(
            name,
            n,
            &[
                ("lu", p.matmul(&l).matmul(&u) - &a, &[&l, &u]),
                ("lu_solve", a.matmul(&x) - &b, &[&a, &x]),
                ("lu_solve, transposed", a.matrix_transpose().matmul(&xt) - &b, &[&a, &xt]),
                ("lu_solve, adjoint", adjoint(&a).matmul(&xh) - &b, &[&a, &xh]),
                ("ldl", outer.matmul(&d).matmul(adjoint(&outer)) - &hermitian, &[&outer, &d, &outer]),
                ("the d of ldl", adjoint(&d) - &d, &[&d]),
                ("schur", z.matmul(&t).matmul(adjoint(&z)) - &a, &[&a]),
                ("the z of schur", adjoint(&z).matmul(&z) - &one, &[&z, &z]),
                ("what is below the t of schur", t.tril(-1), &[&a]),
                ("a definite solve", definite.matmul(&y) - &b, &[&definite, &y]),
                ("a definite inv", definite.matmul(&inverse) - &one, &[&definite, &inverse]),
                ("a definite inverse, adjoint", adjoint(&inverse) - &inverse, &[&inverse]),
                ("upper cho_solve", definite.matmul(&w) - &b, &[&definite, &w]),
                ("lower cho_solve", definite.matmul(&v) - &b, &[&definite, &v]),
                ("polar", unitary.matmul(&positive) - &a, &[&a]),
                ("the positive part of polar", adjoint(&positive) - &positive, &[&a]),
            ],
        );
        // Without failures, and with numbers by which to branch.
        let ((inverse, rcond), (x, estimate), (l, order)) = (a.try_inv(), a.try_solve(&b), definite.try_cholesky());
        vanish::<T>(
            name,
            n,
            &[
                ("try_inv", a.matmul(&inverse) - &one, &[&a, &inverse]),
                ("try_solve", a.matmul(&x) - &b, &[&a, &x]),
                ("try_cholesky", l.matmul(adjoint(&l)) - &definite, &[&definite]),
            ],
        );
        let found = evaluate(&[&rcond, &estimate, &order]).expect("they do not fail");
        let [rcond, estimate, order] = [0, 1, 2].map(|i| floats(&found[i]));
        assert_eq!(found[0].dtype(), T::DTYPE, "the number is real");
        assert!(order.iter().all(|x| *x == 0.0), "{name}: {order}");
        for (exact, estimate) in rcond.iter().zip(&estimate) {
            // The estimate of the norm of the inverse is from below, and rarely by more than a factor of 3.
            assert!(
                *exact > 0.0 && *estimate >= 0.99 * exact && *estimate <= 10.0 * exact,
                "{name}: {exact} {estimate}"
            );
        }
    });
}

#[test]
fn factors_multiply_to_the_matrix() {
    factors::<f64>();
    factors::<f32>();
}

fn bases<T: Num>() {
    for n in [2, 3, 5, 10, 33] {
        let wide = random::<T>(&[n / 2, n], n as u64);
        let tall = adjoint(&wide);
        let (null, range) = (wide.null_space(n / 2), tall.orth(n / 2));
        let project = range.matmul(adjoint(&range)).matmul(&tall);
        let [first, second] = [n - n / 2, n / 2].map(|k| eye(k).astype(T::DTYPE));
        vanish::<T>(
            "bases",
            n,
            &[
                ("null_space", wide.matmul(&null), &[&wide, &null]),
                ("the basis of null_space", adjoint(&null).matmul(&null) - first, &[&null, &null]),
                ("orth", project - &tall, &[&tall]),
                ("the basis of orth", adjoint(&range).matmul(&range) - second, &[&range, &range]),
            ],
        );
    }
}

#[test]
fn bases_span_what_they_should() {
    bases::<f64>();
    bases::<f32>();
}

fn equations<T: Num>() {
    cases::<T>(|name, n, a| {
        // The conditions of these equations are not the matrix's.
        if name.starts_with("badly conditioned") {
            return;
        }
        let one = eye(n).astype(T::DTYPE);
        let size = 1.0 + n as f64;
        let small = &a * (1.0 / (n as f64).max(1.0).sqrt());
        let root = a.sqrtm();
        let (up, down) = (small.expm(), (-&small).expm());
        let b = random::<T>(&[n, n], 11) + &one * size;
        let q = random::<T>(&[n, n], 13);
        let x = a.solve_sylvester(&b, &q);
        let shifted = &a + &one * size;
        let y = shifted.solve_continuous_lyapunov(&q);
        let z = small.solve_discrete_lyapunov(&q);
        let gain = random::<T>(&[n, 2], 17);
        let two = eye(2).astype(T::DTYPE);
        let w = small.solve_discrete_are(&gain, &one, &two);
        let (star, bw) = (adjoint(&small), adjoint(&gain).matmul(&w));
        let feedback = (bw.matmul(&gain) + &two).solve(bw.matmul(&small));
        let riccati = star.matmul(&w).matmul(&small) - &w - star.matmul(&w).matmul(&gain).matmul(&feedback) + &one;
        let turn = complex(0.0, 1.0) * (&small + adjoint(&small));
        let unitary = turn.expm();
        vanish::<T>(
            name,
            n,
            &[
                ("sqrtm", root.matmul(&root) - &a, &[&root, &root]),
                ("expm", up.matmul(&down) - &one, &[&up, &down]),
                ("expm of what is skew", adjoint(&unitary).matmul(&unitary) - &one, &[&unitary, &unitary]),
                ("solve_sylvester", a.matmul(&x) + x.matmul(&b) - &q, &[&b, &x]),
                ("solve_continuous_lyapunov", shifted.matmul(&y) + y.matmul(adjoint(&shifted)) - &q, &[&shifted, &y]),
                ("solve_discrete_lyapunov", small.matmul(&z).matmul(&star) - &z + &q, &[&z, &one]),
            ],
        );
        // LAPACK takes seconds for each of the largest.
        if n < 100 || a.ty().expect("a matrix").rank() == 2 {
            let skew = adjoint(&w) - &w;
            vanish::<T>(
                name,
                n,
                &[("solve_discrete_are", riccati, &[&w, &one]), ("the solution, adjoint", skew, &[&w])],
            );
        }
    });
}

#[test]
fn solutions_fulfil_their_equations() {
    equations::<f64>();
    equations::<f32>();
}

#[test]
fn bands_are_solved_as_the_whole_matrix_is() {
    for n in SIZES {
        for (below, above) in [(1, 1), (2, 0), (0, 1), (2, 3)] {
            let rows = below + above + 1;
            let [re, im] = [1, 2].map(|seed| matrices::<f64>(&[rows, n], seed));
            let element = |band: usize, j: usize| {
                let main = if band == above { 4.0 } else { 0.0 };
                Complex64::new(re[[band, j]] + main, im[[band, j]])
            };
            let bands = Array2::from_shape_fn((rows, n), |(band, j)| element(band, j));
            let whole = Array2::from_shape_fn((n, n), |(i, j)| match (above + i).checked_sub(j) {
                Some(band) if band < rows => element(band, j),
                _ => Complex64::ZERO,
            });
            let (bands, whole) = (Expr::from(bands.into_dyn()), Expr::from(whole.into_dyn()));
            let b = random::<f64>(&[n, 2], 5);
            let x = bands.solve_banded(&b, below, above);
            vanish::<f64>("a band", n, &[("solve_banded", whole.matmul(&x) - &b, &[&whole, &x])]);
        }
    }
}

#[test]
fn roots_and_failures_are_those_of_complex_numbers() {
    let number = |re: f64, im: f64| Expr::from(ArrayD::from_elem(vec![1, 1], Complex64::new(re, im)));
    let value = |x: Expr<'_>| x.eval().expect("it runs").scalars()[0];
    // A negative number has a root here; one that is 0 has no principal one.
    assert_eq!(value(number(-4.0, 0.0).sqrtm()), Complex64::new(0.0, 2.0).to_scalar());
    assert_eq!(value(number(0.0, -2.0).sqrtm()), Complex64::new(1.0, -1.0).to_scalar());
    let kind = |x: Expr<'_>| match x.eval() {
        Err(Error::Run(error)) => error.kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind(number(0.0, 0.0).sqrtm()), RunErrorKind::NoSolution { batch_index: 0 });
    assert_eq!(kind(number(f64::NAN, 0.0).schur().0), RunErrorKind::NotFinite { batch_index: 0 });
    assert_eq!(kind(number(1.0, f64::INFINITY).ldl().0), RunErrorKind::NotFinite { batch_index: 0 });
    let none = number(0.0, 1.0).solve_sylvester(number(0.0, -1.0), number(1.0, 0.0));
    assert_eq!(kind(none), RunErrorKind::NoSolution { batch_index: 0 });
    let definite = number(-1.0, 0.0).assume(Facts::SPD);
    let order = RunErrorKind::NotPositiveDefinite { order: 1, batch_index: 0 };
    assert_eq!([kind(definite.inv()), kind(definite.solve(number(1.0, 0.0)))], [order.clone(), order]);
    let (packed, pivots) = number(0.0, 0.0).lu_factor();
    let singular = kind(packed.lu_solve(&pivots, number(1.0, 0.0)));
    assert_eq!(singular, RunErrorKind::Singular { pivot: 1, batch_index: 0 });
    let (inverse, rcond) = number(0.0, 0.0).try_inv();
    let found = evaluate(&[&inverse.real().isnan(), &rcond]).expect("it does not fail");
    assert_eq!((floats(&found[0])[[0, 0]], floats(&found[1])[[]]), (1.0, 0.0));
}
