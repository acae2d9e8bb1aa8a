using FedValue.Federation.Learning;
using FedValue.Federation.Simulation;
using FedValue.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace FedValue.Tests.Federation.Simulation;

public class GroupSplitTests
{
    static readonly Arbitrary<int> RowCounts = Gen.Choose(100, 400).ToArbitrary();

    [Fact]
    public void No_group_is_on_two_sides_and_no_row_is_lost() => Prop.ForAll(RowCounts, rows =>
    {
        Dataset data = Grouped(rows);
        DataSplit split = DataSplit.Draw(data, 0.2m, 0.2m, seed: rows);
        HashSet<string>[] sides = [GroupsOf(split.Train), GroupsOf(split.Validation), GroupsOf(split.Test)];
        return sides.Sum(side => side.Count) == data.Groups!.Distinct().Count()
            && split.Train.Concat(split.Validation).Concat(split.Test).Order().SequenceEqual(Enumerable.Range(0, data.Count));

        HashSet<string> GroupsOf(int[] side) => [.. side.Select(row => data.Groups![row])];
    }).Holds();

    [Fact]
    public void A_share_is_reached_with_the_last_group_that_it_needs() => Prop.ForAll(RowCounts, rows =>
    {
        Dataset data = Grouped(rows);
        DataSplit split = DataSplit.Draw(data, 0.2m, 0.1m, seed: rows);
        int largest = data.Groups!.CountBy(group => group).Max(group => group.Value);
        return Reached(split.Validation, 0.2m) && Reached(split.Test, 0.1m);

        bool Reached(int[] side, decimal share) => side.Length >= share * data.Count && side.Length < share * data.Count + largest;
    }).Holds();

    [Fact]
    public void Without_a_test_share_no_group_is_spent_on_it() =>
        Assert.Empty(DataSplit.Draw(Grouped(100), 0.2m, 0m, seed: 1).Test);

    [Fact]
    public void Groups_are_drawn_from_the_seed()
    {
        Dataset data = Grouped(300);
        Assert.Equal(DataSplit.Draw(data, 0.2m, 0.2m, seed: 1).Validation, DataSplit.Draw(data, 0.2m, 0.2m, seed: 1).Validation);
        Assert.NotEqual(DataSplit.Draw(data, 0.2m, 0.2m, seed: 1).Test, DataSplit.Draw(data, 0.2m, 0.2m, seed: 2).Test);
    }

    [Fact]
    public void A_group_stands_in_one_block_and_blocks_are_as_equal_as_groups_allow() => Prop.ForAll(RowCounts, rows =>
    {
        Dataset data = Tables.Of(rows, group: row => $"g{row * row % 97}"); // groups of several sizes, shuffled over the rows
        DataSplit split = DataSplit.Draw(data, 0.6m, 0.1m, seed: rows);
        var blocks = new ValidationRows(new LabelledRows(0, [], new int[split.Validation.Length]), split.Blocks.Ends!);
        string[][] groups = [.. Enumerable.Range(0, 20).Select(b => blocks.RowsOf(b))
            .Select(block => split.Validation[block.First..block.End].Select(row => data.Groups![row]).Distinct().ToArray())];
        int[] sizes = [.. Enumerable.Range(0, 20).Select(b => blocks.RowsOf(b)).Select(block => block.End - block.First)];
        int largest = split.Validation.CountBy(row => data.Groups![row]).Max(group => group.Value);
        return groups.Sum(block => block.Length) == split.Blocks.Groups
            && split.Validation.Distinct().Count() == split.Validation.Length
            && sizes.Max() <= Math.Max(largest, sizes.Min() + largest);
    }).Holds();

    [Fact]
    public void With_fewer_groups_than_blocks_rows_are_cut_and_that_is_said()
    {
        DataSplit split = DataSplit.Draw(Tables.Of(300, group: row => $"g{row % 30}"), 0.5m, 0.1m, seed: 1);
        Assert.Null(split.Blocks.Ends);
        Assert.True(split.Blocks.AreTooFewGroups);
        Assert.Equal(15, split.Blocks.Groups);
        Assert.False(DataSplit.Draw(Tables.Of(300), 0.5m, 0.1m, seed: 1).Blocks.AreTooFewGroups);
    }

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(2, 0.1)]
    public void Too_few_groups_are_refused(int groups, double test) => Assert.Equal(
        $"The group column has {groups} {(groups == 1 ? "group" : "groups")}, too few to train, validate and test on different ones.",
        Refusal.Of(() => DataSplit.Draw(Tables.Of(100, group: row => $"g{row % groups}"), 0.1m, (decimal)test, seed: 1)));

    /// <summary>Groups of 1, 2, 3, ... rows.</summary>
    static Dataset Grouped(int rows) => Tables.Of(rows, group: row => $"g{(int)(Math.Sqrt(8 * row + 1) - 1) / 2}");
}
