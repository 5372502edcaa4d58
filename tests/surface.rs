//! Methods and operators that no text has: functional updates, parts of arrays, operators of integers.

#[path = "common/random.rs"]
mod random;

use evanesce::expr::{
    PadMode, Pick, arange_step, broadcast_arrays, column_stack, dstack, eye_at, geomspace, linspace_open, logspace,
};
use evanesce::ir::ops::ElementwiseOp;
use evanesce::prelude::*;
use ndarray::{Array, Array2, Array3, ArrayD, SliceInfoElem, arr0, arr1, arr2};
use random::Rng;

fn ints(x: &Expr<'_>) -> ArrayD<i64> {
    x.eval().expect("it runs").as_i64().expect("integers").clone()
}

fn floats(x: &Expr<'_>) -> ArrayD<f64> {
    x.eval().expect("it runs").as_f64().expect("floats").clone()
}

/// Every kind of slice, against ndarray's assignment.
#[test]
fn a_slice_is_replaced_as_ndarray_assigns_it() {
    let mut rng = Rng::new(5);
    let mut steps = [0; 2];
    for case in 0..300 {
        let shape = [1 + rng.below(4), 1 + rng.below(5), 1 + rng.below(6)];
        let x = Array3::from_shape_fn(shape, |(i, j, k)| (100 * i + 10 * j + k) as i64);
        let slice: Vec<SliceInfoElem> = shape
            .iter()
            .map(|&n| match rng.chance(20) {
                true => SliceInfoElem::Index(rng.below(2 * n) as isize - n as isize),
                false => {
                    let (start, end) = (rng.below(n + 1) as isize, rng.below(n + 1) as isize);
                    let step = rng.pick(&[1, 1, -1, 2, -2, 3]);
                    steps[usize::from(!(-1..=1).contains(&step))] += 1;
                    SliceInfoElem::Slice { start, end: Some(end).filter(|_| rng.chance(70)), step }
                }
            })
            .collect();
        let mut expected = x.clone().into_dyn();
        let target = expected.slice(&slice[..]).raw_dim();
        let y = Array::from_shape_fn(target, |_| -(rng.below(1000) as i64));
        expected.slice_mut(&slice[..]).assign(&y);
        let found = Expr::from(&x).with_slice(&slice, Expr::from(&y));
        assert_eq!(ints(&found), expected, "case {case}: {slice:?}");
    }
    assert!(steps[0] > 100 && steps[1] > 100, "{steps:?}");
}

#[test]
fn what_replaces_a_slice_broadcasts_and_is_cast() {
    let x = Array2::<f64>::zeros((3, 4));
    let x = Expr::from(&x);
    assert_eq!(floats(&x.with_slice(s![1, ..;2], 7)), arr2(&[[0.; 4], [7., 0., 7., 0.], [0.; 4]]).into_dyn());
    let row = arr1(&[1i64, 2, 3, 4]);
    let found = floats(&x.with_slice(s![..2, ..], Expr::from(row)));
    assert_eq!(found, arr2(&[[1., 2., 3., 4.], [1., 2., 3., 4.], [0.; 4]]).into_dyn());
    assert_eq!(floats(&x.with_slice(s![3.., ..], 1.0)), Array2::zeros((3, 4)).into_dyn());
    let wrong = x.with_slice(s![1, ..], Expr::from(arr1(&[1.0; 3])));
    assert!(wrong.error().is_some_and(|error| error.op == "with_slice"));
    assert!(x.with_slice(s![3, ..], 0.0).error().is_some());
}

#[test]
fn parts_of_arrays() {
    let x = Array2::from_shape_fn((4, 3), |(i, j)| (10 * i + j) as i64);
    let e = Expr::from(&x);
    let halves = e.split(2, 0);
    assert_eq!(halves.len(), 2);
    assert_eq!(ints(&halves[1]), x.slice(s![2.., ..]).to_owned().into_dyn());
    let columns = e.unstack(-1);
    assert_eq!(columns.len(), 3);
    assert_eq!(ints(&columns[2]), x.column(2).to_owned().into_dyn());
    assert!(e.split(3, 0).iter().all(|part| part.error().is_some()));
    assert!(e.split(0, 0)[0].error().is_some());
    assert!(e.unstack(2)[0].error().is_some());
    assert!(e.unstack(2)[0].unstack(0)[0].error().is_some());
}

#[test]
fn arrays_like_others() {
    let x = arr2(&[[1i64, 2], [3, 4]]);
    let e = Expr::from(&x);
    assert_eq!(ints(&(e.full_like(2.5) + e.ones_like() + e.zeros_like())), Array2::from_elem((2, 2), 3).into_dyn());
    let grid = meshgrid(&[arange(2), arange(3)]);
    assert_eq!(ints(&(10 * &grid[0] + &grid[1])), arr2(&[[0i64, 1, 2], [10, 11, 12]]).into_dyn());
    assert!(meshgrid(std::slice::from_ref(&e))[0].error().is_some());
    assert_eq!(floats(&tri(2, 3, 1)), arr2(&[[1., 1., 0.], [1., 1., 1.]]).into_dyn());
    assert_eq!(
        ints(&hstack(&[e.clone(), vstack(&[e.at(1), e.at(0)])])),
        arr2(&[[1, 2, 3, 4], [3, 4, 1, 2]]).into_dyn()
    );
}

#[test]
fn operators_of_integers_are_bitwise() {
    let (x, y) = (arr1(&[12i64, -1]), arr1(&[10i64, 3]));
    let (x, y) = (Expr::from(&x), Expr::from(&y));
    let found = [&x & &y, &x | &y, &x ^ &y, !&x, &x << 2, &x >> &y, 1 & &y].map(|e| ints(&e));
    let expected = [[8, 3], [14, -1], [6, -4], [-13, 0], [48, -4], [0, -1], [0, 1]];
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, &arr1(&expected).into_dyn());
    }
    let truth = x.greater(0) & y.greater(5) | !x.equal(x.clone());
    assert_eq!(truth.eval().expect("it runs").as_bool().expect("truth values"), &arr1(&[true, false]).into_dyn());
    let float = Expr::from(arr1(&[1.0])) & &x;
    assert!(float.error().is_some_and(|error| error.op == "bitwise_and"));
}

