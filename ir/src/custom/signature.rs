//! Signatures of generalized functions, in NumPy's grammar: `(m,n),(n,p)->(m,p)` says which sizes of the last axes, the
//! *core dimensions*, are equal. A size may also be a number, or be computed: `(n)->(n+1)`, `()->(3)`, `(n),(m)->(n*m)`.
//!
//! ```text
//! signature = core { "," core } "->" core { "," core }
//! core      = "(" [ size { "," size } ] ")"
//! size      = product { ( "+" | "-" ) product }
//! product   = atom { ( "*" | "/" ) atom }
//! atom      = NAME | NUMBER | "(" size ")" | ( "min" | "max" ) "(" size "," size ")"
//! ```
//! Division rounds down. A name is bound where it stands alone among the operands; sizes of operands that are computed are
//! checked against what the names are bound to.

use crate::graph::is_name;
use crate::types::Shape;
use std::fmt;

/// Parentheses in parentheses.
const DEPTH: usize = 32;
/// Operands of a function.
pub const MAX_OPERANDS: usize = 8;
/// Results of a function.
pub const MAX_RESULTS: usize = 4;

/// The core dimensions of a function's operands and results.
#[derive(Clone, Debug)]
pub struct Signature {
    text: String,
    names: Vec<String>,
    operands: Vec<Vec<Size>>,
    results: Vec<Vec<Size>>,
}

/// One size: as it is written, and in postfix order.
#[derive(Clone, Debug)]
struct Size {
    text: String,
    terms: Vec<Term>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Term {
    Number(i64),
    /// By its place in the list of names.
    Name(usize),
    Add,
    Subtract,
    Multiply,
    Divide,
    Min,
    Max,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Signature {
    /// Reads a signature.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Signature, String> {
        let mut reader = Reader { text, at: 0, names: Vec::new() };
        let operands = reader.cores()?;
        if !reader.eat("->") {
            return reader.expected("`,` or `->`");
        }
        // Names that only results have would be of no size.
        let bound: Vec<usize> = operands.iter().flatten().filter_map(Size::as_name).collect();
        let results = reader.cores()?;
        reader.space();
        if reader.at < text.len() {
            return reader.expected("`,` or the end");
        }
        let free = (0..reader.names.len()).find(|name| !bound.contains(name));
        if let Some(name) = free {
            let name = &reader.names[name];
            return Err(format!("the signature {text}: no axis of an operand has the size {name}"));
        }
        for (what, found, limit) in
            [("operands", operands.len(), MAX_OPERANDS), ("results", results.len(), MAX_RESULTS)]
        {
            if found > limit {
                return Err(format!("the signature {text}: {found} {what} are more than {limit}"));
            }
        }
        let text = text.split_whitespace().collect();
        Ok(Signature { text, names: reader.names, operands, results })
    }

    /// Without core dimensions: of an elementwise function.
    pub fn elementwise(operands: usize, results: usize) -> Signature {
        let list = |count: usize| vec!["()"; count].join(",");
        let text = format!("{}->{}", list(operands), list(results));
        Signature { text, names: Vec::new(), operands: vec![Vec::new(); operands], results: vec![Vec::new(); results] }
    }

    /// Number of core axes of each operand.
    pub fn operands(&self) -> impl ExactSizeIterator<Item = usize> + Clone {
        self.operands.iter().map(Vec::len)
    }

    /// Number of core axes of each result.
    pub fn results(&self) -> impl ExactSizeIterator<Item = usize> + Clone {
        self.results.iter().map(Vec::len)
    }

    /// The core shapes of the results for those of the operands, of which there are as many with as many axes.
    ///
    /// # Errors
    /// Which size does not fit.
    pub fn infer(&self, operands: &[&[usize]]) -> Result<Vec<Shape>, String> {
        // The size of each name, and the operand that says so.
        let mut bound: Vec<Option<(usize, usize)>> = vec![None; self.names.len()];
        let sizes = || {
            let axes = |operand: usize| self.operands[operand].iter().zip(operands[operand]);
            (0..self.operands.len()).flat_map(move |operand| axes(operand).map(move |(size, &n)| (operand, size, n)))
        };
        for (operand, size, n) in sizes() {
            let Some(name) = size.as_name() else { continue };
            let (known, first) = *bound[name].get_or_insert((n, operand));
            if known != n {
                let name = &self.names[name];
                return Err(format!("{name} is {known} in operand {first} and {n} in operand {operand}"));
            }
        }
        for (operand, size, n) in sizes().filter(|(_, size, _)| size.as_name().is_none()) {
            let expected = size.value(&bound)?;
            if expected != n {
                let text = &size.text;
                let said = if size.terms.len() == 1 { String::new() } else { format!(" ({text})") };
                return Err(format!("a size of operand {operand} is {n}, not {expected}{said}"));
            }
        }
        self.results.iter().map(|core| core.iter().map(|size| size.value(&bound)).collect()).collect()
    }
}

impl Size {
    fn as_name(&self) -> Option<usize> {
        match self.terms[..] {
            [Term::Name(name)] => Some(name),
            _ => None,
        }
    }

