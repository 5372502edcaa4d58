//! The graph, node by node.

use super::linalg::{self, Matrix};
use super::{broadcast_position, custom, for_each_index, room};
use crate::error::{Problem, RunError, RunErrorKind};
use crate::graph::{Graph, Node, SliceAxis, View};
use crate::ops::{ElementwiseOp, LinalgOp, OrderOp, ReduceOp};
use crate::tensor::{Scalar, Tensor};
use crate::types::{DType, Type, row_major};
use num_complex::Complex64;

/// An array as its scalars in row-major order.
pub(super) struct Flat<'a> {
    pub(super) ty: &'a Type,
    pub(super) data: &'a [Scalar],
}

impl Flat<'_> {
    fn at(&self, index: &[usize]) -> Scalar {
        let strides = row_major(&self.ty.shape);
        self.data[index.iter().zip(&strides).map(|(&i, &s)| i * s as usize).sum::<usize>()]
    }

    fn broadcast_at(&self, index: &[usize]) -> Scalar {
        self.data[broadcast_position(&self.ty.shape, index)]
    }
}

/// The outputs of a verified graph for these inputs, in the graph's order and of its types.
pub fn run(graph: &Graph, inputs: &[Tensor]) -> Result<Vec<Tensor>, RunError> {
    let mut values: Vec<Vec<Scalar>> = Vec::with_capacity(graph.value_count());
    let mut inputs = inputs.iter();
    for id in graph.node_ids() {
        let node = graph.node(id);
        let results = match node {
            Node::Input(_) => vec![inputs.next().expect("as many inputs as the graph has").scalars()],
            Node::Constant(tensor) => vec![tensor.scalars()],
            _ => {
                let args: Vec<Flat<'_>> =
                    node.args().iter().map(|&arg| Flat { ty: graph.ty(arg), data: &values[arg.index()] }).collect();
                let ty = graph.ty(graph.value(id));
                let fail = |kind| RunError::new(node.label(), kind, graph.loc(id));
                eval(node, ty, &args).map_err(fail)?
            }
        };
        values.extend(results);
    }
    let output =
        |o: &crate::graph::Output| Tensor::from_scalars(graph.ty(o.value), values[o.value.index()].iter().copied());
    Ok(graph.outputs.iter().map(output).collect())
}

/// The results of a node other than an input or a constant, for operands it fits.
pub fn node(node: &Node, args: &[&Tensor]) -> Result<Vec<Tensor>, RunErrorKind> {
    let types: Vec<Type> = args.iter().map(|arg| arg.ty()).collect();
    let scalars: Vec<Vec<Scalar>> = args.iter().map(|arg| arg.scalars()).collect();
    let flats: Vec<Flat<'_>> = types.iter().zip(&scalars).map(|(ty, data)| Flat { ty, data }).collect();
    let results = node.infer(&types.iter().collect::<Vec<_>>()).expect("the operands fit the node");
    let values = eval(node, &results[0], &flats)?;
    Ok(results.iter().zip(values).map(|(ty, data)| Tensor::from_scalars(ty, data)).collect())
}

