//! Shapes: views where a view can do it, otherwise one gather or joining of parts.

use super::{Part, binary, select};
use crate::build::{self, Build, Index, Operand, normalise_axis};
use crate::error::Problem;
use crate::graph::{Node, View};
use crate::ids::ValueId;
use crate::ops::ElementwiseOp;
use crate::tensor::{Element, Scalar};
use crate::types::{Axes, DType, Shape, check_size};
use ndarray::Array1;

pub(super) fn wrong<T>(what: String) -> Result<T, Problem> {
    Err(Problem::Usage(what))
}

/// Axes of `0..rank`, each once.
pub(super) fn distinct(axes: &[isize], rank: usize) -> Result<Axes, Problem> {
    let axes: Axes = axes.iter().map(|&a| normalise_axis(a, rank)).collect::<Result<_, _>>()?;
    match (1..axes.len()).find(|&i| axes[..i].contains(&axes[i])) {
        Some(i) => Err(Problem::DuplicateAxis { axis: axes[i] }),
        None => Ok(axes),
    }
}

/// `ravel`: the elements in row-major order.
pub fn ravel<B: Build>(b: &mut B, x: &B::Value) -> Result<B::Value, Problem> {
    let len = b.ty(x).len();
    build::view(b, x, View::Reshape(Shape::from_elem(len, 1)))
}

/// `moveaxis`: each source axis becomes its destination, the others keep their order.
pub fn moveaxis<B: Build>(
    b: &mut B,
    x: &B::Value,
    source: &[isize],
    destination: &[isize],
) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    if source.len() != destination.len() {
        return wrong(format!("{} axes are moved to {} places", source.len(), destination.len()));
    }
    let (source, destination) = (distinct(source, rank)?, distinct(destination, rank)?);
    let mut rest = (0..rank).filter(|axis| !source.contains(axis));
    let place = |to: usize| match destination.iter().position(|&d| d == to) {
        Some(i) => source[i],
        None => rest.next().expect("as many places as axes"),
    };
    let perm: Axes = (0..rank).map(place).collect();
    build::view(b, x, View::Transpose(perm))
}

/// `swapaxes`: two axes exchanged.
pub fn swapaxes<B: Build>(b: &mut B, x: &B::Value, first: isize, second: isize) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    let mut perm: Axes = (0..rank).collect();
    perm.swap(normalise_axis(first, rank)?, normalise_axis(second, rank)?);
    build::view(b, x, View::Transpose(perm))
}

/// `flip`: axes reversed, all of them by default.
pub fn flip<B: Build>(b: &mut B, x: &B::Value, axes: Option<&[isize]>) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    let axes = match axes {
        None => (0..rank).collect(),
        Some(axes) => distinct(axes, rank)?,
    };
    let reversed = Index::Slice { start: None, stop: None, step: -1 };
    let indices: Vec<Index> = (0..rank).map(|axis| if axes.contains(&axis) { reversed } else { Index::ALL }).collect();
    build::index(b, x, &indices)
}

/// `rot90`: turned by `k` right angles from the first axis of a plane towards the second.
pub fn rot90<B: Build>(b: &mut B, x: &B::Value, k: isize, plane: [isize; 2]) -> Result<B::Value, Problem> {
    distinct(&plane, b.ty(x).rank())?;
    let [first, second] = plane;
    match k.rem_euclid(4) {
        0 => Ok(x.clone()),
        1 => {
            let flipped = flip(b, x, Some(&[second]))?;
            swapaxes(b, &flipped, first, second)
        }
        2 => flip(b, x, Some(&plane)),
        _ => {
            let swapped = swapaxes(b, x, first, second)?;
            flip(b, &swapped, Some(&[second]))
        }
    }
}

