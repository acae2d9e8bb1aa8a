using System.Text.Json;
using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.ClosedForms;
using FedValue.Valuation.Games;

namespace FedValue.Tests.Valuation.ClosedForms;

public sealed class WeightedMeanGameTests
{
    /// <summary>U(S) = 2 &lt;m_S, alpha&gt; - |m_S|^2 by mask.</summary>
    static double[] Utilities(double[][] x, double[] weights, double[] alpha)
    {
        var game = new WeightedMeanGame(weights);
        double[] gram = [.. x.SelectMany(row => x.Select(other => Vectors.Dot(row, other)))];
        return [.. game.Linear([.. x.Select(row => Vectors.Dot(row, alpha))]).Zip(game.Square(gram), (linear, square) => 2 * linear - square)];
    }

    [Fact]
    public void The_values_are_those_of_the_vectors()
    {
        JsonElement element = VectorFile.Read("valuation_vectors.json").GetProperty("weighted_mean");
        double[] utilities = Utilities(element.Rows("X"), element.Numbers("weights"), element.Numbers("alpha"));
        Close.Equal(element.Numbers("shapley"), Semivalue.Shapley(5).Values(CoalitionTable.Of(5, utilities), 0));
    }

    [Fact]
    public void Equal_weights_give_the_closed_form_of_the_unweighted_mean()
    {
        for (int n = 0; n <= 8; n++)
        {
            double[][] x = Vectors.Random(n, 3, 500 + (uint)n);
            double[] alpha = Vectors.Random(1, 3, 600)[0], total = [.. Enumerable.Range(0, 3).Select(d => x.Sum(row => row[d]))];
            double[] expected = QuadraticGame.Values(
                Semivalue.Shapley(n), [.. x.Select(row => Vectors.Dot(row, row))], [.. x.Select(row => Vectors.Dot(row, total))],
                [.. x.Select(row => Vectors.Dot(row, alpha))]);
            double[] utilities = Utilities(x, [.. x.Select(_ => 0.3)], alpha);
            Close.Equal(expected, Semivalue.Shapley(n).Values(CoalitionTable.Of(n, utilities), 0));
        }
    }

    [Fact]
    public void Only_the_ratio_of_the_weights_counts()
    {
        double[][] x = Vectors.Random(5, 3, 501);
        Close.Equal(Utilities(x, [1, 2, 3, 4, 5], x[0]), Utilities(x, [10, 20, 30, 40, 50], x[0]));
    }
}
