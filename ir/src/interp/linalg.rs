//! Textbook linear algebra on small row-major matrices of real and complex numbers: an oracle that shares nothing with LAPACK but the
//! conventions (partial pivoting, the signs of Householder QR, which pivot is reported).

mod complex;
mod eigen;
mod factors;
mod field;
mod functions;
mod householder;
mod schur;

use crate::error::RunErrorKind;
use crate::ops::LinalgOp;
use crate::types::DType;
use field::Field;
use num_complex::Complex64;
use std::cmp::Ordering;

/// A row-major matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix<T = f64> {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// The elements.
    pub data: Vec<T>,
}

impl<T: Copy> Matrix<T> {
    /// A matrix by a function of row and column.
    pub fn new(rows: usize, cols: usize, f: impl Fn(usize, usize) -> T) -> Self {
        let data = (0..rows * cols).map(|i| f(i / cols, i % cols)).collect();
        Matrix { rows, cols, data }
    }

    fn at(&self, i: usize, j: usize) -> T {
        self.data[i * self.cols + j]
    }

    fn at_mut(&mut self, i: usize, j: usize) -> &mut T {
        &mut self.data[i * self.cols + j]
    }

    fn swap_rows(&mut self, i: usize, k: usize) {
        (0..self.cols).for_each(|j| self.data.swap(i * self.cols + j, k * self.cols + j));
    }
}

/// The results of an op on one matrix of each stack, in a dtype.
pub fn eval(
    op: LinalgOp,
    lower: bool,
    dtype: DType,
    args: &[Matrix<Complex64>],
) -> Result<Vec<Matrix<Complex64>>, RunErrorKind> {
    match op {
        LinalgOp::Eig => return Ok(complex::eig(&args[0])?.into()),
        LinalgOp::Eigvals => return Ok(complex::eig(&args[0])?.into_iter().take(1).collect()),
        _ if dtype.is_complex() => return eval_in(op, lower, args),
        _ => {}
    }
    let real = |a: &Matrix<Complex64>| Matrix::new(a.rows, a.cols, |i, j| a.at(i, j).re);
    let results = eval_in(op, lower, &args.iter().map(real).collect::<Vec<_>>())?;
    let widened = |a: Matrix| Matrix::new(a.rows, a.cols, |i, j| a.at(i, j).into());
    Ok(results.into_iter().map(widened).collect())
}

fn eval_in<T: Field>(op: LinalgOp, lower: bool, args: &[Matrix<T>]) -> Result<Vec<Matrix<T>>, RunErrorKind> {
    let a = &args[0];
    Ok(match op {
        LinalgOp::Matmul => vec![matmul(a, &args[1])],
        LinalgOp::Solve => vec![solve(a, &args[1])?],
        LinalgOp::Inv => vec![solve(a, &identity(a.rows))?],
        LinalgOp::Cholesky => vec![cholesky(a)?],
        LinalgOp::SolveTriangular => vec![solve_triangular(a, &args[1], lower)?],
        LinalgOp::Qr => T::qr(a, a.rows.min(a.cols)).into(),
        LinalgOp::Det => vec![number(det(a))],
        LinalgOp::Slogdet => slogdet(a).map(number).into(),
        LinalgOp::Eigh => T::eigh(a)?.into(),
        LinalgOp::Eigvalsh => T::eigh(a)?.into_iter().take(1).collect(),
        LinalgOp::Svd => T::svd(a, false)?.into(),
        LinalgOp::SvdFull => T::svd(a, true)?.into(),
        LinalgOp::Svdvals => T::svd(a, false)?.into_iter().skip(1).take(1).collect(),
        LinalgOp::QrComplete => T::qr(a, a.rows).into(),
        LinalgOp::LuFactor => factors::lu_factor(a).into(),
        LinalgOp::Lu => factors::lu(a).into(),
        LinalgOp::LuSolve => vec![factors::lu_solve(a, &args[1], &args[2])?],
        LinalgOp::LuSolveTransposed => vec![factors::lu_solve_transposed(a, &args[1], &args[2])?],
        LinalgOp::Ldl => factors::ldl(a)?.into(),
        LinalgOp::Gbsv => vec![factors::gbsv(a, &args[1], &args[2])?],
        LinalgOp::Expm => vec![functions::expm(a)],
        LinalgOp::Schur => T::schur(a)?.into(),
        LinalgOp::Trsyl => vec![functions::trsyl(a, &args[1], &args[2])?],
        LinalgOp::Sqrtm => vec![T::sqrtm(a)?],
        LinalgOp::SolveDiscreteAre => vec![functions::solve_discrete_are([a, &args[1], &args[2], &args[3]])?],
        LinalgOp::TryInv => factors::try_solve(a, &identity(a.rows)).into(),
        LinalgOp::TrySolve => factors::try_solve(a, &args[1]).into(),
        LinalgOp::TryCholesky => factors::try_cholesky(a).into(),
        LinalgOp::Eig | LinalgOp::Eigvals => unreachable!("evaluated before"),
    })
}

