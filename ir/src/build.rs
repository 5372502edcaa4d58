//! What NumPy does before an op runs, once for every front end: promotion and weak scalars, negative axes, 1-d operands of
//! `matmul`, `keepdims`, compositions such as `mean`. [`Build`] is a place nodes go to: a [`Graph`] (the parser), or lazy
//! expressions ([`crate::expr`]).

pub mod custom;
pub mod einsum;
pub mod linalg;

pub use custom::{custom, custom_call};
pub use einsum::{ELLIPSIS, einsum, einsum_path, einsum_subscripts};

use crate::compose::complex;
use crate::error::{Loc, Problem};
use crate::facts::Facts;
use crate::graph::{Args, Graph, Node, SliceAxis, View};
use crate::ids::ValueId;
use crate::ops::elementwise::{DTypeRule, common_dtype};
use crate::ops::{ElementwiseOp, LinalgOp, OrderOp, ReduceOp, scan};
use crate::tensor::{Scalar, Tensor};
use crate::types::{Axes, DType, Shape, Type, Weak};
use num_complex::Complex64;
use smallvec::SmallVec;
use std::sync::Arc;

/// A place nodes go to.
pub trait Build {
    /// A handle of a value.
    type Value: Clone;

    /// The type of a value.
    fn ty(&self, value: &Self::Value) -> Type;

    /// Adds a node whose operands are given beside it (its own `args` are ignored); all its results.
    fn push(&mut self, node: Node, args: &[Self::Value]) -> Result<SmallVec<[Self::Value; 2]>, Problem>;
}

/// A graph with the place of the next nodes.
#[derive(Debug)]
pub struct At<'a> {
    /// The graph.
    pub graph: &'a mut Graph,
    /// The place.
    pub loc: Option<Loc>,
}

impl Build for At<'_> {
    type Value = ValueId;

    fn ty(&self, value: &ValueId) -> Type {
        self.graph.ty(*value).clone()
    }

    fn push(&mut self, node: Node, args: &[ValueId]) -> Result<SmallVec<[ValueId; 2]>, Problem> {
        let mut given = args.iter();
        let node = node.map_args(|_| *given.next().expect("as many placeholders as operands"));
        let first = self.graph.push(node, self.loc)?;
        let (id, _) = self.graph.definition(first);
        Ok(self.graph.results(id).map(ValueId::new).collect())
    }
}

/// A scalar without a dtype of its own, as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WeakScalar {
    /// `true`
    Bool(bool),
    /// `2`
    Int(i64),
    /// `2.0`
    Float(f64),
    /// `1.0+2.0j`
    Complex(Complex64),
}

impl WeakScalar {
    /// The kind that takes part in promotion.
    pub fn kind(self) -> Weak {
        match self {
            WeakScalar::Bool(_) => Weak::Bool,
            WeakScalar::Int(_) => Weak::Int,
            WeakScalar::Float(_) => Weak::Float,
            WeakScalar::Complex(_) => Weak::Complex,
        }
    }

    /// The scalar in a dtype that promotion chose for it.
    ///
    /// # Errors
    /// An integer that is not in the range of an integer dtype.
    pub fn to_scalar(self, dtype: DType) -> Result<Scalar, Problem> {
        let scalar = match self {
            WeakScalar::Bool(x) => Scalar::Bool(x),
            WeakScalar::Int(x) => Scalar::I64(x),
            WeakScalar::Float(x) => Scalar::F64(x),
            WeakScalar::Complex(x) => Scalar::C128(x),
        };
        match (self, scalar.cast(dtype)) {
            (WeakScalar::Int(x), cast) if dtype.is_integer() && cast.as_integer() != Some(x.into()) => {
                Err(Problem::OutOfRange { value: x, dtype })
            }
            (_, cast) => Ok(cast),
        }
    }
}

/// An operand of an op: a value, or a scalar whose dtype the other operands decide.
#[derive(Clone, Debug)]
pub enum Operand<V> {
    /// A value.
    Value(V),
    /// A scalar as written.
    Weak(WeakScalar),
}

fn placeholders(n: usize) -> Args {
    (0..n).map(ValueId::new).collect()
}

fn one<B: Build>(b: &mut B, node: Node, args: &[B::Value]) -> Result<B::Value, Problem> {
    Ok(b.push(node, args)?.swap_remove(0))
}

