using FedValue.Federation.Simulation;
using FedValue.Tests.Support;
using FsCheck;
using FsCheck.Fluent;

namespace FedValue.Tests.Federation.Simulation;

public class PartitionTests
{
    static readonly Arbitrary<(string Partition, int Rows, int Participants)> Divisions = Gen.Zip(
            Gen.Elements("iid", "dirichlet:1", "dirichlet:50", "size-dirichlet:2", "size-dirichlet:100"),
            Gen.Zip(Gen.Choose(150, 400), Gen.Choose(1, 12)))
        .Select(pair => (pair.Item1, pair.Item2.Item1, pair.Item2.Item2))
        .ToArbitrary();

    [Fact]
    public void Every_training_row_is_held_once_and_nobody_is_without() => Prop.ForAll(Divisions, division =>
    {
        int[] train = [.. Enumerable.Range(0, division.Rows).Where(row => row % 5 != 0)];
        var partition = Partition.Parse(division.Partition);
        var divided = partition.Divide(Tables.Of(division.Rows), train, division.Participants, seed: division.Rows);
        return divided.Count == division.Participants
            && divided.All(part => part.Rows.Length > 0 && part.Rows.SequenceEqual(part.Rows.Order()))
            && divided.SelectMany(part => part.Rows).Order().SequenceEqual(train);
    }).Holds();

    [Theory]
    [InlineData(1, "participant-1", "participant-1")]
    [InlineData(8, "participant-1", "participant-8")]
    [InlineData(12, "participant-01", "participant-12")]
    [InlineData(100, "participant-001", "participant-100")]
    public void Ids_in_ordinal_order_are_in_numeric_order(int count, string first, string last)
    {
        string[] ids = [.. Partition.Parse("iid").Divide(Tables.Of(200), [.. Enumerable.Range(0, 200)], count, seed: 1).Select(p => p.Id)];
        Assert.Equal((count, first, last), (ids.Length, ids[0], ids[^1]));
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(Enumerable.Range(1, count), ids.Select(id => int.Parse(id["participant-".Length..])));
    }

    [Fact]
    public void Eight_participants_are_the_default() =>
        Assert.Equal(8, Partition.Parse("iid").Divide(Tables.Of(50), [.. Enumerable.Range(0, 50)], null, seed: 1).Count);

    [Fact]
    public void Iid_sizes_differ_by_at_most_one() => Prop.ForAll(
        Gen.Choose(1, 500).ToArbitrary(), Gen.Choose(1, 60).ToArbitrary(), (rows, participants) =>
        {
            participants = Math.Min(participants, rows);
            int[] sizes = Sizes(Partition.Parse("iid").Divide(Tables.Of(rows), [.. Enumerable.Range(0, rows)], participants, seed: 1));
            return sizes.Max() - sizes.Min() <= 1;
        }).Holds();

    [Theory]
    [InlineData("iid")]
    [InlineData("dirichlet:0.5")]
    [InlineData("size-dirichlet:4")]
    public void A_division_is_drawn_from_the_seed(string partition)
    {
        int[][] Rows(long seed) =>
            [.. Partition.Parse(partition).Divide(Tables.Of(200), [.. Enumerable.Range(0, 200)], 5, seed).Select(p => p.Rows)];
        Assert.Equal(Rows(seed: 1), Rows(seed: 1));
        Assert.NotEqual(Rows(seed: 1), Rows(seed: 2));
    }

    [Fact]
    public void A_natural_division_is_the_one_of_the_table()
    {
        Dataset data = Tables.Of(9, participant: row => new[] { "b", "a", "B" }[row % 3]);
        var divided = Partition.Parse("natural").Divide(data, [0, 1, 2, 3, 4, 6, 7], participants: null, seed: 1);
        Assert.Equal(["B", "a", "b"], divided.Select(part => part.Id));
        Assert.Equal([[2], [1, 4, 7], [0, 3, 6]], divided.Select(part => part.Rows));
        Assert.Equal(3, Partition.Parse("natural").Divide(data, [0, 1, 2], participants: 3, seed: 1).Count);
    }

    static int[] Sizes(IReadOnlyList<(string Id, int[] Rows)> divided) => [.. divided.Select(part => part.Rows.Length)];
}
