//! Every kernel against the one for one matrix, with every instruction set that this machine has: the same numbers, and the
//! same failures.

use super::{Matrices, lanes};
use crate::blas::{self, Failure, MatMut, MatRef, Real, Scalar};
use crate::small;
use crate::small::held::{Held, on_every_set, random, strides};
use num_complex::Complex;

/// In the lanes; the last of too few stands in the others.
fn side_by_side<T: Scalar>(matrices: &[Held<T>]) -> Matrices<T> {
    let last = matrices.len() - 1;
    let first = matrices[0].read();
    Matrices {
        ptr: std::array::from_fn(|lane| matrices[lane.min(last)].read().ptr.cast_mut()),
        rows: first.rows,
        cols: first.cols,
        rs: first.rs,
        cs: first.cs,
    }
}

/// Kinds of matrices.
const KINDS: usize = 6;

/// Element (i, j) of matrix `lane`, of order n: random, small integers with many equal magnitudes, permutations, subnormal
/// numbers, in one lane a singular one, in each lane another scale.
fn element<T: Scalar>(kind: usize, lane: usize, n: usize, i: usize, j: usize) -> [f64; 2] {
    let double = T::Part::EPSILON.to_f64() < 1e-10;
    let both = |f: &dyn Fn(usize) -> f64| [f(lane), f(lane + 200)];
    // Of some matrices real, of others imaginary.
    let either = |x: f64| if lane.is_multiple_of(2) { [x, 0.0] } else { [0.0, x] };
    match kind {
        0 => both(&|seed| random(seed, i, j)),
        1 => both(&|seed| (random(seed, i, j) * 5.0).round()).map(|x| x + if i == j { 0.5 } else { 0.0 }),
        2 => either(f64::from((i + lane) % n == j)),
        3 => either(f64::from((i + lane) % n == j) * f64::from_bits(3 + j as u64)),
        // Rows and columns that repeat others.
        4 if lane == 5 || lane == 6 => both(&|seed| random(seed, i.min(n / 2), j)),
        4 => both(&|seed| random(seed, i, j)),
        _ => {
            let scale = [1.0, if double { 1e180 } else { 1e20 }, if double { 1e-180 } else { 1e-20 }][lane % 3];
            both(&|seed| scale * random(seed, i, j))
        }
    }
}

/// Hermitian and positive definite, but in lane 3 of the fourth kind.
fn definite<T: Scalar>(kind: usize, lane: usize, n: usize, i: usize, j: usize) -> [f64; 2] {
    // The upper triangle is not read, nor is the imaginary part of the diagonal.
    if j > i {
        return [f64::NAN; 2];
    }
    let factor = |i: usize, k: usize| {
        let [re, im] = element::<T>(kind % 2, lane, n, i, k);
        [re, if T::COMPLEX { im } else { 0.0 }]
    };
    let mut sum = [f64::from(i == j), 0.0];
    for k in 0..n {
        let ([a, b], [c, d]) = (factor(i, k), factor(j, k));
        sum = [sum[0] + a * c + b * d, sum[1] + b * c - a * d];
    }
    let sum = if kind == 4 && lane == 3 && i == n / 2 { sum.map(|x| -x) } else { sum };
    if i == j { [sum[0], f64::NAN] } else { sum }
}

/// What a call is compared by: results of every lane, or the first that failed, and how.
type Found = Result<Vec<Vec<u64>>, (usize, Failure)>;

/// Bits, those of every 0 the same; none of what has overflowed.
fn bits<T: Scalar>(out: &Held<T>) -> Vec<u64> {
    let parts = || out.memory.iter().flat_map(|x| x.parts().map(Real::to_f64));
    let finite = parts().all(f64::is_finite);
    parts().take_while(|_| finite).map(|x| (x + 0.0).to_bits()).collect()
}

/// A routine for one matrix, a routine for several, and element (i, j) of an operand by kind and lane.
type One<'f, T> = &'f dyn Fn(&[MatRef<T>], MatMut<T>) -> Result<(), Failure>;
type Several<'f, T> = &'f dyn Fn(&[Matrices<T>], &Matrices<T>) -> Result<(), (usize, Failure)>;
type Elements<'f> = &'f dyn Fn(usize, usize, usize, usize) -> [f64; 2];

