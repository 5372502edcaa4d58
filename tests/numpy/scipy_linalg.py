"""Writes scipy_linalg.txt: what scipy.linalg makes of matrices, for tests/scipy_linalg.rs.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python scipy_linalg.py > scipy_linalg.txt

Lines are words:
    case NAME TOLERANCE     what follows is a case of a function
    ir LINE                 a line of a graph of the operands %x0, %x1, ... that defines %r0, %r1, ...
    in DTYPE SIZES HEX...   an operand, as in linalg.py
    out DTYPE SIZES HEX...  what SciPy's function gives for %r0, then for %r1, ...
    fails                   instead of results, where SciPy raises LinAlgError
What a factorisation leaves open (signs, the order of eigenvalues, bases) the lines of the graph take away: they multiply the
factors again, take moduli, sort. Results agree to TOLERANCE times their largest element.
"""

import warnings

import numpy as np
import scipy
import scipy.linalg as SL

from linalg import line, spd, well

LA = np.linalg
warnings.filterwarnings("error", category=RuntimeWarning)


def adjoint(a):
    return np.conj(np.swapaxes(a, -1, -2))


def number(*shape, seed=1):
    return well(*shape, seed=seed) + 1j * well(*shape, seed=seed + 50)


def cond(a):
    return float(np.max(LA.cond(np.asarray(a, "c16")))) if np.size(a) else 1.0


def case(name, ir, f, *operands, condition=1.0, dtypes=None):
    """`ir` with OP for the name and its operands; `dtypes` where SciPy's results have others than ours."""
    operands = [np.asarray(x) for x in operands]
    single = any(x.dtype in (np.float32, np.complex64) for x in operands)
    tolerance = 200 * np.finfo("f4" if single else "f8").eps * max(condition, 1.0)
    print("case", name, f"{tolerance:.3e}")
    op = f"linalg.{name} " + ", ".join(f"%x{i}" for i in range(len(operands)))
    for text in ir.replace("OP", op).split("; "):
        print("ir", text)
    for x in operands:
        line("in", x)
    try:
        results = f(*operands)
    except LA.LinAlgError:
        print("fails")
        return
    results = results if isinstance(results, tuple) else (results,)
    for i, result in enumerate(results):
        line("out", result if dtypes is None or dtypes[i] is None else np.asarray(result).astype(dtypes[i]))


def squares(orders=(1, 2, 3, 5), empty=True):
    """Of four dtypes; none is symmetric."""
    for n in orders:
        a = well(n, n, seed=n)
        yield a
        yield number(n, n, seed=n)
        if n == 3:
            yield a.astype("f4")
            yield number(n, n, seed=n).astype("c8")
    yield np.array([[2, 1], [1, 3]])
    if empty:
        yield np.zeros((0, 0))
        yield np.zeros((0, 0), "c16")


def hermitian(a):
    """Definite, and of the dtype."""
    return (a @ adjoint(a) + np.eye(a.shape[-1], dtype=a.dtype)).astype(a.dtype)


def right(a, k=2):
    """A right-hand side for a matrix."""
    n = a.shape[-1]
    x = number(n, k, seed=9) if np.iscomplexobj(a) else well(n, k, seed=9)
    return x if a.dtype.kind == "i" else x.astype(a.dtype)


