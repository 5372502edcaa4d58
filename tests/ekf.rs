//! The filter of `examples/ekf`: against loops over floats, and what its users expect of it.
#![allow(dead_code, unreachable_pub, reason = "modules of the example, of which a test uses a part")]

#[path = "../examples/ekf/allocations.rs"]
mod allocations;
#[path = "../examples/ekf/chi_square.rs"]
mod chi_square;
#[path = "../examples/ekf/data.rs"]
mod data;
#[path = "../examples/ekf/filter.rs"]
mod filter;
#[path = "../examples/ekf/inertial.rs"]
mod inertial;
#[path = "../examples/ekf/navigation.rs"]
mod navigation;
#[path = "../examples/ekf/quaternion.rs"]
mod quaternion;
#[path = "../examples/ekf/run.rs"]
mod run;
#[path = "../examples/ekf/table.rs"]
mod table;
#[path = "../examples/ekf/tracking.rs"]
mod tracking;

use data::Problem;
use evanesce::ir::error::Place;
use evanesce::prelude::*;
use filter::{Filter, FilterError, Form, Model, Motion, Observation, Sensor, SensorId};
use navigation::Navigation;
use ndarray::{Array1, Array2, arr1, arr2};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rand_distr::StandardNormal;
use run::Scenario;
use std::f64::consts::PI;
use std::path::PathBuf;
use tracking::{Measurement, Row, Tracking};

/// The default problem again, in loops over floats: no expression, no compiled code.
mod plain {
    use super::navigation::{BEACON, DIRECTION, DT, FORCE_NOISE, GRAVITY, NOISE, RATE_NOISE};
    use std::array::from_fn;

    pub type Matrix<const R: usize, const C: usize> = [[f64; C]; R];
    type Square = Matrix<10, 10>;

    fn mul<const A: usize, const B: usize, const C: usize>(x: &Matrix<A, B>, y: &Matrix<B, C>) -> Matrix<A, C> {
        from_fn(|i| from_fn(|j| (0..B).map(|k| x[i][k] * y[k][j]).sum()))
    }

    fn t<const R: usize, const C: usize>(x: &Matrix<R, C>) -> Matrix<C, R> {
        from_fn(|j| from_fn(|i| x[i][j]))
    }

    fn add(x: &Square, y: &Square) -> Square {
        from_fn(|i| from_fn(|j| x[i][j] + y[i][j]))
    }

    /// By Gauss and Jordan, with pivots.
    fn inv(mut a: Square) -> Square {
        let mut inverse: Square = from_fn(|i| from_fn(|j| f64::from(i == j)));
        for k in 0..10 {
            let pivot = (k..10).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap();
            a.swap(k, pivot);
            inverse.swap(k, pivot);
            let scale = 1.0 / a[k][k];
            for matrix in [&mut a, &mut inverse] {
                matrix[k].iter_mut().for_each(|x| *x *= scale);
            }
            for i in (0..10).filter(|&i| i != k) {
                let factor = a[i][k];
                for j in 0..10 {
                    a[i][j] -= factor * a[k][j];
                    inverse[i][j] -= factor * inverse[k][j];
                }
            }
        }
        inverse
    }

    fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    }

    fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
        a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    }

    /// `(w^2 - v.v) a + 2 (v.a) v + 2 s w (v x a)` and its Jacobian by `q`.
    fn rotate(q: [f64; 4], a: [f64; 3], s: f64) -> ([f64; 3], Matrix<3, 4>) {
        let (w, v) = (q[0], [q[1], q[2], q[3]]);
        let c = cross(v, a);
        let skew = [[0.0, -a[2], a[1]], [a[2], 0.0, -a[0]], [-a[1], a[0], 0.0]];
        let value = from_fn(|i| (w * w - dot(v, v)) * a[i] + 2.0 * dot(v, a) * v[i] + 2.0 * s * w * c[i]);
        let jacobian = from_fn(|i| {
            from_fn(|j| match j {
                0 => 2.0 * w * a[i] + 2.0 * s * c[i],
                _ => {
                    let j = j - 1;
                    let same = if i == j { 2.0 * dot(v, a) } else { 0.0 };
                    same - 2.0 * a[i] * v[j] + 2.0 * v[i] * a[j] - 2.0 * s * w * skew[i][j]
                }
            })
        });
        (value, jacobian)
    }

    pub fn step(x: &mut [f64; 10], p: &mut Square, u: [f64; 6], z: [f64; 10]) {
        let (rate, force, q) = ([u[0], u[1], u[2]], [u[3], u[4], u[5]], [x[6], x[7], x[8], x[9]]);
        let n = (dot(rate, rate) + 1e-24).sqrt();
        let (c, [d1, d2, d3]) = ((0.5 * n * DT).cos(), rate.map(|w| (0.5 * n * DT).sin() / n * w));
        let turn = [[c, -d1, -d2, -d3], [d1, c, d3, -d2], [d2, -d3, c, d1], [d3, d2, -d1, c]];
        let (turned_force, by_q) = rotate(q, force, 1.0);
        let columns: [[f64; 3]; 3] = from_fn(|j| rotate(q, from_fn(|i| f64::from(i == j)), 1.0).0);
        let xi = [[-q[1], -q[2], -q[3]], [q[0], -q[3], q[2]], [q[3], q[0], -q[1]], [-q[2], q[1], q[0]]];
        let mut f: Square = from_fn(|i| from_fn(|j| f64::from(i == j)));
        let mut g: Matrix<10, 6> = [[0.0; 6]; 10];
        for i in 0..3 {
            f[i][3 + i] = DT;
            for j in 0..4 {
                f[i][6 + j] = 0.5 * DT * DT * by_q[i][j];
                f[3 + i][6 + j] = DT * by_q[i][j];
            }
            for j in 0..3 {
                g[i][3 + j] = 0.5 * DT * DT * columns[j][i];
                g[3 + i][3 + j] = DT * columns[j][i];
            }
        }
        for i in 0..4 {
            f[6 + i][6..].copy_from_slice(&turn[i]);
            (0..3).for_each(|j| g[6 + i][j] = 0.5 * DT * xi[i][j]);
        }
        for i in 0..3 {
            let a = turned_force[i] + GRAVITY[i];
            x[i] += x[3 + i] * DT + 0.5 * DT * DT * a;
            x[3 + i] += DT * a;
        }
        (0..4).for_each(|i| x[6 + i] = (0..4).map(|j| turn[i][j] * q[j]).sum());
        let variance = |j: usize| if j < 3 { RATE_NOISE * RATE_NOISE } else { FORCE_NOISE * FORCE_NOISE };
        let scaled: Matrix<10, 6> = from_fn(|i| from_fn(|j| g[i][j] * variance(j)));
        *p = add(&mul(&mul(&f, p), &t(&f)), &mul(&scaled, &t(&g)));
        (0..10).for_each(|i| p[i][i] += 1e-9);

        let (seen, by_q) = rotate([x[6], x[7], x[8], x[9]], DIRECTION, -1.0);
        let away: [f64; 3] = from_fn(|i| x[i] - BEACON[i]);
        let distance = dot(away, away).sqrt();
        let h: [f64; 10] = from_fn(|i| match i {
            0..6 => x[i],
            6..9 => seen[i - 6],
            _ => distance,
        });
        let mut jacobian: Square = [[0.0; 10]; 10];
        (0..6).for_each(|i| jacobian[i][i] = 1.0);
        for i in 0..3 {
            jacobian[6 + i][6..].copy_from_slice(&by_q[i]);
            jacobian[9][i] = away[i] / distance;
        }
        let h_t = t(&jacobian);
        let r: Square = from_fn(|i| from_fn(|j| if i == j { NOISE[i] * NOISE[i] } else { 0.0 }));
        let s = add(&mul(&mul(&jacobian, p), &h_t), &r);
        let k = mul(&mul(p, &h_t), &inv(s));
        (0..10).for_each(|i| x[i] += (0..10).map(|j| k[i][j] * (z[j] - h[j])).sum::<f64>());
        let kh = mul(&k, &jacobian);
        let a: Square = from_fn(|i| from_fn(|j| f64::from(i == j) - kh[i][j]));
        let joseph = add(&mul(&mul(&a, p), &t(&a)), &mul(&mul(&k, &r), &t(&k)));
        *p = from_fn(|i| from_fn(|j| 0.5 * (joseph[i][j] + joseph[j][i])));
        let length = x[6..].iter().map(|q| q * q).sum::<f64>().sqrt();
        x[6..].iter_mut().for_each(|q| *q /= length);
    }
}

