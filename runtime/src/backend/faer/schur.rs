//! The Schur form, from faer's Hessenberg form by implicit shifts (Francis): faer keeps its own to itself.
// SAFETY, all of it: the caller's views are n x n.
#![allow(clippy::undocumented_unsafe_blocks)]

use super::{Element, View, abs, conj, one, real, rotation, scratch, turn, zero};
use crate::blas::{Real, Scalar};
use faer::linalg::evd::hessenberg;
use faer::linalg::householder;
use faer::linalg::qr::no_pivoting::factor::recommended_block_size;
use faer::linalg::{temp_mat_scratch, temp_mat_zeroed};
use faer::mat::AsMatMut;
use faer::prelude::ReborrowMut;
use faer::{Conj, Par};

/// Iterations for an eigenvalue; few take more than four, but the first of many that are equal takes those of the others.
const ITERATIONS: usize = 100;

/// A = Z H Z' with an H in place of A that is 0 below the first subdiagonal.
pub(super) unsafe fn hessenberg<T: Element>(a: View<T>, z: View<T>, n: usize) {
    let (mut h, mut z) = unsafe { (a.write(n, n), z.write(n, n)) };
    z.fill(zero());
    z.rb_mut().diagonal_mut().fill(one());
    if n < 3 {
        return;
    }
    let block = recommended_block_size::<T>(n - 1, n - 1);
    let apply = householder::apply_block_householder_sequence_on_the_right_in_place_scratch::<T>(n - 1, block, n - 1);
    let reduce = hessenberg::hessenberg_in_place_scratch::<T>(n, block, Par::Seq, Default::default());
    scratch(temp_mat_scratch::<T>(block, n - 1).and(apply.or(reduce)), |stack| {
        let (mut factor, stack) = temp_mat_zeroed::<T, _, _>(block, n - 1, stack);
        let mut factor = factor.as_mat_mut();
        hessenberg::hessenberg_in_place(h.rb_mut(), factor.rb_mut(), Par::Seq, stack, Default::default());
        householder::apply_block_householder_sequence_on_the_right_in_place_with_conj(
            h.as_ref().submatrix(1, 0, n - 1, n - 1),
            factor.as_ref(),
            Conj::No,
            z.submatrix_mut(1, 1, n - 1, n - 1),
            Par::Seq,
            stack,
        );
    });
    for j in 0..n {
        (j + 2..n).for_each(|i| h[(i, j)] = zero());
    }
}

/// The beginning of the block that ends at `end`, behind a subdiagonal element as small as rounding, which becomes 0.
unsafe fn deflate<T: Element>(h: View<T>, end: usize, largest: T::Part) -> usize {
    unsafe {
        let negligible = |i: usize| {
            let beside = abs(h.at(i - 1, i - 1)) + abs(h.at(i, i));
            abs(h.at(i, i - 1)) <= T::Part::EPSILON * if beside > T::Part::ZERO { beside } else { largest }
        };
        let start = (1..end).rev().find(|&i| negligible(i)).unwrap_or(0);
        if start > 0 {
            h.set(start, start - 1, zero());
        }
        start
    }
}

unsafe fn largest<T: Element>(h: View<T>, n: usize) -> T::Part {
    let places = (0..n).flat_map(|j| (0..n.min(j + 2)).map(move |i| (i, j)));
    places.fold(T::Part::ZERO, |most, (i, j)| {
        let size = abs(unsafe { h.at(i, j) });
        if size > most { size } else { most }
    })
}

/// T in place of a complex H, and Z turned with it; whether the iteration ended.
pub(super) unsafe fn complex<T: Element>(h: View<T>, z: View<T>, n: usize) -> bool {
    let (mut end, mut count, mut total) = (n, 0, 0);
    unsafe {
        let largest = largest(h, n);
        while end > 0 {
            let start = deflate(h, end, largest);
            if end - start == 1 {
                (end, count) = (start, 0);
                continue;
            }
            count += 1;
            total += 1;
            if total > ITERATIONS * n {
                return false;
            }
            let [a, b, c, d] = [(2, 2), (2, 1), (1, 2), (1, 1)].map(|(i, j)| h.at(end - i, end - j));
            let shift = match count % 10 {
                // Once in a while another one, against cycles.
                0 => d + real::<T>(abs(c) * T::Part::from_f64(0.75)),
                // The eigenvalue of the last block that is nearer to its last element.
                _ => {
                    let size = real::<T>([a, b, c, d].map(abs).into_iter().fold(T::Part::ZERO, |x, y| x + y));
                    let half = (a - d) / size / (one::<T>() + one::<T>());
                    let product = (b / size) * (c / size);
                    let root = T::sqrt_impl(&(half * half + product));
                    let sum = if abs(half + root) > abs(half - root) { half + root } else { half - root };
                    if sum == zero() { d } else { d - size * (product / sum) }
                }
            };
            let (mut x, mut y) = (h.at(start, start) - shift, h.at(start + 1, start));
            for k in start..end - 1 {
                let (c, s) = rotation(x, y);
                for j in k.saturating_sub(1).max(start)..n {
                    let (x, y) = turn(h.at(k, j), h.at(k + 1, j), c, s);
                    h.set(k, j, x);
                    h.set(k + 1, j, y);
                }
                for (matrix, rows) in [(h, end.min(k + 3)), (z, n)] {
                    for i in 0..rows {
                        let (x, y) = turn(matrix.at(i, k), matrix.at(i, k + 1), c, conj(s));
                        matrix.set(i, k, x);
                        matrix.set(i, k + 1, y);
                    }
                }
                if k > start {
                    h.set(k + 1, k - 1, zero());
                }
                if k + 2 < end {
                    (x, y) = (h.at(k + 1, k), h.at(k + 2, k));
                }
            }
        }
    }
    true
}

