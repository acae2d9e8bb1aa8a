"""Train in a FedValue federation: submit signed updates, see what they were worth, check every receipt.

>>> import fedvalue
>>> client = fedvalue.Client("https://fl.example.org", "digits", "clinic-3", fedvalue.Key.load_or_generate("clinic-3.pem"))
>>> client.enrol(token, declared_examples=240)
>>> client.run(trainer)
"""

from .api import Announcement
from .client import Client, RoundResult
from .errors import ConnectionLost, FedValueError, ProofError, SafetensorsError, TrainerError
from .events import Entry
from .keys import Key
from .ledger import LedgerReport
from .parameters import Manifest, TensorSpec
from .receipts import Head, Receipt, State
from .trainers import Evaluation, Fit, Trainer, TrainerAdapter

__all__ = [
    "Announcement", "Client", "ConnectionLost", "Entry", "Evaluation", "FedValueError", "Fit", "Head", "Key", "LedgerReport", "Manifest",
    "ProofError", "Receipt", "RoundResult", "SafetensorsError", "State", "TensorSpec", "Trainer", "TrainerAdapter", "TrainerError",
]  # fmt: skip
__version__ = "0.1.0"
