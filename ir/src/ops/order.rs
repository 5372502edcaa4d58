//! Sorting along the last axis, searching in what is sorted, and the reduction of parts of the last axis.
//!
//! The order is NumPy's: that of the numbers, zeros of both signs equal, NaN last. Sorting is stable: what is equal keeps its
//! order, so that sorted zeros have the signs they had, and `argsort` gives the smaller index first.
//!
//! `reduceat` reduces `row[i[k]..i[k + 1]]` for each index, the last one to the end, and where that has no elements takes
//! `row[i[k]]`. A part combines in the order of [`super::reduce`] where the op has a reduction there, else one by one.

use super::reduce::in_order;
use super::{ElementwiseOp, OpInfo, ReduceOp, scan};
use crate::error::RunErrorKind;
use crate::tensor::{Element, Scalar};
use crate::types::DType;
use num_complex::{Complex32, Complex64};
use smallvec::{SmallVec, smallvec};
use std::cmp::Ordering;

macro_rules! order {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal $routine:literal $arity:literal $side:expr;)*) => {
        /// An op that goes by the order of elements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum OrderOp {
            $($(#[doc = $doc])* $variant,)*
            /// The last axis reduced between indices by an op of two operands: NumPy's `ufunc.reduceat`.
            Reduceat(ElementwiseOp),
        }

        impl OrderOp {
            /// Every op, in the order of the table; of those that reduce parts the one that adds.
            pub const ALL: &[OrderOp] = &[$(OrderOp::$variant,)* OrderOp::Reduceat(ElementwiseOp::Add)];

            /// The name in text, and NumPy's.
            pub fn name(self) -> &'static str {
                match self { $(OrderOp::$variant => $name,)* OrderOp::Reduceat(_) => "reduceat" }
            }

            /// The names of the routine that a program calls: beside `reduceat` that of the op.
            pub fn routine(self) -> SmallVec<[&'static str; 2]> {
                match self {
                    $(OrderOp::$variant => smallvec![$routine],)*
                    OrderOp::Reduceat(op) => smallvec!["reduceat", op.name()],
                }
            }

            /// One line about it.
            pub fn doc(self) -> &'static str {
                match self {
                    $(OrderOp::$variant => concat!($($doc),*),)*
                    OrderOp::Reduceat(_) => "An axis reduced from each index to the next by an op of two operands, `op=`",
                }
            }

            /// Number of operands.
            pub fn arity(self) -> usize { match self { $(OrderOp::$variant => $arity,)* OrderOp::Reduceat(_) => 2 } }

            /// The parameter that tells ops of one name apart, as it is written.
            pub fn side(self) -> Option<&'static str> {
                match self { $(OrderOp::$variant => $side,)* OrderOp::Reduceat(_) => None }
            }
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

    /// The op of a routine's names.
    pub fn from_routine(names: &[&str]) -> Option<Self> {
        match names {
            ["reduceat", op] => ElementwiseOp::from_name(op).map(OrderOp::Reduceat),
            _ => Self::ALL.iter().copied().find(|op| op.routine()[..] == *names),
        }
    }

    /// Whether operands of this dtype are taken as they are: complex numbers are sorted by their indices, as equal ones may
    /// differ in the signs of zeros.
    pub fn has_loop(self, dtype: DType) -> bool {
        match self {
            OrderOp::Sort => !dtype.is_complex(),
            OrderOp::Reduceat(op) => scan::accumulates(op, dtype) && scan::updates(op, dtype),
            _ => true,
        }
    }

    /// The dtype of an operand beside a first one of this dtype.
    pub fn operand(self, operand: usize, dtype: DType) -> DType {
        if operand == 1 && matches!(self, OrderOp::Reduceat(_)) { DType::I64 } else { dtype }
    }

    /// Whether there are numbers with which it fails: indices out of bounds.
    pub fn may_fail(self) -> bool {
        matches!(self, OrderOp::Reduceat(_))
    }

    /// The dtype of the result.
    pub fn result(self, operand: DType) -> DType {
        if matches!(self, OrderOp::Sort | OrderOp::Reduceat(_)) { operand } else { DType::I64 }
    }

    /// The reference evaluator of one row: the row to sort, or the sorted row and the values, or the row and indices.
    ///
    /// # Errors
    /// An index out of bounds.
    pub fn eval(self, operands: &[Vec<Scalar>]) -> Result<Vec<Scalar>, RunErrorKind> {
        let row = &operands[0];
        let count = |before: &dyn Fn(Ordering) -> bool| {
            let place = |value: &Scalar| partition_point(row.len(), |i| before(compare(row[i], *value)));
            operands[1].iter().map(|value| Scalar::I64(place(value) as i64)).collect()
        };
        Ok(match self {
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
            OrderOp::Reduceat(op) => {
                let index = |k: usize| match operands[1][k] {
                    Scalar::I64(index) => index,
                    _ => unreachable!("verified: indices are i64"),
                };
                let mut results = Vec::with_capacity(operands[1].len());
                let combine = |x: Scalar, y: Scalar| op.eval(&[x, y]);
                let list = (operands[1].len(), index);
                reduceat(op, (row.len(), |i| row[i]), list, combine, |scalar| results.push(scalar))?;
                results
            }
        })
    }

    pub(crate) fn info(self) -> OpInfo {
        OpInfo {
            name: self.name(),
            numpy: match self {
                OrderOp::Sort => "numpy.sort",
                OrderOp::Argsort => "numpy.argsort",
                OrderOp::SearchsortedLeft | OrderOp::SearchsortedRight => "numpy.searchsorted",
                OrderOp::Reduceat(_) => "numpy.ufunc.reduceat",
            },
            arity: Some(self.arity()),
            dtypes: DType::ALL.to_vec(),
            kind: "order",
            doc: self.doc().trim(),
        }
    }
}

/// The results of `reduceat` by an op, which combines two elements, in order, for a row and indices given by their lengths and
/// elements. Allocates nothing.
///
/// # Errors
/// An index out of bounds; of NumPy's these do not count from the end.
pub fn reduceat<T: Copy>(
    op: ElementwiseOp,
    (size, at): (usize, impl Fn(usize) -> T),
    (count, index): (usize, impl Fn(usize) -> i64),
    combine: impl Fn(T, T) -> T,
    mut out: impl FnMut(T),
) -> Result<(), RunErrorKind> {
    let reduces = ReduceOp::ALL.iter().any(|reduction| reduction.combine() == Some(op));
    let place = |k: usize| match usize::try_from(index(k)) {
        Ok(place) if place < size => Ok(place),
        _ => Err(RunErrorKind::Index { index: index(k), size }),
    };
    for k in 0..count {
        let (start, stop) = (place(k)?, if k + 1 < count { place(k + 1)? } else { size });
        out(match reduces {
            _ if stop <= start + 1 => at(start),
            true => in_order(stop - start, |i| at(start + i), &combine),
            false => (start + 1..stop).fold(at(start), |run, i| combine(run, at(i))),
        });
    }
    Ok(())
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
