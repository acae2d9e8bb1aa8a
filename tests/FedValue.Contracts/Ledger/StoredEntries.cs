using System.Text;
using FedValue.Ledger.Storage;

namespace FedValue.Contracts.Ledger;

/// <summary>Entries as texts, for tests of stores.</summary>
public static class StoredEntries
{
    /// <summary>One entry per text.</summary>
    public static ReadOnlyMemory<byte>[] Of(params string[] texts) =>
        [.. texts.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))];

    /// <summary>The texts of the entries.</summary>
    public static IEnumerable<string> Texts(IEnumerable<LedgerEntry> entries) =>
        entries.Select(entry => Encoding.UTF8.GetString(entry.Bytes.Span));

    /// <summary>All entries from an index on.</summary>
    public static async Task<List<LedgerEntry>> ReadAsync(ILedgerStore store, long from = 0, CancellationToken ct = default)
    {
        List<LedgerEntry> entries = [];
        await foreach (LedgerEntry entry in store.ReadAsync(from, ct))
            entries.Add(entry);
        return entries;
    }

    /// <summary>Appends one entry unless somebody else was faster.</summary>
    public static async Task<bool> TryAppendAsync(ILedgerStore store, long expectedSize, string text)
    {
        try
        {
            await store.AppendAsync(expectedSize, Of(text));
            return true;
        }
        catch (LedgerConflictException)
        {
            return false;
        }
    }
}
