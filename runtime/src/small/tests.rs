//! The kernels for one matrix by what they promise, in every element type, with every instruction set that this machine has:
//! equations that hold to rounding, LAPACK's pivots and failures, numbers of any scale.

use super::held::{Held, number, on_every_set, random, strides};
use super::{BASE, MAX};
use crate::blas::{self, Failure, MatMut, Real, Scalar};
use num_complex::Complex;

/// On every instruction set, in every element type.
macro_rules! everywhere {
    ($($name:ident = $body:ident;)*) => {$(
        #[test]
        fn $name() {
            blas::init();
            on_every_set(|| {
                $body::<f64>();
                $body::<f32>();
                $body::<Complex<f64>>();
                $body::<Complex<f32>>();
            });
        }
    )*};
}

everywhere! {
    inverses_are_inverses = inverses;
    factors_multiply_to_the_matrix = factors;
    pivots_are_those_of_lapack = pivots;
    triangles_are_solved = triangles;
    products_are_sums_of_products = products;
    failures_are_those_of_lapack = failures;
    scale_does_not_matter = scales;
}

const ORDERS: [usize; 13] = [1, 2, 3, 4, 5, 7, 8, 9, 10, 16, 17, 23, 32];
const _: () = assert!(ORDERS[12] == MAX);

fn parts<T: Scalar>(x: T) -> Complex<f64> {
    let [re, im] = x.parts();
    Complex::new(re.to_f64(), im.to_f64())
}

fn element(seed: usize, i: usize, j: usize) -> [f64; 2] {
    [random(seed, i, j), random(seed + 77, i, j)]
}

/// A Hermitian matrix that is positive definite, row by row.
fn definite<T: Scalar>(n: usize) -> Vec<Complex<f64>> {
    let g = |i: usize, j: usize| {
        let [re, im] = element(n, i, j);
        Complex::new(re, if T::COMPLEX { im } else { 0.0 })
    };
    let product = |i: usize, j: usize| (0..n).map(|k| g(i, k) * g(j, k).conj()).sum::<Complex<f64>>();
    (0..n * n).map(|at| product(at / n, at % n) + f64::from(at / n == at % n)).collect()
}

/// What the kernels may read of it: the lower triangle; the imaginary part of the diagonal is anything.
fn lower_only(n: usize, definite: &[Complex<f64>], i: usize, j: usize) -> [f64; 2] {
    let x = definite[i * n + j];
    match j.cmp(&i) {
        std::cmp::Ordering::Less => [x.re, x.im],
        std::cmp::Ordering::Equal => [x.re, f64::NAN],
        std::cmp::Ordering::Greater => [f64::NAN; 2],
    }
}

/// The bound of an error, relative to the operands.
fn bound<T: Scalar>(n: usize) -> f64 {
    8.0 * (n + 2) as f64 * T::Part::EPSILON.to_f64()
}

/// That `sum_k a(i, k) b(k, j)` is `c(i, j)` to rounding.
fn multiply<T: Scalar>(
    what: &str,
    [m, inner, n]: [usize; 3],
    a: impl Fn(usize, usize) -> Complex<f64>,
    b: impl Fn(usize, usize) -> Complex<f64>,
    c: impl Fn(usize, usize) -> Complex<f64>,
) {
    for i in 0..m {
        for j in 0..n {
            let products = || (0..inner).map(|k| a(i, k) * b(k, j));
            let scale = (0..inner).map(|k| a(i, k).norm()).fold(0.0, f64::max)
                * (0..inner).map(|k| b(k, j).norm()).fold(0.0, f64::max);
            let error = (products().sum::<Complex<f64>>() - c(i, j)).norm();
            let most = bound::<T>(inner) * (scale + c(i, j).norm()) * inner.max(1) as f64;
            assert!(error <= most, "{what}, {m} x {inner} x {n}, ({i}, {j}): {error:e} > {most:e}");
        }
    }
}

