//! Arrays in the files that NumPy and SciPy wrote.

#![allow(unreachable_pub, reason = "shared by test binaries")]

use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Type};

/// An array of a line: its dtype, its sizes between commas (`-` for none), its elements as bits.
pub fn array(line: &str) -> Tensor {
    let mut words = line.split(' ');
    let dtype: DType = words.next().expect("a dtype").parse().expect("a dtype");
    let sizes = words.next().expect("sizes");
    let sizes: Vec<usize> = sizes.split(',').filter(|n| *n != "-").map(|n| n.parse().expect("a size")).collect();
    let scalar = |word: &str| {
        let bits = || u128::from_str_radix(word, 16).expect("hexadecimal");
        match (dtype, word) {
            (_, "nan") => Scalar::F64(f64::NAN).cast(dtype),
            _ => Scalar::from_bits(dtype, bits()),
        }
    };
    let scalars: Vec<Scalar> = words.filter(|word| !word.is_empty()).map(scalar).collect();
    assert_eq!(scalars.len(), sizes.iter().product::<usize>(), "{line}");
    Tensor::from_scalars(&Type::new(dtype, &sizes[..]), scalars)
}

/// The elements, of complex ones the parts.
pub fn floats(tensor: &Tensor) -> Vec<f64> {
    let number = |x: Scalar| match x.cast(DType::F64) {
        Scalar::F64(x) => x,
        _ => unreachable!("cast to f64"),
    };
    let parts = |x: Scalar| {
        let (re, im) = x.parts();
        if x.dtype().is_complex() { vec![number(re), number(im)] } else { vec![number(re)] }
    };
    tensor.scalars().into_iter().flat_map(parts).collect()
}
