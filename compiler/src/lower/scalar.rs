//! Every op in instructions, at any width: the one place with a case for each row of the elementwise table.

use super::emit::Emitter;
use super::width::Width;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, Value, types};
use evanesce_ir::ops::ElementwiseOp;
use evanesce_ir::ops::elementwise::Lowering;
use evanesce_ir::tensor::Scalar;
use evanesce_ir::types::DType;
use std::cmp::Ordering;

/// Whether an op has instructions on vectors.
pub(super) fn on_vectors(op: ElementwiseOp) -> bool {
    op.lowering() == Lowering::Inst
}

/// Whether an op on operands of a dtype has instructions on vectors.
pub(super) fn vector_op(op: ElementwiseOp, dtype: DType) -> bool {
    // There is no product of bytes.
    let bytes = dtype.is_integer() && dtype.size() == 1;
    on_vectors(op) && !(bytes && matches!(op, ElementwiseOp::Multiply | ElementwiseOp::Square))
}

/// Whether a conversion has instructions on vectors, whose lanes do not change their size.
pub(super) fn casts_on_vectors(from: DType, to: DType) -> bool {
    let same_bits = from.is_integer() && to.is_integer() && from.size() == to.size();
    from == to || from == DType::Bool || to == DType::Bool || same_bits
}

/// The condition on integers of a dtype.
fn order(signed: IntCC, dtype: DType) -> IntCC {
    if dtype.is_unsigned() { signed.unsigned() } else { signed }
}

