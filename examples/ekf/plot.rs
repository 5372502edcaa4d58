//! A picture of a run: the path, and each state's error within three standard deviations.

use crate::data::DataError;
use crate::run::Record;
use plotters::coord::Shift;
use plotters::prelude::*;
use std::ops::Range;
use std::path::Path;

/// What is drawn beside the record.
pub struct Picture<'a> {
    /// Said above.
    pub title: &'a str,
    /// Seconds of each step.
    pub time: Vec<f64>,
    /// The true x and y, NaN where unknown.
    pub path: Vec<[f64; 2]>,
    /// Where x and y are among the states.
    pub xy: [usize; 2],
    /// States with their name, their number and their truth at a step.
    pub states: Vec<(&'a str, usize)>,
    /// The true state of a number at a step, NaN where unknown.
    pub truth: &'a dyn Fn(usize, usize) -> f64,
}

/// Points of the longest line: more cannot be seen.
const POINTS: usize = 1500;
const WIDTH: u32 = 1200;
const PATH_HEIGHT: u32 = 460;
const PANEL_HEIGHT: u32 = 190;
const TRUTH: RGBColor = RGBColor(150, 150, 150);
const ERROR: RGBColor = RGBColor(40, 40, 40);
const ESTIMATE: RGBColor = RGBColor(214, 96, 20);
const BAND: RGBColor = RGBColor(190, 212, 236);

type Failed = Box<dyn std::error::Error>;

/// Writes the picture as SVG.
///
/// # Errors
/// A file that cannot be written.
pub fn write(file: &Path, picture: &Picture<'_>, record: &Record) -> Result<(), DataError> {
    draw(file, picture, record).map_err(|error| DataError::new(file, error))
}

fn draw(file: &Path, picture: &Picture<'_>, record: &Record) -> Result<(), Failed> {
    let rows = picture.states.len().div_ceil(2);
    let root = SVGBackend::new(file, (WIDTH, PATH_HEIGHT + PANEL_HEIGHT * rows as u32 + 30)).into_drawing_area();
    root.fill(&WHITE)?;
    let root = root.titled(picture.title, ("sans-serif", 20))?;
    let (above, below) = root.split_vertically(PATH_HEIGHT);
    let steps: Vec<usize> = (0..picture.time.len()).step_by(picture.time.len().div_ceil(POINTS).max(1)).collect();
    path(&above, picture, record, &steps)?;
    for (panel, state) in below.split_evenly((rows, 2)).iter().zip(&picture.states) {
        errors(panel, picture, record, &steps, *state)?;
    }
    root.present()?;
    Ok(())
}

/// The range of some numbers with a margin.
fn range(values: impl Iterator<Item = f64>) -> Range<f64> {
    let finite = values.filter(|v| v.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return 0.0..1.0;
    }
    let margin = (0.05 * (high - low)).max(1e-9);
    low - margin..high + margin
}

/// A line for each run of points that are known.
fn runs(points: impl Iterator<Item = (f64, f64)>) -> Vec<Vec<(f64, f64)>> {
    let mut runs = vec![vec![]];
    for (x, y) in points {
        if x.is_finite() && y.is_finite() {
            runs.last_mut().expect("there is always one").push((x, y));
        } else if runs.last().is_some_and(|run| !run.is_empty()) {
            runs.push(vec![]);
        }
    }
    runs
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn path(area: &Area<'_>, picture: &Picture<'_>, record: &Record, steps: &[usize]) -> Result<(), Failed> {
    let estimate = || steps.iter().map(|&k| (record.x[[k, picture.xy[0]]], record.x[[k, picture.xy[1]]]));
    let truth = || steps.iter().map(|&k| (picture.path[k][0], picture.path[k][1]));
    let mut chart = ChartBuilder::on(area).margin(8).x_label_area_size(36).y_label_area_size(64).build_cartesian_2d(
        range(estimate().chain(truth()).map(|p| p.0)),
        range(estimate().chain(truth()).map(|p| p.1)),
    )?;
    chart.configure_mesh().light_line_style(TRANSPARENT).x_desc("x [m]").y_desc("y [m]").draw()?;
    let truth_style = TRUTH.stroke_width(5);
    for (i, run) in runs(truth()).into_iter().enumerate() {
        let drawn = chart.draw_series(LineSeries::new(run, truth_style))?;
        if i == 0 {
            drawn.label("truth").legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], truth_style));
        }
    }
    chart
        .draw_series(LineSeries::new(estimate(), ESTIMATE.stroke_width(2)))?
        .label("estimate")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 20, y)], ESTIMATE.stroke_width(2)));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(TRUTH.mix(0.3))
        .draw()?;
    Ok(())
}

fn errors(
    area: &Area<'_>,
    picture: &Picture<'_>,
    record: &Record,
    steps: &[usize],
    (name, state): (&str, usize),
) -> Result<(), Failed> {
    let band = |sign: f64| steps.iter().map(move |&k| (picture.time[k], sign * 3.0 * record.sigma[[k, state]]));
    let error = || {
        let of = |k: usize| record.x[[k, state]] - (picture.truth)(k, state);
        steps.iter().map(move |&k| (picture.time[k], of(k)))
    };
    // The first estimate is far wider than the rest: the scale is that of all but the widest part of the band.
    let mut widths: Vec<f64> = steps.iter().map(|&k| 3.0 * record.sigma[[k, state]]).collect();
    widths.sort_by(f64::total_cmp);
    let usual = widths[(widths.len() - 1) * 95 / 100];
    let mut sizes: Vec<f64> = error().map(|e| e.1.abs()).filter(|e| e.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    let largest = sizes.get(sizes.len().saturating_sub(1) * 99 / 100).copied().unwrap_or(0.0);
    let scale = 1.3 * usual.max(largest).max(1e-12);
    let time = *picture.time.first().unwrap_or(&0.0)..*picture.time.last().unwrap_or(&1.0);
    let clip = |(t, e): (f64, f64)| (t, e.clamp(-scale, scale));
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .margin_right(24)
        .caption(format!("error of {name} and 3 sigma"), ("sans-serif", 14))
        .x_label_area_size(24)
        .y_label_area_size(64)
        .build_cartesian_2d(time, -scale..scale)?;
    let outline: Vec<(f64, f64)> = band(1.0).chain(band(-1.0).rev()).map(clip).collect();
    chart.draw_series([Polygon::new(outline, BAND.filled())])?;
    for run in runs(error().map(clip)) {
        chart.draw_series(LineSeries::new(run, ERROR.stroke_width(1)))?;
    }
    chart.configure_mesh().disable_mesh().x_labels(8).y_labels(5).x_label_formatter(&|t| format!("{t} s")).draw()?;
    Ok(())
}
