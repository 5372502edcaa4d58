//! Arrays of the caller's, borrowed for a call.

use evanesce_ir::tensor::{Element, Tensor, TensorView, TensorViewMut};
use evanesce_ir::types::{DType, Type};
use evanesce_ir::with_array;
use ndarray::{ArrayBase, ArrayView, ArrayViewMut, Data, DataMut, Dimension, LayoutRef};
use num_complex::{Complex32, Complex64};

/// An array given to a call: by `&` when it is read, by `&mut` when it is written. Any strides will do; nothing is copied.
pub struct Arg<'a>(Given<'a>);

/// The caller's array where it lies, since a view of it would take longer to make than a small kernel to run; or the
/// caller's own view.
enum Given<'a> {
    Read(&'a dyn Array),
    Write(&'a mut dyn ArrayMut),
    View(TensorView<'a>),
    ViewMut(TensorViewMut<'a>),
}

/// An array of any kind.
trait Array {
    fn dtype(&self) -> DType;
    fn shape(&self) -> &[usize];
    fn strides(&self) -> &[isize];
    fn address(&self) -> *const u8;
}

/// An array that may be written.
trait ArrayMut: Array {
    fn address_mut(&mut self) -> *mut u8;
}

impl<A: Element, S: Data<Elem = A>, D: Dimension> Array for ArrayBase<S, D> {
    fn dtype(&self) -> DType {
        A::DTYPE
    }

    fn shape(&self) -> &[usize] {
        LayoutRef::shape(self)
    }

    fn strides(&self) -> &[isize] {
        LayoutRef::strides(self)
    }

    fn address(&self) -> *const u8 {
        self.as_ptr().cast()
    }
}

impl<A: Element, S: DataMut<Elem = A>, D: Dimension> ArrayMut for ArrayBase<S, D> {
    fn address_mut(&mut self) -> *mut u8 {
        self.as_mut_ptr().cast()
    }
}

impl Array for Tensor {
    fn dtype(&self) -> DType {
        self.dtype()
    }

    fn shape(&self) -> &[usize] {
        with_array!(Tensor, self, array => array.shape())
    }

    fn strides(&self) -> &[isize] {
        with_array!(Tensor, self, array => array.strides())
    }

    fn address(&self) -> *const u8 {
        with_array!(Tensor, self, array => array.as_ptr().cast())
    }
}

impl ArrayMut for Tensor {
    fn address_mut(&mut self) -> *mut u8 {
        with_array!(Tensor, self, array => array.as_mut_ptr().cast())
    }
}

impl Arg<'_> {
    /// Dtype and shape.
    pub fn ty(&self) -> Type {
        Type::new(self.dtype(), self.shape())
    }

    fn dtype(&self) -> DType {
        match &self.0 {
            Given::Read(array) => array.dtype(),
            Given::Write(array) => array.dtype(),
            Given::View(view) => view.dtype(),
            Given::ViewMut(view) => view.dtype(),
        }
    }

    fn shape(&self) -> &[usize] {
        match &self.0 {
            Given::Read(array) => array.shape(),
            Given::Write(array) => array.shape(),
            Given::View(view) => view.shape(),
            Given::ViewMut(view) => view.shape(),
        }
    }

    pub(crate) fn is(&self, ty: &Type) -> bool {
        self.dtype() == ty.dtype && *self.shape() == ty.shape[..]
    }

    pub(crate) fn strides(&self) -> &[isize] {
        match &self.0 {
            Given::Read(array) => array.strides(),
            Given::Write(array) => array.strides(),
            Given::View(view) => view.strides(),
            Given::ViewMut(view) => view.strides(),
        }
    }

    /// The address of the first logical element, and whether it may be written.
    pub(crate) fn address(&mut self) -> (*mut u8, bool) {
        match &mut self.0 {
            Given::Read(array) => (array.address().cast_mut(), false),
            Given::Write(array) => (array.address_mut(), true),
            Given::View(view) => (view.as_ptr().cast_mut(), false),
            Given::ViewMut(view) => (view.as_mut_ptr(), true),
        }
    }
}

impl<'a, A: Element, S: Data<Elem = A>, D: Dimension> From<&'a ArrayBase<S, D>> for Arg<'a> {
    fn from(array: &'a ArrayBase<S, D>) -> Self {
        Arg(Given::Read(array))
    }
}

impl<'a, A: Element, S: DataMut<Elem = A>, D: Dimension> From<&'a mut ArrayBase<S, D>> for Arg<'a> {
    fn from(array: &'a mut ArrayBase<S, D>) -> Self {
        Arg(Given::Write(array))
    }
}

impl<'a, A: Element, D: Dimension> From<ArrayView<'a, A, D>> for Arg<'a> {
    fn from(view: ArrayView<'a, A, D>) -> Self {
        Arg(Given::View(A::view(view.into_dyn())))
    }
}

impl<'a, A: Element, D: Dimension> From<ArrayViewMut<'a, A, D>> for Arg<'a> {
    fn from(view: ArrayViewMut<'a, A, D>) -> Self {
        Arg(Given::ViewMut(A::view_mut(view.into_dyn())))
    }
}

impl<'a> From<&'a Tensor> for Arg<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Arg(Given::Read(tensor))
    }
}

impl<'a> From<&'a mut Tensor> for Arg<'a> {
    fn from(tensor: &'a mut Tensor) -> Self {
        Arg(Given::Write(tensor))
    }
}

macro_rules! scalars {
    ($($ty:ty)*) => {$(
        impl Array for $ty {
            fn dtype(&self) -> DType {
                <$ty>::DTYPE
            }

            fn shape(&self) -> &[usize] {
                &[]
            }

            fn strides(&self) -> &[isize] {
                &[]
            }

            fn address(&self) -> *const u8 {
                std::ptr::from_ref(self).cast()
            }
        }

        impl ArrayMut for $ty {
            fn address_mut(&mut self) -> *mut u8 {
                std::ptr::from_mut(self).cast()
            }
        }

        impl<'a> From<&'a $ty> for Arg<'a> {
            fn from(scalar: &'a $ty) -> Self {
                Arg(Given::Read(scalar))
            }
        }

        impl<'a> From<&'a mut $ty> for Arg<'a> {
            fn from(scalar: &'a mut $ty) -> Self {
                Arg(Given::Write(scalar))
            }
        }
    )*};
}

scalars! { bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 Complex32 Complex64 }

/// The arrays of a call: `args![&mut state, &measurement]` is `[Arg::from(&mut state), Arg::from(&measurement)]`.
#[macro_export]
macro_rules! args {
    ($($arg:expr),* $(,)?) => { [$($crate::Arg::from($arg)),*] };
}
