import base64
import os
import stat
import tempfile
import unittest
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from fedvalue import FedValueError, Key, statements
from fedvalue.keys import has_signed

from . import shared

LEDGER, MODEL, UPDATE = "ab" * 32, "cd" * 32, "0123456789abcdef" * 4


class Statements(unittest.TestCase):
    def test_the_bytes_that_are_signed_with_an_update_are_these(self) -> None:
        expected = (
            "fedvalue update 1\nfederation: digits\nledger: " + LEDGER + "\nround: 3\nmodel: " + MODEL + "\nparticipant: clinic-3\nupdate: "
            + UPDATE + "\nexamples: 240\nloss: 3fe0000000000000\n"
        )  # fmt: skip
        self.assertEqual(expected.encode(), statements.update("digits", LEDGER, 3, MODEL, "clinic-3", UPDATE, 240, 0.5))
        without = statements.update("digits", LEDGER, 3, MODEL, "clinic-3", UPDATE, 240, None)
        self.assertTrue(without.endswith(b"examples: 240\nloss: none\n"))

    def test_the_bytes_that_are_signed_with_a_request_are_these(self) -> None:
        expected = (
            "fedvalue request 1\nfederation: digits\nledger: " + LEDGER + "\nparticipant: clinic-3\nmethod: GET\n"
            "path: /federations/digits/balances?a=b\ntime: 1790000000\n"
        )
        got = statements.request("digits", LEDGER, "clinic-3", "GET", "/federations/digits/balances?a=b", 1790000000)
        self.assertEqual(expected.encode(), got)

    def test_the_bytes_that_are_signed_with_a_new_key_are_these(self) -> None:
        expected = "fedvalue key 1\nfederation: digits\nledger: " + LEDGER + "\nparticipant: clinic-3\nkey: AAAA\n"
        self.assertEqual(expected.encode(), statements.key("digits", LEDGER, "clinic-3", "AAAA"))

    def test_a_double_is_the_hex_of_its_bits(self) -> None:
        for value, bits in [(0.0, "0" * 16), (-0.0, "8" + "0" * 15), (0.5, "3fe0000000000000"), (5e-324, "0" * 15 + "1")]:
            self.assertEqual(bits, statements.double_bits(value))
            self.assertEqual(str(value), str(statements.double_of(bits)))
        for wrong in ("3FE0000000000000", "3fe", "g" * 16, "+fe0000000000000"):
            with self.assertRaises(ValueError):
                statements.double_of(wrong)


class Keys(unittest.TestCase):
    def test_a_key_is_kept_as_pem_that_only_its_owner_reads_and_is_never_overwritten(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key.pem"
            key = Key.load_or_generate(path)
            self.assertEqual(0o600, stat.S_IMODE(os.stat(path).st_mode))
            self.assertTrue(path.read_text().startswith("-----BEGIN PRIVATE KEY-----"))
            self.assertEqual(key, Key.load(path))
            self.assertEqual(key, Key.load_or_generate(path))
            with self.assertRaises(FileExistsError):
                Key.generate().save(path)

    def test_a_password_protects_a_key(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "key.pem"
            key = Key.generate()
            key.save(path, b"secret")
            self.assertEqual(key, Key.load(path, b"secret"))
            for wrong in (b"other", None):
                with self.assertRaisesRegex(FedValueError, "PKCS#8"):
                    Key.load(path, wrong)

    def test_another_kind_of_key_is_refused(self) -> None:
        for private in (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
            pem = private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "key.pem"
                path.write_bytes(pem)
                with self.assertRaisesRegex(FedValueError, "P-256"):
                    Key.load(path)

    def test_signatures_are_64_bytes_and_hold_for_one_statement_and_key(self) -> None:
        key = Key.generate()
        self.assertEqual(91, len(base64.b64decode(key.public_text)))
        for _ in range(20):  # r or s is shorter than 32 bytes now and then
            self.assertEqual(64, len(base64.b64decode(key.sign(b"x"))))
        signature = key.sign(b"statement")
        self.assertTrue(has_signed(key.public_text, b"statement", signature))
        self.assertFalse(has_signed(key.public_text, b"statemenT", signature))
        self.assertFalse(has_signed(Key.generate().public_text, b"statement", signature))
        self.assertFalse(has_signed(key.public_text, b"statement", signature.rstrip("=")))
        self.assertFalse(has_signed(key.public_text, b"statement", signature[:-4]))
        self.assertFalse(has_signed("AAAA", b"statement", signature))

    @unittest.skipUnless(shared.has("ledger/wycheproof/ecdsa_secp256r1_sha256_test.json"), shared.WHY)
    def test_public_signatures_that_are_valid_hold(self) -> None:
        checked = 0
        for group in shared.read("ledger/wycheproof/ecdsa_secp256r1_sha256_test.json")["testGroups"]:
            der = group.get("publicKeyDer") or group["keyDer"]
            public = base64.b64encode(bytes.fromhex(der)).decode()
            for case in group["tests"]:
                if case["result"] != "valid":
                    continue
                r, s = decode_dss_signature(bytes.fromhex(case["sig"]))
                signature = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
                self.assertTrue(has_signed(public, bytes.fromhex(case["msg"]), signature), case)
                self.assertFalse(has_signed(public, bytes.fromhex(case["msg"]) + b"x", signature), case)
                checked += 1
        self.assertGreater(checked, 100)


if __name__ == "__main__":
    unittest.main()
