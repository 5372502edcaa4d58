//! Indexing by arrays: NumPy's `x[i, :, j]`, and places that are known when the program is made.

use super::shape::{distinct, part, ravel, wrong};
use super::{binary, complex};
use crate::build::{self, Build, Index, Operand, normalise_axis};
use crate::error::Problem;
use crate::graph::{Node, SliceAxis, View, taken_shape};
use crate::ids::ValueId;
use crate::ops::ElementwiseOp;
use crate::tensor::{Element, Scalar};
use crate::types::{Axes, DType, Shape, Type};
use ndarray::Array1;

/// Views that [`pick`] joins at most: beyond, one gather is less code.
const RUNS: usize = 8;

/// Elements of an axis at places that are known now: joined views of the stretches of even steps among them, or one gather
/// where those are many. The places are within the axis.
pub fn pick<B: Build>(b: &mut B, x: &B::Value, axis: usize, places: &[usize]) -> Result<B::Value, Problem> {
    let shape = b.ty(x).shape;
    // The first place, the number of places and their distance.
    let mut runs: Vec<(usize, usize, isize)> = Vec::new();
    let mut rest = places;
    while let &[first, ..] = rest {
        let step = rest.get(1).map_or(1, |&second| second as isize - first as isize);
        let count = 1 + rest.windows(2).take_while(|pair| pair[1] as isize - pair[0] as isize == step).count();
        runs.push((first, count, step));
        if runs.len() > RUNS {
            let indices = i64::wrap(Array1::from_iter(places.iter().map(|&place| place as i64)).into_dyn());
            let indices = build::constant(b, indices)?;
            let operands = [Operand::Value(x.clone()), Operand::Value(indices)];
            return build::take(b, &operands, Some(axis as isize), false);
        }
        rest = &rest[count..];
    }
    if runs.is_empty() {
        return part(b, x, axis, 0, 0);
    }
    let mut parts = Vec::with_capacity(runs.len());
    for (start, count, step) in runs {
        let mut axes: Vec<SliceAxis> = shape.iter().map(|&size| SliceAxis::full(size)).collect();
        let len = if step == 0 { 1 } else { count };
        axes[axis] = SliceAxis { start, len, step: if len == 1 { 1 } else { step } };
        let mut run = build::view(b, x, View::Slice(axes.into()))?;
        if count > len {
            let mut repeated = shape.clone();
            repeated[axis] = count;
            run = build::broadcast_to(b, &run, &repeated)?;
        }
        parts.push(Operand::Value(run));
    }
    match &parts[..] {
        [Operand::Value(one)] => Ok(one.clone()),
        _ => build::concat(b, &parts, axis as isize),
    }
}

/// The array and an axis of it; without one, the flattened array and its only axis.
fn along<B: Build>(b: &mut B, x: &B::Value, axis: Option<isize>) -> Result<(B::Value, usize), Problem> {
    match axis {
        None => Ok((ravel(b, x)?, 0)),
        Some(axis) => Ok((x.clone(), normalise_axis(axis, b.ty(x).rank())?)),
    }
}

/// `compress`: the elements of an axis where the condition is true; one that is too short is false beyond its end.
pub fn compress<B: Build>(
    b: &mut B,
    x: &B::Value,
    condition: &[bool],
    axis: Option<isize>,
) -> Result<B::Value, Problem> {
    let (x, axis) = along(b, x, axis)?;
    let size = b.ty(&x).shape[axis];
    let places: Vec<usize> = (0..condition.len()).filter(|&i| condition[i]).collect();
    match places.last() {
        Some(&last) if last >= size => Err(Problem::Index { index: last as i64, size }),
        _ => pick(b, &x, axis, &places),
    }
}

/// `delete`: the axis without some of its elements.
pub fn delete<B: Build>(b: &mut B, x: &B::Value, indices: &[isize], axis: Option<isize>) -> Result<B::Value, Problem> {
    let (x, axis) = along(b, x, axis)?;
    let size = b.ty(&x).shape[axis];
    let mut kept = vec![true; size];
    for &index in indices {
        let wrong = |_| Problem::Index { index: index as i64, size };
        kept[normalise_axis(index, size).map_err(wrong)?] = false;
    }
    let places: Vec<usize> = (0..size).filter(|&i| kept[i]).collect();
    pick(b, &x, axis, &places)
}

