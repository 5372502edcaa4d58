//! A chain of five operations over a million elements is one loop without a temporary: the program proves it.

use evanesce::prelude::*;

fn main() -> Result<(), Error> {
    let n = 1_000_000;
    let mut chain = Function::trace(|f| {
        let a = f.input("a", DType::F64, [n]);
        let b = f.input("b", DType::F64, [n]);
        let c = f.input("c", DType::F64, [n]);
        f.output("y", &((&a * &a + &b * &b).sqrt() * 2.0 - &c));
    })?;
    print!("{}", chain.program());

    let a = ndarray::Array1::linspace(0.0, 3.0, n);
    let b = ndarray::Array1::linspace(4.0, 0.0, n);
    let c = ndarray::Array1::<f64>::ones(n);
    let mut y = ndarray::Array1::<f64>::zeros(n);
    chain.call(args![&a, &b, &c], args![&mut y])?;
    println!("y[0] = {}, y[{}] = {}", y[0], n - 1, y[n - 1]);

    let counts = chain.program().counts();
    assert_eq!((counts.kernels, counts.temporaries, counts.copies), (1, 0, 0));
    Ok(())
}
