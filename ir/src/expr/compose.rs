//! Methods that are compositions ([`crate::compose`]), by NumPy's names.

use super::methods::Axes;
use super::operators::IntoOperand;
use super::{Expr, create};
use crate::build::{self, Operand};
use crate::compose;
use crate::error::Loc;
use crate::ops::ReduceOp;
use crate::tensor::{Element, Scalar, Tensor};
use ndarray::SliceInfoElem;

macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl<'a> Expr<'a> {
            $(
                $(#[$doc])*
                #[track_caller]
                pub fn $name(&self) -> Expr<'a> {
                    self.unary(stringify!($name), compose::$name)
                }
            )*
        }
    };
}

macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident)*) => {
        impl<'a> Expr<'a> {
            $(
                $(#[$doc])*
                #[track_caller]
                pub fn $name(&self, other: impl IntoOperand<'a>) -> Expr<'a> {
                    let operands = [self.into_operand(), other.into_operand()];
                    let [result] = Expr::apply(stringify!($name), &operands, |lazy, _| Ok([compose::$name(lazy, &operands)?]));
                    result
                }
            )*
        }
    };
}

macro_rules! reductions {
    ($($(#[$doc:meta])* $name:ident $keepdims:ident ($($extra:ident: $ty:ty)?);)*) => {
        impl<'a> Expr<'a> {
            $(
                $(#[$doc])*
                #[track_caller]
                pub fn $name(&self, axes: impl Axes $(, $extra: $ty)?) -> Expr<'a> {
                    let axes = axes.axes();
                    self.unary(stringify!($name), |lazy, x| compose::$name(lazy, x, axes.as_deref() $(, $extra)?, false))
                }

                #[doc = concat!("[`", stringify!($name), "`](Self::", stringify!($name), ") that keeps the axes with size 1.")]
                #[track_caller]
                pub fn $keepdims(&self, axes: impl Axes $(, $extra: $ty)?) -> Expr<'a> {
                    let axes = axes.axes();
                    self.unary(stringify!($name), |lazy, x| compose::$name(lazy, x, axes.as_deref() $(, $extra)?, true))
                }
            )*
        }
    };
}

reductions! {
    /// The mean of squared distances from the mean over axes, `()` for all, divided by the count less `ddof`.
    var var_keepdims (ddof: usize);
    /// The square root of [`var`](Self::var).
    std std_keepdims (ddof: usize);
    /// The largest less the smallest.
    ptp ptp_keepdims ();
    /// How many are true (nonzero), as `i64`.
    count_nonzero count_nonzero_keepdims ();
    /// The sum of what is not NaN.
    nansum nansum_keepdims ();
    /// The product of what is not NaN.
    nanprod nanprod_keepdims ();
    /// The mean of what is not NaN; NaN if all are.
    nanmean nanmean_keepdims ();
    /// The logarithm of the sum of exponentials, without overflow.
    logsumexp logsumexp_keepdims ();
    /// The variance of what is not NaN; NaN where no more than `ddof` are left.
    nanvar nanvar_keepdims (ddof: usize);
    /// The square root of [`nanvar`](Self::nanvar).
    nanstd nanstd_keepdims (ddof: usize);
}

unary! {
    /// The elements in row-major order, as a list.
    ravel
    /// The array itself; of bools an error, as in NumPy.
    positive
    /// The absolute value, in floating point.
    fabs
    /// Degrees as radians.
    deg2rad
    /// Radians as degrees.
    rad2deg
    /// `sin(pi x) / (pi x)`, 1 at 0.
    sinc
    /// The modified Bessel function of the first kind and order 0.
    i0
}

binary! {
    /// `self` to the power `other`, in `f64` or `c128` whatever the operands are.
    float_power
    /// `self * log(other)`, 0 where `self` is 0 and `other` is no NaN.
    xlogy
}

/// Complex numbers.
impl<'a> Expr<'a> {
    /// The real part; a real array is its own.
    #[track_caller]
    pub fn real(&self) -> Expr<'a> {
        self.unary("real", compose::complex::real)
    }

    /// The imaginary part; of a real array zeros.
    #[track_caller]
    pub fn imag(&self) -> Expr<'a> {
        self.unary("imag", compose::complex::imag)
    }

    /// The complex conjugate; a real array is its own.
    #[track_caller]
    pub fn conj(&self) -> Expr<'a> {
        self.unary("conjugate", compose::complex::conjugate)
    }

    /// [`conj`](Self::conj) by NumPy's longer name.
    #[track_caller]
    pub fn conjugate(&self) -> Expr<'a> {
        self.conj()
    }

    /// The argument of a complex number, in radians in `-pi..pi`; of a real one 0 or pi.
    #[track_caller]
    pub fn angle(&self) -> Expr<'a> {
        self.unary("angle", |lazy, x| compose::complex::angle(lazy, x, false))
    }
}

