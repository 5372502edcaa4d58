//! Elements written one after another at computed places.
#![allow(unsafe_code, reason = "reads and writes buffers by their addresses")]

use evanesce_ir::error::RunErrorKind;
use evanesce_ir::ops::elementwise::{Loop, Looped};
use evanesce_ir::program::Scatter;
use evanesce_ir::tensor::Element;
use evanesce_ir::types::{DType, MAX_RANK};
use evanesce_ir::with_element;

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
    with_element!(dtype, T => {
        let (to, from) = (to.cast::<T>(), from.cast::<T>());
        let combine = scatter.op.map(|op| (op, T::of(&op.loops())));
        each(scatter, |loops| {
            let (to, from) = (to.wrapping_offset(place(loops)), from.wrapping_offset(scatter.value.1.at(loops)));
            // SAFETY: the caller's promise, the indices having been checked; arrays of the caller's may be unaligned.
            unsafe {
                let new = from.read_unaligned();
                to.write_unaligned(match combine {
                    None => new,
                    Some((_, Some(Loop::Binary(f)))) => f(to.read_unaligned(), new),
                    Some((_, Some(Loop::Unary(f)))) => f(to.read_unaligned()),
                    // Comparisons and tests of truth values.
                    Some((op, _)) => {
                        let terms = [to.read_unaligned().to_scalar(), new.to_scalar()];
                        let result = T::from_scalar(op.eval(&terms[..op.arity()]));
                        result.unwrap_or_else(|| unreachable!("verified: the op gives this dtype"))
                    }
                });
            }
            true
        });
    });
    Ok(())
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
