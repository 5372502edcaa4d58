//! Least squares twice: by QR, and by the normal equations with a matrix that is known to be positive definite.

use evanesce::prelude::*;
use ndarray::{Array1, Array2};

fn main() -> Result<(), Error> {
    let (m, n) = (200, 4);
    let mut fit = Function::trace(|f| {
        let a = f.input("A", DType::F64, [m, n]);
        let y = f.input("y", DType::F64, [m]);
        let (q, r) = a.qr();
        f.output("by_qr", &r.solve_triangular(q.t().matmul(&y), false));
        let normal = a.t().matmul(&a).assume(Facts::SPD);
        f.output("by_cholesky", &normal.solve(a.t().matmul(&y)));
    })?;
    print!("{}", fit.program());

    // y = 1 - 2 t + 0.5 t^3, exactly.
    let t = Array1::<f64>::linspace(-1.0, 1.0, m);
    let a = Array2::from_shape_fn((m, n), |(i, j)| t[i].powi(j as i32));
    let y = t.mapv(|t: f64| 1.0 - 2.0 * t + 0.5 * t.powi(3));
    let (mut by_qr, mut by_cholesky) = (Array1::<f64>::zeros(n), Array1::<f64>::zeros(n));
    fit.call(args![&a, &y], args![&mut by_qr, &mut by_cholesky])?;
    println!("by QR       {by_qr:.12}\nby Cholesky {by_cholesky:.12}");
    for x in [by_qr, by_cholesky] {
        assert!((x - Array1::from(vec![1.0, -2.0, 0.0, 0.5])).iter().all(|e: &f64| e.abs() < 1e-12));
    }
    Ok(())
}