def factors():
    rectangles = [well(4, 2), well(2, 4, seed=2), number(4, 3, seed=3), number(3, 5, seed=4).astype("c8"), well(3, 2, seed=6).astype("f4"), np.zeros((0, 3))]
    for a in [*squares(), *rectangles]:
        # SciPy's permutation is real.
        wide = [np.asarray(a, np.result_type(a, "f4") if a.dtype.kind != "i" else "f8").dtype, None, None]
        case("lu", "%r0, %r1, %r2 = OP", lambda a: tuple(SL.lu(a)), a, condition=cond(a) if a.shape[0] == a.shape[1] else 10, dtypes=wide)
        packed = lambda a: (lambda lu, p: (lu.astype(np.result_type(lu, "f4") if lu.dtype.kind != "i" else "f8"), p.astype("i8")))(*SL.lu_factor(a))
        if a.size:
            case("lu_factor", "%r0, %r1 = OP", packed, a, condition=cond(a) if a.shape[0] == a.shape[1] else 10)
    for a in squares(empty=False):
        b, c = right(a), cond(a)
        lu, p = SL.lu_factor(a)
        for trans in (0, 1, 2):
            for y in (b, b[:, 0]):
                case("lu_solve", f"%r0 = OP, trans={trans}", lambda lu, p, b: SL.lu_solve((lu, p), b, trans=trans), lu, p.astype("i8"), y, condition=c)
        h = hermitian(a)
        # What SciPy leaves in the other triangle is 0 here.
        case("cho_factor", "%r0 = OP", lambda a: np.triu(SL.cho_factor(a)[0]), h, condition=cond(h))
        case("cho_factor", "%r0 = OP, lower=true", lambda a: np.tril(SL.cho_factor(a, lower=True)[0]), h, condition=cond(h))
        for lower in (False, True):
            word = str(lower).lower()
            factor = SL.cho_factor(h, lower=lower)[0]
            for y in (b, b[:, 0]):
                case("cho_solve", f"%r0 = OP, lower={word}", lambda c, b: SL.cho_solve((c, lower), b), factor, y, condition=cond(h))
                case("solve_triangular", f"%r0 = OP, lower={word}", lambda a, b: SL.solve_triangular(a, b, lower=lower), a, y, condition=c)
            for trans in (0, 1, 2):
                case("solve_triangular", f"%r0 = OP, lower={word}, trans={trans}", lambda a, b: SL.solve_triangular(a, b, lower=lower, trans=trans), a, b, condition=c)
                case("solve_triangular", f"%r0 = OP, lower={word}, trans={trans}, unit_diagonal=true",
                     lambda a, b: SL.solve_triangular(a, b, lower=lower, trans=trans, unit_diagonal=True), a, b, condition=1e3)
        # Symmetric and not definite: blocks of order 2 on the diagonal.
        s = ((a + adjoint(a)) / 2 - 2 * np.eye(a.shape[0])).astype(np.result_type(a, "f4") if a.dtype.kind != "i" else "f8")
        product = "%l, %d, %p = OP; %lt0 = matrix_transpose %l; %lt = conjugate %lt0; %ld = matmul %l, %d; %r0 = matmul %ld, %lt; %r1 = take %l, %p, axis=0"
        for lower in (True, False):
            def ldl(a):
                l, d, p = SL.ldl(a, lower=lower)
                return l @ d @ adjoint(l), l[p]
            case("ldl", product.replace("OP", f"OP, lower={str(lower).lower()}"), ldl, s, condition=100)
    case("cho_factor", "%r0 = OP", lambda a: SL.cho_factor(a)[0], np.array([[1.0, 2.0], [2.0, 1.0]]))
    case("solve_triangular", "%r0 = OP, lower=true", lambda a, b: SL.solve_triangular(a, b, lower=True), np.array([[1.0, 0.0], [2.0, 0.0]]), np.ones(2))


