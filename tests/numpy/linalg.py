"""Writes linalg.txt: what numpy.linalg makes of matrices, for tests/numpy_linalg.rs.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python linalg.py > linalg.txt

Lines are words:
    functions NAME...                       what numpy.linalg exports
    case NAME PARAMETERS SIGNS TOLERANCE    `NAME %0, %1, ..., PARAMETERS` (`-` for none) of the operands that follow
    in DTYPE SIZES HEX...                   an operand: sizes between commas (`-` for none), elements as bits
    out DTYPE SIZES HEX...                  a result
    fails                                   instead of results, where NumPy raises LinAlgError
Results agree to TOLERANCE times their largest element, which is the rounding times the condition number of what is solved.
SIGNS `any` says that the first result has no order; else it says whose columns or rows have a free sign: `columns:1`, or `columns:0,rows:2` which have it together.
"""

import numpy as np

LA = np.linalg
SHORT = {"float64": "f64", "float32": "f32", "int64": "i64", "bool": "bool", "int32": "i64", "complex128": "c128",
         "complex64": "c64"}
DTYPE = {"f64": np.float64, "f32": np.float32, "i64": np.int64, "bool": np.bool_, "c128": np.complex128,
         "c64": np.complex64}


def line(word, array):
    array = np.asarray(array)
    short = SHORT[array.dtype.name]
    array = array.astype(DTYPE[short]).copy(order="C")
    bits = [format(int.from_bytes(x.tobytes(), "little"), "x") for x in array.reshape(-1)]
    hexes = ["nan" if short[0] == "f" and np.isnan(x) else b for x, b in zip(array.reshape(-1), bits)]
    print(word, short, ",".join(map(str, array.shape)) or "-", *hexes)


def case(name, f, *operands, parameters="", signs="-", condition=1.0):
    operands = [np.asarray(x) for x in operands]
    single = any(x.dtype in (np.float32, np.complex64) for x in operands)
    tolerance = 200 * np.finfo("f4" if single else "f8").eps * max(condition, 1.0)
    print("case", name, parameters.replace(" ", "") or "-", signs, f"{tolerance:.3e}")
    for x in operands:
        line("in", x)
    try:
        results = f(*operands)
    except LA.LinAlgError:
        print("fails")
        return
    for result in results if isinstance(results, tuple) else (results,):
        line("out", result)


def well(*shape, seed=1):
    """Elements that look random, with a few bits, and a diagonal that is not small."""
    rng = np.random.default_rng(seed)
    x = np.round(rng.uniform(-1, 1, shape) * 64) / 64
    if len(shape) >= 2:
        for i in range(min(shape[-2:])):
            x[..., i, i] += 2.0
    return x


def spd(*shape, seed=1):
    x = well(*shape, seed=seed)
    return x @ np.swapaxes(x, -1, -2)


def hilbert(n):
    return 1.0 / (np.arange(n)[:, None] + np.arange(n) + 1.0)


def cond(a):
    return float(np.max(LA.cond(a))) if np.size(a) else 1.0


SQUARE = [well(3, 3), well(2, 3, 3, seed=2), well(2, 1, 2, 2, seed=3), np.zeros((2, 0, 0)), np.zeros((0, 0)),
          np.array([[-2.5]]), hilbert(5), well(4, 4, seed=4).astype("f4"), np.array([[1, 2], [3, 5]])]
SPD = [spd(3, 3), spd(2, 3, 3, seed=2), np.zeros((0, 0)), np.array([[4.0]]), hilbert(5), spd(4, 4, seed=5).astype("f4"),
       np.array([[2, 1], [1, 3]])]
RECTANGLES = [well(4, 3), well(3, 4, seed=2), well(2, 3, 2, seed=3), np.array([[3.0]]), hilbert(4)[:, :3],
              well(3, 2, seed=6).astype("f4"), np.array([[1, 2], [3, 4], [5, 7]])]
SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
NAN = np.array([[1.0, np.nan], [0.0, 1.0]])