fn inverses<T: Scalar>() {
    for n in ORDERS {
        let spd = definite::<T>(n);
        for strides in strides(n, n) {
            // Away from singular ones.
            let f = |i: usize, j: usize| element(n, i, j).map(|x| if i == (j + 1) % n { x + 3.0 } else { x });
            let a = Held::<T>::new(n, n, strides, f);
            let mut x = Held::<T>::blank(n, n);
            // SAFETY: matrices of order n.
            unsafe { super::inv(a.read(), x.write().ptr) }.expect("it is regular");
            let identity = |i: usize, j: usize| Complex::from(f64::from(i == j));
            multiply::<T>("inv", [n; 3], |i, k| parts(a.at(i, k)), |k, j| parts(x.at(k, j)), identity);
            let a = Held::<T>::new(n, n, strides, |i, j| lower_only(n, &spd, i, j));
            // SAFETY: matrices of order n.
            unsafe { super::inv_spd(a.read(), x.write().ptr) }.expect("it is positive definite");
            multiply::<T>("inv_spd", [n; 3], |i, k| spd[i * n + k], |k, j| parts(x.at(k, j)), identity);
            for i in 0..n {
                assert!((0..=i).all(|j| x.at(j, i) == x.at(i, j).conj()), "Hermitian, of order {n}");
            }
        }
    }
}

fn factors<T: Scalar>() {
    for n in ORDERS {
        let spd = definite::<T>(n);
        for strides in strides(n, n) {
            let a = Held::<T>::new(n, n, strides, |i, j| element(n, i, j));
            let mut lu = Held::<T>::blank(n, n);
            let mut pivots = vec![0; n];
            // SAFETY: matrices of order n, n pivots.
            unsafe { super::lu(a.read(), lu.write().ptr, pivots.as_mut_ptr()) }.expect("it is regular");
            // A with its columns exchanged.
            let mut order: Vec<usize> = (0..n).collect();
            pivots.iter().enumerate().for_each(|(k, &p)| order.swap(k, p as usize - 1));
            let lower = |i: usize, k: usize| if k <= i { parts(lu.at(i, k)) } else { Complex::ZERO };
            let upper = |k: usize, j: usize| match k.cmp(&j) {
                std::cmp::Ordering::Less => parts(lu.at(k, j)),
                std::cmp::Ordering::Equal => Complex::ONE,
                std::cmp::Ordering::Greater => Complex::ZERO,
            };
            multiply::<T>("lu", [n; 3], lower, upper, |i, j| parts(a.at(i, order[j])));
            let a = Held::<T>::new(n, n, strides, |i, j| lower_only(n, &spd, i, j));
            let mut l = Held::<T>::blank(n, n);
            // SAFETY: matrices of order n.
            unsafe { super::cholesky(a.read(), l.write().ptr) }.expect("it is positive definite");
            let lower = |i: usize, k: usize| if k <= i { parts(l.at(i, k)) } else { Complex::ZERO };
            multiply::<T>("cholesky", [n; 3], lower, |k, j| lower(j, k).conj(), |i, j| spd[i * n + j]);
            assert!((0..n).all(|i| parts(l.at(i, i)).im == 0.0), "a real diagonal, of order {n}");
        }
    }
}

fn pivots<T: Scalar>() {
    for n in ORDERS {
        for kind in 0..3 {
            // Random numbers, many of the same size, and of those a first NaN.
            let small = |x: f64| (x * 4.0).round();
            let f = |i: usize, j: usize| match kind {
                0 => element(n + 500, i, j),
                _ if kind == 2 && i == n / 2 && j % 4 == 3 => [1.0, f64::NAN],
                _ => element(n + 600, i, j).map(small).map(|x| if i == j { x + 9.0 } else { x }),
            };
            let a = Held::<T>::new(n, n, (n as isize, 1), f);
            let mut lu = Held::<T>::blank(n, n);
            let (mut own, mut theirs) = (vec![0; n], vec![0; n]);
            let mut copy = a.memory.clone();
            // SAFETY: matrices of order n, n pivots.
            let [found, info] = unsafe {
                let found = match super::lu(a.read(), lu.write().ptr, own.as_mut_ptr()) {
                    Ok(()) => 0,
                    Err(Failure::Singular { pivot }) => pivot as i32,
                    Err(other) => panic!("{other:?}"),
                };
                [found, T::getrf(n as i32, n as i32, copy.as_mut_ptr(), theirs.as_mut_ptr())]
            };
            if kind < 2 {
                let until = if info == 0 { n } else { info as usize - 1 };
                assert_eq!(own[..until], theirs[..until], "order {n}, kind {kind}");
                assert_eq!(found, info, "order {n}, kind {kind}");
            } else if T::COMPLEX && n > 3 {
                // Among the columns left of the row there is a NaN.
                let p = own[n / 2] as usize - 1;
                assert!(p >= n / 2 && lu.at(n / 2, n / 2).is_nan(), "order {n}: {own:?}");
            }
        }
    }
}

