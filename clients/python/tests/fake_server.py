"""A small FedValue server in this process: one federation, real signatures, hashes and proofs, and faults on demand."""

from __future__ import annotations

import hashlib
import http.server
import json
import struct
import threading
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

import numpy as np

from fedvalue import merkle, safetensors, statements
from fedvalue.keys import has_signed

from . import entries

Fault = Callable[["Handler"], bool]
"""Called before a request is handled; True: it was dealt with."""


class FakeServer:
    """Rounds open by themselves: round 1 once ``participants`` are enrolled, the next when all of the cohort have submitted."""

    def __init__(self, participants: int = 1, rounds: int = 2, tensors: dict[str, np.ndarray] | None = None) -> None:
        self.name = "demo"
        self.participants, self.rounds = participants, rounds
        self.entries: list[str] = []
        self.keys: dict[str, str] = {}
        self.declared: dict[str, int] = {}
        self.models: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.ranges: list[str] = []
        self.changed = threading.Condition()
        self.round: int | None = None
        self.paid = self.abandoned = 0
        self.closed = False
        self.stopping = False
        self.clock = 0.0  # how far this server's clock is ahead
        self.served_head: tuple[int, list[bytes]] | None = None
        self.balances: dict[str, int] = {}
        self.tensors = tensors if tensors is not None else {
            "layer1.weight": np.zeros((3, 2), np.float32), "layer1.bias": np.zeros(3, np.float32)
        }  # fmt: skip
        self.dtypes: dict[str, str] = {}
        self.base = self._model(self.tensors)
        self.append(entries.created(self.name, self.base, budget=100))
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.fake = self  # type: ignore[attr-defined]
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    def __enter__(self) -> FakeServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        with self.changed:
            self.stopping = True
            self.changed.notify_all()
        self.http.shutdown()
        self.http.server_close()

    def count(self, method: str, part: str) -> int:
        return sum(1 for m, path in self.requests if m == method and part in path)

    # The federation.

    def _model(self, tensors: dict[str, np.ndarray]) -> str:
        file = safetensors.write(tensors, self.dtypes)
        digest = hashlib.sha256(file).hexdigest()
        self.models[digest] = file
        return digest

    def append(self, event: dict[str, Any]) -> int:
        with self.changed:
            self.entries.append(json.dumps(event, separators=(",", ":"), ensure_ascii=False))
            self.changed.notify_all()
            return len(self.entries) - 1

    def leaves(self, size: int | None = None) -> list[bytes]:
        return [merkle.leaf_hash(entry.encode()) for entry in self.entries[:size]]

    @property
    def ledger(self) -> str:
        return merkle.leaf_hash(self.entries[0].encode()).hex()

    def receipt(self, index: int) -> dict[str, Any]:
        leaves = self.leaves()
        return {
            "index": index, "leafHash": leaves[index].hex(), "size": len(leaves), "root": root_of(leaves).hex(),
            "proof": [digest.hex() for digest in inclusion(index, leaves)],
        }  # fmt: skip

    def open_round(self) -> None:
        self.round = self.paid + self.abandoned + 1
        cohort = sorted(self.keys)
        self.append({"type": "round-opened", "round": self.round, "model": self.base, "aggregator": "fedavg", "cohort": cohort, "at": 0})

    def abandon_round(self) -> None:
        self.append({"type": "round-abandoned", "round": self.round, "model": self.base, "reason": "Why not.", "at": 0})
        self.abandoned, self.round = self.abandoned + 1, None
        self.open_round()

    def submitted(self) -> list[str]:
        events = [json.loads(entry) for entry in self.entries]
        return sorted(e["participant"] for e in events if e["type"] == "update-accepted" and e["round"] == self.round)

    def close_round(self) -> None:
        submitted = self.submitted()
        self.append(entries.aggregated(self.round or 0, len(submitted), self.base))
        self.append(entries.valued(self.round or 0))
        share, rest = divmod(100, len(submitted))
        payouts = [{"participant": p, "weight": 1, "amount": share + (i < rest)} for i, p in enumerate(submitted)]
        for payout in payouts:
            self.balances[payout["participant"]] = self.balances.get(payout["participant"], 0) + payout["amount"]
        self.append(entries.paid(self.round or 0, 100, payouts))
        self.paid, self.round = self.paid + 1, None
        if self.paid == self.rounds:
            self.append({"type": "federation-closed", "rounds": self.paid, "model": self.base, "at": 0})
            self.closed = True
        else:
            self.open_round()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_: Any) -> None:
        pass

    @property
    def fake(self) -> FakeServer:
        return self.server.fake  # type: ignore[attr-defined, no-any-return]

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(time.time() + self.fake.clock)

    def handle_expect_100(self) -> bool:
        return True  # decided once the fault and the headers were looked at

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_PUT(self) -> None:
        self._answer(self._put)

    def do_POST(self) -> None:
        self._answer(self._post)

    def json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        problem = status >= 400
        self.send_header("Content-Type", "application/problem+json" if problem else "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        if problem and self.command in ("PUT", "POST"):
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def problem(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None, **more: Any) -> None:
        self.json(status, {"title": code, "detail": detail, "code": code, **more}, headers)

    def body(self) -> bytes:
        if self.headers.get("Expect"):
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        return self.rfile.read(int(self.headers["Content-Length"]))

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _answer(self, handle: Callable[[str, dict[str, str]], None]) -> None:
        fake = self.fake
        fake.requests.append((self.command, self.path))
        fake.headers.append(dict(self.headers.items()))
        for fault in list(fake.faults):
            if fault(self):
                return
        parts = urllib.parse.urlsplit(self.path)
        prefix = f"/federations/{fake.name}"
        if not parts.path.startswith(prefix):
            self.problem(404, "not-found", f"There is no {parts.path}.")
            return
        query = dict(urllib.parse.parse_qsl(parts.query))
        try:
            handle(parts.path[len(prefix) :], query)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _is_signed(self) -> bool:
        fake = self.fake
        try:
            scheme, shown = self.headers.get("Authorization", "").split(" ")
            participant, time_, signature = shown.split(":")
        except ValueError:
            return False
        statement = statements.request(fake.name, fake.ledger, participant, self.command, self.path, int(time_))
        key = fake.keys.get(participant)
        now = time.time() + fake.clock
        return scheme == "FedValue" and key is not None and has_signed(key, statement, signature) and abs(now - int(time_)) <= 300

    def _get(self, path: str, query: dict[str, str]) -> None:
        fake = self.fake
        if path == "":
            leaves = fake.leaves()
            tensors = [
                {"name": n, "dtype": fake.dtypes.get(n) or safetensors.dtype_of(a), "shape": list(a.shape), "role": "weight"}
                for n, a in fake.tensors.items()
            ]
            manifest = {"format": "fedvalue-model-1", "tensors": tensors}
            head = {"size": len(leaves), "root": root_of(leaves).hex()}
            self.json(200, {"name": fake.name, "ledger": fake.ledger, "terms": {}, "manifest": manifest, "head": head})
            return
        if not self._is_signed():
            self.problem(401, "unauthorized", "Expected a signature of an enrolled key, but none came.")
        elif path == "/rounds/current":
            status = "closed" if fake.closed else "open" if fake.round else "none"
            self.json(200, {
                "round": fake.round, "status": status, "model": fake.base if fake.round else None,
                "cohort": sorted(fake.keys) if fake.round else None, "submitted": fake.submitted(), "openedAt": None, "deadline": None,
                "roundsPaid": fake.paid,
            })  # fmt: skip
        elif path.startswith("/models/"):
            self._model(path.rpartition("/")[2])
        elif path == "/entries":
            start, count = int(query["from"]), int(query["count"])
            page = list(enumerate(fake.entries))[start : start + count]
            rows = [{"index": i, "leafHash": merkle.leaf_hash(e.encode()).hex(), "entry": e} for i, e in page]
            self.json(200, {"size": len(fake.entries), "entries": rows})
        elif path.startswith("/entries/"):
            self.json(200, fake.receipt(int(path.split("/")[2])))
        elif path == "/head":
            leaves = fake.leaves()
            leaves = leaves[: int(query.get("to", len(leaves)))]
            old = int(query["from"])
            proof = consistency(old, leaves) if 0 < old <= len(leaves) else []
            self.json(200, {"size": len(leaves), "root": root_of(leaves).hex(), "consistency": [p.hex() for p in proof]})
        elif path == "/balances":
            amounts = [{"participant": p, "amount": amount} for p, amount in sorted(fake.balances.items())]
            self.json(200, {"roundsPaid": fake.paid, "balances": amounts, "unallocated": 0})
        elif path == "/contributions":
            self.json(200, {"rounds": [], "query": query})
        elif path == "/events":
            self._events(query)
        else:
            self.problem(404, "not-found", f"There is no {path}.")

    def _model(self, digest: str) -> None:
        file = self.fake.models[digest]
        start = 0
        if asked := self.headers.get("Range"):
            self.fake.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(file) - 1}/{len(file)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(file) - start))
        self.send_header("ETag", f'"{digest}"')
        self.end_headers()
        self.wfile.write(file[start:])

    def _events(self, query: dict[str, str]) -> None:
        fake = self.fake
        if last := self.headers.get("Last-Event-ID"):
            index = int(last) + 1
        else:
            index = int(query.get("from", len(fake.entries)))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        self.wfile.write(b": hello\n\n")
        self.wfile.flush()
        while True:
            with fake.changed:
                fake.changed.wait_for(lambda: fake.stopping or len(fake.entries) > index, 5)
                if fake.stopping:
                    return
                fresh = fake.entries[index:]
            if not fresh:
                self.wfile.write(b":\n\n")
            for entry in fresh:
                kind = json.loads(entry)["type"]
                self.wfile.write(f"id: {index}\nevent: {kind}\ndata: {entry}\n\n".encode())
                index += 1
            self.wfile.flush()

    def _post(self, path: str, query: dict[str, str]) -> None:
        fake = self.fake
        value = json.loads(self.body())
        if path != "/participants":
            self.problem(404, "not-found", f"There is no {path}.")
            return
        name = value["participant"]
        if value["token"] != f"token-{name}":
            self.problem(403, "token", "Expected the token of this participant, but another came.", field="token")
            return
        if name not in fake.keys:
            fake.keys[name], fake.declared[name] = value["publicKey"], value["declaredExamples"]
            fake.append({
                "type": "participant-enrolled", "participant": name, "declaredExamples": value["declaredExamples"], "at": 0,
                "publicKey": value["publicKey"],
            })  # fmt: skip
            fake.balances[name] = 0
            if len(fake.keys) == fake.participants:
                fake.open_round()
        index = next(i for i, e in enumerate(fake.entries) if json.loads(e).get("participant") == name)
        self.json(201, fake.receipt(index))

    def _put(self, path: str, query: dict[str, str]) -> None:
        fake = self.fake
        _, _, round_, _, participant = path.split("/")
        digest, examples = self.headers["FedValue-Update"], int(self.headers["FedValue-Examples"])
        bits = self.headers.get("FedValue-Loss")
        loss = struct.unpack(">d", bytes.fromhex(bits))[0] if bits else None
        for index, text in enumerate(fake.entries):
            event = json.loads(text)
            if (event["type"], event.get("round"), event.get("participant")) == ("update-accepted", int(round_), participant):
                if event["update"] != digest:
                    self.problem(409, "equivocation", "Another update was accepted.", receipt=fake.receipt(index))
                else:
                    self.body()
                    self.json(200, {"accepted": True, "receipt": fake.receipt(index)})
                return
        if fake.round != int(round_):
            self.problem(409, "wrong-round", f"Round {round_} is not open.", field="round", expected=str(fake.round), came=round_)
            return
        statement = statements.update(fake.name, fake.ledger, int(round_), fake.base, participant, digest, examples, loss)
        if not has_signed(fake.keys[participant], statement, self.headers["FedValue-Signature"]):
            self.problem(403, "signature", "The signature is not that of the participant's key.")
            return
        body = self.body()
        if hashlib.sha256(body).hexdigest() != digest:
            self.problem(422, "digest", "The body has another digest than was said.")
            return
        header = safetensors.parse_header(body)
        assert [t.name for t in header.tensors] == list(fake.tensors)
        event = {"type": "update-accepted", "round": int(round_), "participant": participant, "update": digest, "examples": examples,
                 "bytes": len(body), "at": 0}  # fmt: skip
        if bits:
            event["claimedLoss"] = bits
        index = fake.append({**event, "signature": self.headers["FedValue-Signature"]})
        receipt = fake.receipt(index)
        if fake.submitted() == sorted(fake.keys):
            fake.close_round()
        for fault in list(fake.faults):
            if getattr(fault, "after", False) and fault(self):  # accepted, but nobody hears of it
                return
        self.json(200, {"accepted": True, "receipt": receipt})


