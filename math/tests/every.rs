//! Errors of the functions of `f32` in fractions of a ULP, against those of `f64`, whose own are nothing beside them: over every
//! `EVANESCE_STEP`-th bit pattern as an argument (default 4099; 1 takes hours), of the function that `EVANESCE_FUNCTION` names or of
//! all. The column in `README.md` is this test's: `cargo test --release -p evanesce-math --test every -- --nocapture` prints it.

use evanesce_math::{Unary, double, single};

/// Arguments at once.
const BLOCK: usize = 4096;

/// The distance of a value from the truth in units of the last place that an `f32` of the truth's size has; 0 for the nearest value.
fn error(value: f32, truth: f64) -> f64 {
    let rounded = truth as f32;
    if rounded.to_bits() == value.to_bits() || (value.is_nan() && truth.is_nan()) {
        return 0.0;
    }
    if !(rounded.is_finite() && value.is_finite()) {
        return f64::INFINITY;
    }
    let exponent = ((truth.to_bits() >> 52) & 0x7ff) as i32 - 1023;
    (f64::from(value) - truth).abs() / 2f64.powi(exponent.max(-126) - 23)
}

/// The largest error of a function, where, and how many values are not the nearest ones, of how many.
fn worst(f: &Unary<f32>, truth: &Unary<f64>, step: usize) -> (f64, f32, u64, u64) {
    let (mut largest, mut at, mut other, mut points) = (0.0, 0.0, 0, 0);
    let (mut values, mut truths) = (vec![0.0; BLOCK], vec![0.0; BLOCK]);
    let mut patterns = (0..=u32::MAX).step_by(step).map(f32::from_bits);
    loop {
        let x: Vec<f32> = patterns.by_ref().take(BLOCK).collect();
        if x.is_empty() {
            return (largest, at, other, points);
        }
        let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        (f.block)(&x, &mut values);
        (truth.block)(&wide, &mut truths);
        for ((&x, &value), &truth) in x.iter().zip(&values).zip(&truths) {
            let error = error(value, truth);
            points += 1;
            other += u64::from(error > 0.0);
            if error > largest {
                (largest, at) = (error, x);
            }
        }
    }
}

#[test]
fn every_f32_is_within_a_place() {
    let step = std::env::var("EVANESCE_STEP").ok().and_then(|n| n.parse().ok()).unwrap_or(4099);
    let only = std::env::var("EVANESCE_FUNCTION").unwrap_or_default();
    let mut wrong = Vec::new();
    for (f, truth) in single::UNARY.iter().zip(double::UNARY).filter(|(f, _)| only.is_empty() || only == f.name) {
        assert_eq!(f.name, truth.name);
        let (largest, at, other, points) = worst(f, truth, step);
        let percent = 100.0 * other as f64 / points as f64;
        println!("{:8} {largest:.3} ULP at {at:e}, {percent:.3} % not correctly rounded", f.name);
        if largest > 1.0 {
            wrong.push(format!("{} of {at:e}: {largest:.3} ULP", f.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
