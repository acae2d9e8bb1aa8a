using Microsoft.AspNetCore.Http;

namespace FedValue.Server.Http;

/// <summary>What holds for every request, before any endpoint sees it.</summary>
sealed class RequestRules(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        // A compressed body has no length that could be bounded before it is read.
        if (http.Request.Headers.ContentEncoding.ToString() is { Length: > 0 } encoding && encoding != "identity")
        {
            throw Problems.Of(415, "encoded", "Bodies are taken as they are, without Content-Encoding.", "Content-Encoding", "no such header",
                Problems.Shown(encoding));
        }
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "no-store";
        return next(http);
    }
}
