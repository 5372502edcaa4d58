//! An extended Kalman filter written as expressions, compiled once, run in place.
//!
//! Without arguments it makes the data of a ten-state navigation problem and runs 10,000 steps; see `--help`.
#![allow(unreachable_pub, reason = "the modules are written to be copied")]

mod allocations;
mod chi_square;
mod data;
#[allow(dead_code, reason = "a module to be copied is whole")]
mod filter;
mod inertial;
mod navigation;
mod plot;
mod quaternion;
mod report;
mod run;
mod table;
mod tracking;

use clap::{Parser, ValueEnum};
use data::{DataError, Problem};
use evanesce::prelude::*;
use filter::{Filter, FilterError, Form};
use inertial::Inertial;
use navigation::Navigation;
use ndarray::{Array1, aview1};
use plot::Picture;
use report::{Consistency, Errors, Report, rms};
use run::{Record, Scenario};
use std::fmt;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use tracking::Tracking;

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
    /// Run recorded data instead. broad: inertial navigation, comma-separated; udacity: laser and radar, tab-separated.
    #[arg(long, num_args = 2, value_names = ["broad|udacity", "FILE"], conflicts_with_all = ["file", "write"])]
    data: Option<Vec<String>>,
    /// How updates compute the covariance.
    #[arg(long, value_enum, default_value_t = FormName::Joseph)]
    form: FormName,
    /// Leave out measurements beyond what a consistent filter sees with this probability: a chi-square gate, such as 0.999.
    #[arg(long, value_name = "PROBABILITY", value_parser = probability)]
    gate: Option<f64>,
    /// Print the compiled programs and run nothing.
    #[arg(long)]
    dump: bool,
    /// Draw the path and the errors within three standard deviations, as SVG.
    #[arg(long, value_name = "FILE", conflicts_with = "dump")]
    plot: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long, conflicts_with = "dump")]
    json: bool,
}

/// A number between 0 and 1.
fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(p) if 0.0 < p && p < 1.0 => Ok(p),
        _ => Err(String::from("a probability is between 0 and 1")),
    }
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
    Usage(String),
    Data(DataError),
    Filter(FilterError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(problem) => f.write_str(problem),
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
            ExitCode::from(if matches!(failure, Failure::Filter(_)) { 1 } else { 2 })
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let form = match options.form {
        FormName::Joseph => Form::Joseph,
        FormName::Plain => Form::Plain,
    };
    if let Some([set, path]) = options.data.as_deref() {
        let path = Path::new(path);
        return match &set[..] {
            "broad" => broad(options, &Inertial::new(inertial::read(path)?, form, options.gate)),
            "udacity" => udacity(options, &Tracking::new(tracking::read(path)?, form, options.gate)),
            other => Err(Failure::Usage(format!("the data are broad or udacity, not {other:?}"))),
        };
    }
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
    default(options, &Navigation::new(problem, form, options.gate))
}

/// The default problem.
fn default(options: &Options, scenario: &Navigation) -> Result<(), Failure> {
    let Some((mut filter, compile_ms)) = compiled(options, scenario)? else { return Ok(()) };
    let cost = run::measure(scenario, &mut filter)?;
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
    let picture = Picture {
        title: "Ten-state navigation: position, velocity, orientation",
        time: (1..=steps).map(|k| k as f64 * navigation::DT).collect(),
        path: (0..steps).map(|k| [scenario.truth(k)[0], scenario.truth(k)[1]]).collect(),
        xy: [0, 1],
        states: navigation::STATES.into_iter().zip(0..).collect(),
        truth: &|k, i| scenario.truth(k)[i],
    };
    show(
        options,
        &picture,
        &record,
        &Report {
            dataset: "default",
            steps,
            cost,
            compile_ms,
            final_state: filter.x().to_vec(),
            rejected: record.rejected(),
            errors: vec![("rmse", report::rms_each(&navigation::STATES, pairs))],
            consistency: vec![Consistency::of_innovations(&record), nees],
        },
    )
}

