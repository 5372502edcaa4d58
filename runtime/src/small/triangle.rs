//! Substitution with a triangular matrix, in columns of X as wide as a vector.

use super::element::Row;
use super::mul_add;
use super::tile::pieces;
use crate::blas::{MatMut, MatRef, Scalar};

#[inline(always)]
pub(super) unsafe fn solve<T: Scalar, const SET: u8>(a: MatRef<T>, conj: bool, x: MatMut<T>, lower: bool, unit: bool) {
    // An upper triangle is a lower one from the other end.
    let (a, x) =
        if lower || x.rows == 0 { (a, x) } else { (a.reversed(), MatMut { ptr: x.row(x.rows - 1), rs: -x.rs, ..x }) };
    pieces!(x.cols, [16, 8, 4, 2, 1], |j, W| {
        // SAFETY: columns j to j + W of X.
        unsafe { columns::<T, SET, W>(a, conj, MatMut { ptr: x.ptr.add(j), ..x }, unit) };
    });
}

#[inline(always)]
unsafe fn columns<T: Scalar, const SET: u8, const W: usize>(a: MatRef<T>, conj: bool, x: MatMut<T>, unit: bool) {
    let op = |x: T| if T::COMPLEX && conj { x.conj() } else { x };
    for i in 0..x.rows {
        let xi = x.row(i);
        // SAFETY: W columns of rows 0 to i of X, and the lower triangle of A.
        unsafe {
            let mut sum = T::Row::<W>::read(xi);
            for j in 0..i {
                let f = -op(*a.at(i, j));
                let xj = T::Row::<W>::read(x.row(j));
                for l in 0..W {
                    sum.set(l, mul_add::<T, SET>(f, xj.get(l), sum.get(l)));
                }
            }
            if !unit {
                let d = op(*a.at(i, i));
                let r = if T::COMPLEX { d.reciprocal::<SET>() } else { None };
                for l in 0..W {
                    let x = sum.get(l);
                    sum.set(l, if let Some(r) = r { x.times::<SET>(r) } else { x.over::<SET>(d) });
                }
            }
            sum.store(xi, W);
        }
    }
}
