//! Compiled kernels against the program interpreter, bit for bit (NaN payloads aside).

#![allow(unsafe_code, reason = "compiled kernels are called through pointers")]

#[path = "common/execute.rs"]
mod execute;
#[path = "../../tests/common/random.rs"]
mod random;
#[path = "../../tests/common/special.rs"]
mod special;

use evanesce_compiler::jit::{self, Code, Fault};
use evanesce_compiler::{Layouts, Options, pipeline};
use evanesce_ir::error::{Loc, RunErrorKind};
use evanesce_ir::ids::{BufferId, LocalId};
use evanesce_ir::interp::{self, Failure};
use evanesce_ir::ops::{ElementwiseOp, ReduceOp};
use evanesce_ir::program::{Access, Buffer, BufferKind, Indexed, Kernel, Program, Step, Stmt, Value};
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Type, row_major};
use evanesce_ir::verify;
use special::special;

/// Compares the engines on a program.
fn compare(program: &Program, inputs: &[Tensor], loose: &[f64], what: &dyn Fn() -> String) {
    match (interp::program(program, inputs), execute::run(program, inputs)) {
        (Ok(expected), Ok(found)) => {
            for (i, (expected, found)) in expected.iter().zip(&found).enumerate() {
                let same = random::same(expected, found, loose.get(i).copied().unwrap_or(0.0));
                assert!(same, "{}: output {i}\nexpected {expected:?}\nfound {found:?}\n{program}", what());
            }
        }
        (Err(Failure::Run(expected)), Err(Failure::Run(found))) => assert_eq!(expected, found, "{}", what()),
        (expected, found) => panic!("{}: expected {expected:?}, found {found:?}\n{program}", what()),
    }
}

#[test]
fn random_programs() {
    for seed in 0..500 {
        let case = random::case(seed);
        let layouts = Layouts { inputs: case.strides.clone(), outputs: vec![] };
        let options = Options { layouts, passes: None, verify: true };
        let naive = pipeline::naive(&case.graph, &options);
        let mut stages = vec![("naive", naive)];
        let last = pipeline::run(&case.graph, &options, |event| {
            if let pipeline::Stage::Program(program) = event.stage {
                stages.push((event.pass, program.clone()));
            }
        });
        last.unwrap_or_else(|bug| panic!("{bug}"));
        for (stage, program) in stages {
            compare(&program, &case.inputs, &case.loose, &|| format!("seed {seed}, {stage}"));
        }
    }
}

/// Programs made by hand, of kernels of one shape each.
#[derive(Default)]
struct Maker {
    program: Program,
    inputs: Vec<Tensor>,
}

fn local(i: usize) -> LocalId {
    LocalId::new(i)
}

fn define(i: usize, value: Value) -> Stmt {
    Stmt::Let { local: local(i), value, loc: Some(Loc::text(i as u32 + 1, 1)) }
}

fn load(i: usize, buffer: BufferId, offset: isize, strides: &[isize]) -> Stmt {
    define(i, Value::Load { buffer, access: Access { offset, strides: strides.into() } })
}

fn op(i: usize, op: ElementwiseOp, args: &[usize]) -> Stmt {
    define(i, Value::Elementwise { op, args: args.iter().map(|&arg| local(arg)).collect() })
}

fn store(buffer: BufferId, strides: &[isize], value: usize) -> Stmt {
    Stmt::Store { buffer, access: Access { offset: 0, strides: strides.into() }, value: local(value) }
}

impl Maker {
    fn input(&mut self, dtype: DType, shape: &[usize], strides: &[isize], seed: usize) -> BufferId {
        let ty = Type::new(dtype, shape);
        self.inputs.push(Tensor::from_scalars(&ty, (0..ty.len()).map(|i| special(dtype, i, seed))));
        let kind = BufferKind::Input { name: format!("x{}", self.inputs.len()).into(), donated: false };
        self.program.push(Buffer { kind, ty, strides: strides.into() })
    }

    fn output(&mut self, dtype: DType, shape: &[usize], strides: &[isize]) -> BufferId {
        let ty = Type::new(dtype, shape);
        let id = self.program.push(Buffer { kind: BufferKind::Output, ty, strides: strides.into() });
        self.program.outputs.push(id);
        id
    }

    fn kernel(&mut self, dims: &[usize], body: Vec<Stmt>) {
        self.program.steps.push(Step::Kernel(Kernel { dims: dims.into(), body, copy: None }));
    }

    fn compare(&self, what: &dyn Fn() -> String) {
        verify::program(&self.program).unwrap_or_else(|violation| panic!("{violation}\n{}", self.program));
        compare(&self.program, &self.inputs, &[], what);
    }
}

