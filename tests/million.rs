//! A graph of a million nodes is built, printed, compiled, run and dropped on a 2 MiB stack, in linear time and memory.

use evanesce::prelude::*;

const NODES: usize = 1_000_000;

#[test]
fn a_million_nodes_in_a_two_mebibyte_thread() {
    let work = || {
        let mut function = Function::trace(|f| {
            let x = f.input("x", DType::F64, [4]);
            let mut y = x.clone();
            for i in 0..NODES {
                y = if i % 2 == 0 { &y + &x } else { &y * 0.5 };
            }
            assert_eq!(y.to_string().lines().count(), NODES + 2);
            f.output("y", &y);
        })
        .unwrap();
        let x = ndarray::arr1(&[1.0, -2.0, 0.0, 3.5]);
        let y = function.eval(args![&x]).unwrap().swap_remove(0);
        // y = (y + x) / 2 has the fixed point x, reached exactly from x.
        assert_eq!(y.as_f64().unwrap(), &x.into_dyn());
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}
