//! The text of graphs and programs: what is printed reads back as the same, what is wrong is an error with its place.

#[path = "../../tests/common/random.rs"]
mod random;

use evanesce_ir::custom::Custom;
use evanesce_ir::expr::{Gufunc, Ufunc};
use evanesce_ir::graph::Graph;
use evanesce_ir::parse::{self, ParseError};
use evanesce_ir::program::Program;
use evanesce_ir::verify;
use random::Rng;
use std::sync::OnceLock;

/// The functions that `FORMAT.md` and random graphs name.
fn functions() -> &'static [Custom] {
    static FUNCTIONS: OnceLock<Vec<Custom>> = OnceLock::new();
    FUNCTIONS.get_or_init(|| {
        let logistic = Ufunc::new("logistic").scalar(|r: f64, x: f64| r * x * (1.0 - x));
        let bounds = Gufunc::new("bounds", "(n)->(),()").returning(|x: ndarray::ArrayView1<'_, f64>| {
            (x.fold(f64::INFINITY, |low, x| x.min(low)), x.fold(f64::NEG_INFINITY, |high, x| x.max(high)))
        });
        let own = [logistic.function(), bounds.function()].map(|f| f.expect("a function without a mistake"));
        own.into_iter().chain(random::functions::functions()).cloned().collect()
    })
}

fn graph(text: &str) -> Graph {
    parse::graph_with(text, functions()).unwrap_or_else(|error| panic!("{}\n{text}", error.render("text", text)))
}

fn program(text: &str) -> Program {
    parse::program_with(text, functions()).unwrap_or_else(|error| panic!("{}\n{text}", error.render("text", text)))
}

#[test]
fn random_graphs_read_back() {
    for seed in 0..2000 {
        let made = random::case(seed).graph;
        let text = made.to_string();
        let read = graph(&text);
        assert_eq!(read.to_string(), text, "seed {seed}");
        assert!(read == made, "seed {seed}: the text is the same, the graph is not\n{text}");
    }
}

