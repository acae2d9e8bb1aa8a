using FedValue.Protocol.Contracts;
using FedValue.Server.Federations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedValue.Server.Endpoints;

/// <summary>Whether the server lives, and whether all its federations work.</summary>
sealed class HealthEndpoints(FederationRegistry registry)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Ok(new HealthMessage("ok", []))).WithSummary("The process answers.");
        routes.MapGet("/health/ready", Ready).Produces<HealthMessage>().Produces<HealthMessage>(503).WithSummary("All federations work.");
    }

    IResult Ready()
    {
        var problems = new List<string>();
        if (registry.BrokenCount > 0)
            problems.Add($"Federations that could not be opened: {registry.BrokenCount}; the log says which and why.");
        bool isReady = problems.Count == 0;
        // A round that cannot be closed is its federation's trouble: others are served, so this is no reason to take the server away. Why it
        // cannot may name participants, and who takes part is for those who do.
        problems.AddRange(registry.Open.Where(federation => federation.Driver.Problem is not null)
            .Select(federation => federation.Name).Order(StringComparer.Ordinal)
            .Select(name => $"Federation '{name}' cannot go on; its round announcement says why."));
        return TypedResults.Json(new HealthMessage(isReady ? "ok" : "failing", problems), statusCode: isReady ? 200 : 503);
    }
}
