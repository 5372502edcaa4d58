//! Methods that index, cut and pad, and arrays from nothing, by NumPy's names ([`crate::compose`]).

use super::create::from_tensor;
use super::operators::IntoOperand;
use super::{Expr, Lazy};
use crate::build::{self, Build, Index, Operand, WeakScalar};
use crate::compose::{self, Item, PadMode};
use crate::error::{Error, Loc, Problem};
use crate::ops::ElementwiseOp;
use crate::tensor::Tensor;

/// What stands between the brackets of [`Expr::get`] for one axis: an integer, a range, [`Pick::ALL`], [`Pick::NEW_AXIS`],
/// or an expression of `i64` indices.
#[derive(Clone)]
pub struct Pick<'a>(Item<Expr<'a>>);

impl Pick<'_> {
    /// All of an axis.
    pub const ALL: Self = Pick(Item::Basic(Index::ALL));
    /// A new axis of size 1.
    pub const NEW_AXIS: Self = Pick(Item::Basic(Index::NewAxis));

    /// Python's `start:stop:step`.
    pub fn slice(start: Option<isize>, stop: Option<isize>, step: isize) -> Self {
        Pick(Item::Basic(Index::Slice { start, stop, step }))
    }
}

impl From<isize> for Pick<'_> {
    fn from(i: isize) -> Self {
        Pick(Item::Basic(Index::At(i)))
    }
}

impl From<std::ops::Range<isize>> for Pick<'_> {
    fn from(range: std::ops::Range<isize>) -> Self {
        Pick::slice(Some(range.start), Some(range.end), 1)
    }
}

impl<'a> From<&Expr<'a>> for Pick<'a> {
    fn from(indices: &Expr<'a>) -> Self {
        Pick(Item::Array(indices.clone()))
    }
}

impl<'a> Expr<'a> {
    /// NumPy's `x[i, :, j]`: arrays of indices broadcast together; their axes stand where the first array does when the
    /// arrays stand together, in front otherwise. Axes not named are taken whole. An index out of bounds is an error when it
    /// is run.
    #[track_caller]
    pub fn get(&self, items: impl AsRef<[Pick<'a>]>) -> Expr<'a> {
        let items: Vec<Item<Expr<'a>>> = items.as_ref().iter().map(|pick| pick.0.clone()).collect();
        let arrays = items.iter().filter_map(|item| match item {
            Item::Array(indices) => Some(indices.into_operand()),
            Item::Basic(_) => None,
        });
        let operands: Vec<Operand<Expr<'a>>> = [self.into_operand()].into_iter().chain(arrays).collect();
        let [result] = Expr::apply("take", &operands, |lazy, _| Ok([compose::index_arrays(lazy, self, &items)?]));
        result
    }

    /// For each index, of an array of as many axes, the element at that place of an axis; without one, of the flattened
    /// array. Outside of the axis the two broadcast.
    #[track_caller]
    pub fn take_along_axis(&self, indices: impl IntoOperand<'a>, axis: Option<isize>) -> Expr<'a> {
        let operands = [self.into_operand(), indices.into_operand()];
        let [result] =
            Expr::apply("take_along_axis", &operands, |lazy, _| Ok([compose::take_along_axis(lazy, &operands, axis)?]));
        result
    }

    /// The array with elements at places of an axis, for each index of an array of as many axes one; without an axis, of the
    /// flattened array. Of several at one place the last stays. `y` broadcasts and is cast to the array's dtype.
    #[track_caller]
    pub fn put_along_axis(
        &self,
        indices: impl IntoOperand<'a>,
        y: impl IntoOperand<'a>,
        axis: Option<isize>,
    ) -> Expr<'a> {
        self.scatter("put_along_axis", [indices.into_operand()], y.into_operand(), (axis, true, None))
    }

    /// The array with elements at indices of an axis, without one of the flattened array: NumPy's `put`, and `x[i] = y` as a
    /// value for the axis 0. Of several at one place the last stays.
    #[track_caller]
    pub fn put(&self, indices: impl IntoOperand<'a>, y: impl IntoOperand<'a>, axis: Option<isize>) -> Expr<'a> {
        self.scatter("put", [indices.into_operand()], y.into_operand(), (axis, false, None))
    }

    /// The array with elements added at indices of the first axes, as often as an index is there: NumPy's `add.at`.
    #[track_caller]
    pub fn add_at<const N: usize>(&self, indices: [&Expr<'a>; N], y: impl IntoOperand<'a>) -> Expr<'a> {
        let op = Some(ElementwiseOp::Add);
        self.scatter("add.at", indices.map(IntoOperand::into_operand), y.into_operand(), (Some(0), false, op))
    }

    #[track_caller]
    pub(super) fn scatter<const N: usize>(
        &self,
        op: &'static str,
        indices: [Operand<Expr<'a>>; N],
        y: Operand<Expr<'a>>,
        (axis, along, combine): (Option<isize>, bool, Option<ElementwiseOp>),
    ) -> Expr<'a> {
        let operands: Vec<Operand<Expr<'a>>> = [self.into_operand()].into_iter().chain(indices).chain([y]).collect();
        let [result] =
            Expr::apply(op, &operands, |lazy, operands| Ok([compose::put(lazy, operands, axis, along, combine)?]));
        result
    }

    /// The elements of an axis where the condition is true; without an axis, of the flattened array. The condition is known
    /// when the expression is made: it decides the shape.
    #[track_caller]
    pub fn compress(&self, condition: impl AsRef<[bool]>, axis: Option<isize>) -> Expr<'a> {
        self.unary("compress", |lazy, x| compose::compress(lazy, x, condition.as_ref(), axis))
    }

