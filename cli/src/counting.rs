//! The system's allocator, counting, so that a steady-state call can be shown to allocate nothing.
#![allow(unsafe_code, reason = "a global allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() {
    ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
}

// SAFETY: all is done by the system's allocator, to which every argument goes as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller vouches.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller vouches.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        count();
        // SAFETY: as the caller vouches.
        unsafe { System.realloc(start, layout, bytes) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: as the caller vouches.
        unsafe { System.dealloc(start, layout) }
    }
}

/// What a call took.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Wall-clock time.
    pub(crate) time: Duration,
    /// Allocations and reallocations, of every thread.
    pub(crate) allocations: usize,
}

/// Calls `f` once.
pub(crate) fn sample<T>(f: impl FnOnce() -> T) -> (T, Sample) {
    let (before, start) = (ALLOCATIONS.load(Ordering::Relaxed), Instant::now());
    let result = f();
    let time = start.elapsed();
    (result, Sample { time, allocations: ALLOCATIONS.load(Ordering::Relaxed) - before })
}
