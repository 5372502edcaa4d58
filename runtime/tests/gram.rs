//! The product of a matrix and its own conjugate transpose, against a loop: every layout, both sides of the crossovers.
#![allow(unsafe_code, reason = "the backend takes raw views")]

use evanesce_runtime::blas::{self, MatMut, MatRef, Real, Scalar};
use num_complex::Complex;

/// What stands around matrices.
const MARKER: f64 = -77.0;

fn real<T: Scalar>(x: f64) -> T {
    T::new(T::Part::from_f64(x), T::Part::ZERO)
}

/// n x k numbers between -1/2 and 1/2.
fn random<T: Scalar>(n: usize, k: usize) -> Vec<T> {
    let mut seed = (n * 1000 + k) as u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        T::Part::from_f64((seed >> 40) as f64 / (1 << 24) as f64 - 0.5)
    };
    (0..n * k).map(|_| T::new(next(), next())).collect()
}

fn check<T: Scalar>(n: usize, k: usize, by_rows: bool, pad: usize, conj: bool) {
    let a: Vec<T> = random(n, k);
    let (rs, cs) = if by_rows { (k.max(1) + pad, 1) } else { (1, n.max(1) + pad) };
    let mut lies = vec![real::<T>(f64::NAN); (n.max(1) + pad) * (k.max(1) + pad)];
    for i in 0..n {
        (0..k).for_each(|j| lies[i * rs + j * cs] = a[i * k + j]);
    }
    let view = MatRef { ptr: lies.as_ptr(), rows: n, cols: k, rs: rs as isize, cs: cs as isize };
    let ld = n + pad;
    let mut c = vec![real::<T>(MARKER); n * ld + 1];
    // SAFETY: the views are of these buffers.
    unsafe { blas::gram(view, conj, MatMut { ptr: c.as_mut_ptr(), rows: n, cols: n, rs: ld as isize, cs: 1 }) };
    let what = format!("{n} x {k}, by rows {by_rows}, {pad} beyond, conjugate {conj}");
    let op = |x: T| if conj { x.conj() } else { x };
    for i in 0..n {
        for j in 0..n {
            let element = |l: usize| op(a[i * k + l]) * op(a[j * k + l]).conj();
            let expected = (0..k).fold(T::ZERO, |sum, l| sum + element(l));
            let found = c[i * ld + j];
            // |fl(x y) - x y| <= k eps |x| |y| (Higham, section 3.1), twice that of complex numbers.
            let size: f64 = (0..k).map(|l| element(l).abs().to_f64()).sum();
            let bound = 2.0 * T::Part::EPSILON.to_f64() * k as f64 * size;
            assert!((found - expected).abs().to_f64() <= bound, "{what}: ({i}, {j}) is {found:?}, not {expected:?}");
            assert!(found == c[j * ld + i].conj(), "{what}: ({i}, {j}) is not Hermitian");
        }
        assert!(c[i * ld + n..(i + 1) * ld].iter().all(|x| *x == real(MARKER)), "{what}: written beyond row {i}");
    }
    assert!(c[n * ld] == real(MARKER), "{what}: written beyond the end");
}

fn layouts<T: Scalar>() {
    for n in [0, 1, 2, 3, 5, 8, 10, 15, 16, 17, 33, 47, 48, 50, 63, 64, 65, 130] {
        for k in [0, 1, 4, n] {
            for (by_rows, pad, conj) in [(true, 0, false), (false, 0, true), (true, 3, true), (false, 2, false)] {
                check::<T>(n, k, by_rows, pad, conj);
            }
        }
    }
}

#[test]
fn all_layouts_of_all_types() {
    blas::init();
    layouts::<f64>();
    layouts::<f32>();
    layouts::<Complex<f64>>();
    layouts::<Complex<f32>>();
}
