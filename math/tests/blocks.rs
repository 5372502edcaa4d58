//! A block holds the bits that single elements give: at every length, offset and target, rare elements among them.

use evanesce_math::{Target, double, single};

/// More than a chunk of the loops and a remainder.
const LONG: usize = 300;

/// Numbers of every size, special ones in between.
fn arguments(seed: usize) -> Vec<f64> {
    const SPECIAL: [f64; 16] = [
        0.0,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1.0,
        -1.0,
        5e-324,
        -1e-310,
        f64::MAX,
        f64::MIN_POSITIVE,
        1e22,
        -2.5e9,
        709.9,
        -745.2,
        0.5,
    ];
    let value = |i: usize| {
        let i = i + 7 * seed;
        let spread = ((i * 2_654_435_761) % 10_007) as f64 / 10_007.0;
        match i % 5 {
            0 if i.is_multiple_of(3) => SPECIAL[(i / 15 + seed) % SPECIAL.len()],
            0 => (spread - 0.5) * 1e12,
            1 => spread,
            2 => (spread - 0.5) * 20.0,
            3 => (spread - 0.5) * 1400.0,
            _ => -spread,
        }
    };
    (0..LONG).map(value).collect()
}

macro_rules! agree {
    ($module:ident, $ty:ident, $bits:ident) => {{
        let [x, y] = [1, 4].map(|seed| arguments(seed).iter().map(|&x| x as $ty).collect::<Vec<$ty>>());
        // The sign and the payload of a NaN are nobody's promise.
        let bits = |x: &$ty| if x.is_nan() { <$ty>::NAN.to_bits() } else { x.to_bits() };
        let lengths = (0..=67).chain([127, 128, 129, 256, LONG - 3]);
        for (length, offset) in lengths.flat_map(|length| [(length, 0), (length, length % 3)]) {
            let (x, y) = (&x[offset..offset + length], &y[offset..offset + length]);
            // One element more, which stays as it was.
            let mut out = vec![7.0; length + 1];
            for target in Target::ALL {
                for f in $module::UNARY {
                    (f.block_on)(target, x, &mut out);
                    let expected: Vec<$bits> = x.iter().map(|&x| bits(&(f.one)(x))).collect();
                    let found: Vec<$bits> = out[..length].iter().map(bits).collect();
                    assert_eq!(found, expected, "{} on {target:?}, {length} elements", f.name);
                    assert_eq!(out[length], 7.0, "{} wrote beyond its elements", f.name);
                }
                for f in $module::BINARY {
                    (f.block_on)(target, x, y, &mut out);
                    let expected: Vec<$bits> = x.iter().zip(y).map(|(&x, &y)| bits(&(f.one)(x, y))).collect();
                    let found: Vec<$bits> = out[..length].iter().map(bits).collect();
                    assert_eq!(found, expected, "{} on {target:?}, {length} elements", f.name);
                    assert_eq!(out[length], 7.0, "{} wrote beyond its elements", f.name);
                }
            }
        }
    }};
}

#[test]
fn blocks_are_their_elements_f64() {
    agree!(double, f64, u64);
}

#[test]
fn blocks_are_their_elements_f32() {
    agree!(single, f32, u32);
}

#[test]
fn the_shortest_slice_counts() {
    let mut out = [0.0; 4];
    double::block::exp(&[0.0; 2], &mut out);
    assert_eq!(out, [1.0, 1.0, 0.0, 0.0]);
    double::block::hypot(&[3.0; 9], &[4.0; 3], &mut out);
    assert_eq!(out, [5.0, 5.0, 5.0, 0.0]);
}
