using System.Globalization;
using System.Text.Json;
using FedValue.Federation.Simulation;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Server.Http;

namespace FedValue.Server.Creation;

/// <summary>The <c>federation</c> part: what an operator wishes; what it leaves out has the defaults of a simulation.</summary>
/// <param name="Name">The federation's name.</param>
/// <param name="IsNative">Whether <c>model</c> names a model that the server knows; otherwise the model part's tensors are the model.</param>
/// <param name="Buffers">Tensors of the model part that are carried along.</param>
/// <param name="Features">How many features a native model takes; null: as many as the validation rows have.</param>
/// <param name="ClassCount">How many classes; null: by names or labels.</param>
/// <param name="ClassNames">The classes' names in their order; null: labels are numbers.</param>
/// <param name="Label">The CSV's column of labels; null: the last one.</param>
/// <param name="Terms">All that becomes terms.</param>
/// <param name="Utility">What coalitions are measured by; null: the loss on the validation rows, where there are any.</param>
/// <param name="NormLimit">The largest norm of an update; null: any.</param>
/// <param name="Schedule">When rounds open and close by themselves; null: the operator opens and closes them.</param>
sealed record FederationSettings(
    string Name, bool IsNative, IReadOnlyList<string> Buffers, int? Features, int? ClassCount, IReadOnlyList<string>? ClassNames, string? Label,
    SimulationOptions Terms, string? Utility, double? NormLimit, RoundSchedule? Schedule)
{
    static readonly string[] Members =
    [
        "name", "model", "buffers", "features", "classes", "label", "aggregator", "methods", "utility", "payBy", "policy", "ifNonePositive",
        "budget", "permutations", "tolerance", "stop", "gramLimit", "seed", "counterfactual", "normLimit", "schedule",
    ];

    static readonly string[] ScheduleMembers = ["rounds", "participants", "quorum", "minimumReporting", "deadlineSeconds"];

    /// <summary>What a setting takes, in a few words; null for one that the federation does not have.</summary>
    public static string? Takes(string setting) => setting switch
    {
        "model" => "softmax, mlp:WIDTHS or a part of safetensors",
        "aggregator" => "an aggregator, perhaps with settings, or a pool fedrandom:NAME,NAME",
        "methods" => "methods that are known and can value these rounds, each once",
        "utility" => "validation-loss or validation-accuracy; none where there are no validation rows",
        "payBy" => "one of the methods where the policy is proportional, else nothing",
        "policy" => "proportional, equal or by-size",
        "ifNonePositive" => "unallocated or equal",
        "budget" => "minor units that fit 63 bits for all rounds together",
        "permutations" => "so many that errors can be told",
        "stop" => "a stop condition, such as permutations:256|relative-error:0.05",
        "counterfactual" => "aggregators, which the method fedrandom-mean reads",
        "normLimit" => "a finite number above 0",
        "schedule.participants" => FormattableString.Invariant($"at most {FederationState.CohortMax}"),
        "schedule.minimumReporting" => "at most the quorum",
        "schedule.deadlineSeconds" => "at most a year",
        _ => null,
    };

    /// <summary>What came for a setting, fit for a problem: of <c>schedule.rounds</c> the member of the member.</summary>
    public static string Shown(ReadOnlyMemory<byte> utf8, string setting)
    {
        using JsonDocument json = JsonDocument.Parse(utf8);
        JsonElement value = json.RootElement;
        foreach (string member in setting.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(member, out value))
                return "nothing";
        }
        return Problems.Shown(value.GetRawText());
    }

    /// <summary>Reads the part; strict: whatever is not known is refused by its name.</summary>
    /// <exception cref="ApiException">Something is missing, unknown or of the wrong kind.</exception>
    public static FederationSettings Parse(ReadOnlyMemory<byte> utf8)
    {
        JsonMembers json = ApiJson.Parse(utf8, "federation", Members);
        string name = json.Text("name");
        if (Problems.OfId(name) is { } problem)
        {
            throw Problems.Malformed(
                $"A federation is named by the rule for participants: {problem}", "name", "letters, digits and . _ -",
                Problems.Shown(name));
        }
        RoundSchedule? schedule = ScheduleOf(json.OptionalObject("schedule", ScheduleMembers));
        string? model = json.OptionalText("model");
        var defaults = new SimulationOptions();
        var terms = new SimulationOptions
        {
            Model = model ?? "",
            Aggregator = json.OptionalText("aggregator") ?? defaults.Aggregator,
            Methods = json.OptionalTexts("methods"),
            PayBy = json.OptionalText("payBy"),
            Policy = json.OptionalText("policy") ?? defaults.Policy,
            IfNonePositive = json.OptionalText("ifNonePositive") ?? defaults.IfNonePositive,
            Budget = json.OptionalWhole("budget", 0, long.MaxValue) ?? defaults.Budget,
            Permutations = (int)(json.OptionalWhole("permutations", 1, int.MaxValue) ?? defaults.Permutations),
            Tolerance = json.OptionalNumber("tolerance") ?? defaults.Tolerance,
            Stop = json.OptionalText("stop"),
            GramLimit = (int)(json.OptionalWhole("gramLimit", 0, int.MaxValue) ?? defaults.GramLimit),
            Seed = json.OptionalWhole("seed", 0, FederationState.DeclaredExamplesMax) ?? defaults.Seed,
            Counterfactual = json.OptionalTexts("counterfactual"),
            Rounds = schedule?.Rounds ?? 1,
        };
        bool countsClasses = json.IsNumber("classes");
        return new FederationSettings(
            name, model is not null, json.OptionalTexts("buffers") ?? [], (int?)json.OptionalWhole("features", 1, int.MaxValue),
            countsClasses ? (int?)json.OptionalWhole("classes", 2, int.MaxValue) : null, countsClasses ? null : Names(json),
            json.OptionalText("label"), terms, json.OptionalText("utility"), json.OptionalNumber("normLimit"), schedule);
    }

    static IReadOnlyList<string>? Names(JsonMembers json)
    {
        IReadOnlyList<string>? names = json.OptionalTexts("classes");
        return names is null || (names.Count >= 2 && names.Distinct(StringComparer.Ordinal).Count() == names.Count)
            ? names
            : throw Problems.Field("classes", "two different names or more, or a number", names.Count.ToString(CultureInfo.InvariantCulture));
    }

    static RoundSchedule? ScheduleOf(JsonMembers? json) => json is null ? null : new RoundSchedule(
        (int)json.Whole("rounds", 1, int.MaxValue), (int)json.Whole("participants", 1, int.MaxValue),
        (int)(json.OptionalWhole("quorum", 0, int.MaxValue) ?? 0), (int)(json.OptionalWhole("minimumReporting", 1, int.MaxValue) ?? 1),
        json.OptionalWhole("deadlineSeconds", 0, long.MaxValue) ?? 0);
}
