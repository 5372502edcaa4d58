//! Substitution with every way of reading a triangle, of real and complex elements, on both sides of the crossovers.
#![allow(unsafe_code, reason = "the backend takes raw views")]

use evanesce_runtime::blas::{self, MatMut, MatRef, Real, Routine, Scalar, Triangle, workspace};
use num_complex::Complex;

/// Numbers between -1/2 and 1/2 in both parts, one for each place.
fn number<T: Scalar>(i: usize, j: usize) -> T {
    let part = |seed: usize| {
        let mut h = (seed * 1_000_003 + i * 1009 + j + 1) as u64;
        for _ in 0..3 {
            h = (h ^ (h >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        }
        T::Part::from_f64((h >> 40) as f64 / (1u64 << 24) as f64 - 0.5)
    };
    T::new(part(1), part(2))
}

/// Elements in a column-major or a row-major matrix, which NaN surrounds.
fn held<T: Scalar>(n: usize, by_rows: bool, f: impl Fn(usize, usize) -> T) -> (Vec<T>, [isize; 2]) {
    let nan = T::Part::from_f64(f64::NAN);
    let (ld, before) = (n + 3, 5);
    let mut memory = vec![T::new(nan, nan); before + ld * n + 7];
    let [rs, cs] = if by_rows { [ld, 1] } else { [1, ld] };
    for i in 0..n {
        for j in 0..n {
            memory[before + i * rs + j * cs] = f(i, j);
        }
    }
    (memory, [rs as isize, cs as isize])
}

fn triangles<T: Scalar>() {
    blas::init();
    let [one, two] = [1.0, 2.0].map(T::Part::from_f64);
    let zero = T::Part::from_f64(0.0);
    for n in [0, 1, 2, 5, 16, 17, 33, 50] {
        for flags in 0..64 {
            let [lower, unit, transposed, conj, by_rows, column] = [0, 1, 2, 3, 4, 5].map(|bit| flags >> bit & 1 == 1);
            let op = Triangle { lower, unit, transposed, conj };
            // Far from singular; what is not read is NaN.
            let size = T::Part::from_f64(n.max(1) as f64);
            let part = |x: T, by: T::Part| x * T::new(one / by, zero);
            let read = |i: usize, j: usize| match i.cmp(&j) {
                _ if i == j && unit => None,
                std::cmp::Ordering::Equal => Some(T::new(two, zero) + number::<T>(i, j)),
                order if order.is_gt() == lower => Some(part(number::<T>(i, j), size)),
                _ => None,
            };
            let nan = T::Part::from_f64(f64::NAN);
            let (memory, [rs, cs]) = held(n, by_rows, |i, j| read(i, j).unwrap_or(T::new(nan, nan)));
            let a = MatRef { ptr: memory[5..].as_ptr(), rows: n, cols: n, rs, cs };
            let columns = if column { 1 } else { 4 };
            let b: Vec<T> = (0..n * columns).map(|at| number(at, n)).collect();
            let mut x = b.clone();
            let mut work = vec![T::new(nan, nan); workspace::<T>(Routine::SolveTriangular, &[[n, n], [n, columns]])];
            let view = MatMut::row_major(x.as_mut_ptr(), n, columns);
            // SAFETY: the views are whole, X in place of B.
            unsafe { blas::solve_triangular(a, view.as_ref(), view, op, work.as_mut_ptr()).unwrap() };
            for i in 0..n {
                for column in 0..columns {
                    let sum = (0..n).fold(T::ZERO, |sum, j| {
                        let (row, col) = if transposed { (j, i) } else { (i, j) };
                        let element = read(row, col).unwrap_or(if i == j { T::ONE } else { T::ZERO });
                        sum + if conj { element.conj() } else { element } * x[j * columns + column]
                    });
                    let off = (sum - b[i * columns + column]).abs();
                    let least = T::Part::from_f64(100.0) * T::Part::EPSILON;
                    assert!(off <= least, "n = {n}, {op:?}, {columns} columns: {off:?}");
                }
            }
        }
    }
}

#[test]
fn real() {
    triangles::<f64>();
    triangles::<f32>();
}

#[test]
fn complex() {
    triangles::<Complex<f64>>();
    triangles::<Complex<f32>>();
}
