"""Writes matrices.tsv: classical matrices with what is known of them exactly, for tests/matrices.rs.

    python3 matrices.py > matrices.tsv          (with mpmath)

Columns: name, order, facts (`symmetric`, `spd` or `-`), growth of the elements in LU with partial pivoting, condition number
in the 2-norm, determinant, singular values, elements, a right-hand side, the solution, the inverse. The last four are bits of
f64, of the exact values rounded; exact they are by fractions, singular values by 60 digits.
"""

import struct
from fractions import Fraction
from math import comb, cos, sin

import mpmath as mp

mp.mp.dps = 60


def bits(x):
    return struct.pack(">d", float(x)).hex()


def kahan(n, angle):
    c, s = cos(angle), sin(angle)
    return lambda i, j: 0.0 if j < i else s**i * (1.0 if i == j else -c)


def frank(n):
    return lambda i, j: float(n - max(i, j)) if j >= i - 1 else 0.0


def inverse_hilbert(n):
    return lambda i, j: float((-1) ** (i + j) * (i + j + 1) * comb(n + i, n - j - 1) * comb(n + j, n - i - 1) * comb(i + j, i) ** 2)


def second_difference(scale):
    return lambda i, j: scale * [2.0, 1.0, 0.0][min(abs(i - j), 2)]


MATRICES = [
    ("hilbert_3", 3, lambda i, j: 1.0 / (i + j + 1)),
    ("hilbert_10", 10, lambda i, j: 1.0 / (i + j + 1)),
    ("invhilbert_6", 6, inverse_hilbert(6)),
    ("frank_8", 8, frank(8)),
    ("lotkin_5", 5, lambda i, j: 1.0 if i == 0 else 1.0 / (i + j + 1)),
    ("pascal_5", 5, lambda i, j: float(comb(i + j, i))),
    ("lehmer_5", 5, lambda i, j: (min(i, j) + 1) / (max(i, j) + 1)),
    ("minij_10", 10, lambda i, j: float(min(i, j) + 1)),
    ("wilkinson_21", 21, lambda i, j: float(abs(10 - i)) if i == j else float(abs(i - j) == 1)),
    ("grcar_10", 10, lambda i, j: -1.0 if i == j + 1 else float(0 <= j - i <= 3)),
    ("gfpp_24", 24, lambda i, j: 1.0 if i == j or j == 23 else (-1.0 if j < i else 0.0)),
    ("kahan_8", 8, kahan(8, 1.2)),
    ("singular_123", 3, lambda i, j: float(3 * i + j + 1)),
    ("graded_5", 5, lambda i, j: 10.0 ** (-2 * (i + j))),
    ("underflow_3", 3, second_difference(2.0**-1000)),
]


def eliminate(a, b):
    """The solution of a @ x = b in fractions, and the determinant; None where a is singular."""
    n, det = len(a), Fraction(1)
    rows = [list(a[i]) + list(b[i]) for i in range(n)]
    for k in range(n):
        pivot = next((i for i in range(k, n) if rows[i][k]), None)
        if pivot is None:
            return None, Fraction(0)
        if pivot != k:
            rows[k], rows[pivot], det = rows[pivot], rows[k], -det
        det *= rows[k][k]
        rows[k] = [x / rows[k][k] for x in rows[k]]
        for i in range(n):
            if i != k and rows[i][k]:
                factor = rows[i][k]
                rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k])]
    return [row[n:] for row in rows], det


def positive_definite(a):
    """Whether all leading minors are positive."""
    return all(eliminate([row[:k] for row in a[:k]], [[] for _ in range(k)])[1] > 0 for k in range(1, len(a) + 1))


print("# By matrices.py.")
for name, n, f in MATRICES:
    floats = [[f(i, j) for j in range(n)] for i in range(n)]
    a = [[Fraction(x) for x in row] for row in floats]
    b = [sum(x * (j + 1) for j, x in enumerate(row)) for row in floats]
    identity = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    inverse, det = eliminate(a, identity)
    solution, _ = eliminate(a, [[Fraction(x)] for x in b])
    symmetric = all(a[i][j] == a[j][i] for i in range(n) for j in range(n))
    facts = "spd" if symmetric and positive_definite(a) else "symmetric" if symmetric else "-"
    # In units of the largest element, for numbers near underflow.
    largest = max(abs(x) for row in a for x in row)
    scaled = mp.matrix([[mp.mpf((x / largest).numerator) / (x / largest).denominator for x in row] for row in a])
    values = sorted(mp.svd_r(scaled, compute_uv=False), reverse=True)
    scale = mp.mpf(largest.numerator) / largest.denominator
    condition = values[0] / values[-1] if inverse else mp.inf
    growth = 2 ** (n - 1) if name.startswith("gfpp") else n
    flat = [x for row in floats for x in row]
    columns = [name, n, facts, growth, mp.nstr(condition, 17), bits(det) if det else bits(0.0),
               " ".join(mp.nstr(x * scale, 20) for x in values), " ".join(map(bits, flat)), " ".join(map(bits, b))]
    columns += [" ".join(bits(x) for row in m for x in row) if m else "-" for m in (solution, inverse)]
    print(*columns, sep="\t")