/// A constant.
pub fn constant<B: Build>(b: &mut B, tensor: Tensor) -> Result<B::Value, Problem> {
    one(b, Node::Constant(Arc::new(tensor)), &[])
}

/// A rank-0 constant.
pub fn scalar<B: Build>(b: &mut B, value: Scalar) -> Result<B::Value, Problem> {
    constant(b, Tensor::scalar(value))
}

/// The operand as a value of a dtype.
fn realise<B: Build>(b: &mut B, operand: &Operand<B::Value>, dtype: DType) -> Result<B::Value, Problem> {
    match operand {
        Operand::Value(value) => cast(b, value, dtype),
        Operand::Weak(weak) => {
            let value = weak.to_scalar(dtype)?;
            scalar(b, value)
        }
    }
}

/// The dtype several operands promote to.
fn promoted<B: Build>(b: &B, operands: &[Operand<B::Value>]) -> DType {
    promoted_from(b, operands, |dtype| dtype)
}

/// What operands promote to whose dtypes are replaced first.
fn promoted_from<B: Build>(b: &B, operands: &[Operand<B::Value>], replaced: impl Fn(DType) -> DType) -> DType {
    let strong: SmallVec<[DType; 4]> = operands
        .iter()
        .filter_map(|o| match o {
            Operand::Value(value) => Some(replaced(b.ty(value).dtype)),
            Operand::Weak(_) => None,
        })
        .collect();
    let weak = operands.iter().filter_map(|o| match o {
        Operand::Value(_) => None,
        Operand::Weak(weak) => Some(weak.kind()),
    });
    common_dtype(strong.into_iter(), weak)
}

/// The operand as a value of its own dtype.
pub fn value<B: Build>(b: &mut B, operand: &Operand<B::Value>) -> Result<B::Value, Problem> {
    let dtype = promoted(b, std::slice::from_ref(operand));
    realise(b, operand, dtype)
}

/// Operands as values of their common dtype.
pub fn values<B: Build>(b: &mut B, operands: &[Operand<B::Value>]) -> Result<SmallVec<[B::Value; 3]>, Problem> {
    let dtype = promoted(b, operands);
    operands.iter().map(|o| realise(b, o, dtype)).collect()
}

/// Operands as values of their own dtypes, scalars without one in that which all promote to.
pub fn weak_as_common<B: Build>(b: &mut B, operands: &[Operand<B::Value>]) -> Result<SmallVec<[B::Value; 3]>, Problem> {
    let dtype = promoted(b, operands);
    let value = |operand: &Operand<B::Value>| match operand {
        Operand::Value(value) => Ok(value.clone()),
        Operand::Weak(_) => realise(b, operand, dtype),
    };
    operands.iter().map(value).collect()
}

/// An elementwise op by NumPy's promotion.
pub fn elementwise<B: Build>(
    b: &mut B,
    op: ElementwiseOp,
    operands: &[Operand<B::Value>],
) -> Result<B::Value, Problem> {
    if operands.len() != op.arity() {
        return Err(Problem::Arity { expected: op.arity(), found: operands.len() });
    }
    let (condition, rest) = operands.split_at(usize::from(op.rule() == DTypeRule::Select));
    let mut args: SmallVec<[B::Value; 3]> = SmallVec::new();
    for operand in condition {
        args.push(realise(b, operand, DType::Bool)?);
    }
    // `ldexp(f32, i64)` is `f32`: only the first decides.
    let decisive = if op.rule() == DTypeRule::Scale { &rest[..1] } else { rest };
    let common = promoted(b, decisive);
    if !common.is_complex() && matches!(op, ElementwiseOp::Real | ElementwiseOp::Imag) {
        let x = value(b, &rest[0])?;
        return if op == ElementwiseOp::Real { Ok(x) } else { complex::imag(b, &x) };
    }
    if let Some(result) = integer_compare(b, op, rest, common)? {
        return Ok(result);
    }
    let dtype = op.loop_dtype(common)?;
    if let (ElementwiseOp::Power, true, Some(Operand::Weak(WeakScalar::Int(n)))) = (op, dtype.is_complex(), rest.get(1))
        && n.unsigned_abs() <= complex::LARGEST_INTEGER_POWER
    {
        let base = realise(b, &rest[0], dtype)?;
        return complex::integer_power(b, &base, *n);
    }
    for operand in rest {
        args.push(realise(b, operand, dtype)?);
    }
    if dtype.is_complex() && !op.has_loop(dtype) {
        return complex::elementwise(b, op, &args);
    }
    one(b, Node::Elementwise { op, args: placeholders(args.len()) }, &args)
}

