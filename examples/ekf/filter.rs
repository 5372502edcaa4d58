//! An extended Kalman filter for any model: its functions are traced from closures once, compiled, and run in place.
//!
//! ```ignore
//! let mut model = Model::new(2, 1, |x, u| Motion { .. });
//! let odometer = model.sensor(Sensor::new("odometer", 1, |x| Observation { .. }).form(Form::Plain));
//! let mut filter = Filter::new(&model, x0, p0)?;
//! loop {
//!     filter.predict(&u)?;
//!     filter.update(odometer, &z)?;                  // the fast path, or:
//!     if filter.innovation(odometer, &z)?.gate(6.63) {
//!         filter.commit()?;
//!     }
//! }
//! ```
//! A component of a measurement that is NaN is skipped: the filter does what it would do for a sensor without it.

use evanesce::prelude::*;
use evanesce::{RunError, RunErrorKind};
use ndarray::{Array1, Array2, ArrayD, ArrayView1, ArrayView2};
use std::fmt;

/// One step of the motion `x' = f(x, u) + noise`.
pub struct Motion {
    /// `f(x, u)`: the new state, `[n]`.
    pub state: Expr<'static>,
    /// `F = df/dx`: `[n, n]`.
    pub jacobian: Expr<'static>,
    /// `Q`, the covariance of the noise: `[n, n]`, or `[n]` for a diagonal one.
    pub noise: Expr<'static>,
}

/// What a sensor shows of a state, `z = h(x) + noise`.
pub struct Observation {
    /// `h(x)`: `[m]`.
    pub value: Expr<'static>,
    /// `H = dh/dx`: `[m, n]`.
    pub jacobian: Expr<'static>,
    /// `R`, the covariance of the noise: `[m, m]`, or `[m]` for a diagonal one.
    pub noise: Expr<'static>,
}

/// How an update computes the covariance; either result is made symmetric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `(I - K H) P (I - K H)' + K R K'`: stays positive definite whatever is rounded.
    Joseph,
    /// `(I - K H) P`: half the work.
    Plain,
}