fn triangles<T: Scalar>() {
    for n in ORDERS {
        for cols in [1, 2, 3, n.min(20), 21] {
            for (at, (rs, cs)) in strides(n, n).into_iter().enumerate() {
                for (lower, unit, conj) in [(true, false, at % 2 == 0), (false, true, false), (false, false, true)] {
                    let inside = |i: usize, j: usize| if lower { j <= i } else { j >= i };
                    let f = |i: usize, j: usize| match () {
                        () if !inside(i, j) || (unit && i == j) => [f64::NAN; 2],
                        () => element(n, i, j).map(|x| if i == j { x + 2.0 } else { x }),
                    };
                    let a = Held::<T>::new(n, n, (rs, cs), f);
                    let b = Held::<T>::new(n, cols, (cols as isize, 1), |i, j| element(9, i, j));
                    let mut x = Held::<T>::new(n, cols, (cols as isize, 1), |i, j| element(9, i, j));
                    // SAFETY: matrices of order n and of n rows.
                    unsafe { super::solve_triangular(a.read(), conj, x.write(), lower, unit) };
                    let op = |i: usize, j: usize| match () {
                        () if !inside(i, j) => Complex::ZERO,
                        () if unit && i == j => Complex::ONE,
                        () if conj => parts(a.at(i, j)).conj(),
                        () => parts(a.at(i, j)),
                    };
                    let what = format!("triangle {lower} {unit} {conj}");
                    multiply::<T>(&what, [n, n, cols], op, |k, j| parts(x.at(k, j)), |i, j| parts(b.at(i, j)));
                }
            }
        }
    }
}

fn products<T: Scalar>() {
    let sizes =
        [[1, 1, 1], [3, 0, 2], [2, 3, 4], [5, 4, 3], [10, 10, 10], [8, 8, 9], [4, 70, 5], [7, 35, 16], [3, 2, 17]];
    let sizes = sizes.into_iter().chain([[6, 9, 1], [1, 12, 6], [9, 5, 33], [2, 129, 12], [11, 6, 13], [5, 33, 8]]);
    for [m, inner, n] in sizes {
        for (at, left) in strides(m, inner).into_iter().enumerate() {
            for (to, right) in strides(inner, n).into_iter().enumerate() {
                let conj = [at % 2 == 1, (at / 2 + to) % 2 == 1];
                let a = Held::<T>::new(m, inner.max(1), left, |i, j| element(1, i, j));
                let b = Held::<T>::new(inner.max(1), n, right, |i, j| element(2, i, j));
                let mut memory = vec![number::<T>([f64::NAN; 2]); m * (n + 2)];
                let c = MatMut { ptr: memory.as_mut_ptr(), rows: m, cols: n, rs: n as isize + 2, cs: 1 };
                let (mut va, mut vb) = (a.read(), b.read());
                (va.cols, vb.rows) = (inner, inner);
                // SAFETY: matrices of these sizes.
                unsafe { super::gemm_conj(va, vb, c, conj) };
                let op = |x: T, conj: bool| if conj { parts(x).conj() } else { parts(x) };
                multiply::<T>(
                    &format!("product {left:?} {right:?} {conj:?}"),
                    [m, inner, n],
                    |i, k| op(a.at(i, k), conj[0]),
                    |k, j| op(b.at(k, j), conj[1]),
                    |i, j| parts(memory[i * (n + 2) + j]),
                );
                assert!((0..m).all(|i| (n..n + 2).all(|j| memory[i * (n + 2) + j].is_nan())), "beside the product");
            }
        }
    }
}

fn failures<T: Scalar>() {
    for n in ORDERS {
        for bad in [0, n / 2, n - 1] {
            // Numbers that elimination does not round: row `bad` repeats the one before, the first is 0.
            let f = |i: usize, j: usize| {
                let i = if i == bad && bad > 0 { i - 1 } else { i };
                if bad == 0 && i == 0 { [0.0; 2] } else { [f64::from(j <= i), f64::from(j <= i)] }
            };
            let a = Held::<T>::new(n, n, (n as isize, 1), f);
            let mut out = Held::<T>::blank(n, n);
            let mut pivots = vec![0; n];
            let singular = Err(Failure::Singular { pivot: bad + 1 });
            // SAFETY: matrices of order n, n pivots.
            unsafe {
                assert_eq!(super::inv(a.read(), out.write().ptr), singular, "order {n}");
                assert_eq!(super::lu(a.read(), out.write().ptr, pivots.as_mut_ptr()), singular, "order {n}");
            }
            for value in [0.0, -2.0, f64::NAN] {
                let f = |i: usize, j: usize| {
                    [
                        if i != j {
                            0.0
                        } else if i == bad {
                            value
                        } else {
                            2.0
                        },
                        0.0,
                    ]
                };
                let a = Held::<T>::new(n, n, (n as isize, 1), f);
                let indefinite = Err(Failure::NotPositiveDefinite { order: bad + 1 });
                // SAFETY: matrices of order n.
                unsafe {
                    assert_eq!(super::inv_spd(a.read(), out.write().ptr), indefinite, "order {n}, {value}");
                    assert_eq!(super::cholesky(a.read(), out.write().ptr), indefinite, "order {n}, {value}");
                }
            }
        }
    }
}

