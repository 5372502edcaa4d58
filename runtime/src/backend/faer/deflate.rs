//! Deflating subspaces: the QZ iteration, and eigenvalues put in order.

use super::{Element, View, abs, conj, householder, one, rotation, scratch, turn, zero};
use faer::linalg::evd::ComputeEigenvectors;
use faer::linalg::gevd::gen_hessenberg::{self, GeneralizedHessenbergParams};
use faer::linalg::gevd::{GeneralizedSchurParams, qz_cplx};
use faer::linalg::{temp_mat_scratch, temp_mat_zeroed};
use faer::mat::AsMatMut;
use faer::prelude::ReborrowMut;
use faer::{Auto, Par};

/// Of the eigenvalues of A - z B, complex matrices, how many are inside of the unit circle; that many first columns of Z
/// are an orthonormal basis of what belongs to them. Not where rounding moves eigenvalues over the circle.
pub(super) unsafe fn inside<T: Element>(a: View<T>, b: View<T>, z: View<T>, n: usize) -> Option<usize> {
    // SAFETY: the caller's matrices, n x n.
    unsafe {
        triangular(a, b, z, n);
        let is_inside = |i: usize| abs(a.at(i, i)) < abs(b.at(i, i));
        let mut count = 0;
        for i in 0..n {
            if is_inside(i) {
                (count..i).rev().for_each(|j| exchange(a, b, z, n, j));
                count += 1;
            }
        }
        (0..n).all(|i| is_inside(i) == (i < count)).then_some(count)
    }
}

/// Q' A Z and Q' B Z upper triangular, in place of A and B, by the QZ iteration.
unsafe fn triangular<T: Element>(a: View<T>, b: View<T>, z: View<T>, n: usize) {
    // SAFETY: the caller's matrices, n x n; that of Z holds the factors of the reflections first.
    let (mut a, mut b, mut z) = unsafe {
        householder::factor(b, n, n, z.ptr);
        householder::apply_adjoint(b, n, n, z.ptr, a, n);
        (a.write(n, n), b.write(n, n), z.write(n, n))
    };
    for j in 0..n {
        (j + 1..n).for_each(|i| b[(i, j)] = zero());
    }
    z.fill(zero());
    z.rb_mut().diagonal_mut().fill(one());
    let reduction = <GeneralizedHessenbergParams as Auto<T>>::auto();
    let iteration = <GeneralizedSchurParams as Auto<T>>::auto();
    let reduce = gen_hessenberg::generalized_hessenberg_scratch::<T>(n, reduction);
    let iterate = qz_cplx::hessenberg_to_qz_scratch::<T>(n, Par::Seq, iteration);
    scratch(temp_mat_scratch::<T>(n, 2).and(reduce.or(iterate)), |stack| {
        let (mut eigenvalues, stack) = temp_mat_zeroed::<T, _, _>(n, 2, stack);
        let (alpha, beta) = eigenvalues.as_mat_mut().split_at_col_mut(1);
        let (pair, vectors) = ((a.rb_mut(), b.rb_mut()), Some(z.rb_mut()));
        gen_hessenberg::generalized_hessenberg(pair.0, pair.1, None, vectors, Par::Seq, stack, reduction);
        let (alpha, beta, all) = (alpha.col_mut(0), beta.col_mut(0), ComputeEigenvectors::Yes);
        qz_cplx::hessenberg_to_qz(a, b, None, Some(z), alpha, beta, all, Par::Seq, iteration, stack);
    });
}

/// Exchanges the eigenvalues j and j + 1, as `tgex2` does.
unsafe fn exchange<T: Element>(a: View<T>, b: View<T>, z: View<T>, n: usize, j: usize) {
    // SAFETY: elements of the caller's matrices, n x n.
    unsafe {
        let (s, t) =
            ([a.at(j, j), a.at(j, j + 1), a.at(j + 1, j + 1)], [b.at(j, j), b.at(j, j + 1), b.at(j + 1, j + 1)]);
        let (f, g) = (s[2] * t[0] - t[2] * s[0], s[2] * t[1] - t[2] * s[1]);
        let (c, sine) = rotation(g, f);
        let columns = |x: View<T>, rows: usize| {
            for i in 0..rows {
                let (p, q) = turn(x.at(i, j), x.at(i, j + 1), c, -conj(sine));
                x.set(i, j, p);
                x.set(i, j + 1, q);
            }
        };
        columns(a, j + 2);
        columns(b, j + 2);
        columns(z, n);
        let larger = abs(s[2]) * abs(t[0]) >= abs(s[0]) * abs(t[2]);
        let from = if larger { a } else { b };
        let (c, sine) = rotation(from.at(j, j), from.at(j + 1, j));
        for x in [a, b] {
            for k in j..n {
                let (p, q) = turn(x.at(j, k), x.at(j + 1, k), c, sine);
                x.set(j, k, p);
                x.set(j + 1, k, q);
            }
            x.set(j + 1, j, zero());
        }
    }
}
