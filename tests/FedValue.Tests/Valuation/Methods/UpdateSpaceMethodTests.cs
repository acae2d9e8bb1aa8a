using System.Text.Json;
using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Valuation.Methods;

/// <summary>Methods that look at updates, gradient, curvature and losses; their axioms are tested with those of all methods.</summary>
public sealed class UpdateSpaceMethodTests
{
    static Estimate Value(string method, VectorRound round) => MethodCatalog.Get(method).Value(round.Evidence()).Estimate;

    [Fact]
    public void In_run_values_are_those_of_the_vectors()
    {
        JsonElement element = VectorFile.Read("valuation_vectors.json").GetProperty("inrun");
        double[][] x = element.Rows("gradients"), hessian = element.Rows("val_hessian");
        double eta = element.GetProperty("eta").GetDouble();
        VectorRound round = VectorRound.Random(x.Length, 1) with
        {
            X = x,
            Weights = [.. x.Select(_ => eta)],
            Gradients = [element.Numbers("val_grad"), element.Numbers("val_grad"), element.Numbers("val_grad")],
            Hessians = [hessian, hessian, hessian],
        };
        Close.Equal(Vectors.Scaled(-1, element.Numbers("first")), Value("in-run", round).Values); // the file has loss changes
        Close.Equal(Vectors.Scaled(-1, element.Numbers("second")), Value("in-run-2", round).Values);
    }

    [Fact]
    public void Hardness_is_that_of_the_vectors_and_high_where_the_loss_is_high()
    {
        int cases = 0;
        foreach (JsonElement element in VectorFile.Read("chg_vectors.json").GetProperty("cases").EnumerateArray())
        {
            if (!element.TryGetProperty("hardness_shapley", out _))
                continue;
            double[] losses = element.Numbers("losses"), expected = element.Numbers("hardness_shapley");
            VectorRound round = VectorRound.Random(losses.Length, 3) with { OwnLosses = [.. losses.Select(loss => (double[])[loss, loss, loss])] };
            Close.Equal(expected, Value("hardness", round).Values);
            Assert.Equal(Order(losses), Order(expected));
            cases++;
        }
        Assert.True(cases > 0);

        static IEnumerable<int> Order(double[] numbers) => Enumerable.Range(0, numbers.Length).OrderBy(k => numbers[k]);
    }

    [Fact]
    public void Weighted_mean_sums_to_the_measured_drop_and_without_curvature_to_the_first_order()
    {
        for (uint name = 0; name < 10; name++)
        {
            VectorRound round = VectorRound.Random(6, name);
            double[] Sums(VectorRound of)
            {
                Estimate estimate = Value("weighted-mean", of);
                return [estimate.Values.Sum(), .. estimate.Replicates.Select(replicate => replicate.Sum())];
            }
            double[] firstOrder = [.. round.Gradients.Select(g => round.X.Select((x, k) => round.Weights[k] * Vectors.Dot(x, g)).Sum())];
            Close.Equal(round.WeightedDrop, Sums(round), 1e-11);
            Close.Equal(firstOrder, Sums(round with { WeightedDrop = [.. firstOrder.Select(drop => drop + 1)] }), 1e-11);
        }
    }

    [Theory]
    [InlineData("weighted-mean")]
    [InlineData("logdet")]
    [InlineData("ridge-leverage")]
    [InlineData("in-run-2")]
    [InlineData("dig-fl")]
    [InlineData("cgsv")]
    [InlineData("shapfed")]
    public void Rounds_of_zero_updates_are_worth_nothing(string method)
    {
        for (int n = 1; n <= 3; n++)
        {
            VectorRound round = VectorRound.Random(n, 7);
            round = round with { X = [.. round.X.Select(_ => new double[4])], WeightedDrop = [0, 0, 0] };
            Assert.All(Value(method, round).Values, value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void Leverage_does_not_change_with_the_common_size_of_the_updates_and_finds_the_one_of_its_own_kind()
    {
        VectorRound round = VectorRound.Random(4, 8) with { X = [[1, 0, 0, 0], [1.1, 0, 0, 0], [0.9, 0, 0, 0], [0, 0, 0, 1]] };
        VectorRound larger = round with { X = [.. round.X.Select(x => Vectors.Scaled(8, x))] };
        foreach (string method in new[] { "ridge-leverage", "logdet" })
        {
            IReadOnlyList<double> values = Value(method, round).Values;
            Close.Equal(values, Value(method, larger).Values);
            Assert.True(values[3] > 2 * values.Take(3).Max());
        }
        Assert.True(Value("ridge-leverage:lambda=1", round).Values[3] < Value("ridge-leverage:lambda=0.1", round).Values[3]);
    }

    [Fact]
    public void DIG_FL_shares_the_downhill_part_among_those_who_have_one()
    {
        VectorRound round = VectorRound.Random(3, 9) with
        {
            X = [[1, 0, 0, 0], [3, 0, 0, 0], [-2, 0, 0, 0]],
            Gradients = [[1, 0, 0, 0], [2, 0, 0, 0], [-1, 0, 0, 0]],
        };
        Estimate estimate = Value("dig-fl", round);
        Close.Equal([1 / 4.00001, 3 / 4.00001, 0], estimate.Values);
        Close.Equal([0, 0, 2 / 2.00001], estimate.Replicates[1]);
    }

    [Fact]
    public void Too_many_participants_are_refused_where_coalitions_are_enumerated()
    {
        VectorRound wide = VectorRound.Random(2, 10);
        foreach (string method in new[] { "weighted-mean", "logdet" })
            Assert.Equal(20, MethodCatalog.Get(method).Info.ParticipantsMax);
        var geometry = new RoundGeometry(new double[21], new double[21], [], 0, [], c => c);
        var evidence = new RoundEvidence(
            1, 1, new double[21], geometry, new ManyPlayers(), new KnownMeasurements(), wide.Evidence().Sampling, threads: 1);
        foreach (string method in new[] { "weighted-mean", "logdet" })
            Assert.Throws<ArgumentException>(() => MethodCatalog.Get(method).Value(evidence));
    }

    sealed class ManyPlayers : FedValue.Valuation.Games.IUtility
    {
        public int Players => 21;

        public int Columns => 1;

        public void Evaluate(FedValue.Valuation.Games.Coalition coalition, Span<double> utilities) => throw new NotSupportedException();
    }
}
