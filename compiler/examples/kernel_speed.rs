//! Compiled kernels against plain Rust loops over slices: `cargo run --release -p evanesce-compiler --example kernel_speed`.
//!
//! Nanoseconds an element, interleaved, medians, and their ratio; then how long a kernel takes to compile.
#![allow(unsafe_code, reason = "compiled kernels are called through pointers")]

use evanesce_compiler::jit::{self, Fault};
use evanesce_compiler::{Options, pipeline};
use evanesce_ir::build::{self, At, Operand, WeakScalar};
use evanesce_ir::facts::Facts;
use evanesce_ir::graph::{Graph, Input, Node, Output};
use evanesce_ir::ids::ValueId;
use evanesce_ir::ops::ElementwiseOp::{self, *};
use evanesce_ir::ops::ReduceOp;
use evanesce_ir::ops::math::Math;
use evanesce_ir::program::Program;
use evanesce_ir::types::{DType, Type};
use std::hint::black_box;
use std::time::Instant;

const N: usize = 4096;
const ROWS: usize = 64;
const SAMPLES: usize = 101;

/// A graph over inputs of one dtype.
struct Expression {
    graph: Graph,
    inputs: Vec<ValueId>,
}

impl Expression {
    fn new(dtype: DType, shapes: &[&[usize]]) -> Self {
        let mut graph = Graph::default();
        let mut input = |(i, shape): (usize, &&[usize])| {
            let ty = Type::new(dtype, shape);
            let node = Node::Input(Input { name: format!("x{i}").into(), ty, donated: false, facts: Facts::NONE });
            graph.push(node, None).expect("an input is valid")
        };
        let inputs = shapes.iter().enumerate().map(&mut input).collect();
        Self { graph, inputs }
    }

    fn op(&mut self, op: ElementwiseOp, args: &[Operand<ValueId>]) -> Operand<ValueId> {
        let mut at = At { graph: &mut self.graph, loc: None };
        Operand::Value(build::elementwise(&mut at, op, args).expect("the operands fit"))
    }

    fn reduce(&mut self, op: ReduceOp, arg: &Operand<ValueId>, axes: Option<&[isize]>) -> Operand<ValueId> {
        let Operand::Value(value) = arg else { unreachable!("an array is reduced") };
        let mut at = At { graph: &mut self.graph, loc: None };
        Operand::Value(build::reduce(&mut at, op, value, axes, false).expect("the axes fit"))
    }

    fn compile(mut self, result: &Operand<ValueId>) -> Program {
        let Operand::Value(value) = *result else { unreachable!("a result is an array") };
        self.graph.outputs.push(Output { value, into: None });
        pipeline::run(&self.graph, &Options::default(), |_| {}).expect("the pipeline is right")
    }
}

