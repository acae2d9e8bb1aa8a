"""Requests of one participant to one federation."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import statements
from .errors import FedValueError, ProofError
from .events import Entry
from .keys import Key
from .parameters import Manifest
from .receipts import Head, State
from .transport import Reply, Transport, problem_of


@dataclass(frozen=True)
class Announcement:
    """Where the federation stands: ``status`` is ``open``, ``closing``, ``none`` (between rounds) or ``closed`` (it has ended).

    ``round`` and ``model`` (a digest) are None unless a round is open or closing; ``submitted`` names whose updates are there. ``problem`` says
    why the federation does not go on by itself, None where it does.
    """

    status: str
    round: int | None
    model: str | None
    cohort: frozenset[str]
    submitted: frozenset[str]
    deadline: str | None
    rounds_paid: int
    problem: str | None = None

    @classmethod
    def of_json(cls, value: Any) -> Announcement:
        """Reads a round announcement. Raises FedValueError for anything else."""
        try:
            return cls(
                str(value["status"]),
                value.get("round"),
                value.get("model"),
                frozenset(value.get("cohort") or ()),
                frozenset(value.get("submitted") or ()),
                value.get("deadline"),
                int(value.get("roundsPaid") or 0),
                value.get("problem"),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise FedValueError(f"Expected a round announcement, but {value!r:.300} came.") from wrong


class Api:
    """Knows the addresses, signs requests and reads answers; ``base`` is the path of the federation."""

    def __init__(self, transport: Transport, federation: str, participant: str, key: Key, state: State) -> None:
        self.transport, self.federation, self.participant, self.key = transport, federation, participant, key
        self.base = f"{transport.prefix}/federations/{urllib.parse.quote(federation, safe='')}"
        self._state = state
        self._ledger: str | None = None
        self._manifest: Manifest | None = None

    def info(self) -> dict[str, Any]:
        """Name, ledger, terms, manifest, current round and head, as the server states them."""
        value = self.get_json("", signed=False)
        if not isinstance(value, dict) or not isinstance(value.get("ledger"), str):
            raise FedValueError(f"Expected the federation's name, ledger, terms and manifest, but {value!r:.200} came.")
        if self._ledger is None:
            self._state.bind(self.federation, value["ledger"], self.participant)
            self._ledger = value["ledger"]
        elif self._ledger != value["ledger"]:
            raise ProofError(f"The federation's ledger begins with {value['ledger']} now, but it began with {self._ledger}.")
        if self._manifest is None and value.get("manifest") is not None:
            self._manifest = Manifest.of_json(value["manifest"])
        return value

    @property
    def ledger(self) -> str:
        """The leaf hash of the federation's first entry, to which every signature is bound."""
        if self._ledger is None:
            self.info()
        assert self._ledger is not None
        return self._ledger

    @property
    def manifest(self) -> Manifest:
        """The tensors of the federation's model, in order."""
        if self._manifest is None:
            self.info()
        if self._manifest is None:
            raise FedValueError("The server did not say which tensors the federation's model has.")
        return self._manifest

    def page(self, start: int, count: int = 100) -> list[Entry]:
        """Entries from an index, at most so many, each with the hash of its text. Raises ProofError where that is another."""
        value = self.get_json("/entries", {"from": start, "count": count})
        if not isinstance(value, dict) or not isinstance(value.get("entries"), list):
            raise FedValueError(f"Expected a page of entries, but {value!r:.200} came.")
        return [Entry.of_json(entry) for entry in value["entries"]]

    def size(self) -> int:
        """How many entries the ledger has."""
        return Head.of_json(self.info()["head"]).size

    def authorization(self, method: str, path: str, time: int) -> str:
        """The header with which the participant signs a request."""
        statement = statements.request(self.federation, self.ledger, self.participant, method, path, time)
        return f"FedValue {self.participant}:{time}:{self.key.sign(statement)}"

    def get_json(self, path: str, query: Mapping[str, Any] | None = None, *, signed: bool = True) -> Any:
        """The answer to a GET; members of the query that are None are left out."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        if given:
            path += "?" + urllib.parse.urlencode(given)
        reply = self.transport.send("GET", self.base + path, sign=self.authorization if signed else None)
        return expect(reply, f"GET {path or self.base}").json()

    def send_json(self, method: str, path: str, value: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, an object, to JSON that needs no signature of its own."""
        body = json.dumps(value).encode()
        reply = self.transport.send(method, self.base + path, headers={"Content-Type": "application/json"}, body=[body])
        answer = expect(reply, f"{method} {path}").json()
        if not isinstance(answer, dict):
            raise FedValueError(f"Expected a JSON object, but {answer!r:.200} came.")
        return answer


def expect(reply: Reply, request: str) -> Reply:
    """The reply, where it is no error. Raises FedValueError with what its problem details say."""
    if not 200 <= reply.status < 300:
        raise problem_of(reply, request)
    return reply
