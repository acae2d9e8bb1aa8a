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
sealed class LedgerView(Connection connection, string federationPath, LedgerName ledger, ClientState state)
{
    const int PageLength = 100;

    /// <summary>How often a payment that the server speaks of is looked for on the ledger, and how long between.</summary>
    const int Looks = 10;
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

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
    public async Task<LedgerEvent> VerifyAsync(Receipt receipt, CancellationToken cancellation) =>
        EventJson.Parse(Encoding.UTF8.GetBytes(await VerifiedEntryAsync(receipt, cancellation)));

    async Task<string> VerifiedEntryAsync(Receipt receipt, CancellationToken cancellation)
    {
        CheckProof(receipt);
        (string entry, _) = await EntryAsync(receipt.Index, cancellation);
        if (MerkleHash.Leaf(Encoding.UTF8.GetBytes(entry)) is var leaf && leaf != receipt.LeafHash)
        {
            throw new TamperingException(
                $"Entry {receipt.Index} had the leaf hash {receipt.LeafHash} when the receipt was given, but what the server shows has {leaf}.");
        }
        await LeadOnAsync(cancellation, receipt.Head);
        return entry;
    }

    /// <summary>Keeps a receipt before anything else can go wrong; where it outlives the process, then also with what its entry says.</summary>
    /// <param name="receipt">The receipt.</param>
    /// <param name="sent">The update that it is for, which is kept in the same write; null: it is for something else, or that is not known.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<Receipt> KeepAsync(Receipt receipt, SentUpdate? sent, CancellationToken cancellation)
    {
        CheckProof(receipt);
        state.Add(receipt, sent: sent);
        if (state.IsDurable)
            state.Add(receipt, await VerifiedEntryAsync(receipt, cancellation));
        return receipt;
    }

    /// <summary>
    /// Fetches what was lost with an answer: the texts of entries whose receipts are kept, and the receipts of the participant's accepted updates
    /// behind the place up to which the ledger was searched before. For what outlives the process only: of anything else nothing would be left
    /// to be shown.
    /// </summary>
    public async Task RecoverAsync(string participant, CancellationToken cancellation)
    {
        if (!state.IsDurable)
            return;
        foreach (KeptReceipt kept in state.Receipts.Where(kept => kept.Entry is null))
            state.Add(kept.Receipt, await VerifiedEntryAsync(kept.Receipt, cancellation));
        long next = state.Searched;
        await foreach (EntryMessage entry in EntriesAsync(next, cancellation))
        {
            if (EventJson.Parse(Encoding.UTF8.GetBytes(entry.Entry)) is UpdateAccepted update && update.Participant == participant
                && !state.Receipts.Any(kept => kept.Receipt.Index == entry.Index && kept.Receipt.LeafHash == entry.LeafHash))
                await KeepAsync(await ReceiptAsync(entry.Index, cancellation), new SentUpdate(update.Round, update.Update), cancellation);
            next = entry.Index + 1;
        }
        state.SearchedTo(next);
    }

    /// <summary>A receipt of any entry in the tree as it is now.</summary>
    public async Task<Receipt> ReceiptAsync(long index, CancellationToken cancellation)
    {
        Receipt receipt = (await connection.GetAsync<ReceiptMessage>(
            FormattableString.Invariant($"{federationPath}/entries/{index}/receipt"), ledger, cancellation)).ToReceipt();
        CheckProof(receipt);
        return receipt;
    }

    /// <summary>The ledger's head now; it begins with what was seen before.</summary>
    public Task<TreeHead> HeadAsync(CancellationToken cancellation) => LeadOnAsync(cancellation);

    /// <summary>Reads the whole ledger and holds it against itself, the stated balances, all kept receipts and the last head.</summary>
    public async Task<LedgerReport> CheckAllAsync(CancellationToken cancellation)
    {
        var check = new LedgerCheck(ledger, state.Receipts);
        await foreach (EntryMessage entry in EntriesAsync(0, cancellation))
            check.Take(entry);
        BalanceSheet stated = await connection.GetAsync<BalanceSheet>(federationPath + "/balances", ledger, cancellation);
        // A round that was paid meanwhile is no contradiction: then the ledger says so by now.
        for (int look = 0; look < Looks && check.RoundsPaid < stated.RoundsPaid; look++)
        {
            if (look > 0)
                await Task.Delay(BetweenLooks, cancellation);
            await foreach (EntryMessage entry in EntriesAsync(check.Size, cancellation))
            {
                check.Take(entry);
                if (check.RoundsPaid == stated.RoundsPaid)
                    break;
            }
        }
        check.Compare(stated);
        LedgerReport report = check.Complete();
        await LeadOnAsync(cancellation, report.Head);
        return report;
    }

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

    /// <summary>
    /// Checks that one present head leads on from all of these and from the last one that was checked, and keeps it. Each alone would not do: a
    /// ledger that forks behind a receipt leads on from the receipt.
    /// </summary>
    async Task<TreeHead> LeadOnAsync(CancellationToken cancellation, params TreeHead[] heads)
    {
        // Without an earlier head, the ledger's name is one: the root of a tree of one leaf is that leaf.
        TreeHead last = state.Head ?? new TreeHead(1, ledger.FirstEntry);
        TreeHead[] older = [.. heads.Append(last).Where(head => head.Size > 0).Distinct().OrderByDescending(head => head.Size)];
        TreeHead present = await GrowAsync(older[0], to: null, cancellation);
        foreach (TreeHead head in older.Skip(1))
        {
            TreeHead again = await GrowAsync(head, to: present.Size, cancellation);
            if (again.Size != present.Size)
            {
                throw new TamperingException(
                    $"The ledger was asked for as it was with {present.Size} entries, but it was shown with {again.Size}, so nothing shows that what "
                    + "was seen belongs to one ledger; keep what the client knows.");
            }
            if (again != present)
            {
                throw new TamperingException(
                    $"The server shows two ledgers of {present.Size} entries, with the roots {present.Root} and {again.Root}; keep what the client "
                    + "knows, it is the evidence.");
            }
        }
        state.Saw(present);
        return present;
    }

    async Task<TreeHead> GrowAsync(TreeHead older, long? to, CancellationToken cancellation)
    {
        HeadReply reply;
        try
        {
            reply = await connection.GetAsync<HeadReply>(
                FormattableString.Invariant($"{federationPath}/head?from={older.Size}{(to is null ? "" : "&to=")}{to}"), ledger, cancellation);
        }
        catch (FederationException missing) when (missing.Status == HttpStatusCode.NotFound)
        {
            throw new TamperingException(
                $"The ledger had {Math.Max(older.Size, to ?? 0)} entries, but the server says that it never had so many: it was set back.");
        }
        TreeHead head = new TreeHead(reply.Size, reply.Root);
        if (!ConsistencyProof.Verify(older, head, reply.Consistency))
        {
            throw new TamperingException(
                $"The ledger had {older.Size} entries with root {older.Root}; the one the server shows now, {head.Size} entries with root "
                + $"{head.Root}, does not begin with them.");
        }
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
