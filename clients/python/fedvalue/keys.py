"""A participant's key: ECDSA on P-256 with SHA-256, signatures in IEEE P1363 form."""

from __future__ import annotations

import base64
import binascii
import os
from typing import Union

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from .errors import FedValueError

PathLike = Union[str, "os.PathLike[str]"]


class Key:
    """A private key on P-256. Two keys are equal when their public halves are."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
            raise FedValueError("A participant's key is an ECDSA key on P-256, but another kind came; make one with Key.generate().")
        self._private = private

    @classmethod
    def generate(cls) -> Key:
        """A new key from the system's randomness."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def load(cls, path: PathLike, password: bytes | None = None) -> Key:
        """Reads a PEM file as :meth:`save` writes it.

        Raises FedValueError where it holds no P-256 key or the password is wrong, OSError where it cannot be read.
        """
        with open(path, "rb") as file:
            pem = file.read()
        try:
            private = serialization.load_pem_private_key(pem, password)
        except (ValueError, TypeError) as wrong:
            raise FedValueError(f"Expected a private key as PKCS#8 PEM in {os.fspath(path)!r}, but reading it failed: {wrong}.") from wrong
        return cls(private)  # type: ignore[arg-type]

    @classmethod
    def load_or_generate(cls, path: PathLike) -> Key:
        """The key of the file, which is made, readable by its owner only, where it does not exist."""
        if os.path.exists(path):
            return cls.load(path)
        key = cls.generate()
        key.save(path)
        return key

    def save(self, path: PathLike, password: bytes | None = None) -> None:
        """Writes PKCS#8 PEM with mode 0600. Raises FileExistsError where the file exists: a key is never overwritten."""
        encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        pem = self._private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())

    @property
    def public_text(self) -> str:
        """Base64 of the DER SubjectPublicKeyInfo with the uncompressed point (91 bytes): the key as it stands on the ledger."""
        info = self._private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(info).decode()

    def sign(self, statement: bytes) -> str:
        """Base64 of the 64 bytes r || s over SHA-256 of the statement; another one at every call."""
        r, s = decode_dss_signature(self._private.sign(statement, ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.public_text == other.public_text

    def __hash__(self) -> int:
        return hash(self.public_text)

    def __repr__(self) -> str:
        return f"Key(public={self.public_text})"


def is_public(public_text: str) -> bool:
    """Whether a text is a key as it stands on the ledger: base64 of 91 bytes of DER, ECDSA on P-256, in its one spelling."""
    try:
        public = serialization.load_der_public_key(base64.b64decode(public_text, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return False
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        return False
    info = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(info).decode() == public_text


def has_signed(public_text: str, statement: bytes, signature: str) -> bool:
    """Whether a signature in base64 is that of a key on the ledger over exactly this statement; one signature has one spelling."""
    try:
        raw = base64.b64decode(signature, validate=True)
        if len(raw) != 64 or base64.b64encode(raw).decode() != signature:
            return False
        public = serialization.load_der_public_key(base64.b64decode(public_text, validate=True))
        if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
            return False
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public.verify(der, statement, ec.ECDSA(hashes.SHA256()))
        return True
    except (InvalidSignature, ValueError, binascii.Error):
        return False
