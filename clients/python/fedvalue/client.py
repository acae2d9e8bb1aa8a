"""A participant's side of a federation."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from . import statements
from .api import Announcement, Api, expect
from .errors import FedValueError, ProofError
from .events import Entry, EventStream, Nudges, follow
from .keys import Key
from .ledger import LedgerReport
from .parameters import Manifest
from .receipts import Head, Receipt, State
from .safetensors import Array, Buffer
from .trainers import AnyTrainer, Evaluation, TrainerAdapter
from .transport import Transport, log
from .witness import Witness, balances_of

_ANNOUNCING = frozenset(
    {"round-opened", "round-aggregated", "payouts-posted", "round-abandoned", "federation-closed", "key-replaced", "key-revoked"}
)


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
        self.state = State(state)
        self._transport = Transport(url, ca_file=ca_file, timeout=timeout, patience=patience, clock=clock, sleep=sleep)
        self._api = Api(self._transport, federation, participant, key if isinstance(key, Key) else Key.load(key), self.state)
        self._witness = Witness(self._api, self.state)
        self._poll, self._idle = poll, idle

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections that are kept, and lets others use the state file."""
        self._transport.close()
        self.state.close()

    @property
    def key(self) -> Key:
        """The key that signs."""
        return self._api.key

    @property
    def ledger(self) -> str:
        """The leaf hash of the federation's first entry, to which every signature is bound."""
        return self._api.ledger

    @property
    def manifest(self) -> Manifest:
        """The tensors of the federation's model, in order."""
        return self._api.manifest

    def info(self) -> dict[str, Any]:
        """Name, ledger, terms, manifest, current round and head, as the server states them."""
        return self._api.info()

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
        value = self._api.send_json("POST", "/participants", body)
        receipt = self._witness.keep(Receipt.of_json(value.get("receipt", value)))
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
        value = self._api.send_json("PUT", path, {"publicKey": new.public_text, **proof})
        self._api.key = new
        return self._witness.keep(Receipt.of_json(value.get("receipt", value)))

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
        return Announcement.of_json(self._api.get_json("/rounds/current"))

    def model(self, digest: str) -> dict[str, Array]:
        """The arrays of a model in the manifest's order, writable; checked against the digest.

        A download that breaks off goes on where it was. Raises ProofError where other bytes came.
        """
        file = bytearray()
        expect(self._transport.send("GET", f"{self._api.base}/models/{digest}", sign=self._api.authorization, sink=file), "models")
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
        self._witness.recover()
        results: list[RoundResult] = []
        stream = EventStream(self._transport, self._api.base + "/events", self._api.authorization, idle=self._idle)
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
                    nudges.wait(_heard)
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
        return self._api.get_json("/contributions", {"round": round, "participant": participant})

    def payouts(self, round: int | None = None, participant: str | None = None) -> Any:
        """What was paid per round, integers in minor units, as the server states them."""
        return self._api.get_json("/payouts", {"round": round, "participant": participant})

    def balances(self) -> dict[str, int]:
        """What every participant is owed in all, integers in minor units; ``unallocated`` is what nobody earned."""
        return balances_of(self._api.get_json("/balances"))

    def balance(self) -> int:
        """What this participant is owed in all, in minor units, as the server states it; :meth:`verify_ledger` adds it up."""
        return self.balances().get(self.participant, 0)

    # The ledger.

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """The ledger's entries from an index to the present end. Raises ProofError where a leaf hash is not that of its text."""
        return self._witness.entries(start)

    def events(self, start: int | None = None) -> Iterator[Entry]:
        """Entries as they are written, from an index or from now on, each once and in order, until the federation is closed."""
        stream = EventStream(self._transport, self._api.base + "/events", self._api.authorization, start=start, idle=self._idle)
        try:
            yield from follow(stream, self._transport, self._api.page, self._api.size, self._poll)
        finally:
            stream.close()

    def receipt(self, index: int) -> Receipt:
        """A receipt of any entry in the tree as it is now, with the entry's text."""
        return self._witness.receipt(index)

    def verify_receipt(self, receipt: Receipt | Mapping[str, Any]) -> Entry:
        """Checks that the ledger still holds what a receipt says: the entry's exact text, its place, and that the tree only grew since.

        The present tree must also begin with the last one that this client checked. Gives the entry. Raises ProofError; keep the receipt then.
        """
        return self._witness.verify_receipt(receipt)

    def verify_receipts(self) -> int:
        """Checks every receipt that is kept and gives their number. Raises ProofError."""
        return self._witness.verify_receipts()

    def head(self) -> Head:
        """The ledger's present size and root, checked to lead on from the last head that this client saw."""
        return self._witness.head()

    def verify_ledger(self) -> LedgerReport:
        """Downloads all entries and checks what they say: root, signatures, divisions of budgets, balances, and all receipts that are kept.

        Values are not recomputed: that is ``fedvalue audit --recompute`` on a copy of the ledger. Raises ProofError.
        """
        return self._witness.verify_ledger()

    # How it is done.

    def _is_due(self, now: Announcement, past: int) -> bool:
        if now.status not in ("open", "closing") or now.round is None or self.participant not in now.cohort:
            return False
        kept = self.state.of_round(now.round, self.participant)
        if self.participant in now.submitted:
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
            found = self._witness.find(now.round, update)
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
        path = f"{self._api.base}/rounds/{round}/updates/{self.participant}"
        reply = expect(self._transport.send("PUT", path, headers=headers, body=chunks), "the update")
        value = reply.json()
        if not isinstance(value, dict) or value.get("accepted") is not True:
            raise FedValueError(f"Expected that the update is accepted or a refusal, but {value!r:.200} came.", status=reply.status)
        receipt = self._witness.keep(Receipt.of_json(value["receipt"]), (round, update))
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

def _heard(entry: Entry) -> bool:
    """Whether to look at the round again; what only an entry tells, that a round was abandoned, is logged."""
    if entry.type == "round-abandoned":
        log.warning("round %s was abandoned and is not paid: %s", entry.data.get("round"), entry.data.get("reason"))
    return entry.type in _ANNOUNCING


def _digest(chunks: Sequence[Buffer]) -> str:
    hash_ = hashlib.sha256()
    for chunk in chunks:
        hash_.update(chunk)
    return hash_.hexdigest()


