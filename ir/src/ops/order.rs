//! Sorting along the last axis, and searching in what is sorted.
//!
//! The order is NumPy's: that of the numbers, zeros of both signs equal, NaN last. Sorting is stable: what is equal keeps its
//! order, so that sorted zeros have the signs they had, and `argsort` gives the smaller index first.

use super::OpInfo;
use crate::tensor::{Element, Scalar};
use crate::types::DType;
use num_complex::{Complex32, Complex64};
use std::cmp::Ordering;

macro_rules! order {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal $routine:literal $arity:literal $side:expr;)*) => {
        /// An op that goes by the order of elements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum OrderOp { $($(#[doc = $doc])* $variant,)* }

        impl OrderOp {
            /// Every op, in the order of the table.
            pub const ALL: &[OrderOp] = &[$(OrderOp::$variant,)*];

            /// The name in text, and NumPy's.
            pub fn name(self) -> &'static str { match self { $(OrderOp::$variant => $name,)* } }

            /// The name of the routine that a program calls.
            pub fn routine(self) -> &'static str { match self { $(OrderOp::$variant => $routine,)* } }

            /// One line about it.
            pub fn doc(self) -> &'static str { match self { $(OrderOp::$variant => concat!($($doc),*),)* } }

            /// Number of operands.
            pub fn arity(self) -> usize { match self { $(OrderOp::$variant => $arity,)* } }

            /// The parameter that tells ops of one name apart, as it is written.
            pub fn side(self) -> Option<&'static str> { match self { $(OrderOp::$variant => $side,)* } }
        }
    };
}

order! {
    /// The elements along the last axis in order, NaN last; stable.
    Sort = "sort" "sort" 1 None;
    /// The indices that sort the last axis, NaN last; stable.
    Argsort = "argsort" "argsort" 1 None;
    /// How many elements of a sorted list are less than each value, or with `side=right` not greater.
    SearchsortedLeft = "searchsorted" "searchsorted_left" 2 Some("left");
    /// How many elements of a sorted list are not greater than each value.
    SearchsortedRight = "searchsorted" "searchsorted_right" 2 Some("right");
}

impl OrderOp {
    /// The first op of a text name; others of the name have another [`side`](Self::side).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// The op of a routine's name.
    pub fn from_routine(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.routine() == name)
    }

    /// Whether operands of this dtype are taken as they are: complex numbers are sorted by their indices, as equal ones may
    /// differ in the signs of zeros.
    pub fn has_loop(self, dtype: DType) -> bool {
        self != OrderOp::Sort || !dtype.is_complex()
    }

    /// The dtype of the result.
    pub fn result(self, operand: DType) -> DType {
        if self == OrderOp::Sort { operand } else { DType::I64 }
    }

    /// The reference evaluator of one row: the row to sort, or the sorted row and the values.
    pub fn eval(self, operands: &[Vec<Scalar>]) -> Vec<Scalar> {
        let row = &operands[0];
        let count = |before: &dyn Fn(Ordering) -> bool| {
            let place = |value: &Scalar| partition_point(row.len(), |i| before(compare(row[i], *value)));
            operands[1].iter().map(|value| Scalar::I64(place(value) as i64)).collect()
        };
        match self {
            OrderOp::Sort => {
                let mut sorted = row.clone();
                sorted.sort_by(|x, y| compare(*x, *y));
                sorted
            }
            OrderOp::Argsort => {
                let mut indices: Vec<usize> = (0..row.len()).collect();
                indices.sort_by(|&i, &j| compare(row[i], row[j]));
                indices.into_iter().map(|i| Scalar::I64(i as i64)).collect()
            }
            OrderOp::SearchsortedLeft => count(&|order| order == Ordering::Less),
            OrderOp::SearchsortedRight => count(&|order| order != Ordering::Greater),
        }
    }

    pub(crate) fn info(self) -> OpInfo {
        OpInfo {
            name: self.name(),
            numpy: match self {
                OrderOp::Sort => "numpy.sort",
                OrderOp::Argsort => "numpy.argsort",
                OrderOp::SearchsortedLeft | OrderOp::SearchsortedRight => "numpy.searchsorted",
            },
            arity: Some(self.arity()),
            dtypes: DType::ALL.to_vec(),
            kind: "order",
            doc: self.doc().trim(),
        }
    }
}

/// The number of places at the beginning of `len` where `before` holds, by halving. Of places in no order too, one result.
pub fn partition_point(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Elements with an order.
pub trait Order: Element {
    /// NumPy's order of two elements.
    fn order(self, other: Self) -> Ordering;
}

macro_rules! exact {
    ($($ty:ty)*) => {$(
        impl Order for $ty {
            fn order(self, other: Self) -> Ordering {
                self.cmp(&other)
            }
        }
    )*};
}

macro_rules! floats {
    ($($ty:ty)*) => {$(
        impl Order for $ty {
            fn order(self, other: Self) -> Ordering {
                self.partial_cmp(&other).unwrap_or_else(|| self.is_nan().cmp(&other.is_nan()))
            }
        }
    )*};
}

exact! { bool i8 i16 i32 i64 u8 u16 u32 u64 }
floats! { f32 f64 }

macro_rules! complex {
    ($($ty:ty)*) => {$(
        impl Order for $ty {
            /// By the real part, then by the imaginary one; behind these what has a NaN in the imaginary part, then what has
            /// one in the real part, then what has two.
            fn order(self, other: Self) -> Ordering {
                let nan = self.re.is_nan().cmp(&other.re.is_nan()).then(self.im.is_nan().cmp(&other.im.is_nan()));
                nan.then(self.re.order(other.re)).then(self.im.order(other.im))
            }
        }
    )*};
}

complex! { Complex32 Complex64 }

/// The order of two scalars of one dtype.
///
/// # Panics
/// When their dtypes differ; verified IR has none such.
pub fn compare(x: Scalar, y: Scalar) -> Ordering {
    macro_rules! same {
        ($($variant:ident)*) => {
            match (x, y) {
                $((Scalar::$variant(x), Scalar::$variant(y)) => x.order(y),)*
                _ => panic!("{x} and {y} have no order"),
            }
        };
    }
    same! { Bool I8 I16 I32 I64 U8 U16 U32 U64 F32 F64 C64 C128 }
}