/// Comparisons of integers that no integer dtype holds together, exactly: of `u64` with a signed dtype, and of an array
/// with a weak integer that is out of its range.
fn integer_compare<B: Build>(
    b: &mut B,
    op: ElementwiseOp,
    operands: &[Operand<B::Value>],
    common: DType,
) -> Result<Option<B::Value>, Problem> {
    use ElementwiseOp::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    if !matches!(op, Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual) {
        return Ok(None);
    }
    let dtype = |operand: &Operand<B::Value>| match operand {
        Operand::Value(value) => b.ty(value).dtype,
        Operand::Weak(WeakScalar::Int(x)) if common.is_integer() => {
            let scalar = WeakScalar::Int(*x).to_scalar(common);
            scalar.map_or(DType::I64, |scalar| scalar.dtype())
        }
        Operand::Weak(weak) => weak.kind().default_dtype(),
    };
    let [x, y] = [dtype(&operands[0]), dtype(&operands[1])];
    if x == y || !x.is_integer() || !y.is_integer() {
        return Ok(None);
    }
    let wide = x.promote(y);
    if wide.is_integer() {
        // Only a weak integer asks for more than the common dtype.
        if wide == common {
            return Ok(None);
        }
        let (x, y) = (realise(b, &operands[0], wide)?, realise(b, &operands[1], wide)?);
        return one(b, Node::Elementwise { op, args: placeholders(2) }, &[x, y]).map(Some);
    }
    let signed = usize::from(y.is_signed());
    let (s, u) = (realise(b, &operands[signed], DType::I64)?, realise(b, &operands[1 - signed], DType::U64)?);
    let negative = elementwise(b, Less, &[Operand::Value(s.clone()), Operand::Weak(WeakScalar::Int(0))])?;
    let s = cast(b, &s, DType::U64)?;
    let sides = if signed == 0 { [s, u] } else { [u, s] };
    let same_sign = one(b, Node::Elementwise { op, args: placeholders(2) }, &sides)?;
    // The negative one is the smaller.
    let verdict = match op {
        NotEqual => true,
        Less | LessEqual => signed == 0,
        Greater | GreaterEqual => signed == 1,
        _ => false,
    };
    let verdict = Operand::Weak(WeakScalar::Bool(verdict));
    elementwise(b, ElementwiseOp::Where, &[Operand::Value(negative), verdict, Operand::Value(same_sign)]).map(Some)
}

/// `astype`: nothing when the dtype is the same.
pub fn cast<B: Build>(b: &mut B, arg: &B::Value, dtype: DType) -> Result<B::Value, Problem> {
    let from = b.ty(arg).dtype;
    if from == dtype {
        return Ok(arg.clone());
    }
    if from.is_complex() || dtype.is_complex() {
        return complex::cast(b, arg, dtype);
    }
    one(b, Node::Cast { dtype, args: placeholders(1) }, std::slice::from_ref(arg))
}

/// A view.
pub fn view<B: Build>(b: &mut B, arg: &B::Value, view: View) -> Result<B::Value, Problem> {
    one(b, Node::View { view, args: placeholders(1) }, std::slice::from_ref(arg))
}

/// An axis of `-rank..rank` as one of `0..rank`.
pub fn normalise_axis(axis: isize, rank: usize) -> Result<usize, Problem> {
    let n = rank as isize;
    if (-n..n).contains(&axis) { Ok(axis.rem_euclid(n) as usize) } else { Err(Problem::Axis { axis, rank }) }
}

/// `transpose`; no axes reverses them all.
pub fn transpose<B: Build>(b: &mut B, arg: &B::Value, axes: Option<&[isize]>) -> Result<B::Value, Problem> {
    let rank = b.ty(arg).rank();
    let perm: Axes = match axes {
        None => (0..rank).rev().collect(),
        Some(axes) => {
            let perm: Result<Axes, Problem> = axes.iter().map(|&a| normalise_axis(a, rank)).collect();
            let perm = perm?;
            let mut sorted = perm.clone();
            sorted.sort_unstable();
            if !sorted.iter().copied().eq(0..rank) {
                return Err(Problem::Permutation { axes: axes.to_vec() });
            }
            perm
        }
    };
    view(b, arg, View::Transpose(perm))
}