fn difference<'a>(a: impl IntoIterator<Item = &'a f64>, b: impl IntoIterator<Item = &'a f64>) -> f64 {
    let (a, b): (Vec<f64>, Vec<f64>) = (a.into_iter().copied().collect(), b.into_iter().copied().collect());
    assert_eq!(a.len(), b.len());
    // NaN is a difference too.
    a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, |most, d| if d <= most { most } else { d })
}

/// The default problem's filter some steps into its run.
fn under_way(form: Form) -> (Filter, SensorId, Problem) {
    let problem = Problem::generate(60, 7);
    let (model, sensor) = navigation::model(form);
    let mut filter = Filter::new(&model, problem.x.clone(), problem.p.clone()).unwrap();
    for k in 0..50 {
        filter.predict(problem.inputs.row(k)).unwrap();
        filter.update(sensor, problem.measurements.row(k)).unwrap();
    }
    filter.predict(problem.inputs.row(50)).unwrap();
    (filter, sensor, problem)
}

#[test]
fn the_default_problem_ends_where_loops_over_floats_do() {
    let problem = Problem::generate(3000, 42);
    let mut x: [f64; 10] = std::array::from_fn(|i| problem.x[i]);
    let mut p: plain::Matrix<10, 10> = std::array::from_fn(|i| std::array::from_fn(|j| problem.p[[i, j]]));
    for k in 0..3000 {
        let u = std::array::from_fn(|i| problem.inputs[[k, i]]);
        plain::step(&mut x, &mut p, u, std::array::from_fn(|i| problem.measurements[[k, i]]));
    }
    let truth = problem.truth.row(2999).to_owned();
    let scenario = Navigation::new(problem, Form::Joseph, None);
    let mut filter = scenario.filter().unwrap();
    let record = run::record(&scenario, &mut filter, |_, _| Ok(())).unwrap();
    assert!(difference(filter.x(), &x) < 1e-8);
    assert!(difference(filter.p(), p.as_flattened()) < 1e-8);
    assert!(difference(filter.x(), &truth) < 0.2);
    let (nis, dof) = record.nis();
    let [low, high] = chi_square::mean_bounds(dof, 3000);
    assert!(low - 0.3 < nis && nis < high + 0.3, "NIS {nis}");
}

#[test]
fn a_step_of_the_default_problem_copies_nothing() {
    let (model, _) = navigation::model(Form::Joseph);
    let filter = Filter::new(&model, Array1::zeros(10), Array2::eye(10)).unwrap();
    let counts: Vec<_> = filter.functions().map(|(name, f)| (name, f.program().counts())).collect();
    let calls = |which: usize| counts[which].1.calls.join(" ");
    assert_eq!(calls(0), "dgemm dgemm dgemm dgemv");
    assert_eq!(calls(1), "dgemm dgemm dpotrf dpotri dgemv dgemm dgemm dgemm dgemm dgemm dgemv");
    for (name, counts) in &counts[..2] {
        assert_eq!(counts.copies, 0, "{name}");
        assert!(counts.peak_bytes <= 4096, "{name}: an arena of {} bytes", counts.peak_bytes);
    }
}

