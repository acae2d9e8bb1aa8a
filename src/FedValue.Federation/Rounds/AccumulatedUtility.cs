using System.Buffers;
using FedValue.Federation.Aggregation;
using FedValue.Federation.Learning;
using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;

namespace FedValue.Federation.Rounds;

/// <summary>
/// U(S): the utility of the initial model plus the weighted mean of what the members of S have sent in all rounds, added up; weights are those
/// of FedAvg in this round. U(empty) is the utility of the initial model. It goes the ways that <see cref="CoalitionUtility"/> goes under FedAvg.
/// </summary>
sealed class AccumulatedUtility : IUtility
{
    readonly ValidationSet _validation;
    readonly UtilityKind _kind;
    readonly float[] _initial;
    readonly RoundUpdates _updates;
    readonly IReadOnlyList<double[]> _all;
    readonly Lazy<CoalitionSums?> _sums;

    /// <summary>A game over the sums of updates, n x d.</summary>
    public AccumulatedUtility(
        ValidationSet validation, UtilityKind kind, float[] initial, RoundUpdates updates, IReadOnlyList<double[]> sums, int threads)
    {
        (_validation, _kind, _initial, _updates, _all) = (validation, kind, initial, updates, sums);
        bool fits = CoalitionSums.Fits(validation.Network, validation.Rows.Count, updates.Count);
        _sums = new Lazy<CoalitionSums?>(() => !fits ? null : UpdateParts.Sums(
            validation, AdditiveStep.WeightedMean(updates, initial, scale: 1), UpdateParts.Of(validation, sums.Count, threads, (k, part) =>
            {
                for (int i = 0; i < part.Length; i++)
                    part[i] = (float)sums[k][i];
            })));
    }

    /// <inheritdoc/>
    public int Players => _updates.Count;

    /// <inheritdoc/>
    public int Columns => Utilities.Columns;

    /// <summary>Adds a round's updates, formed in double, to the sums of the rounds before.</summary>
    /// <param name="validation">The rows to measure on.</param>
    /// <param name="kind">What is measured.</param>
    /// <param name="initial">The federation's initial model, d weights.</param>
    /// <param name="updates">The round's n updates.</param>
    /// <param name="before">The sums before the round (d numbers), null for who is new.</param>
    /// <param name="threads">How many threads may prepare the game.</param>
    public static AccumulatedGame Game(
        ValidationSet validation, UtilityKind kind, float[] initial, RoundUpdates updates, IReadOnlyList<double[]?> before, int threads)
    {
        var sums = new double[updates.Count][];
        for (int k = 0; k < sums.Length; k++)
        {
            sums[k] = new double[updates.Rows.Length];
            ReadOnlySpan<float> start = updates.Rows.Base, local = updates.Rows.Model(k);
            for (int i = 0; i < sums[k].Length; i++)
                sums[k][i] = (before[k]?[i] ?? 0) + ((double)local[i] - start[i]);
        }
        return new AccumulatedGame(new AccumulatedUtility(validation, kind, initial, updates, sums, threads), sums);
    }

    /// <inheritdoc/>
    public void Evaluate(Coalition coalition, Span<double> utilities)
    {
        int[] members = coalition.Members();
        ValidationScore score = members.Length > 0 && _sums.Value is { } sums ? sums.Score(members) : Rebuilt(members);
        Utilities.Of(_kind, _validation, score).CopyTo(utilities);
    }

    /// <inheritdoc/>
    public void EvaluateAll(double[] utilities, int threads, CancellationToken cancellation)
    {
        if (_sums.Value is { } sums)
            CoalitionTableRows.Fill(this, sums, _kind, _validation, utilities, threads, cancellation);
        else
            IUtility.EvaluateEach(this, utilities, threads, cancellation);
    }

    ValidationScore Rebuilt(int[] members)
    {
        double[] weights = _updates.Weights(members);
        float[] model = ArrayPool<float>.Shared.Rent(_initial.Length);
        for (int i = 0; i < _initial.Length; i++)
        {
            double weight = _initial[i];
            for (int m = 0; m < members.Length; m++)
                weight += weights[m] * _all[members[m]][i];
            model[i] = (float)weight;
        }
        ValidationScore score = _validation.Score(model);
        ArrayPool<float>.Shared.Return(model);
        return score;
    }
}
