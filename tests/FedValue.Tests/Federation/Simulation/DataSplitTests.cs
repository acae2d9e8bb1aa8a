using FedValue.Federation.Simulation;
using FedValue.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace FedValue.Tests.Federation.Simulation;

public class DataSplitTests
{
    static readonly Arbitrary<(int Rows, decimal Validation, decimal Test, int Owners)> Splits = Gen.Zip(
            Gen.Zip(Gen.Choose(1, 300), Gen.Choose(0, 12)),
            Gen.Zip(Gen.Choose(1, 60), Gen.Choose(0, 39)))
        .Select(pair => (pair.Item1.Item1, pair.Item2.Item1 / 100m, pair.Item2.Item2 / 100m, pair.Item1.Item2))
        .ToArbitrary();

    [Fact]
    public void Every_row_is_on_one_side() => Prop.ForAll(Splits, split =>
    {
        (Dataset data, DataSplit drawn) = Draw(split);
        return drawn.Train.Concat(drawn.Validation).Concat(drawn.Test).Order().SequenceEqual(Enumerable.Range(0, data.Count))
            && drawn.Train.SequenceEqual(drawn.Train.Order()) && drawn.Test.SequenceEqual(drawn.Test.Order());
    }).Holds();

    [Fact]
    public void Every_participant_gives_its_shares_rounded_down_and_keeps_the_rest() => Prop.ForAll(Splits, split =>
    {
        (Dataset data, DataSplit drawn) = Draw(split);
        string Owner(int row) => data.Participants?[row] ?? "";
        return Enumerable.Range(0, data.Count).GroupBy(Owner).All(held =>
        {
            int rows = held.Count(), train = drawn.Train.Count(row => Owner(row) == held.Key);
            return drawn.Validation.Count(row => Owner(row) == held.Key) == decimal.Floor(split.Validation * rows)
                && drawn.Test.Count(row => Owner(row) == held.Key) == decimal.Floor(split.Test * rows)
                && train >= 1;
        });
    }).Holds();

    [Fact]
    public void Shares_are_exact_decimals()
    {
        DataSplit split = DataSplit.Draw(Tables.Of(100), validation: 0.29m, test: 0.57m, seed: 1); // 0.29 * 100 is 28.999 in binary
        Assert.Equal((29, 57, 14), (split.Validation.Length, split.Test.Length, split.Train.Length));
    }

    [Fact]
    public void The_split_is_drawn_from_the_seed()
    {
        Dataset data = Tables.Of(200);
        DataSplit split = DataSplit.Draw(data, 0.3m, 0.2m, seed: 1), again = DataSplit.Draw(data, 0.3m, 0.2m, seed: 1);
        Assert.Equal(split.Train, again.Train);
        Assert.Equal(split.Validation, again.Validation);
        Assert.Equal(split.Test, again.Test);
        Assert.NotEqual(split.Validation, DataSplit.Draw(data, 0.3m, 0.2m, seed: 2).Validation);
    }

    [Fact]
    public void Consecutive_validation_rows_are_a_random_block()
    {
        // Two participants in row order: were the validation rows theirs in turn, the first half would hold participant 'a' alone.
        Dataset data = Tables.Of(2000, participant: row => row < 1000 ? "a" : "b");
        int[] validation = DataSplit.Draw(data, 0.2m, 0.2m, seed: 1).Validation;
        int ofFirst = validation[..200].Count(row => row < 1000);
        Assert.InRange(ofFirst, 70, 130); // 100 expected of 200 drawn from 400, standard deviation 5: six of them
    }

    [Theory]
    [InlineData(0.0, 0.2, "0", "0.2")]
    [InlineData(1.0, 0.0, "1", "0")]
    [InlineData(-0.1, 0.2, "-0.1", "0.2")]
    [InlineData(0.2, -0.1, "0.2", "-0.1")]
    [InlineData(0.5, 0.5, "0.5", "0.5")]
    [InlineData(0.2, 1.0, "0.2", "1")]
    public void Shares_that_leave_nobody_to_train_or_validate_are_refused(double validation, double test, string shown, string shownTest) =>
        Assert.Equal(
            "The validation share must be above 0, the test share 0 or more, and both together below 1, " +
            $"but {shown} and {shownTest} came.",
            Refusal.Of(() => DataSplit.Draw(Tables.Of(10), (decimal)validation, (decimal)test, seed: 1)));

    static (Dataset Data, DataSplit Drawn) Draw((int Rows, decimal Validation, decimal Test, int Owners) split)
    {
        Dataset data = Tables.Of(split.Rows, participant: split.Owners == 0 ? null : row => $"p{row * row % split.Owners}");
        return (data, DataSplit.Draw(data, split.Validation, split.Test, seed: split.Rows));
    }
}
