//! Memory that programs run in: the arena of temporaries, the workspace of LAPACK, the table of buffer addresses. It is
//! allocated once, before the first run; a run allocates nothing.
#![allow(unsafe_code, reason = "aligned allocation, and arrays that begin as zeroed memory")]

use evanesce_ir::error::RunErrorKind;
use evanesce_ir::tensor::Element;
use evanesce_ir::verify::ALIGN;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

/// Bytes on a cache line's boundary, zero at first.
#[derive(Debug)]
struct Block {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: the block owns its bytes and gives them out only through `&mut`.
unsafe impl Send for Block {}
// SAFETY: a shared block gives out nothing.
unsafe impl Sync for Block {}

impl Block {
    fn new(bytes: usize) -> Result<Block, RunErrorKind> {
        let fail = || RunErrorKind::OutOfMemory { bytes };
        let layout = Layout::from_size_align(bytes, ALIGN).map_err(|_| fail())?;
        if bytes == 0 {
            return Ok(Block { start: NonNull::<Line>::dangling().cast(), layout });
        }
        // SAFETY: the size is not 0.
        let start = unsafe { alloc_zeroed(layout) };
        Ok(Block { start: NonNull::new(start).ok_or_else(fail)?, layout })
    }
}

/// What a cache line's alignment is that of.
#[repr(align(64))]
struct Line;
const _: () = assert!(align_of::<Line>() == ALIGN);

impl Drop for Block {
    fn drop(&mut self) {
        if self.layout.size() > 0 {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(self.start.as_ptr(), self.layout) }
        }
    }
}

/// The memory of one run at a time of one [`Executable`](crate::Executable).
#[derive(Debug)]
pub struct Memory {
    arena: Block,
    workspace: Block,
    /// The address of the first logical element of each buffer.
    pub(crate) pointers: Vec<*mut u8>,
}

// SAFETY: the addresses are of the blocks it owns, of constants of its executable, and of arrays that are borrowed during a
// run only and not touched outside of one.
unsafe impl Send for Memory {}
// SAFETY: a shared memory gives out nothing.
unsafe impl Sync for Memory {}

impl Memory {
    /// Zeroed memory with a table of `buffers` addresses.
    pub(crate) fn new(arena: usize, workspace: usize, buffers: usize) -> Result<Memory, RunErrorKind> {
        let nowhere = NonNull::<Line>::dangling().cast().as_ptr();
        let (arena, workspace) = (Block::new(arena)?, Block::new(workspace)?);
        Ok(Memory { arena, workspace, pointers: vec![nowhere; buffers] })
    }

    /// Bytes of the arena.
    pub fn arena_bytes(&self) -> usize {
        self.arena.layout.size()
    }

    pub(crate) fn arena(&mut self) -> *mut u8 {
        self.arena.start.as_ptr()
    }

    pub(crate) fn workspace(&mut self) -> *mut u8 {
        self.workspace.start.as_ptr()
    }
}

/// A vector of zeros, or an error when there is no memory for it.
pub(crate) fn zeros<A: Element>(len: usize) -> Result<Vec<A>, RunErrorKind> {
    let fail = || RunErrorKind::OutOfMemory { bytes: len.saturating_mul(size_of::<A>()) };
    let layout = Layout::array::<A>(len).map_err(|_| fail())?;
    if layout.size() == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the size is not 0; zero bytes are an element of every dtype; the vector frees with the same layout.
    unsafe {
        let start = alloc_zeroed(layout).cast::<A>();
        if start.is_null() { Err(fail()) } else { Ok(Vec::from_raw_parts(start, len, len)) }
    }
}
