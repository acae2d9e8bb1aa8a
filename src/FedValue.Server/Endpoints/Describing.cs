using FedValue.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedValue.Server.Endpoints;

/// <summary>Endpoints, and what the OpenAPI document says about them.</summary>
static class Describing
{
    public static RouteHandlerBuilder Get(this IEndpointRouteBuilder routes, string pattern, Func<HttpContext, Task<IResult>> handler) =>
        routes.MapGet(pattern, (Delegate)handler);

    public static RouteHandlerBuilder Post(this IEndpointRouteBuilder routes, string pattern, Func<HttpContext, Task<IResult>> handler) =>
        routes.MapPost(pattern, (Delegate)handler);

    public static RouteHandlerBuilder Put(this IEndpointRouteBuilder routes, string pattern, Func<HttpContext, Task<IResult>> handler) =>
        routes.MapPut(pattern, (Delegate)handler);

    public static RouteHandlerBuilder Delete(this IEndpointRouteBuilder routes, string pattern, Func<HttpContext, Task<IResult>> handler) =>
        routes.MapDelete(pattern, (Delegate)handler);

    /// <summary>An endpoint that answers with JSON, or with a problem of these statuses.</summary>
    public static RouteHandlerBuilder Says<T>(this RouteHandlerBuilder endpoint, string summary, int success, params int[] problems) =>
        endpoint.Produces<T>(success).Problems(summary, problems);

    /// <summary>An endpoint that answers with something else than JSON.</summary>
    public static RouteHandlerBuilder Sends(this RouteHandlerBuilder endpoint, string summary, string contentType, params int[] problems) =>
        endpoint.Produces(200, contentType: contentType).Problems(summary, problems);

    static RouteHandlerBuilder Problems(this RouteHandlerBuilder endpoint, string summary, int[] problems)
    {
        // Everybody may be asked to come back later.
        foreach (int status in problems.Append(429).Append(503).Distinct())
            endpoint.Produces<ApiProblem>(status, "application/problem+json");
        return endpoint.WithSummary(summary);
    }
}
