using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Uncertainty;

public sealed class EstimateTests
{
    static readonly double[][] Replicates = [[1, 10], [2, 10], [3, 16]]; // jackknife errors sqrt(2/3 * 2), sqrt(2/3 * 24)

    [Fact]
    public void The_quantile_is_that_of_Student_with_nineteen_degrees_of_freedom() => Assert.Equal(
        Estimate.Quantile, MathNet.Numerics.Distributions.StudentT.InvCDF(0, 1, Jackknife.Blocks - 1, 0.975), 1e-9);

    [Fact]
    public void Without_sampling_and_without_validation_rows_there_is_no_interval()
    {
        var estimate = Estimate.WithoutInterval([1, 2]);
        Assert.False(estimate.HasInterval);
        Assert.Null(estimate.Interval(0));
        Assert.Equal([0, 0], estimate.SamplingErrors);
        Assert.Empty(estimate.ValidationErrors);
        Assert.Null(Estimate.FromValidation([1], []).Interval(0)); // a utility without replicates says nothing either
    }

    [Fact]
    public void Validation_rows_alone_give_the_jackknife_interval()
    {
        var estimate = Estimate.FromValidation([2, 12], Replicates);
        Assert.True(estimate is { HasInterval: true, UsesValidation: true, IsSampled: false });
        Close.Equal([Math.Sqrt(4.0 / 3), 4], estimate.ValidationErrors);
        (double low, double high) = estimate.Interval(1)!.Value;
        Close.Equal([12 - 4 * Estimate.Quantile, 12 + 4 * Estimate.Quantile], [low, high]);
    }

    [Fact]
    public void Sampling_alone_gives_its_own_interval()
    {
        var estimate = Estimate.Sampled([2, 12], [0.5, 0], []);
        Assert.True(estimate is { HasInterval: true, UsesValidation: false, IsSampled: true });
        Assert.Equal([0.5, 0], estimate.SamplingErrors);
        (double low, double high) = estimate.Interval(0)!.Value;
        Close.Equal([2 - 0.5 * Estimate.Quantile, 2 + 0.5 * Estimate.Quantile], [low, high]);
    }

    [Fact]
    public void Both_errors_add_as_squares()
    {
        var estimate = Estimate.Sampled([2, 12], [0, 3], Replicates);
        (double low, double high) = estimate.Interval(1)!.Value;
        Close.Equal([12 - 5 * Estimate.Quantile, 12 + 5 * Estimate.Quantile], [low, high]); // 3-4-5
    }

    [Fact]
    public void Rounds_add_values_variances_and_replicates_and_a_missed_round_adds_nothing()
    {
        var first = Estimate.Sampled([1, 2], [3, 0], [[1, 2], [3, 2]]);
        var second = Estimate.Sampled([10, 20], [4, 1], [[10, 20], [12, 26]]);
        var sum = Estimate.Sum(4, [(first, [0, 2]), (second, [2, 0])]);
        Assert.Equal([21, 0, 12, 0], sum.Values);
        Close.Equal([Math.Sqrt(9 + 1), 0, 4, 0], sum.SamplingErrors);
        Assert.Equal([21, 0, 12, 0], sum.Replicates[0]);
        Assert.Equal([29, 0, 14, 0], sum.Replicates[1]);
        Close.Equal([4, 0, 1, 0], sum.ValidationErrors); // of two replicates: half their difference
        Assert.True(sum is { IsSampled: true, UsesValidation: true });
    }

    [Fact]
    public void Replicates_are_added_before_the_jackknife_so_that_opposite_errors_cancel()
    {
        var up = Estimate.FromValidation([1], [[0], [2]]);
        var down = Estimate.FromValidation([1], [[2], [0]]);
        Assert.Equal(1, up.ValidationErrors[0]);
        Assert.Equal(0, Estimate.Sum(1, [(up, [0]), (down, [0])]).ValidationErrors[0]);
    }

    [Fact]
    public void A_round_without_replicates_is_the_same_in_every_replicate_of_the_sum()
    {
        var sum = Estimate.Sum(1, [(Estimate.FromValidation([1], [[0], [2]]), [0]), (Estimate.WithoutInterval([5]), [0])]);
        Assert.Equal([6], sum.Values);
        Assert.Equal([5], sum.Replicates[0]);
        Assert.Equal([7], sum.Replicates[1]);
        Assert.Equal(1, sum.ValidationErrors[0]);
    }

    [Fact]
    public void No_rounds_give_zeros_without_an_interval()
    {
        var sum = Estimate.Sum(3, []);
        Assert.Equal([0, 0, 0], sum.Values);
        Assert.Null(sum.Interval(2));
        Assert.Null(Estimate.Sum(1, [(Estimate.WithoutInterval([5]), [0])]).Interval(0));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Estimate.Sampled([1, 2], [1], []));
        Assert.Throws<ArgumentException>(() => Estimate.FromValidation([1, 2], [[1, 2], [1]]));
        Assert.StartsWith("One replicate says nothing about the error",
            Assert.Throws<ArgumentException>(() => Estimate.FromValidation([1], [[1]])).Message);
        var two = Estimate.FromValidation([1], [[0], [2]]);
        var three = Estimate.FromValidation([1], [[0], [2], [1]]);
        Assert.StartsWith("Rounds of 3 and of 2 validation blocks cannot be added.",
            Assert.Throws<ArgumentException>(() => Estimate.Sum(1, [(two, [0]), (three, [0])])).Message);
    }

    [Fact]
    public void Who_took_part_in_no_round_has_the_value_zero_and_no_interval()
    {
        var round = Estimate.FromValidation([1], [[0.9], [1.1]]);
        Estimate sum = Estimate.Sum(2, [(round, [1])]);
        Assert.Equal([0, 1], sum.Values);
        Assert.Null(sum.Interval(0));
        Assert.NotNull(sum.Interval(1));
    }
}
