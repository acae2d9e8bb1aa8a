using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace FedValue.Server.Http;

/// <summary>How the server writes JSON and reads it.</summary>
static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = Configured(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configured(JsonSerializerOptions options)
    {
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return options;
    }

    /// <summary>Reads a body that is one JSON object of the named members, none of them twice.</summary>
    /// <exception cref="ApiException">It is anything else.</exception>
    public static async Task<JsonMembers> ReadAsync(HttpRequest request, params string[] members)
    {
        if (request.ContentType is { } type && !type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase))
            throw Problems.Of(415, "type", $"The body is application/json, but '{Problems.Shown(type)}' came.",
                "Content-Type", "application/json", Problems.Shown(type));
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return Parse(body.ToArray(), members);
    }

    /// <summary>Reads a JSON object of the named members, none of them twice.</summary>
    /// <exception cref="ApiException">It is anything else.</exception>
    public static JsonMembers Parse(ReadOnlyMemory<byte> utf8, params string[] members)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 16 });
            return new JsonMembers(document.RootElement.Clone(), "", members);
        }
        catch (JsonException wrong)
        {
            throw Problems.Malformed($"The body is one JSON object without repeated members, but reading it failed: {Problems.Shown(wrong.Message)}");
        }
    }
}
