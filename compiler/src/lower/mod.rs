//! Kernels become Cranelift functions.
//!
//! A kernel's function takes the buffers' addresses, a range of the outermost loop and a place for a fault. [`plan`] puts
//! every statement under the innermost loop whose index it depends on; [`kernel`] emits the loops with the means of
//! [`emit`], [`reduce`] the nested reductions in their defined order, [`scalar`] each op, [`width`] what a scalar is: one
//! element, or a 128-bit vector of the elements of neighbouring iterations. A body is emitted by the same code at any
//! width, so vectors and tails compute the same bits. [`split`](self::split) has made two real values of each complex one
//! before. [`call`] is how compiled code reaches the evaluators of the op
//! table, [`tile`] how it calls them for many elements at once.

mod call;
mod emit;
mod kernel;
mod plan;
mod reduce;
mod scalar;
mod split;
mod tile;
mod width;

use cranelift_codegen::ir::{AbiParam, Signature, types};
use cranelift_codegen::isa::{CallConv, TargetFrontendConfig, TargetIsa};
use evanesce_ir::error::Loc;

pub(crate) use kernel::lower;
pub(crate) use split::split;

/// An operation that may fail at run time.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    /// The op's name in text.
    pub(crate) op: &'static str,
    /// Of a gather: the number of elements it chooses from. Otherwise a negative power.
    pub(crate) size: Option<usize>,
    /// Where the op was written.
    pub(crate) loc: Option<Loc>,
}

/// What the host's calls and instructions are like.
#[derive(Clone, Copy)]
pub(crate) struct Host {
    conv: CallConv,
    frontend: TargetFrontendConfig,
    /// Vectors, with every instruction that [`scalar`] uses on them.
    vectors: bool,
    /// Rounding a float to an integral value is an instruction.
    rounding: bool,
}

impl Host {
    pub(crate) fn new(isa: &dyn TargetIsa) -> Self {
        let has = |name| isa.isa_flags().iter().any(|flag| flag.name == name && flag.as_bool() == Some(true));
        // Comparing lanes of i64 came with SSE4.2, roundings with SSE4.1; elsewhere Cranelift calls the C library, or has
        // no lowering at all.
        let (vectors, rounding) = match () {
            () if cfg!(target_arch = "x86_64") => (has("has_ssse3") && has("has_sse42"), has("has_sse41")),
            () => (cfg!(target_arch = "aarch64"), cfg!(target_arch = "aarch64")),
        };
        Self { conv: isa.default_call_conv(), frontend: isa.frontend_config(), vectors, rounding }
    }

    /// The signature of every kernel: `jit::KernelFn`.
    pub(crate) fn signature(self) -> Signature {
        let mut signature = Signature::new(self.conv);
        signature.params.extend([types::I64; 4].map(AbiParam::new));
        signature.returns.push(AbiParam::new(types::I32));
        signature
    }
}