/// `insert`: an array, which broadcasts to the others of its axis, put in before an element of it (or at the end).
pub fn insert<B: Build>(
    b: &mut B,
    x: &B::Value,
    index: isize,
    y: &Operand<B::Value>,
    axis: Option<isize>,
) -> Result<B::Value, Problem> {
    let (x, axis) = along(b, x, axis)?;
    let ty = b.ty(&x);
    let size = ty.shape[axis];
    let out = Problem::Index { index: index as i64, size };
    let at = if index < 0 { index.saturating_add(size as isize) } else { index };
    let at = usize::try_from(at).ok().filter(|&at| at <= size).ok_or(out)?;
    let mut y = match y {
        Operand::Value(value) => build::cast(b, value, ty.dtype)?,
        Operand::Weak(weak) => build::scalar(b, weak.to_scalar(ty.dtype)?)?,
    };
    // The first axis of `y`, after new ones in front, is the one that is put in: NumPy's rule for one index.
    let missing = ty.rank().saturating_sub(b.ty(&y).rank());
    if missing > 0 {
        let mut shape = b.ty(&y).shape;
        shape.insert_many(0, std::iter::repeat_n(1, missing));
        y = build::view(b, &y, View::Reshape(shape))?;
    }
    y = super::moveaxis(b, &y, &[0], &[axis as isize])?;
    let mut shape = ty.shape.clone();
    shape[axis] = b.ty(&y).shape[axis];
    let y = build::broadcast_to(b, &y, &shape)?;
    let (before, after) = (part(b, &x, axis, 0, at)?, part(b, &x, axis, at, size)?);
    build::concat(b, &[before, y, after].map(Operand::Value), axis as isize)
}

/// `append`: an array joined to the end of another; without an axis both are flattened.
pub fn append<B: Build>(
    b: &mut B,
    operands: &[Operand<B::Value>; 2],
    axis: Option<isize>,
) -> Result<B::Value, Problem> {
    let mut parts = build::values(b, operands)?;
    if axis.is_none() {
        for part in &mut parts {
            *part = ravel(b, part)?;
        }
    }
    let parts: Vec<_> = parts.into_iter().map(Operand::Value).collect();
    build::concat(b, &parts, axis.unwrap_or(0))
}

/// `repeat` with a count for each element of the axis.
pub fn repeat_each<B: Build>(
    b: &mut B,
    x: &B::Value,
    counts: &[usize],
    axis: Option<isize>,
) -> Result<B::Value, Problem> {
    let (x, axis) = along(b, x, axis)?;
    let size = b.ty(&x).shape[axis];
    if counts.len() != size {
        return wrong(format!("{} counts for an axis of size {size}", counts.len()));
    }
    let total = counts.iter().try_fold(0usize, |sum, &n| sum.checked_add(n));
    let total = total.ok_or(Problem::TooLarge { ty: b.ty(&x) })?;
    crate::types::check_size(DType::I64, &[total])?;
    let places: Vec<usize> = (0..size).flat_map(|i| std::iter::repeat_n(i, counts[i])).collect();
    pick(b, &x, axis, &places)
}

/// `roll` along several axes.
pub fn roll_axes<B: Build>(b: &mut B, x: &B::Value, shifts: &[isize], axes: &[isize]) -> Result<B::Value, Problem> {
    if shifts.len() != axes.len() {
        return wrong(format!("{} shifts for {} axes", shifts.len(), axes.len()));
    }
    let mut x = x.clone();
    for (&shift, &axis) in shifts.iter().zip(axes) {
        x = super::roll(b, &x, shift, Some(axis))?;
    }
    Ok(x)
}

