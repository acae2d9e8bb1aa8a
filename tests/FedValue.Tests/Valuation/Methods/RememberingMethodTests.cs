using FedValue.Tests.Valuation.Support;
using FedValue.Valuation.Methods;

namespace FedValue.Tests.Valuation.Methods;

/// <summary>Methods that carry something from round to round, computed once more from the vectors.</summary>
public sealed class RememberingMethodTests
{
    const double Tolerance = 1e-12;

    /// <summary>The same method over some rounds of the same participants.</summary>
    static IReadOnlyList<MethodResult> Run(string spec, params VectorRound[] rounds)
    {
        IRoundMethod method = MethodCatalog.Get(spec);
        var results = new List<MethodResult>();
        foreach (VectorRound round in rounds)
        {
            RoundEvidence plain = round.Evidence();
            var evidence = new RoundEvidence(1, 1, round.Weights, plain.Geometry, round.Game, plain.Measured, plain.Sampling, threads: 1)
            {
                Memories = new Dictionary<string, IReadOnlyList<double[]?>>
                {
                    [method.Info.Name] = results.Count == 0 ? new double[round.Count][] : results[^1].Memory!,
                },
            };
            results.Add(method.Value(evidence));
        }
        return results;
    }

    static double Cosine(double[] x, double[] y) =>
        Vectors.Dot(x, x) > 0 && Vectors.Dot(y, y) > 0 ? Vectors.Dot(x, y) / Math.Sqrt(Vectors.Dot(x, x) * Vectors.Dot(y, y)) : 0;

    static double[] Sum(double[][] rows, double[] weights) =>
        [.. Enumerable.Range(0, rows[0].Length).Select(d => rows.Select((row, k) => weights[k] * row[d]).Sum())];

    [Fact]
    public void CGSV_weighs_each_direction_by_its_reputation()
    {
        VectorRound[] rounds = [VectorRound.Random(4, 20), VectorRound.Random(4, 21), VectorRound.Random(4, 22)];
        IReadOnlyList<MethodResult> results = Run("cgsv:momentum=0.6", rounds);
        double[] r = [0.25, 0.25, 0.25, 0.25];
        for (int t = 0; t < rounds.Length; t++)
        {
            double[][] unit = [.. rounds[t].X.Select(Vectors.Unit)];
            double[] cosines = [.. unit.Select(u => Cosine(u, Sum(unit, r)))];
            Close.Equal(cosines, results[t].Estimate.Values, Tolerance);
            double[] next = [.. r.Select((before, k) => Math.Max(1e-3, 0.6 * before + 0.4 * cosines[k]))];
            r = [.. next.Select(value => value / next.Sum())];
            Close.Equal(r, [.. results[t].Memory!.Select(row => row[0])], Tolerance);
        }
        Assert.False(results[0].Estimate.HasInterval);
    }

    [Fact]
    public void A_newcomer_enters_CGSV_with_an_equal_share()
    {
        VectorRound round = VectorRound.Random(2, 23);
        RoundEvidence plain = round.Evidence();
        var evidence = new RoundEvidence(1, 1, round.Weights, plain.Geometry, round.Game, plain.Measured, plain.Sampling, threads: 1)
        {
            Memories = new Dictionary<string, IReadOnlyList<double[]?>> { ["cgsv:momentum=0"] = [[0.25], null] },
        };
        double[][] unit = [.. round.X.Select(Vectors.Unit)];
        double[] expected = [.. unit.Select(u => Cosine(u, Sum(unit, [1.0 / 3, 2.0 / 3])))];
        Close.Equal(expected, MethodCatalog.Get("cgsv:momentum=0").Value(evidence).Estimate.Values, Tolerance);
    }

    [Fact]
    public void ShapFed_averages_the_cosines_of_the_classes_and_then_the_rounds()
    {
        VectorRound[] rounds = [VectorRound.Random(3, 24), VectorRound.Random(3, 25)];
        IReadOnlyList<MethodResult> results = Run("shapfed:momentum=0.9", rounds);
        double[] running = [];
        for (int t = 0; t < rounds.Length; t++)
        {
            double[] scores =
            [
                .. Enumerable.Range(0, 3).Select(k => Enumerable.Range(0, 2).Average(c =>
                {
                    double[][] rows = [.. rounds[t].X.Select(x => x[(2 * c)..(2 * c + 2)])];
                    return Cosine(rows[k], Sum(rows, rounds[t].Weights));
                })),
            ];
            running = t == 0 ? scores : [.. running.Select((before, k) => 0.9 * before + 0.1 * scores[k])];
            Close.Equal(running, results[t].Estimate.Values, Tolerance);
        }
    }

    [Fact]
    public void FedCE_adds_novelty_and_the_error_without_the_participant()
    {
        VectorRound[] rounds = [VectorRound.Random(4, 26), VectorRound.Random(4, 27)];
        IReadOnlyList<MethodResult> results = Run("fedce", rounds);
        double[] sums = new double[4];
        for (int t = 0; t < rounds.Length; t++)
        {
            VectorRound round = rounds[t];
            for (int k = 0; k < 4; k++)
            {
                double[] others = [.. round.Weights.Select((weight, j) => j == k ? 0 : weight)];
                sums[k] += Cosine(round.X[k], Sum(round.X, others));
            }
            double[] novelty = Shares([.. sums.Select(sum => Math.Max(1e-6, 1 - sum / (t + 1)))]);
            double[][] columns = [[.. results[t].Estimate.Values], .. results[t].Estimate.Replicates];
            for (int c = 0; c < columns.Length; c++)
            {
                double[] error = Shares([.. round.LossesWithout.Select(losses => losses[c])]);
                Close.Equal([.. novelty.Zip(error, (n, e) => (n + e) / 2)], columns[c], Tolerance);
            }
            Close.Equal(sums, [.. results[t].Memory!.Select(row => row[0])], Tolerance);
            Assert.All(results[t].Memory!, row => Assert.Equal(t + 1, row[1]));
        }

        static double[] Shares(double[] parts) => [.. parts.Select(part => part / parts.Sum())];
    }

    [Fact]
    public void FedCE_of_one_participant_is_everything()
    {
        MethodResult result = Assert.Single(Run("fedce", VectorRound.Random(1, 28)));
        Assert.Equal([1.0], result.Estimate.Values);
        Assert.Equal([0, 1], result.Memory![0]);
    }

    [Fact]
    public void Nobody_else_remembers_anything()
    {
        string[] remembering = ["cgsv", "shapfed", "fedce", "or"];
        foreach (IRoundMethod method in MethodCatalog.All)
            Assert.Equal(remembering.Contains(method.Info.Name.Split(':')[0]), method.Value(VectorRound.Random(3, 29).Evidence()).Memory is not null);
    }
}
