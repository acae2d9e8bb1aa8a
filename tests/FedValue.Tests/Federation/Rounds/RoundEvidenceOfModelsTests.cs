using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Ledger;
using FedValue.Ledger.Events;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Federation.Learning;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>
/// What a round's methods see, against the definitions: every figure once more from the models, in double, by a network that is obviously
/// right; 39 validation rows, so that blocks have one row or two.
/// </summary>
public sealed class RoundEvidenceOfModelsTests
{
    const int Participants = 4;
    static readonly Network Network = MadeUp.Network("mlp:7", features: 5, classes: 3);
    static readonly ValidationRows Validation = new(MadeUp.Rows(5, 3, 39));
    static readonly float[] Base = MadeUp.Weights(Network);
    static readonly long[] Examples = [10, 30, 20, 45];

    // Updates of different sizes, the last one none at all.
    static readonly float[][] Locals =
    [
        .. Enumerable.Range(0, Participants).Select(k => Base.Zip(MadeUp.Weights(Network, seed: 2 + k), (b, w) =>
            b + (3 - k) * 0.1f * w).ToArray()),
    ];

    static readonly double[][] Pseudo = [.. Locals.Select(local => Base.Zip(local, (b, l) => (double)b - l).ToArray())];

    static readonly string[] Methods = [.. MethodCatalog.Defaults.Select(method => method.Info.Name)];

    [Fact]
    public void Norms_and_products_are_those_of_the_differences_in_double()
    {
        SafetensorsFile statistics = Statistics(Value(gramLimit: Participants));
        Close(Pseudo.Select(x => Dot(x, x)), statistics["squared_norms"].AsDoubles());
        Close(Pseudo.SelectMany(x => Pseudo.Select(y => Dot(x, y))), statistics["gram"].AsDoubles());
        Close(Pseudo.SelectMany(x => Enumerable.Range(0, Jackknife.Blocks).Select(b => -Dot(x, SummedGradient(Block(b))))),
            statistics["gradient_products"].AsDoubles(), 1e-5);
        double sum = Examples.Sum();
        Close(Examples.Select(examples => examples / sum), statistics["weights"].AsDoubles());
    }

    [Fact]
    public void A_participants_loss_is_that_of_its_own_model_on_all_rows_and_without_each_block()
    {
        double[] losses = Statistics(Value(Participants))["own_losses"].AsDoubles();
        Close(Locals.SelectMany(local => Columns().Select(rows => MeanLoss(local, rows))), losses, 1e-5);
    }

    [Fact]
    public void The_measured_drop_is_that_of_the_unweighted_mean_update()
    {
        double[] mean = [.. Enumerable.Range(0, Base.Length).Select(i => Locals.Average(local => (double)local[i]))];
        double[] drop = Statistics(Value(Participants))["mean_drop"].AsDoubles();
        Close(Columns().Select(rows => MeanLoss(Base, rows) - MeanLoss(Array.ConvertAll(mean, m => (float)m), rows)), drop, 1e-4);
    }

    [Fact]
    public void Cosine_and_its_replicates_are_those_of_the_gradient_on_the_rows_that_are_left()
    {
        Estimate estimate = Value(Participants).Results.Single(r => r.Method == "cosine").Result.Estimate;
        double[][] columns = [[.. estimate.Values], .. estimate.Replicates];
        foreach ((double[] column, LabelledRows rows) in columns.Zip(Columns()))
        {
            double[] gradient = SummedGradient(rows);
            Close(Pseudo.Select(x => Dot(x, x) == 0 ? 0 : Dot(x, gradient) / Math.Sqrt(Dot(x, x) * Dot(gradient, gradient))), column, 1e-5);
        }
    }

    [Fact]
    public void The_gram_matrix_is_kept_up_to_the_limit_and_values_do_not_depend_on_it()
    {
        ValuedRound with = Value(gramLimit: Participants), without = Value(gramLimit: Participants - 1);
        Assert.True(Statistics(with).TryGet("gram", out _));
        Assert.False(Statistics(without).TryGet("gram", out _));
        foreach ((TimedResult one, TimedResult other) in with.Results.Zip(without.Results))
        {
            Close(one.Result.Estimate.Values, other.Result.Estimate.Values, 1e-9);
            Close(one.Result.Estimate.Replicates.SelectMany(r => r), other.Result.Estimate.Replicates.SelectMany(r => r), 1e-9);
        }
    }

