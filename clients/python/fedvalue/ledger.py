"""What all entries of a ledger say together: the tree's root, who is owed what, and whether every signature and division of a budget holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import merkle, statements
from .errors import ProofError
from .events import Entry
from .keys import has_signed
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
    """Reads a whole ledger from its first entry: the order of indices, signatures by the key of their time, sums and divisions of budgets.

    Receipts must name entries that are there, in trees whose roots are those of this ledger's beginnings. Values are not recomputed: that is
    ``fedvalue audit --recompute``. Raises ProofError at the first thing that is wrong.
    """
    tree = merkle.Tree()
    reader = _Reader(federation)
    heads: dict[int, str] = {}
    leaves: dict[int, str] = {}
    sizes = {receipt.size for receipt in receipts}
    places = {receipt.index for receipt in receipts}
    for entry in entries:
        if entry.index != tree.size:
            raise ProofError(f"Expected entry {tree.size} of the ledger, but entry {entry.index} came.")
        tree.append(bytes.fromhex(entry.leaf_hash))
        reader.take(entry)
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
    report = reader.report
    report.head, report.receipts = Head(tree.size, tree.root.hex()), len(receipts)
    return report


def divide(budget: int, weights: Sequence[int]) -> list[int]:
    """A budget divided into whole units by largest remainders, ties to the earlier position; the weights must not all be 0."""
    total = sum(weights)
    shares = [budget * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(budget * weights[i] % total))
    for i in by_remainder[: budget - sum(shares)]:
        shares[i] += 1
    return shares


class _Reader:
    def __init__(self, federation: str) -> None:
        self.report = LedgerReport(Head(0, merkle.EMPTY_ROOT.hex()))
        self._federation, self._ledger = federation, ""
        self._keys: dict[str, str | None] = {}
        self._round, self._model = 0, ""
        self._ended = True
        self._updates, self._slices = 0, list[dict[str, Any]]()  # of the round: how many to pay, and what came of its payouts

    def take(self, entry: Entry) -> None:
        e = entry.data
        if entry.index == 0:
            if entry.type != "federation-created" or e["federation"] != self._federation:
                raise ProofError(f"A ledger begins with the creation of {self._federation!r}, but this one begins with {entry.text:.120}.")
            self._ledger = entry.leaf_hash
        elif self.report.closed:
            raise ProofError(f"Entry {entry.index} stands behind the close of the federation.")
        match entry.type:
            case "participant-enrolled":
                self._keys[e["participant"]] = e.get("publicKey")
                self.report.balances.setdefault(e["participant"], 0)
            case "key-replaced":
                self._replaced(entry.index, e)
            case "key-revoked":
                self._keys[e["participant"]] = None
            case "round-opened":
                self._round, self._model = e["round"], e["model"]
                self._updates, self._slices, self._ended = 0, [], False
            case "update-accepted":
                self.report.updates += 1
                self._updates += 1
                self._claimed(entry.index, e, e)
            case "update-refused" if "claim" in e:
                self._claimed(entry.index, e, e["claim"])
            case "payouts-posted":
                self._paid(entry.index, e)
            case "round-abandoned":
                self._abandoned(entry.index, e)
            case "federation-closed":
                self.report.closed = True

    def _replaced(self, index: int, e: dict[str, Any]) -> None:
        participant, old = e["participant"], self._keys.get(e["participant"])
        if old is not None:
            self._check(index, old, statements.key(self._federation, self._ledger, participant, e["publicKey"]), e.get("signature"))
        self._keys[participant] = e["publicKey"]

    def _claimed(self, index: int, e: dict[str, Any], claim: dict[str, Any]) -> None:
        key = self._keys.get(e["participant"])
        if key is None and "signature" not in claim:
            return  # simulated participants have no keys
        loss = statements.double_of(claim["claimedLoss"]) if "claimedLoss" in claim else None
        statement = statements.update(
            self._federation, self._ledger, e["round"], self._model, e["participant"], e["update"], claim["examples"], loss
        )
        self._check(index, key, statement, claim.get("signature"))

    def _check(self, index: int, key: str | None, statement: bytes, signature: str | None) -> None:
        if key is None or signature is None or not has_signed(key, statement, signature):
            raise ProofError(f"The signature of entry {index} is not that of the participant's key over what the entry says.")
        self.report.signatures += 1

    def _abandoned(self, index: int, e: dict[str, Any]) -> None:
        if (e["round"], e["model"]) != (self._round, self._model) or self._slices or self._ended:
            raise ProofError(f"Entry {index} abandons round {e['round']}, which is not the one in progress, or leaves another model.")
        self._ended = True
        self.report.rounds_abandoned += 1

    def _paid(self, index: int, e: dict[str, Any]) -> None:
        if e["round"] != self._round or self._ended:
            raise ProofError(f"Entry {index} pays round {e['round']}, which is not in progress.")
        # A round of many participants is paid in slices; the last one carries what nobody earned.
        if e.get("first", 0) != len(self._slices):
            raise ProofError(f"Entry {index} pays from participant {e.get('first', 0)} of the round on, but {len(self._slices)} were paid before.")
        payouts = self._slices = self._slices + e["payouts"]
        if len(payouts) < self._updates and e["unallocated"] == 0:
            return
        amounts = [payout["amount"] for payout in payouts]
        if min((e["unallocated"], *amounts)) < 0 or sum(amounts) + e["unallocated"] != e["budget"]:
            raise ProofError(f"Entry {index} pays {sum(amounts)} and leaves {e['unallocated']}, but the round's budget is {e['budget']}.")
        weights = [payout["weight"] for payout in payouts]
        due = divide(e["budget"], weights) if any(weights) else [0] * len(weights)
        if amounts != due:
            raise ProofError(f"Entry {index} does not divide the budget of round {e['round']} by the weights it states.")
        for payout in payouts:
            if payout["participant"] not in self.report.balances:
                raise ProofError(f"Entry {index} pays {payout['participant']!r}, who is not enrolled.")
            self.report.balances[payout["participant"]] += payout["amount"]
        self.report.unallocated += e["unallocated"]
        self.report.rounds_paid += 1
        self._ended = True
