using FedValue.Ledger.Merkle;

namespace FedValue.Ledger;

/// <summary>What the writer of an event gets once it is durable: whoever keeps it can show later that the ledger lost the entry.</summary>
/// <param name="Index">The entry's place in the ledger.</param>
/// <param name="LeafHash">The hash of its bytes as a leaf.</param>
/// <param name="Head">The tree that holds it.</param>
/// <param name="Proof">The inclusion proof, leaf to root: <see cref="InclusionProof.Verify"/> accepts it.</param>
public sealed record Receipt(long Index, Digest LeafHash, TreeHead Head, IReadOnlyList<Digest> Proof);
