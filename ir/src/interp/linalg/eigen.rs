//! Eigenvalues and singular values of real matrices by Jacobi's rotations: slow, accurate, and nothing like LAPACK's reductions.
//!
//! Vectors are determined up to sign (and up to rotation where values are equal), so engines agree on what they
//! multiply to, not on them.

use super::{Matrix, adjoint, check_finite, hermitian, identity, sum};
use crate::error::RunErrorKind;

/// Sweeps over all pairs; Jacobi's method converges quadratically, so that ten are many.
const SWEEPS: usize = 60;

/// A rotation `(c, s)` of two columns.
type Rotation = (f64, f64);

/// The rotation that makes the symmetric 2 x 2 matrix with this diagonal and off-diagonal element diagonal.
fn rotation(first: f64, second: f64, off: f64) -> Rotation {
    let zeta = (second - first) / (2.0 * off);
    let t = 1f64.copysign(zeta) / (zeta.abs() + zeta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    (c, c * t)
}

fn rotate_columns(a: &mut Matrix, p: usize, q: usize, (c, s): Rotation) {
    for i in 0..a.rows {
        let (x, y) = (a.at(i, p), a.at(i, q));
        *a.at_mut(i, p) = c * x - s * y;
        *a.at_mut(i, q) = s * x + c * y;
    }
}

/// A power of two that brings the largest element near 1, so that squares neither overflow nor vanish.
fn scale(a: &Matrix) -> f64 {
    let largest = a.data.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    if largest == 0.0 { 1.0 } else { 2f64.powi(largest.log2().floor().clamp(-1000.0, 1000.0) as i32) }
}

/// The eigenvalues of a symmetric matrix in ascending order, and its eigenvectors in columns; reads the lower triangle.
pub(super) fn symmetric(a: &Matrix) -> Result<[Matrix; 2], RunErrorKind> {
    let n = a.rows;
    let mut d = hermitian(a);
    check_finite(&d)?;
    let unit = scale(&d);
    d.data.iter_mut().for_each(|x| *x /= unit);
    let mut v = identity(n);
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let off = d.at(p, q);
                // Below the rounding of both diagonal elements a rotation changes nothing.
                if off.abs() <= f64::EPSILON / 8.0 * d.at(p, p).abs().min(d.at(q, q).abs()) {
                    continue;
                }
                rotated = true;
                let turn = rotation(d.at(p, p), d.at(q, q), off);
                rotate_columns(&mut d, p, q, turn);
                let mut rows = Matrix::new(n, n, |i, j| d.at(j, i));
                rotate_columns(&mut rows, p, q, turn);
                d = rows;
                rotate_columns(&mut v, p, q, turn);
                (*d.at_mut(p, q), *d.at_mut(q, p)) = (0.0, 0.0);
            }
        }
        if !rotated {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| d.at(i, i).total_cmp(&d.at(j, j)));
    let values = Matrix::new(1, n, |_, j| d.at(order[j], order[j]) * unit);
    Ok([values, Matrix::new(n, n, |i, j| v.at(i, order[j]))])
}

/// Left singular vectors in columns, singular values in descending order, right singular vectors in rows; as many vectors
/// as values, or bases of both spaces. One-sided: rotations make the columns orthogonal, their lengths are the values.
pub(super) fn singular(a: &Matrix, full: bool) -> Result<[Matrix; 3], RunErrorKind> {
    check_finite(a)?;
    let wide = a.rows < a.cols;
    let (m, n) = (a.rows.max(a.cols), a.rows.min(a.cols));
    let unit = scale(a);
    let mut w = Matrix::new(m, n, |i, j| if wide { a.at(j, i) } else { a.at(i, j) } / unit);
    let mut v = identity(n);
    let dot = |w: &Matrix, p: usize, q: usize| sum((0..m).map(|i| w.at(i, p) * w.at(i, q)));
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let (x, y, off) = (dot(&w, p, p), dot(&w, q, q), dot(&w, p, q));
                if off.abs() <= f64::EPSILON * (x * y).sqrt() {
                    continue;
                }
                rotated = true;
                let turn = rotation(x, y, off);
                rotate_columns(&mut w, p, q, turn);
                rotate_columns(&mut v, p, q, turn);
            }
        }
        if !rotated {
            break;
        }
    }
    let lengths: Vec<f64> = (0..n).map(|j| dot(&w, j, j).sqrt()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| lengths[j].total_cmp(&lengths[i]));
    let least = m as f64 * f64::EPSILON * order.first().map_or(0.0, |&j| lengths[j]);
    let columns = order.iter().map(|&j| {
        // A column that is only rounding has no direction: the basis is completed instead.
        (lengths[j] > least).then(|| (0..m).map(|i| w.at(i, j) / lengths[j]).collect())
    });
    let long = complete(columns.collect(), m, if full { m } else { n });
    let short = Matrix::new(n, n, |i, j| v.at(i, order[j]));
    let values = Matrix::new(1, n, |_, j| lengths[order[j]] * unit);
    let [u, v] = if wide { [short, long] } else { [long, short] };
    Ok([u, values, adjoint(&v)])
}

