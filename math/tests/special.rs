//! The special cases of C99 Annex F, exact results, and subnormal numbers.

use evanesce_math::{double, single};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn same(x: f64, y: f64) -> bool {
    x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan())
}

/// Function, argument, value.
const UNARY: &[(&str, f64, f64)] = &[
    ("exp", 0.0, 1.0),
    ("exp", -0.0, 1.0),
    ("exp", INF, INF),
    ("exp", -INF, 0.0),
    ("exp", 710.0, INF),
    ("exp", -745.2, 0.0),
    ("exp", -745.1, 5e-324),
    ("exp2", 0.0, 1.0),
    ("exp2", 10.0, 1024.0),
    ("exp2", -1074.0, 5e-324),
    ("exp2", -1075.0, 0.0),
    ("exp2", 1024.0, INF),
    ("exp2", -INF, 0.0),
    ("exp2", INF, INF),
    ("expm1", 0.0, 0.0),
    ("expm1", -0.0, -0.0),
    ("expm1", INF, INF),
    ("expm1", -INF, -1.0),
    ("expm1", 5e-324, 5e-324),
    ("expm1", 710.0, INF),
    ("log", 1.0, 0.0),
    ("log", 0.0, -INF),
    ("log", -0.0, -INF),
    ("log", -1.0, NAN),
    ("log", -INF, NAN),
    ("log", INF, INF),
    ("log2", 1.0, 0.0),
    ("log2", 5e-324, -1074.0),
    ("log2", 1024.0, 10.0),
    ("log2", 0.0, -INF),
    ("log2", -5e-324, NAN),
    ("log2", INF, INF),
    ("log10", 1e22, 22.0),
    ("log10", 1000.0, 3.0),
    ("log10", 1.0, 0.0),
    ("log10", -0.0, -INF),
    ("log10", -2.0, NAN),
    ("log10", INF, INF),
    ("log1p", 0.0, 0.0),
    ("log1p", -0.0, -0.0),
    ("log1p", -1.0, -INF),
    ("log1p", -1.5, NAN),
    ("log1p", INF, INF),
    ("log1p", -5e-324, -5e-324),
    ("sin", 0.0, 0.0),
    ("sin", -0.0, -0.0),
    ("sin", INF, NAN),
    ("sin", -INF, NAN),
    ("sin", 5e-324, 5e-324),
    ("cos", 0.0, 1.0),
    ("cos", -0.0, 1.0),
    ("cos", INF, NAN),
    ("tan", -0.0, -0.0),
    ("tan", 0.0, 0.0),
    ("tan", -1e-310, -1e-310),
    ("tan", INF, NAN),
    ("arcsin", 0.0, 0.0),
    ("arcsin", -0.0, -0.0),
    ("arcsin", 1.0, FRAC_PI_2),
    ("arcsin", -1.0, -FRAC_PI_2),
    ("arcsin", 1.0000000000000002, NAN),
    ("arcsin", -INF, NAN),
    ("arcsin", 5e-324, 5e-324),
    ("arccos", 1.0, 0.0),
    ("arccos", 0.0, FRAC_PI_2),
    ("arccos", -1.0, PI),
    ("arccos", 2.0, NAN),
    ("arccos", -INF, NAN),
    ("arctan", 0.0, 0.0),
    ("arctan", -0.0, -0.0),
    ("arctan", INF, FRAC_PI_2),
    ("arctan", -INF, -FRAC_PI_2),
    ("arctan", 1.0, FRAC_PI_4),
    ("arctan", f64::MAX, FRAC_PI_2),
    ("arctan", -5e-324, -5e-324),
    ("sinh", 0.0, 0.0),
    ("sinh", -0.0, -0.0),
    ("sinh", INF, INF),
    ("sinh", -INF, -INF),
    ("sinh", 711.0, INF),
    ("sinh", 5e-324, 5e-324),
    ("cosh", 0.0, 1.0),
    ("cosh", -0.0, 1.0),
    ("cosh", INF, INF),
    ("cosh", -INF, INF),
    ("cosh", 711.0, INF),
    ("tanh", 0.0, 0.0),
    ("tanh", -0.0, -0.0),
    ("tanh", INF, 1.0),
    ("tanh", -INF, -1.0),
    ("tanh", -5e-324, -5e-324),
    ("cbrt", 0.0, 0.0),
    ("cbrt", -0.0, -0.0),
    ("cbrt", -INF, -INF),
    ("cbrt", INF, INF),
    ("cbrt", -27.0, -3.0),
    ("cbrt", 1e-300, 1e-100),
    ("arcsinh", 0.0, 0.0),
    ("arcsinh", -0.0, -0.0),
    ("arcsinh", INF, INF),
    ("arcsinh", -INF, -INF),
    ("arcsinh", -5e-324, -5e-324),
    ("arcsinh", f64::MAX, 710.475860073944),
    ("arccosh", 1.0, 0.0),
    ("arccosh", INF, INF),
    ("arccosh", 0.9999999999999999, NAN),
    ("arccosh", -INF, NAN),
    ("arccosh", -1.0, NAN),
    ("arccosh", 1.0000000000000002, 2.1073424255447014e-8),
    ("arccosh", f64::MAX, 710.475860073944),
    ("arctanh", 0.0, 0.0),
    ("arctanh", -0.0, -0.0),
    ("arctanh", 1.0, INF),
    ("arctanh", -1.0, -INF),
    ("arctanh", 1.0000000000000002, NAN),
    ("arctanh", -INF, NAN),
    ("arctanh", 5e-324, 5e-324),
    ("arctanh", 0.9999999999999999, 18.714973875118524),
    ("erf", 0.0, 0.0),
    ("erf", -0.0, -0.0),
    ("erf", INF, 1.0),
    ("erf", -INF, -1.0),
    ("erf", 6.0, 1.0),
    ("erf", -5e-324, -5e-324),
    ("erf", 1e-310, 1.1283791670955e-310),
    ("erfc", 0.0, 1.0),
    ("erfc", -0.0, 1.0),
    ("erfc", INF, 0.0),
    ("erfc", -INF, 2.0),
    ("erfc", 27.3, 0.0),
    ("erfc", 27.2, 1e-323),
    ("erfc", -6.0, 2.0),
    ("expit", 0.0, 0.5),
    ("expit", -0.0, 0.5),
    ("expit", INF, 1.0),
    ("expit", -INF, 0.0),
    ("expit", 40.0, 1.0),
    ("expit", -745.1, 5e-324),
    ("expit", -746.0, 0.0),
    ("expit", -1e300, 0.0),
    ("logit", 0.5, 0.0),
    ("logit", 0.0, -INF),
    ("logit", -0.0, -INF),
    ("logit", 1.0, INF),
    ("logit", 1.0000000000000002, NAN),
    ("logit", -5e-324, NAN),
    ("logit", INF, NAN),
    ("logit", 5e-324, -744.4400719213812),
    ("logit", 0.9999999999999999, 36.7368005696771),
    ("gammaln", 1.0, 0.0),
    ("gammaln", 2.0, 0.0),
    ("gammaln", 0.0, INF),
    ("gammaln", -0.0, INF),
    ("gammaln", -3.0, INF),
    ("gammaln", INF, INF),
    ("gammaln", -INF, INF),
    ("gammaln", -1e300, INF),
    ("gammaln", 5e-324, 744.4400719213812),
    ("gammaln", -5e-324, 744.4400719213812),
    ("gammaln", 2.55e305, 1.7906725941420033e308),
    ("gammaln", 2.6e305, INF),
    ("gammaln", f64::MAX, INF),
    ("gamma", 0.0, INF),
    ("gamma", -0.0, -INF),
    ("gamma", INF, INF),
    ("gamma", -INF, NAN),
    ("gamma", -1.0, NAN),
    ("gamma", -1e300, NAN),
    ("gamma", 1.0, 1.0),
    ("gamma", 5.0, 24.0),
    ("gamma", 23.0, 1.1240007277776077e21),
    ("gamma", 172.0, INF),
    ("gamma", -200.5, -0.0),
    ("gamma", -201.5, 0.0),
    ("gamma", 1e-310, INF),
    ("gamma", -5e-324, -INF),
    ("gamma", 1e-300, 1.0 / 1e-300),
];

