import base64
import unittest

from fedvalue import merkle
from fedvalue.fold import divide

from . import shared
from .fake_server import consistency, inclusion, root_of

LEAVES = [merkle.leaf_hash(bytes([i])) for i in range(40)]


class Proofs(unittest.TestCase):
    def test_a_growing_tree_has_the_roots_of_the_definition(self) -> None:
        tree = merkle.Tree()
        self.assertEqual(root_of([]), tree.root)
        for size, leaf in enumerate(LEAVES, 1):
            tree.append(leaf)
            self.assertEqual((size, root_of(LEAVES[:size])), (tree.size, tree.root))

    def test_every_inclusion_proof_holds_and_for_no_other_place(self) -> None:
        for size in range(1, 20):
            root = root_of(LEAVES[:size])
            for index in range(size):
                proof = inclusion(index, LEAVES[:size])
                self.assertTrue(merkle.verify_inclusion(index, LEAVES[index], size, root, proof))
                for other in range(-1, size + 1):
                    if other != index:
                        self.assertFalse(merkle.verify_inclusion(other, LEAVES[index], size, root, proof))
                self.assertFalse(merkle.verify_inclusion(index, LEAVES[-1], size, root, proof))
                self.assertFalse(merkle.verify_inclusion(index, LEAVES[index], size, root, [*proof, LEAVES[0]]))
                if proof:
                    self.assertFalse(merkle.verify_inclusion(index, LEAVES[index], size, root, proof[:-1]))
                    self.assertFalse(merkle.verify_inclusion(index, LEAVES[index], size, root, [proof[0][:31], *proof[1:]]))

    def test_every_consistency_proof_holds_and_none_for_another_beginning(self) -> None:
        for size in range(1, 20):
            root = root_of(LEAVES[:size])
            for old in range(1, size + 1):
                proof = consistency(old, LEAVES[:size])
                self.assertTrue(merkle.verify_consistency(old, root_of(LEAVES[:old]), size, root, proof))
                self.assertFalse(merkle.verify_consistency(old, root_of([*LEAVES[: old - 1], LEAVES[-1]]), size, root, proof))
                self.assertFalse(merkle.verify_consistency(old, root_of(LEAVES[:old]), size, LEAVES[-1], proof))
        self.assertFalse(merkle.verify_consistency(0, merkle.EMPTY_ROOT, 1, LEAVES[0], []))
        self.assertFalse(merkle.verify_consistency(2, root_of(LEAVES[:2]), 1, LEAVES[0], []))

    @unittest.skipUnless(shared.has("ledger/rfc6962-tree.json"), shared.WHY)
    def test_the_public_reference_tree_has_these_roots(self) -> None:
        vectors = shared.read("ledger/rfc6962-tree.json")
        tree = merkle.Tree()
        roots = [tree.root.hex()]
        for text in vectors["leaf_inputs"]:
            tree.append(merkle.leaf_hash(bytes.fromhex(text)))
            roots.append(tree.root.hex())
        self.assertEqual(vectors["node_hashes_by_level"][3][0], roots[8])
        self.assertEqual(vectors["node_hashes_by_level"][2][0], roots[4])

    @unittest.skipUnless(shared.has("ledger/merkle-proofs/inclusion.json"), shared.WHY)
    def test_every_public_inclusion_probe_has_its_outcome(self) -> None:
        cases = shared.read("ledger/merkle-proofs/inclusion.json")["cases"]
        for case in cases:
            got = merkle.verify_inclusion(case["leafIdx"], raw(case["leafHash"]), case["treeSize"], raw(case["root"]), proof(case))
            self.assertEqual(not case["wantErr"], got, case["file"])
        self.assertEqual((98, 6), (len(cases), sum(not case["wantErr"] for case in cases)))

    @unittest.skipUnless(shared.has("ledger/merkle-proofs/consistency.json"), shared.WHY)
    def test_every_public_consistency_probe_has_its_outcome(self) -> None:
        cases = shared.read("ledger/merkle-proofs/consistency.json")["cases"]
        for case in cases:
            got = merkle.verify_consistency(case["size1"], raw(case["root1"]), case["size2"], raw(case["root2"]), proof(case))
            self.assertEqual(not case["wantErr"], got, case["file"])
        self.assertEqual((98, 6), (len(cases), sum(not case["wantErr"] for case in cases)))


class Division(unittest.TestCase):
    def test_shares_sum_to_the_budget_and_ties_go_to_the_earlier(self) -> None:
        self.assertEqual([34, 33, 33], divide(100, [1, 1, 1]))
        self.assertEqual([0, 2, 1], divide(3, [0, 2**52, 2**51]))

    @unittest.skipUnless(shared.has("ledger/allocation-largest-remainder.json"), shared.WHY)
    def test_every_public_division_has_these_shares(self) -> None:
        for case in shared.read("ledger/allocation-largest-remainder.json")["cases"]:
            if any(case["weights"]):
                self.assertEqual(case["want"], divide(case["budget"], case["weights"]), case["name"])


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def proof(case: dict[str, list[str] | None]) -> list[bytes]:
    return [raw(text) for text in case["proof"] or []]


if __name__ == "__main__":
    unittest.main()
