//! The decompositions of the interface.
// SAFETY, all of it: the caller's pointers span their matrices.
#![allow(clippy::undocumented_unsafe_blocks)]

use super::super::{Decompositions, Work};
use super::{Element, Faer, View, abs, abs1, conj, deflate, eigen, one, re, real, schur, scratch, substitute, zero};
use crate::blas::{Real, Scalar};
use faer::linalg::evd::{self, ComputeEigenvectors};
use faer::linalg::svd::{self, ComputeSvdVectors};
use faer::linalg::{temp_mat_scratch, temp_mat_zeroed};
use faer::mat::AsMatMut;
use faer::prelude::ReborrowMut;
use faer::traits::ComplexField;
use faer::{Conj, Par};
use num_complex::Complex;

/// Makes a matrix whose largest element has a square that overflows or vanishes one of ordinary size, by a power of two, and
/// returns what its values are to be multiplied by.
unsafe fn scale<T: Element>(a: View<T>, m: usize, n: usize) -> T::Part {
    let mut most = T::Part::ZERO;
    let places = || (0..n).flat_map(|j| (0..m).map(move |i| (i, j)));
    for (i, j) in places() {
        let size = abs1(unsafe { a.at(i, j) });
        most = if size > most { size } else { most };
    }
    let least = (T::Part::MIN_POSITIVE / T::Part::EPSILON).sqrt();
    if most == T::Part::ZERO || !most.is_finite() || (most > least && most < T::Part::ONE / least) {
        return T::Part::ONE;
    }
    // Powers that have reciprocals.
    let least = T::Part::MIN_POSITIVE.to_f64().log2() as i32;
    let power = (most.to_f64().log2() as i32).clamp(least, -least);
    let by = real::<T>(T::Part::from_f64(2f64.powi(-power)));
    places().for_each(|(i, j)| unsafe { a.set(i, j, a.at(i, j) * by) });
    T::Part::from_f64(2f64.powi(power))
}

/// Eigenvalues of a Hermitian matrix, ascending, from its upper triangle, and eigenvectors in its place.
unsafe fn hermitian<T: Element>(vectors: bool, n: usize, a: View<T>, w: *mut T::Part) -> bool {
    let asked = if vectors { ComputeEigenvectors::Yes } else { ComputeEigenvectors::No };
    let order = if vectors { n } else { 0 };
    let req = evd::self_adjoint_evd_scratch::<T>(n, asked, Par::Seq, Default::default());
    let req = temp_mat_scratch::<T>(n, 1).and(temp_mat_scratch::<T>(n, order)).and(req);
    let back = unsafe { scale(a, n, n) };
    scratch(req, |stack| {
        let (mut values, stack) = temp_mat_zeroed::<T, _, _>(n, 1, stack);
        let (mut basis, stack) = temp_mat_zeroed::<T, _, _>(n, order, stack);
        let (mut values, mut basis) = (values.as_mat_mut(), basis.as_mat_mut());
        // What faer reads, the lower triangle, is the conjugate's in the transposed view.
        let conjugate = unsafe { a.t().read(n, n) };
        let diagonal = values.rb_mut().col_mut(0).as_diagonal_mut();
        let space = vectors.then(|| basis.rb_mut());
        let result = evd::self_adjoint_evd(conjugate, diagonal, space, Par::Seq, stack, Default::default());
        unsafe {
            (0..n).for_each(|i| *w.add(i) = re(values[(i, 0)]) * back);
            for j in 0..order {
                (0..n).for_each(|i| a.set(i, j, conj(basis[(i, j)])));
            }
            sort(w, n, false, |i, j| a.t().exchange(i, j, order));
        }
        result.is_ok()
    })
}

/// Puts neighbours in order, which faer's values are but for rounding; `exchange` is told whose vectors go along.
unsafe fn sort<T: Real>(values: *mut T, n: usize, descending: bool, exchange: impl Fn(usize, usize)) {
    let wrong = |i: usize| unsafe {
        let (x, y) = (*values.add(i - 1), *values.add(i));
        if descending { x < y } else { x > y }
    };
    for end in 1..n {
        let mut i = end;
        while i > 0 && wrong(i) {
            unsafe { std::ptr::swap(values.add(i - 1), values.add(i)) };
            exchange(i - 1, i);
            i -= 1;
        }
    }
}

