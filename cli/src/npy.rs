//! `.npy` files in and out. What a header says is compared with what is wanted before memory is asked for.

use crate::failure::Failure;
use evanesce_ir::tensor::{Element, Tensor};
use evanesce_ir::types::{DType, Type};
use evanesce_ir::{with_array, with_element};
use ndarray::ArrayD;
use ndarray_npy::npy::header::Header;
use ndarray_npy::{ReadNpyError, ReadNpyExt, ReadableElement, WriteNpyExt};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read};
use std::path::Path;

/// Bytes of the longest header, NumPy's limit.
const MAX_HEADER: usize = 10_000;
/// Brackets in a header: of the dictionary, the shape, and some more. The reader of headers is recursive.
const MAX_BRACKETS: usize = 16;

/// Why a file is not the array wanted.
pub(crate) enum Mismatch {
    /// It cannot be read, or is no array.
    File(String),
    /// It is an array of another type.
    Found(String),
    /// There is no memory for it.
    Memory(usize),
}

/// Reads an array of a type, in the order of the file.
pub(crate) fn read(path: &Path, ty: &Type) -> Result<Tensor, Mismatch> {
    let fail = |error: &dyn std::fmt::Display| Mismatch::File(error.to_string());
    let mut file = BufReader::new(File::open(path).map_err(|e| fail(&e))?);
    let header_bytes = header_bytes(&mut file)?;
    let header = Header::from_reader(&mut &header_bytes[..]).map_err(|e| fail(&ReadNpyError::from(e)))?;
    let descriptor = header.type_descriptor.to_string();
    let found = match dtype(descriptor.trim_matches('\'')) {
        Some(dtype) => Type::new(dtype, &header.shape).to_string(),
        None => {
            let sizes: Vec<String> = header.shape.iter().map(usize::to_string).collect();
            format!("dtype {descriptor}, shape [{}]", sizes.join(", "))
        }
    };
    if found != ty.to_string() {
        return Err(Mismatch::Found(found));
    }
    let bytes = ty.bytes();
    // The library asks for this much at once, and ends the process when there is none.
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| Mismatch::Memory(bytes))?;
    let reader = header_bytes.chain(file);
    with_element!(ty.dtype, E => data::<E>(reader))
}

/// The bytes up to the data.
fn header_bytes(file: &mut impl Read) -> Result<Vec<u8>, Mismatch> {
    let fail = |error: std::io::Error| {
        Mismatch::File(match error.kind() {
            std::io::ErrorKind::UnexpectedEof => String::from("it is no .npy file: it ends within the header"),
            _ => error.to_string(),
        })
    };
    let no_npy = |what: &str| Err(Mismatch::File(format!("it is no .npy file: {what}")));
    let mut bytes = vec![0; 10];
    file.read_exact(&mut bytes).map_err(fail)?;
    if !bytes.starts_with(b"\x93NUMPY") {
        return no_npy("it does not begin as one");
    }
    let mut length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    if bytes[6] > 1 {
        bytes.resize(12, 0);
        file.read_exact(&mut bytes[10..]).map_err(fail)?;
        length |= usize::from(u16::from_le_bytes([bytes[10], bytes[11]])) << 16;
    }
    if length > MAX_HEADER {
        return no_npy("its header is too long");
    }
    let start = bytes.len();
    bytes.resize(start + length, 0);
    file.read_exact(&mut bytes[start..]).map_err(fail)?;
    if bytes[start..].iter().filter(|byte| b"([{".contains(byte)).count() > MAX_BRACKETS {
        return no_npy("its header is not that of an array of numbers");
    }
    Ok(bytes)
}

/// The dtype of a header's descriptor, in either byte order.
fn dtype(descriptor: &str) -> Option<DType> {
    let one_byte = matches!(descriptor, "|b1" | "|i1" | "|u1");
    let kind = descriptor.strip_prefix(if one_byte { "|" } else { "<" }).or(descriptor.strip_prefix('>'))?;
    Some(match kind {
        "b1" => DType::Bool,
        "i1" => DType::I8,
        "i2" => DType::I16,
        "i4" => DType::I32,
        "i8" => DType::I64,
        "u1" => DType::U8,
        "u2" => DType::U16,
        "u4" => DType::U32,
        "u8" => DType::U64,
        "f4" => DType::F32,
        "f8" => DType::F64,
        "c8" => DType::C64,
        "c16" => DType::C128,
        _ => return None,
    })
}

fn data<A: Element + ReadableElement>(reader: impl Read) -> Result<Tensor, Mismatch> {
    ArrayD::<A>::read_npy(reader).map(A::wrap).map_err(|error| {
        Mismatch::File(match error {
            ReadNpyError::MissingData => String::from("it has less data than its header says"),
            ReadNpyError::ExtraBytes(_) => String::from("it has more data than its header says"),
            other => other.to_string(),
        })
    })
}

/// Writes an array.
pub(crate) fn write(path: &Path, tensor: &Tensor) -> Result<(), Failure> {
    let file = File::create(path).map_err(|error| Failure::write(path, error))?;
    let writer = BufWriter::new(file);
    with_array!(Tensor, tensor, array => array.write_npy(writer)).map_err(|error| match error {
        ndarray_npy::WriteNpyError::Io(error) => Failure::write(path, error),
        other => Failure::write(path, other),
    })
}
