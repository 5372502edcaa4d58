//! Complex linear algebra by what its results multiply to: LAPACK's ratios as in `residuals.rs`, over sizes, stacks and views,
//! in both precisions.

#[path = "common/complex_cases.rs"]
mod complex_cases;
#[path = "common/held.rs"]
mod held;

use complex_cases::{SIZES, THRESHOLD, adjoint, cases, vanish};
use evanesce::expr::complex;
use evanesce::prelude::*;
use held::{Num, floats, matrices};

fn systems<T: Num>() {
    cases::<T>(|name, n, a| {
        let one = eye(n).astype(T::DTYPE);
        let b = complex(matrices_of::<T>(n, 3), matrices_of::<T>(n + 1, 4).slice(s![..n as isize, ..]));
        let x = a.solve(&b);
        let inverse = a.inv();
        let gram = a.matmul(adjoint(&a)) + &one;
        let l = gram.cholesky();
        let y = l.solve_triangular(&b, true);
        let z = adjoint(&l).solve_triangular(&b, false);
        let u = gram.cholesky_upper();
        vanish::<T>(
            name,
            n,
            &[
                ("solve", a.matmul(&x) - &b, &[&a, &x]),
                ("inv", a.matmul(&inverse) - &one, &[&a, &inverse]),
                ("cholesky", l.matmul(adjoint(&l)) - &gram, &[&l, &l]),
                ("upper cholesky", adjoint(&u).matmul(&u) - &gram, &[&u, &u]),
                ("solve_triangular", l.matmul(&y) - &b, &[&l, &y]),
                ("solve_triangular", adjoint(&l).matmul(&z) - &b, &[&l, &z]),
                ("cho_solve", gram.matmul(l.cho_solve(&b, true)) - &b, &[&gram, &l.cho_solve(&b, true)]),
            ],
        );
        let (direction, logarithm) = a.slogdet();
        let found = (direction * logarithm.exp() / a.det() - 1.0).abs().eval().unwrap();
        let bound = THRESHOLD * (n.max(1) as f64) * T::EPS * 10.0;
        // Beyond the range of a determinant the quotient is no number.
        assert!(floats(&found).iter().all(|x| x.is_nan() || *x <= bound), "det {name}: {found:?}");
        assert!(n > 33 || floats(&found).iter().all(|x| x.is_finite()), "det {name}: {found:?}");
    });
}

fn matrices_of<T: Num>(rows: usize, seed: u64) -> Expr<'static> {
    Expr::from(matrices::<T>(&[rows, 3], seed))
}

#[test]
fn systems_are_solved() {
    systems::<f64>();
    systems::<f32>();
}

fn factors<T: Num>() {
    cases::<T>(|name, n, a| {
        let one = eye(n).astype(T::DTYPE);
        let half = n.div_ceil(2) as isize;
        let rank = a.ty().expect("a matrix").rank() as isize;
        // Tall and wide.
        let tall = a.moveaxis([rank - 1], [0]).slice(s![..half]).moveaxis([0], [rank - 1]);
        let wide = adjoint(&tall);
        let hermitian = (&a + adjoint(&a)) * 0.5;
        let (w, v) = hermitian.eigh();
        let (values, vectors) = a.eig();
        let mut residuals = vec![
            ("eigh", hermitian.matmul(&v) - &v * w.expand_dims(-2), vec![hermitian.clone(), v.clone()]),
            ("eigh's v", adjoint(&v).matmul(&v) - &one, vec![v.clone(), v.clone()]),
            ("eig", a.matmul(&vectors) - &vectors * values.expand_dims(-2), vec![a.clone(), vectors.clone()]),
        ];
        for part in [&a, &tall, &wide] {
            let ((q, r), (u, s, vt)) = (part.qr(), part.svd(false));
            residuals.push(("qr", q.matmul(&r) - part, vec![q.clone(), r]));
            residuals.push(("svd", (&u * s.expand_dims(-2)).matmul(&vt) - part, vec![part.clone()]));
            for basis in [&q, &u, &adjoint(&vt)] {
                let k = half.min(n as isize) as usize;
                let size = *basis.ty().expect("a matrix").shape.last().expect("columns");
                assert!(size == n || size == k);
                let one = eye(size).astype(T::DTYPE);
                residuals.push(("a basis", adjoint(basis).matmul(basis) - one, vec![basis.clone(), basis.clone()]));
            }
        }
        let ((q, r), (u, _, vt)) = (tall.qr_complete(), wide.svd(true));
        residuals.push(("complete qr", q.matmul(&r) - &tall, vec![q.clone(), r]));
        residuals.push(("complete q", adjoint(&q).matmul(&q) - &one, vec![q.clone(), q]));
        residuals.push(("full vt", adjoint(&vt).matmul(&vt) - &one, vec![vt.clone(), vt]));
        let fewer = eye(half.min(n as isize) as usize).astype(T::DTYPE);
        residuals.push(("full u", adjoint(&u).matmul(&u) - fewer, vec![u.clone(), u]));
        let only = (a.svdvals() - a.svd(false).1).expand_dims(-1);
        residuals.push(("svdvals", only, vec![a.clone()]));
        let only = (hermitian.eigvalsh() - w).expand_dims(-1);
        residuals.push(("eigvalsh", only, vec![hermitian]));
        let sizes: Vec<Vec<&Expr<'_>>> = residuals.iter().map(|(_, _, sizes)| sizes.iter().collect()).collect();
        let rows =
            residuals.iter().zip(&sizes).map(|((what, residual, _), sizes)| (*what, residual.clone(), &sizes[..]));
        vanish::<T>(name, n, &rows.collect::<Vec<_>>());
    });
}

