"""Writes surface.txt: methods of ufuncs, weights, complex statistics, for tests/arrays.rs. The form is that of arrays.py.

    venv/bin/python surface.py > surface.txt        (the venv of make.py)
"""

import numpy as np

from arrays import B, COLUMN, EMPTY, I, INF, MASK, NAN, WITH_NAN, X, case

POSITIVE = np.array([[1.5, 2.0, 4.0, 0.25], [8.0, 0.5, 1.0, 3.0], [4.0, 16.0, 2.5, 0.75]])



class OneByOne:
    """A ufunc that reduces through `accumulate`: the vector loops (AVX-512) that NumPy has for these two take a reduction for
    an operation of rows, and give `power(x[0], x[-1])`."""

    def __init__(self, ufunc):
        self.ufunc, self.outer, self.at, self.accumulate = ufunc, ufunc.outer, ufunc.at, ufunc.accumulate

    def reduce(self, x, axis=0, keepdims=False, initial=None, where=None):
        x = np.moveaxis(x, axis, -1)
        if where is not None:
            # What is left out is 1, and a power of 1 changes nothing.
            x = np.where(np.moveaxis(where, axis, -1), x, 1.0)
        if initial is not None:
            x = np.concatenate([np.full(x.shape[:-1] + (1,), initial, x.dtype), x], -1)
        last = self.ufunc.accumulate(x, -1)[..., -1]
        return np.expand_dims(last, axis) if keepdims else last

    def reduceat(self, x, indices, axis=0):
        x, stops = np.moveaxis(x, axis, -1), [*indices[1:], x.shape[axis]]
        parts = [self.reduce(x[..., i:j], -1) if i < j else x[..., i] for i, j in zip(indices, stops)]
        return np.moveaxis(np.stack(parts, -1), -1, axis)


def ufunc(name):
    f = getattr(np, name)
    return OneByOne(f) if name in ["power", "arctan2", "float_power"] else f


# Ops of two operands, with the places that a result may be off.
FLOAT = {
    "add": 1, "subtract": 0, "multiply": 1, "divide": 0, "floor_divide": 0, "remainder": 0, "fmod": 0, "power": 1, "arctan2": 1,
    "hypot": 2, "logaddexp": 2, "logaddexp2": 2, "heaviside": 0, "copysign": 0, "nextafter": 0, "maximum": 0, "minimum": 0,
    "fmax": 0, "fmin": 0, "logical_and": 0, "logical_or": 0, "logical_xor": 0,
}
INT = ("add subtract multiply floor_divide remainder fmod maximum minimum fmax fmin bitwise_and bitwise_or bitwise_xor "
       "gcd lcm logical_and logical_or logical_xor")
BOOL = ("add multiply maximum minimum logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor equal not_equal "
        "less less_equal greater greater_equal")
REORDERED = "add multiply hypot logaddexp logaddexp2 maximum minimum logical_xor bitwise_and bitwise_or bitwise_xor gcd"


