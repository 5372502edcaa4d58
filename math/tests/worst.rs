//! The hardest known arguments of each function, whose values are next to the middle of two floats or whose angles are next to a
//! multiple of pi/2: how far ours are from the correctly rounded ones. The table in `README.md` is this test's.
//!
//! `tests/worst` holds a sample of CORE-MATH's worst cases (`tools/worst.py` took it), `EVANESCE_WORST_CASES` may name a folder of
//! whole files. A file `name.csv` has lines of bits, arguments then value. `cargo test -p evanesce-math --test worst --
//! --nocapture` prints the table's rows.

#[path = "common/distance.rs"]
#[allow(unreachable_pub, reason = "shared with another test")]
mod distance;

use distance::{distance, limit};
use evanesce_math::double;
use std::path::Path;

/// The file of angles next to multiples of pi/2, whose lines name their functions.
const ANGLES: &str = "sincos_reduction_hard.csv";

/// Functions of which CORE-MATH has no worst cases.
const WITHOUT: &[&str] = &["gamma", "gammaln", "expit", "logit"];

/// How far the values of a file are from the truth.
#[derive(Default)]
struct Tally {
    arguments: usize,
    largest: u64,
    other: usize,
    beyond: Vec<String>,
}

impl Tally {
    fn add(&mut self, name: &str, value: f64, truth: f64, line: &str) {
        let distance = distance(value, truth);
        self.arguments += 1;
        self.largest = self.largest.max(distance);
        self.other += usize::from(distance > 0);
        if distance > limit(name) {
            self.beyond.push(format!("{name}: {distance} ULP for {line}"));
        }
    }

    /// Cells of a row: number of arguments, largest distance, per cent off.
    fn cells(&self) -> String {
        let percent = 100.0 * self.other as f64 / self.arguments as f64;
        format!(" {} | {} | {percent:.1} |", self.arguments, self.largest)
    }
}

/// A function; of one operand it does not look at the second.
type Value = Box<dyn Fn(f64, f64) -> f64>;

fn functions() -> Vec<(&'static str, Value)> {
    let unary = double::UNARY.iter().map(|f| (f.name, Box::new(|x, _| (f.one)(x)) as Value));
    unary.chain(double::BINARY.iter().map(|f| (f.name, Box::new(|x, y| (f.one)(x, y)) as Value))).collect()
}

/// The name of a function's file.
fn file_name(name: &str) -> String {
    match name.strip_prefix("arc") {
        _ if name == "power" => String::from("pow.csv"),
        Some(rest) => format!("a{rest}.csv"),
        None => format!("{name}.csv"),
    }
}

/// The bits of an `f64` in hexadecimal, or `nan`.
fn float(field: &str) -> f64 {
    let bits = |digits| f64::from_bits(u64::from_str_radix(digits, 16).expect("hexadecimal digits"));
    field.strip_prefix("0x").map_or(f64::NAN, bits)
}

/// The tallies of a folder by the first cell of their rows.
fn tallies(folder: &Path) -> Vec<(String, Tally)> {
    let text = |file: &str| {
        let path = folder.join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let (mut rows, mut angles) = (Vec::new(), Tally::default());
    let hardest_angles = text(ANGLES);
    for (name, function) in functions().into_iter().filter(|(name, _)| !WITHOUT.contains(name)) {
        let mut tally = Tally::default();
        for line in text(&file_name(name)).lines().filter(|line| line.starts_with("0x")) {
            let fields: Vec<f64> = line.split(',').map(float).collect();
            let value = function(fields[0], fields[fields.len() - 2]);
            tally.add(name, value, fields[fields.len() - 1], line);
        }
        rows.push((String::from(name), tally));
        for line in hardest_angles.lines().filter(|line| line.split(',').next() == Some(name)) {
            let fields: Vec<&str> = line.split(',').collect();
            angles.add(name, function(float(fields[1]), 0.0), float(fields[2]), line);
        }
    }
    rows.push((String::from("sin, cos, tan next to multiples of pi/2"), angles));
    rows
}

/// Nothing is beyond its limit, and `README.md` has these cells, at the front of a row or at the end.
fn check(folder: &Path, front: bool) {
    let readme = include_str!("../README.md");
    let mut wrong = Vec::new();
    for (name, tally) in tallies(folder) {
        let cells = tally.cells();
        println!("| {name} |{cells}");
        assert!(tally.arguments > 200, "{name} has {} arguments", tally.arguments);
        let mut rows = readme.lines().filter_map(|line| line.strip_prefix(&format!("| {name} |")));
        if !rows.any(|row| if front { row.starts_with(&cells) } else { row.ends_with(&cells) }) {
            wrong.push(format!("README.md has no row | {name} |{}{cells}", if front { "" } else { " ... |" }));
        }
        wrong.extend(tally.beyond);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn hardest_arguments() {
    check(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worst"), true);
}

#[test]
fn all_hard_arguments() {
    if let Ok(folder) = std::env::var("EVANESCE_WORST_CASES") {
        check(Path::new(&folder), false);
    }
}
