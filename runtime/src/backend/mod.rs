//! BLAS and LAPACK behind one interface: what the runtime asks of them, and who answers.
//!
//! The interface is the Fortran routines by element type, on raw column-major memory. Everything above (flags for layouts,
//! small kernels, checks for NaN, what a code of failure means, workspace) is common to all backends and lives in
//! [`crate::blas`]. Sizes are checked there: they are positive, every leading dimension is at least 1 and covers its rows, so
//! `xerbla` is never reached.
//!
//! A backend is a type, a parameter of the traits: so a test can call two of them for the same numbers. [`Chosen`] is the one
//! that the program runs on.
#![allow(unsafe_code, reason = "Fortran routines on raw matrices")]

#[cfg(feature = "faer")]
mod faer;
#[cfg(library)]
mod fortran;
#[cfg(any(library = "openblas-system", library = "openblas-static"))]
mod openblas;

#[cfg(feature = "faer")]
pub use self::faer::Faer;
use crate::blas::Real;
#[cfg(library)]
pub use fortran::Fortran;
use num_complex::Complex;
use std::ptr::NonNull;

// Only what `build.rs` has chosen is linked in.
#[cfg(library = "accelerate")]
extern crate accelerate_src as _;
#[cfg(library = "intel-mkl")]
extern crate intel_mkl_src as _;
#[cfg(library = "netlib")]
extern crate netlib_src as _;

#[cfg(not(any(library, feature = "faer")))]
compile_error!(
    "evanesce needs a feature that says what does its linear algebra: openblas-system (the default), openblas-static, \
     intel-mkl, accelerate (on Apple's systems), netlib, or faer, which needs no library"
);

/// The backend of this build.
#[cfg(library)]
pub type Chosen = Fortran;
/// The backend of this build.
#[cfg(not(library))]
pub type Chosen = Faer;

/// How good the products of the backend are on this machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kernels {
    /// With kernels for small matrices too; also where nothing is known.
    Best,
    /// Good for large matrices.
    Large,
    /// Worse than ours: the reference implementation, or OpenBLAS with kernels for a processor without AVX2 though this one has
    /// it, because it is older than the processor and does not know it. `OPENBLAS_CORETYPE=Haswell` (or `SkylakeX`, with
    /// AVX-512) in the environment of the process makes its products of large matrices several times faster.
    Outdated,
}

/// The kernels that the backend has chosen.
pub fn kernels() -> Kernels {
    #[cfg(any(library = "openblas-system", library = "openblas-static"))]
    return openblas::kernels();
    #[cfg(not(any(library = "openblas-system", library = "openblas-static")))]
    return if cfg!(library = "netlib") { Kernels::Outdated } else { Kernels::Best };
}

/// Floating-point operations of a call on one matrix from which on more threads of the library pay for themselves: see the
/// measurements in `runtime/README.md`.
pub const PARALLEL: u128 = 100_000_000;

/// Runs `f`, which calls routines for one large matrix, with as many threads for the library where it can be told to, and else on
/// the caller's. Other callers of routines wait meanwhile.
pub fn with_threads<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    #[cfg(any(library = "openblas-system", library = "openblas-static"))]
    return openblas::with_threads(threads, f);
    #[cfg(not(any(library = "openblas-system", library = "openblas-static")))]
    {
        let _ = threads;
        f()
    }
}

/// Makes the library ready, once in the life of the process.
pub fn init() {
    #[cfg(any(library = "openblas-system", library = "openblas-static"))]
    openblas::init();
}

/// What runs: the library, and of OpenBLAS the processor that it takes this one to be.
pub fn name() -> String {
    #[cfg(any(library = "openblas-system", library = "openblas-static"))]
    return format!("OpenBLAS with kernels for {}", openblas::core_name());
    #[cfg(not(any(library = "openblas-system", library = "openblas-static")))]
    return String::from(match () {
        () if cfg!(library = "intel-mkl") => "Intel MKL",
        () if cfg!(library = "accelerate") => "Accelerate",
        () if cfg!(library = "netlib") => "LAPACK",
        () => "faer",
    });
}

