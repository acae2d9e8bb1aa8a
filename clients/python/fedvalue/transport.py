"""HTTP with the standard library: connections that are kept, bodies that are streamed, requests that are repeated until they are answered."""

from __future__ import annotations

import email.utils
import http.client
import io
import json
import logging
import selectors
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import ConnectionLost, FedValueError
from .safetensors import Buffer

log = logging.getLogger("fedvalue")

Signer = Callable[[str, str, int], str]
"""From method, path and Unix time to the value of the Authorization header."""

REPEAT = frozenset({408, 429, 502, 503, 504})
"""Answers after which the same request is sent again."""

_PIECE = 1 << 20
_EXPECT_FROM = 1 << 20
_EXPECT_SECONDS = 3.0


def backoff(first: float = 0.25, most: float = 8.0) -> Iterator[float]:
    """Seconds to wait before each repetition: doubling, without jitter, up to the most."""
    delay = first
    while True:
        yield delay
        delay = min(2 * delay, most)


@dataclass(frozen=True)
class Reply:
    """An answer: status, headers with lower-case names, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises FedValueError where it is none."""
        try:
            return json.loads(self.body)
        except ValueError as wrong:
            raise FedValueError(f"Expected JSON from the server, but {self.body[:80]!r} came; is this a FedValue server?") from wrong


