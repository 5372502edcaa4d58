//! From kernels to functions: the loop over a block, compiled for each instruction set and chosen at run time.
#![allow(unsafe_code, reason = "clones by target feature")]

use crate::kernels::{BinaryKernel, UnaryKernel};
use crate::target::Target;

/// Elements between two looks for rare ones.
const CHUNK: usize = 512;

/// A function of one operand.
#[derive(Clone, Copy)]
pub struct Unary<T> {
    /// Its name, as in NumPy.
    pub name: &'static str,
    /// Of one element.
    pub one: fn(T) -> T,
    /// Of as many elements as the shorter slice has, written to the second.
    pub block: fn(&[T], &mut [T]),
    /// The block by the code for a target, or for the best that is available if this one is not.
    pub block_on: fn(Target, &[T], &mut [T]),
}

/// A function of two operands.
#[derive(Clone, Copy)]
pub struct Binary<T> {
    /// Its name, as in NumPy.
    pub name: &'static str,
    /// Of one element.
    pub one: fn(T, T) -> T,
    /// Of as many elements as the shortest slice has, written to the last.
    pub block: fn(&[T], &[T], &mut [T]),
    /// The block by the code for a target, or for the best that is available if this one is not.
    pub block_on: fn(Target, &[T], &[T], &mut [T]),
}

#[inline(always)]
fn unary_body<T: Copy, K: UnaryKernel<T>>(x: T) -> T {
    if K::is_rare(x) { K::rare(x) } else { K::fast(x) }
}

#[inline(always)]
fn unary_block_body<T: Copy, K: UnaryKernel<T>>(x: &[T], out: &mut [T]) {
    for (x, out) in x.chunks(CHUNK).zip(out.chunks_mut(CHUNK)) {
        let mut rare = false;
        for (&x, out) in x.iter().zip(&mut *out) {
            *out = K::fast(x);
            rare |= K::is_rare(x);
        }
        if rare {
            for (&x, out) in x.iter().zip(out).filter(|(x, _)| K::is_rare(**x)) {
                *out = K::rare(x);
            }
        }
    }
}

#[inline(always)]
fn binary_body<T: Copy, K: BinaryKernel<T>>(x: T, y: T) -> T {
    if K::is_rare(x, y) { K::rare(x, y) } else { K::fast(x, y) }
}

#[inline(always)]
fn binary_block_body<T: Copy, K: BinaryKernel<T>>(x: &[T], y: &[T], out: &mut [T]) {
    for ((x, y), out) in x.chunks(CHUNK).zip(y.chunks(CHUNK)).zip(out.chunks_mut(CHUNK)) {
        let mut rare = false;
        for ((&x, &y), out) in x.iter().zip(y).zip(&mut *out) {
            *out = K::fast(x, y);
            rare |= K::is_rare(x, y);
        }
        if rare {
            for ((&x, &y), out) in x.iter().zip(y).zip(out) {
                let value = K::rare(x, y);
                *out = if K::is_rare(x, y) { value } else { *out };
            }
        }
    }
}

/// A generic function of a kernel and what it is compiled for: `one` for single elements, `block_on` for slices.
macro_rules! clones {
    ($kernel:ident: $one:ident = $one_body:ident, $block_on:ident = $block_body:ident, ($($arg:ident),*)) => {
        /// One element, by code with fused multiply-adds unless the best target is the baseline.
        #[inline]
        pub(crate) fn $one<T: Copy, K: $kernel<T>>($($arg: T),*) -> T {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn fused<T: Copy, K: $kernel<T>>($($arg: T),*) -> T {
                    $one_body::<T, K>($($arg),*)
                }
                if Target::best() >= Target::Avx2 {
                    // SAFETY: the machine has the features of its best target, and a wider target those of a narrower.
                    return unsafe { fused::<T, K>($($arg),*) };
                }
            }
            $one_body::<T, K>($($arg),*)
        }

        /// A block by the code for a target, or the best there is.
        pub(crate) fn $block_on<T: Copy, K: $kernel<T>>(target: Target, $($arg: &[T],)* out: &mut [T]) {
            let target = if target.is_available() { target } else { Target::best() };
            match target {
                #[cfg(target_arch = "x86_64")]
                Target::Avx512 => {
                    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
                    fn clone<T: Copy, K: $kernel<T>>($($arg: &[T],)* out: &mut [T]) {
                        $block_body::<T, K>($($arg,)* out)
                    }
                    // SAFETY: the machine has the features, as `is_available` and `best` said.
                    unsafe { clone::<T, K>($($arg,)* out) }
                }
                #[cfg(target_arch = "x86_64")]
                Target::Avx2 => {
                    #[target_feature(enable = "avx2,fma")]
                    fn clone<T: Copy, K: $kernel<T>>($($arg: &[T],)* out: &mut [T]) {
                        $block_body::<T, K>($($arg,)* out)
                    }
                    // SAFETY: the machine has the features, as `is_available` and `best` said.
                    unsafe { clone::<T, K>($($arg,)* out) }
                }
                _ => $block_body::<T, K>($($arg,)* out),
            }
        }
    };
}