#[test]
fn factors_multiply_to_the_matrix() {
    factors::<f64>();
    factors::<f32>();
}

/// Eigenvalues of real matrices, in pairs.
#[test]
fn real_matrices_have_complex_eigenvalues() {
    for n in SIZES {
        let x = matrices::<f64>(&[2, n, n], n as u64);
        let x = Expr::from(&x);
        let (w, v) = x.eig();
        let a = complex(&x, 0.0);
        vanish::<f64>("real", n, &[("eig", a.matmul(&v) - &v * w.expand_dims(-2), &[&a, &v])]);
        let sum = (w.sum(-1) - x.trace()).abs().max(()).eval().unwrap();
        assert!(floats(&sum).iter().all(|x| *x <= 1e-14 * (n * n + 1) as f64), "{n}: {sum:?}");
        let same = (w.sum(-1) - x.eigvals().sum(-1)).abs().max(()).eval().unwrap();
        assert!(floats(&same).iter().all(|x| *x <= 1e-13 * (n + 1) as f64), "{n}: {same:?}");
    }
}

#[test]
fn conjugates_are_where_numpy_has_them() {
    let [re, im] = [1, 2].map(|seed| Expr::from(matrices::<f64>(&[5, 3], seed)));
    let a = complex(re, im);
    let p = a.pinv(None);
    let b = a.slice(s![.., 0]) * 2.0 + 1.0;
    let [x, residuals, _, _] = a.lstsq(&b, None);
    let off = (&b - a.matmul(&x)).expand_dims(-1);
    let one = eye(3);
    let (u, h) = a.polar();
    let zero = [
        a.matmul(&p).matmul(&a) - &a,
        adjoint(&a.matmul(&p)) - a.matmul(&p),
        adjoint(&p.matmul(&a)) - p.matmul(&a),
        adjoint(&a).matmul(&off),
        (off.abs().square().sum(()) - residuals.at(0)).reshape([1, 1]),
        u.matmul(&h) - &a,
        adjoint(&h) - &h,
        adjoint(&u).matmul(&u) - one,
        (b.vdot(&b) - b.abs().square().sum(())).reshape([1, 1]),
        (b.vecdot(a.slice(s![.., 0]), 0) - (b.conj() * a.slice(s![.., 0])).sum(())).reshape([1, 1]),
        (b.vecmat(&a) - b.conj().matmul(&a)).reshape([1, 3]),
        (b.norm(None, ()) - b.abs().square().sum(()).sqrt()).reshape([1, 1]),
    ];
    for (i, zero) in zero.iter().enumerate() {
        let largest = zero.abs().max(()).eval().unwrap();
        assert!(floats(&largest).iter().all(|x| *x < 1e-13), "{i}: {largest:?}");
    }
}
