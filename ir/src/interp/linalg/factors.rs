//! Factorisations by elimination that are results themselves.

use super::eigen::check_finite;
use super::functions::norm;
use super::{Matrix, identity, solve, solve_triangular};
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

/// The pivots as rows there are.
fn exchanges(pivots: &Matrix, n: usize) -> Result<Vec<usize>, RunErrorKind> {
    let row = |pivot: f64| match (0.0..n as f64).contains(&pivot) {
        true => Ok(pivot as usize),
        false => Err(RunErrorKind::Index { index: pivot as i64, size: n }),
    };
    pivots.data.iter().copied().map(row).collect()
}

/// `x` with `a @ x = b` by the results of [`lu_factor`].
pub(super) fn lu_solve(lu: &Matrix, pivots: &Matrix, b: &Matrix) -> Result<Matrix, RunErrorKind> {
    let n = lu.rows;
    let mut x = b.clone();
    exchanges(pivots, n)?.into_iter().enumerate().for_each(|(i, pivot)| x.swap_rows(i, pivot));
    let l = Matrix::new(n, n, |i, j| if i == j { 1.0 } else { lu.at(i, j) });
    solve_triangular(lu, &solve_triangular(&l, &x, true)?, false)
}

/// `x` with `a.T @ x = b` by the results of [`lu_factor`].
pub(super) fn lu_solve_transposed(lu: &Matrix, pivots: &Matrix, b: &Matrix) -> Result<Matrix, RunErrorKind> {
    let n = lu.rows;
    let rows = exchanges(pivots, n)?;
    let u = Matrix::new(n, n, |i, j| lu.at(j, i));
    let l = Matrix::new(n, n, |i, j| if i == j { 1.0 } else { lu.at(j, i) });
    let mut x = solve_triangular(&l, &solve_triangular(&u, b, true)?, false)?;
    rows.into_iter().enumerate().rev().for_each(|(i, pivot)| x.swap_rows(i, pivot));
    Ok(x)
}

/// `l`, `d` and the rows of `l` that make it triangular, with `l @ d @ l.T = a`: Bunch and Kaufman's pivots of order 1 and 2.
/// Only the lower triangle of `a` is read.
pub(super) fn ldl(a: &Matrix) -> Result<[Matrix; 3], RunErrorKind> {
    let n = a.rows;
    let mut rest = Matrix::new(n, n, |i, j| a.at(i.max(j), i.min(j)));
    check_finite(rest.data.iter().copied())?;
    let (mut l, mut d) = (identity(n), Matrix::new(n, n, |_, _| 0.0));
    let mut order: Vec<usize> = (0..n).collect();
    let alpha = (1.0 + 17f64.sqrt()) / 8.0;
    let mut k = 0;
    while k < n {
        let largest = |rest: &Matrix, row: usize, range: &mut dyn Iterator<Item = usize>| {
            range.fold((k, 0.0), |best, i| {
                let x = rest.at(row, i).abs();
                if x > best.1 { (i, x) } else { best }
            })
        };
        let diagonal = rest.at(k, k).abs();
        let (other, column) = largest(&rest, k, &mut (k + 1..n));
        let (_, row) = largest(&rest, other, &mut (k..n).filter(|&i| i != other));
        let (size, pivot) = match () {
            () if diagonal >= alpha * column => (1, k),
            () if diagonal >= alpha * column * (column / row) => (1, k),
            () if rest.at(other, other).abs() >= alpha * row => (1, other),
            () => (2, other),
        };
        let last = k + size - 1;
        rest.swap_rows(last, pivot);
        (0..n).for_each(|i| rest.data.swap(i * n + last, i * n + pivot));
        (0..k).for_each(|j| l.data.swap(last * n + j, pivot * n + j));
        order.swap(last, pivot);
        let block = Matrix::new(size, size, |i, j| rest.at(k + i, k + j));
        for i in 0..size {
            (0..size).for_each(|j| *d.at_mut(k + i, k + j) = block.at(i, j));
        }
        let after = k + size;
        let below = Matrix::new(size, n - after, |i, j| rest.at(k + i, after + j));
        // A pivot of 0 has zeros below.
        if let Ok(factors) = solve(&block, &below) {
            for i in after..n {
                (0..size).for_each(|j| *l.at_mut(i, k + j) = factors.at(j, i - after));
                for j in after..n {
                    let gone: f64 = (0..size).map(|p| factors.at(p, i - after) * below.at(p, j - after)).sum();
                    *rest.at_mut(i, j) -= gone;
                }
            }
        }
        k = after;
    }
    let mut outer = l.clone();
    for (i, &row) in order.iter().enumerate() {
        (0..n).for_each(|j| *outer.at_mut(row, j) = l.at(i, j));
    }
    Ok([outer, d, Matrix::new(1, n, |_, j| order[j] as f64)])
}

