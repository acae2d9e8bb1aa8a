using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Anomalies;

namespace FedValue.Tests.Valuation.Anomalies;

public sealed class UpdateAnglesTests
{
    const int Dimensions = 6;

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(9)]
    public void Angles_are_those_of_the_vectors(int count)
    {
        double[][] x = Vectors.Random(count, Dimensions, name: (uint)count);
        var angles = new UpdateAngles(Gram(x), count);
        double[][] unit = [.. x.Select(Vectors.Unit)];
        for (int i = 0; i < count; i++)
        {
            double[] others = Sum(x.Where((_, k) => k != i));
            Assert.Equal(Cosine(x[i], others), angles.WithOthers(i)!.Value, 1e-12);
            for (int j = 0; j < count; j++)
            {
                if (i == j)
                    continue;
                double[] mean = Vectors.Scaled(1.0 / (count - 2), Sum(unit.Where((_, k) => k != i && k != j)));
                Assert.Equal(Cosine(Minus(unit[i], mean), Minus(unit[j], mean)), angles.BeyondOthers(i, j)!.Value, 1e-10);
            }
        }
    }

    [Fact]
    public void An_update_without_direction_has_no_angle_and_does_not_change_those_of_others()
    {
        double[][] x = Vectors.Random(4, Dimensions, name: 1);
        double[][] withZero = [.. x, new double[Dimensions]];
        var angles = new UpdateAngles(Gram(withZero), 5);
        var alone = new UpdateAngles(Gram(x), 4);
        Assert.False(angles.Moves(4));
        Assert.Null(angles.WithOthers(4));
        Assert.Null(angles.BeyondOthers(0, 4));
        Assert.Equal(alone.BeyondOthers(0, 1)!.Value, angles.BeyondOthers(0, 1)!.Value, 1e-12);
        Assert.Equal(alone.WithOthers(2)!.Value, angles.WithOthers(2)!.Value, 1e-12);
    }

    [Fact]
    public void Two_alone_have_nobody_to_differ_from()
    {
        Assert.Null(new UpdateAngles(Gram(Vectors.Random(2, Dimensions, name: 2)), 2).BeyondOthers(0, 1));
        Assert.Null(new UpdateAngles(Gram(Vectors.Random(1, Dimensions, name: 3)), 1).WithOthers(0));
    }

    [Fact]
    public void Equal_updates_are_as_alike_as_can_be_and_a_common_direction_alone_makes_nobody_alike()
    {
        double[][] noise = Vectors.Random(8, 200, name: 4);
        double[] common = Vectors.Scaled(10, Vectors.Random(1, 200, name: 5)[0]);
        double[][] learners = [.. noise.Select(n => Sum([common, n]))]; // cosines of about 0.99
        var honest = new UpdateAngles(Gram(learners), 8);
        Assert.True(honest.BeyondOthers(0, 1) < 0.5, $"{honest.BeyondOthers(0, 1)}");
        Assert.Equal(1, new UpdateAngles(Gram([.. learners, learners[0]]), 9).BeyondOthers(0, 8)!.Value, 1e-9);
    }

    static double[] Gram(double[][] x) => [.. x.SelectMany(left => x.Select(right => Vectors.Dot(left, right)))];

    static double[] Sum(IEnumerable<double[]> vectors) => vectors.Aggregate((left, right) => [.. left.Zip(right, (l, r) => l + r)]);

    static double[] Minus(double[] left, double[] right) => [.. left.Zip(right, (l, r) => l - r)];

    static double Cosine(double[] left, double[] right) =>
        Vectors.Dot(left, right) / Math.Sqrt(Vectors.Dot(left, left) * Vectors.Dot(right, right));
}
