//! The crossovers of complex matrices, measured as the real ones beside [`super`]: complex `f64`, on an AMD EPYC with AVX-512. A
//! ratio is OpenBLAS's time over ours. It works on copies, one of which is in its times (see `blas::workspace`).

/// Up to this order [`super::inv`] beats getrf + getri: 2.4 at 10, 2.3 at 16, 1.4 at 17, 1.9 at 32, the largest tile.
pub const INV: usize = 32;
/// Up to this order [`super::inv_spd`] beats potrf + potri: 2.0 at 10, 1.9 at 16, 1.2 at 17, 1.5 at 32, the largest tile.
pub const INV_SPD: usize = 32;
/// Up to this order [`super::lu`] keeps up with getrf: 1.3 at 6, at 10 and at 16, 0.9 at 17 and at 20, 1.2 at 32, the largest tile.
pub const LU: usize = 32;
/// Up to this order [`super::cholesky`] keeps up with potrf: 0.9 at 6, 1.1 at 10, 1.1 at 14, 0.9 at 16 and 0.6 at 17, in the next
/// tile.
pub const CHOLESKY: usize = 16;
/// Up to this order [`super::solve_triangular`] beats trsv (2.5 at 10, 1.9 at 16, 1.0 at 32) and trsm with as many columns
/// (1.7, 1.6, 1.2).
pub const SUBSTITUTE: usize = 32;
/// Up to this many multiplications [`super::gemm`] beats its namesake on AVX-512, where a row of C is at most four vectors: 4.2
/// at 4 x 4, 2.1 at 10, 1.7 at 16, with B transposed 2.3, 1.4, 1.3; 1.5 at 32 x 32 of complex `f32`.
pub const GEMM_WIDE: usize = 32 * 32 * 32;
/// The same without that, as wider ones: 0.9 at 17 x 17, 1.0 at 32.
pub const GEMM: usize = 64;
/// The same where OpenBLAS has no kernels for small matrices, as for Haswell: 1.5 at 4 x 4, 0.8 at 6 and at 10, with AVX2; in
/// complex `f32` 1.1 at 6, 0.9 at 10.
pub const GEMM_LARGE: usize = 64;
/// The same for one column, against gemm: 2.7 at 10, 2.0 at 16, 1.5 at 32.
pub const GEMV: usize = 32 * 32;

const _: () = assert!(INV <= super::MAX && INV_SPD <= super::MAX && LU <= super::MAX && CHOLESKY <= super::MAX);
