//! Dense kernels for small matrices, where the calls and the blocking of LAPACK cost more than the
//! arithmetic. They keep LAPACK's conventions: factors lie where its routines put them, and failures
//! carry the same numbers.
//!
//! The factorisations work on a tile, rows padded with zeros to whole vectors. Each kernel is one
//! generic body for real and complex numbers, compiled for the instruction sets below and chosen at run time.
#![allow(unsafe_code, reason = "raw strided views and clones by target feature")]
#![allow(clippy::needless_range_loop, reason = "lanes and rows are numbers here, in several arrays at once")]

pub(crate) mod across;
pub mod batch;
pub mod complex;
mod dispatch;
mod element;
mod gauss;
mod gemm;
#[cfg(test)]
mod held;
#[cfg(test)]
mod tests;
mod tile;
mod triangle;
#[cfg(target_arch = "x86_64")]
pub(crate) mod wide;
#[cfg(target_arch = "x86_64")]
mod wide_complex;

use crate::blas::{Failure, MatMut, MatRef, Scalar};
pub use dispatch::{Answer, Small};
pub use element::{Element, Row, Split};

// The crossovers: medians of `examples/small_vs_lapack.rs`, f64, against OpenBLAS 0.3.21 with its AVX-512 kernels and one
// thread, on an AMD EPYC with AVX-512, but for products without vectors of 512 bits, on a 2.3 GHz Xeon. A ratio is OpenBLAS's
// time over ours.

/// Up to this order [`inv`] beats getrf + getri: 3.1 at 10, 4.6 at 16, 2.9 at 17, 3.5 at 32, the largest tile.
pub const INV: usize = 32;
/// Up to this order [`inv_spd`] beats potrf + potri: 3.3 at 10, 3.5 at 16, 2.1 at 17, 2.4 at 32, the largest tile.
pub const INV_SPD: usize = 32;
/// Up to this order [`lu`] beats getrf: 1.4 at 10, 2.0 at 16, 1.5 at 17, 2.0 at 32, the largest tile.
pub const LU: usize = 32;
/// Up to this order [`cholesky`] beats potrf: 1.4 at 10, 1.7 at 16, but 1.0 at 17 and at 20, in the next tile.
pub const CHOLESKY: usize = 16;
/// Up to this order [`solve_triangular`] beats trsv (2.0 at 10, 1.5 at 16, 1.1 at 32) and trsm with as many columns (1.9, 2.9,
/// 2.3).
pub const SUBSTITUTE: usize = 32;
/// Up to this many multiplications [`gemm`] beats its namesake on AVX-512, where a row of C is at most two vectors: 1.5 at
/// 8 x 8, 1.5 at 10, 1.2 at 16, with B transposed 1.7, 1.5, 1.5.
pub const GEMM_WIDE: usize = 16 * 16 * 16;
/// Up to this many multiplications [`gemm`] keeps up with its namesake without that: 1.3 at 4 x 4, 0.8 at 8 x 8, 0.7 at
/// 10, 0.6 at 16. Where OpenBLAS runs outdated kernels, ours win at every size measured: 1.7 at 10,
/// 2.9 at 16, 3.4 at 128, 2.3 at 512.
pub const GEMM: usize = 64;
/// The same where OpenBLAS has no kernels for small matrices, as for Haswell: 1.4 at 10 and at 16, 1.1 at 20 with
/// AVX2.
pub const GEMM_LARGE: usize = 16 * 16 * 16;
/// The same for one column, against gemv: 1.3 at 10, 1.0 at 12, 0.8 at 16.
pub const GEMV: usize = 144;

/// The largest tile.
const MAX: usize = 32;
const _: () = assert!(INV <= MAX && INV_SPD <= MAX && LU <= MAX && CHOLESKY <= MAX);

/// Instruction sets: what the machine is known to have at least.
const BASE: u8 = 0;
#[cfg(target_arch = "x86_64")]
const AVX2: u8 = 1;
const AVX512: u8 = 2;

