using System.Globalization;
using FedValue.Server.Endpoints;
using FedValue.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace FedValue.Server.Creation;

/// <summary>The parts that a federation is created from; the model's file is there until they are disposed of.</summary>
/// <param name="Settings">The <c>federation</c> part, JSON.</param>
/// <param name="Validation">The <c>validation</c> part, CSV, IDX or safetensors; null: none came.</param>
/// <param name="ValidationLabels">The <c>validation-labels</c> part, IDX; null: none came.</param>
/// <param name="Model">The <c>model</c> part, safetensors of any length; null: none came.</param>
sealed record CreationParts(byte[] Settings, byte[]? Validation, byte[]? ValidationLabels, UploadedFile? Model) : IDisposable
{
    const string ModelPart = "model";
    const int BoundaryMax = 200, MessageMax = 300;
    const int PieceLength = 1 << 16;

    /// <summary>The parts for the OpenAPI document.</summary>
    public static IReadOnlyList<DescribedPart> Described =>
    [
        new("federation", Fields.Json, "application/json", "The settings; 'name' is required, the others have defaults.", IsRequired: true),
        new("validation", Fields.Binary, "application/octet-stream", "Validation rows: CSV, safetensors or IDX."),
        new("validation-labels", Fields.Binary, "application/octet-stream", "The labels of validation rows in IDX, IDX too."),
        new("model", Fields.Binary, "application/octet-stream", "The first model, safetensors; a native model needs none."),
    ];

    /// <summary>
    /// The most bytes of a part that is held as one array, whose indices have 31 bits: 2 GiB but for a few bytes. The model is not.
    /// </summary>
    public static int PartBytes => Array.MaxLength;

    /// <summary>Reads a multipart body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="folder">Where the model's file goes.</param>
    /// <param name="partMax">The most bytes of a part that is held, up to <see cref="PartBytes"/>.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="ApiException">It is none, lacks its settings, or has another part or one part twice.</exception>
    public static async Task<CreationParts> ReadAsync(HttpRequest request, string folder, int partMax, CancellationToken cancellation)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type) || type.MediaType != "multipart/form-data"
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= BoundaryMax } boundary)
        {
            throw Problems.Of(415, "type", "A federation is created from multipart/form-data with the parts federation, validation and model.",
                "Content-Type", "multipart/form-data", Problems.Shown(request.ContentType ?? "nothing"));
        }
        var parts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        UploadedFile? model = null;
        try
        {
            var reader = new MultipartReader(boundary.ToString(), request.Body);
            while (await reader.ReadNextSectionAsync(cancellation) is { } section)
            {
                string name = NameOf(section);
                if (name == ModelPart ? model is not null : parts.ContainsKey(name))
                    throw Problems.Malformed($"The part '{name}' comes twice; send it once.", name, "one part", "two parts");
                if (name == ModelPart)
                    model = await UploadedFile.ReceiveAsync(folder, section.Body, cancellation);
                else
                    parts.Add(name, await ContentAsync(name, section.Body, partMax, cancellation));
            }
            return parts.TryGetValue("federation", out byte[]? settings)
                ? new CreationParts(settings, parts.GetValueOrDefault("validation"), parts.GetValueOrDefault("validation-labels"), model)
                : throw Problems.Malformed("The part 'federation' is missing: a JSON object with at least a name.", "federation", "JSON", "nothing");
        }
        catch (Exception wrong)
        {
            model?.Dispose();
            if (wrong is InvalidDataException || (wrong is IOException and not BadHttpRequestException))
                throw Problems.Malformed(
                    $"The multipart body is not well formed: {Problems.Shown(wrong.Message, MessageMax)}", "body", "multipart/form-data");
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Model?.Dispose();

    static async Task<byte[]> ContentAsync(string name, Stream body, int most, CancellationToken cancellation)
    {
        using var content = new MemoryStream();
        var piece = new byte[PieceLength];
        while (await body.ReadAsync(piece, cancellation) is > 0 and var length)
        {
            if (content.Length + length > most)
            {
                throw Problems.Of(413, "too-large",
                    $"The part '{name}' has at most {most} bytes (it is held as one array, so 2 GiB is the most), but more came; "
                    + "send a smaller one.", name, string.Create(CultureInfo.InvariantCulture, $"at most {most} bytes"), "more");
            }
            content.Write(piece, 0, length);
        }
        return content.ToArray();
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
