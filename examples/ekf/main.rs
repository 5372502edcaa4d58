//! An extended Kalman filter written as expressions, compiled once, run in place.
//!
//! Without arguments it makes the data of a ten-state navigation problem and runs 10,000 steps; see `--help`.
#![allow(unreachable_pub, reason = "the modules are written to be copied")]

mod allocations;
mod chi_square;
mod data;
mod filter;
mod navigation;
mod quaternion;
mod report;
mod run;

use clap::{Parser, ValueEnum};
use data::{DataError, Problem};
use evanesce::prelude::*;
use filter::{Filter, FilterError, Form};
use navigation::Navigation;
use ndarray::Array1;
use report::{Consistency, Report};
use run::Scenario;
use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// An extended Kalman filter, compiled by Evanesce.
#[derive(Parser)]
struct Options {
    /// Steps of the default problem.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Seed of the default problem's noise.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// Read the default problem's data from FILE: little-endian f64, x (10), P (100), then u (6) and z (10) of each step.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Write the default problem's data to FILE and run nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    write: Option<PathBuf>,
    /// How updates compute the covariance.
    #[arg(long, value_enum, default_value_t = FormName::Joseph)]
    form: FormName,
    /// Print the compiled programs and run nothing.
    #[arg(long)]
    dump: bool,
    /// Print one JSON object.
    #[arg(long, conflicts_with = "dump")]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormName {
    /// (I - KH) P (I - KH)' + K R K'
    Joseph,
    /// (I - KH) P
    Plain,
}

/// Why there is no report.
enum Failure {
    Data(DataError),
    Filter(FilterError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Data(error) => error.fmt(f),
            Failure::Filter(error) => error.fmt(f),
        }
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        Failure::Data(error)
    }
}

impl From<FilterError> for Failure {
    fn from(error: FilterError) -> Self {
        Failure::Filter(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Filter(error.into())
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            // A file that cannot be used is the caller's; what the numbers do not allow is 1.
            ExitCode::from(if matches!(failure, Failure::Data(_)) { 2 } else { 1 })
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let form = match options.form {
        FormName::Joseph => Form::Joseph,
        FormName::Plain => Form::Plain,
    };
    let steps = usize::try_from(options.steps).unwrap_or(usize::MAX);
    let problem = match &options.file {
        Some(path) => {
            let mut problem = Problem::read(path)?;
            problem.truncate(steps);
            problem
        }
        None => Problem::generate(steps, options.seed),
    };
    if let Some(path) = &options.write {
        return Ok(problem.write(path)?);
    }
    default(options, &Navigation::new(problem, form))
}

/// The default problem.
fn default(options: &Options, scenario: &Navigation) -> Result<(), Failure> {
    let Some((mut filter, compile_ms)) = compiled(options, scenario)? else { return Ok(()) };
    let (x, p) = (filter.x().clone(), filter.p().clone());
    let cost = run::measure(scenario, &mut filter)?;
    let (now_x, now_p) = filter.state_mut();
    now_x.assign(&x);
    now_p.assign(&p);
    // e' inv(P) e of the error e.
    let mut nees = Function::trace(|f| {
        let e = f.input("e", DType::F64, [10]);
        let p = f.input("P", DType::F64, [10, 10]);
        f.output("nees", &(&e * p.assume(Facts::SPD).solve(&e)).sum(()));
    })?;
    let mut sum = 0.0;
    let record = run::record(scenario, &mut filter, |k, filter| {
        let error: Array1<f64> = filter.x() - &scenario.truth(k);
        let mut one = 0.0;
        nees.call(args![&error, filter.p()], args![&mut one])?;
        sum += one;
        Ok(())
    })?;
    let steps = scenario.steps();
    let pairs = record.x.rows().into_iter().enumerate().map(|(k, x)| (x, scenario.truth(k)));
    let nees = Consistency {
        name: "NEES",
        mean: sum / steps as f64,
        bounds: chi_square::mean_bounds(10 * steps, steps),
        note: " (of independent errors; these are correlated in time)",
    };
    show(
        options,
        &Report {
            dataset: "default",
            steps,
            cost,
            compile_ms,
            final_state: filter.x().to_vec(),
            errors: vec![("rmse", report::rms_each(&navigation::STATES, pairs))],
            consistency: vec![Consistency::of_innovations(&record), nees],
        },
    );
    Ok(())
}

/// The compiled filter and the milliseconds it took, unless only the programs are asked for.
fn compiled(options: &Options, scenario: &impl Scenario) -> Result<Option<(Filter, f64)>, Failure> {
    let start = Instant::now();
    let filter = scenario.filter()?;
    let compile_ms = start.elapsed().as_secs_f64() * 1e3;
    if options.dump {
        for (name, function) in filter.functions() {
            println!("# {name}\n{}", function.program());
        }
        return Ok(None);
    }
    Ok(Some((filter, compile_ms)))
}

fn show(options: &Options, report: &Report) {
    if options.json { println!("{}", report.json()) } else { print!("{report}") }
}
