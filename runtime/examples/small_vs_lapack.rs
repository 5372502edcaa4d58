//! The small kernels against OpenBLAS by size: `cargo run --release --example small_vs_lapack`.
//!
//! Microseconds a call, interleaved, medians; the crossovers in `small` come from this table.
#![allow(unsafe_code, reason = "the kernels take raw views")]

use evanesce_runtime::blas::{self, MatMut, MatRef, Scalar};
use evanesce_runtime::small;
use num_complex::Complex;
use std::hint::black_box;
use std::time::Instant;

const SIZES: [usize; 13] = [2, 3, 4, 6, 8, 10, 12, 14, 16, 17, 20, 24, 32];
const SAMPLES: usize = 61;

/// The medians of two routines, in microseconds.
fn pair(mut small: impl FnMut(), mut lapack: impl FnMut()) -> [f64; 2] {
    fn time(f: &mut impl FnMut(), calls: u32) -> f64 {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
    }
    let calls = (40.0 / time(&mut lapack, 3)).ceil() as u32;
    let samples: Vec<_> = (0..SAMPLES).map(|_| [time(&mut small, calls), time(&mut lapack, calls)]).collect();
    [0, 1].map(|side| {
        let mut times: Vec<_> = samples.iter().map(|s| s[side]).collect();
        times.sort_by(f64::total_cmp);
        times[SAMPLES / 2]
    })
}

fn table<T: Scalar<Part: From<f32>>>(title: &str) {
    println!("{title}: small / OpenBLAS, microseconds");
    println!(
        "{:>3} {:>17} {:>17} {:>17} {:>17} {:>17} {:>17} {:>17} {:>17} {:>17}",
        "n", "inv", "inv_spd", "lu", "cholesky", "trsv", "trsm, k = n", "gemv", "gemm", "gemm, A B'"
    );
    for n in SIZES {
        let order = n as i32;
        let mut seed = 1u32;
        let mut next = |less: f32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            T::Part::from((seed >> 8) as f32 / (1 << 24) as f32 - less)
        };
        let a: Vec<T> = (0..n * n)
            .map(|i| {
                let re = next(if i % (n + 1) == 0 { 0.0 } else { 0.5 });
                T::new(re, if T::COMPLEX { next(0.5) } else { re })
            })
            .collect();
        // G G* + n I
        let spd: Vec<T> = (0..n * n)
            .map(|at| {
                let (i, j) = (at / n, at % n);
                let start = if i == j { T::new((n as f32).into(), T::Part::ZERO) } else { T::ZERO };
                (0..n).fold(start, |sum, l| sum + a[i * n + l] * a[j * n + l].conj())
            })
            .collect();
        let view = |a: &[T]| MatRef::row_major(a.as_ptr(), n, n);
        let (va, vs) = (view(&a), view(&spd));
        let new = || vec![T::ONE; n * n];
        let mut outs = [new(), new()];
        let [p, q] = outs.each_mut().map(|v| v.as_mut_ptr());
        let mut work = vec![T::ZERO; 64 * n];
        let w = work.as_mut_ptr();
        let mut pivots = vec![0; n];
        let ipiv = pivots.as_mut_ptr();
        // SAFETY: called with buffers of n x n.
        let fill = |dst: *mut T, src: &[T]| unsafe { dst.copy_from_nonoverlapping(black_box(src).as_ptr(), src.len()) };
        let b = new();

        // SAFETY: every buffer is n x n; the workspace is 64 n.
        let rows = unsafe {
            [
                pair(
                    || {
                        _ = black_box(small::inv(black_box(va), p));
                    },
                    || {
                        fill(q, &a);
                        T::getrf(order, order, q, ipiv);
                        T::getri(order, q, ipiv, w, 64 * order);
                    },
                ),
                pair(
                    || {
                        _ = black_box(small::inv_spd(black_box(vs), p));
                    },
                    || {
                        fill(q, &spd);
                        T::potrf(order, q);
                        T::potri(order, q);
                    },
                ),
                pair(
                    || {
                        _ = black_box(small::lu(black_box(va), p, ipiv));
                    },
                    || {
                        fill(q, &a);
                        T::getrf(order, order, q, ipiv);
                    },
                ),
                pair(
                    || {
                        _ = black_box(small::cholesky(black_box(vs), p));
                    },
                    || {
                        fill(q, &spd);
                        T::potrf(order, q);
                    },
                ),
                pair(
                    || {
                        fill(p, &b[..n]);
                        small::solve_triangular(vs, false, MatMut::row_major(p, n, 1), true, false);
                    },
                    || {
                        fill(q, &b[..n]);
                        T::trsv(b'U', b'T', b'N', order, spd.as_ptr(), order, q);
                    },
                ),
                pair(
                    || {
                        fill(p, &b);
                        small::solve_triangular(vs, false, MatMut::row_major(p, n, n), true, false);
                    },
                    || {
                        fill(q, &b);
                        T::trsm_right(b'U', b'N', b'N', order, order, spd.as_ptr(), order, q);
                    },
                ),
                pair(
                    || small::gemm(va, MatRef::row_major(b.as_ptr(), n, 1), MatMut::row_major(p, n, 1)),
                    || {
                        if T::COMPLEX {
                            // What is called instead: see `blas::complex`.
                            T::gemm(b'N', b'N', 1, order, order, b.as_ptr(), 1, a.as_ptr(), order, q, 1);
                        } else {
                            T::gemv(b'T', order, order, a.as_ptr(), order, b.as_ptr(), 1, q);
                        }
                    },
                ),
                pair(
                    || small::gemm(black_box(va), vs, MatMut::row_major(p, n, n)),
                    || {
                        T::gemm(
                            b'N',
                            b'N',
                            order,
                            order,
                            order,
                            spd.as_ptr(),
                            order,
                            black_box(&a).as_ptr(),
                            order,
                            q,
                            order,
                        )
                    },
                ),
                pair(
                    || small::gemm(black_box(va), vs.t(), MatMut::row_major(p, n, n)),
                    || {
                        T::gemm(
                            b'T',
                            b'N',
                            order,
                            order,
                            order,
                            spd.as_ptr(),
                            order,
                            black_box(&a).as_ptr(),
                            order,
                            q,
                            order,
                        )
                    },
                ),
            ]
        };
        let cells: Vec<_> = rows.iter().map(|[s, l]| format!("{s:8.3} / {l:6.3}")).collect();
        println!("{n:>3} {}", cells.join(" "));
    }
}

