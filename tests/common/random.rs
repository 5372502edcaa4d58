//! Random graphs over every node format, with inputs that fit them.
//!
//! Everything but linear algebra is defined bit for bit. What depends on linear algebra is *loose*: engines agree on it up
//! to rounding, so only continuous ops may follow and it is compared with a tolerance.

#![allow(dead_code, unreachable_pub, reason = "shared by test binaries that use parts of it")]

#[path = "random_complex.rs"]
mod complex;
#[path = "functions.rs"]
pub mod functions;

use evanesce_ir::build::{self, At, Index, Operand, WeakScalar};
use evanesce_ir::error::Problem;
use evanesce_ir::facts::Facts;
use evanesce_ir::graph::{Graph, Input, Node, Output, SliceAxis, View};
use evanesce_ir::ids::ValueId;
use evanesce_ir::ops::{ElementwiseOp, LinalgOp, OrderOp, ReduceOp};
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Strides, Type, row_major};
use smallvec::SmallVec;

/// A deterministic source of randomness (splitmix64).
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// In `-1..1`.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

/// A case: a graph, its inputs, the layouts the program is specialised to.
pub struct Case {
    pub graph: Graph,
    pub inputs: Vec<Tensor>,
    pub strides: Vec<Option<Strides>>,
    /// By output: the relative tolerance it is compared with, 0 where it is defined bit for bit.
    pub loose: Vec<f64>,
}

#[derive(Clone, Copy)]
struct Known {
    value: ValueId,
    /// Relative tolerance, 0 where it is defined bit for bit.
    loose: f64,
    /// Finite and small: may enter linear algebra.
    mild: bool,
    spd: bool,
    /// Indices of an axis of this size.
    index: usize,
}

struct Maker {
    rng: Rng,
    graph: Graph,
    values: Vec<Known>,
    inputs: Vec<Tensor>,
}

const SHAPES: &[&[usize]] = &[
    &[],
    &[4],
    &[1, 4],
    &[3, 1],
    &[3, 4],
    &[2, 3, 4],
    &[4, 4],
    &[4, 3],
    &[12],
    &[5],
    &[1],
    &[0, 4],
    &[2, 1, 4],
    &[37],
    &[7, 9],
];
const LONG: &[&[usize]] = &[&[600], &[1100], &[2, 530], &[530, 2], &[1537], &[3, 4, 45]];

/// The case of a seed.
pub fn case(seed: u64) -> Case {
    let mut maker = Maker { rng: Rng::new(seed), graph: Graph::new(), values: Vec::new(), inputs: Vec::new() };
    for _ in 0..1 + maker.rng.below(3) {
        let shape = if maker.rng.chance(6) { maker.rng.pick(LONG) } else { maker.rng.pick(SHAPES) };
        let usual = maker.rng.chance(60);
        let dtype =
            maker.rng.pick(if usual { &[DType::I64, DType::F32, DType::F64, DType::F64] } else { &DType::ALL[..] });
        maker.plain(dtype, shape);
    }
    let nodes = 1 + maker.rng.below(14);
    let mut tries = 0;
    while maker.graph.node_count() < nodes + maker.inputs.len() && tries < 200 {
        tries += 1;
        let _refused: Result<(), Problem> = maker.node();
    }
    maker.complex(seed);
    maker.finish()
}

impl Maker {
    fn input(&mut self, tensor: Tensor, facts: Facts) -> Known {
        let donated = self.rng.chance(30);
        let name = format!("x{}", self.inputs.len()).into();
        let node = Node::Input(Input { name, ty: tensor.ty(), donated, facts });
        let value = self.graph.push(node, None).expect("an input is always valid");
        self.inputs.push(tensor);
        let known = Known { value, loose: 0.0, mild: false, spd: false, index: 0 };
        self.values.push(known);
        known
    }

    fn last(&mut self) -> &mut Known {
        self.values.last_mut().expect("a value")
    }

