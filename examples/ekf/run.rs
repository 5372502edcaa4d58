//! Running a filter over recorded data: once for the clock, once for the record.

use crate::allocations;
use crate::chi_square;
use crate::filter::{Filter, FilterError, SensorId, Update};
use indicatif::{ProgressBar, ProgressStyle};
use ndarray::{Array2, ArrayView1};
use std::time::{Duration, Instant};

/// A filter and its data, step by step.
pub trait Scenario {
    /// Number of steps.
    fn steps(&self) -> usize;

    /// The filter before the first step.
    fn filter(&self) -> Result<Filter, FilterError>;

    /// The motion of a step.
    fn predict(&self, filter: &mut Filter, k: usize) -> Result<(), FilterError>;

    /// The measurement of a step.
    fn update(&self, filter: &mut Filter, k: usize) -> Result<Update, FilterError>;
}

/// Thresholds of the normalised innovation squared, by degrees of freedom; none lets every measurement in.
pub type Gate = Option<Vec<f64>>;

/// The gate that a consistent filter's measurements pass with this probability.
pub fn gate(probability: Option<f64>, components: usize) -> Gate {
    let thresholds = |p| (0..=components).map(|dof| chi_square::quantile(p, dof as f64)).collect();
    probability.map(thresholds)
}

/// An update through a gate.
pub fn update<'a>(
    filter: &mut Filter,
    sensor: SensorId,
    z: impl Into<ArrayView1<'a, f64>>,
    gate: &Gate,
) -> Result<Update, FilterError> {
    match gate {
        Some(thresholds) => filter.update_gated(sensor, z, |dof| thresholds[dof]),
        None => filter.update(sensor, z),
    }
}

/// Steps between two looks at the clock.
pub const CHUNK: usize = 100;
/// Steps of a run that shows its progress.
const LONG: usize = 20_000;

/// What steps cost.
pub struct Cost {
    /// Median over chunks of [`CHUNK`] steps.
    pub us_per_step: f64,
    /// After the first chunk.
    pub allocations_per_step: f64,
}

/// Runs every step and nothing else between the clock's readings, then puts the filter back to its start.
pub fn measure(scenario: &impl Scenario, filter: &mut Filter) -> Result<Cost, FilterError> {
    let steps = scenario.steps();
    let first = (filter.x().clone(), filter.p().clone());
    let mut times: Vec<(Duration, usize)> = Vec::with_capacity(steps.div_ceil(CHUNK));
    let mut allocated = allocations::count();
    for first in (0..steps).step_by(CHUNK) {
        let last = steps.min(first + CHUNK);
        let start = Instant::now();
        for k in first..last {
            scenario.predict(filter, k)?;
            scenario.update(filter, k)?;
        }
        times.push((start.elapsed(), last - first));
        if first == 0 && steps > CHUNK {
            allocated = allocations::count();
        }
    }
    let allocated = allocations::count() - allocated;
    let (x, p) = filter.state_mut();
    x.assign(&first.0);
    p.assign(&first.1);
    let counted = if steps > CHUNK { steps - CHUNK } else { steps };
    let mut us: Vec<f64> = times.iter().map(|(time, steps)| time.as_secs_f64() * 1e6 / *steps as f64).collect();
    us.sort_by(f64::total_cmp);
    let us_per_step = us.get(us.len() / 2).copied().unwrap_or(0.0);
    Ok(Cost { us_per_step, allocations_per_step: allocated as f64 / counted.max(1) as f64 })
}

/// What the filter thought at each step: a row each.
pub struct Record {
    /// The state before the update.
    pub predicted: Array2<f64>,
    /// The state after it.
    pub x: Array2<f64>,
    /// The standard deviations after it.
    pub sigma: Array2<f64>,
    /// What the updates found.
    pub updates: Vec<Update>,
}

/// Runs every step and notes what the filter thinks; `observe` sees the filter after each.
pub fn record(
    scenario: &impl Scenario,
    filter: &mut Filter,
    mut observe: impl FnMut(usize, &Filter) -> Result<(), FilterError>,
) -> Result<Record, FilterError> {
    let (steps, n) = (scenario.steps(), filter.x().len());
    let array = || Array2::zeros((steps, n));
    let mut record = Record { predicted: array(), x: array(), sigma: array(), updates: Vec::with_capacity(steps) };
    let bar = progress(steps);
    for k in 0..steps {
        scenario.predict(filter, k)?;
        record.predicted.row_mut(k).assign(filter.x());
        record.updates.push(scenario.update(filter, k)?);
        record.x.row_mut(k).assign(filter.x());
        record.sigma.row_mut(k).assign(&filter.p().diag().map(|p| p.sqrt()));
        observe(k, filter)?;
        if k % CHUNK == 0 {
            bar.set_position(k as u64);
        }
    }
    bar.finish_and_clear();
    Ok(record)
}

/// A bar on a terminal, for a long run.
fn progress(steps: usize) -> ProgressBar {
    if steps < LONG {
        return ProgressBar::hidden();
    }
    // Hidden by itself when standard error is no terminal.
    let bar = ProgressBar::new(steps as u64);
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} steps, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Record {
    /// The mean normalised innovation squared and its degrees of freedom in all.
    pub fn nis(&self) -> (f64, usize) {
        let with: Vec<&Update> = self.updates.iter().filter(|u| u.dof > 0).collect();
        let sum: f64 = with.iter().map(|u| u.nis).sum();
        (sum / with.len().max(1) as f64, with.iter().map(|u| u.dof).sum())
    }

    /// Updates that saw something.
    pub fn updated(&self) -> usize {
        self.updates.iter().filter(|u| u.dof > 0).count()
    }

    /// Measurements that the gate did not let in.
    pub fn rejected(&self) -> usize {
        self.updates.iter().filter(|u| u.dof > 0 && !u.used).count()
    }
}
