namespace FedValue.Valuation.Games;

/// <summary>
/// Several utilities of the same players as one game, so that whoever samples asks all of them for the same coalitions: first every column of
/// their mean, then column 0 of each.
/// </summary>
sealed class PoolUtility(IReadOnlyList<IUtility> members) : IUtility
{
    readonly int _columns = members[0].Columns;

    public int Players => members[0].Players;

    public int Columns => _columns + members.Count;

    public int Models => members.Sum(member => member.Models);

    public void Evaluate(Coalition coalition, Span<double> utilities)
    {
        Span<double> mean = utilities[.._columns];
        var own = new double[_columns];
        for (int m = 0; m < members.Count; m++)
        {
            members[m].Evaluate(coalition, own);
            utilities[_columns + m] = own[0];
            for (int c = 0; c < _columns; c++)
                mean[c] = m == 0 ? own[c] : mean[c] + own[c];
        }
        foreach (ref double column in mean)
            column /= members.Count;
    }

    public void EvaluateAll(double[] utilities, int threads, CancellationToken cancellation)
    {
        int coalitions = 1 << Players;
        var own = new double[coalitions * _columns];
        for (int m = 0; m < members.Count; m++)
        {
            members[m].EvaluateAll(own, threads, cancellation);
            for (int mask = 0; mask < coalitions; mask++)
            {
                Span<double> row = utilities.AsSpan(mask * Columns, Columns), of = own.AsSpan(mask * _columns, _columns);
                row[_columns + m] = of[0];
                for (int c = 0; c < _columns; c++)
                    row[c] = m == 0 ? of[c] : row[c] + of[c];
            }
        }
        for (int mask = 0; mask < coalitions; mask++)
        {
            foreach (ref double column in utilities.AsSpan(mask * Columns, _columns))
                column /= members.Count;
        }
    }
}
