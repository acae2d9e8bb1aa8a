using FedValue.Federation.Rounds;

namespace FedValue.Cli.Runs;

/// <summary>What a reader must know before trusting a number.</summary>
static class RunWarnings
{
    public static IReadOnlyList<string> Of(FederationHistory history) => [];
}
