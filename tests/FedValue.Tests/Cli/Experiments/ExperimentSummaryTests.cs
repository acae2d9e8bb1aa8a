using FedValue.Cli.Experiments;
using FedValue.Federation.Simulation;

namespace FedValue.Tests.Cli.Experiments;

/// <summary>Tables of made-up values, by hand.</summary>
public sealed class ExperimentSummaryTests
{
    /// <summary>Two participants of sizes 1:3, so a truth of (0.25, 0.75); values per aggregator and seed.</summary>
    static ExperimentSummary Summary(double[][] a, double[][] b, Truth truth = Truth.Sizes, bool[]? corrupted = null, string partition = "iid",
        bool pairs = false, string method = "exact")
    {
        var experiment = new Experiment
        {
            Name = "made-up",
            About = "",
            Digest = "",
            Seeds = [.. Enumerable.Range(1, a.Length).Select(seed => (long)seed)],
            Scenarios = [new ExperimentScenario("here", new SimulationOptions { Partition = partition })],
            Aggregators = [new ExperimentAggregator("a", "fedavg", null), new ExperimentAggregator("b", "krum", null)],
            Groups =
            [
                new ExperimentGroup("both", ["a", "b"]), new ExperimentGroup("only a", pairs ? ["a", "a"] : ["a"]),
                new ExperimentGroup("only b", pairs ? ["b", "b"] : ["b"]),
            ],
            Compare = truth == Truth.Sizes ? new ExperimentComparison("only a", "only b") : null,
            Methods = [method],
            Truth = truth,
        };
        return new ExperimentSummary(experiment, experiment.Cells().ToDictionary(cell => cell, cell => new CellResult
        {
            Cell = cell,
            Participants = ["p-1", "p-2"],
            Examples = [10, 30],
            Corrupted = corrupted ?? [false, false],
            Values = new Dictionary<string, double[]> { [method] = (cell.Aggregator == 0 ? a : b)[cell.Seed - 1] },
            Failure = null,
            Seconds = 0,
            MethodSeconds = new Dictionary<string, double>(),
        }));
    }

    [Fact]
    public void Distances_are_means_over_the_seeds_with_their_standard_error()
    {
        AggregatorSummary a = Summary([[2, 2], [0, 4]], [[1, 3], [1, 3]]).Aggregators[0];
        Assert.Equal(0.125, a.Squared!.Mean); // shares (.5, .5) and (0, 1): both 2 * 0.25^2
        Assert.Equal(0, a.Squared.Error);
        Assert.Equal(0.25, a.Chebyshev!.Mean);

        AggregatorSummary spread = Summary([[1, 3], [0, 4], [4, 0]], [[1, 3], [1, 3], [1, 3]]).Aggregators[0];
        double[] squared = [0, 0.125, 1.125];
        Assert.Equal(squared.Average(), spread.Squared!.Mean, 15);
        Assert.Equal(0.125, spread.Squared.Median);
        Assert.Equal(Math.Sqrt(squared.Sum(x => (x - squared.Average()) * (x - squared.Average())) / 2 / 3), spread.Squared.Error!.Value, 15);
    }

    [Fact]
    public void The_true_shares_have_no_distance_and_equal_ones_that_of_half_and_half()
    {
        ExperimentSummary summary = Summary([[1, 3]], [[2, 2]]);
        Assert.Equal(0, summary.Aggregators[0].Squared!.Mean);
        Assert.Null(summary.Aggregators[0].Squared!.Error);
        Assert.Equal(0.125, summary.Equal[0].Squared!.Mean);
        Assert.Equal(0.25, summary.Equal[0].Chebyshev!.Mean);
        Assert.Null(summary.Equal[0].Expected);
    }

