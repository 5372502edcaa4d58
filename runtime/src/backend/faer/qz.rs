//! The QZ iteration (Moler and Stewart 1973) on complex matrices, one shift at a time as in LAPACK's `gghrd` and `hgeqz`.
//! faer has one too, many times slower: its tests for small elements and its shifts are those of old versions of LAPACK, which
//! take more sweeps, and its loops over elements are checked.
// SAFETY, all of it: the caller's views are n x n.
#![allow(clippy::undocumented_unsafe_blocks)]

use super::{Element, View, abs, abs1, im, one, over, re, real, rotation, turn, zero};
use crate::blas::{Real, Scalar};
use std::ops::Range;

/// Iterations for an eigenvalue, as in LAPACK.
const ITERATIONS: usize = 30;

/// Rows i and i + 1 rotated.
unsafe fn rows<T: Element>(x: View<T>, i: usize, columns: Range<usize>, (c, s): (T::Part, T)) {
    for j in columns {
        let (p, q) = unsafe { turn(x.at(i, j), x.at(i + 1, j), c, s) };
        unsafe {
            x.set(i, j, p);
            x.set(i + 1, j, q);
        }
    }
}

/// Columns j + 1 and j rotated, in this order.
unsafe fn columns<T: Element>(x: View<T>, j: usize, rows: Range<usize>, (c, s): (T::Part, T)) {
    for i in rows {
        let (p, q) = unsafe { turn(x.at(i, j + 1), x.at(i, j), c, s) };
        unsafe {
            x.set(i, j + 1, p);
            x.set(i, j, q);
        }
    }
}

/// The rotation of rows i and i + 1 that makes the lower element of column j vanish, and that element 0.
unsafe fn vanish_below<T: Element>(x: View<T>, i: usize, j: usize) -> (T::Part, T) {
    let (f, g) = unsafe { (x.at(i, j), x.at(i + 1, j)) };
    let (c, s) = rotation(f, g);
    unsafe {
        x.set(i, j, turn(f, g, c, s).0);
        x.set(i + 1, j, zero());
    }
    (c, s)
}

/// The rotation of columns j + 1 and j that makes the left element of row i vanish, and that element 0.
unsafe fn vanish_left<T: Element>(x: View<T>, i: usize, j: usize) -> (T::Part, T) {
    let (f, g) = unsafe { (x.at(i, j + 1), x.at(i, j)) };
    let (c, s) = rotation(f, g);
    unsafe {
        x.set(i, j + 1, turn(f, g, c, s).0);
        x.set(i, j, zero());
    }
    (c, s)
}

/// A 0 below the first subdiagonal, where B is upper triangular and stays it; Z is turned with the columns.
pub(super) unsafe fn reduce<T: Element>(a: View<T>, b: View<T>, z: View<T>, n: usize) {
    for column in 0..n.saturating_sub(2) {
        for row in (column + 1..n - 1).rev() {
            unsafe {
                let turned = vanish_below(a, row, column);
                rows(a, row, column + 1..n, turned);
                rows(b, row, row..n, turned);
                let turned = vanish_left(b, row + 1, row);
                columns(a, row, 0..n, turned);
                columns(b, row, 0..row + 1, turned);
                columns(z, row, 0..n, turned);
            }
        }
    }
}

unsafe fn norm<T: Element>(x: View<T>, n: usize) -> T::Part {
    let places = (0..n).flat_map(|j| (0..n.min(j + 2)).map(move |i| (i, j)));
    let largest = places.clone().fold(T::Part::ZERO, |most, (i, j)| {
        let size = abs(unsafe { x.at(i, j) });
        if size > most { size } else { most }
    });
    if largest == T::Part::ZERO {
        return largest;
    }
    let squares = places.fold(T::Part::ZERO, |sum, (i, j)| {
        let part = abs(unsafe { x.at(i, j) }) / largest;
        sum + part * part
    });
    largest * squares.sqrt()
}

/// What one step of the iteration finds.
enum Found {
    /// The last eigenvalue stands by itself.
    Deflated,
    /// The last diagonal element of T is 0: the eigenvalue is infinite, and the subdiagonal element is to vanish.
    Infinite,
    /// The block that begins here is to be swept.
    Block(usize),
}

