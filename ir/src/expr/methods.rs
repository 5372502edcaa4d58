//! Methods of expressions, by NumPy's names.

use super::Expr;
use super::operators::{IntoOperand, elementwise};
use crate::build::{self, Index, Operand};
use crate::error::Problem;
use crate::facts::Facts;
use crate::ops::{ElementwiseOp, LinalgOp, ReduceOp};
use crate::types::DType;
use ndarray::SliceInfoElem;

/// Axes to reduce: one, several, or all (`()`). Negative ones count from the last.
pub trait Axes {
    /// The axes, `None` for all.
    fn axes(&self) -> Option<Vec<isize>>;
}

impl Axes for () {
    fn axes(&self) -> Option<Vec<isize>> {
        None
    }
}

impl Axes for isize {
    fn axes(&self) -> Option<Vec<isize>> {
        Some(vec![*self])
    }
}

impl<const N: usize> Axes for [isize; N] {
    fn axes(&self) -> Option<Vec<isize>> {
        Some(self.to_vec())
    }
}

impl Axes for &[isize] {
    fn axes(&self) -> Option<Vec<isize>> {
        Some(self.to_vec())
    }
}

macro_rules! unary {
    ($($name:ident $op:ident)*) => {
        impl<'a> Expr<'a> {
            $(
                #[doc = concat!("NumPy's `", stringify!($name), "`, element by element: see [`ElementwiseOp::", stringify!($op), "`].")]
                #[track_caller]
                pub fn $name(&self) -> Expr<'a> {
                    elementwise(ElementwiseOp::$op, [self.into_operand()])
                }
            )*
        }
    };
}

macro_rules! binary {
    ($($name:ident $op:ident)*) => {
        impl<'a> Expr<'a> {
            $(
                #[doc = concat!("NumPy's `", stringify!($name), "`, element by element: see [`ElementwiseOp::", stringify!($op), "`].")]
                #[track_caller]
                pub fn $name(&self, other: impl IntoOperand<'a>) -> Expr<'a> {
                    elementwise(ElementwiseOp::$op, [self.into_operand(), other.into_operand()])
                }
            )*
        }
    };
}

macro_rules! reductions {
    ($($name:ident $keepdims:ident $op:ident)*) => {
        impl<'a> Expr<'a> {
            $(
                #[doc = concat!("NumPy's `", stringify!($name), "` over axes, `()` for all: see [`ReduceOp::", stringify!($op), "`].")]
                #[track_caller]
                pub fn $name(&self, axes: impl Axes) -> Expr<'a> {
                    self.reduce(ReduceOp::$op, axes, false)
                }

                #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), ") that keeps the axes with size 1.")]
                #[track_caller]
                pub fn $keepdims(&self, axes: impl Axes) -> Expr<'a> {
                    self.reduce(ReduceOp::$op, axes, true)
                }
            )*
        }
    };
}

unary! {
    negative Negative absolute Absolute abs Absolute sign Sign square Square reciprocal Reciprocal sqrt Sqrt cbrt Cbrt
    exp Exp exp2 Exp2 expm1 Expm1 log Log log2 Log2 log10 Log10 log1p Log1p
    sin Sin cos Cos tan Tan arcsin Arcsin arccos Arccos arctan Arctan sinh Sinh cosh Cosh tanh Tanh
    floor Floor ceil Ceil trunc Trunc rint Rint logical_not LogicalNot isfinite Isfinite isnan Isnan
    arcsinh Arcsinh arccosh Arccosh arctanh Arctanh spacing Spacing signbit Signbit isinf Isinf invert Invert
    bitwise_count BitwiseCount expit Expit logit Logit erf Erf erfc Erfc gamma Gamma gammaln Gammaln digamma Digamma
}

binary! {
    add Add subtract Subtract multiply Multiply divide Divide floor_divide FloorDivide remainder Remainder
    power Power pow Power arctan2 Arctan2 hypot Hypot maximum Maximum minimum Minimum
    equal Equal not_equal NotEqual less Less less_equal LessEqual greater Greater greater_equal GreaterEqual
    logical_and LogicalAnd logical_or LogicalOr logical_xor LogicalXor
    fmod Fmod gcd Gcd lcm Lcm heaviside Heaviside logaddexp Logaddexp logaddexp2 Logaddexp2 copysign Copysign
    nextafter Nextafter fmax Fmax fmin Fmin bitwise_and BitwiseAnd bitwise_or BitwiseOr bitwise_xor BitwiseXor
    left_shift LeftShift right_shift RightShift ldexp Ldexp
}

reductions! {
    sum sum_keepdims Sum prod prod_keepdims Prod max max_keepdims Max min min_keepdims Min any any_keepdims Any
    all all_keepdims All argmax argmax_keepdims Argmax argmin argmin_keepdims Argmin
    nanmax nanmax_keepdims Nanmax nanmin nanmin_keepdims Nanmin
}

