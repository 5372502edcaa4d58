//! Calls of the user's functions, on views of the program's memory.
//!
//! An elementwise function gets blocks of up to [`BLOCK`] elements. What lies in the order of the stack is handed over in
//! place; other operands are gathered into scratch memory first, other results scattered from there, so that its loops run
//! over contiguous elements. A generalized function gets the core arrays of one index after another, as they lie. Nothing is
//! allocated here, unless a core has more than the four axes that ndarray holds without.
#![allow(unsafe_code, reason = "makes views of raw memory")]

use evanesce_ir::custom::{Body, catch};
use evanesce_ir::error::{RunError, RunErrorKind};
use evanesce_ir::program::{CustomCall, Stacked};
use evanesce_ir::tensor::{Element, TensorView, TensorViewMut};
use evanesce_ir::types::{DType, row_major};
use evanesce_ir::with_element;
use ndarray::{ArrayViewD, ArrayViewMutD, Axis, IxDyn, ShapeBuilder};
use smallvec::SmallVec;
use std::ptr::NonNull;
use std::sync::Arc;

/// Elements of a block.
const BLOCK: usize = 512;

/// How a call is made.
pub(crate) struct Plan {
    call: CustomCall,
    body: Arc<Body>,
    operands: SmallVec<[Array; 4]>,
    results: SmallVec<[Array; 2]>,
    scratch: usize,
}

/// A stack of arrays, and how it reaches the function.
struct Array {
    dtype: DType,
    way: Way,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    /// Where it lies.
    Place,
    /// Through scratch memory from this byte on.
    Scratch(usize),
    /// As above; every element is the same, so that one block does for all.
    Repeated(usize),
}

impl Plan {
    pub(crate) fn new(call: &CustomCall) -> Plan {
        let implementation = &call.function.implementations()[call.implementation];
        let compact = row_major(&call.stack);
        let mut scratch = 0;
        let mut array = |(stacked, &dtype): (&Stacked, &DType)| {
            let axes = || call.stack.iter().zip(&stacked.access.strides).zip(&compact).filter(|((n, _), _)| **n > 1);
            let place = !call.function.is_elementwise() || axes().all(|((_, stride), compact)| stride == compact);
            let start = scratch;
            scratch += if place { 0 } else { BLOCK * dtype.size() };
            let way = match () {
                () if place => Way::Place,
                () if axes().all(|((_, stride), _)| *stride == 0) => Way::Repeated(start),
                () => Way::Scratch(start),
            };
            Array { dtype, way }
        };
        let operands = call.operands.iter().zip(&implementation.operands).map(&mut array).collect();
        let results = call.results.iter().zip(&implementation.results).map(&mut array).collect();
        Plan { call: call.clone(), body: implementation.body.clone(), operands, results, scratch }
    }

    /// Bytes of the scratch memory.
    pub(crate) fn scratch(&self) -> usize {
        self.scratch
    }

    /// Calls the function for the whole stack.
    ///
    /// # Errors
    /// Its panic, or a result of a wrong shape; results may hold anything then.
    ///
    /// # Safety
    /// The call is of a verified program, `pointers` are its buffers, initialised and aligned, `scratch` is initialised,
    /// has [`scratch`](Self::scratch) bytes, aligned for every dtype, and overlaps no buffer.
    pub(crate) unsafe fn run(&self, pointers: &[*mut u8], scratch: *mut u8) -> Result<(), RunError> {
        // SAFETY: the caller's promise.
        let run = || unsafe {
            match self.call.function.is_elementwise() {
                true => self.blocks(pointers, scratch),
                false => self.cores(pointers),
            }
        };
        let name = || self.call.function.name().to_string();
        catch(run).map_err(|kind| RunError::new(&name(), kind, self.call.loc))
    }

    fn all(&self) -> usize {
        self.call.stack.iter().product()
    }

