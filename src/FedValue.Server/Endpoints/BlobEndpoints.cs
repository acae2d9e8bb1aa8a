using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Server.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace FedValue.Server.Endpoints;

/// <summary>Models and other blobs by their digest, which is also their ETag.</summary>
sealed class BlobEndpoints(FederationRegistry registry, AccessControl access)
{
    const string Bytes = "application/octet-stream";

    public void Map(IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/federations/{federation}");
        group.Get("/models/{digest}", ModelAsync).Sends("A model, safetensors; ranges and If-None-Match.", Bytes, 401, 403, 404, 416).ByDigest();
        group.Get("/blobs/{digest}", BlobAsync).Sends("Values, errors, statistics; for the operator any blob.", Bytes, 401, 403, 404, 416).ByDigest();
    }

    async Task<IResult> ModelAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        await access.RequireReaderAsync(http, federation);
        Digest digest = DigestOf(http);
        return await federation.Digests.IsModelAsync(digest, http.RequestAborted)
            ? await SendAsync(http, federation, digest)
            : throw Problems.NotFound("No round of this federation begins with a model of this digest.");
    }

    async Task<IResult> BlobAsync(HttpContext http)
    {
        HostedFederation federation = http.Federation(registry);
        Reader reader = await access.RequireReaderAsync(http, federation);
        Digest digest = DigestOf(http);
        if (!reader.IsOperator && !await federation.Digests.IsPublishedAsync(digest, http.RequestAborted))
            throw Problems.NotAllowed("Participants read models, values, errors and statistics; this blob is none of them.");
        return await federation.Blobs.ContainsAsync(digest, http.RequestAborted)
            ? await SendAsync(http, federation, digest)
            : throw Problems.NotFound("There is no blob of this digest.");
    }

    static async Task<IResult> SendAsync(HttpContext http, HostedFederation federation, Digest digest)
    {
        // What a digest names never changes, but it is for who may read it only.
        http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        Stream content = await federation.Blobs.OpenReadAsync(digest, http.RequestAborted);
        return TypedResults.Stream(content, Bytes, entityTag: new EntityTagHeaderValue($"\"{digest}\""), enableRangeProcessing: true);
    }

    static Digest DigestOf(HttpContext http)
    {
        string text = (string)http.Request.RouteValues["digest"]!;
        return Digest.TryParse(text, out Digest digest) ? digest
            : throw Problems.Malformed("A digest is 64 lower-case hex digits.", "digest", "64 lower-case hex digits", Problems.Shown(text));
    }
}
