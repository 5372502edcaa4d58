"""The default problem of examples/ekf against plain NumPy on the same data: one run of each in turn, medians of both.

    cargo build --release --example ekf && python bench/ekf/bench.py [--rounds N] [--steps N]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# NumPy brings an OpenBLAS of its own: it chooses its kernels for this machine, whatever the environment says for others.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import numpy as np  # noqa: E402  (after the environment)
import reference  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def example():
    """The built example."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = target / "release" / "examples" / "ekf"
    if not path.exists():
        sys.exit(f"{path} is not there: cargo build --release --example ekf")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="runs of each")
    parser.add_argument("--steps", type=int, default=10_000, help="steps of a run")
    options = parser.parse_args()
    binary = example()

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ekf.bin"
        subprocess.run([binary, "--steps", str(options.steps), "--write", file], check=True)
        data = reference.load(file)

        def ours():
            text = subprocess.run([binary, "--file", file, "--json"], check=True, capture_output=True, text=True).stdout
            return json.loads(text)

        # Equal first: a fast wrong answer is no answer. This is also the warm-up.
        state, _ = reference.run(data)
        difference = float(np.max(np.abs(state - np.array(ours()["final_state"]))))
        if not difference <= 1e-8:
            sys.exit(f"the final states differ by {difference:.1e}, more than 1e-8")

        numpy_us, ours_us, compile_ms = [], [], []
        for number in range(options.rounds):
            numpy_us.append(reference.run(data)[1])
            one = ours()
            ours_us.append(one["us_per_step"])
            compile_ms.append(one["compile_ms"])
            if sys.stderr.isatty():
                print(f"\rround {number + 1} of {options.rounds}", end="", file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)

    def row(name, values, digits):
        median = statistics.median(values)
        print(f"{name:<28} {median:>10.{digits}f} {min(values):>10.{digits}f} {max(values):>10.{digits}f}")
        return median

    print(f"{options.steps} steps, {options.rounds} runs of each in turn; final states differ by {difference:.1e}")
    print(f"{'':<28} {'median':>10} {'least':>10} {'most':>10}")
    slow = row(f"NumPy {np.__version__}, us per step", numpy_us, 2)
    fast = row("Evanesce, us per step", ours_us, 2)
    row("Evanesce, compile in ms", compile_ms, 1)
    print(f"{'ratio of the medians':<28} {slow / fast:>10.1f}")


if __name__ == "__main__":
    main()
