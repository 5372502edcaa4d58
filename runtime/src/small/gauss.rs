//! Elimination: inverses by Gauss-Jordan, LU with partial pivoting, Cholesky.
//!
//! Pivots are searched in a row, which is contiguous, and so columns are exchanged, as LAPACK does when it
//! takes a row-major matrix for its transpose. The exchange is not carried out: a lane that has been
//! pivot is closed, and the result is gathered in the order of the pivots.

use super::across::largest;
use super::element::{Element, Row};
use super::mul_add;
use super::tile::{Tile, add_scaled, load, load_lower, over, over_real, real, with_tile};
use crate::blas::{Failure, MatRef, Real, Scalar};

#[inline(always)]
pub(super) unsafe fn inv<T: Scalar, const SET: u8>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
    #[inline(always)]
    unsafe fn body<T: Scalar, const SET: u8, const S: usize>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
        let n = a.rows;
        let mut tile = Tile::<T, S>::new();
        // SAFETY: n <= S.
        unsafe { load(a, &mut tile) };
        let t = &mut tile.0;
        let mut open = open::<S>(n);
        let mut order = [0; S];
        for k in 0..n {
            let p = pivot::<T, SET, S>(&t[k], &open);
            let d = t[k].get(p);
            if d == T::ZERO {
                return Err(Failure::Singular { pivot: k + 1 });
            }
            open[p] = 0;
            order[k] = p;
            sweep::<T, SET, S>(t, n, k, p, d.inverse::<SET>());
        }
        for i in 0..n {
            // SAFETY: `order` permutes 0..n, and the result is n x n.
            unsafe { t[i].permuted::<SET>(&order).store(out.add(order[i] * n), n) };
        }
        Ok(())
    }
    // SAFETY: the caller's, and n is at most 32.
    unsafe { with_tile!(a.rows, body::<T, SET>(a, out)) }
}

#[inline(always)]
pub(super) unsafe fn inv_spd<T: Scalar, const SET: u8>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
    #[inline(always)]
    unsafe fn body<T: Scalar, const SET: u8, const S: usize>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
        let n = a.rows;
        let mut tile = Tile::<T, S>::new();
        // SAFETY: n <= S.
        unsafe { load_lower(a, &mut tile) };
        let t = &mut tile.0;
        for k in 0..n {
            let d = positive(t[k].get(k), k)?;
            let r = d.inverse::<SET>();
            sweep::<T, SET, S>(t, n, k, k, T::new(r, T::Part::ZERO));
        }
        for i in 0..n {
            for j in 0..=i {
                // SAFETY: i, j < n. Rounding differs between the triangles, so one stands for both.
                unsafe {
                    let x = t[i].get(j);
                    let (x, y) = if i == j { (real(x), real(x)) } else { (x, x.conj()) };
                    *out.add(i * n + j) = x;
                    *out.add(j * n + i) = y;
                }
            }
        }
        Ok(())
    }
    // SAFETY: the caller's, and n is at most 32.
    unsafe { with_tile!(a.rows, body::<T, SET>(a, out)) }
}

#[inline(always)]
pub(super) unsafe fn lu<T: Scalar, const SET: u8>(a: MatRef<T>, out: *mut T, pivots: *mut i32) -> Result<(), Failure> {
    #[inline(always)]
    unsafe fn body<T: Scalar, const SET: u8, const S: usize>(
        a: MatRef<T>,
        out: *mut T,
        pivots: *mut i32,
    ) -> Result<(), Failure> {
        let n = a.rows;
        let mut tile = Tile::<T, S>::new();
        // SAFETY: n <= S.
        unsafe { load(a, &mut tile) };
        let t = &mut tile.0;
        let mut open = open::<S>(n);
        let mut todo = [T::Part::ONE; S];
        // `order[k]` is the lane of column k, `place` its inverse.
        let mut order: [usize; S] = std::array::from_fn(|l| l);
        let mut place = order;
        for k in 0..n {
            let p = pivot::<T, SET, S>(&t[k], &open);
            let d = t[k].get(p);
            if d == T::ZERO {
                return Err(Failure::Singular { pivot: k + 1 });
            }
            open[p] = 0;
            let (at, other) = (place[p], order[k]);
            (order[k], order[at]) = (p, other);
            (place[p], place[other]) = (k, at);
            // SAFETY: k < n.
            unsafe { *pivots.add(k) = at as i32 + 1 };

            // What is done stays, the rest is divided by the pivot.
            todo[p] = T::Part::ZERO;
            let mut v = over::<T, SET, S>(&t[k], d);
            for l in 0..S {
                v.set(l, (-v.get(l)).scaled(todo[l]));
                t[k].set(l, t[k].get(l).scaled(T::Part::ONE - todo[l]) - v.get(l));
            }
            for row in &mut t[k + 1..n] {
                add_scaled::<T, SET, S>(row, row.get(p), &v);
            }
        }
        for i in 0..n {
            // SAFETY: the result is n x n.
            unsafe { t[i].permuted::<SET>(&order).store(out.add(i * n), n) };
        }
        Ok(())
    }
    // SAFETY: the caller's, and n is at most 32.
    unsafe { with_tile!(a.rows, body::<T, SET>(a, out, pivots)) }
}

