//! Calls of the user's functions, an index of the stack at a time.

use super::graph::Flat;
use super::program::Memory;
use super::{Failure, broadcast_position, for_each_index, room};
use crate::custom::{Custom, catch};
use crate::error::{RunError, RunErrorKind};
use crate::program::{CustomCall, Stacked};
use crate::tensor::{Scalar, Tensor};
use crate::types::{DType, Type, broadcast};

/// A core array: its shape and its scalars in row-major order.
type Core<'a> = (&'a [usize], Vec<Scalar>);

/// The results for one index of the stack, whose core shapes are given.
fn one(
    function: &Custom,
    implementation: usize,
    operands: Vec<Core<'_>>,
    results: &[&[usize]],
) -> Result<Vec<Vec<Scalar>>, RunErrorKind> {
    let chosen = &function.implementations()[implementation];
    // An elementwise function is given vectors, here of one element.
    let ty = |dtype: DType, core: &[usize]| Type::new(dtype, if function.is_elementwise() { &[1] } else { core });
    let tensor = |((core, data), &dtype): (Core<'_>, &DType)| Tensor::from_scalars(&ty(dtype, core), data);
    let operands: Vec<Tensor> = operands.into_iter().zip(&chosen.operands).map(tensor).collect();
    let zeros = |(core, &dtype): (&&[usize], &DType)| {
        let ty = ty(dtype, core);
        let mut data = room(ty.len())?;
        data.resize(ty.len(), Scalar::zero(dtype));
        Ok(Tensor::from_scalars(&ty, data))
    };
    let mut results = results.iter().zip(&chosen.results).map(zeros).collect::<Result<Vec<Tensor>, RunErrorKind>>()?;
    catch(|| {
        let operands: Vec<_> = operands.iter().map(Tensor::view).collect();
        let mut results: Vec<_> = results.iter_mut().map(Tensor::view_mut).collect();
        (chosen.body)(&operands, &mut results)
    })?;
    Ok(results.iter().map(Tensor::scalars).collect())
}

/// The results of a node, of these types.
pub(super) fn node(
    function: &Custom,
    implementation: usize,
    args: &[Flat<'_>],
) -> Result<Vec<Vec<Scalar>>, RunErrorKind> {
    let types: Vec<&Type> = args.iter().map(|arg| arg.ty).collect();
    let results = function.infer(implementation, &types).expect("verified: the operands fit the function");
    let signature = function.signature().expect("a function that is called has an implementation");
    let split = |ty: &Type, core: usize| ty.rank() - core;
    let stacks = types.iter().zip(signature.operands()).map(|(ty, core)| &ty.shape[..split(ty, core)]);
    let stack = broadcast(stacks).expect("verified: the stacks broadcast");
    let cores: Vec<&[usize]> = results.iter().map(|ty| &ty.shape[stack.len()..]).collect();
    let mut out = vec![Vec::new(); results.len()];
    for (out, ty) in out.iter_mut().zip(&results) {
        *out = room(ty.len())?;
    }
    for_each_index(&stack, |index| {
        let operands = args.iter().zip(signature.operands()).map(|(arg, core)| {
            let (stack, core) = arg.ty.shape.split_at(split(arg.ty, core));
            let len = core.iter().product::<usize>();
            let start = broadcast_position(stack, index) * len;
            (core, arg.data[start..start + len].to_vec())
        });
        let computed = one(function, implementation, operands.collect(), &cores)?;
        out.iter_mut().zip(computed).for_each(|(out, computed)| out.extend(computed));
        Ok::<(), RunErrorKind>(())
    })?;
    Ok(out)
}

/// The call of a step.
pub(super) fn step(memory: &mut Memory<'_>, call: &CustomCall) -> Result<(), Failure> {
    let fail = |kind| Failure::Run(RunError::new(call.function.name(), kind, call.loc));
    let cores: Vec<&[usize]> = call.results.iter().map(|array| &array.core[..]).collect();
    for_each_index(&call.stack, |index| {
        let mut operands: Vec<Core<'_>> = Vec::new();
        for Stacked { buffer, core, access } in &call.operands {
            let mut data = room(core.iter().product()).map_err(fail)?;
            for_each_index(core, |at| {
                data.push(memory.load(*buffer, access.at(&[index, at].concat()))?);
                Ok::<(), Failure>(())
            })?;
            operands.push((core, data));
        }
        let results = one(&call.function, call.implementation, operands, &cores).map_err(fail)?;
        for (Stacked { buffer, core, access }, data) in call.results.iter().zip(results) {
            let mut data = data.into_iter();
            for_each_index(core, |at| {
                let scalar = data.next().expect("as many scalars as the core shape has");
                memory.store(*buffer, access.at(&[index, at].concat()), scalar);
                Ok::<(), Failure>(())
            })?;
        }
        Ok(())
    })
}