def reduced():
    for name, ulp in FLOAT.items():
        f = ufunc(name)
        for x in [X, X.astype("f4"), POSITIVE]:
            for axis in [0, 1, -1]:
                case(f"{name}.reduce %x, axis={axis}", f.reduce(x, axis), ulp=ulp, x=x)
            case(f"reduce %x, op={name}, axis=1, keepdims=true", f.reduce(x, 1, keepdims=True), ulp=ulp, x=x)
        case(f"{name}.reduce %x", f.reduce(X[0]), ulp=ulp, x=X[0])
        case(f"{name}.reduce %x", f.reduce(X[0, :1]), ulp=ulp, x=X[0, :1])
        if name[:7] != "logical":
            case(f"{name}.reduce %x, axis=1, initial=1.5", f.reduce(X, 1, initial=1.5), ulp=ulp, x=X)
    for name in INT.split():
        f = ufunc(name)
        for dtype in ["i8", "i2", "u1"]:
            # Without a zero to divide by, and without what depends on how wide the loop is.
            x = (np.abs(I) % 7 + 1).astype(dtype)
            case(f"{name}.reduce %x, axis=1", f.reduce(x, 1), x=x)
            case(f"{name}.reduce %x", f.reduce(x), x=x)
        case(f"{name}.reduce %x, axis=1", f.reduce(I, 1), x=I)
    for name in BOOL.split():
        case(f"{name}.reduce %x", getattr(np, name).reduce(B), x=B)
        case(f"{name}.reduce %x, axis=-1", getattr(np, name).reduce(B, -1), x=B)
    for name in REORDERED.split():
        f, x = ufunc(name), I if name[0] in "bg" else POSITIVE
        case(f"{name}.reduce %x, axis=[0, 1]", f.reduce(x, (0, 1)), ulp=FLOAT.get(name, 0), x=x)
        case(f"{name}.reduce %x, axis=[]", f.reduce(x, ()), ulp=FLOAT.get(name, 0), x=x)
    for name in ["hypot", "logaddexp", "logaddexp2", "add"]:
        f = ufunc(name)
        case(f"{name}.reduce %x, axis=1, where=%m", f.reduce(POSITIVE, 1, where=MASK), ulp=2, x=POSITIVE, m=MASK)
        case(f"{name}.reduce %x, where=%m", f.reduce(X, where=COLUMN), ulp=2, x=X, m=COLUMN)
        case(f"{name}.reduce %x", f.reduce(EMPTY), x=EMPTY)
        case(f"{name}.reduce %x, axis=1", f.reduce(EMPTY, 1), x=EMPTY)
    for name in ["bitwise_and", "bitwise_or", "bitwise_xor", "gcd"]:
        f = ufunc(name)
        case(f"{name}.reduce %x, axis=1, where=%m", f.reduce(I, 1, where=MASK), x=I, m=MASK)
        case(f"{name}.reduce %x", f.reduce(EMPTY.astype("i4")), x=EMPTY.astype("i4"))
        case(f"{name}.reduce %x, axis=1, initial=6", f.reduce(I, 1, initial=6), x=I)
    for name in ["subtract", "divide", "power"]:
        f = ufunc(name)
        case(f"{name}.reduce %x, axis=1, where=%m, initial=2", f.reduce(POSITIVE, 1, where=MASK, initial=2.0), ulp=1,
             x=POSITIVE, m=MASK)
    case("subtract.reduce %x, dtype=f32", np.subtract.reduce(X, dtype="f4"), x=X)
    case("float_power.reduce %x, axis=1", ufunc("float_power").reduce(np.abs(I) * 1.0, 1), ulp=1, x=np.abs(I))
    case("logical_xor.reduce %x, axis=[0, 1]", np.logical_xor.reduce(I, (0, 1)), x=I)
    z = X[:2, :2] + 1j * X[1:, 1:3]
    case("subtract.reduce %x, axis=1", np.subtract.reduce(z, 1), x=z)
    # Long enough for the order of blocks.
    many = np.arange(1300) * 2654435761 % 1000003
    for name in ["bitwise_and", "bitwise_or", "bitwise_xor", "logical_xor", "gcd"]:
        case(f"{name}.reduce %x", getattr(np, name).reduce(many), x=many)


INDICES = [[0, 2, 3], [2, 0, 1], [1, 1, 3, 0], [0], [3, 3], [3, 2, 1, 0], [0, 2, 1, 3, 2, 3]]


