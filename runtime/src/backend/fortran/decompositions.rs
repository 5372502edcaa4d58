//! The decompositions. Routines of complex matrices have one array more to work in, of parts; those of real ones have complex
//! eigenvalues in two arrays.

use super::super::{Decompositions, Work};
use super::{Fortran, int, running, slice, slice_mut, span};
use crate::blas::{Real, Scalar};
use num_complex::Complex;

/// Whether an eigenvalue of a pencil is inside of the unit circle.
extern "C" fn inside_real<T: Real>(re: *const T, im: *const T, beta: *const T) -> i32 {
    // SAFETY: LAPACK calls it with the numbers of an eigenvalue.
    let (re, im, beta) = unsafe { (*re, *im, *beta) };
    i32::from(re.hypot(im) < beta.abs())
}

/// The same of a complex pencil.
extern "C" fn inside<T: Scalar>(alpha: *const T, beta: *const T) -> i32 {
    // SAFETY: LAPACK calls it with the numbers of an eigenvalue.
    let (alpha, beta) = unsafe { (*alpha, *beta) };
    i32::from(alpha.abs() < beta.abs())
}

/// The routines by name, with the arrays of eigenvalues, that of parts if there is one, which of the arrays of [`Work::slices`]
/// an estimate works in, and what chooses eigenvalues.
macro_rules! decompositions {
    (
        $t:ty, $part:ty, values ($($w:ident)+), parts ($($rwork:ident)?), estimate $room:tt, inside $inside:expr,
        $heevd:ident $gesdd:ident $geev:ident $gees:ident $gges:ident $gecon:ident
    ) => {
        impl Decompositions<Fortran> for $t {
            unsafe fn heevd(jobz: u8, n: i32, a: *mut $t, w: *mut $part, work: Work<$t>) -> i32 {
                let (mut info, lwork, liwork) = (0, int(work.numbers_len), int(work.integers_len));
                unsafe {
                    let (a, w) = (slice_mut(a, span(n, n, n)), slice_mut(w, n as usize));
                    let (numbers, _parts, integers) = work.slices();
                    $(let ($rwork, lrwork) = (_parts, int(work.parts_len));)?
                    let _running = running();
                    ::lapack::$heevd(
                        jobz, b'U', n, a, n, w, numbers, lwork, $($rwork, lrwork,)? integers, liwork, &mut info,
                    );
                }
                info
            }

            unsafe fn gesdd(
                jobz: u8,
                m: i32,
                n: i32,
                a: *mut $t,
                s: *mut $part,
                u: *mut $t,
                ucol: i32,
                vt: *mut $t,
                vrow: i32,
                work: Work<$t>,
            ) -> i32 {
                let (mut info, k, lwork, ldvt) = (0, m.min(n), int(work.numbers_len), vrow.max(1));
                unsafe {
                    let (a, s) = (slice_mut(a, span(m, n, m)), slice_mut(s, k as usize));
                    let (u, vt) = (slice_mut(u, span(m, ucol, m)), slice_mut(vt, span(vrow, n, ldvt)));
                    let (numbers, _parts, integers) = work.slices();
                    $(let $rwork = _parts;)?
                    let _running = running();
                    ::lapack::$gesdd(
                        jobz, m, n, a, m, s, u, m, vt, ldvt, numbers, lwork, $($rwork,)? integers, &mut info,
                    );
                }
                info
            }

            unsafe fn geev(n: i32, a: *mut $t, w: *mut $t, v: Option<*mut $t>, work: Work<$t>) -> i32 {
                let (mut info, len, jobvr) = (0, n as usize, if v.is_some() { b'V' } else { b'N' });
                let lwork = int(work.numbers_len);
                unsafe {
                    let v = v.map_or(&mut [][..], |v| slice_mut(v, span(n, n, n)));
                    let mut values = slice_mut(w, len * [$(stringify!($w)),+].len()).chunks_exact_mut(len);
                    $(let $w = values.next().expect("as many as there are names");)+
                    let (a, (numbers, _parts, _)) = (slice_mut(a, span(n, n, n)), work.slices());
                    $(let $rwork = _parts;)?
                    let _running = running();
                    ::lapack::$geev(
                        b'N', jobvr, n, a, n, $($w,)+ &mut [], 1, v, n, numbers, lwork, $($rwork,)? &mut info,
                    );
                }
                info
            }

            unsafe fn gees(n: i32, a: *mut $t, z: *mut $t, work: Work<$t>) -> i32 {
                let (mut info, mut count, len) = (0, 0, n as usize);
                unsafe {
                    let (a, z) = (slice_mut(a, span(n, n, n)), slice_mut(z, span(n, n, n)));
                    let (rest, _parts, _) = work.slices();
                    $(let ($w, rest) = rest.split_at_mut(len);)+
                    $(let $rwork = _parts;)?
                    let lwork = int(rest.len());
                    let _running = running();
                    ::lapack::$gees(
                        b'V', b'N', None, n, a, n, &mut count, $($w,)+ z, n, rest, lwork, $($rwork,)? &mut [], &mut info,
                    );
                }
                info
            }

            unsafe fn gges(n: i32, a: *mut $t, b: *mut $t, v: *mut $t, work: Work<$t>) -> (i32, i32) {
                let (mut info, mut count, len) = (0, 0, n as usize);
                unsafe {
                    let (a, b) = (slice_mut(a, span(n, n, n)), slice_mut(b, span(n, n, n)));
                    let (v, (rest, _parts, truths)) = (slice_mut(v, span(n, n, n)), work.slices());
                    $(let ($w, rest) = rest.split_at_mut(len);)+
                    let (beta, rest) = rest.split_at_mut(len);
                    $(let $rwork = _parts;)?
                    let lwork = int(rest.len());
                    let _running = running();
                    ::lapack::$gges(
                        b'N', b'V', b'S', Some($inside), n, a, n, b, n, &mut count, $($w,)+ beta, &mut [], 1, v, n, rest,
                        lwork, $($rwork,)? truths, &mut info,
                    );
                }
                (info, count)
            }

            unsafe fn gecon(n: i32, a: *const $t, norm: $part, work: Work<$t>) -> (i32, $part) {
                let (mut info, mut rcond) = (0, 0.0);
                unsafe {
                    let (a, slices) = (slice(a, span(n, n, n)), work.slices());
                    let _running = running();
                    ::lapack::$gecon(b'I', n, a, n, norm, &mut rcond, slices.0, slices.$room, &mut info);
                }
                (info, rcond)
            }
        }
    };
}

decompositions!(
    f64, f64, values (re im), parts (), estimate 2, inside inside_real::<f64>,
    dsyevd dgesdd dgeev dgees dgges dgecon
);
decompositions!(
    f32, f32, values (re im), parts (), estimate 2, inside inside_real::<f32>,
    ssyevd sgesdd sgeev sgees sgges sgecon
);
decompositions!(
    Complex<f64>, f64, values (w), parts (rwork), estimate 1, inside inside::<Complex<f64>>,
    zheevd zgesdd zgeev zgees zgges zgecon
);
decompositions!(
    Complex<f32>, f32, values (w), parts (rwork), estimate 1, inside inside::<Complex<f32>>,
    cheevd cgesdd cgeev cgees cgges cgecon
);
