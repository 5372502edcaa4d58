"""Writes shapes.txt: what NumPy makes of shapes, indices and arrays from nothing, for tests/numpy_shapes.rs.

    venv/bin/python shapes.py > shapes.txt

Lines:
    input NAME TYPE VALUE...    an array
    case TEXT                   an op's line
    result TYPE VALUE...        each of its results
Floats are written so that they read back exactly.
"""

import numpy as np

SHORT = {"float64": "f64", "int64": "i64", "bool": "bool"}

x = np.arange(12, dtype="f8").reshape(3, 4) + 0.5
v = np.array([7, -1, 3, 0, 5], dtype="i8")
c = np.arange(24, dtype="f8").reshape(2, 3, 4) * 0.25
p = np.array([[0, -1], [2, 1]], dtype="i8")
q = np.array([3, -4], dtype="i8")
w = np.array([[1, 0, -1, 2]], dtype="i8")
s = np.array(2.5)
INPUTS = {"x": x, "v": v, "c": c, "p": p, "q": q, "w": w, "s": s}


def line(array):
    array = np.asarray(array)
    kind = f"{SHORT[array.dtype.name]}[{', '.join(map(str, array.shape))}]"
    show = repr if array.dtype.kind == "f" else lambda n: str(int(n))
    return " ".join([kind.replace(" ", "")] + [show(n) for n in array.ravel().tolist()])


def pads():
    for name, array in (("%x", x), ("%v", v), ("%c", c)):
        for mode in ("edge", "reflect", "symmetric", "wrap"):
            for width in ([1, 2], [0, 3], [7, 11])[: 3 if array.ndim == 1 else 2 if array.ndim == 2 else 1]:
                widths = [list(reversed(width)) if i % 2 else width for i in range(array.ndim)]
                flat = [n for pair in widths for n in pair]
                yield f"pad {name}, widths={flat}, mode={mode}", np.pad(array, widths, mode=mode)
    one = x[:, :1]
    for mode in ("edge", "reflect", "symmetric", "wrap"):
        yield f"pad %one, widths=[0, 0, 2, 3], mode={mode}", np.pad(one, [[0, 0], [2, 3]], mode=mode)
    yield "pad %v, 9, widths=[1, 2], mode=constant", np.pad(v, [[1, 2]], constant_values=9)