/// The transpose of the last two axes.
pub fn matrix_transpose<B: Build>(b: &mut B, arg: &B::Value) -> Result<B::Value, Problem> {
    let rank = b.ty(arg).rank();
    if rank < 2 {
        return Err(Problem::Axis { axis: -2, rank });
    }
    let mut perm: Axes = (0..rank).collect();
    perm.swap(rank - 1, rank - 2);
    view(b, arg, View::Transpose(perm))
}

/// `reshape`; one size may be -1.
pub fn reshape<B: Build>(b: &mut B, arg: &B::Value, shape: &[isize]) -> Result<B::Value, Problem> {
    let len = b.ty(arg).len();
    let wrong = || Problem::Reshape { shape: shape.to_vec() };
    let unknown = shape.iter().filter(|&&n| n == -1).count();
    if unknown > 1 || shape.iter().any(|&n| n < -1) {
        return Err(wrong());
    }
    let known =
        shape.iter().filter(|&&n| n >= 0).try_fold(1usize, |p, &n| p.checked_mul(n as usize)).ok_or_else(wrong)?;
    if unknown == 1 && (known == 0 || !len.is_multiple_of(known)) {
        return Err(wrong());
    }
    let resolved: Shape = shape.iter().map(|&n| if n == -1 { len / known } else { n as usize }).collect();
    view(b, arg, View::Reshape(resolved))
}

/// `broadcast_to`.
pub fn broadcast_to<B: Build>(b: &mut B, arg: &B::Value, shape: &[usize]) -> Result<B::Value, Problem> {
    crate::types::check_size(b.ty(arg).dtype, shape)?;
    view(b, arg, View::Broadcast(Shape::from_slice(shape)))
}

/// What stands between the brackets for one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// One element; the axis goes away.
    At(isize),
    /// `start:stop:step`; the axis stays.
    Slice {
        /// First index, from the end when negative.
        start: Option<isize>,
        /// Index after the last.
        stop: Option<isize>,
        /// Distance.
        step: isize,
    },
    /// A new axis of size 1.
    NewAxis,
}

impl Index {
    /// All of an axis.
    pub const ALL: Index = Index::Slice { start: None, stop: None, step: 1 };
}

/// The slice of every axis that indices say, and the shape of what they take.
pub fn slices(ty: &Type, indices: &[Index]) -> Result<(SmallVec<[SliceAxis; 4]>, Shape), Problem> {
    let named = indices.iter().filter(|i| **i != Index::NewAxis).count();
    if named > ty.rank() {
        return Err(Problem::Slice(format!("{named} indices for {} axes", ty.rank())));
    }
    let (mut axes, mut shape) = (SmallVec::<[SliceAxis; 4]>::new(), Shape::new());
    let rest = std::iter::repeat_n(&Index::ALL, ty.rank() - named);
    for index in indices.iter().chain(rest) {
        let axis = axes.len();
        match *index {
            Index::NewAxis => shape.push(1),
            Index::At(i) => {
                let size = ty.shape[axis];
                let start = normalise_axis(i, size).map_err(|_| {
                    Problem::Slice(format!("index {i} is out of bounds for axis {axis} of size {size}"))
                })?;
                axes.push(SliceAxis { start, len: 1, step: 1 });
            }
            Index::Slice { start, stop, step } => {
                let slice = SliceAxis::new(start, stop, step, ty.shape[axis])
                    .ok_or_else(|| Problem::Slice(String::from("the step of a slice is zero")))?;
                shape.push(slice.len);
                axes.push(slice);
            }
        }
    }
    Ok((axes, shape))
}

/// Python's `x[i, a:b:c, newaxis]`; axes not named are taken whole.
pub fn index<B: Build>(b: &mut B, arg: &B::Value, indices: &[Index]) -> Result<B::Value, Problem> {
    let ty = b.ty(arg);
    let (axes, shape) = slices(&ty, indices)?;
    let full = axes.iter().zip(&ty.shape).all(|(s, &n)| s.is_full(n));
    let sliced = if full { arg.clone() } else { view(b, arg, View::Slice(axes))? };
    if b.ty(&sliced).shape == shape { Ok(sliced) } else { view(b, &sliced, View::Reshape(shape)) }
}

/// `expand_dims`: a new axis of size 1 at `axis` of the result.
pub fn expand_dims<B: Build>(b: &mut B, arg: &B::Value, axis: isize) -> Result<B::Value, Problem> {
    let mut shape = b.ty(arg).shape;
    let axis = normalise_axis(axis, shape.len() + 1)?;
    shape.insert(axis, 1);
    view(b, arg, View::Reshape(shape))
}

