using FedValue.Valuation.Specs;

namespace FedValue.Federation.Aggregation;

/// <summary>The aggregation rules by name, with the defaults of current Flower except where the name says otherwise.</summary>
public static class AggregationRules
{
    /// <summary>The names that <see cref="Parse"/> knows, with their settings and defaults.</summary>
    public static SpecCatalog<AggregationRule> Catalog { get; } = new(
        "aggregator",
        [
            new("fedavg", [], _ => new FedAvg()),
            new("fedavgm", [Setting.Positive("server-learning-rate", 1), Setting.Decay("momentum", 0.9)], // Flower's 0 would be FedAvg again
                s => new FedAvgM(s["server-learning-rate"], s["momentum"])),
            new("fedadam",
                [Setting.Positive("learning-rate", 0.1), Setting.Decay("beta1", 0.9), Setting.Decay("beta2", 0.99), Setting.Positive("tau", 1e-3)],
                s => new FedAdam(s["learning-rate"], s["beta1"], s["beta2"], s["tau"])),
            new("fedmedian", [], _ => new FedMedian()),
        ],
        ", and fedrandom, a pool of these");

    /// <summary>Reads <c>NAME</c> or <c>NAME:setting=value:setting=value</c>, for example <c>fedavgm:momentum=0.5</c>.</summary>
    /// <exception cref="FormatException">An unknown name or setting, or a value out of range.</exception>
    public static AggregationRule Parse(string spec) => Catalog.Parse(spec);
}