/// How `pad` goes on beyond the ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PadMode {
    /// The last element again and again.
    Edge,
    /// Mirrored at the last element: `c b | a b c | b a`.
    Reflect,
    /// Mirrored beyond the last element: `b a | a b c | c b`.
    Symmetric,
    /// From the other end: `b c | a b c | a b`.
    Wrap,
}

impl PadMode {
    /// Every mode with its name in NumPy.
    pub const ALL: [(PadMode, &'static str); 4] = [
        (PadMode::Edge, "edge"),
        (PadMode::Reflect, "reflect"),
        (PadMode::Symmetric, "symmetric"),
        (PadMode::Wrap, "wrap"),
    ];

    /// The mode of this name.
    pub fn from_name(name: &str) -> Option<PadMode> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(mode, _)| *mode)
    }

    /// The element of an axis of `size` that stands at a place counted from its first.
    fn place(self, place: i128, size: usize) -> usize {
        let n = size as i128;
        let place = match self {
            PadMode::Edge => place.clamp(0, n - 1),
            PadMode::Wrap => place.rem_euclid(n),
            PadMode::Symmetric => {
                let place = place.rem_euclid(2 * n);
                place.min(2 * n - 1 - place)
            }
            PadMode::Reflect => {
                let period = (2 * (n - 1)).max(1);
                let place = place.rem_euclid(period);
                place.min(period - place)
            }
        };
        place.clamp(0, n - 1) as usize
    }
}

/// `pad` by elements of the array itself: widths before and after for each axis.
pub fn pad_mode<B: Build>(b: &mut B, x: &B::Value, widths: &[[usize; 2]], mode: PadMode) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    if widths.len() != ty.rank() {
        return wrong(format!("{} pairs of widths for {} axes", widths.len(), ty.rank()));
    }
    let mut shape = ty.shape.clone();
    for (n, &[before, after]) in shape.iter_mut().zip(widths) {
        *n = n.saturating_add(before).saturating_add(after);
    }
    crate::types::check_size(DType::I64, &shape)?;
    let mut result = x.clone();
    for (axis, &[before, after]) in widths.iter().enumerate().filter(|(_, width)| **width != [0, 0]) {
        let size = ty.shape[axis];
        if size == 0 {
            return wrong(format!("axis {axis} has no element that could be repeated"));
        }
        let all = -(before as i128)..(size + after) as i128;
        let places: Vec<usize> = all.map(|place| mode.place(place, size)).collect();
        result = pick(b, &result, axis, &places)?;
    }
    Ok(result)
}

/// What stands between the brackets: as for a slice, or an array of `i64` indices.
#[derive(Clone, Debug)]
pub enum Item<V> {
    /// One element, a slice, or a new axis.
    Basic(Index),
    /// Indices of an axis; all the arrays broadcast together.
    Array(V),
}

/// NumPy's `x[...]` with arrays of indices. Their axes become those of the broadcast arrays, at the place of the first one
/// when the arrays stand together, in front otherwise; beside an array an integer is an array of one.
pub fn index_arrays<B: Build>(b: &mut B, x: &B::Value, items: &[Item<B::Value>]) -> Result<B::Value, Problem> {
    if !items.iter().any(|item| matches!(item, Item::Array(_))) {
        let basic: Vec<Index> =
            items.iter().map(|item| if let Item::Basic(i) = item { *i } else { Index::ALL }).collect();
        return build::index(b, x, &basic);
    }
    let shape = b.ty(x).shape;
    let (mut basic, mut arrays, mut indexed, mut axis) = (Vec::new(), Vec::new(), Axes::new(), 0);
    for item in items {
        let array = match item {
            Item::Array(array) => Some(array.clone()),
            Item::Basic(Index::At(i)) => {
                let size = *shape.get(axis).unwrap_or(&0);
                let out = |_| Problem::Slice(format!("index {i} is out of bounds for axis {axis} of size {size}"));
                let at = normalise_axis(*i, size).map_err(out)?;
                Some(build::scalar(b, Scalar::I64(at as i64))?)
            }
            Item::Basic(_) => None,
        };
        if let Some(array) = array {
            arrays.push(array);
            indexed.push(basic.len());
        }
        basic.push(if let Item::Basic(index @ (Index::Slice { .. } | Index::NewAxis)) = item {
            *index
        } else {
            Index::ALL
        });
        axis += usize::from(!matches!(item, Item::Basic(Index::NewAxis)));
    }
    let mut x = build::index(b, x, &basic)?;
    let mut first = indexed[0];
    if indexed.windows(2).any(|pair| pair[0] + 1 != pair[1]) {
        let rest = (0..b.ty(&x).rank()).filter(|axis| !indexed.contains(axis));
        let perm: Axes = indexed.iter().copied().chain(rest).collect();
        x = build::view(b, &x, View::Transpose(perm))?;
        first = 0;
    }
    let operands: Vec<_> = [x].into_iter().chain(arrays).map(Operand::Value).collect();
    build::take(b, &operands, Some(first as isize), false)
}

