"""The polynomials of src/kernels: minimax fits by Remez' exchange in 60 digits, coefficients rounded to f64.

A row: name, function, weight (what the error is relative to), interval, number of coefficients. Prints Rust tables, lowest
power first, with the largest weighted error before rounding as a power of two; arguments choose rows. Of the rows in
ROUNDED the first coefficients are rounded one after the other, the rest fitted again each time. Of the rows in TAYLOR it prints Taylor
coefficients as sums of two floats. Needs mpmath.
"""
import struct
import sys

from mpmath import mp, mpf, matrix, lu_solve, exp, log, sin, cos, tan, atan, asin, sinh, cosh, tanh, atanh, sqrt, pi, cbrt, erf, erfc

mp.dps = 60


def remez(f, w, a, b, n):
    a, b = mpf(a), mpf(b)
    xs = [(a + b) / 2 + (b - a) / 2 * cos(pi * (n - i) / n) for i in range(n + 1)]
    for _ in range(12):
        m = matrix(n + 1, n + 1)
        rhs = matrix(n + 1, 1)
        for i, x in enumerate(xs):
            for j in range(n):
                m[i, j] = x**j
            m[i, n] = (-1) ** i / w(x)
            rhs[i] = f(x)
        sol = lu_solve(m, rhs)
        c = [sol[j] for j in range(n)]
        err = lambda x: (mp.polyval(c[::-1], x) - f(x)) * w(x)
        grid = [a + (b - a) * (1 - cos(pi * k / (24 * n))) / 2 for k in range(24 * n + 1)]
        es = [err(x) for x in grid]
        peaks, i = [], 0
        while i < len(grid):
            j = i
            while j + 1 < len(grid) and (es[j + 1] >= 0) == (es[i] >= 0):
                j += 1
            k = max(range(i, j + 1), key=lambda t: abs(es[t]))
            peaks.append(k)
            i = j + 1
        while len(peaks) > n + 1:
            peaks.pop(0 if abs(es[peaks[0]]) < abs(es[peaks[-1]]) else -1)
        if len(peaks) < n + 1:
            break
        xs = [grid[k] for k in peaks]
    return c, max(abs(e) for e in es)


def as_f32(x):
    return struct.unpack("f", struct.pack("f", float(x)))[0]


def rounded(f, w, a, b, n, count, round_one):
    """As remez, with the first coefficients rounded. Close to 0, where dividing by x takes a rounding error up, nothing is asked."""
    a = mpf("0.003") if a == 0 else a
    c, _ = remez(f, w, a, b, n)
    first = []
    for i in range(count):
        first.append(mpf(round_one(c[0])))
        f, w = (lambda x, f=f, c=first[i]: (f(x) - c) / x), (lambda x, w=w: w(x) * abs(x))
        c, e = remez(f, w, a, b, n - 1 - i)
    return first + c, e


def at_zero(f, limit):
    return lambda x: f(x) if abs(x) > mpf(10) ** -12 else mpf(limit)


def scaled_erfc(t):
    """(1 + 2x) exp(x^2) erfc(x), less a short number close to it, at x = 4 (1 + t) / (1 - t)."""
    x = 4 * (1 + t) / (1 - t)
    return (1 + 2 * x) * exp(x * x) * erfc(x) - mpf("1.25")


def place(x):
    """The t of an x above."""
    return (mpf(x) - 4) / (mpf(x) + 4)


def erf_far(y):
    """The logarithm of erfc(1 + y), negative, less a short number close to it at 0."""
    return -log(erfc(1 + y)) - mpf("1.875")


def stirling(w):
    """What Stirling's formula leaves of the logarithm of gamma, times y, at y = 1 / sqrt(w)."""
    y = 1 / sqrt(mpf(w))
    return y * (mp.loggamma(y) - (y - mpf(1) / 2) * log(y) + y - log(2 * pi) / 2)


def gammaln_at_two(t):
    """What the slope 1 - Euler's constant leaves of the logarithm of gamma at 2 + t, over t^2."""
    return (mp.loggamma(2 + t) / t - (1 - mp.euler)) / t if abs(t) > mpf(10) ** -12 else (pi**2 / 6 - 1) / 2


