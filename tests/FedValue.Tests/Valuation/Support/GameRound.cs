using FedValue.Valuation.Games;
using FedValue.Valuation.Methods;
using FedValue.Valuation.Sampling;

namespace FedValue.Tests.Valuation.Support;

/// <summary>A round about which only the utility is known.</summary>
static class GameRound
{
    public static RoundEvidence Of(IUtility utility, StoppingRule? rule = null, long seed = 1, int round = 1, int threads = 1)
    {
        int n = utility.Players;
        var geometry = new RoundGeometry(new double[n], new double[n], [], 0, [], _ => new double[n]);
        return new RoundEvidence(
            round, seed, new double[n], geometry, utility, new KnownMeasurements(), rule ?? new StoppingRule(2, 64, 0), threads);
    }

    /// <summary>The same with a counterfactual pool; the first member is the round's own.</summary>
    public static RoundEvidence OfPool(IReadOnlyList<IUtility> pool, StoppingRule? rule = null, long seed = 1, int round = 1, int threads = 1)
    {
        int n = pool[0].Players;
        var geometry = new RoundGeometry(new double[n], new double[n], [], 0, [], _ => new double[n]);
        return new RoundEvidence(
            round, seed, new double[n], geometry, pool[0], new KnownMeasurements(), rule ?? new StoppingRule(2, 64, 0), threads) { Pool = pool };
    }

    /// <summary>What a method says of a game.</summary>
    public static MethodResult Value(string method, double[] game, StoppingRule? rule = null, long seed = 1, int round = 1) =>
        MethodCatalog.Get(method).Value(Of(new TableGame(game), rule, seed, round));
}