def cases():
    yield "take %x, %p, axis=0", np.take(x, p, axis=0)
    yield "take %x, %q, axis=1", np.take(x, q, axis=1)
    yield "take %x, %p", np.take(x, p)
    yield "take %x, %p, %p, axis=0", x[p, p]
    yield "take %c, %p, %q, axis=1", c[:, p, q]
    yield "slice %x, [%p]", x[p]
    yield "slice %x, [%p, %q]", x[p, q]
    yield "slice %x, [%p, 1]", x[p, 1]
    yield "slice %x, [:, %q]", x[:, q]
    yield "slice %x, [%p, newaxis, 1:3]", x[p, None, 1:3]
    yield "slice %c, [1, :, %q]", c[1, :, q]
    yield "slice %c, [1, %p]", c[1, p]
    yield "slice %c, [:, %p, %q]", c[:, p, q]
    yield "slice %c, [1, ::-1, %q]", c[1, ::-1, q]
    yield "slice %c, [-1, newaxis, %p, 0:3:2]", c[-1, None, p, 0:3:2]
    yield "slice %c, [:, %k, -2]", c[:, INPUTS["k"], -2]
    yield "take_along_axis %x, %w, axis=0", np.take_along_axis(x, np.broadcast_to(w, (1, 4)), axis=0)
    yield "take_along_axis %x, %p2, axis=1", np.take_along_axis(x, INPUTS["p2"], axis=1)
    yield "take_along_axis %x, %v2", np.take_along_axis(x, INPUTS["v2"], axis=None)
    def changed(array, change):
        array = array.copy()
        change(array)
        return array

    yield "put %x, %p, %s, axis=0", changed(x, lambda a: a.__setitem__(p, s))
    yield "put %x, %q, 7", changed(x, lambda a: np.put(a, q, 7))
    yield "put %v, %p, 9", changed(v, lambda a: np.put(a, p, 9))
    yield "put %x, %p, %q, %p, axis=0", changed(x, lambda a: a.__setitem__((p, q), p))
    yield "put %v, %d, %e", changed(v, lambda a: np.put(a, INPUTS["d"], INPUTS["e"]))
    yield "put_along_axis %x, %w, 9, axis=0", changed(x, lambda a: np.put_along_axis(a, np.broadcast_to(w, (1, 4)), 9, axis=0))
    yield "put_along_axis %x, %p2, %x2, axis=1", changed(x, lambda a: np.put_along_axis(a, INPUTS["p2"], x[:, :2], axis=1))
    yield "put_along_axis %x, %v2, %r3", changed(x, lambda a: np.put_along_axis(a, INPUTS["v2"], np.arange(3.0), axis=None))
    yield "add.at %v, %d, %e", changed(v, lambda a: np.add.at(a, INPUTS["d"], INPUTS["e"]))
    yield "add.at %x, %p, 1.5", changed(x, lambda a: np.add.at(a, p, 1.5))
    yield "compress %x, condition=[true, false, true], axis=0", np.compress([True, False, True], x, axis=0)
    yield "compress %x, condition=[false, true], axis=1", np.compress([False, True], x, axis=1)
    yield "compress %x, condition=[true, false, true, true, true]", np.compress([True, False, True, True, True], x)
    yield "compress %x, condition=[], axis=1", np.compress([], x, axis=1)
    yield "delete %x, indices=1, axis=1", np.delete(x, 1, axis=1)
    yield "delete %x, indices=[0, -1, 0], axis=1", np.delete(x, [0, -1, 0], axis=1)
    yield "delete %v, indices=[-2]", np.delete(v, [-2])
    yield "delete %x, indices=[5]", np.delete(x, [5])
    yield "insert %v, 9, index=2", np.insert(v, 2, 9)
    yield "insert %v, %q, index=5", np.insert(v, 5, q)
    yield "insert %x, 9, index=1, axis=1", np.insert(x, 1, 9, axis=1)
    yield "insert %x, %s, index=-1, axis=0", np.insert(x, -1, s, axis=0)
    yield "insert %x, [1, 2, 3], index=2, axis=1", np.insert(x, 2, [1, 2, 3], axis=1)
    yield "insert %x, [1, 2, 3, 4], index=0, axis=0", np.insert(x, 0, [1, 2, 3, 4], axis=0)
    yield "insert %x, %q, index=1", np.insert(x, 1, q)
    yield "append %x, %v", np.append(x, v)
    yield "append %x, %x, axis=1", np.append(x, x, axis=1)
    yield "split %x, sections=2, axis=1", np.split(x, 2, axis=1)
    yield "split %v, indices=[1, 3]", np.split(v, [1, 3])
    yield "split %v, indices=[3, 1]", np.split(v, [3, 1])
    yield "split %v, indices=[-1, 9]", np.split(v, [-1, 9])
    yield "array_split %v, sections=3", np.array_split(v, 3)
    yield "array_split %v, sections=7", np.array_split(v, 7)
    yield "array_split %x, sections=3, axis=1", np.array_split(x, 3, axis=1)
    yield "unstack %x, axis=1", list(np.unstack(x, axis=1))
    yield "meshgrid %v, %q", list(np.meshgrid(v, q))
    yield "meshgrid %v, %q, %s", list(np.meshgrid(v, q, s))
    yield "meshgrid %v, %q, indexing=ij", list(np.meshgrid(v, q, indexing="ij"))
    yield "meshgrid %v", list(np.meshgrid(v))
    yield "broadcast_arrays %x, %s, %row", list(np.broadcast_arrays(x, s, x[:1]))
    yield "column_stack %v, %v2d", np.column_stack([v, INPUTS["v2d"]])
    yield "dstack %x, %x", np.dstack([x, x])
    yield "dstack %v, %v", np.dstack([v, v])
    yield "block %x, %x, %x, %x, columns=2", np.block([[x, x], [x, x]])
    for n in (1, 2, 3):
        at_least = [np.atleast_1d, np.atleast_2d, np.atleast_3d][n - 1]
        for name, array in (("s", s), ("v", v), ("x", x), ("c", c)):
            yield f"atleast_{n}d %{name}", at_least(array)
    yield "fliplr %x", np.fliplr(x)
    yield "flipud %v", np.flipud(v)
    yield "diagflat %p, k=1", np.diagflat(p, k=1)
    yield "repeat %v, repeats=[1, 0, 2, 3, 1]", np.repeat(v, [1, 0, 2, 3, 1])
    yield "repeat %x, repeats=[2, 0, 1], axis=0", np.repeat(x, [2, 0, 1], axis=0)
    yield "roll %x, shift=[1, -2], axis=[0, 1]", np.roll(x, [1, -2], axis=[0, 1])
    yield "arange stop=5", np.arange(5)
    yield "arange start=7, stop=-3, step=-3", np.arange(7, -3, -3)
    yield "arange start=3, stop=3", np.arange(3, 3)
    yield "arange start=0.1, stop=1.0, step=0.1", np.arange(0.1, 1.0, 0.1)
    yield "arange start=1, stop=2, step=0.3", np.arange(1, 2, 0.3)
    yield "arange start=5.5, stop=-1.0, step=-1.25", np.arange(5.5, -1.0, -1.25)
    yield "linspace start=0, stop=1, num=7", np.linspace(0, 1, 7)
    yield "linspace start=0.1, stop=2.3, num=11, endpoint=false", np.linspace(0.1, 2.3, 11, endpoint=False)
    yield "linspace start=-5, stop=1e10, num=50", np.linspace(-5, 1e10)
    yield "linspace start=2, stop=3, num=1", np.linspace(2, 3, 1)
    yield "linspace start=2, stop=3, num=0", np.linspace(2, 3, 0)
    yield "linspace start=2, stop=2, num=3", np.linspace(2, 2, 3)
    yield "linspace start=0, stop=5e-324, num=4", np.linspace(0, 5e-324, 4)
    yield "logspace start=0, stop=3, num=4", np.logspace(0, 3, 4)
    yield "logspace start=-1, stop=5, num=7, base=2.0", np.logspace(-1, 5, 7, base=2.0)
    yield "geomspace start=1, stop=256, num=9", np.geomspace(1, 256, 9)
    yield "geomspace start=-1000, stop=-1, num=4", np.geomspace(-1000, -1, 4)
    yield "eye n=3", np.eye(3)
    yield "eye n=2, m=4, k=1", np.eye(2, 4, k=1)
    yield "eye n=3, k=-1, dtype=i64", np.eye(3, k=-1, dtype="i8")
    yield "identity n=2", np.identity(2)
    yield "zeros shape=[2, 3]", np.zeros((2, 3))
    yield "ones shape=[2], dtype=i64", np.ones(2, dtype="i8")
    yield "full 2.5, shape=[2, 2]", np.full((2, 2), 2.5)
    yield "full 3, shape=[2]", np.full(2, 3)
    yield "full %v, shape=[2, 5], dtype=f64", np.full((2, 5), v, dtype="f8")
    yield "zeros_like %v", np.zeros_like(v)
    yield "ones_like %x", np.ones_like(x)
    yield "full_like %v, 2.75", np.full_like(v, 2.75)
    yield "tri n=3", np.tri(3)
    yield "tri n=2, m=3, k=1", np.tri(2, 3, k=1)
    yield from pads()


INPUTS["p2"] = np.array([[1, 0], [3, -1], [-4, 2]], dtype="i8")
INPUTS["v2"] = np.array([11, -12, 4], dtype="i8")
INPUTS["one"] = x[:, :1]
INPUTS["row"] = x[:1]
INPUTS["k"] = np.array([0, -2], dtype="i8")
INPUTS["d"] = np.array([1, 3, 1, -2, 1], dtype="i8")
INPUTS["e"] = np.array([10, 20, 30, 40, 50], dtype="i8")
INPUTS["x2"] = x[:, :2]
INPUTS["r3"] = np.arange(3.0)
INPUTS["v2d"] = np.arange(10, dtype="i8").reshape(5, 2)
for name, array in INPUTS.items():
    print("input", name, line(array))
for text, results in cases():
    print("case", text)
    for result in results if isinstance(results, list) else [results]:
        print("result", line(result))