def systems():
    for a in SQUARE:
        n, c = a.shape[-1], cond(a)
        case("linalg.inv", LA.inv, a, condition=c)
        case("linalg.det", LA.det, a, condition=c)
        case("linalg.slogdet", lambda a: tuple(LA.slogdet(a)), a, condition=c)
        case("linalg.solve", LA.solve, a, well(n, 2, seed=9).astype(a.dtype), condition=c)
        if a.ndim == 2:
            case("linalg.solve", LA.solve, a, np.arange(n).astype(a.dtype), condition=c)
        for n in [0, 3, -2] if a.dtype != np.int64 else [0, 1, 6]:
            case("linalg.matrix_power", lambda a: LA.matrix_power(a, n), a, parameters=f"n={n}", condition=c ** max(1, -n))
    for a in SPD:
        c = cond(a)
        case("linalg.cholesky", LA.cholesky, a, condition=c)
        case("linalg.cholesky", lambda a: LA.cholesky(a, upper=True), a, parameters="upper=true", condition=c)
        case("linalg.eigvalsh", LA.eigvalsh, a)
        # The gaps between eigenvalues decide over the vectors; here they are not small but for those of Hilbert's.
        case("linalg.eigh", lambda a: tuple(LA.eigh(a)), a, signs="columns:1", condition=1e3)
    for name, f in [("inv", LA.inv), ("det", LA.det), ("cholesky", LA.cholesky), ("slogdet", lambda a: tuple(LA.slogdet(a)))]:
        case("linalg." + name, f, SINGULAR)
    case("linalg.inv", LA.inv, np.stack([np.eye(2), SINGULAR]))
    case("linalg.solve", LA.solve, SINGULAR, np.ones(2))
    case("linalg.cholesky", LA.cholesky, np.array([[1.0, 2.0], [2.0, 1.0]]))
    case("linalg.cholesky", LA.cholesky, np.array([[4.0, 99.0], [2.0, 3.0]]))
    for a in [well(2, 3, 6), well(3, 2, 6, seed=2)]:
        case("linalg.tensorsolve", LA.tensorsolve, a, well(*a.shape[:2], seed=3), condition=cond(a.reshape(6, 6)))
    a = well(2, 6, 3, seed=4)
    case("linalg.tensorsolve", lambda a, b: LA.tensorsolve(a, b, axes=(1,)), a, well(2, 3, seed=3),
         parameters="axes=[1]", condition=cond(np.moveaxis(a, 1, -1).reshape(6, 6)))
    for shape, ind in [((2, 3, 3, 2), 2), ((4, 2, 2), 1)]:
        a = well(*shape)
        n = int(np.prod(shape[:ind]))
        case("linalg.tensorinv", lambda a: LA.tensorinv(a, ind=ind), a, parameters=f"ind={ind}", condition=cond(a.reshape(n, n)))


