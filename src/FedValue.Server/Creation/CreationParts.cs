using FedValue.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace FedValue.Server.Creation;

/// <summary>The parts that a federation is created from.</summary>
/// <param name="Settings">The <c>federation</c> part, JSON.</param>
/// <param name="Validation">The <c>validation</c> part, CSV, IDX or safetensors; null: none came.</param>
/// <param name="ValidationLabels">The <c>validation-labels</c> part, IDX; null: none came.</param>
/// <param name="Model">The <c>model</c> part, safetensors; null: none came.</param>
sealed record CreationParts(byte[] Settings, byte[]? Validation, byte[]? ValidationLabels, byte[]? Model)
{
    const int BoundaryMax = 200;

    /// <summary>Reads a multipart body.</summary>
    /// <exception cref="ApiException">It is none, lacks its settings, or has another part or one part twice.</exception>
    public static async Task<CreationParts> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) || type.MediaType != "multipart/form-data"
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= BoundaryMax } boundary)
        {
            throw Problems.Of(415, "type", "A federation is created from multipart/form-data with the parts federation, validation and model.",
                "Content-Type", "multipart/form-data", Problems.Shown(request.ContentType ?? "nothing"));
        }
        var parts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            var reader = new MultipartReader(boundary.ToString(), request.Body);
            while (await reader.ReadNextSectionAsync(cancellation) is { } section)
            {
                string name = NameOf(section);
                using var content = new MemoryStream();
                await section.Body.CopyToAsync(content, cancellation);
                if (!parts.TryAdd(name, content.ToArray()))
                    throw Problems.Malformed($"The part '{name}' comes twice; send it once.", name);
            }
        }
        catch (Exception wrong) when (wrong is InvalidDataException || (wrong is IOException and not BadHttpRequestException))
        {
            throw Problems.Malformed($"The multipart body is not well formed: {Problems.Shown(wrong.Message)}");
        }
        return parts.TryGetValue("federation", out byte[]? settings)
            ? new CreationParts(settings, parts.GetValueOrDefault("validation"), parts.GetValueOrDefault("validation-labels"),
                parts.GetValueOrDefault("model"))
            : throw Problems.Malformed("The part 'federation' is missing: a JSON object with at least a name.", "federation", "JSON", "nothing");
    }

    static string NameOf(MultipartSection section)
    {
        string? name = ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition)
            ? HeaderUtilities.RemoveQuotes(disposition.Name).Value : null;
        return name is "federation" or "validation" or "validation-labels" or "model" ? name : throw Problems.Malformed(
            $"The parts are federation, validation, validation-labels and model, but '{Problems.Shown(name ?? "one without a name")}' came.",
            Problems.Shown(name ?? "part"), "federation, validation, validation-labels or model", Problems.Shown(name ?? "nothing"));
    }
}
