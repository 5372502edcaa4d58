//! Every `.ir` file below `tests/filetests`: its stages against the snapshot beside it, its counts, its runs on every
//! engine. `INSTA_UPDATE=always cargo nextest run --test filetests` accepts new snapshots; read them like code.

#[path = "common/random.rs"]
mod random;

mod harness;

use evanesce_compiler::pipeline;
use evanesce_ir::parse::{self, File};
use evanesce_ir::program::{Step, Stmt, Value, walk};
use evanesce_ir::verify::Rule;
use evanesce_ir::{ops, verify};
use random::functions::functions;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::path::Path;

/// Runs every file of a folder; all failures are told, not just the first.
fn area(name: &str) {
    let folder = harness::root().join("tests/filetests").join(name);
    let files: Vec<_> = harness::all().into_iter().filter(|path| path.starts_with(&folder)).collect();
    assert!(!files.is_empty(), "there are no filetests in {}", folder.display());
    let failures: Vec<String> = files.iter().filter_map(|path| check(path).err()).collect();
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), files.len(), failures.join("\n\n"));
}

fn check(path: &Path) -> Result<(), String> {
    let shown = harness::run(path).map_err(|problem| format!("{}: {problem}", path.display()))?;
    let (folder, name) = (path.parent().expect("a folder"), path.file_stem().expect("a name").to_string_lossy());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let compared =
        std::panic::catch_unwind(AssertUnwindSafe(|| settings.bind(|| insta::assert_snapshot!(&*name, shown))));
    compared.map_err(|_| format!("{}: the snapshot differs", path.display()))
}

macro_rules! areas {
    ($($name:ident),*) => {
        const AREAS: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { area(stringify!($name)); })*
    };
}

areas!(custom, linalg, ops, passes, programs, structure, verifier);

#[test]
fn every_file_is_in_an_area() {
    for path in harness::all() {
        let inside = path.strip_prefix(harness::root().join("tests/filetests")).expect("a filetest");
        let area = inside.components().next().map(|c| c.as_os_str().to_string_lossy().to_string());
        assert!(area.is_some_and(|area| AREAS.contains(&&*area)), "{} is in no area", path.display());
        assert!(path.with_extension("snap").exists(), "{} has no snapshot", path.display());
    }
}

/// A snapshot whose file is gone shows nothing.
#[test]
fn every_snapshot_has_its_file() {
    for path in harness::all() {
        let folder = path.parent().expect("a folder");
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let other = entry.expect("an entry").path();
            let known = other.extension().is_some_and(|e| e == "ir" || e == "snap");
            assert!(known && other.with_extension("ir").exists(), "{} belongs to no filetest", other.display());
        }
    }
}

#[test]
fn every_rule_of_the_verifier_is_broken_by_a_file() {
    let mut broken: HashSet<String> = HashSet::new();
    for path in harness::all() {
        broken.extend(harness::header(&harness::read(&path)).expect("a header").verify);
    }
    for rule in Rule::ALL {
        assert!(broken.contains(rule.name()), "no filetest breaks the rule {}", rule.name());
    }
}

#[test]
fn every_pass_has_a_file() {
    let mut shown: HashSet<String> = HashSet::new();
    for path in harness::all() {
        shown.extend(harness::header(&harness::read(&path)).expect("a header").test);
    }
    for pass in pipeline::pass_names() {
        assert!(shown.contains(pass), "no filetest shows the pass {pass}");
    }
}

#[test]
fn every_op_is_in_a_file_with_a_run() {
    let mut seen: HashSet<&'static str> = HashSet::new();
    for path in harness::all() {
        let source = harness::read(&path);
        let runs = !harness::header(&source).expect("a header").run.is_empty();
        match parse::file_with(&source, functions()) {
            Ok(File::Graph(graph)) if runs => {
                seen.extend(graph.node_ids().map(|id| graph.node(id).name()));
                // What is made of others is no node of the graph.
                let names = ops::COMPOSED.iter().map(|row| row.0);
                seen.extend(names.filter(|name| source.contains(&format!("= {name} "))));
            }
            _ => {}
        }
    }
    let missing: Vec<&str> = ops::all().iter().map(|op| op.name).filter(|name| !seen.contains(name)).collect();
    assert!(missing.is_empty(), "no filetest runs {missing:?}");
}