#[test]
fn methods_with_parameters() {
    let x = arr1(&[1.0, f64::NAN, f64::INFINITY, -2.25]);
    let e = Expr::from(&x);
    assert_eq!(floats(&e.nan_to_num_with(5.0, 6.0, 7.0)), arr1(&[1.0, 5.0, 6.0, -2.25]).into_dyn());
    let close = e.isclose_with(&e, 0.0, 0.0, true).all(());
    assert_eq!(close.eval().expect("it runs").as_bool().expect("a truth value"), &arr0(true).into_dyn());
    assert_eq!(ints(&e.isclose(&e).count_nonzero(())), arr0(3).into_dyn());
    assert_eq!(floats(&e.slice(s![..1]).clip(2, 3)), arr1(&[2.0]).into_dyn());
    let (mantissa, exponent) = e.at(3).frexp();
    let exponent = exponent.astype(DType::I64);
    assert_eq!((floats(&mantissa), ints(&exponent)), (arr0(-0.5625).into_dyn(), arr0(2).into_dyn()));
    let data = arr2(&[[1.0, 2.0], [3.0, 5.0]]);
    let d = Expr::from(&data);
    assert_eq!(floats(&d.var_keepdims(0, 1)), arr2(&[[2.0, 4.5]]).into_dyn());
    assert_eq!(floats(&d.average_keepdims(Expr::from(arr1(&[3.0, 1.0])), 1)), arr2(&[[1.25], [3.5]]).into_dyn());
    assert!(floats(&d.softmax(1).sum(1)).iter().all(|total| (total - 1.0).abs() < 1e-15));
    assert!(floats(&(d.softmax(1).log() - d.log_softmax(1))).iter().all(|x| x.abs() < 1e-15));
    assert!(d.average(Expr::from(arr1(&[1.0; 3])), 1).error().is_some());
    assert!(d.moveaxis([0, 1], [0]).error().is_some() && d.moveaxis([0, 0], [0, 1]).error().is_some());
    assert!(d.pad([[1, 1]], 0.0).error().is_some());
    assert!(d.tile([usize::MAX, 2]).error().is_some() && d.repeat(usize::MAX, Some(0)).error().is_some());
    assert!(Expr::from(arr1(&[1.0])).diag(isize::MAX).error().is_some());
    assert!(Expr::from(arr1(&[1.0])).diag(isize::MIN).error().is_some());
    assert!(d.pad([[0, usize::MAX], [0, 0]], 0.0).error().is_some());
}

#[test]
fn sorting_and_searching() {
    let data = arr2(&[[3.0, f64::NAN, 1.0], [2.0, 5.0, 2.0]]);
    let x = Expr::from(&data);
    assert_eq!(floats(&x.sort(Some(1)).slice(s![.., ..2])), arr2(&[[1.0, 3.0], [2.0, 2.0]]).into_dyn());
    assert_eq!(floats(&x.sort(Some(0)).slice(s![0, ..])), arr1(&[2.0, 5.0, 1.0]).into_dyn());
    assert_eq!(floats(&x.sort(None).slice(s![..5])), arr1(&[1.0, 2.0, 2.0, 3.0, 5.0]).into_dyn());
    assert_eq!(ints(&x.argsort(Some(-1))), arr2(&[[2, 0, 1], [0, 2, 1]]).into_dyn());
    assert_eq!(ints(&x.argsort(None)), arr1(&[2, 3, 5, 0, 4, 1]).into_dyn());
    let list = Expr::from(arr1(&[1i64, 3, 3, 7]));
    assert_eq!(ints(&list.searchsorted(3)), arr0(1).into_dyn());
    assert_eq!(ints(&list.searchsorted_right(x.at(1))), arr1(&[1, 3, 1]).into_dyn());
    // A large array with many equal elements, against std's stable sort.
    let mut rng = Rng::new(3);
    let many: Vec<f64> = (0..5000).map(|_| rng.pick(&[0.0, -0.0, 1.0, -1.0, 2.5, f64::INFINITY])).collect();
    let array = Array::from_vec(many.clone());
    let mut indices: Vec<usize> = (0..many.len()).collect();
    indices.sort_by(|&i, &j| many[i].partial_cmp(&many[j]).expect("numbers"));
    let e = Expr::from(&array);
    let found: Vec<i64> = ints(&e.argsort(None)).iter().copied().collect();
    assert!(found.iter().zip(&indices).all(|(&i, &j)| i as usize == j));
    let found: Vec<u64> = floats(&e.sort(None)).iter().map(|x| x.to_bits()).collect();
    assert!(found.iter().zip(&indices).all(|(&x, &j)| x == many[j].to_bits()));
    for wrong in [x.sort(Some(2)), x.searchsorted(1.0), list.at(0).sort(Some(0)), list.at(0).argsort(Some(-1))] {
        assert!(wrong.error().is_some(), "{wrong}");
    }
}

#[test]
fn distinct_elements() {
    let data = arr2(&[[3.0, f64::NAN, -0.0, 3.0], [0.0, f64::NAN, 7.0, 3.0]]);
    let found = evanesce::unique_all(&Expr::from(&data)).expect("it runs");
    let values = found.values.as_f64().expect("floats");
    assert_eq!(values.slice(s![..3]).to_vec(), [0.0, 3.0, 7.0]);
    // The first of two zeros, and one NaN for all.
    assert!(values[[0]].is_sign_negative() && values.len() == 4 && values[[3]].is_nan());
    assert_eq!(found.indices, arr1(&[2, 0, 6, 1]));
    assert_eq!(found.inverse_indices, arr2(&[[1, 3, 0, 1], [0, 3, 2, 1]]).into_dyn());
    assert_eq!(found.counts, arr1(&[2, 3, 1, 2]));
    let words = arr1(&[5u8, 1, 5, 5]);
    assert_eq!(evanesce::unique(&Expr::from(&words)).expect("it runs"), Tensor::from(arr1(&[1u8, 5]).into_dyn()));
    let nothing = Array2::<i64>::zeros((0, 3));
    let found = evanesce::unique_all(&(Expr::from(&nothing) + 1)).expect("it runs");
    assert_eq!((found.values.shape(), found.inverse_indices.shape(), found.counts.len()), (&[0][..], &[0, 3][..], 0));
    let one = evanesce::unique_all(&Expr::from(arr1(&[true]))).expect("it runs");
    assert_eq!((one.counts, one.indices), (arr1(&[1]), arr1(&[0])));
    assert!(evanesce::unique(&Expr::from(&data).sum(5)).is_err());
}

