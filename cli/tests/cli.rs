//! The command as a user meets it: files in, results on standard output, messages on standard error, exit codes.

use assert_cmd::Command;
use ndarray::{Array, Array1, Array2, ArrayD, Dimension, arr0, arr1, arr2};
use ndarray_npy::{WritableElement, read_npy, write_npy};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder in which the command runs.
struct Folder(TempDir);

/// What a run left behind.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn with(self, name: &str, content: impl AsRef<[u8]>) -> Folder {
        std::fs::write(self.path(name), content).unwrap();
        self
    }

    fn npy<A: WritableElement, D: Dimension>(self, name: &str, array: &Array<A, D>) -> Folder {
        write_npy(self.path(name), array).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_evanesce"));
        command.current_dir(self.0.path());
        command
    }

    /// Runs a line of words.
    fn run(&self, line: &str) -> Ran {
        self.run_on(line, "")
    }

    /// Runs a line of words with a text on standard input.
    fn run_on(&self, line: &str, stdin: &str) -> Ran {
        let output = self.command().args(line.split_whitespace()).write_stdin(stdin).output().unwrap();
        Ran {
            code: output.status.code().expect("an exit code, not a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// What a run that succeeds prints.
    #[track_caller]
    fn ok(&self, line: &str) -> String {
        let ran = self.run(line);
        assert_eq!((ran.code, &*ran.err), (0, ""), "{line}");
        ran.out
    }

    /// Checks exit code and message of a run that fails and prints no result.
    #[track_caller]
    fn fails(&self, line: &str, code: i32, message: &str) {
        let ran = self.run(line);
        assert_eq!((ran.code, &*ran.err, &*ran.out), (code, message, ""), "{line}");
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A step of a filter: an update, LAPACK, an integer, a truth value.
const STEP: &str = "\
# A step.
%x: f64[2] donated
%s: f64[2, 2]
%n: i64[3]
%g: f32[2, 3]
%w = constant [[1.0f32], [2.0f32], [4.0f32]]
%0 = linalg.solve %s, %x
%1 = matmul %g, %w
%2 = remainder %n, 3
%3 = greater %n, 0
return %0 -> %x, %1, %2, %3
";

fn step() -> Folder {
    Folder::new()
        .with("step.ir", STEP)
        .npy("x.npy", &arr1(&[1.0, 2.0]))
        .npy("s.npy", &arr2(&[[2.0, 0.0], [0.0, 4.0]]))
        .npy("n.npy", &arr1(&[-4i64, 0, 5]))
        .npy("g.npy", &arr2(&[[1.0f32, 0.0, 0.5], [0.25, 1.0, -1.0]]))
}

const STEP_INPUTS: &str = "--input x=x.npy --input s=s.npy --input n=n.npy --input g=g.npy";
const STEP_OUTPUTS: &str = "\
f64[2] [0.5, 0.5]
f32[2, 1] [[3.0f32], [-1.75f32]]
i64[3] [2, 0, 2]
bool[3] [false, false, true]
";

#[test]
fn every_engine_prints_the_results() {
    let folder = step();
    for engine in ["jit", "program", "graph"] {
        assert_eq!(folder.ok(&format!("run step.ir {STEP_INPUTS} --engine {engine}")), STEP_OUTPUTS, "{engine}");
    }
    assert_eq!(folder.ok(&format!("run step.ir {STEP_INPUTS} --relaxed --threads 2")), STEP_OUTPUTS);
    // Several after one flag.
    assert_eq!(folder.ok("run step.ir --input x=x.npy s=s.npy n=n.npy g=g.npy"), STEP_OUTPUTS);
    let ran = folder.run_on(&format!("run - {STEP_INPUTS}"), STEP);
    assert_eq!((ran.code, &*ran.out), (0, STEP_OUTPUTS));
}

#[test]
fn outputs_are_files_in_the_order_of_return() {
    let folder = step();
    for engine in ["jit", "program", "graph"] {
        let dir = format!("new/{engine}");
        assert_eq!(folder.ok(&format!("run step.ir {STEP_INPUTS} --engine {engine} --out-dir {dir}")), "");
        let file = |name: &str| folder.path(&format!("{dir}/{name}.npy"));
        assert_eq!(read_npy::<_, Array1<f64>>(file("0")).unwrap(), arr1(&[0.5, 0.5]));
        assert_eq!(read_npy::<_, Array2<f32>>(file("1")).unwrap(), arr2(&[[3.0], [-1.75]]));
        assert_eq!(read_npy::<_, Array1<i64>>(file("2")).unwrap(), arr1(&[2, 0, 2]));
        assert_eq!(read_npy::<_, Array1<bool>>(file("3")).unwrap(), arr1(&[false, false, true]));
        assert!(!file("4").exists());
    }
    // An update of an input changes no file.
    assert_eq!(read_npy::<_, Array1<f64>>(folder.path("x.npy")).unwrap(), arr1(&[1.0, 2.0]));
}

#[test]
fn arrays_come_in_either_order_and_any_rank() {
    let a = Array2::from_shape_fn((3, 4), |(i, j)| (4 * i + j) as f64);
    let text = "%a: f64[3, 4]\n%b: f64[4, 3]\n%c: f64[]\n%e: f64[0, 2]\n%t: bool[1, 1, 2, 1, 1]\n\
                %0 = matmul %a, %b\n%1 = add %0, %c\n%2 = sum %e, axis=0\n%3 = logical_not %t\nreturn %1, %2, %3, %a\n";
    let mut fortran = Array2::zeros((4, 3)).reversed_axes();
    fortran.assign(&a);
    let folder = Folder::new()
        .with("f.ir", text)
        .npy("a.npy", &a)
        .npy("af.npy", &fortran)
        .npy("b.npy", &a.t().as_standard_layout().into_owned())
        .npy("bf.npy", &a.t().to_owned())
        .npy("c.npy", &arr0(0.5))
        .npy("e.npy", &Array2::<f64>::zeros((0, 2)))
        .npy("t.npy", &ArrayD::from_shape_vec(vec![1, 1, 2, 1, 1], vec![true, false]).unwrap());
    for name in ["af.npy", "bf.npy"] {
        let bytes = std::fs::read(folder.path(name)).unwrap();
        assert!(String::from_utf8_lossy(&bytes).contains("'fortran_order': True"), "{name}");
    }
    let expected = "\
f64[3, 3] [[14.5, 38.5, 62.5], [38.5, 126.5, 214.5], [62.5, 214.5, 366.5]]
f64[2] [0.0, 0.0]
bool[1, 1, 2, 1, 1] [[[[[false]], [[true]]]]]
f64[3, 4] [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [8.0, 9.0, 10.0, 11.0]]
";
    for engine in ["jit", "program", "graph"] {
        for (a, b) in [("a", "b"), ("af", "b"), ("a", "bf"), ("af", "bf")] {
            let line = format!("run f.ir --input a={a}.npy b={b}.npy c=c.npy e=e.npy t=t.npy --engine {engine}");
            assert_eq!(folder.ok(&line), expected, "{line}");
        }
    }
    let text = folder.ok("run f.ir --input a=af.npy b=bf.npy c=c.npy e=e.npy t=t.npy --json");
    assert_eq!(json(&text)["optimised"]["copies"], 1, "only that of the output: {text}");
}

#[test]
fn big_endian_files_are_read() {
    let text = "%x: f64[2]\n%y = multiply %x, 2.0\nreturn %y\n";
    let folder = Folder::new().with("f.ir", text).npy("x.npy", &arr1(&[1.5, -2.0]));
    let mut bytes = std::fs::read(folder.path("x.npy")).unwrap();
    let at = bytes.windows(3).position(|w| w == b"<f8").unwrap();
    bytes[at] = b'>';
    let data = bytes.len() - 16;
    bytes[data..].chunks_exact_mut(8).for_each(<[u8]>::reverse);
    let folder = folder.with("x.npy", bytes);
    assert_eq!(folder.ok("run f.ir --input x=x.npy"), "f64[2] [3.0, -4.0]\n");
}

#[test]
fn threads_change_no_bit() {
    let text = "%x: f64[600, 700]\n%y = sin %x\n%z = sum %y, axis=1\nreturn %z\n";
    let x = Array2::from_shape_fn((600, 700), |(i, j)| (i * 31 + j * 17) as f64 * 0.01);
    let folder = Folder::new().with("f.ir", text).npy("x.npy", &x);
    let one = folder.ok("run f.ir --input x=x.npy");
    assert_eq!(folder.ok("run f.ir --input x=x.npy --threads 3"), one);
}

#[test]
fn run_json_says_what_a_steady_call_takes() {
    let folder = step();
    for (engine, allocates) in [("jit", false), ("program", true), ("graph", true)] {
        let text = folder.ok(&format!("run step.ir {STEP_INPUTS} --engine {engine} --json --out-dir out"));
        assert_eq!(text.lines().count(), 1);
        let object = json(&text);
        let names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = ["naive", "optimised", "compile_us", "passes", "run_us", "run_calls", "allocations"];
        assert_eq!(names, expected, "{engine}");
        assert!(object["run_us"].as_f64().unwrap() > 0.0);
        assert!((1..=101).contains(&object["run_calls"].as_u64().unwrap()));
        assert_eq!(object["allocations"].as_u64().unwrap() > 0, allocates, "{engine}: {text}");
        assert_eq!(object["optimised"]["calls"], serde_json::json!(["dgetrf", "dgetrs", "sgemv"]));
        // The files are of the first call.
        assert_eq!(read_npy::<_, Array1<f64>>(folder.path("out/0.npy")).unwrap(), arr1(&[0.5, 0.5]));
    }
}

#[test]
fn what_a_call_updates_is_restored_before_the_next() {
    // Ten calls without that would take the index out of bounds.
    let text = "%i: i64[1] donated\n%v: f64[3]\n%0 = take %v, %i\n%1 = add %i, 1\nreturn %1 -> %i, %0\n";
    let folder = Folder::new().with("f.ir", text).npy("i.npy", &arr1(&[0i64])).npy("v.npy", &arr1(&[1.0, 2.0, 3.0]));
    let program = folder.ok("opt f.ir");
    let folder = folder.with("p.ir", program);
    for file in ["f.ir", "p.ir"] {
        let object = json(&folder.ok(&format!("run {file} --input i=i.npy v=v.npy --json")));
        assert!(object["run_calls"].as_u64().unwrap() >= 10);
        assert_eq!(object["allocations"], 0);
    }
}

#[test]
fn opt_prints_the_optimised_program() {
    let graph = "%a: f64[3]\n%b: f64[3]\n%0 = multiply %a, %b\n%1 = sqrt %0\nreturn %1\n";
    let folder = Folder::new().with("chain.ir", graph);
    let expected = "\
program arena=0
$0: f64[3] input a
$1: f64[3] input b
$2: f64[3] output
kernel $2 <- $0, $1 [3] {
  t0 = load $0[i0]
  t1 = load $1[i0]
  t2 = multiply t0, t1
  t3 = sqrt t2
  store $2[i0], t3
}
return $2
";
    assert_eq!(folder.ok("opt chain.ir"), expected);
    assert_eq!(folder.ok("opt chain.ir --emit program"), expected);
    assert_eq!(folder.run_on("opt -", graph).out, expected);
    // Without fusing each node has a kernel, without placing a temporary has no place.
    assert_eq!(folder.ok("opt chain.ir --passes place,simplify").matches("kernel").count(), 2);
    assert_eq!(folder.ok("opt chain.ir --passes=").matches(" temp\n").count(), 1);
}

#[test]
fn opt_prints_every_stage() {
    let graph = "%x: f64[3]\n%0: f64[] = multiply 2.0, 3.0\n%1: f64[3] = add %x, %0\nreturn %1\n";
    let folder = Folder::new().with("f.ir", graph);
    let folded = "%x: f64[3]\n%0: f64[3] = add %x, 6.0\nreturn %0\n";
    let program = |arena: &str| {
        format!(
            "program{arena}\n$0: f64[3] input x\n$1: f64[3] output\nkernel $1 <- $0 [3] {{\n  t0 = load $0[i0]\n  \
             t1 = 6.0\n  t2 = add t0, t1\n  store $1[i0], t2\n}}\nreturn $1\n"
        )
    };
    let (scheduled, placed) = (program(""), program(" arena=0"));
    let expected = format!(
        "# graph\n{graph}\n# canonicalise (unchanged)\n\n# fold\n{folded}\n# simplify (unchanged)\n\n\
         # canonicalise (unchanged)\n\n# schedule\n{scheduled}\n# fuse (unchanged)\n\n# forward (unchanged)\n\n# operands (unchanged)\n\n# absorb (unchanged)\n\n# merge (unchanged)\n\n\
         # place\n{placed}\n"
    );
    assert_eq!(folder.ok("opt f.ir --print-after all"), expected);
    assert_eq!(folder.ok("opt f.ir --print-after fold"), folded);
    assert_eq!(folder.ok("opt f.ir --print-after canonicalise"), format!("{graph}\n{folded}"));
    assert_eq!(folder.ok("opt f.ir --print-after schedule"), scheduled);
    assert_eq!(folder.ok("opt f.ir --print-after fuse --passes fuse"), folder.ok("opt f.ir --passes fuse"));
    assert_eq!(folder.ok("opt f.ir --emit graph"), folded);
}

#[test]
fn opt_shows_machine_code_and_the_graph() {
    let folder = step();
    let clif = folder.ok("opt step.ir --emit clif");
    assert!(clif.contains("; step ") && clif.contains("function u0:"), "{clif}");
    assert!(folder.ok("opt step.ir --emit asm").contains("ret"));
    let text = "%a: f64[3, 2] donated\n%q, %r = linalg.qr %a\n%0 = add %q, 1.5\nreturn %0 -> %a, %r\n";
    let folder = folder.with("dot.ir", text);
    let expected = r#"digraph {
  node [shape=box, fontname=monospace]
  n0 [label="a donated\nf64[3, 2]", style=bold]
  n1 [label="linalg.qr\nf64[3, 2], f64[2, 2]"]
  n0 -> n1
  n2 [label="1.5\nf64[]", style=dashed]
  n3 [label="add\nf64[3, 2]"]
  n1 -> n3 [headlabel=0, taillabel=0]
  n2 -> n3 [headlabel=1]
  r0 [label="return 0 -> a", shape=plain]
  n3 -> r0
  r1 [label="return 1", shape=plain]
  n1 -> r1 [taillabel=1]
}
"#;
    assert_eq!(folder.ok("opt dot.ir --emit dot"), expected);
}

#[test]
fn opt_json_counts() {
    let text = "%a: f64[10]\n%b: f64[10]\n%c: f64[10]\n%0 = multiply %a, %a\n%1 = multiply %b, %b\n%2 = add %0, %1\n\
                %3 = sqrt %2\n%4 = multiply %3, 2.0\n%5 = subtract %4, %c\nreturn %5\n";
    let folder = Folder::new().with("f.ir", text);
    let object = json(&folder.ok("opt f.ir --json"));
    let counts = |kernels: usize, temporaries: usize, peak_bytes: usize| {
        serde_json::json!({
            "kernels": kernels, "calls": [], "copies": 0, "temporaries": temporaries,
            "temporary_bytes": 80 * temporaries, "peak_bytes": peak_bytes, "flops": 60,
        })
    };
    assert_eq!(object["naive"], counts(6, 5, 240));
    assert_eq!(object["optimised"], counts(1, 0, 0));
    let passes = object["passes"].as_object().unwrap();
    let names: Vec<&str> = passes.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "canonicalise",
            "fold",
            "simplify",
            "schedule",
            "fuse",
            "forward",
            "operands",
            "absorb",
            "merge",
            "place",
            "code"
        ]
    );
    let sum: f64 = passes.values().map(|us| us.as_f64().unwrap()).sum();
    let total = object["compile_us"].as_f64().unwrap();
    assert!((sum - total).abs() < 0.1 && total > 0.0, "{object}");
    // More than any u64 holds.
    let text = "%a: f64[33554432, 33554432]\n%0 = matmul %a, %a\n%1 = slice %0, [0, 0]\nreturn %1\n";
    let folder = folder.with("m.ir", text);
    let flops = &json(&folder.ok("opt m.ir --json"))["naive"]["flops"];
    assert_eq!(*flops, serde_json::json!((2u128 << 75).to_string()));
}

#[test]
fn fmt_prints_the_one_form() {
    let folder = Folder::new().with("f.ir", "# sum\n%x:f64[3]\n%y = sum   %x\nreturn %y");
    let expected = "%x: f64[3]\n%0: f64[] = sum %x, axis=0\nreturn %0\n";
    assert_eq!(folder.ok("fmt f.ir"), expected);
    folder.fails("fmt f.ir --check", 1, "f.ir is not as fmt prints it\n");
    let ran = folder.run_on("fmt -", expected);
    assert_eq!((ran.code, &*ran.out), (0, expected));
    let ran = folder.run_on("fmt - --check", expected);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (0, "", ""));
    let program = folder.ok("opt f.ir");
    assert_eq!(folder.run_on("fmt -", &program).out, program);
}

