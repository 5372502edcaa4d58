//! Generalized functions, on arrays in the last axes.

use super::{Checked, callable};
use crate::custom::{Custom, Implementation};
use crate::error::{Loc, Problem, RunErrorKind};
use crate::tensor::{Element, TensorView, TensorViewMut};
use crate::types::DType;
use ndarray::{Array, ArrayView, ArrayViewD, ArrayViewMut, Dimension, IxDyn};
use std::sync::Arc;

/// A function on core arrays, the last axes of its operands by a signature; the axes before them are a stack, and broadcast.
///
/// The core arrays are handed over as they lie, whatever their strides. The memory of the results is ours: an
/// implementation writes into it, or returns arrays that are copied there.
///
/// ```
/// # use evanesce_ir::expr::{Expr, Gufunc};
/// # use ndarray::{Array2, ArrayView1, ArrayViewMut1};
/// let differences = Gufunc::new("differences", "(n)->(n-1)").views(|x: ArrayView1<f64>, mut y: ArrayViewMut1<f64>| {
///     y.iter_mut().zip(x.windows(2)).for_each(|(y, x)| *y = x[1] - x[0]);
/// });
/// let x = Array2::<f64>::zeros((3, 5));
/// assert_eq!(differences.call(Expr::from(&x)).ty().unwrap().to_string(), "f64[3, 4]");
/// ```
#[derive(Clone, Debug)]
pub struct Gufunc(Checked);

callable!(Gufunc);

impl Gufunc {
    /// A function without implementations: its name, for messages and text, and its signature, such as
    /// `(m,n),(n,p)->(m,p)`, `(n)->(n+1)`, `()->(3)` or `(n),(m)->(n*m)`: see
    /// [`Signature`](crate::custom::Signature).
    #[track_caller]
    pub fn new(name: &str, signature: &str) -> Gufunc {
        Gufunc(Checked::new(name, Custom::generalized(name, signature), Loc::caller()))
    }

    /// Adds an implementation that is given views of the operands and of the results, to be written: a closure such as
    /// `|a: ArrayView2<f64>, x: ArrayView1<f64>, y: ArrayViewMut1<f64>|`. A core without axes is an `ArrayView0`. What the
    /// results hold before is not specified.
    #[track_caller]
    pub fn views<M>(self, function: impl CoreViews<M>) -> Gufunc {
        self.implement(Loc::caller(), function.implementation())
    }

    /// Adds an implementation that returns its results: a closure such as
    /// `|a: ArrayView2<f64>, x: ArrayView1<f64>| -> Array1<f64>`. Several are a tuple; one without axes may be an element.
    /// A shape that the signature does not say is an error of the run.
    #[track_caller]
    pub fn returning<M>(self, function: impl ReturningViews<M>) -> Gufunc {
        self.implement(Loc::caller(), function.implementation())
    }

    fn implement(self, loc: Loc, (implementation, ranks): (Implementation, Ranks)) -> Gufunc {
        let check = |function: &Custom| {
            let signature = function.signature().expect("a generalized function has a signature");
            for (what, axes, ranks) in [
                ("operand", signature.operands().collect::<Vec<_>>(), &ranks.operands),
                ("result", signature.results().collect(), &ranks.results),
            ] {
                let differs = |(&axes, rank): (&usize, &Option<usize>)| rank.is_some_and(|rank| rank != axes);
                // Another number of arrays is said by the function itself.
                let at = axes.iter().zip(ranks).position(differs).filter(|_| axes.len() == ranks.len());
                if let Some((at, rank)) = at.and_then(|at| Some((at, ranks[at]?))) {
                    let what = format!("{what} {at} of an implementation has {rank} axes, not {}", axes[at]);
                    return Err(Problem::CoreDimensions { signature: signature.to_string(), what });
                }
            }
            Ok(implementation)
        };
        Gufunc(self.0.implement(loc, check))
    }
}

