//! Scalars and arrays with a dynamic dtype: what constants hold, what interpreters compute, what users get back.

use crate::types::{DType, Type};
use ndarray::{Array, ArrayD, ArrayViewD, ArrayViewMutD, Dimension, IxDyn};
use num_complex::{Complex32, Complex64};
use std::fmt;
use std::hash::{Hash, Hasher};

macro_rules! scalar {
    ($($variant:ident $ty:ty, $name:literal;)*) => {
        /// One element.
        #[derive(Clone, Copy, Debug)]
        pub enum Scalar {
            $(#[doc = concat!("`", $name, "`")] $variant($ty),)*
        }

        impl Scalar {
            /// The element type.
            pub fn dtype(self) -> DType {
                match self { $(Scalar::$variant(_) => DType::$variant,)* }
            }
        }
    };
}

scalar! {
    Bool bool, "bool";
    I8 i8, "i8";
    I16 i16, "i16";
    I32 i32, "i32";
    I64 i64, "i64";
    U8 u8, "u8";
    U16 u16, "u16";
    U32 u32, "u32";
    U64 u64, "u64";
    F32 f32, "f32";
    F64 f64, "f64";
    C64 Complex32, "c64";
    C128 Complex64, "c128";
}

impl Scalar {
    /// The bits, zero-extended, in the order of memory.
    pub fn bits(self) -> u128 {
        match self {
            Scalar::Bool(x) => x as u128,
            Scalar::I8(x) => x as u8 as u128,
            Scalar::I16(x) => x as u16 as u128,
            Scalar::I32(x) => x as u32 as u128,
            Scalar::I64(x) => x as u64 as u128,
            Scalar::U8(x) => x as u128,
            Scalar::U16(x) => x as u128,
            Scalar::U32(x) => x as u128,
            Scalar::U64(x) => x as u128,
            Scalar::F32(x) => x.to_bits() as u128,
            Scalar::F64(x) => x.to_bits() as u128,
            Scalar::C64(z) => z.re.to_bits() as u128 | (z.im.to_bits() as u128) << 32,
            Scalar::C128(z) => z.re.to_bits() as u128 | (z.im.to_bits() as u128) << 64,
        }
    }

    /// The scalar of `dtype` with these bits.
    pub fn from_bits(dtype: DType, bits: u128) -> Scalar {
        match dtype {
            DType::Bool => Scalar::Bool(bits != 0),
            DType::I8 => Scalar::I8(bits as i8),
            DType::I16 => Scalar::I16(bits as i16),
            DType::I32 => Scalar::I32(bits as i32),
            DType::I64 => Scalar::I64(bits as i64),
            DType::U8 => Scalar::U8(bits as u8),
            DType::U16 => Scalar::U16(bits as u16),
            DType::U32 => Scalar::U32(bits as u32),
            DType::U64 => Scalar::U64(bits as u64),
            DType::F32 => Scalar::F32(f32::from_bits(bits as u32)),
            DType::F64 => Scalar::F64(f64::from_bits(bits as u64)),
            DType::C64 => Scalar::C64(Complex32::new(f32::from_bits(bits as u32), f32::from_bits((bits >> 32) as u32))),
            DType::C128 => {
                Scalar::C128(Complex64::new(f64::from_bits(bits as u64), f64::from_bits((bits >> 64) as u64)))
            }
        }
    }

    /// Conversion to another dtype: floats to integers truncate and saturate, NaN becomes 0 (Rust's `as`); integers to
    /// narrower ones wrap; anything to `bool` is `!= 0`; of a complex number only `bool` and complex dtypes see the
    /// imaginary part. NumPy leaves out-of-range conversions of floats to the platform; this is one answer everywhere.
    pub fn cast(self, dtype: DType) -> Scalar {
        macro_rules! to {
            ($x:expr, $zero:expr) => {
                match dtype {
                    DType::Bool => Scalar::Bool($x != $zero),
                    DType::I8 => Scalar::I8($x as i8),
                    DType::I16 => Scalar::I16($x as i16),
                    DType::I32 => Scalar::I32($x as i32),
                    DType::I64 => Scalar::I64($x as i64),
                    DType::U8 => Scalar::U8($x as u8),
                    DType::U16 => Scalar::U16($x as u16),
                    DType::U32 => Scalar::U32($x as u32),
                    DType::U64 => Scalar::U64($x as u64),
                    DType::F32 => Scalar::F32($x as f32),
                    DType::F64 => Scalar::F64($x as f64),
                    DType::C64 => Scalar::C64(Complex32::new($x as f32, 0.0)),
                    DType::C128 => Scalar::C128(Complex64::new($x as f64, 0.0)),
                }
            };
        }
        match self {
            Scalar::Bool(x) => to!(x as u8, 0),
            Scalar::I8(x) => to!(x, 0),
            Scalar::I16(x) => to!(x, 0),
            Scalar::I32(x) => to!(x, 0),
            Scalar::I64(x) => to!(x, 0),
            Scalar::U8(x) => to!(x, 0),
            Scalar::U16(x) => to!(x, 0),
            Scalar::U32(x) => to!(x, 0),
            Scalar::U64(x) => to!(x, 0),
            Scalar::F32(x) => to!(x, 0.0),
            Scalar::F64(x) => to!(x, 0.0),
            Scalar::C64(_) | Scalar::C128(_) => {
                let (re, im) = self.parts();
                match dtype {
                    DType::Bool => Scalar::Bool([re, im].map(|x| x.cast(DType::Bool)).contains(&Scalar::Bool(true))),
                    DType::C64 | DType::C128 => Scalar::complex(re.cast(dtype.real()), im.cast(dtype.real()))
                        .expect("two parts of one floating dtype"),
                    _ => re.cast(dtype),
                }
            }
        }
    }

    /// The real and the imaginary part; of a real number itself and 0.
    pub fn parts(self) -> (Scalar, Scalar) {
        match self {
            Scalar::C64(z) => (Scalar::F32(z.re), Scalar::F32(z.im)),
            Scalar::C128(z) => (Scalar::F64(z.re), Scalar::F64(z.im)),
            real => (real, Scalar::zero(real.dtype())),
        }
    }

    /// The complex number of two parts; `None` unless they are of one floating dtype.
    pub fn complex(re: Scalar, im: Scalar) -> Option<Scalar> {
        match (re, im) {
            (Scalar::F32(re), Scalar::F32(im)) => Some(Scalar::C64(Complex32::new(re, im))),
            (Scalar::F64(re), Scalar::F64(im)) => Some(Scalar::C128(Complex64::new(re, im))),
            _ => None,
        }
    }

    /// The value of an integer or truth value.
    pub fn as_integer(self) -> Option<i128> {
        match self {
            Scalar::Bool(x) => Some(x.into()),
            Scalar::I8(x) => Some(x.into()),
            Scalar::I16(x) => Some(x.into()),
            Scalar::I32(x) => Some(x.into()),
            Scalar::I64(x) => Some(x.into()),
            Scalar::U8(x) => Some(x.into()),
            Scalar::U16(x) => Some(x.into()),
            Scalar::U32(x) => Some(x.into()),
            Scalar::U64(x) => Some(x.into()),
            Scalar::F32(_) | Scalar::F64(_) | Scalar::C64(_) | Scalar::C128(_) => None,
        }
    }

    /// Whether this is an integer below 0.
    pub fn is_negative_integer(self) -> bool {
        self.as_integer().is_some_and(|x| x < 0)
    }

    /// `false` or zero of a dtype.
    pub fn zero(dtype: DType) -> Scalar {
        Scalar::from_bits(dtype, 0)
    }

    /// `true` or one of a dtype.
    pub fn one(dtype: DType) -> Scalar {
        Scalar::Bool(true).cast(dtype)
    }
}

/// Equality of bits and dtype: `-0.0` differs from `0.0`, a NaN equals itself.
impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.dtype() == other.dtype() && self.bits() == other.bits()
    }
}