/// `take_along_axis`: for each element of the indices the one at that place of the axis; without one, of the flattened array.
pub fn take_along_axis<B: Build>(
    b: &mut B,
    operands: &[Operand<B::Value>; 2],
    axis: Option<isize>,
) -> Result<B::Value, Problem> {
    let (x, indices) = (build::value(b, &operands[0])?, build::value(b, &operands[1])?);
    let (x, axis) = along(b, &x, axis)?;
    build::take(b, &[x, indices].map(Operand::Value), Some(axis as isize), true)
}

/// A number or an array as elements of an array: cast to its dtype and repeated to a shape.
pub(super) fn elements<B: Build>(
    b: &mut B,
    y: &Operand<B::Value>,
    dtype: DType,
    shape: &[usize],
) -> Result<B::Value, Problem> {
    let y = match y {
        Operand::Value(value) => build::cast(b, value, dtype)?,
        Operand::Weak(weak) => build::scalar(b, weak.to_scalar(dtype)?)?,
    };
    if b.ty(&y).shape[..] == *shape { Ok(y) } else { build::broadcast_to(b, &y, shape) }
}

/// Elements put at indices as [`build::take`] takes them, in order, or combined with those that are there by an op; `y`
/// broadcasts to what is taken. Without an axis, of the flattened array.
pub fn put<B: Build>(
    b: &mut B,
    operands: &[Operand<B::Value>],
    axis: Option<isize>,
    along_axis: bool,
    op: Option<ElementwiseOp>,
) -> Result<B::Value, Problem> {
    let [x, indices @ .., y] = operands else {
        return Err(Problem::Arity { expected: 3, found: operands.len() });
    };
    let x = build::value(b, x)?;
    let shape = b.ty(&x).shape;
    let (flat, axis) = match axis {
        None if indices.len() == 1 => along(b, &x, None)?,
        axis => (x.clone(), normalise_axis(axis.unwrap_or(0), shape.len())?),
    };
    let mut args: Vec<B::Value> = vec![flat];
    for indices in indices {
        args.push(build::indices(b, indices)?);
    }
    let types: Vec<Type> = args.iter().map(|arg| b.ty(arg)).collect();
    let taken = taken_shape(axis, along_axis, &types[0], &types[1..].iter().collect::<Vec<_>>())?;
    args.push(elements(b, y, types[0].dtype, &taken)?);
    let push = |b: &mut B, args: &[B::Value]| {
        let placeholders = (0..args.len()).map(ValueId::new).collect();
        let node = Node::Put { axis, along: along_axis, op, args: placeholders };
        b.push(node, args).map(|mut results| results.swap_remove(0))
    };
    if let Some(op) = op {
        super::ufunc::updates(op, types[0].dtype)?;
    }
    let by_parts = matches!(op, Some(ElementwiseOp::Add | ElementwiseOp::Subtract | ElementwiseOp::Negative));
    let result = if by_parts && types[0].dtype.is_complex() {
        // A complex sum is that of each part.
        let last = args.len() - 1;
        let mut sum = |part: fn(&mut B, &B::Value) -> Result<B::Value, Problem>| {
            let mut args = args.clone();
            (args[0], args[last]) = (part(b, &args[0])?, part(b, &args[last])?);
            push(b, &args)
        };
        let (re, im) = (sum(complex::real)?, sum(complex::imag)?);
        binary(b, ElementwiseOp::Complex, &re, &im)?
    } else {
        push(b, &args)?
    };
    if types[0].shape == shape { Ok(result) } else { build::view(b, &result, View::Reshape(shape)) }
}