impl<'a> Expr<'a> {
    /// The index of the first largest of what is not NaN, of the flattened array for `()`; 0 where all are NaN.
    #[track_caller]
    pub fn nanargmax(&self, axes: impl Axes) -> Expr<'a> {
        let axes = axes.axes();
        self.unary("nanargmax", |lazy, x| compose::nanarg(lazy, ReduceOp::Argmax, x, axes.as_deref(), false))
    }

    /// The index of the first smallest of what is not NaN, of the flattened array for `()`; 0 where all are NaN.
    #[track_caller]
    pub fn nanargmin(&self, axes: impl Axes) -> Expr<'a> {
        let axes = axes.axes();
        self.unary("nanargmin", |lazy, x| compose::nanarg(lazy, ReduceOp::Argmin, x, axes.as_deref(), false))
    }

    /// [`floor_divide`](Self::floor_divide) and [`remainder`](Self::remainder).
    #[track_caller]
    pub fn divmod(&self, other: impl IntoOperand<'a>) -> (Expr<'a>, Expr<'a>) {
        let operands = [self.into_operand(), other.into_operand()];
        let [quotient, rest] = Expr::apply("divmod", &operands, |lazy, _| compose::divmod(lazy, &operands));
        (quotient, rest)
    }

    /// The fraction and the integer towards zero, both with the sign of the array.
    #[track_caller]
    pub fn modf(&self) -> (Expr<'a>, Expr<'a>) {
        let [fraction, integer] = Expr::apply("modf", &[self.into_operand()], |lazy, _| compose::modf(lazy, self));
        (fraction, integer)
    }

    /// The mantissa in 0.5 to 1 and the exponent of 2, which is `i32`.
    #[track_caller]
    pub fn frexp(&self) -> (Expr<'a>, Expr<'a>) {
        let [mantissa, exponent] = Expr::apply("frexp", &[self.into_operand()], |lazy, _| compose::frexp(lazy, self));
        (mantissa, exponent)
    }

    /// The array between two bounds; NaN stays.
    #[track_caller]
    pub fn clip(&self, low: impl IntoOperand<'a>, high: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), low.into_operand(), high.into_operand()];
        let [result] = Expr::apply("clip", &operands, |lazy, operands| {
            Ok([compose::clip(lazy, &operands[0], Some(&operands[1]), Some(&operands[2]))?])
        });
        result
    }

    /// Rounded to a number of decimals, halves to even; before the point when it is negative.
    #[track_caller]
    pub fn round(&self, decimals: i32) -> Expr<'a> {
        self.unary("round", |lazy, x| compose::round(lazy, x, decimals))
    }

    /// NaN as 0, infinities as the largest numbers of their sign.
    #[track_caller]
    pub fn nan_to_num(&self) -> Expr<'a> {
        self.unary("nan_to_num", |lazy, x| compose::nan_to_num(lazy, x, 0.0, [None, None]))
    }

    /// NaN and the two infinities as given numbers.
    #[track_caller]
    pub fn nan_to_num_with(&self, nan: f64, posinf: f64, neginf: f64) -> Expr<'a> {
        self.unary("nan_to_num", |lazy, x| compose::nan_to_num(lazy, x, nan, [Some(posinf), Some(neginf)]))
    }

    /// `|self - other| <= 1e-8 + 1e-5 |other|`, NumPy's default; equal infinities are close, NaN is not.
    #[track_caller]
    pub fn isclose(&self, other: impl IntoOperand<'a>) -> Expr<'a> {
        self.isclose_with(other, 1e-5, 1e-8, false)
    }

    /// `|self - other| <= atol + rtol |other|`; with `equal_nan` a NaN is close to another.
    #[track_caller]
    pub fn isclose_with(&self, other: impl IntoOperand<'a>, rtol: f64, atol: f64, equal_nan: bool) -> Expr<'a> {
        let operands = [self.into_operand(), other.into_operand()];
        let [result] = Expr::apply("isclose", &operands, |lazy, _| {
            Ok([compose::isclose(lazy, &operands, rtol, atol, equal_nan)?])
        });
        result
    }

    /// The sum times weights, divided by the sum of the weights: an array of the same shape, or of that of the axes.
    #[track_caller]
    pub fn average(&self, weights: impl IntoOperand<'a>, axes: impl Axes) -> Expr<'a> {
        self.weighted(weights.into_operand(), axes, false)
    }

    /// [`average`](Self::average) that keeps the axes with size 1.
    #[track_caller]
    pub fn average_keepdims(&self, weights: impl IntoOperand<'a>, axes: impl Axes) -> Expr<'a> {
        self.weighted(weights.into_operand(), axes, true)
    }

    #[track_caller]
    fn weighted(&self, weights: Operand<Expr<'a>>, axes: impl Axes, keepdims: bool) -> Expr<'a> {
        let [result] = Expr::apply("average", &[self.into_operand(), weights], |lazy, operands| {
            let weights = build::value(lazy, &operands[1])?;
            Ok([compose::average(lazy, self, &weights, axes.axes().as_deref(), keepdims)?])
        });
        result
    }

    /// [`average`](Self::average) and the sum of the weights that it is divided by, in its shape.
    #[track_caller]
    pub fn average_returned(&self, weights: impl IntoOperand<'a>, axes: impl Axes) -> (Expr<'a>, Expr<'a>) {
        let operands = [self.into_operand(), weights.into_operand()];
        let [average, total] = Expr::apply("average", &operands, |lazy, operands| {
            let weights = build::value(lazy, &operands[1])?;
            compose::average_returned(lazy, self, &weights, axes.axes().as_deref(), false)
        });
        (average, total)
    }

    /// Exponentials divided by their sum over axes.
    #[track_caller]
    pub fn softmax(&self, axes: impl Axes) -> Expr<'a> {
        self.unary("softmax", |lazy, x| compose::softmax(lazy, x, axes.axes().as_deref()))
    }

    /// The logarithm of [`softmax`](Self::softmax).
    #[track_caller]
    pub fn log_softmax(&self, axes: impl Axes) -> Expr<'a> {
        self.unary("log_softmax", |lazy, x| compose::log_softmax(lazy, x, axes.axes().as_deref()))
    }

    /// Axes of size 1 removed, `()` for all of them.
    #[track_caller]
    pub fn squeeze(&self, axes: impl Axes) -> Expr<'a> {
        self.unary("squeeze", |lazy, x| build::squeeze(lazy, x, axes.axes().as_deref()))
    }

    /// The axes permuted: another name of [`transpose`](Self::transpose).
    #[track_caller]
    pub fn permute_dims(&self, axes: impl AsRef<[isize]>) -> Expr<'a> {
        self.transpose(axes)
    }

    /// Axes moved to other places; those not named keep their order.
    #[track_caller]
    pub fn moveaxis(&self, source: impl AsRef<[isize]>, destination: impl AsRef<[isize]>) -> Expr<'a> {
        self.unary("moveaxis", |lazy, x| compose::moveaxis(lazy, x, source.as_ref(), destination.as_ref()))
    }

    /// Two axes exchanged.
    #[track_caller]
    pub fn swapaxes(&self, first: isize, second: isize) -> Expr<'a> {
        self.unary("swapaxes", |lazy, x| compose::swapaxes(lazy, x, first, second))
    }

    /// Axes reversed, `()` for all of them.
    #[track_caller]
    pub fn flip(&self, axes: impl Axes) -> Expr<'a> {
        self.unary("flip", |lazy, x| compose::flip(lazy, x, axes.axes().as_deref()))
    }

    /// Turned by `k` right angles in the plane of two axes, from the first towards the second.
    #[track_caller]
    pub fn rot90(&self, k: isize, axes: [isize; 2]) -> Expr<'a> {
        self.unary("rot90", |lazy, x| compose::rot90(lazy, x, k, axes))
    }

    /// Elements moved on along an axis, those beyond the end to the beginning; without an axis, of the flattened array.
    #[track_caller]
    pub fn roll(&self, shift: isize, axis: Option<isize>) -> Expr<'a> {
        self.unary("roll", |lazy, x| compose::roll(lazy, x, shift, axis))
    }

    /// The array repeated along each axis.
    #[track_caller]
    pub fn tile(&self, reps: impl AsRef<[usize]>) -> Expr<'a> {
        self.unary("tile", |lazy, x| compose::tile(lazy, x, reps.as_ref()))
    }

    /// Each element repeated along an axis; without one, of the flattened array.
    #[track_caller]
    pub fn repeat(&self, repeats: usize, axis: Option<isize>) -> Expr<'a> {
        self.unary("repeat", |lazy, x| compose::repeat(lazy, x, repeats, axis))
    }

    /// Framed by a number, which is cast to the array's dtype: widths before and after for each axis.
    #[track_caller]
    pub fn pad(&self, widths: impl AsRef<[[usize; 2]]>, fill: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), fill.into_operand()];
        let [result] = Expr::apply("pad", &operands, |lazy, operands| {
            Ok([compose::pad(lazy, self, widths.as_ref(), &operands[1])?])
        });
        result
    }

    /// The lower triangles of matrices up to the `k`-th diagonal, 0 elsewhere.
    #[track_caller]
    pub fn tril(&self, k: isize) -> Expr<'a> {
        self.unary("tril", |lazy, x| compose::tril(lazy, x, k))
    }

    /// The upper triangles of matrices from the `k`-th diagonal, 0 elsewhere.
    #[track_caller]
    pub fn triu(&self, k: isize) -> Expr<'a> {
        self.unary("triu", |lazy, x| compose::triu(lazy, x, k))
    }

    /// The matrix with this `k`-th diagonal and 0 elsewhere, or the `k`-th diagonal of a matrix.
    #[track_caller]
    pub fn diag(&self, k: isize) -> Expr<'a> {
        self.unary("diag", |lazy, x| compose::diag(lazy, x, k))
    }

    /// The array with `y` in place of a slice of it, NumPy's `x[slice] = y` as a value: `x.with_slice(s![1.., 0], 0.0)`.
    /// `y` broadcasts to the slice and is cast to the array's dtype.
    #[track_caller]
    pub fn with_slice(&self, slice: impl AsRef<[SliceInfoElem]>, y: impl IntoOperand<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), y.into_operand()];
        let [result] = Expr::apply("with_slice", &operands, |lazy, operands| {
            let indices = super::methods::indices(self, slice.as_ref())?;
            Ok([compose::with_slice(lazy, self, &indices, &operands[1])?])
        });
        result
    }

    /// As many equal parts along an axis, in order.
    #[track_caller]
    pub fn split(&self, sections: usize, axis: isize) -> Vec<Expr<'a>> {
        let part = |i: usize| self.unary("split", |lazy, x| compose::section(lazy, x, sections, i, axis));
        // None is an error, which has to be in something.
        (0..sections.max(1)).map(part).collect()
    }

    /// The elements along an axis, each without that axis; of a mistake one that carries it.
    #[track_caller]
    pub fn unstack(&self, axis: isize) -> Vec<Expr<'a>> {
        let count = match self.ty() {
            Ok(ty) => build::normalise_axis(axis, ty.rank()).map_or(1, |axis| ty.shape[axis]),
            Err(_) => 1,
        };
        (0..count).map(|i| self.unary("unstack", |lazy, x| compose::element(lazy, x, i, axis))).collect()
    }

    #[track_caller]
    fn like(&self, op: &'static str, number: impl FnOnce(crate::types::DType) -> Scalar) -> Expr<'a> {
        self.unary(op, |lazy, x| {
            let ty = build::Build::ty(lazy, x);
            let number = build::constant(lazy, Tensor::scalar(number(ty.dtype)))?;
            build::broadcast_to(lazy, &number, &ty.shape)
        })
    }

    /// 0 in the shape and dtype of this array.
    #[track_caller]
    pub fn zeros_like(&self) -> Expr<'a> {
        self.like("zeros_like", Scalar::zero)
    }

    /// 1 in the shape and dtype of this array.
    #[track_caller]
    pub fn ones_like(&self) -> Expr<'a> {
        self.like("ones_like", Scalar::one)
    }

    /// A number, cast to this array's dtype, in its shape.
    #[track_caller]
    pub fn full_like(&self, value: impl Element) -> Expr<'a> {
        self.like("full_like", |dtype| value.to_scalar().cast(dtype))
    }
}

