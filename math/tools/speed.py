"""NumPy's times beside ours, in one run: `speed.py SPEED_EXECUTABLE [NAME...]` prints the tables of README.md, ns per element.

The executable comes from `cargo build --release -p evanesce-math --example speed`. Runs alternate; medians of five. The error
functions' and gamma's peer is SciPy. Needs numpy and scipy.
"""
import json
import subprocess
import sys
import time

import numpy as np

try:
    import scipy.special
except ImportError:
    scipy = None

LENGTH = 4096
# Functions of the short table: those that programs use most.
TARGETS = ["exp", "log", "tanh", "sin", "cos", "tan", "power", "erf"]


def arguments(name):
    low, high = -4.0, 4.0
    if name in ("exp", "exp2", "expm1", "sinh", "cosh", "sin", "cos", "tan"):
        low, high = -20.0, 20.0
    elif name in ("log", "log2", "log10", "log1p", "cbrt", "gammaln", "power"):
        low, high = 1e-3, 1e3
    elif name in ("arcsin", "arccos", "arctanh"):
        low, high = -1.0, 1.0
    elif name == "logit":
        low, high = 0.0, 1.0
    elif name == "arccosh":
        low, high = 1.0, 1e3
    i = np.arange(LENGTH, dtype=np.int64)
    return low + (high - low) * ((i * 2654435761) % LENGTH) / LENGTH


def exponents(name, x):
    return x[::-1].copy() if name != "power" else x[::-1] / 100


def aligned(values, dtype):
    """An array that begins with a cache line."""
    space = np.empty(LENGTH * np.dtype(dtype).itemsize + 64, np.uint8)
    start = -space.ctypes.data % 64
    array = space[start : start + LENGTH * np.dtype(dtype).itemsize].view(dtype)
    array[:] = values
    return array


def numpy_time(name, dtype):
    x = arguments(name)
    args = [aligned(x, dtype)]
    if name in ("arctan2", "hypot", "power"):
        args.append(aligned(exponents(name, x), dtype))
    function, out = getattr(np, name, None) or getattr(scipy and scipy.special, name, None), aligned(0, dtype)
    if function is None:
        return float("nan")
    times = []
    for _ in range(101):
        start = time.perf_counter_ns()
        for _ in range(10):
            function(*args, out=out)
        times.append((time.perf_counter_ns() - start) / (10 * LENGTH))
    return float(np.median(times))


def table(title, columns, rows):
    print(f"| {title} | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, cells in rows:
        print(f"| {name} | " + " | ".join(f"{cell:.2f}" for cell in cells) + " |")
    print()


def main(executable, names):
    runs = []
    for _ in range(5):
        ours = json.loads(subprocess.run([executable, "json", *names], capture_output=True, check=True).stdout)
        for name in ours:
            ours[name]["NumPy"] = numpy_time(name, np.float64)
            ours[name]["NumPy f32"] = numpy_time(name, np.float32)
        runs.append(ours)
    medians = {name: {c: np.median([run[name][c] for run in runs]) for c in runs[0][name]} for name in runs[0]}
    best = next(target for target in ("Avx512", "Avx2", "Baseline") if target in next(iter(medians.values())))
    print(f"NumPy {np.__version__}, SciPy {scipy.__version__ if scipy else 'missing'}\n")
    targets = [name for name in TARGETS if name in medians]
    columns = ["f64", "NumPy", "ratio", "f32", "NumPy", "ratio"]
    pairs = [(best, "NumPy"), ("f32", "NumPy f32")]
    cells = [[x for a, b in pairs for x in (medians[n][a], medians[n][b], medians[n][a] / medians[n][b])] for n in targets]
    table("", columns, zip(targets, cells))
    columns = [c for c in ("Avx512", "Avx2", "Baseline", "one", "pxfm", "NumPy", "f32", "NumPy f32") if c in next(iter(medians.values()))]
    table("", columns, [(name, [medians[name][c] for c in columns]) for name in medians])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
