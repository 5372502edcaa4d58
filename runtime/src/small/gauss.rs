//! Elimination: inverses by Gauss-Jordan, LU with partial pivoting, Cholesky.
//!
//! Pivots are searched in a row, which is contiguous, and so columns are exchanged, as LAPACK does when it
//! takes a row-major matrix for its transpose. The exchange is not carried out: a lane that has been
//! pivot is closed, and the result is gathered in the order of the pivots.

use super::mul_add;
use super::tile::{Tile, add_scaled, copy, load, load_lower, over, with_tile};
use crate::blas::{Failure, MatRef, Real};

#[inline(always)]
pub(super) unsafe fn inv<T: Real, const SET: u8>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
    #[inline(always)]
    unsafe fn body<T: Real, const SET: u8, const S: usize>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
        let n = a.rows;
        // SAFETY: n <= S.
        let mut tile: Tile<T, S> = unsafe { load(a) };
        let t = &mut tile.0;
        let mut open = open::<S>(n);
        let mut order = [0; S];
        for k in 0..n {
            let p = pivot(&t[k], &open);
            if t[k][p] == T::ZERO {
                return Err(Failure::Singular { pivot: k + 1 });
            }
            open[p] = 0;
            order[k] = p;
            sweep::<T, SET, S>(t, n, k, p);
        }
        for i in 0..n {
            for j in 0..n {
                // SAFETY: `order` permutes 0..n, and the result is n x n.
                unsafe { *out.add(order[i] * n + j) = t[i][order[j] % S] };
            }
        }
        Ok(())
    }
    // SAFETY: the caller's, and n is at most 32.
    unsafe { with_tile!(a.rows, body::<T, SET>(a, out)) }
}

#[inline(always)]
pub(super) unsafe fn inv_spd<T: Real, const SET: u8>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
    #[inline(always)]
    unsafe fn body<T: Real, const SET: u8, const S: usize>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
        let n = a.rows;
        // SAFETY: n <= S.
        let mut tile: Tile<T, S> = unsafe { load_lower(a) };
        let t = &mut tile.0;
        for k in 0..n {
            positive(t[k][k], k)?;
            sweep::<T, SET, S>(t, n, k, k);
        }
        for i in 0..n {
            for j in 0..=i {
                // SAFETY: i, j < n. Rounding differs between the triangles, so one stands for both.
                unsafe {
                    *out.add(i * n + j) = t[i][j];
                    *out.add(j * n + i) = t[i][j];
                }
            }
        }
        Ok(())
    }
    // SAFETY: the caller's, and n is at most 32.
    unsafe { with_tile!(a.rows, body::<T, SET>(a, out)) }
}

#[inline(always)]
pub(super) unsafe fn lu<T: Real, const SET: u8>(a: MatRef<T>, out: *mut T, pivots: *mut i32) -> Result<(), Failure> {
    #[inline(always)]
    unsafe fn body<T: Real, const SET: u8, const S: usize>(
        a: MatRef<T>,
        out: *mut T,
        pivots: *mut i32,
    ) -> Result<(), Failure> {
        let n = a.rows;
        // SAFETY: n <= S.
        let mut tile: Tile<T, S> = unsafe { load(a) };
        let t = &mut tile.0;
        let mut open = open::<S>(n);
        let mut todo = [T::ONE; S];
        // `order[k]` is the lane of column k, `place` its inverse.
        let mut order: [usize; S] = std::array::from_fn(|l| l);
        let mut place = order;
        for k in 0..n {
            let p = pivot(&t[k], &open);
            let d = t[k][p];
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
            todo[p] = T::ZERO;
            let mut v = over(&t[k], d);
            for l in 0..S {
                v[l] = -v[l] * todo[l];
                t[k][l] = t[k][l] * (T::ONE - todo[l]) - v[l];
            }
            for row in &mut t[k + 1..n] {
                add_scaled::<T, SET, S>(row, row[p], &v);
            }
        }
        for i in 0..n {
            for j in 0..n {
                // SAFETY: i, j < n.
                unsafe { *out.add(i * n + j) = t[i][order[j] % S] };
            }
        }
        Ok(())
    }
    // SAFETY: the caller's, and n is at most 32.
    unsafe { with_tile!(a.rows, body::<T, SET>(a, out, pivots)) }
}

#[inline(always)]
pub(super) unsafe fn cholesky<T: Real, const SET: u8>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
    #[inline(always)]
    unsafe fn body<T: Real, const SET: u8, const S: usize>(a: MatRef<T>, out: *mut T) -> Result<(), Failure> {
        let n = a.rows;
        // SAFETY: n <= S.
        let mut tile: Tile<T, S> = unsafe { load_lower(a) };
        let t = &mut tile.0;
        // L D, column by column; the roots of D wait until the end, off the path from pivot to pivot.
        let mut roots = [T::ONE; S];
        for k in 0..n {
            let d = t[k][k];
            positive(d, k)?;
            roots[k] = d;
            let (mut v, above) = (over(&t[k], d), Masks::<T>::above::<S>(k));
            for l in 0..S {
                v[l] = -v[l] * above[l];
            }
            for row in &mut t[k + 1..n] {
                add_scaled::<T, SET, S>(row, row[k], &v);
            }
        }
        let scale = roots.map(|d| T::ONE / d.sqrt());
        for i in 0..n {
            for l in 0..S {
                t[i][l] *= scale[l];
            }
            // SAFETY: the result is n x n.
            unsafe { copy(t[i].as_ptr(), out.add(i * n), n) };
        }
        Ok(())
    }
    // SAFETY: the caller's, and n is at most 32.
    unsafe { with_tile!(a.rows, body::<T, SET>(a, out)) }
}

/// One step of Gauss-Jordan in place, around the pivot in row `k` and lane `p`: the unknown of the lane
/// and the right side of the row change places.
#[inline(always)]
fn sweep<T: Real, const SET: u8, const S: usize>(t: &mut [[T; S]; S], n: usize, k: usize, p: usize) {
    let r = T::ONE / t[k][p];
    let keep = Masks::<T>::all_but::<S>(p);
    let mut v = t[k];
    for l in 0..S {
        v[l] = ((T::ONE - keep[l]) - v[l] * keep[l]) * r;
    }
    for row in &mut t[..n] {
        let f = row[p];
        for l in 0..S {
            row[l] = mul_add::<T, SET>(f, v[l], row[l] * keep[l]);
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

/// The open lane of largest magnitude, the first of NaN if there is any.
#[inline(always)]
fn pivot<T: Real, const S: usize>(row: &[T; S], open: &[i64; S]) -> usize {
    let mut keys = [0; S];
    for l in 0..S {
        keys[l] = row[l].key(l) & open[l];
    }
    let mut half = S / 2;
    while half > 0 {
        for l in 0..half {
            keys[l] = keys[l].max(keys[l + half]);
        }
        half /= 2;
    }
    let p = (31 - (keys[0] & 31)) as usize % S;
    if row[p] != T::ZERO {
        return p;
    }
    // The keys see no difference between 0 and the least subnormal numbers.
    (0..S).find(|&l| open[l] != 0 && row[l] != T::ZERO).unwrap_or(p)
}

#[inline(always)]
fn positive<T: Real>(pivot: T, k: usize) -> Result<(), Failure> {
    if pivot > T::ZERO { Ok(()) } else { Err(Failure::NotPositiveDefinite { order: k + 1 }) }
}
