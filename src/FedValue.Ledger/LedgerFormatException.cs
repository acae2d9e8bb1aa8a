namespace FedValue.Ledger;

/// <summary>Bytes that should be a ledger, one of its entries or one of its blobs are something else.</summary>
public sealed class LedgerFormatException(string message, Exception? inner = null) : FormatException(message, inner)
{
    /// <summary>The index of the entry that cannot be read; null when it is not about one.</summary>
    public long? Entry { get; init; }
}
