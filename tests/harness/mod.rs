//! What a filetest is: a header in comments, a graph or a program, and runs of it.
//!
//! ```text
//! # test: schedule, fuse, place
//! # expect: kernels=1 buffers=1 copies=0
//! # A chain over a donated input is one kernel, in place.
//! %x: f64[1000] donated
//! %0 = exp %x
//! %1 = negative %0
//! return %1
//! # run: x = linspace(-1, 1)
//! ```
//! - `test:` names the stages that the snapshot shows: passes, `schedule`, `verify` (the file as it was read), or `all`.
//! - `expect:` gives counts of the final program; what is not written is not checked.
//! - `layout: x = [1, 3], 0 = [-1]` gives strides of inputs by name and of outputs by number.
//! - `run:` gives every input an array; every stage and every engine must compute the same.
//! - `verify: rule` stands in a file that breaks that rule of the verifier; the snapshot is the message.

#![allow(unreachable_pub, reason = "the modules of a test binary")]

pub mod inputs;

use crate::random::functions::functions;
use evanesce::Function;
use evanesce_compiler::pipeline::{self, Event, GRAPH_PASSES, PROGRAM_PASSES, SCHEDULE, Stage};
use evanesce_compiler::{Layouts, Options};
use evanesce_ir::graph::{Graph, Node};
use evanesce_ir::interp;
use evanesce_ir::parse::{self, File, ParseError, ParseErrorKind};
use evanesce_ir::program::{BufferKind, Program, Step};
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Strides, Type};
use evanesce_ir::verify::{self, Rule};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A way to compute the outputs of a graph.
pub type Engine = fn(&Graph, &[Tensor]) -> Result<Vec<Tensor>, String>;

/// Every engine with its name; the first one is the definition.
pub fn engines() -> Vec<(&'static str, Engine)> {
    vec![
        ("graph interpreter", |graph, inputs| interp::graph(graph, inputs).map_err(|e| e.to_string())),
        ("program interpreter", |graph, inputs| {
            let program = pipeline::run(graph, &options(), |_| {}).map_err(|bug| bug.to_string())?;
            interp::program(&program, inputs).map_err(|e| e.to_string())
        }),
        ("compiled code", |graph, inputs| {
            let options = evanesce::runtime::Options { pipeline: options(), ..Default::default() };
            let mut function = Function::from_graph(graph.clone(), &options).map_err(|e| e.to_string())?;
            function.apply(inputs.to_vec()).map_err(|e| e.to_string())
        }),
    ]
}

fn options() -> Options {
    Options { verify: true, ..Options::default() }
}

