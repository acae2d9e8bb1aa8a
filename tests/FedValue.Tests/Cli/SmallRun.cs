namespace FedValue.Tests.Cli;

/// <summary>The arguments of a run that draws every aggregator, uses every method and takes about a second, also without vector hardware.</summary>
static class SmallRun
{
    public static readonly string[] Arguments =
    [
        "simulate", "--dataset", "breast-cancer", "--participants", "3", "--partition", "dirichlet:1", "--corrupt", "label-flip:0.5@2",
        "--model", "mlp:5", "--momentum", "0.5", "--weight-decay", "0.001", "--rounds", "5", "--aggregator", "fedrandom", "--seed", "4",
        "--permutations", "48", "--budget", "1001",
    ];

    /// <summary>
    /// The root of that run's ledger: every bit of training, valuation and payment on any x64 machine. It changes with the wording of the
    /// terms in the first entry and with what participants claim; for any other reason only together with <c>Numerics.Version</c>.
    /// </summary>
    public const string Root = "33ff6790dc5e699af38182e82e1b087b4eb1acb088a9e0c8944fddbc7e2ea835";

    /// <summary>The arguments of a run with every method that only runs where it is asked for, and in which participants join one by one.</summary>
    public static readonly string[] FurtherMethods =
    [
        "simulate", "--dataset", "breast-cancer", "--participants", "4", "--participation", "0.5", "--model", "mlp:5", "--rounds", "5",
        "--seed", "4", "--methods",
        "in-run-2,hardness,weighted-mean,logdet,ridge-leverage,asymmetric,dig-fl,cgsv,shapfed,fedce", "--pay-by", "in-run-2",
    ];

    /// <summary>The root of that run's ledger.</summary>
    public const string FurtherMethodsRoot = "b9a78fccc4e14f1e1e35cde8914f3f4c5adff16bafffb82e637974b8d6864d08";
}