impl Emitter<'_, '_> {
    /// An op on operands of a dtype (of a choice: the dtype of what is chosen).
    pub(super) fn elementwise(&mut self, op: ElementwiseOp, dtype: DType, args: &[Value]) -> Value {
        use ElementwiseOp::*;
        let x = args[0];
        let y = *args.last().expect("an operand");
        let (float, bool) = (dtype.is_float(), dtype == DType::Bool);
        match op {
            Add if float => self.b.ins().fadd(x, y),
            Add if bool => self.b.ins().bor(x, y),
            Add => self.b.ins().iadd(x, y),
            Subtract if float => self.b.ins().fsub(x, y),
            Subtract => self.b.ins().isub(x, y),
            Multiply if float => self.b.ins().fmul(x, y),
            Multiply if bool => self.b.ins().band(x, y),
            Multiply => self.b.ins().imul(x, y),
            Divide => self.b.ins().fdiv(x, y),
            Negative if float => self.b.ins().fneg(x),
            Negative => self.b.ins().ineg(x),
            Absolute if float => self.b.ins().fabs(x),
            Absolute if bool || dtype.is_unsigned() => x,
            Absolute => {
                let zero = self.constant(Scalar::zero(dtype));
                let negative = self.b.ins().icmp(IntCC::SignedLessThan, x, zero);
                let opposite = self.b.ins().ineg(x);
                self.choose(negative, opposite, x)
            }
            Square if float => self.b.ins().fmul(x, x),
            Square => self.b.ins().imul(x, x),
            Sqrt => self.b.ins().sqrt(x),
            Floor | Ceil | Trunc if !float => x,
            Floor | Ceil | Trunc | Rint if !self.host.rounding => self.call(op, dtype, args),
            Floor => self.b.ins().floor(x),
            Ceil => self.b.ins().ceil(x),
            Trunc => self.b.ins().trunc(x),
            Rint => self.b.ins().nearest(x),
            Maximum if float => self.b.ins().fmax(x, y),
            Minimum if float => self.b.ins().fmin(x, y),
            Maximum if bool => self.b.ins().bor(x, y),
            Minimum if bool => self.b.ins().band(x, y),
            Maximum | Minimum => {
                let order = if op == Maximum { IntCC::SignedGreaterThan } else { IntCC::SignedLessThan };
                let first = self.compare(order, dtype, x, y);
                self.choose(first, x, y)
            }
            Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual if float => {
                let condition = match op {
                    Equal => FloatCC::Equal,
                    NotEqual => FloatCC::NotEqual,
                    Less => FloatCC::LessThan,
                    LessEqual => FloatCC::LessThanOrEqual,
                    Greater => FloatCC::GreaterThan,
                    _ => FloatCC::GreaterThanOrEqual,
                };
                self.b.ins().fcmp(condition, x, y)
            }
            Equal if bool => {
                let differ = self.b.ins().bxor(x, y);
                self.not(differ)
            }
            NotEqual if bool => self.b.ins().bxor(x, y),
            Less | GreaterEqual if bool => {
                // `x < y` is `!x & y`; `x >= y` is `x | !y`.
                let inverted = self.not(if op == Less { x } else { y });
                if op == Less { self.b.ins().band(inverted, y) } else { self.b.ins().bor(x, inverted) }
            }
            Greater | LessEqual if bool => {
                let inverted = self.not(if op == Greater { y } else { x });
                if op == Greater { self.b.ins().band(x, inverted) } else { self.b.ins().bor(inverted, y) }
            }
            Equal => self.b.ins().icmp(IntCC::Equal, x, y),
            NotEqual => self.b.ins().icmp(IntCC::NotEqual, x, y),
            Less => self.compare(IntCC::SignedLessThan, dtype, x, y),
            LessEqual => self.compare(IntCC::SignedLessThanOrEqual, dtype, x, y),
            Greater => self.compare(IntCC::SignedGreaterThan, dtype, x, y),
            GreaterEqual => self.compare(IntCC::SignedGreaterThanOrEqual, dtype, x, y),
            LogicalAnd => self.b.ins().band(x, y),
            LogicalOr => self.b.ins().bor(x, y),
            LogicalXor => self.b.ins().bxor(x, y),
            LogicalNot => self.not(x),
            Isfinite if float => {
                let infinity = self.constant(Scalar::F64(f64::INFINITY).cast(dtype));
                let size = self.b.ins().fabs(x);
                self.b.ins().fcmp(FloatCC::LessThan, size, infinity)
            }
            Isfinite => self.constant(Scalar::Bool(true)),
            Isnan if float => self.b.ins().fcmp(FloatCC::NotEqual, x, x),
            Isnan => self.constant(Scalar::Bool(false)),
            Where => self.choose(x, args[1], args[2]),
            Isinf if float => {
                let infinity = self.constant(Scalar::F64(f64::INFINITY).cast(dtype));
                let size = self.b.ins().fabs(x);
                self.b.ins().fcmp(FloatCC::Equal, size, infinity)
            }
            Isinf => self.constant(Scalar::Bool(false)),
            // As integers, floats below 0 run from -0 up to minus infinity; NaNs of that sign are beyond.
            Signbit => {
                let bits = self.bits(x, dtype);
                let infinity = self.constant(Scalar::F64(f64::NEG_INFINITY).cast(dtype));
                let infinity = self.bits(infinity, dtype);
                self.b.ins().icmp(IntCC::SignedLessThanOrEqual, bits, infinity)
            }
            Copysign => {
                let size = self.b.ins().fabs(x);
                let minus = self.constant(Scalar::F64(-0.0).cast(dtype));
                let (size_bits, y_bits, minus) = (self.bits(size, dtype), self.bits(y, dtype), self.bits(minus, dtype));
                let sign = self.b.ins().band(y_bits, minus);
                let signed = self.b.ins().bor(size_bits, sign);
                let signed = self.bitcast(self.width.ty(dtype), signed);
                let nan = self.b.ins().fcmp(FloatCC::NotEqual, y, y);
                self.choose(nan, size, signed)
            }
            Fmax | Fmin if float => {
                let both = if op == Fmax { self.b.ins().fmax(x, y) } else { self.b.ins().fmin(x, y) };
                let no_y = self.b.ins().fcmp(FloatCC::NotEqual, y, y);
                let rest = self.choose(no_y, x, both);
                let no_x = self.b.ins().fcmp(FloatCC::NotEqual, x, x);
                self.choose(no_x, y, rest)
            }
            Fmax => self.elementwise(Maximum, dtype, args),
            Fmin => self.elementwise(Minimum, dtype, args),
            BitwiseAnd => self.b.ins().band(x, y),
            BitwiseOr => self.b.ins().bor(x, y),
            BitwiseXor => self.b.ins().bxor(x, y),
            Invert if bool => self.not(x),
            Invert => self.b.ins().bnot(x),
            FloorDivide | Remainder | Power | Sign | Reciprocal | Cbrt | Exp | Exp2 | Expm1 | Log | Log2 | Log10
            | Log1p | Sin | Cos | Tan | Arcsin | Arccos | Arctan | Arctan2 | Sinh | Cosh | Tanh | Hypot | Fmod
            | Gcd | Lcm | Heaviside | Logaddexp | Logaddexp2 | Arcsinh | Arccosh | Arctanh | Nextafter | Spacing
            | LeftShift | RightShift | BitwiseCount | Ldexp | FrexpMantissa | FrexpExponent | Expit | Logit | Erf
            | Erfc | Gamma | Gammaln | Digamma => self.call(op, dtype, args),
            Real | Imag | Complex => unreachable!("complex values are split into their parts"),
        }
    }