/// Every filetest, in order.
pub fn all() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("tests/filetests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "ir") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The text of a file.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the comments of a filetest ask for.
#[derive(Debug, Default)]
pub struct Header {
    pub test: Vec<String>,
    pub expect: Vec<(String, String)>,
    pub verify: Option<String>,
    pub layout: Vec<(String, String)>,
    pub run: Vec<String>,
    /// Lines that are in words.
    pub words: usize,
}

/// Reads the comments of a filetest.
pub fn header(source: &str) -> Result<Header, String> {
    let mut header = Header::default();
    for comment in source.lines().filter_map(|line| line.strip_prefix('#')) {
        let Some((key, value)) = comment.split_once(": ") else {
            header.words += 1;
            continue;
        };
        match key.trim() {
            "test" => header.test.extend(value.split(',').map(|name| name.trim().to_string())),
            "expect" => {
                for item in inputs::split(value, ' ') {
                    let (key, value) = item.split_once('=').ok_or(format!("expect: {item} is no key=value"))?;
                    header.expect.push((key.to_string(), value.to_string()));
                }
            }
            "verify" => header.verify = Some(value.trim().to_string()),
            "layout" => header.layout = inputs::assignments(value)?,
            "run" => header.run.push(value.trim().to_string()),
            _ => header.words += 1,
        }
    }
    let known = |name: &String| ["all", "verify"].contains(&&**name) || pipeline::pass_names().contains(&&**name);
    match header.test.iter().find(|name| !known(name)) {
        Some(name) => Err(format!("test: there is no stage {name}")),
        None if header.words == 0 => Err(String::from("no comment says what this file shows")),
        None => Ok(header),
    }
}

/// Runs a filetest and gives its snapshot.
pub fn run(path: &Path) -> Result<String, String> {
    let source = read(path);
    let header = header(&source)?;
    let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    if let Some(rule) = &header.verify {
        let error = parse::file_with(&source, functions()).err().ok_or("the file breaks no rule")?;
        return match broken_rule(&error) {
            Some(broken) if broken.name() == rule => Ok(error.render(&name, &source)),
            _ => Err(format!("not the rule {rule} is broken:\n{}", error.render(&name, &source))),
        };
    }
    let file = parse::file_with(&source, functions()).map_err(|error| error.render(&name, &source))?;
    let mut test = Test { header, shown: String::new(), previous: String::new() };
    match file {
        File::Graph(graph) => test.graph(&graph)?,
        File::Program(program) => test.program(program)?,
    }
    Ok(test.shown)
}

/// The rule of the verifier that a parse error stands for: the parser refuses at once what would break it.
pub fn broken_rule(error: &ParseError) -> Option<Rule> {
    match &error.kind {
        ParseErrorKind::Rule(violation) => Some(violation.rule),
        ParseErrorKind::Op(_) | ParseErrorKind::ResultType { .. } => Some(Rule::NodeTypes),
        ParseErrorKind::Duplicate(_) => Some(Rule::InputNames),
        _ => None,
    }
}

struct Test {
    header: Header,
    shown: String,
    previous: String,
}

impl Test {
    fn show(&mut self, stage: &str, text: String) {
        let wanted = |name: &String| name == stage || name == "all";
        if self.header.test.iter().any(wanted) {
            let body = if text == self.previous { "(unchanged)\n" } else { &text };
            write!(self.shown, "== {stage}\n{body}").expect("writing to a string");
        }
        self.previous = text;
    }

    fn graph(&mut self, graph: &Graph) -> Result<(), String> {
        let mut layouts = Layouts::default();
        layouts.inputs.resize(graph.inputs().count(), None);
        layouts.outputs.resize(graph.outputs.len(), None);
        for (name, strides) in &self.header.layout {
            let strides: Strides = inputs::integers(strides)?;
            let input = graph.inputs().position(|(_, input)| *input.name == **name);
            let slot = match (input, name.parse::<usize>()) {
                (Some(input), _) => layouts.inputs.get_mut(input),
                (None, Ok(output)) => layouts.outputs.get_mut(output),
                (None, Err(_)) => None,
            };
            *slot.ok_or(format!("layout: there is no {name}"))? = Some(strides);
        }
        let mut stages: Vec<(String, Compute)> = Vec::new();
        reads_back_graph("the file", graph)?;
        self.show("verify", graph.to_string());
        let mut problem = Ok(());
        let options = Options { layouts: layouts.clone(), ..options() };
        let program = pipeline::run(graph, &options, |Event { pass, stage, .. }| {
            let checked = match stage {
                Stage::Graph(graph) => reads_back_graph(pass, graph),
                Stage::Program(program) => reads_back_program(pass, program),
            };
            problem = std::mem::replace(&mut problem, Ok(())).and(checked);
            let (text, compute) = match stage {
                Stage::Graph(graph) => (graph.to_string(), Compute::Graph(graph.clone())),
                Stage::Program(program) => (program.to_string(), Compute::Program(program.clone())),
            };
            self.show(pass, text);
            stages.push((pass.to_string(), compute));
        });
        problem?;
        let program = program.map_err(|bug| bug.to_string())?;
        self.counts(&program)?;
        let linalg = |id| matches!(graph.node(id), Node::Linalg { .. });
        let loose = graph.node_ids().any(linalg);
        let names: Vec<_> = graph.inputs().map(|(_, input)| (input.name.to_string(), input.ty.clone())).collect();
        for run in self.header.run.clone() {
            let inputs = inputs::tensors(&run, &names)?;
            let mut results: Vec<(String, Result<Vec<Tensor>, String>)> = Vec::new();
            for (name, engine) in engines() {
                results.push((name.to_string(), engine(graph, &inputs)));
            }
            for (pass, stage) in &stages {
                results.push((format!("the interpreter after {pass}"), stage.run(&inputs)));
            }
            self.results(&run, results, loose)?;
        }
        Ok(())
    }

    fn program(&mut self, program: Program) -> Result<(), String> {
        reads_back_program("the file", &program)?;
        self.show("verify", program.to_string());
        let mut stages = vec![program];
        // Only the passes that the file names: it begins in the middle of the pipeline.
        for pass in PROGRAM_PASSES {
            let named = |name: &String| name == pass.name || name == "all";
            if !self.header.test.iter().any(named) {
                continue;
            }
            let program = (pass.run)(stages.last().expect("a program").clone());
            verify::program(&program).map_err(|violation| format!("after {}: {violation}\n{program}", pass.name))?;
            reads_back_program(pass.name, &program)?;
            self.show(pass.name, program.to_string());
            stages.push(program);
        }
        let last = stages.last().expect("a program");
        self.counts(last)?;
        let inputs = |program: &Program| {
            program.inputs().map(|(id, name)| (name.to_string(), program.buffer(id).ty.clone())).collect::<Vec<_>>()
        };
        let names = inputs(last);
        for run in self.header.run.clone() {
            let inputs = inputs::tensors(&run, &names)?;
            let result = |program: &Program| interp::program(program, &inputs).map_err(|e| e.to_string());
            let results = stages.iter().enumerate().map(|(i, program)| (format!("stage {i}"), result(program)));
            self.results(&run, results.collect(), false)?;
        }
        Ok(())
    }

    /// Shows what the program costs and compares it with what the header expects.
    fn counts(&mut self, program: &Program) -> Result<(), String> {
        let counts = program.counts();
        let values = [
            ("kernels", counts.kernels.to_string()),
            ("calls", format!("[{}]", counts.calls.join(", "))),
            ("copies", counts.copies.to_string()),
            ("temporaries", counts.temporaries.to_string()),
            ("buffers", program.buffers.len().to_string()),
            ("peak_bytes", counts.peak_bytes.to_string()),
            ("flops", counts.flops.to_string()),
        ];
        for (key, expected) in &self.header.expect {
            match values.iter().find(|(name, _)| name == key) {
                Some((_, found)) if found == expected => {}
                Some((_, found)) => return Err(format!("expected {key}={expected}, found {key}={found}\n{program}")),
                None => return Err(format!("expect: there is no count {key}")),
            }
        }
        let line: Vec<String> = values.iter().map(|(key, value)| format!("{key}={value}")).collect();
        writeln!(self.shown, "== counts\n{}", line.join(" ")).expect("writing to a string");
        Ok(())
    }

    /// Shows the first result, and compares the others with it.
    fn results(
        &mut self,
        run: &str,
        results: Vec<(String, Result<Vec<Tensor>, String>)>,
        loose: bool,
    ) -> Result<(), String> {
        // The place of a failing op is not the same in all engines; what failed and why is.
        let first_line = |error: &String| error.lines().next().unwrap_or_default().to_string();
        let (_, expected) = &results[0];
        for (name, found) in &results[1..] {
            let agrees = match (expected, found) {
                (Ok(expected), Ok(found)) => {
                    let tolerance = |x: &Tensor| match (loose, x.dtype()) {
                        (false, _) => 0.0,
                        (true, DType::F32 | DType::C64) => 1e-3,
                        (true, _) => 1e-9,
                    };
                    let same = |(x, y): (&Tensor, &Tensor)| crate::random::same(x, y, tolerance(x));
                    expected.len() == found.len() && expected.iter().zip(found).all(same)
                }
                (Err(expected), Err(found)) => first_line(expected) == first_line(found),
                _ => false,
            };
            if !agrees {
                return Err(format!("run: {run}\nexpected {expected:?}\nfound    {found:?}\nby {name}"));
            }
        }
        let text = match expected {
            Ok(tensors) => tensors.iter().map(|tensor| inputs::shown(tensor) + "\n").collect(),
            Err(error) => first_line(error) + "\n",
        };
        write!(self.shown, "== run {run}\n{text}").expect("writing to a string");
        Ok(())
    }
}

/// A stage that can be run.
enum Compute {
    Graph(Graph),
    Program(Program),
}

impl Compute {
    fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>, String> {
        match self {
            Compute::Graph(graph) => interp::graph(graph, inputs).map_err(|e| e.to_string()),
            Compute::Program(program) => interp::program(program, inputs).map_err(|e| e.to_string()),
        }
    }
}

/// Checks that a graph's text gives the graph back.
pub fn reads_back_graph(stage: &str, graph: &Graph) -> Result<(), String> {
    let text = graph.to_string();
    match parse::graph_with(&text, functions()) {
        Ok(read) if read == *graph => Ok(()),
        Ok(read) => Err(format!("after {stage}: the text of\n{text}\nreads back as\n{read}")),
        Err(error) => Err(format!("after {stage}: {}", error.render("the text", &text))),
    }
}

/// Checks that a program's text gives the program back, but for the places of ops.
pub fn reads_back_program(stage: &str, program: &Program) -> Result<(), String> {
    let text = program.to_string();
    match parse::program_with(&text, functions()) {
        Ok(read) if read.clone().without_locs() == program.clone().without_locs() => Ok(()),
        Ok(read) => Err(format!("after {stage}: the text of\n{text}\nreads back as\n{read}")),
        Err(error) => Err(format!("after {stage}: {}", error.render("the text", &text))),
    }
}

/// Runs one pass, by name, on a text; the text of the result.
pub fn run_pass(name: &str, before: &str) -> Result<String, String> {
    let read = |error: ParseError| error.render(name, before);
    if let Some(pass) = GRAPH_PASSES.iter().find(|pass| pass.name == name) {
        let graph = (pass.run)(&parse::graph(before).map_err(read)?);
        verify::graph(&graph).map_err(|violation| violation.to_string())?;
        return Ok(graph.to_string());
    }
    if let Some(pass) = PROGRAM_PASSES.iter().find(|pass| pass.name == name) {
        let program = (pass.run)(parse::program(before).map_err(read)?);
        verify::program(&program).map_err(|violation| violation.to_string())?;
        return Ok(program.to_string());
    }
    if name == SCHEDULE {
        let graph = parse::graph(before).map_err(read)?;
        return Ok(pipeline::naive(&graph, &options()).to_string());
    }
    Err(format!("there is no pass {name}"))
}

/// Panics when two programs of the same inputs compute different results; whether they could be compared: programs that are
/// too large, or read what they never wrote, cannot.
pub fn same_meaning(before: &Program, after: &Program) -> bool {
    let small = |program: &Program| {
        let reach = program.buffers.iter().filter_map(|b| b.range()).map(|(low, high)| high.saturating_sub(low));
        let elements = reach.fold(program.arena.unwrap_or(0) as isize, isize::saturating_add);
        let iterations = program.steps.iter().map(|step| match step {
            Step::Kernel(kernel) => kernel.len(),
            Step::Call(_) | Step::Custom(_) | Step::Scatter(_) => 0,
        });
        elements < 20_000 && iterations.fold(0, usize::saturating_add) < 5_000 && program.counts().flops < 100_000
    };
    // Temporaries apart from each other: what is read and was not written shows.
    let mut apart = Program { arena: None, ..before.clone() };
    apart.buffers.iter_mut().filter(|b| b.is_temp()).for_each(|b| b.kind = BufferKind::Temp(None));
    if !small(before) {
        return false;
    }
    let ones = |ty: &Type| (0..ty.len()).map(|i| Scalar::F64(1.0 / (i + 1) as f64).cast(ty.dtype)).collect::<Vec<_>>();
    let types = before.inputs().map(|(id, _)| &before.buffer(id).ty);
    let inputs: Vec<Tensor> = types.map(|ty| Tensor::from_scalars(ty, ones(ty))).collect();
    let expected = match interp::program(&apart, &inputs) {
        Err(interp::Failure::Bug(_)) => return false,
        other => other,
    };
    match (&expected, &interp::program(after, &inputs)) {
        (Ok(x), Ok(y)) if x.iter().zip(y).all(|(x, y)| crate::random::same(x, y, 1e-9)) => {}
        (Err(_), Err(interp::Failure::Run(_))) => {}
        (expected, found) => panic!("{expected:?} became {found:?}\n{before}\n{after}"),
    }
    true
}