fn eval(node: &Node, ty: &Type, args: &[Flat<'_>]) -> Result<Vec<Vec<Scalar>>, RunErrorKind> {
    let mut out = room(ty.len())?;
    match node {
        Node::Input(_) | Node::Constant(_) => unreachable!("they have no operands"),
        Node::Elementwise { op, .. } => for_each_index(&ty.shape, |index| {
            let scalars: Vec<Scalar> = args.iter().map(|arg| arg.broadcast_at(index)).collect();
            out.push(elementwise(*op, &scalars)?);
            Ok(())
        })?,
        Node::Cast { dtype, .. } => out.extend(args[0].data.iter().map(|x| x.cast(*dtype))),
        Node::View { view, .. } => return Ok(vec![eval_view(view, ty, &args[0])?]),
        Node::Concat { axis, .. } => for_each_index(&ty.shape, |index| {
            let mut index = index.to_vec();
            let part = args.iter().find(|part| {
                let inside = index[*axis] < part.ty.shape[*axis];
                if !inside {
                    index[*axis] -= part.ty.shape[*axis];
                }
                inside
            });
            out.push(part.expect("the parts cover the axis").at(&index));
            Ok(())
        })?,
        Node::Take { axis, along, .. } => for_each_index(&ty.shape, |index| {
            out.push(args[0].at(&place(*axis, *along, args[0].ty, &args[1..], index)?));
            Ok(())
        })?,
        Node::Put { axis, along, op, .. } => {
            out.extend_from_slice(args[0].data);
            let [array, indices @ .., values] = args else { unreachable!("verified: at least three operands") };
            let strides = row_major(&ty.shape);
            for_each_index(&values.ty.shape, |index| {
                let place = place(*axis, *along, array.ty, indices, index)?;
                let at = place.iter().zip(&strides).map(|(&i, &s)| i * s as usize).sum::<usize>();
                let value = values.at(index);
                out[at] = op.map_or(value, |op| op.eval(&[out[at], value][..op.arity()]));
                Ok(())
            })?;
        }
        Node::WithSlice { axes, .. } => {
            out.extend_from_slice(args[0].data);
            let strides = row_major(&ty.shape);
            let infallible: Result<(), std::convert::Infallible> = for_each_index(&args[1].ty.shape, |index| {
                let at = |((s, &i), stride): ((&SliceAxis, &usize), &isize)| {
                    (s.start as isize + s.step * i as isize) * stride
                };
                let place: isize = axes.iter().zip(index).zip(&strides).map(at).sum();
                out[place as usize] = args[1].at(index);
                Ok(())
            });
            let Ok(()) = infallible;
        }
        Node::Reduce { op, axes, .. } => for_each_index(&ty.shape, |index| {
            let mut full = vec![0; args[0].ty.rank()];
            let kept = (0..full.len()).filter(|a| !axes.contains(a));
            kept.zip(index).for_each(|(axis, &i)| full[axis] = i);
            out.push(reduce(*op, &args[0], axes, &mut full));
            Ok(())
        })?,
        Node::Scan { op, axis, .. } => return Ok(vec![scan(*op, *axis, &args[0])?]),
        Node::Order { op, .. } => return Ok(vec![order(*op, args)?]),
        Node::Linalg { op, lower, .. } => return eval_linalg(*op, *lower, args),
        Node::Custom { function, implementation, .. } => return custom::node(function, *implementation, args),
    }
    Ok(vec![out])
}

/// One elementwise result, or the error the operands' values make.
pub(super) fn elementwise(op: ElementwiseOp, args: &[Scalar]) -> Result<Scalar, RunErrorKind> {
    match op.check(args) {
        Ok(()) => Ok(op.eval(args)),
        Err(Problem::NegativePower) => Err(RunErrorKind::NegativePower),
        Err(problem) => unreachable!("{problem}"),
    }
}

/// The element of an array that indices take for an element of the result.
fn place(
    axis: usize,
    along: bool,
    array: &Type,
    indices: &[Flat<'_>],
    index: &[usize],
) -> Result<Vec<usize>, RunErrorKind> {
    if along {
        let mut place: Vec<usize> = index.iter().zip(&array.shape).map(|(&i, &n)| i.min(n - 1)).collect();
        place[axis] = self::index(indices[0].broadcast_at(index), array.shape[axis])?;
        return Ok(place);
    }
    let end = axis + indices.iter().map(|indices| indices.ty.rank()).max().unwrap_or(0);
    let mut place = index[..axis].to_vec();
    for (indices, &size) in indices.iter().zip(&array.shape[axis..]) {
        place.push(self::index(indices.broadcast_at(&index[axis..end]), size)?);
    }
    place.extend_from_slice(&index[end..]);
    Ok(place)
}

/// An index of `take`, counted from the end when negative.
pub(super) fn index(scalar: Scalar, size: usize) -> Result<usize, RunErrorKind> {
    let Scalar::I64(index) = scalar else { unreachable!("indices are i64") };
    let n = size as i64;
    if (-n..n).contains(&index) { Ok(index.rem_euclid(n) as usize) } else { Err(RunErrorKind::Index { index, size }) }
}

fn eval_view(view: &View, ty: &Type, arg: &Flat<'_>) -> Result<Vec<Scalar>, RunErrorKind> {
    let mut out = room(ty.len())?;
    let infallible: Result<(), std::convert::Infallible> = match view {
        View::Reshape(_) | View::Assume(_) => return Ok(arg.data.to_vec()),
        View::Broadcast(_) => for_each_index(&ty.shape, |index| {
            out.push(arg.broadcast_at(index));
            Ok(())
        }),
        View::Transpose(perm) => for_each_index(&ty.shape, |index| {
            let mut source = vec![0; index.len()];
            perm.iter().zip(index).for_each(|(&axis, &i)| source[axis] = i);
            out.push(arg.at(&source));
            Ok(())
        }),
        View::Slice(axes) => for_each_index(&ty.shape, |index| {
            let at = |(s, &i): (&SliceAxis, &usize)| (s.start as isize + s.step * i as isize) as usize;
            out.push(arg.at(&axes.iter().zip(index).map(at).collect::<Vec<_>>()));
            Ok(())
        }),
        View::Diagonal => for_each_index(&ty.shape, |index| {
            let last = *index.last().expect("a diagonal has an axis");
            out.push(arg.at(&[index, &[last]].concat()));
            Ok(())
        }),
    };
    let Ok(()) = infallible;
    Ok(out)
}

/// Reduces the axes from `axes[0]` outwards in, the other indices fixed by `index`.
fn reduce(op: ReduceOp, arg: &Flat<'_>, axes: &[usize], index: &mut [usize]) -> Scalar {
    let Some((&axis, inner)) = axes.split_first() else { return arg.at(index) };
    let n = arg.ty.shape[axis];
    if n == 0 {
        return op.identity(arg.ty.dtype).expect("verified: no empty reduction without identity");
    }
    let elements: Vec<Scalar> = (0..n)
        .map(|i| {
            index[axis] = i;
            reduce(op, arg, inner, index)
        })
        .collect();
    op.eval(n, |i| elements[i])
}

/// Every result of an op along an axis.
fn scan(op: ElementwiseOp, axis: usize, arg: &Flat<'_>) -> Result<Vec<Scalar>, RunErrorKind> {
    let mut out: Vec<Scalar> = room(arg.data.len())?;
    let step = row_major(&arg.ty.shape)[axis] as usize;
    for_each_index(&arg.ty.shape, |index| {
        let element = arg.at(index);
        out.push(match index[axis] {
            0 => element,
            _ => elementwise(op, &[out[out.len() - step], element])?,
        });
        Ok(())
    })?;
    Ok(out)
}

/// Every row of the last axis sorted or reduced in parts, or all values searched for in the one list.
fn order(op: OrderOp, args: &[Flat<'_>]) -> Result<Vec<Scalar>, RunErrorKind> {
    match args {
        [rows, others @ ..] if others.is_empty() || matches!(op, OrderOp::Reduceat(_)) => {
            let (&len, stack) = rows.ty.shape.split_last().expect("verified: rows have an axis");
            let mut results = Vec::new();
            for i in 0..stack.iter().product() {
                let row = rows.data[i * len..][..len].to_vec();
                let operands: Vec<_> =
                    std::iter::once(row).chain(others.iter().map(|list| list.data.to_vec())).collect();
                results.extend(op.eval(&operands)?);
            }
            Ok(results)
        }
        _ => op.eval(&args.iter().map(|arg| arg.data.to_vec()).collect::<Vec<_>>()),
    }
}

fn eval_linalg(op: LinalgOp, lower: bool, args: &[Flat<'_>]) -> Result<Vec<Vec<Scalar>>, RunErrorKind> {
    let depths: Vec<usize> = args.iter().zip(op.operands()).map(|(arg, core)| arg.ty.rank() - core.len()).collect();
    let stacks = args.iter().zip(&depths).map(|(arg, &depth)| &arg.ty.shape[..depth]);
    let stack = crate::types::broadcast(stacks).expect("verified: the stacks broadcast");
    let mut out = vec![Vec::new(); op.results()];
    let mut batch_index = 0;
    for_each_index(&stack, |index| {
        // A vector is a row.
        let start = |i: usize| {
            let (stack, core) = args[i].ty.shape.split_at(depths[i]);
            let [rows, cols] = if let [n] = *core { [1, n] } else { [core[0], core[1]] };
            [broadcast_position(stack, index) * rows * cols, rows, cols]
        };
        if !args[0].ty.dtype.is_inexact() {
            let ([a, m, n], [b, _, p]) = (start(0), start(1));
            out[0].extend(integer_matmul(&args[0].data[a..], &args[1].data[b..], [m, n, p]));
            return Ok(());
        }
        let matrix = |(i, arg): (usize, &Flat<'_>)| {
            let [first, rows, cols] = start(i);
            let element = |x: &Scalar| match x.cast(DType::C128) {
                Scalar::C128(z) => z,
                _ => unreachable!("cast to c128"),
            };
            Matrix { rows, cols, data: arg.data[first..first + rows * cols].iter().map(element).collect() }
        };
        let dtype = args[0].ty.dtype;
        let matrices: Vec<Matrix<Complex64>> = args.iter().enumerate().map(matrix).collect();
        let results = linalg::eval(op, lower, dtype, &matrices).map_err(|kind| at_batch(kind, batch_index))?;
        for (i, (out, result)) in out.iter_mut().zip(results).enumerate() {
            let dtype = op.result_dtype(i, dtype);
            out.extend(result.data.into_iter().map(|z| Scalar::C128(z).cast(dtype)));
        }
        batch_index += 1;
        Ok(())
    })?;
    Ok(out)
}

/// The error of one matrix, with its place in the stack.
pub(super) fn at_batch(kind: RunErrorKind, batch_index: usize) -> RunErrorKind {
    match kind {
        RunErrorKind::Singular { pivot, .. } => RunErrorKind::Singular { pivot, batch_index },
        RunErrorKind::NotPositiveDefinite { order, .. } => RunErrorKind::NotPositiveDefinite { order, batch_index },
        RunErrorKind::NotFinite { .. } => RunErrorKind::NotFinite { batch_index },
        RunErrorKind::NoSolution { .. } => RunErrorKind::NoSolution { batch_index },
        RunErrorKind::NoConvergence { .. } => RunErrorKind::NoConvergence { batch_index },
        other => other,
    }
}

/// Exact, wrapping product of integers; of bools, whether any pair is true. The order of the sum is that of `sum`.
fn integer_matmul(a: &[Scalar], b: &[Scalar], [m, n, p]: [usize; 3]) -> Vec<Scalar> {
    let dtype = a.first().or(b.first()).map_or(DType::I64, |x| x.dtype());
    let (op, reduce) = match dtype {
        DType::Bool => (ElementwiseOp::LogicalAnd, ReduceOp::Any),
        _ => (ElementwiseOp::Multiply, ReduceOp::Sum),
    };
    let element = |i: usize, j: usize| match n {
        0 => reduce.identity(dtype).expect("sum and any have an identity"),
        _ => reduce.eval(n, |k| op.eval(&[a[i * n + k], b[k * p + j]])),
    };
    (0..m * p).map(|at| element(at / p, at % p)).collect()
}
