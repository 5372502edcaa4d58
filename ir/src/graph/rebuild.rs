//! How passes make graphs: node by node into a new one.

use super::{Graph, Node, Output};
use crate::ids::{NodeId, ValueId};

/// A rebuild of a graph into a new one: what a pass does. Values are mapped as they are visited.
#[derive(Debug)]
pub struct Rebuild<'a> {
    /// The graph read.
    pub old: &'a Graph,
    /// The graph made.
    pub new: Graph,
    map: Vec<Option<ValueId>>,
}

impl<'a> Rebuild<'a> {
    /// Nothing visited yet.
    pub fn new(old: &'a Graph) -> Self {
        Self { old, new: Graph::new(), map: vec![None; old.value_count()] }
    }

    /// Pushes a node into the new graph with the place of an old one.
    ///
    /// # Panics
    /// When the node does not fit its operands: a pass made an invalid graph.
    pub fn push(&mut self, node: Node, like: NodeId) -> ValueId {
        let name = node.name();
        match self.new.push(node, self.old.loc(like)) {
            Ok(value) => value,
            Err(problem) => panic!("a pass built an invalid {name}: {problem}"),
        }
    }

    /// The new value of an old one; constants are copied on demand.
    ///
    /// # Panics
    /// When the value was not visited.
    pub fn get(&mut self, old: ValueId) -> ValueId {
        if let Some(new) = self.map[old.index()] {
            return new;
        }
        let (id, _) = self.old.definition(old);
        assert!(matches!(self.old.node(id), Node::Constant(_)), "{old} is used before it is defined");
        let new = self.push(self.old.node(id).clone(), id);
        self.map[old.index()] = Some(new);
        new
    }

    /// Maps an old value to a new one.
    pub fn set(&mut self, old: ValueId, new: ValueId) {
        self.map[old.index()] = Some(new);
    }

    /// Copies a node over mapped operands.
    pub fn copy(&mut self, id: NodeId) -> ValueId {
        let node = self.old.node(id).clone().map_args(|arg| self.get(arg));
        let new = self.push(node, id);
        for (i, old) in self.old.results(id).enumerate() {
            self.map[old] = Some(ValueId::new(new.index() + i));
        }
        new
    }

    /// The new graph, its outputs the images of the old ones.
    pub fn finish(mut self) -> Graph {
        let old = self.old;
        for output in &old.outputs {
            let value = self.get(output.value);
            self.new.outputs.push(Output { value, into: output.into.clone() });
        }
        self.new
    }
}
