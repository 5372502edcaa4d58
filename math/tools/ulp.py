"""The largest error of each function in fractions of a ULP, against MPFR at 160 bits: `ulp.py POINTS_EXECUTABLE [COUNT [NAME]]`.

Needs gmpy2. The arguments come from `cargo build --release -p evanesce-math --example points`.
"""
import struct
import subprocess
import sys

import gmpy2
from gmpy2 import mpfr

gmpy2.get_context().precision = 160
RANGES = {
    "exp": [(-1, 1), (-700, 700)], "exp2": [(-1, 1), (-1000, 1000)], "expm1": [(-1, 1), (-5, 5), (-40, 700)],
    "log": [(0.5, 2), (0.9, 1.1), (1e-3, 1e3)], "log2": [(0.5, 2), (0.9, 1.1), (1e-3, 1e3)],
    "log10": [(0.5, 2), (0.9, 1.1), (1e-3, 1e3)], "log1p": [(-0.9, 1), (-0.1, 0.1), (1e-3, 1e3)],
    "sin": [(-1, 1), (-10, 10), (-1e8, 1e8), (1e9, 1e12)], "cos": [(-1, 1), (-10, 10), (-1e8, 1e8), (1e9, 1e12)],
    "tan": [(-1, 1), (-10, 10), (-1e8, 1e8), (1e9, 1e12)],
    "arcsin": [(-1, 1), (0.4, 0.6)], "arccos": [(-1, 1), (0.4, 0.6)], "arctan": [(-1, 1), (-10, 10)],
    "sinh": [(-1, 1), (-5, 5), (-700, 700)], "cosh": [(-1, 1), (-5, 5), (-700, 700)], "tanh": [(-1, 1), (-5, 5), (-20, 20)],
    "arcsinh": [(-1, 1), (-0.1, 0.1), (-20, 20), (1e3, 1e12)], "arccosh": [(1, 1.1), (1, 2), (1, 20), (1e3, 1e12)],
    "arctanh": [(-1, 1), (-0.1, 0.1), (0.9, 1)], "erf": [(-1, 1), (0.8, 1.2), (1, 6)],
    "erfc": [(-1, 1), (0.4, 1.2), (-6, 6), (6, 26.5)],
    "expit": [(-1, 1), (-40, 40), (-700, 0)], "logit": [(0, 1), (0.4, 0.6), (0, 1e-6)],
    "gammaln": [(0, 3), (3, 200), (-3, -2), (-10, 0), (-170, -10)],
    "gamma": [(0, 1), (0.5, 8), (8, 171), (-8, 0), (-170, 0)],
    "cbrt": [(1, 8), (-1e3, 1e3)], "arctan2": [(-1, 1), (-4, 4)], "hypot": [(-1, 1), (1, 2)],
    "power": [(0.5, 1.5), (1e-3, 10), (1, 140)],
}
BY_FORMULA = {"gammaln": lambda x: gmpy2.lgamma(x)[0], "expit": lambda x: 1 / (1 + gmpy2.exp(-x)), "logit": lambda x: gmpy2.log(x / (1 - x))}
TRUTH = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh"}


def float_of(bits):
    return struct.unpack(">d", bytes.fromhex(bits))[0]


def main(executable, count, only):
    for name, ranges in RANGES.items():
        if only not in (None, name):
            continue
        truth = pow if name == "power" else BY_FORMULA.get(name) or getattr(gmpy2, TRUTH.get(name, name))
        binary = name in ("arctan2", "hypot", "power")
        worst = []
        for low, high in ranges:
            out = subprocess.run([executable, name, str(low), str(high), str(count)], capture_output=True, check=True)
            most = 0
            for line in out.stdout.decode().splitlines():
                x, y, value = map(float_of, line.split())
                exact = truth(mpfr(x), mpfr(y)) if binary else truth(mpfr(x))
                if exact == 0:
                    continue
                # 2^(e-53) is a ULP of 2^(e-1) <= |exact| < 2^e.
                error = abs(mpfr(value) - exact) / gmpy2.exp2(gmpy2.get_exp(exact) - 53)
                most = max(most, float(error))
            worst.append(most)
        print(f"{name:8} {max(worst):.3f}   " + "  ".join(f"[{a}, {b}] {w:.3f}" for (a, b), w in zip(ranges, worst)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000, sys.argv[3] if len(sys.argv) > 3 else None)
