using System.Text;
using FedValue.Federation.Hosting;
using FedValue.Federation.Rounds;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Storage;
using FedValue.Protocol.Contracts;
using Microsoft.AspNetCore.Http;

namespace FedValue.Server.Http;

/// <summary>The one factory of problems.</summary>
static class Problems
{
    const int ShownMax = 80;

    public static ApiException Malformed(string detail, string? field = null, string? expected = null, string? came = null) =>
        Of(400, "malformed", detail, field, expected, came);

    /// <summary>A field holds something else than it takes.</summary>
    public static ApiException Field(string field, string expected, string? came)
    {
        string shown = came is null ? "nothing" : Shown(came);
        return Malformed($"'{field}' takes {expected}, but {(came is null ? "nothing" : $"'{shown}'")} came.", field, expected, shown);
    }

    public static ApiException NotShownWho(string detail, string code = "unauthorized") => Of(401, code, detail);

    public static ApiException NotAllowed(string detail, string code = "forbidden") => Of(403, code, detail);

    public static ApiException NotFound(string detail, string? field = null, string? expected = null, string? came = null) =>
        Of(404, "not-found", detail, field, expected, came);

    public static ApiException Conflict(string code, string detail, string? field = null, string? expected = null, string? came = null) =>
        Of(409, code, detail, field, expected, came);

    public static ApiException Refused(string code, string detail, ReceiptMessage? receipt = null) =>
        new(Make(422, code, detail) with { Receipt = receipt });

    public static ApiException Busy(int status, string detail, int retryAfter) =>
        new(Make(status, "busy", detail) with { RetryAfter = retryAfter });

    public static ApiException Of(int status, string code, string detail, string? field = null, string? expected = null, string? came = null) =>
        new(Make(status, code, detail) with { Field = field, Expected = expected, Came = came });

    public static ApiProblem Make(int status, string code, string detail) => new(status, Title(status), code, detail);

    /// <summary>What an exception that no endpoint caught means to the client; null: it is the server's own fault.</summary>
    public static ApiProblem? Explain(Exception failure) => failure switch
    {
        ApiException own => own.Problem,
        HostBusyException busy => Busy(503, busy.Message, retryAfter: 1).Problem,
        RoundException or LedgerOrderException => Make(409, "conflict", failure.Message),
        UpdateBodyException body => Blamed(Make(422, "digest", failure.Message), body.Blame),
        SimulationException => Make(422, "settings", failure.Message),
        BadHttpRequestException { StatusCode: 413 } => Make(413, "too-large", "The body is longer than this address takes; send less."),
        BadHttpRequestException { StatusCode: 408 } => Make(408, "too-slow", "The body came too slowly; send it again over a faster connection."),
        BadHttpRequestException bad => Make(bad.StatusCode, "malformed", $"The request is not well formed: {bad.Message}"),
        BlobException => Make(503, "damaged", $"What was asked for cannot be read on the server: {failure.Message}"),
        _ => null,
    };

    /// <summary>The problem with what the domain blames, under the names that the parts of an update have over HTTP.</summary>
    public static ApiProblem Blamed(ApiProblem problem, UpdateBlame? blame) => blame is null ? problem : problem with
    {
        Field = blame.Part switch
        {
            UpdatePart.Participant => "participant",
            UpdatePart.Round => "round",
            UpdatePart.Digest => UpdateHeaders.Update,
            UpdatePart.Length => "Content-Length",
            UpdatePart.Examples => UpdateHeaders.Examples,
            UpdatePart.Loss => UpdateHeaders.Loss,
            UpdatePart.Signature => UpdateHeaders.Signature,
            UpdatePart.Tensor => Shown(blame.Tensor!),
            _ => "body",
        },
        Expected = blame.Expected,
        Came = blame.Came is { } came ? Shown(came) : null,
    };

    /// <summary>Why a text is no participant's id, as a sentence in which the text is fit to be shown; null when it is one.</summary>
    public static string? OfId(string id) =>
        ParticipantId.Problem(id) is not { } problem ? null : id == "" ? problem : problem.Replace(id, Shown(id), StringComparison.Ordinal);

    /// <summary>Text from outside, fit for a sentence: one line, cut after 80 characters unless told otherwise.</summary>
    public static string Shown(string text, int most = ShownMax)
    {
        var shown = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes().Take(most))
            shown.Append(Rune.IsControl(rune) ? "?" : rune.ToString());
        return shown.Length < text.Length ? shown + "..." : shown.ToString();
    }

    static string Title(int status) => status switch
    {
        400 => "Malformed request",
        401 => "Who is asking was not shown",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Method not allowed",
        408 => "Too slow",
        409 => "Does not fit the state",
        411 => "Length required",
        413 => "Too large",
        415 => "Encoding or type not taken",
        416 => "Range outside of the content",
        422 => "Content refused",
        429 => "Too many requests",
        503 => "Not now",
        _ => status < 500 ? "Request refused" : "Server error",
    };
}
