using FedValue.Federation.Learning;
using FedValue.Valuation.Games;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Federation.Rounds;

/// <summary>Utilities of all coalitions from one walk over sums.</summary>
static class CoalitionTableRows
{
    /// <summary>Fills in all rows; those of no member and of all, which may be no sums, are asked of the game itself.</summary>
    /// <param name="game">Whose utilities they are.</param>
    /// <param name="sums">What measures the coalitions.</param>
    /// <param name="kind">The utility.</param>
    /// <param name="validation">The rows.</param>
    /// <param name="utilities">2^n x columns, by bit mask.</param>
    /// <param name="threads">How many walk at once.</param>
    /// <param name="cancellation">Stops between pieces of the work.</param>
    public static void Fill(
        IUtility game, CoalitionSums sums, UtilityKind kind, ValidationSet validation,
        double[] utilities, int threads, CancellationToken cancellation)
    {
        const int blocks = Jackknife.Blocks;
        int coalitions = 1 << sums.Parts.Length;
        Own(0);
        var losses = new double[coalitions * blocks];
        int[] correct = kind == UtilityKind.ValidationAccuracy ? new int[coalitions * blocks] : [];
        sums.ScoreAll(losses, correct, threads, cancellation);
        for (int mask = 1; mask < coalitions - 1; mask++)
        {
            var score = new ValidationScore(
                losses[(mask * blocks)..((mask + 1) * blocks)], correct.Length == 0 ? [] : correct[(mask * blocks)..((mask + 1) * blocks)]);
            Span<double> row = utilities.AsSpan(mask * Utilities.Columns, Utilities.Columns);
            Utilities.Of(kind, validation, score).CopyTo(row);
            UtilityNotFiniteException.ThrowIfNotFinite(Coalition.OfMask((ulong)mask), row);
        }
        Own(coalitions - 1);

        void Own(int mask)
        {
            Span<double> row = utilities.AsSpan(mask * Utilities.Columns, Utilities.Columns);
            game.Evaluate(Coalition.OfMask((ulong)mask), row);
            UtilityNotFiniteException.ThrowIfNotFinite(Coalition.OfMask((ulong)mask), row);
        }
    }
}