/// `x` with `a @ x = b` for the matrix of some diagonals: the last row of `upper` and the first of `lower` are the main one.
pub(super) fn gbsv(upper: &Matrix, lower: &Matrix, b: &Matrix) -> Result<Matrix, RunErrorKind> {
    let (n, above) = (upper.cols, upper.rows - 1);
    let a = Matrix::new(n, n, |i, j| match (j.checked_sub(i), i.checked_sub(j)) {
        (_, Some(below)) if below < lower.rows => lower.at(below, j),
        (Some(distance), None) if distance <= above => upper.at(above - distance, j),
        _ => 0.0,
    });
    solve(&a, b)
}

/// A solution or NaN, and the reciprocal of the condition number of `a` in the norm of column sums.
pub(super) fn try_solve(a: &Matrix, b: &Matrix) -> [Matrix; 2] {
    let number = |x: f64| Matrix::new(1, 1, |_, _| x);
    match (solve(a, b), solve(a, &identity(a.rows))) {
        (Ok(x), Ok(_)) if a.rows == 0 => [x, number(1.0)],
        (Ok(x), Ok(inverse)) => [x, number(1.0 / norm(a) / norm(&inverse))],
        _ => [Matrix::new(a.rows, b.cols, |_, _| f64::NAN), number(0.0)],
    }
}

/// The lower factor or NaN, and the order of the minor that is not positive or 0.
pub(super) fn try_cholesky(a: &Matrix) -> [Matrix; 2] {
    let (l, order) = match super::cholesky(a) {
        Ok(l) => (l, 0),
        Err(RunErrorKind::NotPositiveDefinite { order, .. }) => (Matrix::new(a.rows, a.rows, |_, _| f64::NAN), order),
        Err(_) => unreachable!("cholesky fails in one way"),
    };
    [l, Matrix::new(1, 1, |_, _| order as f64)]
}

#[cfg(test)]
mod tests {
    use super::super::matmul;
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

    #[test]
    fn symmetric_factors_multiply_to_the_matrix() {
        for n in [0, 1, 2, 3, 6, 9] {
            for kind in 0..3 {
                let a = Matrix::new(n, n, |i, j| match kind {
                    0 => ((i * j + 2 * (i + j)) % 7) as f64 - 3.0,
                    // Zeros on the diagonal, so that blocks of order 2 are needed.
                    1 => {
                        if i == j {
                            0.0
                        } else {
                            (i + j) as f64
                        }
                    }
                    _ => 0.0,
                });
                let [l, d, order] = ldl(&a).unwrap();
                let lt = Matrix::new(n, n, |i, j| l.at(j, i));
                let product = matmul(&matmul(&l, &d), &lt);
                assert!(product.data.iter().zip(&a.data).all(|(x, y)| (x - y).abs() < 1e-13), "{product:?} {a:?}");
                for i in 0..n {
                    let row = order.data[i] as usize;
                    assert!(l.at(row, i) == 1.0 && (i + 1..n).all(|j| l.at(row, j) == 0.0), "{l:?} {order:?}");
                    assert!((0..i.saturating_sub(1)).all(|j| d.at(i, j) == 0.0 && d.at(j, i) == 0.0));
                }
            }
        }
    }
}
