using System.Text.RegularExpressions;
using FedValue.Ledger;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FedValue.Server.Endpoints;

/// <summary>What the OpenAPI document says beyond the endpoints' own words.</summary>
static partial class ApiDocument
{
    public static void Describe(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "FedValue";
            document.Info.Description = "Federations of real trainers: who contributed what, and who is owed what. "
                + "Operators send 'Authorization: Bearer TOKEN', participants 'Authorization: FedValue ID:TIME:SIGNATURE'.";
            DescribedRequests.AddSchemes(document);
            foreach ((string path, IOpenApiPathItem item) in document.Paths)
                NameParameters(path, (OpenApiPathItem)item);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(Digest) || context.JsonTypeInfo.Type == typeof(Digest?))
                (schema.Type, schema.Pattern) = (JsonSchemaType.String, "^[0-9a-f]{64}$");
            return Task.CompletedTask;
        });
    }

    static void NameParameters(string path, OpenApiPathItem item)
    {
        item.Parameters ??= [];
        foreach (Match name in Parameter().Matches(path))
        {
            item.Parameters.Add(new OpenApiParameter
            {
                Name = name.Groups[1].Value,
                In = ParameterLocation.Path,
                Required = true,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    [GeneratedRegex("{([a-z]+)}")]
    private static partial Regex Parameter();
}