/// Lengths around every multiple of what a loop takes at once, and strides.
fn layouts() -> impl Iterator<Item = (usize, isize)> {
    let some = [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 67];
    (0..=67).map(|n| (n, 1)).chain([-1, 2, 0].into_iter().flat_map(move |stride| some.map(|n| (n, stride))))
}

/// One kernel for each op of a dtype at each length and stride, operands in different layouts too.
fn elementwise_ops(dtype: DType) {
    for (n, stride) in layouts() {
        let mut maker = Maker::default();
        let shape = [if stride == 0 { 1 } else { n }];
        let x = maker.input(dtype, &shape, &[stride], 0);
        let y = maker.input(dtype, &[n], &[1], 1);
        let condition = maker.input(DType::Bool, &shape, &[stride], 2);
        let exponents = maker.input(DType::Bool, &[n], &[1], 3);
        for &which in ElementwiseOp::ALL.iter().filter(|op| op.has_loop(dtype)) {
            let mut body = match which.arity() {
                1 => vec![load(0, x, 0, &[stride]), op(1, which, &[0])],
                2 => vec![load(0, x, 0, &[stride]), load(1, y, 0, &[1]), op(2, which, &[0, 1])],
                _ => {
                    let loads = [load(0, condition, 0, &[stride]), load(1, x, 0, &[stride]), load(2, y, 0, &[1])];
                    loads.into_iter().chain([op(3, which, &[0, 1, 2])]).collect()
                }
            };
            if which == ElementwiseOp::Power && dtype.is_signed() {
                // Negative exponents are another test.
                body[1] = load(1, exponents, 0, &[1]);
                body[2] = define(2, Value::Cast { dtype, arg: local(1) });
                body.push(op(3, which, &[0, 2]));
            }
            let strides = [if stride == 0 { 1 } else { stride }];
            let out = maker.output(which.result(dtype), &[n], &strides);
            body.push(store(out, &strides, body.len() - 1));
            maker.kernel(&[n], body);
        }
        for to in DType::ALL.into_iter().filter(|to| !to.is_complex() && !dtype.is_complex()) {
            let out = maker.output(to, &[n], &[1]);
            let cast = define(1, Value::Cast { dtype: to, arg: local(0) });
            maker.kernel(&[n], vec![load(0, x, 0, &[stride]), cast, store(out, &[1], 1)]);
        }
        maker.compare(&|| format!("{dtype}, {n} elements, stride {stride}"));
    }
}

/// A test of each name, of some dtypes.
macro_rules! of_dtypes {
    ($($test:ident: $check:ident $($dtype:ident)*;)*) => {
        $(#[test]
        fn $test() {
            $($check(DType::$dtype);)*
        })*
    };
}

of_dtypes! {
    elementwise_ops_of_bool: elementwise_ops Bool;
    elementwise_ops_of_i64: elementwise_ops I64;
    elementwise_ops_of_u64: elementwise_ops U64;
    elementwise_ops_of_narrow_integers: elementwise_ops I8 I16 I32 U8 U16 U32;
    elementwise_ops_of_f32: elementwise_ops F32;
    elementwise_ops_of_f64: elementwise_ops F64;
    elementwise_ops_of_complex_numbers: elementwise_ops C64 C128;
    reductions_of_bool: reductions Bool;
    reductions_of_i64: reductions I64;
    reductions_of_u64: reductions U64;
    reductions_of_narrow_integers: reductions I8 U16 I32;
    reductions_of_f32: reductions F32;
    reductions_of_f64: reductions F64;
}

/// Mixed dtypes, comparisons that choose, literals and broadcast operands in one body, at every width.
#[test]
fn mixed_bodies() {
    for dtype in [DType::F32, DType::F64, DType::I64, DType::U64, DType::I32, DType::U16, DType::I8] {
        for n in 0..=35 {
            let mut maker = Maker::default();
            let strides = [n.max(1) as isize, 1];
            let x = maker.input(dtype, &[3, n], &strides, 0);
            let y = maker.input(dtype, &[n], &[1], 1);
            let c = maker.input(DType::Bool, &[n], &[1], 2);
            let row = maker.input(dtype, &[3], &[1], 3);
            let (out, less) = (maker.output(dtype, &[3, n], &strides), maker.output(DType::Bool, &[3, n], &strides));
            let wide = maker.output(DType::F64, &[3, n], &strides);
            let body = vec![
                load(0, x, 0, &strides),
                load(1, y, 0, &[0, 1]),
                op(2, ElementwiseOp::Less, &[0, 1]),
                load(3, c, 0, &[0, 1]),
                op(4, ElementwiseOp::LogicalXor, &[2, 3]),
                load(5, row, 0, &[1, 0]),
                op(6, ElementwiseOp::Multiply, &[5, 0]),
                op(7, ElementwiseOp::Where, &[4, 6, 1]),
                define(8, Value::Constant(Scalar::Bool(true))),
                op(9, ElementwiseOp::NotEqual, &[8, 4]),
                op(10, ElementwiseOp::Where, &[4, 9, 3]),
                define(11, Value::Cast { dtype, arg: local(10) }),
                op(12, ElementwiseOp::Add, &[11, 7]),
                store(out, &strides, 12),
                store(less, &strides, 10),
            ];
            maker.kernel(&[3, n], body);
            let body = vec![
                load(0, x, 0, &strides),
                define(1, Value::Cast { dtype: DType::F64, arg: local(0) }),
                op(2, ElementwiseOp::Exp, &[1]),
                load(3, row, 0, &[1, 0]),
                define(4, Value::Cast { dtype: DType::F64, arg: local(3) }),
                op(5, ElementwiseOp::Cos, &[4]),
                op(6, ElementwiseOp::Subtract, &[2, 5]),
                store(wide, &strides, 6),
            ];
            maker.kernel(&[3, n], body);
            maker.compare(&|| format!("{dtype}, {n} elements"));
        }
    }
}