    [Theory]
    [InlineData(new[] { 1.0, 3, 1, 3 }, new[] { 0.5, 3, 0.6, 3 }, "0 of 2 aggregators and farther than under 2 in 1 scenario: here.")]
    [InlineData(new[] { 1.0, 3, 1, 3 }, new[] { 4.0, 0, 4, 0 }, "1 of 2 aggregators and farther than under 1 in 1 scenario: here.")]
    [InlineData(new[] { -1.0, -3, -1, -3 }, new[] { 1.0, 3, 1, 3 },
        "0 of 2 aggregators and farther than under 1, with 1 without shares in 1 scenario: here.")] // no shares are no victory of equal ones
    [InlineData(new[] { 1.0, 3, 1, 3 }, new[] { 1.0, 3, 3, 2 },
        "0 of 2 aggregators and farther than under 1, with 1 within the error in 1 scenario: here.")] // differences of 0.125 and -0.12
    [InlineData(new[] { 1.0, 3 }, new[] { 4.0, 0 }, "0 of 2 aggregators and farther than under 0, with 2 within the error in 1 scenario: here.")]
    public void Equal_shares_are_closer_only_beyond_the_error(double[] a, double[] b, string part)
    {
        IReadOnlyList<string> findings = ExperimentFindings.Of(Summary([.. a.Chunk(2)], [.. b.Chunk(2)]));
        Assert.Equal("By exact, equal shares are closer to the data sizes than the shares under " + part, findings[0]);
        Assert.Contains(findings, finding => finding.StartsWith("Within the error: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new double[0], nameof(Standing.Unknown))]
    [InlineData(new[] { -1.0 }, nameof(Standing.Undecided))]
    [InlineData(new[] { -1.0, -1 }, nameof(Standing.Closer))]
    [InlineData(new[] { 0.0, 0 }, nameof(Standing.Undecided))]
    [InlineData(new[] { 3.0, 1 }, nameof(Standing.Undecided))] // mean 2, error 1
    [InlineData(new[] { 3.0, 1.1 }, nameof(Standing.Farther))]
    [InlineData(new[] { -3.0, -1.1 }, nameof(Standing.Closer))]
    public void A_difference_counts_beyond_two_standard_errors(double[] differences, string expected) =>
        Assert.Equal(expected, Standings.Of(differences.Select(d => (double?)d)).ToString());

    [Fact]
    public void Lemma_1_stands_beside_what_the_seeds_gave() =>
        Assert.Equal(1.0 / (4 * 10 + 2), Summary([[1, 3]], [[2, 2]], partition: "size-dirichlet:10").Equal[0].Expected);

    [Fact]
    public void Negative_values_are_negative_shares_and_nothing_in_the_positive_ones()
    {
        AggregatorSummary a = Summary([[-1, 3]], [[1, 3]]).Aggregators[0]; // shares (-.5, 1.5), positive (0, 1)
        Assert.Equal(2 * 0.75 * 0.75, a.Squared!.Mean);
        Assert.Equal(0.125, a.PositiveSquared!.Mean);
    }

    [Fact]
    public void A_total_that_is_not_above_zero_has_no_shares_and_is_counted()
    {
        ExperimentSummary summary = Summary([[-1, -3], [1, 3]], [[2, 2], [2, 2]]);
        Assert.Equal(1, summary.Aggregators[0].Undefined);
        Assert.Equal(1, summary.Aggregators[0].Squared!.Count);
        Assert.Equal(0, summary.Aggregators[0].Squared!.Mean);
        Assert.Equal(1, summary.Groups[0].Seeds);
        Assert.Contains(ExperimentFindings.Of(summary),
            finding => finding.StartsWith("1 division of 4 has no shares, because its values", StringComparison.Ordinal));
    }

    [Fact]
    public void Stability_is_the_L1_distance_of_two_members_and_a_mean_of_shares_may_be_closer_than_both()
    {
        GroupSummary both = Summary([[0, 4]], [[2, 2]]).Groups[0]; // (0, 1) and (.5, .5): their mean is the truth
        Assert.Equal(1, both.Stability!.Mean);
        Assert.Equal(0.5, both.LargestDifference);
        Assert.Equal(0.125, both.Squared!.Mean);
        Assert.Equal(0, both.MeanSquared!.Mean);
        Assert.Equal(0, both.MeanChebyshev!.Mean);
    }

    [Fact]
    public void A_group_of_one_is_its_member_and_has_no_stability()
    {
        GroupSummary alone = Summary([[0, 4]], [[2, 2]]).Groups[1];
        Assert.Equal(0.125, alone.MeanSquared!.Mean);
        Assert.Null(alone.Stability);
        Assert.Null(alone.LargestDifference);
    }

    [Fact]
    public void A_comparison_counts_scenarios_that_are_closer_and_those_closer_by_a_third()
    {
        string Comparison(double[][] a) => ExperimentFindings.Of(Summary(a, [[2, 2], [2, 2]])).First(f => f.Contains("the mean of only a"));
        const string of = "of 1 scenario, in squared distance to the truth closer in ";
        Assert.Contains(of + "1 and by more than a third in 1;", Comparison([[1.05, 2.95], [1.05, 2.95]]), StringComparison.Ordinal);
        Assert.Contains(of + "1 and by more than a third in 0;", Comparison([[1.9, 2.1], [1.9, 2.1]]), StringComparison.Ordinal);
        Assert.Contains(of + "0 (1 within the error) and by more than a third in 0 (1 within the error);",
            Comparison([[1, 3], [2.1, 1.9]]), StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_are_compared_in_the_seeds_that_both_have()
    {
        string Comparison(double[][] a, double[][] b) => string.Join('\n', ExperimentFindings.Of(Summary(a, b)));
        Assert.DoesNotContain("the mean of only a", Comparison([[-1, -3], [1, 3]], [[1, 3], [-1, -3]]), StringComparison.Ordinal);
        Assert.Contains("closer in 0 (1 within the error)", Comparison([[-1, -3], [1, 3]], [[1, 3], [2, 2]]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_claims_of_FedRandoms_paper_are_judged_by_the_numbers()
    {
        string Verdict(params double[][] b) =>
            ExperimentFindings.Of(Summary([[1, 3], [1, 3]], b, pairs: true)).Single(f => f.Contains("2602.05693"));
        Assert.Contains("half of the scenarios is reproduced (1 of 1)", Verdict([4, 0], [4, 0]), StringComparison.Ordinal);
        Assert.Contains("half of the scenarios is undecided (0 of 1, 1 within the error)", Verdict([1, 3], [4, 0]), StringComparison.Ordinal);
        Assert.Contains("90 % is undecided (0 of 1, 1 within the error)", Verdict([4, 0], [4, 0]), StringComparison.Ordinal);
        Assert.Contains("half of the scenarios is not reproduced (0 of 1)",
            ExperimentFindings.Of(Summary([[4, 0], [4, 0]], [[1, 3], [1, 3]], pairs: true)).Single(f => f.Contains("2602.05693")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Aggregators_with_the_same_values_are_named()
    {
        const string same = "a and b give the same values, bit for bit, everywhere.";
        Assert.Contains(same, ExperimentFindings.Of(Summary([[1, 3], [2, 3]], [[1, 3], [2, 3]])));
        Assert.DoesNotContain(same, ExperimentFindings.Of(Summary([[1, 3], [2, 3]], [[1, 3], [2, Math.BitIncrement(3)]])));
    }

    [Fact]
    public void Corrupted_participants_are_found_by_low_values()
    {
        ExperimentSummary summary = Summary([[1, 3], [3, 1]], [[1, 3], [2, 3]], Truth.Corrupted, [true, false]);
        Assert.Equal([0.5, 1], summary.Aggregators.Select(a => a.Auroc!.Mean));
        Assert.All(summary.Aggregators, a => Assert.Null(a.Squared));
        Assert.Null(summary.Equal[0].Squared);
        Assert.All(Summary([[1, 3]], [[1, 3]], Truth.None, [true, false]).Aggregators, a => Assert.Null(a.Auroc));
    }

    [Fact]
    public void Where_high_is_bad_the_table_says_so()
    {
        string Title(string method) => ExperimentTables.Of(Summary([[1, 3]], [[1, 3]], Truth.Corrupted, [true, false], method: method))
            .Single(table => table.Title.StartsWith("AUROC", StringComparison.Ordinal)).Title;
        Assert.EndsWith("(high hardness is bad, so 0.00 finds all of them and 1.00 none)", Title("hardness"), StringComparison.Ordinal);
        Assert.DoesNotContain("bad", Title("loo"), StringComparison.Ordinal);
    }
}
