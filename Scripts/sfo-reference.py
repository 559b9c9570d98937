"""Prints the path of the authors' SFO on the problem of SFOReferenceTests.swift.

    git clone https://github.com/Sohl-Dickstein/Sum-of-Functions-Optimizer
    python3 Scripts/sfo-reference.py Sum-of-Functions-Optimizer

Two terms, both active from the start, four dimensions (the subspace is the whole space) and selection by distance leave
one random choice: which term is evaluated first. The path of the run that begins with the first term is printed.
"""

import sys

import numpy as np

sys.path.insert(0, sys.argv[1])
from sfo import SFO

CENTRE = [np.array([1.0, -1.0, 0.5, 2.0]), np.array([-0.5, 1.5, 1.0, -1.0])]
SCALE = [np.array([1.0, 3.0, 0.5, 2.0]), np.array([2.0, 0.3, 1.0, 4.0])]
COUPLING = [np.array([1.0, 0.5, -1.0, 0.25]), np.array([0.5, -1.0, 0.25, 1.0])]
OFFSET = [0.0, -30.0]  # so that the second term is no surprise beside the first


def term(x, i):
    x = x.ravel()
    step, product = x - CENTRE[i], COUPLING[i] @ x
    value = 0.5 * SCALE[i] @ step**2 + np.sum(np.exp(0.5 * x)) + 0.5 * product**2 + OFFSET[i]
    gradient = SCALE[i] * step + 0.5 * np.exp(0.5 * x) + product * COUPLING[i]
    return value, gradient.reshape(-1, 1)


for seed in range(100):
    np.random.seed(seed)
    order = []

    def counted(x, i):
        order.append(i)
        return term(x, i)

    sfo = SFO(counted, np.array([[2.0], [1.0], [-1.0], [0.5]]), [0, 1], display=0, subfunction_selection="distance",
              hessian_init=float(sys.argv[2]) if len(sys.argv) > 2 else 10)
    path = []
    for t in range(40):
        sfo.optimize(num_steps=1)
        path.append((sfo.theta.ravel().copy(), order[-1], sfo.events["step_failure"], sfo.step_scale))
    if order[0] == 0:
        break

for t in list(range(1, 13)) + [15, 20, 25, 30, 40]:
    theta, last, failed, scale = path[t - 1]
    print(f"({t}, {list(map(float, theta))}, {len(order)}),", "failed" if failed else "", scale)