/// Singular values, descending, and as many vectors as are asked for.
unsafe fn singular<T: Element>(
    [m, n]: [usize; 2],
    a: View<T>,
    s: *mut T::Part,
    u: Option<(View<T>, usize)>,
    vt: Option<(View<T>, usize)>,
) -> bool {
    let k = m.min(n);
    let asked = |count: Option<usize>| match count {
        None => ComputeSvdVectors::No,
        Some(count) if count == k => ComputeSvdVectors::Thin,
        Some(_) => ComputeSvdVectors::Full,
    };
    let (left, right) = (asked(u.map(|u| u.1)), asked(vt.map(|vt| vt.1)));
    let req = svd::svd_scratch::<T>(m, n, left, right, Par::Seq, Default::default());
    let back = unsafe { scale(a, m, n) };
    scratch(temp_mat_scratch::<T>(k, 1).and(req), |stack| {
        let (mut values, stack) = temp_mat_zeroed::<T, _, _>(k, 1, stack);
        let mut values = values.as_mat_mut();
        let diagonal = values.rb_mut().col_mut(0).as_diagonal_mut();
        unsafe {
            let mut left = u.map(|(u, cols)| u.write(m, cols));
            let mut right = vt.map(|(vt, rows)| vt.t().write(n, rows));
            // As for `scratch`.
            [&mut left, &mut right].into_iter().flatten().for_each(|basis| basis.fill(zero()));
            let result = svd::svd(a.read(m, n), diagonal, left, right, Par::Seq, stack, Default::default());
            (0..k).for_each(|i| *s.add(i) = re(values[(i, 0)]) * back);
            if let (Some((vt, rows)), false) = (vt, T::IS_REAL) {
                for j in 0..n {
                    (0..rows).for_each(|i| vt.set(i, j, conj(vt.at(i, j))));
                }
            }
            sort(s, k, true, |i, j| {
                u.iter().for_each(|(u, _)| u.t().exchange(i, j, m));
                vt.iter().for_each(|(vt, _)| vt.exchange(i, j, n));
            });
            result.is_ok()
        }
    })
}

/// The reciprocal of the condition number in the norm of row sums, from the factors of A: of the inverse itself.
unsafe fn condition<T: Element>(a: View<T>, n: usize, norm: T::Part) -> T::Part {
    unsafe {
        if (0..n).any(|i| a.at(i, i) == zero()) {
            return T::Part::ZERO;
        }
        scratch(temp_mat_scratch::<T>(n, n), |stack| {
            let (mut inverse, _) = temp_mat_zeroed::<T, _, _>(n, n, stack);
            let mut inverse = inverse.as_mat_mut();
            inverse.rb_mut().diagonal_mut().fill(one());
            // But for an order of the columns, which no sum of a row sees.
            substitute(a.read(n, n), Conj::No, inverse.rb_mut(), true, true);
            substitute(a.read(n, n), Conj::No, inverse.rb_mut(), false, false);
            let row = |i: usize| (0..n).fold(T::Part::ZERO, |sum, j| sum + abs(inverse[(i, j)]));
            let largest = (0..n).map(row).fold(T::Part::ZERO, |most, x| if x > most || x.is_nan() { x } else { most });
            T::Part::ONE / norm / largest
        })
    }
}

