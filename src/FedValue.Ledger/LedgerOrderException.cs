namespace FedValue.Ledger;

/// <summary>An event cannot follow the ones before it; the message says which rule of order it breaks.</summary>
public sealed class LedgerOrderException(string message) : InvalidOperationException(message);