/// Laser and radar.
fn udacity(options: &Options, scenario: &Tracking) -> Result<(), Failure> {
    let Some((mut filter, compile_ms)) = compiled(options, scenario)? else { return Ok(()) };
    let cost = run::measure(scenario, &mut filter)?;
    let record = run::record(scenario, &mut filter, |_, _| Ok(()))?;
    let pairs = record.x.rows().into_iter().zip(&scenario.rows).map(|(x, row)| (x, aview1(&row.truth)));
    let mut elapsed = 0.0;
    let time = scenario.rows.iter().map(|row| {
        elapsed += row.dt;
        elapsed
    });
    let picture = Picture {
        title: "Laser and radar: position and velocity",
        time: time.collect(),
        path: scenario.rows.iter().map(|row| [row.truth[0], row.truth[1]]).collect(),
        xy: [0, 1],
        states: tracking::STATES.into_iter().zip(0..).collect(),
        truth: &|k, i| scenario.rows[k].truth[i],
    };
    show(
        options,
        &picture,
        &record,
        &Report {
            dataset: "udacity",
            steps: scenario.steps(),
            cost,
            compile_ms,
            final_state: filter.x().to_vec(),
            rejected: record.rejected(),
            errors: vec![("rmse", report::rms_each(&tracking::STATES, pairs))],
            consistency: vec![Consistency::of_innovations(&record)],
        },
    )
}

/// Inertial navigation.
fn broad(options: &Options, scenario: &Inertial) -> Result<(), Failure> {
    let Some((mut filter, compile_ms)) = compiled(options, scenario)? else { return Ok(()) };
    let cost = run::measure(scenario, &mut filter)?;
    let record = run::record(scenario, &mut filter, |_, _| Ok(()))?;
    let moving = || scenario.rows.iter().enumerate().filter(|(_, row)| row.moving);
    let angles: Vec<[f64; 3]> = moving()
        .filter(|(_, row)| row.q.iter().all(|q| q.is_finite()))
        .map(|(k, row)| inertial::angles(std::array::from_fn(|i| record.x[[k, 6 + i]]), row.q))
        .collect();
    let angle = |i: usize| Errors::One(rms(angles.iter().map(|a| a[i])), "degrees");
    let measured = moving().filter(|(k, _)| scenario.has_position(*k));
    let position = measured.flat_map(|(k, row)| (0..3).map(move |i| (k, i, row.p[i])));
    let position = position.map(|(k, i, p)| record.predicted[[k, i]] - p);
    let picture = Picture {
        title: "Inertial navigation: position, orientation",
        time: scenario.rows.iter().map(|row| row.t).collect(),
        path: scenario.rows.iter().map(|row| [row.p[0], row.p[1]]).collect(),
        xy: [0, 1],
        states: inertial::STATES.to_vec(),
        truth: &|k, i| scenario.truth(k, i, record.x.row(k)),
    };
    show(
        options,
        &picture,
        &record,
        &Report {
            dataset: "broad",
            steps: scenario.steps(),
            cost,
            compile_ms,
            final_state: filter.x().to_vec(),
            rejected: record.rejected(),
            errors: vec![
                ("orientation_rmse_deg", angle(0)),
                ("heading_rmse_deg", angle(1)),
                ("tilt_rmse_deg", angle(2)),
                ("position_rmse_m", Errors::One(rms(position), "m in each axis, predicted where it is measured")),
            ],
            consistency: vec![Consistency::of_innovations(&record)],
        },
    )
}

/// The compiled filter and the milliseconds it took, unless only the programs are asked for.
fn compiled(options: &Options, scenario: &impl Scenario) -> Result<Option<(Filter, f64)>, Failure> {
    let start = Instant::now();
    let filter = scenario.filter()?;
    let compile_ms = start.elapsed().as_secs_f64() * 1e3;
    if options.dump {
        for (name, function) in filter.functions() {
            print(format_args!("# {name}\n{}\n", function.program()))?;
        }
        return Ok(None);
    }
    Ok(Some((filter, compile_ms)))
}

/// Prints the report and draws the picture.
fn show(options: &Options, picture: &Picture<'_>, record: &Record, report: &Report) -> Result<(), Failure> {
    if let Some(file) = &options.plot {
        plot::write(file, picture, record)?;
    }
    match options.json {
        true => print(format_args!("{}\n", report.json())),
        false => print(format_args!("{report}")),
    }
}

/// Writes to standard output; a reader that wants no more, such as `head`, ends the run without a word.
fn print(text: fmt::Arguments<'_>) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_fmt(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Usage(format!("standard output: {error}"))),
        _ => Ok(()),
    }
}