/// What a reduction is over.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// All of a contiguous array.
    Contiguous,
    /// All of an array that lies backwards.
    Backwards,
    /// All of every second element.
    Strided,
    /// Each row of a matrix.
    Rows,
    /// Each column; there are some together, some in a vector and one left over.
    Columns,
    /// Each column of a matrix that lies by columns.
    Transposed,
    /// Both axes, the last innermost.
    Both,
    /// Both axes, the first innermost.
    Swapped,
}

const LAYOUTS: [Layout; 8] = {
    use Layout::*;
    [Contiguous, Backwards, Strided, Rows, Columns, Transposed, Both, Swapped]
};

/// Makes a kernel that reduces `n` elements; `element` adds to the statements that load one, from local 1 on.
fn reduction(maker: &mut Maker, which: ReduceOp, dtype: DType, n: usize, layout: Layout, element: &[ElementwiseOp]) {
    let (shape, strides): (Vec<usize>, Vec<isize>) = match layout {
        Layout::Contiguous => (vec![n], vec![1]),
        Layout::Backwards => (vec![n], vec![-1]),
        Layout::Strided => (vec![n], vec![2]),
        Layout::Rows | Layout::Both | Layout::Swapped => (vec![3, n], vec![n as isize, 1]),
        Layout::Columns => (vec![n, 19], vec![19, 1]),
        Layout::Transposed => (vec![n, 3], vec![1, n as isize]),
    };
    let x = maker.input(dtype, &shape, &strides, 4);
    // Sums whose bits depend on their order.
    if let (Some(tensor), true) = (maker.inputs.last_mut(), dtype.is_float()) {
        let ty = tensor.ty();
        let value = |i: usize| Scalar::F64(((i * 7919) % 1009) as f64 / 997.0 - 0.3).cast(dtype);
        *tensor = Tensor::from_scalars(&ty, (0..ty.len()).map(value));
    }
    let (parallel, access, extents): (Vec<usize>, Vec<isize>, Vec<usize>) = match layout {
        Layout::Contiguous | Layout::Backwards | Layout::Strided => (vec![], strides, vec![n]),
        Layout::Rows => (vec![3], strides, vec![n]),
        Layout::Both => (vec![], strides, vec![3, n]),
        Layout::Swapped => (vec![], vec![1, n as isize], vec![n, 3]),
        Layout::Columns => (vec![19], vec![1, 19], vec![n]),
        Layout::Transposed => (vec![3], vec![n as isize, 1], vec![n]),
    };
    let mut body = vec![load(0, x, 0, &access)];
    for (i, &which) in element.iter().enumerate() {
        let args = [i, 0];
        body.push(op(i + 1, which, &args[..which.arity()]));
    }
    let mut last = element.len();
    for &extent in extents.iter().rev() {
        body = vec![Stmt::Reduce { local: local(last + 1), op: which, extent, dtype, body, value: local(last) }];
        last += 1;
    }
    let out = maker.output(which.result(dtype), &parallel, &row_major(&parallel));
    body.push(store(out, &row_major(&parallel), last));
    maker.kernel(&parallel, body);
}

const LENGTHS: [usize; 12] = [1, 2, 7, 8, 9, 16, 511, 512, 513, 1024, 1537, 5000];

fn reductions(dtype: DType) {
    for n in LENGTHS {
        // Many columns of many elements take the interpreter long.
        for layout in LAYOUTS.into_iter().filter(|layout| n < 2000 || !matches!(layout, Layout::Columns)) {
            let mut maker = Maker::default();
            for which in ReduceOp::ALL.iter().copied().filter(|op| op.has_loop(dtype)) {
                if which.is_arg() && matches!(layout, Layout::Both | Layout::Swapped) {
                    continue;
                }
                reduction(&mut maker, which, dtype, n, layout, &[]);
            }
            maker.compare(&|| format!("{dtype}, {n} elements, {layout:?}"));
        }
    }
}

