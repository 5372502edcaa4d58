//! Two backends asked the same: what LAPACK answers and what the one without a library answers, routine by routine.
#![cfg(all(library, feature = "faer"))]
#![allow(unsafe_code, reason = "the interface is that of the Fortran routines")]

use evanesce_runtime::backend::{Decompositions, Faer, Fortran, Lapack, Work, init};
use num_complex::Complex;
use std::fmt::Debug;

const SIZES: [usize; 8] = [1, 2, 3, 5, 10, 17, 33, 70];

/// An element that both know.
trait Element: Lapack<Fortran> + Lapack<Faer> + Decompositions<Fortran> + Decompositions<Faer> + Debug + PartialEq {
    const EPS: f64;
    const REAL: bool;
    fn new(re: f64, im: f64) -> Self;
    fn get(self) -> Complex<f64>;
    fn part(x: Self::Part) -> f64;
    fn of_part(x: f64) -> Self::Part;
}

macro_rules! element {
    ($t:ident) => {
        impl Element for $t {
            const EPS: f64 = $t::EPSILON as f64;
            const REAL: bool = true;
            fn new(re: f64, _: f64) -> Self {
                re as $t
            }
            fn get(self) -> Complex<f64> {
                Complex::new(self as f64, 0.0)
            }
            fn part(x: $t) -> f64 {
                x as f64
            }
            fn of_part(x: f64) -> $t {
                x as $t
            }
        }

        impl Element for Complex<$t> {
            const EPS: f64 = $t::EPSILON as f64;
            const REAL: bool = false;
            fn new(re: f64, im: f64) -> Self {
                Complex::new(re as $t, im as $t)
            }
            fn get(self) -> Complex<f64> {
                Complex::new(self.re as f64, self.im as f64)
            }
            fn part(x: $t) -> f64 {
                x as f64
            }
            fn of_part(x: f64) -> $t {
                x as $t
            }
        }
    };
}

element!(f32);
element!(f64);

/// A matrix in columns.
#[derive(Clone, Debug)]
struct Mat<T> {
    rows: usize,
    x: Vec<T>,
}

impl<T: Element> Mat<T> {
    fn new(rows: usize, cols: usize, f: impl Fn(usize, usize) -> T) -> Self {
        Mat { rows, x: (0..rows * cols).map(|k| f(k % rows, k / rows)).collect() }
    }
    /// Elements between -1 and 1.
    fn random(rows: usize, cols: usize, seed: u64) -> Self {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        };
        Mat { rows, x: (0..rows * cols).map(|_| T::new(next(), next())).collect() }
    }
    /// A A' and n on the diagonal.
    fn positive(n: usize, seed: u64) -> Self {
        let a = Mat::<T>::random(n, n, seed);
        Mat::new(n, n, |i, j| {
            let sum: Complex<f64> = (0..n).map(|k| a.at(i, k) * a.at(j, k).conj()).sum();
            let sum = if i == j { Complex::new(sum.re + n as f64, 0.0) } else { sum };
            T::new(sum.re, sum.im)
        })
    }
    fn hermitian(n: usize, seed: u64) -> Self {
        let a = Mat::<T>::random(n, n, seed);
        Mat::new(n, n, |i, j| {
            let x = (a.at(i, j) + a.at(j, i).conj()) / 2.0;
            T::new(x.re, if i == j { 0.0 } else { x.im })
        })
    }
    fn blank(rows: usize, cols: usize) -> Self {
        Mat::new(rows, cols, |_, _| T::new(f64::NAN, f64::NAN))
    }
    fn cols(&self) -> usize {
        self.x.len() / self.rows
    }
    fn at(&self, i: usize, j: usize) -> Complex<f64> {
        self.x[i + j * self.rows].get()
    }
    /// With room behind: gemv of some versions of OpenBLAS reads beyond the end of complex matrices.
    fn p(&mut self) -> *mut T {
        self.x.reserve(4 * self.rows + 64);
        self.x.as_mut_ptr()
    }
    fn map(&self, f: impl Fn(usize, usize) -> bool) -> Self {
        Mat::new(self.rows, self.cols(), |i, j| if f(i, j) { self.x[i + j * self.rows] } else { T::new(0.0, 0.0) })
    }
    fn norm(&self) -> f64 {
        self.x.iter().map(|x| x.get().norm_sqr()).sum::<f64>().sqrt()
    }
}

