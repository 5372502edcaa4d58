//! Nanoseconds per element on 4,096 resident values: blocks on every target, and a loop over pxfm's functions.
//!
//! `cargo run --release -p evanesce-math --example speed [json]`; with `json` it prints one object for
//! `math/tools/speed.py`, which puts NumPy's times beside it.

#[path = "../tests/common/pxfm.rs"]
#[allow(unreachable_pub, reason = "shared with a test")]
mod peer;

use evanesce_math::{Target, double, single};
use std::hint::black_box;
use std::time::Instant;

/// Values at once.
const LENGTH: usize = 4096;

/// Arguments spread over a range, in no order.
fn arguments(name: &str) -> Vec<f64> {
    let (low, high) = match name {
        "exp" | "exp2" | "expm1" | "sinh" | "cosh" | "sin" | "cos" | "tan" => (-20.0, 20.0),
        "log" | "log2" | "log10" | "log1p" | "cbrt" | "power" => (1e-3, 1e3),
        "arcsin" | "arccos" => (-1.0, 1.0),
        _ => (-4.0, 4.0),
    };
    (0..LENGTH).map(|i| low + (high - low) * ((i * 2654435761) % LENGTH) as f64 / LENGTH as f64).collect()
}

/// The median time of a call, per element.
fn time(mut call: impl FnMut()) -> f64 {
    for _ in 0..20 {
        call();
    }
    let mut times: Vec<f64> = (0..101)
        .map(|_| {
            let start = Instant::now();
            (0..10).for_each(|_| call());
            start.elapsed().as_nanos() as f64 / (10 * LENGTH) as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let json = std::env::args().nth(1).is_some_and(|arg| arg == "json");
    let targets: Vec<Target> = Target::ALL.into_iter().filter(|target| target.is_available()).collect();
    // The first vectors of a process run slowly.
    let (start, warm) = (Instant::now(), arguments("exp"));
    let mut out = vec![0.0; LENGTH];
    while start.elapsed().as_millis() < 100 {
        double::block::exp(black_box(&warm), &mut out);
    }
    let mut rows = Vec::new();
    let unary = double::UNARY.iter().zip(single::UNARY).map(|(f, g)| (f.name, Ok((f, g))));
    let binary = double::BINARY.iter().zip(single::BINARY).map(|(f, g)| (f.name, Err((f, g))));
    for (name, function) in unary.chain(binary) {
        let x = arguments(name);
        let by = if name == "power" { 0.01 } else { 1.0 };
        let y: Vec<f64> = x.iter().rev().map(|y| y * by).collect();
        let (x32, y32): (Vec<f32>, Vec<f32>) = x.iter().zip(&y).map(|(&x, &y)| (x as f32, y as f32)).unzip();
        let (mut out, mut out32) = (vec![0.0; LENGTH], vec![0.0; LENGTH]);
        let mut columns = Vec::new();
        for &target in &targets {
            columns.push((
                format!("{target:?}"),
                time(|| match function {
                    Ok((f, _)) => (f.block_on)(target, black_box(&x), &mut out),
                    Err((f, _)) => (f.block_on)(target, black_box(&x), black_box(&y), &mut out),
                }),
            ));
        }
        columns.push((
            String::from("f32"),
            time(|| match function {
                Ok((_, f)) => (f.block)(black_box(&x32), &mut out32),
                Err((_, f)) => (f.block)(black_box(&x32), black_box(&y32), &mut out32),
            }),
        ));
        columns.push((
            String::from("one"),
            time(|| {
                for ((&x, &y), out) in black_box(&x).iter().zip(&y).zip(&mut out) {
                    *out = function.map_or_else(|(f, _)| (f.one)(x, y), |(f, _)| (f.one)(x));
                }
            }),
        ));
        let peer = peer::by_name(name);
        columns.push((
            String::from("pxfm"),
            time(|| {
                for ((&x, &y), out) in black_box(&x).iter().zip(&y).zip(&mut out) {
                    *out = peer(x, y);
                }
            }),
        ));
        black_box((&out, &out32));
        rows.push((name, columns));
    }
    if json {
        let rows = rows.iter().map(|(name, columns)| {
            let columns =
                columns.iter().map(|(column, ns)| format!("\"{column}\": {ns:.3}")).collect::<Vec<_>>().join(", ");
            format!("  \"{name}\": {{{columns}}}")
        });
        println!("{{\n{}\n}}", rows.collect::<Vec<_>>().join(",\n"));
        return;
    }
    for (name, columns) in rows {
        let columns: Vec<String> = columns.iter().map(|(column, ns)| format!("{column} {ns:6.2}")).collect();
        println!("{name:<8} {}", columns.join("  "));
    }
}
