using System.Globalization;
using System.Text.Json.Nodes;
using FedValue.Cli.Commands;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Simulation;
using FedValue.Valuation.Methods;

namespace FedValue.Cli.Settings;

/// <summary>One setting of a simulation: the same name on the command line and in a configuration file.</summary>
/// <param name="Name">Its name without dashes.</param>
/// <param name="Description">What it does, with its default.</param>
/// <param name="Repeats">Whether it may be given several times.</param>
/// <param name="Set">Puts the given texts into the options.</param>
/// <param name="Get">Its value as it stands in run.json.</param>
sealed record SimulationSetting(
    string Name,
    string Description,
    bool Repeats,
    Func<SimulationOptions, IReadOnlyList<string>, SimulationOptions> Set,
    Func<SimulationOptions, JsonNode?> Get);

/// <summary>Every setting, once; command line, configuration file and run.json are read off this table.</summary>
static class SimulationSettings
{
    static readonly SimulationOptions Defaults = new();

    public static IReadOnlyList<SimulationSetting> All { get; } =
    [
        Text("dataset", "digits, breast-cancer, csv:FILE[,label=COL][,participant=COL][,group=COL][,drop=COL+COL][,holdout=ID+ID]"
                + "[,header=yes|no], idx:FOLDER[,train=N][,test=N], uci-har:FOLDER or uci-heart:FOLDER; digits if not given",
            o => o.Dataset, (o, v) => o with { Dataset = v }),
        Text("scenario",
            $"participants, partition and corruptions by one name: {string.Join(", ", NamedScenarios.All.Select(scenario => scenario.Name))}",
            o => o.Scenario, (o, v) => o with { Scenario = v }),
        Text("partition", "iid, natural, dirichlet:A (class mix), size-dirichlet:A (sizes), sizes:W+W, shards:K, classes:K or mixed-classes:F",
            o => o.Partition, (o, v) => o with { Partition = v }),
        Number("participants", "how many participants; 8, or those of the table",
            o => o.Participants, (o, v) => o with { Participants = v }, int.Parse),
        List("corrupt", $"KIND@P,P with participants counted from 1; repeatable; 'none' for none; KIND is {Corruption.Kinds}",
            ';', o => o.Corrupt, (o, v) => o with { Corrupt = v }),
        Number("validation", $"share of rows the server validates with; {Defaults.Validation}",
            o => o.Validation, (o, v) => o with { Validation = v!.Value }, decimal.Parse),
        Number("test", $"share of rows that valuation never sees; {Defaults.Test}",
            o => o.Test, (o, v) => o with { Test = v!.Value }, decimal.Parse),
        Text("model", "softmax, or mlp:64,32 with its hidden widths; softmax", o => o.Model, (o, v) => o with { Model = v }),
        Number("learning-rate", $"step of SGD; {Defaults.LearningRate}",
            o => o.LearningRate, (o, v) => o with { LearningRate = v!.Value }, double.Parse),
        Number("batch-size", $"rows per step; {Defaults.BatchSize}",
            o => o.BatchSize, (o, v) => o with { BatchSize = v!.Value }, int.Parse),
        Number("momentum", $"momentum of SGD; {Defaults.Momentum}",
            o => o.Momentum, (o, v) => o with { Momentum = v!.Value }, double.Parse),
        Number("weight-decay", $"weight decay of SGD; {Defaults.WeightDecay}",
            o => o.WeightDecay, (o, v) => o with { WeightDecay = v!.Value }, double.Parse),
        Number("local-epochs", $"passes over the own rows per round; {Defaults.LocalEpochs}",
            o => o.LocalEpochs, (o, v) => o with { LocalEpochs = v!.Value }, int.Parse),
        Number("proximal-mu", $"FedProx: weight of half the squared distance to the round's model; {Defaults.ProximalMu}",
            o => o.ProximalMu, (o, v) => o with { ProximalMu = v!.Value }, double.Parse),
        Number("participation", $"share of participants invited to a round; {Defaults.Participation}",
            o => o.Participation, (o, v) => o with { Participation = v!.Value }, decimal.Parse),
        Number("rounds", $"how many rounds; {Defaults.Rounds}", o => o.Rounds, (o, v) => o with { Rounds = v!.Value }, int.Parse),
        Text("aggregator",
            $"{string.Join(", ", AggregationRules.Catalog.Entries.Select(k => k.Name))}, with settings as in fedavgm:momentum=0.5, "
                + $"or fedrandom[:NAME,NAME]; {Defaults.Aggregator}",
            o => o.Aggregator, (o, v) => o with { Aggregator = v }),
        Text("preset",
            $"whose defaults aggregators have: {string.Join(" or ", AggregationPreset.All.Select(p => p.Name))}; {AggregationPreset.FedValue.Name}",
            o => o.Preset, (o, v) => o with { Preset = v }),
        List("counterfactual",
            "value every round again under these aggregators, without training with them: comma-separated, or fedrandom for its pool; "
                + $"adds the method {MethodCatalog.FedRandomMeanName}; none",
            ',', o => o.Counterfactual, (o, v) => o with { Counterfactual = v }),
        List("methods",
            $"comma-separated: {string.Join(",", MethodCatalog.Catalog.Entries.Select(m => m.Name))}; "
                + "the usual ones that the cohort allows; 'none' for none",
            ',', o => o.Methods, (o, v) => o with { Methods = v }),
        Text("utility", "validation-loss or validation-accuracy; validation-loss", o => o.Utility, (o, v) => o with { Utility = v }),
        Number("permutations", $"most permutations per round; {Defaults.Permutations}",
            o => o.Permutations, (o, v) => o with { Permutations = v!.Value }, int.Parse),
        Number("tolerance", $"permutations stop at this share of the largest value; {Defaults.Tolerance}",
            o => o.Tolerance, (o, v) => o with { Tolerance = v!.Value }, double.Parse),
        Text("stop", "when permutations stop, instead of --tolerance: NAME:NUMBER joined by & (all; binds first) and | (any) of "
                + "permutations, evaluations, absolute-error, relative-error, rank-stable, "
                + "time (seconds, depends on the machine); --permutations still holds",
            o => o.Stop, (o, v) => o with { Stop = v }),
        Number("gram-limit", $"largest round whose Gram matrix is kept; {Defaults.GramLimit}",
            o => o.GramLimit, (o, v) => o with { GramLimit = v!.Value }, int.Parse),
        Number("budget", $"payout per round in minor units; {Defaults.Budget}",
            o => o.Budget, (o, v) => o with { Budget = v!.Value }, long.Parse),
        Text("pay-by", "the method that decides payouts; exact where computed, else permutation, else the only one of --methods",
            o => o.PayBy, (o, v) => o with { PayBy = v }),
        Text("policy", "proportional, equal or by-size; proportional", o => o.Policy, (o, v) => o with { Policy = v }),
        Text("if-none-positive", "unallocated or equal; unallocated", o => o.IfNonePositive, (o, v) => o with { IfNonePositive = v }),
        Text("round-weights", "how rounds weigh in totals: equal, or halting:R for (R - t) / R in round t = 0, 1, ...; equal",
            o => o.RoundWeights, (o, v) => o with { RoundWeights = v }),
        Text("round-normalization", "what is done to a round's values before they are summed: none, loss-drop, unit-l2 or min-max; none",
            o => o.RoundNormalization, (o, v) => o with { RoundNormalization = v }),
        Number("seed", $"seed of every draw; {Defaults.Seed}", o => o.Seed, (o, v) => o with { Seed = v!.Value }, long.Parse),
        Number("threads", "most threads, changes no bit; one per processor", o => o.Threads, (o, v) => o with { Threads = v }, int.Parse),
    ];

