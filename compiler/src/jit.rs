//! Machine code: the kernels of a program compiled by Cranelift, and the memory they live in.
//!
//! Compiled code trusts its caller: that buffers are as the program says, and that nothing else writes them meanwhile. What
//! the verifier accepts does not leave its buffers, trap or unwind; what can fail at run time says so through [`Fault`].

#![allow(unsafe_code, reason = "compiled code is reached through a pointer, and its memory is freed by hand")]

use crate::lower::{self, Host, Site};
use cranelift_codegen::Context;
use cranelift_codegen::ir::{Function, UserFuncName};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::FunctionBuilderContext;
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{FuncId, Module, default_libcall_names};
use evanesce_ir::error::{Bug, RunError, RunErrorKind};
use evanesce_ir::program::{Kernel, Program, Step};
use std::fmt::{Display, Write};
use std::slice::{from_raw_parts, from_raw_parts_mut};
use std::sync::{Mutex, OnceLock};

/// Where and with what a kernel failed; written by compiled code.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Fault {
    /// Which of the code's operations; see [`Code::error`].
    pub site: u32,
    /// The index or exponent that was refused.
    pub index: i64,
}

/// A compiled kernel.
///
/// `buffers[i]` is the address of the first logical element of the program's buffer `i`. Iterations `start..end` of the
/// outermost loop are executed (of a kernel without loops: `0..1`). The result is 0, or 1 when `fault` was written.
///
/// # Safety
/// The [`Code`] it is from is alive. Every buffer that the kernel touches has the extent and strides that the program
/// says, its elements aligned or not, a `bool` being 0 or 1; what it reads is initialised, and what it writes nobody else
/// reads or writes meanwhile. Ranges of one kernel that do not meet may run at the same time.
pub type KernelFn = unsafe extern "C" fn(buffers: *const *mut u8, start: usize, end: usize, fault: *mut Fault) -> u32;

/// What compiled code calls to evaluate an op of one operand for many elements.
///
/// # Safety
/// `x` and `out` are arrays of `n` elements that do not meet, `x` initialised.
#[allow(improper_ctypes_definitions, reason = "the function pointer is only passed on")]
pub(crate) unsafe extern "C" fn unary_block<T: Copy, R>(f: fn(T) -> R, x: *const T, out: *mut R, n: usize) {
    for i in 0..n {
        // SAFETY: the caller's promise.
        unsafe { out.add(i).write(f(x.add(i).read())) };
    }
}

/// What compiled code calls to evaluate an op of two operands for many elements.
///
/// # Safety
/// As of [`unary_block`], for `y` too.
#[allow(improper_ctypes_definitions, reason = "the function pointer is only passed on")]
pub(crate) unsafe extern "C" fn binary_block<T: Copy, R>(
    f: fn(T, T) -> R,
    x: *const T,
    y: *const T,
    out: *mut R,
    n: usize,
) {
    for i in 0..n {
        // SAFETY: the caller's promise.
        unsafe { out.add(i).write(f(x.add(i).read(), y.add(i).read())) };
    }
}

/// What compiled code calls to give many elements to a block evaluator of one operand.
///
/// # Safety
/// As of [`unary_block`]; every value of `T`'s size is one of `T`.
#[allow(improper_ctypes_definitions, reason = "the function pointer is only passed on")]
pub(crate) unsafe extern "C" fn unary_slices<T>(f: fn(&[T], &mut [T]), x: *const T, out: *mut T, n: usize) {
    // SAFETY: the caller's promise. The results' array is compiled code's memory: it holds some value.
    let (x, out) = unsafe { (from_raw_parts(x, n), from_raw_parts_mut(out, n)) };
    f(x, out);
}

/// What compiled code calls to give many elements to a block evaluator of two operands.
///
/// # Safety
/// As of [`unary_slices`], for `y` too.
#[allow(improper_ctypes_definitions, reason = "the function pointer is only passed on")]
pub(crate) unsafe extern "C" fn binary_slices<T>(
    f: fn(&[T], &[T], &mut [T]),
    x: *const T,
    y: *const T,
    out: *mut T,
    n: usize,
) {
    // SAFETY: the caller's promise. The results' array is compiled code's memory: it holds some value.
    let (x, y, out) = unsafe { (from_raw_parts(x, n), from_raw_parts(y, n), from_raw_parts_mut(out, n)) };
    f(x, y, out);
}

/// The compiled kernels of a program. Their memory is freed when this is dropped.
pub struct Code {
    kernels: Vec<Option<KernelFn>>,
    sites: Vec<Site>,
    /// The owner of the memory; locked only to be dropped.
    module: Mutex<Option<JITModule>>,
}

impl Code {
    /// The kernel of a step; `None` for a call.
    pub fn kernel(&self, step: usize) -> Option<KernelFn> {
        self.kernels.get(step).copied().flatten()
    }

