//! The exponential of a matrix by scaling, Pade approximation and squaring (Al-Mohy and Higham 2009), with norms that are
//! computed where the paper estimates them.

use super::{Failure, MatMut, MatRef, Real, Routine, check_finite, gemm, solve, square};

/// Bounds up to which the approximations of order 3, 5, 7, 9 and 13 are accurate to the rounding of `f64`.
const THETA: [f64; 5] = [1.495585217958292e-2, 2.53939833006323e-1, 9.504178996162932e-1, 2.097847961257068, 4.25];

/// The workspace in elements for a matrix of order `n`.
pub(super) fn workspace<T: Real>(n: usize) -> usize {
    7 * n * n + 2 * n + super::workspace::workspace::<T>(Routine::Solve, &[[n, n]])
}

/// The coefficients of the approximation of an order, divided by the first one: `(2m - k)! m! / ((2m)! k! (m - k)!)`.
fn coefficients(order: usize) -> [f64; 14] {
    let (mut c, m) = ([0.0; 14], order as f64);
    c[0] = 1.0;
    for k in 1..=order {
        let k_ = k as f64;
        c[k] = c[k - 1] * (m + 1.0 - k_) / ((2.0 * m + 1.0 - k_) * k_);
    }
    c
}

/// The largest sum of a column.
unsafe fn norm<T: Real>(a: MatMut<T>) -> f64 {
    let column = |j: usize| {
        // SAFETY: elements of the caller's matrix.
        (0..a.rows).map(|i| unsafe { (*a.row(i).add(j)).abs().to_f64() }).sum::<f64>()
    };
    // A NaN is the norm.
    (0..a.cols).map(column).fold(0.0, |most, x| if x > most || x.is_nan() { x } else { most })
}

/// Multiplies by a power of two, in steps that neither overflow nor vanish.
unsafe fn scale<T: Real>(a: MatMut<T>, mut power: i32) {
    while power != 0 {
        let step = power.clamp(-64, 64);
        let by = T::from_f64(2f64.powi(step));
        // SAFETY: elements of the caller's row-major matrix.
        (0..a.rows * a.cols).for_each(|i| unsafe { *a.ptr.add(i) = *a.ptr.add(i) * by });
        power -= step;
    }
}

/// By how many more halvings the error of the approximation stays below the rounding, which depends on the matrix of
/// magnitudes: `vectors` has room for 2 n elements.
unsafe fn more<T: Real>(a: MatMut<T>, halvings: i32, order: usize, vectors: *mut T) -> i32 {
    let n = a.rows;
    // SAFETY: the caller's matrix.
    let size = unsafe { norm(a) };
    if size == 0.0 {
        return 0;
    }
    // |c| = (m!)^2 / ((2m)! (2m + 1)!), and the norm of |A|^(2m + 1) by as many products with a row of ones.
    let mut log = 0.0f64;
    for k in 1..=2 * order + 1 {
        log -= (k as f64).log2();
        if k <= 2 * order {
            log -= (k as f64).log2();
        }
        if k <= order {
            log += 2.0 * (k as f64).log2();
        }
    }
    // SAFETY: the caller's matrix and vectors.
    unsafe {
        let (mut x, mut y) = (vectors, vectors.add(n));
        (0..n).for_each(|j| *x.add(j) = T::ONE);
        for _ in 0..2 * order + 1 {
            let mut most = 0.0f64;
            for j in 0..n {
                let sum = (0..n).fold(T::ZERO, |sum, i| sum + *x.add(i) * (*a.row(i).add(j)).abs());
                *y.add(j) = sum;
                most = most.max(sum.to_f64());
            }
            if most == 0.0 || !most.is_finite() {
                return 0;
            }
            // The size is kept apart, so that it neither overflows nor vanishes.
            log += most.log2();
            let by = T::from_f64(1.0 / most);
            (0..n).for_each(|j| *y.add(j) = *y.add(j) * by);
            std::mem::swap(&mut x, &mut y);
        }
    }
    let alpha = log - size.log2() - (2 * order) as f64 * f64::from(halvings);
    (((alpha + 53.0) / (2 * order) as f64).ceil() as i32).max(0)
}