/// Function, arguments, value.
const BINARY: &[(&str, f64, f64, f64)] = &[
    ("arctan2", 0.0, -0.0, PI),
    ("arctan2", -0.0, -0.0, -PI),
    ("arctan2", 0.0, 0.0, 0.0),
    ("arctan2", -0.0, 0.0, -0.0),
    ("arctan2", 0.0, -1.0, PI),
    ("arctan2", -0.0, -1.0, -PI),
    ("arctan2", -0.0, 1.0, -0.0),
    ("arctan2", -1.0, 0.0, -FRAC_PI_2),
    ("arctan2", 1.0, -0.0, FRAC_PI_2),
    ("arctan2", 1.0, -INF, PI),
    ("arctan2", -1.0, -INF, -PI),
    ("arctan2", 1.0, INF, 0.0),
    ("arctan2", -1.0, INF, -0.0),
    ("arctan2", INF, -3.0, FRAC_PI_2),
    ("arctan2", -INF, 3.0, -FRAC_PI_2),
    ("arctan2", INF, INF, FRAC_PI_4),
    ("arctan2", -INF, INF, -FRAC_PI_4),
    ("arctan2", INF, -INF, 3.0 * FRAC_PI_4),
    ("arctan2", -INF, -INF, -3.0 * FRAC_PI_4),
    ("arctan2", 5e-324, 1.0, 5e-324),
    ("arctan2", 5e-324, 5e-324, FRAC_PI_4),
    ("arctan2", f64::MAX, f64::MAX, FRAC_PI_4),
    ("arctan2", NAN, 1.0, NAN),
    ("arctan2", 0.0, NAN, NAN),
    ("power", 0.0, -1.0, INF),
    ("power", -0.0, -1.0, -INF),
    ("power", -0.0, -3.0, -INF),
    ("power", -0.0, -2.0, INF),
    ("power", -0.0, -0.5, INF),
    ("power", 0.0, -INF, INF),
    ("power", -0.0, 3.0, -0.0),
    ("power", -0.0, 2.0, 0.0),
    ("power", -0.0, 0.5, 0.0),
    ("power", -1.0, INF, 1.0),
    ("power", -1.0, -INF, 1.0),
    ("power", 1.0, NAN, 1.0),
    ("power", NAN, 0.0, 1.0),
    ("power", NAN, -0.0, 1.0),
    ("power", -1.0, NAN, NAN),
    ("power", NAN, 1.0, NAN),
    ("power", -8.0, 1.0 / 3.0, NAN),
    ("power", 0.5, -INF, INF),
    ("power", -0.5, -INF, INF),
    ("power", 2.0, -INF, 0.0),
    ("power", -2.0, -INF, 0.0),
    ("power", 0.5, INF, 0.0),
    ("power", -2.0, INF, INF),
    ("power", -INF, -3.0, -0.0),
    ("power", -INF, -2.0, 0.0),
    ("power", -INF, -0.5, 0.0),
    ("power", -INF, 3.0, -INF),
    ("power", -INF, 2.0, INF),
    ("power", -INF, 0.5, INF),
    ("power", INF, -1.0, 0.0),
    ("power", INF, 0.5, INF),
    ("power", -2.0, 3.0, -8.0),
    ("power", -3.0, 4.0, 81.0),
    ("power", 10.0, 22.0, 1e22),
    ("power", 2.0, -1074.0, 5e-324),
    ("power", 2.0, -1076.0, 0.0),
    ("power", -2.0, 1025.0, -INF),
    ("power", 5e-324, 0.5, 2.2227587494850775e-162),
    ("power", -1.0, 9007199254740991.0, -1.0),
    ("power", -1.0, 9007199254740992.0, 1.0),
    ("power", 1.0000000000000002, 1e300, INF),
    ("power", 0.1, 2.0, 0.1 * 0.1),
    ("power", 0.1, 1.0, 0.1),
    ("hypot", 3.0, -4.0, 5.0),
    ("hypot", -0.0, 0.0, 0.0),
    ("hypot", INF, NAN, INF),
    ("hypot", NAN, -INF, INF),
    ("hypot", NAN, 0.0, NAN),
    ("hypot", 3e300, 4e300, 5e300),
    ("hypot", 5e-324, 0.0, 5e-324),
    ("hypot", -1e-310, 0.0, 1e-310),
    ("hypot", f64::MAX, f64::MAX, INF),
    ("hypot", 1.0, 1e-300, 1.0),
];

