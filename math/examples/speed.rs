//! Nanoseconds per element on 4,096 resident values: blocks on every target, and a loop over pxfm's functions.
//!
//! `cargo run --release -p evanesce-math --example speed [json] [NAME...]`; names choose functions, with `json` it prints one
//! object for `math/tools/speed.py`, which puts NumPy's times beside it.

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
        "log" | "log2" | "log10" | "log1p" | "cbrt" | "gammaln" | "power" => (1e-3, 1e3),
        "arcsin" | "arccos" | "arctanh" => (-1.0, 1.0),
        "logit" => (0.0, 1.0),
        "arccosh" => (1.0, 1e3),
        _ => (-4.0, 4.0),
    };
    (0..LENGTH).map(|i| low + (high - low) * ((i * 2654435761) % LENGTH) as f64 / LENGTH as f64).collect()
}

/// Space for the values that begins with a cache line, as the arrays of the library do: where vectors cross lines, all
/// functions take up to a third longer.
struct Aligned<T>(Vec<T>, usize);

impl<T: Copy + Default> Aligned<T> {
    fn of(values: &[T]) -> Aligned<T> {
        let mut space = vec![T::default(); LENGTH + 64];
        let start = space.as_ptr().align_offset(64);
        space[start..start + LENGTH].copy_from_slice(values);
        Aligned(space, start)
    }

    fn values(&mut self) -> &mut [T] {
        &mut self.0[self.1..self.1 + LENGTH]
    }
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
    let (options, names): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|arg| arg == "json");
    let json = !options.is_empty();
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
    let asked = |name: &str| names.is_empty() || names.iter().any(|asked| asked == name);
    for (name, function) in unary.chain(binary).filter(|(name, _)| asked(name)) {
        let x = arguments(name);
        let by = if name == "power" { 0.01 } else { 1.0 };
        let y: Vec<f64> = x.iter().rev().map(|y| y * by).collect();
        let (x32, y32): (Vec<f32>, Vec<f32>) = x.iter().zip(&y).map(|(&x, &y)| (x as f32, y as f32)).unzip();
        let (mut x, mut y, mut x32, mut y32) = (Aligned::of(&x), Aligned::of(&y), Aligned::of(&x32), Aligned::of(&y32));
        let (x, y, x32, y32) = (&*x.values(), &*y.values(), &*x32.values(), &*y32.values());
        let (mut out, mut out32) = (Aligned::of(&[0.0; LENGTH]), Aligned::of(&[0.0; LENGTH]));
        let (out, out32) = (out.values(), out32.values());
        let mut columns = Vec::new();
        for &target in &targets {
            columns.push((
                format!("{target:?}"),
                time(|| match function {
                    Ok((f, _)) => (f.block_on)(target, black_box(x), out),
                    Err((f, _)) => (f.block_on)(target, black_box(x), black_box(y), out),
                }),
            ));
        }
        columns.push((
            String::from("f32"),
            time(|| match function {
                Ok((_, f)) => (f.block)(black_box(x32), out32),
                Err((_, f)) => (f.block)(black_box(x32), black_box(y32), out32),
            }),
        ));
        columns.push((
            String::from("one"),
            time(|| {
                for ((&x, &y), out) in black_box(x).iter().zip(y).zip(out.iter_mut()) {
                    *out = function.map_or_else(|(f, _)| (f.one)(x, y), |(f, _)| (f.one)(x));
                }
            }),
        ));
        let peer = peer::by_name(name);
        columns.push((
            String::from("pxfm"),
            time(|| {
                for ((&x, &y), out) in black_box(x).iter().zip(y).zip(out.iter_mut()) {
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