/// T in place of a real H, and Z turned with it; whether the iteration ended.
pub(super) unsafe fn real_form<T: Element<Part = T> + Real>(h: View<T>, z: View<T>, n: usize) -> bool {
    let (mut end, mut count, mut total) = (n, 0, 0);
    unsafe {
        let largest = largest(h, n);
        while end > 0 {
            let start = deflate(h, end, largest);
            if end - start <= 2 {
                if end - start == 2 {
                    standardise(h, z, n, start);
                }
                (end, count) = (start, 0);
                continue;
            }
            count += 1;
            total += 1;
            if total > ITERATIONS * n {
                return false;
            }
            // In units of the largest of what follows, so that squares neither overflow nor vanish.
            let corner = |i: usize, j: usize| (end - 2 + i, end - 2 + j);
            let first = |i: usize, j: usize| (start + i, start + j);
            let places = [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1), (end - 2, end - 3)];
            let more = [first(0, 0), first(0, 1), first(1, 0), first(1, 1), first(2, 1)];
            let size = places.iter().chain(&more).fold(T::ZERO, |most, &(i, j)| {
                let size = h.at(i, j).abs();
                if size > most { size } else { most }
            });
            let at = |(i, j): (usize, usize)| h.at(i, j) / size;
            // The sum and the product of the shifts: those of the last block, once in a while others, against cycles.
            let (sum, product) = match count % 10 {
                0 => {
                    let off = at(corner(1, 0)).abs() + at((end - 2, end - 3)).abs();
                    (T::from_f64(1.5) * off, off * off)
                }
                _ => {
                    let [a, b, c, d] = [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)].map(at);
                    (a + d, a * d - b * c)
                }
            };
            let [a, b, c, d, e] = more.map(at);
            let mut v = [a * a + b * c - sum * a + product, c * (a + d - sum), c * e];
            for k in start..end - 1 {
                let rows = (end - k).min(3);
                if k > start {
                    v = [0, 1, 2].map(|i| if i < rows { h.at(k + i, k - 1) } else { T::ZERO });
                }
                let Some((beta, tau)) = reflection(&mut v) else { continue };
                if k > start {
                    h.set(k, k - 1, beta);
                    (1..rows).for_each(|i| h.set(k + i, k - 1, T::ZERO));
                }
                reflect(h.from(k, k), rows, n - k, v, tau);
                reflect(h.from(0, k).t(), rows, end.min(k + 4), v, tau);
                reflect(z.from(0, k).t(), rows, n, v, tau);
            }
        }
    }
    true
}

/// The vector, from 1, and the factor of the reflection that makes of `v` its first element alone, which comes back too.
fn reflection<T: Real>(v: &mut [T; 3]) -> Option<(T, T)> {
    let below = v[1].hypot(v[2]);
    if below == T::ZERO {
        return None;
    }
    let size = v[0].hypot(below);
    let beta = if v[0] > T::ZERO { -size } else { size };
    let (tau, first) = ((beta - v[0]) / beta, v[0] - beta);
    *v = [T::ONE, v[1] / first, v[2] / first];
    Some((beta, tau))
}

/// Reflects the first rows of as many columns.
unsafe fn reflect<T: Element<Part = T> + Real>(a: View<T>, rows: usize, cols: usize, v: [T; 3], tau: T) {
    for j in 0..cols {
        unsafe {
            let sum = tau * (0..rows).fold(T::ZERO, |sum, i| sum + v[i] * a.at(i, j));
            (0..rows).for_each(|i| a.set(i, j, a.at(i, j) - sum * v[i]));
        }
    }
}

/// Makes a block of order 2 triangular where its eigenvalues are real, its diagonal elements equal where they are not.
unsafe fn standardise<T: Element<Part = T> + Real>(h: View<T>, z: View<T>, n: usize, at: usize) {
    unsafe {
        let block = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(i, j)| h.at(at + i, at + j).to_f64());
        let size = block.iter().fold(0.0f64, |most, x| most.max(x.abs()));
        let [a, b, c, d] = block.map(|x| x / size);
        if c == 0.0 {
            return;
        }
        let half = (a - d) / 2.0;
        let discriminant = half * half + b * c;
        let (cosine, sine) = match discriminant >= 0.0 {
            // (x, c) is an eigenvector.
            true => {
                let x = half + discriminant.sqrt().copysign(half);
                let length = x.hypot(c);
                (x / length, c / length)
            }
            false => {
                let angle = 0.5 * (d - a).atan2(b + c);
                (angle.cos(), angle.sin())
            }
        };
        let (cosine, sine) = (T::from_f64(cosine), T::from_f64(sine));
        let rows = (h.from(at, at), n - at);
        let columns = [(h.from(0, at).t(), at + 2), (z.from(0, at).t(), n)];
        for (matrix, count) in std::iter::once(rows).chain(columns) {
            for j in 0..count {
                let (x, y) = turn(matrix.at(0, j), matrix.at(1, j), cosine, sine);
                matrix.set(0, j, x);
                matrix.set(1, j, y);
            }
        }
        if discriminant >= 0.0 {
            h.set(at + 1, at, T::ZERO);
        } else {
            let mean = (h.at(at, at) + h.at(at + 1, at + 1)) / (T::ONE + T::ONE);
            h.set(at, at, mean);
            h.set(at + 1, at + 1, mean);
        }
    }
}