/// Equal to within rounding, which the condition of the problem makes `factor` times as large.
#[track_caller]
fn close<T: Element>(what: &str, a: &Mat<T>, b: &Mat<T>, factor: f64) {
    assert_eq!((a.rows, a.x.len()), (b.rows, b.x.len()));
    let off = a.x.iter().zip(&b.x).map(|(x, y)| (x.get() - y.get()).norm_sqr()).sum::<f64>().sqrt();
    let bound = 30.0 * T::EPS * a.rows.max(2) as f64 * factor * a.norm().max(b.norm());
    assert!(off <= bound, "{what} {}x{}: {off:e} is more than {bound:e}", a.rows, a.cols());
}

/// The same closure by both backends.
macro_rules! both {
    (|$b:ident| $body:expr) => {{
        let first = {
            type $b = Fortran;
            $body
        };
        let second = {
            type $b = Faer;
            $body
        };
        (first, second)
    }};
}

fn int(n: usize) -> i32 {
    n as i32
}

fn all(test: [fn(usize); 4]) {
    init();
    for n in SIZES {
        test.iter().for_each(|test| test(n));
    }
}

fn flags<T: Element>() -> Vec<u8> {
    if T::REAL { vec![b'N', b'T'] } else { vec![b'N', b'T', b'C'] }
}

fn products<T: Element>(n: usize) {
    let (m, k, ld) = (n + 2, n / 2 + 1, 2 * n + 5);
    let (a, b) = (Mat::<T>::random(ld, ld, 1), Mat::<T>::random(ld, ld, 2));
    for ta in flags::<T>() {
        for tb in flags::<T>() {
            let (x, y) = both!(|B| {
                let mut c = Mat::<T>::blank(m, n);
                let (ap, bp, ld) = (a.x.as_ptr(), b.x.as_ptr(), int(ld));
                // SAFETY: both operands have room for either order.
                unsafe { <T as Lapack<B>>::gemm(ta, tb, int(m), int(n), int(k), ap, ld, bp, ld, c.p(), int(m)) };
                c
            });
            close("gemm", &x, &y, 1.0);
        }
        let (x, y) = both!(|B| {
            let (rows, cols) = (int(n), int(k));
            let mut y = Mat::<T>::new(if ta == b'N' { n } else { k }, 1, |_, _| T::new(0.0, 0.0));
            // SAFETY: the operands have room for either order and for steps of 2.
            unsafe { <T as Lapack<B>>::gemv(ta, rows, cols, a.x.as_ptr(), int(ld), b.x.as_ptr(), 2, y.p()) };
            y
        });
        close("gemv", &x, &y, 1.0);
        let triangle = Mat::<T>::positive(n, 3);
        for uplo in [b'U', b'L'] {
            for diag in [b'N', b'U'] {
                // A unit diagonal wants small elements beside it.
                let size = if diag == b'U' { 1.0 / (n * n) as f64 } else { 1.0 };
                let a = Mat::<T>::new(n, n, |i, j| {
                    let x = triangle.at(i, j) * size;
                    T::new(x.re, x.im)
                });
                let (x, y) = both!(|B| {
                    let mut x = Mat::<T>::random(m, n, 4);
                    let mut v = Mat::<T>::random(n, 1, 5);
                    // SAFETY: sizes as they are.
                    unsafe {
                        let ap = a.x.as_ptr();
                        <T as Lapack<B>>::trsm_right(uplo, ta, diag, int(m), int(n), ap, int(n), x.p());
                        <T as Lapack<B>>::trsv(uplo, ta, diag, int(n), ap, int(n), v.p());
                    }
                    (x, v)
                });
                close("trsm", &x.0, &y.0, 10.0);
                close("trsv", &x.1, &y.1, 10.0);
            }
        }
    }
}

#[test]
fn products_and_triangular_solves_agree() {
    all([products::<f32>, products::<f64>, products::<Complex<f32>>, products::<Complex<f64>>]);
}