#[test]
fn reductions_of_computed_elements() {
    use ElementwiseOp::*;
    let bodies: [&[ElementwiseOp]; 4] =
        [&[Multiply], &[Square, Subtract, Maximum], &[Exp], &[Add, Multiply, Subtract, Sqrt, Absolute].repeat(20)];
    for body in bodies {
        for n in [1, 9, 16, 513, 1537].into_iter().filter(|n| n * body.len() < 5000) {
            let mut maker = Maker::default();
            for layout in LAYOUTS {
                for which in [ReduceOp::Sum, ReduceOp::Max, ReduceOp::Argmin] {
                    if !which.is_arg() || !matches!(layout, Layout::Both | Layout::Swapped) {
                        reduction(&mut maker, which, DType::F64, n, layout, body);
                    }
                }
            }
            maker.compare(&|| format!("{} ops, {n} elements", body.len()));
        }
    }
}

/// Evaluators called for the elements of a reduction, whose blocks are tiles.
#[test]
fn reductions_of_called_elements() {
    use ElementwiseOp::*;
    for n in [31, 32, 33, 40, 511, 512, 513, 1030] {
        for dtype in [DType::F32, DType::F64] {
            let mut maker = Maker::default();
            for layout in LAYOUTS {
                reduction(&mut maker, ReduceOp::Sum, dtype, n, layout, &[Exp]);
                reduction(&mut maker, ReduceOp::Max, dtype, n, layout, &[Sin, Multiply, Tanh, Subtract]);
            }
            let x = maker.input(dtype, &[n], &[1], 5);
            for which in [ReduceOp::Any, ReduceOp::All] {
                let out = maker.output(DType::Bool, &[], &[]);
                let body = vec![load(0, x, 0, &[1]), op(1, Cos, &[0]), op(2, Less, &[1, 0])];
                let dtype = DType::Bool;
                let reduce = Stmt::Reduce { local: local(3), op: which, extent: n, dtype, body, value: local(2) };
                maker.kernel(&[], vec![reduce, store(out, &[], 3)]);
            }
            maker.compare(&|| format!("{dtype}, {n} elements"));
        }
    }
}

/// Special values in extremes and their places.
#[test]
fn extremes_of_special_values() {
    for dtype in DType::ALL.into_iter().filter(|dtype| !dtype.is_complex()) {
        for n in [1, 2, 7, 8, 9, 19, 40, 600] {
            for seed in 0..8 {
                let mut maker = Maker::default();
                let x = maker.input(dtype, &[n, 3], &[3, 1], seed);
                for which in [ReduceOp::Max, ReduceOp::Min, ReduceOp::Argmax, ReduceOp::Argmin, ReduceOp::Prod] {
                    if !which.has_loop(dtype) {
                        continue;
                    }
                    for (parallel, access, extent) in [(3, [1, 3], n), (n, [3, 1], 3)] {
                        let reduce = Stmt::Reduce {
                            local: local(1),
                            op: which,
                            extent,
                            dtype,
                            body: vec![load(0, x, 0, &access)],
                            value: local(0),
                        };
                        let out = maker.output(which.result(dtype), &[parallel], &[1]);
                        maker.kernel(&[parallel], vec![reduce, store(out, &[1], 1)]);
                    }
                }
                maker.compare(&|| format!("{dtype}, {n} elements, seed {seed}"));
            }
        }
    }
}

/// A row's sum, what depends on it, and a sum of that: reductions beside and inside each other, hoisted or not.
#[test]
fn nested_reductions() {
    for n in [1, 5, 8, 17, 600] {
        let mut maker = Maker::default();
        let x = maker.input(DType::F64, &[4, n], &[n as isize, 1], 5);
        let y = maker.input(DType::F64, &[n], &[1], 6);
        let out = maker.output(DType::F64, &[4], &[1]);
        let total = |i: usize, body: Vec<Stmt>, value: usize| Stmt::Reduce {
            local: local(i),
            op: ReduceOp::Sum,
            extent: n,
            dtype: DType::F64,
            body,
            value: local(value),
        };
        let inner = total(2, vec![load(1, y, 0, &[0, 0, 1])], 1);
        let body = vec![
            total(
                6,
                vec![
                    load(0, x, 0, &[n as isize, 1]),
                    inner,
                    total(4, vec![load(3, x, 0, &[n as isize, 0, 1])], 3),
                    op(5, ElementwiseOp::Divide, &[0, 4]),
                    op(7, ElementwiseOp::Subtract, &[5, 2]),
                ],
                7,
            ),
            store(out, &[1], 6),
        ];
        maker.kernel(&[4], body);
        maker.compare(&|| format!("{n} columns"));
    }
}

