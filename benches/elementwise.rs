//! `2 a + 3 b` by size: a compiled function, a lazy expression and ndarray's eager operators beside ndarray's `Zip` into memory
//! that is there. Interleaved, medians of 31 samples: `cargo bench --bench elementwise`.
//!
//! Ratios of one run count, absolute times drift.

use evanesce::prelude::*;
use ndarray::{Array1, Zip};
use std::hint::black_box;
use std::time::Instant;

const SAMPLES: usize = 31;

/// Median nanoseconds of a call of each, the samples interleaved.
fn medians<const N: usize>(calls: u32, mut routines: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut samples = vec![[0.0; N]; SAMPLES];
    for sample in &mut samples {
        for (time, routine) in sample.iter_mut().zip(&mut routines) {
            let start = Instant::now();
            (0..calls).for_each(|_| routine());
            *time = start.elapsed().as_secs_f64() * 1e9 / f64::from(calls);
        }
    }
    std::array::from_fn(|i| {
        let mut times: Vec<f64> = samples.iter().map(|sample| sample[i]).collect();
        times.sort_by(f64::total_cmp);
        times[SAMPLES / 2]
    })
}

fn main() -> Result<(), Error> {
    println!("{:>9} {:>12} {:>10} {:>10} {:>10}", "n", "Zip, ns", "call/Zip", "lazy/Zip", "eager/Zip");
    for n in [10, 100, 1_000, 10_000, 100_000, 1_000_000] {
        let (a, b) = (Array1::linspace(0.0, 1.0, n), Array1::linspace(1.0, 2.0, n));
        let (mut out, mut zipped) = (Array1::<f64>::zeros(n), Array1::<f64>::zeros(n));
        let mut f = Function::trace(|f| {
            let (a, b) = (f.input("a", DType::F64, [n]), f.input("b", DType::F64, [n]));
            f.output("y", &(2.0 * &a + 3.0 * &b));
        })?;
        let mut call = || f.call(args![&a, &b], args![&mut out]).expect("the arrays fit");
        let mut lazy = || drop(black_box((2.0 * Expr::from(&a) + 3.0 * Expr::from(&b)).eval()));
        let mut eager = || drop(black_box(&a * 2.0 + &b * 3.0));
        let mut zip = || {
            Zip::from(&mut zipped).and(&a).and(&b).for_each(|y, &a, &b| *y = 2.0 * a + 3.0 * b);
            black_box(&zipped);
        };
        let calls = u32::try_from((1_000_000 / n).clamp(1, 1000)).expect("at most 1000");
        let [z, c, l, e] = medians(calls, [&mut zip, &mut call, &mut lazy, &mut eager]);
        println!("{n:>9} {z:>12.0} {:>10.2} {:>10.2} {:>10.2}", c / z, l / z, e / z);
        assert_eq!(out, zipped);
    }
    Ok(())
}
