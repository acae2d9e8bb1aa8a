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
    tree = merkle.Tree()
    rules = Fold(federation)
    heads: dict[int, str] = {}
    leaves: dict[int, str] = {}
    sizes = {receipt.size for receipt in receipts}
    places = {receipt.index for receipt in receipts}
    for entry in entries:
        if entry.index != tree.size:
            raise ProofError(f"Expected entry {tree.size} of the ledger, but entry {entry.index} came.")
        tree.append(bytes.fromhex(entry.leaf_hash))
        rules.take(entry)
        if tree.size in sizes:
            heads[tree.size] = tree.root.hex()
        if entry.index in places:
            leaves[entry.index] = entry.leaf_hash
    for receipt in receipts:
        receipt.check()
        if leaves.get(receipt.index) != receipt.leaf_hash:
            raise ProofError(f"The ledger does not hold entry {receipt.index} as a receipt says; keep the receipt, it is the evidence.")
        if heads.get(receipt.size) != receipt.root:
            raise ProofError(f"The ledger's first {receipt.size} entries have another root than a receipt says; keep the receipt.")
    return LedgerReport(
        Head(tree.size, tree.root.hex()), rules.balances, rules.unallocated, rules.rounds_paid, rules.rounds_abandoned, rules.updates,
        rules.signatures, len(receipts), rules.closed,
    )  # fmt: skip