/// Columns of rows far apart, whose vectors are computed together, with what is the same for all of them and what is not.
#[test]
fn reductions_of_columns_together() {
    const N: usize = 1100;
    const COLUMNS: usize = 19;
    let mut maker = Maker::default();
    let x = maker.input(DType::F64, &[N, COLUMNS], &[COLUMNS as isize, 1], 5);
    let y = maker.input(DType::F64, &[N], &[1], 6);
    let z = maker.input(DType::F64, &[3, COLUMNS], &[COLUMNS as isize, 1], 7);
    let out = maker.output(DType::F64, &[COLUMNS], &[1]);
    let total = |i: usize, extent: usize, body: Vec<Stmt>, value: usize| Stmt::Reduce {
        local: local(i),
        op: ReduceOp::Sum,
        extent,
        dtype: DType::F64,
        body,
        value: local(value),
    };
    let columns = COLUMNS as isize;
    // The sum over i of (x[i, j] y[i]) is divided by the sum over k of z[k, j].
    let body = vec![
        total(
            3,
            N,
            vec![load(0, x, 0, &[1, columns]), load(1, y, 0, &[0, 1]), op(2, ElementwiseOp::Multiply, &[0, 1])],
            2,
        ),
        total(5, 3, vec![load(4, z, 0, &[1, columns])], 4),
        op(6, ElementwiseOp::Divide, &[3, 5]),
        store(out, &[1], 6),
    ];
    maker.kernel(&[COLUMNS], body);
    let nested = maker.output(DType::F64, &[COLUMNS], &[1]);
    // The sum over i of x[i, j] and of the sum over k of z[k, j] y[i].
    let inner =
        vec![load(1, z, 0, &[1, 0, columns]), load(2, y, 0, &[0, 1, 0]), op(3, ElementwiseOp::Multiply, &[1, 2])];
    let outer = vec![load(0, x, 0, &[1, columns]), total(4, 3, inner, 3), op(5, ElementwiseOp::Add, &[0, 4])];
    maker.kernel(&[COLUMNS], vec![total(6, N, outer, 5), store(nested, &[1], 6)]);
    maker.compare(&|| String::from("columns"));
}

#[test]
fn empty_reductions_and_loops() {
    let mut maker = Maker::default();
    let x = maker.input(DType::F64, &[0, 4], &[4, 1], 0);
    for which in [ReduceOp::Sum, ReduceOp::Prod] {
        let out = maker.output(DType::F64, &[4], &[1]);
        let body = vec![load(0, x, 1 << 40, &[1, 4])];
        let reduce = Stmt::Reduce { local: local(1), op: which, extent: 0, dtype: DType::F64, body, value: local(0) };
        maker.kernel(&[4], vec![reduce, store(out, &[1], 1)]);
    }
    let out = maker.output(DType::F64, &[3, 0, 4], &[4, 4, 1]);
    maker.kernel(&[3, 0, 4], vec![load(0, x, 0, &[0, 4, 1]), store(out, &[4, 4, 1], 0)]);
    maker.compare(&|| String::from("nothing"));
}

/// An array of these indices.
fn indices(maker: &mut Maker, values: &[i64]) -> BufferId {
    let id = maker.input(DType::I64, &[values.len()], &[1], 0);
    let last = maker.inputs.last_mut().expect("an input");
    *last = Tensor::from_scalars(&Type::new(DType::I64, [values.len()]), values.iter().map(|&i| Scalar::I64(i)));
    id
}

fn gather(i: usize, buffer: BufferId, strides: &[isize], index: usize, stride: isize, size: usize) -> Stmt {
    let access = Access { offset: 0, strides: strides.into() };
    let axes = [Indexed { stride, size }].into();
    define(i, Value::Gather { buffer, access, indices: [local(index)].into(), axes })
}

#[test]
fn gathers() {
    for dtype in DType::ALL {
        let mut maker = Maker::default();
        let x = maker.input(dtype, &[5, 9], &[9, 1], 1);
        let rows = indices(&mut maker, &[4, 0, -1, -5, 2, 2]);
        let out = maker.output(dtype, &[6, 9], &[9, 1]);
        let body = vec![load(0, rows, 0, &[1, 0]), gather(1, x, &[0, 1], 0, 9, 5), store(out, &[9, 1], 1)];
        maker.kernel(&[6, 9], body);
        let columns = maker.output(dtype, &[5, 6], &[6, 1]);
        let body = vec![load(0, rows, 0, &[0, 1]), gather(1, x, &[9, 0], 0, 1, 9), store(columns, &[6, 1], 1)];
        maker.kernel(&[5, 6], body);
        // Elements by row and column.
        let elements = maker.output(dtype, &[6], &[1]);
        let axes = vec![Indexed { stride: 9, size: 5 }, Indexed { stride: 1, size: 9 }].into();
        let access = Access { offset: 0, strides: vec![0].into() };
        let value = Value::Gather { buffer: x, access, indices: vec![local(0), local(1)].into(), axes };
        let body = vec![load(0, rows, 0, &[1]), load(1, rows, 5, &[-1]), define(2, value), store(elements, &[1], 2)];
        maker.kernel(&[6], body);
        maker.compare(&|| format!("{dtype}"));
    }
}

