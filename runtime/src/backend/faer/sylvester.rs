//! Equations that are linear in a matrix on both sides, with factors that are triangular but for blocks of order 2.
// SAFETY, all of it: the caller's views span the matrices.
#![allow(clippy::undocumented_unsafe_blocks)]

use super::{Element, View, abs1, conj, zero};
use crate::blas::{Real, Scalar};

/// A quasi-triangular factor or its conjugate transpose.
#[derive(Clone, Copy)]
pub(super) struct Factor<T> {
    a: View<T>,
    n: usize,
    adjoint: bool,
}

impl<T: Element> Factor<T> {
    pub(super) fn new(a: View<T>, n: usize, adjoint: bool) -> Self {
        Factor { a, n, adjoint }
    }

    unsafe fn at(self, i: usize, j: usize) -> T {
        unsafe { if self.adjoint { conj(self.a.at(j, i)) } else { self.a.at(i, j) } }
    }

    /// The end of the diagonal block that begins at `i`.
    unsafe fn end(self, i: usize) -> usize {
        unsafe { if i + 1 < self.n && self.a.at(i + 1, i) != zero() { i + 2 } else { i + 1 } }
    }

    /// The beginning of the diagonal block that ends at `i`.
    unsafe fn start(self, i: usize) -> usize {
        unsafe { if i >= 2 && self.a.at(i - 1, i - 2) != zero() { i - 2 } else { i - 1 } }
    }

    unsafe fn largest(self) -> T::Part {
        let mut most = T::Part::ZERO;
        for j in 0..self.n {
            for i in 0..self.n.min(j + 2) {
                let size = abs1(unsafe { self.a.at(i, j) });
                most = if size > most { size } else { most };
            }
        }
        most
    }
}

/// op(A) X + X op(B) = C in place of C, block by block; whether no pivot was as small as the rounding of the largest element.
/// Smaller ones are made as large.
pub(super) unsafe fn solve<T: Element>(a: Factor<T>, b: Factor<T>, c: View<T>) -> bool {
    let (m, n) = (a.n, b.n);
    let mut solved = true;
    unsafe {
        let (x, y) = (a.largest(), b.largest());
        let largest = if x > y { x } else { y };
        let least = T::Part::EPSILON * largest;
        let least = if least > T::Part::MIN_POSITIVE { least } else { T::Part::MIN_POSITIVE };
        // The columns that an upper B couples to are to the left, those of its transpose to the right; rows the other way round.
        let mut column = if b.adjoint { n } else { 0 };
        while if b.adjoint { column > 0 } else { column < n } {
            let (from, to) = if b.adjoint { (b.start(column), column) } else { (column, b.end(column)) };
            let done = if b.adjoint { to..n } else { 0..from };
            for j in from..to {
                for k in done.clone() {
                    let by = b.at(k, j);
                    (0..m).for_each(|i| c.set(i, j, c.at(i, j) - c.at(i, k) * by));
                }
            }
            let mut row = if a.adjoint { 0 } else { m };
            while if a.adjoint { row < m } else { row > 0 } {
                let (top, bottom) = if a.adjoint { (row, a.end(row)) } else { (a.start(row), row) };
                let known = if a.adjoint { 0..top } else { bottom..m };
                for j in from..to {
                    for i in top..bottom {
                        let sum = known.clone().fold(c.at(i, j), |sum, k| sum - a.at(i, k) * c.at(k, j));
                        c.set(i, j, sum);
                    }
                }
                solved &= block(a, b, c, [top, bottom], [from, to], least);
                row = if a.adjoint { bottom } else { top };
            }
            column = if b.adjoint { from } else { to };
        }
    }
    solved
}

/// The block of X whose equations have no other unknowns: a system of order 1, 2 or 4, by elimination with complete pivoting.
unsafe fn block<T: Element>(
    a: Factor<T>,
    b: Factor<T>,
    c: View<T>,
    [top, bottom]: [usize; 2],
    [from, to]: [usize; 2],
    least: T::Part,
) -> bool {
    let (rows, size) = (bottom - top, (bottom - top) * (to - from));
    let place = |k: usize| (top + k % rows, from + k / rows);
    // The last column is the right-hand side.
    let mut system = [[zero::<T>(); 5]; 4];
    let (mut order, mut solved) = ([0, 1, 2, 3], true);
    unsafe {
        for (k, equation) in system.iter_mut().enumerate().take(size) {
            let (i, j) = place(k);
            for (l, coefficient) in equation.iter_mut().enumerate().take(size) {
                let (p, q) = place(l);
                let left = if j == q { a.at(i, p) } else { zero() };
                *coefficient = left + if i == p { b.at(q, j) } else { zero() };
            }
            equation[4] = c.at(i, j);
        }
        for k in 0..size {
            let (mut pivot, mut most) = ((k, k), abs1(system[k][k]));
            for (i, equation) in system.iter().enumerate().take(size).skip(k) {
                for (j, &x) in equation.iter().enumerate().take(size).skip(k) {
                    if abs1(x) > most {
                        (pivot, most) = ((i, j), abs1(x));
                    }
                }
            }
            system.swap(k, pivot.0);
            system.iter_mut().for_each(|equation| equation.swap(k, pivot.1));
            order.swap(k, pivot.1);
            if most < least {
                solved = false;
                system[k][k] = super::real(least);
            }
            let from = system[k];
            for equation in &mut system[k + 1..size] {
                let by = equation[k] / from[k];
                (k..5).for_each(|j| equation[j] -= by * from[j]);
            }
        }
        for k in (0..size).rev() {
            let sum = (k + 1..size).fold(system[k][4], |sum, j| {
                let (i, j) = (place(order[j]), j);
                sum - system[k][j] * c.at(i.0, i.1)
            });
            let (i, j) = place(order[k]);
            c.set(i, j, sum / system[k][k]);
        }
    }
    solved
}