impl Eq for Scalar {}

impl Hash for Scalar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.dtype(), self.bits()).hash(state);
    }
}

/// A literal that reads back with the same dtype and bits: `2.0`, `2.0f32`, `-3`, `3u8`, `true`, `nan`, `inf`, `1.0-2.0j`.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn float(f: &mut fmt::Formatter<'_>, x: f64, shortest: String) -> fmt::Result {
            if x.is_nan() {
                f.write_str("nan")
            } else if x.is_infinite() {
                f.write_str(if x > 0.0 { "inf" } else { "-inf" })
            } else {
                f.write_str(&shortest)
            }
        }
        match *self {
            Scalar::Bool(x) => write!(f, "{x}"),
            Scalar::I64(x) => write!(f, "{x}"),
            Scalar::F64(x) if x.is_nan() && x.to_bits() != f64::NAN.to_bits() => write!(f, "nan:{:#x}", x.to_bits()),
            Scalar::F32(x) if x.is_nan() && x.to_bits() != f32::NAN.to_bits() => write!(f, "nan:{:#x}f32", x.to_bits()),
            Scalar::F64(x) => float(f, x, format!("{x:?}")),
            Scalar::F32(x) => {
                float(f, x as f64, format!("{x:?}"))?;
                f.write_str("f32")
            }
            Scalar::C64(_) | Scalar::C128(_) => {
                let (re, im) = self.parts();
                let im = im.to_string();
                write!(f, "{re}{}{im}j", if im.starts_with('-') { "" } else { "+" })
            }
            _ => {
                let x = self.as_integer().expect("the floats and complex numbers are above");
                write!(f, "{x}{}", self.dtype())
            }
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// The Rust types that can be elements: `bool`, the integers of 8 to 64 bits, `f32`, `f64`, and `num_complex`'s `Complex32`
/// and `Complex64`.
pub trait Element: sealed::Sealed + Copy + Default + PartialEq + Send + Sync + fmt::Debug + 'static {
    /// The dtype of `Self`.
    const DTYPE: DType;
    /// Wraps an element.
    fn to_scalar(self) -> Scalar;
    /// Unwraps an element of the same dtype.
    fn from_scalar(scalar: Scalar) -> Option<Self>;
    /// Wraps an array.
    fn wrap(array: ArrayD<Self>) -> Tensor;
    /// Unwraps an array of the same dtype.
    fn unwrap(tensor: Tensor) -> Result<ArrayD<Self>, Tensor>;
    /// Wraps a view.
    fn view<'a>(array: ArrayViewD<'a, Self>) -> TensorView<'a>;
    /// Wraps a mutable view.
    fn view_mut<'a>(array: ArrayViewMutD<'a, Self>) -> TensorViewMut<'a>;
    /// The array of a view of the same dtype.
    fn of_view<'v, 'a>(view: &'v TensorView<'a>) -> Option<&'v ArrayViewD<'a, Self>>;
    /// The array of a mutable view of the same dtype.
    fn of_view_mut<'v, 'a>(view: &'v mut TensorViewMut<'a>) -> Option<&'v mut ArrayViewMutD<'a, Self>>;
}

