//! Elimination in all lanes: the steps of [`crate::small`]'s kernels for one matrix, but that columns are exchanged, by masks,
//! since the lanes' pivots lie in different ones.

use super::lanes::{Failed, Pivots};
use super::numbers::{Numbers, Part, lanes, over, over_real};
use super::tile::{Tile, store, store_line};
use super::vector::Vector;
use super::{Matrices, ORDER, Outcome};
use crate::blas::{Real, Scalar};

#[inline(always)]
pub(super) unsafe fn inv<N: Numbers>(a: &Matrices<N::E>, out: &Matrices<N::E>) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<N>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    let mut pivots = Pivots::<N::V>::new();
    for k in 0..n {
        let row = &mut t[k * n..][..n];
        let d = pivots.find(row, k);
        exchange(row, k, &pivots.masks);
        row[k] = d;
        sweep(t, n, k, d.inverse(), Some(&pivots.masks));
    }
    pivots.failed.outcome()?;
    for i in 0..n {
        let mut rows = out.ptr;
        for lane in 0..lanes::<N>() {
            rows[lane] = rows[lane].wrapping_add(pivots.column(i, lane) * n);
        }
        // SAFETY: rows of the results, which are n x n.
        unsafe { store_line(&t[i * n..][..n], &rows) };
    }
    Ok(())
}

#[inline(always)]
pub(super) unsafe fn inv_spd<N: Numbers>(a: &Matrices<N::E>, out: &Matrices<N::E>) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<N>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    mirror(t, n);
    let mut failed = Failed::new();
    for k in 0..n {
        let d = t[k * n + k].real();
        failed.note(d.not_positive(), k);
        sweep(t, n, k, N::from_real(d.inverse()), None);
    }
    failed.outcome()?;
    mirror(t, n);
    // SAFETY: the results are n x n.
    unsafe { store(t, out) };
    Ok(())
}

#[inline(always)]
pub(super) unsafe fn cholesky<N: Numbers>(a: &Matrices<N::E>, out: &Matrices<N::E>) -> Outcome {
    let n = a.rows;
    let mut tile = Tile::<N>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    llt(t, n)?;
    for i in 0..n {
        t[i * n + i + 1..(i + 1) * n].fill(N::all(N::E::ZERO));
    }
    // SAFETY: the results are n x n.
    unsafe { store(t, out) };
    Ok(())
}

#[inline(always)]
pub(super) unsafe fn det<N: Numbers>(a: &Matrices<N::E>, out: &Matrices<N::E>) {
    let mut diagonal = [N::all(N::E::ONE); ORDER];
    // SAFETY: the caller's matrices.
    let failed = unsafe { diagonals(a, &mut diagonal) };
    let mut det = N::all(N::E::ONE);
    for d in &diagonal[..a.rows] {
        det = det.product(*d);
    }
    for lane in 0..lanes::<N>() {
        let x = if failed.lane(lane) { N::E::ZERO } else { det.get(lane) };
        // SAFETY: one element of each.
        unsafe { out.ptr[lane].write(x) };
    }
}

