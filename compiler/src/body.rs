//! Editing kernels: renaming locals, substituting indices, collapsing loops, and tidying (value numbering, dead code,
//! stores last, locals in order).

use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::program::{Access, Buffer, Kernel, Stmt, Value, walk};
use evanesce_ir::types::{Shape, Strides};
use std::collections::HashMap;

/// One past the largest local.
pub fn local_count(body: &[Stmt]) -> usize {
    let mut count = 0;
    walk(body, 0, &mut |stmt, _| count = count.max(stmt.local().map_or(0, |l| l.index() + 1)));
    count
}

/// Number of statements, nested ones included.
pub fn size(body: &[Stmt]) -> usize {
    let mut size = 0;
    walk(body, 0, &mut |_, _| size += 1);
    size
}

/// Renames the locals a value uses.
pub fn map_args(value: &mut Value, map: &mut impl FnMut(LocalId) -> LocalId) {
    match value {
        Value::Constant(_) | Value::Load { .. } => {}
        Value::Gather { indices, .. } => indices.iter_mut().for_each(|index| *index = map(*index)),
        Value::Elementwise { args, .. } => args.iter_mut().for_each(|arg| *arg = map(*arg)),
        Value::Cast { arg, .. } | Value::Scan { arg, .. } => *arg = map(*arg),
    }
}

/// Renames every local, defined or used.
pub fn map_locals(body: &mut [Stmt], map: &mut impl FnMut(LocalId) -> LocalId) {
    for stmt in body {
        match stmt {
            Stmt::Let { local, value, .. } => {
                map_args(value, map);
                *local = map(*local);
            }
            Stmt::Reduce { local, body, value, .. } => {
                map_locals(body, map);
                *value = map(*value);
                *local = map(*local);
            }
            Stmt::Store { value, .. } => *value = map(*value),
        }
    }
}

/// Changes every access.
pub fn map_accesses(body: &mut [Stmt], map: &mut impl FnMut(&mut Access)) {
    for stmt in body {
        match stmt {
            Stmt::Let { value: Value::Load { access, .. } | Value::Gather { access, .. }, .. }
            | Stmt::Store { access, .. } => map(access),
            Stmt::Let { .. } => {}
            Stmt::Reduce { body, .. } => map_accesses(body, map),
        }
    }
}

/// An index of a kernel as an affine function of other indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affine {
    /// At zero.
    pub offset: isize,
    /// Coefficients of the other indices.
    pub strides: Strides,
}

/// Replaces the first `indices.len()` indices of an access by affine functions of `depth` others; the indices of nested
/// reductions follow those.
pub fn substitute(access: &mut Access, indices: &[Affine], depth: usize) {
    let mut strides = Strides::from_elem(0, depth);
    let mut offset = access.offset;
    for (coefficient, index) in access.strides.iter().zip(indices) {
        offset += coefficient * index.offset;
        strides.iter_mut().zip(&index.strides).for_each(|(s, i)| *s += coefficient * i);
    }
    strides.extend_from_slice(&access.strides[indices.len()..]);
    *access = Access { offset, strides };
}

/// The indices at which `store` over `dims` writes what `load` over `loops` reads: `store(indices(i)) = load(i)`.
///
/// The offset and each coefficient are written in the mixed radix of the store's strides; `None` when a digit would leave
/// its loop's range.
pub fn indices_of(store: &Access, dims: &[usize], load: &Access, loops: &[usize]) -> Option<Vec<Affine>> {
    let mut order: Vec<usize> = (0..dims.len()).filter(|&d| dims[d] > 1).collect();
    order.sort_unstable_by_key(|&d| std::cmp::Reverse(store.strides[d].unsigned_abs()));
    let zero = Affine { offset: 0, strides: Strides::from_elem(0, loops.len()) };
    let mut indices = vec![zero; dims.len()];
    let mut digits = |mut rest: isize, set: &mut dyn FnMut(&mut Affine, isize)| {
        for &d in &order {
            let stride = store.strides[d];
            if stride != 0 {
                set(&mut indices[d], rest / stride);
                rest %= stride;
            }
        }
        rest == 0
    };
    if !digits(load.offset - store.offset, &mut |index, digit| index.offset = digit) {
        return None;
    }
    for (i, &coefficient) in load.strides.iter().enumerate() {
        // A loop of one iteration moves nothing.
        if loops[i] > 1 && !digits(coefficient, &mut |index, digit| index.strides[i] = digit) {
            return None;
        }
    }
    let inside = |(index, &n): (&Affine, &usize)| {
        let access = Access { offset: index.offset, strides: index.strides.clone() };
        let (low, high) = access.range(loops);
        0 <= low && high < n as isize
    };
    indices.iter().zip(dims).all(inside).then_some(indices)
}

