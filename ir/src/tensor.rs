//! Scalars and arrays with a dynamic dtype: what constants hold, what interpreters compute, what users get back.

use crate::types::{DType, Type};
use ndarray::{Array, ArrayD, ArrayViewD, ArrayViewMutD, Dimension, IxDyn};
use std::fmt;
use std::hash::{Hash, Hasher};

/// One element.
#[derive(Clone, Copy, Debug)]
pub enum Scalar {
    /// `bool`
    Bool(bool),
    /// `i64`
    I64(i64),
    /// `f32`
    F32(f32),
    /// `f64`
    F64(f64),
}

impl Scalar {
    /// The element type.
    pub fn dtype(self) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::I64(_) => DType::I64,
            Scalar::F32(_) => DType::F32,
            Scalar::F64(_) => DType::F64,
        }
    }

    /// The bits, zero-extended.
    pub fn bits(self) -> u64 {
        match self {
            Scalar::Bool(x) => x as u64,
            Scalar::I64(x) => x as u64,
            Scalar::F32(x) => x.to_bits() as u64,
            Scalar::F64(x) => x.to_bits(),
        }
    }

    /// The scalar of `dtype` with these bits.
    pub fn from_bits(dtype: DType, bits: u64) -> Scalar {
        match dtype {
            DType::Bool => Scalar::Bool(bits != 0),
            DType::I64 => Scalar::I64(bits as i64),
            DType::F32 => Scalar::F32(f32::from_bits(bits as u32)),
            DType::F64 => Scalar::F64(f64::from_bits(bits)),
        }
    }

    /// Conversion to another dtype: floats to integers truncate and saturate, NaN becomes 0 (Rust's `as`); anything to
    /// `bool` is `!= 0`. NumPy leaves out-of-range conversions to the platform; this is one answer everywhere.
    pub fn cast(self, dtype: DType) -> Scalar {
        macro_rules! to {
            ($x:expr, $zero:expr) => {
                match dtype {
                    DType::Bool => Scalar::Bool($x != $zero),
                    DType::I64 => Scalar::I64($x as i64),
                    DType::F32 => Scalar::F32($x as f32),
                    DType::F64 => Scalar::F64($x as f64),
                }
            };
        }
        match self {
            Scalar::Bool(x) => to!(x as u8, 0),
            Scalar::I64(x) => to!(x, 0),
            Scalar::F32(x) => to!(x, 0.0),
            Scalar::F64(x) => to!(x, 0.0),
        }
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

/// A literal that reads back with the same dtype and bits: `2.0`, `2.0f32`, `-3`, `true`, `nan`, `inf`.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn float(f: &mut fmt::Formatter<'_>, x: f64, canonical_nan: bool, shortest: String) -> fmt::Result {
            if x.is_nan() && canonical_nan {
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
            Scalar::F64(x) => float(f, x, true, format!("{x:?}")),
            Scalar::F32(x) => {
                float(f, x as f64, true, format!("{x:?}"))?;
                f.write_str("f32")
            }
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

/// The Rust types that can be elements: `bool`, `i64`, `f32`, `f64`.
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
    I64 i64, as_i64;
    F32 f32, as_f32;
    F64 f64, as_f64;
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