#[test]
fn masks_choose_what_is_there() {
    let data = arr2(&[[3.0, 0.0, f64::NAN], [0.0, 5.0, 6.0]]);
    let x = Expr::from(&data);
    let mask = x.greater(2.0);
    assert_eq!(evanesce::nonzero(&mask).expect("it runs"), [arr1(&[0, 1, 1]), arr1(&[0, 1, 2])]);
    assert_eq!(evanesce::argwhere(&x).expect("it runs"), arr2(&[[0, 0], [0, 2], [1, 1], [1, 2]]));
    assert_eq!(evanesce::argwhere(&constant(arr0(3))).expect("it runs").shape(), [1, 0]);
    assert_eq!(evanesce::flatnonzero(&x).expect("it runs"), arr1(&[0, 2, 4, 5]));
    let floats_of = |found: Result<Tensor, Error>| found.expect("it runs").as_f64().expect("floats").clone();
    assert_eq!(floats_of(evanesce::boolean_index(&x, &mask)), arr1(&[3.0, 5.0, 6.0]).into_dyn());
    let rows = evanesce::boolean_index(&x, &x.at(1).slice(s![..2]).greater(1.0));
    assert_eq!(floats_of(rows), arr2(&[[0.0, 5.0, 6.0]]).into_dyn());
    assert_eq!(floats_of(evanesce::boolean_index(&x, &constant(arr0(false)))).shape(), [0, 2, 3]);
    let columns = evanesce::compress(&x.at(0).greater(1.0), &x, Some(-1));
    assert_eq!(floats_of(columns), arr2(&[[3.0], [0.0]]).into_dyn());
    assert_eq!(floats_of(evanesce::extract(&mask, &(&x * 2.0))), arr1(&[6.0, 10.0, 12.0]).into_dyn());
    let framed = Expr::from(arr1(&[0i64, 0, 4, 0, 5, 0]));
    let trimmed = evanesce::trim_zeros(&framed).expect("it runs");
    assert_eq!(trimmed.as_i64().expect("integers"), &arr1(&[4, 0, 5]).into_dyn());
    assert_eq!(evanesce::trim_zeros(&framed.zeros_like()).expect("it runs").shape(), [0]);
    // With a size that is given, in a graph.
    assert_eq!(ints(&x.nonzero(5, -1)[1]), arr1(&[0, 2, 1, 2, -1]).into_dyn());
    assert_eq!(ints(&x.flatnonzero(2, 7)), arr1(&[0, 2]).into_dyn());
    assert_eq!(ints(&mask.argwhere(1, 0)), arr2(&[[0, 0]]).into_dyn());
    let line = Expr::from(arr1(&[7.0, 8.0]));
    assert_eq!(floats(&x.copyto(-1, &mask).at(1)), arr1(&[0.0, -1.0, -1.0]).into_dyn());
    assert_eq!(floats(&x.place(&mask, &line).at(1)), arr1(&[0.0, 8.0, 7.0]).into_dyn());
    assert_eq!(floats(&x.putmask(&mask, &line).at(1)), arr1(&[0.0, 7.0, 8.0]).into_dyn());
    let found = x.isin(Expr::from(arr1(&[f64::NAN, 5.0]))).array_equal(x.equal(5.0), false);
    assert_eq!(found.eval().expect("it runs").as_bool().expect("a truth value"), &arr0(true).into_dyn());
    for wrong in [
        evanesce::nonzero(&x.at(0).at(0)).map(|_| x.eval()).err(),
        evanesce::boolean_index(&x, &x).err(),
        evanesce::boolean_index(&x, &mask.at(0)).err(),
        evanesce::boolean_index(&x.at(5), &mask).err(),
        evanesce::compress(&mask, &x, Some(0)).err(),
        evanesce::compress(&mask.at(1), &x, Some(0)).err(),
        evanesce::compress(&mask.at(1), &x, Some(2)).err(),
        evanesce::extract(&mask, &x.at(0)).err(),
        evanesce::trim_zeros(&x).err(),
    ] {
        let text = wrong.expect("a mistake").to_string();
        assert!(text.contains(file!()), "{text}");
    }
    for wrong in [
        x.at(0).at(0).nonzero(2, 0).swap_remove(0),
        x.flatnonzero(usize::MAX, 0),
        x.copyto(0.0, &x),
        x.copyto(&line, &mask),
        x.place(&mask, line.slice(s![..0])),
        x.putmask(&mask.at(0).slice(s![..2]), 0.0),
    ] {
        assert!(wrong.error().is_some_and(|error| error.loc.is_some()), "{wrong}");
    }
}

