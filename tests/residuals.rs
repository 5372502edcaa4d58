//! Every routine of linear algebra by what its results multiply to: LAPACK's test ratios (LAPACK Working Note 41, sections
//! 4 and 7; the comments of its `TESTING` folder), over sizes, stacks and strides, well and badly conditioned, in both
//! precisions.
//!
//! A ratio is `|product - target| / (|factors| n eps)` in the Frobenius norm, `|factors|` being the product of the norms of
//! what is multiplied; LAPACK's threshold for it is 30. Inputs lie in memory filled with NaN, which nothing may read or write.

#[path = "common/held.rs"]
mod held;
#[path = "common/ratios.rs"]
mod ratios;

use evanesce::expr::{NormOrder, block_diag};
use evanesce::prelude::*;
use held::{Num, cases, floats, matrices};
use ndarray::{Array2, ArrayD};
use ratios::{check, diagonal, each, identity, is_triangular, norm, spread, t, two, values, vanishes};

fn solutions<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        let ratio = |what: &str, factors: &[&ArrayD<f64>], target: &ArrayD<f64>| {
            check(&format!("{what} {case}"), T::EPS, factors, target);
        };
        let right = matrices::<T>(&[n, 3], 7);
        let (a, view) = (held.values(), held.view());
        let a_expr = Expr::from(view);
        let b = Expr::from(&right);
        let spd = a_expr.matmul(a_expr.matrix_transpose()) + eye(n);
        let [x, inverse, gram, y, factor, spd_inverse] = &values(&[
            &a_expr.solve(&b),
            &a_expr.inv(),
            &spd,
            &spd.assume(Facts::SPD).solve(&b),
            &spd.cholesky(),
            &spd.assume(Facts::SPD).inv(),
        ])[..] else {
            unreachable!("six results")
        };
        let target = spread(&floats(&T::wrap(right.clone())), &a);
        ratio("solve", &[&a, x], &target);
        ratio("inv", &[&a, inverse], &spread(&identity(n), &a));
        ratio("solve spd", &[gram, y], &target);
        ratio("cholesky", &[factor, &t(factor)], gram);
        assert!(is_triangular(factor, true));
        ratio("inv spd", &[gram, spd_inverse], &spread(&identity(n), &a));
    });
}

#[test]
fn systems_are_solved() {
    solutions::<f64>();
    solutions::<f32>();
}

fn orthogonal_factors<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        let ratio = |what: &str, factors: &[&ArrayD<f64>], target: &ArrayD<f64>| {
            check(&format!("{what} {case}"), T::EPS, factors, target);
        };
        let (a, view) = (held.values(), held.view());
        let x = Expr::from(view);
        let symmetric = (&x + x.matrix_transpose()) * 0.5;
        let ((q, r), (w, v), (u, s, vt)) = (x.qr(), symmetric.eigh(), x.svd(true));
        let [q, r, w, v, symmetric, u, s, vt] = &values(&[&q, &r, &w, &v, &symmetric, &u, &s, &vt])[..] else {
            unreachable!("eight results")
        };
        let one = spread(&identity(n), &a);
        ratio("qr", &[q, r], &a);
        assert!(is_triangular(r, false));
        ratio("eigh", &[v, &diagonal(w, n, n), &t(v)], symmetric);
        ratio("svd", &[u, &diagonal(s, n, n), vt], &a);
        for (what, basis) in [("q", q), ("v", v), ("u", u), ("vt", vt)] {
            ratio(what, &[basis, &t(basis)], &one);
        }
    });
}

#[test]
fn orthogonal_factors_multiply_to_the_matrix() {
    orthogonal_factors::<f64>();
    orthogonal_factors::<f32>();
}

