using System.Collections.Concurrent;
using FedValue.Valuation.Games;

namespace FedValue.Tests.Valuation.Support;

/// <summary>
/// A game given by its utilities (2^n x columns, by bit mask); it remembers which coalitions it was asked for, and how often.
/// </summary>
sealed class TableGame : IUtility
{
    readonly double[][] _rows;

    public TableGame(int players, Func<int, double[]> row)
    {
        Players = players;
        _rows = [.. Enumerable.Range(0, 1 << players).Select(row)];
        Columns = _rows[0].Length;
    }

    public TableGame(double[] utilities) : this(int.Log2(utilities.Length), mask => [utilities[mask]])
    {
    }

    public int Players { get; }

    public int Columns { get; }

    /// <summary>How often each coalition was measured.</summary>
    public ConcurrentDictionary<int, int> Calls { get; } = new();

    public void Evaluate(Coalition coalition, Span<double> utilities)
    {
        int mask = coalition.Members().Sum(player => 1 << player);
        Calls.AddOrUpdate(mask, 1, (_, calls) => calls + 1);
        _rows[mask].CopyTo(utilities);
    }

    /// <summary>The utilities of one column by bit mask.</summary>
    public double[] Column(int column) => [.. _rows.Select(row => row[column])];

    /// <summary>The game whose every column is changed in the same way.</summary>
    public TableGame Changed(Func<double[], double[]> change)
    {
        double[][] columns = [.. Enumerable.Range(0, Columns).Select(column => change(Column(column)))];
        return new TableGame(Players, mask => [.. columns.Select(column => column[mask])]);
    }

    public CoalitionTable Table() => CoalitionTable.Evaluate(this, threads: 1);

    /// <summary>A game said by a rule on the members of a coalition.</summary>
    public static TableGame Of(int players, Func<int[], double> utility) =>
        new(players, mask => [utility([.. Enumerable.Range(0, players).Where(player => (mask >> player & 1) == 1)])]);
}