#[test]
fn functions_have_numpys_further_forms() {
    use evanesce::expr::{Frame, IndexMode, PadStatistic, lexsort};
    use evanesce::expr::{ravel_multi_index, select_first, tril_indices, triu_indices};
    let data = arr2(&[[1.0, 4.0, 9.0], [16.0, 25.0, 36.0]]);
    let x = Expr::from(&data);
    let zero = constant(arr0(0.0));
    assert_eq!(floats(&x.diff_with(1, -1, Some(&zero), None).at(0)), arr1(&[1.0, 3.0, 5.0]).into_dyn());
    assert_eq!(floats(&x.at(0).ediff1d_with(None, Some(&x.at(1)))), arr1(&[3.0, 5.0, 16.0, 25.0, 36.0]).into_dyn());
    assert_eq!(floats(&x.at(0).gradient_second_order(1, 0)), arr1(&[2.0, 4.0, 6.0]).into_dyn());
    assert_eq!(floats(&x.at(0).gradient_second_order_at(&x.at(0).sqrt(), 0)), arr1(&[2.0, 4.0, 6.0]).into_dyn());
    assert_eq!(floats(&(x.at(0) % 5.0).unwrap_with(None, 0, 5.0)), arr1(&[1.0, -1.0, -1.0]).into_dyn());
    let turn = std::f64::consts::TAU;
    let phases = Expr::from(arr1(&[0.0, 3.0, 6.0 - turn, 9.0 - turn])).unwrap(0);
    assert!(floats(&(phases - arange(4) * 3.0)).iter().all(|x| x.abs() < 1e-14));
    let frame = Frame::Statistic(PadStatistic::Maximum, Some(vec![[2, 1]]));
    assert_eq!(floats(&x.at(0).pad_with([[1, 1]], &frame)), arr1(&[4.0, 1.0, 4.0, 9.0, 9.0]).into_dyn());
    let ramp = x.at(0).pad_with([[2, 0]], &Frame::LinearRamp(vec![[0.0, 0.0]]));
    assert_eq!(floats(&ramp), arr1(&[0.0, 0.5, 1.0, 4.0, 9.0]).into_dyn());
    let sides = x.pad_with([[0, 0], [1, 1]], &Frame::Constant(vec![[7.0, 8.0]]));
    assert_eq!(floats(&sides.at(1)), arr1(&[7.0, 16.0, 25.0, 36.0, 8.0]).into_dyn());
    assert_eq!(floats(&x.at(0).pad_with([[0, 2]], &Frame::Odd(false))), arr1(&[1.0, 4.0, 9.0, 14.0, 17.0]).into_dyn());
    let far = Expr::from(arr1(&[-4i64, 3, 1]));
    assert_eq!(floats(&x.at(0).take_by(&far, Some(0), IndexMode::Wrap)), arr1(&[9.0, 1.0, 4.0]).into_dyn());
    assert_eq!(floats(&x.take_by(&far, None, IndexMode::Clip)), arr1(&[1.0, 16.0, 4.0]).into_dyn());
    let put = x.at(0).put_by(&far, Expr::from(arr1(&[7.0, 8.0, 0.0])), None, IndexMode::Clip);
    assert_eq!(floats(&put), arr1(&[7.0, 0.0, 8.0]).into_dyn());
    let unsorted = Expr::from(arr1(&[5.0, 1.0, 3.0]));
    let order = unsorted.argsort(None);
    assert_eq!(ints(&unsorted.searchsorted_by(3.0, &order, true)), arr0(2).into_dyn());
    assert_eq!(floats(&unsorted.partition(1, None)), arr1(&[1.0, 3.0, 5.0]).into_dyn());
    assert_eq!(ints(&unsorted.argpartition(-1, Some(0))), arr1(&[1, 2, 0]).into_dyn());
    assert_eq!(ints(&lexsort(&[unsorted.clone(), unsorted.greater(4.0)])), arr1(&[1, 2, 0]).into_dyn());
    let close = x.allclose(&x + 1e-9).logical_and(x.isreal().all(())).logical_and(x.iscomplex().any(()).logical_not());
    assert_eq!(close.eval().expect("it runs").as_bool().expect("a truth value"), &arr0(true).into_dyn());
    assert_eq!(floats(&unsorted.polyval(2)), arr0(25.0).into_dyn());
    assert_eq!(ints(&arange(3).vander(3, false).at(2)), arr1(&[4, 2, 1]).into_dyn());
    assert_eq!(ints(&arange(3).resize([2, 2])), arr2(&[[0, 1], [2, 0]]).into_dyn());
    let [row, column] = &x.argmax(()).unravel_index([2, 3])[..] else { panic!("two axes") };
    assert_eq!((ints(row), ints(column)), (arr0(1).into_dyn(), arr0(2).into_dyn()));
    assert_eq!(ints(&ravel_multi_index(&[row.clone(), column.clone()], [2, 3], IndexMode::Raise)), arr0(5).into_dyn());
    let [rows, columns] = triu_indices(2, 3, 1);
    assert_eq!(floats(&x.get([(&rows).into(), (&columns).into()])), arr1(&[4.0, 9.0, 36.0]).into_dyn());
    assert_eq!(ints(&tril_indices(2, 3, 0)[1]), arr1(&[0, 0, 1]).into_dyn());
    let chosen = select_first(&[x.greater(20.0), x.less(5.0)], &[-&x, &x + 0.5], 0);
    assert_eq!(floats(&chosen), arr2(&[[1.5, 4.5, 0.0], [0.0, -25.0, -36.0]]).into_dyn());
    let far_away = far.unravel_index([1, 3])[1].eval();
    assert!(far_away.is_err_and(|error| error.to_string().contains("index -4 is out of bounds")));
    for wrong in [
        far.unravel_index([usize::MAX, 2]).swap_remove(0),
        x.unravel_index([6]).swap_remove(0),
        ravel_multi_index(std::slice::from_ref(&far), [2, 3], IndexMode::Clip),
        tril_indices(usize::MAX, 3, 0).into_iter().next().expect("two lists"),
        select_first(&[x.greater(1.0)], &[], 0),
        select_first(std::slice::from_ref(&x), std::slice::from_ref(&x), 0),
        select_first(&[x.greater(1.0)], &[x.at(0).slice(s![..2])], 0),
        x.diff_with(1, 0, Some(&x.at(0)), None),
        x.gradient_second_order(1.0, 0),
        x.unwrap(2),
        x.pad_with([[1, 1]], &frame),
        x.slice(s![..0, ..]).pad_with([[1, 1], [0, 0]], &frame),
        x.pad_with([[1, 1], [0, 0]], &Frame::Statistic(PadStatistic::Mean, Some(vec![[0, 0]]))),
        x.pad_with([[1, 1], [0, 0]], &Frame::Constant(vec![[0.0; 2]; 3])),
        x.pad_with([[usize::MAX, 1], [0, 0]], &Frame::Odd(true)),
        x.slice(s![..0, ..]).take_by(&far, Some(0), IndexMode::Wrap),
        x.take_by(&x, Some(0), IndexMode::Clip),
        x.partition(3, Some(1)),
        lexsort(std::slice::from_ref(&x)),
        lexsort(&[unsorted.clone(), far.slice(s![..2])]),
        lexsort(&[]),
        x.polyval(1.0),
        x.vander(2, true),
        x.resize([usize::MAX, 2]),
    ] {
        assert!(wrong.error().is_some_and(|error| error.loc.is_some()), "{wrong}");
    }
}

#[test]
fn sets_of_distinct_elements() {
    let (x, y) = (arr2(&[[3.0, 1.0], [f64::NAN, 3.0]]), arr1(&[7i32, 1, 1, -2]));
    let (x, y) = (Expr::from(&x), Expr::from(&y));
    let list = |found: Result<Tensor, Error>| -> Vec<f64> {
        found.expect("it runs").as_f64().expect("floats").iter().copied().collect()
    };
    let union = list(evanesce::union1d(&x, &y));
    assert!(union[..4] == [-2.0, 1.0, 3.0, 7.0] && union.len() == 5 && union[4].is_nan(), "{union:?}");
    assert_eq!(list(evanesce::intersect1d(&y, &x)), [1.0]);
    let less = list(evanesce::setdiff1d(&x, &y));
    assert!(less[0] == 3.0 && less.len() == 2 && less[1].is_nan(), "{less:?}");
    assert_eq!(evanesce::setdiff1d(&y, &x).expect("it runs"), Tensor::from(arr1(&[-2i32, 7]).into_dyn()));
    let either = list(evanesce::setxor1d(&x, &y));
    assert!(either[..3] == [-2.0, 3.0, 7.0] && either.len() == 4 && either[3].is_nan(), "{either:?}");
    assert_eq!(list(evanesce::union1d(&x.slice(s![..0, ..]), &x.slice(s![..0, ..]))), [0.0; 0]);
    assert!(evanesce::union1d(&x, &x.sum(4)).is_err() && evanesce::setxor1d(&x.sum(4), &y).is_err());
}

