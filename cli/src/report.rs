//! What a program costs, as JSON.

use evanesce_compiler::Options;
use evanesce_compiler::pipeline::{self, Stage};
use evanesce_ir::error::Bug;
use evanesce_ir::graph::Graph;
use evanesce_ir::program::{Counts, Program};
use evanesce_runtime::Executable;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The name under which `passes` has what comes after the last pass.
pub(crate) const CODE: &str = "code";

/// A compilation, observed.
pub(crate) struct Report {
    naive: Counts,
    optimised: Counts,
    /// In order; a pass that runs twice is here twice.
    passes: Vec<(&'static str, Duration)>,
    total: Duration,
}

impl Report {
    /// Compiles a graph, machine code and all.
    pub(crate) fn compile(graph: &Graph, options: &Options) -> Result<Report, Bug> {
        let naive = pipeline::naive(&graph.sweep(), options).counts();
        let (mut passes, mut optimised) = (Vec::new(), Program::default());
        let runtime = evanesce_runtime::Options { pipeline: options.clone(), ..Default::default() };
        let mut observing = Duration::ZERO;
        let executable = Executable::compile(graph, &runtime, |event| {
            let start = std::time::Instant::now();
            passes.push((event.pass, event.time));
            if let Stage::Program(program) = event.stage {
                optimised = program.clone();
            }
            observing += start.elapsed();
        })?;
        let total = executable.compile_time().saturating_sub(observing);
        let code = total.saturating_sub(passes.iter().map(|(_, time)| *time).sum());
        passes.push((CODE, code));
        Ok(Report { naive, optimised: optimised.counts(), passes, total })
    }

    /// The object that `--json` prints.
    pub(crate) fn json(&self) -> Map<String, Value> {
        let mut passes = Map::new();
        for &(name, time) in &self.passes {
            let sum = passes.get(name).and_then(Value::as_f64).unwrap_or(0.0) + micros(time);
            passes.insert(name.to_string(), json!(rounded(sum)));
        }
        Map::from_iter([
            (String::from("naive"), counts(&self.naive)),
            (String::from("optimised"), counts(&self.optimised)),
            (String::from("compile_us"), json!(rounded(micros(self.total)))),
            (String::from("passes"), Value::Object(passes)),
        ])
    }
}

/// The counts of one program.
pub(crate) fn counts(counts: &Counts) -> Value {
    let Counts { kernels, calls, copies, temporaries, temporary_bytes, peak_bytes, flops } = counts;
    // JSON's numbers are exact here up to u64; larger counts are a string of their digits.
    let flops = u64::try_from(*flops).map_or_else(|_| json!(flops.to_string()), |flops| json!(flops));
    json!({
        "kernels": kernels, "calls": calls, "copies": copies, "temporaries": temporaries,
        "temporary_bytes": temporary_bytes, "peak_bytes": peak_bytes, "flops": flops,
    })
}

/// Microseconds.
pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// To a nanosecond, which is what clocks tell.
pub(crate) fn rounded(micros: f64) -> f64 {
    (micros * 1e3).round() / 1e3
}
