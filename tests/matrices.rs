//! Classical matrices of which the inverse, the determinant and the singular values are known exactly
//! (`tests/data/matrices.tsv`, written by `matrices.py` beside it), within bounds derived from the condition number.

use evanesce::evaluate;
use evanesce::expr::NormOrder;
use evanesce::prelude::*;
use ndarray::{Array1, Array2, ArrayD};

/// How much of the bounds, which are for the worst case but for a small factor, is given away.
const CONSTANT: f64 = 10.0;

struct Known {
    name: &'static str,
    n: usize,
    facts: &'static str,
    /// Of the elements in LU with partial pivoting.
    growth: f64,
    condition: f64,
    det: f64,
    singular_values: Vec<f64>,
    a: Array2<f64>,
    b: Array1<f64>,
    /// Of a matrix that is not singular.
    solution: Option<(Array1<f64>, Array2<f64>)>,
}

impl Known {
    /// The relative error that solving may have.
    fn bound(&self) -> f64 {
        CONSTANT * self.n as f64 * self.growth * f64::EPSILON * self.condition
    }
}

fn matrices() -> Vec<Known> {
    let bits = |word: &str| f64::from_bits(u64::from_str_radix(word, 16).expect("hexadecimal"));
    let list = |text: &str| text.split(' ').map(bits).collect::<Array1<f64>>();
    let number = |text: &str| text.trim_start_matches('+').parse::<f64>().expect("a number");
    let read = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, n, facts, growth, condition, det, values, a, b, x, inverse] = columns[..] else { panic!("{line}") };
        let n: usize = n.parse().expect("an order");
        let square = |text: &str| Array2::from_shape_vec((n, n), list(text).to_vec()).expect("n x n elements");
        Known {
            name,
            n,
            facts,
            growth: number(growth),
            condition: number(condition),
            det: bits(det),
            singular_values: values.split(' ').map(number).collect(),
            a: square(a),
            b: list(b),
            solution: (inverse != "-").then(|| (list(x), square(inverse))),
        }
    };
    let lines = include_str!("data/matrices.tsv").lines().filter(|line| !line.starts_with('#'));
    let all: Vec<Known> = lines.map(read).collect();
    assert_eq!(all.len(), 15);
    all
}

