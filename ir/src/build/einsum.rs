//! NumPy's `einsum`: subscripts name the axes of operands; equal names go together, names that the output lacks are summed.
//!
//! It is made of other ops. A name twice in one operand is a diagonal, a name in one operand alone is summed there, and the
//! rest is products of pairs: a `matmul` where a name is summed, a broadcast product where none is. The order of pairs is
//! the cheapest by multiplications for up to eight operands, found over all subsets, and greedy beyond.

use super::{Build, Operand, elementwise, linalg, transpose, values, view};
use crate::error::Problem;
use crate::graph::View;
use crate::ops::{ElementwiseOp, LinalgOp};
use crate::types::{DType, Shape};

/// Operands up to which every order is considered.
const OPTIMAL: usize = 8;

/// Operands up to which the cheapest pair is looked for, as many as NumPy takes; more are multiplied from left to right.
const GREEDY: usize = 64;

/// Among the numbers of [`einsum_subscripts`], the axes that are not named.
pub const ELLIPSIS: usize = usize::MAX;

/// The subscripts that numbers stand for: as many as there are letters, in their order.
pub fn einsum_subscripts(operands: &[&[usize]], output: Option<&[usize]>) -> Result<String, Problem> {
    let letter = |&number: &usize| match number {
        ELLIPSIS => Ok(String::from("...")),
        0..26 => Ok(char::from(b'A' + number as u8).to_string()),
        26..52 => Ok(char::from(b'a' + (number - 26) as u8).to_string()),
        _ => wrong(format!("{number} is no subscript: numbers are below 52")),
    };
    let term = |list: &&[usize]| list.iter().map(letter).collect::<Result<String, Problem>>();
    let terms = operands.iter().map(term).collect::<Result<Vec<String>, Problem>>()?.join(",");
    match output {
        Some(list) => Ok(format!("{terms}->{}", term(&list)?)),
        None => Ok(terms),
    }
}

/// The name of an axis: a letter, or an axis under the ellipsis, counted from its right end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Ellipsis(usize),
    Letter(u8),
}

/// Subscripts over operands of known ranks.
struct Subscripts {
    operands: Vec<Vec<Label>>,
    output: Vec<Label>,
}

fn wrong<T>(message: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Usage(message.into()))
}

/// The letters of one term around its ellipsis, if it has one.
fn term(text: &str) -> Result<(&[u8], Option<&[u8]>), Problem> {
    let letters = |part: &'_ str| part.bytes().all(|c| c.is_ascii_alphabetic());
    let (left, right) = match text.split_once("...") {
        Some((left, right)) => (left, Some(right)),
        None => (text, None),
    };
    match letters(left) && right.is_none_or(letters) {
        true => Ok((left.as_bytes(), right.map(str::as_bytes))),
        false => wrong(format!("{text:?} are no subscripts: letters, and at most one ellipsis")),
    }
}

/// The labels of a term whose ellipsis stands for `hidden` axes.
fn labels(left: &[u8], right: Option<&[u8]>, hidden: usize) -> Vec<Label> {
    let letters = |part: &[u8]| part.iter().map(|&c| Label::Letter(c)).collect::<Vec<_>>();
    let ellipsis = (0..hidden).rev().map(Label::Ellipsis);
    letters(left).into_iter().chain(ellipsis).chain(letters(right.unwrap_or(b""))).collect()
}

