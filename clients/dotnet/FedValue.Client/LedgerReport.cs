using FedValue.Ledger.Merkle;

namespace FedValue.Client;

/// <summary>What a whole ledger was found to hold.</summary>
/// <param name="Head">Size and root over all entries.</param>
/// <param name="Balances">What everybody has earned by the payouts that were divided as they say, in minor units, by id in ordinal order.</param>
/// <param name="Unallocated">What nobody has earned, in minor units.</param>
/// <param name="RoundsPaid">How many rounds were paid.</param>
/// <param name="RoundsAbandoned">The numbers of the rounds that were given up unpaid, ascending.</param>
/// <param name="Updates">How many updates were accepted.</param>
/// <param name="Signatures">How many signatures were verified.</param>
/// <param name="Receipts">How many receipts of this client were found in their places.</param>
/// <param name="IsClosed">Whether the federation has ended.</param>
public sealed record LedgerReport(
    TreeHead Head, IReadOnlyDictionary<string, long> Balances, long Unallocated, int RoundsPaid, IReadOnlyList<int> RoundsAbandoned, long Updates,
    long Signatures, int Receipts, bool IsClosed);