    /// # Safety
    /// As of [`run`](Self::run).
    unsafe fn blocks(&self, pointers: &[*mut u8], scratch: *mut u8) -> Result<(), RunErrorKind> {
        let all = self.all();
        for start in (0..all).step_by(BLOCK) {
            let len = BLOCK.min(all - start);
            let (mut operands, mut results) =
                (SmallVec::<[TensorView<'_>; 4]>::new(), SmallVec::<[TensorViewMut<'_>; 2]>::new());
            // SAFETY: verified accesses stay in their buffers; an array handed over in place has its elements one after
            // another, the others have BLOCK elements of scratch memory each.
            unsafe {
                for (array, stacked) in self.operands.iter().zip(&self.call.operands) {
                    let data = array.first(stacked, pointers, scratch, start);
                    if array.way != Way::Place && (start == 0 || !matches!(array.way, Way::Repeated(_))) {
                        self.moved(array.dtype, stacked, pointers, (start, len), |element, i, size| {
                            data.add(i * size).copy_from_nonoverlapping(element, size);
                        });
                    }
                    operands.push(read(array.dtype, data, &[len], &[1]));
                }
                for (array, stacked) in self.results.iter().zip(&self.call.results) {
                    let data = array.first(stacked, pointers, scratch, start);
                    results.push(write(array.dtype, data, &[len], &[1]));
                }
            }
            (self.body)(&operands, &mut results)?;
            drop(results);
            for (array, stacked) in self.results.iter().zip(&self.call.results) {
                if array.way == Way::Place {
                    continue;
                }
                // SAFETY: as above; the views of the results are gone.
                unsafe {
                    let data = array.first(stacked, pointers, scratch, start);
                    self.moved(array.dtype, stacked, pointers, (start, len), |element, i, size| {
                        element.copy_from_nonoverlapping(data.add(i * size), size);
                    });
                }
            }
        }
        Ok(())
    }

    /// Calls `f` with the address of each element of a block, its number in the block and its size.
    #[inline]
    fn moved(
        &self,
        dtype: DType,
        stacked: &Stacked,
        pointers: &[*mut u8],
        (start, len): (usize, usize),
        f: impl Fn(*mut u8, usize, usize),
    ) {
        // Constant sizes make moves of the copies.
        match dtype.size() {
            1 => self.walk::<1>(stacked, pointers, (start, len), f),
            2 => self.walk::<2>(stacked, pointers, (start, len), f),
            4 => self.walk::<4>(stacked, pointers, (start, len), f),
            8 => self.walk::<8>(stacked, pointers, (start, len), f),
            16 => self.walk::<16>(stacked, pointers, (start, len), f),
            size => unreachable!("no dtype has {size} bytes"),
        }
    }

    #[inline]
    fn walk<const SIZE: usize>(
        &self,
        stacked: &Stacked,
        pointers: &[*mut u8],
        (start, len): (usize, usize),
        f: impl Fn(*mut u8, usize, usize),
    ) {
        let (outer, inner) = match &self.call.stack[..] {
            [] => (&[][..], 1),
            [outer @ .., inner] => (outer, *inner),
        };
        let stride = stacked.access.strides.get(outer.len()).map_or(0, |stride| stride * SIZE as isize);
        let (mut done, mut row, mut column) = (0, start / inner, start % inner);
        while done < len {
            let first = address(stacked, outer, row, SIZE, pointers).wrapping_offset(stride * column as isize);
            let count = (inner - column).min(len - done);
            for i in 0..count {
                f(first.wrapping_offset(stride * i as isize), done + i, SIZE);
            }
            (done, row, column) = (done + count, row + 1, 0);
        }
    }

    /// # Safety
    /// As of [`run`](Self::run).
    unsafe fn cores(&self, pointers: &[*mut u8]) -> Result<(), RunErrorKind> {
        let stack = &self.call.stack;
        for index in 0..self.all() {
            let (mut operands, mut results) =
                (SmallVec::<[TensorView<'_>; 4]>::new(), SmallVec::<[TensorViewMut<'_>; 2]>::new());
            let place = |array: &Array, stacked: &Stacked| address(stacked, stack, index, array.dtype.size(), pointers);
            // SAFETY: verified accesses stay in their buffers; the elements of a result are different ones and in no other
            // array of the call.
            unsafe {
                for (array, stacked) in self.operands.iter().zip(&self.call.operands) {
                    let strides = &stacked.access.strides[stack.len()..];
                    operands.push(read(array.dtype, place(array, stacked), &stacked.core, strides));
                }
                for (array, stacked) in self.results.iter().zip(&self.call.results) {
                    let strides = &stacked.access.strides[stack.len()..];
                    results.push(write(array.dtype, place(array, stacked), &stacked.core, strides));
                }
            }
            (self.body)(&operands, &mut results)?;
        }
        Ok(())
    }
}