half_tan = at_zero(lambda z: (2 * tan(sqrt(z) / 2) / sqrt(z) - 1) / z, mpf(1) / 12)
erf_part = at_zero(lambda z: (erf(sqrt(z)) / sqrt(z) - 2 / sqrt(pi)) / z, -2 / sqrt(pi) / 3)
half_ln2 = log(mpf(2)) / 2 * mpf("1.0001")
ROWS = [
    ("EXP", at_zero(lambda r: (exp(r) - 1 - r) / r**2, "0.5"), lambda r: r * r / exp(r) if r else mpf(10) ** -30, -half_ln2, half_ln2, 11),
    ("LOG", at_zero(lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, mpf(2) / 3), lambda z: z if z else mpf(10) ** -30, 0, (sqrt(mpf(2)) - 1) ** 2 / (sqrt(mpf(2)) + 1) ** 2 * mpf("1.0001"), 7),
    ("LOG_TAIL", at_zero(lambda z: (((2 * atanh(sqrt(z)) / sqrt(z) - 2) / z - mpf(2) / 3) / z - mpf(2) / 5) / z, mpf(2) / 7), lambda z: z**3 / 2, 0, (sqrt(mpf(2)) - 1) ** 2 / (sqrt(mpf(2)) + 1) ** 2 * mpf("1.0001"), 7),
    ("SIN", at_zero(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 6), lambda z: z, 0, (pi / 4) ** 2 * mpf("1.0001"), 6),
    ("COS", at_zero(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(1) / 24), lambda z: z * z, 0, (pi / 4) ** 2 * mpf("1.0001"), 6),
    ("ASIN", at_zero(lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z, mpf(1) / 6), lambda z: z, 0, mpf("0.25"), 14),
    ("ATAN", at_zero(lambda w: (atan(sqrt(w)) / sqrt(w) - 1) / w, -mpf(1) / 3), lambda w: w, 0, mpf("0.0626"), 9),
    ("CBRT", lambda m: 1 / cbrt(m), lambda m: cbrt(m), 1, 2, 6),
    ("ERF", erf_part, lambda z: z, 0, mpf("0.5625"), 10),
    ("ERF_FAR", erf_far, lambda y: erfc(1 + y), "-0.25", "4.95", 19),
    ("ERFC", scaled_erfc, lambda t: 1, place("0.5"), place("27.4"), 23),
    ("STIRLING", stirling, lambda w: sqrt(w), mpf(1) / 40000, mpf(1) / 64, 6),
    ("HALF_TAN", half_tan, lambda z: z, 0, (pi / 4) ** 2 * mpf("1.0001"), 9),
    ("GAMMALN", gammaln_at_two, lambda t: abs(t) * 3, "-0.5", "0.5", 18),
    # For f32, computed in f64.
    ("EXP_NARROW", at_zero(lambda r: (exp(r) - 1 - r) / r**2, "0.5"), lambda r: r * r / exp(r) if r else mpf(10) ** -30, -half_ln2, half_ln2, 7),
    ("LOG_NARROW", at_zero(lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, mpf(2) / 3), lambda z: z if z else mpf(10) ** -30, 0, (sqrt(mpf(2)) - 1) ** 2 / (sqrt(mpf(2)) + 1) ** 2 * mpf("1.0001"), 5),
    ("LOG2_NARROW", at_zero(lambda z: 2 * atanh(sqrt(z)) / sqrt(z) / log(mpf(2)), 2 / log(mpf(2))), lambda z: log(mpf(2)) / 2, 0, (sqrt(mpf(2)) - 1) ** 2 / (sqrt(mpf(2)) + 1) ** 2 * mpf("1.0001"), 5),
    ("EXP2_NARROW", lambda f: mpf(2) ** f, lambda f: mpf(2) ** -f, "-0.5", "0.5", 7),
    ("SIN_NARROW", at_zero(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 6), lambda z: z, 0, (pi / 4) ** 2 * mpf("1.0001"), 4),
    ("COS_NARROW", at_zero(lambda z: (cos(sqrt(z)) - 1) / z, -mpf(1) / 2), lambda z: z, 0, (pi / 4) ** 2 * mpf("1.0001"), 5),
    ("ATAN_NARROW", at_zero(lambda w: (atan(sqrt(w)) / sqrt(w) - 1) / w, -mpf(1) / 3), lambda w: w, 0, mpf("0.0626"), 5),
    ("ERF_NARROW", erf_part, lambda z: z, 0, mpf("0.5625"), 6),
    ("ERF_FAR_NARROW", erf_far, lambda y: erfc(1 + y), "-0.25", "3", 11),
    ("ERFC_NARROW", scaled_erfc, lambda t: 1, place("0.5"), place("10.1"), 13),
    ("STIRLING_NARROW", stirling, lambda w: sqrt(w), mpf(1) / 40000, mpf(1) / 64, 4),
    # For f32, computed in f32.
    ("EXP_SINGLE", at_zero(lambda r: (exp(r) - 1 - r) / r**2, "0.5"), lambda r: r * r / exp(r) if r else mpf(10) ** -30, -half_ln2, half_ln2, 5),
    ("LOG_SINGLE", at_zero(lambda f: (log(1 + f) - f) / f**2, -0.5), lambda f: abs(f), 1 / sqrt(mpf(2)) - 1, sqrt(mpf(2)) - 1, 10),
    ("EXPM1_SINGLE", at_zero(lambda r: (exp(r) - 1 - r) / r**2, "0.5"), lambda r: abs(r), -half_ln2, half_ln2, 6),
    ("EXP2_SINGLE", at_zero(lambda f: (mpf(2) ** f - 1) / f, log(mpf(2))), lambda f: abs(f) / mpf(2) ** f, "-0.5001", "0.5001", 6),
    ("SINH_SINGLE", at_zero(lambda z: (sinh(sqrt(z)) / sqrt(z) - 1) / z, mpf(1) / 6), lambda z: z, 0, half_ln2**2, 3),
    ("COSH_SINGLE", at_zero(lambda z: (cosh(sqrt(z)) - 1) / z, "0.5"), lambda z: z, 0, half_ln2**2, 3),
    ("LOG2_SINGLE", at_zero(lambda f: (log(1 + f) - f) / f**2 / log(mpf(2)), -0.5 / log(mpf(2))), lambda f: abs(f), -mpf(1) / 3, mpf(1) / 3, 10),
    ("LOG10_SINGLE", at_zero(lambda f: (log(1 + f) - f) / f**2 / log(mpf(10)), -0.5 / log(mpf(10))), lambda f: abs(f) * 2, 1 / sqrt(mpf(2)) - 1, sqrt(mpf(2)) - 1, 10),
    ("SIN_SINGLE", at_zero(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 6), lambda z: z, 0, (pi / 4) ** 2 * mpf("1.0001"), 3),
    ("COS_SINGLE", at_zero(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(1) / 24), lambda z: z * z, 0, (pi / 4) ** 2 * mpf("1.0001"), 3),
    ("HALF_TAN_SINGLE", half_tan, lambda z: z, 0, (pi / 4) ** 2 * mpf("1.0001"), 4),
    ("ASIN_SINGLE", at_zero(lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z, mpf(1) / 6), lambda z: z, 0, mpf("0.25"), 5),
    ("ATAN_SINGLE", at_zero(lambda w: (atan(sqrt(w)) / sqrt(w) - 1) / w, -mpf(1) / 3), lambda w: w, 0, 1, 10),
    ("CBRT_SINGLE", at_zero(lambda h: (1 / cbrt(1 - h) - 1) / h, mpf(1) / 3), lambda h: abs(h), "-0.1035", "0.1035", 3),
    ("TANH_SINGLE", at_zero(lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z, -mpf(1) / 3), lambda z: z, 0, mpf("0.36"), 5),
]

