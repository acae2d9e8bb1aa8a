using FedValue.Valuation.Agreement;

namespace FedValue.Cli.Experiments;

/// <summary>What a <see cref="GroupSummary"/> says, of one seed; distances are null where there is no truth.</summary>
sealed record GroupSeed(double? Squared, double? Chebyshev, double? MeanSquared, double? MeanChebyshev, double? Stability);

/// <summary>
/// A group of aggregators in one scenario by one method, over the seeds in which every member has shares: how far its members lie apart, and
/// where their mean lies.
/// </summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Group">Its name.</param>
/// <param name="Method">Its name.</param>
/// <param name="Members">How many.</param>
/// <param name="Seeds">In how many seeds every member has shares.</param>
/// <param name="Squared">Squared Euclidean distance from the truth, the mean over members.</param>
/// <param name="Chebyshev">Largest difference from the truth, the mean over members.</param>
/// <param name="MeanSquared">Squared Euclidean distance of the members' mean share vector from the truth.</param>
/// <param name="MeanChebyshev">Largest difference of the members' mean share vector from the truth.</param>
/// <param name="Stability">Mean L1 distance of two members' share vectors: 0 where the choice does not matter. Null for a single member.</param>
/// <param name="LargestDifference">The largest difference of one participant's share between two members in any seed.</param>
sealed record GroupSummary(
    string Scenario, string Group, string Method, int Members, int Seeds,
    SeedStatistics? Squared, SeedStatistics? Chebyshev, SeedStatistics? MeanSquared, SeedStatistics? MeanChebyshev,
    SeedStatistics? Stability, double? LargestDifference)
{
    /// <summary>The same seed by seed, in the experiment's order, for differences within a seed; null where a member has no shares.</summary>
    public required IReadOnlyList<GroupSeed?> BySeed { get; init; }

    public static GroupSummary Of(ExperimentSummary summary, int scenario, ExperimentGroup group, string method)
    {
        Experiment experiment = summary.Experiment;
        int[] places = [.. group.Members.Select(name => experiment.Aggregators.TakeWhile(a => a.Name != name).Count())];
        OneSeed?[] all = [.. experiment.Seeds.Select(seed => Seed(summary, scenario, places, seed, method))];
        OneSeed[] seeds = [.. all.OfType<OneSeed>()];
        return new GroupSummary(
            experiment.Scenarios[scenario].Name, group.Name, method, places.Length, seeds.Length,
            SeedStatistics.Of(seeds.Select(s => s.Mean(ShareDistance.SquaredEuclidean))),
            SeedStatistics.Of(seeds.Select(s => s.Mean(ShareDistance.Chebyshev))),
            SeedStatistics.Of(seeds.Select(s => s.OfMean(ShareDistance.SquaredEuclidean))),
            SeedStatistics.Of(seeds.Select(s => s.OfMean(ShareDistance.Chebyshev))),
            SeedStatistics.Of(seeds.Select(s => s.Stability)),
            places.Length > 1 && seeds.Length > 0 ? seeds.Max(s => s.LargestDifference) : null)
        {
            BySeed = [.. all.Select(s => s?.Distances)],
        };
    }

    static OneSeed? Seed(ExperimentSummary summary, int scenario, int[] places, long seed, string method)
    {
        double[]?[] shares =
        [
            .. places.Select(place => summary.Result(scenario, place, seed).Values is { } values ? ShareDistance.Shares(values[method]) : null),
        ];
        return shares.Any(one => one is null) ? null
            : new OneSeed([.. shares.OfType<double[]>()], summary.Truth(summary.Result(scenario, places[0], seed)));
    }

    /// <summary>The members' share vectors of one seed.</summary>
    sealed record OneSeed(double[][] Shares, double[]? Truth)
    {
        public GroupSeed Distances => new(
            Mean(ShareDistance.SquaredEuclidean), Mean(ShareDistance.Chebyshev),
            OfMean(ShareDistance.SquaredEuclidean), OfMean(ShareDistance.Chebyshev), Stability);

        public double? Mean(Func<IReadOnlyList<double>, IReadOnlyList<double>, double> distance) =>
            Truth is null ? null : Average([.. Shares.Select(share => distance(share, Truth))]);

        public double? OfMean(Func<IReadOnlyList<double>, IReadOnlyList<double>, double> distance)
        {
            if (Truth is null)
                return null;
            double[] mean = [.. Enumerable.Range(0, Truth.Length).Select(k => Average([.. Shares.Select(share => share[k])]))];
            return distance(mean, Truth);
        }

        public double? Stability => ShareDistance.MeanPairwise(Shares);

        public double LargestDifference => Pairs(ShareDistance.Chebyshev).Max();

        IEnumerable<double> Pairs(Func<IReadOnlyList<double>, IReadOnlyList<double>, double> distance) =>
            from i in Enumerable.Range(0, Shares.Length)
            from j in Enumerable.Range(i + 1, Shares.Length - i - 1)
            select distance(Shares[i], Shares[j]);

        static double Average(double[] numbers)
        {
            double sum = 0;
            foreach (double number in numbers)
                sum += number;
            return sum / numbers.Length;
        }
    }
}