fn parse(text: &str, ranks: &[usize]) -> Result<Subscripts, Problem> {
    let text: String = text.chars().filter(|c| *c != ' ').collect();
    let (inputs, output) = match text.split_once("->") {
        Some((inputs, output)) => (inputs, Some(output)),
        None => (&*text, None),
    };
    let terms: Vec<&str> = inputs.split(',').collect();
    if terms.len() != ranks.len() {
        return Err(Problem::Arity { expected: terms.len(), found: ranks.len() });
    }
    let (mut operands, mut widest) = (Vec::new(), 0);
    for (text, &rank) in terms.iter().zip(ranks) {
        let (left, right) = term(text)?;
        let named = left.len() + right.map_or(0, <[u8]>::len);
        let hidden = rank.checked_sub(named).filter(|&hidden| hidden == 0 || right.is_some());
        let Some(hidden) = hidden else {
            return wrong(format!("the subscripts {text:?} do not fit an operand with {rank} axes"));
        };
        widest = widest.max(hidden);
        operands.push(labels(left, right, hidden));
    }
    let all = || operands.iter().flatten().copied();
    let output = match output {
        Some(text) => {
            let (left, right) = term(text)?;
            if right.is_none() && widest > 0 {
                return wrong("the output has no ellipsis for the axes under those of the operands");
            }
            labels(left, right, widest)
        }
        None => {
            let mut once: Vec<Label> = all().filter(|l| all().filter(|other| other == l).count() == 1).collect();
            once.retain(|label| matches!(label, Label::Letter(_)));
            once.sort_unstable();
            (0..widest).rev().map(Label::Ellipsis).chain(once).collect()
        }
    };
    for (i, label) in output.iter().enumerate() {
        let Label::Letter(letter) = *label else { continue };
        let name = char::from(letter);
        if output[..i].contains(label) {
            return wrong(format!("the output has the subscript {name} twice"));
        }
        if !all().any(|other| other == *label) {
            return wrong(format!("no operand has the output's subscript {name}"));
        }
    }
    Ok(Subscripts { operands, output })
}

/// A value whose axes have names, each once.
#[derive(Clone)]
struct Named<V> {
    value: V,
    labels: Vec<Label>,
}

/// The sum over subscripts such as `ij,jk->ik` of products of operands, which promote together.
pub fn einsum<B: Build>(b: &mut B, subscripts: &str, operands: &[Operand<B::Value>]) -> Result<B::Value, Problem> {
    let args = values(b, operands)?;
    let shapes: Vec<Shape> = args.iter().map(|arg| b.ty(arg).shape).collect();
    let ranks: Vec<usize> = shapes.iter().map(|shape| shape.len()).collect();
    let subscripts = parse(subscripts, &ranks)?;
    let sizes = Sizes::new(&subscripts.operands, &shapes)?;
    let output = &subscripts.output;
    let mut named = Vec::with_capacity(args.len());
    for (value, labels) in args.into_iter().zip(&subscripts.operands) {
        named.push(distinct(b, value, labels, &sizes)?);
    }
    for i in 0..named.len() {
        let elsewhere = |label: &Label| named.iter().enumerate().any(|(j, x)| j != i && x.labels.contains(label));
        let keep: Vec<Label> = named[i].labels.iter().copied().filter(|l| output.contains(l) || elsewhere(l)).collect();
        named[i] = sum(b, named[i].clone(), &keep)?;
    }
    let mut parts: Vec<Option<Named<B::Value>>> = named.into_iter().map(Some).collect();
    let terms: Vec<Vec<Label>> = parts.iter().flatten().map(|part| part.labels.clone()).collect();
    for (i, j) in order(&terms, output, &sizes) {
        let (Some(x), Some(y)) = (parts[i].take(), parts[j].take()) else { unreachable!("an order uses a part once") };
        let keep = |l: &Label| output.contains(l) || parts.iter().flatten().any(|part| part.labels.contains(l));
        let product = pair(b, x, y, keep, &sizes)?;
        parts.push(Some(product));
    }
    let last = parts.into_iter().flatten().next_back().expect("at least one operand");
    arrange(b, &last, output)
}

