using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace FedValue.Server.Http;

/// <summary>A parameter of the query that an endpoint takes.</summary>
/// <param name="Name">Its name.</param>
sealed record TakenParameter(string Name);

/// <summary>What holds for every query below /federations: a parameter that is not known, or comes twice, is refused by its name.</summary>
sealed class QueryRules(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http)
    {
        HttpRequest request = http.Request;
        if (request.Query.Count > 0 && request.Path.StartsWithSegments("/federations") && http.GetEndpoint() is { } endpoint)
            Check(request.Query, [.. endpoint.Metadata.GetOrderedMetadata<TakenParameter>().Select(parameter => parameter.Name)]);
        return next(http);
    }

    static void Check(IQueryCollection query, string[] known)
    {
        foreach ((string name, StringValues values) in query)
        {
            string shown = Problems.Shown(name);
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                string names = string.Join(", ", known);
                throw Problems.Malformed(
                    $"There is no parameter '{shown}' here; {(known.Length == 0 ? "this address takes none" : $"the parameters are {names}")}.",
                    shown, known.Length == 0 ? "no parameter" : "one of " + names, shown);
            }
            if (values.Count > 1)
            {
                throw Problems.Malformed(
                    $"The parameter '{shown}' comes {values.Count} times; say it once.", shown, "one value", $"{values.Count} values");
            }
        }
    }
}
