using FedValue.Ledger;
using FedValue.Ledger.Merkle;

namespace FedValue.Orleans.Messages;

/// <summary>A receipt on its way from the ledger's grain.</summary>
[GenerateSerializer, Immutable, Alias("fedvalue.receipt")]
public sealed record ReceiptMessage(long Index, string LeafHash, long Size, string Root, string[] Proof)
{
    internal static ReceiptMessage Of(Receipt receipt) => new(
        receipt.Index, receipt.LeafHash.ToString(), receipt.Head.Size, receipt.Head.Root.ToString(),
        [.. receipt.Proof.Select(hash => hash.ToString())]);

    internal Receipt ToReceipt() => new(
        Index, Digest.Parse(LeafHash), new TreeHead(Size, Digest.Parse(Root)), [.. Proof.Select(Digest.Parse)]);
}

/// <summary>What the ledger's role answers: receipts of what was appended or found, or why nothing was done.</summary>
[GenerateSerializer, Immutable, Alias("fedvalue.append-reply")]
public sealed record AppendMessage(ReceiptMessage[] Receipts, FailureMessage? Failure = null)
{
    internal static AppendMessage Of(params IEnumerable<Receipt> receipts) => new([.. receipts.Select(ReceiptMessage.Of)]);

    internal static AppendMessage Failed(Exception failure) => new([], FailureMessage.Of(failure));

    /// <summary>The one receipt there is, if any; throws the failure.</summary>
    internal Receipt? Single() => Failure is { } failure ? throw failure.ToException() : Receipts.SingleOrDefault()?.ToReceipt();
}

/// <summary>An entry was appended: a nudge to read the ledger. Losing, repeating or reordering it changes nothing.</summary>
/// <param name="Index">The entry's index.</param>
/// <param name="Type">The name of the event's type.</param>
/// <param name="Leaf">The entry's leaf hash, by which it is recognized.</param>
[GenerateSerializer, Immutable, Alias("fedvalue.entry-note")]
public sealed record EntryNote(long Index, string Type, string Leaf);
