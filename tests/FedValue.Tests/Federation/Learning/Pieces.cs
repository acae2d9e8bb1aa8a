using FedValue.Federation.Learning;

namespace FedValue.Tests.Federation.Learning;

/// <summary>Rows sent through a network in pieces of a given length, as trainers and validation sets do.</summary>
static class Pieces
{
    /// <summary>Rows x classes.</summary>
    public static float[][] Logits(Network network, float[] weights, LabelledRows rows, int length = NetworkPass.RowsMax)
    {
        var logits = new List<float[]>();
        ForEach(network, weights, rows, length, new NetworkPass(network), (pass, _, count) =>
        {
            for (int i = 0; i < count; i++)
                logits.Add(pass.Logits(i).ToArray());
        });
        return [.. logits];
    }

    /// <summary>The gradient of the summed cross-entropy (d).</summary>
    public static float[] Gradient(
        Network network, float[] weights, LabelledRows rows, int length = NetworkPass.RowsMax, NetworkPass? pass = null)
    {
        var gradient = new float[network.WeightCount];
        ForEach(network, weights, rows, length, pass ?? new NetworkPass(network), (passing, first, count) =>
            passing.Backward(rows.Features.AsSpan(first * rows.Width, count * rows.Width), rows.Labels.AsSpan(first, count), 1, gradient));
        return gradient;
    }

    static void ForEach(
        Network network, float[] weights, LabelledRows rows, int length, NetworkPass pass, Action<NetworkPass, int, int> visit)
    {
        pass.Load(weights);
        for (int first = 0; first < rows.Count; first += length)
        {
            int count = Math.Min(length, rows.Count - first);
            pass.Forward(rows.Features.AsSpan(first * network.Features, count * network.Features), count);
            visit(pass, first, count);
        }
    }
}