    /// An axis without some of its elements; without an axis, the flattened array.
    #[track_caller]
    pub fn delete(&self, indices: impl AsRef<[isize]>, axis: Option<isize>) -> Expr<'a> {
        self.unary("delete", |lazy, x| compose::delete(lazy, x, indices.as_ref(), axis))
    }

    /// An array put in before an element of an axis, or after the last one; without an axis, of the flattened array.
    #[track_caller]
    pub fn insert(&self, index: isize, y: impl IntoOperand<'a>, axis: Option<isize>) -> Expr<'a> {
        let operands = [self.into_operand(), y.into_operand()];
        let [result] = Expr::apply("insert", &operands, |lazy, operands| {
            Ok([compose::insert(lazy, self, index, &operands[1], axis)?])
        });
        result
    }

    /// Another array joined to the end of an axis; without one, both flattened.
    #[track_caller]
    pub fn append(&self, y: impl IntoOperand<'a>, axis: Option<isize>) -> Expr<'a> {
        let operands = [self.into_operand(), y.into_operand()];
        let [result] = Expr::apply("append", &operands, |lazy, _| Ok([compose::append(lazy, &operands, axis)?]));
        result
    }

    /// Each element of an axis as often as its count; without an axis, of the flattened array.
    #[track_caller]
    pub fn repeat_each(&self, counts: impl AsRef<[usize]>, axis: Option<isize>) -> Expr<'a> {
        self.unary("repeat", |lazy, x| compose::repeat_each(lazy, x, counts.as_ref(), axis))
    }

    /// Elements moved on along several axes, those beyond an end to the beginning.
    #[track_caller]
    pub fn roll_axes(&self, shifts: impl AsRef<[isize]>, axes: impl AsRef<[isize]>) -> Expr<'a> {
        self.unary("roll", |lazy, x| compose::roll_axes(lazy, x, shifts.as_ref(), axes.as_ref()))
    }

    /// Framed by elements of its own: widths before and after for each axis.
    #[track_caller]
    pub fn pad_mode(&self, widths: impl AsRef<[[usize; 2]]>, mode: PadMode) -> Expr<'a> {
        self.unary("pad", |lazy, x| compose::pad_mode(lazy, x, widths.as_ref(), mode))
    }

    /// Parts of an axis between given places, which count from the end when negative.
    #[track_caller]
    pub fn split_at(&self, places: impl AsRef<[isize]>, axis: isize) -> Vec<Expr<'a>> {
        let places = places.as_ref();
        let part =
            |i: usize| self.unary("split", |lazy, x| Ok(compose::split_at(lazy, x, places, axis)?.swap_remove(i)));
        (0..places.len() + 1).map(part).collect()
    }

    /// Parts of an axis, the first ones larger by one where they cannot be equal.
    #[track_caller]
    pub fn array_split(&self, sections: usize, axis: isize) -> Vec<Expr<'a>> {
        let part = |i: usize| {
            self.unary("array_split", |lazy, x| {
                let shape = lazy.ty(x).shape;
                let size = shape[build::normalise_axis(axis, shape.len())?];
                if sections == 0 {
                    return Err(Problem::Usage(String::from("an axis has at least one part")));
                }
                let places: Vec<isize> = compose::uneven(size, sections).into_iter().map(|at| at as isize).collect();
                Ok(compose::split_at(lazy, x, &places, axis)?.swap_remove(i))
            })
        };
        // None is an error, which has to be in something.
        (0..sections.max(1)).map(part).collect()
    }

    /// The diagonal of two axes, as the last axis; above the main one for a positive offset.
    #[track_caller]
    pub fn diagonal_of(&self, offset: isize, axes: [isize; 2]) -> Expr<'a> {
        self.unary("diagonal", |lazy, x| compose::diagonal_of(lazy, x, offset, axes))
    }

    /// The matrix with the flattened array as its `k`-th diagonal.
    #[track_caller]
    pub fn diagflat(&self, k: isize) -> Expr<'a> {
        self.unary("diagflat", |lazy, x| {
            let flat = compose::ravel(lazy, x)?;
            compose::diag(lazy, &flat, k)
        })
    }

    /// The second axis reversed.
    #[track_caller]
    pub fn fliplr(&self) -> Expr<'a> {
        self.unary("fliplr", |lazy, x| compose::flip(lazy, x, Some(&[1])))
    }

    /// The first axis reversed.
    #[track_caller]
    pub fn flipud(&self) -> Expr<'a> {
        self.unary("flipud", |lazy, x| compose::flip(lazy, x, Some(&[0])))
    }

    /// The array with at least so many axes, up to three: new ones in front, a third one behind (NumPy's `atleast_1d` to
    /// `atleast_3d`).
    #[track_caller]
    pub fn atleast(&self, rank: usize) -> Expr<'a> {
        self.unary("atleast", |lazy, x| match rank {
            0..=3 => compose::atleast(lazy, x, rank),
            _ => Err(Problem::Usage(format!("{rank} axes are more than three"))),
        })
    }
}

