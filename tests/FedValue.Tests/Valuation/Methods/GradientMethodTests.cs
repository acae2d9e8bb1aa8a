using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;

namespace FedValue.Tests.Valuation.Methods;

public sealed class GradientMethodTests
{
    static double[] Values(string method, VectorRound round) => [.. MethodCatalog.Get(method).Value(round.Evidence()).Estimate.Values];

    static VectorRound Scaled(VectorRound round, double factor) =>
        round with { X = [.. round.X.Select((x, k) => Vectors.Scaled(factor * (k + 1), x))] };

    [Fact]
    public void Cosine_is_the_cosine()
    {
        VectorRound round = VectorRound.Random(6, 1);
        double[] g = round.Gradients[0];
        double[] expected = [.. round.X.Select(x => Vectors.Dot(x, g) / Math.Sqrt(Vectors.Dot(x, x) * Vectors.Dot(g, g)))];
        Close.Equal(expected, Values("cosine", round));
    }

    [Fact]
    public void Cosine_and_unit_norm_values_do_not_change_with_the_size_of_any_update()
    {
        foreach (string method in new[] { "cosine", "gradient-shapley-unit" })
        {
            VectorRound round = VectorRound.Random(6, 2);
            double[] values = Values(method, round);
            foreach (double factor in new[] { 1e-6, 0.3, 7, 1e6 })
                Close.Equal(values, Values(method, Scaled(round, factor)), what: $"{method} x {factor}");
            VectorRound steeper = round with { Gradients = [.. round.Gradients.Select(g => Vectors.Scaled(1000, g))] };
            Close.Equal(values, Values(method, steeper), what: $"{method} of a steeper loss");
        }
    }

    [Fact]
    public void Cosine_never_leaves_its_range_not_even_by_rounding()
    {
        for (uint name = 0; name < 200; name++)
        {
            VectorRound round = VectorRound.Random(6, name);
            double[] g = round.Gradients[0];
            round = round with
            {
                X = [g, Vectors.Scaled(-1, g), Vectors.Scaled(1.1 + name, g), Vectors.Scaled(-1e-5 * name, g), .. round.X[4..]],
            };
            double[] values = Values("cosine", round);
            Assert.All(values, value => Assert.InRange(value, -1, 1));
            Close.Equal([1, -1, 1, name == 0 ? 0 : -1], values[..4]);
        }
    }

    [Fact]
    public void An_update_without_direction_scores_zero()
    {
        VectorRound round = VectorRound.Random(4, 3);
        round = round with { X = [new double[4], Vectors.Scaled(0.9e-12, Vectors.Unit(round.X[1])), .. round.X[2..]] };
        double[] cosine = Values("cosine", round);
        Assert.Equal([0, 0], cosine[..2]);
        Assert.All(cosine[2..], value => Assert.NotEqual(0, value));
        VectorRound flat = round with { Gradients = [.. round.Gradients.Select(_ => new double[4])] };
        Assert.Equal(new double[4], Values("cosine", flat));
    }

    [Fact]
    public void In_run_values_of_the_vectors()
    {
        var vectors = VectorFile.Read("valuation_vectors.json").GetProperty("inrun");
        double[][] gradients = vectors.Rows("gradients");
        double[] validation = vectors.Numbers("val_grad");
        double eta = vectors.GetProperty("eta").GetDouble();
        VectorRound round = VectorRound.Random(gradients.Length, 4) with
        {
            X = gradients,
            Gradients = [validation, validation, validation],
            Weights = [.. gradients.Select(_ => eta)], // w - eta * sum of the gradients: every weight is the step
        };
        double[] benefit = [.. vectors.Numbers("first").Select(lossChange => -lossChange)];
        Close.Equal(benefit, Values("in-run", round));
    }

    [Fact]
    public void In_run_values_sum_to_the_predicted_gain_of_the_weighted_mean()
    {
        VectorRound round = VectorRound.Random(5, 5);
        double[] step = [.. Enumerable.Range(0, 4).Select(d => round.X.Select((x, k) => round.Weights[k] * x[d]).Sum())];
        Close.Equal(Vectors.Dot(step, round.Gradients[0]), Values("in-run", round).Sum());
    }
}