fn values(expressions: &[&Expr<'_>]) -> Result<Vec<ArrayD<f64>>, Error> {
    let results = evaluate(expressions)?;
    Ok(results.into_iter().map(|x| x.as_f64().expect("f64").clone()).collect())
}

/// The distance of arrays beside the size of the first, both by their largest element.
fn relative(expected: &ArrayD<f64>, found: &ArrayD<f64>) -> f64 {
    let largest = |x: &mut dyn Iterator<Item = f64>| x.fold(0.0, |most: f64, x| most.max(x.abs()));
    let size = largest(&mut expected.iter().copied());
    largest(&mut expected.iter().zip(found).map(|(x, y)| x - y)) / size
}

#[test]
fn solutions_and_inverses_are_as_near_as_the_condition_allows() {
    for known in matrices() {
        let Some((x, inverse)) = &known.solution else { continue };
        let (a, b, bound) = (Expr::from(&known.a), Expr::from(&known.b), known.bound());
        let (factors, pivots) = a.lu_factor();
        let mut solutions = vec![a.solve(&b), factors.lu_solve(&pivots, &b), a.inv().matmul(&b)];
        let mut inverses = vec![a.inv(), a.try_inv().0];
        if known.facts == "spd" && known.condition < 1e12 {
            let spd = a.assume(Facts::SPD);
            solutions.extend([spd.solve(&b), a.cholesky().cho_solve(&b, true)]);
            inverses.push(spd.inv());
        }
        if known.condition < 1e12 {
            let [least_squares, ..] = a.lstsq(&b, None);
            solutions.push(least_squares);
        }
        let found = match values(&solutions.iter().collect::<Vec<_>>()) {
            // Beyond a condition of 1 / epsilon a pivot may vanish.
            Err(Error::Run(_)) if bound > 1.0 => continue,
            found => found.unwrap(),
        };
        for (i, found) in found.iter().enumerate() {
            let error = relative(&x.clone().into_dyn(), found);
            assert!(error <= bound, "solution {i} of {}: {error}, more than {bound}", known.name);
        }
        for (i, found) in values(&inverses.iter().collect::<Vec<_>>()).unwrap().iter().enumerate() {
            let error = relative(&inverse.clone().into_dyn(), found);
            assert!(error <= bound, "inverse {i} of {}: {error}, more than {bound}", known.name);
        }
    }
}

#[test]
fn determinants_are_as_near_as_the_condition_allows() {
    for known in matrices() {
        let a = Expr::from(&known.a);
        let (sign, logarithm) = a.slogdet();
        let [det, sign, logarithm] = &values(&[&a.det(), &sign, &logarithm]).unwrap()[..] else {
            unreachable!("three results")
        };
        let first = |x: &ArrayD<f64>| *x.first().expect("a number");
        let (det, sign, logarithm) = (first(det), first(sign), first(logarithm));
        let norm = known.singular_values[0];
        let bound = match known.condition.is_finite() {
            // A pivot is off by the rounding of the largest element, which the determinant takes times the other values.
            true => known.bound() * known.det.abs(),
            false => known.bound().min(CONSTANT * f64::EPSILON) * norm.powi(known.n as i32),
        };
        assert!((det - known.det).abs() <= bound.max(f64::MIN_POSITIVE), "{}: {det}, not {}", known.name, known.det);
        if known.det != 0.0 && known.bound() < 0.5 {
            assert_eq!(sign, known.det.signum(), "{}", known.name);
            let error = (logarithm - known.det.abs().ln()).abs();
            let rounding = 4.0 * f64::EPSILON * known.det.abs().ln().abs();
            assert!(error <= 2.0 * known.bound() + rounding, "{}: {error}", known.name);
        }
        if known.name == "underflow_3" {
            // 4 * 2^-3000, of which no f64 is left.
            assert_eq!((det, sign), (0.0, 1.0));
            assert!((logarithm + 2998.0 * std::f64::consts::LN_2).abs() < 1e-12);
        }
    }
}

#[test]
fn spectra_are_as_near_as_the_norm_allows() {
    for known in matrices() {
        let a = Expr::from(&known.a);
        let n = known.n as f64;
        let norm = known.singular_values[0];
        let bound = CONSTANT * n * f64::EPSILON * norm;
        let singular = values(&[&a.svdvals(), &a.svd(true).1]).unwrap();
        for (x, y) in singular.iter().flat_map(|found| found.iter().zip(&known.singular_values)) {
            assert!((x - y).abs() <= bound.max(f64::MIN_POSITIVE), "{}: {x}, not {y}", known.name);
        }
        if known.facts != "-" {
            // The singular values of a symmetric matrix are the magnitudes of its eigenvalues.
            let mut found: Vec<f64> = values(&[&a.eigvalsh()]).unwrap()[0].iter().map(|x| x.abs()).collect();
            found.sort_by(|x, y| y.total_cmp(x));
            for (x, y) in found.iter().zip(&known.singular_values) {
                assert!((x - y).abs() <= bound.max(f64::MIN_POSITIVE), "{}: {x}, not {y}", known.name);
            }
        }
        let expected = known.singular_values.iter().filter(|x| **x > n * f64::EPSILON * norm).count() as i64;
        let rank = a.matrix_rank(None).eval().unwrap();
        assert_eq!(rank.as_i64().and_then(|rank| rank.first().copied()), Some(expected), "{}", known.name);
        if known.condition < 1e12 {
            let found = *values(&[&a.cond(Some(NormOrder::P(2.0)))]).unwrap()[0].first().expect("a number");
            let error = (found - known.condition).abs() / known.condition;
            assert!(error <= CONSTANT * n * f64::EPSILON * known.condition, "{}: {found}", known.name);
        }
    }
}

#[test]
fn positive_definite_ones_have_cholesky_factors() {
    let mut count = 0;
    for known in matrices() {
        let (l, order) = Expr::from(&known.a).try_cholesky();
        let found = evaluate(&[&order, &l.matmul(l.t())]).unwrap();
        let order = found[0].as_i64().and_then(|order| order.first().copied()).expect("an order");
        let product = found[1].as_f64().expect("f64");
        let lower = Array2::from_shape_fn((known.n, known.n), |(i, j)| known.a[[i.max(j), i.min(j)]]).into_dyn();
        // Of an order that is not positive by less than rounding either may be found.
        if known.facts == "spd" && known.condition < 1e12 {
            assert_eq!(order, 0, "{}", known.name);
            assert!(relative(&lower, product) <= CONSTANT * known.n as f64 * f64::EPSILON, "{}", known.name);
            count += 1;
        }
        assert!(known.facts != "symmetric" || known.name == "graded_5" || order > 0, "{}", known.name);
    }
    assert!(count >= 5, "{count} positive definite matrices");
}
