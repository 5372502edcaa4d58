//! Substitution and products in all lanes.

use super::gauss::{llt, lu};
use super::lanes::Failed;
use super::numbers::{Numbers, lanes};
use super::tile::{Tile, load, store, store_line};
use super::{Matrices, ORDER, Outcome};
use crate::small::tile::pieces;

/// The triangle of a matrix in a tile.
#[derive(Clone, Copy)]
struct Triangle {
    lower: bool,
    /// Without the diagonal, which is 1.
    unit: bool,
    /// The conjugate of element (i, j) is at (j, i).
    adjoint: bool,
}

const LOWER: Triangle = Triangle { lower: true, unit: false, adjoint: false };
const UPPER: Triangle = Triangle { lower: false, unit: false, adjoint: false };

#[inline(always)]
pub(super) unsafe fn solve<N: Numbers>(a: &Matrices<N::E>, b: &Matrices<N::E>, x: &Matrices<N::E>) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<N>::new();
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
pub(super) unsafe fn solve_spd<N: Numbers>(a: &Matrices<N::E>, b: &Matrices<N::E>, x: &Matrices<N::E>) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<N>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    llt(t, n)?;
    let upper = Triangle { adjoint: true, ..UPPER };
    // SAFETY: the caller's matrices.
    unsafe { columns(t, &[LOWER, upper], b, x, |i, _| i) };
    Ok(())
}

#[inline(always)]
pub(super) unsafe fn triangular<N: Numbers>(
    a: &Matrices<N::E>,
    b: &Matrices<N::E>,
    x: &Matrices<N::E>,
    lower: bool,
    conj: bool,
) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<N>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    if conj {
        t.iter_mut().for_each(|x| *x = x.conj());
    }
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
unsafe fn columns<N: Numbers>(
    t: &[N],
    triangles: &[Triangle],
    b: &Matrices<N::E>,
    x: &Matrices<N::E>,
    rows: impl Fn(usize, usize) -> usize,
) {
    let n = b.rows;
    let mut tile = Tile::<N>::new();
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
            for lane in 0..lanes::<N>() {
                to[lane] = to[lane].wrapping_add(rows(i, lane) * x.cols + first);
            }
            // SAFETY: these columns of a row of X.
            unsafe { store_line(&y[i * cols..][..cols], &to) };
        }
    }
}

/// Y := A^-1 Y.
#[inline(always)]
fn substitute<N: Numbers>(a: &[N], triangle: Triangle, n: usize, y: &mut [N], cols: usize) {
    let (rs, cs) = if triangle.adjoint { (1, n) } else { (n, 1) };
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
                let f = if triangle.adjoint { f.conj() } else { f };
                for w in 0..W {
                    sums[w] = f.neg_mul_add(y[j * cols + c + w], sums[w]);
                }
            }
            if !triangle.unit {
                // Where it is an adjoint's, the diagonal is real.
                d.divide(&mut sums);
            }
            y[i * cols + c..][..W].copy_from_slice(&sums);
        });
    }
}

#[inline(always)]
pub(super) unsafe fn matmul<N: Numbers>(a: &Matrices<N::E>, b: &Matrices<N::E>, c: &Matrices<N::E>, conj: [bool; 2]) {
    let (m, n, inner) = (a.rows, b.cols, a.cols);
    let (mut left, mut right, mut product) = (Tile::<N>::new(), Tile::<N>::new(), Tile::<N>::new());
    // SAFETY: the caller's matrices; all of the product is written.
    unsafe {
        let (left, right, to) = (left.load(a), right.load(b), product.start());
        for i in 0..m {
            pieces!(n, [4, 2, 1], |j, W| {
                let mut sums = [N::no_sums(); W];
                for k in 0..inner {
                    let f = left[i * inner + k];
                    for w in 0..W {
                        right[k * n + j + w].add_to(f, &mut sums[w]);
                    }
                }
                for w in 0..W {
                    to.add(i * n + j + w).write(N::total(sums[w], conj));
                }
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
