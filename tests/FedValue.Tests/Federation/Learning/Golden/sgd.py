"""Prints the losses of GoldenTrainingTests: PyTorch's own SGD on a small problem, from the same weights, over the same batches.

Made with Debian 12's python3-torch (1.13.0): apt-get install python3-torch; /usr/bin/python3 sgd.py
"""
import torch

ROWS, FEATURES, CLASSES, BATCH, EPOCHS = 10, 4, 3, 4, 5
ORDERS = [  # RandomStream(seed 5, Training, 1, 2), one permutation per epoch
    [5, 3, 7, 6, 0, 1, 2, 8, 9, 4],
    [7, 9, 4, 8, 0, 6, 5, 3, 2, 1],
    [6, 1, 9, 4, 0, 2, 3, 5, 7, 8],
    [1, 4, 6, 8, 3, 5, 7, 0, 9, 2],
    [6, 8, 0, 7, 2, 4, 3, 9, 5, 1],
]
X = torch.tensor([[((7 * i + 3 * j) % 11 - 5) / 4 for j in range(FEATURES)] for i in range(ROWS)])
Y = torch.tensor([(2 * i + i // 4) % CLASSES for i in range(ROWS)])


def network(hidden):
    widths = [FEATURES, *hidden, CLASSES]
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    k = 0
    with torch.no_grad():
        for parameter in model.parameters():  # weight, bias, weight, bias, ...: the order of the flat vector
            for entry in range(parameter.numel()):
                parameter.view(-1)[entry] = ((13 * k) % 17 - 8) / 32
                k += 1
    return model


def losses(hidden, **settings):
    model, loss = network(hidden), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), **settings)
    seen = [loss(model(X), Y).item()]
    for order in ORDERS[:EPOCHS]:
        for start in range(0, ROWS, BATCH):
            batch = order[start:start + BATCH]
            optimizer.zero_grad()
            loss(model(X[batch]), Y[batch]).backward()
            optimizer.step()
        seen.append(loss(model(X), Y).item())
    return seen


for name, hidden, settings in [
    ("softmax", [], dict(lr=0.1)),
    ("softmax", [], dict(lr=0.5, momentum=0.9, weight_decay=0.01)),
    ("mlp:6", [6], dict(lr=0.5)),
    ("mlp:5,3", [5, 3], dict(lr=0.2, momentum=0.5, weight_decay=0.05)),
]:
    print(name, settings, ", ".join(f"{value:.7f}" for value in losses(hidden, **settings)))