#[test]
fn joseph_and_plain_agree_on_a_well_conditioned_step() {
    let [joseph, plain] = [Form::Joseph, Form::Plain].map(|form| {
        let (mut filter, sensor, problem) = under_way(form);
        filter.update(sensor, problem.measurements.row(50)).unwrap();
        filter
    });
    assert!(difference(joseph.x(), plain.x()) < 1e-11);
    assert!(difference(joseph.p(), plain.p()) < 1e-11);
    assert_eq!(joseph.p(), &joseph.p().t());
    assert_eq!(plain.p(), &plain.p().t());
}

/// A model of three states seen by some of four components with correlated noise.
fn partial(components: &'static [usize]) -> (Filter, SensorId) {
    let mut model = Model::new(3, 1, |x, u| Motion {
        state: x + 0.1 * u,
        jacobian: eye(3),
        noise: constant(arr1(&[0.1, 0.2, 0.3])),
    });
    let sensor = model.sensor(Sensor::new("partial", components.len(), move |x| {
        let h = arr2(&[[1.0, 0.5, 0.0], [0.0, 2.0, -1.0], [0.3, 0.0, 1.0], [1.0, 1.0, 1.0]]);
        let r = Array2::from_shape_fn((4, 4), |(i, j)| 0.2 / (1.0 + i.abs_diff(j) as f64));
        let h = h.select(ndarray::Axis(0), components);
        let r = r.select(ndarray::Axis(0), components).select(ndarray::Axis(1), components);
        let h = constant(h);
        // The angle-like component makes it nonlinear.
        Observation { value: h.matmul(x.sin()), jacobian: h * x.cos(), noise: constant(r) }
    }));
    let p = arr2(&[[2.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 0.5]]);
    (Filter::new(&model, arr1(&[0.1, -0.4, 0.7]), p).unwrap(), sensor)
}

#[test]
fn a_component_that_is_nan_is_as_if_the_sensor_had_none() {
    let nan = f64::NAN;
    let (mut whole, sensor) = partial(&[0, 1, 2, 3]);
    let (mut part, part_sensor) = partial(&[1, 3]);
    let update = whole.update(sensor, &[nan, 0.3, nan, -0.9]).unwrap();
    let expected = part.update(part_sensor, &[0.3, -0.9]).unwrap();
    assert!(difference(whole.x(), part.x()) < 1e-14);
    assert!(difference(whole.p(), part.p()) < 1e-14);
    assert_eq!((update.dof, expected.dof), (2, 2));
    assert!((update.nis - expected.nis).abs() < 1e-12);
    assert!(expected.nis > 0.1);

    let (x, p) = (whole.x().clone(), whole.p().clone());
    assert_eq!(whole.update(sensor, &[nan; 4]).unwrap().dof, 0);
    let innovation = whole.innovation(sensor, &[nan; 4]).unwrap();
    assert_eq!((innovation.dof, innovation.nis, innovation.covariance.to_owned()), (0, 0.0, Array2::eye(4)));
    whole.commit().unwrap();
    assert_eq!((whole.x(), whole.p()), (&x, &p));
}

#[test]
fn a_missing_component_of_a_diagonal_noise_is_skipped_too() {
    let (mut filter, sensor, problem) = under_way(Form::Joseph);
    let (mut other, _, _) = under_way(Form::Joseph);
    let mut z = problem.measurements.row(50).to_owned();
    let p = filter.p().clone();
    z[9] = f64::NAN;
    let s = filter.innovation(sensor, &z).unwrap().covariance.to_owned();
    assert_eq!(s.row(9), Array1::from_shape_fn(10, |i| f64::from(i == 9)));
    assert_eq!(filter.update(sensor, &z).unwrap().dof, 9);
    // All but the distance, of infinite variance instead of none, up to what 1e12 leaves.
    let mut model = Model::new(10, 6, navigation::motion).after_update(navigation::normalise);
    let vague = model.sensor(Sensor::new("vague distance", 10, |x| {
        let Observation { value, jacobian, noise } = navigation::observe(x);
        Observation {
            value,
            jacobian,
            noise: noise + constant(Array1::from_shape_fn(10, |i| if i == 9 { 1e12 } else { 0.0 })),
        }
    }));
    let mut expected = Filter::new(&model, other.x().clone(), p).unwrap();
    expected.update(vague, problem.measurements.row(50)).unwrap();
    assert!(difference(filter.x(), expected.x()) < 1e-9);
    assert!(difference(filter.p(), expected.p()) < 1e-9);
    other.update(sensor, problem.measurements.row(50)).unwrap();
    assert!(difference(filter.x(), other.x()) > 1e-6, "the distance matters");
}

