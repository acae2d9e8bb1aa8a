using FedValue.Cli.Reporting;
using FedValue.Valuation.Agreement;

namespace FedValue.Cli.Experiments;

/// <summary>What the numbers of an experiment say, as sentences that hold whatever the numbers are.</summary>
static class ExperimentFindings
{
    /// <summary>"Reduced by more than a third" (FedRandom, arXiv 2602.05693).</summary>
    const double AThirdCloser = 2.0 / 3;

    /// <summary>In how many scenarios FedRandom's paper found that, and in how many more stability.</summary>
    const double InHalf = 0.5, InNineTenths = 0.9;

    public static IReadOnlyList<string> Of(ExperimentSummary summary) =>
    [
        .. summary.Experiment.Methods.SelectMany(method => AgainstEqual(summary, method)),
        .. summary.Experiment.Compare is { } compare
            ? summary.Experiment.Methods.SelectMany(method => Compared(summary, compare, method)) : [],
        .. OfErrors(summary),
        .. Twins(summary),
        .. Missing(summary),
    ];

    static IEnumerable<string> AgainstEqual(ExperimentSummary summary, string method)
    {
        Experiment experiment = summary.Experiment;
        if (experiment.Truth != Truth.Sizes)
            yield break;
        int all = experiment.Aggregators.Count;
        var byCount = Enumerable.Range(0, experiment.Scenarios.Count).ToLookup(
            scenario => Counts.Of(Enumerable.Range(0, all).Select(aggregator => EqualAgainst(summary, scenario, aggregator, method))),
            scenario => experiment.Scenarios[scenario].Name);
        foreach (IGrouping<Counts, string> scenarios in byCount.OrderByDescending(g => (g.Key.Closer, g.Key.Undecided)))
        {
            yield return $"By {method}, equal shares are closer to the data sizes than the shares under {scenarios.Key.Closer} of "
                + $"{Figures.Count(all, "aggregator")} and farther than under {scenarios.Key.Farther}{Rest(scenarios.Key)} in "
                + $"{Figures.Count(scenarios.Count(), "scenario")}: {string.Join("; ", scenarios)}.";
        }

        static string Rest(Counts counts) => (counts.Undecided > 0 ? $", with {counts.Undecided} within the error" : "")
            + (counts.Unknown > 0 ? $", with {counts.Unknown} without shares" : "");
    }

    static Standing EqualAgainst(ExperimentSummary summary, int scenario, int aggregator, string method) =>
        Standings.Of(summary.Experiment.Seeds.Select(seed =>
        {
            CellResult result = summary.Result(scenario, aggregator, seed);
            return result.Values is { } values && ShareDistance.Shares(values[method]) is { } shares && summary.Truth(result) is { } truth
                ? ShareDistance.SquaredEuclidean(ShareDistance.Equal(truth.Length), truth) - ShareDistance.SquaredEuclidean(shares, truth)
                : (double?)null;
        }));

    static IEnumerable<string> Compared(ExperimentSummary summary, ExperimentComparison compare, string method)
    {
        GroupSummary Of(string scenario, string group) =>
            summary.Groups.Single(g => g.Scenario == scenario && g.Group == group && g.Method == method);
        (GroupSummary Group, GroupSummary With)[] pairs =
        [
            .. summary.Experiment.Scenarios.Select(s => (Of(s.Name, compare.Group), Of(s.Name, compare.With)))
                .Where(pair => HasBoth(pair.Item1, pair.Item2)),
        ];
        if (pairs.Length == 0)
            yield break;
        yield return $"By {method}, the mean of {compare.Group} against the mean of {compare.With}: "
            + Closer(pairs, g => g.MeanSquared, g => g.MeanChebyshev);
        yield return $"By {method}, a single one of {compare.Group} against a single one of {compare.With}, on average: "
            + Closer(pairs, g => g.Squared, g => g.Chebyshev);
        if (pairs.All(pair => pair.Group.Stability is not null && pair.With.Stability is not null))
        {
            Counts stable = Count(pairs, g => g.Stability, 1);
            yield return $"By {method}, members of {compare.Group} lie closer together than members of {compare.With} in {stable.Closer} of "
                + $"{Figures.Count(pairs.Length, "scenario")} ({Figures.Percent((double)stable.Closer / pairs.Length)}{WithinError(stable)}).";
            Counts third = Count(pairs, g => g.MeanSquared, AThirdCloser);
            yield return $"By {method}, the claims of FedRandom's paper (arXiv 2602.05693), held against these means: more than a third closer in "
                + $"half of the scenarios is {Verdict(count => count >= InHalf * pairs.Length, third)}; more stable in more than 90 % is "
                + $"{Verdict(count => count > InNineTenths * pairs.Length, stable)}.";
        }
    }