def orthogonal():
    for a in RECTANGLES:
        c = cond(a)
        case("linalg.qr", lambda a: tuple(LA.qr(a)), a, condition=c)
        case("linalg.qr", lambda a: LA.qr(a, mode="r"), a, parameters="mode=r", condition=c)
        if abs(a.shape[-1] - a.shape[-2]) < 2:
            case("linalg.qr", lambda a: tuple(LA.qr(a, mode="complete")), a, parameters="mode=complete", condition=c)
            case("linalg.svd", lambda a: tuple(LA.svd(a)), a, signs="columns:0,rows:2", condition=1e3)
        case("linalg.svd", lambda a: tuple(LA.svd(a, full_matrices=False)), a, parameters="full_matrices=false",
             signs="columns:0,rows:2", condition=1e3)
        case("linalg.svdvals", LA.svdvals, a)
        case("linalg.pinv", LA.pinv, a, condition=c * c)
        case("linalg.matrix_rank", LA.matrix_rank, a)
        case("linalg.cond", LA.cond, a, condition=c)
        if a.ndim == 2:
            m = a.shape[0]
            for b in [np.arange(m).astype(a.dtype), well(m, 2, seed=8).astype(a.dtype)]:
                case("linalg.lstsq", lambda a, b: tuple(LA.lstsq(a, b)), a, b, condition=c * c)
    for a in [np.zeros((0, 3)), np.zeros((3, 0)), np.zeros((2, 0, 0))]:
        case("linalg.svdvals", LA.svdvals, a)
        case("linalg.svd", lambda a: tuple(LA.svd(a)), a)
        case("linalg.qr", lambda a: tuple(LA.qr(a)), a)
        case("linalg.pinv", LA.pinv, a)
    low = np.outer([1.0, 2.0, 3.0], [1.0, -1.0])
    case("linalg.matrix_rank", LA.matrix_rank, low)
    case("linalg.matrix_rank", lambda a: LA.matrix_rank(a, tol=20.0), low, parameters="tol=20")
    case("linalg.matrix_rank", lambda a: LA.matrix_rank(a, rtol=0.1), hilbert(5), parameters="rtol=0.1")
    case("linalg.matrix_rank", LA.matrix_rank, np.zeros(3))
    case("linalg.pinv", LA.pinv, low)
    case("linalg.pinv", lambda a: LA.pinv(a, rcond=0.1), hilbert(4), parameters="rcond=0.1")
    for name, f in [("svd", lambda a: tuple(LA.svd(a))), ("svdvals", LA.svdvals), ("pinv", LA.pinv)]:
        case("linalg." + name, f, NAN)
    for p, text in [(1, "1"), (-1, "-1"), (2, "2"), (-2, "-2"), (np.inf, "inf"), (-np.inf, "-inf"), ("fro", "fro"), ("nuc", "nuc")]:
        for a in [well(3, 3), well(2, 3, 3, seed=2), hilbert(5), well(4, 4, seed=5).astype("f4")]:
            case("linalg.cond", lambda a: LA.cond(a, p), a, parameters=f"p={text}", condition=cond(a))
            case("linalg.norm", lambda a: LA.norm(a, p, axis=(-2, -1)), a, parameters=f"ord={text},axis=[-2,-1]", condition=cond(a) if text == "-2" else 1)
            case("linalg.matrix_norm", lambda a: LA.matrix_norm(a, ord=p, keepdims=True), a, parameters=f"ord={text},keepdims=true", condition=cond(a) if text == "-2" else 1)
        for a in [np.zeros((0, 0)), np.zeros((2, 0, 3)), np.zeros((3, 0), "f4"), np.zeros((0, 2), "c16")]:
            if p in [1, 2, np.inf, "fro", "nuc"]:
                case("linalg.matrix_norm", lambda a: LA.matrix_norm(a, ord=p), a, parameters=f"ord={text}")
        # One of a stack has no inverse; one has an element that is NaN.
        if p in [1, -1, np.inf, -np.inf, "fro"]:
            case("linalg.cond", lambda a: LA.cond(a, p), np.stack([SINGULAR, well(2, 2), NAN, 0 * SINGULAR]), parameters=f"p={text}", condition=cond(well(2, 2)))
            case("linalg.cond", lambda a: LA.cond(a, p), SINGULAR * 1j, parameters=f"p={text}")


def norms():
    for a in [well(3, 4), well(2, 3, 4), np.array([3.0, -4.0, 0.0]), np.array([[1, -2], [3, 4]]), well(5).astype("f4")]:
        case("linalg.norm", LA.norm, a)
        case("linalg.vector_norm", LA.vector_norm, a)
        for p in [0, 1, 2, 3, -1, np.inf, -np.inf]:
            for keepdims in [False, True]:
                text = f"ord={p},axis=-1,keepdims={str(keepdims).lower()}"
                if not keepdims:
                    case("linalg.norm", lambda a: LA.norm(a, p, axis=-1), a, parameters=f"ord={p},axis=-1")
                case("linalg.vector_norm", lambda a: LA.vector_norm(a, ord=p, axis=-1, keepdims=keepdims), a, parameters=text)
    for a in [np.zeros(0), np.zeros((0, 3)), np.zeros((2, 0), "f4"), np.zeros((0, 2), "c8")]:
        for p in [0, 1, 2, 3, np.inf]:
            case("linalg.vector_norm", lambda a: LA.vector_norm(a, ord=p), a, parameters=f"ord={p}")
            case("linalg.norm", lambda a: LA.norm(a, p, axis=0), a, parameters=f"ord={p},axis=0")
    case("linalg.norm", lambda a: LA.norm(a, axis=(2, 0), keepdims=True), well(2, 3, 4), parameters="axis=[2,0],keepdims=true")
    case("linalg.norm", lambda a: LA.norm(a, 1, axis=(2, 0), keepdims=True), well(2, 3, 4), parameters="ord=1,axis=[2,0],keepdims=true")
    case("linalg.vector_norm", lambda a: LA.vector_norm(a, axis=(0, 2), ord=1), well(2, 3, 4), parameters="axis=[0,2],ord=1")
    case("linalg.matrix_norm", LA.matrix_norm, well(2, 3, 4))


