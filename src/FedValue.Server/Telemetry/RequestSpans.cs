using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace FedValue.Server.Telemetry;

/// <summary>Names the framework's span of a request by its route, and says how it ended.</summary>
sealed class RequestSpans(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        finally
        {
            if (http.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span)
                Describe(span, http);
        }
    }

    static void Describe(Activity span, HttpContext http)
    {
        if ((http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.DisplayName = $"{http.Request.Method} {route}";
            span.SetTag("http.route", route);
            // Somebody asks for it every few seconds for ever, and nothing follows from it.
            if (route.StartsWith("/health/", StringComparison.Ordinal))
                span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
        span.SetTag("http.response.status_code", http.Response.StatusCode);
        if (http.Response.StatusCode >= 500)
            span.SetStatus(ActivityStatusCode.Error);
    }
}
