#!/usr/bin/env python3
"""Compares what `descent replay` accepts as .npy and .safetensors with what NumPy and the safetensors library accept.

    Scripts/compare-headers.py .build/release/descent [count] [seed]

Headers are mutated at random. What the library refuses and descent accepts is printed, one line each; so is, as a count, what
descent refuses and the library accepts, which is no fault (records, big-endian numbers, names given twice). Needs numpy and
safetensors. The status is 1 if a line was printed.
"""

import collections
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy
import safetensors

NPY_TOKENS = [
    "'", '"', "(", ")", "{", "}", "[", "]", ",", ":", " ", "\n", "\t", "L", "1", "2", "3", "0", "-", "+", ".", "e", "_", "x",
    "True", "False", "Falsehood", "None", "'descr'", "'shape'", "'fortran_order'", "(3,)", "(1 2,)", "#", "\\", "\0", "*", "f4",
    "<f4", "é",
]
JSON_TOKENS = [
    '"', "[", "]", "{", "}", ",", ":", " ", "\n", "1", "2", "4", "8", "0", "-1", "1.0", "1e0", "01", "null", "true", "NaN",
    '"dtype"', '"shape"', '"data_offsets"', '"F32"', '"F64"', '"F16"', '"__metadata__"', '{"a":"b"}', '"a":1', "\\u0041",
    "\\ud800", "\x01", "é", "\ufeff", "/", "//",
]


def mutated(text, tokens, stream):
    for _ in range(stream.randint(1, 3)):
        i = stream.randrange(len(text) + 1)
        j = min(len(text), i + stream.choice([0, 0, 1, 1, 2, 5]))
        kind = stream.randrange(4)
        if kind == 0:
            text = text[:i] + stream.choice(tokens) + text[i:]
        elif kind == 1:
            text = text[:i] + text[j:]
        elif kind == 2:
            text = text[:i] + stream.choice(tokens) + text[j:]
        else:
            k = stream.randrange(len(text) + 1)
            text = text[:i] + text[min(i, k) : max(i, k)] + text[i:]
    return text


def npy(stream):
    shape = stream.choice(["(3,)", "(1, 3)", "(3, 1,)", "(3L,)", "(1, 1, 3)", "()"])
    order = stream.choice(["False", "False", "True"])
    text = "{'descr': '<f4', 'fortran_order': %s, 'shape': %s, }" % (order, shape)
    if stream.random() < 0.95:
        text = mutated(text, NPY_TOKENS, stream)
    version = stream.choice([(1, 0), (1, 0), (1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (0, 0)])
    header = text.encode("utf-8" if version[0] == 3 else "latin1", "replace") + b"\n"
    length = len(header).to_bytes(2 if version[0] < 2 else 4, "little")
    body = numpy.arange(1 if shape == "()" else 3, dtype="<f4").tobytes()
    return b"\x93NUMPY" + bytes(version) + length + header + body


def is_npy(data):
    try:
        numpy.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
        return True
    except Exception:
        return False


def tensors(stream):
    entries = {
        "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "b": {"dtype": "F64", "shape": [1], "data_offsets": [16, 24]},
        "__metadata__": {"k": "v"},
    }
    names = list(entries)
    stream.shuffle(names)
    text = json.dumps({name: entries[name] for name in names}, separators=stream.choice([(",", ":"), (", ", ": ")]))
    if stream.random() < 0.95:
        text = mutated(text, JSON_TOKENS, stream)
    header = text.encode("utf-8", "surrogatepass")
    if stream.random() < 0.1:
        header = header.replace(b"a", bytes([stream.randrange(256)]), 1)
    if stream.random() < 0.5:
        header += b" " * (-len(header) % 8)
    length = max(0, len(header) + stream.choice([0] * 20 + [1, -1, 8, 1 << 40]))
    body = bytes(24 + stream.choice([0] * 20 + [1, -1, 8]))
    return length.to_bytes(8, "little") + header + body


def is_safetensors(data):
    try:
        safetensors.deserialize(data)
        return True
    except Exception:
        return False


def accepts(command, path):
    """Whether descent reads the header; what fails afterwards names another file."""
    gradients = path.parent / "no-gradients.npy"
    run = subprocess.run(
        [command, "replay", "--optimizer", "sgd", "--initial", path, "--gradients", gradients, "--output", path.parent / "o.npy"],
        capture_output=True, text=True, errors="replace")
    if run.returncode < 0:
        print(f"descent ended by signal {-run.returncode}: {path.read_bytes()!r}")
    return "no-gradients" in run.stderr or run.returncode == 0, run.stderr.strip()


def main():
    command = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    stream = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for suffix, make, library in [("npy", npy, is_npy), ("safetensors", tensors, is_safetensors)]:
            path = pathlib.Path(folder) / f"x.{suffix}"
            verdicts = collections.Counter()
            reasons = collections.Counter()
            for _ in range(count):
                data = make(stream)
                path.write_bytes(data)
                (ours, message), theirs = accepts(command, path), library(data)
                verdicts[ours, theirs] += 1
                if ours and not theirs:
                    wrong += 1
                    print(f"{suffix}: {data!r}")
                elif theirs and not ours:
                    reasons[message.split(suffix, 1)[-1]] += 1
            both, neither = verdicts[True, True], verdicts[False, False]
            print(f"{suffix}: of {count}, both accept {both}, both refuse {neither}, descent alone refuses {verdicts[False, True]}")
            for reason, number in reasons.most_common(12):
                print(f"  {number} times {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
