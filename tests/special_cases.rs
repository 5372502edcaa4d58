//! The special cases of the Python array API standard: every rule of `tests/data/array_api_special_cases.tsv` that is about
//! functions and dtypes that are here, on all operands of a list that the rule's words fit.

use evanesce::Function;
use evanesce_ir::interp;
use evanesce_ir::parse;
use evanesce_ir::tensor::{Scalar, Tensor};
use evanesce_ir::types::{DType, Type};
use std::collections::{BTreeMap, HashMap};

const RULES: &str = include_str!("data/array_api_special_cases.tsv");

/// What the operands are: the edges of every rule, and something on either side.
const VALUES: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    -2.0,
    3.0,
    -3.0,
    2.5,
    -2.5,
    7.25,
    -7.25,
    1e30,
    -1e30,
    1e-30,
    -1e-30,
    1e-44,
    -1e-44,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    -f64::NAN,
];

/// The rules that are not checked: function, kind, how many, and why.
const NOT_HERE: &[(&str, usize, &str)] = &[
    ("clip", 4, "about None, or says that nothing is specified"),
    ("searchsorted", 4, "not a rule about elements"),
    ("__complex__", 6, "Python's conversions, not rules about elements"),
    ("__int__", 2, "a cast saturates and gives 0 for NaN, where Python raises"),
];

/// The rules that do not hold, and why that is right: the function, what its condition ends with, how many.
const DEVIATIONS: &[(&str, &str, usize)] = &[
    // The sign of a NaN is the machine's choice (x86 makes negative ones, aarch64 positive ones), so nothing depends on it: it
    // counts as positive.
    ("copysign", "the sign bit of x2_i is 1", 2),
    ("signbit", "the sign bit of x_i is 1", 1),
    // NumPy's answer: an infinite part decides beside a NaN.
    ("sign", "a is NaN or b is NaN", 1),
];

struct Rule {
    function: &'static str,
    kind: &'static str,
    condition: &'static str,
    result: &'static str,
}

fn rules() -> Vec<Rule> {
    let lines = RULES.lines().filter(|line| !line.starts_with('#')).skip(1);
    let rule = |line: &'static str| {
        let mut fields = line.split('\t').skip(1);
        let mut next = || fields.next().unwrap_or("");
        Rule { function: next(), kind: next(), condition: next(), result: next() }
    };
    lines.map(rule).collect()
}

/// The operands of one element, by name.
fn operand(name: &str, x: &[f64]) -> Option<f64> {
    match name {
        "x_i" | "x1_i" | "self" => x.first().copied(),
        "x2_i" | "min_i" => x.get(1).copied(),
        "max_i" => x.get(2).copied(),
        // The parts of complex operands.
        "a" | "b" | "c" | "d" => x.get(usize::from(name.as_bytes()[0] - b'a')).copied(),
        _ => name.strip_prefix("abs(")?.strip_suffix(')').and_then(|name| operand(name, x)).map(f64::abs),
    }
}

/// Whether a number is what the words say; `None` when they are not understood.
fn is(words: &str, x: f64) -> Option<bool> {
    let number = |word: &str| word.trim_start_matches('+').parse::<f64>().ok();
    let zero = |negative: bool| x == 0.0 && x.is_sign_negative() == negative;
    let odd = x.is_finite() && x.fract() == 0.0 && x % 2.0 != 0.0;
    Some(match words {
        "NaN" => x.is_nan(),
        "not NaN" => !x.is_nan(),
        "+infinity" => x == f64::INFINITY,
        "-infinity" => x == f64::NEG_INFINITY,
        "either +infinity or -infinity" | "+infinity or -infinity" => x.is_infinite(),
        "+0" => zero(false),
        "-0" => zero(true),
        "either +0 or -0" | "either -0 or +0" => x == 0.0,
        "a finite number" => x.is_finite(),
        "a finite number or NaN" | "either a finite number or NaN" => x.is_finite() || x.is_nan(),
        "a nonzero number" => x != 0.0 && !x.is_nan(),
        "a nonzero finite number" => x.is_finite() && x != 0.0,
        "a positive finite number" => x.is_finite() && x > 0.0,
        "a negative finite number" => x.is_finite() && x < 0.0,
        "an odd integer value" => odd,
        "not an odd integer value" => !odd,
        "not an integer value" => x.is_finite() && x.fract() != 0.0,
        "already integer-valued" => x.is_finite() && x.fract() == 0.0,
        "any value" => true,
        "True" => x == 1.0,
        "False" => x == 0.0,
        _ => match words.split_once("than ").or(words.split_once("equal to ")) {
            Some(("greater ", limit)) => x > number(limit)?,
            Some(("less ", limit)) => x < number(limit)?,
            Some(("not ", other)) => x != number(other)?,
            _ => x == number(words)?,
        },
    })
}

