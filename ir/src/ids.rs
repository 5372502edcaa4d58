//! Ids are `u32` newtypes whose `Display` is the syntax of the text form: `%7` is a value, `$2` a buffer, `t4` a kernel local.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $sigil:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The id of the `index`-th item of its arena.
            ///
            /// # Panics
            /// When an arena holds more than `u32::MAX` items.
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("an arena holds at most u32::MAX items"))
            }

            /// The position in the arena.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($sigil, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(
    /// A value of a [`Graph`](crate::graph::Graph). An operand has a smaller id than its user.
    ValueId,
    "%"
);
id!(
    /// A node of a [`Graph`](crate::graph::Graph); it defines one or more consecutive values.
    NodeId,
    "@"
);
id!(
    /// A buffer of a [`Program`](crate::program::Program).
    BufferId,
    "$"
);
id!(
    /// A scalar of a kernel body, defined once.
    LocalId,
    "t"
);
