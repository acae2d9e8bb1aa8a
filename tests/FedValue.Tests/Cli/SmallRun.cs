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
    public const string Root = "795a64856da4e8c998777c7cf1bc2bfdcf9e062b1fc65a1d95e3a5ce5401d6b4";

    /// <summary>The arguments of a run with every method that only runs where it is asked for, and in which participants join one by one.</summary>
    public static readonly string[] FurtherMethods =
    [
        "simulate", "--dataset", "breast-cancer", "--participants", "4", "--participation", "0.5", "--model", "mlp:5", "--rounds", "5",
        "--seed", "4", "--methods",
        "in-run-2,hardness,weighted-mean,logdet,ridge-leverage,asymmetric,dig-fl,cgsv,shapfed,fedce", "--pay-by", "in-run-2",
    ];

    /// <summary>The root of that run's ledger.</summary>
    public const string FurtherMethodsRoot = "d03f9615b7033d66703b54afa96ddf90b06e1f5524b81694e2f0ac5c9336f9b9";
}
