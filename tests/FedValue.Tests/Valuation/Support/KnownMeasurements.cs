using FedValue.Valuation.Methods;

namespace FedValue.Tests.Valuation.Support;

/// <summary>Measurements that are given, not measured; what is not given is empty.</summary>
sealed record KnownMeasurements : IRoundMeasurements
{
    public IReadOnlyList<double[]> OwnLosses { get; init; } = [];

    public IReadOnlyList<double> MeanDrop { get; init; } = [];

    public IReadOnlyList<double> WeightedDrop { get; init; } = [];

    public IReadOnlyList<double[]> LossesWithout { get; init; } = [];

    public IReadOnlyList<double[]> CurvatureProducts { get; init; } = [];

    public IReadOnlyList<ClassProducts> LastLayer { get; init; } = [];
}