#[inline(always)]
pub(super) unsafe fn cholesky<T: Scalar, const SET: u8>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
    #[inline(always)]
    unsafe fn body<T: Scalar, const SET: u8, const S: usize>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
        let n = a.rows;
        let mut tile = Tile::<T, S>::new();
        // SAFETY: n <= S.
        unsafe { load_lower(a, &mut tile) };
        let t = &mut tile.0;
        // L D, column by column; the roots of D wait until the end, off the path from pivot to pivot.
        let mut roots = [T::Part::ONE; S];
        for k in 0..n {
            let d = positive(t[k].get(k), k)?;
            roots[k] = d;
            let (mut v, above) = (over_real::<T, SET, S>(&t[k], d), Masks::<T::Part>::above::<S>(k));
            for l in 0..S {
                v.set(l, (-v.get(l)).scaled(above[l]));
            }
            for row in &mut t[k + 1..n] {
                add_scaled::<T, SET, S>(row, row.get(k), &v);
            }
        }
        let scale = roots.map(|d| T::Part::ONE / d.sqrt());
        for i in 0..n {
            for l in 0..S {
                t[i].set(l, t[i].get(l).scaled(scale[l]));
            }
            // SAFETY: the result is n x n.
            unsafe {
                t[i].store(out.add(i * n), n);
                if T::COMPLEX {
                    *out.add(i * n + i) = T::new(roots[i] * scale[i], T::Part::ZERO);
                }
            }
        }
        Ok(())
    }
    // SAFETY: the caller's, and n is at most 32.
    unsafe { with_tile!(a.rows, body::<T, SET>(a, out)) }
}

/// One step of Gauss-Jordan in place, around the pivot in row `k` and lane `p`, whose reciprocal is `r`: the unknown of the
/// lane and the right side of the row change places.
#[inline(always)]
fn sweep<T: Scalar, const SET: u8, const S: usize>(t: &mut [T::Row<S>; S], n: usize, k: usize, p: usize, r: T) {
    let keep = Masks::<T::Part>::all_but::<S>(p);
    let mut v = t[k];
    for l in 0..S {
        let hole = T::new(T::Part::ONE - keep[l], T::Part::ZERO);
        v.set(l, (hole - v.get(l).scaled(keep[l])).times::<SET>(r));
    }
    for row in &mut t[..n] {
        let f = row.get(p);
        for l in 0..S {
            row.set(l, mul_add::<T, SET>(f, v.get(l), row.get(l).scaled(keep[l])));
        }
    }
    // Last, where a branch in the loop would be mispredicted.
    t[k] = v;
}

/// Lanes to multiply by, as windows on constants: a comparison by lane would not become a vector.
struct Masks<T>(T);

impl<T: Real> Masks<T> {
    const HOLE: [T; 64] = {
        let mut lanes = [T::ONE; 64];
        lanes[32] = T::ZERO;
        lanes
    };
    const STEP: [T; 64] = {
        let mut lanes = [T::ZERO; 64];
        let mut l = 33;
        while l < 64 {
            lanes[l] = T::ONE;
            l += 1;
        }
        lanes
    };

    /// 0 in lane `p`, 1 elsewhere.
    #[inline(always)]
    fn all_but<const S: usize>(p: usize) -> [T; S] {
        std::array::from_fn(|l| Self::HOLE[32 - p..][..S][l])
    }

    /// 1 in the lanes above `k`, 0 elsewhere.
    #[inline(always)]
    fn above<const S: usize>(k: usize) -> [T; S] {
        std::array::from_fn(|l| Self::STEP[32 - k..][..S][l])
    }
}

/// All ones in the lanes that may become pivot.
#[inline(always)]
fn open<const S: usize>(n: usize) -> [i64; S] {
    std::array::from_fn(|l| -i64::from(l < n))
}

/// The open lane of largest [`Element::size`], the first of NaN if there is any.
#[inline(always)]
fn pivot<T: Scalar, const SET: u8, const S: usize>(row: &T::Row<S>, open: &[i64; S]) -> usize {
    let sizes = std::array::from_fn(|l| row.get(l).size());
    let p = (31 - (largest::<T::Part, SET, S>(&sizes, open) & 31)) as usize % S;
    if row.get(p) != T::ZERO {
        return p;
    }
    // The keys see no difference between 0 and the least subnormal numbers.
    (0..S).find(|&l| open[l] != 0 && row.get(l) != T::ZERO).unwrap_or(p)
}

/// A pivot of a Hermitian matrix, which is real.
#[inline(always)]
fn positive<T: Scalar>(pivot: T, k: usize) -> Result<T::Part, Failure> {
    let [pivot, _] = pivot.parts();
    if pivot > T::Part::ZERO { Ok(pivot) } else { Err(Failure::NotPositiveDefinite { order: k + 1 }) }
}