/// What the kernels make of a matrix of order n, and of one that is positive definite: the inverses, the lower triangles of
/// Cholesky and of LU, a solution.
fn results<T: Scalar>(n: usize, a: &Held<T>, spd: &Held<T>) -> [Held<T>; 5] {
    let mut out = [0; 5].map(|_| Held::<T>::blank(n, n));
    let [inv, inv_spd, cholesky, lu, x] = &mut out;
    let mut pivots = vec![0; n];
    *x = Held::new(n, n, (n as isize, 1), |i, j| element(5, i, j));
    // SAFETY: matrices of order n, n pivots.
    let found = unsafe {
        super::solve_triangular(a.read(), false, x.write(), true, false);
        [
            super::inv(a.read(), inv.write().ptr),
            super::inv_spd(spd.read(), inv_spd.write().ptr),
            super::cholesky(spd.read(), cholesky.write().ptr),
            super::lu(a.read(), lu.write().ptr, pivots.as_mut_ptr()),
        ]
    };
    assert_eq!(found, [Ok(()); 4]);
    for i in 0..n {
        cholesky.memory[i * n + i + 1..(i + 1) * n].fill(T::ZERO);
        lu.memory[i * n + i + 1..(i + 1) * n].fill(T::ZERO);
    }
    out
}

/// Of A scaled by powers of 2 near the ends of the range the results are A's, scaled.
fn scales<T: Scalar>() {
    let exponent = if T::Part::EPSILON.to_f64() < 1e-10 { 700 } else { 100 };
    for n in [1, 2, 3, 5, 10, 17] {
        let spd = definite::<T>(n);
        let scaled = |by: f64| {
            let f = |i: usize, j: usize| element(n, i, j).map(|x| by * if i == j { x + 3.0 } else { x });
            let hermitian = |i: usize, j: usize| lower_only(n, &spd, i, j).map(|x| by * x);
            let held = [Held::new(n, n, (n as isize, 1), f), Held::new(n, n, (n as isize, 1), hermitian)];
            results::<T>(n, &held[0], &held[1])
        };
        let plain = scaled(1.0);
        for by in [2f64.powi(exponent), 2f64.powi(-exponent)] {
            let factors = [1.0 / by, 1.0 / by, by.sqrt(), by, 1.0 / by];
            for (what, ((plain, found), factor)) in plain.iter().zip(scaled(by)).zip(factors).enumerate() {
                let most = plain.memory.iter().map(|&x| parts(x).norm()).fold(0.0, f64::max);
                for (&x, y) in plain.memory.iter().zip(found.memory) {
                    let error = (parts(y) / factor - parts(x)).norm();
                    assert!(error <= bound::<T>(n) * most, "result {what} of order {n}, scale {by:e}: {error:e}");
                }
            }
        }
    }
}

#[test]
fn quotients_of_any_size_are_quotients() {
    let sizes: [f64; 10] = [1e-310, 1e-300, 1e-200, 1e-146, 1e-100, 1.0, 1e100, 1e146, 1e200, 1e300];
    for big in sizes {
        for small in sizes {
            let d = Complex::new(3.0 * big, -4.0 * small.min(big));
            for x in [Complex::new(big, small), Complex::new(-small, big)] {
                use super::Element;
                let q = x.over::<BASE>(d);
                // By numbers of size 1.
                let unit = |z: Complex<f64>, by: f64| Complex::new(z.re / by, z.im / by);
                let most = x.re.abs().max(x.im.abs());
                let (top, bottom) = (unit(x, most), unit(d, big));
                let expected = unit(top * bottom.conj(), bottom.norm_sqr()) * (most / big);
                // Numbers below 1e-307 have fewer digits.
                let digits = if big < 1e-300 { 1e-10 } else { 1e-15 };
                if expected.norm().is_finite() && expected.norm() > 1e-290 {
                    assert!((q - expected).norm() <= digits * expected.norm(), "{x} / {d}: {q}, not {expected}");
                }
            }
        }
    }
}
