//! The real Schur form by explicit double shifts: what Francis's iteration computes, without what makes it fast.

use super::{Matrix, check_finite, householder::qr, identity};
use crate::error::RunErrorKind;

/// Iterations for one eigenvalue; few take more than four.
const ITERATIONS: usize = 100;

/// Rows of an orthogonal matrix's transpose times rows `start..` of a matrix, in place.
fn turn_rows(h: &mut Matrix, q: &Matrix, start: usize) {
    for j in 0..h.cols {
        let old: Vec<f64> = (0..q.rows).map(|i| h.at(start + i, j)).collect();
        for i in 0..q.cols {
            *h.at_mut(start + i, j) = (0..q.rows).map(|k| q.at(k, i) * old[k]).sum();
        }
    }
}

/// Columns `start..` of a matrix times an orthogonal one, in place.
fn turn_columns(h: &mut Matrix, q: &Matrix, start: usize) {
    for i in 0..h.rows {
        let old: Vec<f64> = (0..q.rows).map(|j| h.at(i, start + j)).collect();
        for j in 0..q.cols {
            *h.at_mut(i, start + j) = (0..q.rows).map(|k| old[k] * q.at(k, j)).sum();
        }
    }
}

/// `q.T @ t @ q` and `z @ q` for a `q` that acts on a block.
fn turn(t: &mut Matrix, z: &mut Matrix, q: &Matrix, start: usize) {
    turn_rows(t, q, start);
    turn_columns(t, q, start);
    turn_columns(z, q, start);
}

/// The orthogonal factor of QR.
fn basis(a: &Matrix) -> Matrix {
    let [q, _] = qr(a, a.rows);
    q
}

fn rotation(c: f64, s: f64) -> Matrix {
    Matrix { rows: 2, cols: 2, data: vec![c, -s, s, c] }
}

/// Quasi-triangular `t` and orthogonal `z` with `z @ t @ z.T = a`.
pub(super) fn schur(a: &Matrix) -> Result<[Matrix; 2], RunErrorKind> {
    check_finite(a)?;
    let n = a.rows;
    let (mut t, mut z) = (a.clone(), identity(n));
    for c in 0..n.saturating_sub(2) {
        let below = Matrix::new(n - c - 1, 1, |i, _| t.at(c + 1 + i, c));
        turn(&mut t, &mut z, &basis(&below), c + 1);
        (c + 2..n).for_each(|i| *t.at_mut(i, c) = 0.0);
    }
    let size = t.data.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    let (mut end, mut count) = (n, 0);
    while end > 0 {
        let negligible = |i: usize| {
            let beside = t.at(i - 1, i - 1).abs() + t.at(i, i).abs();
            t.at(i, i - 1).abs() <= f64::EPSILON * if beside > 0.0 { beside } else { size }
        };
        let start = (1..end).rev().find(|&i| negligible(i)).unwrap_or(0);
        if start > 0 {
            *t.at_mut(start, start - 1) = 0.0;
        }
        if end - start <= 2 {
            if end - start == 2 {
                standardise(&mut t, &mut z, start);
            }
            (end, count) = (start, 0);
            continue;
        }
        count += 1;
        if count > ITERATIONS {
            return Err(RunErrorKind::NoConvergence { batch_index: 0 });
        }
        // The sum and the product of the shifts: those of the last block, once in a while others, against cycles.
        let last = |i: usize, j: usize| t.at(end - 2 + i, end - 2 + j);
        let (sum, product) = match count % 10 {
            0 => {
                let off = t.at(end - 1, end - 2).abs() + t.at(end - 2, end - 3).abs();
                (1.5 * off, off * off)
            }
            _ => (last(0, 0) + last(1, 1), last(0, 0) * last(1, 1) - last(0, 1) * last(1, 0)),
        };
        let block = Matrix::new(end - start, end - start, |i, j| t.at(start + i, start + j));
        let square = super::matmul(&block, &block);
        let shifted = Matrix::new(block.rows, block.rows, |i, j| {
            square.at(i, j) - sum * block.at(i, j) + if i == j { product } else { 0.0 }
        });
        turn(&mut t, &mut z, &basis(&shifted), start);
        // The form that the turn keeps but for rounding.
        for j in start..end {
            (j + 2..end).for_each(|i| *t.at_mut(i, j) = 0.0);
        }
    }
    Ok([t, z])
}

/// Makes a block of order 2 triangular where its eigenvalues are real, its diagonal elements equal where they are not.
fn standardise(t: &mut Matrix, z: &mut Matrix, at: usize) {
    let [a, b, c, d] = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(i, j)| t.at(at + i, at + j));
    if c == 0.0 {
        return;
    }
    let half = (a - d) / 2.0;
    let discriminant = half * half + b * c;
    if discriminant >= 0.0 {
        // (x, c) is an eigenvector.
        let x = half + discriminant.sqrt().copysign(half);
        let length = x.hypot(c);
        turn(t, z, &rotation(x / length, c / length), at);
        *t.at_mut(at + 1, at) = 0.0;
        return;
    }
    let angle = 0.5 * (d - a).atan2(b + c);
    turn(t, z, &rotation(angle.cos(), angle.sin()), at);
    let mean = (t.at(at, at) + t.at(at + 1, at + 1)) / 2.0;
    (*t.at_mut(at, at), *t.at_mut(at + 1, at + 1)) = (mean, mean);
}

#[cfg(test)]
mod tests {
    use super::super::matmul;
    use super::*;

    #[test]
    fn factors_multiply_to_the_matrix() {
        for n in [0, 1, 2, 3, 4, 7, 12] {
            for kind in 0..4 {
                let a = Matrix::new(n, n, |i, j| match kind {
                    0 => ((3 * i + 5 * j + i * j + 1) % 7) as f64 - 2.5,
                    // Turns the axes: all eigenvalues on the unit circle.
                    1 => f64::from(u8::from(j == (i + 1) % n)),
                    2 => (i + j) as f64,
                    _ => 0.0,
                });
                let [t, z] = schur(&a).unwrap();
                let zt = Matrix::new(n, n, |i, j| z.at(j, i));
                let back = matmul(&matmul(&z, &t), &zt);
                assert!(back.data.iter().zip(&a.data).all(|(x, y)| (x - y).abs() < 1e-12), "{back:?} {a:?}");
                let one = matmul(&zt, &z);
                assert!(one.data.iter().zip(&identity::<f64>(n).data).all(|(x, y)| (x - y).abs() < 1e-13));
                for i in 0..n {
                    assert!((0..i.saturating_sub(1)).all(|j| t.at(i, j) == 0.0), "below the subdiagonal: {t:?}");
                    // A block has a complex pair and stands alone.
                    if i > 0 && t.at(i, i - 1) != 0.0 {
                        assert!(t.at(i, i) == t.at(i - 1, i - 1) && t.at(i, i - 1) * t.at(i - 1, i) < 0.0, "{t:?}");
                        assert!(i + 1 == n || t.at(i + 1, i) == 0.0, "{t:?}");
                    }
                }
            }
        }
    }
}
