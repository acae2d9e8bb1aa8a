using FedValue.Valuation.Specs;

namespace FedValue.Federation.Aggregation;

/// <summary>
/// Default settings of the aggregators under a name. What is parsed spells every setting that matters, so a ledger needs no preset.
/// </summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Catalog">The rules with its defaults.</param>
/// <param name="Strategies">The members of a FedRandom pool that names none.</param>
public sealed record AggregationPreset(string Name, SpecCatalog<AggregationRule> Catalog, IReadOnlyList<string> Strategies)
{
    const string FedProx = "fedprox";

    /// <summary>What holds where nothing is said: <see cref="AggregationRules.Catalog"/>.</summary>
    public static AggregationPreset FedValue { get; } = new("fedvalue", AggregationRules.Catalog, ["fedavg", "fedavgm", "fedadam", "fedmedian"]);

    /// <summary>
    /// Flower 1.6 and the eight strategies of "On the Volatility of Shapley-Based Contribution Metrics in FL" (arXiv 2405.08044v4), which
    /// used its defaults. Two of the eight are the same then, FedAvg and FedAvgM, so that they make no pool.
    /// </summary>
    public static AggregationPreset Flower16 { get; } = new(
        "flower-1.6",
        AggregationRules.Catalog.WithDefaults(
            ("fedavgm", "momentum", 0), ("fedadagrad", "tau", 1e-9), ("fedadam", "tau", 1e-9), ("fedadam", "bias-correction", 0),
            ("qfedavg", "q", 0.2)),
        ["fedavg", "fedavgm", "fedadagrad", "fedadam", "fedyogi", "fedmedian", "fedtrimmedavg", "krum"]);

    /// <summary>All presets.</summary>
    public static IReadOnlyList<AggregationPreset> All { get; } = [FedValue, Flower16];

    /// <summary>The preset of a name.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static AggregationPreset Get(string name) => All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new FormatException($"A preset is one of {string.Join(", ", All.Select(preset => preset.Name))}, but '{name}' came.");

    /// <summary>Reads <c>NAME</c> or <c>NAME:setting=value:setting=value</c> with this preset's defaults.</summary>
    /// <exception cref="FormatException">An unknown name or setting, or a value out of range.</exception>
    public AggregationRule Parse(string spec) => spec.Split(':')[0] == FedProx
        ? throw new FormatException($"FedProx aggregates as FedAvg and changes how participants train, but '{spec}' came as an aggregator; " +
            "use --aggregator fedavg with --proximal-mu, or {\"aggregator\": \"fedavg\", \"proximal-mu\": MU} in an experiment.")
        : Catalog.Parse(spec);
}
