//! The functions of a user's that filetests may name, and random graphs call.

use evanesce_ir::custom::Custom;
use evanesce_ir::expr::{Gufunc, Ufunc};
use ndarray::{Array1, ArrayView1, ArrayView2, ArrayViewMut1};
use std::sync::OnceLock;

/// Always the same values: functions are equal when they are the same.
pub fn functions() -> &'static [Custom] {
    static FUNCTIONS: OnceLock<Vec<Custom>> = OnceLock::new();
    FUNCTIONS.get_or_init(|| {
        let scale =
            Ufunc::new("scale").scalar(|x: f32, k: f32| x * k + 1.0).block(|x: &[f64], k: &[f64], y: &mut [f64]| {
                y.iter_mut().zip(x.iter().zip(k)).for_each(|(y, (x, k))| *y = x * k + 1.0);
            });
        let split = Ufunc::new("split").scalar(|x: f64| (x.trunc() as i64, x.fract(), x.is_sign_negative()));
        let positive = Ufunc::new("positive only").scalar(|x: f64| {
            assert!(x >= 0.0, "{x} is negative");
            x
        });
        let matvec = Gufunc::new("matvec", "(m,n),(n)->(m)").views(
            |a: ArrayView2<f64>, x: ArrayView1<f64>, mut y: ArrayViewMut1<f64>| {
                y.iter_mut().zip(a.rows()).for_each(|(y, row)| *y = row.iter().zip(x).map(|(a, x)| a * x).sum());
            },
        );
        let pairs = Gufunc::new("pairs", "(n),(m)->(n*m),()").returning(|x: ArrayView1<f64>, y: ArrayView1<f64>| {
            let products: Array1<f64> = x.iter().flat_map(|x| y.iter().map(move |y| x * y)).collect();
            let sum: f64 = products.iter().sum();
            (products, sum)
        });
        let ufuncs = [&scale, &split, &positive].map(|ufunc| ufunc.function());
        let functions = ufuncs.into_iter().chain([&matvec, &pairs].map(|gufunc| gufunc.function()));
        functions.map(|function| function.expect("a function without a mistake").clone()).collect()
    })
}
