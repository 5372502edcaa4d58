//! Factorisations by elimination that are results themselves.

use super::{Matrix, identity, solve_triangular};
use crate::error::RunErrorKind;

/// LU with partial pivoting: `u` and below it `l` without its diagonal; row `i` was exchanged with row `pivots[i]`.
fn packed(a: &Matrix) -> (Matrix, Vec<usize>) {
    let mut lu = a.clone();
    let mut pivots = Vec::new();
    for k in 0..a.rows.min(a.cols) {
        let larger = |best: usize, i: usize| if lu.at(i, k).abs() > lu.at(best, k).abs() { i } else { best };
        let pivot = (k + 1..a.rows).fold(k, larger);
        pivots.push(pivot);
        // A column of zeros needs no elimination.
        if lu.at(pivot, k) == 0.0 {
            continue;
        }
        lu.swap_rows(k, pivot);
        for i in k + 1..a.rows {
            let factor = lu.at(i, k) / lu.at(k, k);
            *lu.at_mut(i, k) = factor;
            (k + 1..a.cols).for_each(|j| *lu.at_mut(i, j) -= factor * lu.at(k, j));
        }
    }
    (lu, pivots)
}

/// The packed factors and the pivots in a row.
pub(super) fn lu_factor(a: &Matrix) -> [Matrix; 2] {
    let (lu, pivots) = packed(a);
    [lu, Matrix::new(1, pivots.len(), |_, j| pivots[j] as f64)]
}

/// `p`, `l`, `u` with `p @ l @ u = a`.
pub(super) fn lu(a: &Matrix) -> [Matrix; 3] {
    let (lu, pivots) = packed(a);
    let k = pivots.len();
    // Undone from the last exchange on, what exchanged the rows of the matrix gives the rows of the identity.
    let mut p = identity(a.rows);
    pivots.iter().enumerate().rev().for_each(|(i, &pivot)| p.swap_rows(i, pivot));
    let l = Matrix::new(a.rows, k, |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => 1.0,
        std::cmp::Ordering::Greater => lu.at(i, j),
    });
    [p, l, Matrix::new(k, a.cols, |i, j| if i <= j { lu.at(i, j) } else { 0.0 })]
}

/// `x` with `a @ x = b` by the results of [`lu_factor`].
pub(super) fn lu_solve(lu: &Matrix, pivots: &Matrix, b: &Matrix) -> Result<Matrix, RunErrorKind> {
    let n = lu.rows;
    let mut x = b.clone();
    for (i, &pivot) in pivots.data.iter().enumerate() {
        if !(0.0..n as f64).contains(&pivot) {
            return Err(RunErrorKind::Index { index: pivot as i64, size: n });
        }
        x.swap_rows(i, pivot as usize);
    }
    let l = Matrix::new(n, n, |i, j| if i == j { 1.0 } else { lu.at(i, j) });
    solve_triangular(lu, &solve_triangular(&l, &x, true)?, false)
}

#[cfg(test)]
mod tests {
    use super::super::{matmul, solve};
    use super::*;

    #[test]
    fn factors_multiply_to_the_matrix_and_solve() {
        for (m, n) in [(0, 0), (1, 1), (4, 4), (5, 3), (3, 5), (3, 0)] {
            let shift = |i, j| if i == j { 4.0 } else { 0.0 };
            let a = Matrix::new(m, n, |i, j| ((3 * i + 5 * j + i * j) % 7) as f64 - 2.5 + shift(i, j));
            let [p, l, u] = lu(&a);
            let product = matmul(&matmul(&p, &l), &u);
            assert!(product.data.iter().zip(&a.data).all(|(x, y)| (x - y).abs() < 1e-14), "{product:?} {a:?}");
            if m == n {
                let b = Matrix::new(m, 2, |i, j| (i + j) as f64);
                let [lu, pivots] = lu_factor(&a);
                let (x, y) = (lu_solve(&lu, &pivots, &b).unwrap(), solve(&a, &b).unwrap());
                assert!(x.data.iter().zip(&y.data).all(|(x, y)| (x - y).abs() < 1e-13), "{x:?} {y:?}");
            }
        }
        let zero = Matrix::new(2, 2, |_, _| 0.0);
        assert_eq!(lu(&zero), [identity(2), identity(2), zero]);
    }
}
