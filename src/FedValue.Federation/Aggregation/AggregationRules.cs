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
                [
                    Setting.Positive("learning-rate", 0.1), Setting.Decay("beta1", 0.9), Setting.Decay("beta2", 0.99),
                    Setting.Positive("tau", 1e-3), Setting.Switch("bias-correction", true),
                ],
                s => new FedAdam(s["learning-rate"], s["beta1"], s["beta2"], s["tau"], s["bias-correction"] == 1)),
            new("fedmedian", [], _ => new FedMedian()),
            new("fedadagrad", [Setting.Positive("learning-rate", 0.1), Setting.Positive("tau", 1e-3)],
                s => new FedAdagrad(s["learning-rate"], s["tau"])),
            new("fedyogi",
                [Setting.Positive("learning-rate", 0.01), Setting.Decay("beta1", 0.9), Setting.Decay("beta2", 0.99), Setting.Positive("tau", 1e-3)],
                s => new FedYogi(s["learning-rate"], s["beta1"], s["beta2"], s["tau"])),
            new("fedtrimmedavg", [new Setting("beta", 0.2, "0 or more and below 0.5", v => v is >= 0 and < 0.5)],
                s => new FedTrimmedAvg(s["beta"])),
            new("krum", [Setting.Count("byzantine", 0)], s => new Krum(s.Count("byzantine"))),
            new("multikrum", [Setting.Count("byzantine", 0), Setting.Count("keep", 1, smallest: 1)],
                s => new MultiKrum(s.Count("byzantine"), s.Count("keep"))),
            new("bulyan", [Setting.Count("byzantine", 0)], s => new Bulyan(s.Count("byzantine"))),
            new("qfedavg", [Setting.NotNegative("q", 0.1), Setting.Positive("learning-rate", 0.1)],
                s => new QFedAvg(s["q"], s["learning-rate"])),
        ],
        ", and fedrandom, a pool of these");

    /// <summary>Reads <c>NAME</c> or <c>NAME:setting=value:setting=value</c>, for example <c>fedavgm:momentum=0.5</c>.</summary>
    /// <exception cref="FormatException">An unknown name or setting, or a value out of range.</exception>
    public static AggregationRule Parse(string spec) => AggregationPreset.FedValue.Parse(spec);
}
