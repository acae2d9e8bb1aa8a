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
        for (int i = 0; i < count; i++)
        {
            double[] others = Sum(x.Where((_, k) => k != i));
            Assert.Equal(Cosine(x[i], others), angles.WithOthers(i)!.Value, 1e-12);
            for (int j = 0; j < count; j++)
                Assert.Equal(Cosine(x[i], x[j]), angles.Between(i, j)!.Value, 1e-12);
        }
    }

    [Fact]
    public void An_update_without_direction_has_no_angle_and_does_not_change_those_of_others()
    {
        double[][] x = Vectors.Random(4, Dimensions, name: 1);
        double[][] withZero = [.. x, new double[Dimensions]];
        var angles = new UpdateAngles(Gram(withZero), 5);
        var alone = new UpdateAngles(Gram(x), 4);
        Assert.Null(angles.WithOthers(4));
        Assert.Null(angles.Between(0, 4));
        Assert.Equal(alone.Between(0, 1), angles.Between(0, 1));
        Assert.Equal(alone.WithOthers(2)!.Value, angles.WithOthers(2)!.Value, 1e-12);
        Assert.Null(new UpdateAngles(Gram(x[..1]), 1).WithOthers(0));
    }

    static double[] Gram(double[][] x) => [.. x.SelectMany(left => x.Select(right => Vectors.Dot(left, right)))];

    static double[] Sum(IEnumerable<double[]> vectors) => vectors.Aggregate((left, right) => [.. left.Zip(right, (l, r) => l + r)]);

    static double Cosine(double[] left, double[] right) =>
        Vectors.Dot(left, right) / Math.Sqrt(Vectors.Dot(left, left) * Vectors.Dot(right, right));
}
