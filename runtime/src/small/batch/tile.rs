//! Element (i, j) of all the matrices side by side, in memory on the stack.

use super::numbers::{Numbers, Part, lanes, parts};
use super::vector::Vector;
use super::{MOST, Matrices, ORDER};
use std::mem::MaybeUninit;

/// Room for matrices of the largest order.
pub(super) struct Tile<N>([[MaybeUninit<N>; ORDER]; ORDER]);

impl<N: Numbers> Tile<N> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Tile([const { [const { MaybeUninit::uninit() }; ORDER] }; ORDER])
    }

    /// The first place.
    #[inline(always)]
    pub(super) fn start(&mut self) -> *mut N {
        self.0.as_mut_ptr().cast()
    }

    /// The first places, which have been written.
    #[inline(always)]
    pub(super) unsafe fn filled(&mut self, count: usize) -> &mut [N] {
        debug_assert!(count <= ORDER * ORDER);
        // SAFETY: within the tile, and written.
        unsafe { std::slice::from_raw_parts_mut(self.start(), count) }
    }

    /// Whole matrices, row by row.
    #[inline(always)]
    pub(super) unsafe fn load(&mut self, a: &Matrices<N::E>) -> &mut [N] {
        // SAFETY: the caller's matrices have no more than ORDER rows and columns; all is written.
        unsafe {
            load(a, 0, a.cols, self.start());
            self.filled(a.rows * a.cols)
        }
    }
}

/// Some columns of matrices, row by row.
#[inline(always)]
pub(super) unsafe fn load<N: Numbers>(a: &Matrices<N::E>, first: usize, cols: usize, to: *mut N) {
    // SAFETY: elements of the caller's matrices, room for them in the tile.
    unsafe {
        if a.cs == 1 && a.rs == cols as isize {
            return load_line(a, first as isize, a.rows * cols, to, 1);
        }
        if a.cs == 1 {
            for i in 0..a.rows {
                load_line(a, i as isize * a.rs + first as isize, cols, to.add(i * cols), 1);
            }
            return;
        }
        if a.rs == 1 {
            for j in 0..cols {
                load_line(a, (first + j) as isize * a.cs, a.rows, to.add(j), cols);
            }
            return;
        }
        for i in 0..a.rows {
            for j in 0..cols {
                load_line(a, i as isize * a.rs + (first + j) as isize * a.cs, 1, to.add(i * cols + j), 1);
            }
        }
    }
}

/// Elements that are contiguous in each matrix, to places `step` apart: to the vectors of their parts, which are contiguous
/// there as here.
#[inline(always)]
unsafe fn load_line<N: Numbers>(a: &Matrices<N::E>, offset: isize, length: usize, to: *mut N, step: usize) {
    let (kinds, mut at) = (parts::<N>(), 0);
    let length = length * kinds;
    // SAFETY: elements of the caller's matrices, room for them in the tile.
    unsafe {
        let from = |l: usize, e: usize| a.ptr[l].offset(offset).cast::<Part<N>>().add(e);
        let place =
            |l: usize, e: usize| to.add(e / kinds * step).cast::<N::V>().add(e % kinds).cast::<Part<N>>().add(l);
        while length >= 4 && at < length {
            // The last four may begin among those that are there already.
            let here = at.min(length - 4);
            let mut l = 0;
            while l < lanes::<N>() {
                let row = |r: usize| from(l + r, here).cast_const();
                let place = |e: usize| place(l, here + e);
                N::V::transpose([row(0), row(1), row(2), row(3)], [place(0), place(1), place(2), place(3)]);
                l += 4;
            }
            at += 4;
        }
        while at < length {
            for l in 0..lanes::<N>() {
                place(l, at).write(*from(l, at));
            }
            at += 1;
        }
    }
}

/// All of row-major matrices.
#[inline(always)]
pub(super) unsafe fn store<N: Numbers>(from: &[N], out: &Matrices<N::E>) {
    debug_assert_eq!(from.len(), out.rows * out.cols);
    // SAFETY: the caller's matrices.
    unsafe { store_line(from, &out.ptr) };
}

/// Contiguous elements of each matrix.
#[inline(always)]
pub(super) unsafe fn store_line<N: Numbers>(from: &[N], to: &[*mut N::E; MOST]) {
    let (length, mut at) = (from.len() * parts::<N>(), 0);
    let from = from.as_ptr().cast::<N::V>();
    // SAFETY: the caller's memory.
    unsafe {
        while length >= 4 && at < length {
            let here = at.min(length - 4);
            let mut l = 0;
            while l < lanes::<N>() {
                let row = |e: usize| from.add(here + e).cast::<Part<N>>().add(l);
                let place = |r: usize| to[l + r].cast::<Part<N>>().add(here);
                N::V::transpose([row(0), row(1), row(2), row(3)], [place(0), place(1), place(2), place(3)]);
                l += 4;
            }
            at += 4;
        }
        while at < length {
            for l in 0..lanes::<N>() {
                to[l].cast::<Part<N>>().add(at).write(*from.add(at).cast::<Part<N>>().add(l));
            }
            at += 1;
        }
    }
}
