"""Writes golden.txt: what NumPy makes of special values, for tests/numpy.rs.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python make.py > golden.txt

Lines are words:
    ufuncs NAME...                          every ufunc that NumPy exports
    values KEY HEX...                       operands, as bits
    op TEXT DTYPE KEY RESULT_DTYPE HEX...   results of `TEXT %x` for each value of KEY, or of `TEXT %x, %y` for each pair
                                            of values of a KEY that begins with "pairs", the first operand slowest
A second result is a further line of the same op. Results of functions that IEEE 754 does not make exact are NumPy's where
they are special (NaN, infinite, zero), elsewhere the true value rounded, by mpmath, of which NumPy's own is near.
"""

import numpy as np
import mpmath as mp

mp.mp.prec = 1200
np.seterr(all="ignore")

INTEGERS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"]
SHORT = {"f8": "f64", "f4": "f32", "b1": "bool", "c8": "c64", "c16": "c128"}
SHORT |= {f"{d[0]}{int(d[1:]) // 8}": d for d in INTEGERS}
DTYPE = {short: np.dtype(name) for name, short in SHORT.items()}


def word(x):
    """The bits of an element, in the order of memory; the one NaN of a float, and of a complex number's part."""
    if isinstance(x, np.complexfloating):
        re, im = (np.array(np.nan if np.isnan(p) else p, p.dtype) for p in (x.real, x.imag))
        return format(int.from_bytes(re.tobytes() + im.tobytes(), "little"), "x")
    if isinstance(x, np.floating) and np.isnan(x):
        return "nan"
    return format(int.from_bytes(x.tobytes(), "little"), "x")


def hexes(array):
    array = np.atleast_1d(np.asarray(array))
    return [SHORT[array.dtype.str[1:]]] + [word(x) for x in array]


def call(f, *operands):
    """NumPy's results; where it has float16, those of float32."""
    results = f(*operands)
    if any(r.dtype == np.float16 for r in (results if isinstance(results, tuple) else (results,))):
        return call(f, *(x.astype(np.float32) for x in operands))
    return results


BOTH = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 2.0, -2.0, 3.0, 10.0, -10.0, 0.1, -0.1, 1e-8, -1e-8,
        np.inf, -np.inf, np.nan, np.pi, np.pi / 2, 1e22, 88.8, -104.0, 0.25, 20.5, -0.3, 27.0, 1e-3, 34.5, -3.75]
F64 = BOTH + [5e-324, -5e-324, 2.2250738585072014e-308, 2.225e-308, np.finfo("f8").max, -np.finfo("f8").max, 1e-300,
              709.78, -745.2, 1023.5, -1074.0, np.nextafter(1, 0), np.nextafter(1, 2), 4503599627370497.5, 2.0**53 + 2,
              170.6, 1e300, -1e300]
F32 = BOTH + [1e-45, -1e-45, 1.17549435e-38, 1.1e-38, np.finfo("f4").max, -np.finfo("f4").max, 1e-30, 127.9, -149.0,
              np.nextafter(np.float32(1), np.float32(0)), np.nextafter(np.float32(1), np.float32(2)), 8388609.0, 35.0]