fn operands<'a>(parts: &[Expr<'a>]) -> Vec<Operand<Expr<'a>>> {
    parts.iter().map(IntoOperand::into_operand).collect()
}

/// Arrays joined along the second axis; lists along the only one.
#[track_caller]
pub fn hstack<'a>(parts: &[Expr<'a>]) -> Expr<'a> {
    let [result] = Expr::apply("hstack", &operands(parts), |lazy, parts| Ok([compose::hstack(lazy, parts)?]));
    result
}

/// Arrays joined along the first axis; lists are rows.
#[track_caller]
pub fn vstack<'a>(parts: &[Expr<'a>]) -> Expr<'a> {
    let [result] = Expr::apply("vstack", &operands(parts), |lazy, parts| Ok([compose::vstack(lazy, parts)?]));
    result
}

/// Lists as the coordinates of a grid, each an array of as many axes as there are lists, in their order (NumPy's
/// `indexing="ij"`).
#[track_caller]
pub fn meshgrid<'a>(lists: &[Expr<'a>]) -> Vec<Expr<'a>> {
    let all = operands(lists);
    let one = |i: usize| {
        let [result] = Expr::apply("meshgrid", &all, |lazy, _| Ok([compose::meshgrid(lazy, lists, i)?]));
        result
    };
    (0..lists.len()).map(one).collect()
}

/// The `rows` by `cols` matrix with 1 up to the `k`-th diagonal and 0 above it, as `f64`.
#[track_caller]
pub fn tri<'a>(rows: usize, cols: usize, k: isize) -> Expr<'a> {
    let one = create::from_tensor(Tensor::scalar(Scalar::F64(1.0)), Loc::caller());
    one.broadcast_to([rows, cols]).tril(k)
}
