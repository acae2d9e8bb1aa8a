"""What a participant signs, as bytes: a line that names the kind, then ``name: value`` lines, each ended by LF.

``ledger`` is always the leaf hash, in hex, of the federation's first entry, so a signature holds for one set of terms only. Digests are 64
lower-case hex digits.
"""

from __future__ import annotations

import struct


def update(
    federation: str, ledger: str, round: int, model: str, participant: str, update: str, examples: int, loss: float | None
) -> bytes:
    """The statement that goes with an update: ``update`` is the digest of its bytes, ``model`` that of the model the round began with."""
    return _text(
        "fedvalue update 1",
        federation,
        ledger,
        round=round,
        model=model,
        participant=participant,
        update=update,
        examples=examples,
        loss="none" if loss is None else double_bits(loss),
    )


def request(federation: str, ledger: str, participant: str, method: str, path: str, time: int) -> bytes:
    """The statement that goes with a request: ``path`` with its query as sent, ``time`` in Unix seconds."""
    return _text("fedvalue request 1", federation, ledger, participant=participant, method=method, path=path, time=time)


def key(federation: str, ledger: str, participant: str, public_key: str) -> bytes:
    """The statement by which a participant puts another key in the place of its own; the old key signs."""
    return _text("fedvalue key 1", federation, ledger, participant=participant, key=public_key)


def double_bits(value: float) -> str:
    """The 16 lower-case hex digits of a double's IEEE 754 bits."""
    return struct.pack(">d", value).hex()


def double_of(bits: str) -> float:
    """The double of 16 lower-case hex digits.

    Raises ValueError for any other text.
    """
    if len(bits) != 16 or set(bits) - set("0123456789abcdef"):
        raise ValueError(f"Expected the bits of a double as 16 lower-case hex digits, but {bits!r} came.")
    value: float = struct.unpack(">d", bytes.fromhex(bits))[0]
    return value


def _text(kind: str, federation: str, ledger: str, **lines: object) -> bytes:
    parts = [kind, f"federation: {federation}", f"ledger: {ledger}", *(f"{name}: {value}" for name, value in lines.items())]
    return ("\n".join(parts) + "\n").encode()
