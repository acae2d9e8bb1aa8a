using FedValue.Federation.Simulation;
using FedValue.Valuation.Agreement;
using FedValue.Valuation.Methods;

namespace FedValue.Cli.Experiments;

/// <summary>One aggregator in one scenario by one method, over the seeds.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Aggregator">Its name.</param>
/// <param name="Method">Its name.</param>
/// <param name="Seeds">How many simulations there are.</param>
/// <param name="Failed">How many of them diverged.</param>
/// <param name="Undefined">How many had no shares, because the values do not sum to more than 0.</param>
/// <param name="Squared">Squared Euclidean distance of the shares from the truth.</param>
/// <param name="Chebyshev">Largest difference of a share from the truth.</param>
/// <param name="PositiveSquared">As <paramref name="Squared"/>, of the shares of positive parts.</param>
/// <param name="PositiveChebyshev">As <paramref name="Chebyshev"/>, of the shares of positive parts.</param>
/// <param name="Spearman">Rank correlation with exact, where that was computed.</param>
/// <param name="Auroc">Probability that a corrupted participant's value is below an honest one's.</param>
sealed record AggregatorSummary(
    string Scenario, string Aggregator, string Method, int Seeds, int Failed, int Undefined,
    SeedStatistics? Squared, SeedStatistics? Chebyshev, SeedStatistics? PositiveSquared, SeedStatistics? PositiveChebyshev,
    SeedStatistics? Spearman, SeedStatistics? Auroc);

/// <summary>One scenario's truth against equal shares.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Participants">How many of its first seed.</param>
/// <param name="Squared">Squared Euclidean distance of equal shares from the truth.</param>
/// <param name="Chebyshev">Largest difference.</param>
/// <param name="Expected">What Lemma 1 expects of the squared one; null for other partitions than size-dirichlet.</param>
sealed record EqualSummary(string Scenario, int Participants, SeedStatistics? Squared, SeedStatistics? Chebyshev, double? Expected);

/// <summary>The tables of an experiment: pure functions of its simulations.</summary>
sealed class ExperimentSummary
{
    readonly Dictionary<Cell, CellResult> _results;

    /// <summary>Takes the simulations of the experiment's own seeds; all of them must be there.</summary>
    public ExperimentSummary(Experiment experiment, IReadOnlyDictionary<Cell, CellResult> results)
    {
        Experiment = experiment;
        Results = [.. experiment.Cells().Select(cell => results[cell]).OrderBy(result => result.Cell)];
        _results = Results.ToDictionary(result => result.Cell);
        Equal = [.. Enumerable.Range(0, experiment.Scenarios.Count).Select(OfEqual)];
        Aggregators =
        [
            .. from scenario in Enumerable.Range(0, experiment.Scenarios.Count)
            from aggregator in Enumerable.Range(0, experiment.Aggregators.Count)
            from method in experiment.Methods
            select OfAggregator(scenario, aggregator, method),
        ];
        Groups =
        [
            .. from scenario in Enumerable.Range(0, experiment.Scenarios.Count)
            from grouped in experiment.Groups
            from method in experiment.Methods
            select GroupSummary.Of(this, scenario, grouped, method),
        ];
    }

    public Experiment Experiment { get; }

    /// <summary>In canonical order: scenario, aggregator, seed.</summary>
    public IReadOnlyList<CellResult> Results { get; }

    /// <summary>By scenario.</summary>
    public IReadOnlyList<EqualSummary> Equal { get; }

    /// <summary>By scenario, aggregator and method.</summary>
    public IReadOnlyList<AggregatorSummary> Aggregators { get; }

    /// <summary>By scenario, group and method.</summary>
    public IReadOnlyList<GroupSummary> Groups { get; }

    public CellResult Result(int scenario, int aggregator, long seed) => _results[new Cell(scenario, aggregator, seed)];

    public IEnumerable<AggregatorSummary> Of(string scenario, string method) =>
        Aggregators.Where(a => a.Scenario == scenario && a.Method == method);

    /// <summary>Each participant's share of the rows.</summary>
    public static double[] Sizes(CellResult result) => ShareDistance.Shares([.. result.Examples.Select(n => (double)n)])!;

    /// <summary>What shares are held against; null where nothing is.</summary>
    public double[]? Truth(CellResult result) => Experiment.Truth == Experiments.Truth.Sizes ? Sizes(result) : null;

    AggregatorSummary OfAggregator(int scenario, int aggregator, string method)
    {
        CellResult[] all = [.. Experiment.Seeds.Select(seed => Result(scenario, aggregator, seed))];
        CellResult[] whole = [.. all.Where(result => result.Values is not null)];
        SeedStatistics? Distance(
            Func<IReadOnlyList<double>, double[]?> shares, Func<IReadOnlyList<double>, IReadOnlyList<double>, double> distance) =>
            SeedStatistics.Of(whole.Select(result =>
                Truth(result) is { } truth && shares(result.Values![method]) is { } known ? distance(known, truth) : (double?)null));

        bool withExact = Experiment.Methods.Contains(MethodCatalog.ExactName);
        return new AggregatorSummary(
            Experiment.Scenarios[scenario].Name, Experiment.Aggregators[aggregator].Name, method, all.Length, all.Length - whole.Length,
            whole.Count(result => ShareDistance.Shares(result.Values![method]) is null),
            Distance(ShareDistance.Shares, ShareDistance.SquaredEuclidean),
            Distance(ShareDistance.Shares, ShareDistance.Chebyshev),
            Distance(ShareDistance.PositiveShares, ShareDistance.SquaredEuclidean),
            Distance(ShareDistance.PositiveShares, ShareDistance.Chebyshev),
            SeedStatistics.Of(whole.Select(result => withExact
                ? MethodAgreement.Spearman(result.Values![MethodCatalog.ExactName], result.Values[method]) : null)),
            SeedStatistics.Of(whole.Select(result => Experiment.Truth != Experiments.Truth.None
                ? MethodAgreement.AreaUnderCurve(result.Values![method], result.Corrupted) : null)));
    }

    EqualSummary OfEqual(int scenario)
    {
        CellResult[] all = [.. Experiment.Seeds.Select(seed => Result(scenario, 0, seed))]; // data do not depend on the aggregator
        int n = all[0].Participants.Count;
        SeedStatistics? Distance(Func<IReadOnlyList<double>, IReadOnlyList<double>, double> distance) => SeedStatistics.Of(all.Select(result =>
            Truth(result) is { } truth ? distance(ShareDistance.Equal(truth.Length), truth) : (double?)null));

        double? alpha = Experiment.Scenarios[scenario].Options.Partition is { } spec && Partition.Parse(spec) is { Kind: "size-dirichlet" } drawn
            ? drawn.Alpha : null;
        return new EqualSummary(
            Experiment.Scenarios[scenario].Name, n, Distance(ShareDistance.SquaredEuclidean), Distance(ShareDistance.Chebyshev),
            alpha is { } a && Experiment.Truth == Experiments.Truth.Sizes ? ShareDistance.ExpectedOfEqual(n, a) : null);
    }
}
