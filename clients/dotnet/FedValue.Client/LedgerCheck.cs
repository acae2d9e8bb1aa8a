using System.Text;
using FedValue.Ledger;
using FedValue.Ledger.Auditing;
using FedValue.Ledger.Events;
using FedValue.Ledger.Merkle;
using FedValue.Ledger.Payments;
using FedValue.Ledger.Signing;
using FedValue.Protocol.Contracts;

namespace FedValue.Client;

/// <summary>Reads a whole ledger from its first entry and holds it against itself, the receipts that were given, and what the server says.</summary>
sealed class LedgerCheck(LedgerName ledger, IReadOnlyList<KeptReceipt> receipts)
{
    readonly EventFold _fold = new();
    readonly MerkleTree _tree = new();
    readonly ILookup<long, Receipt> _byIndex = receipts.ToLookup(kept => kept.Receipt.Index, kept => kept.Receipt);
    readonly ILookup<long, Receipt> _bySize = receipts.ToLookup(kept => kept.Receipt.Head.Size, kept => kept.Receipt);
    long _updates, _signatures;

    /// <summary>Takes the next entry, whose place and leaf hash were checked when it came.</summary>
    /// <exception cref="TamperingException">It cannot follow, is not signed as it says, or is not what a receipt says.</exception>
    public void Take(EntryMessage entry)
    {
        RoundState? round = _fold.State.Round;
        if (_fold.Problem(Encoding.UTF8.GetBytes(entry.Entry), out LedgerEvent? happened) is { } problem)
            throw new TamperingException($"Entry {entry.Index} of the ledger does not hold: {problem}");
        if (entry.Index == 0 && _fold.State.Name != ledger)
        {
            throw new TamperingException(
                $"The ledger is that of '{ledger.Federation}' with the first entry {ledger.FirstEntry}, but it begins with {entry.LeafHash}.");
        }
        _updates += happened is UpdateAccepted ? 1 : 0;
        bool isSigned =
            happened is UpdateAccepted { Signature: not null } or UpdateRefused { Claim: not null } or KeyReplaced { Signature: not null };
        _signatures += isSigned ? 1 : 0;
        if (happened is PayoutsPosted slice && DivisionProblem(slice, round!) is { } wrong)
            throw new TamperingException($"Entry {entry.Index} of the ledger does not hold: {wrong}");
        _tree.AppendHash(entry.LeafHash);
        foreach (Receipt receipt in _byIndex[entry.Index].Where(receipt => receipt.LeafHash != entry.LeafHash))
            throw Lost(receipt);
        foreach (Receipt receipt in _bySize[_tree.Size].Where(receipt => receipt.Head.Root != _tree.Root))
        {
            throw new TamperingException(
                $"The ledger's first {_tree.Size} entries had the root {receipt.Head.Root} when a receipt was given, but have {_tree.Root} now; keep "
                + "the receipt, it is the evidence.");
        }
    }

    /// <summary>How many entries were taken.</summary>
    public long Size => _tree.Size;

    /// <summary>How many rounds they pay.</summary>
    public int RoundsPaid => _fold.State.RoundsPaid;

    /// <summary>Holds the balances that the server stated, after the first of the entries was read, against the payouts that were taken.</summary>
    /// <exception cref="TamperingException">They differ, or are of another number of rounds.</exception>
    public void Compare(BalanceSheet stated)
    {
        FederationState state = _fold.State;
        if (stated.RoundsPaid != state.RoundsPaid)
        {
            throw new TamperingException(
                $"The server says that {stated.RoundsPaid} rounds were paid, but its ledger pays {state.RoundsPaid}: its balances are not the "
                + "ledger's.");
        }
        Dictionary<string, long> said = [];
        foreach (ParticipantAmount balance in stated.Balances)
        {
            if (!said.TryAdd(balance.Participant, balance.Amount))
                throw new TamperingException($"The server states the balance of '{balance.Participant}' twice.");
        }
        foreach (string id in state.Balances.Keys.Union(said.Keys).Append(ParticipantId.Unallocated))
        {
            (long says, long owed) = id == ParticipantId.Unallocated ? (stated.Unallocated, state.Unallocated)
                : (said.GetValueOrDefault(id), state.Balances.GetValueOrDefault(id));
            if (says != owed)
                throw new TamperingException($"The server says that the balance of '{id}' is {says}, but its ledger adds up to {owed}.");
        }
    }

    /// <summary>What was found, now that all entries were taken.</summary>
    /// <exception cref="TamperingException">A receipt is for more than there is.</exception>
    public LedgerReport Complete()
    {
        foreach (KeptReceipt kept in receipts)
        {
            LedgerView.CheckProof(kept.Receipt);
            if (kept.Receipt.Head.Size > _tree.Size)
                throw Lost(kept.Receipt);
        }
        FederationState state = _fold.State;
        return new LedgerReport(
            _tree.Head, state.Balances, state.Unallocated, state.RoundsPaid, [.. state.RoundsAbandoned], _updates, _signatures, receipts.Count,
            state.IsClosed);
    }

    /// <summary>What is wrong with how a budget was divided by the weights beside the amounts; null: nothing, or more slices follow.</summary>
    static string? DivisionProblem(PayoutsPosted slice, RoundState round)
    {
        PayoutsPosted posted = PayoutSlices.Join(round.Posted, slice, round.Accepted.Count);
        if (posted.Payouts.Count < round.Accepted.Count)
            return null;
        long[] weights = [.. posted.Payouts.Select(payout => payout.Weight)];
        long[] due = weights.Any(weight => weight > 0) ? LargestRemainder.Divide(posted.Budget, weights) : new long[weights.Length];
        int wrong = due.AsSpan().CommonPrefixLength([.. posted.Payouts.Select(payout => payout.Amount)]);
        return wrong == due.Length ? null
            : $"By the weights of round {posted.Round} '{posted.Payouts[wrong].Participant}' is owed {due[wrong]} of the budget of {posted.Budget}, "
                + $"but {posted.Payouts[wrong].Amount} was posted.";
    }

    static TamperingException Lost(Receipt receipt) => new(
        $"The ledger does not hold entry {receipt.Index} with the leaf hash {receipt.LeafHash} in a tree of {receipt.Head.Size} entries, as a "
        + "receipt says; keep the receipt, it is the evidence.");
}
