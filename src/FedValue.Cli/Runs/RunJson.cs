using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedValue.Cli.Settings;
using FedValue.Kernels;
using FedValue.Ledger.Storage;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Cli.Runs;

/// <summary>
/// run.json: every setting of the run, so that the file is a configuration again, then <c>result</c> and <c>environment</c>. Only the latter
/// holds times and the machine.
/// </summary>
static class RunJson
{
    public const string ResultMember = "result";
    public const string EnvironmentMember = "environment";

    static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(RunSummary summary)
    {
        JsonObject run = [];
        foreach (SimulationSetting setting in SimulationSettings.All)
            run.Add(setting.Name, setting.Get(summary.Plan.Options));
        run.Remove("threads"); // a property of the machine, not of the run
        run.Add(ResultMember, Result(summary));
        run.Add(EnvironmentMember, Machine(summary));
        return run.ToJsonString(Readable) + "\n";
    }

    /// <summary>What the run found; also what <c>simulate --json</c> prints.</summary>
    public static JsonObject Result(RunSummary summary)
    {
        JsonObject result = WithoutPool(summary);
        if (summary.Counterfactual is { } pool)
            result.Add("counterfactual", Counterfactual(pool));
        return result;
    }

    static JsonObject WithoutPool(RunSummary summary) => new()
    {
        ["entries"] = summary.History.Head.Size,
        ["root"] = summary.History.Head.Root.ToString(),
        ["participants"] = new JsonArray([.. summary.Plan.Participants.Select((participant, k) => new JsonObject
        {
            ["id"] = participant.Id,
            ["examples"] = participant.Rows.Count,
            ["corruptions"] = new JsonArray([.. participant.Corruptions.Select(c => JsonValue.Create(c))]),
            ["rounds"] = summary.History.RoundsOf(participant.Id),
            ["payout"] = summary.History.State.Balances[participant.Id],
            ["values"] = new JsonObject(summary.Methods.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Info.Name, Value(m.Total, k)))),
        })]),
        ["unallocated"] = summary.History.State.Unallocated,
        ["methods"] = new JsonArray([.. summary.Methods.Select(m => new JsonObject
        {
            ["name"] = m.Info.Name,
            ["axioms"] = m.Info.Axioms.ToString(),
            ["spearmanWithExact"] = m.Spearman,
            ["largestShareDifference"] = m.ShareDifference,
            ["evaluations"] = m.Evaluations,
            ["permutations"] = m.Permutations,
        })]),
        ["coalitions"] = new JsonArray([.. summary.CoalitionPaths.Select(path => JsonValue.Create(path))]),
        ["validationLoss"] = Numbers(summary.History.Rounds.Select(r => r.ValidationLoss)),
        ["validationAccuracy"] = Numbers(summary.History.Rounds.Select(r => r.ValidationAccuracy)),
        ["testLoss"] = Numbers(summary.Outcome.TestLosses),
        ["testAccuracy"] = Numbers(summary.Outcome.TestAccuracies),
        ["warnings"] = new JsonArray([.. summary.Warnings.Select(w => JsonValue.Create(w))]),
        ["anomalies"] = AnomalyJson.Of(summary.Anomalies, summary.History.Created.Terms.GramLimit),
    };

    static JsonObject Value(Estimate estimate, int k)
    {
        var value = new JsonObject { ["value"] = estimate.Values[k] };
        if (estimate.Interval(k) is { } interval)
            value["interval95"] = new JsonArray(interval.Low, interval.High);
        if (estimate.IsSampled)
            value["samplingStandardError"] = estimate.SamplingErrors[k];
        if (estimate.UsesValidation)
            value["validationStandardError"] = estimate.ValidationErrors[k];
        if (estimate.HasSpread)
            value["memberStandardDeviation"] = estimate.MemberDeviations[k];
        return value;
    }

    static JsonObject Counterfactual(CounterfactualSummary pool) => new()
    {
        ["method"] = pool.Method,
        ["aggregators"] = new JsonArray([.. pool.Members.Select(Shares)]),
        ["mean"] = Shares(pool.Mean),
        ["equal"] = Shares(pool.Equal),
        ["standardDeviation"] = pool.Total.HasSpread ? Numbers(pool.Total.MemberDeviations) : null,
        ["meanPairwiseDistance"] = pool.Stability,
        ["sizes"] = Numbers(pool.Sizes),
        ["sizeIsTruth"] = pool.SizeIsTruth,
    };

    static JsonObject Shares(CounterfactualShares member)
    {
        var shares = new JsonObject { ["name"] = member.Name };
        if (member.Values is { } values)
            shares["values"] = Numbers(values);
        shares["shares"] = member.Shares is { } known ? Numbers(known) : null;
        shares["squaredDistanceToSizes"] = member.SquaredDistance;
        shares["largestDistanceToSizes"] = member.LargestDistance;
        return shares;
    }

    static JsonArray Numbers(IEnumerable<double> numbers) => new([.. numbers.Select(n => JsonValue.Create(n))]);

    static JsonObject Machine(RunSummary summary) => new()
    {
        ["fedvalue"] = typeof(RunJson).Assembly.GetName().Version?.ToString(3),
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["system"] = RuntimeInformation.OSDescription,
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["vectors"] = CpuBackend.VectorTier,
        ["processors"] = Environment.ProcessorCount,
        ["threads"] = summary.Plan.Options.Threads ?? Environment.ProcessorCount,
        ["sqlite"] = SqliteVersion.Current.ToString(),
        ["sqliteHasWalResetRace"] = SqliteVersion.IsAffectedByWalReset(SqliteVersion.Current),
        ["trainingSeconds"] = summary.Outcome.TrainingTime.TotalSeconds,
        ["methodSeconds"] = new JsonObject(
            summary.Outcome.MethodTimes.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, m.Value.TotalSeconds))),
    };
}