def reduced_at():
    for name, ulp in FLOAT.items():
        f = ufunc(name)
        for x in [X, X.astype("f4")]:
            for at in INDICES:
                i = np.array(at)
                case(f"{name}.reduceat %x, %i, axis=1", f.reduceat(x, i, 1), ulp=ulp, x=x, i=i)
        i = np.array([2, 0, 1])
        case(f"reduceat %x, %i, op={name}", f.reduceat(X, i), ulp=ulp, x=X, i=i)
    for name in INT.split():
        f, x, i = getattr(np, name), np.abs(I) + 1, np.array([0, 3, 1], "i4")
        case(f"{name}.reduceat %x, %i, axis=-1", f.reduceat(x, i, -1), x=x, i=i)
        case(f"{name}.reduceat %x, %i, axis=-1", f.reduceat(x.astype("u1"), i, -1), x=x.astype("u1"), i=i)
    for name in BOOL.split()[:10]:
        i = np.array([0, 2, 1])
        case(f"{name}.reduceat %x, %i, axis=1", getattr(np, name).reduceat(B, i, 1), x=B, i=i)
    case("add.reduceat %x, %i, dtype=f32", np.add.reduceat(X, [0, 1], dtype="f4"), x=X, i=np.array([0, 1]))
    case("add.reduceat %x, %i, axis=1", np.add.reduceat(X, np.zeros(0, "i8"), 1), x=X, i=np.zeros(0, "i8"))
    case("add.reduceat %x, %i, axis=1", np.add.reduceat(EMPTY, [0, 2], 1), x=EMPTY, i=np.array([0, 2]))
    z = X + 1j * X[::-1]
    case("add.reduceat %x, %i, axis=1", np.add.reduceat(z, [0, 2, 1], 1), ulp=1, x=z, i=np.array([0, 2, 1]))
    # Sums of integers in floats are exact in any order.
    long = np.arange(1500.0) % 97
    i = np.array([0, 5, 600, 20, 1499, 1400])
    case("add.reduceat %x, %i", np.add.reduceat(long, i), x=long, i=i)
    case("maximum.reduceat %x, %i", np.maximum.reduceat(long, i), x=long, i=i)


def outer():
    for name, ulp in FLOAT.items():
        f = ufunc(name)
        case(f"{name}.outer %x, %y", f.outer(POSITIVE[0], X), ulp=ulp, x=POSITIVE[0], y=X)
        case(f"ufunc.outer %x, %y, op={name}", f.outer(X, X[0]), ulp=ulp, x=X, y=X[0])
    for name in ["less", "equal", "bitwise_xor", "gcd", "left_shift"]:
        f, x, y = getattr(np, name), np.abs(I)[:2], np.array([1, 2, 3])
        case(f"{name}.outer %x, %y", f.outer(x, y), x=x, y=y)
    case("ldexp.outer %x, %y", np.ldexp.outer(X[0], I[0]), x=X[0], y=I[0])
    case("float_power.outer %x, %y", np.float_power.outer([2, 3], [1, 2]), x=np.array([2, 3]), y=np.array([1, 2]))
    case("multiply.outer %x, 2", np.multiply.outer(X, 2), x=X)
    case("add.outer %x, %y", np.add.outer(np.float64(2), X), x=np.float64(2), y=X)
    z = X[0] + 1j * X[1]
    case("multiply.outer %x, %y", np.multiply.outer(z, X[2]), x=z, y=X[2])


def put_at():
    i = np.array([0, 2, 0, -1, 1])
    y = np.array([2.0, 0.5, 3.0, -1.5, 4.0])

    def at(name, x, *others):
        x = x.copy()
        getattr(np, name).at(x, i, *others)
        return x

    for name, ulp in FLOAT.items():
        if name[:7] == "logical":
            continue
        for x in [X[1], X[1].astype("f4")]:
            case(f"{name}.at %x, %i, %y", at(name, x, y.astype(x.dtype)), ulp=ulp, x=x, i=i, y=y.astype(x.dtype))
        case(f"{name}.at %x, %i, 2", at(name, POSITIVE, 2.0), ulp=ulp, x=POSITIVE, i=i % 3)
    for name in INT.split():
        if name[:7] != "logical":
            case(f"{name}.at %x, %i, %y", at(name, np.abs(I[0]), np.abs(y.astype("i8")) + 1), x=np.abs(I[0]), i=i,
                 y=np.abs(y.astype("i8")) + 1)
    for name in ["negative", "square", "sqrt", "floor", "reciprocal", "absolute"]:
        case(f"{name}.at %x, %i", at(name, POSITIVE[1]), x=POSITIVE[1], i=i)
    case("invert.at %x, %i", at("invert", I[0]), x=I[0], i=i)
    case("logical_xor.at %x, %i, %y", at("logical_xor", B[0], y > 1), x=B[0], i=i, y=y > 1)
    case("logical_not.at %x, %i", at("logical_not", B[0]), x=B[0], i=i)
    z = X[0] + 1j * X[1]
    case("subtract.at %x, %i, %y", at("subtract", z, y), x=z, i=i, y=y)
    case("negative.at %x, %i", at("negative", z), x=z, i=i)
    x = X.copy()
    np.maximum.at(x, (np.array([0, 1, 0]), np.array([1, 1, 1])), np.array([1.0, 9.0, 3.0]))
    case("maximum.at %x, [0, 1, 0], [1, 1, 1], [1.0, 9.0, 3.0]", x, x=X)


