//! Inertial navigation on recorded data: a gyroscope and an accelerometer carry position, velocity and orientation on, a
//! magnetometer and an optical position correct them ten times a second. Thirteen states `[p v q b]`, the quaternion from
//! body to world, the gyroscope's bias.

use crate::data::{DataError, product};
use crate::filter::{Filter, FilterError, Form, Model, Motion, Observation, Sensor, SensorId, Update};
use crate::navigation::GRAVITY;
use crate::quaternion::{To, length, parts, rotated, rotated_jacobian, rotation, turn, turn_jacobian, vector};
use crate::run::{self, Gate, Scenario};
use crate::table::{Line, lines};
use evanesce::prelude::*;
use ndarray::{Array1, Array2, ArrayView1, arr1};
use std::path::Path;

/// Names of the states that have a truth, and where they are.
pub const STATES: [(&str, usize); 7] = [("px", 0), ("py", 1), ("pz", 2), ("qw", 6), ("qx", 7), ("qy", 8), ("qz", 9)];
/// Noise densities, the square roots of a variance times seconds: gyroscope, rad/s; accelerometer, m/s^2; the rate of the
/// bias, rad/s^2.
const RATE_NOISE: f64 = 0.005;
/// See [`RATE_NOISE`].
const FORCE_NOISE: f64 = 0.05;
/// See [`RATE_NOISE`].
const BIAS_WALK: f64 = 2e-5;
/// Variance that every state gains in a step, for what the model leaves out.
const MODEL_NOISE: f64 = 1e-9;
/// Standard deviations of the measured position, m, and of the magnetometer, uT.
const POSITION_NOISE: f64 = 0.005;
/// See [`POSITION_NOISE`].
const FIELD_NOISE: f64 = 5.0;
/// Samples from one measurement to the next.
const MEASURE_EVERY: usize = 29;
/// Samples at rest that give the first orientation.
const REST: (usize, usize) = (300, 500);

/// A sample.
#[derive(Clone, Copy)]
pub struct Row {
    /// Seconds.
    pub t: f64,
    /// rad/s in the body.
    pub rate: [f64; 3],
    /// m/s^2 in the body.
    pub force: [f64; 3],
    /// uT in the body.
    pub field: [f64; 3],
    /// True orientation, from body to world; NaN when it was not seen.
    pub q: [f64; 4],
    /// True position, NaN when it was not seen.
    pub p: [f64; 3],
    /// Whether it counts for the error.
    pub moving: bool,
}

/// Reads the comma-separated file with one line of names.
///
/// # Errors
/// The first line that has another form; too few lines to begin with.
pub fn read(path: &Path) -> Result<Vec<Row>, DataError> {
    let mut rows = Vec::new();
    for (number, text) in lines(path)?.iter().skip(1) {
        let line = Line::new(path, *number, text, ',');
        line.expect(18)?;
        let ([t], [moving]) = (line.finite(0)?, line.finite(17)?);
        let row = Row {
            t,
            rate: line.finite(1)?,
            force: line.finite(4)?,
            field: line.finite(7)?,
            q: line.numbers(10)?,
            p: line.numbers(14)?,
            moving: moving != 0.0,
        };
        if rows.last().is_some_and(|before: &Row| before.t >= t) {
            return Err(line.error(String::from("it is measured before the line above")));
        }
        rows.push(row);
    }
    if rows.len() <= REST.1 {
        return Err(DataError::new(path, format!("{} samples are too few: {} at rest come first", rows.len(), REST.1)));
    }
    Ok(rows)
}

fn known(v: &[f64]) -> Expr<'static> {
    constant(arr1(v))
}

