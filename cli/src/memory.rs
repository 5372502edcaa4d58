//! Memory that may not be there: arrays of a buffer's strides, and what the interpreters will ask for.

use crate::failure::Failure;
use evanesce_ir::graph::Graph;
use evanesce_ir::program::{Buffer, Program};
use evanesce_ir::tensor::{Element, Scalar, Tensor};
use evanesce_ir::with_element;
use ndarray::{ArrayD, Axis, IxDyn, ShapeBuilder};

/// An array of zeros with a buffer's type and strides.
pub(crate) fn array(buffer: &Buffer) -> Result<Tensor, Failure> {
    with_element!(buffer.ty.dtype, E => make::<E>(buffer))
}

fn make<A: Element>(buffer: &Buffer) -> Result<Tensor, Failure> {
    let shape = &buffer.ty.shape;
    let reach = buffer.range().map_or(0, |(low, high)| (high - low + 1) as usize);
    let mut data: Vec<A> = Vec::new();
    let bytes = reach as u128 * size_of::<A>() as u128;
    data.try_reserve_exact(reach).map_err(|_| Failure::memory(bytes, buffer))?;
    data.resize(reach, A::default());
    if buffer.ty.is_empty() {
        return Ok(A::wrap(ArrayD::from_elem(IxDyn(shape), A::default())));
    }
    let positive: Vec<usize> = buffer.strides.iter().map(|stride| stride.unsigned_abs()).collect();
    let array = ArrayD::from_shape_vec(IxDyn(shape).strides(IxDyn(&positive)), data);
    let mut array = array.map_err(|_| {
        let strides = &buffer.strides[..];
        Failure::user(format!("elements overlap by the strides {strides:?} of {buffer}: use --engine program"))
    })?;
    for (axis, &stride) in buffer.strides.iter().enumerate() {
        if stride < 0 {
            array.invert_axis(Axis(axis));
        }
    }
    Ok(A::wrap(array))
}

/// Copies the elements of an array of the same type.
pub(crate) fn assign(to: &mut Tensor, from: &Tensor) {
    match (to, from) {
        (Tensor::Bool(to), Tensor::Bool(from)) => to.assign(from),
        (Tensor::I64(to), Tensor::I64(from)) => to.assign(from),
        (Tensor::F32(to), Tensor::F32(from)) => to.assign(from),
        (Tensor::F64(to), Tensor::F64(from)) => to.assign(from),
        (to, from) => unreachable!("{} is no {}", from.ty(), to.ty()),
    }
}

/// Fails when the interpreter of graphs, which keeps every value as scalars, cannot have the memory.
pub(crate) fn check_graph(graph: &Graph) -> Result<(), Failure> {
    let values = graph.node_ids().flat_map(|id| graph.results(id)).map(evanesce_ir::ids::ValueId::new);
    let scalars: u128 = values.map(|value| graph.ty(value).len() as u128).sum();
    check(scalars.saturating_mul(size_of::<Scalar>() as u128), "the values of the graph")
}

/// Fails when the interpreter of programs, which notes of every byte whether it was written, cannot have the memory.
pub(crate) fn check_program(program: &Program) -> Result<(), Failure> {
    let reach = |buffer: &Buffer| buffer.range().map_or(0, |(low, high)| (high as i128 - low as i128 + 1) as u128);
    let bytes = |buffer: &Buffer| reach(buffer) * buffer.ty.dtype.size() as u128;
    let stored: u128 = program.buffers.iter().map(bytes).sum::<u128>() + program.arena.unwrap_or(0) as u128;
    let results = program.outputs.iter().map(|&id| program.buffer(id).ty.len() as u128).sum::<u128>();
    check(
        stored * size_of::<Option<u8>>() as u128 + results * size_of::<Scalar>() as u128,
        "the buffers of the program",
    )
}

fn check(bytes: u128, what: &str) -> Result<(), Failure> {
    let reserved = usize::try_from(bytes).ok().and_then(|n| Vec::<u8>::new().try_reserve_exact(n).ok());
    reserved.ok_or_else(|| Failure::memory(bytes, what))
}