/// An element type of matrices: `f32`, `f64` and the complex numbers of them.
pub trait Number: Copy + 'static {
    /// The type of the parts of a number, itself where it is real.
    type Part: Real;
}

impl Number for f32 {
    type Part = f32;
}
impl Number for f64 {
    type Part = f64;
}
impl Number for Complex<f32> {
    type Part = f32;
}
impl Number for Complex<f64> {
    type Part = f64;
}

/// What a routine works in, and the sizes of that. Real routines have no parts.
#[derive(Clone, Copy, Debug)]
pub struct Work<T: Number> {
    /// Elements.
    pub numbers: *mut T,
    /// How many.
    pub numbers_len: usize,
    /// Parts of complex elements.
    pub parts: *mut T::Part,
    /// How many.
    pub parts_len: usize,
    /// Integers.
    pub integers: *mut i32,
    /// How many.
    pub integers_len: usize,
}

impl<T: Number> Work<T> {
    /// Elements alone.
    pub fn new(numbers: *mut T, numbers_len: usize) -> Self {
        let (parts, integers) = (NonNull::dangling().as_ptr(), NonNull::dangling().as_ptr());
        Self { numbers, numbers_len, parts, parts_len: 0, integers, integers_len: 0 }
    }

    /// And integers.
    pub fn integers(self, integers: *mut i32, integers_len: usize) -> Self {
        Self { integers, integers_len, ..self }
    }

    /// And parts.
    pub fn parts(self, parts: *mut T::Part, parts_len: usize) -> Self {
        Self { parts, parts_len, ..self }
    }
}

/// Products, triangular solves and factorisations, in numbers of steps that are known. Each routine writes only what its
/// Fortran namesake writes; `info` comes back as a value. A prime is the conjugate transpose.
///
/// # Safety
/// As for the Fortran routine: pointers span their matrices, dimensions are consistent and positive.
#[allow(missing_docs, clippy::missing_safety_doc, clippy::too_many_arguments)]
pub trait Lapack<B = Chosen>: Number {
    /// C = op(A) op(B), C is m x n.
    unsafe fn gemm(
        ta: u8,
        tb: u8,
        m: i32,
        n: i32,
        k: i32,
        a: *const Self,
        lda: i32,
        b: *const Self,
        ldb: i32,
        c: *mut Self,
        ldc: i32,
    );
    /// The upper triangle of C = A A', A n x k, where `trans` is `N`, or of C = A' A, A k x n, where it is `C`: of real numbers
    /// `syrk`.
    unsafe fn herk(trans: u8, n: i32, k: i32, a: *const Self, lda: i32, c: *mut Self, ldc: i32);
    /// y = op(A) x, A is m x n.
    unsafe fn gemv(trans: u8, m: i32, n: i32, a: *const Self, lda: i32, x: *const Self, incx: i32, y: *mut Self);
    /// B := B op(A)^-1, B is m x n with leading dimension m.
    unsafe fn trsm_right(uplo: u8, trans: u8, diag: u8, m: i32, n: i32, a: *const Self, lda: i32, b: *mut Self);
    /// x := op(A)^-1 x.
    unsafe fn trsv(uplo: u8, trans: u8, diag: u8, n: i32, a: *const Self, lda: i32, x: *mut Self);
    /// A = P L U in place, A is m x n.
    unsafe fn getrf(m: i32, n: i32, a: *mut Self, pivots: *mut i32) -> i32;
    /// A^-1 from `getrf`.
    unsafe fn getri(n: i32, a: *mut Self, pivots: *const i32, work: *mut Self, lwork: i32) -> i32;
    /// A = U' U in place, the upper triangle only.
    unsafe fn potrf(n: i32, a: *mut Self) -> i32;
    /// A^-1 from `potrf`, the upper triangle only.
    unsafe fn potri(n: i32, a: *mut Self) -> i32;
    /// A = L Q in place, A is m x n.
    unsafe fn gelqf(m: i32, n: i32, a: *mut Self, tau: *mut Self, work: *mut Self, lwork: i32) -> i32;
    /// The m x n matrix Q of the k vectors of `gelqf`, k <= m <= n: of real numbers `orglq`.
    unsafe fn unglq(m: i32, n: i32, k: i32, a: *mut Self, tau: *const Self, work: *mut Self, lwork: i32) -> i32;
    /// A X = B in place of B, by the bands of A with room for `kl` more.
    unsafe fn gbsv(n: i32, kl: i32, ku: i32, nrhs: i32, ab: *mut Self, pivots: *mut i32, b: *mut Self) -> i32;
    /// A = L D L' in place, the lower triangle only: of real numbers `sytrf`.
    unsafe fn hetrf(n: i32, a: *mut Self, pivots: *mut i32, work: *mut Self, lwork: i32) -> i32;
    /// op(A) X + X op(B) = scale C in place of C, A m x m and B n x n triangular, of real numbers quasi-triangular; the second
    /// number is the scale.
    unsafe fn trsyl(
        trana: u8,
        tranb: u8,
        m: i32,
        n: i32,
        a: *const Self,
        lda: i32,
        b: *const Self,
        ldb: i32,
        c: *mut Self,
        ldc: i32,
    ) -> (i32, Self::Part);
}

