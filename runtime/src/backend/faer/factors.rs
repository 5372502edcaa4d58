//! LU with LAPACK's choice of pivots, Cholesky, symmetric indefinite factors (Bunch and Kaufman), and the inverses.
// SAFETY, all of it: the caller's views span the matrices, n x n where nothing else is said.
#![allow(clippy::undocumented_unsafe_blocks)]

use super::{Element, View, abs, abs1, conj, multiply, one, re, real, scratch, substitute, zero};
use crate::blas::{Real, Scalar};
use faer::linalg::cholesky::llt;
use faer::linalg::triangular_inverse::invert_upper_triangular;
use faer::linalg::{temp_mat_scratch, temp_mat_zeroed};
use faer::mat::AsMatMut;
use faer::prelude::ReborrowMut;
use faer::{Conj, Par};

/// Columns up to which elimination goes one by one.
const PANEL: usize = 8;

/// A = P L U in place, A is m x n; pivots count from 1. Of a pivot that is 0 the first one comes back, as LAPACK counts, and the
/// elimination goes on.
pub(super) unsafe fn lu<T: Element>(a: View<T>, m: usize, n: usize, pivots: *mut i32) -> i32 {
    unsafe {
        if n > m {
            let info = lu(a, m, m, pivots);
            let rest = a.from(0, m);
            (0..m).for_each(|i| rest.exchange(i, *pivots.add(i) as usize - 1, n - m));
            substitute(a.read(m, m), Conj::No, rest.write(m, n - m), true, true);
            return info;
        }
        if n <= PANEL {
            return eliminate(a, m, n, pivots);
        }
        // Left half, what it does to the right half, right half, and its exchanges on the left.
        let half = n / 2;
        let mut info = lu(a, m, half, pivots);
        let (right, below, corner) = (a.from(0, half), a.from(half, 0), a.from(half, half));
        (0..half).for_each(|i| right.exchange(i, *pivots.add(i) as usize - 1, n - half));
        substitute(a.read(half, half), Conj::No, right.write(half, n - half), true, true);
        let (l, u) = (below.read(m - half, half), right.read(half, n - half));
        multiply(corner.write(m - half, n - half), (l, Conj::No), (u, Conj::No), true);
        let later = lu(corner, m - half, n - half, pivots.add(half));
        if info == 0 && later != 0 {
            info = later + half as i32;
        }
        for i in half..n {
            *pivots.add(i) += half as i32;
            a.exchange(i, *pivots.add(i) as usize - 1, half);
        }
        info
    }
}

unsafe fn eliminate<T: Element>(a: View<T>, m: usize, n: usize, pivots: *mut i32) -> i32 {
    let mut info = 0;
    unsafe {
        for j in 0..n {
            let (mut pivot, mut most) = (j, abs1(a.at(j, j)));
            for i in j + 1..m {
                let size = abs1(a.at(i, j));
                if size > most {
                    (pivot, most) = (i, size);
                }
            }
            *pivots.add(j) = pivot as i32 + 1;
            let d = a.at(pivot, j);
            if d == zero() {
                info = if info == 0 { j as i32 + 1 } else { info };
                continue;
            }
            a.exchange(j, pivot, n);
            (j + 1..m).for_each(|i| a.set(i, j, a.at(i, j) / d));
            for k in j + 1..n {
                let u = a.at(j, k);
                (j + 1..m).for_each(|i| a.set(i, k, a.at(i, k) - a.at(i, j) * u));
            }
        }
    }
    info
}

/// A^-1 = U^-1 L^-1 P^-1 in place of the factors.
pub(super) unsafe fn lu_inverse<T: Element>(a: View<T>, n: usize, pivots: *const i32) -> i32 {
    unsafe {
        if let Some(i) = (0..n).find(|&i| a.at(i, i) == zero()) {
            return i as i32 + 1;
        }
        scratch(temp_mat_scratch::<T>(n, n), |stack| {
            let (mut inverse, _) = temp_mat_zeroed::<T, _, _>(n, n, stack);
            let mut inverse = inverse.as_mat_mut();
            invert_upper_triangular(inverse.rb_mut(), a.read(n, n), Par::Seq);
            // X L = U^-1.
            substitute(a.t().read(n, n), Conj::No, inverse.rb_mut().transpose_mut(), false, true);
            a.write(n, n).copy_from(inverse.as_ref());
        });
        for i in (0..n).rev() {
            a.t().exchange(i, *pivots.add(i) as usize - 1, n);
        }
        0
    }
}

/// A = L L' in place of the lower triangle, or the order of the first minor that is not positive.
pub(super) unsafe fn cholesky<T: Element>(a: View<T>, n: usize) -> i32 {
    let as_it_is = llt::factor::LltRegularization {
        dynamic_regularization_delta: T::Part::ZERO,
        dynamic_regularization_epsilon: T::Part::ZERO,
    };
    let req = llt::factor::cholesky_in_place_scratch::<T>(n, Par::Seq, Default::default());
    let result = scratch(req, |stack| {
        let a = unsafe { a.write(n, n) };
        llt::factor::cholesky_in_place(a, as_it_is, Par::Seq, stack, Default::default())
    });
    match result {
        Ok(_) => 0,
        Err(llt::factor::LltError::NonPositivePivot { index }) => index as i32 + 1,
    }
}

