//! Functions of matrices and equations in them, by other ways than the routines go: series, Newton's iteration, doubling,
//! and systems with a row for each element.

use super::field::Field;
use super::{Matrix, adjoint, check_finite, identity, matmul, solve};
use crate::error::RunErrorKind;

/// Iterations that converge quadratically, from wherever.
const ITERATIONS: usize = 200;

pub(super) const NO_SOLUTION: RunErrorKind = RunErrorKind::NoSolution { batch_index: 0 };

fn zip<T: Field>(a: &Matrix<T>, b: &Matrix<T>, f: impl Fn(T, T) -> T) -> Matrix<T> {
    Matrix { rows: a.rows, cols: a.cols, data: a.data.iter().zip(&b.data).map(|(x, y)| f(*x, *y)).collect() }
}

/// The largest sum of magnitudes of a column; NaN where there is one.
pub(super) fn norm<T: Field>(a: &Matrix<T>) -> f64 {
    let columns = (0..a.cols).map(|j| (0..a.rows).map(|i| a.at(i, j).norm()).sum::<f64>());
    columns.fold(0.0, |most, x| if x > most || x.is_nan() { x } else { most })
}

/// By the series, of a matrix that halvings make small, and as many squarings.
pub(super) fn expm<T: Field>(a: &Matrix<T>) -> Matrix<T> {
    let n = a.rows;
    if check_finite(a).is_err() {
        return Matrix::new(n, n, |_, _| T::NAN);
    }
    let halvings = (norm(a).log2().ceil() + 1.0).max(0.0);
    let small = zip(a, a, |x, _| x * (-halvings).exp2());
    let (mut sum, mut term) = (identity(n), identity(n));
    for k in 1..=24 {
        term = matmul(&term, &small);
        term.data.iter_mut().for_each(|x| *x /= f64::from(k));
        sum = zip(&sum, &term, |x, y| x + y);
    }
    (0..halvings as usize).fold(sum, |x, _| matmul(&x, &x))
}

/// Of a real matrix, by the iteration of Denman and Beavers, `x` to the root and `y` to its inverse.
pub(super) fn sqrtm(a: &Matrix) -> Result<Matrix, RunErrorKind> {
    check_finite(a)?;
    let one = identity::<f64>(a.rows);
    let inverse = |x: &Matrix| solve(x, &one).map_err(|_| NO_SOLUTION);
    let mean = |x: &Matrix, y: &Matrix| zip(x, y, |x, y| (x + y) / 2.0);
    let (mut x, mut y) = (a.clone(), one.clone());
    let mut near = false;
    for _ in 0..ITERATIONS {
        let (next_x, next_y) = (mean(&x, &inverse(&y)?), mean(&y, &inverse(&x)?));
        let change = norm(&zip(&next_x, &x, |x, y| x - y));
        (x, y) = (next_x, next_y);
        if near {
            return Ok(x);
        }
        // The next step squares what is left.
        near = change <= 1e-9 * norm(&x);
    }
    Err(NO_SOLUTION)
}

/// `y` with `r @ y + y @ s* = f`: a system of as many equations as `y` has elements. What is below the
/// diagonals, of real numbers the first subdiagonals, is not read.
pub(super) fn trsyl<T: Field>(r: &Matrix<T>, s: &Matrix<T>, f: &Matrix<T>) -> Result<Matrix<T>, RunErrorKind> {
    let (m, n) = (r.rows, s.rows);
    let read = |a: &Matrix<T>, i: usize, j: usize| if i <= j + T::SUBDIAGONALS { a.at(i, j) } else { T::ZERO };
    let system = Matrix::new(m * n, m * n, |row, col| {
        let ((i, j), (k, l)) = ((row / n, row % n), (col / n, col % n));
        let left = if j == l { read(r, i, k) } else { T::ZERO };
        left + if i == k { read(s, j, l).conj() } else { T::ZERO }
    });
    let column = Matrix { rows: m * n, cols: 1, data: f.data.clone() };
    let y = solve(&system, &column).map_err(|_| NO_SOLUTION)?;
    Ok(Matrix { rows: m, cols: n, data: y.data })
}

/// By doubling, which takes 2^k steps of the recursion at once (Chu, Fan, Lin, Wang 2004).
pub(super) fn solve_discrete_are<T: Field>([a, b, q, r]: [&Matrix<T>; 4]) -> Result<Matrix<T>, RunErrorKind> {
    [a, b, q, r].into_iter().try_for_each(check_finite)?;
    let one = identity(a.rows);
    let add = |x: &Matrix<T>, y: &Matrix<T>| zip(x, y, |x, y| x + y);
    let by = |x: &Matrix<T>, y: &Matrix<T>| solve(x, y).map_err(|_| NO_SOLUTION);
    let (mut step, mut gain, mut x) = (a.clone(), matmul(b, &by(r, &adjoint(b))?), q.clone());
    for _ in 0..ITERATIONS {
        let middle = add(&one, &matmul(&gain, &x));
        let (left, right) = (by(&middle, &step)?, by(&middle, &gain)?);
        let more = matmul(&matmul(&adjoint(&step), &x), &left);
        gain = add(&gain, &matmul(&matmul(&step, &right), &adjoint(&step)));
        step = matmul(&step, &left);
        x = add(&x, &more);
        if check_finite(&x).is_err() {
            break;
        }
        if norm(&more) <= f64::EPSILON * norm(&x) {
            return Ok(zip(&x, &adjoint(&x), |x, y| (x + y) / 2.0));
        }
    }
    Err(NO_SOLUTION)
}