fn lu_factors<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        let ratio = |what: &str, factors: &[&ArrayD<f64>], target: &ArrayD<f64>| {
            check(&format!("{what} {case}"), T::EPS, factors, target);
        };
        let right = matrices::<T>(&[n, 3], 8);
        let (a, view) = (held.values(), held.view());
        let x = Expr::from(view);
        // Square, tall and wide.
        let half = (n / 2) as isize;
        for part in [x.clone(), x.slice(s![.., .., ..half]), x.slice(s![.., ..half, ..])] {
            let part = if x.ty().expect("a matrix").rank() == 3 { part } else { x.clone() };
            let (p, l, u) = part.lu();
            let [p, l, u, whole] = &values(&[&p, &l, &u, &part])[..] else { unreachable!("four results") };
            ratio("lu", &[p, l, u], whole);
            assert!(is_triangular(l, true) && is_triangular(u, false));
            assert!(l.iter().all(|x| x.abs() <= 1.0), "pivots are the largest");
        }
        let (factors, pivots) = x.lu_factor();
        let solution = &values(&[&factors.lu_solve(&pivots, Expr::from(&right))])[0];
        let right = floats(&T::wrap(right.clone()));
        ratio("lu_solve", &[&a, solution], &spread(&right, &a));
    });
}

#[test]
fn lu_multiplies_to_the_matrix_and_solves() {
    lu_factors::<f64>();
    lu_factors::<f32>();
}

fn symmetric_and_schur<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        let ratio = |what: &str, factors: &[&ArrayD<f64>], target: &ArrayD<f64>| {
            check(&format!("{what} {case}"), T::EPS, factors, target);
        };
        let (a, view) = (held.values(), held.view());
        let x = Expr::from(view);
        let symmetric = (&x + x.matrix_transpose()) * 0.5;
        let ((l, d, order), (t_, z)) = (symmetric.ldl(), x.schur());
        let [l, d, order, whole, triangle, z] = &values(&[&l, &d, &order, &symmetric, &t_, &z])[..] else {
            unreachable!("six results")
        };
        ratio("ldl", &[l, d, &t(l)], whole);
        ratio("schur", &[z, triangle, &t(z)], &a);
        ratio("schur's z", &[z, &t(z)], &spread(&identity(n), &a));
        if n == 0 {
            return;
        }
        let count = a.len() / (n * n);
        let orders = order.as_slice().expect("row-major").chunks(n);
        for ((l, order), t) in each(l, count).into_iter().zip(orders).zip(each(triangle, count)) {
            for i in 0..n {
                let row = order[i] as usize;
                assert!(l[[row, i]] == 1.0 && (i + 1..n).all(|j| l[[row, j]] == 0.0), "ldl {case}");
                assert!((0..i.saturating_sub(1)).all(|j| t[[i, j]] == 0.0), "schur {case}");
                assert!(i < 2 || t[[i, i - 1]] == 0.0 || t[[i - 1, i - 2]] == 0.0, "schur {case}");
            }
        }
    });
}

#[test]
fn symmetric_and_schur_factors_multiply_to_the_matrix() {
    symmetric_and_schur::<f64>();
    symmetric_and_schur::<f32>();
}

fn functions<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        let (x, eps) = (Expr::from(held.view()), T::EPS);
        // Eigenvalues with positive real parts, and of both signs.
        let right = &x + (eye(n) * (n as f64).sqrt()).astype(T::DTYPE);
        let [a, root, plus, minus] = &values(&[&right, &right.sqrtm(), &x.expm(), &(-&x).expm()])[..] else {
            unreachable!("four results")
        };
        check(&format!("sqrtm {case}"), eps, &[root, root], a);
        check(&format!("expm {case}"), eps, &[plus, minus], &spread(&identity(n), a));
    });
}

#[test]
fn functions_of_matrices_have_their_inverses() {
    functions::<f64>();
    functions::<f32>();
}