macro_rules! tensor {
    ($($variant:ident $ty:ty, $get:ident;)*) => {
        /// An array of any dtype. Equality and hash are those of the bits.
        #[derive(Clone)]
        pub enum Tensor {
            $(#[doc = concat!("An array of `", stringify!($ty), "`.")] $variant(ArrayD<$ty>),)*
        }

        /// A borrowed array of any dtype and any strides.
        #[derive(Clone)]
        pub enum TensorView<'a> {
            $(#[doc = concat!("A view of `", stringify!($ty), "`.")] $variant(ArrayViewD<'a, $ty>),)*
        }

        /// A mutably borrowed array of any dtype and any strides.
        pub enum TensorViewMut<'a> {
            $(#[doc = concat!("A mutable view of `", stringify!($ty), "`.")] $variant(ArrayViewMutD<'a, $ty>),)*
        }

        /// Runs a body for whichever dtype a [`Tensor`], [`TensorView`] or [`TensorViewMut`] has, its array bound to the given name.
        #[macro_export]
        macro_rules! with_array {
            ($kind:ident, $tensor:expr, $array:ident => $body:expr) => {
                match $tensor { $($crate::tensor::$kind::$variant($array) => $body,)* }
            };
        }

        /// The Rust type of each dtype's elements, by the name of the dtype's variant.
        pub mod element {
            #[allow(unused_imports, clippy::allow_attributes, reason = "complex types are imported, the others are Rust's own")]
            use super::*;
            $(#[doc = concat!("`", stringify!($ty), "`.")] pub type $variant = $ty;)*
        }

        /// Runs a body for whichever dtype a [`DType`](crate::types::DType) is, the Rust type of its elements bound to the given name.
        #[macro_export]
        macro_rules! with_element {
            ($dtype:expr, $element:ident => $body:expr) => {
                match $dtype { $($crate::types::DType::$variant => { type $element = $crate::tensor::element::$variant; $body })* }
            };
        }

        $(
            impl sealed::Sealed for $ty {}
            impl Element for $ty {
                const DTYPE: DType = DType::$variant;
                fn to_scalar(self) -> Scalar { Scalar::$variant(self) }
                fn from_scalar(scalar: Scalar) -> Option<Self> {
                    if let Scalar::$variant(x) = scalar { Some(x) } else { None }
                }
                fn wrap(array: ArrayD<Self>) -> Tensor { Tensor::$variant(array) }
                fn unwrap(tensor: Tensor) -> Result<ArrayD<Self>, Tensor> {
                    if let Tensor::$variant(array) = tensor { Ok(array) } else { Err(tensor) }
                }
                fn view<'a>(array: ArrayViewD<'a, Self>) -> TensorView<'a> { TensorView::$variant(array) }
                fn view_mut<'a>(array: ArrayViewMutD<'a, Self>) -> TensorViewMut<'a> { TensorViewMut::$variant(array) }
                fn of_view<'v, 'a>(view: &'v TensorView<'a>) -> Option<&'v ArrayViewD<'a, Self>> {
                    if let TensorView::$variant(array) = view { Some(array) } else { None }
                }
                fn of_view_mut<'v, 'a>(view: &'v mut TensorViewMut<'a>) -> Option<&'v mut ArrayViewMutD<'a, Self>> {
                    if let TensorViewMut::$variant(array) = view { Some(array) } else { None }
                }
            }

            impl From<ArrayD<$ty>> for Tensor {
                fn from(array: ArrayD<$ty>) -> Tensor { Tensor::$variant(array) }
            }
        )*

        impl Tensor {
            $(
                #[doc = concat!("The array, when the dtype is `", stringify!($ty), "`.")]
                pub fn $get(&self) -> Option<&ArrayD<$ty>> {
                    if let Tensor::$variant(array) = self { Some(array) } else { None }
                }
            )*

            /// The element type.
            pub fn dtype(&self) -> DType {
                match self { $(Tensor::$variant(_) => DType::$variant,)* }
            }

            /// A row-major array from scalars in row-major order.
            ///
            /// # Panics
            /// When the number of scalars is not that of the shape, or a scalar has another dtype.
            pub fn from_scalars(ty: &Type, scalars: impl IntoIterator<Item = Scalar>) -> Tensor {
                match ty.dtype {
                    $(DType::$variant => {
                        let data: Vec<$ty> = scalars
                            .into_iter()
                            .map(|s| <$ty>::from_scalar(s).expect("scalars have the tensor's dtype"))
                            .collect();
                        Tensor::$variant(
                            ArrayD::from_shape_vec(IxDyn(&ty.shape), data).expect("as many scalars as the shape has"),
                        )
                    })*
                }
            }

            /// A mutably borrowed view of the whole.
            pub fn view_mut(&mut self) -> TensorViewMut<'_> {
                match self { $(Tensor::$variant(array) => TensorViewMut::$variant(array.view_mut()),)* }
            }

            /// A borrowed view of the whole.
            pub fn view(&self) -> TensorView<'_> {
                match self { $(Tensor::$variant(array) => TensorView::$variant(array.view()),)* }
            }
        }

        impl TensorViewMut<'_> {
            /// The element type.
            pub fn dtype(&self) -> DType {
                match self { $(TensorViewMut::$variant(_) => DType::$variant,)* }
            }
        }

        impl TensorView<'_> {
            /// The element type.
            pub fn dtype(&self) -> DType {
                match self { $(TensorView::$variant(_) => DType::$variant,)* }
            }

            /// The same view for a shorter time.
            pub fn reborrow(&self) -> TensorView<'_> {
                match self { $(TensorView::$variant(array) => TensorView::$variant(array.view()),)* }
            }

            /// A row-major copy.
            pub fn to_tensor(&self) -> Tensor {
                match self { $(TensorView::$variant(array) => Tensor::$variant(array.as_standard_layout().into_owned()),)* }
            }
        }
    };
}