/// Merges adjacent loops that every access walks as one, and drops loops of one iteration; the loop of a scan stays.
pub fn collapse(kernel: &mut Kernel) {
    let scanned = kernel.dims.len().checked_sub(1).filter(|_| kernel.scans());
    let mut strides: Vec<Strides> = Vec::new();
    map_accesses(&mut kernel.body, &mut |access| strides.push(access.strides[..kernel.dims.len()].into()));
    // Groups of adjacent loops, outermost first.
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for d in (0..kernel.dims.len()).filter(|&d| kernel.dims[d] != 1 || scanned == Some(d)) {
        let joins =
            |outer: usize| scanned != Some(d) && strides.iter().all(|s| s[outer] == s[d] * kernel.dims[d] as isize);
        match groups.last_mut() {
            Some(group) if joins(*group.last().expect("not empty")) => group.push(d),
            _ => groups.push(vec![d]),
        }
    }
    if groups.len() == kernel.dims.len() {
        return;
    }
    let depth = kernel.dims.len();
    map_accesses(&mut kernel.body, &mut |access| {
        let mut strides: Strides = groups.iter().map(|g| access.strides[*g.last().expect("not empty")]).collect();
        strides.extend_from_slice(&access.strides[depth..]);
        access.strides = strides;
    });
    kernel.dims = groups.iter().map(|g| g.iter().map(|&d| kernel.dims[d]).product()).collect::<Shape>();
}

/// Removes values computed twice and values nobody uses, moves stores to the end, and numbers locals in order.
pub fn tidy(kernel: &mut Kernel, buffers: &[Buffer]) {
    let count = local_count(&kernel.body);
    let mut same: Vec<LocalId> = (0..count).map(LocalId::new).collect();
    number_values(&mut kernel.body, &mut same, &mut HashMap::new());
    let mut used = vec![false; count];
    remove_unused(&mut kernel.body, &mut used);
    kernel.body.sort_by_key(|stmt| matches!(stmt, Stmt::Store { .. }));
    let mut names = vec![LocalId::new(0); count];
    let mut next = 0;
    rename(&mut kernel.body, &mut names, &mut next);
    let moves = matches!(&kernel.body[..], [
        Stmt::Let { local, value: Value::Load { .. }, .. },
        Stmt::Store { value, .. },
    ] if local == value);
    if !moves {
        kernel.copy = None;
    }
    debug_assert!(kernel.local_types(buffers).len() == next);
}

/// Equal values in scope are one; a body sees what is around it, not the other way round.
fn number_values(body: &mut Vec<Stmt>, same: &mut [LocalId], seen: &mut HashMap<Value, LocalId>) {
    let mut mine: Vec<Value> = Vec::new();
    body.retain_mut(|stmt| match stmt {
        Stmt::Let { local, value, .. } => {
            map_args(value, &mut |l| same[l.index()]);
            if let Some(&first) = seen.get(value) {
                same[local.index()] = first;
                return false;
            }
            seen.insert(value.clone(), *local);
            mine.push(value.clone());
            true
        }
        Stmt::Reduce { body, value, .. } => {
            number_values(body, same, seen);
            *value = same[value.index()];
            true
        }
        Stmt::Store { value, .. } => {
            *value = same[value.index()];
            true
        }
    });
    for value in &mine {
        seen.remove(value);
    }
}

