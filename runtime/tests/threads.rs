//! Threads of the library for one large matrix: asked for by the caller, on a stack that holds them, and one again after.

use evanesce_ir::expr::Tracer;
use evanesce_ir::types::DType;
use evanesce_runtime::{Function, Options, args};
use ndarray::Array2;

const N: usize = 600;

fn matrix(seed: usize) -> Array2<f64> {
    Array2::from_shape_fn((N, N), |(i, j)| {
        let hash = (seed * 1_000_003 + i * 1009 + j).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (hash >> 11) as f64 / (1u64 << 53) as f64 - 0.5 + if i == j { N as f64 } else { 0.0 }
    })
}

/// The inverse, the solution, the product and the Cholesky factor of a symmetric matrix, with so many threads.
fn results(threads: usize, a: &Array2<f64>, b: &Array2<f64>) -> [Array2<f64>; 4] {
    let options = Options { threads, ..Options::default() };
    let mut function = Function::trace_with(&options, |f: &mut Tracer| {
        let (a, b) = (f.input("a", DType::F64, [N, N]), f.input("b", DType::F64, [N, N]));
        f.output("inverse", &a.inv());
        f.output("solution", &a.solve(&b));
        f.output("product", &a.matmul(&b));
        f.output("factor", &(&a + a.t()).cholesky());
    })
    .expect("it compiles");
    let mut out = [(); 4].map(|()| Array2::<f64>::zeros((N, N)));
    let [inverse, solution, product, factor] = &mut out;
    function.call(args![a, b], args![inverse, solution, product, factor]).expect("it runs");
    out
}

/// On threads with Rust's own stack size, in which LAPACK with threads of its own overflows, two of them at once beside one that
/// asks for none.
#[test]
fn large_matrices_on_small_stacks() {
    let (a, b) = (matrix(1), matrix(2));
    let expected = results(1, &a, &b);
    let (a, b, expected) = (&a, &b, &expected);
    std::thread::scope(|scope| {
        for threads in [2, 1, 2] {
            let run = move || {
                for _ in 0..2 {
                    for (found, expected) in results(threads, a, b).iter().zip(expected) {
                        // Differences of rounding alone: the diagonal is twice the rest of a row, so the condition is below 10.
                        let largest = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
                        let bound = 30.0 * N as f64 * f64::EPSILON * 10.0 * largest;
                        let close = |(x, y): (&f64, &f64)| (x - y).abs() <= bound;
                        assert!(found.iter().zip(expected).all(close), "{threads} threads");
                    }
                }
            };
            let stack = std::thread::Builder::new().stack_size(2 << 20);
            stack.spawn_scoped(scope, run).expect("a thread starts");
        }
    });
}
