//! A graph for Graphviz: a box for each node, an arrow from each operand.

use evanesce_ir::graph::{Graph, Node};
use evanesce_ir::ids::ValueId;
use std::io::{self, Write};

/// Characters of a constant that are shown.
const SHOWN: usize = 24;

/// Writes a graph.
pub(crate) fn write(graph: &Graph, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "digraph {{\n  node [shape=box, fontname=monospace]")?;
    for id in graph.node_ids() {
        let (node, name) = (graph.node(id), id.index());
        let (label, style) = match node {
            Node::Input(input) if input.donated => (format!("{} donated", input.name), ", style=bold"),
            Node::Input(input) => (input.name.to_string(), ", style=bold"),
            Node::Constant(tensor) => {
                let text = tensor.to_string();
                let short: String = text.chars().take(SHOWN).collect();
                (if short.len() < text.len() { short + "..." } else { short }, ", style=dashed")
            }
            _ => (node.name().to_string(), ""),
        };
        let types: Vec<String> = graph.results(id).map(|value| graph.ty(ValueId::new(value)).to_string()).collect();
        writeln!(out, "  n{name} [label=\"{label}\\n{}\"{style}]", types.join(", "))?;
        for (at, &arg) in node.args().iter().enumerate() {
            let (from, result) = graph.definition(arg);
            write!(out, "  n{} -> n{name}", from.index())?;
            // What is not the only operand or result is numbered.
            match (node.args().len() > 1, graph.results(from).len() > 1) {
                (false, false) => writeln!(out)?,
                (true, false) => writeln!(out, " [headlabel={at}]")?,
                (false, true) => writeln!(out, " [taillabel={result}]")?,
                (true, true) => writeln!(out, " [headlabel={at}, taillabel={result}]")?,
            }
        }
    }
    for (at, output) in graph.outputs.iter().enumerate() {
        let into = output.into.as_ref().map_or(String::new(), |name| format!(" -> {name}"));
        let (from, result) = graph.definition(output.value);
        writeln!(out, "  r{at} [label=\"return {at}{into}\", shape=plain]")?;
        match graph.results(from).len() {
            1 => writeln!(out, "  n{} -> r{at}", from.index())?,
            _ => writeln!(out, "  n{} -> r{at} [taillabel={result}]", from.index())?,
        }
    }
    writeln!(out, "}}")
}
