//! The Fortran routines of [`super::lapack`]'s kind that decompose matrices further, on raw column-major memory.

use super::lapack::{slice, slice_mut, span};

/// The routines. Each writes only what its Fortran namesake writes; `info` comes back as a value.
///
/// # Safety
/// As for the Fortran routine: pointers span their matrices, dimensions are consistent.
#[allow(missing_docs, clippy::missing_safety_doc, clippy::too_many_arguments)]
pub trait Decompositions: Sized {
    /// A = Z T Z' with a quasi-triangular T in place of A; `work` begins with 2 n elements for the eigenvalues.
    unsafe fn gees(n: i32, a: *mut Self, z: *mut Self, work: *mut Self, lwork: i32) -> i32;
    /// A V = W S, B V = W T in place of A and B, the eigenvalues inside of the unit circle first; the second number counts
    /// them. `work` begins with 3 n elements for the eigenvalues and n integers.
    unsafe fn gges(n: i32, a: *mut Self, b: *mut Self, v: *mut Self, work: *mut Self, lwork: i32) -> (i32, i32);
    /// op(A) X + X op(B) = scale C in place of C, quasi-triangular A m x m and B n x n; the second number is the scale.
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
    ) -> (i32, Self);
    /// A X = B in place of B, by the bands of A with room for `kl` more.
    unsafe fn gbsv(n: i32, kl: i32, ku: i32, nrhs: i32, ab: *mut Self, pivots: *mut i32, b: *mut Self) -> i32;
    /// A = L D L' in place, the lower triangle only.
    unsafe fn sytrf(n: i32, a: *mut Self, pivots: *mut i32, work: *mut Self, lwork: i32) -> i32;
    /// A V = V diag(w): V as pairs of columns are for pairs of complex eigenvalues; `work` begins with 2 n elements for w.
    unsafe fn geev(n: i32, a: *mut Self, v: Option<*mut Self>, work: *mut Self, lwork: i32) -> i32;
    /// The reciprocal of the condition number in the norm of row sums, from `getrf`; `work` has 4 n elements.
    unsafe fn gecon(n: i32, a: *const Self, norm: Self, work: *mut Self, iwork: *mut i32) -> (i32, Self);
}

