using System.Globalization;
using FedValue.Server.Federations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace FedValue.Server.Http;

/// <summary>What requests say outside of their bodies, and how long a body may be and take.</summary>
static class RequestReading
{
    /// <summary>The federation that the address names.</summary>
    /// <exception cref="ApiException">404: there is none; 503: it could not be opened.</exception>
    public static HostedFederation Federation(this HttpContext http, FederationRegistry registry) =>
        registry.Get((string)http.Request.RouteValues["federation"]!);

    /// <summary>A whole number of the query; null where it is left out.</summary>
    /// <exception cref="ApiException">400: it is something else.</exception>
    public static long? Whole(this HttpRequest request, string name, long least, long most)
    {
        if (!request.Query.TryGetValue(name, out var texts))
            return null;
        return long.TryParse(texts, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw Problems.Field(name, $"a whole number from {least} to {most}", texts.ToString());
    }

    /// <summary>A number that the address names in its one spelling, where everything else is no address.</summary>
    /// <exception cref="ApiException">404: it is no such number.</exception>
    public static long Place(this HttpRequest request, string name, long most = long.MaxValue)
    {
        string text = (string)request.RouteValues[name]!;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= most
            && number.ToString(CultureInfo.InvariantCulture) == text
            ? number
            : throw Problems.NotFound(
                $"The address takes a whole number from 0 to {most} without leading zeros, but '{Problems.Shown(text)}' came.",
                name, $"a whole number from 0 to {most} without leading zeros", Problems.Shown(text));
    }

    /// <summary>The number of a round that the address names.</summary>
    /// <exception cref="ApiException">404: it can be none.</exception>
    public static int RoundPlace(this HttpRequest request) => (int)request.Place("round", int.MaxValue);

    /// <summary>How long the body of this request may be, whatever others may.</summary>
    /// <exception cref="ApiException">413: it says that it is longer.</exception>
    public static void LimitBody(this HttpContext http, long bytes)
    {
        if (http.Request.ContentLength > bytes)
        {
            throw Problems.Of(413, "too-large", $"The body has at most {bytes} bytes here, but {http.Request.ContentLength} were announced.",
                "Content-Length", $"at most {bytes}", http.Request.ContentLength.Value.ToString(CultureInfo.InvariantCulture));
        }
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = bytes;
    }

    /// <summary>Does work that reads the body, for so long and no longer.</summary>
    /// <exception cref="ApiException">408: it took too long.</exception>
    public static async Task<T> WithinAsync<T>(this HttpContext http, double seconds, Func<CancellationToken, Task<T>> work)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            return await work(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            throw Problems.Of(408, "too-slow", $"The body may take {seconds} seconds, but more have passed; send it over a faster connection.");
        }
    }
}
