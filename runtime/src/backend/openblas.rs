//! OpenBLAS itself: linked in, set to one thread, and asked what it runs.

extern crate openblas_src as _;

use super::Kernels;
use std::ffi::{CStr, c_char};
use std::sync::{Once, OnceLock};

unsafe extern "C" {
    fn openblas_set_num_threads(count: i32);
    fn openblas_get_corename() -> *const c_char;
}

/// Sets OpenBLAS to one thread, once in the life of the process: with more, its factorisations
/// overflow the 2 MiB stack of a Rust thread, and callers on several threads wait for each other.
pub(super) fn init() {
    static ONCE: Once = Once::new();
    // SAFETY: takes its argument by value and may be called at any time.
    ONCE.call_once(|| unsafe { openblas_set_num_threads(1) });
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
