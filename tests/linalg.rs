//! Linear algebra by its methods: einsum against loops over all indices, and identities of what is made of factorisations.

#[path = "common/random.rs"]
mod random;

use evanesce::expr::{ELLIPSIS, NormOrder, einsum_numbered, einsum_path, multi_dot};
use evanesce::prelude::*;
use ndarray::{Array1, Array2, ArrayD, arr1, arr2};
use random::Rng;
use std::collections::BTreeMap;

/// The element at flat index `i` of operand `k` in `tests/data/einsum.tsv`.
fn operand(shape: &[usize], k: usize) -> ArrayD<f64> {
    let len = shape.iter().product();
    let data = (0..len).map(|i| ((7 * i + 3 * k) % 11) as f64 - 5.0).collect();
    ArrayD::from_shape_vec(shape, data).expect("as many elements as the shape has")
}

fn einsum_of(subscripts: &str, arrays: &[ArrayD<f64>]) -> Result<Tensor, Error> {
    let parts: Vec<Expr<'_>> = arrays.iter().map(Expr::from).collect();
    einsum(subscripts, &parts).eval()
}

#[test]
fn einsum_of_the_table_is_exact() {
    let sizes = |text: &str| -> Vec<usize> {
        let text = text.trim_matches(['(', ')']);
        text.split(',').filter(|n| !n.is_empty()).map(|n| n.parse().expect("a size")).collect()
    };
    let rows = include_str!("data/einsum.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let [subscripts, shapes, shape, values] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let arrays: Vec<ArrayD<f64>> = shapes.split(' ').enumerate().map(|(k, s)| operand(&sizes(s), k)).collect();
        let values = values.split(' ').map(|x| x.parse::<f64>().expect("a number")).collect();
        let expected = ArrayD::from_shape_vec(sizes(shape), values).expect("a full result");
        let found = einsum_of(subscripts, &arrays).unwrap();
        assert_eq!(found.as_f64(), Some(&expected), "{subscripts}");
        count += 1;
    }
    assert_eq!(count, 33);
}

/// The definition: for every value of every letter, the product of the operands' elements, added up.
fn by_loops(terms: &[Vec<char>], output: &[char], arrays: &[ArrayD<f64>]) -> ArrayD<f64> {
    let mut extents: BTreeMap<char, usize> = BTreeMap::new();
    for (term, array) in terms.iter().zip(arrays) {
        for (&letter, &n) in term.iter().zip(array.shape()) {
            let extent = extents.entry(letter).or_insert(n);
            *extent = (*extent).max(n);
        }
    }
    let letters: Vec<char> = extents.keys().copied().collect();
    let mut result = ArrayD::zeros(output.iter().map(|l| extents[l]).collect::<Vec<_>>());
    let all: Vec<usize> = letters.iter().map(|l| extents[l]).collect();
    for index in ndarray::indices(all) {
        let at = |term: &[char]| -> Vec<usize> {
            let position = |l: &char| letters.iter().position(|other| other == l).expect("a letter of the operands");
            term.iter().map(|l| index[position(l)]).collect()
        };
        let element = |(term, array): (&Vec<char>, &ArrayD<f64>)| {
            let index: Vec<usize> = at(term).iter().zip(array.shape()).map(|(&i, &n)| i.min(n - 1)).collect();
            array[&index[..]]
        };
        result[&at(output)[..]] += terms.iter().zip(arrays).map(element).product::<f64>();
    }
    result
}