/// NumPy's `einsum_path`: which operands are multiplied, step by step, by their places in a list from which they are taken
/// and at whose end their product is put. The steps of [`einsum`].
pub fn einsum_path(subscripts: &str, shapes: &[&[usize]]) -> Result<Vec<Vec<usize>>, Problem> {
    let ranks: Vec<usize> = shapes.iter().map(|shape| shape.len()).collect();
    let Subscripts { operands, output } = parse(subscripts, &ranks)?;
    let shapes: Vec<Shape> = shapes.iter().map(|shape| Shape::from_slice(shape)).collect();
    let sizes = Sizes::new(&operands, &shapes)?;
    let whole = |(labels, shape): (&Vec<Label>, &Shape)| {
        let axes = labels.iter().zip(shape).filter(|&(&label, &n)| n == sizes.of(label));
        let mut labels: Vec<Label> = axes.map(|(&label, _)| label).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    };
    let terms: Vec<Vec<Label>> = operands.iter().zip(&shapes).map(whole).collect();
    let used = |i: usize, l: &Label| terms.iter().enumerate().any(|(j, term)| j != i && term.contains(l));
    let kept = |(i, term): (usize, &Vec<Label>)| {
        term.iter().copied().filter(|l| output.contains(l) || used(i, l)).collect::<Vec<_>>()
    };
    let kept: Vec<Vec<Label>> = terms.iter().enumerate().map(kept).collect();
    let mut list: Vec<usize> = (0..kept.len()).collect();
    let mut path = Vec::new();
    for (step, (i, j)) in order(&kept, &output, &sizes).into_iter().enumerate() {
        let place = |part: usize| list.iter().position(|&other| other == part).expect("a part is used once");
        let mut places = vec![place(i), place(j)];
        places.sort_unstable();
        for &at in places.iter().rev() {
            list.remove(at);
        }
        list.push(kept.len() + step);
        path.push(places);
    }
    // One operand is a step of its own.
    if path.is_empty() { Ok(vec![vec![0]]) } else { Ok(path) }
}

/// The extent of every label.
struct Sizes(Vec<(Label, usize)>);

impl Sizes {
    /// An axis of size 1 goes with any other.
    fn new(operands: &[Vec<Label>], shapes: &[Shape]) -> Result<Sizes, Problem> {
        let mut sizes: Vec<(Label, usize)> = Vec::new();
        for (labels, shape) in operands.iter().zip(shapes) {
            for (&label, &n) in labels.iter().zip(shape) {
                match sizes.iter_mut().find(|(other, _)| *other == label) {
                    None => sizes.push((label, n)),
                    Some((_, have)) if *have == 1 => *have = n,
                    Some((_, have)) if *have == n || n == 1 => {}
                    Some(_) => return Err(Problem::Broadcast),
                }
            }
        }
        Ok(Sizes(sizes))
    }

    fn of(&self, label: Label) -> usize {
        self.0.iter().find(|(other, _)| *other == label).map_or(1, |(_, n)| *n)
    }

    fn product(&self, labels: &[Label]) -> usize {
        labels.iter().map(|&l| self.of(l)).product()
    }

    /// [`product`](Self::product) that may exceed what memory holds.
    fn cost<'a>(&self, labels: impl Iterator<Item = &'a Label>) -> u128 {
        labels.fold(1u128, |cost, &l| cost.saturating_mul(self.of(l) as u128))
    }
}

/// The axes with each name once: diagonals of repeated ones, and none of size 1 where its name has another size.
fn distinct<B: Build>(b: &mut B, value: B::Value, labels: &[Label], sizes: &Sizes) -> Result<Named<B::Value>, Problem> {
    let mut named = Named { value, labels: labels.to_vec() };
    while let Some((i, j)) = (0..named.labels.len())
        .flat_map(|j| (0..j).map(move |i| (i, j)))
        .find(|&(i, j)| named.labels[i] == named.labels[j])
    {
        let shape = b.ty(&named.value).shape;
        if shape[i] != shape[j] {
            return wrong(format!("a diagonal of axes of sizes {} and {}", shape[i], shape[j]));
        }
        let label = named.labels[i];
        let rest: Vec<usize> = (0..shape.len()).filter(|&axis| axis != i && axis != j).collect();
        let axes: Vec<isize> = rest.iter().copied().chain([i, j]).map(|axis| axis as isize).collect();
        let turned = transpose(b, &named.value, Some(&axes))?;
        let labels = rest.iter().map(|&axis| named.labels[axis]).chain([label]).collect();
        named = Named { value: view(b, &turned, View::Diagonal)?, labels };
    }
    let shape = b.ty(&named.value).shape;
    let whole = |i: &usize| shape[*i] == sizes.of(named.labels[*i]);
    let kept: Vec<usize> = (0..shape.len()).filter(whole).collect();
    if kept.len() < shape.len() {
        let value = view(b, &named.value, View::Reshape(kept.iter().map(|&i| shape[i]).collect()))?;
        named = Named { value, labels: kept.into_iter().map(|i| named.labels[i]).collect() };
    }
    Ok(named)
}

