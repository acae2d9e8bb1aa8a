namespace FedValue.Valuation.Games;

/// <summary>The utilities of all 2^n coalitions, indexed by bit mask: what every exact semivalue is read off.</summary>
public sealed class CoalitionTable
{
    /// <summary>The largest game that is enumerated: 2^20 utilities.</summary>
    public const int PlayersMax = 20;

    readonly double[] _utilities;

    CoalitionTable(int players, int columns, double[] utilities)
    {
        Players = players;
        Columns = columns;
        _utilities = utilities;
    }

    /// <summary>n, the number of players.</summary>
    public int Players { get; }

    /// <summary>1 + the number of replicates.</summary>
    public int Columns { get; }

    /// <summary>The utility of a coalition in one column.</summary>
    public double this[int mask, int column] => _utilities[mask * Columns + column];

    /// <summary>Column 0 for all masks: 2^n utilities.</summary>
    public double[] Utilities()
    {
        var utilities = new double[1 << Players];
        for (int mask = 0; mask < utilities.Length; mask++)
            utilities[mask] = this[mask, 0];
        return utilities;
    }

    /// <summary>A table of one column from utilities that are known: 2^n numbers by bit mask.</summary>
    /// <exception cref="ArgumentException">They are not 2^n for these players.</exception>
    public static CoalitionTable Of(int players, double[] utilities) =>
        TooLarge(players) is { } problem ? throw new ArgumentException(problem, nameof(players))
        : utilities.Length == 1 << players ? new CoalitionTable(players, 1, utilities)
        : throw new ArgumentException(
            $"{players} players make {1 << players} coalitions, but {utilities.Length} utilities came.", nameof(utilities));

    /// <summary>Evaluates all 2^n coalitions, any number of them at a time.</summary>
    /// <param name="utility">A game of at most <see cref="PlayersMax"/> players.</param>
    /// <param name="threads">How many evaluations may run at once; changes no bit.</param>
    /// <param name="cancellation">Stops between evaluations.</param>
    /// <exception cref="ArgumentException">The game has too many players.</exception>
    /// <exception cref="UtilityNotFiniteException">A utility is NaN or infinite.</exception>
    public static CoalitionTable Evaluate(IUtility utility, int threads, CancellationToken cancellation = default)
    {
        if (TooLarge(utility.Players) is { } problem)
            throw new ArgumentException(problem, nameof(utility));

        int columns = utility.Columns;
        var utilities = new double[(1 << utility.Players) * columns];
        utility.EvaluateAll(utilities, threads, cancellation);
        for (int mask = 0; mask < 1 << utility.Players; mask++)
            UtilityNotFiniteException.ThrowIfNotFinite(Coalition.OfMask((ulong)mask), utilities.AsSpan(mask * columns, columns));
        return new CoalitionTable(utility.Players, columns, utilities);
    }

    /// <summary>Why a game of n players is not enumerated, as a sentence with the alternative; null when it is.</summary>
    public static string? TooLarge(int players) => players <= PlayersMax
        ? null
        : $"Exact values of {players} participants need 2^{players} coalition utilities; the limit is {PlayersMax} participants. " +
          "Use the method 'permutation', which samples.";
}