clones!(UnaryKernel: unary = unary_body, unary_on = unary_block_body, (x));
clones!(BinaryKernel: binary = binary_body, binary_on = binary_block_body, (x, y));

/// The names for one dtype: functions of single elements, `block` functions of slices, and the tables of them.
macro_rules! functions {
    ($ty:ident, $kernels:ident) => {
        $crate::widen::functions! { @rows $ty $kernels
            unary {
                "e to the `x`." exp = Exp;
                "2 to the `x`." exp2 = Exp2;
                "e to the `x`, less 1." expm1 = Expm1;
                "Natural logarithm." log = Log;
                "Logarithm to base 2." log2 = Log2;
                "Logarithm to base 10." log10 = Log10;
                "Natural logarithm of 1 + `x`." log1p = Log1p;
                "Sine of radians." sin = Sin;
                "Cosine of radians." cos = Cos;
                "Tangent of radians." tan = Tan;
                "Inverse sine in radians." arcsin = Asin;
                "Inverse cosine in radians." arccos = Acos;
                "Inverse tangent in radians." arctan = Atan;
                "Hyperbolic sine." sinh = Sinh;
                "Hyperbolic cosine." cosh = Cosh;
                "Hyperbolic tangent." tanh = Tanh;
                "Cube root." cbrt = Cbrt;
                "Inverse hyperbolic sine." arcsinh = Asinh;
                "Inverse hyperbolic cosine." arccosh = Acosh;
                "Inverse hyperbolic tangent." arctanh = Atanh;
                "The error function." erf = Erf;
                "1 less the error function." erfc = Erfc;
                "The gamma function." gamma = Gamma;
                "The logarithm of the gamma function's size." gammaln = Gammaln;
                "The logistic function, 1 / (1 + e^-`x`)." expit = Expit;
                "Its inverse, log(`x` / (1 - `x`))." logit = Logit;
            }
            binary {
                "Angle of the point (`y`, `x`) for `arctan2(y, x)`, in radians." arctan2 = Atan2;
                "Square root of the sum of squares, without overflow." hypot = Hypot;
                "`x` to the power `y`." power = Pow;
            }
        }
    };
    (@rows $ty:ident $kernels:ident unary { $($udoc:literal $uname:ident = $ukernel:ident;)* }
        binary { $($bdoc:literal $bname:ident = $bkernel:ident;)* }) => {
        use $crate::kernels::$kernels as kernels;
        use $crate::widen::{Binary, Unary, binary, binary_on, unary, unary_on};

        $(
            #[doc = $udoc]
            #[inline]
            pub fn $uname(x: $ty) -> $ty {
                unary::<$ty, kernels::$ukernel>(x)
            }
        )*
        $(
            #[doc = $bdoc]
            #[inline]
            pub fn $bname(x: $ty, y: $ty) -> $ty {
                binary::<$ty, kernels::$bkernel>(x, y)
            }
        )*

        /// The same functions of slices: of as many elements as the shortest has, written to the last.
        pub mod block {
            use $crate::Target;
            use $crate::kernels::$kernels as kernels;
            use $crate::widen::{binary_on, unary_on};

            $(
                #[doc = $udoc]
                pub fn $uname(x: &[$ty], out: &mut [$ty]) {
                    unary_on::<$ty, kernels::$ukernel>(Target::best(), x, out)
                }
            )*
            $(
                #[doc = $bdoc]
                pub fn $bname(x: &[$ty], y: &[$ty], out: &mut [$ty]) {
                    binary_on::<$ty, kernels::$bkernel>(Target::best(), x, y, out)
                }
            )*
        }

        /// All functions of one operand.
        pub const UNARY: &[Unary<$ty>] = &[$(Unary {
            name: stringify!($uname),
            one: $uname,
            block: block::$uname,
            block_on: unary_on::<$ty, kernels::$ukernel>,
        },)*];

        /// All functions of two operands.
        pub const BINARY: &[Binary<$ty>] = &[$(Binary {
            name: stringify!($bname),
            one: $bname,
            block: block::$bname,
            block_on: binary_on::<$ty, kernels::$bkernel>,
        },)*];
    };
}

pub(crate) use functions;
