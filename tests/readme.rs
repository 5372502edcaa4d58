//! The README's program is an example, and what it is said to print is what it prints.

use std::path::Path;
use std::process::Command;

/// The text between a fence of this language and the next fence.
fn block<'a>(text: &'a str, language: &str) -> &'a str {
    let start = text.find(&format!("```{language}\n")).expect("the fence") + language.len() + 4;
    let len = text[start..].find("```").expect("the end of the fence");
    &text[start..start + len]
}

#[test]
fn the_front_page_is_an_example() {
    let readme = include_str!("../README.md");
    assert_eq!(block(readme, "rust"), include_str!("../examples/first.rs"));

    // Cargo builds the examples before it runs the tests, two folders up from here.
    let tests = std::env::current_exe().expect("a path");
    let built = tests.ancestors().nth(2).expect("a target folder").join("examples");
    let name = Path::new("first").with_extension(std::env::consts::EXE_EXTENSION);
    let output = Command::new(built.join(name)).output().expect("the example runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), block(readme, "text"));
}
