//! The rules of a call of a function of the user's.

use super::{Check, Checker, Rule, check_access, fail, injective};
use crate::program::{CustomCall, Stacked};
use crate::types::Type;

impl Checker<'_> {
    pub(super) fn custom(&self, call: &CustomCall) -> Check {
        let mut operands = Vec::new();
        for array in &call.operands {
            operands.push(self.stacked(call, array)?);
        }
        // As the graph has them: every operand with all of the stack.
        let inferred = call.function.infer(call.implementation, &operands.iter().collect::<Vec<_>>());
        let results = match inferred {
            Ok(results) => results,
            Err(problem) => return fail(Rule::CallShapes, problem.to_string()),
        };
        if results.len() != call.results.len() {
            return fail(Rule::CallShapes, format!("{} results, not {}", call.results.len(), results.len()));
        }
        for (i, (array, expected)) in call.results.iter().zip(&results).enumerate() {
            let found = self.stacked(call, array)?;
            if found.dtype != expected.dtype {
                return fail(Rule::ScalarTypes, format!("{} is {}, not {}", array.buffer, found.dtype, expected.dtype));
            }
            if found != *expected {
                return fail(Rule::CallShapes, format!("the result {} is {found}, not {expected}", array.buffer));
            }
            if !found.is_empty() && !injective(&array.access.strides, &found.shape) {
                return fail(Rule::Injective, format!("elements of {} overlap", array.buffer));
            }
            let shares = |other: &Stacked| other.buffer == array.buffer;
            if call.operands.iter().any(shares) || call.results[..i].iter().any(shares) {
                return fail(Rule::CallOverlap, format!("{} is written and used otherwise", array.buffer));
            }
        }
        Ok(())
    }

    /// The type of a stack of arrays that lies in its buffer.
    fn stacked(&self, call: &CustomCall, array: &Stacked) -> Result<Type, (Rule, String)> {
        let buffer = self.program.buffer(array.buffer);
        let dims = [&call.stack[..], &array.core].concat();
        check_access(buffer, array.buffer, &array.access, &dims)?;
        Ok(Type::new(buffer.ty.dtype, dims))
    }
}