/// Larger products, where only the machine's BLAS kernels matter.
fn products<T: Scalar>(title: &str) {
    print!("{title}: gemm alone:");
    for n in [48, 64, 128, 256, 512] {
        let (a, mut p, mut q) = (vec![T::ONE; n * n], vec![T::ONE; n * n], vec![T::ONE; n * n]);
        let (v, p, q, order) = (MatRef::row_major(a.as_ptr(), n, n), p.as_mut_ptr(), q.as_mut_ptr(), n as i32);
        // SAFETY: every buffer is n x n.
        let [s, l] = unsafe {
            pair(
                || small::gemm(black_box(v), v, MatMut::row_major(p, n, n)),
                || T::gemm(b'N', b'N', order, order, order, v.ptr, order, black_box(v.ptr), order, q, order),
            )
        };
        print!("  {n}: {s:.1} / {l:.1}");
    }
    println!();
}

/// The product of a matrix and its own conjugate transpose: all of it, or half of it mirrored.
fn symmetric<T: Scalar>(title: &str) {
    print!("{title}: A A*, all of it by gemm / half of it by herk:");
    for n in [4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512] {
        let (a, mut p, mut q) = (vec![T::ONE; n * n], vec![T::ONE; n * n], vec![T::ONE; n * n]);
        let (v, p, q, order) = (MatRef::row_major(a.as_ptr(), n, n), p.as_mut_ptr(), q.as_mut_ptr(), n as i32);
        // SAFETY: every buffer is n x n.
        let [g, h] = unsafe {
            pair(
                || T::gemm(b'C', b'N', order, order, order, black_box(v.ptr), order, v.ptr, order, p, order),
                || blas::gram(black_box(v), false, MatMut::row_major(q, n, n)),
            )
        };
        print!("  {n}: {g:.3} / {h:.3}");
    }
    println!();
}

fn main() {
    blas::init();
    println!("{}", evanesce_runtime::backend::name());
    symmetric::<f64>("f64");
    symmetric::<f32>("f32");
    symmetric::<Complex<f64>>("complex f64");
    symmetric::<Complex<f32>>("complex f32");
    table::<f64>("f64");
    table::<f32>("f32");
    table::<Complex<f64>>("complex f64");
    table::<Complex<f32>>("complex f32");
    products::<f64>("f64");
    products::<f32>("f32");
    products::<Complex<f64>>("complex f64");
    products::<Complex<f32>>("complex f32");
}
