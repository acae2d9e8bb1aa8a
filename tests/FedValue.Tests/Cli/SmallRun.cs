namespace FedValue.Tests.Cli;

/// <summary>The arguments of a run that touches every part and takes about a second, also without vector hardware.</summary>
static class SmallRun
{
    public static readonly string[] Arguments =
    [
        "simulate", "--dataset", "breast-cancer", "--participants", "3", "--partition", "dirichlet:1", "--corrupt", "label-flip:0.5@2",
        "--model", "mlp:5", "--momentum", "0.5", "--weight-decay", "0.001", "--rounds", "3", "--aggregator", "fedrandom", "--seed", "3",
        "--permutations", "48", "--budget", "1001",
    ];

    /// <summary>
    /// The root of that run's ledger: every bit of training, valuation and payment on any x64 machine. It may change only together with
    /// <c>Numerics.Version</c>.
    /// </summary>
    public const string Root = "0000000000000000000000000000000000000000000000000000000000000000";
}