#[test]
fn statistics_go_by_the_order() {
    use evanesce::expr::{Overlap, QuantileMethod};
    let data = arr2(&[[3.0, 1.0, 2.0, f64::NAN], [4.0, 8.0, 6.0, 5.0]]);
    let x = Expr::from(&data);
    let y = x.at(1);
    assert!(floats(&x.median(1))[0].is_nan());
    assert_eq!(floats(&x.nanmedian(1)), arr1(&[2.0, 5.5]).into_dyn());
    assert_eq!(floats(&x.over(1).keepdims().nanmedian()), arr2(&[[2.0], [5.5]]).into_dyn());
    assert_eq!(floats(&y.quantile(0.5, ())), arr0(5.5).into_dyn());
    assert_eq!(floats(&y.percentile(Expr::from(arr1(&[0.0, 50.0])), 0)), arr1(&[4.0, 5.5]).into_dyn());
    assert_eq!(floats(&x.nanquantile(1, 1)), arr1(&[3.0, 8.0]).into_dyn());
    assert_eq!(floats(&x.nanpercentile(0, -1)), arr1(&[1.0, 4.0]).into_dyn());
    assert_eq!(floats(&x.over(1).nanquantile(0.4, QuantileMethod::Nearest)), arr1(&[2.0, 5.0]).into_dyn());
    assert_eq!(floats(&y.over(0).quantile(0.4, QuantileMethod::Higher)), arr0(6.0).into_dyn());
    let list = Expr::from(arr1(&[1i64, 3, 3, 7]));
    assert_eq!(ints(&list.bincount(5)), arr1(&[0, 1, 0, 2, 0]).into_dyn());
    let edges = Expr::from(arr1(&[0.0, 3.0, 6.0]));
    assert_eq!(ints(&y.digitize(&edges)), arr1(&[2, 3, 3, 2]).into_dyn());
    assert_eq!(ints(&y.histogram_between(&edges)), arr1(&[0, 3]).into_dyn());
    let (counts, edges) = y.histogram(2, None);
    assert_eq!((ints(&counts), floats(&edges)), (arr1(&[2, 2]).into_dyn(), arr1(&[4.0, 6.0, 8.0]).into_dyn()));
    assert_eq!(floats(&list.interp(&list, &y).at(0)), arr0(4.0).into_dyn());
    let points = [Expr::from(arr1(&[2.0, 4.0])), Expr::from(arr1(&[0.0, 1.0]))];
    assert_eq!(
        floats(&list.interp_with(&points[0], &points[1], -1.0, x.at(1).at(0))),
        arr1(&[-1., 0.5, 0.5, 4.]).into_dyn()
    );
    assert_eq!(floats(&x.slice(s![.., ..3]).cov(true, 1)), arr2(&[[1.0, -2.0], [-2.0, 4.0]]).into_dyn());
    assert_eq!(floats(&x.slice(s![.., ..3]).corrcoef(true).at(0).at(1)), arr0(-1.0).into_dyn());
    assert_eq!(ints(&list.correlate(Expr::from(arr1(&[1i64, -1])), Overlap::Valid)), arr1(&[-2, 0, -4]).into_dyn());
    assert_eq!(ints(&list.convolve(Expr::from(arr1(&[1i64, -1])), Overlap::Full)), arr1(&[1, 2, 0, 4, -7]).into_dyn());
    for wrong in [
        x.quantile(1.5, 1),
        x.median(2),
        x.over(1).dtype(DType::F32).median(),
        x.slice(s![.., ..0]).quantile(0.5, 1),
        x.bincount(3),
        y.bincount(3),
        list.bincount(usize::MAX),
        x.histogram_between(&x),
        x.histogram(0, None).1,
        x.histogram(2, Some([1.0, 0.0])).0,
        y.interp(&y, &list.at(0)),
        x.reshape([2, 2, 2]).cov(true, 1),
        y.correlate(&x, Overlap::Full),
        y.convolve(y.slice(s![..0]), Overlap::Full),
    ] {
        assert!(wrong.error().is_some(), "{wrong}");
    }
}