tensor! {
    Bool bool, as_bool;
    I8 i8, as_i8;
    I16 i16, as_i16;
    I32 i32, as_i32;
    I64 i64, as_i64;
    U8 u8, as_u8;
    U16 u16, as_u16;
    U32 u32, as_u32;
    U64 u64, as_u64;
    F32 f32, as_f32;
    F64 f64, as_f64;
    C64 Complex32, as_c64;
    C128 Complex64, as_c128;
}

impl Tensor {
    /// A rank-0 tensor.
    pub fn scalar(scalar: Scalar) -> Tensor {
        Tensor::from_scalars(&Type::new(scalar.dtype(), []), [scalar])
    }

    /// Dtype and shape.
    pub fn ty(&self) -> Type {
        Type::new(self.dtype(), self.shape())
    }

    /// Axis sizes.
    pub fn shape(&self) -> &[usize] {
        with_array!(Tensor, self, a => a.shape())
    }

    /// The elements in row-major order.
    pub fn scalars(&self) -> Vec<Scalar> {
        with_array!(Tensor, self, a => a.iter().map(|x| x.to_scalar()).collect())
    }

    /// The array, when dtype and rank are these.
    ///
    /// # Errors
    /// The tensor itself, when they are not.
    pub fn into_array<A: Element, D: Dimension>(self) -> Result<Array<A, D>, Tensor> {
        if D::NDIM.is_some_and(|rank| rank != self.shape().len()) {
            return Err(self);
        }
        Ok(A::unwrap(self)?.into_dimensionality().expect("the rank was checked"))
    }

