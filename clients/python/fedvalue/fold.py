"""The rules of a ledger: which event may follow which, whose signature it carries, and how a round's budget is divided."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from . import forms, statements
from .errors import ProofError
from .events import Entry
from .keys import has_signed, is_public

COHORT_MAX = 5000
SLICE_MAX = 400
_EXACT_MAX = 2**53 - 1
_LONG_MAX = 2**63 - 1
_YEAR = 366 * 24 * 3600

Event = dict[str, Any]


def divide(budget: int, weights: Sequence[int]) -> list[int]:
    """A budget divided into whole units by largest remainders, ties to the earlier position; the weights must not all be 0."""
    total = sum(weights)
    shares = [budget * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(budget * weights[i] % total))
    for i in by_remainder[: budget - sum(shares)]:
        shares[i] += 1
    return shares


class Fold:
    """Follows a ledger entry by entry; each event has its method. Behind the first ProofError nothing it says holds."""

    def __init__(self, federation: str) -> None:
        self.federation, self.ledger = federation, ""
        self.terms: Event = {}
        self.balances: dict[str, int] = {}
        self.unallocated = self.rounds_paid = self.rounds_abandoned = self.updates = self.signatures = 0
        self.closed = False
        self._measured = False
        self._model = ""
        self._declared: dict[str, int] = {}
        self._keys: dict[str, str | None] = {}  # None: revoked; who has none was simulated
        self._ever: set[str] = set()
        self._round: Event | None = None  # its opening, until it is paid or abandoned
        self._accepted: dict[str, Event] = {}
        self._aggregated = self._valued = False
        self._posted: list[Event] = []

    def take(self, entry: Entry) -> None:
        """Takes the next entry, whose index and leaf hash were checked. Raises ProofError where it cannot follow those before it."""
        try:
            event = forms.read(entry.text)
            self._take(event, entry)
        except ValueError as wrong:  # a ProofError is none
            raise ProofError(f"Entry {entry.index} of the ledger does not hold: {wrong}.") from wrong

    def _take(self, e: Event, entry: Entry) -> None:
        kind = str(e["type"])
        if self.closed:
            _no("the federation is closed, so nothing may follow")
        if (kind == "federation-created") != (self.ledger == ""):
            _no(f"a ledger begins with the creation of {self.federation!r}, once, but {kind} came")
        if self._valued and kind != "payouts-posted":
            _no(f"the payouts of a round come right after its valuation, but {kind} came")
        match kind:
            case "federation-created":
                self._created(e, entry.leaf_hash)
            case "participant-enrolled":
                self._enrolled(e)
            case "key-replaced":
                self._replaced(e)
            case "key-revoked":
                self._revoked(e)
            case "round-opened":
                self._opened(e)
            case "update-accepted":
                self._update_accepted(e)
            case "update-refused":
                self._update_refused(e)
            case "round-aggregated":
                self._round_aggregated(e)
            case "round-valued":
                self._round_valued(e)
            case "payouts-posted":
                self._paid(e)
            case "round-abandoned":
                self._abandoned(e)
            case _:
                self._closed(e)

    # Who takes part.

    def _created(self, e: Event, leaf: str) -> None:
        if e["federation"] != self.federation:
            _no(f"a ledger begins with the creation of {self.federation!r}, but that of {e['federation']!r} came")
        if wrong := terms_problem(e["terms"]):
            _no(wrong)
        self.ledger, self.terms = leaf, e["terms"]
        self._model, self._measured = e["model"], e["validation"] is not None

    def _enrolled(self, e: Event) -> None:
        participant, key = e["participant"], e.get("publicKey")
        if not re.fullmatch("[A-Za-z0-9._-]{1,64}", participant) or participant in (".", "..", "unallocated"):
            _no(f"{participant!r} is no participant's id")
        if participant in self._declared:
            _no(f"{participant!r} is enrolled already")
        if not 1 <= e["declaredExamples"] <= _EXACT_MAX:
            _no(f"{participant!r} declares {e['declaredExamples']} examples, which is not 1 to {_EXACT_MAX}")
        if key is not None:
            self._new_key(participant, key)
        self._declared[participant] = e["declaredExamples"]
        self.balances[participant] = 0

    def _replaced(self, e: Event) -> None:
        participant, signature = e["participant"], e.get("signature")
        if participant not in self._keys:
            _no(f"{participant!r} has no key that could be replaced")
        old = self._keys[participant]
        if (old is None) != (signature is None):
            _no(f"a key is replaced with its own signature while it is valid, and without one once it was revoked; {participant!r} differs")
        self._new_key(participant, e["publicKey"])
        if old is not None:
            self._check(participant, old, statements.key(self.federation, self.ledger, participant, e["publicKey"]), signature)

    def _revoked(self, e: Event) -> None:
        if self._keys.get(e["participant"]) is None:
            _no(f"{e['participant']!r} has no valid key that could be revoked")
        self._keys[e["participant"]] = None

    def _new_key(self, participant: str, key: str) -> None:
        if not is_public(key):
            _no(f"what came for {participant!r} is no key on P-256")
        if key in self._ever:
            _no(f"a key is enrolled once and for one participant, but that of {participant!r} was enrolled before")
        self._ever.add(key)
        self._keys[participant] = key

    # A round.

    def _opened(self, e: Event) -> None:
        number, cohort, due = e["round"], e["cohort"], self.rounds_paid + self.rounds_abandoned + 1
        if self._round is not None:
            _no(f"round {self._round['round']} is still in progress, but round {number} opens")
        if number != due:
            _no(f"round {due} is the next one, but round {number} opens")
        if e["model"] != self._model:
            _no(f"round {number} must start from the current model {self._model}, not from {e['model']}")
        if e["aggregator"] not in [aggregator["name"] for aggregator in self.terms["aggregators"]]:
            _no(f"the aggregator {e['aggregator']!r} is not one of the terms")
        if not 1 <= len(cohort) <= COHORT_MAX:
            _no(f"a round invites 1 to {COHORT_MAX} participants, not {len(cohort)}")
        if stranger := next((participant for participant in cohort if participant not in self._declared), None):
            _no(f"round {number} invites {stranger!r}, who is not enrolled")
        if any(a >= b for a, b in zip(cohort, cohort[1:], strict=False)):
            _no("a cohort is in ordinal order without repetition")
        self._round, self._accepted, self._posted = e, {}, []
        self._aggregated = self._valued = False

    def _update_accepted(self, e: Event) -> None:
        participant, loss = e["participant"], _loss(e)
        self._came_from(e, "signature" in e)
        if participant in self._accepted:
            _no(f"round {e['round']} already has an update of {participant!r}")
        if not 1 <= e["examples"] <= self._declared[participant]:
            _no(f"{participant!r} declared {self._declared[participant]} examples, but claims {e['examples']}")
        if loss is not None and not (math.isfinite(loss) and loss >= 0):
            _no(f"a claimed loss is finite and 0 or more, not {loss}")
        if e["bytes"] < 1:
            _no("an update has at least 1 byte")
        self._claimed(e, e)
        self._accepted[participant] = e
        self.updates += 1

    def _update_refused(self, e: Event) -> None:
        self._came_from(e, "claim" in e)
        if e["reason"] == "":
            _no("an update is refused for a reason, but none stands there")
        if "claim" in e:
            self._claimed(e, e["claim"])

    def _came_from(self, e: Event, signed: bool) -> None:
        participant = e["participant"]
        if participant not in self._taking_updates(e)["cohort"]:
            _no(f"round {e['round']} did not invite {participant!r}")
        if participant in self._keys and self._keys[participant] is None:
            _no(f"the key of {participant!r} was revoked, so nothing can be taken from it")
        if (participant in self._keys) != signed:
            _no(f"who has a key signs, and nobody else, but what came from {participant!r} is {'' if signed else 'not '}signed")

    def _claimed(self, e: Event, claim: Event) -> None:
        key = self._keys.get(e["participant"])
        if key is None:
            return  # simulated participants have no keys
        statement = statements.update(
            self.federation, self.ledger, e["round"], self._in_progress(e)["model"], e["participant"], e["update"], claim["examples"],
            _loss(claim),
        )  # fmt: skip
        self._check(e["participant"], key, statement, claim["signature"])

    def _check(self, participant: str, key: str, statement: bytes, signature: str | None) -> None:
        if signature is None or not has_signed(key, statement, signature):
            _no(f"the signature of {participant!r} is not that of its key over what the entry says")
        self.signatures += 1

    def _round_aggregated(self, e: Event) -> None:
        self._taking_updates(e)
        if (e["validationLoss"] is not None) != self._measured or (e["validationAccuracy"] is not None) != self._measured:
            _no("loss and accuracy are said of a round's model where the federation has validation rows, and only there")
        if e["updates"] != len(self._accepted):
            _no(f"round {e['round']} has {len(self._accepted)} accepted updates, but was aggregated from {e['updates']}")
        self._aggregated, self._model = True, e["model"]

    def _round_valued(self, e: Event) -> None:
        self._in_progress(e)
        if not self._aggregated or self._valued:
            _no(f"round {e['round']} is valued once, after its aggregation")
        came = [valuation["method"] for valuation in e["valuations"]]
        if came != self.terms["methods"]:
            _no(f"the terms value a round by {', '.join(self.terms['methods'])}, but {', '.join(came)} came")
        self._valued = True

    def _paid(self, e: Event) -> None:
        self._in_progress(e)
        if not self._valued:
            _no(f"round {e['round']} is paid right after its valuation, but it was not valued yet")
        agreed = self.terms["payment"]
        if any(e[name] != agreed[name] for name in ("payBy", "policy", "budget")):
            _no(f"the terms divide {agreed['budget']} under {agreed['policy']!r} by {agreed['payBy']!r}, but the round another way")
        # A round of many participants is paid in slices; the last one carries what nobody earned.
        first = len(self._posted)
        length = min(SLICE_MAX, len(self._accepted) - first)
        last = first + length == len(self._accepted)
        if e.get("first", 0) != first or len(e["payouts"]) != length:
            _no(f"{length} payouts come after the first {first}, but {len(e['payouts'])} after {e.get('first', 0)} came")
        if not last and e["unallocated"] != 0:
            _no("what nobody earned stands in the last slice of payouts, but an earlier one says it too")
        self._posted += e["payouts"]
        if last:
            self._divided(e)

    def _divided(self, e: Event) -> None:
        payouts = self._posted
        weights, amounts = [p["weight"] for p in payouts], [p["amount"] for p in payouts]
        if [p["participant"] for p in payouts] != sorted(self._accepted):
            _no("a round pays each accepted update once, in ordinal order of the participants")
        if min((e["unallocated"], *weights, *amounts)) < 0:
            _no("weights, amounts and what nobody earned are never negative")
        if sum(amounts) + e["unallocated"] != e["budget"]:
            _no(f"it pays {sum(amounts)} and leaves {e['unallocated']}, but the round's budget is {e['budget']}")
        due = divide(e["budget"], weights) if any(weights) else [0] * len(weights)
        for wrong in (i for i in range(len(due)) if due[i] != amounts[i]):
            _no(f"by the weights {payouts[wrong]['participant']!r} is owed {due[wrong]} of {e['budget']}, but {amounts[wrong]} was posted")
        for payout in payouts:
            self.balances[payout["participant"]] += payout["amount"]
        self.unallocated += e["unallocated"]
        if max((self.unallocated, *self.balances.values())) > _LONG_MAX:
            _no(f"a balance would be above {_LONG_MAX}")
        self.rounds_paid += 1
        self._round, self._valued = None, False

    # The end.

    def _abandoned(self, e: Event) -> None:
        begun = self._in_progress(e)["model"]
        if e["model"] != begun:
            _no(f"an abandoned round leaves the model {begun} that it began with, not {e['model']}")
        if not e["reason"].strip():
            _no("a round is abandoned for a reason, but none stands there")
        self._model, self._round = begun, None
        self.rounds_abandoned += 1

    def _closed(self, e: Event) -> None:
        if self._round is not None:
            _no(f"round {self._round['round']} is still in progress, but the federation closes")
        if e["rounds"] != self.rounds_paid:
            _no(f"{self.rounds_paid} rounds were paid, but the federation closes after {e['rounds']}")
        if e["model"] != self._model:
            _no(f"the federation closes with the current model {self._model}, not with {e['model']}")
        self.closed = True

    def _in_progress(self, e: Event) -> Event:
        if self._round is None or self._round["round"] != e["round"]:
            _no(f"round {e['round']} is not in progress")
        return self._round

    def _taking_updates(self, e: Event) -> Event:
        opened = self._in_progress(e)
        if self._aggregated:
            _no(f"round {e['round']} was aggregated: it takes no more updates")
        return opened


def terms_problem(terms: Event) -> str | None:
    """Why a federation cannot begin with these terms; None where it can."""
    payment, schedule = terms["payment"], terms.get("schedule")
    limit = statements.double_of(terms["normLimit"]) if "normLimit" in terms else 1.0
    if not 0 <= terms["seed"] <= _EXACT_MAX:
        return f"a seed lies in 0 .. {_EXACT_MAX}, not at {terms['seed']}"
    if not terms["aggregators"] or len(set(terms["methods"])) != len(terms["methods"]):
        return "terms have an aggregator and name each valuation method once"
    if not (math.isfinite(limit) and limit > 0):
        return f"a norm limit is finite and above 0, not {limit}"
    if payment["budget"] < 0 or payment["policy"] not in ("proportional", "equal", "by-size"):
        return f"a budget of 0 or more is paid proportionally, equally or by size, but the terms say {payment}"
    if payment["ifNonePositive"] not in ("unallocated", "equal"):
        return f"a budget that nobody earned is 'unallocated' or paid 'equal', not {payment['ifNonePositive']!r}"
    if payment["payBy"] not in (terms["methods"] if payment["policy"] == "proportional" else [""]):
        return f"{payment['payBy']!r} cannot decide about payment under {payment['policy']!r}"
    if schedule is None:
        return None
    quorum, least = schedule["quorum"], schedule["minimumReporting"]
    holds = (
        schedule["rounds"] >= 1 and 1 <= schedule["participants"] <= COHORT_MAX and least >= 1 and quorum >= 0
        and (quorum == 0 or least <= quorum) and 0 <= schedule["deadlineSeconds"] <= _YEAR
    )  # fmt: skip
    return None if holds else f"the schedule {schedule} cannot be kept"


def _loss(claim: Event) -> float | None:
    return statements.double_of(claim["claimedLoss"]) if "claimedLoss" in claim else None


def _no(sentence: str) -> NoReturn:
    raise ValueError(sentence)
