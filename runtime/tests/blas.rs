//! Residuals, aliasing and failures of the linear-algebra backend, on both sides of the crossovers.
#![allow(unsafe_code, reason = "the backend takes raw views")]

use evanesce_runtime::blas::{self, Failure, MatMut, MatRef, Real, Routine, Triangle, workspace};
use evanesce_runtime::small;

const SIZES: [usize; 14] = [0, 1, 2, 3, 5, 10, 12, 13, 16, 17, 32, 33, 50, 130];

trait Num: Real + Into<f64> + From<f32> {
    const EPS: f64;
}
impl Num for f64 {
    const EPS: f64 = f64::EPSILON;
}
impl Num for f32 {
    const EPS: f64 = f32::EPSILON as f64;
}

/// A plain row-major matrix, for everything that must be obviously right.
#[derive(Clone, Debug, PartialEq)]
struct Mat<T> {
    m: usize,
    n: usize,
    x: Vec<T>,
}

impl<T: Num> Mat<T> {
    fn new(m: usize, n: usize, f: impl Fn(usize, usize) -> f64) -> Self {
        Self { m, n, x: (0..m * n).map(|at| T::from(f(at / n, at % n) as f32)).collect() }
    }
    fn random(m: usize, n: usize, seed: usize) -> Self {
        Self::new(m, n, |i, j| {
            let mut h = (seed * 1_000_003 + i * 1009 + j + 1) as u64;
            for _ in 0..3 {
                h = (h ^ (h >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            }
            (h >> 40) as f64 / (1u64 << 24) as f64 - 0.5
        })
    }
    fn eye(n: usize) -> Self {
        Self::new(n, n, |i, j| f64::from(i == j))
    }
    fn spd(n: usize, seed: usize) -> Self {
        let g = Self::random(n, n, seed);
        let p = g.dot(&g.t());
        // The same bits on both sides of the diagonal.
        Self::new(n, n, |i, j| p.at(i.max(j), i.min(j)) + f64::from(i == j))
    }
    fn at(&self, i: usize, j: usize) -> f64 {
        self.x[i * self.n + j].into()
    }
    fn t(&self) -> Self {
        let mut x = Vec::new();
        for j in 0..self.n {
            x.extend((0..self.m).map(|i| self.x[i * self.n + j]));
        }
        Self { m: self.n, n: self.m, x }
    }
    fn dot(&self, b: &Self) -> Mat<T> {
        Self::new(self.m, b.n, |i, j| (0..self.n).map(|l| self.at(i, l) * b.at(l, j)).sum())
    }
    fn norm(&self) -> f64 {
        self.x.iter().map(|&x| x.into().powi(2)).sum::<f64>().sqrt()
    }
    fn write(&mut self) -> MatMut<T> {
        MatMut::row_major(self.x.as_mut_ptr(), self.m, self.n)
    }
}

/// A matrix in memory of some strides, everything around it NaN.
struct Held<T> {
    _memory: Vec<T>,
    view: MatRef<T>,
}

/// Row-major, column-major, padded both ways, negative, and strided in both directions.
fn held<T: Num>(a: &Mat<T>) -> Vec<Held<T>> {
    let (m, n) = (a.m as isize, a.n as isize);
    let strides = [(n, 1), (1, m), (n + 3, 1), (1, m + 2), (-n, -1), (-1, m), (2 * n + 1, 2), (-3, 3 * m + 1)];
    let make = |(rs, cs): (isize, isize)| {
        let (i, j) = ((m - 1).max(0), (n - 1).max(0));
        let zero = (-rs * i).max(0) + (-cs * j).max(0);
        let mut memory = vec![T::from(f32::NAN); (zero + rs.abs() * i + cs.abs() * j) as usize + 1];
        for (at, &x) in a.x.iter().enumerate() {
            let (i, j) = ((at / a.n) as isize, (at % a.n) as isize);
            memory[(zero + i * rs + j * cs) as usize] = x;
        }
        let ptr = memory.as_ptr().wrapping_offset(zero);
        Held { view: MatRef { ptr, rows: a.m, cols: a.n, rs, cs }, _memory: memory }
    };
    strides.map(make).into()
}

/// All strides where that is quick, else row-major and column-major.
fn some_held<T: Num>(a: &Mat<T>) -> Vec<Held<T>> {
    let mut all = held(a);
    all.truncate(if a.m.max(a.n) > 60 { 2 } else { all.len() });
    all
}

/// ||A X - B|| / (||A|| ||X|| n eps), with sums in f64.
#[track_caller]
fn check<T: Num>(what: &str, a: &Mat<T>, x: &Mat<T>, b: &Mat<T>) {
    assert_eq!((a.m, a.n, x.n), (b.m, x.m, b.n), "{what}");
    let mut residual = 0.0;
    for i in 0..a.m {
        for j in 0..x.n {
            residual += ((0..a.n).map(|l| a.at(i, l) * x.at(l, j)).sum::<f64>() - b.at(i, j)).powi(2);
        }
    }
    let scale = (a.norm() * x.norm()).max(b.norm()) * a.n.max(1) as f64 * T::EPS;
    assert!(residual.sqrt() <= 30.0 * scale, "{what} {}x{}: {}", a.m, a.n, residual.sqrt() / scale);
}

fn work<T: Num>(routine: Routine, m: usize, n: usize) -> Vec<T> {
    vec![T::from(f32::NAN); workspace::<T>(routine, &[[m, n]])]
}

fn blank<T: Num>(m: usize, n: usize) -> Mat<T> {
    Mat::new(m, n, |_, _| f64::NAN)
}

fn both(wide: impl Fn(usize), narrow: impl Fn(usize)) {
    blas::init();
    for n in SIZES {
        wide(n);
        narrow(n);
    }
}

fn products<T: Num>(n: usize) {
    for (m, k, n) in [(n, n, n), (n, n + 3, 1), (1, n, n + 1), (n + 2, 2, n), (n, 0, 3), (2 * n, n / 2 + 1, n + 1)] {
        let (a, b) = (Mat::<T>::random(m, k, 1), Mat::random(k, n, 2));
        let (a_held, b_held) = (held(&a), held(&b));
        for (at, a_held) in a_held.iter().enumerate() {
            // All pairs of strides where that is quick.
            let some = if m.max(n).max(k) <= 40 { 0..8 } else { at..at + 1 };
            for b_held in &b_held[some] {
                let mut c = blank(m, n);
                // SAFETY: the views are whole.
                unsafe { blas::gemm(a_held.view, b_held.view, c.write()) };
                check("gemm", &a, &b, &c);
            }
        }
    }
}

#[test]
fn product() {
    both(products::<f64>, products::<f32>);
}

/// Products by rows and by columns, with leading dimensions: nothing else is written.
fn products_in_layouts<T: Num>(n: usize) {
    for (m, k, n) in [(n, n, n), (n, n + 3, 1), (1, n, n + 1), (n + 2, 2, n), (n, 0, 3)] {
        let (a, b) = (Mat::<T>::random(m, k, 1), Mat::random(k, n, 2));
        let (a_held, b_held) = (held(&a), held(&b));
        for (rs, cs) in [(n, 1), (n + 3, 1), (1, m.max(1)), (1, m + 2)] {
            for held in 0..4 {
                let mut memory = vec![T::from(7.0); (m.max(1) - 1) * rs + (n.max(1) - 1) * cs + 1];
                let c = MatMut { ptr: memory.as_mut_ptr(), rows: m, cols: n, rs: rs as isize, cs: cs as isize };
                // SAFETY: the views are whole.
                unsafe { blas::gemm(a_held[held].view, b_held[3 - held].view, c) };
                let mut found = blank(m, n);
                for i in 0..m {
                    for j in 0..n {
                        found.x[i * n + j] = std::mem::replace(&mut memory[i * rs + j * cs], T::from(7.0));
                    }
                }
                check("gemm", &a, &b, &found);
                assert!(memory.iter().all(|x| *x == T::from(7.0)), "{m}x{n} by {rs}, {cs}: padding is written");
            }
        }
    }
}

#[test]
fn product_in_layouts() {
    both(products_in_layouts::<f64>, products_in_layouts::<f32>);
}

fn inverses<T: Num>(n: usize) {
    let (a, s) = (Mat::<T>::random(n, n, 3), Mat::<T>::spd(n, 4));
    let mut work = work(Routine::Inv, n, n);
    for (a_held, s_held) in held(&a).into_iter().zip(held(&s)) {
        let (mut x, mut y) = (blank(n, n), blank(n, n));
        // SAFETY: the views are whole.
        unsafe {
            blas::inv(a_held.view, x.write(), work.as_mut_ptr()).unwrap();
            blas::inv_spd(s_held.view, y.write(), work.as_mut_ptr()).unwrap();
        }
        check("inv", &a, &x, &Mat::eye(n));
        check("inv_spd", &s, &y, &Mat::eye(n));
        assert_eq!(y, y.t());
    }
    let (mut x, mut y) = (a.clone(), s.clone());
    // SAFETY: in place.
    unsafe {
        blas::inv(x.write().as_ref(), x.write(), work.as_mut_ptr()).unwrap();
        blas::inv_spd(y.write().as_ref(), y.write(), work.as_mut_ptr()).unwrap();
    }
    check("inv in place", &a, &x, &Mat::eye(n));
    check("inv_spd in place", &s, &y, &Mat::eye(n));
}

#[test]
fn inverse() {
    both(inverses::<f64>, inverses::<f32>);
}

fn solutions<T: Num>(n: usize) {
    let (a, s) = (Mat::<T>::random(n, n, 5), Mat::<T>::spd(n, 6));
    let (mut work_a, mut work_s) = (work(Routine::Solve, n, n), work(Routine::SolveSpd, n, n));
    let (w, v) = (work_a.as_mut_ptr(), work_s.as_mut_ptr());
    for k in [0, 1, 2, 7, n] {
        let b = Mat::<T>::random(n, k, 7);
        let b_held = held(&b);
        for (at, (a_held, s_held)) in held(&a).into_iter().zip(held(&s)).enumerate() {
            let b_view = b_held[(at + k) % b_held.len()].view;
            let (mut x, mut y) = (blank(n, k), blank(n, k));
            // SAFETY: the views are whole.
            unsafe {
                blas::solve(a_held.view, b_view, x.write(), w).unwrap();
                blas::solve_spd(s_held.view, b_view, y.write(), v).unwrap();
            }
            check("solve", &a, &x, &b);
            check("solve_spd", &s, &y, &b);
        }
        let (mut x, mut y) = (b.clone(), b.clone());
        // SAFETY: in place.
        unsafe {
            blas::solve(held(&a)[0].view, x.write().as_ref(), x.write(), w).unwrap();
            blas::solve_spd(held(&s)[0].view, y.write().as_ref(), y.write(), v).unwrap();
        }
        check("solve in place", &a, &x, &b);
        check("solve_spd in place", &s, &y, &b);
    }
}

#[test]
fn solution() {
    both(solutions::<f64>, solutions::<f32>);
}

fn factors<T: Num>(n: usize) {
    let s = Mat::<T>::spd(n, 8);
    // The upper triangle must not be read.
    let lower = Mat::<T>::new(n, n, |i, j| if j <= i { s.at(i, j) } else { f64::NAN });
    let (mut inplace, mut work) = (lower.clone(), work(Routine::Cholesky, n, n));
    // SAFETY: in place.
    unsafe { blas::cholesky(inplace.write().as_ref(), inplace.write(), work.as_mut_ptr()).unwrap() };
    for a in held(&lower) {
        let mut l = blank(n, n);
        // SAFETY: the views are whole.
        unsafe { blas::cholesky(a.view, l.write(), work.as_mut_ptr()).unwrap() };
        check("cholesky", &l, &l.t(), &s);
        assert!((0..n).all(|i| (i + 1..n).all(|j| l.at(i, j) == 0.0)));
        assert_eq!(l, inplace);
    }
}

#[test]
fn factor() {
    both(factors::<f64>, factors::<f32>);
}

fn triangles<T: Num>(n: usize) {
    let random = Mat::<T>::random(n, n, 9);
    let b = Mat::<T>::random(n, n.min(11), 10);
    let mut work = work(Routine::SolveTriangular, n, n);
    let w = work.as_mut_ptr();
    for flags in 0..8 {
        let [lower, transposed, unit] = [0, 1, 2].map(|bit| flags >> bit & 1 == 1);
        // What must not be read is NaN; the rest is well conditioned.
        let tri = |hidden: f64| {
            Mat::<T>::new(n, n, |i, j| match i.cmp(&j) {
                std::cmp::Ordering::Equal if unit => hidden.max(1.0),
                std::cmp::Ordering::Equal => 2.0 + random.at(i, j),
                order if order.is_gt() == lower => random.at(i, j) / n as f64,
                _ => hidden,
            })
        };
        let plain = if transposed { tri(0.0).t() } else { tri(0.0) };
        let op = Triangle { lower, transposed, unit, conj: false };
        let mut hidden = tri(f64::NAN);
        if unit {
            (0..n).for_each(|i| hidden.x[i * n + i] = T::from(f32::NAN));
        }
        for (k, a) in held(&hidden).into_iter().enumerate() {
            let b = Mat { n: if k % 2 == 0 { b.n } else { b.n.min(1) }, ..b.clone() };
            let b = Mat { x: b.x[..b.m * b.n].to_vec(), ..b };
            let (mut x, mut y) = (blank(b.m, b.n), b.clone());
            // SAFETY: the views are whole.
            unsafe {
                blas::solve_triangular(a.view, held(&b)[k].view, x.write(), op, w).unwrap();
                blas::solve_triangular(a.view, y.write().as_ref(), y.write(), op, w).unwrap();
            }
            check("solve_triangular", &plain, &x, &b);
            assert_eq!(x, y);
        }
    }
}

#[test]
fn triangle() {
    both(triangles::<f64>, triangles::<f32>);
}

fn orthogonals<T: Num>(n: usize) {
    let shapes = [(n, n), (n, n / 2), (n / 2, n), (2 * n, n)];
    for ((m, n), complete) in shapes.into_iter().flat_map(|shape| [(shape, false), (shape, true)]) {
        let k = if complete { m } else { m.min(n) };
        let a = Mat::<T>::random(m, n, 11);
        let mut work = work(Routine::Qr, m, n);
        for a_held in if complete { some_held(&a) } else { held(&a) } {
            let (mut q, mut r) = (blank(m, k), blank(k, n));
            // SAFETY: the views are whole.
            unsafe { blas::qr(a_held.view, q.write(), r.write(), work.as_mut_ptr()).unwrap() };
            check("qr", &q, &r, &a);
            check("orthogonal", &q.t(), &q, &Mat::eye(k));
            assert!((0..k).all(|i| (0..i.min(n)).all(|j| r.at(i, j) == 0.0)));
        }
    }
}

#[test]
fn orthogonal() {
    both(orthogonals::<f64>, orthogonals::<f32>);
}

/// A V = V diag(w), LAPACK's residual of `dsyevd`: ||A V - V W|| / (||A|| n eps), and ||V' V - I|| / (n eps).
fn symmetric_eigenvalues<T: Num>(n: usize) {
    let g = Mat::<T>::random(n, n, 16);
    let shift = |matrix: Mat<T>, by: f64| Mat::new(n, n, |i, j| matrix.at(i.max(j), i.min(j)) + by * f64::from(i == j));
    // Of mixed signs; well conditioned; of rank 1, so that nearly all values are equal.
    let rank_1 = Mat::<T>::new(n, n, |i, j| (1 + i % 3) as f64 * (1 + j % 3) as f64);
    for s in [shift(g.clone(), 0.0), Mat::spd(n, 17), shift(rank_1, 0.0)] {
        // The upper triangle must not be read.
        let lower = Mat::<T>::new(n, n, |i, j| if j <= i { s.at(i, j) } else { f64::NAN });
        let (mut all, mut values) = (work(Routine::Eigh, n, n), work(Routine::Eigvalsh, n, n));
        for a in some_held(&lower) {
            let (mut w, mut only, mut v) = (blank::<T>(1, n), blank::<T>(1, n), blank(n, n));
            // SAFETY: the views are whole.
            unsafe {
                blas::eigh(a.view, w.x.as_mut_ptr(), v.write(), all.as_mut_ptr()).unwrap();
                blas::eigvalsh(a.view, only.x.as_mut_ptr(), values.as_mut_ptr()).unwrap();
            }
            let scaled = Mat::<T> { m: n, n, x: (0..n * n).map(|at| v.x[at] * w.x[at % n]).collect() };
            check("eigh", &s, &v, &scaled);
            check("orthogonal", &v.t(), &v, &Mat::eye(n));
            assert!(w.x.is_sorted());
            let bound = 30.0 * T::EPS * n as f64 * s.norm();
            assert!(w.x.iter().zip(&only.x).all(|(&x, &y)| (x.into() - y.into()).abs() <= bound));
        }
    }
}

#[test]
fn eigenvalue() {
    both(symmetric_eigenvalues::<f64>, symmetric_eigenvalues::<f32>);
}

/// ||A - U S V'|| / (||A|| n eps), ||U' U - I|| / (n eps), ||V' V - I|| / (n eps), as LAPACK tests `dgesdd`.
fn singular_values<T: Num>(n: usize) {
    for (m, n, full) in [(n, n, false), (n, n / 2, false), (n / 2, n, true), (2 * n, n, true), (n, 3 * n, false)] {
        let k = m.min(n);
        let rank_1 = Mat::<T>::new(m, n, |i, j| (1 + i % 3) as f64 * (1 + j % 5) as f64);
        for a in [Mat::<T>::random(m, n, 18), rank_1] {
            let (mut all, mut values) = (work(Routine::Svd, m, n), work(Routine::Svdvals, m, n));
            for a_held in some_held(&a) {
                let (ucol, vrow) = if full { (m, n) } else { (k, k) };
                let (mut u, mut s, mut vt) = (blank(m, ucol), blank::<T>(1, k), blank(vrow, n));
                let mut only = blank::<T>(1, k);
                // SAFETY: the views are whole.
                unsafe {
                    let (s, only) = (s.x.as_mut_ptr(), only.x.as_mut_ptr());
                    blas::svd(a_held.view, u.write(), s, vt.write(), all.as_mut_ptr()).unwrap();
                    blas::svdvals(a_held.view, only, values.as_mut_ptr()).unwrap();
                }
                check("orthogonal u", &u.t(), &u, &Mat::eye(ucol));
                check("orthogonal v", &vt, &vt.t(), &Mat::eye(vrow));
                let scaled =
                    Mat::<T> {
                        m,
                        n: vrow,
                        x: (0..m * vrow)
                            .map(|at| {
                                if at % vrow < k { u.x[at / vrow * ucol + at % vrow] * s.x[at % vrow] } else { T::ZERO }
                            })
                            .collect(),
                    };
                check("svd", &scaled, &vt, &a);
                assert!(s.x.is_sorted_by(|x, y| x >= y));
                let bound = 30.0 * T::EPS * m.max(n) as f64 * a.norm();
                assert!(s.x.iter().zip(&only.x).all(|(&x, &y)| (x.into() - y.into()).abs() <= bound));
            }
        }
    }
}

#[test]
fn singular_value() {
    both(singular_values::<f64>, singular_values::<f32>);
}

#[test]
fn iterations_refuse_what_is_not_finite() {
    blas::init();
    for n in [1, 2, 3, 33] {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut a = Mat::<f64>::spd(n, 19);
            a.x[n * n - 1] = bad;
            let view = MatRef::row_major(a.x.as_ptr(), n, n);
            let (mut w, mut u, mut v) = (blank::<f64>(1, n), blank::<f64>(n, n), blank::<f64>(n, n));
            let w = w.x.as_mut_ptr();
            let [mut e, mut ev, mut s, mut sv]: [Vec<f64>; 4] =
                [Routine::Eigh, Routine::Eigvalsh, Routine::Svd, Routine::Svdvals].map(|r| work(r, n, n));
            // SAFETY: the views are whole.
            let results = unsafe {
                [
                    blas::eigh(view, w, v.write(), e.as_mut_ptr()),
                    blas::eigvalsh(view, w, ev.as_mut_ptr()),
                    blas::svd(view, u.write(), w, v.write(), s.as_mut_ptr()),
                    blas::svdvals(view, w, sv.as_mut_ptr()),
                ]
            };
            assert_eq!(results, [Err(Failure::NotFinite); 4]);
        }
    }
}

#[test]
fn logarithm_of_a_determinant() {
    blas::init();
    for n in [0, 1, 2, 3, 5, 10, 16, 17, 33, 50, 130] {
        // The rows of c I, exchanged once: the determinant overflows from n = 103 on, its logarithm does not.
        let c = 1000.0;
        let row = |i: usize| if n > 1 && i < 2 { 1 - i } else { i };
        let a = Mat::<f64>::new(n, n, |i, j| c * f64::from(j == row(i)));
        let mut work = work(Routine::Slogdet, n, n);
        for a in held(&a) {
            // SAFETY: the view is whole.
            let (sign, log) = unsafe { blas::slogdet(a.view, work.as_mut_ptr()) };
            assert_eq!(sign, if n > 1 { -1.0 } else { 1.0 });
            assert!((log - n as f64 * c.ln()).abs() <= 1e-13 * n as f64 * c.ln(), "{n}: {log}");
        }
    }
    let singular = Mat::<f64>::new(3, 3, |_, _| 1.0);
    let mut work = work(Routine::Slogdet, 3, 3);
    // SAFETY: the view is whole.
    let found = unsafe { blas::slogdet(MatRef::row_major(singular.x.as_ptr(), 3, 3), work.as_mut_ptr()) };
    assert_eq!(found, (0.0, f64::NEG_INFINITY));
}

fn det(a: &Mat<f64>) -> f64 {
    let mut work = work(Routine::Det, a.n, a.n);
    // SAFETY: the view is whole.
    unsafe { blas::det(MatRef::row_major(a.x.as_ptr(), a.m, a.n), work.as_mut_ptr()) }
}

#[test]
fn determinant() {
    let near = |x: f64, y: f64| assert!((x - y).abs() <= 1e-12 * y.abs(), "{x} {y}");
    near(det(&Mat::eye(0)), 1.0);
    near(det(&Mat { m: 2, n: 2, x: vec![1.0, 2.0, 3.0, 4.0] }), -2.0);
    near(det(&Mat { m: 2, n: 2, x: vec![1.0, 2.0, 2.0, 4.0] }), 0.0);
    for n in [3, 12, 16, 17, 32, 33, 50] {
        // The rows of L U in cyclic order, L and U with known diagonals.
        let r = Mat::<f64>::random(n, n, 12);
        let l = Mat::<f64>::new(n, n, |i, j| if i == j { 1.0 } else { f64::from(j < i) * r.at(i, j) / 4.0 });
        let u = Mat::<f64>::new(n, n, |i, j| if i == j { 1.5 } else { f64::from(j > i) * r.at(i, j) / 4.0 });
        let mut x = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                x[(i + 1) % n * n + j] = (0..n).map(|k| l.at(i, k) * u.at(k, j)).sum();
            }
        }
        let sign = if n % 2 == 0 { -1.0 } else { 1.0 };
        near(det(&Mat { m: n, n, x }), sign * 1.5f64.powi(n as i32));
    }
}