/// The motion under the measured rate and force during `dt`.
fn motion(x: &Expr<'static>, u: &Expr<'static>, dt: f64) -> Motion {
    let (v, q, bias) = (x.slice(s![3..6]), x.slice(s![6..10]), x.slice(s![10..13]));
    let force = parts(&u.slice(s![3..6]));
    let turn = turn(&(u.slice(s![0..3]) - &bias), dt);
    let acceleration = vector(&rotated(&q, &force, To::World)) + known(&GRAVITY);
    let moved = [dt * &v + 0.5 * dt * dt * &acceleration, dt * &acceleration, turn.matmul(&q) - &q];
    let state = x + concat(&[concat(&moved, 0), zeros(DType::F64, [3])], 0);
    let by_q = rotated_jacobian(&q, &force, To::World);
    let by_rate = turn_jacobian(&q, dt);
    let none = |rows, columns| zeros(DType::F64, [rows, columns]);
    let jacobian = block([
        [eye(3), dt * eye(3), 0.5 * dt * dt * &by_q, none(3, 3)],
        [none(3, 3), eye(3), dt * &by_q, none(3, 3)],
        [none(4, 3), none(4, 3), turn, -&by_rate],
        [none(3, 3), none(3, 3), none(3, 4), eye(3)],
    ]);
    let rotation = rotation(&q);
    let by_noise = block([
        [none(3, 3), 0.5 * dt * dt * &rotation],
        [none(3, 3), dt * &rotation],
        [by_rate, none(4, 3)],
        [none(3, 3), none(3, 3)],
    ]);
    let variances = [RATE_NOISE, RATE_NOISE, RATE_NOISE, FORCE_NOISE, FORCE_NOISE, FORCE_NOISE].map(|s| s * s / dt);
    let own = Array1::from_shape_fn(13, |i| if i < 10 { MODEL_NOISE } else { BIAS_WALK * BIAS_WALK * dt });
    let noise = (&by_noise * known(&variances)).matmul(by_noise.t()) + constant(Array2::from_diag(&own));
    Motion { state, jacobian, noise }
}

/// The position and the magnetic field in the body, of a field of the world.
fn observe(x: &Expr<'static>, field: [f64; 3]) -> Observation {
    let (p, q) = (x.slice(s![0..3]), x.slice(s![6..10]));
    let field = field.map(|f| full([], f));
    let none = |rows, columns| zeros(DType::F64, [rows, columns]);
    let (position, magnetic) = (POSITION_NOISE * POSITION_NOISE, FIELD_NOISE * FIELD_NOISE);
    Observation {
        value: concat(&[p, vector(&rotated(&q, &field, To::Body))], 0),
        jacobian: block([
            [eye(3), none(3, 3), none(3, 4), none(3, 3)],
            [none(3, 3), none(3, 3), rotated_jacobian(&q, &field, To::Body), none(3, 3)],
        ]),
        noise: known(&[position, position, position, magnetic, magnetic, magnetic]),
    }
}

