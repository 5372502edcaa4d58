//! A step of the filter of `examples/ekf` allocates nothing. The only test of its binary: the allocator counts for all
//! threads.
#![allow(dead_code, unreachable_pub, reason = "modules of the example, of which a test uses a part")]

#[path = "../examples/ekf/allocations.rs"]
mod allocations;
#[path = "../examples/ekf/chi_square.rs"]
mod chi_square;
#[path = "../examples/ekf/data.rs"]
mod data;
#[path = "../examples/ekf/filter.rs"]
mod filter;
#[path = "../examples/ekf/navigation.rs"]
mod navigation;
#[path = "../examples/ekf/quaternion.rs"]
mod quaternion;
#[path = "../examples/ekf/run.rs"]
mod run;

use data::Problem;
use filter::{Filter, Form};

#[test]
fn a_steady_step_allocates_nothing() {
    let problem = Problem::generate(30, 42);
    let (model, sensor) = navigation::model(Form::Joseph);
    let mut filter = Filter::new(&model, problem.x.clone(), problem.p.clone()).unwrap();
    let mut step = |k: usize| {
        filter.predict(problem.inputs.row(k)).unwrap();
        if k.is_multiple_of(2) {
            filter.update(sensor, problem.measurements.row(k)).unwrap();
        } else {
            assert!(filter.update_gated(sensor, problem.measurements.row(k), |_| 100.0).unwrap().used);
        }
    };
    (0..2).for_each(&mut step);
    let before = allocations::count();
    (2..30).for_each(&mut step);
    assert_eq!(allocations::count() - before, 0);
}
