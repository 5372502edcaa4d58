//! Dtypes, shapes, broadcasting and NumPy 2 promotion. A type prints as `f64[3, 4]`.

use crate::error::Problem;
use smallvec::SmallVec;
use std::fmt;
use std::str::FromStr;

/// The largest number of axes an array may have, NumPy's.
pub const MAX_RANK: usize = 64;

/// Sizes of the axes, outermost first. The empty shape is a scalar.
pub type Shape = SmallVec<[usize; 4]>;
/// Axis numbers, or anything else there is one of per axis.
pub type Axes = SmallVec<[usize; 4]>;
/// Element strides, one per axis; may be zero or negative.
pub type Strides = SmallVec<[isize; 4]>;

/// The element types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DType {
    /// One byte, 0 or 1.
    Bool,
    /// Two's complement of 8 bits; arithmetic wraps, as in all integers.
    I8,
    /// 16 bits, signed.
    I16,
    /// 32 bits, signed.
    I32,
    /// 64 bits, signed.
    I64,
    /// 8 bits, unsigned.
    U8,
    /// 16 bits, unsigned.
    U16,
    /// 32 bits, unsigned.
    U32,
    /// 64 bits, unsigned.
    U64,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
    /// Two `f32`, the real part first.
    C64,
    /// Two `f64`, the real part first.
    C128,
}

impl DType {
    /// Every dtype.
    pub const ALL: [DType; 13] = [
        DType::Bool,
        DType::I8,
        DType::I16,
        DType::I32,
        DType::I64,
        DType::U8,
        DType::U16,
        DType::U32,
        DType::U64,
        DType::F32,
        DType::F64,
        DType::C64,
        DType::C128,
    ];

    /// The name in text: `bool`, `i8`, ..., `c128`.
    pub fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::I8 => "i8",
            DType::I16 => "i16",
            DType::I32 => "i32",
            DType::I64 => "i64",
            DType::U8 => "u8",
            DType::U16 => "u16",
            DType::U32 => "u32",
            DType::U64 => "u64",
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::C64 => "c64",
            DType::C128 => "c128",
        }
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            DType::Bool | DType::I8 | DType::U8 => 1,
            DType::I16 | DType::U16 => 2,
            DType::I32 | DType::U32 | DType::F32 => 4,
            DType::I64 | DType::U64 | DType::F64 | DType::C64 => 8,
            DType::C128 => 16,
        }
    }

    /// Whether this is `f32` or `f64`.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F32 | DType::F64)
    }

    /// Whether this is `c64` or `c128`.
    pub fn is_complex(self) -> bool {
        matches!(self, DType::C64 | DType::C128)
    }

    /// Whether this is a real or complex floating dtype.
    pub fn is_inexact(self) -> bool {
        self.is_float() || self.is_complex()
    }

    /// Whether this is an integer dtype, signed or not.
    pub fn is_integer(self) -> bool {
        self.is_signed() || self.is_unsigned()
    }

    /// Whether this is `i8` to `i64`.
    pub fn is_signed(self) -> bool {
        matches!(self, DType::I8 | DType::I16 | DType::I32 | DType::I64)
    }

    /// Whether this is `u8` to `u64`.
    pub fn is_unsigned(self) -> bool {
        matches!(self, DType::U8 | DType::U16 | DType::U32 | DType::U64)
    }

    /// The dtype of the real part: of `c64` it is `f32`, of a real dtype itself.
    pub fn real(self) -> DType {
        match self {
            DType::C64 => DType::F32,
            DType::C128 => DType::F64,
            real => real,
        }
    }

    /// The complex dtype whose parts hold this dtype, as NumPy promotes it with `c64`.
    pub fn to_complex(self) -> DType {
        self.promote(DType::C64)
    }

    /// NumPy 2's promotion of two strong dtypes: the least that holds both, where `f64` passes for holding `i64`. So `i64`
    /// with `f32` is `f64`, `u8` with `i8` is `i16`, `i64` with `u64` is `f64`, `f64` with `c64` is `c128`.
    pub fn promote(self, other: DType) -> DType {
        use DType::*;
        if self.is_complex() || other.is_complex() {
            return if self.real().promote(other.real()).promote(F32) == F32 { C64 } else { C128 };
        }
        match (self.min(other), self.max(other)) {
            (x, y) if x == y => x,
            (Bool, y) => y,
            (I8 | I16 | U8 | U16, F32) => F32,
            (_, F32 | F64) => F64,
            // Each kind is in the order of its sizes; a signed one holds unsigned ones of half its size.
            (x, y) if x.is_signed() == y.is_signed() => y,
            (x, y) if x.size() > y.size() => x,
            (_, U8) => I16,
            (_, U16) => I32,
            (_, U32) => I64,
            _ => F64,
        }
    }

    /// The dtype a weak scalar of `kind` takes beside an array of this dtype (NEP 50).
    pub fn with_weak(self, kind: Weak) -> DType {
        match (self, kind) {
            (DType::Bool, Weak::Int) => DType::I64,
            (dtype, Weak::Float) if !dtype.is_inexact() => DType::F64,
            (DType::F32, Weak::Complex) => DType::C64,
            (dtype, Weak::Complex) if !dtype.is_complex() => DType::C128,
            (dtype, _) => dtype,
        }
    }

    /// The inexact dtype in which NumPy divides this dtype, takes its mean or its inverse: integers go to `f64`.
    pub fn to_float(self) -> DType {
        if self.is_inexact() { self } else { DType::F64 }
    }

    /// The floating dtype of the loop that NumPy chooses for this dtype in a function such as `sqrt`: the first that holds
    /// it, `f32` where NumPy has `float16`.
    pub fn float_loop(self) -> DType {
        self.promote(DType::F32)
    }

    /// Whether every value of this dtype is one of `other`, as NumPy's safe casts go.
    pub fn fits(self, other: DType) -> bool {
        self.promote(other) == other
    }
}

