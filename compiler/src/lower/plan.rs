//! Where each statement is executed: under the innermost loop whose index it depends on.
//!
//! A load that every iteration of a loop repeats, and what is computed of such loads alone, moves out of the loop. What may
//! fail stays where it is, so that the first failure is the interpreter's.

use evanesce_ir::error::Loc;
use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::ops::{ElementwiseOp, ReduceOp};
use evanesce_ir::program::{Access, Kernel, Program, Stmt, Value};
use evanesce_ir::types::DType;

/// The loops, by depth, whose indices something depends on. Loops beyond the last bit share it.
pub(super) type Deps = u128;

/// The bit of a loop.
pub(super) fn bit(depth: usize) -> Deps {
    1 << depth.min(127)
}

/// A statement at its place.
pub(super) enum Item<'k> {
    Let { local: LocalId, value: &'k Value, loc: Option<Loc> },
    Reduce(Reduction<'k>),
    Store { buffer: BufferId, access: &'k Access, value: LocalId },
}

impl Item<'_> {
    /// The local it defines.
    pub(super) fn local(&self) -> Option<LocalId> {
        match self {
            Item::Let { local, .. } | Item::Reduce(Reduction { local, .. }) => Some(*local),
            Item::Store { .. } => None,
        }
    }
}

/// A nested reduction.
pub(super) struct Reduction<'k> {
    pub(super) local: LocalId,
    pub(super) op: ReduceOp,
    pub(super) extent: usize,
    pub(super) dtype: DType,
    pub(super) value: LocalId,
    /// The depth of its own loop.
    pub(super) depth: usize,
    /// What its loop repeats.
    pub(super) items: Vec<Item<'k>>,
}

/// A kernel's statements, placed.
pub(super) struct Plan<'k> {
    /// Inside of the first 0, 1, ... parallel loops.
    pub(super) levels: Vec<Vec<Item<'k>>>,
    /// Of every local.
    pub(super) deps: Vec<Deps>,
}

impl<'k> Plan<'k> {
    pub(super) fn new(program: &Program, kernel: &'k Kernel, types: &[DType]) -> Self {
        let depth = kernel.dims.len();
        let levels = (0..=depth).map(|_| Vec::new()).collect();
        let mut planner =
            Planner { program, types, levels, deps: vec![0; types.len()], fixed: vec![false; types.len()] };
        planner.body(&kernel.body, depth);
        Plan { levels: planner.levels, deps: planner.deps }
    }
}

/// Number of statements, nested ones included.
pub(super) fn size(items: &[Item<'_>]) -> usize {
    items.iter().map(|item| if let Item::Reduce(reduction) = item { 1 + size(&reduction.items) } else { 1 }).sum()
}

/// Whether a statement is a reduction.
pub(super) fn is_reduction(item: &Item<'_>) -> bool {
    matches!(item, Item::Reduce(_))
}

struct Planner<'p, 'k> {
    program: &'p Program,
    types: &'p [DType],
    /// One list for each loop in scope and one for none.
    levels: Vec<Vec<Item<'k>>>,
    deps: Vec<Deps>,
    /// The locals that stay in the loop where they are defined.
    fixed: Vec<bool>,
}

impl<'k> Planner<'_, 'k> {
    // Reductions nest as deep as an array has axes: recursion is bounded.
    fn body(&mut self, body: &'k [Stmt], depth: usize) {
        for stmt in body {
            match stmt {
                Stmt::Let { local, value, loc } => {
                    let mut deps = value.args().iter().fold(0, |deps, arg| deps | self.deps[arg.index()]);
                    if let Some((_, access)) = value.read() {
                        deps |= access_deps(access);
                    }
                    // A scan goes on in every iteration, whatever its operand depends on.
                    let fixed = self.may_fail(value) || matches!(value, Value::Scan { .. });
                    self.place(Item::Let { local: *local, value, loc: *loc }, *local, deps, fixed, depth);
                }
                Stmt::Reduce { local, op, extent, dtype, body, value } => {
                    self.levels.push(Vec::new());
                    // What reduces nothing is not executed, and its loads may be outside of their buffers.
                    if *extent > 0 {
                        self.body(body, depth + 1);
                    }
                    let items = self.levels.pop().expect("pushed above");
                    let (mut deps, mut fixed) = (0, false);
                    for item in &items {
                        let (item_deps, item_fixed) = match item {
                            Item::Let { local, .. } | Item::Reduce(Reduction { local, .. }) => {
                                (self.deps[local.index()], self.fixed[local.index()])
                            }
                            Item::Store { access, value, .. } => {
                                (access_deps(access) | self.deps[value.index()], false)
                            }
                        };
                        deps |= item_deps;
                        fixed |= item_fixed;
                    }
                    // The element itself may have been hoisted.
                    if *extent > 0 {
                        deps |= self.deps[value.index()];
                    }
                    if depth < 127 {
                        deps &= !bit(depth);
                    }
                    let (op, extent, dtype) = (*op, *extent, *dtype);
                    let reduction = Reduction { local: *local, op, extent, dtype, value: *value, depth, items };
                    self.place(Item::Reduce(reduction), *local, deps, fixed, depth);
                }
                Stmt::Store { buffer, access, value } => {
                    self.levels[depth].push(Item::Store { buffer: *buffer, access, value: *value });
                }
            }
        }
    }

    fn place(&mut self, item: Item<'k>, local: LocalId, mut deps: Deps, fixed: bool, depth: usize) {
        if fixed && depth > 0 {
            deps |= bit(depth - 1);
        }
        let innermost = match (Deps::BITS - deps.leading_zeros()) as usize {
            128 => depth,
            innermost => innermost,
        };
        self.deps[local.index()] = deps;
        self.fixed[local.index()] = fixed;
        self.levels[innermost.min(depth)].push(item);
    }

    fn may_fail(&self, value: &Value) -> bool {
        match value {
            Value::Gather { .. } => true,
            Value::Elementwise { op: ElementwiseOp::Power, .. } => {
                value.dtype(&self.program.buffers, |local| self.types[local.index()]).is_signed()
            }
            _ => false,
        }
    }
}

/// The loops that move an access.
pub(super) fn access_deps(access: &Access) -> Deps {
    access.strides.iter().enumerate().filter(|(_, stride)| **stride != 0).fold(0, |deps, (depth, _)| deps | bit(depth))
}
