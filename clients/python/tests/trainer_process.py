"""One participant as a process of its own: enrols, trains a softmax regression or MLP in numpy until the federation is closed, checks what it holds.

Usage: trainer_process.py URL FEDERATION PARTICIPANT KEYFILE TOKEN ROWS [--data FILE] [--scale X] [--state FILE] [--epochs N] [--seconds X]
[--verify] [--ca FILE]

KEYFILE is made where it does not exist. TOKEN may be - where the participant is enrolled. ROWS is FIRST:END of the data. Every line on
standard output is one JSON object: enrolled, round, done. Exit code 0: the federation was closed and everything that was checked holds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, os.fspath(Path(__file__).resolve().parents[1]))

import fedvalue  # noqa: E402

DIGITS = Path(__file__).resolve().parents[3] / "src/FedValue.Federation/Simulation/Data/digits.csv.gz"


class NumpyTrainer:
    """Layers of weight [out, in] and bias [out] with ReLU between them and cross-entropy behind: plain gradient descent, no randomness."""

    def __init__(self, x: np.ndarray, y: np.ndarray, epochs: int, seconds: float) -> None:
        self.x, self.y, self.epochs, self.seconds = x, y, epochs, seconds
        # A step that suits the features' scale, whatever it is.
        self.rate = np.float32(0.5 / (1 + np.mean(np.sum(x * x, axis=1))))

    def fit(self, parameters: list[np.ndarray], config: dict[str, Any]) -> tuple[list[np.ndarray], int, dict[str, Any]]:
        loss = 0.0
        for _ in range(self.epochs):
            loss, gradients = self.gradients(parameters)
            parameters = [p - self.rate * g for p, g in zip(parameters, gradients)]
        time.sleep(self.seconds)
        return parameters, len(self.y), {"loss": loss}

    def evaluate(self, parameters: list[np.ndarray], config: dict[str, Any]) -> tuple[float, int, dict[str, Any]]:
        loss, _ = self.gradients(parameters)
        return loss, len(self.y), {}

    def gradients(self, parameters: list[np.ndarray]) -> tuple[float, list[np.ndarray]]:
        layers = list(zip(parameters[::2], parameters[1::2]))
        inputs = [self.x]
        for weight, bias in layers[:-1]:
            inputs.append(np.maximum(inputs[-1] @ weight.T + bias, 0))
        weight, bias = layers[-1]
        logits = inputs[-1] @ weight.T + bias
        logits -= logits.max(axis=1, keepdims=True)
        p = np.exp(logits)
        p /= p.sum(axis=1, keepdims=True)
        rows = np.arange(len(self.y))
        loss = float(-np.mean(np.log(p[rows, self.y] + 1e-12)))
        delta = p
        delta[rows, self.y] -= 1
        delta /= np.float32(len(self.y))
        gradients: list[np.ndarray] = []
        for (weight, _), value in zip(reversed(layers), reversed(inputs)):
            gradients = [delta.T @ value, delta.sum(axis=0), *gradients]
            delta = (delta @ weight) * (value > 0)
        return max(loss, 0.0), gradients


def read_rows(file: Path, rows: str, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Features [n, d] as float32 and labels [n] of the rows FIRST:END of a CSV table without header, label last, plain or gzipped."""
    with gzip.open(file, "rt") if file.suffix == ".gz" else open(file) as lines:
        table = np.loadtxt(lines, delimiter=",")
    first, end = (int(part) for part in rows.split(":"))
    part = table[first:end]
    return (part[:, :-1] * scale).astype(np.float32), part[:, -1].astype(np.int64)


def say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("url", "federation", "participant", "key", "token", "rows"):
        parser.add_argument(name)
    parser.add_argument("--data", type=Path, default=DIGITS)
    parser.add_argument("--scale", type=float, default=1.0, help="what features are multiplied by; as in the server's validation rows")
    parser.add_argument("--state")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.0, help="how long every round's training takes besides")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--verify", action="store_true", help="check the whole ledger at the end")
    parser.add_argument("--ca")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")

    x, y = read_rows(options.data, options.rows, options.scale)
    key = fedvalue.Key.load_or_generate(options.key)
    client = fedvalue.Client(
        options.url, options.federation, options.participant, key, state=options.state, ca_file=options.ca, patience=120, poll=2
    )
    with client:
        if options.token != "-":
            say(enrolled=client.enrol(options.token, len(y)).index)
        results = client.run(
            NumpyTrainer(x, y, options.epochs, options.seconds),
            options.rounds,
            on_round=lambda r: say(round=r.round, index=r.receipt.index, update=r.update, loss=r.loss),
        )
        checked = client.verify_receipts()
        done: dict[str, Any] = {"rounds": len(results), "receipts": checked, "balance": client.balance()}
        if options.verify:
            report = client.verify_ledger()
            done |= {"entries": report.head.size, "root": report.head.root, "signatures": report.signatures, "paid": report.rounds_paid}
        say(done=done)


if __name__ == "__main__":
    main()
