using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

public class PartitionRefusalTests
{
    static readonly Dataset Data = Tables.Of(100);

    static readonly int[] Rows = [.. Enumerable.Range(0, 100)];

    [Theory]
    [InlineData("iid", "iid", "iid", 0.0)]
    [InlineData("natural", "natural", "natural", 0.0)]
    [InlineData("dirichlet:0.50", "dirichlet:0.5", "dirichlet", 0.5)]
    [InlineData("dirichlet:0.001", "dirichlet:0.001", "dirichlet", 0.001)]
    [InlineData("size-dirichlet:4.0", "size-dirichlet:4", "size-dirichlet", 4.0)]
    [InlineData("size-dirichlet:1e6", "size-dirichlet:1000000", "size-dirichlet", 1e6)]
    public void A_partition_has_one_spelling(string text, string spec, string kind, double alpha)
    {
        var partition = Partition.Parse(text);
        Assert.Equal((spec, kind, alpha, kind == "natural"), (partition.Spec, partition.Kind, partition.Alpha, partition.IsNatural));
        Assert.Equal(spec, Partition.Parse(spec).Spec);
    }

    [Theory]
    [InlineData("")]
    [InlineData("IID")]
    [InlineData("iid:2")]
    [InlineData("dirichlet")]
    [InlineData("dirichlet:")]
    [InlineData("dirichlet:0")]
    [InlineData("dirichlet:0.0009")]
    [InlineData("dirichlet:1000001")]
    [InlineData("dirichlet:-1")]
    [InlineData("dirichlet:NaN")]
    [InlineData("size-dirichlet:Infinity")]
    [InlineData("dirichlet:1:2")]
    [InlineData("shards")]
    [InlineData("shards:0")]
    [InlineData("shards:1.5")]
    [InlineData("classes:-1")]
    [InlineData("classes:99999999999")]
    [InlineData("mixed-classes:0")]
    [InlineData("mixed-classes:1.1")]
    [InlineData("mixed-classes:0.5+0.5")]
    [InlineData("sizes:")]
    [InlineData("sizes:1+0")]
    [InlineData("sizes:1+1000001")]
    [InlineData("sizes:1,2")]
    public void Anything_else_is_refused(string text) => Assert.Equal(
        "A partition is iid, natural, dirichlet:A or size-dirichlet:A with A from 0.001 to 1000000, sizes:W+W with weights " +
        "above 0 and at most 1000000, shards:K or classes:K with K of 1 or more, or mixed-classes:F with 0 < F <= 1, " +
        $"but '{text}' came.",
        Refusal.Of(() => Partition.Parse(text)));

    [Theory]
    [InlineData("iid")]
    [InlineData("dirichlet:1")]
    [InlineData("size-dirichlet:1")]
    public void There_are_not_more_participants_than_rows(string partition)
    {
        Assert.Equal("There are 100 training rows, too few for 101 participants.",
            Refusal.Of(() => Partition.Parse(partition).Divide(Data, Rows, 101, seed: 1)));
        Assert.Equal("At least 1 participant is needed, but 0 came.",
            Refusal.Of(() => Partition.Parse(partition).Divide(Data, Rows, 0, seed: 1)));
    }

    [Fact]
    public void As_many_participants_as_rows_have_one_each() =>
        Assert.All(Partition.Parse("iid").Divide(Data, Rows, 100, seed: 1), part => Assert.Single(part.Rows));

    [Fact]
    public void A_draw_that_always_leaves_somebody_without_rows_is_refused() => Assert.Equal(
        "Partition 'dirichlet:0.001' left one of 50 participants without rows in 1000 draws; " +
        "use a larger A, fewer participants or another seed than 7.",
        Refusal.Of(() => Partition.Parse("dirichlet:0.001").Divide(Data, Rows, 50, seed: 7)));

    [Fact]
    public void A_natural_division_needs_participants_in_the_table()
    {
        Assert.Equal("A natural partition needs a data set with a participant column: csv:FILE,participant=COL.",
            Refusal.Of(() => Partition.Parse("natural").Divide(Data, Rows, null, seed: 1)));
        Dataset owned = Tables.Of(100, participant: row => $"p{row % 4}");
        Assert.Equal("The data set has 4 participants with training rows, but 5 were asked for; leave --participants out.",
            Refusal.Of(() => Partition.Parse("natural").Divide(owned, Rows, 5, seed: 1)));
    }
}