macro_rules! decompositions {
    ($($t:ty, $part:ty, $schur:path, $gges:ident, $geev:path;)*) => {$(
        impl Decompositions<Faer> for $t {
            unsafe fn heevd(jobz: u8, n: i32, a: *mut $t, w: *mut $part, _: Work<$t>) -> i32 {
                i32::from(!unsafe { hermitian(jobz == b'V', n as usize, View::columns(a, n), w) })
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
                _: Work<$t>,
            ) -> i32 {
                let vectors = jobz != b'N';
                let u = vectors.then(|| (View::columns(u, m), ucol as usize));
                let vt = vectors.then(|| (View::columns(vt, vrow), vrow as usize));
                i32::from(!unsafe { singular([m as usize, n as usize], View::columns(a, m), s, u, vt) })
            }

            unsafe fn geev(n: i32, a: *mut $t, w: *mut $t, v: Option<*mut $t>, _: Work<$t>) -> i32 {
                let (a, n, v) = (View::columns(a, n), n as usize, v.map(|v| View::columns(v, n)));
                unsafe {
                    let back = scale(a, n, n);
                    let ended = $geev(a, n, w, v);
                    let values = if <$t>::IS_REAL { 2 * n } else { n };
                    (0..values).for_each(|i| *w.add(i) *= back);
                    i32::from(!ended)
                }
            }

            unsafe fn gees(n: i32, a: *mut $t, z: *mut $t, _: Work<$t>) -> i32 {
                let (a, z, n) = (View::columns(a, n), View::columns(z, n), n as usize);
                unsafe { schur::hessenberg(a, z, n) };
                i32::from(!unsafe { $schur(a, z, n) })
            }

            unsafe fn gges(n: i32, a: *mut $t, b: *mut $t, v: *mut $t, _: Work<$t>) -> (i32, i32) {
                let [a, b, v] = [a, b, v].map(|x| View::columns(x, n));
                match unsafe { $gges(a, b, v, n as usize) } {
                    Some(count) => (0, count as i32),
                    None => (1, 0),
                }
            }

            unsafe fn gecon(n: i32, a: *const $t, norm: $part, _: Work<$t>) -> (i32, $part) {
                (0, unsafe { condition(View::columns(a.cast_mut(), n), n as usize, norm) })
            }
        }
    )*};
}

use deflate::inside as complex_inside;

decompositions! {
    f32, f32, schur::real_form, real_inside, eigen::real_eigen;
    f64, f64, schur::real_form, real_inside, eigen::real_eigen;
    Complex<f32>, f32, schur::complex, complex_inside, eigen::complex_eigen;
    Complex<f64>, f64, schur::complex, complex_inside, eigen::complex_eigen;
}

/// [`deflate::inside`] of real matrices: the space of what is inside is that of its real and imaginary parts.
unsafe fn real_inside<T>(a: View<T>, b: View<T>, v: View<T>, n: usize) -> Option<usize>
where
    T: Element<Part = T> + Real,
    Complex<T>: Element<Part = T>,
{
    let order = temp_mat_scratch::<Complex<T>>(n, n);
    scratch(order.array(3).and(temp_mat_scratch::<T>(n, 2 * n)), |stack| {
        let (mut complex_a, stack) = temp_mat_zeroed::<Complex<T>, _, _>(n, n, stack);
        let (mut complex_b, stack) = temp_mat_zeroed::<Complex<T>, _, _>(n, n, stack);
        let (mut z, stack) = temp_mat_zeroed::<Complex<T>, _, _>(n, n, stack);
        let (mut complex_a, mut complex_b) = (complex_a.as_mat_mut(), complex_b.as_mat_mut());
        let mut z = z.as_mat_mut();
        let number = |re: T| Complex { re, im: T::ZERO };
        let view =
            |x: &mut faer::MatMut<'_, Complex<T>>| View { ptr: x.as_ptr_mut(), rs: x.row_stride(), cs: x.col_stride() };
        unsafe {
            for j in 0..n {
                for i in 0..n {
                    (complex_a[(i, j)], complex_b[(i, j)]) = (number(a.at(i, j)), number(b.at(i, j)));
                }
            }
            let count = deflate::inside(view(&mut complex_a), view(&mut complex_b), view(&mut z), n)?;
            let (mut span, _) = temp_mat_zeroed::<T, _, _>(n, 2 * n, stack);
            let mut span = span.as_mat_mut();
            for j in 0..count {
                for i in 0..n {
                    (span[(i, j)], span[(i, count + j)]) = (z[(i, j)].re, z[(i, j)].im);
                }
            }
            let span = View { ptr: span.as_ptr_mut(), rs: span.row_stride(), cs: span.col_stride() };
            deflate::basis(span, 2 * count, v, n, count).then_some(count)
        }
    })
}