/// `squeeze`: axes of size 1 go away, all of them or the given ones.
pub fn squeeze<B: Build>(b: &mut B, arg: &B::Value, axes: Option<&[isize]>) -> Result<B::Value, Problem> {
    let shape = b.ty(arg).shape;
    let gone: Axes = match axes {
        None => (0..shape.len()).filter(|&axis| shape[axis] == 1).collect(),
        Some(axes) => axes.iter().map(|&a| normalise_axis(a, shape.len())).collect::<Result<_, _>>()?,
    };
    for (i, &axis) in gone.iter().enumerate() {
        if gone[..i].contains(&axis) {
            return Err(Problem::DuplicateAxis { axis });
        }
        if shape[axis] != 1 {
            return Err(Problem::Usage(format!("axis {axis} has size {}, not 1", shape[axis])));
        }
    }
    let kept = (0..shape.len()).filter(|axis| !gone.contains(axis)).map(|axis| shape[axis]).collect();
    view(b, arg, View::Reshape(kept))
}

/// `diagonal` of the last two axes.
pub fn diagonal<B: Build>(b: &mut B, arg: &B::Value) -> Result<B::Value, Problem> {
    view(b, arg, View::Diagonal)
}

/// The value with facts the caller vouches for.
pub fn assume<B: Build>(b: &mut B, arg: &B::Value, facts: Facts) -> Result<B::Value, Problem> {
    view(b, arg, View::Assume(facts))
}

/// `concat` along an existing axis.
pub fn concat<B: Build>(b: &mut B, operands: &[Operand<B::Value>], axis: isize) -> Result<B::Value, Problem> {
    let args = values(b, operands)?;
    let first = args.first().ok_or(Problem::Arity { expected: 1, found: 0 })?;
    let axis = normalise_axis(axis, b.ty(first).rank())?;
    one(b, Node::Concat { axis, args: placeholders(args.len()) }, &args)
}

/// `stack` along a new axis; operands broadcast together.
pub fn stack<B: Build>(b: &mut B, operands: &[Operand<B::Value>], axis: isize) -> Result<B::Value, Problem> {
    let args = values(b, operands)?;
    let shapes: Vec<Shape> = args.iter().map(|a| b.ty(a).shape).collect();
    let shape = crate::types::broadcast(shapes.iter().map(|s| &s[..])).ok_or(Problem::Broadcast)?;
    let mut rows = Vec::with_capacity(args.len());
    for arg in &args {
        let arg = if b.ty(arg).shape == shape { arg.clone() } else { broadcast_to(b, arg, &shape)? };
        rows.push(Operand::Value(expand_dims(b, &arg, axis)?));
    }
    concat(b, &rows, axis)
}

/// Indices as `i64`: every integer dtype but `u64` is that without loss.
pub fn indices<B: Build>(b: &mut B, indices: &Operand<B::Value>) -> Result<B::Value, Problem> {
    let indices = value(b, indices)?;
    let dtype = b.ty(&indices).dtype;
    if !dtype.is_integer() || !dtype.fits(DType::I64) {
        return Err(Problem::Usage(format!("the indices are {dtype}, not i64")));
    }
    cast(b, &indices, DType::I64)
}

/// `take` along an axis; without one, of the flattened array. Several index arrays, which broadcast together, are for as
/// many neighbouring axes from that one on; with `along` indices lie beside the array (`take_along_axis`).
pub fn take<B: Build>(
    b: &mut B,
    operands: &[Operand<B::Value>],
    axis: Option<isize>,
    along: bool,
) -> Result<B::Value, Problem> {
    if operands.len() < 2 {
        return Err(Problem::Arity { expected: 2, found: operands.len() });
    }
    let mut args = vec![value(b, &operands[0])?];
    for operand in &operands[1..] {
        args.push(indices(b, operand)?);
    }
    if axis.is_none() && args.len() == 2 {
        args[0] = reshape(b, &args[0], &[-1]).or_else(|_| reshape(b, &args[0], &[0]))?;
    }
    let axis = normalise_axis(axis.unwrap_or(0), b.ty(&args[0]).rank())?;
    one(b, Node::Take { axis, along, args: placeholders(args.len()) }, &args)
}

