//! Textbook decompositions of complex matrices, where they are not those of real ones, and the eigenvalues of any.

use super::field::Field;
use super::functions::NO_SOLUTION;
use super::{Matrix, adjoint, check_finite, hermitian, identity, matmul};
use crate::error::RunErrorKind;
use num_complex::Complex64;

type C = Complex64;

/// Iterations for one eigenvalue, and sweeps over all pairs of columns; few take more than five.
const ITERATIONS: usize = 100;

/// Householder, with LAPACK's choices: the diagonal of `r` is real. `q` has `columns` columns.
pub(super) fn qr(a: &Matrix<C>, columns: usize) -> [Matrix<C>; 2] {
    let (m, k) = (a.rows, a.rows.min(a.cols));
    let (mut r, mut q) = (a.clone(), identity(m));
    for c in 0..k {
        let alpha = r.at(c, c);
        if alpha.im == 0.0 && (c + 1..m).all(|i| r.at(i, c) == C::ZERO) {
            continue;
        }
        let beta = -(c..m).map(|i| r.at(i, c).norm_sqr()).sum::<f64>().sqrt().copysign(alpha.re);
        let tau = C::new((beta - alpha.re) / beta, -alpha.im / beta);
        let v: Vec<C> = (c..m).map(|i| if i == c { C::ONE } else { r.at(i, c) / (alpha - beta) }).collect();
        for j in c..r.cols {
            let dot = (c..m).fold(C::ZERO, |sum, i| sum + v[i - c].conj() * r.at(i, j)) * tau.conj();
            (c..m).for_each(|i| *r.at_mut(i, j) -= dot * v[i - c]);
        }
        *r.at_mut(c, c) = C::real(beta);
        for i in 0..m {
            let dot = (c..m).fold(C::ZERO, |sum, j| sum + q.at(i, j) * v[j - c]) * tau;
            (c..m).for_each(|j| *q.at_mut(i, j) -= dot * v[j - c].conj());
        }
    }
    let upper = Matrix::new(columns, a.cols, |i, j| if j < i { C::ZERO } else { r.at(i, j) });
    [Matrix::new(m, columns, |i, j| q.at(i, j)), upper]
}

/// The singular values in a row and the vectors, by rotations that make columns orthogonal.
pub(super) fn svd(a: &Matrix<C>, full: bool) -> Result<[Matrix<C>; 3], RunErrorKind> {
    check_finite(a)?;
    if a.rows < a.cols {
        let [u, s, vt] = svd(&adjoint(a), full)?;
        return Ok([adjoint(&vt), s, adjoint(&u)]);
    }
    let (m, n) = (a.rows, a.cols);
    let (mut w, mut v) = (a.clone(), identity(n));
    let dot = |w: &Matrix<C>, p: usize, q: usize| (0..m).fold(C::ZERO, |sum, i| sum + w.at(i, p).conj() * w.at(i, q));
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
    let values = Matrix::new(1, n, |_, j| C::real(lengths[order[j]]));
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
pub(super) fn eigh(a: &Matrix<C>) -> Result<[Matrix<C>; 2], RunErrorKind> {
    let n = a.rows;
    let [t, z] = schur(&hermitian(a))?;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| t.at(i, i).re.total_cmp(&t.at(j, j).re));
    let values = Matrix::new(1, n, |_, j| C::real(t.at(order[j], order[j]).re));
    Ok([values, Matrix::new(n, n, |i, j| z.at(i, order[j]))])
}

