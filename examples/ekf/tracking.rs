//! One object seen by a laser, which measures its place, and by a radar, which measures distance, bearing and range rate:
//! two sensors, one of them nonlinear and with an angle. Four states `[px py vx vy]` of constant velocity.

use crate::data::DataError;
use crate::filter::{Filter, FilterError, Form, Model, Motion, Observation, Sensor, SensorId, Update};
use crate::run::{self, Gate, Scenario};
use crate::table::{Line, lines};
use evanesce::prelude::*;
use ndarray::{Array1, Array2, arr1};
use std::f64::consts::TAU;
use std::path::Path;

/// Names of the states.
pub const STATES: [&str; 4] = ["px", "py", "vx", "vy"];
/// Variance of the acceleration in x and y, (m/s^2)^2.
const ACCELERATION: f64 = 9.0;
/// Variance of the laser in x and y, m^2.
const LASER: f64 = 0.0225;
/// Variances of distance, bearing and range rate.
const RADAR: [f64; 3] = [0.09, 0.0009, 0.09];
/// Variances of place and velocity after the first measurement.
const FIRST: [f64; 4] = [1.0, 1.0, 1000.0, 1000.0];

/// What was measured, the radar's components behind each other.
#[derive(Clone, Copy)]
pub enum Measurement {
    /// `px py`
    Laser([f64; 2]),
    /// distance, bearing, range rate
    Radar([f64; 3]),
}

/// A line of the file.
#[derive(Clone, Copy)]
pub struct Row {
    /// Seconds since the row before.
    pub dt: f64,
    /// What was measured.
    pub measurement: Measurement,
    /// The true state.
    pub truth: [f64; 4],
}

/// The velocity stays, up to accelerations; `u` is the duration.
pub fn motion(x: &Expr<'static>, u: &Expr<'static>) -> Motion {
    let dt = u.at(0);
    let (p, v) = (x.slice(s![0..2]), x.slice(s![2..4]));
    let jacobian = eye(4) + &dt * constant(Array2::from_shape_fn((4, 4), |(i, j)| f64::from(j == i + 2)));
    let by_noise = concat(&[0.5 * &dt * &dt * eye(2), &dt * eye(2)], 0);
    Motion { state: concat(&[p + dt * &v, v], 0), jacobian, noise: ACCELERATION * by_noise.matmul(by_noise.t()) }
}

/// The place.
pub fn laser(x: &Expr<'static>) -> Observation {
    Observation {
        value: x.slice(s![0..2]),
        jacobian: concat(&[eye(2), zeros(DType::F64, [2, 2])], 1),
        noise: constant(arr1(&[LASER, LASER])),
    }
}

/// Distance, bearing and range rate, seen from the origin.
pub fn radar(x: &Expr<'static>) -> Observation {
    let [px, py, vx, vy] = &[0, 1, 2, 3].map(|i| x.at(i));
    let distance = &px.hypot(py);
    let squared = &(px * px + py * py);
    let rate = (px * vx + py * vy) / distance;
    let (ex, ey) = (&(px / distance), &(py / distance));
    // The part of the velocity across the line of sight, divided by the distance.
    let across = &((vx * py - vy * px) / squared);
    let zero = &full([], 0.0);
    let jacobian = [
        [ex, ey, zero, zero],
        [&(-py / squared), &(px / squared), zero, zero],
        [&(ey * across), &(-(ex * across)), ex, ey],
    ];
    let elements = jacobian.as_flattened().iter().map(|&e| e.clone()).collect::<Vec<_>>();
    Observation {
        value: stack(&[distance.clone(), py.arctan2(px), rate], 0),
        jacobian: stack(&elements, 0).reshape([3, 4]),
        noise: constant(arr1(&RADAR)),
    }
}

/// The bearing's innovation into -pi..pi.
pub fn wrap_bearing(y: &Expr<'static>) -> Expr<'static> {
    y - constant(arr1(&[0.0, TAU, 0.0])) * (y / TAU).rint()
}

/// The model with its laser and its radar.
pub fn model(form: Form) -> (Model, SensorId, SensorId) {
    let mut model = Model::new(4, 1, motion);
    let laser = model.sensor(Sensor::new("laser", 2, laser).form(form));
    let radar = model.sensor(Sensor::new("radar", 3, radar).form(form).wrap(wrap_bearing));
    (model, laser, radar)
}

/// A recorded run.
pub struct Tracking {
    /// What was measured, in order of time.
    pub rows: Vec<Row>,
    model: Model,
    laser: SensorId,
    radar: SensorId,
    gate: Gate,
}

impl Tracking {
    /// Of these rows; `gate` is the probability with which a measurement passes.
    pub fn new(rows: Vec<Row>, form: Form, gate: Option<f64>) -> Self {
        let (model, laser, radar) = model(form);
        Tracking { rows, model, laser, radar, gate: run::gate(gate, 3) }
    }
}

/// Reads the course's file: `L px py t px py vx vy ...` or `R distance bearing rate t px py vx vy ...`, separated by tabs, `t`
/// in microseconds, the state of the truth.
///
/// # Errors
/// The first line that has another form.
pub fn read(path: &Path) -> Result<Vec<Row>, DataError> {
    let mut rows = Vec::new();
    let mut before = None;
    for (number, text) in &lines(path)? {
        let line = Line::new(path, *number, text, '\t');
        let (measurement, next) = match line.text(0) {
            "L" => (Measurement::Laser(line.finite(1)?), 3),
            "R" => (Measurement::Radar(line.finite(1)?), 4),
            other => return Err(line.error(format!("a measurement is L or R, not {other:?}"))),
        };
        let [t, truth @ ..]: [f64; 5] = line.finite(next)?;
        let dt = 1e-6 * (t - before.replace(t).unwrap_or(t));
        if dt < 0.0 {
            return Err(line.error(String::from("it is measured before the line above")));
        }
        rows.push(Row { dt, measurement, truth });
    }
    if rows.is_empty() { Err(DataError::new(path, "there is no measurement in it")) } else { Ok(rows) }
}

impl Scenario for Tracking {
    fn steps(&self) -> usize {
        self.rows.len()
    }

    fn filter(&self) -> Result<Filter, FilterError> {
        Filter::new(&self.model, Array1::zeros(4), Array2::from_diag(&arr1(&FIRST)))
    }

    fn predict(&self, filter: &mut Filter, k: usize) -> Result<(), FilterError> {
        if k == 0 { Ok(()) } else { filter.predict(&[self.rows[k].dt]) }
    }

    /// The first measurement is the first estimate.
    fn update(&self, filter: &mut Filter, k: usize) -> Result<Update, FilterError> {
        match self.rows[k].measurement {
            Measurement::Laser([px, py]) if k == 0 => set(filter, [px, py, 0.0, 0.0]),
            Measurement::Radar([distance, bearing, rate]) if k == 0 => {
                set(filter, [distance, rate].map(|r| [r * bearing.cos(), r * bearing.sin()]).as_flattened())
            }
            Measurement::Laser(z) => run::update(filter, self.laser, &z, &self.gate),
            Measurement::Radar(z) => run::update(filter, self.radar, &z, &self.gate),
        }
    }
}

fn set(filter: &mut Filter, x: impl AsRef<[f64]>) -> Result<Update, FilterError> {
    filter.state_mut().0.iter_mut().zip(x.as_ref()).for_each(|(to, x)| *to = *x);
    Ok(Update { nis: 0.0, dof: 0, used: true })
}
