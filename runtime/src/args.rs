//! Arrays of the caller's, borrowed for a call.

use evanesce_ir::tensor::{Element, Tensor, TensorView, TensorViewMut};
use evanesce_ir::types::Type;
use ndarray::{ArrayBase, ArrayView, ArrayViewMut, Data, DataMut, Dimension};

/// An array given to a call: by `&` when it is read, by `&mut` when it is written. Any strides will do; nothing is copied.
pub enum Arg<'a> {
    /// Borrowed.
    Read(TensorView<'a>),
    /// Mutably borrowed.
    Write(TensorViewMut<'a>),
}

impl Arg<'_> {
    /// Dtype and shape.
    pub fn ty(&self) -> Type {
        match self {
            Arg::Read(view) => view.ty(),
            Arg::Write(view) => Type::new(view.dtype(), view.shape()),
        }
    }

    pub(crate) fn is(&self, ty: &Type) -> bool {
        match self {
            Arg::Read(view) => view.dtype() == ty.dtype && *view.shape() == ty.shape[..],
            Arg::Write(view) => view.dtype() == ty.dtype && *view.shape() == ty.shape[..],
        }
    }

    pub(crate) fn strides(&self) -> &[isize] {
        match self {
            Arg::Read(view) => view.strides(),
            Arg::Write(view) => view.strides(),
        }
    }

    /// The address of the first logical element, and whether it may be written.
    pub(crate) fn address(&mut self) -> (*mut u8, bool) {
        match self {
            Arg::Read(view) => (view.as_ptr().cast_mut(), false),
            Arg::Write(view) => (view.as_mut_ptr(), true),
        }
    }
}

impl<'a, A: Element, S: Data<Elem = A>, D: Dimension> From<&'a ArrayBase<S, D>> for Arg<'a> {
    fn from(array: &'a ArrayBase<S, D>) -> Self {
        Arg::Read(A::view(array.view().into_dyn()))
    }
}

impl<'a, A: Element, S: DataMut<Elem = A>, D: Dimension> From<&'a mut ArrayBase<S, D>> for Arg<'a> {
    fn from(array: &'a mut ArrayBase<S, D>) -> Self {
        Arg::Write(A::view_mut(array.view_mut().into_dyn()))
    }
}

impl<'a, A: Element, D: Dimension> From<ArrayView<'a, A, D>> for Arg<'a> {
    fn from(view: ArrayView<'a, A, D>) -> Self {
        Arg::Read(A::view(view.into_dyn()))
    }
}

impl<'a, A: Element, D: Dimension> From<ArrayViewMut<'a, A, D>> for Arg<'a> {
    fn from(view: ArrayViewMut<'a, A, D>) -> Self {
        Arg::Write(A::view_mut(view.into_dyn()))
    }
}

impl<'a> From<&'a Tensor> for Arg<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Arg::Read(tensor.view())
    }
}

impl<'a> From<&'a mut Tensor> for Arg<'a> {
    fn from(tensor: &'a mut Tensor) -> Self {
        Arg::Write(tensor.view_mut())
    }
}

macro_rules! scalars {
    ($($ty:ty)*) => {$(
        impl<'a> From<&'a $ty> for Arg<'a> {
            fn from(scalar: &'a $ty) -> Self {
                Arg::Read(<$ty>::view(ndarray::aview0(scalar).into_dyn()))
            }
        }

        impl<'a> From<&'a mut $ty> for Arg<'a> {
            fn from(scalar: &'a mut $ty) -> Self {
                Arg::from(ArrayViewMut::from(std::slice::from_mut(scalar)).remove_axis(ndarray::Axis(0)))
            }
        }
    )*};
}

scalars! { bool i64 f32 f64 }

/// The arrays of a call: `args![&mut state, &measurement]` is `[Arg::from(&mut state), Arg::from(&measurement)]`.
#[macro_export]
macro_rules! args {
    ($($arg:expr),* $(,)?) => { [$($crate::Arg::from($arg)),*] };
}
