//! Matrices of a few diagonals.
// SAFETY, all of it: the caller's memory, 2 kl + ku + 1 rows of n columns, n pivots, and n rows of right-hand sides.
#![allow(clippy::undocumented_unsafe_blocks)]

use super::{Element, View, abs1, zero};

/// A X = B in place of B, by elimination with partial pivoting in the bands, which are in LAPACK's order: the first `kl` are
/// for what exchanges bring in. The first pivot that is 0, from 1, comes back; B is then as it was.
pub(super) unsafe fn solve<T: Element>(
    n: usize,
    kl: usize,
    ku: usize,
    ab: *mut T,
    pivots: *mut i32,
    b: View<T>,
    columns: usize,
) -> i32 {
    let (rows, above) = (2 * kl + ku + 1, kl + ku);
    // The element (i, j) of A.
    let at = |i: usize, j: usize| ab.wrapping_add(above + i - j + j * rows);
    let mut info = 0;
    unsafe {
        for j in 0..n {
            (0..kl).for_each(|band| *ab.add(band + j * rows) = zero());
        }
        let mut reach = 0;
        for j in 0..n {
            let last = (n - 1).min(j + kl);
            let (mut pivot, mut most) = (j, abs1(*at(j, j)));
            for i in j + 1..=last {
                let size = abs1(*at(i, j));
                if size > most {
                    (pivot, most) = (i, size);
                }
            }
            *pivots.add(j) = pivot as i32 + 1;
            let d = *at(pivot, j);
            if d == zero() {
                info = if info == 0 { j as i32 + 1 } else { info };
                continue;
            }
            reach = reach.max((n - 1).min(pivot + ku));
            if pivot != j {
                (j..=reach).for_each(|k| std::ptr::swap(at(j, k), at(pivot, k)));
            }
            (j + 1..=last).for_each(|i| *at(i, j) = *at(i, j) / d);
            for k in j + 1..=reach {
                let u = *at(j, k);
                (j + 1..=last).for_each(|i| *at(i, k) = *at(i, k) - *at(i, j) * u);
            }
        }
        if info != 0 {
            return info;
        }
        for k in 0..columns {
            for j in 0..n {
                b.from(0, k).exchange(j, *pivots.add(j) as usize - 1, 1);
                let x = b.at(j, k);
                (j + 1..=(n - 1).min(j + kl)).for_each(|i| b.set(i, k, b.at(i, k) - *at(i, j) * x));
            }
            for j in (0..n).rev() {
                let x = b.at(j, k) / *at(j, j);
                b.set(j, k, x);
                (j.saturating_sub(above)..j).for_each(|i| b.set(i, k, b.at(i, k) - *at(i, j) * x));
            }
        }
    }
    0
}
