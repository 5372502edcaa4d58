"""Writes arrays.txt: what NumPy makes of whole arrays, for tests/arrays.rs.

    venv/bin/python arrays.py > arrays.txt        (the venv of make.py)

Lines are words:
    case ULP TEXT                  an op with its operands `%x`, `%y` ... and parameters; the results may be ULP places off
    input NAME DTYPE SHAPE HEX...  an operand as bits, its shape as `3x4`, `-` of a scalar
    result DTYPE SHAPE HEX...      a result, further ones in order
"""

import numpy as np

np.seterr(all="ignore")

SHORT = {"float": "f", "int": "i", "uint": "u", "complex": "c"}


def words(array):
    array = np.asarray(array)
    name = array.dtype.name
    kind = name.rstrip("0123456789")
    short = SHORT.get(kind, kind) + name[len(kind):]
    shape = "x".join(map(str, array.shape)) or "-"
    flat = np.ascontiguousarray(array).reshape(-1)
    if kind == "complex":
        # The real part below the imaginary one.
        bits = flat.view(f"u{flat.itemsize // 2}").reshape(-1, 2).tolist()
        return [short, shape] + [format(re | im << 4 * flat.itemsize, "x") for re, im in bits]
    bits = flat.view(f"u{flat.itemsize}")
    return [short, shape] + ["nan" if kind == "float" and np.isnan(x) else format(b, "x") for x, b in zip(flat, bits)]


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


ORDERED = [X, X.astype("f4"), I, B, WITH_NAN, WITH_NAN.astype("f4"), EMPTY, np.array([2, 1, 2, 1, 1, 2, 3, 1, 2, 1] * 4)]
LIST = np.array([-2.0, 0.5, 0.5, 0.5, 3.0, INF, NAN, NAN])


def orders():
    for x in ORDERED:
        for name in ["sort", "argsort"]:
            f = getattr(np, name)
            for axis in range(-x.ndim, 0):
                case(f"{name} %x, axis={axis}", f(x, axis, kind="stable"), x=x)
    many = np.sin(np.arange(100.0)).round(1)
    for name in ["sort", "argsort"]:
        case(f"{name} %x", getattr(np, name)(many, kind="stable"), x=many)
    for side in ["left", "right"]:
        for values in [X, WITH_NAN, np.float64(0.5), EMPTY, I]:
            case(f"searchsorted %x, %y, side={side}", np.searchsorted(LIST, values, side), x=LIST, y=values)
        for values in [LIST.astype("f4"), np.array([0.1, 7.0], "f4")]:
            case(f"searchsorted %x, %y, side={side}", np.searchsorted(LIST.astype("f4"), values, side),
                 x=LIST.astype("f4"), y=values)
        case(f"searchsorted %x, %y, side={side}", np.searchsorted(np.arange(0, 9, 2), I, side), x=np.arange(0, 9, 2), y=I)
        case(f"searchsorted %x, %y, side={side}", np.searchsorted(np.array([False, True]), B, side),
             x=np.array([False, True]), y=B)
        case(f"searchsorted %x, %y, side={side}", np.searchsorted(np.zeros(0), X, side), x=np.zeros(0), y=X)