/// The kind of a scalar without a dtype of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weak {
    /// A Rust or text `true`/`false`.
    Bool,
    /// An integer literal without suffix.
    Int,
    /// A float literal without suffix.
    Float,
    /// A complex number without a dtype of its own.
    Complex,
}

impl Weak {
    /// The dtype when nothing else decides.
    pub fn default_dtype(self) -> DType {
        match self {
            Weak::Bool => DType::Bool,
            Weak::Int => DType::I64,
            Weak::Float => DType::F64,
            Weak::Complex => DType::C128,
        }
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DType {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        DType::ALL.into_iter().find(|d| d.name() == s).ok_or(())
    }
}

/// Dtype and shape of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    /// Element type.
    pub dtype: DType,
    /// Axis sizes.
    pub shape: Shape,
}

impl Type {
    /// A type from its parts.
    pub fn new(dtype: DType, shape: impl AsRef<[usize]>) -> Self {
        Self { dtype, shape: Shape::from_slice(shape.as_ref()) }
    }

    /// Number of axes.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// Number of elements; checked when the type was made (see [`check_size`]).
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// Bytes of a contiguous array of this type.
    pub fn bytes(&self) -> usize {
        self.len() * self.dtype.size()
    }

    /// The same shape with another dtype.
    pub fn with_dtype(&self, dtype: DType) -> Self {
        Self { dtype, shape: self.shape.clone() }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[", self.dtype)?;
        list(f, &self.shape)?;
        f.write_str("]")
    }
}

/// Writes `a, b, c`.
pub(crate) fn list<T: fmt::Display>(f: &mut impl fmt::Write, items: &[T]) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

/// A shape in NumPy's spelling: `(3,)`, `(2, 3)`, `()`.
pub fn display_shape(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        _ => {
            let mut text = String::from("(");
            list(&mut text, shape).expect("writing to a string");
            text + ")"
        }
    }
}

/// Checks that a shape has at most [`MAX_RANK`] axes and that its bytes, counted over its non-zero axes, fit in `isize`.
///
/// Counting zero axes as one keeps every stride of an empty array in range too.
pub fn check_size(dtype: DType, shape: &[usize]) -> Result<(), Problem> {
    if shape.len() > MAX_RANK {
        return Err(Problem::Rank { rank: shape.len(), limit: MAX_RANK });
    }
    shape
        .iter()
        .try_fold(dtype.size(), |bytes, &n| bytes.checked_mul(n.max(1)))
        .filter(|&bytes| isize::try_from(bytes).is_ok())
        .map(|_| ())
        .ok_or_else(|| Problem::TooLarge { ty: Type::new(dtype, shape) })
}