#[test]
fn statistics_have_weights() {
    use evanesce::expr::{Bins, Covariance};
    let data = arr2(&[[3.0, 1.0, 2.0], [4.0, 8.0, 6.0]]);
    let x = Expr::from(&data);
    let (w, n) = (Expr::from(arr1(&[1.0, 0.5, 2.0])), Expr::from(arr1(&[2i64, 0, 2])));
    assert_eq!(floats(&n.bincount_weighted(&w, 4)), arr1(&[0.5, 0.0, 3.0, 0.0]).into_dyn());
    let edges = Expr::from(arr1(&[1.0, 2.0, 3.0]));
    let (sums, _) = x.at(0).histogram_with(&Bins::Between(edges.clone()), Some(&w), false);
    assert_eq!(floats(&sums), arr1(&[0.5, 3.0]).into_dyn());
    let (density, found) = x.at(0).histogram_with(&Bins::Equal(2, None), None, true);
    assert_eq!((floats(&density), floats(&found)), (arr1(&[1.0 / 3.0, 2.0 / 3.0]).into_dyn(), floats(&edges)));
    assert_eq!(floats(&x.over(1).quantile_weighted(0.5, &w)), arr1(&[2.0, 6.0]).into_dyn());
    assert_eq!(floats(&x.over(1).percentile_weighted(100, &w)), arr1(&[3.0, 8.0]).into_dyn());
    let holes = x.over(1).nanpercentile_weighted(0, &w) + x.over(1).nanquantile_weighted(0, &w);
    assert_eq!(floats(&holes), arr1(&[2.0, 8.0]).into_dyn());
    // Weights whose sum is 0 leave nothing to find.
    assert!(floats(&x.over(1).quantile_weighted(0.5, &w.zeros_like())).iter().all(|x| x.is_nan()));
    let (average, total) = x.average_returned(&w, 1);
    assert_eq!(
        (floats(&average), floats(&total)),
        (arr1(&[15.0 / 7.0, 40.0 / 7.0]).into_dyn(), arr1(&[3.5; 2]).into_dyn())
    );
    let repeated = Covariance { fweights: Some(n.clone() + 1), ..Covariance::of(true, None) };
    let same = x.take(Expr::from(arr1(&[0i64, 0, 0, 1, 2, 2, 2])), Some(1)).cov(true, 1);
    assert!(floats(&(x.cov_with(&repeated) - same)).iter().all(|x| x.abs() < 1e-14));
    assert!(floats(&(x.at(0).corrcoef_with(&x.at(0), true) - 1.0)).iter().all(|x| x.abs() < 1e-15));
    assert_eq!(ints(&x.at(0).digitize_right(&edges)), arr1(&[2, 0, 1]).into_dyn());
    let turn = Expr::from(arr1(&[350.0, 10.0]));
    assert_eq!(
        floats(&constant(arr0(360.0)).interp_periodic(&turn, &edges.slice(s![..2]), 360.0)),
        arr0(1.5).into_dyn()
    );
    for wrong in [
        n.bincount_weighted(&w.slice(s![..2]), 4),
        w.bincount_weighted(&w, 4),
        x.histogram_with(&Bins::Between(edges.clone()), Some(&w), false).0,
        x.histogram_with(&Bins::Equal(0, None), Some(&x), true).0,
        x.over(1).quantile_weighted(1.5, &w),
        x.over(0).quantile_weighted(0.5, &w),
        x.over(()).quantile_weighted(0.5, &w),
        x.slice(s![.., ..0]).over(1).quantile_weighted(0.5, &w.slice(s![..0])),
        x.average_returned(&w, 0).1,
        x.cov_with(&Covariance { aweights: Some(w.slice(s![..2])), ..Covariance::of(true, None) }),
        x.cov_with(&Covariance { y: Some(edges.at(0)), ..Covariance::of(true, None) }),
        x.interp_periodic(&turn, &turn, 0.0),
    ] {
        assert!(wrong.error().is_some_and(|error| error.loc.is_some()), "{wrong}");
    }
}

#[test]
fn scans_and_neighbours() {
    let data = arr2(&[[1.0, 3.0, 2.0], [4.0, 4.0, 6.0]]);
    let x = Expr::from(&data);
    assert_eq!(floats(&x.cumsum(Some(1))), arr2(&[[1.0, 4.0, 6.0], [4.0, 8.0, 14.0]]).into_dyn());
    assert_eq!(floats(&x.cumprod(None).at(-1)), arr0(576.0).into_dyn());
    assert_eq!(floats(&x.accumulate(ElementwiseOp::Maximum, -1)), arr2(&[[1.0, 3.0, 3.0], [4.0, 4.0, 6.0]]).into_dyn());
    assert_eq!(ints(&x.greater(2.0).cumsum(Some(0)).at(1)), arr1(&[1, 2, 1]).into_dyn());
    assert_eq!(floats(&x.nancumsum(Some(0)).at(1)), arr1(&[5.0, 7.0, 8.0]).into_dyn());
    assert_eq!(floats(&x.nancumprod(Some(0)).at(1)), arr1(&[4.0, 12.0, 12.0]).into_dyn());
    assert_eq!(ints(&x.cumulative_sum(1, Some(DType::I64), true).at(0)), arr1(&[0, 1, 4, 6]).into_dyn());
    assert_eq!(floats(&x.cumulative_prod(0, None, false).at(1)), arr1(&[4.0, 12.0, 12.0]).into_dyn());
    assert_eq!(floats(&x.diff(2, -1)), arr2(&[[-3.0], [2.0]]).into_dyn());
    assert_eq!(floats(&x.ediff1d()), arr1(&[2.0, -1.0, 2.0, 0.0, 2.0]).into_dyn());
    assert_eq!(floats(&x.trapezoid(0.5, 1)), arr1(&[2.25, 4.5]).into_dyn());
    let places = Expr::from(arr1(&[0.0, 1.0, 3.0]));
    assert_eq!(floats(&x.trapezoid_at(&places, 1)), arr1(&[7.0, 14.0]).into_dyn());
    assert_eq!(floats(&x.gradient(0.5, 1).at(0)), arr1(&[4.0, 1.0, -2.0]).into_dyn());
    let places = Expr::from(arr1(&[0.0, 0.5, 2.5]));
    assert_eq!(floats(&x.gradient_at(&places, 1).at(0)), arr1(&[4.0, 3.1, -0.5]).into_dyn());
    // An op that is none of two operands of one dtype, an axis that is not there, a derivative of one sample.
    for wrong in [
        x.accumulate(ElementwiseOp::Less, 0),
        x.accumulate(ElementwiseOp::Sin, 0),
        x.accumulate(ElementwiseOp::Ldexp, 0),
        x.cumsum(Some(2)),
        x.diff(1, 2),
        x.at(0).at(0).diff(1, 0),
        x.trapezoid_at(&x.ravel(), 1),
        x.slice(s![.., ..1]).gradient(1.0, 1),
    ] {
        assert!(wrong.error().is_some(), "{wrong}");
    }
}

