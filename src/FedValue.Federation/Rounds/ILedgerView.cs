using FedValue.Ledger;

namespace FedValue.Federation.Rounds;

/// <summary>
/// How a role sees the ledger: the fold over everything that is durable at this moment. A host may answer from memory or read what is new;
/// a role asks again at every turn and so needs no message to be right.
/// </summary>
public interface ILedgerView
{
    /// <summary>The state after the last durable entry; a snapshot that later entries do not change.</summary>
    ValueTask<FederationState> CurrentAsync(CancellationToken cancellation = default);

    /// <summary>A participant's accepted update of a round that ended not long ago, which the state has forgotten; null: none is found.</summary>
    Task<AcceptedBefore?> FindAcceptedAsync(int round, string participant, CancellationToken cancellation = default);
}