/// A reduction; no axes reduces them all (the arg-reductions flatten).
pub fn reduce<B: Build>(
    b: &mut B,
    op: ReduceOp,
    arg: &B::Value,
    axes: Option<&[isize]>,
    keepdims: bool,
) -> Result<B::Value, Problem> {
    let mut ty = b.ty(arg);
    let mut arg = cast(b, arg, op.operand(ty.dtype))?;
    if op.is_arg() && axes.is_none() && ty.rank() != 1 {
        arg = view(b, &arg, View::Reshape(Shape::from_elem(ty.len(), 1)))?;
        if keepdims {
            let place = reduce(b, op, &arg, None, false)?;
            return view(b, &place, View::Reshape(Shape::from_elem(1, ty.rank())));
        }
        ty = b.ty(&arg);
    }
    let mut sorted: Axes = match axes {
        None => (0..ty.rank()).collect(),
        Some(axes) => axes.iter().map(|&a| normalise_axis(a, ty.rank())).collect::<Result<_, _>>()?,
    };
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Problem::DuplicateAxis { axis: pair[0] });
    }
    if ty.dtype.is_complex() {
        let result = match op {
            ReduceOp::Argmax | ReduceOp::Argmin => match sorted[..] {
                [axis] => complex::arg_extreme(b, op, &arg, axis)?,
                _ => return Err(Problem::Usage(format!("reduces one axis, not {}", sorted.len()))),
            },
            ReduceOp::Any | ReduceOp::All => {
                one(b, Node::Reduce { op, axes: sorted.clone(), args: placeholders(1) }, &[arg])?
            }
            _ => complex::reduce(b, op, &arg, &sorted)?,
        };
        let kept: Shape = (0..ty.rank()).map(|i| if sorted.contains(&i) { 1 } else { ty.shape[i] }).collect();
        return if keepdims { view(b, &result, View::Reshape(kept)) } else { Ok(result) };
    }
    let kept: Shape = (0..ty.rank()).map(|i| if sorted.contains(&i) { 1 } else { ty.shape[i] }).collect();
    let result = one(b, Node::Reduce { op, axes: sorted, args: placeholders(1) }, &[arg])?;
    if keepdims { view(b, &result, View::Reshape(kept)) } else { Ok(result) }
}

/// An op along an axis, every result kept.
pub fn accumulate<B: Build>(b: &mut B, op: ElementwiseOp, arg: &B::Value, axis: isize) -> Result<B::Value, Problem> {
    let ty = b.ty(arg);
    if ty.dtype.is_complex() && matches!(op, ElementwiseOp::Add | ElementwiseOp::Subtract) {
        // Part by part.
        let (re, im) = (complex::real(b, arg)?, complex::imag(b, arg)?);
        let (re, im) = (accumulate(b, op, &re, axis)?, accumulate(b, op, &im, axis)?);
        return elementwise(b, ElementwiseOp::Complex, &[Operand::Value(re), Operand::Value(im)]);
    }
    let axis = normalise_axis(axis, ty.rank())?;
    if ty.dtype.is_complex() && scan::operand(op, ty.dtype).is_err() {
        return complex::accumulate(b, op, arg, axis);
    }
    let arg = cast(b, arg, scan::operand(op, ty.dtype)?)?;
    one(b, Node::Scan { op, axis, args: placeholders(1) }, &[arg])
}

/// `sort` or `argsort` along an axis; without one, of the flattened array.
pub fn sort<B: Build>(b: &mut B, op: OrderOp, arg: &B::Value, axis: Option<isize>) -> Result<B::Value, Problem> {
    let Some(axis) = axis else {
        let len = b.ty(arg).len();
        let flat = view(b, arg, View::Reshape(Shape::from_elem(len, 1)))?;
        return sort(b, op, &flat, Some(0));
    };
    let rank = b.ty(arg).rank();
    let axis = normalise_axis(axis, rank)?;
    let node = Node::Order { op, args: placeholders(1) };
    if axis + 1 == rank {
        let dtype = b.ty(arg).dtype;
        if !op.has_loop(dtype) {
            let places = sort(b, OrderOp::Argsort, arg, Some(-1))?;
            return crate::compose::take_along_rows(b, arg, &places);
        }
        return one(b, node, std::slice::from_ref(arg));
    }
    // Exchanged with the last one, there and back.
    let mut perm: Axes = (0..rank).collect();
    perm.swap(axis, rank - 1);
    let arg = view(b, arg, View::Transpose(perm.clone()))?;
    let result = sort(b, op, &arg, Some(-1))?;
    view(b, &result, View::Transpose(perm))
}

