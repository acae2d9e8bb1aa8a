using System.Text.Json.Serialization;
using FedValue.Protocol.Contracts;

namespace FedValue.Server.Http;

/// <summary>What every error says (RFC 9457): <c>application/problem+json</c>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">The kind of problem in a few words.</param>
/// <param name="Code">The kind of problem for a program.</param>
/// <param name="Detail">What was expected, what came and what to do, as a sentence.</param>
/// <param name="Field">The header, parameter or JSON member to blame; left out where none is.</param>
/// <param name="Expected">What it takes.</param>
/// <param name="Came">What came.</param>
/// <param name="Receipt">The receipt of the entry that this left on the ledger; left out where it left none.</param>
public sealed record ApiProblem(
    int Status,
    string Title,
    string Code,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Expected = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Came = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReceiptMessage? Receipt = null)
{
    /// <summary>After how many seconds to try again; a header, not a member.</summary>
    [JsonIgnore]
    public int? RetryAfter { get; init; }
}

/// <summary>A request that ends in a problem.</summary>
sealed class ApiException(ApiProblem problem) : Exception(problem.Detail)
{
    public ApiProblem Problem => problem;
}
