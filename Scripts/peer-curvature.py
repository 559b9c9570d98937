#!/usr/bin/env python3
"""Curvature of small networks by curvlinops and BackPACK: the fixture of CurvaturePeerTests.swift.

Run by hand, when a peer's version changes; the file it writes is committed:

    python3 -m venv /tmp/curvature
    /tmp/curvature/bin/pip install torch==2.15.0 curvlinops-for-pytorch==3.0.1 backpack-for-pytorch==1.7.1 safetensors
    /tmp/curvature/bin/python Scripts/peer-curvature.py Tests/DescentNetworksTests/Fixtures/curvature.safetensors

Everything is computed in float64 on one thread, from numbers that float32 holds. For each network the file has `inputs`,
`labels` or none, the parameters, a vector `v`, the gradient, the products of v with the Gauss–Newton matrix and with the
Hessian (curvlinops), and the diagonal of the Gauss–Newton matrix of the last layer (BackPACK, where it
knows all modules). Parameters are one after the other, each with its inputs before its outputs: [inputs, outputs],
[height, width, inputs, outputs].
"""

import sys
from importlib.metadata import version

import curvlinops
import numpy as np
import safetensors.numpy
import torch
from backpack import backpack, extend
from backpack.extensions import DiagGGNExact
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
torch.manual_seed(3)


class Squares(nn.Module):
    """The squared distance of an example's outputs and targets, as a mean over the examples."""

    reduction = "mean"

    def forward(self, outputs, targets):
        return ((outputs - targets) ** 2).sum() / len(outputs)


class PixelEntropy(nn.Module):
    """The cross-entropy of sigmoid outputs, summed over an example's outputs, as a mean over the examples."""

    reduction = "mean"

    def forward(self, outputs, targets):
        entropy = nn.functional.binary_cross_entropy_with_logits(outputs, targets, reduction="sum")
        return entropy / len(outputs)


def dense(activation, outputs):
    return nn.Sequential(nn.Linear(5, 4), activation(), nn.Linear(4, 3), activation(), nn.Linear(3, outputs))


NETWORKS = {
    "tanh-softmax": (dense(nn.Tanh, 3), nn.CrossEntropyLoss(), (4, 5)),
    "softplus-softmax": (dense(nn.Softplus, 3), nn.CrossEntropyLoss(), (4, 5)),
    "sigmoid-entropy": (dense(nn.Sigmoid, 5), PixelEntropy(), (4, 5)),
    "tanh-squares": (dense(nn.Tanh, 5), Squares(), (4, 5)),
    "convolutions-softmax": (
        nn.Sequential(
            nn.Conv2d(2, 3, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(3, 2, 3, padding=1), nn.Sigmoid(),
            nn.Flatten(), nn.Linear(18, 3),
        ),
        nn.CrossEntropyLoss(),
        (4, 2, 6, 6),
    ),
}


def single(x):
    """The nearest float32 numbers."""
    return x.float().double()


def in_order(x):
    """A torch parameter with its inputs before its outputs, as this package stores it."""
    if x.ndim == 2:
        return x.T
    return x.permute(2, 3, 1, 0) if x.ndim == 4 else x


def flat(tensors, flattened):
    """All parameters in one vector. Dense rows that read images are sorted by place and then channel."""
    parts = []
    for x in tensors:
        if x.ndim == 2 and x.shape[1] == flattened:
            x = x.reshape(x.shape[0], 2, 3, 3).permute(0, 2, 3, 1).reshape(x.shape)
        parts.append(in_order(x).reshape(-1))
    return torch.cat(parts).detach().numpy()


results = {}
for name, (model, loss, shape) in NETWORKS.items():
    parameters = dict(model.named_parameters())
    for p in parameters.values():
        p.data = single(torch.empty_like(p).uniform_(-0.7, 0.7))
    x = single(torch.empty(shape).uniform_(0, 1))
    targets = torch.tensor([0, 2, 1, 2]) if isinstance(loss, nn.CrossEntropyLoss) else x
    v = [single(torch.empty_like(p).uniform_(-1, 1)) for p in parameters.values()]
    flattened = 18 if len(shape) == 4 else -1

    def saved(tensors):
        return flat(tensors, flattened)

    data = [(x, targets)]
    arguments = (model, loss, list(parameters.values()), data)
    results[f"{name}/inputs"] = (x.permute(0, 2, 3, 1) if x.ndim == 4 else x).contiguous().numpy()
    results[f"{name}/parameters"] = saved(parameters.values())
    results[f"{name}/v"] = saved(v)
    results[f"{name}/gradient"] = saved(torch.autograd.grad(loss(model(x), targets), parameters.values()))
    for kind, operator in [
        ("gauss-newton", curvlinops.GGNLinearOperator(*arguments)),
        ("hessian", curvlinops.HessianLinearOperator(*arguments)),
    ]:
        results[f"{name}/{kind}"] = saved(operator @ v)
    # BackPACK knows no softplus, and no losses of one's own.
    if isinstance(loss, nn.CrossEntropyLoss) and "softplus" not in name:
        model, extended = extend(model), extend(loss)
        with backpack(DiagGGNExact()):
            extended(model(x), targets).backward()
        last = list(model.parameters())[-2:]
        results[f"{name}/last-diagonal"] = saved([p.diag_ggn_exact for p in last])

versions = {name: version(name) for name in ("torch", "curvlinops-for-pytorch", "backpack-for-pytorch")}
safetensors.numpy.save_file(
    {name: np.ascontiguousarray(x) for name, x in results.items()}, sys.argv[1], metadata=versions)