/// Text as a user writes it, and the text that says the same without anything left out.
#[test]
fn text_means_what_numpy_means() {
    let cases: &[(&str, &str)] = &[
        // Literals without suffix are weak, others promote.
        ("%x: f32[3]\n%y = multiply %x, 2.0\nreturn %y", "%x: f32[3]\n%0: f32[3] = multiply %x, 2.0f32\nreturn %0\n"),
        (
            "%x: f32[3]\n%y = multiply %x, 2.0f64\nreturn %y",
            "%x: f32[3]\n%0: f64[3] = astype %x, dtype=f64\n%1: f64[3] = multiply %0, 2.0\nreturn %1\n",
        ),
        (
            "%n: i64[2]\n%y = divide %n, 2\nreturn %y",
            "%n: i64[2]\n%0: f64[2] = astype %n, dtype=f64\n%1: f64[2] = divide %0, 2.0\nreturn %1\n",
        ),
        ("%b: bool[2]\n%y = where %b, 1, 2.5\nreturn %y", "%b: bool[2]\n%0: f64[2] = where %b, 1.0, 2.5\nreturn %0\n"),
        // Arrays are operands too.
        (
            "%x: f64[2]\n%y = add %x, [1, 2]\nreturn %y",
            "%x: f64[2]\n%0: i64[2] = constant [1, 2]\n%1: f64[2] = astype %0, dtype=f64\n%2: f64[2] = add %x, %1\nreturn %2\n",
        ),
        ("%c: f32[2, 0] = constant []\nreturn %c", "%0: f32[2, 0] = constant []\nreturn %0\n"),
        ("%c: f32[2] = constant [1, inf]\nreturn %c", "%0: f32[2] = constant [1.0f32, inff32]\nreturn %0\n"),
        ("return 2, -0.0, 3.0f32", "return 2, -0.0, 3.0f32\n"),
        // Axes count from the end, one axis needs no brackets.
        ("%x: f64[2, 3]\n%y = sum %x, axis=-1\nreturn %y", "%x: f64[2, 3]\n%0: f64[2] = sum %x, axis=1\nreturn %0\n"),
        ("%x: f64[2, 3]\n%y = sum %x\nreturn %y", "%x: f64[2, 3]\n%0: f64[] = sum %x, axis=[0, 1]\nreturn %0\n"),
        (
            "%x: f64[2, 3]\n%y = max %x, axis=[-1], keepdims=true\nreturn %y",
            "%x: f64[2, 3]\n%0: f64[2] = max %x, axis=1\n%1: f64[2, 1] = reshape %0, shape=[2, 1]\nreturn %1\n",
        ),
        (
            "%x: f64[2, 3]\n%y = mean %x\nreturn %y",
            "%x: f64[2, 3]\n%0: f64[] = sum %x, axis=[0, 1]\n%1: f64[] = divide %0, 6.0\nreturn %1\n",
        ),
        (
            "%x: f64[2, 3]\n%y = transpose %x\nreturn %y",
            "%x: f64[2, 3]\n%0: f64[3, 2] = transpose %x, axes=[1, 0]\nreturn %0\n",
        ),
        (
            "%x: f64[2, 6]\n%y = reshape %x, shape=[3, -1]\nreturn %y",
            "%x: f64[2, 6]\n%0: f64[3, 4] = reshape %x, shape=[3, 4]\nreturn %0\n",
        ),
        // Python's slices.
        (
            "%x: f64[5, 4, 3]\n%y = slice %x, [4:0:-2, 1:, :]\nreturn %y",
            "%x: f64[5, 4, 3]\n%0: f64[2, 3, 3] = slice %x, [:1:-2, 1:, :]\nreturn %0\n",
        ),
        (
            "%x: f64[5, 4]\n%y = slice %x, [::-1]\nreturn %y",
            "%x: f64[5, 4]\n%0: f64[5, 4] = slice %x, [::-1, :]\nreturn %0\n",
        ),
        (
            "%x: f64[5, 4]\n%y = slice %x, [-1, newaxis, 2:9:3]\nreturn %y",
            "%x: f64[5, 4]\n%0: f64[1, 1] = slice %x, [4:, 2:3]\nreturn %0\n",
        ),
        // Second names and compositions.
        ("%x: f64[2]\n%y = abs %x\nreturn %y", "%x: f64[2]\n%0: f64[2] = absolute %x\nreturn %0\n"),
        ("%x: f64[1, 2]\n%y = squeeze %x\nreturn %y", "%x: f64[1, 2]\n%0: f64[2] = reshape %x, shape=[2]\nreturn %0\n"),
        (
            "%x: f64[2, 2]\n%y = trace %x\nreturn %y",
            "%x: f64[2, 2]\n%0: f64[2] = diagonal %x\n%1: f64[] = sum %0, axis=0\nreturn %1\n",
        ),
        (
            "%a: f64[3, 2]\n%v: f64[2]\n%y = matmul %a, %v\nreturn %y",
            "%a: f64[3, 2]\n%v: f64[2]\n%0: f64[2, 1] = reshape %v, shape=[2, 1]\n\
             %1: f64[3, 1] = matmul %a, %0\n%2: f64[3] = reshape %1, shape=[3]\nreturn %2\n",
        ),
        // Names, comments, several results, updates, facts.
        (
            "# R of a QR\n%a: f64[3, 2] # tall\n%q, %r: f64[2, 2] = linalg.qr %a\nreturn %r, %q\n\n# done",
            "%a: f64[3, 2]\n%0: f64[3, 2], %1: f64[2, 2] = linalg.qr %a\nreturn %1, %0\n",
        ),
        (
            "%Σ: f64[2, 2] spd symmetric donated\n%y = assume %Σ, facts=[lower_triangular]\nreturn %y -> %Σ",
            "%Σ: f64[2, 2] donated spd\n%0: f64[2, 2] = assume %Σ, facts=[lower_triangular]\nreturn %0 -> %Σ\n",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(graph(text).to_string(), *expected, "{text}");
        assert!(graph(expected) == graph(text), "{text}");
    }
}

#[test]
fn scalars_read_back_to_the_bit() {
    let text = "%0: f64[9] = constant [0.0, -0.0, inf, -inf, nan, nan:0xfff8000000000000, nan:0x7ff8000000000f32, 5e-324, 1e308]\n\
                %1: f32[4] = constant [0.1f32, -inff32, nanf32, nan:0x7fc00001f32]\n\
                %2: i64[2] = constant [-9223372036854775808, 9223372036854775807]\n\
                %3: bool[1, 2] = constant [[true, false]]\n\
                return %0, %1, %2, %3\n";
    assert_eq!(graph(text).to_string(), text);
}

/// A text, and the message up to the end of its first line.
const MISTAKES: &[(&str, &str)] = &[
    (
        "%x: f64[2, 3]\n%y = linalg.pinv %x, rcond=0.1, rtol=0.1\nreturn %y",
        "2:6: linalg.pinv: rcond and rtol are two names of one number: give one",
    ),
    (
        "%x: f64[3, 3]\n%y = linalg.solve_triangular %x, %x, trans=3\nreturn %y",
        "2:6: linalg.solve_triangular: trans is 0, 1 or 2, not 3",
    ),
    ("", "1:1: expected a value such as `%x`, or `return`, found the end of the file"),
    ("%x: f64[3]\n", "2:1: expected a value such as `%x`, or `return`, found the end of the file"),
    ("%x: f64[3]\n%y = add %x, 1\nretrun %y", "3:1: expected a value such as `%x`, or `return`, found `retrun`"),
    ("%x: f64[3]\nreturn %x\n%y = sqrt %x", "3:1: expected the end of the file after `return`, found `%y`"),
    ("%x: f64[3\nreturn %x", "2:1: expected `,` or `]`, found `return`"),
    ("%x: f64[3] donatd\nreturn %x", "1:12: there is no fact donatd"),
    ("%x: f65[3]\nreturn %x", "1:5: there is no dtype f65; did you mean f64?"),
    (
        "%0: f64[3]\nreturn %0",
        "1:1: expected an input's name that begins with a letter, or ` = ` and an op, found `%0`",
    ),
    ("%x: f64[3]\n%x: f64[4]\nreturn %x", "2:1: %x is defined twice"),
    ("%x: f64[3]\n%x = sqrt %x\nreturn %x", "2:1: %x is defined twice"),
    ("%x: f64[3]\n%y = sqrt %z\n%z = sqrt %x\nreturn %y", "2:11: there is no value %z"),
    ("%state: f64[3]\n%y = sqrt %stat\nreturn %y", "2:11: there is no value %stat; did you mean %state?"),
    ("%0 = input x : f64[3]\nreturn %0", "1:6: expected an op; an input is a line such as `%x: f64[3]`, found `input`"),
    ("%x: f64[3]\n%y = sqr %x\nreturn %y", "2:6: there is no op sqr; did you mean sqrt?"),
    ("%x: f64[3]\n%y = sqrt %x %x\nreturn %y", "2:14: expected `,` or the end of the line, found `%x`"),
    ("%x: f64[3]\n%y = sqrt %x, %x\nreturn %y", "2:6: sqrt: takes 1 operands, not 2"),
    ("%x: f64[3]\n%y: f64[4] = sqrt %x\nreturn %y", "2:5: the result is f64[3], not f64[4]"),
    ("%x: f64[3]\n%y, %z = sqrt %x\nreturn %y", "2:1: expected 1 result, found 2"),
    ("%x: f64[3]\n%y: f64[4]\n%z = add %x, %y\nreturn %z", "3:6: add: the shapes cannot be broadcast together"),
    ("%x: f64[3]\n%y = sum %x, axis=1\nreturn %y", "2:6: sum: axis 1 is out of bounds for an array with 1 axes"),
    ("%x: f64[3]\n%y = sum %x, axes=0\nreturn %y", "2:14: there is no parameter axes of sum"),
    ("%x: f64[3]\n%y = sum %x, axis=0, axis=0\nreturn %y", "2:22: axis is defined twice"),
    ("%x: f64[3]\n%y = sum %x, keepdims=1\nreturn %y", "2:14: expected keepdims=true or false, found another value"),
    ("%x: f64[3]\n%y = reshape %x\nreturn %y", "2:6: expected the parameter shape=, found none"),
    ("%x: f64[3]\n%y = slice %x, [::0]\nreturn %y", "2:6: slice: the step of a slice is zero"),
    ("%x: f64[3]\n%y = slice %x, [3]\nreturn %y", "2:6: slice: index 3 is out of bounds for axis 0 of size 3"),
    ("%x: f64[3]\n%y = astype %x, dtype=float\nreturn %y", "2:17: there is no dtype float"),
    (
        "%x: f64[3]\n%y = linalg.inv %x\nreturn %y",
        "2:6: linalg.inv: the last axes do not fit the signature (m,m)->(m,m)",
    ),
    ("%x: f64[3] spd\nreturn %x", "1:1: input: facts are about matrices, so of two axes or more"),
    ("%x: f64[3]\n%y = add %x, 1e999\nreturn %y", "2:14: the number 1e999 is too large for f64"),
    ("%y = add 1, 99999999999999999999\nreturn %y", "1:13: the number 99999999999999999999 is too large for i64"),
    ("%y = add 1, 2.5i64\nreturn %y", "1:13: 2.5i64 is no number"),
    ("%y = add 1, 1.2.3\nreturn %y", "1:13: 1.2.3 is no number"),
    ("%y = add 1, nan:0x12\nreturn %y", "1:17: 0x12 are not the bits of a NaN"),
    ("%x: f64[99999999999999999999]\nreturn %x", "1:9: the number 99999999999999999999 is too large"),
    (
        "%x: f64[1099511627776, 1099511627776]\nreturn %x",
        "1:5: type: an array f64[1099511627776, 1099511627776] is larger than the address space",
    ),
    ("%y = constant [[1], [1, 2]]\nreturn %y", "1:21: brackets of one depth hold different numbers of elements"),
    ("%y = constant [1, [2]]\nreturn %y", "1:19: an element stands beside brackets"),
    ("%y: i64[1] = constant [2.5]\nreturn %y", "1:23: the result is f64[1], not i64[1]"),
    ("%x: f64[3] ; %y\nreturn %x", "1:12: unexpected character ';'"),
    ("%x: f64[3]\n%é = sqrt \0%x\nreturn %x", "2:11: unexpected character '\\0'"),
    ("%x: f64[3]\nreturn %x -> %x", "2:14: output-into: the input x is not donated"),
    ("%x: f64[3] donated\nreturn 1.0 -> %x", "2:15: output-into: f64[] does not fit in f64[3]"),
    ("%x: f64[3] donated\nreturn %x -> %y", "2:14: output-into: there is no input y"),
    (
        "program\n$0: f64[3] input x\n$2: f64[3] output\nreturn $2",
        "3:1: expected `$1`, since buffers are numbered in order, found `$2`",
    ),
    ("program\n$0: f64[3] imput x\nreturn", "2:12: there is no kind of buffer imput; did you mean input?"),
    (
        "program\n$0: f64[3] output\nkernel $0 [3] {\n  t0 = 1.0\n  store $0[i0], t0\n",
        "6:1: expected `t0 = ...`, `store` or `}`, found the end of the file",
    ),
    (
        "program\n$0: f64[3] output\nkernel $0 [3] {\n  t7 = 1.0\n  store $0[i0], t7\n}\nreturn $0",
        "4:3: expected scalars numbered from t0 without gaps, found `t7`",
    ),
    (
        "program\n$0: f64[3] output\nkernel $0 [3] {\n  t0 = 1.0\n  store $0[j], t0\n}\nreturn $0",
        "5:12: there is no index j",
    ),
    (
        "program\n$0: f64[3] output\nkernel <- $0 [3] {\n  t0 = 1.0\n  store $0[i0], t0\n}\nreturn $0",
        "3:1: expected the buffers of the body, `$0 <- `, found ` <- $0`",
    ),
    (
        "program\n$0: f64[3] output\nkernel $0 [3] {\n  t0 = 1.0\n  store $0[2*i0], t0\n}\nreturn $0",
        "3:1: access-bounds: elements 0 to 4 of $0: f64[3]",
    ),
    (
        "program\n$0: f64[2, 2] input a\n$1: f64[2, 2] output\ncall dgetrf, dpotri $1[2*r + c] 2x2 <- $0[2*r + c] 2x2 op=linalg.inv\nreturn $1",
        "4:6: there is no sequence of routines dgetrf, dpotri",
    ),
    (
        "program\n$0: f64[2, 2] input a\n$1: f64[2] input x\n$2: f64[2] output\ncall dgemm $2[r] 2x1 <- $0[2*r + c] 2x2, $1[r] 2x1 op=matmul\nreturn $2",
        "5:6: expected `dgemv`, which these matrices take, found `dgemm`",
    ),
];

/// The verifier names a call by its routines even when matrices are missing.
#[test]
fn a_call_without_its_matrices_is_refused() {
    let text = "program\n$0: f64[2, 2] input a\n$1: f64[2, 2] output\n\
                call dgemm $1[2*r + c] 2x2 <- $0[2*r + c] 2x2 op=matmul\nreturn $1\n";
    let error = parse::program(text).unwrap_err();
    assert_eq!(first_line(&error), "4:1: call-shapes: wrong number of matrices");
}

fn first_line(error: &ParseError) -> String {
    format!("{}:{}: {}", error.line, error.column, error.kind).lines().next().unwrap_or_default().to_string()
}

#[test]
fn mistakes_are_errors_with_their_place() {
    for (text, expected) in MISTAKES {
        let error = parse::file(text).err().unwrap_or_else(|| panic!("no error in\n{text}"));
        assert_eq!(first_line(&error), *expected, "{text}");
        let rendered = error.render("f.ir", text);
        assert!(rendered.starts_with(&format!("f.ir:{}:{}: ", error.line, error.column)), "{rendered}");
        assert!(!rendered.contains('\0'), "{rendered}");
    }
}

#[test]
fn a_rendered_error_marks_the_place_in_characters() {
    let text = "%Σ: f64[2, 3]\n%é: f64[2] = linalg.det %Σ # no\nreturn %é\n";
    let expected = "\
kf.ir:2:14: linalg.det: the last axes do not fit the signature (m,m)->()
  operands: f64[2, 3]
  |
2 | %é: f64[2] = linalg.det %Σ # no
  |              ^^^^^^^^^^
";
    assert_eq!(parse::graph(text).unwrap_err().render("kf.ir", text), expected);
}

#[test]
fn line_ends_and_marks_of_other_systems_are_spaces() {
    let text = "\u{feff}%x: f64[3]\r\n\t%y = sqrt %x # root\r\nreturn %y\r\n";
    assert_eq!(graph(text).to_string(), "%x: f64[3]\n%0: f64[3] = sqrt %x\nreturn %0\n");
    let error = parse::graph(&text.replace("sqrt", "sqr")).unwrap_err();
    let expected = "f:2:7: there is no op sqr; did you mean sqrt?\n  |\n2 |  %y = sqr %x # root\n  |       ^^^\n";
    assert_eq!(error.render("f", &text.replace("sqrt", "sqr")), expected);
}

#[test]
fn of_a_long_line_the_place_is_shown() {
    let text = format!("%y = constant [{}oops{}]\nreturn %y\n", "1, ".repeat(10_000), ", 1".repeat(10_000));
    let error = parse::graph(&text).unwrap_err().render("f", &text);
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines[0], "f:1:30016: expected a number, found `oops`");
    assert!(lines[2].len() < 200, "{error}");
    let place = lines[3].find('^').expect("a mark");
    assert_eq!(&lines[2][place..place + 4], "oops");
}

