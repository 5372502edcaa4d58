//! How far every function is from the correctly rounded value, for random arguments of every size and of the ranges where the
//! function lives (`worst.rs` has the hardest known ones).
//!
//! The judge is `pxfm`, whose values are correctly rounded but for some of hypot's (off by one in 9 %, where ours are right).
//! `EVANESCE_POINTS` sets the number of points of each function (ten million for the table in `README.md`).

#[path = "common/distance.rs"]
#[allow(unreachable_pub, reason = "shared with another test")]
mod distance;
#[path = "common/pxfm.rs"]
#[allow(unreachable_pub, reason = "shared with an example")]
mod peer;

use distance::{distance, limit};
use evanesce_math::{double, single};

/// Ranges that random arguments are drawn from, beside all floats.
const RANGES: &[(f64, f64)] =
    &[(-1.0, 1.0), (-0.1, 0.1), (0.5, 2.0), (-10.0, 10.0), (-750.0, 750.0), (-1e6, 1e6), (1.0, 1e9)];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A float, `f32`s among them when `narrow`.
    fn float(&mut self, narrow: bool) -> f64 {
        let choice = self.bits() as usize % (RANGES.len() + 2);
        let x = match RANGES.get(choice) {
            Some((low, high)) => low + (high - low) * (self.bits() >> 11) as f64 / (1u64 << 53) as f64,
            None if narrow => return f64::from(f32::from_bits(self.bits() as u32)),
            None => f64::from_bits(self.bits()),
        };
        if narrow { f64::from(x as f32) } else { x }
    }
}

/// As [`distance`], of `f32`s.
fn distance_f32(x: f32, y: f32) -> u64 {
    let order = |x: f32| {
        let bits = x.to_bits() as i32;
        i64::from(if bits < 0 { i32::MIN - bits } else { bits })
    };
    match (x.is_nan(), y.is_nan()) {
        (true, true) => 0,
        (false, false) if x == 0.0 && y == 0.0 => u64::from(x.to_bits() != y.to_bits()),
        (false, false) => order(x).abs_diff(order(y)),
        _ => u64::MAX,
    }
}

/// As [`truth`], of `f32`.
fn truth_f32(name: &str) -> fn(f32, f32) -> f32 {
    match name {
        "exp" => |x, _| pxfm::f_expf(x),
        "exp2" => |x, _| pxfm::f_exp2f(x),
        "expm1" => |x, _| pxfm::f_expm1f(x),
        "log" => |x, _| pxfm::f_logf(x),
        "log2" => |x, _| pxfm::f_log2f(x),
        "log10" => |x, _| pxfm::f_log10f(x),
        "log1p" => |x, _| pxfm::f_log1pf(x),
        "sin" => |x, _| pxfm::f_sinf(x),
        "cos" => |x, _| pxfm::f_cosf(x),
        "tan" => |x, _| pxfm::f_tanf(x),
        "arcsin" => |x, _| pxfm::f_asinf(x),
        "arccos" => |x, _| pxfm::f_acosf(x),
        "arctan" => |x, _| pxfm::f_atanf(x),
        "sinh" => |x, _| pxfm::f_sinhf(x),
        "cosh" => |x, _| pxfm::f_coshf(x),
        "tanh" => |x, _| pxfm::f_tanhf(x),
        "cbrt" => |x, _| pxfm::f_cbrtf(x),
        "arcsinh" => |x, _| pxfm::f_asinhf(x),
        "arccosh" => |x, _| pxfm::f_acoshf(x),
        "arctanh" => |x, _| pxfm::f_atanhf(x),
        "erf" => |x, _| pxfm::f_erff(x),
        "erfc" => |x, _| pxfm::f_erfcf(x),
        "expit" => |x, _| if x < -40.0 { pxfm::f_expf(x) } else { pxfm::f_logisticf(x) },
        "logit" => |x, _| if x == 0.0 { f32::NEG_INFINITY } else { pxfm::f_logitf(x) },
        "gammaln" => |x, y| peer::by_name("gammaln")(f64::from(x), f64::from(y)) as f32,
        // That of `f32` is off by hundreds where the value is subnormal.
        "gamma" => |x, _| pxfm::f_tgamma(f64::from(x)) as f32,
        "arctan2" => pxfm::f_atan2f,
        "hypot" => pxfm::f_hypotf,
        "power" => pxfm::f_powf,
        _ => panic!("no judge for {name}"),
    }
}

/// The largest distance, where, and how often there was one.
#[derive(Default)]
struct Worst {
    distance: u64,
    at: (f64, f64),
    other: usize,
    points: usize,
}

impl Worst {
    fn add(&mut self, distance: u64, at: (f64, f64)) {
        self.points += 1;
        self.other += usize::from(distance > 0);
        if distance > self.distance {
            (self.distance, self.at) = (distance, at);
        }
    }

    fn report(&self, name: &str, dtype: &str) -> Option<String> {
        let percent = 100.0 * self.other as f64 / self.points as f64;
        println!(
            "{name:<8} {dtype} max {} ULP, {percent:.3} % not correctly rounded, {} points",
            self.distance, self.points
        );
        (self.distance > limit(name)).then(|| format!("{name} of {dtype} {:?}: {} ULP", self.at, self.distance))
    }
}

fn points() -> usize {
    std::env::var("EVANESCE_POINTS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000)
}

#[test]
fn f64_is_at_most_a_place_off() {
    let mut wrong = Vec::new();
    let unary = double::UNARY.iter().map(|f| (f.name, Ok(f.one)));
    for (name, function) in unary.chain(double::BINARY.iter().map(|f| (f.name, Err(f.one)))) {
        let (truth, mut random, mut worst) = (peer::by_name(name), Random(1), Worst::default());
        for _ in 0..points() {
            let (x, y) = (random.float(false), random.float(false));
            let value = function.map_or_else(|f| f(x, y), |f| f(x));
            worst.add(distance(value, truth(x, y)), (x, y));
        }
        wrong.extend(worst.report(name, "f64"));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn f32_is_at_most_a_place_off() {
    let mut wrong = Vec::new();
    let unary = single::UNARY.iter().map(|f| (f.name, Ok(f.one)));
    for (name, function) in unary.chain(single::BINARY.iter().map(|f| (f.name, Err(f.one)))) {
        let (truth, mut random, mut worst) = (truth_f32(name), Random(2), Worst::default());
        for _ in 0..points() {
            let (x, y) = (random.float(true) as f32, random.float(true) as f32);
            let value = function.map_or_else(|f| f(x, y), |f| f(x));
            worst.add(distance_f32(value, truth(x, y)), (f64::from(x), f64::from(y)));
        }
        wrong.extend(worst.report(name, "f32"));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
