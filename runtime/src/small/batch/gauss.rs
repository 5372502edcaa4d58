//! Elimination in all lanes: the steps of [`crate::small`]'s kernels for one matrix, but that columns are exchanged, by masks,
//! since the lanes' pivots lie in different ones.

use super::lanes::{Failed, Pivots, get, set};
use super::tile::{Tile, store, store_line};
use super::vector::{Lane, Vector};
use super::{Matrices, ORDER, Outcome, lanes};
use crate::blas::{Real, Scalar};

#[inline(always)]
pub(super) unsafe fn inv<V: Vector<E: Real>>(a: &Matrices<V::E>, out: &Matrices<V::E>) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<V>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    let mut pivots = Pivots::<V>::new();
    for k in 0..n {
        let row = &mut t[k * n..][..n];
        let d = pivots.find(row, k);
        exchange(row, k, &pivots.masks);
        row[k] = d;
        sweep(t, n, k, Some(&pivots.masks));
    }
    pivots.failed.outcome()?;
    for i in 0..n {
        let mut rows = out.ptr;
        for lane in 0..lanes::<V::E>() {
            rows[lane] = rows[lane].wrapping_add(pivots.column(i, lane) * n);
        }
        // SAFETY: rows of the results, which are n x n.
        unsafe { store_line(&t[i * n..][..n], &rows) };
    }
    Ok(())
}

#[inline(always)]
pub(super) unsafe fn inv_spd<V: Vector<E: Real>>(a: &Matrices<V::E>, out: &Matrices<V::E>) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<V>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    mirror(t, n);
    let mut failed = Failed::new();
    for k in 0..n {
        failed.note(t[k * n + k].not_positive(), k);
        sweep(t, n, k, None);
    }
    failed.outcome()?;
    mirror(t, n);
    // SAFETY: the results are n x n.
    unsafe { store(t, out) };
    Ok(())
}

#[inline(always)]
pub(super) unsafe fn cholesky<V: Vector<E: Real>>(a: &Matrices<V::E>, out: &Matrices<V::E>) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<V>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    llt(t, n)?;
    for i in 0..n {
        t[i * n + i + 1..(i + 1) * n].fill(V::splat(V::E::ZERO));
    }
    // SAFETY: the results are n x n.
    unsafe { store(t, out) };
    Ok(())
}

#[inline(always)]
pub(super) unsafe fn det<V: Vector<E: Real>>(a: &Matrices<V::E>, out: &Matrices<V::E>) {
    let mut diagonal = [V::splat(V::E::ONE); ORDER];
    // SAFETY: the caller's matrices.
    let failed = unsafe { diagonals(a, &mut diagonal) };
    let mut det = V::splat(V::E::ONE);
    for d in &diagonal[..a.rows] {
        det = det.mul(*d);
    }
    for lane in 0..lanes::<V::E>() {
        let x = if failed.lane(lane) { V::E::ZERO } else { get(&det, lane) };
        // SAFETY: one element of each.
        unsafe { out.ptr[lane].write(x) };
    }
}

#[inline(always)]
pub(super) unsafe fn slogdet<V: Vector<E: Real>>(
    a: &Matrices<V::E>,
    sign: &Matrices<V::E>,
    logarithm: &Matrices<V::E>,
) {
    let mut diagonal = [V::splat(V::E::ONE); ORDER];
    // SAFETY: the caller's matrices.
    let failed = unsafe { diagonals(a, &mut diagonal) };
    for lane in 0..lanes::<V::E>() {
        let (mut s, mut sum) = (V::E::ONE, V::E::ZERO);
        for d in diagonal[..a.rows].iter().map(|d| get(d, lane)) {
            s = if d < V::E::ZERO { -s } else { s };
            sum += d.abs().ln();
        }
        if failed.lane(lane) {
            (s, sum) = (V::E::ZERO, V::E::ZERO.ln());
        }
        // SAFETY: one element of each.
        unsafe {
            sign.ptr[lane].write(s);
            logarithm.ptr[lane].write(sum);
        }
    }
}

/// The pivots, negative ones of those for which columns were exchanged; where there is none.
#[inline(always)]
unsafe fn diagonals<V: Vector<E: Real>>(a: &Matrices<V::E>, diagonal: &mut [V; ORDER]) -> Failed {
    let n = a.rows;
    let mut tile = Tile::<V>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    let mut pivots = Pivots::<V>::new();
    let minus = V::splat(-V::E::ONE);
    for k in 0..n {
        // What is above is not looked at any more.
        let d = step(&mut t[k * n..], n, k, &mut pivots);
        diagonal[k] = V::select(pivots.masks[k], d, d.mul(minus));
    }
    pivots.failed
}

