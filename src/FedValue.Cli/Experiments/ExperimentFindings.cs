using FedValue.Cli.Reporting;

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
        .. Twins(summary),
        .. Missing(summary),
    ];

    static IEnumerable<string> AgainstEqual(ExperimentSummary summary, string method)
    {
        if (summary.Experiment.Truth != Truth.Sizes)
            yield break;
        var byCount = summary.Equal.ToLookup(
            equal => summary.Of(equal.Scenario, method).Count(a => !(a.Squared?.Mean <= equal.Squared!.Mean)), equal => equal.Scenario);
        int all = summary.Experiment.Aggregators.Count;
        foreach (IGrouping<int, string> scenarios in byCount.OrderByDescending(g => g.Key))
        {
            string whom = scenarios.Key == all ? (all == 1 ? "the aggregator" : $"all {all} aggregators")
                : scenarios.Key == 0 ? "none of the aggregators" : $"{scenarios.Key} of {all} aggregators";
            yield return $"By {method}, equal shares are closer to the data sizes than the shares under {whom} in "
                + $"{Figures.Count(scenarios.Count(), "scenario")}: {string.Join("; ", scenarios)}.";
        }
    }

    static IEnumerable<string> Compared(ExperimentSummary summary, ExperimentComparison compare, string method)
    {
        GroupSummary Of(string scenario, string group) =>
            summary.Groups.Single(g => g.Scenario == scenario && g.Group == group && g.Method == method);
        (GroupSummary Group, GroupSummary With)[] pairs =
        [
            .. summary.Experiment.Scenarios.Select(s => (Of(s.Name, compare.Group), Of(s.Name, compare.With)))
                .Where(pair => pair.Item1.Seeds > 0 && pair.Item2.Seeds > 0),
        ];
        if (pairs.Length == 0)
            yield break;
        yield return $"By {method}, the mean of {compare.Group} against the mean of {compare.With}: "
            + Closer(pairs, g => g.MeanSquared!.Mean, g => g.MeanChebyshev!.Mean);
        yield return $"By {method}, a single one of {compare.Group} against a single one of {compare.With}, on average: "
            + Closer(pairs, g => g.Squared!.Mean, g => g.Chebyshev!.Mean);
        if (pairs.All(pair => pair.Group.Stability is not null && pair.With.Stability is not null))
        {
            int stable = pairs.Count(pair => pair.Group.Stability!.Mean < pair.With.Stability!.Mean);
            yield return $"By {method}, members of {compare.Group} lie closer together than members of {compare.With} in {stable} of "
                + $"{Figures.Count(pairs.Length, "scenario")} ({Figures.Percent((double)stable / pairs.Length)}).";
            int third = pairs.Count(pair => pair.Group.MeanSquared!.Mean < AThirdCloser * pair.With.MeanSquared!.Mean);
            yield return $"By {method}, the claims of FedRandom's paper (arXiv 2602.05693), held against these means: more than a third closer in "
                + $"half of the scenarios is {Verdict(third >= InHalf * pairs.Length, third, pairs.Length)}; more stable in more than 90 % is "
                + $"{Verdict(stable > InNineTenths * pairs.Length, stable, pairs.Length)}.";
        }
    }

    static string Verdict(bool holds, int count, int all) => $"{(holds ? "" : "not ")}reproduced ({count} of {all})";

    static string Closer(
        (GroupSummary Group, GroupSummary With)[] pairs, Func<GroupSummary, double> squared, Func<GroupSummary, double> chebyshev)
    {
        int Count(Func<GroupSummary, double> distance, double factor) =>
            pairs.Count(pair => distance(pair.Group) < factor * distance(pair.With));
        string of = $" of {Figures.Count(pairs.Length, "scenario")}";
        return $"in squared distance to the truth closer in {Count(squared, 1)}{of} and by more than a third in {Count(squared, AThirdCloser)}; "
            + $"in the largest difference closer in {Count(chebyshev, 1)} and by more than a third in {Count(chebyshev, AThirdCloser)}.";
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
                + "have no shares, because the values do not sum to more than 0; they are in no mean.";
        }
        CellResult[] failed = [.. summary.Results.Where(result => result.Failure is not null)];
        if (failed.Length > 0)
        {
            yield return $"{Figures.Count(failed.Length, "simulation")} diverged and are in no mean; the first is "
                + $"{summary.Experiment.Describe(failed[0].Cell)}: {failed[0].Failure}";
        }
    }
}
