"""What whole ledgers say: slices of payouts."""

from __future__ import annotations

import json
import unittest
from typing import Any

from fedvalue import merkle
from fedvalue.errors import ProofError
from fedvalue.events import Entry
from fedvalue.ledger import divide, fold


def ledger(*events: dict[str, Any]) -> list[Entry]:
    texts = [json.dumps(event, separators=(",", ":")) for event in events]
    return [Entry(i, merkle.leaf_hash(text.encode()).hex(), text) for i, text in enumerate(texts)]


def round_of(participants: int, slice_length: int, budget: int = 1003) -> list[dict[str, Any]]:
    ids = [f"p{k:04}" for k in range(participants)]
    weights = [k % 5 for k in range(participants)]
    payouts = [
        {"participant": p, "weight": w, "amount": a} for p, w, a in zip(ids, weights, divide(budget, weights), strict=True)
    ]
    slices = []
    for first in range(0, participants, slice_length):
        event: dict[str, Any] = {
            "type": "payouts-posted", "round": 1, "budget": budget, "unallocated": 0, "payouts": payouts[first : first + slice_length],
        }  # fmt: skip
        slices.append(event if first == 0 else {**event, "first": first})
    return [
        {"type": "federation-created", "federation": "many"},
        *({"type": "participant-enrolled", "participant": p, "declaredExamples": 1, "at": 0} for p in ids),
        {"type": "round-opened", "round": 1, "model": "00", "cohort": ids},
        *({"type": "update-accepted", "round": 1, "participant": p, "update": "00", "examples": 1} for p in ids),
        *slices,
    ]


class SlicesOfPayouts(unittest.TestCase):
    def test_a_round_is_paid_once_its_last_slice_is_there(self) -> None:
        report = fold("many", ledger(*round_of(1000, 400)))
        self.assertEqual((1, 1003), (report.rounds_paid, sum(report.balances.values()) + report.unallocated))
        self.assertEqual(0, fold("many", ledger(*round_of(1000, 400)[:-1])).rounds_paid)

    def test_slices_out_of_order_twice_or_with_a_unit_moved_are_found(self) -> None:
        *before, one, two, three = round_of(1000, 400)
        moved = json.loads(json.dumps([one, two, three]))
        moved[0]["payouts"][1]["amount"] += 1
        moved[2]["payouts"][1]["amount"] -= 1
        for wrong in ([two, one, three], [one, one, two, three], moved):
            with self.assertRaises(ProofError):
                fold("many", ledger(*before, *wrong))


class AbandonedRounds(unittest.TestCase):
    def events(self) -> list[dict[str, Any]]:
        *before, one = round_of(5, 5)
        return [
            *before,
            {"type": "round-abandoned", "round": 1, "model": "00", "reason": "It never ends.", "at": 0},
            {"type": "round-opened", "round": 2, "model": "00", "cohort": []},
            *({"type": "update-accepted", "round": 2, "participant": f"p{k:04}", "update": "00", "examples": 1} for k in range(5)),
            {**one, "round": 2},
        ]

    def test_nobody_is_paid_for_a_round_that_was_abandoned(self) -> None:
        report = fold("many", ledger(*self.events()))
        self.assertEqual((1, 1, 1003), (report.rounds_paid, report.rounds_abandoned, sum(report.balances.values())))

    def test_a_payment_for_it_another_model_or_another_round_is_found(self) -> None:
        *before, abandoned, opened, _, _, _, _, _, paid = self.events()
        for wrong in (
            [abandoned, {**paid, "round": 1}], [abandoned, abandoned], [{**abandoned, "model": "01"}], [{**abandoned, "round": 2}],
            [{**paid, "round": 1}, abandoned], [abandoned, opened, {**paid, "round": 1}],
        ):  # fmt: skip
            with self.assertRaises(ProofError):
                fold("many", ledger(*before, *wrong))


if __name__ == "__main__":
    unittest.main()
