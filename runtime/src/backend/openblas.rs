//! OpenBLAS itself: linked in, kept to one thread but for large matrices, and asked what it runs.
//!
//! The number of its threads is one for the whole process, and with more than one its routines need more stack than a thread of
//! Rust's has. So every call of a routine is one of many readers of a lock, and what raises the number is its only writer, for one
//! call, on a thread with a stack that is large enough.

extern crate openblas_src as _;

use super::Kernels;
use std::cell::Cell;
use std::ffi::{CStr, c_char};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::{Once, OnceLock, PoisonError, RwLock, RwLockReadGuard};
use std::thread;

unsafe extern "C" {
    fn openblas_set_num_threads(count: i32);
    fn openblas_get_corename() -> *const c_char;
    fn openblas_get_parallel() -> i32;
}

/// Sets OpenBLAS to one thread, once in the life of the process: with more, its factorisations
/// overflow the 2 MiB stack of a Rust thread, and callers on several threads wait for each other.
pub(super) fn init() {
    static ONCE: Once = Once::new();
    // SAFETY: takes its argument by value and may be called at any time.
    ONCE.call_once(|| unsafe { openblas_set_num_threads(1) });
}

/// Of [`openblas_get_parallel`]: it starts threads itself. Otherwise it has none, or OpenMP's.
const PTHREADS: i32 = 1;

/// A stack that its routines run in with any number of threads.
const STACK: usize = 32 << 20;

static THREADS: RwLock<()> = RwLock::new(());

thread_local! {
    /// Whether this thread runs for the writer of the lock.
    static RAISED: Cell<bool> = const { Cell::new(false) };
}

/// What is held while a routine runs.
pub(super) fn running() -> Option<RwLockReadGuard<'static, ()>> {
    if RAISED.get() { None } else { Some(THREADS.read().unwrap_or_else(PoisonError::into_inner)) }
}

/// Runs `f` with as many threads, at most those of the machine, for OpenBLAS; on the caller's alone where it cannot be told to, as
/// with OpenMP.
pub(super) fn with_threads<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    /// Back to one, also when `f` panics.
    struct One;
    impl Drop for One {
        fn drop(&mut self) {
            // SAFETY: as in `init`.
            unsafe { openblas_set_num_threads(1) };
        }
    }
    let threads = threads.min(thread::available_parallelism().map_or(1, NonZero::get));
    // SAFETY: may be called at any time.
    if threads < 2 || unsafe { openblas_get_parallel() } != PTHREADS {
        return f();
    }
    let mut f = Some(f);
    let alone = THREADS.write().unwrap_or_else(PoisonError::into_inner);
    let result = thread::scope(|scope| {
        let run = || {
            RAISED.set(true);
            let _one = One;
            // SAFETY: nobody else runs a routine; this thread has the stack.
            unsafe { openblas_set_num_threads(i32::try_from(threads).unwrap_or(i32::MAX)) };
            f.take().map(|f| f())
        };
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).ok()?;
        thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    });
    drop(alone);
    match (result, f) {
        (Some(result), _) => result,
        (None, Some(f)) => f(),
        (None, None) => unreachable!("what has run has a result"),
    }
}

/// The processor that OpenBLAS takes this one to be.
pub(super) fn core_name() -> &'static str {
    // SAFETY: a constant string of the library.
    let name = unsafe { CStr::from_ptr(openblas_get_corename()) };
    name.to_str().unwrap_or("unknown")
}

/// The kernels that OpenBLAS has chosen.
pub(super) fn kernels() -> Kernels {
    static KERNELS: OnceLock<Kernels> = OnceLock::new();
    *KERNELS.get_or_init(|| match core_name().to_lowercase().as_str() {
        "skylakex" | "cooperlake" | "sapphirerapids" => Kernels::Best,
        "haswell" | "zen" | "excavator" => Kernels::Large,
        #[cfg(target_arch = "x86_64")]
        _ if is_x86_feature_detected!("avx2") => Kernels::Outdated,
        _ => Kernels::Best,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" {
        fn openblas_get_num_threads() -> i32;
    }

    #[test]
    fn threads_are_raised_for_one_call() {
        init();
        // SAFETY: may be called at any time.
        let count = || unsafe { openblas_get_num_threads() };
        // SAFETY: as above.
        if unsafe { openblas_get_parallel() } != PTHREADS {
            return;
        }
        let raised = thread::available_parallelism().map_or(1, NonZero::get).min(2) as i32;
        assert_eq!(with_threads(2, count), raised);
        assert_eq!(with_threads(1, count), 1);
        let panics = std::panic::catch_unwind(|| with_threads(2, || panic!("the caller's")));
        assert_eq!((panics.is_err(), count()), (true, 1));
    }
}