/// NumPy's broadcast of several shapes: aligned at the last axis, a size of 1 repeats.
pub fn broadcast<'a>(shapes: impl Iterator<Item = &'a [usize]> + Clone) -> Option<Shape> {
    let rank = shapes.clone().map(<[usize]>::len).max().unwrap_or(0);
    let mut result = Shape::from_elem(1, rank);
    for shape in shapes {
        for (out, &n) in result[rank - shape.len()..].iter_mut().zip(shape) {
            match (*out, n) {
                (_, 1) => {}
                (1, _) => *out = n,
                (have, _) if have == n => {}
                _ => return None,
            }
        }
    }
    Some(result)
}

/// Element strides of a contiguous row-major array.
pub fn row_major(shape: &[usize]) -> Strides {
    let mut strides = Strides::from_elem(1, shape.len());
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis].max(1) as isize;
    }
    strides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
        broadcast([a, b].into_iter()).map(|s| s.to_vec())
    }

    #[test]
    fn broadcasting_is_numpys() {
        assert_eq!(cast(&[3, 1], &[4]), Some(vec![3, 4]));
        assert_eq!(cast(&[0], &[1]), Some(vec![0]));
        assert_eq!(cast(&[0], &[2]), None);
        assert_eq!(cast(&[3], &[4]), None);
        assert_eq!(cast(&[], &[2, 2]), Some(vec![2, 2]));
    }

    #[test]
    fn promotion_is_numpy_2() {
        assert_eq!(DType::I64.promote(DType::F32), DType::F64);
        assert_eq!(DType::Bool.promote(DType::F32), DType::F32);
        assert_eq!(DType::F32.with_weak(Weak::Float), DType::F32);
        assert_eq!(DType::I64.with_weak(Weak::Float), DType::F64);
        assert_eq!(DType::Bool.with_weak(Weak::Int), DType::I64);
    }

    /// The rows and columns of `numpy.promote_types` in the order of [`DType::ALL`].
    #[test]
    fn promotion_is_numpys_table() {
        const TABLE: [&str; 13] = [
            "bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 c64 c128",
            "i8 i8 i16 i32 i64 i16 i32 i64 f64 f32 f64 c64 c128",
            "i16 i16 i16 i32 i64 i16 i32 i64 f64 f32 f64 c64 c128",
            "i32 i32 i32 i32 i64 i32 i32 i64 f64 f64 f64 c128 c128",
            "i64 i64 i64 i64 i64 i64 i64 i64 f64 f64 f64 c128 c128",
            "u8 i16 i16 i32 i64 u8 u16 u32 u64 f32 f64 c64 c128",
            "u16 i32 i32 i32 i64 u16 u16 u32 u64 f32 f64 c64 c128",
            "u32 i64 i64 i64 i64 u32 u32 u32 u64 f64 f64 c128 c128",
            "u64 f64 f64 f64 f64 u64 u64 u64 u64 f64 f64 c128 c128",
            "f32 f32 f32 f64 f64 f32 f32 f64 f64 f32 f64 c64 c128",
            "f64 f64 f64 f64 f64 f64 f64 f64 f64 f64 f64 c128 c128",
            "c64 c64 c64 c128 c128 c64 c64 c128 c128 c64 c128 c64 c128",
            "c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128 c128",
        ];
        for (x, row) in DType::ALL.into_iter().zip(TABLE) {
            for (y, name) in DType::ALL.into_iter().zip(row.split(' ')) {
                assert_eq!(x.promote(y).name(), name, "{x} with {y}");
            }
        }
    }

    #[test]
    fn sizes_are_checked() {
        assert!(check_size(DType::F64, &[1 << 40, 1 << 40]).is_err());
        assert!(check_size(DType::F64, &[0, 1 << 40, 1 << 40]).is_err());
        assert!(check_size(DType::F64, &[1; 65]).is_err());
        assert!(check_size(DType::F64, &[3, 4]).is_ok());
    }
}
