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
    /// Two's complement; arithmetic wraps.
    I64,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
}

impl DType {
    /// Every dtype, in the order of promotion within its kind.
    pub const ALL: [DType; 4] = [DType::Bool, DType::I64, DType::F32, DType::F64];

    /// The name in text: `bool`, `i64`, `f32`, `f64`.
    pub fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::I64 => "i64",
            DType::F32 => "f32",
            DType::F64 => "f64",
        }
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            DType::Bool => 1,
            DType::F32 => 4,
            DType::I64 | DType::F64 => 8,
        }
    }

    /// Whether this is `f32` or `f64`.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F32 | DType::F64)
    }

    /// NumPy 2's promotion of two strong dtypes: `i64` with `f32` is `f64`, `bool` promotes upwards.
    pub fn promote(self, other: DType) -> DType {
        match (self.min(other), self.max(other)) {
            (DType::I64, DType::F32) => DType::F64,
            (_, larger) => larger,
        }
    }

    /// The dtype a weak scalar of `kind` takes beside an array of this dtype (NEP 50).
    pub fn with_weak(self, kind: Weak) -> DType {
        match (self, kind) {
            (DType::Bool, Weak::Int) => DType::I64,
            (DType::Bool | DType::I64, Weak::Float) => DType::F64,
            (dtype, _) => dtype,
        }
    }

    /// The floating dtype in which NumPy computes `sqrt` or `divide` of this dtype.
    pub fn to_float(self) -> DType {
        if self.is_float() { self } else { DType::F64 }
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
}

impl Weak {
    /// The dtype when nothing else decides.
    pub fn default_dtype(self) -> DType {
        match self {
            Weak::Bool => DType::Bool,
            Weak::Int => DType::I64,
            Weak::Float => DType::F64,
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

    #[test]
    fn sizes_are_checked() {
        assert!(check_size(DType::F64, &[1 << 40, 1 << 40]).is_err());
        assert!(check_size(DType::F64, &[0, 1 << 40, 1 << 40]).is_err());
        assert!(check_size(DType::F64, &[1; 65]).is_err());
        assert!(check_size(DType::F64, &[3, 4]).is_ok());
    }
}
