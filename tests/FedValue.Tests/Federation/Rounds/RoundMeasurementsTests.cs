using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Federation.Rounds;
using FedValue.Kernels;
using FedValue.Protocol.Safetensors;
using FedValue.Tests.Federation.Learning;
using FedValue.Valuation.Methods;

namespace FedValue.Tests.Federation.Rounds;

/// <summary>What is measured about a round, against the same measured model by model.</summary>
public sealed class RoundMeasurementsTests
{
    const int Features = 4, Classes = 3;

    static readonly long[] Examples = [10, 200, 35];

    static ValidationSet Set { get; } = SetOf("mlp:5");

    /// <summary>Without kinks, so that Taylor's expansion holds for updates of any size.</summary>
    static ValidationSet Smooth { get; } = SetOf("softmax");

    static Network Network => Set.Network;

    static ValidationSet SetOf(string architecture) =>
        new(MadeUp.Network(architecture, Features, Classes), new ValidationRows(MadeUp.Rows(Features, Classes, 107)));

    /// <summary>Local models beside a base, some tenths away from it.</summary>
    static RoundUpdates Updates(int count = 3, ValidationSet? set = null)
    {
        Network network = (set ?? Set).Network;
        float[] start = MadeUp.Weights(network);
        float[][] models =
            [.. Enumerable.Range(0, count).Select(k => start.Zip(MadeUp.Weights(network, 10 + k), (w, u) => w + 0.2f * u).ToArray())];
        return new RoundUpdates(
            [.. Enumerable.Range(0, count).Select(k => $"p{k}")], new UpdateRows(start, models), [.. Examples.Take(count)]);
    }

    static RoundMeasurements Of(RoundUpdates updates, ValidationSet? set = null) =>
        new(updates, updates.Weights(updates.Everyone), set ?? Set, (set ?? Set).Network, new CpuBackend(1));

    static double[] Losses(float[] model) => Utilities.Losses(Set, Set.Score(model));

    /// <summary>base + the weighted mean of the members' updates.</summary>
    static float[] FedAvg(RoundUpdates updates, double[] weights, params int[] members)
    {
        double total = members.Sum(k => weights[k]);
        float[] start = updates.Rows.Base.ToArray();
        return [.. start.Select((w, i) => (float)(w + members.Sum(k => weights[k] * ((double)updates.Rows.Model(k)[i] - w)) / total))];
    }