    [Theory]
    [InlineData("fedavg")]
    [InlineData("fedavgm")]
    [InlineData("fedadam")]
    [InlineData("fedmedian")]
    public void The_grand_coalition_is_worth_what_the_rounds_own_rule_made(string drawn)
    {
        FederationSetup setup = Setup(Participants, "fedrandom");
        int member = setup.Pool.Members.Select(rule => rule.Spec.Split(':')[0]).ToList().IndexOf(drawn);
        TrainingState state = TrainingState.Start(setup);
        RoundAggregated aggregated = default!;
        ValuedRound valued = default!;
        for (int round = 1; round <= 2; round++) // the second from a state that the first has moved
        {
            var valuation = new RoundValuation(setup, state, new CpuBackend(1));
            for (int k = 0; k < Participants; k++)
                valuation.Add($"p{k}", state.Model.ToArray().Zip(Locals[k], Base).Select(w => w.First + w.Second - w.Third).ToArray(), Examples[k]);
            AggregatedRound made = RoundAggregation.Run(setup, state, round, member, valuation.Updates);
            valued = valuation.Finish(round, member, PastRounds.None);
            aggregated = made.Event;
            double[] utilities = DoubleBlob(valued, valued.Event.CoalitionUtilities!.Value);
            Assert.Equal(-aggregated.ValidationLoss!.Value.Value, utilities[^1]);
            Assert.Equal(-setup.LossOf(state.Model)!(), utilities[0]);
            state = made.Next;
        }
        Estimate exact = valued.Results.Single(r => r.Method == "exact").Result.Estimate;
        double[] table = DoubleBlob(valued, valued.Event.CoalitionUtilities!.Value);
        Assert.Equal(table[^1] - table[0], exact.Values.Sum(), 1e-12);
    }

    static ValuedRound Value(int gramLimit)
    {
        FederationSetup setup = Setup(gramLimit, "fedavg");
        var valuation = new RoundValuation(setup, TrainingState.Start(setup), new CpuBackend(1));
        for (int k = 0; k < Participants; k++)
            valuation.Add($"p{k}", Locals[k], Examples[k]);
        return valuation.Finish(round: 1, member: 0, PastRounds.None);
    }

    static FederationSetup Setup(int gramLimit, string aggregator) => new(
        new FederationTerms(
            "mlp:7", [.. AggregationPool.Parse(aggregator).Members.Select(m => new AggregatorTerms(m.Spec, m.SmallCoalitions))],
            "validation-loss", Methods, new SamplingTerms(32, 32, 0.1), gramLimit,
            new PaymentTerms(100, "exact", "proportional", "unallocated"), Seed: 1),
        FederationModel.Native(Network, Base), Validation);

    static SafetensorsFile Statistics(ValuedRound valued) => SafetensorsFile.Read(Blob(valued, valued.Event.Statistics));

    static double[] DoubleBlob(ValuedRound valued, Digest digest)
    {
        byte[] blob = Blob(valued, digest);
        return [.. Enumerable.Range(0, blob.Length / 8).Select(i => BitConverter.ToDouble(blob, 8 * i))];
    }

    static byte[] Blob(ValuedRound valued, Digest digest) => valued.Blobs.First(blob => Digest.Of(blob) == digest);

    /// <summary>The rows of every column: all of them, then all but each block.</summary>
    static IEnumerable<LabelledRows> Columns() => Enumerable.Range(-1, 1 + Jackknife.Blocks).Select(without =>
        MadeUp.Select(Validation.Rows, Enumerable.Range(0, Validation.Rows.Count).Where(row =>
            without < 0 || row < Validation.RowsOf(without).First || row >= Validation.RowsOf(without).End)));

    static LabelledRows Block(int block) => MadeUp.Select(
        Validation.Rows, Enumerable.Range(Validation.RowsOf(block).First, Validation.RowsOf(block).End - Validation.RowsOf(block).First));

    static double[] SummedGradient(LabelledRows rows) => ReferenceNetwork.Gradient(Network, Array.ConvertAll(Base, w => (double)w), rows);

    static double MeanLoss(float[] model, LabelledRows rows) =>
        ReferenceNetwork.Loss(Network, Array.ConvertAll(model, w => (double)w), rows) / rows.Count;

    static double Dot(double[] left, double[] right) => left.Zip(right, (l, r) => l * r).Sum();

    static void Close(IEnumerable<double> expected, IEnumerable<double> actual, double tolerance = 1e-12)
    {
        double[] left = [.. expected], right = [.. actual];
        Assert.Equal(left.Length, right.Length);
        double scale = left.Length == 0 ? 1 : Math.Max(1e-30, left.Max(Math.Abs));
        for (int i = 0; i < left.Length; i++)
            Assert.True(Math.Abs(left[i] - right[i]) <= tolerance * scale, $"At {i}: expected {left[i]}, but {right[i]} came.");
    }
}