#[test]
fn einsum_is_what_loops_over_all_indices_compute() {
    let mut rng = Rng::new(1);
    let extents = [('a', 2), ('b', 3), ('c', 2), ('d', 1), ('e', 4)];
    for case in 0..200 {
        // Once in a while more operands than orders are tried for.
        let count = if case % 20 == 0 { 9 } else { 1 + rng.below(4) };
        let (mut terms, mut arrays): (Vec<Vec<char>>, Vec<ArrayD<f64>>) = (Vec::new(), Vec::new());
        for k in 0..count {
            let term: Vec<(char, usize)> = (0..rng.below(4)).map(|_| rng.pick(&extents)).collect();
            let distinct = (1..term.len()).all(|i| !term[..i].contains(&term[i]));
            // An axis of size 1 goes with any other.
            let shape = term.iter().map(|&(_, n)| if distinct && rng.chance(10) { 1 } else { n });
            arrays.push(operand(&shape.collect::<Vec<_>>(), k));
            terms.push(term.into_iter().map(|(letter, _)| letter).collect());
        }
        let mut output: Vec<char> = terms.concat();
        output.sort_unstable();
        output.dedup();
        output.retain(|_| rng.chance(50));
        if rng.chance(50) {
            output.reverse();
        }
        let text = |term: &[char]| term.iter().collect::<String>();
        let inputs: Vec<String> = terms.iter().map(|term| text(term)).collect();
        let subscripts = format!("{}->{}", inputs.join(","), text(&output));
        let found = einsum_of(&subscripts, &arrays).unwrap_or_else(|error| panic!("{subscripts}: {error}"));
        // Integers: exact in any order.
        assert_eq!(found.as_f64(), Some(&by_loops(&terms, &output, &arrays)), "{subscripts}");
    }
}

#[test]
fn a_path_is_the_cheapest_order() {
    // From the vector outwards.
    let path = einsum_path("ij,jk,kl,l->i", &[&[20, 30], &[30, 40], &[40, 10], &[10]]);
    assert_eq!(path, Ok(vec![vec![2, 3], vec![1, 2], vec![0, 1]]));
    let path = einsum_path("ij,jk,kl", &[&[2, 100], &[100, 50], &[50, 3]]);
    assert_eq!(path, Ok(vec![vec![0, 1], vec![0, 1]]), "the product is put at the end");
    assert_eq!(einsum_path("ii", &[&[3, 3]]), Ok(vec![vec![0]]));
    assert!(einsum_path("ij", &[&[3]]).is_err());
}

#[test]
fn mistakes_in_subscripts_are_named() {
    let (a, b) = (Array2::<f64>::ones((2, 3)).into_dyn(), Array2::<f64>::ones((4, 2)).into_dyn());
    for (subscripts, message) in [
        ("ij->ii", "the output has the subscript i twice"),
        ("ij->ik", "no operand has the output's subscript k"),
        ("ijk->i", "do not fit an operand with 2 axes"),
        ("i->i", "do not fit an operand with 2 axes"),
        ("ii->i", "cannot be broadcast together"),
        ("...i->i", "the output has no ellipsis"),
        ("i1->i", "are no subscripts"),
        ("...i...->i", "are no subscripts"),
        ("ij->j->i", "are no subscripts"),
        ("ij,jk->ik", "takes 2 operands, not 1"),
        ("", "do not fit an operand with 2 axes"),
    ] {
        let error = einsum_of(subscripts, std::slice::from_ref(&a)).unwrap_err().to_string();
        assert!(error.starts_with("einsum: ") && error.contains(message), "{subscripts}: {error}");
    }
    let row = Array2::<f64>::ones((1, 3)).into_dyn();
    let error = einsum_of("ii->i", &[row]).unwrap_err().to_string();
    assert!(error.contains("a diagonal of axes of sizes 1 and 3"), "{error}");
    let error = einsum_of("ij,jk", &[a, b]).unwrap_err().to_string();
    assert!(error.contains("cannot be broadcast together"), "{error}");
}

/// The largest difference of two expressions' elements.
fn distance<'a>(x: &Expr<'a>, y: &Expr<'a>) -> f64 {
    let difference = (x - y).abs().max(()).eval().unwrap();
    difference.as_f64().expect("f64").iter().copied().fold(0.0, f64::max)
}

