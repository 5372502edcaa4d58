//! Stacks of small matrices, several at once: a vector holds one element of each of [`MOST`] (in `f64` half as many)
//! matrices, of complex ones a vector the real parts and another the imaginary ones, so that vectors are full at every size,
//! and what decides for one matrix (a pivot) is a mask.
//!
//! Elements are moved into a tile on the stack, element (i, j) of all the matrices side by side, and the results back. Every
//! matrix sees the operations of the kernels for one matrix, in their order, with the same pivots, fused where theirs are: a
//! finite result does not depend on how many matrices are in the stack, but for the sign of a zero. (Where a product of one
//! matrix is given to BLAS, it is not computed here.)
//!
//! A failure does not stop the other matrices; the first one that failed is reported.

mod gauss;
mod lanes;
mod numbers;
mod solve;
#[cfg(test)]
mod tests;
mod tile;
mod vector;

use crate::backend::Number;
use crate::blas::Scalar;
pub use numbers::{Batched, Complexes, Numbers};
pub use vector::{Lane, Vector};

/// The most matrices that a kernel takes at once.
pub const MOST: usize = 16;

/// How many matrices a kernel takes at once: as many as a vector of 512 bits has parts of elements.
pub const fn lanes<T: Number>() -> usize {
    64 / size_of::<T::Part>()
}

/// The largest order of a tile.
pub const ORDER: usize = 16;

// The crossovers: `examples/stacks.rs`, a matrix of a stack of 1000 random ones, on an AMD EPYC with AVX-512. A ratio is the
// time of the kernel for one matrix over ours.

/// The order up to which elimination and substitution are faster here. In `f64` with AVX-512, at 4, 10 and 16: spd inverse 2.7,
/// 1.7, 1.2, Cholesky 4.2, 2.5, 1.6, determinant 4.9, 3.8, 1.7, a solution 3.6, 3.1, 1.6, as many solutions 3.4, 2.6, 1.4, a
/// triangle's 2.0, 1.9, 1.6; twice that in `f32`. With AVX2 the inverse is at 1.3 at 10, 1.0 at 12 and 0.9 at 14; without either
/// at 1.3 at 2 and 0.7 at 4.
///
/// In complex `f64` with AVX-512: inverse 2.3, 1.8, 1.2, spd 2.0, 1.8, 1.2, Cholesky 5.0, 2.7, 1.6, determinant 4.8, 3.1, 2.1, a
/// solution 2.7, 2.4, 1.8, as many solutions 2.6, 2.2, 1.7, a triangle's 1.2, 1.2, 1.0. With AVX2 the inverse is at 1.4 at 10, 1.3
/// at 12, 1.1 at 14, as many solutions at 1.2, 1.1 and 0.7.
pub fn largest() -> usize {
    match super::best() {
        super::AVX512 => 16,
        #[cfg(target_arch = "x86_64")]
        super::AVX2 => 12,
        _ => 2,
    }
}

/// The same of inverses: in `f64` with AVX-512 1.9 at 4, 1.7 at 10, 1.3 at 12, 1.0 at 14 and 0.8 at 16.
pub fn largest_inverse<T: Scalar>() -> usize {
    let wide = super::best() == super::AVX512 && !T::COMPLEX && size_of::<T>() == 8;
    if wide { 12 } else { largest() }
}

/// The multiplications up to which products are faster here: 1.5 at 2 x 2, 1.3 at 4 x 4, 1.0 at 6 x 6; in complex `f32` 1.5, 1.3,
/// 0.9.
pub const PRODUCT: usize = 64;
/// The same of one column: 1.6 at 4 and at 6, 1.5 at 10, 1.3 at 12; of complex `f64` 0.8 at 2, 1.0 at 4, 1.2 at 6, 1.3 at 10.
pub const COLUMN: usize = 144;

/// The multiplications up to which products are taken several at a time, of one column or of more: of complex `f64` none, 0.8 at
/// 2 x 2 and 0.7 at 4 x 4.
pub(crate) fn products<T: Scalar>(column: bool) -> usize {
    match column {
        true => COLUMN,
        false if size_of::<T>() > 8 => 0,
        false => PRODUCT,
    }
}

/// The fewest matrices that are taken at once: at 4 a call of `f64` costs as much as 4 inverses one at a time, as much as 2
/// solutions or determinants; at 10 as much as 5, and 2 or 3.
pub const LEAST: usize = 4;

/// The same of inverses beyond order 4: of `f64` a call costs as much as 5 or 6 of them one at a time, of `f32` as much as 5 to
/// 11, of twice as many lanes.
pub const fn least_inverses<T: Number>() -> usize {
    lanes::<T>() * 5 / 8
}

