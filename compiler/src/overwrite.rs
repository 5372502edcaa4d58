//! Whether a buffer may be written over another: no step reads an element that another value has taken.

use evanesce_ir::ids::BufferId;
use evanesce_ir::program::{Access, Buffer, Kernel, Program, Step, Stmt, Touch, Value, walk};
use evanesce_ir::types::Shape;

/// Steps that are compared at most for one buffer.
const STEPS: usize = 64;

/// How a buffer may be written over another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// The other is dead before, or each element is read by the iteration that writes it.
    Plainly,
    /// Some elements are read where others are written: what tells them apart is the shape of both.
    ByShape,
}

/// Whether `id`, which the steps `writers` write, may have the memory of `host`, which is read up to the step `last` and
/// written before those steps.
///
/// A read of the host is safe when every step before it that writes `id` wrote elsewhere or what was there, and when the step
/// itself writes the element only in the iteration that reads it, or none of its elements.
pub(crate) fn may_overwrite(
    program: &Program,
    writers: &[usize],
    (id, host): (BufferId, BufferId),
    last: usize,
) -> Option<Over> {
    let &first = writers.first()?;
    if last < first {
        return Some(Over::Plainly);
    }
    if last == first && in_place(program, &program.steps[first], (host, id), false) {
        return Some(Over::Plainly);
    }
    if last - first > STEPS || program.buffer(id).ty != program.buffer(host).ty {
        return None;
    }
    let reads = |step: &Step| {
        let mut found = false;
        step.reads(|read| found |= read == host);
        found
    };
    let safe = (first..=last).filter(|&at| reads(&program.steps[at])).all(|at| {
        writers.iter().take_while(|&&writer| writer <= at).all(|&writer| {
            let step = &program.steps[at];
            if writer == at {
                return in_place(program, step, (host, id), true);
            }
            match (&program.steps[writer], step) {
                (Step::Kernel(writer), Step::Kernel(reader)) => {
                    keeps(writer, host, id) || apart(program.buffer(host), (writer, id), (reader, host))
                }
                (Step::Kernel(writer), Step::Call(_) | Step::Custom(_) | Step::Scatter(_)) => keeps(writer, host, id),
                (Step::Call(_) | Step::Custom(_) | Step::Scatter(_), _) => false,
            }
        })
    });
    safe.then_some(Over::ByShape)
}

/// Whether a kernel writes to `id` only what it reads at the same element of `host`.
pub(crate) fn keeps(kernel: &Kernel, host: BufferId, id: BufferId) -> bool {
    let loaded = |local, store: &Access| {
        kernel.body.iter().any(|stmt| {
            matches!(stmt, Stmt::Let { local: defined, value: Value::Load { buffer, access }, .. }
                if *defined == local && *buffer == host && access == store)
        })
    };
    let mut keeps = true;
    walk(&kernel.body, 0, &mut |stmt, depth| {
        if let Stmt::Store { buffer, access, value } = stmt
            && *buffer == id
        {
            keeps &= depth == 0 && loaded(*value, access);
        }
    });
    keeps
}

/// The elements of a buffer that a kernel reads or writes: accesses and their loops. None of a gather, which may be of any.
fn touched(kernel: &Kernel, id: BufferId, writes: bool) -> Option<Vec<(&Access, Shape)>> {
    let mut found = Vec::new();
    kernel.touches(|touch| {
        if touch.buffer == id && touch.writes == writes {
            found.push((touch.access, Shape::from(touch.dims)));
        }
    });
    (writes || !kernel.gathers(id)).then_some(found)
}

/// Whether all that one kernel writes of a buffer is elsewhere than what another reads of its host.
fn apart(host: &Buffer, (writer, id): (&Kernel, BufferId), (reader, from): (&Kernel, BufferId)) -> bool {
    let (Some(stores), Some(loads)) = (touched(writer, id, true), touched(reader, from, false)) else { return false };
    let free = |(store, dims): &(&Access, Shape)| {
        loads.iter().all(|(load, loops)| host.disjoint((store, dims), (load, loops)))
    };
    stores.iter().all(free)
}

/// Whether a step may write `id` over `host`: each element is read only by the iteration that writes it, or, by the shape, not
/// written.
fn in_place(program: &Program, step: &Step, (host, id): (BufferId, BufferId), by_shape: bool) -> bool {
    match step {
        Step::Kernel(kernel) => {
            let buffer = program.buffer(host);
            // In the order of the statements.
            let mut stores: Vec<(&Access, Shape)> = Vec::new();
            let mut loads: Vec<(&Access, Shape)> = Vec::new();
            let mut agrees = touched(kernel, host, false).is_some();
            kernel.touches(|Touch { buffer: touched, access, dims, writes }| {
                if writes && touched == id {
                    let free = |(load, loops): &(&Access, Shape)| {
                        (*load == access && loops[..] == *dims)
                            || (by_shape && buffer.disjoint((load, loops), (access, dims)))
                    };
                    agrees &= loads.iter().all(free);
                    stores.push((access, dims.into()));
                } else if !writes && touched == host {
                    // What follows a store in a kernel does not read what it writes over.
                    agrees &= stores.is_empty();
                    loads.push((access, dims.into()));
                }
            });
            agrees
        }
        // Its views of operands and results are Rust's references.
        Step::Custom(_) => false,
        // It reads an index or a value where another may have been put.
        Step::Scatter(_) => false,
        Step::Call(call) => {
            let Some(over) = call.routine.overwrites() else { return false };
            call.results.iter().filter(|m| m.buffer == id).all(|result| {
                let mut operands = call.operands.iter().enumerate().filter(|(_, m)| m.buffer == host);
                operands.all(|(i, m)| i == over && m.access == result.access)
            })
        }
    }
}
