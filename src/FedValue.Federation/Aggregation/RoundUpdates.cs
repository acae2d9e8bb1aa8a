using FedValue.Kernels;

namespace FedValue.Federation.Aggregation;

/// <summary>A round's accepted updates in ordinal order of their participants.</summary>
/// <param name="Participants">n ids.</param>
/// <param name="Rows">The matrix X (n x d) of local models minus base model.</param>
/// <param name="Examples">How many examples each says it trained on: n claims of 1 or more.</param>
public sealed record RoundUpdates(IReadOnlyList<string> Participants, UpdateRows Rows, IReadOnlyList<long> Examples)
{
    /// <summary>n.</summary>
    public int Count => Participants.Count;

    /// <summary>All of them: 0 .. n-1.</summary>
    public int[] Everyone => [.. Enumerable.Range(0, Count)];

    /// <summary>FedAvg's weights of a coalition: p_i = examples_i / sum over the coalition.</summary>
    public double[] Weights(ReadOnlySpan<int> coalition)
    {
        double total = 0;
        foreach (int member in coalition)
            total += Examples[member];
        var weights = new double[coalition.Length];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = Examples[coalition[i]] / total;
        return weights;
    }
}