def once(method: str, part: str, act: Callable[[Handler], None], times: int = 1) -> Fault:
    """A fault that strikes the first so many requests of a kind."""
    left = [times]

    def fault(handler: Handler) -> bool:
        if handler.command != method or part not in handler.path or left[0] == 0:
            return False
        left[0] -= 1
        act(handler)
        return True

    return fault


def once_after(method: str, part: str, act: Callable[[Handler], None]) -> Fault:
    """A fault that strikes once, after an update was accepted and before anybody is told."""
    armed = [False, False]

    def fault(handler: Handler) -> bool:
        if handler.command != method or part not in handler.path or armed[1]:
            return False
        armed[0] = not armed[0]
        if armed[0]:  # the call before the request is handled
            return False
        armed[1] = True
        act(handler)
        return True

    fault.after = True  # type: ignore[attr-defined]
    return fault


# An independent prover: the definitions of RFC 6962 section 2.1, recursively.


def _split(n: int) -> int:
    return 1 << ((n - 1).bit_length() - 1)


def root_of(leaves: list[bytes]) -> bytes:
    if len(leaves) <= 1:
        return leaves[0] if leaves else merkle.EMPTY_ROOT
    k = _split(len(leaves))
    return merkle.node_hash(root_of(leaves[:k]), root_of(leaves[k:]))


def inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*inclusion(index, leaves[:k]), root_of(leaves[k:])]
    return [*inclusion(index - k, leaves[k:]), root_of(leaves[:k])]


def consistency(size: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if size == len(leaves):
        return [] if whole else [root_of(leaves)]
    k = _split(len(leaves))
    if size <= k:
        return [*consistency(size, leaves[:k], whole), root_of(leaves[k:])]
    return [*consistency(size - k, leaves[k:], False), root_of(leaves[:k])]
