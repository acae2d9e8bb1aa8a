namespace FedValue.Valuation.Methods;

/// <summary>All methods by name.</summary>
public static class MethodCatalog
{
    /// <summary>The method every other is compared with.</summary>
    public const string ExactName = "exact";

    /// <summary>What stands in for exact values where there are too many participants to enumerate.</summary>
    public const string PermutationName = "permutation";

    /// <summary>Every method, in the order of tables and reports.</summary>
    public static IReadOnlyList<IRoundMethod> All { get; } =
    [
        new ExactShapley(),
        new PermutationShapley(),
        new Banzhaf(),
        new LeaveOneOut(),
        new InRunFirstOrder(),
        new CosineSimilarity(),
        new UnitGradientShapley(),
        new CalibratedGradientShapley(),
        new GradientShapley(),
        new ChgShapley(unitNorm: true),
        new ChgShapley(unitNorm: false),
    ];

    /// <summary>The method of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static IRoundMethod Get(string name) =>
        All.FirstOrDefault(method => method.Info.Name == name)
        ?? throw new ArgumentException(
            $"There is no valuation method '{name}'; there are {string.Join(", ", All.Select(m => m.Info.Name))}.");
}