fn factors<T: Element>(n: usize) {
    for (m, n) in [(n, n), (n, n + 3), (2 * n, n)] {
        let (x, y) = both!(|B| {
            let mut a = Mat::<T>::random(m, n, 6);
            let mut pivots = vec![0; m.min(n)];
            // SAFETY: sizes as they are.
            let info = unsafe { <T as Lapack<B>>::getrf(int(m), int(n), a.p(), pivots.as_mut_ptr()) };
            (a, pivots, info)
        });
        assert_eq!((&x.1, x.2), (&y.1, y.2));
        close("getrf", &x.0, &y.0, 100.0);
    }
    let (x, y) = both!(|B| {
        let (mut a, mut pivots, mut work) = (Mat::<T>::positive(n, 7), vec![0; n], Mat::<T>::blank(64 * n, 1));
        a.x.swap(0, n - 1);
        let order = int(n);
        // SAFETY: sizes as they are.
        let info = unsafe {
            let first = <T as Lapack<B>>::getrf(order, order, a.p(), pivots.as_mut_ptr());
            (first, <T as Lapack<B>>::getri(order, a.p(), pivots.as_ptr(), work.p(), 64 * order))
        };
        (a, info)
    });
    assert_eq!(x.1, y.1);
    close("getri", &x.0, &y.0, 100.0);
    let (x, y) = both!(|B| {
        let mut a = Mat::<T>::positive(n, 8);
        // SAFETY: sizes as they are.
        unsafe {
            let info = <T as Lapack<B>>::potrf(int(n), a.p());
            let u = a.map(|i, j| i <= j);
            (info, u, <T as Lapack<B>>::potri(int(n), a.p()), a.map(|i, j| i <= j))
        }
    });
    assert_eq!((x.0, x.2), (y.0, y.2));
    close("potrf", &x.1, &y.1, 10.0);
    close("potri", &x.3, &y.3, 10.0);
    for (m, n) in [(n, n), (n, n + 3), (2 * n, n)] {
        let (x, y) = both!(|B| {
            let k = m.min(n);
            let (mut a, mut tau) = (Mat::<T>::random(m, n, 9), Mat::<T>::blank(k, 1));
            let mut work = Mat::<T>::blank(64 * m.max(n), 1);
            let lwork = int(64 * m.max(n));
            // SAFETY: sizes as they are.
            unsafe {
                <T as Lapack<B>>::gelqf(int(m), int(n), a.p(), tau.p(), work.p(), lwork);
                let l = a.map(|i, j| i >= j);
                let mut q = Mat::<T>::new(k, n, |i, j| a.x[i + j * m]);
                <T as Lapack<B>>::unglq(int(k), int(n), int(k), q.p(), tau.p(), work.p(), lwork);
                (l, q)
            }
        });
        close("gelqf", &x.0, &y.0, 10.0);
        close("unglq", &x.1, &y.1, 100.0 * n as f64);
    }
    let (x, y) = both!(|B| {
        let (mut a, mut pivots, mut work) = (Mat::<T>::hermitian(n, 10), vec![0; n], Mat::<T>::blank(64 * n, 1));
        // SAFETY: sizes as they are.
        let info = unsafe { <T as Lapack<B>>::hetrf(int(n), a.p(), pivots.as_mut_ptr(), work.p(), int(64 * n)) };
        (a.map(|i, j| i >= j), pivots, info)
    });
    assert_eq!((&x.1, x.2), (&y.1, y.2));
    close("hetrf", &x.0, &y.0, 100.0);
}

#[test]
fn factors_agree_with_their_pivots_and_signs() {
    all([factors::<f32>, factors::<f64>, factors::<Complex<f32>>, factors::<Complex<f64>>]);
}

fn failures<T: Element>(n: usize) {
    let zero = n / 2;
    let (x, y) = both!(|B| {
        let mut a = Mat::<T>::random(n, n, 11).map(|_, j| j != zero);
        let mut pivots = vec![0; n];
        let mut spd = Mat::<T>::positive(n, 12);
        spd.x[zero * (n + 1)] = T::new(-1.0, 0.0);
        let mut bands = Mat::<T>::random(4, n, 13).map(|_, j| j != zero);
        let mut b = Mat::<T>::random(n, 1, 14);
        // SAFETY: sizes as they are.
        unsafe {
            let lu = <T as Lapack<B>>::getrf(int(n), int(n), a.p(), pivots.as_mut_ptr());
            let llt = <T as Lapack<B>>::potrf(int(n), spd.p());
            let banded = <T as Lapack<B>>::gbsv(int(n), 1, 1, 1, bands.p(), pivots.as_mut_ptr(), b.p());
            (lu, llt, banded)
        }
    });
    assert_eq!(x, y);
    assert_eq!((x.0, x.1), (int(zero) + 1, int(zero) + 1));
    assert!(x.2 > 0);
}

#[test]
fn failures_have_the_same_codes() {
    all([failures::<f32>, failures::<f64>, failures::<Complex<f32>>, failures::<Complex<f64>>]);
}

