using System.Text.Json;
using FedValue.Federation.Hosting;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Protocol.Contracts;
using FedValue.Server.Creation;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedValue.Server.Endpoints;

/// <summary>Federations: made, named, looked at, ended.</summary>
sealed class FederationEndpoints(FederationRegistry registry, AccessControl access, ServerLimits limits)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.Post("/federations", CreateAsync)
            .Says<ReceiptMessage>("Makes a federation from multipart/form-data: federation, validation, model.", 201, 400, 401, 409, 413, 415, 422)
            .ForOperator().Parts(CreationParts.Described);
        routes.Get("/federations", ListAsync).Says<FederationNames>("The names of all federations.", 200, 401).ForOperator();
        routes.Get("/federations/{federation}", AboutAsync).Says<FederationInfo>("What everybody may know.", 200, 404);
        routes.Post("/federations/{federation}/close", CloseAsync).Says<ReceiptMessage>("Writes the last entry.", 200, 401, 404, 409).ForOperator();
    }

    async Task<IResult> CreateAsync(HttpContext http)
    {
        access.RequireOperator(http);
        http.LimitBody(limits.CreationBytes);
        (HostedFederation federation, Receipt receipt) = await http.WithinAsync(limits.BodyDeadlineSeconds, async cancellation =>
        {
            using CreationParts parts = await CreationParts.ReadAsync(
                http.Request, registry.UnfinishedFolder, CreationParts.PartBytes, cancellation);
            FederationCreation creation = await FederationBuilder.BuildAsync(parts, cancellation);
            return await registry.CreateAsync(creation, cancellation);
        });
        LargeMemory.Release(federation.Manifest.DataLength);
        return TypedResults.Created($"/federations/{federation.Name}", ReceiptMessage.Of(receipt));
    }

    Task<IResult> ListAsync(HttpContext http)
    {
        access.RequireOperator(http);
        return Task.FromResult<IResult>(TypedResults.Ok(new FederationNames(registry.Names)));
    }

    async Task<IResult> AboutAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        FederationState state = await federation.Host.StateAsync(http.RequestAborted);
        // The terms as the entry spells them: one writer of events, one spelling.
        using JsonDocument created = JsonDocument.Parse(EventJson.Serialize(state.Created!));
        using JsonDocument manifest = JsonDocument.Parse(federation.ManifestJson);
        return TypedResults.Ok(new FederationInfo(
            federation.Name, state.Name.FirstEntry, created.RootElement.GetProperty("terms").Clone(), manifest.RootElement.Clone(),
            WithoutNames(await federation.AnnounceAsync(http.RequestAborted)), HeadMessage.Of(federation.Feed.Head)));
    }

    /// <summary>Who takes part is for those who do.</summary>
    static RoundAnnouncement WithoutNames(RoundAnnouncement round) => round with { Cohort = null, Submitted = null, Problem = null };

    async Task<IResult> CloseAsync(HttpContext http)
    {
        access.RequireOperator(http);
        IFederationHost host = http.Federation(registry).Host;
        Standing.RequireBetweenRounds(await host.StateAsync(http.RequestAborted), "it cannot end now");
        return TypedResults.Ok(ReceiptMessage.Of(await host.CloseAsync(http.RequestAborted)));
    }
}
