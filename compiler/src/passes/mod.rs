//! The passes, a file each. Graph passes are pure rebuilds; program passes take a program and give a better one.

pub mod absorb;
pub mod canonicalise;
pub mod fold;
pub mod forward;
pub mod fuse;
pub mod merge;
pub mod operands;
pub mod place;
pub mod simplify;
