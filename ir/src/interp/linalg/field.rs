//! The numbers that the algorithms are written for, real and complex ones, and the algorithms that each has its own of.

use super::{Matrix, complex, eigen, functions, householder, schur};
use crate::error::RunErrorKind;
use num_complex::Complex64;
use std::fmt::Debug;
use std::ops::{Add, Div, DivAssign, Mul, Neg, Sub, SubAssign};

/// `f64` or a complex number of two.
pub(super) trait Field:
    Copy
    + Debug
    + PartialEq
    + Add<Output = Self>
    + Sub<Output = Self>
    + SubAssign
    + Mul<Output = Self>
    + Mul<f64, Output = Self>
    + Div<Output = Self>
    + Div<f64, Output = Self>
    + DivAssign<f64>
    + Neg<Output = Self>
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// NaN, in every part.
    const NAN: Self;
    /// How many diagonals below the main one a triangular factor has.
    const SUBDIAGONALS: usize;

    /// The real number.
    fn real(x: f64) -> Self;
    /// The real part.
    fn re(self) -> f64;
    /// The conjugate.
    fn conj(self) -> Self;
    /// The magnitude.
    fn norm(self) -> f64;
    /// Its square.
    fn norm_sqr(self) -> f64;
    /// The magnitude as LAPACK measures a pivot's.
    fn size(self) -> f64;
    /// Whether every part is a number.
    fn is_finite(self) -> bool;
    /// Multiplied with the direction of another number, which is not 0.
    fn along(self, other: Self) -> Self;

    /// `q` with `columns` columns, and `r`.
    fn qr(a: &Matrix<Self>, columns: usize) -> [Matrix<Self>; 2];
    /// The eigenvalues of a matrix that is its conjugate transpose, in ascending order, and its eigenvectors in columns.
    fn eigh(a: &Matrix<Self>) -> Result<[Matrix<Self>; 2], RunErrorKind>;
    /// Left singular vectors in columns, values in descending order, right vectors in rows; of both spaces where `full`.
    fn svd(a: &Matrix<Self>, full: bool) -> Result<[Matrix<Self>; 3], RunErrorKind>;
    /// `t` and `z` with `z @ t @ z* = a`.
    fn schur(a: &Matrix<Self>) -> Result<[Matrix<Self>; 2], RunErrorKind>;
    /// The principal square root.
    fn sqrtm(a: &Matrix<Self>) -> Result<Matrix<Self>, RunErrorKind>;
}

impl Field for f64 {
    const ZERO: f64 = 0.0;
    const ONE: f64 = 1.0;
    const NAN: f64 = f64::NAN;
    // Pairs of complex eigenvalues are blocks.
    const SUBDIAGONALS: usize = 1;

    fn real(x: f64) -> f64 {
        x
    }
    fn re(self) -> f64 {
        self
    }
    fn conj(self) -> f64 {
        self
    }
    fn norm(self) -> f64 {
        self.abs()
    }
    fn norm_sqr(self) -> f64 {
        self * self
    }
    fn size(self) -> f64 {
        self.abs()
    }
    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }
    fn along(self, other: f64) -> f64 {
        if other < 0.0 { -self } else { self }
    }

    fn qr(a: &Matrix, columns: usize) -> [Matrix; 2] {
        householder::qr(a, columns)
    }
    fn eigh(a: &Matrix) -> Result<[Matrix; 2], RunErrorKind> {
        eigen::symmetric(a)
    }
    fn svd(a: &Matrix, full: bool) -> Result<[Matrix; 3], RunErrorKind> {
        eigen::singular(a, full)
    }
    fn schur(a: &Matrix) -> Result<[Matrix; 2], RunErrorKind> {
        schur::schur(a)
    }
    fn sqrtm(a: &Matrix) -> Result<Matrix, RunErrorKind> {
        functions::sqrtm(a)
    }
}

impl Field for Complex64 {
    const ZERO: Self = Complex64::new(0.0, 0.0);
    const ONE: Self = Complex64::new(1.0, 0.0);
    const NAN: Self = Complex64::new(f64::NAN, f64::NAN);
    const SUBDIAGONALS: usize = 0;

    fn real(x: f64) -> Self {
        Complex64::new(x, 0.0)
    }
    fn re(self) -> f64 {
        self.re
    }
    fn conj(self) -> Self {
        Complex64::conj(&self)
    }
    fn norm(self) -> f64 {
        Complex64::norm(self)
    }
    fn norm_sqr(self) -> f64 {
        Complex64::norm_sqr(&self)
    }
    fn size(self) -> f64 {
        self.re.abs() + self.im.abs()
    }
    fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }
    fn along(self, other: Self) -> Self {
        self * other / Complex64::norm(other)
    }

    fn qr(a: &Matrix<Self>, columns: usize) -> [Matrix<Self>; 2] {
        complex::qr(a, columns)
    }
    fn eigh(a: &Matrix<Self>) -> Result<[Matrix<Self>; 2], RunErrorKind> {
        complex::eigh(a)
    }
    fn svd(a: &Matrix<Self>, full: bool) -> Result<[Matrix<Self>; 3], RunErrorKind> {
        complex::svd(a, full)
    }
    fn schur(a: &Matrix<Self>) -> Result<[Matrix<Self>; 2], RunErrorKind> {
        complex::schur(a)
    }
    fn sqrtm(a: &Matrix<Self>) -> Result<Matrix<Self>, RunErrorKind> {
        complex::sqrtm(a)
    }
}
