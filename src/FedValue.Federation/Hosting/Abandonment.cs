using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Ledger.Events;

namespace FedValue.Federation.Hosting;

/// <summary>What a host writes when the operator gives up a round.</summary>
public static class Abandonment
{
    /// <summary>The events, to be appended together.</summary>
    /// <param name="state">What the ledger says.</param>
    /// <param name="round">The round that is to be given up.</param>
    /// <param name="reason">Why, as a sentence.</param>
    /// <param name="closesFederation">Whether the federation ends with it.</param>
    /// <param name="at">The host's clock, in milliseconds since 1970-01-01 UTC.</param>
    /// <exception cref="RoundException">That round is not in progress.</exception>
    public static IReadOnlyList<LedgerEvent> Of(FederationState state, int round, string reason, bool closesFederation, long at)
    {
        if (state.Round is not { } current || current.Number != round)
        {
            throw new RoundException(state.Round is { } other
                ? $"Round {round} cannot be abandoned, because round {other.Number} is in progress; name that one."
                : $"Round {round} cannot be abandoned, because no round is in progress.");
        }
        Digest model = current.Opened.Model;
        LedgerEvent[] closed = closesFederation ? [new FederationClosed(state.RoundsPaid, model, at)] : [];
        return [new RoundAbandoned(round, model, reason, at), .. closed];
    }
}
