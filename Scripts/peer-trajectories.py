#!/usr/bin/env python3
"""Trajectories of torch's and optax's optimizers: the fixture of PeerTests.swift.

Run by hand, when a peer is to be added or its version changes; the file it writes is committed:

    python3 -m venv /tmp/peers
    /tmp/peers/bin/pip install torch==2.13.0 optax==0.2.8 jax==0.10.2 numpy==2.4.6 safetensors
    /tmp/peers/bin/python Scripts/peer-trajectories.py Tests/DescentLabTests/Fixtures/peers.safetensors

Everything is computed in float64 on one thread. The file holds `initial` [46] and `gradients` [60, 46], of a matrix
[5, 7] and a vector [11] one after the other; and for each peer its parameters [7, 46] after the steps 1, 2, 3, 5, 10, 25
and 60. Its metadata holds the versions and, under a peer's name, the very expression that made its optimizer.
"""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
import safetensors.numpy
import torch
from optax import contrib

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
jax.config.update("jax_enable_x64", True)

SHAPES = {"weight": (5, 7), "bias": (11,)}
STEPS = 60
RECORDED = (1, 2, 3, 5, 10, 25, 60)

# `p` is the list of parameters. A name is `library-method`, then what distinguishes it.
TORCH = {
    "torch-sgd": "torch.optim.SGD(p, lr=0.05)",
    "torch-sgd-momentum": "torch.optim.SGD(p, lr=0.05, momentum=0.9)",
    "torch-sgd-dampening": "torch.optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.3)",
    "torch-sgd-nesterov": "torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True)",
    "torch-sgd-decay": "torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.1)",
    "torch-adagrad": "torch.optim.Adagrad(p, lr=0.1)",
    "torch-adagrad-options":
        "torch.optim.Adagrad(p, lr=0.1, lr_decay=0.05, initial_accumulator_value=0.1, eps=1e-6)",
    "torch-rmsprop": "torch.optim.RMSprop(p, lr=0.02)",
    "torch-rmsprop-momentum": "torch.optim.RMSprop(p, lr=0.02, alpha=0.9, momentum=0.8)",
    "torch-rmsprop-centered": "torch.optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-4, centered=True)",
    "torch-rmsprop-centered-momentum":
        "torch.optim.RMSprop(p, lr=0.02, alpha=0.9, eps=1e-4, centered=True, momentum=0.8)",
    "torch-adadelta": "torch.optim.Adadelta(p)",
    "torch-adadelta-options": "torch.optim.Adadelta(p, lr=0.5, rho=0.95, eps=1e-5)",
    "torch-adam": "torch.optim.Adam(p, lr=0.02)",
    "torch-adam-options": "torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.97), eps=1e-4)",
    "torch-adam-decay": "torch.optim.Adam(p, lr=0.02, weight_decay=0.1)",
    "torch-adam-amsgrad": "torch.optim.Adam(p, lr=0.02, betas=(0.9, 0.9), amsgrad=True)",
    "torch-adamw": "torch.optim.AdamW(p, lr=0.02, weight_decay=0.1)",
    "torch-adamax": "torch.optim.Adamax(p, lr=0.02, betas=(0.9, 0.95))",
    "torch-nadam": "torch.optim.NAdam(p, lr=0.02)",
    "torch-nadam-decay":
        "torch.optim.NAdam(p, lr=0.02, momentum_decay=0.05, weight_decay=0.1, decoupled_weight_decay=True)",
    "torch-radam": "torch.optim.RAdam(p, lr=0.02)",
    "torch-radam-decay": "torch.optim.RAdam(p, lr=0.02, weight_decay=0.1, decoupled_weight_decay=True)",
    "torch-rprop": "torch.optim.Rprop(p, lr=0.02)",
    "torch-rprop-options": "torch.optim.Rprop(p, lr=0.02, etas=(0.7, 1.1), step_sizes=(0.01, 0.05))",
    "torch-asgd": "torch.optim.ASGD(p, lr=0.05, lambd=0.1, alpha=0.6, t0=10)",
    "torch-adafactor": "torch.optim.Adafactor(p, lr=0.01)",
    "torch-adafactor-options": "torch.optim.Adafactor(p, lr=0.05, beta2_decay=-0.6, eps=(None, 0.5), d=1.5)",
    "torch-adafactor-decay": "torch.optim.Adafactor(p, lr=0.05, weight_decay=0.1)",
}

