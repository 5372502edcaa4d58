//! The functions of complex numbers as formulas of their parts `x + iy`.
//!
//! Special values are C99's (Annex G), as NumPy has them. Sources: Kahan, "Branch cuts for complex elementary functions"
//! (1987), for the inverse functions; FreeBSD's msun for the scaling and the hyperbolic tangent; NumPy for the order of
//! complex numbers, `sign` and Smith's quotient.

use super::real::{Parts, Real, Sheet};
use crate::build::Build;
use std::f64::consts::{FRAC_PI_2, LN_2, LOG2_E, LOG10_E};

type P<'s, 'b, B> = Parts<'s, 'b, B>;

/// Both parts where a condition is true, others elsewhere.
fn choose<'s, 'b, B: Build>(condition: Real<'s, 'b, B>, z: P<'s, 'b, B>, w: P<'s, 'b, B>) -> P<'s, 'b, B> {
    [condition.choose(z[0], w[0]), condition.choose(z[1], w[1])]
}

/// The parts exchanged: `i conj(z)`.
fn swap<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    [y, x]
}

pub(super) fn multiply<'s, 'b, B: Build>([a, b]: P<'s, 'b, B>, [c, d]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    [a * c - b * d, a * d + b * c]
}

/// Smith's quotient: the smaller part of the divisor is divided by the larger.
pub(super) fn divide<'s, 'b, B: Build>([a, b]: P<'s, 'b, B>, [c, d]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let (c_size, d_size) = (c.abs(), d.abs());
    let wide = c_size.greater_equal(d_size);
    let zero = c_size.equal(0.0).and(d_size.equal(0.0));
    let (first, second) = (wide.choose(c, d), wide.choose(d, c));
    let ratio = second / first;
    let scale = 1.0 / (first + second * ratio);
    let (p, q) = (wide.choose(a, b), wide.choose(b, a));
    let re = (p + q * ratio) * scale;
    let difference = wide.choose(b - a * ratio, b * ratio - a);
    choose(zero, [a / c_size, b / c_size], [re, difference * scale])
}

pub(super) fn reciprocal<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let wide = y.abs().less_equal(x.abs());
    let (first, second) = (wide.choose(x, y), wide.choose(y, x));
    let ratio = second / first;
    let denominator = first + second * ratio;
    let one = x.sheet().number(1.0, 1.0);
    [wide.choose(one, ratio) / denominator, -(wide.choose(ratio, one) / denominator)]
}

/// `z / |z|`; of infinities the axis they are on, and 0 of 0.
pub(super) fn sign<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let size = x.hypot(y);
    let (x_infinite, y_infinite) = (x.is_infinite(), y.is_infinite());
    let infinite = x_infinite.xor(y_infinite);
    let nan = size.is_nan().or(x_infinite.and(y_infinite));
    let sheet = x.sheet();
    let unit = |part: Real<'s, 'b, B>, is_infinite: Real<'s, 'b, B>| {
        let axis = is_infinite.choose(sheet.number(1.0, 1.0).copysign(part), 0.0);
        let finite = size.equal(0.0).choose(0.0, part / size);
        nan.choose(f64::NAN, infinite.choose(axis, finite))
    };
    [unit(x, x_infinite), unit(y, y_infinite)]
}

/// `x < y` in the order of the real and then the imaginary parts, `or_equal` its counterpart.
pub(super) fn less<'s, 'b, B: Build>([a, b]: P<'s, 'b, B>, [c, d]: P<'s, 'b, B>, or_equal: bool) -> Real<'s, 'b, B> {
    let numbers = b.is_nan().or(d.is_nan()).not();
    let second = if or_equal { b.less_equal(d) } else { b.less(d) };
    a.less(c).and(numbers).or(a.equal(c).and(second))
}

/// The larger or the smaller, a NaN first; with `number` it comes last.
pub(super) fn extreme<'s, 'b, B: Build>(z: P<'s, 'b, B>, w: P<'s, 'b, B>, largest: bool, number: bool) -> P<'s, 'b, B> {
    let ahead = if largest { less(w, z, true) } else { less(z, w, true) };
    let [re, im] = if number { w } else { z };
    choose(re.is_nan().or(im.is_nan()).or(ahead), z, w)
}

