//! Elementwise functions: NumPy's `frompyfunc` and `vectorize`.

use super::{Checked, callable};
use crate::custom::{Custom, Implementation};
use crate::error::Loc;
use crate::tensor::{Element, TensorView, TensorViewMut};
use crate::types::DType;
use std::sync::Arc;

/// A function that works element by element, of up to eight operands and one to four results. It broadcasts.
///
/// ```
/// # use evanesce_ir::expr::{Expr, Ufunc};
/// # use evanesce_ir::types::DType;
/// let logistic = Ufunc::new("logistic")
///     .scalar(|r: f32, x: f32| r * x * (1.0 - x))
///     .scalar(|r: f64, x: f64| r * x * (1.0 - x));
/// let x = ndarray::arr1(&[0.25f32, 0.5]);
/// let y = logistic.call((3.0, Expr::from(&x)));
/// assert_eq!(y.ty().unwrap().to_string(), "f32[2]");
/// ```
#[derive(Clone, Debug)]
pub struct Ufunc(Checked);

callable!(Ufunc);

impl Ufunc {
    /// A function without implementations; the name is for messages and text.
    #[track_caller]
    pub fn new(name: &str) -> Ufunc {
        Ufunc(Checked::new(name, Custom::elementwise(name), Loc::caller()))
    }

    /// Adds an implementation by elements: a closure such as `|x: f64, n: i64| -> f64`. Several results are a tuple.
    #[track_caller]
    pub fn scalar<M>(self, function: impl ScalarLoop<M>) -> Ufunc {
        Ufunc(self.0.implement(Loc::caller(), |_| Ok(function.implementation())))
    }

    /// Adds an implementation by blocks: a closure such as `|x: &[f64], n: &[i64], y: &mut [f64]|`, over slices of one
    /// length. How arrays are cut into blocks, and what results hold before, is not specified.
    #[track_caller]
    pub fn block<M>(self, function: impl BlockLoop<M>) -> Ufunc {
        Ufunc(self.0.implement(Loc::caller(), |_| Ok(function.implementation())))
    }
}

/// The contiguous elements of an operand.
fn operand<'v, A: Element>(view: Option<&'v TensorView<'_>>) -> &'v [A] {
    let array = view.and_then(|view| A::of_view(view)).expect("as many operands of the implementation's dtypes");
    array.as_slice().expect("a block is contiguous")
}

/// The contiguous elements of a result.
fn result<'v, A: Element>(view: &'v mut TensorViewMut<'_>) -> &'v mut [A] {
    let array = A::of_view_mut(view).expect("results of the implementation's dtypes");
    array.as_slice_mut().expect("a block is contiguous")
}

/// What a closure over elements returns: an element, or a tuple of several.
pub trait ReturnedElements: Send + Sync + 'static {
    /// A slice for each.
    type Slices<'v>;

    /// Of each.
    fn dtypes() -> Vec<DType>;

    /// The slices of the results' views.
    fn slices<'v>(views: &'v mut [TensorViewMut<'_>]) -> Self::Slices<'v>;

    /// Writes one element of each.
    fn store(self, slices: &mut Self::Slices<'_>, at: usize);
}

impl<A: Element> ReturnedElements for A {
    type Slices<'v> = &'v mut [A];

    fn dtypes() -> Vec<DType> {
        vec![A::DTYPE]
    }

    fn slices<'v>(views: &'v mut [TensorViewMut<'_>]) -> &'v mut [A] {
        let [view] = views else { unreachable!("as many results as dtypes") };
        result(view)
    }

    fn store(self, slices: &mut &mut [A], at: usize) {
        slices[at] = self;
    }
}

macro_rules! returned {
    ($(($($ty:ident $element:ident $slice:ident)*))*) => {$(
        impl<$($ty: Element),*> ReturnedElements for ($($ty,)*) {
            type Slices<'v> = ($(&'v mut [$ty],)*);

            fn dtypes() -> Vec<DType> {
                vec![$($ty::DTYPE),*]
            }

            fn slices<'v>(views: &'v mut [TensorViewMut<'_>]) -> Self::Slices<'v> {
                let [$($element),*] = views else { unreachable!("as many results as dtypes") };
                ($(result::<$ty>($element),)*)
            }

            fn store(self, slices: &mut Self::Slices<'_>, at: usize) {
                let (($($element,)*), ($($slice,)*)) = (self, slices);
                $($slice[at] = $element;)*
            }
        }
    )*};
}

returned! {
    (A a x)
    (A a x B b y)
    (A a x B b y C c z)
    (A a x B b y C c z D d w)
}

/// A closure over elements. `M` tells closures of different types apart, and is inferred.
pub trait ScalarLoop<M> {
    /// Its implementation.
    fn implementation(self) -> Implementation;
}

/// A closure over slices of elements. `M` tells closures of different types apart, and is inferred.
pub trait BlockLoop<M> {
    /// Its implementation.
    fn implementation(self) -> Implementation;
}

macro_rules! loops {
    ($(($($ty:ident $x:ident)*))*) => {$(
        impl<Function, Returned, $($ty: Element),*> ScalarLoop<fn($($ty),*) -> Returned> for Function
        where
            Function: Fn($($ty),*) -> Returned + Send + Sync + 'static,
            Returned: ReturnedElements,
        {
            fn implementation(self) -> Implementation {
                let body = move |operands: &[TensorView<'_>], results: &mut [TensorViewMut<'_>]| {
                    let mut views = operands.iter();
                    $(let $x = operand::<$ty>(views.next());)*
                    let mut results = Returned::slices(results);
                    let len = [$($x.len()),*].into_iter().min().unwrap_or(0);
                    $(let $x = &$x[..len];)*
                    for at in 0..len {
                        self($($x[at]),*).store(&mut results, at);
                    }
                    Ok(())
                };
                Implementation { operands: vec![$($ty::DTYPE),*], results: Returned::dtypes(), body: Arc::new(body) }
            }
        }

        loops! { @ blocks ($($ty $x)*) (R r) }
        loops! { @ blocks ($($ty $x)*) (R r S s) }
        loops! { @ blocks ($($ty $x)*) (R r S s T t) }
        loops! { @ blocks ($($ty $x)*) (R r S s T t U u) }
    )*};
    (@ blocks ($($ty:ident $x:ident)*) ($($result:ident $y:ident)*)) => {
        impl<Function, $($ty: Element,)* $($result: Element),*> BlockLoop<fn($($ty),*) -> ($($result,)*)> for Function
        where
            Function: Fn($(&[$ty],)* $(&mut [$result]),*) + Send + Sync + 'static,
        {
            fn implementation(self) -> Implementation {
                let body = move |operands: &[TensorView<'_>], results: &mut [TensorViewMut<'_>]| {
                    let mut views = operands.iter();
                    $(let $x = operand::<$ty>(views.next());)*
                    let [$($y),*] = results else { unreachable!("as many results as dtypes") };
                    self($($x,)* $(result::<$result>($y)),*);
                    Ok(())
                };
                let (operands, results) = (vec![$($ty::DTYPE),*], vec![$($result::DTYPE),*]);
                Implementation { operands, results, body: Arc::new(body) }
            }
        }
    };
}

loops! {
    (A a)
    (A a B b)
    (A a B b C c)
    (A a B b C c D d)
    (A a B b C c D d E e)
    (A a B b C c D d E e F f)
    (A a B b C c D d E e F f G g)
    (A a B b C c D d E e F f G g H h)
}