#[track_caller]
fn joined<'a>(
    op: &'static str,
    parts: &[Expr<'a>],
    join: impl FnOnce(&mut Lazy<'a>, &[Operand<Expr<'a>>]) -> Result<Expr<'a>, Problem>,
) -> Expr<'a> {
    let operands: Vec<Operand<Expr<'a>>> = parts.iter().map(IntoOperand::into_operand).collect();
    let [result] = Expr::apply(op, &operands, |lazy, parts| Ok([join(lazy, parts)?]));
    result
}

/// Arrays joined along the second axis; lists are columns.
#[track_caller]
pub fn column_stack<'a>(parts: &[Expr<'a>]) -> Expr<'a> {
    joined("column_stack", parts, compose::column_stack)
}

/// Arrays joined along the third axis.
#[track_caller]
pub fn dstack<'a>(parts: &[Expr<'a>]) -> Expr<'a> {
    joined("dstack", parts, compose::dstack)
}

/// Arrays repeated to the one shape that they broadcast to.
#[track_caller]
pub fn broadcast_arrays<'a>(parts: &[Expr<'a>]) -> Vec<Expr<'a>> {
    let one = |i: usize| {
        joined("broadcast_arrays", parts, |lazy, _| {
            let shapes: Vec<_> = parts.iter().map(|part| lazy.ty(part).shape).collect();
            let shape = crate::types::broadcast(shapes.iter().map(|s| &s[..])).ok_or(Problem::Broadcast)?;
            build::broadcast_to(lazy, &parts[i], &shape)
        })
    };
    (0..parts.len()).map(one).collect()
}

#[track_caller]
fn made<'a>(op: &str, tensor: Result<Tensor, Problem>) -> Expr<'a> {
    let loc = Loc::caller();
    match tensor {
        Ok(tensor) => from_tensor(tensor, loc),
        Err(problem) => Expr::failed(Error { op: op.to_string(), operands: vec![], problem, loc: Some(loc) }),
    }
}

/// A number as it is written: an integer or a float.
pub trait IntoNumber {
    /// The number.
    fn into_number(self) -> WeakScalar;
}

macro_rules! numbers {
    ($($ty:ty => $variant:ident $kind:ty;)*) => {$(
        impl IntoNumber for $ty {
            fn into_number(self) -> WeakScalar {
                WeakScalar::$variant(<$kind>::from(self))
            }
        }
    )*};
}

numbers! {
    i32 => Int i64;
    i64 => Int i64;
    f64 => Float f64;
}

/// From `start` by `step` before `stop`: `i64` of integers, otherwise `f64`.
#[track_caller]
pub fn arange_step<'a>(start: impl IntoNumber, stop: impl IntoNumber, step: impl IntoNumber) -> Expr<'a> {
    let [start, stop, step] = [start.into_number(), stop.into_number(), step.into_number()];
    made("arange", compose::create::arange(start, stop, step))
}

/// `n` powers of `base`, their exponents evenly spaced from `start` to `end`, as `f64`.
#[track_caller]
pub fn logspace<'a>(start: f64, end: f64, n: usize, base: f64) -> Expr<'a> {
    made("logspace", compose::create::logspace(start, end, n, true, base))
}

/// `n` values from `start` to `end` by even ratios, as `f64`.
#[track_caller]
pub fn geomspace<'a>(start: f64, end: f64, n: usize) -> Expr<'a> {
    made("geomspace", compose::create::geomspace(start, end, n, true))
}

/// `n` values from `start` on, evenly spaced, the next of which would be `end`, as `f64`.
#[track_caller]
pub fn linspace_open<'a>(start: f64, end: f64, n: usize) -> Expr<'a> {
    made("linspace", compose::create::linspace(start, end, n, false))
}

/// The `rows` by `cols` matrix with 1 on the `k`-th diagonal and 0 elsewhere, as `f64`.
#[track_caller]
pub fn eye_at<'a>(rows: usize, cols: usize, k: isize) -> Expr<'a> {
    made("eye", compose::create::eye(rows, cols, k))
}
