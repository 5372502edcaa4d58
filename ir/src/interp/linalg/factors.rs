//! Factorisations by elimination that are results themselves.

use super::field::Field;
use super::functions::norm;
use super::{Matrix, check_finite, cholesky, hermitian, identity, number, solve, solve_triangular};
use crate::error::RunErrorKind;

/// LU with partial pivoting: `u` and below it `l` without its diagonal; row `i` was exchanged with row `pivots[i]`.
fn packed<T: Field>(a: &Matrix<T>) -> (Matrix<T>, Vec<usize>) {
    let mut lu = a.clone();
    let mut pivots = Vec::new();
    for k in 0..a.rows.min(a.cols) {
        let larger = |best: usize, i: usize| if lu.at(i, k).size() > lu.at(best, k).size() { i } else { best };
        let pivot = (k + 1..a.rows).fold(k, larger);
        pivots.push(pivot);
        // A column of zeros needs no elimination.
        if lu.at(pivot, k) == T::ZERO {
            continue;
        }
        lu.swap_rows(k, pivot);
        for i in k + 1..a.rows {
            let factor = lu.at(i, k) / lu.at(k, k);
            *lu.at_mut(i, k) = factor;
            (k + 1..a.cols).for_each(|j| *lu.at_mut(i, j) = lu.at(i, j) - factor * lu.at(k, j));
        }
    }
    (lu, pivots)
}

/// The packed factors and the pivots in a row.
pub(super) fn lu_factor<T: Field>(a: &Matrix<T>) -> [Matrix<T>; 2] {
    let (lu, pivots) = packed(a);
    [lu, Matrix::new(1, pivots.len(), |_, j| T::real(pivots[j] as f64))]
}

/// `p`, `l`, `u` with `p @ l @ u = a`.
pub(super) fn lu<T: Field>(a: &Matrix<T>) -> [Matrix<T>; 3] {
    let (lu, pivots) = packed(a);
    let k = pivots.len();
    // Undone from the last exchange on, what exchanged the rows of the matrix gives the rows of the identity.
    let mut p = identity(a.rows);
    pivots.iter().enumerate().rev().for_each(|(i, &pivot)| p.swap_rows(i, pivot));
    let l = Matrix::new(a.rows, k, |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Less => T::ZERO,
        std::cmp::Ordering::Equal => T::ONE,
        std::cmp::Ordering::Greater => lu.at(i, j),
    });
    [p, l, Matrix::new(k, a.cols, |i, j| if i <= j { lu.at(i, j) } else { T::ZERO })]
}

/// The pivots as rows there are.
fn exchanges<T: Field>(pivots: &Matrix<T>, n: usize) -> Result<Vec<usize>, RunErrorKind> {
    let row = |pivot: f64| match (0.0..n as f64).contains(&pivot) {
        true => Ok(pivot as usize),
        false => Err(RunErrorKind::Index { index: pivot as i64, size: n }),
    };
    pivots.data.iter().map(|z| z.re()).map(row).collect()
}

/// `x` with `a @ x = b` by the results of [`lu_factor`].
pub(super) fn lu_solve<T: Field>(lu: &Matrix<T>, pivots: &Matrix<T>, b: &Matrix<T>) -> Result<Matrix<T>, RunErrorKind> {
    let n = lu.rows;
    let mut x = b.clone();
    exchanges(pivots, n)?.into_iter().enumerate().for_each(|(i, pivot)| x.swap_rows(i, pivot));
    let l = Matrix::new(n, n, |i, j| if i == j { T::ONE } else { lu.at(i, j) });
    solve_triangular(lu, &solve_triangular(&l, &x, true)?, false)
}

