//! Functions of the user's in both languages: what a `custom` node and a `call custom` step call.
//!
//! A [`Custom`] is a name, a [`Signature`] of core dimensions and a list of [`Implementation`]s, each for the dtypes it
//! takes. An elementwise function has no core dimensions, and is given blocks of elements; a generalized one is given the
//! core arrays of one index of the stack. In both it is Rust code that is given views to read and views to write, so that
//! interpreters and the runtime call the same thing.
//!
//! A function is pure: equal calls may be computed once, unused ones not at all, and what its results are before it writes
//! them is not specified. It is called only when a program runs, never while one is compiled. Two functions are equal when
//! they are the same value (or clones of it), whatever their names. A panic in one is caught and becomes
//! [`RunErrorKind::Panicked`].

mod signature;

pub use signature::{MAX_OPERANDS, MAX_RESULTS, Signature};

use crate::error::{Problem, RunErrorKind};
use crate::tensor::{TensorView, TensorViewMut};
use crate::types::{DType, Shape, Type, Weak, broadcast, check_size, list};
use smallvec::SmallVec;
use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What an implementation runs: views of its operands, and of its results, to be written.
pub type Body = dyn Fn(&[TensorView<'_>], &mut [TensorViewMut<'_>]) -> Result<(), RunErrorKind> + Send + Sync + 'static;

/// A function for operands of given dtypes.
#[derive(Clone)]
pub struct Implementation {
    /// Of the operands.
    pub operands: Vec<DType>,
    /// Of the results.
    pub results: Vec<DType>,
    /// The code. Of an elementwise function the views are contiguous vectors of one length, else they have the core shapes.
    pub body: Arc<Body>,
}

/// A function of the user's.
#[derive(Clone)]
pub struct Custom(Arc<Definition>);

#[derive(Clone)]
struct Definition {
    name: String,
    /// Of an elementwise function `None` before its first implementation.
    signature: Option<Signature>,
    elementwise: bool,
    matches: bool,
    implementations: Vec<Implementation>,
}

/// What an operand says of dtypes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The operand's dtype.
    Strong(DType),
    /// A scalar without a dtype of its own.
    Weak(Weak),
}

impl Kind {
    /// Whether the operand can be cast safely to a dtype.
    fn fits(self, dtype: DType) -> bool {
        match self {
            Kind::Strong(own) => own.fits(dtype),
            Kind::Weak(kind) => dtype.with_weak(kind) == dtype,
        }
    }
}

impl Custom {
    /// An elementwise function that has no implementation yet.
    pub fn elementwise(name: &str) -> Result<Custom, Problem> {
        Self::new(name, None)
    }

    /// A generalized function that has no implementation yet.
    pub fn generalized(name: &str, signature: &str) -> Result<Custom, Problem> {
        Self::new(name, Some(Signature::parse(signature).map_err(Problem::Usage)?))
    }

    fn new(name: &str, signature: Option<Signature>) -> Result<Custom, Problem> {
        if name.is_empty() || name.contains('"') || name.chars().any(char::is_control) {
            return Err(Problem::Usage(format!("{name:?} is no name: a line without quotation marks")));
        }
        let (name, elementwise) = (name.to_string(), signature.is_none());
        Ok(Custom(Arc::new(Definition { name, signature, elementwise, matches: false, implementations: Vec::new() })))
    }

    /// Adds an implementation, after those that there are. A function that others hold, too, becomes another one.
    pub fn implement(&mut self, implementation: Implementation) -> Result<(), Problem> {
        let (operands, results) = (implementation.operands.len(), implementation.results.len());
        let signature = match &self.0.signature {
            Some(signature) => signature.clone(),
            None => Signature::elementwise(operands, results),
        };
        if (operands, results) != (signature.operands().len(), signature.results().len()) {
            let [expected, found] =
                [(signature.operands().len(), signature.results().len()), (operands, results)].map(counted);
            return Err(Problem::Usage(format!("an implementation has {found}, the function {expected}")));
        }
        if self.0.implementations.iter().any(|other| other.operands == implementation.operands) {
            return Err(Problem::Usage(format!(
                "there are two implementations for {}",
                tuple(&implementation.operands)
            )));
        }
        let definition = Arc::make_mut(&mut self.0);
        definition.signature = Some(signature);
        definition.implementations.push(implementation);
        Ok(())
    }

    /// Makes the results have the dtype of the first operand, whatever the implementation computes.
    pub fn set_matches(&mut self) {
        Arc::make_mut(&mut self.0).matches = true;
    }

