//! Every kind of error as a user meets it. `ERRORS.md` shows these functions and what they print; a test compares the two,
//! and rewrites the file when it is run with `UPDATE_DOCS=1`.

use evanesce::ir::ops::ElementwiseOp;
use evanesce::prelude::*;
use ndarray::{Array1, Array2, Array3, ArrayView1, arr1, arr2, array};

fn shape_mismatch() -> Result<Tensor, Error> {
    let (a, b) = (Array2::<f64>::ones((2, 3)), Array1::<f64>::ones(4));
    let y = (Expr::from(&a) + Expr::from(&b)).exp().sum(0);
    y.eval()
}

fn dtype_mismatch() -> Result<Tensor, Error> {
    let (a, b) = (arr1(&[true, false]), arr1(&[true, true]));
    (Expr::from(&a) - Expr::from(&b)).eval()
}

fn signature_mismatch() -> Result<Tensor, Error> {
    let a = Array2::<f64>::ones((2, 3));
    Expr::from(&a).inv().eval()
}

fn axis_out_of_bounds() -> Result<Tensor, Error> {
    let a = Array2::<f64>::ones((2, 3));
    Expr::from(&a).sum(2).eval()
}

fn empty_reduction() -> Result<Tensor, Error> {
    let a = Array1::<f64>::zeros(0);
    Expr::from(&a).max(0).eval()
}

fn mistake_in_a_trace() -> Result<Function, Error> {
    Function::trace(|f| {
        let x = f.input("x", DType::F64, [3]);
        let h = f.input("h", DType::F64, [2, 4]);
        f.output("y", &h.matmul(&x));
    })
}

fn not_positive_definite() -> Result<Tensor, Error> {
    let s = arr2(&[[1.0, 2.0], [2.0, 1.0]]);
    Expr::from(&s).cholesky().eval()
}

fn singular() -> Result<Tensor, Error> {
    let mut stack = Array3::<f64>::zeros((2, 2, 2));
    stack.slice_mut(s![0, .., ..]).assign(&Array2::<f64>::eye(2));
    stack.slice_mut(s![1, .., ..]).assign(&array![[1.0, 2.0], [2.0, 4.0]]);
    let b = Array2::<f64>::ones((2, 1));
    Expr::from(&stack).solve(Expr::from(&b)).eval()
}

fn singular_inside_of_an_op() -> Result<Tensor, Error> {
    // The matrix [[1, 2], [2, 4]] by its diagonals.
    let (diagonals, b) = (arr2(&[[0.0, 2.0], [1.0, 4.0], [2.0, 0.0]]), arr1(&[1.0, 1.0]));
    Expr::from(&diagonals).solve_banded(Expr::from(&b), 1, 1).eval()
}

fn not_finite() -> Result<Tensor, Error> {
    let a = arr2(&[[1.0, 2.0], [f64::NAN, 1.0]]);
    let (values, _vectors) = Expr::from(&a).eigh();
    values.eval()
}

fn no_solution() -> Result<Tensor, Error> {
    let a = arr2(&[[0.0, 1.0], [1.0, 0.0]]);
    Expr::from(&a).sqrtm().eval()
}

fn index_out_of_bounds() -> Result<Tensor, Error> {
    let (a, i) = (arr1(&[0.5, 1.5, 2.5]), arr1(&[0i64, -3, 5]));
    Expr::from(&a).take(Expr::from(&i), Some(0)).eval()
}

fn negative_power() -> Result<Tensor, Error> {
    let (n, k) = (arr1(&[2i64, 3]), arr1(&[3i64, -1]));
    Expr::from(&n).pow(Expr::from(&k)).eval()
}

fn mask_without_initial() -> Result<Tensor, Error> {
    let (a, mask) = (arr1(&[0.5, 1.5]), arr1(&[true, false]));
    Expr::from(&a).over(0).where_(Expr::from(&mask)).max().eval()
}

fn scan_of_a_comparison() -> Result<Tensor, Error> {
    let a = arr1(&[0.5, 1.5]);
    Expr::from(&a).accumulate(ElementwiseOp::Less, 0).eval()
}

fn function_without_a_loop() -> Result<Tensor, Error> {
    let half = Ufunc::new("half").scalar(|x: i64| x / 2).scalar(|x: bool| !x);
    let x = arr1(&[1.0, 2.0]);
    half.call(Expr::from(&x)).eval()
}

fn function_of_another_signature() -> Result<Tensor, Error> {
    let dot = Gufunc::new("dot", "(n),(n)->()").returning(|x: ArrayView1<f64>, y: ArrayView1<f64>| x.dot(&y));
    let (x, y) = (Array2::<f64>::ones((5, 3)), Array1::<f64>::ones(4));
    dot.call((Expr::from(&x), Expr::from(&y))).eval()
}