/// Calls what inverts, factors and solves, on `A` alone, each into fresh memory.
fn failures(a: &Mat<f64>) -> [Result<(), Failure>; 5] {
    let n = a.n;
    let view = MatRef::row_major(a.x.as_ptr(), n, n);
    let b = Mat::<f64>::random(n, 2, 13);
    let bv = MatRef::row_major(b.x.as_ptr(), n, 2);
    let (mut inv, mut sol): (Vec<f64>, Vec<f64>) = (work(Routine::Inv, n, n), work(Routine::Solve, n, n));
    // SAFETY: the views are whole.
    unsafe {
        [
            blas::inv(view, blank(n, n).write(), inv.as_mut_ptr()),
            blas::solve(view, bv, blank(n, 2).write(), sol.as_mut_ptr()),
            blas::inv_spd(view, blank(n, n).write(), inv.as_mut_ptr()),
            blas::cholesky(view, blank(n, n).write(), inv.as_mut_ptr()),
            blas::solve_spd(view, bv, blank(n, 2).write(), sol.as_mut_ptr()),
        ]
    }
}

#[test]
fn failure() {
    blas::init();
    for n in [1, 2, 3, 4, 10, 16, 17, 32, 33, 50] {
        for bad in [0, n / 2, n - 1] {
            // Row `bad` repeats row 0 (or is 0): the first that depends on those before it.
            let mut a = Mat::<f64>::new(n, n, |i, j| f64::from(i == j) + f64::from(j == i + 1));
            let source: Vec<f64> = if bad == 0 { vec![0.0; n] } else { a.x[..n].to_vec() };
            a.x[bad * n..][..n].copy_from_slice(&source);
            let singular = Err(Failure::Singular { pivot: bad + 1 });
            assert_eq!(failures(&a)[..2], [singular, singular], "n = {n}");
            assert_eq!(det(&a), 0.0);

            let order = Err(Failure::NotPositiveDefinite { order: bad + 1 });
            for value in [0.0, -1.0, f64::NAN] {
                let mut s = Mat::<f64>::spd(n, 14);
                s.x[bad * n + bad] = value;
                assert_eq!(failures(&s)[2..], [order, order, order], "n = {n}");
            }

            let mut t = Mat::<f64>::eye(n);
            t.x[bad * n + bad] = 0.0;
            let (view, mut x) = (MatRef::row_major(t.x.as_ptr(), n, n), Mat::<f64>::eye(n));
            let mut work = work::<f64>(Routine::SolveTriangular, n, n);
            let w = work.as_mut_ptr();
            for [lower, transposed] in [[true, true], [true, false], [false, true], [false, false]] {
                // SAFETY: the views are whole.
                let solve = |unit, x: MatMut<f64>| unsafe {
                    blas::solve_triangular(view, x.as_ref(), x, Triangle { lower, transposed, unit, conj: false }, w)
                };
                assert_eq!(solve(false, x.write()), singular);
                assert_eq!(solve(true, x.write()), Ok(()));
            }
        }
    }
}

