//! Linear algebra through a compiled function against bare LAPACK: `cargo run --release -p evanesce-runtime --example
//! linalg_speed`. Prints a table in microseconds a call, interleaved, medians.
#![allow(unsafe_code, reason = "bare LAPACK takes raw memory")]

use evanesce_ir::expr::Tracer;
use evanesce_ir::types::DType;
use evanesce_runtime::blas::Lapack;
use evanesce_runtime::{Function, args};
use ndarray::Array2;
use num_complex::Complex;
use std::cmp::Ordering;
use std::hint::black_box;
use std::time::Instant;

/// The median times of two routines in microseconds.
fn pair(samples: usize, mut ours: impl FnMut(), mut bare: impl FnMut()) -> [f64; 2] {
    let time = |f: &mut dyn FnMut(), calls: u32| {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
    };
    let calls = (100.0 / time(&mut bare, 2)).ceil() as u32;
    let times: Vec<[f64; 2]> = (0..samples).map(|_| [time(&mut ours, calls), time(&mut bare, calls)]).collect();
    [0, 1].map(|side| {
        let mut times: Vec<f64> = times.iter().map(|pair| pair[side]).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

/// A matrix far from singular, and Hermitian positive definite: element (i, j) from its real and imaginary parts.
fn matrix<T>(n: usize, number: impl Fn(f64, f64) -> T) -> Array2<T> {
    Array2::from_shape_fn((n, n), |(i, j)| {
        let distance = 1.0 + i.abs_diff(j) as f64;
        match i.cmp(&j) {
            Ordering::Equal => number(2.0 + n as f64 / 8.0, 0.0),
            Ordering::Less => number(1.0 / distance, 0.5 / distance),
            Ordering::Greater => number(1.0 / distance, -0.5 / distance),
        }
    })
}

fn function(n: usize, f: impl Fn(&mut Tracer)) -> Function {
    Function::trace(f).unwrap_or_else(|error| panic!("order {n}: {error}"))
}

/// The rows of the table of an order, for elements of a dtype.
macro_rules! rows {
    ($name:ident, $what:literal, $t:ty, $dtype:expr, $number:expr) => {
        fn $name(n: usize, samples: usize) {
            let (a, b) = (matrix(n, $number), matrix(n, $number));
            let order = n as i32;
            let mut out = Array2::<$t>::zeros((n, n));
            let (mut copy, mut right) = (vec![<$t>::default(); n * n], vec![<$t>::default(); n * n]);
            let (mut pivots, mut work) = (vec![0i32; n], vec![<$t>::default(); 64 * n]);
            let (source, second) = (a.as_slice().expect("row-major"), b.as_slice().expect("row-major"));
            let (p, q, ipiv, w) = (copy.as_mut_ptr(), right.as_mut_ptr(), pivots.as_mut_ptr(), work.as_mut_ptr());
            let fill = |to: *mut $t, from: &[$t]| {
                // SAFETY: both have n x n elements and do not meet.
                unsafe { to.copy_from_nonoverlapping(black_box(from).as_ptr(), from.len()) }
            };
            let input = |f: &mut Tracer, name: &str| f.input(name, $dtype, [n, n]);
            let mut inv = function(n, |f| {
                let a = input(f, "a");
                f.output("x", &a.inv());
            });
            let mut solve = function(n, |f| {
                let (a, b) = (input(f, "a"), input(f, "b"));
                f.output("x", &a.solve(&b));
            });
            let mut cholesky = function(n, |f| {
                let a = input(f, "a");
                f.output("x", &a.cholesky());
            });
            let mut product = function(n, |f| {
                let (a, b) = (input(f, "a"), input(f, "b"));
                f.output("x", &a.matmul(&b));
            });
            // SAFETY: buffers of n x n, n pivots, a workspace of 64 n.
            let rows = unsafe {
                [
                    (
                        "inverse",
                        pair(
                            samples,
                            || inv.call(args![&a], args![&mut out]).expect("it is regular"),
                            || {
                                fill(p, source);
                                <$t as Lapack>::getrf(order, order, p, ipiv);
                                <$t as Lapack>::getri(order, p, ipiv, w, 64 * order);
                            },
                        ),
                    ),
                    (
                        "solve",
                        pair(
                            samples,
                            || solve.call(args![&a, &b], args![&mut out]).expect("it is regular"),
                            || {
                                fill(p, source);
                                fill(q, second);
                                <$t as Lapack>::getrf(order, order, p, ipiv);
                                <$t as Lapack>::trsm_right(b'U', b'N', b'N', order, order, p, order, q);
                                <$t as Lapack>::trsm_right(b'L', b'N', b'U', order, order, p, order, q);
                            },
                        ),
                    ),
                    (
                        "cholesky",
                        pair(
                            samples,
                            || cholesky.call(args![&a], args![&mut out]).expect("it is positive definite"),
                            || {
                                fill(p, source);
                                <$t as Lapack>::potrf(order, p);
                            },
                        ),
                    ),
                    (
                        "product",
                        pair(
                            samples,
                            || product.call(args![&a, &b], args![&mut out]).expect("shapes fit"),
                            || {
                                let (a, b) = (black_box(source).as_ptr(), second.as_ptr());
                                <$t as Lapack>::gemm(b'N', b'N', order, order, order, b, order, a, order, p, order);
                            },
                        ),
                    ),
                ]
            };
            for (name, [ours, bare]) in rows {
                println!("| {n} x {n}{} | {name} | {ours:.3} | {bare:.3} | {:.2} |", $what, ours / bare);
            }
        }
    };
}

rows!(real, "", f64, DType::F64, |re, _| re);
rows!(complex, ", complex", Complex<f64>, DType::C128, Complex::new);

fn main() {
    println!("| | | through a function | bare LAPACK | ratio |\n|---|---|---|---|---|");
    real(10, 61);
    complex(10, 61);
    real(1000, 15);
    complex(1000, 7);
}
