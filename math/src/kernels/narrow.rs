//! The functions of `f32`: most are computed in `f32`, in [`super::single`], the others here, in `f64`, and rounded once. The methods
//! of these are those of the wide kernels, without the sums of two floats and with shorter polynomials. What is rounded is right to
//! 2^-35 or better.

use super::inverse::PI_LO;
use super::logarithm::Split;
use super::reduction::{NEAR, far};
use super::root::inverse_cube_root;
pub(crate) use super::single::{
    Acos, Asin, Atan, Atan2, Cbrt, Cos, Cosh, Exp, Exp2, Expit, Expm1, Log, Log1p, Log2, Log10, Pow, Sin, Sinh, Tan,
    Tanh,
};
use super::{BinaryKernel, UnaryKernel, wide};
use crate::dd::{flip_sign, nearest, power_of_bits, power_of_two};
use crate::polynomials::{
    ATAN_NARROW, COS_NARROW, ERF_FAR_NARROW, ERF_NARROW, ERFC_NARROW, EXP_NARROW, LOG_NARROW, SIN_NARROW,
    STIRLING_NARROW, at,
};
use std::f64::consts::{FRAC_2_PI, FRAC_2_SQRT_PI, FRAC_PI_2, FRAC_PI_4, LN_2, LOG2_E, PI};

/// log(2 pi) / 2.
const HALF_LOG_2_PI: f64 = 0.9189385332046728;
/// atan(1/2).
const ATAN_HALF: f64 = 0.4636476090008061;

/// 2^k and e^r - 1, of k the bits that end in the integer's.
#[inline(always)]
fn exp_parts(bits: u64, r: f64) -> (f64, f64) {
    (power_of_bits(bits), (r * r).mul_add(at(&EXP_NARROW, r), r))
}

/// e^x as 2^k and e^r - 1, for a magnitude below 700.
#[inline(always)]
fn exp_of(x: f64) -> (f64, f64) {
    let (k, bits) = nearest(x * LOG2_E);
    exp_parts(bits, (-k).mul_add(LN_2, x))
}

/// log(1 + f).
#[inline(always)]
fn log_of_sum(f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    (s * z).mul_add(at(&LOG_NARROW, z), s + s)
}

/// log(1 + x) for an `x` above -1, NaN for NaN.
#[inline(always)]
fn log1p(x: f64) -> f64 {
    let Split { k, f } = Split::of_normal(1.0 + x);
    k.mul_add(LN_2, log_of_sum(if k == 0.0 { x } else { f }))
}

/// erf(x) for |x| up to 3/4.
#[inline(always)]
fn erf_near(x: f64) -> f64 {
    let z = x * x;
    x * z.mul_add(at(&ERF_NARROW, z), FRAC_2_SQRT_PI)
}

/// Γ(y) for a y in [8, 60], by Stirling's series.
#[inline(always)]
fn gamma_of_large(y: f64) -> f64 {
    let inverse = 1.0 / y;
    let series = inverse.mul_add(at(&STIRLING_NARROW, inverse * inverse), HALF_LOG_2_PI);
    let (scale, part) = exp_of((y - 0.5).mul_add(log(y), series - y));
    scale.mul_add(part, scale)
}

/// The natural logarithm.
#[inline(always)]
fn log(x: f64) -> f64 {
    let Split { k, f } = Split::of_normal(x);
    k.mul_add(LN_2, log_of_sum(f))
}

/// Quarter turns in an angle in [0, [`NEAR`]], and the rest.
#[inline(always)]
fn near(x: f64) -> (u64, f64) {
    let (n, quarter) = nearest(x * FRAC_2_PI);
    (quarter, (-n).mul_add(PI_LO / 2.0, (-n).mul_add(FRAC_PI_2, x)))
}

#[inline(always)]
fn sine(r: f64) -> f64 {
    let z = r * r;
    (r * z).mul_add(at(&SIN_NARROW, z), r)
}

#[inline(always)]
fn cosine(r: f64) -> f64 {
    let z = r * r;
    z.mul_add(at(&COS_NARROW, z), 1.0)
}

