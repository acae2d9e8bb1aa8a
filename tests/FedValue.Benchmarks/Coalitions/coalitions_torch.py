"""The peer of the coalition benchmark: PyTorch on the same round, one line of work at a time.

Arguments: the folder of the round, the number of threads. The first line it writes names PyTorch. Then
"load NAME" reads a round, "rebuild M..." forms and measures the models of the coalitions with those bit masks, "sums M..." measures them from
the first layer's products of every update, "double M..." gives their losses in double precision, and "train" trains every participant for one
epoch and takes their weighted mean. Answers are "seconds processor-seconds", or the losses.
"""
import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)


def read(name, kind=np.float32):
    return np.fromfile(os.path.join(folder, name), kind)


class Round:
    def __init__(self, name):
        with open(os.path.join(folder, name + ".json")) as file:
            shape = json.load(file)
        self.widths, self.examples = shape["widths"], shape["examples"]
        self.batch, self.rate = shape["batch"], shape["rate"]
        self.rows = torch.from_numpy(read("features").reshape(-1, self.widths[0]))
        self.labels = torch.from_numpy(read("labels", np.int32).astype(np.int64))
        models = read(name + ".models").reshape(len(self.examples) + 1, -1)
        self.base = self.layers(models[0])
        self.updates = [self.layers(model - models[0]) for model in models[1:]]
        self.doubles = models.astype(np.float64)

    def layers(self, flat):
        layers, at = [], 0
        for inputs, outputs in zip(self.widths, self.widths[1:]):
            weight = flat[at : at + inputs * outputs].reshape(outputs, inputs)
            at += inputs * outputs
            layers.append((torch.from_numpy(weight.copy()), torch.from_numpy(flat[at : at + outputs].copy())))
            at += outputs
        return layers

    def members(self, mask):
        members = [i for i in range(len(self.examples)) if mask >> i & 1]
        total = sum(self.examples[i] for i in members)
        return [(i, self.examples[i] / total) for i in members]

    def layer(self, l, members):
        weight, bias = self.base[l][0].clone(), self.base[l][1].clone()
        for i, share in members:
            weight.add_(self.updates[i][l][0], alpha=share)
            bias.add_(self.updates[i][l][1], alpha=share)
        return weight, bias

    def rebuild(self, masks):
        for mask in masks:
            members, h = self.members(mask), self.rows
            for l in range(len(self.base)):
                h = F.linear(h if l == 0 else h.relu_(), *self.layer(l, members))
            F.cross_entropy(h, self.labels).item()
        return masks

    def sums(self, masks):
        """The first layer of a coalition costs one addition, as the masks are walked with the last one's sum at hand."""
        origin = F.linear(self.rows, *self.base[0])
        began, worked = time.perf_counter(), time.process_time()
        parts = [F.linear(self.rows, *update[0]).mul_(examples) for update, examples in zip(self.updates, self.examples)]
        prepared = time.perf_counter() - began, time.process_time() - worked
        total, current = torch.zeros_like(origin), 0
        for i in range(len(masks).bit_length() - 1, len(self.examples), 2):  # half of the members that this stretch of the code leaves alone
            total.add_(parts[i])
            current |= 1 << i
        began, worked = time.perf_counter(), time.process_time()
        for step in range(1, len(masks) + 1):  # a Gray code: one member comes or goes
            i = (step & -step).bit_length() - 1
            current ^= 1 << i
            total.add_(parts[i], alpha=1 if current >> i & 1 else -1)
            members = self.members(current)
            h = torch.add(origin, total, alpha=1 / sum(self.examples[i] for i, _ in members))
            for l in range(1, len(self.base)):
                h = F.linear(h.relu_(), *self.layer(l, members))
            F.cross_entropy(h, self.labels).item()
        scale = ((1 << len(self.examples)) - 1) / len(masks)
        return (prepared[0] + scale * (time.perf_counter() - began), prepared[1] + scale * (time.process_time() - worked))

    def double(self, masks):
        losses = []
        for mask in masks:
            model = self.doubles[0] + sum(share * (self.doubles[i + 1] - self.doubles[0]) for i, share in self.members(mask))
            h = self.rows.double()
            for l, (weight, bias) in enumerate(self.layers(model)):
                h = F.linear(h if l == 0 else h.relu(), weight, bias)
            losses.append(F.cross_entropy(h, self.labels).item())
        return losses

    def train(self):
        rows = torch.from_numpy(read("train-features").reshape(-1, self.widths[0]))
        labels = torch.from_numpy(read("train-labels", np.int32).astype(np.int64))
        layers = []
        for inputs, outputs in zip(self.widths, self.widths[1:]):
            layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        start = [weight for layer in self.base for weight in layer]
        began, worked, first = time.perf_counter(), time.process_time(), 0
        mean = [torch.zeros_like(weight) for weight in start]
        for examples in self.examples:
            with torch.no_grad():
                for weight, value in zip(model.parameters(), start):
                    weight.copy_(value)
            optimizer = torch.optim.SGD(model.parameters(), self.rate, foreach=True)
            order = first + torch.randperm(examples)
            for at in range(0, examples, self.batch):
                batch = order[at : at + self.batch]
                optimizer.zero_grad(set_to_none=True)
                F.cross_entropy(model(rows[batch]), labels[batch]).backward()
                optimizer.step()
            with torch.no_grad():
                for total, weight in zip(mean, model.parameters()):
                    total.add_(weight, alpha=examples / sum(self.examples))
            first += examples
        return time.perf_counter() - began, time.process_time() - worked


def work(words):
    masks = [int(word) for word in words[1:]]
    if words[0] == "train":
        return current.train()
    with torch.no_grad():
        if words[0] == "double":
            return current.double(masks)
        if words[0] == "sums":
            return current.sums(masks)
        began, worked = time.perf_counter(), time.process_time()
        current.rebuild(masks)
        scale = ((1 << len(current.examples)) - 1) / len(masks)
        return scale * (time.perf_counter() - began), scale * (time.process_time() - worked)


torch.ones(2, 2) @ torch.ones(2, 2)
with open("/proc/self/maps") as maps:
    files = {os.path.basename(line.split()[-1]) for line in maps if "openblas" in line}
print(f"PyTorch {torch.__version__} with {', '.join(sorted(files)) or 'a BLAS that is not OpenBLAS'}", flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "load":
        current = Round(words[1])
        print("0 0", flush=True)
    else:
        print(*(repr(number) for number in work(words)), flush=True)
