//! Functions of one's own: by elements, by blocks, on matrices, and of expressions.

use evanesce::prelude::*;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1};

fn main() -> Result<(), Error> {
    // Rust code by elements, a loop for each dtype; the first that all operands fit is taken, as in NumPy.
    let wrap = Ufunc::new("wrap")
        .scalar(|x: f32, period: f32| x - period * (x / period).round())
        .scalar(|x: f64, period: f64| x - period * (x / period).round());
    let angles = Array1::linspace(-10.0, 10.0, 5);
    println!("{}", wrap.call((Expr::from(&angles), std::f64::consts::TAU)).eval()?);

    // The same by blocks: slices in, slices out, of which the compiler makes vectors.
    let above = Ufunc::new("above").block(|x: &[f64], limit: &[f64], above: &mut [bool]| {
        above.iter_mut().zip(x.iter().zip(limit)).for_each(|(above, (x, limit))| *above = x > limit);
    });
    println!("{}", above.call((Expr::from(&angles), 0)).count_nonzero(()).eval()?);

    // On the last axes, by a signature; the axes before them are a stack. The second form returns its result.
    let residual = Gufunc::new("residual", "(m,n),(n),(m)->(m)").views(
        |a: ArrayView2<f64>, x: ArrayView1<f64>, b: ArrayView1<f64>, mut r: ArrayViewMut1<f64>| {
            r.assign(&(&b - &a.dot(&x)));
        },
    );
    let cumulative = Gufunc::new("cumulative", "(n)->(n+1)").returning(|x: ArrayView1<f64>| {
        let mut sums = Array1::<f64>::zeros(x.len() + 1);
        (0..x.len()).for_each(|i| sums[i + 1] = sums[i] + x[i]);
        sums
    });
    let (a, x) = (Array2::from_shape_fn((3, 5), |(i, j)| (i + j) as f64), Expr::from(&angles));
    let r = residual.call((Expr::from(&a), &x, cumulative.call(Expr::from(Array1::<f64>::ones(2)))));
    println!("{}", r.eval()?);

    // A closure over expressions: its ops fuse with those around it.
    let softplus = TracedUfunc::new("softplus", |[x]| (-x.abs()).exp().log1p() + x.maximum(0.0));
    let f = Function::trace(|f| {
        let x = f.input("x", DType::F64, [1000]);
        f.output("y", &(2.0 * softplus.call(&x)).sum(()));
    })?;
    println!("{} kernel\n{}", f.program().counts().kernels, f.program());

    // A panic is an error that names the function and the line of the call.
    let strict = Ufunc::new("strict root").scalar(|x: f64| {
        assert!(x >= 0.0, "there is no root of {x}");
        x.sqrt()
    });
    println!("{}", strict.call(&x).eval().expect_err("some angles are negative"));
    Ok(())
}