fn time(f: &mut dyn FnMut(), calls: u32) -> f64 {
    let start = Instant::now();
    (0..calls).for_each(|_| f());
    start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

fn medians(sides: &mut [&mut dyn FnMut(); 2]) -> [f64; 2] {
    let calls = (50_000.0 / time(sides[0], 3)).ceil() as u32;
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..SAMPLES {
        for (side, times) in sides.iter_mut().zip(&mut times) {
            times.push(time(*side, calls));
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[SAMPLES / 2]
    })
}

/// Times the only kernel of a program beside a loop that does the same, and checks that it does.
fn compare<T: Copy + PartialEq + std::fmt::Debug>(
    name: &str,
    program: &Program,
    inputs: &[&[T]],
    zero: T,
    results: usize,
    rust: impl Fn(&mut [T]),
) {
    assert_eq!(program.steps.len(), 1, "{program}");
    let code = jit::compile(program).expect("the kernel compiles");
    let kernel = code.kernel(0).expect("the step is a kernel");
    let evanesce_ir::program::Step::Kernel(loops) = &program.steps[0] else { unreachable!("asserted") };
    let end = loops.dims.first().copied().unwrap_or(1);
    let (mut found, mut expected) = (vec![zero; results], vec![zero; results]);
    let mut buffers: Vec<*mut u8> = inputs.iter().map(|input| input.as_ptr().cast_mut().cast()).collect();
    buffers.push(found.as_mut_ptr().cast());
    let mut fault = Fault::default();
    // SAFETY: the buffers are the program's, inputs first; inputs are only read.
    let mut run = || assert_eq!(unsafe { kernel(buffers.as_ptr(), 0, end, &mut fault) }, 0);
    let [ours, theirs] = medians(&mut [&mut run, &mut || rust(black_box(&mut expected))]);
    assert_eq!(found, expected, "{name}");
    let n = inputs[0].len() as f64;
    println!("{name:32} {:8.3} {:8.3} {:6.2}", ours / n, theirs / n, ours / theirs);
}

fn main() {
    let array = |seed: usize| (0..N).map(|i| ((i * seed) % 1009) as f64 / 512.0 - 0.9).collect::<Vec<f64>>();
    let (a, b, c) = (array(7919), array(104_729), array(1_299_709));
    let [a32, b32] = [&a, &b].map(|x| x.iter().map(|x| *x as f32).collect::<Vec<f32>>());
    let weak = |x: f64| Operand::Weak(WeakScalar::Float(x));
    let shape: &[&[usize]] = &[&[N], &[N], &[N]];
    let matrix: &[&[usize]] = &[&[ROWS, N / ROWS], &[N / ROWS]];
    println!("{:32} {:>8} {:>8} {:>6}", "ns an element", "kernel", "Rust", "ratio");

    for dtype in [DType::F64, DType::F32] {
        let mut e = Expression::new(dtype, &shape[..2]);
        let [x, y] = [0, 1].map(|i| Operand::Value(e.inputs[i]));
        let x = e.op(Multiply, &[weak(2.0), x]);
        let y = e.op(Multiply, &[weak(3.0), y]);
        let both = e.op(Add, &[x, y]);
        let program = e.compile(&both);
        if dtype == DType::F64 {
            compare("2a + 3b, f64", &program, &[&a, &b], 0.0, N, |out| {
                out.iter_mut().zip(&a).zip(&b).for_each(|((o, a), b)| *o = 2.0 * a + 3.0 * b);
            });
        } else {
            compare("2a + 3b, f32", &program, &[&a32, &b32], 0.0, N, |out| {
                out.iter_mut().zip(&a32).zip(&b32).for_each(|((o, a), b)| *o = 2.0 * a + 3.0 * b);
            });
        }
    }

    let mut e = Expression::new(DType::F64, shape);
    let [x, y, z] = [0, 1, 2].map(|i| Operand::Value(e.inputs[i]));
    let x = e.op(Square, &[x]);
    let y = e.op(Square, &[y]);
    let both = e.op(Add, &[x, y]);
    let root = e.op(Sqrt, &[both]);
    let twice = e.op(Multiply, &[root, weak(2.0)]);
    let result = e.op(Subtract, &[twice, z]);
    compare("sqrt(a a + b b) 2 - c", &e.compile(&result), &[&a, &b, &c], 0.0, N, |out| {
        let rows = out.iter_mut().zip(&a).zip(&b).zip(&c);
        rows.for_each(|(((o, a), b), c)| *o = (a * a + b * b).sqrt() * 2.0 - c);
    });

    let mut e = Expression::new(DType::F64, &shape[..2]);
    let [x, y] = [0, 1].map(|i| Operand::Value(e.inputs[i]));
    let less = e.op(Less, &[x.clone(), y.clone()]);
    let product = e.op(Multiply, &[x.clone(), y]);
    let result = e.op(Where, &[less, product, x]);
    compare("where(a < b, a b, a)", &e.compile(&result), &[&a, &b], 0.0, N, |out| {
        out.iter_mut().zip(&a).zip(&b).for_each(|((o, a), b)| *o = if a < b { a * b } else { *a });
    });

    let mut e = Expression::new(DType::F64, matrix);
    let [x, y] = [0, 1].map(|i| Operand::Value(e.inputs[i]));
    let result = e.op(Add, &[x, y]);
    compare("a + row", &e.compile(&result), &[&a, &b[..N / ROWS]], 0.0, N, |out| {
        let rows = out.chunks_exact_mut(N / ROWS).zip(a.chunks_exact(N / ROWS));
        rows.for_each(|(o, a)| o.iter_mut().zip(a).zip(&b).for_each(|((o, a), b)| *o = a + b));
    });

    let mut e = Expression::new(DType::F64, &shape[..2]);
    let [x, y] = [0, 1].map(|i| Operand::Value(e.inputs[i]));
    let exp = e.op(Exp, &[x]);
    let result = e.op(Multiply, &[exp, y]);
    compare("exp(a) b", &e.compile(&result), &[&a, &b], 0.0, N, |out| {
        out.iter_mut().zip(&a).zip(&b).for_each(|((o, a), b)| *o = Math::exp(*a) * b);
    });

    let mut e = Expression::new(DType::F64, &shape[..1]);
    let x = Operand::Value(e.inputs[0]);
    let result = e.reduce(ReduceOp::Sum, &x, None);
    compare("sum(a)", &e.compile(&result), &[&a], 0.0, 1, |out| out[0] = sum(&a, &a, |a, _| a));

    let mut e = Expression::new(DType::F32, &shape[..1]);
    let x = Operand::Value(e.inputs[0]);
    let result = e.reduce(ReduceOp::Sum, &x, None);
    compare("sum(a), f32", &e.compile(&result), &[&a32], 0.0, 1, |out| out[0] = sum(&a32, &a32, |a, _| a));

    let mut e = Expression::new(DType::F64, &shape[..2]);
    let [x, y] = [0, 1].map(|i| Operand::Value(e.inputs[i]));
    let product = e.op(Multiply, &[x, y]);
    let result = e.reduce(ReduceOp::Sum, &product, None);
    compare("sum(a b)", &e.compile(&result), &[&a, &b], 0.0, 1, |out| {
        out[0] = sum(&a, &b, |a, b| a * b);
    });

    let mut e = Expression::new(DType::F64, &matrix[..1]);
    let x = Operand::Value(e.inputs[0]);
    let result = e.reduce(ReduceOp::Sum, &x, Some(&[1]));
    compare("sums of rows", &e.compile(&result), &[&a], 0.0, ROWS, |out| {
        out.iter_mut().zip(a.chunks_exact(N / ROWS)).for_each(|(o, row)| *o = sum(row, row, |a, _| a));
    });

    let large: Vec<f64> = a.iter().cycle().copied().take(512 * 512).collect();
    for (name, rows, columns, x) in
        [("sums of columns", ROWS, N / ROWS, &a), ("sums of columns, 512 x 512", 512, 512, &large)]
    {
        let mut e = Expression::new(DType::F64, &[&[rows, columns]]);
        let operand = Operand::Value(e.inputs[0]);
        let result = e.reduce(ReduceOp::Sum, &operand, Some(&[0]));
        compare(name, &e.compile(&result), &[x], 0.0, columns, |out| {
            let mut lanes = vec![0.0; 8 * columns];
            for (i, row) in x.chunks_exact(columns).enumerate() {
                lanes[i % 8 * columns..][..columns].iter_mut().zip(row).for_each(|(lane, x)| *lane += x);
            }
            for (j, o) in out.iter_mut().enumerate() {
                *o = tree([0, 1, 2, 3, 4, 5, 6, 7].map(|l| lanes[l * columns + j]));
            }
        });
    }

    let mut e = Expression::new(DType::F64, &shape[..1]);
    let x = Operand::Value(e.inputs[0]);
    let exp = e.op(Exp, &[x]);
    let result = e.reduce(ReduceOp::Sum, &exp, None);
    compare("sum(exp(a))", &e.compile(&result), &[&a], 0.0, 1, |out| out[0] = sum(&a, &a, |a, _| Math::exp(a)));

    let mut e = Expression::new(DType::F64, &shape[..1]);
    let x = Operand::Value(e.inputs[0]);
    let result = e.reduce(ReduceOp::Max, &x, None);
    compare("max(a)", &e.compile(&result), &[&a], 0.0, 1, |out| {
        out[0] = a.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    });

    compile_times();
}

fn tree<T: std::ops::Add<Output = T> + Copy>([a, b, c, d, e, f, g, h]: [T; 8]) -> T {
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

/// The sum of whole blocks in the defined order, of what `element` makes of each pair.
fn sum<T: std::ops::Add<Output = T> + Copy + Default>(a: &[T], b: &[T], element: impl Fn(T, T) -> T) -> T {
    let block = |(a, b): (&[T], &[T])| {
        let mut lanes = [T::default(); 8];
        for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
            for l in 0..8 {
                lanes[l] = lanes[l] + element(a[l], b[l]);
            }
        }
        tree(lanes)
    };
    // Eight blocks, or part of one.
    let mut runs: Vec<T> = a.chunks(512).zip(b.chunks(512)).map(block).collect();
    while runs.len() > 1 {
        runs = runs.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
    }
    runs[0]
}

/// Microseconds to compile one kernel of so many ops, from a program of several.
fn compile_times() {
    println!("\n{:32} {:>8}", "microseconds a kernel", "compile");
    for (ops, kernels) in [(1, 200), (4, 200), (16, 100), (64, 20), (256, 4), (384, 4)] {
        let mut e = Expression::new(DType::F64, &[&[N], &[N]]);
        let [mut x, y] = [0, 1].map(|i| Operand::Value(e.inputs[i]));
        for i in 0..ops {
            x = e.op([Add, Multiply, Subtract, Maximum][i % 4], &[x, y.clone()]);
        }
        let mut program = e.compile(&x);
        assert_eq!(program.steps.len(), 1, "{program}");
        program.steps = vec![program.steps[0].clone(); kernels];
        let times: Vec<f64> = (0..5).map(|_| time(&mut || drop(jit::compile(&program)), 1)).collect();
        let best = times.into_iter().fold(f64::INFINITY, f64::min);
        println!("{:32} {:8.1}", format!("{ops} ops"), best / 1e3 / kernels as f64);
    }
}
