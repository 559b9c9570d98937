"""PyTorch's side of `descent bench compare`.

    torch-peer.py serve                         # answers requests, one line of JSON each, until standard input ends
    torch-peer.py alone --model mlp --batch 128 --threads 2 --steps 20

`serve` takes {"do": "prepare", "work": …}, {"do": "measure", "seconds": s} and {"do": "finish"}. Preparing tries every
setting that PyTorch has for the work (fused, foreach, channels_last, torch.compile) and keeps the fastest. `alone`
trains one model in a process of its own and says when the first step is done and how much memory was used at most.
"""
import argparse
import gc
import json
import resource
import shutil
import signal
import statistics
import sys
import time
import warnings

import torch
import torch.nn.functional as F
from torch import nn

warnings.filterwarnings("ignore")

# A block of steps is timed as one, so that the clock's precision does not matter.
SECONDS_PER_BLOCK = 1e-3
SECONDS_PER_TRIAL = 0.1
SECONDS_TO_COMPILE = 150


# Optimizers: descent's name, the class, its options, whether there is a fused kernel.
OPTIMIZERS = {
    "adam": (torch.optim.Adam, {}, True),
    "adamw": (torch.optim.AdamW, {}, True),
    "amsgrad": (torch.optim.Adam, {"amsgrad": True}, True),
    "sgd": (torch.optim.SGD, {"lr": 0.01}, True),
    "momentum": (torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}, True),
    "nesterov": (torch.optim.SGD, {"lr": 0.01, "momentum": 0.9, "nesterov": True}, True),
    "adagrad": (torch.optim.Adagrad, {}, True),
    "adadelta": (torch.optim.Adadelta, {}, False),
    "rmsprop": (torch.optim.RMSprop, {}, False),
    "rmspropmomentum": (torch.optim.RMSprop, {"momentum": 0.9}, False),
    "centeredrmsprop": (torch.optim.RMSprop, {"momentum": 0.9, "centered": True}, False),
    "adamax": (torch.optim.Adamax, {}, False),
    "nadam": (torch.optim.NAdam, {}, False),
    "radam": (torch.optim.RAdam, {}, False),
    "rprop": (torch.optim.Rprop, {}, False),
}


class Perceptron(nn.Sequential):
    def __init__(self, dropout):
        layers, width = [], 784
        for units in (1000, 1000):
            layers += [nn.Linear(width, units), nn.ReLU()] + ([nn.Dropout(dropout)] if dropout else [])
            width = units
        super().__init__(*layers, nn.Linear(width, 10))


