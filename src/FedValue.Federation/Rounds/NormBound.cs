namespace FedValue.Federation.Rounds;

/// <summary>How far an update may go from the model its round began with, where the terms limit that.</summary>
/// <param name="Base">That model, d weights, shared by all updates: read only, until this is disposed of.</param>
/// <param name="Limit">The largest norm of local - base.</param>
public sealed record NormBound(ReadOnlyMemory<float> Base, double Limit) : IDisposable
{
    /// <summary>Called when nobody needs the base model for this bound any more.</summary>
    internal Action? Done { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Done?.Invoke();
}