fn remove_unused(body: &mut Vec<Stmt>, used: &mut [bool]) {
    let mut keep: Vec<bool> = Vec::with_capacity(body.len());
    for stmt in body.iter_mut().rev() {
        let live = match stmt {
            Stmt::Store { .. } => true,
            // What may fail must still fail.
            Stmt::Let { local, value, .. } => {
                used[local.index()] || matches!(value, Value::Gather { .. }) || fails(value)
            }
            Stmt::Reduce { local, body, .. } => used[local.index()] || stores(body),
        };
        keep.push(live);
        if !live {
            continue;
        }
        match stmt {
            Stmt::Let { value, .. } => value.args().iter().for_each(|arg| used[arg.index()] = true),
            Stmt::Reduce { body, value, .. } => {
                used[value.index()] = true;
                remove_unused(body, used);
            }
            Stmt::Store { value, .. } => used[value.index()] = true,
        }
    }
    let mut keep = keep.into_iter().rev();
    body.retain(|_| keep.next().expect("a decision for every statement"));
}

/// Whether a body stores, in its reductions or not.
pub fn stores(body: &[Stmt]) -> bool {
    let mut found = false;
    walk(body, 0, &mut |stmt, _| found |= matches!(stmt, Stmt::Store { .. }));
    found
}

/// Whether a value may be a run-time error.
pub fn fails(value: &Value) -> bool {
    use evanesce_ir::ops::ElementwiseOp;
    matches!(
        value,
        Value::Gather { .. }
            | Value::Elementwise { op: ElementwiseOp::Power, .. }
            | Value::Scan { op: ElementwiseOp::Power, .. }
    )
}

fn rename(body: &mut [Stmt], names: &mut [LocalId], next: &mut usize) {
    let define = |local: &mut LocalId, names: &mut [LocalId], next: &mut usize| {
        names[local.index()] = LocalId::new(*next);
        *next += 1;
        *local = names[local.index()];
    };
    for stmt in body {
        match stmt {
            Stmt::Let { local, value, .. } => {
                map_args(value, &mut |l| names[l.index()]);
                define(local, names, next);
            }
            Stmt::Reduce { local, body, value, .. } => {
                define(local, names, next);
                rename(body, names, next);
                *value = names[value.index()];
            }
            Stmt::Store { value, .. } => *value = names[value.index()],
        }
    }
}

/// The single store of a kernel to a buffer, in no reduction.
pub fn store_to(kernel: &Kernel, buffer: BufferId) -> Option<(&Access, LocalId)> {
    let mut found = None;
    for stmt in &kernel.body {
        if let Stmt::Store { buffer: to, access, value } = stmt
            && *to == buffer
        {
            if found.is_some() {
                return None;
            }
            found = Some((access, *value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(offset: isize, strides: &[isize]) -> Access {
        Access { offset, strides: strides.into() }
    }

    fn indices(store: &[isize], dims: &[usize], load: Access, loops: &[usize]) -> Option<Vec<(isize, Vec<isize>)>> {
        let found = indices_of(&access(0, store), dims, &load, loops)?;
        Some(found.into_iter().map(|i| (i.offset, i.strides.to_vec())).collect())
    }

    #[test]
    fn indices_are_digits() {
        // A transposed, a reversed, a diagonal and a broadcast read of a 3 x 4 buffer.
        assert_eq!(
            indices(&[4, 1], &[3, 4], access(0, &[1, 4]), &[4, 3]),
            Some(vec![(0, vec![0, 1]), (0, vec![1, 0])])
        );
        assert_eq!(
            indices(&[4, 1], &[3, 4], access(3, &[4, -1]), &[3, 4]),
            Some(vec![(0, vec![1, 0]), (3, vec![0, -1])])
        );
        assert_eq!(indices(&[4, 1], &[3, 4], access(0, &[5]), &[3]), Some(vec![(0, vec![1]), (0, vec![1])]));
        assert_eq!(
            indices(&[4, 1], &[3, 4], access(4, &[0, 1]), &[7, 4]),
            Some(vec![(1, vec![0, 0]), (0, vec![0, 1])])
        );
        // A flat walk of rows is no affine function of row and column, but of a flat loop.
        assert_eq!(indices(&[4, 1], &[3, 4], access(0, &[1]), &[12]), None);
        assert_eq!(indices(&[1], &[12], access(0, &[4, 1]), &[3, 4]), Some(vec![(0, vec![4, 1])]));
        // Backwards over the end of a row.
        assert_eq!(indices(&[4, 1], &[3, 4], access(6, &[-1]), &[4]), None);
    }
}
