using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Ledger.Signing;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Contracts;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedValue.Server.Endpoints;

/// <summary>Participants: let in by the operator, enrolled by themselves, their keys replaced and revoked.</summary>
sealed class EnrolmentEndpoints(FederationRegistry registry, AccessControl access, EnrolmentTokens tokens, ServerOptions options, ServerLimits limits)
{
    const string DefaultReason = "The operator revoked it.", Json = "application/json";

    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/federations/{federation}");
        group.Post("/tokens", TokenAsync).Accepts<TokenRequest>(isOptional: true, Json)
            .Says<EnrolmentToken>("Lets one participant enrol once.", 200, 400, 401, 404, 409).ForOperator();
        group.Post("/participants", EnrolAsync).Accepts<EnrolmentRequest>(isOptional: true, Json)
            .Says<ReceiptMessage>("Enrols a participant with its key.", 201, 400, 401, 404, 409);
        group.Put("/participants/{participant}/key", ReplaceKeyAsync).Accepts<KeyRequest>(isOptional: true, Json)
            .Says<ReceiptMessage>("Puts another key in the place of a participant's.", 200, 400, 401, 404, 409);
        group.Delete("/participants/{participant}/key", RevokeKeyAsync).Says<ReceiptMessage>("Revokes a key.", 200, 400, 401, 404, 409).ForOperator()
            .Query("reason", Fields.Text, "Why, for the ledger.");
    }

    async Task<IResult> TokenAsync(HttpContext http)
    {
        access.RequireOperator(http);
        HostedFederation federation = http.Federation(registry);
        string participant = ParticipantOf((await ApiJson.ReadAsync(http.Request, "participant")).Text("participant"));
        FederationState state = await federation.Host.StateAsync(http.RequestAborted);
        if (state.Participants.ContainsKey(participant) && state.Keys.GetValueOrDefault(participant) is not null)
            throw Problems.Conflict("exists", $"'{participant}' is enrolled with a valid key already; revoke it before another one is enrolled.");
        DateTimeOffset expires = options.Clock.GetUtcNow().AddHours(limits.TokenHours);
        string token = tokens.Make(state.Name, participant, state.Revocations.GetValueOrDefault(participant), expires);
        return TypedResults.Ok(new EnrolmentToken(participant, token, DateTimeOffset.FromUnixTimeSeconds(expires.ToUnixTimeSeconds())));
    }

    async Task<IResult> EnrolAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        JsonMembers json = await ApiJson.ReadAsync(http.Request, "participant", "token", "publicKey", "declaredExamples");
        string participant = ParticipantOf(json.Text("participant")), key = KeyOf(json.Text("publicKey"));
        long examples = json.Whole("declaredExamples", 1, FederationState.DeclaredExamplesMax);
        FederationState before = await federation.Host.StateAsync(http.RequestAborted);
        if (tokens.Problem(json.Text("token"), before.Name, participant, revocations: 0) is { } problem)
            throw access.Failed(http, problem, "token");
        return Enrolled(federation, await federation.WhileEnrollingAsync(
            () => EnrolAsync(federation, participant, key, examples, http.RequestAborted), http.RequestAborted));
    }

    static async Task<Receipt> EnrolAsync(
        HostedFederation federation, string participant, string key, long examples, CancellationToken cancellation)
    {
        FederationState state = await federation.Host.StateAsync(cancellation);
        if (state.Participants.GetValueOrDefault(participant) is { } enrolled)
        {
            if (enrolled.PublicKey != key || enrolled.DeclaredExamples != examples)
            {
                throw Problems.Conflict("exists",
                    $"'{participant}' is enrolled already, with another key or number of examples; a token is spent by its use.");
            }
            return await ReceiptAsync(federation, enrolled, cancellation);
        }
        CheckRoom(state);
        CheckNew(state, key);
        return await federation.Host.EnrolAsync(participant, examples, key, cancellation);
    }

    /// <summary>By a schedule everybody with a valid key is invited, so nobody may get one for whom no round has room.</summary>
    static void CheckRoom(FederationState state)
    {
        if (state.Terms.Schedule is not null && RoundStep.Everybody(state).Count >= TermsChoice.LargestRound(state.Terms))
        {
            throw Problems.Conflict("full",
                $"Under its terms a round takes at most {TermsChoice.LargestRound(state.Terms)} participants, and so many are enrolled.");
        }
    }

    static void CheckNew(FederationState state, string key)
    {
        Standing.RequireGoingOn(state, "no key is enrolled any more");
        if (state.WasEnrolled(key))
        {
            throw Problems.Conflict("conflict", "A key is enrolled once and for one participant, but this one was enrolled before; make a new one.",
                "publicKey", "a key that was never enrolled here", Problems.Shown(key));
        }
    }

    async Task<IResult> ReplaceKeyAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        JsonMembers json = await ApiJson.ReadAsync(http.Request, "publicKey", "signature", "token");
        string participant = (string)http.Request.RouteValues["participant"]!, key = KeyOf(json.Text("publicKey"));
        string? signature = json.OptionalText("signature"), token = json.OptionalText("token");
        if (signature is null == token is null)
            throw Problems.Malformed("A key is replaced by the old key's 'signature' or, once that was revoked, by a 'token': one of them.");
        return TypedResults.Ok(ReceiptMessage.Of(await federation.WhileEnrollingAsync(
            () => ReplaceKeyAsync(http, federation, participant, key, signature, token), http.RequestAborted)));
    }

    async Task<Receipt> ReplaceKeyAsync(
        HttpContext http, HostedFederation federation, string participant, string key, string? signature, string? token)
    {
        FederationState state = await federation.Host.StateAsync(http.RequestAborted);
        string? old = Known(state, participant);
        if (old == key)
            throw Problems.Conflict("exists", $"This is the key of '{participant}' already; nothing was done.");
        if (signature is not null)
        {
            if (old is null)
                throw Problems.Conflict("revoked", $"The key of '{participant}' was revoked, so it cannot sign; ask the operator for a token.");
            if (SignatureRules.Problem(new KeyReplaced(participant, key, 0, signature), state.Name, old, model: null) is { } forged)
                throw access.Failed(http, forged, "forged");
        }
        else if (tokens.Problem(token!, state.Name, participant, state.Revocations.GetValueOrDefault(participant)) is { } problem)
        {
            throw access.Failed(http, problem, "token");
        }
        else if (old is not null)
        {
            throw Problems.Conflict("exists",
                $"The key of '{participant}' is valid, so it signs for the one that replaces it; a token is spent by its use.");
        }
        else
        {
            CheckRoom(state);
        }
        CheckNew(state, key);
        return await federation.Host.ReplaceKeyAsync(participant, key, signature, http.RequestAborted);
    }

    async Task<IResult> RevokeKeyAsync(HttpContext http)
    {
        access.RequireOperator(http);
        HostedFederation federation = http.Federation(registry);
        string participant = (string)http.Request.RouteValues["participant"]!;
        FederationState state = await federation.Host.StateAsync(http.RequestAborted);
        if (Known(state, participant) is null)
            throw Problems.Conflict("revoked", $"The key of '{participant}' was revoked already.");
        Standing.RequireGoingOn(state, "no key is revoked any more");
        string reason = http.Request.Query["reason"].ToString() is { Length: > 0 } given ? Reasons.Of(given) : DefaultReason;
        return TypedResults.Ok(ReceiptMessage.Of(await federation.Host.RevokeKeyAsync(participant, reason, http.RequestAborted)));
    }

    static IResult Enrolled(HostedFederation federation, Receipt receipt) =>
        TypedResults.Created($"/federations/{federation.Name}/entries/{receipt.Index}/receipt", ReceiptMessage.Of(receipt));

    static string ParticipantOf(string id) => Problems.OfId(id) is { } problem
        ? throw Problems.Malformed(problem, "participant", "letters, digits and . _ -", Problems.Shown(id))
        : id;

    static string KeyOf(string text) => ParticipantKey.Problem(text) is { } problem
        ? throw Problems.Malformed(problem, "publicKey", "base64 of a DER SubjectPublicKeyInfo of P-256", Problems.Shown(text))
        : text;

    static string? Known(FederationState state, string participant) => state.Keys.TryGetValue(participant, out string? key)
        ? key
        : throw Problems.NotFound($"There is no participant '{Problems.Shown(participant)}' with a key.");

    static async Task<Receipt> ReceiptAsync(HostedFederation federation, LedgerEvent sought, CancellationToken cancellation)
    {
        byte[] bytes = EventJson.Serialize(sought);
        await foreach (LedgerEntry entry in federation.Ledger.ReadAsync(0, cancellation))
        {
            if (entry.Bytes.Span.SequenceEqual(bytes))
                return (await federation.Host.ReceiptAsync(entry.Index, cancellation))!;
        }
        throw new InvalidOperationException("The state holds an event that is not on the ledger.");
    }
}
