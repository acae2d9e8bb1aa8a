using System.Globalization;
using Microsoft.OpenApi;

namespace FedValue.Server.Endpoints;

/// <summary>What headers and parameters of the query hold, for the OpenAPI document.</summary>
static class Fields
{
    public static OpenApiSchema Text => new() { Type = JsonSchemaType.String };

    public static OpenApiSchema Digest => new() { Type = JsonSchemaType.String, Pattern = "^[0-9a-f]{64}$" };

    /// <summary>The bits of a double.</summary>
    public static OpenApiSchema Hex16 => new() { Type = JsonSchemaType.String, Pattern = "^[0-9a-f]{16}$" };

    public static OpenApiSchema Binary => new() { Type = JsonSchemaType.String, Format = "binary" };

    public static OpenApiSchema Json => new() { Type = JsonSchemaType.Object };

    public static OpenApiSchema Whole(long least, long? most = null) => new()
    {
        Type = JsonSchemaType.Integer,
        Format = "int64",
        Minimum = least.ToString(CultureInfo.InvariantCulture),
        Maximum = most?.ToString(CultureInfo.InvariantCulture),
    };
}
