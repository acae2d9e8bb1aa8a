"""What is kept in the state file, what a client does with it after a crash, and what it makes of a server that says too little or too much."""

from __future__ import annotations

import json
import urllib.parse
from typing import Any

from fedvalue import Client, FedValueError, ProofError, merkle
from fedvalue.receipts import Head, Receipt, State

from .fake_server import FakeServer, Handler, consistency, inclusion, once_after, root_of
from .test_client import ClientTest, train

ROOT = "0" * 64


class Files(ClientTest):
    @property
    def file(self) -> Any:
        return self.folder / "state"

    def again(self, server: FakeServer, client: Client) -> Client:
        return self.client(server, key=client.key, state=self.file)

    def cut(self, client: Client) -> str:
        """Leaves the lines up to the receipt of the first update, without its entry, and gives that line."""
        client.close()
        lines = self.file.read_text().splitlines(keepends=True)
        place = next(i for i, line in enumerate(lines) if '"round":1,' in line)
        self.file.write_text("".join(lines[: place + 1]))
        return lines[place]

    def test_a_receipt_whose_entry_was_not_fetched_yet_is_enough_to_send_no_second_update(self) -> None:
        server = self.server(participants=2, rounds=1)
        client = self.enrolled(server, state=self.file)
        self.enrolled(server, "b")
        update = client.run(train, rounds=1)[0].update
        line = json.loads(self.cut(client))
        self.assertEqual((1, update), (line["receipt"]["round"], line["receipt"]["update"]))
        again = self.again(server, client)
        kept = again.state.of_round(1, "a")
        assert kept is not None
        self.assertEqual((None, (1, update)), (kept.entry, kept.sent))
        again._witness.recover()
        self.assertTrue(all(receipt.entry is not None and receipt.sent is None for receipt in again.state.receipts))
        server.entries.pop()  # and a ledger that lost it is found rather than sent another one
        last = self.again(server, client)
        with self.assertRaises(ProofError):
            last.run(lambda p, c: self.fail("trained again"))

    def test_a_receipt_of_another_update_than_was_sent_is_found_also_after_a_restart(self) -> None:
        server = self.server(participants=2, rounds=1)
        client = self.enrolled(server, state=self.file)
        self.enrolled(server, "b")
        update = client.run(train, rounds=1)[0].update
        self.cut(client)
        self.file.write_text(self.file.read_text().replace(update, "ab" * 32))
        with self.assertRaisesRegex(ProofError, "which says something else"):
            self.again(server, client).run(train)

    def test_an_answer_that_was_lost_is_found_also_behind_a_receipt_that_was_kept_later(self) -> None:
        server = self.server(rounds=3)
        client = self.enrolled(server, state=self.file)
        def killed(handler: Handler) -> None:
            server.faults.append(lambda h: h.command == "PUT" and h.hang_up() is None)
            handler.hang_up()

        server.faults.append(once_after("PUT", "/updates/", killed))
        client._transport._patience = 0
        arrays = list(client.model(server.base).values())
        with self.assertRaises(FedValueError):
            client.submit(1, server.base, arrays, 10)
        self.assertEqual(2, server.round)
        server.faults.clear()
        again = self.again(server, client)
        again.submit(2, server.base, arrays, 10)
        self.assertIsNone(again.state.of_round(1, "a"))
        again._witness.recover()
        self.assertIsNotNone(again.state.of_round(1, "a"))
        self.assertEqual((3, len(server.entries)), (len(again.state.receipts), again.state.searched))
        self.assertEqual(again.state.searched, self.again(server, client).state.searched)

    def test_a_file_has_one_client_at_a_time(self) -> None:
        one = State(self.file)
        with self.assertRaisesRegex(FedValueError, "cannot be locked: another client uses it"):
            State(self.file)
        one.close()
        State(self.file).close()

    def test_a_line_that_nobody_wrote_is_named(self) -> None:
        receipt = f'"leafHash":"{ROOT}","size":1,"root":"{ROOT}","proof":[]'
        for line in (
            "no JSON", "[]", "{}", "null", '{"head":1,"head":2}', '{"head":null,"declared":2}', '{"declared":1,"declared":2}',
            '{"declared":null}', '{"declared":"5"}', '{"searched":-1}', '{"surprise":1}', '{"owner":"x"}', "[" * 5000,
            f'{{"head":{{"size":-1,"root":"{ROOT}"}}}}', f'{{"receipt":{{"index":-5,{receipt}}}}}', f'{{"receipt":{{"index":1,{receipt}}}}}',
            f'{{"receipt":{{"index":0,{receipt},"entry":"garbage"}}}}', f'{{"receipt":{{"index":0,{receipt},"entry":7}}}}',
            f'{{"receipt":{{"index":0,{receipt},"round":"x","update":"{ROOT}"}}}}',
        ):  # fmt: skip
            self.file.write_text('{"declared":5}\n' + line + "\n")
            with self.subTest(line=line[:80]), self.assertRaisesRegex(FedValueError, "^Line 2 of the state in '.*state' cannot be read"):
                State(self.file)