/// Elements `start..stop` of an axis.
pub(super) fn part<B: Build>(
    b: &mut B,
    x: &B::Value,
    axis: usize,
    start: usize,
    stop: usize,
) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    let slice = Index::Slice { start: Some(start as isize), stop: Some(stop as isize), step: 1 };
    let indices: Vec<Index> = (0..rank).map(|a| if a == axis { slice } else { Index::ALL }).collect();
    build::index(b, x, &indices)
}

/// One of as many equal parts along an axis.
pub fn section<B: Build>(b: &mut B, x: &B::Value, sections: usize, i: usize, axis: isize) -> Result<B::Value, Problem> {
    let shape = b.ty(x).shape;
    let axis = normalise_axis(axis, shape.len())?;
    match shape[axis].checked_div(sections) {
        Some(size) if size * sections == shape[axis] => part(b, x, axis, i * size, (i + 1) * size),
        _ => wrong(format!("axis {axis} of size {} has no {sections} equal parts", shape[axis])),
    }
}

/// What is at a place of an axis, without that axis.
pub fn element<B: Build>(b: &mut B, x: &B::Value, i: usize, axis: isize) -> Result<B::Value, Problem> {
    let rank = b.ty(x).rank();
    let axis = normalise_axis(axis, rank)?;
    let indices: Vec<Index> = (0..rank).map(|a| if a == axis { Index::At(i as isize) } else { Index::ALL }).collect();
    build::index(b, x, &indices)
}

/// One of the coordinates of the grid of several lists.
pub fn meshgrid<B: Build>(b: &mut B, lists: &[B::Value], i: usize) -> Result<B::Value, Problem> {
    let mut grid = Shape::new();
    for list in lists {
        match b.ty(list).shape[..] {
            [] => grid.push(1),
            [n] => grid.push(n),
            _ => return wrong(format!("a list has {} axes", b.ty(list).rank())),
        }
    }
    let mut along = Shape::from_elem(1, grid.len());
    along[i] = grid[i];
    let list = build::view(b, &lists[i], View::Reshape(along))?;
    build::broadcast_to(b, &list, &grid)
}

/// `roll`: elements moved on, those beyond the end to the beginning; without an axis, of the flattened array.
pub fn roll<B: Build>(b: &mut B, x: &B::Value, shift: isize, axis: Option<isize>) -> Result<B::Value, Problem> {
    let shape = b.ty(x).shape;
    let Some(axis) = axis else {
        let flat = ravel(b, x)?;
        let rolled = roll(b, &flat, shift, Some(0))?;
        return build::view(b, &rolled, View::Reshape(shape));
    };
    let axis = normalise_axis(axis, shape.len())?;
    let n = shape[axis];
    // A shift of nothing, or of an axis without elements.
    let shift = if n == 0 { 0 } else { shift.rem_euclid(n as isize) as usize };
    if shift == 0 {
        return Ok(x.clone());
    }
    let (end, beginning) = (part(b, x, axis, n - shift, n)?, part(b, x, axis, 0, n - shift)?);
    build::concat(b, &[Operand::Value(end), Operand::Value(beginning)], axis as isize)
}

/// An array as often as `count` along an axis: as a whole, or each of its elements.
fn repeated<B: Build>(b: &mut B, x: &B::Value, axis: usize, count: usize, elements: bool) -> Result<B::Value, Problem> {
    let shape = b.ty(x).shape;
    let mut result = shape.clone();
    result[axis] = shape[axis].checked_mul(count).ok_or(Problem::TooLarge { ty: b.ty(x) })?;
    check_size(b.ty(x).dtype, &result)?;
    let mut broadcast = shape;
    let at = if elements { axis + 1 } else { axis };
    broadcast.insert(at, count);
    let expanded = build::expand_dims(b, x, at as isize)?;
    let many = build::broadcast_to(b, &expanded, &broadcast)?;
    build::view(b, &many, View::Reshape(result))
}

