using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.ClosedForms;
using FedValue.Valuation.Games;

namespace FedValue.Tests.Valuation.ClosedForms;

public sealed class QuadraticGameTests
{
    static double[] Values(Semivalue semivalue, double[][] x, double[] alpha)
    {
        double[] total = [.. alpha.Select((_, k) => x.Sum(row => row[k]))];
        return QuadraticGame.Values(semivalue, [.. x.Select(row => Vectors.Dot(row, row))],
            [.. x.Select(row => Vectors.Dot(row, total))], [.. x.Select(row => Vectors.Dot(row, alpha))]);
    }

    static IEnumerable<double[]> AllSizes(int n) =>
    [
        BruteForce.ShapleySizes(n), BruteForce.BanzhafSizes(n), BruteForce.LeaveOneOutSizes(n),
        BruteForce.BetaSizes(n, 16, 1), BruteForce.BetaSizes(n, 4, 1), BruteForce.BetaSizes(n, 1, 4),
    ];

    [Fact]
    public void All_cases_of_the_vectors()
    {
        var file = VectorFile.Read("chg_vectors.json");
        double tolerance = file.GetProperty("tolerance").GetDouble();
        int cases = 0;
        foreach (var element in file.GetProperty("cases").EnumerateArray())
        {
            string kind = element.GetProperty("kind").GetString()!;
            if (kind is not ("alpha_free" or "alpha_mean"))
                continue;
            cases++;
            double[][] x = element.Rows("x");
            double[] alpha = element.Numbers("alpha");
            int n = element.GetProperty("n").GetInt32();
            void Check(string name, Semivalue semivalue) =>
                Close.Equal(element.Numbers(name), Values(semivalue, x, alpha), tolerance, $"{kind} {n} {name}");

            Check("shapley", Semivalue.Shapley(n));
            Check("banzhaf", Semivalue.Banzhaf(n));
            Check("loo", Semivalue.LeaveOneOut(n));
            Check("beta_16_1", Semivalue.WithSizes(BruteForce.BetaSizes(n, 16, 1)));
            Close.Equal(element.GetProperty("grand_utility").GetDouble(), Values(Semivalue.Shapley(n), x, alpha).Sum(), tolerance);
        }
        Assert.Equal(16, cases);
    }

    [Fact]
    public void Every_semivalue_is_that_of_the_definition_for_any_target()
    {
        for (int n = 1; n <= 8; n++)
        {
            foreach (int d in new[] { 1, 3, 7 })
            {
                double[][] x = Vectors.Random(n, d, (uint)(10 * n + d));
                foreach (double[] alpha in new[] { Vectors.Random(1, d, (uint)(1000 + d))[0], Vectors.Mean(x, d), new double[d] })
                {
                    double[] game = Vectors.QuadraticGame(x, alpha);
                    foreach (double[] sizes in AllSizes(n))
                        Close.Equal(BruteForce.Semivalue(sizes, game), Values(Semivalue.WithSizes(sizes), x, alpha), what: $"{n} x {d}");
                }
            }
        }
    }

    [Fact]
    public void One_and_two_players_have_the_short_formulas()
    {
        double[][] x = Vectors.Random(2, 4, 1);
        double[] alpha = Vectors.Random(1, 4, 2)[0];
        double a0 = Vectors.Dot(x[0], alpha), a1 = Vectors.Dot(x[1], alpha), s0 = Vectors.Dot(x[0], x[0]), s1 = Vectors.Dot(x[1], x[1]);
        double both = Vectors.Dot(x[0], x[1]);
        Close.Equal([2 * a0 - s0], Values(Semivalue.Shapley(1), [x[0]], alpha));
        Close.Equal(
            [1.5 * a0 - 0.5 * a1 - 0.625 * s0 - 0.25 * both + 0.375 * s1, 1.5 * a1 - 0.5 * a0 - 0.625 * s1 - 0.25 * both + 0.375 * s0],
            Values(Semivalue.Shapley(2), x, alpha));
    }

    [Fact]
    public void Nobody_has_no_value() => Assert.Empty(QuadraticGame.Values(Semivalue.Shapley(0), [], [], []));

    [Fact]
    public void Zero_vectors_alone_are_worth_nothing_but_among_others_they_are_no_null_players()
    {
        Assert.Equal(new double[4], Values(Semivalue.Shapley(4), [.. Enumerable.Repeat(new double[3], 4)], [1, 2, 3]));
        double[][] x = [[1, 0], [1, 0], [0, 0]];
        double[] alpha = [1, 0], values = Values(Semivalue.Shapley(3), x, alpha);
        Close.Equal(BruteForce.Shapley(Vectors.QuadraticGame(x, alpha)), values);
        Assert.True(values[2] < -0.05, $"A zero update shrinks the mean, but got {values[2]}.");
    }

    [Fact]
    public void Shapley_values_sum_to_the_utility_of_everybody_up_to_fifty_players()
    {
        for (int n = 1; n <= 50; n++)
        {
            double[][] x = Vectors.Random(n, 5, (uint)(500 + n));
            double[] alpha = Vectors.Random(1, 5, (uint)(600 + n))[0], mean = Vectors.Mean(x, 5);
            Close.Equal(2 * Vectors.Dot(mean, alpha) - Vectors.Dot(mean, mean), Values(Semivalue.Shapley(n), x, alpha).Sum(), what: $"{n}");
        }
    }

    [Fact]
    public void The_order_of_the_players_only_reorders_the_values()
    {
        double[][] x = Vectors.Random(20, 3, 77);
        double[] alpha = [0.3, -0.2, 1], values = Values(Semivalue.Shapley(20), x, alpha);
        double[] reversed = Values(Semivalue.Shapley(20), [.. x.Reverse()], alpha);
        Close.Equal(values, [.. reversed.Reverse()]);
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_a_sentence() => Assert.StartsWith(
        "A semivalue for 2 players needs 2 norms and inner products, but 2, 1 and 3 came.",
        Assert.Throws<ArgumentException>(() =>
            QuadraticGame.Values(Semivalue.Shapley(2), new double[2], new double[1], new double[3])).Message);
}
