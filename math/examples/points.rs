//! Random arguments of a function and its values, as bits in hexadecimal, for `math/tools/ulp.py`.
//!
//! `cargo run --release -p evanesce-math --example points NAME LOW HIGH COUNT`

use evanesce_math::double;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [name, low, high, count] = &args[..] else { return Err("usage: points NAME LOW HIGH COUNT".into()) };
    let (low, high, count): (f64, f64, usize) = (low.parse()?, high.parse()?, count.parse()?);
    let mut state = 1u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let unary = double::UNARY.iter().find(|f| f.name == name).map(|f| f.one);
    let binary = double::BINARY.iter().find(|f| f.name == name).map(|f| f.one);
    for _ in 0..count {
        let (x, y) = (random(), random());
        let value = match (unary, binary) {
            (Some(f), _) => f(x),
            (_, Some(f)) => f(x, y),
            _ => return Err(format!("no function `{name}`").into()),
        };
        println!("{:016x} {:016x} {:016x}", x.to_bits(), y.to_bits(), value.to_bits());
    }
    Ok(())
}
