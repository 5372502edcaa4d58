//! Matrices that are not square, and systems with triangular ones, by the ratios of `residuals.rs`: in every layout, in stacks, in
//! both precisions.

#[path = "common/held.rs"]
mod held;
#[path = "common/ratios.rs"]
mod ratios;

use evanesce::prelude::*;
use held::{Num, cases, floats, matrices};
use ndarray::{Array2, ArrayD};
use ratios::{check, diagonal, identity, is_triangular, spread, t, values, vanishes};

/// The first half of the columns, and of the rows, where they lie.
fn halves<'a>(x: &Expr<'a>, n: usize) -> [(&'static str, Expr<'a>); 2] {
    let half = n.div_ceil(2) as isize;
    let last = x.ty().expect("a matrix").rank() as isize - 1;
    let part = |axis: isize| x.moveaxis([axis], [0]).slice(s![..half]).moveaxis([0], [axis]);
    [("tall", part(last)), ("wide", part(last - 1))]
}

/// With `k` the smaller size: reduced and complete QR, singular values with short and whole bases.
fn factors<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        let x = Expr::from(held.view());
        for (shape, part) in halves(&x, n) {
            let ratio = |what: &str, factors: &[&ArrayD<f64>], target: &ArrayD<f64>| {
                check(&format!("{what} of the {shape} half {case}"), T::EPS, factors, target);
            };
            let ((q, r), (qq, rr)) = (part.qr(), part.qr_complete());
            let ((u, s, vt), (uu, ss, vvt)) = (part.svd(false), part.svd(true));
            let only = part.svdvals();
            let [a, q, r, qq, rr, u, s, vt, uu, ss, vvt, only] =
                &values(&[&part, &q, &r, &qq, &rr, &u, &s, &vt, &uu, &ss, &vvt, &only])[..]
            else {
                unreachable!("twelve results")
            };
            let [rows, columns] = a.shape()[a.ndim() - 2..] else { unreachable!("a matrix") };
            let k = rows.min(columns);
            ratio("qr", &[q, r], a);
            ratio("complete qr", &[qq, rr], a);
            assert!(is_triangular(r, false) && is_triangular(rr, false), "{case}");
            ratio("svd", &[u, &diagonal(s, k, k), vt], a);
            ratio("full svd", &[uu, &diagonal(ss, rows, columns), vvt], a);
            for (what, basis, size) in
                [("q", q, k), ("the complete q", qq, rows), ("u", u, k), ("the full u", uu, rows)]
            {
                ratio(what, &[&t(basis), basis], &spread(&identity(size), a));
            }
            for (what, basis, size) in [("vt", vt, k), ("the full vt", vvt, columns)] {
                ratio(what, &[basis, &t(basis)], &spread(&identity(size), a));
            }
            for other in [ss, only] {
                ratio("svdvals", &[&diagonal(other, k, k)], &diagonal(s, k, k));
            }
            assert!(s.iter().all(|x| *x >= 0.0), "{case}");
        }
    });
}

#[test]
fn factors_of_rectangles_multiply_to_them() {
    factors::<f64>();
    factors::<f32>();
}

/// What least squares and pseudo-inverses are defined by: residuals at right angles to the columns, and `a p a = a`.
fn projections<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        // Its error is that of the condition number squared.
        if n == 0 || case.graded {
            return;
        }
        let right = matrices::<T>(&[n, 2], 21);
        let (x, right) = (Expr::from(held.view()), Expr::from(&right));
        for (shape, part) in halves(&x, n) {
            let at = part.matrix_transpose();
            let p = part.pinv(None);
            let b = if shape == "tall" { right.clone() } else { right.slice(s![..n.div_ceil(2) as isize]) };
            let [solution, ..] = part.lstsq(&b, None);
            let normal = at.matmul(part.matmul(&solution) - &b);
            let [normal, a, p, b] = &values(&[&normal, &part, &p, &b])[..] else { unreachable!("four results") };
            let what = |what: &str| format!("{what} of the {shape} half {case}");
            vanishes(&what("lstsq"), T::EPS, normal, &[a, &spread(b, a)]);
            check(&what("pinv"), T::EPS, &[a, p, a], a);
            check(&what("pinv"), T::EPS, &[p, a, p], p);
        }
    });
}

#[test]
fn least_squares_and_pseudo_inverses_are_projections() {
    projections::<f64>();
    projections::<f32>();
}

/// Triangular systems from either triangle, transposed, with a unit diagonal; LU's with transposed factors.
fn triangles<T: Num>() {
    cases::<T>(|case, held| {
        let n = case.size;
        let right = matrices::<T>(&[n, 3], 22);
        let (x, b) = (Expr::from(held.view()), Expr::from(&right));
        // A diagonal beside which the rest is not large: solving is then as good as the ratio says for any order.
        let a = &x + (eye(n) * (1.0 + n as f64)).astype(T::DTYPE);
        let at = a.matrix_transpose();
        let (lower, upper) = (a.tril(0), a.triu(0));
        let unit = a.tril(-1) / (1.0 + n as f64);
        let (packed, pivots) = x.lu_factor();
        let results = [
            ("lower", lower.clone(), a.solve_triangular(&b, true)),
            ("upper", upper.clone(), a.solve_triangular(&b, false)),
            ("lower, transposed", lower.matrix_transpose(), at.solve_triangular(&b, false)),
            ("upper, transposed", upper.matrix_transpose(), at.solve_triangular(&b, true)),
            ("unit", &unit + eye(n).astype(T::DTYPE), unit.solve_unit_triangular(&b, true)),
            ("lu_solve, transposed", x.matrix_transpose(), packed.lu_solve_transposed(&pivots, &b)),
        ];
        let target = floats(&T::wrap(right.clone()));
        for (what, matrix, solution) in &results {
            let [matrix, solution] = &values(&[matrix, solution])[..] else { unreachable!("two results") };
            check(&format!("{what} {case}"), T::EPS, &[matrix, solution], &spread(&target, matrix));
        }
    });
}

#[test]
fn triangular_systems_are_solved() {
    triangles::<f64>();
    triangles::<f32>();
}

/// Halves that hold nothing have the shapes that NumPy's have.
#[test]
fn nothing_has_its_shapes() {
    let none = Array2::<f64>::zeros((3, 0));
    let x = Expr::from(&none);
    let shape = |x: &Expr<'_>| x.eval().expect("it runs").shape().to_vec();
    let (u, s, vt) = x.svd(true);
    assert_eq!([shape(&u), shape(&s), shape(&vt)], [vec![3, 3], vec![0], vec![0, 0]]);
    let (q, r) = x.qr_complete();
    assert_eq!([shape(&q), shape(&r)], [vec![3, 3], vec![3, 0]]);
    assert_eq!(shape(&x.pinv(None)), [0, 3]);
    assert_eq!(shape(&x.lstsq(ones(DType::F64, [3, 2]), None)[0]), [0, 2]);
}