impl<'a> Expr<'a> {
    #[track_caller]
    pub(super) fn unary(
        &self,
        op: &'static str,
        build: impl FnOnce(&mut super::Lazy<'a>, &Expr<'a>) -> Result<Expr<'a>, Problem>,
    ) -> Expr<'a> {
        let [result] = Expr::apply(op, &[self.into_operand()], |lazy, _| Ok([build(lazy, self)?]));
        result
    }

    #[track_caller]
    pub(super) fn linalg<const N: usize>(
        &self,
        op: LinalgOp,
        other: Option<Operand<Expr<'a>>>,
        lower: bool,
    ) -> [Expr<'a>; N] {
        let operands: Vec<Operand<Expr<'a>>> = [self.into_operand()].into_iter().chain(other).collect();
        Expr::apply(op.name(), &operands, |lazy, operands| {
            let mut results = build::linalg(lazy, op, operands, lower)?.into_iter();
            Ok(std::array::from_fn(|_| results.next().expect("as many results as the table says")))
        })
    }

    /// A reduction of the table; all axes for `()`, which flattens for `argmax` and `argmin`.
    #[track_caller]
    pub fn reduce(&self, op: ReduceOp, axes: impl Axes, keepdims: bool) -> Expr<'a> {
        self.unary(op.name(), |lazy, x| build::reduce(lazy, op, x, axes.axes().as_deref(), keepdims))
    }

    /// The mean over axes, `()` for all: the sum divided by the count, in floating point. NaN of nothing.
    #[track_caller]
    pub fn mean(&self, axes: impl Axes) -> Expr<'a> {
        self.unary("mean", |lazy, x| build::mean(lazy, x, axes.axes().as_deref(), false))
    }

    /// [`mean`](Self::mean) that keeps the axes with size 1.
    #[track_caller]
    pub fn mean_keepdims(&self, axes: impl Axes) -> Expr<'a> {
        self.unary("mean", |lazy, x| build::mean(lazy, x, axes.axes().as_deref(), true))
    }

    /// Conversion to another dtype; floats to integers truncate and saturate, NaN becomes 0.
    #[track_caller]
    pub fn astype(&self, dtype: DType) -> Expr<'a> {
        self.unary("astype", |lazy, x| build::cast(lazy, x, dtype))
    }

    /// The axes in reverse order, NumPy's and ndarray's `t`.
    #[track_caller]
    pub fn t(&self) -> Expr<'a> {
        self.unary("transpose", |lazy, x| build::transpose(lazy, x, None))
    }

    /// The axes permuted: axis `i` of the result is axis `axes[i]` of this.
    #[track_caller]
    pub fn transpose(&self, axes: impl AsRef<[isize]>) -> Expr<'a> {
        self.unary("transpose", |lazy, x| build::transpose(lazy, x, Some(axes.as_ref())))
    }

    /// The last two axes exchanged, NumPy's `mT`.
    #[track_caller]
    pub fn matrix_transpose(&self) -> Expr<'a> {
        self.unary("matrix_transpose", build::matrix_transpose)
    }

    /// The same elements in row-major order in another shape; one size may be -1.
    #[track_caller]
    pub fn reshape(&self, shape: impl AsRef<[isize]>) -> Expr<'a> {
        self.unary("reshape", |lazy, x| build::reshape(lazy, x, shape.as_ref()))
    }

    /// Repeated along new leading axes and axes of size 1.
    #[track_caller]
    pub fn broadcast_to(&self, shape: impl AsRef<[usize]>) -> Expr<'a> {
        self.unary("broadcast_to", |lazy, x| build::broadcast_to(lazy, x, shape.as_ref()))
    }

    /// A new axis of size 1 at `axis` of the result.
    #[track_caller]
    pub fn expand_dims(&self, axis: isize) -> Expr<'a> {
        self.unary("expand_dims", |lazy, x| build::expand_dims(lazy, x, axis))
    }

    /// The main diagonal of the last two axes, as the last axis.
    #[track_caller]
    pub fn diagonal(&self) -> Expr<'a> {
        self.unary("diagonal", build::diagonal)
    }

    /// The sum of the main diagonal of the last two axes.
    #[track_caller]
    pub fn trace(&self) -> Expr<'a> {
        self.unary("trace", build::trace)
    }

    /// The same array with facts that the caller vouches for: wrong ones give wrong numbers.
    #[track_caller]
    pub fn assume(&self, facts: Facts) -> Expr<'a> {
        self.unary("assume", |lazy, x| build::assume(lazy, x, facts))
    }

    /// A view by ndarray's [`s!`](ndarray::s): `x.slice(s![1.., ..;-1, 0])`, with ndarray's meaning of a negative step (the
    /// range is taken, then walked backwards). Axes not named are taken whole.
    #[track_caller]
    pub fn slice(&self, slice: impl AsRef<[SliceInfoElem]>) -> Expr<'a> {
        self.unary("slice", |lazy, x| {
            let indices = indices(x, slice.as_ref())?;
            build::index(lazy, x, &indices)
        })
    }

    /// The `i`-th element of the first axis, from the end when negative: NumPy's `x[i]`.
    #[track_caller]
    pub fn at(&self, i: isize) -> Expr<'a> {
        self.unary("slice", |lazy, x| build::index(lazy, x, &[Index::At(i)]))
    }

    /// Elements along an axis by `i64` indices, which count from the end when negative; without an axis, of the flattened
    /// array. An index out of bounds is an error when it is run.
    #[track_caller]
    pub fn take(&self, indices: impl IntoOperand<'a>, axis: Option<isize>) -> Expr<'a> {
        let operands = [self.into_operand(), indices.into_operand()];
        let [result] = Expr::apply("take", &operands, |lazy, operands| Ok([build::take(lazy, operands, axis, false)?]));
        result
    }

    /// The product of matrices in the last two axes, leading axes broadcast; 1-d operands as in NumPy.
    #[track_caller]
    pub fn matmul(&self, other: impl IntoOperand<'a>) -> Expr<'a> {
        let [result] = self.linalg(LinalgOp::Matmul, Some(other.into_operand()), false);
        result
    }

    /// `x` with `self @ x = b`, by LU with partial pivoting, or by what is known of the matrix.
    #[track_caller]
    pub fn solve(&self, b: impl IntoOperand<'a>) -> Expr<'a> {
        let [result] = self.linalg(LinalgOp::Solve, Some(b.into_operand()), false);
        result
    }

    /// `x` with `self @ x = b`, of which only the lower or the upper triangle is read.
    #[track_caller]
    pub fn solve_triangular(&self, b: impl IntoOperand<'a>, lower: bool) -> Expr<'a> {
        let [result] = self.linalg(LinalgOp::SolveTriangular, Some(b.into_operand()), lower);
        result
    }

    /// The inverse; of a singular matrix an error when it is run.
    #[track_caller]
    pub fn inv(&self) -> Expr<'a> {
        let [result] = self.linalg(LinalgOp::Inv, None, false);
        result
    }

    /// The lower triangular `l` with `l @ l.T = self`, of which only the lower triangle is read; of a matrix that is not
    /// positive definite an error when it is run.
    #[track_caller]
    pub fn cholesky(&self) -> Expr<'a> {
        let [result] = self.linalg(LinalgOp::Cholesky, None, false);
        result
    }

    /// Orthonormal columns `q` and upper triangular `r` with `q @ r = self`, reduced.
    #[track_caller]
    pub fn qr(&self) -> (Expr<'a>, Expr<'a>) {
        let [q, r] = self.linalg(LinalgOp::Qr, None, false);
        (q, r)
    }

    /// The determinant.
    #[track_caller]
    pub fn det(&self) -> Expr<'a> {
        let [result] = self.linalg(LinalgOp::Det, None, false);
        result
    }
}