def scanned():
    case("subtract.accumulate %x, axis=1", np.subtract.accumulate(X, 1), x=X)
    case("add.accumulate %x, dtype=f32", np.add.accumulate(X, dtype="f4"), x=X)
    case("logaddexp.accumulate %x", np.logaddexp.accumulate(X), ulp=2, x=X)


WEIGHTS = np.array([[2.0, 0.5, 1.0, 3.0], [0.25, 4.0, 0.0, 1.0], [1.0, 1.5, 2.0, 0.5]])
Q = np.array([0.0, 0.1, 0.4, 0.5, 0.875, 1.0])


def weighted():
    numbers = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5])
    w = np.sin(numbers * 1.0) * np.arange(11)
    case("bincount %x, length=10, weights=%w", np.bincount(numbers, w), x=numbers, w=w)
    case("bincount %x, length=12, weights=%w", np.bincount(numbers, numbers, 12), x=numbers, w=numbers)
    case("bincount %x, length=4, weights=%w", np.bincount(B[0], w[:4].astype("f4"), 4), x=B[0], w=w[:4].astype("f4"))
    edges = np.array([-2.0, 0.0, 0.5, 4.0])
    for x in [X, WITH_NAN, I * 1.0]:
        for dtype in ["f8", "f4", "i8"]:
            # Sums of these are exact in any order.
            y = WEIGHTS.astype(dtype)
            case("histogram %x, %e, weights=%w", *np.histogram(x, edges, weights=y), x=x, e=edges, w=y)
            case("histogram %x, bins=5, range=[-4, 4], weights=%w", *np.histogram(x, 5, (-4, 4), weights=y), x=x, w=y)
        case("histogram %x, %e, density=true", *np.histogram(x, edges, density=True), ulp=1, x=x, e=edges)
        case("histogram %x, bins=4, range=[-4, 4], density=true, weights=%w",
             *np.histogram(x, 4, (-4, 4), density=True, weights=WEIGHTS), ulp=1, x=x, w=WEIGHTS)
    for x in [X, X.astype("f4"), I, WITH_NAN]:
        for name in ["quantile", "nanquantile"]:
            f = getattr(np, name)
            for q in [0.0, 0.3, 0.5, 1.0]:
                case(f"{name} %x, {q}, axis=-1, method=inverted_cdf, weights=%w",
                     f(x, q, -1, method="inverted_cdf", weights=WEIGHTS + 0.25), x=x, w=WEIGHTS + 0.25)
            case(f"{name} %x, %q, method=inverted_cdf, weights=%w",
                 f(x, Q, method="inverted_cdf", weights=WEIGHTS), x=x, q=Q, w=WEIGHTS)
        case("quantile %x, %q, axis=0, method=inverted_cdf, weights=%w",
             np.quantile(x, Q, 0, method="inverted_cdf", weights=WEIGHTS[:, 0]), x=x, q=Q, w=WEIGHTS[:, 0])
        case("percentile %x, %q, axis=[1, 0], keepdims=true, method=inverted_cdf, weights=%w",
             np.percentile(x, 100 * Q, (1, 0), method="inverted_cdf", keepdims=True, weights=WEIGHTS.T),
             x=x, q=100 * Q, w=WEIGHTS.T)
        case("percentile %x, 40, axis=1, method=inverted_cdf, weights=%w",
             np.percentile(x, 40, 1, method="inverted_cdf", weights=WEIGHTS[0]), x=x, w=WEIGHTS[0])
        case("average %x, %w, returned=true", *np.average(x, weights=WEIGHTS, returned=True), ulp=2, x=x, w=WEIGHTS)
        case("average %x, %w, axis=0, returned=true", *np.average(x, 0, WEIGHTS[:, 0], returned=True), ulp=2, x=x,
             w=WEIGHTS[:, 0])
        case("average %x, %w, axis=[1, 0]", np.average(x, (1, 0), WEIGHTS.T), ulp=2, x=x, w=WEIGHTS.T)
    f, a = np.array([1, 3, 2, 1]), WEIGHTS[0]
    for x in [X, I, X[0], X + 1j * X[::-1]]:
        case("cov %x, fweights=%f", np.cov(x, fweights=f), ulp=16, x=x, f=f)
        case("cov %x, aweights=%a", np.cov(x, aweights=a), ulp=16, x=x, a=a)
        case("cov %x, fweights=%f, aweights=%a, ddof=2", np.cov(x, fweights=f, aweights=a, ddof=2), ulp=16, x=x, f=f, a=a)
        case("cov %x, fweights=%f, aweights=%a, bias=true", np.cov(x, fweights=f, aweights=a, bias=True), ulp=16, x=x, f=f,
             a=a)
        case("cov %x, bias=true", np.cov(x, bias=True), ulp=16, x=x)
        case("cov %x, %y", np.cov(x, X[1]), ulp=16, x=x, y=X[1])
        case("corrcoef %x, %y", np.corrcoef(x, X[1]), ulp=16, x=x, y=X[1])
    case("cov %x, %y, rowvar=false", np.cov(X, I, rowvar=False), ulp=16, x=X, y=I)
    case("corrcoef %x, rowvar=false", np.corrcoef(X + 1j * X[::-1], rowvar=False), ulp=64, x=X + 1j * X[::-1])