class Transport:
    """Requests to one server.

    ``timeout``: seconds without a sign of the server; ``patience``: seconds for which a request is repeated after lost connections and
    answers of ``REPEAT``. ``clock`` is Unix time, ``sleep`` waits; both can be replaced in tests. Safe for several threads.
    """

    def __init__(
        self,
        url: str,
        *,
        ca_file: str | None = None,
        timeout: float = 60,
        patience: float = 600,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise FedValueError(f"A server's address is http://HOST:PORT or https://HOST:PORT, but {url!r} came.")
        self._host, self._port, self.prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self._tls = ssl.create_default_context(cafile=ca_file) if parts.scheme == "https" else None
        self._timeout, self._patience, self._clock, self.sleep = timeout, patience, clock, sleep
        self._skew = 0.0
        self._idle: list[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Sequence[Buffer] | None = None,
        sign: Signer | None = None,
        sink: bytearray | None = None,
    ) -> Reply:
        """Sends a request until it is answered with something else than ``REPEAT``.

        ``body`` is sent buffer by buffer, again from the start at each repetition. A download goes into ``sink`` where one is given, and
        goes on where it broke off. Raises ConnectionLost when patience is over, FedValueError for problems repetition does not cure.
        """
        delays, waited, corrected = backoff(), 0.0, False
        while True:
            began = time.monotonic()
            try:
                reply = self._once(method, path, headers or {}, body, sign, sink)
            except ssl.SSLCertVerificationError as wrong:
                raise FedValueError(f"The server's certificate is not trusted: {wrong}; give its authority's file as ca_file.") from wrong
            except (OSError, http.client.HTTPException) as lost:
                problem: FedValueError = ConnectionLost(
                    f"{method} {path} was not answered for {waited:.0f} s: {type(lost).__name__} {lost}; is the server up and the address right?"
                )
                wait = next(delays)
            else:
                if reply.status == 401 and sign and not corrected and self._learn_clock(reply):
                    corrected = True
                    continue
                if reply.status not in REPEAT:
                    return reply
                problem = problem_of(reply, f"{method} {path}")
                wait = max(next(delays), self._retry_after(reply))
            # An upload that broke off after an hour has not used up an hour of patience.
            waited += min(time.monotonic() - began, self._timeout)
            if waited + wait > self._patience:
                raise problem
            log.info("%s; again in %.2f s", problem, wait)
            self.sleep(wait)
            waited += wait

    def stream(self, path: str, *, headers: Mapping[str, str], sign: Signer | None, idle: float) -> Stream:
        """Opens an answer that is read line by line; a line must come every ``idle`` seconds.

        Raises OSError or HTTPException where the server is not there, FedValueError where it answers with an error.
        """
        for attempt in (1, 2):
            connection = self._connect(idle)
            try:
                self._head(connection, "GET", path, headers, sign)
                response = connection.getresponse()
                if response.status == 200:
                    return Stream(connection, response)
                reply = Reply(response.status, _lower(response), response.read())
            except BaseException:
                connection.close()
                raise
            connection.close()
            if not (attempt == 1 and reply.status == 401 and sign and self._learn_clock(reply)):
                break
        raise problem_of(reply, f"GET {path}")

    def close(self) -> None:
        """Closes the connections that are kept."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Sequence[Buffer] | None,
        sign: Signer | None,
        sink: bytearray | None,
    ) -> Reply:
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept is not None:
            try:
                return self._exchange(kept, method, path, headers, body, sign, sink)
            except (ConnectionError, http.client.BadStatusLine, http.client.CannotSendRequest):
                pass  # the server closed a kept connection, as it may at any time: a new one tells what is true
        return self._exchange(self._connect(self._timeout), method, path, headers, body, sign, sink)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Sequence[Buffer] | None,
        sign: Signer | None,
        sink: bytearray | None,
    ) -> Reply:
        keep = False
        try:
            headers = dict(headers)
            if sink:
                headers["Range"] = f"bytes={len(sink)}-"
            length = None if body is None else sum(len(memoryview(buffer).cast("B")) for buffer in body)
            if length is not None:
                headers["Content-Length"] = str(length)
                if length >= _EXPECT_FROM:
                    headers["Expect"] = "100-continue"
            self._head(connection, method, path, headers, sign)
            sent = self._send_body(connection, body, "Expect" in headers) if body is not None else True
            response = connection.getresponse()
            reply = self._receive(response, sink)
            keep = sent and not response.will_close
            return reply
        finally:
            if keep:
                with self._lock:
                    self._idle.append(connection)
            else:
                connection.close()

    def _head(
        self, connection: http.client.HTTPConnection, method: str, path: str, headers: Mapping[str, str], sign: Signer | None
    ) -> None:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if sign is not None:
            connection.putheader("Authorization", sign(method, path, int(self._clock() + self._skew)))
        connection.endheaders()

    def _send_body(self, connection: http.client.HTTPConnection, body: Sequence[Buffer], expect: bool) -> bool:
        """Whether all of the body went out; the server may answer before, and then what it says counts."""
        if expect and not _wanted(connection):
            return False
        try:
            for buffer in body:
                view = memoryview(buffer).cast("B")
                for start in range(0, len(view), _PIECE):
                    if start and _answered(connection):
                        return False
                    connection.send(view[start : start + _PIECE])
        except (BrokenPipeError, ConnectionResetError):
            # The answer that explains it may still be readable; where it is not, reading raises again.
            return False
        return True

    @staticmethod
    def _receive(response: http.client.HTTPResponse, sink: bytearray | None) -> Reply:
        headers = _lower(response)
        if sink is None or response.status not in (200, 206, 416):
            return Reply(response.status, headers, response.read())
        if response.status == 416:  # the range began at the end: everything is there already
            response.read()
            return Reply(200, headers, b"")
        if response.status == 200 or not headers.get("content-range", "").startswith(f"bytes {len(sink)}-"):
            sink.clear()
            if response.status == 206:
                raise http.client.HTTPException("another range came than was asked for")
        expected = response.length
        while piece := response.read(_PIECE):
            sink += piece
            expected = None if expected is None else expected - len(piece)
        if expected:
            raise http.client.IncompleteRead(b"", expected)
        return Reply(200, headers, b"")

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)

    def _learn_clock(self, reply: Reply) -> bool:
        """Whether the server's clock explains a 401: then ours is corrected by the difference."""
        theirs = _date(reply.headers.get("date"))
        if theirs is None or abs(theirs - self._clock() - self._skew) < 60:
            return False
        self._skew = theirs - self._clock()
        log.warning("This machine's clock differs from the server's by %.0f s; requests are signed with the server's time.", self._skew)
        return True

    def _retry_after(self, reply: Reply) -> float:
        text = reply.headers.get("retry-after", "").strip()
        if text.isdigit():
            return float(text)
        date = _date(text)
        return 0.0 if date is None else max(0.0, date - self._clock() - self._skew)


class Stream:
    """An answer without an end, line by line."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection, self._response = connection, response

    def line(self) -> bytes | None:
        """The next line with its end; None when the server ended the answer. Raises OSError where nothing comes in time."""
        return self._response.readline() or None

    def close(self) -> None:
        """Hangs up."""
        self._response.close()
        self._connection.close()


def problem_of(reply: Reply, request: str) -> FedValueError:
    """The error of an answer, with what its problem details say."""
    try:
        details = json.loads(reply.body)
    except ValueError:
        details = None
    if not isinstance(details, dict):
        details = {}
    said = details.get("detail") or details.get("title") or reply.body[:200].decode("utf-8", "replace") or "no reason given"
    receipt = details.get("receipt")
    return FedValueError(
        f"{request}: {reply.status}: {said}",
        status=reply.status,
        receipt=receipt if isinstance(receipt, dict) else None,
        **{name: None if details.get(name) is None else str(details[name]) for name in ("code", "field", "expected", "came")},
    )


def _wanted(connection: http.client.HTTPConnection) -> bool:
    """Waits for 100 (Continue), a while; False where the final answer came instead, which ``getresponse`` then reads."""
    sock = connection.sock
    timeout = sock.gettimeout()
    line = b""
    try:
        sock.settimeout(_EXPECT_SECONDS)
        while not line.endswith(b"\n"):
            piece = sock.recv(1)
            if not piece:
                raise http.client.RemoteDisconnected("the server hung up before the body")
            line += piece
        if line.split()[1:2] == [b"100"]:
            while not line.endswith((b"\r\n\r\n", b"\n\n")):
                piece = sock.recv(1)
                if not piece:
                    raise http.client.RemoteDisconnected("the server hung up before the body")
                line += piece
            return True
    except TimeoutError:
        if not line:
            return True  # a server that does not know of expectations waits for the body
        raise
    finally:
        sock.settimeout(timeout)
    begun = line

    def response(sock: Any, *args: Any, **options: Any) -> http.client.HTTPResponse:
        return http.client.HTTPResponse(_Begun(sock, begun), *args, **options)  # type: ignore[arg-type]

    connection.response_class = response  # type: ignore[assignment]
    return False


def _answered(connection: http.client.HTTPConnection) -> bool:
    """Whether an answer is there before the body's end; under TLS, where other records come too, that is not looked for."""
    if isinstance(connection.sock, ssl.SSLSocket):
        return False
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return bool(selector.select(0))


class _Begun:
    """A socket of which the first line was read already."""

    def __init__(self, sock: Any, begun: bytes) -> None:
        self._sock, self._begun = sock, begun

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Chained(self._begun, self._sock.makefile(mode, buffering=0)))


class _Chained(io.RawIOBase):
    def __init__(self, begun: bytes, rest: io.RawIOBase) -> None:
        self._begun, self._rest = begun, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._begun:
            count = min(len(buffer), len(self._begun))
            buffer[:count] = self._begun[:count]
            self._begun = self._begun[count:]
            return count
        return self._rest.readinto(buffer)

    def close(self) -> None:
        self._rest.close()
        super().close()


def _lower(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}


def _date(text: str | None) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp() if text else None
    except (TypeError, ValueError):
        return None