    fn plain(&mut self, dtype: DType, shape: &[usize]) {
        let ty = Type::new(dtype, shape);
        let specials = self.rng.chance(40);
        let scalars: Vec<Scalar> = (0..ty.len()).map(|_| self.scalar(dtype, specials)).collect();
        self.input(Tensor::from_scalars(&ty, scalars), Facts::NONE);
    }

    fn scalar(&mut self, dtype: DType, specials: bool) -> Scalar {
        let special = specials && self.rng.chance(20);
        match dtype {
            DType::Bool => Scalar::Bool(self.rng.chance(50)),
            _ if dtype.is_complex() => {
                let [re, im] = [(); 2].map(|()| self.scalar(dtype.real(), specials));
                Scalar::complex(re, im).expect("two floats")
            }
            _ if dtype.is_integer() && special => {
                let wide = self.rng.pick(&[i64::MIN, i64::MAX, 0, -1, 1 << 40, 0x7f, 0x8000, 0x7fff_ffff]);
                Scalar::I64(wide).cast(dtype)
            }
            _ if dtype.is_integer() => Scalar::I64(self.rng.below(9) as i64 - 4).cast(dtype),
            _ if special => {
                let x =
                    self.rng.pick(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, 5e-324, 1e308, 1e19, 0.5]);
                Scalar::F64(x).cast(dtype)
            }
            _ => Scalar::F64((self.rng.unit() * 64.0).round() / 16.0).cast(dtype),
        }
    }

    fn mild(&mut self, dtype: DType, shape: &[usize]) -> Known {
        let ty = Type::new(dtype, shape);
        let scalars: Vec<Scalar> = (0..ty.len()).map(|_| Scalar::F64(self.rng.unit()).cast(dtype)).collect();
        let known = self.input(Tensor::from_scalars(&ty, scalars), Facts::NONE);
        self.last().mild = true;
        Known { mild: true, ..known }
    }

    /// Symmetric and diagonally dominant, with or without saying so.
    fn spd(&mut self, dtype: DType, stack: &[usize], n: usize) -> Known {
        let shape: Vec<usize> = stack.iter().copied().chain([n, n]).collect();
        let ty = Type::new(dtype, &shape);
        let mut data = vec![0.0; ty.len()];
        for matrix in data.chunks_mut(n * n) {
            for i in 0..n {
                for j in 0..=i {
                    let x = if i == j { n as f64 + self.rng.unit() } else { self.rng.unit() };
                    (matrix[i * n + j], matrix[j * n + i]) = (x, x);
                }
            }
        }
        let scalars = data.into_iter().map(|x| Scalar::F64(x).cast(dtype));
        let facts = if self.rng.chance(50) { Facts::SPD } else { Facts::NONE };
        self.input(Tensor::from_scalars(&ty, scalars), facts);
        let last = self.last();
        (last.mild, last.spd) = (true, true);
        *last
    }

    fn any(&mut self) -> Known {
        let at = self.rng.below(self.values.len());
        self.values[at]
    }

    fn at(&mut self) -> At<'_> {
        At { graph: &mut self.graph, loc: None }
    }

    fn add(&mut self, value: ValueId, like: &[Known]) {
        let loose = like.iter().map(|k| k.loose).fold(0.0, f64::max);
        self.values.push(Known { value, loose, mild: false, spd: false, index: 0 });
    }

    fn node(&mut self) -> Result<(), Problem> {
        match self.rng.below(100) {
            0..40 => self.elementwise(),
            40..46 => {
                let x = self.any();
                let dtype = self.rng.pick(&DType::ALL);
                if x.loose > 0.0 && !dtype.is_float() {
                    return Ok(());
                }
                let value = build::cast(&mut self.at(), &x.value, dtype)?;
                self.add(value, &[x]);
                Ok(())
            }
            46..62 => self.view(),
            62..66 => self.with_slice(),
            66..72 => {
                let (x, y) = (self.any(), self.any());
                let axis = self.rng.below(3) as isize;
                let operands = [Operand::Value(x.value), Operand::Value(y.value), Operand::Value(x.value)];
                let n = 1 + self.rng.below(3);
                let value = build::concat(&mut self.at(), &operands[..n], axis)?;
                let known = [x, y];
                self.add(value, &known[..n.min(2)]);
                Ok(())
            }
            72..77 => self.take(),
            77..83 => self.reduce(),
            83..86 => self.scan(),
            86..89 => self.order(),
            89..91 => self.custom(),
            _ => self.linalg(),
        }
    }

    fn elementwise(&mut self) -> Result<(), Problem> {
        use ElementwiseOp::*;
        let op = self.rng.pick(ElementwiseOp::ALL);
        let mut known: Vec<Known> = Vec::new();
        let mut operands: Vec<Operand<ValueId>> = Vec::new();
        for _ in 0..op.arity() {
            if !known.is_empty() && self.rng.chance(20) {
                let x = self.rng.pick(&[0.0, 1.0, -1.0, 2.0, 0.5, 3.0, -0.0]);
                let weak = if self.rng.chance(50) { WeakScalar::Float(x) } else { WeakScalar::Int(x as i64) };
                operands.push(Operand::Weak(weak));
            } else {
                let x = self.any();
                known.push(x);
                operands.push(Operand::Value(x.value));
            }
        }
        let continuous = matches!(op, Add | Subtract | Negative | Maximum | Minimum | Absolute);
        if known.iter().any(|k| k.loose > 0.0) && !continuous {
            return Ok(());
        }
        let value = build::elementwise(&mut self.at(), op, &operands)?;
        self.add(value, &known);
        Ok(())
    }

    fn custom(&mut self) -> Result<(), Problem> {
        let function = &functions::functions()[self.rng.below(functions::functions().len())];
        let arity = function.signature().map_or(0, |signature| signature.operands().len());
        let mut operands: Vec<Operand<ValueId>> = Vec::new();
        for _ in 0..arity {
            let x = self.any();
            // What is computed up to rounding may not decide over a panic, nor over an integer.
            if x.loose > 0.0 {
                return Ok(());
            }
            let weak = function.is_elementwise() && self.rng.chance(15);
            operands.push(if weak { Operand::Weak(WeakScalar::Float(0.5)) } else { Operand::Value(x.value) });
        }
        for value in build::custom(&mut self.at(), function, &operands)? {
            self.add(value, &[]);
        }
        Ok(())
    }

    fn view(&mut self) -> Result<(), Problem> {
        let x = self.any();
        let ty = self.graph.ty(x.value).clone();
        let value = match self.rng.below(6) {
            0 => {
                let mut axes: Vec<isize> = (0..ty.rank() as isize).collect();
                for i in (1..axes.len()).rev() {
                    axes.swap(i, self.rng.below(i + 1));
                }
                build::transpose(&mut self.at(), &x.value, Some(&axes))?
            }
            1 => {
                let shape =
                    self.rng.pick(&[&[-1][..], &[2, -1], &[-1, 4], &[4, 3], &[2, 2, -1], &[3, -1, 1], &[-1, 1, 2]]);
                build::reshape(&mut self.at(), &x.value, shape)?
            }
            2 => {
                let mut shape = ty.shape.to_vec();
                shape.iter_mut().for_each(|n| {
                    if *n == 1 {
                        *n = 3
                    }
                });
                shape.insert(0, 1 + self.rng.below(3));
                build::broadcast_to(&mut self.at(), &x.value, &shape)?
            }
            3 | 4 => {
                let axes: SmallVec<[SliceAxis; 4]> = ty.shape.iter().map(|&n| self.slice(n)).collect();
                build::view(&mut self.at(), &x.value, View::Slice(axes))?
            }
            _ => build::diagonal(&mut self.at(), &x.value)?,
        };
        self.add(value, &[x]);
        self.last().mild = x.mild;
        Ok(())
    }

    /// A slice replaced by a number, by another value, or by what it was, turned.
    fn with_slice(&mut self) -> Result<(), Problem> {
        let x = self.any();
        let ty = self.graph.ty(x.value).clone();
        let slices: Vec<SliceAxis> = ty.shape.iter().map(|&n| self.slice(n)).collect();
        let index = |s: &SliceAxis| {
            let stop = s.start as isize + s.step * s.len as isize;
            let stop = (stop >= 0).then_some(stop);
            Index::Slice { start: Some(s.start as isize), stop: if s.len == 0 { Some(0) } else { stop }, step: s.step }
        };
        let indices: Vec<Index> = slices.iter().map(index).collect();
        let (y, like) = match self.rng.below(4) {
            0 => (Operand::Weak(WeakScalar::Int(3)), x),
            1 => {
                let y = self.any();
                if y.loose > 0.0 && !ty.dtype.is_float() {
                    return Ok(());
                }
                (Operand::Value(y.value), y)
            }
            turned => {
                let mut y = build::index(&mut self.at(), &x.value, &indices)?;
                if turned == 2 && ty.rank() > 0 {
                    let back = Index::Slice { start: None, stop: None, step: -1 };
                    y = build::index(&mut self.at(), &y, &[back])?;
                }
                (Operand::Value(y), x)
            }
        };
        let value = evanesce_ir::compose::with_slice(&mut self.at(), &x.value, &indices, &y)?;
        self.add(value, &[x, like]);
        Ok(())
    }

    fn slice(&mut self, n: usize) -> SliceAxis {
        let bound = |rng: &mut Rng| match rng.chance(40) {
            true => None,
            false => Some(rng.below(2 * n + 3) as isize - n as isize - 1),
        };
        let (start, stop) = (bound(&mut self.rng), bound(&mut self.rng));
        let step = self.rng.pick(&[1, 1, 2, 3, -1, -2]);
        SliceAxis::new(start, stop, step, n).expect("the step is not zero")
    }

    fn take(&mut self) -> Result<(), Problem> {
        let x = self.any();
        let ty = self.graph.ty(x.value).clone();
        if ty.rank() == 0 {
            return Ok(());
        }
        let axis = self.rng.below(ty.rank());
        let n = ty.shape[axis];
        let found = self.values.iter().copied().find(|k| k.index == n && n > 0);
        let indices = match found {
            Some(known) => known.value,
            None if n == 0 => return Ok(()),
            None => {
                let shape = self.rng.pick(&[&[][..], &[3], &[2, 2], &[5], &[3, 1], &[1, 4]]);
                let ty = Type::new(DType::I64, shape);
                // Once in a while an index is out of bounds: every engine must say so.
                let reach = if self.rng.chance(15) { n + 1 } else { n };
                let scalars: Vec<Scalar> =
                    (0..ty.len()).map(|_| Scalar::I64(self.rng.below(2 * reach) as i64 - reach as i64)).collect();
                let tensor = Tensor::from_scalars(&ty, scalars);
                if self.rng.chance(50) {
                    build::constant(&mut self.at(), tensor)?
                } else {
                    let known = self.input(tensor, Facts::NONE);
                    self.last().index = n;
                    known.value
                }
            }
        };
        let mut operands = vec![Operand::Value(x.value), Operand::Value(indices)];
        // The same indices for two axes, where that is in bounds, or beside the array.
        let along = self.rng.chance(20) && self.graph.ty(indices).rank() == ty.rank();
        if !along && ty.shape.get(axis + 1).is_some_and(|&next| next >= n) && self.rng.chance(30) {
            operands.push(Operand::Value(indices));
        }
        let value = build::take(&mut self.at(), &operands, Some(axis as isize), along)?;
        if self.rng.chance(60) {
            self.add(value, &[x]);
            return Ok(());
        }
        // What was taken, or a number, or any other value, is put there or added.
        let (y, like) = match self.rng.below(3) {
            0 => (Operand::Value(value), x),
            1 => (Operand::Weak(WeakScalar::Int(2)), x),
            _ => {
                let y = self.any();
                if y.loose > 0.0 && !ty.dtype.is_float() {
                    return Ok(());
                }
                (Operand::Value(y.value), y)
            }
        };
        operands.push(y);
        let op = match self.rng.below(10) {
            0..3 => Some(ElementwiseOp::Add),
            3 => Some(self.rng.pick(ElementwiseOp::ALL)),
            _ => None,
        };
        let value = evanesce_ir::compose::put(&mut self.at(), &operands, Some(axis as isize), along, op)?;
        self.add(value, &[x, like]);
        Ok(())
    }

    fn reduce(&mut self) -> Result<(), Problem> {
        let x = self.any();
        let op = self.rng.pick(ReduceOp::ALL);
        if x.loose > 0.0 && !matches!(op, ReduceOp::Sum | ReduceOp::Max | ReduceOp::Min) {
            return Ok(());
        }
        let rank = self.graph.ty(x.value).rank();
        let axes: Vec<isize> = (0..rank as isize).filter(|_| self.rng.chance(50)).collect();
        let axes = match (op.is_arg(), self.rng.chance(20)) {
            (_, true) => None,
            (true, _) if rank > 0 => Some(vec![self.rng.below(rank) as isize]),
            _ => Some(axes),
        };
        let keepdims = axes.is_some() && self.rng.chance(30);
        let value = build::reduce(&mut self.at(), op, &x.value, axes.as_deref(), keepdims)?;
        self.add(value, &[x]);
        Ok(())
    }

    fn scan(&mut self) -> Result<(), Problem> {
        use ElementwiseOp::*;
        let x = self.any();
        let op = match self.rng.below(10) {
            _ if x.loose > 0.0 => self.rng.pick(&[Add, Maximum, Minimum]),
            0..5 => self.rng.pick(&[Add, Maximum, Minimum]),
            5 => Power,
            _ => self.rng.pick(ElementwiseOp::ALL),
        };
        let axis = self.rng.below(self.graph.ty(x.value).rank().max(1)) as isize;
        let value = build::accumulate(&mut self.at(), op, &x.value, axis)?;
        self.add(value, &[x]);
        Ok(())
    }

    fn order(&mut self) -> Result<(), Problem> {
        let (x, y) = (self.any(), self.any());
        let op = self.rng.pick(OrderOp::ALL);
        if op != OrderOp::Sort && (x.loose > 0.0 || y.loose > 0.0) {
            return Ok(());
        }
        let axis = self.rng.below(self.graph.ty(x.value).rank().max(1)) as isize;
        let value = match op {
            OrderOp::Sort | OrderOp::Argsort => build::sort(&mut self.at(), op, &x.value, Some(axis))?,
            OrderOp::Reduceat(_) => {
                let n = self.graph.ty(x.value).shape.get(axis as usize).copied().unwrap_or(0);
                // Once in a while an index is out of bounds.
                let reach = if self.rng.chance(10) { n + 1 } else { n };
                let count = self.rng.below(if n == 0 { 1 } else { 5 });
                let indices: Vec<Scalar> = (0..count).map(|_| Scalar::I64(self.rng.below(reach) as i64)).collect();
                let indices = Tensor::from_scalars(&Type::new(DType::I64, [count]), indices);
                let indices = build::constant(&mut self.at(), indices)?;
                let add = self.rng.chance(60);
                let which = if add { ElementwiseOp::Add } else { self.rng.pick(ElementwiseOp::ALL) };
                let operands = [x.value, indices].map(Operand::Value);
                evanesce_ir::compose::reduceat(&mut self.at(), which, &operands, axis, None)?
            }
            _ => {
                let sorted = build::sort(&mut self.at(), OrderOp::Sort, &x.value, None)?;
                let operands = [&Operand::Value(sorted), &Operand::Value(y.value)];
                build::searchsorted(&mut self.at(), operands, op == OrderOp::SearchsortedRight)?
            }
        };
        self.add(value, &[x, y]);
        Ok(())
    }

    fn linalg(&mut self) -> Result<(), Problem> {
        let dtype = self.rng.pick(&[DType::F64, DType::F64, DType::F32]);
        let stack = self.rng.pick(&[&[][..], &[], &[], &[2], &[3, 1]]);
        let n = self.rng.pick(&[1, 2, 3, 4, 7, 10, 40]);
        let columns = 1 + self.rng.below(4);
        // What takes the results of another op, or matrices of one kind, has no operands here; an exponential is too large for
        // what may follow.
        let op = self.rng.pick(LinalgOp::ALL);
        if matches!(op, LinalgOp::LuSolve | LinalgOp::LuSolveTransposed | LinalgOp::Gbsv | LinalgOp::Trsyl)
            || matches!(op, LinalgOp::SolveDiscreteAre | LinalgOp::Expm | LinalgOp::Eig)
        {
            return Ok(());
        }
        let matrix = match op {
            LinalgOp::Matmul
            | LinalgOp::Qr
            | LinalgOp::QrComplete
            | LinalgOp::Lu
            | LinalgOp::Svd
            | LinalgOp::SvdFull
            | LinalgOp::Svdvals => {
                let existing: Vec<Known> = self
                    .values
                    .iter()
                    .copied()
                    .filter(|k| (k.mild || k.loose > 0.0) && self.graph.ty(k.value).rank() >= 2)
                    .filter(|k| op == LinalgOp::Matmul || k.loose == 0.0)
                    .filter(|k| self.graph.ty(k.value).dtype.is_float() && self.graph.ty(k.value).len() < 2000)
                    .collect();
                if existing.is_empty() || self.rng.chance(40) {
                    let m = 1 + self.rng.below(5);
                    self.mild(dtype, &stack.iter().copied().chain([m, n]).collect::<Vec<_>>())
                } else {
                    self.rng.pick(&existing)
                }
            }
            _ => self.spd(dtype, stack, n),
        };
        let ty = self.graph.ty(matrix.value).clone();
        let mut operand = matrix.value;
        if matrix.spd && self.rng.chance(30) {
            operand = build::matrix_transpose(&mut self.at(), &operand)?;
        }
        let mut operands = vec![Operand::Value(operand)];
        if op.arity() == 2 {
            let rows = ty.shape[ty.rank() - if op == LinalgOp::Matmul { 1 } else { 2 }];
            let right = match self.rng.below(4) {
                0 => self.mild(ty.dtype, &[rows]),
                1 => {
                    let wide = self.mild(ty.dtype, &[columns, rows]);
                    let value = build::transpose(&mut self.at(), &wide.value, None)?;
                    Known { value, ..wide }
                }
                _ => self.mild(ty.dtype, &[rows, columns]),
            };
            operands.push(Operand::Value(right.value));
        }
        let lower = self.rng.chance(50);
        let results = build::linalg(&mut self.at(), op, &operands, lower)?;
        let rounding = if ty.dtype == DType::F32 { 1e-3 } else { 1e-9 };
        let loose = matrix.loose.max(rounding);
        for value in self.determined(op, &results)? {
            self.values.push(Known { value, loose, mild: false, spd: false, index: 0 });
        }
        Ok(())
    }

    /// What the results of an op determine up to rounding: of vectors with a free sign, what they multiply to.
    fn determined(&mut self, op: LinalgOp, results: &[ValueId]) -> Result<Vec<ValueId>, Problem> {
        let b = &mut self.at();
        let (left, values, right) = match (op, results) {
            (LinalgOp::Eigh, &[w, v]) => (v, w, complex::adjoint(b, v)?),
            (LinalgOp::Svd, &[u, s, vt]) => (u, s, vt),
            (LinalgOp::SvdFull, &[u, s, vt]) => {
                let k = *b.graph.ty(s).shape.last().expect("values are an axis") as isize;
                let first = Index::Slice { start: None, stop: Some(k), step: 1 };
                let leading = vec![Index::ALL; b.graph.ty(u).rank() - 2];
                let u = build::index(b, &u, &[&leading[..], &[Index::ALL, first]].concat())?;
                (u, s, build::index(b, &vt, &[&leading[..], &[first, Index::ALL]].concat())?)
            }
            // The columns of `q` beyond the others are any basis.
            (LinalgOp::QrComplete, &[q, r]) => {
                let product = build::linalg(b, LinalgOp::Matmul, &[q, r].map(Operand::Value), false)?;
                return Ok(vec![r, product[0]]);
            }
            // Where pivots are nearly equal rounding chooses.
            (LinalgOp::Lu, &[p, l, u]) => {
                let pl = build::linalg::matmul(b, &p, &l)?;
                return Ok(vec![build::linalg::matmul(b, &pl, &u)?]);
            }
            (LinalgOp::LuFactor, &[lu, pivots]) => {
                let ty = b.graph.ty(lu).clone();
                let one = build::scalar(b, Scalar::one(ty.dtype))?;
                let ones = build::broadcast_to(b, &one, &ty.shape[ty.rank() - 1..])?;
                let operands = [lu, pivots, ones].map(Operand::Value);
                let solve = |op: LinalgOp, b: &mut At<'_>| Ok(build::linalg(b, op, &operands, false)?[0]);
                return Ok(vec![solve(LinalgOp::LuSolve, b)?, solve(LinalgOp::LuSolveTransposed, b)?]);
            }
            (LinalgOp::Ldl, &[x, y, _]) | (LinalgOp::Schur, &[y, x]) => {
                let (xy, xt) = (build::linalg::matmul(b, &x, &y)?, complex::adjoint(b, x)?);
                return Ok(vec![build::linalg::matmul(b, &xy, &xt)?]);
            }
            // In no order.
            (LinalgOp::Eigvals, &[w]) => {
                return Ok(vec![build::reduce(b, ReduceOp::Sum, &w, Some(&[-1]), false)?]);
            }
            // An estimate of a condition number, and an integer.
            (LinalgOp::TrySolve | LinalgOp::TryCholesky, &[x, _]) => return Ok(vec![x]),
            _ => return Ok(results.to_vec()),
        };
        let row = build::expand_dims(b, &values, -2)?;
        let scaled = build::elementwise(b, ElementwiseOp::Multiply, &[left, row].map(Operand::Value))?;
        let product = build::linalg(b, LinalgOp::Matmul, &[scaled, right].map(Operand::Value), false)?;
        Ok(vec![values, product[0]])
    }

    fn finish(mut self) -> Case {
        let (mut loose, mut updated) = (Vec::new(), Vec::new());
        for _ in 0..1 + self.rng.below(3) {
            // Late values have more behind them.
            let n = self.values.len();
            let known = self.values[n - 1 - self.rng.below(n).min(self.rng.below(n))];
            let ty = self.graph.ty(known.value).clone();
            let fits = |input: &Input| input.donated && input.ty == ty;
            let into = self.graph.inputs().map(|(_, i)| i).find(|i| fits(i) && !updated.contains(&i.name));
            let into = into.map(|i| i.name.clone()).filter(|_| self.rng.chance(60));
            updated.extend(into.clone());
            self.graph.outputs.push(Output { value: known.value, into });
            loose.push(known.loose);
        }
        let graph = self.graph.sweep();
        let mut rng = self.rng;
        let strides = self.inputs.iter().map(|t| layout(&mut rng, t.shape())).collect();
        Case { graph, inputs: self.inputs, strides, loose }
    }
}