def interpolated():
    at, values = np.array([-1.0, 0.0, 0.5, 3.0]), np.array([2.0, -1.0, 7.0, 7.5])
    z = values + 1j * values[::-1]
    for x in [X, WITH_NAN, I, np.float64(0.25)]:
        case("interp %x, %y, %z, period=2.5", np.interp(x, at, values, period=2.5), x=x, y=at, z=values)
        case("interp %x, %y, %z, period=-4", np.interp(x, at[::-1], values, period=-4), x=x, y=at[::-1], z=values)
        case("interp %x, %y, %z", np.interp(x, at, z), ulp=4, x=x, y=at, z=z)
        case("interp %x, %y, %z, left=-9, right=9.5", np.interp(x, at, z, -9, 9.5), ulp=4, x=x, y=at, z=z)
        case("interp %x, %y, %z, period=3", np.interp(x, at, z, period=3), ulp=4, x=x, y=at, z=z)
        case("interp %x, %y, %z", np.interp(x, at[:1], z[:1]), x=x, y=at[:1], z=z[:1])


def of_complex():
    # Products of small integers are exact in any order.
    z = np.array([[1 + 2j, -1j, 2, 1 - 2j, 1j], [1 + 1j, -2 + 1j, 4j, 1, -1], [2, 1 - 1j, 1j, -1 - 1j, 3 + 2j]]) + 0.0
    for x in [z, z.astype("c8")]:
        for axis in [0, 1]:
            for name in ["cumprod", "nancumprod", "nancumsum"]:
                case(f"{name} %x, axis={axis}", getattr(np, name)(x, axis), x=x)
            case(f"cumulative_prod %x, axis={axis}, include_initial=true",
                 np.cumulative_prod(x, axis=axis, include_initial=True), x=x)
            for name in ["maximum", "minimum", "fmax", "fmin", "multiply", "subtract"]:
                case(f"{name}.accumulate %x, axis={axis}", getattr(np, name).accumulate(x, axis), x=x)
            case(f"median %x, axis={axis}", np.median(x, axis), x=x)
            case(f"nanmedian %x, axis={axis}", np.nanmedian(x, axis), x=x)
            case(f"ptp %x, axis={axis}", np.ptp(x, axis), x=x)
        case("cumprod %x", np.cumprod(x[:2, :3]), x=x[:2, :3])
        case("median %x", np.median(x), x=x)
        case("median %x", np.median(x[:2]), x=x[:2])
        case("cov %x", np.cov(x), ulp=16, x=x)
        case("cov %x, rowvar=false, ddof=0", np.cov(x, rowvar=False, ddof=0), ulp=16, x=x)
    case("corrcoef %x", np.corrcoef(z), ulp=64, x=z)
    holes = np.where(np.abs(z) > 2, NAN, z)
    case("nancumprod %x, axis=1", np.nancumprod(holes, 1), x=holes)
    case("nanmedian %x, axis=1", np.nanmedian(holes, 1), x=holes)
    case("nanmedian %x", np.nanmedian(holes), x=holes)