    static SimulationSetting Text(
        string name, string description, Func<SimulationOptions, string?> get, Func<SimulationOptions, string, SimulationOptions> set) =>
        new(name, description, false, (o, texts) => set(o, Single(name, texts)), o => get(o) is { } value ? JsonValue.Create(value) : null);

    static SimulationSetting Number<T>(
        string name, string description, Func<SimulationOptions, T?> get, Func<SimulationOptions, T?, SimulationOptions> set,
        Func<string, NumberStyles, IFormatProvider, T> parse)
        where T : struct =>
        new(name, description, false,
            (o, texts) => set(o, Parse(name, Single(name, texts), parse)),
            o => get(o) is { } value ? JsonValue.Create(value) : null);

    /// <summary>A list in one text with its separator, or in several texts; the text 'none' is the empty list.</summary>
    static SimulationSetting List(
        string name, string description, char separator, Func<SimulationOptions, IReadOnlyList<string>?> get,
        Func<SimulationOptions, IReadOnlyList<string>, SimulationOptions> set) =>
        new(name, description, true,
            (o, texts) => set(o, texts is ["none"] ? [] : [.. texts.SelectMany(text => text.Split(separator, StringSplitOptions.TrimEntries))]),
            o => get(o) is { } values ? new JsonArray([.. values.Select(value => JsonValue.Create(value))]) : null);

    static string Single(string name, IReadOnlyList<string> texts) =>
        texts.Count == 1 ? texts[0] : throw new UsageException($"--{name} takes one value, but {texts.Count} came.");

    static T Parse<T>(string name, string text, Func<string, NumberStyles, IFormatProvider, T> parse)
    {
        bool whole = typeof(T) == typeof(int) || typeof(T) == typeof(long);
        try
        {
            return text.Contains('\0') ? throw new FormatException() // .NET's parsers would pass over it
                : parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException)
        {
            string range = !whole || wrong is not OverflowException ? "" : typeof(T) == typeof(int)
                ? $" from {int.MinValue} to {int.MaxValue}" : $" from {long.MinValue} to {long.MaxValue}";
            throw new UsageException($"--{name} must be {(whole ? "a whole number" : "a number")}{range}, but '{text}' came.");
        }
    }
}