/// The numbers of axes of an implementation's arrays; `None` takes any.
#[derive(Clone, Debug)]
pub struct Ranks {
    /// Of the operands.
    operands: Vec<Option<usize>>,
    /// Of the results.
    results: Vec<Option<usize>>,
}

/// An operand as its closure takes it.
fn operand<'v, A: Element, D: Dimension>(view: Option<&'v TensorView<'_>>) -> ArrayView<'v, A, D> {
    let array = view.and_then(|view| A::of_view(view)).expect("as many operands of the implementation's dtypes");
    array.view().into_dimensionality().expect("the rank was checked")
}

/// A result as its closure takes it.
fn result<'v, A: Element, D: Dimension>(view: &'v mut TensorViewMut<'_>) -> ArrayViewMut<'v, A, D> {
    let array = A::of_view_mut(view).expect("results of the implementation's dtypes");
    array.view_mut().into_dimensionality().expect("the rank was checked")
}

/// Writes what was returned.
fn store<A: Element>(
    found: ArrayViewD<'_, A>,
    number: usize,
    view: &mut TensorViewMut<'_>,
) -> Result<(), RunErrorKind> {
    let mut to = result::<A, IxDyn>(view);
    if to.shape() != found.shape() {
        let (expected, found) = (to.shape().to_vec(), found.shape().to_vec());
        return Err(RunErrorKind::ResultShape { result: number, expected, found });
    }
    to.assign(&found);
    Ok(())
}

/// One result that a closure returns: an array, or an element.
pub trait ReturnedArray: Send + Sync + 'static {
    /// Of its elements.
    const DTYPE: DType;
    /// Number of axes; `None` is any.
    const RANK: Option<usize>;

    /// Writes it into the view of a result.
    fn store(self, number: usize, view: &mut TensorViewMut<'_>) -> Result<(), RunErrorKind>;
}

impl<A: Element> ReturnedArray for A {
    const DTYPE: DType = A::DTYPE;
    const RANK: Option<usize> = Some(0);

    fn store(self, number: usize, view: &mut TensorViewMut<'_>) -> Result<(), RunErrorKind> {
        store(ndarray::aview0(&self).into_dyn(), number, view)
    }
}

impl<A: Element, D: Dimension + 'static> ReturnedArray for Array<A, D> {
    const DTYPE: DType = A::DTYPE;
    const RANK: Option<usize> = D::NDIM;

    fn store(self, number: usize, view: &mut TensorViewMut<'_>) -> Result<(), RunErrorKind> {
        store(self.view().into_dyn(), number, view)
    }
}

