"""What all entries of a ledger say together: the tree's root, who is owed what, and whether every signature and division of a budget holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from . import merkle
from .errors import ProofError
from .events import Entry
from .fold import Fold
from .receipts import Head, Receipt


@dataclass
class LedgerReport:
    """What a ledger was found to hold: ``balances`` in minor units by participant, ``unallocated``, rounds paid, signatures checked."""

    head: Head
    balances: dict[str, int] = field(default_factory=dict)
    unallocated: int = 0
    rounds_paid: int = 0
    rounds_abandoned: int = 0
    updates: int = 0
    signatures: int = 0
    receipts: int = 0
    closed: bool = False


def fold(federation: str, entries: Iterable[Entry], receipts: Sequence[Receipt] = ()) -> LedgerReport:
    """Reads a whole ledger from its first entry: the order of events, signatures by the key of their time, sums and divisions of budgets.

    Receipts must name entries that are there, in trees whose roots are those of this ledger's beginnings. Values are not recomputed: that is
    ``fedvalue audit --recompute``. Raises ProofError at the first thing that is wrong.
    """
    reader = Reader(federation, receipts)
    for entry in entries:
        reader.take(entry)
    return reader.complete()


class Reader:
    """Reads a whole ledger entry by entry and holds it against its ``rules`` and the receipts that were given."""

    def __init__(self, federation: str, receipts: Sequence[Receipt] = ()) -> None:
        self.rules = Fold(federation)
        self._tree = merkle.Tree()
        self._receipts = list(receipts)
        self._heads: dict[int, str] = {}
        self._leaves: dict[int, str] = {}
        self._sizes = {receipt.size for receipt in receipts}
        self._places = {receipt.index for receipt in receipts}

    @property
    def size(self) -> int:
        """How many entries were taken."""
        return self._tree.size

    def take(self, entry: Entry) -> None:
        """Takes the next entry. Raises ProofError where it cannot follow."""
        if entry.index != self.size:
            raise ProofError(f"Expected entry {self.size} of the ledger, but entry {entry.index} came.")
        self._tree.append(bytes.fromhex(entry.leaf_hash))
        self.rules.take(entry)
        if self.size in self._sizes:
            self._heads[self.size] = self._tree.root.hex()
        if entry.index in self._places:
            self._leaves[entry.index] = entry.leaf_hash

    def complete(self) -> LedgerReport:
        """What was found, now that all entries were taken. Raises ProofError where a receipt says something else."""
        for receipt in self._receipts:
            receipt.check()
            if self._leaves.get(receipt.index) != receipt.leaf_hash:
                raise ProofError(f"The ledger does not hold entry {receipt.index} as a receipt says; keep the receipt, it is the evidence.")
            if self._heads.get(receipt.size) != receipt.root:
                raise ProofError(f"The ledger's first {receipt.size} entries have another root than a receipt says; keep the receipt.")
        rules = self.rules
        return LedgerReport(
            Head(self.size, self._tree.root.hex()), rules.balances, rules.unallocated, rules.rounds_paid, rules.rounds_abandoned,
            rules.updates, rules.signatures, len(self._receipts), rules.closed,
        )  # fmt: skip
