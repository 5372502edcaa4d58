//! Factorisations, functions and equations of complex matrices: the textbook's, with conjugates where it has them.

use super::Matrix;
use super::complex::{C, ONE, ZERO, adjoint, check_finite, cholesky, identity, matmul, real, schur, size, solve};
use super::complex::{number, solve_triangular};
use crate::error::RunErrorKind;

/// Iterations that converge quadratically, from wherever.
const ITERATIONS: usize = 200;

const NO_SOLUTION: RunErrorKind = RunErrorKind::NoSolution { batch_index: 0 };

fn zip(a: &Matrix<C>, b: &Matrix<C>, f: impl Fn(C, C) -> C) -> Matrix<C> {
    Matrix { rows: a.rows, cols: a.cols, data: a.data.iter().zip(&b.data).map(|(x, y)| f(*x, *y)).collect() }
}

/// The largest sum of magnitudes of a column; NaN where there is one.
fn norm(a: &Matrix<C>) -> f64 {
    let columns = (0..a.cols).map(|j| (0..a.rows).map(|i| a.at(i, j).norm()).sum::<f64>());
    columns.fold(0.0, |most, x| if x > most || x.is_nan() { x } else { most })
}

/// LU with partial pivoting: `u` and below it `l` without its diagonal; row `i` was exchanged with row `pivots[i]`.
fn packed(a: &Matrix<C>) -> (Matrix<C>, Vec<usize>) {
    let mut lu = a.clone();
    let mut pivots = Vec::new();
    for k in 0..a.rows.min(a.cols) {
        let larger = |best: usize, i: usize| if size(lu.at(i, k)) > size(lu.at(best, k)) { i } else { best };
        let pivot = (k + 1..a.rows).fold(k, larger);
        pivots.push(pivot);
        // A column of zeros needs no elimination.
        if lu.at(pivot, k) == ZERO {
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
pub(super) fn lu_factor(a: &Matrix<C>) -> [Matrix<C>; 2] {
    let (lu, pivots) = packed(a);
    [lu, Matrix::new(1, pivots.len(), |_, j| real(pivots[j] as f64))]
}

/// `p`, `l`, `u` with `p @ l @ u = a`.
pub(super) fn lu(a: &Matrix<C>) -> [Matrix<C>; 3] {
    let (lu, pivots) = packed(a);
    let k = pivots.len();
    let mut p = identity(a.rows);
    pivots.iter().enumerate().rev().for_each(|(i, &pivot)| p.swap_rows(i, pivot));
    let l = Matrix::new(a.rows, k, |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Less => ZERO,
        std::cmp::Ordering::Equal => ONE,
        std::cmp::Ordering::Greater => lu.at(i, j),
    });
    [p, l, Matrix::new(k, a.cols, |i, j| if i <= j { lu.at(i, j) } else { ZERO })]
}

/// The pivots as rows there are.
fn exchanges(pivots: &Matrix<C>, n: usize) -> Result<Vec<usize>, RunErrorKind> {
    let row = |pivot: f64| match (0.0..n as f64).contains(&pivot) {
        true => Ok(pivot as usize),
        false => Err(RunErrorKind::Index { index: pivot as i64, size: n }),
    };
    pivots.data.iter().map(|z| z.re).map(row).collect()
}

/// `x` with `a @ x = b` by the results of [`lu_factor`].
pub(super) fn lu_solve(lu: &Matrix<C>, pivots: &Matrix<C>, b: &Matrix<C>) -> Result<Matrix<C>, RunErrorKind> {
    let n = lu.rows;
    let mut x = b.clone();
    exchanges(pivots, n)?.into_iter().enumerate().for_each(|(i, pivot)| x.swap_rows(i, pivot));
    let l = Matrix::new(n, n, |i, j| if i == j { ONE } else { lu.at(i, j) });
    solve_triangular(lu, &solve_triangular(&l, &x, true)?, false)
}

/// `x` with `a.T @ x = b` by the results of [`lu_factor`].
pub(super) fn lu_solve_transposed(
    lu: &Matrix<C>,
    pivots: &Matrix<C>,
    b: &Matrix<C>,
) -> Result<Matrix<C>, RunErrorKind> {
    let n = lu.rows;
    let rows = exchanges(pivots, n)?;
    let u = Matrix::new(n, n, |i, j| lu.at(j, i));
    let l = Matrix::new(n, n, |i, j| if i == j { ONE } else { lu.at(j, i) });
    let mut x = solve_triangular(&l, &solve_triangular(&u, b, true)?, false)?;
    rows.into_iter().enumerate().rev().for_each(|(i, pivot)| x.swap_rows(i, pivot));
    Ok(x)
}

/// `l`, `d` and the rows of `l` that make it triangular, with `l @ d @ l* = a` for a Hermitian `a`: Bunch and Kaufman's pivots of
/// order 1 and 2. Only the lower triangle of `a` is read, and of its diagonal the real parts.
pub(super) fn ldl(a: &Matrix<C>) -> Result<[Matrix<C>; 3], RunErrorKind> {
    let n = a.rows;
    let mut rest = Matrix::new(n, n, |i, j| match i.cmp(&j) {
        std::cmp::Ordering::Less => a.at(j, i).conj(),
        std::cmp::Ordering::Equal => real(a.at(i, i).re),
        std::cmp::Ordering::Greater => a.at(i, j),
    });
    let lower = Matrix::new(n, n, |i, j| if i < j { ZERO } else { a.at(i, j) });
    check_finite(&lower)?;
    let (mut l, mut d) = (identity(n), Matrix::new(n, n, |_, _| ZERO));
    let mut order: Vec<usize> = (0..n).collect();
    let alpha = (1.0 + 17f64.sqrt()) / 8.0;
    let mut k = 0;
    while k < n {
        let largest = |row: usize, range: &mut dyn Iterator<Item = usize>| {
            range.fold((k, 0.0), |best, i| {
                let x = size(rest.at(row, i));
                if x > best.1 { (i, x) } else { best }
            })
        };
        let diagonal = rest.at(k, k).re.abs();
        let (other, column) = largest(k, &mut (k + 1..n));
        let (_, row) = largest(other, &mut (k..n).filter(|&i| i != other));
        let (order_of, pivot) = match () {
            () if diagonal >= alpha * column => (1, k),
            () if diagonal >= alpha * column * (column / row) => (1, k),
            () if rest.at(other, other).re.abs() >= alpha * row => (1, other),
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
                    *rest.at_mut(i, j) = terms.fold(rest.at(i, j), |rest, term| rest - term);
                }
                *rest.at_mut(i, i) = real(rest.at(i, i).re);
            }
        }
        k = after;
    }
    let mut outer = l.clone();
    for (i, &row) in order.iter().enumerate() {
        (0..n).for_each(|j| *outer.at_mut(row, j) = l.at(i, j));
    }
    Ok([outer, d, Matrix::new(1, n, |_, j| real(order[j] as f64))])
}

