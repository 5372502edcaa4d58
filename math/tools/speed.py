"""NumPy's times beside ours, in one run: `speed.py SPEED_EXECUTABLE` prints the table of README.md, ns per element.

The executable comes from `cargo build --release -p evanesce-math --example speed`. Runs alternate; medians of five.
"""
import json
import subprocess
import sys
import time

import numpy as np

LENGTH = 4096


def arguments(name):
    low, high = -4.0, 4.0
    if name in ("exp", "exp2", "expm1", "sinh", "cosh", "sin", "cos", "tan"):
        low, high = -20.0, 20.0
    elif name in ("log", "log2", "log10", "log1p", "cbrt", "power"):
        low, high = 1e-3, 1e3
    elif name in ("arcsin", "arccos"):
        low, high = -1.0, 1.0
    i = np.arange(LENGTH, dtype=np.int64)
    return low + (high - low) * ((i * 2654435761) % LENGTH) / LENGTH


def exponents(name, x):
    return x[::-1].copy() if name != "power" else x[::-1] / 100


def numpy_time(name, dtype):
    x = arguments(name)
    args = [x.astype(dtype)]
    if name in ("arctan2", "hypot", "power"):
        args.append(exponents(name, x).astype(dtype))
    function, out = getattr(np, name), np.empty(LENGTH, dtype)
    times = []
    for _ in range(101):
        start = time.perf_counter_ns()
        for _ in range(10):
            function(*args, out=out)
        times.append((time.perf_counter_ns() - start) / (10 * LENGTH))
    return float(np.median(times))


def main(executable):
    runs = []
    for _ in range(5):
        ours = json.loads(subprocess.run([executable, "json"], capture_output=True, check=True).stdout)
        for name in ours:
            ours[name]["NumPy"] = numpy_time(name, np.float64)
            ours[name]["NumPy f32"] = numpy_time(name, np.float32)
        runs.append(ours)
    columns = [c for c in ("Avx512", "Avx2", "Baseline", "one", "pxfm", "NumPy", "f32", "NumPy f32") if c in next(iter(runs[0].values()))]
    print(f"| NumPy {np.__version__} | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name in runs[0]:
        medians = [np.median([run[name][c] for run in runs]) for c in columns]
        print(f"| {name} | " + " | ".join(f"{m:.2f}" for m in medians) + " |")


if __name__ == "__main__":
    main(sys.argv[1])
