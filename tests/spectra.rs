//! Eigenvalues of real matrices that are not symmetric, and determinants, by the ratios of `residuals.rs`: in every layout, in stacks,
//! in both precisions.

#[path = "common/held.rs"]
mod held;
#[path = "common/ratios.rs"]
mod ratios;

use evanesce::expr::complex;
use evanesce::prelude::*;
use held::{Case, Num, cases};
use ratios::{THRESHOLD, values, vanishes};

/// `|A V - V W| / (|A| |V| n eps)` in complex numbers, and determinants by the product of the eigenvalues.
fn spectra<T: Num>() {
    cases::<T>(|case: &Case, held| {
        let n = case.size;
        let x = Expr::from(held.view());
        let (w, v) = x.eig();
        let a = complex(&x, 0.0);
        let off = a.matmul(&v) - &v * w.expand_dims(-2);
        let lengths = v.abs().square().sum(-2);
        let trace = (w.sum(-1) - x.trace()).abs();
        let same = (x.eigvals().sum(-1) - w.sum(-1)).abs();
        let (sign, logarithm) = x.slogdet();
        let quotient = sign * logarithm.exp() - x.det();
        let [re, im, a, vr, lengths, trace, same, quotient, det] =
            &values(&[&off.real(), &off.imag(), &x, &v.abs(), &lengths, &trace, &same, &quotient, &x.det()])[..]
        else {
            unreachable!("nine results")
        };
        let named = |what: &str| format!("{what} {case}");
        vanishes(&named("eig"), T::EPS, re, &[a, vr]);
        vanishes(&named("eig"), T::EPS, im, &[a, vr]);
        let near = |x: f64, y: f64, scale: f64| (x - y).abs() <= THRESHOLD * (n.max(1) as f64) * T::EPS * scale;
        assert!(lengths.iter().all(|length| near(*length, 1.0, 1.0)), "{}", named("eigenvectors"));
        let size = a.iter().map(|x| x * x).sum::<f64>().sqrt();
        assert!(trace.iter().chain(same).all(|x| near(*x, 0.0, size)), "{}", named("the sum of eigenvalues"));
        for (quotient, det) in quotient.iter().zip(det) {
            // A relative error of the determinant is an absolute one of its logarithm. Some are beyond the dtype.
            let most = if T::EPS < 1e-10 { 1e290 } else { 1e30 };
            let inside = (1.0 / most..most).contains(&det.abs());
            let scale = det.abs() * (1.0 + det.abs().ln().abs());
            assert!(!inside || near(*quotient, 0.0, scale), "{}: {det}", named("det"));
        }
    });
}

#[test]
fn eigenvectors_and_determinants_of_every_matrix() {
    spectra::<f64>();
    spectra::<f32>();
}
