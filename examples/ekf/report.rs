//! What a run is worth: errors against the truth, consistency, cost; as text or as one JSON object.

use crate::chi_square;
use crate::run::{CHUNK, Cost, Record};
use ndarray::ArrayView1;
use serde_json::{Map, Value, json};
use std::fmt;

/// A mean of squared errors and where 95 of 100 consistent filters have it.
pub struct Consistency {
    /// The name.
    pub name: &'static str,
    /// The mean.
    pub mean: f64,
    /// Its bounds.
    pub bounds: [f64; 2],
    /// Said beside it.
    pub note: &'static str,
}

impl Consistency {
    /// The normalised innovations squared of a run.
    pub fn of_innovations(record: &Record) -> Self {
        let (mean, dof) = record.nis();
        Consistency { name: "NIS", mean, bounds: chi_square::mean_bounds(dof, record.updated().max(1)), note: "" }
    }
}

/// All that is printed about a run.
pub struct Report {
    /// The name of the data.
    pub dataset: &'static str,
    /// Steps run.
    pub steps: usize,
    /// What a step costs.
    pub cost: Cost,
    /// Tracing and compiling all functions of the filter.
    pub compile_ms: f64,
    /// The state after the last step.
    pub final_state: Vec<f64>,
    /// Measurements that the gate did not let in.
    pub rejected: usize,
    /// Root mean squares of errors: their name in JSON, then name and value of each.
    pub errors: Vec<(&'static str, Errors)>,
    /// NIS and NEES.
    pub consistency: Vec<Consistency>,
}

/// Root mean squares of errors.
pub enum Errors {
    /// One, with its unit.
    One(f64, &'static str),
    /// One for each of these names.
    Each(Vec<(&'static str, f64)>),
}

/// The root of the mean of squares.
pub fn rms(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0), |(sum, count), x| (sum + x * x, count + 1));
    (sum / f64::from(count)).sqrt()
}

/// The root mean square error of each state.
pub fn rms_each<'a>(
    names: &[&'static str],
    pairs: impl Iterator<Item = (ArrayView1<'a, f64>, ArrayView1<'a, f64>)> + Clone,
) -> Errors {
    let each = names.iter().enumerate().map(|(i, name)| (*name, rms(pairs.clone().map(|(x, truth)| x[i] - truth[i]))));
    Errors::Each(each.collect())
}

impl Report {
    /// One object.
    pub fn json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_string(), value);
        put("dataset", json!(self.dataset));
        put("steps", json!(self.steps));
        put("us_per_step", json!(self.cost.us_per_step));
        put("allocations_per_step", json!(self.cost.allocations_per_step));
        put("compile_ms", json!(self.compile_ms));
        put("final_state", json!(self.final_state));
        put("rejected", json!(self.rejected));
        for (name, errors) in &self.errors {
            put(
                name,
                match errors {
                    Errors::One(error, _) => json!(error),
                    Errors::Each(each) => json!(each.iter().map(|(_, error)| *error).collect::<Vec<f64>>()),
                },
            );
        }
        for Consistency { name, mean, bounds, .. } in &self.consistency {
            let name = name.to_lowercase();
            put(&format!("{name}_mean"), json!(mean));
            put(&format!("{name}_bounds_95"), json!(bounds));
        }
        Value::Object(object)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cost { us_per_step, allocations_per_step } = self.cost;
        writeln!(f, "{}: {} steps", self.dataset, self.steps)?;
        writeln!(f, "  compile      {:.1} ms, all functions of the filter", self.compile_ms)?;
        let rate = 1e6 / us_per_step;
        writeln!(f, "  step         {us_per_step:.2} us (median over chunks of {CHUNK} steps), {rate:.0} a second")?;
        writeln!(f, "  allocations  {allocations_per_step} per step")?;
        if self.rejected > 0 {
            writeln!(f, "  rejected     {} measurements, by the gate", self.rejected)?;
        }
        for (name, errors) in &self.errors {
            let name = name.replace('_', " ");
            match errors {
                Errors::One(error, unit) => writeln!(f, "  {name}: {error:.5} {unit}")?,
                Errors::Each(each) => {
                    writeln!(f, "  {name} against the truth:")?;
                    each.iter().try_for_each(|(name, error)| writeln!(f, "    {name:<4} {error:.5}"))?;
                }
            }
        }
        for Consistency { name, mean, bounds: [low, high], note } in &self.consistency {
            let inside = if (low..=high).contains(&mean) { "inside" } else { "outside" };
            writeln!(f, "  {name:<5} {mean:.3}, {inside} the 95 % bounds {low:.3} to {high:.3}{note}")?;
        }
        Ok(())
    }
}