fn equations<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        let (q, gain) = (matrices::<T>(&[n, 3], 9), matrices::<T>(&[n, 2], 10));
        let (q, gain, x) = (Expr::from(&q), Expr::from(&gain), Expr::from(held.view()));
        let named = |what: &str| format!("{what} {case}");
        let one = |n: usize| eye(n).astype(T::DTYPE);
        let right = &x + one(n) * (n as f64).sqrt();
        // Sylvester: 3 x 3 on the other side.
        let other = one(3) * 2.0;
        let y = right.solve_sylvester(&other, &q);
        let residual = right.matmul(&y) + y.matmul(&other) - &q;
        let [residual, a, y] = &values(&[&residual, &right, &y])[..] else { unreachable!("three results") };
        vanishes(&named("solve_sylvester"), T::EPS, residual, &[a, y]);
        // Lyapunov and Riccati, with spectral radii below 1.
        let small = &x * (1.5 / (n as f64).max(1.0).sqrt());
        let cost = one(n);
        let y = small.solve_discrete_lyapunov(&cost);
        let residual = small.matmul(&y).matmul(small.matrix_transpose()) - &y + &cost;
        let z = small.solve_discrete_are(&gain, &cost, one(2));
        let at = small.matrix_transpose();
        let ax = at.matmul(&z);
        let weighed =
            (gain.matrix_transpose().matmul(&z).matmul(&gain) + one(2)).solve(ax.matmul(&gain).matrix_transpose());
        let riccati = ax.matmul(&small) - &z - ax.matmul(&gain).matmul(&weighed) + &cost;
        let [residual, y, riccati, z, one] = &values(&[&residual, &y, &riccati, &z, &one(n)])[..] else {
            unreachable!("five results")
        };
        vanishes(&named("solve_discrete_lyapunov"), T::EPS, residual, &[y, one]);
        vanishes(&named("solve_discrete_are"), T::EPS, riccati, &[z, one]);
    });
}

#[test]
fn solutions_fulfil_their_equations() {
    equations::<f64>();
    equations::<f32>();
}

fn banded<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        // The rows of the input are diagonals: of those that there are, one below and the others above.
        let rows = n.min(4);
        if rows < 2 {
            return;
        }
        let right = matrices::<T>(&[n, 2], 11);
        let x = Expr::from(held.view());
        let right = Expr::from(&right);
        let rank = x.ty().expect("a matrix").rank() as isize;
        let ab = x.moveaxis([rank - 2], [0]).slice(s![..rows as isize]).moveaxis([0], [rank - 2]);
        let y = ab.solve_banded(&right, 1, rows - 2);
        let [ab, y, right] = &values(&[&ab, &y, &right])[..] else { unreachable!("three results") };
        let shape: Vec<usize> = ab.shape()[..ab.ndim() - 2].iter().copied().chain([n, n]).collect();
        let core = shape.len() - 2;
        let a = ArrayD::from_shape_fn(&shape[..], |mut index| {
            let (i, j) = (index[core], index[core + 1]);
            match (rows - 2 + i).checked_sub(j).filter(|&band| band < rows) {
                Some(band) => {
                    index[core] = band;
                    ab[index]
                }
                None => 0.0,
            }
        });
        check(&format!("solve_banded {case}"), T::EPS, &[&a, y], &spread(right, &a));
    });
}

#[test]
fn banded_systems_are_solved() {
    banded::<f64>();
    banded::<f32>();
}

fn attempts<T: Num>() {
    cases::<T>(|case, held| {
        let right = matrices::<T>(&[case.size, 3], 12);
        let x = Expr::from(held.view());
        let right = Expr::from(&right);
        let spd = x.matmul(x.matrix_transpose()) + eye(case.size);
        let ((inverse, rcond), (y, estimate), (l, order)) = (x.try_inv(), x.try_solve(&right), spd.try_cholesky());
        let [inverse, plain, y, solution, l, factor, order] =
            &values(&[&inverse, &x.inv(), &y, &x.solve(&right), &l, &spd.cholesky(), &order])[..]
        else {
            unreachable!("seven results")
        };
        // The very bits of what fails.
        assert_eq!((inverse, y, l), (plain, solution, factor), "{case}");
        assert!(order.iter().all(|order| *order == 0.0));
        if case.size == 0 {
            assert!(values(&[&rcond, &estimate]).iter().flatten().all(|rcond| *rcond == 1.0));
            return;
        }
        let [exact, rcond, estimate] = &values(&[&(1.0 / x.cond(Some(NormOrder::P(1.0)))), &rcond, &estimate])[..]
        else {
            unreachable!("three results")
        };
        for ((exact, rcond), estimate) in exact.iter().zip(rcond).zip(estimate) {
            assert!((exact - rcond).abs() <= 100.0 * T::EPS * exact, "{case}: {exact} {rcond}");
            // LAPACK's estimate of the norm of the inverse is a lower bound, and seldom less than a third of it.
            assert!(*estimate >= exact * 0.99 && *estimate <= 10.0 * exact, "{case}: {exact} {estimate}");
        }
    });
}

