//! Deflating subspaces: the QZ iteration, and eigenvalues put in order.

use super::{Element, View, abs, conj, householder, one, qz, rotation, turn, zero};
use crate::blas::Real;

/// Of the eigenvalues of A - z B, complex matrices, how many are inside of the unit circle; that many first columns of Z
/// are an orthonormal basis of what belongs to them. Not where rounding moves eigenvalues over the circle.
pub(super) unsafe fn inside<T: Element>(a: View<T>, b: View<T>, z: View<T>, n: usize) -> Option<usize> {
    // SAFETY: the caller's matrices, n x n.
    unsafe {
        if !triangular(a, b, z, n) {
            return None;
        }
        let is_inside = |i: usize| abs(a.at(i, i)) < abs(b.at(i, i));
        let mut count = 0;
        for i in 0..n {
            if is_inside(i) {
                (count..i).rev().for_each(|j| exchange(a, b, z, n, j));
                count += 1;
            }
        }
        (0..n).all(|i| is_inside(i) == (i < count)).then_some(count)
    }
}

/// Q' A Z and Q' B Z upper triangular, in place of A and B; whether the iteration ended.
unsafe fn triangular<T: Element>(a: View<T>, b: View<T>, z: View<T>, n: usize) -> bool {
    // SAFETY: the caller's matrices, n x n; that of Z holds the factors of the reflections first.
    unsafe {
        householder::factor(b, n, n, z.ptr);
        householder::apply_adjoint(b, n, n, z.ptr, a, n);
        for j in 0..n {
            (j + 1..n).for_each(|i| b.set(i, j, zero()));
            (0..n).for_each(|i| z.set(i, j, if i == j { one() } else { zero() }));
        }
        qz::reduce(a, b, z, n);
        qz::iterate(a, b, z, n)
    }
}

/// Exchanges the eigenvalues j and j + 1, as `tgex2` does.
unsafe fn exchange<T: Element>(a: View<T>, b: View<T>, z: View<T>, n: usize, j: usize) {
    // SAFETY: elements of the caller's matrices, n x n.
    unsafe {
        let (s, t) =
            ([a.at(j, j), a.at(j, j + 1), a.at(j + 1, j + 1)], [b.at(j, j), b.at(j, j + 1), b.at(j + 1, j + 1)]);
        let (f, g) = (s[2] * t[0] - t[2] * s[0], s[2] * t[1] - t[2] * s[1]);
        let (c, sine) = rotation(g, f);
        let columns = |x: View<T>, rows: usize| {
            for i in 0..rows {
                let (p, q) = turn(x.at(i, j), x.at(i, j + 1), c, -conj(sine));
                x.set(i, j, p);
                x.set(i, j + 1, q);
            }
        };
        columns(a, j + 2);
        columns(b, j + 2);
        columns(z, n);
        let larger = abs(s[2]) * abs(t[0]) >= abs(s[0]) * abs(t[2]);
        let from = if larger { a } else { b };
        let (c, sine) = rotation(from.at(j, j), from.at(j + 1, j));
        for x in [a, b] {
            for k in j..n {
                let (p, q) = turn(x.at(j, k), x.at(j + 1, k), c, sine);
                x.set(j, k, p);
                x.set(j + 1, k, q);
            }
            x.set(j + 1, j, zero());
        }
    }
}

/// Orthonormal columns, as many as are asked for, of the space that others span, which are lost: the longest first, and what is
/// left of the others. Where columns are the real and the imaginary parts of an orthonormal basis of a space that is its own
/// conjugate, their squared lengths add up to the number of dimensions that are not taken, so that none is short.
pub(super) unsafe fn basis<T: Element<Part = T> + Real>(
    span: View<T>,
    columns: usize,
    basis: View<T>,
    n: usize,
    count: usize,
) -> bool {
    // SAFETY: columns of the caller's matrices, of n rows.
    unsafe {
        let dot =
            |x: View<T>, i: usize, y: View<T>, j: usize| (0..n).fold(T::ZERO, |sum, k| sum + x.at(k, i) * y.at(k, j));
        let reduce = |x: View<T>, j: usize, k: usize| {
            let part = dot(basis, k, x, j);
            (0..n).for_each(|i| x.set(i, j, x.at(i, j) - part * basis.at(i, k)));
        };
        for k in 0..count {
            let (mut longest, mut square) = (0, T::ZERO);
            for j in 0..columns {
                let length = dot(span, j, span, j);
                if length > square {
                    (longest, square) = (j, length);
                }
            }
            (0..n).for_each(|i| basis.set(i, k, span.at(i, longest)));
            // Once more, for what rounding left.
            (0..k).for_each(|other| reduce(basis, k, other));
            let length = dot(basis, k, basis, k).sqrt();
            if length <= T::MIN_POSITIVE {
                return false;
            }
            (0..n).for_each(|i| basis.set(i, k, basis.at(i, k) / length));
            (0..columns).for_each(|j| reduce(span, j, k));
        }
    }
    true
}