/// ndarray's slice of an expression as NumPy's.
pub(super) fn indices(x: &Expr<'_>, slice: &[SliceInfoElem]) -> Result<Vec<Index>, Problem> {
    let shape = &x.def.types[x.result].shape;
    let mut axis = 0;
    let index = |element: &SliceInfoElem| {
        if let SliceInfoElem::NewAxis = element {
            return Ok(Index::NewAxis);
        }
        axis += 1;
        let size = *shape.get(axis - 1).unwrap_or(&0);
        as_index(*element, axis - 1, size)
    };
    slice.iter().map(index).collect()
}

/// An element of ndarray's slices as one of NumPy's, for an axis of `size` elements.
fn as_index(element: SliceInfoElem, axis: usize, size: usize) -> Result<Index, Problem> {
    let n = size as isize;
    let from_end = |i: isize| if i < 0 { i + n } else { i };
    match element {
        SliceInfoElem::Index(i) => Ok(Index::At(i)),
        SliceInfoElem::NewAxis => Ok(Index::NewAxis),
        SliceInfoElem::Slice { start, end, step } => {
            let (start, end) = (from_end(start), end.map_or(n, from_end));
            if !(0..=n).contains(&start) || !(0..=n).contains(&end) {
                let range = format!("{start}..{end}");
                return Err(Problem::Slice(format!(
                    "the range {range} is out of bounds for axis {axis} of size {size}"
                )));
            }
            if end <= start {
                return Ok(Index::Slice { start: Some(0), stop: Some(0), step: 1 });
            }
            Ok(match step {
                ..0 => Index::Slice { start: Some(end - 1), stop: (start > 0).then(|| start - 1), step },
                _ => Index::Slice { start: Some(start), stop: Some(end), step },
            })
        }
    }
}