/// The exponential of a real A; NaN everywhere where A has an element that is NaN or infinite.
///
/// # Safety
/// The rules of [`super`]; `work` for [`Routine::Expm`].
pub(super) unsafe fn expm<T: Real>([a]: [MatRef<T>; 1], x: MatMut<T>, work: *mut T) -> Result<(), Failure> {
    let n = square(a);
    debug_assert!(x.is_row_major() && x.rows == n && x.cols == n);
    let matrix = |i: usize| MatMut::row_major(work.wrapping_add(i * n * n), n, n);
    let [s, a2, a4, a6, u, v, t] = [0, 1, 2, 3, 4, 5, 6].map(matrix);
    let vectors = work.wrapping_add(7 * n * n);
    let rest = vectors.wrapping_add(2 * n);
    // SAFETY: the result and the workspace are the caller's, of the sizes that are used.
    unsafe {
        if check_finite(a, false).is_err() {
            (0..n * n).for_each(|i| *x.ptr.add(i) = T::from_f64(f64::NAN));
            return Ok(());
        }
        super::mat::store(a, s.ptr);
        let powers = || {
            gemm(s.as_ref(), s.as_ref(), a2);
            gemm(a2.as_ref(), a2.as_ref(), a4);
            gemm(a2.as_ref(), a4.as_ref(), a6);
        };
        powers();
        gemm(a4.as_ref(), a4.as_ref(), t);
        let root = |matrix: MatMut<T>, power: i32| norm(matrix).powf(1.0 / f64::from(power));
        let (d4, d6, d8) = (root(a4, 4), root(a6, 6), root(t, 8));
        let (eta1, eta3) = (d4.max(d6), d6.max(d8));
        let fits = |order: usize, eta: f64, theta: f64| eta < theta && more(s, 0, order, vectors) == 0;
        let order = match () {
            () if fits(3, eta1, THETA[0]) => 3,
            () if fits(5, eta1, THETA[1]) => 5,
            () if fits(7, eta3, THETA[2]) => 7,
            () if fits(9, eta3, THETA[3]) => 9,
            () => 13,
        };
        let mut squarings = 0;
        if order == 13 {
            gemm(a4.as_ref(), a6.as_ref(), u);
            let d10 = root(u, 10);
            if [d6, d8, d10].iter().all(|d| d.is_finite()) {
                let eta5 = eta3.min(d8.max(d10));
                squarings = ((eta5 / THETA[4]).log2().ceil() as i32).max(0);
                squarings += more(s, squarings, order, vectors);
                for (matrix, power) in [(s, 1), (a2, 2), (a4, 4), (a6, 6)] {
                    scale(matrix, -squarings * power);
                }
            } else {
                // Powers overflow: the norm says how small it has to be.
                squarings = ((norm(s) / THETA[4]).log2().ceil() as i32).max(0);
                scale(s, -squarings);
                powers();
            }
        }
        // The odd part is s times a polynomial of squares, the even part another one.
        let c = coefficients(order).map(T::from_f64);
        let combine = |out: MatMut<T>, terms: &[(T, MatMut<T>)], one: T| {
            for i in 0..n {
                for j in 0..n {
                    let identity = if i == j { one } else { T::ZERO };
                    *out.row(i).add(j) = terms.iter().fold(identity, |sum, (c, m)| sum + *c * *m.row(i).add(j));
                }
            }
        };
        match order {
            13 => {
                combine(t, &[(c[13], a6), (c[11], a4), (c[9], a2)], T::ZERO);
                gemm(a6.as_ref(), t.as_ref(), v);
                combine(t, &[(T::ONE, v), (c[7], a6), (c[5], a4), (c[3], a2)], c[1]);
                gemm(s.as_ref(), t.as_ref(), u);
                combine(t, &[(c[12], a6), (c[10], a4), (c[8], a2)], T::ZERO);
                gemm(a6.as_ref(), t.as_ref(), v);
                combine(v, &[(T::ONE, v), (c[6], a6), (c[4], a4), (c[2], a2)], c[0]);
            }
            _ => {
                // Beyond the order coefficients are 0.
                let squares = [a2, a4, a6, t];
                let terms = |first: usize| [0, 1, 2, 3].map(|i| (c[first + 2 * i], squares[i]));
                let count = order / 2;
                combine(v, &terms(3)[..count], c[1]);
                gemm(s.as_ref(), v.as_ref(), u);
                combine(v, &terms(2)[..count], c[0]);
            }
        }
        for i in 0..n * n {
            let (odd, even) = (*u.ptr.add(i), *v.ptr.add(i));
            (*u.ptr.add(i), *v.ptr.add(i)) = (even - odd, even + odd);
        }
        // The denominator has an inverse: the scaled matrix is small.
        if solve(u.as_ref(), v.as_ref(), t, rest).is_err() {
            (0..n * n).for_each(|i| *t.ptr.add(i) = T::from_f64(f64::NAN));
        }
        let (mut from, mut to) = (t, u);
        for _ in 0..squarings {
            gemm(from.as_ref(), from.as_ref(), to);
            (from, to) = (to, from);
        }
        super::mat::store(from.as_ref(), x.ptr);
    }
    Ok(())
}
