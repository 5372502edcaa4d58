//! Substitution and products in all lanes.

use super::gauss::{llt, lu};
use super::lanes::Failed;
use super::tile::{Tile, load, store, store_line};
use super::vector::Vector;
use super::{Matrices, ORDER, Outcome, lanes};
use crate::blas::{Real, Scalar};
use crate::small::tile::pieces;

/// The triangle of a matrix in a tile.
#[derive(Clone, Copy)]
struct Triangle {
    lower: bool,
    /// Without the diagonal, which is 1.
    unit: bool,
    /// Element (i, j) is at (j, i).
    transposed: bool,
}

const LOWER: Triangle = Triangle { lower: true, unit: false, transposed: false };
const UPPER: Triangle = Triangle { lower: false, unit: false, transposed: false };

#[inline(always)]
pub(super) unsafe fn solve<V: Vector<E: Real>>(a: &Matrices<V::E>, b: &Matrices<V::E>, x: &Matrices<V::E>) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<V>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    let pivots = lu(t, n);
    pivots.failed.outcome()?;
    let upper = Triangle { unit: true, ..UPPER };
    // SAFETY: the caller's matrices.
    unsafe { columns(t, &[LOWER, upper], b, x, |i, lane| pivots.column(i, lane)) };
    Ok(())
}

#[inline(always)]
pub(super) unsafe fn solve_spd<V: Vector<E: Real>>(
    a: &Matrices<V::E>,
    b: &Matrices<V::E>,
    x: &Matrices<V::E>,
) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<V>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    llt(t, n)?;
    let upper = Triangle { transposed: true, ..UPPER };
    // SAFETY: the caller's matrices.
    unsafe { columns(t, &[LOWER, upper], b, x, |i, _| i) };
    Ok(())
}

#[inline(always)]
pub(super) unsafe fn triangular<V: Vector<E: Real>>(
    a: &Matrices<V::E>,
    b: &Matrices<V::E>,
    x: &Matrices<V::E>,
    lower: bool,
) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<V>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    let mut failed = Failed::new();
    for i in 0..n {
        failed.note(t[i * n + i].zeros(), i);
    }
    failed.outcome()?;
    // SAFETY: the caller's matrices.
    unsafe { columns(t, &[if lower { LOWER } else { UPPER }], b, x, |i, _| i) };
    Ok(())
}

/// B in pieces of columns, solved with one triangle of `t` after another, into X, row i of it where `rows` says.
#[inline(always)]
unsafe fn columns<V: Vector<E: Real>>(
    t: &[V],
    triangles: &[Triangle],
    b: &Matrices<V::E>,
    x: &Matrices<V::E>,
    rows: impl Fn(usize, usize) -> usize,
) {
    let n = b.rows;
    let mut tile = Tile::<V>::new();
    for first in (0..b.cols).step_by(ORDER) {
        let cols = ORDER.min(b.cols - first);
        // SAFETY: columns of the caller's matrices, of which there is room for ORDER.
        let y = unsafe {
            load(b, first, cols, tile.start());
            tile.filled(n * cols)
        };
        for &triangle in triangles {
            substitute(t, triangle, n, y, cols);
        }
        for i in 0..n {
            let mut to = x.ptr;
            for lane in 0..lanes::<V::E>() {
                to[lane] = to[lane].wrapping_add(rows(i, lane) * x.cols + first);
            }
            // SAFETY: these columns of a row of X.
            unsafe { store_line(&y[i * cols..][..cols], &to) };
        }
    }
}

/// Y := A^-1 Y.
#[inline(always)]
fn substitute<V: Vector<E: Real>>(a: &[V], triangle: Triangle, n: usize, y: &mut [V], cols: usize) {
    let (rs, cs) = if triangle.transposed { (1, n) } else { (n, 1) };
    for step in 0..n {
        let at = |step: usize| if triangle.lower { step } else { n - 1 - step };
        let i = at(step);
        let d = a[i * rs + i * cs];
        pieces!(cols, [4, 2, 1], |c, W| {
            let mut sums = [d; W];
            sums.copy_from_slice(&y[i * cols + c..][..W]);
            for before in 0..step {
                let j = at(before);
                let f = a[i * rs + j * cs];
                for w in 0..W {
                    sums[w] = f.neg_mul_add(y[j * cols + c + w], sums[w]);
                }
            }
            for w in 0..W {
                y[i * cols + c + w] = if triangle.unit { sums[w] } else { sums[w].div(d) };
            }
        });
    }
}

#[inline(always)]
pub(super) unsafe fn matmul<V: Vector<E: Real>>(a: &Matrices<V::E>, b: &Matrices<V::E>, c: &Matrices<V::E>) {
    let (m, n, inner) = (a.rows, b.cols, a.cols);
    let (mut left, mut right, mut product) = (Tile::<V>::new(), Tile::<V>::new(), Tile::<V>::new());
    // SAFETY: the caller's matrices; all of the product is written.
    unsafe {
        let (left, right, to) = (left.load(a), right.load(b), product.start());
        for i in 0..m {
            pieces!(n, [4, 2, 1], |j, W| {
                let mut sums = [V::splat(V::E::ZERO); W];
                for k in 0..inner {
                    let f = left[i * inner + k];
                    for w in 0..W {
                        sums[w] = f.mul_add(right[k * n + j + w], sums[w]);
                    }
                }
                to.add(i * n + j).cast::<[V; W]>().write(sums);
            });
        }
        let product = product.filled(m * n);
        if c.rs == n as isize {
            return store(product, c);
        }
        for i in 0..m {
            let to = c.ptr.map(|row| row.wrapping_offset(i as isize * c.rs));
            store_line(&product[i * n..][..n], &to);
        }
    }
}
