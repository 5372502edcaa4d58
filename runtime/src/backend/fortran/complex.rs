//! The decompositions of complex matrices.

use super::super::{Decompositions, Work};
use super::{Fortran, int, running, slice, slice_mut, span};
use num_complex::Complex;

macro_rules! decompositions {
    ($t:ty, $heevd:ident $gesdd:ident $geev:ident $gees:ident $gges:ident $gecon:ident) => {
        impl Decompositions<Fortran> for Complex<$t> {
            unsafe fn heevd(jobz: u8, n: i32, a: *mut Self, w: *mut $t, work: Work<Self>) -> i32 {
                let mut info = 0;
                let (lwork, lrwork, liwork) = (int(work.numbers_len), int(work.parts_len), int(work.integers_len));
                unsafe {
                    let (a, w) = (slice_mut(a, span(n, n, n)), slice_mut(w, n as usize));
                    let (numbers, parts, integers) = work.slices();
                    let _running = running();
                    ::lapack::$heevd(
                        jobz, b'U', n, a, n, w, numbers, lwork, parts, lrwork, integers, liwork, &mut info,
                    );
                }
                info
            }

            unsafe fn gesdd(
                jobz: u8,
                m: i32,
                n: i32,
                a: *mut Self,
                s: *mut $t,
                u: *mut Self,
                ucol: i32,
                vt: *mut Self,
                vrow: i32,
                work: Work<Self>,
            ) -> i32 {
                let (mut info, k, lwork, ldvt) = (0, m.min(n), int(work.numbers_len), vrow.max(1));
                unsafe {
                    let (a, s) = (slice_mut(a, span(m, n, m)), slice_mut(s, k as usize));
                    let (u, vt) = (slice_mut(u, span(m, ucol, m)), slice_mut(vt, span(vrow, n, ldvt)));
                    let (numbers, parts, integers) = work.slices();
                    let _running = running();
                    ::lapack::$gesdd(jobz, m, n, a, m, s, u, m, vt, ldvt, numbers, lwork, parts, integers, &mut info);
                }
                info
            }

            unsafe fn geev(n: i32, a: *mut Self, w: *mut Self, v: Option<*mut Self>, work: Work<Self>) -> i32 {
                let (mut info, jobvr, lwork) = (0, if v.is_some() { b'V' } else { b'N' }, int(work.numbers_len));
                unsafe {
                    let (a, w) = (slice_mut(a, span(n, n, n)), slice_mut(w, n as usize));
                    let v = v.map_or(&mut [][..], |v| slice_mut(v, span(n, n, n)));
                    let (numbers, parts, _) = work.slices();
                    let _running = running();
                    ::lapack::$geev(b'N', jobvr, n, a, n, w, &mut [], 1, v, n, numbers, lwork, parts, &mut info);
                }
                info
            }

            unsafe fn gees(n: i32, a: *mut Self, z: *mut Self, work: Work<Self>) -> i32 {
                let (mut info, mut count, len) = (0, 0, n as usize);
                unsafe {
                    let (a, z) = (slice_mut(a, span(n, n, n)), slice_mut(z, span(n, n, n)));
                    let (numbers, parts, _) = work.slices();
                    let (w, rest) = numbers.split_at_mut(len);
                    let lwork = int(rest.len());
                    let _running = running();
                    ::lapack::$gees(
                        b'V',
                        b'N',
                        None,
                        n,
                        a,
                        n,
                        &mut count,
                        w,
                        z,
                        n,
                        rest,
                        lwork,
                        parts,
                        &mut [],
                        &mut info,
                    );
                }
                info
            }

            unsafe fn gges(n: i32, a: *mut Self, b: *mut Self, v: *mut Self, work: Work<Self>) -> (i32, i32) {
                extern "C" fn inside(alpha: *const Complex<$t>, beta: *const Complex<$t>) -> i32 {
                    // SAFETY: LAPACK calls it with the numbers of an eigenvalue.
                    let (alpha, beta) = unsafe { (*alpha, *beta) };
                    i32::from(alpha.norm() < beta.norm())
                }
                let (mut info, mut count, len) = (0, 0, n as usize);
                unsafe {
                    let (a, b) = (slice_mut(a, span(n, n, n)), slice_mut(b, span(n, n, n)));
                    let v = slice_mut(v, span(n, n, n));
                    let (numbers, parts, truths) = work.slices();
                    let (alpha, rest) = numbers.split_at_mut(len);
                    let (beta, rest) = rest.split_at_mut(len);
                    let lwork = int(rest.len());
                    let _running = running();
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
                        alpha,
                        beta,
                        &mut [],
                        1,
                        v,
                        n,
                        rest,
                        lwork,
                        parts,
                        truths,
                        &mut info,
                    );
                }
                (info, count)
            }

            unsafe fn gecon(n: i32, a: *const Self, norm: $t, work: Work<Self>) -> (i32, $t) {
                let (mut info, mut rcond) = (0, 0.0);
                unsafe {
                    let (a, (numbers, parts, _)) = (slice(a, span(n, n, n)), work.slices());
                    let _running = running();
                    ::lapack::$gecon(b'I', n, a, n, norm, &mut rcond, numbers, parts, &mut info);
                }
                (info, rcond)
            }
        }
    };
}

decompositions!(f64, zheevd zgesdd zgeev zgees zgges zgecon);
decompositions!(f32, cheevd cgesdd cgeev cgees cgges cgecon);
