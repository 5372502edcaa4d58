"""The sample of hardest arguments in tests/worst: `worst.py FOLDER` chooses it from a folder of files `name.csv`.

A line of such a file has arguments and value as bits in hexadecimal, the value correctly rounded. Of each file the 200 values
closest to the middle of two floats stay, by MPFR at 400 bits, and 100 lines spread over the file. Needs gmpy2.
"""
import pathlib
import struct
import sys

import gmpy2
from gmpy2 import mpfr

gmpy2.get_context().precision = 400
NAMES = "exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh cbrt erf erfc atan2 hypot pow"
CLOSEST, SPREAD = 200, 100


def float_of(field):
    return float("nan") if field == "nan" else struct.unpack(">d", bytes.fromhex(field[2:]))[0]


def from_the_middle(name, line):
    """The distance of a value from the middle of two floats, in ULP; 1 for values that need no rounding."""
    *args, rounded = (float_of(field) for field in line.split(","))
    if rounded != rounded or rounded in (0, float("inf"), float("-inf")):
        return 1.0
    args = [mpfr(x) for x in args]
    value = args[0] ** args[1] if name == "pow" else getattr(gmpy2, name)(*args)
    exponent = max(gmpy2.get_exp(value), -1021)
    scaled = abs(value) * gmpy2.exp2(53 - exponent)
    part = scaled - gmpy2.floor(scaled)
    return 1.0 if part == 0 else float(abs(part - 0.5))


def spread(lines, count):
    return [lines[i * len(lines) // count] for i in range(min(count, len(lines)))]


def write(path, header, lines, chosen):
    chosen = set(chosen)
    path.write_text("\n".join(header + [line for line in lines if line in chosen]) + "\n")


def main(folder):
    here = pathlib.Path(__file__).parent.parent / "tests" / "worst"
    here.mkdir(exist_ok=True)
    for name in NAMES.split():
        text = pathlib.Path(folder, f"{name}.csv").read_text().splitlines()
        header = [line for line in text if not line.startswith("0x")]
        lines = [line for line in text if line.startswith("0x")]
        closest = sorted(lines, key=lambda line: from_the_middle(name, line))[:CLOSEST]
        write(here / f"{name}.csv", header, lines, closest + spread(lines, SPREAD))
    name = "sincos_reduction_hard.csv"
    header, *lines = pathlib.Path(folder, name).read_text().splitlines()
    header, lines = [header, lines[0]], lines[1:]
    hardest = sorted(lines, key=lambda line: -float(line.split(",")[-1]))[:CLOSEST]
    write(here / name, header, lines, hardest + spread(lines, SPREAD))


if __name__ == "__main__":
    main(sys.argv[1])
