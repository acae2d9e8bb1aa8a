using FedValue.Federation.Simulation;

namespace FedValue.Tests.Federation.Simulation;

/// <summary>How uneven the partitions of the digits are, in sizes and in class mix.</summary>
public class PartitionSkewTests
{
    const int Participants = 10;

    static readonly Dataset Digits = DatasetLoader.Load("digits");

    [Fact]
    public void Iid_parts_have_the_class_mix_of_all() => Assert.InRange(MeanSkew("iid"), 0, 0.15); // sampling alone gives about 0.1

    [Fact]
    public void The_smaller_alpha_the_more_uneven_the_class_mix()
    {
        double[] skews = [.. new[] { "dirichlet:0.1", "dirichlet:0.5", "dirichlet:5", "dirichlet:100" }.Select(MeanSkew)];
        Assert.Equal(skews.OrderDescending(), skews);
        Assert.InRange(skews[0], 0.5, 1);
        Assert.InRange(skews[^1], 0, 0.15);
    }

    [Fact]
    public void With_a_small_alpha_participants_have_few_classes()
    {
        Assert.InRange(Divide("dirichlet:0.1").Average(part => part.Rows.Select(row => Digits.Labels[row]).Distinct().Count()), 1, 7);
        Assert.All(Divide("dirichlet:100"), part => Assert.Equal(10, part.Rows.Select(row => Digits.Labels[row]).Distinct().Count()));
    }

    [Fact]
    public void Which_rows_of_a_class_somebody_holds_is_drawn_too()
    {
        int[] ofClass = [.. Enumerable.Range(0, Digits.Count).Where(row => Digits.Labels[row] == 0)];
        Assert.All(Divide("dirichlet:100"), part =>
        {
            int[] places = [.. part.Rows.Where(row => Digits.Labels[row] == 0).Select(row => Array.IndexOf(ofClass, row))];
            Assert.True(places.Max() - places.Min() + 1 > 2 * places.Length); // not one stretch of the file
        });
    }

    [Fact]
    public void Size_dirichlet_makes_sizes_uneven_but_not_the_class_mix()
    {
        Assert.InRange(SizeRatio("size-dirichlet:1"), 5, 10_000);
        Assert.InRange(SizeRatio("size-dirichlet:1000"), 1, 1.5);
        Assert.True(SizeRatio("size-dirichlet:1") > SizeRatio("size-dirichlet:10"));
        var large = Divide("size-dirichlet:1").Where(part => part.Rows.Length >= 100); // in small parts sampling alone is uneven
        Assert.All(large, part => Assert.InRange(Skew(part.Rows), 0, 0.2));
    }

    static IReadOnlyList<(string Id, int[] Rows)> Divide(string partition) =>
        Partition.Parse(partition).Divide(Digits, [.. Enumerable.Range(0, Digits.Count)], Participants, seed: 1);

    static double SizeRatio(string partition) =>
        (double)Divide(partition).Max(part => part.Rows.Length) / Divide(partition).Min(part => part.Rows.Length);

    static double MeanSkew(string partition) => Divide(partition).Average(part => Skew(part.Rows));

    /// <summary>Total variation distance between the class shares of some rows and of all: 0 is the same mix, 0.9 one class.</summary>
    static double Skew(int[] rows) => Enumerable.Range(0, Digits.Classes.Count).Sum(label => Math.Abs(
        (double)rows.Count(row => Digits.Labels[row] == label) / rows.Length
        - (double)Digits.Labels.Count(l => l == label) / Digits.Count)) / 2;
}