/// `x` with `a.T @ x = b` by the results of [`lu_factor`].
pub(super) fn lu_solve_transposed<T: Field>(
    lu: &Matrix<T>,
    pivots: &Matrix<T>,
    b: &Matrix<T>,
) -> Result<Matrix<T>, RunErrorKind> {
    let n = lu.rows;
    let rows = exchanges(pivots, n)?;
    let u = Matrix::new(n, n, |i, j| lu.at(j, i));
    let l = Matrix::new(n, n, |i, j| if i == j { T::ONE } else { lu.at(j, i) });
    let mut x = solve_triangular(&l, &solve_triangular(&u, b, true)?, false)?;
    rows.into_iter().enumerate().rev().for_each(|(i, pivot)| x.swap_rows(i, pivot));
    Ok(x)
}

/// `l`, `d` and the rows of `l` that make it triangular, with `l @ d @ l* = a` for a Hermitian `a`: Bunch and Kaufman's pivots of
/// order 1 and 2. Only the lower triangle of `a` is read, and of its diagonal the real parts.
pub(super) fn ldl<T: Field>(a: &Matrix<T>) -> Result<[Matrix<T>; 3], RunErrorKind> {
    let n = a.rows;
    let mut rest = hermitian(a);
    check_finite(&Matrix::new(n, n, |i, j| if i < j { T::ZERO } else { a.at(i, j) }))?;
    let (mut l, mut d) = (identity(n), Matrix::new(n, n, |_, _| T::ZERO));
    let mut order: Vec<usize> = (0..n).collect();
    let alpha = (1.0 + 17f64.sqrt()) / 8.0;
    let mut k = 0;
    while k < n {
        let largest = |row: usize, range: &mut dyn Iterator<Item = usize>| {
            range.fold((k, 0.0), |best, i| {
                let x = rest.at(row, i).size();
                if x > best.1 { (i, x) } else { best }
            })
        };
        let diagonal = rest.at(k, k).re().abs();
        let (other, column) = largest(k, &mut (k + 1..n));
        let (_, row) = largest(other, &mut (k..n).filter(|&i| i != other));
        let (order_of, pivot) = match () {
            () if diagonal >= alpha * column => (1, k),
            () if diagonal >= alpha * column * (column / row) => (1, k),
            () if rest.at(other, other).re().abs() >= alpha * row => (1, other),
            () => (2, other),
        };
        let last = k + order_of - 1;
        rest.swap_rows(last, pivot);
        (0..n).for_each(|i| rest.data.swap(i * n + last, i * n + pivot));
        (0..k).for_each(|j| l.data.swap(last * n + j, pivot * n + j));
        order.swap(last, pivot);
        let block = Matrix::new(order_of, order_of, |i, j| rest.at(k + i, k + j));
        for i in 0..order_of {
            (0..order_of).for_each(|j| *d.at_mut(k + i, k + j) = block.at(i, j));
        }
        let after = k + order_of;
        let right = Matrix::new(order_of, n - after, |i, j| rest.at(k + i, after + j));
        // A pivot of 0 has zeros beside it.
        if let Ok(factors) = solve(&block, &right) {
            for i in after..n {
                (0..order_of).for_each(|j| *l.at_mut(i, k + j) = factors.at(j, i - after).conj());
                for j in after..n {
                    let terms = (0..order_of).map(|p| factors.at(p, i - after).conj() * right.at(p, j - after));
                    *rest.at_mut(i, j) -= terms.reduce(|first, second| first + second).expect("one or two");
                }
                *rest.at_mut(i, i) = T::real(rest.at(i, i).re());
            }
        }
        k = after;
    }
    let mut outer = l.clone();
    for (i, &row) in order.iter().enumerate() {
        (0..n).for_each(|j| *outer.at_mut(row, j) = l.at(i, j));
    }
    Ok([outer, d, Matrix::new(1, n, |_, j| T::real(order[j] as f64))])
}

