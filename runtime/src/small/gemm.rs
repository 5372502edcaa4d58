//! The product of any sizes and strides: B in packed panels of columns, C in blocks of registers.

use super::tile::{copy, pieces};
use super::{AVX512, mul_add};
use crate::blas::{MatMut, MatRef, Real};
use std::mem::MaybeUninit;

/// The rows of a packed panel.
const DEPTH: usize = 64;

#[inline(always)]
pub(super) unsafe fn gemm<T: Real, const SET: u8>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>) {
    // SAFETY: the caller's.
    unsafe {
        if SET == AVX512 && c.cols > 1 && T::wide_product(a, b, c) {
            return;
        }
        match c.cols {
            1 => panels::<T, SET, 1>(a, b, c),
            2..=4 => panels::<T, SET, 4>(a, b, c),
            9.. if SET == AVX512 => panels::<T, SET, 16>(a, b, c),
            _ => panels::<T, SET, 8>(a, b, c),
        }
    }
}

/// W columns of C at a time, DEPTH of the inner dimension at a time.
#[inline(always)]
unsafe fn panels<T: Real, const SET: u8, const W: usize>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>) {
    let mut packed = [[MaybeUninit::<T>::uninit(); W]; DEPTH];
    for left in (0..c.cols).step_by(W) {
        let width = W.min(c.cols - left);
        // Once at least, so that an empty sum is written.
        for top in (0..a.cols.max(1)).step_by(DEPTH) {
            let depth = DEPTH.min(a.cols - top);
            // SAFETY: rows `top..` and columns `left..` of B, and the padding.
            let panel = unsafe {
                for (l, row) in packed.iter_mut().enumerate().take(depth) {
                    let row = row.as_mut_ptr().cast::<T>();
                    if b.cs == 1 && width == W {
                        row.cast::<[T; W]>().write(b.at(top + l, left).cast::<[T; W]>().read_unaligned());
                        continue;
                    }
                    row.cast::<[T; W]>().write([T::ZERO; W]);
                    if b.cs == 1 {
                        copy(b.at(top + l, left), row, width);
                        continue;
                    }
                    for j in 0..width {
                        *row.add(j) = *b.at(top + l, left + j);
                    }
                }
                std::slice::from_raw_parts(packed.as_ptr().cast::<[T; W]>(), depth)
            };
            pieces!(c.rows, [4, 2, 1], |i, R| {
                // SAFETY: rows i to i + R of A and C.
                unsafe { rows::<T, SET, W, R>(a, top, panel, c.row(i).add(left), c.rs, i, width) };
            });
        }
    }
}

/// R rows of C in W columns, of which `width` are real.
#[inline(always)]
unsafe fn rows<T: Real, const SET: u8, const W: usize, const R: usize>(
    a: MatRef<T>,
    top: usize,
    panel: &[[T; W]],
    c: *mut T,
    rs: isize,
    i: usize,
    width: usize,
) {
    // SAFETY: rows `i..` and columns `top..` of A.
    let sums = unsafe { sums::<T, SET, W, R>(MatRef { ptr: a.at(i, top), ..a }, panel) };
    for (r, mut sum) in sums.into_iter().enumerate() {
        // SAFETY: `width` columns of row i + r of C, written before where this is not the first panel.
        unsafe {
            let c = c.offset(r as isize * rs);
            if top > 0 {
                for (j, s) in sum.iter_mut().enumerate().take(width) {
                    *s += *c.add(j);
                }
            }
            if width == W {
                c.cast::<[T; W]>().write_unaligned(sum);
            } else {
                copy(sum.as_ptr(), c, width);
            }
        }
    }
}

/// By value, so that the sums stay in registers.
#[inline(always)]
unsafe fn sums<T: Real, const SET: u8, const W: usize, const R: usize>(a: MatRef<T>, panel: &[[T; W]]) -> [[T; W]; R] {
    let mut sums = [[T::ZERO; W]; R];
    for (l, b) in panel.iter().enumerate() {
        for (r, sum) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's.
            let f = unsafe { *a.at(r, l) };
            for j in 0..W {
                sum[j] = mul_add::<T, SET>(f, b[j], sum[j]);
            }
        }
    }
    sums
}
