//! The product of any sizes and strides: B in packed panels of columns, C in blocks of registers.

use super::AVX512;
use super::element::{Element, Row};
use super::tile::pieces;
use crate::blas::{MatMut, MatRef, Scalar};
use std::mem::MaybeUninit;

/// The rows of a packed panel.
const DEPTH: usize = 64;

#[inline(always)]
pub(super) unsafe fn gemm<T: Scalar, const SET: u8>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>) {
    // SAFETY: the caller's.
    unsafe { gemm_conj::<T, SET>(a, b, c, [false; 2]) }
}

#[inline(always)]
pub(super) unsafe fn gemm_conj<T: Scalar, const SET: u8>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>, conj: [bool; 2]) {
    // SAFETY: the caller's.
    unsafe {
        if SET == AVX512 && c.cols > 1 && T::wide(a, b, c, conj) {
            return;
        }
        // Sums of complex products take four times the registers, of which other sets have half as many.
        let narrow = T::COMPLEX && SET != AVX512 && size_of::<T::Part>() == 8;
        match c.cols {
            1 => panels::<T, SET, 1>(a, b, c, conj),
            2..=4 => panels::<T, SET, 4>(a, b, c, conj),
            _ if narrow => panels::<T, SET, 4>(a, b, c, conj),
            9.. if SET == AVX512 && !T::COMPLEX => panels::<T, SET, 16>(a, b, c, conj),
            _ => panels::<T, SET, 8>(a, b, c, conj),
        }
    }
}

/// W columns of C at a time, DEPTH of the inner dimension at a time.
#[inline(always)]
unsafe fn panels<T: Scalar, const SET: u8, const W: usize>(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>, conj: [bool; 2]) {
    let mut packed = [const { MaybeUninit::<T::Row<W>>::uninit() }; DEPTH];
    for left in (0..c.cols).step_by(W) {
        let width = W.min(c.cols - left);
        // Once at least, so that an empty sum is written.
        for top in (0..a.cols.max(1)).step_by(DEPTH) {
            let depth = DEPTH.min(a.cols - top);
            // SAFETY: rows `top..` and columns `left..` of B, and the padding.
            let panel = unsafe {
                for (l, row) in packed.iter_mut().enumerate().take(depth) {
                    if b.cs == 1 && width == W {
                        row.write(T::Row::<W>::read(b.at(top + l, left)));
                        continue;
                    }
                    let row = row.write(T::Row::<W>::splat(T::ZERO));
                    if b.cs == 1 {
                        row.load(b.at(top + l, left), width);
                        continue;
                    }
                    for j in 0..width {
                        row.set(j, *b.at(top + l, left + j));
                    }
                }
                std::slice::from_raw_parts(packed.as_ptr().cast::<T::Row<W>>(), depth)
            };
            let block = Block { top, left, width, conj };
            if T::COMPLEX && SET != AVX512 {
                pieces!(c.rows, [2, 1], |i, R| {
                    // SAFETY: rows i to i + R of A and C.
                    unsafe { rows::<T, SET, W, R>(a, panel, c, i, block) };
                });
            } else {
                pieces!(c.rows, [4, 2, 1], |i, R| {
                    // SAFETY: rows i to i + R of A and C.
                    unsafe { rows::<T, SET, W, R>(a, panel, c, i, block) };
                });
            }
        }
    }
}

/// Where a panel lies, and which operands are conjugated.
#[derive(Clone, Copy)]
struct Block {
    top: usize,
    left: usize,
    /// How many columns are real.
    width: usize,
    conj: [bool; 2],
}

/// R rows of C in W columns.
#[inline(always)]
unsafe fn rows<T: Scalar, const SET: u8, const W: usize, const R: usize>(
    a: MatRef<T>,
    panel: &[T::Row<W>],
    c: MatMut<T>,
    i: usize,
    Block { top, left, width, conj }: Block,
) {
    // SAFETY: rows `i..` and columns `top..` of A.
    let sums = unsafe { sums::<T, SET, W, R>(MatRef { ptr: a.at(i, top), ..a }, panel) };
    for (r, sums) in sums.into_iter().enumerate() {
        let mut sum = T::Row::<W>::total(sums, conj);
        // SAFETY: `width` columns of row i + r of C, written before where this is not the first panel.
        unsafe {
            let c = c.row(i + r).add(left);
            if top > 0 {
                for j in 0..width {
                    sum.set(j, sum.get(j) + *c.add(j));
                }
            }
            sum.store(c, width);
        }
    }
}

/// The sums of a row of C.
type Sums<T, const W: usize> = <<T as Element>::Row<W> as Row<T, W>>::Sums;

/// By value, so that the sums stay in registers.
#[inline(always)]
unsafe fn sums<T: Scalar, const SET: u8, const W: usize, const R: usize>(
    a: MatRef<T>,
    panel: &[T::Row<W>],
) -> [Sums<T, W>; R] {
    let mut sums = [T::Row::<W>::no_sums(); R];
    for (l, b) in panel.iter().enumerate() {
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's.
            b.add_to::<SET>(unsafe { *a.at(r, l) }, sums);
        }
    }
    sums
}