/// The state with a quaternion of length 1.
fn normalise(x: &Expr<'static>) -> Expr<'static> {
    let quaternion = constant(Array1::from_shape_fn(13, |i| (6..10).contains(&i)));
    select(quaternion, x / length(&x.slice(s![6..10])), x)
}

/// The recorded data with its filter.
pub struct Inertial {
    /// The samples.
    pub rows: Vec<Row>,
    inputs: Array2<f64>,
    measurements: Array2<f64>,
    model: Model,
    sensor: SensorId,
    gate: Gate,
    x: Array1<f64>,
}

impl Inertial {
    /// Of these samples, of which the first are at rest; `gate` is the probability with which a measurement passes.
    pub fn new(rows: Vec<Row>, form: Form, gate: Option<f64>) -> Self {
        let dt = (rows[rows.len() - 1].t - rows[0].t) / (rows.len() - 1) as f64;
        // At rest the force points up, and the field's horizontal part north.
        let up = normalised(mean(rows[..REST.0].iter().map(|row| row.force)));
        let field = median(rows[..REST.1].iter().map(|row| row.field));
        let east = normalised(cross(mean(rows[..REST.1].iter().map(|row| row.field)), up));
        let to_world = [east, cross(up, east), up];
        let reference = to_world.map(|axis| dot(axis, field));
        let first = rows.iter().map(|row| row.p).find(|p| p.iter().all(|p| p.is_finite())).unwrap_or([0.0; 3]);
        let x = first.into_iter().chain([0.0; 3]).chain(from_matrix(to_world)).chain([0.0; 3]).collect();
        let mut model = Model::new(13, 6, move |x, u| motion(x, u, dt)).after_update(normalise);
        let sensor = model.sensor(Sensor::new("position and field", 6, move |x| observe(x, reference)).form(form));
        let inputs = Array2::from_shape_fn((rows.len(), 6), |(k, i)| match i {
            0..3 => rows[k].rate[i],
            _ => rows[k].force[i - 3],
        });
        let measurements = Array2::from_shape_fn((rows.len(), 6), |(k, i)| match i {
            _ if k % MEASURE_EVERY != 0 => f64::NAN,
            0..3 => rows[k].p[i],
            _ => rows[k].field[i - 3],
        });
        Inertial { rows, inputs, measurements, model, sensor, gate: run::gate(gate, 6), x }
    }

    /// The true value of a component of the position or of the quaternion, the latter with the sign that is nearer to `x`.
    pub fn truth(&self, k: usize, state: usize, x: ArrayView1<'_, f64>) -> f64 {
        let Row { p, q, .. } = self.rows[k];
        match state {
            0..3 => p[state],
            6..10 => q[state - 6] * (0..4).map(|i| q[i] * x[6 + i]).sum::<f64>().signum(),
            _ => f64::NAN,
        }
    }

    /// Whether a position was measured at this sample.
    pub fn has_position(&self, k: usize) -> bool {
        !self.measurements[[k, 0]].is_nan()
    }
}

impl Scenario for Inertial {
    fn steps(&self) -> usize {
        self.rows.len()
    }

    fn filter(&self) -> Result<Filter, FilterError> {
        let variances = (0..13).map(|i| match i {
            0..3 => 1e-4,
            3..6 => 1e-2,
            6..10 => 1e-3,
            _ => 1e-5,
        });
        Filter::new(&self.model, self.x.clone(), Array2::from_diag(&Array1::from_iter(variances)))
    }

    fn predict(&self, filter: &mut Filter, k: usize) -> Result<(), FilterError> {
        filter.predict(self.inputs.row(k))
    }

    fn update(&self, filter: &mut Filter, k: usize) -> Result<Update, FilterError> {
        run::update(filter, self.sensor, self.measurements.row(k), &self.gate)
    }
}

/// Angles in degrees between two orientations: of all, about the vertical, and of the vertical.
pub fn angles([w, x, y, z]: [f64; 4], truth: [f64; 4]) -> [f64; 3] {
    let [w, _, _, z] = product([w, x, y, z], [truth[0], -truth[1], -truth[2], -truth[3]]);
    let (w, z) = (w.abs(), z.abs());
    let whole = 2.0 * w.min(1.0).acos();
    let heading = 2.0 * z.atan2(w);
    let tilt = 2.0 * w.hypot(z).min(1.0).acos();
    [whole, heading, tilt].map(f64::to_degrees)
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn normalised(a: [f64; 3]) -> [f64; 3] {
    let length = dot(a, a).sqrt();
    a.map(|a| a / length)
}

fn mean(vectors: impl ExactSizeIterator<Item = [f64; 3]>) -> [f64; 3] {
    let n = vectors.len() as f64;
    vectors.fold([0.0; 3], |sum, v| std::array::from_fn(|i| sum[i] + v[i] / n))
}

fn median(vectors: impl Iterator<Item = [f64; 3]>) -> [f64; 3] {
    let vectors: Vec<[f64; 3]> = vectors.collect();
    std::array::from_fn(|i| {
        let mut values: Vec<f64> = vectors.iter().map(|v| v[i]).collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len() / 2;
        if values.len().is_multiple_of(2) { 0.5 * (values[middle - 1] + values[middle]) } else { values[middle] }
    })
}

/// The quaternion of a rotation matrix.
fn from_matrix([[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]]: [[f64; 3]; 3]) -> [f64; 4] {
    // The largest component first, which is not 0; the others are products with it.
    let squares = [xx + yy + zz, xx - yy - zz, yy - xx - zz, zz - xx - yy];
    let largest = (0..4).max_by(|&i, &j| squares[i].total_cmp(&squares[j])).unwrap_or(0);
    let products = [
        [1.0 + squares[0], zy - yz, xz - zx, yx - xy],
        [zy - yz, 1.0 + squares[1], xy + yx, xz + zx],
        [xz - zx, xy + yx, 1.0 + squares[2], yz + zy],
        [yx - xy, xz + zx, yz + zy, 1.0 + squares[3]],
    ];
    crate::data::unit(products[largest])
}