class Convolutional(nn.Sequential):
    def __init__(self):
        layers, channels = [], 3
        for filters in (64, 64, 128):
            layers += [nn.Conv2d(channels, filters, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
            channels = filters
        super().__init__(*layers, nn.Flatten(), nn.Linear(128 * 16, 1000), nn.ReLU(), nn.Linear(1000, 10))


class Autoencoder(nn.Module):
    """Gaussian latent variables, Bernoulli pixels; returns minus the evidence lower bound."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(784, 500), nn.Linear(50, 500)
        self.mean, self.log_variance = nn.Linear(500, 50), nn.Linear(500, 50)
        self.pixels = nn.Linear(500, 784)

    def forward(self, x):
        h = F.softplus(self.encoder(x))
        m, v = self.mean(h), self.log_variance(h)
        z = m + torch.exp(v / 2) * torch.randn_like(m)
        logits = self.pixels(F.softplus(self.decoder(z)))
        reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        divergence = -0.5 * (1 + v - m.square() - v.exp()).sum()
        return (reconstruction + divergence) / len(x)


class SparseLogistic(nn.Module):
    """Softmax regression on rows with few nonzeros, in each of the forms that PyTorch has for them."""

    FEATURES, NONZEROS, CLASSES = 10_000, 130, 2

    def __init__(self, form, batch):
        super().__init__()
        self.form = form
        self.weight = nn.Parameter(torch.zeros(self.FEATURES, self.CLASSES))
        self.bias = nn.Parameter(torch.zeros(self.CLASSES))
        columns = torch.stack([torch.randperm(self.FEATURES)[: self.NONZEROS].sort().values for _ in range(batch)])
        rows = torch.arange(batch).repeat_interleave(self.NONZEROS)
        values = torch.rand(batch * self.NONZEROS)
        size = (batch, self.FEATURES)
        if form == "coo":
            self.x = torch.sparse_coo_tensor(torch.stack([rows, columns.flatten()]), values, size).coalesce()
        elif form == "csr":
            starts = torch.arange(0, (batch + 1) * self.NONZEROS, self.NONZEROS)
            self.x = torch.sparse_csr_tensor(starts, columns.flatten(), values, size)
        elif form == "dense":
            self.x = torch.sparse_coo_tensor(torch.stack([rows, columns.flatten()]), values, size).to_dense()
        else:
            self.x = (columns, values.view(batch, self.NONZEROS))

    def forward(self):
        if self.form in ("coo", "csr"):
            return torch.sparse.mm(self.x, self.weight) + self.bias
        if self.form == "dense":
            return self.x @ self.weight + self.bias
        columns, values = self.x
        return F.embedding_bag(columns, self.weight, mode="sum", per_sample_weights=values) + self.bias


def model_and_loss(name, batch, form):
    """The model and a function of no arguments that computes its loss on one batch of random data."""
    if name == "sparse-logistic":
        net, y = SparseLogistic(form, batch), torch.randint(0, SparseLogistic.CLASSES, (batch,))
        return net, lambda: F.cross_entropy(net(), y)
    if name == "vae":
        net, x = Autoencoder(), torch.rand(batch, 784)
        return net, lambda: net(x)
    y = torch.randint(0, 10, (batch,))
    if name == "cnn":
        net, x = Convolutional(), torch.rand(batch, 3, 32, 32)
        if form == "channels_last":
            net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    else:
        x = torch.rand(batch, 784)
        net = {
            "logistic": lambda: nn.Linear(784, 10),
            "mlp": lambda: Perceptron(0),
            "mlp-dropout": lambda: Perceptron(0.5),
        }[name]()
    return net, lambda: F.cross_entropy(net(x), y)


# How a model's data may lie in memory; the first is PyTorch's own choice.
FORMS = {"cnn": ["contiguous", "channels_last"], "sparse-logistic": ["coo", "csr", "embedding_bag", "dense"]}


def optimizer_step(request, setting):
    make, options, _ = OPTIMIZERS[request["method"]]
    count = request["parameters"]
    p = nn.Parameter(0.1 * (torch.rand(count) - 0.5))
    p.grad = 0.1 * (torch.rand(count) - 0.5)
    implementation = {name: True for name in ("fused", "foreach") if name == setting}
    optimizer = make([p], **options, **implementation)
    if setting != "compiled":
        return optimizer.step
    return torch.compile(optimizer.step)


def training_step(request, setting):
    torch.manual_seed(1)
    net, loss = model_and_loss(request["model"], request["batch"], setting.removesuffix(", compiled"))
    optimizer = torch.optim.Adam(net.parameters(), fused=True)
    if setting.endswith(", compiled"):
        loss = torch.compile(loss)

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    return step


def eager_settings(request):
    if request["work"] == "step":
        return (["fused"] if OPTIMIZERS[request["method"]][2] else []) + ["foreach", "single"]
    return FORMS.get(request["model"], ["eager"])


def blocks_of(step, seconds):
    """Seconds a step, of blocks of steps that take about `seconds` in all; at least one block."""
    started = time.perf_counter()
    step()
    once = time.perf_counter() - started
    count = max(1, int(SECONDS_PER_BLOCK / max(once, 1e-9)))
    blocks = []
    while not blocks or time.perf_counter() - started < seconds:
        begin = time.perf_counter()
        for _ in range(count):
            step()
        blocks.append((time.perf_counter() - begin) / count)
    return blocks


class TooSlow(Exception):
    pass


def give_up(*_):
    raise TooSlow(f"not ready after {SECONDS_TO_COMPILE} s")


class Server:
    def __init__(self):
        self.steps = {}

    def prepare(self, request):
        torch.set_num_threads(request["threads"])
        build = optimizer_step if request["work"] == "step" else training_step
        tried, refused = {}, {}

        def attempt(setting):
            signal.signal(signal.SIGALRM, give_up)
            signal.alarm(SECONDS_TO_COMPILE)
            try:
                step = build(request, setting)
                # The first steps make the state, choose kernels and compile; the next ones bring caches and pages.
                for _ in range(5):
                    step()
                # What interrupts a step makes it longer, never shorter: the shortest tells settings apart.
                tried[setting] = min(blocks_of(step, SECONDS_PER_TRIAL))
                return step
            except Exception as error:
                refused[setting] = f"{type(error).__name__}: {error}".split("\n")[0][:200]
            finally:
                signal.alarm(0)

        best = None
        for setting in eager_settings(request):
            step = attempt(setting)
            if step and (best is None or tried[setting] < tried[best]):
                best, self.steps["eager"] = setting, step
            step = None
            gc.collect()
        if best is None:
            raise RuntimeError("; ".join(f"{name}: {reason}" for name, reason in refused.items()))
        if request["compile"]:
            self.steps["compiled"] = attempt("compiled" if request["work"] == "step" else f"{best}, compiled")
        return {
            "setting": best,
            "compiled": self.steps.get("compiled") is not None,
            "tried": tried,
            "refused": refused,
        }

    def measure(self, request):
        return {"seconds": statistics.median(blocks_of(self.steps[request["side"]], request["seconds"]))}

    def finish(self, _):
        self.steps = {}
        if "torch._dynamo" in sys.modules:
            torch._dynamo.reset()
        gc.collect()
        return {}

    def run(self):
        # Whatever else is printed must not come between the answers.
        answers, sys.stdout = sys.stdout, sys.stderr
        say(answers, {"version": torch.__version__, "compiler": shutil.which("g++") is not None})
        for line in sys.stdin:
            try:
                request = json.loads(line)
                say(answers, getattr(self, request["do"])(request))
            except Exception as error:
                say(answers, {"error": f"{type(error).__name__}: {error}".split("\n")[0]})


def say(stream, answer):
    stream.write(json.dumps(answer) + "\n")
    stream.flush()


def peak_memory():
    """The most memory that this process has had in use, in bytes; not what a parent had before it."""
    try:
        with open("/proc/self/status") as status:
            return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def alone(arguments):
    torch.set_num_threads(arguments.threads)
    setting = arguments.setting or FORMS.get(arguments.model, ["eager"])[0]
    step = training_step({"model": arguments.model, "batch": arguments.batch}, setting)
    step()
    say(sys.stdout, {"first_step": True})
    for _ in range(arguments.steps - 1):
        step()
    say(sys.stdout, {"peak_memory_bytes": peak_memory()})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("serve")
    one = kinds.add_parser("alone")
    one.add_argument("--model", required=True)
    one.add_argument("--setting")
    for name, value in (("batch", 128), ("threads", 2), ("steps", 20)):
        one.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    Server().run() if arguments.kind == "serve" else alone(arguments)


main()