fn equations<T: Element>(n: usize) {
    for (kl, ku) in [(0, 0), (1, 2), (2, 1), (3, 3)] {
        let (x, y) = both!(|B| {
            let rows = 2 * kl + ku + 1;
            let mut bands = Mat::<T>::new(rows, n, |i, j| {
                let x = Mat::<T>::random(rows, n, 15).at(i, j);
                T::new(x.re + if i == kl + ku { 5.0 } else { 0.0 }, x.im)
            });
            let (mut b, mut pivots) = (Mat::<T>::random(n, 3, 16), vec![0; n]);
            // SAFETY: sizes as they are.
            let info =
                unsafe { <T as Lapack<B>>::gbsv(int(n), int(kl), int(ku), 3, bands.p(), pivots.as_mut_ptr(), b.p()) };
            assert_eq!(info, 0);
            b
        });
        close("gbsv", &x, &y, 100.0);
    }
    // Quasi-triangular, with blocks of order 2 where elements are real, and eigenvalues that are far from each other's negatives.
    let factor = |n: usize, seed: u64| {
        let a = Mat::<T>::random(n, n, seed);
        Mat::<T>::new(n, n, |i, j| {
            let block = T::REAL && i == j + 1 && j % 3 == 0;
            let x = if i <= j || block { a.at(i, j) } else { Complex::ZERO };
            T::new(
                if i == j {
                    4.0 + (j / 3) as f64
                } else if block {
                    -x.re.abs() - 0.1
                } else {
                    x.re
                },
                x.im,
            )
        })
    };
    let (m, a, b) = (n + 1, factor(n + 1, 17), factor(n, 18));
    let adjoint = if T::REAL { b'T' } else { b'C' };
    for (ta, tb) in [(b'N', b'N'), (b'N', adjoint), (adjoint, b'N'), (adjoint, adjoint)] {
        let (x, y) = both!(|B| {
            let mut c = Mat::<T>::random(m, n, 19);
            let (ap, bp) = (a.x.as_ptr(), b.x.as_ptr());
            // SAFETY: sizes as they are.
            let (info, scale) =
                unsafe { <T as Lapack<B>>::trsyl(ta, tb, int(m), int(n), ap, int(m), bp, int(n), c.p(), int(m)) };
            assert_eq!((info, T::part(scale)), (0, 1.0));
            c
        });
        close("trsyl", &x, &y, 1000.0);
    }
    let (x, y) = both!(|B| {
        let (mut a, mut pivots) = (Mat::<T>::random(n, n, 20), vec![0; n]);
        let row = |i: usize| (0..n).map(|j| a.at(i, j).norm()).sum::<f64>();
        let norm = (0..n).map(row).fold(0.0, f64::max);
        let (mut numbers, mut parts, mut integers) =
            (Mat::<T>::blank(4 * n, 1), vec![T::of_part(0.0); 2 * n], vec![0; n]);
        let (integers, parts) = ((integers.as_mut_ptr(), n), (parts.as_mut_ptr(), 2 * n));
        let work = Work::new(numbers.p(), 4 * n).integers(integers.0, integers.1).parts(parts.0, parts.1);
        // SAFETY: sizes as they are.
        unsafe {
            <T as Lapack<B>>::getrf(int(n), int(n), a.p(), pivots.as_mut_ptr());
            let (info, rcond) = <T as Decompositions<B>>::gecon(int(n), a.x.as_ptr(), T::of_part(norm), work);
            assert_eq!(info, 0);
            T::part(rcond)
        }
    });
    // LAPACK's estimate of the inverse's norm is seldom less than a third of it, and never more.
    assert!(y <= x * (1.0 + 1e4 * T::EPS) && y >= x / 10.0, "gecon of order {n}: {x} and {y}");
}

#[test]
fn equations_have_the_same_solutions() {
    all([equations::<f32>, equations::<f64>, equations::<Complex<f32>>, equations::<Complex<f64>>]);
}

/// Room for every routine of a matrix m x n, of whichever elements.
fn room<T: Element, R>(m: usize, n: usize, f: impl FnOnce(Work<T>) -> R) -> R {
    let long = m.max(n);
    let (numbers_len, parts_len) = (8 * long * long + 200 * long + 100, 8 * long * long + 20 * long + 10);
    let mut numbers = vec![T::new(f64::NAN, f64::NAN); numbers_len];
    let mut parts = vec![T::of_part(f64::NAN); parts_len];
    let mut integers = vec![0; 10 * long + 10];
    let work = Work::new(numbers.as_mut_ptr(), numbers_len).parts(parts.as_mut_ptr(), parts_len);
    f(work.integers(integers.as_mut_ptr(), 10 * long + 10))
}

