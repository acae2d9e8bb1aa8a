using FedValue.Valuation.Games;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>The updates of all rounds so far, added up participant by participant, and what coalitions of them are worth.</summary>
/// <param name="Utility">U(S) of the initial model plus the weighted mean of the members' sums; U(empty) is that of the initial model.</param>
/// <param name="Sums">The sums with this round's updates, n x d.</param>
public sealed record AccumulatedGame(IUtility Utility, IReadOnlyList<double[]> Sums);

/// <summary>
/// One-round reconstruction (OR; Song, Tong, Wei 2019): exact Shapley values of the models that coalitions would have made from the initial
/// model with all their updates at once. A round's value is what it changed of them, so that values add up to those of the last round.
/// </summary>
/// <remarks>
/// A memory row is the value in every column, then the sum of the participant's updates: 1 + blocks + d numbers.
/// </remarks>
sealed class OneRound : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "or", "One-round reconstruction (OR)",
        "The measured utility of the initial model plus a coalition's updates of all rounds at once; a round's share is what it changed.",
        Axioms.All,
        "Totals are those of the last round, where everybody takes part in every round; who misses one keeps the value of its last one, and "
        + "then totals are values of no game. Updates are added although they were made for other models, so it drifts with many rounds.",
        ParticipantsMax: CoalitionTable.PlayersMax, NeedsEverybody: true);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        int n = round.Count, columns = round.Utility.Columns;
        IReadOnlyList<double[]?> memory = round.MemoryOf(Info.Name);
        AccumulatedGame game = round.Accumulate([.. memory.Select(row => row?[columns..])]);
        CoalitionTable table = CoalitionTable.Evaluate(game.Utility, round.Threads, cancellation);
        Semivalue shapley = Semivalue.Shapley(n);
        var now = new double[columns][];
        ParallelEvaluation.Run(columns, round.Threads, cancellation, c => now[c] = shapley.Values(table, c));
        double[][] changes =
            [.. now.Select((values, c) => values.Select((value, k) => value - (memory[k]?[c] ?? 0)).ToArray())];
        return new MethodResult(
            Estimate.FromValidation(changes[0], changes[1..]), 1L << n,
            Memory: [.. Enumerable.Range(0, n).Select(k => (double[])[.. now.Select(values => values[k]), .. game.Sums[k]])]);
    }
}