#[test]
fn ops_lists_the_tables() {
    let folder = Folder::new();
    let list = json(&folder.ok("ops --json"));
    let find = |name: &str| list.as_array().unwrap().iter().find(|op| op["name"] == name).unwrap().clone();
    assert_eq!(
        find("subtract"),
        serde_json::json!({
            "name": "subtract", "numpy": "numpy.subtract", "arity": 2, "dtypes": [
                "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "c64", "c128"
            ],
            "kind": "elementwise", "doc": "`x - y`.",
        })
    );
    assert_eq!((&find("concat")["arity"], &find("where")["arity"]), (&Value::Null, &3.into()));
    assert_eq!(find("linalg.solve")["dtypes"], serde_json::json!(["f32", "f64", "c64", "c128"]));
    let table = folder.ok("ops");
    assert_eq!(table.lines().count(), list.as_array().unwrap().len() + 1);
    let doc = table.lines().next().unwrap().find("doc").unwrap();
    assert!(table.lines().all(|line| line.as_bytes()[doc - 1] == b' ' && line.as_bytes()[doc] != b' '), "{table}");
}

#[test]
fn programs_run_at_every_stage() {
    let folder = step();
    for (i, passes) in
        ["", "fuse", "fuse,place", "fold,simplify,fuse,forward,operands,absorb,merge,place"].iter().enumerate()
    {
        let program = folder.ok(&format!("opt step.ir --passes={passes}"));
        std::fs::write(folder.path(&format!("{i}.ir")), &program).unwrap();
        assert_eq!(folder.ok(&format!("fmt {i}.ir")), program);
        for engine in ["jit", "program"] {
            let line = format!("run {i}.ir {STEP_INPUTS} --engine {engine}");
            assert_eq!(folder.ok(&line), STEP_OUTPUTS, "{line}\n{program}");
            let object = json(&folder.ok(&format!("{line} --json")));
            assert_eq!(object["naive"]["calls"], serde_json::json!(["dgetrf", "dgetrs", "sgemv"]));
            assert_eq!(object["allocations"].as_u64().unwrap() > 0, engine == "program", "{object}");
        }
    }
    folder.fails("run 0.ir --engine graph", 2, "error: 0.ir holds a program, --engine graph takes a graph\n");
    folder.fails("opt 0.ir", 2, "error: 0.ir holds a program, opt takes a graph\n");
}

