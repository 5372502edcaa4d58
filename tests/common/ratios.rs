//! LAPACK's test ratios of stacks of real matrices, in plain loops: what is tested computes none of them.

#![allow(dead_code, unreachable_pub, reason = "shared by test binaries that use parts of it")]

use super::held::floats;
use evanesce::evaluate;
use evanesce::prelude::*;
use ndarray::{Array2, ArrayD, ArrayView2, Axis, Dimension, Ix2};

/// LAPACK's threshold.
pub const THRESHOLD: f64 = 30.0;

pub fn norm(a: &ArrayView2<'_, f64>) -> f64 {
    a.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// The matrices of a stack, broadcast to a number of them.
pub fn each(a: &ArrayD<f64>, count: usize) -> Vec<ArrayView2<'_, f64>> {
    let (stack, core) = a.shape().split_at(a.ndim() - 2);
    let matrices = ndarray::indices(stack).into_iter().map(|index| {
        let mut view = a.view();
        index.as_array_view().iter().for_each(|&i| view.index_axis_inplace(Axis(0), i));
        two(view)
    });
    let matrices: Vec<ArrayView2<'_, f64>> = matrices.collect();
    assert!(core.len() == 2 && [1, count].contains(&matrices.len()), "a stack of {count} or one matrix");
    matrices.into_iter().cycle().take(count).collect()
}

pub fn two(a: ndarray::ArrayViewD<'_, f64>) -> ArrayView2<'_, f64> {
    a.into_dimensionality::<Ix2>().expect("a matrix")
}

/// The ratio of a product of stacks of matrices to what it should be.
#[track_caller]
pub fn check(what: &str, eps: f64, factors: &[&ArrayD<f64>], target: &ArrayD<f64>) {
    let [m, n] = target.shape()[target.ndim() - 2..] else { panic!("a matrix has two axes") };
    if m * n == 0 {
        return;
    }
    let count = target.len() / (m * n);
    let factors: Vec<Vec<ArrayView2<'_, f64>>> = factors.iter().map(|factor| each(factor, count)).collect();
    for (i, target) in each(target, count).into_iter().enumerate() {
        let mut product = factors[0][i].to_owned();
        let (mut scale, mut inner) = (norm(&product.view()), n.max(m));
        for factor in &factors[1..] {
            scale *= norm(&factor[i]);
            inner = inner.max(product.ncols());
            product = product.dot(&factor[i]);
        }
        let residual = norm(&(product - target).view());
        let ratio = residual / (scale.max(norm(&target)) * inner as f64 * eps).max(f64::MIN_POSITIVE);
        assert!(ratio <= THRESHOLD, "{what}: the ratio of matrix {i} is {ratio}");
    }
}

pub fn identity(n: usize) -> ArrayD<f64> {
    Array2::eye(n).into_dyn()
}

pub fn t(a: &ArrayD<f64>) -> ArrayD<f64> {
    let mut turned = a.view();
    turned.swap_axes(a.ndim() - 2, a.ndim() - 1);
    turned.as_standard_layout().into_owned()
}

/// `diag(s)` for each row of values, of `rows` rows.
pub fn diagonal(s: &ArrayD<f64>, rows: usize, cols: usize) -> ArrayD<f64> {
    let mut shape = s.shape().to_vec();
    let k = shape.pop().expect("an axis of values");
    shape.extend([rows, cols]);
    let rank = shape.len();
    ArrayD::from_shape_fn(shape, |index| {
        let (stack, core) = (0..rank - 2, rank - 2);
        let at: Vec<usize> = stack.map(|axis| index[axis]).chain([index[core]]).collect();
        if index[core] == index[core + 1] && index[core] < k { s[&at[..]] } else { 0.0 }
    })
}

/// Evaluates together; as `f64`.
pub fn values(expressions: &[&Expr<'_>]) -> Vec<ArrayD<f64>> {
    evaluate(expressions).expect("it runs").iter().map(floats).collect()
}

/// Whether the elements below (or above) the diagonal are 0.
pub fn is_triangular(a: &ArrayD<f64>, lower: bool) -> bool {
    let core = a.ndim() - 2;
    a.indexed_iter().all(|(index, &x)| {
        x == 0.0 || (if lower { index[core] >= index[core + 1] } else { index[core] <= index[core + 1] })
    })
}

/// The matrix for every matrix of a stack.
pub fn spread(matrix: &ArrayD<f64>, stack: &ArrayD<f64>) -> ArrayD<f64> {
    let shape: Vec<usize> = stack.shape()[..stack.ndim() - 2].iter().chain(matrix.shape()).copied().collect();
    matrix.broadcast(shape).expect("it broadcasts").to_owned()
}

/// Whether what should vanish is small beside the sizes of what it is made of.
#[track_caller]
pub fn vanishes(what: &str, eps: f64, residual: &ArrayD<f64>, sizes: &[&ArrayD<f64>]) {
    let [m, n] = residual.shape()[residual.ndim() - 2..] else { panic!("a matrix has two axes") };
    if m * n == 0 {
        return;
    }
    let count = residual.len() / (m * n);
    let scales: Vec<Vec<ArrayView2<'_, f64>>> = sizes.iter().map(|size| each(size, count)).collect();
    for (i, residual) in each(residual, count).into_iter().enumerate() {
        let scale = scales.iter().map(|size| norm(&size[i])).product::<f64>();
        let ratio = norm(&residual) / (scale * m.max(n) as f64 * eps).max(f64::MIN_POSITIVE);
        assert!(ratio <= THRESHOLD, "{what}: the ratio of matrix {i} is {ratio}");
    }
}
