using FedValue.Ledger;
using FedValue.Protocol.Contracts;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedValue.Server.Endpoints;

/// <summary>What updates were worth, and who is owed what.</summary>
sealed class ResultEndpoints(FederationRegistry registry, AccessControl access)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/federations/{federation}");
        group.Get("/contributions", ContributionsAsync).Says<Contributions>("Values, errors and intervals.", 200, 400, 401, 403, 404)
            .ForReaders().OfRounds();
        group.Get("/payouts", PayoutsAsync).Says<PayoutList>("What rounds paid, in minor units.", 200, 400, 401, 403, 404).ForReaders().OfRounds();
        group.Get("/balances", BalancesAsync).Says<BalanceSheet>("What everybody has earned, in minor units.", 200, 401, 403, 404).ForReaders();
    }

    async Task<IResult> ContributionsAsync(HttpContext http)
    {
        (HostedFederation federation, int? round, string? participant) = await ReadAsync(http);
        return TypedResults.Ok(await federation.Results.ContributionsAsync(round, participant, http.RequestAborted));
    }

    async Task<IResult> PayoutsAsync(HttpContext http)
    {
        (HostedFederation federation, int? round, string? participant) = await ReadAsync(http);
        return TypedResults.Ok(await federation.Results.PayoutsAsync(round, participant, http.RequestAborted));
    }

    async Task<IResult> BalancesAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        await access.RequireReaderAsync(http, federation);
        FederationState state = await federation.Host.StateAsync(http.RequestAborted);
        return TypedResults.Ok(new BalanceSheet(
            state.RoundsPaid, [.. state.Balances.Select(pair => new ParticipantAmount(pair.Key, pair.Value))], state.Unallocated));
    }

    async Task<(HostedFederation, int?, string?)> ReadAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        await access.RequireReaderAsync(http, federation);
        int? round = (int?)http.Request.Whole("round", 1, int.MaxValue);
        string? participant = http.Request.Query.TryGetValue("participant", out var id) ? id.ToString() : null;
        FederationState state = await federation.Host.StateAsync(http.RequestAborted);
        if (participant is not null && !state.Participants.ContainsKey(participant))
            throw Problems.NotFound($"There is no participant '{Problems.Shown(participant)}'.");
        if (round is { } number && state.RoundsAbandoned.Contains(number))
            throw Problems.NotFound($"Round {round} was abandoned, so it was not paid.");
        return round > state.LastRound
            ? throw Problems.NotFound($"Round {round} is not paid yet; {state.RoundsPaid} were.")
            : (federation, round, participant);
    }
}