fn number<T: Field>(x: T) -> Matrix<T> {
    Matrix { rows: 1, cols: 1, data: vec![x] }
}

fn identity<T: Field>(n: usize) -> Matrix<T> {
    Matrix::new(n, n, |i, j| if i == j { T::ONE } else { T::ZERO })
}

/// The conjugate transpose.
fn adjoint<T: Field>(a: &Matrix<T>) -> Matrix<T> {
    Matrix::new(a.cols, a.rows, |i, j| a.at(j, i).conj())
}

/// The matrix that is its own conjugate transpose with this lower triangle, of whose diagonal the real parts are read.
fn hermitian<T: Field>(a: &Matrix<T>) -> Matrix<T> {
    Matrix::new(a.rows, a.rows, |i, j| match i.cmp(&j) {
        Ordering::Less => a.at(j, i).conj(),
        Ordering::Equal => T::real(a.at(i, i).re()),
        Ordering::Greater => a.at(i, j),
    })
}

fn check_finite<T: Field>(a: &Matrix<T>) -> Result<(), RunErrorKind> {
    match a.data.iter().all(|x| x.is_finite()) {
        true => Ok(()),
        false => Err(RunErrorKind::NotFinite { batch_index: 0 }),
    }
}

/// From 0, as BLAS does: the sum of nothing by [`Iterator::sum`] is -0.
fn sum<T: Field>(terms: impl Iterator<Item = T>) -> T {
    terms.fold(T::ZERO, |sum, x| sum + x)
}

fn matmul<T: Field>(a: &Matrix<T>, b: &Matrix<T>) -> Matrix<T> {
    Matrix::new(a.rows, b.cols, |i, j| sum((0..a.cols).map(|k| a.at(i, k) * b.at(k, j))))
}

/// Brings `a` to upper triangular form by row operations with partial pivoting, `b` along with it; `Err` with the 1-based
/// position of a zero pivot, `Ok` with the sign of the permutation.
fn eliminate<T: Field>(a: &mut Matrix<T>, b: &mut Matrix<T>) -> Result<f64, usize> {
    let n = a.rows;
    let (mut sign, mut singular) = (1.0, None);
    for k in 0..n {
        let larger = |best: usize, i: usize| if a.at(i, k).size() > a.at(best, k).size() { i } else { best };
        let pivot = (k + 1..n).fold(k, larger);
        if a.at(pivot, k) == T::ZERO {
            singular = singular.or(Some(k + 1));
            continue;
        }
        if pivot != k {
            a.swap_rows(pivot, k);
            b.swap_rows(pivot, k);
            sign = -sign;
        }
        for i in k + 1..n {
            let factor = a.at(i, k) / a.at(k, k);
            (k..n).for_each(|j| *a.at_mut(i, j) = a.at(i, j) - factor * a.at(k, j));
            (0..b.cols).for_each(|j| *b.at_mut(i, j) = b.at(i, j) - factor * b.at(k, j));
        }
    }
    singular.map_or(Ok(sign), Err)
}

fn solve<T: Field>(a: &Matrix<T>, b: &Matrix<T>) -> Result<Matrix<T>, RunErrorKind> {
    let (mut a, mut b) = (a.clone(), b.clone());
    eliminate(&mut a, &mut b).map_err(|pivot| RunErrorKind::Singular { pivot, batch_index: 0 })?;
    solve_triangular(&a, &b, false)
}