/// `x` with `a @ x = b` for the matrix of some diagonals: the last row of `upper` and the first of `lower` are the main one.
pub(super) fn gbsv<T: Field>(upper: &Matrix<T>, lower: &Matrix<T>, b: &Matrix<T>) -> Result<Matrix<T>, RunErrorKind> {
    let (n, above) = (upper.cols, upper.rows - 1);
    let a = Matrix::new(n, n, |i, j| match (j.checked_sub(i), i.checked_sub(j)) {
        (_, Some(below)) if below < lower.rows => lower.at(below, j),
        (Some(distance), None) if distance <= above => upper.at(above - distance, j),
        _ => T::ZERO,
    });
    solve(&a, b)
}

/// A solution or NaN, and the reciprocal of the condition number of `a` in the norm of column sums.
pub(super) fn try_solve<T: Field>(a: &Matrix<T>, b: &Matrix<T>) -> [Matrix<T>; 2] {
    match (solve(a, b), solve(a, &identity(a.rows))) {
        (Ok(x), Ok(_)) if a.rows == 0 => [x, number(T::ONE)],
        (Ok(x), Ok(inverse)) => [x, number(T::real(1.0 / norm(a) / norm(&inverse)))],
        _ => [Matrix::new(a.rows, b.cols, |_, _| T::NAN), number(T::ZERO)],
    }
}

/// The lower factor or NaN, and the order of the minor that is not positive or 0.
pub(super) fn try_cholesky<T: Field>(a: &Matrix<T>) -> [Matrix<T>; 2] {
    let (l, order) = match cholesky(a) {
        Ok(l) => (l, 0),
        Err(RunErrorKind::NotPositiveDefinite { order, .. }) => (Matrix::new(a.rows, a.rows, |_, _| T::NAN), order),
        Err(_) => unreachable!("cholesky fails in one way"),
    };
    [l, number(T::real(order as f64))]
}

#[cfg(test)]
mod tests {
    use super::super::{adjoint, matmul};
    use super::*;
    use num_complex::Complex64 as C;

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

    fn close(a: &Matrix<C>, b: &Matrix<C>) {
        assert_eq!((a.rows, a.cols), (b.rows, b.cols));
        assert!(a.data.iter().zip(&b.data).all(|(x, y)| (x - y).norm() < 1e-11), "{a:?} is not {b:?}");
    }

    fn sample(m: usize, n: usize) -> Matrix<C> {
        let shift = |i: usize, j: usize| if i == j { 4.0 } else { 0.0 };
        Matrix::new(m, n, |i, j| {
            C::new(((3 * i + 5 * j + 1) % 7) as f64 - 2.5 + shift(i, j), ((2 * i + i * j + 3) % 5) as f64 - 2.0)
        })
    }

    #[test]
    fn complex_factors_multiply_to_the_matrix() {
        for (m, n) in [(0, 0), (1, 1), (4, 4), (5, 3), (3, 5)] {
            let a = sample(m, n);
            let [p, l, u] = lu(&a);
            close(&matmul(&matmul(&p, &l), &u), &a);
            if m == n {
                let b = sample(m, 2);
                let [factors, pivots] = lu_factor(&a);
                close(&lu_solve(&factors, &pivots, &b).unwrap(), &solve(&a, &b).unwrap());
            }
        }
        for n in [0, 1, 2, 3, 6, 9] {
            for diagonal in [1.0, 0.0] {
                // With zeros on the diagonal blocks of order 2 are needed.
                let a = sample(n, n);
                let a = Matrix::new(n, n, |i, j| match i == j {
                    true => C::real(diagonal * a.at(i, i).re),
                    false => a.at(i, j) + a.at(j, i).conj(),
                });
                let [l, d, order] = ldl(&a).unwrap();
                close(&matmul(&matmul(&l, &d), &adjoint(&l)), &a);
                close(&adjoint(&d), &d);
                for i in 0..n {
                    let row = order.data[i].re as usize;
                    assert!(l.at(row, i) == C::ONE && (i + 1..n).all(|j| l.at(row, j) == C::ZERO), "{l:?} {order:?}");
                }
            }
        }
    }
}
