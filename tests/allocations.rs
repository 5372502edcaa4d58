//! A steady-state call of a function allocates nothing. The only test of its binary: the allocator counts for all threads.
#![allow(unsafe_code, reason = "an allocator that counts")]

use evanesce::expr::complex;
use evanesce::ir::ops::ElementwiseOp;
use evanesce::prelude::*;
use ndarray::{Array1, Array2, ArrayView0, ArrayView2, ArrayViewMut0, arr1};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's contract is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn own() -> (Ufunc, Gufunc) {
    let mix = Ufunc::new("mix").scalar(|x: f64, y: f64| (x * y + 1.0, x > y));
    let trace = Gufunc::new("trace", "(n,n),()->()").views(
        |a: ArrayView2<'_, f64>, k: ArrayView0<'_, f64>, mut t: ArrayViewMut0<'_, f64>| {
            t[()] = k[()] * a.diag().sum();
        },
    );
    (mix, trace)
}

#[test]
fn a_steady_state_call_allocates_nothing() {
    for n in [3, 10, 40] {
        let (mix, trace) = own();
        let mut f = Function::trace(|f| {
            let x = f.input("x", DType::F64, [n]);
            let a = f.input("a", DType::F64, [n, n]);
            let spd = a.matmul(a.t()) + eye(n);
            let (q, r) = a.qr();
            f.update(&x, &(a.solve(&x) + spd.inv().matmul(x.sin())));
            f.output("l", &spd.cholesky().solve_triangular(&a, true));
            f.output("qr", &(q.matmul(&r) + spd.assume(Facts::SPD).inv() * a.det()));
            f.output("s", &(a.exp() * x.expand_dims(1)).sum(()));
            let ((w, v), (u, d, vt), (sign, log)) = (spd.eigh(), a.svd(false), a.slogdet());
            let spectra = (v * w.expand_dims(0)) + (u * d.expand_dims(0)).matmul(&vt);
            let [mixed, greater] = mix.results((a.t(), &x));
            let own = trace.call((&mixed, &x)).sum(()) + greater.count_nonzero(());
            f.output(
                "t",
                &(own + spectra.sum(()) + sign * log + einsum("ij,jk,k->", &[a.clone(), a.clone(), x.clone()])),
            );
        })
        .unwrap();
        let mut g = Function::trace(|f| {
            let a = f.input("a", DType::F64, [n, n]);
            let b = f.input("b", DType::F64, [n]);
            let spd = a.matmul(a.t()) + eye(n);
            let ((p, l, u), (factors, pivots)) = (a.lu(), a.lu_factor());
            let ((outer, d, _), (t, z)) = (spd.ldl(), a.schur());
            f.output("lu", &(p.matmul(&l).matmul(&u) + outer.matmul(&d) + t.matmul(&z)));
            f.output("x", &(factors.lu_solve(&pivots, &b) + a.try_solve(&b).0 + spd.try_cholesky().0.matmul(&b)));
            f.output("f", &(a.expm() + spd.sqrtm() + a.try_inv().0 + a.solve_sylvester(&a, &spd)));
            f.output("z", &(complex(&a, &a).inv() + a.eig().1).abs());
            f.output("y", &(spd.solve_banded(&b, 1, n - 2) + a.pinv(None).matmul(&b)));
        })
        .unwrap();
        let a =
            Array2::from_shape_fn((n, n), |(i, j)| if i == j { 3.0 } else { 1.0 / (1.0 + i as f64 + 2.0 * j as f64) });
        let (mut x, mut l, mut qr, mut s, mut t) =
            (Array1::<f64>::ones(n), Array2::<f64>::zeros((n, n)), Array2::<f64>::zeros((n, n)), 0.0, 0.0);
        let mut call = || f.call(args![&mut x, &a], args![&mut l, &mut qr, &mut s, &mut t]).unwrap();
        assert_eq!(least(&mut call), 0, "order {n}");
        let (b, mut y) = (Array1::<f64>::ones(n), Array1::<f64>::zeros(n));
        let mut z = Array2::<f64>::zeros((n, n));
        let (mut lu, mut functions) = (Array2::<f64>::zeros((n, n)), Array2::<f64>::zeros((n, n)));
        let mut call = || g.call(args![&a, &b], args![&mut lu, &mut x, &mut functions, &mut z, &mut y]).unwrap();
        assert_eq!(least(&mut call), 0, "order {n}");
    }
    // Sorting too, however many elements there are, reducing parts, and writing at places.
    let mut f = Function::trace(|f| {
        let x = f.input("x", DType::F64, [2, 3000]);
        let sorted = x.sort(Some(1));
        f.output("sums", &sorted.cumsum(Some(1)));
        f.output("places", &sorted.at(0).searchsorted(&x));
        f.output("order", &x.argsort(Some(1)));
        f.output("parts", &x.reduceat(ElementwiseOp::Add, constant(arr1(&[0i64, 2500, 7])), 1));
        f.output("doubled", &x.at(0).update_at(ElementwiseOp::Multiply, [&x.argsort(Some(1)).at(0)], 2.0));
    })
    .unwrap();
    let x = Array2::from_shape_fn((2, 3000), |(i, j)| ((i + j * 7919) as f64).sin());
    let (mut sums, mut places, mut order) =
        (Array2::<f64>::zeros((2, 3000)), Array2::<i64>::zeros((2, 3000)), Array2::<i64>::zeros((2, 3000)));
    let (mut parts, mut doubled) = (Array2::<f64>::zeros((2, 3)), Array1::<f64>::zeros(3000));
    let mut call = || {
        f.call(args![&x], args![&mut sums, &mut places, &mut order, &mut parts, &mut doubled]).unwrap();
    };
    call();
    let before = COUNT.load(Ordering::Relaxed);
    (0..10).for_each(|_| call());
    assert_eq!(COUNT.load(Ordering::Relaxed) - before, 0, "of sorting");
    assert!((0..3000).all(|j| doubled[j] == 2.0 * x[[0, j]]));
}

/// What a steady-state call allocates. The test runner's own threads are counted too, now and then: what calls allocate is
/// there every time.
fn least(call: &mut dyn FnMut()) -> usize {
    call();
    let mut count = || {
        let before = COUNT.load(Ordering::Relaxed);
        (0..20).for_each(|_| call());
        COUNT.load(Ordering::Relaxed) - before
    };
    (0..5).map(|_| count()).min().expect("five counts")
}