    /// An order of integers, given as that of signed ones.
    fn compare(&mut self, condition: IntCC, dtype: DType, x: Value, y: Value) -> Value {
        if dtype == DType::U64 && self.width != Width::One {
            // Vectors of these compare as signed only: with the highest bit flipped that is the same.
            let high = self.constant(Scalar::U64(1 << 63));
            let (x, y) = (self.b.ins().bxor(x, high), self.b.ins().bxor(y, high));
            return self.b.ins().icmp(condition, x, y);
        }
        self.b.ins().icmp(order(condition, dtype), x, y)
    }

    /// The bits of floats, as integers.
    fn bits(&mut self, x: Value, dtype: DType) -> Value {
        let lane = if dtype == DType::F32 { types::I32 } else { types::I64 };
        let count = self.width.ty(dtype).lane_count();
        self.bitcast(lane.by(count).expect("a vector of integers"), x)
    }

    /// The truth value's opposite.
    fn not(&mut self, x: Value) -> Value {
        match self.width {
            Width::One => self.b.ins().bxor_imm_u(x, 1),
            Width::Lanes(_) => self.b.ins().bnot(x),
        }
    }

    /// `x` where the condition is true, `y` elsewhere.
    pub(super) fn choose(&mut self, condition: Value, x: Value, y: Value) -> Value {
        if self.width == Width::One {
            return self.b.ins().select(condition, x, y);
        }
        let mask = self.bitcast(self.b.func.dfg.value_type(x), condition);
        self.b.ins().bitselect(mask, x, y)
    }

    /// A conversion; see [`Scalar::cast`].
    pub(super) fn cast(&mut self, x: Value, from: DType, to: DType) -> Value {
        match (from, to) {
            _ if from == to => x,
            (DType::Bool, _) if self.width != Width::One => {
                let ty = self.width.ty(to);
                let one = self.constant(Scalar::one(to));
                let mask = self.bitcast(ty, x);
                self.b.ins().band(mask, one)
            }
            _ if to == DType::Bool => {
                let zero = self.constant(Scalar::zero(from));
                match from.is_float() {
                    true => self.b.ins().fcmp(FloatCC::NotEqual, x, zero),
                    false => self.b.ins().icmp(IntCC::NotEqual, x, zero),
                }
            }
            _ if from.is_float() && to.is_float() => match to {
                DType::F64 => self.b.ins().fpromote(types::F64, x),
                _ => self.b.ins().fdemote(types::F32, x),
            },
            _ if from.is_float() => self.round_to_integer(x, to),
            _ if to.is_float() => {
                let ty = Width::One.ty(to);
                let int = self.resize(x, from, DType::I64);
                match from {
                    DType::U64 => self.b.ins().fcvt_from_uint(ty, int),
                    _ => self.b.ins().fcvt_from_sint(ty, int),
                }
            }
            _ => self.resize(x, from, to),
        }
    }

    /// An integer, or truth value, with as many bits as another dtype has.
    fn resize(&mut self, x: Value, from: DType, to: DType) -> Value {
        let ty = Width::One.ty(to);
        match from.size().cmp(&to.size()) {
            Ordering::Equal => x,
            Ordering::Greater => self.b.ins().ireduce(ty, x),
            Ordering::Less if from.is_signed() => self.b.ins().sextend(ty, x),
            Ordering::Less => self.b.ins().uextend(ty, x),
        }
    }

    /// The integer towards zero of a float, the nearest in range, and 0 of NaN.
    fn round_to_integer(&mut self, x: Value, to: DType) -> Value {
        let ty = Width::One.ty(to);
        match to {
            DType::I32 | DType::I64 => self.b.ins().fcvt_to_sint_sat(ty, x),
            DType::U32 | DType::U64 => self.b.ins().fcvt_to_uint_sat(ty, x),
            _ => {
                let wide = self.b.ins().fcvt_to_sint_sat(types::I32, x);
                let bits = 8 * to.size() as u32 - u32::from(to.is_signed());
                let (lowest, highest) = (if to.is_signed() { -1i64 << bits } else { 0 }, (1i64 << bits) - 1);
                let lowest = self.constant(Scalar::I32(lowest as i32));
                let highest = self.constant(Scalar::I32(highest as i32));
                let above = self.b.ins().smax(wide, lowest);
                let within = self.b.ins().smin(above, highest);
                self.b.ins().ireduce(ty, within)
            }
        }
    }
}