def masked():
    for x in [X, WITH_NAN, I % 3, B, EMPTY, X[0] * (X[0] > 0)]:
        x = np.where(np.abs(x) > 2, 0, x).astype(x.dtype)
        found = np.nonzero(x)
        for size in [0, 2, len(found[0]), 15]:
            def filled(places, fill):
                return np.concatenate([places[:size], np.full(max(size - len(places), 0), fill)])
            case(f"nonzero %x, size={size}, fill_value=-1", *[filled(places, -1) for places in found], x=x)
            case(f"flatnonzero %x, size={size}", filled(np.flatnonzero(x), 0), x=x)
            case(f"argwhere %x, size={size}, fill_value=9", np.stack([filled(places, 9) for places in found], 1), x=x)
    values = np.array([10.5, 20.0, 30.0, 40.0, 50.0])
    for x, mask in [(X, MASK), (X, X > 0), (I, MASK), (X.astype("f4"), X == 7), (EMPTY, EMPTY > 0)]:
        for name in ["putmask", "place"]:
            for v in [values, values[:1], values[:2]]:
                y = x.copy()
                getattr(np, name)(y, mask, v.astype(x.dtype))
                case(f"{name} %x, %m, %v", y, x=x, m=mask, v=v)
        y = x.copy()
        y[mask] = -3
        case("copyto %x, -3, where=%m", y, x=x, m=mask)
        if x.size:
            y = x.copy()
            np.copyto(y, x[0] + 1, where=mask)
            case("copyto %x, %y, where=%m", y, x=x, y=x[0] + 1, m=mask)
    y = X.copy()
    np.copyto(y, I, where=COLUMN)
    case("copyto %x, %y, where=%m", y, x=X, y=I, m=COLUMN)
    z = X + 1j * I
    for x, y in [(X, X[1]), (I, np.array([3, 5, 77])), (WITH_NAN, WITH_NAN), (I, X), (B, B[1, :2]), (X, X[0, :0]), (EMPTY, X),
                 (z, z[1]), (X.astype("f4"), I), (np.float64(4), X)]:
        for invert in [False, True]:
            case(f"isin %x, %y, invert={str(invert).lower()}", np.isin(x, y, invert=invert), x=x, y=y)
    for x, y in [(X, X), (X, I), (X, X[0]), (WITH_NAN, WITH_NAN), (EMPTY, EMPTY), (I, I * 1.0), (z, z)]:
        case("array_equal %x, %y", np.array(np.array_equal(x, y)), x=x, y=y)
        case("array_equal %x, %y, equal_nan=true", np.array(np.array_equal(x, y, equal_nan=True)), x=x, y=y)


def neighbours():
    places = np.array([0.0, 0.5, 2.0, 3.0])
    for x in [X, X.astype("f4"), I, WITH_NAN, X + 1j * I]:
        case("diff %x, prepend=%y", np.diff(x, prepend=x[:, :1]), x=x, y=x[:, :1])
        case("diff %x, prepend=%y, append=%z, axis=0, n=2", np.diff(x, 2, 0, x[:1], x), x=x, y=x[:1], z=x)
        case("ediff1d %x, to_begin=%y, to_end=%z", np.ediff1d(x, x[1], x[0, :2]), x=x, y=x[0, :2], z=x[1])
        case("gradient %x, edge_order=2, axis=0", np.gradient(x, axis=0, edge_order=2), ulp=1, x=x)
        case("gradient %x, edge_order=2, dx=0.25", np.gradient(x, 0.25, axis=1, edge_order=2), ulp=1, x=x)
        case("gradient %x, %y, edge_order=2", np.gradient(x, places, axis=1, edge_order=2), ulp=4, x=x, y=places)
    case("diff %x, prepend=0, append=9", np.diff(I, prepend=0, append=9), x=I)
    case("diff %x, append=0.5, axis=0", np.diff(X, append=0.5, axis=0), x=X)
    case("ediff1d %x, to_end=7", np.ediff1d(X, to_end=7), x=X)
    turns = np.array([[0.0, 3.0, 6.1, 9.5, 2.0], [1.0, -4.0, np.pi, -np.pi, 100.0], [0.5, NAN, 1.0, -6.0, 7.0]])
    for x in [turns, turns.astype("f4"), I, EMPTY.T]:
        case("unwrap %x", np.unwrap(x), ulp=1, x=x)
        case("unwrap %x, period=2.5, axis=0", np.unwrap(x, axis=0, period=2.5), ulp=1, x=x)
        case("unwrap %x, discont=5.0", np.unwrap(x, 5.0), ulp=1, x=x)
    for period in [3, 4]:
        case(f"unwrap %x, period={period}", np.unwrap(I, period=period), x=I)
        case(f"unwrap %x, period={period}", np.unwrap(I.astype("i2"), period=period), x=I.astype("i2"))
        case(f"unwrap %x, period={period}, discont=3", np.unwrap(X, 3, period=period), x=X)