fn spectra<T: Element>(n: usize) {
    for jobz in [b'V', b'N'] {
        let a = Mat::<T>::hermitian(n, 21);
        let (x, y) = both!(|B| {
            let (mut v, mut w) = (a.clone(), vec![T::of_part(f64::NAN); n]);
            // SAFETY: sizes as they are.
            let info = room(n, n, |work| unsafe {
                <T as Decompositions<B>>::heevd(jobz, int(n), v.p(), w.as_mut_ptr(), work)
            });
            assert_eq!(info, 0);
            (Mat::<T>::new(n, 1, |i, _| T::new(T::part(w[i]), 0.0)), v)
        });
        close("heevd", &x.0, &y.0, 1.0);
        if jobz == b'V' {
            for (w, v) in [x, y] {
                let back = Mat::<T>::new(n, n, |i, j| {
                    let sum: Complex<f64> = (0..n).map(|k| v.at(i, k) * w.at(k, 0) * v.at(j, k).conj()).sum();
                    T::new(sum.re, sum.im)
                });
                close("heevd multiplied", &back, &a, 1.0);
            }
        }
    }
    for (m, n, jobz) in [(n, n, b'S'), (2 * n, n, b'S'), (n, n + 3, b'A'), (n + 3, n, b'A'), (n, 2 * n, b'N')] {
        let (a, k) = (Mat::<T>::random(m, n, 22), m.min(n));
        let (ucol, vrow) = if jobz == b'A' { (m, n) } else { (k, k) };
        let (x, y) = both!(|B| {
            let (mut copy, mut s) = (a.clone(), vec![T::of_part(f64::NAN); k]);
            let (mut u, mut vt) = (Mat::<T>::blank(m, ucol), Mat::<T>::blank(vrow, n));
            let (left, right) = if jobz == b'N' { (0, 0) } else { (int(ucol), int(vrow)) };
            // SAFETY: sizes as they are.
            let info = room(m, n, |work| unsafe {
                let (s, u, vt) = (s.as_mut_ptr(), u.p(), vt.p());
                <T as Decompositions<B>>::gesdd(jobz, int(m), int(n), copy.p(), s, u, left, vt, right, work)
            });
            assert_eq!(info, 0);
            (Mat::<T>::new(k, 1, |i, _| T::new(T::part(s[i]), 0.0)), u, vt)
        });
        close("gesdd", &x.0, &y.0, 1.0);
        for (s, u, vt) in [x, y] {
            let back = Mat::<T>::new(m, n, |i, j| {
                let sum: Complex<f64> = (0..k).map(|l| u.at(i, l) * s.at(l, 0) * vt.at(l, j)).sum();
                T::new(sum.re, sum.im)
            });
            if jobz != b'N' {
                close("gesdd multiplied", &back, &a, 1.0);
            }
        }
    }
}

#[test]
fn spectra_of_hermitian_matrices_and_singular_values_agree() {
    all([spectra::<f32>, spectra::<f64>, spectra::<Complex<f32>>, spectra::<Complex<f64>>]);
}

/// Every one near one of the others.
#[track_caller]
fn same_numbers(what: &str, x: &[Complex<f64>], y: &[Complex<f64>], bound: f64) {
    for a in x {
        let nearest = y.iter().map(|b| (a - b).norm()).fold(f64::INFINITY, f64::min);
        assert!(nearest <= bound, "{what} of order {}: {a} is {nearest:e} off", x.len());
    }
}

fn general<T: Element>(n: usize) {
    for seed in 23..if n < 33 { 43 } else { 26 } {
        general_of(&Mat::<T>::random(n, n, seed));
    }
}

