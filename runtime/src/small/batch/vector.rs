//! Vectors of one element of each matrix. Written out, since a compiler that is given loops over lanes may choose the loop
//! around them instead.

use crate::blas::Real;
use crate::small::{BASE, has_fma, mul_add};

/// One element of each of [`lanes`](super::lanes) matrices. Masks are vectors of all bits or none.
pub trait Vector: Copy {
    /// The element.
    type E: Lane;
    /// Whether products are fused with sums.
    const FUSED: bool;

    /// The same in each lane.
    fn splat(x: Self::E) -> Self;
    /// `self * b + c`, fused where the kernels for one matrix fuse.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// `c - self * b`, likewise.
    fn neg_mul_add(self, b: Self, c: Self) -> Self;
    /// `self - b`.
    fn sub(self, b: Self) -> Self;
    /// `self * b`.
    fn mul(self, b: Self) -> Self;
    /// `self / b`.
    fn div(self, b: Self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// `a` where `mask` has bits, else `b`.
    fn select(mask: Self, a: Self, b: Self) -> Self;
    /// [`Real::key`] as bits, from the column's [`Lane::from_column`].
    fn rank(self, column: Self) -> Self;
    /// The larger of bits that are positive integers.
    fn max_bits(self, b: Self) -> Self;
    /// A mask of equal bits.
    fn same_bits(self, b: Self) -> Self;
    /// `|self| + |b|`.
    fn size(self, b: Self) -> Self;
    /// A bit for each lane that is 0.
    fn zeros(self) -> u32;
    /// A bit for each lane whose magnitude is not at least so large.
    fn below(self, limit: Self::E) -> u32;
    /// A bit for each lane that is not greater than 0.
    fn not_positive(self) -> u32;
    /// Writes the transpose of four rows of four elements to `to`, rows `step` apart. Pointers are the caller's, of any alignment.
    ///
    /// # Safety
    /// The rows may be read, and the columns written.
    unsafe fn transpose(rows: [*const Self::E; 4], to: [*mut Self::E; 4]);
}

/// An element as bits.
pub trait Lane: Copy {
    /// All bits, or none.
    fn mask(yes: bool) -> Self;
    /// Whether a mask has bits.
    fn is_set(self) -> bool;
    /// A column as bits that are the greater the smaller it is.
    fn from_column(column: usize) -> Self;
    /// The column.
    fn to_column(self) -> usize;
    /// See [`Vector::rank`].
    fn rank(self, column: Self) -> Self;
    /// See [`Vector::max_bits`].
    fn max_bits(self, b: Self) -> Self;
    /// See [`Vector::same_bits`].
    fn same_bits(self, b: Self) -> Self;
    /// See [`Vector::select`].
    fn select(self, a: Self, b: Self) -> Self;
}

macro_rules! lane {
    ($t:ident, $bits:ident) => {
        impl Lane for $t {
            #[inline(always)]
            fn mask(yes: bool) -> Self {
                $t::from_bits(if yes { $bits::MAX } else { 0 })
            }
            #[inline(always)]
            fn is_set(self) -> bool {
                self.to_bits() != 0
            }
            #[inline(always)]
            fn from_column(column: usize) -> Self {
                $t::from_bits(31 - column as $bits)
            }
            #[inline(always)]
            fn to_column(self) -> usize {
                31 - (self.to_bits() & 31) as usize
            }
            #[inline(always)]
            fn rank(self, column: Self) -> Self {
                $t::from_bits((self.to_bits() & ($bits::MAX >> 1) & !31) | column.to_bits())
            }
            #[inline(always)]
            fn max_bits(self, b: Self) -> Self {
                $t::from_bits(self.to_bits().max(b.to_bits()))
            }
            #[inline(always)]
            fn same_bits(self, b: Self) -> Self {
                Self::mask(self.to_bits() == b.to_bits())
            }
            #[inline(always)]
            fn select(self, a: Self, b: Self) -> Self {
                $t::from_bits((a.to_bits() & self.to_bits()) | (b.to_bits() & !self.to_bits()))
            }
        }
    };
}

lane!(f64, u64);
lane!(f32, u32);

/// Lane by lane.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Plain<T, const L: usize>([T; L]);

impl<T: Real, const L: usize> Plain<T, L> {
    #[inline(always)]
    fn zip(self, b: Self, f: impl Fn(T, T) -> T) -> Self {
        let mut to = self;
        for l in 0..L {
            to.0[l] = f(self.0[l], b.0[l]);
        }
        to
    }

    #[inline(always)]
    fn bits(self, f: impl Fn(T) -> bool) -> u32 {
        self.0.iter().rev().fold(0, |bits, &x| bits << 1 | u32::from(f(x)))
    }
}

impl<T: Real, const L: usize> Vector for Plain<T, L> {
    type E = T;
    const FUSED: bool = has_fma(BASE);