def framed():
    widths = ((1, 2), (0, 3))
    text = "widths=[1, 2, 0, 3]"
    for x in [X, X.astype("f4"), I, I.astype("i1"), X + 1j * I]:
        real = x.dtype.kind != "c"
        case(f"pad %x, {text}", np.pad(x, widths), x=x)
        case(f"pad %x, {text}, constant_values=[1, 2, 3, 4]", np.pad(x, widths, constant_values=((1, 2), (3, 4))), x=x)
        case(f"pad %x, {text}, mode=linear_ramp, end_values=[5, -2]",
             np.pad(x, widths, "linear_ramp", end_values=(5, -2)), ulp=2, x=x)
        case(f"pad %x, {text}, mode=linear_ramp", np.pad(x, widths, "linear_ramp"), ulp=2, x=x)
        for mode in ["maximum", "minimum", "mean", "median"]:
            if not real and mode in ["mean", "median"]:
                continue
            case(f"pad %x, {text}, mode={mode}", np.pad(x, widths, mode), ulp=1, x=x)
            case(f"pad %x, {text}, mode={mode}, stat_length=2", np.pad(x, widths, mode, stat_length=2), ulp=1, x=x)
            case(f"pad %x, {text}, mode={mode}, stat_length=[1, 9, 3, 2]",
                 np.pad(x, widths, mode, stat_length=((1, 9), (3, 2))), ulp=1, x=x)
        for mode in ["reflect", "symmetric"]:
            case(f"pad %x, {text}, mode={mode}, reflect_type=odd", np.pad(x, widths, mode, reflect_type="odd"), ulp=1, x=x)
            long = x[0, :3]
            case(f"pad %x, widths=[8, 11], mode={mode}, reflect_type=odd", np.pad(long, (8, 11), mode, reflect_type="odd"),
                 ulp=2, x=long)
            case(f"pad %x, widths=[2, 1], mode={mode}, reflect_type=odd", np.pad(x[0, :1], (2, 1), mode, reflect_type="odd"),
                 x=x[0, :1])


def indexed():
    i = np.array([[-7, 3, 0], [12, -1, 5]])
    for mode in ["wrap", "clip"]:
        for x in [X, I]:
            for axis in [0, 1]:
                case(f"take %x, %i, axis={axis}, mode={mode}", np.take(x, i, axis, mode=mode), x=x, i=i)
            case(f"take %x, %i, mode={mode}", np.take(x, i, mode=mode), x=x, i=i)
            y = x.copy()
            np.put(y, i, [[1, 2, 3], [4, 5, 6]], mode)
            case(f"put %x, %i, [[1, 2, 3], [4, 5, 6]], mode={mode}", y, x=x, i=i)
    list = np.array([3.0, NAN, -1.0, 7.0, 3.0])
    order = np.argsort(list, kind="stable")
    for side in ["left", "right"]:
        case(f"searchsorted %x, %y, side={side}, sorter=%i", np.searchsorted(list, X, side, order), x=list, y=X, i=order)
    case("partition %x, kth=2, axis=0", np.sort(X, 0), x=X)
    case("argpartition %x, kth=-1", np.argsort(X, kind="stable"), x=X)
    a, b, c = np.array([1, 5, 1, 4, 3, 4, 4]), np.array([9, 4, 0, 4, 0, 2, 1]), np.array([1.0, 0, 1, 1, 0, 1, 1])
    case("lexsort %a, %b, %c", np.lexsort((a, b, c)), a=a, b=b, c=c)
    case("lexsort %b, %a", np.lexsort((b, a)), a=a, b=b)
    case("lexsort %x", np.lexsort((c,)), x=c)


