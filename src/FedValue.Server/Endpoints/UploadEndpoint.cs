using System.Diagnostics;
using System.Globalization;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Ledger;
using FedValue.Protocol.Contracts;
using FedValue.Server.Federations;
using FedValue.Server.Http;
using FedValue.Server.Security;
using FedValue.Server.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedValue.Server.Endpoints;

/// <summary>Takes updates. What the headers decide is decided before the first byte of the body is read.</summary>
sealed class UploadEndpoint(
    FederationRegistry registry, AccessControl access, FailureLimiter failures, ServerLimits limits, ServerTelemetry telemetry)
{
    const int RetryAfter = 1;

    readonly ConcurrencyGate _gate = new("uploads", perOne: 1, limits.ConcurrentUploads, RetryAfter);

    public void Map(IEndpointRouteBuilder routes) => routes
        .Put("/federations/{federation}/rounds/{round}/updates/{participant}", UploadAsync)
        .Says<UploadReply>("Takes an update: the whole local model.", 200, 400, 401, 403, 404, 408, 409, 411, 413, 415, 422)
        .Bytes("The safetensors file of the whole local model under the manifest's names.")
        .Header(UpdateHeaders.Update, Fields.Digest, "SHA-256 of the body.", isRequired: true)
        .Header(
            UpdateHeaders.Examples, Fields.Whole(1), "How many examples the model was trained on, at most as many as were declared.",
            isRequired: true)
        .Header(UpdateHeaders.Loss, Fields.Hex16, "The bits of the training loss, a double.")
        .Header(UpdateHeaders.Signature, Fields.Text, "The participant's ECDSA signature over the update's statement, base64.", isRequired: true);

    async Task<IResult> UploadAsync(HttpContext http)
    {
        using Activity? span = telemetry.Source.StartActivity("upload");
        try
        {
            return await TakeAsync(http, span);
        }
        catch (Exception failure)
        {
            telemetry.UploadRefused(span, http.RequestAborted.IsCancellationRequested ? "aborted" : Problems.Explain(failure)?.Code ?? "defect");
            throw;
        }
    }

    async Task<IResult> TakeAsync(HttpContext http, Activity? span)
    {
        HostedFederation federation = http.Federation(registry);
        UpdateClaim claim = Claim(http.Request, http.Request.ContentLength ?? throw Problems.Of(
            411, "length", "An update says how long it is, so it is not sent in chunks.", "Content-Length", "the number of bytes", "nothing"));
        span?.SetTag("fedvalue.federation", federation.Name).SetTag("fedvalue.round", claim.Round).SetTag("fedvalue.bytes", claim.Bytes);
        http.LimitBody(federation.Manifest.FileLengthMax);
        string who = $"{federation.Name}/{claim.Participant}";
        // Whoever shows nothing of the participant's takes nothing of it, neither its turn nor its failures, and has no ledger read.
        if (SubmissionTurn.Unproven(claim, await federation.Host.StateAsync(http.RequestAborted)) is { } unproven)
            throw Refusal(http, who, unproven);
        failures.Check(who);
        using IDisposable place = _gate.Enter(who);
        SubmissionReply reply = await http.WithinAsync(
            limits.BodyDeadlineSeconds, cancellation => federation.Host.SubmitAsync(claim, http.Request.Body, cancellation));
        return reply is { IsAccepted: true, Receipt: { } receipt }
            ? TypedResults.Ok(new UploadReply(true, ReceiptMessage.Of(receipt)))
            : throw Refusal(http, who, reply);
    }

    ApiException Refusal(HttpContext http, string who, SubmissionReply reply)
    {
        string code = reply.Reason ?? "refused", detail = reply.Problem ?? "The update was refused.";
        if (reply.Receipt is { } receipt)
        {
            failures.Count(who); // every refusal is an entry: nobody may fill a ledger with them
            ApiProblem refused = Problems.Make(code == "equivocation" ? 409 : 422, code, detail) with { Receipt = ReceiptMessage.Of(receipt) };
            return new ApiException(Problems.Blamed(refused, reply.Blame));
        }
        ApiException turned = code switch
        {
            "unknown" => Problems.NotFound(detail),
            "not-invited" or "revoked" or "no-key" => Problems.NotAllowed(detail, code),
            "forged" or "unsigned" => access.Failed(http, detail, code),
            _ => Problems.Conflict(code, detail),
        };
        return new ApiException(Problems.Blamed(turned.Problem, reply.Blame));
    }

    static UpdateClaim Claim(HttpRequest request, long length)
    {
        string digest = Header(request, UpdateHeaders.Update) ?? throw Problems.Field(UpdateHeaders.Update, "64 lower-case hex digits", null);
        string examples = Header(request, UpdateHeaders.Examples) ?? throw Problems.Field(UpdateHeaders.Examples, "a whole number", null);
        string? loss = Header(request, UpdateHeaders.Loss);
        if (!Digest.TryParse(digest, out Digest update))
            throw Problems.Field(UpdateHeaders.Update, "the digest of the body, 64 lower-case hex digits", digest);
        // One spelling, because the number is signed as text.
        if (!long.TryParse(examples, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long count)
            || count.ToString(CultureInfo.InvariantCulture) != examples)
            throw Problems.Field(UpdateHeaders.Examples, "a whole number such as 240", examples);
        double? claimed = loss is null ? null : Bits(loss);
        return new UpdateClaim(
            (string)request.RouteValues["participant"]!, request.RoundPlace(), update, length, count, claimed,
            Header(request, UpdateHeaders.Signature));
    }

    static double Bits(string hex) => hex.Length == 16 && !hex.AsSpan().ContainsAnyExcept("0123456789abcdef")
        ? BitConverter.UInt64BitsToDouble(ulong.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))
        : throw Problems.Field(UpdateHeaders.Loss, "the bits of a double, 16 lower-case hex digits", hex);

    static string? Header(HttpRequest request, string name)
    {
        var values = request.Headers[name];
        return values.Count <= 1 ? values.FirstOrDefault() : throw Problems.Field(name, "one value", $"{values.Count} values");
    }
}