/// Spectra, by iterations that may not converge, and an estimate. Rules as for [`Lapack`].
///
/// # Safety
/// As for [`Lapack`].
#[allow(missing_docs, clippy::missing_safety_doc, clippy::too_many_arguments)]
pub trait Decompositions<B = Chosen>: Number {
    /// A = V diag(w) V' from the upper triangle, V in place of A where `jobz` is `V`: of real numbers `syevd`.
    unsafe fn heevd(jobz: u8, n: i32, a: *mut Self, w: *mut Self::Part, work: Work<Self>) -> i32;
    /// A = U diag(s) V', A is m x n and destroyed; U has `ucol` columns, V' has `vrow` rows, none where `jobz` is `N`.
    unsafe fn gesdd(
        jobz: u8,
        m: i32,
        n: i32,
        a: *mut Self,
        s: *mut Self::Part,
        u: *mut Self,
        ucol: i32,
        vt: *mut Self,
        vrow: i32,
        work: Work<Self>,
    ) -> i32;
    /// A V = V diag(w), A is destroyed. Of a real matrix w is n real parts and then n imaginary ones, and V has pairs of columns,
    /// real and imaginary parts, for pairs of complex eigenvalues, the one above the real axis first.
    unsafe fn geev(n: i32, a: *mut Self, w: *mut Self, v: Option<*mut Self>, work: Work<Self>) -> i32;
    /// A = Z T Z' with a T in place of A that is triangular, of real numbers quasi-triangular; `work` begins with 2 n numbers for
    /// the eigenvalues.
    unsafe fn gees(n: i32, a: *mut Self, z: *mut Self, work: Work<Self>) -> i32;
    /// Of the eigenvalues of A - z B those inside of the unit circle are the second number, and that many first columns of V are an
    /// orthonormal basis of what belongs to them. A and B are destroyed; `work` begins with 3 n numbers for the eigenvalues.
    unsafe fn gges(n: i32, a: *mut Self, b: *mut Self, v: *mut Self, work: Work<Self>) -> (i32, i32);
    /// An estimate of the reciprocal of the condition number in the norm of row sums, from `getrf`; `work` has 4 n numbers
    /// and n integers, or 2 n numbers and 2 n parts.
    unsafe fn gecon(n: i32, a: *const Self, norm: Self::Part, work: Work<Self>) -> (i32, Self::Part);
}