OPTAX = {
    "optax-sgd": "optax.sgd(0.05)",
    "optax-sgd-momentum": "optax.sgd(0.05, momentum=0.9)",
    "optax-sgd-nesterov": "optax.sgd(0.05, momentum=0.9, nesterov=True)",
    "optax-sgd-schedule": "optax.sgd(optax.cosine_decay_schedule(0.05, 40), momentum=0.9)",
    "optax-adagrad": "optax.adagrad(0.1)",
    "optax-rmsprop": "optax.rmsprop(0.02)",
    "optax-rmsprop-outside": "optax.rmsprop(0.02, decay=0.95, eps=1e-4, eps_in_sqrt=False, initial_scale=1.0)",
    "optax-rmsprop-corrected": "optax.rmsprop(0.02, bias_correction=True)",
    "optax-rmsprop-momentum": "optax.rmsprop(0.02, eps=1e-6, momentum=0.8)",
    "optax-rmsprop-nesterov": "optax.rmsprop(0.02, eps=1e-6, momentum=0.8, nesterov=True)",
    "optax-rmsprop-centered": "optax.rmsprop(0.02, eps=1e-4, centered=True)",
    "optax-adadelta": "optax.adadelta(0.5, rho=0.9, eps=1e-6)",
    "optax-adam": "optax.adam(0.02)",
    "optax-adam-schedule": "optax.adam(optax.cosine_decay_schedule(0.02, 40))",
    "optax-adam-root": "optax.adam(0.02, eps=1e-5, eps_root=1e-6)",
    "optax-adam-nesterov": "optax.adam(0.02, nesterov=True)",
    "optax-nadam": "optax.nadam(0.02, b1=0.8)",
    "optax-nadamw": "optax.nadamw(0.02, weight_decay=0.1)",
    "optax-adamw": "optax.adamw(0.02, weight_decay=0.1)",
    "optax-amsgrad": "optax.amsgrad(0.02, b2=0.9)",
    "optax-amsgrad-paper":
        "optax.amsgrad(0.02, b2=0.9, eps=1e-12, bias_correction_mu=False, bias_correction_nu=False)",
    "optax-adamax": "optax.adamax(0.02, b2=0.95)",
    "optax-adamaxw": "optax.adamaxw(0.02, b2=0.95, weight_decay=0.1)",
    "optax-adabelief": "optax.adabelief(0.02)",
    "optax-adabelief-options": "optax.adabelief(0.02, b1=0.8, eps=1e-5, eps_root=1e-6)",
    "optax-yogi": "optax.yogi(0.02)",
    "optax-yogi-zero":
        "optax.chain(optax.scale_by_yogi(initial_accumulator_value=0.0), optax.scale(-0.02))",
    "optax-lion": "optax.lion(0.02, weight_decay=0.1)",
    "optax-lamb": "optax.lamb(0.02, weight_decay=0.1)",
    "optax-lars": "optax.lars(0.5, weight_decay=0.1, trust_coefficient=0.05)",
    "optax-novograd": "optax.novograd(0.02, b1=0.9, b2=0.25)",
    "optax-novograd-decay": "optax.novograd(0.02, b1=0.95, b2=0.98, eps=1e-8, weight_decay=0.1)",
    "optax-radam": "optax.radam(0.02)",
    "optax-radam-four": "optax.radam(0.02, threshold=4.0)",
    "optax-sm3": "optax.sm3(0.1)",
    "optax-sm3-plain": "optax.sm3(0.1, momentum=0.0)",
    "optax-adafactor": "optax.adafactor(0.05, min_dim_size_to_factor=1)",
    # The same without its decay in float32.
    "optax-adafactor-exact":
        "optax.chain(optax.scale_by_factored_rms(min_dim_size_to_factor=1,"
        " decay_rate_fn=lambda i, exponent: 1 - (i + 1.0) ** -exponent), optax.clip_by_block_rms(1.0),"
        " optax.scale(0.05), optax.scale_by_param_block_rms(), optax.scale(-1))",
    "optax-adafactor-momentum":
        "optax.adafactor(0.05, min_dim_size_to_factor=1, momentum=0.9, dtype_momentum=jnp.float64)",
    "optax-signsgd": "optax.sign_sgd(0.02)",
    "optax-signum": "optax.signum(0.02, beta=0.9)",
    "optax-adan": "optax.adan(0.02, eps_root=0.0)",
    # Where 1 - b2 is b2.
    "optax-adan-half": "optax.adan(0.02, b2=0.5, eps_root=0.0)",
    "optax-rprop": "optax.rprop(0.02)",
    "optax-lookahead": "optax.lookahead(optax.adam(0.02), sync_period=6, slow_step_size=0.5)",
    "optax-acprop": "contrib.acprop(0.002 / 0.9, eps=1e-6 / 0.9, eps_root=1e-6 / 0.81)",
    "optax-ademamix": "contrib.ademamix(0.02, b3=0.999, alpha=5.0)",
    "optax-adopt": "contrib.adopt(0.02)",
    "optax-adopt-unclipped": "contrib.adopt(0.02, use_clipping=False)",
    "optax-madgrad": "contrib.madgrad(0.02)",
    "optax-muon": "contrib.muon(0.02)",
    "optax-muon-plain":
        "contrib.muon(0.02, beta=0.9, nesterov=False, eps=1e-30, muon_weight_dimension_numbers="
        "lambda _: {'weight': contrib.MuonDimensionNumbers(1, 0), 'bias': None})",
    "optax-prodigy": "contrib.prodigy(0.1, estim_lr0=1e-3)",
    "optax-dadaptadam": "contrib.dadapt_adamw(0.1, estim_lr0=1e-3)",
    "optax-schedulefree-sgd": "contrib.schedule_free_sgd(0.05)",
    "optax-schedulefree-adamw": "contrib.schedule_free_adamw(0.02)",
    "optax-schedulefree-decay": "contrib.schedule_free_adamw(0.02, b1=0.8, b2=0.95, weight_decay=0.1)",
    "optax-schedulefree-warmup": "contrib.schedule_free_adamw(0.02, warmup_steps=10, b1=0.95)",
    "optax-clip": "optax.chain(optax.clip_by_global_norm(3.0), optax.adam(0.02))",
    "optax-adaptive-clip": "optax.chain(optax.adaptive_grad_clip(0.1), optax.sgd(0.05))",
    "optax-centralize": "optax.chain(optax.centralize(), optax.sgd(0.05))",
    "optax-accumulate": "optax.MultiSteps(optax.adam(0.02), every_k_schedule=4, accumulator_dtype=jnp.float64)",
}