// What is computed here is computed by our kernels for one matrix too, not by BLAS.
const _: () = assert!(PRODUCT <= super::GEMM && COLUMN <= super::GEMV);
const _: () = assert!(PRODUCT <= super::complex::GEMM && COLUMN <= super::complex::GEMV);
const _: () = {
    use super::complex;
    assert!(ORDER <= super::INV && ORDER <= super::INV_SPD && ORDER <= super::LU && ORDER <= super::CHOLESKY);
    assert!(ORDER <= complex::INV && ORDER <= complex::INV_SPD && ORDER <= complex::LU && ORDER <= complex::CHOLESKY);
    assert!(ORDER <= super::SUBSTITUTE && ORDER <= complex::SUBSTITUTE);
};

/// Matrices of the same sizes and strides, one for each lane; a matrix may stand in several lanes.
#[derive(Clone, Copy, Debug)]
pub struct Matrices<T> {
    /// Their elements (0, 0); those beyond [`lanes`] are not looked at.
    pub ptr: [*mut T; MOST],
    /// Rows of each.
    pub rows: usize,
    /// Columns of each.
    pub cols: usize,
    /// From one row to the next, in elements.
    pub rs: isize,
    /// From one column to the next, in elements.
    pub cs: isize,
}

impl<T> Matrices<T> {
    /// Their transposes.
    #[must_use]
    pub fn t(self) -> Self {
        Self { rows: self.cols, cols: self.rows, rs: self.cs, cs: self.rs, ..self }
    }
}

/// The lane of the first matrix that failed, and the number of its pivot, from 1.
pub type Outcome = Result<(), (usize, usize)>;

/// Public kernels from bodies over vectors, `name(arguments) -> result = body`, for the best instruction set of this machine.
macro_rules! batched {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $body:path;)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        /// The rules of [`crate::blas`], for every matrix.
        pub unsafe fn $name<T: Scalar>($($arg: $ty),*) -> $ret {
            use $body as body;
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
                unsafe fn avx512<T: Scalar>($($arg: $ty),*) -> $ret {
                    // SAFETY: the caller's.
                    unsafe { body::<T::Avx512>($($arg),*) }
                }
                #[target_feature(enable = "avx2,fma")]
                unsafe fn avx2<T: Scalar>($($arg: $ty),*) -> $ret {
                    // SAFETY: the caller's.
                    unsafe { body::<T::Avx2>($($arg),*) }
                }
                match super::best() {
                    // SAFETY: the machine has the features.
                    super::AVX512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: the machine has the features.
                    super::AVX2 => return unsafe { avx2($($arg),*) },
                    _ => {}
                }
            }
            // SAFETY: the caller's.
            unsafe { body::<T::Base>($($arg),*) }
        }
    )*};
}

batched! {
    /// The inverses of matrices of an order from 1 to [`ORDER`], into row-major memory, which may be their own.
    inv(a: &Matrices<T>, out: &Matrices<T>) -> Outcome = gauss::inv;

    /// The inverses of Hermitian positive definite matrices of an order from 1 to [`ORDER`], of which it reads the lower
    /// triangle, into row-major memory, which may be their own.
    inv_spd(a: &Matrices<T>, out: &Matrices<T>) -> Outcome = gauss::inv_spd;

    /// The lower triangular L with A = L L*, for an order from 1 to [`ORDER`], zeros above it, into row-major memory, which
    /// may be A's own. Reads the lower triangle of A.
    cholesky(a: &Matrices<T>, out: &Matrices<T>) -> Outcome = gauss::cholesky;

    /// The determinants of matrices of an order from 1 to [`ORDER`]; 0 where a pivot is 0.
    det(a: &Matrices<T>, out: &Matrices<T>) -> () = gauss::det;

    /// The signs of the determinants, and the logarithms of their magnitudes, of matrices of an order from 1 to [`ORDER`]; 0
    /// and minus infinity where a pivot is 0.
    slogdet(a: &Matrices<T>, sign: &Matrices<T>, logarithm: &Matrices<T::Part>) -> () = gauss::slogdet;

    /// X with A X = B for an order from 1 to [`ORDER`] and any number of columns; X is row-major and may be B.
    solve(a: &Matrices<T>, b: &Matrices<T>, x: &Matrices<T>) -> Outcome = solve::solve;

    /// X with A X = B for Hermitian positive definite A of an order from 1 to [`ORDER`], of which it reads the lower triangle;
    /// X is row-major and may be B.
    solve_spd(a: &Matrices<T>, b: &Matrices<T>, x: &Matrices<T>) -> Outcome = solve::solve_spd;

    /// X with A X = B for triangular A of an order from 1 to [`ORDER`], or their conjugates, of which it reads the triangle
    /// named; X is row-major and may be B.
    solve_triangular(a: &Matrices<T>, b: &Matrices<T>, x: &Matrices<T>, lower: bool, conj: bool) -> Outcome = solve::triangular;

    /// C = A B of matrices or their conjugates, no size larger than [`ORDER`]; C has contiguous rows and is disjoint from A and
    /// B.
    matmul(a: &Matrices<T>, b: &Matrices<T>, c: &Matrices<T>, conj: [bool; 2]) -> () = solve::matmul;
}
