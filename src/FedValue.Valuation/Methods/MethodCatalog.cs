using FedValue.Valuation.Specs;

namespace FedValue.Valuation.Methods;

/// <summary>All methods by name.</summary>
public static class MethodCatalog
{
    /// <summary>The method every other is compared with.</summary>
    public const string ExactName = "exact";

    /// <summary>What stands in for exact values where there are too many participants to enumerate.</summary>
    public const string PermutationName = "permutation";

    /// <summary>The method that reads the counterfactual pool, with its default settings.</summary>
    public const string FedRandomMeanName = "fedrandom-mean";

    /// <summary>What pays where there is no validation data and nobody names a method.</summary>
    public const string AgreementName = "gradient-shapley-agreement";

    /// <summary>The method whose high values are bad.</summary>
    public const string HardnessName = "hardness";

    /// <summary>The methods of a run that names none.</summary>
    static readonly SpecEntry<IRoundMethod>[] Usual =
    [
        new(ExactName, [], _ => new ExactShapley()),
        new(PermutationName, [], _ => new PermutationShapley()),
        new("banzhaf", [], _ => new Banzhaf()),
        new("loo", [], _ => new LeaveOneOut()),
        new("in-run", [], _ => new InRunFirstOrder()),
        new("cosine", [], _ => new CosineSimilarity()),
        new("gradient-shapley-unit", [], _ => new UnitGradientShapley()),
        new("gradient-shapley-calibrated", [], _ => new CalibratedGradientShapley()),
        new("gradient-shapley", [], _ => new GradientShapley()),
        new("chg-unit", [], _ => new ChgShapley(unitNorm: true)),
        new("chg", [], _ => new ChgShapley(unitNorm: false)),
    ];

    /// <summary>Methods that are computed where they are asked for.</summary>
    static readonly SpecEntry<IRoundMethod>[] Further =
    [
        new("beta", [Setting.Positive("alpha", 16), Setting.Positive("beta", 1)], s => new BetaShapley(s)), // Kwon and Zou's own choice
        new("banzhaf-msr", [], _ => new BanzhafSampleReuse()),
        new("permutation-antithetic", [], _ => new AntitheticShapley()),
        new("stratified", [], _ => new StratifiedShapley()),
        new("owen", [Setting.Count("levels", 2, smallest: 1)], s => new OwenShapley(s)),
        new("tmc", [Setting.Decay("tolerance", 0.05)], s => new TruncatedShapley(s)),
        new("gtg",
            [
                Setting.NotNegative("between", 0.001), Setting.NotNegative("within", 0.001), Setting.Positive("change", 0.05),
                Setting.Count("last", 10, smallest: 1),
            ],
            s => new GuidedShapley(s)),
        new("fedsv", [Setting.NotNegative("epsilon", 0.2), Setting.Share("delta", 0.05)], s => new FederatedShapley(s)),
        new("mr", [], _ => new MultiRound()),
        new("tmr", [Setting.Share("decay", 0.9), Setting.NotNegative("truncation", 0.01)], s => new TruncatedMultiRound(s)),
        new("or", [], _ => new OneRound()),
        new("in-run-2", [], _ => new InRunSecondOrder()),
        new(HardnessName, [], _ => new HardnessShapley()),
        new(AgreementName, [], _ => new AgreementGradientShapley()),
        new("weighted-mean", [], _ => new WeightedMeanShapley()),
        new("logdet", [Setting.Positive("lambda", 0.01)], values => new LogDetShapley(values.Text, values["lambda"])),
        new("ridge-leverage", [Setting.Positive("lambda", 0.01)], values => new RidgeLeverage(values.Text, values["lambda"])),
        new("asymmetric", [], _ => new AsymmetricShapley()),
        new("dig-fl", [], _ => new DigFl()),
        new("cgsv", [Setting.Decay("momentum", 0.95)], values => new Cgsv(values.Text, values["momentum"])),
        new("shapfed", [Setting.Decay("momentum", 0.95)], values => new ShapFed(values.Text, values["momentum"])),
        new("fedce", [], _ => new FedCe()),
        new(FedRandomMeanName, [FedRandomMean.ExactUpTo], s => new FedRandomMean(s)),
    ];

    /// <summary>Every name with its settings.</summary>
    public static SpecCatalog<IRoundMethod> Catalog { get; } = new("valuation method", [.. Usual, .. Further]);

    /// <summary>The methods of a run that names none, in the order of tables and reports.</summary>
    public static IReadOnlyList<IRoundMethod> Defaults { get; } = [.. Usual.Select(entry => Catalog.Parse(entry.Name))];

    /// <summary>
    /// The methods of a federation without validation data that names none; the first one pays. All say agreement or novelty, not quality.
    /// </summary>
    public static IReadOnlyList<IRoundMethod> WithoutValidation { get; } =
        [.. new[] { AgreementName, "gradient-shapley", "cgsv", "ridge-leverage" }.Select(Catalog.Parse)];

    /// <summary>Every method with its default settings, in the order of tables and reports.</summary>
    public static IReadOnlyList<IRoundMethod> All { get; } = [.. Catalog.Entries.Select(entry => Catalog.Parse(entry.Name))];

    /// <summary>The method that a spec <c>NAME</c> or <c>NAME:setting=value</c> names.</summary>
    /// <exception cref="FormatException">There is none, or a setting is wrong.</exception>
    public static IRoundMethod Get(string spec) => Catalog.Parse(spec);
}
