using FedValue.Federation.Learning;

namespace FedValue.Federation.Simulation;

/// <summary>A participant of a simulation: what it holds, what it claims and how it behaves.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Rows">Its rows; corrupted ones where a corruption changed them.</param>
public sealed record SimulatedParticipant(string Id, LabelledRows Rows)
{
    /// <summary>What it does instead of sending what it learned; null: nothing.</summary>
    public Behaviour? Behaviour { get; init; }

    /// <summary>How many times its rows it claims as examples.</summary>
    public decimal Inflation { get; init; } = 1;

    /// <summary>How many times its training loss it claims as its loss.</summary>
    public decimal LossInflation { get; init; } = 1;

    /// <summary>What was done to it, in words.</summary>
    public IReadOnlyList<string> Corruptions { get; init; } = [];

    /// <summary>Further identities under which it takes part, each with rows of its own.</summary>
    public IReadOnlyList<SimulatedParticipant> Sybils { get; init; } = [];

    /// <summary>Whether anything was done to it.</summary>
    public bool IsCorrupted => Corruptions.Count > 0;

    /// <summary>The examples it declares and claims, 1 or more.</summary>
    public long Examples => (long)Math.Max(1, Math.Round(Inflation * Rows.Count, MidpointRounding.AwayFromZero));

    /// <summary>The same participant with one more thing done to it.</summary>
    public SimulatedParticipant After(string done) => this with { Corruptions = [.. Corruptions, done] };
}