#[test]
fn nan_ends_in_nan() {
    blas::init();
    for n in [1, 2, 3, 10, 16, 17, 32, 33, 130] {
        for at in [0, n * n / 2, n * n - 1] {
            let mut a = Mat::<f64>::random(n, n, 15);
            a.x[at] = f64::NAN;
            let view = MatRef::row_major(a.x.as_ptr(), n, n);
            let (mut x, mut y, b) = (Mat::eye(n), Mat::eye(n), Mat::<f64>::eye(n));
            let (mut inv, mut sol): (Vec<f64>, Vec<f64>) = (work(Routine::Inv, n, n), work(Routine::Solve, n, n));
            // SAFETY: the views are whole.
            unsafe {
                blas::inv(view, x.write(), inv.as_mut_ptr()).unwrap();
                blas::solve(view, held(&b)[0].view, y.write(), sol.as_mut_ptr()).unwrap();
            }
            assert!(x.norm().is_nan() && y.norm().is_nan() && det(&a).is_nan(), "n = {n}");
        }
    }
}

#[test]
fn extreme_scales() {
    // Larger ones overflow in trsm, which multiplies by reciprocals.
    for n in [1, 3, 10, 16] {
        let tiny = Mat::<f64> { x: Mat::<f64>::eye(n).x.iter().map(|x| x * 1e-310).collect(), m: n, n };
        let b = tiny.clone();
        let mut work: Vec<f64> = work(Routine::Solve, n, n);
        for spd in [false, true] {
            let mut x = blank(n, n);
            let (a, b) = (&held(&tiny)[0], &held(&b)[0]);
            // SAFETY: the views are whole.
            unsafe {
                match spd {
                    true => blas::solve_spd(a.view, b.view, x.write(), work.as_mut_ptr()).unwrap(),
                    false => blas::solve(a.view, b.view, x.write(), work.as_mut_ptr()).unwrap(),
                }
            }
            check("tiny", &Mat::eye(n), &x, &Mat::eye(n));
        }
    }
    let least = f64::from_bits(1);
    let mut pivots = [0; 2];
    let (a, mut out) = ([0.0, least, least, 0.0], [0.0; 4]);
    // SAFETY: 2 x 2.
    unsafe { small::lu(MatRef::row_major(a.as_ptr(), 2, 2), out.as_mut_ptr(), pivots.as_mut_ptr()).unwrap() };
    assert_eq!(pivots, [2, 2]);
}

#[test]
fn strides_that_blas_takes() {
    for (rows, cols, rs, cs, takes) in [
        (3, 4, 4, 1, true),
        (3, 4, 1, 3, true),
        (3, 4, 9, 1, true),
        (3, 4, 3, 1, false),
        (3, 4, 1, 2, false),
        (3, 4, 8, 2, false),
        (3, 4, -4, 1, false),
        (3, 4, 0, 1, false),
        (1, 4, 0, 1, true),
        (1, 4, 7, 2, true),
        (4, 1, 5, -3, true),
        (4, 1, -5, 1, false),
        (4, 1, 0, 1, false),
        (1, 1, 0, 0, true),
        (0, 5, 0, 0, true),
        (2, 2, 1 << 31, 1, false),
    ] {
        assert_eq!(blas::gemm_takes(rows, cols, rs, cs), takes, "{rows}x{cols} by {rs}, {cs}");
    }
    let broadcast = MatRef { ptr: &2.0, rows: 40, cols: 40, rs: 0, cs: 0 };
    let mut c = blank::<f64>(40, 40);
    // SAFETY: one element everywhere.
    unsafe { blas::gemm(broadcast, broadcast, c.write()) };
    assert!(c.x.iter().all(|&x| x == 160.0));
}