fn solve_triangular<T: Field>(a: &Matrix<T>, b: &Matrix<T>, lower: bool) -> Result<Matrix<T>, RunErrorKind> {
    let n = a.rows;
    let mut x = b.clone();
    if let Some(pivot) = (0..n).find(|&i| a.at(i, i) == T::ZERO) {
        return Err(RunErrorKind::Singular { pivot: pivot + 1, batch_index: 0 });
    }
    for step in 0..n {
        let i = if lower { step } else { n - 1 - step };
        let known = if lower { 0..i } else { i + 1..n };
        for j in 0..b.cols {
            let known = sum(known.clone().map(|k| a.at(i, k) * x.at(k, j)));
            *x.at_mut(i, j) = (x.at(i, j) - known) / a.at(i, i);
        }
    }
    Ok(x)
}

/// The lower factor of a matrix that is its own conjugate transpose, of which the lower triangle is read, and of the diagonal the
/// real parts.
fn cholesky<T: Field>(a: &Matrix<T>) -> Result<Matrix<T>, RunErrorKind> {
    let n = a.rows;
    let mut l = Matrix::new(n, n, |_, _| T::ZERO);
    for j in 0..n {
        let rest = a.at(j, j).re() - sum((0..j).map(|k| l.at(j, k).norm_sqr()));
        if rest <= 0.0 || rest.is_nan() {
            return Err(RunErrorKind::NotPositiveDefinite { order: j + 1, batch_index: 0 });
        }
        *l.at_mut(j, j) = T::real(rest.sqrt());
        for i in j + 1..n {
            let known = sum((0..j).map(|k| l.at(i, k) * l.at(j, k).conj()));
            *l.at_mut(i, j) = (a.at(i, j) - known) / l.at(j, j);
        }
    }
    Ok(l)
}

/// The direction of the determinant, of a real one the sign, and the logarithm of its magnitude.
fn slogdet<T: Field>(a: &Matrix<T>) -> [T; 2] {
    let mut u = a.clone();
    let Ok(sign) = eliminate(&mut u, &mut Matrix::new(a.rows, 0, |_, _| T::ZERO)) else {
        return [T::ZERO, T::real(f64::NEG_INFINITY)];
    };
    let pivots = || (0..a.rows).map(|i| u.at(i, i));
    [pivots().fold(T::real(sign), T::along), T::real(sum(pivots().map(|d| d.norm().ln())))]
}

fn det<T: Field>(a: &Matrix<T>) -> T {
    let mut u = a.clone();
    match eliminate(&mut u, &mut Matrix::new(a.rows, 0, |_, _| T::ZERO)) {
        Ok(sign) => (0..a.rows).fold(T::real(sign), |product, i| product * u.at(i, i)),
        Err(_) => T::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: &Matrix, b: &Matrix) {
        assert_eq!((a.rows, a.cols), (b.rows, b.cols));
        assert!(a.data.iter().zip(&b.data).all(|(x, y)| (x - y).abs() < 1e-12), "{a:?} is not {b:?}");
    }

    fn sample(rows: usize, cols: usize) -> Matrix {
        Matrix::new(rows, cols, |i, j| ((3 * i + 5 * j + 1) % 7) as f64 - 2.5 + f64::from(u8::from(i == j)) * 4.0)
    }

    #[test]
    fn factors_multiply_to_the_matrix() {
        let a = sample(4, 4);
        let at = Matrix::new(4, 4, |i, j| a.at(j, i));
        let spd = matmul(&a, &at);
        let l = cholesky(&spd).unwrap();
        close(&matmul(&l, &Matrix::new(4, 4, |i, j| l.at(j, i))), &spd);
        for (m, n) in [(4, 4), (5, 3), (3, 5)] {
            let a = sample(m, n);
            let [q, r] = f64::qr(&a, m.min(n));
            close(&matmul(&q, &r), &a);
            close(&matmul(&Matrix::new(q.cols, m, |i, j| q.at(j, i)), &q), &identity(m.min(n)));
        }
    }

    #[test]
    fn solve_leaves_no_residual_and_names_the_pivot() {
        let (a, b) = (sample(4, 4), sample(4, 2));
        close(&matmul(&a, &solve(&a, &b).unwrap()), &b);
        let singular = Matrix::new(2, 2, |_, _| 1.0);
        assert_eq!(solve(&singular, &identity(2)), Err(RunErrorKind::Singular { pivot: 2, batch_index: 0 }));
        assert_eq!(det(&singular), 0.0);
        assert!((det(&Matrix::new(2, 2, |i, j| (2 * i + j) as f64)) + 2.0).abs() < 1e-15);
    }
}