/// The best set that this machine has.
#[cfg(not(target_arch = "x86_64"))]
fn best() -> u8 {
    BASE
}

/// The best set that this machine has.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn best() -> u8 {
    #[cfg(test)]
    if let Some(set) = FORCED.get() {
        return set;
    }
    if !is_x86_feature_detected!("avx2") || !is_x86_feature_detected!("fma") {
        return BASE;
    }
    let wide = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw");
    if wide { AVX512 } else { AVX2 }
}

#[cfg(test)]
thread_local! {
    /// A set to take instead, one that the machine has.
    static FORCED: std::cell::Cell<Option<u8>> = const { std::cell::Cell::new(None) };
}

/// Whether a fused multiply-add is one instruction.
const fn has_fma(set: u8) -> bool {
    set > BASE || cfg!(target_arch = "aarch64")
}

/// `a * b + c`, fused where that is one instruction.
#[inline(always)]
fn mul_add<T: Element, const SET: u8>(a: T, b: T, c: T) -> T {
    T::fused::<SET>(a, b, c)
}

/// Public kernels from generic bodies: `name(arguments) -> result = body`, where the body is called
/// as `body::<T, SET>` with the best instruction set of this machine.
macro_rules! kernels {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $body:path;)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// The rules of [`crate::blas`].
        pub unsafe fn $name<T: Scalar>($($arg: $ty),*) -> $ret {
            use $body as body;
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
                unsafe fn avx512<T: Scalar>($($arg: $ty),*) -> $ret {
                    // SAFETY: the caller's.
                    unsafe { body::<T, AVX512>($($arg),*) }
                }
                #[target_feature(enable = "avx2,fma")]
                unsafe fn avx2<T: Scalar>($($arg: $ty),*) -> $ret {
                    // SAFETY: the caller's.
                    unsafe { body::<T, AVX2>($($arg),*) }
                }
                match best() {
                    // SAFETY: the machine has the features.
                    AVX512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: the machine has the features.
                    AVX2 => return unsafe { avx2($($arg),*) },
                    _ => {}
                }
            }
            // SAFETY: the caller's.
            unsafe { body::<T, BASE>($($arg),*) }
        }
    )*};
}

kernels! {
    /// The inverse of A, of order at most 32, into row-major memory, which may be A's own.
    inv(a: MatRef<T>, out: *mut T) -> Result<(), Failure> = gauss::inv;

    /// The inverse of a Hermitian positive definite A, of order at most 32, of which it reads the lower
    /// triangle, into row-major memory, which may be A's own.
    inv_spd(a: MatRef<T>, out: *mut T) -> Result<(), Failure> = gauss::inv_spd;

    /// A = L U P in row-major memory, U with a unit diagonal, for an order of at most 32: what getrf
    /// makes of A', with its pivots.
    lu(a: MatRef<T>, out: *mut T, pivots: *mut i32) -> Result<(), Failure> = gauss::lu;

    /// The lower triangle of L with A = L L*, for an order of at most 32, into row-major memory, which may
    /// be A's own. Reads the lower triangle of A; leaves anything above the diagonal of L.
    cholesky(a: MatRef<T>, out: *mut T) -> Result<(), Failure> = gauss::cholesky;

    /// X := A^-1 X for a triangular A of any size and strides, or its conjugate; X has contiguous rows.
    solve_triangular(a: MatRef<T>, conj: bool, x: MatMut<T>, lower: bool, unit: bool) -> () = triangle::solve;

    /// C = A B for any sizes and strides; C has contiguous rows.
    gemm(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>) -> () = gemm::gemm;

    /// The same of matrices or their conjugates.
    gemm_conj(a: MatRef<T>, b: MatRef<T>, c: MatMut<T>, conj: [bool; 2]) -> () = gemm::gemm_conj;
}
