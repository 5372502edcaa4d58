//! Reductions over axes.
//!
//! The order is part of the meaning (it decides the last bits of a sum) and depends on sizes alone. Several axes are nested
//! single-axis reductions, the last axis innermost. Along one axis of `n` elements:
//! 1. the elements are cut into blocks of [`BLOCK`], the last one shorter;
//! 2. in a block of at least [`LANES`] elements, lane `l` combines elements `l`, `l + 8`, `l + 16`, ... in order; the lanes
//!    combine as `((0 1) (2 3)) ((4 5) (6 7))`; elements left over (fewer than 8) follow one by one. A shorter block is
//!    combined one by one;
//! 3. blocks combine as a binary counter does: equal runs of blocks pair up, and what is left at the end folds from the
//!    newest to the oldest, older operand first.
//!
//! `argmax` and `argmin` give the first place of the extreme, or the first NaN.

use super::{ElementwiseOp, OpInfo};
use crate::tensor::Scalar;
use crate::types::DType;
use smallvec::SmallVec;

/// Elements in a block of the reduction order.
pub const BLOCK: usize = 512;
/// Lanes of the reduction order within a block.
pub const LANES: usize = 8;

macro_rules! reduce {
    ($(#[doc = $doc:literal] $variant:ident = $name:literal $numpy:literal $combine:expr;)*) => {
        /// A reduction over axes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ReduceOp { $(#[doc = $doc] $variant,)* }

        impl ReduceOp {
            /// Every op, in the order of the table.
            pub const ALL: &[ReduceOp] = &[$(ReduceOp::$variant,)*];

            /// The name in text.
            pub fn name(self) -> &'static str { match self { $(ReduceOp::$variant => $name,)* } }

            /// The name in NumPy.
            pub fn numpy(self) -> &'static str { match self { $(ReduceOp::$variant => $numpy,)* } }

            /// One line about it.
            pub fn doc(self) -> &'static str { match self { $(ReduceOp::$variant => $doc,)* } }

            /// The op that combines two elements; `None` for the arg-reductions.
            pub fn combine(self) -> Option<ElementwiseOp> {
                use ElementwiseOp::*;
                match self { $(ReduceOp::$variant => $combine,)* }
            }
        }
    };
}

reduce! {
    /// Sum; of bools, the count.
    Sum = "sum" "numpy.sum" Some(Add);
    /// Product.
    Prod = "prod" "numpy.prod" Some(Multiply);
    /// Largest; NaN if any is.
    Max = "max" "numpy.max" Some(Maximum);
    /// Smallest; NaN if any is.
    Min = "min" "numpy.min" Some(Minimum);
    /// Whether any is true (nonzero).
    Any = "any" "numpy.any" Some(LogicalOr);
    /// Whether all are true (nonzero).
    All = "all" "numpy.all" Some(LogicalAnd);
    /// Index of the first largest along one axis, or of the first NaN.
    Argmax = "argmax" "numpy.argmax" None;
    /// Index of the first smallest along one axis, or of the first NaN.
    Argmin = "argmin" "numpy.argmin" None;
    /// Largest of what is not NaN; NaN if all are.
    Nanmax = "nanmax" "numpy.nanmax" Some(Fmax);
    /// Smallest of what is not NaN; NaN if all are.
    Nanmin = "nanmin" "numpy.nanmin" Some(Fmin);
    /// The bits set in all.
    BitwiseAnd = "bitwise_and.reduce" "numpy.bitwise_and.reduce" Some(BitwiseAnd);
    /// The bits set in any.
    BitwiseOr = "bitwise_or.reduce" "numpy.bitwise_or.reduce" Some(BitwiseOr);
    /// The bits set in an odd number of them.
    BitwiseXor = "bitwise_xor.reduce" "numpy.bitwise_xor.reduce" Some(BitwiseXor);
    /// Whether an odd number is true (nonzero).
    LogicalXor = "logical_xor.reduce" "numpy.logical_xor.reduce" Some(LogicalXor);
}

impl ReduceOp {
    /// The op of a text name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// Whether the result is an index.
    pub fn is_arg(self) -> bool {
        self.combine().is_none()
    }

    /// The dtype operands are cast to, as NumPy does: sums and products of bools and of narrow integers are of 64 bits.
    pub fn operand(self, dtype: DType) -> DType {
        match self {
            ReduceOp::Sum | ReduceOp::Prod if dtype == DType::Bool || dtype.is_signed() => DType::I64,
            ReduceOp::Sum | ReduceOp::Prod if dtype.is_unsigned() => DType::U64,
            ReduceOp::Any | ReduceOp::All | ReduceOp::LogicalXor => DType::Bool,
            _ => dtype,
        }
    }

    /// Whether an array of this dtype is reduced, in whichever dtype that is done; complex numbers by their parts.
    fn takes(self, dtype: DType) -> bool {
        let bits = matches!(self, ReduceOp::BitwiseAnd | ReduceOp::BitwiseOr | ReduceOp::BitwiseXor);
        !(bits && dtype.is_inexact())
    }

    /// Whether operands of this dtype can be reduced as they are.
    pub fn has_loop(self, dtype: DType) -> bool {
        match self {
            ReduceOp::Sum | ReduceOp::Prod => dtype != DType::Bool && !dtype.is_complex(),
            ReduceOp::Any | ReduceOp::All | ReduceOp::LogicalXor => dtype == DType::Bool,
            ReduceOp::BitwiseAnd | ReduceOp::BitwiseOr | ReduceOp::BitwiseXor => !dtype.is_inexact(),
            _ => !dtype.is_complex(),
        }
    }

    /// The dtype of the result.
    pub fn result(self, operand: DType) -> DType {
        if self.is_arg() { DType::I64 } else { operand }
    }

    /// The result over no elements, where there is one.
    pub fn identity(self, dtype: DType) -> Option<Scalar> {
        match self {
            ReduceOp::Sum | ReduceOp::Any | ReduceOp::LogicalXor => Some(Scalar::zero(dtype)),
            ReduceOp::Prod | ReduceOp::All => Some(Scalar::one(dtype)),
            ReduceOp::BitwiseOr | ReduceOp::BitwiseXor => Some(Scalar::zero(dtype)),
            ReduceOp::BitwiseAnd => Some(ElementwiseOp::Invert.eval(&[Scalar::zero(dtype)])),
            _ => None,
        }
    }

    /// The reference evaluator over one axis of `n > 0` elements, in the order this module defines.
    pub fn eval(self, n: usize, at: impl Fn(usize) -> Scalar) -> Scalar {
        let Some(op) = self.combine() else { return self.eval_arg(n, at) };
        in_order(n, at, |x, y| op.eval(&[x, y]))
    }

    fn eval_arg(self, n: usize, at: impl Fn(usize) -> Scalar) -> Scalar {
        let better = if self == ReduceOp::Argmax { ElementwiseOp::Greater } else { ElementwiseOp::Less };
        let is_nan = |x: Scalar| ElementwiseOp::Isnan.eval(&[x]) == Scalar::Bool(true);
        let mut best = 0;
        for i in 1..n {
            let (x, y) = (at(i), at(best));
            if !is_nan(y) && (is_nan(x) || better.eval(&[x, y]) == Scalar::Bool(true)) {
                best = i;
            }
        }
        Scalar::I64(best as i64)
    }

    pub(crate) fn info(self) -> OpInfo {
        OpInfo {
            name: self.name(),
            numpy: self.numpy(),
            arity: Some(1),
            dtypes: DType::ALL.into_iter().filter(|&dtype| self.takes(dtype)).collect(),
            kind: "reduce",
            doc: self.doc().trim(),
        }
    }
}

/// `n > 0` elements combined in the order this module defines. Allocates nothing.
pub fn in_order<T: Copy>(n: usize, at: impl Fn(usize) -> T, combine: impl Fn(T, T) -> T) -> T {
    // As many runs as a count of blocks has bits.
    let mut counter: SmallVec<[(u32, T); 64]> = SmallVec::new();
    for start in (0..n).step_by(BLOCK) {
        let mut run = eval_block(BLOCK.min(n - start), |i| at(start + i), &combine);
        let mut level = 0;
        while let Some(&(_, older)) = counter.last().filter(|(l, _)| *l == level) {
            counter.pop();
            run = combine(older, run);
            level += 1;
        }
        counter.push((level, run));
    }
    let (_, newest) = counter.pop().expect("at least one block");
    counter.into_iter().rev().fold(newest, |run, (_, older)| combine(older, run))
}

fn eval_block<T: Copy>(n: usize, at: impl Fn(usize) -> T, combine: impl Fn(T, T) -> T) -> T {
    let whole = n - n % LANES;
    if whole == 0 {
        return (1..n).fold(at(0), |run, i| combine(run, at(i)));
    }
    let lane = |l: usize| (l + LANES..whole).step_by(LANES).fold(at(l), |run, i| combine(run, at(i)));
    let mut lanes: [T; LANES] = std::array::from_fn(lane);
    let mut count = LANES;
    while count > 1 {
        count /= 2;
        (0..count).for_each(|l| lanes[l] = combine(lanes[2 * l], lanes[2 * l + 1]));
    }
    (whole..n).fold(lanes[0], |run, i| combine(run, at(i)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_exact_on_integers_and_accurate_on_floats() {
        for n in [1, 7, 8, 9, 511, 512, 513, 1024, 1537, 5000] {
            let sum = ReduceOp::Sum.eval(n, |i| Scalar::I64(i as i64));
            assert_eq!(sum, Scalar::I64((n * (n - 1) / 2) as i64));
        }
        let n = 1 << 17;
        let Scalar::F64(sum) = ReduceOp::Sum.eval(n, |_| Scalar::F64(0.1)) else { panic!() };
        assert!((sum - 0.1 * n as f64).abs() < 1e-10);
    }

    #[test]
    fn arg_reductions_find_the_first_nan() {
        let x = [1.0, 3.0, f64::NAN, 5.0, f64::NAN];
        assert_eq!(ReduceOp::Argmax.eval(5, |i| Scalar::F64(x[i])), Scalar::I64(2));
        assert_eq!(ReduceOp::Argmin.eval(2, |i| Scalar::F64(x[i])), Scalar::I64(0));
    }
}