impl Array {
    /// The first element of a block as the function sees it.
    fn first(&self, stacked: &Stacked, pointers: &[*mut u8], scratch: *mut u8, start: usize) -> *mut u8 {
        match self.way {
            Way::Place => {
                let offset = stacked.access.offset + start as isize;
                pointers[stacked.buffer.index()].wrapping_offset(offset * self.dtype.size() as isize)
            }
            Way::Scratch(byte) | Way::Repeated(byte) => scratch.wrapping_add(byte),
        }
    }
}

/// The first element of the array at an index of the stack, counted in row-major order over its leading axes.
fn address(stacked: &Stacked, stack: &[usize], index: usize, size: usize, pointers: &[*mut u8]) -> *mut u8 {
    let (mut offset, mut rest) = (stacked.access.offset, index);
    for (&stride, &n) in stacked.access.strides[..stack.len()].iter().zip(stack).rev() {
        offset += stride * (rest % n) as isize;
        rest /= n;
    }
    pointers[stacked.buffer.index()].wrapping_offset(offset * size as isize)
}

/// The lowest element of an array, and its strides without their signs: ndarray makes views of such, whose axes are then
/// inverted.
fn unsigned<A>(first: *mut u8, shape: &[usize], strides: &[isize]) -> (*mut A, IxDyn) {
    let (mut first, mut steps) = (first.cast::<A>(), IxDyn(shape));
    if shape.contains(&0) {
        // Where no element is may be anywhere, which an address may not.
        (0..shape.len()).for_each(|axis| steps[axis] = 0);
        return (NonNull::dangling().as_ptr(), steps);
    }
    for (axis, (&n, &stride)) in shape.iter().zip(strides).enumerate() {
        // A step that is never made may be anything: it need not lie in the array.
        steps[axis] = if n > 1 { stride.unsigned_abs() } else { 0 };
        if stride < 0 {
            first = first.wrapping_sub(steps[axis] * (n - 1));
        }
    }
    (first, steps)
}

/// The axes of negative strides.
fn inverted(strides: &[isize]) -> impl Iterator<Item = Axis> {
    strides.iter().enumerate().filter(|(_, stride)| **stride < 0).map(|(axis, _)| Axis(axis))
}

/// # Safety
/// Every element is inside of one allocation, which outlives the view, aligned and initialised; nobody writes it meanwhile.
unsafe fn read<'v>(dtype: DType, first: *mut u8, shape: &[usize], strides: &[isize]) -> TensorView<'v> {
    unsafe fn view<'v, A: Element>(first: *mut u8, shape: &[usize], strides: &[isize]) -> TensorView<'v> {
        let (first, steps) = unsigned::<A>(first, shape, strides);
        // SAFETY: the caller's promise; the lowest element is one of the array's.
        let mut array = unsafe { ArrayViewD::from_shape_ptr(IxDyn(shape).strides(steps), first.cast_const()) };
        inverted(strides).for_each(|axis| array.invert_axis(axis));
        A::view(array)
    }
    // SAFETY: the caller's promise.
    unsafe { with_element!(dtype, A => view::<A>(first, shape, strides)) }
}

/// # Safety
/// As of [`read`], but that elements may hold bytes of another dtype; nobody else touches them meanwhile, and they are
/// different ones.
unsafe fn write<'v>(dtype: DType, first: *mut u8, shape: &[usize], strides: &[isize]) -> TensorViewMut<'v> {
    unsafe fn array<'v, A>(first: *mut u8, shape: &[usize], strides: &[isize]) -> ArrayViewMutD<'v, A> {
        let (first, steps) = unsigned::<A>(first, shape, strides);
        // SAFETY: the caller's promise; the lowest element is one of the array's.
        let mut array = unsafe { ArrayViewMutD::from_shape_ptr(IxDyn(shape).strides(steps), first) };
        inverted(strides).for_each(|axis| array.invert_axis(axis));
        array
    }
    unsafe fn view<'v, A: Element>(first: *mut u8, shape: &[usize], strides: &[isize]) -> TensorViewMut<'v> {
        // SAFETY: the caller's promise; all bytes are elements, or have just been made so.
        A::view_mut(unsafe { array::<A>(first, shape, strides) })
    }
    // SAFETY: the caller's promise.
    unsafe {
        if dtype == DType::Bool {
            // Not every byte is a truth value, and the memory may have held something else.
            array::<u8>(first, shape, strides).fill(0);
        }
        with_element!(dtype, A => view::<A>(first, shape, strides))
    }
}
