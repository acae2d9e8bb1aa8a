using FedValue.Valuation.ClosedForms;
using FedValue.Valuation.Games;
using FedValue.Valuation.Uncertainty;

namespace FedValue.Valuation.Methods;

static class Ridge
{
    /// <summary>
    /// A share of the mean squared norm of the updates, tr(X X') / n: there are fewer updates than weights, so the trace is spread over n
    /// directions and not over d. 1 where all updates are zero: then every lambda says the same.
    /// </summary>
    public static double Lambda(RoundGeometry geometry, double share)
    {
        double mean = geometry.Count == 0 ? 0 : Sums.Compensated([.. geometry.SquaredNorms]) / geometry.Count;
        double lambda = share * mean;
        return lambda > 0 ? lambda : 1;
    }
}

/// <summary>Ridge leverage scores of the updates (arXiv 2511.02100), with lambda a share of their mean squared norm.</summary>
sealed class RidgeLeverage(string name, double share) : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        name, "Ridge leverage", "No game: how far the update reaches in a direction that no other takes, 0 to 1.",
        Axioms.Symmetry, "Novelty, not quality: an outlier scores high. Does not sum to a gain; a zero update gets 0.",
        Needs: MethodNeeds.Updates);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation) => new(Estimate.WithoutInterval(
        Leverage.Ridge(round.Geometry.Gram(), round.Count, Ridge.Lambda(round.Geometry, share))));
}

/// <summary>The Shapley value behind leverage: of the volume that the updates of a coalition span.</summary>
sealed class LogDetShapley(string name, double share) : IRoundMethod
{
    public MethodInfo Info { get; } = new(
        name, "Log-det Shapley", "The volume that a coalition's updates span: log det(I + X_S X_S' / lambda).",
        Axioms.All, "Novelty, not quality: an outlier adds volume.", ParticipantsMax: CoalitionTable.PlayersMax, Needs: MethodNeeds.Updates);

    public MethodResult Value(RoundEvidence round, CancellationToken cancellation)
    {
        int n = round.Count;
        if (CoalitionTable.TooLarge(n) is { } problem)
            throw new ArgumentException(problem, nameof(round));
        double[] volumes = Leverage.LogDeterminants(round.Geometry.Gram(), n, Ridge.Lambda(round.Geometry, share));
        return new MethodResult(Estimate.WithoutInterval(Semivalue.Shapley(n).Values(CoalitionTable.Of(n, volumes), 0)));
    }
}
