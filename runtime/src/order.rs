//! Sorting, searching and partial reduction of rows, by the order of [`evanesce_ir::ops::order`]. Nothing is allocated: sorting in place is not
//! stable, so indices decide between equal elements, and zeros get their signs back in the order they had.
#![allow(unsafe_code, reason = "reads and writes rows of a memory by address")]

use evanesce_ir::error::RunErrorKind;
use evanesce_ir::ops::elementwise::{Loop, Looped};
use evanesce_ir::ops::order::{self, Order, partition_point};
use evanesce_ir::ops::{ElementwiseOp, OrderOp};
use evanesce_ir::program::{Call, Matrix};
use evanesce_ir::with_element;
use std::cmp::Ordering;

/// A row of `len` elements, `stride` apart.
#[derive(Clone, Copy)]
struct Row<T> {
    first: *const T,
    len: usize,
    stride: isize,
}

impl<T: Copy> Row<T> {
    fn at(self, i: usize) -> T {
        debug_assert!(i < self.len);
        // SAFETY: who makes a row vouches for its elements.
        unsafe { self.first.wrapping_offset(i as isize * self.stride).read() }
    }

    fn elements(self) -> impl Iterator<Item = T> {
        (0..self.len).map(move |i| self.at(i))
    }
}

/// Runs a call for every row of its stack.
///
/// # Safety
/// The call is of a verified program, and `pointers` are its buffers.
pub(crate) unsafe fn run(op: OrderOp, call: &Call, pointers: &[*mut u8]) -> Result<(), RunErrorKind> {
    // SAFETY: the caller's; the dtype is that of the operands.
    with_element!(call.dtype, T => unsafe { rows::<T>(op, call, pointers) })
}

/// The address of a row, one of a stack.
fn address<T>(call: &Call, m: &Matrix, at: usize, pointers: &[*mut u8]) -> *mut T {
    let (mut offset, mut rest) = (m.access.offset, at);
    for (&stride, &n) in m.access.strides[..call.stack.len()].iter().zip(&call.stack).rev() {
        offset += stride * (rest % n) as isize;
        rest /= n;
    }
    pointers[m.buffer.index()].cast::<T>().wrapping_offset(offset)
}

unsafe fn rows<T: Order + Looped>(op: OrderOp, call: &Call, pointers: &[*mut u8]) -> Result<(), RunErrorKind> {
    for at in 0..call.stack.iter().product() {
        let row = |i: usize| one::<T>(call, i, at, pointers);
        let result = &call.results[0];
        // SAFETY: verified: rows lie in their buffers, and results are contiguous and overlap no operand.
        unsafe {
            match op {
                OrderOp::Sort => sort(row(0), address(call, result, at, pointers)),
                OrderOp::Argsort => argsort(row(0), address(call, result, at, pointers)),
                OrderOp::SearchsortedLeft | OrderOp::SearchsortedRight => {
                    search(op, row(0), row(1), address(call, result, at, pointers));
                }
                OrderOp::Reduceat(op) => {
                    reduceat(op, row(0), one(call, 1, at, pointers), address(call, result, at, pointers))?;
                }
            }
        }
    }
    Ok(())
}

/// The row of an operand at one place of the stack.
fn one<T>(call: &Call, operand: usize, at: usize, pointers: &[*mut u8]) -> Row<T> {
    let m = &call.operands[operand];
    let stride = m.access.strides[call.stack.len() + 1];
    Row { first: address::<T>(call, m, at, pointers).cast_const(), len: m.cols, stride }
}

/// The elements of a row written one after another.
unsafe fn fill<'a, T>(elements: impl Iterator<Item = T>, len: usize, out: *mut T) -> &'a mut [T] {
    // SAFETY: the caller's memory for `len` elements, all of which are written before they are seen.
    unsafe {
        elements.enumerate().for_each(|(i, x)| out.add(i).write(x));
        std::slice::from_raw_parts_mut(out, len)
    }
}

unsafe fn sort<T: Order>(row: Row<T>, out: *mut T) {
    // SAFETY: the caller's memory.
    let sorted = unsafe { fill(row.elements(), row.len, out) };
    sorted.sort_unstable_by(|x, y| x.order(*y));
    let zero = |order: Ordering| move |x: &T| x.order(T::default()) < order;
    let (start, end) = (sorted.partition_point(zero(Ordering::Equal)), sorted.partition_point(zero(Ordering::Greater)));
    if end - start > 1 {
        let zeros = row.elements().filter(|x| x.order(T::default()) == Ordering::Equal);
        sorted[start..end].iter_mut().zip(zeros).for_each(|(place, zero)| *place = zero);
    }
}

unsafe fn argsort<T: Order>(row: Row<T>, out: *mut i64) {
    // SAFETY: the caller's memory.
    let indices = unsafe { fill(0..row.len as i64, row.len, out) };
    indices.sort_unstable_by(|&i, &j| row.at(i as usize).order(row.at(j as usize)).then(i.cmp(&j)));
}

unsafe fn search<T: Order>(op: OrderOp, sorted: Row<T>, values: Row<T>, out: *mut i64) {
    let before = |order: Ordering| match op {
        OrderOp::SearchsortedRight => order != Ordering::Greater,
        _ => order == Ordering::Less,
    };
    let place = |value: T| partition_point(sorted.len, |i| before(sorted.at(i).order(value))) as i64;
    // SAFETY: the caller's memory.
    unsafe { fill(values.elements().map(place), values.len, out) };
}

/// A row reduced from each index to the next.
unsafe fn reduceat<T: Order + Looped>(
    op: ElementwiseOp,
    row: Row<T>,
    indices: Row<i64>,
    out: *mut T,
) -> Result<(), RunErrorKind> {
    let mut next = 0;
    let write = |element: T| {
        // SAFETY: the caller's memory, for an element for each index.
        unsafe { out.add(next).write(element) };
        next += 1;
    };
    let (elements, list) = ((row.len, |i| row.at(i)), (indices.len, |k| indices.at(k)));
    match T::of(&op.loops()) {
        Some(Loop::Binary(combine)) => order::reduceat(op, elements, list, combine, write),
        // Comparisons of truth values.
        _ => {
            let combine = |x: T, y: T| {
                let scalar = op.eval(&[x.to_scalar(), y.to_scalar()]);
                T::from_scalar(scalar).unwrap_or_else(|| unreachable!("verified: the op gives this dtype"))
            };
            order::reduceat(op, elements, list, combine, write)
        }
    }
}
