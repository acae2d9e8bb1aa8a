using FedValue.Valuation.Games;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

/// <summary>
/// Asymmetric Shapley (arXiv 2511.12863): participants are ordered by the round in which their first update was accepted; those who joined
/// together are not. Whoever joined in group t is valued on top of all who joined before: with P their union and m members of the group,
/// phi_z = 1/m sum over S of C(m-1, |S|)^-1 (U(P + S + z) - U(P + S)). One group is Shapley.
/// </summary>
sealed class AsymmetricShapley : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        "asymmetric", "Asymmetric Shapley", "The measured utility, as for exact Shapley, in the order of joining.",
        Axioms.Efficiency | Axioms.NullPlayer | Axioms.Linearity,
        "Who joined first is valued first: a later copy of the same data earns little. Equals exact Shapley where all joined in one round.",
        Enumerates: true);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        (CoalitionTable table, long evaluations) = round.RequireTable(cancellation);
        int[][] groups =
        [
            .. Enumerable.Range(0, round.Count).GroupBy(k => round.JoinedIn[k]).OrderBy(group => group.Key).Select(group => group.ToArray()),
        ];
        var columns = new double[table.Columns][];
        ParallelEvaluation.Run(columns.Length, round.Threads, cancellation, c => columns[c] = Values(table, c, groups));
        return new MethodResult(Estimate.FromValidation(columns[0], columns[1..]), evaluations);
    }

    static double[] Values(CoalitionTable table, int column, int[][] groups)
    {
        var values = new double[table.Players];
        int earlier = 0;
        foreach (int[] group in groups)
        {
            var utilities = new double[1 << group.Length];
            var masks = new int[utilities.Length];
            for (int local = 0; local < utilities.Length; local++)
            {
                int first = local & -local;
                masks[local] = local == 0 ? earlier : masks[local ^ first] | 1 << group[int.Log2(first)];
                utilities[local] = table[masks[local], column];
            }
            double[] own = Semivalue.Shapley(group.Length).Values(CoalitionTable.Of(group.Length, utilities), 0);
            for (int i = 0; i < group.Length; i++)
                values[group[i]] = own[i];
            earlier = masks[^1];
        }
        return values;
    }
}
