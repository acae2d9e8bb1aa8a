namespace FedValue.Federation.Simulation;

/// <summary>What was asked for cannot be simulated; the message is one sentence for the person who asked.</summary>
/// <param name="message">The sentence.</param>
/// <param name="setting">The setting to blame, spelled as in <see cref="Ledger.TermsFault.Term"/>; null: none alone, or none of the terms.</param>
public sealed class SimulationException(string message, string? setting = null) : Exception(message)
{
    /// <summary>The setting to blame; null: none alone, or none of the terms.</summary>
    public string? Setting { get; } = setting;
}