#[test]
fn innovation_gate_and_commit_are_an_update() {
    let (mut filter, sensor, problem) = under_way(Form::Joseph);
    let (mut expected, _, _) = under_way(Form::Joseph);
    let z = problem.measurements.row(50);
    let update = expected.update(sensor, z).unwrap();
    let innovation = filter.innovation(sensor, z).unwrap();
    assert_eq!((innovation.nis, innovation.dof), (update.nis, update.dof));
    assert!(innovation.gate(chi_square::quantile(0.999, 10.0)));
    assert!(!innovation.gate(0.1));
    assert!(innovation.y.iter().all(|y| y.abs() < 3.0));
    assert!(innovation.covariance.diag().iter().all(|&s| s > 0.0));
    filter.commit().unwrap();
    assert_eq!(filter.x(), expected.x());
    assert_eq!(filter.p(), expected.p());
    // A commit happens once, and only to the state that was compared.
    assert_eq!(filter.commit(), Err(FilterError::NothingToCommit));
    filter.innovation(sensor, z).unwrap();
    filter.predict(problem.inputs.row(51)).unwrap();
    assert_eq!(filter.commit(), Err(FilterError::NothingToCommit));
}

#[test]
fn an_outlier_does_not_pass_the_gate() {
    let (mut filter, sensor, problem) = under_way(Form::Joseph);
    let mut z = problem.measurements.row(50).to_owned();
    z[1] += 20.0;
    let innovation = filter.innovation(sensor, &z).unwrap();
    let threshold = |dof: usize| chi_square::quantile(0.999, dof as f64);
    assert!(!innovation.gate(threshold(innovation.dof)), "NIS {}", innovation.nis);
    let x = filter.x().clone();
    assert!(!filter.update_gated(sensor, &z, threshold).unwrap().used);
    assert_eq!(filter.x(), x);
    assert!(filter.update_gated(sensor, problem.measurements.row(50), threshold).unwrap().used);
    assert_ne!(filter.x(), x);
}

#[test]
fn an_indefinite_covariance_is_an_error_that_names_the_sensor() {
    let (mut filter, sensor, problem) = under_way(Form::Joseph);
    filter.state_mut().1[[1, 1]] = -3.0;
    let (x, p) = (filter.x().clone(), filter.p().clone());
    let errors = [
        filter.update(sensor, problem.measurements.row(50)).unwrap_err(),
        filter.innovation(sensor, problem.measurements.row(50)).unwrap_err(),
    ];
    for error in errors {
        let FilterError::InnovationCovariance { sensor, order, error: found } = &error else { panic!("{error}") };
        assert_eq!((&sensor[..], *order, &found.op[..]), ("position, velocity, direction, distance", 2, "linalg.inv"));
        assert!(matches!(found.loc.map(|loc| loc.place), Some(Place::Rust(at)) if at.file().ends_with("filter.rs")));
        let text = error.to_string();
        assert!(text.contains("S = H P H' + R of the sensor position") && text.contains("order 2"), "{text}");
    }
    assert_eq!((filter.x(), filter.p()), (&x, &p));
    assert_eq!(filter.commit(), Err(FilterError::NothingToCommit));
}

