//! Says what to install when OpenBLAS is missing, before the linker says only `-lopenblas`.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LIBRARY_PATH");
    println!("cargo:rerun-if-env-changed=RUSTFLAGS");
    if missing() {
        println!(
            "cargo:warning=OpenBLAS was not found, and linking will fail without it. \
             Debian, Ubuntu: apt-get install libopenblas-dev pkg-config; Fedora: dnf install openblas-devel; \
             Arch: pacman -S openblas; macOS: brew install openblas."
        );
    }
}

/// Only if it is neither known to pkg-config nor in any usual place. Silent where that says nothing:
/// on Windows, across targets, with linker flags from outside.
fn missing() -> bool {
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let foreign = var("HOST") != var("TARGET") || var("CARGO_CFG_WINDOWS") == "1" || cfg!(windows);
    if foreign || var("CARGO_ENCODED_RUSTFLAGS").contains("-L") {
        return false;
    }
    let known = Command::new("pkg-config").args(["--exists", "openblas"]).status().is_ok_and(|status| status.success());
    let usual = [
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
        "/usr/local/lib64",
        "/lib",
        "/opt/homebrew/opt/openblas/lib",
        "/usr/local/opt/openblas/lib",
        "/opt/local/lib",
    ];
    let arch = format!("/usr/lib/{}-linux-gnu", var("CARGO_CFG_TARGET_ARCH"));
    let extra = var("LIBRARY_PATH");
    let mut places = usual.iter().map(PathBuf::from).chain([arch.into()]).chain(std::env::split_paths(&extra));
    !known && !places.any(|place| holds_openblas(&place))
}

fn holds_openblas(place: &Path) -> bool {
    ["libopenblas.so", "libopenblas.a", "libopenblas.dylib"].iter().any(|name| place.join(name).exists())
}