#[test]
fn programs_say_the_strides_of_their_arrays() {
    let text = "program\n$0: f64[3] input x strides=[-2]\n$1: f64[2, 2] input y donated strides=[1, 3]\n\
                $2: f64[3] output strides=[4]\n\
                kernel $2 <- $0 [3] {\n  t0 = load $0[-2*i0]\n  store $2[4*i0], t0\n}\n\
                kernel $1 <- $1 [2, 2] {\n  t0 = load $1[i0 + 3*i1]\n  t1 = negative t0\n  store $1[i0 + 3*i1], t1\n}\n\
                return $1, $2\n";
    let overlap = "program\n$0: f64[3] input x strides=[0]\n$1: f64[3] output\n\
                   kernel $1 <- $0 [3] {\n  t0 = load $0[0]\n  store $1[i0], t0\n}\nreturn $1\n";
    let folder = Folder::new()
        .with("p.ir", text)
        .with("overlap.ir", overlap)
        .npy("x.npy", &arr1(&[1.0, 2.0, 3.0]))
        .npy("y.npy", &arr2(&[[1.0, 2.0], [3.0, 4.0]]));
    for engine in ["jit", "program"] {
        let out = folder.ok(&format!("run p.ir --input x=x.npy y=y.npy --engine {engine}"));
        assert_eq!(out, "f64[2, 2] [[-1.0, -2.0], [-3.0, -4.0]]\nf64[3] [1.0, 2.0, 3.0]\n");
    }
    let object = json(&folder.ok("run p.ir --input x=x.npy y=y.npy --json"));
    assert_eq!(object["allocations"], 0);
    folder.fails(
        "run overlap.ir --input x=x.npy",
        2,
        "error: elements overlap by the strides [0] of f64[3] input x strides=[0]: use --engine program\n",
    );
    assert_eq!(folder.ok("run overlap.ir --input x=x.npy --engine program"), "f64[3] [3.0, 3.0, 3.0]\n");
}