    /// Whether the results have the dtype of the first operand.
    pub fn matches(&self) -> bool {
        self.0.matches
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether it works element by element, on blocks.
    pub fn is_elementwise(&self) -> bool {
        self.0.elementwise
    }

    /// The signature; `None` of an elementwise function without implementation.
    pub fn signature(&self) -> Option<&Signature> {
        self.0.signature.as_ref()
    }

    /// The implementations, in order.
    pub fn implementations(&self) -> &[Implementation] {
        &self.0.implementations
    }

    /// The first implementation to whose dtypes all operands can be cast safely. Scalars without a dtype have their default
    /// ones where there is nothing else.
    pub fn choose(&self, operands: &[Kind]) -> Result<usize, Problem> {
        let none =
            || Problem::NoImplementation { known: self.0.implementations.iter().map(|i| i.to_string()).collect() };
        let expected = self.signature().ok_or_else(none)?.operands().len();
        if operands.len() != expected {
            return Err(Problem::Arity { expected, found: operands.len() });
        }
        let all_weak = operands.iter().all(|kind| matches!(kind, Kind::Weak(_)));
        let kind = |kind: Kind| match kind {
            Kind::Weak(weak) if all_weak => Kind::Strong(weak.default_dtype()),
            kind => kind,
        };
        let fits = |i: &Implementation| operands.iter().zip(&i.operands).all(|(&k, &dtype)| kind(k).fits(dtype));
        self.0.implementations.iter().position(fits).ok_or_else(none)
    }

    /// The types of the results of an implementation for operands of these types.
    pub fn infer(&self, implementation: usize, args: &[&Type]) -> Result<SmallVec<[Type; 2]>, Problem> {
        let (Some(chosen), Some(signature)) = (self.0.implementations.get(implementation), self.signature()) else {
            return Err(Problem::Usage(format!("there is no implementation {implementation}")));
        };
        if args.len() != chosen.operands.len() {
            return Err(Problem::Arity { expected: chosen.operands.len(), found: args.len() });
        }
        if args.iter().zip(&chosen.operands).any(|(ty, dtype)| ty.dtype != *dtype) {
            return Err(Problem::NoImplementation { known: vec![chosen.to_string()] });
        }
        let wrong = |what| Problem::CoreDimensions { signature: signature.to_string(), what };
        let mut parts: SmallVec<[(&[usize], &[usize]); 4]> = SmallVec::new();
        for (at, (ty, axes)) in args.iter().zip(signature.operands()).enumerate() {
            let Some(stack) = ty.rank().checked_sub(axes) else {
                let counted = if axes == 1 { "axis" } else { "axes" };
                return Err(wrong(format!("operand {at} has {} axes, not {axes} core {counted}", ty.rank())));
            };
            parts.push(ty.shape.split_at(stack));
        }
        let cores: SmallVec<[&[usize]; 4]> = parts.iter().map(|(_, core)| *core).collect();
        let cores = signature.infer(&cores).map_err(wrong)?;
        let stack = broadcast(parts.iter().map(|(stack, _)| *stack)).ok_or(Problem::Broadcast)?;
        let typed = cores.into_iter().zip(&chosen.results).map(|(core, &dtype)| {
            let shape: Shape = stack.iter().copied().chain(core).collect();
            check_size(dtype, &shape)?;
            Ok(Type { dtype, shape })
        });
        typed.collect()
    }
}

/// Runs code of the user's; a panic in it is an error.
pub fn catch<T>(run: impl FnOnce() -> Result<T, RunErrorKind>) -> Result<T, RunErrorKind> {
    // What the closure borrows is memory whose contents are not specified after a failure.
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Err(RunErrorKind::Panicked { message: said(&*panic) }))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it did not say why").to_string()
}

fn counted((operands, results): (usize, usize)) -> String {
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    format!("{operands} operand{} and {results} result{}", plural(operands), plural(results))
}

/// `(f64, i64)`
fn tuple(dtypes: &[DType]) -> String {
    let mut text = String::from("(");
    list(&mut text, dtypes).expect("writing to a string");
    text + ")"
}

/// `(f64, f64) -> f64`
impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> ", tuple(&self.operands))?;
        match self.results[..] {
            [one] => write!(f, "{one}"),
            _ => f.write_str(&tuple(&self.results)),
        }
    }
}

/// `custom "name"`, as in text.
impl fmt::Display for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "custom \"{}\"", self.name())
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Custom {}

impl Hash for Custom {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}
