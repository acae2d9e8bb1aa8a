import datetime
import hashlib
import json
import socket
import ssl
import tempfile
import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fedvalue import Client, ConnectionLost, FedValueError, Key, ProofError, TrainerError, merkle, statements
from fedvalue.client import _heard
from fedvalue.receipts import Receipt
from fedvalue.transport import backoff

from .fake_server import FakeServer, Handler, once, once_after


def train(parameters: Any, config: dict[str, Any]) -> Any:
    return [array + np.float32(config["round"]) for array in parameters], 10, {"loss": 1 / config["round"]}


class ClientTest(unittest.TestCase):
    def setUp(self) -> None:
        self.waits: list[float] = []
        self.states: dict[str, Client] = {}
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def server(self, **options: Any) -> FakeServer:
        server = FakeServer(**options)
        self.addCleanup(server.stop)
        return server

    def client(self, server: FakeServer, participant: str = "a", key: Key | None = None, **options: Any) -> Client:
        if before := self.states.pop(str(options.get("state")), None):
            before.close()  # one client at a time uses a file
        client = Client(
            server.url, server.name, participant, key or Key.generate(),
            **{"patience": 60, "sleep": self.waits.append, "timeout": 10, "idle": 10} | options,
        )  # fmt: skip
        self.addCleanup(client.close)
        if "state" in options:
            self.states[str(options["state"])] = client
        return client

    def enrolled(self, server: FakeServer, participant: str = "a", **options: Any) -> Client:
        client = self.client(server, participant, **options)
        client.enrol(f"token-{participant}", 10)
        return client