#[test]
fn nesting_is_bounded() {
    let deep = |n: usize| format!("%y = constant {}{}\nreturn %y", "[".repeat(n), "]".repeat(n));
    assert!(first_line(&parse::graph(&deep(100_000)).unwrap_err()).contains("nested deeper than the 64 axes"));
    // 64 brackets around nothing are an array of 64 axes.
    assert_eq!(graph(&deep(64)).outputs.len(), 1);
    let mut text = String::from("program\nkernel [] {\n");
    (0..100_000).for_each(|i| text += &format!("t{i} = sum f64 i{i} < 1 {{\n"));
    assert!(first_line(&parse::program(&text).unwrap_err()).contains("more than 128 loops"));
}

const PROGRAM: &str = "\
program arena=128
$0: f64[3, 4] input a strides=[1, 3]
$1: i64[5] input n donated
$2: f64[2] constant [1.0, 2.0]
$3: f64[3] temp at=0
$4: f64[5] temp at=64
$5: f64[5] output
$6: f64[4, 4] output
$7: f64[5] output strides=[-2]
kernel $3 <- $0, $2 [3] {
  t0 = 0.5
  t1 = sum f64 i1 < 4 {
    t2 = load $0[i0 + 3*i1]
    t3 = load $2[1]
    t4 = multiply t2, t3
    yield t4
  }
  t5 = maximum t0, t1
  store $3[-i0 + 2], t5
}
kernel $4 <- $1, $3 [5] {
  t0 = load $1[i0]
  t1 = gather $3[t0], size=3
  store $4[i0], t1
}
kernel $5 <- $4 [5] copy=output {
  t0 = load $4[i0]
  store $5[i0], t0
}
kernel $7 <- $4 [5] {
  t0 = load $4[-i0 + 4]
  t1 = astype t0, dtype=i64
  t2 = astype t1, dtype=f64
  store $7[-2*i0], t2
}
call dgemm $6[4*r + c] 4x4 <- $0[r*3 + c] 4x3, $0[r + 3*c] 3x4 op=matmul
return $5, $6, $7
";

