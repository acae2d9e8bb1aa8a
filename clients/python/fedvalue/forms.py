"""The form of ledger entries: which members an event has, in which order, and what may stand in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Union

LENGTH_MAX = 65_535
"""The most bytes of an entry."""

_WHOLE = range(-(2**63), 2**63)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')

Check = Callable[[Any], bool]
Form = Mapping[str, Union[Check, "Form"]]
"""Members in their order; ``?`` behind a name: it may be left out."""


def text(value: Any) -> bool:
    """Any text."""
    return isinstance(value, str)


def whole(value: Any) -> bool:
    """An integer of 64 bits."""
    return type(value) is int and value in _WHOLE


def positive(value: Any) -> bool:
    """An integer of 1 or more."""
    return whole(value) and value > 0


def digest(value: Any) -> bool:
    """64 lower-case hex digits."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def bits(value: Any) -> bool:
    """A double's bits as 16 lower-case hex digits."""
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{16}", value) is not None


def or_null(check: Check) -> Check:
    """What the check says, or null."""
    return lambda value: value is None or check(value)


def each(form: Check | Form) -> Check:
    """A list of such."""
    def check(value: Any) -> bool:
        return isinstance(value, list) and all(form(one) if callable(form) else problem(one, form) is None for one in value)

    return check


TERMS: Form = {
    "architecture": text,
    "aggregators": each({"name": text, "smallCoalitions": text}),
    "utility": text,
    "methods": each(text),
    "sampling": {"minimumPermutations": whole, "maximumPermutations": whole, "tolerance": bits, "stop?": text},
    "gramLimit": whole,
    "payment": {"budget": whole, "payBy": text, "policy": text, "ifNonePositive": text},
    "seed": whole,
    "counterfactual?": each({"name": text, "smallCoalitions": text}),
    "schedule?": {"rounds": whole, "participants": whole, "quorum": whole, "minimumReporting": whole, "deadlineSeconds": whole},
    "normLimit?": bits,
}

EVENTS: dict[str, Form] = {
    "federation-created": {
        "federation": text, "numerics": whole, "terms": TERMS, "manifest": digest, "model": digest, "validation": or_null(digest),
        "scenario": each({"option": text, "value": text}), "at": whole,
    },
    "participant-enrolled": {"participant": text, "declaredExamples": whole, "at": whole, "publicKey?": text},
    "key-replaced": {"participant": text, "publicKey": text, "at": whole, "signature?": text},
    "key-revoked": {"participant": text, "reason": text, "at": whole},
    "round-opened": {"round": whole, "model": digest, "aggregator": text, "cohort": each(text), "at": whole},
    "update-accepted": {
        "round": whole, "participant": text, "update": digest, "examples": whole, "bytes": whole, "at": whole, "claimedLoss?": bits,
        "signature?": text,
    },
    "update-refused": {
        "round": whole, "participant": text, "update": digest, "reason": text, "detail": text, "at": whole,
        "claim?": {"examples": whole, "signature": text, "claimedLoss?": bits},
    },
    "round-aggregated": {
        "round": whole, "updates": whole, "model": digest, "aggregatorState": digest, "validationLoss": or_null(bits),
        "validationAccuracy": or_null(bits),
    },
    "round-valued": {
        "round": whole, "statistics": digest, "coalitionUtilities": or_null(digest),
        "valuations": each({
            "method": text, "values": digest, "errors": digest, "evaluations": whole, "permutations": whole, "status": text,
        }),
        "memory?": digest,
    },
    "payouts-posted": {
        "round": whole, "payBy": text, "policy": text, "budget": whole, "unallocated": whole,
        "payouts": each({"participant": text, "weight": whole, "amount": whole}), "first?": positive,
    },
    "round-abandoned": {"round": whole, "model": digest, "reason": text, "at": whole},
    "federation-closed": {"rounds": whole, "model": digest, "at": whole},
}  # fmt: skip


def read(entry: str) -> dict[str, Any]:
    """The event that an entry spells: compact JSON, ``type`` first, then its members in their order, none unknown, missing or repeated.

    How a sentence's characters are escaped is not looked at. Raises ValueError.
    """
    if len(entry.encode()) > LENGTH_MAX:
        raise ValueError(f"an entry has at most {LENGTH_MAX} bytes, but this one has {len(entry.encode())}")
    try:
        event = json.loads(entry, object_pairs_hook=once, parse_float=_no_number, parse_constant=_no_number)
    except RecursionError as deep:
        raise ValueError("it is nested too deeply") from deep
    kind = event.get("type") if isinstance(event, dict) else None
    form = EVENTS.get(kind) if isinstance(kind, str) else None
    if form is None:
        raise ValueError(f"{kind!r} is no event that this version of the client knows")
    if wrong := problem(event, {"type": text, **form}):
        raise ValueError(wrong)
    if re.search(r"\s|-0", _STRING.sub('""', entry)):
        raise ValueError("an event has one spelling, without spaces between its parts")
    assert isinstance(event, dict)
    return event


def problem(value: Any, form: Form) -> str | None:
    """What is wrong with an object, as a sentence; None where nothing is."""
    if not isinstance(value, dict):
        return f"an object with the members {', '.join(form)} was expected, but {value!r:.100} came"
    names = [name.rstrip("?") for name in form if name.rstrip("?") in value or not name.endswith("?")]
    if list(value) != names:
        return f"the members {', '.join(names)} were expected in this order, but {', '.join(value)} came"
    for name, check in form.items():
        name = name.rstrip("?")
        if name not in value:
            continue
        if not callable(check):
            if (wrong := problem(value[name], check)) is not None:
                return f"in {name} {wrong}"
        elif not check(value[name]):
            return f"{value[name]!r:.100} cannot stand in {name}"
    return None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For ``json.loads``: the members of an object, each once."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is repeated")
    return members


def _no_number(spelled: str) -> Any:
    raise ValueError(f"{spelled} is no integer: all numbers of an entry are")