/// Whether operands fit a condition; `None` when it is not understood.
fn fits(condition: &str, x: &[f64]) -> Option<bool> {
    let text = condition.replace(" (i.e., greater than 0)", "").replace(" (i.e., less than 0)", "");
    let text = text.replace(", including NaN", "").replace(" (including NaN)", "");
    let text = text.replace(", the real component of", "").replace("a -infinity", "a is -infinity");
    match &text[..] {
        "a, b, c, or d is NaN" | "a is NaN or b is NaN" | "a or b is NaN" => return Some(x.iter().any(|x| x.is_nan())),
        "a, b, c, and d are all NaN" => return Some(x.iter().all(|x| x.is_nan())),
        "two integers are equally close to x_i" => return Some(x[0].fract().abs() == 0.5),
        _ => {}
    }
    if text == "either x1_i or x2_i is NaN" || text == "x1_i is NaN or x2_i is NaN" {
        return Some(x.iter().any(|x| x.is_nan()));
    }
    if let Some(signs) = text.find("mathematical sign") {
        // "x1_i and x2_i have the same mathematical sign [and are both nonzero finite numbers]"
        let same = text[..signs].ends_with("the same ");
        let finite = !text.contains("nonzero finite") || x.iter().all(|x| x.is_finite() && *x != 0.0);
        let known = x.iter().all(|x| !x.is_nan());
        return Some(known && finite && (x[0].is_sign_negative() == x[1].is_sign_negative()) == same);
    }
    let mut all = true;
    for clause in text.replace(", and ", ", ").replace(" and ", ", ").split(", ") {
        all &= match clause {
            "x1_i equals x2_i" => x[0] == x[1],
            "x1_i does not equal x2_i" => x[0] != x[1],
            "x2_i is -x1_i" => x[1] == -x[0],
            _ => {
                let (name, words) = clause.split_once(" is ")?;
                match name.strip_prefix("the sign bit of ") {
                    Some(name) => operand(name, x)?.is_sign_negative() == (words == "1"),
                    None => is(words, operand(name, x)?)?,
                }
            }
        };
    }
    Some(all)
}

/// Whether a part of a complex result is what the words say, of any sign when that is not specified.
fn part(words: &str, found: f64, free: bool, epsilon: f64) -> Option<bool> {
    let negative = words.starts_with('-');
    // A zero without a sign is any.
    let free = free || words.starts_with('±') || words == "0";
    let number = words.trim_start_matches(['+', '-', '±']);
    let expected = match number {
        "NaN" => return Some(found.is_nan()),
        "infinity" => f64::INFINITY,
        _ => match number.split_once('π') {
            Some((factor, divisor)) => {
                let factor = if factor.is_empty() { 1.0 } else { factor.parse().ok()? };
                let divisor = divisor.strip_prefix('/').map_or(Some(1.0), |n| n.parse::<f64>().ok())?;
                factor * std::f64::consts::PI / divisor
            }
            None => number.parse::<f64>().ok()?,
        },
    };
    let near = found.abs() == expected || (found.abs() - expected).abs() <= epsilon * expected;
    Some(near && (free || found.is_sign_negative() == negative))
}

