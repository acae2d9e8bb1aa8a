namespace FedValue.Ledger.Merkle;

/// <summary>What a tree commits to: everything in its first entries, nothing about later ones.</summary>
/// <param name="Size">How many leaves the tree has.</param>
/// <param name="Root">The root over them.</param>
public sealed record TreeHead(long Size, Digest Root);
