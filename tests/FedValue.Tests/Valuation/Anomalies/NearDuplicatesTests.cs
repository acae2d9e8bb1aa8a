using FedValue.Valuation.Anomalies;

namespace FedValue.Tests.Valuation.Anomalies;

public sealed class NearDuplicatesTests
{
    [Fact]
    public void Two_points_closer_than_half_the_usual_distance_are_a_group() =>
        Assert.Equal("0,1 at 0.4", Found([0, 0.4, 2, 3, 4, 5]));

    [Fact]
    public void Equally_spaced_points_are_no_group_however_close() => Assert.Equal("", Found([0, 0.01, 0.02, 0.03, 0.04]));

    [Fact]
    public void Camps_are_no_groups() => Assert.Equal("", Found([0, 0.1, 0.2, 1.7, 1.8, 1.9]));

    [Fact]
    public void A_group_in_a_camp_is_found() => Assert.Equal("1,2 at 0.01", Found([0, 0.1, 0.11, 0.2, 1.6, 1.7, 1.8, 1.9]));

    [Fact]
    public void Three_of_a_kind_are_one_group_and_not_also_two() =>
        Assert.Equal("0,1,2 at 0.1", Found([0, 0.01, 0.11, 1, 1.5, 1.9]));

    [Fact]
    public void Most_of_all_are_the_crowd_and_no_group() => Assert.Equal("", Found([0, 0.1, 0.2, 0.3, 1.9]));

    [Fact]
    public void Two_groups_are_two() => Assert.Equal("0,1 at 0.1; 2,3 at 0.1", Found([0, 0.1, 0.7, 0.8, 1.3, 1.6, 1.9]));

    [Fact]
    public void Who_never_met_is_no_pair()
    {
        double[] distances = Distances([0, 0.1, 1, 1.5, 2]);
        (distances[1], distances[5]) = (double.NaN, double.NaN);
        Assert.Empty(NearDuplicates.Groups(distances, 5));
        Assert.Empty(NearDuplicates.Groups([], 0));
        Assert.Empty(NearDuplicates.Groups([double.NaN], 1));
    }

    static string Found(double[] points) => string.Join("; ", NearDuplicates.Groups(Distances(points), points.Length)
        .OrderBy(group => group.Members[0])
        .Select(group => FormattableString.Invariant($"{string.Join(",", group.Members)} at {Math.Round(group.Distance, 6)}")));

    static double[] Distances(double[] points) => [.. points.SelectMany(p => points.Select(q => Math.Abs(p - q)))];
}
