"""What whole ledgers say: slices of payouts."""

from __future__ import annotations

import json
import unittest
from typing import Any

from fedvalue.errors import ProofError
from fedvalue.fold import divide
from fedvalue.ledger import fold

from . import entries
from .entries import ledger


def round_of(participants: int, slice_length: int, budget: int = 1003) -> list[dict[str, Any]]:
    ids = [f"p{k:04}" for k in range(participants)]
    weights = [k % 5 for k in range(participants)]
    payouts = [
        {"participant": p, "weight": w, "amount": a} for p, w, a in zip(ids, weights, divide(budget, weights), strict=True)
    ]
    return [
        entries.created("many", budget=budget),
        *(entries.enrolled(p) for p in ids),
        entries.opened(1, ids),
        *(entries.accepted(1, p) for p in ids),
        entries.aggregated(1, participants),
        entries.valued(1),
        *(
            entries.paid(1, budget, payouts[first : first + slice_length], first)
            for first in range(0, participants, slice_length)
        ),
    ]


class SlicesOfPayouts(unittest.TestCase):
    def test_a_round_is_paid_once_its_last_slice_is_there(self) -> None:
        report = fold("many", ledger(*round_of(1000, 400)))
        self.assertEqual((1, 1003), (report.rounds_paid, sum(report.balances.values()) + report.unallocated))
        self.assertEqual(0, fold("many", ledger(*round_of(1000, 400)[:-1])).rounds_paid)

    def test_slices_out_of_order_twice_or_with_a_unit_moved_are_found(self) -> None:
        *before, one, two, three = round_of(1000, 400)
        moved = json.loads(json.dumps([one, two, three]))
        moved[0]["payouts"][4]["amount"] += 1
        moved[2]["payouts"][4]["amount"] -= 1
        early = [{**one, "unallocated": 1}]
        for wrong, said in (
            ([two, one, three], "after 400 came"), ([one, one, two, three], "after 0 came"), (moved, "by the weights"), (early, "in the last slice"),
        ):  # fmt: skip
            with self.assertRaisesRegex(ProofError, said):
                fold("many", ledger(*before, *wrong))


class Balances(unittest.TestCase):
    def test_one_above_64_bits_is_found(self) -> None:
        most = 2**63 - 1
        rounds = [
            event
            for k in (1, 2)
            for event in (
                entries.opened(k, ["a"]), entries.accepted(k, "a"), entries.aggregated(k, 1), entries.valued(k),
                entries.paid(k, most, [{"participant": "a", "weight": 1, "amount": most}]),
            )
        ]  # fmt: skip
        before = [entries.created("many", budget=most), entries.enrolled("a")]
        self.assertEqual({"a": most}, fold("many", ledger(*before, *rounds[:5])).balances)
        with self.assertRaisesRegex(ProofError, "a balance would be above"):
            fold("many", ledger(*before, *rounds))


class AbandonedRounds(unittest.TestCase):
    def events(self) -> list[dict[str, Any]]:
        *before, closed, valued, one = round_of(5, 5)
        ids = [f"p{k:04}" for k in range(5)]
        return [
            *before,
            {"type": "round-abandoned", "round": 1, "model": entries.DIGEST, "reason": "It never ends.", "at": 0},
            entries.opened(2, ids),
            *(entries.accepted(2, p) for p in ids),
            {**closed, "round": 2},
            {**valued, "round": 2},
            {**one, "round": 2},
        ]

    def test_nobody_is_paid_for_a_round_that_was_abandoned(self) -> None:
        report = fold("many", ledger(*self.events()))
        self.assertEqual((1, 1, 1003), (report.rounds_paid, report.rounds_abandoned, sum(report.balances.values())))

    def test_a_payment_for_it_another_model_or_another_round_is_found(self) -> None:
        *before, abandoned, opened, _, _, _, _, _, _, _, paid = self.events()
        for wrong, said in (
            ([abandoned, {**paid, "round": 1}], "not in progress"),
            ([abandoned, abandoned], "not in progress"),
            ([{**abandoned, "model": "cd" * 32}], "leaves the model"),
            ([{**abandoned, "round": 2}], "not in progress"),
            ([{**abandoned, "reason": " "}], "for a reason"),
            ([{**paid, "round": 1}, abandoned], "not valued yet"),
            ([abandoned, opened, {**paid, "round": 1}], "not in progress"),
            ([abandoned, {**opened, "round": 1}], "round 2 is the next one"),
        ):
            with self.assertRaisesRegex(ProofError, said):
                fold("many", ledger(*before, *wrong))


if __name__ == "__main__":
    unittest.main()