#[test]
fn arrays_of_the_wrong_size_are_errors_of_the_caller() {
    let (mut filter, sensor, _) = under_way(Form::Plain);
    let line = line!() + 1;
    let error = filter.update(sensor, &[1.0, 2.0]).unwrap_err().to_string();
    assert!(error.contains("z is f64[10], not f64[2]"), "{error}");
    assert!(error.contains(&format!("{}:{line}", file!())), "{error}");
    assert!(filter.predict(&[0.0]).unwrap_err().to_string().contains("u is f64[6], not f64[1]"));
    let wrong = Model::new(2, 1, |x, u| Motion { state: x + u, jacobian: eye(3), noise: eye(2) });
    let error = Filter::new(&wrong, arr1(&[0.0, 0.0]), Array2::eye(2)).err().unwrap().to_string();
    assert!(error.starts_with("matmul") && error.contains("f64[3, 3], f64[2, 2]"), "{error}");
}

/// An object on a circle around the radar, whose bearing jumps from pi to -pi.
fn circle(steps: usize) -> Vec<Row> {
    let mut random = StdRng::seed_from_u64(3);
    let mut noise = |variance: f64| variance.sqrt() * random.sample::<f64, _>(StandardNormal);
    let rows = (0..steps).map(|k| {
        let angle = 2.5 + 0.02 * k as f64;
        let (px, py, vx, vy) = (8.0 * angle.cos(), 8.0 * angle.sin(), -3.2 * angle.sin(), 3.2 * angle.cos());
        let measurement = if k % 2 == 0 {
            Measurement::Laser([px + noise(0.0225), py + noise(0.0225)])
        } else {
            let bearing = py.atan2(px) + noise(0.0009);
            let bearing = if bearing > PI { bearing - 2.0 * PI } else { bearing };
            Measurement::Radar([8.0 + noise(0.09), bearing, noise(0.09)])
        };
        Row { dt: 0.05, measurement, truth: [px, py, vx, vy] }
    });
    rows.collect()
}

#[test]
fn laser_and_radar_follow_an_object_around_the_radar() {
    let scenario = Tracking::new(circle(600), Form::Joseph, None);
    let mut filter = scenario.filter().unwrap();
    let record = run::record(&scenario, &mut filter, |_, _| Ok(())).unwrap();
    let worst = |state: usize| {
        let error = |k: usize| (record.x[[k, state]] - scenario.rows[k].truth[state]).abs();
        (100..600).map(error).fold(0.0, f64::max)
    };
    assert!(worst(0) < 0.5 && worst(1) < 0.5, "{} {}", worst(0), worst(1));
    assert!(worst(2) < 1.5 && worst(3) < 1.5, "{} {}", worst(2), worst(3));
    // As far as noise of the laser alone lets it be known, or better.
    let squares = (100..600).map(|k| (record.x[[k, 0]] - scenario.rows[k].truth[0]).powi(2));
    assert!((squares.sum::<f64>() / 500.0).sqrt() < 0.15);
    let (nis, _) = record.nis();
    assert!((1.5..3.5).contains(&nis), "NIS {nis}");
}

#[test]
fn the_inertial_filter_finds_its_orientation_at_rest() {
    let mut random = StdRng::seed_from_u64(5);
    let mut noise = |sigma: f64| sigma * random.sample::<f64, _>(StandardNormal);
    // A body turned by 40 degrees about the vertical, seen by its own sensors.
    let (c, s) = (40f64.to_radians().cos(), 40f64.to_radians().sin());
    let q = [20f64.to_radians().cos(), 0.0, 0.0, 20f64.to_radians().sin()];
    let rows: Vec<inertial::Row> = (0..2000)
        .map(|k| inertial::Row {
            t: 0.0035 * f64::from(k),
            rate: [0.003 + noise(0.01), noise(0.01), noise(0.01)],
            force: [noise(0.1), noise(0.1), 9.81 + noise(0.1)],
            field: [15.0 * s + noise(0.5), 15.0 * c + noise(0.5), -40.0 + noise(0.5)],
            q,
            p: if k % 58 == 29 { [f64::NAN; 3] } else { [0.1, 0.2, 0.3] },
            moving: true,
        })
        .collect();
    let scenario = inertial::Inertial::new(rows, Form::Joseph, None);
    assert!(scenario.has_position(58) && !scenario.has_position(29) && !scenario.has_position(1));
    let mut filter = scenario.filter().unwrap();
    run::record(&scenario, &mut filter, |_, _| Ok(())).unwrap();
    let [whole, heading, tilt] = inertial::angles(std::array::from_fn(|i| filter.x()[6 + i]), q);
    assert!(whole < 1.0 && heading < 1.0 && tilt < 0.5, "{whole} {heading} {tilt}");
    assert!(difference(filter.x().slice(s![0..3]), &[0.1, 0.2, 0.3]) < 0.01);
}

