namespace FedValue.Ledger;

/// <summary>Bytes that should be a ledger, one of its entries or one of its blobs are something else.</summary>
public sealed class LedgerFormatException(string message, Exception? inner = null) : FormatException(message, inner);
