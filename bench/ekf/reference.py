"""The default problem of examples/ekf in plain NumPy, written as one writes it when a step should be fast: matrices as
arrays, constants made once, no loop over elements."""

import time

import numpy as np

DT = 0.01
GRAVITY = np.array([0.0, 0.0, -9.81])
DIRECTION = np.array([0.5, 0.1, -0.8])
BEACON = np.array([30.0, -20.0, 5.0])
INPUT_NOISE = np.array([0.01, 0.01, 0.01, 0.1, 0.1, 0.1]) ** 2
MODEL_NOISE = 1e-9 * np.eye(10)
MEASUREMENT_NOISE = np.diag(np.array([0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.02, 0.02, 0.02, 0.2]) ** 2)
I3, I6, I10 = np.eye(3), np.eye(6), np.eye(10)


def rotation(q):
    """The matrix from body to world, for a quaternion of any length."""
    w, x, y, z = q.tolist()
    ww, xx, yy, zz = w * w, x * x, y * y, z * z
    return np.array(
        [
            [ww + xx - yy - zz, 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), ww - xx + yy - zz, 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), ww - xx - yy + zz],
        ]
    )


def rotated_jacobian(q, vector, sign):
    """The derivative of the rotated vector by q: to the world for sign 1, to the body for -1."""
    w, x, y, z = q.tolist()
    a, b, c = vector.tolist()
    w = sign * w
    d = 2 * sign
    dot = 2 * (x * a + y * b + z * c)
    return np.array(
        [
            [d * (w * a + y * c - z * b), dot, 2 * (x * b - a * y + w * c), 2 * (x * c - a * z - w * b)],
            [d * (w * b + z * a - x * c), 2 * (y * a - b * x - w * c), dot, 2 * (y * c - b * z + w * a)],
            [d * (w * c + x * b - y * a), 2 * (z * a - c * x + w * b), 2 * (z * b - c * y - w * a), dot],
        ]
    )


def turn(rate):
    """The matrix that turns a quaternion by a rate during a step."""
    x, y, z = rate.tolist()
    n = (x * x + y * y + z * z + 1e-24) ** 0.5
    c, s = np.cos(0.5 * DT * n), np.sin(0.5 * DT * n) / n
    x, y, z = s * x, s * y, s * z
    return np.array([[c, -x, -y, -z], [x, c, z, -y], [y, -z, c, x], [z, y, -x, c]])


def predict(x, p, u):
    v, q, rate, force = x[3:6], x[6:], u[:3], u[3:]
    matrix, to_world, by_q = turn(rate), rotation(q), rotated_jacobian(q, force, 1.0)
    acceleration = to_world @ force + GRAVITY
    f = np.eye(10)
    f[:3, 3:6] = DT * I3
    f[:3, 6:] = 0.5 * DT * DT * by_q
    f[3:6, 6:] = DT * by_q
    f[6:, 6:] = matrix
    g = np.zeros((10, 6))
    g[:3, 3:] = 0.5 * DT * DT * to_world
    g[3:6, 3:] = DT * to_world
    w, i, j, k = q.tolist()
    g[6:, :3] = 0.5 * DT * np.array([[-i, -j, -k], [w, -k, j], [k, w, -i], [-j, i, w]])
    new = np.empty(10)
    new[:3] = x[:3] + DT * v + 0.5 * DT * DT * acceleration
    new[3:6] = v + DT * acceleration
    new[6:] = matrix @ q
    return new, f @ p @ f.T + (g * INPUT_NOISE) @ g.T + MODEL_NOISE


def update(x, p, z):
    q, away = x[6:], x[:3] - BEACON
    distance = np.sqrt(away @ away)
    h = np.empty(10)
    h[:6] = x[:6]
    h[6:9] = DIRECTION @ rotation(q)
    h[9] = distance
    jacobian = np.zeros((10, 10))
    jacobian[:6, :6] = I6
    jacobian[6:9, 6:] = rotated_jacobian(q, DIRECTION, -1.0)
    jacobian[9, :3] = away / distance
    ph = p @ jacobian.T
    k = ph @ np.linalg.inv(jacobian @ ph + MEASUREMENT_NOISE)
    x = x + k @ (z - h)
    a = I10 - k @ jacobian
    p = a @ p @ a.T + k @ MEASUREMENT_NOISE @ k.T
    x[6:] /= np.sqrt(x[6:] @ x[6:])
    return x, 0.5 * (p + p.T)


def load(path):
    """x (10), P (10, 10), inputs (n, 6) and measurements (n, 10)."""
    numbers = np.fromfile(path, dtype="<f8")
    rows = numbers[110:].reshape(-1, 16)
    return numbers[:10], numbers[10:110].reshape(10, 10), np.ascontiguousarray(rows[:, :6]), np.ascontiguousarray(rows[:, 6:])


def run(data, chunk=100):
    """The last state and the median microseconds of a step over chunks of steps."""
    x, p, inputs, measurements = data
    times = []
    for first in range(0, len(inputs), chunk):
        last = min(first + chunk, len(inputs))
        start = time.perf_counter()
        for u, z in zip(inputs[first:last], measurements[first:last]):
            x, p = predict(x, p, u)
            x, p = update(x, p, z)
        times.append((time.perf_counter() - start) / (last - first))
    return x, 1e6 * float(np.median(times))