/// Each form of statement, and each reason to copy, is in some snapshot of a program.
#[test]
fn every_construct_of_a_program_is_in_a_file() {
    let mut seen: HashSet<&'static str> = HashSet::new();
    for path in harness::all() {
        let program = match parse::file_with(&harness::read(&path), functions()) {
            Ok(File::Graph(graph)) => pipeline::run(&graph, &Default::default(), |_| {}).expect("no bug"),
            Ok(File::Program(program)) => program,
            Err(_) => continue,
        };
        for step in &program.steps {
            match step {
                Step::Call(_) => drop(seen.insert("call")),
                Step::Custom(_) => drop(seen.insert("custom")),
                Step::Scatter(_) => drop(seen.insert("scatter")),
                Step::Kernel(kernel) => {
                    seen.extend(kernel.copy.map(|reason| reason.name()));
                    walk(&kernel.body, 0, &mut |stmt, _| {
                        seen.insert(match stmt {
                            Stmt::Let { value: Value::Constant(_), .. } => "literal",
                            Stmt::Let { value: Value::Load { .. }, .. } => "load",
                            Stmt::Let { value: Value::Gather { .. }, .. } => "gather",
                            Stmt::Let { value: Value::Elementwise { .. }, .. } => "op",
                            Stmt::Let { value: Value::Cast { .. }, .. } => "astype",
                            Stmt::Let { value: Value::Scan { .. }, .. } => "accumulate",
                            Stmt::Reduce { .. } => "reduce",
                            Stmt::Store { .. } => "store",
                        });
                    });
                }
            }
        }
    }
    let all =
        ["call", "custom", "scatter", "literal", "load", "gather", "op", "astype", "accumulate", "reduce", "store"];
    let reasons = evanesce_ir::program::CopyReason::ALL.map(|(_, name)| name);
    let missing: Vec<_> = all.iter().chain(&reasons).filter(|name| !seen.contains(**name)).collect();
    assert!(missing.is_empty(), "no filetest has {missing:?}");
}

/// The module doc of every pass opens with a text and what the pass makes of it.
#[test]
fn documentation_of_passes_shows_what_they_do() {
    for pass in pipeline::pass_names().into_iter().filter(|name| *name != pipeline::SCHEDULE) {
        let path = harness::root().join(format!("compiler/src/passes/{pass}.rs"));
        let source = harness::read(&path);
        let doc: String = source
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
            .collect();
        let blocks: Vec<&str> = doc.split("```ir\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        let [before, after] = blocks[..] else { panic!("{pass}: {} texts, not two", blocks.len()) };
        let found = harness::run_pass(pass, before).unwrap_or_else(|problem| panic!("{pass}: {problem}"));
        assert!(found == after, "{pass}: the doc says\n{after}\nthe pass makes\n{found}");
    }
}

/// What passes make of random graphs reads back, too.
#[test]
fn stages_of_random_graphs_read_back() {
    for seed in 0..400 {
        let graph = random::case(seed).graph;
        let options = evanesce_compiler::Options { verify: false, ..Default::default() };
        let done = pipeline::run(&graph, &options, |event| {
            let read = match event.stage {
                pipeline::Stage::Graph(graph) => harness::reads_back_graph(event.pass, graph),
                pipeline::Stage::Program(program) => harness::reads_back_program(event.pass, program),
            };
            read.unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
        });
        assert!(done.is_ok(), "seed {seed}");
    }
}

/// Cut off or overwritten, a file is read or refused, and what is read holds what the verifier demands.
#[test]
fn broken_files_never_panic() {
    let corpus: Vec<String> = harness::all().iter().map(|path| harness::read(path)).collect();
    let mut rng = random::Rng::new(11);
    for text in &corpus {
        let cut =
            (0..text.len()).step_by(7).filter(|&end| text.is_char_boundary(end)).map(|end| text[..end].to_string());
        let mutated: Vec<String> = (0..30).map(|_| random::mutate(&mut rng, text, &corpus)).collect();
        for broken in cut.chain(mutated) {
            match parse::file_with(&broken, functions()) {
                Ok(File::Graph(graph)) => assert!(verify::graph(&graph).is_ok(), "{broken}"),
                Ok(File::Program(program)) => assert!(verify::program(&program).is_ok(), "{broken}"),
                Err(error) => assert!(error.line >= 1 && error.column >= 1, "{broken}"),
            }
        }
    }
}

/// Programs that nobody scheduled, made by changing numbers in those of the filetests: passes keep what they mean, too.
#[test]
fn passes_keep_the_meaning_of_strange_programs() {
    let mut corpus: Vec<String> = Vec::new();
    for path in harness::all() {
        match parse::file_with(&harness::read(&path), functions()) {
            Ok(File::Graph(graph)) => {
                let done = pipeline::run(&graph, &Default::default(), |event| match event.stage {
                    pipeline::Stage::Program(program) => corpus.push(program.to_string()),
                    pipeline::Stage::Graph(_) => {}
                });
                assert!(done.is_ok(), "{}", path.display());
            }
            Ok(File::Program(program)) => corpus.push(program.to_string()),
            Err(_) => {}
        }
    }
    corpus.retain(|text| text.len() < 4000);
    let mut rng = random::Rng::new(3);
    let (mut tried, mut compared) = (0, 0);
    while tried < 6000 {
        let text = &corpus[rng.below(corpus.len())];
        let Ok(program) = parse::program_with(&random::renumber(&mut rng, text), functions()) else { continue };
        tried += 1;
        let mut passed = program.clone();
        for pass in pipeline::PROGRAM_PASSES {
            let before = passed.clone();
            passed = (pass.run)(passed);
            verify::program(&passed).unwrap_or_else(|v| panic!("after {}: {v}\n{before}\n{passed}", pass.name));
        }
        compared += usize::from(harness::same_meaning(&program, &passed));
    }
    assert!(compared > 1000, "only {compared} programs were compared");
}