/// `searchsorted`: a sorted list, and values to put into it.
pub fn searchsorted<B: Build>(b: &mut B, operands: [&Operand<B::Value>; 2], right: bool) -> Result<B::Value, Problem> {
    let op = if right { OrderOp::SearchsortedRight } else { OrderOp::SearchsortedLeft };
    let args = values(b, &operands.map(Clone::clone))?;
    one(b, Node::Order { op, args: placeholders(2) }, &args)
}

/// `mean`: the sum divided by the count, in floating point.
pub fn mean<B: Build>(b: &mut B, arg: &B::Value, axes: Option<&[isize]>, keepdims: bool) -> Result<B::Value, Problem> {
    let ty = b.ty(arg);
    let arg = cast(b, arg, ty.dtype.to_float())?;
    let sum = reduce(b, ReduceOp::Sum, &arg, axes, keepdims)?;
    let count = match axes {
        None => ty.len(),
        Some(axes) => {
            axes.iter().map(|&a| Ok(ty.shape[normalise_axis(a, ty.rank())?])).product::<Result<usize, Problem>>()?
        }
    };
    let count = Operand::Weak(WeakScalar::Float(count as f64));
    elementwise(b, ElementwiseOp::Divide, &[Operand::Value(sum), count])
}

/// A matrix op by NumPy's promotion; 1-d operands of `matmul`, `solve` and `solve_triangular` as NumPy takes them.
pub fn linalg<B: Build>(
    b: &mut B,
    op: LinalgOp,
    operands: &[Operand<B::Value>],
    lower: bool,
) -> Result<SmallVec<[B::Value; 2]>, Problem> {
    if operands.len() != op.arity() {
        return Err(Problem::Arity { expected: op.arity(), found: operands.len() });
    }
    // Pivots and kin are integers whatever the dtype is.
    let is_free = |i: &usize| op.operand_dtype(*i, DType::F64) == DType::F64;
    let free: SmallVec<[_; 3]> = (0..operands.len()).filter(is_free).map(|i| operands[i].clone()).collect();
    let dtype = op.loop_dtype(promoted_from(b, &free, |dtype| op.loop_dtype(dtype)));
    let mut args: SmallVec<[B::Value; 2]> = SmallVec::new();
    for (i, operand) in operands.iter().enumerate() {
        let wanted = op.operand_dtype(i, dtype);
        let found = promoted(b, std::slice::from_ref(operand));
        if !wanted.is_inexact() && found.is_inexact() && !is_free(&i) {
            return Err(Problem::NoLoop { dtype: found });
        }
        args.push(realise(b, operand, wanted)?);
    }
    let vector = |b: &B, arg: &B::Value| b.ty(arg).rank() == 1;
    // Whose last operand is the right-hand side.
    let takes_vectors = matches!(op, LinalgOp::Matmul | LinalgOp::Solve | LinalgOp::SolveTriangular)
        || matches!(op, LinalgOp::LuSolve | LinalgOp::Gbsv | LinalgOp::TrySolve)
        || op == LinalgOp::LuSolveTransposed;
    let last = args.len() - 1;
    let row = op == LinalgOp::Matmul && vector(b, &args[0]);
    let column = takes_vectors && vector(b, &args[last]);
    if row {
        args[0] = expand_dims(b, &args[0], 0)?;
    }
    if column {
        args[last] = expand_dims(b, &args[last], 1)?;
    }
    // One spelling for one meaning: only this op has two triangles to read.
    let lower = lower && op == LinalgOp::SolveTriangular;
    let mut results = b.push(Node::Linalg { op, lower, args: placeholders(args.len()) }, &args)?;
    if row || column {
        let mut shape = b.ty(&results[0]).shape;
        let rank = shape.len();
        if column {
            shape.remove(rank - 1);
        }
        if row {
            shape.remove(rank - 2);
        }
        results[0] = view(b, &results[0], View::Reshape(shape))?;
    }
    Ok(results)
}

/// The sum of the main diagonal of the last two axes.
pub fn trace<B: Build>(b: &mut B, arg: &B::Value) -> Result<B::Value, Problem> {
    let diagonal = diagonal(b, arg)?;
    reduce(b, ReduceOp::Sum, &diagonal, Some(&[-1]), false)
}
