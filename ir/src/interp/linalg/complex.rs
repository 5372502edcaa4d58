//! Textbook linear algebra on complex matrices, and the eigenvalues of any.

use super::{Matrix, complex_factors as factors};
use crate::error::RunErrorKind;
use crate::ops::LinalgOp;
use num_complex::Complex64;

pub(super) type C = Complex64;

pub(super) const ZERO: C = C::new(0.0, 0.0);
pub(super) const ONE: C = C::new(1.0, 0.0);

/// Iterations for one eigenvalue, and sweeps over all pairs of columns; few take more than five.
const ITERATIONS: usize = 100;

pub(super) fn real(x: f64) -> C {
    C::new(x, 0.0)
}

pub(super) fn number(x: C) -> Matrix<C> {
    Matrix { rows: 1, cols: 1, data: vec![x] }
}

pub(super) fn identity(n: usize) -> Matrix<C> {
    Matrix::new(n, n, |i, j| if i == j { ONE } else { ZERO })
}

/// The conjugate transpose.
pub(super) fn adjoint(a: &Matrix<C>) -> Matrix<C> {
    Matrix::new(a.cols, a.rows, |i, j| a.at(j, i).conj())
}

pub(super) fn matmul(a: &Matrix<C>, b: &Matrix<C>) -> Matrix<C> {
    Matrix::new(a.rows, b.cols, |i, j| (0..a.cols).fold(ZERO, |sum, k| sum + a.at(i, k) * b.at(k, j)))
}

/// As LAPACK measures a pivot.
pub(super) fn size(z: C) -> f64 {
    z.re.abs() + z.im.abs()
}

/// The results of an op on one matrix of each stack.
pub(super) fn eval(op: LinalgOp, lower: bool, args: &[Matrix<C>]) -> Result<Vec<Matrix<C>>, RunErrorKind> {
    let a = &args[0];
    Ok(match op {
        LinalgOp::Matmul => vec![matmul(a, &args[1])],
        LinalgOp::Solve => vec![solve(a, &args[1])?],
        LinalgOp::Inv => vec![solve(a, &identity(a.rows))?],
        LinalgOp::Cholesky => vec![cholesky(a)?],
        LinalgOp::SolveTriangular => vec![solve_triangular(a, &args[1], lower)?],
        LinalgOp::Qr => qr(a, a.rows.min(a.cols)).into(),
        LinalgOp::QrComplete => qr(a, a.rows).into(),
        LinalgOp::Det => vec![number(det(a))],
        LinalgOp::Slogdet => slogdet(a).map(number).into(),
        LinalgOp::Eigh => eigh(a)?.into(),
        LinalgOp::Eigvalsh => eigh(a)?.into_iter().take(1).collect(),
        LinalgOp::Svd => svd(a, false)?.into(),
        LinalgOp::SvdFull => svd(a, true)?.into(),
        LinalgOp::Svdvals => svd(a, false)?.into_iter().skip(1).take(1).collect(),
        LinalgOp::Eig => eig(a)?.into(),
        LinalgOp::Eigvals => eig(a)?.into_iter().take(1).collect(),
        LinalgOp::LuFactor => factors::lu_factor(a).into(),
        LinalgOp::Lu => factors::lu(a).into(),
        LinalgOp::LuSolve => vec![factors::lu_solve(a, &args[1], &args[2])?],
        LinalgOp::LuSolveTransposed => vec![factors::lu_solve_transposed(a, &args[1], &args[2])?],
        LinalgOp::Ldl => factors::ldl(a)?.into(),
        LinalgOp::Gbsv => vec![factors::gbsv(a, &args[1], &args[2])?],
        LinalgOp::Expm => vec![factors::expm(a)],
        LinalgOp::Schur => factors::triangular(a)?.into(),
        LinalgOp::Trsyl => vec![factors::trsyl(a, &args[1], &args[2])?],
        LinalgOp::Sqrtm => vec![factors::sqrtm(a)?],
        LinalgOp::SolveDiscreteAre => vec![factors::solve_discrete_are([a, &args[1], &args[2], &args[3]])?],
        LinalgOp::TryInv => factors::try_solve(a, &identity(a.rows)).into(),
        LinalgOp::TrySolve => factors::try_solve(a, &args[1]).into(),
        LinalgOp::TryCholesky => factors::try_cholesky(a).into(),
    })
}

