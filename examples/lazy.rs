//! Lazy arrays: expressions over ndarray's arrays and views, evaluated when asked.

use evanesce::prelude::*;
use ndarray::{Array1, Array2};

fn main() -> Result<(), Error> {
    let a = Array1::linspace(0.0, 1.0, 5);
    let b = Array2::from_shape_fn((3, 5), |(i, j)| (i * 5 + j) as f64);

    // Nothing is computed here, nothing copied: `b` is read backwards and transposed where it lies.
    let x = (2.0 * Expr::from(&a) + Expr::from(&b)).sin();
    let column = Expr::from(&b).slice(s![.., ..;-1]).t().at(0);

    println!("{}", x.sum(1).eval()?);
    println!("{}", column.eval()?);

    // Asked for together, what two results share is computed once.
    let (mean, centred) = (x.mean_keepdims(1), &x - x.mean_keepdims(1));
    let results = evaluate(&[&mean, &(&centred * &centred).mean(1)])?;
    println!("means {}\nvariances {}", results[0], results[1]);

    // A mistake is found when it is evaluated, and it names the op, the shapes and the line above.
    let wrong = Expr::from(&a) + Expr::from(&b).t();
    println!("{}", wrong.eval().expect_err("the shapes do not fit"));
    Ok(())
}
