using System.Globalization;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Protocol.Contracts;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace FedValue.Server.Endpoints;

/// <summary>Rounds: announced to trainers, opened and closed by the operator where no schedule does.</summary>
sealed class RoundEndpoints(FederationRegistry registry, AccessControl access, ServerOptions options)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/federations/{federation}/rounds");
        group.Get("/current", CurrentAsync).Says<RoundAnnouncement>("The round announcement.", 200, 401, 403, 404).ForReaders();
        group.Post("", OpenAsync).Accepts<CohortRequest>(isOptional: true, "application/json")
            .Says<RoundAnnouncement>("Opens the next round.", 201, 400, 401, 404, 409).ForOperator();
        group.Post("/{round}/close", CloseAsync)
            .Says<RoundAnnouncement>("Begins aggregation, valuation and payment.", 202, 401, 404, 409).ForOperator();
        group.Post("/{round}/abandon", AbandonAsync).Accepts<AbandonmentRequest>(isOptional: false, "application/json")
            .Says<ReceiptMessage>("Gives the round up unpaid; the next one starts from the same model.", 200, 400, 401, 404, 409).ForOperator();
    }

    async Task<IResult> CurrentAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        await access.RequireReaderAsync(http, federation);
        return TypedResults.Ok(await federation.AnnounceAsync(http.RequestAborted));
    }

    async Task<IResult> OpenAsync(HttpContext http)
    {
        access.RequireOperator(http);
        HostedFederation federation = http.Federation(registry);
        bool hasBody = http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false;
        IReadOnlyList<string>? named = !hasBody ? null : (await ApiJson.ReadAsync(http.Request, "cohort")).OptionalTexts("cohort");
        FederationState state = await federation.Host.StateAsync(http.RequestAborted);
        Standing.RequireGoingOn(state, "no round opens any more");
        if (state.Terms.Schedule is not null)
            throw Problems.Conflict("scheduled", "The rounds of this federation open by the schedule of its terms; wait for the next one.");
        Standing.RequireBetweenRounds(state, "no other one opens");
        IReadOnlyList<string> cohort = named ?? RoundStep.Everybody(state);
        if (cohort.Count == 0)
            throw Problems.Conflict("nobody", "A round invites at least one participant with a valid key, but there is none; enrol somebody first.");
        if (cohort.FirstOrDefault(id => state.Keys.GetValueOrDefault(id) is null) is { } unable)
        {
            throw Problems.Conflict("nobody", $"'{Problems.Shown(unable)}' is not enrolled with a valid key, so it cannot be invited.",
                "cohort", "participants with valid keys", Problems.Shown(unable));
        }
        if (cohort.GroupBy(id => id).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw Problems.Conflict("conflict", $"A round invites everybody once, but '{twice.Key}' came twice.",
                "cohort", "every participant once", $"{twice.Key}, {twice.Key}");
        }
        if (cohort.Count > TermsChoice.LargestRound(state.Terms))
        {
            throw Problems.Conflict("too-many",
                $"Under these terms a round takes at most {TermsChoice.LargestRound(state.Terms)} participants, but {cohort.Count} would be invited; "
                + "name a smaller 'cohort'.",
                "cohort", $"at most {TermsChoice.LargestRound(state.Terms)}", cohort.Count.ToString(CultureInfo.InvariantCulture));
        }
        await federation.Host.OpenRoundAsync(cohort, http.RequestAborted);
        RoundAnnouncement announced = await federation.AnnounceAsync(http.RequestAborted);
        return TypedResults.Created($"/federations/{federation.Name}/rounds/current", announced);
    }

    async Task<IResult> AbandonAsync(HttpContext http)
    {
        access.RequireOperator(http);
        HostedFederation federation = http.Federation(registry);
        JsonMembers json = await ApiJson.ReadAsync(http.Request, "reason", "close");
        string reason = Reasons.Of(json.Text("reason"));
        bool closes = json.OptionalFlag("close") ?? false;
        (int number, _, _) = await InProgressAsync(http, federation, "abandoned");
        Receipt receipt = await federation.Host.AbandonRoundAsync(number, reason, closes, http.RequestAborted);
        federation.Driver.GiveUp(number);
        return TypedResults.Ok(ReceiptMessage.Of(receipt));
    }

    static async Task<(int Number, FederationState State, RoundState Round)> InProgressAsync(
        HttpContext http, HostedFederation federation, string whatFor)
    {
        int number = http.Request.RoundPlace();
        FederationState state = await federation.Host.StateAsync(http.RequestAborted);
        if (state.Round is not { } round)
        {
            throw Problems.Conflict("no-round", "No round is open; open one first.",
                "round", "a round that is open", number.ToString(CultureInfo.InvariantCulture));
        }
        return round.Number == number ? (number, state, round) : throw Problems.Conflict(
            "wrong-round", $"Round {round.Number} is open, but round {number} was to be {whatFor}.",
            "round", round.Number.ToString(CultureInfo.InvariantCulture), number.ToString(CultureInfo.InvariantCulture));
    }

    async Task<IResult> CloseAsync(HttpContext http)
    {
        access.RequireOperator(http);
        HostedFederation federation = http.Federation(registry);
        (int number, FederationState state, RoundState round) = await InProgressAsync(http, federation, "closed");
        if (round.Accepted.Count == 0)
            throw Problems.Conflict("no-updates", $"Round {number} has no update yet, so nothing can be aggregated; wait for one.");
        bool isAhead = state.Terms.Schedule is not null && RoundStep.Next(state, isCloseAsked: false, options.Clock.GetUtcNow()) is RoundStep.Wait;
        if (isAhead)
            throw Problems.Conflict("scheduled", "The round closes by the schedule of the terms, and it is not time yet.");
        federation.Driver.AskToClose(round.Number);
        return TypedResults.Accepted($"/federations/{federation.Name}/rounds/current", await federation.AnnounceAsync(http.RequestAborted));
    }
}
