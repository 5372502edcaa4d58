"""A stack of 1000 inverses of 10 x 10, NumPy's and ours, by turns; the medians and their ratio.

    cargo build --release -p evanesce-runtime --example linalg_speed
    OPENBLAS_NUM_THREADS=1 python bench/linalg/stack.py target/release/examples/linalg_speed
"""

import statistics
import subprocess
import sys
import time

import numpy as np

i, j = np.indices((10, 10))
matrix = np.where(i == j, 2.0 + 10 / 8, 1.0 / (1.0 + abs(i - j)))
stack = matrix + 1e-4 * np.arange(1000)[:, None, None]
numpy, ours = [], []
for _ in range(11):
    times = []
    for _ in range(21):
        start = time.perf_counter()
        np.linalg.inv(stack)
        times.append(time.perf_counter() - start)
    numpy.append(statistics.median(times))
    ours.append(float(subprocess.run([sys.argv[1], "stack"], capture_output=True, check=True, text=True).stdout))
numpy, ours = statistics.median(numpy) * 1e6, statistics.median(ours) * 1e6
print(f"NumPy {np.__version__}: {numpy:.0f} us, ours {ours:.0f} us, ratio {numpy / ours:.1f}")