/// Upper triangular `t` and unitary `z` with `z t z* = a`, by QR with Wilkinson's shift.
pub(super) fn schur(a: &Matrix<C>) -> Result<[Matrix<C>; 2], RunErrorKind> {
    check_finite(a)?;
    let n = a.rows;
    let (mut t, mut z) = (a.clone(), identity(n));
    // The similarity of a unitary matrix that acts on rows and columns from `start` on.
    let turn = |t: &mut Matrix<C>, z: &mut Matrix<C>, q: &Matrix<C>, start: usize| {
        let inside = |i: usize| (start..start + q.rows).contains(&i);
        let one = identity::<C>(n);
        let whole =
            Matrix::new(n, n, |i, j| if inside(i) && inside(j) { q.at(i - start, j - start) } else { one.at(i, j) });
        *t = matmul(&matmul(&adjoint(&whole), t), &whole);
        *z = matmul(z, &whole);
    };
    for c in 0..n.saturating_sub(2) {
        let below = Matrix::new(n - c - 1, 1, |i, _| t.at(c + 1 + i, c));
        let [q, _] = qr(&below, n - c - 1);
        turn(&mut t, &mut z, &q, c + 1);
        (c + 2..n).for_each(|i| *t.at_mut(i, c) = C::ZERO);
    }
    let largest = t.data.iter().fold(0.0f64, |most, x| most.max(x.size()));
    let (mut end, mut count) = (n, 0);
    while end > 0 {
        let negligible = |i: usize| {
            let beside = t.at(i - 1, i - 1).size() + t.at(i, i).size();
            t.at(i, i - 1).size() <= f64::EPSILON * if beside > 0.0 { beside } else { largest }
        };
        let start = (1..end).rev().find(|&i| negligible(i)).unwrap_or(0);
        if start > 0 {
            *t.at_mut(start, start - 1) = C::ZERO;
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
        let shift = if count % 10 == 0 { d + c.size() } else { nearer };
        let block = Matrix::new(end - start, end - start, |i, j| {
            t.at(start + i, start + j) - if i == j { shift } else { C::ZERO }
        });
        let [q, _] = qr(&block, block.rows);
        turn(&mut t, &mut z, &q, start);
        for j in start..end {
            (j + 2..end).for_each(|i| *t.at_mut(i, j) = C::ZERO);
        }
    }
    Ok([t, z])
}

/// The eigenvalues of a matrix, and its eigenvectors in columns: of length 1, their largest element real.
pub(super) fn eig(a: &Matrix<C>) -> Result<[Matrix<C>; 2], RunErrorKind> {
    let n = a.rows;
    let [t, z] = schur(a)?;
    let norm = t.data.iter().fold(f64::MIN_POSITIVE, |most, x| most.max(x.size()));
    let mut x = identity::<C>(n);
    for j in 0..n {
        for i in (0..j).rev() {
            let known = (i + 1..=j).fold(C::ZERO, |sum, k| sum + t.at(i, k) * x.at(k, j));
            let gap = t.at(i, i) - t.at(j, j);
            // Eigenvalues that are the same but for rounding.
            let gap = if gap.size() < f64::EPSILON * norm { C::real(f64::EPSILON * norm) } else { gap };
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

/// By the triangular form, whose root is triangular and has its diagonal's roots on the diagonal (Bjorck, Hammarling 1983).
pub(super) fn sqrtm(a: &Matrix<C>) -> Result<Matrix<C>, RunErrorKind> {
    let [t, z] = schur(a)?;
    let n = a.rows;
    let mut r = Matrix::new(n, n, |_, _| C::ZERO);
    for j in 0..n {
        if t.at(j, j) == C::ZERO {
            return Err(NO_SOLUTION);
        }
        // Of a negative number the root above the real axis, whatever the sign of the zero beside it.
        *r.at_mut(j, j) = (t.at(j, j) + C::ZERO).sqrt();
        for i in (0..j).rev() {
            let known = (i + 1..j).fold(C::ZERO, |sum, k| sum + r.at(i, k) * r.at(k, j));
            let gap = r.at(i, i) + r.at(j, j);
            if gap == C::ZERO {
                return Err(NO_SOLUTION);
            }
            *r.at_mut(i, j) = (t.at(i, j) - known) / gap;
        }
    }
    Ok(matmul(&matmul(&z, &r), &adjoint(&z)))
}

#[cfg(test)]
mod tests {
    use super::super::{cholesky, det, slogdet, solve};
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
                let scaled = Matrix::new(m, vt.rows, |i, j| if j < s.cols { u.at(i, j) * s.at(0, j) } else { C::ZERO });
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