/// Row-major, column-major, or backwards along an axis.
fn layout(rng: &mut Rng, shape: &[usize]) -> Option<Strides> {
    let mut strides = row_major(shape);
    match rng.below(6) {
        0 => {
            let reversed: Vec<usize> = shape.iter().rev().copied().collect();
            strides = row_major(&reversed).into_iter().rev().collect();
        }
        1 if !shape.is_empty() => {
            let axis = rng.below(shape.len());
            strides[axis] = -strides[axis];
        }
        2 => strides.iter_mut().for_each(|s| *s *= 2),
        _ => return None,
    }
    Some(strides)
}

/// Whether two results are the same: bit for bit with NaNs equal, or within a tolerance.
pub fn same(expected: &Tensor, found: &Tensor, tolerance: f64) -> bool {
    let number = |s: &Scalar| match s.cast(DType::F64) {
        Scalar::F64(x) => x,
        _ => unreachable!("cast to f64"),
    };
    if expected.ty() != found.ty() {
        return false;
    }
    let parts = |tensor: &Tensor| -> Vec<Scalar> {
        tensor.scalars().into_iter().flat_map(|s| <[Scalar; 2]>::from(s.parts())).collect()
    };
    let (expected, found) = (parts(expected), parts(found));
    let scale = expected.iter().map(number).filter(|x| x.is_finite()).fold(1.0, |m: f64, x| m.max(x.abs()));
    expected.iter().zip(found).all(|(x, y)| {
        let (a, b) = (number(x), number(&y));
        *x == y || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * scale
    })
}