#[test]
fn programs_read_back() {
    // The coefficient is printed first.
    let text = PROGRAM.replace("r*3", "3*r");
    let read = program(&text);
    assert_eq!(read.to_string(), text);
    assert!(program(&read.to_string()).without_locs() == read.without_locs());
    assert_eq!(first_line(&parse::program(PROGRAM).unwrap_err()), "36:35: expected `]`, found `*`");
}

/// Whatever is cut off or overwritten, the parser gives a file or an error, and what it gives is printed and read back.
#[test]
fn broken_text_never_panics() {
    let corpus: Vec<String> = MISTAKES
        .iter()
        .map(|(text, _)| text.to_string())
        .chain([PROGRAM.replace("r*3", "3*r")])
        .chain(blocks().map(String::from))
        .chain((0..40).map(|seed| random::case(seed).graph.to_string()))
        .collect();
    let mut rng = Rng::new(7);
    for text in &corpus {
        for _ in 0..60 {
            check(&random::mutate(&mut rng, text, &corpus));
        }
        (0..text.len().min(400)).filter(|&end| text.is_char_boundary(end)).for_each(|end| check(&text[..end]));
    }
}

fn check(text: &str) {
    match parse::file_with(text, functions()) {
        Ok(parse::File::Graph(read)) => {
            verify::graph(&read).unwrap_or_else(|violation| panic!("{violation}\n{text}"));
            assert!(graph(&read.to_string()) == read, "{text}");
        }
        Ok(parse::File::Program(read)) => {
            read.counts();
            assert!(program(&read.to_string()).without_locs() == read.without_locs(), "{text}");
        }
        Err(error) => {
            assert!(error.render("f.ir", text).contains(&error.kind.to_string()));
        }
    }
}

