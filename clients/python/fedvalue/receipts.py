"""Receipts of ledger entries, and the file in which a participant keeps them: with a receipt, a lost or changed entry can be shown."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, Union

from . import forms, merkle
from .errors import FedValueError, ProofError


@dataclass(frozen=True)
class Head:
    """What a tree commits to: its size and the root over its leaves, 64 hex digits."""

    size: int
    root: str

    @classmethod
    def of_json(cls, value: Any) -> Head:
        """Reads ``{size, root}``. Raises FedValueError for anything else."""
        try:
            return cls(_size(value["size"]), _digest(value["root"]))
        except (KeyError, TypeError, ValueError) as wrong:
            raise FedValueError(f"Expected a head with size and root, but {value!r:.200} came.") from wrong

    def leads_to(self, newer: Head, consistency: list[str]) -> bool:
        """Whether the proof shows that the newer tree begins with this one."""
        proof = [bytes.fromhex(digest) for digest in consistency]
        return merkle.verify_consistency(self.size, bytes.fromhex(self.root), newer.size, bytes.fromhex(newer.root), proof)


@dataclass(frozen=True)
class Receipt:
    """Says that the entry with this leaf hash stands at an index of the tree of this size and root; digests are 64 hex digits.

    ``entry`` is the exact text of the entry where it is known: then the receipt can be checked without any server. ``sent``: the round and the
    digest of the update for which it was given, until the entry's text is known.
    """

    index: int
    leaf_hash: str
    size: int
    root: str
    proof: tuple[str, ...]
    entry: str | None = None
    sent: tuple[int, str] | None = None

    @classmethod
    def of_json(cls, value: Any) -> Receipt:
        """Reads ``{index, leafHash, size, root, proof}``, with ``entry`` or ``round`` and ``update`` where they were kept.

        Raises FedValueError for anything else.
        """
        try:
            entry = value.get("entry")
            if entry is not None and not isinstance(entry, str):
                raise TypeError("the entry is no text")
            return cls(
                _size(value["index"]),
                _digest(value["leafHash"]),
                _size(value["size"]),
                _digest(value["root"]),
                tuple(_digest(digest) for digest in value["proof"]),
                entry,
                (_size(value["round"]), _digest(value["update"])) if entry is None and "round" in value else None,
            )
        except (AttributeError, KeyError, TypeError, ValueError) as wrong:
            raise FedValueError(f"Expected a receipt with index, leafHash, size, root and proof, but {value!r:.300} came.") from wrong

    def to_json(self) -> dict[str, Any]:
        """What :meth:`of_json` reads."""
        value: dict[str, Any] = {
            "index": self.index, "leafHash": self.leaf_hash, "size": self.size, "root": self.root, "proof": list(self.proof),
        }  # fmt: skip
        if self.entry is not None:
            return value | {"entry": self.entry}
        return value if self.sent is None else value | {"round": self.sent[0], "update": self.sent[1]}

    @property
    def head(self) -> Head:
        """The tree that holds the entry."""
        return Head(self.size, self.root)

    def with_entry(self, entry: str) -> Receipt:
        """The receipt together with the text of its entry. Raises ProofError where that is not what was sent."""
        if self.sent is not None:
            event = json.loads(entry)
            if (event.get("type"), event.get("round"), event.get("update")) != ("update-accepted", *self.sent):
                raise ProofError(
                    f"The receipt for the update {self.sent[1]} of round {self.sent[0]} is that of entry {self.index}, which says something else."
                )
        return replace(self, entry=entry, sent=None)

    def check(self) -> None:
        """Checks the inclusion proof and, where the entry is known, that the leaf hash is its hash.

        Raises ProofError.
        """
        proof = [bytes.fromhex(digest) for digest in self.proof]
        if not merkle.verify_inclusion(self.index, bytes.fromhex(self.leaf_hash), self.size, bytes.fromhex(self.root), proof):
            raise ProofError(f"The receipt's proof does not show entry {self.index} in the tree of {self.size} entries that it names.")
        if self.entry is not None and merkle.leaf_hash(self.entry.encode()).hex() != self.leaf_hash:
            raise ProofError(f"Entry {self.index} is not the one that the receipt is for: its leaf hash differs.")


class State:
    """What a participant keeps: its receipts, the last head it has checked and what it declared. In memory, or a file of JSON lines.

    A line is forced to the disk before the call returns; a torn last line, from a crash, is dropped. The file is bound to one ledger and
    participant, and to one client at a time: a lock on ``FILE.lock`` is held until :meth:`close`. FedValueError is raised where another holds it.
    """

    def __init__(self, path: Union[str, "os.PathLike[str]", None] = None) -> None:
        self.receipts: list[Receipt] = []
        self.head: Head | None = None
        self.declared: int | None = None
        self.searched = 0
        self._owner: dict[str, str] | None = None
        self._path = None if path is None else os.fspath(path)
        self._alone = None if self._path is None else _lock(self._path)
        try:
            if self._path is not None and os.path.exists(self._path):
                self._load(self._path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Lets others use the file."""
        if self._alone is not None:
            self._alone.close()

    def bind(self, federation: str, ledger: str, participant: str) -> None:
        """Says whose state it is. Raises FedValueError where it is another's, or the federation's ledger began anew."""
        owner = {"federation": federation, "ledger": ledger, "participant": participant}
        if self._owner is None:
            self._owner = owner
            self._append({"owner": owner})
        elif self._owner != owner:
            wrong = next(name for name in owner if owner[name] != self._owner.get(name))
            raise ProofError(
                f"The state in {self._path!r} is for the {wrong} {self._owner.get(wrong)!r}, but now {owner[wrong]!r} came; "
                "name another file, and keep this one: its receipts are evidence."
            )

    def add(self, receipt: Receipt) -> None:
        """Keeps a receipt, one per entry: the earliest, with the entry's text once that is known."""
        kept = next((r for r in self.receipts if (r.index, r.leaf_hash) == (receipt.index, receipt.leaf_hash)), None)
        if kept is not None and (kept.entry is not None or receipt.entry is None):
            return
        self._put(receipt)
        self._append({"receipt": receipt.to_json()})

    def saw(self, head: Head) -> None:
        """Keeps a head that was checked: later ones must lead on from it."""
        if head != self.head:
            self.head = head
            self._append({"head": {"size": head.size, "root": head.root}})

    def declare(self, examples: int) -> None:
        """Keeps how many examples were declared at enrolment."""
        if examples != self.declared:
            self.declared = examples
            self._append({"declared": examples})

    def searched_to(self, index: int) -> None:
        """Keeps that own updates before this index of the ledger have their receipts here."""
        if index != self.searched:
            self.searched = index
            self._append({"searched": index})

    def of_round(self, round: int, participant: str) -> Receipt | None:
        """The receipt of the participant's accepted update of a round."""
        for receipt in self.receipts:
            if receipt.sent is not None and receipt.sent[0] == round:
                return receipt
            event = json.loads(receipt.entry) if receipt.entry is not None else {}
            if (event.get("type"), event.get("round"), event.get("participant")) == ("update-accepted", round, participant):
                return receipt
        return None

    def _load(self, path: str) -> None:
        with open(path, "rb") as file:
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            os.truncate(path, len(whole))
        for number, line in enumerate(whole.split(b"\n")[:-1], 1):
            try:
                self._take(json.loads(line, object_pairs_hook=forms.once))
            except (ValueError, KeyError, TypeError, RecursionError, FedValueError) as wrong:
                raise FedValueError(f"Line {number} of the state in {path!r} cannot be read: {wrong}") from wrong

    def _take(self, line: Any) -> None:
        if not isinstance(line, dict) or len(line) != 1:
            raise ValueError("a line is one object with one member, but something else came")
        [(kind, value)] = line.items()
        match kind:
            case "owner":
                if not isinstance(value, dict) or set(value) != {"federation", "ledger", "participant"}:
                    raise ValueError("an owner is a federation, a ledger and a participant")
                self._owner = value
            case "receipt":
                receipt = Receipt.of_json(value)
                if receipt.index >= receipt.size:
                    raise ValueError(f"there is no entry {receipt.index} in a tree of {receipt.size}")
                if receipt.entry is not None and merkle.leaf_hash(receipt.entry.encode()).hex() != receipt.leaf_hash:
                    raise ValueError(f"the text of entry {receipt.index} is not the one of its leaf hash")
                self._put(receipt)
            case "head":
                self.head = Head.of_json(value)
            case "declared":
                self.declared = _size(value)
            case "searched":
                self.searched = _size(value)
            case _:
                raise ValueError(f"a line is an owner, a receipt, a head, a declared number of examples or how far was searched, not {kind!r}")

    def _put(self, receipt: Receipt) -> None:
        self.receipts = [r for r in self.receipts if (r.index, r.leaf_hash) != (receipt.index, receipt.leaf_hash)] + [receipt]

    def _append(self, line: dict[str, Any]) -> None:
        if self._path is None:
            return
        with open(self._path, "ab") as file:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _lock(path: str) -> BinaryIO:
    file = open(path + ".lock", "ab")
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        file.close()
        raise FedValueError(
            f"The state in {path!r} cannot be locked: another client uses it, of this process or another one; end that one, or name another "
            f"file. ({taken})"
        ) from taken
    return file


def _size(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no size")
    return value


def _digest(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 64 or set(value) - set("0123456789abcdef"):
        raise ValueError(f"{value!r} is no digest of 64 lower-case hex digits")
    return value