/// `x` with `a @ x = b` for the matrix of some diagonals: the last row of `upper` and the first of `lower` are the main one.
pub(super) fn gbsv(upper: &Matrix<C>, lower: &Matrix<C>, b: &Matrix<C>) -> Result<Matrix<C>, RunErrorKind> {
    let (n, above) = (upper.cols, upper.rows - 1);
    let a = Matrix::new(n, n, |i, j| match (j.checked_sub(i), i.checked_sub(j)) {
        (_, Some(below)) if below < lower.rows => lower.at(below, j),
        (Some(distance), None) if distance <= above => upper.at(above - distance, j),
        _ => ZERO,
    });
    solve(&a, b)
}

/// By the series, of a matrix that halvings make small, and as many squarings.
pub(super) fn expm(a: &Matrix<C>) -> Matrix<C> {
    let n = a.rows;
    if check_finite(a).is_err() {
        return Matrix::new(n, n, |_, _| C::new(f64::NAN, f64::NAN));
    }
    let halvings = (norm(a).log2().ceil() + 1.0).max(0.0);
    let small = zip(a, a, |x, _| x * (-halvings).exp2());
    let (mut sum, mut term) = (identity(n), identity(n));
    for k in 1..=24 {
        term = matmul(&term, &small);
        term.data.iter_mut().for_each(|x| *x /= f64::from(k));
        sum = zip(&sum, &term, |x, y| x + y);
    }
    (0..halvings as usize).fold(sum, |x, _| matmul(&x, &x))
}

/// `t` and `z` with `z @ t @ z* = a`.
pub(super) fn triangular(a: &Matrix<C>) -> Result<[Matrix<C>; 2], RunErrorKind> {
    check_finite(a)?;
    schur(a)
}

/// By the triangular form, whose root is triangular and has its diagonal's roots on the diagonal (Bjorck, Hammarling 1983).
pub(super) fn sqrtm(a: &Matrix<C>) -> Result<Matrix<C>, RunErrorKind> {
    let [t, z] = triangular(a)?;
    let n = a.rows;
    let mut r = Matrix::new(n, n, |_, _| ZERO);
    for j in 0..n {
        if t.at(j, j) == ZERO {
            return Err(NO_SOLUTION);
        }
        *r.at_mut(j, j) = t.at(j, j).sqrt();
        for i in (0..j).rev() {
            let known = (i + 1..j).fold(ZERO, |sum, k| sum + r.at(i, k) * r.at(k, j));
            let gap = r.at(i, i) + r.at(j, j);
            if gap == ZERO {
                return Err(NO_SOLUTION);
            }
            *r.at_mut(i, j) = (t.at(i, j) - known) / gap;
        }
    }
    Ok(matmul(&matmul(&z, &r), &adjoint(&z)))
}

