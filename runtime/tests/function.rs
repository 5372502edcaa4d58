//! Functions made of graphs and programs that were read, not traced.

use evanesce_ir::graph::Graph;
use evanesce_ir::program::Program;
use evanesce_ir::tensor::Tensor;
use evanesce_runtime::{Error, Function, args};
use ndarray::{Array2, arr0, arr1, arr2, s};

#[test]
fn updates_stand_anywhere_among_the_outputs_of_a_graph() {
    let text = "%x: f64[2] donated\n%0 = add %x, 1.0\n%1 = reshape %x, shape=[2, 1]\n%2 = negative %1\n\
                return %2, %0 -> %x, %1\n";
    let graph = text.parse::<Graph>().unwrap();
    let mut f = Function::from_graph(graph, &Default::default()).unwrap();
    let (mut x, mut negative) = (arr1(&[1.0, 2.0]), Array2::<f64>::zeros((2, 1)));
    let mut wide = Array2::<f64>::zeros((2, 3));
    f.call(args![&mut x], args![&mut negative, wide.slice_mut(s![.., 1..2])]).unwrap();
    assert_eq!((x, negative), (arr1(&[2.0, 3.0]), arr2(&[[-1.0], [-2.0]])));
    assert_eq!(wide, arr2(&[[0.0, 1.0, 0.0], [0.0, 2.0, 0.0]]));
}

#[test]
fn a_function_of_a_program_takes_its_strides_only() {
    let text = "program\n$0: f64[2, 2] input x donated strides=[1, 2]\n$1: f64[] output\n\
                kernel $0 <- $0 [2, 2] {\n  t0 = load $0[i0 + 2*i1]\n  t1 = negative t0\n  store $0[i0 + 2*i1], t1\n}\n\
                kernel $1 <- $0 [] {\n  t0 = load $0[2]\n  store $1[0], t0\n}\nreturn $1, $0\n";
    let program = text.parse::<Program>().unwrap();
    let mut f = Function::from_program(program, &Default::default()).unwrap();
    assert!(f.graph().is_none());
    let (mut x, mut first) = (arr2(&[[1.0, 3.0], [2.0, 4.0]]), 0.0);
    f.call(args![x.view_mut().reversed_axes()], args![&mut first]).unwrap();
    assert_eq!((&x, first), (&arr2(&[[-1.0, -3.0], [-2.0, -4.0]]), -2.0));
    let problem = |result: Result<(), Error>| match result {
        Err(Error::Call(error)) => error.problem.to_string(),
        other => panic!("{other:?}"),
    };
    let strides = problem(f.call(args![&mut x], args![&mut first]));
    assert_eq!(strides, "x has the strides [1, 2] in the program, not [2, 1]");
    assert_eq!(problem(f.call(args![x.t()], args![&mut first])), "x is written: give it by `&mut`");
    let results = f.apply(vec![Tensor::from(x.reversed_axes().into_dyn())]).unwrap();
    assert_eq!(results[0], Tensor::from(arr0(2.0).into_dyn()));
    assert_eq!(results[1], Tensor::from(arr2(&[[1.0, 2.0], [3.0, 4.0]]).into_dyn()));
}
