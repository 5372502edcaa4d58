//! Stacks of small matrices, one at a time and several at once: `cargo run --release -p evanesce-runtime --example stacks`.
//!
//! Nanoseconds a matrix in stacks of 1000, interleaved, medians; the crossovers in `small::batch` come from these tables. With
//! `functions` or `complex` the same through compiled functions, a line for each order, for `bench/linalg/stack.py`.
#![allow(unsafe_code, reason = "the kernels take raw views")]

use evanesce_ir::expr::Tracer;
use evanesce_ir::types::DType;
use evanesce_runtime::blas::{self, MatMut, MatRef, Routine, Scalar, Triangle, workspace};
use evanesce_runtime::small::batch::{self, Matrices};
use evanesce_runtime::{Function, args};
use ndarray::{Array1, Array2, Array3};
use num_complex::Complex;
use std::hint::black_box;
use std::time::Instant;

const ORDERS: [usize; 10] = [2, 3, 4, 6, 8, 10, 12, 14, 15, 16];
const COUNT: usize = 1000;

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn random(count: usize) -> Vec<f32> {
    let mut seed = 1u32;
    let next = |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    (0..count).map(next).collect()
}

/// Nanoseconds a matrix of each.
fn pair(mut one: impl FnMut(usize), mut several: impl FnMut(usize), lanes: usize) -> [f64; 2] {
    let time = |f: &mut dyn FnMut(usize), step: usize| {
        let start = Instant::now();
        (0..COUNT / step * step).step_by(step).for_each(&mut *f);
        start.elapsed().as_secs_f64() * 1e9 / (COUNT / step * step) as f64
    };
    let samples: Vec<[f64; 2]> = (0..61).map(|_| [time(&mut one, 1), time(&mut several, lanes)]).collect();
    [0, 1].map(|side| median(samples.iter().map(|sample| sample[side]).collect()))
}

fn table<T: Scalar<Part: From<f32>>>(title: &str) {
    println!("{title}: one at a time / several, nanoseconds a matrix");
    let names = ["inv", "inv_spd", "cholesky", "det", "solve 1", "solve n", "spd 1", "trsv", "trsm", "gemv", "gemm"];
    println!("{:>3} {}", "n", names.map(|name| format!("{name:>13}")).join(""));
    for n in ORDERS {
        let size = n * n;
        let lanes = batch::lanes::<T>();
        let parts = random(2 * COUNT * size);
        let number = |[re, im]: [f32; 2]| T::new(re.into(), im.into());
        let mut a: Vec<T> = parts.as_chunks::<2>().0.iter().map(|&x| number(x)).collect();
        let mut spd: Vec<T> = Vec::new();
        for g in a.chunks(size) {
            spd.extend((0..size).map(|at| {
                let (i, j) = (at / n, at % n);
                let start = if i == j { number([n as f32, 0.0]) } else { T::ZERO };
                (0..n).fold(start, |sum, l| sum + g[i * n + l] * g[j * n + l].conj())
            }));
        }
        let mut b = a.clone();
        let mut out = a.clone();
        let mut work = vec![T::ZERO; workspace::<T>(Routine::Solve, &[[n, n]]).max(64 * n + n)];
        let w = work.as_mut_ptr();
        let lower = Triangle { lower: true, ..Triangle::default() };
        let [pa, ps, pb, po] = [&mut a, &mut spd, &mut b, &mut out].map(|v| v.as_mut_ptr());
        let one = |p: *mut T, at: usize, cols: usize| MatRef::row_major(black_box(p).wrapping_add(at * size), n, cols);
        let to = |at: usize, cols: usize| MatMut::row_major(po.wrapping_add(at * size), n, cols);
        let all = |p: *mut T, at: usize, cols: usize| Matrices {
            ptr: std::array::from_fn(|lane| black_box(p).wrapping_add((at + lane) * size)),
            rows: n,
            cols,
            rs: cols as isize,
            cs: 1,
        };
        // SAFETY: stacks of COUNT matrices, one after another.
        let rows = unsafe {
            [
                pair(
                    |i| _ = blas::inv(one(pa, i, n), to(i, n), w),
                    |i| _ = batch::inv(&all(pa, i, n), &all(po, i, n)),
                    lanes,
                ),
                pair(
                    |i| _ = blas::inv_spd(one(ps, i, n), to(i, n), w),
                    |i| _ = batch::inv_spd(&all(ps, i, n), &all(po, i, n)),
                    lanes,
                ),
                pair(
                    |i| _ = blas::cholesky(one(ps, i, n), to(i, n), w),
                    |i| _ = batch::cholesky(&all(ps, i, n), &all(po, i, n)),
                    lanes,
                ),
                pair(
                    |i| *po.add(i) = blas::det(one(pa, i, n), w),
                    |i| {
                        let ptr = std::array::from_fn(|lane| po.wrapping_add(i + lane));
                        batch::det(&all(pa, i, n), &Matrices { ptr, rows: 1, cols: 1, rs: 1, cs: 1 });
                    },
                    lanes,
                ),
                pair(
                    |i| _ = blas::solve(one(pa, i, n), one(pb, i, 1), to(i, 1), w),
                    |i| _ = batch::solve(&all(pa, i, n), &all(pb, i, 1), &all(po, i, 1)),
                    lanes,
                ),
                pair(
                    |i| _ = blas::solve(one(pa, i, n), one(pb, i, n), to(i, n), w),
                    |i| _ = batch::solve(&all(pa, i, n), &all(pb, i, n), &all(po, i, n)),
                    lanes,
                ),
                pair(
                    |i| _ = blas::solve_spd(one(ps, i, n), one(pb, i, 1), to(i, 1), w),
                    |i| _ = batch::solve_spd(&all(ps, i, n), &all(pb, i, 1), &all(po, i, 1)),
                    lanes,
                ),
                pair(
                    |i| _ = blas::solve_triangular(one(ps, i, n), one(pb, i, 1), to(i, 1), lower, w),
                    |i| _ = batch::solve_triangular(&all(ps, i, n), &all(pb, i, 1), &all(po, i, 1), true, false),
                    lanes,
                ),
                pair(
                    |i| _ = blas::solve_triangular(one(ps, i, n), one(pb, i, n), to(i, n), lower, w),
                    |i| _ = batch::solve_triangular(&all(ps, i, n), &all(pb, i, n), &all(po, i, n), true, false),
                    lanes,
                ),
                pair(
                    |i| blas::gemm(one(pa, i, n), one(pb, i, 1), to(i, 1)),
                    |i| batch::matmul(&all(pa, i, n), &all(pb, i, 1), &all(po, i, 1), [false; 2]),
                    lanes,
                ),
                pair(
                    |i| blas::gemm(one(pa, i, n), one(pb, i, n), to(i, n)),
                    |i| batch::matmul(&all(pa, i, n), &all(pb, i, n), &all(po, i, n), [false; 2]),
                    lanes,
                ),
            ]
        };
        println!("{n:>3} {}", rows.map(|[one, several]| format!("{one:>7.0}/{several:<5.0}")).join(""));
    }
}