/// `y` with `r @ y + y @ s* = f`: a system of as many equations as `y` has elements. What is below the diagonals is not read.
pub(super) fn trsyl(r: &Matrix<C>, s: &Matrix<C>, f: &Matrix<C>) -> Result<Matrix<C>, RunErrorKind> {
    let (m, n) = (r.rows, s.rows);
    let read = |a: &Matrix<C>, i: usize, j: usize| if i <= j { a.at(i, j) } else { ZERO };
    let system = Matrix::new(m * n, m * n, |row, col| {
        let ((i, j), (k, l)) = ((row / n, row % n), (col / n, col % n));
        let left = if j == l { read(r, i, k) } else { ZERO };
        left + if i == k { read(s, j, l).conj() } else { ZERO }
    });
    let column = Matrix { rows: m * n, cols: 1, data: f.data.clone() };
    let y = solve(&system, &column).map_err(|_| NO_SOLUTION)?;
    Ok(Matrix { rows: m, cols: n, data: y.data })
}

/// By doubling, which takes 2^k steps of the recursion at once (Chu, Fan, Lin, Wang 2004).
pub(super) fn solve_discrete_are([a, b, q, r]: [&Matrix<C>; 4]) -> Result<Matrix<C>, RunErrorKind> {
    [a, b, q, r].into_iter().try_for_each(check_finite)?;
    let one = identity(a.rows);
    let add = |x: &Matrix<C>, y: &Matrix<C>| zip(x, y, |x, y| x + y);
    let by = |x: &Matrix<C>, y: &Matrix<C>| solve(x, y).map_err(|_| NO_SOLUTION);
    let (mut step, mut gain, mut x) = (a.clone(), matmul(b, &by(r, &adjoint(b))?), q.clone());
    for _ in 0..ITERATIONS {
        let middle = add(&one, &matmul(&gain, &x));
        let (left, right) = (by(&middle, &step)?, by(&middle, &gain)?);
        let more = matmul(&matmul(&adjoint(&step), &x), &left);
        gain = add(&gain, &matmul(&matmul(&step, &right), &adjoint(&step)));
        step = matmul(&step, &left);
        x = add(&x, &more);
        if check_finite(&x).is_err() {
            break;
        }
        if norm(&more) <= f64::EPSILON * norm(&x) {
            return Ok(zip(&x, &adjoint(&x), |x, y| (x + y) / 2.0));
        }
    }
    Err(NO_SOLUTION)
}

/// A solution or NaN, and the reciprocal of the condition number of `a` in the norm of column sums.
pub(super) fn try_solve(a: &Matrix<C>, b: &Matrix<C>) -> [Matrix<C>; 2] {
    let nan = C::new(f64::NAN, f64::NAN);
    match (solve(a, b), solve(a, &identity(a.rows))) {
        (Ok(x), Ok(_)) if a.rows == 0 => [x, number(ONE)],
        (Ok(x), Ok(inverse)) => [x, number(real(1.0 / norm(a) / norm(&inverse)))],
        _ => [Matrix::new(a.rows, b.cols, |_, _| nan), number(ZERO)],
    }
}

/// The lower factor or NaN, and the order of the minor that is not positive or 0.
pub(super) fn try_cholesky(a: &Matrix<C>) -> [Matrix<C>; 2] {
    let nan = C::new(f64::NAN, f64::NAN);
    let (l, order) = match cholesky(a) {
        Ok(l) => (l, 0),
        Err(RunErrorKind::NotPositiveDefinite { order, .. }) => (Matrix::new(a.rows, a.rows, |_, _| nan), order),
        Err(_) => unreachable!("cholesky fails in one way"),
    };
    [l, number(real(order as f64))]
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn factors_multiply_to_the_matrix() {
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
                    true => real(diagonal * a.at(i, i).re),
                    false => a.at(i, j) + a.at(j, i).conj(),
                });
                let [l, d, order] = ldl(&a).unwrap();
                close(&matmul(&matmul(&l, &d), &adjoint(&l)), &a);
                close(&adjoint(&d), &d);
                for i in 0..n {
                    let row = order.data[i].re as usize;
                    assert!(l.at(row, i) == ONE && (i + 1..n).all(|j| l.at(row, j) == ZERO), "{l:?} {order:?}");
                }
            }
        }
    }

    #[test]
    fn solutions_fulfil_their_equations() {
        let a = sample(4, 4);
        let root = sqrtm(&a).unwrap();
        close(&matmul(&root, &root), &a);
        close(&sqrtm(&number(real(-4.0))).unwrap(), &number(C::new(0.0, 2.0)));
        assert_eq!(sqrtm(&number(ZERO)), Err(NO_SOLUTION));
        let turn = number(C::new(0.0, std::f64::consts::PI));
        close(&expm(&turn), &number(real(-1.0)));
        let [r, s] = [sample(3, 3), sample(2, 2)].map(|x| triangular(&x).unwrap()[0].clone());
        let f = sample(3, 2);
        let y = trsyl(&r, &s, &f).unwrap();
        close(&zip(&matmul(&r, &y), &matmul(&y, &adjoint(&s)), |x, y| x + y), &f);
        // |a|^2 x - x - |a|^2 |b|^2 x^2 / (r + |b|^2 x) + q = 0.
        let [a, b, one] = [C::new(0.0, 1.0), C::new(0.6, -0.8), ONE].map(number);
        let x = solve_discrete_are([&a, &b, &one, &one]).unwrap();
        close(&x, &number(real((1.0 + 5f64.sqrt()) / 2.0)));
    }
}