type Map = Box<dyn Fn(&Expr<'static>) -> Expr<'static>>;
type MotionOf = Box<dyn Fn(&Expr<'static>, &Expr<'static>) -> Motion>;

/// A sensor: its name in errors, the size of a measurement, its model and how it is used.
pub struct Sensor {
    name: String,
    size: usize,
    observe: Box<dyn Fn(&Expr<'static>) -> Observation>,
    wrap: Option<Map>,
    form: Form,
}

impl Sensor {
    /// A sensor of `size` components whose update is in Joseph's form.
    pub fn new(name: &str, size: usize, observe: impl Fn(&Expr<'static>) -> Observation + 'static) -> Self {
        Sensor { name: name.to_string(), size, observe: Box::new(observe), wrap: None, form: Form::Joseph }
    }

    /// How the covariance is computed.
    pub fn form(mut self, form: Form) -> Self {
        self.form = form;
        self
    }

    /// What is done to each innovation `z - h(x)`: angles belong into -pi..pi.
    pub fn wrap(mut self, wrap: impl Fn(&Expr<'static>) -> Expr<'static> + 'static) -> Self {
        self.wrap = Some(Box::new(wrap));
        self
    }
}

/// A sensor of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SensorId(usize);

/// The motion and the sensors.
pub struct Model {
    states: usize,
    inputs: usize,
    motion: MotionOf,
    after_update: Option<Map>,
    sensors: Vec<Sensor>,
}

impl Model {
    /// A motion of `states` states under `inputs` inputs.
    pub fn new(
        states: usize,
        inputs: usize,
        motion: impl Fn(&Expr<'static>, &Expr<'static>) -> Motion + 'static,
    ) -> Self {
        Model { states, inputs, motion: Box::new(motion), after_update: None, sensors: vec![] }
    }

    /// What is done to the state after each update, such as making a quaternion a unit one.
    pub fn after_update(mut self, hook: impl Fn(&Expr<'static>) -> Expr<'static> + 'static) -> Self {
        self.after_update = Some(Box::new(hook));
        self
    }

    /// Adds a sensor.
    pub fn sensor(&mut self, sensor: Sensor) -> SensorId {
        self.sensors.push(sensor);
        SensorId(self.sensors.len() - 1)
    }
}

/// Why the filter did not do a step. Its state is what it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterError {
    /// `S = H P H' + R` is not positive definite: `P` or `R` is not, or something is NaN.
    InnovationCovariance {
        /// The sensor's name.
        sensor: String,
        /// Order of the leading minor that is not positive.
        order: usize,
        /// The op that found it.
        error: RunError,
    },
    /// Nothing waits for a commit: no innovation was computed, or the state has changed since.
    NothingToCommit,
    /// The model or the arrays are wrong.
    Evanesce(Error),
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterError::InnovationCovariance { sensor, error, .. } => {
                write!(f, "the innovation covariance S = H P H' + R of the sensor {sensor} is unusable: {error}")
            }
            FilterError::NothingToCommit => f.write_str("there is no innovation of the current state to commit"),
            FilterError::Evanesce(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FilterError {}

impl From<Error> for FilterError {
    fn from(error: Error) -> Self {
        FilterError::Evanesce(error)
    }
}

/// What an update found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    /// The normalised innovation squared, `y' inv(S) y`.
    pub nis: f64,
    /// Components that were not NaN: the degrees of freedom of `nis`.
    pub dof: usize,
    /// Whether the state was corrected by it: not when it is all NaN or does not pass a gate.
    pub used: bool,
}

/// A measurement compared with what was expected, before it changes anything.
#[derive(Clone, Copy, Debug)]
pub struct Innovation<'a> {
    /// `z - h(x)`, 0 where the measurement is NaN.
    pub y: ArrayView1<'a, f64>,
    /// `S = H P H' + R`, that of the identity where the measurement is NaN.
    pub covariance: ArrayView2<'a, f64>,
    /// The normalised innovation squared, `y' inv(S) y`.
    pub nis: f64,
    /// Components that were not NaN: the degrees of freedom of `nis`.
    pub dof: usize,
}

impl Innovation<'_> {
    /// Whether `nis` is at most a threshold: a quantile of the chi-square distribution with `dof` degrees of freedom.
    pub fn gate(&self, threshold: f64) -> bool {
        self.nis <= threshold
    }
}

/// The state, its covariance and the compiled functions.
pub struct Filter {
    x: Array1<f64>,
    p: Array2<f64>,
    predict: Function,
    sensors: Vec<Compiled>,
    /// The sensor whose innovation waits for a commit, with its degrees of freedom.
    pending: Option<(usize, usize)>,
}

/// The functions of a sensor, and what goes from `innovate` to `commit`.
struct Compiled {
    name: String,
    update: Function,
    innovate: Function,
    commit: Function,
    y: Array1<f64>,
    s: Array2<f64>,
    k: Array2<f64>,
    h: Array2<f64>,
    r: ArrayD<f64>,
    nis: f64,
}

impl Filter {
    /// Compiles a model for an initial state and covariance.
    ///
    /// # Errors
    /// The first mistake in the model.
    pub fn new(model: &Model, x: Array1<f64>, p: Array2<f64>) -> Result<Filter, FilterError> {
        let predict = Function::trace(|f| {
            let (x, p) = state(f, model);
            let u = f.input("u", DType::F64, [model.inputs]);
            let Motion { state, jacobian, noise } = (model.motion)(&x, &u);
            // The state last: what the covariance is made of reads the old one.
            f.update(&p, &plus_noise(&jacobian.matmul(&p).matmul(jacobian.t()), &noise, model.states));
            f.update(&x, &state);
        })?;
        let sensors = model.sensors.iter().map(|sensor| Compiled::new(model, sensor)).collect::<Result<_, _>>()?;
        Ok(Filter { x, p, predict, sensors, pending: None })
    }

    /// The state.
    pub fn x(&self) -> &Array1<f64> {
        &self.x
    }

    /// Its covariance.
    pub fn p(&self) -> &Array2<f64> {
        &self.p
    }

    /// State and covariance, to be set.
    pub fn state_mut(&mut self) -> (&mut Array1<f64>, &mut Array2<f64>) {
        self.pending = None;
        (&mut self.x, &mut self.p)
    }

    /// Moves the state by one step.
    ///
    /// # Errors
    /// When `u` has another size than the model says.
    #[track_caller]
    pub fn predict<'a>(&mut self, u: impl Into<ArrayView1<'a, f64>>) -> Result<(), FilterError> {
        self.pending = None;
        Ok(self.predict.call(args![&mut self.x, &mut self.p, u.into()], [])?)
    }

    /// Takes a measurement into the state, in one function. One that is all NaN changes nothing.
    ///
    /// # Errors
    /// When `S` is not positive definite, or `z` has another size than the sensor says.
    #[track_caller]
    pub fn update<'a>(&mut self, sensor: SensorId, z: impl Into<ArrayView1<'a, f64>>) -> Result<Update, FilterError> {
        let z = z.into();
        let dof = components(z);
        let with = &mut self.sensors[sensor.0];
        let mut nis = 0.0;
        if dof > 0 || z.is_empty() {
            self.pending = None;
            let called = with.update.call(args![&mut self.x, &mut self.p, z], args![&mut nis]);
            called.map_err(|error| with.explain(error))?;
        }
        Ok(Update { nis, dof, used: dof > 0 })
    }

    /// Compares a measurement with the state, which [`commit`](Self::commit) then corrects.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    #[track_caller]
    pub fn innovation<'a>(
        &mut self,
        sensor: SensorId,
        z: impl Into<ArrayView1<'a, f64>>,
    ) -> Result<Innovation<'_>, FilterError> {
        let z = z.into();
        let dof = components(z);
        let with = &mut self.sensors[sensor.0];
        self.pending = None;
        let outputs = args![&mut with.y, &mut with.s, &mut with.nis, &mut with.k, &mut with.h, &mut with.r];
        let called = with.innovate.call(args![&self.x, &self.p, z], outputs);
        called.map_err(|error| with.explain(error))?;
        self.pending = Some((sensor.0, dof));
        Ok(Innovation { y: with.y.view(), covariance: with.s.view(), nis: with.nis, dof })
    }

    /// Corrects the state by the last innovation, whose gain is not computed again.
    ///
    /// # Errors
    /// When there is none, or the state has changed since.
    #[track_caller]
    pub fn commit(&mut self) -> Result<(), FilterError> {
        let (sensor, dof) = self.pending.take().ok_or(FilterError::NothingToCommit)?;
        if dof > 0 {
            let with = &mut self.sensors[sensor];
            let inputs = args![&mut self.x, &mut self.p, &with.y, &with.k, &with.h, &with.r];
            with.commit.call(inputs, [])?;
        }
        Ok(())
    }

    /// [`update`](Self::update) unless the normalised innovation squared is above the threshold for its degrees of freedom.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    #[track_caller]
    pub fn update_gated<'a>(
        &mut self,
        sensor: SensorId,
        z: impl Into<ArrayView1<'a, f64>>,
        threshold: impl FnOnce(usize) -> f64,
    ) -> Result<Update, FilterError> {
        let innovation = self.innovation(sensor, z)?;
        let (nis, dof) = (innovation.nis, innovation.dof);
        let used = dof > 0 && innovation.gate(threshold(dof));
        if used {
            self.commit()?;
        }
        Ok(Update { nis, dof, used })
    }

    /// The compiled functions with their names.
    pub fn functions(&self) -> impl Iterator<Item = (String, &Function)> {
        let sensors = self.sensors.iter().flat_map(|sensor| {
            let named = |what: &str| format!("{what} {}", sensor.name);
            [
                (named("update"), &sensor.update),
                (named("innovation"), &sensor.innovate),
                (named("commit"), &sensor.commit),
            ]
        });
        std::iter::once((String::from("predict"), &self.predict)).chain(sensors)
    }
}