def products():
    a, b, v, w = well(3, 4), well(4, 2, seed=2), well(4, seed=3), well(3, seed=4)
    for x, y in [(a, b), (a, v), (w, a), (v, v), (well(2, 3, 4), b), (well(2, 1, 3, 4), well(5, 4, 2, seed=5)),
                 (np.zeros((3, 0)), np.zeros((0, 4))), (np.arange(6).reshape(2, 3), np.arange(3)), (a.astype("f4"), b.astype("f4"))]:
        case("linalg.matmul", LA.matmul, x, y)
    case("linalg.multi_dot", lambda *x: LA.multi_dot(x), a, b, well(2, 5, seed=6), well(5, seed=7))
    case("linalg.multi_dot", lambda *x: LA.multi_dot(x), w, a, b)
    case("linalg.outer", LA.outer, v, w)
    case("linalg.tensordot", LA.tensordot, well(2, 3, 4), well(3, 4, 5, seed=2))
    case("linalg.tensordot", lambda x, y: LA.tensordot(x, y, axes=0), w, v, parameters="axes=0")
    case("linalg.tensordot", lambda x, y: LA.tensordot(x, y, axes=((0, 2), (1, 0))), well(2, 3, 4), well(4, 2, 5, seed=2),
         parameters="axes=[[0,2],[1,0]]")
    case("linalg.vecdot", LA.vecdot, well(2, 3), well(3, seed=2))
    case("linalg.vecdot", lambda x, y: LA.vecdot(x, y, axis=0), well(3, 2), well(3, 2, seed=2), parameters="axis=0")
    case("linalg.cross", LA.cross, well(2, 3), well(3, seed=2))
    case("linalg.cross", lambda x, y: LA.cross(x, y, axis=0), well(3, 2), well(3, 2, seed=2), parameters="axis=0")
    for x in [a, well(2, 3, 4), np.arange(9).reshape(3, 3)]:
        case("linalg.matrix_transpose", LA.matrix_transpose, x)
        for k in [0, 1, -1, 2, -2]:
            case("linalg.diagonal", lambda x: LA.diagonal(x, offset=k), x, parameters=f"offset={k}")
            case("linalg.trace", lambda x: LA.trace(x, offset=k), x, parameters=f"offset={k}")
    for name in ["dot", "vdot", "inner", "kron"]:
        f = getattr(np, name)
        case(name, f, v, v[::-1].copy())
        case(name, f, well(3, 3), well(3, 3, seed=2))
    case("dot", np.dot, well(2, 3, 4), well(5, 4, 2, seed=2))
    case("inner", np.inner, well(2, 3, 4), well(5, 4, seed=2))
    case("kron", np.kron, well(2, 3), well(2, seed=2))
    case("matvec", np.matvec, well(2, 3, 4), v)
    case("vecmat", np.vecmat, w, well(2, 3, 4))