/// Sums what is not kept; of bools, whether any is true.
fn sum<B: Build>(b: &mut B, named: Named<B::Value>, keep: &[Label]) -> Result<Named<B::Value>, Problem> {
    let gone = |label: &Label| !keep.contains(label);
    let axes: Vec<isize> = (0..named.labels.len()).filter(|&i| gone(&named.labels[i])).map(|i| i as isize).collect();
    if axes.is_empty() {
        return Ok(named);
    }
    let value = linalg::sum_products(b, &named.value, &axes)?;
    Ok(Named { value, labels: named.labels.into_iter().filter(|l| !gone(l)).collect() })
}

/// The axes in this order; new ones are of size 1.
fn arrange<B: Build>(b: &mut B, named: &Named<B::Value>, order: &[Label]) -> Result<B::Value, Problem> {
    let position = |label: &Label| named.labels.iter().position(|l| l == label);
    let axes: Vec<isize> = order.iter().filter_map(position).map(|axis| axis as isize).collect();
    let in_order = axes.iter().enumerate().all(|(i, &axis)| i as isize == axis);
    let value = if in_order { named.value.clone() } else { transpose(b, &named.value, Some(&axes))? };
    if axes.len() == order.len() {
        return Ok(value);
    }
    let shape = b.ty(&value).shape;
    let mut sizes = shape.iter();
    let spread = order.iter().map(|l| position(l).map_or(1, |_| *sizes.next().expect("an axis of each name")));
    let spread: Shape = spread.collect();
    view(b, &value, View::Reshape(spread))
}

/// The product of two, summed over what is not kept.
fn pair<B: Build>(
    b: &mut B,
    x: Named<B::Value>,
    y: Named<B::Value>,
    keep: impl Fn(&Label) -> bool,
    sizes: &Sizes,
) -> Result<Named<B::Value>, Problem> {
    let only = |a: &Named<B::Value>, other: &Named<B::Value>| -> Vec<Label> {
        a.labels.iter().copied().filter(|l| !other.labels.contains(l)).collect()
    };
    let (rows, columns) = (only(&x, &y), only(&y, &x));
    // In the order of the larger operand, which is then no copy unless its axes are interleaved.
    let (large, small) = if b.ty(&x.value).len() < b.ty(&y.value).len() { (&y, &x) } else { (&x, &y) };
    let (stack, inner): (Vec<Label>, Vec<Label>) =
        large.labels.iter().copied().filter(|l| small.labels.contains(l)).partition(|l| keep(l));
    let labels = [&stack[..], &rows, &columns].concat();
    if inner.is_empty() || (rows.is_empty() && columns.is_empty()) {
        // Nothing is a matrix: one loop multiplies, and sums where there is something to sum.
        let all = [&labels[..], &inner].concat();
        let factors = [arrange(b, &x, &all)?, arrange(b, &y, &all)?].map(Operand::Value);
        let op = if b.ty(&x.value).dtype == DType::Bool { ElementwiseOp::LogicalAnd } else { ElementwiseOp::Multiply };
        let value = elementwise(b, op, &factors)?;
        return sum(b, Named { value, labels: all }, &labels);
    }
    let mut matrix = |part: &Named<B::Value>, first: &[Label], second: &[Label]| {
        let turned = arrange(b, part, &[&stack[..], first, second].concat())?;
        let core = [first, second].map(|side| sizes.product(side));
        flatten(b, &turned, stack.iter().map(|&l| sizes.of(l)).chain(core).collect())
    };
    let (left, right) = (matrix(&x, &rows, &inner)?, matrix(&y, &inner, &columns)?);
    let product = linalg(b, LinalgOp::Matmul, &[left, right].map(Operand::Value), false)?.swap_remove(0);
    let value = flatten(b, &product, labels.iter().map(|&l| sizes.of(l)).collect())?;
    Ok(Named { value, labels })
}

fn flatten<B: Build>(b: &mut B, value: &B::Value, shape: Shape) -> Result<B::Value, Problem> {
    if b.ty(value).shape == shape { Ok(value.clone()) } else { view(b, value, View::Reshape(shape)) }
}

