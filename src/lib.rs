//! Evanesce.