#[test]
fn attempts_succeed_where_there_is_a_result() {
    attempts::<f64>();
    attempts::<f32>();
}

fn compositions<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        let ratio = |what: &str, factors: &[&ArrayD<f64>], target: &ArrayD<f64>| {
            check(&format!("{what} {case}"), T::EPS, factors, target);
        };
        let (a, view) = (held.values(), held.view());
        let x = Expr::from(view);
        let ((u, p), (w, q)) = (x.polar(), x.polar_left());
        let [u, p, w, q] = &values(&[&u, &p, &w, &q])[..] else { unreachable!("four results") };
        ratio("polar", &[u, p], &a);
        ratio("polar left", &[q, w], &a);
        ratio("polar's u", &[u, &t(u)], &spread(&identity(n), &a));
        ratio("polar's p", &[p], &t(p));
    });
}

#[test]
fn compositions_multiply_to_the_matrix() {
    compositions::<f64>();
    compositions::<f32>();
}

#[test]
fn bases_of_known_and_of_found_rank() {
    // Of rank 2.
    let a = Array2::from_shape_fn((5, 4), |(i, j)| (i as f64 - 2.0) * (j as f64 + 1.0) + 1.0);
    let x = Expr::from(&a);
    let null = evanesce::linalg::null_space(&x, None).unwrap();
    let range = evanesce::linalg::orth(&x, None).unwrap();
    assert_eq!((null.shape(), range.shape()), (&[4, 2][..], &[5, 2][..]));
    let (null, range) = (floats(&null), floats(&range));
    let a = a.clone().into_dyn();
    let scale = norm(&two(a.view()));
    check("null space", f64::EPSILON * scale, &[&a, &null], &ArrayD::zeros(vec![5, 2]));
    check("null space", f64::EPSILON, &[&t(&null), &null], &identity(2));
    check("orth", f64::EPSILON, &[&range, &t(&range), &a], &a);
    // What is called 0 is up to the caller.
    assert_eq!(evanesce::linalg::orth(&x, Some(0.99)).unwrap().shape(), [5, 1]);
    assert_eq!(floats(&x.null_space(2).eval().unwrap()), null);
    for wrong in [x.null_space(5), x.orth(5), x.at(0).orth(0)] {
        assert!(wrong.error().is_some());
    }
    let stack = Expr::from(ArrayD::<f64>::zeros(vec![2, 3, 3]));
    let error = evanesce::linalg::null_space(&stack, None).unwrap_err().to_string();
    assert!(error.starts_with("linalg.null_space: is of one matrix") && error.contains(file!()), "{error}");
    let empty = Expr::from(ArrayD::<f64>::zeros(vec![0, 3]));
    assert_eq!(evanesce::linalg::null_space(&empty, None).unwrap().shape(), [3, 3]);
}

#[test]
fn blocks_stand_on_the_diagonal() {
    let (a, b) = (ndarray::arr2(&[[1.0, 2.0]]), ndarray::arr2(&[[3.0], [4.0]]));
    let found = block_diag(&[Expr::from(&a), Expr::from(&b)]).eval().unwrap();
    let expected = ndarray::arr2(&[[1.0, 2.0, 0.0], [0.0, 0.0, 3.0], [0.0, 0.0, 4.0]]).into_dyn();
    assert_eq!(found.as_f64(), Some(&expected));
    assert!(block_diag(&[]).error().is_some_and(|error| error.op == "linalg.block_diag"));
    let stacks = [[2, 1, 1], [3, 1, 1]].map(|shape| Expr::from(ndarray::Array3::<f64>::zeros(shape)));
    assert!(block_diag(&stacks).error().is_some());
}
