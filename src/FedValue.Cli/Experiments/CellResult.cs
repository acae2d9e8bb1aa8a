using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedValue.Cli.Experiments;

/// <summary>What a finished simulation leaves behind. A failed one (training diverged) has a sentence in the place of values.</summary>
sealed record CellResult
{
    const int DigestLength = 16;

    static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public required Cell Cell { get; init; }

    /// <summary>In ordinal order, as all lists below.</summary>
    public required IReadOnlyList<string> Participants { get; init; }

    public required IReadOnlyList<long> Examples { get; init; }

    public required IReadOnlyList<bool> Corrupted { get; init; }

    /// <summary>Weighted sums over rounds, by method and participant; null where it failed.</summary>
    public required IReadOnlyDictionary<string, double[]>? Values { get; init; }

    public required string? Failure { get; init; }

    /// <summary>Wall time of the whole simulation and of each method; not part of any table but times.csv.</summary>
    public required double Seconds { get; init; }

    public required IReadOnlyDictionary<string, double> MethodSeconds { get; init; }

    /// <summary>The line of this result, whose last member is the beginning of the SHA-256 of all that stands before it.</summary>
    public string ToLine(Experiment experiment)
    {
        string content = Content(experiment).ToJsonString(Plain)[..^1];
        return content + Seal(content);
    }

    JsonObject Content(Experiment experiment) => new()
    {
        ["scenario"] = experiment.Scenarios[Cell.Scenario].Name,
        ["aggregator"] = experiment.Aggregators[Cell.Aggregator].Name,
        ["seed"] = Cell.Seed,
        ["participants"] = List(Participants, id => JsonValue.Create(id)),
        ["examples"] = List(Examples, n => JsonValue.Create(n)),
        ["corrupted"] = List(Corrupted, c => JsonValue.Create(c)),
        ["values"] = Values is null ? null
            : new JsonObject(Values.Select(v => KeyValuePair.Create<string, JsonNode?>(v.Key, List(v.Value, x => JsonValue.Create(x))))),
        ["failure"] = Failure,
        ["seconds"] = Seconds,
        ["methodSeconds"] = new JsonObject(MethodSeconds.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, m.Value))),
    };

    static string Seal(string content) =>
        $",\"digest\":\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..DigestLength]}\"}}";

    /// <summary>Reads a line; null where it is none of this experiment, or not as it was written.</summary>
    public static CellResult? FromLine(string line, Experiment experiment)
    {
        int end = line.LastIndexOf(",\"digest\":", StringComparison.Ordinal);
        if (end < 0 || line[end..] != Seal(line[..end]))
            return null;
        try
        {
            JsonObject json = JsonNode.Parse(line)!.AsObject();
            var result = new CellResult
            {
                Cell = new Cell(
                    Place(experiment.Scenarios.Select(s => s.Name), (string)json["scenario"]!),
                    Place(experiment.Aggregators.Select(a => a.Name), (string)json["aggregator"]!), (long)json["seed"]!),
                Participants = [.. json["participants"]!.AsArray().Select(id => (string)id!)],
                Examples = [.. json["examples"]!.AsArray().Select(n => (long)n!)],
                Corrupted = [.. json["corrupted"]!.AsArray().Select(c => (bool)c!)],
                Values = json["values"]?.AsObject().ToDictionary(v => v.Key, v => v.Value!.AsArray().Select(x => (double)x!).ToArray()),
                Failure = (string?)json["failure"],
                Seconds = (double)json["seconds"]!,
                MethodSeconds = json["methodSeconds"]!.AsObject().ToDictionary(m => m.Key, m => (double)m.Value!),
            };
            return result.IsWhole(experiment) ? result : null;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or FormatException or NullReferenceException
            or ArgumentException)
        {
            return null;
        }
    }

    bool IsWhole(Experiment experiment) =>
        Cell is { Scenario: >= 0, Aggregator: >= 0 } && Participants.Count > 0
        && Examples.Count == Participants.Count && Corrupted.Count == Participants.Count
        && (Values is null) != (Failure is null)
        && (Values is null || experiment.Methods.All(m => Values.GetValueOrDefault(m)?.Length == Participants.Count));

    static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> node) => new([.. items.Select(node)]);

    static int Place(IEnumerable<string> names, string name) => names.ToList().IndexOf(name);
}