/// The sine of an angle of some quarters and a rest.
#[inline(always)]
fn sine_of(quarter: u64, r: f64) -> f64 {
    let value = if quarter & 1 == 0 { sine(r) } else { cosine(r) };
    flip_sign(value, quarter << 62)
}

#[inline(always)]
fn tangent_of(quarter: u64, r: f64) -> f64 {
    let (sine, cosine) = (sine(r), cosine(r));
    let odd = quarter & 1 == 1;
    let (n, d) = (if odd { cosine } else { sine }, if odd { sine } else { cosine });
    flip_sign(n / d, quarter << 63)
}

/// atan(a / b) for 0 <= a <= b.
#[inline(always)]
fn arctangent(a: f64, b: f64) -> f64 {
    let (half, one) = (a >= 0.25 * b, a >= 0.75 * b);
    let c: f64 = if half { 0.5 } else { 0.0 };
    let c = if one { 1.0 } else { c };
    let base = if half { ATAN_HALF } else { 0.0 };
    let base = if one { FRAC_PI_4 } else { base };
    let z = (-c).mul_add(b, a) / c.mul_add(a, b);
    let square = z * z;
    base + (z * square).mul_add(at(&ATAN_NARROW, square), z)
}

macro_rules! kernels {
    ($(#[doc = $doc:literal] $name:ident: |$x:ident| $value:expr;)*) => {$(
        #[doc = $doc]
        pub(crate) struct $name;

        impl UnaryKernel<f32> for $name {
            #[inline(always)]
            fn fast($x: f32) -> f32 {
                let $x = f64::from($x);
                ($value) as f32
            }
        }
    )*};
}

/// A function of an angle's size, of quarters and a rest.
#[inline(always)]
fn of_angle(x: f64, value: impl Fn(u64, f64) -> f64) -> f64 {
    let size = x.abs();
    let (quarter, rest) = if size <= NEAR {
        near(size)
    } else if size.is_finite() {
        let angle = far(size);
        (angle.quarter, angle.rest.hi)
    } else {
        return f64::NAN;
    };
    value(quarter, rest)
}

/// The sine of any angle.
#[inline(always)]
pub(super) fn sin(x: f32) -> f32 {
    let x = f64::from(x);
    flip_sign(of_angle(x, sine_of), x.to_bits()) as f32
}

/// The cosine of any angle.
#[inline(always)]
pub(super) fn cos(x: f32) -> f32 {
    of_angle(f64::from(x), |quarter, r| sine_of(quarter.wrapping_add(1), r)) as f32
}

/// The tangent of any angle.
#[inline(always)]
pub(super) fn tan(x: f32) -> f32 {
    let x = f64::from(x);
    flip_sign(of_angle(x, tangent_of), x.to_bits()) as f32
}

/// The cube root of any number.
#[inline(always)]
pub(super) fn cbrt(x: f32) -> f32 {
    let x = f64::from(x);
    let size = x.abs();
    let (m, third, inverse) = inverse_cube_root(size);
    let value = flip_sign(m * inverse * inverse * power_of_two(third), x.to_bits());
    // Zeros, infinities and NaN are their own roots.
    (if size > 0.0 && size < f64::INFINITY { value } else { x + x }) as f32
}

/// The angle of any point (`y`, `x`).
#[inline(always)]
pub(super) fn arctan2(y: f32, x: f32) -> f32 {
    let (y, x) = (f64::from(y), f64::from(x));
    let (height, width) = (y.abs(), x.abs());
    let steep = height > width;
    let (a, b) = if steep { (width, height) } else { (height, width) };
    let (a, b) = if b == f64::INFINITY { (if a == b { 1.0 } else { 0.0 }, 1.0) } else { (a, b) };
    let angle = arctangent(a, if b == 0.0 { 1.0 } else { b });
    let angle = if steep { FRAC_PI_2 - angle } else { angle };
    let angle = if x.is_sign_negative() { PI - angle } else { angle };
    let value = flip_sign(angle, y.to_bits());
    (if x.is_nan() || y.is_nan() { x + y } else { value }) as f32
}

