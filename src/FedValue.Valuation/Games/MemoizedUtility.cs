namespace FedValue.Valuation.Games;

/// <summary>
/// Remembers what it has measured, and counts it. Whoever samples asks for many coalitions at once, so that they run in parallel.
/// </summary>
sealed class MemoizedUtility(IUtility utility, int threads)
{
    readonly Dictionary<Coalition, double[]> _known = [];

    /// <summary>n, the number of players.</summary>
    public int Players => utility.Players;

    /// <summary>1 + the number of replicates.</summary>
    public int Columns => utility.Columns;

    /// <summary>How many models of coalitions were really measured.</summary>
    public long Evaluations => (long)_known.Count * utility.Models;

    /// <summary>Measures those of the coalitions that are not known yet.</summary>
    public void Require(IEnumerable<Coalition> coalitions, CancellationToken cancellation)
    {
        Coalition[] missing = [.. coalitions.Distinct().Where(c => !_known.ContainsKey(c))];
        var measured = new double[missing.Length][];
        ParallelEvaluation.Run(missing.Length, threads, cancellation, i =>
        {
            var row = new double[utility.Columns];
            utility.Evaluate(missing[i], row);
            UtilityNotFiniteException.ThrowIfNotFinite(missing[i], row);
            measured[i] = row;
        });
        for (int i = 0; i < missing.Length; i++)
            _known.Add(missing[i], measured[i]);
    }

    /// <summary>All columns of a coalition that was required before.</summary>
    public ReadOnlySpan<double> this[Coalition coalition] => _known[coalition];
}
