//! The default problem: a body with gyroscope and accelerometer that measures its position, its velocity, a direction and a
//! distance. Ten states `[p v q]`, the quaternion from body to world.

use crate::data::Problem;
use crate::filter::{Filter, FilterError, Form, Model, Motion, Observation, Sensor, SensorId, Update};
use crate::quaternion::{To, length, parts, rotated, rotated_jacobian, rotation, turn, turn_jacobian, vector};
use crate::run::{self, Gate, Scenario};
use evanesce::prelude::*;
use ndarray::{Array1, ArrayView1, arr1};

/// Seconds of a step.
pub const DT: f64 = 0.01;
/// Acceleration of gravity in the world.
pub const GRAVITY: [f64; 3] = [0.0, 0.0, -9.81];
/// The direction that is measured, in the world.
pub const DIRECTION: [f64; 3] = [0.5, 0.1, -0.8];
/// The place whose distance is measured.
pub const BEACON: [f64; 3] = [30.0, -20.0, 5.0];
/// Standard deviation of the gyroscope, rad/s, and of the accelerometer, m/s^2.
pub const RATE_NOISE: f64 = 0.01;
/// See [`RATE_NOISE`].
pub const FORCE_NOISE: f64 = 0.1;
/// Standard deviations of position, velocity, direction and distance.
pub const NOISE: [f64; 10] = [0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.02, 0.02, 0.02, 0.2];
/// Names of the states.
pub const STATES: [&str; 10] = ["px", "py", "pz", "vx", "vy", "vz", "qw", "qx", "qy", "qz"];

/// A vector that is known at compile time.
fn known(v: &[f64]) -> Expr<'static> {
    constant(arr1(v))
}

/// The motion under the rate and the force that the body measures.
pub fn motion(x: &Expr<'static>, u: &Expr<'static>) -> Motion {
    let (v, q) = (x.slice(s![3..6]), x.slice(s![6..10]));
    let force = parts(&u.slice(s![3..6]));
    let turn = turn(&u.slice(s![0..3]), DT);
    let acceleration = vector(&rotated(&q, &force, To::World)) + known(&GRAVITY);
    let moved = [DT * &v + 0.5 * DT * DT * &acceleration, DT * &acceleration, turn.matmul(&q) - &q];
    let state = x + concat(&moved, 0);
    let by_q = rotated_jacobian(&q, &force, To::World);
    let none = |rows, columns| zeros(DType::F64, [rows, columns]);
    let jacobian = block([
        [eye(3), DT * eye(3), 0.5 * DT * DT * &by_q],
        [none(3, 3), eye(3), DT * &by_q],
        [none(4, 3), none(4, 3), turn],
    ]);
    let rotation = rotation(&q);
    let by_noise = block([
        [none(3, 3), 0.5 * DT * DT * &rotation],
        [none(3, 3), DT * &rotation],
        [turn_jacobian(&q, DT), none(4, 3)],
    ]);
    let (rate, force) = (RATE_NOISE * RATE_NOISE, FORCE_NOISE * FORCE_NOISE);
    let variances = known(&[rate, rate, rate, force, force, force]);
    let noise = (&by_noise * variances).matmul(by_noise.t()) + 1e-9 * eye(10);
    Motion { state, jacobian, noise }
}

/// Position, velocity, the direction in the body, the distance of the beacon.
pub fn observe(x: &Expr<'static>) -> Observation {
    let (p, q) = (x.slice(s![0..3]), x.slice(s![6..10]));
    let direction = DIRECTION.map(|d| full([], d));
    let away = &p - known(&BEACON);
    let distance = (&away * &away).sum_keepdims(0).sqrt();
    let value = concat(&[x.slice(s![0..6]), vector(&rotated(&q, &direction, To::Body)), distance.clone()], 0);
    let none = |rows, columns| zeros(DType::F64, [rows, columns]);
    let jacobian = concat(
        &[
            block([[eye(6), none(6, 4)]]),
            block([[none(3, 6), rotated_jacobian(&q, &direction, To::Body)]]),
            block([[(away / distance).expand_dims(0), none(1, 7)]]),
        ],
        0,
    );
    Observation { value, jacobian, noise: known(&NOISE.map(|sigma| sigma * sigma)) }
}

/// The state with a quaternion of length 1.
pub fn normalise(x: &Expr<'static>) -> Expr<'static> {
    let quaternion = constant(Array1::from_shape_fn(10, |i| i >= 6));
    select(quaternion, x / length(&x.slice(s![6..10])), x)
}

/// The model with its sensor.
pub fn model(form: Form) -> (Model, SensorId) {
    let mut model = Model::new(10, 6, motion).after_update(normalise);
    let sensor = model.sensor(Sensor::new("position, velocity, direction, distance", 10, observe).form(form));
    (model, sensor)
}

/// The problem as it is run.
pub struct Navigation {
    data: Problem,
    model: Model,
    sensor: SensorId,
    gate: Gate,
}

impl Navigation {
    /// Of this data; `gate` is the probability with which a measurement passes.
    pub fn new(data: Problem, form: Form, gate: Option<f64>) -> Self {
        let (model, sensor) = model(form);
        Navigation { data, model, sensor, gate: run::gate(gate, 10) }
    }

    /// True states, a row for each step.
    pub fn truth(&self, k: usize) -> ArrayView1<'_, f64> {
        self.data.truth.row(k)
    }
}

impl Scenario for Navigation {
    fn steps(&self) -> usize {
        self.data.inputs.nrows()
    }

    fn filter(&self) -> Result<Filter, FilterError> {
        Filter::new(&self.model, self.data.x.clone(), self.data.p.clone())
    }

    fn predict(&self, filter: &mut Filter, k: usize) -> Result<(), FilterError> {
        filter.predict(self.data.inputs.row(k))
    }

    fn update(&self, filter: &mut Filter, k: usize) -> Result<Update, FilterError> {
        run::update(filter, self.sensor, self.data.measurements.row(k), &self.gate)
    }
}
