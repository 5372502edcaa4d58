//! Quaternions `(w, x, y, z)` as expressions, of any length: rotations are the quadratic form, which scales by the square of
//! the length.

use evanesce::prelude::*;

/// A vector of scalars.
pub fn vector(parts: &[Expr<'static>]) -> Expr<'static> {
    stack(parts, 0)
}

/// A matrix of scalars.
pub fn matrix<const ROWS: usize, const COLS: usize>(rows: [[Expr<'static>; COLS]; ROWS]) -> Expr<'static> {
    vector(rows.as_flattened()).reshape([ROWS as isize, COLS as isize])
}

/// The first `N` elements of a vector.
pub fn parts<const N: usize>(v: &Expr<'static>) -> [Expr<'static>; N] {
    std::array::from_fn(|i| v.at(i as isize))
}

/// Whether a rotation goes from the body to the world or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// `R a`
    World,
    /// `R' a`
    Body,
}

fn rotation_parts(q: &Expr<'static>) -> [[Expr<'static>; 3]; 3] {
    let [w, x, y, z] = &parts(q);
    let (ww, xx, yy, zz) = (w * w, x * x, y * y, z * z);
    [
        [&ww + &xx - &yy - &zz, 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), &ww - &xx + &yy - &zz, 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), ww - xx - yy + zz],
    ]
}

/// The matrix `R` from body to world.
pub fn rotation(q: &Expr<'static>) -> Expr<'static> {
    matrix(rotation_parts(q))
}

/// The vector `a` rotated.
pub fn rotated(q: &Expr<'static>, a: &[Expr<'static>; 3], to: To) -> [Expr<'static>; 3] {
    let r = &rotation_parts(q);
    let at = |i: usize, j: usize| if to == To::World { &r[i][j] } else { &r[j][i] };
    std::array::from_fn(|i| at(i, 0) * &a[0] + at(i, 1) * &a[1] + at(i, 2) * &a[2])
}

/// The Jacobian of the rotated `a` by the quaternion: `[3, 4]`.
pub fn rotated_jacobian(q: &Expr<'static>, a: &[Expr<'static>; 3], to: To) -> Expr<'static> {
    let [w, x, y, z] = &parts(q);
    let w = &if to == To::World { w.clone() } else { -w };
    let [a, b, c] = a;
    let dot = &(x * a + y * b + z * c);
    // With the sign of w: 2 (w a + v x a) for w, and 2 ((v.a) I + v a' - a v' - w skew(a)) for v.
    let dw = [w * a + (y * c - z * b), w * b + (z * a - x * c), w * c + (x * b - y * a)];
    let [da, db, dc] = dw.map(|d| if to == To::World { 2.0 * d } else { -2.0 * d });
    matrix([
        [da, 2.0 * dot, 2.0 * (x * b - a * y + w * c), 2.0 * (x * c - a * z - w * b)],
        [db, 2.0 * (y * a - b * x - w * c), 2.0 * dot, 2.0 * (y * c - b * z + w * a)],
        [dc, 2.0 * (z * a - c * x + w * b), 2.0 * (z * b - c * y - w * a), 2.0 * dot],
    ])
}

/// `M` with `M q` the quaternion `q` turned by the rate `w` (rad/s in the body) during `dt`.
pub fn turn(rate: &Expr<'static>, dt: f64) -> Expr<'static> {
    let [x, y, z] = &parts(rate);
    // Not 0 at rest, where the quotient would be NaN.
    let n = (x * x + y * y + z * z + 1e-24).sqrt();
    let half = 0.5 * dt * &n;
    let (c, s) = (&half.cos(), half.sin() / n);
    let [x, y, z] = &[&s * x, &s * y, s * z];
    matrix([
        [c.clone(), -x, -y, -z],
        [x.clone(), c.clone(), z.clone(), -y],
        [y.clone(), -z, c.clone(), x.clone()],
        [z.clone(), y.clone(), -x, c.clone()],
    ])
}

/// The Jacobian of the turned quaternion by the rate, to first order of `dt`: `dt/2 Xi(q)`, `[4, 3]`.
pub fn turn_jacobian(q: &Expr<'static>, dt: f64) -> Expr<'static> {
    let [w, x, y, z] = &parts(q);
    let xi = matrix([[-x, -y, -z], [w.clone(), -z, y.clone()], [z.clone(), w.clone(), -x], [-y, x.clone(), w.clone()]]);
    0.5 * dt * xi
}

/// The length of a quaternion.
pub fn length(q: &Expr<'static>) -> Expr<'static> {
    (q * q).sum(()).sqrt()
}
