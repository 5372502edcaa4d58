//! A matrix on the stack, rows padded with zeros to `S` lanes.

use super::element::{Element, Row};
use super::mul_add;
use crate::blas::{MatRef, Real, Scalar};

/// Aligned to the widest vectors.
#[repr(align(64))]
pub(super) struct Tile<T: Element, const S: usize>(pub(super) [T::Row<S>; S]);

impl<T: Scalar, const S: usize> Tile<T, S> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Tile([T::Row::<S>::splat(T::ZERO); S])
    }
}

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

/// All of a square matrix, into zeros.
#[inline(always)]
pub(super) unsafe fn load<T: Scalar, const S: usize>(a: MatRef<T>, tile: &mut Tile<T, S>) {
    let n = a.rows;
    debug_assert!(n <= S && a.cols == n);
    let t = &mut tile.0;
    for (i, row) in t.iter_mut().enumerate().take(n) {
        if a.cs == 1 {
            // SAFETY: row i of A is contiguous.
            unsafe { row.load(a.at(i, 0), n) };
        } else {
            for j in 0..n {
                // SAFETY: i, j < n.
                row.set(j, unsafe { *a.at(i, j) });
            }
        }
    }
}

/// Without the imaginary part.
#[inline(always)]
pub(super) fn real<T: Scalar>(x: T) -> T {
    T::new(x.parts()[0], T::Part::ZERO)
}

/// The Hermitian matrix whose lower triangle is that of A, into zeros.
#[inline(always)]
pub(super) unsafe fn load_lower<T: Scalar, const S: usize>(a: MatRef<T>, tile: &mut Tile<T, S>) {
    let n = a.rows;
    debug_assert!(n <= S && a.cols == n);
    let t = &mut tile.0;
    for i in 0..n {
        for j in 0..=i {
            // SAFETY: i, j < n.
            let x = unsafe { *a.at(i, j) };
            let (x, y) = if i == j { (real(x), real(x)) } else { (x, x.conj()) };
            t[i].set(j, x);
            t[j].set(i, y);
        }
    }
}

/// `row / d`: by the reciprocal, unless that could overflow.
#[inline(always)]
pub(super) fn over<T: Scalar, const SET: u8, const S: usize>(row: &T::Row<S>, d: T) -> T::Row<S> {
    let mut to = *row;
    if let Some(r) = d.reciprocal::<SET>() {
        for l in 0..S {
            to.set(l, row.get(l).times::<SET>(r));
        }
    } else {
        for l in 0..S {
            to.set(l, row.get(l).over::<SET>(d));
        }
    }
    to
}

/// The same by a real number.
#[inline(always)]
pub(super) fn over_real<T: Scalar, const SET: u8, const S: usize>(row: &T::Row<S>, d: T::Part) -> T::Row<S> {
    let mut to = *row;
    if let Some(r) = d.reciprocal::<SET>() {
        for l in 0..S {
            to.set(l, row.get(l).scaled(r));
        }
    } else {
        for l in 0..S {
            let [re, im] = row.get(l).parts();
            to.set(l, T::new(re / d, im / d));
        }
    }
    to
}

/// `row += f * v`.
#[inline(always)]
pub(super) fn add_scaled<T: Scalar, const SET: u8, const S: usize>(row: &mut T::Row<S>, f: T, v: &T::Row<S>) {
    for l in 0..S {
        row.set(l, mul_add::<T, SET>(f, v.get(l), row.get(l)));
    }
}
