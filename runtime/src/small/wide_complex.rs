//! As [`super::wide`] for complex numbers.
//!
//! A row of B is one of real numbers. Products with the real parts of A's elements are summed apart from those with the
//! imaginary ones, which are parts of the other kind: they change places at the end, where conjugates are signs.

use crate::blas::{MatMut, MatRef};
use num_complex::Complex;
use std::arch::x86_64::*;
use std::mem::MaybeUninit;

/// Rows of the largest B that is packed.
const DEPTH: usize = 32;

/// A complex element type with vectors of 512 bits.
pub(super) trait Wide: Copy {
    /// C = op(A) op(B) where this machine and these sizes and strides allow it; whether they did.
    ///
    /// # Safety
    /// The rules of [`crate::blas`]; C has contiguous rows and is disjoint from A and B.
    unsafe fn product(a: MatRef<Self>, b: MatRef<Self>, c: MatMut<Self>, conj: [bool; 2]) -> bool;
}

macro_rules! wide {
    ($t:ident, $lanes:literal, $mask:ident, $product:ident $rows:ident,
     $zero:ident $set:ident $load:ident $fma:ident $store:ident, $swap:expr, $add:expr, $signs:expr) => {
        impl Wide for Complex<$t> {
            #[inline]
            unsafe fn product(a: MatRef<Self>, b: MatRef<Self>, c: MatMut<Self>, conj: [bool; 2]) -> bool {
                let fits = c.cols <= 4 * $lanes && (b.cs == 1 || b.rows <= DEPTH);
                if !fits || !is_x86_feature_detected!("avx512f") {
                    return false;
                }
                // SAFETY: the machine has the feature; the views are the caller's.
                unsafe { $product(a, b, c, conj) };
                true
            }
        }

        #[target_feature(enable = "avx512f")]
        unsafe fn $product(a: MatRef<Complex<$t>>, b: MatRef<Complex<$t>>, c: MatMut<Complex<$t>>, conj: [bool; 2]) {
            let mut packed = [const { MaybeUninit::<[Complex<$t>; 4 * $lanes]>::uninit() }; DEPTH];
            let (b, step) = if b.cs == 1 {
                (b.ptr, b.rs)
            } else {
                // Rows in the order in which they lie in memory.
                for j in 0..b.cols {
                    for (l, row) in packed.iter_mut().enumerate().take(b.rows) {
                        // SAFETY: an element of B; a row of the buffer has room for the columns.
                        unsafe { row.as_mut_ptr().cast::<Complex<$t>>().add(j).write(*b.at(l, j)) };
                    }
                }
                (packed.as_ptr().cast::<Complex<$t>>(), 4 * $lanes)
            };
            // SAFETY: masks leave out what is not B's or C's.
            unsafe {
                match c.cols.div_ceil($lanes) {
                    1 => super::tile::pieces!(c.rows, [8, 4, 2, 1], |i, R| {
                        $rows::<R, 1>(a, i, (b, step), c, conj);
                    }),
                    2 => super::tile::pieces!(c.rows, [4, 2, 1], |i, R| {
                        $rows::<R, 2>(a, i, (b, step), c, conj);
                    }),
                    3 => super::tile::pieces!(c.rows, [3, 2, 1], |i, R| {
                        $rows::<R, 3>(a, i, (b, step), c, conj);
                    }),
                    _ => super::tile::pieces!(c.rows, [2, 1], |i, R| {
                        $rows::<R, 4>(a, i, (b, step), c, conj);
                    }),
                }
            }
        }

        /// `R` rows of C, each `V` vectors.
        #[inline]
        #[target_feature(enable = "avx512f")]
        unsafe fn $rows<const R: usize, const V: usize>(
            a: MatRef<Complex<$t>>,
            i: usize,
            (b, step): (*const Complex<$t>, isize),
            c: MatMut<Complex<$t>>,
            [conj_a, conj_b]: [bool; 2],
        ) {
            let mut masks = [$mask::MAX; V];
            masks[V - 1] = ((1u32 << (2 * (c.cols - (V - 1) * $lanes))) - 1) as $mask;
            let (mut by_re, mut by_im) = ([[$zero(); V]; R], [[$zero(); V]; R]);
            for l in 0..a.cols {
                // SAFETY: row l of B under the masks, element (i + r, l) of A.
                unsafe {
                    let row = b.offset(l as isize * step);
                    let mut columns = [$zero(); V];
                    for v in 0..V {
                        columns[v] = $load(masks[v], row.add(v * $lanes).cast::<$t>());
                    }
                    for r in 0..R {
                        let factor = a.at(i + r, l);
                        let (re, im) = ($set((*factor).re), $set((*factor).im));
                        for v in 0..V {
                            by_re[r][v] = $fma(re, columns[v], by_re[r][v]);
                            by_im[r][v] = $fma(im, columns[v], by_im[r][v]);
                        }
                    }
                }
            }
            // Signs of the products, of real and imaginary parts of the results.
            let (of_re, of_im) = ($signs(false, conj_b), $signs(conj_a == conj_b, conj_a));
            for r in 0..R {
                for v in 0..V {
                    let sum = $add(by_re[r][v], of_re, $swap(by_im[r][v]), of_im);
                    // SAFETY: row i + r of C under the masks.
                    unsafe { $store(c.row(i + r).add(v * $lanes).cast::<$t>(), masks[v], sum) };
                }
            }
        }
    };
}

wide!(
    f64, 4, __mmask8, product_f64 rows_f64,
    _mm512_setzero_pd _mm512_set1_pd _mm512_maskz_loadu_pd _mm512_fmadd_pd _mm512_mask_storeu_pd,
    |x| _mm512_permute_pd::<0x55>(x),
    |x, x_signs, y, y_signs| {
        let flip = |x, signs| _mm512_castsi512_pd(_mm512_xor_si512(_mm512_castpd_si512(x), signs));
        _mm512_add_pd(flip(x, x_signs), flip(y, y_signs))
    },
    |re: bool, im: bool| {
        let sign = |minus: bool| i64::from(minus) << 63;
        _mm512_set4_epi64(sign(im), sign(re), sign(im), sign(re))
    }
);
wide!(
    f32, 8, __mmask16, product_f32 rows_f32,
    _mm512_setzero_ps _mm512_set1_ps _mm512_maskz_loadu_ps _mm512_fmadd_ps _mm512_mask_storeu_ps,
    |x| _mm512_permute_ps::<0xb1>(x),
    |x, x_signs, y, y_signs| {
        let flip = |x, signs| _mm512_castsi512_ps(_mm512_xor_si512(_mm512_castps_si512(x), signs));
        _mm512_add_ps(flip(x, x_signs), flip(y, y_signs))
    },
    |re: bool, im: bool| {
        let sign = |minus: bool| i32::from(minus) << 31;
        _mm512_set4_epi32(sign(im), sign(re), sign(im), sign(re))
    }
);
