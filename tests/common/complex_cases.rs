//! Complex matrices for tests over sizes, stacks and views, and what vanishes of them beside their sizes.

#![allow(dead_code, unreachable_pub, reason = "shared by test binaries that use parts of it")]

use crate::held::{Num, floats, matrices};
use evanesce::evaluate;
use evanesce::expr::{NormOrder, complex};
use evanesce::prelude::*;

/// The sizes of LAPACK's tests and those beside our crossovers.
pub const SIZES: [usize; 10] = [0, 1, 2, 3, 5, 10, 16, 33, 50, 130];

/// LAPACK's threshold.
pub const THRESHOLD: f64 = 30.0;

/// The conjugate transpose.
pub fn adjoint<'a>(x: &Expr<'a>) -> Expr<'a> {
    x.matrix_transpose().conj()
}

/// Frobenius norms.
fn norm<'a>(x: &Expr<'a>) -> Expr<'a> {
    x.matrix_norm(NormOrder::Frobenius)
}

/// Complex numbers whose parts are between -0.5 and 0.5.
pub fn random<T: Num>(shape: &[usize], seed: u64) -> Expr<'static> {
    let [re, im] = [seed, seed + 100].map(|seed| Expr::from(matrices::<T>(shape, seed)));
    complex(re, im)
}

/// Stacks of matrices as they are, transposed, backwards, inside of memory that is NaN, and badly conditioned.
pub fn cases<T: Num>(mut test: impl FnMut(&str, usize, Expr<'static>)) {
    for n in SIZES {
        for stack in [&[][..], &[3], &[3, 2]] {
            // Larger ones once: they are slow.
            if n > 16 && !stack.is_empty() {
                continue;
            }
            let shape: Vec<usize> = stack.iter().copied().chain([n, n]).collect();
            let a = random::<T>(&shape, n as u64 + 1);
            let mut widths = vec![[0, 0]; stack.len()];
            widths.extend([[1, 2], [2, 1]]);
            let around = a.pad(widths, f64::NAN).eval().expect("a frame");
            let (around, end) = (Expr::from(around), n as isize);
            let inside = match stack.len() {
                0 => around.slice(s![1..end + 1, 2..end + 2]),
                1 => around.slice(s![.., 1..end + 1, 2..end + 2]),
                _ => around.slice(s![.., .., 1..end + 1, 2..end + 2]),
            };
            let scales = (0..n).map(|j| if j + 1 == n && n > 1 { T::of(T::EPS.sqrt()) } else { T::of(1.0) });
            let scales = Expr::from(ndarray::Array1::from_iter(scales));
            let name = |view: &str| format!("{view} matrices of order {n}, stack {stack:?}, {:?}", T::DTYPE);
            test(&name("framed"), n, inside);
            if n > 100 {
                continue;
            }
            test(&name("row-major"), n, a.clone());
            test(&name("transposed"), n, a.matrix_transpose());
            test(&name("reversed"), n, a.flip([-2, -1]));
            test(&name("badly conditioned"), n, a.matmul(&(&a * scales)));
        }
    }
}

/// Whether residuals are small beside the product of the sizes of what they are made of.
#[track_caller]
pub fn vanish<'a, T: Num>(name: &str, n: usize, residuals: &[(&str, Expr<'a>, &[&Expr<'a>])]) {
    for (what, residual, sizes) in residuals {
        let scale = sizes.iter().map(|size| norm(size)).reduce(|x, y| x * y).expect("a size");
        let found = evaluate(&[&norm(residual), &scale]).unwrap_or_else(|e| panic!("{what} {name}: {e}"));
        for (residual, scale) in floats(&found[0]).iter().zip(&floats(&found[1])) {
            let ratio = residual / (scale * n as f64 * T::EPS).max(f64::MIN_POSITIVE);
            assert!(ratio <= THRESHOLD, "{what} of {name}: {ratio}");
        }
    }
}