    static bool HasBoth(GroupSummary group, GroupSummary with) => group.BySeed.Zip(with.BySeed).Any(seed => seed is (not null, not null));

    /// <summary>Reproduced where it holds without those within the error, not reproduced where it fails even with all of them.</summary>
    static string Verdict(Func<int, bool> holds, Counts counts) =>
        (holds(counts.Closer) ? "reproduced" : holds(counts.Closer + counts.Undecided) ? "undecided" : "not reproduced")
        + $" ({counts.Closer} of {counts.All}{WithinError(counts)})";

    static string Closer(
        (GroupSummary Group, GroupSummary With)[] pairs, Func<GroupSeed, double?> squared, Func<GroupSeed, double?> chebyshev)
    {
        string Counted(Func<GroupSeed, double?> distance, double factor)
        {
            Counts counts = Count(pairs, distance, factor);
            return $"{counts.Closer}{(counts.Undecided == 0 ? "" : $" ({counts.Undecided} within the error)")}";
        }
        return $"of {Figures.Count(pairs.Length, "scenario")}, in squared distance to the truth closer in {Counted(squared, 1)} and by more than a "
            + $"third in {Counted(squared, AThirdCloser)}; in the largest difference closer in {Counted(chebyshev, 1)} and by more than a third "
            + $"in {Counted(chebyshev, AThirdCloser)}.";
    }

    static string WithinError(Counts counts) => counts.Undecided == 0 ? "" : $", {counts.Undecided} within the error";

    static Counts Count((GroupSummary Group, GroupSummary With)[] pairs, Func<GroupSeed, double?> distance, double factor) =>
        Counts.Of(pairs.Select(pair => Standings.Of(pair.Group.BySeed.Zip(pair.With.BySeed, (group, with) =>
            group is null || with is null ? null : distance(group) - factor * distance(with)))));

    /// <summary>What a reader must know of the sentences above.</summary>
    static IEnumerable<string> OfErrors(ExperimentSummary summary)
    {
        if (summary.Experiment.Truth == Truth.Sizes)
        {
            yield return "Within the error: the mean difference within seeds is not beyond two of its standard errors, or there is a single seed "
                + "and so no error.";
        }
    }

    /// <summary>How many of each standing.</summary>
    readonly record struct Counts(int Closer, int Farther, int Undecided, int Unknown)
    {
        public int All => Closer + Farther + Undecided + Unknown;

        public static Counts Of(IEnumerable<Standing> standings)
        {
            ILookup<Standing, Standing> by = standings.ToLookup(standing => standing);
            return new Counts(
                by[Standing.Closer].Count(), by[Standing.Farther].Count(), by[Standing.Undecided].Count(), by[Standing.Unknown].Count());
        }
    }

    /// <summary>Aggregators that are one under two names would count twice in whatever is averaged over aggregators.</summary>
    static IEnumerable<string> Twins(ExperimentSummary summary)
    {
        Experiment experiment = summary.Experiment;
        for (int a = 0; a < experiment.Aggregators.Count; a++)
        {
            for (int b = a + 1; b < experiment.Aggregators.Count; b++)
            {
                string[] same = [.. Enumerable.Range(0, experiment.Scenarios.Count).Where(s => AreTwins(summary, s, a, b))
                    .Select(s => experiment.Scenarios[s].Name)];
                if (same.Length == 0)
                    continue;
                string where = same.Length == experiment.Scenarios.Count ? "everywhere" : "in " + string.Join("; ", same);
                yield return $"{experiment.Aggregators[a].Name} and {experiment.Aggregators[b].Name} give the same values, bit for bit, {where}.";
            }
        }
    }

    static bool AreTwins(ExperimentSummary summary, int scenario, int a, int b) => summary.Experiment.Seeds.All(seed =>
        summary.Result(scenario, a, seed).Values is { } left && summary.Result(scenario, b, seed).Values is { } right
        && summary.Experiment.Methods.All(method => left[method].AsSpan().SequenceEqual(right[method])));

    static IEnumerable<string> Missing(ExperimentSummary summary)
    {
        int undefined = summary.Aggregators.Sum(a => a.Undefined);
        if (undefined > 0)
        {
            yield return $"{Figures.Count(undefined, "division")} of {Figures.Count(summary.Aggregators.Sum(a => a.Seeds))} "
                + (undefined == 1 ? "has no shares, because its values do not sum to more than 0; it is in no mean."
                    : "have no shares, because their values do not sum to more than 0; they are in no mean.");
        }
        CellResult[] failed = [.. summary.Results.Where(result => result.Failure is not null)];
        if (failed.Length > 0)
        {
            yield return $"{Figures.Count(failed.Length, "simulation")} diverged and {(failed.Length == 1 ? "is" : "are")} in no mean; the first is "
                + $"{summary.Experiment.Describe(failed[0].Cell)}: {failed[0].Failure}";
        }
    }
}