/// Whether a complex result is what the words say: `+0 - infinity j`, `+infinity * cis(b) - 1.0`.
fn gives_complex(rule: &Rule, x: &[f64], found: &[f64], epsilon: f64) -> Option<bool> {
    let (words, note) = rule.result.split_once(" (").unwrap_or((rule.result, ""));
    let both = note.contains("real and imaginary");
    let (free_re, free_im) = (both || note.contains("real"), both || note.contains("imaginary"));
    if let Some((size, rest)) = words.split_once(" * cis(b)") {
        // The cosine and the sine, infinite or zero.
        let scaled = |x: f64| if size == "+0" { 0.0 * x } else { f64::INFINITY * x };
        let less = if rest == " - 1.0" { 1.0 } else { 0.0 };
        let [re, im] = [scaled(x[1].cos()) - less, scaled(x[1].sin())];
        return Some(found[0] == re && found[1] == im && found[1].is_sign_negative() == im.is_sign_negative());
    }
    if let [found] = found[..] {
        return match words {
            "equal to abs(a)" => Some(found == x[0].abs() || found.is_nan() && x[0].is_nan()),
            "equal to abs(b)" => Some(found == x[1].abs() || found.is_nan() && x[1].is_nan()),
            _ => is(words, found),
        };
    }
    if rule.condition.ends_with("the real component of") {
        return part(words, found[0], free_re, epsilon);
    }
    // "0j", "NaN j", "πj/2"
    let words = &words.replace('j', "");
    let (re, sign, im) = [" + ", " - ", " ± "].iter().find_map(|sign| {
        let (re, im) = words.split_once(sign)?;
        Some((re, sign.trim(), im))
    })?;
    let im = format!("{}{}", if sign == "+" { "" } else { sign }, im.trim());
    Some(part(re, found[0], free_re, epsilon)? && part(&im, found[1], free_im, epsilon)?)
}

/// Whether a result is what the words say, for these operands; `None` when they are not understood.
fn gives(rule: &Rule, x: &[f64], found: f64, epsilon: f64) -> Option<bool> {
    // "+infinity. (**note**: libraries may return NaN to match Python behavior.)"
    let (words, note) = rule.result.split_once(". (**note**: ").unwrap_or((rule.result, ""));
    let words = words.split_once(", even if").map_or(words, |(words, _)| words);
    if let Some(other) = note.strip_prefix("libraries may return ").and_then(|note| note.split(' ').next())
        && is(other, found)?
    {
        return Some(true);
    }
    let negative = || x[0].is_sign_negative() != x[1].is_sign_negative();
    let same =
        |y: f64| (found == y && found.is_sign_negative() == y.is_sign_negative()) || (found.is_nan() && y.is_nan());
    if let Some(text) = words.strip_prefix("an implementation-dependent approximation to ") {
        let (factor, divisor) = text.split_once('π')?;
        let factor = match factor {
            "+" => 1.0,
            "-" => -1.0,
            _ => factor.parse::<f64>().ok()?,
        };
        let divisor = divisor.strip_prefix('/').map_or(Some(1.0), |n| n.parse::<f64>().ok())?;
        let expected = factor * std::f64::consts::PI / divisor;
        return Some((found - expected).abs() <= epsilon * expected.abs());
    }
    if words.starts_with("NaN. If the result is NaN") || words.is_empty() {
        // The rule about signs; of NaN there is none.
        return Some(found.is_nan() || found.is_sign_negative() == negative());
    }
    match words {
        "a signed infinity with the mathematical sign determined by the rule already stated above" => {
            Some(found.is_infinite() && found.is_sign_negative() == negative())
        }
        "NaN with a sign bit of 1" => Some(found.is_nan() && found.is_sign_negative()),
        "NaN with a sign bit of 0" => Some(found.is_nan() && !found.is_sign_negative()),
        "|x1_i|" => Some(same(x[0].abs())),
        "-|x1_i|" => Some(same(-x[0].abs())),
        "equivalent to abs(x1_i)" => Some(same(x[0].abs())),
        "equivalent to abs(x2_i)" => Some(same(x[1].abs())),
        "the integer part of self" => Some(found == x[0].trunc()),
        "the even integer closest to x_i" => Some(found == x[0].round_ties_even()),
        _ => match operand(words, x) {
            Some(operand) => Some(same(operand)),
            None => is(words, found),
        },
    }
}

/// The line of text of a function, its number of operands, and the dtype it is called with when there is only one.
fn line(function: &str) -> (String, usize, Option<DType>) {
    let unary = |text: &str, dtype| (format!("{text} %x"), 1, dtype);
    match function {
        "__bool__" => (String::from("astype %x, dtype=bool"), 1, None),
        "__float__" => (String::from("astype %x, dtype=f64"), 1, Some(DType::Bool)),
        "__int__" => (String::from("astype %x, dtype=i64"), 1, None),
        "clip" => (String::from("clip %x, %y, %z"), 3, None),
        "add" | "atan2" | "copysign" | "divide" | "equal" | "floor_divide" | "hypot" | "logaddexp" | "multiply"
        | "nextafter" | "not_equal" | "pow" | "remainder" => (format!("{function} %x, %y"), 2, None),
        _ => unary(function, None),
    }
}