kernels! {
    /// Inverse hyperbolic sine, of w = |x| + sqrt(1 + x^2) - 1.
    Asinh: |x| {
        let a = x.abs();
        let square = a * a;
        let value = log1p(a + square / (1.0 + (1.0 + square).sqrt()));
        flip_sign(if a < f64::INFINITY { value } else { a }, x.to_bits())
    };
    /// Inverse hyperbolic cosine.
    Acosh: |x| {
        let t = x - 1.0;
        let value = log1p(t + t.mul_add(t, t + t).sqrt());
        let value = if x >= 1.0 { value } else { f64::NAN };
        if x < f64::INFINITY { value } else { x + x }
    };
    /// Inverse hyperbolic tangent.
    Atanh: |x| {
        let a = x.abs();
        let value = 0.5 * log1p((a + a) / (1.0 - a));
        let value = if a < 1.0 { value } else { f64::NAN };
        flip_sign(if a == 1.0 { f64::INFINITY } else { value }, x.to_bits())
    };
    /// The error function.
    Erf: |x| {
        let a = x.abs();
        let size = if a > 4.0 { 4.0 } else { a };
        let (scale, part) = exp_of(-1.875 - at(&ERF_FAR_NARROW, size - 1.0));
        let far = (-scale).mul_add(part, 1.0 - scale);
        flip_sign(if a < 0.75 { erf_near(a) } else { far }, x.to_bits())
    };
    /// 1 less the error function.
    Erfc: |x| {
        let a = x.abs();
        let size = if a > 11.0 { 11.0 } else { a };
        let (scale, part) = exp_of(-(size * size));
        let q = (1.25 + at(&ERFC_NARROW, (size - 4.0) / (size + 4.0))) / size.mul_add(2.0, 1.0);
        let far = scale.mul_add(part, scale) * q;
        let far = if x < 0.0 { 2.0 - far } else { far };
        if a < 0.5 { 1.0 - erf_near(x) } else { far }
    };
    /// log(x / (1 - x)).
    Logit: |x| {
        let value = log(x / (1.0 - x));
        let value = if x == 0.0 { f64::NEG_INFINITY } else { value };
        let value = if x == 1.0 { f64::INFINITY } else { value };
        if (0.0..=1.0).contains(&x) { value } else { f64::NAN }
    };
    /// The gamma function.
    Gamma: |x| {
        let a = x.abs();
        let (small, negative) = (a < 8.0, x < 0.0);
        // From here on it is infinite, or 0.
        let large = if a > 60.0 { 60.0 } else { a };
        let power = gamma_of_large(if small { a + 8.0 } else { large });
        let q = a.mul_add(a, 7.0 * a);
        let factors = q * (q + 6.0) * ((q + 10.0) * (q + 12.0));
        let factors = if small { factors } else { 1.0 };
        let (halves, quarter) = nearest(a + a);
        let under = a * sine_of(quarter, PI * (-0.5f64).mul_add(halves, a)) * power;
        let value = if negative { -PI * factors } else { power } / if negative { under } else { factors };
        let value = if a == 0.0 { 1.0 / x } else { value };
        if negative && x.trunc() == x { f64::NAN } else { value }
    };
}

/// The logarithm of the gamma function's size.
pub(crate) struct Gammaln;

impl UnaryKernel<f32> for Gammaln {
    #[inline(always)]
    fn fast(x: f32) -> f32 {
        wide::Gammaln::fast(f64::from(x)) as f32
    }

    #[inline(always)]
    fn is_rare(x: f32) -> bool {
        wide::Gammaln::is_rare(f64::from(x))
    }

    #[inline(always)]
    fn rare(x: f32) -> f32 {
        wide::Gammaln::rare(f64::from(x)) as f32
    }
}

/// Square root of the sum of squares, which are exact.
pub(crate) struct Hypot;

impl BinaryKernel<f32> for Hypot {
    #[inline(always)]
    fn fast(x: f32, y: f32) -> f32 {
        let (x, y) = (f64::from(x), f64::from(y));
        let value = x.mul_add(x, y * y).sqrt() as f32;
        if x.abs() == f64::INFINITY || y.abs() == f64::INFINITY { f32::INFINITY } else { value }
    }
}