def split(flat):
    """The parameters' arrays of a flat vector."""
    arrays, offset = {}, 0
    for name, shape in SHAPES.items():
        count = int(np.prod(shape))
        arrays[name] = np.array(flat[offset:offset + count]).reshape(shape)
        offset += count
    return arrays


def flat(arrays):
    return np.concatenate([np.asarray(arrays[name], dtype=np.float64).reshape(-1) for name in SHAPES])


def problem():
    """Noise around a drift at scales from 1e-3 to 10; a fifth of the entries and every eleventh element are zero."""
    random = np.random.default_rng(20260721)
    count = sum(int(np.prod(shape)) for shape in SHAPES.values())
    element = np.arange(count)
    scale = 10.0 ** (element % 5 - 3)
    gradients = scale * (0.5 * random.normal(size=count) + random.normal(size=(STEPS, count)))
    gradients *= random.random((STEPS, count)) >= 0.2
    gradients[:, element % 11 == 7] = 0
    return random.normal(size=count), gradients


def torch_path(expression, initial, gradients):
    p = [torch.tensor(array, requires_grad=True) for array in split(initial).values()]
    optimizer = eval(expression)
    for t, gradient in enumerate(gradients, 1):
        for parameter, array in zip(p, split(gradient).values()):
            parameter.grad = torch.tensor(array)
        optimizer.step()
        if t in RECORDED:
            state = optimizer.state
            averages = [state[x]["ax"].numpy() for x in p] if "ASGD" in expression else None
            yield flat(dict(zip(SHAPES, [x.detach().numpy() for x in p]))), averages and flat(dict(zip(SHAPES, averages)))


def optax_path(expression, initial, gradients):
    optimizer = eval(expression)
    params = {name: jnp.asarray(array) for name, array in split(initial).items()}
    if "lookahead" in expression:
        params = optax.LookaheadParams.init_synced(params)
    state = optimizer.init(params)
    for t, gradient in enumerate(gradients, 1):
        gradient = {name: jnp.asarray(array) for name, array in split(gradient).items()}
        updates, state = optimizer.update(gradient, state, params)
        params = optax.apply_updates(params, updates)
        if t in RECORDED:
            if "lookahead" in expression:
                yield flat(params.fast), flat(params.slow)
            elif "schedule_free" in expression:
                yield flat(params), flat(contrib.schedule_free_eval_params(state, params))
            else:
                yield flat(params), None


def main(path):
    initial, gradients = problem()
    tensors = {"initial": initial, "gradients": gradients}
    metadata = {
        "torch": torch.__version__, "optax": optax.__version__, "jax": jax.__version__, "numpy": np.__version__,
        "steps": ",".join(map(str, RECORDED)),
    }
    for make_path, peers in ((torch_path, TORCH), (optax_path, OPTAX)):
        for name, expression in peers.items():
            recorded, others = zip(*make_path(expression, initial, gradients))
            tensors[name] = np.stack(recorded)
            # What is evaluated where it is not what is stepped: averages, slow weights.
            if others[0] is not None:
                tensors[name + ".evaluated"] = np.stack(others)
            metadata[name] = expression
            print(f"{name:34} {np.abs(tensors[name] - initial).max():.3g}", flush=True)
    with open(path, "wb") as file:
        file.write(safetensors.numpy.save(tensors, metadata))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
