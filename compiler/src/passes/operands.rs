//! Gives calls their operands as they lie: a conjugate is a flag of the routine, as a transpose is, and the product of a
//! matrix and its own (conjugate) transpose is symmetric (Hermitian), so that half of it need be computed.
//!
//! ```ir
//! program
//! $0: c128[4, 3] input a
//! $1: c128[4, 3] temp
//! $2: c128[3, 3] output
//! kernel $1 <- $0 [12] {
//!   t0 = load $0[i0]
//!   t1 = real t0
//!   t2 = imag t0
//!   t3 = negative t2
//!   t4 = complex t1, t3
//!   store $1[i0], t4
//! }
//! call zgemm $2[3*r + c] 3x3 <- $1[r + 3*c] 3x4, $0[3*r + c] 4x3 op=matmul
//! return $2
//! ```
//! becomes
//! ```ir
//! program
//! $0: c128[4, 3] input a
//! $1: c128[3, 3] output
//! call zherk $1[3*r + c] 3x3 <- conj $0[r + 3*c] 3x4, $0[3*r + c] 4x3 op=matmul
//! return $1
//! ```
//! BLAS conjugates a matrix only where it transposes it, so of a product a conjugate that lies as the result does is computed.

use super::fuse::{drop_unused_buffers, unplace};
use crate::body::{indices_of, substitute};
use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::ops::{ElementwiseOp, Routine};
use evanesce_ir::program::{Access, Call, Kernel, Matrix, Program, Step, Stmt, Value};
use evanesce_ir::types::Shape;
use evanesce_ir::verify::product;

/// Reads through conjugates, and finds the symmetric products.
pub fn run(mut program: Program) -> Program {
    unplace(&mut program);
    let mut writers: Vec<Vec<usize>> = vec![Vec::new(); program.buffers.len()];
    for (at, step) in program.steps.iter().enumerate() {
        step.writes(|id| writers[id.index()].push(at));
    }
    let mut passed = Vec::new();
    for at in 0..program.steps.len() {
        let Step::Call(call) = &program.steps[at] else { continue };
        let mut call = symmetric(call.clone());
        for operand in 0..call.operands.len() {
            // A conjugate of a conjugate may be what it takes.
            let mut seen = call.operands[operand].clone();
            while let Some((made, matrix)) = through(&program, &writers, at, &call, operand, &seen) {
                passed.push(made);
                call = with_operand(&call, operand, &matrix).unwrap_or(call);
                seen = matrix;
            }
        }
        program.steps[at] = Step::Call(call);
    }
    drop_unread(&mut program, &passed);
    drop_unused_buffers(&mut program);
    program
}

/// The call with another operand, where the routine takes it so.
fn with_operand(call: &Call, operand: usize, matrix: &Matrix) -> Option<Call> {
    let mut call = call.clone();
    call.operands[operand] = matrix.clone();
    let call = symmetric(call);
    let taken = !matches!(call.routine, Routine::Matmul | Routine::Gram) || product(&call).is_ok();
    taken.then_some(call)
}

/// A A* = (A A*)*. Of a row it is a number, and of a column there is nothing to save.
fn symmetric(call: Call) -> Call {
    let [a, b] = &call.operands[..] else { return call };
    if call.routine != Routine::Matmul || a.rows < 2 || a.cols < 2 || !a.is_adjoint(b, call.dtype.is_complex()) {
        return call;
    }
    let half = Call { routine: Routine::Gram, ..call.clone() };
    let takes = |call: &Call| product(call).is_ok();
    // (A A*)' = (A*)' A', which lies by rows where the product is wanted by columns.
    [half.clone(), transposed(half)].into_iter().find(takes).unwrap_or(call)
}

/// C' = B' A'.
fn transposed(mut call: Call) -> Call {
    call.operands.reverse();
    for m in call.results.iter_mut().chain(&mut call.operands) {
        let core = m.access.strides.len() - 2;
        m.access.strides.swap(core, core + 1);
        std::mem::swap(&mut m.rows, &mut m.cols);
    }
    call
}

/// Where what an operand could be is the conjugate of what is still there: the step that makes it, and what to read instead.
fn through(
    program: &Program,
    writers: &[Vec<usize>],
    at: usize,
    call: &Call,
    operand: usize,
    m: &Matrix,
) -> Option<(usize, Matrix)> {
    let [made] = writers[m.buffer.index()][..] else { return None };
    let Step::Kernel(kernel) = program.steps.get(made)? else { return None };
    if made >= at || !call.routine.conjugates(operand) || !program.buffer(m.buffer).is_temp() {
        return None;
    }
    let conjugate = Conjugate::of(kernel)?;
    if writers[conjugate.from.index()].iter().any(|writer| (made..=at).contains(writer)) {
        return None;
    }
    let dims: Vec<usize> = call.stack.iter().copied().chain([m.rows, m.cols]).collect();
    let indices = indices_of(&conjugate.store, &conjugate.dims, &m.access, &dims)?;
    let mut access = conjugate.load;
    substitute(&mut access, &indices, dims.len());
    Some((made, Matrix { buffer: conjugate.from, access, conj: !m.conj, ..*m }))
}

/// A kernel that makes nothing but the conjugates of elements.
struct Conjugate {
    dims: Shape,
    from: BufferId,
    load: Access,
    store: Access,
}

impl Conjugate {
    /// `complex (real z), (negative (imag z))` of a loaded `z`.
    fn of(kernel: &Kernel) -> Option<Conjugate> {
        let value = |local: LocalId| {
            kernel.body.iter().find_map(|stmt| match stmt {
                Stmt::Let { local: defined, value, .. } if *defined == local => Some(value),
                _ => None,
            })
        };
        let args = |local: LocalId, wanted: ElementwiseOp| match value(local)? {
            Value::Elementwise { op, args } if *op == wanted => Some(&args[..]),
            _ => None,
        };
        let (last, definitions) = kernel.body.split_last()?;
        let Stmt::Store { access: store, value: stored, .. } = last else { return None };
        let total = |stmt: &Stmt| match stmt {
            Stmt::Let { value: Value::Elementwise { op, .. }, .. } => {
                use ElementwiseOp::{Complex, Imag, Negative, Real};
                matches!(op, Complex | Imag | Negative | Real)
            }
            stmt => matches!(stmt, Stmt::Let { value: Value::Load { .. }, .. }),
        };
        if !definitions.iter().all(total) {
            return None;
        }
        let [re, im] = args(*stored, ElementwiseOp::Complex)? else { return None };
        let (re, im) = (args(*re, ElementwiseOp::Real)?, args(*im, ElementwiseOp::Negative)?);
        let (re, im) = (value(re[0])?, value(args(im[0], ElementwiseOp::Imag)?[0])?);
        match re {
            Value::Load { buffer, access } if re == im => {
                Some(Conjugate { dims: kernel.dims.clone(), from: *buffer, load: access.clone(), store: store.clone() })
            }
            _ => None,
        }
    }
}

/// Removes those of the steps that make what nobody reads any more.
fn drop_unread(program: &mut Program, made: &[usize]) {
    let mut read = vec![false; program.buffers.len()];
    program.steps.iter().for_each(|step| step.reads(|id| read[id.index()] = true));
    let mut at = 0;
    program.steps.retain(|step| {
        let mut unread = made.contains(&at);
        step.writes(|id| unread &= !read[id.index()]);
        at += 1;
        !unread
    });
}
