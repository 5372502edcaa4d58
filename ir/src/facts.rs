//! Properties of matrices that users state and ops imply. A fact is a promise: wrong facts give wrong numbers, never a
//! crash.

use crate::graph::{Graph, Node, View};
use crate::ops::LinalgOp;
use std::fmt;
use std::ops::BitOr;

/// A set of facts about the matrices in the last two axes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts(u8);

impl Facts {
    /// Nothing is known.
    pub const NONE: Facts = Facts(0);
    /// Equal to its transpose, of complex numbers the conjugate one.
    pub const SYMMETRIC: Facts = Facts(1);
    /// Symmetric (Hermitian) and positive definite.
    pub const SPD: Facts = Facts(2 | 1);
    /// Zero above the diagonal.
    pub const LOWER_TRIANGULAR: Facts = Facts(4);
    /// Zero below the diagonal.
    pub const UPPER_TRIANGULAR: Facts = Facts(8);
    /// Zero off the diagonal.
    pub const DIAGONAL: Facts = Facts(16 | 8 | 4 | 1);

    /// Facts with their names, the implying ones first.
    pub const NAMES: &[(&str, Facts)] = &[
        ("diagonal", Facts::DIAGONAL),
        ("spd", Facts::SPD),
        ("symmetric", Facts::SYMMETRIC),
        ("lower_triangular", Facts::LOWER_TRIANGULAR),
        ("upper_triangular", Facts::UPPER_TRIANGULAR),
    ];

    /// The fact of a name.
    pub fn from_name(name: &str) -> Option<Facts> {
        Self::NAMES.iter().find(|(n, _)| *n == name).map(|(_, fact)| *fact)
    }

    /// Whether all of `other` is known.
    pub fn has(self, other: Facts) -> bool {
        self.0 & other.0 == other.0
    }

    /// What holds of the transpose.
    pub fn transposed(self) -> Facts {
        let (lower, upper) = (Facts::LOWER_TRIANGULAR.0, Facts::UPPER_TRIANGULAR.0);
        let keep = Facts(self.0 & !(lower | upper));
        let swap = |from: u8, to: u8| if self.0 & from != 0 { Facts(to) } else { Facts::NONE };
        keep | swap(lower, upper) | swap(upper, lower)
    }
}

impl BitOr for Facts {
    type Output = Facts;

    fn bitor(self, other: Facts) -> Facts {
        Facts(self.0 | other.0)
    }
}

/// The shortest list of names that implies the set, each after a space.
impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = Facts::NONE;
        for &(name, fact) in Self::NAMES {
            if self.has(fact) && !said.has(fact) {
                write!(f, " {name}")?;
                said = said | fact;
            }
        }
        Ok(())
    }
}

/// What is known of every value, by value index.
pub fn infer(graph: &Graph) -> Vec<Facts> {
    let mut facts = Vec::with_capacity(graph.value_count());
    for node in graph.node_ids() {
        let of = |facts: &[Facts], arg: usize| facts[graph.node(node).args()[arg].index()];
        let fact = match graph.node(node) {
            Node::Input(input) => input.facts,
            Node::View { view: View::Assume(stated), .. } => *stated | of(&facts, 0),
            Node::View { view: View::Transpose(perm), .. } if swaps_last_two(perm) => of(&facts, 0).transposed(),
            Node::Linalg { op: LinalgOp::Inv, .. } => of(&facts, 0),
            Node::Linalg { op: LinalgOp::Cholesky | LinalgOp::TryCholesky, .. } => Facts::LOWER_TRIANGULAR,
            _ => Facts::NONE,
        };
        let results = graph.results(node).len();
        facts.push(fact);
        facts.extend((1..results).map(|result| match (graph.node(node), result) {
            (Node::Linalg { op: LinalgOp::Qr | LinalgOp::QrComplete, .. }, 1) => Facts::UPPER_TRIANGULAR,
            (Node::Linalg { op: LinalgOp::Lu, .. }, 1) => Facts::LOWER_TRIANGULAR,
            (Node::Linalg { op: LinalgOp::Lu, .. }, 2) => Facts::UPPER_TRIANGULAR,
            _ => Facts::NONE,
        }));
    }
    facts
}

/// Whether a permutation is the transpose of the last two axes and nothing else.
pub fn swaps_last_two(perm: &[usize]) -> bool {
    let n = perm.len();
    n >= 2 && perm[n - 2] == n - 1 && perm[n - 1] == n - 2 && perm[..n - 2].iter().enumerate().all(|(i, &p)| i == p)
}