#[inline(always)]
pub(super) unsafe fn slogdet<N: Numbers>(a: &Matrices<N::E>, sign: &Matrices<N::E>, logarithm: &Matrices<Part<N>>) {
    let mut diagonal = [N::all(N::E::ONE); ORDER];
    // SAFETY: the caller's matrices.
    let failed = unsafe { diagonals(a, &mut diagonal) };
    for lane in 0..lanes::<N>() {
        let zero = Part::<N>::ZERO;
        let (mut s, mut sum) = (N::E::ONE, zero);
        for d in diagonal[..a.rows].iter().map(|d| d.get(lane)) {
            let (size, [re, im]) = (d.abs(), d.parts());
            // As of one matrix.
            s *= match N::E::COMPLEX {
                true => N::E::new(re / size, im / size),
                false if re < zero => -N::E::ONE,
                false => N::E::ONE,
            };
            sum += size.ln();
        }
        if failed.lane(lane) {
            (s, sum) = (N::E::ZERO, zero.ln());
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
unsafe fn diagonals<N: Numbers>(a: &Matrices<N::E>, diagonal: &mut [N; ORDER]) -> Failed {
    let n = a.rows;
    let mut tile = Tile::<N>::new();
    // SAFETY: the caller's matrices.
    let t = unsafe { tile.load(a) };
    let mut pivots = Pivots::<N::V>::new();
    let minus = N::V::splat(-Part::<N>::ONE);
    for k in 0..n {
        // What is above is not looked at any more.
        let d = step(&mut t[k * n..], n, k, &mut pivots);
        diagonal[k] = N::select(pivots.masks[k], d, d.scaled(minus));
    }
    pivots.failed
}

/// A = L U P, U with a unit diagonal, in place.
#[inline(always)]
pub(super) fn lu<N: Numbers>(t: &mut [N], n: usize) -> Pivots<N::V> {
    let mut pivots = Pivots::<N::V>::new();
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
fn step<N: Numbers>(rows: &mut [N], n: usize, k: usize, pivots: &mut Pivots<N::V>) -> N {
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
            f = N::select(pivots.masks[j], row[j], f);
        }
        row[k] = f;
        for j in k + 1..n {
            row[j] = f.neg_mul_add(v[j], N::select(pivots.masks[j], old, row[j]));
        }
    }
    d
}

/// A = L L' in the lower triangle, which alone is read; what is above is anything.
#[inline(always)]
pub(super) fn llt<N: Numbers>(t: &mut [N], n: usize) -> Outcome {
    mirror(t, n);
    let mut failed = Failed::new();
    let one = N::V::splat(Part::<N>::ONE);
    let mut scale = [one; ORDER];
    for k in 0..n {
        let (first, rest) = t[k * n..].split_at_mut(n);
        let d = first[k].real();
        failed.note(d.not_positive(), k);
        scale[k] = one.div(d.sqrt());
        over_real(&mut first[k + 1..], d);
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
        for j in 0..i {
            row[j] = row[j].scaled(scale[j]);
        }
        row[i] = N::from_real(row[i].real().mul(scale[i]));
    }
    Ok(())
}

/// The columns k and the pivots', by masks.
#[inline(always)]
fn exchange<N: Numbers>(row: &mut [N], k: usize, masks: &[N::V; ORDER]) {
    let old = row[k];
    let mut new = old;
    for j in k + 1..row.len() {
        new = N::select(masks[j], row[j], new);
        row[j] = N::select(masks[j], old, row[j]);
    }
    row[k] = new;
}

/// One step of Gauss-Jordan around the pivots, which are in row k and column k and have the reciprocals `r`; the other rows'
/// columns are still to be exchanged where there are masks.
#[inline(always)]
fn sweep<N: Numbers>(t: &mut [N], n: usize, k: usize, r: N, masks: Option<&[N::V; ORDER]>) {
    let (zero, none) = (N::all(N::E::ZERO), N::V::splat(Part::<N>::ZERO));
    let d = t[k * n + k];
    let mut v = [zero; ORDER];
    for j in 0..n {
        v[j] = zero.sub(t[k * n + j]).times(r);
    }
    v[k] = N::all(N::E::ONE).sub(d.scaled(none)).times(r);
    for (i, row) in t.chunks_exact_mut(n).enumerate() {
        if i == k {
            row.copy_from_slice(&v[..n]);
            continue;
        }
        let old = row[k];
        let mut f = old;
        if let Some(masks) = masks {
            for j in k + 1..n {
                f = N::select(masks[j], row[j], f);
            }
        }
        for j in 0..k {
            row[j] = f.mul_add(v[j], row[j]);
        }
        row[k] = f.mul_add(v[k], f.scaled(none));
        for j in k + 1..n {
            let x = if let Some(masks) = masks { N::select(masks[j], old, row[j]) } else { row[j] };
            row[j] = f.mul_add(v[j], x);
        }
    }
}

/// The conjugate of the lower triangle above the diagonal, whose imaginary parts are 0.
#[inline(always)]
fn mirror<N: Numbers>(t: &mut [N], n: usize) {
    for i in 0..n {
        for j in 0..i {
            t[j * n + i] = t[i * n + j].conj();
        }
        t[i * n + i] = N::from_real(t[i * n + i].real());
    }
}