/// Upper triangular form by row operations with partial pivoting, `b` along with it: the sign of the permutation, or the
/// place of a pivot that is 0.
fn eliminate(a: &mut Matrix<C>, b: &mut Matrix<C>) -> Result<f64, usize> {
    let n = a.rows;
    let (mut sign, mut singular) = (1.0, None);
    for k in 0..n {
        let larger = |best: usize, i: usize| if size(a.at(i, k)) > size(a.at(best, k)) { i } else { best };
        let pivot = (k + 1..n).fold(k, larger);
        if a.at(pivot, k) == ZERO {
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

pub(super) fn solve(a: &Matrix<C>, b: &Matrix<C>) -> Result<Matrix<C>, RunErrorKind> {
    let (mut a, mut b) = (a.clone(), b.clone());
    eliminate(&mut a, &mut b).map_err(|pivot| RunErrorKind::Singular { pivot, batch_index: 0 })?;
    solve_triangular(&a, &b, false)
}

pub(super) fn solve_triangular(a: &Matrix<C>, b: &Matrix<C>, lower: bool) -> Result<Matrix<C>, RunErrorKind> {
    let n = a.rows;
    let mut x = b.clone();
    if let Some(pivot) = (0..n).find(|&i| a.at(i, i) == ZERO) {
        return Err(RunErrorKind::Singular { pivot: pivot + 1, batch_index: 0 });
    }
    for step in 0..n {
        let i = if lower { step } else { n - 1 - step };
        let known = if lower { 0..i } else { i + 1..n };
        for j in 0..b.cols {
            let known = known.clone().fold(ZERO, |sum, k| sum + a.at(i, k) * x.at(k, j));
            *x.at_mut(i, j) = (x.at(i, j) - known) / a.at(i, i);
        }
    }
    Ok(x)
}

/// The lower factor of a Hermitian matrix, of which the lower triangle is read, and of the diagonal the real parts.
pub(super) fn cholesky(a: &Matrix<C>) -> Result<Matrix<C>, RunErrorKind> {
    let n = a.rows;
    let mut l = Matrix::new(n, n, |_, _| ZERO);
    for j in 0..n {
        let rest = a.at(j, j).re - (0..j).map(|k| l.at(j, k).norm_sqr()).sum::<f64>();
        if rest <= 0.0 || rest.is_nan() {
            return Err(RunErrorKind::NotPositiveDefinite { order: j + 1, batch_index: 0 });
        }
        *l.at_mut(j, j) = real(rest.sqrt());
        for i in j + 1..n {
            let known = (0..j).fold(ZERO, |sum, k| sum + l.at(i, k) * l.at(j, k).conj());
            *l.at_mut(i, j) = (a.at(i, j) - known) / l.at(j, j);
        }
    }
    Ok(l)
}

fn det(a: &Matrix<C>) -> C {
    let mut u = a.clone();
    match eliminate(&mut u, &mut Matrix::new(a.rows, 0, |_, _| ZERO)) {
        Ok(sign) => (0..a.rows).fold(real(sign), |product, i| product * u.at(i, i)),
        Err(_) => ZERO,
    }
}

/// The determinant's direction, and the logarithm of its magnitude.
fn slogdet(a: &Matrix<C>) -> [C; 2] {
    let mut u = a.clone();
    let Ok(sign) = eliminate(&mut u, &mut Matrix::new(a.rows, 0, |_, _| ZERO)) else {
        return [ZERO, real(f64::NEG_INFINITY)];
    };
    let pivots = || (0..a.rows).map(|i| u.at(i, i));
    let direction = pivots().fold(real(sign), |direction, z| direction * z / z.norm());
    [direction, real(pivots().fold(0.0, |sum, z| sum + z.norm().ln()))]
}

/// Householder, with LAPACK's choices: the diagonal of `r` is real. `q` has `columns` columns.
fn qr(a: &Matrix<C>, columns: usize) -> [Matrix<C>; 2] {
    let (m, k) = (a.rows, a.rows.min(a.cols));
    let (mut r, mut q) = (a.clone(), identity(m));
    for c in 0..k {
        let alpha = r.at(c, c);
        if alpha.im == 0.0 && (c + 1..m).all(|i| r.at(i, c) == ZERO) {
            continue;
        }
        let beta = -(c..m).map(|i| r.at(i, c).norm_sqr()).sum::<f64>().sqrt().copysign(alpha.re);
        let tau = C::new((beta - alpha.re) / beta, -alpha.im / beta);
        let v: Vec<C> = (c..m).map(|i| if i == c { ONE } else { r.at(i, c) / (alpha - beta) }).collect();
        for j in c..r.cols {
            let dot = (c..m).fold(ZERO, |sum, i| sum + v[i - c].conj() * r.at(i, j)) * tau.conj();
            (c..m).for_each(|i| *r.at_mut(i, j) -= dot * v[i - c]);
        }
        *r.at_mut(c, c) = real(beta);
        for i in 0..m {
            let dot = (c..m).fold(ZERO, |sum, j| sum + q.at(i, j) * v[j - c]) * tau;
            (c..m).for_each(|j| *q.at_mut(i, j) -= dot * v[j - c].conj());
        }
    }
    let upper = Matrix::new(columns, a.cols, |i, j| if j < i { ZERO } else { r.at(i, j) });
    [Matrix::new(m, columns, |i, j| q.at(i, j)), upper]
}

pub(super) fn check_finite(a: &Matrix<C>) -> Result<(), RunErrorKind> {
    match a.data.iter().all(|z| z.re.is_finite() && z.im.is_finite()) {
        true => Ok(()),
        false => Err(RunErrorKind::NotFinite { batch_index: 0 }),
    }
}

/// The singular values in a row and the vectors, by rotations that make columns orthogonal.
fn svd(a: &Matrix<C>, full: bool) -> Result<[Matrix<C>; 3], RunErrorKind> {
    check_finite(a)?;
    if a.rows < a.cols {
        let [u, s, vt] = svd(&adjoint(a), full)?;
        return Ok([adjoint(&vt), s, adjoint(&u)]);
    }
    let (m, n) = (a.rows, a.cols);
    let (mut w, mut v) = (a.clone(), identity(n));
    let dot = |w: &Matrix<C>, p: usize, q: usize| (0..m).fold(ZERO, |sum, i| sum + w.at(i, p).conj() * w.at(i, q));
    for _ in 0..ITERATIONS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let (x, y, off) = (dot(&w, p, p).re, dot(&w, q, q).re, dot(&w, p, q));
                if off.norm() <= f64::EPSILON * (x * y).sqrt() {
                    continue;
                }
                rotated = true;
                // After the phase of the second column is taken away the rotation is a real one.
                let phase = off / off.norm();
                let zeta = (y - x) / (2.0 * off.norm());
                let t = 1f64.copysign(zeta) / (zeta.abs() + zeta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                for matrix in [&mut w, &mut v] {
                    for i in 0..matrix.rows {
                        let (first, second) = (matrix.at(i, p), matrix.at(i, q) * phase.conj());
                        *matrix.at_mut(i, p) = first * c - second * (c * t);
                        *matrix.at_mut(i, q) = first * (c * t) + second * c;
                    }
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let lengths: Vec<f64> = (0..n).map(|j| dot(&w, j, j).re.sqrt()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| lengths[j].total_cmp(&lengths[i]));
    let least = m as f64 * f64::EPSILON * order.first().map_or(0.0, |&j| lengths[j]);
    // Columns that are only rounding are left to the completion.
    let kept: Vec<usize> = order.iter().copied().filter(|&j| lengths[j] > least).collect();
    let columns = Matrix::new(m, kept.len(), |i, j| w.at(i, kept[j]) / lengths[kept[j]]);
    let u = complete(&columns, if full { m } else { n });
    let values = Matrix::new(1, n, |_, j| real(lengths[order[j]]));
    Ok([u, values, Matrix::new(n, n, |i, j| v.at(j, order[i]).conj())])
}

/// Orthonormal columns, with others that make them as many as are asked for.
fn complete(columns: &Matrix<C>, count: usize) -> Matrix<C> {
    let [basis, r] = qr(columns, columns.rows);
    // The columns are those of the basis but for the directions that `r` has on its diagonal.
    Matrix::new(columns.rows, count, |i, j| match j < columns.cols {
        true => basis.at(i, j) * r.at(j, j) / r.at(j, j).norm(),
        false => basis.at(i, j),
    })
}

/// The eigenvalues of a Hermitian matrix in ascending order and its eigenvectors in columns; reads the lower triangle.
fn eigh(a: &Matrix<C>) -> Result<[Matrix<C>; 2], RunErrorKind> {
    let n = a.rows;
    let whole = Matrix::new(n, n, |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Less => a.at(j, i).conj(),
        std::cmp::Ordering::Equal => real(a.at(i, i).re),
        std::cmp::Ordering::Greater => a.at(i, j),
    });
    check_finite(&whole)?;
    let [t, z] = schur(&whole)?;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| t.at(i, i).re.total_cmp(&t.at(j, j).re));
    let values = Matrix::new(1, n, |_, j| real(t.at(order[j], order[j]).re));
    Ok([values, Matrix::new(n, n, |i, j| z.at(i, order[j]))])
}

/// Upper triangular `t` and unitary `z` with `z t z* = a`, by QR with Wilkinson's shift.
pub(super) fn schur(a: &Matrix<C>) -> Result<[Matrix<C>; 2], RunErrorKind> {
    let n = a.rows;
    let (mut t, mut z) = (a.clone(), identity(n));
    // The similarity of a unitary matrix that acts on rows and columns from `start` on.
    let turn = |t: &mut Matrix<C>, z: &mut Matrix<C>, q: &Matrix<C>, start: usize| {
        let inside = |i: usize| (start..start + q.rows).contains(&i);
        let whole = Matrix::new(n, n, |i, j| match inside(i) && inside(j) {
            true => q.at(i - start, j - start),
            false => {
                if i == j {
                    ONE
                } else {
                    ZERO
                }
            }
        });
        *t = matmul(&matmul(&adjoint(&whole), t), &whole);
        *z = matmul(z, &whole);
    };
    for c in 0..n.saturating_sub(2) {
        let below = Matrix::new(n - c - 1, 1, |i, _| t.at(c + 1 + i, c));
        let [q, _] = qr(&below, n - c - 1);
        turn(&mut t, &mut z, &q, c + 1);
        (c + 2..n).for_each(|i| *t.at_mut(i, c) = ZERO);
    }
    let largest = t.data.iter().fold(0.0f64, |most, x| most.max(size(*x)));
    let (mut end, mut count) = (n, 0);
    while end > 0 {
        let negligible = |i: usize| {
            let beside = size(t.at(i - 1, i - 1)) + size(t.at(i, i));
            size(t.at(i, i - 1)) <= f64::EPSILON * if beside > 0.0 { beside } else { largest }
        };
        let start = (1..end).rev().find(|&i| negligible(i)).unwrap_or(0);
        if start > 0 {
            *t.at_mut(start, start - 1) = ZERO;
        }
        if end - start == 1 {
            (end, count) = (start, 0);
            continue;
        }
        count += 1;
        if count > ITERATIONS {
            return Err(RunErrorKind::NoConvergence { batch_index: 0 });
        }
        let [a, b, c, d] = [(2, 2), (2, 1), (1, 2), (1, 1)].map(|(i, j)| t.at(end - i, end - j));
        let root = ((a - d) * (a - d) / 4.0 + b * c).sqrt();
        let middle = (a + d) / 2.0;
        let nearer =
            if (middle + root - d).norm() < (middle - root - d).norm() { middle + root } else { middle - root };
        let shift = if count % 10 == 0 { d + size(c) } else { nearer };
        let block = Matrix::new(end - start, end - start, |i, j| {
            t.at(start + i, start + j) - if i == j { shift } else { ZERO }
        });
        let [q, _] = qr(&block, block.rows);
        turn(&mut t, &mut z, &q, start);
        for j in start..end {
            (j + 2..end).for_each(|i| *t.at_mut(i, j) = ZERO);
        }
    }
    Ok([t, z])
}

/// The eigenvalues of a matrix, and its eigenvectors in columns: of length 1, their largest element real.
fn eig(a: &Matrix<C>) -> Result<[Matrix<C>; 2], RunErrorKind> {
    check_finite(a)?;
    let n = a.rows;
    let [t, z] = schur(a)?;
    let norm = t.data.iter().fold(f64::MIN_POSITIVE, |most, x| most.max(size(*x)));
    let mut x = Matrix::new(n, n, |i, j| if i == j { ONE } else { ZERO });
    for j in 0..n {
        for i in (0..j).rev() {
            let known = (i + 1..=j).fold(ZERO, |sum, k| sum + t.at(i, k) * x.at(k, j));
            let gap = t.at(i, i) - t.at(j, j);
            // Eigenvalues that are the same but for rounding.
            let gap = if size(gap) < f64::EPSILON * norm { real(f64::EPSILON * norm) } else { gap };
            *x.at_mut(i, j) = -known / gap;
        }
    }
    let mut v = matmul(&z, &x);
    for j in 0..n {
        let length = (0..n).map(|i| v.at(i, j).norm_sqr()).sum::<f64>().sqrt();
        let larger = |best: usize, i: usize| if v.at(i, j).norm() > v.at(best, j).norm() { i } else { best };
        let largest = v.at((1..n).fold(0, larger), j);
        let by = largest.conj() / largest.norm() / length;
        (0..n).for_each(|i| *v.at_mut(i, j) *= by);
    }
    Ok([Matrix::new(1, n, |_, j| t.at(j, j)), v])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: &Matrix<C>, b: &Matrix<C>) {
        assert_eq!((a.rows, a.cols), (b.rows, b.cols));
        assert!(a.data.iter().zip(&b.data).all(|(x, y)| (x - y).norm() < 1e-11), "{a:?} is not {b:?}");
    }

    fn sample(m: usize, n: usize) -> Matrix<C> {
        let shift = |i: usize, j: usize| if i == j { 3.0 } else { 0.0 };
        Matrix::new(m, n, |i, j| {
            C::new(((3 * i + 5 * j + 1) % 7) as f64 - 2.5 + shift(i, j), ((2 * i + i * j + 3) % 5) as f64 - 2.0)
        })
    }

    #[test]
    fn factors_multiply_to_the_matrix() {
        for (m, n) in [(0, 0), (1, 1), (4, 4), (5, 3), (3, 5), (7, 7)] {
            let a = sample(m, n);
            for columns in [m.min(n), m] {
                let [q, r] = qr(&a, columns);
                close(&matmul(&q, &r), &a);
                close(&matmul(&adjoint(&q), &q), &identity(columns));
            }
            for full in [false, true] {
                let [u, s, vt] = svd(&a, full).unwrap();
                let scaled = Matrix::new(m, vt.rows, |i, j| if j < s.cols { u.at(i, j) * s.at(0, j) } else { ZERO });
                close(&matmul(&scaled, &vt), &a);
                close(&matmul(&adjoint(&u), &u), &identity(u.cols));
            }
            if m != n {
                continue;
            }
            close(&matmul(&a, &solve(&a, &identity(n)).unwrap()), &identity(n));
            let gram = matmul(&a, &adjoint(&a));
            let l = cholesky(&gram).unwrap();
            close(&matmul(&l, &adjoint(&l)), &gram);
            let [direction, log] = slogdet(&a);
            assert!((direction * log.re.exp() - det(&a)).norm() <= 1e-11 * det(&a).norm());
            let [w, v] = eigh(&gram).unwrap();
            close(&matmul(&gram, &v), &Matrix::new(n, n, |i, j| v.at(i, j) * w.at(0, j)));
            let [w, v] = eig(&a).unwrap();
            close(&matmul(&a, &v), &Matrix::new(n, n, |i, j| v.at(i, j) * w.at(0, j)));
        }
    }
}
