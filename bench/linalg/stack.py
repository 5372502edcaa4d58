"""Stacks of 1000 small matrices, NumPy's and ours, by turns; medians in microseconds a stack, and their ratios.

    cargo build --release -p evanesce-runtime --example stacks
    OPENBLAS_NUM_THREADS=1 python bench/linalg/stack.py target/release/examples/stacks [complex]
"""

import statistics
import subprocess
import sys
import time

import numpy as np

ORDERS = [2, 3, 4, 6, 8, 10, 12, 16]
NAMES = ["inv", "solve", "cholesky", "det"]


def median(f):
    times = []
    for _ in range(21):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


random = np.random.default_rng(0)
kind = sys.argv[2] if len(sys.argv) > 2 else "functions"
stacks = {}
for n in ORDERS:
    a = random.random((1000, n, n)) - 0.5
    if kind == "complex":
        a = a + 1j * (random.random((1000, n, n)) - 0.5)
    stacks[n] = a, a @ a.conj().swapaxes(1, 2) + n * np.eye(n)
numpy, ours = {}, {}
for _ in range(7):
    for n, (a, spd) in stacks.items():
        calls = [
            lambda: np.linalg.inv(a),
            lambda: np.linalg.solve(a, spd),
            lambda: np.linalg.cholesky(spd),
            lambda: np.linalg.det(a),
        ]
        numpy.setdefault(n, []).append([median(call) for call in calls])
    output = subprocess.run([sys.argv[1], kind], capture_output=True, check=True, text=True).stdout
    for line in output.splitlines():
        n, *times = line.split()
        ours.setdefault(int(n), []).append([float(x) for x in times])
print(f"NumPy {np.__version__} / ours / ratio", *NAMES)
for n in ORDERS:
    pairs = [[statistics.median(column) for column in zip(*rows[n])] for rows in (numpy, ours)]
    print(n, *(f"{theirs:.0f} / {mine:.0f} / {theirs / mine:.1f}" for theirs, mine in zip(*pairs)))