def spectra():
    for a in squares(empty=False):
        if a.dtype.kind == "i":
            continue
        # Eigenvalues by their distances to some points, the factors by their product.
        back = "%t, %z = OP; %zt0 = matrix_transpose %z; %zt = conjugate %zt0; %zr = matmul %z, %t; %r0 = matmul %zr, %zt; %one = matmul %zt, %z; %r1 = absolute %one"
        def schur(a, output="real"):
            t, z = SL.schur(a, output=output)
            return z @ t @ adjoint(z), np.abs(adjoint(z) @ z)
        case("schur", back, schur, a, condition=10)
        moduli = "; %dg = diagonal %t; %far = subtract %dg, 1.0+2.0j; %am = absolute %far; %r2 = sort %am"
        def triangular(a):
            t, z = SL.schur(a, output="complex")
            return z @ t @ adjoint(z), np.abs(adjoint(z) @ z), np.sort(np.abs(np.diagonal(t) - (1 + 2j)))
        case("schur", (back + moduli).replace("OP", "OP, output=complex"), triangular, a, condition=1e3)
        case("expm", "%r0 = OP", SL.expm, (a / 2).astype(a.dtype), condition=100)
        # Eigenvalues in the right half of the plane.
        shifted = (a + 2 * a.shape[0] * np.eye(a.shape[0])).astype(a.dtype)
        case("sqrtm", "%r0 = OP", SL.sqrtm, shifted, condition=100)
        case("sqrtm", "%r0 = OP", SL.sqrtm, hermitian(a), condition=cond(a) ** 2)
    case("expm", "%r0 = OP", SL.expm, np.zeros((0, 0)))
    case("expm", "%r0 = OP", SL.expm, np.array([[1, 2], [3, 4]]), condition=10)
    case("expm", "%r0 = OP", SL.expm, np.array([[0.0, 1e3], [-1e3, 0.0]]), condition=1e4)
    case("expm", "%r0 = OP", SL.expm, well(2, 3, 3) / 2, condition=100)
    for a in [*squares(), well(4, 2), well(2, 4, seed=2), number(4, 3, seed=3), number(2, 3, seed=4).astype("c8")]:
        if not a.size:
            continue
        for side in ("right", "left"):
            case("polar", f"%r0, %r1 = OP, side={side}", lambda a: tuple(SL.polar(a, side=side)), a, condition=cond(a) ** 2 if a.shape[0] == a.shape[1] else 100)
    # Bases by the projections to what they span.
    projection = "%b = OP, rank=RANK; %bt0 = matrix_transpose %b; %bt = conjugate %bt0; %r0 = matmul %b, %bt"
    low = [np.outer([1.0, 2.0, 3.0], [1.0, -1.0]), np.outer([1j, 2.0, 3.0], [1.0, -1j, 2.0]), well(4, 2) @ well(2, 5, seed=2), number(5, 2) @ number(2, 3, seed=2),
           (well(4, 2) @ well(2, 3, seed=2)).astype("f4"), np.array([[1, 2], [2, 4]]), np.array([[3.0]]), np.zeros((2, 3)), well(3, 3)]
    for a in low:
        rank = int(LA.matrix_rank(a))
        for name, f in (("null_space", SL.null_space), ("orth", SL.orth)):
            case(name, projection.replace("RANK", str(rank)), lambda a: (lambda b: b @ adjoint(b))(f(a)), a, condition=10)


def equations():
    # Lyapunov's equation of order 10 is solved in another way than smaller ones.
    for a in squares(orders=(1, 2, 3, 10), empty=False):
        n = a.shape[0]
        double = a.dtype.kind == "i"
        wide = np.float64 if double else a.dtype
        for lower, upper in [(0, 0), (1, 1), (0, 2), (2, 1)]:
            if lower + upper >= n and n > 1 or lower >= n or upper >= n or n > 5:
                continue
            ab = (number(lower + upper + 1, n, seed=7) if np.iscomplexobj(a) else well(lower + upper + 1, n, seed=7)).astype(wide)
            ab[upper] += 5
            for y in (right(a), right(a)[:, 0]):
                case("solve_banded", f"%r0 = OP, l={lower}, u={upper}", lambda ab, b: SL.solve_banded((lower, upper), ab, b), ab, y, condition=100)
        b = well(2, 2, seed=5).astype(wide)
        case("solve_sylvester", "%r0 = OP", SL.solve_sylvester, a, b, right(a).astype(wide), condition=100 * cond(a))
        case("solve_continuous_lyapunov", "%r0 = OP", SL.solve_continuous_lyapunov, a, hermitian(a), condition=100 * cond(a))
        small = (a / (2 * LA.norm(a, 2))).astype(wide)
        q = hermitian(a)
        # SciPy computes these in double precision.
        case("solve_discrete_lyapunov", "%r0 = OP", SL.solve_discrete_lyapunov, small, q.astype(wide), condition=100, dtypes=[wide])
        gain = right(a).astype(wide)
        case("solve_discrete_are", "%r0 = OP", SL.solve_discrete_are, small, gain, q.astype(wide), np.eye(2, dtype=wide), condition=1e3 * cond(q), dtypes=[wide])
        # Not stable without control.
        if n in (2, 3):
            case("solve_discrete_are", "%r0 = OP", SL.solve_discrete_are, (3 * small).astype(wide), gain, q.astype(wide), np.eye(2, dtype=wide), condition=1e4 * cond(q), dtypes=[wide])
    blocks = [(well(2, 2), np.array([[3.0]])), (well(2, 3), number(1, 2), np.array([1.0, 2.0])), (np.array([[1, 2]]), np.array([[3], [4]])),
              (well(2, 2).astype("f4"), np.float32(2)), (np.zeros((0, 0)), well(2, 2)), (well(2, 3, 2), well(2, 1, 2))]
    for all_of in blocks:
        case("block_diag", "%r0 = OP", SL.block_diag, *all_of)


if __name__ == "__main__":
    print(f"# By scipy_linalg.py, with SciPy {scipy.__version__}.")
    factors()
    spectra()
    equations()
