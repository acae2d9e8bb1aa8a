"""The Merkle tree of the ledger: RFC 6962 section 2.1 over SHA-256, checked as in RFC 9162 section 2.1.

Digests are ``bytes`` of length 32; proofs are sequences of them, leaf to root.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree that knows its root and nothing else: one digest per binary digit of its size."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._perfect: list[bytes] = []
        for leaf in leaves:
            self.append(leaf)

    def append(self, leaf: bytes) -> None:
        """Appends a leaf by its hash."""
        size = self.size
        while size & 1:
            leaf = node_hash(self._perfect.pop(), leaf)
            size >>= 1
        self._perfect.append(leaf)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        if not self._perfect:
            return EMPTY_ROOT
        root = self._perfect[-1]
        for left in reversed(self._perfect[:-1]):
            root = node_hash(left, root)
        return root


def verify_inclusion(index: int, leaf: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """True when the proof shows the leaf hash at this index of the tree of this size and root."""
    if not 0 <= index < size or not _digests(leaf, root, *proof):
        return False
    node, last = index, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            leaf = node_hash(sibling, leaf)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            leaf = node_hash(leaf, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and leaf == root


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """True when the proof shows that the newer tree begins with the older one; an older tree without leaves proves nothing: False."""
    if not 1 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if not proof or not _digests(old_root, *proof):
        return False
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    # A perfect older tree is a node of the newer one: the proof leaves out what the verifier knows.
    perfect = old_size & (old_size - 1) == 0
    old = new = old_root if perfect else proof[0]
    for sibling in proof if perfect else proof[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and old == old_root and new == new_root


def _digests(*digests: bytes) -> bool:
    return all(len(digest) == 32 for digest in digests)
