//! Values at the edges of every dtype.

#![allow(unreachable_pub, reason = "shared by test binaries")]

use evanesce_ir::tensor::Scalar;
use evanesce_ir::types::DType;

const NUMBERS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    f64::NAN,
    -1.0,
    f64::INFINITY,
    0.5,
    f64::NEG_INFINITY,
    -2.5,
    5e-324,
    1e308,
    -1e-310,
    1.5,
    9.3e18,
    -9.3e18,
    -0.3,
    1e-40,
    -7.25,
    4503599627370497.5,
    64.0,
    -3.0,
];
/// Of narrower integers the low bits: among these are the limits of each.
const INTEGERS: &[i64] = &[
    0,
    1,
    -1,
    i64::MIN,
    7,
    i64::MAX,
    -7,
    2,
    1 << 40,
    -2,
    i64::MIN + 1,
    3,
    64,
    0x7f,
    0x80,
    0x7fff,
    0x8000,
    0x7fff_ffff,
    0x8000_0000,
];

/// Values among which every special one comes soon; different seeds meet them in different pairs.
pub fn special(dtype: DType, i: usize, seed: usize) -> Scalar {
    let pick = |len: usize| (i * (2 * seed + 1) + seed) % len;
    match dtype {
        DType::Bool => Scalar::Bool((i * (seed + 3)) % 7 < 3),
        _ if dtype.is_integer() => Scalar::I64(INTEGERS[pick(INTEGERS.len())]).cast(dtype),
        _ if dtype.is_complex() => {
            let [re, im] = [i, i / 3 + 5].map(|i| special(dtype.real(), i, seed));
            Scalar::complex(re, im).expect("two floats")
        }
        _ => Scalar::F64(NUMBERS[pick(NUMBERS.len())]).cast(dtype),
    }
}