class Rounds(ClientTest):
    def test_a_participant_trains_until_the_federation_is_closed(self) -> None:
        server = self.server(rounds=3)
        client = self.enrolled(server)
        heard: list[int] = []
        results = client.run(train, on_round=lambda r: heard.append(r.round))
        self.assertEqual([1, 2, 3], [r.round for r in results])
        self.assertEqual([1, 2, 3], heard)
        self.assertEqual([1.0, 0.5, 1 / 3], [r.loss for r in results])
        event = json.loads(server.entries[results[1].receipt.index])
        self.assertEqual(("update-accepted", 2, "a", results[1].update), tuple(event[k] for k in ("type", "round", "participant", "update")))
        self.assertEqual(server.entries[results[1].receipt.index], results[1].receipt.entry)
        self.assertEqual(300, client.balance())
        self.assertEqual(4, client.verify_receipts())
        self.assertEqual([], self.waits)

    def test_two_participants_hear_of_each_round_by_events(self) -> None:
        server = self.server(participants=2, rounds=4)
        clients = [self.enrolled(server, name) for name in ("a", "b")]
        done: dict[str, int] = {}
        threads = [threading.Thread(target=lambda c=c: done.update({c.participant: len(c.run(train))})) for c in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        self.assertEqual({"a": 4, "b": 4}, done)
        self.assertEqual([], self.waits)  # nobody had to poll
        report = clients[0].verify_ledger()
        self.assertEqual((8, 8, 4, {"a": 200, "b": 200}), (report.updates, report.signatures, report.rounds_paid, report.balances))

    def test_a_round_that_is_abandoned_while_some_train_is_followed_by_the_next_one(self) -> None:
        server = self.server(participants=2, rounds=2)
        a, b = self.enrolled(server, "a"), self.enrolled(server, "b")

        def late(parameters: Any, config: dict[str, Any]) -> Any:
            if config["round"] == 1:
                while server.submitted() != ["a"]:
                    time.sleep(0.01)
                server.abandon_round()
            return train(parameters, config)

        done: dict[str, list[int]] = {}
        thread = threading.Thread(target=lambda: done.update(a=[r.round for r in a.run(train)]))
        thread.start()
        done["b"] = [r.round for r in b.run(late)]
        thread.join(20)
        self.assertEqual({"a": [1, 2, 3], "b": [2, 3]}, done)
        self.assertEqual([], self.waits)
        report = a.verify_ledger()
        self.assertEqual((2, 1, 5), (report.rounds_paid, report.rounds_abandoned, report.updates))

    def test_whoever_waits_is_told_that_a_round_was_abandoned(self) -> None:
        server = self.server(participants=2, rounds=1)
        client, _ = self.enrolled(server, "a"), self.enrolled(server, "b")
        begun = len(server.entries)
        server.abandon_round()
        abandoned = next(entry for entry in client.entries(begun) if entry.type == "round-abandoned")
        with self.assertLogs("fedvalue", "WARNING") as logs:
            self.assertTrue(_heard(abandoned))
        self.assertEqual(["WARNING:fedvalue:round 1 was abandoned and is not paid: Why not."], logs.output)

    def test_without_a_stream_of_events_rounds_are_polled_for(self) -> None:
        server = self.server(participants=2, rounds=2)
        server.faults.append(once("GET", "/events", lambda h: h.problem(404, "not-found", "There is no stream here."), times=10**6))
        a, b = self.client(server, "a", poll=2), self.client(server, "b")
        a.enrol("token-a", 10)
        steps = iter([lambda: b.enrol("token-b", 10), lambda: b.run(train, 1), lambda: None, lambda: b.run(train, 1)])
        a._transport.sleep = lambda seconds: (self.waits.append(seconds), next(steps)())[0]
        self.assertEqual([1, 2], [r.round for r in a.run(train)])
        self.assertEqual([0.25, 0.5, 1.0, 2.0][: len(self.waits)], self.waits)

    def test_so_many_rounds_and_no_more(self) -> None:
        server = self.server(rounds=3)
        client = self.enrolled(server)
        self.assertEqual([1, 2], [r.round for r in client.run(train, rounds=2)])
        self.assertEqual([3], [r.round for r in client.run(train)])

    def test_a_round_that_was_submitted_is_not_trained_again(self) -> None:
        server = self.server(participants=2, rounds=1)
        key = Key.generate()
        first = self.enrolled(server, "a", key=key)
        other = self.enrolled(server, "b")
        self.assertEqual(1, len(first.run(train, rounds=1)))
        again = self.client(server, "a", key=key)  # as after a crash: nothing is known but the key
        later = threading.Timer(0.2, lambda: other.run(train))
        later.start()
        self.addCleanup(later.join)
        self.assertEqual([], again.run(lambda p, c: self.fail("trained again")))
        self.assertEqual(first.state.receipts[1].leaf_hash, again.state.receipts[0].leaf_hash)  # it is handed the receipt that it lost

    def test_an_update_that_was_accepted_unheard_before_the_round_closed_has_its_receipt(self) -> None:
        server = self.server(rounds=1)
        client = self.enrolled(server)
        server.faults.append(once_after("PUT", "/updates/", Handler.hang_up))
        original = Handler._put
        calls: list[str] = []

        def forgetful(handler: Handler, path: str, query: dict[str, str]) -> None:
            calls.append(path)
            if len(calls) > 1:
                handler.problem(409, "no-round", "No round is open.")
            else:
                original(handler, path, query)

        with mock.patch.object(Handler, "_put", forgetful):
            results = client.run(train)
        self.assertEqual([1], [r.round for r in results])
        self.assertEqual(2, len(calls))
        self.assertEqual("update-accepted", client.verify_receipt(results[0].receipt).type)

    def test_evaluate_sees_every_model_and_is_never_sent(self) -> None:
        server = self.server(rounds=2)
        trainer = mock.Mock(spec=["fit", "evaluate"])
        trainer.fit.side_effect = train
        trainer.evaluate.side_effect = lambda p, c: (0.75, 5, {"round": c["round"]})
        del trainer.named
        results = self.enrolled(server).run(trainer, named=False)
        self.assertEqual([1, 2], [r.evaluation.metrics["round"] for r in results])  # type: ignore[union-attr]
        self.assertFalse(any("0.75" in entry for entry in server.entries))

    def test_claiming_more_than_was_declared_is_found_before_anything_is_sent(self) -> None:
        server = self.server()
        key = Key.generate()
        self.enrolled(server, key=key)
        again = self.client(server, key=key)
        with self.assertRaisesRegex(TrainerError, "num_examples = 11, but this participant declared 10"):
            again.run(lambda p, c: (p, 11, {}))
        self.assertEqual(0, server.count("PUT", "/updates/"))

    def test_a_round_that_closed_while_training_is_left_out(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        rounds: list[int] = []

        def slow(parameters: Any, config: dict[str, Any]) -> Any:
            rounds.append(config["round"])
            if config["round"] == 1:
                with mock.patch.object(server, "submitted", lambda: ["a"]):
                    server.close_round()
            return train(parameters, config)

        self.assertEqual([2], [r.round for r in client.run(slow)])
        self.assertEqual([1, 2], rounds)

    def test_another_update_under_the_same_name_is_equivocation(self) -> None:
        server = self.server(participants=2, rounds=1)
        client = self.enrolled(server)
        self.enrolled(server, "b")
        now = client.round()
        assert now.round is not None and now.model is not None
        client.submit(now.round, now.model, train(list(server.tensors.values()), {"round": 1})[0], 10)
        with self.assertRaises(FedValueError) as caught:
            client.submit(now.round, now.model, list(server.tensors.values()), 10)
        self.assertEqual((409, "equivocation"), (caught.exception.status, caught.exception.code))
        self.assertIsNotNone(caught.exception.receipt)

    def test_errors_say_what_the_server_said(self) -> None:
        server = self.server()
        with self.assertRaises(FedValueError) as caught:
            self.client(server).enrol("wrong", 10)
        self.assertEqual((403, "token", "token"), (caught.exception.status, caught.exception.code, caught.exception.field))
        self.assertIn("Expected the token of this participant", str(caught.exception))


class Repeating(ClientTest):
    def test_a_busy_server_is_asked_again_after_the_time_it_names(self) -> None:
        server = self.server(rounds=1)
        client = self.enrolled(server)
        server.faults.append(once("PUT", "/updates/", lambda h: h.problem(429, "busy", "Too many at once.", {"Retry-After": "7"}), times=2))
        server.faults.append(once("PUT", "/updates/", lambda h: h.problem(503, "busy", "The queue is full."), times=2))
        self.assertEqual(1, len(client.run(train)))
        self.assertEqual([7, 7, 1.0, 2.0], self.waits)

    def test_an_answer_that_was_lost_is_asked_for_again(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        server.faults.append(once_after("PUT", "/updates/", Handler.hang_up))
        results = client.run(train)
        self.assertEqual([1, 2], [r.round for r in results])
        self.assertEqual(3, server.count("PUT", "/updates/"))
        self.assertEqual(2, sum('"update-accepted"' in entry for entry in server.entries))

    def test_an_upload_that_was_cut_is_sent_again_whole(self) -> None:
        big = {"w": np.random.default_rng(1).normal(size=(700, 1000)).astype(np.float32)}
        server = self.server(rounds=1, tensors=big)
        client = self.enrolled(server)

        def cut(handler: Handler) -> None:
            handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            handler.wfile.flush()
            handler.rfile.read(100_000)
            handler.hang_up()

        server.faults.append(once("PUT", "/updates/", cut, times=2))
        self.assertEqual(1, len(client.run(train)))
        self.assertEqual([0.25, 0.5][: len(self.waits)], self.waits)
        self.assertEqual("100-continue", server.headers[-1].get("Expect") or next(
            h["Expect"] for h in server.headers if "Expect" in h))  # fmt: skip

    def test_a_big_body_that_is_not_wanted_is_not_sent(self) -> None:
        server = self.server(rounds=1, tensors={"w": np.ones((700, 1000), np.float32)})
        client = self.enrolled(server)
        sent: list[int] = []
        import http.client

        original = http.client.HTTPConnection.send
        with mock.patch.object(http.client.HTTPConnection, "send", lambda c, data: (sent.append(len(data)), original(c, data))[1]):
            with self.assertRaises(FedValueError) as caught:
                client.submit(7, server.base, list(server.tensors.values()), 10)
        self.assertEqual((409, "wrong-round", "round", "7"), tuple(getattr(caught.exception, n) for n in ("status", "code", "field", "came")))
        self.assertLess(sum(sent), 10_000)

    def test_a_server_that_ignores_expectations_gets_the_body_all_the_same(self) -> None:
        server = self.server(rounds=1, tensors={"w": np.ones((700, 1000), np.float32)})
        client = self.enrolled(server)
        with mock.patch("fedvalue.transport._EXPECT_SECONDS", 0.05), mock.patch.object(
            Handler, "body", lambda h: h.rfile.read(int(h.headers["Content-Length"]))
        ):
            self.assertEqual(1, len(client.run(train)))

    def test_a_download_goes_on_where_it_broke_off(self) -> None:
        server = self.server(rounds=1, tensors={"w": np.random.default_rng(2).normal(size=(500, 1000)).astype(np.float32)})
        client = self.enrolled(server)

        def half(handler: Handler) -> None:
            file = server.models[server.base]
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(file)))
            handler.end_headers()
            handler.wfile.write(file[: len(file) // 2])
            handler.wfile.flush()
            handler.hang_up()

        server.faults.append(once("GET", "/models/", half))
        np.testing.assert_array_equal(server.tensors["w"], client.model(server.base)["w"])
        self.assertEqual(1, len(server.ranges))
        self.assertGreater(int(server.ranges[0].removeprefix("bytes=").rstrip("-")), 0)

    def test_a_lost_server_is_waited_for_and_no_longer_than_patience(self) -> None:
        server = self.server()
        server.stop()
        client = self.client(server, patience=20)
        with self.assertRaisesRegex(ConnectionLost, "is the server up"):
            client.info()
        self.assertEqual([0.25, 0.5, 1, 2, 4, 8], self.waits)

    def test_delays_double_up_to_a_limit_and_are_always_the_same(self) -> None:
        delays = backoff()
        self.assertEqual([0.25, 0.5, 1, 2, 4, 8, 8], [next(delays) for _ in range(7)])

    def test_a_wrong_clock_is_corrected_by_the_server_s(self) -> None:
        server = self.server(rounds=1)
        server.clock = 3600
        with self.assertLogs("fedvalue", "WARNING") as logs:
            self.assertEqual(1, len(self.enrolled(server).run(train)))
        self.assertEqual(1, len(logs.output))

    def test_a_wrong_signature_is_an_error_at_once(self) -> None:
        server = self.server()
        self.enrolled(server)
        with self.assertRaises(FedValueError) as caught:
            self.client(server).round()
        self.assertEqual(401, caught.exception.status)
        self.assertEqual([], self.waits)

    def test_a_connection_that_the_server_closed_meanwhile_costs_nothing(self) -> None:
        server = self.server()
        client = self.enrolled(server)
        for connection in client._transport._idle:
            connection.sock.shutdown(2)
        client.round()
        self.assertEqual([], self.waits)


class Tls(ClientTest):
    def test_a_server_is_trusted_by_its_authority_s_file_and_not_without(self) -> None:
        server = self.server(rounds=1, tensors={"w": np.ones((700, 1000), np.float32)})
        certificate, key = self_signed(self.folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
        url = server.url.replace("http://127.0.0.1", "https://localhost")
        options: Any = {"sleep": self.waits.append, "timeout": 10}
        with Client(url, server.name, "a", Key.generate(), ca_file=str(certificate), **options) as client:
            client.enrol("token-a", 10)
            self.assertEqual(1, len(client.run(train)))
        with self.assertRaisesRegex(FedValueError, "certificate is not trusted"):
            Client(url, server.name, "a", Key.generate(), **options).info()
        self.assertEqual([], self.waits)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Files of a certificate for localhost and of its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        private.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "certificate.pem", folder / "key.pem"


class Events(ClientTest):
    def test_events_come_once_each_from_the_first_entry_to_the_close(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        client.run(train)
        entries = list(client.events(0))
        self.assertEqual(server.entries, [entry.text for entry in entries])
        self.assertEqual(list(range(len(entries))), [entry.index for entry in entries])
        self.assertEqual("federation-closed", entries[-1].type)

    def test_a_stream_that_breaks_off_is_resumed_behind_the_last_entry(self) -> None:
        server = self.server(rounds=3)
        client = self.enrolled(server)
        client.run(train)

        def three(handler: Handler) -> None:
            first = int(handler.headers.get("Last-Event-ID", "-1")) + 1
            handler.send_response(200)
            handler.send_header("Content-Type", "text/event-stream")
            handler.end_headers()
            for index in range(first, first + 3):
                handler.wfile.write(f"id: {index}\nevent: x\ndata: {server.entries[index]}\n\n".encode())
            handler.wfile.write(b'id: 99\ndata: {"type":"half an ev')
            handler.wfile.flush()
            handler.hang_up()

        server.faults.append(once("GET", "/events", three, times=2))
        server.faults.append(once("GET", "/events", lambda h: h.problem(503, "busy", "Later.")))
        self.assertEqual(server.entries, [entry.text for entry in client.events(0)])

    def test_what_a_stream_cannot_tell_is_read_from_the_ledger(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        client.run(train)
        server.faults.append(once("GET", "/events", lambda h: h.problem(404, "not-found", "No stream."), times=10**6))
        self.assertEqual(server.entries[2:], [entry.text for entry in client.events(2)])


class Receipts(ClientTest):
    def test_every_change_of_a_receipt_is_found(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        good = client.run(train)[0].receipt
        good.check()
        value = good.to_json()
        flip = lambda digest: ("0" if digest[0] != "0" else "1") + digest[1:]  # noqa: E731
        changes: list[tuple[str, Callable[[Any], Any]]] = [
            ("index", lambda v: v + 1), ("leafHash", flip), ("size", lambda v: v + 1), ("root", flip), ("entry", lambda v: v + " "),
            ("proof", lambda v: v[:-1]), ("proof", lambda v: [*v, v[0]]), ("proof", lambda v: [flip(v[0]), *v[1:]]),
        ]  # fmt: skip
        for name, change in changes:
            with self.subTest(name), self.assertRaises(ProofError):
                Receipt.of_json(value | {name: change(value[name])}).check()

    def test_what_is_no_receipt_is_refused(self) -> None:
        good = {"index": 0, "leafHash": "0" * 64, "size": 1, "root": "0" * 64, "proof": []}
        Receipt.of_json(good)
        for name, wrong in [("index", -1), ("index", "0"), ("index", True), ("size", None), ("root", "A" * 64), ("leafHash", "0" * 63),
                            ("proof", "x"), ("proof", [1]), ("entry", 1)]:  # fmt: skip
            with self.assertRaises(FedValueError):
                Receipt.of_json(good | {name: wrong})
        for wrong in (None, [], {}):
            with self.assertRaises(FedValueError):
                Receipt.of_json(wrong)

    def test_an_entry_that_was_changed_later_is_shown_by_its_receipt(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        receipt = client.run(train)[0].receipt
        server.entries[receipt.index] = server.entries[receipt.index].replace('"examples":10', '"examples":9')
        with self.assertRaisesRegex(ProofError, "does not hold entry"):
            client.verify_receipt(receipt)

    def test_an_entry_that_was_lost_is_shown_by_its_receipt(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        receipt = client.run(train)[-1].receipt
        del server.entries[receipt.index :]
        with self.assertRaises(ProofError):
            client.verify_receipt(receipt)

    def test_another_beginning_under_the_same_entry_is_found_by_the_tree(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        receipt = client.run(train)[0].receipt
        # The receipt's own entry stays as it is; an earlier one is another now.
        server.entries[1] = server.entries[1].replace('"at":0', '"at":1')
        with self.assertRaisesRegex(ProofError, "does not begin with"):
            client.verify_receipt(receipt)

    def test_a_ledger_that_forks_behind_the_receipt_is_found_by_the_last_head(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server, state=self.folder / "state")
        receipt = client.run(train)[0].receipt
        client.head()
        server.entries[-1] = server.entries[-1].replace('"at":0', '"at":1')
        with self.assertRaisesRegex(ProofError, "does not begin with"):
            client.verify_receipt(receipt)
        fresh = self.client(server, key=client.key, state=self.folder / "state")  # what was seen outlives the process
        with self.assertRaisesRegex(ProofError, "does not begin with"):
            fresh.head()

    def test_a_server_that_acknowledges_something_else_is_found(self) -> None:
        server = self.server(rounds=1)
        client = self.enrolled(server)
        server.faults.append(once("PUT", "/updates/", lambda h: (h.body(), h.json(200, {"accepted": True, "receipt": server.receipt(1)}))[1]))
        with self.assertRaisesRegex(ProofError, "is that of entry 1, which says something else"):
            client.run(train)

    def test_an_update_that_the_ledger_lost_is_shown_instead_of_trained_again(self) -> None:
        server = self.server(participants=2, rounds=1)
        client = self.enrolled(server, state=self.folder / "state")
        self.enrolled(server, "b")
        client.run(train, rounds=1)
        server.entries.pop()
        again = self.client(server, key=client.key, state=self.folder / "state")
        with self.assertRaises(ProofError):
            again.run(lambda p, c: self.fail("trained again"))

    def test_receipts_outlive_the_process_and_a_torn_line(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server, state=self.folder / "state")
        client.run(train)
        kept = client.state.receipts
        with open(self.folder / "state", "ab") as file:
            file.write(b'{"receipt":{"ind')
        again = self.client(server, key=client.key, state=self.folder / "state")
        self.assertEqual(kept, again.state.receipts)
        self.assertEqual((3, 10), (again.verify_receipts(), again.state.declared))
        self.assertTrue((self.folder / "state").read_bytes().endswith(b"\n"))

    def test_a_state_belongs_to_one_ledger(self) -> None:
        client = self.enrolled(self.server(), state=self.folder / "state")
        other = self.server()
        other.entries[0] = other.entries[0].replace("}", ',"seed":2}')
        with self.assertRaisesRegex(ProofError, "for the ledger"):
            self.client(other, key=client.key, state=self.folder / "state").info()

    def test_another_model_than_was_announced_is_refused(self) -> None:
        server = self.server()
        client = self.enrolled(server)
        server.models[server.base] += b"x"
        with self.assertRaisesRegex(ProofError, "Expected the model"):
            client.model(server.base)


class WholeLedger(ClientTest):
    def check(self, pattern: str, change: Callable[[FakeServer], None]) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        client.run(train)
        client.verify_ledger()
        change(server)
        fresh = self.client(server, key=client.key)
        with self.assertRaisesRegex(ProofError, pattern):
            fresh.verify_ledger()

    def change(self, kind: str, old: str, new: str) -> Callable[[FakeServer], None]:
        def act(server: FakeServer) -> None:
            index = next(i for i, entry in enumerate(server.entries) if f'"type":"{kind}"' in entry)
            assert old in server.entries[index]
            server.entries[index] = server.entries[index].replace(old, new)

        return act

    def test_a_claim_that_was_not_signed_so_is_found(self) -> None:
        self.check("not that of its key", self.change("update-accepted", '"examples":10', '"examples":9'))

    def test_a_refused_claim_that_was_not_signed_so_is_found(self) -> None:
        server = self.server(participants=2, rounds=1)
        client = self.enrolled(server)
        self.enrolled(server, "b")
        statement = statements.update(server.name, server.ledger, 1, server.base, "a", "ab" * 32, 11, None)
        claim = {"examples": 11, "signature": client.key.sign(statement)}
        event = {"type": "update-refused", "round": 1, "participant": "a", "update": "ab" * 32, "reason": "examples",
                 "detail": "Too many.", "at": 0, "claim": claim}  # fmt: skip
        server.append(event)
        self.assertEqual(1, client.verify_ledger().signatures)
        server.append(event | {"claim": claim | {"examples": 10}})
        with self.assertRaisesRegex(ProofError, "Entry 5 .*not that of its key"):
            client.verify_ledger()

    def test_payouts_that_do_not_sum_to_the_budget_are_found(self) -> None:
        self.check("the round's budget is 100", self.change("payouts-posted", '"amount":100', '"amount":99'))

    def test_a_division_that_does_not_follow_from_the_weights_is_found(self) -> None:
        self.check("by the weights", self.change("payouts-posted", '"weight":1,"amount":100', '"weight":0,"amount":100'))

    def test_a_balance_that_is_not_the_sum_of_payouts_is_found(self) -> None:
        self.check("balance of 'a' is 199", lambda server: server.balances.update(a=199))

    def test_a_receipt_for_what_is_not_there_is_found(self) -> None:
        server = self.server(rounds=2)
        client = self.enrolled(server)
        client.run(train)
        leaf = merkle.leaf_hash(b"{}").hex()
        client.state.receipts.append(Receipt(0, leaf, 1, leaf, ()))
        with self.assertRaisesRegex(ProofError, "does not hold entry 0"):
            client.verify_ledger()

    def test_a_page_with_another_text_than_its_hash_is_found(self) -> None:
        server = self.server()
        client = self.enrolled(server)
        row = {"index": 0, "leafHash": server.ledger, "entry": server.entries[0] + " "}
        server.faults.append(once("GET", "/entries?", lambda h: h.json(200, {"size": 1, "entries": [row]})))
        with self.assertRaisesRegex(ProofError, "leaf hash"):
            list(client.entries())

    def test_the_digest_that_is_signed_is_that_of_the_bytes_that_are_sent(self) -> None:
        server = self.server(rounds=1)
        client = self.enrolled(server)
        bodies: list[bytes] = []
        original = Handler.body
        with mock.patch.object(Handler, "body", lambda h: (bodies.append(original(h)), bodies[-1])[1]):
            result = client.run(train)[0]
        self.assertEqual(result.update, hashlib.sha256(bodies[-1]).hexdigest())


class CommandLine(ClientTest):
    def test_enrol_balance_contributions_and_verify(self) -> None:
        import contextlib
        import io

        from fedvalue.__main__ import main

        server = self.server(rounds=1)
        common = ["--url", server.url, "--federation", server.name, "--participant", "a", "--key", str(self.folder / "a.pem"),
                  "--state", str(self.folder / "state")]  # fmt: skip
        for command, expected in [
            (["enrol", *common, "--token", "token-a", "--examples", "10"], "a is enrolled: entry 1"),
            (["balance", *common], "0"),
            (["contributions", *common, "--round", "1"], '"round": "1"'),
            (["verify", *common], "1 receipts hold; balance 0"),
        ]:
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = main(command)
            self.assertEqual((0, ""), (code, err.getvalue()))
            self.assertIn(expected, out.getvalue())
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            self.assertEqual(1, main(["enrol", *common[:-4], "--key", str(self.folder / "b.pem"), "--token", "x", "--examples", "1"]))
        self.assertIn("Expected the token", err.getvalue())

    def test_a_server_that_is_away_is_waited_for_aloud_and_an_interruption_is_no_traceback(self) -> None:
        import contextlib
        import io

        from fedvalue.__main__ import main

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}"
        key = str(self.folder / "a.pem")
        Key.load_or_generate(key)
        command = ["balance", "--url", url, "--federation", "f", "--participant", "a", "--key", key, "--patience", "0.9"]
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            self.assertEqual(1, main(command))
        waits, end = err.getvalue().splitlines()
        self.assertRegex(waits, "^fedvalue: GET /federations/f was not answered for 0 s: .*; again in 0.25 s$")
        self.assertRegex(end, "^fedvalue: GET /federations/f was not answered")
        err = io.StringIO()
        with contextlib.redirect_stderr(err), mock.patch("fedvalue.__main__._run", side_effect=KeyboardInterrupt):
            self.assertEqual(130, main(command))
        self.assertEqual("fedvalue: interrupted\n", err.getvalue())


if __name__ == "__main__":
    unittest.main()