#[test]
fn a_mistake_in_a_file_is_shown_in_its_text() {
    let folder = Folder::new().with("sum.ir", "%x: f64[3]\n%y: f64[4]\n%0 = add %x, %y\nreturn %0\n");
    let message = "\
sum.ir:3:6: add: the shapes cannot be broadcast together
  operands: f64[3], f64[4]
  |
3 | %0 = add %x, %y
  |      ^^^
";
    for command in ["run", "opt", "fmt", "fmt --check", "opt --json", "run --engine graph"] {
        folder.fails(&format!("{command} sum.ir"), 2, message);
    }
    let ran = folder.run_on("fmt -", "%x: f64[3]\nretrun %x\n");
    let message = "\
<stdin>:2:1: expected a value such as `%x`, or `return`, found `retrun`
  |
2 | retrun %x
  | ^^^^^^
";
    assert_eq!((ran.code, &*ran.err), (2, message));
}

/// A text names functions of the program that wrote it, whose code the command does not have.
#[test]
fn functions_of_another_program_are_said_to_be_missing() {
    let graph = "%x: f64[3]\n%0: f64[3] = custom \"softplus\" %x\nreturn %0\n";
    let program = "program\n$0: f64[3] input x\n$1: f64[3] output\n\
                   call custom \"softplus\" $1[i0] <- $0[i0] stack=[3]\nreturn $1\n";
    let folder = Folder::new().with("graph.ir", graph).with("program.ir", program);
    let missing = "there is no function \"softplus\" here: it is Rust code of the program that wrote this text";
    for command in ["run", "opt", "fmt"] {
        let ran = folder.run(&format!("{command} graph.ir"));
        assert_eq!((ran.code, ran.err.lines().next()), (2, Some(&*format!("graph.ir:2:21: {missing}"))));
        let ran = folder.run(&format!("{command} program.ir"));
        assert_eq!((ran.code, ran.err.lines().next()), (2, Some(&*format!("program.ir:4:13: {missing}"))));
    }
}

