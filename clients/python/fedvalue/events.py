"""The ledger's entries as they are written: Server-Sent Events, and pages of the ledger where a stream cannot be had."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from . import merkle
from .errors import FedValueError, ProofError
from .transport import Signer, Stream, Transport, backoff, log


@dataclass(frozen=True)
class Entry:
    """One entry of the ledger: its index, its leaf hash (64 hex digits) and its exact text, which is JSON."""

    index: int
    leaf_hash: str
    text: str

    @classmethod
    def of_json(cls, value: Any) -> Entry:
        """Reads ``{index, leafHash, entry}``. Raises ProofError where the hash is not that of the text."""
        try:
            index, leaf, text = int(value["index"]), str(value["leafHash"]), value["entry"]
        except (KeyError, TypeError, ValueError) as wrong:
            raise FedValueError(f"Expected an entry with index, leafHash and entry, but {value!r:.200} came.") from wrong
        if not isinstance(text, str) or merkle.leaf_hash(text.encode()).hex() != leaf:
            raise ProofError(f"The leaf hash that came with entry {index} is not that of its text.")
        return cls(index, leaf, text)

    @property
    def data(self) -> dict[str, Any]:
        """The event itself."""
        value: dict[str, Any] = json.loads(self.text)
        return value

    @property
    def type(self) -> str:
        """What happened: ``round-opened``, ``update-accepted``, ``payouts-posted``, ..."""
        return str(self.data["type"])


class EventStream:
    """One stream of a federation's entries that is opened again where it left off. For one thread."""

    def __init__(self, transport: Transport, path: str, sign: Signer | None, *, start: int | None = None, idle: float = 45) -> None:
        self._transport, self._path, self._sign, self._idle = transport, path, sign, idle
        self._start = start
        self._stream: Stream | None = None
        self.last: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether a stream is open."""
        return self._stream is not None

    def open(self) -> None:
        """Connects, behind the last entry that came. Raises OSError, HTTPException or FedValueError."""
        self.close()
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        path = self._path
        if self.last is not None:
            headers["Last-Event-ID"] = str(self.last)
        elif self._start is not None:
            path += f"?from={self._start}"
        self._stream = self._transport.stream(path, headers=headers, sign=self._sign, idle=self._idle)

    def next(self) -> Entry:
        """The next entry. Raises OSError or HTTPException when the stream ended or stayed silent; it is closed then."""
        if self._stream is None:
            raise ConnectionError("no stream is open")
        try:
            return self._read(self._stream)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hangs up; :meth:`open` goes on behind the last entry."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _read(self, stream: Stream) -> Entry:
        id_, lines = None, []
        while True:
            raw = stream.line()
            if raw is None or not raw.endswith(b"\n"):
                raise ConnectionError("the stream of events ended")
            line = raw.decode().rstrip("\r\n")
            if line:
                # A comment, which keeps the connection alive, has an empty name.
                name, _, value = line.partition(":")
                value = value[1:] if value.startswith(" ") else value
                if name == "data":
                    lines.append(value)
                elif name == "id":
                    id_ = value
            elif lines and id_ is not None and id_.isdigit():
                text = "\n".join(lines)
                self.last = int(id_)
                return Entry(self.last, merkle.leaf_hash(text.encode()).hex(), text)
            else:
                id_, lines = None, []


class Nudges:
    """Waits until something may have happened, by events or, where no stream can be had, by waiting a while.

    Raises FedValueError for a stream that is not allowed (401, 403).
    """

    def __init__(self, stream: EventStream, transport: Transport, poll: float) -> None:
        self._stream, self._transport, self._poll = stream, transport, poll
        self._delays = backoff(most=poll)

    def wait(self, relevant: Callable[[Entry], bool]) -> None:
        """Returns after a relevant entry, after the stream was opened (something may have happened before) or lost, or after a while."""
        if not self._stream.is_open:
            try:
                self._stream.open()
            except (OSError, http.client.HTTPException, FedValueError) as lost:
                if isinstance(lost, FedValueError) and lost.status in (401, 403):
                    raise
                delay = next(self._delays)
                log.info("no stream of events (%s); looking again in %.2f s", lost, delay)
                self._transport.sleep(delay)
            return
        try:
            while not relevant(self._stream.next()):
                pass
            self._delays = backoff(most=self._poll)
        except (OSError, http.client.HTTPException) as lost:
            delay = next(self._delays)
            log.info("the stream of events broke off (%s); opening it again in %.2f s", lost, delay)
            self._transport.sleep(delay)

    def pause(self) -> None:
        """Hangs up for as long as nobody listens, so that the server need not keep what comes meanwhile."""
        self._stream.close()


def follow(
    stream: EventStream, transport: Transport, read: Callable[[int], list[Entry]], size: Callable[[], int], poll: float
) -> Iterator[Entry]:
    """All entries from the stream's place on, each once and in order, until the federation is closed.

    What a stream lost is read from the ledger: ``read`` gives the entries from an index, ``size`` how many there are.
    """
    delays = backoff(most=poll)
    following: int | None = stream._start
    while True:
        try:
            if not stream.is_open:
                if following is None:
                    following = size()
                stream._start, stream.last = following, following - 1 if following else None
                stream.open()
            entries = [stream.next()]
            delays = backoff(most=poll)
        except (OSError, http.client.HTTPException, FedValueError) as lost:
            if isinstance(lost, FedValueError) and lost.status in (401, 403):
                raise
            log.info("no stream of events (%s); reading the ledger instead", lost)
            entries = [] if following is None else read(following)
            if not entries:
                transport.sleep(next(delays))
        for entry in entries:
            if following is not None and entry.index < following:
                continue
            yield entry
            following = entry.index + 1
            if entry.type == "federation-closed":
                stream.close()
                return