/// A text with something wrong: bytes cut out, doubled, overwritten, or a line of another text put in.
pub fn mutate(rng: &mut Rng, text: &str, corpus: &[String]) -> String {
    const PIECES: &[&str] = &[
        "%",
        "$",
        "[",
        "]",
        "{",
        "}",
        "-",
        "->",
        "<-",
        ",",
        ":",
        "=",
        "\n",
        "\0",
        "é",
        "#",
        "0",
        "99999999999999999999",
        "9223372036854775807",
        "-9223372036854775808",
        "f64[",
        "t0",
        "i9",
        "r",
        "nan",
        "1e999",
        "return",
        "program",
        "%0",
    ];
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..1 + rng.below(3) {
        let at = rng.below(chars.len() + 1);
        let end = (at + rng.below(8)).min(chars.len());
        let piece: Vec<char> = match rng.below(5) {
            0 => Vec::new(),
            1 => chars[at..end].repeat(2),
            2 | 3 => rng.pick(PIECES).chars().collect(),
            _ => {
                let other = &corpus[rng.below(corpus.len())];
                let lines: Vec<&str> = other.lines().collect();
                format!("\n{}\n", lines.get(rng.below(lines.len() + 1)).unwrap_or(&"")).chars().collect()
            }
        };
        chars.splice(at..end, piece);
    }
    chars.into_iter().collect()
}

/// A text in which one number, or two, became another.
pub fn renumber(rng: &mut Rng, text: &str) -> String {
    let mut text = text.to_string();
    for _ in 0..1 + rng.below(2) {
        let starts: Vec<usize> = text
            .match_indices(|c: char| c.is_ascii_digit())
            .map(|(at, _)| at)
            .filter(|&at| at == 0 || !text.as_bytes()[at - 1].is_ascii_digit())
            .collect();
        if starts.is_empty() {
            break;
        }
        let start = rng.pick(&starts);
        let end = start + text[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - start);
        let Ok(number) = text[start..end].parse::<u64>() else { continue };
        let other = rng.pick(&[0, 1, 2, 3, number.saturating_sub(1), number.saturating_add(1), number / 2]);
        text.replace_range(start..end, &other.to_string());
    }
    text
}
