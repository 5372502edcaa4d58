//! The arrays of `run:` lines: `x = linspace(-1, 1), n = [1, 2]`.

use crate::random::Rng;
use evanesce_ir::parse;
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Strides, Type};

/// Cuts at a separator outside of brackets and parentheses; pieces are trimmed and not empty.
pub fn split(text: &str, separator: char) -> Vec<String> {
    let (mut pieces, mut piece, mut depth) = (Vec::new(), String::new(), 0);
    for c in text.chars() {
        depth += i32::from(matches!(c, '[' | '(')) - i32::from(matches!(c, ']' | ')'));
        if c == separator && depth == 0 {
            pieces.push(std::mem::take(&mut piece));
        } else {
            piece.push(c);
        }
    }
    pieces.push(piece);
    pieces.into_iter().map(|piece| piece.trim().to_string()).filter(|piece| !piece.is_empty()).collect()
}

/// `a = b, c = d`; a semicolon separates as well.
pub fn assignments(text: &str) -> Result<Vec<(String, String)>, String> {
    let assignment = |item: String| match item.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_string(), value.trim().to_string())),
        None => Err(format!("{item} is no assignment")),
    };
    split(&text.replace(';', ","), ',').into_iter().map(assignment).collect()
}

/// `[1, -3]`.
pub fn integers(text: &str) -> Result<Strides, String> {
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).ok_or(format!("{text} is no list"))?;
    split(inner, ',').iter().map(|n| n.parse().map_err(|_| format!("{n} is no integer"))).collect()
}

/// The arrays of a `run:` line for inputs of these names and types, in their order.
pub fn tensors(run: &str, inputs: &[(String, Type)]) -> Result<Vec<Tensor>, String> {
    let given = if run == "-" { Vec::new() } else { assignments(run)? };
    if let Some((name, _)) = given.iter().find(|(name, _)| !inputs.iter().any(|(input, _)| input == name)) {
        return Err(format!("run: there is no input {name}"));
    }
    let tensor = |(name, ty): &(String, Type)| match given.iter().find(|(given, _)| given == name) {
        Some((_, text)) => generate(text, ty),
        None => Err(format!("run: the input {name} is missing")),
    };
    inputs.iter().map(tensor).collect()
}

/// An array of a type: `linspace(a, b)`, `arange`, `full(x)`, `random(seed)`, `spd(seed)`, or literals.
fn generate(text: &str, ty: &Type) -> Result<Tensor, String> {
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => {
            let numbers = split(rest.trim_end_matches(')'), ',');
            let numbers: Result<Vec<f64>, _> = numbers.iter().map(|n| n.parse::<f64>()).collect();
            (name, numbers.map_err(|_| format!("{text}: not numbers"))?)
        }
        None => (text, Vec::new()),
    };
    let n = ty.len();
    let array = |f: &mut dyn FnMut(usize) -> f64| {
        Ok(Tensor::from_scalars(ty, (0..n).map(|i| Scalar::F64(f(i)).cast(ty.dtype))))
    };
    match (name, &arguments[..]) {
        ("linspace", &[a, b]) => array(&mut |i| if n == 1 { a } else { a + (b - a) * i as f64 / (n - 1) as f64 }),
        ("arange", &[]) => array(&mut |i| i as f64),
        ("full", &[x]) => array(&mut |_| x),
        ("random", &[seed]) => {
            let mut rng = Rng::new(seed as u64);
            match ty.dtype {
                DType::Bool => array(&mut |_| f64::from(rng.below(2) as u32)),
                dtype if dtype.is_unsigned() => array(&mut |_| rng.below(9) as f64),
                dtype if dtype.is_signed() => array(&mut |_| rng.below(9) as f64 - 4.0),
                dtype if dtype.is_complex() => {
                    let mut part = || Scalar::F64(rng.below(2001) as f64 / 1000.0 - 1.0).cast(dtype.real());
                    let mut number = || Scalar::complex(part(), part()).expect("two floats");
                    Ok(Tensor::from_scalars(ty, (0..n).map(|_| number())))
                }
                _ => array(&mut |_| rng.below(2001) as f64 / 1000.0 - 1.0),
            }
        }
        ("spd", &[seed]) => {
            let [.., rows, cols] = ty.shape[..] else { return Err(format!("{text}: {ty} is no matrix")) };
            if rows != cols {
                return Err(format!("{text}: {ty} is not square"));
            }
            // Symmetric with a dominant diagonal: positive definite, and well conditioned in either triangle.
            array(&mut |i| {
                let (matrix, row, col) = (i / (rows * cols), i / cols % rows, i % cols);
                let (low, high) = (row.min(col), row.max(col));
                let mut rng = Rng::new(seed as u64 + ((matrix * rows + high) * cols + low) as u64);
                let x = rng.below(1001) as f64 / 1000.0;
                if row == col { rows as f64 + x } else { x }
            })
        }
        _ => parse::tensor(text, ty).map_err(|error| error.render("run", text)),
    }
}

/// The elements of a small array; of a large one the type and a number that any changed bit changes. All NaNs are one:
/// which of them an operation gives is the machine's choice.
pub fn shown(tensor: &Tensor) -> String {
    fn plain(scalar: Scalar) -> Scalar {
        match scalar {
            Scalar::F64(x) if x.is_nan() => Scalar::F64(f64::NAN),
            Scalar::F32(x) if x.is_nan() => Scalar::F32(f32::NAN),
            Scalar::C64(_) | Scalar::C128(_) => {
                let (re, im) = scalar.parts();
                Scalar::complex(plain(re), plain(im)).expect("two floats")
            }
            other => other,
        }
    }
    let tensor = &Tensor::from_scalars(&tensor.ty(), tensor.scalars().into_iter().map(plain));
    if tensor.ty().len() <= 24 {
        return format!("{} {tensor}", tensor.ty());
    }
    // FNV-1a over the bits.
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    // Eight bytes of an element, or as many as it has.
    let size = tensor.dtype().size().max(8);
    let bytes = tensor.scalars().into_iter().flat_map(|scalar| scalar.bits().to_le_bytes().into_iter().take(size));
    format!("{} hash {:016x}", tensor.ty(), bytes.fold(0xcbf2_9ce4_8422_2325, mix))
}