#[test]
fn special_values() {
    let mut wrong = Vec::new();
    for &(name, x, expected) in UNARY {
        let f = double::UNARY.iter().find(|f| f.name == name).expect("a function");
        let value = (f.one)(x);
        if !same(value, expected) {
            wrong.push(format!("{name}({x:e}) = {value:e}, not {expected:e}"));
        }
    }
    for &(name, x, y, expected) in BINARY {
        let f = double::BINARY.iter().find(|f| f.name == name).expect("a function");
        let value = (f.one)(x, y);
        if !same(value, expected) {
            wrong.push(format!("{name}({x:e}, {y:e}) = {value:e}, not {expected:e}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nan_is_passed_on() {
    for f in double::UNARY {
        assert!((f.one)(NAN).is_nan(), "{}", f.name);
    }
    for f in single::UNARY {
        assert!((f.one)(f32::NAN).is_nan(), "{}", f.name);
    }
}

#[test]
fn special_values_of_f32() {
    let narrow = |x: f64| f64::from(x as f32) == x || x.is_nan();
    for &(name, x, expected) in UNARY.iter().filter(|(_, x, expected)| narrow(*x) && narrow(*expected)) {
        let f = single::UNARY.iter().find(|f| f.name == name).expect("a function");
        let value = (f.one)(x as f32);
        assert!(same(f64::from(value), expected), "{name}({x:e}) = {value:e}, not {expected:e}");
    }
    assert_eq!(single::exp(89.0), f32::INFINITY);
    assert_eq!(single::exp(-104.0), 0.0);
    assert_eq!(single::exp2(-149.0), f32::from_bits(1));
    assert_eq!(single::sin(f32::from_bits(1)), f32::from_bits(1));
}

#[test]
fn odd_functions_are_odd() {
    for name in ["sin", "tan", "arcsin", "arctan", "sinh", "tanh", "cbrt", "arcsinh", "arctanh", "erf"] {
        let f = double::UNARY.iter().find(|f| f.name == name).expect("a function");
        for i in 0..1000 {
            let x = f64::from(i) * 0.013;
            assert!(same((f.one)(-x), -(f.one)(x)), "{name}({x})");
        }
    }
}

#[test]
fn powers_of_negative_numbers_are_those_of_their_sizes() {
    let sizes: Vec<f64> = (1..200).map(|i| f64::from(i) * 0.037).collect();
    let negatives: Vec<f64> = sizes.iter().map(|x| -x).collect();
    for n in -7..=7 {
        let (y, sign) = (vec![f64::from(n); sizes.len()], if n % 2 == 0 { 1.0 } else { -1.0 });
        let mut out = vec![0.0; sizes.len()];
        double::block::power(&negatives, &y, &mut out);
        for (&x, &value) in sizes.iter().zip(&out) {
            let expected = sign * double::power(x, f64::from(n));
            assert!(same(value, expected), "(-{x}) to the power {n} is {value}, not {expected}");
            let (narrow, size) = (single::power(-x as f32, n as f32), single::power(x as f32, n as f32));
            assert_eq!(narrow, sign as f32 * size, "(-{x}) to the power {n} of f32");
        }
    }
    assert!(double::power(-2.0, 0.5).is_nan() && single::power(-2.0, 0.5).is_nan());
}
