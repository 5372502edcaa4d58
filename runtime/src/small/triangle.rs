//! Substitution with a triangular matrix, in columns of X as wide as a vector.

use super::mul_add;
use super::tile::pieces;
use crate::blas::{MatMut, MatRef, Real};

#[inline(always)]
pub(super) unsafe fn solve<T: Real, const SET: u8>(a: MatRef<T>, x: MatMut<T>, lower: bool, unit: bool) {
    // An upper triangle is a lower one from the other end.
    let (a, x) =
        if lower || x.rows == 0 { (a, x) } else { (a.reversed(), MatMut { ptr: x.row(x.rows - 1), rs: -x.rs, ..x }) };
    pieces!(x.cols, [16, 8, 4, 2, 1], |j, W| {
        // SAFETY: columns j to j + W of X.
        unsafe { columns::<T, SET, W>(a, MatMut { ptr: x.ptr.add(j), ..x }, unit) };
    });
}

#[inline(always)]
unsafe fn columns<T: Real, const SET: u8, const W: usize>(a: MatRef<T>, x: MatMut<T>, unit: bool) {
    for i in 0..x.rows {
        let xi = x.row(i).cast::<[T; W]>();
        // SAFETY: W columns of rows 0 to i of X, and the lower triangle of A.
        unsafe {
            let mut sum = xi.read_unaligned();
            for j in 0..i {
                let f = -*a.at(i, j);
                let xj = x.row(j).cast::<[T; W]>().read_unaligned();
                for l in 0..W {
                    sum[l] = mul_add::<T, SET>(f, xj[l], sum[l]);
                }
            }
            if !unit {
                let d = *a.at(i, i);
                sum = sum.map(|s| s / d);
            }
            xi.write_unaligned(sum);
        }
    }
}