fn general_of<T: Element>(a: &Mat<T>) {
    let n = a.rows;
    let bound = 1e4 * T::EPS * a.norm();
    let (x, y) = both!(|B| {
        let (mut copy, mut w, mut v) = (a.clone(), Mat::<T>::blank(2 * n, 1), Mat::<T>::blank(n, n));
        // SAFETY: sizes as they are.
        let info =
            room(n, n, |work| unsafe { <T as Decompositions<B>>::geev(int(n), copy.p(), w.p(), Some(v.p()), work) });
        assert_eq!(info, 0);
        let w: Vec<_> =
            (0..n).map(|i| if T::REAL { Complex::new(w.at(i, 0).re, w.at(n + i, 0).re) } else { w.at(i, 0) }).collect();
        // Columns of pairs, the eigenvalue above the real axis first.
        let column = |i: usize, j: usize| match w[j].im {
            im if !T::REAL || im == 0.0 => v.at(i, j),
            im if im > 0.0 => Complex::new(v.at(i, j).re, v.at(i, j + 1).re),
            _ => Complex::new(v.at(i, j - 1).re, -v.at(i, j).re),
        };
        for (j, &value) in w.iter().enumerate() {
            let length = (0..n).map(|i| column(i, j).norm_sqr()).sum::<f64>();
            assert!((length - 1.0).abs() <= 100.0 * n as f64 * T::EPS, "a vector of length {length}");
            for i in 0..n {
                let sum: Complex<f64> = (0..n).map(|k| a.at(i, k) * column(k, j)).sum();
                assert!((sum - value * column(i, j)).norm() <= bound, "order {n}, vector {j}");
            }
        }
        w
    });
    same_numbers("geev", &x, &y, bound * 10.0);
    same_numbers("geev", &y, &x, bound * 10.0);
    let (_, y) = both!(|B| {
        let (mut t, mut z) = (a.clone(), Mat::<T>::blank(n, n));
        // SAFETY: sizes as they are.
        let info = room(n, n, |work| unsafe { <T as Decompositions<B>>::gees(int(n), t.p(), z.p(), work) });
        assert_eq!(info, 0);
        let half = Mat::<T>::new(n, n, |i, j| {
            let sum: Complex<f64> = (0..n).map(|k| z.at(i, k) * t.at(k, j)).sum();
            T::new(sum.re, sum.im)
        });
        let back = Mat::<T>::new(n, n, |i, j| {
            let sum: Complex<f64> = (0..n).map(|k| half.at(i, k) * z.at(j, k).conj()).sum();
            T::new(sum.re, sum.im)
        });
        close("gees", &back, a, 1.0);
        let mut values = vec![];
        let mut i = 0;
        while i < n {
            assert!((i + 2..n).all(|k| t.at(k, i) == Complex::ZERO));
            if i + 1 == n || t.at(i + 1, i) == Complex::ZERO {
                values.push(t.at(i, i));
                i += 1;
                continue;
            }
            let product = (t.at(i, i + 1) * t.at(i + 1, i)).re;
            assert!(T::REAL && t.at(i, i) == t.at(i + 1, i + 1) && product < 0.0, "a block of {t:?}");
            let root = (-product).sqrt();
            values.extend([1.0, -1.0].map(|sign| Complex::new(t.at(i, i).re, sign * root)));
            assert!((i + 2..n).all(|k| t.at(k, i + 1) == Complex::ZERO));
            i += 2;
        }
        values
    });
    same_numbers("gees", &y, &x, bound * 10.0);
}

#[test]
fn spectra_of_general_matrices_agree() {
    all([general::<f32>, general::<f64>, general::<Complex<f32>>, general::<Complex<f64>>]);
    [general::<f32>, general::<f64>].iter().for_each(|test| test(130));
}

fn subspaces<T: Element>(n: usize) {
    let (a, b) = (Mat::<T>::random(n, n, 24), Mat::<T>::random(n, n, 25));
    let (x, y) = both!(|B| {
        let (mut a, mut b, mut v) = (a.clone(), b.clone(), Mat::<T>::blank(n, n));
        // SAFETY: sizes as they are.
        let (info, count) =
            room(n, n, |work| unsafe { <T as Decompositions<B>>::gges(int(n), a.p(), b.p(), v.p(), work) });
        assert_eq!(info, 0);
        // The projection to the space does not depend on its basis.
        let projection = Mat::<T>::new(n, n, |i, j| {
            let sum: Complex<f64> = (0..count as usize).map(|k| v.at(i, k) * v.at(j, k).conj()).sum();
            T::new(sum.re, sum.im)
        });
        (count, projection)
    });
    assert_eq!(x.0, y.0);
    close("gges", &x.1, &y.1, 1000.0);
}

#[test]
fn subspaces_inside_of_the_unit_circle_agree() {
    // Of more than that eigenvalues may come as near to the circle as rounding.
    for n in [1, 2, 3, 5, 10, 17, 33] {
        init();
        subspaces::<f64>(n);
        subspaces::<Complex<f64>>(n);
    }
    for n in [1, 2, 3, 5] {
        subspaces::<f32>(n);
        subspaces::<Complex<f32>>(n);
    }
}
