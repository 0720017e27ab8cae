"""Box regression of the release, written down in NumPy for the windows of BoxRegressionTests; prints the numbers that the test compares with."""
import sys
import numpy as np


def numbers():
    state = 4711
    while True:
        state = (1103515245 * state + 12345) % 2**31
        yield state / 2**31 * 2 - 1


def overlap(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0]) + 1
    h = min(a[3], b[3]) - max(a[1], b[1]) + 1
    area = lambda c: (c[2] - c[0] + 1) * (c[3] - c[1] + 1)
    return w * h / (area(a) + area(b) - w * h) if w > 0 and h > 0 else 0


def fit(d, penalty, more):
    draw = numbers()
    rows, near, targets = [], [], []
    for image in range(3):
        item = [100 + 10 * image, 80, 219, 199 + 5 * image]
        for window in range(12):
            box = item if window == 0 else [side + int(np.floor(30 * next(draw))) for side in item]
            x = np.array([np.float32(next(draw)) for _ in range(d)], float)
            rows.append(x)
            if overlap(box, item) <= 0.5:
                continue
            near.append(x)
            w, h, gw, gh = (p[i + 2] - p[i] + more for p in (box, item) for i in (0, 1))
            targets.append([(item[0] + gw / 2 - box[0] - w / 2) / w, (item[1] + gh / 2 - box[1] - h / 2) / h, np.log(gw / w), np.log(gh / h)])
    scale = 20 / np.mean([np.linalg.norm(x) for x in rows])
    x = np.hstack([scale * np.array(near), np.ones((len(near), 1))])
    y = np.array(targets)
    mean = y.mean(0)
    values, vectors = np.linalg.eigh((y - mean).T @ (y - mean) / len(y))
    turn = vectors @ np.diag(1 / np.sqrt(values + 0.001)) @ vectors.T
    beta = np.linalg.solve(x.T @ x + penalty * np.eye(d + 1), x.T @ ((y - mean) @ turn)) @ np.linalg.inv(turn)
    beta[:-1] *= scale
    beta[-1] += mean
    return len(near), beta.T


for d, penalty, more in [(6, 4000, 1), (6, 1000, 2**-52), (40, 4000, 1)]:
    pairs, weights = fit(d, penalty, more)
    print(d, penalty, more, pairs)
    print(", ".join(f"{w[i]:.7g}" for w in weights for i in (0, d - 1, d)))