I64 = [0, 1, -1, 2, -2, 3, -3, 7, -7, 10, 12, 18, 55, 63, 64, 65, -64, 2**31, 2**53 + 1, -2**63, 2**63 - 1, -2**63 + 1]
C = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.25, -30.0, np.inf, -np.inf, np.nan]
C_PAIRS = [complex(x, y) for x in [0.0, -0.0, 1.0, -2.5, np.inf, np.nan] for y in [0.0, -0.0, 0.5, -3.0, -np.inf]]
VALUES = {
    "f64": np.array(F64, "f8"),
    "f32": np.array(F32).astype("f4"),
    "i64": np.array(I64, "i8"),
    "bool": np.array([False, True]),
    "c128": np.array([complex(x, y) for x in C for y in C]),
    "c64": np.array([complex(x, y) for x in C for y in C]).astype("c8"),
    "pairs_f64": np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, -7.5, 1e-310, 5e-324, np.finfo("f8").max, np.inf,
                           -np.inf, np.nan, 1e22, 2.5], "f8"),
    "pairs_f32": np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, -7.5, 1e-40, 1e-45, np.finfo("f4").max, np.inf,
                           -np.inf, np.nan, 1e22, 2.5]).astype("f4"),
    "pairs_i64": np.array([0, 1, -1, 2, -2, 3, -3, 7, -7, 12, 63, 64, -2**63, 2**63 - 1, 2**53 + 1], "i8"),
    "pairs_bool": np.array([False, True]),
    "pairs_c128": np.array(C_PAIRS),
    "pairs_c64": np.array(C_PAIRS).astype("c8"),
}
for d in INTEGERS:
    limits = np.iinfo(DTYPE[d])
    if d != "i64":
        fitting = [x for x in I64 if limits.min <= x <= limits.max]
        VALUES[d] = np.array(fitting + [limits.min, limits.max, limits.max - 1], DTYPE[d])
        few = [x for x in [0, 1, 2, 3, -1, -2, 7, -7, limits.bits - 1, limits.bits] if x >= limits.min]
        VALUES["pairs_" + d] = np.array(few + [limits.min, limits.max], DTYPE[d])

# Of dtypes: f floating, i integer, b bool, c complex.
EXACT = {
    "c": "negative conjugate real imag square rint isfinite isnan isinf logical_not",
    "bfi": "absolute floor ceil trunc isfinite isnan isinf logical_not",
    "fi": "negative positive sign square sqrt reciprocal rint signbit spacing fabs nan_to_num modf frexp",
    "f": "deg2rad rad2deg",
    "bi": "invert bitwise_count",
}
EXACT_PAIRS = {
    "c": "add subtract multiply divide maximum minimum fmax fmin equal not_equal less less_equal greater greater_equal "
         "logical_and logical_or",
    "bfi": "add multiply maximum minimum fmax fmin equal not_equal less less_equal greater greater_equal logical_and "
           "logical_or logical_xor isclose",
    "fi": "subtract divide floor_divide remainder fmod divmod copysign nextafter heaviside",
    "bi": "bitwise_and bitwise_or bitwise_xor",
    "i": "gcd lcm left_shift right_shift",
    "b": "floor_divide remainder left_shift right_shift",
}
# Of complex numbers NumPy's results, compared by the distance in the plane.
COMPLEX = ("absolute angle sign reciprocal sqrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh "
           "cosh tanh arcsinh arccosh arctanh")
TRUE = {
    "exp": mp.exp, "exp2": lambda x: mp.power(2, x), "expm1": mp.expm1, "log": mp.log, "log1p": mp.log1p,
    "log2": lambda x: mp.log(x, 2), "log10": mp.log10, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan,
    "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "arcsinh": mp.asinh, "arccosh": mp.acosh, "arctanh": mp.atanh,
}
TRUE_PAIRS = {
    "power": mp.power, "arctan2": mp.atan2, "hypot": lambda x, y: mp.sqrt(x * x + y * y),
    "logaddexp": lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
    "logaddexp2": lambda x, y: max(x, y) + mp.log1p(mp.power(2, -abs(x - y))) / mp.log(2),
}
TRUE_PAIRS["float_power"] = mp.power


def special(x, f, at):
    """A function of scipy.special, whose special values are given."""
    for known, value in at:
        if x == known and np.signbit(x) == np.signbit(known):
            return np.array(value).astype(x.dtype)
    return x if np.isnan(x) else rounded(f(mp.mpf(float(x))), x.dtype)


def pole(x, f, value):
    return value if x < 0 and x == mp.floor(x) else f(x)


def fast_erfc(x):
    return mp.erfc(x) if x < 30 else mp.mpf(0)


