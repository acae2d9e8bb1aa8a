using FedValue.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FedValue.Server.Endpoints;

/// <summary>A part of a multipart body.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Schema">What it holds.</param>
/// <param name="ContentType">The type it has.</param>
/// <param name="Description">What it is, as a sentence.</param>
/// <param name="IsRequired">Whether it must come.</param>
sealed record DescribedPart(string Name, OpenApiSchema Schema, string ContentType, string Description, bool IsRequired = false);

/// <summary>What the OpenAPI document says of requests: who may send them, headers, queries and bodies, which endpoints read by hand.</summary>
static class DescribedRequests
{
    /// <summary>Names of the security schemes.</summary>
    public const string Operator = "operator", Participant = "participant";

    public static RouteHandlerBuilder ForOperator(this RouteHandlerBuilder endpoint) => endpoint.For(Operator);

    /// <summary>The operator or an enrolled participant.</summary>
    public static RouteHandlerBuilder ForReaders(this RouteHandlerBuilder endpoint) => endpoint.For(Participant, Operator);

    public static RouteHandlerBuilder Query(this RouteHandlerBuilder endpoint, string name, OpenApiSchema schema, string description) =>
        endpoint.WithMetadata(new TakenParameter(name)).Parameter(ParameterLocation.Query, name, schema, description, isRequired: false);

    public static RouteHandlerBuilder Header(
        this RouteHandlerBuilder endpoint, string name, OpenApiSchema schema, string description, bool isRequired = false) =>
        endpoint.Parameter(ParameterLocation.Header, name, schema, description, isRequired);

    /// <summary>Results of one round or participant, or of all.</summary>
    public static RouteHandlerBuilder OfRounds(this RouteHandlerBuilder endpoint) => endpoint
        .Query("round", Fields.Whole(1, int.MaxValue), "Only this round, which was paid.")
        .Query("participant", Fields.Text, "Only this participant.");

    /// <summary>Bytes that their digest names: in whole, in part, or not again.</summary>
    public static RouteHandlerBuilder ByDigest(this RouteHandlerBuilder endpoint) => endpoint.ForReaders()
        .Header("If-None-Match", Fields.Text, "The ETag, which is the digest in quotes, of what the client has: 304 when it is this.")
        .Header("Range", Fields.Text, "Which bytes: 206 with them.")
        .Produces(206, contentType: "application/octet-stream")
        .Produces(304);

    /// <summary>A body of bytes, not empty.</summary>
    public static RouteHandlerBuilder Bytes(this RouteHandlerBuilder endpoint, string description) =>
        endpoint.Body("application/octet-stream", description, new OpenApiMediaType { Schema = Fields.Binary });

    public static RouteHandlerBuilder Parts(this RouteHandlerBuilder endpoint, IReadOnlyList<DescribedPart> parts)
    {
        foreach (DescribedPart part in parts)
            part.Schema.Description = part.Description;
        return endpoint.Body("multipart/form-data", "The parts, each at most once.", new OpenApiMediaType
        {
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Properties = parts.ToDictionary(part => part.Name, part => (IOpenApiSchema)part.Schema),
                Required = parts.Where(part => part.IsRequired).Select(part => part.Name).ToHashSet(),
            },
            Encoding = parts.ToDictionary(part => part.Name, part => new OpenApiEncoding { ContentType = part.ContentType }),
        });
    }

    /// <summary>The security schemes that operations name.</summary>
    public static void AddSchemes(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Operator] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The operator's token: 'Authorization: Bearer TOKEN'.",
            },
            [Participant] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "FedValue",
                Description = "The participant, Unix seconds and its signature over the request: 'Authorization: FedValue ID:TIME:SIGNATURE'.",
            },
        };
    }

    static RouteHandlerBuilder For(this RouteHandlerBuilder endpoint, params string[] schemes) => endpoint.Change((operation, document) =>
        operation.Security = [.. schemes.Select(scheme => new OpenApiSecurityRequirement
        {
            [new OpenApiSecuritySchemeReference(scheme, document)] = [],
        })]);

    static RouteHandlerBuilder Parameter(this RouteHandlerBuilder endpoint, ParameterLocation location, string name, OpenApiSchema schema,
        string description, bool isRequired) => endpoint.Change((operation, _) =>
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(new OpenApiParameter
        {
            Name = name,
            In = location,
            Required = isRequired,
            Schema = schema,
            Description = description,
        });
    });

    static RouteHandlerBuilder Body(this RouteHandlerBuilder endpoint, string contentType, string description, OpenApiMediaType content) =>
        endpoint.Change((operation, _) => operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType> { [contentType] = content },
        });

    static RouteHandlerBuilder Change(this RouteHandlerBuilder endpoint, Action<OpenApiOperation, OpenApiDocument?> change) =>
        endpoint.AddOpenApiOperationTransformer((operation, context, _) =>
        {
            change(operation, context.Document);
            return Task.CompletedTask;
        });
}