impl Compiled {
    fn new(model: &Model, sensor: &Sensor) -> Result<Compiled, Error> {
        let (n, m) = (model.states, sensor.size);
        let update = Function::trace(|f| {
            let (x, p) = state(f, model);
            let z = f.input("z", DType::F64, [m]);
            let gain = Gain::new(sensor, &x, &p, &z, n);
            f.output("nis", &gain.nis);
            gain.correct(f, model, sensor, &x, &p);
        })?;
        let innovate = Function::trace(|f| {
            let (x, p) = state(f, model);
            let z = f.input("z", DType::F64, [m]);
            let gain = Gain::new(sensor, &x, &p, &z, n);
            let outputs =
                [("y", &gain.y), ("S", &gain.s), ("nis", &gain.nis), ("K", &gain.k), ("H", &gain.h), ("R", &gain.r)];
            outputs.iter().for_each(|(name, value)| f.output(name, value));
        })?;
        let noise = innovate.signature().outputs[5].1.clone();
        let commit = Function::trace(|f| {
            let (x, p) = state(f, model);
            let y = f.input("y", DType::F64, [m]);
            let k = f.input("K", DType::F64, [n, m]);
            let h = f.input("H", DType::F64, [m, n]);
            let r = f.input("R", DType::F64, &noise.shape);
            correct(f, model, sensor, [&x, &p, &y, &k, &h, &r]);
        })?;
        Ok(Compiled {
            name: sensor.name.clone(),
            update,
            innovate,
            commit,
            y: Array1::zeros(m),
            s: Array2::zeros((m, m)),
            k: Array2::zeros((n, m)),
            h: Array2::zeros((m, n)),
            r: ArrayD::zeros(&noise.shape[..]),
            nis: 0.0,
        })
    }

