//! Chooses the backend of linear algebra among the features, and says what to install when its library is missing, before the
//! linker says only `-lopenblas`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The libraries by falling preference: one that was asked for before the default. Only the chosen one is linked in; `faer`
/// runs what no library does.
const LIBRARIES: [&str; 5] = ["intel-mkl", "accelerate", "netlib", "openblas-static", "openblas-system"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=LIBRARY_PATH");
    println!("cargo:rerun-if-env-changed=RUSTFLAGS");
    println!("cargo:rustc-check-cfg=cfg(library, values(none(), \"{}\"))", LIBRARIES.join("\", \""));
    let on = |name: &str| !var(&format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"))).is_empty();
    let here = |name: &str| name != "accelerate" || var("CARGO_CFG_TARGET_VENDOR") == "apple";
    let Some(library) = LIBRARIES.into_iter().find(|name| on(name) && here(name)) else { return };
    println!("cargo:rustc-cfg=library");
    println!("cargo:rustc-cfg=library=\"{library}\"");
    let (files, packages): (&[&str], _) = match library {
        "openblas-system" => (
            &["openblas"],
            "OpenBLAS was not found, and linking will fail without it. \
             Debian, Ubuntu: apt-get install libopenblas-dev pkg-config; Fedora: dnf install openblas-devel; \
             Arch: pacman -S openblas; macOS: brew install openblas libomp; Windows: vcpkg install openblas",
        ),
        "netlib" => (
            &["blas", "lapack", "gfortran"],
            "BLAS, LAPACK or libgfortran was not found, and linking will fail without them. \
             Debian, Ubuntu: apt-get install liblapack-dev libblas-dev gfortran; Fedora: dnf install lapack-devel blas-devel \
             gcc-gfortran; Arch: pacman -S lapack blas gcc-fortran; macOS: brew install lapack gcc; \
             Windows: vcpkg install lapack-reference",
        ),
        _ => return,
    };
    if missing(files) {
        println!("cargo:warning={packages}. Without a library: --no-default-features --features faer.");
    }
}

fn var(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Only if it is neither known to pkg-config nor in any usual place. Silent where that says nothing:
/// on Windows, across targets, with linker flags from outside.
fn missing(files: &[&str]) -> bool {
    let foreign = var("HOST") != var("TARGET") || var("CARGO_CFG_WINDOWS") == "1" || cfg!(windows);
    if foreign || var("CARGO_ENCODED_RUSTFLAGS").contains("-L") {
        return false;
    }
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
    let places = usual.iter().map(PathBuf::from).chain([arch.into()]).chain(std::env::split_paths(&extra));
    let places: Vec<_> = places.collect();
    files.iter().any(|file| !known(file) && !places.iter().any(|place| holds(place, file)))
}

/// Whether pkg-config knows it.
fn known(name: &str) -> bool {
    Command::new("pkg-config").args(["--exists", name]).status().is_ok_and(|status| status.success())
}

fn holds(place: &Path, name: &str) -> bool {
    ["so", "a", "dylib"].iter().any(|end| place.join(format!("lib{name}.{end}")).exists())
}
