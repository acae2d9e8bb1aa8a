using System.Text.Json;
using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.ClosedForms;

namespace FedValue.Tests.Valuation.ClosedForms;

public sealed class LeverageTests
{
    static readonly JsonElement File = VectorFile.Read("valuation_vectors.json");

    static double[] Gram(double[][] x) => [.. x.SelectMany(row => x.Select(other => Vectors.Dot(row, other)))];

    [Fact]
    public void Ridge_leverages_are_those_of_the_vectors()
    {
        JsonElement element = File.GetProperty("leverage");
        double[][] x = element.Rows("X");
        Close.Equal(element.Numbers("ridge"), Leverage.Ridge(Gram(x), x.Length, element.GetProperty("lam").GetDouble()));
    }

    [Fact]
    public void Log_det_Shapley_is_that_of_the_vectors()
    {
        JsonElement element = File.GetProperty("logdet_shapley_n6");
        double[][] x = element.Rows("X");
        double[] utilities = Leverage.LogDeterminants(Gram(x), x.Length, element.GetProperty("lam").GetDouble());
        Close.Equal(element.Numbers("shapley"), BruteForce.Shapley(utilities));
    }

    [Fact]
    public void Volume_grows_with_every_row_and_less_the_more_there_are()
    {
        double[][] x = Vectors.Random(6, 3, 77);
        double[] u = Leverage.LogDeterminants(Gram(x), 6, 0.5);
        Assert.Equal(0, u[0]);
        for (int mask = 0; mask < 64; mask++)
        {
            foreach (int j in Enumerable.Range(0, 6).Where(j => (mask >> j & 1) == 0))
            {
                double gain = u[mask | 1 << j] - u[mask];
                Assert.True(gain > 0);
                foreach (int other in Enumerable.Range(0, 6).Where(i => i != j && (mask >> i & 1) == 0))
                    Assert.True(u[mask | 1 << j | 1 << other] - u[mask | 1 << other] <= gain + Close.Tolerance);
            }
        }
    }

    [Fact]
    public void Leverages_lie_between_zero_and_one_and_zero_and_equal_rows_are_what_they_should_be()
    {
        double[][] x = [[0, 0, 0], [1, 2, 3], [1, 2, 3], [1e9, 0, 0], [1e-9, 0, 1]];
        foreach (double lambda in new[] { 1e-12, 1e-3, 1, 1e12 })
        {
            double[] leverages = Leverage.Ridge(Gram(x), x.Length, lambda);
            Assert.All(leverages, leverage => Assert.InRange(leverage, 0, 1));
            Assert.Equal(0, leverages[0]);
            Assert.Equal(leverages[1], leverages[2], lambda < 1e-6 ? 0.1 : 1e-6); // singular without the ridge
        }
        Assert.Empty(Leverage.Ridge([], 0, 1));
        Assert.Equal([0.0], Leverage.LogDeterminants([], 0, 1));
    }
}