/// H, 0 below the first subdiagonal, and T, upper triangular, made triangular both, Z turned with the columns; whether the
/// iteration ended.
pub(super) unsafe fn iterate<T: Element>(h: View<T>, t: View<T>, z: View<T>, n: usize) -> bool {
    let (h_norm, t_norm) = unsafe { (norm(h, n), norm(t, n)) };
    let positive = |x: T::Part| if x > T::Part::MIN_POSITIVE { x } else { T::Part::MIN_POSITIVE };
    let pencil = Pencil {
        h,
        t,
        z,
        n,
        h_small: positive(T::Part::EPSILON * h_norm),
        t_small: positive(T::Part::EPSILON * t_norm),
        h_scale: T::Part::ONE / positive(h_norm),
        t_scale: T::Part::ONE / positive(t_norm),
    };
    let (mut last, mut count, mut exceptional) = (n, 0, zero());
    let mut total = 0;
    while last > 0 {
        let end = last - 1;
        match unsafe { pencil.find(end) } {
            Found::Block(start) => {
                count += 1;
                total += 1;
                if total > ITERATIONS * n {
                    return false;
                }
                unsafe { pencil.sweep(start, end, count, &mut exceptional) };
                continue;
            }
            Found::Infinite => unsafe { pencil.infinite(end) },
            Found::Deflated => {}
        }
        (last, count, exceptional) = (end, 0, zero());
    }
    true
}

struct Pencil<T: Element> {
    h: View<T>,
    t: View<T>,
    z: View<T>,
    n: usize,
    /// What is 0 beside the norm of each.
    h_small: T::Part,
    t_small: T::Part,
    /// The reciprocals of the norms.
    h_scale: T::Part,
    t_scale: T::Part,
}

impl<T: Element> Pencil<T> {
    /// Whether the subdiagonal element of a row is as small as rounding, and then 0.
    unsafe fn splits(&self, i: usize) -> bool {
        let h = self.h;
        let (beside, least) = unsafe { (abs1(h.at(i, i)) + abs1(h.at(i - 1, i - 1)), T::Part::MIN_POSITIVE) };
        let small = T::Part::EPSILON * beside;
        let small = if small > least { small } else { least };
        let splits = unsafe { abs1(h.at(i, i - 1)) <= small };
        if splits {
            unsafe { h.set(i, i - 1, zero()) };
        }
        splits
    }

    unsafe fn find(&self, end: usize) -> Found {
        let Pencil { h, t, .. } = *self;
        unsafe {
            if end == 0 || self.splits(end) {
                return Found::Deflated;
            }
            if abs(t.at(end, end)) <= self.t_small {
                t.set(end, end, zero());
                return Found::Infinite;
            }
            for j in (0..end).rev() {
                let splits = j == 0 || self.splits(j);
                if abs(t.at(j, j)) < self.t_small {
                    t.set(j, j, zero());
                    // Two small subdiagonal elements that follow each other.
                    let small = !splits
                        && abs1(h.at(j, j - 1)) * (self.h_scale * abs1(h.at(j + 1, j)))
                            <= abs1(h.at(j, j)) * (self.h_scale * self.h_small);
                    return if splits || small { self.split(j, end, small) } else { self.chase(j, end) };
                }
                if splits {
                    return Found::Block(j);
                }
            }
        }
        unreachable!("the first row ends the loop")
    }

    /// A zero on the diagonal of T in a row whose subdiagonal element is 0, or small: that of the next row vanishes.
    unsafe fn split(&self, j: usize, end: usize, mut small: bool) -> Found {
        let Pencil { h, t, n, .. } = *self;
        for k in j..end {
            unsafe {
                let turned = vanish_below(h, k, k);
                rows(h, k, k + 1..n, turned);
                rows(t, k, k + 1..n, turned);
                if small {
                    h.set(k, k - 1, h.at(k, k - 1) * real::<T>(turned.0));
                    small = false;
                }
                if abs1(t.at(k + 1, k + 1)) >= self.t_small {
                    return if k + 1 >= end { Found::Deflated } else { Found::Block(k + 1) };
                }
                t.set(k + 1, k + 1, zero());
            }
        }
        Found::Infinite
    }

