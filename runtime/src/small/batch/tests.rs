//! Every kernel against the one for one matrix, with every instruction set that this machine has: the same numbers, and the
//! same failures.

use super::{MOST, Matrices, lanes};
use crate::blas::{self, Failure, MatMut, MatRef, Real};
use crate::small::held::{Held, random};
use crate::small::{self, AVX512, BASE, FORCED, best};

/// In the lanes; the last of too few stands in the others.
fn side_by_side<T: Real>(matrices: &[Held<T>]) -> Matrices<T> {
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

/// Element (i, j) of matrix `lane`, of order n: random, small integers with many equal magnitudes, permutations, subnormal
/// numbers, and in one lane a singular one.
fn element(kind: usize, lane: usize, n: usize, i: usize, j: usize) -> f64 {
    match kind {
        0 => random(lane, i, j),
        1 => (random(lane, i, j) * 5.0).round() + if i == j { 0.5 } else { 0.0 },
        2 => f64::from((i + lane) % n == j),
        3 => f64::from((i + lane) % n == j) * f64::from_bits(3 + j as u64),
        // Rows and columns that repeat others.
        _ if lane == 5 || lane == 6 => random(lane, i.min(n / 2), j),
        _ => random(lane, i, j),
    }
}

/// Symmetric and positive definite, but in lane 3 of the last kind.
fn definite(kind: usize, lane: usize, n: usize, i: usize, j: usize) -> f64 {
    let sum: f64 = (0..n).map(|k| element(kind % 2, lane, n, i, k) * element(kind % 2, lane, n, j, k)).sum();
    let sum = if kind == 4 && lane == 3 && i == n / 2 { -sum } else { sum };
    // The upper triangle is not read.
    if j > i { f64::NAN } else { sum + f64::from(i == j) }
}

/// What a call is compared by: results of every lane, or the first that failed, and how.
type Found = Result<Vec<Vec<u64>>, (usize, Failure)>;

/// Bits, those of every 0 the same; none of what has overflowed.
fn bits<T: Real>(out: &Held<T>) -> Vec<u64> {
    let finite = out.memory.iter().all(|x| x.to_f64().is_finite());
    out.memory.iter().take_while(|_| finite).map(|x| (x.to_f64() + 0.0).to_bits()).collect()
}

/// A routine for one matrix, a routine for several, and element (i, j) of an operand by kind and lane.
type One<'f, T> = &'f dyn Fn(&[MatRef<T>], MatMut<T>) -> Result<(), Failure>;
type Several<'f, T> = &'f dyn Fn(&[Matrices<T>], &Matrices<T>) -> Result<(), (usize, Failure)>;
type Elements<'f> = &'f dyn Fn(usize, usize, usize, usize) -> f64;

/// A routine for one matrix and for several, on all kinds of matrices.
fn compare<T: Real>(
    what: &str,
    n: usize,
    one: One<'_, T>,
    several: Several<'_, T>,
    operands: &[(usize, Elements<'_>)],
    result: [usize; 2],
) {
    let order = n as isize;
    for (at, strides) in [(1, 0), (0, 1), (1, 3), (3, 1), (-1, 0)].into_iter().enumerate() {
        for kind in [(at + n) % 5, 4 - (at + n) % 5] {
            {
                let count = lanes::<T>() - (at + kind) % 3;
                let held: Vec<Vec<Held<T>>> = operands
                    .iter()
                    .map(|&(cols, f)| {
                        let wide = cols as isize;
                        let (rs, cs) = match strides {
                            (1, 0) => (wide, 1),
                            (0, 1) => (1, order),
                            (1, 3) => (wide + 3, 1),
                            (3, 1) => (3, 3 * order + 1),
                            _ => (-wide, -1),
                        };
                        (0..count).map(|lane| Held::new(n, cols, (rs, cs), |i, j| [f(kind, lane, i, j), 0.0])).collect()
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
                let to = Matrices {
                    ptr: {
                        let mut ptr = [std::ptr::null_mut(); MOST];
                        for (lane, to) in ptr.iter_mut().enumerate() {
                            *to = out[lane.min(count - 1)].write().ptr;
                        }
                        ptr
                    },
                    ..side_by_side(&out)
                };
                let found = several(&read, &to).map(|()| out.into_iter().map(|out| bits(&out)).collect());
                assert_eq!(found, alone, "{what} of order {n}, kind {kind}, {strides:?}, {count} matrices");
            }
        }
    }
}

fn kernels<T: Real>() {
    let singular = |(lane, pivot)| (lane, Failure::Singular { pivot });
    let indefinite = |(lane, order)| (lane, Failure::NotPositiveDefinite { order });
    for n in 1..=16 {
        let general = |kind: usize, lane: usize, i: usize, j: usize| element(kind, lane, n, i, j);
        let spd = |kind: usize, lane: usize, i: usize, j: usize| definite(kind, lane, n, i, j);
        let lower = |_: usize, lane: usize, i: usize, j: usize| {
            if j > i { f64::NAN } else { random(lane + 50, i, j) + f64::from(i == j) }
        };
        let upper = |_: usize, lane: usize, i: usize, j: usize| {
            let zero = lane == 6 && i == n - 1;
            if j < i {
                f64::NAN
            } else if zero {
                0.0
            } else {
                random(lane + 60, i, j) + f64::from(i == j)
            }
        };
        let right = |_: usize, lane: usize, i: usize, j: usize| random(lane + 100, i, j);
        let work = std::cell::RefCell::new(vec![T::ZERO; n * n + 64 * n]);
        let work = || work.borrow_mut().as_mut_ptr();
        // SAFETY: whole matrices, results of their shapes, a workspace for LU.
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
                &|a, x| blas::cholesky(a[0], x, work()),
                &|a, x| super::cholesky(&a[0], x).map_err(indefinite),
                &[(n, &spd)],
                [n, n],
            );
            compare::<T>(
                "det",
                n,
                &|a: &[MatRef<T>], x: MatMut<T>| {
                    x.ptr.write(blas::det(a[0], work()));
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
                &|a: &[MatRef<T>], x: MatMut<T>| {
                    let (sign, logarithm) = blas::slogdet(a[0], work());
                    x.ptr.write(sign);
                    x.ptr.add(1).write(logarithm);
                    Ok(())
                },
                &|a, x| {
                    super::slogdet(&a[0], x, &Matrices { ptr: x.ptr.map(|x| x.wrapping_add(1)), ..*x });
                    Ok(())
                },
                &[(n, &general)],
                [1, 2],
            );
            for cols in [1, if n % 4 == 0 { 19 } else { 2 + n % 7 }] {
                compare::<T>(
                    "solve",
                    n,
                    &|a, x| blas::solve(a[0], a[1], x, work()),
                    &|a, x| super::solve(&a[0], &a[1], x).map_err(singular),
                    &[(n, &general), (cols, &right)],
                    [n, cols],
                );
                compare::<T>(
                    "solve_spd",
                    n,
                    &|a, x| blas::solve_spd(a[0], a[1], x, work()),
                    &|a, x| super::solve_spd(&a[0], &a[1], x).map_err(indefinite),
                    &[(n, &spd), (cols, &right)],
                    [n, cols],
                );
                for (is_lower, triangle) in [(true, &lower as Elements<'_>), (false, &upper)] {
                    let op = blas::Triangle { lower: is_lower, ..Default::default() };
                    compare::<T>(
                        "solve_triangular",
                        n,
                        &|a, x| blas::solve_triangular(a[0], a[1], x, op, work()),
                        &|a, x| super::solve_triangular(&a[0], &a[1], x, is_lower).map_err(singular),
                        &[(n, triangle), (cols, &right)],
                        [n, cols],
                    );
                }
                compare::<T>(
                    "matmul",
                    n,
                    &|a: &[MatRef<T>], x: MatMut<T>| {
                        small::gemm(a[0], a[1], x);
                        Ok(())
                    },
                    &|a, x| {
                        super::matmul(&a[0], &a[1], x);
                        Ok(())
                    },
                    &[(n, &general), (cols.min(16), &right)],
                    [n, cols.min(16)],
                );
            }
        }
    }
}

#[test]
fn several_are_what_one_after_another_are() {
    blas::init();
    for set in BASE..=AVX512 {
        if set <= best() {
            FORCED.set(Some(set));
            kernels::<f64>();
            kernels::<f32>();
            FORCED.set(None);
        }
    }
}