#[test]
fn reductions_take_numpys_keywords() {
    let data = arr2(&[[1.0, 2.0, 3.0], [4.0, 5.0, 60.0]]);
    let x = Expr::from(&data);
    let mask = x.less(10.0);
    assert_eq!(floats(&x.over(1).where_(&mask).sum()), arr1(&[6.0, 9.0]).into_dyn());
    assert_eq!(floats(&x.over(1).where_(&mask).mean()), arr1(&[2.0, 4.5]).into_dyn());
    assert_eq!(floats(&x.over(1).where_(&mask).initial(0.5).keepdims().prod()), arr2(&[[3.0], [10.0]]).into_dyn());
    assert_eq!(floats(&x.over(()).where_(&mask).initial(f64::NEG_INFINITY).max()), arr0(5.0).into_dyn());
    assert_eq!(floats(&x.over(()).initial(x.at(0).at(0) - 3.0).min()), arr0(-2.0).into_dyn());
    assert_eq!(floats(&x.over([1]).where_(&mask).var(1)), arr1(&[1.0, 0.5]).into_dyn());
    assert_eq!(ints(&x.over(0).dtype(DType::I64).sum()), arr1(&[5, 7, 63]).into_dyn());
    assert_eq!(floats(&x.over(()).nanmax()), arr0(60.0).into_dyn());
    assert_eq!(ints(&x.over(()).keepdims().argmax()), arr2(&[[5]]).into_dyn());
    assert_eq!(floats(&x.nanvar(1, 1).slice(s![..1])), arr1(&[1.0]).into_dyn());
    assert_eq!(ints(&x.nanargmin(1)), arr1(&[0, 0]).into_dyn());
    // A mask without an initial value, one that does not broadcast or is no mask, and options that an op has not.
    for wrong in [
        x.over(0).where_(&mask).max(),
        x.over(0).where_(Expr::from(arr1(&[true; 2]))).sum(),
        x.over(0).where_(&x).sum(),
        x.over(0).initial(1.0).mean(),
        x.over(0).initial(&x).sum(),
        x.over(0).dtype(DType::F32).any(),
        x.over(0).dtype(DType::F32).argmin(),
        x.over(2).sum(),
    ] {
        assert!(wrong.error().is_some(), "{wrong}");
    }
}

#[test]
fn ufuncs_have_numpys_methods() {
    let data = arr2(&[[3.0, 4.0, 12.0, 1.0], [1.0, 2.0, 2.0, 5.0]]);
    let x = Expr::from(&data);
    assert_eq!(floats(&x.slice(s![.., ..3]).over(1).reduce_by(ElementwiseOp::Hypot)), arr1(&[13.0, 3.0]).into_dyn());
    let mask = x.greater(1.5);
    let less = x.over(1).where_(&mask).initial(20).keepdims().reduce_by(ElementwiseOp::Subtract);
    assert_eq!(floats(&less), arr2(&[[1.0], [11.0]]).into_dyn());
    assert_eq!(floats(&x.over(()).reduce_by(ElementwiseOp::Maximum)), arr0(12.0).into_dyn());
    let places = Expr::from(arr1(&[2i64, 0, 1]));
    let parts = x.reduceat(ElementwiseOp::Add, &places, 1);
    assert_eq!(floats(&parts), arr2(&[[12.0, 3.0, 17.0], [2.0, 1.0, 9.0]]).into_dyn());
    let table = arange(3).outer_by(ElementwiseOp::Power, arange(3) + 1);
    assert_eq!(ints(&table), arr2(&[[0, 0, 0], [1, 1, 1], [2, 4, 8]]).into_dyn());
    assert_eq!(ints(&places.outer_by(ElementwiseOp::Subtract, 1)), arr1(&[1, -1, 0]).into_dyn());
    let twice = Expr::from(arr1(&[1i64, 1]));
    let found = x.at(0).update_at(ElementwiseOp::Divide, [&twice], 2.0).apply_at(ElementwiseOp::Square, [&twice]);
    assert_eq!(floats(&found), arr1(&[3.0, 1.0, 12.0, 1.0]).into_dyn());
    let line = line!() + 1;
    let far = x.reduceat(ElementwiseOp::Add, Expr::from(arr1(&[0i64, 4])), 1).eval().expect_err("too far").to_string();
    assert!(far.starts_with("reduceat: index 4 is out of bounds for an axis of size 4"), "{far}");
    assert!(far.contains(&format!("{}:{line}:", file!())), "{far}");
    let before = x.reduceat(ElementwiseOp::Add, Expr::from(arr1(&[-1i64])), 1).eval();
    assert!(before.is_err_and(|error| error.to_string().contains("index -1 is out of bounds")));
    for wrong in [
        x.over(()).reduce_by(ElementwiseOp::Subtract),
        x.over(0).where_(&mask).reduce_by(ElementwiseOp::Divide),
        x.over(0).where_(&mask).initial(1.0).reduce_by(ElementwiseOp::Fmod),
        x.over(0).reduce_by(ElementwiseOp::Less),
        x.over(0).reduce_by(ElementwiseOp::Sin),
        x.over(0).reduce_by(ElementwiseOp::BitwiseAnd),
        x.over([0, 0]).reduce_by(ElementwiseOp::Hypot),
        x.slice(s![.., ..0]).over(1).reduce_by(ElementwiseOp::Divide),
        x.reduceat(ElementwiseOp::Add, &places, 2),
        x.reduceat(ElementwiseOp::Add, &x, 0),
        x.reduceat(ElementwiseOp::Less, &places, 0),
        places.reduceat(ElementwiseOp::Power, &twice, 0),
        places.update_at(ElementwiseOp::Divide, [&twice], 2),
        places.update_at(ElementwiseOp::Power, [&twice], 2),
        x.apply_at(ElementwiseOp::Isnan, [&twice]),
        x.outer_by(ElementwiseOp::BitwiseAnd, &x),
    ] {
        assert!(wrong.error().is_some_and(|error| error.loc.is_some()), "{wrong}");
    }
}

#[test]
fn arrays_of_indices_are_numpys() {
    let x = Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (100 * i + 10 * j + k) as i64);
    let x = Expr::from(&x);
    let (p, q) = (Expr::from(arr2(&[[0i64, -1], [2, 1]])), Expr::from(arr1(&[3i64, -4])));
    // x[:, p, q], x[1, ::-1, q], x[-1, newaxis, p, 0:2]
    let together = x.get([Pick::ALL, (&p).into(), (&q).into()]);
    let expected = Array3::from_shape_vec((2, 2, 2), vec![3, 20, 23, 10, 103, 120, 123, 110]).unwrap();
    assert_eq!(ints(&together), expected.into_dyn());
    let apart = x.get([1.into(), Pick::slice(None, None, -1), (&q).into()]);
    assert_eq!(ints(&apart), arr2(&[[123, 113, 103], [120, 110, 100]]).into_dyn());
    let framed = x.get([(-1).into(), Pick::NEW_AXIS, (&p).into(), (0..2).into()]);
    assert_eq!(framed.ty().unwrap().shape[..], [2, 2, 1, 2]);
    let beside = x.at(0).take_along_axis(constant(arr2(&[[3i64], [0], [-1]])), Some(1));
    assert_eq!(ints(&beside), arr2(&[[3], [10], [23]]).into_dyn());
    let far = x.get([(&p).into(), (&q).into()]).eval();
    assert!(
        far.is_err_and(|error| error.to_string().starts_with("take: index 3 is out of bounds for an axis of size 3"))
    );
    for wrong in [
        x.get([(&q).into(), 3.into()]),
        x.get([(&q).into(), Pick::ALL, Pick::ALL, Pick::ALL]),
        x.get([(&q).into(), (&Expr::from(arr1(&[0i64; 3]))).into()]),
        x.get([(&Expr::from(arr1(&[0.5]))).into()]),
        x.take_along_axis(&q, Some(0)),
    ] {
        assert!(
            wrong.error().is_some_and(|error| error.op.starts_with("take") && error.operands.len() >= 2),
            "{wrong}"
        );
    }
}