    fn value(&self, names: &[Option<(usize, usize)>]) -> Result<usize, String> {
        let too_large = || format!("the size {} is too large", self.text);
        let mut stack: Vec<i64> = Vec::new();
        for &term in &self.terms {
            let value = match term {
                Term::Number(number) => Some(number),
                Term::Name(name) => i64::try_from(names[name].expect("every name is bound").0).ok(),
                _ => {
                    let (y, x) = (stack.pop().expect("two operands"), stack.pop().expect("two operands"));
                    match term {
                        Term::Add => x.checked_add(y),
                        Term::Subtract => x.checked_sub(y),
                        Term::Multiply => x.checked_mul(y),
                        Term::Divide if y == 0 => return Err(format!("the size {} divides by 0", self.text)),
                        Term::Divide => x.checked_div_euclid(y),
                        Term::Min => Some(x.min(y)),
                        Term::Max => Some(x.max(y)),
                        Term::Number(_) | Term::Name(_) => unreachable!("matched above"),
                    }
                }
            };
            stack.push(value.ok_or_else(too_large)?);
        }
        let value = stack.pop().expect("a value");
        usize::try_from(value).map_err(|_| format!("the size {} is {value}", self.text))
    }
}

struct Reader<'s> {
    text: &'s str,
    at: usize,
    names: Vec<String>,
}

