using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FedValue.Server.Http;

/// <summary>Turns every failure of a request, and every empty error of the framework, into a problem.</summary>
sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    const long WorthCutting = 65_536;

    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            // An empty error of the framework; that of a range has the type of what it is a range of.
            if (http.Response is { HasStarted: false, StatusCode: >= 400 } response
                && (response.StatusCode == 416 || response is { ContentType: null, ContentLength: null }))
                await WriteAsync(http, Framework(http));
        }
        catch (Exception failure) when (!http.Response.HasStarted && !IsGone(http, failure))
        {
            ApiProblem? problem = Problems.Explain(failure);
            if (problem is null)
                Failed(logger, failure, http.Request.Method, http.Request.Path);
            await WriteAsync(http, problem ?? Problems.Make(
                500, "defect", "The server failed at this; it is not the request's fault, and the server's log says more."));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
        }
    }

    static bool IsGone(HttpContext http, Exception failure) =>
        failure is OperationCanceledException && http.RequestAborted.IsCancellationRequested;

    /// <summary>What the framework refuses by type are bodies that were to be JSON: other bodies are told apart by their endpoints.</summary>
    static ApiProblem Framework(HttpContext http) => http.Response.StatusCode == 415
        ? Problems.Make(415, "type", Sentence(http)) with
        {
            Field = "Content-Type",
            Expected = "application/json",
            Came = Problems.Shown(http.Request.ContentType ?? "nothing"),
        }
        : Problems.Make(http.Response.StatusCode, "request", Sentence(http));

    static string Sentence(HttpContext http) => http.Response.StatusCode switch
    {
        404 => $"There is nothing at '{Problems.Shown(http.Request.Path)}'; see /openapi/v1.json for what there is.",
        405 => $"'{Problems.Shown(http.Request.Path)}' does not take {http.Request.Method}; it takes {http.Response.Headers.Allow}.",
        415 => $"The body is application/json, but '{Problems.Shown(http.Request.ContentType ?? "nothing")}' came.",
        416 => "The range lies outside of the content.",
        _ => "The request cannot be taken as it is; see /openapi/v1.json.",
    };

    static async Task WriteAsync(HttpContext http, ApiProblem problem)
    {
        string? allow = http.Response.Headers.Allow;
        http.Response.Clear();
        http.Response.StatusCode = problem.Status;
        http.Response.ContentType = "application/problem+json";
        if (!string.IsNullOrEmpty(allow))
            http.Response.Headers.Allow = allow;
        if (problem.Status == 401)
            http.Response.Headers.WWWAuthenticate = "Bearer, FedValue";
        if (problem.RetryAfter is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        // Who is refused before its body was read shall not send the rest: the connection ends with the answer.
        if (http.Request.ContentLength > WorthCutting && http.Request.Protocol == "HTTP/1.1")
            http.Response.Headers.Connection = "close";
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(problem, ApiJson.Options);
        http.Response.ContentLength = body.Length;
        if (http.Request.Method != "HEAD")
            await http.Response.Body.WriteAsync(body);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    static partial void Failed(ILogger logger, Exception failure, string method, string path);
}