/// The failure is the first iteration's, its first op's; its index and place are told.
#[test]
fn faults() {
    let mut maker = Maker::default();
    let x = maker.input(DType::I64, &[5], &[1], 1);
    let (rows, exponents) = (indices(&mut maker, &[4, -5, 5, -6, 9]), indices(&mut maker, &[1, 2, -3, 0, -1]));
    let out = maker.output(DType::I64, &[5], &[1]);
    let body = |first: usize, second: usize| {
        vec![
            load(0, rows, 0, &[1]),
            load(1, exponents, 0, &[1]),
            gather(first, x, &[0], 0, 1, 5),
            op(second, ElementwiseOp::Power, &[0, 1]),
            op(4, ElementwiseOp::Add, &[2, 3]),
            store(out, &[1], 4),
        ]
    };
    maker.kernel(&[5], body(2, 3));
    maker.compare(&|| String::from("a gather fails before a power"));
    let Err(Failure::Run(error)) = execute::run(&maker.program, &maker.inputs) else { panic!("no failure") };
    assert_eq!(error.kind, RunErrorKind::Index { index: 5, size: 5 });
    assert_eq!((&*error.op, error.loc), ("take", Some(Loc::text(3, 1))));
    let mut swapped = body(2, 3);
    swapped.swap(2, 3);
    maker.program.steps.clear();
    maker.kernel(&[5], swapped);
    maker.compare(&|| String::from("a power fails before a gather"));
    let Err(Failure::Run(error)) = execute::run(&maker.program, &maker.inputs) else { panic!("no failure") };
    assert_eq!((&*error.op, error.kind), ("power", RunErrorKind::NegativePower));
}

/// A gather inside of reductions whose index depends on an outer loop alone stays where it is.
#[test]
fn faults_in_reductions() {
    for bad in [0, 3] {
        let mut maker = Maker::default();
        let x = maker.input(DType::F64, &[3, 20], &[20, 1], 1);
        let rows = indices(&mut maker, &[0, bad, 1]);
        let out = maker.output(DType::F64, &[3], &[1]);
        let body = vec![load(0, rows, 0, &[1, 0]), gather(1, x, &[0, 1], 0, 20, 3), op(2, ElementwiseOp::Square, &[1])];
        let op = ReduceOp::Sum;
        let reduce = Stmt::Reduce { local: local(3), op, extent: 20, dtype: DType::F64, body, value: local(2) };
        maker.kernel(&[3], vec![reduce, store(out, &[1], 3)]);
        maker.compare(&|| format!("row {bad}"));
    }
}

/// Bodies as large as fusion makes them, with more buffers than registers.
#[test]
fn large_bodies() {
    for (dims, strides) in [(vec![37], vec![1]), (vec![5, 7], vec![7, 1]), (vec![], vec![])] {
        let mut maker = Maker::default();
        let mut body = Vec::new();
        for i in 0..200 {
            let x = maker.input(DType::F64, &dims, &strides, i);
            body.push(load(2 * i, x, 0, &strides));
            let which = [ElementwiseOp::Add, ElementwiseOp::Maximum, ElementwiseOp::Multiply][i % 3];
            body.push(op(2 * i + 1, which, &[2 * i, (2 * i).saturating_sub(1)]));
            if i % 20 == 19 {
                let out = maker.output(DType::F64, &dims, &strides);
                body.push(store(out, &strides, 2 * i + 1));
            }
        }
        // Stores come last.
        body.sort_by_key(|stmt| matches!(stmt, Stmt::Store { .. }));
        maker.kernel(&dims, body);
        maker.compare(&|| format!("{dims:?}"));
    }
}

