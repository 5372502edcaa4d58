//! What has as many elements as the numbers say, so that it is computed at once: the distinct elements of an array.

use crate::engine::{Eval, evaluate};
use crate::error::Error;
use evanesce_ir::expr::Expr;
use evanesce_ir::tensor::{Element, Tensor};
use evanesce_ir::with_array;
use ndarray::{Array1, ArrayD, s};

/// The distinct elements of an array, and where they are: NumPy's `unique_all`.
#[derive(Clone, Debug)]
pub struct Unique {
    /// The elements in order, each once; one NaN behind the others.
    pub values: Tensor,
    /// Of each, the index of the first one in the flattened array.
    pub indices: Array1<i64>,
    /// Of each element of the array, the index of its value, in the array's shape.
    pub inverse_indices: ArrayD<i64>,
    /// Of each, how many there are.
    pub counts: Array1<i64>,
}

/// The distinct elements of an array in order, NumPy's `unique`.
///
/// # Errors
/// The mistake the expression carries, or a failure of the numbers.
#[track_caller]
pub fn unique(x: &Expr<'_>) -> Result<Tensor, Error> {
    Ok(unique_all(x)?.values)
}

/// The distinct elements of an array, where they are and how many of each.
///
/// # Errors
/// The mistake the expression carries, or a failure of the numbers.
#[track_caller]
pub fn unique_all(x: &Expr<'_>) -> Result<Unique, Error> {
    let flat = x.ravel();
    let order = flat.argsort(Some(0));
    let sorted = flat.take(&order, Some(0));
    let (later, earlier) = (sorted.slice(s![1..;1]), sorted.slice(s![..-1;1]));
    let shape: Vec<usize> = match x.ty() {
        Ok(ty) => ty.shape.to_vec(),
        Err(_) => return Err(x.eval().expect_err("it carries a mistake")),
    };
    let len: usize = shape.iter().product();
    if len == 0 {
        let values = flat.eval()?;
        let nothing = Array1::zeros(0);
        let inverse_indices = ArrayD::zeros(shape);
        return Ok(Unique { values, indices: nothing.clone(), inverse_indices, counts: nothing });
    }
    let other = later.not_equal(&earlier).logical_and((later.isnan().logical_and(earlier.isnan())).logical_not());
    let mut found = evaluate(&[&sorted, &order, &other])?.into_iter();
    let mut next = || found.next().expect("three results");
    let (sorted, order, other) = (next(), next(), next());
    let (order, other) = (flatten::<i64>(order), flatten::<bool>(other));
    // The first of each run of equal elements.
    let starts: Vec<usize> = std::iter::once(0).chain((1..len).filter(|&i| other[i - 1])).collect();
    let ends = starts.iter().skip(1).copied().chain([len]);
    let counts = starts.iter().zip(ends.clone()).map(|(start, end)| (end - start) as i64).collect();
    let mut inverse = vec![0; len];
    for (value, (&start, end)) in starts.iter().zip(ends).enumerate() {
        order[start..end].iter().for_each(|&i| inverse[i as usize] = value as i64);
    }
    let values = with_array!(Tensor, sorted, array => {
        Tensor::from(starts.iter().map(|&i| array[[i]]).collect::<Array1<_>>().into_dyn())
    });
    Ok(Unique {
        values,
        indices: starts.iter().map(|&i| order[i]).collect(),
        inverse_indices: ArrayD::from_shape_vec(shape, inverse).expect("an index for each element"),
        counts,
    })
}

/// The elements of an array of a dtype.
fn flatten<A: Element>(tensor: Tensor) -> Vec<A> {
    let array = A::unwrap(tensor).unwrap_or_else(|_| unreachable!("of this dtype"));
    array.into_iter().collect()
}