#[test]
fn a_mistake_about_an_input_names_it() {
    let folder = Folder::new()
        .with("f.ir", "%x: f64[3]\n%y: f64[2, 2] # second\n%0 = sum %y\n%1 = multiply %0, %x\nreturn %1\n")
        .npy("x.npy", &arr1(&[1.0, 2.0, 3.0]))
        .npy("int.npy", &arr1(&[1i64, 2, 3]))
        .npy("i32.npy", &arr2(&[[1i32, 2], [3, 4]]))
        .npy("short.npy", &arr1(&[1.0, 2.0]))
        .with("no.npy", "hello, this is no array")
        .with("none.ir", "return 1.5\n")
        .with("p.ir", "program\n\n# buffers\n$0: f64[3] input x\nreturn\n");
    let x = |what: &str| format!("f.ir:1:1: the input x{what}\n  |\n1 | %x: f64[3]\n  | ^^\n");
    let y = |what: &str| format!("f.ir:2:1: the input y{what}\n  |\n2 | %y: f64[2, 2] # second\n  | ^^\n");
    folder.fails("run f.ir", 2, &x(" is missing: expected f64[3], found no --input x=FILE.npy"));
    let missing = " is missing: expected f64[2, 2], found no --input y=FILE.npy";
    folder.fails("run f.ir --input x=x.npy", 2, &y(missing));
    folder.fails("run f.ir --input x=x.npy --input x=x.npy", 2, &x(" is given twice"));
    folder.fails("run f.ir --input x=int.npy", 2, &x(": expected f64[3], found i64[3] in int.npy"));
    folder.fails("run f.ir --input x=short.npy", 2, &x(": expected f64[3], found f64[2] in short.npy"));
    let found = ": expected f64[2, 2], found i32[2, 2] in i32.npy";
    folder.fails("run f.ir --input x=x.npy y=i32.npy", 2, &y(found));
    let nowhere = ": expected f64[3], cannot read none.npy: No such file or directory (os error 2)";
    folder.fails("run f.ir --input x=none.npy", 2, &x(nowhere));
    let no_npy = ": expected f64[3], cannot read no.npy: it is no .npy file: it does not begin as one";
    folder.fails("run f.ir --input x=no.npy", 2, &x(no_npy));
    let inputs = "the inputs of f.ir are x: f64[3], y: f64[2, 2]";
    folder.fails("run f.ir --input z=x.npy", 2, &format!("error: there is no input z; {inputs}\n"));
    folder.fails("run f.ir --input x.npy", 2, "error: --input x.npy is not NAME=FILE.npy\n");
    folder.fails("run none.ir --input x=x.npy", 2, "error: there is no input x: none.ir has none\n");
    let missing = "the input x is missing: expected f64[3], found no --input x=FILE.npy";
    folder.fails("run p.ir", 2, &format!("p.ir:4:1: {missing}\n  |\n4 | $0: f64[3] input x\n  | ^^\n"));
}

