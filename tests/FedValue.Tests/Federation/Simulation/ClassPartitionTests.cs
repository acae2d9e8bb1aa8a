using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>Partitions by class and by given sizes, on the digits and on tables with equally many rows of each class.</summary>
public class ClassPartitionTests
{
    static readonly Dataset Digits = DatasetLoader.Load("digits");

    [Theory]
    [InlineData("shards:2", 10)]
    [InlineData("shards:1", 3)]
    [InlineData("shards:7", 4)]
    [InlineData("classes:1", 10)]
    [InlineData("classes:3", 7)]
    [InlineData("classes:10", 2)]
    [InlineData("mixed-classes:0.8", 10)]
    [InlineData("mixed-classes:1", 12)]
    [InlineData("mixed-classes:0.5", 2)]
    [InlineData("mixed-classes:0.5", 1)]
    [InlineData("sizes:1+2+3", 3)]
    public void Every_training_row_is_held_once_and_drawn_from_the_seed(string partition, int participants)
    {
        int[] train = [.. Enumerable.Range(0, Digits.Count).Where(row => row % 3 != 0)];
        int[][] parts = Divide(Digits, train, partition, participants);
        Assert.Equal(participants, parts.Length);
        Assert.All(parts, part => Assert.NotEmpty(part));
        Assert.Equal(train, parts.SelectMany(part => part).Order());
        Assert.Equal(parts, Divide(Digits, train, partition, participants));
        if (participants > 1)
            Assert.NotEqual(parts, Divide(Digits, train, partition, participants, seed: 2));
    }

    [Fact]
    public void Shards_are_equal_pieces_of_the_sorted_rows()
    {
        Dataset data = Tables.Of(1200, classes: 10);
        int[][] parts = Divide(data, [.. Enumerable.Range(0, 1200)], "shards:2", 20);
        Assert.All(parts, part => Assert.Equal(60, part.Length));
        Assert.All(parts, part => Assert.All(part.GroupBy(row => data.Labels[row]), shard => Assert.Equal(0, shard.Count() % 30)));
        Assert.All(parts, part => Assert.InRange(part.Select(row => data.Labels[row]).Distinct().Count(), 1, 2));
        Assert.Contains(parts, part => part.Select(row => data.Labels[row]).Distinct().Count() == 2);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 5)]
    [InlineData(3, 8)]
    [InlineData(10, 3)]
    public void Everybody_holds_so_many_classes_and_holders_of_a_class_hold_equally_many(int each, int participants)
    {
        Dataset data = Tables.Of(1200, classes: 10);
        int[][] parts = Divide(data, [.. Enumerable.Range(0, 1200)], $"classes:{each}", participants);
        Assert.All(parts, part => Assert.Equal(each, part.Select(row => data.Labels[row]).Distinct().Count()));
        for (int label = 0; label < 10; label++)
        {
            int[] counts = [.. parts.Select(part => part.Count(row => data.Labels[row] == label)).Where(count => count > 0)];
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
            Assert.InRange(counts.Length, participants * each / 10, participants * each / 10 + 1);
        }
    }

    [Fact]
    public void Two_participants_each_hold_most_of_two_classes()
    {
        Dataset data = Tables.Of(4000, classes: 10);
        int[][] parts = Divide(data, [.. Enumerable.Range(0, 4000)], "mixed-classes:0.8", 10);
        for (int k = 0; k < 10; k++)
        {
            Assert.Equal(400, parts[k].Length);
            Assert.Equal(320, parts[k].Count(row => data.Labels[row] / 2 == k / 2)); // 80 % are the digits 2k and 2k + 1
            Assert.Equal(10, parts[k].Select(row => data.Labels[row]).Distinct().Count());
        }
    }

    [Fact]
    public void Given_sizes_are_held_and_say_how_many_participants_there_are()
    {
        int[] rows = [.. Enumerable.Range(0, 1000)];
        Assert.Equal([100, 300, 600], Partition.Parse("sizes:1+3+6").Divide(Digits, rows, null, 1).Select(part => part.Rows.Length));
        Assert.Equal("The partition names 3 sizes, but 4 participants were asked for; leave --participants out.",
            Refusal.Of(() => Divide(Digits, rows, "sizes:1+3+6", 4)));
        Assert.Equal("Partition 'sizes:1+1000000' leaves participant 1 of 2 without rows; use fewer participants.",
            Refusal.Of(() => Divide(Digits, rows, "sizes:1+1000000", 2)));
    }

    [Theory]
    [InlineData("shards:0200", "shards:200")]
    [InlineData("classes:2", "classes:2")]
    [InlineData("mixed-classes:0.80", "mixed-classes:0.8")]
    [InlineData("sizes:10+20.0+.5", "sizes:10+20+0.5")]
    public void A_partition_has_one_spelling(string text, string spec)
    {
        Assert.Equal((spec, 0.0), (Partition.Parse(text).Spec, Partition.Parse(text).Alpha));
        Assert.Equal(spec, Partition.Parse(spec).Spec);
    }

    [Theory]
    [InlineData("shards:30", 10, "10 participants with 30 shards each need 300 training rows, but there are 200.")]
    [InlineData("classes:11", 10, "A participant cannot hold 11 classes, for there are 10.")]
    [InlineData("classes:3", 3, "3 participants with 3 classes each cannot hold all 10 classes; use more of either.")]
    public void What_cannot_be_divided_is_refused(string partition, int participants, string sentence)
    {
        Dataset data = Tables.Of(200, classes: 10);
        Assert.Equal(sentence, Refusal.Of(() => Divide(data, [.. Enumerable.Range(0, 200)], partition, participants)));
    }

    [Fact]
    public void A_class_with_too_few_rows_for_its_holders_is_refused()
    {
        Dataset data = Tables.Of(200, classes: 10);
        int[] rows = [.. Enumerable.Range(0, 200).Where(row => data.Labels[row] > 0 || row == 0)]; // one row of class 0
        Assert.Matches(@"^Partition 'classes:1' leaves participant \d+ of 100 without rows; use fewer participants\.$",
            Refusal.Of(() => Divide(data, rows, "classes:1", 100)));
    }

    static int[][] Divide(Dataset data, int[] rows, string partition, int participants, long seed = 1) =>
        [.. Partition.Parse(partition).Divide(data, rows, participants, seed).Select(part => part.Rows)];
}