/// Evaluators called between other ops: stages in tiles, values that wait for later stages, results in place.
#[test]
fn tiles() {
    use ElementwiseOp::*;
    for n in [31, 32, 33, 64, 511, 512, 513, 1025] {
        for stride in [1, 2] {
            let mut maker = Maker::default();
            let strides = [n as isize * stride, stride];
            let x = maker.input(DType::F64, &[3, n], &strides, 1);
            let row = maker.input(DType::F64, &[3], &[1], 2);
            let narrow = maker.input(DType::F32, &[n], &[1], 3);
            let state = maker.input(DType::F64, &[3, n], &strides, 4);
            if let BufferKind::Input { donated, .. } = &mut maker.program.buffers[state.index()].kind {
                *donated = true;
            }
            maker.program.outputs.push(state);
            let out = maker.output(DType::F64, &[3, n], &strides);
            let truth = maker.output(DType::Bool, &[3, n], &[n as isize, 1]);
            let body = vec![
                load(0, x, 0, &strides),
                load(1, state, 0, &strides),
                load(2, row, 0, &[1, 0]),
                op(3, Less, &[0, 1]),
                op(4, Multiply, &[0, 1]),
                op(5, Sin, &[4]),
                op(6, Power, &[5, 2]),
                define(7, Value::Constant(Scalar::F64(2.5))),
                op(8, Hypot, &[7, 0]),
                op(9, Where, &[3, 6, 8]),
                op(10, Tanh, &[9]),
                load(11, narrow, 0, &[0, 1]),
                op(12, Exp, &[11]),
                define(13, Value::Cast { dtype: DType::F64, arg: local(12) }),
                op(14, Add, &[10, 13]),
                op(15, Arctan2, &[14, 14]),
                store(state, &strides, 14),
                store(truth, &[n as isize, 1], 3),
                store(out, &strides, 15),
            ];
            maker.kernel(&[3, n], body);
            maker.compare(&|| format!("{n} elements, stride {stride}"));
        }
    }
}

/// As many values wait for a last op as there are calls: tiles shrink, then there are none.
#[test]
fn tiles_of_many_arrays() {
    for calls in [3, 9, 17, 40, 90] {
        let mut maker = Maker::default();
        let x = maker.input(DType::F64, &[700], &[1], 1);
        let out = maker.output(DType::F64, &[700], &[1]);
        let mut body = vec![load(0, x, 0, &[1])];
        body.extend((1..=calls).map(|i| op(i, [ElementwiseOp::Cos, ElementwiseOp::Cbrt][i % 2], &[i - 1])));
        let first = calls + 1;
        body.extend(
            (0..=calls).map(|i| op(first + i, ElementwiseOp::Add, &[i, if i == 0 { 0 } else { first + i - 1 }])),
        );
        body.push(store(out, &[1], first + calls));
        maker.kernel(&[700], body);
        maker.compare(&|| format!("{calls} calls"));
    }
}

/// A sum of two rows in vectors, whose text and machine code can be shown.
#[test]
fn text() {
    let mut maker = Maker::default();
    let [x, y] = [0, 1].map(|seed| maker.input(DType::F64, &[100], &[1], seed));
    let out = maker.output(DType::F64, &[100], &[1]);
    let body = vec![load(0, x, 0, &[1]), load(1, y, 0, &[1]), op(2, ElementwiseOp::Add, &[0, 1]), store(out, &[1], 2)];
    maker.kernel(&[100], body);
    let clif = jit::clif(&maker.program).expect("the kernel is lowered");
    let additions = clif.matches(" = fadd").count();
    assert!(clif.starts_with("; step 0\nfunction u0:0(i64, i64, i64, i64) -> i32"), "{clif}");
    // Four vectors, one vector, one element.
    assert_eq!(additions, if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) { 6 } else { 1 }, "{clif}");
    let asm = jit::asm(&maker.program).expect("the kernel is compiled");
    assert!(asm.starts_with("; step 0\n") && asm.lines().count() > 20, "{asm}");
}

/// Code is shared by threads and its memory returned.
#[test]
fn code_is_shared_and_freed() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Code>();
    let mut maker = Maker::default();
    let out = maker.output(DType::F64, &[9], &[1]);
    maker.kernel(&[9], vec![define(0, Value::Constant(Scalar::F64(2.0))), store(out, &[1], 0)]);
    let maps = || std::fs::read_to_string("/proc/self/maps").map_or(0, |maps| maps.lines().count());
    drop(jit::compile(&maker.program));
    let before = maps();
    for _ in 0..100 {
        drop(jit::compile(&maker.program).expect("the kernel compiles"));
    }
    assert!(maps() < before + 50, "{before} mappings became {}", maps());
}

