//! QR with LAPACK's reflections, H = I - tau v v' with v[0] = 1 and H' x real, in blocks.
// SAFETY, all of it: the caller's views span the matrices.
#![allow(clippy::undocumented_unsafe_blocks)]

use super::{Element, View, abs, abs1, conj, im, multiply, one, re, real, scratch, zero};
use crate::blas::{Real, Scalar};
use faer::dyn_stack::{MemStack, StackReq};
use faer::linalg::{temp_mat_scratch, temp_mat_zeroed};
use faer::mat::AsMatMut;
use faer::prelude::ReborrowMut;
use faer::{Conj, MatMut, MatRef};

/// Reflections that are applied at once.
const BLOCK: usize = 32;

/// A = Q R in place, A is m x n: R in the upper triangle, the vectors below it.
pub(super) unsafe fn factor<T: Element>(a: View<T>, m: usize, n: usize, tau: *mut T) {
    scratch(room::<T>(m, n), |stack| {
        for from in (0..m.min(n)).step_by(BLOCK) {
            let to = m.min(n).min(from + BLOCK);
            unsafe {
                for j in from..to {
                    let t = reflection(a, j, m);
                    *tau.add(j) = t;
                    // H' of the columns of the block that follow.
                    for k in j + 1..to {
                        let sum = (j + 1..m).fold(a.at(j, k), |sum, i| sum + conj(a.at(i, j)) * a.at(i, k));
                        let by = conj(t) * sum;
                        a.set(j, k, a.at(j, k) - by);
                        (j + 1..m).for_each(|i| a.set(i, k, a.at(i, k) - a.at(i, j) * by));
                    }
                }
                if to < n {
                    let rest = a.from(from, to).write(m - from, n - to);
                    apply(a.from(from, from), m - from, to - from, tau.add(from), rest, true, stack);
                }
            }
        }
    });
}

/// C := Q' C for the Q of `k` reflections that stand below the diagonal of an A of m rows.
pub(super) unsafe fn apply_adjoint<T: Element>(a: View<T>, m: usize, k: usize, tau: *const T, c: View<T>, cols: usize) {
    scratch(room::<T>(m, cols), |stack| {
        for from in (0..k).step_by(BLOCK) {
            let to = k.min(from + BLOCK);
            unsafe {
                let rest = c.from(from, 0).write(m - from, cols);
                apply(a.from(from, from), m - from, to - from, tau.add(from), rest, true, stack);
            }
        }
    });
}

/// The first `cols` columns of the Q of `k` reflections that stand below the diagonal, in place.
pub(super) unsafe fn generate<T: Element>(a: View<T>, m: usize, cols: usize, k: usize, tau: *const T) {
    let clear = |j: usize| unsafe {
        (0..m).for_each(|i| a.set(i, j, zero()));
        a.set(j, j, one());
    };
    (k..cols).for_each(clear);
    scratch(room::<T>(m, cols), |stack| {
        for from in (0..k).step_by(BLOCK).rev() {
            let to = k.min(from + BLOCK);
            unsafe {
                let (mut v, stack) = temp_mat_zeroed::<T, _, _>(m - from, to - from, stack);
                let mut v = v.as_mat_mut();
                copy_vectors(a.from(from, from), &mut v);
                (from..to).for_each(clear);
                let rest = a.from(from, from).write(m - from, cols - from);
                apply_vectors(v.as_ref(), tau.add(from), rest, false, stack);
            }
        }
    });
}

/// The reflection that makes of column j, from the diagonal on, a real number and zeros: that number on the diagonal, the vector
/// below it, and tau.
unsafe fn reflection<T: Element>(a: View<T>, j: usize, m: usize) -> T {
    unsafe {
        let alpha = a.at(j, j);
        let largest = (j + 1..m)
            .map(|i| abs1(a.at(i, j)))
            .fold(T::Part::ZERO, |most, x| if x > most || x.is_nan() { x } else { most });
        let below = if largest == T::Part::ZERO {
            largest
        } else {
            let sum = (j + 1..m).fold(T::Part::ZERO, |sum, i| {
                let size = abs(a.at(i, j)) / largest;
                sum + size * size
            });
            largest * sum.sqrt()
        };
        if below == T::Part::ZERO && im(alpha) == T::Part::ZERO {
            return zero();
        }
        let size = abs(alpha).hypot(below);
        let beta = if re(alpha) >= T::Part::ZERO { -size } else { size };
        let first = alpha - real::<T>(beta);
        (j + 1..m).for_each(|i| a.set(i, j, a.at(i, j) / first));
        a.set(j, j, real(beta));
        (real::<T>(beta) - alpha) / real::<T>(beta)
    }
}

/// What a block works in: its vectors, its triangle, and two products.
fn room<T: Element>(m: usize, n: usize) -> StackReq {
    let products = temp_mat_scratch::<T>(BLOCK, n);
    temp_mat_scratch::<T>(m, BLOCK).and(temp_mat_scratch::<T>(BLOCK, BLOCK)).and(products).and(products)
}

unsafe fn copy_vectors<T: Element>(a: View<T>, v: &mut MatMut<'_, T>) {
    for j in 0..v.ncols() {
        v[(j, j)] = one();
        (j + 1..v.nrows()).for_each(|i| v[(i, j)] = unsafe { a.at(i, j) });
    }
}

/// C := Q C, or Q' C, for the Q of the vectors below the diagonal of `a`.
unsafe fn apply<T: Element>(
    a: View<T>,
    m: usize,
    count: usize,
    tau: *const T,
    c: MatMut<'_, T>,
    adjoint: bool,
    stack: &mut MemStack,
) {
    unsafe {
        let (mut v, stack) = temp_mat_zeroed::<T, _, _>(m, count, stack);
        let mut v = v.as_mat_mut();
        copy_vectors(a, &mut v);
        apply_vectors(v.as_ref(), tau, c, adjoint, stack);
    }
}

/// Q = I - V T V' with an upper triangular T.
unsafe fn apply_vectors<T: Element>(
    v: MatRef<'_, T>,
    tau: *const T,
    mut c: MatMut<'_, T>,
    adjoint: bool,
    stack: &mut MemStack,
) {
    let (m, count, n) = (v.nrows(), v.ncols(), c.ncols());
    let (mut t, stack) = temp_mat_zeroed::<T, _, _>(count, count, stack);
    let (mut product, stack) = temp_mat_zeroed::<T, _, _>(count, n, stack);
    let (mut scaled, _) = temp_mat_zeroed::<T, _, _>(count, n, stack);
    let (mut t, mut product, mut scaled) = (t.as_mat_mut(), product.as_mat_mut(), scaled.as_mat_mut());
    for j in 0..count {
        let by = unsafe { *tau.add(j) };
        t[(j, j)] = by;
        // T[..j, j] = -tau T V[.., ..j]' v.
        for i in 0..j {
            let dot = (j..m).fold(zero::<T>(), |sum, row| sum + conj(v[(row, i)]) * v[(row, j)]);
            product[(i, 0)] = -(by * dot);
        }
        for i in 0..j {
            t[(i, j)] = (i..j).fold(zero::<T>(), |sum, l| sum + t[(i, l)] * product[(l, 0)]);
        }
    }
    multiply(product.rb_mut(), (v.transpose(), Conj::Yes), (c.as_ref(), Conj::No), false);
    let t = if adjoint { (t.as_ref().transpose(), Conj::Yes) } else { (t.as_ref(), Conj::No) };
    multiply(scaled.rb_mut(), t, (product.as_ref(), Conj::No), false);
    multiply(c.rb_mut(), (v, Conj::No), (scaled.as_ref(), Conj::No), true);
}