ROUNDED = {"SIN_SINGLE": 1, "COS_SINGLE": 1, "ASIN_SINGLE": 1, "ATAN_SINGLE": 3, "SINH_SINGLE": 1, "TANH_SINGLE": 1}

# Name, the coefficient of a power, the first and the last power.
TAYLOR = [("GAMMALN_AT_SIX", lambda k: mp.psi(k - 1, 6) / mp.factorial(k), 1, 30)]

if __name__ == "__main__":
    for name, f, w, a, b, n in (row for row in ROWS if len(sys.argv) == 1 or row[0] in sys.argv):
        weight = lambda x, w=w: max(w(x), mpf(10) ** -25)
        round_one = as_f32 if name.endswith("_SINGLE") else float
        c, e = rounded(f, weight, a, b, n, ROUNDED[name], round_one) if name in ROUNDED else remez(f, weight, a, b, n)
        print(f"/// Weighted error 2^{float(mp.log(e, 2)):.1f}.")
        print(f"pub(crate) const {name}: [{'f32' if name.endswith('_SINGLE') else 'f64'}; {n}] = [")
        for k in c:
            print(f"    {float(k)!r},")
        print("];")
    for name, coefficient, first, last in (row for row in TAYLOR if len(sys.argv) == 1 or row[0] in sys.argv):
        print(f"pub(crate) const {name}: [(f64, f64); {last - first + 1}] = [")
        for c in map(coefficient, range(first, last + 1)):
            print(f"    ({float(c)!r}, {float(c - mpf(float(c)))!r}),")
        print("];")