#[test]
fn factorisations_give_the_matrix() {
    let stack =
        ArrayD::from_shape_fn(vec![3, 2, 5, 4], |i| ((i[0] + 3 * i[1] + 5 * i[2] * i[3] + i[2]) % 7) as f64 - 3.0);
    let a = Expr::from(&stack);
    for full in [false, true] {
        let (u, s, vt) = a.svd(full);
        let u = u.slice(s![.., .., .., ..4]);
        assert!(distance(&(u * s.expand_dims(-2)).matmul(&vt), &a) < 1e-13);
        assert!(distance(&s, &a.svdvals()) < 1e-13);
    }
    let (q, r) = a.qr_complete();
    assert!(distance(&q.matmul(&r), &a) < 1e-13);
    // A transposed view is read where it lies.
    let (_, s, _) = a.matrix_transpose().svd(false);
    assert!(distance(&s, &a.svdvals()) < 1e-13);
    let gram = a.matrix_transpose().matmul(&a);
    let (w, v) = gram.eigh();
    assert!(distance(&gram.matmul(&v), &(&v * w.expand_dims(-2))) < 1e-12);
    assert!(distance(&w, &gram.eigvalsh()) < 1e-12);
    let shifted = gram + eye(4);
    let (sign, logarithm) = shifted.slogdet();
    assert!(distance(&(sign * logarithm.exp() / shifted.det()), &ones(DType::F64, [3, 2])) < 1e-12);
}

