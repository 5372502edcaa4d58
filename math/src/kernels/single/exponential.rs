//! Exponentials and hyperbolic functions: x = k ln 2 + r, and polynomials in r.

use super::{Pair, clamp, flip_sign, nearest, ordered_sum, power_of_bits, scale};
use crate::kernels::UnaryKernel;
use crate::polynomials::{COSH_SINGLE, EXP_SINGLE, EXP2_SINGLE, EXPM1_SINGLE, SINH_SINGLE, TANH_SINGLE, at_single};
use std::f32::consts::{LN_2, LOG2_E};

/// The first 15 bits of ln 2, exact in products with an exponent, and the rest.
pub(super) const LN_2_SPLIT: (f32, f32) = (0.69314575, 1.4286068e-6);

/// k, also as bits, and r.
#[inline(always)]
fn reduce(x: f32) -> (f32, u32, Pair) {
    let (k, bits) = nearest(x, LOG2_E);
    let most = (-k).mul_add(LN_2_SPLIT.0, x);
    let r = (-k).mul_add(LN_2_SPLIT.1, most);
    (k, bits, Pair { hi: r, lo: (-k).mul_add(LN_2_SPLIT.1, most - r) })
}

/// e to the x.
pub(crate) struct Exp;

impl UnaryKernel<f32> for Exp {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let (_, bits, r) = reduce(clamp(x, -104.0, 89.0));
        let r = r.hi;
        let most = ordered_sum(1.0, r);
        scale(most.hi + (r * r).mul_add(at_single(&EXP_SINGLE, r), most.lo), bits)
    }
}

/// 2 to the x.
pub(crate) struct Exp2;

impl UnaryKernel<f32> for Exp2 {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let x = clamp(x, -151.0, 129.0);
        let (k, bits) = nearest(x, 1.0);
        let f = x - k;
        scale(f.mul_add(at_single(&EXP2_SINGLE, f), 1.0), bits)
    }
}

/// e to the x, less 1: half of it is 2^(k-1) (1 + r + ...) - 1/2, of which the first terms are summed exactly.
pub(crate) struct Expm1;

impl UnaryKernel<f32> for Expm1 {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let (_, bits, r) = reduce(clamp(x, -20.0, 89.0));
        let half = power_of_bits(bits.wrapping_sub(1));
        let most = half - 0.5;
        let error = (half - most) - 0.5;
        let rest = (r.hi * r.hi).mul_add(at_single(&EXPM1_SINGLE, r.hi), r.lo);
        let hi = half.mul_add(r.hi, most);
        let lo = half.mul_add(r.hi, most - hi) + error;
        let value = hi + half.mul_add(rest, lo);
        if x.abs() < 5.9e-8 { x } else { value + value }
    }
}

/// e^a and e^-a for an `a` in [0, 89.5]: halves of their sum and difference are (p + q) cosh r + (p - q) sinh r and the other way
/// round, with p = 2^(k-1) and q = 2^(-k-1).
struct Hyperbolic {
    /// p / 2.
    p: f32,
    /// q / 2.
    q: f32,
    r: f32,
    /// cosh r - 1.
    even: f32,
    /// sinh r - r.
    odd: f32,
}

impl Hyperbolic {
    #[inline(always)]
    fn of(a: f32) -> Hyperbolic {
        let (k, bits, Pair { hi: r, lo }) = reduce(a);
        let p = power_of_bits(bits.wrapping_sub(2));
        // So little beside p does not count.
        let q = if k > 30.0 { 0.0 } else { power_of_bits(bits.wrapping_neg().wrapping_sub(2)) };
        let z = r * r;
        let odd = (r * z).mul_add(at_single(&SINH_SINGLE, z), lo);
        Hyperbolic { p, q, r, even: z * at_single(&COSH_SINGLE, z), odd }
    }

    /// (p + q) cosh r + (p - q) sinh r for a `q` of either sign.
    #[inline(always)]
    fn sum(&self, q: f32) -> f32 {
        let (Pair { hi: by_even, lo: error }, by_odd) = (ordered_sum(self.p, q), self.p - q);
        let hi = by_odd.mul_add(self.r, by_even);
        let lo = by_odd.mul_add(self.r, by_even - hi) + error;
        let value = hi + by_odd.mul_add(self.odd, by_even.mul_add(self.even, lo));
        value + value
    }
}

/// Hyperbolic sine.
pub(crate) struct Sinh;

impl UnaryKernel<f32> for Sinh {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let a = x.abs();
        let parts = Hyperbolic::of(clamp(a, 0.0, 89.5));
        let value = parts.sum(-parts.q);
        flip_sign(if a < 2e-4 { a } else { value }, x.to_bits())
    }
}

/// Hyperbolic cosine.
pub(crate) struct Cosh;

impl UnaryKernel<f32> for Cosh {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let parts = Hyperbolic::of(clamp(x.abs(), 0.0, 89.5));
        parts.sum(parts.q)
    }
}

/// The logistic function: with e = e^-|x| it is 1 / (1 + e), or e / (1 + e) of a negative number.
pub(crate) struct Expit;

impl UnaryKernel<f32> for Expit {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let a = x.abs();
        // From here on it is 1, or 0.
        let (k, bits, r) = reduce(-if a > 105.0 { 105.0 } else { a });
        let e = ordered_sum(1.0, r.hi);
        let e_lo = (r.hi * r.hi).mul_add(at_single(&EXP_SINGLE, r.hi), e.lo);
        let e = ordered_sum(e.hi, e_lo);
        // So little beside 1 does not count.
        let by = if k < -100.0 { 0.0 } else { power_of_bits(bits) };
        let d = ordered_sum(1.0, e.hi * by);
        let d_lo = e.lo.mul_add(by, d.lo);
        let negative = x < 0.0;
        let (n, n_lo) = if negative { (e.hi, e.lo) } else { (1.0, 0.0) };
        let inverse = 1.0 / d.hi;
        let quotient = n * inverse;
        let rest = (-quotient).mul_add(d.hi, n) + (-quotient).mul_add(d_lo, n_lo);
        scale(rest.mul_add(inverse, quotient), if negative { bits } else { 0 })
    }
}

/// Hyperbolic tangent: x + x^3 p(x^2), and from 0.6 on 1 - 2 / (e^2|x| + 1).
pub(crate) struct Tanh;

impl UnaryKernel<f32> for Tanh {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        let a = x.abs();
        let z = a * a;
        let near = (a * z).mul_add(at_single(&TANH_SINGLE, z), a);
        // From here on it is 1.
        let size = if a > 10.0 { 10.0 } else { a };
        let twice = size + size;
        // What ln 2 lacks counts less than the 1 beside e^2|x|.
        let (k, bits) = nearest(twice, LOG2_E);
        let r = (-k).mul_add(LN_2, twice);
        let part = (r * r).mul_add(at_single(&EXP_SINGLE, r), r);
        let scale = power_of_bits(bits);
        // e^2|x| + 1 as a sum of two.
        let most = scale + 1.0;
        let d = scale.mul_add(part, most);
        let rest = scale.mul_add(part, most - d);
        let inverse = 1.0 / d;
        let quotient = inverse + inverse;
        let residue = (-quotient).mul_add(rest, (-quotient).mul_add(d, 2.0));
        let far = 1.0 - residue.mul_add(inverse, quotient);
        flip_sign(if a < 0.6 { near } else { far }, x.to_bits())
    }
}
