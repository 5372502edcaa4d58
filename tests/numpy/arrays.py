"""Writes arrays.txt: what NumPy makes of whole arrays, for tests/arrays.rs.

    venv/bin/python arrays.py > arrays.txt        (the venv of make.py)

Lines are words:
    case ULP TEXT                  an op with its operands `%x`, `%y` ... and parameters; the results may be ULP places off
    input NAME DTYPE SHAPE HEX...  an operand as bits, its shape as `3x4`, `-` of a scalar
    result DTYPE SHAPE HEX...      a result, further ones in order
"""

import numpy as np

np.seterr(all="ignore")

SHORT = {"float64": "f64", "float32": "f32", "int64": "i64", "bool": "bool"}
BITS = {"f64": "u8", "f32": "u4", "i64": "u8", "bool": "u1"}


def words(array):
    array = np.asarray(array)
    short = SHORT[array.dtype.name]
    shape = "x".join(map(str, array.shape)) or "-"
    flat = np.ascontiguousarray(array).reshape(-1)
    bits = flat.view(BITS[short])
    return [short, shape] + ["nan" if short[0] == "f" and np.isnan(x) else format(b, "x") for x, b in zip(flat, bits)]


def case(text, *results, ulp=0, **inputs):
    print("case", ulp, text)
    for name, array in inputs.items():
        print("input", name, *words(array))
    for result in results:
        print("result", *words(result))


INF, NAN = np.inf, np.nan
X = np.array([[1.5, -2.0, 4.0, 0.25], [8.0, 0.5, -1.0, 3.0], [-4.0, 16.0, 2.5, -0.75]])
WITH_NAN = np.array([[1.5, NAN, 4.0, -2.0], [NAN, NAN, NAN, NAN], [-0.0, 0.0, INF, 3.0]])
MASK = np.array([[True, False, True, True], [False, False, False, False], [True, True, False, True]])
COLUMN = np.array([[True], [False], [True]])
I = np.array([[3, -1, 4, 1], [5, -9, 2, 6], [5, 3, -5, 8]])
B = np.array([[True, False, True, True], [False, False, True, False]])
PLACES = np.array([0.0, 0.5, 2.0, 3.0])
EMPTY = np.zeros((0, 3))


def reductions():
    for name in ["sum", "prod"]:
        f = getattr(np, name)
        for x in [X, X.astype("f4"), I, B]:
            case(f"{name} %x, axis=0, initial=2", f(x, 0, initial=2), x=x)
            mask = MASK[: len(x)]
            case(f"{name} %x, where=%m", f(x, where=mask), x=x, m=mask)
            case(f"{name} %x, axis=1, where=%m, initial=3, keepdims=true",
                 f(x, 1, where=mask, initial=3, keepdims=True), x=x, m=mask)
            case(f"{name} %x, axis=-1, dtype=f32", f(x, -1, dtype="f4"), x=x)
        case(f"{name} %x, axis=0, dtype=i64", f(X, 0, dtype="i8"), x=X)
        case(f"{name} %x, axis=0, dtype=bool", f(I, 0, dtype="?"), x=I)
        case(f"{name} %x, axis=0, initial=5", f(EMPTY, 0, initial=5), x=EMPTY)
        case(f"{name} %x, where=%m", f(X, where=COLUMN), x=X, m=COLUMN)
        case(f"{name} %x, initial=%s", f(X, initial=0.5), x=X, s=np.float64(0.5))
    for name in ["max", "min"]:
        f = getattr(np, name)
        for x in [X, X.astype("f4"), I, WITH_NAN]:
            case(f"{name} %x, axis=0, initial=2", f(x, 0, initial=2), x=x)
            case(f"{name} %x, axis=1, where=%m, initial=-3", f(x, 1, where=MASK, initial=-3), x=x, m=MASK)
        case(f"{name} %x, axis=0, initial=-inf", f(EMPTY, 0, initial=-INF), x=EMPTY)
        case(f"{name} %x, axis=0, initial=1, keepdims=true", f(EMPTY, 0, initial=1, keepdims=True), x=EMPTY)
    for name in ["any", "all"]:
        f = getattr(np, name)
        for x in [X, I, B, WITH_NAN, EMPTY]:
            case(f"{name} %x, axis=0", f(x, 0), x=x)
        case(f"{name} %x, axis=1, where=%m", f(I, 1, where=MASK), x=I, m=MASK)
    for x in [X, X.astype("f4"), I, B, WITH_NAN]:
        mask = MASK[: len(x)]
        case("mean %x, axis=1, where=%m", np.mean(x, 1, where=mask), ulp=1, x=x, m=mask)
        case("mean %x, axis=0, dtype=f32", np.mean(x, 0, dtype="f4"), ulp=1, x=x)
        for name in ["var", "std"]:
            f = getattr(np, name)
            case(f"{name} %x, axis=1, ddof=1", f(x, 1, ddof=1), ulp=2, x=x)
            case(f"{name} %x, axis=1, where=%m, ddof=1", f(x, 1, where=mask, ddof=1), ulp=2, x=x, m=mask)
    case("mean %x, axis=0, dtype=i64", np.mean(I, 0, dtype="i8"), x=I)
    case("var %x, axis=0, dtype=f32, keepdims=true", np.var(X.astype("f4"), 0, keepdims=True), ulp=2, x=X.astype("f4"))
    case("mean %x, axis=0", np.mean(EMPTY, 0), x=EMPTY)
    for x in [X, I, WITH_NAN]:
        case("argmax %x, keepdims=true", np.argmax(x, keepdims=True), x=x)
        case("argmin %x, axis=1, keepdims=true", np.argmin(x, 1, keepdims=True), x=x)
    for x in [WITH_NAN, WITH_NAN.astype("f4"), I]:
        for ddof in [0, 1, 2]:
            case(f"nanvar %x, axis=1, ddof={ddof}", np.nanvar(x, 1, ddof=ddof), ulp=2, x=x)
        case("nanstd %x, axis=0, keepdims=true", np.nanstd(x, 0, keepdims=True), ulp=2, x=x)
    for name in ["nanargmax", "nanargmin"]:
        f = getattr(np, name)
        case(f"{name} %x", f(WITH_NAN), x=WITH_NAN)
        case(f"{name} %x, axis=0", f(WITH_NAN, 0), x=WITH_NAN)
        case(f"{name} %x, axis=1, keepdims=true", f(WITH_NAN[::2], 1, keepdims=True), x=WITH_NAN[::2])


