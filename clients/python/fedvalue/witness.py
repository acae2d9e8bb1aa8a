"""The ledger as the server shows it, held against what was seen and signed before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from . import ledger as ledgers
from .api import Api
from .errors import FedValueError, ProofError
from .events import Entry
from .receipts import Head, Receipt, State

_LOOKS, _BETWEEN_LOOKS = 10, 0.02


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
        reader = ledgers.Reader(self._api.federation, self._state.receipts)
        for entry in self.entries():
            if entry.index == 0 and entry.leaf_hash != self._api.ledger:
                raise ProofError(f"The ledger does not begin with the entry {self._api.ledger} that the federation is named by.")
            reader.take(entry)
        served = self._api.get_json("/balances")
        stated, rounds = balances_of(served), served.get("roundsPaid")
        if type(rounds) is not int:
            raise FedValueError(f"Expected how many rounds the balances are of as roundsPaid, but {rounds!r:.100} came.")
        # A round that was paid meanwhile is no contradiction: then the ledger says so by now.
        for look in range(_LOOKS):
            if reader.rules.rounds_paid >= rounds:
                break
            if look > 0:
                self._api.transport.sleep(_BETWEEN_LOOKS)
            for entry in self.entries(reader.size):
                reader.take(entry)
                if reader.rules.rounds_paid == rounds:
                    break
        if reader.rules.rounds_paid != rounds:
            raise ProofError(
                f"The server says that {rounds} rounds were paid, but its ledger pays {reader.rules.rounds_paid}: its balances are not the ledger's."
            )
        owed = {**reader.rules.balances, "unallocated": reader.rules.unallocated}
        for name in {**owed, **stated}:
            if owed.get(name, 0) != stated.get(name, 0):
                raise ProofError(
                    f"The server says that the balance of {name!r} is {stated.get(name, 0)}, but its ledger adds up to {owed.get(name, 0)}."
                )
        report = reader.complete()
        self._advance(report.head)
        return report

    def keep(self, receipt: Receipt, sent: tuple[int, str] | None = None) -> Receipt:
        """Keeps a receipt, with the round and digest of what was ``sent``, before anything else can go wrong; then checks it against the ledger."""
        receipt = replace(receipt, sent=sent)
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
        self.recover()
        found = self._state.of_round(round, self._api.participant)
        if found is None or found.entry is None or update not in (None, json.loads(found.entry)["update"]):
            return None
        return found

    def recover(self) -> None:
        """Fetches what was lost with an answer: texts of entries whose receipts are kept, and receipts of own accepted updates.

        The ledger is searched behind the place up to which that was done before.
        """
        for receipt in self._state.receipts:
            if receipt.entry is None:
                self.keep(receipt, receipt.sent)
        following = self._state.searched
        kept = {(receipt.index, receipt.leaf_hash) for receipt in self._state.receipts}
        for entry in self.entries(following):
            event = entry.data
            own = (event["type"], event.get("participant")) == ("update-accepted", self._api.participant)
            if own and (entry.index, entry.leaf_hash) not in kept:
                self.keep(self.receipt(entry.index))
            following = entry.index + 1
        self._state.searched_to(following)

    def _advance(self, *heads: Head) -> Head:
        """Checks that one present head leads on from all of these and from the last one that was checked, and keeps it."""
        # Without an earlier head, the ledger's name is one: the root of a tree of one leaf is that leaf.
        last = self._state.head or Head(1, self._api.ledger)
        known = sorted(dict.fromkeys(head for head in (*heads, last) if head.size > 0), key=lambda head: -head.size)
        present = self._lead_on(known[0])
        for head in known[1:]:
            again = self._lead_on(head, to=present.size)
            if again.size != present.size:
                raise ProofError(
                    f"The ledger was asked for as it was with {present.size} entries, but it was shown with {again.size}, so nothing shows that what "
                    "was seen belongs to one ledger; keep the state."
                )
            if again != present:
                raise ProofError(
                    f"The server shows two ledgers of {present.size} entries, with the roots {present.root} and {again.root}; keep the state, it is "
                    "the evidence."
                )
        self._state.saw(present)
        return present

    def _lead_on(self, head: Head, to: int | None = None) -> Head:
        try:
            value = self._api.get_json("/head", {"from": head.size} if to is None else {"from": head.size, "to": to})
        except FedValueError as missing:
            if missing.status != 404:
                raise
            raise ProofError(
                f"The ledger had {max(head.size, to or 0)} entries, but the server says that it never had so many: it was set back; keep the state, "
                "it is the evidence."
            ) from missing
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
        if len(balances) < len(value["balances"]):
            raise ValueError("a participant stands there twice")
        return {**balances, "unallocated": int(value["unallocated"])}
    except (KeyError, TypeError, ValueError) as wrong:
        raise FedValueError(f"Expected balances and what is unallocated, but {value!r:.200} came.") from wrong