impl<'s> Reader<'s> {
    fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expected<T>(&mut self, what: &str) -> Result<T, String> {
        self.space();
        let found = match self.rest().chars().next() {
            Some(c) => format!("`{c}`"),
            None => String::from("the end"),
        };
        Err(format!("the signature {}: expected {what}, found {found}", self.text))
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) { Ok(()) } else { self.expected(&format!("`{token}`")) }
    }

    fn cores(&mut self) -> Result<Vec<Vec<Size>>, String> {
        let mut cores = Vec::new();
        loop {
            self.expect("(")?;
            let mut core = Vec::new();
            while !self.eat(")") {
                if !core.is_empty() && !self.eat(",") {
                    return self.expected("`,` or `)`");
                }
                self.space();
                let (start, mut terms) = (self.at, Vec::new());
                self.sum(&mut terms, 0)?;
                core.push(Size { text: self.text[start..self.at].trim_end().to_string(), terms });
            }
            cores.push(core);
            if !self.eat(",") {
                return Ok(cores);
            }
        }
    }

    fn sum(&mut self, terms: &mut Vec<Term>, depth: usize) -> Result<(), String> {
        self.product(terms, depth)?;
        loop {
            let term = match () {
                () if self.eat("+") => Term::Add,
                () if self.eat("-") => Term::Subtract,
                () => return Ok(()),
            };
            self.product(terms, depth)?;
            terms.push(term);
        }
    }

    fn product(&mut self, terms: &mut Vec<Term>, depth: usize) -> Result<(), String> {
        self.atom(terms, depth)?;
        loop {
            let term = match () {
                () if self.eat("*") => Term::Multiply,
                () if self.eat("/") => Term::Divide,
                () => return Ok(()),
            };
            self.atom(terms, depth)?;
            terms.push(term);
        }
    }

    fn atom(&mut self, terms: &mut Vec<Term>, depth: usize) -> Result<(), String> {
        if depth > DEPTH {
            return Err(format!("the signature {}: parentheses are nested deeper than {DEPTH}", self.text));
        }
        if self.eat("(") {
            self.sum(terms, depth + 1)?;
            return self.expect(")");
        }
        let rest = self.rest();
        let word = &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())];
        if word.is_empty() {
            return self.expected("a size");
        }
        if word.bytes().all(|b| b.is_ascii_digit()) {
            let too_large = |_| format!("the signature {}: the number {word} is too large", self.text);
            terms.push(Term::Number(word.parse().map_err(too_large)?));
            self.at += word.len();
            return Ok(());
        }
        if !is_name(word) {
            return self.expected("a name, or a number");
        }
        self.at += word.len();
        let choice = [("min", Term::Min), ("max", Term::Max)].into_iter().find(|(name, _)| *name == word);
        if let Some((_, term)) = choice
            && self.eat("(")
        {
            self.sum(terms, depth + 1)?;
            self.expect(",")?;
            self.sum(terms, depth + 1)?;
            terms.push(term);
            return self.expect(")");
        }
        let name = self.names.iter().position(|name| name == word).unwrap_or_else(|| {
            self.names.push(word.to_string());
            self.names.len() - 1
        });
        terms.push(Term::Name(name));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infer(signature: &str, operands: &[&[usize]]) -> Result<Vec<Vec<usize>>, String> {
        let signature = Signature::parse(signature).expect("a signature");
        assert!(signature.operands().eq(operands.iter().map(|core| core.len())));
        Ok(signature.infer(operands)?.into_iter().map(|core| core.to_vec()).collect())
    }

    #[test]
    fn sizes_are_bound_checked_and_computed() {
        assert_eq!(infer("(m,n),(n,p)->(m,p)", &[&[2, 3], &[3, 4]]), Ok(vec![vec![2, 4]]));
        assert_eq!(infer("(n)->(n+1)", &[&[4]]), Ok(vec![vec![5]]));
        assert_eq!(infer("()->(3)", &[&[]]), Ok(vec![vec![3]]));
        assert_eq!(infer("(n),(m)->(n*m)", &[&[4], &[0]]), Ok(vec![vec![0]]));
        assert_eq!(infer("( m , n ) -> (min(m,n)), (n-m/2)", &[&[5, 3]]), Ok(vec![vec![3], vec![1]]));
        assert_eq!(infer("(n),(2*(n+1))->()", &[&[2], &[6]]), Ok(vec![vec![]]));
        assert_eq!(infer("(n)->(n-1+2)", &[&[4]]), Ok(vec![vec![5]]));
        assert_eq!(infer("(min)->(min)", &[&[4]]), Ok(vec![vec![4]]));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let message = |signature, operands| infer(signature, operands).expect_err("sizes that do not fit");
        assert_eq!(message("(m,n),(n)->(m)", &[&[2, 3], &[4]]), "n is 3 in operand 0 and 4 in operand 1");
        assert_eq!(message("(n,n)->(n)", &[&[2, 3]]), "n is 2 in operand 0 and 3 in operand 0");
        assert_eq!(message("(3)->()", &[&[4]]), "a size of operand 0 is 4, not 3");
        assert_eq!(message("(n),(n+1)->()", &[&[4], &[4]]), "a size of operand 1 is 4, not 5 (n+1)");
        assert_eq!(message("(n)->(n-1)", &[&[0]]), "the size n-1 is -1");
        assert_eq!(message("(n)->(4/n)", &[&[0]]), "the size 4/n divides by 0");
        assert_eq!(message("(n)->(n*n*n)", &[&[1 << 40]]), "the size n*n*n is too large");
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let message = |text: &str| Signature::parse(text).map(|s| s.to_string()).expect_err("no signature");
        assert_eq!(message("(m,n)"), "the signature (m,n): expected `,` or `->`, found the end");
        assert_eq!(message("(m"), "the signature (m: expected `,` or `)`, found the end");
        assert_eq!(message("m->()"), "the signature m->(): expected `(`, found `m`");
        assert_eq!(message("(m)->(k)"), "the signature (m)->(k): no axis of an operand has the size k");
        assert_eq!(message("(n+1)->(n)"), "the signature (n+1)->(n): no axis of an operand has the size n");
        assert_eq!(message("(n)->(n))"), "the signature (n)->(n)): expected `,` or the end, found `)`");
        assert_eq!(message("(2n)->()"), "the signature (2n)->(): expected a name, or a number, found `2`");
        assert_eq!(message("(n)->(n+)"), "the signature (n)->(n+): expected a size, found `)`");
        assert!(message(&format!("(n)->({}n", "(".repeat(1000))).ends_with("nested deeper than 32"));
        assert!(message(&format!("{}()->()", "(),".repeat(8))).ends_with("9 operands are more than 8"));
        assert!(message("(n)->(99999999999999999999)").ends_with("the number 99999999999999999999 is too large"));
    }
}
