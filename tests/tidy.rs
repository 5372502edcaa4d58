//! The repository checks itself: layering, where unsafe code lives, tests that do not run, files that outgrew one thought.

use evanesce::compiler::pipeline;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Lines of the longest source file.
const LONGEST: usize = 800;

/// Files and folders of the libraries that may hold unsafe code, unless `ARCHITECTURE.md` lists them.
const UNSAFE: &[&str] = &[
    "compiler/src/jit.rs",
    "math/src/widen.rs",
    "runtime/src/blas/",
    "runtime/src/call.rs",
    "runtime/src/engine.rs",
    "runtime/src/executable.rs",
    "runtime/src/function.rs",
    "runtime/src/memory.rs",
    "runtime/src/order.rs",
    "runtime/src/small/",
];

/// Each crate, with the crates of ours it may depend on.
const LAYERS: &[(&str, &[&str])] = &[
    ("math", &[]),
    ("ir", &["evanesce-math"]),
    ("compiler", &["evanesce-ir"]),
    ("runtime", &["evanesce-ir", "evanesce-compiler"]),
    (".", &["evanesce-ir", "evanesce-compiler", "evanesce-runtime"]),
    ("cli", &["evanesce", "evanesce-ir", "evanesce-compiler", "evanesce-runtime"]),
];

/// Dependencies that one crate alone knows.
const CONFINED: &[(&str, &str)] = &[
    ("accelerate", "runtime"),
    ("blas", "runtime"),
    ("cranelift", "compiler"),
    ("faer", "runtime"),
    ("intel-mkl", "runtime"),
    ("lapack", "runtime"),
    ("netlib", "runtime"),
    ("openblas", "runtime"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the repository by their path from the root, but for what tools make.
fn files() -> Vec<(String, PathBuf)> {
    let (mut files, mut folders) = (Vec::new(), vec![root().to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().to_string();
            let made = name == "target" || name == "node_modules" || (name.starts_with('.') && name != ".ci");
            if path.is_dir() && !made {
                folders.push(path);
            } else if path.is_file() {
                let relative = path.strip_prefix(root()).expect("below the root").to_string_lossy().to_string();
                files.push((relative, path));
            }
        }
    }
    files.sort();
    assert!(files.len() > 50, "the repository was not found");
    files
}

/// The Rust files with their text.
fn sources() -> Vec<(String, String)> {
    let rust = files().into_iter().filter(|(name, _)| name.ends_with(".rs"));
    rust.map(|(name, path)| (name, std::fs::read_to_string(path).expect("a text file"))).collect()
}

/// The code of a line, without a comment at its end.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

/// What a manifest lists under `[dependencies]`.
fn dependencies(manifest: &str) -> Vec<String> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[dependencies]").skip(1);
    let lines = section.take_while(|line| !line.starts_with('[')).filter(|line| !line.trim().is_empty());
    lines.filter_map(|line| Some(line.split(['.', '=', ' ']).next()?.to_string())).collect()
}

#[test]
fn crates_depend_downwards_only() {
    for (folder, allowed) in LAYERS {
        let manifest = root().join(folder).join("Cargo.toml");
        let found = dependencies(&std::fs::read_to_string(&manifest).expect("a manifest"));
        assert!(*folder == "math" || !found.is_empty(), "{} has no dependencies", manifest.display());
        for name in &found {
            let ours = name.starts_with("evanesce");
            assert!(!ours || allowed.contains(&&**name), "{folder} must not depend on {name}");
            let home = CONFINED.iter().find(|(prefix, _)| name.starts_with(prefix));
            assert!(home.is_none_or(|(_, home)| home == folder), "{folder} must not know {name}");
        }
    }
}

/// The paths between backticks in the section of `ARCHITECTURE.md` whose heading speaks of unsafe code.
fn listed() -> Option<BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).ok()?;
    let heading = |line: &str| line.starts_with('#');
    let about = |line: &str| heading(line) && line.to_lowercase().contains("unsafe");
    let section: Vec<&str> =
        text.lines().skip_while(|line| !about(line)).skip(1).take_while(|line| !heading(line)).collect();
    let section = section.join("\n");
    let quoted = section.split('`').skip(1).step_by(2);
    let paths: BTreeSet<String> =
        quoted.filter(|word| word.ends_with(".rs") || word.ends_with('/')).map(String::from).collect();
    (!paths.is_empty()).then_some(paths)
}

#[test]
fn unsafe_code_lives_where_it_is_listed() {
    let allowed = listed().unwrap_or_else(|| UNSAFE.iter().map(|path| path.to_string()).collect());
    // Put together here, so that this file does not find itself.
    let marks = ["{", "fn ", "impl ", "extern "].map(|next| format!("{} {next}", "unsafe"));
    let mut used = BTreeSet::new();
    // Tests and examples call what the libraries declare unsafe; nobody depends on them.
    for (name, text) in sources().into_iter().filter(|(name, _)| name.contains("src/")) {
        if !text.lines().any(|line| marks.iter().any(|mark| code(line).contains(mark))) {
            continue;
        }
        match allowed.iter().find(|path| name == **path || (path.ends_with('/') && name.starts_with(&***path))) {
            Some(path) => drop(used.insert(path.clone())),
            None => panic!("{name} has unsafe code, but is not listed"),
        }
    }
    let idle: Vec<&String> = allowed.difference(&used).collect();
    assert!(idle.is_empty(), "listed for unsafe code, but without any: {idle:?}");
}

#[test]
fn every_test_runs_and_nothing_is_left_to_do() {
    let marks = [["#[", "ignore"], ["to", "do!("], ["unimple", "mented!("], ["db", "g!("]].map(|parts| parts.concat());
    for (name, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let found = marks.iter().find(|mark| code(line).contains(&***mark));
            assert!(found.is_none(), "{name}:{}: {}", number + 1, line.trim());
        }
    }
    let unreviewed: Vec<String> =
        files().into_iter().map(|(name, _)| name).filter(|n| n.ends_with(".snap.new")).collect();
    assert!(unreviewed.is_empty(), "snapshots to review: {unreviewed:?}");
}

#[test]
fn files_hold_one_thought() {
    for (name, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{name} has {lines} lines, more than {LONGEST}");
        let in_source = name.contains("src/") || name.starts_with("tests/");
        let says = text.starts_with("//!") || text.starts_with("#![doc");
        assert!(!in_source || says, "{name} does not begin by saying what it is");
    }
    if let Ok(text) = std::fs::read_to_string(root().join("ARCHITECTURE.md")) {
        assert!(text.lines().count() <= 150, "ARCHITECTURE.md is a page to read at once");
    }
}

#[test]
fn every_pass_is_a_file_in_the_pipeline() {
    let folder = root().join("compiler/src/passes");
    let names = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    let stems: BTreeSet<String> = names.filter_map(|p| Some(p.file_stem()?.to_string_lossy().to_string())).collect();
    let passes = pipeline::pass_names().into_iter().filter(|name| *name != pipeline::SCHEDULE);
    let expected: BTreeSet<String> = passes.map(String::from).chain([String::from("mod")]).collect();
    assert_eq!(stems, expected, "a pass without a file, or a file without a pass");
}