def complexes():
    """Of complex matrices what is determined; eigenvalues also of real ones, as complex numbers."""
    def number(*shape, seed=1):
        return well(*shape, seed=seed) + 1j * well(*shape, seed=seed + 50)

    squares = [number(3, 3), number(2, 3, 3, seed=2), np.zeros((0, 0), "c16"), np.array([[1.5 - 2j]]),
               number(4, 4, seed=4).astype("c8"), hilbert(4) * (1 + 1j)]
    for a in squares:
        n, c = a.shape[-1], cond(a)
        h = a @ np.conj(np.swapaxes(a, -1, -2))
        for name in ["inv", "det"]:
            case("linalg." + name, getattr(LA, name), a, condition=c)
        case("linalg.slogdet", lambda a: tuple(LA.slogdet(a)), a, condition=c)
        case("linalg.solve", LA.solve, a, number(n, 2, seed=9).astype(a.dtype), condition=c)
        case("linalg.cholesky", LA.cholesky, h, condition=c * c)
        case("linalg.cholesky", lambda a: LA.cholesky(a, upper=True), h, parameters="upper=true", condition=c * c)
        case("linalg.eigvalsh", LA.eigvalsh, h)
        case("linalg.eigvals", lambda a: LA.eigvals(a).astype(a.dtype), a, signs="any", condition=1e3)
        case("linalg.matrix_power", lambda a: LA.matrix_power(a, 3), a, parameters="n=3", condition=c)
        case("linalg.trace", LA.trace, a)
    case("linalg.inv", LA.inv, SINGULAR * 1j)
    case("linalg.cholesky", LA.cholesky, np.array([[1.0, 0], [2j, 1.0]]))
    for a in [number(4, 3), number(3, 4, seed=2), number(3, 2, seed=6).astype("c8")]:
        c, m = cond(a), a.shape[0]
        case("linalg.qr", lambda a: tuple(LA.qr(a)), a, condition=c)
        case("linalg.svdvals", LA.svdvals, a)
        case("linalg.pinv", LA.pinv, a, condition=c * c)
        case("linalg.matrix_rank", LA.matrix_rank, a)
        case("linalg.cond", LA.cond, a, condition=c)
        case("linalg.lstsq", lambda a, b: tuple(LA.lstsq(a, b)), a, number(m, 2, seed=8).astype(a.dtype), condition=c * c)
        for p in [1, 2, np.inf, "fro", "nuc"]:
            case("linalg.matrix_norm", lambda a: LA.matrix_norm(a, ord=p), a, parameters=f"ord={p}")
            if not isinstance(p, str):
                case("linalg.vector_norm", lambda a: LA.vector_norm(a, ord=p, axis=-1), a, parameters=f"ord={p},axis=-1")
        case("linalg.outer", LA.outer, a[:, 0], a[0])
    case("linalg.matmul", LA.matmul, number(3, 4), number(4, 2, seed=2))
    case("linalg.matmul", LA.matmul, number(2, 3, 4), well(4, seed=2))
    case("linalg.multi_dot", lambda *x: LA.multi_dot(x), number(3, 4), number(4, 2, seed=2), number(2, 5, seed=6))
    case("linalg.tensordot", LA.tensordot, number(2, 3, 4), number(3, 4, 2, seed=2))
    case("linalg.vecdot", LA.vecdot, number(2, 3), number(3, seed=2))
    for name in ["dot", "vdot", "inner", "kron"]:
        case(name, getattr(np, name), number(3), number(3, seed=2))
    case("matvec", np.matvec, number(2, 3, 4), number(4, seed=2))
    case("vecmat", np.vecmat, number(3), number(2, 3, 4, seed=2))
    for a in [well(3, 3), well(2, 4, 4, seed=2), np.zeros((0, 0)), np.array([[0.0, 1.0], [-1.0, 0.0]]), np.array([[2.0]]),
              well(5, 5, seed=3).astype("f4"), np.array([[1, 2], [3, 4]])]:
        wide = "c8" if a.dtype == np.float32 else "c16"
        case("linalg.eigvals", lambda a: LA.eigvals(a).astype(wide), a, signs="any", condition=1e3)
    # Eigenvectors, where LAPACK's order is that of the diagonal.
    case("linalg.eig", lambda a: tuple(x.astype("c16") for x in LA.eig(a)), np.diag([3.0, 1.0, 2.0]))
    case("linalg.eigvals", LA.eigvals, NAN)
    case("linalg.eig", lambda a: tuple(LA.eig(a)), NAN)


if __name__ == "__main__":
    print(f"# By linalg.py, with NumPy {np.__version__}.")
    print("functions", *[n for n in LA.__all__ if n != "LinAlgError"])
    systems()
    orthogonal()
    norms()
    products()
    complexes()