    /// A zero on the diagonal of T moved to its end.
    unsafe fn chase(&self, j: usize, end: usize) -> Found {
        let Pencil { h, t, z, n, .. } = *self;
        for k in j..end {
            unsafe {
                let turned = vanish_below(t, k, k + 1);
                rows(t, k, k + 2..n, turned);
                rows(h, k, k - 1..n, turned);
                let turned = vanish_left(h, k + 1, k - 1);
                columns(h, k - 1, 0..k + 1, turned);
                columns(t, k - 1, 0..k, turned);
                columns(z, k - 1, 0..n, turned);
            }
        }
        Found::Infinite
    }

    /// An infinite eigenvalue at the end.
    unsafe fn infinite(&self, end: usize) {
        let Pencil { h, t, z, n, .. } = *self;
        unsafe {
            let turned = vanish_left(h, end, end - 1);
            columns(h, end - 1, 0..end, turned);
            columns(t, end - 1, 0..end, turned);
            columns(z, end - 1, 0..n, turned);
        }
    }

    /// The eigenvalue of the last block that is nearer to its last element; now and then another number, against cycles.
    unsafe fn shift(&self, end: usize, count: usize, exceptional: &mut T) -> T {
        let h = |i: usize, j: usize| real::<T>(self.h_scale) * unsafe { self.h.at(i, j) };
        let t = |i: usize, j: usize| real::<T>(self.t_scale) * unsafe { self.t.at(i, j) };
        let before = end - 1;
        if count.is_multiple_of(10) {
            let last = count.is_multiple_of(20) && abs1(t(end, end)) > T::Part::MIN_POSITIVE;
            let more = if last { h(end, end) / t(end, end) } else { h(end, before) / t(before, before) };
            *exceptional += more;
            return *exceptional;
        }
        let above = t(before, end) / t(end, end);
        let (first, below) = (h(before, before) / t(before, before), h(end, before) / t(before, before));
        let (right, last) = (h(before, end) / t(end, end), h(end, end) / t(end, end));
        let (right, shift) = (right - above * first, last - above * below);
        let root = T::sqrt_impl(&right) * T::sqrt_impl(&below);
        if abs1(root) <= T::Part::MIN_POSITIVE {
            return shift;
        }
        let half = (first - shift) / (one::<T>() + one::<T>());
        let size = if abs1(half) > abs1(root) { abs1(half) } else { abs1(root) };
        let (p, q) = (over(half, size), over(root, size));
        let sum = T::sqrt_impl(&(p * p + q * q));
        let opposite = re(p) * re(sum) + im(p) * im(sum) < T::Part::ZERO;
        let sum = if opposite { -sum } else { sum };
        shift - real::<T>(size) * (q * (q / (p + sum)))
    }

    unsafe fn sweep(&self, first: usize, end: usize, count: usize, exceptional: &mut T) {
        let Pencil { h, t, z, n, .. } = *self;
        unsafe {
            let shift = self.shift(end, count, exceptional);
            let column = |j: usize| {
                (
                    real::<T>(self.h_scale) * h.at(j, j) - shift * (real::<T>(self.t_scale) * t.at(j, j)),
                    real::<T>(self.h_scale) * h.at(j + 1, j),
                )
            };
            // Behind two small subdiagonal elements that follow each other.
            let may_start = |&j: &usize| {
                let (diagonal, below) = column(j);
                let (diagonal, below) = (abs1(diagonal), abs1(below));
                let size = if diagonal > below { diagonal } else { below };
                let scale = if size < T::Part::ONE && size != T::Part::ZERO { size } else { T::Part::ONE };
                abs1(h.at(j, j - 1)) * (below / scale) <= diagonal / scale * self.h_small
            };
            let start = (first + 1..end).rev().find(may_start).unwrap_or(first);
            let (f, g) = column(start);
            let mut turned = rotation(f, g);
            for j in start..end {
                if j > start {
                    turned = vanish_below(h, j, j - 1);
                }
                rows(h, j, j..n, turned);
                rows(t, j, j..n, turned);
                let turned = vanish_left(t, j + 1, j);
                columns(h, j, 0..end.min(j + 2) + 1, turned);
                columns(t, j, 0..j + 1, turned);
                columns(z, j, 0..n, turned);
            }
        }
    }
}