INF, NAN = np.inf, np.nan
SPECIAL = {
    "expit": (lambda x: 1 / (1 + mp.exp(-x)), [(INF, 1), (-INF, 0)]),
    "logit": (lambda x: mp.log(x / (1 - x)) if 0 < x < 1 else mp.nan,
              [(0.0, -INF), (-0.0, -INF), (1.0, INF), (INF, NAN), (-INF, NAN)]),
    "erf": (lambda x: mp.erf(x) if abs(x) < 30 else mp.sign(x), [(INF, 1), (-INF, -1), (-0.0, -0.0)]),
    "erfc": (lambda x: fast_erfc(x) if x > -30 else mp.mpf(2), [(INF, 0), (-INF, 2)]),
    "gamma": (lambda x: pole(x, lambda x: mp.gamma(x) if x < 1e4 else mp.inf, mp.nan) if x > -1e4 else mp.nan,
              [(0.0, INF), (-0.0, -INF), (INF, INF), (-INF, NAN)]),
    "gammaln": (lambda x: pole(x, lambda x: mp.re(mp.loggamma(x)), mp.inf),
                [(0.0, INF), (-0.0, INF), (INF, INF), (-INF, INF)]),
    "digamma": (lambda x: pole(x, mp.digamma, mp.nan), [(0.0, -INF), (-0.0, INF), (INF, INF), (-INF, NAN)]),
}


def rounded(value, dtype):
    if isinstance(value, mp.mpc):
        value = mp.nan if value.imag else value.real
    try:
        return np.array(float(value)).astype(dtype)
    except OverflowError:
        return np.array(INF if value > 0 else -INF).astype(dtype)


def true(name, f, numpys, operands):
    """NumPy's result where it or an operand is special, elsewhere the true value."""
    if not all(np.isfinite(x) and x != 0 for x in [numpys, *operands]):
        return numpys
    exact = rounded(f(*[mp.mpf(float(x)) for x in operands]), numpys.dtype)
    scale = max([abs(exact)] + ([abs(x) for x in operands] if name.startswith("logaddexp") else []))
    near = abs(exact - numpys) <= 4 * np.spacing(scale)
    assert near, (name, operands, numpys, exact)
    return exact


def emit(name, key, results):
    for result in results if isinstance(results, tuple) else (results,):
        print("op", name, key, *hexes(result))


KEYS = {"f": ["f64", "f32"], "i": INTEGERS, "b": ["bool"], "c": ["c128", "c64"]}


def keys(letters, prefix=""):
    return [prefix + d for letter in letters for d in KEYS[letter]]


def grid(values):
    return np.repeat(values, len(values)), np.tile(values, len(values))


def main():
    print(f"# By make.py, with NumPy {np.__version__} and mpmath {mp.__version__}.")
    print("ufuncs", *[n for n in dir(np) if isinstance(getattr(np, n), np.ufunc)])
    for key, values in VALUES.items():
        print("values", key, *hexes(values))
    for letters, names in EXACT.items():
        for name in names.split():
            for key in keys(letters):
                emit(name, key, call(getattr(np, name), VALUES[key]))
    for decimals in [0, 1, 3, -1]:
        for key in keys("f" if decimals >= 0 else "fi"):
            emit(f"round,decimals={decimals}", key, np.round(VALUES[key], decimals))
    for letters, names in EXACT_PAIRS.items():
        for name in names.split():
            for key in keys(letters, "pairs_"):
                emit(name, key, call(getattr(np, name), *grid(VALUES[key])))
    for name in COMPLEX.split():
        for key in keys("c"):
            emit(name, key, getattr(np, name)(VALUES[key]))
    for key in keys("c", "pairs_"):
        emit("power", key, np.power(*grid(VALUES[key])))
    for name, f in TRUE.items():
        for key in keys("f"):
            results = getattr(np, name)(VALUES[key])
            emit(name, key, np.array([true(name, f, r, [x]) for r, x in zip(results, VALUES[key])]))
    for name, f in TRUE_PAIRS.items():
        for key in keys("f", "pairs_"):
            x, y = grid(VALUES[key])
            results = getattr(np, name)(x, y)
            emit(name, key, np.array([true(name, f, r, pair) for r, *pair in zip(results, x, y)]))
    for key in ["f64", "f32"]:
        for n in [0, 1, -1, 3, -60, 200, -200, 1030, -1080, 2100, -2100]:
            emit(f"ldexp,{n}", key, np.ldexp(VALUES[key], n))
    for name, (f, at) in SPECIAL.items():
        for key in keys("f"):
            emit(name, key, np.array([special(x, f, at) for x in VALUES[key]]))


main()