/// The matrix of second differences has the eigenvalues `2 - 2 cos(k pi / (n + 1))` and the determinant `n + 1`.
#[test]
fn spectra_that_are_known_are_found() {
    for n in [1, 2, 3, 10, 33, 130] {
        for scale in [1.0, 1e-300, 1e300] {
            let element = |(i, j): (usize, usize)| scale * [2.0, -1.0, 0.0][i.abs_diff(j).min(2)];
            let a = Array2::from_shape_fn((n, n), element);
            let a = Expr::from(&a);
            let angle = |k: usize| (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
            let expected = Array1::from_shape_fn(n, |k| 2.0 - 2.0 * angle(k).cos());
            let expected = Expr::from(expected);
            let bound = 30.0 * n as f64 * f64::EPSILON;
            assert!(distance(&(a.eigvalsh() / scale), &expected) < bound, "{n} {scale}");
            assert!(distance(&(a.eigh().0 / scale), &expected) < bound, "{n} {scale}");
            assert!(distance(&(a.svdvals().slice(s![..;-1]) / scale), &expected) < bound, "{n} {scale}");
            let (sign, logarithm) = a.slogdet();
            let logarithm = logarithm - n as f64 * f64::ln(scale);
            let known = ones(DType::F64, []) * f64::ln((n + 1) as f64);
            // The logarithms of the pivots are large where the scale is not 1.
            assert!(distance(&(sign * logarithm), &known) < bound * f64::ln(scale).abs().max(1.0), "{n} {scale}");
        }
    }
}

#[test]
fn pseudo_inverses_fulfil_the_conditions_of_penrose() {
    // Of rank 2, so that singular values are cut.
    let a = Array2::from_shape_fn((5, 4), |(i, j)| (i as f64 - 2.0) * (j as f64 + 1.0) + 1.0);
    let a = Expr::from(&a);
    let p = a.pinv(None);
    assert!(distance(&a.matmul(&p).matmul(&a), &a) < 1e-12);
    assert!(distance(&p.matmul(&a).matmul(&p), &p) < 1e-12);
    assert!(distance(&a.matmul(&p), &a.matmul(&p).t()) < 1e-12);
    assert!(distance(&p.matmul(&a), &p.matmul(&a).t()) < 1e-12);
    assert_eq!(a.matrix_rank(None).eval().unwrap(), Tensor::from(ndarray::arr0(2i64).into_dyn()));
}

#[test]
fn least_squares_solves_the_normal_equations() {
    let a = Array2::from_shape_fn((6, 3), |(i, j)| ((i + 1) as f64).powi(j as i32));
    let b = arr1(&[1.0, 3.0, 2.0, 5.0, 7.0, 6.0]);
    let (a, b) = (Expr::from(&a), Expr::from(&b));
    let [x, residuals, rank, s] = a.lstsq(&b, None);
    let difference = &b - a.matmul(&x);
    assert!(distance(&a.t().matmul(&difference), &zeros(DType::F64, [3])) < 1e-10);
    assert!(distance(&residuals, &difference.square().sum(()).reshape([1])) < 1e-12);
    assert!(distance(&s, &a.svdvals()) < 1e-10);
    assert_eq!(rank.eval().unwrap(), Tensor::from(ndarray::arr0(3i64).into_dyn()));
}

#[test]
fn products_are_numpys() {
    let (a, b) = (arr2(&[[1.0, 2.0], [3.0, 4.0]]), arr2(&[[0.0, 1.0], [1.0, 1.0]]));
    let (a, b) = (Expr::from(&a), Expr::from(&b));
    assert_eq!(distance(&a.dot(&b), &a.matmul(&b)), 0.0);
    assert_eq!(distance(&a.inner(&b), &a.matmul(b.t())), 0.0);
    assert_eq!(distance(&a.vdot(&b), &(&a * &b).sum(())), 0.0);
    assert_eq!(distance(&a.outer(&b), &einsum("ab,cd->abcd", &[a.clone(), b.clone()]).reshape([4, 4])), 0.0);
    let kron = einsum("ab,cd->acbd", &[a.clone(), b.clone()]).reshape([4, 4]);
    assert_eq!(distance(&a.kron(&b), &kron), 0.0);
    assert_eq!(distance(&a.tensordot(&b, [&[0], &[1]]), &a.t().matmul(b.t())), 0.0);
    assert_eq!(distance(&a.matvec(&b), &einsum("ij,bj->bi", &[a.clone(), b.clone()])), 0.0);
    assert_eq!(distance(&a.vecmat(&b), &a.matmul(&b)), 0.0);
    assert_eq!(distance(&a.vecdot(&b, 0), &(&a * &b).sum(0)), 0.0);
    assert_eq!(distance(&multi_dot(&[a.clone(), b.clone(), a.clone()]), &a.matmul(&b).matmul(&a)), 0.0);
    assert_eq!(distance(&a.matrix_power(3), &a.matmul(&a).matmul(&a)), 0.0);
    assert!(distance(&a.matrix_power(-1), &a.inv()) < 1e-15);
    assert_eq!(distance(&a.diagonal_at(1), &a.slice(s![0, 1..])), 0.0);
    assert!(distance(&a.norm(None, ()), &a.matrix_norm(NormOrder::Frobenius)) < 1e-15);
    assert!(
        distance(
            &a.cond(Some(NormOrder::P(1.0))),
            &(a.matrix_norm(NormOrder::P(1.0)) * a.inv().matrix_norm(NormOrder::P(1.0)))
        ) < 1e-12
    );
    assert_eq!(distance(&a.vector_norm(1.0, 0), &a.abs().sum(0)), 0.0);
    let x = Expr::from(arr1(&[1.0, 0.0, 0.0]));
    let y = Expr::from(arr1(&[0.0, 1.0, 0.0]));
    assert_eq!(distance(&x.cross(&y, -1), &Expr::from(arr1(&[0.0, 0.0, 1.0]))), 0.0);
    let spd = a.t().matmul(&a) + eye(2);
    let upper = spd.cholesky_upper();
    assert!(distance(&upper.t().matmul(&upper), &spd) < 1e-14);
    assert!(distance(&upper.cho_solve(&b, false), &spd.solve(&b)) < 1e-14);
    assert!(distance(&spd.cholesky().cho_solve(&b, true), &spd.solve(&b)) < 1e-14);
    let cube = spd.reshape([2, 2, 1]).tensorinv(1);
    assert!(distance(&cube.reshape([2, 2]), &spd.inv()) < 1e-14);
    assert!(distance(&spd.tensorsolve(b.at(0), ()), &spd.solve(b.at(0))) < 1e-14);
}

#[test]
fn parameters_of_numpys() {
    let a = Array2::from_shape_fn((3, 4), |(i, j)| (3 * i + j) as f64 - 4.0);
    let x = Expr::from(&a);
    assert_eq!(distance(&x.qr_r(), &x.qr().1), 0.0);
    for offset in [-3, -2, 0, 1, 4] {
        assert_eq!(distance(&x.trace_at(offset), &x.diagonal_at(offset).sum(())), 0.0);
    }
    let rank = |tol: f64| x.matrix_rank_tol(tol).eval().unwrap();
    assert_eq!([0.0, 1e-6, 1e6].map(|tol| rank(tol) == x.svdvals().greater(tol).sum(()).eval().unwrap()), [true; 3]);
    for ord in [None, Some(NormOrder::P(1.0)), Some(NormOrder::P(-2.0)), Some(NormOrder::Nuclear)] {
        let (norm, kept) = (x.norm(ord, [0, 1]), x.norm_keepdims(ord, [0, 1]));
        assert_eq!(kept.ty().unwrap().to_string(), "f64[1, 1]");
        assert_eq!(distance(&norm.reshape([1, 1]), &kept), 0.0);
    }
    assert_eq!(distance(&x.vector_norm_keepdims(3.0, 0).squeeze(0), &x.vector_norm(3.0, 0)), 0.0);
    let frobenius = NormOrder::Frobenius;
    assert_eq!(distance(&x.matrix_norm_keepdims(frobenius).squeeze(()), &x.matrix_norm(frobenius)), 0.0);
}

#[test]
fn einsum_takes_numbers_for_subscripts() {
    let (a, b) = (operand(&[2, 3], 0), operand(&[3, 4], 1));
    let (x, y) = (Expr::from(&a), Expr::from(&b));
    let same = |numbers: Expr<'_>, letters: &str, parts: &[Expr<'_>]| {
        assert_eq!(numbers.eval().unwrap(), einsum(letters, parts).eval().unwrap(), "{letters}");
    };
    let both = [x.clone(), y.clone()];
    same(einsum_numbered(&[(x.clone(), &[0, 1]), (y.clone(), &[1, 2])], Some(&[2, 0])), "ij,jk->ki", &both);
    // In ascending order, which is that of the letters, capitals first.
    same(einsum_numbered(&[(x.clone(), &[30, 1]), (y.clone(), &[1, 2])], None), "bA,Aa->ab", &both);
    same(einsum_numbered(&[(x.clone(), &[ELLIPSIS, 7])], Some(&[7, ELLIPSIS])), "...i->i...", &both[..1]);
    for wrong in [
        einsum_numbered(&[(x.clone(), &[0, 52])], None),
        einsum_numbered(&[(x.clone(), &[0])], None),
        einsum_numbered(&[(x, &[0, 1])], Some(&[2])),
    ] {
        assert!(wrong.error().is_some_and(|error| error.op == "einsum"));
    }
}

