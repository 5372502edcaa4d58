//! Textbook linear algebra on small row-major matrices of `f64`: an oracle that shares nothing with LAPACK but the
//! conventions (partial pivoting, the signs of Householder QR, which pivot is reported).

mod complex;
mod complex_factors;
mod eigen;
mod factors;
mod functions;
mod schur;

use crate::error::RunErrorKind;
use crate::ops::LinalgOp;
use crate::types::DType;
use num_complex::Complex64;

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
    if dtype.is_complex() || matches!(op, LinalgOp::Eig | LinalgOp::Eigvals) {
        return complex::eval(op, lower, args);
    }
    let real = |a: &Matrix<Complex64>| Matrix::new(a.rows, a.cols, |i, j| a.at(i, j).re);
    let results = eval_real(op, lower, &args.iter().map(real).collect::<Vec<_>>())?;
    let widened = |a: Matrix| Matrix::new(a.rows, a.cols, |i, j| a.at(i, j).into());
    Ok(results.into_iter().map(widened).collect())
}

fn eval_real(op: LinalgOp, lower: bool, args: &[Matrix]) -> Result<Vec<Matrix>, RunErrorKind> {
    let a = &args[0];
    Ok(match op {
        LinalgOp::Matmul => vec![matmul(a, &args[1])],
        LinalgOp::Solve => vec![solve(a, &args[1])?],
        LinalgOp::Inv => vec![solve(a, &identity(a.rows))?],
        LinalgOp::Cholesky => vec![cholesky(a)?],
        LinalgOp::SolveTriangular => vec![solve_triangular(a, &args[1], lower)?],
        LinalgOp::Qr => qr(a, a.rows.min(a.cols)).into(),
        LinalgOp::Det => vec![Matrix::new(1, 1, |_, _| det(a))],
        LinalgOp::Slogdet => slogdet(a).map(|x| Matrix::new(1, 1, |_, _| x)).into(),
        LinalgOp::Eigh => eigen::symmetric(a)?.into(),
        LinalgOp::Eigvalsh => eigen::symmetric(a)?.into_iter().take(1).collect(),
        LinalgOp::Svd => eigen::singular(a, false)?.into(),
        LinalgOp::SvdFull => eigen::singular(a, true)?.into(),
        LinalgOp::Svdvals => eigen::singular(a, false)?.into_iter().skip(1).take(1).collect(),
        LinalgOp::QrComplete => qr(a, a.rows).into(),
        LinalgOp::LuFactor => factors::lu_factor(a).into(),
        LinalgOp::Lu => factors::lu(a).into(),
        LinalgOp::LuSolve => vec![factors::lu_solve(a, &args[1], &args[2])?],
        LinalgOp::LuSolveTransposed => vec![factors::lu_solve_transposed(a, &args[1], &args[2])?],
        LinalgOp::Ldl => factors::ldl(a)?.into(),
        LinalgOp::Gbsv => vec![factors::gbsv(a, &args[1], &args[2])?],
        LinalgOp::Expm => vec![functions::expm(a)],
        LinalgOp::Schur => schur::schur(a)?.into(),
        LinalgOp::Trsyl => vec![functions::trsyl(a, &args[1], &args[2])?],
        LinalgOp::Sqrtm => vec![functions::sqrtm(a)?],
        LinalgOp::SolveDiscreteAre => vec![functions::solve_discrete_are([a, &args[1], &args[2], &args[3]])?],
        LinalgOp::TryInv => factors::try_solve(a, &identity(a.rows)).into(),
        LinalgOp::TrySolve => factors::try_solve(a, &args[1]).into(),
        LinalgOp::TryCholesky => factors::try_cholesky(a).into(),
        LinalgOp::Eig | LinalgOp::Eigvals => unreachable!("complex"),
    })
}

fn identity(n: usize) -> Matrix {
    Matrix::new(n, n, |i, j| f64::from(u8::from(i == j)))
}

/// From 0, as BLAS does: the sum of nothing by [`Iterator::sum`] is -0.
fn sum(terms: impl Iterator<Item = f64>) -> f64 {
    terms.fold(0.0, |sum, x| sum + x)
}

fn matmul(a: &Matrix, b: &Matrix) -> Matrix {
    Matrix::new(a.rows, b.cols, |i, j| sum((0..a.cols).map(|k| a.at(i, k) * b.at(k, j))))
}