fn number(scalar: Scalar) -> f64 {
    match scalar {
        // A conversion keeps the sign of a NaN on every machine only where it is done by hand.
        Scalar::F32(x) if x.is_nan() => f64::NAN.copysign(if x.is_sign_negative() { -1.0 } else { 1.0 }),
        Scalar::F64(x) => x,
        other => match other.cast(DType::F64) {
            Scalar::F64(x) => x,
            _ => unreachable!("cast to f64"),
        },
    }
}

/// A number in a dtype, and what it is there: `None` where it is none of its numbers.
fn scalar(x: f64, dtype: DType) -> Option<Scalar> {
    match dtype {
        DType::Bool => (x == 0.0 && x.is_sign_positive() || x == 1.0).then_some(Scalar::Bool(x == 1.0)),
        DType::F32 if x.is_nan() => Some(Scalar::F32(f32::NAN.copysign(if x.is_sign_negative() { -1.0 } else { 1.0 }))),
        _ => Some(Scalar::F64(x).cast(dtype)),
    }
}

/// Every element's operands, and what each engine makes of them, complex numbers by their parts.
struct Table {
    operands: Vec<Vec<f64>>,
    results: Vec<(&'static str, Vec<Vec<f64>>)>,
}

/// The parts of a scalar.
fn numbers(scalar: &Scalar) -> Vec<f64> {
    let (re, im) = scalar.parts();
    let im = Some(im).filter(|_| scalar.dtype().is_complex());
    [re].into_iter().chain(im).map(number).collect()
}

fn table(function: &str, dtype: DType) -> Table {
    let (text, arity, _) = line(function);
    let mut tuples: Vec<Vec<Scalar>> = vec![Vec::new()];
    for _ in 0..arity {
        let values: Vec<Scalar> = if dtype.is_complex() {
            // Of two operands each has fewer values.
            let some = |&&x: &&f64| arity == 1 || [0.0, 1.0].contains(&x.abs()) || !x.is_finite();
            let parts: Vec<Scalar> = VALUES.iter().filter(some).filter_map(|&x| scalar(x, dtype.real())).collect();
            let pair = |&re: &Scalar| parts.iter().map(move |&im| Scalar::complex(re, im).expect("two floats"));
            parts.iter().flat_map(pair).collect()
        } else {
            VALUES.iter().filter_map(|&x| scalar(x, dtype)).collect()
        };
        let longer = |tuple: &Vec<Scalar>| {
            values.iter().map(|&x| tuple.iter().copied().chain([x]).collect()).collect::<Vec<Vec<Scalar>>>()
        };
        tuples = tuples.iter().flat_map(longer).collect();
    }
    let ty = Type::new(dtype, [tuples.len()]);
    let columns = (0..arity).map(|i| Tensor::from_scalars(&ty, tuples.iter().map(|tuple| tuple[i])));
    let columns: Vec<Tensor> = columns.collect();
    let declared: String = ["%x", "%y", "%z"][..arity].iter().map(|name| format!("{name}: {ty}\n")).collect();
    let source = format!("{declared}%r = {text}\nreturn %r\n");
    let graph = parse::graph(&source).unwrap_or_else(|error| panic!("{}", error.render("rule", &source)));
    let interpreted = interp::graph(&graph, &columns).expect("it runs");
    let mut compiled = Function::from_graph(graph, &Default::default()).expect("it compiles");
    let compiled = compiled.apply(columns).expect("it runs");
    let all = |results: Vec<Tensor>| results[0].scalars().iter().map(numbers).collect();
    Table {
        operands: tuples.into_iter().map(|tuple| tuple.iter().flat_map(numbers).collect()).collect(),
        results: vec![("interpreted", all(interpreted)), ("compiled", all(compiled))],
    }
}

/// Why a rule is not checked.
fn not_here(rule: &Rule) -> Option<&'static str> {
    let unsaid = ["None", "unspecified", "raise", "out[j]", "x1["];
    let by_name = NOT_HERE.iter().find(|(name, ..)| *name == rule.function)?.0;
    let whole = ["searchsorted", "__complex__"].contains(&by_name);
    (whole || unsaid.iter().any(|word| rule.condition.contains(word))).then_some(by_name)
}

