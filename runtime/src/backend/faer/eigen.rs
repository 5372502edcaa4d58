//! Eigenvectors of general matrices, by faer, and scaled as LAPACK scales them.

use super::super::Number;
use super::{Element, View, balance, one, real, scratch};
use crate::blas::Real;
use faer::dyn_stack::MemStack;
use faer::linalg::evd::{self, ComputeEigenvectors};
use faer::linalg::{temp_mat_scratch, temp_mat_zeroed};
use faer::mat::AsMatMut;
use faer::prelude::ReborrowMut;
use faer::{ColMut, MatMut, MatRef, Par};
use num_complex::Complex;

/// faer's eigenvectors, in the form that it has for the element type.
pub(super) trait Eigen: Element {
    /// # Safety
    /// `w` has room for n eigenvalues, of real matrices for n real parts and then n imaginary ones.
    unsafe fn evd(a: MatRef<'_, Self>, w: *mut Self, v: Option<MatMut<'_, Self>>, stack: &mut MemStack) -> bool;
}

macro_rules! eigen {
    ($($t:ty)*) => {$(
        impl Eigen for $t {
            unsafe fn evd(a: MatRef<'_, $t>, w: *mut $t, v: Option<MatMut<'_, $t>>, stack: &mut MemStack) -> bool {
                let n = a.nrows();
                // SAFETY: the caller's.
                let [re, im] = [w, w.wrapping_add(n)].map(|w| unsafe { ColMut::from_raw_parts_mut(w, n, 1) });
                let (re, im) = (re.as_diagonal_mut(), im.as_diagonal_mut());
                evd::evd_real(a, re, im, None, v, Par::Seq, stack, Default::default()).is_ok()
            }
        }

        impl Eigen for Complex<$t> {
            unsafe fn evd(a: MatRef<'_, Self>, w: *mut Self, v: Option<MatMut<'_, Self>>, stack: &mut MemStack) -> bool {
                // SAFETY: the caller's.
                let w = unsafe { ColMut::from_raw_parts_mut(w, a.nrows(), 1) };
                evd::evd_cplx(a, w.as_diagonal_mut(), None, v, Par::Seq, stack, Default::default()).is_ok()
            }
        }
    )*};
}

eigen!(f32 f64);

/// Eigenvalues, and eigenvectors as faer scales them; whether the iteration ended.
unsafe fn eigen<T: Eigen>(a: View<T>, n: usize, w: *mut T, v: Option<View<T>>) -> bool {
    let vectors = if v.is_some() { ComputeEigenvectors::Yes } else { ComputeEigenvectors::No };
    let req = evd::evd_scratch::<T>(n, ComputeEigenvectors::No, vectors, Par::Seq, Default::default());
    scratch(temp_mat_scratch::<T>(n, 1).and(req), |stack| {
        let (mut scale, stack) = temp_mat_zeroed::<T, _, _>(n, 1, stack);
        let mut scale = scale.as_mat_mut();
        scale.rb_mut().fill(one());
        // SAFETY: the caller's memory: matrices n x n, and the eigenvalues.
        unsafe {
            balance::balance(a, n, |i, factor| scale[(i, 0)] *= real::<T>(factor));
            let ended = T::evd(a.read(n, n), w, v.map(|v| v.write(n, n)), stack);
            if let Some(v) = v {
                balance::back(v, n, |i| scale[(i, 0)]);
            }
            ended
        }
    })
}

/// A V = V diag(w) of a real matrix, eigenvectors of length 1, their largest elements real; whether the iteration ended.
pub(super) unsafe fn real_eigen<T>(a: View<T>, n: usize, w: *mut T, v: Option<View<T>>) -> bool
where
    T: Eigen + Number<Part = T> + Real,
{
    // SAFETY: the caller's memory: matrices n x n, and 2 n eigenvalues.
    unsafe {
        if !eigen(a, n, w, v) {
            return false;
        }
        let mut j = 0;
        while j < n {
            if *w.add(n + j) == T::ZERO || j + 1 == n {
                if let Some(v) = v {
                    normalise(n, |i| [v.at(i, j), T::ZERO], |i, [x, _]| v.set(i, j, x));
                }
                j += 1;
                continue;
            }
            let below = *w.add(n + j) < T::ZERO;
            if below {
                std::ptr::swap(w.add(n + j), w.add(n + j + 1));
            }
            if let Some(v) = v {
                let imaginary = |i: usize| if below { -v.at(i, j + 1) } else { v.at(i, j + 1) };
                normalise(
                    n,
                    |i| [v.at(i, j), imaginary(i)],
                    |i, [x, y]| {
                        v.set(i, j, x);
                        v.set(i, j + 1, y);
                    },
                );
            }
            j += 2;
        }
    }
    true
}

/// [`real_eigen`] of a complex matrix, with n eigenvalues.
pub(super) unsafe fn complex_eigen<T: Real>(
    a: View<Complex<T>>,
    n: usize,
    w: *mut Complex<T>,
    v: Option<View<Complex<T>>>,
) -> bool
where
    Complex<T>: Eigen,
{
    // SAFETY: the caller's memory: matrices n x n, and n eigenvalues.
    unsafe {
        if !eigen(a, n, w, v) {
            return false;
        }
        let Some(v) = v else { return true };
        for j in 0..n {
            normalise(n, |i| [v.at(i, j).re, v.at(i, j).im], |i, [re, im]| v.set(i, j, Complex { re, im }));
        }
    }
    true
}

/// Makes a vector one of length 1 whose largest element is real.
fn normalise<T: Real>(n: usize, get: impl Fn(usize) -> [T; 2], set: impl Fn(usize, [T; 2])) {
    let size = |[re, im]: [T; 2]| re.hypot(im);
    let (mut largest, mut most) = (0, T::ZERO);
    for i in 0..n {
        if size(get(i)) > most {
            (largest, most) = (i, size(get(i)));
        }
    }
    if most == T::ZERO {
        return;
    }
    let sum = (0..n).fold(T::ZERO, |sum, i| {
        let part = size(get(i)) / most;
        sum + part * part
    });
    let [c, s] = get(largest).map(|x| x / most);
    let length = most * sum.sqrt();
    for i in 0..n {
        let [re, im] = get(i).map(|x| x / length);
        let turned = [re * c + im * s, im * c - re * s];
        set(i, if i == largest { [turned[0], T::ZERO] } else { turned });
    }
}