    static void Close(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6 * Math.Max(1, Math.Abs(pair.First)))); // fp32 models
    }

    [Fact]
    public void Losses_and_drops_are_those_of_the_models_they_speak_of()
    {
        RoundUpdates updates = Updates();
        RoundMeasurements measured = Of(updates);
        double[] before = Losses(updates.Rows.Base.ToArray()), p = updates.Weights(updates.Everyone);
        Close([.. before.Zip(Losses(FedAvg(updates, [1, 1, 1], 0, 1, 2)), (b, a) => b - a)], measured.MeanDrop);
        Close([.. before.Zip(Losses(FedAvg(updates, p, 0, 1, 2)), (b, a) => b - a)], measured.WeightedDrop);
        for (int k = 0; k < 3; k++)
        {
            Assert.Equal(Losses(updates.Rows.Model(k).ToArray()), measured.OwnLosses[k]);
            Close(Losses(FedAvg(updates, p, [.. new[] { 0, 1, 2 }.Where(other => other != k)])), measured.LossesWithout[k]);
        }
    }

    [Fact]
    public void Who_is_alone_leaves_the_base_model()
    {
        RoundUpdates updates = Updates(1);
        Assert.Equal(Losses(updates.Rows.Base.ToArray()), Of(updates).LossesWithout[0]);
    }

    [Fact]
    public void Curvature_products_bend_the_predicted_loss_as_it_really_bends()
    {
        // Along s = sum p x the loss is L(w) - <g, s> + s'Hs / 2 + O(s^3): central second differences in double show s'Hs.
        RoundUpdates updates = Updates(3, Smooth);
        double[] p = updates.Weights(updates.Everyone), start = [.. updates.Rows.Base.ToArray().Select(w => (double)w)];
        double[] sum = [.. start.Select((w, i) => p.Select((weight, k) => weight * (w - updates.Rows.Model(k)[i])).Sum())];
        const double step = 1e-3;
        double Loss(double along) => ReferenceNetwork.Loss(
            Smooth.Network, [.. start.Select((w, i) => w + along * sum[i])], Smooth.Rows) / Smooth.Rows.Count;
        double bend = (Loss(step) - 2 * Loss(0) + Loss(-step)) / (step * step);
        double predicted = Of(updates, Smooth).CurvatureProducts[0].Select((product, k) => p[k] * product).Sum();
        Assert.True(bend > 1e-3);
        Assert.Equal(bend, predicted, 1e-4 * Math.Abs(bend));
    }

    [Fact]
    public void In_run_of_second_order_sums_to_the_Taylor_expansion_of_the_measured_drop()
    {
        // Smaller and smaller updates: the error falls with the third power.
        RoundUpdates full = Updates(3, Smooth);
        double Error(float size)
        {
            float[] start = full.Rows.Base.ToArray();
            float[][] models =
                [.. Enumerable.Range(0, 3).Select(k => start.Zip(full.Rows.Model(k).ToArray(), (w, m) => w + size * (m - w)).ToArray())];
            var updates = new RoundUpdates(full.Participants, new UpdateRows(start, models), full.Examples);
            double[] p = updates.Weights(updates.Everyone);
            var statistics = Statistics(updates, Smooth);
            double predicted = Enumerable.Range(0, 3).Sum(k =>
                p[k] * (statistics.Geometry.Gradient.Products[k] - 0.5 * statistics.Measurements.CurvatureProducts[0][k]));
            double[] after = [.. start.Select((w, i) => w + p.Select((weight, k) => weight * ((double)models[k][i] - w)).Sum())];
            double drop = (ReferenceNetwork.Loss(Smooth.Network, [.. start.Select(w => (double)w)], Smooth.Rows)
                - ReferenceNetwork.Loss(Smooth.Network, after, Smooth.Rows)) / Smooth.Rows.Count;
            return Math.Abs(drop - predicted) / Math.Abs(drop);
        }
        Assert.InRange(Error(0.3f), 0, 0.02);
        Assert.InRange(Error(0.03f), 0, 0.0005);
    }

    [Fact]
    public void The_last_layer_falls_apart_into_its_logits()
    {
        RoundUpdates updates = Updates();
        DenseLayer last = Network.Layers[^1];
        double[] p = updates.Weights(updates.Everyone);
        IReadOnlyList<ClassProducts> classes = Of(updates).LastLayer;
        Assert.Equal(Classes, classes.Count);
        for (int c = 0; c < Classes; c++)
        {
            int[] places = [.. Enumerable.Range(last.WeightOffset + c * last.Inputs, last.Inputs), last.BiasOffset + c];
            double[][] rows =
                [.. Enumerable.Range(0, 3).Select(k => (double[])[.. places.Select(i => (double)updates.Rows.Model(k)[i] - updates.Rows.Base[i])])];
            double[] mean = [.. places.Select((_, i) => rows.Select((row, k) => p[k] * row[i]).Sum())];
            Close([.. rows.Select(row => row.Sum(v => v * v))], classes[c].Squares);
            Close([.. rows.Select(row => row.Zip(mean, (v, m) => v * m).Sum())], classes[c].WithMean);
        }
    }

    [Fact]
    public void Threads_change_no_bit_and_the_blob_holds_what_was_measured_and_nothing_else()
    {
        static SafetensorsFile Blob(int threads, bool measure)
        {
            RoundStatistics statistics = Statistics(Updates(), Set, threads);
            if (measure)
                _ = (statistics.Measurements.CurvatureProducts, statistics.Measurements.LossesWithout, statistics.Measurements.LastLayer);
            return SafetensorsFile.Read(statistics.ToBlob());
        }
        string[] measured = ["losses_without", "curvature_products", "class_squares", "class_products"];
        SafetensorsFile one = Blob(1, measure: true);
        Assert.Equal(measured, one.Tensors.Select(t => t.Name).Except(Blob(1, measure: false).Tensors.Select(t => t.Name)));
        foreach (int threads in new[] { 2, 4 })
            Assert.All(measured, name => Assert.Equal(one[name].AsDoubles(), Blob(threads, measure: true)[name].AsDoubles()));
    }

    [Fact]
    public void Above_the_limit_the_Gram_matrix_is_read_off_the_updates()
    {
        RoundGeometry known = Statistics(Updates(), Set).Geometry, unknown = Statistics(Updates(), Set, gramLimit: 2).Geometry;
        Close(known.Gram(), unknown.Gram());
        Assert.False(SafetensorsFile.Read(Statistics(Updates(), Set, gramLimit: 2).ToBlob()).TryGet("gram", out _));
    }

    [Fact]
    public void A_round_without_updates_measures_nothing_of_them()
    {
        RoundMeasurements measured = Of(Updates(0));
        Assert.Empty(measured.LossesWithout);
        Assert.Equal(Utilities.Columns, measured.CurvatureProducts.Count);
        Assert.All(measured.CurvatureProducts, Assert.Empty);
        Assert.All(measured.LastLayer, ofClass => Assert.Empty(ofClass.Squares));
        Assert.All(measured.WeightedDrop, drop => Assert.Equal(0, drop));
    }

    static RoundStatistics Statistics(RoundUpdates updates, ValidationSet set, int threads = 1, int gramLimit = 128)
    {
        var backend = new CpuBackend(threads);
        float[][] gradients = set.BlockGradients(updates.Rows.Base.ToArray());
        double[][] figures = [.. Enumerable.Range(0, updates.Count).Select(k => backend.Measure(updates.Rows, k, gradients))];
        return new RoundStatistics(updates, figures, gradients, set, set.Network, gramLimit, backend);
    }
}
