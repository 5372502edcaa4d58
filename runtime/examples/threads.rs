//! One and more threads of OpenBLAS for one matrix: `cargo run --release -p evanesce-runtime --example threads -- 2`. Prints
//! microseconds a call, interleaved, medians, with the operations of a call, by which the runtime chooses.
#![allow(unsafe_code, reason = "routines take raw memory")]

use evanesce_runtime::backend::with_threads;
use evanesce_runtime::blas::{self, MatMut, MatRef, Routine};
use std::time::Instant;

/// Median microseconds with one thread and with several.
fn pair(threads: usize, mut f: impl FnMut() + Send) -> [f64; 2] {
    let mut time = |threads: usize| {
        let start = Instant::now();
        with_threads(threads, &mut f);
        start.elapsed().as_secs_f64() * 1e6
    };
    let samples: Vec<[f64; 2]> = (0..31).map(|_| [time(1), time(threads)]).collect();
    [0, 1].map(|side| {
        let mut times: Vec<f64> = samples.iter().map(|pair| pair[side]).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

fn main() {
    blas::init();
    let threads = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(2);
    println!("{:>5} {:>10} {:>12} {:>10} {:>10} {:>6}", "n", "", "operations", "one, us", "more, us", "ratio");
    for n in [64, 100, 150, 200, 300, 400, 600, 1000] {
        let a: Vec<f64> =
            (0..n * n).map(|at| if at % (n + 1) == 0 { n as f64 } else { 1.0 / (1 + at % 7) as f64 }).collect();
        let (a, mut out, mut b) = (&a[..], vec![0.0; n * n], vec![1.0; n * n]);
        let sizes = [[n, n], [n, n]];
        let routines = [Routine::Matmul, Routine::Inv, Routine::Solve, Routine::Cholesky, Routine::Eigh];
        for routine in routines {
            let mut work = vec![0.0; blas::workspace::<f64>(routine, &sizes).max(n)];
            let (out, b) = (&mut out[..], &mut b[..]);
            let [one, more] = pair(threads, || {
                let view = |x: &[f64]| MatRef::row_major(x.as_ptr(), n, n);
                let (x, w) = (MatMut::row_major(out.as_mut_ptr(), n, n), work.as_mut_ptr());
                // SAFETY: matrices of n x n and the workspace of the routine.
                let done = unsafe {
                    match routine {
                        Routine::Matmul => {
                            blas::gemm(view(a), view(b), x);
                            Ok(())
                        }
                        Routine::Inv => blas::inv(view(a), x, w),
                        Routine::Solve => blas::solve(view(a), view(b), x, w),
                        Routine::Cholesky => blas::cholesky(view(a), x, w),
                        _ => blas::eigh(view(a), b.as_mut_ptr(), x, w),
                    }
                };
                done.expect("the matrix is far from singular");
            });
            let name = format!("{routine:?}");
            let operations = routine.flops(n, n, n) as f64;
            println!("{n:>5} {name:>10} {operations:>12.1e} {one:>10.1} {more:>10.1} {:>6.2}", one / more);
        }
    }
}