/// A number from which on the exponential is taken in two factors, and the exponential of that number.
fn large<'s, 'b, B: Build>(sheet: &'s Sheet<'b, B>) -> (Real<'s, 'b, B>, Real<'s, 'b, B>) {
    (sheet.number(709.0, 88.0), sheet.number(8.218407461554972e307, 1.6516363e38))
}

/// e to the `x` times `cos y` and `sin y`, where the first alone would be infinite too.
fn scaled_turn<'s, 'b, B: Build>(x: Real<'s, 'b, B>, [cos, sin]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let (limit, factor) = large(x.sheet());
    let is_large = x.greater(limit);
    let exp = is_large.choose(x - limit, x).exp();
    let scale = is_large.choose(factor, 1.0);
    [exp * cos * scale, exp * sin * scale]
}

pub(super) fn exp<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let [re, im] = scaled_turn(x, [y.cos(), y.sin()]);
    let nowhere = x.is_infinite().and(y.is_finite().not());
    let vanishes = nowhere.and(x.less(0.0));
    let re = nowhere.choose(x.less(0.0).choose(0.0, x), re);
    let zero = x.sheet().number(0.0, 0.0).copysign(y);
    [re, y.equal(0.0).choose(y, vanishes.choose(zero, im))]
}

pub(super) fn expm1<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let half = (y * 0.5).sin();
    let near = [x.expm1() * y.cos() - 2.0 * half * half, x.exp() * y.sin()];
    let [re, im] = exp([x, y]);
    let small = x.abs().less(1.0).and(y.is_finite());
    let [re, im] = choose(small, near, [re - 1.0, im]);
    [re, y.equal(0.0).choose(y, im)]
}

/// `log |z|`, accurate where that is near 0 and where `|z|` itself is out of range.
fn log_size<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> Real<'s, 'b, B> {
    let sheet = x.sheet();
    let (x, y) = (x.abs(), y.abs());
    let (larger, smaller) = (x.maximum(y), x.minimum(y));
    let huge = larger.greater(sheet.number(1e300, 1e37));
    let tiny = larger.less(sheet.number(1e-290, 1e-30));
    // Powers of 2, so that nothing is rounded.
    let scale = huge.choose(0.25, tiny.choose(sheet.number(2f64.powi(200), 2f32.powi(60)), 1.0));
    let back = huge.choose(2.0 * LN_2, tiny.choose(sheet.number(-200.0 * LN_2, -60.0 * std::f32::consts::LN_2), 0.0));
    let size = (x * scale).hypot(y * scale);
    let near = larger.greater(0.5).and(size.less(2.0)).and(larger.less(2.0));
    let one = 0.5 * ((larger - 1.0) * (larger + 1.0) + smaller * smaller).log1p();
    near.choose(one, size.log() + back)
}

pub(super) fn log<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    [log_size([x, y]), y.atan2(x)]
}

pub(super) fn log1p<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let near = x.abs().less(0.5).and(y.abs().less(0.5));
    let small = 0.5 * (x * (x + 2.0) + y * y).log1p();
    let moved = x + 1.0;
    [near.choose(small, log_size([moved, y])), y.atan2(moved)]
}

pub(super) fn log2<'s, 'b, B: Build>(z: P<'s, 'b, B>) -> P<'s, 'b, B> {
    log(z).map(|part| part * LOG2_E)
}

pub(super) fn log10<'s, 'b, B: Build>(z: P<'s, 'b, B>) -> P<'s, 'b, B> {
    log(z).map(|part| part * LOG10_E)
}

pub(super) fn exp2<'s, 'b, B: Build>(z: P<'s, 'b, B>) -> P<'s, 'b, B> {
    exp(z.map(|part| part * LN_2))
}

