//! Elements written one after another at computed places.
#![allow(unsafe_code, reason = "reads and writes buffers by their addresses")]

use evanesce_ir::error::RunErrorKind;
use evanesce_ir::ops::ElementwiseOp;
use evanesce_ir::program::Scatter;
use evanesce_ir::tensor::Scalar;
use evanesce_ir::types::{DType, MAX_RANK};

/// Writes the elements. When an index is out of bounds none is written.
///
/// # Safety
/// The step is of a verified program, `dtype` is that of its buffer, `pointers` are the program's buffers.
pub(crate) unsafe fn run(scatter: &Scatter, dtype: DType, pointers: &[*mut u8]) -> Result<(), RunErrorKind> {
    let mut failed = None;
    each(scatter, |loops| {
        for (buffer, access, axis) in &scatter.indices {
            // SAFETY: the caller's promise.
            let index = unsafe { index_at(pointers[buffer.index()], access.at(loops)) };
            let n = axis.size as i64;
            if !(-n..n).contains(&index) && failed.is_none() {
                failed = Some(RunErrorKind::Index { index, size: axis.size });
            }
        }
        failed.is_none()
    });
    if let Some(failure) = failed {
        return Err(failure);
    }
    let place = |loops: &[usize]| {
        scatter.indices.iter().fold(scatter.access.at(loops), |place, (buffer, access, axis)| {
            // SAFETY: the caller's promise.
            let index = unsafe { index_at(pointers[buffer.index()], access.at(loops)) };
            let index = if index < 0 { index + axis.size as i64 } else { index };
            place + axis.stride * index as isize
        })
    };
    let (to, from) = (pointers[scatter.buffer.index()], pointers[scatter.value.0.index()]);
    each(scatter, |loops| {
        let (place, source) = (place(loops), scatter.value.1.at(loops));
        // SAFETY: the caller's promise, the indices having been checked.
        unsafe {
            match scatter.op {
                Some(op) => combine(op, dtype, (to, place), (from, source)),
                None => {
                    let size = dtype.size();
                    let bytes = |base: *mut u8, element: isize| base.wrapping_offset(element * size as isize);
                    bytes(from, source).copy_to(bytes(to, place), size);
                }
            }
        }
        true
    });
    Ok(())
}

/// Combines an element with another by an op of the table; one of a single operand takes the first.
///
/// # Safety
/// Both are elements of this dtype.
unsafe fn combine(op: ElementwiseOp, dtype: DType, to: (*mut u8, isize), from: (*mut u8, isize)) {
    let size = dtype.size();
    let address = |(base, element): (*mut u8, isize)| base.wrapping_offset(element * size as isize);
    let load = |from: *mut u8| {
        let mut bytes = 0u128.to_le_bytes();
        // SAFETY: the caller's promise; an element has at most as many bytes.
        unsafe { from.copy_to(bytes.as_mut_ptr(), size) };
        Scalar::from_bits(dtype, u128::from_le_bytes(bytes))
    };
    let terms = [load(address(to)), load(address(from))];
    let result = op.eval(&terms[..op.arity()]).bits().to_le_bytes();
    // SAFETY: the caller's promise.
    unsafe { address(to).copy_from(result.as_ptr(), size) };
}

/// Reads an index.
///
/// # Safety
/// The element is in a buffer of `i64`.
unsafe fn index_at(base: *mut u8, element: isize) -> i64 {
    // SAFETY: the caller's promise; arrays of the caller's may be unaligned.
    unsafe { base.cast::<i64>().wrapping_offset(element).read_unaligned() }
}

/// Calls `f` with the indices of every iteration in order, until it says to stop. Allocates nothing.
fn each(scatter: &Scatter, mut f: impl FnMut(&[usize]) -> bool) {
    let dims = &scatter.dims[..];
    let mut loops = [0; MAX_RANK];
    let loops = &mut loops[..dims.len()];
    while !dims.contains(&0) && f(loops) {
        let Some(axis) = (0..dims.len()).rev().find(|&axis| loops[axis] + 1 < dims[axis]) else { return };
        loops[axis] += 1;
        loops[axis + 1..].fill(0);
    }
}