ACCUMULATED = {
    "f": "add multiply subtract divide maximum minimum fmax fmin hypot copysign remainder floor_divide fmod power",
    "i": "add multiply subtract maximum minimum floor_divide remainder fmod bitwise_and bitwise_or bitwise_xor gcd lcm",
    "b": "add multiply logical_and logical_or logical_xor maximum minimum bitwise_and bitwise_or bitwise_xor",
}


def scans():
    for letter, names in ACCUMULATED.items():
        arrays = {"f": [X, X.astype("f4"), WITH_NAN], "i": [I], "b": [B]}[letter]
        for name in names.split():
            for x in arrays:
                # Of zeros of both signs NumPy's extreme is whichever comes first.
                x = x + 0.0 if name[:2] in ["ma", "mi", "fm"] and letter == "f" else x
                for axis in [0, 1]:
                    places = {"hypot": 1, "power": 1}.get(name, 0)
                    case(f"accumulate %x, op={name}, axis={axis}", getattr(np, name).accumulate(x, axis), ulp=places, x=x)
    for name in ["logical_and", "logical_or"]:
        case(f"accumulate %x, op={name}, axis=1", getattr(np, name).accumulate(I, 1), x=I)
    # Nothing here is exact: the order shows in the last bits.
    long = np.sin(np.arange(300) * 0.7) * np.exp(np.arange(300) % 37)
    for x in [long, long.astype("f4"), np.abs(np.sin(long))]:
        case("cumsum %x", np.cumsum(x), x=x)
        case("cumsum %x, axis=-1", np.cumsum(x[:120].reshape(8, 15), -1), x=x[:120].reshape(8, 15))
        case("cumprod %x, axis=0", np.cumprod(x[:40].reshape(4, 10), 0), x=x[:40].reshape(4, 10))
    for x in [X, X.astype("f4"), I, B, WITH_NAN, EMPTY, EMPTY.T]:
        for name in ["cumsum", "cumprod", "nancumsum", "nancumprod"]:
            f = getattr(np, name)
            case(f"{name} %x", f(x), x=x)
            case(f"{name} %x, axis=0", f(x, 0), x=x)
            case(f"{name} %x, axis=-1, dtype=f32", f(x, -1, dtype="f4"), x=x)
        for name in ["cumulative_sum", "cumulative_prod"]:
            f = getattr(np, name)
            case(f"{name} %x, axis=1, include_initial=true", f(x, axis=1, include_initial=True), x=x)
            case(f"{name} %x, axis=0", f(x, axis=0), x=x)
        for n in [0, 1, 2, 5]:
            case(f"diff %x, n={n}", np.diff(x, n), x=x)
        case("diff %x, axis=0", np.diff(x, axis=0), x=x)
    for x in [X, I, WITH_NAN]:
        case("ediff1d %x", np.ediff1d(x), x=x)
        case("trapezoid %x", np.trapezoid(x), x=x)
        case("trapezoid %x, dx=0.5, axis=0", np.trapezoid(x, dx=0.5, axis=0), x=x)
        case("trapezoid %x, %y", np.trapezoid(x, PLACES), x=x, y=PLACES)
        case("trapezoid %x, %y, axis=1", np.trapezoid(x, X, axis=1), x=x, y=X)
        case("gradient %x, axis=0", np.gradient(x, axis=0), x=x)
        case("gradient %x, dx=0.25", np.gradient(x, 0.25, axis=-1), x=x)
        case("gradient %x, %y", np.gradient(x, PLACES, axis=-1), x=x, y=PLACES)


def main():
    print(f"# By arrays.py, with NumPy {np.__version__}.")
    reductions()
    scans()


main()
