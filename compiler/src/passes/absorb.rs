//! Lets a reduction compute what it reads, and store it for those that read it later: one walk over the data, not two.
//!
//! ```ir
//! program
//! $0: f64[50, 100] input a
//! $1: f64[50, 100] output
//! $2: f64[50] output
//! kernel $1 <- $0 [5000] {
//!   t0 = load $0[i0]
//!   t1 = exp t0
//!   store $1[i0], t1
//! }
//! kernel $2 <- $1 [50] {
//!   t0 = sum f64 i1 < 100 {
//!     t1 = load $1[100*i0 + i1]
//!     yield t1
//!   }
//!   store $2[i0], t0
//! }
//! return $1, $2
//! ```
//! becomes
//! ```ir
//! program
//! $0: f64[50, 100] input a
//! $1: f64[50, 100] output
//! $2: f64[50] output
//! kernel $1, $2 <- $0 [50] {
//!   t0 = sum f64 i1 < 100 {
//!     t1 = load $0[100*i0 + i1]
//!     t2 = exp t1
//!     store $1[100*i0 + i1], t2
//!     yield t2
//!   }
//!   store $2[i0], t0
//! }
//! return $1, $2
//! ```
//! Nobody else needs the values: then the producer has been fused already. Here they are computed once, in the reduction that
//! reads each of them once, along memory and in rows long enough for vectors.

use super::fuse::{BODY_LIMIT, Fuser, as_store, may_fail};
use crate::body::{indices_of, local_count, map_accesses, map_locals, store_to, substitute};
use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::ops::elementwise::Lowering;
use evanesce_ir::program::{Access, BufferKind, Kernel, Program, Stmt, Value, walk};
use evanesce_ir::types::Shape;
use evanesce_ir::verify::injective;

/// Elements of the shortest row: shorter ones would cut the producer's vectors and blocks of calls.
const ROW: usize = 32;
/// Calls of elementary functions in the largest producer: a block of a reduction has few arrays for their operands.
const CALLS: usize = 2;

/// Moves producers into the reductions that read them.
pub fn run(program: Program) -> Program {
    let mut fuser = Fuser::new(program);
    for at in 0..fuser.len() {
        while fuser.absorb(at) {}
    }
    fuser.finish()
}

impl Fuser {
    /// Moves one producer into a reduction of the kernel at a step, if there is one.
    fn absorb(&mut self, at: usize) -> bool {
        let Some(reader) = self.kernel(at) else { return false };
        if reader.scans() || self.writes_input(reader) {
            return false;
        }
        let mut loads: Vec<(BufferId, Access, Shape)> = Vec::new();
        reader.reads(|id, access, loops| loads.push((id, access.clone(), loops.into())));
        let found = loads.iter().find_map(|(id, load, loops)| {
            let once = loads.iter().filter(|(other, ..)| other == id).count() == 1;
            if !once || loops.len() == reader.dims.len() {
                return None;
            }
            let (from, producer) = self.absorbed(at, *id, load, loops)?;
            Some((from, *id, load, producer))
        });
        let Some((from, id, load, producer)) = found else { return false };
        self.move_into(from, at, (id, load), &producer);
        true
    }

    /// The step that writes `id`, and its body at the indices of a load in a reduction; `None` where it has to stay.
    fn absorbed(&self, at: usize, id: BufferId, load: &Access, loops: &Shape) -> Option<(usize, Vec<Stmt>)> {
        let &[from] = &self.writers[id.index()][..] else { return None };
        let (producer, reader) = (self.kernel(from)?, self.kernel(at)?);
        let kept = self.program.buffer(id).is_temp() || self.program.buffer(id).kind == BufferKind::Output;
        let rows = loops.last().is_some_and(|&row| row >= ROW) && load.strides.last().is_some_and(|s| s.abs() == 1);
        let plain = producer.copy.is_none() && !producer.scans() && !producer.stores_inside() && !may_fail(producer);
        let fits = self.sizes[from].0 + self.sizes[at].0 <= BODY_LIMIT && calls(producer) <= CALLS;
        if from >= at || !kept || !rows || !plain || !fits || !self.can_sink(from, at) {
            return None;
        }
        // Nothing that the producer touches is written by the reader.
        let mut apart = true;
        reader.writes(|written, _, _| producer.touches(|touch| apart &= touch.buffer != written));
        let whole = loops.iter().product::<usize>() == producer.len() && injective(&load.strides, loops);
        if !apart || !whole || reader.gathers(id) {
            return None;
        }
        let (store, _) = store_to(producer, id)?;
        let alone = producer.body.iter().filter(|stmt| as_store(stmt).is_some()).count() == 1;
        let indices = indices_of(store, &producer.dims, load, loops).filter(|_| alone)?;
        let mut body = producer.body.clone();
        let shift = self.sizes[at].1;
        map_locals(&mut body, &mut |local| LocalId::new(local.index() + shift));
        map_accesses(&mut body, &mut |access| substitute(access, &indices, loops.len()));
        Some((from, body))
    }

    /// Puts a producer's body in the place of the load, its store behind all that the reduction computes.
    fn move_into(&mut self, from: usize, at: usize, (id, load): (BufferId, &Access), producer: &[Stmt]) {
        let (first, mut reader) = (self.take(from), self.take(at));
        self.sizes[at] = (self.sizes[from].0 + self.sizes[at].0, self.sizes[at].1 + local_count(&first.body));
        let mut value = None;
        place(&mut reader.body, (id, load), producer, &mut value);
        let (local, value) = value.expect("the load is in the body");
        map_locals(&mut reader.body, &mut |l| if l == local { value } else { l });
        self.put(at, reader);
    }
}

/// The body with `producer` for the load; notes the local that the load defined and the one that it becomes.
fn place(
    body: &mut Vec<Stmt>,
    (id, load): (BufferId, &Access),
    producer: &[Stmt],
    value: &mut Option<(LocalId, LocalId)>,
) {
    let loaded = |stmt: &Stmt| match stmt {
        Stmt::Let { local, value: Value::Load { buffer, access }, .. } if *buffer == id && access == load => {
            Some(*local)
        }
        _ => None,
    };
    if let Some((place, local)) = body.iter().enumerate().find_map(|(i, stmt)| Some((i, loaded(stmt)?))) {
        let (stores, lets): (Vec<Stmt>, Vec<Stmt>) = producer.iter().cloned().partition(|s| as_store(s).is_some());
        *value = stores.iter().find_map(as_store).map(|(_, stored)| (local, stored));
        body.splice(place..=place, lets);
        body.extend(stores);
        return;
    }
    for stmt in body {
        if let Stmt::Reduce { body, .. } = stmt
            && value.is_none()
        {
            place(body, (id, load), producer, value);
        }
    }
}

fn calls(kernel: &Kernel) -> usize {
    let mut calls = 0;
    walk(&kernel.body, 0, &mut |stmt, _| {
        calls += usize::from(
            matches!(stmt, Stmt::Let { value: Value::Elementwise { op, .. }, .. } if op.lowering() == Lowering::Call),
        );
    });
    calls
}
