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
        return Parse(body.ToArray(), "body", members);
    }

    /// <summary>Reads a JSON object of the named members, none of them twice.</summary>
    /// <param name="utf8">Its text.</param>
    /// <param name="whole">What is to blame where it is no JSON object: the body, or a part of it.</param>
    /// <param name="members">The members that it may have.</param>
    /// <exception cref="ApiException">It is anything else.</exception>
    public static JsonMembers Parse(ReadOnlyMemory<byte> utf8, string whole, params string[] members)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = 16 });
            JsonElement root = document.RootElement.Clone();
            return root.ValueKind == JsonValueKind.Object
                ? new JsonMembers(root, "", members)
                : throw Problems.Field(whole, "a JSON object", root.GetRawText());
        }
        catch (JsonException wrong)
        {
            throw Problems.Malformed(
                $"The {whole} is one JSON object, but reading it failed: {JsonFault.Sentence(wrong)}",
                whole, "a JSON object", utf8.IsEmpty ? "nothing" : "something that is no JSON");
        }
    }
}
