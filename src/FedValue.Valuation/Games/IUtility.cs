namespace FedValue.Valuation.Games;

/// <summary>
/// What a coalition is worth: higher is better. One evaluation gives several columns: column 0 is the utility itself, the others are
/// replicates of it, each measured without one block of the validation rows. Values are linear in the utility, so every column is a game.
/// </summary>
public interface IUtility
{
    /// <summary>n, the number of players.</summary>
    int Players { get; }

    /// <summary>1 + the number of replicates.</summary>
    int Columns { get; }

    /// <summary>How many models one evaluation measures: what budgets and tables count.</summary>
    int Models => 1;

    /// <summary>
    /// Measures one coalition; the empty one included. Pure: the same coalition gives the same bits, from any thread, and changes nothing.
    /// </summary>
    /// <param name="coalition">Players 0 .. n-1.</param>
    /// <param name="utilities">Receives one number per column.</param>
    void Evaluate(Coalition coalition, Span<double> utilities);

    /// <summary>Measures all 2^n coalitions, with the bits of measuring each alone; a game that knows a faster way to all goes it.</summary>
    /// <param name="utilities">Receives 2^n rows of columns, by bit mask.</param>
    /// <param name="threads">How many evaluations may run at once; changes no bit.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    void EvaluateAll(double[] utilities, int threads, CancellationToken cancellation) => EvaluateEach(this, utilities, threads, cancellation);

    /// <summary>Measures all 2^n coalitions one by one: what there is without a faster way.</summary>
    static void EvaluateEach(IUtility utility, double[] utilities, int threads, CancellationToken cancellation)
    {
        int columns = utility.Columns;
        ParallelEvaluation.Run(1 << utility.Players, threads, cancellation, mask =>
        {
            var coalition = Coalition.OfMask((ulong)mask);
            Span<double> row = utilities.AsSpan(mask * columns, columns);
            utility.Evaluate(coalition, row);
            UtilityNotFiniteException.ThrowIfNotFinite(coalition, row);
        });
    }
}

/// <summary>A utility was NaN or infinite: the round cannot be valued with it, and no number is put in its place.</summary>
public sealed class UtilityNotFiniteException(Coalition coalition, double utility) : Exception(
    $"The utility of coalition {coalition} is {utility}, which is not a finite number; " +
    "the updates have probably diverged: lower the learning rate, or value the round without this coalition.")
{
    /// <summary>The coalition that was measured.</summary>
    public Coalition Coalition { get; } = coalition;

    /// <summary>Throws when a column is not finite.</summary>
    public static void ThrowIfNotFinite(Coalition coalition, ReadOnlySpan<double> utilities)
    {
        foreach (double utility in utilities)
        {
            if (!double.IsFinite(utility))
                throw new UtilityNotFiniteException(coalition, utility);
        }
    }
}