#[test]
fn places_known_in_advance_are_views() {
    let x = Array2::from_shape_fn((3, 4), |(i, j)| (10 * i + j) as i64);
    let x = Expr::from(&x);
    let found = x.pad_mode([[0, 0], [2, 1]], PadMode::Reflect);
    assert_eq!(ints(&found).as_slice().unwrap()[..7], [2, 1, 0, 1, 2, 3, 2]);
    assert!(!found.to_string().contains("take"), "{found}");
    let picked = x.compress([true, false, true], Some(0)).delete([1], Some(1)).insert(0, 7, Some(1));
    assert_eq!(ints(&picked), arr2(&[[7, 0, 2, 3], [7, 20, 22, 23]]).into_dyn());
    let (first, rest) = (&x.split_at([1], 0)[0], &x.array_split(2, 0)[1]);
    assert_eq!(
        ints(&first.append(rest, Some(0)).roll_axes([1, 1], [0, 1])),
        arr2(&[[23, 20, 21, 22], [3, 0, 1, 2]]).into_dyn()
    );
    assert_eq!(ints(&x.diagonal_of(1, [1, 0])), arr1(&[10, 21]).into_dyn());
    assert_eq!(ints(&x.at(0).repeat_each([0, 2, 1, 0], None)), arr1(&[1, 1, 2]).into_dyn());
    assert_eq!(ints(&column_stack(&[x.at(0), x.at(1)]).fliplr().flipud().at(0)), arr1(&[13, 3]).into_dyn());
    assert_eq!(dstack(&[x.clone(), x.clone()]).ty().unwrap().shape[..], [3, 4, 2]);
    assert_eq!(x.at(0).atleast(3).ty().unwrap().shape[..], [1, 4, 1]);
    assert_eq!(broadcast_arrays(&[x.clone(), x.at(0)])[1].ty().unwrap().shape[..], [3, 4]);
    assert_eq!(ints(&arange_step(5, -2, -3)), arr1(&[5, 2, -1]).into_dyn());
    assert_eq!(floats(&arange_step(1, 2.0, 0.5)), arr1(&[1.0, 1.5]).into_dyn());
    assert_eq!(floats(&linspace_open(0.0, 1.0, 4)), arr1(&[0.0, 0.25, 0.5, 0.75]).into_dyn());
    assert_eq!(floats(&(logspace(0.0, 1.0, 2, 2.0) * geomspace(1.0, 4.0, 2))), arr1(&[1.0, 8.0]).into_dyn());
    assert_eq!(floats(&eye_at(1, 2, 1)), arr2(&[[0.0, 1.0]]).into_dyn());
    for wrong in [
        x.compress([false, false, false, true], Some(0)),
        x.delete([4], Some(1)),
        x.insert(5, 0, Some(1)),
        x.append(x.at(0), Some(0)),
        x.repeat_each([1], Some(0)),
        x.roll_axes([1, 2], [0]),
        x.slice(s![0..0, ..]).pad_mode([[1, 0], [0, 0]], PadMode::Wrap),
        x.pad_mode([[usize::MAX, 0], [0, 0]], PadMode::Edge),
        x.array_split(0, 0).swap_remove(0),
        x.diagonal_of(0, [1, 1]),
        x.at(0).fliplr(),
        x.atleast(4),
        arange_step(1, 2, 0),
        arange_step(0.0, f64::INFINITY, 1.0),
        geomspace(-1.0, 1.0, 3),
        eye_at(usize::MAX, 2, 0),
    ] {
        assert!(wrong.error().is_some_and(|error| error.loc.is_some()), "{wrong}");
    }
}

#[test]
fn elements_are_put_in_order() {
    let x = arr2(&[[1i64, 2, 3], [4, 5, 6]]);
    let x = Expr::from(&x);
    let (i, j) = (Expr::from(arr1(&[1i64, -1, 1])), Expr::from(arr1(&[0i64, 2, 0])));
    let (row, rows) = (Expr::from(arr1(&[7.9, 8.0, 9.0])), Expr::from(arr2(&[[1i64, 1, 1], [2, 2, 2], [3, 3, 3]])));
    assert_eq!(ints(&x.put(&j, &row, None)), arr2(&[[9, 2, 8], [4, 5, 6]]).into_dyn());
    assert_eq!(ints(&x.put(&i, &rows, Some(0))), arr2(&[[1, 2, 3], [3, 3, 3]]).into_dyn());
    assert_eq!(ints(&x.add_at([&i], &rows)), arr2(&[[1, 2, 3], [10, 11, 12]]).into_dyn());
    assert_eq!(ints(&x.add_at([&i, &j], 10)), arr2(&[[1, 2, 3], [24, 5, 16]]).into_dyn());
    let along = constant(arr2(&[[2i64], [0]]));
    assert_eq!(ints(&x.put_along_axis(&along, -1, Some(1))), arr2(&[[1, 2, -1], [-1, 5, 6]]).into_dyn());
    let line = line!() + 1;
    let far = x.put(&j, 0, Some(0)).eval().expect_err("an index is out of bounds").to_string();
    assert!(far.starts_with("put: index 2 is out of bounds for an axis of size 2"), "{far}");
    assert!(far.contains(&format!("{}:{line}:", file!())), "{far}");
    for wrong in [
        x.put(&row, 0, None),
        x.put(&i, row.at(0).broadcast_to([4]), Some(0)),
        x.put_along_axis(&i, 0, Some(0)),
        x.add_at([&i, &j, &j], 0),
        x.put(&i, 0, Some(2)),
        Expr::from(arr1(&[0i64; 0])).put(&i, 0, None),
    ] {
        assert!(wrong.error().is_some_and(|error| error.loc.is_some()), "{wrong}");
    }
}