/// A long chain is a long text, not a deep one.
#[test]
fn long_chains_need_no_stack() {
    let chain = || {
        let mut text = String::from("%x: f64[4]\n%0: f64[4] = sqrt %x\n");
        (1..100_000).for_each(|i| text += &format!("%{i}: f64[4] = add %{}, %x\n", i - 1));
        text += "return %99999\n";
        assert!(graph(&text).to_string() == text);
    };
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(chain);
    assert!(thread.expect("a thread").join().is_ok());
}

/// The fenced blocks of `FORMAT.md`.
fn blocks() -> impl Iterator<Item = &'static str> {
    include_str!("../FORMAT.md").split("```ir\n").skip(1).map(|rest| rest.split("```").next().expect("a block"))
}

/// The fenced blocks as graphs and programs, read and verified.
fn examples() -> Vec<parse::File> {
    blocks()
        .map(|text| {
            let read = parse::file_with(text, functions());
            read.unwrap_or_else(|error| panic!("{}", error.render("FORMAT.md", text)))
        })
        .collect()
}

#[test]
fn examples_of_the_format_read_back() {
    let (mut graphs, mut programs) = (0, 0);
    for example in examples() {
        match example {
            parse::File::Graph(read) => {
                assert!(graph(&read.to_string()) == read, "{read}");
                graphs += 1;
            }
            parse::File::Program(read) => {
                assert!(program(&read.to_string()).without_locs() == read.clone().without_locs(), "{read}");
                programs += 1;
            }
        }
    }
    assert!(graphs >= 9 && programs >= 3, "{graphs} graphs, {programs} programs");
}