METHODS = ["linear", "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen",
           "weibull", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"]
Q = np.array([0.0, 0.1, 0.25, 1 / 3, 0.5, 0.875, 1.0])


def statistics():
    cube = np.sin(np.arange(24.0)).reshape(2, 3, 4)
    for x in [X, X.astype("f4"), I, WITH_NAN, cube, X[:, :3], X[:1]]:
        for name in ["median", "nanmedian"]:
            f = getattr(np, name)
            case(f"{name} %x", f(x), x=x)
            case(f"{name} %x, axis=-1", f(x, -1), x=x)
            case(f"{name} %x, axis=0, keepdims=true", f(x, 0, keepdims=True), x=x)
            case(f"{name} %x, axis=[0, -1]", f(x, (0, -1)), x=x)
        for name in ["quantile", "nanquantile"]:
            f = getattr(np, name)
            for q in [0.0, 0.3, 0.5, 1.0]:
                case(f"{name} %x, {q}, axis=-1", f(x, q, -1), x=x)
            case(f"{name} %x, %q", f(x, Q), x=x, q=Q)
            case(f"{name} %x, %q, axis=0", f(x, Q, 0), x=x, q=Q)
            # Of several axes NumPy's nanquantile mistakes the axes of the quantiles for those of the array.
            q = Q[:6].reshape(2, 3) if name == "quantile" else Q
            case(f"{name} %x, %q, axis=[-1, 0], keepdims=true", f(x, q, (-1, 0), keepdims=True), x=x, q=q)
        for name in ["percentile", "nanpercentile"]:
            f = getattr(np, name)
            case(f"{name} %x, 35, axis=0", f(x, 35, 0), x=x)
            case(f"{name} %x, %q, axis=0", f(x, 100 * Q[1:4], 0), x=x, q=100 * Q[1:4])
    for method in METHODS:
        for x in [X, I, WITH_NAN]:
            for name in ["quantile", "nanquantile"]:
                f = getattr(np, name)
                case(f"{name} %x, %q, axis=1, method={method}", f(x, Q, 1, method=method), x=x, q=Q)
                case(f"{name} %x, 0.4, method={method}", f(x, 0.4, method=method), x=x)
    numbers = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5])
    case("bincount %x, length=10", np.bincount(numbers), x=numbers)
    case("bincount %x, length=15", np.bincount(numbers, minlength=15), x=numbers)
    case("bincount %x, length=2", np.bincount(B[0]), x=B[0])
    case("bincount %x, length=4", np.bincount(numbers[:0], minlength=4), x=numbers[:0])
    edges = np.array([-2.0, 0.0, 0.5, 4.0])
    for x in [X, cube, I * 1.0]:
        case("digitize %x, %y", np.digitize(x, edges), x=x, y=edges)
        case("digitize %x, %y, right=true", np.digitize(x, edges, right=True), x=x, y=edges)
        case("histogram %x, %y", *np.histogram(x, edges), x=x, y=edges)
        case("histogram %x, bins=7", *np.histogram(x, 7), x=x)
        case("histogram %x", *np.histogram(x), x=x)
        case("histogram %x, bins=3, range=[-1.5, 2.25]", *np.histogram(x, 3, (-1.5, 2.25)), x=x)
        case("histogram_bin_edges %x, bins=4", np.histogram_bin_edges(x, 4), x=x)
    case("histogram %x, bins=3", *np.histogram(I, 3), x=I)
    case("histogram %x, bins=3, range=[0, 2]", *np.histogram(I, 3, (0, 2)), x=I)
    case("histogram %x, bins=4", *np.histogram(np.full(3, 2.5), 4), x=np.full(3, 2.5))
    case("histogram %x, bins=2", *np.histogram(EMPTY, 2), x=EMPTY)
    at, values = np.array([-1.0, 0.0, 0.5, 3.0]), np.array([2.0, -1.0, 7.0, 7.5])
    for x in [X, WITH_NAN, I, np.float64(0.25), EMPTY]:
        case("interp %x, %y, %z", np.interp(x, at, values), x=x, y=at, z=values)
        case("interp %x, %y, %z, left=-9, right=9.5", np.interp(x, at, values, -9, 9.5), x=x, y=at, z=values)
        case("interp %x, %y, %z", np.interp(x, at[:1], values[:1]), x=x, y=at[:1], z=values[:1])
        case("interp %x, %y, %z", np.interp(x, at[:2], np.array([INF, INF])), x=x, y=at[:2], z=np.array([INF, INF]))
    for x in [X, X.astype("f4"), I, X[0], X[:1]]:
        case("cov %x", np.cov(x), ulp=4, x=x)
        case("cov %x, ddof=0", np.cov(x, ddof=0), ulp=4, x=x)
        case("corrcoef %x", np.corrcoef(x), ulp=8, x=x)
    case("cov %x, rowvar=false", np.cov(X, rowvar=False), ulp=4, x=X)
    case("corrcoef %x, rowvar=false", np.corrcoef(X, rowvar=False), ulp=8, x=X)
    a, v = np.array([1.0, -2.0, 3.5, 0.5, INF]), np.array([0.5, 2.0, -1.0])
    for x, y in [(a, v), (v, a), (a[:4], v[:2]), (v, v), (a, a[:1]), (I[0], I[1]), (I[0], I[2][:3]), (B[0], B[1][1:])]:
        for name in ["correlate", "convolve"]:
            for mode in ["full", "same", "valid"]:
                case(f"{name} %x, %y, mode={mode}", getattr(np, name)(x, y, mode), x=x, y=y)