    /// The error that a fault of one of these kernels means.
    ///
    /// # Panics
    /// When `fault` was not written by one of these kernels.
    pub fn error(&self, fault: &Fault) -> RunError {
        let site = &self.sites[fault.site as usize];
        let kind = match site.size {
            Some(size) => RunErrorKind::Index { index: fault.index, size },
            None => RunErrorKind::NegativePower,
        };
        RunError::new(site.op, kind, site.loc)
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "code of {} kernels", self.kernels.iter().flatten().count())
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        let module = self.module.get_mut().map(Option::take).unwrap_or_else(|poison| poison.into_inner().take());
        if let Some(module) = module {
            // SAFETY: whoever calls a kernel must keep its `Code` alive, so no code of the module runs or will run.
            unsafe { module.free_memory() };
        }
    }
}

fn bug(error: impl Display) -> Bug {
    Bug { stage: String::from("lower"), message: error.to_string() }
}

/// The host's instruction set, looked up once.
fn isa() -> Result<OwnedTargetIsa, Bug> {
    static ISA: OnceLock<Result<OwnedTargetIsa, String>> = OnceLock::new();
    let make = || {
        let mut flags = settings::builder();
        let verifier = if cfg!(debug_assertions) { "true" } else { "false" };
        for (name, value) in [
            ("opt_level", "speed"),
            ("is_pic", "false"),
            ("use_colocated_libcalls", "false"),
            ("enable_verifier", verifier),
            // A frame larger than a page must not step over the guard page.
            ("enable_probestack", "true"),
            ("probestack_strategy", "inline"),
        ] {
            flags.set(name, value).map_err(|e| e.to_string())?;
        }
        let host = cranelift_native::builder().map_err(str::to_string)?;
        host.finish(settings::Flags::new(flags)).map_err(|e| e.to_string())
    };
    ISA.get_or_init(make).clone().map_err(bug)
}

/// Lowers every kernel and hands it on, with its step and what may fail in any.
fn each_kernel(
    program: &Program,
    isa: &OwnedTargetIsa,
    mut f: impl FnMut(usize, &mut Context) -> Result<(), Bug>,
) -> Result<Vec<Site>, Bug> {
    let host = Host::new(&**isa);
    let (mut builder, mut context, mut sites) = (FunctionBuilderContext::new(), Context::new(), Vec::new());
    let program = &*lower::split(program);
    for (at, kernel) in kernels(program) {
        context.clear();
        context.func = Function::with_name_signature(UserFuncName::user(0, at as u32), host.signature());
        lower::lower(&mut context.func, &mut builder, host, program, kernel, &mut sites);
        f(at, &mut context)?;
    }
    Ok(sites)
}

fn kernels(program: &Program) -> impl Iterator<Item = (usize, &Kernel)> {
    program.steps.iter().enumerate().filter_map(|(at, step)| match step {
        Step::Kernel(kernel) => Some((at, kernel)),
        Step::Call(_) | Step::Custom(_) | Step::Scatter(_) => None,
    })
}

/// Compiles the kernels of a verified program.
///
/// # Errors
/// A kernel that Cranelift refuses is a [`Bug`].
pub fn compile(program: &Program) -> Result<Code, Bug> {
    let isa = isa()?;
    let mut module = JITModule::new(JITBuilder::with_isa(isa.clone(), default_libcall_names()));
    let mut functions: Vec<Option<FuncId>> = vec![None; program.steps.len()];
    let sites = each_kernel(program, &isa, |at, context| {
        let id = module.declare_anonymous_function(&context.func.signature).map_err(bug)?;
        module.define_function(id, context).map_err(|e| bug(format!("{e:?}")))?;
        functions[at] = Some(id);
        Ok(())
    })?;
    module.finalize_definitions().map_err(bug)?;
    let kernel = |id| {
        let code = module.get_finalized_function(id);
        // SAFETY: the function was lowered with the signature of `KernelFn` in the host's C calling convention.
        unsafe { std::mem::transmute::<*const u8, KernelFn>(code) }
    };
    let kernels = functions.into_iter().map(|id| id.map(kernel)).collect();
    Ok(Code { kernels, sites, module: Mutex::new(Some(module)) })
}

/// The Cranelift text of every kernel.
///
/// # Errors
/// As [`compile`].
pub fn clif(program: &Program) -> Result<String, Bug> {
    let mut text = String::new();
    each_kernel(program, &isa()?, |at, context| {
        writeln!(text, "; step {at}\n{}", context.func.display()).map_err(bug)
    })?;
    Ok(text)
}

/// The machine code of every kernel, disassembled.
///
/// # Errors
/// As [`compile`].
pub fn asm(program: &Program) -> Result<String, Bug> {
    let isa = isa()?;
    let mut text = String::new();
    each_kernel(program, &isa, |at, context| {
        context.set_disasm(true);
        let code = context.compile(&*isa, &mut Default::default()).map_err(|e| bug(e.inner))?;
        let listing = code.vcode.as_deref().unwrap_or_default();
        writeln!(text, "; step {at}\n{listing}").map_err(bug)
    })?;
    Ok(text)
}
