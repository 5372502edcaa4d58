//! Matrices in memory of all kinds of strides, everything around them NaN, for tests over sizes and stacks.

#![allow(dead_code, unreachable_pub, reason = "shared by test binaries that use parts of it")]

use evanesce::Tensor;
use evanesce_ir::tensor::{Element, Scalar};
use evanesce_ir::types::DType;
use ndarray::{ArrayD, ArrayViewD, Axis, Slice};
use std::fmt;

/// The sizes of LAPACK's tests and those beside our crossovers.
const SIZES: &[usize] = &[0, 1, 2, 3, 5, 10, 16, 33, 50, 130];

/// An element that LAPACK computes with.
pub trait Num: Element {
    /// The distance from 1 to the next number.
    const EPS: f64;
    /// The nearest number.
    fn of(x: f64) -> Self;
}

impl Num for f64 {
    const EPS: f64 = f64::EPSILON;
    fn of(x: f64) -> f64 {
        x
    }
}

impl Num for f32 {
    const EPS: f64 = f32::EPSILON as f64;
    fn of(x: f64) -> f32 {
        x as f32
    }
}

fn as_f64(x: Scalar) -> f64 {
    match x.cast(DType::F64) {
        Scalar::F64(x) => x,
        _ => unreachable!("cast to f64"),
    }
}

fn number<T: Num>(x: T) -> f64 {
    as_f64(x.to_scalar())
}

/// The elements as `f64`.
pub fn floats(tensor: &Tensor) -> ArrayD<f64> {
    let data = tensor.scalars().into_iter().map(as_f64).collect();
    ArrayD::from_shape_vec(tensor.shape(), data).expect("as many elements as the shape has")
}

/// Elements between -0.5 and 0.5 that look random.
pub fn matrices<T: Num>(shape: &[usize], seed: u64) -> ArrayD<T> {
    let mut at = seed.wrapping_mul(1_000_003);
    ArrayD::from_shape_simple_fn(shape, || {
        at = at.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut h = at;
        for _ in 0..3 {
            h = (h ^ (h >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        }
        T::of((h >> 40) as f64 / (1u64 << 24) as f64 - 0.5)
    })
}

/// How a matrix lies in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    RowMajor,
    ColumnMajor,
    /// Rows with something behind them, and something before the first.
    Padded,
    /// Columns with something behind them.
    PaddedColumns,
    /// Both axes, and those of the stack, backwards.
    Reversed,
    /// Every second row and column.
    Strided,
}

const LAYOUTS: [Layout; 6] =
    [Layout::RowMajor, Layout::ColumnMajor, Layout::Padded, Layout::PaddedColumns, Layout::Reversed, Layout::Strided];

/// What is tested.
pub struct Case {
    /// Rows and columns.
    pub size: usize,
    stack: Vec<usize>,
    layout: Layout,
    /// Badly conditioned, rows of sizes that go down.
    pub graded: bool,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.graded { "graded" } else { "random" };
        write!(f, "of {kind} matrices of order {}, stack {:?}, {:?}", self.size, self.stack, self.layout)
    }
}

/// A stack of matrices somewhere in memory.
pub struct Held<T> {
    memory: ArrayD<T>,
    shape: Vec<usize>,
    layout: Layout,
}

impl<T: Num> Held<T> {
    fn new(values: &ArrayD<T>, layout: Layout) -> Held<T> {
        let shape = values.shape().to_vec();
        let [ref stack @ .., m, n] = shape[..] else { panic!("a matrix has two axes") };
        let core = match layout {
            Layout::RowMajor | Layout::Reversed => [m, n],
            Layout::ColumnMajor => [n, m],
            Layout::Padded => [m + 2, n + 3],
            Layout::PaddedColumns => [n + 1, m + 2],
            Layout::Strided => [2 * m, 2 * n],
        };
        let whole: Vec<usize> = stack.iter().copied().chain(core).collect();
        let memory = ArrayD::from_elem(whole, T::of(f64::NAN));
        let mut held = Held { memory, shape: shape.clone(), layout };
        let rank = shape.len();
        let mut view = held.memory.view_mut();
        if matches!(layout, Layout::ColumnMajor | Layout::PaddedColumns) {
            view.swap_axes(rank - 2, rank - 1);
        }
        for (axis, slice) in slices(layout, &shape) {
            view.slice_axis_inplace(axis, slice);
        }
        view.assign(values);
        held
    }

    /// The matrices where they lie.
    pub fn view(&self) -> ArrayViewD<'_, T> {
        let (mut view, rank) = (self.memory.view(), self.shape.len());
        if matches!(self.layout, Layout::ColumnMajor | Layout::PaddedColumns) {
            view.swap_axes(rank - 2, rank - 1);
        }
        for (axis, slice) in slices(self.layout, &self.shape) {
            view.slice_axis_inplace(axis, slice);
        }
        view
    }

    /// Their elements.
    pub fn values(&self) -> ArrayD<f64> {
        floats(&T::wrap(self.view().as_standard_layout().into_owned()))
    }
}

/// What of each axis of the memory belongs to the matrices.
fn slices(layout: Layout, shape: &[usize]) -> Vec<(Axis, Slice)> {
    let rank = shape.len();
    let part =
        |axis: usize, start: usize| (Axis(axis), Slice::new(start as isize, Some((start + shape[axis]) as isize), 1));
    match layout {
        Layout::RowMajor | Layout::ColumnMajor => Vec::new(),
        Layout::Padded => vec![part(rank - 2, 1), part(rank - 1, 0)],
        Layout::PaddedColumns => vec![part(rank - 2, 1), part(rank - 1, 1)],
        Layout::Reversed => (0..rank).map(|axis| (Axis(axis), Slice::new(0, None, -1))).collect(),
        Layout::Strided => (rank - 2..rank).map(|axis| (Axis(axis), Slice::new(0, None, 2))).collect(),
    }
}

/// Square matrices of every size, stack and layout, with and without condition numbers of about a million (a thousand in
/// single precision). What lies between the elements must be as it was afterwards.
pub fn cases<T: Num>(mut test: impl FnMut(&Case, &Held<T>)) {
    for &size in SIZES {
        for stack in [&[][..], &[3], &[3, 2]] {
            for (at, layout) in LAYOUTS.into_iter().enumerate() {
                // Large ones once: they are slow.
                if size >= 50 && (at + stack.len() + size) % 6 != 0 {
                    continue;
                }
                let graded = (at + stack.len()) % 2 == 1;
                let shape: Vec<usize> = stack.iter().copied().chain([size, size]).collect();
                let mut values = matrices::<T>(&shape, (size + at) as u64);
                if graded {
                    // Rows of sizes that go down, and a diagonal that is not small beside them.
                    let range: f64 = if T::EPS < 1e-10 { 1e-6 } else { 1e-3 };
                    let (core, last) = (shape.len() - 2, size.max(2) - 1);
                    for (index, x) in values.indexed_iter_mut() {
                        let (i, j) = (index[core], index[core + 1]);
                        *x = T::of((number(*x) + f64::from(i == j)) * range.powf(i as f64 / last as f64));
                    }
                }
                let held = Held::new(&values, layout);
                let case = Case { size, stack: stack.to_vec(), layout, graded };
                test(&case, &held);
                let left = held.memory.iter().filter(|x| number(**x).is_nan()).count();
                assert_eq!(left + values.len(), held.memory.len(), "what lies between the elements changed: {case}");
                assert_eq!(held.view(), values.view(), "an input changed: {case}");
            }
        }
    }
}