/// Joined along the last axis after those of `rank`, to which axes are added at the end: `column_stack` and `dstack`.
fn join_last<B: Build>(b: &mut B, operands: &[Operand<B::Value>], rank: usize) -> Result<B::Value, Problem> {
    let mut parts = Vec::with_capacity(operands.len());
    for operand in operands {
        let x = build::value(b, operand)?;
        parts.push(Operand::Value(if rank == 2 && b.ty(&x).rank() < 2 {
            let len = b.ty(&x).len();
            build::view(b, &x, View::Reshape(Shape::from_slice(&[len, 1])))?
        } else {
            atleast(b, &x, rank)?
        }));
    }
    build::concat(b, &parts, rank as isize - 1)
}

/// `column_stack`: joined along the second axis; lists are columns.
pub fn column_stack<B: Build>(b: &mut B, operands: &[Operand<B::Value>]) -> Result<B::Value, Problem> {
    join_last(b, operands, 2)
}

/// `dstack`: joined along the third axis.
pub fn dstack<B: Build>(b: &mut B, operands: &[Operand<B::Value>]) -> Result<B::Value, Problem> {
    join_last(b, operands, 3)
}

/// `atleast_1d` to `atleast_3d`: new axes in front; a third one behind.
pub fn atleast<B: Build>(b: &mut B, x: &B::Value, rank: usize) -> Result<B::Value, Problem> {
    let mut shape = b.ty(x).shape;
    if shape.len() >= rank {
        return Ok(x.clone());
    }
    match (rank, shape.len()) {
        (3, 1) => shape.insert(0, 1),
        (3, 2) => {}
        _ => shape.insert_many(0, std::iter::repeat_n(1, rank - shape.len())),
    }
    shape.resize(rank, 1);
    build::view(b, x, View::Reshape(shape))
}

/// Where `array_split` cuts an axis: into parts of which the first are larger by one where they cannot be equal.
pub fn uneven(size: usize, sections: usize) -> Vec<usize> {
    let (small, larger) = (size / sections.max(1), size % sections.max(1));
    (1..sections).map(|i| i * small + i.min(larger)).collect()
}

/// `split` before given places of an axis: one part more than places. Places count from the end when negative.
pub fn split_at<B: Build>(b: &mut B, x: &B::Value, places: &[isize], axis: isize) -> Result<Vec<B::Value>, Problem> {
    let shape = b.ty(x).shape;
    let axis = normalise_axis(axis, shape.len())?;
    let bounds = [Some(0)].into_iter().chain(places.iter().copied().map(Some)).chain([None]);
    let bounds: Vec<Option<isize>> = bounds.collect();
    let mut parts = Vec::with_capacity(places.len() + 1);
    for pair in bounds.windows(2) {
        let slice = Index::Slice { start: pair[0], stop: pair[1], step: 1 };
        let indices: Vec<Index> = (0..shape.len()).map(|a| if a == axis { slice } else { Index::ALL }).collect();
        parts.push(build::index(b, x, &indices)?);
    }
    Ok(parts)
}

/// `diagonal` of any two axes, as the last axis.
pub fn diagonal_of<B: Build>(b: &mut B, x: &B::Value, offset: isize, plane: [isize; 2]) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    let [first, second] = distinct(&plane, rank)?[..] else { unreachable!("two axes") };
    let rest = (0..rank).filter(|axis| ![first, second].contains(axis));
    let perm: Axes = rest.chain([first, second]).collect();
    let moved = if perm.iter().copied().eq(0..rank) { x.clone() } else { build::view(b, x, View::Transpose(perm))? };
    build::linalg::diagonal_at(b, &moved, offset)
}