/// What a closure over views returns: one array or element, or a tuple of several.
pub trait ReturnedArrays: Send + Sync + 'static {
    /// Of each.
    fn dtypes() -> Vec<DType>;

    /// Number of axes of each.
    fn ranks() -> Vec<Option<usize>>;

    /// Writes each into its view.
    fn store(self, views: &mut [TensorViewMut<'_>]) -> Result<(), RunErrorKind>;
}

impl<T: ReturnedArray> ReturnedArrays for T {
    fn dtypes() -> Vec<DType> {
        vec![T::DTYPE]
    }

    fn ranks() -> Vec<Option<usize>> {
        vec![T::RANK]
    }

    fn store(self, views: &mut [TensorViewMut<'_>]) -> Result<(), RunErrorKind> {
        let [view] = views else { unreachable!("as many results as dtypes") };
        ReturnedArray::store(self, 0, view)
    }
}

macro_rules! returned {
    ($(($($ty:ident $array:ident $view:ident $number:literal)*))*) => {$(
        impl<$($ty: ReturnedArray),*> ReturnedArrays for ($($ty,)*) {
            fn dtypes() -> Vec<DType> {
                vec![$($ty::DTYPE),*]
            }

            fn ranks() -> Vec<Option<usize>> {
                vec![$($ty::RANK),*]
            }

            fn store(self, views: &mut [TensorViewMut<'_>]) -> Result<(), RunErrorKind> {
                let [$($view),*] = views else { unreachable!("as many results as dtypes") };
                let ($($array,)*) = self;
                $($array.store($number, $view)?;)*
                Ok(())
            }
        }
    )*};
}

returned! {
    (A a x 0)
    (A a x 0 B b y 1)
    (A a x 0 B b y 1 C c z 2)
    (A a x 0 B b y 1 C c z 2 D d w 3)
}

/// A closure over views of operands and results. `M` tells closures of different types apart, and is inferred.
pub trait CoreViews<M> {
    /// Its implementation.
    fn implementation(self) -> (Implementation, Ranks);
}

/// A closure over views of operands that returns its results. `M` tells closures of different types apart, and is inferred.
pub trait ReturningViews<M> {
    /// Its implementation.
    fn implementation(self) -> (Implementation, Ranks);
}

macro_rules! implementations {
    ($(($($ty:ident $dim:ident $x:ident)*))*) => {$(
        impl<Function, Returned, $($ty: Element, $dim: Dimension),*> ReturningViews<fn($(ArrayView<'_, $ty, $dim>),*) -> Returned>
            for Function
        where
            Function: Fn($(ArrayView<'_, $ty, $dim>),*) -> Returned + Send + Sync + 'static,
            Returned: ReturnedArrays,
        {
            fn implementation(self) -> (Implementation, Ranks) {
                let body = move |operands: &[TensorView<'_>], results: &mut [TensorViewMut<'_>]| {
                    let mut views = operands.iter();
                    $(let $x = operand::<$ty, $dim>(views.next());)*
                    self($($x),*).store(results)
                };
                let (operands, results) = (vec![$($ty::DTYPE),*], Returned::dtypes());
                let ranks = Ranks { operands: vec![$($dim::NDIM),*], results: Returned::ranks() };
                (Implementation { operands, results, body: Arc::new(body) }, ranks)
            }
        }

        implementations! { @ views ($($ty $dim $x)*) (R RD r) }
        implementations! { @ views ($($ty $dim $x)*) (R RD r S SD s) }
        implementations! { @ views ($($ty $dim $x)*) (R RD r S SD s T TD t) }
        implementations! { @ views ($($ty $dim $x)*) (R RD r S SD s T TD t U UD u) }
    )*};
    (@ views ($($ty:ident $dim:ident $x:ident)*) ($($result:ident $to:ident $y:ident)*)) => {
        impl<Function, $($ty: Element, $dim: Dimension,)* $($result: Element, $to: Dimension),*>
            CoreViews<fn($(ArrayView<'_, $ty, $dim>),*) -> ($(($result, $to),)*)> for Function
        where
            Function: Fn($(ArrayView<'_, $ty, $dim>,)* $(ArrayViewMut<'_, $result, $to>),*) + Send + Sync + 'static,
        {
            fn implementation(self) -> (Implementation, Ranks) {
                let body = move |operands: &[TensorView<'_>], results: &mut [TensorViewMut<'_>]| {
                    let mut views = operands.iter();
                    $(let $x = operand::<$ty, $dim>(views.next());)*
                    let [$($y),*] = results else { unreachable!("as many results as dtypes") };
                    self($($x,)* $(result::<$result, $to>($y)),*);
                    Ok(())
                };
                let (operands, results) = (vec![$($ty::DTYPE),*], vec![$($result::DTYPE),*]);
                let ranks = Ranks { operands: vec![$($dim::NDIM),*], results: vec![$($to::NDIM),*] };
                (Implementation { operands, results, body: Arc::new(body) }, ranks)
            }
        }
    };
}

implementations! {
    (A AD a)
    (A AD a B BD b)
    (A AD a B BD b C CD c)
    (A AD a B BD b C CD c D DD d)
    (A AD a B BD b C CD c D DD d E ED e)
    (A AD a B BD b C CD c D DD d E ED e F FD f)
    (A AD a B BD b C CD c D DD d E ED e F FD f G GD g)
    (A AD a B BD b C CD c D DD d E ED e F FD f G GD g H HD h)
}