def dtypes():
    """Every dtype, in sums, scans and orders."""
    small = np.array([[100, 27, 90, 1, 3], [1, 100, 100, 100, 127]])
    for dtype in ["i1", "i2", "i4", "u1", "u2", "u4", "u8"]:
        x = small.astype(dtype)
        for name in ["sum", "prod", "max", "cumsum", "cumprod", "median", "sort", "argsort", "mean"]:
            numpys = {"argsort": np.argsort}.get(name, getattr(np, name))
            results = numpys(x, 1, kind="stable") if name.endswith("sort") else numpys(x, 1)
            case(f"{name} %x, axis=1", results, x=x)
        case("sum %x, axis=0, initial=3, where=%m", np.sum(x, 0, initial=3, where=x > 2), x=x, m=x > 2)
        case(f"sum %x, dtype={np.dtype(dtype).str[1]}{8 * x.itemsize}", np.sum(x, dtype=dtype), x=x)
        for op in ["maximum", "bitwise_xor", "add", "gcd"]:
            case(f"accumulate %x, op={op}, axis=1", getattr(np, op).accumulate(x, 1), x=x)
        case("diff %x", np.diff(x), x=x)
        case("quantile %x, 0.3, axis=1", np.quantile(x, 0.3, 1), x=x)
        case("searchsorted %x, %y", np.searchsorted(np.sort(x[0]), x), x=np.sort(x[0]), y=x)
        case("convolve %x, %y, mode=full", np.convolve(x[0], x[1][:3]), x=x[0], y=x[1][:3])
    case("bincount %x, length=101", np.bincount(small[0].astype("u1")), x=small[0].astype("u1"))
    z = np.array([[1 + 2j, -1.5j, 0.5, 1 - 2j], [1 + 2j, 1 + 1j, -2 + 0.25j, 4j]])
    for x in [z, z.astype("c8")]:
        case("sum %x, axis=0, initial=2, where=%m", np.sum(x, 0, initial=2, where=MASK[:2]), x=x, m=MASK[:2])
        case("mean %x, axis=1, where=%m", np.mean(x, 1, where=MASK[::2]), ulp=1, x=x, m=MASK[::2])
        case("var %x, axis=1", np.var(x, 1), ulp=2, x=x)
        case("cumsum %x, axis=1", np.cumsum(x, 1), x=x)
        case("diff %x", np.diff(x), x=x)
        case("sort %x", np.sort(x, kind="stable"), x=x)
        case("sort %x, axis=0", np.sort(x, 0, kind="stable"), x=x)
        case("argsort %x", np.argsort(x, kind="stable"), x=x)
        case("correlate %x, %y, mode=full", np.correlate(x[0], x[1][:2], "full"), x=x[0], y=x[1][:2])
        case("convolve %x, %y, mode=same", np.convolve(x[0], x[1][:3], "same"), x=x[0], y=x[1][:3])
    case("trapezoid %x", np.trapezoid(z), x=z)


def main():
    print(f"# By arrays.py, with NumPy {np.__version__}.")
    reductions()
    scans()
    orders()
    statistics()
    dtypes()


if __name__ == "__main__":
    main()