/// `FORMAT.md` has an example of every node format, every form of statement, and every kind of buffer.
#[test]
fn examples_of_the_format_are_complete() {
    let text: String = examples()
        .iter()
        .map(|example| match example {
            parse::File::Graph(graph) => graph.to_string(),
            parse::File::Program(program) => program.to_string(),
        })
        .collect();
    let structural = evanesce_ir::ops::STRUCTURAL.iter().map(|row| row.0).filter(|name| *name != "input");
    let linalg = evanesce_ir::ops::LinalgOp::ALL.iter().map(|op| op.name());
    let constructs = [
        " donated",
        " spd",
        "->",
        "kernel ",
        "call ",
        "call custom ",
        "store ",
        "load ",
        "gather ",
        "yield ",
        "copy=",
        "strides=[",
        " temp",
        " temp at=",
        " input ",
        " output",
        " constant ",
        "arena=",
        "stack=[",
        "lower=",
        "sum ",
        "where ",
    ];
    for construct in constructs {
        assert!(text.contains(construct), "FORMAT.md shows no {construct:?}");
    }
    for op in structural.chain(linalg) {
        assert!(text.contains(&format!(" {op} ")), "FORMAT.md shows no {op}");
    }
}

/// What no machine has the memory for is an error of the run, in both interpreters.
#[test]
fn memory_that_is_not_there_is_an_error() {
    use evanesce_ir::interp;
    let text = "%x = broadcast_to 1.0, shape=[1125899906842624]\n%y = sum %x, axis=0\nreturn %y\n";
    let error = interp::graph(&graph(text), &[]).unwrap_err();
    assert_eq!(error.to_string().lines().next(), Some("broadcast_to: cannot allocate 27021597764222976 bytes"));
    let text = "program\n$0: f64[1125899906842624] temp\n$1: f64[] output\n\
                kernel $1 [] {\n  t0 = 1.0\n  store $1[0], t0\n}\nreturn $1\n";
    let error = interp::program(&program(text), &[]).unwrap_err();
    assert_eq!(error.to_string(), "program: cannot allocate 18014398509481984 bytes");
}
