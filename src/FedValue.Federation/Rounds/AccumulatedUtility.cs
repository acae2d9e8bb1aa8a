using System.Buffers;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;

namespace FedValue.Federation.Rounds;

/// <summary>
/// U(S): the utility of the initial model plus the weighted mean of what the members of S have sent in all rounds, added up; weights are those
/// of FedAvg in this round. U(empty) is the utility of the initial model.
/// </summary>
sealed class AccumulatedUtility(
    ValidationSet validation, UtilityKind kind, float[] initial, RoundUpdates updates, IReadOnlyList<double[]> sums) : IUtility
{
    /// <inheritdoc/>
    public int Players => updates.Count;

    /// <inheritdoc/>
    public int Columns => Utilities.Columns;

    /// <summary>Adds a round's updates, formed in double, to the sums of the rounds before.</summary>
    /// <param name="validation">The rows to measure on.</param>
    /// <param name="kind">What is measured.</param>
    /// <param name="initial">The federation's initial model, d weights.</param>
    /// <param name="updates">The round's n updates.</param>
    /// <param name="before">The sums before the round (d numbers), null for who is new.</param>
    public static AccumulatedGame Game(
        ValidationSet validation, UtilityKind kind, float[] initial, RoundUpdates updates, IReadOnlyList<double[]?> before)
    {
        var sums = new double[updates.Count][];
        for (int k = 0; k < sums.Length; k++)
        {
            sums[k] = new double[updates.Rows.Length];
            ReadOnlySpan<float> start = updates.Rows.Base, local = updates.Rows.Model(k);
            for (int i = 0; i < sums[k].Length; i++)
                sums[k][i] = (before[k]?[i] ?? 0) + ((double)local[i] - start[i]);
        }
        return new AccumulatedGame(new AccumulatedUtility(validation, kind, initial, updates, sums), sums);
    }

    /// <inheritdoc/>
    public void Evaluate(Coalition coalition, Span<double> utilities)
    {
        int[] members = coalition.Members();
        double[] weights = updates.Weights(members);
        float[] model = ArrayPool<float>.Shared.Rent(initial.Length);
        for (int i = 0; i < initial.Length; i++)
        {
            double weight = initial[i];
            for (int m = 0; m < members.Length; m++)
                weight += weights[m] * sums[members[m]][i];
            model[i] = (float)weight;
        }
        Utilities.Of(kind, validation, validation.Score(model)).CopyTo(utilities);
        ArrayPool<float>.Shared.Return(model);
    }
}