/// Orthonormal columns, those that are missing or too few made from unit vectors.
fn complete(mut columns: Vec<Option<Vec<f64>>>, m: usize, count: usize) -> Matrix {
    columns.resize(count, None);
    for at in 0..count {
        if columns[at].is_some() {
            continue;
        }
        let rest = |axis: usize| {
            let mut x: Vec<f64> = (0..m).map(|i| f64::from(u8::from(i == axis))).collect();
            // Once more, for what rounding left.
            for column in columns.iter().chain(&columns).flatten() {
                let along = sum(column.iter().zip(&x).map(|(a, b)| a * b));
                x.iter_mut().zip(column).for_each(|(x, c)| *x -= along * c);
            }
            let length = sum(x.iter().map(|x| x * x)).sqrt();
            (length, x)
        };
        let (length, x) =
            (0..m).rev().map(rest).max_by(|x, y| x.0.total_cmp(&y.0)).expect("a missing column has a direction left");
        columns[at] = Some(x.into_iter().map(|x| x / length).collect());
    }
    Matrix::new(m, count, |i, j| columns[j].as_ref().expect("completed")[i])
}

#[cfg(test)]
mod tests {
    use super::super::matmul;
    use super::*;

    fn close(a: &Matrix, b: &Matrix) {
        assert_eq!((a.rows, a.cols), (b.rows, b.cols));
        assert!(a.data.iter().zip(&b.data).all(|(x, y)| (x - y).abs() < 1e-13), "{a:?} is not {b:?}");
    }

    #[test]
    fn eigenvectors_are_orthogonal_and_give_the_matrix() {
        for n in [0, 1, 2, 5, 9] {
            let a = Matrix::new(n, n, |i, j| ((i * j + 2 * (i + j)) % 7) as f64 - 3.0);
            let [w, v] = symmetric(&a).unwrap();
            close(&matmul(&adjoint(&v), &v), &identity(n));
            close(&matmul(&Matrix::new(n, n, |i, j| v.at(i, j) * w.at(0, j)), &adjoint(&v)), &a);
            assert!(w.data.is_sorted());
        }
        let [w, _] = symmetric(&Matrix::new(2, 2, |i, j| if i == j { 2.0 } else { -1.0 })).unwrap();
        close(&w, &Matrix::new(1, 2, |_, j| [1.0, 3.0][j]));
    }

    #[test]
    fn singular_vectors_are_orthogonal_and_give_the_matrix() {
        for (m, n) in [(0, 3), (1, 1), (4, 4), (6, 3), (3, 6), (5, 5)] {
            for full in [false, true] {
                // Of rank 2 at most, so that vectors are missing.
                let a = Matrix::new(m, n, |i, j| (i as f64 - 1.5) * (j as f64 + 0.5) + 2.0);
                let [u, s, vt] = singular(&a, full).unwrap();
                close(&matmul(&adjoint(&u), &u), &identity(u.cols));
                close(&matmul(&vt, &adjoint(&vt)), &identity(vt.rows));
                let scaled = Matrix::new(m, vt.rows, |i, j| if j < s.cols { u.at(i, j) * s.at(0, j) } else { 0.0 });
                close(&matmul(&scaled, &vt), &a);
                assert!(s.data.is_sorted_by(|a, b| a >= b));
            }
        }
    }
}
