using System.Text.RegularExpressions;

namespace FedValue.Server.Http;

/// <summary>
/// Names field, expected and came of refusals that arrive as sentences only, because hosts may be in other processes; a sentence that says it
/// otherwise still gets the field by the reason.
/// </summary>
static partial class Blame
{
    /// <summary>An update's problem with what its sentence blames; what an endpoint named already stays.</summary>
    public static ApiProblem Update(ApiProblem problem)
    {
        if (problem.Field is not null)
            return problem;
        return problem.Code switch
        {
            "digest" => Length().IsMatch(problem.Detail)
                ? Of(problem, Length().Match(problem.Detail), "Content-Length") : Of(problem, Digests().Match(problem.Detail), "FedValue-Update"),
            "mismatch" => Of(problem, Mismatch().Match(problem.Detail), "body"),
            "not-finite" => Of(problem, NotFinite().Match(problem.Detail), "body") with { Expected = "finite numbers" },
            "norm" => Of(problem, Norm().Match(problem.Detail), "body"),
            "malformed" => problem with { Field = "body", Expected = "safetensors" },
            "loss" => problem with { Field = "FedValue-Loss", Expected = "the bits of a finite double of 0 or more" },
            "examples" => problem with { Field = "FedValue-Examples" },
            "wrong-round" or "no-round" => problem with { Field = "round" },
            "equivocation" => problem with { Field = "FedValue-Update" },
            "forged" or "unsigned" => problem with { Field = "FedValue-Signature" },
            "not-invited" or "revoked" or "no-key" or "not-found" => problem with { Field = "participant" },
            _ => problem,
        };
    }

    static ApiProblem Of(ApiProblem problem, Match said, string field) => problem with
    {
        Field = said.Groups["field"] is { Success: true, Value: var name } ? Problems.Shown(name) : field,
        Expected = said.Groups["expected"] is { Success: true, Value: var expected } ? expected : null,
        Came = said.Groups["came"] is { Success: true, Value: var came } ? came : null,
    };

    [GeneratedRegex("announced with the digest (?<expected>[0-9a-f]{64}), but .* (?<came>[0-9a-f]{64});")]
    private static partial Regex Digests();

    [GeneratedRegex(@"announced with (?<expected>\d+ bytes), but (?:ended after )?(?<came>\d+|more)")]
    private static partial Regex Length();

    [GeneratedRegex("for '(?<field>.*)' that is (?<expected>.*?), but (?<came>.*) came;")]
    private static partial Regex Mismatch();

    [GeneratedRegex(@"element (?<element>\d+) of tensor '(?<field>.*)' is (?<came>[^ ,]*?)[.,]?(?: |$)")]
    private static partial Regex NotFinite();

    [GeneratedRegex("of norm (?<expected>at most .*?), but its norm is (?<came>.*?);")]
    private static partial Regex Norm();
}
