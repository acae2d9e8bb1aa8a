"""Events as they stand on a ledger."""

from __future__ import annotations

import json
from typing import Any

from fedvalue import merkle
from fedvalue.events import Entry

DIGEST = "ab" * 32


def ledger(*events: dict[str, Any] | str) -> list[Entry]:
    texts = [event if isinstance(event, str) else json.dumps(event, separators=(",", ":"), ensure_ascii=False) for event in events]
    return [Entry(i, merkle.leaf_hash(text.encode()).hex(), text) for i, text in enumerate(texts)]


def created(federation: str, model: str = DIGEST, budget: int = 1003) -> dict[str, Any]:
    terms = {
        "architecture": "", "aggregators": [{"name": "fedavg", "smallCoalitions": "none"}], "utility": "none", "methods": ["cosine"],
        "sampling": {"minimumPermutations": 1, "maximumPermutations": 2, "tolerance": "3fa999999999999a"}, "gramLimit": 128,
        "payment": {"budget": budget, "payBy": "cosine", "policy": "proportional", "ifNonePositive": "unallocated"}, "seed": 1,
    }  # fmt: skip
    return {
        "type": "federation-created", "federation": federation, "numerics": 3, "terms": terms, "manifest": DIGEST, "model": model,
        "validation": None, "scenario": [], "at": 0,
    }  # fmt: skip


def enrolled(participant: str, examples: int = 1) -> dict[str, Any]:
    return {"type": "participant-enrolled", "participant": participant, "declaredExamples": examples, "at": 0}


def opened(round: int, cohort: list[str], model: str = DIGEST) -> dict[str, Any]:
    return {"type": "round-opened", "round": round, "model": model, "aggregator": "fedavg", "cohort": cohort, "at": 0}


def accepted(round: int, participant: str) -> dict[str, Any]:
    return {
        "type": "update-accepted", "round": round, "participant": participant, "update": DIGEST, "examples": 1, "bytes": 1, "at": 0,
    }  # fmt: skip


def aggregated(round: int, updates: int, model: str = DIGEST) -> dict[str, Any]:
    return {
        "type": "round-aggregated", "round": round, "updates": updates, "model": model, "aggregatorState": DIGEST, "validationLoss": None,
        "validationAccuracy": None,
    }  # fmt: skip


def valued(round: int) -> dict[str, Any]:
    valuation = {"method": "cosine", "values": DIGEST, "errors": DIGEST, "evaluations": 0, "permutations": 0, "status": "exact"}
    return {"type": "round-valued", "round": round, "statistics": DIGEST, "coalitionUtilities": None, "valuations": [valuation]}


def paid(round: int, budget: int, payouts: list[dict[str, Any]], first: int = 0) -> dict[str, Any]:
    event = {
        "type": "payouts-posted", "round": round, "payBy": "cosine", "policy": "proportional", "budget": budget, "unallocated": 0,
        "payouts": payouts,
    }  # fmt: skip
    return event if first == 0 else {**event, "first": first}