#[cfg(test)]
mod tests {
    use super::super::number;
    use super::*;
    use num_complex::Complex64 as C;

    fn close(a: &Matrix, b: &Matrix) {
        assert!(a.data.iter().zip(&b.data).all(|(x, y)| (x - y).abs() < 1e-12), "{a:?} is not {b:?}");
    }

    #[test]
    fn functions_of_matrices_that_are_known() {
        // A turn by the angle x is the exponential of its generator.
        let x = 0.7f64;
        let generator = Matrix { rows: 2, cols: 2, data: vec![0.0, -x, x, 0.0] };
        let turn = Matrix { rows: 2, cols: 2, data: vec![x.cos(), -x.sin(), x.sin(), x.cos()] };
        close(&expm(&generator), &turn);
        close(&sqrtm(&matmul(&turn, &turn)).unwrap(), &turn);
        assert_eq!(sqrtm(&Matrix::new(1, 1, |_, _| -1.0)), Err(NO_SOLUTION));
        assert_eq!(sqrtm(&Matrix::new(2, 2, |_, _| 0.0)), Err(NO_SOLUTION));
    }

    #[test]
    fn solutions_fulfil_their_equations() {
        let a = Matrix::new(3, 3, |i, j| if i <= j { (1 + i + 2 * j) as f64 } else { 0.0 });
        let b = Matrix::new(2, 2, |i, j| [[1.0, 2.0], [-3.0, 1.0]][i][j]);
        let f = Matrix::new(3, 2, |i, j| (i + j) as f64 - 1.0);
        let y = trsyl(&a, &b, &f).unwrap();
        close(&zip(&matmul(&a, &y), &matmul(&y, &adjoint(&b)), |x, y| x + y), &f);
        let zero = Matrix::new(1, 1, |_, _| 0.0);
        assert_eq!(trsyl(&zero, &zero, &zero), Err(NO_SOLUTION));
        // Of numbers: x^2 - x (a^2 - 1 + 1) - 1 = 0 for b = q = r = 1.
        let (a, one) = (number(1.0), number(1.0));
        let x = solve_discrete_are([&a, &one, &one, &one]).unwrap();
        close(&x, &number((1.0 + 5f64.sqrt()) / 2.0));
        // What grows and is not controlled is not stabilised.
        assert_eq!(solve_discrete_are([&number(2.0), &number(0.0), &one, &one]), Err(NO_SOLUTION));
    }

    fn complex_close(a: &Matrix<C>, b: &Matrix<C>) {
        assert_eq!((a.rows, a.cols), (b.rows, b.cols));
        assert!(a.data.iter().zip(&b.data).all(|(x, y)| (x - y).norm() < 1e-11), "{a:?} is not {b:?}");
    }

    fn complex_sample(m: usize, n: usize) -> Matrix<C> {
        let shift = |i: usize, j: usize| if i == j { 4.0 } else { 0.0 };
        Matrix::new(m, n, |i, j| {
            C::new(((3 * i + 5 * j + 1) % 7) as f64 - 2.5 + shift(i, j), ((2 * i + i * j + 3) % 5) as f64 - 2.0)
        })
    }

    #[test]
    fn complex_solutions_fulfil_their_equations() {
        let a = complex_sample(4, 4);
        let root = C::sqrtm(&a).unwrap();
        complex_close(&matmul(&root, &root), &a);
        complex_close(&C::sqrtm(&number(C::real(-4.0))).unwrap(), &number(C::new(0.0, 2.0)));
        for n in 1..6 {
            let times = |z: C| Matrix::new(n, n, |i, j| if i == j { z } else { C::new(0.0, -0.0) });
            complex_close(&C::sqrtm(&times(C::new(-1.0, -0.0))).unwrap(), &times(C::new(0.0, 1.0)));
        }
        assert_eq!(C::sqrtm(&number(C::ZERO)), Err(NO_SOLUTION));
        let turn = number(C::new(0.0, std::f64::consts::PI));
        complex_close(&expm(&turn), &number(C::real(-1.0)));
        let [r, s] = [complex_sample(3, 3), complex_sample(2, 2)].map(|x| C::schur(&x).unwrap()[0].clone());
        let f = complex_sample(3, 2);
        let y = trsyl(&r, &s, &f).unwrap();
        complex_close(&zip(&matmul(&r, &y), &matmul(&y, &adjoint(&s)), |x, y| x + y), &f);
        // |a|^2 x - x - |a|^2 |b|^2 x^2 / (r + |b|^2 x) + q = 0.
        let [a, b, one] = [C::new(0.0, 1.0), C::new(0.6, -0.8), C::ONE].map(number);
        let x = solve_discrete_are([&a, &b, &one, &one]).unwrap();
        complex_close(&x, &number(C::real((1.0 + 5f64.sqrt()) / 2.0)));
    }
}
