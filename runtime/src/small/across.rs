//! Across the lanes of a row: the largest key, and the lanes in another order. With AVX-512 in vectors, since a compiler left
//! alone takes such loops apart into single elements, and gathers.

use super::AVX512;
use crate::blas::Real;

/// What a real element type does across lanes with AVX-512.
pub trait Across: Copy {
    /// The largest of the keys of the open lanes, of which there are 8, 16 or 32.
    ///
    /// # Safety
    /// The machine has AVX-512.
    unsafe fn largest_wide<const S: usize>(sizes: &[Self; S], open: &[i64; S]) -> i64;

    /// Lanes 0 to S take the numbers of the lanes that `order` names, all of them less than S, which is 8, 16 or 32.
    ///
    /// # Safety
    /// The machine has AVX-512.
    unsafe fn permute_wide<const S: usize>(row: &mut [Self; S], order: &[usize; S]);
}

/// The largest [`Real::key`] of the lanes that are open.
#[inline(always)]
pub(super) fn largest<P: Real, const SET: u8, const S: usize>(sizes: &[P; S], open: &[i64; S]) -> i64 {
    if SET == AVX512 && S >= 8 {
        // SAFETY: kernels for this set run on machines that have it.
        return unsafe { P::largest_wide(sizes, open) };
    }
    let mut keys = [0; S];
    for l in 0..S {
        keys[l] = sizes[l].key(l) & open[l];
    }
    let mut half = S / 2;
    while half > 0 {
        for l in 0..half {
            keys[l] = keys[l].max(keys[l + half]);
        }
        half /= 2;
    }
    keys[0]
}

/// The numbers of the lanes that `order` names.
#[inline(always)]
pub(super) fn permuted<P: Real, const SET: u8, const S: usize>(row: &[P; S], order: &[usize; S]) -> [P; S] {
    let mut to = *row;
    if SET == AVX512 && S >= 8 {
        // SAFETY: kernels for this set run on machines that have it.
        unsafe { P::permute_wide(&mut to, order) };
        return to;
    }
    for l in 0..S {
        to[l] = row[order[l] % S];
    }
    to
}

#[cfg(not(target_arch = "x86_64"))]
macro_rules! none {
    ($($t:ty),*) => {$(
        impl Across for $t {
            unsafe fn largest_wide<const S: usize>(_: &[Self; S], _: &[i64; S]) -> i64 {
                unreachable!("no machine of this kind has AVX-512")
            }
            unsafe fn permute_wide<const S: usize>(_: &mut [Self; S], _: &[usize; S]) {
                unreachable!("no machine of this kind has AVX-512")
            }
        }
    )*};
}
#[cfg(not(target_arch = "x86_64"))]
none!(f32, f64);

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Across;
    use std::arch::x86_64::*;

    macro_rules! across {
        ($t:ident, $largest:ident $permute:ident, |$sizes:ident| $magnitudes:expr) => {
            impl Across for $t {
                #[inline(always)]
                unsafe fn largest_wide<const S: usize>(sizes: &[$t; S], open: &[i64; S]) -> i64 {
                    // SAFETY: the caller's machine.
                    unsafe { $largest(sizes, open) }
                }

                #[inline(always)]
                unsafe fn permute_wide<const S: usize>(row: &mut [$t; S], order: &[usize; S]) {
                    // SAFETY: the caller's machine.
                    unsafe { $permute(row, order) }
                }
            }

            /// [`Real::key`](crate::blas::Real::key) of eight lanes at a time.
            #[inline]
            #[target_feature(enable = "avx512f")]
            unsafe fn $largest<const S: usize>(sizes: &[$t; S], open: &[i64; S]) -> i64 {
                let (mut most, mut places) = (_mm512_setzero_si512(), _mm512_set_epi64(24, 25, 26, 27, 28, 29, 30, 31));
                for at in (0..S).step_by(8) {
                    // SAFETY: eight of S lanes.
                    let (magnitudes, open) = unsafe {
                        let $sizes = sizes.as_ptr().add(at);
                        ($magnitudes, _mm512_loadu_epi64(open.as_ptr().add(at)))
                    };
                    let keys = _mm512_or_epi64(magnitudes, places);
                    most = _mm512_max_epi64(most, _mm512_and_epi64(keys, open));
                    places = _mm512_sub_epi64(places, _mm512_set1_epi64(8));
                }
                _mm512_reduce_max_epi64(most)
            }
        };
    }

    across!(f64, largest_f64 permute_f64, |sizes| {
        _mm512_and_epi64(_mm512_loadu_epi64(sizes.cast()), _mm512_set1_epi64(i64::MAX & !31))
    });
    across!(f32, largest_f32 permute_f32, |sizes| {
        let bits = _mm512_cvtepu32_epi64(_mm256_loadu_si256(sizes.cast()));
        _mm512_and_epi64(bits, _mm512_set1_epi64((i32::MAX & !31).into()))
    });

    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn permute_f64<const S: usize>(row: &mut [f64; S], order: &[usize; S]) {
        // SAFETY: S lanes, in eights.
        unsafe {
            let lanes = row.as_mut_ptr();
            let part = |i: usize| _mm512_loadu_pd(lanes.add(8 * i % S));
            let parts = [part(0), part(1), part(2), part(3)];
            for at in (0..S).step_by(8) {
                let from = _mm512_loadu_epi64(order.as_ptr().add(at).cast());
                let low = match S {
                    8 => _mm512_permutexvar_pd(from, parts[0]),
                    _ => _mm512_permutex2var_pd(parts[0], from, parts[1]),
                };
                let to = match S {
                    32 => {
                        let high = _mm512_test_epi64_mask(from, _mm512_set1_epi64(16));
                        _mm512_mask_blend_pd(high, low, _mm512_permutex2var_pd(parts[2], from, parts[3]))
                    }
                    _ => low,
                };
                _mm512_storeu_pd(lanes.add(at), to);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx2")]
    unsafe fn permute_f32<const S: usize>(row: &mut [f32; S], order: &[usize; S]) {
        // SAFETY: S lanes, in eights.
        unsafe {
            let lanes = row.as_mut_ptr();
            let from = |at: usize| _mm512_cvtepi64_epi32(_mm512_loadu_epi64(order.as_ptr().add(at).cast()));
            if S == 8 {
                _mm256_storeu_ps(lanes, _mm256_permutevar8x32_ps(_mm256_loadu_ps(lanes), from(0)));
                return;
            }
            let parts = [_mm512_loadu_ps(lanes), _mm512_loadu_ps(lanes.add(16 % S))];
            for at in (0..S).step_by(16) {
                let from = _mm512_inserti64x4(_mm512_castsi256_si512(from(at)), from(at + 8), 1);
                _mm512_storeu_ps(lanes.add(at), _mm512_permutex2var_ps(parts[0], from, parts[1]));
            }
        }
    }
}