/// Microseconds of a call, for the whole stack.
fn call(f: impl FnMut()) -> f64 {
    let mut f = f;
    let times = (0..21).map(|_| {
        let start = Instant::now();
        f();
        start.elapsed().as_secs_f64() * 1e6
    });
    median(times.collect())
}

/// The same through compiled functions, of elements of a dtype that are made of two random numbers.
macro_rules! functions {
    ($name:ident, $t:ty, $dtype:expr, $number:expr, $conj:expr) => {
        fn $name() {
            for n in [2, 3, 4, 6, 8, 10, 12, 16] {
                let parts = random(2 * COUNT * n * n);
                let number = |at: usize| $number(f64::from(parts[2 * at]), f64::from(parts[2 * at + 1]));
                let a = Array3::<$t>::from_shape_fn((COUNT, n, n), |(k, i, j)| number((k * n + i) * n + j));
                let mut spd = a.clone();
                for (mut s, a) in spd.outer_iter_mut().zip(a.outer_iter()) {
                    s.assign(&(a.dot(&a.t().mapv($conj)) + Array2::<$t>::eye(n) * <$t>::from(n as f64)));
                }
                let mut out = a.clone();
                let mut number = Array1::<$t>::zeros(COUNT);
                let trace =
                    |f: &dyn Fn(&mut Tracer)| Function::trace(f).unwrap_or_else(|error| panic!("order {n}: {error}"));
                let input = |f: &mut Tracer, name: &str| f.input(name, $dtype, [COUNT, n, n]);
                let mut inv = trace(&|f| {
                    let a = input(f, "a");
                    f.output("x", &a.inv());
                });
                let mut solve = trace(&|f| {
                    let (a, b) = (input(f, "a"), input(f, "b"));
                    f.output("x", &a.solve(&b));
                });
                let mut cholesky = trace(&|f| {
                    let a = input(f, "a");
                    f.output("x", &a.cholesky());
                });
                let mut det = trace(&|f| {
                    let a = input(f, "a");
                    f.output("x", &a.det());
                });
                let times = [
                    call(|| inv.call(args![&a], args![&mut out]).expect("they are regular")),
                    call(|| solve.call(args![&a, &spd], args![&mut out]).expect("they are regular")),
                    call(|| cholesky.call(args![&spd], args![&mut out]).expect("they are positive definite")),
                    call(|| det.call(args![&a], args![&mut number]).expect("shapes fit")),
                ];
                println!("{n} {}", times.map(|time| time.to_string()).join(" "));
            }
        }
    };
}

functions!(functions, f64, DType::F64, |re, _| re, |x| x);
functions!(complex_functions, Complex<f64>, DType::C128, Complex::new, |z: Complex<f64>| z.conj());

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("functions") => return functions(),
        Some("complex") => return complex_functions(),
        _ => {}
    }
    blas::init();
    table::<f64>("f64");
    table::<f32>("f32");
    table::<Complex<f64>>("complex f64");
    table::<Complex<f32>>("complex f32");
}
