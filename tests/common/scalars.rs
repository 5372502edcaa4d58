//! How near two scalars are.

#![allow(dead_code, unreachable_pub, reason = "shared by test binaries that use parts of it")]

use evanesce_ir::tensor::Scalar;

pub fn is_nan(x: Scalar) -> bool {
    matches!(x, Scalar::F32(x) if x.is_nan()) || matches!(x, Scalar::F64(x) if x.is_nan())
}

/// The distance of two scalars, of floats in floats between them; of complex numbers that of the parts farther apart.
pub fn distance(x: Scalar, y: Scalar) -> u64 {
    if x.dtype().is_complex() {
        let ((x_re, x_im), (y_re, y_im)) = (x.parts(), y.parts());
        return distance(x_re, y_re).max(distance(x_im, y_im));
    }
    let ordered = |bits: u64, sign: u64| if bits & sign != 0 { -((bits & !sign) as i128) } else { bits as i128 };
    let key = |scalar: Scalar| match scalar {
        Scalar::F32(x) => ordered(u64::from(x.to_bits()), 1 << 31),
        Scalar::F64(x) => ordered(x.to_bits(), 1 << 63),
        other => other.as_integer().expect("a real number"),
    };
    u64::try_from((key(x) - key(y)).unsigned_abs()).unwrap_or(u64::MAX)
}

/// All NaNs are one: which of them an operation gives is the machine's choice.
pub fn equal_bits(x: Scalar, y: Scalar) -> bool {
    let pairs = [(x.parts().0, y.parts().0), (x.parts().1, y.parts().1)];
    pairs.iter().all(|&(x, y)| x == y || (is_nan(x) && is_nan(y)))
}
