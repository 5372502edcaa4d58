//! pxfm's functions of `f64` by their names in NumPy.

/// A function by its name; of one operand it does not look at the second.
pub fn by_name(name: &str) -> fn(f64, f64) -> f64 {
    match name {
        "exp" => |x, _| pxfm::f_exp(x),
        "exp2" => |x, _| pxfm::f_exp2(x),
        "expm1" => |x, _| pxfm::f_expm1(x),
        "log" => |x, _| pxfm::f_log(x),
        "log2" => |x, _| pxfm::f_log2(x),
        "log10" => |x, _| pxfm::f_log10(x),
        "log1p" => |x, _| pxfm::f_log1p(x),
        "sin" => |x, _| pxfm::f_sin(x),
        "cos" => |x, _| pxfm::f_cos(x),
        "tan" => |x, _| pxfm::f_tan(x),
        "arcsin" => |x, _| pxfm::f_asin(x),
        "arccos" => |x, _| pxfm::f_acos(x),
        "arctan" => |x, _| pxfm::f_atan(x),
        "sinh" => |x, _| pxfm::f_sinh(x),
        "cosh" => |x, _| pxfm::f_cosh(x),
        "tanh" => |x, _| pxfm::f_tanh(x),
        "cbrt" => |x, _| pxfm::f_cbrt(x),
        "arcsinh" => |x, _| pxfm::f_asinh(x),
        "arccosh" => |x, _| pxfm::f_acosh(x),
        "arctanh" => |x, _| pxfm::f_atanh(x),
        "erf" => |x, _| pxfm::f_erf(x),
        "erfc" => |x, _| pxfm::f_erfc(x),
        "expit" => |x, _| if x < -40.0 { pxfm::f_exp(x) } else { pxfm::f_logistic(x) },
        "logit" => |x, _| if x == 0.0 { f64::NEG_INFINITY } else { pxfm::f_logit(x) },
        "gammaln" => |x, _| gammaln(x),
        "gamma" => |x, _| pxfm::f_tgamma(x),
        "arctan2" => pxfm::f_atan2,
        "hypot" => pxfm::f_hypot,
        "power" => pxfm::f_pow,
        _ => panic!("no judge for {name}"),
    }
}

/// With SciPy's limits; pxfm's is NaN from 1e301 on.
fn gammaln(x: f64) -> f64 {
    match x {
        x if x.is_infinite() || (x <= 0.0 && x.floor() == x) => f64::INFINITY,
        x if x > 1e300 => x * (pxfm::f_log(x) - 1.0),
        x => pxfm::f_lgamma(x),
    }
}