#[test]
fn broken_arrays_are_errors() {
    let folder = Folder::new().with("f.ir", "%x: f64[3]\nreturn %x\n").npy("x.npy", &arr1(&[1.0, 2.0, 3.0]));
    let whole = std::fs::read(folder.path("x.npy")).unwrap();
    let wrong = |bytes: &[u8]| {
        std::fs::write(folder.path("w.npy"), bytes).unwrap();
        let ran = folder.run("run f.ir --input x=w.npy");
        assert_eq!((ran.code, &*ran.out), (2, ""), "{}", ran.err);
        let first = ran.err.lines().next().unwrap();
        first.strip_prefix("f.ir:1:1: the input x: expected f64[3], ").expect("the input is named").to_string()
    };
    for end in (0..whole.len()).step_by(7) {
        assert!(wrong(&whole[..end]).starts_with("cannot read w.npy: "));
    }
    assert_eq!(wrong(&whole[..whole.len() - 8]), "cannot read w.npy: it has less data than its header says");
    assert_eq!(wrong(&[&whole[..], &[0]].concat()), "cannot read w.npy: it has more data than its header says");
    let deep = [b"\x93NUMPY\x02\x00\x88\x13\x00\x00".to_vec(), vec![b'('; 5000]].concat();
    let nested = "cannot read w.npy: it is no .npy file: its header is not that of an array of numbers";
    assert_eq!(wrong(&deep), nested);
    let long = [b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(), vec![b'('; 5000]].concat();
    assert_eq!(wrong(&long), "cannot read w.npy: it is no .npy file: its header is too long");
    let text = String::from_utf8_lossy(&whole[10..]).replace("(3,)", "(9999999999999999,)");
    let header = text.split_inclusive('\n').next().unwrap();
    let huge = [&whole[..8], &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
    assert_eq!(wrong(&huge), "found f64[9999999999999999] in w.npy");
    // A byte that is no truth value.
    let bools = Folder::new().with("b.ir", "%b: bool[2]\nreturn %b\n").npy("b.npy", &arr1(&[true, false]));
    let mut bytes = std::fs::read(bools.path("b.npy")).unwrap();
    *bytes.last_mut().unwrap() = 2;
    let ran = bools.with("b.npy", bytes).run("run b.ir --input b=b.npy");
    assert_eq!((ran.code, &*ran.out), (2, ""), "{}", ran.err);
}

#[test]
fn failures_of_the_numbers_name_op_and_line() {
    let folder = Folder::new()
        .with("solve.ir", "%a: f64[2, 2]\n%b: f64[2]\n# a comment\n%0 = linalg.solve %a, %b\nreturn %0\n")
        .with("chol.ir", "%a: f64[2, 2]\n%0: f64[2, 2] = linalg.cholesky %a\nreturn %0\n")
        .with("take.ir", "%b: f64[2]\n%i: i64[1]\n%0 = take %b, %i\nreturn %0\n")
        .with("pow.ir", "%i: i64[1]\n%0 = subtract %i, 9\n%1 = pow %i, %0\nreturn %1\n")
        .npy("a.npy", &arr2(&[[1.0, 2.0], [2.0, 4.0]]))
        .npy("n.npy", &arr2(&[[1.0, 2.0], [2.0, 1.0]]))
        .npy("b.npy", &arr1(&[1.0, 2.0]))
        .npy("i.npy", &arr1(&[5i64]));
    for engine in ["jit", "program", "graph"] {
        let run = |line: &str| format!("run {line} --engine {engine}");
        folder.fails(
            &run("solve.ir --input a=a.npy b=b.npy"),
            1,
            "solve.ir:4:6: linalg.solve: the matrix is singular: pivot 2 is zero\n  |\n\
             4 | %0 = linalg.solve %a, %b\n  |      ^^^^^^^^^^^^\n",
        );
        folder.fails(
            &run("chol.ir --input a=n.npy"),
            1,
            "chol.ir:2:17: linalg.cholesky: the matrix is not positive definite: the leading minor of order 2 is not \
             positive\n  |\n2 | %0: f64[2, 2] = linalg.cholesky %a\n  |                 ^^^^^^^^^^^^^^^\n",
        );
        folder.fails(
            &run("take.ir --input b=b.npy i=i.npy"),
            1,
            "take.ir:3:6: take: index 5 is out of bounds for an axis of size 2\n  |\n3 | %0 = take %b, %i\n  |      ^^^^\n",
        );
        folder.fails(
            &run("pow.ir --input i=i.npy"),
            1,
            "pow.ir:3:6: power: integers to negative integer powers are not allowed\n  |\n\
             3 | %1 = pow %i, %0\n  |      ^^^\n",
        );
    }
}

#[test]
fn memory_that_is_not_there_is_an_error() {
    let out = "%0 = broadcast_to 1.5, shape=[1000000, 1000000, 10]\n%1 = exp %0\nreturn %1\n";
    let temp = "%0 = broadcast_to 1.5, shape=[1000000000, 1000000000]\n%1 = exp %0\n%2 = linalg.det %1\nreturn %2\n";
    // More than any address space holds at once.
    let sum = "%a = broadcast_to 1.5, shape=[3, 536870912, 536870912]\n%b = linalg.inv %a\n%c = linalg.inv %b\n\
               %d = linalg.inv %c\n%e = matmul %b, %c\n%f = matmul %e, %d\n%g = matmul %f, %b\n\
               %h = slice %g, [0, 0, 0]\nreturn %h\n";
    let folder = Folder::new().with("out.ir", out).with("temp.ir", temp).with("sum.ir", sum);
    for file in ["out", "temp", "sum"] {
        for engine in ["jit", "program", "graph"] {
            let ran = folder.run(&format!("run {file}.ir --engine {engine}"));
            assert_eq!((ran.code, &*ran.out), (1, ""), "{engine} {file}: {}", ran.err);
            assert!(ran.err.contains("cannot allocate "), "{}", ran.err);
        }
        folder.ok(&format!("opt {file}.ir"));
        folder.ok(&format!("opt {file}.ir --json"));
    }
}

#[test]
fn wrong_options_are_errors() {
    let folder = step();
    let no = |name: &str| {
        let passes = "canonicalise, fold, simplify, schedule, fuse, forward, operands, absorb, merge, place";
        format!("error: there is no pass {name:?}; the passes are {passes}\n")
    };
    folder.fails("opt step.ir --passes fold,vectorise", 2, &no("vectorise"));
    folder.fails("opt step.ir --print-after fuze", 2, &no("fuze"));
    let left_out = "error: the pass fuse does not run: --passes leaves it out\n";
    folder.fails("opt step.ir --passes fold --print-after fuse", 2, left_out);
    for line in [
        "",
        "no",
        "run",
        "opt step.ir --emit bytes",
        "opt step.ir --emit clif --json",
        "opt step.ir --print-after all --json",
        "run step.ir --engine gpu",
        "run step.ir --threads 0",
        "run step.ir --threads 100000",
        "run step.ir --threads x",
        "fmt",
        "ops more",
    ] {
        let ran = folder.run(line);
        assert_eq!((ran.code, &*ran.out), (2, ""), "{line}");
        assert!(!ran.err.is_empty());
    }
    assert!(folder.ok("--help").contains("  3  a bug in Evanesce"));
    assert!(folder.ok("run --help").contains("up to 101 calls"));
}

#[test]
fn hostile_files_are_errors() {
    let folder = Folder::new()
        .with("binary.ir", [b"%x: f64[3]\n%y = ".as_slice(), &[0xff, 0xfe, 0, 1, 2]].concat())
        .with("control.ir", "%x: f64[3]\x1b[31m\0\nreturn %x\n")
        .with("long.ir", "x".repeat(1_000_000))
        .with("late.ir", format!("%x: f64[3]{}!\nreturn %x\n", " ".repeat(100_000)))
        .with("deep.ir", format!("%y = constant {}", "[".repeat(500_000)))
        .with("empty.ir", "")
        .with("huge.ir", "%x: f64[99999999999999999999]\nreturn %x\n")
        .with("wide.ir", "%x: f64[1099511627776, 1099511627776]\nreturn %x\n");
    let message = "\
binary.ir:2:6: expected UTF-8 text, found the byte 0xff
  |
2 | %y = \u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}
  |      ^
";
    folder.fails("fmt binary.ir", 2, message);
    for file in ["binary", "control", "long", "late", "deep", "empty", "huge", "wide"] {
        for command in ["fmt", "opt", "run"] {
            let ran = folder.run(&format!("{command} {file}.ir"));
            assert_eq!((ran.code, &*ran.out), (2, ""), "{file}: {}", ran.err);
            assert!(ran.err.starts_with(&format!("{file}.ir:")) && ran.err.len() < 1000, "{}", ran.err);
            assert!(!ran.err.contains(['\x1b', '\0']), "{:?}", ran.err);
        }
    }
    assert!(folder.run("fmt late.ir").err.contains("\n1 | ...    "));
    for command in ["fmt", "opt", "run"] {
        folder.fails(&format!("{command} ."), 2, "error: cannot read .: Is a directory (os error 21)\n");
        let nowhere = "error: cannot read no.ir: No such file or directory (os error 2)\n";
        folder.fails(&format!("{command} no.ir"), 2, nowhere);
    }
}