fn panic_in_a_function() -> Result<Tensor, Error> {
    let root = Ufunc::new("root").scalar(|x: f64| {
        assert!(x >= 0.0, "there is no root of {x}");
        x.sqrt()
    });
    let x = arr1(&[4.0, -2.0]);
    (2.0 * root.call(Expr::from(&x))).eval()
}

fn search_in_a_matrix() -> Result<Tensor, Error> {
    let a = Array2::<f64>::ones((2, 3));
    Expr::from(&a).searchsorted(0.5).eval()
}

fn no_quantile() -> Result<Tensor, Error> {
    let a = Array2::<f64>::ones((2, 3));
    Expr::from(&a).quantile(95, 1).eval()
}

fn step() -> Result<Function, Error> {
    Function::trace(|f| {
        let x = f.input("x", DType::F64, [3]);
        let u = f.input("u", DType::F64, [3]);
        f.update(&x, &(&x + 0.1 * &u));
        f.output("norm", &(&x * &x).sum(()).sqrt());
    })
}

fn wrong_type_in_a_call() -> Result<(), Error> {
    let (mut x, u, mut norm) = (arr1(&[0.0, 0.0, 0.0]), arr1(&[1.0f32, 2.0, 3.0]), 0.0);
    step()?.call(args![&mut x, &u], args![&mut norm])
}

fn missing_array_in_a_call() -> Result<(), Error> {
    let (mut x, mut norm) = (arr1(&[0.0, 0.0, 0.0]), 0.0);
    step()?.call(args![&mut x], args![&mut norm])
}

fn update_given_by_reference() -> Result<(), Error> {
    let (x, u, mut norm) = (arr1(&[0.0, 0.0, 0.0]), arr1(&[1.0, 2.0, 3.0]), 0.0);
    step()?.call(args![&x, &u], args![&mut norm])
}

/// A file with a mistake in it.
const BAD_FILE: &str = "\
%x: f64[3]
%w: f64[4] # one too many
%0 = multiply %x, 2.0
%1 = ad %0, %w
return %1
";

/// The same with the op's name corrected.
fn corrected() -> String {
    BAD_FILE.replace("ad %0", "add %0")
}

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("it gave a result"),
        Err(error) => error.to_string(),
    }
}

fn rendered(file: &str) -> String {
    let error = evanesce::ir::parse::file(file).expect_err("the file has a mistake");
    error.render("filter.ir", file)
}

/// Name, language of the code, code, message; no message of what only shows code.
fn examples() -> Vec<(&'static str, &'static str, String, String)> {
    macro_rules! rust {
        ($($name:ident)*) => { vec![$((stringify!($name), "rust", body(stringify!($name)), message($name()))),*] };
    }
    let mut all = rust! {
        shape_mismatch dtype_mismatch signature_mismatch axis_out_of_bounds empty_reduction mistake_in_a_trace
        not_positive_definite singular singular_inside_of_an_op not_finite no_solution index_out_of_bounds negative_power
        mask_without_initial scan_of_a_comparison search_in_a_matrix no_quantile
        function_without_a_loop function_of_another_signature panic_in_a_function
        wrong_type_in_a_call missing_array_in_a_call update_given_by_reference
    };
    all.push(("step", "rust", body("step"), String::new()));
    all.push(("unknown_op_in_a_file", "ir", BAD_FILE.to_string(), rendered(BAD_FILE)));
    all.push(("shape_mismatch_in_a_file", "ir", corrected(), rendered(&corrected())));
    all
}

/// The body of a function of this file.
fn body(name: &str) -> String {
    let start = format!("fn {name}() ");
    let lines = include_str!("errors.rs").lines().skip_while(|line| !line.starts_with(&start)).skip(1);
    lines
        .take_while(|line| *line != "}")
        .map(|line| line.strip_prefix("    ").unwrap_or(line).to_string() + "\n")
        .collect()
}

const END: &str = "<!-- end -->";

#[test]
fn the_document_shows_what_is_printed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/ERRORS.md");
    let document = std::fs::read_to_string(path).expect("ERRORS.md at the root");
    let mut expected = document.clone();
    for (name, language, code, message) in examples() {
        let start = format!("<!-- example: {name} -->\n");
        let from = expected.find(&start).unwrap_or_else(|| panic!("no example {name} in ERRORS.md")) + start.len();
        let to = from + expected[from..].find(END).expect("an end of the example");
        let message = match message.trim_end() {
            "" => String::new(),
            message => format!("\n```text\n{message}\n```\n"),
        };
        expected.replace_range(from..to, &format!("```{language}\n{code}```\n{message}"));
    }
    assert_eq!(document.matches("<!-- example: ").count(), examples().len(), "examples in ERRORS.md that are none");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, expected).expect("ERRORS.md can be written");
    } else {
        assert_eq!(
            document, expected,
            "ERRORS.md is not what is printed; run this test with UPDATE_DOCS=1 to rewrite it"
        );
    }
}
