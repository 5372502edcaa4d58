//! The search for pivots, in all lanes.

use super::numbers::Numbers;
use super::vector::{Lane, Vector};
use super::{ORDER, Outcome};
use crate::blas::{Real, Scalar};

/// The element of one matrix.
#[inline(always)]
pub(super) fn get<V: Vector>(v: &V, lane: usize) -> V::E {
    debug_assert!(lane < size_of::<V>() / size_of::<V::E>());
    // SAFETY: a vector is its elements side by side, in the order of the lanes.
    unsafe { *std::ptr::from_ref(v).cast::<V::E>().add(lane) }
}

/// Replaces the element of one matrix.
#[inline(always)]
pub(super) fn set<V: Vector>(v: &mut V, lane: usize, x: V::E) {
    debug_assert!(lane < size_of::<V>() / size_of::<V::E>());
    // SAFETY: as above.
    unsafe { *std::ptr::from_mut(v).cast::<V::E>().add(lane) = x };
}

/// Where matrices failed: for each lane the number of the first pivot, from 1; 0 while there was none.
pub(super) struct Failed([usize; super::MOST]);

impl Failed {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Failed([0; super::MOST])
    }

    /// Notes failures at pivot k, a bit for each lane.
    #[inline(always)]
    pub(super) fn note(&mut self, lanes: u32, k: usize) {
        if lanes != 0 {
            self.first(lanes, k);
        }
    }

    #[cold]
    fn first(&mut self, lanes: u32, k: usize) {
        for (lane, at) in self.0.iter_mut().enumerate() {
            if lanes >> lane & 1 == 1 && *at == 0 {
                *at = k + 1;
            }
        }
    }

    pub(super) fn lane(&self, lane: usize) -> bool {
        self.0[lane] != 0
    }

    /// The first lane that failed.
    #[inline(always)]
    pub(super) fn outcome(&self) -> Outcome {
        match self.0.iter().position(|&at| at != 0) {
            Some(lane) => Err((lane, self.0[lane])),
            None => Ok(()),
        }
    }
}

/// Which column each matrix takes its pivot from, in elimination by columns of one row after the other.
pub(super) struct Pivots<V: Vector> {
    /// The columns as they were, in the order in which they are now.
    columns: [V; ORDER],
    /// For each column, whether it is the pivot's.
    pub(super) masks: [V; ORDER],
    /// Where all of the rest of a row was 0.
    pub(super) failed: Failed,
}

impl<V: Vector<E: Real>> Pivots<V> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        let mut columns = [V::splat(V::E::ZERO); ORDER];
        for (j, column) in columns.iter_mut().enumerate() {
            *column = V::splat(V::E::from_column(j));
        }
        Pivots { columns, masks: [V::splat(V::E::ZERO); ORDER], failed: Failed::new() }
    }

    /// Finds the pivots in columns `k..` of row k, and exchanges the numbers of the columns; the pivots.
    #[inline(always)]
    pub(super) fn find<N: Numbers<V = V>>(&mut self, row: &[N], k: usize) -> N {
        let n = row.len();
        let mut ranks = self.masks;
        let mut best = V::splat(V::E::ZERO);
        for j in k..n {
            ranks[j] = row[j].rank(self.columns[j]);
            best = best.max_bits(ranks[j]);
        }
        let mut pivot = row[k];
        for j in k..n {
            self.masks[j] = ranks[j].same_bits(best);
            pivot = N::select(self.masks[j], row[j], pivot);
        }
        let zeros = pivot.zeros();
        if zeros != 0 {
            self.least(row, k, zeros, &mut pivot);
        }
        let first = self.columns[k];
        for j in k + 1..n {
            self.columns[k] = V::select(self.masks[j], self.columns[j], self.columns[k]);
            self.columns[j] = V::select(self.masks[j], first, self.columns[j]);
        }
        pivot
    }

    /// Ranks see no difference between 0 and the least subnormal numbers.
    #[cold]
    fn least<N: Numbers<V = V>>(&mut self, row: &[N], k: usize, zeros: u32, pivot: &mut N) {
        for l in (0..size_of::<V>() / size_of::<V::E>()).filter(|l| zeros >> l & 1 == 1) {
            let others = (k..row.len()).filter(|&j| row[j].get(l) != N::E::ZERO);
            let Some(p) = others.min_by_key(|&j| get(&self.columns[j], l).to_column()) else {
                self.failed.note(1 << l, k);
                continue;
            };
            for j in k..row.len() {
                set(&mut self.masks[j], l, V::E::mask(j == p));
            }
            pivot.set(l, row[p].get(l));
        }
    }

    /// Where column `i` was in the matrix of a lane.
    #[inline(always)]
    pub(super) fn column(&self, i: usize, lane: usize) -> usize {
        get(&self.columns[i], lane).to_column()
    }
}