pub(super) fn sqrt<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let sheet = x.sheet();
    let larger = x.abs().maximum(y.abs());
    let huge = larger.greater(sheet.number(1e300, 1e37));
    let tiny = larger.less(sheet.number(1e-290, 1e-30));
    // Powers of 4 and their roots.
    let scale = huge.choose(0.0625, tiny.choose(sheet.number(2f64.powi(200), 2f32.powi(60)), 1.0));
    let back = huge.choose(4.0, tiny.choose(sheet.number(2f64.powi(-100), 2f32.powi(-30)), 1.0));
    let (a, b) = (x * scale, y * scale);
    let t = ((a.abs() + a.hypot(b)) * 0.5).sqrt();
    let other = b.abs() / (2.0 * t);
    let right = a.greater_equal(0.0);
    let re = right.choose(t, other) * back;
    let im = right.choose(other, t).copysign(b) * back;
    let (zero, y_infinite, x_infinite) = (x.equal(0.0).and(y.equal(0.0)), y.is_infinite(), x.is_infinite());
    let (left, zero_part) = (x.less(0.0), sheet.number(0.0, 0.0));
    let re_infinite = left.choose(y.is_nan().choose(y, 0.0), x);
    let im_infinite = left.choose(x.abs().copysign(y), y.is_nan().choose(y, zero_part.copysign(y)));
    let re = x_infinite.choose(re_infinite, zero.choose(0.0, re));
    let im = x_infinite.choose(im_infinite, zero.choose(y, im));
    [y_infinite.choose(f64::INFINITY, re), y_infinite.choose(y, im)]
}

/// The hyperbolic sine and cosine of `x`, times `first` and `second`, where they alone would be infinite too.
fn hyperbolic<'s, 'b, B: Build>(
    x: Real<'s, 'b, B>,
    sinh_by: Real<'s, 'b, B>,
    cosh_by: Real<'s, 'b, B>,
) -> P<'s, 'b, B> {
    let (limit, factor) = large(x.sheet());
    let size = x.abs();
    let is_large = size.greater(limit);
    let half = is_large.choose(size - limit, 0.0).exp() * 0.5;
    let sinh = is_large.choose(half.copysign(x), x.sinh());
    let cosh = is_large.choose(half, x.cosh());
    let scale = is_large.choose(factor, 1.0);
    [sinh * sinh_by * scale, cosh * cosh_by * scale]
}

pub(super) fn sinh<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let [re, im] = hyperbolic(x, y.cos(), y.sin());
    let far = y.is_finite().not();
    let re = far.and(x.equal(0.0)).choose(x, far.and(x.is_infinite()).choose(f64::INFINITY, re));
    [re, y.equal(0.0).choose(y, im)]
}

pub(super) fn cosh<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let [im, re] = hyperbolic(x, y.sin(), y.cos());
    let far = y.is_finite().not();
    let re = far.and(x.is_infinite()).choose(f64::INFINITY, re);
    let flat = y.equal(0.0).or(far.and(x.equal(0.0)));
    let zero = far.choose(0.0, y * x.sheet().number(1.0, 1.0).copysign(x));
    [re, flat.choose(zero, im)]
}

pub(super) fn tanh<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let sheet = x.sheet();
    let (tan, sinh, size) = (y.tan(), x.sinh(), x.abs());
    let beta = 1.0 + tan * tan;
    let rho = (1.0 + sinh * sinh).sqrt();
    let denominator = 1.0 + beta * sinh * sinh;
    let near = [beta * rho * sinh / denominator, tan / denominator];
    let decay = (-size).exp();
    let product = y.sin() * y.cos();
    let one = sheet.number(1.0, 1.0).copysign(x);
    let edge = x.is_infinite();
    let far = [edge.or(y.is_finite()).choose(one, f64::NAN), 4.0 * product * decay * decay];
    let [re, im] = choose(size.greater(sheet.number(22.0, 11.0)), far, near);
    let sign = y.is_finite().choose(product, y);
    let im = edge.choose(y.is_nan().choose(0.0, sign * 0.0), im);
    let im = edge.and(y.is_infinite()).choose(sheet.number(0.0, 0.0).copysign(y), im);
    let flat = x.equal(0.0).and(y.is_finite().not());
    [flat.choose(x, re), y.equal(0.0).choose(y, im)]
}

pub(super) fn sin<'s, 'b, B: Build>(z: P<'s, 'b, B>) -> P<'s, 'b, B> {
    swap(sinh(swap(z)))
}

pub(super) fn cos<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    cosh([-y, x])
}

pub(super) fn tan<'s, 'b, B: Build>(z: P<'s, 'b, B>) -> P<'s, 'b, B> {
    swap(tanh(swap(z)))
}

