//! The product of small matrices on AVX-512: rows of C in masked vectors, nothing packed but a B whose rows are not contiguous.
//!
//! A row of C is at most two vectors. Each element is a sum of fused products in the order of the inner dimension, as in the
//! other kernels.

use crate::blas::{MatMut, MatRef};
use std::arch::x86_64::*;
use std::mem::MaybeUninit;

/// Rows of the largest B that is packed.
const DEPTH: usize = 32;

/// An element type with vectors of 512 bits.
pub(crate) trait Wide: Copy {
    /// C = A B where this machine and these sizes and strides allow it; whether they did.
    ///
    /// # Safety
    /// The rules of [`crate::blas`]; C has contiguous rows and is disjoint from A and B.
    unsafe fn product(a: MatRef<Self>, b: MatRef<Self>, c: MatMut<Self>) -> bool;
}

macro_rules! wide {
    ($t:ident, $lanes:literal, $mask:ident, $product:ident $rows:ident, $zero:ident $set:ident $load:ident $fma:ident $store:ident) => {
        impl Wide for $t {
            #[inline]
            unsafe fn product(a: MatRef<$t>, b: MatRef<$t>, c: MatMut<$t>) -> bool {
                let fits = c.cols <= 2 * $lanes && (b.cs == 1 || b.rows <= DEPTH);
                if !fits || !is_x86_feature_detected!("avx512f") {
                    return false;
                }
                // SAFETY: the machine has the feature; the views are the caller's.
                unsafe { $product(a, b, c) };
                true
            }
        }

        #[target_feature(enable = "avx512f")]
        unsafe fn $product(a: MatRef<$t>, b: MatRef<$t>, c: MatMut<$t>) {
            let mut packed = [const { MaybeUninit::<[$t; 2 * $lanes]>::uninit() }; DEPTH];
            let (b, step) = if b.cs == 1 {
                (b.ptr, b.rs)
            } else {
                // Rows in the order in which they lie in memory.
                for j in 0..b.cols {
                    for (l, row) in packed.iter_mut().enumerate().take(b.rows) {
                        // SAFETY: an element of B; a row of the buffer has room for the columns.
                        unsafe { row.as_mut_ptr().cast::<$t>().add(j).write(*b.at(l, j)) };
                    }
                }
                (packed.as_ptr().cast::<$t>(), 2 * $lanes)
            };
            // SAFETY: masks leave out what is not B's or C's.
            unsafe {
                if c.cols <= $lanes {
                    let masks = [(((1u32 << c.cols) - 1) as $mask)];
                    super::tile::pieces!(c.rows, [8, 4, 2, 1], |i, R| {
                        $rows::<R, 1>(a, i, (b, step), c, masks);
                    });
                } else {
                    let masks = [$mask::MAX, (((1u32 << (c.cols - $lanes)) - 1) as $mask)];
                    super::tile::pieces!(c.rows, [4, 2, 1], |i, R| {
                        $rows::<R, 2>(a, i, (b, step), c, masks);
                    });
                }
            }
        }

        /// `R` rows of C, each `V` vectors.
        #[inline]
        #[target_feature(enable = "avx512f")]
        unsafe fn $rows<const R: usize, const V: usize>(
            a: MatRef<$t>,
            i: usize,
            (b, step): (*const $t, isize),
            c: MatMut<$t>,
            masks: [$mask; V],
        ) {
            let mut sums = [[$zero(); V]; R];
            for l in 0..a.cols {
                // SAFETY: row l of B under the masks, element (i + r, l) of A.
                unsafe {
                    let row = b.offset(l as isize * step);
                    let mut columns = [$zero(); V];
                    for v in 0..V {
                        columns[v] = $load(masks[v], row.add(v * $lanes));
                    }
                    for r in 0..R {
                        let factor = $set(*a.at(i + r, l));
                        for v in 0..V {
                            sums[r][v] = $fma(factor, columns[v], sums[r][v]);
                        }
                    }
                }
            }
            for r in 0..R {
                for v in 0..V {
                    // SAFETY: row i + r of C under the masks.
                    unsafe { $store(c.row(i + r).add(v * $lanes), masks[v], sums[r][v]) };
                }
            }
        }
    };
}

wide!(f64, 8, __mmask8, product_f64 rows_f64, _mm512_setzero_pd _mm512_set1_pd _mm512_maskz_loadu_pd _mm512_fmadd_pd _mm512_mask_storeu_pd);
wide!(f32, 16, __mmask16, product_f32 rows_f32, _mm512_setzero_ps _mm512_set1_ps _mm512_maskz_loadu_ps _mm512_fmadd_ps _mm512_mask_storeu_ps);