class Answers(ClientTest):
    def balances(self, server: FakeServer, **members: Any) -> None:
        def act(handler: Handler) -> bool:
            if not handler.path.endswith("/balances"):
                return False
            rows = [{"participant": p, "amount": a} for p, a in server.balances.items()]
            handler.json(200, {"roundsPaid": server.paid, "balances": rows, "unallocated": 0} | members)
            return True

        server.faults.append(act)

    def test_a_number_of_paid_rounds_that_the_ledger_does_not_show_is_found(self) -> None:
        for said in (0, 1, 3):
            server = self.server(rounds=2)
            client = self.enrolled(server)
            client.run(train)
            self.balances(server, roundsPaid=said)
            with self.assertRaisesRegex(ProofError, f"{said} rounds were paid, but its ledger pays 2"):
                client.verify_ledger()

    def test_a_round_that_was_paid_meanwhile_is_read_too(self) -> None:
        for wrong in (0, 1):
            server = self.server(rounds=2)
            client = self.enrolled(server)
            client.run(train)
            hidden = [server.entries.pop(), server.entries.pop()][::-1]

            def pay(handler: Handler, server: FakeServer = server, hidden: list[str] = hidden) -> bool:
                if handler.path.endswith("/balances"):
                    server.entries += hidden
                    hidden.clear()
                return False

            server.faults.append(pay)
            self.balances(server, balances=[{"participant": "a", "amount": 200 + wrong}])
            fresh = self.client(server, key=client.key)
            if wrong:
                with self.assertRaisesRegex(ProofError, "the balance of 'a' is 201, but its ledger adds up to 200"):
                    fresh.verify_ledger()
            else:
                self.assertEqual(2, fresh.verify_ledger().rounds_paid)

    def test_a_ledger_that_grows_at_every_question_is_believed_if_it_shows_what_is_asked_for(self) -> None:
        for shows in (True, False):
            with self.subTest(shows=shows):
                self.check_growing(shows)

    def check_growing(self, shows: bool) -> None:
        server = self.server(rounds=1)
        client = self.enrolled(server)
        receipt = client.run(train)[0].receipt
        seen = client.head()
        leaves = server.leaves()

        def grow(handler: Handler) -> bool:
            if "/head?" not in handler.path:
                return False
            leaves.append(merkle.leaf_hash(b"%d" % len(leaves)))
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(handler.path).query)
            shown = leaves[: int(query["to"][0])] if shows and "to" in query else leaves
            proof = [digest.hex() for digest in consistency(int(query["from"][0]), shown)]
            handler.json(200, {"size": len(shown), "root": root_of(shown).hex(), "consistency": proof})
            return True

        server.faults.append(grow)
        if shows:
            client.verify_receipt(receipt)
            self.assertEqual(seen.size + 1, client.state.head.size)
        else:
            with self.assertRaisesRegex(ProofError, "but it was shown with"):
                client.verify_receipt(receipt)
            self.assertEqual(seen, client.state.head)

    def test_a_server_that_leads_every_head_on_in_a_branch_of_its_own_is_noticed(self) -> None:
        server = self.server(rounds=1)
        client = self.enrolled(server)
        receipt = client.run(train)[0].receipt
        honest, forked = server.leaves(), [*server.leaves()[: receipt.index], *(merkle.leaf_hash(b"something else") for _ in range(5))]
        seen = len(forked)
        client.state.saw(Head(seen, root_of(forked).hex()))  # as an earlier process was shown it
        self.assertGreater(seen, receipt.size)
        for branch in (honest, forked):
            while len(branch) < 20:
                branch.append(merkle.leaf_hash(b"%d" % len(branch)))
        asked: list[int] = []

        def lead_on(handler: Handler) -> bool:
            if "/head?" not in handler.path:
                return False
            asked.append(int(urllib.parse.parse_qs(urllib.parse.urlsplit(handler.path).query)["from"][0]))
            # Every head is shown as the beginning of 20 entries, of whichever branch it is of.
            branch = forked if asked[-1] == seen else honest
            proof = [digest.hex() for digest in consistency(asked[-1], branch)]
            handler.json(200, {"size": 20, "root": root_of(branch).hex(), "consistency": proof})
            return True

        server.faults.append(lead_on)
        with self.assertRaisesRegex(ProofError, "two ledgers of 20 entries"):
            client.verify_receipt(receipt)
        self.assertEqual([seen, receipt.size], asked)

    def test_a_ledger_of_another_first_entry_is_found_by_the_first_receipt(self) -> None:
        server = self.server(rounds=1)
        key = self.enrolled(server).key
        for first in (server.leaves()[0], merkle.leaf_hash(b"another federation")):
            leaves = [first, *server.leaves()[1:]]

            def show(handler: Handler) -> bool:
                if "/head?" not in handler.path:
                    return False
                old = int(urllib.parse.parse_qs(urllib.parse.urlsplit(handler.path).query)["from"][0])
                proof = [digest.hex() for digest in consistency(old, leaves)]
                handler.json(200, {"size": len(leaves), "root": root_of(leaves).hex(), "consistency": proof})
                return True

            fresh = self.client(server, key=key)  # it has seen no head yet
            receipt = Receipt(1, leaves[1].hex(), len(leaves), root_of(leaves).hex(), tuple(step.hex() for step in inclusion(1, leaves)))
            server.faults.append(show)
            if first.hex() == fresh.ledger:
                fresh.verify_receipt(receipt)
            else:
                with self.assertRaisesRegex(ProofError, "does not begin with the 1 entries"):
                    fresh.verify_receipt(receipt)
            server.faults.remove(show)

    def test_a_ledger_that_was_set_back_contradicts_itself(self) -> None:
        server = self.server(rounds=1)
        client = self.enrolled(server)
        client.run(train)
        client.head()
        server.faults.append(lambda h: "/head?" in h.path and (h.problem(404, "not-found", "The ledger never had so many entries."), True)[1])
        with self.assertRaisesRegex(ProofError, "set back"):
            client.head()