    #[inline(always)]
    fn splat(x: T) -> Self {
        Plain([x; L])
    }
    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        let mut to = c;
        for l in 0..L {
            to.0[l] = mul_add::<T, BASE>(self.0[l], b.0[l], c.0[l]);
        }
        to
    }
    #[inline(always)]
    fn neg_mul_add(self, b: Self, c: Self) -> Self {
        let mut to = c;
        for l in 0..L {
            to.0[l] = mul_add::<T, BASE>(-self.0[l], b.0[l], c.0[l]);
        }
        to
    }
    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        self.zip(b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        self.zip(b, |a, b| a * b)
    }
    #[inline(always)]
    fn div(self, b: Self) -> Self {
        self.zip(b, |a, b| a / b)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.zip(self, |a, _| Real::sqrt(a))
    }
    #[inline(always)]
    fn select(mask: Self, a: Self, b: Self) -> Self {
        let mut to = a;
        for l in 0..L {
            to.0[l] = mask.0[l].select(a.0[l], b.0[l]);
        }
        to
    }
    #[inline(always)]
    fn rank(self, column: Self) -> Self {
        self.zip(column, Lane::rank)
    }
    #[inline(always)]
    fn max_bits(self, b: Self) -> Self {
        self.zip(b, Lane::max_bits)
    }
    #[inline(always)]
    fn same_bits(self, b: Self) -> Self {
        self.zip(b, Lane::same_bits)
    }
    #[inline(always)]
    fn size(self, b: Self) -> Self {
        self.zip(b, |a, b| a.abs() + b.abs())
    }
    #[inline(always)]
    fn zeros(self) -> u32 {
        self.bits(|x| x == T::ZERO)
    }
    #[inline(always)]
    fn below(self, limit: T) -> u32 {
        // As for the others, of NaN too.
        self.bits(|x| x.is_nan() || x.abs() < limit)
    }
    #[inline(always)]
    fn not_positive(self) -> u32 {
        self.bits(|x| x.is_nan() || x <= T::ZERO)
    }
    #[inline(always)]
    unsafe fn transpose(rows: [*const T; 4], to: [*mut T; 4]) {
        // SAFETY: the caller's.
        unsafe {
            let rows = rows.map(|row| row.cast::<[T; 4]>().read_unaligned());
            for (e, to) in to.into_iter().enumerate() {
                to.cast::<[T; 4]>().write_unaligned(rows.map(|row| row[e]));
            }
        }
    }
}

/// Two vectors that are one of twice the lanes.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Pair<V>(V, V);

#[cfg(target_arch = "x86_64")]
macro_rules! pairwise {
    ($($name:ident($($arg:ident),*);)*) => {$(
        #[inline(always)]
        fn $name(self $(, $arg: Self)*) -> Self {
            Pair(self.0.$name($($arg.0),*), self.1.$name($($arg.1),*))
        }
    )*};
}

#[cfg(target_arch = "x86_64")]
impl<V: Vector> Vector for Pair<V> {
    type E = V::E;
    const FUSED: bool = V::FUSED;

    pairwise! {
        mul_add(b, c); neg_mul_add(b, c); sub(b); mul(b); div(b); sqrt(); rank(column); max_bits(b); same_bits(b); size(b);
    }

    #[inline(always)]
    fn splat(x: V::E) -> Self {
        Pair(V::splat(x), V::splat(x))
    }
    #[inline(always)]
    fn select(mask: Self, a: Self, b: Self) -> Self {
        Pair(V::select(mask.0, a.0, b.0), V::select(mask.1, a.1, b.1))
    }
    #[inline(always)]
    fn zeros(self) -> u32 {
        self.0.zeros() | self.1.zeros() << (size_of::<V>() / size_of::<V::E>())
    }
    #[inline(always)]
    fn below(self, limit: V::E) -> u32 {
        self.0.below(limit) | self.1.below(limit) << (size_of::<V>() / size_of::<V::E>())
    }
    #[inline(always)]
    fn not_positive(self) -> u32 {
        self.0.not_positive() | self.1.not_positive() << (size_of::<V>() / size_of::<V::E>())
    }
    #[inline(always)]
    unsafe fn transpose(rows: [*const V::E; 4], to: [*mut V::E; 4]) {
        // SAFETY: the caller's.
        unsafe { V::transpose(rows, to) }
    }
}