/// Brings `a` to upper triangular form by row operations with partial pivoting, `b` along with it; `Err` with the 1-based
/// position of a zero pivot, `Ok` with the sign of the permutation.
fn eliminate(a: &mut Matrix, b: &mut Matrix) -> Result<f64, usize> {
    let n = a.rows;
    let (mut sign, mut singular) = (1.0, None);
    for k in 0..n {
        let larger = |best: usize, i: usize| if a.at(i, k).abs() > a.at(best, k).abs() { i } else { best };
        let pivot = (k + 1..n).fold(k, larger);
        if a.at(pivot, k) == 0.0 {
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
            (k..n).for_each(|j| *a.at_mut(i, j) -= factor * a.at(k, j));
            (0..b.cols).for_each(|j| *b.at_mut(i, j) -= factor * b.at(k, j));
        }
    }
    singular.map_or(Ok(sign), Err)
}

fn solve(a: &Matrix, b: &Matrix) -> Result<Matrix, RunErrorKind> {
    let (mut a, mut b) = (a.clone(), b.clone());
    eliminate(&mut a, &mut b).map_err(|pivot| RunErrorKind::Singular { pivot, batch_index: 0 })?;
    solve_triangular(&a, &b, false)
}

fn solve_triangular(a: &Matrix, b: &Matrix, lower: bool) -> Result<Matrix, RunErrorKind> {
    let n = a.rows;
    let mut x = b.clone();
    if let Some(pivot) = (0..n).find(|&i| a.at(i, i) == 0.0) {
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

fn cholesky(a: &Matrix) -> Result<Matrix, RunErrorKind> {
    let n = a.rows;
    let mut l = Matrix::new(n, n, |_, _| 0.0);
    for j in 0..n {
        let rest = a.at(j, j) - sum((0..j).map(|k| l.at(j, k) * l.at(j, k)));
        if rest <= 0.0 || rest.is_nan() {
            return Err(RunErrorKind::NotPositiveDefinite { order: j + 1, batch_index: 0 });
        }
        *l.at_mut(j, j) = rest.sqrt();
        for i in j + 1..n {
            let known = sum((0..j).map(|k| l.at(i, k) * l.at(j, k)));
            *l.at_mut(i, j) = (a.at(i, j) - known) / l.at(j, j);
        }
    }
    Ok(l)
}

/// The sign of the determinant, and the logarithm of its magnitude.
fn slogdet(a: &Matrix) -> [f64; 2] {
    let mut u = a.clone();
    let Ok(sign) = eliminate(&mut u, &mut Matrix::new(a.rows, 0, |_, _| 0.0)) else { return [0.0, f64::NEG_INFINITY] };
    let pivots = || (0..a.rows).map(|i| u.at(i, i));
    [pivots().fold(sign, |sign, d| if d < 0.0 { -sign } else { sign }), sum(pivots().map(|d| d.abs().ln()))]
}

fn det(a: &Matrix) -> f64 {
    let mut u = a.clone();
    match eliminate(&mut u, &mut Matrix::new(a.rows, 0, |_, _| 0.0)) {
        Ok(sign) => (0..a.rows).fold(sign, |product, i| product * u.at(i, i)),
        Err(_) => 0.0,
    }
}

/// Householder, with LAPACK's signs: a reflection takes the column to `-sign(x[0]) * norm(x)`, and a column that is zero
/// below the diagonal is left as it is. `q` has `columns` columns.
fn qr(a: &Matrix, columns: usize) -> [Matrix; 2] {
    let (m, k) = (a.rows, a.rows.min(a.cols));
    let mut r = a.clone();
    let mut q = Matrix::new(m, m, |i, j| f64::from(u8::from(i == j)));
    for c in 0..k {
        if (c + 1..m).all(|i| r.at(i, c) == 0.0) {
            continue;
        }
        let norm = (c..m).map(|i| r.at(i, c) * r.at(i, c)).sum::<f64>().sqrt();
        let mut v: Vec<f64> = (0..m).map(|i| if i < c { 0.0 } else { r.at(i, c) }).collect();
        v[c] += norm.copysign(v[c]);
        let square: f64 = v.iter().map(|x| x * x).sum();
        for j in 0..r.cols {
            let dot = 2.0 * (c..m).map(|i| v[i] * r.at(i, j)).sum::<f64>() / square;
            (c..m).for_each(|i| *r.at_mut(i, j) -= dot * v[i]);
        }
        for i in 0..m {
            let dot = 2.0 * (c..m).map(|j| q.at(i, j) * v[j]).sum::<f64>() / square;
            (c..m).for_each(|j| *q.at_mut(i, j) -= dot * v[j]);
        }
    }
    let upper = Matrix::new(columns, a.cols, |i, j| if j < i { 0.0 } else { r.at(i, j) });
    [Matrix::new(m, columns, |i, j| q.at(i, j)), upper]
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
            let [q, r] = qr(&a, m.min(n));
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