/// The lower triangle of A^-1 from that of L.
pub(super) unsafe fn cholesky_inverse<T: Element>(a: View<T>, n: usize) -> i32 {
    let req = temp_mat_scratch::<T>(n, n).and(llt::inverse::inverse_scratch::<T>(n, Par::Seq));
    unsafe {
        if let Some(i) = (0..n).find(|&i| a.at(i, i) == zero()) {
            return i as i32 + 1;
        }
        scratch(req, |stack| {
            let (mut inverse, stack) = temp_mat_zeroed::<T, _, _>(n, n, stack);
            let mut inverse = inverse.as_mat_mut();
            llt::inverse::inverse(inverse.rb_mut(), a.read(n, n), Par::Seq, stack);
            for j in 0..n {
                (j..n).for_each(|i| a.set(i, j, inverse[(i, j)]));
            }
        });
    }
    0
}

/// A = L D L' in place of the lower triangle, as `sytf2` and `hetf2` leave it, with their pivots: from 1, and negative for
/// both rows of a block of order 2.
pub(super) unsafe fn indefinite<T: Element>(a: View<T>, n: usize, pivots: *mut i32) -> i32 {
    // With this bound elements grow least over two steps of either kind.
    let alpha = T::Part::from_f64((1.0 + 17f64.sqrt()) / 8.0);
    let (mut info, mut k) = (0, 0);
    unsafe {
        while k < n {
            let diagonal = re(a.at(k, k)).abs();
            let (mut far, mut colmax) = (k, T::Part::ZERO);
            for i in k + 1..n {
                let size = abs1(a.at(i, k));
                if size > colmax {
                    (far, colmax) = (i, size);
                }
            }
            let nothing = (diagonal == T::Part::ZERO && colmax == T::Part::ZERO) || diagonal.is_nan();
            let (mut row, mut size) = (k, 1);
            if nothing {
                info = if info == 0 { k as i32 + 1 } else { info };
            } else if diagonal < alpha * colmax {
                let left = (k..far).map(|j| abs1(a.at(far, j)));
                let below = (far + 1..n).map(|i| abs1(a.at(i, far)));
                let rowmax = left.chain(below).fold(T::Part::ZERO, |most, x| if x > most { x } else { most });
                if diagonal < alpha * colmax * (colmax / rowmax) {
                    row = far;
                    size = if re(a.at(far, far)).abs() >= alpha * rowmax { 1 } else { 2 };
                }
            }
            let last = k + size - 1;
            exchange(a, n, last, row);
            if size == 2 && row != last {
                std::ptr::swap(a.place(last, k), a.place(row, k));
            }
            for j in k..=last {
                a.set(j, j, real(re(a.at(j, j))));
            }
            if !nothing {
                eliminate_block(a, n, k, size);
            }
            for j in k..=last {
                *pivots.add(j) = if size == 1 { row as i32 + 1 } else { -(row as i32 + 1) };
            }
            k += size;
        }
    }
    info
}

/// Exchanges rows and columns `i < j` of what is left of a Hermitian matrix, in its lower triangle.
unsafe fn exchange<T: Element>(a: View<T>, n: usize, i: usize, j: usize) {
    if i == j {
        return;
    }
    unsafe {
        (j + 1..n).for_each(|k| std::ptr::swap(a.place(k, i), a.place(k, j)));
        for k in i + 1..j {
            let (x, y) = (a.at(k, i), a.at(j, k));
            a.set(k, i, conj(y));
            a.set(j, k, conj(x));
        }
        a.set(j, i, conj(a.at(j, i)));
        std::ptr::swap(a.place(i, i), a.place(j, j));
    }
}

/// Takes a block of D off what follows it, and leaves its columns of L.
unsafe fn eliminate_block<T: Element>(a: View<T>, n: usize, k: usize, size: usize) {
    unsafe {
        if size == 1 {
            let by = one::<T>() / a.at(k, k);
            for j in k + 1..n {
                let l = a.at(j, k) * by;
                (j..n).for_each(|i| a.set(i, j, a.at(i, j) - a.at(i, k) * conj(l)));
                a.set(j, j, real(re(a.at(j, j))));
            }
            (k + 1..n).for_each(|j| a.set(j, k, a.at(j, k) * by));
            return;
        }
        let off = a.at(k + 1, k);
        let d = abs(off);
        let (d11, d22) = (re(a.at(k + 1, k + 1)) / d, re(a.at(k, k)) / d);
        let by = real::<T>(T::Part::ONE / (d11 * d22 - T::Part::ONE) / d);
        let (direction, d11, d22) = (off / real::<T>(d), real::<T>(d11), real::<T>(d22));
        for j in k + 2..n {
            let (x, y) = (a.at(j, k), a.at(j, k + 1));
            let first = by * (d11 * x - direction * y);
            let second = by * (d22 * y - conj(direction) * x);
            for i in j..n {
                let taken = a.at(i, k) * conj(first) + a.at(i, k + 1) * conj(second);
                a.set(i, j, a.at(i, j) - taken);
            }
            a.set(j, k, first);
            a.set(j, k + 1, second);
            a.set(j, j, real(re(a.at(j, j))));
        }
    }
}
