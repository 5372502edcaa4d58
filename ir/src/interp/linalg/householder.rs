//! QR of real matrices. Of complex ones it is another: their reflections are not their own inverses.

use super::{Matrix, identity};

/// Householder, with LAPACK's signs: a reflection takes the column to `-sign(x[0]) * norm(x)`, and a column that is zero
/// below the diagonal is left as it is. `q` has `columns` columns.
pub(super) fn qr(a: &Matrix, columns: usize) -> [Matrix; 2] {
    let (m, k) = (a.rows, a.rows.min(a.cols));
    let mut r = a.clone();
    let mut q = identity::<f64>(m);
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
