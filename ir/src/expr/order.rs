//! Methods that go by the order of elements, by NumPy's names, and the statistics made of them. NaN is the last.

use super::methods::Axes;
use super::operators::IntoOperand;
use super::{Expr, Over};
use crate::build;
use crate::compose::{self, Bins, Covariance, Overlap, QuantileMethod};
use crate::ops::OrderOp;

impl<'a> Expr<'a> {
    /// The elements in order along an axis, NaN last; without an axis, those of the flattened array.
    #[track_caller]
    pub fn sort(&self, axis: Option<isize>) -> Expr<'a> {
        self.unary("sort", |lazy, x| build::sort(lazy, OrderOp::Sort, x, axis))
    }

    /// The indices that sort an axis, or the flattened array; of equal elements the first comes first.
    #[track_caller]
    pub fn argsort(&self, axis: Option<isize>) -> Expr<'a> {
        self.unary("argsort", |lazy, x| build::sort(lazy, OrderOp::Argsort, x, axis))
    }

    /// Where to put each value into this sorted list: before what is equal to it.
    #[track_caller]
    pub fn searchsorted(&self, values: impl IntoOperand<'a>) -> Expr<'a> {
        self.search(values, false)
    }

    /// Where to put each value into this sorted list: after what is equal to it.
    #[track_caller]
    pub fn searchsorted_right(&self, values: impl IntoOperand<'a>) -> Expr<'a> {
        self.search(values, true)
    }

    #[track_caller]
    fn search(&self, values: impl IntoOperand<'a>, right: bool) -> Expr<'a> {
        let operands = [self.into_operand(), values.into_operand()];
        let [result] = Expr::apply("searchsorted", &operands, |lazy, operands| {
            Ok([build::searchsorted(lazy, [&operands[0], &operands[1]], right)?])
        });
        result
    }

    /// The middle element over axes, `()` for all, or the mean of the two in the middle; NaN where any is.
    #[track_caller]
    pub fn median(&self, axes: impl Axes) -> Expr<'a> {
        self.over(axes).median()
    }

    /// [`median`](Self::median) of what is not NaN; NaN where all are.
    #[track_caller]
    pub fn nanmedian(&self, axes: impl Axes) -> Expr<'a> {
        self.over(axes).nanmedian()
    }

    /// The quantile `q`, in 0 to 1, over axes, `()` for all; of an array of quantiles a result each, along axes before the
    /// others. Quantiles of an array that are not in 0 to 1 are those of the ends. NaN where any element is. Other methods
    /// by [`over`](Self::over).
    #[track_caller]
    pub fn quantile(&self, q: impl IntoOperand<'a>, axes: impl Axes) -> Expr<'a> {
        self.over(axes).quantile(q, QuantileMethod::Linear)
    }

    /// [`quantile`](Self::quantile) in percent.
    #[track_caller]
    pub fn percentile(&self, q: impl IntoOperand<'a>, axes: impl Axes) -> Expr<'a> {
        self.over(axes).percentile(q, QuantileMethod::Linear)
    }

    /// [`quantile`](Self::quantile) of what is not NaN; NaN where all are.
    #[track_caller]
    pub fn nanquantile(&self, q: impl IntoOperand<'a>, axes: impl Axes) -> Expr<'a> {
        self.over(axes).nanquantile(q, QuantileMethod::Linear)
    }

    /// [`nanquantile`](Self::nanquantile) in percent.
    #[track_caller]
    pub fn nanpercentile(&self, q: impl IntoOperand<'a>, axes: impl Axes) -> Expr<'a> {
        self.over(axes).nanpercentile(q, QuantileMethod::Linear)
    }

    /// How often each of the integers below `length` is in this list; others are not counted.
    #[track_caller]
    pub fn bincount(&self, length: usize) -> Expr<'a> {
        self.unary("bincount", |lazy, x| compose::bincount(lazy, x, length))
    }

    /// The number of the bin of each element between increasing edges, 0 below the first one. What is on an edge belongs to
    /// the bin above it.
    #[track_caller]
    pub fn digitize(&self, edges: &Expr<'a>) -> Expr<'a> {
        let [result] = Expr::apply("digitize", &[self.into_operand(), edges.into_operand()], |lazy, _| {
            Ok([compose::digitize(lazy, self, edges, false)?])
        });
        result
    }

    /// [`digitize`](Self::digitize) where what is on an edge belongs to the bin below it.
    #[track_caller]
    pub fn digitize_right(&self, edges: &Expr<'a>) -> Expr<'a> {
        let [result] = Expr::apply("digitize", &[self.into_operand(), edges.into_operand()], |lazy, _| {
            Ok([compose::digitize(lazy, self, edges, true)?])
        });
        result
    }

    /// For each of the integers below `length` the sum of the weights where this list has it, as `f64`; others are not
    /// counted.
    #[track_caller]
    pub fn bincount_weighted(&self, weights: &Expr<'a>, length: usize) -> Expr<'a> {
        let [result] = Expr::apply("bincount", &[self.into_operand(), weights.into_operand()], |lazy, _| {
            Ok([compose::bincount_weighted(lazy, self, weights, length)?])
        });
        result
    }

    /// A histogram with weights, which have this array's shape, and with `density` as a density, whose integral is 1; and the
    /// edges of the bins.
    #[track_caller]
    pub fn histogram_with(
        &self,
        bins: &Bins<Expr<'a>>,
        weights: Option<&Expr<'a>>,
        density: bool,
    ) -> (Expr<'a>, Expr<'a>) {
        let edges = if let Bins::Between(edges) = bins { Some(edges) } else { None };
        let others = edges.into_iter().chain(weights).map(IntoOperand::into_operand);
        let operands: Vec<_> = std::iter::once(self.into_operand()).chain(others).collect();
        let [counts, edges] =
            Expr::apply("histogram", &operands, |lazy, _| compose::histogram_with(lazy, self, bins, weights, density));
        (counts, edges)
    }

    /// How many elements are in each of `bins` equal bins over a range, that of the data where none is given; and the edges
    /// of the bins.
    #[track_caller]
    pub fn histogram(&self, bins: usize, range: Option<[f64; 2]>) -> (Expr<'a>, Expr<'a>) {
        let [counts, edges] = Expr::apply("histogram", &[self.into_operand()], |lazy, _| {
            let edges = compose::bin_edges(lazy, self, bins, range)?;
            Ok([compose::histogram(lazy, self, &edges)?, edges])
        });
        (counts, edges)
    }

    /// How many elements are in each bin between increasing edges, the last edge included.
    #[track_caller]
    pub fn histogram_between(&self, edges: &Expr<'a>) -> Expr<'a> {
        let [result] = Expr::apply("histogram", &[self.into_operand(), edges.into_operand()], |lazy, _| {
            Ok([compose::histogram(lazy, self, edges)?])
        });
        result
    }

    /// A function of straight lines between the points of two lists, the first one increasing, at each element; beyond the
    /// points the first and the last value.
    #[track_caller]
    pub fn interp(&self, places: &Expr<'a>, values: &Expr<'a>) -> Expr<'a> {
        let operands = [self.into_operand(), places.into_operand(), values.into_operand()];
        let [result] = Expr::apply("interp", &operands, |lazy, _| {
            Ok([compose::interp(lazy, self, [places, values], [None, None], None)?])
        });
        result
    }

    /// [`interp`](Self::interp) with other values beyond the points.
    #[track_caller]
    pub fn interp_with(
        &self,
        places: &Expr<'a>,
        values: &Expr<'a>,
        left: impl IntoOperand<'a>,
        right: impl IntoOperand<'a>,
    ) -> Expr<'a> {
        let points = [self.into_operand(), places.into_operand(), values.into_operand()];
        let operands: Vec<_> = points.into_iter().chain([left.into_operand(), right.into_operand()]).collect();
        let [result] = Expr::apply("interp", &operands, |lazy, operands| {
            let ends = [Some(&operands[3]), Some(&operands[4])];
            Ok([compose::interp(lazy, self, [places, values], ends, None)?])
        });
        result
    }

    /// [`interp`](Self::interp) of a function that repeats itself after a period; the points are in any order.
    #[track_caller]
    pub fn interp_periodic(&self, places: &Expr<'a>, values: &Expr<'a>, period: f64) -> Expr<'a> {
        let operands = [self.into_operand(), places.into_operand(), values.into_operand()];
        let [result] = Expr::apply("interp", &operands, |lazy, _| {
            Ok([compose::interp(lazy, self, [places, values], [None, None], Some(period))?])
        });
        result
    }

    /// The covariances of the rows of a matrix, or without `rowvar` of its columns, divided by their length less `ddof`.
    #[track_caller]
    pub fn cov(&self, rowvar: bool, ddof: usize) -> Expr<'a> {
        self.cov_with(&Covariance::of(rowvar, Some(ddof)))
    }

    /// [`cov`](Self::cov) with further variables and with weights of the observations.
    #[track_caller]
    pub fn cov_with(&self, options: &Covariance<Expr<'a>>) -> Expr<'a> {
        let others = [&options.y, &options.fweights, &options.aweights].into_iter().flatten();
        let operands: Vec<_> = std::iter::once(self).chain(others).map(IntoOperand::into_operand).collect();
        let [result] = Expr::apply("cov", &operands, |lazy, _| Ok([compose::cov_with(lazy, self, options)?]));
        result
    }

    /// The correlation coefficients of the rows of a matrix, or without `rowvar` of its columns.
    #[track_caller]
    pub fn corrcoef(&self, rowvar: bool) -> Expr<'a> {
        self.unary("corrcoef", |lazy, x| compose::corrcoef_with(lazy, x, None, rowvar))
    }

    /// [`corrcoef`](Self::corrcoef) with further variables.
    #[track_caller]
    pub fn corrcoef_with(&self, y: &Expr<'a>, rowvar: bool) -> Expr<'a> {
        let [result] = Expr::apply("corrcoef", &[self.into_operand(), y.into_operand()], |lazy, _| {
            Ok([compose::corrcoef_with(lazy, self, Some(y), rowvar)?])
        });
        result
    }

    /// The sums of products of two lists at each place of the second one along the first.
    #[track_caller]
    pub fn correlate(&self, other: impl IntoOperand<'a>, overlap: Overlap) -> Expr<'a> {
        let operands = [self.into_operand(), other.into_operand()];
        let [result] =
            Expr::apply("correlate", &operands, |lazy, _| Ok([compose::correlate(lazy, &operands, overlap)?]));
        result
    }

    /// [`correlate`](Self::correlate) with the second list reversed.
    #[track_caller]
    pub fn convolve(&self, other: impl IntoOperand<'a>, overlap: Overlap) -> Expr<'a> {
        let operands = [self.into_operand(), other.into_operand()];
        let [result] = Expr::apply("convolve", &operands, |lazy, _| Ok([compose::convolve(lazy, &operands, overlap)?]));
        result
    }
}

macro_rules! quantiles {
    ($($(#[$doc:meta])* $name:ident $make:ident $nan:literal;)*) => {
        impl<'a> Over<'a> {
            $(
                $(#[$doc])*
                #[track_caller]
                pub fn $name(self, q: impl IntoOperand<'a>, method: QuantileMethod) -> Expr<'a> {
                    let q = q.into_operand();
                    self.with(stringify!($name), [q.clone()], |lazy, x, options| {
                        compose::$make(lazy, x, &q, method, $nan, options)
                    })
                }
            )*
        }
    };
}

quantiles! {
    /// The quantile `q`, in 0 to 1, by one of NumPy's methods; of an array of them a result each, along the first axes.
    quantile quantile false;
    /// [`quantile`](Self::quantile) in percent.
    percentile percentile false;
    /// [`quantile`](Self::quantile) of what is not NaN.
    nanquantile quantile true;
    /// [`percentile`](Self::percentile) of what is not NaN.
    nanpercentile percentile true;
}

macro_rules! weighted {
    ($($(#[$doc:meta])* $name:ident $op:literal $make:ident $nan:literal;)*) => {
        impl<'a> Over<'a> {
            $(
                $(#[$doc])*
                #[track_caller]
                pub fn $name(self, q: impl IntoOperand<'a>, weights: &Expr<'a>) -> Expr<'a> {
                    let q = q.into_operand();
                    self.with($op, [q.clone(), weights.into_operand()], |lazy, x, options| {
                        compose::$make(lazy, x, &q, weights, $nan, options)
                    })
                }
            )*
        }
    };
}

weighted! {
    /// The quantile `q` of weighted elements: the first one at which the share of the weights up to it reaches `q`, NumPy's
    /// method `inverted_cdf`. Weights have the shape of the array, or that of the axes.
    quantile_weighted "quantile" quantile_weighted false;
    /// [`quantile_weighted`](Self::quantile_weighted) in percent.
    percentile_weighted "percentile" percentile_weighted false;
    /// [`quantile_weighted`](Self::quantile_weighted) of what is not NaN.
    nanquantile_weighted "nanquantile" quantile_weighted true;
    /// [`percentile_weighted`](Self::percentile_weighted) of what is not NaN.
    nanpercentile_weighted "nanpercentile" percentile_weighted true;
}

impl<'a> Over<'a> {
    /// The middle element, or the mean of the two in the middle; NaN where any is.
    #[track_caller]
    pub fn median(self) -> Expr<'a> {
        self.with("median", [], compose::median)
    }

    /// [`median`](Self::median) of what is not NaN.
    #[track_caller]
    pub fn nanmedian(self) -> Expr<'a> {
        self.with("nanmedian", [], compose::nanmedian)
    }
}
