//! The smallest program: an expression over an array, as a value and as a compiled function.

use evanesce::prelude::*;

fn main() -> Result<(), Error> {
    let a = ndarray::Array1::linspace(0.0, 1.0, 1000);
    let y = (2.0 * Expr::from(&a) + 1.0).sin().sum(());
    println!("{}", y.eval()?);

    let mut f = Function::trace(|f| {
        let a = f.input("a", DType::F64, [1000]);
        f.output("y", &(2.0 * &a + 1.0).sin().sum(()));
    })?;
    let mut y = 0.0;
    f.call(args![&a], args![&mut y])?;
    println!("{y}\n{}", f.program());
    Ok(())
}