/// The roots of `1 - z` and `1 + z`.
fn roots<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> [P<'s, 'b, B>; 2] {
    [sqrt([1.0 - x, -y]), sqrt([1.0 + x, y])]
}

pub(super) fn arcsin<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let [[a, b], [c, d]] = roots([x, y]);
    let re = x.atan2(a * c - b * d);
    let im = (a * d - b * c).asinh();
    let infinite = x.is_infinite().or(y.is_infinite());
    let re = infinite.choose(x.atan2(y.abs()), re);
    let im = infinite.choose(x.sheet().number(f64::INFINITY, f32::INFINITY).copysign(y), im.abs().copysign(y));
    let axis = x.equal(0.0).and(y.is_nan());
    [axis.choose(x, re), y.is_nan().and(infinite.not()).choose(y, im)]
}

pub(super) fn arccos<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let [[a, b], [c, d]] = roots([x, y]);
    let re = 2.0 * a.atan2(c);
    let im = (c * b - d * a).asinh();
    let infinite = x.is_infinite().or(y.is_infinite());
    let re = infinite.choose(y.abs().atan2(x), re);
    let im = -infinite.choose(x.sheet().number(f64::INFINITY, f32::INFINITY), im.abs()).copysign(y);
    let axis = x.equal(0.0).and(y.is_nan());
    [axis.choose(FRAC_PI_2, re), y.is_nan().and(infinite.not()).choose(y, im)]
}

pub(super) fn arcsinh<'s, 'b, B: Build>(z: P<'s, 'b, B>) -> P<'s, 'b, B> {
    swap(arcsin(swap(z)))
}

/// `arccos` turned to the right half plane.
pub(super) fn arccosh<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let [re, im] = arccos([x, y]);
    let nan = x.is_nan().or(y.is_nan());
    [im.abs(), nan.choose(re, re.copysign(y))]
}

pub(super) fn arctanh<'s, 'b, B: Build>([x, y]: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let sheet = x.sheet();
    let size = x.abs();
    let distance = (1.0 - size).hypot(y);
    let square = (1.0 - size) * (1.0 - size) + y * y;
    let near = 0.5 * (LN_2 - distance.log());
    let close = distance.less(sheet.number(1e-150, 1e-18));
    let re = close.choose(near, 0.25 * (4.0 * size / square).log1p());
    let im = 0.5 * (2.0 * y).atan2((1.0 - size) * (1.0 + size) - y * y);
    let infinite = x.is_infinite().or(y.is_infinite());
    let re = infinite.choose(0.0, re).copysign(x);
    let im =
        infinite.choose(y.is_nan().choose(y, sheet.number(FRAC_PI_2, std::f32::consts::FRAC_PI_2).copysign(y)), im);
    let axis = x.equal(0.0).and(y.is_nan());
    let re = axis.choose(x, x.is_nan().and(infinite.not()).choose(x, re));
    [re, im]
}

pub(super) fn arctan<'s, 'b, B: Build>(z: P<'s, 'b, B>) -> P<'s, 'b, B> {
    swap(arctanh(swap(z)))
}

/// `exp(w log z)`; of 0 it is 0 where the exponent's real part is positive; to the exponents 0, 1 and 2 it is exact.
pub(super) fn power<'s, 'b, B: Build>(z: P<'s, 'b, B>, w: P<'s, 'b, B>) -> P<'s, 'b, B> {
    let [re, im] = exp(multiply(w, log(z)));
    let is_zero = |[x, y]: P<'s, 'b, B>| x.equal(0.0).and(y.equal(0.0));
    let (of_zero, to_zero) = (is_zero(z), is_zero(w));
    let vanishing = w[0].greater(0.0).choose(0.0, f64::NAN);
    let is_real = w[1].equal(0.0);
    let [re, im] = choose(is_real.and(w[0].equal(1.0)), z, [re, im]);
    let [re, im] = choose(is_real.and(w[0].equal(2.0)), multiply(z, z), [re, im]);
    let [re, im] = choose(of_zero, [vanishing; 2], [re, im]);
    [to_zero.choose(1.0, re), to_zero.choose(0.0, im)]
}
