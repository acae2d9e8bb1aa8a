"""A participant's side of a federation."""

from __future__ import annotations

import hashlib
import json
import os
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from . import ledger as ledgers
from . import statements
from .errors import FedValueError, ProofError
from .events import Entry, EventStream, Nudges, follow
from .keys import Key
from .parameters import Manifest
from .receipts import Head, Receipt, State
from .safetensors import Array, Buffer
from .trainers import AnyTrainer, Evaluation, TrainerAdapter
from .transport import Reply, Transport, log, problem_of

_PAGE = 100
_TRIES = 10
_ANNOUNCING = frozenset({"round-opened", "round-aggregated", "payouts-posted", "federation-closed", "key-replaced", "key-revoked"})


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


@dataclass(frozen=True)
class RoundResult:
    """A round in which this participant took part: its receipt, what it claimed, the metrics of ``fit``, what ``evaluate`` said before."""

    round: int
    receipt: Receipt
    update: str
    examples: int
    loss: float | None
    metrics: dict[str, Any]
    evaluation: Evaluation | None


class Client:
    """Speaks for one participant of one federation.

    ``key``: a :class:`Key` or its PEM file. ``state``: a file in which receipts and the last checked head are kept; without one they live as
    long as the client. ``ca_file``: the authority that signed an https server's certificate, where the system does not know it.
    ``patience``: seconds for which a server that is away or busy is waited for. ``timeout``: seconds without a sign of it. ``poll``: the most
    seconds between two looks where no stream of events can be had. Methods raise :class:`FedValueError` and its kinds.
    """

    def __init__(
        self,
        url: str,
        federation: str,
        participant: str,
        key: Key | str | os.PathLike[str],
        *,
        state: Union[str, "os.PathLike[str]", None] = None,
        ca_file: str | None = None,
        timeout: float = 60,
        patience: float = 600,
        poll: float = 8,
        idle: float = 45,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.federation, self.participant = federation, participant
        self.key = key if isinstance(key, Key) else Key.load(key)
        self.state = State(state)
        self._transport = Transport(url, ca_file=ca_file, timeout=timeout, patience=patience, clock=clock, sleep=sleep)
        self._base = f"{self._transport.prefix}/federations/{urllib.parse.quote(federation, safe='')}"
        self._ledger: str | None = None
        self._manifest: Manifest | None = None
        self._poll, self._idle = poll, idle

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections that are kept."""
        self._transport.close()

    # What anybody may read.

    def info(self) -> dict[str, Any]:
        """Name, ledger, terms, manifest, current round and head, as the server states them."""
        value = self._get_json("", signed=False)
        if not isinstance(value, dict) or not isinstance(value.get("ledger"), str):
            raise FedValueError(f"Expected the federation's name, ledger, terms and manifest, but {value!r:.200} came.")
        if self._ledger is None:
            self.state.bind(self.federation, value["ledger"], self.participant)
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

    # Joining.

    def enrol(self, token: str, declared_examples: int) -> Receipt:
        """Enrols this key with a token of the operator; again, with the same, it gives the same receipt.

        ``declared_examples`` is the most that an update may claim to be trained on.
        """
        ledger = self.ledger
        body = {
            "participant": self.participant,
            "token": token,
            "publicKey": self.key.public_text,
            "declaredExamples": declared_examples,
        }
        value = self._send_json("POST", "/participants", body)
        receipt = self._kept(Receipt.of_json(value.get("receipt", value)))
        event = Entry(receipt.index, receipt.leaf_hash, receipt.entry or "").data
        if (event.get("type"), event.get("participant"), event.get("publicKey")) != (
            "participant-enrolled", self.participant, self.key.public_text,
        ):  # fmt: skip
            raise ProofError(f"The receipt of the enrolment names an entry of ledger {ledger} that is something else: {receipt.entry:.200}.")
        self.state.declare(int(event["declaredExamples"]))
        return receipt

    def replace_key(self, new: Key, token: str | None = None) -> Receipt:
        """Signs with another key from now on; with a token where the old one was revoked."""
        proof = {"token": token} if token else {
            "signature": self.key.sign(statements.key(self.federation, self.ledger, self.participant, new.public_text))
        }  # fmt: skip
        path = f"/participants/{self.participant}/key"
        value = self._send_json("PUT", path, {"publicKey": new.public_text, **proof})
        self.key = new
        return self._kept(Receipt.of_json(value.get("receipt", value)))

    @property
    def declared(self) -> int | None:
        """How many examples this participant declared when it enrolled; None where the ledger does not say."""
        if self.state.declared is None:
            for entry in self.entries():
                if entry.type == "participant-enrolled" and entry.data["participant"] == self.participant:
                    self.state.declare(int(entry.data["declaredExamples"]))
                    break
        return self.state.declared

    # Rounds.

    def round(self) -> Announcement:
        """Where the federation stands."""
        return Announcement.of_json(self._get_json("/rounds/current"))

    def model(self, digest: str) -> dict[str, Array]:
        """The arrays of a model in the manifest's order, writable; checked against the digest.

        A download that breaks off goes on where it was. Raises ProofError where other bytes came.
        """
        file = bytearray()
        self._expect(self._transport.send("GET", f"{self._base}/models/{digest}", sign=self._authorization, sink=file), "models")
        came = hashlib.sha256(file).hexdigest()
        if came != digest:
            raise ProofError(f"Expected the model {digest}, but the bytes that came are {came}.")
        return self.manifest.read(file)

    def latest_model(self) -> dict[str, Array]:
        """The arrays of the newest global model: the next round's base, or the final model once the federation is closed."""
        digest = [str(entry.data["model"]) for entry in self.entries() if "model" in entry.data][-1]
        return self.model(digest)

    def submit(
        self,
        round: int,
        model: str,
        arrays: Any,
        examples: int,
        loss: float | None = None,
        *,
        cast: bool = False,
    ) -> Receipt:
        """Submits the whole local model for a round that began with ``model`` (a digest) and checks the receipt.

        ``arrays``: a list in the manifest's order or a mapping by name. A repetition after a lost answer gives the same receipt.
        Raises TrainerError for arrays that are not of this model, FedValueError with status 409 or 422 where the update is refused.
        """
        chunks = self.manifest.chunks(self.manifest.arrays(arrays, cast=cast, source="submit"))
        return self._submit(round, model, chunks, _digest(chunks), examples, loss)

    def run(
        self,
        trainer: AnyTrainer,
        rounds: int | None = None,
        *,
        named: bool | None = None,
        cast: bool = False,
        evaluate: bool = True,
        on_round: Callable[[RoundResult], None] | None = None,
    ) -> list[RoundResult]:
        """Takes part in rounds until the federation is closed, or in so many.

        ``trainer``: an object with Flower's ``fit(parameters, config) -> (parameters, num_examples, metrics)`` or such a function; see
        :class:`TrainerAdapter` for ``named`` and ``cast``. ``evaluate``: call the trainer's ``evaluate``, where it has one, with every model
        before training; what it says stays here. Rounds to which the participant already submitted are not trained again, so after a crash
        of client or server the same call goes on. Raises TrainerError, ProofError, or what the trainer raises.
        """
        adapter = TrainerAdapter(trainer, self.manifest, named=named, cast=cast)
        results: list[RoundResult] = []
        stream = EventStream(self._transport, self._base + "/events", self._authorization, idle=self._idle)
        nudges = Nudges(stream, self._transport, self._poll)
        past, problem = 0, None
        try:
            while rounds is None or len(results) < rounds:
                now = self.round()
                if now.status == "closed":
                    break
                if now.problem != problem and now.problem is not None:
                    log.warning("the federation does not go on by itself: %s", now.problem)
                problem = now.problem
                if not self._is_due(now, past):
                    nudges.wait(lambda entry: entry.type in _ANNOUNCING)
                    continue
                nudges.pause()
                assert now.round is not None
                past = now.round
                result = self._take_part(adapter, now, evaluate)
                if result is not None:
                    results.append(result)
                    if on_round is not None:
                        on_round(result)
            return results
        finally:
            nudges.pause()

    # What it was worth.

    def contributions(self, round: int | None = None, participant: str | None = None) -> Any:
        """Values, errors and intervals per round, method and participant, and totals, as the server states them."""
        return self._get_json("/contributions", {"round": round, "participant": participant})

    def payouts(self, round: int | None = None, participant: str | None = None) -> Any:
        """What was paid per round, integers in minor units, as the server states them."""
        return self._get_json("/payouts", {"round": round, "participant": participant})

    def balances(self) -> dict[str, int]:
        """What every participant is owed in all, integers in minor units; ``unallocated`` is what nobody earned."""
        return _balances(self._get_json("/balances"))

    def balance(self) -> int:
        """What this participant is owed in all, in minor units, as the server states it; :meth:`verify_ledger` adds it up."""
        return self.balances().get(self.participant, 0)

    # The ledger.

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """The ledger's entries from an index to the present end. Raises ProofError where a leaf hash is not that of its text."""
        while page := self._page(start, _PAGE):
            for entry in page:
                if entry.index != start:
                    raise ProofError(f"Expected entry {start} of the ledger, but entry {entry.index} came.")
                yield entry
                start += 1

    def events(self, start: int | None = None) -> Iterator[Entry]:
        """Entries as they are written, from an index or from now on, each once and in order, until the federation is closed."""
        stream = EventStream(self._transport, self._base + "/events", self._authorization, start=start, idle=self._idle)
        try:
            yield from follow(stream, self._transport, lambda first: self._page(first, _PAGE), self._size, self._poll)
        finally:
            stream.close()

    def receipt(self, index: int) -> Receipt:
        """A receipt of any entry in the tree as it is now, with the entry's text."""
        return self._with_entry(Receipt.of_json(self._get_json(f"/entries/{index}/receipt")))

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
        for receipt in self.state.receipts:
            self.verify_receipt(receipt)
        return len(self.state.receipts)

    def head(self) -> Head:
        """The ledger's present size and root, checked to lead on from the last head that this client saw."""
        return self._advance()

    def verify_ledger(self) -> ledgers.LedgerReport:
        """Downloads all entries and checks what they say: root, signatures, divisions of budgets, balances, and all receipts that are kept.

        Values are not recomputed: that is ``fedvalue audit --recompute`` on a copy of the ledger. Raises ProofError.
        """
        report = ledgers.fold(self.federation, self.entries(), self.state.receipts)
        first = self._page(0, 1)
        if not first or first[0].leaf_hash != self.ledger:
            raise ProofError(f"The ledger does not begin with the entry {self.ledger} that the federation is named by.")
        self._advance(report.head)
        served = self._get_json("/balances")
        stated = _balances(served)
        # A round that was paid meanwhile is no contradiction.
        if served.get("roundsPaid", report.rounds_paid) == report.rounds_paid:
            owed = {**report.balances, "unallocated": report.unallocated}
            for name in {**owed, **stated}:
                if owed.get(name, 0) != stated.get(name, 0):
                    raise ProofError(
                        f"The server says that the balance of {name!r} is {stated.get(name, 0)}, but its ledger adds up to {owed.get(name, 0)}."
                    )
        return report

    # How it is done.

    def _is_due(self, now: Announcement, past: int) -> bool:
        if now.status not in ("open", "closing") or now.round is None or self.participant not in now.cohort:
            return False
        kept = self.state.of_round(now.round, self.participant)
        if self.participant in now.submitted:
            if kept is None:
                # Whoever was killed between the update and its receipt still gets one.
                self._find(now.round)
            return False
        if kept is not None:
            # The receipt says that the update was durable: a ledger without it has lost it.
            self.verify_receipt(kept)
            return False
        return now.status == "open" and now.round != past

    def _take_part(self, adapter: TrainerAdapter, now: Announcement, evaluate: bool) -> RoundResult | None:
        assert now.round is not None and now.model is not None
        arrays = self.model(now.model)
        config: dict[str, Any] = {
            "round": now.round, "server_round": now.round, "server-round": now.round, "federation": self.federation,
            "participant": self.participant, "deadline": now.deadline,
        }  # fmt: skip
        evaluation = adapter.evaluate(arrays, dict(config)) if evaluate else None
        fit = adapter.fit(arrays, config, self.declared)
        chunks = self.manifest.chunks(fit.arrays)
        update = _digest(chunks)
        try:
            receipt = self._submit(now.round, now.model, chunks, update, fit.examples, fit.loss)
        except FedValueError as refused:
            if refused.status != 409 or refused.code == "equivocation":
                raise
            found = self._find(now.round, update)
            if found is None:
                then = self.round()
                if then.status == "open" and then.round == now.round:
                    raise
                log.warning("round %d closed before this update was there: %s", now.round, refused)
                return None
            receipt = found
        return RoundResult(now.round, receipt, update, fit.examples, fit.loss, fit.metrics, evaluation)

    def _submit(
        self, round: int, model: str, chunks: Sequence[Buffer], update: str, examples: int, loss: float | None
    ) -> Receipt:
        statement = statements.update(self.federation, self.ledger, round, model, self.participant, update, examples, loss)
        headers = {
            "Content-Type": "application/octet-stream",
            "FedValue-Update": update,
            "FedValue-Examples": str(examples),
            "FedValue-Signature": self.key.sign(statement),
        }
        if loss is not None:
            headers["FedValue-Loss"] = statements.double_bits(loss)
        path = f"{self._base}/rounds/{round}/updates/{self.participant}"
        reply = self._expect(self._transport.send("PUT", path, headers=headers, body=chunks), "the update")
        value = reply.json()
        if not isinstance(value, dict) or value.get("accepted") is not True:
            raise FedValueError(f"Expected that the update is accepted or a refusal, but {value!r:.200} came.", status=reply.status)
        receipt = self._kept(Receipt.of_json(value["receipt"]))
        self._check_update(receipt, round, update, examples)
        return receipt

    def _check_update(self, receipt: Receipt, round: int, update: str, examples: int) -> None:
        event = Entry(receipt.index, receipt.leaf_hash, receipt.entry or "").data
        expected = {
            "type": "update-accepted", "round": round, "participant": self.participant, "update": update, "examples": examples,
        }  # fmt: skip
        for name, value in expected.items():
            if event.get(name) != value:
                raise ProofError(f"The receipt's entry says {name} {event.get(name)!r}, but {value!r} was submitted.")

    def _kept(self, receipt: Receipt) -> Receipt:
        """Keeps a receipt before anything else can go wrong, then checks it against the ledger."""
        receipt.check()
        self.state.add(receipt)
        receipt = self._with_entry(receipt)
        self.state.add(receipt)
        self._advance(receipt.head)
        return receipt

    def _with_entry(self, receipt: Receipt) -> Receipt:
        page = self._page(receipt.index, 1)
        if not page or page[0].index != receipt.index or page[0].leaf_hash != receipt.leaf_hash:
            raise ProofError(f"The ledger does not hold entry {receipt.index} as the receipt says; keep the receipt, it is the evidence.")
        receipt = receipt.with_entry(page[0].text)
        receipt.check()
        return receipt

    def _find(self, round: int, update: str | None = None) -> Receipt | None:
        """The receipt of an update (None: any) of this participant that was accepted though no answer came."""
        for entry in self.entries(max((receipt.index for receipt in self.state.receipts), default=0)):
            event = entry.data
            if (event["type"], event.get("round"), event.get("participant")) == ("update-accepted", round, self.participant):
                return self._kept(self.receipt(entry.index)) if update in (None, event["update"]) else None
        return None

    def _advance(self, *heads: Head) -> Head:
        """Checks that one present head leads on from all of these and from the last one that was checked, and keeps it."""
        known = [head for head in (*heads, self.state.head) if head is not None and head.size > 0]
        for _ in range(_TRIES):
            present = [self._lead_on(head) for head in known] or [self._lead_on(None)]
            if len({head.size for head in present}) == 1:
                if len(set(present)) > 1:
                    raise ProofError(f"The server shows two ledgers of {present[0].size} entries; keep the state, it is the evidence.")
                self.state.saw(present[0])
                return present[0]
        raise FedValueError("The ledger grew between every two questions about it; ask again.")

    def _lead_on(self, head: Head | None) -> Head:
        # Without an earlier head, the ledger's name is one: the root of a tree of one leaf is that leaf.
        head = head or Head(1, self.ledger)
        value = self._get_json("/head", {"from": head.size})
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

    def _page(self, start: int, count: int) -> list[Entry]:
        value = self._get_json("/entries", {"from": start, "count": count})
        if not isinstance(value, dict) or not isinstance(value.get("entries"), list):
            raise FedValueError(f"Expected a page of entries, but {value!r:.200} came.")
        return [Entry.of_json(entry) for entry in value["entries"]]

    def _size(self) -> int:
        return Head.of_json(self.info()["head"]).size

    def _authorization(self, method: str, path: str, time: int) -> str:
        statement = statements.request(self.federation, self.ledger, self.participant, method, path, time)
        return f"FedValue {self.participant}:{time}:{self.key.sign(statement)}"

    def _get_json(self, path: str, query: Mapping[str, Any] | None = None, *, signed: bool = True) -> Any:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        if given:
            path += "?" + urllib.parse.urlencode(given)
        reply = self._transport.send("GET", self._base + path, sign=self._authorization if signed else None)
        return self._expect(reply, f"GET {path or self._base}").json()

    def _send_json(self, method: str, path: str, value: Mapping[str, Any]) -> Any:
        body = json.dumps(value).encode()
        reply = self._transport.send(method, self._base + path, headers={"Content-Type": "application/json"}, body=[body])
        answer = self._expect(reply, f"{method} {path}").json()
        if not isinstance(answer, dict):
            raise FedValueError(f"Expected a JSON object, but {answer!r:.200} came.")
        return answer

    @staticmethod
    def _expect(reply: Reply, request: str) -> Reply:
        if not 200 <= reply.status < 300:
            raise problem_of(reply, request)
        return reply


def _digest(chunks: Sequence[Buffer]) -> str:
    hash_ = hashlib.sha256()
    for chunk in chunks:
        hash_.update(chunk)
    return hash_.hexdigest()


def _balances(value: Any) -> dict[str, int]:
    try:
        balances = {str(row["participant"]): int(row["amount"]) for row in value["balances"]}
        return {**balances, "unallocated": int(value["unallocated"])}
    except (KeyError, TypeError, ValueError) as wrong:
        raise FedValueError(f"Expected balances and what is unallocated, but {value!r:.200} came.") from wrong