/// Which parts to multiply, one pair after another; a product is a new part behind the others.
fn order(terms: &[Vec<Label>], output: &[Label], sizes: &Sizes) -> Vec<(usize, usize)> {
    match terms.len() {
        n if n <= OPTIMAL => optimal(terms, output, sizes),
        n if n <= GREEDY => greedy(terms, output, sizes),
        // From left to right: the product of the first two is part `n`, and so on.
        n => (1..n).map(|i| (if i == 1 { 0 } else { n + i - 2 }, i)).collect(),
    }
}

/// The names of several terms together, each once.
fn union<'a>(terms: impl Iterator<Item = &'a Vec<Label>>) -> Vec<Label> {
    let mut all: Vec<Label> = terms.flatten().copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The cheapest way to each subset of the operands is the cheapest split of it in two.
fn optimal(terms: &[Vec<Label>], output: &[Label], sizes: &Sizes) -> Vec<(usize, usize)> {
    let n = terms.len();
    let full = (1usize << n) - 1;
    let members = |set: usize| (0..n).filter(move |i| set >> i & 1 == 1);
    // What is left of a subset's names once it is one product.
    let left = |set: usize| -> Vec<Label> {
        let mut names = union(members(set).map(|i| &terms[i]));
        names.retain(|l| output.contains(l) || members(full & !set).any(|i| terms[i].contains(l)));
        names
    };
    let left: Vec<Vec<Label>> = (0..=full).map(left).collect();
    let mut best = vec![(0u128, 0usize); full + 1];
    for set in (1..=full).filter(|set| set.count_ones() > 1) {
        let low = set & set.wrapping_neg();
        best[set] = (u128::MAX, set ^ low);
        // Each split once: the half that has the lowest operand.
        let mut half = (set - 1) & set;
        while half > 0 {
            let other = set ^ half;
            if half & low != 0 {
                let step = sizes.cost(union([&left[half], &left[other]].into_iter()).iter());
                let cost = best[half].0.saturating_add(best[other].0).saturating_add(step);
                if cost < best[set].0 {
                    best[set] = (cost, other);
                }
            }
            half = (half - 1) & set;
        }
    }
    // Depth first without recursion: a set is taken apart, and put together when both halves are there.
    let (mut pairs, mut place) = (Vec::new(), vec![None; full + 1]);
    (0..n).for_each(|i| place[1 << i] = Some(i));
    let mut pending = vec![full];
    while let Some(&set) = pending.last() {
        if place[set].is_some() {
            pending.pop();
            continue;
        }
        let other = best[set].1;
        match (place[set ^ other], place[other]) {
            (Some(x), Some(y)) => {
                place[set] = Some(n + pairs.len());
                pairs.push((x, y));
            }
            _ => pending.extend([other, set ^ other]),
        }
    }
    pairs
}

/// The cheapest pair first, the smaller result among equals.
fn greedy(terms: &[Vec<Label>], output: &[Label], sizes: &Sizes) -> Vec<(usize, usize)> {
    let mut parts: Vec<Option<Vec<Label>>> = terms.iter().cloned().map(Some).collect();
    let mut pairs = Vec::new();
    for _ in 1..terms.len() {
        let alive: Vec<usize> = (0..parts.len()).filter(|&i| parts[i].is_some()).collect();
        let result = |i: usize, j: usize| {
            let names = union([i, j].into_iter().filter_map(|k| parts[k].as_ref()));
            let others = || alive.iter().filter(|&&k| k != i && k != j).filter_map(|&k| parts[k].as_ref());
            let kept = names.iter().copied().filter(|l| output.contains(l) || others().any(|part| part.contains(l)));
            let kept: Vec<Label> = kept.collect();
            (sizes.cost(names.iter()), sizes.cost(kept.iter()), kept)
        };
        let all = alive.iter().flat_map(|&j| alive.iter().filter(move |&&i| i < j).map(move |&i| (i, j)));
        let best = all.map(|(i, j)| (result(i, j), i, j)).min_by_key(|((cost, size, _), i, j)| (*cost, *size, *i, *j));
        let ((_, _, kept), i, j) = best.expect("two parts are left");
        (parts[i], parts[j]) = (None, None);
        parts.push(Some(kept));
        pairs.push((i, j));
    }
    pairs
}