    /// A failed Cholesky is that of `S`.
    fn explain(&self, error: Error) -> FilterError {
        match error {
            Error::Run(error) => match error.kind {
                RunErrorKind::NotPositiveDefinite { order, .. } => {
                    FilterError::InnovationCovariance { sensor: self.name.clone(), order, error }
                }
                _ => FilterError::Evanesce(Error::Run(error)),
            },
            other => FilterError::Evanesce(other),
        }
    }
}

/// Declares the state and the covariance.
fn state(f: &mut Tracer, model: &Model) -> (Expr<'static>, Expr<'static>) {
    let n = model.states;
    (f.input("x", DType::F64, [n]), f.input("P", DType::F64, [n, n]))
}

/// Components that are not NaN.
fn components(z: ArrayView1<'_, f64>) -> usize {
    z.iter().filter(|z| !z.is_nan()).count()
}

/// `a` plus a covariance, which may be given by its diagonal.
fn plus_noise(a: &Expr<'static>, noise: &Expr<'static>, n: usize) -> Expr<'static> {
    match noise.ty() {
        Ok(ty) if ty.rank() == 1 => a + select(eye(n).astype(DType::Bool), noise, 0.0),
        _ => a + noise,
    }
}

/// Everything of an update but the new state.
struct Gain {
    y: Expr<'static>,
    h: Expr<'static>,
    r: Expr<'static>,
    s: Expr<'static>,
    k: Expr<'static>,
    nis: Expr<'static>,
}

impl Gain {
    fn new(sensor: &Sensor, x: &Expr<'static>, p: &Expr<'static>, z: &Expr<'static>, n: usize) -> Gain {
        let m = sensor.size;
        let Observation { value, jacobian, noise } = (sensor.observe)(x);
        // A component that is missing has no innovation, sees no state and has a noise of its own: S is the identity there.
        let missing = z.isnan();
        let innovation = z - value;
        let y = select(&missing, 0.0, sensor.wrap.as_ref().map_or(innovation.clone(), |wrap| wrap(&innovation)));
        let h = select(missing.expand_dims(1), zeros(DType::F64, [m, n]), jacobian);
        let r = match noise.ty() {
            Ok(ty) if ty.rank() == 2 => select(missing.expand_dims(1) | missing.expand_dims(0), eye(m), noise),
            _ => select(&missing, 1.0, noise),
        };
        let ph = p.matmul(h.t());
        let s = plus_noise(&h.matmul(&ph), &r, m);
        let inverse = s.assume(Facts::SPD).inv();
        let k = ph.matmul(&inverse);
        let nis = (&y * inverse.matmul(&y)).sum(());
        Gain { y, h, r, s, k, nis }
    }

    fn correct(&self, f: &mut Tracer, model: &Model, sensor: &Sensor, x: &Expr<'static>, p: &Expr<'static>) {
        correct(f, model, sensor, [x, p, &self.y, &self.k, &self.h, &self.r]);
    }
}

/// The state and the covariance corrected by a gain.
fn correct(f: &mut Tracer, model: &Model, sensor: &Sensor, [x, p, y, k, h, r]: [&Expr<'static>; 6]) {
    let corrected = x + k.matmul(y);
    let a = eye(model.states) - k.matmul(h);
    let ap = a.matmul(p);
    let p_new = match sensor.form {
        Form::Plain => ap,
        Form::Joseph => {
            let diagonal = r.ty().is_ok_and(|ty| ty.rank() == 1);
            let kr = if diagonal { k * r } else { k.matmul(r) };
            ap.matmul(a.t()) + kr.matmul(k.t())
        }
    };
    f.update(p, &(0.5 * (&p_new + p_new.t())));
    f.update(x, &model.after_update.as_ref().map_or(corrected.clone(), |hook| hook(&corrected)));
}
