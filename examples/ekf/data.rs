//! The data of the default problem: made with a fixed seed, or read from a file.
//!
//! The file holds little-endian `f64`s: the first estimate `x` (10) and its covariance `P` (10 x 10, row-major), then for
//! each step the inputs `u` (6) and the measurements `z` (10).

use crate::navigation::{BEACON, DIRECTION, DT, FORCE_NOISE, GRAVITY, NOISE, RATE_NOISE};
use ndarray::{Array1, Array2, s};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::StandardNormal;
use std::fmt;
use std::path::{Path, PathBuf};

/// A file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError {
    /// The file.
    pub path: PathBuf,
    /// 1-based, of a text file.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
}

impl DataError {
    /// Of a file as a whole.
    pub fn new(path: &Path, problem: impl fmt::Display) -> Self {
        DataError { path: path.to_path_buf(), line: None, problem: problem.to_string() }
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for DataError {}

/// A first estimate, what happens to the body, and what it measures.
pub struct Problem {
    /// The first estimate.
    pub x: Array1<f64>,
    /// Its covariance.
    pub p: Array2<f64>,
    /// Rate and force in the body, a row for each step.
    pub inputs: Array2<f64>,
    /// The measurements after each step.
    pub measurements: Array2<f64>,
    /// The true state after each step.
    pub truth: Array2<f64>,
}

/// Numbers before the first step in a file, and of each step.
const HEAD: usize = 110;
const ROW: usize = 16;

impl Problem {
    /// Noise from this seed on the true motion.
    pub fn generate(steps: usize, seed: u64) -> Problem {
        let mut random = StdRng::seed_from_u64(seed);
        let mut noise = |sigma: f64| sigma * random.sample::<f64, _>(StandardNormal);
        let (mut inputs, mut measurements) = (Array2::zeros((steps, 6)), Array2::zeros((steps, 10)));
        let mut truth = Array2::zeros((steps, 10));
        let mut body = Body::default();
        for k in 0..steps {
            let (rate, force) = body.step(k);
            let Body { p, v, q } = body;
            for i in 0..3 {
                inputs[[k, i]] = rate[i] + noise(RATE_NOISE);
                inputs[[k, 3 + i]] = force[i] + noise(FORCE_NOISE);
            }
            let exact = p.into_iter().chain(v).chain(to_body(q, DIRECTION)).chain([distance(p, BEACON)]);
            measurements.row_mut(k).iter_mut().zip(exact).zip(NOISE).for_each(|((z, h), sigma)| *z = h + noise(sigma));
            truth.row_mut(k).iter_mut().zip(p.into_iter().chain(v).chain(q)).for_each(|(to, x)| *to = x);
        }
        let q = unit([0.98, 0.1, -0.05, 0.12]);
        let x = Array1::from_iter([0.5, -0.4, 0.3, 0.8, 0.1, -0.1].into_iter().chain(q));
        let p = Array2::from_diag(&Array1::from_iter((0..10).map(|i| [1.0, 0.25, 0.02, 0.02][i / 3])));
        Problem { x, p, inputs, measurements, truth }
    }

    /// The problem of a file. The true motion is the problem's own, which no seed changes.
    ///
    /// # Errors
    /// A file that cannot be read or has another form.
    pub fn read(path: &Path) -> Result<Problem, DataError> {
        let bytes = std::fs::read(path).map_err(|error| DataError::new(path, error))?;
        let numbers = bytes.len() / 8;
        if !bytes.len().is_multiple_of(8) || numbers < HEAD || !(numbers - HEAD).is_multiple_of(ROW) {
            let form = format!("{HEAD} numbers of 8 bytes and {ROW} for each step");
            return Err(DataError::new(path, format!("{} bytes are not {form}", bytes.len())));
        }
        let steps = (numbers - HEAD) / ROW;
        if steps == 0 {
            return Err(DataError::new(path, "there is no step in it"));
        }
        let number = |i: usize| f64::from_le_bytes(std::array::from_fn(|b| bytes[8 * i + b]));
        let Problem { truth, .. } = Problem::generate(steps, 0);
        Ok(Problem {
            x: Array1::from_shape_fn(10, number),
            p: Array2::from_shape_fn((10, 10), |(i, j)| number(10 + 10 * i + j)),
            inputs: Array2::from_shape_fn((steps, 6), |(k, i)| number(HEAD + ROW * k + i)),
            measurements: Array2::from_shape_fn((steps, 10), |(k, i)| number(HEAD + ROW * k + 6 + i)),
            truth,
        })
    }

    /// Writes the file that [`read`](Self::read) reads.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), DataError> {
        let rows =
            (0..self.inputs.nrows()).flat_map(|k| self.inputs.row(k).into_iter().chain(self.measurements.row(k)));
        let bytes: Vec<u8> = self.x.iter().chain(&self.p).chain(rows).flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(path, bytes).map_err(|error| DataError::new(path, error))
    }

    /// The first steps only.
    pub fn truncate(&mut self, steps: usize) {
        let steps = steps.min(self.inputs.nrows());
        for array in [&mut self.inputs, &mut self.measurements, &mut self.truth] {
            *array = array.slice(s![..steps, ..]).to_owned();
        }
    }
}

/// The true motion.
#[derive(Clone, Copy)]
struct Body {
    p: [f64; 3],
    v: [f64; 3],
    q: [f64; 4],
}

impl Default for Body {
    fn default() -> Self {
        Body { p: [0.0; 3], v: [1.0, 0.0, 0.0], q: [1.0, 0.0, 0.0, 0.0] }
    }
}

impl Body {
    /// Moves by a step; the rate and the force that the body felt.
    fn step(&mut self, k: usize) -> ([f64; 3], [f64; 3]) {
        let t = k as f64 * DT;
        let rate = [0.3 * (0.7 * t).sin(), 0.2 * (0.5 * t).cos(), 0.4 * (0.3 * t).sin() + 0.1];
        let acceleration = [2.0 * (0.4 * t).sin(), 1.5 * (0.3 * t).cos(), 0.5 * (0.6 * t).sin()];
        let force = to_body(self.q, std::array::from_fn(|i| acceleration[i] - GRAVITY[i]));
        let n = (dot(&rate, &rate) + 1e-24).sqrt();
        let sinc = (0.5 * DT * n).sin() / n;
        for (i, a) in acceleration.into_iter().enumerate() {
            self.p[i] += self.v[i] * DT + 0.5 * DT * DT * a;
            self.v[i] += DT * a;
        }
        let [a, b, c] = rate.map(|w| sinc * w);
        self.q = unit(product(self.q, [(0.5 * DT * n).cos(), a, b, c]));
        (rate, force)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// The quaternion with length 1.
pub fn unit(q: [f64; 4]) -> [f64; 4] {
    let length = dot(&q, &q).sqrt();
    q.map(|q| q / length)
}

/// The product of quaternions.
pub fn product([w, x, y, z]: [f64; 4], [a, b, c, d]: [f64; 4]) -> [f64; 4] {
    [
        w * a - x * b - y * c - z * d,
        w * b + x * a + y * d - z * c,
        w * c - x * d + y * a + z * b,
        w * d + x * c - y * b + z * a,
    ]
}

/// A vector of the world as the body sees it.
fn to_body([w, x, y, z]: [f64; 4], [a, b, c]: [f64; 3]) -> [f64; 3] {
    let inverse = [w, -x, -y, -z];
    let [_, a, b, c] = product(product(inverse, [0.0, a, b, c]), [w, x, y, z]);
    [a, b, c]
}