    /// The only element, when the rank is 0.
    pub fn as_scalar(&self) -> Option<Scalar> {
        self.shape().is_empty().then(|| self.scalars()[0])
    }
}

impl TensorView<'_> {
    /// Axis sizes.
    pub fn shape(&self) -> &[usize] {
        with_array!(TensorView, self, a => a.shape())
    }

    /// Dtype and shape.
    pub fn ty(&self) -> Type {
        with_array!(TensorView, self, a => Type::new(self.dtype(), a.shape()))
    }

    /// Element strides.
    pub fn strides(&self) -> &[isize] {
        with_array!(TensorView, self, a => a.strides())
    }

    /// The address of the first logical element.
    pub fn as_ptr(&self) -> *const u8 {
        with_array!(TensorView, self, a => a.as_ptr().cast())
    }
}

impl TensorViewMut<'_> {
    /// Axis sizes.
    pub fn shape(&self) -> &[usize] {
        with_array!(TensorViewMut, self, a => a.shape())
    }

    /// Element strides.
    pub fn strides(&self) -> &[isize] {
        with_array!(TensorViewMut, self, a => a.strides())
    }

    /// The address of the first logical element.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        with_array!(TensorViewMut, self, a => a.as_mut_ptr().cast())
    }
}

impl PartialEq for Tensor {
    fn eq(&self, other: &Self) -> bool {
        self.dtype() == other.dtype() && self.shape() == other.shape() && self.scalars() == other.scalars()
    }
}

impl Eq for Tensor {}

impl Hash for Tensor {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.shape().hash(state);
        self.scalars().hash(state);
    }
}

/// Nested brackets of literals, as `.ir` text has them: `[[1.0, 2.0], [3.0, 4.0]]`.
impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shape, scalars) = (self.shape(), self.scalars());
        if scalars.is_empty() && !shape.is_empty() {
            // Brackets alone cannot say (0, 3): the type written beside it does.
            return f.write_str("[]");
        }
        for (i, scalar) in scalars.iter().enumerate() {
            // Brackets open before the first element of every axis that starts here, and close likewise.
            let starts = |count: usize| {
                let mut block = 1;
                shape
                    .iter()
                    .rev()
                    .take_while(|&&n| {
                        block *= n;
                        count.is_multiple_of(block)
                    })
                    .count()
            };
            if i > 0 {
                f.write_str(", ")?;
            }
            f.write_str(&"[".repeat(starts(i)))?;
            write!(f, "{scalar}")?;
            f.write_str(&"]".repeat(starts(i + 1)))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {self}", self.ty())
    }
}