/// A routine for one matrix and for several, on all kinds of matrices.
fn compare<T: Scalar>(
    what: &str,
    n: usize,
    one: One<'_, T>,
    several: Several<'_, T>,
    operands: &[(usize, Elements<'_>)],
    result: [usize; 2],
) {
    for at in 0..5 {
        for kind in [(at + n) % KINDS, KINDS - 1 - (at + n) % KINDS] {
            let count = lanes::<T>() - (at + kind) % 3;
            let held: Vec<Vec<Held<T>>> = operands
                .iter()
                .map(|&(cols, f)| {
                    let of = |lane: usize| Held::new(n, cols, strides(n, cols)[at], |i, j| f(kind, lane, i, j));
                    (0..count).map(of).collect()
                })
                .collect();
            let alone: Found = (0..count)
                .map(|lane| {
                    let read: Vec<MatRef<T>> = held.iter().map(|matrices| matrices[lane].read()).collect();
                    let mut out = Held::blank(result[0], result[1]);
                    one(&read, out.write()).map(|()| bits(&out)).map_err(|failure| (lane, failure))
                })
                .collect();
            let mut out: Vec<Held<T>> = (0..count).map(|_| Held::blank(result[0], result[1])).collect();
            let read: Vec<Matrices<T>> = held.iter().map(|matrices| side_by_side(matrices)).collect();
            let mut to = side_by_side(&out);
            for (lane, to) in to.ptr.iter_mut().enumerate() {
                *to = out[lane.min(count - 1)].write().ptr;
            }
            let found = several(&read, &to).map(|()| out.into_iter().map(|out| bits(&out)).collect());
            assert_eq!(found, alone, "{what} of order {n}, kind {kind}, strides {at}, {count} matrices");
        }
    }
}

/// The factors of one matrix, its pivots, whether it is regular.
unsafe fn lu<T: Scalar>(a: MatRef<T>) -> Result<(Held<T>, Vec<i32>), Failure> {
    let (mut factors, mut pivots) = (Held::blank(a.rows, a.rows), vec![0; a.rows]);
    // SAFETY: the caller's matrix.
    unsafe { small::lu(a, factors.write().ptr, pivots.as_mut_ptr()) }.map(|()| (factors, pivots))
}

/// Writes the elements of one matrix.
unsafe fn copy<T: Scalar>(a: MatRef<T>, to: MatMut<T>) {
    for i in 0..a.rows {
        for j in 0..a.cols {
            // SAFETY: the caller's matrices.
            unsafe { *to.row(i).add(j) = *a.at(i, j) };
        }
    }
}

/// As [`blas::solve`], by our kernels at every order.
unsafe fn solve<T: Scalar>(a: MatRef<T>, b: MatRef<T>, x: MatMut<T>) -> Result<(), Failure> {
    // SAFETY: the caller's matrices.
    unsafe {
        let (factors, pivots) = lu(a)?;
        copy(b, x);
        small::solve_triangular(factors.read(), false, x, true, false);
        small::solve_triangular(factors.read(), false, x, false, true);
        for (i, p) in pivots.into_iter().enumerate().rev().map(|(i, p)| (i, p as usize - 1)).filter(|(i, p)| i != p) {
            std::ptr::swap_nonoverlapping(x.row(i), x.row(p), x.cols);
        }
    }
    Ok(())
}

/// As [`blas::slogdet`], and the determinant.
unsafe fn determinant<T: Scalar>(a: MatRef<T>) -> [T; 3] {
    let zero = <T::Part as Scalar>::ZERO;
    // SAFETY: the caller's matrix.
    let Ok((factors, pivots)) = (unsafe { lu(a) }) else {
        return [T::ZERO, T::ZERO, T::new(zero.ln(), zero)];
    };
    let (mut det, mut direction, mut sum) = (T::ONE, T::ONE, zero);
    for (i, p) in pivots.into_iter().enumerate() {
        let d = factors.at(i, i);
        let d = if p as usize == i + 1 { d } else { -d };
        det *= d;
        let (size, [re, im]) = (d.abs(), d.parts());
        direction *= if T::COMPLEX { T::new(re / size, im / size) } else { T::new(re / re.abs(), zero) };
        sum += size.ln();
    }
    [det, direction, T::new(sum, zero)]
}

fn kernels<T: Scalar>() {
    let singular = |(lane, pivot)| (lane, Failure::Singular { pivot });
    let indefinite = |(lane, order)| (lane, Failure::NotPositiveDefinite { order });
    for n in [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13, 16] {
        let general = |kind: usize, lane: usize, i: usize, j: usize| element::<T>(kind, lane, n, i, j);
        let spd = |kind: usize, lane: usize, i: usize, j: usize| definite::<T>(kind, lane, n, i, j);
        let both = |seed: usize, i: usize, j: usize| [random(seed, i, j), random(seed + 300, i, j)];
        let diagonal = |i: usize, j: usize, x: [f64; 2]| if i == j { [x[0] + 1.0, x[1]] } else { x };
        let lower = |_: usize, lane: usize, i: usize, j: usize| {
            if j > i { [f64::NAN; 2] } else { diagonal(i, j, both(lane + 50, i, j)) }
        };
        let upper = |_: usize, lane: usize, i: usize, j: usize| match () {
            () if j < i => [f64::NAN; 2],
            () if lane == 6 && i == n - 1 => [0.0; 2],
            () => diagonal(i, j, both(lane + 60, i, j)),
        };
        let right = |_: usize, lane: usize, i: usize, j: usize| both(lane + 100, i, j);
        let cholesky = |a: MatRef<T>, l: MatMut<T>| {
            // SAFETY: matrices of order n.
            unsafe { small::cholesky(a, l.ptr)? };
            for i in 0..n {
                // SAFETY: elements above the diagonal.
                (i + 1..n).for_each(|j| unsafe { *l.row(i).add(j) = T::ZERO });
            }
            Ok(())
        };
        // SAFETY: whole matrices, results of their shapes.
        unsafe {
            compare::<T>(
                "inv",
                n,
                &|a, x| small::inv(a[0], x.ptr),
                &|a, x| super::inv(&a[0], x).map_err(singular),
                &[(n, &general)],
                [n, n],
            );
            compare::<T>(
                "inv_spd",
                n,
                &|a, x| small::inv_spd(a[0], x.ptr),
                &|a, x| super::inv_spd(&a[0], x).map_err(indefinite),
                &[(n, &spd)],
                [n, n],
            );
            compare::<T>(
                "cholesky",
                n,
                &|a, x| cholesky(a[0], x),
                &|a, x| super::cholesky(&a[0], x).map_err(indefinite),
                &[(n, &spd)],
                [n, n],
            );
            compare::<T>(
                "det",
                n,
                &|a, x| {
                    x.ptr.write(determinant(a[0])[0]);
                    Ok(())
                },
                &|a, x| {
                    super::det(&a[0], x);
                    Ok(())
                },
                &[(n, &general)],
                [1, 1],
            );
            compare::<T>(
                "slogdet",
                n,
                &|a, x| {
                    let [_, direction, logarithm] = determinant(a[0]);
                    x.ptr.write(direction);
                    x.ptr.add(1).write(logarithm);
                    Ok(())
                },
                &|a, x| {
                    // Of the second number the first part, the other 0.
                    let to = x.ptr.map(|x| x.wrapping_add(1));
                    to.into_iter().for_each(|x| x.write(T::ZERO));
                    let to = to.map(|x| x.cast::<T::Part>());
                    super::slogdet(&a[0], x, &Matrices { ptr: to, rows: 1, cols: 1, rs: 1, cs: 1 });
                    Ok(())
                },
                &[(n, &general)],
                [1, 2],
            );
            for cols in [1, if n % 4 == 0 { 19 } else { 2 + n % 7 }] {
                compare::<T>(
                    "solve",
                    n,
                    &|a, x| solve(a[0], a[1], x),
                    &|a, x| super::solve(&a[0], &a[1], x).map_err(singular),
                    &[(n, &general), (cols, &right)],
                    [n, cols],
                );
                compare::<T>(
                    "solve_spd",
                    n,
                    &|a, x| {
                        let mut l = Held::blank(n, n);
                        cholesky(a[0], l.write())?;
                        copy(a[1], x);
                        small::solve_triangular(l.read(), false, x, true, false);
                        small::solve_triangular(l.read().t(), true, x, false, false);
                        Ok(())
                    },
                    &|a, x| super::solve_spd(&a[0], &a[1], x).map_err(indefinite),
                    &[(n, &spd), (cols, &right)],
                    [n, cols],
                );
                for (is_lower, triangle) in [(true, &lower as Elements<'_>), (false, &upper)] {
                    let conj = is_lower == (cols > 1);
                    compare::<T>(
                        "solve_triangular",
                        n,
                        &|a, x| {
                            if let Some(i) = (0..n).find(|&i| *a[0].at(i, i) == T::ZERO) {
                                return Err(Failure::Singular { pivot: i + 1 });
                            }
                            copy(a[1], x);
                            small::solve_triangular(a[0], conj, x, is_lower, false);
                            Ok(())
                        },
                        &|a, x| super::solve_triangular(&a[0], &a[1], x, is_lower, conj).map_err(singular),
                        &[(n, triangle), (cols, &right)],
                        [n, cols],
                    );
                }
                for conj in [[false, cols == 1], [true, cols > 1]] {
                    compare::<T>(
                        "matmul",
                        n,
                        &|a, x| {
                            small::gemm_conj(a[0], a[1], x, conj);
                            Ok(())
                        },
                        &|a, x| {
                            super::matmul(&a[0], &a[1], x, conj);
                            Ok(())
                        },
                        &[(n, &general), (cols.min(16), &right)],
                        [n, cols.min(16)],
                    );
                }
            }
        }
    }
}

/// With every instruction set that this machine has.
macro_rules! several_are_what_one_after_another_are {
    ($($name:ident = $t:ty;)*) => {$(
        #[test]
        fn $name() {
            blas::init();
            on_every_set(kernels::<$t>);
        }
    )*};
}

several_are_what_one_after_another_are! {
    several_are_what_one_after_another_are_in_f64 = f64;
    several_are_what_one_after_another_are_in_f32 = f32;
    several_are_what_one_after_another_are_in_c128 = Complex<f64>;
    several_are_what_one_after_another_are_in_c64 = Complex<f32>;
}