#[test]
fn results_that_cannot_be_written_are_failures() {
    let folder = Folder::new().with("f.ir", "return 1.5\n").with("file", "");
    std::fs::create_dir_all(folder.path("dir/0.npy")).unwrap();
    folder.fails("run f.ir --out-dir file", 1, "error: cannot write file: File exists (os error 17)\n");
    folder.fails("run f.ir --out-dir file/in", 1, "error: cannot write file/in: Not a directory (os error 20)\n");
    folder.fails("run f.ir --out-dir dir", 1, "error: cannot write dir/0.npy: Is a directory (os error 21)\n");
    if Path::new("/dev/full").exists() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_evanesce"));
        let output = command.arg("ops").stdout(full).output().unwrap();
        let text = "error: cannot write the standard output: No space left on device (os error 28)\n";
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(1), text));
    }
}

#[test]
fn a_reader_that_stops_is_no_failure() {
    use std::process::{Command, Stdio};
    let mut command = Command::new(env!("CARGO_BIN_EXE_evanesce"));
    command.args(["fmt", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It prints only when its input ends, so nobody reads by then.
    drop(child.stdout.take());
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"return 1.5\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[cfg(unix)]
#[test]
fn paths_need_not_be_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new().npy("x.npy", &arr1(&[1.0]));
    let (file, array) = (OsStr::from_bytes(b"f\xff.ir"), OsStr::from_bytes(b"x\xfe=.npy"));
    std::fs::write(folder.0.path().join(file), "%x: f64[1]\nreturn %x\n").unwrap();
    std::fs::rename(folder.path("x.npy"), folder.0.path().join(array)).unwrap();
    let input =
        |input: &[u8]| folder.command().arg("run").arg(file).arg("--input").arg(OsStr::from_bytes(input)).assert();
    input(b"x=x\xfe=.npy").success().stdout("f64[1] [1.0]\n");
    input(b"\xfe=x.npy").code(2);
}
