//! Every elementwise op of every dtype, fused and compiled, gives the interpreter's bits: at every length from 0 to 67 (of
//! complex numbers every fourth), from every offset of a vector, forwards, backwards, by steps and repeated, on one thread and on two.

#[path = "common/special.rs"]
mod special;

use evanesce::Function;
use evanesce::runtime::Options;
use evanesce_ir::build::{self, At, Index, Operand};
use evanesce_ir::graph::{Graph, Input, Node, Output};
use evanesce_ir::ids::ValueId;
use evanesce_ir::interp;
use evanesce_ir::ops::ElementwiseOp;
use evanesce_ir::ops::elementwise::DTypeRule;
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Type};
use special::special;

/// The longest array.
const LONGEST: usize = 67;
/// Offsets of the first element, in elements: more than a vector of the smallest dtype that is computed on vectors has.
const OFFSETS: usize = 5;
const STEPS: [isize; 4] = [1, -1, 2, 0];

/// A graph with every op of a dtype over views of its inputs, `n` elements from `offset` on.
struct Maker {
    graph: Graph,
    inputs: Vec<Tensor>,
}

impl Maker {
    fn at(&mut self) -> At<'_> {
        At { graph: &mut self.graph, loc: None }
    }

    fn input(&mut self, dtype: DType) -> ValueId {
        let (seed, name) = (self.inputs.len(), format!("x{}", self.inputs.len()).into());
        let ty = Type::new(dtype, [2 * LONGEST + OFFSETS]);
        self.inputs.push(Tensor::from_scalars(&ty, (0..ty.len()).map(|i| special(dtype, i, seed))));
        let input = Node::Input(Input { name, ty, donated: false, facts: Default::default() });
        self.graph.push(input, None).expect("an input is valid")
    }

    /// `n` elements from `offset` on: by steps, backwards, or one element repeated.
    fn view(&mut self, x: ValueId, n: usize, offset: usize, step: isize) -> ValueId {
        let (first, reach) = (offset as isize, n as isize * step.abs().max(1));
        let index = match step {
            0 => Index::Slice { start: Some(first), stop: Some(first + 1), step: 1 },
            ..0 => Index::Slice { start: Some(first + reach - 1), stop: (first > 0).then_some(first - 1), step },
            _ => Index::Slice { start: Some(first), stop: Some(first + reach), step },
        };
        let index = if n == 0 && step < 0 { Index::Slice { start: Some(0), stop: Some(0), step: 1 } } else { index };
        let view = build::index(&mut self.at(), &x, &[index]).expect("a slice in bounds");
        if step == 0 { build::broadcast_to(&mut self.at(), &view, &[n]).expect("of one element") } else { view }
    }

    fn output(&mut self, value: ValueId) {
        self.graph.outputs.push(Output { value, into: None });
    }
}

/// Every op of a dtype on operands of `n` elements; the views of the operands differ.
fn every_op(dtype: DType, n: usize) -> Maker {
    let mut maker = Maker { graph: Graph::new(), inputs: Vec::new() };
    let [x, y] = [maker.input(dtype), maker.input(dtype)];
    let [condition, exponent] = [maker.input(DType::Bool), maker.input(DType::Bool)];
    for (i, step) in STEPS.into_iter().enumerate() {
        let first = maker.view(x, n, (n + i) % OFFSETS, step);
        let second = maker.view(y, n, (n + 2 * i + 1) % OFFSETS, STEPS[(i + n) % 2]);
        let chosen = maker.view(condition, n, n % OFFSETS, step);
        // Negative exponents of integers are an error.
        let counts = maker.view(exponent, n, 0, 1);
        let counts = build::cast(&mut maker.at(), &counts, dtype).expect("a cast");
        for &op in ElementwiseOp::ALL {
            let second = if op == ElementwiseOp::Power && dtype.is_integer() { counts } else { second };
            let args = match op.arity() {
                1 => vec![first],
                2 => vec![first, second],
                _ if op.rule() == DTypeRule::Select => vec![chosen, first, second],
                _ => vec![first, second, first],
            };
            // Complex numbers are taken apart by the builders, which refuse what is not defined.
            if dtype.is_complex() {
                let operands: Vec<_> = args.into_iter().map(Operand::Value).collect();
                if let Ok(value) = build::elementwise(&mut maker.at(), op, &operands) {
                    maker.output(value);
                }
            } else if op.has_loop(dtype) {
                let node = Node::Elementwise { op, args: args.into() };
                let value = maker.graph.push(node, None).unwrap_or_else(|problem| panic!("{}: {problem}", op.name()));
                maker.output(value);
            }
        }
        for to in DType::ALL {
            let value = build::cast(&mut maker.at(), &first, to).expect("a cast");
            maker.output(value);
        }
    }
    assert!(maker.graph.outputs.len() > 100, "only {} results of {dtype}", maker.graph.outputs.len());
    maker
}

/// The same bits; of NaN any.
fn same(expected: &Tensor, found: &Tensor) -> bool {
    let nan = |scalar: &Scalar| match scalar {
        Scalar::F32(x) => x.is_nan(),
        Scalar::F64(x) => x.is_nan(),
        _ => false,
    };
    let parts = |tensor: &Tensor| -> Vec<Scalar> {
        tensor.scalars().into_iter().flat_map(|scalar| <[Scalar; 2]>::from(scalar.parts())).collect()
    };
    let pairs = parts(expected).into_iter().zip(parts(found));
    expected.ty() == found.ty() && { pairs }.all(|(x, y)| x == y || (nan(&x) && nan(&y)))
}

fn lengths(dtype: DType) {
    for n in 0..=LONGEST {
        // Complex ops are many real ones, each of which is tested at every length.
        if dtype.is_complex() && n % 4 != 3 {
            continue;
        }
        let maker = every_op(dtype, n);
        let expected = interp::graph(&maker.graph, &maker.inputs).expect("nothing fails");
        // Two threads run the same code over two ranges: one is enough for every third length.
        let threads = if n % 3 == 0 { &[1, 2][..] } else { &[2] };
        for &threads in threads {
            let options = Options { threads, parallel: 0, ..Options::default() };
            let mut function = Function::from_graph(maker.graph.clone(), &options).expect("it compiles");
            let counts = function.program().counts();
            assert!(dtype.is_complex() || counts.temporaries == 0, "views are not copied");
            let found = function.apply(maker.inputs.clone()).expect("nothing fails");
            for (i, (expected, found)) in expected.iter().zip(&found).enumerate() {
                let node = maker.graph.def(maker.graph.outputs[i].value).name();
                assert!(
                    same(expected, found),
                    "{node} of {dtype}, {n} elements, output {i}, {threads} threads: {found}, not {expected}"
                );
            }
        }
    }
}

/// The tests share the dtypes, every fourth for each.
fn dtypes(first: usize) {
    DType::ALL.into_iter().skip(first).step_by(4).for_each(lengths);
}

#[test]
fn bits_of_a_quarter() {
    dtypes(0);
}

#[test]
fn bits_of_another() {
    dtypes(1);
}

#[test]
fn bits_of_a_third() {
    dtypes(2);
}

#[test]
fn bits_of_the_last() {
    dtypes(3);
}
