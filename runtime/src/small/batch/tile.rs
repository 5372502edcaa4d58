//! Element (i, j) of all the matrices side by side, in memory on the stack.

use super::vector::Vector;
use super::{MOST, Matrices, ORDER};
use std::mem::MaybeUninit;

/// Room for matrices of the largest order.
pub(super) struct Tile<V>([[MaybeUninit<V>; ORDER]; ORDER]);

impl<V: Vector> Tile<V> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Tile([const { [const { MaybeUninit::uninit() }; ORDER] }; ORDER])
    }

    /// The first place.
    #[inline(always)]
    pub(super) fn start(&mut self) -> *mut V {
        self.0.as_mut_ptr().cast()
    }

    /// The first places, which have been written.
    #[inline(always)]
    pub(super) unsafe fn filled(&mut self, count: usize) -> &mut [V] {
        debug_assert!(count <= ORDER * ORDER);
        // SAFETY: within the tile, and written.
        unsafe { std::slice::from_raw_parts_mut(self.start(), count) }
    }

    /// Whole matrices, row by row.
    #[inline(always)]
    pub(super) unsafe fn load(&mut self, a: &Matrices<V::E>) -> &mut [V] {
        // SAFETY: the caller's matrices have no more than ORDER rows and columns; all is written.
        unsafe {
            load(a, 0, a.cols, self.start());
            self.filled(a.rows * a.cols)
        }
    }
}

fn lanes<V: Vector>() -> usize {
    size_of::<V>() / size_of::<V::E>()
}

/// Some columns of matrices, row by row.
#[inline(always)]
pub(super) unsafe fn load<V: Vector>(a: &Matrices<V::E>, first: usize, cols: usize, to: *mut V) {
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
                let offset = i as isize * a.rs + (first + j) as isize * a.cs;
                let place = to.add(i * cols + j).cast::<V::E>();
                for l in 0..lanes::<V>() {
                    place.add(l).write(*a.ptr[l].offset(offset));
                }
            }
        }
    }
}

/// Elements that are contiguous in each matrix, to places `step` apart.
#[inline(always)]
unsafe fn load_line<V: Vector>(a: &Matrices<V::E>, offset: isize, length: usize, to: *mut V, step: usize) {
    let mut at = 0;
    // SAFETY: elements of the caller's matrices, room for them in the tile.
    unsafe {
        while length >= 4 && at < length {
            // The last four may begin among those that are there already.
            let here = at.min(length - 4);
            let mut l = 0;
            while l < lanes::<V>() {
                let row = |r: usize| a.ptr[l + r].offset(offset + here as isize).cast_const();
                let place = |e: usize| to.add((here + e) * step).cast::<V::E>().add(l);
                V::transpose([row(0), row(1), row(2), row(3)], [place(0), place(1), place(2), place(3)]);
                l += 4;
            }
            at += 4;
        }
        while at < length {
            for l in 0..lanes::<V>() {
                to.add(at * step).cast::<V::E>().add(l).write(*a.ptr[l].offset(offset + at as isize));
            }
            at += 1;
        }
    }
}

/// All of row-major matrices.
#[inline(always)]
pub(super) unsafe fn store<V: Vector>(from: &[V], out: &Matrices<V::E>) {
    debug_assert_eq!(from.len(), out.rows * out.cols);
    // SAFETY: the caller's matrices.
    unsafe { store_line(from, &out.ptr) };
}

/// Contiguous elements of each matrix.
#[inline(always)]
pub(super) unsafe fn store_line<V: Vector>(from: &[V], to: &[*mut V::E; MOST]) {
    let (length, mut at) = (from.len(), 0);
    // SAFETY: the caller's memory.
    unsafe {
        while length >= 4 && at < length {
            let here = at.min(length - 4);
            let mut l = 0;
            while l < lanes::<V>() {
                let row = |e: usize| from.as_ptr().add(here + e).cast::<V::E>().add(l);
                let place = |r: usize| to[l + r].add(here);
                V::transpose([row(0), row(1), row(2), row(3)], [place(0), place(1), place(2), place(3)]);
                l += 4;
            }
            at += 4;
        }
        while at < length {
            for l in 0..lanes::<V>() {
                to[l].add(at).write(*from.as_ptr().add(at).cast::<V::E>().add(l));
            }
            at += 1;
        }
    }
}