#[test]
fn every_rule_of_the_array_api_holds() {
    let (mut tables, mut failures): (HashMap<(&str, DType), Table>, Vec<String>) = (HashMap::new(), Vec::new());
    let (mut left_out, mut checked): (BTreeMap<&str, usize>, usize) = (BTreeMap::new(), 0);
    let mut deviating = vec![0; DEVIATIONS.len()];
    for rule in rules() {
        if let Some(name) = not_here(&rule) {
            *left_out.entry(name).or_default() += 1;
            continue;
        }
        checked += 1;
        if rule.function == "slogdet" {
            continue;
        }
        let truth = rule.condition.starts_with("self is True") || rule.condition.starts_with("self is False");
        // The rules of `round` are about real numbers, whatever they are called.
        let complex = rule.kind == "complex" && rule.function != "round";
        let dtypes: &[DType] = match (truth, complex) {
            (true, _) => &[DType::Bool],
            (_, true) => &[DType::C64, DType::C128],
            _ => &[DType::F32, DType::F64],
        };
        for &dtype in dtypes {
            let table = tables.entry((rule.function, dtype)).or_insert_with(|| table(rule.function, dtype));
            let epsilon = if dtype.real() == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON };
            let (mut cases, before) = (0, failures.len());
            for (i, x) in table.operands.iter().enumerate() {
                let say = || format!("{} {dtype}: {} -> {}", rule.function, rule.condition, rule.result);
                if !fits(rule.condition, x).unwrap_or_else(|| panic!("the condition is not understood: {}", say())) {
                    continue;
                }
                // The rule about any value and an infinite imaginary part stands before it.
                if rule.function == "sqrt" && rule.condition == "a is NaN and b is any value" && x[1].is_infinite() {
                    continue;
                }
                // Python's integers have no bounds.
                if rule.function == "__int__" && x[0].abs() > i64::MAX as f64 {
                    continue;
                }
                cases += 1;
                for (engine, results) in &table.results {
                    let found = &results[i];
                    let right = match complex {
                        true => gives_complex(&rule, x, found, epsilon),
                        false => gives(&rule, x, found[0], epsilon),
                    };
                    if !right.unwrap_or_else(|| panic!("the result is not understood: {}", say())) {
                        failures.push(format!("{}: {x:?} gives {found:?} {engine}", say()));
                    }
                }
            }
            assert!(cases > 0, "no operand fits {} of {}", rule.condition, rule.function);
            let known = |(name, end, _): &(&str, &str, usize)| *name == rule.function && rule.condition.ends_with(end);
            if let Some(at) = DEVIATIONS.iter().position(known) {
                assert!(failures.len() > before, "{}: {} holds now", rule.function, rule.condition);
                failures.truncate(before);
                deviating[at] += 1;
            }
        }
    }
    let expected: BTreeMap<&str, usize> = NOT_HERE.iter().map(|&(name, count, _)| (name, count)).collect();
    assert_eq!(left_out, expected);
    // Each for two dtypes.
    assert_eq!(deviating, DEVIATIONS.iter().map(|(.., count)| 2 * count).collect::<Vec<_>>());
    assert_eq!(checked + left_out.values().sum::<usize>(), 493);
    assert!(failures.is_empty(), "{} differ\n{}", failures.len(), failures.join("\n"));
}

/// "If the determinant is zero, the sign should be 0 and logabsdet should be -infinity", of complex matrices too.
#[test]
fn slogdet_of_a_singular_matrix() {
    for dtype in [DType::F32, DType::F64, DType::C64, DType::C128] {
        let source = format!("%a: {dtype}[2, 2]\n%s, %l = linalg.slogdet %a\nreturn %s, %l\n");
        let graph = parse::graph(&source).expect("a graph");
        let ty = Type::new(dtype, [2, 2]);
        let singular = Tensor::from_scalars(&ty, [1.0, 2.0, 2.0, 4.0].map(|x| Scalar::F64(x).cast(dtype)));
        let mut function = Function::from_graph(graph, &Default::default()).expect("it compiles");
        let results = function.apply(vec![singular]).expect("it runs");
        let parts = results.iter().map(|r| numbers(&r.scalars()[0].cast(DType::C128)));
        assert_eq!(parts.collect::<Vec<_>>(), [[0.0, 0.0], [f64::NEG_INFINITY, 0.0]], "{dtype}");
    }
}
