"""A real ledger holds; one whose events break a rule of their order does not, whatever its hashes say."""

from __future__ import annotations

import json
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fedvalue import statements
from fedvalue.errors import ProofError
from fedvalue.fold import divide
from fedvalue.keys import Key
from fedvalue.ledger import LedgerReport, fold

from .entries import ledger

Events = list[dict[str, Any]]
OTHER = "cd" * 32

# A federation of x and y on a real server: two rounds abandoned, three paid, closed by its schedule.
TEXTS = (Path(__file__).parent / "data" / "scheduled-ledger.jsonl").read_text().splitlines()


def real() -> Events:
    return [json.loads(text) for text in TEXTS]


def place(events: Events, kind: str, count: int = 0, **members: Any) -> int:
    """The index of an event of a kind, the first or the one behind so many."""
    found = [i for i, e in enumerate(events) if e["type"] == kind and all(e.get(name) == value for name, value in members.items())]
    return found[count]


class Rules(unittest.TestCase):
    def holds(self, events: Events) -> LedgerReport:
        return fold("sch", ledger(*events))

    def refused(self, said: str, events: Events) -> None:
        with self.assertRaisesRegex(ProofError, said):
            self.holds(events)

    def changed(self, kind: str, said: str, count: int = 0, **members: Any) -> None:
        """One event with other members: None leaves one out."""
        events = real()
        at = place(events, kind, count)
        events[at] = {name: value for name, value in (events[at] | members).items() if value is not None or name not in members}
        self.refused(said, events)

    def inserted(self, said: str, before: int, *more: dict[str, Any]) -> None:
        events = real()
        events[before:before] = more
        self.refused(said, events)

    def test_a_real_ledger_holds_to_the_byte(self) -> None:
        report = fold("sch", ledger(*TEXTS))
        self.assertEqual(TEXTS, [entry.text for entry in ledger(*real())])
        self.assertEqual((3, 2, True), (report.rounds_paid, report.rounds_abandoned, report.closed))
        self.assertEqual(300_000, sum(report.balances.values()) + report.unallocated)
        self.assertEqual((report.updates, 8), (report.signatures, report.updates))

    # Who takes part.

    def test_a_second_enrolment_is_found(self) -> None:
        events = real()
        again = events[1] | {"publicKey": Key.generate().public_text}
        self.inserted("'x' is enrolled already", place(events, "round-opened", round=5), again)

    def test_a_key_for_two_a_wrong_key_a_wrong_id_and_a_wrong_declaration_are_found(self) -> None:
        self.changed("participant-enrolled", "enrolled before", 1, publicKey=real()[1]["publicKey"])
        self.changed("participant-enrolled", "no key on P-256", publicKey="AAAA")
        self.changed("participant-enrolled", "no participant's id", participant="unallocated")
        self.changed("participant-enrolled", "no participant's id", participant="a/b")
        self.changed("participant-enrolled", "which is not 1 to", declaredExamples=0)

    def test_a_key_is_replaced_by_its_own_signature_or_after_it_was_revoked(self) -> None:
        old, new, third = Key.generate(), Key.generate(), Key.generate()
        events = real()[:1] + [real()[1] | {"publicKey": old.public_text}]
        name = ledger(*events)[0].leaf_hash
        replaced = {
            "type": "key-replaced", "participant": "x", "publicKey": new.public_text, "at": 0,
            "signature": old.sign(statements.key("sch", name, "x", new.public_text)),
        }  # fmt: skip
        revoked = {"type": "key-revoked", "participant": "x", "reason": "It was lost.", "at": 0}
        unsigned = {"type": "key-replaced", "participant": "x", "publicKey": third.public_text, "at": 0}
        self.assertEqual(1, self.holds([*events, replaced, revoked, unsigned]).signatures)
        for said, wrong in (
            ("is not that of its key", [replaced | {"publicKey": third.public_text}]),
            ("'x' differs", [unsigned]),
            ("'x' differs", [revoked, replaced]),
            ("enrolled before", [replaced, revoked, unsigned | {"publicKey": old.public_text}]),
            ("no valid key", [revoked, revoked]),
            ("no key that could be replaced", [replaced | {"participant": "y"}]),
            ("no valid key", [revoked | {"participant": "y"}]),
        ):
            self.refused(said, [*events, *wrong])

    # Rounds.

    def test_rounds_have_the_next_number_and_start_from_the_current_model(self) -> None:
        self.changed("round-opened", "round 5 is the next one, but round 50", 4, round=50)
        self.changed("round-opened", "must start from the current model", 4, model=OTHER)
        self.changed("round-opened", "'median' is not one of the terms", aggregator="median")

    def test_cohorts_are_of_the_enrolled_in_order(self) -> None:
        for cohort, said in ((["y", "x"], "ordinal order"), (["x", "x"], "ordinal order"), (["x", "z"], "not enrolled"), ([], "invites 1 to")):
            self.changed("round-opened", said, cohort=cohort)

    def test_a_round_opens_once_the_one_before_was_aggregated_valued_and_paid(self) -> None:
        ends = [place(real(), kind, round=3) for kind in ("round-aggregated", "round-valued", "payouts-posted")]
        for left_out, said in ((ends, "still in progress"), (ends[:1], "after its aggregation"), (ends[1:2], "not valued yet"),
                               (ends[2:], "come right after its valuation"), (ends[:2], "not valued yet"), (ends[1:], "still in progress")):
            self.refused(said, [event for i, event in enumerate(real()) if i not in left_out])

    def test_an_update_comes_once_from_who_was_invited_while_the_round_takes_updates(self) -> None:
        events = real()
        at = place(events, "update-accepted", round=5, participant="x")
        self.inserted("already has an update of 'x'", at + 1, events[at])
        self.inserted("already has an update of 'x'", at + 1, events[at] | {"update": OTHER})
        self.inserted("takes no more updates", place(events, "round-valued", round=5), events[at])
        self.inserted("round 4 is not in progress", at + 1, events[at] | {"round": 4})
        self.changed("round-opened", "did not invite 'x'", 4, cohort=["y"])

    def test_claims_are_signed_and_within_what_was_declared(self) -> None:
        self.changed("update-accepted", "declared 50 examples, but claims 51", examples=51)
        self.changed("update-accepted", "declared 50 examples, but claims 0", examples=0)
        self.changed("update-accepted", "not that of its key", examples=49)
        self.changed("update-accepted", "not that of its key", update=OTHER)
        self.changed("update-accepted", "finite", claimedLoss="7ff0000000000000")
        self.changed("update-accepted", "at least 1 byte", bytes=0)
        self.changed("update-accepted", "is not signed", signature=None)
        self.changed("participant-enrolled", "is signed", publicKey=None)
        events = real()
        revoked = {"type": "key-revoked", "participant": "x", "reason": "It was lost.", "at": 0}
        self.inserted("was revoked, so nothing can be taken", place(events, "update-accepted", round=5, participant="x"), revoked)

    def test_refusals_obey_the_same_rules(self) -> None:
        events = real()
        at = place(events, "update-accepted", round=5, participant="y")
        taken = events[at]
        claim = {"examples": taken["examples"], "signature": taken["signature"]}
        claim |= {"claimedLoss": taken["claimedLoss"]} if "claimedLoss" in taken else {}
        refused = {
            "type": "update-refused", "round": 5, "participant": "y", "update": taken["update"], "reason": "norm", "detail": "It is long.",
            "at": 0, "claim": claim,
        }  # fmt: skip
        good = real()
        good.insert(at, refused)
        self.assertEqual(9, self.holds(good).signatures)
        self.inserted("not that of its key", at, refused | {"claim": claim | {"examples": 7}})
        self.inserted("for a reason", at, refused | {"reason": ""})
        self.inserted("is not signed", at, {name: value for name, value in refused.items() if name != "claim"})
        self.inserted("did not invite 'z'", at, refused | {"participant": "z"})

    def test_what_closes_a_round_is_of_its_updates_and_the_terms(self) -> None:
        self.changed("round-aggregated", "has 2 accepted updates, but was aggregated from 3", updates=3)
        events = real()
        events[place(events, "round-aggregated")]["validationLoss"] = None
        self.refused("loss and accuracy", events)
        self.changed("round-valued", "the terms value a round by", valuations=real()[place(real(), "round-valued")]["valuations"][:-1])
        self.inserted("come right after", place(real(), "payouts-posted"), real()[place(real(), "round-valued")])

    # Money.

    def test_the_budget_is_the_terms(self) -> None:
        events = real()
        posted = events[place(events, "payouts-posted")]
        posted["budget"] = 7
        weights = [payout["weight"] for payout in posted["payouts"]]
        for payout, amount in zip(posted["payouts"], divide(7, weights) if any(weights) else [0, 0], strict=True):
            payout["amount"] = amount
        posted["unallocated"] = 7 - sum(payout["amount"] for payout in posted["payouts"])
        self.refused("the terms divide 100000", events)
        self.changed("payouts-posted", "the terms divide", policy="equal")
        self.changed("payouts-posted", "the terms divide", payBy="loo")

    def test_payees_are_the_round_s_each_once_in_order(self) -> None:
        def names(*ids: str) -> Callable[[Events], None]:
            def change(payouts: Events) -> None:
                for payout, id_ in zip(payouts, ids, strict=True):
                    payout["participant"] = id_

            return change

        for change in (names("y", "x"), names("y", "y"), names("x", "z")):
            events = real()
            change(events[place(events, "payouts-posted")]["payouts"])
            self.refused("each accepted update once", events)
        events = real()
        events[place(events, "payouts-posted")]["payouts"].pop()
        self.refused("2 payouts come after the first 0", events)
        posted = real()[place(real(), "payouts-posted")]
        self.inserted("not in progress", place(real(), "payouts-posted") + 1, posted)

    def test_amounts_are_the_budget_divided_by_the_weights(self) -> None:
        for first, second, said in ((1, 0, "but the round's budget is"), (-1, 1, "by the weights"), (-200_000, 200_000, "never negative")):
            events = real()
            a, b = events[place(events, "payouts-posted")]["payouts"]
            a["amount"] += first
            b["amount"] += second
            self.refused(said, events)

    # Beginning, end, form.

    def test_a_federation_begins_once_with_terms_that_hold_and_nothing_follows_its_end(self) -> None:
        events = real()
        self.refused("begins with the creation", events[1:])
        self.inserted("once", 1, events[0])
        self.changed("federation-created", "begins with the creation of 'sch'", federation="other")
        terms: dict[str, Any] = events[0]["terms"]
        self.holds(events[:1])
        for wrong, said in (
            ({"seed": -1}, "a seed lies in"), ({"aggregators": []}, "have an aggregator"),
            ({"methods": ["loo", "loo"]}, "each valuation method once"),
            ({"payment": terms["payment"] | {"budget": -1}}, "a budget of 0 or more"), ({"normLimit": "0" * 16}, "a norm limit"),
            ({"payment": terms["payment"] | {"ifNonePositive": "luck"}}, "that nobody earned"),
            ({"payment": terms["payment"] | {"payBy": "luck"}}, "'luck' cannot decide"),
            ({"schedule": terms["schedule"] | {"minimumReporting": 0}}, "cannot be kept"),
        ):  # fmt: skip
            self.refused(said, [events[0] | {"terms": terms | wrong}])
        self.inserted("is closed, so nothing may follow", len(events), events[1] | {"participant": "z"})

    def test_it_closes_between_rounds_after_those_that_were_paid(self) -> None:
        self.changed("federation-closed", "3 rounds were paid, but the federation closes after 5", rounds=5)
        self.changed("federation-closed", "closes with the current model", model=OTHER)
        events = real()
        self.refused("still in progress", [*events[: place(events, "round-aggregated")], events[-1] | {"rounds": 0}])

    def test_an_entry_has_one_form(self) -> None:
        first, *rest = TEXTS
        for wrong in (
            first.replace('{"type"', '{ "type"', 1), first.replace('"numerics":3', '"numerics":3,"numerics":3'), first[:-1] + ',"more":1}',
            first.replace('"numerics":3,', ""), first.replace('"numerics":3', '"numerics":3.0'), first.replace('"numerics":3', '"numerics":true'),
            first.replace("federation-created", "federation-made"), "[]", "null", "{", '{"type":[]}', "[" * 5000,
        ):  # fmt: skip
            with self.assertRaisesRegex(ProofError, "Entry 0 of the ledger does not hold"):
                fold("sch", ledger(wrong, *rest))


if __name__ == "__main__":
    unittest.main()
