//! `--input NAME=FILE.npy`: every input of the file once, of its type.

use crate::failure::Failure;
use crate::npy::{self, Mismatch};
use crate::source::{Source, Wanted};
use evanesce_ir::tensor::Tensor;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The arrays of the inputs, in their order.
pub(crate) fn read(source: &Source, wanted: &[Wanted], given: &[OsString]) -> Result<Vec<Tensor>, Failure> {
    let mut paths: Vec<Option<&OsStr>> = vec![None; wanted.len()];
    for text in given {
        let Some((name, path)) = split(text) else {
            return Err(Failure::user(format!("--input {} is not NAME=FILE.npy", text.display())));
        };
        let Some(at) = wanted.iter().position(|input| *name == *input.name) else {
            let names: Vec<String> = wanted.iter().map(|input| format!("{}: {}", input.name, input.ty)).collect();
            let (name, file) = (name.display(), &source.name);
            return Err(Failure::user(match names.is_empty() {
                true => format!("there is no input {name}: {file} has none"),
                false => format!("there is no input {name}; the inputs of {file} are {}", names.join(", ")),
            }));
        };
        if paths[at].replace(path).is_some() {
            return Err(source.at_input(&wanted[at], &format!("the input {} is given twice", wanted[at].name)));
        }
    }
    let arrays = wanted.iter().zip(paths).map(|(input, path)| {
        let Wanted { name, ty, .. } = input;
        let Some(path) = path.map(Path::new) else {
            let message = format!("the input {name} is missing: expected {ty}, found no --input {name}=FILE.npy");
            return Err(source.at_input(input, &message));
        };
        let file = path.display();
        npy::read(path, ty).map_err(|mismatch| match mismatch {
            Mismatch::Found(found) => {
                source.at_input(input, &format!("the input {name}: expected {ty}, found {found} in {file}"))
            }
            Mismatch::File(what) => {
                source.at_input(input, &format!("the input {name}: expected {ty}, cannot read {file}: {what}"))
            }
            Mismatch::Memory(bytes) => Failure::memory(bytes as u128, format_args!("the input {name}")),
        })
    });
    arrays.collect()
}

/// What is before and what is behind the first `=`. A path may be other than UTF-8, a name may not.
fn split(text: &OsStr) -> Option<(&OsStr, &OsStr)> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let bytes = text.as_bytes();
        let at = bytes.iter().position(|&byte| byte == b'=')?;
        Some((OsStr::from_bytes(&bytes[..at]), OsStr::from_bytes(&bytes[at + 1..])))
    }
    #[cfg(not(unix))]
    {
        let (name, path) = text.to_str()?.split_once('=')?;
        Some((OsStr::new(name), OsStr::new(path)))
    }
}
