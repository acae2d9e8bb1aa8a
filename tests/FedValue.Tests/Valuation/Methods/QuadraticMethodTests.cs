using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Methods;

public sealed class QuadraticMethodTests
{
    static Estimate Value(string method, VectorRound round) => MethodCatalog.Get(method).Value(round.Evidence()).Estimate;

    [Fact]
    public void CHG_values_of_the_vectors()
    {
        var file = VectorFile.Read("chg_vectors.json");
        double tolerance = file.GetProperty("tolerance").GetDouble();
        int cases = 0;
        foreach (var element in file.GetProperty("cases").EnumerateArray())
        {
            if (element.GetProperty("kind").GetString() != "chg_loss_times_gradient_alpha_mean")
                continue;
            cases++;
            double[][] gradients = element.Rows("gradients");
            double[] losses = element.Numbers("losses");
            VectorRound round = VectorRound.Random(gradients.Length, 1) with
            {
                X = [.. gradients.Select(gradient => (double[])[.. gradient, 0])], // the vectors have three dimensions, a round here four
                OwnLosses = [.. losses.Select(loss => (double[])[loss, 2 * loss, loss])],
            };
            Estimate estimate = Value("chg", round);
            double[] expected = element.Numbers("shapley");
            Close.Equal(expected, estimate.Values, tolerance, $"n = {gradients.Length}");
            Close.Equal([.. expected.Select(value => 4 * value)], estimate.Replicates[0], tolerance); // twice the loss
            Close.Equal(expected, estimate.Replicates[1], tolerance);
            Close.Equal(element.GetProperty("grand_utility").GetDouble(), estimate.Values.Sum(), tolerance);
        }
        Assert.Equal(8, cases);
    }

    [Fact]
    public void Calibrated_values_sum_to_the_measured_drop_in_every_column()
    {
        for (uint name = 0; name < 30; name++)
        {
            VectorRound round = VectorRound.Random(1 + (int)name % 7, name);
            Estimate estimate = Value("gradient-shapley-calibrated", round);
            double[][] columns = [[.. estimate.Values], .. estimate.Replicates];
            Close.Equal(round.MeanDrop, [.. columns.Select(column => column.Sum())], 1e-11, $"round {name}"); // divided by a small kappa
        }
    }

    [Fact]
    public void Without_positive_curvature_calibrated_values_sum_to_the_first_order_prediction()
    {
        VectorRound round = VectorRound.Random(5, 40);
        double[] mean = Vectors.Mean(round.X, 4);
        double[] predicted = [.. round.Gradients.Select(g => Vectors.Dot(mean, g))];
        foreach (double excess in new[] { 0, 1e-10, 0.5, 100 })
        {
            VectorRound better = round with { MeanDrop = [.. predicted.Select(gain => gain + excess)] };
            Estimate estimate = Value("gradient-shapley-calibrated", better);
            double[][] columns = [[.. estimate.Values], .. estimate.Replicates];
            Close.Equal(predicted, [.. columns.Select(column => column.Sum())], 1e-5); // kappa = 1e6: |mean|^2 / 2e6 is left
        }
    }

    [Fact]
    public void Updates_that_are_all_zero_are_worth_nothing()
    {
        VectorRound zeros = VectorRound.Random(4, 41) with { X = [.. Enumerable.Range(0, 4).Select(_ => new double[4])] };
        string[] methods =
            ["in-run", "cosine", "gradient-shapley", "gradient-shapley-unit", "gradient-shapley-calibrated", "chg", "chg-unit"];
        foreach (double drop in new[] { 0, 0.5, -0.5 })
        {
            foreach (string method in methods)
                Assert.All(Value(method, zeros with { MeanDrop = [drop, drop, drop] }).Values, value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void Updates_that_cancel_give_finite_calibrated_values()
    {
        VectorRound round = VectorRound.Random(4, 42);
        round = round with { X = [round.X[0], Vectors.Scaled(-1, round.X[0]), round.X[1], Vectors.Scaled(-1, round.X[1])] };
        foreach (double drop in new[] { 0, -1e-6 })
        {
            Estimate estimate = Value("gradient-shapley-calibrated", round with { MeanDrop = [drop, drop, drop] });
            Assert.All(estimate.Values, value => Assert.InRange(Math.Abs(value), 0, 100));
        }
    }

    [Fact]
    public void A_mean_update_that_rounding_makes_less_than_nothing_gives_no_values_of_the_size_of_one_over_nothing()
    {
        // Updates 2, -1 and -1 in one dimension; the products with their sum, zero, are what rounding may leave.
        var geometry = new RoundGeometry([4, 1, 1], [1, -0.5, -0.5], [], 0.25, [], _ => [-3e-17, 1e-17, 0]);
        var evidence = new RoundEvidence(
            1, 1, new double[3], geometry, new TableGame(new double[8]), new KnownMeasurements { MeanDrop = [-0.25] },
            new StoppingRule(2, 4, 0), threads: 1);
        Assert.Equal([0, 0, 0], MethodCatalog.Get("gradient-shapley-calibrated").Value(evidence).Estimate.Values);
    }

    [Fact]
    public void Unit_norm_keeps_a_zero_update_at_zero()
    {
        VectorRound round = VectorRound.Random(3, 43);
        round = round with { X = [Vectors.Scaled(1e-13, round.X[0]), .. round.X[1..]] };
        VectorRound zero = round with { X = [new double[4], .. round.X[1..]] };
        foreach (string method in new[] { "gradient-shapley-unit", "chg-unit" })
            Close.Equal(Value(method, zero).Values, Value(method, round).Values);
    }

    [Fact]
    public void CHG_on_unit_updates_does_not_change_with_the_size_of_any_update()
    {
        VectorRound round = VectorRound.Random(5, 44);
        VectorRound scaled = round with { X = [.. round.X.Select((x, k) => Vectors.Scaled(0.01 + 30 * k, x))] };
        Close.Equal(Value("chg-unit", round).Values, Value("chg-unit", scaled).Values);
        Assert.NotEqual(Value("chg", round).Values[1], Value("chg", scaled).Values[1], 0.1);
    }

    [Fact]
    public void Gradient_Shapley_looks_at_nothing_but_the_updates()
    {
        VectorRound round = VectorRound.Random(5, 45), other = VectorRound.Random(5, 46);
        Assert.Equal(Value("gradient-shapley", round).Values, Value("gradient-shapley", other with { X = round.X }).Values);
    }
}