/// A = L U P, U with a unit diagonal, in place.
#[inline(always)]
pub(super) fn lu<V: Vector<E: Real>>(t: &mut [V], n: usize) -> Pivots<V> {
    let mut pivots = Pivots::<V>::new();
    for k in 0..n {
        let (above, rest) = t.split_at_mut(k * n);
        step(rest, n, k, &mut pivots);
        for row in above.chunks_exact_mut(n) {
            exchange(row, k, &pivots.masks);
        }
    }
    pivots
}

/// A step of LU in rows k and below; the pivots.
#[inline(always)]
fn step<V: Vector<E: Real>>(rows: &mut [V], n: usize, k: usize, pivots: &mut Pivots<V>) -> V {
    let (first, rest) = rows.split_at_mut(n);
    let d = pivots.find(first, k);
    exchange(first, k, &pivots.masks);
    first[k] = d;
    over(&mut first[k + 1..], d);
    let v = &*first;
    for row in rest.chunks_exact_mut(n) {
        let old = row[k];
        let mut f = old;
        for j in k + 1..n {
            f = V::select(pivots.masks[j], row[j], f);
        }
        row[k] = f;
        for j in k + 1..n {
            row[j] = f.neg_mul_add(v[j], V::select(pivots.masks[j], old, row[j]));
        }
    }
    d
}

/// A = L L' in the lower triangle, which alone is read; what is above is anything.
#[inline(always)]
pub(super) fn llt<V: Vector<E: Real>>(t: &mut [V], n: usize) -> Outcome {
    mirror(t, n);
    let mut failed = Failed::new();
    let one = V::splat(V::E::ONE);
    let mut scale = [one; ORDER];
    for k in 0..n {
        let (first, rest) = t[k * n..].split_at_mut(n);
        let d = first[k];
        failed.note(d.not_positive(), k);
        scale[k] = one.div(d.sqrt());
        over(&mut first[k + 1..], d);
        let v = &*first;
        for row in rest.chunks_exact_mut(n) {
            let f = row[k];
            for j in k + 1..n {
                row[j] = f.neg_mul_add(v[j], row[j]);
            }
        }
    }
    failed.outcome()?;
    for (i, row) in t.chunks_exact_mut(n).enumerate() {
        for j in 0..=i {
            row[j] = row[j].mul(scale[j]);
        }
    }
    Ok(())
}

/// The columns k and the pivots', by masks.
#[inline(always)]
fn exchange<V: Vector>(row: &mut [V], k: usize, masks: &[V; ORDER]) {
    let old = row[k];
    let mut new = old;
    for j in k + 1..row.len() {
        new = V::select(masks[j], row[j], new);
        row[j] = V::select(masks[j], old, row[j]);
    }
    row[k] = new;
}

/// One step of Gauss-Jordan around the pivots, which are in row k and column k; the other rows' columns are still to be
/// exchanged where there are masks.
#[inline(always)]
fn sweep<V: Vector<E: Real>>(t: &mut [V], n: usize, k: usize, masks: Option<&[V; ORDER]>) {
    let (zero, one) = (V::splat(V::E::ZERO), V::splat(V::E::ONE));
    let d = t[k * n + k];
    let r = one.div(d);
    let mut v = [zero; ORDER];
    for j in 0..n {
        v[j] = zero.sub(t[k * n + j]).mul(r);
    }
    v[k] = one.sub(d.mul(zero)).mul(r);
    for (i, row) in t.chunks_exact_mut(n).enumerate() {
        if i == k {
            row.copy_from_slice(&v[..n]);
            continue;
        }
        let old = row[k];
        let mut f = old;
        if let Some(masks) = masks {
            for j in k + 1..n {
                f = V::select(masks[j], row[j], f);
            }
        }
        for j in 0..k {
            row[j] = f.mul_add(v[j], row[j]);
        }
        row[k] = f.mul_add(v[k], f.mul(zero));
        for j in k + 1..n {
            let x = if let Some(masks) = masks { V::select(masks[j], old, row[j]) } else { row[j] };
            row[j] = f.mul_add(v[j], x);
        }
    }
}

/// `row / d`: by the reciprocal, unless that could overflow.
#[inline(always)]
fn over<V: Vector<E: Real>>(row: &mut [V], d: V) {
    let r = V::splat(V::E::ONE).div(d);
    let below = d.below(V::E::MIN_POSITIVE);
    if below == 0 {
        for x in row {
            *x = x.mul(r);
        }
    } else {
        let mut mask = d;
        for lane in 0..lanes::<V::E>() {
            set(&mut mask, lane, V::E::mask(below >> lane & 1 == 1));
        }
        for x in row {
            *x = V::select(mask, x.div(d), x.mul(r));
        }
    }
}

/// The lower triangle above the diagonal too.
#[inline(always)]
fn mirror<V: Copy>(t: &mut [V], n: usize) {
    for i in 0..n {
        for j in 0..i {
            t[j * n + i] = t[i * n + j];
        }
    }
}
