//! The decompositions of real matrices.

use super::super::{Decompositions, Work};
use super::{Fortran, int, running, slice, slice_mut, span};

macro_rules! decompositions {
    ($t:ty, $syevd:ident $gesdd:ident $geev:ident $gees:ident $gges:ident $gecon:ident) => {
        impl Decompositions<Fortran> for $t {
            unsafe fn heevd(jobz: u8, n: i32, a: *mut $t, w: *mut $t, work: Work<$t>) -> i32 {
                let mut info = 0;
                let (lwork, liwork) = (int(work.numbers_len), int(work.integers_len));
                unsafe {
                    let (a, w) = (slice_mut(a, span(n, n, n)), slice_mut(w, n as usize));
                    let (numbers, _, integers) = work.slices();
                    let _running = running();
                    ::lapack::$syevd(jobz, b'U', n, a, n, w, numbers, lwork, integers, liwork, &mut info);
                }
                info
            }

            unsafe fn gesdd(
                jobz: u8,
                m: i32,
                n: i32,
                a: *mut $t,
                s: *mut $t,
                u: *mut $t,
                ucol: i32,
                vt: *mut $t,
                vrow: i32,
                work: Work<$t>,
            ) -> i32 {
                let (mut info, k, lwork) = (0, m.min(n), int(work.numbers_len));
                unsafe {
                    let (a, s) = (slice_mut(a, span(m, n, m)), slice_mut(s, k as usize));
                    let (u, vt) = (slice_mut(u, span(m, ucol, m)), slice_mut(vt, span(vrow, n, vrow.max(1))));
                    let (numbers, _, integers) = work.slices();
                    let _running = running();
                    ::lapack::$gesdd(jobz, m, n, a, m, s, u, m, vt, vrow.max(1), numbers, lwork, integers, &mut info);
                }
                info
            }

            unsafe fn geev(n: i32, a: *mut $t, w: *mut $t, v: Option<*mut $t>, work: Work<$t>) -> i32 {
                let (mut info, len, jobvr) = (0, n as usize, if v.is_some() { b'V' } else { b'N' });
                let lwork = int(work.numbers_len);
                unsafe {
                    let v = v.map_or(&mut [][..], |v| slice_mut(v, span(n, n, n)));
                    let (re, im) = (slice_mut(w, len), slice_mut(w.add(len), len));
                    let (a, (numbers, ..)) = (slice_mut(a, span(n, n, n)), work.slices());
                    let _running = running();
                    ::lapack::$geev(b'N', jobvr, n, a, n, re, im, &mut [], 1, v, n, numbers, lwork, &mut info);
                }
                info
            }

            unsafe fn gees(n: i32, a: *mut $t, z: *mut $t, work: Work<$t>) -> i32 {
                let (mut info, mut count, len) = (0, 0, n as usize);
                unsafe {
                    let (a, z) = (slice_mut(a, span(n, n, n)), slice_mut(z, span(n, n, n)));
                    let (re, rest) = work.slices().0.split_at_mut(len);
                    let (im, rest) = rest.split_at_mut(len);
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

            unsafe fn gges(n: i32, a: *mut $t, b: *mut $t, v: *mut $t, work: Work<$t>) -> (i32, i32) {
                extern "C" fn inside(re: *const $t, im: *const $t, beta: *const $t) -> i32 {
                    // SAFETY: LAPACK calls it with the numbers of an eigenvalue.
                    let (re, im, beta) = unsafe { (*re, *im, *beta) };
                    i32::from(re.hypot(im) < beta.abs())
                }
                let (mut info, mut count, len) = (0, 0, n as usize);
                unsafe {
                    let (a, b) = (slice_mut(a, span(n, n, n)), slice_mut(b, span(n, n, n)));
                    let v = slice_mut(v, span(n, n, n));
                    let (numbers, _, truths) = work.slices();
                    let (re, rest) = numbers.split_at_mut(len);
                    let (im, rest) = rest.split_at_mut(len);
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

            unsafe fn gecon(n: i32, a: *const $t, norm: $t, work: Work<$t>) -> (i32, $t) {
                let (mut info, mut rcond) = (0, 0.0);
                unsafe {
                    let (a, (numbers, _, integers)) = (slice(a, span(n, n, n)), work.slices());
                    let _running = running();
                    ::lapack::$gecon(b'I', n, a, n, norm, &mut rcond, numbers, integers, &mut info);
                }
                (info, rcond)
            }
        }
    };
}

decompositions!(f64, dsyevd dgesdd dgeev dgees dgges dgecon);
decompositions!(f32, ssyevd sgesdd sgeev sgees sgges sgecon);