def small():
    z = X + 1j * (I % 2)
    for x in [X, I, z, B]:
        case("iscomplex %x", np.iscomplex(x), x=x)
        case("isreal %x", np.isreal(x), x=x)
        case("resize %x, shape=[3, 7]", np.resize(x, (3, 7)), x=x)
        case("resize %x, shape=[2]", np.resize(x, 2), x=x)
    case("resize %x, shape=[2, 2]", np.resize(EMPTY, (2, 2)), x=EMPTY)
    for x in [X[0], X[0].astype("f4"), I[0], I[0].astype("i2"), z[0]]:
        case("vander %x", np.vander(x), x=x)
        case("vander %x, N=3, increasing=true", np.vander(x, 3, True), x=x)
        case("vander %x, N=0", np.vander(x, 0), x=x)
        case("vander %x, N=1", np.vander(x, 1), x=x)
        case("polyval %p, %x", np.polyval(X[1], x), ulp=1, p=X[1], x=x)
        case("polyval %p, %x", np.polyval(I[1], x), p=I[1], x=x)
    flat = np.array([[3, 0, 23], [11, 7, 12]])
    for shape in [(2, 3, 4), (24,), (4, 6)]:
        text = str(list(shape))
        case(f"unravel_index %x, shape={text}", *np.unravel_index(flat, shape), x=flat)
    case("unravel_index %x, shape=[3, 2]", *np.unravel_index(np.int64(5), (3, 2)), x=np.int64(5))
    rows, cols = np.array([[0], [1]]), np.array([3, 0, 5])
    case("ravel_multi_index %x, %y, dims=[2, 6]", np.ravel_multi_index((rows, cols), (2, 6)), x=rows, y=cols)
    for mode in ["wrap", "clip"]:
        case(f"ravel_multi_index %x, %y, dims=[3, 4], mode={mode}", np.ravel_multi_index((rows, cols - 2), (3, 4), mode),
             x=rows, y=cols - 2)
    for k in [-1, 0, 2]:
        case(f"tril_indices n=3, k={k}, m=4", *np.tril_indices(3, k, 4))
        case(f"triu_indices n=4, k={k}", *np.triu_indices(4, k))
    case("select %c, %d, %x, %y, default=9", np.select([X > 3, X < 0], [X, I], 9), c=X > 3, d=X < 0, x=X, y=I)
    case("select %c, %d, %x, %y", np.select([COLUMN, MASK], [np.float64(1), X]), c=COLUMN, d=MASK, x=np.float64(1), y=X)
    case("select %c, %x", np.select([MASK], [np.float64(1)]), c=MASK, x=np.float64(1))
    near = X * (1 + 1e-6)
    for x, y in [(X, near), (X, X + 1e-4), (WITH_NAN, WITH_NAN), (near, I * 1.0)]:
        case("allclose %x, %y", np.array(np.allclose(x, y)), x=x, y=y)
        case("allclose %x, %y, rtol=0, atol=0.001, equal_nan=true",
             np.array(np.allclose(x, y, 0, 0.001, True)), x=x, y=y)
        case("isclose %x, %y, rtol=1e-7", np.isclose(x, y, 1e-7), x=x, y=y)
    case("nan_to_num %x, nan=1.5, posinf=9", np.nan_to_num(WITH_NAN, nan=1.5, posinf=9), x=WITH_NAN)
    case("nan_to_num %x, neginf=-1, posinf=1", np.nan_to_num(-WITH_NAN, neginf=-1, posinf=1), x=-WITH_NAN)
    case("fix %x", np.fix(X), x=X)


def main():
    print(f"# By surface.py, with NumPy {np.__version__}.")
    reduced()
    reduced_at()
    outer()
    put_at()
    scanned()
    weighted()
    interpolated()
    of_complex()
    masked()
    neighbours()
    framed()
    indexed()
    small()


if __name__ == "__main__":
    main()