macro_rules! decompositions {
    ($t:ty, $gees:ident $gges:ident $trsyl:ident $gbsv:ident $sytrf:ident $gecon:ident $geev:ident) => {
        // SAFETY, all of it: the caller's pointers span their matrices, which is what the slices say.
        #[allow(clippy::undocumented_unsafe_blocks, clippy::too_many_arguments)]
        impl Decompositions for $t {
            unsafe fn gees(n: i32, a: *mut $t, z: *mut $t, work: *mut $t, lwork: i32) -> i32 {
                let (mut info, mut count, len) = (0, 0, n as usize);
                unsafe {
                    let (a, z) = (slice_mut(a, span(n, n, n)), slice_mut(z, span(n, n, n)));
                    let (re, im) = (slice_mut(work, len), slice_mut(work.add(len), len));
                    let rest = slice_mut(work.add(2 * len), lwork as usize);
                    ::lapack::$gees(
                        b'V',
                        b'N',
                        None,
                        n,
                        a,
                        n,
                        &mut count,
                        re,
                        im,
                        z,
                        n,
                        rest,
                        lwork,
                        &mut [],
                        &mut info,
                    );
                }
                info
            }

            unsafe fn gges(n: i32, a: *mut $t, b: *mut $t, v: *mut $t, work: *mut $t, lwork: i32) -> (i32, i32) {
                extern "C" fn inside(re: *const $t, im: *const $t, beta: *const $t) -> i32 {
                    // SAFETY: LAPACK calls it with the numbers of an eigenvalue.
                    let (re, im, beta) = unsafe { (*re, *im, *beta) };
                    i32::from(re.hypot(im) < beta.abs())
                }
                let (mut info, mut count, len) = (0, 0, n as usize);
                unsafe {
                    let (a, b) = (slice_mut(a, span(n, n, n)), slice_mut(b, span(n, n, n)));
                    let v = slice_mut(v, span(n, n, n));
                    let [re, im, beta] = [0, 1, 2].map(|i| slice_mut(work.add(i * len), len));
                    let truths = slice_mut(work.add(3 * len).cast(), len);
                    let rest = slice_mut(work.add(4 * len), lwork as usize);
                    ::lapack::$gges(
                        b'N',
                        b'V',
                        b'S',
                        Some(inside),
                        n,
                        a,
                        n,
                        b,
                        n,
                        &mut count,
                        re,
                        im,
                        beta,
                        &mut [],
                        1,
                        v,
                        n,
                        rest,
                        lwork,
                        truths,
                        &mut info,
                    );
                }
                (info, count)
            }

            unsafe fn trsyl(
                trana: u8,
                tranb: u8,
                m: i32,
                n: i32,
                a: *const $t,
                lda: i32,
                b: *const $t,
                ldb: i32,
                c: *mut $t,
                ldc: i32,
            ) -> (i32, $t) {
                let (mut info, mut scale) = (0, [1.0]);
                unsafe {
                    let (a, b) = (slice(a, span(m, m, lda)), slice(b, span(n, n, ldb)));
                    let c = slice_mut(c, span(m, n, ldc));
                    ::lapack::$trsyl(trana, tranb, &[1], m, n, a, lda, b, ldb, c, ldc, &mut scale, &mut info);
                }
                (info, scale[0])
            }

            unsafe fn gbsv(n: i32, kl: i32, ku: i32, nrhs: i32, ab: *mut $t, pivots: *mut i32, b: *mut $t) -> i32 {
                let (mut info, rows) = (0, 2 * kl + ku + 1);
                unsafe {
                    let (ab, b) = (slice_mut(ab, span(rows, n, rows)), slice_mut(b, span(n, nrhs, n)));
                    ::lapack::$gbsv(n, kl, ku, nrhs, ab, rows, slice_mut(pivots, n as usize), b, n, &mut info);
                }
                info
            }

            unsafe fn sytrf(n: i32, a: *mut $t, pivots: *mut i32, work: *mut $t, lwork: i32) -> i32 {
                let mut info = 0;
                unsafe {
                    let (a, pivots) = (slice_mut(a, span(n, n, n)), slice_mut(pivots, n as usize));
                    ::lapack::$sytrf(b'L', n, a, n, pivots, slice_mut(work, lwork as usize), lwork, &mut info);
                }
                info
            }

            unsafe fn geev(n: i32, a: *mut $t, v: Option<*mut $t>, work: *mut $t, lwork: i32) -> i32 {
                let (mut info, len, jobvr) = (0, n as usize, if v.is_some() { b'V' } else { b'N' });
                unsafe {
                    let v = v.map_or(&mut [][..], |v| slice_mut(v, span(n, n, n)));
                    let (re, im) = (slice_mut(work, len), slice_mut(work.add(len), len));
                    let (a, rest) = (slice_mut(a, span(n, n, n)), slice_mut(work.add(2 * len), lwork as usize));
                    ::lapack::$geev(b'N', jobvr, n, a, n, re, im, &mut [], 1, v, n, rest, lwork, &mut info);
                }
                info
            }

            unsafe fn gecon(n: i32, a: *const $t, norm: $t, work: *mut $t, iwork: *mut i32) -> (i32, $t) {
                let (mut info, mut rcond) = (0, 0.0);
                unsafe {
                    let (a, work) = (slice(a, span(n, n, n)), slice_mut(work, 4 * n as usize));
                    ::lapack::$gecon(b'I', n, a, n, norm, &mut rcond, work, slice_mut(iwork, n as usize), &mut info);
                }
                (info, rcond)
            }
        }
    };
}

decompositions!(f64, dgees dgges dtrsyl dgbsv dsytrf dgecon dgeev);
decompositions!(f32, sgees sgges strsyl sgbsv ssytrf sgecon sgeev);