/// `tile`: the array repeated along each axis; axes are added in front on either side until there are as many.
pub fn tile<B: Build>(b: &mut B, x: &B::Value, reps: &[usize]) -> Result<B::Value, Problem> {
    let mut shape = b.ty(x).shape;
    let missing = reps.len().saturating_sub(shape.len());
    shape.insert_many(0, std::iter::repeat_n(1, missing));
    let mut result = build::view(b, x, View::Reshape(shape.clone()))?;
    let first = shape.len() - reps.len();
    for (i, &count) in reps.iter().enumerate().filter(|(_, count)| **count != 1) {
        result = repeated(b, &result, first + i, count, false)?;
    }
    Ok(result)
}

/// `repeat`: each element repeated along an axis; without one, of the flattened array.
pub fn repeat<B: Build>(b: &mut B, x: &B::Value, repeats: usize, axis: Option<isize>) -> Result<B::Value, Problem> {
    let x = if axis.is_none() { ravel(b, x)? } else { x.clone() };
    let axis = normalise_axis(axis.unwrap_or(0), b.ty(&x).rank())?;
    repeated(b, &x, axis, repeats, true)
}

/// `pad` by a number: widths before and after for each axis.
pub fn pad<B: Build>(
    b: &mut B,
    x: &B::Value,
    widths: &[[usize; 2]],
    fill: &Operand<B::Value>,
) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    if widths.len() != ty.rank() {
        return wrong(format!("{} pairs of widths for {} axes", widths.len(), ty.rank()));
    }
    let fill = match fill {
        Operand::Value(value) => build::cast(b, value, ty.dtype)?,
        Operand::Weak(weak) => build::scalar(b, weak.to_scalar(ty.dtype)?)?,
    };
    let mut result = x.clone();
    for (axis, &[before, after]) in widths.iter().enumerate() {
        let mut parts = Vec::new();
        for (width, own) in [(before, false), (0, true), (after, false)] {
            if own {
                parts.push(Operand::Value(result.clone()));
            } else if width > 0 {
                let mut shape = b.ty(&result).shape;
                shape[axis] = width;
                parts.push(Operand::Value(build::broadcast_to(b, &fill, &shape)?));
            }
        }
        result = if parts.len() == 1 { result } else { build::concat(b, &parts, axis as isize)? };
    }
    Ok(result)
}

/// An array with at least this many axes, new ones in front.
fn at_least<B: Build>(b: &mut B, x: &Operand<B::Value>, rank: usize) -> Result<Operand<B::Value>, Problem> {
    let x = build::value(b, x)?;
    let mut shape = b.ty(&x).shape;
    if shape.len() >= rank {
        return Ok(Operand::Value(x));
    }
    shape.insert_many(0, std::iter::repeat_n(1, rank - shape.len()));
    Ok(Operand::Value(build::view(b, &x, View::Reshape(shape))?))
}

/// `hstack`: joined along the second axis; lists along the only one.
pub fn hstack<B: Build>(b: &mut B, operands: &[Operand<B::Value>]) -> Result<B::Value, Problem> {
    let parts: Vec<_> = operands.iter().map(|x| at_least(b, x, 1)).collect::<Result<_, _>>()?;
    let lists = parts.iter().any(|x| matches!(x, Operand::Value(x) if b.ty(x).rank() == 1));
    build::concat(b, &parts, if lists { 0 } else { 1 })
}

/// `vstack`: joined along the first axis; lists are rows.
pub fn vstack<B: Build>(b: &mut B, operands: &[Operand<B::Value>]) -> Result<B::Value, Problem> {
    let parts: Vec<_> = operands.iter().map(|x| at_least(b, x, 2)).collect::<Result<_, _>>()?;
    build::concat(b, &parts, 0)
}

/// `0, 1, ..., n - 1` along an axis of two.
fn counter<B: Build>(b: &mut B, n: usize, column: bool) -> Result<B::Value, Problem> {
    check_size(DType::I64, &[n])?;
    let counts = build::constant(b, i64::wrap(Array1::from_iter(0..n as i64).into_dyn()))?;
    build::expand_dims(b, &counts, if column { 1 } else { 0 })
}

