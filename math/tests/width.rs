//! The environment chooses the width, and no width changes a bit: a process for each, whose values are compared.

use evanesce_math::{Target, double, single};
use std::process::Command;

/// What a process says about itself: the target it runs on, and a hash of the bits of every function.
const MARK: &str = "target and bits:";

/// Finite numbers of many sizes and a few others, more than a chunk of the loops and a remainder.
fn arguments(seed: u64) -> Vec<f64> {
    let value = |i: u64| {
        let spread = (i * 2_654_435_761 + seed * 97) % 10_007;
        let x = spread as f64 / 10_007.0;
        match i % 7 {
            0 => x * 1e10,
            1 | 2 => x,
            3 => -4.0 * x,
            4 => 30.0 * x,
            5 => 1500.0 * (x - 0.5),
            _ => [0.0, -0.0, f64::INFINITY, 1.0, 5e-324, 1e-310, 1e300][spread as usize % 7],
        }
    };
    (0..1000).map(value).collect()
}

/// Mixes the bits of a value into a hash; NaNs are alike.
fn mix(hash: &mut u64, bits: u64, is_nan: bool) {
    *hash = (*hash ^ if is_nan { 1 } else { bits }).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
}

macro_rules! hash {
    ($hash:ident, $module:ident, $ty:ident) => {{
        let [x, y] = [1, 2].map(|seed| arguments(seed).into_iter().map(|x| x as $ty).collect::<Vec<$ty>>());
        let mut out = vec![0.0; x.len()];
        for f in $module::UNARY {
            (f.block)(&x, &mut out);
            out.iter().for_each(|v| mix($hash, u64::from(v.to_bits()), v.is_nan()));
            x.iter().map(|&x| (f.one)(x)).for_each(|v| mix($hash, u64::from(v.to_bits()), v.is_nan()));
        }
        for f in $module::BINARY {
            (f.block)(&x, &y, &mut out);
            out.iter().for_each(|v| mix($hash, u64::from(v.to_bits()), v.is_nan()));
            let ones = x.iter().zip(&y).map(|(&x, &y)| (f.one)(x, y));
            ones.for_each(|v| mix($hash, u64::from(v.to_bits()), v.is_nan()));
        }
    }};
}

fn own_values() -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    let hash = &mut hash;
    hash!(hash, double, f64);
    hash!(hash, single, f32);
    format!("{} {hash:016x}", Target::best().name())
}

/// What the processes of the test below run.
#[test]
fn values_by_the_chosen_target() {
    println!("{MARK}{}", own_values());
}

/// This executable again, with a value of the variable: what it says, and its standard error.
fn child(value: &str) -> (String, String) {
    let mut command = Command::new(std::env::current_exe().expect("this executable"));
    command.args(["--exact", "values_by_the_chosen_target", "--nocapture"]).env(Target::VARIABLE, value);
    let output = command.output().expect("a process");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = text.lines().find_map(|line| Some(line.split_once(MARK)?.1.to_string()));
    (said.unwrap_or_else(|| panic!("no mark in {text}")), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_environment_chooses_and_no_choice_changes_a_bit() {
    let widest = Target::ALL.into_iter().rev().find(|target| target.is_available()).expect("the baseline");
    let (unset, _) = child("");
    let hash = unset.strip_prefix(&format!("{} ", widest.name())).expect("the widest target").to_string();
    for target in Target::ALL {
        let (said, _) = child(target.name());
        assert_eq!(said, format!("{} {hash}", target.min(widest).name()), "{target:?}");
    }
}

#[test]
fn an_unknown_width_is_reported_and_changes_nothing() {
    let (said, complaint) = child("avx1024");
    assert_eq!(said, child("").0);
    assert!(complaint.contains("EVANESCE_SIMD=avx1024 is none of baseline, avx2, avx512"), "{complaint}");
}
