"""A PyTorch trainer of the bundled handwritten digits: one participant of a federation.

    python3 pytorch_digits.py http://127.0.0.1:5000 digits clinic-1 --token TOKEN --rows 0:300

The federation's model is ``softmax`` (or ``mlp:64`` with ``--hidden 64``), 64 features, 10 classes, validation rows of the same table.
"""

import argparse
import gzip
from pathlib import Path

import fedvalue
import numpy as np
import torch

DIGITS = Path(__file__).resolve().parents[3] / "src/FedValue.Federation/Simulation/Data/digits.csv.gz"

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("federation")
parser.add_argument("participant")
parser.add_argument("--token", help="from the operator, to enrol; not needed again")
parser.add_argument("--rows", default="0:300", help="FIRST:END of the 1797 rows: the data that stays with this participant")
parser.add_argument("--hidden", type=int, default=0)
options = parser.parse_args()

first, end = map(int, options.rows.split(":"))
with gzip.open(DIGITS, "rt") as lines:
    table = torch.from_numpy(np.loadtxt(lines, delimiter=",", dtype=np.float32)[first:end])
images, labels = table[:, :-1], table[:, -1].long()

layers = [torch.nn.Linear(64, 10)]
if options.hidden:
    layers = [torch.nn.Linear(64, options.hidden), torch.nn.ReLU(), torch.nn.Linear(options.hidden, 10)]
model = torch.nn.Sequential(*layers)


class Trainer:
    def get_parameters(self, config):
        return [value.cpu().numpy() for value in model.state_dict().values()]

    def fit(self, parameters, config):
        names = model.state_dict().keys()
        model.load_state_dict({name: torch.from_numpy(array) for name, array in zip(names, parameters)}, strict=True)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.003)
        for _ in range(5):
            for batch in torch.randperm(len(labels)).split(32):
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(model(images[batch]), labels[batch])
                loss.backward()
                optimizer.step()
        return self.get_parameters({}), len(labels), {"loss": loss.item()}


# All that FedValue needs.
key = fedvalue.Key.load_or_generate(f"{options.participant}.pem")
client = fedvalue.Client(options.url, options.federation, options.participant, key, state=f"{options.participant}.receipts")
if options.token:
    client.enrol(options.token, declared_examples=len(labels))
client.run(Trainer(), on_round=lambda r: print(f"round {r.round}: entry {r.receipt.index}, loss {r.loss:.4f}"))
report = client.verify_ledger()
print(f"earned {client.balance()} minor units; {report.receipts} receipts and {report.signatures} signatures hold")
