using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Signing;
using FedValue.Protocol.Contracts;

namespace FedValue.Client;

/// <summary>Reads the ledger as somebody who trusts nobody: every entry is hashed here, every head must begin with those seen before.</summary>
sealed class LedgerView(Connection connection, string federationPath, LedgerName ledger)
{
    const int PageLength = 100;

    TreeHead? _known;

    /// <summary>The exact text of an entry, and how many entries there are.</summary>
    public async Task<(string Entry, long Size)> EntryAsync(long index, CancellationToken cancellation)
    {
        EntriesPage page = await PageAsync(index, 1, cancellation);
        return page.Entries is [var entry, ..] ? (entry.Entry, page.Size)
            : throw new TamperingException($"Entry {index} was on the ledger, but the server has {page.Size} entries now.");
    }

    public async IAsyncEnumerable<EntryMessage> EntriesAsync(long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            EntriesPage page = await PageAsync(from, PageLength, cancellation);
            foreach (EntryMessage entry in page.Entries)
                yield return entry;
            from += page.Entries.Count;
            if (page.Entries.Count == 0 || from >= page.Size)
                yield break;
        }
    }

    /// <summary>Checks a receipt: see <see cref="FedValueClient.VerifyReceiptAsync"/>.</summary>
    public async Task<LedgerEvent> VerifyAsync(Receipt receipt, CancellationToken cancellation)
    {
        CheckProof(receipt);
        (string entry, _) = await EntryAsync(receipt.Index, cancellation);
        byte[] bytes = Encoding.UTF8.GetBytes(entry);
        if (MerkleHash.Leaf(bytes) is var leaf && leaf != receipt.LeafHash)
        {
            throw new TamperingException(
                $"Entry {receipt.Index} had the leaf hash {receipt.LeafHash} when the receipt was given, but what the server shows has {leaf}.");
        }
        await GrowAsync(receipt.Head, cancellation);
        if (_known is { } known)
            await GrowAsync(known, cancellation);
        return EventJson.Parse(bytes);
    }

    /// <summary>The ledger's head now; it begins with what was seen before.</summary>
    public Task<TreeHead> HeadAsync(CancellationToken cancellation) => GrowAsync(_known, cancellation);

    /// <summary>Whether a receipt holds by itself.</summary>
    public static void CheckProof(Receipt receipt)
    {
        if (!InclusionProof.Verify(receipt.Index, receipt.LeafHash, receipt.Head, receipt.Proof))
        {
            throw new TamperingException(
                $"The receipt of entry {receipt.Index} does not prove anything: its proof does not lead from the leaf to the root of "
                + $"{receipt.Head.Size} entries.");
        }
    }

    async Task<TreeHead> GrowAsync(TreeHead? older, CancellationToken cancellation)
    {
        string query = older is null ? "" : FormattableString.Invariant($"?from={older.Size}");
        HeadReply reply;
        try
        {
            reply = await connection.GetAsync<HeadReply>($"{federationPath}/head{query}", ledger, cancellation);
        }
        catch (FederationException missing) when (older is not null && missing.Status == HttpStatusCode.NotFound)
        {
            throw new TamperingException(
                $"The ledger had {older.Size} entries with root {older.Root}, but the server says that it never had so many: it was set back.");
        }
        TreeHead head = new TreeHead(reply.Size, reply.Root);
        if (older is not null && !ConsistencyProof.Verify(older, head, reply.Consistency))
        {
            throw new TamperingException(
                $"The ledger had {older.Size} entries with root {older.Root}; the one the server shows now, {head.Size} entries with root "
                + $"{head.Root}, does not begin with them.");
        }
        if (_known is null || _known.Size <= head.Size)
            _known = head;
        return head;
    }

    async Task<EntriesPage> PageAsync(long from, int count, CancellationToken cancellation)
    {
        EntriesPage page = await connection.GetAsync<EntriesPage>(
            FormattableString.Invariant($"{federationPath}/entries?from={from}&count={count}"), ledger, cancellation);
        for (int i = 0; i < page.Entries.Count; i++)
        {
            EntryMessage entry = page.Entries[i];
            var leaf = MerkleHash.Leaf(Encoding.UTF8.GetBytes(entry.Entry));
            if (entry.Index != from + i || entry.LeafHash != leaf)
            {
                throw new TamperingException(
                    $"Entry {from + i} was asked for; the server sent entry {entry.Index} and says that its leaf hash is {entry.LeafHash}, but "
                    + $"it is {leaf}.");
            }
        }
        return page;
    }
}