/// Offsets that no instruction holds.
#[test]
fn far_offsets() {
    const FAR: usize = 1 << 40;
    let ty = Type::new(DType::F64, [FAR + 3]);
    let mut program = Program::default();
    let kind = BufferKind::Input { name: "x".into(), donated: false };
    let x = program.push(Buffer { kind, ty: ty.clone(), strides: [1][..].into() });
    let out = program.push(Buffer { kind: BufferKind::Output, ty, strides: [1][..].into() });
    program.outputs.push(out);
    let access = Access { offset: FAR as isize, strides: [1][..].into() };
    let body = vec![load(0, x, FAR as isize, &[1]), Stmt::Store { buffer: out, access, value: local(0) }];
    program.steps.push(Step::Kernel(Kernel { dims: [3][..].into(), body, copy: None }));
    verify::program(&program).unwrap_or_else(|violation| panic!("{violation}"));
    let code = jit::compile(&program).expect("the kernel compiles");
    let (x, mut out) = ([1.0, 2.0, 3.0], [0.0; 3]);
    // Only the last three elements of the arrays are there.
    let buffers: [*mut f64; 2] = [x.as_ptr().cast_mut().wrapping_sub(FAR), out.as_mut_ptr().wrapping_sub(FAR)];
    let kernel = code.kernel(0).expect("the step is a kernel");
    // SAFETY: the kernel touches the last three elements of its buffers.
    assert_eq!(unsafe { kernel(buffers.as_ptr().cast(), 0, 3, &mut Fault::default()) }, 0);
    assert_eq!(out, x);
}

/// A sum of negative zeros alone is one: lanes must not start at positive zero.
#[test]
fn sums_of_negative_zeros() {
    for dtype in [DType::F32, DType::F64] {
        for n in [1, 7, 8, 9, 600] {
            let mut maker = Maker::default();
            for layout in LAYOUTS {
                reduction(&mut maker, ReduceOp::Sum, dtype, n, layout, &[]);
            }
            for input in &mut maker.inputs {
                let ty = input.ty();
                *input = Tensor::from_scalars(&ty, vec![Scalar::F64(-0.0).cast(dtype); ty.len()]);
            }
            maker.compare(&|| format!("{dtype}, {n} elements"));
        }
    }
}

/// As many loops as arrays may have axes, and as many reductions inside of them.
#[test]
fn deep_nests() {
    let extent = |depth: usize| if depth % 13 == 5 { 2 } else { 1 };
    let shape: Vec<usize> = (0..64).map(extent).collect();
    let strides = row_major(&shape);
    for reduced in [1, 20, 64] {
        let mut maker = Maker::default();
        let x = maker.input(DType::F64, &shape, &strides, 5);
        let out = maker.output(DType::F64, &shape, &strides);
        // The same array along the loops and along the reductions, of which no two are contiguous.
        let inner: Vec<isize> = strides[..reduced].iter().map(|_| 0).collect();
        let access = [&strides[..], &inner].concat();
        let mut body = vec![load(0, x, 0, &access)];
        for i in 0..reduced {
            let (op, dtype, extent) = (ReduceOp::Sum, DType::F64, extent(i));
            body = vec![Stmt::Reduce { local: local(i + 1), op, extent, dtype, body, value: local(i) }];
        }
        body.push(store(out, &strides, reduced));
        maker.kernel(&shape, body);
        maker.compare(&|| format!("{reduced} reductions"));
    }
}

/// Reductions that store what they reduce, in place and elsewhere: along rows and columns, in every form of a block.
#[test]
fn stores_in_reductions() {
    use ElementwiseOp::*;
    for (n, dtype, which) in [1, 7, 8, 31, 33, 511, 513, 1025].into_iter().flat_map(|n| {
        let ops = [ReduceOp::Sum, ReduceOp::Max, ReduceOp::Argmax];
        [DType::F64, DType::F32].into_iter().flat_map(move |dtype| ops.map(|op| (n, dtype, op)))
    }) {
        let m = n as isize;
        for (strides, chain) in [[m, 1], [2 * m, 2], [1, 5], [m, -1]]
            .into_iter()
            .flat_map(|s| [vec![Square], vec![Exp], vec![Square; 20], vec![Exp, Square, Sin]].map(|chain| (s, chain)))
        {
            let mut maker = Maker::default();
            let x = maker.input(dtype, &[5, n], &strides, 1);
            let state = maker.input(dtype, &[5, n], &strides, 2);
            if let BufferKind::Input { donated, .. } = &mut maker.program.buffers[state.index()].kind {
                *donated = true;
            }
            maker.program.outputs.push(state);
            let kept = maker.output(dtype, &[5, n], &strides);
            let result = maker.output(which.result(dtype), &[5], &[1]);
            let mut body = vec![load(0, x, 0, &strides), load(1, state, 0, &strides), op(2, Multiply, &[0, 1])];
            body.extend(chain.iter().enumerate().map(|(i, &link)| op(i + 3, link, &[i + 2])));
            let last = chain.len() + 2;
            body.extend([store(state, &strides, 2), store(kept, &strides, last)]);
            let (extent, reduced) = (n, local(last + 1));
            let reduce = Stmt::Reduce { local: reduced, op: which, extent, dtype, body, value: local(last) };
            maker.kernel(&[5], vec![reduce, store(result, &[1], last + 1)]);
            maker.compare(&|| format!("{} of {n} {dtype}, strides {strides:?}, {chain:?}", which.name()));
        }
    }
}
