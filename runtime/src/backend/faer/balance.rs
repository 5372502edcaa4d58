//! Rows and columns scaled by powers of 2 until they are of about the same size (Parlett and Reinsch 1969), as LAPACK's `gebal` does
//! before it looks for eigenvalues: those of a badly scaled matrix are then as good as its own elements allow.

use super::{Element, View, real};
use crate::blas::{Real, Scalar};

/// Doublings in one go, so that nothing leaves the range of a number.
const STEPS: usize = 60;

/// `D^-1 A D` in place of A; the diagonal of D by rows.
pub(super) unsafe fn balance<T: Element>(a: View<T>, n: usize, mut scale: impl FnMut(usize, T::Part)) {
    let two = T::Part::ONE + T::Part::ONE;
    let size = |x: T| {
        let x = super::abs(x);
        x * x
    };
    let mut again = true;
    while again {
        again = false;
        for i in 0..n {
            // SAFETY: elements of the caller's matrix, n x n.
            let [column, row] = unsafe {
                let sum = |part: &dyn Fn(usize) -> T| (0..n).fold(T::Part::ZERO, |sum, k| sum + size(part(k))).sqrt();
                [sum(&|k| a.at(k, i)), sum(&|k| a.at(i, k))]
            };
            let usable = |x: T::Part| x > T::Part::MIN_POSITIVE && x.is_finite();
            if !usable(column) || !usable(row) {
                continue;
            }
            let (mut c, mut r, mut factor) = (column, row, T::Part::ONE);
            for _ in 0..STEPS {
                let grow = c < r / two;
                if !grow && c / two < r {
                    break;
                }
                let by = if grow { two } else { T::Part::ONE / two };
                (c, r, factor) = (c * by, r / by, factor * by);
            }
            // Only where it gains something.
            if factor == T::Part::ONE || c + r >= T::Part::from_f64(0.95) * (column + row) {
                continue;
            }
            again = true;
            scale(i, factor);
            for k in 0..n {
                // SAFETY: as above.
                unsafe {
                    a.set(i, k, a.at(i, k) * real::<T>(T::Part::ONE / factor));
                    a.set(k, i, a.at(k, i) * real::<T>(factor));
                }
            }
        }
    }
}

/// The vectors of A from those of the balanced matrix: row i of V times the element of D.
pub(super) unsafe fn back<T: Element>(v: View<T>, n: usize, scale: impl Fn(usize) -> T) {
    for i in 0..n {
        // SAFETY: elements of the caller's matrix, n x n.
        (0..n).for_each(|j| unsafe { v.set(i, j, v.at(i, j) * scale(i)) });
    }
}
