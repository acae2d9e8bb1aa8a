using FedValue.Valuation.Games;
using FedValue.Valuation.Specs;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>A semivalue read off the table of all coalition utilities.</summary>
abstract class TableMethod : IRoundMethod
{
    public abstract MethodInfo Info { get; }

    protected abstract Semivalue Semivalue(int players);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        (CoalitionTable table, long evaluations) = round.RequireTable(cancellation);
        return new MethodResult(EstimateOf(table, Semivalue(round.Count), round.Threads, cancellation), evaluations);
    }

    internal static Estimate EstimateOf(CoalitionTable table, Semivalue semivalue, int threads, CancellationToken cancellation)
    {
        var columns = new double[table.Columns][];
        ParallelEvaluation.Run(columns.Length, threads, cancellation, c => columns[c] = semivalue.Values(table, c));
        return Estimate.FromValidation(columns[0], columns[1..]);
    }
}

sealed class ExactShapley : TableMethod
{
    public override MethodInfo Info { get; } = new(
        "exact", "Exact Shapley", "The measured utility of the model that each coalition would have made.", Axioms.All, Enumerates: true);

    protected override Semivalue Semivalue(int players) => Games.Semivalue.Shapley(players);
}

sealed class Banzhaf : TableMethod
{
    public override MethodInfo Info { get; } = new(
        "banzhaf", "Banzhaf", "The measured utility, as for exact Shapley, with every coalition equally likely.",
        Axioms.Symmetry | Axioms.NullPlayer | Axioms.Linearity, "Values do not sum to the round's gain.", Enumerates: true);

    protected override Semivalue Semivalue(int players) => Games.Semivalue.Banzhaf(players);
}

sealed class BetaShapley(SpecValues settings) : TableMethod
{
    public override MethodInfo Info { get; } = new(
        settings.Text, "Beta Shapley", "The measured utility, as for exact Shapley, with sizes of coalitions weighted by Beta(alpha, beta).",
        Axioms.Symmetry | Axioms.NullPlayer | Axioms.Linearity,
        "Values do not sum to the round's gain; a large alpha weighs small coalitions, a large beta large ones; 1 and 1 are exact.",
        Enumerates: true);

    protected override Semivalue Semivalue(int players) => Games.Semivalue.Beta(players, settings["alpha"], settings["beta"]);
}

/// <summary>Leave-one-out needs only n + 1 coalitions, so it reads the table where there is one and else measures those.</summary>
sealed class LeaveOneOut : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "loo", "Leave-one-out", "The measured utility: what the round loses without the participant.",
        Axioms.Symmetry | Axioms.NullPlayer | Axioms.Linearity,
        "Values do not sum to the round's gain; exact duplicates both get about 0.");

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        int n = round.Count, columns = round.Utility.Columns;
        var values = new double[columns][];
        if (round.Table is { } table)
        {
            Semivalue semivalue = Semivalue.LeaveOneOut(n);
            for (int c = 0; c < columns; c++)
                values[c] = semivalue.Values(table, c);
            return new MethodResult(Estimate.FromValidation(values[0], values[1..]));
        }

        var known = new MemoizedUtility(round.Utility, round.Threads);
        var grand = Coalition.Grand(n);
        Coalition[] without = [.. Enumerable.Range(0, n).Select(j => Coalition.Of([.. Enumerable.Range(0, n).Where(i => i != j)]))];
        known.Require(n == 0 ? [] : [grand, .. without], cancellation);
        for (int c = 0; c < columns; c++)
            values[c] = [.. without.Select(others => known[grand][c] - known[others][c])];
        return new MethodResult(Estimate.FromValidation(values[0], values[1..]), known.Evaluations);
    }
}
