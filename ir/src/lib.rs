//! The two languages of Evanesce and what they mean.
//!
//! A [`graph::Graph`] says *what* is computed: pure values with a dtype and a shape, made by nodes of few formats over
//! tables of ops. A [`program::Program`] says *how*: buffers, loop nests over them ([`program::Kernel`]) and calls of
//! linear-algebra routines. Both have a text form that parses back (`FORMAT.md`), a verifier and an interpreter; the
//! interpreters are the definition, and compiled code is tested against them.
//!
//! # What a value is
//! Elements are of a [`types::DType`]; arithmetic is IEEE 754 without contraction or reassociation, integers wrap. Every
//! elementwise result is what evaluating node by node in the declared dtype gives, bit for bit (NaN payloads aside). The
//! order of a reduction is defined in [`ops::reduce`] and depends on sizes only. Linear algebra is defined up to rounding:
//! the interpreter's textbook algorithms and LAPACK agree within the usual backward-error bounds.
//!
//! # Reading order
//! [`ids`], [`types`], [`tensor`], [`error`], [`ops`], [`custom`], [`graph`], [`facts`], [`build`], [`compose`], [`expr`], [`program`],
//! [`mod@print`], [`parse`], [`verify`], [`interp`].

pub use num_complex;

pub mod build;
pub mod compose;
pub mod custom;
pub mod error;
pub mod expr;
pub mod facts;
pub mod graph;
pub mod ids;
pub mod interp;
pub mod ops;
pub mod parse;
pub mod print;
pub mod program;
pub mod tensor;
pub mod types;
pub mod verify;