/// A file of the test's own that goes away.
struct File(PathBuf);

impl File {
    fn new(name: &str, bytes: impl AsRef<[u8]>) -> File {
        let path = std::env::temp_dir().join(format!("evanesce-ekf-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        File(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn the_binary_file_gives_back_what_was_written() {
    let problem = Problem::generate(20, 1);
    let file = File::new("problem.bin", "");
    problem.write(&file.0).unwrap();
    let read = Problem::read(&file.0).unwrap();
    assert_eq!((read.x, read.p, read.inputs), (problem.x, problem.p, problem.inputs));
    assert_eq!((read.measurements, read.truth), (problem.measurements, problem.truth));
}

#[test]
fn a_broken_file_is_an_error_with_its_line() {
    let broken = |name: &str, text: &str, read: &dyn Fn(&File) -> data::DataError| {
        let file = File::new(name, text);
        let error = read(&file);
        assert_eq!(error.path, file.0);
        error.to_string().strip_prefix(&file.0.display().to_string()).unwrap().to_string()
    };
    let tracking = |f: &File| tracking::read(&f.0).err().unwrap();
    let good = "L\t1\t2\t10\t1\t2\t3\t4\n";
    assert_eq!(broken("a", &format!("{good}Q\t1\n"), &tracking), ":2: a measurement is L or R, not \"Q\"");
    assert_eq!(broken("b", &format!("\n{good}L\t1\tx\t9\n"), &tracking), ":3: field 3: \"x\" is no number");
    assert_eq!(broken("c", "R\t1\t2\n", &tracking), ":1: field 4: \"\" is no number");
    assert_eq!(broken("d", "L\tinf\t2\t10\t1\t2\t3\t4\n", &tracking), ":1: field 2: inf is not finite");
    assert_eq!(
        broken("e", &format!("{good}L\t1\t2\t9\t1\t2\t3\t4\n"), &tracking),
        ":2: it is measured before the line above"
    );
    assert_eq!(broken("f", "\n", &tracking), ": there is no measurement in it");
    let inertial = |f: &File| inertial::read(&f.0).err().unwrap();
    assert_eq!(broken("g", "names\n1,2,3\n", &inertial), ":2: 3 fields, not 18");
    assert_eq!(broken("h", "names\n", &inertial), ": 0 samples are too few: 500 at rest come first");
    let problem = |f: &File| Problem::read(&f.0).err().unwrap();
    assert!(broken("i", "12345", &problem).starts_with(": 5 bytes are not 110 numbers of 8 bytes and 16 for each"));
    assert!(Problem::read(&PathBuf::from("/no/such/file")).err().unwrap().to_string().starts_with("/no/such/file: "));
}

#[test]
fn chi_square_quantiles_are_those_of_the_tables() {
    let table = [(0.95, 1.0, 3.841458820694124), (0.99, 10.0, 23.209251158954356), (0.025, 30.0, 16.790772265566623)];
    for (probability, dof, value) in table {
        assert!((chi_square::quantile(probability, dof) - value).abs() < 1e-9 * value);
    }
    // Wilson and Hilferty's approximation is good where there are many degrees of freedom.
    let (dof, normal) = (1e5f64, 1.959963984540054);
    let approximation = dof * (1.0 - 2.0 / (9.0 * dof) + normal * (2.0 / (9.0 * dof)).sqrt()).powi(3);
    assert!((chi_square::quantile(0.975, dof) - approximation).abs() < 1e-7 * approximation);
}
