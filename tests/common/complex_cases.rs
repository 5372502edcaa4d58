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
            // Large ones are slow: of these each stack is held in one of the ways, another one for each size.
            let views: [(&str, &dyn Fn() -> Expr<'static>); 4] = [
                ("row-major", &|| a.clone()),
                ("transposed", &|| a.matrix_transpose()),
                ("reversed", &|| a.flip([-2, -1])),
                ("badly conditioned", &|| a.matmul(&(&a * &scales))),
            ];
            for (at, (view, make)) in views.into_iter().enumerate() {
                if n <= 16 || (at + stack.len() + n / 50) % 4 == 0 {
                    test(&name(view), n, make());
                }
            }
        }
    }
}

/// Whether residuals are small beside the product of the sizes of what they are made of. All of them are computed by one
/// program, where what several are made of is computed once.
#[track_caller]
pub fn vanish<'a, T: Num>(name: &str, n: usize, residuals: &[(&str, Expr<'a>, &[&Expr<'a>])]) {
    let scale = |sizes: &[&Expr<'a>]| sizes.iter().map(|size| norm(size)).reduce(|x, y| x * y).expect("a size");
    let numbers: Vec<Expr<'a>> =
        residuals.iter().flat_map(|(_, residual, sizes)| [norm(residual), scale(sizes)]).collect();
    let found = evaluate(&numbers.iter().collect::<Vec<_>>()).unwrap_or_else(|error| panic!("{name}: {error}"));
    for ((what, ..), found) in residuals.iter().zip(found.chunks(2)) {
        for (residual, scale) in floats(&found[0]).iter().zip(&floats(&found[1])) {
            let ratio = residual / (scale * n as f64 * T::EPS).max(f64::MIN_POSITIVE);
            assert!(ratio <= THRESHOLD, "{what} of {name}: {ratio}");
        }
    }
}
