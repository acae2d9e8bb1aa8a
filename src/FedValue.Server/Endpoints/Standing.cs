using FedValue.Ledger;
using FedValue.Protocol.Contracts;
using FedValue.Server.Http;

namespace FedValue.Server.Endpoints;

/// <summary>
/// How a federation stands, asked before something is done, so that whoever comes at the wrong time hears it as data. The ledger judges again.
/// </summary>
static class Standing
{
    const string Status = "status";

    /// <exception cref="ApiException">409: the federation has ended.</exception>
    public static void RequireGoingOn(FederationState state, string what)
    {
        if (state.IsClosed)
            throw Problems.Conflict("conflict", $"The federation has ended, so {what}.", Status, "a federation that goes on", RoundStatus.Closed);
    }

    /// <exception cref="ApiException">409: the federation has ended, or a round of it is in progress.</exception>
    public static void RequireBetweenRounds(FederationState state, string what)
    {
        RequireGoingOn(state, what);
        if (state.Round is { } round)
        {
            throw Problems.Conflict("conflict", $"Round {round.Number} is in progress, so {what}; close it or give it up first.",
                Status, RoundStatus.None, round.Aggregated is null ? RoundStatus.Open : RoundStatus.Closing);
        }
    }
}