/// The vectors of x86-64. Their functions are called by kernels that are compiled for their instruction sets, and by nothing
/// else.
#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    macro_rules! vector {
        ($name:ident, $t:ident, $register:ident, $splat:ident $fma:ident $fnma:ident $sub:ident $mul:ident $div:ident
         $sqrt:ident; $select:expr, $and_or:expr, $max:expr, $same:expr, $zeros:expr, $below:expr, $not_positive:expr,
         $transpose:ident) => {
            #[derive(Clone, Copy)]
            #[repr(transparent)]
            pub struct $name($register);

            // SAFETY, all of it: the machine has the instructions.
            #[allow(clippy::undocumented_unsafe_blocks)]
            impl Vector for $name {
                type E = $t;
                const FUSED: bool = true;

                #[inline(always)]
                fn splat(x: $t) -> Self {
                    Self(unsafe { $splat(x) })
                }
                #[inline(always)]
                fn mul_add(self, b: Self, c: Self) -> Self {
                    Self(unsafe { $fma(self.0, b.0, c.0) })
                }
                #[inline(always)]
                fn neg_mul_add(self, b: Self, c: Self) -> Self {
                    Self(unsafe { $fnma(self.0, b.0, c.0) })
                }
                #[inline(always)]
                fn sub(self, b: Self) -> Self {
                    Self(unsafe { $sub(self.0, b.0) })
                }
                #[inline(always)]
                fn mul(self, b: Self) -> Self {
                    Self(unsafe { $mul(self.0, b.0) })
                }
                #[inline(always)]
                fn div(self, b: Self) -> Self {
                    Self(unsafe { $div(self.0, b.0) })
                }
                #[inline(always)]
                fn sqrt(self) -> Self {
                    Self(unsafe { $sqrt(self.0) })
                }
                #[inline(always)]
                fn select(mask: Self, a: Self, b: Self) -> Self {
                    Self(unsafe { $select(mask.0, a.0, b.0) })
                }
                #[inline(always)]
                fn rank(self, column: Self) -> Self {
                    let magnitude = $t::from_bits((-0.0 as $t).to_bits() - 1 & !31);
                    Self(unsafe { $and_or(self.0, $splat(magnitude), column.0) })
                }
                #[inline(always)]
                fn max_bits(self, b: Self) -> Self {
                    Self(unsafe { $max(self.0, b.0) })
                }
                #[inline(always)]
                fn same_bits(self, b: Self) -> Self {
                    Self(unsafe { $same(self.0, b.0) })
                }
                #[inline(always)]
                fn size(self, b: Self) -> Self {
                    let magnitude = $t::from_bits((-0.0 as $t).to_bits() - 1);
                    // The one less minus the magnitude of the other.
                    let less = unsafe { $and_or(b.0, $splat(magnitude), $splat(-0.0)) };
                    Self(unsafe { $sub($and_or(self.0, $splat(magnitude), $splat(0.0)), less) })
                }
                #[inline(always)]
                fn zeros(self) -> u32 {
                    unsafe { $zeros(self.0, $splat(0.0)) }
                }
                #[inline(always)]
                fn below(self, limit: $t) -> u32 {
                    let magnitude = $t::from_bits((-0.0 as $t).to_bits() - 1);
                    unsafe { $below($and_or(self.0, $splat(magnitude), $splat(0.0)), $splat(limit)) }
                }
                #[inline(always)]
                fn not_positive(self) -> u32 {
                    unsafe { $not_positive(self.0, $splat(0.0)) }
                }
                #[inline(always)]
                unsafe fn transpose(rows: [*const $t; 4], to: [*mut $t; 4]) {
                    unsafe { $transpose(rows, to) }
                }
            }
        };
    }

    vector!(
        Wide64, f64, __m512d,
        _mm512_set1_pd _mm512_fmadd_pd _mm512_fnmadd_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd _mm512_sqrt_pd;
        |m, a, b| _mm512_castsi512_pd(_mm512_ternarylogic_epi64::<0xca>(
            _mm512_castpd_si512(m), _mm512_castpd_si512(a), _mm512_castpd_si512(b))),
        |x, m, or| _mm512_or_pd(_mm512_and_pd(x, m), or),
        |a, b| _mm512_castsi512_pd(_mm512_max_epi64(_mm512_castpd_si512(a), _mm512_castpd_si512(b))),
        |a, b| _mm512_castsi512_pd(_mm512_movm_epi64(
            _mm512_cmpeq_epi64_mask(_mm512_castpd_si512(a), _mm512_castpd_si512(b)))),
        |a, b| u32::from(_mm512_cmp_pd_mask::<_CMP_EQ_OQ>(a, b)),
        |a, b| u32::from(_mm512_cmp_pd_mask::<_CMP_NGE_UQ>(a, b)),
        |a, b| u32::from(_mm512_cmp_pd_mask::<_CMP_NGT_UQ>(a, b)),
        transpose_f64
    );
    vector!(
        Wide32, f32, __m512,
        _mm512_set1_ps _mm512_fmadd_ps _mm512_fnmadd_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_sqrt_ps;
        |m, a, b| _mm512_castsi512_ps(_mm512_ternarylogic_epi32::<0xca>(
            _mm512_castps_si512(m), _mm512_castps_si512(a), _mm512_castps_si512(b))),
        |x, m, or| _mm512_or_ps(_mm512_and_ps(x, m), or),
        |a, b| _mm512_castsi512_ps(_mm512_max_epi32(_mm512_castps_si512(a), _mm512_castps_si512(b))),
        |a, b| _mm512_castsi512_ps(_mm512_movm_epi32(
            _mm512_cmpeq_epi32_mask(_mm512_castps_si512(a), _mm512_castps_si512(b)))),
        |a, b| u32::from(_mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b)),
        |a, b| u32::from(_mm512_cmp_ps_mask::<_CMP_NGE_UQ>(a, b)),
        |a, b| u32::from(_mm512_cmp_ps_mask::<_CMP_NGT_UQ>(a, b)),
        transpose_f32
    );
    vector!(
        Half64, f64, __m256d,
        _mm256_set1_pd _mm256_fmadd_pd _mm256_fnmadd_pd _mm256_sub_pd _mm256_mul_pd _mm256_div_pd _mm256_sqrt_pd;
        |m, a, b| _mm256_blendv_pd(b, a, m),
        |x, m, or| _mm256_or_pd(_mm256_and_pd(x, m), or),
        |a, b| _mm256_blendv_pd(b, a, _mm256_castsi256_pd(
            _mm256_cmpgt_epi64(_mm256_castpd_si256(a), _mm256_castpd_si256(b)))),
        |a, b| _mm256_castsi256_pd(_mm256_cmpeq_epi64(_mm256_castpd_si256(a), _mm256_castpd_si256(b))),
        |a, b| _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_EQ_OQ>(a, b)) as u32,
        |a, b| _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_NGE_UQ>(a, b)) as u32,
        |a, b| _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_NGT_UQ>(a, b)) as u32,
        transpose_f64
    );
    vector!(
        Half32, f32, __m256,
        _mm256_set1_ps _mm256_fmadd_ps _mm256_fnmadd_ps _mm256_sub_ps _mm256_mul_ps _mm256_div_ps _mm256_sqrt_ps;
        |m, a, b| _mm256_blendv_ps(b, a, m),
        |x, m, or| _mm256_or_ps(_mm256_and_ps(x, m), or),
        |a, b| _mm256_castsi256_ps(_mm256_max_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b))),
        |a, b| _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b))),
        |a, b| _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_EQ_OQ>(a, b)) as u32,
        |a, b| _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NGE_UQ>(a, b)) as u32,
        |a, b| _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NGT_UQ>(a, b)) as u32,
        transpose_f32
    );

    #[inline]
    #[target_feature(enable = "avx")]
    unsafe fn transpose_f64(rows: [*const f64; 4], to: [*mut f64; 4]) {
        // SAFETY: the caller's rows and columns.
        unsafe {
            let [a, b, c, d] = [
                _mm256_loadu_pd(rows[0]),
                _mm256_loadu_pd(rows[1]),
                _mm256_loadu_pd(rows[2]),
                _mm256_loadu_pd(rows[3]),
            ];
            let (ab, ab_odd) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
            let (cd, cd_odd) = (_mm256_unpacklo_pd(c, d), _mm256_unpackhi_pd(c, d));
            _mm256_storeu_pd(to[0], _mm256_permute2f128_pd::<0x20>(ab, cd));
            _mm256_storeu_pd(to[1], _mm256_permute2f128_pd::<0x20>(ab_odd, cd_odd));
            _mm256_storeu_pd(to[2], _mm256_permute2f128_pd::<0x31>(ab, cd));
            _mm256_storeu_pd(to[3], _mm256_permute2f128_pd::<0x31>(ab_odd, cd_odd));
        }
    }

    #[inline(always)]
    unsafe fn transpose_f32(rows: [*const f32; 4], to: [*mut f32; 4]) {
        // SAFETY: the caller's rows and columns.
        unsafe {
            let [a, b, c, d] =
                [_mm_loadu_ps(rows[0]), _mm_loadu_ps(rows[1]), _mm_loadu_ps(rows[2]), _mm_loadu_ps(rows[3])];
            let (ab, ab_high) = (_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
            let (cd, cd_high) = (_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
            _mm_storeu_ps(to[0], _mm_movelh_ps(ab, cd));
            _mm_storeu_ps(to[1], _mm_movehl_ps(cd, ab));
            _mm_storeu_ps(to[2], _mm_movelh_ps(ab_high, cd_high));
            _mm_storeu_ps(to[3], _mm_movehl_ps(cd_high, ab_high));
        }
    }
}