/// Sums of products wrap in the dtype of the products; only `sum` by itself has a wider one. What factorises makes `f64` of
/// integers before they meet another dtype.
#[test]
fn dtypes_of_sums_of_products_and_of_solutions_are_numpys() {
    let bytes = Expr::from(arr2(&[[200u8, 100], [3, 4]]));
    let is = |x: Expr<'_>, expected: Tensor| assert_eq!(x.eval().unwrap(), expected);
    is(einsum("ij->i", std::slice::from_ref(&bytes)), Tensor::from(arr1(&[44u8, 7]).into_dyn()));
    is(einsum("ij,ij->", &[bytes.clone(), bytes.clone()]), Tensor::from(ndarray::arr0(105u8).into_dyn()));
    is(bytes.vecdot(&bytes, -1), Tensor::from(arr1(&[80u8, 25]).into_dyn()));
    is(bytes.vdot(&bytes), Tensor::from(ndarray::arr0(105u8).into_dyn()));
    is(bytes.trace(), Tensor::from(ndarray::arr0(204u64).into_dyn()));
    let (truth, single) = (arr2(&[[true, false], [true, true]]), arr1(&[1f32, 3.0]));
    let (truth, single) = (Expr::from(&truth), Expr::from(&single));
    let double = Tensor::from(arr1(&[1.0, 2.0]).into_dyn());
    is(truth.solve(&single), double.clone());
    is(Expr::from(arr2(&[[1i8, 0], [1, 1]])).solve(&single), double.clone());
    is(truth.solve_triangular(&single, true), double.clone());
    let dtype = |x: &Expr<'_>| x.ty().unwrap().dtype;
    assert_eq!(dtype(&truth.lstsq(&single, None)[0]), DType::F64);
    assert_eq!(dtype(&truth.tensorsolve(&single, ())), DType::F64);
    assert_eq!(dtype(&truth.solve_sylvester(&truth, eye(2).astype(DType::C64))), DType::C128);
    assert_eq!(dtype(&truth.matmul(&single)), DType::F32, "a product is NumPy's `matmul`, which promotes");
    assert!(single.matvec(&single).error().is_some_and(|error| error.op == "matvec"), "a vector is no matrix");
}
