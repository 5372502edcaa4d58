//! A matrix on the stack, rows padded with zeros to `S` lanes.

use super::mul_add;
use crate::blas::{MatRef, Real};

/// Aligned to the widest vectors.
#[repr(align(64))]
pub(super) struct Tile<T, const S: usize>(pub(super) [[T; S]; S]);

/// Runs a body with `S` the smallest tile that holds `n`.
macro_rules! with_tile {
    ($n:expr, $body:ident::<$t:ty, $set:ident>($($arg:expr),*)) => {
        match $n {
            0..=4 => $body::<$t, $set, 4>($($arg),*),
            5..=8 => $body::<$t, $set, 8>($($arg),*),
            9..=16 => $body::<$t, $set, 16>($($arg),*),
            _ => $body::<$t, $set, 32>($($arg),*),
        }
    };
}
pub(super) use with_tile;

/// Covers `0..n` by pieces of these constant lengths, the longest first.
macro_rules! pieces {
    ($n:expr, [$($width:literal),*], |$at:ident, $w:ident| $body:block) => {{
        let (n, mut at) = ($n, 0);
        $(while n - at >= $width {
            const $w: usize = $width;
            let $at = at;
            $body
            at += $width;
        })*
    }};
}
pub(super) use pieces;

/// Copies a short row in vectors: a loop would become a call.
#[inline(always)]
pub(super) unsafe fn copy<T: Real>(mut src: *const T, mut dst: *mut T, n: usize) {
    debug_assert!(n < 64);
    macro_rules! step {
        ($($width:literal)*) => {
            $(if n & $width != 0 {
                // SAFETY: within n elements of both.
                unsafe {
                    dst.cast::<[T; $width]>().write_unaligned(src.cast::<[T; $width]>().read_unaligned());
                }
                (src, dst) = (src.wrapping_add($width), dst.wrapping_add($width));
            })*
        };
    }
    step!(32 16 8 4 2 1);
    let _ = (src, dst);
}

/// All of a square matrix.
#[inline(always)]
pub(super) unsafe fn load<T: Real, const S: usize>(a: MatRef<T>) -> Tile<T, S> {
    let n = a.rows;
    debug_assert!(n <= S && a.cols == n);
    let mut tile = Tile([[T::ZERO; S]; S]);
    let t = &mut tile.0;
    for (i, row) in t.iter_mut().enumerate().take(n) {
        if a.cs == 1 {
            // SAFETY: row i of A is contiguous.
            unsafe { copy(a.at(i, 0), row.as_mut_ptr(), n) };
        } else {
            for (j, x) in row.iter_mut().enumerate().take(n) {
                // SAFETY: i, j < n.
                *x = unsafe { *a.at(i, j) };
            }
        }
    }
    tile
}

/// The symmetric matrix whose lower triangle is that of A.
#[inline(always)]
pub(super) unsafe fn load_lower<T: Real, const S: usize>(a: MatRef<T>) -> Tile<T, S> {
    let n = a.rows;
    debug_assert!(n <= S && a.cols == n);
    let mut tile = Tile([[T::ZERO; S]; S]);
    let t = &mut tile.0;
    for i in 0..n {
        for j in 0..=i {
            // SAFETY: i, j < n.
            let x = unsafe { *a.at(i, j) };
            t[i][j] = x;
            t[j][i] = x;
        }
    }
    tile
}

/// `row / d`: by the reciprocal, unless that could overflow.
#[inline(always)]
pub(super) fn over<T: Real, const S: usize>(row: &[T; S], d: T) -> [T; S] {
    if d.abs() >= T::MIN_POSITIVE {
        let r = T::ONE / d;
        row.map(|x| x * r)
    } else {
        row.map(|x| x / d)
    }
}

/// `row += f * v`.
#[inline(always)]
pub(super) fn add_scaled<T: Real, const SET: u8, const S: usize>(row: &mut [T; S], f: T, v: &[T; S]) {
    for l in 0..S {
        row[l] = mul_add::<T, SET>(f, v[l], row[l]);
    }
}
