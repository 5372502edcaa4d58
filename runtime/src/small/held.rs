//! Matrices for tests of the kernels.

use super::{AVX512, BASE, FORCED, best};
use crate::blas::{MatMut, MatRef, Real, Scalar};

/// With every instruction set that this machine has.
pub(super) fn on_every_set(run: impl Fn()) {
    for set in BASE..=AVX512 {
        if set <= best() {
            FORCED.set(Some(set));
            run();
            FORCED.set(None);
        }
    }
}

/// A matrix in memory of its own, of some strides, NaN between its elements.
pub(super) struct Held<T> {
    pub(super) memory: Vec<T>,
    pub(super) rows: usize,
    pub(super) cols: usize,
    start: isize,
    pub(super) rs: isize,
    pub(super) cs: isize,
}

/// A number of these parts, of which a real one has the first.
pub(super) fn number<T: Scalar>([re, im]: [f64; 2]) -> T {
    T::new(T::Part::from_f64(re), T::Part::from_f64(im))
}

impl<T: Scalar> Held<T> {
    pub(super) fn new(
        rows: usize,
        cols: usize,
        (rs, cs): (isize, isize),
        f: impl Fn(usize, usize) -> [f64; 2],
    ) -> Held<T> {
        let (i, j) = (rows as isize - 1, cols as isize - 1);
        let start = (-rs * i).max(0) + (-cs * j).max(0);
        let length = (start + (rs * i).max(0) + (cs * j).max(0)) as usize + 1;
        let mut memory = vec![number([f64::NAN; 2]); length];
        for i in 0..rows {
            for j in 0..cols {
                memory[(start + i as isize * rs + j as isize * cs) as usize] = number(f(i, j));
            }
        }
        Held { memory, rows, cols, start, rs, cs }
    }

    pub(super) fn blank(rows: usize, cols: usize) -> Held<T> {
        Held::new(rows, cols, (cols as isize, 1), |_, _| [f64::NAN; 2])
    }

    pub(super) fn read(&self) -> MatRef<T> {
        let ptr = self.memory.as_ptr().wrapping_offset(self.start);
        MatRef { ptr, rows: self.rows, cols: self.cols, rs: self.rs, cs: self.cs }
    }

    pub(super) fn write(&mut self) -> MatMut<T> {
        MatMut::row_major(self.memory.as_mut_ptr(), self.rows, self.cols)
    }

    pub(super) fn at(&self, i: usize, j: usize) -> T {
        self.memory[(self.start + i as isize * self.rs + j as isize * self.cs) as usize]
    }
}

/// Strides of a matrix: rows contiguous, columns contiguous, rows apart, nothing contiguous, all backwards.
pub(super) fn strides(rows: usize, cols: usize) -> [(isize, isize); 5] {
    let (rows, cols) = (rows as isize, cols as isize);
    [(cols, 1), (1, rows), (cols + 3, 1), (3, 3 * rows + 1), (-cols, -1)]
}

pub(super) fn random(seed: usize, i: usize, j: usize) -> f64 {
    let mut h = (seed * 1_000_003 + i * 1009 + j + 1) as u64;
    for _ in 0..3 {
        h = (h ^ (h >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (h >> 40) as f64 / (1u64 << 24) as f64 - 0.5
}
