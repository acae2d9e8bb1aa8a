"""The ledger as the server shows it, held against what was seen and signed before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import ledger as ledgers
from .api import Api
from .errors import FedValueError, ProofError
from .events import Entry
from .receipts import Head, Receipt, State

_TRIES = 10


class Witness:
    """Checks receipts, heads and whole ledgers, and keeps in ``state`` what would show that the ledger lost or changed something."""

    def __init__(self, api: Api, state: State) -> None:
        self._api, self._state = api, state

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """The ledger's entries from an index to the present end. Raises ProofError where a leaf hash is not that of its text."""
        while page := self._api.page(start):
            for entry in page:
                if entry.index != start:
                    raise ProofError(f"Expected entry {start} of the ledger, but entry {entry.index} came.")
                yield entry
                start += 1

    def receipt(self, index: int) -> Receipt:
        """A receipt of any entry in the tree as it is now, with the entry's text."""
        return self._with_entry(Receipt.of_json(self._api.get_json(f"/entries/{index}/receipt")))

    def verify_receipt(self, receipt: Receipt | Mapping[str, Any]) -> Entry:
        """Checks that the ledger still holds what a receipt says: the entry's exact text, its place, and that the tree only grew since.

        The present tree must also begin with the last one that this client checked. Gives the entry. Raises ProofError; keep the receipt then.
        """
        if not isinstance(receipt, Receipt):
            receipt = Receipt.of_json(receipt)
        present = self._with_entry(receipt)
        if receipt.entry not in (None, present.entry):
            raise ProofError(f"Entry {receipt.index} of the ledger is another text now than the receipt says.")
        self._advance(receipt.head)
        assert present.entry is not None
        return Entry(receipt.index, receipt.leaf_hash, present.entry)

    def verify_receipts(self) -> int:
        """Checks every receipt that is kept and gives their number. Raises ProofError."""
        for receipt in self._state.receipts:
            self.verify_receipt(receipt)
        return len(self._state.receipts)

    def head(self) -> Head:
        """The ledger's present size and root, checked to lead on from the last head that this client saw."""
        return self._advance()

    def verify_ledger(self) -> ledgers.LedgerReport:
        """Downloads all entries and checks what they say: root, signatures, divisions of budgets, balances, and all receipts that are kept.

        Values are not recomputed: that is ``fedvalue audit --recompute`` on a copy of the ledger. Raises ProofError.
        """
        report = ledgers.fold(self._api.federation, self.entries(), self._state.receipts)
        first = self._api.page(0, 1)
        if not first or first[0].leaf_hash != self._api.ledger:
            raise ProofError(f"The ledger does not begin with the entry {self._api.ledger} that the federation is named by.")
        self._advance(report.head)
        served = self._api.get_json("/balances")
        stated = balances_of(served)
        # A round that was paid meanwhile is no contradiction.
        if served.get("roundsPaid", report.rounds_paid) == report.rounds_paid:
            owed = {**report.balances, "unallocated": report.unallocated}
            for name in {**owed, **stated}:
                if owed.get(name, 0) != stated.get(name, 0):
                    raise ProofError(
                        f"The server says that the balance of {name!r} is {stated.get(name, 0)}, but its ledger adds up to {owed.get(name, 0)}."
                    )
        return report

    def keep(self, receipt: Receipt) -> Receipt:
        """Keeps a receipt before anything else can go wrong, then checks it against the ledger."""
        receipt.check()
        self._state.add(receipt)
        receipt = self._with_entry(receipt)
        self._state.add(receipt)
        self._advance(receipt.head)
        return receipt

    def _with_entry(self, receipt: Receipt) -> Receipt:
        page = self._api.page(receipt.index, 1)
        if not page or page[0].index != receipt.index or page[0].leaf_hash != receipt.leaf_hash:
            raise ProofError(f"The ledger does not hold entry {receipt.index} as the receipt says; keep the receipt, it is the evidence.")
        receipt = receipt.with_entry(page[0].text)
        receipt.check()
        return receipt

    def find(self, round: int, update: str | None = None) -> Receipt | None:
        """The receipt of an update (None: any) of this participant that was accepted though no answer came."""
        for entry in self.entries(max((receipt.index for receipt in self._state.receipts), default=0)):
            event = entry.data
            if (event["type"], event.get("round"), event.get("participant")) == ("update-accepted", round, self._api.participant):
                return self.keep(self.receipt(entry.index)) if update in (None, event["update"]) else None
        return None

    def recover(self) -> None:
        """Fetches the receipts of accepted updates behind the last one that is kept: whoever was killed before the answer still gets it."""
        last = max((receipt.index for receipt in self._state.receipts), default=-1)
        for entry in self.entries(last + 1):
            event = entry.data
            if (event["type"], event.get("participant")) == ("update-accepted", self._api.participant):
                self.keep(self.receipt(entry.index))

    def _advance(self, *heads: Head) -> Head:
        """Checks that one present head leads on from all of these and from the last one that was checked, and keeps it."""
        known = [head for head in (*heads, self._state.head) if head is not None and head.size > 0]
        for _ in range(_TRIES):
            present = [self._lead_on(head) for head in known] or [self._lead_on(None)]
            if len({head.size for head in present}) == 1:
                if len(set(present)) > 1:
                    raise ProofError(f"The server shows two ledgers of {present[0].size} entries; keep the state, it is the evidence.")
                self._state.saw(present[0])
                return present[0]
        raise FedValueError("The ledger grew between every two questions about it; ask again.")

    def _lead_on(self, head: Head | None) -> Head:
        # Without an earlier head, the ledger's name is one: the root of a tree of one leaf is that leaf.
        head = head or Head(1, self._api.ledger)
        value = self._api.get_json("/head", {"from": head.size})
        present = Head.of_json(value)
        proof = value.get("consistency") or []
        if not isinstance(proof, list) or not all(isinstance(digest, str) and len(digest) == 64 for digest in proof):
            raise FedValueError(f"Expected a list of digests as consistency proof, but {proof!r:.200} came.")
        if not head.leads_to(present, proof):
            raise ProofError(
                f"The ledger of {present.size} entries does not begin with the {head.size} entries whose root was {head.root}; "
                "keep the receipt or state, it is the evidence."
            )
        return present


def balances_of(value: Any) -> dict[str, int]:
    """By participant, with ``unallocated`` among them, from the server's ``{balances: [{participant, amount}], unallocated}``."""
    try:
        balances = {str(row["participant"]): int(row["amount"]) for row in value["balances"]}
        return {**balances, "unallocated": int(value["unallocated"])}
    except (KeyError, TypeError, ValueError) as wrong:
        raise FedValueError(f"Expected balances and what is unallocated, but {value!r:.200} came.") from wrong