/// Whether the diagonal that goes through a place is compared so with the `k`-th.
fn by_diagonal<B: Build>(
    b: &mut B,
    rows: usize,
    cols: usize,
    compare: ElementwiseOp,
    k: isize,
) -> Result<B::Value, Problem> {
    let (row, col) = (counter(b, rows, true)?, counter(b, cols, false)?);
    let limit = binary(b, ElementwiseOp::Add, &row, k as i64)?;
    binary(b, compare, &col, &limit)
}

fn triangle<B: Build>(b: &mut B, x: &B::Value, compare: ElementwiseOp, k: isize) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    let [.., rows, cols] = ty.shape[..] else { return Err(Problem::Axis { axis: -2, rank: ty.rank() }) };
    let inside = by_diagonal(b, rows, cols, compare, k)?;
    let zero = build::scalar(b, Scalar::zero(ty.dtype))?;
    select(b, &inside, x, &zero)
}

/// `tril`: 0 above the `k`-th diagonal.
pub fn tril<B: Build>(b: &mut B, x: &B::Value, k: isize) -> Result<B::Value, Problem> {
    triangle(b, x, ElementwiseOp::LessEqual, k)
}

/// `triu`: 0 below the `k`-th diagonal.
pub fn triu<B: Build>(b: &mut B, x: &B::Value, k: isize) -> Result<B::Value, Problem> {
    triangle(b, x, ElementwiseOp::GreaterEqual, k)
}

/// `diag`: the matrix with this `k`-th diagonal and 0 elsewhere, or the `k`-th diagonal of a matrix.
pub fn diag<B: Build>(b: &mut B, x: &B::Value, k: isize) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    let distance = k.unsigned_abs();
    match ty.shape[..] {
        [n] => {
            let size = n.checked_add(distance).ok_or_else(|| Problem::TooLarge { ty: ty.clone() })?;
            check_size(ty.dtype, &[size, size])?;
            // Above the main diagonal an element stands in its row, below it in its column.
            let padded = pad(b, x, &[[0, distance]], &0i64.part())?;
            let along = build::expand_dims(b, &padded, if k > 0 { 1 } else { 0 })?;
            let here = by_diagonal(b, size, size, ElementwiseOp::Equal, k)?;
            let zero = build::scalar(b, Scalar::zero(ty.dtype))?;
            select(b, &here, &along, &zero)
        }
        [rows, cols] => {
            let (row, col) = if k < 0 { (distance.min(rows), 0) } else { (0, distance.min(cols)) };
            let below = part(b, x, 0, row, rows)?;
            let corner = part(b, &below, 1, col, cols)?;
            build::diagonal(b, &corner)
        }
        _ => wrong(format!("an array of {} axes has no diagonal and is none", ty.rank())),
    }
}

/// The array with `y` in place of a slice of it: NumPy's `x[slice] = y`, as a value.
pub fn with_slice<B: Build>(
    b: &mut B,
    x: &B::Value,
    indices: &[Index],
    y: &Operand<B::Value>,
) -> Result<B::Value, Problem> {
    let ty = b.ty(x);
    let (axes, shape) = build::slices(&ty, indices)?;
    let y = match y {
        Operand::Value(value) => build::cast(b, value, ty.dtype)?,
        Operand::Weak(weak) => build::scalar(b, weak.to_scalar(ty.dtype)?)?,
    };
    let y = if b.ty(&y).shape == shape { y } else { build::broadcast_to(b, &y, &shape)? };
    // The replacement with as many axes as the array.
    let full: Shape = axes.iter().map(|axis| axis.len).collect();
    let y = if full == shape { y } else { build::view(b, &y, View::Reshape(full))? };
    let args = (0..2).map(ValueId::new).collect();
    Ok(b.push(Node::WithSlice { axes, args }, &[x.clone(), y])?.swap_remove(0))
}
